"""TITE-BOIN at the bedside and in calendar time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design import (
    BOIN,
    TITEBOIN,
    Arrivals,
    Calendar,
    Decision,
    FollowUp,
    Outcomes,
    operating_characteristics,
    simulate_calendar,
)
from trialwright.errors import InputError, PathError

DESIGN = TITEBOIN(levels=5, target=0.2, window=3.0)
TRUTH = [0.05, 0.15, 0.3, 0.45, 0.6]


def followed(level: int, dlts: int, *times: float) -> list[FollowUp]:
    """Subjects at a level: those with a DLT first, then the others by how long they were followed."""
    return [FollowUp(level, 1.0, True)] * dlts + [FollowUp(level, time, False) for time in times]


@pytest.mark.parametrize(
    ("subjects", "decision", "level", "rule"),
    [
        ([], "stay", 1, "fill"),
        (followed(1, 0, 3.0), "stay", 1, "fill"),
        (followed(1, 0, 3.0, 3.0, 0.1), "escalate", 2, "escalate"),
        (followed(1, 0, 3.0, 0.2, 0.1), "stay", 1, "suspend"),
        (followed(1, 1, 3.0, 0.1), "stay", 1, "stay"),
        (followed(2, 1, 3.0, 0.1), "de-escalate", 1, "de-escalate"),
        (followed(2, 2, 0.1), "de-escalate", 1, "eliminate"),
        (followed(1, 2, 0.1), "stop", None, "toxic"),
        (followed(2, 1, *[3.0] * 5, 2.9, 2.9, 2.9), "escalate", 3, "escalate"),
        (followed(2, 1, *[3.0] * 5, 0.7, 0.7, 0.7), "stay", 2, "stay"),
        (followed(2, 2, *[3.0] * 6, 1.5), "de-escalate", 1, "de-escalate"),
        (followed(2, 2, *[3.0] * 6, 1.6), "stay", 2, "stay"),
    ],
)
def test_decisions_with_pending_subjects(subjects, decision, level, rule):
    """Follow-ups decide as the table of the design says, at its limits of the total follow-up time."""
    answer = DESIGN.recommend(subjects)

    assert (answer.decision.value, answer.dose, answer.rule) == (decision, level, f"TITE-BOIN.{rule}")
    assert answer.why.endswith(".")


def test_a_suspended_trial_says_for_how_many_it_waits():
    """A suspension is a decision to stay with nobody to treat and the open windows counted."""
    answer = DESIGN.recommend(followed(1, 0, 3.0, 0.2, 0.1))

    assert (answer.decision, answer.subjects, answer.waits_for, answer.settled) == (Decision.STAY, 0, 2, False)


def test_a_late_dlt_at_a_lower_level_takes_the_trial_below_it():
    """A lower level that late DLTs eliminate is left together with all above it."""
    below, now = [*followed(2, 3, 3.0, 3.0, 3.0), *followed(2, 1, 3.0, 3.0)], followed(3, 0, 3.0, 3.0, 3.0)

    assert DESIGN.recommend([*followed(1, 0, 3.0, 3.0, 3.0), *below, *now]).dose == 1


def test_the_mtd_waits_for_the_last_window():
    """When all subjects are treated, the MTD is named only after every window is closed."""
    design = TITEBOIN(levels=2, target=0.3, window=3.0, subjects=6)
    open_, closed = followed(1, 1, *[3.0] * 4, 1.0), followed(1, 1, *[3.0] * 5)

    assert (design.recommend(open_).waits_for, design.recommend(open_).mtd) == (1, None)
    assert (design.recommend(closed).decision, design.recommend(closed).mtd) == (Decision.STOP, 1)


def test_escalation_waits_for_the_least_follow_up():
    """With a least follow-up, a table that escalates suspends until every pending subject reached it."""
    design = TITEBOIN(levels=5, target=0.3, window=4.0, least_followed=0.25)

    assert design.recommend(followed(1, 0, 4.0, 4.0, 0.9)).rule == "TITE-BOIN.suspend"
    assert design.recommend(followed(1, 0, 4.0, 4.0, 1.0)).dose == 2


@given(st.lists(st.text("NT", min_size=3, max_size=3), min_size=1, max_size=6))
def test_closed_windows_decide_as_boin(cohorts):
    """When nobody is pending, TITE-BOIN answers what BOIN answers on the same path."""
    plain = BOIN(levels=5, target=0.2)
    path, subjects = "", []
    for letters in cohorts:
        answer = plain.recommend(Outcomes.parse(path))
        if answer.final:
            break
        path += f" {answer.dose}{letters}"
        subjects += [FollowUp(answer.dose, 3.0, letter == "T") for letter in letters]

    found, expected = DESIGN.recommend(subjects), plain.recommend(Outcomes.parse(path))

    assert (found.dose, found.mtd, found.subjects, found.final) == (
        expected.dose,
        expected.mtd,
        expected.subjects,
        expected.final,
    )


def simulated(design, apart, pattern="Poisson", without_slot="one kept", **asked):
    """The design in calendar time, with half of the DLTs late."""
    arrivals = Arrivals(pattern=pattern, days_apart=apart)
    calendar = Calendar(window=design.window, arrivals=arrivals, without_slot=without_slot, late_onset=0.5)
    return simulate_calendar(design, TRUTH, calendar, **asked)


@pytest.mark.parametrize("options", [{}, {"stop_at_n": 9}, {"extra_safe": 0.05, "start": 2}])
def test_without_pending_subjects_the_simulation_is_exact_boin(options):
    """When every window closes before the next arrival, simulated frequencies are BOIN's exact ones."""
    design = TITEBOIN(levels=5, target=0.3, window=0.5, **options)
    exact = operating_characteristics(BOIN(levels=5, target=0.3, **options), TRUTH)

    found = simulated(design, 1, "fixed", seed=7, trials=20_000)

    assert found.waited.mean == 0
    assert found.selection == pytest.approx(exact.selection, abs=0.015)
    assert [one.mean for one in found.patients] == pytest.approx(exact.mean_patients, abs=0.15)
    assert [one.mean for one in found.dlts_by_level] == pytest.approx(exact.mean_dlts, abs=0.06)


