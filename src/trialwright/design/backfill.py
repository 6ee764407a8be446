"""BF-BOIN: BOIN that backfills, at lower levels that are safe and active, those who arrive while escalation waits.

Source: Zhao, Yuan, Korn and Freidlin 2024, Clin Cancer Res 30:673: a level is open for backfill when a response was
seen there or below and it is not too toxic on its own and with the next level; completed backfilled subjects count
towards decisions; where a backfilled level is more toxic than the current one allows, the data from it to the current
level are pooled (their Table 2). Their Tables 1 and 4 are tests in tests/published/test_backfill.py. What the paper
leaves open is said at `BackfillBOIN.run_trials`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from trialwright.design.boin import BOIN
from trialwright.design.decision_table import Action, DecisionTable
from trialwright.design.design import seen_at
from trialwright.design.follow_up import World
from trialwright.design.interval import CONVERGED, FULL, TOXIC
from trialwright.design.outcomes import Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Ints, States
from trialwright.errors import InputError

if TYPE_CHECKING:
    from trialwright.design.calendar_kernels import Record


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
    responds: ClassVar[bool] = True

    window: float
    cap: int = 12
    stay_on_1_of_3: bool = False

    def table(self, largest: int) -> DecisionTable:
        """The decision table for 1 to `largest` subjects at a level."""
        plain = super().table(largest)
        if not self.stay_on_1_of_3:
            return plain

        def action(n: int, y: int) -> Action:
            found = plain.action(n, y)
            return "S" if (n, y, found) == (3, 1, "D") else found

        return DecisionTable.of(largest, action)

    def open_for_backfill(self, levels: Sequence[LevelStatus], current: int) -> tuple[int, ...]:
        """The levels below the current one that are open, ascending; the next subject goes to the highest.

        Args:
            levels: What is known of each level.
            current: The level of the current cohort.

        Raises:
            InputError: All that is wrong with the counts.
        """
        kernels = _kernels()
        found = np.zeros(self.levels, dtype=np.bool_)
        kernels.mark_open(self._rules, self._board(levels, current), current, found)
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
        kernels = _kernels()
        board = self._board(levels, current)
        action, dose = kernels.decide(self._rules, board, current)
        status = levels[current - 1]
        told = seen_at(current, Tally(status.evaluable, status.dlts, status.pending))
        treated = sum(level.evaluable + level.pending - level.backfilled for level in levels)
        if action == kernels.STOP_TOXIC:
            return self._end(TOXIC, told, None)
        if action == kernels.STOP_CONVERGED or treated >= self.subjects:
            return self._over(told, levels, current, FULL if treated >= self.subjects else CONVERGED)
        size = min(self.cohort, self.subjects - treated)
        decision = Decision.ESCALATE if dose > current else Decision.DE_ESCALATE if dose < current else Decision.STAY
        because, rule = {
            kernels.MOVE: ("the table of this level decides;", decision.value),
            kernels.LEAVE: ("this level is eliminated;", "eliminate"),
            kernels.POOL: ("backfilled data at a lower level conflict with this level; by the pooled data", "pool"),
        }[action]
        why = f"{told}: {because} treat {size} {'subject' if size == 1 else 'subjects'} at level {dose}."
        return self._answer(decision, rule, why, dose=dose, subjects=size)

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD that the data of each trial select; 0 for none.

        Args:
            n: Evaluable subjects, backfilled ones among them, shape (trials, levels).
            y: Those of them with a DLT, the same shape.
        """
        return super(BackfillBOIN, replace(self, subjects=self._most)).select(n, y)

    def run_trials(self, stream: np.random.Generator, world: World, record: Record) -> None:
        """Simulate as many trials in calendar time as the record has room for; `simulate_calendar` asks for it.

        Each cohort starts when every window of the one before is closed. Whoever comes meanwhile is backfilled at the
        highest open level, or finds no slot. Backfill ends with the escalation, and everybody is followed to the end
        of the window. The paper does not say when responses come nor how they go with DLTs: here they come within the
        DLT window, as late in it as DLTs, and independently of them.
        """
        _kernels().simulate(stream, self._rules, world.setting, world.dlts, world.responses, record)
        record.selected[:] *= self.select(record.n, record.y)

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

    @property
    def _most(self) -> int:
        """The most subjects whose data can be pooled."""
        return self.subjects + self.levels * self.cap

    @cached_property
    def _rules(self) -> Any:
        table = self.table(self._most)
        moves = table.moves()
        cells = np.indices(moves.shape).reshape(2, -1, 1)
        possible = cells[1, :, 0] <= cells[0, :, 0]
        states = States(cells[0], np.minimum(*cells), *(cells[0, :, 0],) * 3)
        unsafe = (self._level_one_unsafe(states) & possible).reshape(moves.shape)
        numbers = (self.levels, self.start, self.cohort, self.subjects, self.stop_at_n or 0, self.cap)
        return _kernels().BackfillRules(moves, table.eliminated(), unsafe, *numbers)

    def _over(self, told: str, levels: Sequence[LevelStatus], current: int, rule: int) -> Recommendation:
        pending = sum(level.pending for level in levels)
        if not pending:
            n, y = (np.array([[getattr(level, name) for level in levels]]) for name in ("evaluable", "dlts"))
            return self._end(rule, told, int(self.select(n, y)[0]) or None)
        windows = "1 open DLT window" if pending == 1 else f"{pending} open DLT windows"
        why = f"{told}: escalation is over; the MTD waits for {windows}."
        answer = self._answer(Decision.STAY, "follow-up", why, dose=current, complete=False)
        return replace(answer, waits_for=pending)

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


def _kernels() -> ModuleType:
    from trialwright.design import backfill_kernels  # noqa: PLC0415 - numba takes a second to import

    return backfill_kernels
