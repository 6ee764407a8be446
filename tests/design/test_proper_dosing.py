"""Unit probability mass: which interval is strongest, and ties."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design import MTPI, MTPI2, I3Plus3, Keyboard
from trialwright.design.proper_dosing import ProperDosing, keys, strongest
from trialwright.errors import InputError

FAMILY = [MTPI, MTPI2, Keyboard, I3Plus3]
BOLDNESS = {"E": 2, "S": 1, "D": 0}


@given(st.integers(1, 98), st.data())
def test_keys_cover_the_range(low: int, data: st.DataObject) -> None:
    """Keys run from 0 to 1 without a gap, none is wider than the proper one, and only the ends are narrower."""
    ends = Fraction(low, 100), Fraction(data.draw(st.integers(low + 1, 99)), 100)

    edges, proper = keys(*ends)

    widths = [high - low for low, high in pairwise(edges)]
    assert (edges[0], edges[-1]) == (0, 1)
    assert (edges[proper], edges[proper + 1]) == ends
    assert all(width == ends[1] - ends[0] for width in widths[1:-1])
    assert all(0 < width <= ends[1] - ends[0] for width in widths)


def test_of_equally_strong_keys_the_higher_decides() -> None:
    """With 1 DLT in 2 the keys 0.4 to 0.5 and 0.5 to 0.6 are equally strong, and the design de-escalates."""
    edges, proper = keys(Fraction("0.4"), Fraction("0.5"))

    assert strongest(2, 1, edges) == proper + 1
    assert Keyboard(levels=3, target=0.45).action(2, 1) == "D"
    assert MTPI2(levels=3, target=0.45).action(2, 1) == "D"
    assert MTPI2(levels=3, target=0.55).action(2, 1) == "S"


@pytest.mark.parametrize("member", FAMILY)
@given(data=st.data())
def test_more_dlts_are_never_answered_more_boldly(member: type[ProperDosing], data: st.DataObject) -> None:
    """One DLT more among as many subjects never makes a design bolder."""
    target = data.draw(st.integers(6, 90)) / 100
    design = member(levels=3, target=target)
    n = data.draw(st.integers(1, 30))

    actions = [BOLDNESS[design.action(n, y)] for y in range(n + 1)]

    assert actions == sorted(actions, reverse=True)


@pytest.mark.parametrize("member", FAMILY)
def test_margins_that_cannot_be(member: type[ProperDosing]) -> None:
    """Margins that are not positive, or lead to 0 or 1, are refused, all at once."""
    with pytest.raises(InputError, match=r"margins of -0.1 and 0.8; .*up to 0.3 \+ 0.8, not below 1"):
        member(levels=3, target=0.3, margin_below=-0.1, margin_above=0.8)
    with pytest.raises(InputError, match=r"interval from 0\.3 - 0\.3, not above 0"):
        member(levels=3, target=0.3, margin_below=0.3)


@pytest.mark.parametrize("member", FAMILY)
def test_prose_names_the_interval(member: type[ProperDosing]) -> None:
    """The prose of a design carries its proper dosing interval as decimals."""
    prose = member(levels=3, target=0.3, margin_below=0.1, margin_above=0.05).explain()

    assert "from 0.2 to 0.35" in prose


def test_observed_rates_are_compared_exactly() -> None:
    """i3+3 counts a rate that equals an end of the interval as within it: 3 of 20 is 0.2 - 0.05, 7 of 20 is 0.35."""
    assert I3Plus3(levels=3, target=0.2).action(20, 3) == "S"
    assert I3Plus3(levels=3, target=0.3).action(20, 7) == "S"
    assert I3Plus3(levels=3, target=0.3).action(20, 8) == "D"
