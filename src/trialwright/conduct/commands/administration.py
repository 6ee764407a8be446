"""What is asked for: the protocol, sites and roles."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from trialwright.conduct.commands.base import Command, Id, Words
from trialwright.protocol.study import Role


class AdoptProtocol(Command):
    """Begin a trial: the log's first command. Whoever gives it becomes the sponsor's first person."""

    text: Annotated[str, Field(min_length=1)]


class OpenSite(Command):
    """Let a site take part."""

    site: Id
    name: Words


class GrantRole(Command):
    """Give a person a role, at one site where the role belongs to a site.

    Attributes:
        reason: Why; needed for an unblinded role of somebody who was blinded.
    """

    person: Id
    role: Role
    site: Id | None = None
    reason: Words | None = None


class ConfirmRole(Command):
    """Confirm, as a second person, the role that was asked for somebody who was blinded."""

    person: Id


class RevokeRole(Command):
    """Take a person's role away."""

    person: Id
    reason: Words
