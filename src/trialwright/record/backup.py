"""Backups: a log copied entry by entry into another one, which is a log like any, and verifies like any.

A hash covers the one before it, so that a copy ends in the same hash only where every entry is the same. A backup goes
on from the one before: it adds what is new, and finds what the log no longer holds or holds otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

from trialwright.conduct import Secret, decode
from trialwright.conduct.events.base import OPEN
from trialwright.errors import InputError, VerificationError
from trialwright.record.copies import bundled_parts, is_bundle
from trialwright.store import Head, Log, Part, Row, checked_rows, on_server, open_log
from trialwright.store import verify as verify_log
from trialwright.trial import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A copy of a log that verified.

    Attributes:
        heads: The end of each stream.
        added: Entries that this copy added.
        newest_at: When the newest open entry was made; None where there is none.
        newest: Its kind.
    """

    heads: Mapping[str, Head]
    added: int
    newest_at: datetime | None
    newest: str | None


def backup(location: str | Path, file: Path, secret: Secret | None = None) -> Copied:
    """Copy a log that verifies into a file, or add to such a file what is new.

    Args:
        location: The log.
        file: The backup, a log in an SQLite file; made where there is none.
        secret: The sealed side of a randomised trial: then every sealed entry of the backup is opened too.

    Raises:
        VerificationError: Log or backup do not verify, or the log is not what the backup goes on from.
        StoreError: One of them cannot be read or written.
    """
    if not on_server(location) and file.exists() and file.samefile(location):
        raise InputError(f"{file}: this is the log itself; name another file for its backup")
    with open_log(location) as log:
        verify_log(log)
        with open_log(file, create=True) as copy:
            verify_log(copy)
            added = _copy(log, copy)
    return _verified(file, added, secret)


def restore(source: str | Path, location: str | Path, secret: Secret | None = None) -> Copied:
    """Make a log from a backup or a bundle, and verify it.

    Args:
        source: The backup, or any log; or an inspector's bundle, a folder or a ZIP.
        location: Where the log is made: a new file, or a database on a server that holds no log yet.
        secret: As for `backup`.

    Raises:
        InputError: There is a log with entries; it is kept.
        VerificationError: The backup or what was restored from it does not verify.
    """
    if is_bundle(source):
        parts = bundled_parts(Path(source))
        with new_log(location) as log:
            log.append_all(parts)
        return _verified(location, sum(len(part.bodies) for part in parts), secret)
    with open_log(source) as kept:
        verify_log(kept)
        with new_log(location) as log:
            added = _copy(kept, log)
    return _verified(location, added, secret)


def new_log(location: str | Path) -> Log:
    """An empty log where there was none.

    Raises:
        InputError: There is one with entries.
    """
    if not on_server(location) and Path(location).exists():
        raise InputError(f"{location}: there is a file already, and it is kept; choose another place with --to")
    log = open_log(location, create=True)
    if log.streams():
        log.close()
        raise InputError(f"{log.location}: there is a log with entries, and it is kept; choose another database")
    return log


def _copy(source: Log, target: Log) -> int:
    """Append what the target lacks, all or nothing; both verified before."""
    parts = [_part(name, rows, target) for name, rows in groupby(checked_rows(source), key=lambda row: row.stream)]
    for name in set(target.streams()) - {part.stream for part in parts}:
        raise _lost(target, name, 1)
    if parts:
        target.append_all(parts)
    return sum(len(part.bodies) for part in parts)


def _part(name: str, rows: Iterable[Row], target: Log) -> Part:
    """What a target lacks of a stream, after every entry that it has was compared."""
    kept, news, last = target.read(name), [], 0
    for row in rows:
        last, there = row.sequence, next(kept, None)
        if there is None:
            news.append(row.body)
        elif there.hash != row.hash:
            message = f"{target.location}: stream {name!r}, entry {last} is another one than in the log"
            raise VerificationError(f"{message}; find out which was changed before you copy", name, last)
    if next(kept, None) is not None:
        raise _lost(target, name, last + 1)
    return Part(name, last - len(news), news)


def _lost(target: Log, name: str, sequence: int) -> VerificationError:
    return VerificationError(
        f"{target.location} holds stream {name!r}, entry {sequence}, and the log does not: its end was cut off; "
        "restore the log from this backup",
        name,
        sequence,
    )


def _verified(location: str | Path, added: int, secret: Secret | None) -> Copied:
    heads = verify(location, secret)
    newest = None
    if OPEN in heads:
        with open_log(location) as log:
            newest = decode(next(log.read(OPEN, heads[OPEN].sequence - 1)).body)
    return Copied(
        heads=heads,
        added=added,
        newest_at=newest.at if newest else None,
        newest=newest.kind if newest else None,
    )
