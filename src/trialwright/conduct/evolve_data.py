"""Folding the events of data and their review into state, and what every event about a subject leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import singledispatch
from typing import Any

from trialwright.conduct import events as ev
from trialwright.conduct.course import prescription_of
from trialwright.conduct.data_state import DataPoint, Query, Signature, VisitState
from trialwright.conduct.frozen import put, replace
from trialwright.conduct.state import State, Subject
from trialwright.protocol.escalation import Role
from trialwright.protocol.subject import parse_subject

_MOMENTS = {
    "SubjectEnrolled": "enrolment",
    "SubjectRandomised": "randomisation",
    "InfusionAdministered": "infusion",
    "InfusionStarted": "infusion",
}
"""What begins the count of days to a visit, by the event's name without its version; the first one counts."""

_SAFETY = (
    ev.AdverseEventReported,
    ev.AdverseEventReportedV2,
    ev.AdverseEventGraded,
    ev.AdverseEventCorrected,
    ev.AdverseEventFollowedUp,
    ev.SeriousnessAssessed,
    ev.RelatednessAssessed,
    ev.RelatednessAssessedV2,
    ev.DltAdjudicated,
    ev.DltAdjudicatedV2,
    ev.DispositionRecorded,
    ev.DispositionRecordedV2,
    ev.DispositionCorrected,
    ev.SubjectNotEvaluable,
    ev.SubjectEvaluable,
)
"""What a lock lets through, or what follows from it."""


def follow(state: State, event: ev.Event) -> State:
    """What every event about a subject leaves: its place in the record, the days it sets, signatures it supersedes.

    Args:
        state: The state after the event, with its sequence number.
        event: The event.
    """
    about = vars(event).get("subject")
    if isinstance(event, ev.DataUnlocked) and about is None:
        everyone = {
            name: replace(_superseded(one, state.sequence, None, whole=True), after_lock=())
            for name, one in state.subjects.items()
        }
        return replace(state, subjects=everyone)
    subject = state.subjects.get(about) if about else None
    if subject is None:
        return state
    moment = _moment(event)
    moments = {moment: event.at, **subject.moments} if moment else subject.moments
    record = (*subject.record, (state.sequence, event))
    changed = replace(subject, moments=moments, record=record)
    if not event.changes_data:
        return with_subject(state, changed)
    if (state.locked or subject.locked) and isinstance(event, _SAFETY):
        changed = replace(changed, after_lock=(*changed.after_lock, state.sequence))
    visit = vars(event).get("visit")
    whole = visit is None and isinstance(event, ev.DataUnlocked | ev.TextRedacted)
    return with_subject(state, _superseded(changed, state.sequence, visit, whole=whole))


def _moment(event: ev.Event) -> str | None:
    if isinstance(event, ev.Prescription):
        return prescription_of(event.counts_as or event.drug)
    return _MOMENTS.get(event.kind.partition(".")[0])


@singledispatch
def apply(event: ev.Event, state: State) -> State:
    """The state after an event of data or of their review."""
    del state
    raise NotImplementedError(f"no state follows from {type(event).__name__}")


@apply.register
def _(event: ev.TimeZoneSet, state: State) -> State:
    return _with_zone(state, event.at_site, zone=event.zone)


@apply.register
def _(event: ev.TimeZoneSetV2, state: State) -> State:
    site = event.at_site
    earlier = (*state.earlier_zones.get(site, ()), (event.at, state.zones.get(site)))
    after = replace(state, earlier_zones={**state.earlier_zones, site: earlier})
    return _with_zone(after, site, zone=event.zone, earlier_zones=earlier)


@apply.register
def _(event: ev.VisitHeld, state: State) -> State:
    held = VisitState(visit=event.visit, on=event.on, days_out=event.days_out, reason=event.reason)
    return _with_visit(state, event.subject, held)


@apply.register
def _(event: ev.UnscheduledVisitHeld, state: State) -> State:
    return _with_visit(state, event.subject, VisitState(visit=event.visit, on=event.on, reason=event.reason))


@apply.register
def _(event: ev.VisitMissed, state: State) -> State:
    reason = f"{event.reason}: {event.text}" if event.text else event.reason
    return _with_visit(state, event.subject, VisitState(visit=event.visit, on=None, reason=reason))


@apply.register
def _(event: ev.DayPlanned, state: State) -> State:
    subject = state.subjects[event.subject]
    days = {**subject.entered["days"], event.anchor: event.on.isoformat()}
    return with_subject(state, replace(subject, entered={**subject.entered, "days": days}))


@apply.register
def _(event: ev.DataRecorded, state: State) -> State:
    values: Mapping[str, Any] = parse_subject(event.entered)
    points = {item: _point(event, state, item, event.on, value=tuple(value)) for item, value in values.items()}
    points |= {item: _point(event, state, item, event.on, missing=why) for item, why in event.missing.items()}
    return _with_points(state, event.subject, event.visit, points)


