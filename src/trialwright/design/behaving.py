"""A design with behaviours around it: it asks the design, and says what the behaviours make of the answer.

Source: `behaviours`, which says what they mean and in which order they are answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np

from trialwright.design.automaton import compile_design
from trialwright.design.behaviour_rule import AT_DOSE, AT_MTD, FREE, NEVER, NO_SKIPPING, OWN, TOTAL, Limits, next_step
from trialwright.design.design import Design, open_windows, seen_at
from trialwright.design.follow_up import DecidesEarly
from trialwright.design.history import History
from trialwright.design.outcomes import Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.rule import Rule
from trialwright.design.states import Ints, States, Steps
from trialwright.errors import InputError

_RULES = ("own", "no skipping", "total", "at dose", "at MTD")


@runtime_checkable
class Selects(Protocol):
    """A design that can say at any time which level its data select."""

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD of each trial from subjects and DLTs, shape (trials, levels); 0 for none."""


class Standing(NamedTuple):
    """Where a trial stands.

    Attributes:
        n: Subjects treated at each level.
        pending: Those of whom something is open, at all levels.
        current: The level treated last, or opened since.
        begun: Subjects of a cohort that was begun for the MTD and is not whole yet.
        told: The current level in words.
        chosen: The level that the data select; 0 for none. Asked only when nothing is open.
        opened: Whether the current level was opened and nobody of the cohort is treated yet.
    """

    n: tuple[int, ...]
    pending: int
    current: int
    begun: int
    told: str
    chosen: Callable[[], int]
    opened: bool = False


