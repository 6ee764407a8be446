"""Whether an installation is sound: versions, the log's guards, rights on it, the key, the clock; in three values."""

from __future__ import annotations

import platform
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from trialwright import __version__
from trialwright.access import ClockChecked, InstallationChecked
from trialwright.clock import ClockCheck, check_clock
from trialwright.errors import StoreError, TrialwrightError, VerificationError
from trialwright.store import Log, on_server, open_log
from trialwright.trial import Trial, read_secret

Standing = Literal["ok", "wrong", "not measurable"]
Check = Callable[[], ClockCheck]

_LIBRARIES = ("cryptography", "django", "psycopg", "pydantic", "scipy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One point that was looked at, how it stands, and what was seen or mends it."""

    name: str
    standing: Standing
    seen: str


def examine(location: str | Path, sealed: Path | None = None, clock: Check = check_clock) -> tuple[Point, ...]:
    """Look at every point, and take down in the log what was seen.

    Args:
        location: Where the trial's log is.
        sealed: Its sealed file, where that does not lie beside the log.
        clock: What checks the clock.

    Raises:
        StoreError: There is no log there, or it cannot be written.
    """
    with open_log(location) as log:
        points = (*_versions(log), *_log_points(log))
    points = (*points, *_key_points(location, sealed), _clock_point(clock()))
    with Trial.open(location) as trial:
        trial.note(
            InstallationChecked,
            sound=sound(points),
            points=tuple((point.name, point.standing, point.seen) for point in points),
        )
    return points


def sound(points: tuple[Point, ...]) -> bool:
    """Whether nothing is wrong; what could not be measured is not wrong."""
    return all(point.standing != "wrong" for point in points)


def check_start(trial: Trial, clock: Check = check_clock) -> None:
    """Check the log's guards and the clock before a server starts, and take down what the clock's check came to.

    Raises:
        VerificationError: The database would let entries be changed, or a guard was taken off.
        StoreError: The clock is off by more than it may be.
    """
    if faults := trial.faults():
        raise VerificationError(f"the server does not start on this log: {'; '.join(faults)}")
    found = clock()
    trial.note(ClockChecked, outcome=found.outcome, offset_seconds=found.offset_seconds, by=found.by)
    if found.outcome == "off":
        raise StoreError(f"the server does not start, because its clock is {found}; set the clock, and start again")


def _versions(log: Log) -> Iterator[Point]:
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Point(name="software", standing="ok", seen=f"trialwright {__version__}, {python}")
    yield Point(name="libraries", standing="ok", seen=", ".join(f"{name} {version(name)}" for name in _LIBRARIES))
    yield Point(name="database", standing="ok", seen=log.database())


def _log_points(log: Log) -> Iterator[Point]:
    faults = log.faults()
    yield Point(
        name="guards",
        standing="wrong" if faults else "ok",
        seen="; ".join(faults) or "the log's own triggers refuse every change, and stand as they were made",
    )
    excess = log.excess_rights()
    yield Point(
        name="rights",
        standing="wrong" if excess else "ok",
        seen=f"beyond reading and adding: {', '.join(excess)}; take these rights away"
        if excess
        else "entries are read and added, and nothing else",
    )


def _key_points(location: str | Path, sealed: Path | None) -> Iterator[Point]:
    yield _sealed_point(location, sealed)
    key = Path(location).parent / "secret.key"
    if not on_server(location) and key.exists():
        others = key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        yield Point(
            name="server's key",
            standing="wrong" if others else "ok",
            seen=f"others than its owner may read {key.name}; run: chmod 600 {key.name}" if others else "its owner's",
        )


def _sealed_point(location: str | Path, sealed: Path | None) -> Point:
    """The sealed file: that it is there where somebody is blinded, its owner's alone, and the one committed to."""
    try:
        secret = read_secret(location, sealed)
        with Trial.open(location, secret=secret) as trial:
            needed = trial.study.allocation is not None and trial.study.allocation.method == "randomised"
    except StoreError:
        raise
    except TrialwrightError as fault:
        return Point(name="sealed file", standing="wrong", seen=str(fault))
    if secret:
        return Point(name="sealed file", standing="ok", seen="its owner's, and the one that the protocol commits to")
    seen = "not here: nobody can be randomised, and no arm shown" if needed else "this trial needs none"
    return Point(name="sealed file", standing="wrong" if needed else "ok", seen=seen)


def _clock_point(found: ClockCheck) -> Point:
    standing: dict[str, Standing] = {"right": "ok", "off": "wrong", "not measurable": "not measurable"}
    return Point(name="clock", standing=standing[found.outcome], seen=str(found))
