"""Checks of the items: what each can be, and that somebody enters it and something needs it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import trialwright.clinical  # noqa: F401 - fills the catalogue of items
from trialwright.clinical.item import ITEMS, no_such_item
from trialwright.protocol.check_conditions import stated
from trialwright.protocol.criteria import items
from trialwright.protocol.criteria_text import KEYWORDS
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import Study

_DESCRIBE_SUBJECTS = frozenset({"age", "sex"})
"""Every report gives them at baseline (CONSORT 2010, item 15)."""


@check("item.keyword")
def item_names_are_no_keywords(study: Study) -> Iterator[Fault]:
    """No item has the name of a word of the criteria language."""
    for place, item in enumerate(study.items):
        if item.name in KEYWORDS:
            yield Fault(
                ("items", place, "name"),
                f"'{item.name}' is a word of the criteria language",
                "no condition could read the item",
                f"name it more closely, such as '{item.name}_score'",
            )


@check("item.form")
def items_say_what_they_can_be(study: Study) -> Iterator[Fault]:
    """Word items and only they have choices, only numbers and doses a range, only events and drugs medicines."""
    why = "what is entered could not be checked as its author meant"
    for place, item in enumerate(study.items):
        path = ("items", place)
        if item.type == "word" and not item.choices:
            yield Fault(path, f"{item.name} is a word without choices", why, "list its words under choices")
        if item.type != "word" and item.choices:
            yield Fault((*path, "choices"), f"{item.name} has choices and is no word", why, "write 'type: word'")
        if item.type not in {"number", "drug"} and (item.range or item.typical or item.typical_later):
            key = "range" if item.range else "typical"
            yield Fault((*path, key), f"{item.name} has a {key} and is no number or dose", why, f"remove the {key}")
        if item.type not in {"event", "drug"} and (item.medicines or item.other_than):
            key = "medicines" if item.medicines else "other than"
            yield Fault((*path, key), f"{item.name} has '{key}' and is no event or drug", why, f"remove '{key}'")


@check("item.typical")
def typical_values_lie_in_range(study: Study) -> Iterator[Fault]:
    """Typical values, before treatment and later, lie within the range."""
    for place, item in enumerate(study.items):
        for key, typical in (("typical", item.typical), ("typical later", item.typical_later)):
            if not (item.range and typical):
                continue
            (low, high), (least, most) = item.range, typical
            if not low <= least <= most <= high:
                yield Fault(
                    ("items", place, key),
                    f"{item.name} is typically {least} to {most}, beyond its range {low} to {high}",
                    "rehearsal would draw values that entry refuses",
                    "correct the range or the typical values",
                )


@check("item.computed")
def computed_items_have_a_formula_and_its_inputs(study: Study) -> Iterator[Fault]:
    """A computed item names a formula of the catalogue, and for each of its inputs an item that is entered."""
    why = "nobody could compute it"
    for place, item in enumerate(study.items):
        if item.computed is None:
            continue
        path = ("items", place, "computed")
        if item.computed.by not in ITEMS:
            yield Fault(path, no_such_item(item.computed.by, ITEMS), why, "name a formula of `trialwright compute`")
            continue
        takes = inspect.signature(ITEMS[item.computed.by]).parameters
        if unknown := [name for name in item.computed.inputs if name not in takes]:
            what = f"{item.computed.by} takes no {', '.join(unknown)}"
            yield Fault(path, what, why, f"it takes {', '.join(takes)}")
        entered = {one.name for one in study.items if one.computed is None}
        if absent := [name for name in item.computed.inputs.values() if name not in entered]:
            what = f"{item.name} is computed from {', '.join(absent)}, which is no item that is entered"
            yield Fault(path, what, why, "define it, or take it from another item")


@check("item.collected")
def items_are_collected(study: Study) -> Iterator[Fault]:
    """Every item that nothing else asks for is collected at a visit."""
    collected = {*study.collected, *_read(study)}
    for place, item in enumerate(study.items):
        if item.name not in collected:
            what = f"{item.name} is collected at no visit and read by nothing"
            yield Fault(("items", place), what, "nobody would ever enter it", "collect it, or remove it", "warning")


@check("item.purpose")
def items_have_a_purpose(study: Study) -> Iterator[Fault]:
    """An item that is collected at one visit only is read by something."""
    read = _read(study)
    for place, item in enumerate(study.items):
        times = sum(item.name in visit.collect for visit in study.schedule)
        if times == 1 and item.name not in read:
            yield Fault(
                ("items", place),
                f"{item.name} is collected once, and no criterion, endpoint, dose or rescue reads it",
                "a subject is burdened for data that nothing needs: one value shows no course either",
                "read it, collect it again later, or remove it",
                "warning",
            )


def _read(study: Study) -> frozenset[str]:
    found = {name for _, condition in stated(study) for name in items(condition)}
    found |= {endpoint.item for endpoint in study.endpoints.primary + study.endpoints.secondary if endpoint.item}
    found |= _DESCRIBE_SUBJECTS | set(study.allocation.strata if study.allocation else ())
    found |= {name for item in study.items if item.computed for name in item.computed.inputs.values()}
    return frozenset(found | {item for dose in study.doses for item in dose.amount.by_body})
