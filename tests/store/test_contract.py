"""What every log does: one contract, run on SQLite and on PostgreSQL."""

import sqlite3
import traceback

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.store.workers import append_fifty, make, make_fifty, run_at_once
from trialwright.errors import ConflictError, StoreError, VerificationError
from trialwright.store import GENESIS, Head, Part, chain, open_log, verify

REFUSED = (sqlite3.Error, psycopg.Error)


@pytest.fixture
def full(place):
    """A place whose log holds five open and four sealed entries."""
    with place.open(create=True) as log:
        log.append("open", 0, [b"one", b"two", b"three", b"four", b"five"])
        log.append("sealed", 0, [b"uno", b"due", b"tre", b"quattro"])
    return place


# Appending and reading


def test_an_empty_log_has_no_streams_and_ends_at_nothing(log):
    """A new log holds no stream, and each stream ends at 0 with 32 zero bytes."""
    assert log.streams() == ()
    assert log.head("open") == Head(0, GENESIS)
    assert list(log.read("open")) == []
    assert verify(log) == {}


def test_entries_are_numbered_and_chained(log):
    """Entries are numbered from 1, and each hash covers the one before it."""
    head = log.append("open", 0, [b"one", b"two"])
    first, second = log.read("open")

    assert (first.sequence, first.body, first.hash) == (1, b"one", chain(GENESIS, "open", 1, b"one"))
    assert (second.sequence, second.body, second.hash) == (2, b"two", chain(first.hash, "open", 2, b"two"))
    assert head == log.head("open") == Head(2, second.hash)


def test_streams_have_numbers_and_chains_of_their_own(log):
    """Two streams in one log are numbered and chained apart."""
    log.append("sealed", 0, [b"one"])
    log.append("open", 0, [b"one"])

    assert log.streams() == ("open", "sealed")
    assert log.head("open").sequence == log.head("sealed").sequence == 1
    assert log.head("open").hash != log.head("sealed").hash


def test_reading_goes_on_after_any_entry(log):
    """Reading after an entry gives those behind it and no other."""
    log.append("open", 0, [b"one", b"two", b"three"])

    assert [entry.body for entry in log.read("open", 1)] == [b"two", b"three"]
    assert list(log.read("open", 3)) == []


def test_nothing_to_append_changes_nothing(log):
    """An append of no entries gives the end of the stream, and still fails where that is not the expected one."""
    head = log.append("open", 0, [b"one"])

    assert log.append("open", 1, []) == head
    with pytest.raises(ConflictError):
        log.append("open", 0, [])


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_the_wrong_expected_number_writes_nothing(log, expected):
    """An append that expects another end than the stream has is a conflict, and nothing is written."""
    log.append("open", 0, [b"one", b"two"])

    with pytest.raises(ConflictError, match="load it again"):
        log.append("open", expected, [b"late"])
    assert [entry.body for entry in log.read("open")] == [b"one", b"two"]


def test_all_or_none_is_appended(place, log):
    """Where the database cannot write one entry of an append, none is written, and the log goes on."""
    full = {
        "sqlite": "CREATE TRIGGER full BEFORE INSERT ON entry WHEN NEW.seq = 3 BEGIN SELECT RAISE(ABORT, 'full'); END",
        "postgresql": "ALTER TABLE entry ADD CONSTRAINT full_ CHECK (seq <> 3)",
    }
    with place.connect() as execute:
        execute(full[place.kind])
    with pytest.raises(StoreError, match="cannot be written"):
        log.append("open", 0, [b"one", b"two", b"three"])
    assert log.head("open").sequence == 0

    log.append("open", 0, [b"one"])
    assert [entry.body for entry in log.read("open")] == [b"one"]


def test_a_second_reader_sees_what_was_acknowledged(place, log):
    """What one connection has appended, another one reads at once."""
    with place.open() as other:
        log.append("open", 0, [b"one"])

        assert other.head("open") == log.head("open")
        assert [entry.body for entry in other.read("open")] == [b"one"]


def test_making_a_log_again_keeps_it(place, log):
    """Making a log where there is one opens it, with everything in it."""
    log.append("open", 0, [b"one"])
    with place.open(create=True) as again:
        assert [entry.body for entry in again.read("open")] == [b"one"]


