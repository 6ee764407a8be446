"""What is asked for: dose levels and dose decisions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialwright.conduct.commands.base import Command, Level, Words


class OpenDoseLevel(Command):
    """Open a dose level for enrolment."""

    level: Level


class ProposeDoseDecision(Command):
    """Put a dose decision up for signature, on the data as they stand.

    Attributes:
        reason: Why it departs from the recommendation, where it does.
        attendees: Who took part in the meeting; those who sign are on record without it.
    """

    decision: Literal["escalate", "expand", "stay", "de-escalate", "stop", "consult"]
    reason: Words | None = None
    attendees: tuple[Words, ...] = ()


class SignDoseDecision(Command):
    """Sign the proposed dose decision; the last signature takes it.

    Attributes:
        number: The decision's number.
        content: SHA-256 of the content signed, as shown to the person who signs.
    """

    number: Annotated[int, Field(ge=1)]
    content: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
