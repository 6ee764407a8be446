"""Deciding on safety data: adverse events, DLT adjudication, the end of the DLT window."""

from __future__ import annotations

from trialwright.clinical.ctcae_dictionary import find_term
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import AdverseEvent, Subject
from trialwright.errors import InputError


def report_adverse_event(case: Case, command: cmd.ReportAdverseEvent) -> Decided:
    """Take down an adverse event with the subject's next number, in a grade that its term has."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if command.onset_on > command.at.date():
        return invalid("onset.future", f"An onset on {command.onset_on} lies in the future.", "Correct the date.")
    if command.onset_on < subject.consented_on:
        return invalid(
            "onset.before_consent",
            f"An onset on {command.onset_on} lies before consent on {subject.consented_on}.",
            "Record it as medical history, or correct the date.",
        )
    if refusal := _not_on_the_scale(case, command.term, command.grade):
        return refusal
    return (
        case.stamp(
            ev.AdverseEventReported,
            subject=subject.id,
            event=len(subject.adverse_events) + 1,
            term=command.term,
            onset_on=command.onset_on,
            grade=command.grade,
            related=command.related,
            serious=command.serious,
        ),
    )


def grade_adverse_event(case: Case, command: cmd.GradeAdverseEvent) -> Decided:
    """Change a grade; an adjudication of the old grade no longer stands."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    if event.grade == command.grade:
        return invalid("grade.same", f"The event already has grade {event.grade}.", "Enter another grade.")
    if refusal := _not_on_the_scale(case, event.term, command.grade):
        return refusal
    return (
        case.stamp(
            ev.AdverseEventGraded,
            subject=subject.id,
            event=event.number,
            was=event.grade,
            grade=command.grade,
            reason=command.reason,
        ),
    )


def adjudicate_dlt(case: Case, command: cmd.AdjudicateDlt) -> Decided:
    """Record the investigator's judgement; only an event in the window can be a DLT."""
    found = _adverse_event(case, command.subject, command.event)
    if isinstance(found, Refusal):
        return found
    subject, event = found
    if command.dlt and not subject.in_window(case.study, event.onset_on):
        return Refusal(
            code="dlt.outside_window",
            reason=f"The event began on {event.onset_on}, outside the DLT window of {subject.id}.",
            rule=case.rule("dose escalation > dlt window"),
            mend="Only an event with onset from the infusion to the end of the window is dose-limiting.",
        )
    if command.dlt and subject.not_evaluable is not None:
        return Refusal(
            code="dlt.not_evaluable",
            reason=f"{subject.id} was declared not evaluable: {subject.not_evaluable}",
            rule=case.rule("dose escalation > dlt window"),
            mend="Inform the sponsor: the subject no longer counts for the dose decision.",
        )
    if event.dlt == command.dlt:
        return invalid("dlt.same", "The event is already adjudicated so.", "Nothing to do.")
    return (
        case.stamp(ev.DltAdjudicated, subject=subject.id, event=event.number, dlt=command.dlt, reason=command.reason),
    )


def close_dlt_window(case: Case, command: cmd.CloseDltWindow) -> Decided:
    """Close the window on or after its last day, when no possible DLT waits for adjudication."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    ends = subject.window_ends(case.study)
    if ends is None or subject.window_closed or subject.not_evaluable is not None:
        return invalid("window.not_open", f"{subject.id} has no open DLT window.", "Check the subject's number.")
    if command.at < ends:
        return Refusal(
            code="window.open",
            reason=f"The DLT window of {subject.id} ends on {ends:%Y-%m-%d %H:%M} UTC.",
            rule=case.rule("dose escalation > dlt window"),
            mend="Close it then, or declare the subject not evaluable with the reason.",
        )
    waiting = subject.dlt_candidates(case.study)
    if waiting:
        return Refusal(
            code="dlt.waiting",
            reason=f"{_named(waiting)} of {subject.id} may be dose-limiting and is not adjudicated.",
            rule=case.rule("dose escalation > dlt"),
            mend="Adjudicate it first.",
        )
    return (case.stamp(ev.DltWindowClosed, subject=subject.id),)


def declare_not_evaluable(case: Case, command: cmd.DeclareNotEvaluable) -> Decided:
    """Free the slot of a subject who cannot be followed; never of one with a DLT, a possible DLT or a closed window."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if subject.level is None or subject.window_closed or subject.not_evaluable is not None:
        return invalid("subject.no_slot", f"{subject.id} holds no slot that is still open.", "Check the number.")
    waiting = subject.dlt_candidates(case.study)
    if waiting or any(event.dlt for event in subject.adverse_events):
        return Refusal(
            code="dlt.counts",
            reason=f"{subject.id} has a dose-limiting toxicity, or an event that may be one.",
            rule=case.rule("dose escalation > dlt"),
            mend="A subject with a DLT is evaluable whatever the follow-up; adjudicate open events first.",
        )
    return (case.stamp(ev.SubjectNotEvaluable, subject=subject.id, reason=command.reason),)


def _not_on_the_scale(case: Case, term: str, grade: int) -> Refusal | None:
    """The refusal of a grade that a term of the protocol's scale does not have; other words have every grade."""
    if case.study.dose_escalation is None:
        return None
    scale = case.study.design.dlt
    try:
        found = find_term(term, scale.version)
    except InputError:
        return None
    if grade in found.grades:
        return None
    has = ", ".join(map(str, found.grades))
    return invalid(
        "grade.not_on_scale",
        f"{found.name} has no grade {grade} in {scale.scale}; it has {has}.",
        "Choose the worst of these that it reached; report what it led to under its own term.",
        case.rule("dose escalation > dlt > scale"),
    )


def _adverse_event(case: Case, subject_id: str, number: int) -> tuple[Subject, AdverseEvent] | Refusal:
    subject = case.subject(subject_id)
    if isinstance(subject, Refusal):
        return subject
    event = subject.adverse_event(number)
    if event is None:
        return invalid("event.unknown", f"{subject.id} has no adverse event {number}.", "Check the event's number.")
    return subject, event


def _named(events: tuple[AdverseEvent, ...]) -> str:
    return ", ".join(f"{event.term} (grade {event.grade})" for event in events)
