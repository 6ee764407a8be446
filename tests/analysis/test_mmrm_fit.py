"""The fit of the mixed model where it can be worked by hand, and the data that do not determine it."""

from math import log, pi, sqrt

import numpy as np
import pytest

from trialwright.analysis.mmrm_fit import Fit, Pattern, fit_reml, satterthwaite
from trialwright.clinical.item import Missing

TOO_FEW = "too few subjects, or no variation, for a covariance between all visits"
NO_MAXIMUM = "the restricted likelihood has no maximum"
NOT_DETERMINED = "the data do not determine every variance and covariance between visits"
ONE, BOTH, OTHER = (0,), (0, 1), (1,)


def fitted(responses, visits=2):
    """The fit of a mean at each visit to the responses of subjects, by the visits at which they were seen."""
    effects = np.eye(visits)
    patterns = [
        Pattern(np.array(at), np.array([effects[list(at)]] * len(values)), np.array(values, dtype=float))
        for at, values in responses.items()
    ]
    return fit_reml(patterns, visits)


@pytest.mark.parametrize("unit", [1, 0.001, 1e6])
def test_one_visit_is_least_squares(unit):
    """At one visit the variance is that of the sample, 7 of 1, 2 and 6, with n - 1 degrees of freedom to 8 digits."""
    fit = fitted({ONE: [[unit], [2 * unit], [6 * unit]]}, visits=1)

    assert fit.effects == pytest.approx([3 * unit])
    assert fit.of_effects == pytest.approx(np.array([[7 / 3 * unit**2]]))
    assert fit.minus2_reml_loglik == pytest.approx(2 * (1 + log(2 * pi * 7 * unit**2)) + log(3))
    assert satterthwaite(fit, [np.ones(1)]) == pytest.approx([2], rel=1e-8)


def test_complete_visits_have_the_covariance_of_the_sample():
    """Of complete subjects the covariance is that of the sample, and any contrast has n - 1 degrees of freedom."""
    fit = fitted({BOTH: [[1, 2], [2, 5], [4, 4], [5, 9]]})
    contrasts = [np.array(weights, dtype=float) for weights in ([1, 0], [0, 1], [1, -1], [2, 3])]

    assert fit.effects == pytest.approx([3, 5])
    assert fit.of_effects * 4 == pytest.approx(np.array([[10, 13], [13, 26]]) / 3, rel=1e-6)
    assert satterthwaite(fit, contrasts) == pytest.approx([3] * 4, rel=1e-6)


@pytest.mark.parametrize(
    ("responses", "reason"),
    [
        ({BOTH: [[1, 2], [2, 5]]}, TOO_FEW),  # two degrees of freedom for three parameters
        ({ONE: [[3]], BOTH: [[1, 2], [2, 5]]}, NO_MAXIMUM),  # enough, but two complete subjects lie on a line
        ({ONE: [[3], [4], [6]], BOTH: [[1, 2]], OTHER: [[3], [8]]}, TOO_FEW),  # one complete subject tells no slope
        ({BOTH: [[0, 0]] * 4}, TOO_FEW),
        ({BOTH: [[0.1, 0.7]] * 3}, TOO_FEW),  # not 0 as binary fractions
        ({ONE: [[2]], BOTH: [[3, 2], [0, 1]]}, NO_MAXIMUM),
        ({ONE: [[0]], BOTH: [[1, 2], [1, 2]], OTHER: [[6]]}, NO_MAXIMUM),
        ({BOTH: [[3, 1], [3, 0], [3, 1], [3, 3]], OTHER: [[0], [0]]}, NO_MAXIMUM),  # the first variance runs to 0
        ({BOTH: [[1, 4], [3, 4]], OTHER: [[4], [3], [3]]}, NOT_DETERMINED),
    ],
)
def test_what_the_data_do_not_determine(responses, reason):
    """Data that leave a variance or a covariance open have no fit, and the reason why."""
    assert fitted(responses) == Missing(reason)


def test_one_value_has_no_variance():
    """One value leaves no degree of freedom."""
    assert fitted({ONE: [[3]]}, visits=1) == Missing(TOO_FEW)


@pytest.mark.parametrize(("deviation", "kind"), [(1.3e-9, Fit), (0.9e-9, Missing)])
def test_variation_that_rounding_could_make(deviation, kind):
    """A standard deviation of a thousand-millionth of the largest value is rounding, and no variation."""
    for unit in (1, 1000):
        assert isinstance(fitted({ONE: [[unit], [unit + unit * deviation * sqrt(2)]]}, visits=1), kind)


@pytest.mark.parametrize(("times", "kind"), [(1633, Fit), (2310, Missing)])
def test_visits_of_too_different_spread(times, kind):
    """Where one visit varies 2000 times as much as the next, the curvature tells nothing of their covariance."""
    assert isinstance(fitted({BOTH: [[times, 1], [times, -1], [-times, 1], [-times, -1]]}), kind)
