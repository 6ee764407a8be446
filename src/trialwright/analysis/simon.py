"""Simon's two-stage designs, found by exhaustive search."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

Floats = NDArray[np.float64]

MOST_SUBJECTS = 100
ERROR_RATES = (Decimal("0.001"), Decimal("0.5"))
_NEAR = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoStageDesign:
    """A design: stop after `n1` subjects with at most `r1` responses; in the end drop the drug with at most `r` of `n`.

    Attributes:
        pet_p0: Chance of stopping after the first stage when the response rate is p0.
        en_p0: Expected subjects when the response rate is p0.
    """

    r1: int
    n1: int
    r: int
    n: int
    pet_p0: float
    en_p0: float


class _Rates(NamedTuple):
    p0: float
    p1: float
    alpha: float
    beta: float


@item("simon_two_stage")
def simon_two_stage(
    *,
    p0: Number | None,
    p1: Number | None,
    alpha: Number | None,
    beta: Number | None,
    rule: str | None = None,
) -> dict[str, TwoStageDesign] | Missing:
    """Find the two-stage designs of at most 100 subjects that are optimal and minimax.

    Optimal has the fewest expected subjects when the response rate is p0; minimax the fewest subjects in all and, among
    those, the fewest expected. Admissible designs between the two (Jung 2004), and stopping for efficacy, are not
    offered.

    Args:
        p0: Response rate that is of no interest, above 0 and below 1.
        p1: Response rate that is of interest, above p0 and below 1.
        alpha: Greatest chance of going on with the drug at p0, 0.001 to 0.5.
        beta: Greatest chance of dropping it at p1, 0.001 to 0.5.
        rule: A remark for the reader; changes nothing.

    Returns:
        The designs; missing where none has at most 100 subjects.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> design = simon_two_stage(p0=0.1, p1=0.3, alpha=0.1, beta=0.1)["optimal"]
        >>> design.r1, design.n1, design.r, design.n, round(design.en_p0, 1)
        (1, 12, 5, 35, 19.8)

    Source: Simon 1989, Control Clin Trials 10:1, doi:10.1016/0197-2456(89)90015-9; equal to clinfun's ph2simon. Checked
    in tests/published/test_statistics.py.
    """
    read = Inputs()
    read.remark("rule", rule)
    low, high = (read.needed_above_0(name, value, 1) for name, value in (("p0", p0), ("p1", p1)))
    type_1 = read.needed_number("alpha", alpha, *ERROR_RATES)
    type_2 = read.needed_number("beta", beta, *ERROR_RATES)
    if not read.faults and not read.gaps and not low < high < 1:
        read.fault(f"p0 must be below p1 and p1 below 1, got {p0} and {p1}")
    if missing := read.missing():
        return missing
    rates = _Rates(float(low), float(high), float(type_1), float(type_2))
    minimax: TwoStageDesign | None = None
    optimal: TwoStageDesign | None = None
    for n in range(2, MOST_SUBJECTS + 1):
        if not _can_reach(n, rates):
            continue
        bound = optimal.en_p0 if optimal else float("inf")
        best = _best(n, rates, bound)
        minimax = minimax or best
        if best and (optimal is None or best.en_p0 < optimal.en_p0 - _NEAR):
            optimal = best
    if minimax is None or optimal is None:
        return Missing(f"no two-stage design with at most {MOST_SUBJECTS} subjects keeps alpha and beta")
    return {"optimal": optimal, "minimax": minimax}


def _can_reach(n: int, rates: _Rates) -> bool:
    """Whether any test of `n` subjects keeps alpha and beta: the most powerful one, with its randomised step, does."""
    tail0, tail1 = (np.concatenate(([1.0], _tables(rate).more[n, : n + 1])) for rate in (rates.p0, rates.p1))
    first = int(np.argmax(tail0 <= rates.alpha))
    spare = (rates.alpha - tail0[first]) / (tail0[first - 1] - tail0[first])
    power = tail1[first] + spare * (tail1[first - 1] - tail1[first])
    return bool(power >= 1 - rates.beta - 1e-9)


class _Tables(NamedTuple):
    """The chances of k responses, of at most k and of more than k in n subjects, for every n and k; row n, column k."""

    pmf: Floats
    most: Floats
    more: Floats


@lru_cache(maxsize=8)
def _tables(rate: float) -> _Tables:
    n, k = np.arange(MOST_SUBJECTS + 1)[:, None], np.arange(MOST_SUBJECTS + 1)[None, :]
    pmf: Floats = np.asarray(binom.pmf(k, n, rate))
    return _Tables(pmf, np.cumsum(pmf, axis=1), np.asarray(binom.sf(k, n, rate)))


def _best(n: int, rates: _Rates, bound: float) -> TwoStageDesign | None:
    """The design of `n` subjects that keeps alpha and beta and expects the fewest subjects, if fewer than `bound`."""
    at_p0, at_p1 = _tables(rates.p0), _tables(rates.p1)
    power = 1 - rates.beta
    most_r = np.count_nonzero(at_p1.more[n] >= power - _NEAR)
    firsts = np.arange(1, n)
    expected = firsts[:, None] + (1 - at_p0.most[1:n]) * (n - firsts[:, None])
    expected[at_p1.more[1:n] < power] = np.inf
    best = None
    for n1 in (1 + np.flatnonzero(expected.min(axis=1) < bound)).tolist():
        fewer = np.flatnonzero(expected[n1 - 1] < bound)
        if not len(fewer):
            continue
        low, many = int(fewer[0]), len(fewer)
        accept0, accept1 = (_going_on(n1, n, rate, low)[:many, : most_r + 1] for rate in (rates.p0, rates.p1))
        r, row = np.argmax(accept0 <= rates.alpha, axis=1), np.arange(many)
        keeps = (accept0[row, r] <= rates.alpha) & (accept1[row, r] >= power)
        if keeps.any():
            at = int(np.argmin(np.where(keeps, expected[n1 - 1, fewer], np.inf)))
            bound, r1 = float(expected[n1 - 1, low + at]), low + at
            pet = float(1 - at_p0.more[n1, r1])
            best = TwoStageDesign(r1=r1, n1=n1, r=int(r[at]), n=n, pet_p0=pet, en_p0=bound)
    return best


def _going_on(n1: int, n: int, rate: float, low: int) -> Floats:
    """The chance of more than r1 responses in the first stage and more than r in all; rows r1 from `low`, columns r."""
    table = _tables(rate)
    first, total = np.arange(low + 1, n1 + 1)[:, None], np.arange(n + 1)[None, :]
    needed = np.clip(total - first, 0, MOST_SUBJECTS)
    chance = table.pmf[n1, low + 1 : n1 + 1, None] * np.where(total < first, 1.0, table.more[n - n1, needed])
    above: Floats = np.cumsum(chance[::-1], axis=0)[::-1]
    return above
