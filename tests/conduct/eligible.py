"""Screening facts that a protocol's criteria let in, built from the protocol's own items, in the form of a subject."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from trialwright.protocol.computed import with_computed
from trialwright.protocol.criteria import items
from trialwright.protocol.facts import Facts
from trialwright.protocol.screen import screen
from trialwright.protocol.study import Criterion, Exclusion, Item, Study
from trialwright.protocol.subject import answerable, day_names, read_subject

Entered = dict[str, dict[str, Any]]
_TWICE = {"Screening", "Baseline"}
"""Visits before the treatment, at each of which a number is measured."""
_AT_A_TIME = 2
"""Items that are changed together when one alone does not meet a criterion."""


def eligible(study: Study, consented_on: date, today: date) -> Entered:
    """Days, values and answers of somebody whom the criteria let in, the infusion being planned in a fortnight."""
    planned = (today + timedelta(days=14)).isoformat()
    to_come = day_names(study) - {visit.name for visit in study.schedule} - {"consent", "screening", "enrolment"}
    been = {name: today.isoformat() for name in ("screening", "enrolment") if name in day_names(study)}
    entered: Entered = {
        "days": {**been, **dict.fromkeys(sorted(to_come), planned)},
        "values": {item.name: next(_values(study, item, today)) for item in study.items if not item.computed},
        "answers": {one.id: not isinstance(one, Exclusion) for one in study.criteria if one.id in answerable(study)},
    }
    for criterion in study.criteria:
        _meet(study, criterion, entered, consented_on, today)
    found = screen(study, _facts(study, entered, consented_on))
    assert found.verdict == "eligible", [(one.id, str(one)) for one in found.findings if str(one) != "met"]
    return entered


def collected(study: Study, visit: str, today: date) -> dict[str, Any]:
    """What a visit collects, as it usually is."""
    there = (study.item(name) for name in study.visit(visit).collect)
    return {item.name: _first(study, item, today) for item in there if not item.computed}


def _first(study: Study, item: Item, today: date) -> Any:
    """The usual value, once and without its visit."""
    value = next(_values(study, item, today))
    one = value[0] if isinstance(value, list) and value else value
    return {key: said for key, said in one.items() if key not in {"visit", "on"}} if one else one


def _meet(study: Study, criterion: Criterion, entered: Entered, consented_on: date, today: date) -> None:
    """Change the values that a criterion reads until it is met, and none that was met before no longer is."""
    read = sorted(name for name in items(criterion.condition) if not study.item(name).computed)
    before = _met(study, entered, consented_on)
    if criterion.id in before:
        return
    for names in ((), *((one,) for one in read), *product(read, repeat=_AT_A_TIME)):
        for values in product(*(_values(study, study.item(name), today) for name in names)):
            tried = {**entered["values"], **dict(zip(names, values, strict=True))}
            if _met(study, {**entered, "values": tried}, consented_on) >= before | {criterion.id}:
                entered["values"] = tried
                return


def _met(study: Study, entered: Entered, consented_on: date) -> set[str]:
    findings = screen(study, _facts(study, entered, consented_on)).findings
    return {one.id for one in findings if one.status in {"met", "not applicable"}}


def _facts(study: Study, entered: Entered, consented_on: date) -> Facts:
    days = {**entered["days"], "consent": consented_on.isoformat()}
    return with_computed(study, read_subject({**entered, "days": days}, study))


def _values(study: Study, item: Item, today: date) -> Iterator[Any]:
    """What can stand there, the most usual first."""
    on = today.isoformat()
    match item.type:
        case "number":
            low, high = item.typical or item.range or (Decimal(0), Decimal(100))
            for value, uln in (((low + high) / 2, high + 1), (low, high + 1), (high, high + 1), (high, max(low, 1))):
                step = Decimal(1) if item.unit == "joints" else Decimal("0.1")
                said = {"value": value.quantize(step), "uln": uln, "lln": Decimal("0.1"), "on": on}
                yield [{**said, "visit": visit.name} for visit in study.schedule if visit.visit in _TWICE] or said
        case "yes or no":
            yield from ({"value": said, "on": on} for said in (False, True))
        case "word":
            yield from ({"value": word, "on": on} for word in item.choices)
        case "event":
            yield []
            yield {"on": (today - timedelta(days=3)).isoformat()}
        case _:
            yield []
            long_ago = (today - timedelta(days=400)).isoformat()
            low, high = item.typical or item.range or (Decimal(1), Decimal(10))
            for often in ("daily", "weekly"):
                yield {"dose": (low + high) / 2, "frequency": often, "since": long_ago, "stable since": long_ago}
