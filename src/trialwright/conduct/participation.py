"""Deciding consent by version, how a subject leaves the trial, and what a subject who left no longer receives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.commands.participation import DispositionTerm
from trialwright.conduct.dosing import left_to_give
from trialwright.conduct.evolve import evolve
from trialwright.conduct.frozen import replace
from trialwright.conduct.local_time import local_day
from trialwright.conduct.queries import asked_of_death, raised
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.safety import decisions_after
from trialwright.conduct.state import Disposition, State, Subject
from trialwright.conduct.visits import Status, plan
from trialwright.design import Outcome
from trialwright.protocol.study import Study

ENDED_BY_LEAVING = frozenset(
    {
        "AssessEligibility",
        "ReserveSlot",
        "EnrolSubject",
        "RandomiseSubject",
        "ChooseArm",
        "PrescribeDose",
        "PrescribeMedicine",
        "PrepareInfusion",
        "MatchIdentity",
        "OverrideStagger",
        "StartInfusion",
        "ResumeInfusion",
        "CompleteInfusion",
        "ReportManufacturingFailure",
        "RecordReconsent",
        "StartRescue",
        "PlanDay",
    }
)
"""Commands that are no longer given for a subject who left or died."""

_NOT_TAKEN_DOWN: frozenset[Status] = frozenset({"to come", "due", "overdue", "no day yet"})
"""How a visit stands that was neither held nor missed."""

_FOLLOWED = frozenset({"completed", "death"})
"""Dispositions after which a subject is not taken out of the dose decision by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How a subject left, as it is to be taken down."""

    term: DispositionTerm
    on: date
    reason: str
    despite: str | None

    @property
    def why(self) -> str:
        """The reason by which it no longer counts for the dose decision."""
        return f"{self.term}: {self.reason}"


def record_reconsent(case: Case, command: cmd.RecordReconsent) -> Decided:
    """Move a subject to the version in force at its site, by its consent."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if command.version == subject.version:
        return invalid("consent.same", f"{subject.id} is on version {subject.version}.", "Nothing to do.")
    refusal = consent_fault(case, subject.site, command.consented_on, command.version)
    if refusal:
        return refusal
    if command.consented_on < subject.consents[-1].on:
        before = subject.consents[-1]
        return invalid(
            "consent.order",
            f"{subject.id} consented to version {before.version} on {before.on}, after {command.consented_on}.",
            "Correct the date.",
        )
    stands = subject.verdict is not None and not subject.enrolled
    old = (case.stamp(ev.EligibilityOutdated, subject=subject.id, items=()),) if stands else ()
    return (
        case.stamp(
            ev.SubjectReconsented,
            subject=subject.id,
            consented_on=command.consented_on,
            version=command.version,
            was=subject.version,
        ),
        *old,
    )


def consent_fault(case: Case, site: str | None, consented_on: date, version: str) -> Refusal | None:
    """The refusal of a consent in the future, or to a version that was not in force at the site on that day."""
    if consented_on > case.today:
        return invalid("consent.future", f"Consent on {consented_on} lies in the future.", "Correct the date.")
    first = case.state.versions[0]
    adopted = local_day(case.state, site or "", first.at)
    if consented_on < adopted:
        return Refusal(
            code="consent.version",
            reason=f"Version {first.name}, the first, was adopted on {adopted}, after {consented_on}.",
            rule=case.rule("version"),
            mend="Correct the date; nobody consents to a version before it is adopted.",
        )
    due = case.state.version_at(site, consented_on)
    if version == due:
        return None
    return Refusal(
        code="consent.version",
        reason=f"Version {version} was not in force at site {site} on {consented_on}; version {due} was.",
        rule=case.rule("version"),
        mend="Consent is given to the version in force at the site; record its approval there first.",
    )


def record_disposition(case: Case, command: cmd.RecordDisposition) -> Decided:
    """Take down how a subject left; an unfinished subject of a dose escalation gives the slot back."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    leaving = Leaving(term=command.disposition, on=command.occurred_on, reason=command.reason, despite=command.despite)
    if refusal := _recorded(subject, leaving) or _cannot_be(case, subject, leaving):
        return refusal
    recorded = case.stamp(
        ev.DispositionRecordedV2,
        subject=subject.id,
        disposition=leaving.term,
        occurred_on=leaving.on,
        reason=leaving.reason,
        despite=leaving.despite,
    )
    left = (recorded, *_out_of_the_decision(case, subject, leaving))
    return (*left, *decisions_after(case, subject.id, left), *_asked(case, subject, recorded))


def correct_disposition(case: Case, command: cmd.CorrectDisposition) -> Decided:
    """Say how and when a subject left after all, or that it did not; what may be given again follows from that."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    before = subject.disposition
    if before is None:
        return invalid("disposition.none", f"{subject.id} has not left.", "Take down how it leaves, if it does.")
    if refusal := _nothing_to_correct(subject, before, command):
        return refusal
    told = {"was": before.term, "was_on": before.occurred_on, "reason": command.reason, "despite": command.despite}
    there, now, on = _as_if_it_had_not_left(subject), command.disposition, command.occurred_on or before.occurred_on
    if now is None:
        stays = case.stamp(ev.DispositionCorrected, subject=subject.id, disposition=None, occurred_on=None, **told)
        return (stays, *_counts_again(case, subject, there, command.reason))
    leaving = Leaving(term=now, on=on, reason=command.reason, despite=command.despite)
    if refusal := _cannot_be(case, there, leaving):
        return refusal
    corrected = case.stamp(ev.DispositionCorrected, subject=subject.id, disposition=now, occurred_on=on, **told)
    out = _out_of_the_decision(case, there, leaving) or _counts_again(case, subject, there, command.reason)
    after = (corrected, *out)
    return (*after, *decisions_after(case, subject.id, after), *_asked(case, subject, corrected))


