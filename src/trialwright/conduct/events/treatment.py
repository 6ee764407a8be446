"""What happened: the dose, its preparation, the match of identities, the infusion; the same for every arm."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from trialwright.conduct.commands.base import Instant
from trialwright.conduct.events.base import EventBase


class CourseEvent(EventBase):
    """What changes the course of one subject's treatment."""

    subject: str


class InfusionAdministered(CourseEvent):
    """A subject received the product; written when one step recorded an infusion, and read for ever."""

    type: Literal["InfusionAdministered.v1"] = "InfusionAdministered.v1"
    level: int
    dose_cells_per_kg: Decimal
    weight_kg: Decimal
    concentration_per_ml: Decimal
    viability_pct: Decimal
    planned_cells: Decimal
    planned_ml: Decimal
    given_ml: Decimal
    reason: str | None = None


class DosePrescribed(CourseEvent):
    """A dose within the protocol's range was chosen."""

    type: Literal["DosePrescribed.v1"] = "DosePrescribed.v1"
    product: str
    amount: Decimal
    unit: str


class InfusionPrepared(CourseEvent):
    """An infusion is ready; what it holds is in `ProductDispensed`, or its sealed twin.

    Attributes:
        preparation: Number among the subject's preparations, from 1.
        course: Which of the treatments of the arm it belongs to, from 1.
        infusion: Which infusion of that treatment it is, from 1.
        coi: Chain-of-identity id on its label.
        planned_ml: Volume that was planned to be given, mL.
        volume_ml: Volume that was prepared, mL.
        usable_until: From when it may no longer be given.
    """

    type: Literal["InfusionPrepared.v1"] = "InfusionPrepared.v1"
    preparation: int
    course: int
    infusion: int
    coi: str
    weight_kg: Decimal | None
    weighed_on: date | None
    planned_ml: Decimal
    volume_ml: Decimal
    usable_until: Instant


class PreparationDiscarded(CourseEvent):
    """A preparation was thrown away, or withdrawn with its lot."""

    type: Literal["PreparationDiscarded.v1"] = "PreparationDiscarded.v1"
    preparation: int


class IdentityMatched(CourseEvent):
    """Somebody found the wristband's and the preparation's identifiers to be those of the record."""

    type: Literal["IdentityMatched.v1"] = "IdentityMatched.v1"
    preparation: int
    coi: str


class StaggerOverridden(CourseEvent):
    """A subject may be infused before the stagger ends."""

    type: Literal["StaggerOverridden.v1"] = "StaggerOverridden.v1"
    reason: str


class InfusionStarted(CourseEvent):
    """An infusion began: the subject is exposed from here on."""

    type: Literal["InfusionStarted.v1"] = "InfusionStarted.v1"
    preparation: int


class InfusionInterrupted(CourseEvent):
    """An infusion was halted."""

    type: Literal["InfusionInterrupted.v1"] = "InfusionInterrupted.v1"
    preparation: int
    given_ml: Decimal
    reason: str


class InfusionResumed(CourseEvent):
    """A halted infusion went on."""

    type: Literal["InfusionResumed.v1"] = "InfusionResumed.v1"
    preparation: int


class InfusionCompleted(CourseEvent):
    """An infusion came to its end."""

    type: Literal["InfusionCompleted.v1"] = "InfusionCompleted.v1"
    preparation: int
    given_ml: Decimal
    reason: str | None


class InfusionAborted(CourseEvent):
    """An infusion was ended early."""

    type: Literal["InfusionAborted.v1"] = "InfusionAborted.v1"
    preparation: int
    given_ml: Decimal
    reason: str


class GivenVolumeCorrected(CourseEvent):
    """The volume given of an infusion was corrected."""

    type: Literal["GivenVolumeCorrected.v1"] = "GivenVolumeCorrected.v1"
    preparation: int
    was: Decimal
    given_ml: Decimal
    reason: str


class WeightCorrected(CourseEvent):
    """The body weight of a preparation was corrected."""

    type: Literal["WeightCorrected.v1"] = "WeightCorrected.v1"
    preparation: int
    was: Decimal
    weight_kg: Decimal
    reason: str


class ManufacturingFailed(CourseEvent):
    """No product could be made for a subject.

    Attributes:
        replaced: Whether the subject gives the slot to another.
    """

    type: Literal["ManufacturingFailed.v1"] = "ManufacturingFailed.v1"
    reason: str
    replaced: bool
