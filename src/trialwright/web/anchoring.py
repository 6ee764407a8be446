"""The server's own anchors: one at its start, and one a day while it runs, where the machine's owner names a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

from trialwright.conduct import Secret
from trialwright.errors import TrialwrightError
from trialwright.record import anchor

DAY_SECONDS = 24 * 60 * 60


def keep_anchoring(location: str | Path, file: Path, secret: Secret | None) -> None:
    """Anchor a log now, and every day in a thread that ends with the process.

    Raises:
        VerificationError: The log does not verify, or is not what was anchored: it is not served.
        InputError: The file is none of anchors, or cannot be written.
    """
    anchor(location, file, secret=secret)
    arguments = (lambda: anchor(location, file, secret=secret), Event().wait)
    Thread(target=repeat, args=arguments, daemon=True, name="anchors").start()


def repeat(work: Callable[[], object], wait: Callable[[float], bool]) -> None:
    """Do a day's work every day until `wait` says that it is over; what fails is said, and tried again the next day."""
    while not wait(DAY_SECONDS):
        try:
            work()
        except TrialwrightError as fault:
            print(f"trialwright: the daily anchor failed: {fault}", file=sys.stderr, flush=True)  # noqa: T201 - the server's log
