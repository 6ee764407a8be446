"""Records that do not change: how another is made from one, and how a fold does so many times without copying."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

R = TypeVar("R")
K = TypeVar("K")
V = TypeVar("V")


class Owned(dict[K, V]):
    """A mapping that one fold owns: nobody else has it, so that `put` changes it in place. No result holds one."""


def put(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """A mapping with a value at a key; a new one, unless a fold owns the mapping.

    Example:
        >>> before = {"S001": 1}
        >>> put(before, "S002", 2), before
        ({'S001': 1, 'S002': 2}, {'S001': 1})
    """
    if isinstance(mapping, Owned):
        mapping[key] = value
        return mapping
    return {**mapping, key: value}


def replace(record: R, /, **changes: Any) -> R:
    """A record with other values in some fields.

    `dataclasses.replace` runs through every field in Python, and each event makes several records anew. Those without
    slots keep their fields in a dictionary, which is copied at once.

    Raises:
        TypeError: A name is no field of the record.

    Example:
        >>> from trialwright.conduct import State
        >>> replace(State(), mtd=2).mtd
        2
    """
    fields: dict[str, Any] | None = getattr(record, "__dict__", None)
    if fields is None:
        return dataclasses.replace(record, **changes)  # type: ignore[type-var]  # with slots or without, R is a dataclass
    values = {**fields, **changes}
    if len(values) > len(fields):
        raise TypeError(f"{type(record).__name__} has no field {', '.join(sorted(changes.keys() - fields.keys()))}")
    made = object.__new__(type(record))
    object.__setattr__(made, "__dict__", values)
    return made
