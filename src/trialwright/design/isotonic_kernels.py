"""The dose that isotonic DLT rates select in one trial, compiled; bit by bit that of `isotonic` for many."""

from __future__ import annotations

import numpy as np

from trialwright.design.isotonic import PRIOR, TIE
from trialwright.design.kernel import kernel
from trialwright.design.states import Bools, Floats, Ints


@kernel
def closest(n: Ints, y: Ints, admissible: Bools, target: float, ceiling: float) -> int:
    """The level (1-based) whose isotonic rate is closest to the target; 0 where there is none.

    Args:
        n: Evaluable subjects, shape (levels,).
        y: Those of them with a DLT.
        admissible: Which levels count.
        target: Target DLT rate.
        ceiling: An estimate at or above it is not selected; infinite for none.
    """
    estimates = _rates(n, y, admissible)
    nearest, found, counted = np.inf, 0, 0
    for level in range(len(n)):
        counted += not np.isnan(estimates[level])
        tipped = estimates[level] + counted * TIE
        if tipped < ceiling and abs(tipped - target) < nearest:
            nearest, found = abs(tipped - target), level + 1
    return found


@kernel
def _rates(n: Ints, y: Ints, admissible: Bools) -> Floats:
    """Isotonic DLT rates by the max-min formula; NaN where a level does not count."""
    levels = len(n)
    mass, area, fitted = np.zeros(levels + 1), np.zeros(levels + 1), np.full(levels, -np.inf)
    for level in range(levels):
        mass[level + 1], area[level + 1] = mass[level], area[level]
        if n[level] > 0 and admissible[level]:
            alpha, beta = y[level] + PRIOR, n[level] - y[level] + PRIOR
            total = alpha + beta
            weight = total**2 * (total + 1) / (alpha * beta)
            mass[level + 1] += weight
            area[level + 1] += alpha / total * weight
    for low in range(levels):
        least = np.inf
        for high in range(levels - 1, low - 1, -1):
            weight = mass[high + 1] - mass[low]
            if weight > 0:
                least = min(least, (area[high + 1] - area[low]) / weight)
            if least < np.inf:
                fitted[high] = max(fitted[high], least)
    for level in range(levels):
        if n[level] == 0 or not admissible[level]:
            fitted[level] = np.nan
    return fitted
