"""One subject as a row of a table: which columns there can be, and what a row says.

    id   day:screening  alt   alt:uln  das28@baseline  stroke:on    methotrexate  methotrexate:since  answer:I06
    S1   2026-12-01     80    40       5.1             2025-01-02   15            2026-05-01          yes

An empty cell is unknown. `docs/screen.md` lists the columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from trialwright.errors import InputError
from trialwright.protocol.schedule import Item
from trialwright.protocol.study import Study
from trialwright.protocol.subject import answerable, day_names, keys_of, main_key

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SAYS_IT_HAPPENED = {"event": {"on"}, "drug": {"on", "since", "stable since"}}


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds.

    Attributes:
        part: `id`, `days`, `values` or `answers`.
        name: Name of the day, the item or the criterion.
        visit: The visit of the value, where the column names one.
        key: Which part of an observation: its value or dose, or its unit, limit of normal, day and so on.
    """

    part: str
    name: str = ""
    visit: str | None = None
    key: str = ""


def read_columns(header: Iterable[str], study: Study) -> dict[str, Column]:
    """Read the names of the columns.

    Raises:
        InputError: With every name that the protocol does not know, and with a name that stands twice.

    Example:
        >>> from tests.conductor import STUDY
        >>> read_columns(["id", "crp:on"], STUDY)["crp:on"]
        Column(part='values', name='crp', visit=None, key='on')
    """
    columns: dict[str, Column] = {}
    faults: list[str] = []
    for name in header:
        if name in columns:
            faults.append(f"column {name!r}: it stands twice; keep one of the two")
        try:
            columns[name] = _column(name.strip(), study)
        except ValueError as fault:
            faults.append(f"column {name!r}: {fault}")
    if "id" not in columns:
        faults.append("column 'id' is missing; add it, so that each verdict names its subject")
    if faults:
        raise InputError("\n".join(faults))
    return columns


def row_data(row: Mapping[str, str | None], columns: Mapping[str, Column], study: Study) -> dict[str, Any]:
    """What a row says, in the form that `read_subject` takes.

    Args:
        row: The text of each cell by the name of its column.
        columns: What `read_columns` made of the header.
        study: The protocol.
    """
    data: dict[str, Any] = {"id": None, "days": {}, "values": {}, "answers": {}}
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for name, column in columns.items():
        cell = (row.get(name) or "").strip()
        if not cell:
            continue
        if column.part == "id":
            data["id"] = cell
        elif column.part == "values":
            found.setdefault((column.name, column.visit), {})[column.key] = cell
        else:
            data[column.part][column.name] = cell
    for (name, visit), parts in found.items():
        item = study.item(name)
        if item is not None and (said := _said(item, parts)):
            data["values"].setdefault(name, []).append({**said, **({"visit": visit} if visit else {})})
    return data


def _column(name: str, study: Study) -> Column:
    if name == "id":
        return Column("id")
    head, _, tail = name.partition(":")
    if head == "day" and tail:
        return _known(Column("days", tail), day_names(study), "day")
    if head == "answer" and tail:
        return _known(Column("answers", tail), answerable(study), "criterion that a person answers")
    item_name, _, visit = head.partition("@")
    item = study.item(item_name)
    if item is None:
        raise ValueError("the protocol has no such item; a column is id, day:..., answer:..., or an item's name")
    if visit and study.visit(visit) is None:
        raise ValueError(f"the protocol has no visit {visit!r}; it has {', '.join(v.name for v in study.schedule)}")
    keys = keys_of(item) - {main_key(item), "visit"}
    if tail and tail not in keys:
        raise ValueError(f"{item_name} takes no {tail!r}; it takes {', '.join(sorted(keys))}")
    return Column("values", item_name, visit or None, tail or main_key(item))


def _known(column: Column, known: frozenset[str], what: str) -> Column:
    if column.name not in known:
        raise ValueError(f"the protocol has no such {what}; it has {', '.join(sorted(known)) or 'none'}")
    return column


def _said(item: Item, parts: Mapping[str, str]) -> dict[str, Any]:
    """What the cells of one observation say; nothing where only its unit or its limits stand there."""
    main = main_key(item)
    if main not in parts and not _SAYS_IT_HAPPENED.get(item.type, set()) & set(parts):
        return {}
    numbers = {"uln", "lln"} | ({main} if item.type in {"number", "drug"} else set())
    return {key: _number(cell) if key in numbers else cell for key, cell in parts.items()}


def _number(cell: str) -> Decimal | str:
    return Decimal(cell) if _NUMBER.fullmatch(cell) else cell
