"""Simon's two-stage designs, found by exhaustive search."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import inf
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
    power: float


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
    rates = _Rates(float(low), float(high), float(type_1), float(1 - type_2))
    fewer: list[TwoStageDesign] = []
    for n in range(MOST_SUBJECTS + 1):
        bound = fewer[-1].en_p0 if fewer else inf
        if _can_reach(n, rates) and (best := _best(n, rates, bound)):
            fewer.append(best)
    if not fewer:
        return Missing(f"no two-stage design with at most {MOST_SUBJECTS} subjects keeps alpha and beta")
    return {"optimal": fewer[-1], "minimax": fewer[0]}


def _can_reach(n: int, rates: _Rates) -> bool:
    """Whether any test of `n` subjects that needs a response keeps alpha and beta, or even a randomised one."""
    (_, more0), (_, more1) = _tables(rates.p0), _tables(rates.p1)
    power = np.interp(rates.alpha, np.flip(more0[n]), np.flip(more1[n]))
    return bool(power >= rates.power - _NEAR)


@lru_cache(maxsize=8)
def _tables(rate: float) -> tuple[Floats, Floats]:
    """The chances of k responses and of more than k responses in n subjects, for every n and k; row n, column k."""
    k = np.arange(MOST_SUBJECTS + 1)
    n = k[:, None]
    chance: Floats = np.asarray(binom.pmf(k, n, rate))
    return chance, np.asarray(binom.sf(k, n, rate))


def _best(n: int, rates: _Rates, bound: float) -> TwoStageDesign | None:
    """The design of `n` subjects that keeps alpha and beta and expects the fewest subjects, if fewer than `bound`."""
    (_, more0), (_, more1) = _tables(rates.p0), _tables(rates.p1)
    first = np.arange(n)[:, None]
    expected = np.where(more1[:n] >= rates.power, first + more0[:n] * (n - first), inf)
    best = None
    for n1 in np.flatnonzero((expected < bound).any(axis=1)).tolist():
        accept0, accept1 = (_going_on(n1, n, rate) for rate in (rates.p0, rates.p1))
        r = np.argmax(accept0 <= rates.alpha, axis=1)
        keeps = accept1[np.arange(n1), r] >= rates.power
        keeping = np.where(keeps, expected[n1, :n1], inf)
        r1 = int(np.argmin(keeping))
        if keeping[r1] < bound:
            bound = float(keeping[r1])
            best = TwoStageDesign(r1=r1, n1=n1, r=int(r[r1]), n=n, pet_p0=float(1 - more0[n1, r1]), en_p0=bound)
    return best


def _going_on(n1: int, n: int, rate: float) -> Floats:
    """The chance of more than r1 responses in the first stage and more than r in all; row r1, column r."""
    chance, more = _tables(rate)
    first, total = np.arange(n1 + 1)[:, None], np.arange(n + 1)
    each = chance[n1, first] * np.where(total < first, 1.0, more[n - n1, total - first])
    above: Floats = np.cumsum(each[::-1], axis=0)[::-1]
    return above[1:]
