"""Who has seen an arm, and who asked that everybody does. Nothing here decides anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trialwright.protocol.study import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """Somebody who sees an arm, since when and why; of what the arm is it says nothing.

    Attributes:
        subject: Whose arm; None for every subject whom the person may know of.
    """

    person: str
    role: Role | None
    site: str | None
    subject: str | None
    at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnblindingRequest:
    """Who asked that everybody sees the arms, in which role, when and why."""

    by: str
    role: Role | None
    at: datetime
    reason: str
