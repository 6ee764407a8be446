"""What is asked for: slots and cohorts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialwright.conduct.commands.base import Command, Id, Words


class ReserveSlot(Command):
    """Keep a slot for a subject in screening, for as long as the protocol says."""

    subject: Id


class ReleaseSlot(Command):
    """Give a reserved slot back before it expires."""

    subject: Id
    reason: Words


class OpenCohort(Command):
    """Open a sequential cohort for enrolment."""

    cohort: Words


class ReviewCohort(Command):
    """Sign the review of the open cohort, which lets the next one open.

    Attributes:
        attendees: Who took part in the review.
        listings: SHA-256 of the cohort's adverse events, as shown to the person who signs; may be left out
            where the cohort has none.
    """

    cohort: Words
    conclusion: Literal["continue", "stop"]
    reason: Words
    attendees: tuple[Words, ...] = ()
    listings: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
