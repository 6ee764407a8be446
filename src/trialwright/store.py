"""Append-only logs of opaque bytes, on SQLite or PostgreSQL.

A log holds streams; a stream holds entries numbered from 1. Entry n carries

    hash(n) = SHA-256( hash(n-1) || length of the stream's name || name || n || body )

with lengths and numbers as 8 bytes big-endian and 32 zero bytes as hash(0), so that a row that is changed, removed,
added or moved is found by `read` and by `verify`. The database itself refuses UPDATE, DELETE and TRUNCATE, and any
entry that does not follow the last one. `append` names the sequence number it expects and fails when somebody else was
first.

An append that has returned is on disk: SQLite runs with synchronous=FULL, PostgreSQL with synchronous_commit=on.
"""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep
from typing import Any, NamedTuple, Protocol, Self

import psycopg

from trialwright.errors import ConflictError, StoreError, VerificationError

GENESIS = bytes(32)
_BUSY_SECONDS = 30
_PAUSE_SECONDS = 0.01
_MEND_FILE = "correct the path, or the rights on the file and its folder"


class Entry(NamedTuple):
    """One entry of a stream, exactly as stored."""

    sequence: int
    body: bytes
    hash: bytes


class Row(NamedTuple):
    """One row of the database; where somebody tampered with it, its fields need not have these types."""

    stream: str
    sequence: int
    body: bytes
    hash: bytes


class Head(NamedTuple):
    """The end of a stream: the last sequence number (0 when empty) and its hash."""

    sequence: int
    hash: bytes


class Part(NamedTuple):
    """Entries to append to a stream after entry `expected`."""

    stream: str
    expected: int
    bodies: Sequence[bytes]


_NOTHING = Head(0, GENESIS)


