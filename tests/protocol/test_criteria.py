"""The criteria language: three values, exact thresholds, calendar windows, clear faults."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.protocol.criteria import AtLeast, Comparison, Condition, If, Not, Several, Truth
from trialwright.protocol.criteria_text import parse_condition
from trialwright.protocol.facts import Facts, Observation, Period

VALUES = Facts.of({"a": Decimal("1.5"), "b": True, "c": Decimal(-2), "w": "III"})

TRUTHS = [
    ("a >= 1.5", "true"),
    ("a > 1.5", "false"),
    ("a = 1.50", "true"),
    ("a != 1.5", "false"),
    ("c < -1", "true"),
    ("b is yes", "true"),
    ("b is no", "false"),
    ("b is not yes", "false"),
    ("w in (III, IV)", "true"),
    ("w in (I, II)", "false"),
    ("w is III", "true"),
    ("not b is yes", "false"),
    ("not not b is yes", "true"),
    ("z > 1", "unknown"),
    ("not z > 1", "unknown"),
    ("z > 1 and a > 9", "false"),
    ("z > 1 or a < 9", "true"),
    ("z > 1 and a < 9", "unknown"),
    ("a > 9 or b is yes and c < 0", "true"),
    ("(a > 9 or b is yes) and c > 0", "false"),
    ("b is yes except a > 1", "false"),
    ("b is yes except a > 9", "true"),
    ("at least 2 of (a > 1, b is yes, z > 1)", "true"),
    ("at least 2 of (a > 9, b is yes, z > 1)", "unknown"),
    ("at least 2 of (a > 9, b is no, z > 1)", "false"),
    ("if b is yes then a > 9", "false"),
    ("if b is no then a > 9", "true"),
    ("if z > 1 then a > 1", "true"),
    ("if z > 1 then a > 9", "unknown"),
    ("unreadable", "unknown"),
    ("judged by investigator", "needs judgement"),
    ("judged by investigator and a > 9", "false"),
    ("judged by investigator or z > 1", "unknown"),
    ("attested by subject", "needs judgement"),
    ("w > 1", "unknown"),
]


@pytest.mark.parametrize(("text", "truth"), TRUTHS)
def test_truth(text: str, truth: str) -> None:
    """A condition over known and missing items has this one of the values."""
    assert parse_condition(text).evaluate(VALUES).truth.value == truth


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("alt > 2 x ULN", "false"),
        ("alt >= 2 x ULN", "true"),
        ("bilirubin <= 1.5 x ULN", "true"),
        ("ast > 2 x ULN", "unknown"),
        ("neutrophils < 1 x LLN", "true"),
        ("alt > 79 U/L", "true"),
        ("alt > 79 mmol/L", "unknown"),
    ],
)
def test_laboratory_multiples_are_exact(text: str, truth: str) -> None:
    """A multiple of the limit of normal decides exactly, and is unknown where the laboratory gave no limit."""
    facts = Facts(
        observations={
            "alt": (Observation(value=Decimal(80), unit="U/L", uln=Decimal(40)),),
            "ast": (Observation(value=Decimal(80)),),
            "bilirubin": (Observation(value=Decimal("1.8"), uln=Decimal("1.2")),),
            "neutrophils": (Observation(value=Decimal("1.4"), lln=Decimal("1.5")),),
        }
    )

    assert parse_condition(text).evaluate(facts).truth.value == truth


def history(*days: str) -> tuple[Observation, ...]:
    """Occurrences of an event."""
    return tuple(Observation(on=date.fromisoformat(day)) for day in days)


@pytest.mark.parametrize(
    ("text", "days", "anchor", "truth"),
    [
        ("e within 6 months before screening", ["2026-06-15"], "2026-12-15", "false"),
        ("e within 6 months before screening", ["2026-06-15"], "2026-12-14", "true"),
        ("e within 6 months before screening", ["2026-08-31"], "2027-02-28", "false"),
        ("e within 14 days before screening", ["2027-01-06"], "2027-01-20", "false"),
        ("e within 14 days before screening", ["2027-01-07"], "2027-01-20", "true"),
        ("e within 1 year before screening", ["2024-02-29"], "2025-02-28", "false"),
        ("e within 4 weeks before screening", [], "2027-01-20", "false"),
        ("e within 2 days after screening", ["2027-01-21"], "2027-01-20", "true"),
        ("e ever", ["1990-01-01"], "2027-01-20", "true"),
        ("e ever", [], "2027-01-20", "false"),
    ],
)
def test_windows_follow_the_calendar(text: str, days: list[str], anchor: str, truth: str) -> None:
    """A window holds the anchor's day and ends, open, the period away, by the calendar."""
    facts = Facts(observations={"e": history(*days)}, anchors={"screening": date.fromisoformat(anchor)})

    assert parse_condition(text).evaluate(facts).truth.value == truth


