"""Backups: a log copied entry by entry into another one, which is a log like any, with the web app's accounts in it.

A hash covers the one before it, so that a copy ends in the same hash only where every entry is the same. A backup goes
on from the one before: it adds what is new, and finds what the log no longer holds or holds otherwise. What a backup
leaves out is told: the keys (`record.keys`), and accounts that were not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from trialwright.conduct import Secret, decode
from trialwright.conduct.events.base import OPEN
from trialwright.errors import InputError, VerificationError
from trialwright.record.accounts import (
    KEY_FILE,
    Accounts,
    accounts_beside,
    check_accounts,
    keep_accounts,
    kept_accounts,
    known_accounts,
    read_accounts,
    write_accounts,
)
from trialwright.record.copies import bundled_parts, is_bundle
from trialwright.record.keys import Key, check_server_key, keys_apart
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
        accounts: Accounts that were copied.
        lost: Accounts that the log knows and that were not copied.
        closed: Accounts that were closed, because the log says so and the copy did not.
        keys: The keys that are kept apart, and whether they are here.
    """

    heads: Mapping[str, Head]
    added: int
    newest_at: datetime | None
    newest: str | None
    accounts: int = 0
    lost: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()


def backup(
    location: str | Path, file: Path, secret: Secret | None = None, *, accounts_file: Path | None = None
) -> Copied:
    """Copy a log that verifies into a file, with the accounts, or add to such a file what is new.

    Args:
        location: The log.
        file: The backup, a log in an SQLite file; made where there is none.
        secret: The sealed side of a randomised trial: then every sealed entry of the backup is opened too.
        accounts_file: The web app's accounts; left out, `web.db` beside a log that is a file.

    Raises:
        VerificationError: Log or backup do not verify, the log is not what the backup goes on from, or does not know
            an account.
        StoreError: One of them cannot be read or written.
        InputError: The log knows accounts, and there are none where they were looked for; the log itself was copied.
    """
    if not on_server(location) and file.exists() and file.samefile(location):
        raise InputError(f"{file}: this is the log itself; name another file for its backup")
    place = accounts_beside(location, accounts_file)
    accounts = read_accounts(place) if place is not None and (accounts_file or place.exists()) else None
    with open_log(location) as log:
        verify_log(log)
        with open_log(file, create=True) as copy:
            verify_log(copy)
            added = _copy(log, copy)
        known = known_accounts(log)
    if accounts is not None:
        check_accounts(accounts, known, str(place))
        keep_accounts(file, accounts)
    elif known.made:
        raise InputError(
            f"{file} holds the log, and none of the {len(known.made)} accounts that it knows: there is no "
            f"{place or 'web.db that belongs to a log on a server'}; name the file with --accounts"
        )
    return _verified(file, added, secret, accounts, place)


def restore(
    source: str | Path, location: str | Path, secret: Secret | None = None, *, accounts_file: Path | None = None
) -> Copied:
    """Make a log and accounts from a backup, or a log from a bundle, verify them, and say what is missing.

    Args:
        source: The backup, or any log; or an inspector's bundle, a folder or a ZIP.
        location: Where the log is made: a new file, or a database on a server that holds no log yet.
        secret: As for `backup`.
        accounts_file: Where accounts are written; left out, `web.db` beside a log that is a file.

    Raises:
        InputError: There is a log with entries, or there are accounts, which are kept; or nothing says where the
            backup's accounts go.
        VerificationError: The backup or what was restored from it does not verify.
    """
    place = accounts_beside(location, accounts_file)
    accounts = _accounts_in(source)
    if accounts is not None:
        _check_place(accounts, place)
    if not on_server(location):
        Path(location).parent.mkdir(parents=True, exist_ok=True)
    added = _restored(source, location, accounts)
    copied = _verified(location, added, secret, accounts, place)
    if accounts is None or place is None:
        return copied
    with open_log(location) as log:
        return replace(copied, closed=write_accounts(accounts, place, known_accounts(log).closed))


def _restored(source: str | Path, location: str | Path, accounts: Accounts | None) -> int:
    """Make the log; gives how many entries it has."""
    if is_bundle(source):
        parts = bundled_parts(Path(source))
        with new_log(location) as log:
            log.append_all(parts)
        return sum(len(part.bodies) for part in parts)
    with open_log(source) as kept:
        verify_log(kept)
        if accounts is not None:
            check_accounts(accounts, known_accounts(kept), str(source))
        with new_log(location) as log:
            return _copy(kept, log)


def _accounts_in(source: str | Path) -> Accounts | None:
    """The accounts of a backup; a bundle and a log on a server hold none."""
    if is_bundle(source) or on_server(source):
        return None
    open_log(source).close()
    return kept_accounts(Path(source))


def _check_place(accounts: Accounts, place: Path | None) -> None:
    """See that accounts can be written before anything is."""
    if place is None:
        raise InputError("the backup holds accounts, and a log on a server has no folder; say where with --accounts")
    if place.exists():
        raise InputError(f"{place}: there are accounts already, and they are kept; move the file away")
    if (place.parent / KEY_FILE).exists():
        check_server_key(accounts, place.parent / KEY_FILE)


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


def _verified(
    location: str | Path, added: int, secret: Secret | None, accounts: Accounts | None, place: Path | None
) -> Copied:
    """Verify a copy, and say how its accounts and the keys stand."""
    heads = verify(location, secret)
    newest = None
    with open_log(location) as log:
        known = known_accounts(log)
        if OPEN in heads:
            newest = decode(next(log.read(OPEN, heads[OPEN].sequence - 1)).body)
    people = accounts.people if accounts else frozenset()
    return Copied(
        heads=heads,
        added=added,
        newest_at=newest.at if newest else None,
        newest=newest.kind if newest else None,
        accounts=len(people),
        lost=tuple(sorted(known.made - people)),
        keys=keys_apart(location, secret, accounts, place and place.parent / KEY_FILE) if newest else (),
    )
