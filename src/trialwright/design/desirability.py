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

    def __str__(self) -> str:
        lines = ["subjects  toxicity  efficacy  score"]
        for row in self.rows:
            both = "" if row.both is None else f"  (both: {row.both})"
            score = "not admissible" if row.score is None else f"{row.score:g}"
            lines.append(f"{row.n:>8}{row.dlts:>10}{row.responses:>10}  {score}{both}")
        return "\n".join(lines)
