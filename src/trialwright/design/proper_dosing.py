"""What mTPI, mTPI-2, Keyboard and i3+3 share: a proper dosing interval about the target, and unit probability mass.

The unit probability mass of an interval is the posterior probability that the DLT rate of the current level lies in it,
divided by its width (Ji et al. 2010, Clin Trials 7:653); the posterior has a uniform prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np
from scipy.special import betainc

from trialwright.design.decision_table import Action
from trialwright.design.interval import IntervalDesign, exact

NARROWEST = 0.001
"""The least width of a proper dosing interval: no trial tells rates so near apart, and a thousand keys are many."""
_EQUAL = 1e-9
"""Masses that differ by less, relatively, are a tie: their true values are equal, and rounding must not decide."""


@dataclass(frozen=True, kw_only=True)
class ProperDosing(IntervalDesign):
    """An interval design that aims for a DLT rate within margins of the target.

    Attributes:
        margin_below: From the lower end of the proper dosing interval to the target.
        margin_above: From the target to its upper end.
    """

    margin_below: float = 0.05
    margin_above: float = 0.05

    @cached_property
    def proper(self) -> tuple[Fraction, Fraction]:
        """The ends of the proper dosing interval, as exact decimals."""
        target = exact(self.target)
        return target - exact(self.margin_below), target + exact(self.margin_above)

    def _aim(self) -> str:
        low, high = (float(end) for end in self.proper)
        return f"with a target DLT rate of {self.target:g} and a proper dosing interval from {low:g} to {high:g}"

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        below, above = self.margin_below, self.margin_above
        return (
            *super()._checks(),
            (f"margins of {below} and {above}; both must be above 0", not (below > 0 and above > 0)),
            (f"a proper dosing interval from {self.target} - {below}, not above 0", self.target - below <= 0),
            (f"a proper dosing interval up to {self.target} + {above}, not below 1", self.target + above >= 1),
            (f"a proper dosing interval of width {below + above:g}, less than {NARROWEST}", below + above < NARROWEST),
        )


@lru_cache(maxsize=16)
def keys(low: Fraction, high: Fraction) -> tuple[tuple[Fraction, ...], int]:
    """Intervals as wide as the proper one, from it down to 0 and up to 1; those at the ends are what is left.

    Returns:
        The edges, ascending from 0 to 1, and which of the intervals (from 0) is the proper one.

    Example:
        >>> edges, proper = keys(Fraction("0.25"), Fraction("0.35"))
        >>> [float(edge) for edge in edges], proper
        ([0.0, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.0], 3)
    """
    width = high - low
    below = [low - width * step for step in range(-int(-low // width) + 1) if low - width * step > 0]
    above = [high + width * step for step in range(-int(-(1 - high) // width) + 1) if high + width * step < 1]
    return (Fraction(0), *reversed(below), *above, Fraction(1)), len(below)


def strongest(n: int, y: int, edges: Sequence[Fraction]) -> int:
    """Which interval (from 0) has the largest unit probability mass after `y` DLTs among `n`; of equals the highest.

    Example:
        >>> strongest(3, 1, keys(Fraction("0.25"), Fraction("0.35"))[0])
        3
    """
    ends = np.array(edges, dtype=np.float64)
    mass = np.diff(betainc(y + 1, n - y + 1, ends)) / np.diff(ends)
    return int(np.flatnonzero(mass >= mass.max() * (1 - _EQUAL))[-1])


def towards(strong: int, proper: int) -> Action:
    """Escalate where the strongest interval lies below the proper one, de-escalate where it lies above.

    Example:
        >>> towards(2, 3)
        'E'
    """
    return "E" if strong < proper else "D" if strong > proper else "S"
