"""Compiled parts of the designs that decide with open windows: who is there for the next slot, and when an event comes.

`line` holds the candidates: how many were screened and turned away, in the places of a trial's totals, and after those
when the next one arrives and how many wait.
"""

from __future__ import annotations

import numpy as np

from trialwright.design.calendar_kernels import ON_DEMAND, SCREENED, TOTALS, TURNED_AWAY, Record, Setting, gap, onset
from trialwright.design.kernel import kernel
from trialwright.design.states import Floats, Ints

_NEXT, _WAITING = TOTALS, TOTALS + 1


@kernel
def new_line(rng: np.random.Generator, setting: Setting) -> Floats:
    """The candidates of a trial that begins."""
    line = np.zeros(TOTALS + 2)
    line[_NEXT] = np.inf if setting.arrivals == ON_DEMAND else gap(rng, setting)
    return line


@kernel
def next_candidate(rng: np.random.Generator, setting: Setting, line: Floats, clock: float) -> float:
    """When a candidate is there for a slot that is open from `clock` on: one who waits, or the next to arrive."""
    if setting.arrivals == ON_DEMAND:
        return clock
    if line[_WAITING] > 0:
        line[_WAITING] -= 1
        return clock
    arrival = float(line[_NEXT])
    line[_NEXT] += gap(rng, setting)
    return arrival


@kernel
def without_slot(rng: np.random.Generator, setting: Setting, line: Floats, news: float) -> float:
    """When a candidate is there again, after one came while no slot was open; it can be decided anew at `news`."""
    if setting.kept == 0 and setting.arrivals != ON_DEMAND:
        line[TURNED_AWAY] += 1
        return next_candidate(rng, setting, line, 0.0)
    line[_WAITING] += 1
    while line[_NEXT] <= news:
        waits = line[_WAITING] < setting.kept
        line[_WAITING] += waits
        line[TURNED_AWAY] += not waits
        line[_NEXT] += gap(rng, setting)
    line[_WAITING] -= 1
    return news


@kernel
def eligible(rng: np.random.Generator, setting: Setting, line: Floats) -> bool:
    """Screen a candidate."""
    line[SCREENED] += 1
    return bool(setting.screen_failure == 0 or rng.random() >= setting.screen_failure)


@kernel
def event(rng: np.random.Generator, rate: float, power: float, window: float) -> tuple[bool, float]:
    """Whether an event comes, and how long after the infusion; the window's length where none does."""
    chance = rng.random()
    if chance < rate:
        return True, window * float(onset(power, chance, rate))
    return False, window


@kernel
def subjects_who_never_wait(rng: np.random.Generator, setting: Setting, arrival: Floats, luck: Floats) -> Ints:
    """Fill in when each subject of each trial comes and what is drawn for the DLT; how many were screened by then."""
    screened = np.zeros(arrival.shape, dtype=np.int64)
    for trial in range(len(arrival)):
        line, clock = new_line(rng, setting), 0.0
        for subject in range(arrival.shape[1]):
            clock = next_candidate(rng, setting, line, clock)
            while not eligible(rng, setting, line):
                clock = next_candidate(rng, setting, line, clock)
            arrival[trial, subject], luck[trial, subject] = clock, rng.random()
            screened[trial, subject] = int(line[SCREENED])
    return screened


def rows_of(record: Record, rows: slice) -> Record:
    """Some trials of a record; what is written to them is written to the record."""
    selected, days, totals, n, y, backfilled = record
    return Record(selected[rows], days[rows], totals[rows], n[rows], y[rows], backfilled[rows])
