"""Path trees of any design: complete, with the rule's own answer at each node, and with chances that add up."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design import (
    BOIN,
    BOIN12,
    Outcomes,
    RollingSix,
    ThreePlusThree,
    examine,
    joint_truth,
    operating_characteristics,
    paths,
)
from trialwright.design.catalogue import design_from_text
from trialwright.errors import InputError, PathError

VARIANTS = {
    "A_no_deescalation": "no de-escalation",
    "B_deescalate_top_not_expanded": "de-escalation",
    "C_six_at_mtd": "six at the MTD",
}
TRUTH = [0.1, 0.25, 0.4]


def test_published_numbers_of_paths(shared: Path) -> None:
    """A 3+3 has as many paths as published for its variant and number of levels."""
    lines = (shared / "vectors/designs.jsonl").read_text().splitlines()
    counts = [v for v in map(json.loads, lines) if v["kind"] == "3p3_path_count"]
    for vector in counts:
        for name, variant in VARIANTS.items():
            design = ThreePlusThree(levels=vector["inputs"]["n_doses"], variant=variant)
            assert len(paths(design).leaves) == vector["expected"][name]
    assert counts


@pytest.mark.parametrize("variant", VARIANTS.values())
def test_the_chances_of_complete_paths_are_the_exact_selection(variant: str) -> None:
    """Chances of all paths to their ends, summed by the level selected, are the exact selection probabilities."""
    design = ThreePlusThree(levels=3, variant=variant, past_the_top_dose="MTD")
    tree = paths(design)
    ends = {node.outcomes for node in tree.leaves}
    selected = [0.0] * 4
    for node, chance in zip(tree.nodes, tree.probabilities(TRUTH), strict=True):
        selected[node.answer.mtd or 0] += chance if node.outcomes in ends else 0

    found = operating_characteristics(design, TRUTH)
    assert selected == pytest.approx([found.selection_none, *found.selection], abs=1e-12)


@pytest.mark.parametrize("design", [ThreePlusThree(levels=3), BOIN(levels=3, target=0.3), RollingSix(levels=3)])
@given(seed=st.integers(0, 3))
def test_a_tree_of_any_design_has_the_rules_answer_at_each_node(design, seed: int) -> None:
    """Each node carries what the rule recommends there, and the chances at each depth do not exceed one."""
    tree = paths(design, after="1NNN" if seed else "", cohorts=seed or 1)

    assert all(node.answer == design.recommend(node.outcomes) for node in tree.nodes)
    assert sum(
        chance for node, chance in zip(tree.nodes, tree.probabilities(TRUTH), strict=True) if node in tree.leaves
    ) == pytest.approx(1)


OBD = BOIN12(
    levels=3, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60, cohort=2, subjects=6
)


def test_a_tree_by_toxicity_and_efficacy_is_complete() -> None:
    """Two subjects can go ten ways by toxicity and efficacy, and the chances of all complete paths add up to one."""
    tree = paths(OBD)
    chances = tree.probabilities(joint_truth([0.1, 0.2, 0.4], [0.2, 0.4, 0.5], odds_ratio=2))
    leaves = tree.leaves

    assert len(paths(OBD, cohorts=1).leaves) == 10
    assert sum(chance for node, chance in zip(tree.nodes, chances, strict=True) if node in leaves) == pytest.approx(
        1, abs=1e-12
    )
    assert all(node.answer == OBD.next_dose(OBD.parse(str(node.outcomes))) for node in tree.nodes)
    assert {node.answer.selected for node in leaves} == {None, 1, 2, 3}
    assert "obd" in tree.to_frame().columns
    assert examine(OBD).to_frame().height == 1 + 3 * 10


def test_the_chances_of_a_tree_by_efficacy_are_what_simulation_finds() -> None:
    """Summed by the level selected, the chances of all paths are the selections of simulated trials, within error."""
    truth = joint_truth([0.1, 0.2, 0.4], [0.2, 0.4, 0.5], odds_ratio=2)
    tree = paths(OBD)
    ends = {node.outcomes for node in tree.leaves}
    exact = [0.0] * 4
    for node, chance in zip(tree.nodes, tree.probabilities(truth), strict=True):
        exact[node.answer.selected or 0] += chance if node.outcomes in ends else 0

    found = OBD.simulate(truth, trials=20_000, seed=1).characteristics
    assert [found.selection_none, *found.selection] == pytest.approx(exact, abs=4 * 0.5 / 20_000**0.5)


@pytest.mark.parametrize("name", ["tite-crm window=28", "tite-boin window=28 stop_at_n=6", "bf-boin window=28"])
def test_a_tree_with_every_window_closed_is_what_conduct_would_be_told(name: str) -> None:
    """At each node of the tree of a late-onset design stands what the design answers to the same history in conduct."""
    design = design_from_text(name, {"levels": "3", "target": "0.3", "subjects": "12", "cohort": "3"})
    for node in paths(design, cohorts=3).nodes[1:]:
        told = design.next_dose(design.parse(str(node.outcomes)))
        assert (told.dose, told.decision, told.mtd) == (node.answer.dose, node.answer.decision, node.answer.mtd)
    with pytest.raises(PathError, match="`next` reads the rest"):
        paths(design, after="1NN 2P@14")


def test_a_tree_begins_where_it_is_asked_to() -> None:
    """After an expansion three numbers of DLTs end a 3+3 and one goes on."""
    tree = paths(ThreePlusThree(levels=2), after="1NTN", cohorts=1)

    assert [str(node.outcomes) for node in tree.leaves] == ["1NTN 1NNN", "1NTN 1NNT", "1NTN 1NTT", "1NTN 1TTT"]
    assert tree.nodes[0].outcomes == Outcomes.parse("1NTN")


def test_an_open_window_is_a_leaf() -> None:
    """Where the rule waits for a window nothing follows, and the tree says so."""
    tree = paths(ThreePlusThree(levels=2), after="1NNP")

    assert str(tree) == "1NNP: stay, waits for 1"


def test_examine_tries_every_next_cohort_on_the_way_without_dlt() -> None:
    """Before the trial, each level of a 3+3 is tried with 0 to 3 DLTs after levels without any."""
    frame = examine(ThreePlusThree(levels=3)).to_frame()

    assert frame.height == 1 + 4 * 3
    assert frame["decision"].to_list()[1:5] == ["escalate", "expand", "stop", "stop"]
    assert examine(BOIN(levels=3, target=0.3, subjects=12)).to_frame().height == 1 + 4 * 4


def test_it_prints_and_draws_as_a_table() -> None:
    """A tree is a frame with a row for each node, an HTML table, and an indented text."""
    tree = paths(ThreePlusThree(levels=2), cohorts=2)

    assert tree.to_frame().height == len(tree.nodes)
    assert "<table>" in tree._repr_html_()
    assert len(str(tree).splitlines()) == len(tree.nodes)
    assert str(tree).startswith("start: 3 more at level 1")


def test_what_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cohort to look ahead, a path that leaves the design, and a tree that is too large are refused."""
    with pytest.raises(InputError, match="at least 1"):
        paths(ThreePlusThree(levels=2), cohorts=0)
    with pytest.raises(PathError):
        paths(ThreePlusThree(levels=2), after="3NNN")
    monkeypatch.setattr(sys.modules["trialwright.design.paths"], "MOST_NODES", 90)
    with pytest.raises(InputError, match="fewer cohorts"):
        paths(ThreePlusThree(levels=4))
