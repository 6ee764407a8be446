"""What can be wrong with a protocol that is well formed: each check is one function, and all of them run.

A check yields `Fault`s against the path of an element; `check_study` turns them into findings with file lines. Add a
check by writing one function here and one correct and one incorrect file in tests/protocol/cases/.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from trialwright.errors import RecordError
from trialwright.protocol.criteria import Comparison, Condition, Not, Several
from trialwright.protocol.file import Path, Source, read_study
from trialwright.protocol.finding import Finding, Severity
from trialwright.protocol.study import Element, Exclusion, Inclusion, Part, Study


@dataclass(frozen=True, slots=True)
class Fault:
    """What a check found, before it has a line."""

    path: Path
    what: str
    why: str
    mend: str
    severity: Severity = "error"


Check = Callable[[Study], Iterator[Fault]]
Locate = Callable[[str], str]
"""Gives the text of a record that a pointer names; raises RecordError where it leads nowhere."""

CHECKS: dict[str, Check] = {}


def check(rule: str) -> Callable[[Check], Check]:
    """Register a check under its rule id."""

    def register(function: Check) -> Check:
        CHECKS[rule] = function
        return function

    return register


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


def elements(part: Part, path: Path = ()) -> Iterator[tuple[Path, Element]]:
    """Every element of a study with its path, in the order of the file's form."""
    if isinstance(part, Element):
        yield path, part
    for name, info in type(part).model_fields.items():
        value, key = getattr(part, name), info.alias or name
        if isinstance(value, Part):
            yield from elements(value, (*path, key))
        elif isinstance(value, tuple):
            for place, one in enumerate(value):
                if isinstance(one, Part):
                    yield from elements(one, (*path, key, place))


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


@check("criteria.item")
def criteria_read_known_items(study: Study) -> Iterator[Fault]:
    """Every item that a criterion reads is defined."""
    known = {item.name for item in study.items}
    for path, criterion, condition in _conditions(study):
        for name in sorted(condition.items() - known):
            yield Fault(
                path,
                f"criterion {criterion.id} reads '{name}', which is not among the items",
                "the criterion could never be decided",
                f"define '{name}' under items, or correct the name",
            )


@check("criteria.collected")
def criteria_items_are_collected_in_time(study: Study) -> Iterator[Fault]:
    """Every item that a criterion reads is collected on or before the day of the infusion."""
    in_time = {name for visit in study.schedule if visit.day <= 0 for name in visit.collect}
    known = {item.name for item in study.items}
    for path, criterion, condition in _conditions(study):
        for name in sorted((condition.items() & known) - in_time):
            yield Fault(
                path,
                f"criterion {criterion.id} reads '{name}', which no visit up to day 0 collects",
                "every subject would stay undetermined",
                f"collect '{name}' at screening",
            )


@check("criteria.range")
def criteria_thresholds_lie_in_range(study: Study) -> Iterator[Fault]:
    """Every threshold lies within the range of its item."""
    for path, criterion, condition in _conditions(study):
        for leaf in _leaves(condition):
            item = study.item(leaf.item)
            if item is None or item.range is None or not isinstance(leaf.value, Decimal):
                continue
            if not item.range[0] <= leaf.value <= item.range[1]:
                yield Fault(
                    path,
                    f"criterion {criterion.id} compares {leaf.item} with {leaf.value}, outside its range "
                    f"{item.range[0]} to {item.range[1]}",
                    "the criterion would be met by everybody or by nobody",
                    "correct the threshold, its unit, or the range",
                )


@check("criteria.type")
def criteria_compare_like_with_like(study: Study) -> Iterator[Fault]:
    """Numbers are compared with numbers, and yes-or-no items with yes or no."""
    for path, criterion, condition in _conditions(study):
        for leaf in _leaves(condition):
            item = study.item(leaf.item)
            fits = item is None or isinstance(leaf.value, Decimal if item.type == "number" else bool)
            if not fits and item is not None:
                yield Fault(
                    path,
                    f"criterion {criterion.id} compares {leaf.item}, a {item.type} item, in '{leaf}'",
                    "the comparison would be false for everybody",
                    "compare a number with a number, and a yes or no item with 'is yes' or 'is no'",
                )


