"""A new, empty place for a log on each database, with a door for whoever goes round the store."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg
import pytest

from trialwright.store import Log, open_log


@dataclass(frozen=True)
class Place:
    """Where a log is or will be; `connect` goes round the store."""

    kind: str
    location: str

    def open(self, *, create: bool = False) -> Log:
        """Open the log as Trialwright does."""
        return open_log(self.location, create=create)

    @contextmanager
    def connect(self) -> Iterator[Callable[..., list[tuple]]]:
        """Run statements as the database's owner."""
        if self.kind == "sqlite":
            connection = sqlite3.connect(self.location, isolation_level=None)
        else:
            connection = psycopg.connect(self.location, autocommit=True)

        def execute(statement: str) -> list[tuple]:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

        with closing(connection):
            yield execute

    @contextmanager
    def disarmed(self) -> Iterator[Callable[..., list[tuple]]]:
        """Run statements with the guards away, and put them back as they were."""
        with self.connect() as execute:
            if self.kind == "sqlite":
                guards = execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
                for name, _ in guards:
                    execute(f"DROP TRIGGER {name}")
                yield execute
                for _, statement in guards:
                    execute(statement)
            else:
                guards = execute("SELECT tgname FROM pg_trigger WHERE tgrelid = 'entry'::regclass")
                for (name,) in guards:
                    execute(f"ALTER TABLE entry DISABLE TRIGGER {name}")
                yield execute
                for (name,) in guards:
                    execute(f"ALTER TABLE entry ENABLE ALWAYS TRIGGER {name}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request, tmp_path) -> Place:
    """An empty place on either database."""
    if request.param == "sqlite":
        return Place("sqlite", str(tmp_path / "trial.db"))
    return Place("postgresql", request.getfixturevalue("postgres_dsn"))


@pytest.fixture
def log(place) -> Iterator[Log]:
    """A new log on either database."""
    with place.open(create=True) as log:
        yield log
