"""What an exact interval promises, and what it refuses."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.analysis import Missing, clopper_pearson
from trialwright.errors import InputError


def test_nobody_is_missing():
    """Without a subject there is no interval: it is missing, with the reason, and not a number."""
    assert clopper_pearson(0, 0) == Missing("no evaluable subject")


@given(n=st.integers(1, 300), data=st.data())
def test_it_holds_the_rate_and_mirrors(n, data):
    """An interval holds the observed rate, lies within 0 to 1, and mirrors when events and non-events change places."""
    events = data.draw(st.integers(0, n))
    interval, mirrored = clopper_pearson(events, n), clopper_pearson(n - events, n)

    assert 0 <= interval.low <= events / n <= interval.high <= 1
    assert interval.low == pytest.approx(1 - mirrored.high, abs=1e-9)


def test_the_ends_are_exact():
    """No event gives a lower limit of exactly 0; nothing but events an upper limit of exactly 1."""
    assert clopper_pearson(0, 9).low == 0
    assert clopper_pearson(9, 9).high == 1


def test_a_decimal_level():
    """A confidence level may be a decimal."""
    assert clopper_pearson(1, 6, Decimal("0.9")) == clopper_pearson(1, 6, 0.9)


@pytest.mark.parametrize(
    ("events", "n", "level", "named"),
    [(0, -1, 0.95, "n is -1"), (4, 3, 0.95, "events is 4"), (-1, 3, 0.95, "events is -1"), (1, 3, 95, "level is 95")],
)
def test_impossible_input_is_named(events, n, level, named):
    """An impossible count or level is refused, and the message names it."""
    with pytest.raises(InputError, match=named):
        clopper_pearson(events, n, level)
