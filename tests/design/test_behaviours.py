"""Behaviours on any design: what each does, that their order cannot matter, and that paths and tables agree."""

from dataclasses import dataclass, replace
from itertools import permutations
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import (
    BOIN,
    TITEBOIN,
    Arrivals,
    Calendar,
    Decision,
    Design,
    Outcomes,
    Recommendation,
    RollingSix,
    ThreePlusThree,
    at_least_at_mtd,
    compile_design,
    compiled,
    isotonic,
    no_skipping,
    operating_characteristics,
    simulate_calendar,
    stop_at_dose,
    stop_at_total,
)
from trialwright.design.isotonic_kernels import closest
from trialwright.errors import InputError

TRUTH = (0.05, 0.12, 0.25, 0.40, 0.55)


@dataclass(frozen=True, kw_only=True)
class Jumper(Design):
    """A design that goes to the top whenever the last cohort had no DLT, and to the bottom otherwise; for this test."""

    name: ClassVar[str] = "jumper"

    levels: int = 5
    cohort: int = 2
    most: int = 10

    @property
    def planned(self):
        """Ten subjects."""
        return self.most, self.most

    def course(self, tallies, current, *, last=None, seen=None):
        """Jump up after a cohort without DLT, down after another."""
        total = sum(tally.treated for tally in tallies)
        answer = Recommendation(
            decision=Decision.STAY, dose=current, mtd=None, subjects=2, waits_for=0, rule="jumper.jump", why="Jump."
        )
        if last is None or last.treated % 2:
            return replace(answer, subjects=2 - (last.treated % 2 if last else 0), complete=False)
        if total >= self.most:
            return replace(answer, decision=Decision.STOP, dose=None, subjects=0, mtd=self.levels)
        return replace(answer, dose=1 if last.dlts else self.levels)

    def explain(self):
        """Say so."""
        return "It jumps."


DESIGNS = [BOIN(levels=5, target=0.25), ThreePlusThree(levels=5), Jumper()]
BEHAVIOURS = [
    (stop_at_total, 14),
    (stop_at_dose, 8),
    (at_least_at_mtd, 6),
    (no_skipping, None),
]


def behaving(design, behaviours):
    """A design with behaviours put on in this order."""
    for behaviour, value in behaviours:
        design = behaviour(design) if value is None else behaviour(design, value)
    return design


WRAPPED = [
    behaving(design, chosen)
    for design in DESIGNS
    for chosen in ([BEHAVIOURS[0]], [BEHAVIOURS[1]], [BEHAVIOURS[2]], [BEHAVIOURS[3]], BEHAVIOURS[1:3], BEHAVIOURS)
]


def named(design: Design) -> str:
    """A short name for a test."""
    return f"{design.name} {design.total} {design.at_dose} {design.at_mtd} {design.skipping}"


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_the_order_of_behaviours_cannot_matter(design):
    """The same behaviours put on in any order are the same design."""
    first, *others = (behaving(design, order) for order in permutations(BEHAVIOURS))

    assert all(other == first and hash(other) == hash(first) for other in others)


def largest_by_paths(design: Design) -> int:
    """The largest trial of a design, by asking it along every path of cohorts."""
    most, open_paths = 0, [""]
    while open_paths:
        path = open_paths.pop()
        answer = design.recommend(Outcomes.parse(path))
        most = max(most, len([letter for letter in path if letter in "NT"]))
        if answer.subjects:
            ends = ("N" * (answer.subjects - dlts) + "T" * dlts for dlts in range(answer.subjects + 1))
            open_paths += [f"{path} {answer.dose}{cohort}" for cohort in ends]
    return most


