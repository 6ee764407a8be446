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


class DispositionRecordedV2(EventBase):
    """A subject left the trial or completed it; `occurred_on` is when, `at` is when it was taken down.

    Attributes:
        despite: Why it completed the trial although treatment or visits were open.
    """

    type: Literal["DispositionRecorded.v2"] = "DispositionRecorded.v2"
    subject: str
    disposition: DispositionTerm
    occurred_on: date
    reason: str
    despite: str | None


class DispositionCorrected(EventBase):
    """How a subject left was taken down wrongly, or it did not leave; what stood there stays in the record.

    Attributes:
        disposition: How it left; None where it did not.
        occurred_on: When.
        despite: Why it completed the trial although treatment or visits were open.
    """

    type: Literal["DispositionCorrected.v1"] = "DispositionCorrected.v1"
    subject: str
    was: DispositionTerm
    was_on: date
    disposition: DispositionTerm | None
    occurred_on: date | None
    reason: str
    despite: str | None


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