def test_a_window_without_its_day_is_unknown() -> None:
    """A window names the day that is missing: the anchor's, or the event's."""
    condition = parse_condition("e within 3 months before screening")
    undated = Facts(observations={"e": (Observation(),)}, anchors={"screening": date(2027, 1, 1)})

    assert condition.evaluate(Facts(observations={"e": history("2026-01-01")})).missing == ("day of screening",)
    assert condition.evaluate(undated).missing == ("day of e",)
    assert condition.evaluate(Facts()).missing == ("e",)


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("drug for 3 months before screening", "true"),
        ("drug for 4 months before screening", "false"),
        ("drug stable for 6 weeks before screening", "true"),
        ("drug stable for 7 weeks before screening", "false"),
        ("other for 1 month before screening", "false"),
        ("unasked for 1 month before screening", "unknown"),
        ("drug taken at screening", "true"),
        ("other taken at screening", "false"),
        ("unasked taken at screening", "unknown"),
        ("drug taken at baseline", "unknown"),
        ("drug frequency is weekly", "true"),
        ("drug frequency is not weekly", "false"),
        ("drug frequency is daily", "false"),
        ("other frequency is daily", "unknown"),
        ("drug <= 15 mg", "true"),
        ("drug > 10 mg within 2 weeks before screening", "true"),
        ("drug > 10 mg within 2 weeks before baseline", "unknown"),
        ("other > 1 within 2 weeks before screening", "unknown"),
        ("other > 1 within 10 years before screening", "true"),
    ],
)
def test_exposures_last_to_the_day(text: str, truth: str) -> None:
    """An exposure that began exactly the period before the anchor has lasted it."""
    since, stable_since = date(2026, 9, 30), date(2026, 11, 19)
    drug = Observation(value=Decimal(15), unit="mg", since=since, stable_since=stable_since, frequency="weekly")
    stopped = Observation(value=Decimal(5), since=date(2020, 1, 1), on=date(2020, 2, 1))
    facts = Facts(observations={"drug": (drug,), "other": (stopped,)}, anchors={"screening": date(2026, 12, 31)})

    assert parse_condition(text).evaluate(facts).truth.value == truth


def test_every_named_visit_counts() -> None:
    """A condition at two visits needs both: one that fails settles it, one that is missing is named."""
    condition = parse_condition("sjc >= 4 at screening and baseline")
    screening = Observation(value=Decimal(4), visit="Screening")
    baseline = Observation(value=Decimal(3), visit="Baseline")

    assert condition.evaluate(Facts(observations={"sjc": (screening, baseline)})).truth is Truth.FALSE
    assert condition.evaluate(Facts(observations={"sjc": (screening,)})).missing == ("sjc at baseline",)


@pytest.mark.parametrize(
    ("before", "after", "truth"),
    [
        ("10", "8", "true"),
        ("10", "8.1", "false"),
        ("0.5", "0.4", "true"),
        ("5", "7", "false"),
        ("0", "0", "false"),
        ("10", None, "unknown"),
    ],
)
def test_a_fall_is_exact(before: str, after: str | None, truth: str) -> None:
    """A fall in percent decides exactly, needs both visits, and from 0 there is none."""
    values = {"Baseline": before, "Week 12": after}
    history = tuple(Observation(value=Decimal(value), visit=visit) for visit, value in values.items() if value)
    condition = parse_condition("tjc fell at least 20 % from baseline to week_12")

    found = condition.evaluate(Facts(observations={"tjc": history}))

    assert found.truth.value == truth
    assert (found.missing == ("tjc at week_12",)) is (truth == "unknown")
    assert parse_condition(str(condition)) == condition


