"""What somebody asks for: imperative, typed, with who asks and when. Nothing has happened yet."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, Strict

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$")]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Amount = Annotated[Decimal, Field(gt=0, allow_inf_nan=False, max_digits=24)]
Percentage = Annotated[Decimal, Field(ge=1, le=100, allow_inf_nan=False, max_digits=24)]
Concentration = Annotated[Decimal, Field(ge=1, le=10**12, allow_inf_nan=False, max_digits=24)]
BodyWeight = Annotated[Decimal, Field(ge=Decimal("0.1"), le=100_000, allow_inf_nan=False, max_digits=24)]
"""What can be computed with; the protocol's own range is narrower."""
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