@pytest.mark.parametrize(
    ("design", "planned"),
    [
        (at_least_at_mtd(ThreePlusThree(levels=2), 9), (6, 18)),
        (at_least_at_mtd(ThreePlusThree(levels=2, expand_to=3, some_dlts="stop"), 6), (6, 12)),
        (at_least_at_mtd(BOIN(levels=2, target=0.3, subjects=12), 9), (12, 18)),
        (stop_at_total(at_least_at_mtd(BOIN(levels=2, target=0.3, subjects=12), 9), 15), (12, 15)),
        (at_least_at_mtd(BOIN(levels=3, target=0.3, cohort=2, subjects=6), 4), (6, 10)),
    ],
    ids=["3+3", "no expansion", "BOIN", "BOIN with a total", "BOIN in pairs"],
)
def test_the_planned_size_counts_those_wanted_at_the_mtd(design, planned):
    """A design that wants subjects at its MTD is planned with as many as its largest path treats, and says so."""
    assert (design.planned, largest_by_paths(design)) == (planned, planned[1])
    assert f"the trial treats {planned[1]} subjects at most" in design.explain()


def test_a_design_that_leaves_windows_open_is_planned_with_no_fewer_than_it_treats():
    """Where the order in which windows close decides, the planned size is not below any simulated trial's."""
    design = at_least_at_mtd(TITEBOIN(levels=3, target=0.3, window=28, subjects=12), 9)
    calendar = Calendar(window=28, arrivals=Arrivals(pattern="Poisson", days_apart=5), without_slot="kept")
    treated = simulate_calendar(design, (0.3, 0.3, 0.3), calendar, trials=2000, seed=1).trials["treated"]
    assert 12 < treated.max() <= design.planned[1] == 34


@pytest.mark.parametrize("design", WRAPPED, ids=named)
@settings(max_examples=25)
@given(st.lists(st.text("NT", min_size=3, max_size=3), min_size=14, max_size=14))
def test_paths_walk_the_compiled_design(design, letters):
    """Following the recommendations along any path is following the compiled design to the same ending."""
    automaton, (level, size) = compiled(design), design.first()
    node, path = 0, ""
    for drawn in letters * 3:
        results = (drawn * 2)[:size]
        path = f"{path} {level}{results}".strip()
        answer = design.recommend(Outcomes.parse(path))
        node = int(automaton.child[node, results.count("T")])
        if node < 0:
            end = ~node
            topped = answer.decision is Decision.CONSULT
            assert answer.final, (path, answer)
            assert (design.levels if topped else answer.mtd or 0) == automaton.selected[end]
            break
        level, size = int(automaton.dose[node]), int(automaton.size[node])
        assert (answer.dose, answer.subjects, answer.final) == (level, size, False), (path, answer)
    else:
        pytest.fail(f"the design goes on: {path}")


@pytest.mark.parametrize("design", WRAPPED, ids=named)
def test_exact_operating_characteristics_add_up(design):
    """The exact operating characteristics of a design with behaviours are probabilities of one whole."""
    found = operating_characteristics(design, TRUTH)

    assert sum(found.selection) + found.selection_none == pytest.approx(1)
    assert sum(found.sizes.values()) == pytest.approx(1)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
@pytest.mark.parametrize("total", [1, 7, 10])
def test_nobody_is_treated_beyond_the_total(design, total):
    """A stop at a total is a total: no ending has more subjects, whatever else is asked."""
    wrapped = at_least_at_mtd(stop_at_total(design, total), 6)

    assert compile_design(wrapped).end_n.sum(axis=1).max() == total


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_no_level_that_has_enough_is_treated_again(design):
    """With a stop at a dose, no cohort is treated at a level that has that many."""
    automaton = compile_design(stop_at_dose(design, 6))
    here = automaton.n[np.arange(len(automaton.dose)), automaton.dose - 1]

    assert here.max() < 6


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_no_level_is_skipped(design):
    """Without skipping, a level is treated or selected only when the level below it was treated or it was itself."""
    automaton = compile_design(no_skipping(design))
    for n, dose in ((automaton.n, automaton.dose), (automaton.end_n, automaton.selected)):
        highest = np.where(n > 0, np.arange(1, 6), 0).max(axis=1)
        assert (dose <= highest + 1).all()


