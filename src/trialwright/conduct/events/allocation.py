"""What happened: allocation to an arm."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

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
        length: Places of that list, where the protocol says how many.
        blank: Spaces that make the entry as long for each arm.
    """

    stream: ClassVar[str] = SEALED

    type: Literal["SubjectAllocated.v1"] = "SubjectAllocated.v1"
    subject: str
    arm: str = Field(repr=False)
    stratum: str = Field(repr=False)
    position: int = Field(repr=False)
    factors: dict[str, str] = Field(repr=False)
    length: int | None = Field(default=None, repr=False)
    blank: str = ""


class RandomisedInError(EventBase):
    """A subject should not have been randomised; the allocation and its place in the list stand."""

    type: Literal["RandomisedInError.v1"] = "RandomisedInError.v1"
    subject: str
    reason: str


class RandomisedInErrorV2(EventBase):
    """A subject should not have been randomised; it is treated only where there is a reason for that."""

    type: Literal["RandomisedInError.v2"] = "RandomisedInError.v2"
    subject: str
    reason: str
    treated_because: str | None = None


class ArmChosen(EventBase):
    """The arm of a subject of an open trial, by choice or because there is one."""

    type: Literal["ArmChosen.v1"] = "ArmChosen.v1"
    subject: str
    arm: str
    reason: str | None = None


class ArmCorrected(EventBase):
    """The arm that was chosen for a subject was another one; nothing of it was given yet."""

    type: Literal["ArmCorrected.v1"] = "ArmCorrected.v1"
    subject: str
    was: str
    arm: str
    reason: str
