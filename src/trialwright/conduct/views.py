"""What a person sees of the trial. Everything shown, printed or exported comes from here, by role and site."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from trialwright.conduct.adverse_event import AdverseEvent
from trialwright.conduct.blinding_state import Exposure, UnblindingRequest
from trialwright.conduct.case import sees
from trialwright.conduct.commands import Instant
from trialwright.conduct.course import Course, Infusion
from trialwright.conduct.data_views import DataView, data_view
from trialwright.conduct.dosing import infusions_left
from trialwright.conduct.enrolment import cohort_listings
from trialwright.conduct.escalation import can_propose, choices
from trialwright.conduct.events import (
    CommandRefused,
    DataExported,
    EnvelopesPrinted,
    Event,
    RoleGranted,
    RoleRevoked,
    StockEvent,
)
from trialwright.conduct.exposure import blinded, masked, shows_arm, with_open_arms
from trialwright.conduct.history import Closed, closed_by
from trialwright.conduct.known import responded
from trialwright.conduct.local_time import local_day
from trialwright.conduct.medicine import with_use
from trialwright.conduct.next_steps import Step, not_before, subject_steps
from trialwright.conduct.roles import MAY, SITE_ROLES, UNBLINDED, may
from trialwright.conduct.sealed import Sealed
from trialwright.conduct.stagger import ArmOf
from trialwright.conduct.state import Consent, Disposition, DoseDecision, Group, Pause, Person, State, Subject, Version
from trialwright.conduct.stock import Stock
from trialwright.conduct.trial_steps import trial_steps
from trialwright.conduct.visits import treated_at, treated_on
from trialwright.design import Decision, Outcome, Recommendation
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.schedule import Endpoint
from trialwright.protocol.study import Role, Study
from trialwright.protocol.subject_text import newest

_DAY = timedelta(days=1)
Mark = Literal["no DLT", "DLT", "pending", "not evaluable"]
_MARKS: dict[Outcome, Mark] = {Outcome.NO_DLT: "no DLT", Outcome.DLT: "DLT", Outcome.PENDING: "pending"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks, and when."""

    id: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A subject on the dose board; a subject of another site shows its outcome and no number.

    Attributes:
        subject: The subject's number; None for a subject whom the viewer may not know of.
        order: Place in the order of treatment, from 1; None before the infusion.
        cohort: Place of the cohort in the order in which cohorts were opened, from 1.
        days_left: Whole days until the DLT window ends, 0 once it has; None where no window is open.
    """

    subject: str | None
    order: int | None
    cohort: int
    mark: Mark
    infused_at: datetime | None
    window_ends: datetime | None
    days_left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelView:
    """A dose level on the board."""

    level: int
    name: str
    amount: AmountOf
    status: Literal["open", "closed", "not opened"]
    slots: int
    free: int
    tiles: tuple[Tile, ...]

    @property
    def evaluable(self) -> int:
        """Subjects with a known outcome."""
        return sum(tile.mark in {"no DLT", "DLT"} for tile in self.tiles)

    @property
    def dlts(self) -> int:
        """Subjects with a DLT."""
        return sum(tile.mark == "DLT" for tile in self.tiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectView:
    """A subject, for somebody who may know of it.

    Attributes:
        id: The subject's number.
        site: Its site.
        consented_on: Day of the first consent.
        consents: Every consent by the version of the protocol, in order.
        screened_at: When it was taken into screening.
        assessed_at: When eligibility was last assessed.
        enrolled_at: When it was enrolled.
        reserved_until: Until when a slot is kept for it.
        disposition: How it left the trial or completed it.
        rescue: Day on which rescue began.
        entered: Days, values and answers of screening, in the full form of a subject.
        values: What is known of it now, by item.
        findings: What each criterion came to, by the criterion's id.
        verdict: Whether the criteria let it in: eligible, not eligible, undetermined or not assessed.
        enrolled: Whether it was enrolled.
        group: The cohort in which it was enrolled.
        level: The dose level at which it was enrolled.
        mark: How it counts for the dose rule: no DLT, DLT, pending or not evaluable.
        infusion: The first infusion that was begun.
        treated_at: When it first received study treatment, infused or prescribed.
        treated_on: The day of that where the subject is.
        course: Every preparation and every infusion.
        infusions_left: Whether the protocol plans another infusion of the subject, now or later; yes or no.
        window_ends: When its DLT window ends.
        window_closed: Whether its DLT window was closed.
        not_evaluable: Why it is not evaluable.
        adverse_events: Its adverse events, in the order in which they were reported.
        voided_events: Adverse events that were entered in error, and count for nothing.
        candidates: Numbers of the adverse events that may be dose-limiting and are not adjudicated.
        not_before: From when the next infusion may be given; None where no interval and no stagger holds it back.
        randomised: Whether it was randomised.
        randomised_in_error: Why it should not have been randomised.
        arm_shown: Whether the viewer sees the arm of a subject who has one.
        arm: The arm; None where it is not shown, where there is none yet, or where the sealed file is not here.
        exposures: Who sees this subject's arm, apart from those who see every arm.
        next_steps: Commands that make sense for the subject now and that the viewer may give, the most urgent first.
        steps: Every step that makes sense for the subject now, whoever takes it.
        data: Its visits with what was collected, its queries and its signatures.
    """

    id: str
    site: str
    consented_on: date
    consents: tuple[Consent, ...]
    screened_at: datetime | None
    assessed_at: datetime | None
    enrolled_at: datetime | None
    reserved_until: datetime | None
    disposition: Disposition | None
    rescue: date | None
    entered: Mapping[str, Mapping[str, Any]]
    findings: Mapping[str, str]
    verdict: str
    group: str | None
    level: int | None
    mark: Mark | None
    course: Course
    treated_at: datetime | None
    treated_on: date | None
    infusions_left: bool
    not_before: datetime | None
    window_ends: datetime | None
    window_closed: bool
    not_evaluable: str | None
    adverse_events: tuple[AdverseEvent, ...]
    voided_events: tuple[AdverseEvent, ...]
    candidates: frozenset[int]
    randomised: bool
    randomised_in_error: str | None
    arm_shown: bool
    arm: str | None
    exposures: tuple[Exposure, ...]
    next_steps: tuple[str, ...]
    steps: tuple[Step, ...]
    data: DataView
    _responded: Callable[[Endpoint], bool | None] = field(compare=False, repr=False)

    @property
    def values(self) -> Mapping[str, bool | Decimal | str]:
        """The newest value of every item that screening found; no for an event that never happened."""
        return {name: newest(history) for name, history in self.entered["values"].items()}

    @property
    def enrolled(self) -> bool:
        """Whether the subject was enrolled."""
        return self.enrolled_at is not None

    @property
    def infusion(self) -> Infusion | None:
        """The first infusion that was begun."""
        return self.course.infusions[0] if self.course.infusions else None

    def responded(self, endpoint: Endpoint) -> bool | None:
        """Whether it has had the response of an endpoint; None while that is open."""
        return self._responded(endpoint)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The trial as one person sees it.

    Attributes:
        study: The protocol that is in force.
        viewer: Who looks.
        at: When it is looked at.
        today: The day where the viewer's site is; in UTC for whoever belongs to none.
        sequence: Number of the last entry of the log.
        status: Where the trial stands, in one sentence.
        outcomes: The outcomes of the dose levels so far, such as 1NNT.
        free: Slots that nobody holds where subjects are enrolled now; None where no level and no cohort is open.
        open_cohort: The cohort that takes subjects; None in a trial without cohorts.
        next_dose: What the dose rule says now; None where no dose is escalated.
        levels: The dose levels.
        subjects: The subjects of whom the viewer may know.
        decisions: Every dose decision, in order.
        stopped: Whether dose escalation has ended.
        mtd: The maximum tolerated dose's level.
        top_tolerated: Whether the top dose is tolerated.
        may: Commands that the viewer's role may give.
        steps: Every step that makes sense for the trial as a whole now, whoever takes it, the most urgent first.
        can_propose: Whether a dose decision can be proposed now.
        decisions_open: The decisions that may be proposed: the recommended one and the more cautious ones; before one
            is due, those that wait for nothing.
        open_decision: The decision that waits for signatures.
        sites: The open sites by number, and their names.
        people: Who has a role; a role of one site sees that site's.
        exposures: Everybody who has ever seen an arm of a masked trial; a role of one site sees that site's.
        unblinding: The request to unblind that waits for a second person.
        unblinded: Whether everybody sees the arms.
        locked: Whether the data of the study are locked.
        pauses: Every pause of the trial, the lifted ones too.
        cohorts: The sequential cohorts that were opened, in order.
        listings: SHA-256 of the adverse events of the open cohort, which a review of it binds.
        versions: The versions of the protocol that were adopted, in order.
        stock: The lots of the viewer's site, or of all; in a masked trial the pharmacist's only.
    """

    study: Study
    viewer: Person | None
    at: datetime
    today: date
    sequence: int
    status: str
    outcomes: str
    free: int | None
    open_cohort: str | None
    next_dose: Recommendation | None
    levels: tuple[LevelView, ...]
    subjects: tuple[SubjectView, ...]
    decisions: tuple[DoseDecision, ...]
    stopped: bool
    mtd: int | None
    top_tolerated: bool
    may: frozenset[str]
    steps: tuple[Step, ...]
    can_propose: bool
    decisions_open: tuple[str, ...]
    open_decision: DoseDecision | None
    sites: Mapping[str, str]
    people: tuple[Person, ...]
    exposures: tuple[Exposure, ...]
    unblinding: UnblindingRequest | None
    unblinded: bool
    locked: bool
    pauses: tuple[Pause, ...] = ()
    cohorts: tuple[Group, ...] = ()
    listings: str | None = None
    versions: tuple[Version, ...] = ()
    stock: Stock = field(default_factory=Stock)

    @property
    def role(self) -> Role | None:
        """The viewer's role."""
        return self.viewer.role if self.viewer else None

    def subject(self, subject_id: str) -> SubjectView | None:
        """The subject of that number, if the viewer may know of it."""
        return next((subject for subject in self.subjects if subject.id == subject_id), None)


