"""The lots of the pharmacies and what was taken from them: of an open trial in its state, of a masked one sealed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from trialwright.conduct import events as ev
from trialwright.conduct.events import product as events
from trialwright.conduct.frozen import put, replace


@dataclass(frozen=True, kw_only=True)
class Lot:
    """A lot as it stands.

    Attributes:
        used: Containers that were used up.
        reason: Why it has its status, where somebody said so.
        for_subject: The one subject whom it is kept for.
    """

    id: str
    product: str
    site: str | None
    containers: tuple[str, ...]
    volume_ml: Decimal
    expires_at: datetime
    concentration_per_ml: Decimal | None
    viability_pct: Decimal | None
    used: frozenset[str] = frozenset()
    status: Literal["received", "released", "quarantined", "returned", "destroyed"] = "received"
    reason: str | None = None
    for_subject: str | None = None

    @property
    def left(self) -> tuple[str, ...]:
        """Containers that were not used."""
        return tuple(coi for coi in self.containers if coi not in self.used)


@dataclass(frozen=True, kw_only=True)
class Dispensed:
    """What a preparation holds, and how its dose was computed.

    Attributes:
        recomputed_cells: What the planned dose would have been by the corrected weight; None where none was corrected.
    """

    subject: str
    preparation: int
    product: str
    lot: str
    containers: tuple[str, ...]
    dose: Decimal | None
    dose_unit: str | None
    planned_cells: Decimal | None
    prepared_cells: Decimal | None
    planned_ml: Decimal
    prepared_ml: Decimal
    formula: str
    reason: str | None
    recomputed_cells: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Stock:
    """All lots by number, and what was dispensed by subject and preparation."""

    lots: Mapping[str, Lot] = field(default_factory=dict)
    dispensed: Mapping[tuple[str, int], Dispensed] = field(default_factory=dict)

    def from_lot(self, lot: str) -> tuple[Dispensed, ...]:
        """Everything that was prepared from a lot."""
        return tuple(one for one in self.dispensed.values() if one.lot == lot)

    def after(self, happened: Iterable[ev.Event]) -> Stock:
        """The stock after events; those that are not its own change nothing."""
        stock = self
        for event in happened:
            if isinstance(event, events.StockEvent):
                stock = _after(stock, event)
        return stock


def _after(stock: Stock, event: events.StockEvent) -> Stock:
    match event:
        case events.LotReceived() | events.SealedLotReceived():
            return _with_lot(stock, _received(event))
        case events.LotReleased() | events.SealedLotReleased():
            return _changed(stock, event.lot, status="released", reason=event.reason)
        case events.LotQuarantined() | events.SealedLotQuarantined():
            return _changed(stock, event.lot, status="quarantined", reason=event.reason)
        case events.LotAssigned() | events.SealedLotAssigned():
            return _changed(stock, event.lot, for_subject=event.for_subject)
        case events.LotDisposed() | events.SealedLotDisposed():
            return _changed(stock, event.lot, status=event.how, reason=event.reason)
        case events.ProductDispensed() | events.SealedProductDispensed():
            used = stock.lots[event.lot].used.union(event.containers)
            return _with_dispensed(_changed(stock, event.lot, used=used), _dispensed(event))
        case events.DoseRecomputed() | events.SealedDoseRecomputed():
            now = stock.dispensed[event.subject, event.preparation]
            recomputed = replace(now, recomputed_cells=event.planned_cells, formula=event.formula)
            return _with_dispensed(stock, recomputed)
        case _:
            return stock


def _received(event: events.LotReceived | events.SealedLotReceived) -> Lot:
    return Lot(
        id=event.lot,
        product=event.product,
        site=event.site,
        containers=event.containers,
        volume_ml=event.volume_ml,
        expires_at=event.expires_at,
        concentration_per_ml=event.concentration_per_ml,
        viability_pct=event.viability_pct,
        for_subject=event.for_subject,
    )


def _dispensed(event: events.ProductDispensed | events.SealedProductDispensed) -> Dispensed:
    return Dispensed(
        subject=event.subject,
        preparation=event.preparation,
        product=event.product,
        lot=event.lot,
        containers=event.containers,
        dose=event.dose,
        dose_unit=event.dose_unit,
        planned_cells=event.planned_cells,
        prepared_cells=event.prepared_cells,
        planned_ml=event.planned_ml,
        prepared_ml=event.prepared_ml,
        formula=event.formula,
        reason=event.reason,
    )


def _with_lot(stock: Stock, lot: Lot) -> Stock:
    return replace(stock, lots=put(stock.lots, lot.id, lot))


def _changed(stock: Stock, lot: str, **changes: object) -> Stock:
    return _with_lot(stock, replace(stock.lots[lot], **changes))


def _with_dispensed(stock: Stock, dispensed: Dispensed) -> Stock:
    return replace(stock, dispensed=put(stock.dispensed, (dispensed.subject, dispensed.preparation), dispensed))
