"""The 3+3 rule on counts, on paths and on open windows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import Decision, Outcome, Outcomes, ThreePlusThree, operating_characteristics
from trialwright.design.outcomes import Tally
from trialwright.design.states import States
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


FROM_LEVEL_2 = [
    ("", 2, "stay", 3),
    ("2TTN", 1, "de-escalate", 3),
    ("2TTN 1NNT", 1, "expand", 3),
    ("2TTN 1NNN 1NNT", None, "stop", 0),
    ("2TTN 1TT", None, "stop", 0),
    ("2NNN 3TT", 2, "de-escalate", 3),
    ("2NNN 3TT 2NTT", 1, "de-escalate", 3),
]


@pytest.mark.parametrize(("path", "dose", "decision", "subjects"), FROM_LEVEL_2)
def test_a_level_below_the_start_is_given_a_cohort_first(path: str, dose: int, decision: str, subjects: int) -> None:
    """A level below the start, where nobody was treated, has a cohort first, and is filled to be the MTD."""
    answer = ThreePlusThree(levels=3, start=2, variant="de-escalation").recommend(Outcomes.parse(path))

    assert (answer.dose, answer.decision.value, answer.subjects) == (dose, decision, subjects)


@pytest.mark.parametrize("start", [0, 2, 4])
def test_a_start_that_cannot_be_is_refused(start: int) -> None:
    """A start outside the levels is refused, and one above level 1 by which an untreated level could be the MTD."""
    with pytest.raises(InputError, match=f"a start at level {start}"):
        ThreePlusThree(levels=3, start=start)


@pytest.mark.parametrize(("path", "dose", "decision", "mtd"), PATHS)
def test_paths(path: str, dose: int | None, decision: str, mtd: int | None) -> None:
    """Along a path the rule gives this dose, decision and MTD."""
    answer = ThreePlusThree(levels=3).recommend(Outcomes.parse(path))

    assert (answer.dose, answer.decision.value, answer.mtd) == (dose, decision, mtd)
    assert answer.why.endswith(".")


@pytest.mark.parametrize("path", ["1NNX", "NNN", "0NNN", "1 1N", "1NNN,2NNN", "-1N", "1NNN 2 1N"])
def test_a_path_that_cannot_be_read_names_the_cohort(path: str) -> None:
    """A cohort that is no level and letters is refused with its place."""
    with pytest.raises(PathError, match=r"cohort \d of the path"):
        Outcomes.parse(path)


@pytest.mark.parametrize(("path", "level"), [("1", 1), ("1NNN 2", 2)])
def test_a_level_alone_at_the_end_was_opened_and_not_treated(path: str, level: int) -> None:
    """A path as conduct writes it may end with the level that was opened, where nobody is treated yet."""
    outcomes = Outcomes.parse(path)

    assert (outcomes.current, str(outcomes)) == (level, path)
    assert ThreePlusThree(levels=3).recommend(outcomes).dose == level


@pytest.mark.parametrize("path", ["1NNN 2NNT 2", "1NNN 2NNN 3NNN 3", "1NNN 2NNN 3NTN 3"])
def test_a_level_that_was_expanded_is_not_expanded_again(path: str) -> None:
    """Once a level is opened for its expansion the rule fills it, so that no second decision asks for more slots."""
    design = ThreePlusThree(levels=3, variant="six at the MTD")
    decided = design.recommend(Outcomes.parse(path[:-2]))
    opened = design.recommend(Outcomes.parse(path))

    assert (decided.decision, decided.settled) == (Decision.EXPAND, True)
    assert (opened.decision, opened.settled, opened.subjects) == (Decision.STAY, False, 3)


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
    """No dose and no MTD at or above a level with two DLTs is ever recommended."""
    text = " ".join(f"{level}{letters}" for level, letters in enumerate(cohorts, start=1))
    toxic = [level for level, letters in enumerate(cohorts, start=1) if letters.count("T") >= 2]

    answer = ThreePlusThree(levels=3).recommend(Outcomes.parse(text))

    assert not toxic or max(answer.dose or 0, answer.mtd or 0) < toxic[0]


def test_departures_are_named() -> None:
    """A path that the rule would not have taken is answered, and where it departs is said."""
    design = ThreePlusThree(levels=3)

    assert design.departures(Outcomes.parse("1NTN 1NNN 2NNN")) == ()
    assert design.departures(Outcomes.parse("1NTNNNN 2NNN 3N")) == ()
    assert len(design.departures(Outcomes.parse("1NTT 2NNN"))) == 1
    assert len(design.departures(Outcomes.parse("1NNNN"))) == 1


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"cohort": 0, "levels": 0}, ["0 levels", "a cohort of 0", "a stop at 2 DLTs"]),
        ({"expand_to": 3}, ["expanded to 3"]),
        ({"stop_at": 4}, ["a stop at 4"]),
        ({"some_dlts": "consult"}, ["'consult' instead of an expansion"]),
        ({"some_dlts": "stop", "expand_to": 3, "variant": "de-escalation"}, ["leave out expansion and de-escalation"]),
        ({"variant": "A", "past_the_top_dose": "up"}, ["'A' is none of", "'up' is none of"]),
    ],
)
def test_numbers_that_make_no_rule(wrong: dict, faults: list[str]) -> None:
    """A 3+3 whose parameters do not fit together is refused with every fault."""
    with pytest.raises(InputError) as refused:
        ThreePlusThree(**{"levels": 3, **wrong})

    assert all(fault in str(refused.value) for fault in faults)


VARIANTS = [
    ("1NNN 2NTT", {"variant": "de-escalation"}, 1, "de-escalate", None, "3+3.de-escalate"),
    ("1NTN 1NNN 2NTT", {"variant": "de-escalation"}, None, "stop", 1, "3+3.stop"),
    ("1NNN 2NTT 1NN", {"variant": "de-escalation"}, 1, "stay", None, "3+3.fill"),
    ("1NNN 2NTT 1NNP", {"variant": "de-escalation"}, None, "stop", 1, "3+3.stop"),
    ("1NNN 2NTT 1TNP", {"variant": "de-escalation"}, 1, "stay", None, "3+3.wait"),
    ("1NNN 2NTT 1TTN", {"variant": "de-escalation"}, None, "stop", None, "3+3.stop"),
    ("1NNN 2NNN 3NNN", {"variant": "de-escalation"}, None, "consult", None, "3+3.consult"),
    ("1NNN 2NNN 3NNN", {"variant": "de-escalation", "past_the_top_dose": "MTD"}, None, "stop", 3, "3+3.top"),
    ("1NNN 2NNN 3NNN", {"variant": "six at the MTD"}, 3, "expand", None, "3+3.expand"),
    ("1NNN 2NNN 3NNN 3NNN", {"variant": "six at the MTD"}, None, "consult", None, "3+3.consult"),
    ("1NNN 2NNN 3NNN 3TTN", {"variant": "six at the MTD"}, 2, "de-escalate", None, "3+3.de-escalate"),
    ("1NTN", {"some_dlts": "consult", "expand_to": 3}, None, "consult", None, "3+3.no-path"),
    ("1NTN", {"some_dlts": "escalate", "expand_to": 3}, 2, "escalate", None, "3+3.escalate"),
    ("1NNN 2NTN", {"some_dlts": "stop", "expand_to": 3}, None, "stop", 1, "3+3.stop"),
]


@pytest.mark.parametrize(("path", "parameters", "dose", "decision", "mtd", "rule"), VARIANTS)
def test_paths_of_the_variants(path, parameters, dose, decision, mtd, rule) -> None:
    """Along a path each variant gives its own dose, decision and MTD."""
    answer = ThreePlusThree(levels=3, **parameters).recommend(Outcomes.parse(path))

    assert (answer.dose, answer.decision.value, answer.mtd, answer.rule) == (dose, decision, mtd, rule)


def test_an_ending_without_a_path_selects_no_level() -> None:
    """Where the protocol names no path after 1 DLT in 3, such an ending counts as no level selected."""
    found = operating_characteristics(ThreePlusThree(levels=1, some_dlts="consult", expand_to=3), [0.2])

    assert found.selection == pytest.approx((0.8**3,))
    assert found.top_tolerated == pytest.approx(0.8**3)
    assert found.selection_none == pytest.approx(1 - 0.8**3)


COUNTS = st.integers(0, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
DESIGNS = [
    ThreePlusThree(levels=3, variant="de-escalation"),
    ThreePlusThree(levels=3, variant="six at the MTD", past_the_top_dose="MTD"),
    ThreePlusThree(levels=3, some_dlts="stop", expand_to=3),
]


@pytest.mark.parametrize("design", DESIGNS)
@settings(max_examples=30)
@given(st.lists(st.tuples(st.lists(COUNTS, min_size=3, max_size=3), st.integers(1, 3)), min_size=1, max_size=20))
def test_many_states_are_answered_as_each_alone(design: ThreePlusThree, states: list[tuple]) -> None:
    """Many states at once are answered as each by itself."""
    n, y = np.array([counts for counts, _ in states]).transpose(2, 0, 1)
    dose, none = np.array([level for _, level in states]), np.zeros(len(states), dtype=np.int64)

    found = design.step(States(n, y, dose, none, none))

    for row, (counts, level) in enumerate(states):
        answer = design.course(tuple(Tally(*pair) for pair in counts), level)
        assert found.dose[row] == (0 if answer.final else answer.dose)
        assert found.subjects[row] == (0 if answer.final else answer.subjects)
        assert found.topped[row] == (answer.rule == "3+3.consult")


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
