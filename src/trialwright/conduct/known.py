"""What the log holds of a subject, as conditions read it; and whether a subject has responded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from trialwright.conduct.known_medicine import with_medicine
from trialwright.protocol.computed import with_computed
from trialwright.protocol.criteria import Truth, items
from trialwright.protocol.facts import Facts, is_unscheduled
from trialwright.protocol.schedule import Endpoint, Visit
from trialwright.protocol.study import Item, Study
from trialwright.protocol.subject import readable_facts

if TYPE_CHECKING:
    from trialwright.conduct.data_state import DataPoint
    from trialwright.conduct.state import Subject


def known(study: Study, subject: Subject) -> Facts:
    """Everything that the log holds of a subject, as criteria read it: what was asked, and what was taken as medicine.

    What this version of the protocol cannot read any more is unknown under it.
    """
    return with_medicine(study, subject, asked(study, subject))


def asked(study: Study, subject: Subject) -> Facts:
    """What was asked of a subject, at screening and at visits, and the days that were."""
    values: dict[str, list[Any]] = {name: list(history) for name, history in subject.entered["values"].items()}
    for visit, points in subject.data.items():
        for name, point in points.items():
            if point.value is not None:
                values.setdefault(name, []).extend(_at_visit(study.item(name), visit, point))
    held = {
        name: visit.on.isoformat() for name, visit in subject.visits.items() if visit.on and not is_unscheduled(name)
    }
    days = {**subject.entered["days"], **held, "consent": subject.consented_on.isoformat()}
    facts = readable_facts({"days": days, "values": values, "answers": subject.entered["answers"]}, study)
    return with_computed(study, facts)


def no_longer_known(study: Study, subject: Subject) -> frozenset[str]:
    """The items that are said to be unknown on the last day on which they were collected, and what comes of them.

    An older value does not take the place of one of which nobody knows what it was; one that was never measured, such
    as a test that was not done, leaves the last one standing.
    """
    last: dict[str, DataPoint] = {}
    for points in subject.data.values():
        for name, point in points.items():
            if name not in last or (point.on, point.sequence) > (last[name].on, last[name].sequence):
                last[name] = point
    lost = {name for name, point in last.items() if point.missing == "unknown"}
    computed = {one.name for one in study.items if one.computed and lost.intersection(one.computed.inputs.values())}
    return frozenset(lost | computed)


def responded(study: Study, subject: Subject, endpoint: Endpoint, *, begun: date | None) -> bool | None:
    """Whether a subject treated since a day has had the response of an endpoint; None while that is open.

    It is open until every visit that could show it, or the one that the endpoint names, is recorded or was missed, or
    the subject left. A response that is seen at any of several visits, or between them, is one at once; without data
    there is none.
    """
    if endpoint.response is None or begun is None:
        return None
    read = items(endpoint.response)
    named = study.visit(endpoint.visit) if endpoint.visit else None
    visits = [named] if named else [one for one in study.schedule if 0 < one.day <= endpoint.within]
    asked = [visit for visit in visits if read & set(visit.collect)]
    showing = {visit.name for visit in asked} | {
        name for name in subject.data if named is None and is_unscheduled(name)
    }
    seen = any(point.value for visit in showing for name, point in _points(subject, visit).items() if name in read)
    settled = subject.disposition is not None or all(_recorded(subject, visit, read) for visit in asked)
    facts = _in_time(study, subject, endpoint, named, begun)
    moments = [facts] if named else _day_by_day(facts, read, begun)
    found = seen and any(endpoint.response.evaluate(then).truth is Truth.TRUE for then in moments)
    if found and (named is None or settled):
        return True
    return False if settled else None


def _in_time(study: Study, subject: Subject, endpoint: Endpoint, named: Visit | None, begun: date) -> Facts:
    """What was observed up to the endpoint's end; after the treatment only at its visit, where it names one."""
    facts, last = known(study, subject), max(endpoint.within, named.last_day if named else 0)
    in_time = {
        name: tuple(
            one
            for one in history
            if one.on is None
            or one.on <= begun
            or (one.on <= begun + timedelta(days=last) and (named is None or one.visit in {None, named.name}))
        )
        for name, history in facts.observations.items()
    }
    return replace(facts, observations=in_time)


def _day_by_day(facts: Facts, read: frozenset[str], begun: date) -> Iterator[Facts]:
    """What was known at the end of each day after the treatment on which something was observed that is read."""
    seen = {one.on for name in read for one in facts.observations.get(name, ()) if one.on and one.on > begun}
    for day in sorted(seen):
        until = {
            name: tuple(one for one in history if one.on is None or one.on <= day)
            for name, history in facts.observations.items()
        }
        yield replace(facts, observations=until)


def _recorded(subject: Subject, visit: Visit, read: frozenset[str]) -> bool:
    state = subject.visits.get(visit.name)
    return (state is not None and state.missed) or (read & set(visit.collect)) <= set(_points(subject, visit.name))


def _points(subject: Subject, visit: str) -> dict[str, DataPoint]:
    return dict(subject.data.get(visit, {}))


def _at_visit(item: Item | None, visit: str, point: DataPoint) -> Iterator[dict[str, Any]]:
    """The observations of a data point with visit and day; an event and a drug have days of their own."""
    measured = item is not None and item.type in {"number", "yes or no", "word"}
    for one in point.value or ():
        yield {"visit": visit, **({"on": point.on.isoformat()} if measured else {}), **one}
