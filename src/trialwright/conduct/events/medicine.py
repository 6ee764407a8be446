"""What happened: medicine beside the product."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from trialwright.conduct.events.treatment import CourseEvent


class MedicinePrescribed(CourseEvent):
    """A medicine began, or its dose changed.

    Attributes:
        use: What the protocol says of it; `other` where it says nothing.
        within: Whether the dose lies within the protocol's range; None where there is none.
        formula: How that was computed.
    """

    type: Literal["MedicinePrescribed.v1"] = "MedicinePrescribed.v1"
    drug: str
    counts_as: str | None
    use: Literal["given", "allowed", "forbidden", "other"]
    dose: Decimal | None
    unit: str | None
    weight_kg: Decimal | None
    weighed_on: date | None
    within: bool | None
    formula: str | None
    reason: str | None


class MedicineStopped(CourseEvent):
    """A medicine ended."""

    type: Literal["MedicineStopped.v1"] = "MedicineStopped.v1"
    drug: str
    reason: str