def test_the_jumper_does_skip():
    """The design of this test skips levels on its own, so that the test above can fail."""
    automaton = compile_design(Jumper())

    assert automaton.dose.max() == 5
    assert (automaton.n[automaton.dose == 5].sum(axis=1) == 2).any()


@pytest.mark.parametrize("design", DESIGNS, ids=lambda design: design.name)
def test_the_mtd_has_as_many_as_demanded(design):
    """Every ending with a level selected has at least the demanded subjects there."""
    automaton = compile_design(at_least_at_mtd(design, 6))
    selected = automaton.selected
    there = automaton.end_n[np.arange(len(selected)), selected - 1]

    assert (there[selected > 0] >= 6).all()
    assert (selected > 0).any()


def test_a_total_on_a_larger_boin_is_the_smaller_boin():
    """BOIN of 60 subjects stopped at 30 has the exact operating characteristics of BOIN of 30."""
    stopped = operating_characteristics(stop_at_total(BOIN(levels=5, target=0.25, subjects=60), 30), TRUTH)
    small = operating_characteristics(BOIN(levels=5, target=0.25, subjects=30), TRUTH)

    assert stopped.selection == pytest.approx(small.selection, abs=1e-12)
    assert stopped.mean_patients == pytest.approx(small.mean_patients, abs=1e-10)


def test_three_plus_three_with_six_at_the_mtd_is_the_published_variant():
    """3+3 with six at the MTD is the variant of crmPack, with its exact numbers of five levels."""
    found = operating_characteristics(at_least_at_mtd(ThreePlusThree(levels=5), 6), TRUTH)

    assert found.selection_none == pytest.approx(0.027433, abs=5e-7)
    assert found.selection == pytest.approx((0.136129, 0.370156, 0.344898, 0.110493, 0.010892), abs=5e-7)
    assert (found.mean_size, sum(found.mean_dlts)) == (
        pytest.approx(16.000934, abs=5e-7),
        pytest.approx(3.220464, abs=5e-7),
    )


@pytest.mark.parametrize("path", ["1NNN 2NTT 1", "1NNN 2NTT 1N", "1NNN 2NTT 1NP", "1NNN 2NTT 1TN"])
@pytest.mark.parametrize(
    ("design", "at_mtd"),
    [(ThreePlusThree(levels=3), 4), (ThreePlusThree(levels=3), 6), (BOIN(levels=3, target=0.3, subjects=6), 4)],
)
def test_a_cohort_at_the_mtd_is_filled_before_the_rule_decides(design, at_mtd, path):
    """A cohort that the demand at the MTD opened is no decision until it is whole, also where half of it is enough."""
    answer = at_least_at_mtd(design, at_mtd).recommend(Outcomes.parse(path))
    begun = len(path.split()[-1]) - 1

    assert (answer.dose, answer.subjects, answer.complete, answer.decision) == (1, 3 - begun, False, Decision.STAY)


def test_a_cohort_at_a_level_that_became_too_toxic_is_not_completed():
    """Where a cohort at the MTD makes its level too toxic before it is whole, nobody more is treated there."""
    design = at_least_at_mtd(ThreePlusThree(levels=2, past_the_top_dose="MTD"), 6)

    assert design.recommend(Outcomes.parse("1NNN 2NNN 2N")).subjects == 2
    assert design.recommend(Outcomes.parse("1NNN 2NNN 2TT")).dose == 1


def test_a_rolling_level_takes_subjects_for_the_mtd_without_a_new_decision():
    """A rolling six that wants more at the MTD places the next subject at the open level and decides nothing."""
    answer = at_least_at_mtd(RollingSix(levels=2, past_the_top_dose="MTD"), 6).recommend(Outcomes.parse("1NNN 2NNN"))

    assert (answer.dose, answer.subjects, answer.complete) == (2, 1, False)


