"""Sites that enrol into the last slot of a cohort at the same moment: one of them gets it, always."""

import multiprocessing
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest

import trialwright.trial
from tests.conductor import ANSWERS, ELIGIBLE, TEXT
from trialwright.conduct import Refusal, decode
from trialwright.conduct.commands import (
    AssessEligibility,
    EnrolSubject,
    GrantRole,
    OpenDoseLevel,
    OpenSite,
    ScreenSubject,
)
from trialwright.conduct.events import SubjectEnrolledV2
from trialwright.protocol.file import load_study
from trialwright.store import open_log
from trialwright.trial import Trial, now, raise_refusal, verify

SLOTS, RACERS = 3, 8
SUBJECTS = [f"S{number:03d}" for number in range(1, SLOTS + RACERS)]
WAITING = SUBJECTS[SLOTS - 1 :]


def investigator(subject: str) -> str:
    """Whose subject it is; the subjects are spread over two sites."""
    return f"inv{int(subject[1:]) % 2 + 1}"


def prepare(location: str) -> None:
    """Begin a trial that has one slot left and eight eligible subjects at two sites."""
    with Trial.begin(location, TEXT, by="sponsor") as trial:

        def do(command, by="sponsor", **fields) -> None:
            raise_refusal(trial.do(command, by=by, **fields))

        for site in ("1", "2"):
            do(OpenSite, site=site, name=f"Site {site}")
            do(GrantRole, person=f"inv{site}", role="investigator", site=site)
        do(OpenDoseLevel, level=1)
        for subject in SUBJECTS:
            person = investigator(subject)
            do(ScreenSubject, by=person, consented_on=now().date())
            do(AssessEligibility, by=person, subject=subject, values=ELIGIBLE, answers=ANSWERS)
        for subject in SUBJECTS[: SLOTS - 1]:
            do(EnrolSubject, by=investigator(subject), subject=subject)


@dataclass(frozen=True)
class Rounds:
    """Where the rounds of a race are run; each has a fresh copy of the prepared trial."""

    fresh: Callable[[int], str]
    drop: Callable[[int], None]


@contextmanager
def sqlite_rounds(folder: Path, begin: Callable[[str], None]) -> Iterator[Rounds]:
    """Copies of a prepared file."""
    begin(str(folder / "prepared.db"))

    def fresh(number: int) -> str:
        return str(shutil.copyfile(folder / "prepared.db", folder / f"{number}.db"))

    yield Rounds(fresh, lambda number: (folder / f"{number}.db").unlink())


@contextmanager
def postgres_rounds(dsn: str, begin: Callable[[str], None]) -> Iterator[Rounds]:
    """Databases made from a prepared one."""
    begin(dsn)
    template = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(dsn.replace(template, "postgres"), autocommit=True) as server:

        def fresh(number: int) -> str:
            server.execute(f"CREATE DATABASE {template}_{number} TEMPLATE {template}")
            return dsn.replace(template, f"{template}_{number}")

        yield Rounds(fresh, lambda number: server.execute(f"DROP DATABASE {template}_{number} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def rounds(request, tmp_path) -> Iterator[Rounds]:
    """Rounds on either database, of the trial that the test file prepares."""
    begin = request.module.prepare
    if request.param == "sqlite":
        with sqlite_rounds(tmp_path, begin) as found:
            yield found
    else:
        with postgres_rounds(request.getfixturevalue("postgres_dsn"), begin) as found:
            yield found


def race(subject, pipe, barrier) -> None:
    """Open each trial that is named, wait for the others, enrol; tell what came of it."""
    trialwright.trial.load_study = cache(load_study)  # it is one protocol, and reading it takes longer than the race
    while location := pipe.recv():
        with Trial.open(location) as trial:
            barrier.wait(timeout=60)
            result = trial.do(EnrolSubject, by=investigator(subject), subject=subject)
        pipe.send(result.code if isinstance(result, Refusal) else "enrolled")


@contextmanager
def racers(subjects: Sequence[str], run: Callable[..., None]) -> Iterator[Callable[[str], list[str]]]:
    """Keep a process ready for each subject; the function that is given lets them race once and gives their results."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(subjects))
    pipes, processes = [], []
    for subject in subjects:
        ours, theirs = context.Pipe()
        processes.append(context.Process(target=run, args=(subject, theirs, barrier)))
        processes[-1].start()
        theirs.close()
        pipes.append(ours)

    def once(location: str) -> list[str]:
        for pipe in pipes:
            pipe.send(location)
        return [pipe.recv() for pipe in pipes]

    yield once
    for pipe in pipes:
        pipe.send(None)
    for process in processes:
        process.join()


def enrolled(location: str) -> list[str]:
    """Who holds a slot, by a log that verifies."""
    verify(location)
    with open_log(location) as log:
        events = [decode(entry.body) for entry in log.read("open")]
    return [event.subject for event in events if isinstance(event, SubjectEnrolledV2)]


@pytest.mark.parametrize(("count", "times"), [(2, 100), (RACERS, 20)])
def test_the_last_slot_goes_to_one(rounds, count, times):
    """Of any number of sites that ask for the last slot at once one gets it, and the others hear that it is full."""
    winners = set()
    with racers(WAITING[:count], race) as race_once:
        for number in range(times):
            location = rounds.fresh(number)
            results = race_once(location)

            assert sorted(results) == ["cohort.full"] * (count - 1) + ["enrolled"], f"round {number}"
            winner = WAITING[results.index("enrolled")]
            assert enrolled(location) == [*SUBJECTS[: SLOTS - 1], winner]
            winners.add(winner)
            rounds.drop(number)
    assert len(winners) > 1, "one process was always first: the race was none"
