"""Processes that randomise at the same moment: no place of the list is taken twice, and no subject takes two."""

from datetime import timedelta
from functools import cache

import pytest

import trialwright.trial
from tests.blinded import START, BlindedCourse, secret
from tests.stories.test_races import Rounds, racers, rounds  # noqa: F401 - the rounds are a fixture
from trialwright.conduct import Refusal, decode
from trialwright.conduct.commands import RandomiseSubject
from trialwright.protocol.file import load_study
from trialwright.store import open_log
from trialwright.trial import Trial, verify
from trialwright.vault import Vault

SUBJECTS = ["S001", "S002", "S003"]
RACERS = [SUBJECTS[number % 3] for number in range(8)]


def prepare(location: str) -> None:
    """Begin a masked trial with three enrolled subjects of one stratum."""
    course = BlindedCourse(location, secret()).open()
    assert [course.enrolled() for _ in SUBJECTS] == SUBJECTS
    course.trial.close()


def race(subject, pipe, barrier) -> None:
    """Open each trial that is named, wait for the others, randomise; tell what came of it."""
    trialwright.trial.load_study = cache(load_study)
    while location := pipe.recv():
        with Trial.open(location, clock=lambda: START + timedelta(hours=12), secret=secret()) as trial:
            barrier.wait(timeout=60)
            result = trial.do(RandomiseSubject, by="inv", subject=subject)
        pipe.send(result.code if isinstance(result, Refusal) else "randomised")


def allocations(location: str) -> list[tuple[str, int]]:
    """Subject and place of every allocation, as the sealed stream has them."""
    vault = Vault(bytes.fromhex(secret().key))
    with open_log(location) as log:
        opened = [decode(vault.open("sealed", entry.sequence, entry.body)) for entry in log.read("sealed")]
    return [(event.subject, event.position) for event in opened]


@pytest.mark.parametrize("times", [20])
def test_bl_04_a_place_of_the_list_is_taken_once(rounds: Rounds, times: int):  # noqa: F811
    """Of eight processes that randomise three subjects at once three succeed, on three places of the list."""
    with racers(RACERS, race) as race_once:
        for number in range(times):
            location = rounds.fresh(number)
            results = race_once(location)

            assert sorted(results) == ["allocation.done"] * 5 + ["randomised"] * 3, f"round {number}"
            verify(location, secret())
            found = allocations(location)
            assert sorted(subject for subject, _ in found) == SUBJECTS
            assert sorted(place for _, place in found) == [0, 1, 2]
            rounds.drop(number)
