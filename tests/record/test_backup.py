"""Backups: a log that is copied is the same log, goes on from the last copy, and finds what was lost."""

import json
from pathlib import Path

import pytest

from tests.blinded import BlindedCourse, secret
from tests.command_line import Run
from tests.store.conftest import Place, place  # noqa: F401 - a fixture
from tests.store.test_crash import begin
from trialwright.conduct.commands import ScreenSubject
from trialwright.errors import InputError, VerificationError
from trialwright.record import backup, restore
from trialwright.store import open_log
from trialwright.trial import Trial, now, verify


def screened(location: str, many: int = 1) -> None:
    """Screen somebody."""
    with Trial.open(location) as trial:
        for _ in range(many):
            trial.do(ScreenSubject, by="investigator", consented_on=now().date())


@pytest.fixture
def kept(place: Place, tmp_path: Path) -> tuple[Place, Path]:  # noqa: F811
    """A trial's log and its backup."""
    begin(place.location)
    screened(place.location)
    backup(place.location, tmp_path / "backup.db")
    return place, tmp_path / "backup.db"


def test_re_01_a_restored_backup_is_the_same_log(kept: tuple[Place, Path], tmp_path: Path) -> None:
    """What is restored has every entry and every hash, verifies, says its newest entry, and goes on as a trial."""
    place, file = kept  # noqa: F811
    restored = tmp_path / "restored.db"
    done = restore(file, restored)

    assert done.heads == verify(place.location) == verify(file) == verify(restored)
    assert (done.newest, done.added) == ("SubjectScreened.v2", done.heads["open"].sequence)
    with open_log(place.location) as log, open_log(restored) as again:
        assert list(log.rows()) == list(again.rows())
    screened(str(restored))
    assert verify(restored)["open"].sequence == done.added + 1


def test_re_01_a_backup_is_restored_on_a_server(place: Place, tmp_path: Path) -> None:  # noqa: F811
    """A file's backup becomes a log on either database, with its guards; a log that is there is kept."""
    begin(str(tmp_path / "source.db"))
    backup(tmp_path / "source.db", tmp_path / "backup.db")

    assert restore(tmp_path / "backup.db", place.location).heads == verify(tmp_path / "source.db")
    with pytest.raises(InputError, match="kept"):
        restore(tmp_path / "backup.db", place.location)


def test_re_01_a_backup_holds_both_streams(tmp_path: Path) -> None:
    """The backup of a randomised trial opens with its sealed file, and every arm is there."""
    course = BlindedCourse(tmp_path / "trial.db", secret()).open()
    for _ in range(2):
        course.randomised()
    seen = course.trial.view("pharm").subjects
    backup(tmp_path / "trial.db", tmp_path / "backup.db", secret())
    restore(tmp_path / "backup.db", tmp_path / "restored.db", secret())

    with Trial.open(tmp_path / "restored.db", clock=lambda: course.now, secret=secret()) as again:
        assert again.view("pharm").subjects == seen


def test_re_01_a_backup_goes_on(kept: tuple[Place, Path]) -> None:
    """A second backup into the same file adds what is new and nothing else; the file needs nothing beside it."""
    place, file = kept  # noqa: F811
    assert backup(place.location, file).added == 0
    screened(place.location, 3)

    assert backup(place.location, file).added == 3
    assert verify(file) == verify(place.location)
    assert [one.name for one in file.parent.glob("backup*")] == ["backup.db"]


def test_re_01_a_backup_finds_what_the_log_lost_or_changed(kept: tuple[Place, Path]) -> None:
    """A log that lost its end, or whose entry was replaced, is not copied over its backup, which names the entry."""
    place, file = kept  # noqa: F811
    end, before = verify(file)["open"].sequence, file.read_bytes()
    with place.disarmed() as execute:
        execute(f"DELETE FROM entry WHERE seq = {end}")  # noqa: S608 - the attack
    with pytest.raises(VerificationError, match="cut off") as found:
        backup(place.location, file)
    assert found.value.sequence == end

    screened(place.location, 2)
    with pytest.raises(VerificationError, match="another one") as found:
        backup(place.location, file)
    assert found.value.sequence == end
    assert file.read_bytes() == before


def test_re_01_a_tampered_backup_is_not_restored(kept: tuple[Place, Path], tmp_path: Path) -> None:
    """A backup of which an entry was changed restores nothing."""
    with Place("sqlite", str(kept[1])).disarmed() as execute:
        execute("UPDATE entry SET body = hash WHERE seq = 2")

    with pytest.raises(VerificationError, match="entry 2"):
        restore(kept[1], tmp_path / "restored.db")
    assert not (tmp_path / "restored.db").exists()


def test_a_log_is_no_backup_of_itself(kept: tuple[Place, Path]) -> None:
    """Naming the log itself as its backup is told."""
    with pytest.raises(InputError, match="the log itself"):
        backup(kept[1], kept[1])


def test_re_01_the_verbs_backup_and_restore(run: Run, tmp_path: Path) -> None:
    """`backup` and `restore` say the end of each stream and the newest entry; a log is never overwritten."""
    log, file, new = (str(tmp_path / name) for name in ("trial.db", "backup.db", "restored.db"))
    begin(log)
    code, out, _ = run("backup", log, "--to", file)
    assert (code, "4 entries added; the newest is RoleGranted.v1" in out) == (0, True)

    code, out, _ = run("restore", file, "--to", new, "--json")
    told = json.loads(out)
    assert (code, told["schema"], told["newest"]["kind"]) == (0, "trialwright.restore/1", "RoleGranted.v1")
    assert told["streams"]["open"]["head"] == verify(log)["open"].hash.hex()
    assert run("restore", file, "--to", new)[0] == 2
    assert run("restore", str(tmp_path / "none.db"), "--to", str(tmp_path / "x.db"))[0] == 1
    assert not (tmp_path / "none.db").exists()
