"""Deciding on queries and source verification: what is asked of the site, and what agrees with the source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.data_state import DEATH, Query
from trialwright.conduct.known import asked, known
from trialwright.conduct.known_medicine import contradictions
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.state import Subject
from trialwright.conduct.visits import ENDS_CONSENT, subject_and_visit
from trialwright.protocol.criteria import Truth, items
from trialwright.protocol.escalation import Role
from trialwright.protocol.facts import Facts
from trialwright.protocol.study import Study

_CLOSE_WHAT_THE_PROTOCOL_ASKS: tuple[Role, ...] = ("monitor", "sponsor")
"""Who closes a query that nobody asked: those who answer none."""


def open_query(case: Case, command: cmd.OpenQuery) -> Decided:
    """Ask the site; about an item only at a visit that collects it."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    visit = None
    if command.visit is not None:
        found = subject_and_visit(case, command.subject, command.visit)
        if isinstance(found, Refusal):
            return found
        visit = found[1]
    known = visit.collect if visit else [item.name for item in case.study.items]
    if command.item is not None and command.item not in known:
        where = f"{visit.visit} does not collect it" if visit else "the protocol has no such item"
        return invalid("query.item", f"There is no {command.item} to ask about: {where}.", "Correct the item.")
    return (
        case.stamp(
            ev.QueryOpened,
            subject=subject.id,
            query=len(subject.queries) + 1,
            visit=visit.name if visit else None,
            item=command.item,
            text=command.text,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question to the site that nobody opens: what the protocol, or a rule of conduct, asks of data.

    Attributes:
        rule: Which rule asks.
    """

    text: str
    rule: str
    visit: str | None = None
    item: str | None = None


def raised(case: Case, subject: Subject, asks: Iterable[Ask]) -> tuple[ev.QueryRaisedV2, ...]:
    """The events of questions; what was asked in the same words before is not asked again."""
    told = {(one.visit, one.item, one.text) for one in subject.queries}
    new = (one for one in dict.fromkeys(asks) if (one.visit, one.item, one.text) not in told)
    return tuple(
        case.stamp(ev.QueryRaisedV2, subject=subject.id, query=number, **asdict(one))
        for number, one in enumerate(new, start=len(subject.queries) + 1)
    )


def asked_by_criteria(study: Study, facts: Facts, read: frozenset[str] | None = None) -> Iterator[Ask]:
    """What the criteria ask the site whatever their verdict, with the values that raise it.

    Args:
        study: The protocol.
        facts: What is known of the subject.
        read: The items that changed; every query is looked at unless told.
    """
    for criterion in study.criteria:
        for name, condition in criterion.query.items():
            found = condition.evaluate(facts)
            if found.truth is Truth.TRUE and (read is None or read & items(condition)):
                called = f", {name.replace('_', ' ')}" if name else ""
                what = f"{criterion.id}{called}: {'; '.join(found.evidence)}."
                rule = f"protocol {study.id} version {study.version}, criteria > {criterion.id} > query"
                yield Ask(text=f"{what} Is it right, and safe?", rule=rule)


def asked_of_death(study: Study, subject: Subject) -> Iterator[Ask]:
    """What does not fit the death of a subject, or the end of its consent: a day, a disposition, what was measured."""
    gone, died, rule = subject.disposition, subject.died_on, f"protocol {study.id} version {study.version}, schedule"
    ended = gone.occurred_on if gone and gone.term in ENDS_CONSENT else died
    if died and subject.fatal_event is None and (gone is None or gone.term != "death"):
        yield Ask(text=f"A death on {died} was taken down, and not how the subject left. Did it die?", rule=rule)
    for visit, points in subject.data.items():
        for name, point in points.items():
            ask = partial(Ask, rule=rule, visit=visit, item=name)
            if name == DEATH and point.value is not None and died:
                days = {str(one.get("on")) for one in point.value}
                if days - {str(died)} or (not days and point.on >= died):
                    said = ", ".join(sorted(days)) or "no"
                    yield ask(text=f"The record says death on {died}, and here stands {said}. Which is right?")
            elif ended and point.value and point.on > ended and not _is_event(study, name):
                why = f"the {gone.term} on {ended}" if gone and gone.term in ENDS_CONSENT else f"death on {ended}"
                yield ask(text=f"Collected on {point.on}, after {why}. Which day is right?")


def asked_of_medicine(study: Study, subject: Subject) -> Iterator[Ask]:
    """What is asked where a medicine that was taken down contradicts what was asked of an item."""
    rule = f"protocol {study.id} version {study.version}, items"
    for item, found in contradictions(study, subject, asked(study, subject)):
        yield Ask(text=f"{item.label}: {found}. Which is right?", rule=f"{rule} > {item.name}", item=item.name)


def asked_of_rescue(study: Study, before: Subject, after: Subject) -> Iterator[Ask]:
    """What is asked where data that change leave a rescue that has begun without its condition."""
    if study.rescue is None or after.rescue is None:
        return
    was, now = (study.rescue.when.evaluate(known(study, one)) for one in (before, after))
    if was.truth is not now.truth and now.truth is Truth.FALSE:
        text = f"Rescue began on {after.rescue}, and by the data as they are now its condition does not hold"
        rule = f"protocol {study.id} version {study.version}, rescue"
        yield Ask(text=f"{text}: {'; '.join(now.evidence)}. Are they right?", rule=rule)


def _is_event(study: Study, name: str) -> bool:
    item = study.item(name)
    return item is not None and item.type == "event"


def answer_query(case: Case, command: cmd.AnswerQuery) -> Decided:
    """Answer an open query; data stay as they are."""
    found = _query(case, command.subject, command.query)
    if isinstance(found, Refusal):
        return found
    subject, query = found
    if query.status != "open":
        return invalid("query.not_open", f"Query {query.number} of {subject.id} is {query.status}.", "Nothing to do.")
    return (case.stamp(ev.QueryAnswered, subject=subject.id, query=query.number, text=command.text),)


def close_query(case: Case, command: cmd.CloseQuery) -> Decided:
    """End a query, by the role that opened it; one without an answer only with why."""
    found = _query(case, command.subject, command.query)
    if isinstance(found, Refusal):
        return found
    subject, query = found
    if query.status == "closed":
        return invalid("query.closed", f"Query {query.number} of {subject.id} is closed.", "Nothing to do.")
    closers = (query.role,) if query.role else _CLOSE_WHAT_THE_PROTOCOL_ASKS
    if case.person is None or case.person.role not in closers:
        asker = f"a {query.role}" if query.role else "the protocol"
        return Refusal(
            code="query.role",
            reason=f"Query {query.number} of {subject.id} was opened by {asker}.",
            rule="roles: a query is closed by the role that opened it, and one of the protocol by monitor or sponsor",
            mend=f"A {' or '.join(closers)} closes it.",
            kind=Kind.PERMISSION,
        )
    if query.answer is None and command.text is None:
        what = f"Query {query.number} of {subject.id} was not answered."
        return invalid("query.unanswered", what, "Wait for the answer, or say why none is needed.")
    return (case.stamp(ev.QueryClosed, subject=subject.id, query=query.number, text=command.text),)


def verify_source(case: Case, command: cmd.VerifySource) -> Decided:
    """Mark data points as they stand now; a later change takes the mark away."""
    found = subject_and_visit(case, command.subject, command.visit)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    points = subject.data.get(visit.name, {})
    if absent := [item for item in command.items if item not in points]:
        what = f"{', '.join(absent)} at {visit.visit} of {subject.id}: nothing was taken down."
        return invalid("source.none", what, "Verify what is there.")
    if done := [item for item in command.items if points[item].verified]:
        return invalid("source.verified", f"{', '.join(done)}: already verified.", "Leave them out.")
    return (case.stamp(ev.SourceVerified, subject=subject.id, visit=visit.name, items=command.items),)


def _query(case: Case, subject_id: str, number: int) -> tuple[Subject, Query] | Refusal:
    subject = case.subject(subject_id)
    if isinstance(subject, Refusal):
        return subject
    query = next((one for one in subject.queries if one.number == number), None)
    if query is None:
        return invalid("query.unknown", f"{subject.id} has no query {number}.", "Check the query's number.")
    return subject, query
