"""Isotonic DLT rates and the dose selected by them, for one trial or for many.

Source: the pool-adjacent-violators estimate (Barlow et al. 1972, Statistical Inference under Order Restrictions) of
beta(0.05, 0.05) posterior means, weighted by their posterior precision, as in Liu and Yuan 2015, Appl Statist 64:507,
and Yan et al. 2020, J Stat Softw 94(13). Computed by the max-min formula, which needs no loop over violations.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaincc, betaincinv

from trialwright.design.states import Bools, Floats, Ints

PRIOR = 0.05
TIE = 1e-10
"""Added per level, so that a tie below the target goes to the higher level and one above it to the lower."""


def isotonic(values: Floats, weights: Floats) -> Floats:
    """The weighted non-decreasing fit of each row; entries of weight 0 take the fit of their neighbours.

    Args:
        values: Shape (trials, levels).
        weights: The same shape, not negative.

    Example:
        >>> isotonic(np.array([[0.1, 0.5, 0.3]]), np.array([[1.0, 1.0, 1.0]])).round(6).tolist()
        [[0.1, 0.4, 0.4]]
    """
    trials, levels = values.shape
    mass, area = np.zeros((levels + 1, trials)), np.zeros((levels + 1, trials))  # a row is a level: it lies together
    np.cumsum(weights.T, axis=0, out=mass[1:])
    np.cumsum((values * weights).T, axis=0, out=area[1:])
    fitted = np.full((levels, trials), -np.inf)
    for low in range(levels):
        least = np.full(trials, np.inf)
        for high in range(levels - 1, low - 1, -1):
            weight = mass[high + 1] - mass[low]
            mean = np.divide(area[high + 1] - area[low], weight, out=np.full(trials, np.inf), where=weight > 0)
            np.minimum(least, mean, out=least)
            np.maximum(fitted[high], least, out=fitted[high], where=np.isfinite(least))
    return np.ascontiguousarray(fitted.T)


def rates(n: Ints, y: Ints, admissible: Bools | None = None) -> Floats:
    """Isotonic DLT rates of the levels that were treated (and are admissible); NaN elsewhere.

    Args:
        n: Evaluable subjects, shape (trials, levels).
        y: Subjects with a DLT, the same shape.
        admissible: Which levels count, the same shape; all when left out.

    Example:
        >>> rates(np.array([[3, 3, 15, 9, 0]]), np.array([[0, 0, 4, 4, 0]])).round(2).tolist()
        [[0.02, 0.02, 0.27, 0.45, nan]]
    """
    counted = (n > 0) if admissible is None else (n > 0) & admissible
    alpha, beta = _posterior(n, y, counted)
    return _monotone(alpha / (alpha + beta), _precision(alpha, beta), counted)


def quantiles(n: Ints, y: Ints, probability: float) -> Floats:
    """Isotonic posterior quantiles of the DLT rates of the levels that were treated; NaN elsewhere.

    Args:
        n: Evaluable subjects, shape (trials, levels).
        y: Subjects with a DLT, the same shape.
        probability: Of a rate below the quantile.

    Example:
        >>> quantiles(np.array([[3, 0, 6]]), np.array([[0, 0, 2]]), 0.975).round(2).tolist()
        [[0.2, nan, 0.72]]
    """
    alpha, beta = _posterior(n, y, n > 0)
    return _monotone(np.asarray(betaincinv(alpha, beta, probability), dtype=np.float64), _precision(alpha, beta), n > 0)


def overdose(n: Ints, y: Ints, target: float) -> Floats:
    """Isotonic posterior probabilities that the DLT rates exceed the target, of the levels treated; NaN elsewhere.

    Example:
        >>> overdose(np.array([[3, 0, 6]]), np.array([[0, 0, 2]]), 0.25).round(2).tolist()
        [[0.02, nan, 0.64]]
    """
    alpha, beta = _posterior(n, y, n > 0)
    return _monotone(np.asarray(betaincc(alpha, beta, target), dtype=np.float64), np.ones(n.shape), n > 0)


def _posterior(n: Ints, y: Ints, counted: Bools) -> tuple[Floats, Floats]:
    """The parameters of each beta posterior; those of one subject without a DLT where a level does not count."""
    shown, dlts = np.where(counted, n, 1).astype(float), np.where(counted, y, 0).astype(float)
    return dlts + PRIOR, shown - dlts + PRIOR


def _precision(alpha: Floats, beta: Floats) -> Floats:
    total = alpha + beta
    return total**2 * (total + 1) / (alpha * beta)


def _monotone(values: Floats, weights: Floats, counted: Bools) -> Floats:
    return np.where(counted, isotonic(values, np.where(counted, weights, 0.0)), np.nan)


def closest(estimates: Floats, target: float, ceiling: float = np.inf) -> Ints:
    """The level (1-based) whose estimate is closest to the target; 0 where there is none.

    Args:
        estimates: Non-decreasing along each row, NaN where a level does not count; shape (trials, levels).
        target: Target DLT rate.
        ceiling: An estimate at or above it is not selected.

    Example:
        >>> closest(np.array([[0.02, 0.02, 0.27, 0.45, np.nan]]), 0.3).tolist()
        [3]
    """
    counted = ~np.isnan(estimates)
    tipped = estimates + np.cumsum(counted, axis=1) * TIE
    counted &= np.nan_to_num(tipped, nan=np.inf) < ceiling
    distance = np.where(counted, np.abs(tipped - target), np.inf)
    return np.where(counted.any(axis=1), distance.argmin(axis=1) + 1, 0)
