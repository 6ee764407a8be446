"""What is asked for: screening, eligibility and enrolment."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from trialwright.conduct.commands.base import Command, Id, Words


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
        days: Days that windows hang on, by name; one to come is planned.
        values: Items by name, each as a subject's JSON writes it: a number, yes or no, a word, an event or a drug,
            bare or with its unit, day and limits of normal, or several in a list; null where it is unknown.
        answers: Criteria that a person answers, by id: whether the statement of the criterion holds.
        reason: Why something that was entered before changes.
    """

    subject: Id
    days: dict[str, date | None] = Field(default_factory=dict)
    values: dict[str, Any] = Field(default_factory=dict)
    answers: dict[str, bool | None] = Field(default_factory=dict)
    reason: Words | None = None


class EnrolSubject(Command):
    """Claim a slot at the open dose level for an eligible subject."""

    subject: Id
