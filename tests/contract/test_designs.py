"""What every dose-finding design keeps, whatever its rule; a new design is a new line of `MEMBERS`."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import (
    BOIN,
    MTPI,
    MTPI2,
    TPI,
    Cohort,
    CustomTable,
    Decision,
    DecisionTable,
    Design,
    I3Plus3,
    Keyboard,
    Outcome,
    Outcomes,
    Recommendation,
    Tally,
    ThreePlusThree,
    compiled,
    operating_characteristics,
)
from trialwright.design.automaton import Automaton
from trialwright.design.interval import IntervalDesign
from trialwright.design.states import States

SMALL: dict[str, Any] = {"levels": 3, "target": 0.3, "subjects": 18}

MEMBERS: dict[str, Design] = {
    "3+3": ThreePlusThree(levels=3),
    "BOIN": BOIN(**SMALL),
    "BOIN, titration": BOIN(**SMALL, titration=True),
    "BOIN, all options": BOIN(**SMALL, start=2, stop_at_n=9, extra_safe=0.1, titration=True, bound_mtd=True),
    "BOIN, one by one": BOIN(levels=3, target=0.25, subjects=9, cohort=1),
    "BOIN, uneven": BOIN(levels=3, target=0.25, subjects=11, cohort=4),
    "mTPI": MTPI(**SMALL),
    "mTPI-2": MTPI2(**SMALL),
    "Keyboard": Keyboard(**SMALL),
    "Keyboard, titration": Keyboard(levels=3, target=0.2, subjects=18, titration=True),
    "i3+3": I3Plus3(**SMALL),
    "TPI": TPI(**SMALL),
    "custom": CustomTable(
        **SMALL, decisions=DecisionTable.of(40, lambda n, y: "E" if 6 * y <= n else "S" if 3 * y <= n else "DU")
    ),
}

every_design = pytest.mark.parametrize("design", MEMBERS.values(), ids=MEMBERS.keys())


@cache
def eliminates(design: IntervalDesign, n: int, y: int) -> bool:
    """Whether the table eliminates a level on `y` DLTs among `n`."""
    return design.table(n).action(n, y) == "DU"


def admissible(design: Design, tallies: tuple[Tally, ...]) -> int:
    """The highest level that the rule has not eliminated."""
    for level, (evaluable, dlts, _) in enumerate(tallies, start=1):
        match design:
            case IntervalDesign() if evaluable and eliminates(design, evaluable, dlts):
                return level - 1
            case ThreePlusThree() if dlts >= design.stop_at:
                return level - 1
    return len(tallies)


def add(outcomes: Outcomes, answer: Recommendation, dlts: int) -> Outcomes:
    """Treat the cohort that was recommended, with so many DLTs."""
    results = [Outcome.DLT] * dlts + [Outcome.NO_DLT] * (answer.subjects - dlts)
    return Outcomes((*outcomes.cohorts, Cohort(answer.dose, tuple(results))))


def paths(design: Design, depth: int, outcomes: Outcomes | None = None) -> Iterator[tuple[int, ...]]:
    """Every sequence of numbers of DLTs that so many cohorts can have."""
    outcomes = outcomes or Outcomes()
    answer = design.recommend(outcomes)
    if answer.final or not depth:
        yield ()
        return
    for dlts in range(answer.subjects + 1):
        for rest in paths(design, depth - 1, add(outcomes, answer, dlts)):
            yield (dlts, *rest)


def check_path(design: Design, dlts: list[int] | tuple[int, ...]) -> None:
    """Follow the rule, its automaton and its vectorised step along a path, and compare them at every cohort."""
    automaton, node, outcomes = compiled(design), 0, Outcomes()
    for number in dlts:
        answer = design.recommend(outcomes)
        assert (answer.dose, answer.subjects) == (automaton.dose[node], automaton.size[node])
        outcomes = add(outcomes, answer, number := min(number, answer.subjects))
        node = int(automaton.child[node, number])
        check_step(design, outcomes)
        if node < 0:
            check_end(design, outcomes, automaton, ~node)
            return
        assert not design.recommend(outcomes).final


def check_step(design: Design, outcomes: Outcomes) -> None:
    """The vectorised step says what the recommendation says; neither skips a level or leads to an eliminated one."""
    tallies, results = outcomes.tallies(design.levels), outcomes.cohorts[-1].outcomes
    last = Tally(len(results), results.count(Outcome.DLT))
    steps = design.step(States.one(tallies, outcomes.current, last))
    answer = design.recommend(outcomes)
    assert (steps.dose[0], steps.subjects[0]) == (answer.dose or 0, answer.subjects)
    assert steps.topped[0] == (answer.decision is Decision.CONSULT)
    if answer.final:
        assert steps.selected[0] == (design.levels if steps.topped[0] else answer.mtd or 0)
        assert steps.selected[0] <= admissible(design, tallies)
    else:
        tried = max(cohort.dose for cohort in outcomes.cohorts)
        assert answer.dose <= min(tried + 1, admissible(design, tallies))


def check_end(design: Design, outcomes: Outcomes, automaton: Automaton, end: int) -> None:
    """An ending of the automaton is the final answer of the rule on the same counts."""
    answer, tallies = design.recommend(outcomes), outcomes.tallies(design.levels)
    assert answer.final
    assert automaton.end_n[end].tolist() == [tally.evaluable for tally in tallies]
    assert automaton.end_y[end].tolist() == [tally.dlts for tally in tallies]
    assert automaton.topped[end] == (answer.decision is Decision.CONSULT)
    assert automaton.selected[end] == (design.levels if automaton.topped[end] else answer.mtd or 0)


@every_design
def test_all_paths_of_three_cohorts(design: Design) -> None:
    """Over all paths of three cohorts rule, automaton and vectorised step agree; no bad level is reached."""
    found = list(paths(design, 3))
    for path in found:
        check_path(design, path)
    assert len(found) > 3


@every_design
@settings(max_examples=60)
@given(data=st.data())
def test_random_paths_to_the_end(design: Design, data: st.DataObject) -> None:
    """Along a path of any length the rule, its automaton and its vectorised step agree, and it is not unsafe."""
    check_path(design, data.draw(st.lists(st.integers(0, 4), min_size=4, max_size=40)))


@every_design
@settings(max_examples=60)
@given(data=st.data())
def test_open_windows_count_both_ways(design: Design, data: st.DataObject) -> None:
    """With open windows the answer is the one common to all ways they may end, and otherwise it waits for them."""
    cohorts = data.draw(st.lists(st.text("NNTP", min_size=1, max_size=4), min_size=1, max_size=4))
    levels = data.draw(st.lists(st.integers(1, design.levels), min_size=len(cohorts), max_size=len(cohorts)))
    text = " ".join(f"{level}{letters}" for level, letters in zip(levels, cohorts, strict=True))
    pending = text.count("P")
    if pending > 4:
        return
    ways = [text.replace("P", "{}").format(*letters) for letters in product("NT", repeat=pending)]
    answers = [design.recommend(Outcomes.parse(way)) for way in ways]

    answer = design.recommend(Outcomes.parse(text))

    if all(answers[0].same_course(other) for other in answers):
        assert answer.same_course(answers[0])
        assert answer.waits_for == 0
    else:
        assert (answer.decision, answer.subjects, answer.waits_for) == (Decision.STAY, 0, pending)


@every_design
@settings(max_examples=60)
@given(data=st.data())
def test_no_subject_is_treated_at_an_eliminated_level(design: Design, data: st.DataObject) -> None:
    """Whatever was done before, nobody is treated at a level that its own DLTs, or those of one below, eliminate."""
    cohorts = data.draw(
        st.lists(st.tuples(st.integers(1, design.levels), st.text("NT", min_size=1, max_size=6)), max_size=5)
    )
    outcomes = Outcomes.parse(" ".join(f"{level}{letters}" for level, letters in cohorts))

    answer = design.recommend(outcomes)

    assert answer.final or answer.dose <= admissible(design, outcomes.tallies(design.levels))
    assert answer.mtd is None or answer.mtd <= admissible(design, outcomes.tallies(design.levels))
    assert answer.why.endswith(".")


@every_design
@settings(max_examples=20)
@given(data=st.data())
def test_exact_characteristics_are_a_distribution(design: Design, data: st.DataObject) -> None:
    """Under any truth the exact probabilities of what is selected, and of the sizes, sum to one."""
    truth = data.draw(st.lists(st.floats(0, 1), min_size=design.levels, max_size=design.levels))

    found = operating_characteristics(design, truth)

    assert sum(found.selection) + found.selection_none == pytest.approx(1, abs=1e-12)
    assert sum(found.sizes.values()) == pytest.approx(1, abs=1e-12)
    assert sum(n * p for n, p in found.sizes.items()) == pytest.approx(found.mean_size, abs=1e-9)
    expected = [n * p for n, p in zip(found.mean_patients, truth, strict=True)]
    assert found.mean_dlts == pytest.approx(expected, abs=1e-9)


@every_design
def test_explains_itself(design: Design) -> None:
    """The prose of a design names its levels, its cohort and its target."""
    prose = design.explain()

    assert prose.endswith(".")
    for number in (design.levels, design.cohort, getattr(design, "target", design.levels)):
        assert str(number) in prose


@every_design
def test_designs_are_values(design: Design) -> None:
    """Designs with equal parameters are equal and hash equal; with other parameters they differ."""
    twin = replace(design)

    assert twin == design
    assert hash(twin) == hash(design)
    assert replace(design, levels=design.levels + 1) != design
