"""How fast the log is, as multiples of bare references measured in the same run on the same bytes.

Durable appends: one entry of some 300 bytes a time, against a bare INSERT and COMMIT into a plain table of the same
database, with the same settings. Reading and verifying: 50,000 such entries, against `json.loads` of their bodies.
"""

import json
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import psycopg
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.services import find_postgres, run_postgres  # noqa: E402 - the tests' server serves here too
from trialwright.conduct import decode, encode, replay  # noqa: E402 - likewise
from trialwright.conduct.events import CommandRefused, Event  # noqa: E402 - likewise
from trialwright.store import open_log, verify  # noqa: E402 - likewise

APPENDS, ENTRIES, BATCH = 500, 50_000, 500


def event(number: int) -> Event:
    """An event of the usual size."""
    return CommandRefused(
        at=datetime(2026, 1, 5, 9, number % 60, tzinfo=UTC),
        by="investigator",
        role="investigator",
        site="01",
        protocol="1.0",
        command="EnrolSubject",
        code="cohort.full",
        rule="protocol NCT05962762 version 1.0, design > dose escalation > cohort",
        reason=f"All 3 slots at level {number} are taken.",
    )


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def quickest(work: Callable[[], object]) -> float:
    """The quickest of three times, which other programs have disturbed the least."""
    return min(seconds(work) for _ in range(3))


def append_bare(connection: sqlite3.Connection | psycopg.Connection, mark: str, bodies: list[bytes]) -> None:
    """Insert and commit one row after the other into a plain table."""
    connection.execute(f"CREATE TABLE plain (n integer PRIMARY KEY, body {'blob' if mark == '?' else 'bytea'})")
    for number, body in enumerate(bodies):
        connection.execute(f"INSERT INTO plain VALUES ({mark}, {mark})", (number, body))  # noqa: S608 - only the placeholder varies
        connection.commit()


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


def measure(name: str, location: str, events: list[Event], table: Table) -> None:
    """Measure one database and write its rows."""
    bodies = [encode(event) for event in events]
    open_log(location, create=True).close()
    mark, connect = ("%s", psycopg.connect) if location.startswith("postgresql") else ("?", bare_sqlite)
    with connect(location) as connection:
        bare = seconds(lambda: append_bare(connection, mark, bodies[:APPENDS]))
    ours = seconds(lambda: append_each(location, bodies[:APPENDS]))
    table.add_row(f"{name}: durable appends", f"{APPENDS / ours:,.0f}/s", f"{ours / bare:.2f} x a bare INSERT + COMMIT")
    with open_log(location) as log:
        for start in range(0, ENTRIES, BATCH):
            log.append("open", start, bodies[start : start + BATCH])
        parse = quickest(lambda: [json.loads(body) for body in bodies])
        works = {
            "read, chain checked": lambda: list(log.read("open")),
            "read, decoded, replayed": lambda: replay(decode(entry.body) for entry in log.read("open")),
            "verify": lambda: verify(log),
        }
        for work, run in works.items():
            took = quickest(run)
            table.add_row(f"{name}: {work}", f"{took:.2f} s", f"{took / parse:.2f} x json.loads of the same bodies")


def main() -> None:
    """Measure both databases, or SQLite alone where there is no PostgreSQL."""
    table = Table(
        "what",
        "measured here",
        "time it takes",
        title=f"The log; {ENTRIES:,} entries; time as a multiple of a reference",
    )
    events = [event(number) for number in range(ENTRIES)]
    folder = Path(
        tempfile.mkdtemp(prefix="bench-", dir=ROOT / "bench")
    )  # /tmp may be memory, where no commit is durable
    try:
        measure("SQLite", str(folder / "trial.db"), events, table)
    finally:
        shutil.rmtree(folder)
    programs = find_postgres()
    if programs:
        with run_postgres(programs, fsync="on") as url:
            measure("PostgreSQL", url, events, table)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
