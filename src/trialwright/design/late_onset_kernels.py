"""The calendar of the designs that decide while windows are open: candidates, infusions, and who leaves.

One loop runs them all. Whenever a candidate is there it asks the design whether there is a slot, and at which level;
each design answers `ask` for rules of its own type, beside its tables.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numba.extending import overload
from numpy.random import Generator

from trialwright.design.behaviour_kernels import next_step
from trialwright.design.behaviour_rule import Limits
from trialwright.design.calendar_kernels import (
    DLTS,
    NOT_EVALUABLE,
    ON_DEMAND,
    POWER,
    RATE,
    SCREENED,
    TOTALS,
    TREATED,
    TURNED_AWAY,
    Record,
    Setting,
    gap,
    onset,
)
from trialwright.design.isotonic_kernels import closest
from trialwright.design.kernel import kernel
from trialwright.design.states import Floats, Ints

_NEXT, _WAITING = TOTALS, TOTALS + 1
"""In `line`, the candidates of a trial, after the totals: when the next one arrives, and how many wait."""

LEVEL, ENTRY, UNTIL, DLT, _LEAVES, RESPONSE, KNOWN, BACKFILL = range(8)
"""Columns of `people`, those who count, in the order treated: level (0-based), infusion, end of the window, whether by
a DLT, whether by leaving and being replaced, time of a response, when all is known that is awaited, and whether
backfilled."""

OPEN, BACKFILLING, WAIT, FULL, OVER, TOXIC = range(6)
"""What a design says when a candidate is there: a slot of the escalation, or of backfill; none until a window or the
time followed brings news, or until somebody leaves; none any more, with an MTD to select, or without."""

_FIRST, _LATEST = range(2)

F = TypeVar("F", bound=Callable[..., Any])


class Truth(NamedTuple):
    """What is true.

    Attributes:
        dlts: The `days` of DLTs.
        responses: Those of responses; no rows where the design does not look at them.
        given: The chance of a response without and with a DLT, shape (levels, 2).
        awaited: Whether decisions wait for responses too.
    """

    dlts: Floats
    responses: Floats
    given: Floats
    awaited: bool


def ask(rule: Any, people: Floats, clock: float, memory: Ints) -> tuple[int, int, float]:
    """Whether there is a slot, at which level (0-based), and when it can be decided anew; answered by each design.

    Args:
        rule: The design as its compiled part takes it.
        people: Those who count.
        clock: When a candidate is there.
        memory: Room of the design's own for a trial, zeros at first, shape (6, levels).
    """
    raise NotImplementedError(type(rule))


def choose(rule: Any, people: Floats) -> int:
    """The level (1-based) that the data select when every window is closed, 0 for none; answered by each design.

    Args:
        rule: The design as its compiled part takes it.
        people: Those who count.
    """
    raise NotImplementedError(type(rule))


def answers_for(kind: type) -> Callable[[F], F]:
    """Let a function answer `ask` for the rules of a type; it is chosen when the loop is compiled for that type."""

    def register(answer: F) -> F:
        def chosen(rule, people, clock, memory):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001 - numba's
            return answer if getattr(rule, "instance_class", None) is kind else None

        chosen.__annotations__ = answer.__annotations__
        overload(ask)(chosen)
        return answer

    return register


def chooses_for(kind: type) -> Callable[[F], F]:
    """Let a function answer `choose` for the rules of a type."""

    def register(answer: F) -> F:
        def chosen(rule, people):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001 - numba's
            return answer if getattr(rule, "instance_class", None) is kind else None

        chosen.__annotations__ = answer.__annotations__
        overload(choose)(chosen)
        return answer

    return register


@kernel
def run(rng: Generator, rule: Any, limits: Limits, setting: Setting, truth: Truth, record: Record, room: int) -> Ints:
    """Fill a record; `selected` is 1 where the data may select an MTD, and 0 where toxicity ended the trial.

    Args:
        rng: The stream.
        rule: The design; it says how many `subjects` the escalation treats, whoever was replaced left out.
        limits: The behaviours around it.
        setting: The calendar.
        truth: The truth.
        record: Where the results go.
        room: How many can count at once.

    Returns:
        Those who count in the end with neither, a DLT, a response and both, shape (trials, levels, 4).
    """
    people, counted = np.zeros((room, BACKFILL + 1)), np.zeros((*record.n.shape, 4), dtype=np.int64)
    for trial in range(len(record.selected)):
        total = _one_trial(rng, rule, limits, setting, truth, people, record, trial)
        for who in range(total):
            counted[trial, int(people[who, LEVEL]), outcome(people[who])] += 1
        record.days[trial, 0] = min(record.days[trial, 0], record.days[trial, 1])
    return counted


@kernel
def _one_trial(
    rng: Generator,
    rule: Any,
    limits: Limits,
    setting: Setting,
    truth: Truth,
    people: Floats,
    record: Record,
    trial: int,
) -> int:
    """Run a trial; how many count in the end."""
    memory, infused = np.zeros((6, setting.levels), dtype=np.int64), new_infusions(setting)
    line, total = new_line(rng, setting), 0
    clock = next_candidate(rng, setting, line, 0.0)
    record.selected[trial], record.days[trial, 0] = 1, np.inf
    while True:
        total = without_leavers(people, total, clock)
        slot, level, news = _asked(rule, limits, people[:total], clock, memory)
        if slot >= OVER:
            if slot == TOXIC:
                record.selected[trial], record.days[trial, 0] = 0, clock
            break
        if slot <= BACKFILLING:
            free = free_from(setting, infused, level)
            slotted, news = free <= clock, min(free, next_news(people[:total], clock))
        else:
            slotted = False
        if not slotted:
            ahead = without_slot(rng, setting, line, news)
        else:
            if eligible(rng, setting, line):
                _enrol(rng, setting, truth.dlts, line, infused, people[total], level, clock)
                _respond(rng, setting, truth, people[total])
                people[total, BACKFILL] = slot == BACKFILLING
                _note(record, trial, people[total])
                total += 1
            ahead = next_candidate(rng, setting, line, clock)
        record.days[trial, 2] += (slot in (BACKFILLING, WAIT)) * (ahead - clock)
        clock = ahead
    record.totals[trial] = line[:TOTALS].astype(np.int64)
    return total


@kernel
def _asked(rule: Any, limits: Limits, people: Floats, clock: float, memory: Ints) -> tuple[int, int, float]:
    """What the design and its behaviours say.

    Once all are treated, the trial lasts as long as somebody is going to leave and be replaced.
    """
    treated = 0
    for who in range(len(people)):
        treated += people[who, BACKFILL] == 0
    room, all_treated = len(people) < limits.total, treated >= rule.subjects
    slot, level, news = FULL, 0, clock
    if room and (not all_treated or limits.at_mtd > 0):
        slot, level, news = ask(rule, people, clock, memory)
    if not room or (all_treated and slot != TOXIC):
        news = next_leaving(people, clock)
        slot, level = (OVER if news == np.inf else FULL), 0
    put_off = limits.at_mtd > 0 and slot in (FULL, OVER)
    if limits.active and room and (slot == OPEN or put_off):
        return _behaved(rule, limits, people, clock, memory.shape[1], level if slot == OPEN else -1)
    return slot, level, news


@kernel
def _behaved(
    rule: Any, limits: Limits, people: Floats, clock: float, levels: int, level: int
) -> tuple[int, int, float]:
    """What behaviours make of the next level, -1 where escalation ends; an end of theirs waits for every window."""
    current, missing = last_cohort(people, limits.cohort, limits.start)
    if missing > 0:
        return OPEN, current - 1, clock
    n = np.zeros(levels, dtype=np.int64)
    for who in range(len(people)):
        n[int(people[who, LEVEL])] += 1
    _, dose, _, _ = next_step(limits, n, level + 1, 1, 0, 0)
    if dose > 0:
        return OPEN, dose - 1, clock
    known = next_known(people, clock)
    if known < np.inf:
        return WAIT, 0, known
    chosen = choose(rule, people) if limits.at_mtd > 0 else 0
    _, dose, _, _ = next_step(limits, n, level + 1, 1, chosen, chosen)
    return (OPEN if dose > 0 else OVER), dose - 1, clock


@kernel
def closest_of_safe(rule: Any, people: Floats) -> int:
    """The MTD by isotonic rates among the levels that the tables of an interval design do not eliminate."""
    n, y = np.zeros(rule.levels, dtype=np.int64), np.zeros(rule.levels, dtype=np.int64)
    for who in range(len(people)):
        n[int(people[who, LEVEL])] += 1
        y[int(people[who, LEVEL])] += int(people[who, DLT])
    safe = np.ones(rule.levels, dtype=np.bool_)
    for level in range(rule.levels):
        if rule.eliminated[n[level], y[level]] or (level == 0 and rule.unsafe[n[0], y[0]]):
            safe[level:] = False
    return closest(n, y, safe, rule.target, rule.ceiling)


@kernel
def last_cohort(people: Floats, cohort: int, start: int) -> tuple[int, int]:
    """The level (1-based) of the escalation's last cohort, and how many subjects it lacks."""
    level, run_ = start, 0
    for who in range(len(people) - 1, -1, -1):
        if people[who, BACKFILL] == 0:
            if run_ > 0 and int(people[who, LEVEL]) != level - 1:
                break
            level = int(people[who, LEVEL]) + 1
            run_ += 1
    return level, (-run_ % cohort if run_ > 0 else cohort)


