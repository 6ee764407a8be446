"""What is seen of a subject's data: visits due and overdue, data points, queries and their age, signatures, tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from trialwright.conduct.data_state import DataPoint, Query, Signature
from trialwright.conduct.known import known
from trialwright.conduct.signatures import to_sign_again, unendorsed
from trialwright.conduct.state import State, Subject
from trialwright.conduct.visits import PlannedVisit, plan
from trialwright.protocol.computed import ComputedValue, computed_values
from trialwright.protocol.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A query that is not closed, and for how long it has been."""

    subject: str
    query: Query
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DataView:
    """A subject's data as they stand.

    Attributes:
        today: The day where the subject is, by which visits become due.
        plan: Every visit of the protocol, in its order; then those between them.
        points: Data points by visit and item.
        computed: Items that are computed from others, with their inputs.
        waiting: Queries that are not closed, the oldest first.
        signatures: Every signature, those that no longer stand included.
        sign_again: Signatures that a later change superseded and that are to be given anew.
        locked: Whether the subject's data change no more, by its own lock or the study's.
        locked_visits: Visits that are locked by themselves.
        after_lock: Entries about the subject's safety that were taken down after the lock, by their numbers.
        tasks: What is to be done, in words.
    """

    today: date
    plan: tuple[PlannedVisit, ...]
    points: Mapping[str, Mapping[str, DataPoint]]
    computed: tuple[ComputedValue, ...]
    queries: tuple[Query, ...]
    waiting: tuple[Waiting, ...]
    signatures: tuple[Signature, ...]
    sign_again: tuple[Signature, ...]
    locked: bool
    locked_visits: frozenset[str]
    after_lock: tuple[int, ...]
    tasks: tuple[str, ...]


def data_view(study: Study, state: State, subject: Subject, at: datetime) -> DataView:
    """A subject's data, for somebody who may see them.

    Args:
        study: The protocol.
        state: The trial.
        subject: Whose data.
        at: When it is looked at: visits become due, and queries age.
    """
    planned = plan(study, state, subject, at)
    return DataView(
        today=subject.day_of(at),
        plan=planned,
        points=subject.data,
        computed=_computed(study, subject),
        queries=subject.queries,
        waiting=waiting(subject, at),
        signatures=subject.signatures,
        sign_again=to_sign_again(subject),
        locked=subject.locked or state.locked,
        locked_visits=subject.locked_visits,
        after_lock=subject.after_lock,
        tasks=tuple(_tasks(study, subject, planned)),
    )


def waiting(subject: Subject, at: datetime) -> tuple[Waiting, ...]:
    """A subject's queries that are not closed, the oldest first."""
    return tuple(
        Waiting(subject=subject.id, query=query, age=query.age(at))
        for query in subject.queries
        if query.status != "closed"
    )


def _computed(study: Study, subject: Subject) -> tuple[ComputedValue, ...]:
    if not any(item.computed for item in study.items):
        return ()
    return computed_values(study, known(study, subject))


def _tasks(study: Study, subject: Subject, planned: tuple[PlannedVisit, ...]) -> Iterator[str]:
    for visit in planned:
        name = visit.visit.visit
        if visit.status in {"due", "overdue"}:
            yield f"{name} is {visit.status}: {visit.first} to {visit.last}"
        elif visit.held_on and visit.outstanding:
            yield f"{name} lacks {', '.join(visit.outstanding)}"
    for query in subject.queries:
        if query.status == "open":
            yield f"Query {query.number} waits for an answer: {query.text}"
    for signature in to_sign_again(subject):
        what = signature.visit or "the subject"
        yield (
            f"The signature of {signature.name} over {what} ({signature.meaning}) was superseded by change "
            f"#{signature.superseded_by}: sign again"
        )
    if subject.enrolled:
        yield from (f"Before the lock, an endorsement is missing: {one}" for one in unendorsed(study, subject, "lock"))
