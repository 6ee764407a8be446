"""Operating characteristics of trials with arms: exact power, precision of a rate, and how both grow with accrual.

Response counts of two arms are independent binomials, so that every table that can arise is listed with its chance:
nothing is simulated. Arms, numbers of subjects and true rates come from the protocol and its planning figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, groupby
from math import comb, sqrt

import numpy as np
from scipy.stats import binom

from trialwright.analysis.intervals import clopper_pearson
from trialwright.analysis.table import Column, Interval, Table
from trialwright.design.states import Bools, Floats
from trialwright.errors import InputError
from trialwright.protocol.study import Study

_STEPS = 8
"""Points in time at which power by accrual is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmComparison:
    """What a comparison of two response rates is expected to show.

    Attributes:
        sizes: Subjects in the first and in the second arm.
        rates: Their true response rates.
        power: Probability that Fisher's two-sided exact test rejects equality at `alpha`.
        alpha: Two-sided significance level.
        larger: Probability that the first arm's observed rate is the larger one.
        equal: Probability that both observed rates are equal.
        standard_error: Standard deviation of the observed difference.
        observed: The observed differences between which the middle 95 % of trials lie.
    """

    sizes: tuple[int, int]
    rates: tuple[float, float]
    power: float
    alpha: float
    larger: float
    equal: float
    standard_error: float
    observed: Interval

    def __str__(self) -> str:
        (n1, n2), (p1, p2) = self.sizes, self.rates
        return (
            f"With {n1} against {n2} subjects and true rates of {p1:.0%} and {p2:.0%}, Fisher's test at {self.alpha:g} "
            f"finds the difference in {self.power:.1%} of trials; the first arm looks better in {self.larger:.1%}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePrecision:
    """How precisely one response rate is estimated.

    Attributes:
        n: Subjects.
        rate: True response rate.
        mean_interval: Mean lower and upper limit of the 95 % Clopper-Pearson interval.
        coverage: Probability that the interval holds the true rate.
    """

    n: int
    rate: float
    mean_interval: Interval
    coverage: float

    def __str__(self) -> str:
        low, high = self.mean_interval
        return (
            f"With {self.n} subjects and a true rate of {self.rate:.0%}, the 95% Clopper-Pearson interval runs from "
            f"{low:.1%} to {high:.1%} on average and holds the true rate in {self.coverage:.1%} of trials."
        )


def compare_arms(n1: int, n2: int, rate1: float, rate2: float, *, alpha: float = 0.05) -> ArmComparison:
    """Compute, exactly, what comparing two response rates shows.

    Args:
        n1: Subjects in the first arm.
        n2: Subjects in the second arm.
        rate1: True response rate of the first arm.
        rate2: True response rate of the second arm.
        alpha: Two-sided significance level of Fisher's exact test.

    Raises:
        InputError: Naming every number that cannot be.

    Example:
        >>> print(compare_arms(12, 4, 0.5, 0.25))
        With 12 against 4 subjects and true rates of 50% and 25%, Fisher's test at 0.05 finds the difference in 2.5% \
of trials; the first arm looks better in 79.0%.

    Source: Fisher 1935, J R Stat Soc 98:39; unconditional power as the sum over all tables, as R's power.fisher.test of
    the statmod package simulates it. Checked against tables listed one by one in tests/analysis.
    """
    _confirm({"n1": n1, "n2": n2}, {"rate1": rate1, "rate2": rate2, "alpha": alpha})
    x1, x2 = np.arange(n1 + 1), np.arange(n2 + 1)
    chance = np.outer(_chances(n1, rate1), _chances(n2, rate2))
    ahead = x1[:, None] * n2 - x2[None, :] * n1
    return ArmComparison(
        sizes=(n1, n2),
        rates=(rate1, rate2),
        power=float(chance[_rejected(n1, n2, alpha)].sum()),
        alpha=alpha,
        larger=float(chance[ahead > 0].sum()),
        equal=float(chance[ahead == 0].sum()),
        standard_error=sqrt(rate1 * (1 - rate1) / n1 + rate2 * (1 - rate2) / n2),
        observed=_middle(ahead / (n1 * n2), chance),
    )


def rate_precision(n: int, rate: float) -> RatePrecision:
    """Compute, exactly, how precisely a response rate is estimated.

    Args:
        n: Subjects.
        rate: True response rate.

    Raises:
        InputError: Naming every number that cannot be.

    Example:
        >>> print(rate_precision(100, 0.55))
        With 100 subjects and a true rate of 55%, the 95% Clopper-Pearson interval runs from 44.8% to 64.9% on average \
and holds the true rate in 96.6% of trials.

    Source: Clopper & Pearson 1934, Biometrika 26:404.
    """
    _confirm({"n": n}, {"rate": rate})
    intervals = [clopper_pearson(events, n) for events in range(n + 1)]
    limits = np.array([(one.low, one.high) for one in intervals if isinstance(one, Interval)])
    chance = _chances(n, rate)
    low, high = (chance @ limits).tolist()
    covers = (limits[:, 0] <= rate) & (rate <= limits[:, 1])
    return RatePrecision(n=n, rate=rate, mean_interval=Interval(low, high), coverage=float(chance[covers].sum()))


def _middle(differences: Floats, chance: Floats) -> Interval:
    """The 2.5 and the 97.5 % quantile of what is observed with these chances."""
    order = np.argsort(differences, axis=None)
    found, below = differences.ravel()[order], np.cumsum(chance.ravel()[order])
    low, high = found[np.minimum(np.searchsorted(below, [0.025, 0.975]), len(found) - 1)].tolist()
    return Interval(low, high)


def _chances(n: int, rate: float) -> Floats:
    """The probability of 0 to n responders; by its logarithm, which holds for the smallest rates too."""
    return np.asarray(np.exp(binom.logpmf(np.arange(n + 1), n, rate)))


def arm_characteristics(study: Study) -> tuple[Table, ...]:
    """What a trial with arms is expected to show, from its protocol and planning figures.

    Raises:
        InputError: The protocol plans no response rates.
    """
    rates = study.planning.true_response_rates
    if not rates:
        raise InputError(f"{study.id} plans no response rates; write them under planning > true response rates")
    if len(rates) == 1:
        ((arm, rate),) = rates.items()
        return (_precision_by_accrual(study, arm, rate),)
    tables = [_comparisons(study)]
    if study.allocation is None or study.allocation.method != "randomised" or not study.cohorts:
        tables.append(_power_by_accrual(study))
    return tuple(tables)


def _comparisons(study: Study) -> Table:
    rows = []
    for group, versus, found in comparisons(study):
        first, second = found.rates
        n1, n2 = found.sizes
        rows.append((group, versus, f"{n1} v {n2}", first - second, found.observed, *_shown(found)))
    return Table(
        title="What comparing the response rates is expected to show",
        columns=(
            Column(name="Subjects of"),
            Column(name="Comparison"),
            Column(name="Sizes"),
            Column(name="True difference", format="percent"),
            Column(name="95% of observed ones", format="interval"),
            Column(name="Standard error", format="percent"),
            Column(name="First looks better", format="percent"),
            Column(name="Fisher's test finds it", format="percent"),
        ),
        rows=tuple(rows),
        notes=("Exact: every pair of response counts is listed with its chance.", _sizes_note(study)),
    )


def comparisons(study: Study) -> Iterator[tuple[str, str, ArmComparison]]:
    """Each two arms, within each cohort and in the whole trial: whose subjects, which arms, and what to expect."""
    rates = study.planning.true_response_rates
    for group, sizes in _groups(study, list(rates)):
        for first, second in combinations(rates, 2):
            found = compare_arms(sizes[first], sizes[second], rates[first], rates[second])
            yield group, f"{first} against {second}", found


def by_accrual(study: Study) -> Iterator[tuple[float, int, str, ArmComparison]]:
    """Each two arms, as enrolment goes on: months, how many are enrolled, which arms, and what to expect."""
    rates = study.planning.true_response_rates
    for months, enrolled in _accrual(study):
        each = enrolled // len(rates)
        for first, second in combinations(rates, 2):
            if each:
                found = compare_arms(each, each, rates[first], rates[second])
                yield months, enrolled, f"{first} against {second}", found


def precision_by_accrual(study: Study, rate: float) -> Iterator[tuple[float, RatePrecision]]:
    """How precise a response rate is as enrolment goes on, with the months since its beginning."""
    return ((months, rate_precision(enrolled, rate)) for months, enrolled in _accrual(study) if enrolled)


def _power_by_accrual(study: Study) -> Table:
    found = by_accrual(study)
    rows = [(months, enrolled, versus, one.sizes[0], *_shown(one)) for months, enrolled, versus, one in found]
    return Table(
        title="Power by accrual",
        columns=(
            Column(name="Months", format="decimal"),
            Column(name="Expected enrolled", format="count"),
            Column(name="Comparison"),
            Column(name="In each arm", format="count"),
            Column(name="Standard error", format="percent"),
            Column(name="First looks better", format="percent"),
            Column(name="Fisher's test finds it", format="percent"),
        ),
        rows=tuple(rows),
        notes=(_accrual_note(study), _sizes_note(study)),
    )


def _precision_by_accrual(study: Study, arm: str, rate: float) -> Table:
    rows = []
    for months, found in precision_by_accrual(study, rate):
        low, high = found.mean_interval
        rows.append((months, found.n, found.mean_interval, (high - low) / 2, found.coverage))
    return Table(
        title=f"Precision of the response rate by accrual: {arm}, true rate {rate:.0%}",
        columns=(
            Column(name="Months", format="decimal"),
            Column(name="Expected enrolled", format="count"),
            Column(name="Mean 95% interval", format="interval"),
            Column(name="Half its width", format="percent"),
            Column(name="Coverage", format="percent"),
        ),
        rows=tuple(rows),
        notes=("Exact: every response count is listed with its chance.", _accrual_note(study)),
    )


def _groups(study: Study, arms: list[str]) -> Iterator[tuple[str, dict[str, int]]]:
    """Whose subjects are compared, and how many are in each arm: each cohort, then all; equal arms without a ratio."""
    ratio = dict(study.allocation.ratio) if study.allocation else {}
    shares = {arm: ratio.get(arm, 1) for arm in arms}
    whole = sum(shares.values())
    totals = dict.fromkeys(arms, 0)
    for cohort in study.cohorts:
        sizes = {arm: cohort.size * share // whole for arm, share in shares.items()}
        totals = {arm: totals[arm] + sizes[arm] for arm in arms}
        yield f"{cohort.name}", sizes
    if not study.cohorts:
        totals = {arm: study.enrolment.planned * share // whole for arm, share in shares.items()}
    yield "the whole trial", totals


def _accrual(study: Study) -> Iterator[tuple[float, int]]:
    """Months from the first screening, and how many subjects are expected to be enrolled by then."""
    monthly = study.planning.screened_per_month * (1 - study.planning.screen_failure)
    if monthly <= 0:
        return
    whole = study.enrolment.planned / monthly
    for step in range(1, _STEPS + 1):
        months = whole * step / _STEPS
        yield months, round(study.enrolment.planned * step / _STEPS)


def _shown(found: ArmComparison) -> tuple[float, float, float]:
    return found.standard_error, found.larger, found.power


def _accrual_note(study: Study) -> str:
    planning = study.planning
    return (
        f"Accrual as planned: {planning.screened_per_month:g} screened a month, {planning.screen_failure:.0%} of them "
        "not enrolled; the planning figures are assumptions of the protocol."
    )


def _sizes_note(study: Study) -> str:
    if study.allocation and study.allocation.ratio:
        return "Sizes follow the ratio of the allocation."
    return "Equal arms are assumed: the protocol does not say how many subjects come to each."


def _rejected(n1: int, n2: int, alpha: float) -> Bools:
    """Whether Fisher's two-sided test rejects each pair of counts, in whole numbers; shape (n1 + 1, n2 + 1).

    A table is counted with all those that are no likelier; a p-value of exactly `alpha` rejects.
    """
    found = np.zeros((n1 + 1, n2 + 1), dtype=np.bool_)
    limit = Fraction(str(alpha))
    for total in range(n1 + n2 + 1):
        ways = {x1: comb(n1, x1) * comb(n2, total - x1) for x1 in range(max(0, total - n2), min(n1, total) + 1)}
        most = limit * comb(n1 + n2, total)
        counted, allowed = 0, 0
        for way, tied in groupby(sorted(ways.values())):
            counted += way * len(list(tied))
            if counted > most:
                break
            allowed = way
        for x1, way in ways.items():
            found[x1, total - x1] = way <= allowed
    return found


def _confirm(sizes: dict[str, int], rates: dict[str, float]) -> None:
    faults = [f"{name} must be at least 1, got {n}" for name, n in sizes.items() if n < 1]
    faults += [f"{name} must lie from 0 to 1, got {rate}" for name, rate in rates.items() if not 0 <= rate <= 1]
    if faults:
        raise InputError("; ".join(faults))
