"""BF-BOIN: BOIN that backfills, at lower levels that are safe and active, those who arrive while escalation waits.

Source: Zhao, Yuan, Korn and Freidlin 2024, Clin Cancer Res 30:673: a level is open for backfill when a response was
seen there or below and it is not too toxic on its own and with the next level; completed backfilled subjects count
towards decisions; where a backfilled level is more toxic than the current one allows, the data from it to the current
level are pooled (their Table 2). Their Tables 1 and 4 are tests in tests/published/test_backfill.py. What the paper
leaves open is said at `BackfillBOIN.timed_rule`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from itertools import takewhile
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

import numpy as np
import polars as pl

from trialwright.design.backfill_outcomes import read_backfill, write_backfill
from trialwright.design.boin import BOIN
from trialwright.design.characteristics import html_table
from trialwright.design.decision_table import Action, DecisionTable
from trialwright.design.design import open_windows, seen_at
from trialwright.design.history import History, TreatedCohort
from trialwright.design.interval import CONVERGED, FULL, TOXIC
from trialwright.design.outcomes import Outcome, Tally
from trialwright.design.recommendation import Decision, Recommendation, not_filled
from trialwright.design.states import Ints, States
from trialwright.errors import InputError


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


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillAnswer:
    """What follows for the escalation, and which levels are open for backfill meanwhile, ascending."""

    recommendation: Recommendation
    open_levels: tuple[int, ...]

    def to_frame(self) -> pl.DataFrame:
        """One row: that of the recommendation, and open_levels."""
        return self.recommendation.to_frame().with_columns(pl.Series("open_levels", [list(self.open_levels)]))

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame().drop('why'))}<p>{escape(str(self))}</p>"

    def __str__(self) -> str:
        at = ", ".join(map(str, self.open_levels))
        backfill = f"Backfill is open at level {at}, the highest first." if at else "No level is open for backfill."
        return f"{self.recommendation} {backfill}"


def recommend_backfill(design: BackfillBOIN, path: str) -> BackfillAnswer:
    """Say what the next subjects receive, and where those who come meanwhile are backfilled.

    Args:
        design: The design.
        path: As `backfill_outcomes.read_backfill` reads it.

    Raises:
        PathError: A word that cannot be read or a level that the design does not have; all of them.
        InputError: More subjects than the design can have.

    Example:
        >>> design = BackfillBOIN(levels=3, target=0.25, window=28)
        >>> found = recommend_backfill(design, "1NN+N 2NPP")
        >>> found.open_levels, found.recommendation.waits_for
        ((1,), 2)
    """
    history = design.parse(path)
    return BackfillAnswer(recommendation=design.next_dose(history), open_levels=design.backfill_levels(history))


@dataclass(frozen=True, kw_only=True)
class BackfillBOIN(BOIN):
    """BOIN whose lower levels are open to those who arrive while the current cohort is observed.

    `subjects` are those of the escalation; backfilled ones come on top. Given a path of outcomes, and in exact
    operating characteristics, it is the escalation without backfill.

    Attributes:
        window: Length of the DLT window, in days as the times followed.
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
    letters: ClassVar[str] = (
        "N no DLT, T with DLT, P pending, after the level; + with a response, b backfilled, x a level eliminated before"
    )

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
        treated = _escalated(levels)
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

    def next_dose(self, history: History) -> Recommendation:
        """Say what follows for the escalation: the next cohort waits for every window of the one before.

        Raises:
            InputError: More subjects than the design can have.
        """
        levels, cohorts = self.status(history), [one for one in history.cohorts if not one.backfilled]
        current = cohorts[-1].dose if cohorts else self.start
        together = [one for cohort in _last_run(cohorts) for one in cohort.subjects]
        begun = len(together) if cohorts and cohorts[-1].subjects else 0
        missing = min(-begun % self.cohort if begun else self.cohort, self.subjects - _escalated(levels))
        pending = sum(subject.outcome is Outcome.PENDING for subject in together)
        answer = self.decide(levels, current)
        if answer.final or answer.rule.endswith("eliminate"):
            return answer
        told = seen_at(current, Tally(*levels[current - 1][:3]))
        if missing > 0:
            fill = self._fill_cohort(told, current, missing)
            if begun or len(cohorts) < 2:
                return fill
            others = tuple(one for one in history.cohorts if one is not cohorts[-1])
            return not_filled(fill, self.next_dose(replace(history, cohorts=others)), current)
        if pending:
            why = f"{told}: the next cohort waits for {open_windows(pending)} of this one."
            return self._answer(Decision.STAY, "wait", why, dose=current, waits_for=pending, complete=False)
        return answer

    def backfill_levels(self, history: History) -> tuple[int, ...]:
        """The levels that take subjects meanwhile, ascending; none once escalation is over or all of it are treated."""
        levels, cohorts = self.status(history), [one for one in history.cohorts if not one.backfilled]
        if not cohorts or _escalated(levels) >= self.subjects or self.decide(levels, cohorts[-1].dose).final:
            return ()
        return self.open_for_backfill(levels, cohorts[-1].dose)

    def takes_backfilled(self, history: History, level: int) -> bool:
        """Whether somebody who was enrolled below the current level may still be treated there."""
        cohorts = [one for one in history.cohorts if not one.backfilled]
        if not cohorts or level >= cohorts[-1].dose:
            return False
        kernels, found = _kernels(), np.zeros(self.levels, dtype=np.bool_)
        board = self._board(self.status(history), cohorts[-1].dose)
        board[kernels.TREATED] = 0
        kernels.mark_open(self._rules, board, cohorts[-1].dose, found)
        return bool(found[level - 1])

    def eliminated(self, history: History) -> int | None:
        """The lowest level that a history eliminates for good."""
        return next((at for at, one in enumerate(self.status(history), start=1) if one.eliminated), None)

    def status(self, history: History) -> tuple[LevelStatus, ...]:
        """What is known of each level; one that was eliminated on the way stays so, with those above."""
        levels = [LevelStatus() for _ in range(self.levels)]
        lowest = history.eliminated or self.levels + 1
        for cohort in history.cohorts:
            before, found = levels[cohort.dose - 1], [one.outcome for one in cohort.subjects]
            here = before._replace(
                evaluable=before.evaluable + len(found) - found.count(Outcome.PENDING),
                dlts=before.dlts + found.count(Outcome.DLT),
                pending=before.pending + found.count(Outcome.PENDING),
                backfilled=before.backfilled + cohort.backfilled * len(found),
                responses=before.responses + sum(bool(one.response) for one in cohort.subjects),
            )
            levels[cohort.dose - 1] = here
            if here.evaluable and self.table(here.evaluable).action(here.evaluable, here.dlts) == "DU":
                lowest = min(lowest, cohort.dose)
        return tuple(one._replace(eliminated=level >= lowest) for level, one in enumerate(levels, start=1))

    def parse(self, path: str) -> History:
        """Read a history written as `1NN+N 2NPP b1N`: see `backfill_outcomes`."""
        return read_backfill(path, self.levels)

    def write(self, history: History) -> str:
        """Write a history as `1NN+N 2NPP b1N`."""
        return write_backfill(history)

    @property
    def planned(self) -> tuple[int, int]:
        """From the subjects of the escalation to as many more as the lower levels take."""
        return self.subjects, self.subjects + (self.levels - 1) * self.cap

    @property
    def most_at_level(self) -> int:
        """The most subjects of the escalation at one level."""
        return self.subjects

    def room(self, history: History, level: int) -> int:  # noqa: ARG002 - no level is limited for the escalation
        """How many more subjects the escalation may treat at a level when the decision is to stay there."""
        return min(self.cohort, self.subjects - _escalated(self.status(history)))

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD that the data of each trial select; 0 for none.

        Args:
            n: Evaluable subjects, backfilled ones among them, shape (trials, levels).
            y: Those of them with a DLT, the same shape.
        """
        return super(BackfillBOIN, replace(self, subjects=self.capacity)).select(n, y)

    def timed_rule(self) -> Any:
        """The rule as a trial in calendar time takes it.

        Each cohort starts when every window of the one before is closed. Whoever comes meanwhile is backfilled at the
        highest open level, or finds no slot. Backfill ends with the escalation, and everybody is followed to the end
        of the window. The paper does not say when responses come nor how they go with DLTs: here they come within the
        DLT window, as late in it as DLTs, and independently of them.
        """
        return self._rules

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        sentences = (
            super().explain(),
            f"Each cohort starts when the DLT window of {self.window:g} days is closed for all of the cohort before.",
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
    def capacity(self) -> int:
        """The most subjects whose data can be pooled."""
        return self.subjects + self.levels * self.cap

    @cached_property
    def _rules(self) -> Any:
        table = self.table(self.capacity)
        moves = table.moves()
        cells = np.indices(moves.shape).reshape(2, -1, 1)
        possible = cells[1, :, 0] <= cells[0, :, 0]
        states = States(cells[0], np.minimum(*cells), *(cells[0, :, 0],) * 3)
        unsafe = (self._level_one_unsafe(states) & possible).reshape(moves.shape)
        numbers = (self.levels, self.start, self.cohort, self.subjects, self.stop_at_n or 0, self.cap)
        return _kernels().BackfillRules(moves, table.eliminated(), unsafe, *self.selects_by, *numbers)

    def _over(self, told: str, levels: Sequence[LevelStatus], current: int, rule: int) -> Recommendation:
        pending = sum(level.pending for level in levels)
        if not pending:
            n, y = (np.array([[getattr(level, name) for level in levels]]) for name in ("evaluable", "dlts"))
            return self._end(rule, told, int(self.select(n, y)[0]) or None)
        why = f"{told}: escalation is over; the MTD waits for {open_windows(pending)}."
        return self._answer(Decision.STAY, "follow-up", why, dose=current, waits_for=pending, complete=False)

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


def _escalated(levels: Sequence[LevelStatus]) -> int:
    """Subjects of the escalation, those who were not backfilled."""
    return sum(level.evaluable + level.pending - level.backfilled for level in levels)


def _last_run(cohorts: Sequence[TreatedCohort]) -> Iterator[TreatedCohort]:
    """The last cohorts at one level, the newest first."""
    return takewhile(lambda cohort: cohort.dose == cohorts[-1].dose, reversed(cohorts))


def _kernels() -> ModuleType:
    from trialwright.design import backfill_kernels  # noqa: PLC0415 - numba takes a second to import

    return backfill_kernels
