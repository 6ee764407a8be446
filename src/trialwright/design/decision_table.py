"""A decision table: what the DLTs among the subjects of a level say of the next dose, for every number of subjects."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from trialwright.design.characteristics import html_table
from trialwright.errors import InputError

Action = Literal["E", "S", "D", "DU"]
"""Escalate, stay, de-escalate, or de-escalate and never use this level or a higher one again."""

ACTIONS: dict[str, Action] = {"E": "E", "S": "S", "R": "S", "D": "D", "DU": "DU", "DE": "DU"}
"""How tables in the literature write the actions."""


class NoDecisionTable(InputError):
    """The rule looks at more than the current level, so that it has no table by subjects and DLTs there."""


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Actions by subjects and DLTs at the current level.

    Attributes:
        rows: `rows[n - 1][y]` is the action on `y` DLTs among `n` subjects.

    Example:
        >>> table = DecisionTable.of(3, lambda n, y: "E" if y == 0 else "S" if n > y else "DU")
        >>> table.action(3, 1), table.escalate_if_at_most(3), table.eliminate_if_at_least(3)
        ('S', 0, 3)
    """

    rows: tuple[tuple[Action, ...], ...]

    @classmethod
    def of(cls, largest: int, action: Callable[[int, int], Action]) -> DecisionTable:
        """The table of a rule, for 1 to `largest` subjects."""
        return cls(tuple(tuple(action(n, y) for y in range(n + 1)) for n in range(1, largest + 1)))

    @classmethod
    def from_csv(cls, text: str) -> DecisionTable:
        r"""Read a table: columns `n` (subjects), `dlts` and `action` (E, S or R, D, DU or DE), a row for each pair.

        Raises:
            InputError: All that is wrong with it: lines that cannot be read, and pairs that are missing or twice.

        Example:
            >>> DecisionTable.from_csv("n,dlts,action\n1,0,E\n1,1,D\n").rows
            (('E', 'D'),)
        """
        found, faults = _read(text)
        largest = max((n for n, _ in found), default=0)
        missing = [(n, y) for n in range(1, largest + 1) for y in range(n + 1) if (n, y) not in found]
        faults += [f"no row for {y} DLTs among {n} subjects" for n, y in missing]
        if not found and not faults:
            faults.append("no row at all; write columns n, dlts, action")
        if faults:
            raise InputError("the decision table cannot be used: " + "; ".join(faults))
        return cls.of(largest, lambda n, y: found[n, y])

    def to_csv(self) -> str:
        r"""Write the table as `from_csv` reads it.

        Example:
            >>> DecisionTable((("E", "D"),)).to_csv()
            'n,dlts,action\n1,0,E\n1,1,D\n'
        """
        rows = [f"{n},{y},{action}\n" for n, row in enumerate(self.rows, start=1) for y, action in enumerate(row)]
        return "".join(["n,dlts,action\n", *rows])

    @property
    def largest(self) -> int:
        """The most subjects that the table covers."""
        return len(self.rows)

    def action(self, n: int, y: int) -> Action:
        """The action on `y` DLTs among `n` subjects."""
        return self.rows[n - 1][y]

    def escalate_if_at_most(self, n: int) -> int | None:
        """The most DLTs among `n` that escalate; None where none does."""
        return max((y for y, action in enumerate(self.rows[n - 1]) if action == "E"), default=None)

    def deescalate_if_at_least(self, n: int) -> int | None:
        """The fewest DLTs among `n` that de-escalate; None where none does."""
        return min((y for y, action in enumerate(self.rows[n - 1]) if action in {"D", "DU"}), default=None)

    def eliminate_if_at_least(self, n: int) -> int | None:
        """The fewest DLTs among `n` that eliminate the level; None where none does."""
        return min((y for y, action in enumerate(self.rows[n - 1]) if action == "DU"), default=None)

    def moves(self) -> np.ndarray:
        """1 to escalate, 0 to stay, -1 to de-escalate, at `[n, y]`; row 0 and what cannot be are 0."""
        return self._array({"E": 1, "S": 0, "D": -1, "DU": -1}).astype(np.int64)

    def eliminated(self) -> np.ndarray:
        """Whether `[n, y]` eliminates its level."""
        return self._array({"DU": 1}).astype(np.bool_)

    def to_frame(self) -> pl.DataFrame:
        """A row for each number of subjects, a column for each number of DLTs."""
        columns = range(self.largest + 1)
        return pl.DataFrame(
            {
                "subjects": list(range(1, self.largest + 1)),
                **{str(y): [row[y] if y < len(row) else "" for row in self.rows] for y in columns},
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.to_frame())

    def __str__(self) -> str:
        lines = ["subjects  escalate if at most  de-escalate if at least  eliminate if at least"]
        for n in range(1, self.largest + 1):
            limits = (self.escalate_if_at_most(n), self.deescalate_if_at_least(n), self.eliminate_if_at_least(n))
            up, down, out = ("-" if limit is None else str(limit) for limit in limits)
            lines.append(f"{n:>8}{up:>20}{down:>25}{out:>23}")
        return "\n".join(lines)

    def _array(self, codes: dict[str, int]) -> np.ndarray:
        size = self.largest + 1
        return np.array(
            [[0] * size, *([codes.get(action, 0) for action in row] + [0] * (size - len(row)) for row in self.rows)]
        )


def _read(text: str) -> tuple[dict[tuple[int, int], Action], list[str]]:
    found: dict[tuple[int, int], Action] = {}
    faults = []
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), skipinitialspace=True)
    absent = {"n", "dlts", "action"} - set(lines.fieldnames or ())
    if lines.fieldnames and absent:
        return {}, [f"no column {name}" for name in sorted(absent)]
    for line, row in enumerate(lines, start=2):
        try:
            n, y = int(row["n"]), int(row["dlts"])
            action = ACTIONS[(row["action"] or "").strip().upper()]
        except (KeyError, TypeError, ValueError):
            faults.append(f"line {line} is not a number of subjects, a number of DLTs and one of E, S, D, DU")
            continue
        if not 0 <= y <= n or n < 1:
            faults.append(f"line {line} has {y} DLTs among {n} subjects")
        elif (n, y) in found:
            faults.append(f"line {line} says again what {y} DLTs among {n} subjects do")
        else:
            found[n, y] = action
    return found, faults
