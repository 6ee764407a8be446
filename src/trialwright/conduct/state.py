"""Where the trial stands: the fold of its events. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from trialwright.conduct.adverse_event import AdverseEvent
from trialwright.conduct.blinding_state import Exposure, UnblindingRequest
from trialwright.conduct.commands.participation import DispositionTerm
from trialwright.conduct.course import Course, Infusion, prescription_of
from trialwright.conduct.data_state import DataPoint, Query, Signature, VisitState, death_in
from trialwright.conduct.events.base import Event
from trialwright.conduct.history import history_of, in_order
from trialwright.conduct.stock import Stock
from trialwright.design import History, Outcome, Recommendation
from trialwright.protocol.study import Role, Study
from trialwright.protocol.subject_text import newest


@dataclass(frozen=True, slots=True)
class Person:
    """Who has a role, and where."""

    id: str
    role: Role
    site: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenure:
    """A role that a person has or had, from when to when, and who granted it."""

    person: Person
    since: datetime
    granted_by: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRequest:
    """A role that one person asked for somebody else, and that a second one has not confirmed yet."""

    role: Role
    site: str | None
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where subjects are enrolled: a dose level, a sequential cohort, or the trial as a whole, and its slots."""

    slots: int
    level: int | None = None
    group: str | None = None

    def __str__(self) -> str:
        if self.level is not None:
            return f"level {self.level}"
        return self.group or "the trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """A slot kept for a subject in screening until a moment; from then on it is free again."""

    level: int | None
    group: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent: to which version of the protocol, on which day, and when it was taken down."""

    version: str
    on: date
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """How a subject left the trial: when it happened, and when and by whom it was taken down."""

    term: DispositionTerm
    occurred_on: date
    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause of the trial, or its stop: by which rule, and who signed that it goes on.

    Attributes:
        invoked_by: Who said that the rule is met; None where nobody did, because the record met it.
    """

    number: int
    at: datetime
    by: str
    rule: str
    action: Literal["pause", "stop"]
    reason: str
    signatures: tuple[tuple[Role, str, datetime], ...] = ()
    lifted_at: datetime | None = None
    invoked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the protocol that was adopted, and from which day on it is in force at each site.

    Attributes:
        approved: The day of approval by site; the first version is in force wherever a site is open.
        simulation: SHA-256 of the operating characteristics that were computed for it; None where its dose rules are
            those of the version before it.
    """

    name: str
    sha256: str
    at: datetime
    changes: tuple[str, ...] = ()
    simulation: str | None = None
    approved: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One signature under the review of a cohort, bound to the adverse events that it was given on."""

    role: Role
    by: str
    at: datetime
    conclusion: Literal["continue", "stop"]
    listings: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A sequential cohort of the protocol that was opened, and the reviews of it."""

    name: str
    slots: int
    reviews: tuple[Review, ...] = ()


NOTHING_ENTERED: Mapping[str, Mapping[str, Any]] = {"days": {}, "values": {}, "answers": {}}


