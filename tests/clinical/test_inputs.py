"""What is read from inputs: the kinds, their limits, and every fault told at once."""

from datetime import date
from decimal import Decimal

import pytest

from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing
from trialwright.errors import InputError

LONG = "y" * 61


def faults(method: str, *given: object) -> list[str]:
    """What one reading finds at fault."""
    read = Inputs()
    getattr(read, method)("x", *given)
    return read.faults


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ((0,), None),
        ((10**15,), None),
        ((10**15 + 1,), "x must be from 0 to 1E+15, got 1000000000000001"),
        ((Decimal("-0.1"),), "x must be from 0 to 1E+15, got -0.1"),
        ((True,), "x must be a number, got True"),
        (("1",), "x must be a number, got '1'"),
        ((Decimal("NaN"),), "x must be a finite number, got NaN"),
        ((float("inf"),), "x must be a finite number, got inf"),
        ((1, 2, 3), "x must be from 2 to 3, got 1"),
        ((4, 2, 3), "x must be from 2 to 3, got 4"),
        ((2, 2, 3), None),
        ((3, 2, 3), None),
        ((Decimal("1e-20"),), None),
        ((Decimal("1e-21"),), "x must have at most 20 decimal places, got 1E-21"),
        ((LONG,), f"x must be a number, got '{LONG[:59]}..."),
        ((LONG[:58],), f"x must be a number, got '{LONG[:58]}'"),
        ((10**5000,), "x must be from 0 to 1E+15, got an integer of too many digits"),
    ],
)
def test_numbers(given: tuple, fault: str | None) -> None:
    """A number is finite, within its limits, of at most 20 decimal places, and no truth; the message shows it short."""
    assert faults("number", *given) == ([fault] if fault else [])


def test_numbers_are_exact() -> None:
    """A float is read as it is written, and minus zero is zero."""
    assert Inputs().number("x", 0.1) == Decimal("0.1")
    assert str(Inputs().number("x", Decimal("-0.0"))) == "0"
    assert Inputs().number("x", None) is None


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ((0,), None),
        ((10**9,), None),
        ((10**9 + 1,), "x must be from 0 to 1000000000, got 1000000001"),
        ((-1,), "x must be from 0 to 1000000000, got -1"),
        ((Decimal("2.0"),), None),
        ((Decimal("2.5"),), "x must be a whole number, got 2.5"),
        ((5, 1, 4), "x must be from 1 to 4, got 5"),
    ],
)
def test_whole_numbers(given: tuple, fault: str | None) -> None:
    """A whole number may be written with zeros after its point, and has limits."""
    assert faults("whole", *given) == ([fault] if fault else [])
    assert Inputs().whole("x", Decimal("2.0")) == 2
    assert isinstance(Inputs().whole("x", Decimal("2.0")), int)
    assert Inputs().whole("x", None) is None


@pytest.mark.parametrize(
    ("method", "given", "fault"),
    [
        ("flag", (1,), "x must be true or false, got 1"),
        ("choice", ("c", ("a", "b")), "x must be one of a, b, got 'c'"),
        ("choice", (1, ("a", "b")), "x must be one of a, b, got 1"),
        ("day", ("2026-02-30",), "x must be a date such as 2026-01-31, got '2026-02-30'"),
        ("day", (5,), "x must be a date such as 2026-01-31, got 5"),
        ("above_0", (0, 9), "x must be above 0, got 0"),
        ("above_0", (10, 9), "x must be from 0 to 9, got 10"),
        ("needed_number", (10, 1, 9), "x must be from 1 to 9, got 10"),
        ("needed_above_0", (0, 9), "x must be above 0, got 0"),
        ("needed_flag", ("yes",), "x must be true or false, got 'yes'"),
        ("needed_choice", ("c", ("a", "b")), "x must be one of a, b, got 'c'"),
        ("words", (["a", "c"], ("a", "b")), "x[1] must be one of a, b, got 'c'"),
        ("words", ("a", ("a", "b")), "x must be a list, got 'a'"),
        ("listed", ({},), "x must be a list, got {}"),
        ("group", ([], ("a",)), "x must give values by name, got []"),
        ("group", ({"c": 1}, ("a", "b")), "'c' is no part of x; its parts are a, b"),
        ("group", ({1: 1}, ("a", "b")), "1 is no part of x; its parts are a, b"),
        ("remark", (1,), "x must be text, got 1"),
    ],
)
def test_each_kind_refuses_what_it_is_not(method: str, given: tuple, fault: str) -> None:
    """What is of the wrong kind is told with its name, what it must be, and what was given."""
    assert faults(method, *given) == [fault]