def view(study: Study, state: State, sealed: Sealed, viewer: Viewer) -> View:
    """What `viewer` may see of the trial; somebody without a role sees the protocol of a trial not yet begun.

    Args:
        study: The adopted protocol.
        state: The trial.
        sealed: Allocations; of a subject whose arm the viewer may not see nothing is read.
        viewer: Who looks, and when.
    """
    person = state.people.get(viewer.id)
    state = State() if person is None else with_open_arms(study, state, sealed)
    next_dose = state.recommendation(study, viewer.at) if study.dose_escalation else None
    place, stock = state.place(study), _stock(study, state, sealed, person)
    return View(
        study=study,
        viewer=person,
        at=viewer.at,
        today=local_day(state, (person and person.site) or "", viewer.at),
        sequence=state.sequence,
        status=status(study, state, viewer.at),
        outcomes=state.outcomes(study, viewer.at),
        free=state.free(study, place, viewer.at) if place else None,
        open_cohort=place.group if place else None,
        next_dose=next_dose,
        levels=tuple(_level(study, state, level, person, viewer.at) for level in _levels(study)),
        subjects=_subjects(study, state, sealed, person, viewer.at),
        decisions=state.decisions,
        stopped=state.stopped,
        mtd=state.mtd,
        top_tolerated=state.top_tolerated,
        may=frozenset(name for name in MAY if person and may(person.role, name)),
        steps=trial_steps(study, state, stock, person, viewer.at),
        can_propose=can_propose(study, state, viewer.at),
        decisions_open=choices(study, state, viewer.at),
        open_decision=None if state.stopped else state.open_decision,
        sites=state.sites,
        pauses=state.pauses,
        cohorts=state.groups,
        listings=cohort_listings(state, state.groups[-1].name) if state.groups else None,
        versions=state.versions,
        people=tuple(other for other in state.people.values() if person and person.site in {None, other.site}),
        exposures=_exposures(study, state, person),
        unblinding=state.unblinding,
        unblinded=state.unblinded,
        locked=state.locked,
        stock=stock,
    )


