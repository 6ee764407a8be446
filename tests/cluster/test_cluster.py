"""Simulation on a Dask cluster: the same numbers, whatever happens to the workers."""

import os
import signal
from collections.abc import Iterable, Iterator

import pytest
from distributed import LocalCluster

from trialwright.cluster import on_cluster
from trialwright.design import BOIN, simulate
from trialwright.errors import InputError

DESIGN, TRUTH = BOIN(levels=5, target=0.25), (0.05, 0.12, 0.25, 0.40, 0.55)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A scheduler and two worker processes on this machine."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs="CRITICAL"
    ) as running:
        yield running


@pytest.mark.slow
def test_a_worker_killed_half_way_changes_nothing(cluster: LocalCluster) -> None:
    """A simulation on two workers, one of which is killed half-way, gives the numbers of this machine."""
    killed = []

    def kill_one_half_way(done: int) -> None:
        if not killed and done >= 100_000:
            killed.append(cluster.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    with on_cluster(cluster.scheduler_address) as run:
        found = simulate(DESIGN, TRUTH, trials=200_000, seed=11, run=run, progress=kill_one_half_way)

    assert killed
    assert found == simulate(DESIGN, TRUTH, trials=200_000, seed=11)


@pytest.mark.slow
def test_pieces_really_run_on_the_workers(cluster: LocalCluster) -> None:
    """Pieces of the work run in the worker processes, not in this one."""
    with on_cluster(cluster.scheduler_address) as run:
        processes: Iterable[int] = run(_process, range(20))

        assert os.getpid() not in set(processes)


def test_an_address_where_no_scheduler_answers() -> None:
    """An address without a scheduler is refused with the address and the mend."""
    with (
        pytest.raises(InputError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9 .*dask worker"),
        on_cluster("tcp://127.0.0.1:9"),
    ):
        pass


def _process(_piece: int) -> int:
    return os.getpid()
