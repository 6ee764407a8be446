"""TITE-CRM in calendar time: the weighted likelihood over the nodes of a quadrature, whenever a candidate is there."""

from __future__ import annotations

import numpy as np

from trialwright.design import tite_crm
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import (
    DLT,
    ENTRY,
    LEVEL,
    OPEN,
    TOXIC,
    UNTIL,
    answers_for,
    chooses_for,
    last_cohort,
)
from trialwright.design.states import Bools, Floats, Ints
from trialwright.design.tite_crm import TITECRMRule

_weights = kernel(tite_crm.follow_up_weights)


@answers_for(TITECRMRule)
def _slot(rule: TITECRMRule, people: Floats, clock: float, memory: Ints) -> tuple[int, int, float]:  # noqa: ARG001 - as `ask`
    current, missing = last_cohort(people, rule.cohort, rule.start)
    if missing > 0:
        return OPEN, current - 1, clock
    followed, seen = _look(people, clock, rule.window)
    best = _best(rule, people, followed, seen)
    if best == 0:
        return TOXIC, 0, clock
    recent = seen[-rule.cohort :]
    if not rule.skipping:
        best = min(best, current + 1)
    if rule.coherent and best > current and recent.sum() / len(recent) >= rule.target:
        best = current
    return OPEN, best - 1, clock


@chooses_for(TITECRMRule)
def _select(rule: TITECRMRule, people: Floats) -> int:
    followed, seen = _look(people, np.inf, rule.window)
    return _best(rule, people, followed, seen)


@kernel
def _best(rule: TITECRMRule, people: Floats, followed: Floats, seen: Bools) -> int:
    """The level (1-based) whose rate is closest to the target; 0 where level 1 is too toxic."""
    weight = _weights(followed, seen, rule.window, rule.adaptive)
    density = _density(rule.rates, rule.weights, people, seen, weight)
    if rule.cutoff < 1:
        above = _density(rule.toxic_rates, rule.toxic_weights, people, seen, weight).sum()
        if above > rule.cutoff * density.sum():
            return 0
    return _closest(rule, density)


@kernel
def _look(people: Floats, clock: float, window: float) -> tuple[Floats, Bools]:
    """For how long each subject was followed, up to a DLT, and who had one, at a time."""
    followed, seen = np.full(len(people), window), np.zeros(len(people), dtype=np.bool_)
    for who in range(len(people)):
        if people[who, UNTIL] > clock:
            followed[who] = clock - people[who, ENTRY]
        elif people[who, DLT] > 0:
            followed[who], seen[who] = people[who, UNTIL] - people[who, ENTRY], True
    return followed, seen


@kernel
def _density(rates: Floats, prior: Floats, people: Floats, seen: Bools, weight: Floats) -> Floats:
    """Posterior densities at the nodes, up to a constant that both quadratures share."""
    density = prior.copy()
    for who in range(len(people)):
        at = rates[int(people[who, LEVEL])]
        if seen[who]:
            density *= at
        else:
            density *= 1 - weight[who] * at
    return density


@kernel
def _closest(rule: TITECRMRule, density: Floats) -> int:
    """The level (1-based) whose rate is closest to the target, the lower of two."""
    total, best = density.sum(), 0
    if len(rule.limits) > 0:
        mean = (density * rule.averaged[0]).sum() / total
        for limit in rule.limits:
            best += mean > limit
        return best + 1
    nearest = np.inf
    for level in range(len(rule.averaged)):
        distance = abs((density * rule.averaged[level]).sum() / total - rule.target)
        if distance < nearest:
            nearest, best = distance, level
    return best + 1