@dataclass(frozen=True, kw_only=True)
class Behaving(Rule):
    """A design with behaviours; the functions of `behaviours` make it.

    Attributes:
        design: The design itself.
        total: Subjects in all at which the trial ends; None where the design alone decides.
        at_dose: Subjects at a level from which the trial ends if the rule would treat more there; None for never.
        skipping: Whether levels may be skipped as far as the design does so.
        at_mtd: Subjects that the selected level must have before the trial ends; None for no such demand.
    """

    name: ClassVar[str] = "design with behaviours"

    design: Rule
    total: int | None = None
    at_dose: int | None = None
    skipping: bool = True
    at_mtd: int | None = None

    def __post_init__(self) -> None:
        mine = {each.name for each in fields(self)}
        same = [each.name for each in fields(self.design)]  # type: ignore[arg-type]  # a design is a dataclass
        for name in ("name", "hold", "rolling", "levels", "cohort", "start", "target", *same):
            if hasattr(self.design, name) and name not in mine:
                object.__setattr__(self, name, getattr(self.design, name))
        faults = [text for text, wrong in self._checks() if wrong]
        if faults:
            raise InputError(f"{self.design.name} with behaviours: " + "; ".join(faults))

    @property
    def limits(self) -> Limits:
        """The behaviours as numbers."""
        return Limits(
            active=True,
            total=NEVER if self.total is None else self.total,
            at_dose=NEVER if self.at_dose is None else self.at_dose,
            skipping=self.skipping,
            at_mtd=self.at_mtd or 0,
            cohort=self.cohort,
            start=self.start,
        )

    @property
    def planned(self) -> tuple[int, int]:
        """From what the design plans to the most that it can reach, those for the MTD included."""
        return min(self.design.planned[0], self.limits.total), self._largest[0]

    @property
    def most_at_level(self) -> int:
        """The most evaluable subjects at one level."""
        return self._largest[1]

    @cached_property
    def _largest(self) -> tuple[int, int]:
        """The most subjects in all and at a level; never fewer than the design can reach.

        Where so many are wanted at the MTD, all the design's subjects can stand at one level, and each other level can
        be filled up in turn; a level of the rolling six holds no more than it has.
        """
        most, level = self.design.planned[1], self.design.most_at_level
        if self.at_mtd and not self.rolling:
            filled = self.at_mtd + self.cohort - 1
            most, level = most + (self.levels - 1) * filled, max(level, filled)
        return min(most, self.limits.total), min(level, self.limits.total)

    def room(self, history: History, level: int) -> int:
        """How many more subjects may be treated at a level when the decision is to stay there."""
        answer = self.next_dose(history)
        own = min(self.design.room(history, level), self._left(history))
        return max(own, answer.subjects if answer.dose == level else 0)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        sentences, seeks = [self.design.explain()], self.design.seeks
        if not self.skipping:
            sentences.append("No level is treated or selected that is more than one above the highest level treated.")
        if self.total is not None:
            sentences.append(f"The trial ends at {self.total} subjects in all.")
        if self.at_dose is not None:
            sentences.append(
                f"The trial ends when the next subjects would be treated at a level that has {self.at_dose} or more."
            )
        if self.total is not None or self.at_dose is not None:
            sentences.append(
                f"When the trial is ended so, the {seeks} is the level that the design selects from all data."
                if isinstance(self.design, Selects)
                else f"When the trial is ended so, no {seeks} is selected."
            )
        if self.at_mtd:
            within = "" if self.total is None else ", within the total,"
            sentences.append(
                f"Before the trial ends, cohorts of {self.cohort} are treated{within} at the level that would be "
                f"selected as {seeks} until it has {self.at_mtd} subjects or the rule decides otherwise. So the trial "
                f"treats {self.planned[1]} subjects at most."
            )
        return " ".join(sentences)

    def _left(self, history: History) -> int:
        """How many more subjects the total lets be treated."""
        return max(0, self.limits.total - sum(1 for _ in history.subjects()))

    def _behaved(self, own: Recommendation, at: Standing) -> Recommendation:
        """What the behaviours make of the design's answer."""
        selected, filling = self._own_selection(own), not own.complete and not self.rolling
        if not own.subjects and not selected:
            return own
        room = self.limits.total - sum(at.n)
        if own.subjects and filling and room > 0:
            return self._cut(own, room)
        dose = 0 if own.final else own.dose or 0
        asked = (self.limits, at.n, dose, own.subjects, selected)
        rule, ahead, size, picked = next_step(*asked, 0)
        if dose and not ahead:
            if at.pending:
                return self._put_off(rule, at)
            rule, ahead, size, picked = next_step(*asked, at.chosen())
        if rule == OWN:
            return self._cut(own, size)
        return self._go_on(rule, at, ahead, size) if ahead else self._stop(rule, at, picked)

    def _cut(self, own: Recommendation, room: int) -> Recommendation:
        """The design's answer, with no more subjects than the total leaves."""
        if own.subjects <= room:
            return own
        return replace(own, subjects=room, why=f"{own.why} The total of {self.total} subjects leaves {room}.")

    def _own_selection(self, own: Recommendation) -> int:
        """The level with which the design itself ends the trial; 0 for none, and where it goes on."""
        return (own.selected or 0) if own.final else 0

    def _stop(self, rule: int, at: Standing, selected: int) -> Recommendation:
        seeks = self.design.seeks
        because = {
            NO_SKIPPING: "the rule ends, and no level is selected that is more than one above the highest treated",
            TOTAL: f"{self.total} subjects are treated in all",
            AT_DOSE: f"the next level would be one that has {self.at_dose} subjects or more",
        }[rule]
        chosen = f"the {seeks} is level {selected}" if selected else "no level is selected"
        return self._ended(_RULES[rule], f"{at.told}: {because}; {chosen}.", selected or None)

    def _ended(self, rule: str, why: str, selected: int | None) -> Recommendation:
        return self._answer(Decision.STOP, rule, why, mtd=selected)

    def _put_off(self, rule: int, at: Standing) -> Recommendation:
        """An end that waits for windows."""
        because = {
            TOTAL: f"{self.total} subjects are treated in all",
            AT_DOSE: f"the next level would be one that has {self.at_dose} subjects or more, and nobody is treated now",
        }[rule]
        why = f"{at.told}: {because}; the end waits for {open_windows(at.pending)}."
        return self._answer(Decision.STAY, _RULES[rule], why, dose=at.current, waits_for=at.pending, complete=False)

    def _go_on(self, rule: int, at: Standing, dose: int, subjects: int) -> Recommendation:
        because = {
            NO_SKIPPING: "no level may be skipped",
            AT_MTD: f"the {self.design.seeks} would be level {dose} and {self.at_mtd} subjects are wanted there",
        }[rule]
        words = f"treat {subjects} {'subject' if subjects == 1 else 'subjects'} at level {dose}"
        why, open_already = f"{at.told}: {because}; {words}.", dose == at.current and (at.opened or self.rolling)
        if open_already:
            return self._answer(Decision.STAY, _RULES[rule], why, dose=dose, subjects=subjects, complete=False)
        up, down = dose > at.current, dose < at.current
        decision = Decision.ESCALATE if up else Decision.DE_ESCALATE if down else Decision.EXPAND
        return self._answer(decision, _RULES[rule], why, dose=dose, subjects=subjects)

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        most = getattr(self.design, "subjects", None)
        wanted = 0 if self.at_mtd is None else self.at_mtd + self.cohort - 1
        seeks = self.design.seeks
        return (
            (f"a stop at {self.total} subjects in all; at least 1", self.total is not None and self.total < 1),
            (f"a stop at {self.at_dose} subjects at a dose; at least 1", self.at_dose is not None and self.at_dose < 1),
            (f"{self.at_mtd} subjects at the {seeks}; at least 1", self.at_mtd is not None and self.at_mtd < 1),
            (
                f"{self.at_mtd} subjects at the {seeks} in cohorts of {self.cohort}; the design treats {most} at most",
                most is not None and wanted > most,
            ),
        )


