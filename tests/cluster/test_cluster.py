"""Simulation on a Dask cluster: the same numbers, whatever happens to the workers."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator

import pytest
from distributed import LocalCluster

from trialwright.cluster import on_cluster
from trialwright.design import (
    BOIN,
    BOIN12,
    TITEBOIN,
    Arrivals,
    BackfillBOIN,
    Calendar,
    Design,
    RollingSix,
    ThreePlusThree,
    joint_truth,
    simulate,
    simulate_calendar,
)
from trialwright.design.catalogue import make_design
from trialwright.errors import InputError

DESIGN, TRUTH = BOIN(levels=5, target=0.25), (0.05, 0.12, 0.25, 0.40, 0.55)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A scheduler and two worker processes on this machine."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs="CRITICAL"
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


CALENDAR = Calendar(window=28, arrivals=Arrivals(pattern="Poisson", days_apart=10), without_slot="kept")
JOINT = joint_truth(TRUTH, TRUTH, odds_ratio=1)
OBD = BOIN12(levels=5, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60, subjects=12)


def in_calendar_time(design: Design, response: tuple[float, ...] | None = None) -> Callable[..., str]:
    """What the simulation of a design in calendar time finds, trial for trial."""
    return lambda **how: simulate_calendar(design, TRUTH, CALENDAR, response=response, **how).trials.write_csv()


SIMULATIONS: dict[str, Callable[..., object]] = {
    "any design": lambda **how: simulate(DESIGN, TRUTH, **how),
    "3+3 in calendar time": in_calendar_time(ThreePlusThree(levels=5)),
    "rolling six": in_calendar_time(RollingSix(levels=5)),
    "TITE-CRM": in_calendar_time(make_design("TITE-CRM", {"levels": 5, "target": 0.25, "window": 28, "subjects": 6})),
    "TITE-BOIN": in_calendar_time(TITEBOIN(levels=5, target=0.25, window=28)),
    "BF-BOIN": in_calendar_time(BackfillBOIN(levels=5, target=0.25, window=28), TRUTH),
    "BOIN12": lambda **how: OBD.simulate(JOINT, **how),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SIMULATIONS)
def test_every_simulation_gives_the_same_on_workers(cluster: LocalCluster, name: str) -> None:
    """Every kind of simulation gives on two workers exactly what it gives on this machine."""
    with on_cluster(cluster.scheduler_address) as run:
        found = SIMULATIONS[name](trials=5000, seed=3, run=run)

    assert found == SIMULATIONS[name](trials=5000, seed=3)


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
