"""What every dose-finding design keeps, whatever its rule; a new design is a new line of `MEMBERS`."""

from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import (
    BOIN,
    MTPI,
    MTPI2,
    TITEBOIN,
    TPI,
    BackfillBOIN,
    Behaving,
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
    RollingSix,
    Tally,
    ThreePlusThree,
    at_least_at_mtd,
    compiled,
    no_skipping,
    operating_characteristics,
    simulate,
    simulation,
    stop_at_dose,
    stop_at_total,
)
from trialwright.design.automaton import Automaton
from trialwright.design.catalogue import make_design
from trialwright.design.interval import IntervalDesign
from trialwright.design.rolling_six import TOO_MANY
from trialwright.design.states import States

SMALL: dict[str, Any] = {"levels": 3, "target": 0.3, "subjects": 18}

MEMBERS: dict[str, Design] = {
    "3+3": ThreePlusThree(levels=3),
    "3+3, de-escalation": ThreePlusThree(levels=3, variant="de-escalation"),
    "3+3, six at the MTD": ThreePlusThree(levels=3, variant="six at the MTD", past_the_top_dose="MTD"),
    "3+3, from level 2": ThreePlusThree(levels=3, start=2, variant="de-escalation"),
    "3+3, no expansion": ThreePlusThree(levels=3, expand_to=3, some_dlts="escalate"),
    "3+3, no path": ThreePlusThree(levels=3, expand_to=3, some_dlts="consult"),
    "rolling six": RollingSix(levels=3),
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
    "CRM": make_design("CRM", SMALL),
    "CRM, logistic, one by one, cutoff": make_design(
        "CRM", {**SMALL, "subjects": 9, "model": "logistic", "cohort": 1, "cutoff": 0.9}
    ),
    "CRM, likelihood": make_design("CRM", {**SMALL, "subjects": 12, "estimation": "mle", "coherent": False}),
    "TITE-CRM": make_design("TITE-CRM", {**SMALL, "subjects": 9, "window": 28}),
    "TITE-BOIN": TITEBOIN(**SMALL, window=28),
    "BF-BOIN": BackfillBOIN(**SMALL, window=28, stop_at_n=9),
    "BOIN, behaving": at_least_at_mtd(stop_at_dose(stop_at_total(BOIN(**SMALL), 17), 9), 6),
    "3+3, behaving": at_least_at_mtd(stop_at_total(ThreePlusThree(levels=3), 14), 6),
    "CRM, behaving": no_skipping(make_design("CRM", {**SMALL, "subjects": 12, "skipping": True})),
    "rolling six, behaving": at_least_at_mtd(stop_at_total(RollingSix(levels=3), 14), 5),
}

every_design = pytest.mark.parametrize("design", MEMBERS.values(), ids=MEMBERS.keys())
WAITING = {name: design for name, design in MEMBERS.items() if not design.rolling}
every_waiting_design = pytest.mark.parametrize("design", WAITING.values(), ids=WAITING.keys())
TRUTH = (0.1, 0.3, 0.5)


@cache
def eliminates(design: IntervalDesign, n: int, y: int) -> bool:
    """Whether the table eliminates a level on `y` DLTs among `n`."""
    return design.table(n).action(n, y) == "DU"


def admissible(design: Design, tallies: tuple[Tally, ...]) -> int:
    """The highest level that the rule has not eliminated."""
    inner = design.design if isinstance(design, Behaving) else design
    for level, (evaluable, dlts, _) in enumerate(tallies, start=1):
        match inner:
            case IntervalDesign() if evaluable and eliminates(inner, evaluable, dlts):
                return level - 1
            case ThreePlusThree() if dlts >= inner.stop_at:
                return level - 1
            case RollingSix() if dlts >= TOO_MANY:
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
    """Follow the rule, its automaton, its vectorised step and the simulation's loop along a path, and compare them."""
    automaton, node, outcomes = compiled(design), 0, Outcomes()
    for number in (*dlts, *(0,) * 60):
        answer = design.recommend(outcomes)
        assert (answer.dose, answer.subjects) == (automaton.dose[node], automaton.size[node])
        outcomes = add(outcomes, answer, number := min(number, answer.subjects))
        node = int(automaton.child[node, number])
        check_step(design, outcomes)
        if node < 0:
            check_end(design, outcomes, automaton, ~node)
            assert simulated_end(automaton, outcomes) == ~node
            return
        assert not design.recommend(outcomes).final
    pytest.fail("the trial does not end")


