"""What happened: allocation to an arm."""

from __future__ import annotations

from typing import ClassVar, Literal

from trialwright.conduct.events.base import SEALED, EventBase


class SubjectRandomised(EventBase):
    """A subject was randomised: the same for every arm; which one is in the sealed stream."""

    type: Literal["SubjectRandomised.v1"] = "SubjectRandomised.v1"
    subject: str


class SubjectAllocated(EventBase):
    """Which arm a randomised subject is in, and from where in the list; sealed.

    Attributes:
        stratum: The stratum whose list was drawn from.
        position: Place in that list, from 0.
        factors: What minimisation balanced.
    """

    stream: ClassVar[str] = SEALED

    type: Literal["SubjectAllocated.v1"] = "SubjectAllocated.v1"
    subject: str
    arm: str
    stratum: str
    position: int
    factors: dict[str, str]


class ArmChosen(EventBase):
    """The arm of a subject of an open trial, by choice or because there is one."""

    type: Literal["ArmChosen.v1"] = "ArmChosen.v1"
    subject: str
    arm: str
    reason: str | None = None
