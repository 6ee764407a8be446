"""A design compiled once: every state that its trials can reach, and how they end.

Between cohorts a trial is known by its counts at each level and by the cohort that comes next. Trials that arrive at
the same state by different ways go on alike, so states are merged and only the number of ways is kept: the chance of an
ending under any truth is `ways * prod(p**y * (1-p)**(n-y))`.

Source: the states are those of a finite Markov chain; that the weight of an ending does not depend on the truth is used
by Norris 2020, arXiv:2012.05301, for paths.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from math import comb

import numpy as np

from trialwright.design.design import Design
from trialwright.design.states import Bools, Floats, Ints, States, distinct
from trialwright.errors import InputError

LARGEST = 5_000_000
"""States beyond which a design is simulated instead: some gigabytes of memory."""
MOST_STEPS = 4 * LARGEST
"""Steps between them beyond which it is: each state has one for each number of DLTs in its cohort."""


@dataclass(frozen=True, slots=True, eq=False)
class Automaton:
    """A compiled design; node 0 is the start.

    Attributes:
        n: Evaluable subjects of each node, shape (nodes, levels).
        y: Subjects with a DLT, the same shape.
        dose: Level of the next cohort, shape (nodes,).
        size: Its subjects, shape (nodes,).
        child: What follows on 0, 1, 2 ... DLTs among them, shape (nodes, largest size + 1): a node, or `~end`.
        end_n: Evaluable subjects of each ending, shape (ends, levels).
        end_y: Subjects with a DLT, the same shape.
        selected: Level selected, shape (ends,); 0 for none.
        topped: Whether the ending is a tolerated top level without MTD, shape (ends,).
        ways: In how many ways subjects can arrive at the ending, shape (ends,).
    """

    n: Ints
    y: Ints
    dose: Ints
    size: Ints
    child: Ints
    end_n: Ints
    end_y: Ints
    selected: Ints
    topped: Bools
    ways: Floats

    @property
    def levels(self) -> int:
        """Number of dose levels."""
        return int(self.n.shape[1])


class _Rows:
    """States still to be merged, each with the ways to it and the parent that led there."""

    def __init__(self) -> None:
        self.parts: list[tuple[Ints, ...]] = []
        self.ways: list[Floats] = []

    def add(self, ways: Floats, *columns: Ints) -> None:
        self.parts.append(columns)
        self.ways.append(ways)

    def merge(self, keys: int) -> tuple[list[Ints], Ints, Floats]:
        """One row for each distinct state, told by its first `keys` columns; which it is for every row; its ways."""
        columns = [np.concatenate(column) for column in zip(*self.parts, strict=True)]
        first, which = distinct(columns[:keys])
        ways = np.bincount(which, weights=np.concatenate(self.ways), minlength=len(first)).astype(np.float64)
        return [column.take(first, axis=0) for column in columns[:keys]] + columns[keys:], which, ways


@lru_cache(maxsize=4)
def compiled(design: Design) -> Automaton:
    """The automaton of a design, kept for the next question about the same design; the largest fill a gigabyte."""
    return compile_design(design)


def compile_design(design: Design, largest: int | None = None) -> Automaton:
    """List every state of a design, in order of the number of subjects, and every ending.

    Args:
        design: The design.
        largest: States beyond which it is not listed; `LARGEST` where left out.

    Raises:
        InputError: The design has more states than fit into memory; simulate it.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> automaton = compile_design(ThreePlusThree(levels=5))
        >>> len(automaton.dose), len(automaton.ways)
        (62, 187)
    """
    states = LARGEST if largest is None else largest
    most_steps = MOST_STEPS * states // LARGEST
    start, size = design.first()
    nothing = np.zeros((1, design.levels), dtype=np.int16)
    waiting: dict[int, _Rows] = defaultdict(_Rows)
    waiting[0].add(np.ones(1), nothing, nothing, _one(start), _one(size), _one(-1), _one(0))
    nodes: list[list[Ints]] = []
    links: list[tuple[Ints, Ints, Ints]] = []
    ends = _Rows()
    known = steps = 0
    while waiting:
        total = min(waiting)
        (n, y, dose, size_, parent, dlts), which, ways = waiting.pop(total).merge(keys=4)
        links.append((parent, dlts, known + which))
        nodes.append([n, y, dose, size_])
        ids = np.arange(known, known + len(dose))
        known += len(dose)
        steps += int((size_ + 1).sum())
        if known > states or steps > most_steps:
            most = f"{states:,} states, or {most_steps:,} steps between them"
            raise InputError(f"{design.name} has more than {most}, with these numbers; simulate it instead")
        _treat(design, nodes[-1], ids, ways, total, waiting, ends)
    (end_n, end_y, selected, topped, parent, dlts), which, ways = ends.merge(keys=4)
    links.append((parent, dlts, ~which))
    n, y, dose, sizes = (np.concatenate(column) for column in zip(*nodes, strict=True))
    child = np.zeros((known, int(sizes.max()) + 1), dtype=np.int64)
    for parent, dlts, node in links[1:]:
        child[parent, dlts] = node
    return Automaton(n, y, dose, sizes, child, end_n, end_y, selected, topped.astype(np.bool_), ways)


def _treat(
    design: Design, node: list[Ints], ids: Ints, ways: Floats, total: int, waiting: dict[int, _Rows], ends: _Rows
) -> None:
    """Treat the next cohort of each state with every number of DLTs, ask the rule, and sort what follows.

    Args:
        node: Counts, level and size of the next cohort of states that have treated `total` subjects.
    """
    reps = node[3] + 1
    n, y, dose, size, parent, ways = (np.repeat(column, reps, axis=0) for column in (*node, ids, ways))
    dlts = np.arange(len(dose)) - np.repeat(np.cumsum(reps) - reps, reps)
    here = np.arange(len(dose)) * n.shape[1] + (dose - 1)
    n.ravel()[here] += size.astype(n.dtype)
    y.ravel()[here] += dlts.astype(y.dtype)
    ways *= _binomial(int(size.max()))[size, dlts]
    steps = design.step(States(n, y, dose, size, dlts))
    over, on = np.flatnonzero(steps.dose == 0), np.flatnonzero(steps.dose)
    topped = steps.topped.astype(np.int64)
    ends.add(ways[over], *(column.take(over, axis=0) for column in (n, y, steps.selected, topped, parent, dlts)))
    sizes = size[on]
    for many in np.unique(sizes).tolist():
        mine = on[sizes == many]
        nexts = (n, y, steps.dose, steps.subjects, parent, dlts)
        waiting[total + many].add(ways[mine], *(column.take(mine, axis=0) for column in nexts))


@lru_cache(maxsize=16)
def _binomial(size: int) -> Floats:
    return np.array([[comb(n, k) for k in range(size + 1)] for n in range(size + 1)], dtype=np.float64)


def _one(value: int) -> Ints:
    return np.array([value], dtype=np.int64)