def merged(before: Mapping[str, Mapping[str, Any]], entered: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is known after something was entered; what was said to be unknown is known no more."""
    return {
        part: {name: one for name, one in {**before[part], **entered.get(part, {})}.items() if one is not None}
        for part in before
    }


EarlierZones = tuple[tuple[datetime, str | None], ...]
"""The time zones that a site had before the one of now, in order, each with the moment until which; None is UTC."""


def zone_at(moment: datetime, zone: str | None, earlier: EarlierZones) -> tzinfo:
    """The time zone in which a moment is read: the one that was in force then, whatever was set afterwards.

    Example:
        >>> moved = datetime(2026, 1, 6, tzinfo=UTC)
        >>> zone_at(moved, "Asia/Tokyo", ((moved, None),))
        zoneinfo.ZoneInfo(key='Asia/Tokyo')
        >>> zone_at(moved - timedelta(hours=1), "Asia/Tokyo", ((moved, None),))
        datetime.timezone.utc
    """
    name = next((before for until, before in earlier if moment < until), zone)
    return ZoneInfo(name) if name else UTC


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A subject as it stands.

    Attributes:
        zone: The time zone of its site, where one was set.
        earlier_zones: Those that the site had before.
        entered: Days, values and answers of screening, in the full form of a subject; what is unknown is not there.
        cohort: Place of the subject's cohort among `State.cohorts`, from 0; of a backfilled one, the cohort meanwhile.
        backfilled: Whether the subject was enrolled at a level below the open one.
        group: Name of the protocol's cohort that the subject was enrolled in, where it has cohorts.
        randomised: Whether an arm was drawn; which one is in the sealed stream.
        arm: The arm of an open trial.
        voided_events: Adverse events that were entered in error, and count for nothing.
        data: Data points by visit and item.
        visits: Visits that were held or missed, by name.
        moments: When the days came that visits hang on: `enrolment`, `randomisation`, the first `infusion`, and the
            first `prescription of` each medicine.
        locked: Whether the subject's data change no more; the study's lock holds for every subject.
        after_lock: Entries about the subject's safety that were taken down while its data were locked.
        reviewed_through: The entry as far as the subject's trail was reviewed.
        record: Every entry about the subject, with its sequence number.
        course: What the subject was prescribed and given.
    """

    id: str
    site: str
    consented_on: date
    zone: str | None = None
    earlier_zones: EarlierZones = ()
    consents: tuple[Consent, ...] = ()
    screened_at: datetime | None = None
    assessed_at: datetime | None = None
    entered: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: NOTHING_ENTERED)
    findings: Mapping[str, str] = field(default_factory=dict)
    verdict: Literal["eligible", "not eligible", "undetermined"] | None = None
    level: int | None = None
    cohort: int | None = None
    backfilled: bool = False
    enrolled: bool = False
    enrolled_at: datetime | None = None
    reservation: Reservation | None = None
    group: str | None = None
    randomised: bool = False
    randomised_in_error: str | None = None
    arm: str | None = None
    course: Course = field(default_factory=Course)
    adverse_events: tuple[AdverseEvent, ...] = ()
    voided_events: tuple[AdverseEvent, ...] = ()
    data: Mapping[str, Mapping[str, DataPoint]] = field(default_factory=dict)
    visits: Mapping[str, VisitState] = field(default_factory=dict)
    moments: Mapping[str, datetime] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()
    signatures: tuple[Signature, ...] = ()
    locked: bool = False
    locked_visits: frozenset[str] = frozenset()
    after_lock: tuple[int, ...] = ()
    reviewed_through: int = 0
    record: tuple[tuple[int, Event], ...] = field(default=(), repr=False)
    window_closed: bool = False
    window_closed_at: datetime | None = None
    dlt_at: datetime | None = None
    not_evaluable: str | None = None
    disposition: Disposition | None = None
    rescue: date | None = None

    @property
    def version(self) -> str:
        """The version of the protocol that the subject is on, which is the one it last consented to."""
        return self.consents[-1].version

    @property
    def values(self) -> Mapping[str, bool | Decimal | str]:
        """The newest value of every item that screening found; no for an event that never happened."""
        return {name: newest(history) for name, history in self.entered["values"].items()}

    @property
    def infusion(self) -> Infusion | None:
        """The first infusion that was begun."""
        return self.course.infusions[0] if self.course.infusions else None

    @property
    def fatal_event(self) -> AdverseEvent | None:
        """The adverse event that the subject died of, whether or not the death is taken down as its disposition."""
        return next((event for event in self.adverse_events if event.fatal), None)

    @property
    def died_on(self) -> date | None:
        """The day of death, where the record says it: by the disposition, the end of the fatal event, or the data."""
        gone, fatal = self.disposition, self.fatal_event
        if gone is not None and gone.term == "death":
            return gone.occurred_on
        return (fatal.ended_on if fatal else None) or death_in(self.data)

    @property
    def death_unexplained(self) -> bool:
        """Whether it died, and no adverse event says of what."""
        return self.died_on is not None and self.fatal_event is None

    def day_of(self, moment: datetime) -> date:
        """The day of a moment where the subject is."""
        return moment.astimezone(zone_at(moment, self.zone, self.earlier_zones)).date()

    def adverse_event(self, number: int) -> AdverseEvent | None:
        """The adverse event of that number."""
        return next((event for event in self.adverse_events if event.number == number), None)

    def window_ends(self, study: Study) -> datetime | None:
        """When the DLT window ends; None before the infusion, and where no dose is escalated."""
        if self.infusion is None or study.dose_escalation is None:
            return None
        return self.infusion.at + timedelta(days=study.design.dlt_window.days)

    def in_window(self, study: Study, onset_on: date) -> bool:
        """Whether an onset lies in the DLT window, both end days included."""
        end = self.window_ends(study)
        if self.infusion is None or end is None:
            return False
        return self.day_of(self.infusion.at) <= onset_on <= self.day_of(end)

    def meets_definition(self, study: Study, event: AdverseEvent) -> bool:
        """Whether an adverse event is dose-limiting by the protocol's definition, whatever was judged."""
        if study.dose_escalation is None:
            return False
        counts = study.design.dlt.counts(term=event.term, grade=event.grade, related=event.maybe_related)
        return counts and self.in_window(study, event.onset_on)

    def dlt_candidates(self, study: Study) -> tuple[AdverseEvent, ...]:
        """Adverse events that meet the protocol's definition of a DLT and wait for adjudication."""
        return tuple(e for e in self.adverse_events if e.dlt is None and self.meets_definition(study, e))

    def outcome(self, study: Study) -> Outcome | None:
        """What the dose rule is told of this subject; None for one who was replaced and has no DLT or possible one."""
        if self.level is None:
            return None
        if any(event.dlt for event in self.adverse_events):
            return Outcome.DLT
        if self.dlt_candidates(study) or self.death_unreported(study):
            return Outcome.PENDING
        if self.not_evaluable is not None or self.course.replaced:
            return None
        return Outcome.NO_DLT if self.was_followed(study) else Outcome.PENDING

    def death_unreported(self, study: Study) -> bool:
        """Whether it died within the DLT window, and no adverse event says of what, so that nobody could judge it."""
        died, ends = self.died_on, self.window_ends(study)
        return self.death_unexplained and died is not None and ends is not None and died <= self.day_of(ends)

    def was_followed(self, study: Study) -> bool:
        """Whether the DLT window was closed, and it is not known that the subject had died within it."""
        died, ends = self.died_on, self.window_ends(study)
        within = died is not None and ends is not None and died < self.day_of(ends)
        return self.window_closed and not within

    def unjudged(self, study: Study) -> bool:
        """Whether the dose rule waits for the adjudication of an event, or for the report of a death."""
        waits = self.dlt_candidates(study) or self.death_unreported(study)
        return self.outcome(study) is Outcome.PENDING and bool(waits)

    def reserves(self, place: Place, at: datetime) -> bool:
        """Whether a slot of a place is kept for this subject at a moment."""
        kept = self.reservation
        if kept is None or self.enrolled or self.disposition or at >= kept.expires_at:
            return False
        return (kept.level, kept.group) == (place.level, place.group)

    def holds_slot(self, study: Study) -> bool:
        """Whether a slot is taken by this subject for good: all who were enrolled, but those who are replaced."""
        if study.dose_escalation is not None:
            return self.outcome(study) is not None
        given = {prescription_of(one.product) for arm in study.arms for one in arm.treatments}
        untreated = self.infusion is None and not given & self.moments.keys()
        left = self.disposition is not None and self.disposition.term != "completed"
        gone = left and untreated and study.enrolment.replaced == "untreated"
        return self.enrolled and not gone and not self.course.replaced


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
    listings: str | None = None
    attendees: tuple[str, ...] = ()
    signatures: tuple[tuple[Role, str, datetime], ...] = ()
    taken: bool = False
    superseded: bool = False


