"""Compiled simulation of a dose escalation in calendar time: one event after the other, a trial after the other.

Events are arrivals, infusions, DLTs, and windows that close or that a subject leaves. A result that falls on the same
moment as an arrival or an infusion comes first, so that a decision is there before the next subject is.

Everything is in days from the opening of the first level; levels count from 0 in here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from trialwright.design.behaviour_kernels import next_step
from trialwright.design.behaviour_rule import Limits
from trialwright.design.kernel import kernel, part
from trialwright.design.states import Bools, Floats, Ints

ON_DEMAND, FIXED, POISSON, UNIFORM = range(4)
"""How candidates arrive."""

NOTHING, ENROLLED, CLOSED, DLT, LEFT = range(5)
"""What an event was: nothing for the dose rule, an infusion, or how a window ended."""

SAME, TOLERATED, HOLD, TOXIC = range(4)
"""What the rolling six says at a level."""

SCREENED, TREATED, DLTS, NOT_EVALUABLE, TURNED_AWAY, _WAITING, _PENDING, _LEVEL = range(8)
"""The counts of a running trial, of which the first `TOTALS` are kept; the last is the level of the last event."""

TOTALS = 5

_CLOCK, RATE, POWER, _FIRST, _LATEST, _UNTIL = range(6)
"""Rows of `days`, whatever has a fraction: three moments; the true DLT rate of each level, one over the shape of its
time to DLT (0 for a uniform one), its first and its latest infusion; and until when each open window lasts."""

_NOW, _ARRIVAL, _LAST = range(3)

_TOTAL, _N, _Y, _END, _WHERE = range(5)
"""Rows of `counts`: the counts above; subjects treated and with a DLT of each level; and of each open window how it
ends and at which level. Few arrays, because each one costs time in each part."""


class Setting(NamedTuple):
    """The assumptions as numbers: `kept` may wait for a slot, and levels from `stagger_from` on stagger."""

    levels: int
    window: float
    response_window: float
    arrivals: int
    apart: float
    kept: int
    screen_failure: float
    not_evaluable: float
    replaced: bool
    stagger: float
    stagger_each: bool
    stagger_from: int


class CohortRule(NamedTuple):
    """A compiled design; `cut[node, dlts, others]` is whether that much of a cohort already decides."""

    dose: Ints
    size: Ints
    child: Ints
    selected: Ints
    cut: Bools


class RollingRule(NamedTuple):
    """The rolling six; `verdict[six owed, treated, dlts, pending]`, who owes six, and the first level from 1."""

    verdict: Ints
    top_owes: bool
    below_owes: bool
    start: int


class Record(NamedTuple):
    """What is kept of each trial, a row each.

    Attributes:
        selected: The level selected, 0 for none, shape (trials,).
        days: To the last decision, to the last window, and what escalation waited; shape (trials, 3).
        totals: The first counts above, shape (trials, TOTALS).
        n: Subjects at each level, shape (trials, levels).
        y: Those of them with a DLT, the same shape.
        responses: Those of them with a response, where the design looks at responses, the same shape.
        backfilled: Those of them who were backfilled, the same shape.
    """

    selected: Ints
    days: Floats
    totals: Ints
    n: Ints
    y: Ints
    responses: Ints
    backfilled: Ints


def new_record(trials: int, levels: int) -> Record:
    """Room for the results of some trials."""
    by_level = (np.zeros((trials, levels), dtype=np.int64) for _ in range(4))
    totals = np.zeros((trials, TOTALS), dtype=np.int64)
    return Record(np.zeros(trials, dtype=np.int64), np.zeros((trials, 3)), totals, *by_level)


def new_days(rates: Floats, powers: Floats, windows: int) -> Floats:
    """The `days` of trials with these true DLT rates and at most so many open windows."""
    days = np.zeros((6, max(8, len(rates), windows)))
    days[RATE, : len(rates)] = rates
    days[POWER, : len(rates)] = powers
    return days


@kernel
def run_cohorts(rng: Generator, rule: CohortRule, setting: Setting, days: Floats, record: Record) -> None:
    """Simulate trials that decide after each cohort, and fill the record."""
    dose, size, child, cut = rule.dose, rule.size, rule.child, rule.cut
    counts = np.zeros((5, days.shape[1]), dtype=np.int64)
    for row in range(len(record.selected)):
        _begin(rng, setting, days, counts)
        node = 0
        while node >= 0:
            level, taken, dlts, others = dose[node] - 1, 0, 0, 0
            while dlts + others < size[node] and not cut[node, dlts, others]:
                event = _next(rng, setting, days, counts, level, taken < size[node])
                taken += (event == ENROLLED) - (event == LEFT)
                dlts += event == DLT
                others += event == CLOSED
            counts[_TOTAL, _PENDING] = 0
            node = child[node, dlts]
        _keep(record, row, setting, days, counts, rule.selected[~node])


@kernel
def run_rolling(
    rng: Generator, rule: RollingRule, limits: Limits, setting: Setting, days: Floats, record: Record
) -> None:
    """Simulate trials of the rolling six, with behaviours around it, and fill the record."""
    verdict = rule.verdict
    counts = np.zeros((5, days.shape[1]), dtype=np.int64)
    held = np.zeros((setting.levels, 3), dtype=np.int64)
    top = setting.levels - 1
    for row in range(len(record.selected)):
        _begin(rng, setting, days, counts)
        held[:] = 0
        level, below_toxic = rule.start - 1, False
        while True:
            six = rule.below_owes if below_toxic else level == top and rule.top_owes
            says = verdict[int(six), min(held[level, 0], 6), min(held[level, 1], 2), min(held[level, 2], 6)]
            if says == TOXIC:
                level -= 1
                below_toxic = True
                if level >= 0 and rule.below_owes:
                    continue
            elif says == TOLERATED and level < top and not below_toxic:
                level += 1
                continue
            ends = says in (TOXIC, TOLERATED) or (below_toxic and not rule.below_owes)
            room = says == SAME and not ends
            if limits.active and level >= 0:
                ends, room, level = _behaved(limits, held, ends, room, level)
            if ends:
                break
            event = _next(rng, setting, days, counts, level, room)
            where = counts[_TOTAL, _LEVEL]
            held[where, 0] += (event == ENROLLED) - (event == LEFT)
            held[where, 1] += event == DLT
            held[where, 2] += (event == ENROLLED) - (event >= CLOSED)
        _keep(record, row, setting, days, counts, level + 1)


@kernel
def _behaved(limits: Limits, held: Ints, ends: bool, room: bool, level: int) -> tuple[bool, bool, int]:
    """What behaviours make of the rolling six: whether it ends, whether there is room, and the level (-1 for none).

    An end of theirs waits for every window, and selects no level: the design selects only at its own.
    """
    if not ends and not room:
        return ends, room, level
    says, selected = (0, level + 1) if ends else (level + 1, 0)
    _, dose, _, _ = next_step(limits, held[:, 0], says, 1, selected, 0)
    if dose > 0:
        return False, True, level
    if not ends:
        over = held[:, 2].sum() == 0
        return over, False, (-1 if over else level)
    return held[level, 1] + held[level, 2] < 2, False, level


@part
def _next(rng: Generator, setting: Setting, days: Floats, counts: Ints, level: int, room: bool) -> int:
    """Let the next event happen: a result, an infusion at `level` if there is room, or an arrival."""
    if not room and counts[_TOTAL, _WAITING] > setting.kept:
        counts[_TOTAL, TURNED_AWAY] += counts[_TOTAL, _WAITING] - setting.kept
        counts[_TOTAL, _WAITING] = setting.kept
    result = np.inf
    which = -1
    for place in range(counts[_TOTAL, _PENDING]):
        if days[_UNTIL, place] < result:
            result, which = days[_UNTIL, place], place
    slot = _free_from(setting, days, level) if room else np.inf
    infusion = slot if counts[_TOTAL, _WAITING] > 0 or setting.arrivals == ON_DEMAND else np.inf
    arrival = days[_CLOCK, _ARRIVAL]
    event = NOTHING
    if result <= infusion and result <= arrival:
        days[_CLOCK, _NOW] = result
        event = _close(days, counts, which)
    elif infusion <= arrival:
        days[_CLOCK, _NOW] = infusion
        event = _infuse(rng, setting, days, counts, level)
    else:
        days[_CLOCK, _NOW] = arrival
        days[_CLOCK, _ARRIVAL] = arrival + gap(rng, setting)
        stays = slot <= arrival or counts[_TOTAL, _WAITING] < setting.kept
        counts[_TOTAL, _WAITING if stays else TURNED_AWAY] += 1
    return event


@part
def _free_from(setting: Setting, days: Floats, level: int) -> float:
    """From when the stagger lets the next subject be infused at a level."""
    now = float(days[_CLOCK, _NOW])
    if level >= setting.stagger_from:
        before = days[_LATEST if setting.stagger_each else _FIRST, level]
        now = max(now, float(before) + setting.stagger)
    return now


@part
def _infuse(rng: Generator, setting: Setting, days: Floats, counts: Ints, level: int) -> int:
    """Screen the next candidate and, if eligible, treat; how the window will end is drawn now and seen later."""
    if setting.arrivals != ON_DEMAND:
        counts[_TOTAL, _WAITING] -= 1
    counts[_TOTAL, SCREENED] += 1
    event = NOTHING
    if setting.screen_failure == 0 or rng.random() >= setting.screen_failure:
        event = ENROLLED
        now = days[_CLOCK, _NOW]
        counts[_TOTAL, TREATED] += 1
        counts[_N, level] += 1
        if days[_FIRST, level] == -np.inf:
            days[_FIRST, level] = now
        days[_LATEST, level] = now
        chance, rate = rng.random(), days[RATE, level]
        lasts, end = 1.0, CLOSED
        if setting.not_evaluable > 0 and rng.random() < setting.not_evaluable:
            counts[_TOTAL, NOT_EVALUABLE] += 1
            lasts, end = rng.random(), LEFT if setting.replaced else CLOSED
        elif chance < rate:
            counts[_TOTAL, DLTS] += 1
            counts[_Y, level] += 1
            lasts, end = onset(days[POWER, level], chance, rate), DLT
        _open(days, counts, now + setting.window * lasts, end, level)
    return event


@part
def onset(power: float, chance: float, rate: float) -> float:
    """When in the window a DLT comes, as a share of it, by the inverse of its distribution; `chance` < `rate`."""
    share = chance / rate
    if power > 0:
        share = (np.log1p(-chance) / np.log1p(-rate)) ** power if rate < 1 else 0.0
    return share


@part
def _open(days: Floats, counts: Ints, until: float, end: int, level: int) -> None:
    """Put a subject on the open windows."""
    place = counts[_TOTAL, _PENDING]
    days[_UNTIL, place], counts[_END, place], counts[_WHERE, place] = until, end, level
    counts[_TOTAL, _PENDING] = place + 1
    counts[_TOTAL, _LEVEL] = level
    days[_CLOCK, _LAST] = max(days[_CLOCK, _LAST], until)


@part
def _close(days: Floats, counts: Ints, place: int) -> int:
    """Take a subject off the open windows; how the window ended."""
    end = counts[_END, place]
    last = counts[_TOTAL, _PENDING] - 1
    counts[_TOTAL, _PENDING] = last
    counts[_TOTAL, _LEVEL] = counts[_WHERE, place]
    days[_UNTIL, place] = days[_UNTIL, last]
    counts[_END, place], counts[_WHERE, place] = counts[_END, last], counts[_WHERE, last]
    return int(end)


@part
def gap(rng: Generator, setting: Setting) -> float:
    """The days from one arrival to the next."""
    gap = setting.apart
    if setting.arrivals == POISSON:
        gap *= rng.standard_exponential()
    elif setting.arrivals == UNIFORM:
        gap *= 2 * rng.random()
    return gap


@part
def _begin(rng: Generator, setting: Setting, days: Floats, counts: Ints) -> None:
    counts[:] = 0
    for level in range(setting.levels):
        days[_FIRST, level] = -np.inf
        days[_LATEST, level] = -np.inf
    days[_CLOCK, _NOW] = 0.0
    days[_CLOCK, _LAST] = 0.0
    days[_CLOCK, _ARRIVAL] = np.inf if setting.arrivals == ON_DEMAND else gap(rng, setting)


@part
def _keep(record: Record, row: int, setting: Setting, days: Floats, counts: Ints, selected: int) -> None:
    record.selected[row] = selected
    record.days[row, 0] = days[_CLOCK, _NOW]
    record.days[row, 1] = days[_CLOCK, _LAST]
    for which in range(TOTALS):
        record.totals[row, which] = counts[_TOTAL, which]
    for level in range(setting.levels):
        record.n[row, level] = counts[_N, level]
        record.y[row, level] = counts[_Y, level]
