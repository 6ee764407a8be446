"""Folding events into state. It never refuses: what is in the log has happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch
from typing import Any

from trialwright.conduct import events as ev
from trialwright.conduct.state import (
    Adjudication,
    AdverseEvent,
    DoseDecision,
    LevelState,
    Person,
    State,
    Subject,
)


def evolve(state: State, event: ev.Event) -> State:
    """The state after an event.

    Args:
        state: The state before it; it is not changed.
        event: The next event of the log.
    """
    return replace(_apply(event, state), sequence=state.sequence + 1, last_at=event.at)


def replay(events: Iterable[ev.Event], state: State | None = None) -> State:
    """Fold many events, from the start or from a state."""
    state = state or State()
    for event in events:
        state = evolve(state, event)
    return state


@singledispatch
def _apply(event: ev.Event, state: State) -> State:
    raise NotImplementedError(f"no state follows from {type(event).__name__}")


@_apply.register
def _(event: ev.ProtocolAdopted, state: State) -> State:
    return replace(state, protocol=event.protocol, protocol_sha256=event.sha256)


@_apply.register
def _(event: ev.SiteOpened, state: State) -> State:
    return replace(state, sites={**state.sites, event.opened: event.name})


@_apply.register
def _(event: ev.RoleGranted, state: State) -> State:
    person = Person(event.person, event.granted, event.for_site)
    return replace(state, people={**state.people, event.person: person})


@_apply.register
def _(event: ev.RoleRevoked, state: State) -> State:
    return replace(state, people={who: person for who, person in state.people.items() if who != event.person})


@_apply.register
def _(event: ev.DoseLevelOpened, state: State) -> State:
    opened = replace(state, cohorts=(*state.cohorts, event.level))
    return _with_level(opened, LevelState(level=event.level, slots=event.slots, open=True))


@_apply.register
def _(event: ev.DoseLevelClosed, state: State) -> State:
    return _with_level(state, replace(state.levels[event.level], open=False))


@_apply.register
def _(event: ev.CohortExpanded, state: State) -> State:
    grown = replace(state, cohorts=(*state.cohorts, event.level))
    return _with_level(grown, replace(state.levels[event.level], slots=event.slots))


@_apply.register
def _(event: ev.EscalationStopped, state: State) -> State:
    return replace(state, stopped=True, mtd=event.mtd, top_tolerated=event.top_tolerated)


@_apply.register
def _(event: ev.SubjectScreened, state: State) -> State:
    subject = Subject(id=event.subject, site=event.site or "", consented_on=event.consented_on)
    return replace(state, subjects={**state.subjects, event.subject: subject})


@_apply.register
def _(event: ev.EligibilityAssessed, state: State) -> State:
    subject = state.subjects[event.subject]
    values = {**subject.values, **event.values}
    return _with_subject(state, replace(subject, values=values, findings=event.findings, verdict=event.verdict))


@_apply.register
def _(event: ev.SubjectEnrolled, state: State) -> State:
    cohort = len(state.cohorts) - 1
    enrolled = replace(state.subjects[event.subject], level=event.level, cohort=cohort, enrolled=True)
    return _with_subject(state, enrolled)


@_apply.register
def _(event: ev.SubjectRandomised, state: State) -> State:
    return _with_subject(state, replace(state.subjects[event.subject], randomised=True))


@_apply.register
def _(event: ev.ArmChosen, state: State) -> State:
    return _with_subject(state, replace(state.subjects[event.subject], arm=event.arm))


@_apply.register
def _(event: ev.CourseEvent, state: State) -> State:
    subject = state.subjects[event.subject]
    return _with_subject(state, replace(subject, course=subject.course.after(event, subject.level)))


@_apply.register
def _(event: ev.StockEvent, state: State) -> State:
    return replace(state, stock=state.stock.after((event,)))


@_apply.register(ev.ProductDispensed)
@_apply.register(ev.DoseRecomputed)
def _(event: ev.ProductDispensed | ev.DoseRecomputed, state: State) -> State:
    stock, subject = state.stock.after((event,)), state.subjects[event.subject]
    course = subject.course.dispensed(stock.dispensed[event.subject, event.preparation])
    return replace(_with_subject(state, replace(subject, course=course)), stock=stock)


@_apply.register
def _(event: ev.AdverseEventReported, state: State) -> State:
    subject = state.subjects[event.subject]
    reported = AdverseEvent(
        number=event.event,
        term=event.term,
        onset_on=event.onset_on,
        grade=event.grade,
        related=event.related,
        serious=event.serious,
    )
    return _with_subject(state, replace(subject, adverse_events=(*subject.adverse_events, reported)))


@_apply.register
def _(event: ev.AdverseEventGraded, state: State) -> State:
    return _with_adverse_event(state, event.subject, event.event, grade=event.grade, adjudication=None)


@_apply.register
def _(event: ev.DltAdjudicated, state: State) -> State:
    judged = Adjudication(dlt=event.dlt, by=event.by, at=event.at, reason=event.reason)
    return _with_adverse_event(state, event.subject, event.event, adjudication=judged)


@_apply.register
def _(event: ev.DltWindowClosed, state: State) -> State:
    return _with_subject(state, replace(state.subjects[event.subject], window_closed=True))


@_apply.register
def _(event: ev.SubjectNotEvaluable, state: State) -> State:
    return _with_subject(state, replace(state.subjects[event.subject], not_evaluable=event.reason))


@_apply.register
def _(event: ev.DoseDecisionProposed, state: State) -> State:
    decision = DoseDecision(
        number=event.number,
        at=event.at,
        by=event.by,
        cut=event.cut,
        level=event.level,
        outcomes=event.outcomes,
        recommended=event.recommended,
        why=event.why,
        decision=event.decision,
        dose=event.dose,
        mtd=event.mtd,
        reason=event.reason,
        content=event.content,
    )
    return replace(state, decisions=(*state.decisions, decision))


@_apply.register
def _(event: ev.DoseDecisionSigned, state: State) -> State:
    last = state.decisions[event.number - 1]
    signature = (event.role or "monitor", event.by, event.at)
    return _with_decision(state, replace(last, signatures=(*last.signatures, signature)))


@_apply.register
def _(event: ev.DoseDecisionTaken, state: State) -> State:
    return _with_decision(state, replace(state.decisions[event.number - 1], taken=True))


@_apply.register
def _(_event: ev.CommandRefused, state: State) -> State:
    return state


def _with_subject(state: State, subject: Subject) -> State:
    return replace(state, subjects={**state.subjects, subject.id: subject})


def _with_level(state: State, level: LevelState) -> State:
    return replace(state, levels={**state.levels, level.level: level})


def _with_decision(state: State, decision: DoseDecision) -> State:
    decisions = (*state.decisions[: decision.number - 1], decision, *state.decisions[decision.number :])
    return replace(state, decisions=decisions)


def _with_adverse_event(state: State, subject_id: str, number: int, **changes: Any) -> State:
    subject = state.subjects[subject_id]
    events = tuple(replace(one, **changes) if one.number == number else one for one in subject.adverse_events)
    return _with_subject(state, replace(subject, adverse_events=events))
