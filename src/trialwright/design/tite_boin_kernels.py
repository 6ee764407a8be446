"""Compiled loops of TITE-BOIN: trials in calendar time, decided by the function that decides at the bedside."""

from __future__ import annotations

import numpy as np

from trialwright.design import tite_boin
from trialwright.design.calendar_kernels import POWER, RATE, TOTALS, Record, Setting
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import eligible, event, new_line, next_candidate, without_slot
from trialwright.design.states import Floats, Ints
from trialwright.design.tite_boin import STOP_CONVERGED, STOP_TOXIC, SUSPEND, LateRules

_decide = kernel(tite_boin.decide)


@kernel
def simulate(rng: np.random.Generator, rules: LateRules, setting: Setting, days: Floats, record: Record) -> None:
    """Fill a record; `selected` is 1 where the data may select an MTD, and 0 where toxicity ended the trial."""
    people = np.zeros((rules.subjects, 4))
    for trial in range(len(record.selected)):
        total = _one_trial(rng, rules, setting, days, people, record, trial)
        for who in range(total):
            level = int(people[who, 0])
            record.n[trial, level] += 1
            record.y[trial, level] += int(people[who, 3])
            record.days[trial, 1] = max(record.days[trial, 1], people[who, 2])
        record.days[trial, 0] = min(record.days[trial, 0], record.days[trial, 1])


@kernel
def _one_trial(
    rng: np.random.Generator,
    rules: LateRules,
    setting: Setting,
    days: Floats,
    people: Floats,
    record: Record,
    trial: int,
) -> int:
    """Run a trial; each subject's level (0-based), entry, end of the window and DLT go into `people`."""
    counts, follow = np.zeros((3, rules.levels), dtype=np.int64), np.zeros((2, rules.levels))
    line, window = new_line(rng, setting), setting.window
    clock, current, missing, total = next_candidate(rng, setting, line, 0.0), rules.start, rules.cohort, 0
    record.selected[trial], record.days[trial, 0] = 1, np.inf
    while total < rules.subjects:
        _look(people[:total], clock, window, counts, follow)
        action, level = _decide(rules, counts, follow, current)
        if missing == 0:
            if action in (STOP_TOXIC, STOP_CONVERGED):
                if action == STOP_TOXIC:
                    record.selected[trial], record.days[trial, 0] = 0, clock
                break
            if action == SUSPEND:
                news = _next_news(people[:total], clock, current - 1, rules.least_followed * window)
                ahead = without_slot(rng, setting, line, news)
                record.days[trial, 2] += ahead - clock
                clock = ahead
                continue
        if eligible(rng, setting, line):
            if missing == 0:
                current, missing = level, rules.cohort
            dlt, lasts = event(rng, days[RATE, current - 1], days[POWER, current - 1], window)
            people[total, 0], people[total, 1] = current - 1, clock
            people[total, 2], people[total, 3] = clock + lasts, dlt
            total, missing = total + 1, missing - 1
        clock = next_candidate(rng, setting, line, clock)
    record.totals[trial] = line[:TOTALS].astype(np.int64)
    return total


@kernel
def _look(people: Floats, clock: float, window: float, counts: Ints, follow: Floats) -> None:
    """Count what is known at a time."""
    counts[:] = 0
    follow[0], follow[1] = 0.0, np.inf
    for who in range(len(people)):
        level = int(people[who, 0])
        counts[0, level] += 1
        if people[who, 2] <= clock:
            counts[1, level] += int(people[who, 3])
        else:
            counts[2, level] += 1
            follow[0, level] += (clock - people[who, 1]) / window
            follow[1, level] = min(follow[1, level], (clock - people[who, 1]) / window)


@kernel
def _next_news(people: Floats, clock: float, level: int, least: float) -> float:
    """When the next window closes, or a pending subject at the level completes the least follow-up."""
    ahead = np.inf
    for who in range(len(people)):
        if people[who, 2] > clock:
            ahead = min(ahead, people[who, 2])
            if people[who, 0] == level and people[who, 1] + least > clock:
                ahead = min(ahead, people[who, 1] + least)
    return ahead
