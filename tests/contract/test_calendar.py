"""Every behaviour in calendar time, for every design: one table, each cell against a calendar in plain Python."""

from typing import Any

import numpy as np
import pytest

from tests.plain_calendar import plain_trials
from trialwright.design import Arrivals, Calendar, Staggering, simulate_calendar
from trialwright.design.calendar import TimedTrials
from trialwright.design.catalogue import DESIGNS, make_design

TRUTH, RESPONSE = [0.1, 0.3, 0.5], [0.3, 0.5, 0.6]
TIMED = {"levels": 3, "target": 0.3, "subjects": 9, "window": 28}
SMALL = {"levels": 3, "target": 0.3, "subjects": 9}
TABLE = "n,dlts,action\n" + "\n".join(
    f"{n},{y},{'E' if 6 * y <= n else 'S' if 3 * y <= n else 'DU'}" for n in range(1, 10) for y in range(n + 1)
)
SETTINGS: dict[str, dict[str, Any]] = {
    "3+3": {"levels": 3, "variant": "de-escalation"},
    "rolling six": {"levels": 3},
    "custom table": {**SMALL, "table": TABLE},
    "TITE-CRM": {**TIMED, "cohort": 2, "weights": "adaptive", "cutoff": "0.95"},
    "TITE-BOIN": {**TIMED, "least_followed": "0.25"},
    "BF-BOIN": {**TIMED, "cap": 4},
    "BOIN12": {
        "levels": 3, "toxicity_limit": 0.35, "efficacy_limit": 0.25, "utility_neither": 40, "utility_both": 60,
        "subjects": 9,
    },
}  # fmt: skip
EACH = Staggering(scope="every dose", days=5, between="each and next")
SENTINEL = Staggering(scope="every dose", days=9, between="first and others")
BEHAVIOURS: dict[str, dict[str, Any]] = {
    "kept": {},
    "one kept": {"without_slot": "one kept"},
    "lost": {"without_slot": "lost"},
    "on demand": {"arrivals": Arrivals(pattern="on demand")},
    "screening failures": {"screen_failure": 0.3},
    "late onset": {"late_onset": 0.8},
    "stagger": {"staggering": EACH},
    "sentinel": {"staggering": SENTINEL},
    "sentinel at the top": {"staggering": Staggering(scope="top dose only", days=9), "without_slot": "lost"},
    "replaced": {"not_evaluable": 0.3},
    "not replaced": {"not_evaluable": 0.3, "replaced": False},
    "all at once": {
        "staggering": EACH, "not_evaluable": 0.25, "screen_failure": 0.2, "without_slot": "one kept", "late_onset": 0.7,
    },
}  # fmt: skip
COLUMNS = ("selected", "duration", "last_window", "screened", "treated", "dlts", "not_evaluable", "turned_away")


def made(name: str):
    """A small design of that name."""
    return make_design(name, SETTINGS.get(name, SMALL))


def calendar(**changes: Any) -> Calendar:
    """A candidate every nine days, all of them kept, with these changes."""
    arrivals = Arrivals(pattern="Poisson", days_apart=9)
    return Calendar(**{"window": 28, "arrivals": arrivals, "without_slot": "kept", **changes})


def simulated(name: str, assumed: Calendar, design=None, **asked: Any):
    """The design in calendar time, with responses where it looks at them."""
    design = design or made(name)
    response = RESPONSE if design.responds else None
    ratio = 2.0 if name == "BOIN12" else None
    return simulate_calendar(design, TRUTH, assumed, response=response, odds_ratio=ratio, **asked)


@pytest.mark.parametrize("name", ["3+3", "rolling six"])
def test_a_design_that_begins_above_level_1_does_so_in_calendar_time(name: str) -> None:
    """A 3+3 and a rolling six that begin at level 2 are the plain calendar, levels below the start included."""
    design, assumed = make_design(name, {"levels": 3, "start": 2, "variant": "de-escalation"}), calendar()
    found = simulated(name, assumed, design, trials=20, seed=3).trials

    expected = plain_trials(design, assumed, TRUTH, RESPONSE, 20, seed=3)

    assert list(found.select(COLUMNS).iter_rows()) == [pytest.approx(plain.row) for plain in expected]


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("name", DESIGNS)
def test_every_behaviour_of_every_design_is_the_plain_calendar(name: str, behaviour: str) -> None:
    """Each trial is the one of a calendar that asks the rule as at the bedside, and keeps the stagger of its levels."""
    assumed, trials = calendar(**BEHAVIOURS[behaviour]), 3
    expected = plain_trials(made(name), assumed, TRUTH, RESPONSE, trials, seed=3)
    found = simulated(name, assumed, trials=trials, seed=3).trials

    for got, plain in zip(found.select(COLUMNS).iter_rows(), expected, strict=True):
        assert got == pytest.approx(plain.row)
        assert keeps_its_stagger(plain.subjects, assumed.staggering)