def _nothing_to_correct(subject: Subject, before: Disposition, command: cmd.CorrectDisposition) -> Refusal | None:
    there = f"{before.term} on {before.occurred_on}"
    if command.was != before.term:
        what = f"Of {subject.id} there stands {there}, and you saw {command.was}."
        return invalid("disposition.conflict", what, "Look again, and name what stands there.")
    if command.disposition is None and (command.occurred_on or command.despite):
        what = f"{subject.id} is said not to have left, and there is a day or an explanation of it."
        return invalid("disposition.day", what, "Leave them out, or say how it left.")
    if command.disposition == before.term and command.occurred_on in {None, before.occurred_on}:
        return invalid("disposition.same", f"Of {subject.id} there stands {there}.", "Enter what is to stand there.")
    return None


def left(case: Case) -> Refusal | None:
    """The refusal of a command for a subject who left the trial, or died of an adverse event."""
    subject = case.state.subjects.get(getattr(case.command, "subject", ""))
    if subject is None or type(case.command).__name__ not in ENDED_BY_LEAVING:
        return None
    if isinstance(case.subject(subject.id), Refusal):
        return None
    gone, fatal = subject.disposition, subject.fatal_event
    if gone is not None:
        return Refusal(
            code="subject.left",
            reason=f"{subject.id} left the trial on {gone.occurred_on} ({gone.term}): {gone.reason}",
            rule=case.rule("criteria"),
            mend="Abort the infusion with the volume given."
            if subject.course.running
            else "Nothing more is done to a subject who left; where it did not leave, correct that with the reason.",
        )
    if fatal is not None:
        return Refusal(
            code="subject.left",
            reason=f"{subject.id} died of {fatal.term}: adverse event {fatal.number} has grade {fatal.grade}.",
            rule=case.rule("criteria"),
            mend="Take the death down as the disposition, or correct the grade of the event.",
        )
    if subject.died_on is not None:
        return Refusal(
            code="subject.left",
            reason=f"{subject.id} died on {subject.died_on}, by what was collected at a visit.",
            rule=case.rule("schedule"),
            mend="Take the death down as the disposition, or correct the value.",
        )
    return None


def _recorded(subject: Subject, leaving: Leaving) -> Refusal | None:
    """The refusal to let a subject leave twice; only a death comes after another way to leave."""
    before = subject.disposition
    if before is None:
        return None
    if leaving.term != "death" or before.term == "death":
        what = f"{subject.id} left the trial on {before.occurred_on} ({before.term})."
        return invalid("disposition.recorded", what, "Only a death is taken down after that; correct what is wrong.")
    if leaving.on < before.occurred_on:
        what = f"{subject.id} was seen alive on {before.occurred_on} ({before.term})."
        return invalid("disposition.order", what, "Correct the date.")
    return None


def _cannot_be(case: Case, subject: Subject, leaving: Leaving) -> Refusal | None:
    return _impossible_day(case, subject, leaving) or _dead(subject, leaving) or _unfinished(case, subject, leaving)


def _impossible_day(case: Case, subject: Subject, leaving: Leaving) -> Refusal | None:
    if leaving.on > case.today:
        what = f"{leaving.term.capitalize()} on {leaving.on} lies in the future."
        return invalid("disposition.future", what, "Correct the date.")
    if leaving.on < subject.consented_on:
        what = f"{leaving.on} lies before consent on {subject.consented_on}."
        return invalid("disposition.before_consent", what, "Correct the date.")
    infused = subject.day_of(subject.infusion.at) if subject.infusion else None
    if infused and leaving.on < infused:
        what = f"{subject.id} was infused on {infused}, after {leaving.on}."
        return invalid("disposition.before_infusion", what, "Correct the date.")
    later = [event for event in subject.adverse_events if event.onset_on > leaving.on]
    if leaving.term == "death" and later:
        what = f"{later[0].term} of {subject.id} began on {later[0].onset_on}, after a death on {leaving.on}."
        return invalid("onset.after_death", what, "Correct the day of death, or first the onset.")
    return None


