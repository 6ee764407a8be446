"""BOIN12: paths, simulation, and what it refuses."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design import BOIN12, JointOutcomes, joint_truth, stop_at_total
from trialwright.errors import InputError, PathError

DESIGN = BOIN12(levels=4, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60)
LETTERS = st.lists(st.text("NTEB", min_size=3, max_size=3), min_size=1, max_size=12)


def walk(design: BOIN12, cohorts: list[str]) -> list[tuple[str, int | None]]:
    """The path that a design takes on these cohorts, with each answer's level."""
    path, steps = "", []
    for letters in cohorts:
        answer = design.recommend(JointOutcomes.parse(path))
        if answer.final:
            break
        path = f"{path} {answer.dose}{letters}".strip()
        steps.append((path, design.recommend(JointOutcomes.parse(path)).dose))
    return steps


@pytest.mark.parametrize(
    ("path", "dose", "subjects", "rule"),
    [
        ("", 1, 3, "fill"),
        ("1NE", 1, 1, "fill"),
        ("1NNN", 2, 3, "three"),
        ("1EEE 1NNN 2NNN", 1, 3, "three"),
        ("2TTN", 1, 3, "de-escalate"),
        ("1NNN 2EET 2EEN 2NTE", 3, 3, "explore"),
    ],
)
def test_decisions(path, dose, subjects, rule):
    """A path gives this level, this many subjects, and by this rule."""
    answer = DESIGN.recommend(JointOutcomes.parse(path))

    assert (answer.dose, answer.subjects, answer.rule) == (dose, subjects, f"BOIN12.{rule}")
    assert answer.why.endswith(".")


@given(LETTERS)
def test_no_level_is_skipped_and_none_is_given_that_is_not_admissible(cohorts):
    """Along any path the next level is admissible, and was tried or follows one that was."""
    for path, dose in walk(DESIGN, cohorts):
        counts = JointOutcomes.parse(path).counts(4)
        if dose is not None:
            assert DESIGN.admissible(counts[None])[0, dose - 1]
            assert dose <= counts.sum(axis=1).nonzero()[0].max() + 2


@given(LETTERS)
def test_the_obd_is_a_treated_admissible_level(cohorts):
    """At the end of any path the selected level was treated and is admissible."""
    path, _ = walk(DESIGN, cohorts)[-1]
    counts = JointOutcomes.parse(path).counts(4)
    chosen = int(DESIGN.select(counts[None])[0])
    if chosen:
        assert counts[chosen - 1].sum()
        assert DESIGN.admissible(counts[None])[0, chosen - 1]


def test_the_simulation_walks_by_the_same_rule():
    """The simulated share of each first move is its probability under the rule that paths ask."""
    design = replace(DESIGN, subjects=6)
    truth = joint_truth([0.2, 0.3, 0.4, 0.5], [0.3, 0.4, 0.5, 0.6], odds_ratio=2)
    moves = np.zeros(5)
    for first, second, third in np.ndindex(4, 4, 4):
        answer = design.recommend(JointOutcomes.parse("1" + "".join("NTEB"[i] for i in (first, second, third))))
        moves[answer.dose or 0] += truth[0, first] * truth[0, second] * truth[0, third]
    expected = 3 * moves[1:] + [3, 0, 0, 0]

    found = design.simulate(truth, seed=5, trials=20_000).characteristics

    assert found.mean_patients == pytest.approx(expected.tolist(), abs=0.03)


def test_results_do_not_depend_on_how_the_work_is_spread():
    """Threads give the same numbers as one loop, and are told of to whoever watches."""
    truth, told = joint_truth([0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.4, 0.5], odds_ratio=1), []
    one = DESIGN.simulate(truth, trials=5000, seed=9)
    with ThreadPoolExecutor(2) as pool:
        many = DESIGN.simulate(truth, trials=5000, seed=9, run=pool.map, progress=told.append)

    assert one == many
    assert told == [4096, 5000]


