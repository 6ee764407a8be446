"""What somebody asks for: imperative, typed, with who asks and when. Nothing has happened yet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, Strict

from trialwright.protocol.study import Role

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Amount = Annotated[Decimal, Field(gt=0, allow_inf_nan=False, max_digits=24)]
Value = Annotated[bool, Strict()] | Annotated[Decimal, Field(allow_inf_nan=False, max_digits=24)]
Grade = Annotated[int, Field(ge=1, le=5)]
Level = Annotated[int, Field(ge=1, le=20)]


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_utc)]
"""A moment, held in UTC."""


class Command(BaseModel):
    """What all commands carry.

    Attributes:
        at: When the server received it; never taken from the person's own clock.
        by: Who gives it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Instant
    by: Id


class AdoptProtocol(Command):
    """Begin a trial: the log's first command. Whoever gives it becomes the sponsor's first person."""

    text: Annotated[str, Field(min_length=1)]


class OpenSite(Command):
    """Let a site take part."""

    site: Id
    name: Words


class GrantRole(Command):
    """Give a person a role, at one site where the role belongs to a site."""

    person: Id
    role: Role
    site: Id | None = None


class RevokeRole(Command):
    """Take a person's role away."""

    person: Id
    reason: Words


class OpenDoseLevel(Command):
    """Open a dose level for enrolment."""

    level: Level


class ScreenSubject(Command):
    """Take a consented person into screening at the giver's site."""

    consented_on: date


class AssessEligibility(Command):
    """Enter what screening found; the verdict is computed.

    Attributes:
        values: Collected items by name: numbers, or yes and no.
        answers: Criteria that a person answers, by id: whether the statement of the criterion holds.
    """

    subject: Id
    values: dict[str, Value] = {}
    answers: dict[str, bool] = {}


class EnrolSubject(Command):
    """Claim a slot at the open dose level for an eligible subject."""

    subject: Id


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


class ReportAdverseEvent(Command):
    """Report an adverse event with its first grade."""

    subject: Id
    term: Words
    onset_on: date
    grade: Grade
    related: bool
    serious: bool = False


class GradeAdverseEvent(Command):
    """Change the grade of an adverse event, with the reason."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    grade: Grade
    reason: Words


class AdjudicateDlt(Command):
    """Judge whether an adverse event is a dose-limiting toxicity."""

    subject: Id
    event: Annotated[int, Field(ge=1)]
    dlt: bool
    reason: Words


class CloseDltWindow(Command):
    """Confirm that a subject was followed to the end of the DLT window."""

    subject: Id


class DeclareNotEvaluable(Command):
    """Take a subject out of the dose decision, who cannot be followed to the end of the window; frees the slot."""

    subject: Id
    reason: Words


class ProposeDoseDecision(Command):
    """Put a dose decision up for signature, on the data as they stand."""

    decision: Literal["escalate", "expand", "de-escalate", "stop", "consult"]
    reason: Words | None = None


class SignDoseDecision(Command):
    """Sign the proposed dose decision; the last signature takes it.

    Attributes:
        number: The decision's number.
        content: SHA-256 of the content signed, as shown to the person who signs.
    """

    number: Annotated[int, Field(ge=1)]
    content: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
