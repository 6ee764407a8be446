"""TITE-BOIN in calendar time, decided by the function that decides at the bedside."""

from __future__ import annotations

import numpy as np

from trialwright.design import tite_boin
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import (
    DLT,
    ENTRY,
    LEVEL,
    OPEN,
    OVER,
    TOXIC,
    UNTIL,
    WAIT,
    answers_for,
    chooses_for,
    closest_of_safe,
    last_cohort,
    next_news,
)
from trialwright.design.states import Floats, Ints
from trialwright.design.tite_boin import STOP_CONVERGED, STOP_TOXIC, SUSPEND, LateRules

_decide = kernel(tite_boin.decide)


@answers_for(LateRules)
def _slot(rule: LateRules, people: Floats, clock: float, memory: Ints) -> tuple[int, int, float]:
    current, missing = last_cohort(people, rule.cohort, rule.start)
    if missing > 0:
        return OPEN, current - 1, clock
    counts, follow = memory[:3], np.zeros((2, rule.levels))
    _look(people, clock, rule.window, counts, follow)
    action, level = _decide(rule, counts, follow, current)
    if action == STOP_TOXIC:
        return TOXIC, 0, clock
    if action == STOP_CONVERGED:
        return OVER, 0, clock
    if action == SUSPEND:
        return WAIT, 0, _next_followed(people, clock, current - 1, rule.least_followed * rule.window)
    return OPEN, level - 1, clock


@chooses_for(LateRules)
def _select(rule: LateRules, people: Floats) -> int:
    return closest_of_safe(rule, people)


@kernel
def _look(people: Floats, clock: float, window: float, counts: Ints, follow: Floats) -> None:
    """Count what is known at a time."""
    counts[:] = 0
    follow[0], follow[1] = 0.0, np.inf
    for who in range(len(people)):
        level = int(people[who, LEVEL])
        counts[0, level] += 1
        if people[who, UNTIL] <= clock:
            counts[1, level] += int(people[who, DLT])
        else:
            counts[2, level] += 1
            follow[0, level] += (clock - people[who, ENTRY]) / window
            follow[1, level] = min(follow[1, level], (clock - people[who, ENTRY]) / window)


@kernel
def _next_followed(people: Floats, clock: float, level: int, least: float) -> float:
    """When the next window ends, or a pending subject at the level completes the least follow-up."""
    ahead = next_news(people, clock)
    for who in range(len(people)):
        if people[who, UNTIL] > clock and people[who, LEVEL] == level and people[who, ENTRY] + least > clock:
            ahead = min(ahead, people[who, ENTRY] + least)
    return ahead