@pytest.mark.parametrize(
    ("method", "given", "found"),
    [
        ("flag", (True,), True),
        ("flag", (False,), False),
        ("choice", ("b", ("a", "b")), "b"),
        ("day", ("2026-01-31",), date(2026, 1, 31)),
        ("day", (date(2026, 1, 31),), date(2026, 1, 31)),
        ("above_0", (9, 9), 9),
        ("needed_number", (0, 0, 9), 0),
        ("needed_above_0", (9, 9), 9),
        ("needed_whole", (1, 1, 9), 1),
        ("needed_whole", (9, 1, 9), 9),
        ("needed_flag", (True,), True),
        ("needed_flag", (False,), False),
        ("needed_choice", ("a", ("a", "b")), "a"),
        ("words", (["b", "a", "b"], ("a", "b")), frozenset({"a", "b"})),
        ("listed", ([1],), [1]),
        ("listed", ((1,),), (1,)),
        ("group", ({"a": 1}, ("a", "b")), {"a": 1}),
        ("remark", ("in mm",), None),
    ],
)
def test_each_kind_reads_what_it_is(method: str, given: tuple, found: object) -> None:
    """What is of its kind is read as it is, without a fault or a gap."""
    read = Inputs()

    assert getattr(read, method)("x", *given) == found
    assert (read.faults, read.gaps, read.missing()) == ([], [], None)


@pytest.mark.parametrize(
    ("method", "more", "found"),
    [
        ("needed_number", (0, 9), None),
        ("needed_above_0", (9,), None),
        ("needed_whole", (3, 9), 3),
        ("needed_flag", (), False),
        ("needed_choice", (("a",),), ""),
        ("words", (("a",),), frozenset()),
        ("listed", (), ()),
        ("group", (("a",),), {}),
    ],
)
def test_a_gap_is_told_by_its_name(method: str, more: tuple, found: object) -> None:
    """What is needed and not given is a gap, not a fault."""
    read = Inputs()
    value = getattr(read, method)("x", None, *more)

    assert value.is_nan() if found is None else value == found
    assert (read.faults, read.gaps) == ([], ["x"])
    assert read.missing() == Missing("x is not given")


@pytest.mark.parametrize("method", ["flag", "choice", "day", "above_0", "remark"])
def test_what_is_not_needed_may_be_missing(method: str) -> None:
    """Nothing is read as nothing, without a fault or a gap."""
    read = Inputs()
    more = {"choice": (("a",),), "above_0": (9,)}.get(method, ())

    assert getattr(read, method)("x", None, *more) is None
    assert (read.faults, read.gaps) == ([], [])


def test_a_number_at_fault_is_no_gap() -> None:
    """A needed number that is at fault is not called missing besides."""
    read = Inputs()
    found = [
        read.needed_number("a", "?", 0, 1),
        read.needed_above_0("b", "?", 1),
        read.needed_whole("c", "?", 1, 2),
        read.needed_flag("d", "?"),
    ]

    assert (found[0].is_nan(), found[1].is_nan(), found[2:]) == (True, True, [1, False])
    assert (len(read.faults), read.gaps) == (4, [])


def test_one_of_several_units() -> None:
    """A quantity is taken in the unit in which it is given; in two units it is refused, in none it is missing."""

    def read_length(centimetres: object, metres: object) -> tuple[Decimal, Inputs]:
        read = Inputs()
        return read.needed_one_of(("length_cm", centimetres, 300, 1), ("length_m", metres, 3, 100)), read

    assert read_length(300, None)[0] == 300
    assert read_length(None, 3)[0] == 300
    assert read_length(None, 4)[1].faults == ["length_m must be from 0 to 3, got 4"]
    assert read_length(301, None)[1].faults == ["length_cm must be from 0 to 300, got 301"]
    assert read_length(-1, None)[1].faults == ["length_cm must be from 0 to 300, got -1"]
    value, both = read_length(1, 2)
    assert value.is_nan()
    assert both.faults == ["length_m is given besides length_cm: give one of them"]
    assert read_length(None, None)[1].gaps == ["length_cm"]


def test_every_fault_and_every_gap_is_told_together() -> None:
    """Faults come before gaps; all of either are told, in their order."""
    read = Inputs()
    read.needed_number("a", None, 0, 1)
    read.needed_flag("b", None)
    assert read.missing() == Missing("a is not given; b is not given")

    read.flag("c", 1)
    read.fault("d is odd")
    for judged in (read.refuse, read.missing):
        with pytest.raises(InputError, match=r"^c must be true or false, got 1; d is odd$"):
            judged()
