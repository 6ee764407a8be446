"""The response endpoints of the protocol: how many of the treated have responded, with exact limits."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.analysis.endpoints import groups_of, of_site
from trialwright.analysis.intervals import clopper_pearson
from trialwright.analysis.table import Column, Table, Value
from trialwright.clinical.item import Missing
from trialwright.conduct import View
from trialwright.protocol.schedule import Endpoint

_INTERVAL_NOTE = "Intervals are exact (Clopper-Pearson)."
_OPEN_NOTE = "Whoever may still respond counts as not having responded: the rate can only rise."
_OPEN_LEFT_OUT_NOTE = "Whoever may still respond is in no rate."


def response_rates(view: View) -> tuple[Table, ...]:
    """Tabulate each response endpoint with its Clopper-Pearson 95% interval, in the order of the protocol.

    Args:
        view: What the reader may see; arms stand apart once everybody's is seen.
    """
    ranked = (*view.study.endpoints.primary, *view.study.endpoints.secondary)
    return tuple(_response_rate(view, endpoint) for endpoint in ranked if endpoint.of == "response")


def counted_note(view: View, endpoint: Endpoint) -> str:
    """Whom the report counts, beside whom the protocol does."""
    population = next((one for one in view.study.populations if one.name == endpoint.population), None)
    ours = "Counted is whoever received any study treatment."
    return f"{ours} The protocol's population is '{population.name}': {population.say}." if population else ours


def _response_rate(view: View, endpoint: Endpoint) -> Table:
    treated = tuple(subject for subject in view.subjects if subject.treated_at)
    found = {subject.id: subject.responded(endpoint) for subject in treated}
    groups = (*groups_of(view, treated), ("All subjects", frozenset(found)))
    open_too = endpoint.missing == "non-responder"
    columns = (
        Column(name="Group"),
        Column(name="Treated", format="count"),
        Column(name="Responders", format="count"),
        Column(name="No response", format="count"),
        Column(name="May still respond", format="count"),
        Column(name="Response rate", format="percent"),
        Column(name="95% interval", format="interval"),
    )
    notes = [_INTERVAL_NOTE, counted_note(view, endpoint)]
    if None in found.values():
        notes.append(_OPEN_NOTE if open_too else _OPEN_LEFT_OUT_NOTE)
    return Table(
        title=f"{endpoint.name}{of_site(view)}",
        columns=columns,
        rows=tuple((name, *_row([found[one] for one in there], open_too=open_too)) for name, there in groups),
        notes=tuple(notes),
    )


def _row(found: list[bool | None], *, open_too: bool) -> Iterator[Value]:
    responders, waiting = found.count(True), found.count(None)
    n = len(found) if open_too else len(found) - waiting
    yield from (len(found), responders, found.count(False), waiting)
    yield responders / n if n else Missing("nobody to count")
    yield clopper_pearson(responders, n)
