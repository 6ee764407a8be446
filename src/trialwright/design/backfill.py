"""BF-BOIN: BOIN that backfills, at lower levels that are safe and active, those who arrive while escalation waits.

Source: Zhao, Yuan, Korn and Freidlin 2024, Clin Cancer Res 30:673: a level is open for backfill when a response was
seen there or below and it is not too toxic on its own and with the next level; completed backfilled subjects count
towards decisions; where a backfilled level is more toxic than the current one allows, the data from it to the current
level are pooled (their Table 2). Their Tables 1 and 4 are tests in tests/published/test_backfill.py. What the paper
leaves open is said at `BackfillBOIN.simulate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

import numpy as np

from trialwright.design.blocks import streams
from trialwright.design.boin import BOIN
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import seen_at
from trialwright.design.interval import CONVERGED, TOXIC
from trialwright.design.kernel import kernel
from trialwright.design.late_onset import (
    Accrual,
    TimedCharacteristics,
    Trials,
    checked_rates,
    until_arrival,
    until_event,
)
from trialwright.design.outcomes import Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Bools, Floats, Ints, States
from trialwright.errors import InputError

_DONE, _DLTS, _TREATED, _BACKFILLED, _RESPONSES, _ELIMINATED = range(6)
_MOVE, _LEAVE, _POOL, _TOXIC, _CONVERGED = range(5)


class LevelStatus(NamedTuple):
    """What is known of a level, escalation and backfill together.

    Attributes:
        evaluable: Subjects whose DLT window is closed, by its end or by a DLT.
        dlts: Those of them with a DLT.
        pending: Subjects whose window is open.
        backfilled: How many of all were backfilled.
        responses: How many of all had a response.
        eliminated: Whether the level was eliminated before; it stays so.
    """

    evaluable: int = 0
    dlts: int = 0
    pending: int = 0
    backfilled: int = 0
    responses: int = 0
    eliminated: bool = False


@dataclass(frozen=True, kw_only=True)
class BackfillBOIN(BOIN):
    """BOIN whose lower levels are open to those who arrive while the current cohort is observed.

    `subjects` are those of the escalation; backfilled ones come on top. Given a path of outcomes, and in exact
    operating characteristics, it is the escalation without backfill.

    Attributes:
        window: Length of the DLT window.
        cap: Subjects at a level, escalation and backfill together, from which it is not backfilled.
        stay_on_1_of_3: Whether one DLT in three subjects stays where the BOIN table de-escalates.

    Example:
        >>> design = BackfillBOIN(levels=3, target=0.25, window=1)
        >>> levels = [LevelStatus(3, 0), LevelStatus(3, 0, responses=1), LevelStatus(0, 0, 3)]
        >>> design.open_for_backfill(levels, current=3)
        (2,)
    """

    name: ClassVar[str] = "BF-BOIN"

    window: float
    cap: int = 12
    stay_on_1_of_3: bool = False

    def table(self, largest: int) -> DecisionTable:
        """The decision table for 1 to `largest` subjects at a level."""
        plain = super().table(largest)
        if not self.stay_on_1_of_3:
            return plain
        none, _, *more = plain.rows[2]
        return DecisionTable((*plain.rows[:2], (none, "S", *more), *plain.rows[3:]))

    def open_for_backfill(self, levels: Sequence[LevelStatus], current: int) -> tuple[int, ...]:
        """The levels below the current one that are open, ascending; the next subject goes to the highest.

        Args:
            levels: What is known of each level.
            current: The level of the current cohort.

        Raises:
            InputError: All that is wrong with the counts.
        """
        found = np.zeros(self.levels, dtype=np.bool_)
        _mark_open(self._rules, self._board(levels, current), current, found)
        return tuple((np.flatnonzero(found) + 1).tolist())

    def decide(self, levels: Sequence[LevelStatus], current: int) -> Recommendation:
        """Say what follows when every window of the current cohort is closed; other open windows are left out.

        Args:
            levels: What is known of each level.
            current: The level of the current cohort.

        Raises:
            InputError: All that is wrong with the counts.

        Example:
            >>> design = BackfillBOIN(levels=3, target=0.25, window=1)
            >>> levels = [LevelStatus(3, 0, responses=1), LevelStatus(6, 3, backfilled=3), LevelStatus(3, 0)]
            >>> print(design.decide(levels, current=3))  # doctest: +NORMALIZE_WHITESPACE
            No DLT in 3 evaluable subjects at level 3: backfilled data at a lower level conflict with this level; by the
            pooled data treat 3 subjects at level 1.
        """
        board = self._board(levels, current)
        action, dose = _decide(self._rules, board, current)
        status = levels[current - 1]
        told = seen_at(current, Tally(status.evaluable, status.dlts, status.pending))
        treated = int((board[_TREATED] - board[_BACKFILLED]).sum())
        if action == _TOXIC:
            return self._end(TOXIC, told, None)
        if action == _CONVERGED or treated >= self.subjects:
            return self._over(told, board, current, full=treated >= self.subjects)
        size = min(self.cohort, self.subjects - treated)
        decision = Decision.ESCALATE if dose > current else Decision.DE_ESCALATE if dose < current else Decision.STAY
        because = {
            _MOVE: "the table of this level decides;",
            _LEAVE: "this level is eliminated;",
            _POOL: "backfilled data at a lower level conflict with this level; by the pooled data",
        }[action]
        rule = {_MOVE: decision.value, _LEAVE: "eliminate", _POOL: "pool"}[action]
        why = f"{told}: {because} treat {size} subjects at level {dose}."
        return self._answer(decision, rule, why, dose=dose, subjects=size)

    def simulate(
        self,
        truth: Sequence[float],
        response: Sequence[float],
        accrual: Accrual,
        *,
        seed: int,
        trials: int = 10_000,
        late: float = 0.5,
    ) -> TimedCharacteristics:
        """Simulate the design in calendar time.

        Each cohort starts when every window of the one before is closed. Whoever arrives meanwhile is backfilled at the
        highest open level, or finds no place. Backfill ends with the escalation, and everybody is followed to the end
        of the window. The paper does not say when responses come nor how they go with DLTs: here they come within the
        DLT window, and independently of DLTs.

        Args:
            truth: True DLT rate within the window, one for each level, below 1.
            response: True response rate within the window, one for each level, below 1.
            accrual: How subjects arrive, in the unit of the window.
            seed: Seed of the random streams.
            trials: Number of trials; fewer trials are the first of more.
            late: Share of the DLTs, and of the responses, that fall into the second half of the window.

        Raises:
            InputError: What is wrong with a rate, the share or the number of trials.

        Example:
            >>> design = BackfillBOIN(levels=3, target=0.25, window=1, stop_at_n=9)
            >>> found = design.simulate([0.1, 0.25, 0.4], [0.3, 0.4, 0.5], Accrual(rate=3), seed=1, trials=100)
            >>> found.mean_backfilled[2]
            0.0
        """
        p, shape = checked_rates(self.levels, truth, late, trials)
        q, response_shape = checked_rates(self.levels, response, late, trials)
        calendar = (self.window, accrual.code, accrual.rate, accrual.turned_away)
        world = _World(p, shape, q, response_shape, *calendar)
        parts = []
        for rng, size in streams(seed, trials):
            part = Trials.empty(size, self.levels)
            _simulate(rng, self._rules, world, part.n, part.y, part.backfilled, part.times)
            parts.append(part)
        joined = Trials.joined(parts)
        return joined.characteristics(truth, self.select(joined.n, joined.y), self.target)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        sentences = (
            super().explain(),
            f"Each cohort starts when the DLT window of {self.window:g} is closed for all of the cohort before.",
            "Subjects who arrive meanwhile are backfilled at the highest level below that is open:",
            f"a response was seen there or below, fewer than {self.cap} subjects were treated there,",
            "and neither it nor a level below is eliminated or calls for de-escalation both on its own data and",
            "together with the next level.",
            "Backfilled subjects whose window is closed count towards every decision.",
            "Where a backfilled level calls for a lower dose than the current level does, the data from the highest",
            "such level up to the current one are pooled, and the decision is taken on them: a de-escalation goes to",
            "the highest level up to which the pooled data do not de-escalate, or below that backfilled level.",
        )
        spared = ("One DLT among three subjects at a level stays.",) if self.stay_on_1_of_3 else ()
        return " ".join((*sentences, *spared))

    @cached_property
    def _tables(self) -> tuple[Ints, Bools]:
        table = self.table(self.subjects + self.levels * self.cap)
        return table.moves(), table.eliminated()

    @cached_property
    def _rules(self) -> _Rules:
        moves, eliminated = self._tables
        cells = np.indices(moves.shape).reshape(2, -1, 1)
        unsafe = self._level_one_unsafe(States(cells[0], cells[1], *(cells[0, :, 0],) * 3))
        possible = cells[1, :, 0] <= cells[0, :, 0]
        numbers = (self.levels, self.start, self.cohort, self.subjects, self.stop_at_n or 0, self.cap)
        return _Rules(moves, eliminated, (unsafe & possible).reshape(moves.shape), *numbers)

    def _over(self, told: str, board: Ints, current: int, *, full: bool) -> Recommendation:
        pending = int((board[_TREATED] - board[_DONE]).sum())
        because = f"all {self.subjects} subjects of the escalation are treated" if full else "escalation has converged"
        if pending:
            windows = "1 open DLT window" if pending == 1 else f"{pending} open DLT windows"
            return Recommendation(
                decision=Decision.STAY,
                dose=current,
                mtd=None,
                subjects=0,
                waits_for=pending,
                rule=f"{self.name}.follow-up",
                why=f"{told}: {because}; the MTD waits for {windows}.",
                complete=False,
            )
        mtd = int(self.select(board[None, _DONE], board[None, _DLTS])[0]) or None
        return self._end(CONVERGED if not full else CONVERGED - 1, told, mtd)

    def _board(self, levels: Sequence[LevelStatus], current: int) -> Ints:
        faults = [f"{len(levels)} levels; the design has {self.levels}"] if len(levels) != self.levels else []
        faults += [f"a current level of {current}"] if not 1 <= current <= self.levels else []
        for place, level in enumerate(levels, start=1):
            treated = level.evaluable + level.pending
            if min(level) < 0 or level.dlts > level.evaluable or max(level.backfilled, level.responses) > treated:
                faults.append(f"counts at level {place} that cannot be: {level}")
            if treated > self.subjects + self.cap:
                faults.append(f"{treated} subjects at level {place}; at most {self.subjects + self.cap} can be")
        if faults:
            raise InputError(f"{self.name}: " + "; ".join(faults))
        return np.array(
            [[level.evaluable, level.dlts, level.evaluable + level.pending, *level[3:]] for level in levels],
            dtype=np.int64,
        ).T.copy()

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        return (
            *super()._checks(),
            (f"a window of {self.window}; it must be longer than 0", not self.window > 0),
            (f"a cap of {self.cap}; at least 1 is needed", self.cap < 1),
            ("titration; the paper does not define it with backfill", self.titration),
            ("stay on 1 of 3 needs at least 3 subjects", self.stay_on_1_of_3 and self.subjects < 3),
        )


class _Rules(NamedTuple):
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


class _World(NamedTuple):
    """The truth and the calendar as a compiled loop takes them."""

    p: Floats
    shape: Floats
    q: Floats
    response_shape: Floats
    window: float
    spacing: int
    rate: float
    turned_away: bool


@kernel
def _pooled(rules: _Rules, board: Ints, low: int, high: int) -> int:
    """What the table says of the data from level `low` to `high` (0-based): 1 up, 0 stay, -1 down."""
    done, dlts = 0, 0
    for level in range(low, high + 1):
        done += board[_DONE, level]
        dlts += board[_DLTS, level]
    return int(rules.moves[done, dlts])


@kernel
def _first_eliminated(rules: _Rules, board: Ints) -> int:
    for level in range(rules.levels):
        if board[_ELIMINATED, level] or rules.eliminated[board[_DONE, level], board[_DLTS, level]]:
            return level
    return rules.levels


@kernel
def _eliminate(board: Ints, first: int, levels: int) -> None:
    for level in range(first, levels):
        board[_ELIMINATED, level] = 1


@kernel
def _mark_open(rules: _Rules, board: Ints, current: int, found: Bools) -> int:
    """Mark the levels that are open for backfill; the highest of them, 0 where there is none."""
    found[:] = False
    highest, response = 0, False
    for level in range(min(current - 1, _first_eliminated(rules, board))):
        if _pooled(rules, board, level, level) < 0 and _pooled(rules, board, level, level + 1) < 0:
            break
        response = response or board[_RESPONSES, level] > 0
        if response and board[_TREATED, level] < rules.cap:
            found[level] = True
            highest = level + 1
    return highest


@kernel
def _decide(rules: _Rules, board: Ints, current: int) -> tuple[int, int]:
    """By which rule, and at which level (1-based), the next cohort is treated."""
    highest, here = _first_eliminated(rules, board), current - 1
    if highest == 0 or rules.unsafe[board[_DONE, 0], board[_DLTS, 0]]:
        return _TOXIC, 0
    if current > highest:
        return _LEAVE, highest
    action, move, anchor = _MOVE, _pooled(rules, board, here, here), -1
    for level in range(here):
        if board[_BACKFILLED, level] > 0 and board[_DONE, level] > 0:
            other = _pooled(rules, board, level, level)
            if other < 0 or other < move:
                anchor = level
    ahead = min(max(current + move, 1), highest)
    if anchor >= 0:
        action, move = _POOL, _pooled(rules, board, anchor, here)
        ahead = min(current + move, highest)
        if move < 0:
            ahead = max(anchor, 1)
            for level in range(anchor, here):
                if _pooled(rules, board, anchor, level) >= 0:
                    ahead = level + 1
    if 0 < rules.stop_at_n <= board[_TREATED, here] and ahead == current:
        return _CONVERGED, current
    return action, ahead


@kernel
def _simulate(
    rng: np.random.Generator, rules: _Rules, world: _World, n: Ints, y: Ints, backfilled: Ints, times: Floats
) -> None:
    people = np.zeros((rules.subjects + rules.levels * rules.cap, 6))
    for trial in range(len(n)):
        total = _one_trial(rng, rules, world, people, times[trial])
        for who in range(total):
            level = int(people[who, 0])
            n[trial, level] += 1
            y[trial, level] += int(people[who, 3])
            backfilled[trial, level] += int(people[who, 5])
            times[trial, 0] = max(times[trial, 0], people[who, 2])


@kernel
def _one_trial(rng: np.random.Generator, rules: _Rules, world: _World, people: Floats, times: Floats) -> int:
    """Run a trial; level (0-based), entry, end of the window, DLT, response time and backfill go into `people`."""
    board, found = np.zeros((6, rules.levels), dtype=np.int64), np.zeros(rules.levels, dtype=np.bool_)
    clock, closed, current, missing, total, treated = 0.0, 0.0, rules.start, rules.cohort, 0, 0
    waited = False
    while treated < rules.subjects:
        _look(people[:total], clock, board)
        if missing == 0 and closed > clock:
            times[2] += not waited
            waited, before = True, clock
            level = _mark_open(rules, board, current, found)
            if level > 0:
                _enrol(rng, world, people[total], level - 1, clock, 1.0)
                total += 1
            if level > 0 or world.turned_away:
                times[3] += level == 0
                clock += until_arrival(rng, world.spacing, world.rate)
            else:
                clock = _next_news(people[:total], clock)
            times[1] += clock - before
            continue
        if missing == 0:
            action, level = _decide(rules, board, current)
            if action in (_TOXIC, _CONVERGED):
                times[4] = action == _TOXIC
                break
            _eliminate(board, _first_eliminated(rules, board), rules.levels)
            current, missing, waited = level, rules.cohort, False
        _enrol(rng, world, people[total], current - 1, clock, 0.0)
        closed = max(closed, people[total, 2])
        total, treated, missing = total + 1, treated + 1, missing - 1
        clock += until_arrival(rng, world.spacing, world.rate)
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
    rng: np.random.Generator, world: _World, person: Floats, level: int, clock: float, backfilled: float
) -> None:
    u, v, p, q = rng.random(), rng.random(), world.p[level], world.q[level]
    person[0], person[1], person[3], person[5] = level, clock, u < p, backfilled
    person[2] = clock + (until_event(u, p, world.shape[level], world.window) if u < p else world.window)
    person[4] = clock + until_event(v, q, world.response_shape[level], world.window) if v < q else np.inf


@kernel
def _look(people: Floats, clock: float, board: Ints) -> None:
    """Count what is known at a time; what was eliminated stays so."""
    for kind in range(_ELIMINATED):
        for level in range(board.shape[1]):
            board[kind, level] = 0
    for who in range(len(people)):
        level = int(people[who, 0])
        board[_TREATED, level] += 1
        board[_BACKFILLED, level] += int(people[who, 5])
        board[_RESPONSES, level] += people[who, 4] <= clock
        if people[who, 2] <= clock:
            board[_DONE, level] += 1
            board[_DLTS, level] += int(people[who, 3])
