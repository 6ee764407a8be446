"""Whether an installation is sound, and what a server checks before it starts."""

import json
import re
import sqlite3
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from tests.blinded import secret, text
from tests.conductor import TEXT
from trialwright.access import ClockChecked, InstallationChecked
from trialwright.cli import app
from trialwright.clock import ClockCheck
from trialwright.doctor import check_start, examine, sound
from trialwright.errors import StoreError, VerificationError
from trialwright.trial import Trial, verify

ROOT = Path(__file__).parents[1]
RIGHT = ClockCheck(outcome="right", offset_seconds=Decimal("0.01"), by="chrony")
OFF = ClockCheck(outcome="off", offset_seconds=Decimal("-3.5"), by="chrony")
UNKNOWN = ClockCheck(outcome="not measurable", offset_seconds=None, by="nothing can tell")


def standings(location: Path | str, clock: ClockCheck = RIGHT) -> dict[str, str]:
    """How each point stands."""
    return {point.name: point.standing for point in examine(location, clock=lambda: clock)}


@pytest.fixture
def location(tmp_path: Path) -> Path:
    """A log in which a trial has begun."""
    path = tmp_path / "trial.db"
    Trial.begin(path, TEXT, by="sponsor").close()
    return path


def test_va_03_a_sound_installation(location: Path) -> None:
    """Versions, database, guards, rights, key and clock are looked at, and what was seen is an entry that verifies."""
    found = standings(location)
    with Trial.open(location) as trial:
        entry = trial.accesses()[-1]

    assert set(found) >= {"software", "libraries", "database", "guards", "rights", "sealed file", "clock"}
    assert set(found.values()) == {"ok"}
    assert isinstance(entry, InstallationChecked)
    assert {point[0]: point[1] for point in entry.points} == found
    assert verify(location)["access"].sequence == 1


def test_va_03_what_is_wrong_is_named(location: Path) -> None:
    """A dropped trigger, a file and a key that others may touch, and a clock that is off are each wrong."""
    location.chmod(0o666)
    key = location.with_name("secret.key")
    key.touch(mode=0o644)
    with sqlite3.connect(location) as database:
        database.execute("DROP TRIGGER entry_no_update")
    database.close()
    found = examine(location, clock=lambda: OFF)

    assert {point.name for point in found if point.standing == "wrong"} == {"guards", "rights", "server's key", "clock"}
    assert not sound(found)


def test_va_03_a_sealed_file_that_is_missing(tmp_path: Path) -> None:
    """Where arms are drawn the sealed file is looked for, and one that others may read is wrong."""
    path, sealed = tmp_path / "trial.db", tmp_path / "sealed.json"
    Trial.begin(path, text(secret().commitment), by="sponsor", secret=secret()).close()
    missing = standings(path)["sealed file"]
    sealed.touch(mode=0o600)
    sealed.write_text(secret().model_dump_json())
    there = standings(path)["sealed file"]
    sealed.chmod(0o644)

    assert (missing, there, standings(path)["sealed file"]) == ("wrong", "ok", "wrong")


def test_va_03_the_owner_of_a_table_may_too_much(postgres_dsn: str) -> None:
    """On PostgreSQL a role that reads and adds entries is sound, and the table's owner is not."""
    Trial.begin(postgres_dsn, TEXT, by="sponsor").close()
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE doctors_web LOGIN")
        connection.execute("GRANT SELECT, INSERT ON entry TO doctors_web")
    web = re.sub(r"//[^@/]*@", "//doctors_web@", postgres_dsn)
    web = re.sub(r"user=[^&]*", "user=doctors_web", web)
    try:
        assert standings(postgres_dsn)["rights"] == "wrong"
        assert standings(web)["rights"] == "ok"
    finally:
        with psycopg.connect(postgres_dsn, autocommit=True) as connection:
            connection.execute("DROP OWNED BY doctors_web")
            connection.execute("DROP ROLE doctors_web")


def test_va_03_doctor_on_the_command_line(location: Path) -> None:
    """`doctor --json` names its schema and each point, and leaves with 1 where something is wrong."""
    good = CliRunner().invoke(app, ["doctor", str(location), "--json"])
    location.chmod(0o666)
    bad = CliRunner().invoke(app, ["doctor", str(location)])

    assert json.loads(good.stdout)["schema"] == "trialwright.doctor/1"
    assert (good.exit_code, bad.exit_code) == (0, 1)
    assert "others than the owner may write the file" in bad.stdout


@pytest.mark.parametrize("clock", [RIGHT, UNKNOWN, OFF])
def test_ti_05_a_server_checks_its_clock_first(location: Path, clock: ClockCheck) -> None:
    """A clock that is off refuses the start; whatever the check came to, not measurable included, is an entry."""
    with Trial.open(location) as trial:
        if clock is OFF:
            with pytest.raises(StoreError, match="its clock is off by"):
                check_start(trial, lambda: clock)
        else:
            check_start(trial, lambda: clock)
        entry = trial.accesses()[-1]

    assert isinstance(entry, ClockChecked)
    assert entry.outcome == clock.outcome


def test_au_05_a_log_without_its_guards_is_not_served(location: Path) -> None:
    """A server does not start where somebody took a trigger off that guards the trail."""
    with sqlite3.connect(location) as database:
        database.execute("DROP TRIGGER entry_no_delete")
    database.close()

    with Trial.open(location) as trial, pytest.raises(VerificationError, match="entry_no_delete"):
        check_start(trial, lambda: RIGHT)


KNOWN_VARIABLES = {
    "TRIALWRIGHT_HOSTS",
    "TRIALWRIGHT_HTTPS",
    "TRIALWRIGHT_SEALED",
    "TRIALWRIGHT_LOG",
    "TRIALWRIGHT_ANCHORS",
    "TRIALWRIGHT_PROXY",
}
"""What the environment decides; none of them reaches the trail."""


def test_au_05_nothing_turns_the_trail_off() -> None:
    """No variable of the environment but the known ones is read, and no option or setting speaks of less recording."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    variables = {name for source in sources for name in re.findall(r"\bTRIALWRIGHT_[A-Z]+\b", source)}
    reads = {line.strip() for source in sources for line in source.splitlines() if "environ" in line}
    names = " ".join(reads)
    options = {word for source in sources for word in re.findall(r'"(--[a-z-]+)"', source)}
    less = re.compile(r"audit|trail|no-?log|record(ing)?-off|silent|quiet|unlogged", re.IGNORECASE)

    assert variables <= KNOWN_VARIABLES
    assert not less.search(names)
    assert not [option for option in options if less.search(option)]
    assert not [name for name in re.findall(r'^        "([A-Z_]+)":', _settings(), re.MULTILINE) if less.search(name)]


def _settings() -> str:
    return (ROOT / "src/trialwright/web/settings.py").read_text(encoding="utf-8")


def test_au_05_a_command_that_was_done_is_in_the_log(location: Path) -> None:
    """The one path by which a trial changes appends before it answers; a log that cannot be written changes nothing."""
    from trialwright.conduct.commands import OpenSite

    with Trial.open(location) as trial:
        before = trial.state
        trial._log.close()
        with pytest.raises(StoreError):
            trial.do(OpenSite, by="sponsor", site="01", name="First")
        assert trial._state == before
