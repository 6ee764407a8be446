"""Replication of a published program trial by trial: BOIN's `get.oc` on R's own stream of random numbers.

Percentages and means equal those that R prints for the same seed, so a reviewer can compare digit for digit. What that
program does and this project's designs do not is repeated here, and only here: titration draws a number for every level
first and begins at level 1 whatever the starting level; the last cohort draws a whole cohort's numbers even where fewer
subjects are left; extra safety is asked only where an elimination boundary exists.

Source: BOIN 2.7.2, `get.oc`, as described in Yan et al. 2020, J Stat Softw 94(13). Releases differ in what follows
titration; this is the one that completes the cohort at the level reached, in every trial. Values of R 4.2.2 are tests
in tests/published/test_replicate.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from trialwright.design.boin import BOIN
from trialwright.design.characteristics import OperatingCharacteristics, OperatingCharacteristicsGrid
from trialwright.design.exact import checked_truths
from trialwright.design.r_stream import RStream
from trialwright.design.states import Floats, Ints
from trialwright.errors import InputError

_NEVER = 2**31
"""A boundary that no count reaches."""

_BATCH = 100_000
"""Random numbers made at once."""

_Limits = list[tuple[int, int, int, int]]
_End = tuple[list[int], list[int], bool]


def replicate_boin(
    design: BOIN, truth: Sequence[float], stream: RStream, *, trials: int = 1000
) -> OperatingCharacteristics:
    """Simulate `design` as BOIN's `get.oc` does, drawing from `stream`, which `RStream(seed)` makes.

    Args:
        design: The design; `subjects` is a whole number of cohorts.
        truth: True DLT probability of each level.
        stream: R's random numbers.
        trials: Number of simulated trials.

    Raises:
        InputError: The truth does not fit the design, no trial, or cohorts that do not fill the trial.

    Example:
        >>> design = BOIN(levels=5, target=0.3)
        >>> found = replicate_boin(design, [0.05, 0.12, 0.25, 0.4, 0.55], RStream(6), trials=10_000)
        >>> [round(100 * share, 2) for share in found.selection]
        [0.48, 11.49, 51.56, 32.32, 4.13]

    Source: as the module.
    """
    rates = checked_truths(design.levels, [truth])
    faults = [f"{trials} trials; at least 1"] if trials < 1 else []
    if design.titration and design.levels + design.cohort > design.subjects:
        faults.append(f"{design.subjects} subjects are too few to titrate over {design.levels} levels")
    if design.subjects % design.cohort:
        faults.append(f"{design.subjects} subjects are no whole number of cohorts of {design.cohort}")
    if faults:
        raise InputError("BOIN cannot be replicated: " + "; ".join(faults))
    limits, numbers = _limits(design), _endless(stream)
    ends = [_trial(design, limits, list(truth), numbers) for _ in range(trials)]
    n, y, stopped = (np.array(column) for column in zip(*ends, strict=True))
    chosen = np.where(stopped, 0, design.select(n, y))
    return _summary(design, rates, n, y, chosen)


def _limits(design: BOIN) -> _Limits:
    """For each n: escalate at most, de-escalate at least, eliminate at least, stop at level 1 at least."""
    table = design.table(design.subjects)
    rows = [(-1, _NEVER, _NEVER, _NEVER)]
    for n in range(1, design.subjects + 1):
        up = table.escalate_if_at_most(n)
        others = (table.deescalate_if_at_least(n), table.eliminate_if_at_least(n), design.stop_if_at_least(n))
        down, out, unsafe = (_NEVER if limit is None else limit for limit in others)
        rows.append((-1 if up is None else up, down, out, unsafe))
    return rows


def _trial(design: BOIN, limits: _Limits, truth: list[float], numbers: Iterator[float]) -> _End:
    """One trial: subjects and DLTs at each level, and whether it was stopped for safety."""
    n, y = [0] * design.levels, [0] * design.levels
    level, size = design.start - 1, design.cohort
    if design.titration:
        level, size = _titrate(truth, n, y, numbers), design.cohort - 1
    highest = design.levels
    while True:
        left = design.subjects - sum(n)
        drawn = list(islice(numbers, size))
        rate = truth[level]
        y[level] += sum([number < rate for number in drawn[:left]])
        n[level] += min(size, left)
        if size == design.cohort >= left:
            return n, y, False
        size = design.cohort
        many, dlts = n[level], y[level]
        up, down, out, unsafe = limits[many]
        if dlts >= out:
            highest = min(highest, level)
        if level == 0 and out < _NEVER and dlts >= min(out, unsafe):
            return n, y, True
        after = level
        if dlts <= up:
            after = level + 1 if level + 1 < highest else level
        elif dlts >= down:
            after = max(level - 1, 0)
        if after == level and design.stop_at_n is not None and many >= design.stop_at_n:
            return n, y, False
        level = after


def _titrate(truth: list[float], n: list[int], y: list[int], numbers: Iterator[float]) -> int:
    """One subject a level up to the first DLT or the top; the level reached."""
    dlts = [number < rate for number, rate in zip(list(islice(numbers, len(truth))), truth, strict=True)]
    reached = dlts.index(True) if any(dlts) else len(truth) - 1
    n[: reached + 1] = [1] * (reached + 1)
    y[reached] = int(dlts[reached])
    return reached


def _endless(stream: RStream) -> Iterator[float]:
    while True:
        yield from stream.runif(_BATCH).tolist()


def _summary(design: BOIN, rates: Floats, n: Ints, y: Ints, chosen: Ints) -> OperatingCharacteristics:
    trials = len(n)
    counts = np.bincount(chosen, minlength=design.levels + 1) / trials
    sizes, times = np.unique(n.sum(axis=1), return_counts=True)
    return OperatingCharacteristicsGrid(
        method="simulated",
        trials=trials,
        target=design.target,
        truth=rates,
        selection=counts[None, 1:],
        selection_none=counts[:1],
        top_tolerated=np.zeros(1),
        mean_patients=n.mean(axis=0)[None],
        mean_dlts=y.mean(axis=0)[None],
        size_values=sizes,
        size_chances=times[None] / trials,
    )[0]
