"""What the interval designs share: a decision table for the current level, elimination, and isotonic selection.

BOIN, mTPI, mTPI-2, Keyboard, i3+3 and a user's own table differ in the table alone; the walk over the levels, the
stopping rules and the selection of the MTD are these.

Source: Liu and Yuan 2015, Appl Statist 64:507 (conduct, elimination, selection); Yan et al. 2020, J Stat Softw 94(13)
(early stopping, extra safety, titration, bound on the MTD).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import comb
from typing import NamedTuple

import numpy as np
from scipy.special import betaincc

from trialwright.design import isotonic
from trialwright.design.decision_table import Action, DecisionTable
from trialwright.design.design import Design, lacking, seen_at
from trialwright.design.mtd_selection import MTDSelection, mtd_selection
from trialwright.design.outcomes import Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Bools, Ints, States, Steps, first_true
from trialwright.errors import InputError

TITRATE, ESCALATE, STAY, DE_ESCALATE, BLOCKED, TOXIC, FULL, CONVERGED = range(8)
"""The rules, as `Steps.rule` has them."""

_RULES = ("titrate", "escalate", "stay", "de-escalate", "blocked", "toxic", "size", "converged")

_CHUNK = 20_000
"""Trials whose MTD is selected at once: their estimates stay within a processor's cache."""

_FEWEST_TO_STOP = 3
"""Subjects at level 1 from which extra safety can stop the trial (Yan et al. 2020, section 2)."""


class _Compiled(NamedTuple):
    """The rule as arrays at `[n, y]`: how to move, whether the level is eliminated, whether level 1 is unsafe."""

    moves: Ints
    eliminated: Bools
    unsafe: Bools


