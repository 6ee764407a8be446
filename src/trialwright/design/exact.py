"""Exact operating characteristics: what a design does, on average, when the true DLT rates are known.

The endings of a compiled design and the number of ways to each do not depend on the truth, so any truth is a product
and a sum over the endings: nothing is simulated and there is no Monte Carlo error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from trialwright.design.automaton import Automaton, compiled
from trialwright.design.characteristics import OperatingCharacteristics, OperatingCharacteristicsGrid
from trialwright.design.design import Design
from trialwright.design.states import Floats, Ints
from trialwright.errors import InputError

_CHUNK = 4_000_000
"""Numbers held at once while a grid of truths is evaluated: 32 MB."""


def operating_characteristics(
    design: Design, truth: Sequence[float], *, target: float | None = None
) -> OperatingCharacteristics:
    """Compute, exactly, what `design` does when level i has the DLT probability `truth[i]`.

    Subjects of a cohort are treated together: a cohort is not cut short by its own DLTs.

    Args:
        design: The dose rule.
        truth: One probability for each level, each from 0 to 1.
        target: Target DLT rate by which overdosing is judged; the design's own where it has one.

    Raises:
        InputError: Not one probability a level, or one outside 0 to 1.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> oc = operating_characteristics(ThreePlusThree(levels=3), [0.1, 0.25, 0.4])
        >>> [round(p, 6) for p in oc.selection], round(oc.selection_none, 6)
        ([0.362592, 0.375427, 0.168128], 0.093853)

    Source: finite Markov chain of the rule's states; checked in tests/published/test_three_plus_three.py and
    tests/published/test_boin.py against closed forms and published exact values.
    """
    return operating_characteristics_grid(design, [truth], target=target)[0]


def operating_characteristics_grid(
    design: Design, truths: Sequence[Sequence[float]], *, target: float | None = None
) -> OperatingCharacteristicsGrid:
    """Compute the operating characteristics under many truths; the design is compiled once.

    Args:
        design: The dose rule.
        truths: One truth a row, each with one probability for each level.
        target: Target DLT rate by which overdosing is judged; the design's own where it has one.

    Raises:
        InputError: A truth has not one probability a level, or one outside 0 to 1.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> grid = operating_characteristics_grid(ThreePlusThree(levels=2), [[0.1, 0.3], [0.2, 0.4]])
        >>> grid.selection.shape
        (2, 2)
    """
    asked = checked_truths(design.levels, truths)
    automaton = compiled(design)
    totals = automaton.end_n.sum(axis=1)
    sizes = np.unique(totals)
    chosen = (automaton.selected[:, None] == np.arange(automaton.levels + 1)).astype(float)
    sized = (totals[:, None] == sizes).astype(float)
    tops = automaton.topped.astype(float)[:, None]
    columns = np.concatenate([chosen, tops, automaton.end_n, automaton.end_y, sized], axis=1)
    found = np.concatenate([chances @ columns for chances in _chances(automaton, asked)])
    levels = automaton.levels
    none, selection, topped, n, y, size = np.split(found, np.cumsum([1, levels, 1, levels, levels]), axis=1)
    return OperatingCharacteristicsGrid(
        method="exact",
        target=target if target is not None else getattr(design, "target", None),
        truth=asked,
        selection=selection,
        selection_none=none[:, 0],
        top_tolerated=topped[:, 0],
        mean_patients=n,
        mean_dlts=y,
        size_values=sizes,
        size_chances=size,
    )


def experimentation(design: Design, truth: Sequence[float]) -> tuple[float, ...]:
    """Expected share of a trial's own subjects who are treated at each level.

    It is the mean of each trial's shares, as bcrm reports it, and not the share of the mean numbers.

    Raises:
        InputError: Not one probability a level, or one outside 0 to 1.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> [round(share, 6) for share in experimentation(ThreePlusThree(levels=2), [0, 1])]
        [0.5, 0.5]
    """
    automaton = compiled(design)
    shares = automaton.end_n / automaton.end_n.sum(axis=1, keepdims=True)
    (chances,) = _chances(automaton, checked_truths(design.levels, [truth]))
    return tuple((chances @ shares)[0].tolist())


def checked_truths(levels: int, truths: Sequence[Sequence[float]], what: str = "true DLT rates") -> Floats:
    """True rates as an array, shape (truths, levels).

    Raises:
        InputError: Not one probability a level, or one outside 0 to 1.
    """
    for truth in truths:
        if len(truth) != levels:
            raise InputError(f"{len(truth)} {what} for {levels} dose levels; give one for each level")
        wrong = [str(p) for p in truth if not 0 <= p <= 1]
        if wrong:
            raise InputError(f"{what} must be from 0 to 1; not so: {', '.join(wrong)}")
    return np.array(truths, dtype=np.float64).reshape(len(truths), levels)


def _chances(automaton: Automaton, truths: Floats) -> Iterator[Floats]:
    """The chance of every ending, shape (truths, ends), a chunk of truths at a time."""
    counts = [_pairs(automaton.end_n[:, level], automaton.end_y[:, level]) for level in range(automaton.levels)]
    step = max(1, _CHUNK // max(1, len(automaton.ways)))
    for low in range(0, len(truths), step):
        chances = np.repeat(automaton.ways[None], len(truths[low : low + step]), axis=0)
        for level, (n, y, which) in enumerate(counts):
            p = truths[low : low + step, level, None]
            chances *= (p**y * (1 - p) ** (n - y))[:, which]
        yield chances


def _pairs(n: Ints, y: Ints) -> tuple[Ints, Ints, Ints]:
    """The distinct pairs of counts at a level, and which of them each ending has."""
    radix = int(y.max()) + 1
    code, which = np.unique(n.astype(np.int64) * radix + y, return_inverse=True)
    return code // radix, code % radix, which
