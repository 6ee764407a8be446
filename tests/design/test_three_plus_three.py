"""The 3+3 rule on counts, on paths and on open windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design import Decision, Outcome, Outcomes, ThreePlusThree, operating_characteristics
from trialwright.errors import InputError, PathError

PATHS = [
    ("", 1, "stay", None),
    ("1N", 1, "stay", None),
    ("1NNN", 2, "escalate", None),
    ("1NTN", 1, "expand", None),
    ("1NTNNNN", 2, "escalate", None),
    ("1NTN 1NNN", 2, "escalate", None),
    ("1NTN 1NTN", None, "stop", None),
    ("1TT", None, "stop", None),
    ("1NNN 2NTN", 2, "expand", None),
    ("1NNN 2TTN", None, "stop", 1),
    ("1NNN 2NTN 2NNT", None, "stop", 1),
    ("1NNN 2NNN 3NNN", None, "consult", None),
    ("1NNN 2NNN 3NTN 3NNN", None, "consult", None),
    ("1NNN 2NNN 3NTT", None, "stop", 2),
    ("1NNP", 1, "stay", None),
    ("1TTP", None, "stop", None),
    ("1NTN 1NNP", 1, "stay", None),
    ("1nnn 2n", 2, "stay", None),
]


@pytest.mark.parametrize(("path", "dose", "decision", "mtd"), PATHS)
def test_paths(path: str, dose: int | None, decision: str, mtd: int | None) -> None:
    """Along a path the rule gives this dose, decision and MTD."""
    answer = ThreePlusThree(levels=3).recommend(Outcomes.parse(path))

    assert (answer.dose, answer.decision.value, answer.mtd) == (dose, decision, mtd)
    assert answer.why.endswith(".")


@pytest.mark.parametrize("path", ["1NNX", "NNN", "0NNN", "1", "1NNN,2NNN", "-1N", "1NNN 2"])
def test_a_path_that_cannot_be_read_names_the_cohort(path: str) -> None:
    """A cohort that is no level and letters is refused with its place."""
    with pytest.raises(PathError, match=r"cohort \d of the path"):
        Outcomes.parse(path)


def test_a_level_that_the_design_lacks() -> None:
    """A cohort above the top level is refused with the number of levels."""
    with pytest.raises(PathError, match="3 levels"):
        ThreePlusThree(levels=3).recommend(Outcomes.parse("4NNN"))


@given(st.lists(st.tuples(st.integers(1, 3), st.text("NTP", min_size=1, max_size=6)), max_size=6))
def test_text_form_round_trips(cohorts: list[tuple[int, str]]) -> None:
    """Outcomes written as text read back the same."""
    text = " ".join(f"{dose}{letters}" for dose, letters in cohorts)

    assert str(Outcomes.parse(text)) == text


@given(st.lists(st.text("NTP", min_size=3, max_size=3), min_size=1, max_size=3))
def test_a_settled_answer_stays_whatever_the_open_windows_bring(cohorts: list[str]) -> None:
    """What the rule settles while windows are open is what it says however they end."""
    design = ThreePlusThree(levels=3)
    text = " ".join(f"{level}{letters}" for level, letters in enumerate(cohorts, start=1))
    answer = design.recommend(Outcomes.parse(text))
    if answer.settled:
        for letter in (Outcome.NO_DLT, Outcome.DLT):
            ended = design.recommend(Outcomes.parse(text.replace("P", letter)))
            assert ended.same_course(answer)


@given(st.lists(st.text("NT", min_size=3, max_size=6), min_size=1, max_size=3))
def test_the_dose_is_never_one_that_is_too_toxic(cohorts: list[str]) -> None:
    """No dose at or above a level with two DLTs is ever recommended."""
    text = " ".join(f"{level}{letters}" for level, letters in enumerate(cohorts, start=1))
    toxic = [level for level, letters in enumerate(cohorts, start=1) if letters.count("T") >= 2]

    answer = ThreePlusThree(levels=3).recommend(Outcomes.parse(text))

    assert not toxic or (answer.decision is Decision.STOP and answer.mtd == (toxic[0] - 1 or None))


def test_departures_are_named() -> None:
    """A path that the rule would not have taken is answered, and where it departs is said."""
    design = ThreePlusThree(levels=3)

    assert design.departures(Outcomes.parse("1NTN 1NNN 2NNN")) == ()
    assert design.departures(Outcomes.parse("1NTNNNN 2NNN 3N")) == ()
    assert len(design.departures(Outcomes.parse("1NTT 2NNN"))) == 1
    assert len(design.departures(Outcomes.parse("1NNNN"))) == 1


@pytest.mark.parametrize("numbers", [{"cohort": 0}, {"expand_to": 3}, {"stop_at": 4}, {"levels": 0}])
def test_numbers_that_make_no_rule(numbers: dict[str, int]) -> None:
    """A 3+3 whose numbers do not fit together is refused."""
    with pytest.raises(ValueError, match="3\\+3 needs"):
        ThreePlusThree(**{"levels": 3, **numbers})


@pytest.mark.parametrize("truth", [[0.1, 0.2], [0.1, 0.2, 1.1], [0.1, float("nan"), 0.2]])
def test_a_truth_that_cannot_be(truth: list[float]) -> None:
    """True DLT rates are one for each level, from 0 to 1."""
    with pytest.raises(InputError):
        operating_characteristics(ThreePlusThree(levels=3), truth)


def test_explains_itself_with_its_own_numbers() -> None:
    """The rule's prose carries the rule's numbers."""
    prose = ThreePlusThree(levels=4, cohort=4, expand_to=8, stop_at=3).explain()

    for number in ("4 subjects", "4 more", "3 of 8", "4 dose levels"):
        assert number in prose
