"""What happened: screening, eligibility and enrolment."""

from __future__ import annotations

from datetime import date
from typing import Literal

from trialwright.conduct.commands.base import Value
from trialwright.conduct.events.base import EventBase


class SubjectScreened(EventBase):
    """A consented person is in screening."""

    type: Literal["SubjectScreened.v1"] = "SubjectScreened.v1"
    subject: str
    consented_on: date


class EligibilityAssessed(EventBase):
    """Eligibility was computed from what screening found."""

    type: Literal["EligibilityAssessed.v1"] = "EligibilityAssessed.v1"
    subject: str
    values: dict[str, Value]
    answers: dict[str, bool]
    findings: dict[str, str]
    verdict: Literal["eligible", "not eligible", "undetermined"]


class EligibilityAssessedV2(EventBase):
    """Eligibility was computed from everything that is known, what was entered now included.

    Attributes:
        entered: Canonical JSON of what was entered: days, values and answers, in the full form of a subject.
        changed: What was entered before and is other now, by name, each with what it was.
        to_obtain: What would settle the criteria that are open.
        queries: Questions that the data raise, by criterion.
    """

    type: Literal["EligibilityAssessed.v2"] = "EligibilityAssessed.v2"
    subject: str
    entered: str
    changed: dict[str, str]
    reason: str | None
    findings: dict[str, str]
    verdict: Literal["eligible", "not eligible", "undetermined"]
    to_obtain: tuple[str, ...]
    queries: dict[str, tuple[str, ...]]


class EligibilityOutdated(EventBase):
    """Data changed on which eligibility hangs; it is to be assessed again."""

    type: Literal["EligibilityOutdated.v1"] = "EligibilityOutdated.v1"
    subject: str
    items: tuple[str, ...]


class SubjectEnrolled(EventBase):
    """A subject has a slot at a dose level."""

    type: Literal["SubjectEnrolled.v1"] = "SubjectEnrolled.v1"
    subject: str
    level: int
