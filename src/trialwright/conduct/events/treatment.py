"""What happened: the infusion."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from trialwright.conduct.events.base import EventBase


class InfusionAdministered(EventBase):
    """A subject received the product."""

    type: Literal["InfusionAdministered.v1"] = "InfusionAdministered.v1"
    subject: str
    level: int
    dose_cells_per_kg: Decimal
    weight_kg: Decimal
    concentration_per_ml: Decimal
    viability_pct: Decimal
    planned_cells: Decimal
    planned_ml: Decimal
    given_ml: Decimal
    reason: str | None = None
