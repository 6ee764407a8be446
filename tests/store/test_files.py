"""A trial in a SQLite file that is damaged, or is no file of ours."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.conductor import ANSWERS, ELIGIBLE, TEXT
from trialwright.conduct.commands import AssessEligibility, GrantRole, OpenSite, ScreenSubject
from trialwright.errors import StoreError, VerificationError
from trialwright.store import Row, open_log
from trialwright.trial import Trial, now, verify

NOBODY = 65534
PARTS = 8


@pytest.fixture(scope="module")
def trial_file(tmp_path_factory) -> Path:
    """A real trial with a site, an investigator and two subjects."""
    path = tmp_path_factory.mktemp("trial") / "trial.db"
    with Trial.begin(path, TEXT, by="sponsor") as trial:
        trial.do(OpenSite, by="sponsor", site="01", name="Site 01")
        trial.do(GrantRole, by="sponsor", person="inv", role="investigator", site="01")
        for subject in ("S001", "S002"):
            trial.do(ScreenSubject, by="inv", consented_on=now().date())
            trial.do(AssessEligibility, by="inv", subject=subject, values=ELIGIBLE, answers=ANSWERS)
    return path


def rows_of(path: Path) -> list[Row]:
    """Every row of a log."""
    with open_log(path) as log:
        return list(log.rows())


def test_a_damaged_file_reads_as_it_was_or_does_not_verify(trial_file, tmp_path):
    """Bytes flipped all over a trial's file, its header among them, are named as damage or change no entry."""
    size = trial_file.stat().st_size
    positions = [*range(100), *range(100, size, 41)]

    assert flip_each(trial_file, tmp_path, positions, lambda position: 1 << position % 8) > len(positions) / 3


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("mask", [0x01, 0xFF])
def test_every_byte_of_a_file_is_guarded(trial_file, tmp_path, part, mask):
    """Each byte of a trial's file, when flipped, is named as damage or changes no entry."""
    positions = range(part, trial_file.stat().st_size, PARTS)

    assert flip_each(trial_file, tmp_path, positions, lambda _: mask) > len(positions) / 3


def flip_each(trial_file: Path, folder: Path, positions, mask) -> int:
    """Flip one byte after the other and verify; gives how many flips were found."""
    good, intact = rows_of(trial_file), trial_file.read_bytes()
    found = 0
    for position in positions:
        try:
            path = flipped(folder, intact, position, mask(position))
            verify(path)
            assert rows_of(path) == good, f"byte {position} was changed and nobody noticed"
        except VerificationError:
            found += 1
    return found


def flipped(folder: Path, intact: bytes, position: int, mask: int = 0xFF) -> Path:
    """A file of its own with one byte changed."""
    for left_over in folder.iterdir():
        left_over.unlink()
    damaged = bytearray(intact)
    damaged[position] ^= mask
    path = folder / f"{position}.db"
    path.write_bytes(damaged)
    return path


def test_a_flip_inside_an_entry_names_that_entry(trial_file, tmp_path):
    """A byte flipped in the stream, number, body or hash of an entry is named with exactly its sequence number."""
    intact = trial_file.read_bytes()
    for row in rows_of(trial_file)[1:]:  # the first, the protocol, lies in several pieces
        start = intact.index(row.stream.encode() + bytes([row.sequence]) + row.body + row.hash)
        end = start + len(row.stream) + 1 + len(row.body) + len(row.hash)
        for position in [*range(start, start + 20), *range(start + 20, end - 40, 37), *range(end - 40, end)]:
            with pytest.raises(VerificationError) as found:
                verify(flipped(tmp_path, intact, position))
            assert found.value.sequence == row.sequence, (position - start, str(found.value))


def test_a_flip_inside_the_protocol_names_the_first_entry(trial_file, tmp_path):
    """A byte flipped in the adopted protocol's text, wherever the file holds it, is named as entry 1."""
    intact = trial_file.read_bytes()
    for word in (b"Dose escalation of human", b"Modified New York", b"planning figures of ours"):
        with pytest.raises(VerificationError) as found:
            verify(flipped(tmp_path, intact, intact.index(word)))
        assert found.value.sequence == 1


@pytest.mark.parametrize("column", ["stream", "seq", "body", "hash"])
@pytest.mark.parametrize("value", ["NULL", "-1", "1e300", "CAST({column} AS TEXT)", "CAST({column} AS BLOB)", "x'ff'"])
def test_a_value_of_another_type_is_named(trial_file, tmp_path, column, value):
    """A row whose value was replaced by one of another type, past every guard, is named like any change."""
    path = tmp_path / "trial.db"
    path.write_bytes(trial_file.read_bytes())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        untyped = "CREATE TABLE entry (stream, seq, body, hash)"
        for statement in ("CREATE TABLE kept AS SELECT * FROM entry", "DROP TABLE entry", untyped):
            connection.execute(statement)
        connection.execute("INSERT INTO entry SELECT * FROM kept ORDER BY seq")
        changed = f"UPDATE entry SET {column} = {value.format(column=column)} WHERE seq = 4"  # noqa: S608 - the attack
        connection.execute(changed)
    with pytest.raises(VerificationError):
        verify(path)


