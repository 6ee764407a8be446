"""Which rows of a published table are asked for, written as `rows 1::2 of Table 1`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from trialwright.errors import InputError

R = TypeVar("R")
_ROWS = re.compile(r"(?:rows )?(\d*):(\d*):?(\d*)(?: of (Table \w+))?")


def chosen_rows(rows: Sequence[R], asked: str | None) -> Sequence[R]:
    """The rows that a slice names; all without one.

    Raises:
        InputError: It is no slice.

    Example:
        >>> chosen_rows("abcde", "rows 1::2 of Table S1"), chosen_rows("abcde", None)
        ('bd', 'abcde')
    """
    if asked is None:
        return rows
    low, high, step = (int(part) if part else None for part in _read(asked).groups()[:3])
    if step == 0:
        raise InputError(f"rows {asked!r} has a step of 0; write it like 0::2")
    return rows[low:high:step]


def named_table(asked: str | None) -> str | None:
    """The table that a slice names, such as `Table 1`; None where it names none.

    Example:
        >>> named_table("rows 1::2 of Table S1")
        'Table S1'
    """
    return None if asked is None else _read(asked)[4]


def _read(asked: str) -> re.Match[str]:
    read = _ROWS.fullmatch(asked.strip())
    if not read:
        raise InputError(f"rows {asked[:60]!r} is no slice of a table; write it like 1::2, or rows 1::2 of Table 1")
    return read
