"""The equivalents of prednisone, drug by drug."""

from decimal import Decimal

import pytest

from trialwright.clinical.corticosteroids import prednisone_equivalent
from trialwright.clinical.item import Missing
from trialwright.errors import InputError


@pytest.mark.parametrize(
    ("drug", "mg"),
    [
        ("prednisone", "5"),
        ("prednisolone", "5"),
        ("methylprednisolone", "4"),
        ("triamcinolone", "4"),
        ("hydrocortisone", "20"),
        ("cortisone", "25"),
        ("dexamethasone", "0.75"),
        ("betamethasone", "0.75"),
        ("deflazacort", "6"),
    ],
)
def test_each_drug_equals_5_mg_of_prednisone(drug: str, mg: str) -> None:
    """So many mg of each drug are 5 mg of prednisone (British National Formulary 2024)."""
    found = prednisone_equivalent(daily_doses=[{"drug": drug, "mg_per_day": Decimal(mg), "route": "oral"}])

    assert found.prednisone_equivalent_mg_per_day == 5


def test_the_sum_is_shown_to_ten_digits_and_judged_exactly() -> None:
    """2 mg of methylprednisolone and a third are added exactly and shown rounded half up."""
    thirds = [{"drug": "deflazacort", "mg_per_day": Decimal(mg), "route": "oral"} for mg in ("0.8", "0.1")]

    assert str(prednisone_equivalent(daily_doses=thirds[:1]).prednisone_equivalent_mg_per_day) == "0.6666666667"
    assert prednisone_equivalent(daily_doses=thirds).prednisone_equivalent_mg_per_day == Decimal("0.75")


@pytest.mark.parametrize(("route", "high"), [("oral", False), ("iv", True), ("im", True)])
def test_only_what_is_swallowed_is_added(route: str, high: bool) -> None:
    """A dose into a vein or a muscle is high whatever its size, and adds nothing to the oral sum."""
    found = prednisone_equivalent(daily_doses=[{"drug": "prednisone", "mg_per_day": 1, "route": route}])

    assert found.excluded_high_dose is high
    assert found.prednisone_equivalent_mg_per_day == (0 if high else 1)
    assert found.exceeds_10_mg_per_day is False


def test_one_dose_into_a_vein_is_enough() -> None:
    """One dose into a vein beside one by mouth is a high dose."""
    doses = [{"drug": "prednisone", "mg_per_day": 1, "route": route} for route in ("oral", "iv")]

    assert prednisone_equivalent(daily_doses=doses).excluded_high_dose is True


def test_what_a_dose_lacks_is_named_by_its_place() -> None:
    """Drug, dose and route are needed, each named; a drug at fault does not hide the rest."""
    assert prednisone_equivalent(daily_doses=[{}]) == Missing(
        "daily_doses[0].drug is not given; daily_doses[0].mg_per_day is not given; daily_doses[0].route is not given"
    )
    with pytest.raises(InputError, match=r"^daily_doses\[0\].drug must be .*; daily_doses\[0\].route must be one of "):
        prednisone_equivalent(daily_doses=[{"drug": "aspirin", "mg_per_day": 1, "route": "nose"}])
    with pytest.raises(InputError, match=r"^daily_doses\[1\].mg_per_day must be a number"):
        prednisone_equivalent(
            daily_doses=[{"drug": "prednisone", "mg_per_day": 1, "route": "iv"}] * 1
            + [{"drug": "prednisone", "mg_per_day": "?", "route": "iv"}]
        )
    assert prednisone_equivalent(daily_doses=[]).prednisone_equivalent_mg_per_day == 0


ORAL = {"drug": "prednisone", "mg_per_day": 10, "route": "oral"}


@pytest.mark.parametrize("route", ["inhaled", "intranasal", "topical", "ophthalmic"])
def test_what_acts_locally_counts_nothing(route: str) -> None:
    """A corticosteroid that acts locally adds nothing to the oral dose and is no high dose."""
    found = prednisone_equivalent(daily_doses=[ORAL, {"drug": "betamethasone", "mg_per_day": 5, "route": route}])

    assert (found.prednisone_equivalent_mg_per_day, found.exceeds_10_mg_per_day) == (10, False)
    assert not found.excluded_high_dose


def test_another_route_is_refused() -> None:
    """An injection into a joint is neither oral nor local in the sense of the table, and is refused by name."""
    with pytest.raises(InputError, match=r"daily_doses\[0\].route must be one of oral, iv, im, inhaled"):
        prednisone_equivalent(daily_doses=[{**ORAL, "route": "intra-articular"}])