@dataclass(frozen=True, kw_only=True)
class State:
    """The whole trial after `sequence` events.

    Attributes:
        zones: The time zone of each site that has one set.
        earlier_zones: Those that a site had before.
        cohorts: The dose level of each cohort that was opened, in order; more subjects at a level are a new cohort.
        tenures: Every role that anybody has or had, in the order of the grants.
        role_requests: Roles that wait for a second person, by whom they are for.
        versions: The versions of the protocol that were adopted, in order.
        pauses: Every pause of the trial, the lifted ones too.
        groups: The sequential cohorts of the protocol that were opened, in order.
        locked: Whether the data of the study change no more.
        exposures: Everybody who has ever seen an arm, in the order in which they came to see it.
        unblinding: The request to unblind that waits for a second person.
        unblinded: Whether everybody sees the arms.
        stock: The lots of an open trial; those of a masked one are sealed.
    """

    sequence: int = 0
    last_at: datetime | None = None
    protocol: str = ""
    protocol_sha256: str = ""
    sites: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    earlier_zones: Mapping[str, EarlierZones] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    tenures: tuple[Tenure, ...] = ()
    role_requests: Mapping[str, RoleRequest] = field(default_factory=dict)
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    stock: Stock = field(default_factory=Stock)
    levels: Mapping[int, LevelState] = field(default_factory=dict)
    cohorts: tuple[int, ...] = ()
    groups: tuple[Group, ...] = ()
    versions: tuple[Version, ...] = ()
    pauses: tuple[Pause, ...] = ()
    decisions: tuple[DoseDecision, ...] = ()
    stopped: bool = False
    mtd: int | None = None
    top_tolerated: bool = False
    locked: bool = False
    exposures: tuple[Exposure, ...] = ()
    unblinding: UnblindingRequest | None = None
    unblinded: bool = False

    @property
    def randomised(self) -> frozenset[str]:
        """The subjects who were randomised."""
        return frozenset(subject.id for subject in self.subjects.values() if subject.randomised)

    @property
    def open_level(self) -> LevelState | None:
        """The dose level that takes subjects."""
        return next((level for level in self.levels.values() if level.open), None)

    @property
    def standing_pauses(self) -> tuple[Pause, ...]:
        """The pauses that are not lifted."""
        return tuple(pause for pause in self.pauses if pause.lifted_at is None)

    @property
    def final_pause(self) -> Pause | None:
        """The pause by which the trial was stopped for good; no signature lifts it."""
        return next((pause for pause in self.standing_pauses if pause.action == "stop"), None)

    @property
    def open_decision(self) -> DoseDecision | None:
        """The dose decision that waits for signatures."""
        last = self.decisions[-1] if self.decisions else None
        return None if last is None or last.taken or last.superseded else last

    def people_at(self, moment: datetime) -> tuple[Person, ...]:
        """Who had a role at a moment, in the order of the grants."""
        there = (one for one in self.tenures if one.since <= moment and (one.until is None or moment < one.until))
        return tuple(one.person for one in there)

    def version_at(self, site: str | None, day: date) -> str:
        """The version of the protocol that is in force at a site on a day."""
        names = [one.name for one in self.versions if site and site in one.approved and one.approved[site] <= day]
        return names[-1] if names else self.versions[0].name

    @property
    def last_taken(self) -> DoseDecision | None:
        """The newest dose decision that stands."""
        return next((decision for decision in reversed(self.decisions) if decision.taken), None)

    def place(self, study: Study) -> Place | None:
        """Where the next subject is enrolled; None where no dose level or no cohort is open.

        A cohort has the size that this version of the protocol gives it, also where it was opened under another.
        """
        if study.dose_escalation is not None:
            level = self.open_level
            return Place(level=level.level, slots=level.slots) if level else None
        if study.cohorts and self.groups:
            group, sizes = self.groups[-1], {one.name: one.size for one in study.cohorts}
            return Place(group=group.name, slots=sizes.get(group.name, group.slots))
        return None if study.cohorts else Place(slots=study.enrolment.planned)

    def members(self, place: Place) -> tuple[Subject, ...]:
        """Subjects who were enrolled there."""
        enrolled = (subject for subject in self.subjects.values() if subject.enrolled)
        return tuple(s for s in enrolled if (s.level, s.group) == (place.level, place.group))

    def free(self, study: Study, place: Place, at: datetime | None = None, *, but: str | None = None) -> int:
        """Slots of a place that nobody holds or has reserved.

        Args:
            study: The protocol.
            place: Where.
            at: When reservations are looked at; the log's last entry unless told.
            but: A subject whose own reservation is left out.
        """
        held = sum(subject.holds_slot(study) for subject in self.members(place))
        moment = at or self.last_at
        reserved = sum(bool(moment and one.reserves(place, moment)) for one in self.subjects.values() if one.id != but)
        return max(0, place.slots - held - reserved)

    def backfill_place(self, study: Study, at: datetime | None = None, *, but: str | None = None) -> Place | None:
        """The highest level below the open one that takes a subject meanwhile; None where none does.

        Args:
            study: The protocol.
            at: When it is asked; the log's last entry unless told.
            but: A subject whose own reservation is left out.
        """
        if study.dose_escalation is None or not study.rule.cap:
            return None
        levels = reversed(study.rule.backfill_levels(self.history(study, at)))
        places = (Place(level=level, slots=study.rule.cap) for level in levels)
        return next((place for place in places if self.free(study, place, at, but=but) > 0), None)

    def at_level(self, level: int) -> tuple[Subject, ...]:
        """Subjects enrolled at a level: the infused in the order of infusion, then the others."""
        return in_order(subject for subject in self.subjects.values() if subject.level == level)

    def free_slots(self, study: Study, level: LevelState, at: datetime | None = None) -> int:
        """Slots of a level that nobody holds or has reserved."""
        return self.free(study, Place(level=level.level, slots=level.slots), at)

    def history(self, study: Study, at: datetime | None = None) -> History:
        """What the dose rule is asked about: the infused, cohort by cohort; an open cohort without any is current.

        Args:
            study: The protocol.
            at: The data cut, up to which follow-up counts; the log's last entry unless told.
        """
        return history_of(study, self, at or self.last_at)

    def outcomes(self, study: Study, at: datetime | None = None) -> str:
        """The same in the dose rule's own words, as `trialwright next` reads them."""
        return study.rule.write(self.history(study, at)) if study.dose_escalation else ""

    def recommendation(self, study: Study, at: datetime | None = None) -> Recommendation:
        """What the protocol's dose rule says now: the function that simulation and rehearsal call too."""
        return study.rule.next_dose(self.history(study, at))