def reads_sealed(study: Study, state: State, person: str) -> bool:
    """Whether the view of a person reads the sealed side at all; for a blinded one it is computed without it."""
    viewer = state.people.get(person)
    if viewer is not None and masked(study) and viewer.role in UNBLINDED:
        return True
    return any(sees(viewer, s) and shows_arm(study, state, viewer, s) for s in state.subjects.values() if s.randomised)


def opens_sealed(study: Study, state: State, person: str) -> bool:
    """Whether a person may take a copy of the sealed stream, opened: nobody of one site, and nobody who is blinded."""
    viewer = state.people.get(person)
    return viewer is not None and viewer.role not in SITE_ROLES and not blinded(study, state, viewer.role)


def _exposures(study: Study, state: State, person: Person | None) -> tuple[Exposure, ...]:
    if not masked(study) or person is None:
        return ()
    return tuple(seen for seen in state.exposures if person.site in {None, seen.site})


def _stock(study: Study, state: State, sealed: Sealed, person: Person | None) -> Stock:
    if person is None or (masked(study) and person.role not in UNBLINDED):
        return Stock()
    stock = sealed.stock if masked(study) else state.stock
    if person.site is None:
        return stock
    lots = {name: lot for name, lot in stock.lots.items() if lot.site == person.site}
    return replace(stock, lots=lots, dispensed={k: one for k, one in stock.dispensed.items() if one.lot in lots})


