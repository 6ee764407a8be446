"""A blinded trial in its log: two streams that stand and fall together."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from tests.blinded import CELLS, GIVES, VEHICLE, BlindedCourse, first_arm, secret, twins
from tests.conductor import PRODUCT
from trialwright.conduct import Refusal, Sealed, decode
from trialwright.conduct import commands as cmd
from trialwright.errors import InputError, StoreError, VerificationError
from trialwright.store import SqliteLog, open_log
from trialwright.trial import Trial, read_secret, verify

GUARDS = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"


@pytest.fixture(scope="module")
def conducted(tmp_path_factory):
    """A log in which three subjects were randomised."""
    path = tmp_path_factory.mktemp("blinded") / "trial.db"
    course = BlindedCourse(path, secret()).open()
    for by in ("inv", "other", "inv"):
        course.randomised(by=by)
    course.trial.close()
    return path


@pytest.fixture
def path(conducted, tmp_path):
    """A copy of that log."""
    return shutil.copy(conducted, tmp_path / "trial.db")


def tamper(path, *statements: str) -> None:
    """Change rows as somebody would who can switch the guards off."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute(GUARDS).fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, guard in guards:
            connection.execute(guard)


def bodies(path, stream: str) -> list[bytes]:
    """The entries of a stream as they are stored."""
    with open_log(path) as log:
        return [entry.body for entry in log.read(stream)]


def test_bl_03_what_is_stored_holds_no_arm(conducted):
    """The file of the log holds neither an arm beside its subject nor anything of the secret, in clear."""
    stored = b"".join(bodies(conducted, "sealed"))
    opened = [decode(body) for body in bodies(conducted, "open")]

    assert CELLS.encode() not in stored
    assert VEHICLE.encode() not in stored
    for event in opened:
        if event.kind != "ProtocolAdopted.v1":
            assert CELLS not in event.model_dump_json().replace("cells_per_kg", "")
            assert VEHICLE not in event.model_dump_json()
    whole = conducted.read_bytes()
    assert secret().seed.encode() not in whole
    assert secret().key.encode() not in whole


def test_bl_03_there_is_no_next_allocation_to_read(conducted):
    """The sealed stream has an entry for each subject randomised, and none for the next."""
    assert len(bodies(conducted, "sealed")) == 3


def test_a_trial_opens_again_with_its_sealed_file(path):
    """With the sealed file the arms are there again, and the list goes on where it stopped."""
    with Trial.open(path, secret=secret()) as trial:
        seen = {subject.id: subject.arm for subject in trial.view("pharm").subjects}

    assert set(seen) == {"S001", "S003"}
    assert set(seen.values()) <= {CELLS, VEHICLE}


def test_without_the_sealed_file_a_trial_opens_and_nobody_is_randomised(path):
    """A process without the sealed file shows all that is open, and refuses what needs the list."""
    with Trial.open(path) as trial:
        refused = trial.do(cmd.BreakCode, by="inv", subject="S001", reason="shock")

        assert [subject.arm for subject in trial.view("pharm").subjects] == [None, None]
        assert isinstance(refused, Refusal)
        assert refused.code == "allocation.no_list"
        assert "paper envelope" in refused.mend


def test_another_secret_does_not_open_a_trial(path):
    """A sealed file of another commitment is refused as input before anything is decrypted."""
    with pytest.raises(InputError, match="commits to"):
        Trial.open(path, secret=secret(2))


def test_another_key_opens_nothing(path):
    """A sealed file with another key is told from the right one at the first entry."""
    with pytest.raises(VerificationError, match="entry 1 does not open"):
        Trial.open(path, secret=secret(key=8))


def test_a_secret_that_does_not_fit_is_found_before_the_trial_begins(tmp_path):
    """Block sizes that do not fit the ratio are found when the trial begins, not at a bedside."""
    with pytest.raises(InputError, match="does not fit"):
        BlindedCourse(tmp_path / "trial.db", secret(sizes=(6,)))
    assert not (tmp_path / "trial.db").exists()


def test_verify_covers_both_streams(path):
    """A verified log names the end of each stream; with the sealed file every arm is drawn again and compared."""
    assert {name: head.sequence for name, head in verify(path).items()}["sealed"] == 3
    assert verify(path, secret()) == verify(path)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE entry SET body = zeroblob(540) WHERE stream = 'sealed' AND seq = 2", "'sealed', entry 2"),
        ("DELETE FROM entry WHERE stream = 'sealed' AND seq = 2", "'sealed', entry 2"),
        ("UPDATE entry SET seq = 9 WHERE stream = 'sealed' AND seq = 3", "'sealed', entry 3"),
    ],
    ids=["changed", "removed", "moved"],
)
def test_verify_names_a_tampered_sealed_entry(path, statement, message):
    """A sealed entry that was changed, removed or moved is named, without the key."""
    tamper(path, statement)

    with pytest.raises(VerificationError, match=message):
        verify(path)


def test_a_sealed_tail_that_was_cut_is_found(path):
    """Where the last allocation was cut off, the open stream says that it is missing, and nobody is randomised."""
    tamper(path, "DELETE FROM entry WHERE stream = 'sealed' AND seq = 3")

    verify(path)  # a chain without its tail is whole
    for look in (lambda: verify(path, secret()), lambda: Trial.open(path, secret=secret())):
        with pytest.raises(VerificationError, match="missing: the arm of S003"):
            look()


