"""Where the trial stands: the fold of its events. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Literal

from trialwright.conduct.course import Course, Infusion
from trialwright.conduct.stock import Stock
from trialwright.design import Cohort, Outcome, Outcomes, Recommendation
from trialwright.protocol.study import Role, Study


@dataclass(frozen=True, slots=True)
class Person:
    """Who has a role, and where."""

    id: str
    role: Role
    site: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """Whether an adverse event is a DLT, who judged so, when and why."""

    dlt: bool
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent:
    """An adverse event as it stands."""

    number: int
    term: str
    onset_on: date
    grade: int
    related: bool
    serious: bool
    adjudication: Adjudication | None = None

    @property
    def dlt(self) -> bool | None:
        """Whether it is a DLT; None until it is adjudicated."""
        return self.adjudication.dlt if self.adjudication else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A subject as it stands.

    Attributes:
        cohort: Place of the subject's cohort among `State.cohorts`, from 0.
        group: Name of the protocol's cohort that the subject was enrolled in, where it has cohorts.
        randomised: Whether an arm was drawn; which one is in the sealed stream.
        arm: The arm of an open trial.
        course: What the subject was prescribed and given.
    """

    id: str
    site: str
    consented_on: date
    values: Mapping[str, bool | Decimal] = field(default_factory=dict)
    findings: Mapping[str, str] = field(default_factory=dict)
    verdict: Literal["eligible", "not eligible", "undetermined"] | None = None
    level: int | None = None
    cohort: int | None = None
    enrolled: bool = False
    group: str | None = None
    randomised: bool = False
    arm: str | None = None
    course: Course = field(default_factory=Course)
    adverse_events: tuple[AdverseEvent, ...] = ()
    window_closed: bool = False
    not_evaluable: str | None = None

    @property
    def infusion(self) -> Infusion | None:
        """The first infusion that was begun."""
        return self.course.infusions[0] if self.course.infusions else None

    def adverse_event(self, number: int) -> AdverseEvent | None:
        """The adverse event of that number."""
        return next((event for event in self.adverse_events if event.number == number), None)

    def window_ends(self, study: Study) -> datetime | None:
        """When the DLT window ends; None before the infusion."""
        return self.infusion.at + timedelta(days=study.design.dlt_window.days) if self.infusion else None

    def in_window(self, study: Study, onset_on: date) -> bool:
        """Whether an onset lies in the DLT window, both end days included."""
        end = self.window_ends(study)
        return self.infusion is not None and end is not None and self.infusion.at.date() <= onset_on <= end.date()

    def dlt_candidates(self, study: Study) -> tuple[AdverseEvent, ...]:
        """Adverse events that meet the protocol's definition of a DLT and wait for adjudication."""
        dlt = study.design.dlt
        return tuple(
            event
            for event in self.adverse_events
            if event.dlt is None
            and dlt.counts(term=event.term, grade=event.grade, related=event.related)
            and self.in_window(study, event.onset_on)
        )

    def outcome(self, study: Study) -> Outcome | None:
        """What the dose rule is told of this subject; None for whoever does not count."""
        if self.level is None or self.not_evaluable is not None or self.course.replaced:
            return None
        if any(event.dlt for event in self.adverse_events):
            return Outcome.DLT
        if self.window_closed and not self.dlt_candidates(study):
            return Outcome.NO_DLT
        return Outcome.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelState:
    """A dose level that was opened."""

    level: int
    slots: int
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseDecision:
    """A dose decision: what was proposed on which data, who signed, whether it stands."""

    number: int
    at: datetime
    by: str
    cut: int
    level: int
    outcomes: str
    recommended: str
    why: str
    decision: str
    dose: int | None
    mtd: int | None
    reason: str | None
    content: str
    signatures: tuple[tuple[Role, str, datetime], ...] = ()
    taken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The whole trial after `sequence` events.

    Attributes:
        cohorts: The dose level of each cohort that was opened, in order; more subjects at a level are a new cohort.
        stock: The lots of an open trial; those of a masked one are sealed.
    """

    sequence: int = 0
    last_at: datetime | None = None
    protocol: str = ""
    protocol_sha256: str = ""
    sites: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    stock: Stock = field(default_factory=Stock)
    levels: Mapping[int, LevelState] = field(default_factory=dict)
    cohorts: tuple[int, ...] = ()
    decisions: tuple[DoseDecision, ...] = ()
    stopped: bool = False
    mtd: int | None = None
    top_tolerated: bool = False

    @property
    def open_level(self) -> LevelState | None:
        """The dose level that takes subjects."""
        return next((level for level in self.levels.values() if level.open), None)

    @property
    def last_taken(self) -> DoseDecision | None:
        """The newest dose decision that stands."""
        return next((decision for decision in reversed(self.decisions) if decision.taken), None)

    def at_level(self, level: int) -> tuple[Subject, ...]:
        """Subjects enrolled at a level: the infused in the order of infusion, then the others."""
        return _in_order(subject for subject in self.subjects.values() if subject.level == level)

    def holders(self, study: Study, level: int) -> int:
        """Subjects who hold a slot of a level: all but those who are not evaluable."""
        return sum(subject.outcome(study) is not None for subject in self.at_level(level))

    def free_slots(self, study: Study, level: LevelState) -> int:
        """Slots of a level that nobody holds."""
        return level.slots - self.holders(study, level.level)

    def stagger_ends(self, study: Study, level: int) -> datetime | None:
        """From when the next infusion at a level may be given; None where nothing holds it back."""
        infused = [subject.infusion.at for subject in self.at_level(level) if subject.infusion]
        ends = [
            (min if stagger.after == "first subject" else max)(infused) + timedelta(days=stagger.interval)
            for stagger in study.staggers(level)
            if infused
        ]
        return max(ends, default=None)

    def outcomes(self, study: Study) -> Outcomes:
        """What the dose rule is asked about, cohort by cohort; an open cohort without subjects is current."""
        cohorts = []
        for place, level in enumerate(self.cohorts):
            members = _in_order(subject for subject in self.subjects.values() if subject.cohort == place)
            found = tuple(outcome for one in members if (outcome := one.outcome(study)) is not None)
            if found or (place == len(self.cohorts) - 1 and self.levels[level].open):
                cohorts.append(Cohort(level, found))
        return Outcomes(tuple(cohorts))

    def recommendation(self, study: Study) -> Recommendation:
        """What the protocol's dose rule says now: the function that simulation and rehearsal call too."""
        return study.rule.recommend(self.outcomes(study))


def _in_order(subjects: Iterable[Subject]) -> tuple[Subject, ...]:
    """The infused in the order of infusion, then the others in the order of their numbers."""
    there = list(subjects)
    infused = [(subject.infusion.at, place, subject) for place, subject in enumerate(there) if subject.infusion]
    waiting = [subject for subject in there if subject.infusion is None]
    return (*(subject for _, _, subject in sorted(infused, key=itemgetter(0, 1))), *waiting)
