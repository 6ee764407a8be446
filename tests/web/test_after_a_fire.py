"""After a fire: from a backup and the two keys that were kept apart, a masked trial goes on where it stopped."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.blinded import BlindedCourse, secret
from tests.command_line import Run
from tests.store.conftest import Place, place  # noqa: F401 - a fixture
from tests.web.conftest import PASSWORD, signed_in
from trialwright.access import AccountClosed, AccountCreated
from trialwright.errors import InputError, VerificationError
from trialwright.record import backup, restore
from trialwright.trial import Trial, read_secret, verify


def accounts_in(folder: Path) -> list[tuple[str, str, bool]]:
    """Each account of a `web.db`: id, what the password is held against, whether it is open."""
    with closing(sqlite3.connect(folder / "web.db")) as connection:
        return connection.execute("SELECT username, password, is_active FROM auth_user ORDER BY username").fetchall()


def build(location: str, folder: Path, django: Path) -> BlindedCourse:
    """A masked trial that treated somebody, and a folder with its accounts, their sessions and both keys."""
    folder.mkdir()
    course = BlindedCourse(location, secret()).open()
    course.infused()
    signed_in("investigator")
    shutil.copy(django / "secret.key", folder / "secret.key")
    with closing(sqlite3.connect(django / "web.db")) as source, closing(sqlite3.connect(folder / "web.db")) as copy:
        source.backup(copy)
    for person, _, _ in accounts_in(folder):
        course.trial.note(AccountCreated, person=person, name=person, by="sponsor")
    (folder / "sealed.json").touch(mode=0o600)
    (folder / "sealed.json").write_text(secret().model_dump_json())
    return course


@pytest.fixture
def house(django: Path, tmp_path: Path) -> Path:
    """The folder of such a trial."""
    folder = tmp_path / "house"
    build(str(folder / "trial.db"), folder, django).trial.close()
    return folder


def test_re_01_after_a_fire_the_next_subject_is_randomised_and_dosed(
    django: Path,
    place: Place,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Restored beside the two keys, accounts, arms and log are as they were, and the next subject is dosed."""
    from django.contrib.auth.hashers import check_password

    folder, new, file = (tmp_path / name for name in ("house", "new house", "backup.db"))
    location = str(folder / "trial.db") if place.kind == "sqlite" else place.location
    course = build(location, folder, django)
    arms, accounts = course.trial.view("pharm").subjects, accounts_in(folder)
    backup(location, file, secret(), accounts_file=folder / "web.db")
    course.trial.close()
    new.mkdir()
    for key in ("sealed.json", "secret.key"):
        shutil.move(folder / key, new / key)
    shutil.rmtree(folder)

    done = restore(file, new / "trial.db", read_secret(new / "trial.db"))
    assert (done.lost, [key.here for key in done.keys]) == ((), [True, True])
    assert accounts_in(new) == accounts
    assert check_password(PASSWORD, accounts[0][1])
    course.trial = Trial.open(new / "trial.db", clock=lambda: course.now, secret=read_secret(new / "trial.db"))
    assert course.trial.view("pharm").subjects == arms
    assert course.infused(by="other") == "S002"
    course.trial.close()
    assert verify(new / "trial.db", secret())["sealed"].sequence > done.heads["sealed"].sequence


def test_re_01_a_backup_unblinds_nobody(house: Path, tmp_path: Path) -> None:
    """A backup holds no session and neither key, and its owner alone may read it."""
    file = tmp_path / "backup.db"
    backup(house / "trial.db", file, secret())
    with closing(sqlite3.connect(house / "web.db")) as connection:
        sessions = [session for (session,) in connection.execute("SELECT session_key FROM django_session")]
    hidden = [secret().seed, secret().key, (house / "secret.key").read_text(), *sessions]

    assert sessions
    assert not [one for one in hidden if one.encode() in file.read_bytes()]
    assert file.stat().st_mode & 0o077 == 0


def test_re_01_what_a_backup_lacks_is_told(house: Path, tmp_path: Path, run: Run) -> None:
    """Each key that is not there is named with what does not work without it; accounts that are not there refuse."""
    file, new = tmp_path / "backup.db", tmp_path / "new" / "trial.db"
    assert run("backup", str(house / "trial.db"), "--to", str(file))[0] == 0
    code, out, _ = run("restore", str(file), "--to", str(new))
    assert (code, f"missing: sealed.json: the one with commitment {secret().commitment}" in out) == (0, True)
    assert "missing: secret.key: until it is there no code of" in out
    assert "accounts: 9 copied, without sessions" in out

    (house / "web.db").unlink()
    code, _, err = run("backup", str(house / "trial.db"), "--to", str(file))
    assert (code, "none of the 9 accounts that it knows" in err) == (2, True)
    (new.parent / "trial.db").unlink()
    (new.parent / "web.db").unlink()
    (new.parent / "secret.key").write_text("another")
    assert "not the key of these accounts' devices" in run("restore", str(file), "--to", str(new))[2]
    assert not new.exists()


def test_re_01_accounts_are_held_against_the_log(house: Path, tmp_path: Path) -> None:
    """An account of which the log knows nothing is not copied; one that the log closed since is restored closed."""
    file, new = tmp_path / "backup.db", tmp_path / "new" / "trial.db"
    backup(house / "trial.db", file, secret())
    with Trial.open(house / "trial.db") as trial:
        trial.note(AccountClosed, person="elsewhere", by="sponsor", reason="left")
    with closing(sqlite3.connect(house / "web.db")) as connection, connection:
        connection.execute("UPDATE auth_user SET username = 'mallory' WHERE username = 'monitor'")
    with pytest.raises(VerificationError, match="mallory"):
        backup(house / "trial.db", file, secret())

    done = restore(file, new)
    assert (done.closed, done.lost) == (("elsewhere",), ())
    assert [person for person, _, is_open in accounts_in(new.parent) if not is_open] == ["elsewhere"]
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE accounts SET content = zeroblob(9)")
    with pytest.raises(VerificationError, match="not as they were copied"):
        restore(file, tmp_path / "again" / "trial.db")
    with pytest.raises(InputError, match="kept"):
        restore(house / "trial.db", new)
