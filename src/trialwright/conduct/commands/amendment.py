"""What is asked for: new versions of the protocol, and their approval at each site."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from trialwright.conduct.commands.base import Command, Id, Words


class AmendProtocol(Command):
    """Adopt a new version of the protocol; each site follows it from its own day of approval.

    Attributes:
        text: The protocol file of the new version.
        simulation: SHA-256 of the operating characteristics of its dose rules, as
            `trialwright.conduct.versions.simulation_hash` gives it; needed where they change.
    """

    text: Annotated[str, Field(min_length=1)]
    reason: Words
    simulation: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class ApproveAmendment(Command):
    """Take down from which day on a version of the protocol is approved at a site."""

    site: Id
    version: Words
    approved_on: date
