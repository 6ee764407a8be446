"""How the disease of a virtual subject goes on after treatment, visit by visit; and the events that end it.

Measures of the disease share one change: a responder loses a good part of the disease within weeks, another one little.
Whoever responds meets the response of the protocol exactly, and whoever does not misses it, so that a rehearsal has the
true rates that it is given. Everything else goes on as it was, with the noise of a measurement.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from math import exp

import numpy as np

from trialwright.protocol.criteria import Truth, items
from trialwright.protocol.facts import Value
from trialwright.protocol.study import Endpoint, Item, Study, Visit
from trialwright.rehearse.draft import Draft
from trialwright.rehearse.measures import bounds, rounded
from trialwright.rehearse.steer import Steering
from trialwright.rehearse.virtual import COURSE, VirtualSubject, before_treatment

_SETTLES_DAYS = 30
_GAIN = {True: (0.4, 0.8), False: (-0.1, 0.2)}
"""Between which shares of the disease is lost in the end: by a responder, and by anybody else."""

_NOISE = 0.05
_RARE = 0.05
_PROGRESSES = 0.15
_ROUNDS = 12


def after_treatment(study: Study) -> tuple[Visit, ...]:
    """The visits from the treatment on, in the order of their days."""
    later = (visit for visit in study.schedule if visit.day >= 0 and visit not in before_treatment(study))
    return tuple(sorted(later, key=lambda visit: visit.day))


def go_on(person: VirtualSubject, rate: float, first: date) -> None:
    """Draw everything that the visits after treatment will find; the draft of the person grows by it.

    Args:
        person: The subject.
        rate: The true response rate of its arm.
        first: The day of the first treatment.
    """
    draft, rng = person.draft, person.stream(COURSE)
    study = draft.study
    responds = person.response < rate
    gain = float(rng.uniform(*_GAIN[responds]))
    visits = after_treatment(study)
    draft.days |= {visit.name: first + timedelta(days=visit.day) for visit in visits}
    for item in study.items:
        places = [visit for visit in visits if item.name in visit.collect]
        if places and not item.computed:
            _continue(draft, item, places, gain, rng)
    _progress(draft, visits, rng, responds=responds)
    draft.derive()
    for endpoint in _responses(study):
        _decide(draft, endpoint, visits, rng, responds=responds)


def die(draft: Draft, day: date) -> None:
    """Date the events of a protocol that a death is: those whose label speaks of death."""
    for item in draft.study.items:
        if item.type == "event" and "death" in item.label.lower():
            earlier = tuple(one for one in draft.happened.get(item.name, ()) if one < day)
            draft.happened[item.name] = earlier or (day,)


def _continue(draft: Draft, item: Item, places: list[Visit], gain: float, rng: np.random.Generator) -> None:
    """Draw an item at the visits that collect it; what was never asked before treatment is not asked later."""
    known = draft.measured.get(item.name, {})
    premise = item.name in draft.reading.premises
    match item.type:
        case "event":
            draft.happened.setdefault(item.name, ())
        case "drug":
            draft.taken.setdefault(item.name, None)
        case "number":
            draft.measured[item.name] = known | dict(_numbers(draft, item, places, gain, rng))
        case _ if known:
            last = list(known.values())[-1]
            draft.measured[item.name] = known | dict.fromkeys((visit.name for visit in places), last)
        case "yes or no" if not premise:
            draft.measured[item.name] = {visit.name: bool(rng.random() < _RARE) for visit in places}
        case "word" if not premise:
            draft.measured[item.name] = dict.fromkeys((visit.name for visit in places), item.choices[0])


def _numbers(
    draft: Draft, item: Item, places: list[Visit], gain: float, rng: np.random.Generator
) -> Iterator[tuple[str, Value]]:
    low, high = map(float, bounds(item))
    known = [float(value) for value in draft.measured.get(item.name, {}).values() if isinstance(value, Decimal)]
    base = known[-1] if known else float(rng.uniform(low, high))
    direction = draft.reading.better(item)
    least = float(item.range[0]) if item.range else 0.0
    for visit in places:
        share = gain * (1 - exp(-visit.day / _SETTLES_DAYS))
        healthy = least if direction < 0 else 2 * high - low
        moved = base + (healthy - base) * share if direction else base
        spread = 0.01 * base if item.unit == "kg" else _NOISE * (high - low)
        yield visit.name, rounded(item, max(moved + float(rng.normal()) * spread, least))


def _progress(draft: Draft, visits: tuple[Visit, ...], rng: np.random.Generator, *, responds: bool) -> None:
    """Date the events of times to an event, other than death itself, in some of those who do not respond."""
    endpoints = (*draft.study.endpoints.primary, *draft.study.endpoints.secondary)
    for name in sorted({one.item for one in endpoints if one.of == "time to event" and one.item}):
        item = draft.study.item(name)
        happens = rng.random() < _PROGRESSES and not responds
        if item is None or item.type != "event" or item.label.lower().startswith("death"):
            continue
        if happens:
            first, last = draft.days[visits[0].name], draft.days[visits[-1].name]
            days = max((last - first).days, 2)
            draft.happened[name] = (first + timedelta(days=int(rng.integers(days // 20 + 1, days))),)


def _responses(study: Study) -> tuple[Endpoint, ...]:
    """The response that planning gives a rate for: that of the dose rule, else the first one of the protocol."""
    if study.response_endpoint is not None:
        return (study.response_endpoint,)
    endpoints = (*study.endpoints.primary, *study.endpoints.secondary)
    return tuple(one for one in endpoints if one.response is not None)[:1]


def _decide(
    draft: Draft, endpoint: Endpoint, visits: tuple[Visit, ...], rng: np.random.Generator, *, responds: bool
) -> None:
    """Steer what the response reads after treatment until it holds, or does not."""
    condition = endpoint.response
    if condition is None:
        return
    read = items(condition)
    named = draft.study.visit(endpoint.visit) if endpoint.visit else None
    collecting = [visit for visit in visits if read & set(visit.collect)]
    places = (named,) if named else tuple(collecting[-1:])
    until = draft.copy()
    late = max((draft.days[visit.name] for visit in places), default=None)
    if late is None:
        return
    until.measured = {
        name: {visit: value for visit, value in values.items() if draft.days[visit] <= late}
        for name, values in draft.measured.items()
    }
    steering = Steering(until, rng, tuple(visit.name for visit in places))
    for _ in range(_ROUNDS):
        if until.truth(condition) is (Truth.TRUE if responds else Truth.FALSE):
            break
        steering.steer(condition, wanted=responds)
        until.derive()
    for name in read | {one.name for one in draft.study.items if draft.reading.formula(one)}:
        for visit in places:
            if visit.name in until.measured.get(name, {}):
                draft.measured[name][visit.name] = until.measured[name][visit.name]