@check("name.twice")
def names_are_unique(study: Study) -> Iterator[Fault]:
    """Doses, items, visits and criteria each have a name of their own."""
    named = {
        "doses": [dose.name for dose in study.doses],
        "items": [item.name for item in study.items],
        "schedule": [visit.visit for visit in study.schedule],
        "criteria": [criterion.id for criterion in study.criteria],
    }
    for key, names in named.items():
        for name, times in Counter(names).items():
            if times > 1:
                mend = "give each a name of its own"
                yield Fault((key,), f"'{name}' stands {times} times", "a reference to it could mean either", mend)


@check("schedule.item")
def visits_collect_known_items(study: Study) -> Iterator[Fault]:
    """Every item that a visit collects is defined."""
    known = {item.name for item in study.items}
    for place, visit in enumerate(study.schedule):
        for name in visit.collect:
            if name not in known:
                yield Fault(
                    ("schedule", place, "collect"),
                    f"visit {visit.visit} collects '{name}', which is not among the items",
                    "nobody could enter it",
                    f"define '{name}' under items, or correct the name",
                )


@check("schedule.overlap")
def visit_windows_do_not_overlap(study: Study) -> Iterator[Fault]:
    """No day belongs to the windows of two visits."""
    placed = sorted(enumerate(study.schedule), key=lambda pair: pair[1].day)
    for (_, early), (place, late) in pairwise(placed):
        if early.day + (early.window if early.day >= 0 else 0) >= late.day - (late.window if late.day > 0 else 0):
            yield Fault(
                ("schedule", place),
                f"the window of {late.visit} (day {late.day}) overlaps that of {early.visit} (day {early.day})",
                "a visit on a shared day would belong to either",
                "narrow a window or move a day",
            )


@check("endpoint.item")
def endpoint_items_are_collected(study: Study) -> Iterator[Fault]:
    """An endpoint of an item is collected at a visit within its time."""
    for rank in ("primary", "secondary"):
        for place, endpoint in enumerate(getattr(study.endpoints, rank)):
            if endpoint.of != "item":
                continue
            visits = [v for v in study.schedule if endpoint.item in v.collect and 0 < v.day <= endpoint.within]
            if not visits:
                yield Fault(
                    ("endpoints", rank, place),
                    f"'{endpoint.name}' needs '{endpoint.item}', which no visit up to day {endpoint.within} collects",
                    "the endpoint would be missing in every subject",
                    "collect the item at a visit in that time, or correct the endpoint",
                )


@check("endpoint.dlt")
def dlt_endpoint_keeps_the_window(study: Study) -> Iterator[Fault]:
    """The DLT endpoint looks as long as the DLT window is open."""
    window = study.design.dlt_window.days
    for place, endpoint in enumerate(study.endpoints.primary):
        if endpoint.of == "dlt" and endpoint.within != window:
            yield Fault(
                ("endpoints", "primary", place, "within"),
                f"'{endpoint.name}' counts {endpoint.within} days; the DLT window has {window}",
                "the report would count other DLTs than the dose decisions",
                f"write {window} days in both places",
            )


@check("dose.order")
def doses_rise(study: Study) -> Iterator[Fault]:
    """Dose levels rise in the order of the file."""
    for place, (lower, higher) in enumerate(pairwise(study.doses), start=1):
        if higher.amount <= lower.amount:
            yield Fault(
                ("doses", place),
                f"dose '{higher.name}' is not above dose '{lower.name}'",
                "escalation would go down",
                "order the doses from the lowest to the highest",
            )


@check("dose.weight")
def weight_is_taken_before_the_infusion(study: Study) -> Iterator[Fault]:
    """A dose in cells/kg needs a body weight up to the day of the infusion."""
    if not any("weight" in visit.collect for visit in study.schedule if visit.day <= 0):
        yield Fault(
            ("schedule",),
            "no visit up to day 0 collects 'weight', and the doses are in cells/kg",
            "no dose could be computed",
            "collect 'weight' at the infusion visit",
        )


