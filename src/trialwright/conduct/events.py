"""What happened: past tense, versioned by name, small and flat. These bytes are the trial's record and never change.

A field is never renamed and a name never used again: a new shape is a new version, such as `SubjectEnrolled.v2`.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from trialwright import __version__
from trialwright.conduct.commands import Instant, Value
from trialwright.protocol.study import Role


class EventBase(BaseModel):
    """What all events carry: who, in which role, where, when, under which protocol and software."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Instant
    by: str
    role: Role | None
    site: str | None
    protocol: str
    software: str = __version__


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


class RoleRevoked(EventBase):
    """A person has no role any more."""

    type: Literal["RoleRevoked.v1"] = "RoleRevoked.v1"
    person: str
    reason: str


class DoseLevelOpened(EventBase):
    """A dose level is open, with so many slots."""

    type: Literal["DoseLevelOpened.v1"] = "DoseLevelOpened.v1"
    level: int
    slots: int


class DoseLevelClosed(EventBase):
    """A dose level takes no more subjects."""

    type: Literal["DoseLevelClosed.v1"] = "DoseLevelClosed.v1"
    level: int


class CohortExpanded(EventBase):
    """An open dose level has more slots."""

    type: Literal["CohortExpanded.v1"] = "CohortExpanded.v1"
    level: int
    slots: int


class EscalationStopped(EventBase):
    """Dose escalation has ended: with an MTD, without one, or with the top dose tolerated."""

    type: Literal["EscalationStopped.v1"] = "EscalationStopped.v1"
    mtd: int | None
    top_tolerated: bool


class SubjectScreened(EventBase):
    """A consented person is in screening."""

    type: Literal["SubjectScreened.v1"] = "SubjectScreened.v1"
    subject: str
    consented_on: date


class EligibilityAssessed(EventBase):
    """Eligibility was computed from what screening found."""

    type: Literal["EligibilityAssessed.v1"] = "EligibilityAssessed.v1"
    subject: str
    values: dict[str, Value]
    answers: dict[str, bool]
    findings: dict[str, str]
    verdict: Literal["eligible", "not eligible", "undetermined"]


class SubjectEnrolled(EventBase):
    """A subject has a slot at a dose level."""

    type: Literal["SubjectEnrolled.v1"] = "SubjectEnrolled.v1"
    subject: str
    level: int


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


class AdverseEventReported(EventBase):
    """Something untoward happened to a subject."""

    type: Literal["AdverseEventReported.v1"] = "AdverseEventReported.v1"
    subject: str
    event: int
    term: str
    onset_on: date
    grade: int
    related: bool
    serious: bool


class AdverseEventGraded(EventBase):
    """The grade of an adverse event changed; an earlier adjudication no longer stands."""

    type: Literal["AdverseEventGraded.v1"] = "AdverseEventGraded.v1"
    subject: str
    event: int
    was: int
    grade: int
    reason: str


class DltAdjudicated(EventBase):
    """An adverse event was judged to be, or not to be, dose-limiting."""

    type: Literal["DltAdjudicated.v1"] = "DltAdjudicated.v1"
    subject: str
    event: int
    dlt: bool
    reason: str


class DltWindowClosed(EventBase):
    """A subject was followed to the end of the DLT window."""

    type: Literal["DltWindowClosed.v1"] = "DltWindowClosed.v1"
    subject: str


class SubjectNotEvaluable(EventBase):
    """A subject does not count for the dose decision; the slot is free again."""

    type: Literal["SubjectNotEvaluable.v1"] = "SubjectNotEvaluable.v1"
    subject: str
    reason: str


class DoseDecisionProposed(EventBase):
    """A dose decision is up for signature: the data cut, what the rule says, what is proposed."""

    type: Literal["DoseDecisionProposed.v1"] = "DoseDecisionProposed.v1"
    number: int
    cut: int
    level: int
    outcomes: str
    recommended: str
    why: str
    decision: Literal["escalate", "expand", "de-escalate", "stop", "consult"]
    dose: int | None
    mtd: int | None
    reason: str | None
    content: str


class DoseDecisionSigned(EventBase):
    """Somebody whose signature the decision needs has signed its exact content."""

    type: Literal["DoseDecisionSigned.v1"] = "DoseDecisionSigned.v1"
    number: int
    content: str
    meaning: Literal["approved"] = "approved"


class DoseDecisionTaken(EventBase):
    """All signatures are there: the decision stands."""

    type: Literal["DoseDecisionTaken.v1"] = "DoseDecisionTaken.v1"
    number: int


class CommandRefused(EventBase):
    """Somebody asked for what the protocol or the roles do not allow."""

    type: Literal["CommandRefused.v1"] = "CommandRefused.v1"
    command: str
    code: str
    rule: str
    reason: str


Event = (
    ProtocolAdopted
    | SiteOpened
    | RoleGranted
    | RoleRevoked
    | DoseLevelOpened
    | DoseLevelClosed
    | CohortExpanded
    | EscalationStopped
    | SubjectScreened
    | EligibilityAssessed
    | SubjectEnrolled
    | InfusionAdministered
    | AdverseEventReported
    | AdverseEventGraded
    | DltAdjudicated
    | DltWindowClosed
    | SubjectNotEvaluable
    | DoseDecisionProposed
    | DoseDecisionSigned
    | DoseDecisionTaken
    | CommandRefused
)

_EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])


def encode(event: Event) -> bytes:
    """The canonical bytes of an event: UTF-8 JSON, keys sorted, no spaces, decimals as text."""
    data = event.model_dump(mode="json")
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def decode(body: bytes) -> Event:
    """Read an event back.

    Raises:
        pydantic.ValidationError: The bytes are not an event that this version knows.
    """
    return _EVENT.validate_json(body)
