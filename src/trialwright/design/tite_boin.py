"""TITE-BOIN: BOIN that decides while DLT windows are open, from how long the pending subjects have been followed.

Source: Yuan, Lin, Li, Nie and Warren 2018, Clin Cancer Res 24:4921, with its supplementary appendix A: a pending
subject is imputed by the expected outcome under a uniform time to DLT, p (1 - followed) / (1 - p), with p the posterior
mean from a beta(target / 2, 1 - target / 2) prior; accrual is suspended when more than half of the subjects at the
level are pending. Their Table 1 and Table S1 are tests in tests/published/test_tite_boin.py; so are the tables of Chen
et al. 2025, Clin Cancer Res 31:2573, who also ask for a least follow-up before escalation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Literal, NamedTuple

import numpy as np
import polars as pl

from trialwright.design.boin import BOIN
from trialwright.design.characteristics import html_table
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import seen_at
from trialwright.design.follow_up import FollowUp
from trialwright.design.interval import CONVERGED, FULL, TOXIC
from trialwright.design.late_onset import LateOnset
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Bools, Floats, Ints, States
from trialwright.errors import InputError, PathError

LateDecision = Literal["E", "S", "D", "DE", "SUS", "ES", "SD"]
_CODES: tuple[LateDecision, ...] = ("E", "S", "D", "DE", "SUS", "ES", "SD")
_E, _S, _D, _DE, SUSPEND, _ES, _SD = range(7)
_WORDS = ("escalate", "stay", "de-escalate", "eliminate")
STOP_TOXIC, STOP_CONVERGED = 7, 8
_ROUNDING = 1e-9


class LateRow(NamedTuple):
    """What one state of the current level says.

    Attributes:
        n: Subjects treated at the level.
        dlts: Those of them with a DLT.
        pending: Those of them whose window is open.
        decision: E escalate, S stay, D de-escalate, DE de-escalate and eliminate, SUS suspend accrual; ES escalate from
            a follow-up on and stay below it; SD de-escalate up to a follow-up and stay above it.
        escalate_from: The standardised total follow-up time from which ES escalates.
        deescalate_to: The standardised total follow-up time up to which SD de-escalates.
    """

    n: int
    dlts: int
    pending: int
    decision: LateDecision
    escalate_from: float | None = None
    deescalate_to: float | None = None


@dataclass(frozen=True, slots=True)
class LateDecisionTable:
    """Decisions by subjects, DLTs and pending subjects at the current level.

    The standardised total follow-up time (STFT) is the sum of what the pending subjects were followed, over the length
    of the window.

    Example:
        >>> table = TITEBOIN(levels=5, target=0.2, window=3).late_table
        >>> row = table.row(9, 1, 4)
        >>> row.decision, round(row.escalate_from, 2)
        ('ES', 2.15)
    """

    rows: tuple[LateRow, ...]

    def row(self, n: int, dlts: int, pending: int) -> LateRow:
        """The row of one state.

        Raises:
            InputError: The table has no such row.
        """
        for row in self.rows:
            if row[:3] == (n, dlts, pending):
                return row
        raise InputError(f"no row for {dlts} DLTs and {pending} pending among {n} subjects; cohorts are whole")

    def to_frame(self) -> pl.DataFrame:
        """A row for each state: subjects, dlts, pending, decision, escalate_from, deescalate_to."""
        return pl.DataFrame(
            self.rows,
            schema=["subjects", "dlts", "pending", "decision", "escalate_from", "deescalate_to"],
            orient="row",
            infer_schema_length=None,
        )

    def _repr_html_(self) -> str:
        return html_table(self.to_frame())

    def __str__(self) -> str:
        lines = ["subjects  DLTs  pending  decision"]
        for row in self.rows:
            limit = f" from STFT {row.escalate_from:.2f}" if row.escalate_from is not None else ""
            limit += f" to STFT {row.deescalate_to:.2f}" if row.deescalate_to is not None else ""
            lines.append(f"{row.n:>8}{row.dlts:>6}{row.pending:>9}  {row.decision}{limit}")
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class TITEBOIN(LateOnset, BOIN):
    """BOIN for late-onset DLTs or fast accrual.

    Given a path of outcomes it answers as BOIN does, with open windows counted both ways; given follow-ups it answers
    by the time-to-event rule.

    Attributes:
        window: Length of the DLT window, in days as the times followed.
        most_pending: Accrual is suspended when more than this share of the subjects at the level is pending.
        least_followed: Share of the window that every pending subject at the level must have completed before
            escalation; 0 for none.

    Example:
        >>> design = TITEBOIN(levels=5, target=0.3, window=3)
        >>> closed = [FollowUp(1, 3.0, False), FollowUp(1, 3.0, False)]
        >>> print(design.recommend([*closed, FollowUp(1, 0.5, False)]))  # doctest: +NORMALIZE_WHITESPACE
        No DLT in 2 evaluable subjects and 1 pending at level 1, followed for 0.17 windows in all: the table for 3 says
        escalate; treat 3 subjects at level 2.
    """

    name: ClassVar[str] = "TITE-BOIN"
    responds: ClassVar[bool] = False

    window: float
    most_pending: float = 0.5
    least_followed: float = 0.0

    @cached_property
    def late_table(self) -> LateDecisionTable:
        """The decisions after whole cohorts, up to all subjects at one level."""
        sizes = range(self.cohort, self.subjects + 1, self.cohort)
        return LateDecisionTable(tuple(self.row(*state) for n in sizes for state in _states(n)))

    def row(self, n: int, dlts: int, pending: int) -> LateRow:
        """The decision at a level with `n` subjects treated, `dlts` DLTs among them and `pending` still in the window.

        Raises:
            InputError: Counts that cannot be.

        Example:
            >>> TITEBOIN(levels=5, target=0.3, window=3).row(6, 3, 3).decision
            'D'
        """
        if not (1 <= n <= self.subjects and dlts >= 0 and pending >= 0 and dlts + pending <= n):
            raise InputError(f"{dlts} DLTs and {pending} pending among {n} subjects; of 1 to {self.subjects} at most")
        action = self._table.action(n, dlts)
        if action == "DU" or not pending:
            return LateRow(n, dlts, pending, "DE" if action == "DU" else action)
        up, down = self.boundaries
        p = (dlts + self.target / 2) / (n - pending + 1)
        below = dlts < _exactly(self.target) * n
        limit = pending - (1 - p) / p * (n * (up if below else down) - dlts)
        if not below and limit >= pending:
            return LateRow(n, dlts, pending, "D")
        if pending > _exactly(self.most_pending) * n:
            return LateRow(n, dlts, pending, "SUS")
        if below and limit <= 0:
            return LateRow(n, dlts, pending, "E")
        if not 0 < limit < pending:
            return LateRow(n, dlts, pending, "S")
        return LateRow(n, dlts, pending, "ES", limit) if below else LateRow(n, dlts, pending, "SD", None, limit)

    def timed_rule(self) -> LateRules:
        """The rule as a trial in calendar time takes it; a cohort's level is decided when its first subject comes.

        The others of the cohort receive it too. Accrual that is suspended has no slot.
        """
        from trialwright.design import tite_boin_kernels  # noqa: F401, PLC0415 - it answers for the rule in the loop

        return self._rules

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        share, least = f"{self.most_pending:.0%}", f"{self.least_followed:.0%}"
        sentences = (
            super().explain(),
            f"Subjects need not have completed the DLT window of {self.window:g} days for a decision:",
            "a pending subject counts with the DLT probability that is left after the time followed,",
            "under a uniform time to DLT; the level escalates only while the observed DLT rate is below the target,",
            "and de-escalates only from the target on.",
            f"Accrual is suspended while more than {share} of the subjects at the current level are pending,",
            "unless the level de-escalates whatever they bring.",
        )
        if not self.least_followed:
            return " ".join(sentences)
        wait = f"Escalation also waits until every pending subject at the level completed {least} of the window."
        return " ".join((*sentences, wait))

    @cached_property
    def _table(self) -> DecisionTable:
        return self.table(self.subjects)

    @cached_property
    def _rules(self) -> LateRules:
        size = self.subjects + 1
        codes = np.full((size, size, size), _S, dtype=np.int64)
        limits = np.zeros((size, size, size))
        for n in range(1, size):
            for state in _states(n):
                row = self.row(*state)
                codes[state] = _CODES.index(row.decision)
                limits[state] = row.escalate_from or row.deescalate_to or 0.0
        cells = np.indices((size, size)).reshape(2, -1, 1)
        states = States(cells[0], cells[1], *(cells[0, :, 0],) * 3)
        possible = cells[1, :, 0] <= cells[0, :, 0]
        unsafe = (self._level_one_unsafe(states) & possible).reshape(size, size)
        numbers = (self.levels, self.start, self.cohort, self.subjects, self.stop_at_n or 0, float(self.window))
        target, ceiling = self.selects_by
        eliminated = self._table.eliminated()
        return LateRules(codes, limits, eliminated, unsafe, self.least_followed, target, ceiling, *numbers)

    def weigh(self, subjects: Sequence[FollowUp], missing: int) -> Recommendation:
        """Answer when so many subjects of the last cohort are not treated yet."""
        if len(subjects) > self.subjects:
            return replace(self, subjects=len(subjects)).weigh(subjects, 0)
        counts, follow = self._counts(subjects)
        current = subjects[-1].dose
        told = seen_at(current, self._tallies(subjects)[current - 1])
        action, level = decide(self._rules, counts, follow, current)
        if missing and action not in {STOP_TOXIC, _DE}:
            return self._fill_cohort(told, current, missing)
        if action == STOP_TOXIC:
            return self._end(TOXIC, told, None)
        if action == STOP_CONVERGED or len(subjects) == self.subjects:
            return self._over(FULL if len(subjects) == self.subjects else CONVERGED, told, counts, current)
        if action == SUSPEND:
            why = f"{told}: accrual is suspended until more of the open windows are closed or further followed."
            pending = int(counts[2, current - 1])
            return self._answer(Decision.STAY, "suspend", why, dose=current, waits_for=pending, complete=False)
        return self._treat(action, level, current, told, follow[0, current - 1], counts)

    def _treat(self, action: int, level: int, current: int, told: str, followed: float, counts: Ints) -> Recommendation:
        n, size = counts[0, current - 1], min(self.cohort, self.subjects - int(counts[0].sum()))
        decision = Decision.ESCALATE if level > current else Decision.DE_ESCALATE if level < current else Decision.STAY
        if counts[2, current - 1]:
            told += f", followed for {followed:.2f} windows in all"
        because = f"the table for {n} says {_WORDS[action]}"
        if action in {_E, _D} and level == current:
            because += f", and there is no admissible level {'above' if action == _E else 'below'}"
        words = f"treat {size} {'subject' if size == 1 else 'subjects'} at level {level}"
        rule = "eliminate" if action == _DE else "blocked" if action == _E and level == current else decision.value
        return self._answer(decision, rule, f"{told}: {because}; {words}.", dose=level, subjects=size)

    def _over(self, rule: int, told: str, counts: Ints, current: int) -> Recommendation:
        pending = int(counts[2].sum())
        if pending:
            return self._await(f"{told}: accrual is over", pending, current)
        return self._end(rule, told, int(self.select(counts[None, 0], counts[None, 1])[0]) or None)

    def _counts(self, subjects: Sequence[FollowUp]) -> tuple[Ints, Floats]:
        """Subjects, DLTs and pending ones at each level; their total and their shortest share of the window."""
        counts = np.zeros((3, self.levels), dtype=np.int64)
        follow = np.zeros((2, self.levels))
        follow[1] = np.inf
        for dose, followed, dlt in ((subject.dose, subject.followed, subject.dlt) for subject in subjects):
            pending = not dlt and followed < self.window
            counts[:, dose - 1] += (1, dlt, pending)
            if pending:
                follow[0, dose - 1] += followed / self.window
                follow[1, dose - 1] = min(follow[1, dose - 1], followed / self.window)
        return counts, follow

    def _check(self, subjects: Sequence[FollowUp]) -> None:
        for place, subject in enumerate(subjects, start=1):
            if not 1 <= subject.dose <= self.levels:
                raise PathError(f"subject {place} is at dose level {subject.dose}; the design has {self.levels} levels")
            if not subject.followed >= 0:
                raise InputError(f"subject {place} was followed for {subject.followed}; it must be 0 or more")

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        return (
            *super()._checks(),
            (f"a window of {self.window}; it must be longer than 0", not self.window > 0),
            (f"a share of {self.most_pending} pending; it must lie from 0 to 1", not 0 <= self.most_pending <= 1),
            (f"a least follow-up of {self.least_followed}; it must lie from 0 to 1", not 0 <= self.least_followed <= 1),
            ("titration; the time-to-event rule does not define it", self.titration),
        )


class LateRules(NamedTuple):
    """The rule as a compiled loop takes it; tables by subjects, DLTs and pending subjects at a level."""

    codes: Ints
    limits: Floats
    eliminated: Bools
    unsafe: Bools
    least_followed: float
    target: float
    ceiling: float
    levels: int
    start: int
    cohort: int
    subjects: int
    stop_at_n: int
    window: float


def _states(n: int) -> Iterator[tuple[int, int, int]]:
    return ((n, dlts, pending) for dlts in range(n + 1) for pending in range(n - dlts + 1))


def _exactly(number: float) -> Fraction:
    return Fraction(str(number))


def decide(rules: LateRules, counts: Ints, follow: Floats, current: int) -> tuple[int, int]:
    """The action at the current level and the level that follows (1-based).

    Args:
        rules: The design.
        counts: Subjects, DLTs and pending subjects, shape (3, levels).
        follow: Total and shortest share of the window that the pending subjects were followed, shape (2, levels).
        current: The level treated last.
    """
    highest = rules.levels
    for level in range(rules.levels):
        if rules.eliminated[counts[0, level], counts[1, level]]:
            highest = level
            break
    if highest == 0 or rules.unsafe[counts[0, 0], counts[1, 0]]:
        return STOP_TOXIC, 0
    if current > highest:
        return _DE, highest
    n, y, pending = counts[0, current - 1], counts[1, current - 1], counts[2, current - 1]
    code, limit, followed = rules.codes[n, y, pending], rules.limits[n, y, pending], follow[0, current - 1]
    if code == _ES:
        code = _E if followed >= limit - _ROUNDING else _S
    elif code == _SD:
        code = _D if followed <= limit + _ROUNDING else _S
    if code == _E and pending > 0 and follow[1, current - 1] < rules.least_followed - _ROUNDING:
        code = SUSPEND
    ahead = current
    if code == _E and current < highest:
        ahead = current + 1
    elif code == _D and current > 1:
        ahead = current - 1
    if code != SUSPEND and 0 < rules.stop_at_n <= n and ahead == current:
        return STOP_CONVERGED, current
    return code, ahead
