"""What happened: new versions of the protocol, and their approval at each site."""

from __future__ import annotations

from datetime import date
from typing import Literal

from trialwright.conduct.events.base import EventBase


class ProtocolAmended(EventBase):
    """A new version of the protocol was adopted; the file is part of the record.

    Attributes:
        changes: What it changes, a line each, against the version before it.
        simulation: SHA-256 of the operating characteristics of its dose rules, where these changed.
    """

    type: Literal["ProtocolAmended.v1"] = "ProtocolAmended.v1"
    version: str
    was: str
    sha256: str
    text: str
    changes: tuple[str, ...]
    simulation: str | None
    reason: str


class AmendmentApproved(EventBase):
    """A version of the protocol is in force at a site from a day on."""

    type: Literal["AmendmentApproved.v1"] = "AmendmentApproved.v1"
    for_site: str
    version: str
    approved_on: date
