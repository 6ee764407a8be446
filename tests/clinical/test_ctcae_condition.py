"""A condition: how it is read, decided with unknown kept, and told in words."""

from decimal import Decimal

import pytest

from trialwright.clinical.ctcae_condition import Comparison, Facts, Question, read_condition


def facts(unit: str | None = None, **known: Decimal | int | str | bool) -> Facts:
    """What is known of a finding."""
    flags = {name: value for name, value in known.items() if isinstance(value, bool)}
    numbers = {name: Decimal(value) for name, value in known.items() if not isinstance(value, bool)}
    return Facts(numbers, flags, unit)


def decided(text: str, known: Facts) -> tuple[bool | None, list[str], str]:
    """Whether a condition holds, what is unknown, and the alternative that holds."""
    verdict, words = read_condition(text).decide(known)
    return verdict.holds, sorted(verdict.unknown), words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("value > uln", "value > ULN"),
        ("value < lln", "value < LLN"),
        ("value > 2.5 baseline", "value > 2.5 × baseline"),
        ("value >= 450", "value >= 450"),
        ("value <= {50 %}", "value <= 50 %"),
        ("value < {80 g/L, 8.0 g/dL}", "value < 80 g/L or 8.0 g/dL"),
        ("rise > {4 g/dL}", "rise from baseline > 4 g/dL"),
        ("drop >= 10", "drop from baseline >= 10"),
        ("gain_pct >= 5", "gain in % of baseline >= 5"),
        ("drop_pct >= 5", "loss in % of baseline >= 5"),
        ("temperature_c > 38.3", "temperature c > 38.3"),
        ("life_threatening", "life threatening"),
        ("not symptomatic?", "not symptomatic"),
        ("baseline_high", "baseline above ULN"),
        ("not baseline_low", "not baseline below LLN"),
        ("value > uln & symptomatic? | bleeding", "value > ULN and symptomatic; or bleeding"),
    ],
)
def test_a_condition_is_told_in_words(text: str, told: str) -> None:
    """Quantities, limits and questions read as words, alternatives apart."""
    assert read_condition(text).text() == told


def test_a_condition_is_read_into_its_parts() -> None:
    """A comparison has its quantity, factor, limit and units; a question whether it is asked, and what is wanted."""
    assert read_condition("value > 2.5 uln").parts == (Comparison("value", ">", Decimal("2.5"), "uln", {}),)
    assert read_condition("value > uln").parts == (Comparison("value", ">", Decimal(1), "uln", {}),)
    assert read_condition("value < {0.5 g/L, 50 mg/dL}").parts == (
        Comparison("value", "<", Decimal(1), None, {"g/L": Decimal("0.5"), "mg/dL": Decimal(50)}),
    )
    assert read_condition("symptomatic? | not ionized").parts == (
        Question("symptomatic", asked=True, wanted=True),
        Question("ionized", asked=False, wanted=False),
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("value > 2 uln", {"value", "uln"}),
        ("value > 2", {"value"}),
        *((f"{quantity} > 2", {"value", "baseline"}) for quantity in ("rise", "drop", "gain_pct", "drop_pct")),
        ("symptomatic?", {"symptomatic"}),
    ],
)
def test_a_part_names_what_it_needs(text: str, names: set[str]) -> None:
    """A comparison needs its quantity and its limit, a change needs the baseline, a question its answer."""
    (part,) = read_condition(text).parts

    assert part.names == names


