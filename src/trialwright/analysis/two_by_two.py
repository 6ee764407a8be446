"""Two groups and a yes or no: Fisher's exact test, and the exact unconditional tests of Barnard and Boschloo."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import comb, copysign
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import hypergeom

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

_MOST_IN_TABLE = 10_000
_MOST_IN_GROUP = 150
_TIE = 1 + 1e-7  # R's fisher.test: how much likelier than the observed table one still counts as no likelier
_TAIL = 0.025
_GRID = np.linspace(0, 1, 1001)
_EPSILON = float(np.finfo(np.float64).eps)
_TOLERANCE = _EPSILON**0.25 / 2  # half that of R's uniroot, as its search uses it


@item("fisher_exact")
def fisher_exact(*, table: Any) -> dict[str, float | tuple[float, float | None] | None] | Missing:
    """Test the independence of rows and columns of a two by two table, given its margins.

    The two-sided p sums every table that is no likelier than the observed one. The odds ratio is the conditional
    maximum-likelihood estimate with R's limits, which hold 95 % by the one-sided tests at 2.5 % each: a choice; the
    sample odds ratio stands beside it. The mid-p and other two-sided rules (twice the smaller p, Blaker's) are not
    offered.

    Args:
        table: Two rows of two counts of subjects, such as [[3, 1], [1, 3]], each at most 10,000.

    Returns:
        p values (two-sided, less, greater), both odds ratios, and the 95 % limits of the conditional one; None where a
        ratio has no upper end or cannot be told. Missing where the table is empty.

    Raises:
        InputError: Naming every count that is none.

    Example:
        >>> found = fisher_exact(table=[[3, 1], [1, 3]])
        >>> round(found["p_greater"], 4), round(found["conditional_mle_odds_ratio"], 3)
        (0.2429, 6.408)

    Source: Fisher 1935, The Design of Experiments, chapter II (p = 17/70); R's fisher.test. Checked in
    tests/published/test_statistics.py.
    """
    read = Inputs()
    cells = _counts(read, table)
    if missing := read.missing():
        return missing
    a, b, c, d = cells
    if a + b + c + d == 0:
        return Missing("the table is empty")
    row, column, total = a + b, a + c, a + b + c + d
    support = np.arange(max(0, row + column - total), min(row, column) + 1)
    log_chance: Floats = hypergeom.logpmf(support, total, column, row)
    chance = np.exp(log_chance)
    observed = chance[a - support[0]]
    sample = None if b * c == 0 else a * d / (b * c)
    return {
        "p_two_sided": min(1.0, float(chance[chance <= observed * _TIE].sum())),
        "p_less": min(1.0, float(chance[support <= a].sum())),
        "p_greater": min(1.0, float(chance[support >= a].sum())),
        "conditional_mle_odds_ratio": _conditional_odds_ratio(a, support, log_chance),
        "sample_odds_ratio": sample,
        "conditional_or_ci95": _odds_ratio_limits(a, support, log_chance),
    }


@item("exact_unconditional")
def exact_unconditional(
    *,
    responders_treatment: Number | None,
    n_treatment: Number | None,
    responders_control: Number | None,
    n_control: Number | None,
    statistic: str | None = None,
) -> dict[str, float] | Missing:
    """Compare two response rates without conditioning on the margins: Barnard's and Boschloo's tests.

    Barnard's orders tables by the pooled Wald Z, Boschloo's by the one-sided p of Fisher's test. Ties are found
    exactly, in whole numbers; the p value is the supremum over the common response rate, from a grid with its peaks
    refined. Boschloo's two-sided test, the unpooled Z and the restricted range of Berger and Boos are not offered.

    Args:
        responders_treatment: Responders under treatment, a count.
        n_treatment: Subjects under treatment, at most 150.
        responders_control: Responders under control, a count.
        n_control: Subjects under control, at most 150.
        statistic: A remark for the reader; changes nothing.

    Returns:
        p values: Barnard two-sided, Barnard and Boschloo for treatment better than control; missing where a group is
        empty.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> found = exact_unconditional(responders_treatment=12, n_treatment=15, responders_control=7, n_control=15)
        >>> round(found["barnard_greater"], 4)
        0.0341

    Source: Barnard 1945, Nature 156:177; Boschloo 1970, Stat Neerl 24:1; the example is of Mehta & Senchaudhuri 2003.
    Checked in tests/published/test_statistics.py.
    """
    read = Inputs()
    read.remark("statistic", statistic)
    n1 = read.needed_whole("n_treatment", n_treatment, 0, _MOST_IN_GROUP)
    n2 = read.needed_whole("n_control", n_control, 0, _MOST_IN_GROUP)
    x1 = read.needed_whole("responders_treatment", responders_treatment, 0, _MOST_IN_GROUP)
    x2 = read.needed_whole("responders_control", responders_control, 0, _MOST_IN_GROUP)
    if not read.gaps and not read.faults:
        for name, events, size in (("responders_treatment", x1, n1), ("responders_control", x2, n2)):
            if events > size:
                read.fault(f"{name} must be at most its group's {size}, got {events}")
    if missing := read.missing():
        return missing
    if n1 == 0 or n2 == 0:
        return Missing("a group without subjects")
    signed, scale = _pooled_z(n1, n2)
    larger = signed * scale[x1, x2] >= signed[x1, x2] * scale
    farther = np.abs(signed) * scale[x1, x2] >= np.abs(signed[x1, x2]) * scale
    return {
        "barnard_two_sided": _supremum(farther, n1, n2),
        "barnard_greater": _supremum(larger, n1, n2),
        "boschloo_greater": _supremum(_no_likelier_by_fisher(x1, x2, n1, n2), n1, n2),
    }


def _counts(read: Inputs, table: Any) -> list[int]:
    rows = read.listed("table", table)
    cells: list[int] = []
    for index, row in enumerate(rows):
        for place, cell in enumerate(read.listed(f"table[{index}]", row)):
            cells.append(read.needed_whole(f"table[{index}][{place}]", cell, 0, _MOST_IN_TABLE))
    if table is not None and not read.faults and not read.gaps and ([len(row) for row in rows] != [2, 2]):
        read.fault("table must be two rows of two counts")
    return cells


def _tilted(odds_ratio: float, support: NDArray[np.int_], log_chance: Floats) -> Floats:
    """The chances of the tables under an odds ratio."""
    weight = log_chance + xlogy(support - support[0], odds_ratio)
    chance: Floats = np.exp(weight - weight.max())
    chance /= chance.sum()
    return chance


def _conditional_odds_ratio(a: int, support: NDArray[np.int_], log_chance: Floats) -> float | None:
    if a == support[-1]:
        return None
    return _odds_ratio_where(lambda odds: float(support @ _tilted(odds, support, log_chance)) - a)


def _odds_ratio_limits(a: int, support: NDArray[np.int_], log_chance: Floats) -> tuple[float, float | None]:
    def excess(odds_ratio: float) -> float:
        return float(_tilted(odds_ratio, support, log_chance)[support >= a].sum()) - _TAIL

    def shortfall(odds_ratio: float) -> float:
        return _TAIL - float(_tilted(odds_ratio, support, log_chance)[support <= a].sum())

    low = 0.0 if a == support[0] else _odds_ratio_where(excess)
    high = None if a == support[-1] else _odds_ratio_where(shortfall)
    return low, high


def _odds_ratio_where(difference: Callable[[float], float]) -> float:
    """The odds ratio at which an increasing difference is 0, found as R's fisher.test finds it.

    R searches the ratio, or its inverse where it is above 1, to within 1.2e-4. A far limit is therefore R's printed
    one: 621.93 in the example of the lady tasting tea, where an exact search ends at 626.24.
    """
    if difference(1.0) > 0:
        return _zero(difference, 0.0, 1.0)
    return 1 / _zero(lambda inverse: difference(1 / inverse), _EPSILON, 1.0)


def _zero(function: Callable[[float], float], low: float, high: float) -> float:
    """Brent's search for the zero of a function that only rises or only falls, step for step as in R's uniroot.

    R asks besides whether the last step came nearer, and whether the next ends within three quarters of the stretch: so
    it is with every such function.
    """
    a, b, c = low, high, low
    fa, fb = function(a), function(b)
    fc = fa
    for _ in range(1000):
        previous = b - a
        if abs(fc) < abs(fb):
            a, b, c = b, c, b
            fa, fb, fc = fb, fc, fb
        step = (c - b) / 2
        if abs(step) <= _TOLERANCE or fb == 0:
            break
        step = _interpolated(step, previous, (a, b, c), (fa, fb, fc))
        step = copysign(max(abs(step), _TOLERANCE), step)
        a, fa = b, fb
        b += step
        fb = function(b)
        if fb * fc > 0:
            c, fc = a, fa
    return b


def _interpolated(
    half: float,
    previous: float,
    at: tuple[float, float, float],
    values: tuple[float, float, float],
) -> float:
    """The step by secant or inverse quadratic interpolation where it is short enough, else the half."""
    (a, b, c), (fa, fb, fc) = at, values
    if a == c:
        p, q = (c - b) * fb / fa, 1 - fb / fa
    else:
        q, t1, t2 = fa / fc, fb / fc, fb / fa
        p = t2 * ((c - b) * q * (q - t1) - (b - a) * (t1 - 1))
        q = (q - 1) * (t1 - 1) * (t2 - 1)
    return -p / q if abs(p) < abs(previous * q / 2) else half


def _pooled_z(n1: int, n2: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The signed square of the pooled Wald Z of every table, as a fraction of whole numbers."""
    x1, x2 = np.arange(n1 + 1, dtype=np.int64)[:, None], np.arange(n2 + 1, dtype=np.int64)[None, :]
    difference, events = x1 * n2 - x2 * n1, x1 + x2
    scale = events * (n1 + n2 - events)
    return np.sign(difference) * difference**2, np.where(scale == 0, 1, scale)


def _no_likelier_by_fisher(x1: int, x2: int, n1: int, n2: int) -> Truths:
    """The tables whose one-sided p by Fisher is at most the observed one, compared as exact fractions."""
    tails, among = _fisher_tails(n1, n2)
    return np.asarray(tails * among[x1, x2] <= tails[x1, x2] * among, dtype=np.bool_)


@lru_cache(maxsize=8)
def _fisher_tails(n1: int, n2: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """In how many ways a table of the same margins has as many responders under treatment or more, and any number."""
    ways = _ways(n1, n2)
    tails, among = np.empty_like(ways), np.empty_like(ways)
    for events in range(n1 + n2 + 1):
        tail = 0
        for k in range(min(n1, events), max(0, events - n2) - 1, -1):
            tail += ways[k, events - k]
            tails[k, events - k], among[k, events - k] = tail, comb(n1 + n2, events)
    return tails, among


def _supremum(region: Truths, n1: int, n2: int) -> float:
    """The greatest chance of a region over the common response rate; tables of as many events have the same chance."""
    subjects, events = n1 + n2, np.add.outer(np.arange(n1 + 1), np.arange(n2 + 1))
    ways = np.bincount(events[region], weights=_ways(n1, n2)[region].astype(np.float64), minlength=subjects + 1)
    on_grid: Floats = _on_grid(subjects) @ ways
    best = float(on_grid.max())
    if best >= 1:
        return 1.0
    rises = np.diff(on_grid) > 0
    for before in np.flatnonzero(rises[:-1] & ~rises[1:]):
        bounds = (_GRID[before], _GRID[before + 2])
        refined = minimize_scalar(lambda rate: -float(_powers(rate, subjects) @ ways), bounds=bounds, method="bounded")
        best = max(best, -float(refined.fun))
    return best


@lru_cache(maxsize=8)
def _ways(n1: int, n2: int) -> NDArray[Any]:
    """In how many ways a table arises, as whole numbers; row and column are its events."""
    first, second = (np.array([comb(n, k) for k in range(n + 1)], dtype=object) for n in (n1, n2))
    ways: NDArray[Any] = np.multiply.outer(first, second)
    return ways


@lru_cache(maxsize=8)
def _on_grid(subjects: int) -> Floats:
    return _powers(_GRID[:, None], subjects)


def _powers(rate: Any, subjects: int) -> Floats:
    """The chance of one way to each number of events, which stands in the last axis."""
    events = np.arange(subjects + 1)
    chance: Floats = rate**events * (1 - rate) ** events[::-1]
    return chance
