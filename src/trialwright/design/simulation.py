"""Simulation of any compiled design: trial by trial, subject by subject, with the same subjects for every design.

Subject k of trial i has a tolerance drawn once: at a level with true DLT rate p he has a DLT if it is below p. Two
designs that are simulated with the same seed treat the same subjects, so their difference has a smaller Monte Carlo
error than either (common random numbers).

Where outcomes are known cohort by cohort, `operating_characteristics` is exact and needs none of this; it is here to
check that, and as the way where a design has too many states to list: then each trial asks the rule after each cohort.
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
from trialwright.design.states import Floats, Ints, States, Steps, distinct
from trialwright.errors import InputError


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
    walk = (Walk if _can_be_listed(design) else Course)(design, tuple(rates.tolist()))
    results = run_blocks(walk, trials=trials, seed=seed, run=run, progress=progress)
    total = Counts(*(_added(part) for part in zip(*results, strict=True)))
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


def _can_be_listed(design: Design) -> bool:
    try:
        compiled(design)
    except InputError:
        return False
    return True


def _added(parts: Sequence[Ints]) -> Ints:
    """The sum of counts, some of which end earlier than others."""
    longest = max(map(len, parts))
    return np.asarray(np.sum([np.pad(part, (0, longest - len(part))) for part in parts], axis=0))


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


@dataclass(frozen=True)
class Course:
    """Trials of one block, cohort by cohort; the k-th number of a trial's subjects is the same for every design."""

    design: Design
    truth: tuple[float, ...]

    def __call__(self, trials: int, stream: np.random.Generator) -> Counts:
        """Ask the rule after each cohort of each of `trials` trials, and count how they end."""
        start, first = self.design.first()
        n = np.zeros((trials, self.design.levels), dtype=np.int64)
        y, dose, size = np.zeros_like(n), np.full(trials, start), np.full(trials, first)
        selected, topped = np.zeros(trials, dtype=np.int64), np.zeros(trials, dtype=np.bool_)
        tolerance = np.empty((trials, 0))
        going = np.arange(trials)
        while len(going):
            treated = n[going].sum(axis=1)
            lacking = int((treated + size[going]).max()) - tolerance.shape[1]
            if lacking > 0:
                tolerance = np.concatenate([tolerance, stream.random((lacking, trials)).T], axis=1)
            level, sizes = dose[going] - 1, size[going]
            dlts = _dlts(tolerance[going], treated, sizes, np.array(self.truth)[level])
            n[going, level] += sizes
            y[going, level] += dlts
            steps = _answers(self.design, States(n[going], y[going], dose[going], sizes, dlts))
            selected[going], topped[going] = steps.selected, steps.topped
            dose[going], size[going] = steps.dose, steps.subjects
            going = going[steps.dose > 0]
        return Counts(
            selected=np.bincount(selected, minlength=self.design.levels + 1),
            topped=topped.sum(keepdims=True),
            n=n.sum(axis=0),
            y=y.sum(axis=0),
            sizes=np.bincount(n.sum(axis=1)),
        )


def _dlts(tolerance: Floats, treated: Ints, size: Ints, rate: Floats) -> Ints:
    """The DLTs among each trial's next subjects."""
    place = np.arange(tolerance.shape[1])
    cohort = (place >= treated[:, None]) & (place < (treated + size)[:, None])
    return np.asarray((cohort & (tolerance < rate[:, None])).sum(axis=1))


def _answers(design: Design, states: States) -> Steps:
    """The rule's answer to each trial; states that several trials share are asked once."""
    first, which = distinct(list(states))
    steps = design.step(States(*(column[first] for column in states)))
    dose, subjects, selected, rule = (
        column[which] for column in (steps.dose, steps.subjects, steps.selected, steps.rule)
    )
    return Steps(dose, subjects, selected, steps.topped[which], rule)


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
