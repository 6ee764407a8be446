"""What is asked for: data go out of the system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from trialwright.conduct.commands.base import Command, Words

Copy = Literal["trail", "site copy", "bundle"]
"""What goes out: an audit trail, the copy of one site for its investigator, or the inspector's bundle."""


class RecordExport(Command):
    """Take down what is about to go out of the system; it goes out only once this is written.

    Attributes:
        what: What goes out.
        form: The format, such as csv.
        wanted: The filter by which rows were chosen; empty where all of them go out.
        rows: How many rows go out.
        sha256: SHA-256 of the bytes that go out.
    """

    what: Copy
    form: Words
    wanted: Mapping[Words, Words] = {}
    rows: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
