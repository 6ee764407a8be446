"""Compiled loops of trials with late-onset outcomes; imported when a trial is simulated, since numba takes a second."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., object])


def kernel(function: _Function) -> _Function:
    """Compile a function on its first call, and keep the code for the next process where there is a place to."""
    try:
        return cast(_Function, njit(cache=True)(function))
    except RuntimeError:
        return cast(_Function, njit(function))


@kernel
def until_event(u: float, p: float, shape: float, window: float) -> float:
    """The time to an event that falls into the window, for `u` below its probability `p`."""
    return float(window * (np.log1p(-u) / np.log1p(-p)) ** (1 / shape))


@kernel
def until_arrival(rng: np.random.Generator, spacing: int, rate: float) -> float:
    """The time until the next subject arrives."""
    if spacing == 0:
        return float(rng.standard_exponential() / rate)
    if spacing == 1:
        return float(rng.random() * 2 / rate)
    return 1 / rate
