"""The times to an event of the protocol, such as progression-free and overall survival: curves by Kaplan and Meier."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from trialwright.analysis.endpoints import groups_of, of_site
from trialwright.analysis.figure import GREY, INK, OKABE_ITO, Figure, Spec, styled, values
from trialwright.analysis.response_rates import counted_note
from trialwright.analysis.survival import Step, kaplan_meier, survival_curve
from trialwright.analysis.table import Column, Interval, Table, Value
from trialwright.analysis.time_to_event import Duration, time_to_event_pfs_os
from trialwright.clinical.item import Missing
from trialwright.conduct import View
from trialwright.conduct.data_state import DEATH, DataPoint
from trialwright.conduct.views import SubjectView
from trialwright.protocol.schedule import Endpoint

_YEAR = 365
_METHOD_NOTE = (
    "Kaplan-Meier; limits by the log of the survival and Greenwood's variance, the default of R's survfit. Days count "
    "from the first study treatment, which is on day 0."
)
_ALIVE_NOTE = "Whoever is not known to have died is censored on the last day that the record knows of them."
_ASSESSED_NOTE = "Without the event a subject is censored at the last visit at which it was asked for."

_TOO_SHORT, _NO_LIMITS = Missing("nobody was followed so long"), Missing("cannot be told")

Group = tuple[str, list[Duration]]
"""A curve: its name, and the times of its subjects."""


def survival_endpoints(view: View) -> tuple[tuple[Table, Figure], ...]:
    """Tabulate each time-to-event endpoint and draw its Kaplan-Meier curves, in the order of the protocol.

    Args:
        view: What the reader may see; arms have curves of their own once everybody's is seen.
    """
    ranked = (*view.study.endpoints.primary, *view.study.endpoints.secondary)
    return tuple(_survival_endpoint(view, endpoint) for endpoint in ranked if endpoint.of == "time to event")


def time_to(endpoint: Endpoint, subject: SubjectView, today: date) -> Duration | Missing:
    """How long a treated subject went without the event of an endpoint, up to a day or the endpoint's end.

    Death ends overall survival, by its item or by how the subject left. Any other event is the one that its item dates,
    and without one the subject is followed to the last visit at which it was asked for.
    """
    start = subject.treated_on
    if start is None:
        return Missing("not treated")
    told = [point for points in subject.data.points.values() if (point := points.get(endpoint.item or ""))]
    days = [day for point in told for day in _days(point) if day >= start]
    asked = [point.on for point in told if point.value is not None and point.on >= start]
    span: dict[str, Any] = {
        "start_date": start,
        "data_cutoff": max(start, min(start + timedelta(days=endpoint.within), today)),
        "day_convention": "difference",
    }
    if endpoint.item == DEATH:
        died = min((*days, *_died(subject)), default=None)
        return time_to_event_pfs_os(
            endpoint="OS", death_date=died, last_known_alive_date=max((start, *_known(subject, start))), **span
        )
    return time_to_event_pfs_os(
        endpoint="PFS",
        progression_date=min(days, default=None),
        last_adequate_assessment_date=max(asked, default=None),
        **span,
    )


def _days(point: DataPoint) -> Iterator[date]:
    """On which days a data point says that something happened."""
    for one in point.value or ():
        if one.get("value") is True:
            yield date.fromisoformat(str(one["on"])) if "on" in one else point.on


def _died(subject: SubjectView) -> tuple[date, ...]:
    left = subject.disposition
    return (left.occurred_on,) if left and left.term == "death" else ()


def _known(subject: SubjectView, start: date) -> Iterator[date]:
    """Days from the first treatment on that the record knows of a subject."""
    left = subject.disposition
    found = [point.on for points in subject.data.points.values() for point in points.values()]
    found += [one.held_on for one in subject.data.plan if one.held_on]
    found += [left.occurred_on] if left and left.term != "death" else []
    return (day for day in found if day >= start)


def _survival_endpoint(view: View, endpoint: Endpoint) -> tuple[Table, Figure]:
    treated = tuple(subject for subject in view.subjects if subject.treated_at)
    found = {subject.id: time_to(endpoint, subject, view.today) for subject in treated}
    named = groups_of(view, treated) or (("All subjects", frozenset(found)),)
    groups = [
        (name, [one for key in sorted(there) if isinstance(one := found[key], Duration)]) for name, there in named
    ]
    said = "; ".join(f"{name}, {_events(there)} events in {len(there)} subjects" for name, there in groups)
    title = f"{endpoint.name}{of_site(view)}"
    figure = Figure(
        title=f"{title}, Kaplan-Meier curve{'s' if named[1:] else ''}",
        spec=_spec(endpoint, groups),
        alt=f"Kaplan-Meier curves of {endpoint.name} over {endpoint.within} days: {said}.",
        table=_steps(title, groups),
    )
    notes = [_METHOD_NOTE, _ALIVE_NOTE if endpoint.item == DEATH else _ASSESSED_NOTE, counted_note(view, endpoint)]
    if unrecorded := _unrecorded(endpoint, treated, found):
        notes.append(f"Died, without the event's being taken down, and censored before: {', '.join(unrecorded)}.")
    return _estimates(title, endpoint, groups, tuple(notes)), figure


def _events(there: Sequence[Duration]) -> int:
    return sum(one.event for one in there)


def _unrecorded(
    endpoint: Endpoint, treated: Sequence[SubjectView], found: Mapping[str, Duration | Missing]
) -> list[str]:
    """Whoever has died and is censored all the same, as no visit took the event down."""
    if endpoint.item == DEATH:
        return []
    dead = (one.id for one in treated if _died(one))
    return [key for key in dead if isinstance(told := found[key], Duration) and not told.event]


def _estimates(title: str, endpoint: Endpoint, groups: Sequence[Group], notes: tuple[str, ...]) -> Table:
    columns = (
        Column(name="Group"),
        Column(name="Subjects", format="count"),
        Column(name="With the event", format="count"),
        Column(name="Median, days (95% interval)"),
        Column(name="Day", format="count"),
        Column(name="At risk", format="count"),
        Column(name="Without the event", format="percent"),
        Column(name="95% interval", format="interval"),
    )
    asked = [*range(_YEAR, endpoint.within + 1, _YEAR)] or [endpoint.within]
    rows = tuple((name, *row) for name, there in groups for row in _rows(there, asked))
    return Table(title=title, columns=columns, rows=rows, notes=notes)


def _rows(there: Sequence[Duration], asked: Sequence[int]) -> Iterator[tuple[Value, ...]]:
    times, events = [Decimal(one.days) for one in there], [one.event for one in there]
    found = kaplan_meier(times=times, events=events, evaluate_at=[Decimal(day) for day in asked])
    if isinstance(found, Missing):
        yield (0, 0, found, asked[0], 0, found, found)
        return
    log = found["log"]
    limits = f"{_day(log['median_lower95'])} to {_day(log['median_upper95'])}"
    median = f"{_day(log['median'])} ({limits})" if log["median"] is not None else "not reached"
    told = zip(asked, *(log[name] for name in ("n_at_risk", "survival", "lower95", "upper95")), strict=True)
    for day, at_risk, survival, low, high in told:
        rate = _TOO_SHORT if survival is None else survival
        interval = _TOO_SHORT if survival is None else _NO_LIMITS if low is None else Interval(low, high)
        yield (len(there), _events(there), median, day, at_risk, rate, interval)


def _steps(title: str, groups: Sequence[Group]) -> Table:
    """The numbers behind the curves: a row at each day on which somebody had the event or was censored."""
    columns = (
        Column(name="Group"),
        Column(name="Day", format="count"),
        Column(name="At risk", format="count"),
        Column(name="Without the event after it", format="percent"),
    )
    rows = tuple((name, int(one.time), one.at_risk, one.survival) for name, there in groups for one in _curve(there))
    return Table(title=f"{title}: every step", columns=columns, rows=rows, empty="Nobody was treated yet.")


def _curve(there: Sequence[Duration]) -> tuple[Step, ...]:
    return survival_curve([Decimal(one.days) for one in there], [one.event for one in there])


def _day(value: float | None) -> str:
    return "not reached" if value is None else f"{value:g}"


def _spec(endpoint: Endpoint, groups: Sequence[Group]) -> Spec:
    steps, marks = [], []
    for name, there in groups:
        heights = {0.0: 1.0, **{step.time: step.survival for step in _curve(there)}}
        steps += [{"group": name, "day": day, "survival": height} for day, height in heights.items()]
        censored = sorted({float(one.days) for one in there if not one.event})
        marks += [{"group": name, "day": day, "survival": heights[day]} for day in censored]
    names = [name for name, _ in groups]
    days = {"domain": [0, endpoint.within], "nice": False}
    x_axis = {"title": "Days since the first study treatment", "grid": False}
    x = {"field": "day", "type": "quantitative", "axis": x_axis, "scale": days}
    y_axis = {"title": "Without the event", "format": "%", "values": [0, 0.25, 0.5, 0.75, 1]}
    y = {"field": "survival", "type": "quantitative", "axis": y_axis, "scale": {"domain": [0, 1]}}
    group = {"field": "group", "type": "nominal", "legend": {"title": None, "orient": "top"} if names[1:] else None}
    colour = {**group, "scale": {"domain": names, "range": list(OKABE_ITO[: len(names)])}}
    line = {
        "data": values(steps),
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {"x": x, "y": y, "color": colour, "strokeDash": {**group, "scale": {"domain": names}}},
    }
    ticks = {
        "data": values(marks),
        "mark": {"type": "tick", "orient": "vertical", "size": 9, "thickness": 1.2, "color": INK},
        "encoding": {"x": x, "y": y},
    }
    note = {
        "data": values([{"text": "A stroke across a curve is a censored subject."}]),
        "mark": {"type": "text", "x": 6, "y": 252, "align": "left", "color": GREY},
        "encoding": {"text": {"field": "text"}},
    }
    return styled(560, 260, layer=[line, ticks, note])
