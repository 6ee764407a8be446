"""What is asked for: lots of the product."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialwright.conduct.commands.base import Amount, Command, Concentration, Id, Instant, Percentage, Words

Containers = Annotated[tuple[Id, ...], Field(min_length=1, max_length=200)]
"""Chain-of-identity ids, as they stand on the containers."""


class ReceiveLot(Command):
    """Take a lot into the giver's pharmacy; nobody is given of it before it is released.

    Attributes:
        lot: The lot's number, as it stands on its label.
        product: Name of a product of the protocol.
        containers: Chain-of-identity id of each container.
        volume_ml: Volume in each container, mL.
        expires_at: When it can no longer be given.
        concentration_per_ml: Cells in each mL, dead ones included; left out where the product holds no cells.
        viability_pct: Share of viable cells, %; left out likewise.
        for_subject: The one subject whom the lot is made for.
    """

    lot: Id
    product: Words
    containers: Containers
    volume_ml: Amount
    expires_at: Instant
    concentration_per_ml: Concentration | None = None
    viability_pct: Percentage | None = None
    for_subject: Id | None = None


class ReleaseLot(Command):
    """Let a lot be given, after receipt or after a quarantine."""

    lot: Id
    reason: Words


class QuarantineLot(Command):
    """Keep a lot from being given; what was prepared from it and not begun is withdrawn."""

    lot: Id
    reason: Words


class AssignLot(Command):
    """Keep a lot for one subject."""

    lot: Id
    for_subject: Id


class DisposeLot(Command):
    """Return or destroy a lot."""

    lot: Id
    how: Literal["returned", "destroyed"]
    reason: Words


class ReportManufacturingFailure(Command):
    """Say that no product could be made for an enrolled subject who was not infused yet."""

    subject: Id
    reason: Words
