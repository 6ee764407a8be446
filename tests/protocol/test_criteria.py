"""The criteria language: three values, exact thresholds, clear faults."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.protocol.criteria import Comparison, Not, Several, Truth, parse_condition

VALUES = {"a": Decimal("1.5"), "b": True, "c": Decimal(-2)}

TRUTHS = [
    ("a >= 1.5", "true"),
    ("a > 1.5", "false"),
    ("a = 1.50", "true"),
    ("a != 1.5", "false"),
    ("c < -1", "true"),
    ("b is yes", "true"),
    ("b is no", "false"),
    ("not b is yes", "false"),
    ("z > 1", "unknown"),
    ("not z > 1", "unknown"),
    ("z > 1 and a > 9", "false"),
    ("z > 1 or a < 9", "true"),
    ("z > 1 and a < 9", "unknown"),
    ("a > 9 or b is yes and c < 0", "true"),
    ("(a > 9 or b is yes) and c > 0", "false"),
    ("judged by investigator", "needs judgement"),
    ("judged by investigator and a > 9", "false"),
    ("judged by investigator or z > 1", "unknown"),
    ("attested by subject", "needs judgement"),
]


@pytest.mark.parametrize(("text", "truth"), TRUTHS)
def test_truth(text: str, truth: str) -> None:
    """A condition over known and missing items has this one of the values."""
    assert parse_condition(text).evaluate(VALUES, None).truth.value == truth


def test_threshold_is_exact() -> None:
    """A value of 1.5 times 1.2 is not above 1.8."""
    condition = parse_condition("x > 1.8")

    assert condition.evaluate({"x": Decimal("1.5") * Decimal("1.2")}, None).truth is Truth.FALSE


def test_missing_items_are_named() -> None:
    """An unknown condition names the items that would settle it, once each."""
    found = parse_condition("y > 1 and (z > 1 or y < 9) and a > 0").evaluate(VALUES, None)

    assert found.missing == ("y", "z")


@pytest.mark.parametrize(
    "text",
    ["", "a", "a >", "a > b", "> 1", "a > 1 and", "a > 1 b > 2", "(a > 1", "a > 1)", "a is", "judged", "judged by me",
     "not", "and", "a >> 1", "a > 1;", "a ≥ 1", "((((a"],
)  # fmt: skip
def test_what_cannot_be_read_says_where(text: str) -> None:
    """A condition that cannot be read says what was expected, and where."""
    with pytest.raises(ValueError, match=r"expected .* (at character|at the end)"):
        parse_condition(text)


def test_depth_is_bounded() -> None:
    """A condition nested too deep is refused, not followed."""
    with pytest.raises(ValueError, match="nested deeper"):
        parse_condition("(" * 3000 + "a > 1" + ")" * 3000)


LEAVES = st.builds(Comparison, st.sampled_from("abcz"), st.sampled_from([">=", "<", "="]), st.decimals(-9, 9, places=1))
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Several, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=12,
)
NUMBERS = st.dictionaries(st.sampled_from("abcz"), st.decimals(-9, 9, places=1), max_size=4)


@given(CONDITIONS, NUMBERS, NUMBERS)
def test_more_data_never_turn_a_settled_condition(condition: Several, some: dict, more: dict) -> None:
    """What is true or false on some data stays so when more arrive."""
    before = condition.evaluate(some, None).truth
    after = condition.evaluate({**more, **some}, None).truth

    assert before is Truth.UNKNOWN or after is before


@given(CONDITIONS, NUMBERS)
def test_text_reads_back_to_the_same_meaning(condition: Several, numbers: dict) -> None:
    """A condition written out and read again has the same value on the same data."""
    again = parse_condition(str(condition))

    assert again.evaluate(numbers, None).truth is condition.evaluate(numbers, None).truth
