"""How trials are simulated: how many, from which seed, and on which workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from trialwright.design.blocks import Map

Trials = Annotated[int | None, typer.Option(min=1, help="Simulate so many trials; without it the numbers are exact.")]
Seed = Annotated[int, typer.Option(min=0, help="The seed of a simulation; the same seed gives the same numbers.")]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Simulate on the workers of this Dask scheduler.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Trials to simulate.

    Attributes:
        trials: How many; None where nothing said so.
        seed: The seed.
        scheduler: The address of a Dask scheduler; this machine's cores where left out.
    """

    trials: int | None
    seed: int
    scheduler: str | None

    @contextmanager
    def under_way(self, trials: int) -> Iterator[dict[str, Any]]:
        """What every simulation takes, `trials`, `seed`, `run` and `progress`, while its workers and bar are there."""
        with _workers(self.scheduler) as run, _progress(trials) as progress:
            yield {"trials": trials, "seed": self.seed, "run": run, "progress": progress}


@contextmanager
def _workers(scheduler: str | None) -> Iterator[Map]:
    """Every core of this machine, or the workers of a cluster."""
    if scheduler is None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield pool.map
    else:
        from trialwright.cluster import on_cluster

        with on_cluster(scheduler) as run:
            yield run


@contextmanager
def _progress(trials: int) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal while trials are simulated; nothing where the output is no terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not os.isatty(2)) as bar:
        task = bar.add_task("simulating", total=trials)
        yield lambda done: bar.update(task, completed=done)
