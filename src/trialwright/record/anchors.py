"""Anchors: where a log ended at a moment, kept outside its database, so that a tail that was cut off shows.

A chain says that nothing before its end was changed; it cannot say that this is the end. A file of anchors can, if it
lies where whoever changes the log cannot write. It has one anchor a line, the oldest first:

    {"at":"2026-01-05T09:00:00Z","schema":"trialwright.anchor/1","streams":{"open":{"entries":57,"head":"9f2c..."}}}
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from trialwright.conduct import Secret
from trialwright.conduct.commands import Instant
from trialwright.errors import InputError, VerificationError
from trialwright.store import Head, open_log
from trialwright.trial import now, verify


class AnchoredEnd(BaseModel):
    """Where one stream ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    entries: Annotated[int, Field(ge=1)]
    head: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Anchor(BaseModel):
    """Where every stream of a log ended at a moment."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_name: Annotated[Literal["trialwright.anchor/1"], Field(alias="schema")] = "trialwright.anchor/1"
    at: Instant
    streams: Mapping[str, AnchoredEnd]

    def line(self) -> str:
        """The anchor as the line of a file."""
        return json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True, separators=(",", ":"))


def anchor(
    location: str | Path, file: Path, *, secret: Secret | None = None, clock: Callable[[], datetime] = now
) -> tuple[Anchor, int]:
    """Verify a log against its anchors so far, and add where it ends now.

    Args:
        location: Where the log is.
        file: The anchors, outside the log's database; made where there is none.
        secret: The sealed side of a randomised trial, to open its sealed entries too.
        clock: What tells the time.

    Returns:
        The new anchor, and how many before it hold.

    Raises:
        VerificationError: The log does not verify, or is not what was anchored; nothing was added.
        InputError: The file is none of anchors, or cannot be written.
    """
    before = read_anchors(file) if file.exists() and file.stat().st_size else ()
    heads = verify(location, secret)
    check_anchors(location, before)
    ends = {name: AnchoredEnd(entries=head.sequence, head=head.hash.hex()) for name, head in heads.items()}
    made = Anchor(at=clock(), streams=ends)
    _append_line(file, made.line())
    return made, len(before)


def read_anchors(file: Path) -> tuple[Anchor, ...]:
    """Read a file of anchors.

    Raises:
        InputError: It cannot be read, or a line is no anchor; every such line is named.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise InputError(f"{file}: the anchors cannot be read; correct the path") from fault
    found, faults = [], []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(Anchor.model_validate_json(line))
        except ValidationError:
            faults.append(str(number))
    if not lines:
        raise InputError(f"{file}: there is no anchor in it; take the file as `trialwright anchor` wrote it")
    if faults:
        raise InputError(
            f"{file}: line {', '.join(faults)} is no anchor; take the file as `trialwright anchor` wrote it"
        )
    return tuple(found)


def check_anchors(location: str | Path, anchors: Sequence[Anchor]) -> None:
    """See that a log that verifies is the one that was anchored, and goes on from there.

    Raises:
        VerificationError: Naming the first entry that was cut off, or between which anchors one was replaced.
    """
    due = {name for one in anchors for name in one.streams}
    with open_log(location) as log:
        for name in sorted(due):
            wanted = {one.streams[name].entries for one in anchors if name in one.streams}
            hashes = {entry.sequence: entry.hash for entry in log.read(name) if entry.sequence in wanted}
            _check_stream(log.location, name, log.head(name), hashes, anchors)


def _check_stream(location: str, name: str, head: Head, hashes: Mapping[int, bytes], anchors: Sequence[Anchor]) -> None:
    held = 0
    for one in sorted((one for one in anchors if name in one.streams), key=lambda one: one.streams[name].entries):
        end, when = one.streams[name], f"{one.at:%Y-%m-%d %H:%M:%S} UTC"
        place = f"{location}: stream {name!r}"
        if end.entries > head.sequence:
            raise VerificationError(
                f"{place}, entry {head.sequence + 1} is missing: the stream ends there, and was anchored at entry "
                f"{end.entries} on {when}; restore the log from its backup",
                name,
                head.sequence + 1,
            )
        if hashes[end.entries].hex() != end.head:
            raise VerificationError(
                f"{place}: entries {held + 1} to {end.entries} are not those that were anchored on {when}: one was "
                "replaced, and all hashes after it made anew, or the anchors are another log's; "
                "restore the log from its backup",
                name,
                held + 1,
            )
        held = end.entries


def _append_line(file: Path, line: str) -> None:
    try:
        handle = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
        with os.fdopen(handle, "ab") as opened:
            opened.write(f"{line}\n".encode())
            opened.flush()
            os.fsync(handle)
    except OSError as fault:
        raise InputError(f"{file}: {fault.strerror}; choose another place for the anchors") from fault
