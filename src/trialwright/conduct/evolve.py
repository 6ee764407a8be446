"""Folding events into state. It never refuses: what is in the log has happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import singledispatch
from typing import Any

from trialwright.conduct import events as ev
from trialwright.conduct import evolve_data
from trialwright.conduct.adverse_event import FATAL_GRADE, Adjudication, AdverseEvent
from trialwright.conduct.blinding_state import Exposure, UnblindingRequest
from trialwright.conduct.evolve_data import with_subject
from trialwright.conduct.exposure import exposed
from trialwright.conduct.frozen import Owned, replace
from trialwright.conduct.state import (
    Consent,
    Disposition,
    DoseDecision,
    Group,
    LevelState,
    Pause,
    Person,
    Reservation,
    Review,
    RoleRequest,
    State,
    Subject,
    Tenure,
    Version,
    merged,
)
from trialwright.protocol.study import Role
from trialwright.protocol.subject import parse_subject


def evolve(state: State, event: ev.Event) -> State:
    """The state after an event.

    Args:
        state: The state before it; it is not changed.
        event: The next event of the log.
    """
    after = replace(_apply(event, state), sequence=state.sequence + 1, last_at=event.at)
    return evolve_data.follow(after, event)


def replay(events: Iterable[ev.Event], state: State | None = None) -> State:
    """Fold many events, from the start or from a state: as `evolve` does, one after the other.

    Nobody sees the states between, so that the mappings that grow with the trial are changed in place.
    """
    state = _with_mappings(state or State(), Owned)
    for event in events:
        state = evolve(state, event)
    return _with_mappings(state, dict)


def _with_mappings(state: State, kind: type[dict[Any, Any]]) -> State:
    """The same state with new mappings of subjects and stock."""
    stock = replace(state.stock, lots=kind(state.stock.lots), dispensed=kind(state.stock.dispensed))
    return replace(state, subjects=kind(state.subjects), stock=stock)


@singledispatch
def _apply(event: ev.Event, state: State) -> State:
    return evolve_data.apply(event, state)


@_apply.register
def _(event: ev.ProtocolAdopted, state: State) -> State:
    first = Version(name=event.protocol, sha256=event.sha256, at=event.at)
    return replace(state, protocol=event.protocol, protocol_sha256=event.sha256, versions=(first,))


@_apply.register
def _(event: ev.ProtocolAmended, state: State) -> State:
    version = Version(
        name=event.version,
        sha256=event.sha256,
        at=event.at,
        changes=event.changes,
        simulation=event.simulation,
    )
    return replace(state, versions=(*state.versions, version))


@_apply.register
def _(event: ev.AmendmentApproved, state: State) -> State:
    versions = (
        replace(one, approved={**one.approved, event.for_site: event.approved_on}) if one.name == event.version else one
        for one in state.versions
    )
    return replace(state, versions=tuple(versions))


@_apply.register
def _(event: ev.SiteOpened, state: State) -> State:
    return replace(state, sites={**state.sites, event.opened: event.name})


@_apply.register
def _(event: ev.RoleGranted, state: State) -> State:
    person = Person(event.person, event.granted, event.for_site)
    tenure = Tenure(person=person, since=event.at, granted_by=event.by)
    asked = {who: one for who, one in state.role_requests.items() if who != event.person}
    people = {**state.people, event.person: person}
    granted = replace(state, people=people, tenures=(*state.tenures, tenure), role_requests=asked)
    return exposed(granted, event.at)


@_apply.register
def _(event: ev.RoleRequested, state: State) -> State:
    asked = RoleRequest(role=event.requested, site=event.for_site, by=event.by, at=event.at, reason=event.reason)
    return replace(state, role_requests={**state.role_requests, event.person: asked})


@_apply.register
def _(event: ev.RoleRevoked, state: State) -> State:
    people = {who: person for who, person in state.people.items() if who != event.person}
    tenures = (
        replace(one, until=event.at) if one.person.id == event.person and one.until is None else one
        for one in state.tenures
    )
    return replace(state, people=people, tenures=tuple(tenures))


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
def _(event: ev.EscalationReopened, state: State) -> State:
    decision = state.decisions[event.number - 1]
    reopened = _with_level(state, replace(state.levels[decision.level], open=True))
    reopened = _with_decision(reopened, replace(decision, superseded=True))
    return replace(reopened, stopped=False, mtd=None, top_tolerated=False)


@_apply.register
def _(event: ev.SubjectScreened, state: State) -> State:
    return _screened(state, event, event.protocol)


@_apply.register
def _(event: ev.SubjectScreenedV2, state: State) -> State:
    return _screened(state, event, event.version)


@_apply.register
def _(event: ev.SubjectReconsented, state: State) -> State:
    subject = state.subjects[event.subject]
    consent = Consent(version=event.version, on=event.consented_on, at=event.at)
    return with_subject(state, replace(subject, consents=(*subject.consents, consent)))


@_apply.register(ev.DispositionRecorded)
@_apply.register(ev.DispositionRecordedV2)
@_apply.register(ev.DispositionCorrected)
def _(event: ev.DispositionRecorded | ev.DispositionRecordedV2 | ev.DispositionCorrected, state: State) -> State:
    gone = None
    if event.disposition and event.occurred_on:
        gone = Disposition(
            term=event.disposition, occurred_on=event.occurred_on, at=event.at, by=event.by, reason=event.reason
        )
    return with_subject(state, replace(state.subjects[event.subject], disposition=gone, reservation=None))


@_apply.register
def _(event: ev.RescueStarted, state: State) -> State:
    return with_subject(state, replace(state.subjects[event.subject], rescue=event.started_on))


@_apply.register
def _(event: ev.TrialPaused, state: State) -> State:
    pause = Pause(
        number=event.number, at=event.at, by=event.by, rule=event.rule, action=event.action, reason=event.reason
    )
    return replace(state, pauses=(*state.pauses, pause))


@_apply.register
def _(event: ev.StoppingRuleInvoked, state: State) -> State:
    return _with_pause(state, replace(state.pauses[event.number - 1], invoked_by=event.by))


@_apply.register
def _(event: ev.ResumptionSigned, state: State) -> State:
    pause = state.pauses[event.number - 1]
    return _with_pause(state, replace(pause, signatures=(*pause.signatures, _signature(event))))


@_apply.register
def _(event: ev.TrialResumed, state: State) -> State:
    return _with_pause(state, replace(state.pauses[event.number - 1], lifted_at=event.at))


@_apply.register
def _(event: ev.EligibilityAssessed, state: State) -> State:
    values = {name: [{"value": value}] for name, value in event.values.items()}
    return _assessed(state, event, {"values": values, "answers": event.answers})


@_apply.register
def _(event: ev.EligibilityAssessedV2, state: State) -> State:
    return _assessed(state, event, parse_subject(event.entered))


@_apply.register
def _(event: ev.EligibilityOutdated, state: State) -> State:
    return with_subject(state, replace(state.subjects[event.subject], verdict=None))


@_apply.register
def _(event: ev.SlotReserved, state: State) -> State:
    kept = Reservation(level=event.level, group=event.group, expires_at=event.expires_at)
    return with_subject(state, replace(state.subjects[event.subject], reservation=kept))


@_apply.register
def _(event: ev.SlotReleased, state: State) -> State:
    return with_subject(state, replace(state.subjects[event.subject], reservation=None))


@_apply.register
def _(event: ev.SubjectEnrolled, state: State) -> State:
    return _enrolled(state, event, event.level, None)


@_apply.register
def _(event: ev.SubjectEnrolledV2, state: State) -> State:
    return _enrolled(state, event, event.level, event.group)


@_apply.register
def _(event: ev.CohortOpened, state: State) -> State:
    return replace(state, groups=(*state.groups, Group(name=event.cohort, slots=event.slots)))


@_apply.register
def _(event: ev.CohortReviewed, state: State) -> State:
    review = Review(
        role=event.role or "monitor",
        by=event.by,
        at=event.at,
        conclusion=event.conclusion,
        listings=event.listings,
    )
    groups = (replace(g, reviews=(*g.reviews, review)) if g.name == event.cohort else g for g in state.groups)
    return replace(state, groups=tuple(groups))


@_apply.register
def _(event: ev.SubjectRandomised, state: State) -> State:
    return exposed(with_subject(state, replace(state.subjects[event.subject], randomised=True)), event.at)


@_apply.register
def _(event: ev.RandomisedInError | ev.RandomisedInErrorV2, state: State) -> State:
    return with_subject(state, replace(state.subjects[event.subject], randomised_in_error=event.reason))


@_apply.register
def _(event: ev.CodeBroken, state: State) -> State:
    seen = Exposure(
        person=event.by,
        role=event.role,
        site=event.site,
        subject=event.subject,
        at=event.opened_at or event.at,
        why=f"emergency code-break: {event.reason}",
    )
    return replace(state, exposures=(*state.exposures, seen))


@_apply.register
def _(event: ev.UnblindingRequested, state: State) -> State:
    asked = UnblindingRequest(by=event.by, role=event.role, at=event.at, reason=event.reason)
    return replace(state, unblinding=asked)


@_apply.register
def _(_event: ev.UnblindingRequestLapsed, state: State) -> State:
    return replace(state, unblinding=None)


@_apply.register
def _(event: ev.TrialUnblinded, state: State) -> State:
    return exposed(replace(state, unblinded=True), event.at)


@_apply.register(ev.ArmChosen)
@_apply.register(ev.ArmCorrected)
def _(event: ev.ArmChosen | ev.ArmCorrected, state: State) -> State:
    return with_subject(state, replace(state.subjects[event.subject], arm=event.arm))


@_apply.register
def _(event: ev.CourseEvent, state: State) -> State:
    subject = state.subjects[event.subject]
    return with_subject(state, replace(subject, course=subject.course.after(event, subject.level)))


@_apply.register
def _(event: ev.StockEvent, state: State) -> State:
    return replace(state, stock=state.stock.after((event,)))


@_apply.register(ev.ProductDispensed)
@_apply.register(ev.DoseRecomputed)
def _(event: ev.ProductDispensed | ev.DoseRecomputed, state: State) -> State:
    stock, subject = state.stock.after((event,)), state.subjects[event.subject]
    course = subject.course.dispensed(stock.dispensed[event.subject, event.preparation])
    return replace(with_subject(state, replace(subject, course=course)), stock=stock)


@_apply.register(ev.AdverseEventReported)
@_apply.register(ev.AdverseEventReportedV2)
def _(event: ev.AdverseEventReported | ev.AdverseEventReportedV2, state: State) -> State:
    subject = state.subjects[event.subject]
    reported = AdverseEvent(
        number=event.event,
        term=event.term,
        onset_on=event.onset_on,
        grade=event.grade,
        related=event.related,
        serious=event.serious,
        assessed=isinstance(event, ev.AdverseEventReported) or event.role == "investigator",
    )
    return with_subject(state, replace(subject, adverse_events=(*subject.adverse_events, reported)))


@_apply.register
def _(event: ev.AdverseEventGraded, state: State) -> State:
    changes: dict[str, Any] = {"serious": True} if event.grade == FATAL_GRADE else {}
    return _with_adverse_event(state, event.subject, event.event, grade=event.grade, adjudication=None, **changes)


@_apply.register
def _(event: ev.AdverseEventCorrected, state: State) -> State:
    changes = {"term": event.term, "onset_on": event.onset_on, "adjudication": None}
    return _judged(_with_adverse_event(state, event.subject, event.event, **changes), event)


@_apply.register
def _(event: ev.AdverseEventVoided, state: State) -> State:
    subject = state.subjects[event.subject]
    voided = tuple(one for one in subject.adverse_events if one.number == event.event)
    others = tuple(one for one in subject.adverse_events if one.number != event.event)
    after = replace(subject, adverse_events=others, voided_events=(*subject.voided_events, *voided))
    return _judged(with_subject(state, after), event)


@_apply.register
def _(event: ev.AdverseEventFollowedUp, state: State) -> State:
    return _with_adverse_event(state, event.subject, event.event, outcome=event.outcome, ended_on=event.ended_on)


@_apply.register
def _(event: ev.SeriousnessAssessed, state: State) -> State:
    serious = bool(event.criteria)
    return _with_adverse_event(state, event.subject, event.event, serious=serious, criteria=event.criteria)


@_apply.register(ev.RelatednessAssessed)
@_apply.register(ev.RelatednessAssessedV2)
def _(event: ev.RelatednessAssessed | ev.RelatednessAssessedV2, state: State) -> State:
    changes = {"related": event.related, "assessed": True, "adjudication": None}
    return _with_adverse_event(state, event.subject, event.event, **changes)


@_apply.register(ev.DltAdjudicated)
@_apply.register(ev.DltAdjudicatedV2)
def _(event: ev.DltAdjudicated | ev.DltAdjudicatedV2, state: State) -> State:
    defined = event.defined if isinstance(event, ev.DltAdjudicatedV2) else None
    judged = Adjudication(dlt=event.dlt, by=event.by, at=event.at, reason=event.reason, defined=defined)
    return _judged(_with_adverse_event(state, event.subject, event.event, adjudication=judged), event)


@_apply.register
def _(event: ev.DltWindowClosed, state: State) -> State:
    closed = replace(state.subjects[event.subject], window_closed=True, window_closed_at=event.at)
    return with_subject(state, closed)


@_apply.register(ev.SubjectNotEvaluable)
@_apply.register(ev.SubjectEvaluable)
def _(event: ev.SubjectNotEvaluable | ev.SubjectEvaluable, state: State) -> State:
    why = event.reason if isinstance(event, ev.SubjectNotEvaluable) else None
    return with_subject(state, replace(state.subjects[event.subject], not_evaluable=why))


@_apply.register
def _(event: ev.DoseDecisionProposed, state: State) -> State:
    return _proposed(state, event)


@_apply.register
def _(event: ev.DoseDecisionProposedV2, state: State) -> State:
    return _proposed(state, event, listings=event.listings, attendees=event.attendees)


@_apply.register
def _(event: ev.DoseDecisionSuperseded, state: State) -> State:
    return _with_decision(state, replace(state.decisions[event.number - 1], superseded=True))


def _proposed(state: State, event: ev.DoseDecisionProposed | ev.DoseDecisionProposedV2, **more: Any) -> State:
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
        **more,
    )
    return replace(state, decisions=(*state.decisions, decision))


@_apply.register
def _(event: ev.DoseDecisionSigned, state: State) -> State:
    last = state.decisions[event.number - 1]
    return _with_decision(state, replace(last, signatures=(*last.signatures, _signature(event))))


@_apply.register
def _(event: ev.DoseDecisionTaken, state: State) -> State:
    return _with_decision(state, replace(state.decisions[event.number - 1], taken=True))


@_apply.register(ev.CommandRefused)
@_apply.register(ev.DataExported)
@_apply.register(ev.EnvelopesPrinted)
def _(_event: ev.CommandRefused | ev.DataExported | ev.EnvelopesPrinted, state: State) -> State:
    return state


def _judged(state: State, event: Any) -> State:
    """The state with the moment from which a subject has a DLT, after what an event changed."""
    subject = state.subjects[event.subject]
    has_one = any(one.dlt for one in subject.adverse_events)
    return with_subject(state, replace(subject, dlt_at=(subject.dlt_at or event.at) if has_one else None))


def _screened(state: State, event: ev.SubjectScreened | ev.SubjectScreenedV2, version: str) -> State:
    subject = Subject(
        id=event.subject,
        site=event.site or "",
        consented_on=event.consented_on,
        consents=(Consent(version=version, on=event.consented_on, at=event.at),),
        screened_at=event.at,
        zone=state.zones.get(event.site or ""),
        earlier_zones=state.earlier_zones.get(event.site or "", ()),
    )
    return with_subject(state, subject)


def _enrolled(
    state: State, event: ev.SubjectEnrolled | ev.SubjectEnrolledV2, level: int | None, group: str | None
) -> State:
    subject = replace(
        state.subjects[event.subject],
        level=level,
        group=group,
        cohort=None if level is None else len(state.cohorts) - 1,
        backfilled=level is not None and state.open_level is not None and level < state.open_level.level,
        enrolled=True,
        enrolled_at=event.at,
        reservation=None,
    )
    return with_subject(state, subject)


def _assessed(state: State, event: ev.EligibilityAssessed | ev.EligibilityAssessedV2, entered: Any) -> State:
    """The subject as assessed; who is not eligible holds no slot any more."""
    subject = state.subjects[event.subject]
    assessed = replace(
        subject,
        entered=merged(subject.entered, entered),
        findings=event.findings,
        verdict=event.verdict,
        assessed_at=event.at,
        reservation=None if event.verdict == "not eligible" else subject.reservation,
    )
    return with_subject(state, assessed)


def _signature(event: ev.ResumptionSigned | ev.DoseDecisionSigned) -> tuple[Role, str, datetime]:
    return event.role or "monitor", event.by, event.at


def _with_pause(state: State, pause: Pause) -> State:
    pauses = (*state.pauses[: pause.number - 1], pause, *state.pauses[pause.number :])
    return replace(state, pauses=pauses)


def _with_level(state: State, level: LevelState) -> State:
    return replace(state, levels={**state.levels, level.level: level})


def _with_decision(state: State, decision: DoseDecision) -> State:
    decisions = (*state.decisions[: decision.number - 1], decision, *state.decisions[decision.number :])
    return replace(state, decisions=decisions)


def _with_adverse_event(state: State, subject_id: str, number: int, **changes: Any) -> State:
    subject = state.subjects[subject_id]
    events = tuple(replace(one, **changes) if one.number == number else one for one in subject.adverse_events)
    return with_subject(state, replace(subject, adverse_events=events))
