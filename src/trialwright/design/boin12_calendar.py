"""BOIN12 in calendar time: a cohort is followed until toxicity and efficacy of each are known, then the rule is asked.

Trials go on side by side, cohort by cohort, so that the rule that decides at the bedside answers them all at once.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from trialwright.design.boin12 import BOIN12
from trialwright.design.calendar_kernels import POWER, RATE, TOTALS, Record, Setting, onset
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import (
    BACKFILL,
    DLT,
    ENTRY,
    LEVEL,
    RESPONSE,
    UNTIL,
    eligible,
    enrol,
    free_from,
    new_infusions,
    new_line,
    next_candidate,
    next_leaving,
    note,
    without_leavers,
    without_slot,
)
from trialwright.design.states import Floats, Ints


def run(
    stream: Generator, design: BOIN12, setting: Setting, truth: tuple[Floats, Floats], joint: Floats, record: Record
) -> None:
    """Fill a record.

    Args:
        stream: The stream.
        design: The design.
        setting: The calendar.
        truth: The `days` of DLTs and of responses.
        joint: Probabilities of neither, toxicity alone, efficacy alone and both at each level.
        record: Where the results go.
    """
    trials, given = len(record.selected), _given(joint)
    lines, infused, clocks = _begin(stream, setting, trials)
    counts, dose = np.zeros((trials, design.levels, 4), dtype=np.int64), np.full(trials, design.start)
    for first in range(0, design.subjects, design.cohort):
        going, size = np.flatnonzero(dose), min(design.cohort, design.subjects - first)
        state = (lines, infused, clocks, counts)
        _treat(stream, setting, (*truth, given), state, record, going, dose[going] - 1, size)
        dose[going], _ = design.step(counts[going], dose[going])
    record.totals[:] = lines[:, :TOTALS]
    record.selected[:] = design.select(counts)


def _given(joint: Floats) -> Floats:
    """The chance of a response without and with a DLT, shape (levels, 2)."""
    alone, responds = joint[:, :2], joint[:, 2:]
    both = alone + responds
    return np.divide(responds, both, out=np.zeros_like(both), where=both > 0)


@kernel
def _begin(rng: Generator, setting: Setting, trials: int) -> tuple[Floats, Floats, Floats]:
    lines, infused = np.zeros((trials, TOTALS + 2)), np.zeros((trials, 2, setting.levels))
    clocks = np.zeros(trials)
    for trial in range(trials):
        lines[trial], infused[trial] = new_line(rng, setting), new_infusions(setting)
        clocks[trial] = next_candidate(rng, setting, lines[trial], 0.0)
    return lines, infused, clocks


@kernel
def _treat(
    rng: Generator,
    setting: Setting,
    truth: tuple[Floats, Floats, Floats],
    state: tuple[Floats, Floats, Floats, Ints],
    record: Record,
    going: Ints,
    level: Ints,
    size: int,
) -> None:
    """Treat a cohort of each trial that goes on, until both outcomes of everybody who counts are known."""
    lines, infused, clocks, counts = state
    people = np.zeros((size, BACKFILL + 1))
    for place in range(len(going)):
        trial, line = going[place], lines[going[place]]
        at = (trial, level[place])
        clock = _fill(rng, (setting, *truth), line, infused[trial], people, record, at, clocks[trial])
        known = 0.0
        for who in range(size):
            responded = people[who, RESPONSE] < np.inf
            counts[trial, level[place], int(people[who, DLT]) + 2 * responded] += 1
            known = max(known, _known(setting, people[who]))
        while clock < known:
            clock = without_slot(rng, setting, line, known)
        clocks[trial], record.days[trial, 0] = clock, known
        record.days[trial, 1] = max(record.days[trial, 1], known)


@kernel
def _fill(
    rng: Generator,
    world: tuple[Setting, Floats, Floats, Floats],
    line: Floats,
    infused: Floats,
    people: Floats,
    record: Record,
    at: tuple[int, int],
    clock: float,
) -> float:
    """Infuse until a whole cohort is there of whom nobody is going to leave; when the next candidate is there."""
    (setting, dlts, responses, given), (trial, level), total = world, at, 0
    while True:
        total = without_leavers(people, total, clock)
        whole = total == len(people)
        news = next_leaving(people, clock) if whole else free_from(setting, infused, level)
        if whole and news == np.inf:
            return clock
        if news > clock:
            clock = without_slot(rng, setting, line, news)
            continue
        if eligible(rng, setting, line):
            enrol(rng, setting, dlts, line, infused, people[total], level, clock)
            _respond(rng, setting, responses, given, people[total])
            note(record, trial, people[total])
            total += 1
        clock = next_candidate(rng, setting, line, clock)


@kernel
def _respond(rng: Generator, setting: Setting, responses: Floats, given: Floats, person: Floats) -> None:
    """Draw whether a response comes, given the DLT, and when it is seen; whoever left shows none."""
    level, chance = int(person[LEVEL]), rng.random()
    likely, rate = given[level, int(person[DLT])], responses[RATE, level]
    left = person[DLT] == 0 and person[UNTIL] < person[ENTRY] + setting.window
    if chance < likely and not left:
        share = float(onset(responses[POWER, level], chance / likely * rate, rate))
        person[RESPONSE] = person[ENTRY] + setting.response_window * share


@kernel
def _known(setting: Setting, person: Floats) -> float:
    """When both outcomes of a subject are known; of whoever left, at once."""
    left = person[DLT] == 0 and person[UNTIL] < person[ENTRY] + setting.window
    if left:
        return float(person[UNTIL])
    return float(max(person[UNTIL], min(person[RESPONSE], person[ENTRY] + setting.response_window)))
