"""Fields of the protocol's items: a value with its unit and, where it matters, its day and the limits of normal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from trialwright.protocol.criteria import items, leaves
from trialwright.protocol.quantity import plain
from trialwright.protocol.study import Item, Study
from trialwright.protocol.subject import frequencies, main_key
from trialwright.protocol.wording import unit_words
from trialwright.web.form_fields import choice, day, number, text, yes_no

_PARTS = {
    "uln": "Upper limit of normal",
    "lln": "Lower limit of normal",
    "frequency": "How often",
    "since": "Taken since",
    "stable since": "At this dose since",
    "on": "Day",
}
"""What goes with a value, by its key in a subject's form, in the order of the screen."""


def item_fields(study: Study, item: Item) -> dict[str, forms.Field]:
    """The fields of an item: its value first, then what goes with it; none for an item that is computed."""
    if item.computed:
        return {}
    main = _main(item)
    main.begins = True
    fields = {f"value_{item.name}": main}
    for part in _parts(study, item):
        field = _part(study, item, part)
        field.part = True
        fields[f"{_key(part)}_{item.name}"] = field
    return fields


def given(study: Study, item: Item, cleaned: Mapping[str, Any]) -> Any:
    """What was typed for an item, in the form of a subject; None where it stays open."""
    value = cleaned.get(f"value_{item.name}")
    parts = {part: cleaned.get(f"{_key(part)}_{item.name}") for part in _parts(study, item)}
    known = {part: one.isoformat() if isinstance(one, date) else one for part, one in parts.items() if one}
    if value in (None, "") and not known:
        return None
    if item.type == "drug" and value == 0:
        value = False
    if not known:
        return value
    return {**({} if value in (None, "") else {main_key(item): value}), **known}


def amended(study: Study, item: Item, history: Any, value: Any) -> Any:
    """What was typed over a history: its last observation changes, and what no field shows of it stays."""
    if not history or value in (None, "") or isinstance(value, bool):
        return value
    main = main_key(item)
    typed = value if isinstance(value, Mapping) else {main: value}
    on_screen = {main, *_parts(study, item)}
    return [*history[:-1], {**{key: one for key, one in history[-1].items() if key not in on_screen}, **typed}]


def several(history: Any) -> str:
    """What a person must know who changes a history of several observations; empty where there is one at most."""
    many = len(history or ())
    return f"There are {many} observations; the last one is changed here, and the others stay." if many > 1 else ""


def shown(item: Item, history: Any) -> dict[str, Any]:
    """What the fields of an item show of the last observation of its history."""
    if history is None:
        return {}
    last = history[-1] if history else {}
    value = last.get(main_key(item)) if history else (0 if item.type == "drug" else False)
    if item.type == "event":
        value = bool(history)
    if item.type == "drug" and isinstance(value, bool):
        value = None if value else 0
    found = {f"value_{item.name}": _typed(value)}
    return found | {f"{_key(part)}_{item.name}": _typed(last[part]) for part in _PARTS if part in last}


def _typed(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:f}" if isinstance(value, Decimal) else value


def _key(part: str) -> str:
    return part.replace(" ", "_")


def _main(item: Item) -> forms.Field:
    if item.type in {"yes or no", "event"}:
        return yes_no(item.label, required=False)
    if item.type == "word" and item.choices:
        return choice(item.label, (*((one, one) for one in item.choices), ("", "Not known yet")), required=False)
    if item.type == "word":
        return text(item.label, required=False)
    if item.type == "drug":
        hint = "The dose that is taken; 0 where the drug is not taken."
        return number(item.label, hint, unit=unit_words(item.unit), required=False, min_value=Decimal(0))
    low, high = item.range or (None, None)
    hint = "" if low is None or high is None else f"From {plain(low)} to {plain(high)}."
    return number(item.label, hint, unit=unit_words(item.unit), required=False, min_value=low, max_value=high)


def _parts(study: Study, item: Item) -> tuple[str, ...]:
    """What goes with an item's value: what some criterion asks of it."""
    read = [
        str(leaf)
        for criterion in study.criteria
        for condition in (*criterion.conditions.values(), *criterion.query.values())
        for leaf in leaves(condition)
        if item.name in items(leaf)
    ]
    match item.type:
        case "drug":
            wanted = {"frequency", "since", "stable since", "on"}
        case "event":
            wanted = {"on"}
        case "number":
            wanted = {limit.lower() for limit in ("ULN", "LLN") for one in read if limit in one}
            wanted |= {"on"} if any(" before " in one or " after " in one for one in read) else set()
        case _:
            wanted = {"on"} if any(" before " in one or " after " in one for one in read) else set()
    return tuple(part for part in _PARTS if part in wanted)


def _part(study: Study, item: Item, part: str) -> forms.Field:
    label = f"{item.label}: {_PARTS[part].lower()}"
    if part in {"uln", "lln"}:
        return number(label, unit=unit_words(item.unit), required=False)
    if part == "frequency":
        known = sorted(frequencies(item, study))
        return choice(label, (("", "Not known"), *((one, one) for one in known)), required=False, in_sight=0)
    words = {"event": "when it happened last", "drug": "the last day, where it is no longer taken"}
    return day(f"{item.label}: {words.get(item.type, 'when it was found')}" if part == "on" else label, required=False)
