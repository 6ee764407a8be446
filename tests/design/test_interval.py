"""What the interval designs share beyond the contract: parameters, stopping, titration, selection and their words."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design import BOIN, MTPI, MTPI2, TPI, Decision, I3Plus3, Keyboard, Outcomes, operating_characteristics
from trialwright.design.interval import IntervalDesign, exact, fewest_overdosing, overdose_probability
from trialwright.errors import InputError

FAMILY = [BOIN, MTPI, MTPI2, TPI, I3Plus3, Keyboard]


@pytest.mark.parametrize("member", FAMILY)
def test_all_faults_at_once(member: type[IntervalDesign]) -> None:
    """Parameters that make no design are refused with every fault in one message."""
    with pytest.raises(InputError) as caught:
        member(
            levels=0,
            target=1.2,
            cohort=0,
            subjects=-1,
            start=2,
            cutoff=1.5,
            eliminate_from=0,
            extra_safe=0.7,
            stop_at_n=0,
        )
    message = str(caught.value)
    assert message.startswith(member.name)
    for words in ("0 levels", "target of 1.2", "cohort of 0", "-1 subjects", "level 2 of 0", "cutoff of 1.5"):
        assert words in message
    for words in ("elimination from 0", "extra safety of 0.7", "early stop at 0"):
        assert words in message


@pytest.mark.parametrize("target", [float("nan"), float("inf"), 0.0, 1.0])
@pytest.mark.parametrize("member", FAMILY)
def test_a_target_that_cannot_be(member: type[IntervalDesign], target: float) -> None:
    """A target DLT rate that is not between 0 and 1 is refused."""
    with pytest.raises(InputError, match="a target of"):
        member(levels=5, target=target)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"titration": True, "cohort": 1}, "titration needs cohorts of more than one"),
        ({"cutoff": 0.3, "extra_safe": 0.4}, "extra safety of 0.4 is not below the cutoff"),
        ({"subjects": 2}, "2 subjects; at least one cohort"),
        ({"safe": 0.35}, "safe, target and toxic rates 0.35, 0.3, 0.42 do not ascend"),
        ({"toxic": 1.0}, "must lie between 0 and 1"),
    ],
)
def test_parameters_that_contradict(numbers: dict, words: str) -> None:
    """Parameters that contradict each other are refused."""
    with pytest.raises(InputError, match=words):
        BOIN(levels=5, **{"target": 0.3, **numbers})


@given(st.integers(1, 40), st.data())
def test_exact_limits_agree_with_the_beta_posterior(n: int, data: st.DataObject) -> None:
    """The fewest DLTs that eliminate, computed with whole numbers, are those of the beta posterior."""
    target = data.draw(st.integers(1, 99)) / 100
    cutoff = data.draw(st.integers(50, 999)) / 1000
    chances = overdose_probability(np.full(n, n), np.arange(1, n + 1), target)
    if np.abs(chances - cutoff).min() < 1e-9:
        return
    expected = next((y for y in range(1, n + 1) if chances[y - 1] > cutoff), n + 1)

    assert fewest_overdosing(n, exact(target), exact(cutoff))[n] == expected


def test_a_limit_met_exactly_does_not_eliminate() -> None:
    """A posterior probability that equals the cutoff, here 1 - 0.1**2 = 0.99, does not exceed it."""
    assert fewest_overdosing(1, exact(0.1), exact(0.99))[1] == 2
    assert fewest_overdosing(1, exact(0.1), exact(0.9899))[1] == 1


def test_a_cohort_is_cut_short_where_its_level_is_eliminated() -> None:
    """Nobody completes a cohort at a level that its first subjects eliminated."""
    design = BOIN(levels=3, target=0.3, cohort=6, subjects=30)

    answer = design.recommend(Outcomes.parse("1NNNNNN 2TTT"))

    assert (answer.dose, answer.decision, answer.rule) == (1, Decision.DE_ESCALATE, "BOIN.de-escalate")
    assert "level 2 is eliminated, with all above it" in answer.why


def test_more_subjects_than_planned() -> None:
    """A trial that treated more subjects than it planned is answered, and ends."""
    answer = BOIN(levels=2, target=0.3, subjects=6).recommend(Outcomes.parse("1NNN 1NNN 1NNN"))

    assert (answer.decision, answer.mtd) == (Decision.STOP, 1)


@pytest.mark.parametrize(
    ("path", "dose", "subjects", "words"),
    [
        ("", 1, 1, "No subject treated"),
        ("1N", 2, 1, "single subjects until the first DLT"),
        ("1N 2N", 3, 1, "single subjects until the first DLT"),
        ("1N 2N 3N", 3, 2, "single subjects until the first DLT"),
        ("1N 2T", 2, 2, "the first DLT ends the titration"),
        ("1N 2T 2N", 2, 1, "treat 1 more"),
        ("1N 2T 2NN", 2, 3, "the table for 3 subjects says stay"),
        ("1N 2T 2NT", 1, 3, "the table for 3 subjects says de-escalate"),
        ("1T 2N", 3, 3, "the table for 1 subject says escalate"),
        ("1N 2TN", 2, 1, "treat 1 more"),
        ("1N 2TNN", 2, 3, "the table for 3 subjects says stay"),
        ("1N 2P", 2, 0, "can change the decision"),
    ],
)
def test_titration(path: str, dose: int, subjects: int, words: str) -> None:
    """Titration treats single subjects up to the first DLT or the top, then completes that cohort."""
    answer = BOIN(levels=3, target=0.3, titration=True).recommend(Outcomes.parse(path))

    assert (answer.dose, answer.subjects) == (dose, subjects)
    assert words in answer.why


def test_early_stop_only_where_the_rule_would_stay() -> None:
    """With enough subjects at a level the trial ends if the rule would treat more there, and goes on if it moves."""
    design = BOIN(levels=3, target=0.3, stop_at_n=6)

    assert design.recommend(Outcomes.parse("1NNN 2NNT 2NNT")).mtd == 2
    assert design.recommend(Outcomes.parse("1NNN 2NNT 2NNN")).dose == 3
    assert design.recommend(Outcomes.parse("1NNN 2NNT 2NTT")).dose == 1


def test_extra_safety_stops_earlier() -> None:
    """With extra safety 2 DLTs among 3 subjects at level 1 stop the trial, without it they do not."""
    path = Outcomes.parse("1NTT")

    assert BOIN(levels=3, target=0.25, extra_safe=0.1).recommend(path).decision is Decision.STOP
    assert BOIN(levels=3, target=0.25).recommend(path).decision is Decision.STAY


def test_bound_on_the_mtd() -> None:
    """With the bound no level estimated at or above the de-escalation boundary is selected."""
    n, y = [3, 6, 0], [0, 3, 0]

    assert BOIN(levels=3, target=0.3).select_mtd(n, y).mtd == 2
    assert BOIN(levels=3, target=0.3, bound_mtd=True).select_mtd(n, y).mtd == 1
    assert BOIN(levels=1, target=0.3, bound_mtd=True).select_mtd([6], [3]).mtd is None


def test_intervals_stand_at_their_own_level() -> None:
    """Where a lower level was not treated, estimates and intervals stand at the levels that were."""
    found = BOIN(levels=3, target=0.25).select_mtd([0, 3, 6], [0, 0, 2])

    assert found.lower[0] is found.rate[0] is found.overdose[0] is None
    assert [round(limit, 2) for limit in found.upper[1:]] == [0.20, 0.72]
    assert found.to_frame()["mtd"].to_list() == [False, False, True]
    assert found.to_frame().columns == ["level", "subjects", "dlts", "rate", "lower", "upper", "overdose", "mtd"]
    assert "level 3" in str(found)
    assert "No level" in str(BOIN(levels=1, target=0.25).select_mtd([3], [3]))


def test_counts_that_cannot_be_selected_from() -> None:
    """Counts that do not fit the design are refused, all faults at once."""
    with pytest.raises(InputError, match=r"2 counts of subjects; 4 counts of DLTs; 4 DLTs among 3 subjects at level 1"):
        BOIN(levels=3, target=0.3).select_mtd([3, 3], [4, 0, 0, 0])


def test_prose_names_every_option() -> None:
    """The prose of a design carries every option that is in force, and only those."""
    plain = BOIN(levels=5, target=0.3).explain()
    options = {"stop_at_n": 12, "extra_safe": 0.1, "titration": True, "bound_mtd": True, "eliminate_from": 4}
    prose = BOIN(levels=5, target=0.3, **options).explain()

    for words in ("0.236", "0.359", "0.95", "30 subjects at most", "at least 3 subjects"):
        assert words in plain
    for words in ("12 subjects", "0.85", "single subjects", "0.359 or more is not selected", "at least 4 subjects"):
        assert words in prose
        assert words not in plain
    assert "No level is eliminated." in BOIN(levels=5, target=0.3, cutoff=1).explain()
    assert {field.name for field in fields(BOIN)} >= set(options)


def test_keyboard_conducts_like_boin_where_their_tables_agree() -> None:
    """With a target of 0.25 in cohorts of three Keyboard and BOIN have the same operating characteristics."""
    truth = [0.05, 0.12, 0.25, 0.40, 0.55]

    found = [operating_characteristics(member(levels=5, target=0.25), truth) for member in (BOIN, Keyboard)]

    assert found[0] == found[1]
