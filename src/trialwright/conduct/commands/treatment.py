"""What is asked for: the infusion."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from trialwright.conduct.commands.base import Amount, Command, Id, Words


class AdministerInfusion(Command):
    """Record an infusion; the dose is computed from the level, the weight and the product.

    Attributes:
        weight_kg: Body weight on the day, kg.
        concentration_per_ml: Cells in each mL of the product, dead ones included.
        viability_pct: Share of viable cells, %.
        given_ml: Volume given, mL; left out when it is the planned one.
        reason: Why the given volume differs from the planned one.
    """

    subject: Id
    weight_kg: Amount
    concentration_per_ml: Amount
    viability_pct: Annotated[Decimal, Field(gt=0, le=100)]
    given_ml: Amount | None = None
    reason: Words | None = None
