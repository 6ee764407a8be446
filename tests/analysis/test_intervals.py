"""What an interval of a proportion promises, and what it refuses."""

from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.analysis.intervals import clopper_pearson, jeffreys, wilson
from trialwright.clinical.item import Missing
from trialwright.errors import InputError

ALL = pytest.mark.parametrize(
    "interval_of",
    [clopper_pearson, wilson, partial(wilson, continuity_corrected=True), jeffreys],
    ids=["clopper_pearson", "wilson", "wilson_continuity_corrected", "jeffreys"],
)


@ALL
def test_nobody_is_missing(interval_of):
    """Without a subject there is no interval: it is missing, with the reason, and not a number."""
    assert interval_of(0, 0) == Missing("no evaluable subject")


@ALL
@given(n=st.integers(1, 300), data=st.data())
def test_it_mirrors_within_0_to_1(interval_of, n, data):
    """An interval lies within 0 to 1, and mirrors when events and non-events change places."""
    events = data.draw(st.integers(0, n))
    interval, mirrored = interval_of(events, n), interval_of(n - events, n)

    assert 0 <= interval.low < interval.high <= 1
    assert interval.low == pytest.approx(1 - mirrored.high, abs=1e-9)


@given(n=st.integers(1, 300), data=st.data())
def test_it_holds_the_rate(n, data):
    """The exact interval holds the observed rate."""
    events = data.draw(st.integers(0, n))
    interval = clopper_pearson(events, n)

    assert interval.low <= events / n <= interval.high


@ALL
def test_the_ends_are_exact(interval_of):
    """No event gives a lower limit of exactly 0; nothing but events an upper limit of exactly 1."""
    assert interval_of(0, 9).low == 0
    assert interval_of(9, 9).high == 1
    assert interval_of(1, 9).low > 0
    assert interval_of(8, 9).high < 1


@ALL
def test_the_level_is_95_percent_or_a_decimal(interval_of):
    """The confidence level is 0.95 where none is given, and it may be a decimal."""
    assert interval_of(1, 6) == interval_of(1, 6, Decimal("0.95"))
    assert interval_of(1, 6, Decimal("0.9")) == interval_of(1, 6, 0.9)


@ALL
@pytest.mark.parametrize(
    ("events", "n", "level", "named"),
    [
        (0, -1, 0.95, "n is -1; the number of subjects cannot be negative"),
        (4, 3, 0.95, "events is 4 of n = 3; give a count from 0 to n"),
        (-1, 3, 0.95, "events is -1 of n = 3; give a count from 0 to n"),
        *(
            (1, 3, level, f"level is {level}; give a confidence level above 0 and below 1, such as 0.95")
            for level in (0, 1)
        ),
    ],
)
def test_impossible_input_is_named(interval_of, events, n, level, named):
    """An impossible count or level is refused, and the message names it."""
    with pytest.raises(InputError) as refused:
        interval_of(events, n, level)

    assert str(refused.value) == named
