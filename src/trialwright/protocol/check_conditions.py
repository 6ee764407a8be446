"""Checks of every condition of a study, in criteria, queries, rescue and responses: can it be decided?"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from trialwright.protocol.criteria import Among, Comparison, Condition, Fell, Happened, Lasting, items, leaves
from trialwright.protocol.element import Path
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.schedule import DAYS, Item, ItemType
from trialwright.protocol.study import Exclusion, Study

Reading = Comparison | Among | Happened | Lasting | Fell
_COMPARED: dict[ItemType, str] = {
    "number": "a number item is compared with a number, such as 'age >= 18'",
    "yes or no": "a yes or no item is asked with 'is yes' or 'is no'",
    "word": "a word item is asked with 'is' and a word, or 'in (a, b)'",
    "event": "an event is asked with 'ever' or 'within 3 months before screening'",
    "drug": "a drug is asked with 'ever', 'within', 'for' or 'stable for', its dose with a number",
}


@check("condition.item")
def conditions_read_known_items(study: Study) -> Iterator[Fault]:
    """Every item that a condition reads is defined."""
    known = {item.name for item in study.items}
    for path, condition in stated(study):
        for name in sorted(items(condition) - known):
            what, why = f"reads '{name}', which is not among the items", "the condition could never be decided"
            yield Fault(path, what, why, f"define '{name}' under items, or correct the name")


@check("condition.range")
def thresholds_lie_in_range(study: Study) -> Iterator[Fault]:
    """Every threshold lies within the range of its item."""
    for path, leaf, item in read(study):
        if not isinstance(leaf, Comparison) or leaf.times or item.range is None or not isinstance(leaf.value, Decimal):
            continue
        if not item.range[0] <= leaf.value <= item.range[1]:
            yield Fault(
                path,
                f"compares {leaf.item} with {leaf.value}, outside its range {item.range[0]} to {item.range[1]}",
                "the condition would hold for everybody or for nobody",
                "correct the threshold, its unit, or the range",
            )


@check("condition.type")
def conditions_compare_like_with_like(study: Study) -> Iterator[Fault]:
    """Each type of item is compared with what it can be."""
    for path, leaf, item in read(study):
        if not _fits(leaf, item.type):
            what = f"'{leaf}' compares {item.name}, which is a {item.type} item"
            yield Fault(path, what, "the comparison would be false or unknown for everybody", _COMPARED[item.type])


@check("condition.event")
def time_is_asked_of_events_and_drugs(study: Study) -> Iterator[Fault]:
    """'ever', 'within', 'for' and 'stable for' are asked of events and drugs; 'for' of drugs alone."""
    for path, leaf, item in read(study):
        lasting = isinstance(leaf, Lasting) and item.type != "drug"
        if lasting or (isinstance(leaf, Happened) and item.type not in {"event", "drug"}):
            what = f"'{leaf}' asks when {item.name} was, which is a {item.type} item"
            yield Fault(path, what, "only events and drugs have days of their own", _COMPARED[item.type])


@check("condition.unit")
def thresholds_have_the_unit_of_their_item(study: Study) -> Iterator[Fault]:
    """A threshold with a unit has the unit of its item."""
    for path, leaf, item in read(study):
        if isinstance(leaf, Comparison) and leaf.unit and leaf.unit != item.unit:
            yield Fault(
                path,
                f"compares {item.name} with {leaf.value} {leaf.unit}; the item is in {item.unit or 'no unit'}",
                "values of another unit are not compared, so the condition would stay unknown",
                f"write the threshold in {item.unit}" if item.unit else "give the item its unit",
            )


@check("condition.choice")
def words_are_among_the_choices(study: Study) -> Iterator[Fault]:
    """A word that a condition asks for is one of the item's choices."""
    for path, leaf, item in read(study):
        asked = leaf.words if isinstance(leaf, Among) else (leaf.value,) if isinstance(leaf, Comparison) else ()
        for word in asked:
            if item.type == "word" and isinstance(word, str) and word not in item.choices:
                yield Fault(
                    path,
                    f"asks whether {item.name} is '{word}', which is not among its choices",
                    "no subject could have that value",
                    f"write one of {', '.join(item.choices)}, or add the choice",
                )