def test_bl_02_an_arm_that_is_not_the_lists_is_found(tmp_path):
    """An allocation that the list does not give at its place is named, though its writer had the key."""
    another = next(seed for seed in range(2, 99) if first_arm(seed) != first_arm(1))
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    course.trial._sealed = Sealed(secret(another))
    course.randomised()
    course.trial.close()

    with pytest.raises(VerificationError, match="not what the list gives there"):
        verify(tmp_path / "trial.db", secret())


@pytest.mark.parametrize("stream", ["open", "sealed"])
def test_a_failure_between_the_streams_leaves_neither(tmp_path, monkeypatch, stream):
    """Where the database fails while either stream is written, neither has the entry, and the command works again."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    subject = course.enrolled()
    before = course.trial.state.sequence
    real = SqliteLog._append_part

    def fails(self, cursor, part):
        head = real(self, cursor, part)
        if part.stream == stream:
            raise sqlite3.OperationalError("disk I/O error")
        return head

    monkeypatch.setattr(SqliteLog, "_append_part", fails)
    with pytest.raises(StoreError, match="disk I/O error"):
        course.must(cmd.RandomiseSubject, subject=subject)
    monkeypatch.undo()
    ends = {name: head.sequence for name, head in verify(tmp_path / "trial.db").items()}

    assert ends == {"open": before}
    assert course.must(cmd.RandomiseSubject, subject=subject).sequence == before + 1


def test_a_command_gives_back_open_events_only(tmp_path):
    """Whoever gives a command gets no sealed event back."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    subject = course.enrolled()
    done = course.must(cmd.RandomiseSubject, subject=subject)

    assert [event.kind for event in done.events] == ["SubjectRandomised.v1"]


def test_the_sealed_file_is_found_beside_the_log(path):
    """`sealed.json` beside a log is read; another place is named; a server's log has none beside it."""
    assert read_secret(path) is None
    assert read_secret("postgresql://host/db") is None
    beside = path.parent / "sealed.json"
    beside.touch(mode=0o600)
    beside.write_text(secret().model_dump_json())

    assert read_secret(path) == read_secret("elsewhere.db", beside) == secret()


def test_a_sealed_file_that_others_may_read_is_refused(path):
    """A sealed file that its group or the world may read is not used, and the mend is named."""
    beside = path.parent / "sealed.json"
    beside.write_text(secret().model_dump_json())
    beside.chmod(0o640)

    with pytest.raises(InputError, match="chmod 600"):
        read_secret(path)


def prepared(course: BlindedCourse, subject: str, **more: object) -> dict[str, object]:
    """Receive and release a lot of what the subject's arm gives; gives the fields of its preparation."""
    label = GIVES[course.trial.view("pharm").subject(subject).arm] or {"product": "hUC-MSC injection", **PRODUCT}
    cells = {name: label[name] for name in ("product", "concentration_per_ml", "viability_pct") if name in label}
    lot = {"lot": "L1", "containers": ("L1-1",)}
    expires = course.now + timedelta(days=3)
    course.must(cmd.ReceiveLot, by="pharm", **lot, volume_ml=500, expires_at=expires, **cells)
    course.must(cmd.ReleaseLot, by="pharm", lot="L1", reason="Certificate in order")
    return {"subject": subject, **lot, "weight_kg": 70, "weighed_on": course.now.date(), **more}


def test_bl_13_sealed_entries_have_one_length_whatever_the_arm_and_the_reason(tmp_path):
    """Of two trials that differ in their allocation only, every sealed entry has the same length, the longest too."""
    lengths = []
    for number, sealed in enumerate(twins()):
        course = BlindedCourse(tmp_path / f"{number}.db", sealed).open()
        subject = course.randomised()
        course.must(cmd.PrepareInfusion, by="pharm", **prepared(course, subject))
        course.must(cmd.DiscardPreparation, by="pharm", subject=subject, reason="é" * 2000)
        course.trial.close()
        lengths.append([len(body) for body in bodies(tmp_path / f"{number}.db", "sealed")])

    assert lengths[0] == lengths[1]
    assert len(set(lengths[0])) == 1


def test_a_preparation_is_foreseen_with_the_sealed_side(tmp_path):
    """In a masked trial the pharmacist is shown what would be prepared, from the sealed lots; nothing is written."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    subject = course.randomised()
    asked = prepared(course, subject)
    before = course.trial.state.sequence

    foreseen = course.trial.foresee(cmd.PrepareInfusion, by="pharm", **asked)

    assert [event.stream for event in foreseen] == ["open", "sealed"]
    assert foreseen[0].volume_ml == 100
    assert course.trial.state.sequence == before


def test_a_preparation_of_which_the_sealed_entry_was_cut_off_is_named(tmp_path):
    """Whoever cuts the sealed stream after its last allocation is found out too: what was dispensed is missing."""
    path = tmp_path / "trial.db"
    course = BlindedCourse(path, secret()).open()
    course.infused()
    course.trial.close()
    verify(path, secret())
    tamper(
        path, "DELETE FROM entry WHERE stream = 'sealed' AND seq = (SELECT max(seq) FROM entry WHERE stream = 'sealed')"
    )

    with pytest.raises(VerificationError, match="preparation 1 of S001"):
        verify(path, secret())
