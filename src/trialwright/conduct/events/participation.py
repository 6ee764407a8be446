"""What happened: consent, how a subject left, and rescue."""

from __future__ import annotations

from datetime import date
from typing import Literal

from trialwright.conduct.commands.participation import DispositionTerm
from trialwright.conduct.events.base import EventBase


class SubjectScreenedV2(EventBase):
    """A person who consented to a version of the protocol is in screening."""

    type: Literal["SubjectScreened.v2"] = "SubjectScreened.v2"
    subject: str
    consented_on: date
    version: str


class SubjectReconsented(EventBase):
    """A subject consented to a later version of the protocol and goes on under it."""

    type: Literal["SubjectReconsented.v1"] = "SubjectReconsented.v1"
    subject: str
    consented_on: date
    version: str
    was: str


class DispositionRecorded(EventBase):
    """A subject left the trial or completed it; `occurred_on` is when, `at` is when it was taken down."""

    type: Literal["DispositionRecorded.v1"] = "DispositionRecorded.v1"
    subject: str
    disposition: DispositionTerm
    occurred_on: date
    reason: str


class RescueStarted(EventBase):
    """A subject began other treatment by the rescue rule.

    Attributes:
        condition: Whether the recorded data meet the rule's condition, or leave it open.
        missing: What would have settled it.
    """

    type: Literal["RescueStarted.v1"] = "RescueStarted.v1"
    subject: str
    started_on: date
    treatment: str
    condition: Literal["met", "unknown"]
    missing: tuple[str, ...]
    reason: str | None