class BehavingDesign(Behaving, Design):
    """A design that decides by DLTs, with behaviours."""

    design: Design

    def first(self) -> tuple[int, int]:
        """The level and the size of the first cohort."""
        level, size = self.design.first()
        return level, min(size, self.limits.total)

    @cached_property
    def _largest(self) -> tuple[int, int]:
        """The most subjects in all and at a level that the design reaches, found by listing its states.

        A design that decides with windows open, or has too many states, has what is never less.
        """
        if self.at_mtd is None or self.rolling or isinstance(self, DecidesEarly):
            return super()._largest
        try:
            ends = compile_design(self, self.design.listed).end_n
        except InputError:
            return super()._largest
        return int(ends.sum(axis=1).max()), int(ends.max())

    def counted(self, outcomes: Outcomes) -> Outcomes:
        """Outcomes as the design reads them where a cohort holds more subjects than it was planned with."""
        return self.design.counted(outcomes)

    def step(self, states: States) -> Steps:
        """Answer many states at once, each just after a whole cohort."""
        from trialwright.design.behaviour_kernels import next_steps  # noqa: PLC0415 - numba takes a second to import

        own = self.design.step(states)
        chosen = self.select(states.n, states.y)
        asked = (states.n, own.dose, own.subjects, own.selected, chosen)
        rule, dose, size, selected = next_steps(self.limits, *(np.asarray(one, dtype=np.int64) for one in asked))
        return Steps(dose=dose, subjects=size, selected=selected, topped=own.topped & (dose == 0), rule=rule)

    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows when every window is closed."""
        own = self.design.course(tallies, current, last=last, seen=seen)
        told = seen_at(current, (seen or tallies)[current - 1])
        begun = self._begun(own, tallies, current, last or Tally())
        at = self.standing(tallies, current, begun, told, opened=last == Tally())
        return self._behaved(self._fill_cohort(told, current, self.cohort - begun) if begun else own, at)

    def _begun(self, own: Recommendation, tallies: tuple[Tally, ...], current: int, last: Tally) -> int:
        """Subjects of a cohort that is not whole and was begun after the design's own end; 0 where there is none.

        A cohort whose level is not to be selected any more is not completed.
        """
        here, full = tallies[current - 1], sum(one.treated for one in tallies) >= self.limits.total
        partial = 0 < last.treated < self.cohort and self._own_selection(own) >= current
        left = Tally(here.evaluable - last.evaluable, here.dlts - last.dlts)
        if not partial or full or left.treated >= (self.at_mtd or 0):
            return 0
        before = self.design.course((*tallies[: current - 1], left, *tallies[current:]), current, last=Tally())
        return last.treated if before.final else 0

    def standing(
        self, tallies: tuple[Tally, ...], current: int, begun: int, told: str, *, opened: bool = False
    ) -> Standing:
        """Where a trial of these tallies stands."""
        n, y = (np.array([[getattr(one, name) for one in tallies]]) for name in ("evaluable", "dlts"))
        return Standing(
            n=tuple(one.treated for one in tallies),
            pending=sum(one.pending for one in tallies),
            current=current,
            begun=begun,
            told=told,
            chosen=lambda: int(self.select(n, y)[0]),
            opened=opened,
        )

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD that the data of each trial select; 0 for none, and where the design selects at its own end only.

        Args:
            n: Evaluable subjects, shape (trials, levels).
            y: Those of them with a DLT, the same shape.
        """
        if isinstance(self.design, Selects):
            return within_reach(self.design.select(n, y), n, skipping=self.skipping)
        return np.zeros(len(n), dtype=np.int64)

    def _own_selection(self, own: Recommendation) -> int:
        return self.design._selected(own) if own.final else 0  # noqa: SLF001 - a design of the same family


def within_reach(selected: Ints, n: Ints, *, skipping: bool) -> Ints:
    """The levels selected, none more than one above the highest treated unless levels may be skipped."""
    highest = np.where(n > 0, np.arange(1, n.shape[1] + 1), 0).max(axis=1)
    return np.asarray(selected if skipping else np.minimum(selected, highest + 1))


def limits_of(rule: object) -> Limits:
    """The behaviours around a rule as numbers."""
    return rule.limits if isinstance(rule, Behaving) else FREE
