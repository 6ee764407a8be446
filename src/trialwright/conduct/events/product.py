"""What happened: lots of the product, and what was taken from them.

In an open trial these events are in the open stream. In a masked one they would tell the arm: then their twins, which
hold the same and are named `Sealed...`, are written to the sealed stream in their place.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Literal

from trialwright.conduct.commands.base import Instant
from trialwright.conduct.events.base import SEALED, EventBase


class StockEvent(EventBase):
    """What changes the lots of a pharmacy."""


class _LotReceived(StockEvent):
    lot: str
    product: str
    containers: tuple[str, ...]
    volume_ml: Decimal
    expires_at: Instant
    concentration_per_ml: Decimal | None
    viability_pct: Decimal | None
    for_subject: str | None


class _LotReleased(StockEvent):
    lot: str
    reason: str


class _LotQuarantined(StockEvent):
    lot: str
    reason: str


class _LotAssigned(StockEvent):
    lot: str
    for_subject: str


class _LotDisposed(StockEvent):
    lot: str
    how: Literal["returned", "destroyed"]
    reason: str


class _ProductDispensed(StockEvent):
    subject: str
    preparation: int
    product: str
    lot: str
    containers: tuple[str, ...]
    dose: Decimal | None
    dose_unit: str | None
    concentration_per_ml: Decimal | None
    viability_pct: Decimal | None
    planned_cells: Decimal | None
    prepared_cells: Decimal | None
    planned_ml: Decimal
    prepared_ml: Decimal
    formula: str
    reason: str | None


class _ProductDiscarded(StockEvent):
    subject: str
    preparation: int
    lot: str
    reason: str


class _DoseRecomputed(StockEvent):
    subject: str
    preparation: int
    planned_cells: Decimal | None
    formula: str


class LotReceived(_LotReceived):
    """A lot came to a site."""

    type: Literal["LotReceived.v1"] = "LotReceived.v1"


class LotReleased(_LotReleased):
    """A lot may be given."""

    type: Literal["LotReleased.v1"] = "LotReleased.v1"


class LotQuarantined(_LotQuarantined):
    """A lot may not be given."""

    type: Literal["LotQuarantined.v1"] = "LotQuarantined.v1"


class LotAssigned(_LotAssigned):
    """A lot is kept for one subject."""

    type: Literal["LotAssigned.v1"] = "LotAssigned.v1"


class LotDisposed(_LotDisposed):
    """A lot was returned or destroyed."""

    type: Literal["LotDisposed.v1"] = "LotDisposed.v1"


class ProductDispensed(_ProductDispensed):
    """What a preparation holds: product, lot, containers and dose, with every input and the formula."""

    type: Literal["ProductDispensed.v1"] = "ProductDispensed.v1"


class ProductDiscarded(_ProductDiscarded):
    """Why a preparation was thrown away."""

    type: Literal["ProductDiscarded.v1"] = "ProductDiscarded.v1"


class DoseRecomputed(_DoseRecomputed):
    """What the planned dose would have been by a corrected weight."""

    type: Literal["DoseRecomputed.v1"] = "DoseRecomputed.v1"


class SealedLotReceived(_LotReceived):
    """A lot came to a site of a masked trial."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedLotReceived.v1"] = "SealedLotReceived.v1"


class SealedLotReleased(_LotReleased):
    """A lot of a masked trial may be given."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedLotReleased.v1"] = "SealedLotReleased.v1"


class SealedLotQuarantined(_LotQuarantined):
    """A lot of a masked trial may not be given."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedLotQuarantined.v1"] = "SealedLotQuarantined.v1"


class SealedLotAssigned(_LotAssigned):
    """A lot of a masked trial is kept for one subject."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedLotAssigned.v1"] = "SealedLotAssigned.v1"


class SealedLotDisposed(_LotDisposed):
    """A lot of a masked trial was returned or destroyed."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedLotDisposed.v1"] = "SealedLotDisposed.v1"


class SealedProductDispensed(_ProductDispensed):
    """What a preparation of a masked trial holds."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedProductDispensed.v1"] = "SealedProductDispensed.v1"


class SealedProductDiscarded(_ProductDiscarded):
    """Why a preparation of a masked trial was thrown away."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedProductDiscarded.v1"] = "SealedProductDiscarded.v1"


class SealedDoseRecomputed(_DoseRecomputed):
    """What the planned dose in a masked trial would have been by a corrected weight."""

    stream: ClassVar[str] = SEALED
    type: Literal["SealedDoseRecomputed.v1"] = "SealedDoseRecomputed.v1"


SEALED_TWINS: dict[type[StockEvent], type[StockEvent]] = {
    LotReceived: SealedLotReceived,
    LotReleased: SealedLotReleased,
    LotQuarantined: SealedLotQuarantined,
    LotAssigned: SealedLotAssigned,
    LotDisposed: SealedLotDisposed,
    ProductDispensed: SealedProductDispensed,
    ProductDiscarded: SealedProductDiscarded,
    DoseRecomputed: SealedDoseRecomputed,
}
"""The kind that a masked trial writes in the place of another."""
