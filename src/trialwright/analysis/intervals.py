"""Confidence intervals for a proportion."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

from scipy.special import betaincinv, ndtri

from trialwright.analysis.table import Interval
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.errors import InputError

LEVELS = (Decimal("0.01"), Decimal("0.999999"))  # confidence levels that a limit is computed for
_MOST_SUBJECTS = 10**7


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
    _confirm(events, n, level)
    if n == 0:
        return Missing("no evaluable subject")
    tail = (1 - float(level)) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return Interval(low, high)


def wilson(
    events: int, n: int, level: Decimal | float = 0.95, *, continuity_corrected: bool = False
) -> Interval | Missing:
    """Compute Wilson's score interval of a proportion.

    Args:
        events: Subjects with the event.
        n: Subjects in whom it is known.
        level: Confidence level, above 0 and below 1.
        continuity_corrected: Whether to correct as R's prop.test does: by half an event, or by the distance from half
            of the subjects where that is less.

    Returns:
        The interval, unrounded; missing, with the reason, when `n` is 0.

    Raises:
        InputError: Naming what cannot be.

    Example:
        >>> interval = wilson(0, 20)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.0, 0.1611)

    Source: Wilson 1927, J Am Stat Assoc 22:209; Newcombe 1998, Stat Med 17:857. Checked against R's prop.test in
    tests/published/test_statistics.py.
    """
    _confirm(events, n, level)
    if n == 0:
        return Missing("no evaluable subject")
    shift = min(0.5, abs(events - n / 2)) if continuity_corrected else 0.0
    below, above = (events - shift) / n, (events + shift) / n
    low = 0.0 if below <= 0 else _wilson_limit(below, n, level, -1)
    high = 1.0 if above >= 1 else _wilson_limit(above, n, level, 1)
    return Interval(low, high)


def jeffreys(events: int, n: int, level: Decimal | float = 0.95) -> Interval | Missing:
    """Compute the interval of a proportion from Jeffreys' prior, Beta(1/2, 1/2), with ends of 0 and 1 as they are seen.

    The limits are the posterior's quantiles with equal tails, not those of highest density.

    Args:
        events: Subjects with the event.
        n: Subjects in whom it is known.
        level: Confidence level, above 0 and below 1.

    Returns:
        The interval, unrounded; missing, with the reason, when `n` is 0.

    Raises:
        InputError: Naming what cannot be.

    Example:
        >>> interval = jeffreys(0, 9)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.0, 0.2376)

    Source: Brown, Cai & DasGupta 2001, Stat Sci 16:101, doi:10.1214/ss/1009213286. Checked against R's qbeta in
    tests/published/test_statistics.py.
    """
    _confirm(events, n, level)
    if n == 0:
        return Missing("no evaluable subject")
    tail = (1 - float(level)) / 2
    low = 0.0 if events == 0 else float(betaincinv(events + 0.5, n - events + 0.5, tail))
    high = 1.0 if events == n else float(betaincinv(events + 0.5, n - events + 0.5, 1 - tail))
    return Interval(low, high)


@item("binomial_ci")
def binomial_ci(
    *, responders: Number | None, n: Number | None, confidence: Number | None = Decimal("0.95")
) -> dict[str, Interval | Missing] | Missing:
    """Compute four intervals of a response rate.

    Wald's interval is not offered, for it misses its level near 0 and 1 (Brown, Cai & DasGupta 2001); nor are those of
    Agresti and Coull, of Blaker, and by the mid-p.

    Args:
        responders: Subjects with the response, a count.
        n: Subjects of the analysis set, a count up to 10,000,000.
        confidence: Confidence level, 0.01 to 0.999999.

    Returns:
        The limits by Clopper-Pearson, Wilson, Wilson with continuity correction, and Jeffreys; missing without any.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> [round(limit, 4) for limit in binomial_ci(responders=2, n=16)["wilson"]]
        [0.035, 0.3602]

    Source: Clopper & Pearson 1934, Biometrika 26:404; Wilson 1927, J Am Stat Assoc 22:209; Newcombe 1998, Stat Med
    17:857; Brown, Cai & DasGupta 2001, Stat Sci 16:101. Checked in tests/published/test_statistics.py.
    """
    read = Inputs()
    size = read.needed_whole("n", n, 0, _MOST_SUBJECTS)
    events = read.needed_whole("responders", responders, 0, _MOST_SUBJECTS)
    level = read.needed_number("confidence", confidence, *LEVELS)
    if events > size and n is not None and not read.faults:
        read.fault(f"responders must be at most n, got {events} of {size}")
    if missing := read.missing():
        return missing
    if size == 0:
        return Missing("no subject in the analysis set")
    return {
        "clopper_pearson": clopper_pearson(events, size, level),
        "wilson": wilson(events, size, level),
        "wilson_continuity_corrected": wilson(events, size, level, continuity_corrected=True),
        "jeffreys": jeffreys(events, size, level),
    }


def _wilson_limit(rate: float, n: int, level: Decimal | float, sign: int) -> float:
    z = float(ndtri((1 + float(level)) / 2))
    spread = z * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return min(1.0, max(0.0, (rate + z * z / (2 * n) + sign * spread) / (1 + z * z / n)))


def _confirm(events: int, n: int, level: Decimal | float) -> None:
    if n < 0:
        raise InputError(f"n is {n}; the number of subjects cannot be negative")
    if not 0 <= events <= n:
        raise InputError(f"events is {events} of n = {n}; give a count from 0 to n")
    if not 0 < level < 1:
        raise InputError(f"level is {level}; give a confidence level above 0 and below 1, such as 0.95")
