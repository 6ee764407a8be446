"""BF-BOIN: which levels are open, what conflicts do, and the simulation."""

from dataclasses import replace

import pytest

from trialwright.design import (
    Arrivals,
    BackfillBOIN,
    Calendar,
    LevelStatus,
    Outcomes,
    kernel,
    operating_characteristics,
    simulate_calendar,
)
from trialwright.errors import InputError

DESIGN = BackfillBOIN(levels=4, target=0.25, window=1.0)
TRUTH = (0.04, 0.12, 0.25, 0.43)
CLEAN = LevelStatus(3, 0)
RESPONSE = LevelStatus(3, 0, responses=1)
NOBODY = LevelStatus()
COHORT = LevelStatus(0, 0, 3)


@pytest.mark.parametrize(
    ("levels", "current", "open_"),
    [
        ((CLEAN, CLEAN, COHORT, NOBODY), 3, ()),
        ((RESPONSE, CLEAN, COHORT, NOBODY), 3, (1, 2)),
        ((CLEAN, RESPONSE, COHORT, NOBODY), 3, (2,)),
        ((CLEAN, CLEAN, LevelStatus(1, 0, 2, responses=1), NOBODY), 3, ()),
        ((RESPONSE, LevelStatus(12, 1), COHORT, NOBODY), 3, (1,)),
        ((RESPONSE, LevelStatus(6, 2), COHORT, NOBODY), 3, (1,)),
        ((RESPONSE, LevelStatus(6, 2), LevelStatus(3, 0), NOBODY), 3, (1, 2)),
        ((RESPONSE, CLEAN._replace(eliminated=True), COHORT, NOBODY), 3, (1,)),
        ((RESPONSE, CLEAN, CLEAN, COHORT), 2, (1,)),
        ((LevelStatus(3, 0, 3, responses=1), COHORT, NOBODY, NOBODY), 1, ()),
    ],
)
def test_levels_open_for_backfill(levels, current, open_):
    """A level is open by a response at it or below, room, and no toxicity on its own and with the next level."""
    assert DESIGN.open_for_backfill(levels, current) == open_


@pytest.mark.parametrize(
    ("levels", "current", "dose", "rule"),
    [
        ((CLEAN, CLEAN, NOBODY, NOBODY), 2, 3, "escalate"),
        ((LevelStatus(6, 2), CLEAN, NOBODY, NOBODY), 2, 3, "escalate"),
        ((LevelStatus(6, 2, backfilled=3), CLEAN, NOBODY, NOBODY), 2, 2, "pool"),
        ((LevelStatus(6, 3, backfilled=3), LevelStatus(3, 0), NOBODY, NOBODY), 2, 1, "pool"),
        ((CLEAN, LevelStatus(6, 3, backfilled=3), LevelStatus(3, 0), NOBODY), 3, 1, "pool"),
        ((CLEAN, LevelStatus(8, 2, backfilled=5), LevelStatus(3, 3), NOBODY), 3, 2, "eliminate"),
        ((CLEAN, LevelStatus(8, 3, backfilled=5), LevelStatus(3, 1), NOBODY), 3, 1, "pool"),
        ((LevelStatus(9, 0, backfilled=6), CLEAN, LevelStatus(3, 1), NOBODY), 3, 2, "de-escalate"),
        ((CLEAN, CLEAN, NOBODY, LevelStatus(3, 0)), 4, 4, "stay"),
        ((CLEAN, CLEAN._replace(eliminated=True), NOBODY, NOBODY), 2, 1, "eliminate"),
        ((LevelStatus(3, 3), CLEAN, NOBODY, NOBODY), 2, None, "toxic"),
    ],
)
def test_decisions(levels, current, dose, rule):
    """Completed cohorts decide by their level, or by the pooled data where a backfilled level conflicts."""
    answer = DESIGN.decide(levels, current)

    assert (answer.dose, answer.rule) == (dose, f"BF-BOIN.{rule}")
    assert answer.why.endswith(".")


def test_one_dlt_in_three_may_stay():
    """With the option one DLT in three subjects stays where the table de-escalates, and nothing else changes."""
    plain, spared = DESIGN.table(30), replace(DESIGN, stay_on_1_of_3=True).table(30)
    cells = [(n, y) for n in range(1, 31) for y in range(n + 1)]

    assert [cell for cell in cells if plain.action(*cell) != spared.action(*cell)] == [(3, 1)]
    assert replace(DESIGN, stay_on_1_of_3=True).table(2) == DESIGN.table(2)
    assert (plain.action(3, 1), spared.action(3, 1)) == ("D", "S")


def test_a_spared_dlt_does_not_undo_an_elimination():
    """Where one DLT in three eliminates a level, the option does not bring it back."""
    rare = replace(DESIGN, target=0.01, stay_on_1_of_3=True)

    assert rare.table(3).action(3, 1) == DESIGN.table(3).action(3, 3) == "DU"


