"""The one open trial of this process, shared by the server's threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Any

from django.conf import settings

from trialwright.access import AccessEntry
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


def note(kind: type[AccessEntry], **fields: Any) -> None:
    """Append an entry about access to the log of the trial."""
    with the_trial() as trial:
        trial.note(kind, **fields)


def is_training() -> bool:
    """Whether the trial is made up: its log says so, or the workspace does."""
    with the_trial() as trial:
        return trial.training or (settings.WORKSPACE / "REHEARSAL").exists()


def shows_codes() -> bool:
    """Whether codes of devices stand on the page: in a log that was for training from its first entry on."""
    with the_trial() as trial:
        return trial.training
