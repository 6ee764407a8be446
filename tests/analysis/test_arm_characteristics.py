"""Operating characteristics of trials with arms: against tables listed one by one, and at the limits."""

from fractions import Fraction
from itertools import product
from math import comb

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conductor import PROTOCOLS
from trialwright.analysis.arm_characteristics import arm_characteristics, compare_arms, rate_precision
from trialwright.analysis.two_by_two import fisher_exact
from trialwright.errors import InputError
from trialwright.protocol.file import load_study


def binomial(n: int, x: int, p: float) -> float:
    """The chance of x among n."""
    return comb(n, x) * p**x * (1 - p) ** (n - x)


def fisher_p(n1: int, n2: int, x1: int, x2: int) -> Fraction:
    """Fisher's two-sided p-value as a fraction: the chance of all tables that are no likelier."""
    total = x1 + x2
    ways = [comb(n1, x) * comb(n2, total - x) for x in range(max(0, total - n2), min(n1, total) + 1)]
    here = comb(n1, x1) * comb(n2, x2)
    return Fraction(sum(way for way in ways if way <= here), comb(n1 + n2, total))


def test_the_p_value_listed_here_is_that_of_the_test() -> None:
    """The p-value of Fisher's test that this file lists is the one that `fisher_exact` gives."""
    for x1, x2 in product(range(13), range(5)):
        tested = fisher_exact(table=[[x1, 12 - x1], [x2, 4 - x2]])
        assert tested["p_two_sided"] == pytest.approx(float(fisher_p(12, 4, x1, x2)), abs=1e-12)


@pytest.mark.parametrize(
    ("n1", "n2", "rate1", "rate2"), [(6, 2, 0.5, 0.25), (12, 4, 0.5, 0.25), (9, 7, 0.8, 0.1), (3, 3, 1.0, 0.0)]
)
def test_power_equals_the_sum_over_every_table(n1: int, n2: int, rate1: float, rate2: float) -> None:
    """Power, and how often each arm looks better, equal sums over every table with Fisher's test done on each."""
    power = larger = equal = 0.0
    for x1, x2 in product(range(n1 + 1), range(n2 + 1)):
        chance = binomial(n1, x1, rate1) * binomial(n2, x2, rate2)
        power += chance * (fisher_p(n1, n2, x1, x2) <= Fraction(1, 20))
        larger += chance * (x1 * n2 > x2 * n1)
        equal += chance * (x1 * n2 == x2 * n1)

    found = compare_arms(n1, n2, rate1, rate2)

    assert (found.power, found.larger, found.equal) == pytest.approx((power, larger, equal), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(n1=st.integers(1, 12), n2=st.integers(1, 12), rates=st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)))
def test_the_middle_of_the_observed_differences(n1: int, n2: int, rates: tuple[float, float]) -> None:
    """No more than 2.5 % of trials observe a difference below the range that is given, nor above it."""
    found = compare_arms(n1, n2, *rates)
    below = above = 0.0
    for x1, x2 in product(range(n1 + 1), range(n2 + 1)):
        chance = binomial(n1, x1, rates[0]) * binomial(n2, x2, rates[1])
        below += chance * (x1 / n1 - x2 / n2 < found.observed.low - 1e-9)
        above += chance * (x1 / n1 - x2 / n2 > found.observed.high + 1e-9)

    assert max(below, above) <= 0.025 + 1e-9


@settings(max_examples=40, deadline=None)
@given(n1=st.integers(1, 25), n2=st.integers(1, 25), rate=st.floats(0, 1))
def test_fishers_test_keeps_its_level(n1: int, n2: int, rate: float) -> None:
    """Where the two rates are equal, Fisher's test at 5 % rejects in no more than 5 % of trials."""
    assert compare_arms(n1, n2, rate, rate).power <= 0.05 + 1e-9


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 80), rate=st.floats(0, 1))
@example(n=4, rate=2.2250738585072014e-308)
def test_the_interval_covers_at_least_its_level(n: int, rate: float) -> None:
    """The Clopper-Pearson interval holds the true rate in at least 95 % of trials."""
    assert rate_precision(n, rate).coverage >= 0.95 - 1e-9


def test_sizes_of_a_randomised_trial_follow_cohorts_and_ratio() -> None:
    """Eight subjects a cohort at 3:1 are compared as 6 v 2, and both cohorts with pooled placebo as 12 v 4."""
    (table,) = arm_characteristics(load_study((PROTOCOLS / "NCT03828344.yaml").read_text()))

    assert [row[2] for row in table.rows] == ["6 v 2", "6 v 2", "12 v 4"]


@pytest.mark.parametrize(("trial", "planned"), [("NCT01547091", 198), ("NCT05794425", 100)])
def test_accrual_ends_with_the_planned_enrolment(trial: str, planned: int) -> None:
    """Power and precision by accrual end with what the whole planned enrolment gives."""
    table = arm_characteristics(load_study((PROTOCOLS / f"{trial}.yaml").read_text()))[-1]
    enrolled = [row[1] for row in table.rows]

    assert enrolled == sorted(enrolled)
    assert enrolled[-1] - planned in range(3)


def test_impossible_numbers_are_named_all_at_once() -> None:
    """Sizes and rates that cannot be are named together."""
    with pytest.raises(InputError, match=r"n1 must be at least 1, got 0; rate2 must lie from 0 to 1, got 1\.5"):
        compare_arms(0, 3, 0.5, 1.5)


def test_a_protocol_without_planned_rates_is_refused() -> None:
    """A protocol that plans no response rates is refused with the place to write them."""
    with pytest.raises(InputError, match="planning > true response rates"):
        arm_characteristics(load_study((PROTOCOLS / "NCT05962762.yaml").read_text()))
