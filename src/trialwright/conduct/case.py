"""One command before its decision: the study, the state, who asks; and the guards that several commands share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from trialwright.conduct.commands import Command
from trialwright.conduct.events import SEALED_TWINS, Event, EventBase, StockEvent
from trialwright.conduct.exposure import masked
from trialwright.conduct.history import Closed, closed_by
from trialwright.conduct.local_time import local_day
from trialwright.conduct.refusal import Kind, Refusal
from trialwright.conduct.roles import SITE_ROLES
from trialwright.conduct.state import LevelState, Person, State, Subject
from trialwright.conduct.stock import Stock
from trialwright.design import Decision
from trialwright.design.randomisation import Ratio
from trialwright.protocol.study import Role, Study
from trialwright.protocol.treatment_plan import Preparation

Decided = tuple[Event, ...] | Refusal
E = TypeVar("E", bound=EventBase)


class Urn(Protocol):
    """What draws the next arm; `decide` hands it over."""

    @property
    def can_allocate(self) -> bool:
        """Whether there is a list to draw from."""

    def next_arm(
        self, ratio: Ratio, stratum: str, factors: Mapping[str, str], length: int | None = None
    ) -> tuple[str, int]:
        """The next arm of a stratum, and its place in the list."""


class Dispensary(Protocol):
    """What the preparation of an infusion may ask of the sealed side; its answers go into sealed events only."""

    @property
    def stock(self) -> Stock:
        """The lots of a masked trial."""

    def arm(self, subject: str) -> str | None:
        """The arm that a subject was randomised to."""


class SealedSide(Urn, Dispensary, Protocol):
    """Everything that decisions may ask of the sealed side."""


@dataclass(frozen=True, slots=True)
class Case:
    """A command with all that decides it.

    Attributes:
        urn: What arms are drawn from; it draws and shows nothing.
    """

    study: Study
    state: State
    command: Command
    person: Person | None
    urn: SealedSide

    @property
    def masked(self) -> bool:
        """Whether somebody must not know who receives what."""
        return masked(self.study)

    @property
    def role(self) -> Role | None:
        """The role of who asks; None for whoever has none."""
        return self.person.role if self.person else None

    @property
    def site(self) -> str | None:
        """The site of who asks; None for whoever belongs to none."""
        return self.person.site if self.person else None

    @property
    def preparation(self) -> Preparation:
        """The protocol's rules of preparation; what a protocol without them means is in their fields."""
        return self.study.preparation or Preparation()

    @property
    def stock(self) -> Stock:
        """The lots of all pharmacies: for decisions whose events and refusals are `kept`."""
        return self.urn.stock if self.masked else self.state.stock

    @property
    def today(self) -> date:
        """The day of the command where its subject is, or else where its giver is; in UTC where no site tells."""
        subject = self.state.subjects.get(getattr(self.command, "subject", None) or "")
        site = subject.site if subject else self.site
        return local_day(self.state, site or "", self.command.at)

    def arm_of(self, subject: Subject) -> str | None:
        """The arm of a subject, sealed or not: for decisions whose events and refusals are `kept`."""
        arms = self.study.arms
        return subject.arm or self.urn.arm(subject.id) or (arms[0].name if len(arms) == 1 else None)

    def kept(self, kind: type[StockEvent], **fields: Any) -> StockEvent:
        """Make an event of the pharmacy, or in a masked trial its sealed twin."""
        return self.stamp(SEALED_TWINS[kind] if self.masked else kind, **fields)

    def stamp(self, kind: type[E], **fields: Any) -> E:
        """Make an event that carries who, in which role, where, when and under which protocol."""
        return kind(
            at=self.command.at,
            by=self.command.by,
            role=self.role,
            site=self.site,
            protocol=self.study.version,
            **fields,
        )

    def subject(self, subject_id: str) -> Subject | Refusal:
        """The subject, if it is one that this person may know of."""
        found = self.state.subjects.get(subject_id)
        if found is None or not sees(self.person, found):
            return Refusal(
                code="subject.unknown",
                reason=f"There is no subject {subject_id} at your site.",
                rule="roles: a person sees the subjects of their own site",
                mend="Check the subject's number.",
                kind=Kind.INPUT,
                recorded=False,
            )
        return found

    def open_level(self) -> LevelState | Refusal:
        """The open dose level, unless escalation has ended or the rule treats nobody else there."""
        if self.state.stopped:
            return self.ended()
        level = self.state.open_level
        if level is None:
            return Refusal(
                code="level.none_open",
                reason="No dose level is open.",
                rule=self.rule("dose escalation > decision"),
                mend="The sponsor opens a level after a signed dose decision.",
            )
        return self.closed(level.level) or level

    def closed(self, level: int) -> Refusal | None:
        """The refusal of a dose level at which the rule treats nobody else, as things stand or may turn out."""
        closed = closed_by(self.study, self.state, level, self.command.at)
        return self.left_by(closed, level) if closed else None

    def left_by(self, closed: Closed, level: int) -> Refusal:
        """The refusal of a dose level that the rule has closed."""
        answer = closed.answer
        if closed.unjudged:
            return Refusal(
                code="dlt.waiting",
                reason=f"Not adjudicated, and possibly dose-limiting: {self.to_adjudicate()}. With it: {answer.why}",
                rule=self.rule("dose escalation > dlt"),
                mend="Adjudicate it first.",
            )
        if answer.decision is Decision.STOP:
            return Refusal(
                code="escalation.stopping_rule",
                reason=f"The stopping rule is met: {answer.why}",
                rule=self.rule(f"dose escalation > rule > {self.study.design.rule.stops_by}"),
                mend="Propose and sign the dose decision; nobody else is treated.",
            )
        return Refusal(
            code="decision.due",
            reason=f"Nobody else is treated at level {level} now: {answer.why}",
            rule=self.rule("dose escalation > rule"),
            mend="Propose and sign the dose decision, once the windows that it waits for are closed.",
        )

    def to_adjudicate(self) -> str:
        """The events that the dose rule waits for, each with its subject where who asks may know of it."""
        waiting = [one for one in self.state.subjects.values() if one.unjudged(self.study)]
        named = [
            f"{event.term} (grade {event.grade}) of {one.id}"
            for one in waiting
            if sees(self.person, one)
            for event in one.dlt_candidates(self.study)
        ]
        deaths = (one for one in waiting if one.death_unreported(self.study) and sees(self.person, one))
        named += [f"the death of {one.id}, of which no adverse event says anything" for one in deaths]
        elsewhere = any(not sees(self.person, one) for one in waiting)
        return ", ".join([*named, *(["an event at another site"] if elsewhere else [])])

    def level_of(self, subject: Subject) -> LevelState | Refusal:
        """The open dose level, if the subject was enrolled there; or the level where it was backfilled."""
        level = self.open_level()
        if isinstance(level, Refusal) or level.level == subject.level:
            return level
        history = self.state.history(self.study, self.command.at)
        if subject.backfilled and subject.level and self.study.rule.takes_backfilled(history, subject.level):
            return self.state.levels[subject.level]
        return Refusal(
            code="level.closed",
            reason=f"{subject.id} is enrolled at level {subject.level}, and level {level.level} is open.",
            rule=self.rule("dose escalation > decision"),
            mend="Declare the subject not evaluable, which gives the slot back; another is enrolled at the open level.",
        )

    def out(self, subject: Subject) -> Refusal | None:
        """The refusal of treatment of a subject who gave the slot back before it was treated."""
        failed = subject.course.product_failure if subject.course.replaced else None
        why = subject.not_evaluable or failed
        if why is None:
            return None
        return Refusal(
            code="subject.out",
            reason=f"{subject.id} gave the slot back: {why}",
            rule=self.rule("dose escalation > rule > cohort" if self.study.dose_escalation else "enrolment"),
            mend="Screen and enrol another subject.",
        )

    def signed_before(self, signatures: Iterable[tuple[Role, str, datetime]]) -> str | None:
        """The role, or the person in another role, that has signed already: two signatures are of two people."""
        for role, person, _ in signatures:
            if role == self.role:
                return f"The {role}"
            if person == self.command.by:
                return f"{person}, as {role},"
        return None

    def no_escalation(self) -> Refusal:
        """The refusal of what belongs to a dose escalation, in a trial that has none."""
        return Refusal(
            code="escalation.none",
            reason=f"{self.study.id} escalates no dose.",
            rule=self.rule("dose escalation"),
            mend="Open a cohort where the protocol has cohorts; enrol where it has none.",
            kind=Kind.INPUT,
            recorded=False,
        )

    def ended(self) -> Refusal:
        """The refusal of everything that belongs to a dose escalation that is over."""
        return Refusal(
            code="escalation.ended",
            reason="Dose escalation has ended.",
            rule=self.rule("dose escalation > rule"),
            mend="No more subjects are treated, and no dose is decided, under this protocol version.",
        )

    def rule(self, path: str) -> str:
        """A part of the protocol, named for a reader."""
        return f"protocol {self.study.id} version {self.study.version}, {path}"


def sees(person: Person | None, subject: Subject) -> bool:
    """Whether a person may know of a subject: site roles know their own site's."""
    if person is None:
        return False
    return person.role not in SITE_ROLES or person.site == subject.site


def invalid(code: str, reason: str, mend: str, rule: str = "form of the input") -> Refusal:
    """A refusal of input that cannot be so; it is shown and not recorded."""
    return Refusal(code=code, reason=reason, rule=rule, mend=mend, kind=Kind.INPUT, recorded=False)
