"""What is drawn of a virtual subject, item by item and visit by visit, and the facts that criteria read of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from trialwright.protocol.computed import with_computed
from trialwright.protocol.criteria import Condition, Truth, items
from trialwright.protocol.facts import Facts, Observation, Value
from trialwright.protocol.study import Item, Study
from trialwright.rehearse.measures import Limits, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """A drug that is taken: its dose at each administration, how often, since when, and unchanged since when."""

    dose: Decimal
    frequency: str
    since: date
    stable_since: date


@dataclass(slots=True, kw_only=True)
class Draft:
    """Everything of a virtual subject that a protocol can ask for; what is not here was never asked of it.

    Attributes:
        days: The days that windows hang on, and the day of each visit, by name.
        measured: Numbers, words and yes or no, by item and visit.
        happened: The days of each event; an empty history is known to be empty.
        taken: Each drug; None where it is not taken.
        answers: Criteria that a person answers.
    """

    reading: Reading
    days: dict[str, date] = field(default_factory=dict)
    measured: dict[str, dict[str, Value]] = field(default_factory=dict)
    happened: dict[str, tuple[date, ...]] = field(default_factory=dict)
    taken: dict[str, Intake | None] = field(default_factory=dict)
    answers: dict[str, bool] = field(default_factory=dict)

    def copy(self) -> Draft:
        """A copy that changes by itself."""
        return Draft(
            reading=self.reading,
            days=dict(self.days),
            measured={name: dict(values) for name, values in self.measured.items()},
            happened=dict(self.happened),
            taken=dict(self.taken),
            answers=dict(self.answers),
        )

    @property
    def study(self) -> Study:
        """The protocol."""
        return self.reading.study

    def knows(self, item: str) -> bool:
        """Whether something was drawn for an item."""
        return item in self.measured or item in self.happened or item in self.taken

    def facts(self) -> Facts:
        """The facts, with the items that are computed from others."""
        facts = self._facts(item for item in self.study.items if self.knows(item.name))
        return with_computed(self.study, facts) if self.reading.computes else facts

    def truth(self, condition: Condition, answer: bool | None = None) -> Truth:
        """What a condition comes to."""
        read = items(condition)
        if self.reading.computes:
            return condition.evaluate(self.facts(), answer).truth
        known = (item for item in map(self.study.item, read) if item and self.knows(item.name))
        return condition.evaluate(self._facts(known), answer).truth

    def _facts(self, known: Iterable[Item]) -> Facts:
        found = {item.name: tuple(self._observed(item)) for item in known}
        return Facts(observations=found, anchors=self.days, answers=self.answers)

    def at(self, item: Item, visit: str) -> Any:
        """What is entered for an item at a visit, as a subject's JSON writes it; None where it was never asked."""
        limits = self.reading.limits(item)
        match item.type:
            case "event":
                days = self.happened.get(item.name)
                return None if days is None else [{"on": day.isoformat()} for day in days if day <= self.days[visit]]
            case "drug":
                return _taken(self.taken[item.name]) if item.name in self.taken else None
        value = self.measured.get(item.name, {}).get(visit)
        if value is None or (limits.uln is None and limits.lln is None):
            return value
        return {"value": value, **limits.entered}

    def entered(self, visits: Mapping[str, date]) -> dict[str, Any]:
        """Everything that was drawn up to some visits, as one assessment enters it, with day and visit."""
        found: dict[str, Any] = {}
        for item in self.study.items:
            if item.computed or not self.knows(item.name):
                continue
            if item.type in {"event", "drug"}:
                found[item.name] = self.at(item, next(iter(visits)))
                continue
            values = self.measured[item.name]
            there = [visit for visit in visits if visit in values]
            found[item.name] = [_dated(self.at(item, visit), visit, visits[visit]) for visit in there]
        return {name: value for name, value in found.items() if value is not None}

    def derive(self) -> None:
        """Compute the items that a formula of the field gives from the others, at each visit."""
        for item in self.study.items:
            for visit in self.measured.get(item.name, {}):
                value = self.reading.derived(item, {name: self._last(name, visit) for name in self.measured})
                if value is not None:
                    self.measured[item.name][visit] = value

    def _last(self, item: str, visit: str) -> Value | None:
        values = self.measured[item]
        return values.get(visit, next(reversed(values.values()), None))

    def _observed(self, item: Item) -> Iterator[Observation]:
        match item.type:
            case "event":
                yield from (Observation(on=day) for day in sorted(self.happened[item.name]))
            case "drug":
                if (taken := self.taken[item.name]) is not None:
                    yield Observation(
                        value=taken.dose,
                        unit=item.unit,
                        frequency=taken.frequency,
                        since=taken.since,
                        stable_since=taken.stable_since,
                    )
            case _:
                yield from self._measurements(item, self.reading.limits(item))

    def _measurements(self, item: Item, limits: Limits) -> Iterator[Observation]:
        values = self.measured[item.name]
        for visit in sorted((one for one in values if one in self.days), key=lambda one: self.days[one]):
            yield Observation(
                value=values[visit],
                unit=item.unit if item.type == "number" else None,
                uln=limits.uln,
                lln=limits.lln,
                on=self.days[visit],
                visit=visit,
            )


def _taken(taken: Intake | None) -> Any:
    if taken is None:
        return []
    days = {"since": taken.since.isoformat(), "stable since": taken.stable_since.isoformat()}
    return {"dose": taken.dose, "frequency": taken.frequency, **days}


def _dated(value: Any, visit: str, on: date) -> dict[str, Any]:
    parts = value if isinstance(value, dict) else {"value": value}
    return {**parts, "on": on.isoformat(), "visit": visit}
