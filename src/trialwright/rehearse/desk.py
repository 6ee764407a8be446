"""The desk of a rehearsal: who conducts, the virtual clock, the calendar of what comes next, and the people."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, Protocol, runtime_checkable

import numpy as np

from trialwright.conduct import Refusal, State, View
from trialwright.conduct.commands import Command
from trialwright.conduct.exposure import masked
from trialwright.conduct.roles import SITE_ROLES
from trialwright.conduct.state import Subject
from trialwright.errors import InputError, RefusedError
from trialwright.protocol.study import Role, Study
from trialwright.rehearse.measures import Reading
from trialwright.rehearse.virtual import VirtualSubject

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
"""The first morning of a rehearsal, unless another is given."""

SPONSOR = "sponsor"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

UNSTATED_RESPONSE = 0.4
"""The chance of a response where neither the truth nor the protocol says one: an assumption of the rehearsal."""

_MORNING, _EVENING = 8, 17
"""Between which hours, UTC, people come and work."""


class Conductor(Protocol):
    """What conducts the trial: `trialwright.trial.Trial`, or anything that decides as it does."""

    @property
    def state(self) -> State:
        """Where the trial stands."""

    def do(self, command: type[Command], *, by: str, **fields: Any) -> object:
        """Give a command; a refusal comes back as `Refusal`."""


@runtime_checkable
class Showing(Protocol):
    """What shows the trial as a person sees it, which the pharmacist of a masked trial needs."""

    def view(self, person: str) -> View:
        """The trial as a person sees it now."""


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


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works in a rehearsal: the id in the log, the role, and the site where the role belongs to one."""

    person: str
    role: Role
    site: str | None


def sites(study: Study) -> tuple[str, ...]:
    """The numbers of the sites that the protocol plans."""
    return tuple(f"{number:02d}" for number in range(1, study.sites.planned + 1))


def staff(study: Study) -> tuple[StaffMember, ...]:
    """Everybody of a rehearsal but the sponsor; who is at the first site is called by the role alone."""
    wanted: list[Role] = ["investigator", "coordinator", "pharmacist", "monitor"]
    signers = study.dose_escalation.decision.by if study.dose_escalation else study.signers
    wanted += [role for role in signers if role not in {*wanted, "sponsor"}]
    return tuple(
        StaffMember(_called(role, site), role, site)
        for role in wanted
        for site in (sites(study) if role in SITE_ROLES else (None,))
    )


@dataclass(slots=True)
class Desk:
    """What every part of a rehearsal works with.

    Attributes:
        study: The protocol.
        truth: True DLT probability of each dose level, or true response probability of each arm, or nothing.
        seed: Seed of everything that is drawn.
        subjects: How many are enrolled at most.
        people: Who was screened, by the subject's number.
        arms: The arm of each subject, as its pharmacist saw it in a masked trial.
        rng: What arrivals are drawn from.
    """

    study: Study
    truth: tuple[float, ...]
    seed: int
    subjects: int
    trial: Conductor
    clock: VirtualClock
    calendar: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    people: dict[str, VirtualSubject] = field(default_factory=dict)
    arms: dict[str, str | None] = field(default_factory=dict)
    reading: Reading = field(init=False)
    rng: np.random.Generator = field(init=False)
    order: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.reading = Reading(self.study)
        self.rng = np.random.default_rng([self.seed, 0])

    @property
    def state(self) -> State:
        """Where the trial stands."""
        return self.trial.state

    @property
    def today(self) -> date:
        """The day, UTC."""
        return self.clock.time.date()

    def toxicity(self, subject: str) -> float:
        """The true DLT rate at a subject's dose level; 0 where no dose is escalated."""
        level = self.subject(subject).level
        return self.truth[level - 1] if level else 0.0

    def response(self, subject: str, arm: str | None) -> float:
        """The true response rate of an arm, or of a subject's dose: of the truth, of planning, or an assumption."""
        level = self.subject(subject).level
        if level and self.study.response_rates:
            return self.study.response_rates[level - 1]
        rates = self.study.planning.true_response_rates
        if self.truth and self.study.dose_escalation is None:
            rates = {one.name: rate for one, rate in zip(self.study.arms, self.truth, strict=True)}
        return rates.get(arm or "", UNSTATED_RESPONSE)

    def subject(self, subject: str) -> Subject:
        """A subject as it stands, with the arm where everybody knows it."""
        known = self.state.subjects[subject]
        return known if masked(self.study) or not known.randomised else replace(known, arm=self.arm(subject))

    def at_site(self, role: Role, subject: str) -> str:
        """Who has a role at a subject's site."""
        return _called(role, self.state.subjects[subject].site)

    def signer(self, role: Role) -> str:
        """Who signs in a role for the trial as a whole."""
        return SPONSOR if role == "sponsor" else _called(role, sites(self.study)[0] if role in SITE_ROLES else None)

    def arm(self, subject: str) -> str | None:
        """The arm of a subject; one that was drawn is sealed, and the pharmacist of the site sees it.

        Raises:
            InputError: What conducts a randomised trial shows nobody anything.
        """
        known = self.state.subjects[subject]
        if not known.randomised:
            return known.arm
        if not isinstance(self.trial, Showing):
            raise InputError("a randomised trial is rehearsed by what shows its pharmacist the arms")
        if subject not in self.arms:
            seen = self.trial.view(self.at_site("pharmacist", subject)).subject(subject)
            self.arms[subject] = seen.arm if seen else None
        return self.arms[subject]

    def do(self, command: type[Command], *, by: str, **fields: Any) -> None:
        """Give a command that the protocol allows.

        Raises:
            RefusedError: It was refused; a rehearsal asks for nothing that it knows to be refused.
        """
        result = self.trial.do(command, by=by, **fields)
        if isinstance(result, Refusal):
            at = f"{self.clock.time:%Y-%m-%d %H:%M}"
            raise RefusedError(f"the rehearsal was refused {command.__name__} by {by} on {at}: {result}")

    def after(self, wait: timedelta, action: Callable[[], None]) -> None:
        """Do something after a time."""
        self.at(self.clock.time + wait, action)

    def at(self, moment: datetime, action: Callable[[], None]) -> None:
        """Do something at a moment, or now where that is past."""
        when = max(moment, self.clock.time).replace(microsecond=0)
        heapq.heappush(self.calendar, (when, next(self.order), action))

    def on(self, day: date, rng: np.random.Generator, action: Callable[[], None]) -> None:
        """Do something in the working hours of a day, or now where they are past."""
        minute = int(rng.integers(_MORNING * 60, _EVENING * 60))
        self.at(datetime.combine(day, time(minute // 60, minute % 60), UTC), action)


def _called(role: Role, site: str | None) -> str:
    return role if site in {None, "01"} else f"{role}-{site}"
