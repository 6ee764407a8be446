"""Items that are computed from others, by the formulas of `clinical`: never typed, always shown with their inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import trialwright.clinical  # noqa: F401 - fills the catalogue of items
from trialwright.clinical.item import Missing, compute
from trialwright.errors import InputError
from trialwright.protocol.facts import Facts, Observation, Value, is_unscheduled
from trialwright.protocol.schedule import Item, Visit
from trialwright.protocol.study import Study

_SCREENING = "screening"
"""The visit that counts what screening found without naming a visit as its own."""

_CODES: Mapping[object, str] = {"female": "F", "male": "M"}
"""Words of protocols that formulas take as codes (CDISC codelist of sexes, NCI C66731)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedValue:
    """A computed item at a visit, with all that it comes from.

    Attributes:
        visit: The visit; None for what screening found without naming one.
        value: The number, unrounded, or yes or no; None where it cannot be had.
        missing: Why it cannot be had.
        inputs: The observation that each input of the formula was taken from; None where there is none.
    """

    item: Item
    visit: str | None
    value: Decimal | bool | None
    missing: str | None
    inputs: Mapping[str, Observation | None]


def computed_values(study: Study, facts: Facts) -> tuple[ComputedValue, ...]:
    """Every computed item at every visit that has one of the inputs that are collected there.

    An input that a visit does not collect, such as age or sex, is the last that is known. At a visit that the protocol
    does not schedule, that is so of what it collects once.

    Args:
        study: The protocol.
        facts: What is known of a subject.
    """
    return tuple(value for item in study.items if item.computed for value in _at_visits(study, item, facts))


def with_computed(study: Study, facts: Facts) -> Facts:
    """The facts with the items that are computed from them."""
    found = dict(facts.observations)
    for one in computed_values(study, facts):
        if one.value is not None:
            days = [used.on for used in one.inputs.values() if used and used.on]
            day = max(days, default=None)
            new = Observation(value=one.value, unit=one.item.unit, on=day, visit=one.visit)
            found[one.item.name] = (*found.get(one.item.name, ()), new)
    return replace(facts, observations=found)


def _at_visits(study: Study, item: Item, facts: Facts) -> Iterator[ComputedValue]:
    asked = item.computed.inputs if item.computed else {}
    visits = dict.fromkeys(one.visit for name in asked.values() for one in facts.observations.get(name, ()))
    for visit in visits:
        if visit is None and _SCREENING in visits:
            continue
        there = study.visit(visit) if visit else None
        if there is not None and item.name not in there.collect:
            continue
        collected = _collected(study, there, visit) or frozenset(asked.values())
        used = {name: _input(facts, asked[name], visit, collected) for name in asked}
        yield _computed(item, visit, used)


def _collected(study: Study, there: Visit | None, visit: str | None) -> frozenset[str]:
    """What a visit collects; one between those of the schedule, what several of them do."""
    if there is not None:
        return frozenset(there.collect)
    if visit is None or not is_unscheduled(visit):
        return frozenset()
    times = Counter(name for one in study.schedule for name in one.collect)
    return frozenset(name for name, number in times.items() if number > 1)


def _input(facts: Facts, name: str, visit: str | None, collected: frozenset[str]) -> Observation | None:
    history = facts.observations.get(name, ())
    there = {visit, None} if visit == _SCREENING else {visit}
    fitting = [one for one in history if one.visit in there or name not in collected]
    return fitting[-1] if fitting else None


def _computed(item: Item, visit: str | None, used: Mapping[str, Observation | None]) -> ComputedValue:
    formula = item.computed.by if item.computed else ""
    try:
        result = compute(formula, {name: _as_formulas_write(one.value) if one else None for name, one in used.items()})
    except InputError as fault:
        result = Missing(str(fault))
    missing = result.reason if isinstance(result, Missing) else None
    value = None if missing is not None else result
    return ComputedValue(item=item, visit=visit, value=value, missing=missing, inputs=used)


def _as_formulas_write(value: Value | None) -> Value | None:
    return _CODES.get(value, value)
