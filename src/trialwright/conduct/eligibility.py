"""Deciding eligibility: what screening found of every kind of item, and the verdict that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Literal, get_args

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.entered import read_entered
from trialwright.conduct.evolve import evolve
from trialwright.conduct.known import known, no_longer_known
from trialwright.conduct.known_medicine import told_since
from trialwright.conduct.queries import asked_by_criteria, asked_of_medicine, raised
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.screening_visit import screened_again, screening_too_old
from trialwright.conduct.state import State, Subject
from trialwright.conduct.visits import begun_at, day_that_was
from trialwright.conduct.washout import in_washout
from trialwright.protocol.check_conditions import windows
from trialwright.protocol.criteria import items
from trialwright.protocol.facts import Facts
from trialwright.protocol.screen import CriterionFinding, Screening, find, screen
from trialwright.protocol.study import Study
from trialwright.protocol.subject_text import canonical, write_subject

Step = Literal["enrolment", "randomisation"]
"""A step that only an eligible subject takes, by the name of its day."""

_FAILED, _SETTLED = "not met", frozenset({"met", "not applicable"})
"""What a criterion came to that is failed, and that leaves nothing open."""


def assess_eligibility(case: Case, command: cmd.AssessEligibility) -> Decided:
    """Compute every criterion from what is known of the subject: what is entered now, and what was before.

    Of an enrolled subject it is done once the screening visit was held again, as if the subject were enrolled today.
    """
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    again = screened_again(case.study, subject)
    if subject.enrolled and not again:
        mend = "Eligibility is assessed before enrolment, and before the first treatment once screening was held again."
        return invalid("subject.enrolled", f"{subject.id} is already enrolled.", mend)
    facts = read_entered(case, subject, {"days": command.days, "values": command.values, "answers": command.answers})
    if isinstance(facts, Refusal):
        return facts
    entered = _with_unknown(write_subject(facts, case.study), command)
    changed = _changed(subject, entered)
    if changed and command.reason is None:
        was = "; ".join(f"{name} was {before}" for name, before in changed.items())
        return invalid("values.reason", f"What was entered before changes: {was}.", "Give the reason.")
    entry = case.stamp(
        ev.EligibilityAssessedV2,
        subject=subject.id,
        entered=canonical(entered),
        changed=changed,
        reason=command.reason,
        findings={},
        verdict="undetermined",
        to_obtain=(),
        queries={},
    )
    told = evolve(case.state, entry).subjects[subject.id]
    found = _on_the_day(case.study, case.state, told, case.today, frozenset(get_args(Step) if again else ()))
    screening = screen(case.study, found)
    computed = {
        "findings": {finding.id: str(finding) for finding in screening.findings},
        "verdict": screening.verdict,
        "to_obtain": screening.to_obtain,
        "queries": {finding.id: finding.queries for finding in screening.findings if finding.queries},
    }
    asks = (*asked_by_criteria(case.study, found), *asked_of_medicine(case.study, told))
    return entry.model_copy(update=computed), *raised(case, subject, asks)


def not_eligible_for(case: Case, subject: Subject, step: Step) -> Refusal | None:
    """Why a subject may not be enrolled or randomised now, if so.

    The verdict must stand, screening must not lie too far back, and the criteria are evaluated anew, by the version
    that the subject has consented to and with the step on its own day, not on the one that was planned.
    """
    if subject.verdict != "eligible":
        return ineligible(case, subject, eligible_on(case.study, case.state, subject, case.today, step))
    if refusal := screening_too_old(case, subject, case.today):
        return refusal
    now = eligible_on(case.study, case.state, subject, case.today, step)
    if now.verdict == "eligible":
        return None
    because = _because({finding.id: str(finding) for finding in now.findings})
    version, when = case.study.version, f"{step} on {case.today}"
    return Refusal(
        code="subject.ineligible",
        reason=f"{subject.id} is not known to be eligible by version {version}, {when}: "
        f"{now.verdict} ({_said(because)}).",
        rule=case.rule(f"criteria > {', '.join(because)}"),
        mend=f"Assess eligibility by version {version}; a subject who fails a criterion does not take part.",
    )


def ineligible(case: Case, subject: Subject, now: Screening | None = None) -> Refusal:
    """The refusal of a subject not known to be eligible, by the criteria that are failed, or else those still open.

    Args:
        case: The command.
        subject: Who.
        now: The criteria as they are today, where that is known.
    """
    because = _because(subject.findings)
    why, path = "eligibility was not assessed", "criteria"
    if subject.verdict is not None:
        why = f"{subject.verdict} ({_said(because)})"
        path = f"criteria > {', '.join(because)}"
    return Refusal(
        code="subject.ineligible",
        reason=f"{subject.id} is not known to be eligible: {why}.",
        rule=case.rule(path),
        mend="By today every criterion holds: assess eligibility again, with the step planned for today."
        if subject.verdict is not None and now is not None and now.verdict == "eligible"
        else "Complete the assessment; a subject who fails a criterion does not take part.",
    )


def eligible_on(study: Study, state: State, subject: Subject, today: date, step: Step) -> Screening:
    """Every criterion by what the log holds of a subject, were a step taken today."""
    return screen(study, _on_the_day(study, state, subject, today, frozenset({step})))


def unmet_at_treatment(study: Study, state: State, subject: Subject, day: date) -> tuple[CriterionFinding, ...]:
    """The criteria that stand against a treatment on a day, by what is known then.

    Asked are those that the protocol evaluates again before each treatment, at the first one those that count from its
    day and those that read what was recorded or corrected after enrolment, and all of them where the screening visit
    was held again after enrolment.
    """
    first, days = begun_at(study, subject) is None, study.treatment_days
    again, newer = screened_again(study, subject), _since_enrolment(study, subject)
    asked = {
        one.id
        for one in study.criteria
        if one.again
        or again
        or (first and any(name in days for name, _ in windows(one.condition)))
        or (first and items(one.condition) & newer and subject.findings.get(one.id) in _SETTLED)
    }
    facts = _on_the_day(study, state, subject, day, days.union(get_args(Step)) if again else days)
    found = (find(one, facts) for one in study.criteria if one.id in asked)
    return tuple(finding for finding in found if finding.status not in _SETTLED)


def unfit_for_treatment(case: Case, subject: Subject, *days: date) -> Refusal | None:
    """The refusal of a treatment: screening is too old, or a washout or criteria stand against it on each day.

    Nobody overrides it: a criterion is not waived (ICH E6(R3), Annex 1, 2.5.4).

    Args:
        case: The command.
        subject: Who is to be treated.
        days: The first and the last day on which the treatment may be given.
    """
    if refusal := screening_too_old(case, subject, days[0]):
        return refusal
    if screened_again(case.study, subject) and subject.verdict != "eligible":
        return ineligible(case, subject)
    if refusal := in_washout(case, subject, days[-1]):
        return refusal
    unmet = [unmet_at_treatment(case.study, case.state, subject, day) for day in days]
    if not all(unmet):
        return None
    because = {finding.id: str(finding) for finding in unmet[0]}
    obtain = dict.fromkeys(name for finding in unmet[0] for name in finding.missing)
    return Refusal(
        code="treatment.criteria",
        reason=f"Criteria of {subject.id} do not hold for a treatment on {days[0]}: {_said(because)}.",
        rule=case.rule(f"criteria > {', '.join(because)}"),
        mend=f"Obtain {', '.join(obtain)}, and record it at a visit that collects it."
        if obtain
        else "Nothing is given. Inform the sponsor, and take down how the subject leaves or when it is treated.",
    )


def _since_enrolment(study: Study, subject: Subject) -> frozenset[str]:
    """The items of which something was recorded or corrected after enrolment, and those that are computed from them."""
    enrolments = (
        number for number, event in subject.record if isinstance(event, ev.SubjectEnrolled | ev.SubjectEnrolledV2)
    )
    enrolled = next(enrolments, None)
    points = ((name, point) for points in subject.data.values() for name, point in points.items())
    if enrolled is None:
        return frozenset()
    newer = {name for name, point in points if point.sequence > enrolled} | told_since(study, subject, enrolled)
    computed = {one.name for one in study.items if one.computed and newer.intersection(one.computed.inputs.values())}
    return frozenset(newer | computed)


def _on_the_day(study: Study, state: State, subject: Subject, today: date, steps: frozenset[str]) -> Facts:
    """What is known of a subject, its steps on the days that they came.

    Those taken today are of today, and one still to come is not of a planned day that is past.
    """
    facts, lost = known(study, subject), no_longer_known(study, subject)
    there = {name: history for name, history in facts.observations.items() if name not in lost}
    days = dict(facts.anchors)
    for name in ("enrolment", "randomisation", *sorted(study.treatment_days)):
        came = today if name in steps else day_that_was(study, state, subject, name)
        if came is not None:
            days[name] = came
        elif name in days:
            days[name] = max(days[name], today)
    return replace(facts, observations=there, anchors=days)


def outdated(case: Case, subject: Subject, names: Iterable[str]) -> tuple[ev.Event, ...]:
    """The event by which a verdict no longer stands, where data changed after it and before what it is asked for.

    Args:
        case: The command.
        subject: Whose verdict.
        names: The items of which something else is known now.
    """
    read = frozenset[str]().union(*(items(criterion.condition) for criterion in case.study.criteria))
    past = subject.enrolled and not screened_again(case.study, subject)
    changed = tuple(sorted(read & frozenset(names)))
    if subject.verdict is None or past or not changed:
        return ()
    return (case.stamp(ev.EligibilityOutdated, subject=subject.id, items=changed),)


def _because(findings: Mapping[str, str]) -> dict[str, str]:
    """The criteria that are failed, or else those still open."""
    failed = {key: how for key, how in findings.items() if how == _FAILED}
    return failed or {key: how for key, how in findings.items() if how not in _SETTLED}


def _said(because: Mapping[str, str]) -> str:
    return "; ".join(f"{key} {how}" for key, how in because.items())


def _with_unknown(entered: dict[str, Any], command: cmd.AssessEligibility) -> dict[str, Any]:
    """What was entered, with what was said to be unknown."""
    said = {"days": command.days, "values": command.values, "answers": command.answers}
    return {part: {**dict.fromkeys(named), **entered[part]} for part, named in said.items()}


def _changed(subject: Subject, entered: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What was known and becomes something else, each with what it was."""
    return {
        name: canonical(before)
        for part, named in entered.items()
        for name, now in named.items()
        if (before := subject.entered[part].get(name)) is not None and before != now
    }
