"""Routes by which corticosteroids count, and by which they do not."""

import pytest

from trialwright.clinical.corticosteroids import LOCAL_ROUTES, prednisone_equivalent
from trialwright.errors import InputError

ORAL = {"drug": "prednisone", "mg_per_day": 10, "route": "oral"}


@pytest.mark.parametrize("route", LOCAL_ROUTES)
def test_what_acts_locally_counts_nothing(route: str) -> None:
    """A corticosteroid that acts locally adds nothing to the oral dose and is no high dose."""
    found = prednisone_equivalent(daily_doses=[ORAL, {"drug": "betamethasone", "mg_per_day": 5, "route": route}])

    assert (found.prednisone_equivalent_mg_per_day, found.exceeds_10_mg_per_day) == (10, False)
    assert not found.excluded_high_dose


def test_another_route_is_refused() -> None:
    """An injection into a joint is neither oral nor local in the sense of the table, and is refused by name."""
    with pytest.raises(InputError, match=r"daily_doses\[0\].route must be one of oral, iv, im, inhaled"):
        prednisone_equivalent(daily_doses=[{**ORAL, "route": "intra-articular"}])
