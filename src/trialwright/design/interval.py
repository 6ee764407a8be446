"""What the interval designs share: a decision table for the current level, elimination, and isotonic selection.

BOIN, mTPI, mTPI-2, Keyboard, i3+3 and a user's own table differ in the table alone; the walk over the levels, the
stopping rules and the selection of the MTD are these.

Source: Liu and Yuan 2015, Appl Statist 64:507 (conduct, elimination, selection); Yan et al. 2020, J Stat Softw 94(13)
(early stopping, extra safety, titration, bound on the MTD).
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betainc

from trialwright.design import isotonic
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import Design, seen_at
from trialwright.design.outcomes import Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Bools, Ints, States, Steps
from trialwright.errors import InputError

TITRATE, ESCALATE, STAY, DE_ESCALATE, BLOCKED, TOXIC, FULL, CONVERGED = range(8)
"""The rules, as `Steps.rule` has them."""

_RULES = ("titrate", "escalate", "stay", "de-escalate", "blocked", "toxic", "size", "converged")


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
        cutoff: A level is eliminated when its DLT rate exceeds the target with more than this posterior probability.
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
    def table(self, largest: int) -> DecisionTable:
        """The decision table for 1 to `largest` subjects at a level."""

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
        moves, eliminated = self._tables
        n, y, dose, total = states.here(states.n), states.here(states.y), states.dose.astype(np.int64), states.total
        highest = _first_true(eliminated[states.n, states.y])
        toxic = (highest == 0) | self._level_one_unsafe(states)
        move = moves[n, y]
        ahead = np.clip(dose + move, 1, np.maximum(highest, 1))
        rule = np.select([ahead > dose, ahead < dose, move == 1], [ESCALATE, DE_ESCALATE, BLOCKED], STAY)
        size = np.minimum(self.cohort, self.subjects - total)
        if self.titration:
            alone = (total == dose - self.start + 1) & (states.n.max(axis=1) == 1)
            climbs = alone & (y == 0) & (dose < self.levels)
            ahead = np.where(alone, dose + climbs, ahead)
            rule = np.where(alone, TITRATE, rule)
            size = np.where(alone, np.where(climbs, 1, np.minimum(self.cohort - 1, self.subjects - total)), size)
        if self.stop_at_n is not None:
            rule = np.where((n >= self.stop_at_n) & (ahead == dose), CONVERGED, rule)
        rule = np.where(toxic, TOXIC, np.where(total >= self.subjects, FULL, rule))
        ends = rule >= TOXIC
        chosen = np.where(ends & ~toxic, self._select(states, highest), 0)
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
        highest = _first_true(self._tables[1][counts.n, counts.y])
        safe = (highest > 0) & ~self._level_one_unsafe(counts)
        return np.where(safe, self._select(counts, highest), 0)

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
        wanted = self._missing(tallies, current, last)
        if wanted:
            why = f"{told}: treat {wanted} more at this level to complete the cohort."
            return self._answer(Decision.STAY, "fill", why, dose=current, subjects=wanted, complete=False)
        steps = self.step(States.one(tallies, current, last or Tally()))
        dose, subjects, rule = int(steps.dose[0]), int(steps.subjects[0]), int(steps.rule[0])
        if rule >= TOXIC:
            return self._end(rule, told, int(steps.selected[0]) or None)
        words = f"treat {subjects} {'subject' if subjects == 1 else 'subjects'} at level {dose}."
        return self._answer(
            Decision.ESCALATE if dose > current else Decision.DE_ESCALATE if dose < current else Decision.STAY,
            _RULES[rule],
            f"{told}: {self._reason(rule, tallies[current - 1], current)}; {words}",
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
        if self.stop_at_n is not None:
            sentences.append(
                f"The trial ends early when {self.stop_at_n} subjects were treated at a level and the rule would treat "
                "more there."
            )
        sentences.append(
            "At the end the MTD is the level whose isotonic estimate of the DLT rate is closest to the target."
        )
        return " ".join(sentences)

    def _opening(self) -> str:
        return f"Dose escalation follows the {self.name} design over {self.levels} dose levels, {self._aim()}."

    def _aim(self) -> str:
        return f"with a target DLT rate of {self.target:g}"

    def _elimination(self) -> str:
        return (
            "A level is eliminated, with all above it, when the posterior probability that its DLT rate exceeds the "
            f"target is above {self.cutoff:g}; if level 1 is eliminated, the trial stops without an MTD."
        )

    def _reason(self, rule: int, tally: Tally, current: int) -> str:
        if rule == TITRATE:
            return "single subjects until the first DLT" if not tally.dlts else "the first DLT ends the titration"
        if rule == BLOCKED:
            return "the table escalates, and there is no admissible level above"
        if rule == STAY and current == 1 and self._tables[0][tally.evaluable, tally.dlts] < 0:
            return "the table de-escalates, and there is no level below"
        return f"the table for {tally.evaluable} says {_RULES[rule]}"

    def _end(self, rule: int, told: str, mtd: int | None) -> Recommendation:
        chosen = f"the MTD is level {mtd}" if mtd else "no level is selected"
        because = {
            TOXIC: "level 1 is too toxic: the trial stops",
            FULL: f"all {self.subjects} subjects are treated",
            CONVERGED: f"{self.stop_at_n} or more are treated here and the rule would stay",
        }[rule]
        return self._answer(Decision.STOP, _RULES[rule], f"{told}: {because}; {chosen}.", mtd=mtd)

    def _answer(
        self,
        decision: Decision,
        rule: str,
        why: str,
        *,
        dose: int | None = None,
        subjects: int = 0,
        mtd: int | None = None,
        complete: bool = True,
    ) -> Recommendation:
        return Recommendation(
            decision=decision,
            dose=dose,
            mtd=mtd,
            subjects=subjects,
            waits_for=0,
            rule=f"{self.name}.{rule}",
            why=why,
            complete=complete,
        )

    def _missing(self, tallies: tuple[Tally, ...], current: int, last: Tally | None) -> int:
        """How many subjects the last cohort still lacks."""
        total = sum(tally.treated for tally in tallies)
        if last is None or total == 0:
            return self.first()[1]
        planned = self.cohort
        if self.titration:
            before = total - last.treated
            climbing = before == current - self.start and tallies[current - 1].treated == last.treated
            planned = 1 if climbing else planned - (before == current - self.start + 1 and last.treated < planned)
        return max(0, min(planned, self.subjects - total + last.treated) - last.treated)

    def _select(self, states: States, highest: Ints) -> Ints:
        admissible = np.asarray(np.arange(1, self.levels + 1) <= highest[:, None])
        ceiling = self.highest_mtd_rate if self.bound_mtd else None
        return isotonic.closest(isotonic.rates(states.n, states.y, admissible), self.target, ceiling)

    def _level_one_unsafe(self, states: States) -> Bools:
        n, y = states.n[:, 0], states.y[:, 0]
        if not self.extra_safe:
            return np.zeros(len(n), dtype=np.bool_)
        return (n >= 3) & (overdose_probability(n, y, self.target) > self.cutoff - self.extra_safe)

    @cached_property
    def _tables(self) -> tuple[Ints, Bools]:
        table = self.table(self.subjects)
        return table.moves(), table.eliminated()

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        return (
            (f"{self.levels} levels; at least 1 is needed", self.levels < 1),
            (f"a target of {self.target}; it must lie between 0 and 1", not 0 < self.target < 1),
            (f"a cohort of {self.cohort}; at least 1 is needed", self.cohort < 1),
            (f"{self.subjects} subjects; at least one cohort is needed", self.subjects < self.cohort),
            (f"a start at level {self.start} of {self.levels}", not 1 <= self.start <= self.levels),
            (f"a cutoff of {self.cutoff}; it must lie between 0 and 1", not 0 < self.cutoff <= 1),
            (f"extra safety of {self.extra_safe}; it must lie from 0 to 0.5", not 0 <= self.extra_safe < 0.5),
            (f"an early stop at {self.stop_at_n} subjects; at least 1", (self.stop_at_n or 1) < 1),
            ("titration needs cohorts of more than one subject", self.titration and self.cohort == 1),
        )


def overdose_probability(n: Ints | int, y: Ints | int, limit: float) -> np.ndarray:
    """Posterior probability that a DLT rate exceeds `limit`, after `y` DLTs among `n`, from a uniform prior.

    Example:
        >>> float(overdose_probability(3, 0, 0.25))
        0.31640625
    """
    n, y = np.asarray(n, dtype=float), np.asarray(y, dtype=float)
    return np.asarray(1 - betainc(y + 1, n - y + 1, limit))


def _first_true(flags: Bools) -> Ints:
    """The column of the first true entry of each row, or the number of columns."""
    return np.asarray(np.where(flags.any(axis=1), flags.argmax(axis=1), flags.shape[1]))
