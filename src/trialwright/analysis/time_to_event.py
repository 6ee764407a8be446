"""Progression-free and overall survival of one subject: how long, whether an event, and why it ends there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item

_DATES = (
    "start_date",
    "data_cutoff",
    "progression_date",
    "death_date",
    "last_adequate_assessment_date",
    "last_known_alive_date",
    "new_therapy_date",
)
_NEEDED = 2  # the first two of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Time from the start to an event or to censoring.

    Attributes:
        days: Days, by the convention that was asked for.
        event: 1 for an event, 0 for censoring.
        reason: What ends the time.
    """

    days: int
    event: int
    reason: str


@item("time_to_event_pfs_os")
def time_to_event_pfs_os(  # noqa: PLR0913 - an endpoint takes the dates that it is made of
    *,
    endpoint: str | None,
    start_date: date | str | None,
    data_cutoff: date | str | None,
    day_convention: str | None = "inclusive",
    progression_date: date | str | None = None,
    death_date: date | str | None = None,
    last_adequate_assessment_date: date | str | None = None,
    last_known_alive_date: date | str | None = None,
    new_therapy_date: date | str | None = None,
    new_therapy_rule: str | None = "censor",
) -> Duration | Missing:
    """Derive progression-free survival (PFS) or overall survival (OS) of a subject.

    PFS ends at the first of progression and death; else at the last adequate assessment up to the data cut-off, or on
    the first day where there is none. Under the rule `censor` a new therapy before the event ends it at the last
    adequate assessment up to that therapy. OS ends at death; else when the subject was last known alive, or at the
    cut-off if that came first. What happened after the cut-off has not happened. The rules of censoring, and that the
    first day is day 1, are choices; what a progression is, the protocol says.

    Args:
        endpoint: PFS or OS.
        start_date: First day: randomisation or first infusion.
        data_cutoff: Last day of the data.
        day_convention: `inclusive` counts the first day as day 1; `difference` counts it as day 0.
        progression_date: First documented progression.
        death_date: Death from any cause.
        last_adequate_assessment_date: Last adequate assessment of the disease.
        last_known_alive_date: Last day on which the subject was known to live.
        new_therapy_date: Start of another treatment of the disease.
        new_therapy_rule: `censor`, or `ignore` a new therapy.

    Returns:
        Days, event and reason; missing where the end of OS cannot be told.

    Raises:
        InputError: Naming every date that is none or lies before the start.

    Example:
        >>> time_to_event_pfs_os(endpoint="OS", start_date="2024-01-10", data_cutoff="2025-12-31",
        ...     death_date="2025-01-10")
        Duration(days=367, event=1, reason='death')

    Source: FDA 2018, Clinical Trial Endpoints for the Approval of Cancer Drugs and Biologics. Checked in
    tests/published/test_statistics.py.
    """
    read = Inputs()
    kind = read.needed_choice("endpoint", endpoint, ("PFS", "OS"))
    convention = read.needed_choice("day_convention", day_convention, ("inclusive", "difference"))
    rule = read.needed_choice("new_therapy_rule", new_therapy_rule, ("censor", "ignore"))
    given = (
        start_date,
        data_cutoff,
        progression_date,
        death_date,
        last_adequate_assessment_date,
        last_known_alive_date,
        new_therapy_date,
    )
    days = _days(read, given)
    if missing := read.missing():
        return missing
    start, cutoff, progression, death, assessed, alive, therapy = days
    if start is None or cutoff is None:
        return Missing("the start or the cut-off is not given")
    if kind == "OS":
        found = _overall(cutoff, death, alive)
    else:
        found = _progression_free(start, cutoff, progression, death, assessed, therapy if rule == "censor" else None)
    if isinstance(found, Missing):
        return found
    end, event, reason = found
    return Duration(days=(end - start).days + (convention == "inclusive"), event=event, reason=reason)


def _days(read: Inputs, given: tuple[Any, ...]) -> list[date | None]:
    days = [read.day(name, value) for name, value in zip(_DATES, given, strict=True)]
    read.gaps += [name for name, value in zip(_DATES[:_NEEDED], given[:_NEEDED], strict=True) if value is None]
    start = days[0]
    if start is not None:
        for name, day in zip(_DATES[1:], days[1:], strict=True):
            if day is not None and day < start:
                read.fault(f"{name} must not be before start_date {start}, got {day}")
    return days


def _progression_free(
    start: date,
    cutoff: date,
    progression: date | None,
    death: date | None,
    assessed: date | None,
    therapy: date | None,
) -> tuple[date, int, str]:
    events = [(day, why) for day, why in ((progression, "progression"), (death, "death")) if day and day <= cutoff]
    first, reason = min(events, key=lambda each: each[0]) if events else (None, "")
    treated_before = therapy is not None and therapy <= cutoff and (first is None or therapy < first)
    if first is not None and not treated_before:
        return first, 1, reason
    last = therapy if treated_before and therapy is not None else cutoff
    if assessed is None:
        return start, 0, "no_adequate_assessment"
    return min(assessed, last), 0, "new_therapy" if treated_before else "last_adequate_assessment"


def _overall(cutoff: date, death: date | None, alive: date | None) -> tuple[date, int, str] | Missing:
    if death is not None and death <= cutoff:
        return death, 1, "death"
    known = [day for day in (alive, death) if day is not None]  # who dies after the cut-off was alive at it
    if not known:
        return Missing("neither death_date nor last_known_alive_date is given")
    return min(max(known), cutoff), 0, "last_known_alive"
