"""Checks against the registered record: every pointer leads somewhere, and every number is stated there or owned."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from trialwright.errors import RecordError
from trialwright.protocol.criteria import Condition, numbers_in
from trialwright.protocol.element import Element, Path, elements
from trialwright.protocol.facts import Period
from trialwright.protocol.fault import Fault
from trialwright.protocol.quantity import AmountOf, plain
from trialwright.protocol.schedule import Endpoint
from trialwright.protocol.study import Study

Locate = Callable[[str], str]
"""Gives the text of a record that a pointer names; raises RecordError where it leads nowhere."""

RecordCheck = Callable[[Study, Locate], Iterator[Fault]]

_NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_ONCE = {"once": 1, "single": 1, "twice": 2}
_POWERS = re.compile(r"(?:([0-9]+(?:\.[0-9]+)?)\s*[-–]\s*)?([0-9]+(?:\.[0-9]+)?)\s*[x×*]\s*10\s*\^?\s*([0-9]{1,2})")
_EXPONENT = re.compile(r"\b([0-9]+(?:\.[0-9]+)?)[eE]\+?([0-9]{1,2})\b")
_RANGES = {
    "range": re.compile(r"\branges?\b", re.IGNORECASE),
    "typical": re.compile(r"\btypical\b|\branges\b", re.IGNORECASE),
}
_OWN = {"range": "the range is", "typical": "the typical values are"}
_NUMBER = rf"(?:[0-9]+|{'|'.join(_NUMBER_WORDS)})"
_WEEKS = re.compile(
    rf"\b({_NUMBER})[\s-]weeks?\b|\bweeks?\s+({_NUMBER}(?:\s*(?:,\s*and|,|and|or|to|-)\s*{_NUMBER})*)", re.IGNORECASE
)


def pointers_lead_somewhere(study: Study, locate: Locate) -> Iterator[Fault]:
    """Every pointer leads to a place in the record."""
    for path, element in elements(study):
        for pointer in element.at:
            try:
                locate(pointer)
            except RecordError as fault:
                why, mend = "a source that cannot be found is no source", "correct the pointer"
                yield Fault((*path, "at"), str(fault), why, mend)


def numbers_are_stated(study: Study, locate: Locate) -> Iterator[Fault]:
    """Every number of an element with a pointer stands in the record there, or `assumed` names it."""
    derived = _last_days(study)
    for path, element in elements(study):
        passage = _passage(element, locate)
        if passage is None:
            continue
        stated = stated_numbers(passage) | stated_numbers(element.assumed or "")
        for key, numbers in _numbers(element).items():
            owned = key[0] in _RANGES and _RANGES[key[0]].search(element.assumed or "")
            follows = derived if isinstance(element, Endpoint) and key == ("within",) else frozenset()
            left = [number for number in numbers if number not in stated | follows]
            if left and not owned:
                yield _unborne((*path, *key), element, left)


RECORD_CHECKS: dict[str, RecordCheck] = {
    "record.pointer": pointers_lead_somewhere,
    "record.number": numbers_are_stated,
}
"""The checks that need the record, by their rules."""


def _passage(element: Element, locate: Locate) -> str | None:
    """What the record says where an element points; None where it points nowhere."""
    try:
        return " ".join(locate(pointer) for pointer in element.at) if element.at else None
    except RecordError:
        return None


def _unborne(path: Path, element: Element, numbers: list[Decimal]) -> Fault:
    several = f"the number{'s' * (len(numbers) > 1)} {', '.join(map(plain, numbers))}"
    verb, where = "are" if len(numbers) > 1 else "is", ", ".join(element.at)
    if element.assumed is None:
        what = f"{several} {verb} not in the record at {where}, and there is no 'assumed:'"
    else:
        what = f"{several} {verb} neither in the record at {where} nor in 'assumed:'"
    owned = (
        f"say in 'assumed:' that {_OWN[str(path[-1])]} yours" if path[-1] in _OWN else "name the number in 'assumed:'"
    )
    why = "a number that its source does not bear out, and that nobody owns, may be a slip"
    return Fault(path, what, why, f"correct the number or the pointer, or {owned}, with the reason")


def _last_days(study: Study) -> frozenset[Decimal]:
    """The days on which an endpoint's time can end: they follow from the schedule, where each has its source."""
    window = {study.dose_escalation.dlt_window.days} if study.dose_escalation else set()
    return frozenset(Decimal(day) for day in window | {visit.last_day for visit in study.schedule})


def stated_numbers(passage: str) -> frozenset[Decimal]:
    """Every number that a passage states: in digits, as a power of ten, as a word up to twelve, and weeks in days.

    Example:
        >>> sorted(map(int, stated_numbers("three doses of 0.5x10^6 or 1,000,000 cells/kg")))[-2:]
        [500000, 1000000]
        >>> sorted(map(int, stated_numbers("5-8×10^7 cells")))[-2:]
        [50000000, 80000000]
        >>> sorted(map(int, stated_numbers("the amount of 1.0e6 cells")))[-1]
        1000000
        >>> sorted(map(int, stated_numbers("a single infusion, then visits at weeks 4 and 12")))
        [1, 4, 12, 28, 84]
    """
    found = _plain_numbers(passage)
    for low, high, power in _POWERS.findall(passage):
        found |= {Decimal(mantissa).scaleb(int(power)) for mantissa in (low, high) if mantissa}
    found |= {Decimal(mantissa).scaleb(int(power)) for mantissa, power in _EXPONENT.findall(passage)}
    found |= {7 * number for match in _WEEKS.finditer(passage) for number in _plain_numbers(match[1] or match[2])}
    return frozenset(found)


def _plain_numbers(text: str) -> set[Decimal]:
    words = set(re.findall(r"[a-z]+", text.lower()))
    said = {word: number for number, word in enumerate(_NUMBER_WORDS)} | _ONCE
    written = {Decimal(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", text)}
    return written | {Decimal(number) for word, number in said.items() if word in words}


def _numbers(element: Element) -> dict[Path, list[Decimal]]:
    """The numbers that the file writes in an element, by their keys; 0 is none, or the anchor's day, and no claim."""
    found: dict[Path, list[Decimal]] = {}
    for name, info in type(element).model_fields.items():
        if name in element.model_fields_set:
            for key, number in _numbers_of(getattr(element, name), (info.alias or name,)):
                if number:
                    found.setdefault(key, []).append(abs(number))
    return found


def _numbers_of(value: object, key: Path) -> Iterator[tuple[Path, Decimal]]:
    match value:
        case bool() | str() | None:
            return
        case AmountOf(low=low, high=high):
            yield from ((key, number) for number in sorted({low, high}))
        case Period(number=number):
            yield key, Decimal(number)
        case int() | float() | Decimal():
            yield key, Decimal(str(value))
        case tuple():
            for one in value:
                yield from _numbers_of(one, key)
        case dict():
            for name, one in value.items():
                yield from _numbers_of(one, (*key, name) if name else key)
        case _ if isinstance(value, Condition):
            yield from ((key, number) for number in sorted(set(numbers_in(value))))