def test_a_file_that_holds_other_events_does_not_verify(tmp_path):
    """A log that is whole, and whose entries are no events of a trial, is named at the first of them."""
    path = tmp_path / "trial.db"
    with open_log(path, create=True) as log:
        log.append("open", 0, [b'{"type":"NoSuchEvent.v1"}'])
    with pytest.raises(VerificationError, match="entry 1") as found:
        verify(path)
    assert found.value.sequence == 1


@pytest.mark.parametrize("length", [0, 1, 50, 100, 1000, 4096, 5000, -4096])
def test_a_file_that_was_cut_short_does_not_verify(trial_file, tmp_path, length):
    """A trial's file without its end, or without anything, does not verify and does not open as a trial."""
    path = tmp_path / "trial.db"
    path.write_bytes(trial_file.read_bytes()[:length])
    with pytest.raises(VerificationError):
        verify(path)
    with pytest.raises((StoreError, VerificationError)), Trial.open(path) as trial:
        list(trial.events())


# What is no log


@contextmanager
def without_rights() -> Iterator[None]:
    """Be somebody who may not read what is not his."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


NO_LOGS = {
    "a missing file": lambda path: path.unlink(missing_ok=True),
    "a folder": Path.mkdir,
    "an empty file": Path.touch,
    "a text": lambda path: path.write_text("Dear trial,\n" * 1000),
    "another database": lambda path: (
        closing(sqlite3.connect(path)).thing.execute("CREATE TABLE t (n)").connection.close()
    ),
    "an unreadable file": lambda path: (path.touch(), path.chmod(0)),
}


@pytest.mark.parametrize("what", NO_LOGS)
@pytest.mark.parametrize("opener", [open_log, Trial.open])
def test_what_is_no_log_is_named_and_left_alone(tmp_path, what, opener):
    """Whatever is no log is refused with its path and what to do, and is afterwards as it was."""
    path = tmp_path / "trial.db"
    NO_LOGS[what](path)
    before = path.stat() if path.exists() else None
    with without_rights(), pytest.raises(StoreError, match=r"correct the (path|.*rights)") as found:
        opener(path)
    assert str(path) in str(found.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ([path.name] if before else [])
    assert before is None or (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


@pytest.mark.parametrize("path", ["no/such/folder/trial.db", "a\0b.db", "", "x" * 300, "/dev/null", "/"])
def test_a_place_where_no_log_can_be_made_is_named(path):
    """Where no log can be made the message says so, whatever the path is."""
    for create in (False, True):
        with pytest.raises(StoreError, match="correct the path"):
            open_log(path, create=create)


def test_odd_names_are_files_like_any_other(tmp_path):
    """Characters that mean something in an address mean nothing in a file's name."""
    for name in ("a b.db", "50%.db", "what?.db", "#1.db", "é.db", "file:x.db", ":memory:"):
        with open_log(tmp_path / name, create=True) as log:
            log.append("open", 0, [name.encode()])
        with open_log(tmp_path / name) as log:
            assert [entry.body for entry in log.read("open")] == [name.encode()]
        assert (tmp_path / name).is_file()


def test_a_log_in_use_is_waited_for_and_then_named(tmp_path, monkeypatch):
    """A log that another program holds for too long gives a message and no traceback of the database's."""
    monkeypatch.setattr("trialwright.store._BUSY_SECONDS", 0.1)
    with open_log(tmp_path / "trial.db", create=True) as log, open_log(tmp_path / "trial.db") as other:
        with other._transaction(), pytest.raises(StoreError, match="cannot be written: database is locked"):
            log.append("open", 0, [b"one"])
        assert log.append("open", 0, [b"one"]).sequence == 1


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path):
    """An append that finds no room is an error, and the log stands as before it."""
    with open_log(tmp_path / "trial.db", create=True) as log:
        log.append("open", 0, [b"one"])
        pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
        log._connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        with pytest.raises(StoreError, match="disk is full"):
            log.append("open", 1, [b"two", bytes(100_000)])
        assert log.append("open", 1, [b"three"]).sequence == 2
    with open_log(tmp_path / "trial.db") as log:
        assert [entry.body for entry in log.read("open")] == [b"one", b"three"]