@pytest.mark.parametrize(("pick", "truth"), [("", "false"), ("any ", "true"), ("all ", "false"), ("first ", "true")])
def test_which_value_counts(pick: str, truth: str) -> None:
    """Of several values the last one counts, unless any, all or the first is asked for."""
    days = (date(2027, 1, 1), date(2027, 1, 5), date(2027, 1, 9))
    values = tuple(Observation(value=Decimal(v), on=day) for v, day in zip((9, 9, 1), days, strict=True))
    facts = Facts(observations={"crp": values}, anchors={"screening": date(2027, 1, 10)})

    assert parse_condition(f"{pick}crp > 5 within 28 days before screening").evaluate(facts).truth.value == truth


def test_threshold_is_exact() -> None:
    """A value of 1.5 times 1.2 is not above 1.8."""
    facts = Facts.of({"r": Decimal("1.5") * Decimal("1.2")})

    assert parse_condition("r > 1.8").evaluate(facts).truth is Truth.FALSE


def test_missing_items_are_named() -> None:
    """An unknown condition names the items that would settle it, once each."""
    assert parse_condition("y > 1 and (z > 1 or y < 9) and a > 0").evaluate(VALUES).missing == ("y", "z")


UNREADABLE = [
    *("", "a", "a >", "a > b", "> 1", "a > 1 and", "a > 1 b > 2", "(a > 1", "a > 1)", "a is", "judged", "judged by me"),
    *(
        "not",
        "and",
        "a >> 1",
        "a > 1;",
        "a ≥ 1",
        "((((a",
        "at least of (a > 1)",
        "a in ()",
        "a within 3 moons before b",
    ),
    *("a for 3 months", "a > 1 x", "if a > 1", "(deferred until a > 1)", "a > 1 at", "a stable 3 days before b"),
]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_says_where(text: str) -> None:
    """A condition that cannot be read says what was expected, and where."""
    with pytest.raises(ValueError, match=r"expected .* (at character|at the end)"):
        parse_condition(text)


@pytest.mark.parametrize("period", ["9999 years", "1900 months"])
def test_periods_are_bounded(period: str) -> None:
    """A period that no calendar could follow from a day of a trial is refused."""
    with pytest.raises(ValueError, match="longer than 150 years"):
        parse_condition(f"stroke within {period} before screening")


@pytest.mark.parametrize("text", ["(" * 3000 + "a > 1" + ")" * 1500, "if a > 1 then " * 60 + "a > 1", "a > 1 " * 2000])
def test_length_and_depth_are_bounded(text: str) -> None:
    """A condition that is too long or nested too deep is refused, not followed."""
    with pytest.raises(ValueError, match="split it into several criteria"):
        parse_condition(text)


@given(st.text(alphabet="ab>=<(),0.5 xULNandorotifhe", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Any text is a condition or a clear refusal."""
    try:
        condition = parse_condition(text)
    except ValueError:
        return
    assert parse_condition(str(condition)) is not None


LEAVES = st.builds(Comparison, st.sampled_from("abcz"), st.sampled_from([">=", "<", "="]), st.decimals(-9, 9, places=1))
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(Several, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(AtLeast, st.just(2), st.lists(inner, min_size=2, max_size=3).map(tuple))
        | st.builds(If, inner, inner)
    ),
    max_leaves=12,
)
NUMBERS = st.dictionaries(st.sampled_from("abcz"), st.decimals(-9, 9, places=1), max_size=4)


@given(CONDITIONS, NUMBERS, NUMBERS)
def test_more_data_never_turn_a_settled_condition(condition: Condition, some: dict, more: dict) -> None:
    """What is true or false on some data stays so when missing items arrive."""
    before = condition.evaluate(Facts.of(some)).truth
    after = condition.evaluate(Facts.of({**more, **some})).truth

    assert before is Truth.UNKNOWN or after is before


@given(CONDITIONS, NUMBERS)
def test_text_reads_back_to_the_same_meaning(condition: Condition, numbers: dict) -> None:
    """A condition written out and read again has the same value on the same data."""
    facts = Facts.of(numbers)

    assert parse_condition(str(condition)).evaluate(facts).truth is condition.evaluate(facts).truth


@given(st.integers(0, 60), st.sampled_from(["days", "weeks", "months", "years"]), st.dates(date(1990, 1, 1)))
def test_periods_never_go_back(number: int, unit: str, day: date) -> None:
    """A period leads to the same day or a later one, and a longer one not to an earlier."""
    try:
        after = Period(number, unit).after(day)
    except (ValueError, OverflowError):
        return
    assert after >= day
