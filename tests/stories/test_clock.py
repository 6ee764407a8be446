"""The server's clock goes wrong: what was written stays in order."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conductor import TEXT
from trialwright.conduct import commands as cmd
from trialwright.errors import StoreError
from trialwright.trial import Trial

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_ti_04_a_clock_that_is_set_back_is_refused(tmp_path: Path) -> None:
    """A clock more than five seconds behind the last entry writes nothing, and the fault names both times."""
    clock = [NOON]
    with Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor", clock=lambda: clock[0]) as trial:
        before = trial.state.sequence
        clock[0] = NOON - timedelta(seconds=6)

        with pytest.raises(StoreError, match=r"11:59:54 UTC, before the last entry at .*12:00:00 UTC"):
            trial.do(cmd.OpenSite, by="sponsor", site="01", name="First site")

        assert trial.state.sequence == before


def test_ti_04_entries_never_go_back_in_time(tmp_path: Path) -> None:
    """A clock a little behind writes the time of the entry before, never an earlier one."""
    clock = [NOON]
    with Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor", clock=lambda: clock[0]) as trial:
        for behind in (3, 0, 5):
            clock[0] = NOON - timedelta(seconds=behind)
            trial.do(cmd.OpenSite, by="sponsor", site=f"{behind:02d}", name="A site")

        times = [event.at for event in trial.events()]

    assert times == sorted(times)
    assert times[-1] == NOON
