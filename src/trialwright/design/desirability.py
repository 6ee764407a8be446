"""Rank-based desirability scores: how the states of a level compare, as a table for the protocol.

Source: Lin, Zhou, Yan, Li and Yuan 2020, JCO Precis Oncol 4:1393, Table 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from trialwright.design.characteristics import html_table
from trialwright.errors import InputError


class DesirabilityRow(NamedTuple):
    """How desirable one state of a level is.

    Attributes:
        n: Subjects treated at the level.
        dlts: Those of them with toxicity.
        responses: Those of them with efficacy.
        both: Those of them with both; None where the utilities make it indifferent.
        admissible: Whether the level is neither too toxic nor futile.
        score: Rank among the admissible states of the table, the middle one for ties; None where not admissible.
    """

    n: int
    dlts: int
    responses: int
    both: int | None
    admissible: bool
    score: float | None


@dataclass(frozen=True, slots=True)
class DesirabilityTable:
    """The rank-based desirability scores of every state with the given numbers of subjects."""

    rows: tuple[DesirabilityRow, ...]

    def row(self, n: int, dlts: int, responses: int, both: int | None = None) -> DesirabilityRow:
        """The row of one state.

        Raises:
            InputError: The table has no such row.
        """
        for row in self.rows:
            if row[:4] == (n, dlts, responses, both):
                return row
        raise InputError(
            f"no row for {n} subjects, {dlts} with toxicity, {responses} with efficacy and {both} with both"
        )

    def to_frame(self) -> pl.DataFrame:
        """A row for each state: subjects, dlts, responses, both, admissible, score."""
        names = ["subjects", "dlts", "responses", "both", "admissible", "score"]
        return pl.DataFrame(self.rows, schema=names, orient="row", infer_schema_length=None)

    def _repr_html_(self) -> str:
        return html_table(self.to_frame())

    def scores(self) -> dict[tuple[int, int], list[str | None]]:
        """By subjects and toxicities, the score for each number with efficacy; None where not admissible.

        Where a score depends on how many had both, it is the range from the lowest to the highest.
        """
        found: dict[tuple[int, int], dict[int, list[float | None]]] = {}
        for row in self.rows:
            found.setdefault((row.n, row.dlts), {}).setdefault(row.responses, []).append(row.score)
        return {state: [_range(scores) for scores in cells.values()] for state, cells in found.items()}

    def __str__(self) -> str:
        lines = [
            "Rank of desirability, the higher the better, by toxicities and, across, efficacy; - is not admissible."
        ]
        by_n: dict[int, list[list[str | None]]] = {}
        for (n, _), cells in self.scores().items():
            by_n.setdefault(n, []).append(cells)
        width = 2 + max((len(cell or "-") for rows in by_n.values() for cells in rows for cell in cells), default=1)
        for n, rows in by_n.items():
            shown = max((dlts for dlts, cells in enumerate(rows, start=1) if any(cells)), default=0)
            lines += ["", f"{n} subjects".ljust(14) + "".join(f"{efficacy:>{width}}" for efficacy in range(n + 1))]
            lines += [
                f"{dlts:>12}  " + "".join(f"{cell or '-':>{width}}" for cell in cells)
                for dlts, cells in enumerate(rows[:shown])
            ]
            if shown < len(rows):
                lines.append(f"{shown:>12} or more: not admissible")
        return "\n".join(lines)


def _range(scores: list[float | None]) -> str | None:
    known = [score for score in scores if score is not None]
    if not known:
        return None
    return f"{min(known):g}" if min(known) == max(known) else f"{min(known):g}-{max(known):g}"
