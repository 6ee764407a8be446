"""Processes that are killed amid appending: what was acknowledged is there afterwards, and nothing by half."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.conductor import TEXT
from tests.services import find_postgres, run_postgres
from trialwright.conduct.commands import GrantRole, OpenSite
from trialwright.store import open_log, verify
from trialwright.trial import Trial
from trialwright.trial import verify as verify_trial

APPENDS = 1_000
WRITER = Path(__file__).with_name("writer.py")


def start_writer(what: str, location: str) -> subprocess.Popen:
    """Run a process that appends and tells what was acknowledged."""
    return subprocess.Popen([sys.executable, WRITER, what, location], stdout=subprocess.PIPE, text=True)


def wait_for(writer: subprocess.Popen, acknowledgements: int) -> int:
    """Wait for so many acknowledgements; gives the last."""
    return [int(writer.stdout.readline()) for _ in range(acknowledgements)][-1]


def what_came(writer: subprocess.Popen, last: int) -> int:
    """Read the acknowledgements of a process that has ended to the last one."""
    with writer:
        return int(([last, *writer.stdout.read().split()])[-1])


def kill_after(writer: subprocess.Popen, acknowledgements: int, pause: float) -> int:
    """Kill the writer so many acknowledgements and seconds later; gives the last one that it sent."""
    last = wait_for(writer, acknowledgements)
    time.sleep(pause)
    writer.kill()
    return what_came(writer, last)


def points(seed: int) -> list[int]:
    """After which of 1,000 appends in all to kill, one after another: drawn anew for each seed."""
    ends = sorted(Random(seed).sample(range(1, APPENDS), 2))  # noqa: S311 - when to kill
    return [end - before for before, end in zip([0, *ends], ends, strict=False)]


def begin(location: str) -> None:
    """Begin a trial with an investigator."""
    with Trial.begin(location, TEXT, by="sponsor") as trial:
        trial.do(OpenSite, by="sponsor", site="01", name="Site 01")
        trial.do(GrantRole, by="sponsor", person="investigator", role="investigator", site="01")


def test_re_02_a_killed_writer_loses_nothing_that_was_acknowledged(place):
    """Kill -9 anywhere in 1,000 appends of two entries: what was acknowledged is there, and no append by half."""
    place.open(create=True).close()
    for kill, appends in enumerate(points(seed=6)):
        acknowledged = kill_after(start_writer("bytes", place.location), appends, kill * 0.003)
        with place.open() as log:
            end = log.head("open").sequence

            assert acknowledged <= end <= acknowledged + 2
            assert end % 2 == 0
            assert [entry.body for entry in log.read("open")] == [f"entry {n}".encode() * 40 for n in range(1, end + 1)]


def test_re_02_a_killed_writer_leaves_no_stream_without_the_other(place):
    """Kill -9 amid appends to both streams: every entry of one has its entry of the other."""
    place.open(create=True).close()
    for kill in range(4):
        acknowledged = kill_after(start_writer("streams", place.location), 20, kill * 0.003)
        with place.open() as log:
            ends = {stream: log.head(stream).sequence for stream in log.streams()}

            assert acknowledged <= ends["open"] == ends["sealed"] <= acknowledged + 1


def test_re_02_a_killed_trial_loses_nothing_that_was_acknowledged(place):
    """Kill -9 amid a trial: every command that was acknowledged is in the log, which verifies and goes on."""
    begin(place.location)
    for kill in range(3):
        acknowledged = kill_after(start_writer("trial", place.location), 10, kill * 0.003)
        end = verify_trial(place.location)["open"].sequence

        assert acknowledged <= end <= acknowledged + 1
        with Trial.open(place.location) as trial:
            assert trial.state.sequence == end


def kill_server(data: Path) -> None:
    """Kill a server's first process and all its children, and wait until none of them runs."""
    leader = (data / "postmaster.pid").read_text().split()[0]
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", leader], capture_output=True, text=True, check=True)
    processes = [leader, *children.stdout.split()]
    for process in processes:
        os.kill(int(process), signal.SIGKILL)
    while any(is_running(process) for process in processes):
        time.sleep(0.01)
    for lock in (data / "postmaster.pid", *data.parent.glob(".s.PGSQL.*.lock")):
        lock.unlink()  # a killed process that nobody has asked after would look alive to the next server


def is_running(process: str) -> bool:
    """Whether a process is there and not merely waiting to be asked after."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", process], capture_output=True, text=True, check=False).stdout
    return bool(state) and not state.startswith("Z")


def restart_server(programs: Path, data: Path) -> None:
    """Start a server again as it was started."""
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    options = (data / "postmaster.opts").read_text().replace('"', "").split(maxsplit=1)[1].strip()
    command = [programs / "pg_ctl", "start", "--wait", f"--pgdata={data}", f"--log={data.parent / 'log'}"]
    subprocess.run([*command, f"--options={options}"], **owner, cwd=data, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.slow
@pytest.mark.postgres
def test_re_02_a_killed_server_loses_nothing_that_was_acknowledged():
    """Kill -9 of PostgreSQL anywhere in 1,000 appends: after its restart every acknowledged entry is there."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("No PostgreSQL server on this machine. Install it (Debian: apt-get install postgresql).")
    with run_postgres(programs) as url:
        open_log(url, create=True).close()
        data = Path(url.partition("host=")[2]) / "data"
        for appends in points(seed=7):
            writer = start_writer("bytes", url)
            last = wait_for(writer, appends)
            kill_server(data)
            acknowledged = what_came(writer, last)
            restart_server(programs, data)
            with open_log(url) as log:
                end = verify(log)["open"].sequence

            assert acknowledged <= end <= acknowledged + 2
            assert end % 2 == 0
