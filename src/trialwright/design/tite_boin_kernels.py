"""Compiled loops of TITE-BOIN: trials in calendar time, decided by the function that decides at the bedside."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trialwright.design import tite_boin
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import until_arrival, until_event
from trialwright.design.states import Floats, Ints
from trialwright.design.tite_boin import STOP_CONVERGED, STOP_TOXIC, SUSPEND, LateRules

_decide = kernel(tite_boin.decide)


class LateWorld(NamedTuple):
    """The truth and the calendar as a compiled loop takes them."""

    p: Floats
    shape: Floats
    window: float
    spacing: int
    rate: float
    turned_away: bool


@kernel
def simulate(rng: np.random.Generator, rules: LateRules, world: LateWorld, n: Ints, y: Ints, times: Floats) -> None:
    """Run as many trials as `n` has rows."""
    people = np.zeros((rules.subjects, 4))
    for trial in range(len(n)):
        total = _one_trial(rng, rules, world, people, times[trial])
        for who in range(total):
            n[trial, int(people[who, 0])] += 1
            y[trial, int(people[who, 0])] += int(people[who, 3])
            times[trial, 0] = max(times[trial, 0], people[who, 2])


@kernel
def _one_trial(rng: np.random.Generator, rules: LateRules, world: LateWorld, people: Floats, times: Floats) -> int:
    """Run a trial; each subject's level (0-based), entry, end of the window and DLT go into `people`."""
    counts, follow = np.zeros((3, rules.levels), dtype=np.int64), np.zeros((2, rules.levels))
    clock, current, missing, total, waited = 0.0, rules.start, rules.cohort, 0, False
    while total < rules.subjects:
        _look(people[:total], clock, world.window, counts, follow)
        action, level = _decide(rules, counts, follow, current)
        if missing == 0:
            if action in (STOP_TOXIC, STOP_CONVERGED):
                times[4] = action == STOP_TOXIC
                break
            if action == SUSPEND:
                ahead = clock + until_arrival(rng, world.spacing, world.rate)
                if not world.turned_away:
                    ahead = _next_news(people[:total], clock, current - 1, rules.least_followed * world.window)
                times[1] += ahead - clock
                times[2] += not waited
                times[3] += world.turned_away
                clock, waited = ahead, True
                continue
            current, missing, waited = level, rules.cohort, False
        _enrol(rng, world, people[total], current - 1, clock)
        total, missing = total + 1, missing - 1
        clock += until_arrival(rng, world.spacing, world.rate)
    return total


@kernel
def _enrol(rng: np.random.Generator, world: LateWorld, person: Floats, level: int, clock: float) -> None:
    u, p = rng.random(), world.p[level]
    person[0], person[1], person[3] = level, clock, u < p
    person[2] = clock + (until_event(u, p, world.shape[level], world.window) if u < p else world.window)


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
