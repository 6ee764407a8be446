"""What happened: the trial paused, stopped, went on."""

from __future__ import annotations

from typing import Literal

from trialwright.conduct.events.base import EventBase


class TrialPaused(EventBase):
    """Nobody else is enrolled or treated until the pause is lifted, or, where the rule stops the trial, at all.

    Attributes:
        rule: Id of the stopping rule of the protocol, or the part of the protocol that it comes from.
    """

    type: Literal["TrialPaused.v1"] = "TrialPaused.v1"
    number: int
    rule: str
    action: Literal["pause", "stop"]
    reason: str


class StoppingRuleInvoked(EventBase):
    """Somebody said that a stopping rule is met: the word behind a new pause, or behind one that the record made."""

    type: Literal["StoppingRuleInvoked.v1"] = "StoppingRuleInvoked.v1"
    number: int
    rule: str
    reason: str


class ResumptionSigned(EventBase):
    """Somebody whose signature is needed signed that the trial goes on."""

    type: Literal["ResumptionSigned.v1"] = "ResumptionSigned.v1"
    number: int
    reason: str
    attendees: tuple[str, ...]
    meaning: Literal["approved"] = "approved"


class TrialResumed(EventBase):
    """All signatures are there: the pause is lifted."""

    type: Literal["TrialResumed.v1"] = "TrialResumed.v1"
    number: int
