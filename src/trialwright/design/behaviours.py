"""Behaviours that change any design: when it stops, how fast it climbs, how many its MTD must have seen.

Each is a function that takes a design and gives a design. They are answered together in one fixed order, so the order
in which they are put on cannot matter: `stop_at_total(no_skipping(d), 30) == no_skipping(stop_at_total(d, 30))`. From
first to last:

1. What the design itself stops for without an MTD, such as a toxic first level, ends the trial.
2. No skipping: neither the next level nor the MTD is more than one above the highest level treated.
3. Stop at a total: nobody is treated beyond it.
4. Stop at a dose: the trial ends when the rule would treat more at a level that has enough.
5. At least so many at the MTD: an end by the design or by 4 is put off until the MTD has them, within 3.

An MTD is only ever one that the design itself selects from the data, so it is admissible where the design says what is;
a design that selects only at its own end, such as 3+3, has no MTD when it is cut short.

Source: the behaviours stop_at_n, stop_when_n_at_dose, dont_skip_doses and demand_n_at_dose of the R package escalation
(Brock et al. 2020, arXiv:2011.09234), whose meaning there depends on their order.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np

from trialwright.design.design import Design, seen_at
from trialwright.design.outcomes import Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Ints, States, Steps
from trialwright.errors import InputError

OWN, NO_SKIPPING, TOTAL, AT_DOSE, AT_MTD = range(5)
_RULES = ("own", "no skipping", "total", "at dose", "at MTD")


@runtime_checkable
class Selects(Protocol):
    """A design that can say at any time which level its data select."""

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD of each trial from subjects and DLTs, shape (trials, levels); 0 for none."""


def stop_at_total(design: Design, n: int) -> Behaving:
    """End the trial at `n` subjects in all.

    Example:
        >>> from trialwright.design import BOIN, Outcomes
        >>> design = stop_at_total(BOIN(levels=3, target=0.3), 4)
        >>> design.recommend(Outcomes.parse("1NNN")).subjects
        1
        >>> print(design.recommend(Outcomes.parse("1NNN 2N")))
        No DLT in 1 evaluable subject at level 2: 4 subjects are treated in all; the MTD is level 2.
    """
    return _with(design, total=n)


def stop_at_dose(design: Design, n: int) -> Behaving:
    """End the trial when the next level would be one that has `n` subjects or more.

    Example:
        >>> from trialwright.design import BOIN, Outcomes
        >>> design = stop_at_dose(BOIN(levels=3, target=0.3), 6)
        >>> design.recommend(Outcomes.parse("1NTN 1NTN")).mtd
        1
    """
    return _with(design, at_dose=n)


def no_skipping(design: Design) -> Behaving:
    """Neither treat nor select a level that is more than one above the highest level treated."""
    return _with(design, skipping=False)


def at_least_at_mtd(design: Design, n: int) -> Behaving:
    """Put the end off until the level that the trial would select has `n` subjects, in cohorts of the design's size.

    Example:
        >>> from trialwright.design import Outcomes, ThreePlusThree
        >>> design = at_least_at_mtd(ThreePlusThree(levels=2), 6)
        >>> print(design.recommend(Outcomes.parse("1NNN 2TT")))  # doctest: +NORMALIZE_WHITESPACE
        2 DLTs in 2 evaluable subjects at level 2: the MTD would be level 1 and 6 subjects are wanted there; treat 3
        subjects at level 1.
    """
    return _with(design, at_mtd=n)


