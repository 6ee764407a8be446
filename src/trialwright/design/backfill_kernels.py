"""Compiled loops of BF-BOIN: its decisions, and trials in calendar time that are decided by them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator

from trialwright.design.calendar_kernels import POWER, RATE, TOTALS, Record, Setting
from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import eligible, event, new_line, next_candidate, without_slot
from trialwright.design.states import Bools, Floats, Ints

DONE, DLTS, TREATED, BACKFILLED, RESPONSES, ELIMINATED = range(6)
"""The rows of a board: what is known of each level."""

MOVE, LEAVE, POOL, STOP_TOXIC, STOP_CONVERGED = range(5)
"""By which rule the next level follows."""


class BackfillRules(NamedTuple):
    """The rule as a compiled loop takes it; tables by evaluable subjects and DLTs."""

    moves: Ints
    eliminated: Bools
    unsafe: Bools
    levels: int
    start: int
    cohort: int
    subjects: int
    stop_at_n: int
    cap: int


@kernel
def _pooled(rules: BackfillRules, board: Ints, low: int, high: int) -> int:
    """What the table says of the data from level `low` to `high` (0-based): 1 up, 0 stay, -1 down."""
    done, dlts = 0, 0
    for level in range(low, high + 1):
        done += board[DONE, level]
        dlts += board[DLTS, level]
    return int(rules.moves[done, dlts])


@kernel
def _first_eliminated(rules: BackfillRules, board: Ints) -> int:
    for level in range(rules.levels):
        if board[ELIMINATED, level] or rules.eliminated[board[DONE, level], board[DLTS, level]]:
            return level
    return rules.levels


@kernel
def _eliminate(board: Ints, first: int, levels: int) -> None:
    for level in range(first, levels):
        board[ELIMINATED, level] = 1


@kernel
def mark_open(rules: BackfillRules, board: Ints, current: int, found: Bools) -> int:
    """Mark the levels that are open for backfill; the highest of them, 0 where there is none."""
    found[:] = False
    highest, response = 0, False
    for level in range(min(current - 1, _first_eliminated(rules, board))):
        if _pooled(rules, board, level, level) < 0 and _pooled(rules, board, level, level + 1) < 0:
            break
        response = response or board[RESPONSES, level] > 0
        if response and board[TREATED, level] < rules.cap:
            found[level] = True
            highest = level + 1
    return highest


@kernel
def decide(rules: BackfillRules, board: Ints, current: int) -> tuple[int, int]:
    """By which rule, and at which level (1-based), the next cohort is treated."""
    highest, here = _first_eliminated(rules, board), current - 1
    if highest == 0 or rules.unsafe[board[DONE, 0], board[DLTS, 0]]:
        return STOP_TOXIC, 0
    if current > highest:
        return LEAVE, highest
    action, move, anchor = MOVE, _pooled(rules, board, here, here), -1
    for level in range(here):
        if board[BACKFILLED, level] > 0 and board[DONE, level] > 0:
            other = _pooled(rules, board, level, level)
            if other < 0 or other < move:
                anchor = level
    ahead = min(max(current + move, 1), highest)
    if anchor >= 0:
        action, move = POOL, _pooled(rules, board, anchor, here)
        ahead = min(current + move, highest)
        if move < 0:
            ahead = max(anchor, 1)
            for level in range(anchor, here):
                if _pooled(rules, board, anchor, level) >= 0:
                    ahead = level + 1
    if 0 < rules.stop_at_n <= board[TREATED, here] and ahead == current:
        return STOP_CONVERGED, current
    return action, ahead


@kernel
def simulate(
    rng: Generator, rules: BackfillRules, setting: Setting, days: Floats, responses: Floats, record: Record
) -> None:
    """Fill a record; `selected` is 1 where the data may select an MTD, and 0 where toxicity ended the trial."""
    people = np.zeros((rules.subjects + rules.levels * rules.cap, 6))
    for trial in range(len(record.selected)):
        total = _one_trial(rng, rules, setting, (days, responses), people, record, trial)
        for who in range(total):
            level = int(people[who, 0])
            record.n[trial, level] += 1
            record.y[trial, level] += int(people[who, 3])
            record.backfilled[trial, level] += int(people[who, 5])
            record.days[trial, 1] = max(record.days[trial, 1], people[who, 2])
        record.days[trial, 0] = min(record.days[trial, 0], record.days[trial, 1])


@kernel
def _one_trial(
    rng: Generator,
    rules: BackfillRules,
    setting: Setting,
    rates: tuple[Floats, Floats],
    people: Floats,
    record: Record,
    trial: int,
) -> int:
    """Run a trial; level (0-based), entry, end of the window, DLT, response time and backfill go into `people`."""
    board, found = np.zeros((6, rules.levels), dtype=np.int64), np.zeros(rules.levels, dtype=np.bool_)
    line, current, missing = new_line(rng, setting), rules.start, rules.cohort
    clock, closed, total, treated = next_candidate(rng, setting, line, 0.0), 0.0, 0, 0
    record.selected[trial], record.days[trial, 0] = 1, np.inf
    while treated < rules.subjects:
        _look(people[:total], clock, board)
        observed, level = missing == 0 and closed > clock, current
        if observed:
            level = mark_open(rules, board, current, found)
        elif missing == 0:
            action, level = decide(rules, board, current)
            if action in (STOP_TOXIC, STOP_CONVERGED):
                if action == STOP_TOXIC:
                    record.selected[trial], record.days[trial, 0] = 0, clock
                break
            _eliminate(board, _first_eliminated(rules, board), rules.levels)
        before = clock
        if level == 0:
            clock = without_slot(rng, setting, line, _next_news(people[:total], clock))
        else:
            if eligible(rng, setting, line):
                _enrol(rng, setting.window, rates, people[total], level - 1, clock)
                people[total, 5] = observed
                if not observed:
                    current, missing = level, (missing if missing > 0 else rules.cohort) - 1
                    closed, treated = max(closed, people[total, 2]), treated + 1
                total += 1
            clock = next_candidate(rng, setting, line, clock)
        record.days[trial, 2] += observed * (clock - before)
    record.totals[trial] = line[:TOTALS].astype(np.int64)
    return total


@kernel
def _next_news(people: Floats, clock: float) -> float:
    """When the next window closes or the next response is seen."""
    ahead = np.inf
    for who in range(len(people)):
        if people[who, 2] > clock:
            ahead = min(ahead, people[who, 2])
        if people[who, 4] > clock:
            ahead = min(ahead, people[who, 4])
    return ahead


@kernel
def _enrol(
    rng: Generator, window: float, rates: tuple[Floats, Floats], person: Floats, level: int, clock: float
) -> None:
    dlt, lasts = event(rng, rates[0][RATE, level], rates[0][POWER, level], window)
    response, after = event(rng, rates[1][RATE, level], rates[1][POWER, level], window)
    person[0], person[1], person[2], person[3] = level, clock, clock + lasts, dlt
    person[4] = clock + after if response else np.inf


@kernel
def _look(people: Floats, clock: float, board: Ints) -> None:
    """Count what is known at a time; what was eliminated stays so."""
    for kind in range(ELIMINATED):
        for level in range(board.shape[1]):
            board[kind, level] = 0
    for who in range(len(people)):
        level = int(people[who, 0])
        board[TREATED, level] += 1
        board[BACKFILLED, level] += int(people[who, 5])
        board[RESPONSES, level] += people[who, 4] <= clock
        if people[who, 2] <= clock:
            board[DONE, level] += 1
            board[DLTS, level] += int(people[who, 3])
