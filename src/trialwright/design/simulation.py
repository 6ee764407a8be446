"""Simulation of any compiled design: trial by trial, subject by subject, with the same subjects for every design.

Subject k of trial i has a tolerance drawn once: at a level with true DLT rate p he has a DLT if it is below p. Two
designs that are simulated with the same seed treat the same subjects, so their difference has a smaller Monte Carlo
error than either (common random numbers).

Where outcomes are known cohort by cohort, `operating_characteristics` is exact and needs none of this; it is here to
check that, and as the fast way where a design has too many states.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trialwright.design.automaton import compiled
from trialwright.design.blocks import Map, run_blocks
from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.design import Design
from trialwright.design.exact import checked_truths
from trialwright.design.kernel import kernel
from trialwright.design.states import Floats, Ints


class Counts(NamedTuple):
    """What is added up over trials, in whole numbers.

    Attributes:
        selected: Trials that select none, level 1, level 2 ...; shape (levels + 1,).
        topped: Trials that end with the top level tolerated and no MTD, shape (1,).
        n: Subjects at each level, shape (levels,).
        y: Subjects with a DLT at each level, shape (levels,).
        sizes: Trials of each total number of subjects, shape (largest + 1,).
    """

    selected: Ints
    topped: Ints
    n: Ints
    y: Ints
    sizes: Ints


def simulate(
    design: Design,
    truth: Sequence[float],
    *,
    trials: int,
    seed: int,
    target: float | None = None,
    run: Map = map,
    progress: Callable[[int], None] | None = None,
) -> OperatingCharacteristics:
    """Simulate a design when level i has the DLT probability `truth[i]`.

    Args:
        design: The dose rule.
        truth: One probability for each level, each from 0 to 1.
        trials: How many trials.
        seed: The seed; results depend on it alone, not on how the work is split.
        target: Target DLT rate by which overdosing is judged; the design's own where it has one.
        run: How pieces of the work are run: `map`, or that of a pool or a cluster.
        progress: Told the number of trials done, now and then.

    Raises:
        InputError: Not one probability a level, one outside 0 to 1, no trial, or a negative seed.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> found = simulate(ThreePlusThree(levels=3), [0.1, 0.25, 0.4], trials=100_000, seed=1)
        >>> abs(found.selection[1] - 0.375427) < 4 * found.standard_error(found.selection[1])
        True

    Source: tests/contract/test_designs.py compares every design with its exact operating characteristics.
    """
    rates = checked_truths(design.levels, [truth])[0]
    results = run_blocks(Walk(design, tuple(rates.tolist())), trials=trials, seed=seed, run=run, progress=progress)
    total = Counts(*(np.sum(part, axis=0) for part in zip(*results, strict=True)))
    sizes = np.flatnonzero(total.sizes)
    return OperatingCharacteristics(
        truth=tuple(rates.tolist()),
        selection=tuple((total.selected[1:] / trials).tolist()),
        selection_none=float(total.selected[0] / trials),
        top_tolerated=float(total.topped[0] / trials),
        mean_patients=tuple((total.n / trials).tolist()),
        mean_dlts=tuple((total.y / trials).tolist()),
        sizes={int(size): float(total.sizes[size] / trials) for size in sizes},
        target=target if target is not None else getattr(design, "target", None),
        method="simulated",
        trials=trials,
    )


@dataclass(frozen=True)
class Walk:
    """Trials of one block, each a walk through the compiled design."""

    design: Design
    truth: tuple[float, ...]

    def __call__(self, trials: int, stream: np.random.Generator) -> Counts:
        """Walk through the design `trials` times and count."""
        automaton = compiled(self.design)
        largest = int(automaton.end_n.sum(axis=1).max())
        ends = _walk(
            stream.random((trials, largest)), np.array(self.truth), automaton.dose, automaton.size, automaton.child
        )
        n, y = automaton.end_n[ends], automaton.end_y[ends]
        return Counts(
            selected=np.bincount(automaton.selected[ends], minlength=automaton.levels + 1),
            topped=automaton.topped[ends].sum(keepdims=True),
            n=n.sum(axis=0, dtype=np.int64),
            y=y.sum(axis=0, dtype=np.int64),
            sizes=np.bincount(n.sum(axis=1), minlength=largest + 1),
        )


@kernel
def _walk(tolerance: Floats, truth: Floats, dose: Ints, size: Ints, child: Ints) -> Ints:
    """The ending of each trial; `tolerance` holds one number for each subject in the order treated."""
    ends = np.empty(len(tolerance), dtype=np.int64)
    for trial in range(len(tolerance)):
        node, subject = 0, 0
        while node >= 0:
            rate = truth[dose[node] - 1]
            dlts = 0
            for _ in range(size[node]):
                dlts += tolerance[trial, subject] < rate
                subject += 1
            node = child[node, dlts]
        ends[trial] = ~node
    return ends
