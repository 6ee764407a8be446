"""A design whose decision table is the user's own, for instance from a protocol or a paper.

Conduct, stopping rules and the selection of the MTD are those of the interval designs (Yan et al. 2020, J Stat Softw
94(13)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialwright.design.decision_table import Action, DecisionTable
from trialwright.design.interval import IntervalDesign
from trialwright.errors import InputError

_BOLDNESS: dict[Action, int] = {"E": 3, "S": 2, "D": 1, "DU": 0}


@dataclass(frozen=True, kw_only=True)
class CustomTable(IntervalDesign):
    """Move as the table says; a level is eliminated where the table says DU, and nowhere else.

    Attributes:
        decisions: The table; it covers as many subjects as the trial can treat.

    Example:
        >>> table = DecisionTable.of(6, lambda n, y: "E" if 6 * y <= n else "S" if 3 * y <= n else "DU")
        >>> design = CustomTable(levels=3, target=0.25, subjects=6, decisions=table)
        >>> from trialwright.design import Outcomes
        >>> print(design.recommend(Outcomes.parse("1NNN 2NTN")))
        1 DLT in 3 evaluable subjects at level 2: all 6 subjects are treated; the MTD is level 2.
    """

    name: ClassVar[str] = "custom table"

    decisions: DecisionTable

    def table(self, largest: int) -> DecisionTable:
        """The decision table for 1 to `largest` subjects at a level.

        Raises:
            InputError: The user's table covers fewer subjects.
        """
        if largest > self.decisions.largest:
            raise InputError(
                f"the decision table covers {self.decisions.largest} subjects at a level, not {largest}; add the rows"
            )
        return DecisionTable(self.decisions.rows[:largest])

    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say."""
        return self.decisions.action(n, y)

    def _elimination(self) -> str:
        return (
            "A level is eliminated, with all above it, where the table says DU; if level 1 is eliminated, the trial "
            "stops without an MTD."
        )

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        rows = (self._row(n) for n in range(self.cohort, self.subjects + 1, self.cohort))
        return f"{super().explain()} The table: {'; '.join(rows)}."

    def _row(self, n: int) -> str:
        limits = (
            ("escalate with at most", self.decisions.escalate_if_at_most(n)),
            ("de-escalate with at least", self.decisions.deescalate_if_at_least(n)),
            ("eliminate with at least", self.decisions.eliminate_if_at_least(n)),
        )
        told = ", ".join(f"{words} {limit}" for words, limit in limits if limit is not None)
        return f"of {n} subjects {told or 'stay'}"

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        rows = self.decisions.rows
        bolder = [
            f"{y + 1} DLTs among {n} are answered more boldly ({row[y + 1]}) than {y} ({row[y]})"
            for n, row in enumerate(rows, start=1)
            for y in range(n)
            if _BOLDNESS[row[y + 1]] > _BOLDNESS[row[y]]
        ]
        covered = self.decisions.largest
        return (
            *super()._checks(),
            (f"the table covers {covered} subjects at a level of {self.subjects}; add rows", covered < self.subjects),
            ("; ".join(bolder), bool(bolder)),
        )
