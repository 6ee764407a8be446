"""Append-only logs of opaque bytes, on SQLite or PostgreSQL.

A log holds streams; a stream holds entries numbered from 1. Entry n carries

    hash(n) = SHA-256( hash(n-1) || length of the stream's name || name || n || body )

with lengths and numbers as 8 bytes big-endian and 32 zero bytes as hash(0), so that a row that is changed, removed,
added or moved is found by `verify`. The database itself refuses UPDATE, DELETE and TRUNCATE, and any entry that does not
follow the last one. `append` names the sequence number it expects and fails when somebody else was first.

An append that has returned is on disk: SQLite runs with synchronous=FULL, PostgreSQL with synchronous_commit=on.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

import psycopg

from trialwright.errors import ConflictError, StoreError, VerificationError

GENESIS = bytes(32)
_BUSY_SECONDS = 30


class Entry(NamedTuple):
    """One entry of a stream, exactly as stored."""

    sequence: int
    body: bytes
    hash: bytes


class Head(NamedTuple):
    """The end of a stream: the last sequence number (0 when empty) and its hash."""

    sequence: int
    hash: bytes


class Log(Protocol):
    """What every store does; one contract test runs over all of them."""

    location: str

    def append(self, stream: str, expected: int, bodies: Sequence[bytes]) -> Head:
        """Append entries after entry `expected`, all or none, durably.

        Raises:
            ConflictError: The stream no longer ends at `expected`.
            StoreError: The database cannot be written.
        """

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries after a sequence number, in order."""

    def head(self, stream: str) -> Head:
        """The end of a stream."""

    def streams(self) -> tuple[str, ...]:
        """The names of the streams that hold entries."""

    def faults(self) -> tuple[str, ...]:
        """What the database itself says is wrong: its structure, or a missing guard against change."""

    def close(self) -> None:
        """Let the database go."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


def chain(previous: bytes, stream: str, sequence: int, body: bytes) -> bytes:
    """The hash of an entry.

    Example:
        >>> chain(GENESIS, "open", 1, b"{}").hex()[:16]
        'f42ab2dda9d892d6'
    """
    name = stream.encode()
    return sha256(
        b"".join((previous, len(name).to_bytes(8, "big"), name, sequence.to_bytes(8, "big"), body))
    ).digest()


def open_log(location: str | Path, *, create: bool = False) -> Log:
    """Open a log: a file for SQLite, or `postgresql://...`.

    Args:
        location: Where the log is.
        create: Make an empty log where there is none.

    Raises:
        StoreError: There is no log there, or it cannot be opened.
    """
    if str(location).startswith(("postgresql://", "postgres://")):
        return PostgresLog(str(location), create=create)
    return SqliteLog(Path(location), create=create)


def verify(log: Log) -> dict[str, Head]:
    """Recompute every hash of a log.

    Returns:
        The end of each stream: numbers to keep somewhere else, because a log that is cut off at the end still verifies.

    Raises:
        VerificationError: Naming the stream and the first bad sequence number, or the fault of the database.
    """
    heads = {stream: _verify_stream(log, stream) for stream in log.streams()}
    faults = log.faults()
    if faults:
        raise VerificationError(f"{log.location}: {'; '.join(faults)}")
    return heads


def _verify_stream(log: Log, stream: str) -> Head:
    head = Head(0, GENESIS)
    try:
        for entry in log.read(stream):
            due = head.sequence + 1
            if entry.sequence != due:
                raise _bad(log, stream, due, f"it is missing; entry {entry.sequence} follows")
            if chain(head.hash, stream, due, entry.body) != entry.hash:
                raise _bad(log, stream, due, "its content does not match its hash")
            head = Head(due, entry.hash)
    except StoreError as fault:
        raise _bad(log, stream, head.sequence + 1, f"it cannot be read: {fault}") from fault
    return head


def _bad(log: Log, stream: str, sequence: int, what: str) -> VerificationError:
    message = f"{log.location}: stream {stream!r}, entry {sequence}: {what}; everything before it verifies"
    return VerificationError(message, stream, sequence)


class _SqlLog:
    """What both databases share: the same table, the same statements."""

    location: str
    _connection: Any
    _faults: tuple[type[Exception], ...]
    _mark: str

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries after a sequence number, in order."""
        statement = (
            f"SELECT seq, body, hash FROM entry WHERE stream = {self._mark} AND seq > {self._mark} ORDER BY seq"  # noqa: S608 - only the placeholder varies
        )
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute(statement, (stream, after))
                for sequence, body, digest in cursor:
                    yield Entry(sequence, bytes(body), bytes(digest))
        except (*self._faults, TypeError) as fault:
            raise StoreError(str(fault)) from fault

    def head(self, stream: str) -> Head:
        """The end of a stream."""
        statement = f"SELECT seq, hash FROM entry WHERE stream = {self._mark} ORDER BY seq DESC LIMIT 1"  # noqa: S608 - only the placeholder varies
        row = self._one(statement, (stream,))
        return Head(row[0], bytes(row[1])) if row else Head(0, GENESIS)

    def streams(self) -> tuple[str, ...]:
        """The names of the streams that hold entries."""
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute("SELECT DISTINCT stream FROM entry ORDER BY stream")
                return tuple(str(row[0]) for row in cursor.fetchall())
        except self._faults as fault:
            raise VerificationError(f"{self.location}: the log cannot be read: {fault}") from fault

    def close(self) -> None:
        """Let the database go."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _one(self, statement: str, values: Sequence[object] = ()) -> Any:
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute(statement, values)
                return cursor.fetchone()
        except self._faults as fault:
            raise StoreError(f"{self.location}: {fault}") from fault

    def _rows(self, stream: str, head: Head, bodies: Sequence[bytes]) -> list[tuple[str, int, bytes, bytes]]:
        rows, digest = [], head.hash
        for sequence, body in enumerate(bodies, start=head.sequence + 1):
            digest = chain(digest, stream, sequence, body)
            rows.append((stream, sequence, body, digest))
        return rows

    def _conflict(self, stream: str, expected: int, found: int) -> ConflictError:
        return ConflictError(
            f"{self.location}: stream {stream!r} ends at entry {found}, not at {expected}; load it again and decide again"
        )


_SQLITE_GUARDS = {
    "entry_no_update": "BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'a log is append-only: no UPDATE'); END",
    "entry_no_delete": "BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'a log is append-only: no DELETE'); END",
    "entry_in_order": (
        "BEFORE INSERT ON entry WHEN NEW.seq <> 1 + "
        "(SELECT coalesce(max(seq), 0) FROM entry WHERE stream = NEW.stream) "
        "BEGIN SELECT RAISE(ABORT, 'a log is append-only: an entry follows the last one'); END"
    ),
}
_SQLITE_TABLE = (
    "CREATE TABLE entry (stream TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), body BLOB NOT NULL, "
    "hash BLOB NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (stream, seq)) WITHOUT ROWID"
)


class SqliteLog(_SqlLog):
    """A log in one SQLite file."""

    _faults = (sqlite3.Error,)
    _mark = "?"

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.location = str(path)
        if not create and not path.is_file():
            raise StoreError(f"{path}: there is no log; rehearse or open a trial first, or correct the path")
        try:
            self._connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            if create:
                self._create()
            self._connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as fault:
            raise StoreError(f"{path}: the log cannot be opened: {fault}") from fault

    def append(self, stream: str, expected: int, bodies: Sequence[bytes]) -> Head:
        """Append entries after entry `expected`; see `Log.append`."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                head = self.head(stream)
                if head.sequence != expected:
                    raise self._conflict(stream, expected, head.sequence)
                rows = self._rows(stream, head, bodies)
                self._connection.executemany("INSERT INTO entry (stream, seq, body, hash) VALUES (?, ?, ?, ?)", rows)
                self._connection.execute("COMMIT")
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            return Head(rows[-1][1], rows[-1][3]) if rows else head
        except sqlite3.Error as fault:
            raise StoreError(f"{self.location}: the log cannot be written: {fault}") from fault

    def faults(self) -> tuple[str, ...]:
        """Damage of the file's structure, and guards that are not what they were made as."""
        try:
            damage = [row[0] for row in self._connection.execute("PRAGMA integrity_check(5)")]
            made = dict(self._connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"))
        except sqlite3.Error as fault:
            return (f"the database is damaged: {fault}",)
        found = [] if damage == ["ok"] else [f"the database is damaged: {' '.join(damage)}"]
        for name, body in _SQLITE_GUARDS.items():
            if made.get(name) != f"CREATE TRIGGER {name} {body}":
                found.append(f"the guard {name} is missing or was changed")
        return tuple(found)

    def _create(self) -> None:
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("BEGIN IMMEDIATE")
        if not self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'entry'").fetchone():
            self._connection.execute(_SQLITE_TABLE)
            for name, body in _SQLITE_GUARDS.items():
                self._connection.execute(f"CREATE TRIGGER {name} {body}")
        self._connection.execute("COMMIT")


_POSTGRES_TABLE = """
CREATE TABLE IF NOT EXISTS entry (
    stream text NOT NULL, seq bigint NOT NULL CHECK (seq > 0), body bytea NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (stream, seq));
CREATE OR REPLACE FUNCTION entry_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a log is append-only: no %', TG_OP;
    END IF;
    IF NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM entry WHERE stream = NEW.stream) THEN
        RAISE unique_violation USING MESSAGE = 'a log is append-only: an entry follows the last one';
    END IF;
    RETURN NEW;
END $guard$;
CREATE OR REPLACE TRIGGER entry_no_change BEFORE UPDATE OR DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_guard();
CREATE OR REPLACE TRIGGER entry_no_truncate BEFORE TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_guard();
CREATE OR REPLACE TRIGGER entry_in_order BEFORE INSERT ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_guard();
"""
_POSTGRES_GUARDS = frozenset({"entry_no_change", "entry_no_truncate", "entry_in_order"})


class PostgresLog(_SqlLog):
    """A log in a PostgreSQL database."""

    _faults = (psycopg.Error,)
    _mark = "%s"

    def __init__(self, dsn: str, *, create: bool = False) -> None:
        self.location = _without_password(dsn)
        try:
            self._connection = psycopg.connect(dsn, autocommit=True, connect_timeout=_BUSY_SECONDS)
            self._connection.execute("SET synchronous_commit = on")
            if create:
                with self._connection.transaction():
                    self._connection.execute("SELECT pg_advisory_xact_lock(7215305)")
                    self._connection.execute(_POSTGRES_TABLE)
        except psycopg.Error as fault:
            raise StoreError(f"{self.location}: the log cannot be opened: {fault}") from fault
        if not self._one("SELECT to_regclass('entry')")[0]:
            raise StoreError(f"{self.location}: there is no log in this database; open a trial in it first")

    def append(self, stream: str, expected: int, bodies: Sequence[bytes]) -> Head:
        """Append entries after entry `expected`; see `Log.append`."""
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                head = self.head(stream)
                if head.sequence != expected:
                    raise self._conflict(stream, expected, head.sequence)
                rows = self._rows(stream, head, bodies)
                cursor.executemany("INSERT INTO entry (stream, seq, body, hash) VALUES (%s, %s, %s, %s)", rows)
            return Head(rows[-1][1], rows[-1][3]) if rows else head
        except psycopg.errors.UniqueViolation as fault:
            raise self._conflict(stream, expected, self.head(stream).sequence) from fault
        except psycopg.Error as fault:
            raise StoreError(f"{self.location}: the log cannot be written: {fault}") from fault

    def faults(self) -> tuple[str, ...]:
        """Guards that are missing or switched off."""
        statement = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'entry'::regclass AND tgenabled IN ('O', 'A')"
        made = {row[0] for row in self._connection.execute(statement)}
        return tuple(f"the guard {name} is missing or switched off" for name in sorted(_POSTGRES_GUARDS - made))


def _without_password(dsn: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(dsn)
    return "postgresql://" + "/".join(str(parts[key]) for key in ("host", "port", "dbname") if parts.get(key))
