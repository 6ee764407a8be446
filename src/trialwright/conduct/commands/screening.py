"""What is asked for: screening, eligibility and enrolment."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from trialwright.conduct.commands.base import Command, Id, Value, Words


class ScreenSubject(Command):
    """Take a consented person into screening at the giver's site.

    Attributes:
        version: The version of the protocol that the person consented to; left out, the one in force at the site on
            the day of consent.
    """

    consented_on: date
    version: Words | None = None


class AssessEligibility(Command):
    """Enter what screening found; the verdict is computed.

    Attributes:
        values: Collected items by name: numbers, or yes and no.
        answers: Criteria that a person answers, by id: whether the statement of the criterion holds.
    """

    subject: Id
    values: dict[str, Value] = Field(default_factory=dict)
    answers: dict[str, bool] = Field(default_factory=dict)


class EnrolSubject(Command):
    """Claim a slot at the open dose level for an eligible subject."""

    subject: Id
