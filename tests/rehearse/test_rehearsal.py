"""A rehearsal is a whole trial: reproducible, lawful, and safe against being killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conductor import PROTOCOLS, STUDY, TEXT
from trialwright.__main__ import _rehearse_until_now
from trialwright.cli.rehearsing import begin, planned_rates
from trialwright.conduct import State
from trialwright.conduct.events import CommandRefused
from trialwright.conduct.known import known
from trialwright.design import Outcomes
from trialwright.errors import InputError
from trialwright.protocol.criteria import Truth
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock
from trialwright.trial import Trial, now, read_secret, verify

TRUTH = (0.05, 0.12, 0.30)
FIVE = sorted(path.stem for path in PROTOCOLS.glob("NCT*.yaml"))
FEW = 6


def rehearse_any(name: str, folder: Path, seed: int = 3, subjects: int = FEW) -> tuple[State, Path]:
    """Rehearse any protocol with few subjects; gives the state at the end, and the log."""
    clock = VirtualClock()
    text = (PROTOCOLS / f"{name}.yaml").read_text()
    with begin(text, folder / "trial.db", seed, clock) as trial:
        rehearsal = Rehearsal(trial.study, planned_rates(trial.study), seed, trial, clock, subjects)
        return rehearsal.run(), folder / "trial.db"


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


@pytest.mark.parametrize("name", FIVE)
def test_every_trial_is_rehearsed_whole(name: str, tmp_path: Path) -> None:
    """Any of the five runs to its end without a refusal: all enrolled are treated and leave, the log verifies."""
    state, log = rehearse_any(name, tmp_path)

    assert state.locked
    assert sum(one.enrolled for one in state.subjects.values()) >= FEW
    assert all(one.disposition for one in state.subjects.values())
    with Trial.open(log, secret=read_secret(log)) as trial:
        assert not [event for event in trial.events() if isinstance(event, CommandRefused)]
        page = trial.report()
        assert trial.study.title in page
        assert ("Dose level" in page) == (trial.study.dose_escalation is not None)
        for one in trial.view(SPONSOR).subjects:
            gone = {"missed", "no longer due", "due", "overdue"} if one.disposition else set()
            assert all(not visit.outstanding for visit in one.data.plan if visit.status not in gone)
    verify(log, read_secret(log))


@pytest.mark.parametrize("name", FIVE)
def test_same_seed_same_bytes_in_every_trial(name: str, tmp_path: Path) -> None:
    """The same seed gives the same open log byte for byte, in every trial."""
    heads = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        _, log = rehearse_any(name, tmp_path / folder, seed=5, subjects=2)
        heads.append(verify(log)["open"])

    assert heads[0] == heads[1]


def test_the_demo_of_a_randomised_trial_stops_half_way(tmp_path: Path) -> None:
    """A demo has subjects who were treated and seen again, up to a moment just past, and its trial goes on."""
    _rehearse_until_now(PROTOCOLS / "NCT03828344.yaml", tmp_path / "demo" / "trial.db")

    log = tmp_path / "demo" / "trial.db"
    with Trial.open(log, secret=read_secret(log)) as trial:
        assert not trial.state.locked
        assert trial.state.randomised
        assert timedelta(0) < now() - trial.state.last_at < timedelta(days=2)


def test_true_response_rates_come_out(tmp_path: Path) -> None:
    """Where everybody responds who is treated, everybody followed to the endpoint is a responder, and else nobody."""
    text = (PROTOCOLS / "NCT03828344.yaml").read_text()
    for rate in (0.0, 1.0):
        clock = VirtualClock()
        with begin(text, tmp_path / str(rate) / "trial.db", 2, clock) as trial:
            state = Rehearsal(trial.study, (rate, rate), 2, trial, clock, 4).run()
            endpoint = next(one for one in trial.study.endpoints.secondary if one.response)
            found = [
                endpoint.response.evaluate(known(trial.study, one)).truth
                for one in state.subjects.values()
                if (week_12 := one.visits.get("week_12")) and week_12.on
            ]
        assert found
        assert set(found) <= {Truth.TRUE if rate else Truth.FALSE, Truth.UNKNOWN}


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
