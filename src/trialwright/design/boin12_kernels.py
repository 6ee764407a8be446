"""BOIN12 compiled: what follows for many trials at once, and for one in calendar time whose outcomes are all known."""

from __future__ import annotations

import numpy as np

from trialwright.design import boin12_rule
from trialwright.design.boin12_rule import NONE_LEFT, BOIN12Numbers, BOIN12Rule
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import KNOWN, LEVEL, OPEN, OVER, WAIT, answers_for, last_cohort, outcome
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
    news = np.inf
    for who in range(len(people)):
        if people[who, KNOWN] > clock:
            news = min(news, people[who, KNOWN])
    if news < np.inf:
        return WAIT, 0, news
    memory[:4] = 0
    for who in range(len(people)):
        memory[outcome(people[who]), int(people[who, LEVEL])] += 1
    n, dlts, fit, score = _seen(rule, memory[:4])
    ahead, why = _next_level(rule.numbers, n, dlts, fit, score, current - 1)
    return (OVER if why >= NONE_LEFT else OPEN), ahead, clock


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