def test_pending_subjects_make_the_trial_shorter_than_waiting_for_every_window():
    """TITE-BOIN ends earlier than the same trial that waits for all windows, and waits less."""
    waiting = TITEBOIN(levels=5, target=0.3, window=3.0, most_pending=0.0)
    rolling = TITEBOIN(levels=5, target=0.3, window=3.0)

    slow, fast = (simulated(design, 0.5, seed=1, trials=2000) for design in (waiting, rolling))

    assert fast.last_window.mean < 0.8 * slow.last_window.mean
    assert fast.waited.mean < slow.waited.mean


def test_subjects_who_are_turned_away_are_counted():
    """Whoever comes during a suspension waits or is lost, as the calendar says, and the more wait the shorter it is."""
    kept, one, lost = (
        simulated(DESIGN, 0.5, without_slot=policy, seed=1, trials=2000) for policy in ("kept", "one kept", "lost")
    )

    assert kept.turned_away.mean == 0 < one.turned_away.mean < lost.turned_away.mean
    assert kept.last_window.mean < one.last_window.mean < lost.last_window.mean


def test_screening_failures_slow_a_trial_down():
    """Where half of the candidates fail screening twice as many are screened, and the trial is as slow as that."""
    arrivals = {days: Arrivals(pattern="Poisson", days_apart=days) for days in (5, 10)}
    share = {5: 0.5, 10: 0.0}
    found = {
        days: simulate_calendar(
            TITEBOIN(levels=5, target=0.3, window=28),
            TRUTH,
            Calendar(window=28, arrivals=arrivals[days], without_slot="lost", screen_failure=share[days]),
            trials=4000,
            seed=2,
        )
        for days in arrivals
    }

    assert found[5].screened.mean == pytest.approx(2 * found[5].treated.mean, rel=0.02)
    assert found[5].last_window.mean == pytest.approx(found[10].last_window.mean, rel=0.04)


def test_all_faults_are_told_at_once():
    """A design that cannot be says everything that is wrong with it."""
    with pytest.raises(InputError) as refused:
        TITEBOIN(levels=0, target=1.2, window=0, most_pending=2, least_followed=-1, titration=True)

    for word in ("levels", "target", "window", "pending", "follow-up", "titration"):
        assert word in str(refused.value)


@pytest.mark.parametrize(
    ("subject", "error", "words"),
    [
        (FollowUp(6, 1.0, False), PathError, "5 levels"),
        (FollowUp(1, -1.0, False), InputError, "0 or more"),
        (FollowUp(1, float("nan"), False), InputError, "0 or more"),
    ],
)
def test_a_subject_who_cannot_be(subject, error, words):
    """A subject at a level or a time that cannot be is refused with its place."""
    with pytest.raises(error, match=f"subject 1 .*{words}"):
        DESIGN.recommend([subject])


