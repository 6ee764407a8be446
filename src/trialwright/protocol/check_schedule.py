"""Checks of the schedule and the endpoints: what is collected when, and for what."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import Study


@check("schedule.item")
def visits_collect_known_items(study: Study) -> Iterator[Fault]:
    """Every item that a visit collects is defined."""
    known = {item.name for item in study.items}
    for place, visit in enumerate(study.schedule):
        for name in visit.collect:
            if name not in known:
                yield Fault(
                    ("schedule", place, "collect"),
                    f"visit {visit.visit} collects '{name}', which is not among the items",
                    "nobody could enter it",
                    f"define '{name}' under items, or correct the name",
                )


@check("schedule.overlap")
def visit_windows_do_not_overlap(study: Study) -> Iterator[Fault]:
    """No day belongs to the windows of two visits."""
    placed = sorted(enumerate(study.schedule), key=lambda pair: pair[1].day)
    for (_, early), (place, late) in pairwise(placed):
        if early.anchor == late.anchor and early.last_day >= late.first_day:
            yield Fault(
                ("schedule", place),
                f"the window of {late.visit} (day {late.day}) overlaps that of {early.visit} (day {early.day})",
                "a visit on a shared day would belong to either",
                "narrow a window or move a day",
            )


@check("endpoint.item")
def endpoint_items_are_collected(study: Study) -> Iterator[Fault]:
    """An endpoint of an item is collected at a visit within its time."""
    for rank in ("primary", "secondary"):
        for place, endpoint in enumerate(getattr(study.endpoints, rank)):
            if endpoint.of != "item":
                continue
            visits = [v for v in study.schedule if endpoint.item in v.collect and 0 < v.day <= endpoint.within]
            if not visits:
                yield Fault(
                    ("endpoints", rank, place),
                    f"'{endpoint.name}' needs '{endpoint.item}', which no visit up to day {endpoint.within} collects",
                    "the endpoint would be missing in every subject",
                    "collect the item at a visit in that time, or correct the endpoint",
                )


@check("endpoint.dlt")
def dlt_endpoint_keeps_the_window(study: Study) -> Iterator[Fault]:
    """The DLT endpoint looks as long as the DLT window is open."""
    if study.dose_escalation is None:
        return
    window = study.dose_escalation.dlt_window.days
    for place, endpoint in enumerate(study.endpoints.primary):
        if endpoint.of == "dlt" and endpoint.within != window:
            yield Fault(
                ("endpoints", "primary", place, "within"),
                f"'{endpoint.name}' counts {endpoint.within} days; the DLT window has {window}",
                "the report would count other DLTs than the dose decisions",
                f"write {window} days in both places",
            )
