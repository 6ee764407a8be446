"""The one open trial of this process, shared by the server's threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import RLock
from typing import Any

from django.conf import settings

from trialwright.access import AccessEntry
from trialwright.conduct import Secret
from trialwright.errors import StoreError
from trialwright.trial import Trial, read_secret

_LOCK = RLock()
_OPEN: dict[str, Trial] = {}


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
    log = the_log()
    with _LOCK:
        if log not in _OPEN:
            _OPEN[log] = Trial.open(log, clock=_time, secret=the_secret())
        try:
            yield _OPEN[log]
        except StoreError:
            _OPEN.pop(log).close()
            raise


def the_log() -> str:
    """Where the workspace's log is: what the settings name, or `trial.db` in the folder."""
    return settings.LOG or str(settings.WORKSPACE / "trial.db")


def the_secret() -> Secret | None:
    """The sealed side of the workspace's trial: the file that the settings name, or `sealed.json` in the folder."""
    return read_secret(settings.WORKSPACE / "trial.db", settings.SEALED)


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