def test_the_protocol_text_has_the_window_and_the_suspension():
    """The sentence for the protocol names the window, the imputation and the suspension."""
    text = TITEBOIN(levels=5, target=0.3, window=28, least_followed=0.25).explain()

    assert all(words in text for words in ("window of 28", "suspended", "50%", "25%"))


def test_the_table_lists_whole_cohorts():
    """The decision table has a row for each state of 3, 6, 9 ... subjects, as a frame and as text."""
    table = TITEBOIN(levels=3, target=0.2, window=1.0, subjects=9).late_table

    assert table.to_frame().height == len(table.rows) == 10 + 28 + 55
    assert "ES from STFT 2.15" in str(table)
    with pytest.raises(InputError, match="no row for 1 DLTs and 0 pending among 4"):
        table.row(4, 1, 0)


@pytest.mark.parametrize("state", [(0, 0, 0), (31, 0, 0), (3, 2, 2), (3, -1, 0)])
def test_a_state_that_cannot_be(state):
    """Counts that cannot be have no decision."""
    with pytest.raises(InputError, match="of 1 to 30 at most"):
        DESIGN.row(*state)


def test_a_cohort_is_not_filled_at_an_eliminated_level():
    """A cohort is filled while its level is admissible, and ends when late DLTs eliminate the level."""
    subjects = [*followed(1, 0, 3.0, 3.0, 3.0), *followed(2, 1, 3.0, 3.0), *followed(1, 0, 3.0, 3.0, 3.0)]
    answer = DESIGN.recommend([*subjects, FollowUp(2, 0.4, True)])

    assert (answer.dose, answer.rule) == (2, "TITE-BOIN.fill")
    assert DESIGN.recommend([*subjects, *[FollowUp(2, 0.4, True)] * 2]).dose == 1


def trial_by_hand(design: TITEBOIN, rate: float, rng: np.random.Generator) -> tuple[list[int], float, float]:
    """Run one trial with the bedside's question alone: subjects at each level, duration, time suspended."""
    people, clock, suspended = [], 0.0, 0.0
    while True:
        known = [
            FollowUp(level, design.window if ends <= clock else clock - entry, dlt and ends <= clock)
            for level, entry, ends, dlt in people
        ]
        answer = design.recommend(known)
        if answer.rule == "TITE-BOIN.suspend":
            ahead = min(ends for _, _, ends, _ in people if ends > clock)
            suspended, clock = suspended + ahead - clock, ahead
            continue
        if not answer.subjects:
            break
        for _ in range(answer.subjects):
            dlt = bool(rng.random() < TRUTH[answer.dose - 1])
            wait = float(weibull(TRUTH[answer.dose - 1], design.window, rng)) if dlt else design.window
            people.append((answer.dose, clock, clock + wait, dlt))
            clock += rng.exponential(1 / rate)
    n = [sum(level == at for level, *_ in people) for at in range(1, design.levels + 1)]
    return n, max(ends for _, _, ends, _ in people), suspended


def weibull(p: float, window: float, rng: np.random.Generator) -> float:
    """A time to a DLT within the window, half of them in its second half: by rejection, not by inversion."""
    shape = np.log2(np.log(1 - p) / np.log(1 - p / 2))
    scale = window / (-np.log(1 - p)) ** (1 / shape)
    while (time := scale * rng.weibull(shape)) > window:
        pass
    return time


def test_the_simulation_is_the_bedside_rule_repeated():
    """Trials run subject by subject with `recommend` last as long, and treat as many, as the simulation says."""
    design = TITEBOIN(levels=5, target=0.3, window=3.0, subjects=24, stop_at_n=12)
    rng = np.random.default_rng(11)
    by_hand = [trial_by_hand(design, 2.0, rng) for _ in range(800)]
    patients, duration, suspended = (np.array(column) for column in zip(*by_hand, strict=True))

    found = simulated(design, 0.5, seed=11)

    for measure, hand in (
        (found.last_window, duration + 0.5),  # by hand the first subject comes at once, here after one gap
        (found.waited, suspended),
        *zip(found.patients, patients.T, strict=True),
    ):
        assert abs(measure.mean - hand.mean()) < 4 * hand.std() / np.sqrt(len(hand))
