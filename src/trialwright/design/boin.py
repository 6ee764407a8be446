"""BOIN, the Bayesian optimal interval design.

Source: Liu and Yuan 2015, Appl Statist 64:507, equations for the boundaries with a uniform prior over the three
hypotheses; defaults 0.6 and 1.4 times the target, elimination from 3 subjects on, and options as in Yan et al. 2020,
J Stat Softw 94(13). Published boundaries are tests in tests/published/test_boin.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import ClassVar

from trialwright.design.decision_table import Action
from trialwright.design.interval import IntervalDesign

NEAREST = 1e-6
"""Rates that lie nearer are one to a float's digits in the boundaries, and to any trial."""


@dataclass(frozen=True, kw_only=True)
class BOIN(IntervalDesign):
    """Escalate below one boundary of the observed DLT rate, de-escalate from another on, stay in between.

    Attributes:
        safe: Highest DLT rate deemed so low that escalation is due; 0.6 times the target when left out.
        toxic: Lowest DLT rate deemed so high that de-escalation is due; 1.4 times the target when left out.

    Example:
        >>> from trialwright.design import Outcomes
        >>> design = BOIN(levels=5, target=0.3)
        >>> [round(limit, 6) for limit in design.boundaries]
        [0.236491, 0.358519]
        >>> design.recommend(Outcomes.parse("1NNN 2NNN 3NTT")).dose
        2
    """

    name: ClassVar[str] = "BOIN"

    safe: float | None = None
    toxic: float | None = None

    @property
    def boundaries(self) -> tuple[float, float]:
        """The observed DLT rates up to which escalation, and from which de-escalation is due.

        Source: Liu and Yuan 2015, equations (3) and (4).
        """
        low, target, high = self._rates()
        escalate = log((1 - low) / (1 - target)) / log(target * (1 - low) / (low * (1 - target)))
        deescalate = log((1 - target) / (1 - high)) / log(high * (1 - target) / (target * (1 - high)))
        return escalate, deescalate

    @property
    def highest_mtd_rate(self) -> float:
        """The de-escalation boundary: a level estimated at or above it is not selected when `bound_mtd` is set."""
        return self.boundaries[1]

    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say, elimination apart."""
        escalate, deescalate = self.boundaries
        return "E" if y <= escalate * n else "D" if y >= deescalate * n else "S"

    def _aim(self) -> str:
        escalate, deescalate = self.boundaries
        return (
            f"with a target DLT rate of {self.target:g}: escalate when at most {escalate:.3f} of the subjects at a "
            f"level had a DLT, de-escalate when {deescalate:.3f} or more had one, and stay in between"
        )

    def _rates(self) -> tuple[float, float, float]:
        safe = 0.6 * self.target if self.safe is None else self.safe
        toxic = 1.4 * self.target if self.toxic is None else self.toxic
        return safe, self.target, toxic

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        safe, target, toxic = self._rates()
        return (
            *super()._checks(),
            (f"safe, target and toxic rates {safe:g}, {target:g}, {toxic:g} do not ascend", not safe < target < toxic),
            (f"safe and toxic rates {safe:g} and {toxic:g} must lie between 0 and 1", not (safe > 0 and toxic < 1)),
            (
                f"safe, target and toxic rates {safe:g}, {target:g}, {toxic:g} must lie {NEAREST:g} apart and from 0",
                safe < target < toxic and safe > 0 and min(safe, target - safe, toxic - target) < NEAREST,
            ),
        )
