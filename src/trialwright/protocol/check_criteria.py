"""Checks of the eligibility criteria: what they read, when, and whether they can be decided."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from trialwright.protocol.criteria import Comparison, Condition, items, leaves
from trialwright.protocol.element import Path
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import Criterion, Exclusion, Study

_COMPARED_WITH = {"number": Decimal, "drug": Decimal, "yes or no": bool, "event": bool, "word": str}


@check("criteria.item")
def criteria_read_known_items(study: Study) -> Iterator[Fault]:
    """Every item that a criterion reads is defined."""
    known = {item.name for item in study.items}
    for path, criterion, condition in conditions(study):
        for name in sorted(items(condition) - known):
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
    for path, criterion, condition in conditions(study):
        for name in sorted((items(condition) & known) - in_time):
            yield Fault(
                path,
                f"criterion {criterion.id} reads '{name}', which no visit up to day 0 collects",
                "every subject would stay undetermined",
                f"collect '{name}' at screening",
            )


@check("criteria.range")
def criteria_thresholds_lie_in_range(study: Study) -> Iterator[Fault]:
    """Every threshold lies within the range of its item."""
    for path, criterion, condition in conditions(study):
        for leaf in comparisons(condition):
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
    """Numbers and doses are compared with numbers, yes-or-no items with yes or no, words with words."""
    for path, criterion, condition in conditions(study):
        for leaf in comparisons(condition):
            item = study.item(leaf.item)
            if item and not isinstance(leaf.value, str if leaf.frequency else _COMPARED_WITH[item.type]):
                yield Fault(
                    path,
                    f"criterion {criterion.id} compares {leaf.item}, a {item.type} item, in '{leaf}'",
                    "the comparison would be false for everybody",
                    "compare a number or a dose with a number, a yes or no item with 'is yes', a word with 'is word'",
                )


def conditions(study: Study) -> Iterator[tuple[Path, Criterion, Condition]]:
    """Every condition of every criterion with its path; queries are not among them."""
    places = {"inclusion": 0, "exclusion": 0}
    for criterion in study.criteria:
        rank, key = ("exclusion", "exclude") if isinstance(criterion, Exclusion) else ("inclusion", "need")
        for name, condition in criterion.conditions.items():
            yield ("criteria", rank, places[rank], key, *([name] if name else [])), criterion, condition
        places[rank] += 1


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """The comparisons in a condition."""
    return (leaf for leaf in leaves(condition) if isinstance(leaf, Comparison))