@pytest.mark.parametrize("name", ["BF-BOIN", "BOIN12"])
def test_responses_may_take_longer_than_dlts(name: str) -> None:
    """With a window of their own responses come later, and BOIN12 waits for them, as in the plain calendar."""
    assumed = calendar(response_window=60.0, late_onset=0.7, not_evaluable=0.2)
    expected = plain_trials(made(name), assumed, TRUTH, RESPONSE, 6, seed=4)
    found = simulated(name, assumed, trials=6, seed=4).trials

    for got, plain in zip(found.select(COLUMNS).iter_rows(), expected, strict=True):
        assert got == pytest.approx(plain.row)


def keeps_its_stagger(subjects, staggering: Staggering) -> bool:
    """Whether no two infusions at a level are closer than the stagger lets them be."""
    levels = [3] if staggering.scope == "top dose only" else [1, 2, 3]
    for level in levels if staggering.days else []:
        times = sorted(one.entry for one in subjects if one.level == level)
        before = times[:-1] if staggering.between == "each and next" else times[:1] * (len(times) - 1)
        if any(later < earlier + staggering.days for earlier, later in zip(before, times[1:], strict=True)):
            return False
    return True


@pytest.mark.parametrize("name", DESIGNS)
def test_a_stagger_that_nobody_meets_changes_nothing(name: str) -> None:
    """Where no two come within the stagger every trial is the same to the last bit, as without one."""
    nobody = Staggering(scope="every dose", days=1e-9, between="each and next")
    lost = {"without_slot": "lost", "late_onset": 0.6, "screen_failure": 0.2}

    with_it = simulated(name, calendar(**lost, staggering=nobody), trials=300, seed=5)

    assert with_it.trials.equals(simulated(name, calendar(**lost), trials=300, seed=5).trials)


@pytest.mark.parametrize("name", ["CRM", "TITE-CRM", "TITE-BOIN", "BOIN", "BF-BOIN"])
def test_whoever_leaves_is_replaced(name: str) -> None:
    """Where no trial is stopped for toxicity, the escalation ends with as many evaluable subjects as it plans."""
    assumed = calendar(not_evaluable=0.3)
    more = {"response": [0.0] * 3} if name == "BF-BOIN" else {}

    found = simulate_calendar(made(name), [0.0] * 3, assumed, trials=300, seed=6, **more).trials

    assert (found["treated"] - found["not_evaluable"]).unique().to_list() == [9]
    assert found["not_evaluable"].max() > 5


AROUND: dict[str, dict[str, Any]] = {
    "total": {"stop_at_total": 7},
    "dose": {"stop_at_dose": 4},
    "MTD": {"at_least_at_mtd": 6},
    "skipping": {"no_skipping": True, "skipping": True},
    "all": {"no_skipping": True, "stop_at_total": 13, "stop_at_dose": 6, "at_least_at_mtd": 5},
}
EARLY = ("rolling six", "TITE-CRM", "TITE-BOIN", "BF-BOIN", "BOIN12")


def behaving(name: str, around: str):
    """A small design that decides early, with these behaviours."""
    more = {} if name == "rolling six" else {"subjects": 12}
    wanted = {key: value for key, value in AROUND[around].items() if key != "skipping" or name == "TITE-CRM"}
    return make_design(name, {**SETTINGS[name], **more, **wanted})


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("name", EARLY)
def test_behaviours_around_a_design_that_decides_early_are_those_of_the_bedside(name: str, around: str) -> None:
    """Each trial is that of a calendar in plain Python, which asks the design with behaviours as at the bedside."""
    design = behaving(name, around)
    for seed, assumed in enumerate((calendar(), calendar(**BEHAVIOURS["all at once"]))):
        expected = plain_trials(design, assumed, TRUTH, RESPONSE, 8, seed=seed)
        found = simulated(name, assumed, design, trials=8, seed=seed).trials

        for got, plain in zip(found.select(COLUMNS).iter_rows(), expected, strict=True):
            assert got == pytest.approx(plain.row)


@pytest.mark.parametrize("name", EARLY)
def test_behaviours_that_nothing_meets_change_nothing(name: str) -> None:
    """Limits beyond what a trial reaches leave every trial the same to the last bit, as without them."""
    far = make_design(name, {**SETTINGS[name], "stop_at_total": 1000, "stop_at_dose": 1000})
    assumed = calendar(**BEHAVIOURS["all at once"])

    found = simulated(name, assumed, far, trials=300, seed=5)

    assert found.trials.equals(simulated(name, assumed, trials=300, seed=5).trials)


@pytest.mark.parametrize("name", EARLY)
def test_behaviours_hold_in_every_trial(name: str) -> None:
    """Nobody is treated beyond the total or past a level skipped; a level selected has as many as are wanted."""
    trials = TimedTrials(behaving(name, "all"), calendar(), tuple(TRUTH), tuple(RESPONSE), 2.0)
    record = trials(500, np.random.default_rng(8))
    total, chosen = record.n.sum(axis=1), record.selected
    seen = np.where(chosen > 0, np.take_along_axis(record.n, np.maximum(chosen - 1, 0)[:, None], axis=1)[:, 0], 5)

    assert total.max() <= 13
    assert not ((record.n[:, 1:] > 0) & (record.n[:, :-1] == 0)).any()
    assert (seen[total < 13] >= 5).all()
    assert (chosen > 0).any()