@check("design.numbers")
def escalation_numbers_fit(study: Study) -> Iterator[Fault]:
    """The cohort, its expansion and the stopping number fit together."""
    numbers = study.design.dose_escalation
    if not (numbers.cohort < numbers.expand_to and numbers.stop_at <= numbers.cohort):
        yield Fault(
            ("design", "dose escalation"),
            f"cohort {numbers.cohort}, expand to {numbers.expand_to}, stop at {numbers.stop_at} make no 3+3 rule",
            "the rule could not reach a decision",
            "write a cohort below its expansion, and stop at no more DLTs than the cohort has subjects",
        )


@check("design.stagger")
def stagger_names_a_dose_and_fits(study: Study) -> Iterator[Fault]:
    """A stagger belongs to a dose and is not longer than the DLT window."""
    for place, stagger in enumerate(study.design.stagger):
        path = ("design", "stagger", place)
        if stagger.dose not in {dose.name for dose in study.doses}:
            why, mend = "the interval would guard nothing", "write the name of one of the doses"
            yield Fault(path, f"there is no dose '{stagger.dose}'", why, mend)
        if stagger.interval > study.design.dlt_window.days:
            yield Fault(
                path,
                f"the interval of {stagger.interval} days is longer than the DLT window",
                "the window already separates the infusions; one of the two numbers is wrong",
                "shorten the interval or lengthen the window",
            )


@check("design.window")
def dlt_window_ends_at_a_visit(study: Study) -> Iterator[Fault]:
    """A visit falls on the last day of the DLT window."""
    days = study.design.dlt_window.days
    if not any(visit.day <= days <= visit.day + visit.window for visit in study.schedule if visit.day > 0):
        yield Fault(
            ("design", "dlt window"),
            f"no visit's window holds day {days}, when the DLT window ends",
            "nobody would see the subject when the window is closed",
            f"add a visit at day {days}",
        )


@check("planning.rates")
def planning_rates_fit_the_doses(study: Study) -> Iterator[Fault]:
    """There is one true DLT rate for each dose, and they do not fall."""
    rates = study.planning.true_dlt_rates
    path = ("planning", "true dlt rates")
    if len(rates) != len(study.doses):
        what = f"{len(rates)} rates for {len(study.doses)} doses"
        yield Fault(path, what, "the trial cannot be simulated", "write one rate for each dose")
    elif any(higher < lower for lower, higher in pairwise(rates)):
        yield Fault(
            path,
            "a higher dose has a lower rate",
            "a dose-escalation design assumes that toxicity does not fall with the dose",
            "check the order of the rates",
            "warning",
        )


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
    digits = {Decimal(number.replace(",", "")) for number in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", passage)}
    for name, info in type(element).model_fields.items():
        value = getattr(element, name)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            continue
        stated = Decimal(value)
        if not {stated, stated / 7} & digits:
            yield Fault(
                (*path, info.alias or name),
                f"the number {value} does not occur in the record at {', '.join(element.at)}",
                "a number that its source does not bear out may be a slip",
                "correct the number or the pointer, or add 'assumed:' with the reason",
            )


def _conditions(study: Study) -> Iterator[tuple[Path, Inclusion | Exclusion, Condition]]:
    for place, inclusion in enumerate(study.criteria.inclusion):
        yield ("criteria", "inclusion", place, "need"), inclusion, inclusion.need
    for place, exclusion in enumerate(study.criteria.exclusion):
        yield ("criteria", "exclusion", place, "exclude"), exclusion, exclusion.exclude


def _leaves(condition: Condition) -> Iterator[Comparison]:
    match condition:
        case Comparison():
            yield condition
        case Not(part):
            yield from _leaves(part)
        case Several(_, parts):
            for part in parts:
                yield from _leaves(part)
