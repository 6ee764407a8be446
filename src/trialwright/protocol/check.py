"""Checking a protocol: its form, then every check of the modules `check_...` beside this one.

A check yields `Fault`s against the path of an element; `check_study` turns them into findings with file lines. Add a
check by writing one function beside its kin, and one correct and one incorrect file in tests/protocol/cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from trialwright.errors import RecordError
from trialwright.protocol import (  # noqa: F401 - they register
    check_allocation,
    check_arms,
    check_conditions,
    check_criteria,
    check_design,
    check_endpoints,
    check_items,
    check_limits,
    check_schedule,
)
from trialwright.protocol.criteria import numbers_in
from trialwright.protocol.element import Element, Path
from trialwright.protocol.facts import Period
from trialwright.protocol.fault import CHECKS, Fault, check
from trialwright.protocol.file import Source, read_study
from trialwright.protocol.finding import Finding
from trialwright.protocol.quantity import AmountOf, plain
from trialwright.protocol.study import Endpoint, Exclusion, Inclusion, Study

_NUMBER_WORDS = (
    *("zero", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)
_POWERS = re.compile(r"(?:([0-9]+(?:\.[0-9]+)?)\s*[-–]\s*)?([0-9]+(?:\.[0-9]+)?)\s*[x×*]\s*10\s*\^?\s*([0-9]{1,2})")

Locate = Callable[[str], str]
"""Gives the text of a record that a pointer names; raises RecordError where it leads nowhere."""


def check_text(text: str, locate: Locate | None = None) -> tuple[Study | None, list[Finding]]:
    """Check a protocol file: its form, and if that is right, everything in `CHECKS`.

    Args:
        text: The file's text.
        locate: Gives the record's text that a pointer names; with it every pointer and number is proved too.

    Returns:
        The study (None when its form is wrong) and all findings in the order of the file.
    """
    study, source = read_study(text)
    if study is None:
        return None, source.findings
    return study, check_study(study, source, locate)


def check_study(study: Study, source: Source, locate: Locate | None = None) -> list[Finding]:
    """Run every check on a study."""
    faults = [(rule, fault) for rule, function in CHECKS.items() for fault in function(study)]
    if locate is not None:
        faults += [("record.pointer", fault) for fault in check_pointers(study, locate)]
    findings = [
        Finding(
            rule=rule,
            severity=fault.severity,
            line=source.line(fault.path),
            where=source.where(fault.path),
            what=fault.what,
            why=fault.why,
            mend=fault.mend,
        )
        for rule, fault in faults
    ]
    return sorted(findings, key=lambda finding: (finding.line, finding.rule))


def elements(study: Study) -> Iterator[tuple[Path, Element]]:
    """Every element of a study with its path, in the order of the file's form."""
    return ((path, part) for path, part in study.walk() if isinstance(part, Element))


@check("source.missing")
def every_element_has_a_source(study: Study) -> Iterator[Fault]:
    """Every element points into the record or is assumed."""
    for path, element in elements(study):
        if not element.at and element.assumed is None:
            yield Fault(
                path,
                "says neither where the record states it nor that it is assumed",
                "a reader must be able to tell what was registered from what the author chose",
                "add 'at: section sentence n', or 'assumed:' with the reason",
            )


@check("source.record")
def pointers_have_a_record(study: Study) -> Iterator[Fault]:
    """Whoever points into a record names the record."""
    if study.record is None and any(element.at for _, element in elements(study)):
        yield Fault((), "points into a record that it does not name", "the pointers lead nowhere", "add 'record:'")


@check("name.twice")
def names_are_unique(study: Study) -> Iterator[Fault]:
    """Everything that is referred to by a name has a name of its own among its kin."""
    by_rank: dict[str, list[tuple[Path, str]]] = {"criteria": [], "endpoints": []}
    for path, part in study.walk():
        if len(path) == 3 and isinstance(part, Inclusion | Exclusion | Endpoint):
            by_rank[str(path[0])].append((path, part.name if isinstance(part, Endpoint) else part.id))
    kins: list[list[tuple[Path, str]]] = [
        [(("products", place), one.name) for place, one in enumerate(study.products)],
        [(("doses", place), one.name) for place, one in enumerate(study.doses)],
        [(("arms", place), one.name) for place, one in enumerate(study.arms)],
        [(("cohorts", place), one.name) for place, one in enumerate(study.cohorts)],
        [(("stopping rules", place), one.id) for place, one in enumerate(study.stopping_rules)],
        [(("items", place), one.name) for place, one in enumerate(study.items)],
        [(("schedule", place), one.name) for place, one in enumerate(study.schedule)],
        [(("populations", place), one.name) for place, one in enumerate(study.populations)],
        *by_rank.values(),
    ]
    for kin in kins:
        yield from _named_again(kin)


def _named_again(kin: list[tuple[Path, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, name in kin:
        if name in seen:
            why, mend = "a reference to it could mean either", "give each a name of its own"
            yield Fault(path, f"'{name}' stands here again", why, mend)
        seen.add(name)


def check_pointers(study: Study, locate: Locate) -> Iterator[Fault]:
    """Every pointer leads to a place in the record, and the element's numbers stand there."""
    for path, element in elements(study):
        passages = []
        for pointer in element.at:
            try:
                passages.append(locate(pointer))
            except RecordError as fault:
                why, mend = "a source that cannot be found is no source", "correct the pointer"
                yield Fault((*path, "at"), str(fault), why, mend)
        if passages and element.assumed is None:
            yield from _unborne(path, element, " ".join(passages))


def _unborne(path: Path, element: Element, passage: str) -> Iterator[Fault]:
    stated = stated_numbers(passage)
    for key, number in _numbers(element):
        if not {number, number / 7} & stated:
            yield Fault(
                (*path, key),
                f"the number {plain(number)} does not occur in the record at {', '.join(element.at)}",
                "a number that its source does not bear out may be a slip",
                "correct the number or the pointer, or add 'assumed:' with the reason",
            )


def stated_numbers(passage: str) -> frozenset[Decimal]:
    """Every number that a passage states: in digits, as a power of ten, or as a word up to twelve.

    Example:
        >>> sorted(map(int, stated_numbers("three doses of 0.5x10^6 or 1,000,000 cells/kg")))[-2:]
        [500000, 1000000]
        >>> sorted(map(int, stated_numbers("5-8×10^7 cells")))[-2:]
        [50000000, 80000000]
    """
    found = {Decimal(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", passage)}
    for low, high, power in _POWERS.findall(passage):
        found |= {Decimal(mantissa).scaleb(int(power)) for mantissa in (low, high) if mantissa}
    words = set(re.findall(r"[a-z]+", passage.lower()))
    return frozenset(found | {Decimal(number) for number, word in enumerate(_NUMBER_WORDS) if word in words})


def _numbers(element: Element) -> Iterator[tuple[str, Decimal]]:
    for name, info in type(element).model_fields.items():
        value, key = getattr(element, name), info.alias or name
        if isinstance(value, AmountOf):
            yield from ((key, number) for number in {value.low, value.high})
        elif isinstance(value, Period):
            yield key, Decimal(value.number)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield key, Decimal(value)
    if isinstance(element, Inclusion | Exclusion):
        key = "exclude" if isinstance(element, Exclusion) else "need"
        yield from ((key, number) for number in numbers_in(element.condition))
