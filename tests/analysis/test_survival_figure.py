"""Efficacy in the report: the responses of a protocol, and its times to an event, from the record of each subject."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conductor import PROTOCOLS
from trialwright.analysis.response_rates import response_rates
from trialwright.analysis.survival_figure import survival_endpoints, time_to
from trialwright.cli.rehearsing import begin, planned_rates
from trialwright.clinical.item import Missing
from trialwright.conduct import View
from trialwright.conduct.data_state import DataPoint
from trialwright.protocol.schedule import Endpoint
from trialwright.rehearse import Rehearsal, VirtualClock

START = date(2026, 1, 5)
OS = Endpoint(name="Overall survival", of="time to event", item="death", within="100 days", assumed="a test")
PFS = OS.model_copy(update={"name": "Progression-free survival", "item": "progression"})


def point(day: int, happened: int | None = None, item: str = "progression", missing: str | None = None) -> DataPoint:
    """What a visit found on a day from the start: the event, on its own day, or that it had not happened."""
    value = () if happened is None else ({"on": (START + timedelta(days=happened)).isoformat(), "value": True},)
    told = {"by": "nurse", "at": datetime(2026, 1, 5, tzinfo=UTC), "sequence": 1}
    on = START + timedelta(days=day)
    return DataPoint(item=item, on=on, value=None if missing else value, missing=missing, **told)


def subject(*points: DataPoint, left: str | None = None, on: int = 0) -> SimpleNamespace:
    """A treated subject with what its visits found, and how it left."""
    found = {str(place): {one.item: one} for place, one in enumerate(points)}
    gone = left and SimpleNamespace(term=left, occurred_on=START + timedelta(days=on))
    return SimpleNamespace(treated_on=START, data=SimpleNamespace(points=found, plan=()), disposition=gone, id="S001")


@pytest.mark.parametrize(
    ("endpoint", "one", "days", "event"),
    [
        (PFS, subject(point(30), point(60, happened=41)), 41, 1),
        (PFS, subject(point(30), point(60)), 60, 0),
        (PFS, subject(point(30), point(60, missing="not done")), 30, 0),
        (PFS, subject(point(30), point(120, happened=110)), 100, 0),
        (PFS, subject(), 0, 0),
        (PFS, subject(point(30), left="death", on=50), 30, 0),
        (OS, subject(point(30), left="death", on=50), 50, 1),
        (OS, subject(point(60, happened=41, item="death")), 41, 1),
        (OS, subject(point(30), left="lost to follow-up", on=45), 45, 0),
        (OS, subject(point(30), left="death", on=120), 100, 0),
    ],
)
def test_a_time_ends_with_the_event_or_where_the_record_ends(
    endpoint: Endpoint, one: SimpleNamespace, days: int, event: int
) -> None:
    """An event counts on its own day, up to the endpoint's end; without it the last visit that asked ends it."""
    found = time_to(endpoint, one, START + timedelta(days=365))

    assert not isinstance(found, Missing)
    assert (found.days, found.event) == (days, event)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> View:
    """A small rehearsal of the trial with a response and two times to an event, as its sponsor sees it at the end."""
    text, clock = (PROTOCOLS / "NCT05794425.yaml").read_text(), VirtualClock()
    place: Path = tmp_path_factory.mktemp("efficacy") / "trial.db"
    with begin(text, place, 2, clock) as trial:
        Rehearsal(trial.study, planned_rates(trial.study), 2, trial, clock, 2).run()
        return trial.view(trial.sponsor)


def test_the_report_has_every_efficacy_endpoint_of_the_protocol(seen: View) -> None:
    """The response rate counts each treated subject once; each time to an event has its estimates and its curve."""
    (response,) = response_rates(seen)
    (pfs, pfs_curve), (overall, _) = survival_endpoints(seen)
    _, treated, responders, none, still, rate, interval = response.rows[0]

    assert (response.title, pfs.title, overall.title) == (
        "Objective response",
        "Progression-free survival",
        "Overall survival",
    )
    assert treated == responders + none + still == 2
    assert rate == responders / treated
    assert interval.low <= rate <= interval.high
    assert [row[4] for row in pfs.rows] == [365, 730]
    assert "<svg" in pfs_curve.svg()
    assert pfs_curve.table.rows[0][2] == 2, "all are at risk at the first step"