def simulated_end(automaton: Automaton, outcomes: Outcomes) -> int:
    """The ending to which the loop of the simulation comes with these subjects."""
    tolerance = [[0.0 if outcome is Outcome.DLT else 1.0 for cohort in outcomes.cohorts for outcome in cohort.outcomes]]
    half = np.full(automaton.levels, 0.5)
    return int(simulation._walk(np.array(tolerance), half, automaton.dose, automaton.size, automaton.child)[0])


def check_step(design: Design, outcomes: Outcomes) -> None:
    """The vectorised step says what the recommendation says; neither skips a level or leads to an eliminated one."""
    tallies, results = outcomes.tallies(design.levels), outcomes.cohorts[-1].outcomes
    last = Tally(len(results), results.count(Outcome.DLT))
    steps = design.step(States.one(tallies, outcomes.current, last))
    answer = design.recommend(outcomes)
    assert (steps.dose[0], steps.subjects[0]) == (answer.dose or 0, answer.subjects)
    assert steps.topped[0] == topped(answer)
    if answer.final:
        assert steps.selected[0] == (design.levels if steps.topped[0] else answer.mtd or 0)
        assert steps.selected[0] <= admissible(design, tallies)
    else:
        tried = max(cohort.dose for cohort in outcomes.cohorts)
        assert answer.dose <= min(tried + 1, admissible(design, tallies))


def topped(answer: Recommendation) -> bool:
    """Whether the trial ends with the top level tolerated; where the protocol names no path it is not."""
    return answer.decision is Decision.CONSULT and answer.rule != "3+3.no-path"


def check_end(design: Design, outcomes: Outcomes, automaton: Automaton, end: int) -> None:
    """An ending of the automaton is the final answer of the rule on the same counts."""
    answer, tallies = design.recommend(outcomes), outcomes.tallies(design.levels)
    assert answer.final
    assert automaton.end_n[end].tolist() == [tally.evaluable for tally in tallies]
    assert automaton.end_y[end].tolist() == [tally.dlts for tally in tallies]
    assert automaton.topped[end] == topped(answer)
    assert automaton.selected[end] == (design.levels if automaton.topped[end] else answer.mtd or 0)


@every_design
def test_all_paths_of_three_cohorts(design: Design) -> None:
    """Over all paths of three cohorts rule, automaton, step and simulation agree; no bad level is reached."""
    found = list(paths(design, 3))
    for path in found:
        check_path(design, path)
    assert len(found) > 3


@every_design
@settings(max_examples=60)
@given(data=st.data())
def test_random_paths_to_the_end(design: Design, data: st.DataObject) -> None:
    """Along a path of any length rule, automaton, vectorised step and simulation agree, and it is not unsafe."""
    check_path(design, data.draw(st.lists(st.integers(0, 4), min_size=4, max_size=40)))


@every_waiting_design
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
def test_simulation_is_exact_within_its_error(design: Design) -> None:
    """Simulated selection, subjects and DLTs are the exact ones within four Monte Carlo standard errors."""
    trials, truth = 20_000, np.array(TRUTH)
    ends = compiled(design)
    chance = ends.ways * np.prod(truth**ends.end_y * (1 - truth) ** (ends.end_n - ends.end_y), axis=1)
    chosen = ends.selected[:, None] == np.arange(design.levels + 1)
    exact = np.concatenate([chosen, ends.end_n, ends.end_y], axis=1)

    found = simulate(design, TRUTH, trials=trials, seed=20260101)

    mean = chance @ exact
    error = np.sqrt(np.maximum(chance @ exact**2 - mean**2, 0) / trials)
    got = np.array([found.selection_none, *found.selection, *found.mean_patients, *found.mean_dlts])
    assert (abs(got - mean) <= 4 * error + 1e-9).all()


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
    given = {field.name for field in fields(design) if field.init}
    changed = next(name for name in ("levels", "subjects", "at_mtd", "skipping") if name in given)
    assert replace(design, **{changed: (getattr(design, changed) or 1) + 1}) != design
