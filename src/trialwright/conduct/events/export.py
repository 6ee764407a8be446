"""What happened: data went out of the system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from trialwright.conduct.commands.export import Copy
from trialwright.conduct.events.base import EventBase


class DataExported(EventBase):
    """Somebody took a copy of data.

    Attributes:
        wanted: The filter by which rows were chosen.
        sha256: SHA-256 of the bytes that went out.
        blinded: Whether whoever took it was blinded, and so the copy too.
    """

    changes_data: ClassVar[bool] = False

    type: Literal["DataExported.v1"] = "DataExported.v1"
    what: Copy
    form: str
    wanted: Mapping[str, str]
    rows: int
    sha256: str
    blinded: bool
