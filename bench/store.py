"""How fast the log is, as multiples of a bare reference measured in the same run on the same bytes.

The reference is a plain table of the same database with the same settings, without guards, chain, types or protocol:
one INSERT and COMMIT an event; reading it whole, `json.loads`, and the newest event of each kind and subject in a
dictionary; SHA-256 over every body in turn. The events are those of a trial: one subject's course of NCT05794425 from
the golden logs, given to as many subjects as there are to be events.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import psycopg
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.golden.replayed import FOLDER, golden_logs  # noqa: E402 - the tests' logs serve here too
from tests.services import find_postgres, run_postgres  # noqa: E402 - the tests' server serves here too
from trialwright.conduct import decode, replay  # noqa: E402 - likewise
from trialwright.store import open_log  # noqa: E402 - likewise
from trialwright.trial import verify  # noqa: E402 - likewise

APPENDS, LOADED, VERIFIED = 500, 50_000, 100_000
COURSE = "NCT05794425/course"
Connection = sqlite3.Connection | psycopg.Connection


def events(many: int) -> list[bytes]:
    """So many events of a trial, as they are stored."""
    course = dict(golden_logs(min(FOLDER.glob("*/"))))[COURSE]["open"]
    first, second = (next(place for place, body in enumerate(course) if name in body) for name in (b"S001", b"S002"))
    found, number = course[:first], 0
    while len(found) < many:
        number += 1
        found += [body.replace(b"S001", b"S%03d" % number) for body in course[first:second]]
    return found[:many]


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def quickest(work: Callable[[], object]) -> float:
    """The quickest of three times, which other programs have disturbed the least."""
    return min(seconds(work) for _ in range(3))


def append_bare(connection: Connection, mark: str, bodies: list[bytes]) -> None:
    """Insert and commit one row after the other into a plain table."""
    for number, body in enumerate(bodies):
        connection.execute(f"INSERT INTO plain VALUES ({mark}, {mark})", (number, body))  # noqa: S608 - only the placeholder varies
        connection.commit()


def read_bare(connection: Connection) -> list[bytes]:
    """The bodies of the plain table, in order."""
    return [bytes(body) for (body,) in connection.execute("SELECT body FROM plain ORDER BY n").fetchall()]


def fold_bare(connection: Connection) -> dict[tuple[str, str], dict[str, object]]:
    """The newest event of each kind and subject."""
    found = map(json.loads, read_bare(connection))
    return {(one["type"], str(one.get("subject"))): one for one in found}


def hash_bare(connection: Connection) -> bytes:
    """SHA-256 over each body and the hash before it."""
    digest = bytes(32)
    for body in read_bare(connection):
        digest = sha256(digest + body).digest()
    return digest


def append_each(location: str, bodies: list[bytes]) -> None:
    """Append one entry after the other."""
    with open_log(location) as log:
        for number, body in enumerate(bodies):
            log.append("appends", number, [body])


@contextmanager
def bare_sqlite(location: str) -> Iterator[sqlite3.Connection]:
    """The file as the log opens it: write-ahead log, synchronous=FULL."""
    with closing(sqlite3.connect(location)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        yield connection


def measure_appends(name: str, location: str, connection: Connection, mark: str, table: Table) -> None:
    """Durable appends, one event a time."""
    bodies = events(APPENDS)
    bare = seconds(lambda: append_bare(connection, mark, bodies))
    ours = seconds(lambda: append_each(location, bodies))
    table.add_row(f"{name}: durable appends", f"{APPENDS / ours:,.0f}/s", f"{ours / bare:.2f} x a bare INSERT + COMMIT")


def measure_reading(name: str, location: str, connection: Connection, mark: str, table: Table) -> None:
    """Load and replay 50,000 events; verify 100,000."""
    bodies = events(VERIFIED)
    for start, end, work in ((0, LOADED, "load"), (LOADED, VERIFIED, "verify")):
        with open_log(location) as log:
            log.append("open", start, bodies[start:end])
        rows = list(enumerate(bodies[start:end], start=APPENDS + start))
        connection.cursor().executemany(f"INSERT INTO plain VALUES ({mark}, {mark})", rows)  # noqa: S608 - only the placeholder varies
        connection.commit()
        if work == "load":
            with open_log(location) as log:
                ours = quickest(lambda log=log: replay(decode(entry.body) for entry in log.read("open")))
            bare, what = quickest(lambda: fold_bare(connection)), "reading, json.loads and a dictionary"
        else:
            ours, bare = quickest(lambda: verify(location)), quickest(lambda: hash_bare(connection))
            what = "reading and SHA-256"
        told = f"{'load and replay' if work == 'load' else 'verify'} {end:,} events"
        table.add_row(f"{name}: {told}", f"{ours:.2f} s", f"{ours / bare:.2f} x {what}")


def measure(name: str, location: str, table: Table) -> None:
    """Measure one database and write its rows."""
    open_log(location, create=True).close()
    mark, connect = ("%s", psycopg.connect) if location.startswith("postgresql") else ("?", bare_sqlite)
    with connect(location) as connection:
        connection.execute(f"CREATE TABLE plain (n integer PRIMARY KEY, body {'blob' if mark == '?' else 'bytea'})")
        connection.commit()
        measure_appends(name, location, connection, mark, table)
        measure_reading(name, location, connection, mark, table)


def main() -> None:
    """Measure both databases, or SQLite alone where there is no PostgreSQL."""
    table = Table("what", "measured here", "time it takes", title="The log; time as a multiple of a bare reference")
    folder = Path(
        tempfile.mkdtemp(prefix="bench-", dir=ROOT / "bench")
    )  # /tmp may be memory, where no commit is durable
    try:
        measure("SQLite", str(folder / "trial.db"), table)
    finally:
        shutil.rmtree(folder)
    programs = find_postgres()
    if programs:
        with run_postgres(programs, fsync="on") as url:
            measure("PostgreSQL", url, table)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