@check("condition.anchor")
def windows_hang_on_known_days(study: Study) -> Iterator[Fault]:
    """Every window hangs on a day that the trial has: a usual one, a visit, or a day of its own."""
    known = days(study)
    for path, condition in stated(study):
        for anchor, text in windows(condition):
            if anchor not in known:
                yield Fault(
                    path,
                    f"'{text}' counts from '{anchor}', a day that this trial does not have",
                    "the window would hang in the air, and the condition stay unknown",
                    f"write one of {', '.join(known)}",
                )


@check("condition.visit")
def values_are_read_at_visits_that_collect_them(study: Study) -> Iterator[Fault]:
    """A value that is read at a visit is collected there."""
    names = ", ".join(visit.name for visit in study.schedule)
    for path, leaf, item in read(study):
        for name in _visits(leaf):
            visit = study.visit(name)
            if visit is None:
                mend = f"write one of {names}"
                yield Fault(path, f"there is no visit '{name}'", "the value would never be there", mend)
            elif item.name not in visit.collect:
                what, mend = f"reads {item.name} at {name}, which does not collect it", "collect it there"
                yield Fault(path, what, "the value would never be there", mend)


def days(study: Study) -> tuple[str, ...]:
    """The days of a trial that windows and visits may hang on; a day of its own has a visit at its day 0."""
    visits = [name for visit in study.schedule for name in (visit.name, *([visit.anchor] if visit.day == 0 else []))]
    return tuple(dict.fromkeys([*DAYS, *visits]))


def stated(study: Study) -> Iterator[tuple[Path, Condition]]:
    """Every condition of a study with its path: criteria and their queries, rescue, responses."""
    for rank in ("inclusion", "exclusion"):
        for place, criterion in enumerate(getattr(study.criteria, rank)):
            first = "exclude" if isinstance(criterion, Exclusion) else "need"
            for key, named in ((first, criterion.conditions), ("query", criterion.query)):
                for name, condition in named.items():
                    yield ("criteria", rank, place, key, *([name] if name else [])), condition
    if study.rescue:
        yield ("rescue", "when"), study.rescue.when
    for rank in ("primary", "secondary"):
        for place, endpoint in enumerate(getattr(study.endpoints, rank)):
            if endpoint.response:
                yield ("endpoints", rank, place, "response"), endpoint.response


def read(study: Study) -> Iterator[tuple[Path, Reading, Item]]:
    """Every reading of a defined item, with the path of its condition."""
    for path, condition in stated(study):
        for leaf in leaves(condition):
            if isinstance(leaf, Reading) and (item := study.item(leaf.item)):
                yield path, leaf, item


def windows(condition: Condition) -> Iterator[tuple[str, str]]:
    """The day that each window of a condition hangs on, with the reading that names it."""
    for leaf in leaves(condition):
        if isinstance(leaf, Lasting):
            yield leaf.anchor, str(leaf)
        elif isinstance(leaf, Comparison | Among | Happened) and leaf.when.anchor:
            yield leaf.when.anchor, str(leaf)


def _fits(leaf: Reading, kind: ItemType) -> bool:
    match leaf:
        case Comparison(frequency=True):
            return kind == "drug"
        case Comparison(value=Decimal()):
            return kind in {"number", "drug"}
        case Comparison(value=bool()):
            return kind == "yes or no"
        case Comparison() | Among():
            return kind == "word"
        case Fell():
            return kind == "number"
    return True


def _visits(leaf: Reading) -> tuple[str, ...]:
    match leaf:
        case Comparison() | Among():
            return leaf.when.visits
        case Fell():
            return leaf.start, leaf.end
    return ()