def test_a_design_that_cannot_select_has_no_mtd_when_it_is_cut_short():
    """3+3 that is cut short names no MTD, and says so."""
    answer = stop_at_total(ThreePlusThree(levels=3), 5).recommend(Outcomes.parse("1NNN 2NN"))

    assert (answer.final, answer.mtd) == (True, None)
    assert "no level is selected" in answer.why


def test_toxicity_is_not_put_off():
    """No demand at the MTD holds a trial open whose lowest level is too toxic."""
    answer = at_least_at_mtd(BOIN(levels=3, target=0.25), 9).recommend(Outcomes.parse("1TTT"))

    assert (answer.final, answer.mtd, answer.rule) == (True, None, "BOIN.toxic")


def test_a_short_last_cohort_that_is_toxic_ends_without_an_mtd():
    """Where the total cuts a cohort short and level 1 is too toxic, the path ends as the table does."""
    answer = stop_at_total(BOIN(levels=3, target=0.3), 4).recommend(Outcomes.parse("1NTT 1T"))

    assert (answer.final, answer.mtd) == (True, None)


def test_open_windows_count_both_ways():
    """With open windows a design with behaviours answers only what every ending gives."""
    design = stop_at_total(BOIN(levels=3, target=0.3), 6)

    assert design.recommend(Outcomes.parse("1NNN 2NTP")).waits_for == 1
    assert design.recommend(Outcomes.parse("1NNN 2NNP")).mtd == 2


def test_a_behaviour_cannot_be_put_on_with_another_number():
    """The same behaviour with another number is refused; with the same number it is the same design."""
    design = stop_at_total(BOIN(levels=3, target=0.3), 6)

    assert stop_at_total(design, 6) == design
    with pytest.raises(InputError, match="total is 6 already and cannot be 9"):
        stop_at_total(design, 9)


@pytest.mark.parametrize(
    ("behaviour", "number", "words"),
    [
        (stop_at_total, 0, "0 subjects in all"),
        (stop_at_dose, 0, "0 subjects at a dose"),
        (at_least_at_mtd, 0, "0 subjects at the MTD"),
        (at_least_at_mtd, 30, "treats 30 at most"),
    ],
)
def test_numbers_that_cannot_be(behaviour, number, words):
    """A number below one, or more at the MTD than the design treats, is refused."""
    with pytest.raises(InputError, match=words):
        behaviour(BOIN(levels=3, target=0.3), number)


def test_a_design_with_behaviours_has_the_target_of_the_design():
    """Overdosing is judged by the target of the design itself, and not at all where it has none."""
    assert operating_characteristics(stop_at_total(BOIN(levels=5, target=0.25), 30), TRUTH).target == 0.25
    assert operating_characteristics(stop_at_total(ThreePlusThree(levels=5), 30), TRUTH).target is None


def test_the_protocol_text_adds_each_behaviour():
    """The sentence for the protocol has the design's own sentences and one for each behaviour."""
    plain, text = BOIN(levels=5, target=0.25).explain(), behaving(BOIN(levels=5, target=0.25), BEHAVIOURS).explain()

    assert text.startswith(plain)
    assert all(
        words in text for words in ("14 subjects in all", "has 8 or more", "has 6 subjects", "more than one above")
    )


def test_the_level_that_one_trial_selects_is_that_of_many():
    """The compiled choice by isotonic rates in one trial is the one that many trials at once come to."""
    rng = np.random.default_rng(4)
    n = rng.integers(0, 10, (2000, 5))
    y = rng.binomial(n, rng.random((2000, 1)))
    every = np.ones(5, dtype=np.bool_)

    for ceiling in (np.inf, 0.4):
        many = isotonic.closest(isotonic.rates(n, y), 0.3, ceiling)
        assert [closest(*row, every, 0.3, ceiling) for row in zip(n, y, strict=True)] == many.tolist()
