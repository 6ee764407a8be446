"""What happened: medicine beside the product."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from trialwright.conduct.events.treatment import CourseEvent


class Prescription(CourseEvent):
    """What every version of a prescription says.

    Attributes:
        within: Whether the dose lies within the protocol's range; None where there is none.
        formula: How that was computed.
    """

    drug: str
    counts_as: str | None
    dose: Decimal | None
    unit: str | None
    weight_kg: Decimal | None
    weighed_on: date | None
    within: bool | None
    formula: str | None
    reason: str | None


class MedicinePrescribed(Prescription):
    """A medicine began, or its dose changed; written when it began on the day of the entry, and read for ever.

    Attributes:
        use: What the protocol says of it; `other` where it says nothing.
    """

    type: Literal["MedicinePrescribed.v1"] = "MedicinePrescribed.v1"
    use: Literal["given", "allowed", "forbidden", "other"]


class MedicinePrescribedV2(Prescription):
    """A medicine began, or its dose changed.

    Attributes:
        use: What the protocol said of it then; `undetermined` where that hangs on a treatment to come.
        began_on: The day on which it was first taken, at the site.
        ended_on: The day on which it was last taken; None where it is taken still.
    """

    type: Literal["MedicinePrescribed.v2"] = "MedicinePrescribed.v2"
    use: Literal["given", "allowed", "forbidden", "undetermined", "other"]
    began_on: date
    ended_on: date | None


class MedicineVoided(CourseEvent):
    """A medicine was entered in error, and counts for nothing."""

    type: Literal["MedicineVoided.v1"] = "MedicineVoided.v1"
    drug: str
    reason: str


class MedicineStopped(CourseEvent):
    """A medicine ended; written when it ended on the day of the entry, and read for ever."""

    type: Literal["MedicineStopped.v1"] = "MedicineStopped.v1"
    drug: str
    reason: str


class MedicineStoppedV2(CourseEvent):
    """A medicine ended.

    Attributes:
        ended_on: The day on which it was last taken, at the site.
    """

    type: Literal["MedicineStopped.v2"] = "MedicineStopped.v2"
    drug: str
    ended_on: date
    reason: str
