"""The database role of the web process: enough to conduct a trial, and nothing that could change its record."""

from uuid import uuid4

import psycopg
import pytest

from tests.command_line import Run
from tests.store.test_crash import begin
from trialwright.conduct.commands import ScreenSubject
from trialwright.record.database_role import role_statements
from trialwright.trial import Done, Trial, now, verify


@pytest.fixture
def as_web(postgres_dsn: str) -> str:
    """The address of a trial's database for the web process."""
    role = f"web_{uuid4().hex}"
    begin(postgres_dsn)
    with psycopg.connect(postgres_dsn, autocommit=True) as owner:
        owner.execute(role_statements(role))
    return postgres_dsn.replace("postgres@", f"{role}@", 1)


def test_ac_11_the_web_s_role_conducts_a_trial(as_web: str) -> None:
    """With SELECT and INSERT alone a trial is opened, conducted and verified."""
    with Trial.open(as_web) as trial:
        assert isinstance(trial.do(ScreenSubject, by="investigator", consented_on=now().date()), Done)

    assert verify(as_web)["open"].sequence == 5


REFUSED = {
    "change": "UPDATE entry SET body = hash",
    "remove": "DELETE FROM entry",
    "empty": "TRUNCATE entry",
    "drop": "DROP TABLE entry",
    "disarm": "ALTER TABLE entry DISABLE TRIGGER ALL",
    "drop a guard": "DROP TRIGGER entry_no_change ON entry",
    "weaken a guard": "CREATE OR REPLACE FUNCTION entry_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    "be a replica": "SET session_replication_role = replica",
    "make a table": "CREATE TABLE other (n int)",
    "make a table that hides the log": "CREATE TEMPORARY TABLE entry (n int)",
    "make a schema": "CREATE SCHEMA other",
    "make a role": "CREATE ROLE other",
    "add a rule": "CREATE RULE silent AS ON INSERT TO entry DO INSTEAD NOTHING",
}


def test_ac_11_the_web_s_role_has_no_other_right(as_web: str) -> None:
    """The web's role changes, removes and defines nothing: the database refuses for want of the right."""
    with psycopg.connect(as_web, autocommit=True) as web:
        for statement in REFUSED.values():
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(statement)


def test_au_04_neither_the_web_s_role_nor_the_owner_changes_an_entry(as_web: str, postgres_dsn: str) -> None:
    """UPDATE, DELETE and TRUNCATE fail for the web's role, and for the owner with the guards on; the log is whole."""
    for address in (as_web, postgres_dsn):
        with psycopg.connect(address, autocommit=True) as connection:
            for what in ("change", "remove", "empty"):
                with pytest.raises(psycopg.Error):
                    connection.execute(REFUSED[what])

    assert verify(as_web)["open"].sequence == 4


def test_ac_11_the_verb_prints_the_statements(run: Run) -> None:
    """`database-role` prints what the owner runs; a name that would be more than a name is refused."""
    assert run("database-role", "trialwright_web")[:2] == (0, role_statements("trialwright_web"))
    code, out, err = run("database-role", "web; DROP TABLE entry")
    assert (code, out) == (2, "")
    assert "no name for a role" in err
