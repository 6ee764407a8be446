"""Designs side by side under each truth, as a table and as plain data, and in calendar time where it was simulated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any

from trialwright.analysis.calendar_time import assumed, calendar_data
from trialwright.analysis.characteristics import characteristics_data
from trialwright.analysis.table import Column, Table, Value
from trialwright.clinical.item import Missing
from trialwright.design import BOIN12, CalendarCharacteristics, Design, OperatingCharacteristics

Timed = Sequence[Sequence[CalendarCharacteristics]]
"""For each design, what it does in calendar time under each truth."""


def comparison(
    labels: Sequence[str], results: Sequence[Sequence[OperatingCharacteristics]], timed: Timed | None = None
) -> Table:
    """Designs side by side under each truth.

    Args:
        labels: A name for each design.
        results: For each design, its operating characteristics under each truth, in the same order.
        timed: The same in calendar time, where it was simulated.
    """
    seeks_optimal = any(oc.optimal is not None for found in results for oc in found)
    rows = []
    for scenario in range(len(results[0])):
        for place, label in enumerate(labels):
            oc = results[place][scenario]
            optimal = (_or_missing(oc.selection_optimal, "looks for the MTD"),) if seeks_optimal else ()
            rows.append((*_judged(label, oc), *optimal, *(_days(timed[place][scenario]) if timed else ())))
    columns = (*_JUDGED, *(_OPTIMAL if seeks_optimal else ()), *(_DAYS if timed else ()))
    notes = (_method(results, timed), *_assumptions(labels, timed or ()))
    return Table(title="Designs compared", columns=columns, rows=tuple(rows), notes=notes)


_JUDGED = (
    Column(name="True DLT rates"),
    Column(name="Design"),
    Column(name="Closest to target", format="percent"),
    Column(name="Above target", format="percent"),
    Column(name="No level", format="percent"),
    Column(name="Subjects", format="decimal"),
    Column(name="DLTs", format="decimal"),
    Column(name="Subjects above target", format="percent"),
)
_OPTIMAL = (Column(name="Optimal dose", format="percent"),)
_DAYS = (
    Column(name="Days", format="decimal"),
    Column(name="Error of days", format="decimal"),
    Column(name="5% of trials within", format="decimal"),
    Column(name="95% within", format="decimal"),
    Column(name="Screened", format="decimal"),
)


def _judged(label: str, oc: OperatingCharacteristics) -> tuple[Value, ...]:
    return (
        ", ".join(f"{rate:g}" for rate in oc.truth),
        label,
        _or_missing(oc.correct),
        _or_missing(oc.selection_overdose),
        oc.selection_none,
        oc.mean_size,
        sum(oc.mean_dlts),
        _or_missing(oc.patients_overdose),
    )


def _days(found: CalendarCharacteristics) -> tuple[Value, ...]:
    days = found.duration
    return days.mean, days.standard_error, days.quantiles[0], days.quantiles[-1], found.screened.mean


def _assumptions(labels: Sequence[str], timed: Timed) -> Iterator[str]:
    """What was assumed, for designs with the same assumptions at once."""
    said: dict[str, list[str]] = {}
    for label, found in zip(labels, timed, strict=False):
        said.setdefault(assumed(found[0].calendar), []).append(label)
    for words, alike in said.items():
        whom = "" if len(said) == 1 else f" of {', '.join(alike)}"
        yield f"Assumed{whom}: {words}."


def comparison_data(
    labels: Sequence[str],
    designs: Sequence[Design | BOIN12],
    results: Sequence[Sequence[OperatingCharacteristics]],
    timed: Timed | None = None,
) -> dict[str, Any]:
    """Designs side by side as plain data, under the schema name trialwright.compare/1."""
    shown = []
    for place, (label, design) in enumerate(zip(labels, designs, strict=True)):
        doses = [f"level {level}" for level in range(1, design.levels + 1)]
        scenarios = [characteristics_data(oc, design, doses) for oc in results[place]]
        if timed:
            scenarios = [
                calendar_data(found, doses) | scenario for found, scenario in zip(timed[place], scenarios, strict=True)
            ]
        shown.append({"label": label, "scenarios": scenarios})
    return {"schema": "trialwright.compare/1", "designs": shown}


def _or_missing(value: float | None, why: str = "no target DLT rate") -> float | Missing:
    return Missing(why) if value is None else value


def _method(results: Sequence[Sequence[OperatingCharacteristics]], timed: Timed | None) -> str:
    simulated = {oc.trials for found in results for oc in found if oc.trials is not None}
    if not simulated:
        return "Exact: no Monte Carlo error."
    drawn_apart = timed or any(oc.optimal is not None for found in results for oc in found)
    same = "" if drawn_apart else ", the same subjects for every design"
    trials = max(simulated)
    error = f"the Monte Carlo standard error of a chance of selection is {0.5 / sqrt(trials):.2%} at most"
    where = "" if timed else " where not exact"
    return f"Simulated{where}, {trials:,} trials each{same}; {error}."
