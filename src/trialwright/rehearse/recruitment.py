"""The part of a rehearsal that brings subjects: arrival, screening visits, eligibility, enrolment, the arm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from trialwright.conduct import commands as cmd
from trialwright.conduct.eligibility import eligible_on
from trialwright.conduct.history import closed_by
from trialwright.conduct.screening_visit import counts_until
from trialwright.conduct.state import Place
from trialwright.protocol.study import Study, Visit
from trialwright.rehearse.desk import DAY, Desk, sites
from trialwright.rehearse.followup import FollowUp
from trialwright.rehearse.oversight import Oversight
from trialwright.rehearse.treatment import TreatmentRoom
from trialwright.rehearse.virtual import VirtualSubject, anchors, before_treatment, virtual_subject

_MONTH_DAYS = 365.25 / 12
_MOST_LEAD_DAYS = 10
_ASSESSED = timedelta(minutes=30)
_VISIT = 5
"""The stream of a subject's days before treatment, and of its choice of an arm."""


class Recruitment:
    """What happens to a person from the arrival to the day that the treatment is planned for."""

    def __init__(self, desk: Desk, oversight: Oversight, followup: FollowUp, room: TreatmentRoom) -> None:
        self.desk = desk
        self.oversight = oversight
        self.followup = followup
        self.room = room
        self.waiting: list[str] = []
        self._planned: dict[str, date] = {}
        self._streams: dict[str, np.random.Generator] = {}

    def begin(self) -> None:
        """Wait for the first person."""
        self._next_arrival()

    def _next_arrival(self) -> None:
        mean_days = _MONTH_DAYS / self.desk.study.planning.screened_per_month
        wait = timedelta(days=float(self.desk.rng.exponential(mean_days)))
        self.desk.on((self.desk.clock.time + wait).date(), self.desk.rng, self._arrive)

    def _arrive(self) -> None:
        """Somebody comes, and is screened where there is a place for one more."""
        desk = self.desk
        if self._closed():
            return
        self._next_arrival()
        place = desk.state.place(desk.study)
        if place is None or self.oversight.paused or self._room(place) <= len(self.waiting):
            return
        site = str(desk.rng.choice(sites(desk.study)))
        by = "coordinator" if site == "01" else f"coordinator-{site}"
        known = set(desk.state.subjects)
        desk.do(cmd.ScreenSubject, by=by, consented_on=desk.today)
        subject = next(one for one in desk.state.subjects if one not in known)
        self.waiting.append(subject)
        number = len(desk.state.subjects)
        rng = self._streams[subject] = np.random.default_rng([desk.seed, number, _VISIT])
        visits, treated = days_of(desk.study, desk.today + timedelta(days=int(rng.integers(1, 7))), rng)
        self._planned[subject] = treated
        days = {"consent": desk.today, **self._days(treated, max(visits.values()))}
        desk.people[subject] = virtual_subject(desk.reading, desk.seed, number, visits, days)
        self._before_treatment(subject, 0)

    def _days(self, treated: date, assessed: date) -> Mapping[str, date]:
        """The days that windows hang on: enrolment and randomisation when it is assessed, the others as planned."""
        named = anchors(self.desk.study)
        return {name: assessed if name in {"enrolment", "randomisation"} else treated for name in named}

    def _closed(self) -> bool:
        """Whether nobody is screened any more: the trial has stopped, or is full of subjects who are all treated."""
        desk = self.desk
        if desk.state.stopped or desk.state.final_pause:
            return True
        holders = {one.id for one in desk.state.subjects.values() if one.enrolled and one.holds_slot(desk.study)}
        return len(holders) >= desk.subjects and holders <= self.followup.begun

    def _room(self, place: Place) -> int:
        """How many more may be enrolled: in this place, and in the rehearsal."""
        desk = self.desk
        held = sum(one.enrolled and one.holds_slot(desk.study) for one in desk.state.subjects.values())
        return min(desk.state.free(desk.study, place, desk.clock.time), desk.subjects - held)

    def _before_treatment(self, subject: str, place: int) -> None:
        """Plan the next visit before the treatment."""
        person, visits = self.desk.people[subject], before_treatment(self.desk.study)
        day = person.visits[visits[place].name]
        self.desk.on(day, self._streams[subject], lambda: self._visit(subject, visits[place], place))

    def _visit(self, subject: str, visit: Visit, place: int) -> None:
        """Hold a visit before the treatment, and assess eligibility on what is known after it."""
        desk = self.desk
        self.followup.record(subject, visit)
        desk.clock.move(desk.clock.time + _ASSESSED)
        last = place + 1 == len(before_treatment(desk.study))
        self._assess(subject, first=place == 0, last=last)
        verdict = desk.subject(subject).verdict
        if verdict == "not eligible" or (last and verdict != "eligible"):
            self._turn_away(subject, "screen failure", self._why(subject))
        elif last:
            self._enrol(subject)
        else:
            self._before_treatment(subject, place + 1)

    def _assess(self, subject: str, *, first: bool, last: bool) -> None:
        """Say what no visit collects: the planned days, the answers that a person gives, and what has no visit."""
        desk, person = self.desk, self.desk.people[subject]
        past = frozenset({"enrolment", "screening"})
        named = self._days(self._planned[subject], desk.today if last else max(person.visits.values()))
        known = desk.subject(subject).entered["days"]
        days = {name: day for name, day in named.items() if last or name not in past}
        days = {name: day for name, day in days.items() if known.get(name) != day.isoformat()}
        moved = days.keys() & known.keys()
        desk.do(
            cmd.AssessEligibility,
            by=desk.at_site("investigator", subject),
            subject=subject,
            days=days,
            values=self._without_a_visit(person) if first else {},
            answers=person.answers if first else {},
            reason="The planned days moved" if moved else None,
        )

    def _without_a_visit(self, person: VirtualSubject) -> dict[str, object]:
        collected = {name for visit in before_treatment(self.desk.study) for name in visit.collect}
        return {name: value for name, value in person.values.items() if name not in collected}

    def _why(self, subject: str) -> str:
        findings = self.desk.subject(subject).findings
        failed = [name for name, how in findings.items() if how not in {"met", "not applicable"}]
        return f"Does not meet {', '.join(failed)}"

    def _turn_away(self, subject: str, how: str, reason: str) -> None:
        self.waiting.remove(subject)
        self.followup.leave(subject, how, self.desk.today, reason)

    def _enrol(self, subject: str) -> None:
        """Enrol once there is a slot, and bring the subject to an arm; whoever waits in vain is turned away."""
        desk = self.desk
        if self._closed():
            self._turn_away(subject, "physician decision", "Enrolment ended before there was a place")
            return
        if not self._may_enrol(subject):
            desk.after(DAY, lambda: self._enrol(subject))
            return
        if self._waited_too_long(subject):
            self._turn_away(subject, "screen failure", "Waited longer than the screening holds")
            return
        investigator = desk.at_site("investigator", subject)
        desk.do(cmd.EnrolSubject, by=investigator, subject=subject)
        self.waiting.remove(subject)
        allocation = desk.study.allocation
        if allocation is not None and allocation.method == "randomised":
            desk.do(cmd.RandomiseSubject, by=investigator, subject=subject)
        elif allocation is not None and allocation.method == "by choice":
            arm = str(self._streams[subject].choice([one.name for one in desk.study.arms]))
            desk.do(cmd.ChooseArm, by=investigator, subject=subject, arm=arm)
        same_day = before_treatment(desk.study)[-1].day == 0
        self.room.plan(subject, desk.today if same_day else max(self._planned[subject], desk.today + DAY))

    def _waited_too_long(self, subject: str) -> bool:
        """Whether screening lies too far back on the day of the enrolment, or the criteria no longer hold."""
        desk = self.desk
        last = counts_until(desk.study, desk.state, desk.subject(subject))
        if last is not None and last < desk.today:
            return True
        now = eligible_on(desk.study, desk.state, desk.subject(subject), desk.today, "enrolment")
        return now.verdict != "eligible"

    def _may_enrol(self, subject: str) -> bool:
        desk, state = self.desk, self.desk.state
        place = state.place(desk.study)
        if place is None or self.oversight.paused:
            return False
        if desk.study.dose_escalation is not None:
            recommendation = state.recommendation(desk.study, desk.clock.time)
            rule, free = desk.study.rule, state.free(desk.study, place, desk.clock.time, but=subject) > 0
            held = free and (rule.rolling or rule.weighs_follow_up) and not recommendation.subjects
            if held or (place.level and closed_by(desk.study, state, place.level, desk.clock.time)):
                return False
            return free or state.backfill_place(desk.study, desk.clock.time, but=subject) is not None
        return state.free(desk.study, place, desk.clock.time, but=subject) > 0


def days_of(study: Study, first: date, rng: np.random.Generator) -> tuple[dict[str, date], date]:
    """Plan the visits before the treatment from the day of the first one, and the day of the treatment.

    Args:
        study: The protocol, whose windows all of them keep.
        first: The day of the first visit.
        rng: What the days in the windows are drawn from.

    Returns:
        The day of each visit by its name, and the day of the treatment.
    """
    early = before_treatment(study)
    soonest = max([-early[0].last_day, *(1 - one.day for one in early[1:])], default=1)
    latest = min(-early[0].first_day, soonest + _MOST_LEAD_DAYS)
    treated = first + timedelta(days=int(rng.integers(max(soonest, 0), max(soonest, latest, 0) + 1)))
    visits = {early[0].name: first}
    for visit in early[1:]:
        day = treated + timedelta(days=int(rng.integers(visit.first_day, min(visit.last_day, 0) + 1)))
        visits[visit.name] = max(day, first)
    return visits, treated
