"""The web app's accounts in a backup: ids, passwords and devices, and no session, because a session can hold an arm.

Accounts are no part of the log, but the log says in its stream `access` which were made and which were closed. A copy
is held against that: an account that the log does not know is not taken, and one that was closed stays closed.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from trialwright.access import ACCESS, AccountClosed, AccountCreated, decode_access
from trialwright.errors import InputError, StoreError, VerificationError
from trialwright.store import Log, on_server
from trialwright.vault import device_vault

ACCOUNTS_FILE = "web.db"
KEY_FILE = "secret.key"

_NEVER_COPIED = ("django_session", "sign_in")
_PLACE = "CREATE TABLE IF NOT EXISTS accounts (one INTEGER PRIMARY KEY CHECK (one = 1), content BLOB, sha256 TEXT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """A copy of the accounts.

    Attributes:
        content: The bytes of a `web.db` without sessions.
        people: The ids.
        devices: Of each device the id of its row and its secret, encrypted.
    """

    content: bytes
    people: frozenset[str]
    devices: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAccounts:
    """What a log says of accounts: those that were made, and those of them that were closed."""

    made: frozenset[str]
    closed: frozenset[str]


def accounts_beside(location: str | Path, named: Path | None) -> Path | None:
    """Where the accounts of a log are: the file that was named, else `web.db` beside a log that is a file."""
    return named or (None if on_server(location) else Path(location).parent / ACCOUNTS_FILE)


def read_accounts(file: Path) -> Accounts:
    """Copy accounts as they stand, while the web app may be running.

    Raises:
        StoreError: It cannot be read, or holds no accounts.
    """
    try:
        with closing(_reading(file)) as source:
            return _without_sessions(source)
    except sqlite3.Error as fault:
        raise StoreError(f"{file}: the accounts cannot be read: {fault}; name the web app's own web.db") from fault


def known_accounts(log: Log) -> KnownAccounts:
    """What a log says of accounts."""
    entries = [decode_access(entry.body) for entry in log.read(ACCESS)]
    return KnownAccounts(
        made=frozenset(one.person for one in entries if isinstance(one, AccountCreated)),
        closed=frozenset(one.person for one in entries if isinstance(one, AccountClosed)),
    )


def check_accounts(accounts: Accounts, known: KnownAccounts, where: str) -> None:
    """See that the log knows every account.

    Raises:
        VerificationError: Naming those that it does not know.
    """
    if strangers := accounts.people - known.made:
        raise VerificationError(
            f"{where}: the log says of no account of {', '.join(sorted(strangers))} that it was made; "
            "no account was copied; find out who made it"
        )


def keep_accounts(backup: Path, accounts: Accounts) -> None:
    """Put accounts in a backup, in place of those that it had; from then on its owner alone may read the backup."""
    backup.chmod(0o600)
    row = (accounts.content, sha256(accounts.content).hexdigest())
    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute(_PLACE)
        connection.execute("INSERT OR REPLACE INTO accounts VALUES (1, ?, ?)", row)


def kept_accounts(backup: Path) -> Accounts | None:
    """The accounts in a backup that is a log; None where it holds none.

    Raises:
        VerificationError: They are not as they were put there.
    """
    with closing(_reading(backup)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'accounts'").fetchone():
            return None
        content, digest = connection.execute("SELECT content, sha256 FROM accounts").fetchone()
    if sha256(content).hexdigest() != digest:
        raise VerificationError(f"{backup}: its accounts are not as they were copied; take an older backup")
    with closing(sqlite3.connect(":memory:")) as held:
        held.deserialize(content)
        return _without_sessions(held)


def write_accounts(accounts: Accounts, file: Path, closed: frozenset[str]) -> tuple[str, ...]:
    """Write accounts as a `web.db`, in which those that the log says were closed are closed.

    Returns:
        Those that were closed by this, because the copy is older than what the log says.

    Raises:
        InputError: There are accounts already, and they are kept.
    """
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise InputError(f"{file}: there are accounts already, and they are kept; move the file away") from None
    with os.fdopen(handle, "wb") as opened:
        opened.write(accounts.content)
    with closing(sqlite3.connect(file)) as connection, connection:
        open_ones = {name for (name,) in connection.execute("SELECT username FROM auth_user WHERE is_active")}
        ended = sorted(open_ones & closed)
        connection.executemany("UPDATE auth_user SET is_active = 0 WHERE username = ?", [(one,) for one in ended])
    return tuple(ended)


def opens_devices(accounts: Accounts, key: Path) -> bool:
    """Whether a server's key is the one by which the secrets of the devices were encrypted."""
    vault = device_vault(key.read_text(encoding="ascii"))
    try:
        for place, sealed in accounts.devices:
            vault.open("second factor", place, sealed)
    except VerificationError:
        return False
    return True


def _reading(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _without_sessions(source: sqlite3.Connection) -> Accounts:
    with closing(sqlite3.connect(":memory:")) as copy:
        source.backup(copy)
        for table in _NEVER_COPIED:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608 - two names of our own
        copy.commit()
        copy.execute("VACUUM")
        people = copy.execute("SELECT username FROM auth_user").fetchall()
        devices = copy.execute("SELECT user_id, sealed FROM web_secondfactor").fetchall()
        return Accounts(content=copy.serialize(), people=frozenset(name for (name,) in people), devices=tuple(devices))
