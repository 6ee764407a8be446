"""A dress rehearsal: the whole trial on virtual subjects, through the same `decide` that conducts it.

People arrive, are screened, wait for a slot, are infused when the protocol lets them, react, are followed, and dose
decisions are proposed and signed, until dose escalation ends. A calendar of what comes next moves a virtual clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Protocol

import numpy as np

from trialwright.conduct import Refusal, State
from trialwright.conduct import commands as cmd
from trialwright.conduct.commands import Command
from trialwright.conduct.escalation import can_propose
from trialwright.errors import InputError
from trialwright.protocol.study import Role, Study
from trialwright.rehearse.virtual import VirtualEvent, VirtualSubject, virtual_subject

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
"""The first morning of a rehearsal, unless another is given."""

SITE = "01"
SPONSOR = "sponsor"
STAFF: tuple[tuple[str, Role], ...] = (
    ("investigator", "investigator"),
    ("coordinator", "coordinator"),
    ("pharmacist", "pharmacist"),
    ("monitor", "monitor"),
)
_MONTH = 365.25 / 12
_LONGEST = timedelta(days=365 * 20)
_CONTAINER_ML = 250
_SHELF_LIFE = timedelta(days=3)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class Conductor(Protocol):
    """What conducts the trial: `trialwright.trial.Trial`, or anything that decides as it does."""

    @property
    def state(self) -> State:
        """Where the trial stands."""

    def do(self, command: type[Command], *, by: str, **fields: Any) -> object:
        """Give a command; a refusal comes back as `Refusal`."""


@dataclass(slots=True)
class VirtualClock:
    """The rehearsal's time; `pace` is told of every step forward, so that a shell can slow it down."""

    time: datetime = START
    pace: Callable[[timedelta], None] | None = None

    def __call__(self) -> datetime:
        """The time now."""
        return self.time

    def move(self, to: datetime) -> None:
        """Go forward to a moment; never back."""
        if to > self.time:
            if self.pace:
                self.pace(to - self.time)
            self.time = to