@kernel
def next_news(people: Floats, clock: float) -> float:
    """When the next window ends or the next response is seen."""
    ahead = np.inf
    for who in range(len(people)):
        if people[who, UNTIL] > clock:
            ahead = min(ahead, people[who, UNTIL])
        if people[who, RESPONSE] > clock:
            ahead = min(ahead, people[who, RESPONSE])
    return ahead


@kernel
def next_known(people: Floats, clock: float) -> float:
    """When next all is known of somebody that is awaited; infinite where all is known of all."""
    ahead = np.inf
    for who in range(len(people)):
        if people[who, KNOWN] > clock:
            ahead = min(ahead, people[who, KNOWN])
    return ahead


@kernel
def next_leaving(people: Floats, clock: float) -> float:
    """When the next subject leaves who is going to be replaced."""
    ahead = np.inf
    for who in range(len(people)):
        if people[who, _LEAVES] > 0 and people[who, UNTIL] > clock:
            ahead = min(ahead, people[who, UNTIL])
    return ahead


@kernel
def without_leavers(people: Floats, total: int, clock: float) -> int:
    """Take those who left and are replaced off the people; how many count."""
    stay = 0
    for who in range(total):
        if people[who, _LEAVES] == 0 or people[who, UNTIL] > clock:
            if stay < who:
                people[stay] = people[who]
            stay += 1
    return stay


