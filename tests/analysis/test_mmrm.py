"""What the mixed model for repeated measures promises of any data."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.analysis.compute import answer
from trialwright.errors import InputError

MODEL = "y ~ {} (reference visit 1, reference arm a, reference sex m), unstructured covariance, REML"
VALUES = st.lists(st.integers(0, 9), min_size=8, max_size=20)


def rows(values, visits=(1, 2), unit=1):
    """Values of subjects in turn, in both arms."""
    pairs = [(index // len(visits), visits[index % len(visits)], value) for index, value in enumerate(values)]
    return [
        {"id": n, "visit": v, "y": y * unit, "arm": "ab"[n % 2], "sex": "mf"[n // 2 % 2], "kg": 50 + n}
        for n, v, y in pairs
    ]


@settings(max_examples=25)
@given(values=VALUES)
def test_the_unit_of_the_response_changes_nothing_but_its_unit(values):
    """In a thousandth of the unit every estimate is a thousand times larger, and t, p and freedom stay."""
    found, scaled = (
        answer("mmrm_treatment_differences", {"model": MODEL.format("arm*visit"), "data": rows(values, unit=unit)})
        for unit in (1, 1000)
    )
    if found["result"] is None:
        assert scaled == found
        return
    for visit, by_arm in found["result"]["differences"].items():
        one, other = by_arm["b"], scaled["result"]["differences"][visit]["b"]
        assert other["estimate"] == pytest.approx(1000 * one["estimate"], abs=1e-4)
        assert other["standard_error"] == pytest.approx(1000 * one["standard_error"], rel=1e-5)
        assert other["degrees_of_freedom"] == pytest.approx(one["degrees_of_freedom"], rel=1e-4)
        assert one["low"] < one["estimate"] < one["high"]
        assert 0 <= one["p"] <= 1


def test_a_variance_that_the_data_do_not_hold_is_told():
    """Where one subject of each arm was seen at a visit, its variance is not determined, and there is no model."""
    seen = [(0, 1, 4), (0, 2, -0.6), (1, 2, 3), (2, 2, 0), (3, 1, 0), (3, 2, 1), (4, 2, 4)]
    data = [{"id": n, "visit": v, "y": y, "arm": "ab"[n % 2]} for n, v, y in seen]
    found = answer("mmrm_unstructured_reml", {"model": MODEL.format("arm*visit"), "data": data})

    assert found["missing"] == "the data do not determine every variance and covariance between visits"


def test_differences_need_arm_and_visit():
    """Without the arm or the visit in the formula there is no difference between arms at a visit."""
    with pytest.raises(InputError, match="arm and visit must stand in the formula"):
        answer("mmrm_treatment_differences", {"model": MODEL.format("sex + visit"), "data": rows([3, 5, 2, 8] * 4)})


def test_a_factor_needs_its_reference_and_a_number_none():
    """A variable of numbers is a slope; any other has a level less than it has values, and needs its reference."""
    data = rows([3, 5, 2, 8, 1, 1, 7, 4, 6, 2, 9, 5, 2, 2, 8, 3])
    found = answer("mmrm_unstructured_reml", {"model": MODEL.format("kg + sex + arm*visit"), "data": data})["result"]

    assert list(found["coefficients"]) == ["(Intercept)", "kg", "sexf", "armb", "visitf2", "armb:visitf2"]
    with pytest.raises(InputError, match="model must name a reference sex"):
        answer("mmrm_unstructured_reml", {"model": MODEL.format("sex").replace("reference sex m", "x 1"), "data": data})


def test_visits_come_by_their_number_and_names_last():
    """Visits stand in the order of their numbers, also below 0, with decimals and as text; those with names last."""
    visits = ["end", ".1", 10, 2, "2.0", Decimal("0.50"), -1]
    data = [
        {"id": n, "visit": visit, "y": (n * n * 7 + at * at * n * 3 + at * 5) % 11, "arm": "ab"[n % 2]}
        for n in range(40)
        for at, visit in enumerate(visits)
    ]
    model = "y ~ arm*visit (reference visit 2, reference arm a), unstructured covariance, REML"
    found = answer("mmrm_treatment_differences", {"model": model, "data": data})["result"]

    assert list(found["differences"]) == ["-1", "0.5", "2", "2.0", "10", ".1", "end"]
