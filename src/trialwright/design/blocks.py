"""Simulated trials in blocks of fixed size, each with a random stream of its own.

Trial i is the same trial however the work is split: its block's stream depends on the seed and the block's number alone
(the Philox generator of Salmon et al. 2011, keyed through numpy's SeedSequence), and what is added up over blocks are
whole numbers, so that the order of the blocks does not matter either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np

from trialwright.errors import InputError

BLOCK = 4096
"""Trials in a block."""

_JOBS = 64
"""Into how many pieces the blocks are cut at most; a piece is what a worker gets and what progress counts."""

T = TypeVar("T")


class Map(Protocol):
    """How pieces of work are run: the built-in `map`, a pool's, or that of a cluster."""

    def __call__(self, function: Callable[[Any], T], pieces: Iterable[Any], /) -> Iterable[T]:
        """Apply the function to every piece, in any order of work and the given order of results."""


Block = Callable[[int, np.random.Generator], T]
"""What is done for one block: given its number of trials and its random stream."""


def run_blocks(
    block: Block[T],
    *,
    trials: int,
    seed: int,
    run: Map = map,
    progress: Callable[[int], None] | None = None,
) -> Iterator[T]:
    """Run every block and give their results in order.

    Args:
        block: What is done for one block; it must be picklable where `run` leaves the process.
        trials: How many trials in all.
        seed: The seed; the same seed gives the same trials.
        run: How the pieces are run.
        progress: Told the number of trials done after each piece.

    Raises:
        InputError: No trial, or a negative seed.

    Example:
        >>> def first_draw(trials, stream):
        ...     return trials, round(float(stream.random()), 3)
        >>> list(run_blocks(first_draw, trials=5000, seed=1))
        [(4096, 0.067), (904, 0.807)]
    """
    if trials < 1:
        raise InputError(f"{trials} trials; simulate at least 1")
    if seed < 0:
        raise InputError(f"seed {seed}; a seed is not negative")
    blocks = range(-(-trials // BLOCK))
    size = max(1, -(-len(blocks) // _JOBS))
    pieces = [blocks[low : low + size] for low in range(0, len(blocks), size)]
    done = 0
    for results in run(partial(_piece, block, trials, seed), pieces):
        yield from results
        done += len(results) * BLOCK
        if progress:
            progress(min(done, trials))


def _piece(block: Block[T], trials: int, seed: int, numbers: range) -> list[T]:
    return [block(min(BLOCK, trials - number * BLOCK), _stream(seed, number)) for number in numbers]


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, number))))
