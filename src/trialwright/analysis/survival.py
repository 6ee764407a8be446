"""Time to an event: the Kaplan-Meier estimate with three kinds of limits, R's median rule, and the log-rank test."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from math import exp, log, sqrt
from typing import Any, NamedTuple

import numpy as np
from scipy.special import chdtrc, ndtri

from trialwright.analysis.intervals import LEVELS
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.errors import InputError

_MOST_TIME = 10**9
_MOST_SUBJECTS = 100_000  # ten times the largest trials of a drug; more would take longer than a user waits
_MOST_GROUPS = 100  # the test inverts a covariance between the groups
_NEAR = 1.5e-8  # R's tolerance for a survival of exactly one half
_HALF = 0.5
_SINGULAR = 1e-10


class Step(NamedTuple):
    """The estimate from one time on.

    Attributes:
        time: In the unit of the times.
        at_risk: Subjects at risk just before it.
        survival: Chance of surviving beyond it.
        relative_se: Greenwood's standard error divided by the survival; None where nobody is left.
    """

    time: float
    at_risk: int
    survival: float
    relative_se: float | None


def survival_curve(times: Sequence[Decimal], events: Sequence[int]) -> tuple[Step, ...]:
    """Estimate the survival function, a step at every distinct time.

    Args:
        times: Time of the event or of censoring, any unit, at least 0.
        events: 1 for an event, 0 for censoring; one censored at the time of an event was at risk for it.

    Returns:
        The steps in the order of their times; none without times.

    Raises:
        ValueError: Times and events are not equally many.

    Example:
        >>> [round(step.survival, 3) for step in survival_curve([Decimal(6), Decimal(6), Decimal(7)], [1, 0, 1])]
        [0.667, 0.0]

    Source: Kaplan & Meier 1958, J Am Stat Assoc 53:457; Greenwood 1926. Checked in tests/published/test_statistics.py.
    """
    at_risk, survival, variance = len(times), 1.0, 0.0
    leaving, dying = Counter(times), Counter(time for time, event in zip(times, events, strict=True) if event)
    steps = []
    for time in sorted(leaving):
        deaths = dying[time]
        survival *= (at_risk - deaths) / at_risk
        if at_risk > deaths:
            variance += deaths / (at_risk * (at_risk - deaths))
        steps.append(Step(float(time), at_risk, survival, sqrt(variance) if survival > 0 else None))
        at_risk -= leaving[time]
    return tuple(steps)


Limits = tuple[float | None, float | None]


def _plain(survival: float, relative_se: float, z: float) -> Limits:
    half = z * survival * relative_se
    return max(0.0, survival - half), min(1.0, survival + half)


def _log(survival: float, relative_se: float, z: float) -> Limits:
    return survival * exp(-z * relative_se), min(1.0, survival * exp(z * relative_se))


def _loglog(survival: float, relative_se: float, z: float) -> Limits:
    if survival >= 1:
        return None, None
    half = z * relative_se / abs(log(survival))
    return exp(log(survival) * exp(half)), exp(log(survival) * exp(-half))


KINDS: dict[str, Callable[[float, float, float], Limits]] = {"plain": _plain, "log": _log, "loglog": _loglog}


@item("kaplan_meier")
def kaplan_meier(
    *,
    times: Any,
    events: Any,
    evaluate_at: Any = (),
    confidence: Number | None = Decimal("0.95"),
    dataset: str | None = None,
) -> dict[str, dict[str, Any]] | Missing:
    """Estimate survival at given times and its median, with plain, log and log-log limits.

    The median is the first time with a survival of at most one half; where the curve lies at exactly one half, it is
    the middle of that stretch, as in R and SAS: a choice. Its limits are where the pointwise limits cross one half, by
    that rule. Which of the three kinds of limits is reported is a choice of the protocol: `log` is the default of R,
    `loglog` that of SAS. Limits by the logit or the arcsine, and bands for the whole curve, are not offered.

    Args:
        times: Times, any unit, at least 0; at most 100,000 subjects.
        events: 1 for an event, 0 for censoring.
        evaluate_at: Times to tell the estimate at, in the unit of the times.
        confidence: Confidence level, 0.01 to 0.999999.
        dataset: A remark for the reader; changes nothing.

    Returns:
        For each kind of limits: survival, Greenwood's standard error, limits and number at risk at each asked time, and
        the median with its limits. None where it cannot be told: beyond the last time, for nothing is carried on; a
        limit where nobody is left; log-log limits while nobody has had the event.

    Raises:
        InputError: Naming every input that is of the wrong kind or length.

    Example:
        >>> found = kaplan_meier(times=[2, 4, 6, 8, 10, 12], events=[1, 1, 1, 1, 1, 1])
        >>> found["log"]["median"], found["plain"]["median_upper95"]
        (7.0, 10.0)

    Source: Kaplan & Meier 1958, J Am Stat Assoc 53:457; Brookmeyer & Crowley 1982, Biometrics 38:29; R's survfit.
    Checked in tests/published/test_statistics.py.
    """
    read = Inputs()
    read.remark("dataset", dataset)
    when, happened = _outcomes(read, times, events)
    asked = [
        float(read.needed_number(f"evaluate_at[{index}]", at, 0, _MOST_TIME))
        for index, at in enumerate(_listed(read, "evaluate_at", evaluate_at))
    ]
    level = read.needed_number("confidence", confidence, *LEVELS)
    if missing := read.missing():
        return missing
    if not when:
        return Missing("no subject")
    steps = survival_curve(when, happened)
    z = float(ndtri((1 + float(level)) / 2))
    return {kind: _estimates(steps, asked, limits, z, when) for kind, limits in KINDS.items()}


@item("logrank")
def logrank(
    *, times: Any, events: Any, group: Any, strata: Any = None, dataset: str | None = None
) -> dict[str, float | int] | Missing:
    """Compare survival between groups by the log-rank test, stratified where strata are given.

    Observed less expected events, with the hypergeometric variance at every event time; strata are summed. The p is of
    any difference (two-sided). Weighted tests (Gehan and Wilcoxon, Peto, Fleming and Harrington) are not offered.

    Args:
        times: Times, any unit, at least 0; at most 100,000 subjects.
        events: 1 for an event, 0 for censoring.
        group: The group of each subject, of at most 100; 1 and 1.0 are one group.
        strata: The stratum of each subject; None without strata.
        dataset: A remark for the reader; changes nothing.

    Returns:
        Chi-square, degrees of freedom and p; missing where nothing can be compared.

    Raises:
        InputError: Naming every input that is of the wrong kind or length.

    Example:
        >>> found = logrank(times=[1, 2, 3, 4], events=[1, 1, 1, 1], group=["a", "a", "b", "b"])
        >>> round(found["chi_square"], 3), found["df"]
        (2.882, 1)

    Source: Mantel 1966, Cancer Chemother Rep 50:163; Peto & Peto 1972; R's survdiff. Checked in
    tests/published/test_statistics.py.
    """
    read = Inputs()
    read.remark("dataset", dataset)
    when, happened = _outcomes(read, times, events)
    groups = _labels(read, "group", group, len(when))
    layers = _labels(read, "strata", strata, len(when)) if strata is not None else [""] * len(when)
    if missing := read.missing():
        return missing
    names = sorted(set(groups))
    if len(names) > _MOST_GROUPS:
        raise InputError(f"group must have at most {_MOST_GROUPS} groups, got {len(names)}")
    if len(names) < 2 or not any(happened):
        return Missing("no event" if len(names) > 1 else "fewer than two groups")
    excess, variance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    strata_rows = defaultdict(list)
    for index, layer in enumerate(layers):
        strata_rows[layer].append(index)
    for _, rows in sorted(strata_rows.items()):
        member = np.array([[groups[index] == name for name in names] for index in rows], dtype=np.float64)
        _add_stratum([when[i] for i in rows], [happened[i] for i in rows], member, excess, variance)
    compared = np.flatnonzero(np.diag(variance) > _SINGULAR)[:-1]
    if not len(compared):
        return Missing("the groups are never at risk together when an event happens")
    chi_square = float(excess[compared] @ np.linalg.pinv(variance[np.ix_(compared, compared)]) @ excess[compared])
    return {"chi_square": chi_square, "df": len(compared), "p": float(chdtrc(len(compared), chi_square))}


def _listed(read: Inputs, name: str, values: Any) -> Sequence[Any]:
    """Read a list with an entry for each subject."""
    listed = read.listed(name, values)
    if len(listed) <= _MOST_SUBJECTS:
        return listed
    read.fault(f"{name} must have at most {_MOST_SUBJECTS:,} entries, got {len(listed):,}")
    return ()


def _outcomes(read: Inputs, times: Any, events: Any) -> tuple[list[Decimal], list[int]]:
    when = [
        read.needed_number(f"times[{index}]", time, 0, _MOST_TIME)
        for index, time in enumerate(_listed(read, "times", times))
    ]
    happened = [
        int(event) if isinstance(event, bool) else read.needed_whole(f"events[{index}]", event, 0, 1)
        for index, event in enumerate(_listed(read, "events", events))
    ]
    if len(when) != len(happened) and not read.gaps and not read.faults:
        read.fault(f"times and events must be equally many, got {len(when)} and {len(happened)}")
    return when, happened


def _labels(read: Inputs, name: str, values: Any, count: int) -> list[str]:
    labels: list[str] = []
    for index, label in enumerate(_listed(read, name, values)):
        if label is None:
            read.gaps.append(f"{name}[{index}]")
        number = (
            None if isinstance(label, str | bool) else read.number(f"{name}[{index}]", label, -_MOST_TIME, _MOST_TIME)
        )
        labels.append(str(label) if number is None else f"{number.normalize():f}")
    if len(labels) != count and not read.gaps and not read.faults:
        read.fault(f"times and {name} must be equally many, got {count} and {len(labels)}")
    return labels


def _estimates(
    steps: tuple[Step, ...],
    asked: list[float],
    kind: Callable[[float, float, float], Limits],
    z: float,
    times: list[Decimal],
) -> dict[str, Any]:
    limits = [(None, None) if step.relative_se is None else kind(step.survival, step.relative_se, z) for step in steps]
    curve = [step.time for step in steps]
    rows = [_at(steps, limits, time, bisect_right(curve, time)) for time in asked]
    ordered = sorted(map(float, times))
    survival, error, low, high = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    return {
        "survival": survival,
        "greenwood_se": error,
        "lower95": low,
        "upper95": high,
        "n_at_risk": [len(ordered) - bisect_left(ordered, at) for at in asked],
        "median": _first_half(curve, [step.survival for step in steps]),
        "median_lower95": _first_half(curve, [low for low, _ in limits]),
        "median_upper95": _first_half(curve, [high for _, high in limits]),
    }


def _at(steps: tuple[Step, ...], limits: list[Limits], time: float, passed: int) -> tuple[float | None, ...]:
    """Survival, standard error and limits at a time that so many steps have passed."""
    if time > steps[-1].time:
        return (None, None, None, None) if steps[-1].survival > 0 else (0.0, None, None, None)
    if not passed:
        return 1.0, 0.0, 1.0, 1.0
    step = steps[passed - 1]
    error = None if step.relative_se is None else step.survival * step.relative_se
    return step.survival, error, *limits[passed - 1]


def _first_half(times: list[float], curve: list[float | None]) -> float | None:
    """The time at which a curve reaches one half; the middle of the stretch where it lies there."""
    below = [
        (time, value) for time, value in zip(times, curve, strict=True) if value is not None and value < _HALF + _NEAR
    ]
    if not below:
        return None
    first, level = below[0]
    after = next((time for time, value in below if value < level), None)
    return (first + after) / 2 if abs(level - _HALF) < _NEAR and after is not None else first


def _add_stratum(times: list[Decimal], events: list[int], member: Any, excess: Any, variance: Any) -> None:
    """Add observed less expected events of each group, and their covariance, at every event time of a stratum."""
    order = sorted(range(len(times)), key=times.__getitem__)
    ordered = [times[index] for index in order]
    died = member[order] * np.array([[events[index]] for index in order])
    at_risk = np.cumsum(member[order][::-1], axis=0)[::-1]
    first = 0
    while first < len(ordered):
        after = bisect_right(ordered, ordered[first], lo=first)
        dying, risk = died[first:after].sum(axis=0), at_risk[first]
        first = after
        deaths, total = float(dying.sum()), float(risk.sum())
        if not deaths:
            continue
        share = risk / total
        excess += dying - deaths * share
        if total > 1:
            spread = deaths * (total - deaths) / (total - 1)
            variance += spread * (np.diag(share) - np.outer(share, share))
