"""What is asked for: visits and the data collected at them."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from trialwright.conduct.commands.base import Command, Id, Words
from trialwright.protocol.element import Name

Missing = Literal["not done", "not applicable", "unknown", "refused by subject", "sample lost", "illegible"]
"""Why there is no value. A value of zero, and an event that never happened, are values and not missing."""

Reason = Literal["transcription error", "source corrected", "late result", "misunderstanding", "query", "other"]
"""Why a saved value changes; words go with it."""

MissedReason = Literal["subject did not come", "subject unwell", "site could not", "not reached", "other"]
"""Why a visit was missed."""


class SetTimeZone(Command):
    """Say in which time zone a site is; its days are counted there from now on."""

    site: Id
    zone: Words


class HoldVisit(Command):
    """Take down that a visit was held, or correct the day on which it was.

    Attributes:
        saw: The day that the giver saw there, where it changes.
        reason: Why it was held outside its window, or why its day changes.
    """

    subject: Id
    visit: Words
    on: date
    saw: date | None = None
    reason: Words | None = None


class HoldUnscheduledVisit(Command):
    """Take down a visit that the protocol does not schedule; what was collected there is recorded under its name.

    Attributes:
        reason: Why the subject was seen between visits, such as a test to be repeated.
    """

    subject: Id
    on: date
    reason: Words


class MissVisit(Command):
    """Take down that a visit was missed."""

    subject: Id
    visit: Words
    reason: MissedReason
    text: Words | None = None


class PlanDay(Command):
    """Plan a day anew that visits count from and that has not come, such as an infusion that is put off.

    Attributes:
        anchor: What is planned: the infusion, or another day that visits of the protocol count from.
        on: The day for which it is planned now.
    """

    subject: Id
    anchor: Name
    on: date
    reason: Words


class RecordData(Command):
    """Take down what was collected at a visit, which is thereby held.

    Attributes:
        on: The day on which it was collected.
        values: Items by name, as a subject's JSON writes them.
        missing: Items that have no value, each with why.
        confirmed: Items whose value is unusual and yet right, each with why.
        reason: Why the visit was held outside its window.
    """

    subject: Id
    visit: Words
    on: date
    values: dict[str, Any] = Field(default_factory=dict)
    missing: dict[str, Missing] = Field(default_factory=dict)
    confirmed: dict[str, Words] = Field(default_factory=dict)
    reason: Words | None = None


class Said(BaseModel):
    """A value, or why there is none: exactly one of the two; a bare value is one.

    Example:
        >>> Said(value=0).missing, Said(missing="not done").value
        (None, None)
        >>> Said.model_validate({"value": 30, "uln": 40}).value
        {'value': 30, 'uln': 40}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Any = None
    missing: Missing | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        whole = given.keys() <= {"value", "missing"} if isinstance(given, dict) else isinstance(given, Said | None)
        return given if whole else {"value": given}

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.value is None) == (self.missing is None):
            raise ValueError("give a value, or why it is missing: one of the two")
        return self


class CorrectData(Command):
    """Change a saved value.

    Attributes:
        saw: What the giver saw there, a value or `{missing: not done}`; when something else stands there, nothing is
            changed.
        now: What is to stand there, likewise.
        on: The day on which it was collected, where that changes.
        reason: Why, from the list.
        text: Why, in words.
        confirmed: Why the new value is right although it is unusual.
    """

    subject: Id
    visit: Words
    item: Words
    saw: Said
    now: Said
    on: date | None = None
    reason: Reason
    text: Words
    confirmed: Words | None = None