class Log(Protocol):
    """What every store does; one contract test runs over all of them. One thread at a time uses a log."""

    location: str

    def append(self, stream: str, expected: int, bodies: Sequence[bytes]) -> Head:
        """Append entries after entry `expected`, all or none, durably.

        Raises:
            ConflictError: The stream no longer ends at `expected`.
            StoreError: The database cannot be written.
        """

    def append_all(self, parts: Sequence[Part]) -> tuple[Head, ...]:
        """Append entries to several streams at once, all or none, durably; gives the new end of each.

        Raises:
            ConflictError: A stream no longer ends where it was expected to.
            StoreError: The database cannot be written.
        """

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries after a sequence number, in order, each checked against the chain.

        Raises:
            VerificationError: Naming the first bad entry, or entry `after` where it is gone.
            StoreError: The database cannot be read.
        """

    def head(self, stream: str) -> Head:
        """The end of a stream."""

    def streams(self) -> tuple[str, ...]:
        """The names of the streams that hold entries."""

    def rows(self) -> Iterator[Row]:
        """Every row of every stream as it is stored, unchecked, ordered by stream and number."""

    def faults(self) -> tuple[str, ...]:
        """What the database itself says is wrong: its structure, or its guards against change."""

    def database(self) -> str:
        """Name and version of the database."""

    def excess_rights(self) -> tuple[str, ...]:
        """What may be done to the entries here beyond reading and adding them, were it not for the guards."""

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
    return sha256(b"".join((previous, len(name).to_bytes(8, "big"), name, sequence.to_bytes(8, "big"), body))).digest()


def open_log(location: str | Path, *, create: bool = False) -> Log:
    """Open a log: a file for SQLite, or `postgresql://...`.

    Args:
        location: Where the log is.
        create: Make an empty log where there is none.

    Raises:
        StoreError: There is no log there, or it cannot be opened.
    """
    if on_server(location):
        return PostgresLog(str(location), create=create)
    return SqliteLog(Path(location), create=create)


def on_server(location: str | Path) -> bool:
    """Whether a location is the address of a PostgreSQL database, and not a file."""
    return str(location).startswith(("postgresql://", "postgres://"))


def verify(log: Log) -> dict[str, Head]:
    """Recompute every hash of a log.

    Returns:
        The end of each stream: numbers to keep somewhere else, because a log that is cut off at the end still verifies.

    Raises:
        VerificationError: Naming the stream and the first bad sequence number, or the fault of the database.
    """
    heads: dict[str, Head] = {}
    row = None
    try:
        for row in checked_rows(log):
            heads[row.stream] = Head(row.sequence, row.hash)
    except StoreError as fault:
        stream, sequence = (row.stream, row.sequence + 1) if row else ("", 1)
        raise _bad(log.location, stream, sequence, f"it cannot be read: {fault}") from fault
    faults = log.faults()
    if faults:
        raise VerificationError(f"{log.location}: {'; '.join(faults)}")
    return heads


def checked_rows(log: Log) -> Iterator[Row]:
    """Every row of every stream, ordered by stream and number, as it stood at one moment, each checked.

    Raises:
        VerificationError: Naming the first bad entry.
        StoreError: The database cannot be read.
    """
    return _checked(log.location, log.rows())


def _checked(location: str, rows: Iterable[Row], stream: str | None = None, head: Head = _NOTHING) -> Iterator[Row]:
    """Pass on rows that follow one another from `head` on; a new stream begins at 1."""
    for row in rows:
        due = head.sequence + 1
        if stream is None or (row.stream != stream and row.sequence != due):
            stream, head, due = row.stream, _NOTHING, 1
        if (row.stream, row.sequence) != (stream, due):
            raise _bad(location, stream, due, f"it is missing; stream {row.stream!r}, entry {row.sequence} follows")
        if not isinstance(stream, str) or not isinstance(row.body, bytes):
            raise _bad(location, stream, due, "its content is of another type than it was stored as")
        if chain(head.hash, stream, due, row.body) != row.hash:
            raise _bad(location, stream, due, "its content does not match its hash")
        head = Head(due, row.hash)
        yield row


def _bad(location: str, stream: str, sequence: int, what: str) -> VerificationError:
    message = f"{location}: stream {stream!r}, entry {sequence}: {what}; everything before it verifies"
    return VerificationError(message, stream, sequence)


class _SqlLog:
    """What both databases share: the same table, the same statements.

    Attributes:
        _faults: What the driver raises.
        _clashes: Those of them that mean that somebody else was first.
        _mark: The placeholder of a value in a statement.
    """

    location: str
    _connection: Any
    _faults: tuple[type[Exception], ...]
    _clashes: tuple[type[Exception], ...]
    _mark: str

    def append(self, stream: str, expected: int, bodies: Sequence[bytes]) -> Head:
        """Append entries after entry `expected`; see `Log.append`."""
        (head,) = self.append_all([Part(stream, expected, bodies)])
        return head

    def append_all(self, parts: Sequence[Part]) -> tuple[Head, ...]:
        """Append entries to several streams at once; see `Log.append_all`."""
        try:
            with self._transaction(), closing(self._connection.cursor()) as cursor:
                return tuple(self._append_part(cursor, part) for part in parts)
        except self._clashes as fault:
            raise self._conflict(parts[0].stream, parts[0].expected) from fault
        except self._faults as fault:
            raise StoreError(f"{self.location}: the log cannot be written: {_first_line(fault)}") from fault

    def _append_part(self, cursor: Any, part: Part) -> Head:
        head = self.head(part.stream)
        if head.sequence != part.expected:
            raise self._conflict(part.stream, part.expected)
        rows = _chained(part.stream, head, part.bodies)
        if not rows:
            return head
        statement = f"INSERT INTO entry (stream, seq, body, hash) VALUES ({', '.join([self._mark] * 4)})"  # noqa: S608 - only the placeholder varies
        cursor.executemany(statement, rows)
        if cursor.rowcount != len(rows):
            raise StoreError(f"{self.location}: the database did not keep every entry; verify the log")
        return Head(rows[-1].sequence, rows[-1].hash)

    def read(self, stream: str, after: int = 0) -> Iterator[Entry]:
        """The entries after a sequence number; see `Log.read`."""
        rows = self._select(f"WHERE stream = {self._mark} AND seq >= {self._mark} ORDER BY seq", (stream, after))
        head = _NOTHING
        if after:
            last = next(rows, None)
            if last is None or last.sequence != after:
                raise _bad(self.location, stream, after, "it was there and is missing")
            head = Head(after, last.hash)
        for row in _checked(self.location, rows, stream, head):
            yield Entry(*row[1:])

    def head(self, stream: str) -> Head:
        """The end of a stream."""
        row = next(self._select(f"WHERE stream = {self._mark} ORDER BY seq DESC LIMIT 1", (stream,)), None)
        if row is None:
            return _NOTHING
        if not isinstance(row.hash, bytes):
            raise _bad(self.location, stream, row.sequence, "its hash is of another type than it was stored as")
        return Head(row.sequence, row.hash)

    def streams(self) -> tuple[str, ...]:
        """The names of the streams that hold entries."""
        return tuple(row[0] for row in self._query("SELECT DISTINCT stream FROM entry ORDER BY stream"))

    def rows(self) -> Iterator[Row]:
        """Every row of every stream; see `Log.rows`."""
        return self._select("ORDER BY stream, seq")

    def close(self) -> None:
        """Let the database go."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _transaction(self) -> AbstractContextManager[object]:
        raise NotImplementedError

    def _select(self, rest: str, values: Sequence[object] = ()) -> Iterator[Row]:
        return map(Row._make, self._query(f"SELECT stream, seq, body, hash FROM entry {rest}", values))  # noqa: S608 - only the placeholder varies

    def _query(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Give the rows once the database is done with them; where it fails halfway, those that it had read first."""
        rows: list[tuple[Any, ...]] = []
        failed = None
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute(statement, values)
                rows.extend(cursor)
        except self._faults as fault:
            failed = fault
        yield from rows
        if failed:
            raise StoreError(f"{self.location}: the log cannot be read: {_first_line(failed)}") from failed

    def _conflict(self, stream: str, expected: int) -> ConflictError:
        return ConflictError(
            f"{self.location}: stream {stream!r} does not end at entry {expected} any more; "
            "load it again and decide again"
        )


def _chained(stream: str, head: Head, bodies: Sequence[bytes]) -> list[Row]:
    rows, digest = [], head.hash
    for sequence, body in enumerate(bodies, start=head.sequence + 1):
        digest = chain(digest, stream, sequence, body)
        rows.append(Row(stream, sequence, body, digest))
    return rows


def _first_line(fault: Exception) -> str:
    return str(fault).strip().partition("\n")[0]


def _differences(due: dict[str, str], made: dict[str, str]) -> Iterator[str]:
    """Name whatever of the log's own definitions is gone or changed, and whatever was added."""
    for name in sorted(due.keys() | made.keys(), key=str):
        if name not in made:
            yield f"{name}, which guards the log against change, is missing"
        elif name not in due:
            yield f"{name} was added to the log and is no part of it"
        elif due[name] != made[name]:
            yield f"{name}, which guards the log against change, was changed or switched off"


_SQLITE_GUARDS = {
    "entry_no_update": "BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'a log is append-only: no UPDATE'); END",
    "entry_no_delete": "BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'a log is append-only: no DELETE'); END",
    "entry_in_order": (
        "BEFORE INSERT ON entry WHEN NEW.seq <> 1 + "
        "(SELECT coalesce(max(seq), 0) FROM entry WHERE stream = NEW.stream) "
        "BEGIN SELECT RAISE(ABORT, 'a log is append-only: an entry follows the last one'); END"
    ),
}
_SQLITE_SCHEMA = {
    "entry": (
        "CREATE TABLE entry (stream TEXT NOT NULL, seq INTEGER NOT NULL CHECK (seq > 0), body BLOB NOT NULL, "
        "hash BLOB NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (stream, seq)) WITHOUT ROWID"
    ),
    **{name: f"CREATE TRIGGER {name} {body}" for name, body in _SQLITE_GUARDS.items()},
}


class SqliteLog(_SqlLog):
    """A log in one SQLite file."""

    _faults = (sqlite3.Error, UnicodeDecodeError)  # SQLite repeats damaged text in its messages
    _clashes = ()
    _mark = "?"

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.location = str(path)
        try:
            if not create and not path.is_file():
                raise StoreError(f"{path}: there is no log; rehearse or open a trial first, or correct the path")
            self._connection = sqlite3.connect(
                path.absolute(), timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except (OSError, ValueError, sqlite3.Error) as fault:
            raise StoreError(f"{path}: the log cannot be opened: {fault}; {_MEND_FILE}") from fault
        try:
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA fullfsync = ON")  # without it macOS leaves a commit in the disk's cache
            if create:
                self._create()
            self._connection.execute("SELECT stream, seq, body, hash FROM entry LIMIT 0")
        except self._faults as fault:
            self.close()
            raise StoreError(f"{path}: this file is no log, or cannot be read: {fault}; {_MEND_FILE}") from fault

    def faults(self) -> tuple[str, ...]:
        """Damage of the file's structure, and definitions that are not what they were made as."""
        try:
            damage = [str(row[0]) for row in self._query("PRAGMA integrity_check(5)")]
            made = dict(self._query("SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'entry'"))
        except StoreError as fault:
            return (f"the database is damaged: {fault}",)
        found = [] if damage == ["ok"] else [f"the database is damaged: {' '.join(damage)}"]
        return (*found, *_differences(_SQLITE_SCHEMA, made))

    def database(self) -> str:
        """Name and version of the database."""
        return f"SQLite {sqlite3.sqlite_version}"

    def excess_rights(self) -> tuple[str, ...]:
        """That others than the file's owner may write it."""
        others = Path(self.location).stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        return ("others than the owner may write the file",) if others else ()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield

    def _create(self) -> None:
        self._write_ahead()
        with self._transaction():
            if not self._connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'entry'").fetchone():
                for statement in _SQLITE_SCHEMA.values():
                    self._connection.execute(statement)

    def _write_ahead(self) -> None:
        """Change the file to write-ahead logging; SQLite's own waiting for others does not cover this change."""
        last = monotonic() + _BUSY_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > last:
                    raise
            sleep(_PAUSE_SECONDS)


_POSTGRES_TABLE = """
CREATE TABLE entry (
    stream text COLLATE "C" NOT NULL, seq bigint NOT NULL CHECK (seq > 0), body bytea NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (stream, seq))
"""
_POSTGRES_GUARD = """
BEGIN
    IF TG_OP <> 'INSERT' THEN
        RAISE EXCEPTION 'a log is append-only: no %', TG_OP;
    END IF;
    IF NEW.seq <> 1 + (SELECT coalesce(max(seq), 0) FROM entry WHERE stream = NEW.stream) THEN
        RAISE unique_violation USING MESSAGE = 'a log is append-only: an entry follows the last one';
    END IF;
    RETURN NEW;
END
"""
_POSTGRES_GUARDS = {
    "entry_no_change": "BEFORE DELETE OR UPDATE ON entry FOR EACH ROW",
    "entry_no_truncate": "BEFORE TRUNCATE ON entry FOR EACH STATEMENT",
    "entry_in_order": "BEFORE INSERT ON entry FOR EACH ROW",
}
_POSTGRES_SCHEMA = {
    "entry_guard": _POSTGRES_GUARD,
    **{name: f"CREATE TRIGGER {name} {on} EXECUTE FUNCTION entry_guard()" for name, on in _POSTGRES_GUARDS.items()},
}
_POSTGRES_FOUND = """
SELECT proname, prosrc FROM pg_proc WHERE oid = to_regproc('entry_guard')
UNION ALL
SELECT tgname, pg_get_triggerdef(oid, true) || CASE tgenabled WHEN 'A' THEN '' ELSE ' switched off' END
FROM pg_trigger WHERE tgrelid = 'entry'::regclass AND NOT tgisinternal
UNION ALL
SELECT rulename, 'a rule' FROM pg_rewrite WHERE ev_class = 'entry'::regclass
"""


_POSTGRES_RIGHTS = """
SELECT kind, has_table_privilege('entry', kind) FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS kind
UNION ALL
SELECT 'to own the table', pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'entry'::regclass
UNION ALL
SELECT 'CREATE', has_schema_privilege(current_schema(), 'CREATE')
UNION ALL
SELECT 'superuser', rolsuper FROM pg_roles WHERE rolname = current_user
"""


class PostgresLog(_SqlLog):
    """A log in a PostgreSQL database."""

    _faults = (psycopg.Error,)
    _clashes = (psycopg.errors.UniqueViolation, psycopg.errors.SerializationFailure)
    _mark = "%s"

    def __init__(self, dsn: str, *, create: bool = False) -> None:
        self.location = _without_password(dsn)
        try:
            self._connection = psycopg.connect(dsn, autocommit=True, connect_timeout=_BUSY_SECONDS)
        except psycopg.Error as fault:
            raise StoreError(
                f"{self.location}: the log cannot be opened: {_first_line(fault)}; "
                "see that the server runs, and correct the address"
            ) from fault
        try:
            self._connection.execute("SET synchronous_commit = on")
            if create:
                self._create()
            self._connection.execute("SELECT stream, seq, body, hash FROM entry LIMIT 0")
        except psycopg.Error as fault:
            self.close()
            raise StoreError(
                f"{self.location}: there is no log in this database, or it cannot be read: {_first_line(fault)}; "
                "open a trial in it first, or correct the address"
            ) from fault

    def faults(self) -> tuple[str, ...]:
        """Guards that are missing, changed or switched off, and what was added to them."""
        return tuple(_differences(_POSTGRES_SCHEMA, dict(self._query(_POSTGRES_FOUND))))

    def database(self) -> str:
        """Name and version of the database."""
        return f"PostgreSQL {next(self._query('SHOW server_version'))[0]}"

    def excess_rights(self) -> tuple[str, ...]:
        """Rights of this role on the table, to change its definition, and to make other tables."""
        return tuple(name for name, held in self._query(_POSTGRES_RIGHTS) if held)

    def _transaction(self) -> AbstractContextManager[object]:
        transaction: AbstractContextManager[object] = self._connection.transaction()
        return transaction

    def _create(self) -> None:
        with self._transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(7215305)")
            if self._connection.execute("SELECT to_regclass('entry')").fetchone()[0]:
                return
            self._connection.execute(_POSTGRES_TABLE)
            body = f"$guard${_POSTGRES_GUARD}$guard$"
            self._connection.execute(f"CREATE FUNCTION entry_guard() RETURNS trigger LANGUAGE plpgsql AS {body}")
            for name in _POSTGRES_GUARDS:
                self._connection.execute(_POSTGRES_SCHEMA[name])
                self._connection.execute(f"ALTER TABLE entry ENABLE ALWAYS TRIGGER {name}")


def _without_password(dsn: str) -> str:
    try:
        parts = psycopg.conninfo.conninfo_to_dict(dsn)
    except psycopg.Error:
        parts = {"host": "@"}
    host, port, name = (str(parts.get(key) or "") for key in ("host", "port", "dbname"))
    if "@" in host + port + name:  # what stands there is the rest of a password
        raise StoreError(
            "postgresql://…: the address cannot be read; write postgresql://user:password@host:port/database, "
            "with every @ : / ? # and % of the password as %40 %3A %2F %3F %23 and %25"
        ) from None
    return f"postgresql://{host}{':' if port else ''}{port}/{name}"