def trail(state: State, events: Sequence[Event], person: Person | None) -> tuple[tuple[int, Event], ...]:
    """The audit trail that somebody may read: sequence numbers and events, oldest first.

    A role of one site reads of that site's subjects, people and refusals, and of the trial as a whole.
    """
    return tuple(
        (sequence, event) for sequence, event in enumerate(events, start=1) if person and _reads(state, event, person)
    )


def _reads(state: State, event: Event, person: Person) -> bool:
    if person.role not in SITE_ROLES:
        return True
    if hasattr(event, "subject"):
        subject = state.subjects.get(event.subject)
        return subject is not None and sees(person, subject)
    if isinstance(event, RoleGranted):
        return event.for_site in {None, person.site}
    own = isinstance(event, CommandRefused | DataExported | RoleRevoked | EnvelopesPrinted | StockEvent)
    return not own or event.site == person.site


def status(study: Study, state: State, at: datetime | None = None) -> str:
    """Where the trial stands at a moment, in one sentence, and a second one once its data are locked."""
    return f"{_status(study, state, at)}{' The data are locked.' if state.locked else ''}"


def _status(study: Study, state: State, at: datetime | None) -> str:
    if state.standing_pauses:
        pause = state.standing_pauses[0]
        return f"The trial {'was stopped' if pause.action == 'stop' else 'is paused'}: {pause.reason}"
    if study.dose_escalation is None:
        return _enrolment(study, state, at)
    if state.stopped:
        if state.mtd:
            return f"Dose escalation has ended: the {study.rule.seeks} is level {state.mtd} ({study.dose(state.mtd)})."
        if state.top_tolerated:
            return "Dose escalation has ended: the top dose is tolerated and the MTD was not reached."
        return f"Dose escalation has ended without an {study.rule.seeks}."
    level = state.open_level
    if level is None:
        return "No dose level is open."
    if (closed := closed_by(study, state, level.level, at)) is not None:
        return f"{_undone(state)}{_closed(study, level.level, closed)}"
    free = state.free_slots(study, level, at)
    where = f"Level {level.level} ({study.dose(level.level)})"
    return f"{_undone(state)}{where} is open; {free} of {level.slots} slots are free."


def _undone(state: State) -> str:
    """That the decision which ended the escalation holds no more, where so."""
    last = state.last_taken
    if last is None or not last.superseded:
        return ""
    return f"Decision {last.number}, which ended dose escalation, no longer holds. "


def _closed(study: Study, level: int, closed: Closed) -> str:
    """Why nobody else is treated at the open level."""
    where = f"level {level} ({study.dose(level)})"
    if closed.unjudged:
        return f"Nobody else is treated at {where} until an event that may be dose-limiting is adjudicated."
    if closed.answer.decision is Decision.STOP:
        return f"The stopping rule is met at {where}; nobody else is treated."
    due = "Nobody" if closed.answer.waits_for else "A dose decision is due: nobody"
    return f"{due} else is treated at {where}. {closed.answer.why}"


def _enrolment(study: Study, state: State, at: datetime | None) -> str:
    place = state.place(study)
    if place is None:
        return "No cohort is open."
    free = state.free(study, place, at)
    if place.group is not None:
        return f"{place.group} is open; {free} of {place.slots} slots are free."
    return f"{len(state.members(place))} of {place.slots} planned subjects are enrolled."


def _levels(study: Study) -> range:
    return range(1, len(study.doses) + 1) if study.dose_escalation else range(0)