@kernel
def new_line(rng: Generator, setting: Setting) -> Floats:
    """The candidates of a trial that begins."""
    line = np.zeros(TOTALS + 2)
    line[_NEXT] = np.inf if setting.arrivals == ON_DEMAND else gap(rng, setting)
    return line


@kernel
def new_infusions(setting: Setting) -> Floats:
    """The first and the latest infusion at each level of a trial that begins, shape (2, levels)."""
    return np.full((2, setting.levels), -np.inf)


@kernel
def free_from(setting: Setting, infused: Floats, level: int) -> float:
    """From when the stagger lets the next subject be infused at a level."""
    if level < setting.stagger_from:
        return -np.inf
    return float(infused[_LATEST if setting.stagger_each else _FIRST, level]) + setting.stagger


@kernel
def next_candidate(rng: Generator, setting: Setting, line: Floats, clock: float) -> float:
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
def without_slot(rng: Generator, setting: Setting, line: Floats, news: float) -> float:
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
def eligible(rng: Generator, setting: Setting, line: Floats) -> bool:
    """Screen a candidate."""
    line[SCREENED] += 1
    return bool(setting.screen_failure == 0 or rng.random() >= setting.screen_failure)


@kernel
def event(rng: Generator, rate: float, power: float, window: float) -> tuple[bool, float]:
    """Whether an event comes, and how long after the infusion; the window's length where none does."""
    chance = rng.random()
    if chance < rate:
        return True, window * float(onset(power, chance, rate))
    return False, window


@kernel
def _enrol(
    rng: Generator,
    setting: Setting,
    dlts: Floats,
    line: Floats,
    infused: Floats,
    person: Floats,
    level: int,
    clock: float,
) -> None:
    """Infuse somebody; how the window will end is drawn now and seen later."""
    dlt, lasts = event(rng, dlts[RATE, level], dlts[POWER, level], setting.window)
    leaves = setting.not_evaluable > 0 and rng.random() < setting.not_evaluable
    if leaves:
        dlt, lasts = False, setting.window * rng.random()
    person[LEVEL], person[ENTRY], person[UNTIL], person[DLT] = level, clock, clock + lasts, dlt
    person[_LEAVES], person[RESPONSE], person[KNOWN] = leaves and setting.replaced, np.inf, clock + lasts
    line[TREATED] += 1
    line[DLTS] += dlt
    line[NOT_EVALUABLE] += leaves
    infused[_FIRST, level] = clock if infused[_FIRST, level] == -np.inf else infused[_FIRST, level]
    infused[_LATEST, level] = clock


@kernel
def _respond(rng: Generator, setting: Setting, truth: Truth, person: Floats) -> None:
    """Draw whether a response comes, given the DLT, and when it is seen; whoever leaves before shows none."""
    if len(truth.responses) == 0:
        return
    level, chance = int(person[LEVEL]), rng.random()
    likely, rate = truth.given[level, int(person[DLT])], truth.responses[RATE, level]
    left = person[DLT] == 0 and person[UNTIL] < person[ENTRY] + setting.window
    if chance < likely:
        share = float(onset(truth.responses[POWER, level], chance * (rate / likely), rate))
        seen = person[ENTRY] + setting.response_window * share
        if not left or (seen <= person[UNTIL] and not truth.awaited):
            person[RESPONSE] = seen
    if truth.awaited and not left:
        person[KNOWN] = max(person[UNTIL], min(person[RESPONSE], person[ENTRY] + setting.response_window))


@kernel
def outcome(person: Floats) -> int:
    """Neither, a DLT, a response or both, 0 to 3."""
    return int(person[DLT]) + 2 * int(person[RESPONSE] < np.inf)


@kernel
def _note(record: Record, trial: int, person: Floats) -> None:
    """Count somebody who was infused."""
    level = int(person[LEVEL])
    record.n[trial, level] += 1
    record.y[trial, level] += int(person[DLT])
    record.responses[trial, level] += int(person[RESPONSE] < np.inf)
    record.backfilled[trial, level] += int(person[BACKFILL])
    record.days[trial, 1] = max(record.days[trial, 1], person[KNOWN])
