"""BOIN12 compiled: what follows for many trials at once, and for one in calendar time whose outcomes are all known."""

from __future__ import annotations

import numpy as np

from trialwright.design import boin12_rule
from trialwright.design.boin12_rule import NONE_LEFT, BOIN12Numbers, BOIN12Rule
from trialwright.design.isotonic_kernels import closest
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import (
    LEVEL,
    OPEN,
    OVER,
    TOXIC,
    WAIT,
    answers_for,
    chooses_for,
    last_cohort,
    next_known,
    outcome,
)
from trialwright.design.states import Bools, Floats, Ints

_next_level = kernel(boin12_rule.next_level)
_state = kernel(boin12_rule.state_number)


@kernel
def next_levels(
    numbers: BOIN12Numbers, n: Ints, dlts: Ints, fit: Bools, score: Floats, here: Ints
) -> tuple[Ints, Ints]:
    """The level (0-based) that follows in each trial, and by which rule; the arrays of `next_level`, a row a trial."""
    ahead, rule = np.zeros(len(here), dtype=np.int64), np.zeros(len(here), dtype=np.int64)
    for trial in range(len(here)):
        ahead[trial], rule[trial] = _next_level(numbers, n[trial], dlts[trial], fit[trial], score[trial], here[trial])
    return ahead, rule


@answers_for(BOIN12Rule)
def _slot(rule: BOIN12Rule, people: Floats, clock: float, memory: Ints) -> tuple[int, int, float]:
    current, missing = last_cohort(people, rule.numbers.cohort, rule.numbers.start)
    if missing > 0:
        return OPEN, current - 1, clock
    news = next_known(people, clock)
    if news < np.inf:
        return WAIT, 0, news
    _count(people, memory)
    n, dlts, fit, score = _seen(rule, memory[:4])
    ahead, why = _next_level(rule.numbers, n, dlts, fit, score, current - 1)
    if why == NONE_LEFT:
        return TOXIC, 0, clock
    return (OVER if why > NONE_LEFT else OPEN), ahead, clock


@chooses_for(BOIN12Rule)
def _select(rule: BOIN12Rule, people: Floats) -> int:
    counts = np.zeros((4, rule.levels), dtype=np.int64)
    _count(people, counts)
    n, dlts, fit, _ = _seen(rule, counts)
    safe = np.ones(rule.levels, dtype=np.bool_)
    for level in range(rule.levels):
        safe[level:] = safe[level] and not rule.toxic[n[level], dlts[level]]
    best, found = -1.0, 0
    for level in range(closest(n, dlts, safe, rule.limit, np.inf)):
        worth = rule.worth[_state(counts[0, level], counts[1, level], counts[2, level], counts[3, level])]
        if fit[level] and n[level] > 0 and worth > best:
            best, found = worth, level + 1
    return found


@kernel
def _count(people: Floats, counts: Ints) -> None:
    """Count neither, a DLT, a response and both at each level, in the first four rows."""
    counts[:4] = 0
    for who in range(len(people)):
        counts[outcome(people[who]), int(people[who, LEVEL])] += 1


@kernel
def _seen(rule: BOIN12Rule, counts: Ints) -> tuple[Ints, Ints, Bools, Floats]:
    """Subjects and DLTs at each level, which are admissible, and how desirable, from the tables."""
    levels = counts.shape[1]
    n, dlts = counts.sum(axis=0), counts[1] + counts[3]
    fit, score, safe = np.zeros(levels, dtype=np.bool_), np.zeros(levels), True
    for level in range(levels):
        safe = safe and not rule.toxic[n[level], dlts[level]]
        fit[level] = safe and not rule.futile[n[level], counts[2, level] + counts[3, level]]
        score[level] = rule.score[_state(counts[0, level], counts[1, level], counts[2, level], counts[3, level])]
    return n, dlts, fit, score
