"""The loops that numpy cannot say are compiled; a function that is compiled here is called like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar, cast

import numpy as np
from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])

CHUNK = 1000
"""Trials that share one random stream."""


def kernel(function: _Function) -> _Function:
    """Compile a function on its first call, and keep the code for the next process where there is a place to."""
    try:
        return cast(_Function, njit(cache=True)(function))
    except RuntimeError:
        return cast(_Function, njit(function))


def streams(seed: int, trials: int) -> Iterator[tuple[np.random.Generator, int]]:
    """Random streams for `trials` trials, each with the number of trials that it serves.

    Chunk k of a seed always has the same stream: trials may be simulated all at once or chunk after chunk, on one
    machine or on many, and fewer trials are the first of more.

    Args:
        seed: Any integer that is not negative.
        trials: How many trials.

    Example:
        >>> [size for _, size in streams(1, 2500)]
        [1000, 1000, 500]
    """
    for chunk in range(-(-trials // CHUNK)):
        sequence = np.random.SeedSequence(entropy=seed, spawn_key=(chunk,))
        yield np.random.Generator(np.random.PCG64(sequence)), min(CHUNK, trials - chunk * CHUNK)