def test_fewer_trials_are_the_first_of_more():
    """The first thousand trials are the same however many follow."""
    truth = joint_truth([0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.4, 0.5], odds_ratio=1)
    one, two = (DESIGN.simulate(truth, seed=9, trials=trials).characteristics for trials in (1000, 2000))
    second = np.array(two.mean_patients) * 2 - one.mean_patients

    assert second == pytest.approx(second.round(3), abs=1e-9)
    assert one == DESIGN.simulate(truth, seed=9, trials=1000).characteristics


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 100))
def test_a_joint_truth_keeps_its_margins_and_its_odds_ratio(toxicity, efficacy, odds_ratio):
    """The four probabilities add up to one, to the margins, and to the odds ratio where it is defined."""
    neither, tox, eff, both = joint_truth([toxicity], [efficacy], odds_ratio=odds_ratio)[0]

    assert neither + tox + eff + both == pytest.approx(1)
    assert (tox + both, eff + both) == (pytest.approx(toxicity, abs=1e-9), pytest.approx(efficacy, abs=1e-9))
    if min(neither, tox, eff, both) > 1e-4:
        assert neither * both / (tox * eff) == pytest.approx(odds_ratio, rel=1e-3)


def test_utilities_that_do_not_mirror_each_other_split_the_table():
    """Where both and neither do not add up to 100, the score depends on how many subjects had both."""
    table = replace(DESIGN, utility_both=30).desirability_table([3])

    assert table.row(3, 1, 1, 0).score != table.row(3, 1, 1, 1).score
    assert len(table.rows) > 16
    assert table.to_frame().height == len(table.rows)


def test_all_faults_are_told_at_once():
    """A design that cannot be says everything that is wrong with it."""
    with pytest.raises(InputError) as refused:
        BOIN12(levels=0, toxicity_limit=0, efficacy_limit=1, utility_neither=-1, utility_both=101, cohort=0, enough=0)

    for word in ("levels", "toxicity limit", "efficacy limit", "neither", "both", "cohort", "start", "enough"):
        assert word in str(refused.value)


def test_a_path_that_cannot_be_read_names_every_cohort():
    """Cohorts that are no level and letters are all named, with their places."""
    with pytest.raises(PathError, match=r"cohort 1 .*cohort 3"):
        JointOutcomes.parse("1NNX 2NNN P")


def test_a_level_that_the_design_lacks():
    """A cohort above the top level is refused with the number of levels."""
    with pytest.raises(PathError, match="4 levels"):
        DESIGN.recommend(JointOutcomes.parse("5NNN"))


@pytest.mark.parametrize("truth", [np.ones((4, 4)) / 2, np.ones((3, 4)) / 4])
def test_a_truth_that_cannot_be(truth):
    """Rows that are no probabilities, and another number of levels, are refused."""
    with pytest.raises(InputError, match=r"simulation: a (truth of shape|level whose)"):
        DESIGN.simulate(truth, seed=1)


def test_the_protocol_text_has_every_number():
    """The sentence for the protocol names limits, utilities, exploration and the early stop."""
    text = replace(DESIGN, stop_at_n=12).explain()

    assert all(
        words in text for words in ("0.35", "0.25", "worth 100", "neither 40", "both 60", "From 9", "has 12 or more")
    )


@pytest.mark.parametrize("behave", [lambda design: design, lambda design: stop_at_total(design, 35)])
def test_a_simulated_trial_that_ends_as_none_is_admissible_selects_none(behave) -> None:
    """A trial that ends because no level near the last is admissible has no OBD, as in conduct, though data had one."""
    design = behave(BOIN12(levels=3, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60))
    counts = np.array([[[6, 3, 0, 0], [0, 0, 4, 2], [0, 0, 3, 0]]])

    assert design.select(counts)[0] > 0
    assert [int(answer[0]) for answer in design.next_cohorts(counts, np.array([1]))][::2] == [0, 0]