@pytest.mark.parametrize(
    ("text", "at", "beyond"),
    [
        ("value < 5", 5, 4),
        ("value <= 5", 6, 5),
        ("value > 5", 5, 6),
        ("value >= 5", 4, 5),
        ("value > 2 uln", 20, 21),
        ("value < 0.5 lln", 3, 2),
        ("value > 3 baseline", 24, 25),
        ("rise > 4", 12, 13),
        ("drop >= 4", 5, 4),
        ("gain_pct >= 25", 9, 10),
        ("drop_pct >= 25", 7, 6),
        ("gain_pct >= 25", "9.99", 10),
        ("drop_pct >= 25", "6.01", 6),
    ],
)
def test_comparisons_divide_at_their_limit(text: str, at: int | str, beyond: int) -> None:
    """A value on the near side of a limit does not meet the condition, one on the far side does."""
    limits = {"uln": 10, "lln": 6, "baseline": 8}

    assert decided(text, facts(value=at, **limits)) == (False, [], "")
    assert decided(text, facts(value=beyond, **limits))[:2] == (True, [])


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("value > uln", {"value": 1}, ["uln"]),
        ("value > uln", {}, ["uln", "value"]),
        ("rise > 1", {"value": 1}, ["baseline"]),
        ("gain_pct > 1", {"value": 1, "baseline": 0}, ["baseline above 0"]),
        ("drop_pct > 1", {"value": 1, "baseline": 0}, ["baseline above 0"]),
        ("value > {1 g/L}", {"value": 1}, ["unit"]),
        ("symptomatic?", {}, ["symptomatic"]),
        ("baseline_high", {"baseline": 1}, ["uln"]),
        ("not baseline_low", {"baseline": 1}, ["lln"]),
        ("value > 5 & symptomatic? | value > uln", {"value": 6}, ["symptomatic", "uln"]),
    ],
)
def test_what_is_unknown_is_named(text: str, known: dict, unknown: list[str]) -> None:
    """What would decide a condition is named, and it neither holds nor fails."""
    assert decided(text, facts(**known)) == (None, unknown, "")


@pytest.mark.parametrize(
    ("text", "known", "holds"),
    [
        ("symptomatic?", {"symptomatic": True}, True),
        ("symptomatic?", {"symptomatic": False}, False),
        ("not symptomatic?", {"symptomatic": False}, True),
        ("bleeding", {}, False),
        ("not ionized", {}, True),
        ("bleeding", {"bleeding": True}, True),
        ("baseline_high", {"baseline": 11, "uln": 10}, True),
        ("baseline_high", {"baseline": 10, "uln": 10}, False),
        ("not baseline_high", {"baseline": 10, "uln": 10}, True),
        ("baseline_low", {"baseline": 9, "lln": 10}, True),
        ("baseline_low", {"baseline": 10, "lln": 10}, False),
        ("baseline_high", {"baseline": 11, "uln": 10, "is_baseline_record": True}, False),
        ("not baseline_low", {"baseline": 9, "lln": 10, "is_baseline_record": True}, True),
        ("value > 5 & symptomatic?", {"value": 5}, False),
        ("value > 5 & symptomatic? | value > 4", {"value": 6}, True),
        ("value > 5 & value > 7", {"value": 6}, False),
    ],
)
def test_questions_and_joined_parts_are_decided(text: str, known: dict, holds: bool) -> None:
    """An answer decides; what is only ever said when it is so is denied by silence; one part that fails is enough."""
    found = decided(text, facts(**known))

    assert found[:2] == (holds, [])
    assert bool(found[2]) is holds


def test_the_alternative_that_holds_is_told_in_the_unit_used() -> None:
    """The words are of the alternative that holds, in the unit of the value, and of all units where it is another."""
    text = "value < {80 g/L, 8.0 g/dL} & value > 0 | bleeding"

    assert decided(text, facts("g/dL", value=7)) == (True, [], "value < 8.0 g/dL and value > 0")
    assert decided(text, facts("g/dL", value=9, bleeding=True)) == (True, [], "bleeding")
    (part,) = read_condition("value < {80 g/L, 8.0 g/dL}").parts
    assert part.text("mmol/L") == "value < 80 g/L or 8.0 g/dL"
    assert part.text(None) == "value < 80 g/L or 8.0 g/dL"


def test_zero_is_a_value() -> None:
    """A value or a baseline of zero is compared, not missing."""
    assert decided("value < 1", facts(value=0))[0] is True
    assert decided("drop > 0", facts(value=0, baseline=1))[0] is True
    assert decided("rise > 0", facts(value=1, baseline=0))[0] is True
    assert decided("value > 2 baseline", facts(value=1, baseline=0))[0] is True
