"""The mixed model for repeated measures on the growth data of Potthoff & Roy 1964, Biometrika 51:313.

Distances in mm from pituitary to pterygomaxillary fissure at 8, 10, 12 and 14 years. Expected numbers are of R 4.2.2:
estimates and errors of nlme::gls with emmeans, degrees of freedom from numDeriv's curvature of a restricted likelihood
written out in R.
"""

import pytest
from scipy.stats import t

from trialwright.analysis.mmrm import mmrm_unstructured_reml
from trialwright.analysis.mmrm_differences import mmrm_treatment_differences

GROWTH = """
F01 21 20 21.5 23; F02 21 21.5 24 25.5; F03 20.5 24 24.5 26; F04 23.5 24.5 25 26.5; F05 21.5 23 22.5 23.5
F06 20 21 21 22.5; F07 21.5 22.5 23 25; F08 23 23 23.5 24; F09 20 21 22 21.5; F10 16.5 19 19 19.5; F11 24.5 25 28 28
M01 26 25 29 31; M02 21.5 22.5 23 26.5; M03 23 22.5 24 27.5; M04 25.5 27.5 26.5 27; M05 20 23.5 22.5 26
M06 24.5 25.5 27 28.5; M07 22 22 24.5 26.5; M08 24 21.5 24.5 25.5; M09 23 20.5 31 26; M10 27.5 28 31 31.5
M11 23 23 23.5 25; M12 21.5 23.5 24 28; M13 17 24.5 26 29.5; M14 22.5 25.5 25.5 26; M15 23 24.5 26 30
M16 22 21.5 23.5 25
"""
MODEL = (
    "y ~ {} (visit as factor, reference visit 8, reference arm F, reference clinic 0), unstructured covariance, REML"
)


def growth(*, lost: bool) -> list[dict[str, object]]:
    """The children's distances; where some are lost, every seventh from the third on."""
    children = [child.split() for child in GROWTH.replace("\n", ";").split(";") if child.strip()]
    rows = [
        {"id": child, "visit": age, "y": float(distance), "arm": child[0], "clinic": str(int(child[1:]) % 3)}
        for child, *distances in children
        for age, distance in zip((8, 10, 12, 14), distances, strict=True)
    ]
    return [row for index, row in enumerate(rows) if not (lost and index % 7 == 2)]


def told(one) -> tuple[float, float, float]:
    """Estimate, standard error and degrees of freedom."""
    return one.estimate, one.standard_error, one.degrees_of_freedom


def test_without_losses_the_freedom_is_exact():
    """Where nothing is lost, every difference has as many degrees of freedom as subjects less arms: 25."""
    found = mmrm_treatment_differences(model=MODEL.format("arm*visit"), data=growth(lost=False))
    fitted = mmrm_unstructured_reml(model=MODEL.format("arm*visit"), data=growth(lost=False))

    assert fitted.minus2_reml_loglik == pytest.approx(414.034801, abs=1e-5)
    for by_arm in (*found.differences.values(), *found.adjusted_means.values()):
        for one in by_arm.values():
            assert one.degrees_of_freedom == pytest.approx(25, abs=1e-4)
    assert told(found.differences["14"]["M"]) == pytest.approx((3.37784091, 0.87456172, 25), abs=1e-5)


def test_limits_and_p_are_of_students_t():
    """Limits are 95 % by default, by the 97.5 % quantile of t at 25 degrees of freedom, and the p is two-sided."""
    found = mmrm_treatment_differences(model=MODEL.format("arm*visit"), data=growth(lost=False)).differences["14"]["M"]

    half = 2.059539 * 0.87456172
    assert (found.low, found.high) == pytest.approx((3.37784091 - half, 3.37784091 + half), abs=1e-4)
    assert found.p == pytest.approx(2 * t.sf(3.37784091 / 0.87456172, 25), rel=1e-4)


@pytest.mark.parametrize(
    ("visit", "female", "male", "apart"),
    [
        ("8", (21.20105, 0.705553, 24.8261), (22.64375, 0.592333, 25.6490), (1.442701, 0.921230, 25.1705)),
        ("10", (21.82990, 0.768747, 17.2681), (23.33749, 0.630913, 16.7044), (1.507591, 0.994496, 17.0394)),
        ("12", (23.21415, 0.781501, 25.9363), (25.67824, 0.643937, 25.4607), (2.464088, 1.012620, 25.7441)),
        ("14", (24.05850, 0.754219, 21.6447), (27.88851, 0.634040, 22.5457), (3.830019, 0.985319, 22.0161)),
    ],
)
def test_with_losses(visit, female, male, apart):
    """Where distances are lost, adjusted means and differences have Satterthwaite's degrees of freedom."""
    found = mmrm_treatment_differences(model=MODEL.format("arm*visit"), data=growth(lost=True))

    assert told(found.adjusted_means[visit]["F"]) == pytest.approx(female, abs=2e-4)
    assert told(found.adjusted_means[visit]["M"]) == pytest.approx(male, abs=2e-4)
    assert told(found.differences[visit]["M"]) == pytest.approx(apart, abs=2e-4)


def test_another_factor():
    """Means are adjusted to equal weights of the levels of another factor, as in emmeans and SAS."""
    found = mmrm_treatment_differences(model=MODEL.format("clinic + arm*visit"), data=growth(lost=True))
    mean, difference = found.adjusted_means["14"]["M"], found.differences["14"]["M"]

    assert (mean.estimate, mean.standard_error) == pytest.approx((27.884024, 0.6443287), abs=1e-5)
    assert (difference.estimate, difference.standard_error) == pytest.approx((3.806604, 1.0016321), abs=1e-5)
    assert difference.t == pytest.approx(3.8004, abs=1e-3)
    assert difference.low < 3.8066 - 2 < difference.estimate < 3.8066 + 2 < difference.high
