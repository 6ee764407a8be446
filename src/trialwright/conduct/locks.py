"""Deciding on locks: data that change no more, of a visit, a subject or the study; and what they then refuse.

Safety outlasts a lock: a serious adverse event is reported without delay (ICH E6(R3), Annex 1, 2.7.2), whatever is
locked. The lock stays, and the entry is marked as one that came after it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.adverse_event import FATAL_GRADE, AdverseEvent
from trialwright.conduct.case import Case, Decided, invalid, sees
from trialwright.conduct.dosing import infusions_left
from trialwright.conduct.oversight import meets_a_rule
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.signatures import unendorsed
from trialwright.conduct.state import State, Subject
from trialwright.conduct.visits import plan, subject_and_visit
from trialwright.design import Outcome
from trialwright.protocol.explain_words import counted
from trialwright.protocol.facts import visit_name
from trialwright.protocol.study import Study

CHANGES_DATA = frozenset(
    {
        "ScreenSubject",
        "AssessEligibility",
        "EnrolSubject",
        "RandomiseSubject",
        "ChooseArm",
        "RecordReconsent",
        "RecordDisposition",
        "CorrectDisposition",
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
        "CorrectGivenVolume",
        "PrescribeMedicine",
        "StopMedicine",
        "ReportAdverseEvent",
        "GradeAdverseEvent",
        "CorrectAdverseEvent",
        "VoidAdverseEvent",
        "VoidMedicine",
        "FollowUpAdverseEvent",
        "AssessSeriousness",
        "AssessRelatedness",
        "AdjudicateDlt",
        "CloseDltWindow",
        "DeclareNotEvaluable",
        "HoldVisit",
        "HoldUnscheduledVisit",
        "MissVisit",
        "PlanDay",
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
    locked = _what_is_locked(case, subject, _visit_changed(command))
    if locked is None or (subject and _is_safety(case, subject, command)):
        return None
    return Refusal(
        code="data.locked",
        reason=f"The data of {locked} are locked.",
        rule="locks: locked data change only after they are unlocked with a reason",
        mend="Ask the sponsor to unlock them, and say why.",
    )


def _visit_changed(command: cmd.Command) -> str:
    """The visit whose data a command changes; what an assessment enters is of screening."""
    if isinstance(command, cmd.AssessEligibility):
        return "screening" if command.values or command.answers else ""
    return visit_name(getattr(command, "visit", None) or "")


def lock_data(case: Case, command: cmd.LockData) -> Decided:
    """Lock what has no query open and every endorsement that the protocol wants before it."""
    found = _scope(case, command)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    if _is_locked(case, subject, visit):
        return invalid("lock.same", f"The data of {_named(subject, visit)} are locked already.", "Nothing to do.")
    subjects = tuple(case.state.subjects.values()) if subject is None else (subject,)
    if visit is None and (refusal := _infusion_runs(subjects)):
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
    if visit is None and (refusal := _followed_still(case, subjects) or _not_ended(case, subjects)):
        return refusal
    if subject is None and (refusal := _trial_goes_on(case)):
        return refusal
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
    unlocked = case.stamp(ev.DataUnlocked, subject=command.subject, visit=visit, reason=command.reason)
    if subject is None and case.state.unblinding is not None:
        return (unlocked, case.stamp(ev.UnblindingRequestLapsed))
    return (unlocked,)


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


def _is_safety(case: Case, subject: Subject, command: cmd.Command) -> bool:
    """Whether a command tells of a death, or of an event that is or becomes serious, meets a rule or may be a DLT."""
    match command:
        case cmd.RecordDisposition():
            return command.disposition == "death"
        case cmd.CorrectDisposition():
            return command.disposition == "death"
        case cmd.ReportAdverseEvent():
            found: AdverseEvent | None = AdverseEvent(
                number=0,
                term=command.term,
                onset_on=command.onset_on,
                grade=command.grade,
                related=command.related,
                assessed=case.role == "investigator",
                serious=bool(command.serious or command.criteria or command.grade == FATAL_GRADE),
            )
        case cmd.GradeAdverseEvent():
            found = subject.adverse_event(command.event)
            fatal = command.grade == FATAL_GRADE
            found = found and replace(found, grade=max(found.grade, command.grade), serious=found.serious or fatal)
        case cmd.AssessSeriousness():
            found = subject.adverse_event(command.event)
            found = found and replace(found, serious=found.serious or bool(command.criteria))
        case cmd.AssessRelatedness():
            found = subject.adverse_event(command.event)
            found = found and replace(found, related=found.maybe_related or command.related)
        case cmd.FollowUpAdverseEvent() | cmd.AdjudicateDlt() | cmd.CorrectAdverseEvent():
            found = subject.adverse_event(command.event)
        case _:
            return False
    return found is not None and bears_on_safety(case.study, subject, found)


def bears_on_safety(study: Study, subject: Subject, event: AdverseEvent) -> bool:
    """Whether an adverse event is taken down and judged through a lock: serious, met by a rule, or perhaps a DLT."""
    return event.serious or meets_a_rule(study, event) or subject.meets_definition(study, event)


def _followed_still(case: Case, subjects: tuple[Subject, ...]) -> Refusal | None:
    """The refusal to lock somebody who waits for treatment, is in it, or in the DLT window."""
    study = case.study
    treated = [one for one in subjects if one.infusion]
    in_window = [one.id for one in treated if study.dose_escalation and one.outcome(study) is Outcome.PENDING]
    if in_window:
        return Refusal(
            code="lock.window",
            reason=f"DLT windows are open: {', '.join(in_window)}.",
            rule=case.rule("dose escalation > dlt window"),
            mend="Close them first, adjudicate what may be a DLT, or declare not evaluable who was not followed.",
        )
    waiting = [one.id for one in subjects if one.disposition is None and one.course.waiting]
    in_course = [one.id for one in subjects if infusions_left(study, one, case.arm_of(one)) and one.id not in waiting]
    if not waiting and not in_course:
        return None
    return Refusal(
        code="lock.treatment",
        reason=f"Treatment is planned or goes on: {', '.join((*waiting, *in_course))}.",
        rule="locks: no treatment is open when data are locked",
        mend="Give what the protocol plans or discard what waits; or take down how the subject left.",
    )


def _not_ended(case: Case, subjects: tuple[Subject, ...]) -> Refusal | None:
    """The refusal to lock somebody enrolled of whom it is not said how it left, or whose visits are outstanding."""
    enrolled = [one for one in subjects if one.enrolled]
    if there := [one.id for one in enrolled if one.disposition is None]:
        return Refusal(
            code="lock.disposition",
            reason=f"How they left or completed the trial is not taken down: {', '.join(there)}.",
            rule="locks: nobody is followed when data are locked",
            mend="Take down how each left the trial, or that it completed it.",
        )
    study, state, at = case.study, case.state, case.command.at
    open_ones = [f"{visit} of {one.id}" for one in enrolled for visit in outstanding_visits(study, state, one, at)]
    if not open_ones:
        return None
    return Refusal(
        code="lock.visits",
        reason=f"Visits are outstanding: {', '.join(open_ones)}.",
        rule="locks: no visit is outstanding when data are locked",
        mend="Take down that each was held or missed.",
    )


def outstanding_visits(study: Study, state: State, subject: Subject, at: datetime) -> tuple[str, ...]:
    """The visits whose window has begun, and that were neither held nor missed."""
    return tuple(one.visit.visit for one in plan(study, state, subject, at) if one.status in {"due", "overdue"})


def _trial_goes_on(case: Case) -> Refusal | None:
    """The refusal to lock a study that takes subjects still, or whose pause nobody has decided."""
    why = goes_on(case.study, case.state, case.command.at)
    if why is None:
        return None
    return Refusal(
        code="lock.enrolment",
        reason=f"The trial has not ended: {why}",
        rule=case.rule("enrolment"),
        mend="Lock once nothing opens, every slot is taken and no pause stands; or stop the trial, with the reason.",
    )


def goes_on(study: Study, state: State, at: datetime) -> str | None:
    """Why more subjects may come into the trial, or be treated once a pause is lifted; None where none may."""
    if state.stopped or state.final_pause:
        return None
    if state.standing_pauses:
        return f"it is paused: {state.standing_pauses[0].reason}"
    if study.dose_escalation is not None:
        return "dose escalation goes on."
    place = state.place(study)
    if place is None or (len(state.groups) < len(study.cohorts) and not state.free(study, place, at)):
        return "the next cohort is to open."
    free = state.free(study, place, at)
    return f"{counted(free, 'slot')} of {place} {'is' if free == 1 else 'are'} free." if free else None


def _infusion_runs(subjects: tuple[Subject, ...]) -> Refusal | None:
    """The refusal to lock what the bedside is still writing down."""
    running = [one.id for one in subjects if one.course.running]
    if not running:
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
