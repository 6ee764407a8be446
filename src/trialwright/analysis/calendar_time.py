"""What to expect of a design in calendar time, as text, as plain data and as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from trialwright.analysis.characteristics import settings_data
from trialwright.analysis.figure import BLUE, INK, ORANGE, VERMILLION, Figure, Spec, styled, values
from trialwright.analysis.table import Column, Table
from trialwright.design import Calendar, CalendarCharacteristics
from trialwright.design.calendar_characteristics import QUANTILES, Measure

_BINS = 30
_WORDS = {
    "duration": "days to the last decision",
    "last_window": "days to the last window",
    "waited": "days that escalation waited",
    "screened": "screened",
    "treated": "treated",
    "not_evaluable": "not evaluable, replaced",
    "turned_away": "turned away",
    "dlts": "DLTs",
}


def calendar_text(found: CalendarCharacteristics, doses: Sequence[str]) -> str:
    """A line for each measure and each dose level, what was assumed, and what to expect in a sentence."""
    lines = [f"{'':<28}{'mean':>9}{'error':>8}{'sd':>8}" + "".join(f"{q:>8.0%}" for q in QUANTILES)]
    for name, mean, error, sd, *quantiles in found.to_frame().iter_rows():
        row = "".join(f"{value:>8.1f}" for value in (sd, *quantiles))
        lines.append(f"{_WORDS[name]:<28}{mean:>9.2f}{error:>8.2f}{row}")
    lines.append(f"\n{'dose':<32}{'true DLT rate':>14}{'selected':>10}{'error':>8}{'patients':>10}{'DLTs':>8}")
    levels = found.levels_frame().select("level", "truth", "selection", "selection_se", "patients", "dlts")
    for dose, (level, truth, chosen, error, patients, dlts) in zip(doses, levels.iter_rows(), strict=True):
        named = f"{level} {dose}"
        lines.append(f"{named:<32}{truth:>14.3f}{chosen:>10.2%}{error:>8.2%}{patients:>10.2f}{dlts:>8.3f}")
    none = "none (level 1 too toxic)" if found.design.seeks == "MTD" else "none (no level is admissible)"
    lines.append(f"{none:<46}{found.selection_none:>10.2%}")
    for what, by_level in (("Responses", found.responses_by_level), ("Backfilled", found.backfilled)):
        if by_level is not None:
            lines.append(f"{what} by level: {', '.join(f'{one.mean:.2f}' for one in by_level)}.")
    return "\n".join([*lines, f"Assumed: {assumed(found.calendar)}.", str(found)])


def assumed(calendar: Calendar) -> str:
    """The assumptions in words.

    Example:
        >>> from trialwright.design import Arrivals
        >>> assumed(Calendar(window=28, arrivals=Arrivals(pattern="Poisson", days_apart=10), without_slot="lost"))
        'a DLT window of 28 days; Poisson arrivals, 10 days apart on average; those who come while no slot is open are \
lost; DLTs at uniform times'
    """
    arrivals, staggering = calendar.arrivals, calendar.staggering
    apart = f", {arrivals.days_apart:.3g} days apart on average" if arrivals.days_apart else ""
    said = [
        f"a DLT window of {calendar.window:g} days",
        f"{arrivals.pattern} arrivals{apart}",
        f"those who come while no slot is open are {_SLOT[calendar.without_slot]}",
    ]
    if staggering.scope != "none":
        said.append(f"{staggering.days:g} days from {_BETWEEN[staggering.between]} at {_SCOPE[staggering.scope]}")
    if calendar.screen_failure:
        said.append(f"{calendar.screen_failure:.3g} of the screened fail")
    if calendar.not_evaluable:
        then = "are replaced" if calendar.replaced else "count as without DLT"
        said.append(f"{calendar.not_evaluable:.3g} of the treated leave their window and {then}")
    if calendar.response_window is not None:
        said.append(f"a response is known after {calendar.response_window:g} days at the latest")
    late = calendar.late_onset
    said.append("DLTs at uniform times" if late is None else f"{late:.3g} of the DLTs in the window's second half")
    return "; ".join(said)


_SLOT = {"kept": "all kept", "one kept": "lost but for one", "lost": "lost"}
_BETWEEN = {"first and others": "the first infusion to the others", "each and next": "each infusion to the next"}
_SCOPE = {"every dose": "every level", "top dose only": "the top level"}


def calendar_data(found: CalendarCharacteristics, doses: Sequence[str], protocol: str | None = None) -> dict[str, Any]:
    """The same as plain data, under the schema name trialwright.calendar/1."""
    return {
        "schema": "trialwright.calendar/1",
        "protocol": protocol,
        "design": {"name": found.design.name, "settings": settings_data(found.design)},
        "calendar": asdict(found.calendar),
        "trials": len(found.trials),
        "seed": found.seed,
        "truth": list(found.truth),
        "doses": list(doses),
        "measures": {row["measure"]: row for row in found.to_frame().to_dicts()},
        "levels": found.levels_frame().to_dicts(),
        "responses": _means(found.responses_by_level),
        "backfilled": _means(found.backfilled),
        "selection": list(found.selection),
        "selection_none": found.selection_none,
        "selection_standard_errors": [found.standard_error(chance) for chance in found.selection],
    }


def _means(by_level: Sequence[Measure] | None) -> list[float] | None:
    return None if by_level is None else [one.mean for one in by_level]


def calendar_figure(found: CalendarCharacteristics) -> Figure:
    """Draw how long the trials take, and how many they screen and treat."""
    above = _histogram(found.trials["duration"], "Days to the last dose decision", BLUE)
    below = _subjects(found)
    spec = styled(0, 0, vconcat=[above, below], spacing=24, resolve={"scale": {"color": "independent"}})
    del spec["width"], spec["height"]
    days, screened, treated = found.duration, found.screened, found.treated
    low, *_, high = days.quantiles
    return Figure(
        title="Duration of dose escalation and its subjects",
        spec=spec,
        alt=(
            f"Histograms over {len(found.trials):,} simulated trials of {found.design.name}: the last decision "
            f"comes after {days.mean:.0f} days on average (90 % of trials {low:.0f} to {high:.0f}); "
            f"{screened.mean:.1f} subjects are screened and {treated.mean:.1f} treated."
        ),
        table=_table(found),
    )


def _histogram(column: pl.Series, title: str, colour: str) -> Spec:
    counts, edges = np.histogram(column.to_numpy(), bins=_BINS)
    rows = [
        {"from": float(low), "to": float(high), "share": count / len(column)}
        for low, high, count in zip(edges[:-1], edges[1:], counts.tolist(), strict=True)
    ]
    x = {"field": "from", "type": "quantitative", "title": title, "scale": {"zero": False}}
    most = 1.2 * max(counts.tolist()) / len(column)  # room for the mean above the bars
    axis, scale = {"format": "%", "tickCount": 4}, {"domain": [0, most]}
    y = {"field": "share", "type": "quantitative", "title": "Share of trials", "axis": axis, "scale": scale}
    bars = {
        "mark": {"type": "bar", "color": colour, "stroke": INK, "strokeWidth": 0.5},
        "encoding": {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"datum": 0}},
    }
    mean = float(column.to_numpy().mean())
    line = {
        "data": values([{"mean": mean, "text": f"mean {mean:.0f}"}]),
        "layer": [
            {
                "mark": {"type": "rule", "color": VERMILLION, "strokeWidth": 2},
                "encoding": {"x": {"field": "mean", "type": "quantitative"}},
            },
            {
                "mark": {"type": "text", "align": "left", "baseline": "top", "dx": 5, "y": 2},
                "encoding": {"x": {"field": "mean", "type": "quantitative"}, "text": {"field": "text"}},
            },
        ],
    }
    return {"width": 520, "height": 170, "data": values(rows), "layer": [bars, line]}


def _subjects(found: CalendarCharacteristics) -> Spec:
    names = {
        "screened": f"screened, mean {found.screened.mean:.1f}",
        "treated": f"treated, mean {found.treated.mean:.1f}",
    }
    rows = [row for name, words in names.items() for row in _bars(found.trials[name], name == "screened", words)]
    colour = {
        "field": "who",
        "type": "nominal",
        "sort": [*names.values()],
        "title": None,
        "scale": {"domain": [*names.values()], "range": [ORANGE, BLUE]},
        "legend": {"orient": "top", "columnPadding": 30},
    }
    few, many = (extreme(row["subjects"] for row in rows) for extreme in (min, max))
    whole = {"domain": [few - 1, many + 1], "nice": False}
    x = {"field": "low", "type": "quantitative", "title": "Subjects", "scale": whole, "axis": {"tickMinStep": 1}}
    most = {"domain": [0, 1.05 * max(row["share"] for row in rows)]}
    y = {"field": "share", "type": "quantitative", "title": "Share of trials", "stack": None, "scale": most}
    return {
        "width": 520,
        "height": 170,
        "data": values(rows),
        "mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.5},
        "encoding": {
            "x": x,
            "x2": {"field": "high"},
            "y": {**y, "axis": {"format": "%", "tickCount": 4}},
            "y2": {"datum": 0},
            "color": colour,
        },
    }


def _bars(column: pl.Series, left: bool, words: str) -> list[dict[str, Any]]:
    """A bar for each number of subjects, left or right of it."""
    return [
        {
            "subjects": number,
            "low": number - 0.45 * left,
            "high": number - 0.45 * left + 0.45,
            "share": count / len(column),
            "who": words,
        }
        for number, count in column.value_counts().sort(column.name).iter_rows()
    ]


def _table(found: CalendarCharacteristics) -> Table:
    columns = (
        Column(name="Measure"),
        Column(name="Mean", format="decimal"),
        Column(name="Monte Carlo error", format="decimal"),
        *(Column(name=f"{q:.0%} quantile", format="decimal") for q in QUANTILES),
    )
    frame = found.to_frame().drop("sd")
    rows = tuple((_WORDS[name], *numbers) for name, *numbers in frame.iter_rows())
    notes = (f"Assumed: {assumed(found.calendar)}.", f"{len(found.trials):,} simulated trials, seed {found.seed}.")
    return Table(title="Duration and subjects", columns=columns, rows=rows, notes=notes)
