"""Simon's two-stage designs against a search of every design of few subjects."""

from math import comb

import pytest

from trialwright.analysis.simon import TwoStageDesign, simon_two_stage

FEW = 12


def chance(k, n, rate):
    """The chance of k responses in n subjects."""
    return comb(n, k) * rate**k * (1 - rate) ** (n - k)


def stopping(n1, r1, rate):
    """The chance of at most r1 responses in the first stage."""
    return sum(chance(k, n1, rate) for k in range(r1 + 1))


def going_on(n1, r1, n, r, rate):
    """The chance of more than r1 responses in the first stage and more than r in all."""
    return sum(
        chance(first, n1, rate) * chance(later, n - n1, rate)
        for first in range(r1 + 1, n1 + 1)
        for later in range(n - n1 + 1)
        if first + later > r
    )


def expected(n1, r1, n, p0):
    """The expected subjects of a design."""
    return n1 + (1 - stopping(n1, r1, p0)) * (n - n1)


@pytest.mark.parametrize(
    ("p0", "p1", "alpha", "beta"), [(0.1, 0.6, 0.1, 0.1), (0.05, 0.5, 0.04, 0.2), (0.9, 0.95, 0.5, 0.5)]
)
def test_no_design_of_few_subjects_is_better(p0, p1, alpha, beta):
    """Of the designs that keep alpha and beta none expects fewer than the optimal, none is smaller than the minimax."""
    found = simon_two_stage(p0=p0, p1=p1, alpha=alpha, beta=beta)
    keeping = [
        (n, expected(n1, r1, n, p0))
        for n in range(2, FEW + 1)
        for n1 in range(1, n)
        for r1 in range(n1)
        for r in range(r1, n)
        if going_on(n1, r1, n, r, p0) <= alpha and going_on(n1, r1, n, r, p1) >= 1 - beta
    ]

    assert found["minimax"].n <= found["optimal"].n <= FEW
    assert (found["minimax"].n, found["minimax"].en_p0) == pytest.approx(min(keeping))
    assert found["optimal"].en_p0 == pytest.approx(min(fewest for _, fewest in keeping))
    for design in found.values():
        assert going_on(design.n1, design.r1, design.n, design.r, p0) <= alpha
        assert going_on(design.n1, design.r1, design.n, design.r - 1, p0) > alpha
        assert going_on(design.n1, design.r1, design.n, design.r, p1) >= 1 - beta
        assert design.pet_p0 == pytest.approx(stopping(design.n1, design.r1, p0))


@pytest.mark.parametrize(
    ("p0", "p1", "alpha", "beta", "r"),
    [(0.05, 0.95, 0.1, 0.1, 0), (0.5, 0.9, 0.25, 0.2, 1), (0.1, 0.5, 0.2, 0.5, 0), (0.5, 0.9, 0.25, 0.19, 1)],
)
def test_the_smallest_design_has_two_subjects(p0, p1, alpha, beta, r):
    """One subject in each stage may do, and an error of exactly alpha or beta is kept."""
    design = TwoStageDesign(r1=0, n1=1, r=r, n=2, pet_p0=pytest.approx(1 - p0), en_p0=pytest.approx(1 + p0))

    assert simon_two_stage(p0=p0, p1=p1, alpha=alpha, beta=beta) == {"optimal": design, "minimax": design}


def test_the_largest_design_has_a_hundred_subjects():
    """A design of just 100 subjects is found."""
    found = simon_two_stage(p0=0.3, p1=0.45, alpha=0.05, beta=0.072)["minimax"]

    assert (found.r1, found.n1, found.r, found.n) == (33, 92, 37, 100)
