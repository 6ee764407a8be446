"""Simulation: the same trials however the work is split, and the same subjects for every design."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.design import (
    BOIN,
    CRM,
    Design,
    Keyboard,
    ThreePlusThree,
    automaton,
    compiled,
    operating_characteristics,
    simulate,
)
from trialwright.design.blocks import BLOCK, run_blocks
from trialwright.design.catalogue import design_from_text
from trialwright.errors import InputError

TRUTH = (0.05, 0.12, 0.25, 0.40, 0.55)


@pytest.mark.parametrize("design", [ThreePlusThree(levels=5), BOIN(levels=5, target=0.25)], ids=lambda one: one.name)
def test_simulated_numbers_are_the_exact_ones_within_their_error(design: ThreePlusThree | BOIN) -> None:
    """Selection, subjects and DLTs of 200,000 simulated trials lie within four standard errors of the exact ones."""
    found, exact = simulate(design, TRUTH, trials=200_000, seed=3), operating_characteristics(design, TRUTH)

    for got, expected in zip(
        (found.selection_none, *found.selection), (exact.selection_none, *exact.selection), strict=True
    ):
        assert abs(got - expected) <= 4 * (found.standard_error(expected) or 0) + 1e-12
    assert found.mean_size == pytest.approx(exact.mean_size, rel=0.005)
    assert found.mean_dlts == pytest.approx(exact.mean_dlts, rel=0.03)


@pytest.fixture
def few_states(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let ten states be too many to list."""
    compiled.cache_clear()
    monkeypatch.setattr(automaton, "LARGEST", 10)
    yield
    compiled.cache_clear()


@pytest.mark.usefixtures("few_states")
@pytest.mark.parametrize(
    "design",
    [
        ThreePlusThree(levels=3),
        BOIN(levels=3, target=0.25, subjects=18, titration=True),
        Keyboard(levels=3, target=0.25, subjects=18),
    ],
    ids=lambda one: one.name,
)
def test_a_design_with_too_many_states_is_simulated_course_by_course(
    design: Design, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the states are too many to list, simulation gives the exact numbers within four standard errors as well."""
    with pytest.raises(InputError, match="simulate it instead"):
        operating_characteristics(design, TRUTH[1:4])
    found = simulate(design, TRUTH[1:4], trials=20_000, seed=3)
    with ThreadPoolExecutor(2) as pool:
        assert found == simulate(design, TRUTH[1:4], trials=20_000, seed=3, run=pool.map)
    monkeypatch.undo()
    exact = operating_characteristics(design, TRUTH[1:4])

    for got, expected in zip(
        (found.selection_none, found.top_tolerated, *found.selection),
        (exact.selection_none, exact.top_tolerated, *exact.selection),
        strict=True,
    ):
        assert abs(got - expected) <= 4 * (found.standard_error(expected) or 0) + 1e-12
    assert found.mean_patients == pytest.approx(exact.mean_patients, rel=0.03)
    assert found.mean_dlts == pytest.approx(exact.mean_dlts, rel=0.05)
    assert {size: found.sizes.get(size, 0) for size in exact.sizes} == pytest.approx(exact.sizes, abs=0.02)


@settings(max_examples=10, deadline=None)
@given(trials=st.integers(1, 3 * BLOCK), seed=st.integers(0, 2**32))
def test_how_the_work_is_split_changes_nothing(trials: int, seed: int) -> None:
    """Threads give the numbers of one thread, whatever the number of trials."""
    design = ThreePlusThree(levels=3)
    with ThreadPoolExecutor(3) as pool:
        split = simulate(design, (0.1, 0.2, 0.4), trials=trials, seed=seed, run=pool.map)

    assert split == simulate(design, (0.1, 0.2, 0.4), trials=trials, seed=seed)


def test_fewer_trials_are_the_first_of_more() -> None:
    """The first block of a long simulation is a short simulation with the same seed."""

    def first(number: int, stream: np.random.Generator) -> float:
        return float(stream.random())

    short = list(run_blocks(first, trials=BLOCK, seed=5))
    long = list(run_blocks(first, trials=3 * BLOCK, seed=5))

    assert short == long[:1]
    assert len(set(long)) == 3


def test_two_designs_treat_the_same_subjects() -> None:
    """Keyboard and BOIN, which decide alike in cohorts of three here, give the same trials with the same seed."""
    boin = simulate(BOIN(levels=5, target=0.25), TRUTH, trials=20_000, seed=9)
    keyboard = simulate(Keyboard(levels=5, target=0.25), TRUTH, trials=20_000, seed=9)

    assert boin.selection == keyboard.selection
    assert boin.mean_patients == keyboard.mean_patients


def test_progress_ends_with_all_trials() -> None:
    """Progress rises to the number of trials."""
    told: list[int] = []

    simulate(ThreePlusThree(levels=2), (0.1, 0.2), trials=50_000, seed=1, progress=told.append)

    assert told == sorted(told)
    assert told[-1] == 50_000


@pytest.mark.parametrize(("trials", "seed", "words"), [(0, 1, "at least 1"), (10, -1, "not negative")])
def test_impossible_simulations_are_refused(trials: int, seed: int, words: str) -> None:
    """No trial and a negative seed are refused in words."""

    def count(number: int, stream: np.random.Generator) -> int:
        return number

    with pytest.raises(InputError, match=words):
        list(run_blocks(count, trials=trials, seed=seed))


def test_all_faults_of_a_design_in_text_are_told_at_once() -> None:
    """A design written with unknown, wrong and missing settings is refused with all of them and what can be set."""
    with pytest.raises(InputError) as told:
        design_from_text("boin levels=five foo=1")

    for words in ("'foo' is no setting", "levels is 'five'", "target is missing", "subjects=30"):
        assert words in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3+3 levels=3 variant=five at the MTD", "which is none of 'no de-escalation', 'de-escalation'"),
        ("boin levels=3 target=0.2 target=0.3", "target is given twice"),
        ("boin 5", "'5' is no setting"),
    ],
)
def test_a_setting_that_is_misread_is_named(text: str, words: str) -> None:
    """A value of several words is read as one; words that no setting knows, and a setting twice, are refused."""
    with pytest.raises(InputError, match=re.escape(words)):
        design_from_text(text)


def test_a_crm_from_plain_numbers() -> None:
    """A CRM by name has the skeleton of its indifference interval, or the one that is given."""
    made = design_from_text("crm levels=5 target=0.25 prior_mtd=3 halfwidth=0.05")
    given_skeleton = design_from_text("crm levels=3 target=0.25 skeleton=0.1,0.25,0.4 model=logistic")

    assert isinstance(made, CRM)
    assert made.model.rates(np.zeros((1, 1)))[0] == pytest.approx([0.08397, 0.15674, 0.25, 0.3545, 0.46034], abs=1e-5)
    assert given_skeleton.levels == 3
    with pytest.raises(InputError, match="3 rates in the skeleton for 5 levels"):
        design_from_text("crm levels=5 target=0.25 skeleton=0.1,0.25,0.4")