def test_making_a_log_again_does_not_mend_its_guards(full):
    """Opening a log whose guards were taken away leaves the evidence for `verify`."""
    with full.connect() as execute:
        execute(drop_guard(full.kind, "entry_in_order"))
    with full.open(create=True) as log, pytest.raises(VerificationError, match="entry_in_order"):
        verify(log)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(bodies=st.lists(st.binary(max_size=200), max_size=4))
def test_bodies_come_back_byte_for_byte(log, bodies):
    """Whatever bytes are appended are read back, empty ones too."""
    start = log.head("open").sequence
    log.append("open", start, bodies)

    assert [entry.body for entry in log.read("open", start)] == bodies


def test_a_large_body_comes_back(log):
    """A body of 16 MiB is read back byte for byte."""
    body = bytes(range(256)) * 65536
    log.append("open", 0, [body])

    assert next(log.read("open")).body == body
    assert verify(log)["open"].sequence == 1


# On disk, and append-only


def test_an_acknowledged_append_is_on_disk(place):
    """Both databases are told to reach the disk before they acknowledge, whatever their own settings are."""
    if place.kind == "postgresql":
        with place.connect() as execute:
            (name,) = execute("SELECT current_database()")[0]
            execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    setting, full = {"sqlite": ("PRAGMA synchronous", 2), "postgresql": ("SHOW synchronous_commit", "on")}[place.kind]
    with place.open(create=True) as log:
        assert log._connection.execute(setting).fetchone() == (full,)
    with place.open() as log:
        assert log._connection.execute(setting).fetchone() == (full,)


CHANGES = {
    "UPDATE": "UPDATE entry SET body = hash WHERE seq = 2",
    "UPDATE of nothing new": "UPDATE entry SET seq = seq",
    "DELETE": "DELETE FROM entry WHERE seq = 5",
    "DELETE of all": "DELETE FROM entry",
    "INSERT of an entry that is there": "INSERT INTO entry SELECT * FROM entry WHERE seq = 2",
    "INSERT past the end": "INSERT INTO entry SELECT stream, 7, body, hash FROM entry WHERE seq = 5",
    "INSERT before the beginning": "INSERT INTO entry SELECT stream, 0, body, hash FROM entry WHERE seq = 1",
    "INSERT amid a new stream": "INSERT INTO entry SELECT 'other', seq, body, hash FROM entry WHERE seq = 2",
}
CHANGES_OF_ONE = {
    "sqlite": {
        "INSERT OR REPLACE": "INSERT OR REPLACE INTO entry SELECT stream, seq, hash, hash FROM entry WHERE seq = 2",
        "REPLACE": "REPLACE INTO entry SELECT stream, seq, hash, hash FROM entry WHERE seq = 2",
        "UPDATE OR REPLACE": "UPDATE OR REPLACE entry SET seq = 1 WHERE seq = 2",
        "upsert": "INSERT INTO entry SELECT * FROM entry WHERE seq = 2 ON CONFLICT DO UPDATE SET body = excluded.hash",
    },
    "postgresql": {
        "TRUNCATE": "TRUNCATE entry",
        "upsert": "INSERT INTO entry SELECT * FROM entry WHERE seq = 2 "
        "ON CONFLICT (stream, seq) DO UPDATE SET body = excluded.hash",
        "DELETE as a replica": "SET session_replication_role = replica; DELETE FROM entry",
    },
}


def test_au_04_the_database_itself_refuses_every_change(full):
    """To the database's owner too a log is append-only: no UPDATE, DELETE, TRUNCATE, REPLACE or INSERT out of order."""
    with full.open() as log:
        before = list(log.rows())
        for name, statement in (CHANGES | CHANGES_OF_ONE[full.kind]).items():
            with full.connect() as execute, pytest.raises(REFUSED, match="append-only"):
                execute(statement)
            assert list(log.rows()) == before, name


# Verifying


def test_a_good_log_verifies(full):
    """Verifying gives the end of each stream, which is what an anchor elsewhere keeps."""
    with full.open() as log:
        assert verify(log) == {"open": log.head("open"), "sealed": log.head("sealed")}
        assert log.head("open").sequence == 5


