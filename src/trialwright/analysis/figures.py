"""Bar figures: DLT rate by dose level, and what a design is expected to do."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from trialwright.analysis.endpoints import dlt_rates, level_rates
from trialwright.analysis.figure import BLUE, GREY, INK, VERMILLION, Figure, Spec, styled, values
from trialwright.analysis.table import Column, Interval, Table
from trialwright.clinical.item import Missing
from trialwright.conduct import View
from trialwright.design import OperatingCharacteristics

_TWO_LINES: Spec = {"ticks": False, "labelOffset": -6, "labelExpr": "split(datum.label, '\\n')"}

_NONE, _NONE_ADMISSIBLE = "no dose\ntoo toxic at level 1", "no dose\nno level is admissible"

_ROW = 46
"""Pixels of height for each dose level."""


def dlt_rate_figure(view: View) -> Figure:
    """Draw the DLT rate by dose level as bars, with Clopper-Pearson 95% intervals as lines.

    A level without an evaluable subject has no bar; its place says why.
    """
    rates = level_rates(view)
    rows = []
    said = []
    for r in rates:
        row: dict[str, object] = {"dose": f"{r.level} {r.dose}"}
        if isinstance(r.interval, Interval) and not isinstance(r.rate, Missing):
            row |= {"rate": r.rate, "low": r.interval.low, "high": r.interval.high, "end": r.interval.high}
            row["text"] = f"{r.dlts} of {r.evaluable}"
            said.append(f"level {r.level} {r.dlts} of {r.evaluable} ({r.interval.low:.0%} to {r.interval.high:.0%})")
        else:
            row |= {"end": 0, "text": str(r.rate)}
            said.append(f"level {r.level} {r.rate}")
        rows.append(row)
    return Figure(
        title="DLT rate by dose level, with 95% intervals",
        spec=_rate_spec(rows),
        alt=f"Bars of the DLT rate with 95% intervals: {'; '.join(said)}.",
        table=dlt_rates(view),
    )


def operating_characteristics_figure(oc: OperatingCharacteristics, doses: Sequence[str]) -> Figure:
    """Draw what a design is expected to do under assumed true DLT rates.

    To the left the probability that each dose level is selected, or none; to the right the expected number of subjects
    treated there, of whom the filled part has a DLT.

    Args:
        oc: The design's exact operating characteristics.
        doses: What is given at each level, with its unit, from the lowest.
    """
    names = [f"{level} {dose}" for level, dose in enumerate(doses, start=1)]
    doses = [f"{name}\ntrue DLT rate {rate:.0%}" for name, rate in zip(names, oc.truth, strict=True)]
    none = _NONE if oc.optimal is None else _NONE_ADMISSIBLE
    selected = [*zip(doses, oc.selection, strict=True), (none, oc.selection_none)]
    selection = [{"dose": dose, "value": p, "text": f"{p:.1%}"} for dose, p in selected]
    patients = [
        {"dose": dose, "value": n, "dlts": dlts, "text": f"{n:.1f}, {dlts:.2f} with DLT"}
        for dose, n, dlts in zip(doses, oc.mean_patients, oc.mean_dlts, strict=True)
    ]
    order = [*doses, none]
    left = _bars(
        selection,
        order,
        "Probability of being selected",
        axis={"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]},
        most=1,
    )
    right = _bars(patients, order, "Expected subjects", axis={"tickCount": 4}, most=None)
    right["layer"].insert(1, _filled(order))
    right["layer"][0]["encoding"]["y"]["axis"] = None
    spec = styled(0, 0, hconcat=[left, right], spacing=30)
    del spec["width"], spec["height"]
    return Figure(
        title="Operating characteristics: selection probability and expected subjects by dose level",
        spec=spec,
        alt=_expected(oc),
        table=_characteristics(names, oc),
    )


def _expected(oc: OperatingCharacteristics) -> str:
    chances = [f"level {level} {p:.1%}" for level, p in enumerate(oc.selection, start=1)]
    truth = ", ".join(f"{rate:.0%}" for rate in oc.truth)
    return (
        f"With true DLT rates of {truth} at {len(oc.truth)} dose levels, the probability of being selected is "
        f"{', '.join(chances)} and none {oc.selection_none:.1%}; {fsum(oc.mean_patients):.1f} subjects and "
        f"{fsum(oc.mean_dlts):.2f} DLTs are expected."
    )


def _characteristics(doses: Sequence[str], oc: OperatingCharacteristics) -> Table:
    columns = (
        Column(name="Dose level"),
        Column(name="True DLT rate", format="percent"),
        Column(name="Selected", format="percent"),
        Column(name="Expected subjects", format="decimal"),
        Column(name="Expected DLTs", format="decimal"),
    )
    levels = zip(doses, oc.truth, oc.selection, oc.mean_patients, oc.mean_dlts, strict=True)
    none = ("none", Missing("no dose"), oc.selection_none, Missing("no dose"), Missing("no dose"))
    return Table(
        title="Operating characteristics by dose level",
        columns=columns,
        rows=(*levels, none),
        notes=(
            "Exact: every course of the trial is enumerated, nothing is drawn, so there is no Monte Carlo error.",
            f"The top level also counts as selected when it is tolerated without an MTD: {oc.top_tolerated:.1%}.",
        ),
    )


def _dose_axis(order: Sequence[str]) -> Spec:
    return {"field": "dose", "type": "nominal", "sort": [*order], "title": None, "axis": {"ticks": False}}


def _rate_spec(rows: Sequence[dict[str, object]]) -> Spec:
    y = _dose_axis([str(row["dose"]) for row in rows])
    rate = {"type": "quantitative", "scale": {"domain": [0, 1]}}
    axis = {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1], "title": "DLT rate among evaluable subjects"}
    bar = {
        "mark": {"type": "bar", "height": 18, "color": VERMILLION, "stroke": INK, "strokeWidth": 1},
        "encoding": {"y": y, "x": {**rate, "field": "rate", "axis": axis}},
    }
    line = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": INK},
        "encoding": {"y": y, "x": {**rate, "field": "low"}, "x2": {"field": "high"}},
    }
    ends = [
        {
            "mark": {"type": "tick", "size": 12, "thickness": 2, "color": INK},
            "encoding": {"y": y, "x": {**rate, "field": end}},
        }
        for end in ("low", "high")
    ]
    text = {
        "mark": {"type": "text", "align": "left", "dx": 8},
        "encoding": {"y": y, "x": {**rate, "field": "end"}, "text": {"field": "text"}},
    }
    return styled(400, _ROW * len(rows), data=values(rows), layer=[bar, line, *ends, text])


def _bars(rows: Sequence[dict[str, object]], order: Sequence[str], title: str, axis: Spec, most: float | None) -> Spec:
    y = {**_dose_axis(order), "scale": {"domain": [*order]}, "axis": _TWO_LINES}
    scale = {"domain": [0, most]} if most else {"nice": True}
    x = {"field": "value", "type": "quantitative", "title": title, "axis": {**axis, "grid": False}, "scale": scale}
    bar = {
        "mark": {"type": "bar", "height": 20, "color": "white" if most is None else BLUE, "stroke": INK},
        "encoding": {"y": y, "x": x},
    }
    text = {
        "mark": {"type": "text", "align": "left", "dx": 6},
        "encoding": {"y": y, "x": x, "text": {"field": "text"}},
    }
    return {"width": 250, "height": _ROW * len(order) - 20, "data": values(rows), "layer": [bar, text]}


def _filled(order: Sequence[str]) -> Spec:
    y = {**_dose_axis(order), "scale": {"domain": [*order]}, "axis": None}
    return {
        "mark": {"type": "bar", "height": 20, "color": VERMILLION, "stroke": GREY},
        "encoding": {"y": y, "x": {"field": "dlts", "type": "quantitative"}},
    }
