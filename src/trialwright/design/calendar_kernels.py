"""Compiled simulation of a dose escalation in calendar time: one event after the other, a trial after the other.

Events are arrivals, infusions, DLTs, and windows that close or that a subject leaves. A result that falls on the same
moment as an arrival or an infusion comes first, so that a decision is there before the next subject is.

Everything is in days from the opening of the first level; levels count from 0 in here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.random import Generator

from trialwright.design.states import Bools, Floats, Ints

_kernel = njit(cache=True, nogil=True)
_part = njit(cache=True, nogil=True, inline="always")
"""A call costs more than what most parts do: inlined, the whole is some 1.7 times as fast."""

ON_DEMAND, FIXED, POISSON, UNIFORM = range(4)
"""How candidates arrive."""

NOTHING, ENROLLED, CLOSED, DLT, LEFT = range(5)
"""What an event was: nothing for the dose rule, an infusion, or how a window ended."""

SAME, TOLERATED, HOLD, TOXIC = range(4)
"""What the rolling six says at a level."""

SCREENED, TREATED, DLTS, NOT_EVALUABLE, TURNED_AWAY, _WAITING, _PENDING, _LEVEL = range(8)
"""The counts of a running trial, of which the first `TOTALS` are kept; the last is the level of the last event."""

TOTALS = 5

_NOW, _ARRIVAL, _LAST = range(3)
_N, _Y = range(2)
_FIRST, _LATEST = range(2)
_UNTIL, _END, _WHERE = range(3)


class Setting(NamedTuple):
    """The assumptions as numbers; levels from `stagger_from` on stagger.

    `kept` is how many may wait for a slot. `rates` are the true DLT rates, and below them one over the shapes of the
    time to DLT, 0 for a uniform one.
    """

    window: float
    arrivals: int
    apart: float
    kept: int
    screen_failure: float
    not_evaluable: float
    replaced: bool
    stagger: float
    stagger_each: bool
    stagger_from: int
    rates: Floats


class CohortRule(NamedTuple):
    """A compiled design; `cut[node, dlts, others]` is whether that much of a cohort already decides."""

    dose: Ints
    size: Ints
    child: Ints
    selected: Ints
    cut: Bools


class RollingRule(NamedTuple):
    """The rolling six; `verdict[six owed, treated, dlts, pending]`, and who owes six."""

    verdict: Ints
    top_owes: bool
    below_owes: bool


class Record(NamedTuple):
    """What is kept of each trial: `days` are the last decision and the last window, `totals` as above."""

    selected: Ints
    days: Floats
    totals: Ints
    n: Ints
    y: Ints


class _Trial(NamedTuple):
    """The running trial, in few arrays because each costs time in each call.

    `clock` and `counts` by the names above; `levels` treated and with a DLT, `infused` first and latest at each level;
    `windows` that are open: until when, how each ends, at which level.
    """

    clock: Floats
    counts: Ints
    levels: Ints
    infused: Floats
    windows: Floats


def new_record(trials: int, levels: int) -> Record:
    """Room for the results of some trials."""
    return Record(
        np.zeros(trials, dtype=np.int64),
        np.zeros((trials, 2)),
        np.zeros((trials, TOTALS), dtype=np.int64),
        np.zeros((trials, levels), dtype=np.int64),
        np.zeros((trials, levels), dtype=np.int64),
    )


@_kernel
def run_cohorts(rng: Generator, rule: CohortRule, setting: Setting, record: Record) -> None:
    """Simulate trials that decide after each cohort, and fill the record."""
    trial = _new_trial(setting.rates.shape[1], rule.child.shape[1])
    for row in range(len(record.selected)):
        _begin(rng, setting, trial)
        node = 0
        while node >= 0:
            node = _cohort(rng, rule, setting, trial, node)
        _keep(record, row, trial, rule.selected[~node])


@_kernel
def run_rolling(rng: Generator, rule: RollingRule, setting: Setting, record: Record) -> None:
    """Simulate trials of the rolling six, and fill the record."""
    levels = setting.rates.shape[1]
    trial = _new_trial(levels, 6 * levels)
    held = np.zeros((levels, 3), dtype=np.int64)
    for row in range(len(record.selected)):
        _begin(rng, setting, trial)
        held[:] = 0
        _keep(record, row, trial, _rolling(rng, rule, setting, trial, held))


@_part
def _cohort(rng: Generator, rule: CohortRule, setting: Setting, trial: _Trial, node: int) -> int:
    """Treat a cohort until its windows are closed or its result cannot change; what follows it."""
    level, size = rule.dose[node] - 1, rule.size[node]
    taken, dlts, others = 0, 0, 0
    while dlts + others < size and not rule.cut[node, dlts, others]:
        event = _next(rng, setting, trial, level, taken < size)
        taken += (event == ENROLLED) - (event == LEFT)
        dlts += event == DLT
        others += event == CLOSED
    trial.counts[_PENDING] = 0
    return int(rule.child[node, dlts])


@_part
def _rolling(rng: Generator, rule: RollingRule, setting: Setting, trial: _Trial, held: Ints) -> int:
    """Treat one subject after the other until the rolling six ends; the level selected, 0 for none."""
    top = len(held) - 1
    level, toxic = 0, top + 1
    while True:
        six = rule.below_owes if toxic == level + 1 and toxic <= top else level == top and rule.top_owes
        says = rule.verdict[int(six), held[level, 0], min(held[level, 1], 2), held[level, 2]]
        if says == TOXIC:
            if level == 0 or not rule.below_owes:
                return level
            toxic = level
            level -= 1
        elif says == TOLERATED:
            if level == top or toxic == level + 1:
                return level + 1
            level += 1
        else:
            event = _next(rng, setting, trial, level, says == SAME)
            where = trial.counts[_LEVEL]
            held[where, 0] += (event == ENROLLED) - (event == LEFT)
            held[where, 1] += event == DLT
            held[where, 2] += (event == ENROLLED) - (event >= CLOSED)


@_part
def _next(rng: Generator, setting: Setting, trial: _Trial, level: int, room: bool) -> int:
    """Let the next event happen: a result, an infusion at `level` if there is room, or an arrival."""
    clock, counts = trial.clock, trial.counts
    if not room and counts[_WAITING] > setting.kept:
        counts[TURNED_AWAY] += counts[_WAITING] - setting.kept
        counts[_WAITING] = setting.kept
    result = np.inf
    which = -1
    for place in range(counts[_PENDING]):
        if trial.windows[_UNTIL, place] < result:
            result, which = trial.windows[_UNTIL, place], place
    slot = _free_from(setting, trial, level) if room else np.inf
    infusion = slot if counts[_WAITING] > 0 or setting.arrivals == ON_DEMAND else np.inf
    if result <= infusion and result <= clock[_ARRIVAL]:
        clock[_NOW] = result
        return _close(trial, which)
    if infusion <= clock[_ARRIVAL]:
        clock[_NOW] = infusion
        return _infuse(rng, setting, trial, level)
    clock[_NOW] = clock[_ARRIVAL]
    clock[_ARRIVAL] += _gap(rng, setting)
    if slot <= clock[_NOW] or counts[_WAITING] < setting.kept:
        counts[_WAITING] += 1
    else:
        counts[TURNED_AWAY] += 1
    return NOTHING


@_part
def _free_from(setting: Setting, trial: _Trial, level: int) -> float:
    """From when the stagger lets the next subject be infused at a level."""
    now = float(trial.clock[_NOW])
    if level < setting.stagger_from:
        return now
    before = trial.infused[_LATEST if setting.stagger_each else _FIRST, level]
    return max(now, float(before) + setting.stagger)


@_part
def _infuse(rng: Generator, setting: Setting, trial: _Trial, level: int) -> int:
    """Screen the next candidate and, if eligible, treat; how the window will end is drawn now and seen later."""
    now, counts = trial.clock[_NOW], trial.counts
    if setting.arrivals != ON_DEMAND:
        counts[_WAITING] -= 1
    counts[SCREENED] += 1
    if setting.screen_failure > 0 and rng.random() < setting.screen_failure:
        return NOTHING
    counts[TREATED] += 1
    trial.levels[_N, level] += 1
    if trial.infused[_FIRST, level] == -np.inf:
        trial.infused[_FIRST, level] = now
    trial.infused[_LATEST, level] = now
    until, end = now + setting.window, CLOSED
    chance, rate = rng.random(), setting.rates[0, level]
    if setting.not_evaluable > 0 and rng.random() < setting.not_evaluable:
        counts[NOT_EVALUABLE] += 1
        until = now + setting.window * rng.random()
        end = LEFT if setting.replaced else CLOSED
    elif chance < rate:
        counts[DLTS] += 1
        trial.levels[_Y, level] += 1
        until, end = now + setting.window * _onset(setting, level, chance, rate), DLT
    _open(trial, until, end, level)
    return ENROLLED


@_part
def _onset(setting: Setting, level: int, chance: float, rate: float) -> float:
    """When in the window a DLT comes, as a share of it, by the inverse of its distribution; `chance` < `rate`."""
    power = setting.rates[1, level]
    if power == 0:
        return chance / rate
    return (np.log1p(-chance) / np.log1p(-rate)) ** power if rate < 1 else 0.0


@_part
def _open(trial: _Trial, until: float, end: int, level: int) -> None:
    place = trial.counts[_PENDING]
    trial.windows[_UNTIL, place], trial.windows[_END, place], trial.windows[_WHERE, place] = until, end, level
    trial.counts[_PENDING] += 1
    trial.counts[_LEVEL] = level
    trial.clock[_LAST] = max(trial.clock[_LAST], until)


@_part
def _close(trial: _Trial, place: int) -> int:
    """Take a subject off the open windows; how the window ended."""
    windows = trial.windows
    end = int(windows[_END, place])
    trial.counts[_LEVEL] = int(windows[_WHERE, place])
    trial.counts[_PENDING] -= 1
    last = trial.counts[_PENDING]
    for row in range(3):
        windows[row, place] = windows[row, last]
    return end


@_part
def _gap(rng: Generator, setting: Setting) -> float:
    """The days from one arrival to the next."""
    if setting.arrivals == POISSON:
        return setting.apart * rng.standard_exponential()
    if setting.arrivals == UNIFORM:
        return 2 * setting.apart * rng.random()
    return setting.apart


@_part
def _new_trial(levels: int, subjects: int) -> _Trial:
    """Room for one trial, with at most so many open windows."""
    return _Trial(
        np.zeros(3),
        np.zeros(8, dtype=np.int64),
        np.zeros((2, levels), dtype=np.int64),
        np.zeros((2, levels)),
        np.zeros((3, subjects)),
    )


@_part
def _begin(rng: Generator, setting: Setting, trial: _Trial) -> None:
    trial.clock[:] = 0
    trial.counts[:] = 0
    trial.levels[:] = 0
    trial.infused[:] = -np.inf
    trial.clock[_ARRIVAL] = np.inf if setting.arrivals == ON_DEMAND else _gap(rng, setting)


@_part
def _keep(record: Record, row: int, trial: _Trial, selected: int) -> None:
    record.selected[row] = selected
    record.days[row, 0] = trial.clock[_NOW]
    record.days[row, 1] = trial.clock[_LAST]
    record.totals[row] = trial.counts[:TOTALS]
    record.n[row] = trial.levels[_N]
    record.y[row] = trial.levels[_Y]
