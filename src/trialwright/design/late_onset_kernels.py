"""Compiled loops of trials with late-onset outcomes; imported when a trial is simulated, since numba takes a second."""

from __future__ import annotations

import numpy as np

from trialwright.design.kernel import kernel


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
