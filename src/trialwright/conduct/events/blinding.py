"""What happened: who came to see an arm. That they saw it is written here, never what they saw."""

from __future__ import annotations

from typing import Literal

from trialwright.conduct.commands.base import Instant
from trialwright.conduct.events.base import EventBase


class CodeBroken(EventBase):
    """One person sees the arm of one subject from now on, in an emergency.

    Attributes:
        opened_at: When the paper envelope was opened, where the system was down.
    """

    type: Literal["CodeBroken.v1"] = "CodeBroken.v1"
    subject: str
    reason: str
    opened_at: Instant | None = None


class UnblindingRequested(EventBase):
    """One of two people asks that everybody sees the arms, after the lock."""

    type: Literal["UnblindingRequested.v1"] = "UnblindingRequested.v1"
    reason: str


class UnblindingRequestLapsed(EventBase):
    """The data were unlocked, and what was asked for on them is asked for again."""

    type: Literal["UnblindingRequestLapsed.v1"] = "UnblindingRequestLapsed.v1"


class TrialUnblinded(EventBase):
    """The second of two people agreed: everybody with a role sees the arms from now on."""

    type: Literal["TrialUnblinded.v1"] = "TrialUnblinded.v1"
    requested_by: str


class EnvelopesPrinted(EventBase):
    """An unblinded person printed sealed envelopes, one for each subject."""

    type: Literal["EnvelopesPrinted.v1"] = "EnvelopesPrinted.v1"
    subjects: tuple[str, ...]
