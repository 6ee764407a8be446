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


class SubjectEnrolled(EventBase):
    """A subject has a slot at a dose level."""

    type: Literal["SubjectEnrolled.v1"] = "SubjectEnrolled.v1"
    subject: str
    level: int