def _level(study: Study, state: State, level: int, person: Person | None, at: datetime) -> LevelView:
    opened = state.levels.get(level)
    subjects = state.at_level(level)
    order = _order(state)
    return LevelView(
        level=level,
        name=study.dose(level).name,
        amount=study.dose(level).amount,
        status="not opened" if opened is None else "open" if opened.open else "closed",
        slots=opened.slots if opened else 0,
        free=state.free_slots(study, opened, at) if opened else 0,
        tiles=tuple(_tile(study, s, person, order.get(s.id), at) for s in subjects),
    )


def _order(state: State) -> dict[str, int]:
    infused = sorted((s.infusion.at, s.id) for s in state.subjects.values() if s.infusion)
    return {subject: place for place, (_, subject) in enumerate(infused, start=1)}


def _tile(study: Study, subject: Subject, person: Person | None, order: int | None, at: datetime) -> Tile:
    ends = subject.window_ends(study)
    mark = _mark(study, subject)
    watching = ends is not None and not subject.window_closed and mark != "not evaluable"
    return Tile(
        subject=subject.id if sees(person, subject) else None,
        order=order,
        cohort=(subject.cohort or 0) + 1,
        mark=mark or "pending",
        infused_at=subject.infusion.at if subject.infusion else None,
        window_ends=ends,
        days_left=max(0, -((at - ends) // _DAY)) if watching and ends else None,
    )


def _mark(study: Study, subject: Subject) -> Mark | None:
    if subject.level is None:
        return None
    outcome = subject.outcome(study)
    return "not evaluable" if outcome is None else _MARKS[outcome]


def _subjects(
    study: Study, state: State, sealed: Sealed, person: Person | None, at: datetime
) -> tuple[SubjectView, ...]:
    """The subjects that somebody may know of."""
    level = state.open_level
    taking = not state.stopped and (level is None or closed_by(study, state, level.level, at) is None)
    known = tuple(subject for subject in state.subjects.values() if sees(person, subject))
    arm_of = partial(_shown_arm, study, state, sealed, person)
    steps = {one.id: subject_steps(study, state, one, arm_of, at, taking=taking) for one in known}
    return tuple(_subject(study, state, arm_of, person, one, at, steps[one.id]) for one in known)


_AS_IT_STANDS = (
    "id",
    "site",
    "consented_on",
    "consents",
    "screened_at",
    "assessed_at",
    "enrolled_at",
    "disposition",
    "rescue",
    "entered",
    "findings",
    "group",
    "level",
    "window_closed",
    "not_evaluable",
    "adverse_events",
    "voided_events",
    "randomised",
    "randomised_in_error",
)
"""What a person who may see a subject sees of it as the log has it."""


def _subject(
    study: Study,
    state: State,
    arm_of: ArmOf,
    person: Person | None,
    one: Subject,
    at: datetime,
    steps: tuple[Step, ...],
) -> SubjectView:
    begun = treated_on(study, one)
    return SubjectView(
        **{name: getattr(one, name) for name in _AS_IT_STANDS},
        reserved_until=one.reservation.expires_at if one.reservation else None,
        verdict=one.verdict or "not assessed",
        mark=_mark(study, one),
        course=with_use(study, one),
        treated_at=treated_at(study, one),
        treated_on=begun,
        infusions_left=infusions_left(study, one, arm_of(one)),
        not_before=not_before(study, state, one, arm_of),
        window_ends=one.window_ends(study),
        candidates=frozenset(event.number for event in one.dlt_candidates(study)),
        arm_shown=shows_arm(study, state, person, one),
        arm=arm_of(one),
        exposures=tuple(seen for seen in _exposures(study, state, person) if seen.subject == one.id),
        next_steps=_commands(steps, person),
        steps=steps,
        data=data_view(study, state, one, at),
        _responded=partial(responded, study, one, begun=begun),
    )


def _shown_arm(study: Study, state: State, sealed: Sealed, person: Person | None, subject: Subject) -> str | None:
    if not shows_arm(study, state, person, subject):
        return None
    return sealed.arm(subject.id) if subject.randomised else subject.arm


def _commands(steps: tuple[Step, ...], person: Person | None) -> tuple[str, ...]:
    role = person.role if person else None
    return tuple(dict.fromkeys(step.command for step in steps if step.is_for(role)))
