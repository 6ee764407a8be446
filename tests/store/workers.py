"""What the tests run in several processes at once."""

import multiprocessing
from collections.abc import Callable

from trialwright.errors import ConflictError
from trialwright.store import open_log


def run_at_once(work: Callable, location: str) -> list[int | None]:
    """Run a piece of work in processes `a`, `b` and `c` at the same moment; gives how they left."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(3, timeout=60)
    processes = [context.Process(target=work, args=(location, name, barrier)) for name in "abc"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def append_fifty(location, name, barrier):
    """Append 50 entries, each after whatever the end is then."""
    with open_log(location) as log:
        barrier.wait()
        for number in range(50):
            while not append_one(log, f"{name} {number}".encode()):
                continue


def append_one(log, body) -> bool:
    """Append an entry, unless somebody else is first."""
    try:
        log.append("open", log.head("open").sequence, [body])
    except ConflictError:
        return False
    return True


def make(location, name, barrier):
    """Make a log, and append an entry to a stream of one's own."""
    barrier.wait()
    with open_log(location, create=True) as log:
        log.append(name, 0, [b"one"])


def make_fifty(folder, name, barrier):
    """Make fifty logs in a folder, each at the same moment as the others do."""
    for number in range(50):
        make(f"{folder}/{number}.db", name, barrier)
