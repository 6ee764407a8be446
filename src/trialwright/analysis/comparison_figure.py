"""Designs side by side: which level each selects, under each truth."""

from __future__ import annotations

from collections.abc import Sequence

from trialwright.analysis.characteristics import comparison
from trialwright.analysis.figure import INK, OKABE_ITO, Figure, Spec, styled, values
from trialwright.design import OperatingCharacteristics

WIDTH, BAR = 520, 28
"""Pixels of a panel with few designs, and what a bar and the number above it need at least."""


def comparison_figure(labels: Sequence[str], results: Sequence[Sequence[OperatingCharacteristics]]) -> Figure:
    """Draw the probability that each level, or none, is selected: a panel for each truth, a bar for each design.

    Args:
        labels: A name for each design.
        results: For each design, its operating characteristics under each truth, in the same order.
    """
    scenarios = range(len(results[0]))
    panels = [_panel(labels, [found[scenario] for found in results]) for scenario in scenarios]
    spec = styled(0, 0, vconcat=panels, spacing=24)
    del spec["width"], spec["height"]
    return Figure(
        title="Designs compared: probability that each level is selected",
        spec=spec,
        alt=_said(labels, results),
        table=comparison(labels, results),
    )


def _panel(labels: Sequence[str], found: Sequence[OperatingCharacteristics]) -> Spec:
    rows = []
    truth = found[0].truth
    names = ["none", *(f"{level}: {rate:.0%}" for level, rate in enumerate(truth, start=1))]
    for label, oc in zip(labels, found, strict=True):
        for name, chance in zip(names, (oc.selection_none, *oc.selection), strict=True):
            rows.append({"level": name, "design": label, "value": chance, "text": f"{chance:.0%}"})
    x = {"field": "level", "type": "nominal", "sort": names, "title": "Level and its true DLT rate"}
    offset = {"field": "design", "type": "nominal", "sort": [*labels]}
    y = {"field": "value", "type": "quantitative", "title": "Selected", "scale": {"domain": [0, 1]}}
    colour = {
        "field": "design",
        "type": "nominal",
        "sort": [*labels],
        "title": None,
        "legend": {"orient": "top", "columns": 1, "labelLimit": 520},
        "scale": {"domain": [*labels], "range": [*OKABE_ITO[: len(labels)]]},
    }
    axes = {
        "x": {**x, "axis": {"labelAngle": 0}},
        "xOffset": offset,
        "y": {**y, "axis": {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]}},
    }
    bar = {"mark": {"type": "bar", "stroke": INK, "strokeWidth": 0.5}, "encoding": {**axes, "color": colour}}
    text = {"mark": {"type": "text", "dy": -6, "fontSize": 9}, "encoding": {**axes, "text": {"field": "text"}}}
    width = max(WIDTH, BAR * len(labels) * len(names))
    return {"width": width, "height": 150, "data": values(rows), "layer": [bar, text]}


def _said(labels: Sequence[str], results: Sequence[Sequence[OperatingCharacteristics]]) -> str:
    parts = []
    for label, found in zip(labels, results, strict=True):
        for oc in found:
            likely = max(range(len(oc.selection)), key=oc.selection.__getitem__)
            truth = ", ".join(f"{rate:.0%}" for rate in oc.truth)
            parts.append(f"{label} under {truth} selects level {likely + 1} in {oc.selection[likely]:.0%}")
    return f"Bars of the probability that each level is selected: {'; '.join(parts)}."