@dataclass(frozen=True, kw_only=True)
class IntervalDesign(Design):
    """A dose-finding design whose next dose follows from the counts of the current level alone.

    Attributes:
        levels: Number of dose levels.
        target: Target DLT rate.
        cohort: Subjects who are treated together before the rule is asked.
        subjects: The most subjects that the trial treats.
        start: Level of the first cohort.
        stop_at_n: Subjects at a level from which the trial ends if the rule would treat more there; None for never.
        cutoff: A level is eliminated when its DLT rate exceeds the target with more than this posterior probability
            (uniform prior); 1 for never.
        eliminate_from: Subjects at a level from which it can be eliminated.
        extra_safe: How much lower the cutoff is at level 1, to stop a trial whose lowest dose is toxic; 0 for not.
        titration: Whether single subjects are treated, level after level, until the first DLT or the top.
        bound_mtd: Whether a level with an isotonic rate at or above `highest_mtd_rate` is never selected.
    """

    levels: int
    target: float
    cohort: int = 3
    subjects: int = 30
    start: int = 1
    stop_at_n: int | None = None
    cutoff: float = 0.95
    eliminate_from: int = 3
    extra_safe: float = 0.0
    titration: bool = False
    bound_mtd: bool = False

    def __post_init__(self) -> None:
        faults = [text for text, wrong in self._checks() if wrong]
        if faults:
            raise InputError(f"{self.name}: " + "; ".join(faults))

    @property
    def planned(self) -> tuple[int, int]:
        """The trial's size."""
        return self.subjects, self.subjects

    @abstractmethod
    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say, elimination apart."""

    def table(self, largest: int) -> DecisionTable:
        """The decision table for 1 to `largest` subjects at a level."""
        limits = self._overdosing(largest, exact(self.cutoff))

        def action(n: int, y: int) -> Action:
            return "DU" if n >= self.eliminate_from and y >= limits[n] else self.action(n, y)

        return DecisionTable.of(largest, action)

    def stop_if_at_least(self, n: int) -> int | None:
        """The fewest DLTs among `n` subjects at level 1 that stop the trial for extra safety; None where none does.

        Example:
            >>> from trialwright.design import BOIN
            >>> BOIN(levels=5, target=0.3, extra_safe=0.1).stop_if_at_least(3)
            2
        """
        if not self.extra_safe or n < _FEWEST_TO_STOP:
            return None
        limit = self._overdosing(n, exact(self.cutoff) - exact(self.extra_safe))[n]
        return limit if limit <= n else None

    def decision_table(self) -> DecisionTable:
        """The rule by subjects and DLTs at the current level, up to the trial's size."""
        return self.table(self.subjects)

    @property
    def highest_mtd_rate(self) -> float | None:
        """The isotonic rate from which a level is not selected, where `bound_mtd` asks for one."""
        return None

    def first(self) -> tuple[int, int]:
        """The level and the size of the first cohort."""
        return self.start, 1 if self.titration else min(self.cohort, self.subjects)

    def step(self, states: States) -> Steps:
        """Answer many states at once, each just after a whole cohort."""
        moves, eliminated, _ = self._compiled_for(states.n)
        n, y, dose, total = states.here(states.n), states.here(states.y), states.dose.astype(np.int64), states.total
        highest = first_true(_looked_up(eliminated, states.n, states.y))
        toxic = (highest == 0) | self._level_one_unsafe(states)
        move = _looked_up(moves, n, y)
        ahead = np.clip(dose + move, 1, np.maximum(highest, 1))
        rule = np.select([ahead > dose, ahead < dose, move == 1], [ESCALATE, DE_ESCALATE, BLOCKED], STAY)
        size = np.minimum(self.cohort, self.subjects - total)
        if self.titration:
            singles = (total == dose - self.start + 1) & (states.n.max(axis=1) == 1)
            alone = singles & (states.y.sum(axis=1) == y) & (dose <= highest)
            climbs = alone & (y == 0) & (dose < highest)
            ahead = np.where(alone, dose + climbs, ahead)
            rule = np.where(alone, TITRATE, rule)
            size = np.where(alone, np.where(climbs, 1, np.minimum(self.cohort - 1, self.subjects - total)), size)
        if self.stop_at_n is not None:
            rule = np.where((n >= self.stop_at_n) & (ahead == dose), CONVERGED, rule)
        rule = np.where(toxic, TOXIC, np.where(total >= self.subjects, FULL, rule))
        ends = rule >= TOXIC
        chosen = np.zeros(len(dose), dtype=np.int64)
        safe = np.flatnonzero(ends & ~toxic)
        if len(safe):
            chosen[safe] = self._select(States(*(column.take(safe, axis=0) for column in states)), highest[safe])
        return Steps(
            dose=np.where(ends, 0, ahead),
            subjects=np.where(ends, 0, size),
            selected=chosen,
            topped=np.zeros(len(dose), dtype=np.bool_),
            rule=rule,
        )

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD that the data of each trial select; 0 for none.

        Args:
            n: Evaluable subjects, shape (trials, levels).
            y: Subjects with a DLT, the same shape.

        Example:
            >>> from trialwright.design import BOIN
            >>> BOIN(levels=5, target=0.3).select(np.array([[3, 3, 15, 9, 0]]), np.array([[0, 0, 4, 4, 0]])).tolist()
            [3]
        """
        counts = States(np.asarray(n), np.asarray(y), *(np.ones(len(n), dtype=np.int64),) * 3)
        highest = first_true(_looked_up(self._compiled_for(counts.n).eliminated, counts.n, counts.y))
        safe = (highest > 0) & ~self._level_one_unsafe(counts)
        return np.where(safe, self._select(counts, highest), 0)

    def select_mtd(self, n: Sequence[int], y: Sequence[int]) -> MTDSelection:
        """The MTD that the data of one trial select, with the estimates that it was selected by.

        Args:
            n: Evaluable subjects at each level.
            y: Those of them with a DLT.

        Raises:
            InputError: Not one count for each level, or more DLTs than subjects.

        Example:
            >>> from trialwright.design import BOIN
            >>> selection = BOIN(levels=5, target=0.3).select_mtd([3, 3, 15, 9, 0], [0, 0, 4, 4, 0])
            >>> selection.mtd, [round(rate, 2) for rate in selection.rate[:4]]
            (3, [0.02, 0.02, 0.27, 0.45])
        """
        faults = [f"{len(counts)} counts of {what}" for what, counts in (("subjects", n), ("DLTs", y))]
        faults = [fault for fault, counts in zip(faults, (n, y), strict=True) if len(counts) != self.levels]
        faults += [
            f"{dlts} DLTs among {subjects} subjects at level {level}"
            for level, (subjects, dlts) in enumerate(zip(n, y, strict=False), start=1)
            if not 0 <= dlts <= subjects
        ]
        if faults:
            raise InputError(f"no MTD can be selected for {self.levels} levels: " + "; ".join(faults))
        mtd = int(self.select(np.array([n]), np.array([y]))[0])
        return mtd_selection(n, y, target=self.target, mtd=mtd or None)

    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows when every window is closed."""
        seen = seen or tallies
        told = seen_at(current, seen[current - 1])
        states = States.one(tallies, current, last or Tally())
        wanted = self._missing(tallies, current, last)
        if wanted and self._may_treat(states):
            return self._fill_cohort(told, current, wanted)
        steps = self.step(states)
        dose, subjects, rule = int(steps.dose[0]), int(steps.subjects[0]), int(steps.rule[0])
        if rule >= TOXIC:
            return self._end(rule, told, int(steps.selected[0]) or None)
        words = f"treat {subjects} {'subject' if subjects == 1 else 'subjects'} at level {dose}."
        return self._answer(
            Decision.ESCALATE if dose > current else Decision.DE_ESCALATE if dose < current else Decision.STAY,
            _RULES[rule],
            f"{told}: {self._reason(rule, states)}; {words}",
            dose=dose,
            subjects=subjects,
        )

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        sentences = [
            self._opening(),
            f"Cohorts of {self.cohort} are treated, beginning at level {self.start}, {self.subjects} subjects at most.",
            "After each cohort the next dose follows from the number of DLTs among all subjects at the current level:",
            "one level up, the same level, or one level down; no level is skipped.",
            self._elimination(),
        ]
        if self.titration:
            sentences.append("Until the first DLT, single subjects are treated at one level after the other.")
        if self.extra_safe:
            sentences.append(
                f"From {_FEWEST_TO_STOP} subjects at level 1 on, the trial also stops when that probability is above "
                f"{float(exact(self.cutoff) - exact(self.extra_safe)):g} at level 1."
            )
        if self.stop_at_n is not None:
            sentences.append(
                f"The trial ends early when {self.stop_at_n} subjects were treated at a level and the rule would treat "
                "more there."
            )
        sentences.append(
            "At the end the MTD is the level whose isotonic estimate of the DLT rate is closest to the target."
        )
        if self.bound_mtd and self.highest_mtd_rate is not None:
            sentences.append(f"A level with an estimate of {self.highest_mtd_rate:.3f} or more is not selected.")
        return " ".join(sentences)

    def _opening(self) -> str:
        return f"Dose escalation follows the {self.name} design over {self.levels} dose levels, {self._aim()}."

    def _aim(self) -> str:
        return f"with a target DLT rate of {self.target:g}"

    def _elimination(self) -> str:
        if self.cutoff == 1:
            return "No level is eliminated."
        treated = "" if self.eliminate_from <= 1 else f"at least {self.eliminate_from} subjects were treated at it and "
        return (
            f"A level is eliminated, with all above it, when {treated}the posterior probability that its DLT rate "
            f"exceeds the target is above {self.cutoff:g}; if level 1 is eliminated, the trial stops without an MTD."
        )

    def _reason(self, rule: int, states: States) -> str:
        level, n, y = int(states.dose[0]), int(states.here(states.n)[0]), int(states.here(states.y)[0])
        if not self._may_treat(states):
            return f"level {level} is eliminated, with all above it"
        if rule == TITRATE:
            return "the first DLT ends the titration" if y else "single subjects until the first DLT"
        if rule == BLOCKED:
            return "the table escalates, and there is no admissible level above"
        if rule == STAY and level == 1 and self.action(n, y) == "D":
            return "the table de-escalates, and there is no level below"
        return f"the table for {n} {'subject' if n == 1 else 'subjects'} says {_RULES[rule]}"

    def _end(self, rule: int, told: str, mtd: int | None) -> Recommendation:
        chosen = f"the MTD is level {mtd}" if mtd else "no level is selected"
        because = {
            TOXIC: "level 1 is too toxic: the trial stops",
            FULL: f"all {self.subjects} subjects are treated",
            CONVERGED: f"{self.stop_at_n} or more are treated here and the rule would stay",
        }[rule]
        return self._answer(Decision.STOP, _RULES[rule], f"{told}: {because}; {chosen}.", mtd=mtd)

    def _missing(self, tallies: tuple[Tally, ...], current: int, last: Tally | None) -> int:
        """How many subjects the last cohort still lacks."""
        total = sum(tally.treated for tally in tallies)
        if last is None or total == 0:
            return self.first()[1]
        planned = self.cohort
        if self.titration:
            singles, before = total - last.treated - (current - self.start), tallies[current - 1].treated - last.treated
            highest = not any(tally.treated for tally in tallies[current:])
            if singles == before == 0 and last.treated <= 1:
                planned = 1
            elif highest and 0 < before < self.cohort:
                planned = self.cohort - before
        return lacking(last, total, planned=planned, subjects=self.subjects)

    @property
    def selects_by(self) -> tuple[float, float]:
        """The target, and the DLT rate from which a level is not selected; infinite for none."""
        ceiling = self.highest_mtd_rate if self.bound_mtd else None
        return self.target, np.inf if ceiling is None else ceiling

    def _select(self, states: States, highest: Ints) -> Ints:
        target, ceiling = self.selects_by
        parts = []
        for low in range(0, max(1, len(highest)), _CHUNK):
            n, y, top = (column[low : low + _CHUNK] for column in (states.n, states.y, highest))
            admissible = np.asarray(np.arange(1, self.levels + 1) <= top[:, None])
            parts.append(isotonic.closest(isotonic.rates(n, y, admissible), target, ceiling))
        return np.concatenate(parts)

    def _level_one_unsafe(self, states: States) -> Bools:
        return _looked_up(self._compiled_for(states.n).unsafe, states.n[:, 0], states.y[:, 0])

    def _may_treat(self, states: States) -> bool:
        """Whether the current level is neither eliminated nor level 1 of a trial that stops for extra safety."""
        highest = first_true(_looked_up(self._compiled_for(states.n).eliminated, states.n, states.y))
        return bool(states.dose[0] <= highest[0] and not self._level_one_unsafe(states)[0])

    def _overdosing(self, largest: int, cutoff: Fraction) -> tuple[int, ...]:
        """The fewest DLTs among 0, 1 ... `largest` subjects that show overdosing with more than `cutoff`."""
        return fewest_overdosing(largest, exact(self.target), cutoff)

    def _compiled_for(self, n: Ints) -> _Compiled:
        """The arrays for counts up to those in `n`: a trial in conduct can exceed the size that was planned."""
        largest = int(n.max(initial=0))
        return self._compiled if largest <= self.subjects else self._compile(largest)

    @cached_property
    def _compiled(self) -> _Compiled:
        return self._compile(self.subjects)

    def _compile(self, largest: int) -> _Compiled:
        table = self.table(largest)
        unsafe = np.zeros((largest + 1, largest + 1), dtype=np.bool_)
        if self.extra_safe:
            limits = self._overdosing(largest, exact(self.cutoff) - exact(self.extra_safe))
            for n in range(_FEWEST_TO_STOP, largest + 1):
                unsafe[n, limits[n] :] = True
        return _Compiled(table.moves(), table.eliminated(), unsafe)

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        return (
            (f"{self.levels} levels; at least 1 is needed", self.levels < 1),
            (f"a target of {self.target}; it must lie between 0 and 1", not 0 < self.target < 1),
            (f"a cohort of {self.cohort}; at least 1 is needed", self.cohort < 1),
            (f"{self.subjects} subjects; at least one cohort is needed", self.subjects < self.cohort),
            (f"a start at level {self.start} of {self.levels}", not 1 <= self.start <= self.levels),
            (f"a cutoff of {self.cutoff}; it must be above 0 and at most 1", not 0 < self.cutoff <= 1),
            (f"elimination from {self.eliminate_from} subjects; at least 1", self.eliminate_from < 1),
            (f"extra safety of {self.extra_safe}; it must lie from 0 to below 0.5", not 0 <= self.extra_safe < 0.5),
            (f"extra safety of {self.extra_safe} is not below the cutoff", self.cutoff <= self.extra_safe < 0.5),
            (
                f"an early stop at {self.stop_at_n} subjects; at least 1",
                self.stop_at_n is not None and self.stop_at_n < 1,
            ),
            ("titration needs cohorts of more than one subject", self.titration and self.cohort == 1),
        )


