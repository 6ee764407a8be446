"""Designs side by side: which level each selects under each truth, and how long it takes in calendar time."""

from __future__ import annotations

from collections.abc import Sequence

from trialwright.analysis.comparison import Timed, comparison
from trialwright.analysis.figure import INK, OKABE_ITO, Figure, Spec, styled, values
from trialwright.design import CalendarCharacteristics, OperatingCharacteristics

WIDTH, BAR = 520, 28
"""Pixels of a panel with few designs, and what a bar and the number above it need at least."""

ROW = 24
"""Pixels of a design's line in a panel of durations."""


def comparison_figure(
    labels: Sequence[str], results: Sequence[Sequence[OperatingCharacteristics]], timed: Timed | None = None
) -> Figure:
    """Draw the probability that each level, or none, is selected, and how long the trials take.

    There is a panel of each for each truth. A design is told by its number, which stands under its bars, in the legend
    and beside its days; colours alone would repeat from the ninth design on, and be lost in print.

    Args:
        labels: A name for each design.
        results: For each design, its operating characteristics under each truth, in the same order.
        timed: The same in calendar time, where it was simulated.
    """
    names = [f"{number}  {label}" for number, label in enumerate(labels, start=1)]
    panels = []
    for scenario in range(len(results[0])):
        panels.append(_panel(names, [found[scenario] for found in results]))
        if timed:
            panels.append(_durations(names, [found[scenario] for found in timed]))
    spec = styled(0, 0, vconcat=panels, spacing=24)
    del spec["width"], spec["height"]
    return Figure(
        title="Designs compared: probability that each level is selected" + (", and duration" if timed else ""),
        spec=spec,
        alt=_said(labels, results, timed),
        table=comparison(labels, results, timed),
    )


def _panel(labels: Sequence[str], found: Sequence[OperatingCharacteristics]) -> Spec:
    rows = []
    truth = found[0].truth
    names = ["none", *(f"{level}: {rate:.0%}" for level, rate in enumerate(truth, start=1))]
    for number, (label, oc) in enumerate(zip(labels, found, strict=True), start=1):
        for name, chance in zip(names, (oc.selection_none, *oc.selection), strict=True):
            rows.append({"level": name, "design": label, "number": number, "value": chance, "text": f"{chance:.0%}"})
    x = {"field": "level", "type": "nominal", "sort": names, "title": "Level and its true DLT rate"}
    y = {"field": "value", "type": "quantitative", "title": "Selected", "scale": {"domain": [0, 1]}}
    y["axis"] = {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]}
    axes = {
        "x": {**x, "axis": {"labelAngle": 0, "labelPadding": 18, "ticks": False}},
        "xOffset": {"field": "design", "type": "nominal", "sort": [*labels]},
        "y": y,
    }
    bar = {"mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.5}, "encoding": {**axes, "color": _colour(labels)}}
    text = {"mark": {"type": "text", "dy": -6, "fontSize": 9}, "encoding": {**axes, "text": {"field": "text"}}}
    mark = {
        "mark": {"type": "text", "dy": 9, "fontSize": 10, "fontWeight": "bold"},
        "encoding": {**axes, "y": {"datum": 0, "type": "quantitative"}, "text": {"field": "number"}},
    }
    width = max(WIDTH, BAR * len(labels) * len(names))
    return {"width": width, "height": 150, "data": values(rows), "layer": [bar, text, mark]}


def _colour(labels: Sequence[str]) -> Spec:
    return {
        "field": "design",
        "type": "nominal",
        "sort": [*labels],
        "title": None,
        "legend": {"orient": "top", "columns": 1, "labelLimit": 520},
        "scale": {"domain": [*labels], "range": [OKABE_ITO[place % len(OKABE_ITO)] for place in range(len(labels))]},
    }


def _durations(labels: Sequence[str], found: Sequence[CalendarCharacteristics]) -> Spec:
    rows = [
        {
            "design": label,
            "mean": one.duration.mean,
            "low": one.duration.quantiles[0],
            "high": one.duration.quantiles[-1],
            "text": f"{one.duration.mean:.0f}",
        }
        for label, one in zip(labels, found, strict=True)
    ]
    y = {"field": "design", "type": "nominal", "sort": [*labels], "title": None}
    x = {"field": "mean", "type": "quantitative", "title": "Days to the last dose decision: mean, and 90 % of trials"}
    span = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y}
    layers = [
        {"mark": {"type": "rule", "color": INK}, "encoding": span},
        {
            "mark": {"type": "point", "filled": True, "size": 70, "stroke": INK, "strokeWidth": 0.5},
            "encoding": {"x": x, "y": y, "color": _colour(labels)},
        },
        {"mark": {"type": "text", "dy": -9, "fontSize": 9}, "encoding": {"x": x, "y": y, "text": {"field": "text"}}},
    ]
    return {"width": WIDTH, "height": ROW * len(labels), "data": values(rows), "layer": layers}


def _said(labels: Sequence[str], results: Sequence[Sequence[OperatingCharacteristics]], timed: Timed | None) -> str:
    parts = []
    for place, (label, found) in enumerate(zip(labels, results, strict=True)):
        for scenario, oc in enumerate(found):
            likely = max(range(len(oc.selection)), key=oc.selection.__getitem__)
            truth = ", ".join(f"{rate:.0%}" for rate in oc.truth)
            days = f" and takes {timed[place][scenario].duration.mean:.0f} days" if timed else ""
            parts.append(f"{label} under {truth} selects level {likely + 1} in {oc.selection[likely]:.0%}{days}")
    return f"Bars of the probability that each level is selected: {'; '.join(parts)}."