def _dead(subject: Subject, leaving: Leaving) -> Refusal | None:
    """The refusal to say that a subject left otherwise, of whom it is not known that it lived on that day."""
    deaths = [event for event in subject.adverse_events if event.fatal]
    late = [event for event in deaths if event.ended_on is None or event.ended_on < leaving.on]
    if leaving.term == "death" or not late:
        return None
    what = f"{subject.id} died of {late[0].term}: adverse event {late[0].number} has grade {late[0].grade}."
    mend = "Take the death down; or say on which later day the event ended, or correct its grade."
    return invalid("disposition.fatal", what, mend)


def _unfinished(case: Case, subject: Subject, leaving: Leaving) -> Refusal | None:
    if leaving.term == "screen failure" and subject.enrolled:
        what = f"{subject.id} is enrolled and passed screening."
        return invalid("disposition.enrolled", what, "Take down why the subject leaves the trial.")
    if leaving.term != "completed":
        return None
    if not subject.enrolled:
        what = f"{subject.id} is not enrolled and cannot have completed the trial."
        return invalid("disposition.not_enrolled", what, "Take down why screening ended.")
    if subject.outcome(case.study) is Outcome.PENDING:
        return Refusal(
            code="disposition.window",
            reason=f"The DLT window of {subject.id} is not closed.",
            rule=case.rule("dose escalation > dlt window"),
            mend="Close it, or take down why the subject left before its end.",
        )
    open_still = open_to_completion(case.study, case.state, subject, case.arm_of(subject), case.command.at)
    if open_still and leaving.despite is None:
        return invalid(
            "disposition.open",
            f"{subject.id} has not completed the trial: {', '.join(open_still)}.",
            "Take down what was given, held or missed; say despite what it completed; or how it left before the end.",
            case.rule("schedule"),
        )
    return None


def open_to_completion(study: Study, state: State, subject: Subject, arm: str | None, at: datetime) -> tuple[str, ...]:
    """What the protocol plans for a subject and nobody has taken down: infusions, then visits; in words.

    Args:
        study: The protocol.
        state: The trial.
        subject: Whose.
        arm: The subject's arm, as far as it is known; in a masked trial nothing depends on it.
        at: When it is asked.
    """
    treatments = (f"{one.product} is not all given" for _, one in left_to_give(study, subject, arm))
    visits = (
        f"{one.visit.visit} is {one.status}" for one in plan(study, state, subject, at) if one.status in _NOT_TAKEN_DOWN
    )
    return (*treatments, *visits)


def _asked(case: Case, subject: Subject, event: ev.Event) -> tuple[ev.Event, ...]:
    """Queries about what does not fit how the subject left."""
    return raised(case, subject, asked_of_death(case.study, evolve(case.state, event).subjects[subject.id]))


def _out_of_the_decision(case: Case, subject: Subject, leaving: Leaving) -> tuple[ev.Event, ...]:
    """The event by which a subject who can no longer be followed does not count for the dose decision."""
    if not _gives_the_slot_back(case, subject, leaving):
        return ()
    return (case.stamp(ev.SubjectNotEvaluable, subject=subject.id, reason=leaving.why),)


def _as_if_it_had_not_left(subject: Subject) -> Subject:
    """The subject without its disposition, and without what only followed from that."""
    gone = subject.disposition
    by_leaving = gone is not None and subject.not_evaluable == f"{gone.term}: {gone.reason}"
    return replace(subject, disposition=None, not_evaluable=None if by_leaving else subject.not_evaluable)


def _counts_again(case: Case, subject: Subject, there: Subject, reason: str) -> tuple[ev.Event, ...]:
    """The event by which a subject who gave its slot back holds it again, while nobody else has taken it."""
    level = case.state.levels.get(subject.level or 0)
    if subject.not_evaluable is None or there.not_evaluable is not None or level is None or not level.open:
        return ()
    if case.state.free_slots(case.study, level, case.command.at) <= 0:
        return ()
    return (case.stamp(ev.SubjectEvaluable, subject=subject.id, reason=reason),)


def _gives_the_slot_back(case: Case, subject: Subject, leaving: Leaving) -> bool:
    """Whether a subject of a dose escalation was not followed to the end of the window without a DLT.

    So it is also where the window was closed before it was known that the subject had left within it.
    """
    if subject.outcome(case.study) in {None, Outcome.DLT} or subject.dlt_candidates(case.study):
        return False
    ends = subject.window_ends(case.study)
    if ends is None:
        return True
    return leaving.term not in _FOLLOWED and leaving.on < subject.day_of(ends)
