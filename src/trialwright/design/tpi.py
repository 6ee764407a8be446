"""TPI, the toxicity probability interval design, whose interval narrows as the posterior does.

Source: Ji, Li and Bekele 2007, Clin Trials 4:235; beta(0.005, 0.005) prior, K1 = 1, K2 = 1.5. Published operating
characteristics are a test in tests/published/test_tpi.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import ClassVar

from scipy.special import betainc

from trialwright.design.decision_table import Action
from trialwright.design.interval import IntervalDesign, overdose_probability

_PRIOR = (0.005, 0.005)


@dataclass(frozen=True, kw_only=True)
class TPI(IntervalDesign):
    """Move by which of three intervals the DLT rate of the current level most probably lies in.

    The interval about the target reaches `k2` posterior standard deviations down and `k1` up. Of equal probabilities
    the higher interval decides.

    Attributes:
        k1: Posterior standard deviations from the target to the upper end of the interval.
        k2: Posterior standard deviations from the lower end of the interval to the target.

    Example:
        >>> design = TPI(levels=8, target=0.25)
        >>> [design.table(3).action(3, y) for y in range(4)]
        ['E', 'S', 'D', 'DU']
    """

    name: ClassVar[str] = "TPI"

    eliminate_from: int = 2
    k1: float = 1.0
    k2: float = 1.5

    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say, elimination apart."""
        alpha, beta = y + _PRIOR[0], n - y + _PRIOR[1]
        deviation = sqrt(alpha * beta / (alpha + beta + 1)) / (alpha + beta)
        low, high = max(self.target - self.k2 * deviation, 0), min(self.target + self.k1 * deviation, 1)
        below, up_to = (float(betainc(alpha, beta, end)) for end in (low, high))
        over = 1 - up_to
        if over >= max(below, up_to - below):
            return "D"
        return "S" if up_to - below >= below else "E"

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        return (
            f"{super().explain()} The next dose is one level up, the same, or one level down as the DLT rate most "
            f"probably lies below, in, or above the interval from {self.k2:g} posterior standard deviations below the "
            f"target to {self.k1:g} above it (beta prior {_PRIOR[0]:g}, {_PRIOR[1]:g}, for elimination too); of equal "
            "probabilities the higher interval decides."
        )

    def _overdosing(self, largest: int, cutoff: Fraction) -> tuple[int, ...]:
        def enough(n: int, y: int) -> bool:
            return bool(overdose_probability(n, y, self.target, _PRIOR) > float(cutoff))

        return tuple(next((y for y in range(1, n + 1) if enough(n, y)), n + 1) for n in range(largest + 1))

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        return (
            *super()._checks(),
            (f"an interval of {self.k2} and {self.k1} standard deviations; both above 0", min(self.k1, self.k2) <= 0),
        )