@apply.register
def _(event: ev.DataCorrected, state: State) -> State:
    before = state.subjects[event.subject].data[event.visit][event.item]
    value = None if event.now is None else tuple(parse_subject(event.now))
    now = _point(event, state, event.item, event.on, value=value, missing=event.now_missing)
    return _with_points(state, event.subject, event.visit, {event.item: replace(now, corrected=before.corrected + 1)})


@apply.register
def _(event: ev.QueryOpened, state: State) -> State:
    return _with_new_query(state, event, event.role)


@apply.register(ev.QueryRaised)
@apply.register(ev.QueryRaisedV2)
def _(event: ev.QueryRaised | ev.QueryRaisedV2, state: State) -> State:
    return _with_new_query(state, event, None)


@apply.register
def _(event: ev.QueryAnswered, state: State) -> State:
    said = {"answer": event.text, "answered_by": event.by, "answered_at": event.at}
    return _with_query(state, event.subject, event.query, said)


@apply.register
def _(event: ev.QueryClosed, state: State) -> State:
    return _with_query(state, event.subject, event.query, {"closed_at": event.at})


@apply.register
def _(event: ev.SourceVerified, state: State) -> State:
    points = state.subjects[event.subject].data[event.visit]
    verified = {item: replace(points[item], verified=(event.by, event.at)) for item in event.items}
    return _with_points(state, event.subject, event.visit, verified)


@apply.register
def _(event: ev.DataLocked, state: State) -> State:
    return _locked(state, event, locked=True)


@apply.register
def _(event: ev.DataUnlocked, state: State) -> State:
    return _locked(state, event, locked=False)


@apply.register
def _(event: ev.ContentSigned, state: State) -> State:
    subject = state.subjects[event.subject]
    signature = Signature(
        by=event.by,
        role=event.role,
        name=event.name,
        at=event.at,
        visit=event.visit,
        meaning=event.meaning,
        content=event.content,
        sequence=event.sequence,
    )
    return with_subject(state, replace(subject, signatures=(*subject.signatures, signature)))


@apply.register
def _(_event: ev.TextRedacted, state: State) -> State:
    return state


@apply.register
def _(event: ev.TrailReviewed, state: State) -> State:
    return with_subject(state, replace(state.subjects[event.subject], reviewed_through=event.through))


def _with_zone(state: State, site: str, zone: str, **changes: Any) -> State:
    there = {one.id: replace(one, zone=zone, **changes) for one in state.subjects.values() if one.site == site}
    return replace(state, zones={**state.zones, site: zone}, subjects={**state.subjects, **there})


def with_subject(state: State, subject: Subject) -> State:
    """The state with a subject as it is now."""
    subjects = put(state.subjects, subject.id, subject)
    return state if subjects is state.subjects else replace(state, subjects=subjects)


def _with_visit(state: State, subject_id: str, visit: VisitState) -> State:
    subject = state.subjects[subject_id]
    return with_subject(state, replace(subject, visits={**subject.visits, visit.visit: visit}))


def _with_points(state: State, subject_id: str, visit: str, points: Mapping[str, DataPoint]) -> State:
    subject = state.subjects[subject_id]
    data = {**subject.data, visit: {**subject.data.get(visit, {}), **points}}
    return with_subject(state, replace(subject, data=data))


def _with_new_query(
    state: State, event: ev.QueryOpened | ev.QueryRaised | ev.QueryRaisedV2, role: Role | None
) -> State:
    subject = state.subjects[event.subject]
    query = Query(
        number=event.query,
        visit=event.visit,
        item=event.item,
        text=event.text,
        by=event.by,
        role=role,
        opened_at=event.at,
    )
    return with_subject(state, replace(subject, queries=(*subject.queries, query)))


def _with_query(state: State, subject_id: str, number: int, changes: dict[str, Any]) -> State:
    subject = state.subjects[subject_id]
    queries = tuple(replace(one, **changes) if one.number == number else one for one in subject.queries)
    return with_subject(state, replace(subject, queries=queries))


def _point(event: ev.Event, state: State, item: str, on: date, *, value: Any = None, missing: Any = None) -> DataPoint:
    return DataPoint(
        item=item, on=on, value=value, missing=missing, by=event.by, at=event.at, sequence=state.sequence + 1
    )


def _locked(state: State, event: ev.DataLocked | ev.DataUnlocked, *, locked: bool) -> State:
    if event.subject is None:
        return replace(state, locked=locked)
    subject = state.subjects[event.subject]
    if event.visit is None:
        return with_subject(state, replace(subject, locked=locked, after_lock=()))
    visits = subject.locked_visits | {event.visit} if locked else subject.locked_visits - {event.visit}
    return with_subject(state, replace(subject, locked_visits=visits))


def _superseded(subject: Subject, sequence: int, visit: str | None, *, whole: bool) -> Subject:
    """The subject, whose signatures over what changed no longer stand: over the subject, the visit, or all of them."""
    if not subject.signatures:
        return subject
    signatures = tuple(
        replace(one, superseded_by=sequence)
        if one.superseded_by is None and (whole or one.visit in {None, visit})
        else one
        for one in subject.signatures
    )
    return replace(subject, signatures=signatures)
