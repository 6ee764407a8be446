"""BF-BOIN's decisions, compiled: at the bedside, and whenever a candidate is there in calendar time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from trialwright.design.kernel import kernel
from trialwright.design.late_onset_kernels import (
    BACKFILL,
    BACKFILLING,
    DLT,
    LEVEL,
    OPEN,
    OVER,
    RESPONSE,
    TOXIC,
    UNTIL,
    WAIT,
    answers_for,
    chooses_for,
    closest_of_safe,
    last_cohort,
    next_news,
)
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
    target: float
    ceiling: float
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


@answers_for(BackfillRules)
def _slot(rule: BackfillRules, people: Floats, clock: float, memory: Ints) -> tuple[int, int, float]:
    current, missing = last_cohort(people, rule.cohort, rule.start)
    if missing > 0:
        return OPEN, current - 1, clock
    _look(people, clock, memory)
    if _observed(people, clock):
        found = np.zeros(rule.levels, dtype=np.bool_)
        level = mark_open(rule, memory, current, found)
        return (WAIT if level == 0 else BACKFILLING), level - 1, next_news(people, clock)
    action, level = decide(rule, memory, current)
    if action == STOP_TOXIC:
        return TOXIC, 0, clock
    if action == STOP_CONVERGED:
        return OVER, 0, clock
    _eliminate(memory, _first_eliminated(rule, memory), rule.levels)
    return OPEN, level - 1, clock


@chooses_for(BackfillRules)
def _select(rule: BackfillRules, people: Floats) -> int:
    return closest_of_safe(rule, people)


@kernel
def _observed(people: Floats, clock: float) -> bool:
    """Whether a window of the escalation is open."""
    latest = clock
    for who in range(len(people)):
        if people[who, BACKFILL] == 0:
            latest = max(latest, people[who, UNTIL])
    return latest > clock


@kernel
def _look(people: Floats, clock: float, board: Ints) -> None:
    """Count what is known at a time; what was eliminated stays so."""
    board[:ELIMINATED] = 0
    for who in range(len(people)):
        level = int(people[who, LEVEL])
        board[TREATED, level] += 1
        board[BACKFILLED, level] += int(people[who, BACKFILL])
        board[RESPONSES, level] += people[who, RESPONSE] <= clock
        if people[who, UNTIL] <= clock:
            board[DONE, level] += 1
            board[DLTS, level] += int(people[who, DLT])
