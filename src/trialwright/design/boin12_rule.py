"""BOIN12's decision on the counts of one trial: the function that decides at the bedside and, compiled, in simulations.

Source: as `boin12`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trialwright.design.states import Bools, Floats, Ints

DOWN, CHOICE_OF_TWO, CHOICE_OF_THREE, EXPLORE, NONE_LEFT, FULL, CONVERGED = range(7)


class BOIN12Numbers(NamedTuple):
    """The rule's numbers as a compiled loop takes them; 0 where it never explores or never stops early."""

    up: float
    down: float
    enough: int
    explore_at: int
    stop_at_n: int
    subjects: int
    start: int
    cohort: int


class BOIN12Rule(NamedTuple):
    """The rule with its tables.

    Attributes:
        toxic: Whether a level is too toxic, by subjects and toxicities.
        futile: Whether it is futile, by subjects and responses.
        score: How desirable it is, by `state_number`.
        worth: Its mean utility, likewise.
        limit: The highest toxicity rate that is acceptable.
        levels: Number of dose levels.
        subjects: The most subjects that the trial treats.
        numbers: The rule's numbers.
    """

    toxic: Bools
    futile: Bools
    score: Floats
    worth: Floats
    limit: float
    levels: int
    subjects: int
    numbers: BOIN12Numbers


def next_level(numbers: BOIN12Numbers, n: Ints, dlts: Ints, fit: Bools, score: Floats, here: int) -> tuple[int, int]:
    """Say which level (0-based) follows after a whole cohort, and by which rule; from `NONE_LEFT` on the trial ends.

    Args:
        numbers: The rule's numbers.
        n: Subjects at each level.
        dlts: Those of them with toxicity.
        fit: Whether each level is admissible.
        score: How desirable each is.
        here: The level treated last, 0-based.
    """
    below, above = -1, -1
    for level in range(len(n)):
        if fit[level] and level < here:
            below = level
        elif fit[level] and level > here and above < 0:
            above = level
    best = score[here] if fit[here] else -1.0
    rule, ahead = CHOICE_OF_THREE, here
    if dlts[here] >= numbers.down * n[here]:
        rule, ahead = DOWN, below if below >= 0 else here
    elif dlts[here] > numbers.up * n[here] and n[here] >= numbers.enough:
        rule, ahead = CHOICE_OF_TWO, below if below >= 0 and score[below] >= best else here
    else:
        if below >= 0 and score[below] > best:
            ahead, best = below, score[below]
        if above >= 0 and score[above] >= best:
            ahead = above
    new = min(here + 1, len(n) - 1)
    if rule != DOWN and 0 < numbers.explore_at <= n[here] and n[new] == 0 and fit[new]:
        rule, ahead = EXPLORE, new
    if 0 < numbers.stop_at_n <= n[here]:
        rule = CONVERGED
    if n.sum() >= numbers.subjects:
        rule = FULL
    return ahead, (rule if fit[ahead] else NONE_LEFT)


def state_number(neither: int, toxicity: int, efficacy: int, both: int) -> int:
    """The place of a level's counts among all counts, by subjects and then by partial sums.

    Example:
        >>> state_number(0, 0, 0, 0), state_number(0, 0, 0, 1), state_number(1, 0, 0, 0), state_number(0, 0, 0, 2)
        (0, 1, 4, 5)
    """
    second = neither + toxicity
    third = second + efficacy
    n = third + both
    within = neither + second * (second + 1) // 2 + third * (third + 1) * (third + 2) // 6
    return within + n * (n + 1) * (n + 2) * (n + 3) // 24


def every_state(most: int) -> Ints:
    """The counts of a level with up to so many subjects, in the order of `state_number`; shape (states, 4).

    Example:
        >>> [state_number(*state) for state in every_state(2).tolist()] == list(range(15))
        True
    """
    sums = [(i, j, k) for k in range(most + 1) for j in range(k + 1) for i in range(j + 1)]
    inner = np.array(sums, dtype=np.int64)
    sizes = [(n + 1) * (n + 2) * (n + 3) // 6 for n in range(most + 1)]
    rows = [np.column_stack([inner[:size], np.full(size, n)]) for n, size in enumerate(sizes)]
    return np.diff(np.concatenate(rows), axis=1, prepend=0)
