"""Confidence intervals for a proportion."""

from __future__ import annotations

from decimal import Decimal

from scipy.special import betaincinv

from trialwright.analysis.table import Interval, Missing
from trialwright.errors import InputError


def clopper_pearson(events: int, n: int, level: Decimal | float = 0.95) -> Interval | Missing:
    """Compute the exact confidence interval of a proportion.

    The limits are the proportions at which the observed count, or one further out, has the chance (1 - level) / 2; they
    are quantiles of beta distributions, and 0 or 1 where no event, or nothing but events, was seen.

    Args:
        events: Subjects with the event.
        n: Subjects in whom it is known.
        level: Confidence level, above 0 and below 1.

    Returns:
        The interval, unrounded; missing, with the reason, when `n` is 0.

    Raises:
        InputError: Naming what cannot be: a negative count, more events than subjects, a level outside 0 to 1.

    Example:
        >>> interval = clopper_pearson(0, 3)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.0, 0.7076)

    Source: Clopper & Pearson 1934, Biometrika 26:404, doi:10.1093/biomet/26.4.404. Checked against R's binom.test and
    Newcombe 1998 in tests/published/test_intervals.py.
    """
    if n < 0:
        raise InputError(f"n is {n}; the number of subjects cannot be negative")
    if not 0 <= events <= n:
        raise InputError(f"events is {events} of n = {n}; give a count from 0 to n")
    if not 0 < level < 1:
        raise InputError(f"level is {level}; give a confidence level above 0 and below 1, such as 0.95")
    if n == 0:
        return Missing("no evaluable subject")
    tail = (1 - float(level)) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return Interval(low, high)
