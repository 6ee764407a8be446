"""Work on a Dask cluster: the one place that knows of it.

What is simulated is cut into pieces whose random streams depend on the seed and the piece alone, so a cluster gives the
same numbers as this machine, and a piece that is lost with its worker is done again by another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from trialwright.design.blocks import Map
from trialwright.errors import InputError

T = TypeVar("T")

_PATIENCE_SECONDS = 10
_TRIES = 5
"""How often a piece is tried on workers that die under it before the work is given up."""


@contextmanager
def on_cluster(address: str) -> Iterator[Map]:
    """A `map` that runs each piece on the workers of a Dask scheduler.

    The workers need this version of Trialwright installed.

    Args:
        address: The scheduler's address, such as `tcp://127.0.0.1:8786`.

    Raises:
        InputError: Dask is not installed, or no scheduler answers at the address.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra that most people do not install
    except ImportError:
        raise InputError("a scheduler needs Dask, which is not installed: pip install 'trialwright[cluster]'") from None
    try:
        client = Client(address, timeout=_PATIENCE_SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as fault:
        raise InputError(
            f"no Dask scheduler answers at {address} ({fault}); start one with `dask scheduler` and "
            f"`dask worker {address}`, or correct the address"
        ) from None

    def run(function: Callable[[Any], T], pieces: Iterable[Any], /) -> Iterator[T]:
        futures = client.map(function, list(pieces), pure=False, retries=_TRIES)
        for future in futures:
            yield future.result()

    with client:
        yield run
