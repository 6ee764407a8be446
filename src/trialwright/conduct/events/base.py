"""What all events share: who and when, their canonical bytes, and the list of all that can be read."""

from __future__ import annotations

import json
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from trialwright import __version__
from trialwright.conduct.commands.base import Instant
from trialwright.protocol.study import Role

OPEN, SEALED = "open", "sealed"
"""The streams of a trial: what everybody may learn in time, and what a blinded role must not."""

_KINDS: list[type[Any]] = []


class EventBase(BaseModel):
    """What all events carry: who, in which role, where, when, under which protocol and software.

    Attributes:
        stream: The stream that events of this kind belong to.
        changes_data: Whether it changes what a signature over the subject binds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stream: ClassVar[str] = OPEN
    changes_data: ClassVar[bool] = True

    at: Instant
    by: str
    role: Role | None
    site: str | None
    protocol: str
    software: str = __version__

    @property
    def kind(self) -> str:
        """Name and version, such as `SubjectEnrolled.v1`."""
        return str(getattr(self, "type", ""))

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Every kind of event can be read from the day it is written."""
        super().__pydantic_init_subclass__(**kwargs)
        if "type" in cls.model_fields:
            _KINDS.append(cls)


Event = EventBase


class CommandRefused(EventBase):
    """Somebody asked for what the protocol or the roles do not allow."""

    type: Literal["CommandRefused.v1"] = "CommandRefused.v1"
    command: str
    code: str
    rule: str
    reason: str


class SealedCommandRefused(EventBase):
    """Somebody was refused for a reason that would tell the arm of a masked trial."""

    stream: ClassVar[str] = SEALED

    type: Literal["SealedCommandRefused.v1"] = "SealedCommandRefused.v1"
    command: str
    code: str
    rule: str
    reason: str


def encode(event: BaseModel) -> bytes:
    """The canonical bytes of an event: UTF-8 JSON, keys sorted, no spaces, decimals as text."""
    data = event.model_dump(mode="json")
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def decode(body: bytes) -> Event:
    """Read an event back.

    Raises:
        pydantic.ValidationError: The bytes are not an event that this version knows.
    """
    event: Event = _adapter().validate_json(body)
    return event


@cache
def _adapter() -> TypeAdapter[Any]:
    union: Any = Annotated[reduce(or_, _KINDS), Field(discriminator="type")]
    return TypeAdapter(union)