def test_the_mtd_waits_for_backfilled_subjects():
    """A converged escalation names its MTD only when every window, of backfilled subjects too, is closed."""
    design = BackfillBOIN(levels=2, target=0.25, window=1.0, stop_at_n=9)
    open_ = [LevelStatus(9, 1, 2, backfilled=2, responses=1), LevelStatus(9, 2)]
    closed = [LevelStatus(11, 1, 0, backfilled=2, responses=1), LevelStatus(9, 2)]

    assert (design.decide(open_, 2).waits_for, design.decide(open_, 2).mtd) == (2, None)
    assert (design.decide(closed, 2).final, design.decide(closed, 2).mtd) == (True, 2)


def test_backfilled_subjects_do_not_use_up_the_escalation():
    """The subjects of the escalation are counted without those who were backfilled."""
    design = BackfillBOIN(levels=2, target=0.25, window=1.0, subjects=6)
    levels = [LevelStatus(6, 0, backfilled=3, responses=1), NOBODY]

    assert design.decide(levels, 1).subjects == 3
    assert design.decide([levels[0], CLEAN], 2).rule == "BF-BOIN.size"


def simulated(design, response, without_slot="one kept", **asked):
    """The design in calendar time, three candidates a window, half of the events late."""
    arrivals = Arrivals(pattern="Poisson", days_apart=design.window / 3)
    calendar = Calendar(window=design.window, arrivals=arrivals, without_slot=without_slot, late_onset=0.5)
    return simulate_calendar(design, TRUTH, calendar, response=response, **asked)


def test_without_responses_it_is_exact_boin():
    """Where nobody responds nobody is backfilled, and simulated frequencies are the exact ones of the escalation."""
    design = BackfillBOIN(levels=4, target=0.25, window=1.0, stop_at_n=9)
    exact = operating_characteristics(design, TRUTH)

    found = simulated(design, [0] * 4, seed=2, trials=20_000)

    assert [one.mean for one in found.backfilled] == [0, 0, 0, 0]
    assert found.selection == pytest.approx(exact.selection, abs=0.015)
    assert [one.mean for one in found.patients] == pytest.approx(exact.mean_patients, abs=0.15)


def test_backfill_follows_its_rules_in_a_simulation():
    """Nobody is backfilled at the top level, nor below the first level with a response."""
    found = [one.mean for one in simulated(DESIGN, [0, 0.5, 0, 0.5], seed=2, trials=500).backfilled]

    assert found[0] == found[3] == 0
    assert min(found[1:3]) > 0


def test_those_who_find_no_place_wait_or_are_turned_away():
    """Turning candidates away makes the trial longer and is counted; where all wait nobody is."""
    wait, one, leave = (
        simulated(DESIGN, [0] * 4, without_slot=policy, seed=2, trials=2000) for policy in ("kept", "one kept", "lost")
    )

    assert wait.turned_away.mean == 0 < one.turned_away.mean < leave.turned_away.mean
    assert wait.last_window.mean < one.last_window.mean < leave.last_window.mean


def test_a_path_without_backfill_is_decided_as_boin():
    """A path of outcomes is the escalation without backfill."""
    assert DESIGN.recommend(Outcomes.parse("1NNN 2NNN")).dose == 3


@pytest.mark.parametrize(
    ("levels", "current", "words"),
    [
        ([CLEAN], 1, "1 levels; the design has 4"),
        (
            [LevelStatus(3, 4), CLEAN, LevelStatus(3, 0, 0, 4), LevelStatus(50)],
            5,
            "current level of 5.*level 1.*level 3.*50",
        ),
    ],
)
def test_counts_that_cannot_be(levels, current, words):
    """Everything that is wrong with the counts is told at once."""
    with pytest.raises(InputError, match=words):
        DESIGN.decide(levels, current)


def test_all_faults_are_told_at_once():
    """A design that cannot be says everything that is wrong with it."""
    with pytest.raises(InputError) as refused:
        BackfillBOIN(levels=0, target=2, window=0, cap=0, titration=True)

    for word in ("levels", "target", "window", "cap", "titration"):
        assert word in str(refused.value)


def test_the_protocol_text_has_the_backfill():
    """The sentence for the protocol names the cap, the response, the pooling and the spared DLT."""
    text = BackfillBOIN(levels=4, target=0.25, window=1.0, stay_on_1_of_3=True).explain()

    assert all(words in text for words in ("fewer than 12", "a response", "pooled", "One DLT among three"))


def test_a_kernel_compiles_where_nothing_can_be_kept(monkeypatch):
    """Where there is no place to keep compiled code, it is compiled anew."""

    def njit(*, cache=False, nogil):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(kernel, "njit", njit)

    assert kernel.kernel(max)(1, 2) == 2
