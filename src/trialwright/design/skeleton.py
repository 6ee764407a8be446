"""Skeletons of the CRM from an indifference interval: the DLT rates guessed before the trial, level by level.

Source: Lee and Cheung 2009, Clin Trials 6:227. The prior MTD is `mtd`, and neighbouring levels stand so far apart that
the CRM tells any two true rates outside of target +- halfwidth apart. The numbers are those of R's dfcrm::getprior.
"""

from __future__ import annotations

from math import log
from typing import Literal

import numpy as np
from scipy.special import expit

from trialwright.errors import InputError


def indifference_skeleton(
    *,
    target: float,
    halfwidth: float,
    mtd: int,
    levels: int,
    model: Literal["empiric", "logistic"] = "empiric",
    intercept: float = 3.0,
) -> tuple[float, ...]:
    """The guessed DLT rate at each level.

    Args:
        target: Target DLT rate.
        halfwidth: Half the width of the indifference interval around the target.
        mtd: The level guessed to be the MTD, 1-based; its rate is the target.
        levels: Number of dose levels.
        model: The working model that the skeleton is for.
        intercept: Fixed intercept of the logistic model.

    Raises:
        InputError: All that is wrong with the numbers.

    Example:
        >>> rates = indifference_skeleton(target=0.25, halfwidth=0.05, mtd=3, levels=5)
        >>> [round(rate, 4) for rate in rates]
        [0.084, 0.1567, 0.25, 0.3545, 0.4603]
    """
    low, high = target - halfwidth, target + halfwidth
    checks = (
        (f"{levels} levels; at least 1 is needed", levels < 1),
        (f"a guessed MTD at level {mtd} of {levels}", not 1 <= mtd <= levels),
        (f"a half-width of {halfwidth}; it must be positive", not halfwidth > 0),
        (f"an indifference interval from {low:g} to {high:g}; it must lie between 0 and 1", not 0 < low < high < 1),
        (f"{model!r} is no working model with a skeleton; empiric or logistic", model not in {"empiric", "logistic"}),
    )
    faults = [text for text, wrong in checks if wrong]
    if not faults and model == "logistic" and not intercept > _logit(high):
        faults = [f"an intercept of {intercept:g}; it must be above the logit of {high:g}, {_logit(high):.3g}"]
    if faults:
        raise InputError("the skeleton cannot be computed: " + "; ".join(faults))

    def label(rate: float) -> float:
        return log(rate) if model == "empiric" else _logit(rate) - intercept

    with np.errstate(over="ignore"):  # so far below the MTD, a rate is 0
        steps = np.float64(label(low) / label(high)) ** (mtd - np.arange(1, levels + 1))
    doses = label(target) * steps
    rates = np.exp(doses) if model == "empiric" else expit(intercept + doses)
    return tuple(rates.tolist())


def _logit(rate: float) -> float:
    return log(rate / (1 - rate))
