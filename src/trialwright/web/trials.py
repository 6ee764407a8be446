"""The one open trial of this process, shared by the server's threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock

from django.conf import settings

from trialwright.errors import StoreError
from trialwright.trial import Trial, read_secret

_LOCK = RLock()
_OPEN: dict[Path, Trial] = {}


def _time() -> datetime:
    """The clock of the settings, whichever it is at the moment."""
    return settings.CLOCK()


@contextmanager
def the_trial() -> Iterator[Trial]:
    """The trial of the workspace, for this thread alone until the block ends.

    A trial reads on from where it stopped, so what other processes appended is seen at each use. One whose database
    failed is opened anew the next time.

    Raises:
        StoreError: The workspace holds no trial.
    """
    path = settings.WORKSPACE / "trial.db"
    with _LOCK:
        if path not in _OPEN:
            _OPEN[path] = Trial.open(path, clock=_time, secret=read_secret(path, settings.SEALED))
        try:
            yield _OPEN[path]
        except StoreError:
            _OPEN.pop(path).close()
            raise


def close_trials() -> None:
    """Let every log go."""
    with _LOCK:
        while _OPEN:
            _OPEN.popitem()[1].close()
