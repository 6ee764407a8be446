"""What happened: slots and cohorts."""

from __future__ import annotations

from typing import Literal

from trialwright.conduct.commands.base import Instant
from trialwright.conduct.events.base import EventBase


class SlotReserved(EventBase):
    """A slot is kept for a subject in screening until it expires."""

    type: Literal["SlotReserved.v1"] = "SlotReserved.v1"
    subject: str
    level: int | None
    group: str | None
    expires_at: Instant


class SlotReleased(EventBase):
    """A reserved slot was given back before it expired."""

    type: Literal["SlotReleased.v1"] = "SlotReleased.v1"
    subject: str
    reason: str


class SubjectEnrolledV2(EventBase):
    """A subject has a slot: at a dose level, in a sequential cohort, or in the trial as a whole.

    Attributes:
        level: The dose level; one below the open level is that of a backfilled subject.
    """

    type: Literal["SubjectEnrolled.v2"] = "SubjectEnrolled.v2"
    subject: str
    level: int | None
    group: str | None


class CohortOpened(EventBase):
    """A sequential cohort takes subjects, and the one before it no more."""

    type: Literal["CohortOpened.v1"] = "CohortOpened.v1"
    cohort: str
    slots: int


class CohortReviewed(EventBase):
    """Somebody reviewed a cohort and signed the conclusion.

    Attributes:
        cut: The log's last entry that the review has seen.
        listings: SHA-256 of the adverse events of the cohort, which the signature binds.
    """

    type: Literal["CohortReviewed.v1"] = "CohortReviewed.v1"
    cohort: str
    cut: int
    listings: str
    conclusion: Literal["continue", "stop"]
    attendees: tuple[str, ...]
    reason: str
    meaning: Literal["reviewed"] = "reviewed"
