"""Logs that an older version wrote mean to this one what they meant then."""

import json
from copy import copy
from functools import reduce
from pathlib import Path

import pytest

from tests.golden.replayed import DIGESTS, FOLDER, digest_of, golden_logs
from trialwright.conduct import State, decode, evolve, replay
from trialwright.conduct.events.base import _KINDS
from trialwright.store import open_log
from trialwright.trial import Trial, verify

FIVE = {"NCT01547091", "NCT03828344", "NCT04971980", "NCT05794425", "NCT05962762"}
VERSIONS = sorted(file.parent for file in FOLDER.glob(f"*/{DIGESTS}"))


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_au_14_old_logs_fold_to_the_state_that_they_had(version: Path) -> None:
    """Every log that a version wrote of the five trials folds to the digest that was kept with it."""
    kept = json.loads((version / DIGESTS).read_text())
    found = {name: digest_of(streams) for name, streams in golden_logs(version)}

    assert {name.partition("/")[0] for name in kept} == FIVE
    assert found == kept


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_au_14_an_old_log_verifies_and_opens(version: Path, tmp_path: Path) -> None:
    """The course of each trial verifies as a log, opens, and is seen by everybody in it; its report is written."""
    for name, streams in golden_logs(version):
        if not name.endswith("/course"):
            continue
        path = tmp_path / f"{name.partition('/')[0]}.db"
        with open_log(path, create=True) as log:
            log.append("open", 0, streams["open"])
        assert verify(path)["open"].sequence == len(streams["open"])
        with Trial.open(path) as trial:
            for person in trial.state.people:
                assert trial.view(person).status
            assert trial.trail("sponsor")
            assert trial.report()


def test_replay_gives_what_evolve_gives_one_by_one() -> None:
    """Many events folded at once are the state that they are one after the other, and no state before it changed."""
    for name, log in golden_logs(VERSIONS[-1]):
        events = [decode(body) for body in log["open"]]
        half = replay(events[: len(events) // 2])
        kept = copy(half.subjects), copy(half.stock.lots)
        whole = replay(events[len(events) // 2 :], half)

        assert whole == reduce(evolve, events, State()), name
        assert (half.subjects, half.stock.lots) == kept, name
        assert {type(one) for one in (whole.subjects, whole.stock.lots, whole.stock.dispensed)} == {dict}, name


def test_au_14_the_logs_hold_most_kinds_of_events() -> None:
    """Four in five kinds of events that this version knows are in the golden logs."""
    known = {kind.model_fields["type"].default for kind in _KINDS}
    logs = (log for version in VERSIONS for _, log in golden_logs(version))
    held = {decode(body).kind for log in logs for stream in log.values() for body in stream}

    assert held <= known
    assert len(held) >= len(known) * 4 / 5


def test_au_14_a_digest_tells_another_state() -> None:
    """A log in which one value differs has another digest."""
    name, log = next(one for one in golden_logs(VERSIONS[0]) if one[0].endswith("/course"))
    other = {**log, "open": [body.replace(b'"grade":1', b'"grade":2') for body in log["open"]]}

    assert log != other, name
    assert digest_of(log)["state"] != digest_of(other)["state"]