@dataclass(frozen=True, kw_only=True)
class Behaving(Design):
    """A design with behaviours; the functions of this module make it.

    Attributes:
        design: The design itself.
        total: Subjects in all at which the trial ends; None where the design alone decides.
        at_dose: Subjects at a level from which the trial ends if the rule would treat more there; None for never.
        skipping: Whether levels may be skipped as far as the design does so.
        at_mtd: Subjects that the selected level must have before the trial ends; None for no such demand.
    """

    name: ClassVar[str] = "design with behaviours"

    design: Design
    total: int | None = None
    at_dose: int | None = None
    skipping: bool = True
    at_mtd: int | None = None
    levels: int = field(init=False, repr=False, compare=False)
    cohort: int = field(init=False, repr=False, compare=False)
    start: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("name", "hold", "rolling", "levels", "cohort", "start", "target"):
            if hasattr(self.design, name):
                object.__setattr__(self, name, getattr(self.design, name))
        faults = [text for text, wrong in self._checks() if wrong]
        if faults:
            raise InputError(f"{self.design.name} with behaviours: " + "; ".join(faults))

    @property
    def planned(self) -> tuple[int, int]:
        """What the design plans, as far as the total lets it."""
        least, most = self.design.planned
        return (least, most) if self.total is None else (min(least, self.total), min(most, self.total))

    def first(self) -> tuple[int, int]:
        """The level and the size of the first cohort."""
        level, size = self.design.first()
        return level, size if self.total is None else min(size, self.total)

    def step(self, states: States) -> Steps:
        """Answer many states at once, each just after a whole cohort."""
        own = self.design.step(states)
        row = np.arange(len(own.dose))
        highest = np.where(states.n > 0, np.arange(1, self.levels + 1), 0).max(axis=1)
        reach = self.levels if self.skipping else np.minimum(highest + 1, self.levels)
        dose, selected = np.minimum(own.dose, reach), np.minimum(own.selected, reach)
        rule = np.where((dose < own.dose) | (selected < own.selected), NO_SKIPPING, OWN)
        full = np.zeros_like(row, dtype=np.bool_) if self.total is None else states.total >= self.total
        plenty = np.zeros_like(full) if self.at_dose is None else states.n[row, dose - 1] >= self.at_dose
        going = dose > 0
        cut = going & (full | plenty)
        rule = np.where(going & plenty, AT_DOSE, np.where(cut, TOTAL, rule))
        rule = np.where(going & full, TOTAL, rule)
        selected = np.where(cut, np.minimum(self._select(states), reach), selected)
        short = (~going | cut) & (selected > 0) & ~full & (states.n[row, selected - 1] < (self.at_mtd or 0))
        rule = np.where(short, AT_MTD, rule)
        begun = np.where(selected == states.dose, states.last_n % self.cohort, 0)
        size = np.where(short, self.cohort - begun, own.subjects)
        if self.total is not None:
            size = np.minimum(size, self.total - states.total)
        ends = (~going | cut) & ~short
        return Steps(
            dose=np.where(ends, 0, np.where(short, selected, dose)),
            subjects=np.where(ends, 0, size),
            selected=np.where(ends, selected, 0),
            topped=own.topped & ends,
            rule=rule,
        )

    def counted(self, outcomes: Outcomes) -> Outcomes:
        """Outcomes as the design reads them where a cohort holds more subjects than it was planned with."""
        return self.design.counted(outcomes)

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
        room = None if self.total is None else self.total - sum(tally.treated for tally in tallies)
        filling = not own.complete and (room is None or room > 0)
        if filling:
            return own if room is None else replace(own, subjects=min(own.subjects, room))
        states = States.one(tallies, current, last or Tally())
        steps = self.step(states)
        rule, dose, subjects = (int(part[0]) for part in (steps.rule, steps.dose, steps.subjects))
        if rule == OWN and (dose or own.final):
            return replace(own, subjects=subjects)
        told = seen_at(current, (seen or tallies)[current - 1])
        if not dose:
            return self._end(rule, told, int(steps.selected[0]), own)
        return self._treat(rule, told, current, dose, subjects)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        sentences = [self.design.explain()]
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
                "When the trial is ended so, the MTD is the level that the design selects from all data."
                if isinstance(self.design, Selects)
                else "When the trial is ended so, no MTD is selected."
            )
        if self.at_mtd:
            within = "" if self.total is None else ", within the total,"
            sentences.append(
                f"Before the trial ends, cohorts of {self.cohort} are treated{within} at the level that would be "
                f"selected until it has {self.at_mtd} subjects or the rule decides otherwise."
            )
        return " ".join(sentences)

    def _select(self, states: States) -> Ints:
        if isinstance(self.design, Selects):
            return np.asarray(self.design.select(states.n, states.y))
        return np.zeros(len(states.dose), dtype=np.int64)

    def _end(self, rule: int, told: str, selected: int, own: Recommendation) -> Recommendation:
        because = {
            OWN: f"{self.total} subjects are treated in all, and the rule stops",
            NO_SKIPPING: "the rule ends, and no level is selected that is more than one above the highest treated",
            TOTAL: f"{self.total} subjects are treated in all",
            AT_DOSE: f"the next level would be one that has {self.at_dose} subjects or more",
        }[rule]
        chosen = f"the MTD is level {selected}" if selected else "no level is selected"
        return replace(
            own,
            decision=Decision.STOP,
            dose=None,
            mtd=selected or None,
            subjects=0,
            rule=f"{self.design.name}.{_RULES[rule]}",
            why=f"{told}: {because}; {chosen}.",
            complete=True,
        )

    def _treat(self, rule: int, told: str, current: int, dose: int, subjects: int) -> Recommendation:
        because = {
            NO_SKIPPING: "no level may be skipped",
            AT_MTD: f"the MTD would be level {dose} and {self.at_mtd} subjects are wanted there",
        }[rule]
        words = f"treat {subjects} {'subject' if subjects == 1 else 'subjects'} at level {dose}"
        return Recommendation(
            decision=(
                Decision.ESCALATE if dose > current else Decision.DE_ESCALATE if dose < current else Decision.EXPAND
            ),
            dose=dose,
            mtd=None,
            subjects=subjects,
            waits_for=0,
            rule=f"{self.design.name}.{_RULES[rule]}",
            why=f"{told}: {because}; {words}.",
        )

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        most = getattr(self.design, "subjects", None)
        wanted = 0 if self.at_mtd is None else self.at_mtd + self.cohort - 1
        return (
            (f"a stop at {self.total} subjects in all; at least 1", self.total is not None and self.total < 1),
            (f"a stop at {self.at_dose} subjects at a dose; at least 1", self.at_dose is not None and self.at_dose < 1),
            (f"{self.at_mtd} subjects at the MTD; at least 1", self.at_mtd is not None and self.at_mtd < 1),
            (
                f"{self.at_mtd} subjects at the MTD in cohorts of {self.cohort}; the design treats {most} at most",
                most is not None and wanted > most,
            ),
        )


def _with(design: Design, **behaviour: Any) -> Behaving:
    if not isinstance(design, Behaving):
        return Behaving(design=design, **behaviour)
    ((name, value),) = behaviour.items()
    had = getattr(design, name)
    if had not in {Behaving.__dataclass_fields__[name].default, value}:
        raise InputError(f"{design.name}: {name} is {had} already and cannot be {value} as well; choose one")
    return replace(design, **behaviour)
