"""What happened: the protocol, sites and roles."""

from __future__ import annotations

from typing import Literal

from trialwright.conduct.events.base import EventBase
from trialwright.protocol.study import Role


class ProtocolAdopted(EventBase):
    """The trial began under this protocol; the file is part of the record."""

    type: Literal["ProtocolAdopted.v1"] = "ProtocolAdopted.v1"
    study: str
    sha256: str
    text: str


class SiteOpened(EventBase):
    """A site may take part."""

    type: Literal["SiteOpened.v1"] = "SiteOpened.v1"
    opened: str
    name: str


class RoleGranted(EventBase):
    """A person has a role."""

    type: Literal["RoleGranted.v1"] = "RoleGranted.v1"
    person: str
    granted: Role
    for_site: str | None = None


class RoleRequested(EventBase):
    """An unblinded role was asked for somebody who was blinded; a second person confirms it."""

    type: Literal["RoleRequested.v1"] = "RoleRequested.v1"
    person: str
    requested: Role
    for_site: str | None
    reason: str


class RoleRevoked(EventBase):
    """A person has no role any more."""

    type: Literal["RoleRevoked.v1"] = "RoleRevoked.v1"
    person: str
    reason: str
