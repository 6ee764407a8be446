"""Two by two tables worked by hand, and the unconditional tests against a plain search over the common rate."""

from fractions import Fraction
from itertools import product
from math import comb, sqrt

import numpy as np
import pytest

from trialwright.analysis.two_by_two import exact_unconditional, fisher_exact

LIMIT = (0.1 + sqrt(0.1**2 + 4 * 0.975 * 0.025)) / (2 * 0.975)  # x^2 / (1 + 4x + x^2) is 0.025 there
FAR = 78 + sqrt(78**2 + 39)  # and (1 + 4x) / (1 + 4x + x^2) here
BY_HAND = [
    ([[2, 0], [0, 2]], (1 / 3, 1, 1 / 6), (None, None), (LIMIT, None)),
    ([[0, 2], [2, 0]], (1 / 3, 1 / 6, 1), (0, 0), (0, 1 / LIMIT)),
    ([[1, 1], [1, 1]], (1, 5 / 6, 5 / 6), (1, 1), (1 / FAR, FAR)),
    ([[0, 0], [1, 2]], (1, 1, 1), (None, None), (0, None)),
    ([[0, 3], [1, 2]], (1, 1 / 2, 1), (0, 0), (0, 39)),  # 1 / (1 + x) is 0.025 at 39
]
RATES = np.linspace(0, 1, 20_001)


@pytest.mark.parametrize(("table", "p_values", "ratios", "limits"), BY_HAND)
def test_small_tables_by_hand(table, p_values, ratios, limits):
    """The p values are sums of the tables' chances; a ratio without an end, or that nothing tells, is None."""
    found = fisher_exact(table=table)

    assert [found[f"p_{side}"] for side in ("two_sided", "less", "greater")] == pytest.approx(p_values)
    assert (found["conditional_mle_odds_ratio"], found["sample_odds_ratio"]) == ratios
    assert found["conditional_or_ci95"] == (
        limits[0] and pytest.approx(limits[0], abs=2e-4),
        limits[1] and pytest.approx(limits[1], rel=1e-2),
    )


@pytest.mark.parametrize(
    ("table", "certain"), [([[1, 0], [0, 3]], {"p_less"}), ([[0, 1], [1, 2]], {"p_two_sided", "p_greater"})]
)
def test_no_p_is_above_1(table, certain):
    """A sum of all chances is 1, though their binary fractions add up to more."""
    found = fisher_exact(table=table)

    assert {name for name, value in found.items() if name.startswith("p_") and value == 1} == certain


def pooled_z(x1, x2, n1, n2):
    """The signed square of the pooled Wald Z."""
    difference, events = Fraction(x1, n1) - Fraction(x2, n2), x1 + x2
    return difference * abs(difference) / (events * (n1 + n2 - events) or 1)


def fisher_greater(x1, x2, n1, n2):
    """The chance of at least x1 events in the first group given the margins."""
    events = x1 + x2
    ways = sum(comb(n1, k) * comb(n2, events - k) for k in range(x1, min(n1, events) + 1))
    return Fraction(ways, comb(n1 + n2, events))


def greatest(tables, n1, n2):
    """The greatest chance of some tables over the common rate."""
    chances = sum(comb(n1, i) * comb(n2, j) * RATES ** (i + j) * (1 - RATES) ** (n1 + n2 - i - j) for i, j in tables)
    return pytest.approx(min(1.0, float(np.max(chances))), abs=1e-6)


@pytest.mark.parametrize(("n1", "n2"), [(3, 2), (2, 4)])
def test_unconditional_tests_of_every_small_table(n1, n2):
    """Barnard's and Boschloo's p are the greatest chance, over the common rate, of a table at least as extreme."""
    every = list(product(range(n1 + 1), range(n2 + 1)))
    z = {table: pooled_z(*table, n1, n2) for table in every}
    p = {table: fisher_greater(*table, n1, n2) for table in every}
    for x1, x2 in every:
        found = exact_unconditional(responders_treatment=x1, n_treatment=n1, responders_control=x2, n_control=n2)

        assert found == {
            "barnard_two_sided": greatest([each for each in every if abs(z[each]) >= abs(z[x1, x2])], n1, n2),
            "barnard_greater": greatest([each for each in every if z[each] >= z[x1, x2]], n1, n2),
            "boschloo_greater": greatest([each for each in every if p[each] <= p[x1, x2]], n1, n2),
        }


@pytest.mark.parametrize(("n1", "n2", "x1"), [(1, 2, 1), (2, 1, 2)])
def test_the_greatest_chance_lies_between_the_rates_of_a_grid(n1, n2, x1):
    """One table of three subjects has the chance r (1 - r)^2, or r^2 (1 - r): 4/27 at a third, or at two thirds."""
    found = exact_unconditional(responders_treatment=x1, n_treatment=n1, responders_control=0, n_control=n2)

    assert found["barnard_greater"] == pytest.approx(4 / 27, abs=1e-9)
    assert found["boschloo_greater"] == pytest.approx(4 / 27, abs=1e-9)


@pytest.mark.parametrize("n", [1, 7, 150])
def test_equal_rates_are_no_evidence(n):
    """Where as many respond under treatment as under control, every p is 1."""
    for events in {0, n // 2, n}:
        found = exact_unconditional(responders_treatment=events, n_treatment=n, responders_control=events, n_control=n)

        assert found["barnard_two_sided"] == found["barnard_greater"] == 1
