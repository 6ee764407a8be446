"""Reading what is known of one subject, as JSON writes it, into `Facts`. All faults are collected before it is refused.

    {"id": "S001", "days": {"screening": "2026-12-01"},
     "values": {"alt": {"value": 80, "unit": "U/L", "uln": 40}, "stroke": [], "crp": [12.5, 9]},
     "answers": {"I06": true}}

A bare number is in the unit that the protocol gives the item. `null`, and whatever is left out, is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from trialwright.errors import InputError
from trialwright.protocol.criteria import Comparison, Happened, Judged, Lasting, leaves
from trialwright.protocol.facts import Facts, Observation, Value, is_unscheduled, visit_name
from trialwright.protocol.schedule import Item
from trialwright.protocol.study import Study

_LONGEST = 1_000_000
_DIGITS = 15
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YES_NO = {"yes": True, "no": False}
_COMMON = frozenset({"on", "visit"})
_KEYS = {
    "number": _COMMON | {"value", "unit", "uln", "lln"},
    "yes or no": _COMMON | {"value"},
    "word": _COMMON | {"value"},
    "event": _COMMON | {"value"},
    "drug": _COMMON | {"dose", "unit", "frequency", "since", "stable since"},
}
_FREQUENCIES = frozenset(
    {"once", "daily", "twice daily", "three times daily", "every other day", "weekly", "twice weekly", "every 2 weeks"}
    | {"every 4 weeks", "monthly", "as needed"}
)
_DAILY_UNITS = frozenset({"mg/d", "mg/day", "g/d", "g/day", "mg/kg/d", "mg/kg/day"})
_USUAL_DAYS = frozenset({"consent", "screening", "baseline", "randomisation", "infusion"})


def parse_subject(text: str) -> Any:
    """Read JSON with every number exact, as a decimal.

    Raises:
        InputError: Not JSON, longer than a million characters, or with one key twice.

    Example:
        >>> parse_subject('{"values": {"crp": 0.1}}')["values"]["crp"]
        Decimal('0.1')
    """
    if len(text) > _LONGEST:
        raise InputError(f"the subject has {len(text)} characters; one subject takes less than a million")
    try:
        return json.loads(
            text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise InputError(f"{where}: {fault.msg[0].lower()}{fault.msg[1:]}; correct the JSON there") from None
    except (RecursionError, InvalidOperation):
        raise InputError("the JSON is nested too deep, or holds a number that is none; write it plainer") from None


def read_subject(data: Any, study: Study) -> Facts:
    """Read one subject.

    Args:
        data: What JSON or a row of a table holds: `id`, `days`, `values`, `answers`, each of which may be left out.
        study: The protocol, which says what items, days and criteria there are.

    Returns:
        The facts; observations in order of time where every one of an item has its day, otherwise as they stand.

    Raises:
        InputError: With every fault, each on a line of its own.

    Example:
        >>> from tests.conductor import STUDY
        >>> facts = read_subject({"values": {"basdai": {"value": Decimal("4.0"), "on": "2026-12-01"}}}, STUDY)
        >>> facts.observations["basdai"][0].on
        datetime.date(2026, 12, 1)
        >>> read_subject({"values": {"basdai": 11}}, STUDY)
        Traceback (most recent call last):
        trialwright.errors.InputError: values > basdai: 11 is not from 0 to 10 score
    """
    reader = _Reader(study)
    facts = reader.facts(data)
    if reader.faults:
        raise InputError("\n".join(reader.faults))
    return facts


def readable_facts(data: Mapping[str, Mapping[str, Any]], study: Study) -> Facts:
    """What of a subject's record this version of the protocol can read; the rest is unknown under it.

    A later version can drop an item or narrow its range. What was entered before stays in the record and is not
    guessed at.

    Args:
        data: The full form of a subject, that an earlier version took.
        study: The version to read it with.
    """
    try:
        return read_subject(data, study)
    except InputError:
        parts = [{part: {name: value}} for part, named in data.items() for name, value in named.items()]
        read = [found for one in parts if (found := _read_or_none(one, study))]
        return Facts(
            observations={name: history for one in read for name, history in one.observations.items()},
            anchors={name: day for one in read for name, day in one.anchors.items()},
            answers={name: answer for one in read for name, answer in one.answers.items()},
        )


def _read_or_none(data: Mapping[str, Any], study: Study) -> Facts | None:
    try:
        return read_subject(data, study)
    except InputError:
        return None


def day_names(study: Study) -> frozenset[str]:
    """The days that a subject can have: the usual ones, those of visits, and those that criteria hang on."""
    found = set(_USUAL_DAYS)
    for visit in study.schedule:
        found |= {visit.name, visit.anchor}
    for criterion in study.criteria:
        for condition in (*criterion.conditions.values(), *criterion.query.values()):
            for leaf in leaves(condition):
                if isinstance(leaf, Lasting):
                    found.add(leaf.anchor)
                elif isinstance(leaf, Comparison | Happened) and leaf.when.anchor:
                    found.add(leaf.when.anchor)
    return frozenset(found)


def keys_of(item: Item) -> frozenset[str]:
    """What an observation of an item can say."""
    return _KEYS[item.type]


def main_key(item: Item) -> str:
    """The key under which an observation of an item holds its value."""
    return "dose" if item.type == "drug" else "value"


def answerable(study: Study) -> frozenset[str]:
    """The criteria that a person answers."""
    return frozenset(
        criterion.id for criterion in study.criteria if any(isinstance(e, Judged) for e in leaves(criterion.condition))
    )


def frequencies(item: Item, study: Study) -> frozenset[str]:
    """How often a drug can be taken: the usual words, and those that criteria compare."""
    return _FREQUENCIES | frequencies_of(item, study)


def frequencies_of(item: Item, study: Study) -> frozenset[str]:
    """The frequencies of a drug that criteria compare."""
    parts = (leaf for criterion in study.criteria for leaf in leaves(criterion.condition))
    compared = (leaf for leaf in parts if isinstance(leaf, Comparison) and leaf.frequency and leaf.item == item.name)
    return frozenset(str(leaf.value) for leaf in compared)


class _Reader:
    """Reads one subject and keeps every fault with its place."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.faults: list[str] = []

    def facts(self, data: Any) -> Facts:
        parts = self._mapping("the subject", data, frozenset({"id", "days", "values", "answers"}))
        self._text("id", parts.get("id"))
        days, names = self._mapping("days", parts.get("days")), day_names(self.study)
        values, answers = self._mapping("values", parts.get("values")), self._mapping("answers", parts.get("answers"))
        anchors = {name: self._anchor(name, value, names) for name, value in days.items()}
        said = {name: self._answer(name, value) for name, value in answers.items()}
        histories = {name: self._history(name, value) for name, value in values.items() if value is not None}
        return Facts(
            observations={name: history for name, history in histories.items() if history is not None},
            anchors={name: day for name, day in anchors.items() if day is not None},
            answers={name: answer for name, answer in said.items() if answer is not None},
        )

    def _anchor(self, name: str, value: Any, names: frozenset[str]) -> date | None:
        place = f"days > {_key(name)}"
        if name not in names:
            self._fault(place, f"the protocol has no such day; it has {', '.join(sorted(names))}")
        return self._day(place, value)

    def _answer(self, name: str, value: Any) -> bool | None:
        place = f"answers > {_key(name)}"
        if name not in {criterion.id for criterion in self.study.criteria}:
            self._fault(place, "the protocol has no such criterion; correct its name")
        elif name not in answerable(self.study):
            self._fault(place, "this criterion is computed from values and takes no answer; remove it")
        return self._yes_no(place, value)

    def _history(self, name: str, value: Any) -> tuple[Observation, ...] | None:
        item = self.study.item(name)
        place = f"values > {_key(name)}"
        if item is None:
            self._fault(place, "the protocol has no such item; correct its name")
            return None
        if not isinstance(value, list | tuple):
            one = self._observation(place, item, value)
            return (one,) if one else None
        places = [place] if len(value) == 1 else [f"{place} > {rank}" for rank in range(1, len(value) + 1)]
        read = [self._observation(where, item, part) for where, part in zip(places, value, strict=True)]
        history = [one for one in read if one]
        if value and not history:
            return None
        if all(one.on for one in history):
            history.sort(key=lambda one: one.on or _FIRST_DAY)
        return tuple(history)

    def _observation(self, place: str, item: Item, value: Any) -> Observation | None:
        if value is None:
            return None
        main = main_key(item)
        if item.type == "event" and _is_day(value):
            value = {"on": value}
        parts = self._mapping(place, value, keys_of(item)) if isinstance(value, Mapping) else {main: value}
        known = {"event": main not in parts, "drug": True}.get(item.type, False)
        if parts.get(main) is None and not known:
            if main not in parts:
                self._fault(place, f"'{main}' is missing; add it, or write null where it is unknown")
            return None
        limits = {key: self._limit(f"{place} > {key}", parts.get(key)) for key in ("uln", "lln")}
        days = {key: self._day(f"{place} > {key}", parts.get(key)) for key in ("on", "since", "stable since")}
        self._in_order(place, days)
        value = self._value(place, item, True if parts.get(main) is None else parts[main])
        if value is False and item.type in {"event", "drug"} and any(days.values()):
            self._fault(place, "it did not happen, and yet it has a day; correct the one or remove the other")
        return Observation(
            value=value,
            unit=self._unit(f"{place} > unit", item, parts.get("unit")),
            **limits,
            on=days["on"],
            visit=self._visit(f"{place} > visit", parts.get("visit")),
            since=days["since"],
            stable_since=days["stable since"],
            frequency=self._frequency(f"{place} > frequency", item, parts.get("frequency")),
        )

    def _value(self, place: str, item: Item, value: Any) -> Value:
        match item.type:
            case "number":
                return self._number(place, item, value)
            case "word":
                return self._word(place, item, value)
            case "drug" if not isinstance(value, bool) and value not in ("yes", "no"):
                return self._number(place, item, value)
        said = self._yes_no(place, value)
        return said is True

    def _number(self, place: str, item: Item, value: Any) -> Decimal:
        number = self._decimal(place, value)
        if number is None:
            return Decimal(0)
        low, high = item.range or (None, None)
        if low is not None and high is not None and not low <= number <= high:
            self._fault(place, f"{number} is not from {low} to {high}{f' {item.unit}' if item.unit else ''}")
        elif item.type == "drug" and number <= 0:
            self._fault(place, f"{number} is not a dose, which is above 0; write no where the drug was not taken")
        return number

    def _word(self, place: str, item: Item, value: Any) -> str:
        word = self._text(place, value) or ""
        if item.choices and isinstance(value, str) and word not in item.choices:
            self._fault(place, f"{_shown(value)} is none of {', '.join(item.choices)}")
        return word

    def _limit(self, place: str, value: Any) -> Decimal | None:
        limit = None if value is None else self._decimal(place, value)
        if limit is not None and limit <= 0:
            self._fault(place, f"a limit of normal is above 0, got {limit}")
        return limit

    def _decimal(self, place: str, value: Any) -> Decimal | None:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            self._fault(place, f"{_shown(value)} is not a number; write it like 12.5, without quotation marks")
            return None
        number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        if not number.is_finite() or number.adjusted() >= _DIGITS or _decimals(number) > _DIGITS:
            self._fault(place, f"the number has more than {_DIGITS} digits before or after its point")
            return None
        return number

    def _unit(self, place: str, item: Item, value: Any) -> str | None:
        unit = self._text(place, value)
        if unit is not None and unit != item.unit:
            wanted = f"give it in {item.unit}" if item.unit else "this item has no unit"
            self._fault(place, f"{unit!r} is not the unit of {item.name}; {wanted}")
        return item.unit

    def _visit(self, place: str, value: Any) -> str | None:
        name = self._text(place, value)
        if name is None:
            return None
        for visit in self.study.schedule:
            if name.casefold() in {visit.visit.casefold(), visit.name.casefold()}:
                return visit.name
        if is_unscheduled(name):
            return visit_name(name)
        known = ", ".join(visit.visit for visit in self.study.schedule)
        self._fault(place, f"{name!r} is no visit of the protocol; it has {known}")
        return None

    def _frequency(self, place: str, item: Item, value: Any) -> str | None:
        said = self._text(place, value)
        if said is None:
            return None
        known = frequencies(item, self.study)
        if said not in known:
            self._fault(place, f"{said!r} is none of {', '.join(sorted(known))}")
        elif said != "daily" and item.unit in _DAILY_UNITS:
            self._fault(place, f"{item.name} is a dose in a day ({item.unit}); enter the day's total, and daily")
        return said

    def _yes_no(self, place: str, value: Any) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        said = _YES_NO.get(value) if isinstance(value, str) else None
        if said is None:
            self._fault(place, f"{_shown(value)} is neither yes nor no; write true or false, or null where unknown")
        return said

    def _day(self, place: str, value: Any) -> date | None:
        if value is None:
            return None
        if not _is_day(value):
            self._fault(place, f"{_shown(value)} is not a day of the calendar; write it like 2026-12-31")
            return None
        day = date.fromisoformat(value)
        if not _FIRST_DAY <= day <= _LAST_DAY:
            self._fault(place, f"{day} is not from {_FIRST_DAY} to {_LAST_DAY}")
            return None
        return day

    def _in_order(self, place: str, days: Mapping[str, date | None]) -> None:
        known = [(name, days[name]) for name in ("since", "stable since", "on") if days[name]]
        for (earlier, first), (later, second) in pairwise(known):
            if first and second and first > second:
                self._fault(place, f"'{earlier}' {first} lies after '{later}' {second}; correct one of them")

    def _text(self, place: str, value: Any) -> str | None:
        if value is None or (isinstance(value, str) and value.isprintable()):
            return value
        self._fault(place, f"{_shown(value)} is not a text that can be printed; write it plainly, in quotation marks")
        return None

    def _mapping(self, place: str, value: Any, keys: frozenset[str] | None = None) -> Mapping[str, Any]:
        if value is None and place != "the subject":
            return {}
        if not isinstance(value, Mapping):
            self._fault(place, f"{_shown(value)} is not an object; write it in braces, as {{...}}")
            return {}
        for key in value if keys is not None else ():
            if keys is not None and key not in keys:
                belongs = "write it under 'values'; " if isinstance(key, str) and self.study.item(key) else ""
                self._fault(place, f"there is no key {_shown(key)} here; {belongs}it takes {', '.join(sorted(keys))}")
        return value

    def _fault(self, place: str, what: str) -> None:
        self.faults.append(f"{place}: {what}")


def _no_constant(name: str) -> Any:
    raise InputError(f"{name} is not a number of JSON; write null where a value is unknown")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"the key {_shown(twice)} stands twice in one object; keep one of the two")
    return found


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _json(value: Any) -> str:
    try:
        return json.dumps(value, default=str)
    except (TypeError, ValueError, RecursionError):
        return f"a {type(value).__name__}"


def _key(name: Any) -> str:
    return name if isinstance(name, str) and name.isprintable() and len(name) <= 60 else _shown(name)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value) if isinstance(value, str) else _json(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
