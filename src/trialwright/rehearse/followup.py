"""The part of a rehearsal that follows subjects: visits and their data, adverse events, leaving and completion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from trialwright.conduct import commands as cmd
from trialwright.conduct.known import known
from trialwright.conduct.participation import open_to_completion
from trialwright.conduct.safety import first_given
from trialwright.conduct.visits import window
from trialwright.design import Outcome
from trialwright.protocol.criteria import Truth
from trialwright.protocol.study import Item, Visit
from trialwright.rehearse.desk import DAY, Desk
from trialwright.rehearse.illness import after_treatment, die, go_on
from trialwright.rehearse.monitoring import Monitoring
from trialwright.rehearse.oversight import Oversight
from trialwright.rehearse.reactions import FATAL, VirtualEvent, VirtualLeave, leaves_early, reactions
from trialwright.rehearse.virtual import VirtualSubject

_MISSED = 0.03
_LATE = 0.03
_NOT_DONE = 0.015
_FATAL_GRADE, _SERIOUS_GRADE = 5, 4
_GRACE_DAYS = 10
_VISITS = 3
"""The stream of a subject's visits: when they are held, and what is missing."""


class FollowUp:
    """What happens to a subject from the first treatment to the end.

    Attributes:
        begun: Who was treated.
    """

    def __init__(self, desk: Desk, oversight: Oversight, monitoring: Monitoring) -> None:
        self.desk = desk
        self.oversight = oversight
        self.monitoring = monitoring
        self.begun: set[str] = set()
        self._streams: dict[str, np.random.Generator] = {}

    def stream(self, subject: str) -> np.random.Generator:
        """The generator of a subject's visits."""
        return self._streams.setdefault(subject, self.desk.people[subject].stream(_VISITS))

    def draw(self, subject: str, arm: str | None) -> None:
        """Draw how the disease of a subject goes on, who is treated for the first time today."""
        go_on(self.desk.people[subject], self.desk.response(subject, arm), self.desk.today)

    def begin(self, subject: str, giving: frozenset[str]) -> None:
        """Plan all that follows the first treatment, which is now.

        Args:
            subject: Who was treated.
            giving: The visits at which more is given, which the treatment holds itself.
        """
        desk, person = self.desk, self.desk.people[subject]
        self.begun.add(subject)
        self.oversight.consider_decision()
        visits = [visit for visit in after_treatment(desk.study) if visit.day > 0]
        days = max((visit.day for visit in visits), default=0)
        if desk.study.dose_escalation is not None:
            days = max(days, desk.study.design.dlt_window.days)
            self._watch_the_window(subject)
        leave = leaves_early(person, desk.study, days)
        if leave is not None:
            desk.after(leave.after, lambda: self._leave(subject, leave))
        for visit in visits:
            if visit.name not in giving:
                self._plan(subject, visit)
        for event in reactions(person, desk.study, desk.toxicity(subject), days):
            began = (desk.clock.time + event.after).date()
            desk.on(began, self.stream(subject), lambda event=event: self._report(subject, event))  # type: ignore[misc]
        last = max((visit.day + visit.window for visit in visits), default=days)
        desk.after(timedelta(days=max(days, last) + _GRACE_DAYS), lambda: self._complete(subject))

    def here(self, subject: str) -> bool:
        """Whether a subject is still in the trial."""
        return self.desk.subject(subject).disposition is None

    def record(self, subject: str, visit: Visit) -> None:
        """Take down all that a visit collects, today; what was never asked of the subject is not applicable."""
        desk, person = self.desk, self.desk.people[subject]
        person.draft.days[visit.name] = desk.today
        asked = [item for name in visit.collect if (item := desk.study.item(name)) and not item.computed]
        values = {item.name: person.draft.at(item, visit.name) for item in asked}
        missing = {name: "not applicable" for name, value in values.items() if value is None}
        missing |= {item.name: "not done" for item in asked if self._not_done(subject, visit, item)}
        given = {name: value for name, value in values.items() if name not in missing}
        fields: dict[str, Any] = {"subject": subject, "visit": visit.visit, "on": desk.today}
        if (reason := self._out_of_window(subject, visit)) is not None:
            fields["reason"] = reason
        by = desk.at_site("coordinator", subject)
        if not asked:
            desk.do(cmd.HoldVisit, by=by, **fields)
            return
        confirmed = dict(self._unusual(given, visit))
        desk.do(cmd.RecordData, by=by, **fields, values=given, missing=missing, confirmed=confirmed)

    def leave(self, subject: str, how: str, on: date, reason: str, despite: str | None = None) -> None:
        """Take down how a subject left."""
        by = self.desk.at_site("coordinator", subject)
        fields = {"subject": subject, "disposition": how, "occurred_on": on, "reason": reason, "despite": despite}
        self.desk.do(cmd.RecordDisposition, by=by, **fields)
        self.oversight.consider_decision()
        self.monitoring.plan(subject)

    def _watch_the_window(self, subject: str) -> None:
        ends = timedelta(days=self.desk.study.design.dlt_window.days, hours=2)
        self.desk.after(ends, lambda: self.oversight.close_window(subject))

    def _plan(self, subject: str, visit: Visit) -> None:
        """Say when a visit is held: on its day or near it, rarely too late, rarely never."""
        desk, rng = self.desk, self.stream(subject)
        target = self._target(subject, visit)
        near = int(np.clip(round(rng.normal() * visit.window / 3), -visit.window, visit.window))
        missed, late = rng.random() < _MISSED, rng.random() < _LATE
        if missed:
            last = target + timedelta(days=visit.window + 1)
            desk.on(last, rng, lambda: self._miss(subject, visit))
            return
        out = visit.window + int(rng.integers(1, 3 + visit.window // 7)) if late else near
        desk.on(target + timedelta(days=out), rng, lambda: self._hold(subject, visit))

    def _target(self, subject: str, visit: Visit) -> date:
        days = window(self.desk.study, self.desk.state, self.desk.subject(subject), visit)
        return days[1] - timedelta(days=visit.window) if days else self.desk.today + timedelta(days=visit.day)

    def _hold(self, subject: str, visit: Visit) -> None:
        if not self.here(subject):
            return
        self.record(subject, visit)
        self._rescue(subject, visit)
        self.oversight.consider_decision()

    def _miss(self, subject: str, visit: Visit) -> None:
        if self.here(subject):
            by = self.desk.at_site("coordinator", subject)
            self.desk.do(cmd.MissVisit, by=by, subject=subject, visit=visit.visit, reason="subject did not come")
            self.oversight.consider_decision()

    def _rescue(self, subject: str, visit: Visit) -> None:
        """Begin other treatment at the visit of the protocol's rescue, where the data meet its condition."""
        desk, rescue = self.desk, self.desk.study.rescue
        if rescue is None or desk.study.visit(rescue.visit) is not visit:
            return
        one = desk.subject(subject)
        days = window(desk.study, desk.state, one, visit)
        if one.infusion and days and desk.today >= days[0]:
            found = rescue.when.evaluate(known(desk.study, one))
            if found.truth is Truth.TRUE:
                fields = {"subject": subject, "started_on": desk.today, "treatment": rescue.then}
                desk.do(cmd.StartRescue, by=desk.at_site("investigator", subject), **fields)

    def _not_done(self, subject: str, visit: Visit, item: Item) -> bool:
        """Whether something was not measured, which happens after the treatment only, and not to a body weight."""
        if visit.day <= 0 or visit.gives or item.type == "event":
            return False
        return bool(self.stream(subject).random() < _NOT_DONE)

    def _out_of_window(self, subject: str, visit: Visit) -> str | None:
        desk = self.desk
        days = window(desk.study, desk.state, desk.subject(subject), visit)
        if days is None or days[0] <= desk.today <= days[1]:
            return None
        return "The subject could not come on another day"

    def _unusual(self, values: dict[str, Any], visit: Visit) -> Iterator[tuple[str, str]]:
        """Numbers outside what is typical at a visit, which the coordinator confirms."""
        for name, value in values.items():
            item = self.desk.study.item(name)
            number = value["value"] if isinstance(value, dict) and "value" in value else value
            usual = item.typical_at(visit) if item else None
            if usual is not None and isinstance(number, Decimal) and not usual[0] <= number <= usual[1]:
                yield name, "Looked at again, and right"

    def _report(self, subject: str, event: VirtualEvent) -> None:
        """Report an adverse event on the day on which it began."""
        desk = self.desk
        if not self.here(subject):
            return
        serious = event.grade >= _SERIOUS_GRADE
        related = event.related and first_given(desk.study, desk.state.subjects[subject]) is not None
        fields = {"term": event.term, "grade": event.grade, "related": related, "serious": serious}
        by = desk.at_site("coordinator", subject)
        desk.do(cmd.ReportAdverseEvent, by=by, subject=subject, onset_on=desk.today, **fields)
        number = len(desk.subject(subject).adverse_events)
        if serious:
            self._seriousness(subject, number, "death" if event.grade == _FATAL_GRADE else "life threatening")
        self.oversight.review_pauses()
        if desk.subject(subject).dlt_candidates(desk.study):
            desk.after(DAY, lambda: self.oversight.adjudicate(subject))
        lasts = event.lasts if event.lasts is not None else 14 * DAY
        ended = event.lasts is not None
        desk.after(lasts, lambda: self._ended(subject, number, ended=ended))

    def _seriousness(self, subject: str, number: int, criterion: str) -> None:
        by = self.desk.at_site("investigator", subject)
        fields = {"subject": subject, "event": number, "criteria": (criterion,)}
        self.desk.do(cmd.AssessSeriousness, by=by, **fields, reason="As it went, by the hospital's letter")

    def _ended(self, subject: str, number: int, *, ended: bool) -> None:
        event = self.desk.subject(subject).adverse_event(number)
        gone = self.desk.subject(subject).disposition
        if event is None or event.grade == _FATAL_GRADE or (gone and gone.term == "death"):
            return
        fields: dict[str, Any] = {"subject": subject, "event": number, "outcome": "not recovered/not resolved"}
        if ended:
            fields |= {"outcome": "recovered/resolved", "ended_on": self.desk.today}
        self.desk.do(cmd.FollowUpAdverseEvent, by=self.desk.at_site("coordinator", subject), **fields)

    def _leave(self, subject: str, leave: VirtualLeave) -> None:
        if not self.here(subject):
            return
        if leave.how == "death":
            self._die(subject)
        elif leave.how == "withdrawal by subject":
            self.leave(subject, leave.how, self.desk.today, "Wishes to take part no longer")
        else:
            self.leave(subject, leave.how, self._last_contact(subject), "Did not come and could not be reached")

    def _die(self, subject: str) -> None:
        """A death by an event that the product did not bring, with what the protocol collects of it."""
        desk, person = self.desk, self.desk.people[subject]
        self._report(
            subject,
            VirtualEvent(after=timedelta(0), term=FATAL, grade=_FATAL_GRADE, related=False, lasts=timedelta(0)),
        )
        number = len(desk.subject(subject).adverse_events)
        fields = {"subject": subject, "event": number, "outcome": "fatal", "ended_on": desk.today}
        desk.do(cmd.FollowUpAdverseEvent, by=desk.at_site("coordinator", subject), **fields)
        die(person.draft, desk.today)
        self._record_death(subject, person)
        self.leave(subject, "death", desk.today, f"Died of {FATAL.lower()}")

    def _record_death(self, subject: str, person: VirtualSubject) -> None:
        """Take down the events that a death is, at the next visit that collects them; nothing else was measured."""
        desk, one = self.desk, self.desk.subject(subject)
        events = {item.name for item in desk.study.items if item.tells_of_death}
        for visit in after_treatment(desk.study):
            if visit.name in one.visits or visit.day == 0 or not events & set(visit.collect):
                continue
            person.draft.days[visit.name] = desk.today
            asked = [item for name in visit.collect if (item := desk.study.item(name)) and not item.computed]
            values = {item.name: person.draft.at(item, visit.name) for item in asked if item.name in events}
            missing = {item.name: "not done" for item in asked if item.name not in events}
            fields = {"subject": subject, "visit": visit.visit, "on": desk.today, "reason": "Died before the visit"}
            by = desk.at_site("coordinator", subject)
            desk.do(cmd.RecordData, by=by, **fields, values=values, missing=missing)
            return

    def _last_contact(self, subject: str) -> date:
        one = self.desk.subject(subject)
        seen = [visit.on for visit in one.visits.values() if visit.on]
        seen += [infusion.at.date() for infusion in one.course.infusions]
        return max(seen, default=one.consented_on)

    def _complete(self, subject: str) -> None:
        """Complete the trial, once nothing of the subject waits."""
        desk, one = self.desk, self.desk.subject(subject)
        if not self.here(subject):
            return
        if one.outcome(desk.study) is Outcome.PENDING or one.course.running:
            desk.after(DAY, lambda: self._complete(subject))
            return
        left_open = open_to_completion(desk.study, desk.state, one, desk.arm(subject), desk.clock.time)
        despite = f"Followed to the end without: {', '.join(left_open)}" if left_open else None
        self.leave(subject, "completed", self._last_contact(subject), "Followed to the last visit", despite)
