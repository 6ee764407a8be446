"""Calendar time: days by arithmetic, the rule trial for trial, exact selection, and results that no split changes."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plain_calendar import plain_trials
from trialwright.design import (
    BOIN,
    BOIN12,
    TITEBOIN,
    Arrivals,
    BackfillBOIN,
    Calendar,
    CalendarCharacteristics,
    RollingSix,
    Staggering,
    ThreePlusThree,
    operating_characteristics,
    simulate_calendar,
)
from trialwright.design.blocks import BLOCK
from trialwright.design.catalogue import make_design
from trialwright.errors import InputError

TRUTH = [0.05, 0.12, 0.25, 0.40, 0.55]
VARIANTS = ["no de-escalation", "de-escalation", "six at the MTD"]
ON_DEMAND = Arrivals(pattern="on demand")
POISSON = Arrivals(pattern="Poisson", days_apart=10)
SCOPES = {"none": "none", "every_dose": "every dose", "top_dose_only": "top dose only"}


def calendar(**changes) -> Calendar:
    """Poisson arrivals ten days apart, all of them kept, a window of 28 days; with these changes."""
    return Calendar(**{"window": 28, "arrivals": POISSON, "without_slot": "kept", **changes})


def test_deterministic_vectors(shared: Path) -> None:
    """Without DLTs and with somebody always there, days and subjects are those of plain arithmetic."""
    lines = (shared / "vectors/designs.jsonl").read_text().splitlines()
    vectors = [v for v in map(json.loads, lines) if v["kind"] == "deterministic_duration"]
    for vector in vectors:
        given_ = vector["inputs"]
        staggering = Staggering(scope=SCOPES[given_["stagger_scope"]], days=given_["sentinel_stagger_days"])
        assumed = calendar(window=given_["dlt_window_days"], arrivals=ON_DEMAND, staggering=staggering)
        found = simulate_calendar(ThreePlusThree(levels=given_["n_doses"]), given_["p_true"], assumed, trials=5, seed=1)
        assert found.last_window.quantiles == pytest.approx(
            [vector["expected"]["days_to_last_window"]] * 5, abs=vector["tolerance"]
        )
        assert (found.treated.mean, found.treated.sd) == (vector["expected"]["n"], 0)
    assert vectors


@given(
    levels=st.integers(1, 6),
    window=st.integers(1, 60),
    days=st.integers(1, 14),
    scope=st.sampled_from(["none", "every dose", "top dose only"]),
    between=st.sampled_from(["first and others", "each and next"]),
)
def test_days_without_dlts_are_arithmetic(levels: int, window: int, days: int, scope: str, between: str) -> None:
    """Each level takes its window, and a stagger adds its days once, or once for each next subject."""
    staggering = Staggering() if scope == "none" else Staggering(scope=scope, days=days, between=between)
    assumed = calendar(window=window, arrivals=ON_DEMAND, staggering=staggering)
    found = simulate_calendar(ThreePlusThree(levels=levels), [0] * levels, assumed, trials=2, seed=1)

    staggered = {"none": 0, "every dose": levels, "top dose only": 1}[scope]
    gaps = 1 if between == "first and others" else 2
    assert found.duration.mean == pytest.approx(levels * window + staggered * gaps * days)
    assert found.last_window.mean == found.duration.mean


def test_fixed_arrivals_and_windows_are_arithmetic() -> None:
    """With an arrival every 10 days, two levels take 2 x (2 x 10 + 28) days and the wait for the next arrival."""
    fixed = Arrivals(pattern="fixed", days_apart=10)
    lost = simulate_calendar(
        ThreePlusThree(levels=2), [0, 0], calendar(arrivals=fixed, without_slot="lost"), trials=2, seed=1
    )
    kept = simulate_calendar(ThreePlusThree(levels=2), [0, 0], calendar(arrivals=fixed), trials=2, seed=1)

    assert lost.duration.mean == 60 + 20 + 28  # infused on days 10, 20, 30; decided on 58; then 60, 70, 80
    assert lost.turned_away.mean == 2 + 2  # days 40 and 50, then 90 and 100
    assert kept.duration.mean == 58 + 2 + 28  # two who waited enter on day 58, the third on day 60
    assert kept.turned_away.mean == 0


def test_the_rolling_six_fills_a_level_while_windows_are_open() -> None:
    """With somebody always there a level without DLTs takes six subjects and one window."""
    found = simulate_calendar(RollingSix(levels=3), [0, 0, 0], calendar(arrivals=ON_DEMAND), trials=2, seed=1)

    assert (found.duration.mean, found.treated.mean) == (3 * 28, 18)


@pytest.mark.parametrize("variant", VARIANTS)
def test_selection_is_the_exact_one_within_its_error(variant: str) -> None:
    """Time changes how many are treated, and never what a 3+3 selects."""
    design = ThreePlusThree(levels=5, variant=variant)
    found = simulate_calendar(design, TRUTH, calendar(without_slot="lost", late_onset=0.8), trials=40_000, seed=3)
    exact = operating_characteristics(design, TRUTH)

    for got, expected in zip(
        (found.selection_none, *found.selection), (exact.selection_none, *exact.selection), strict=True
    ):
        assert abs(got - expected) < 4 * found.standard_error(expected)
    assert found.treated.mean < exact.mean_size


def test_a_design_that_fills_its_cohorts_treats_whom_the_exact_method_says() -> None:
    """Selection, subjects and DLTs of BOIN in calendar time are the exact ones within four standard errors."""
    design = BOIN(levels=5, target=0.25)
    found = simulate_calendar(design, TRUTH, calendar(), trials=20_000, seed=4)
    exact = operating_characteristics(design, TRUTH)

    for got, expected in zip(found.selection, exact.selection, strict=True):
        assert abs(got - expected) < 4 * found.standard_error(expected)
    for measures, means in ((found.patients, exact.mean_patients), (found.dlts_by_level, exact.mean_dlts)):
        for measure, mean in zip(measures, means, strict=True):
            assert abs(measure.mean - mean) < 4 * measure.standard_error


@pytest.mark.parametrize("without_slot", ["kept", "lost"])
@pytest.mark.parametrize(
    "design",
    [ThreePlusThree(levels=5, variant=v) for v in VARIANTS] + [RollingSix(levels=5, variant=v) for v in VARIANTS],
)
def test_every_variant_is_trial_for_trial_what_the_rule_recommends(design, without_slot: str) -> None:
    """A trial that asks the rule at every event has the same days, selection and subjects as the compiled one."""
    assumed = calendar(without_slot=without_slot, screen_failure=0.2, not_evaluable=0.15)
    found = simulate_calendar(design, TRUTH, assumed, trials=40, seed=5).trials
    columns = ("selected", "duration", "last_window", "screened", "treated")

    for got, plain in zip(
        found.select(columns).iter_rows(), plain_trials(design, assumed, TRUTH, [], 40, seed=5), strict=True
    ):
        assert got == pytest.approx((plain.selected, plain.decided, *plain.row[2:5]))


DESIGNS_IN_TIME = {
    "BOIN": BOIN(levels=5, target=0.3, subjects=12),
    "rolling six": RollingSix(levels=5),
    "TITE-CRM": make_design("TITE-CRM", {"levels": 5, "target": 0.25, "window": 28, "subjects": 9}),
    "TITE-BOIN": TITEBOIN(levels=5, target=0.3, window=28, subjects=12),
    "BF-BOIN": BackfillBOIN(levels=5, target=0.3, window=28, subjects=12),
    "BOIN12": BOIN12(
        levels=5, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60, subjects=12
    ),
}


@pytest.mark.parametrize("name", DESIGNS_IN_TIME)
def test_results_do_not_depend_on_how_the_work_is_spread(name: str) -> None:
    """Threads, and the order in which pieces run, leave every trial as it is; fewer trials are the first of more."""
    design, many_trials, told = DESIGNS_IN_TIME[name], 2 * BLOCK + 500, []
    rates = {"response": TRUTH} if design.responds else {}
    rates |= {"odds_ratio": 1} if name == "BOIN12" else {}

    def simulated(trials=many_trials, seed=6, **how):
        return simulate_calendar(design, TRUTH, calendar(), **rates, trials=trials, seed=seed, **how).trials

    def backwards(run, pieces):
        return reversed([run(piece) for piece in reversed(list(pieces))])

    one = simulated(progress=told.append)
    with ThreadPoolExecutor(3) as threads:
        many = simulated(run=threads.map)

    assert one.equals(many)
    assert one.equals(simulated(run=backwards))
    assert one[: BLOCK + 10].equals(simulated(trials=BLOCK + 10))
    assert not one.equals(simulated(seed=7))
    assert told == [BLOCK, 2 * BLOCK, many_trials]


def test_screening_failures_and_replacement() -> None:
    """Failures multiply the screened, replaced subjects the treated, and neither changes the evaluable ones."""
    assumed = calendar(screen_failure=0.25, not_evaluable=0.2)
    found = simulate_calendar(ThreePlusThree(levels=2), [0, 0], assumed, trials=20_000, seed=8)

    assert (found.treated.mean - found.not_evaluable.mean, found.dlts.mean) == (6, 0)
    assert found.treated.mean == pytest.approx(6 / 0.8, abs=4 * found.treated.standard_error)
    assert found.screened.mean == pytest.approx(6 / 0.8 / 0.75, abs=4 * found.screened.standard_error)


def test_without_replacement_who_leaves_counts_as_without_dlt() -> None:
    """Without replacement three subjects decide, and a share of DLTs is never seen."""
    assumed = calendar(not_evaluable=0.5, replaced=False)
    found = simulate_calendar(ThreePlusThree(levels=1), [0.2], assumed, trials=40_000, seed=9)
    expected = operating_characteristics(ThreePlusThree(levels=1), [0.1]).selection[0]

    assert abs(found.selection[0] - expected) < 4 * found.standard_error(expected)


@pytest.mark.parametrize(("late", "share"), [(None, 0.5), (0.5, 0.5), (0.9, 0.9)])
def test_the_stated_share_of_dlts_comes_late(late: float | None, share: float) -> None:
    """Of the DLTs of single subjects the stated share comes in the second half of the window."""
    design = ThreePlusThree(levels=1, cohort=1, expand_to=2, stop_at=1)
    assumed = calendar(arrivals=ON_DEMAND, late_onset=late)
    found = simulate_calendar(design, [0.3], assumed, trials=40_000, seed=10).trials
    days = found.filter(found["dlts"] == 1)["duration"]

    assert len(days) > 10_000
    assert (days > 14).mean() == pytest.approx(share, abs=4 * 0.5 / 100)
    assert days.max() < 28


def test_mean_gap_of_each_arrival_pattern() -> None:
    """One subject on each of one level waits for one gap, of the stated mean whatever its pattern."""
    design = ThreePlusThree(levels=1, cohort=1, expand_to=2, stop_at=1)
    for pattern, sd in (("fixed", 0), ("Poisson", 10), ("uniform", 10 / 3**0.5)):
        assumed = calendar(arrivals=Arrivals(pattern=pattern, days_apart=10))
        days = simulate_calendar(design, [0], assumed, trials=20_000, seed=11).duration
        assert days.mean - 28 == pytest.approx(10, abs=4 * days.standard_error + 1e-9)
        assert days.sd == pytest.approx(sd, rel=0.05, abs=1e-9)


def test_published_ratio_of_durations() -> None:
    """Rolling six takes 0.84 of the time of 3+3, as published, where candidates without a slot are lost.

    Published: 294 against 350 days, 3.3 against 3.2 DLTs, with 10 days between arrivals (Skolnik et al. 2008). The rest
    is chosen and stated here, because the abstract does not say it; with all candidates kept the ratio is above one.
    """
    truth = [0.05, 0.15, 0.30, 0.45]

    def both(without_slot: str) -> list[CalendarCharacteristics]:
        assumed = calendar(without_slot=without_slot, not_evaluable=0.2)
        designs = (kind(levels=4, variant="six at the MTD") for kind in (RollingSix, ThreePlusThree))
        return [simulate_calendar(design, truth, assumed, trials=20_000, seed=12) for design in designs]

    rolling, plain = both("lost")
    assert rolling.last_window.mean / plain.last_window.mean == pytest.approx(294 / 350, abs=0.02)
    assert rolling.dlts.mean - plain.dlts.mean == pytest.approx(0.1, abs=0.1)
    rolling, plain = both("kept")
    assert rolling.last_window.mean > plain.last_window.mean


def test_it_prints_and_draws_as_tables() -> None:
    """The result is a frame of measures, a frame of levels, an HTML page and a sentence, each with its error."""
    found = simulate_calendar(ThreePlusThree(levels=3), [0.05, 0.12, 0.3], calendar(), trials=1_000, seed=13)

    frame = found.to_frame()
    assert frame["measure"].to_list()[:3] == ["duration", "last_window", "screened"]
    assert (frame["q05"] <= frame["q95"]).all()
    assert found.levels_frame().height == 3
    assert found._repr_html_().count("<table>") == 2
    assert "standard error" in str(found)
    assert sum(found.selection) + found.selection_none == pytest.approx(1)


def test_assumptions_that_cannot_be() -> None:
    """All that is wrong with the assumptions is said at once."""
    with pytest.raises(InputError) as refused:
        Calendar(
            window=0,
            arrivals=Arrivals(pattern="Poisson"),
            without_slot="asked back",
            staggering=Staggering(scope="every dose"),
            late_onset=1,
            response_window=0,
            screen_failure=1,
            not_evaluable=-0.1,
        )
    for fault in (
        "a DLT window of 0 days",
        "arrivals 'Poisson' 0 days apart",
        "'asked back' is none of",
        "a stagger of 0 days",
        "a share of 1 late DLTs",
        "a response window of 0 days",
        "a share of 1 screening failures",
        "a share of -0.1 not evaluable",
    ):
        assert fault in str(refused.value)
    with pytest.raises(InputError, match="at least 2"):
        simulate_calendar(ThreePlusThree(levels=1), [0.1], calendar(), trials=1, seed=1)
    with pytest.raises(InputError) as refused:
        simulate_calendar(DESIGNS_IN_TIME["BF-BOIN"], TRUTH, calendar(window=21), odds_ratio=2, trials=1, seed=1)
    for fault in ("1 trials", "looks at responses", "own is 28", "BOIN12 alone"):
        assert fault in str(refused.value)
    with pytest.raises(InputError) as refused:
        simulate_calendar(DESIGNS_IN_TIME["TITE-BOIN"], TRUTH, calendar(response_window=84), response=TRUTH, seed=1)
    for fault in ("leave the response rates out", "leave the response window out"):
        assert fault in str(refused.value)
    with pytest.raises(InputError, match="give the odds ratio"):
        simulate_calendar(DESIGNS_IN_TIME["BOIN12"], TRUTH, calendar(), response=TRUTH, seed=1)
    with pytest.raises(InputError, match="2 true DLT rates for 3"):
        simulate_calendar(ThreePlusThree(levels=3), [0.1, 0.2], calendar(), seed=1)