MOVE = "UPDATE entry SET stream = '{}', seq = {} WHERE stream = '{}' AND seq = {}"
TAMPERED = {
    "a body changed": (["UPDATE entry SET body = hash WHERE stream = 'open' AND seq = 3"], "open", 3),
    "a hash changed": (
        ["UPDATE entry SET hash = (SELECT e.hash FROM entry e WHERE e.seq = 5) WHERE stream = 'open' AND seq = 2"],
        "open",
        2,
    ),
    "the first changed": (["UPDATE entry SET body = hash WHERE stream = 'sealed' AND seq = 1"], "sealed", 1),
    "the last changed": (["UPDATE entry SET body = hash WHERE stream = 'sealed' AND seq = 4"], "sealed", 4),
    "the first removed": (["DELETE FROM entry WHERE stream = 'sealed' AND seq = 1"], "sealed", 1),
    "one removed": (["DELETE FROM entry WHERE stream = 'open' AND seq = 4"], "open", 4),
    "one removed and the rest moved up": (
        ["DELETE FROM entry WHERE stream = 'open' AND seq = 4", MOVE.format("open", 4, "open", 5)],
        "open",
        4,
    ),
    "two reordered": (
        [MOVE.format("open", 9, "open", 2), MOVE.format("open", 2, "open", 3), MOVE.format("open", 3, "open", 9)],
        "open",
        2,
    ),
    "one added at the end": (
        ["INSERT INTO entry SELECT stream, 6, body, hash FROM entry WHERE stream = 'open' AND seq = 5"],
        "open",
        6,
    ),
    "one copied into a new stream": (
        ["INSERT INTO entry SELECT 'other', 1, body, hash FROM entry WHERE stream = 'open' AND seq = 1"],
        "other",
        1,
    ),
    "two swapped between streams": (
        [
            MOVE.format("other", 3, "open", 3),
            MOVE.format("open", 3, "sealed", 3),
            MOVE.format("sealed", 3, "other", 3),
        ],
        "open",
        3,
    ),
    "one moved to the end of another stream": ([MOVE.format("open", 6, "sealed", 4)], "open", 6),
    "a stream renamed": (["UPDATE entry SET stream = 'other' WHERE stream = 'sealed'"], "other", 1),
    "one moved to a new stream": ([MOVE.format("other", 3, "open", 3)], "open", 3),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_the_first_bad_entry_is_named(full, what):
    """Whoever switches the guards off and tampers with a row is found there by `verify`, and no reading passes it."""
    statements, stream, sequence = TAMPERED[what]
    with full.disarmed() as execute:
        for statement in statements:
            execute(statement)
    got = []
    with full.open() as log:
        with pytest.raises(VerificationError, match=f"'{stream}', entry {sequence}") as found:
            verify(log)
        with pytest.raises(VerificationError, match=f"'{stream}', entry {sequence}"):
            got.extend(entry.sequence for entry in log.read(stream))
    assert (found.value.stream, found.value.sequence) == (stream, sequence)
    assert got == list(range(1, sequence))


def test_au_06_one_changed_byte_of_any_entry_is_named(place):
    """In a log of a thousand entries one byte changed in any of them, first and last too, makes `verify` name it."""
    literal = {"sqlite": "x'{}'", "postgresql": "'\\x{}'"}[place.kind].format
    bodies = [f'{{"entry":{number},"said":"what happened"}}'.encode() for number in range(1, 1001)]
    with place.open(create=True) as log:
        log.append("open", 0, bodies)
        for sequence in (1, 2, 499, 500, 999, 1000):
            body = bytearray(bodies[sequence - 1])
            body[sequence % len(body)] ^= 1 << sequence % 8
            for written in (bytes(body), bodies[sequence - 1]):
                with place.disarmed() as execute:
                    execute(f"UPDATE entry SET body = {literal(written.hex())} WHERE seq = {sequence}")  # noqa: S608 - the attack
                if written == body:
                    with pytest.raises(VerificationError, match=f"'open', entry {sequence}:") as found:
                        verify(log)
                    assert found.value.sequence == sequence
        assert verify(log)["open"].sequence == 1000


def test_a_recomputed_hash_moves_the_fault_by_one(full):
    """A row that is changed together with its hash is found at the next row, which was chained to the old one."""
    with full.open() as log:
        second = list(log.read("open"))[1].hash
    forged = chain(second, "open", 3, b"changed")
    with full.disarmed() as execute:
        value = {"sqlite": "x'{}'", "postgresql": "'\\x{}'"}[full.kind].format
        for column, content in (("body", b"changed"), ("hash", forged)):
            execute(f"UPDATE entry SET {column} = {value(content.hex())} WHERE stream = 'open' AND seq = 3")  # noqa: S608 - the attack
    with full.open() as log, pytest.raises(VerificationError) as found:
        verify(log)
    assert found.value.sequence == 4


def test_a_log_cut_off_at_its_end_shows_against_its_anchor(full):
    """Entries removed from the end leave a good chain whose end is not the one that was kept elsewhere."""
    with full.open() as log:
        anchor = verify(log)
    with full.disarmed() as execute:
        execute("DELETE FROM entry WHERE stream = 'open' AND seq > 3")
    with full.open() as log:
        assert verify(log)["open"].sequence == 3 < anchor["open"].sequence
        with pytest.raises(VerificationError, match="'open', entry 5: it was there and is missing"):
            list(log.read("open", 5))


GUARDS = {
    "sqlite": ("entry_no_update", "entry_no_delete", "entry_in_order"),
    "postgresql": ("entry_no_change", "entry_no_truncate", "entry_in_order"),
}


def drop_guard(kind: str, name: str) -> str:
    """The statement that takes a guard away."""
    return f"DROP TRIGGER {name}" + (" ON entry" if kind == "postgresql" else "")


@pytest.mark.parametrize("number", range(3))
def test_a_missing_guard_is_named(full, number):
    """A guard that was taken away is named by `verify`, though every hash is right."""
    name = GUARDS[full.kind][number]
    with full.connect() as execute:
        execute(drop_guard(full.kind, name))
    with full.open() as log, pytest.raises(VerificationError, match=f"{name}.* is missing"):
        verify(log)


WEAKENED = {
    "sqlite": {
        "entry_no_update": [
            "DROP TRIGGER entry_no_update",
            "CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry WHEN false BEGIN SELECT 1; END",
        ],
        "entry_silent": ["CREATE TRIGGER entry_silent BEFORE INSERT ON entry BEGIN SELECT RAISE(IGNORE); END"],
    },
    "postgresql": {
        "entry_no_change": ["ALTER TABLE entry DISABLE TRIGGER entry_no_change"],
        "entry_no_truncate": ["ALTER TABLE entry ENABLE REPLICA TRIGGER entry_no_truncate"],
        "entry_in_order": [
            "DROP TRIGGER entry_in_order ON entry",
            "CREATE TRIGGER entry_in_order AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_guard()",
        ],
        "entry_guard": [
            "CREATE OR REPLACE FUNCTION entry_guard() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        ],
        "entry_silent": ["CREATE RULE entry_silent AS ON INSERT TO entry DO INSTEAD NOTHING"],
    },
}


def test_a_weakened_guard_is_named(full):
    """A guard that was changed, switched off or undermined is named by `verify`, beside all the others."""
    with full.connect() as execute:
        for statements in WEAKENED[full.kind].values():
            for statement in statements:
                execute(statement)
    with full.open() as log, pytest.raises(VerificationError) as found:
        verify(log)
    assert [name for name in WEAKENED[full.kind] if name not in str(found.value)] == []


def test_an_append_that_the_database_drops_is_no_append(full):
    """Where somebody has made the database drop new entries in silence, `append` fails."""
    with full.connect() as execute:
        execute(WEAKENED[full.kind]["entry_silent"][0])
    with full.open() as log, pytest.raises(StoreError, match="did not keep"):
        log.append("open", 5, [b"six"])


# Two at once


def test_processes_that_race_lose_nothing_and_share_no_number(place, log):
    """Processes that append at once end in one chain with every entry once, each process's own in order."""
    assert run_at_once(append_fifty, place.location) == [0, 0, 0]
    bodies = [entry.body.decode() for entry in log.read("open")]
    for name in "abc":
        assert [body for body in bodies if body[0] == name] == [f"{name} {number}" for number in range(50)]
    assert verify(log)["open"].sequence == 150


def test_processes_that_make_a_log_at_once_share_it(place):
    """Processes that make a log in one place at once all get the same one."""
    assert run_at_once(make, place.location) == [0, 0, 0]
    with place.open() as log:
        assert sorted(verify(log)) == ["a", "b", "c"]


def test_files_that_processes_make_at_once_are_made_every_time(tmp_path):
    """Of fifty files that three processes make at once, none fails because another one is being made."""
    assert run_at_once(make_fifty, str(tmp_path)) == [0, 0, 0]


def test_a_serializable_database_conflicts_like_any_other(postgres_dsn):
    """A database set to serializable transactions still answers a lost race with a conflict."""
    open_log(postgres_dsn, create=True).close()
    strict = f"{postgres_dsn}&options=-c%20default_transaction_isolation%3Dserializable"
    with open_log(strict) as first, open_log(strict) as second:
        with second._transaction():
            assert second.head("open").sequence == 0
            first.append("open", 0, [b"one"])
            with pytest.raises(ConflictError):
                second.append("open", 0, [b"uno"])
        assert [entry.body for entry in second.read("open")] == [b"one"]


# Where there is no log


def test_a_place_without_a_log_is_not_opened(place):
    """An empty place is refused with its name and what to do, and stays empty."""
    for _ in range(2):
        with pytest.raises(StoreError, match="there is no log") as found:
            place.open()
        assert place.location.rpartition("/")[2].partition("?")[0] in str(found.value)


def test_another_programs_table_is_no_log(place):
    """A database in which somebody else has a table of that name is refused."""
    with place.connect() as execute:
        execute("CREATE TABLE entry (title text)")
    for create in (False, True):
        with pytest.raises(StoreError, match="no log"):
            place.open(create=create)


ADDRESSES = [
    "postgresql://user:secret@127.0.0.1:1/trial",
    "postgresql://user@127.0.0.1:1/trial?password=secret",
    "postgresql://user:sec@secret@127.0.0.1:1/trial",
    "postgresql://user:sec/secret@127.0.0.1:1/trial",
    "postgresql://user:sec secret@127.0.0.1:1/trial",
    "postgresql://user:sec%secret@127.0.0.1:1/trial",
    "postgresql://user:secret@127.0.0.1:port/trial",
    "postgresql://user:secret@127.0.0.1:1/trial?unknown=1",
    "postgresql://user:secret@[127.0.0.1/trial",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("create", [False, True])
def test_an_address_that_does_not_answer_keeps_its_password(address, create):
    """An unreachable or unreadable address says what to do, and no part of the traceback holds the password."""
    with pytest.raises(StoreError, match="address") as found:
        open_log(address, create=create)
    assert "secret" not in "".join(traceback.format_exception(found.value)).replace(f'"{address}"', "")


def test_a_refused_password_is_not_repeated(postgres_dsn):
    """An address that the server itself refuses is answered without its password."""
    refused = postgres_dsn.replace("postgres@", "nobody:secret@")
    with pytest.raises(StoreError, match="nobody") as found:
        open_log(refused)
    assert "secret" not in "".join(traceback.format_exception(found.value))


# Two streams at once


def test_streams_are_appended_to_at_once(log):
    """An append to two streams gives the new end of each, and each reads back."""
    heads = log.append_all([Part("open", 0, [b"one", b"two"]), Part("sealed", 0, [b"uno"])])

    assert heads == (log.head("open"), log.head("sealed"))
    assert [entry.body for entry in log.read("open")] == [b"one", b"two"]
    assert [entry.body for entry in log.read("sealed")] == [b"uno"]


@pytest.mark.parametrize("ends", [(1, 0), (0, 1)])
def test_where_one_stream_has_moved_on_neither_is_written(log, ends):
    """An append to two streams of which one ends elsewhere than expected is a conflict, and neither is written."""
    parts = [Part(stream, end, [b"entry"]) for stream, end in zip(("open", "sealed"), ends, strict=True)]

    with pytest.raises(ConflictError, match="load it again"):
        log.append_all(parts)
    assert log.streams() == ()