def overdose_probability(n: Ints | int, y: Ints | int, limit: float, prior: tuple[float, float] = (1, 1)) -> np.ndarray:
    """Posterior probability that a DLT rate exceeds `limit`, after `y` DLTs among `n`, from a beta prior.

    Example:
        >>> float(overdose_probability(3, 0, 0.25))
        0.31640625
    """
    n, y = np.asarray(n, dtype=float), np.asarray(y, dtype=float)
    return np.asarray(betaincc(y + prior[0], n - y + prior[1], limit))


def fewest_overdosing(largest: int, limit: Fraction, cutoff: Fraction) -> tuple[int, ...]:
    """The fewest DLTs, at least one, that show a DLT rate above `limit` with more than `cutoff`, from a uniform prior.

    One number for each of 0, 1 ... `largest` subjects; n + 1 where no number of DLTs does. Exact: the posterior
    probability after y DLTs among n is that of at most y successes among n + 1 with chance `limit`.

    Example:
        >>> fewest_overdosing(6, Fraction("0.3"), Fraction("0.95"))
        (1, 2, 2, 3, 3, 4, 4)
    """
    return tuple(_fewest_among(n, limit, cutoff) for n in range(largest + 1))


def _fewest_among(n: int, limit: Fraction, cutoff: Fraction) -> int:
    part, whole = limit.as_integer_ratio()
    needed = cutoff * whole ** (n + 1)
    at_most = (whole - part) ** (n + 1)
    for dlts in range(1, n + 1):
        at_most += comb(n + 1, dlts) * part**dlts * (whole - part) ** (n + 1 - dlts)
        if at_most > needed:
            return dlts
    return n + 1


def exact(number: float) -> Fraction:
    """A parameter as the decimal that was written.

    Example:
        >>> exact(0.3) - exact(0.05)
        Fraction(1, 4)
    """
    return Fraction(str(number))


def _looked_up(table: np.ndarray, n: Ints, y: Ints) -> np.ndarray:
    """The entries of a table at `[n, y]`; faster than indexing by two arrays."""
    return np.asarray(table.ravel().take(n.astype(np.intp) * table.shape[1] + y))
