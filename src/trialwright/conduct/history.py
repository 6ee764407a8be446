"""What the dose rule is told of a trial: its history up to a data cut, made from where the trial stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from trialwright.conduct.known import responded
from trialwright.design import History, Outcome, Recommendation, TreatedCohort, TreatedSubject
from trialwright.errors import PathError
from trialwright.protocol.study import Study

if TYPE_CHECKING:
    from trialwright.conduct.state import DoseDecision, State, Subject


def history_of(study: Study, state: State, cut: datetime | None, *, unjudged: Outcome = Outcome.PENDING) -> History:
    """The infused, cohort by cohort, with those who were backfilled meanwhile; an open cohort without any is current.

    Args:
        study: The protocol.
        state: The trial.
        cut: The data cut, up to which follow-up counts; None before the first entry.
        unjudged: As what a subject is told who has an event that may be a DLT and is not adjudicated; as one without
            a DLT only once its window is closed.
    """
    cohorts = []
    for place, level in enumerate(state.cohorts):
        there = in_order(subject for subject in state.subjects.values() if subject.cohort == place)
        treated = ((one, _treated(study, one, cut, unjudged)) for one in there if one.infusion)
        told = [(one, found) for one, found in treated if found is not None]
        cohort = tuple(found for one, found in told if not one.backfilled)
        if cohort or (place == len(state.cohorts) - 1 and state.levels[level].open):
            cohorts.append(TreatedCohort(level, cohort))
        cohorts += [TreatedCohort(one.level or 1, (found,), backfilled=True) for one, found in told if one.backfilled]
    return History(tuple(cohorts), _eliminated(study, state))


class Closed(NamedTuple):
    """Why nobody else may be treated at a dose level: the rule's answer, and whether a judgement may change it."""

    answer: Recommendation
    unjudged: bool


def closed_by(study: Study, state: State, level: int, at: datetime | None = None) -> Closed | None:
    """Why nobody else may be treated at a dose level now; None where somebody may.

    The dose rule is asked on what is known, and once more with every event that may be a DLT taken for one. A death in
    a DLT window of which nothing is reported holds by itself.
    """
    found = state.recommendation(study, at)
    if found.closes(level) and not found.waits_for:
        return Closed(found, unjudged=False)
    deaths = any(subject.death_unreported(study) for subject in state.subjects.values())
    if any(subject.unjudged(study) for subject in state.subjects.values()):
        worst = study.rule.next_dose(history_of(study, state, at or state.last_at, unjudged=Outcome.DLT))
        return Closed(worst, unjudged=True) if deaths or worst.closes(level) else None
    return Closed(found, unjudged=False) if found.closes(level) else None


def _treated(study: Study, subject: Subject, cut: datetime | None, unjudged: Outcome) -> TreatedSubject | None:
    """A subject as the dose rule is told of it; None for whoever does not count."""
    outcome = subject.outcome(study)
    if outcome is None:
        return None
    if subject.unjudged(study) and (unjudged is Outcome.DLT or subject.window_closed):
        outcome = unjudged
    endpoint, infusion = study.response_endpoint, subject.infusion
    begun = subject.day_of(infusion.at) if infusion else None
    return TreatedSubject(
        outcome,
        followed(study, subject, cut) if cut and study.rule.weighs_follow_up else None,
        responded(study, subject, endpoint, begun=begun) if endpoint else None,
    )


def followed(study: Study, subject: Subject, cut: datetime) -> float:
    """Whole days of the DLT window that were followed up to a cut, up to the DLT where there was one.

    The last day counts once the window is closed: until then nobody has said that it passed without a DLT.
    """
    window = study.design.dlt_window.days
    if subject.infusion is None:
        return 0.0
    dlts = [event.onset_on for event in subject.adverse_events if event.dlt]
    if dlts:
        return float(max(0, (min(dlts) - subject.day_of(subject.infusion.at)).days))
    if subject.window_closed_at is not None and subject.window_closed_at <= cut:
        return float(window)
    if subject.course.nothing_given:
        return 0.0
    days = (cut - subject.infusion.at).days
    if subject.disposition is not None:
        days = min(days, (subject.disposition.occurred_on - subject.day_of(subject.infusion.at)).days)
    return float(max(0, min(days, window - 1)))


def _eliminated(study: Study, state: State) -> int | None:
    """The lowest level that a dose decision eliminated, for a rule whose later data could say otherwise."""
    if study.dose_escalation is None or not study.rule.cap:
        return None
    told = (_eliminated_by(study, decision) for decision in state.decisions if decision.taken)
    return min((level for level in told if level), default=None)


def _eliminated_by(study: Study, decision: DoseDecision) -> int | None:
    """What one decision eliminated; nothing, where an earlier version had a rule of other words."""
    try:
        return study.rule.eliminated(study.rule.parse(decision.outcomes))
    except PathError:
        return None


def in_order(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """The infused in the order of infusion, then the others in the order of their numbers."""
    there = list(subjects)
    infused = [(subject.infusion.at, place, subject) for place, subject in enumerate(there) if subject.infusion]
    waiting = [subject for subject in there if subject.infusion is None]
    return (*(subject for _, _, subject in sorted(infused, key=itemgetter(0, 1))), *waiting)
