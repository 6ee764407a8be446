"""What people enter of a subject: read by `protocol.subject`, its days held against today, consent and birth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from trialwright.conduct.case import Case, invalid
from trialwright.conduct.local_time import local_day
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.errors import InputError
from trialwright.protocol.facts import Facts, Observation, Period
from trialwright.protocol.study import Item
from trialwright.protocol.subject import read_subject

Parts = Mapping[str, Mapping[str, Any]]
_PAST_DAYS = frozenset({"consent", "screening", "enrolment"})
"""Days that have been; an infusion or a randomisation may be planned when eligibility is assessed."""
_AGE, _AGE_UNIT = "age", "years"
"""The item that says how old a subject was at consent, by the convention of protocol files."""


def read_entered(case: Case, subject: Subject, parts: Parts) -> Facts | Refusal:
    """Read what was entered; every fault is named in one refusal.

    Args:
        case: The command.
        subject: Whose data they are.
        parts: `days`, `values` and `answers` as a subject's JSON holds them, but days as such; a number may be a text.
    """
    if typed := [name for name in parts["values"] if (item := case.study.item(name)) and item.computed]:
        return invalid(
            "values.computed",
            f"{', '.join(typed)}: computed from other items and never typed.",
            "Enter what it is computed from.",
            case.rule("items > computed"),
        )
    plain = {
        "days": {name: day and day.isoformat() for name, day in parts["days"].items()},
        "values": {name: _plain(case.study.item(name), raw) for name, raw in parts["values"].items()},
        "answers": parts["answers"],
    }
    try:
        facts = read_subject(plain, case.study)
    except InputError as fault:
        return invalid("values.range", str(fault), "Correct the values; nothing was saved.")
    faults = list(_day_faults(case, subject, facts))
    if faults:
        return invalid("values.day", "\n".join(faults), "Correct the days; nothing was saved.", case.rule("items"))
    return facts


def before_birth(subject: Subject, known_age: Any) -> date | None:
    """The earliest day on which a subject of that age at consent can have been born; None where the age is unknown."""
    if not isinstance(known_age, Decimal):
        return None
    earliest = Period(int(known_age) + 1, "years")
    year = subject.consented_on.year - earliest.number
    return date(max(year, 1), subject.consented_on.month, min(subject.consented_on.day, 28))


def day_fault(case: Case, subject: Subject, what: str, day: date, age: Decimal | None = None) -> str | None:
    """Why a day on which something was measured or happened cannot be so; by an age that is entered with it."""
    today = local_day(case.state, subject.site, case.command.at)
    if day > today:
        return f"{what}: {day} lies in the future"
    item = case.study.item(_AGE)
    years = subject.values.get(_AGE) if age is None else age
    born = before_birth(subject, years) if item and item.unit == _AGE_UNIT else None
    if born and day < born:
        return f"{what}: {day} lies before birth, by the age of {years} years at consent"
    return None


def _day_faults(case: Case, subject: Subject, facts: Facts) -> Iterator[str]:
    for name, day in facts.anchors.items():
        if name == "consent" and day != subject.consented_on:
            yield f"days > consent: {day} is not the day of consent that was recorded, {subject.consented_on}"
        elif name in _PAST_DAYS and (fault := day_fault(case, subject, f"days > {name}", day)):
            yield fault
    age = _newest_number(facts, _AGE)
    for name, history in facts.observations.items():
        item = case.study.item(name)
        for day in dict.fromkeys(day for one in history for day in _days(one)):
            what = f"values > {name}"
            if fault := day_fault(case, subject, what, day, age):
                yield fault
            elif item and item.tells_of_death and day < subject.consented_on:
                yield f"{what}: {day} lies before consent on {subject.consented_on}, and nobody who died consents"


def _newest_number(facts: Facts, name: str) -> Decimal | None:
    """The last number of an item among facts."""
    numbers = [one.value for one in facts.observations.get(name, ()) if isinstance(one.value, Decimal)]
    return numbers[-1] if numbers else None


def _days(one: Observation) -> Iterator[date]:
    yield from (day for day in (one.on, one.since, one.stable_since) if day)


def _plain(item: Item | None, raw: Any) -> Any:
    """The entry as JSON would hold it: a day as text, and the text of a number as the number."""
    if isinstance(raw, list | tuple):
        return [_plain(item, one) for one in raw]
    if isinstance(raw, Mapping):
        return {key: _number(one) if key in {"uln", "lln"} else _plain(item, one) for key, one in raw.items()}
    if isinstance(raw, date):
        return raw.isoformat()
    return _number(raw) if item and item.type in {"number", "drug"} else raw


def _number(raw: Any) -> Any:
    if not isinstance(raw, str):
        return raw
    try:
        return Decimal(raw)
    except InvalidOperation:
        return raw
