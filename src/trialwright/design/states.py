"""Where a trial stands between two cohorts, for many trials at once: the input and the answer of a compiled rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trialwright.design.outcomes import Tally

Ints = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_WORD = 2**62


class States(NamedTuple):
    """Trials just after a cohort, a row each; levels are 1-based in values and 0-based as columns.

    Attributes:
        n: Evaluable subjects, shape (trials, levels).
        y: Subjects with a DLT, the same shape.
        dose: Level treated last, shape (trials,); the starting level before anybody was treated.
        last_n: Subjects of the last cohort, shape (trials,).
        last_y: Those of them with a DLT, shape (trials,).
    """

    n: Ints
    y: Ints
    dose: Ints
    last_n: Ints
    last_y: Ints

    @classmethod
    def one(cls, tallies: Sequence[Tally], dose: int, last: Tally) -> States:
        """A single trial, no window open."""
        n, y = ([[getattr(tally, name) for tally in tallies]] for name in ("evaluable", "dlts"))
        return cls(np.array(n), np.array(y), np.array([dose]), np.array([last.evaluable]), np.array([last.dlts]))

    @property
    def total(self) -> Ints:
        """Subjects treated so far, shape (trials,)."""
        return np.asarray(np.einsum("ij->i", self.n, dtype=np.int64))

    def here(self, counts: Ints) -> Ints:
        """The column of `counts` at the level treated last, shape (trials,)."""
        levels = counts.shape[1]
        return np.asarray(counts.ravel().take(np.arange(len(counts)) * levels + (self.dose - 1)))


class Steps(NamedTuple):
    """What a rule answers to each of many states.

    Attributes:
        dose: Level of the next cohort; 0 where the trial ends.
        subjects: Size of the next cohort; 0 where the trial ends.
        selected: Level selected where the trial ends; 0 for none, and where it goes on.
        topped: Whether the trial ends with the top level tolerated and no MTD.
        rule: Number of the rule that fired, in the design's own order; for its sentence.
    """

    dose: Ints
    subjects: Ints
    selected: Ints
    topped: Bools
    rule: Ints


def first_true(flags: Bools) -> Ints:
    """The column of the first true entry of each row, or the number of columns.

    Example:
        >>> first_true(np.array([[False, True], [False, False]])).tolist()
        [1, 2]
    """
    ended = np.ones((len(flags), 1), dtype=np.bool_)
    return np.asarray(np.concatenate([flags, ended], axis=1).argmax(axis=1))


def distinct(columns: list[Ints]) -> tuple[Ints, Ints]:
    """The first row of each distinct state, and for every row which state it is.

    Args:
        columns: What makes a state, not negative; shape (rows,) or (rows, levels) each.

    Example:
        >>> first, which = distinct([np.array([[3, 0], [3, 3], [3, 0]]), np.array([1, 2, 1])])
        >>> first.tolist(), which.tolist()
        ([0, 1], [0, 1, 0])
    """
    words = _packed(columns)
    if len(words) == 1:
        _, first, which = np.unique(words[0], return_index=True, return_inverse=True)
        return first, which
    order = np.lexsort(words)
    new = np.zeros(len(order), dtype=np.bool_)
    new[0] = True
    for word in words:
        new[1:] |= word[order][1:] != word[order][:-1]
    which = np.empty(len(order), dtype=np.int64)
    which[order] = np.cumsum(new) - 1
    return order[new], which


def _packed(columns: list[Ints]) -> list[Ints]:
    """Non-negative columns as few 63-bit words, by mixed radix."""
    flat = [part for column in columns for part in (column.T if column.ndim == 2 else column[None])]
    words: list[Ints] = []
    room = 0
    for part in flat:
        radix = int(part.max()) + 1
        if not words or room * radix > _WORD:
            words.append(part.astype(np.int64))
            room = radix
        else:
            words[-1] = words[-1] * radix + part
            room *= radix
    return words
