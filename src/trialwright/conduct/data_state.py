"""Where a subject's data stand: data points, visits, queries, signatures. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from trialwright.conduct.commands.data import Missing
from trialwright.protocol.oversight import Meaning
from trialwright.protocol.study import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPoint:
    """An item at a visit, as it stands: a value, or that it is missing and why.

    Attributes:
        value: Its observations in the full form of a subject's JSON; empty where it is known never to have happened.
        missing: Why there is no value.
        sequence: The entry of the log that it stands by.
        corrected: How often it was corrected.
        verified: Who held it against the source, and when; None once it changes.
    """

    item: str
    on: date
    value: tuple[Mapping[str, Any], ...] | None
    missing: Missing | None
    by: str
    at: datetime
    sequence: int
    corrected: int = 0
    verified: tuple[str, datetime] | None = None


DEATH = "death"
"""The item that says on which day a subject died, by the convention of protocol files."""


def death_in(data: Mapping[str, Mapping[str, DataPoint]]) -> date | None:
    """The day of death that a visit found; the first where several days stand."""
    points = (at_visit[DEATH] for at_visit in data.values() if DEATH in at_visit)
    days = (one.get("on") for point in points for one in point.value or ())
    return min((date.fromisoformat(str(day)) for day in days if day), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitState:
    """A visit that was held, or missed.

    Attributes:
        on: The day it was held; None where it was missed.
        days_out: Days outside its window: negative before it, positive after it, 0 within.
        reason: Why it was missed, held outside its window, or held at all where the protocol does not schedule it.
    """

    visit: str
    on: date | None
    days_out: int = 0
    reason: str | None = None

    @property
    def missed(self) -> bool:
        """Whether it was missed."""
        return self.on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question about data: open, answered by the site, closed by whoever asks.

    Attributes:
        visit: The visit that it is about; None where it is about the subject.
        item: The item that it is about.
        by: Who asks; of a query that the protocol asks, who took the value down.
        role: In which role somebody asks; None where the protocol does.
    """

    number: int
    visit: str | None
    item: str | None
    text: str
    by: str
    role: Role | None
    opened_at: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def status(self) -> Literal["open", "answered", "closed"]:
        """Where it stands."""
        if self.closed_at:
            return "closed"
        return "answered" if self.answered_at else "open"

    def age(self, at: datetime) -> timedelta:
        """How long it has been waiting for an answer or for its end; the time it took once it is closed."""
        return (self.closed_at or at) - self.opened_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature over everything that the log holds of a subject, or of one of its visits.

    Attributes:
        name: The signer's name as it is printed.
        visit: The visit whose data it binds; None where it binds the subject's.
        content: SHA-256 of the canonical content that it binds.
        sequence: The last entry of the log that it binds.
        superseded_by: The entry that changed what it binds; None while it stands.
    """

    by: str
    role: Role | None
    name: str
    at: datetime
    visit: str | None
    meaning: Meaning
    content: str
    sequence: int
    superseded_by: int | None = None

    def __str__(self) -> str:
        over = f"; superseded by change #{self.superseded_by}" if self.superseded_by else ""
        return f"{self.name} ({self.by}), {self.at:%Y-%m-%d %H:%M:%S} UTC, {self.meaning}{over}"
