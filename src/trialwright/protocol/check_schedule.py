"""Checks of the schedule: when each visit is, and what it collects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from trialwright.protocol.check_conditions import days
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
    placed = sorted(enumerate(study.schedule), key=lambda pair: (pair[1].anchor, pair[1].day))
    for (_, early), (place, late) in pairwise(placed):
        if early.anchor == late.anchor and early.last_day >= late.first_day:
            yield Fault(
                ("schedule", place),
                f"the window of {late.visit} (day {late.day}) overlaps that of {early.visit} (day {early.day})",
                "a visit on a shared day would belong to either",
                "narrow a window or move a day",
            )


@check("schedule.empty")
def visits_have_something_to_do(study: Study) -> Iterator[Fault]:
    """Every visit collects or gives something."""
    for place, visit in enumerate(study.schedule):
        if not visit.collect and not visit.gives:
            yield Fault(
                ("schedule", place),
                f"visit {visit.visit} neither collects nor gives anything",
                "a subject would come for nothing",
                "add 'collect:' or 'gives:', or remove the visit",
                "warning",
            )


@check("schedule.anchor")
def visits_hang_on_known_days(study: Study) -> Iterator[Fault]:
    """Every visit hangs on a day that the trial has."""
    known = days(study)
    for place, visit in enumerate(study.schedule):
        if visit.anchor not in known:
            yield Fault(
                ("schedule", place, "anchor"),
                f"visit {visit.visit} counts from '{visit.anchor}', a day that this trial does not have",
                "nobody could tell when the visit is due",
                f"write one of {', '.join(known)}, or add a visit at its day 0",
            )


@check("schedule.order")
def visits_stand_in_order(study: Study) -> Iterator[Fault]:
    """Visits on the same anchor stand in the order of their days."""
    for anchor in dict.fromkeys(visit.anchor for visit in study.schedule):
        placed = [(place, visit) for place, visit in enumerate(study.schedule) if visit.anchor == anchor]
        for (_, early), (place, late) in pairwise(placed):
            if late.day < early.day:
                yield Fault(
                    ("schedule", place),
                    f"{late.visit} (day {late.day}) stands after {early.visit} (day {early.day})",
                    "a reader takes the order of the file for the order of the visits; the day may be a slip",
                    "correct the day, or order the visits by their day",
                    "warning",
                )


@check("schedule.window")
def windows_stay_on_their_side_of_day_0(study: Study) -> Iterator[Fault]:
    """No window of a visit after day 0 reaches back to day 0 or before."""
    for place, visit in enumerate(study.schedule):
        if visit.day > 0 and visit.first_day <= 0:
            yield Fault(
                ("schedule", place, "window"),
                f"the window of {visit.visit} (day {visit.day}, {visit.window} days on both sides) begins on day "
                f"{visit.first_day}",
                "the visit could be made before what it follows",
                f"write a window of at most {visit.day - 1} days",
            )
