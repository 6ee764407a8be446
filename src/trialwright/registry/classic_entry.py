"""Elements of a classic record as entries of the API v2: what each becomes is a table, what no table names is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trialwright.registry.classic_tree import leaves_of, nodes_at, texts_at
from trialwright.registry.older import OlderRecord, Read


@dataclass(frozen=True, slots=True)
class Entries:
    """Elements that become the entries of a list: the list's name in the API v2, and the fields of each entry."""

    key: str
    fields: Fields


Fields = Mapping[str, str | tuple[str, Read] | Entries]

_SAID_BY_ITS_PLACE = "scope"


def entry_of(older: OlderRecord, node: object, fields: Fields, where: str) -> dict[str, Any]:
    """The fields of one element; a text that no field takes, or that its field cannot have, is kept.

    Args:
        older: The record, which keeps what has no place.
        node: The element.
        fields: What each path below the element becomes: a key, a key with how its text is read, or entries of a list;
            a path ends with `@name` for an attribute, is empty for the element's own text, and a key that ends with
            `[]` takes every text.
        where: The element's own path, for what is kept.
    """
    entry: dict[str, Any] = {}
    for path, field in fields.items():
        if isinstance(field, Entries):
            nodes = nodes_at(node, path)
            below = [found for each in nodes if (found := entry_of(older, each, field.fields, f"{where}.{path}"))]
            if below:
                entry.setdefault(field.key, []).extend(below)
            continue
        key, read = (field, str.strip) if isinstance(field, str) else field
        for text in texts_at(node, path):
            _put(older, entry, key, read(text), f"{where}.{path}", text)
    keep_unread(older, node, fields, where)
    return entry


def _put(older: OlderRecord, entry: dict[str, Any], key: str, value: object, path: str, text: str) -> None:
    if value is None:
        older.refuse(path.replace(".", " "), text)
    elif key.endswith("[]"):
        entry.setdefault(key.removesuffix("[]"), []).append(value)
    elif entry.setdefault(key, value) != value:
        older.keep(path, text.strip())


def keep_unread(older: OlderRecord, node: object, fields: Fields, where: str) -> None:
    """Keep each text of an element that no field takes, under its path; ctrdata's JSON has attributes as elements."""
    read = {path.replace("@", "") for path in fields}
    below = {path for path, field in fields.items() if isinstance(field, Entries)}
    for path, text in leaves_of(node, without=below):
        if path.replace("@", "") not in read and path.rpartition(".")[2] != _SAID_BY_ITS_PLACE:
            older.keep(f"{where}.{path}".strip("."), text.strip())