@dataclass(slots=True)
class Rehearsal:
    """One rehearsal of one protocol.

    Attributes:
        study: The protocol.
        truth: True DLT probability of each dose level.
        seed: Seed of everything that is drawn.
        trial: What conducts it.
        clock: The clock that `trial` reads.
    """

    study: Study
    truth: Sequence[float]
    seed: int
    trial: Conductor
    clock: VirtualClock
    calendar: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    people: dict[str, VirtualSubject] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    arrivals: np.random.Generator = field(init=False)
    order: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        if len(self.truth) != len(self.study.doses):
            raise InputError(
                f"{len(self.truth)} true DLT rates for {len(self.study.doses)} dose levels; give one for each level"
            )
        self.arrivals = np.random.default_rng([self.seed, 0])

    def run(self, until: Callable[[State], bool] | None = None) -> State:
        """Rehearse to the end of dose escalation and of every DLT window, or until `until` says so.

        Raises:
            InputError: The trial does not end within 20 years of virtual time.
        """
        self._set_up()
        end = self.clock.time + _LONGEST
        while self.calendar and not (until and until(self.trial.state)):
            at, _, action = heapq.heappop(self.calendar)
            if at > end:
                raise InputError("the rehearsed trial does not end within 20 years; check accrual and criteria")
            self.clock.move(at)
            action()
        return self.trial.state

    def _set_up(self) -> None:
        self._do(cmd.OpenSite, by=SPONSOR, site=SITE, name="Rehearsal site")
        for person, role in STAFF:
            site = None if role == "monitor" else SITE
            self._do(cmd.GrantRole, by=SPONSOR, person=person, role=role, site=site)
        self._do(cmd.OpenDoseLevel, by=SPONSOR, level=1)
        self._next_arrival()

    def _next_arrival(self) -> None:
        mean_days = _MONTH / self.study.planning.screened_per_month
        self._later(timedelta(days=float(self.arrivals.exponential(mean_days))), self._arrive)

    def _arrive(self) -> None:
        state = self.trial.state
        if state.stopped:
            return
        self._next_arrival()
        level = state.open_level
        if level is None or len(self.waiting) >= state.free_slots(self.study, level):
            return
        number = len(state.subjects) + 1
        person = virtual_subject(self.study, self.seed, number)
        self._do(cmd.ScreenSubject, by="coordinator", consented_on=self.clock.time.date())
        subject = f"S{number:03d}"
        self.people[subject] = person
        self.waiting.append(subject)
        self._later(_days(person, 1, 6), lambda: self._assess(subject))

    def _assess(self, subject: str) -> None:
        person = self.people[subject]
        self._do(
            cmd.AssessEligibility,
            by="investigator",
            subject=subject,
            values=dict(person.values),
            answers=dict(person.answers),
        )
        if self.trial.state.subjects[subject].verdict != "eligible":
            self.waiting.remove(subject)
            return
        self._enrol(subject)

    def _enrol(self, subject: str) -> None:
        state = self.trial.state
        level = state.open_level
        if state.stopped:
            return
        closing = state.recommendation(self.study).closes_level
        free = level is not None and state.free_slots(self.study, level) > 0 and not closing
        if free and self._do(cmd.EnrolSubject, by="investigator", subject=subject):
            self.waiting.remove(subject)
            self._later(_days(self.people[subject], 1, 4), lambda: self._infuse(subject))
        else:
            self._later(_DAY, lambda: self._enrol(subject))

    def _infuse(self, subject: str) -> None:
        state, person = self.trial.state, self.people[subject]
        recommendation, taking = state.recommendation(self.study), state.open_level
        moved = taking is None or taking.level != state.subjects[subject].level
        if state.stopped or recommendation.final or recommendation.closes_level or moved:
            reason = "Escalation stopped before the infusion"
            self._do(cmd.DeclareNotEvaluable, by="investigator", subject=subject, reason=reason)
            return
        earliest = state.stagger_ends(self.study, state.subjects[subject].level or 1)
        if earliest and earliest > self.clock.time:
            self._at(earliest, lambda: self._infuse(subject))
            return
        self._prepare(subject, person)
        for reader in ("investigator", "coordinator"):
            coi = f"{subject}-1"
            self._do(cmd.MatchIdentity, by=reader, subject=subject, scanned_subject=subject, scanned_coi=coi)
        self._do(cmd.StartInfusion, by="investigator", subject=subject)
        self._later(_HOUR, lambda: self._complete(subject))
        window = self.study.design.dlt_window.days
        level = self.trial.state.subjects[subject].level or 1
        for event in person.reaction(self.truth[level - 1], window):
            self._later(event.after + _HOUR, lambda event=event: self._report(subject, event))  # type: ignore[misc]
        self._later(timedelta(days=window, hours=2), lambda: self._close_window(subject))

    def _prepare(self, subject: str, person: VirtualSubject) -> None:
        """A lot comes for the subject, is released, and the infusion is prepared from it."""
        concentration, viability = person.product()
        lot, container = f"LOT-{subject}", f"LOT-{subject}-1"
        self._do(
            cmd.ReceiveLot,
            by="pharmacist",
            lot=lot,
            product=self.study.products[0].name,
            containers=(container,),
            volume_ml=_CONTAINER_ML,
            expires_at=self.clock.time + _SHELF_LIFE,
            concentration_per_ml=concentration,
            viability_pct=viability,
            for_subject=subject,
        )
        self._do(cmd.ReleaseLot, by="pharmacist", lot=lot, reason="Certificate of analysis in order")
        self._do(
            cmd.PrepareInfusion,
            by="pharmacist",
            subject=subject,
            lot=lot,
            containers=(container,),
            weight_kg=person.weight(),
            weighed_on=self.clock.time.date(),
        )

    def _complete(self, subject: str) -> None:
        self._do(cmd.CompleteInfusion, by="coordinator", subject=subject)

    def _report(self, subject: str, event: VirtualEvent) -> None:
        infusion = self.trial.state.subjects[subject].infusion
        onset = ((infusion.at if infusion else self.clock.time) + event.after).date()
        self._do(
            cmd.ReportAdverseEvent,
            by="coordinator",
            subject=subject,
            term=event.term,
            onset_on=onset,
            grade=event.grade,
            related=event.related,
            serious=event.grade >= 4,
        )
        if self.trial.state.subjects[subject].dlt_candidates(self.study):
            self._later(_DAY, lambda: self._adjudicate(subject))

    def _adjudicate(self, subject: str) -> None:
        for event in self.trial.state.subjects[subject].dlt_candidates(self.study):
            self._do(
                cmd.AdjudicateDlt,
                by="investigator",
                subject=subject,
                event=event.number,
                dlt=True,
                reason="Related, in the window, and of the grade that the protocol defines",
            )
        self._consider_decision()

    def _close_window(self, subject: str) -> None:
        if self._do(cmd.CloseDltWindow, by="investigator", subject=subject):
            self._consider_decision()
        else:
            self._later(_DAY, lambda: self._close_window(subject))

    def _consider_decision(self) -> None:
        if can_propose(self.study, self.trial.state):
            self._later(_DAY, self._propose)

    def _propose(self) -> None:
        state = self.trial.state
        standing = state.decisions[-1] if state.decisions and not state.decisions[-1].taken else None
        stands = standing is not None and standing.outcomes == state.outcomes(self.study, standing.at)
        if stands or not can_propose(self.study, state):
            return
        decision = state.recommendation(self.study).decision.value
        self._do(cmd.ProposeDoseDecision, by="investigator", decision=decision)
        self._later(_HOUR, lambda: self._sign("investigator"))
        self._later(_DAY, lambda: self._sign(SPONSOR))

    def _sign(self, person: str) -> None:
        decision = self.trial.state.decisions[-1]
        if not self._do(cmd.SignDoseDecision, by=person, number=decision.number, content=decision.content):
            self._consider_decision()
        state = self.trial.state
        if state.decisions[-1].taken and not state.stopped and state.open_level is None and decision.dose:
            self._do(cmd.OpenDoseLevel, by=SPONSOR, level=decision.dose)

    def _do(self, command: type[Command], *, by: str, **fields: Any) -> bool:
        return not isinstance(self.trial.do(command, by=by, **fields), Refusal)

    def _later(self, after: timedelta, action: Callable[[], None]) -> None:
        self._at(self.clock.time + after, action)

    def _at(self, moment: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self.calendar, (moment.replace(microsecond=0), next(self.order), action))


def _days(person: VirtualSubject, low: int, high: int) -> timedelta:
    return timedelta(hours=float(person.rng.uniform(low * 24, high * 24)))
