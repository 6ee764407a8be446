"""Deciding consent by version, how a subject leaves the trial, and what a subject who left no longer receives."""

from __future__ import annotations

from datetime import date

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.design import Outcome

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
    }
)
"""Commands that are no longer given for a subject who left or died."""

_FOLLOWED = frozenset({"completed", "death"})
"""Dispositions after which a subject is not taken out of the dose decision by itself."""


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
    return (
        case.stamp(
            ev.SubjectReconsented,
            subject=subject.id,
            consented_on=command.consented_on,
            version=command.version,
            was=subject.version,
        ),
    )


def consent_fault(case: Case, site: str | None, consented_on: date, version: str) -> Refusal | None:
    """The refusal of a consent in the future, or to a version that was not in force at the site on that day."""
    if consented_on > case.today:
        return invalid("consent.future", f"Consent on {consented_on} lies in the future.", "Correct the date.")
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
    refusal = _impossible(case, subject, command) or _dead(subject, command) or _unfinished(case, subject, command)
    if refusal:
        return refusal
    recorded = case.stamp(
        ev.DispositionRecorded,
        subject=subject.id,
        disposition=command.disposition,
        occurred_on=command.occurred_on,
        reason=command.reason,
    )
    if not _gives_the_slot_back(case, subject, command):
        return (recorded,)
    why = f"{command.disposition}: {command.reason}"
    return (recorded, case.stamp(ev.SubjectNotEvaluable, subject=subject.id, reason=why))


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
            else "Nothing more is done to a subject who left; screen another one.",
        )
    if fatal is not None:
        return Refusal(
            code="subject.left",
            reason=f"{subject.id} died of {fatal.term}: adverse event {fatal.number} has grade {fatal.grade}.",
            rule=case.rule("criteria"),
            mend="Take the death down as the disposition, or correct the grade of the event.",
        )
    return None


def _impossible(case: Case, subject: Subject, command: cmd.RecordDisposition) -> Refusal | None:
    if command.occurred_on > case.today:
        what = f"{command.disposition.capitalize()} on {command.occurred_on} lies in the future."
        return invalid("disposition.future", what, "Correct the date.")
    if command.occurred_on < subject.consented_on:
        what = f"{command.occurred_on} lies before consent on {subject.consented_on}."
        return invalid("disposition.before_consent", what, "Correct the date.")
    infused = subject.day_of(subject.infusion.at) if subject.infusion else None
    if infused and command.occurred_on < infused:
        what = f"{subject.id} was infused on {infused}, after {command.occurred_on}."
        return invalid("disposition.before_infusion", what, "Correct the date.")
    before = subject.disposition
    if before is not None and (command.disposition != "death" or before.term == "death"):
        what = f"{subject.id} left the trial on {before.occurred_on} ({before.term})."
        return invalid("disposition.recorded", what, "Only a death is taken down after that.")
    if before is not None and command.occurred_on < before.occurred_on:
        what = f"{subject.id} was seen alive on {before.occurred_on} ({before.term})."
        return invalid("disposition.order", what, "Correct the date.")
    return None


def _dead(subject: Subject, command: cmd.RecordDisposition) -> Refusal | None:
    """The refusal to say that a subject left otherwise, of whom it is not known that it lived on that day."""
    deaths = [event for event in subject.adverse_events if event.fatal]
    late = [event for event in deaths if event.ended_on is None or event.ended_on < command.occurred_on]
    if command.disposition == "death" or not late:
        return None
    what = f"{subject.id} died of {late[0].term}: adverse event {late[0].number} has grade {late[0].grade}."
    mend = "Take the death down; or say on which later day the event ended, or correct its grade."
    return invalid("disposition.fatal", what, mend)


def _unfinished(case: Case, subject: Subject, command: cmd.RecordDisposition) -> Refusal | None:
    if command.disposition == "screen failure" and subject.enrolled:
        what = f"{subject.id} is enrolled and passed screening."
        return invalid("disposition.enrolled", what, "Take down why the subject leaves the trial.")
    if command.disposition != "completed":
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
    return None


def _gives_the_slot_back(case: Case, subject: Subject, command: cmd.RecordDisposition) -> bool:
    """Whether a subject of a dose escalation can no longer be followed to the end of the window without a DLT."""
    if subject.outcome(case.study) is not Outcome.PENDING or subject.dlt_candidates(case.study):
        return False
    ends = subject.window_ends(case.study)
    if ends is None:
        return True
    return command.disposition not in _FOLLOWED and command.occurred_on < subject.day_of(ends)
