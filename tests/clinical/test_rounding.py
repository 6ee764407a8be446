"""Rounding half up at its limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.item import Missing
from trialwright.clinical.rounding import round_half_up
from trialwright.errors import InputError


@pytest.mark.parametrize(
    ("text", "decimals", "rounded"),
    [
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("-2.5", 0, "-3"),
        ("0.45", 1, "0.5"),
        ("0.4499", 1, "0.4"),
        ("0.125", 2, "0.13"),
        ("0.00000000000000000005", 20, "0.00000000000000000005"),
        ("1e30", 20, "1000000000000000000000000000000.00000000000000000000"),
        ("-1e30", 0, "-1000000000000000000000000000000"),
        ("1." + "0" * 57 + "1", 0, "1"),
        ("0", 1, "0.0"),
    ],
)
def test_half_a_step_goes_away_from_zero(text: str, decimals: int, rounded: str) -> None:
    """Half a step goes away from zero, up to 20 places, 60 characters and 1e30 in size."""
    assert format(round_half_up(value_as_decimal_string=text, decimals=decimals), "f") == rounded


@pytest.mark.parametrize("text", ["1" + "0" * 60, "1." + "0" * 59, "1.1e30", "-1.1e30", "1e31", "inf", "nan", "x", ""])
def test_a_text_that_is_too_long_or_no_number_is_refused(text: str) -> None:
    """More than 60 characters, more than 1e30, or no number at all is refused by its name."""
    with pytest.raises(InputError, match=r"^value_as_decimal_string must be a decimal number as text"):
        round_half_up(value_as_decimal_string=text, decimals=0)


def test_what_is_not_given_is_missing() -> None:
    """Without the number or the places there is no result."""
    assert round_half_up(value_as_decimal_string=None, decimals=None) == Missing(
        "decimals is not given; value_as_decimal_string is not given"
    )
    assert round_half_up(value_as_decimal_string="1." + "0" * 58, decimals=0) == Decimal(1)
