"""A rehearsal is a whole trial: reproducible, lawful, and safe against being killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conductor import PROTOCOLS, STUDY, TEXT
from trialwright.conduct import State
from trialwright.conduct.events import CommandRefused
from trialwright.design import Outcomes
from trialwright.errors import InputError
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock
from trialwright.trial import Trial, verify

TRUTH = (0.05, 0.12, 0.30)


def rehearse(log: Path, seed: int, truth: Sequence[float] = TRUTH) -> State:
    """Rehearse into a log; gives the state at the end."""
    clock = VirtualClock()
    with Trial.begin(log, TEXT, by=SPONSOR, clock=clock) as trial:
        return Rehearsal(STUDY, truth, seed, trial, clock).run()


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """The same seed gives the same events byte for byte, another seed others."""
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        rehearse(tmp_path / name, seed)

    heads = [verify(tmp_path / name)["open"] for name in "abc"]

    assert heads[0] == heads[1] != heads[2]


@pytest.mark.parametrize("seed", range(1, 9))
def test_rehearsal_is_a_whole_lawful_trial(tmp_path: Path, seed: int) -> None:
    """A rehearsal ends escalation, closes every window, and takes the decisions of the rule, with no refusal."""
    state = rehearse(tmp_path / "log", seed)

    assert state.stopped
    assert all(s.window_closed for s in state.subjects.values() if s.infusion and s.not_evaluable is None)
    assert all(decision.decision == decision.recommended for decision in state.decisions)
    assert STUDY.rule.departures(Outcomes.parse(str(state.outcomes(STUDY)))) == ()
    with Trial.open(tmp_path / "log") as trial:
        assert not [event for event in trial.events() if isinstance(event, CommandRefused)]


def test_certain_toxicity_and_none(tmp_path: Path) -> None:
    """When every subject has a DLT there is no MTD; when none has, the top dose is tolerated."""
    toxic = rehearse(tmp_path / "toxic", 1, (1, 1, 1))
    safe = rehearse(tmp_path / "safe", 1, (0, 0, 0))

    assert (toxic.mtd, toxic.top_tolerated) == (None, False)
    assert (safe.mtd, safe.top_tolerated) == (None, True)


def test_truth_of_the_wrong_length(tmp_path: Path) -> None:
    """A truth without one rate for each dose level is refused."""
    with pytest.raises(InputError, match="2 true DLT rates for 3 dose levels"):
        rehearse(tmp_path / "log", 1, (0.1, 0.2))


def test_kill_in_the_middle_loses_nothing_acknowledged(tmp_path: Path) -> None:
    """A rehearsal killed half-way leaves a log that verifies and holds every event that was acknowledged."""
    command = [
        *(sys.executable, "-m", "trialwright", "rehearse", str(PROTOCOLS / "NCT05962762.yaml")),
        *("--seed", "7", "--speed", "200", "--follow", "--out", str(tmp_path)),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        acknowledged = [process.stdout.readline() for _ in range(40)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += process.stdout.readlines()

    head = verify(tmp_path / "trial.db")["open"]
    with Trial.open(tmp_path / "trial.db") as trial:
        events = trial.events()

    complete = [line for line in acknowledged if line.endswith("\n")]
    assert head.sequence >= int(complete[-1].split()[0]) >= 40
    for line in complete:
        sequence, at, kind, by = line.split()
        event = events[int(sequence) - 1]
        assert (event.type, event.by, f"{event.at:%Y-%m-%dT%H:%M:%SZ}") == (kind, by, at)
