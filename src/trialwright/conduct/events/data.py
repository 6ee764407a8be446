"""What happened: visits and the data collected at them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from trialwright.conduct.commands.data import MissedReason, Missing, Reason
from trialwright.conduct.events.base import EventBase


class TimeZoneSet(EventBase):
    """A site counts its days in this time zone."""

    type: Literal["TimeZoneSet.v1"] = "TimeZoneSet.v1"
    at_site: str
    zone: str
    was: str | None


class TimeZoneSetV2(EventBase):
    """A site counts its days in this time zone from now on; what was recorded before keeps its day."""

    type: Literal["TimeZoneSet.v2"] = "TimeZoneSet.v2"
    at_site: str
    zone: str
    was: str | None


class VisitHeld(EventBase):
    """A visit was held.

    Attributes:
        was: The day that was taken down before.
        days_out: Days outside its window, as far as that was known: negative before it, positive after it.
    """

    type: Literal["VisitHeld.v1"] = "VisitHeld.v1"
    subject: str
    visit: str
    on: date
    was: date | None
    days_out: int
    reason: str | None


class UnscheduledVisitHeld(EventBase):
    """A visit was held that the protocol does not schedule.

    Attributes:
        visit: Its name, which the trial gives: `unscheduled_3.01` is the first after the third visit of the schedule.
    """

    type: Literal["UnscheduledVisitHeld.v1"] = "UnscheduledVisitHeld.v1"
    subject: str
    visit: str
    on: date
    reason: str


class VisitMissed(EventBase):
    """A visit was missed."""

    type: Literal["VisitMissed.v1"] = "VisitMissed.v1"
    subject: str
    visit: str
    reason: MissedReason
    text: str | None


class DayPlanned(EventBase):
    """A day that visits count from was planned anew.

    Attributes:
        was: The day for which it was planned before, if any.
    """

    type: Literal["DayPlanned.v1"] = "DayPlanned.v1"
    subject: str
    anchor: str
    was: date | None
    on: date
    reason: str


class DataRecorded(EventBase):
    """Items were collected at a visit.

    Attributes:
        entered: Canonical JSON of the values by item, in the full form of a subject.
        missing: Items without a value, each with why.
        confirmed: Items whose value is unusual, each with why it is right.
    """

    type: Literal["DataRecorded.v1"] = "DataRecorded.v1"
    subject: str
    visit: str
    on: date
    entered: str
    missing: dict[str, Missing]
    confirmed: dict[str, str]


class DataCorrected(EventBase):
    """A saved value changed.

    Attributes:
        change: Which of the two were values.
        was: Canonical JSON of what stood there, in the full form; None where it was missing.
        was_missing: Why it was missing.
        was_on: The day on which it was collected, as it stood there.
        now: Canonical JSON of what stands there now; None where it is missing.
        now_missing: Why it is missing now.
        on: The day on which it was collected.
    """

    type: Literal["DataCorrected.v1"] = "DataCorrected.v1"
    subject: str
    visit: str
    item: str
    change: Literal["value to value", "value to missing", "missing to value", "missing to missing"]
    was: str | None
    was_missing: Missing | None
    was_on: date
    now: str | None
    now_missing: Missing | None
    on: date
    reason: Reason
    text: str
    confirmed: str | None
