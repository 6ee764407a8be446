"""Deciding on locks: data that change no more, of a visit, a subject or the study; and what they then refuse."""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid, sees
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.signatures import unendorsed
from trialwright.conduct.state import Subject
from trialwright.conduct.visits import subject_and_visit

CHANGES_DATA = frozenset(
    {
        "ScreenSubject",
        "AssessEligibility",
        "EnrolSubject",
        "RandomiseSubject",
        "ChooseArm",
        "RecordReconsent",
        "RecordDisposition",
        "StartRescue",
        "ReserveSlot",
        "ReleaseSlot",
        "DeclareRandomisedInError",
        "ReportManufacturingFailure",
        "PrescribeDose",
        "PrepareInfusion",
        "DiscardPreparation",
        "CorrectWeight",
        "MatchIdentity",
        "OverrideStagger",
        "StartInfusion",
        "InterruptInfusion",
        "ResumeInfusion",
        "CompleteInfusion",
        "AbortInfusion",
        "PrescribeMedicine",
        "StopMedicine",
        "ReportAdverseEvent",
        "GradeAdverseEvent",
        "FollowUpAdverseEvent",
        "AssessSeriousness",
        "AssessRelatedness",
        "AdjudicateDlt",
        "CloseDltWindow",
        "DeclareNotEvaluable",
        "HoldVisit",
        "MissVisit",
        "RecordData",
        "CorrectData",
    }
)
"""Commands that a lock refuses. An emergency code-break is none of them, nor are queries, signatures and reviews."""


def locked_out(case: Case, command: cmd.Command) -> Refusal | None:
    """The refusal of a command that changes locked data."""
    if type(command).__name__ not in CHANGES_DATA:
        return None
    about = getattr(command, "subject", None)
    subject = case.state.subjects.get(about) if about else None
    subject = subject if subject and sees(case.person, subject) else None
    visit = case.study.visit(getattr(command, "visit", ""))
    locked = _what_is_locked(case, subject, visit.name if visit else None)
    if locked is None:
        return None
    return Refusal(
        code="data.locked",
        reason=f"The data of {locked} are locked.",
        rule="locks: locked data change only after they are unlocked with a reason",
        mend="Ask the sponsor to unlock them, and say why.",
    )


def lock_data(case: Case, command: cmd.LockData) -> Decided:
    """Lock what has no query open and every endorsement that the protocol wants before it."""
    found = _scope(case, command)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    if _is_locked(case, subject, visit):
        return invalid("lock.same", f"The data of {_named(subject, visit)} are locked already.", "Nothing to do.")
    subjects = tuple(case.state.subjects.values()) if subject is None else (subject,)
    if refusal := _infusion_runs(subjects, visit):
        return refusal
    waiting = [
        f"{one.id} query {query.number}"
        for one in subjects
        for query in one.queries
        if query.status != "closed" and visit in {None, query.visit}
    ]
    if waiting:
        return Refusal(
            code="lock.queries",
            reason=f"Queries are open: {', '.join(waiting)}.",
            rule="locks: no query is open when data are locked",
            mend="Answer and close them first.",
        )
    if visit is None and (missing := [what for one in subjects for what in unendorsed(case.study, one, "lock")]):
        return Refusal(
            code="lock.endorsement",
            reason=f"Endorsements are missing: {'; '.join(missing)}.",
            rule=case.rule("endorsements > before: lock"),
            mend="They sign first.",
        )
    return (case.stamp(ev.DataLocked, subject=command.subject, visit=visit),)


def unlock_data(case: Case, command: cmd.UnlockData) -> Decided:
    """Unlock with the reason; signatures over what is unlocked no longer stand."""
    found = _scope(case, command)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    if case.state.unblinded:
        return Refusal(
            code="lock.unblinded",
            reason="The trial is unblinded, and its data change no more.",
            rule="locks: data that change after the arms are seen are no longer collected blind (ICH E9, 5.1)",
            mend="Report what was found wrong beside the data, in the analysis.",
        )
    if not _is_locked(case, subject, visit):
        what = f"The data of {_named(subject, visit)} are not locked."
        return invalid("lock.none", what, "Unlock what is locked: the study, the subject or the visit.")
    return (case.stamp(ev.DataUnlocked, subject=command.subject, visit=visit, reason=command.reason),)


def _scope(case: Case, command: cmd.LockData | cmd.UnlockData) -> tuple[Subject | None, str | None] | Refusal:
    if command.subject is None:
        if command.visit is not None:
            return invalid("lock.visit", "A visit is locked of one subject.", "Name the subject.")
        return None, None
    if command.visit is None:
        subject = case.subject(command.subject)
        return subject if isinstance(subject, Refusal) else (subject, None)
    found = subject_and_visit(case, command.subject, command.visit)
    return found if isinstance(found, Refusal) else (found[0], found[1].name)


def _infusion_runs(subjects: tuple[Subject, ...], visit: str | None) -> Refusal | None:
    """The refusal to lock what the bedside is still writing down."""
    running = [one.id for one in subjects if one.course.running]
    if visit is not None or not running:
        return None
    return Refusal(
        code="lock.infusion",
        reason=f"An infusion runs: {', '.join(running)}.",
        rule="locks: no infusion runs when data are locked",
        mend="Complete or abort it first.",
    )


def _is_locked(case: Case, subject: Subject | None, visit: str | None) -> bool:
    if subject is None:
        return case.state.locked
    return subject.locked if visit is None else visit in subject.locked_visits


def _what_is_locked(case: Case, subject: Subject | None, visit: str | None) -> str | None:
    if case.state.locked:
        return "the study"
    if subject is None:
        return None
    if subject.locked:
        return subject.id
    return _named(subject, visit) if visit in subject.locked_visits else None


def _named(subject: Subject | None, visit: str | None) -> str:
    if subject is None:
        return "the study"
    return f"{visit} of {subject.id}" if visit else subject.id
