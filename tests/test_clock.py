"""The check of the clock."""

from decimal import Decimal

import pytest

from trialwright.clock import by_chrony, by_kernel, check_clock, chrony_offset


@pytest.mark.parametrize(("offset", "outcome"), [("-2", "right"), ("2.000001", "off"), ("-2.5", "off"), ("0", "right")])
def test_ti_05_two_seconds_are_the_most(offset: str, outcome: str) -> None:
    """A clock may be off by two seconds, ahead or behind, and by no more."""
    assert check_clock([("chrony", lambda: Decimal(offset))]).outcome == outcome


def test_ti_05_the_first_that_can_tell_is_asked() -> None:
    """What cannot tell is passed over; where nothing can, the clock is neither right nor off."""
    found = check_clock([("chrony", lambda: None), ("the kernel", lambda: Decimal("0.1"))])

    assert (found.outcome, found.by) == ("right", "the kernel")
    assert check_clock([("chrony", lambda: None)]).outcome == "not measurable"


@pytest.mark.parametrize(
    "said", ["", "nonsense", "506 Cannot talk to daemon", "a,b,c,d,e,f", "0,,0,0,0.0,Not synchronised"]
)
def test_ti_05_what_chrony_does_not_say_is_unknown(said: str) -> None:
    """Output without an offset, or of a chrony that follows nothing, measures nothing."""
    assert chrony_offset(said) is None


def test_ti_05_this_machine_can_be_asked() -> None:
    """Both measures give an offset or nothing, and never fail, whatever this machine has."""
    for offset in (by_chrony(), by_kernel()):
        assert offset is None or isinstance(offset, Decimal)
