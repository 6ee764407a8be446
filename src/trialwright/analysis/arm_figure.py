"""What a trial with arms is expected to show, drawn: differences, power by accrual, precision of one rate."""

from __future__ import annotations

from trialwright.analysis.arm_characteristics import (
    arm_characteristics,
    by_accrual,
    comparisons,
    precision_by_accrual,
)
from trialwright.analysis.figure import BLUE, GREY, INK, OKABE_ITO, VERMILLION, Figure, Spec, styled, values
from trialwright.protocol.study import Study

_WIDTH = 480
_SHARE = {"format": "%", "tickCount": 5}
_POINT = {"type": "point", "filled": True, "size": 110, "stroke": INK, "opacity": 1}
_ENROLLED = {
    "field": "enrolled",
    "type": "quantitative",
    "title": "Subjects expected to be enrolled",
    "scale": {"zero": True},
}
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


def arm_figure(study: Study) -> Figure:
    """Draw what `arm_characteristics` lists: a point and its range for each difference, and lines by accrual.

    Raises:
        InputError: The protocol plans no response rates.
    """
    *_, table = tables = arm_characteristics(study)
    rates = study.planning.true_response_rates
    if len(rates) == 1:
        ((arm, rate),) = rates.items()
        spec, said = _precision(study, arm, rate)
        return Figure(title=table.title, spec=spec, alt=said, table=table)
    panels, said = [_differences(study)], _said(study)
    if len(tables) > 1:
        panels.append(_power(study))
    apart = {"legend": {"color": "independent", "strokeDash": "independent"}}
    spec = styled(0, 0, vconcat=panels, spacing=28, resolve=apart)
    del spec["width"], spec["height"]
    return Figure(title=tables[0].title, spec=spec, alt=said, table=table)


def _differences(study: Study) -> Spec:
    rows = []
    for group, versus, found in comparisons(study):
        (n1, n2), (rate1, rate2), (low, high) = found.sizes, found.rates, found.observed
        words = [f"{group}, {n1} v {n2}", versus]
        shown = {"difference": rate1 - rate2, "low": low, "high": high, "found": f"found in {found.power:.1%}"}
        rows.append({"row": "\n".join(words), **shown})
    names = [row["row"] for row in rows]
    axis = {"title": None, "labelExpr": "split(datum.value, '\\n')", "ticks": False, "domain": False, "labelOffset": -7}
    y = {"field": "row", "type": "nominal", "sort": names, "axis": axis}
    title = "Difference of response rates: true (point), and in the middle 95% of trials (line)"
    x = {"type": "quantitative", "title": title, "axis": _SHARE, "scale": {"domain": [-1, 1]}}
    text = {"type": "text", "align": "left", "dx": 8}
    right = {"datum": 1, "type": "quantitative"}
    return {
        "width": _WIDTH,
        "height": {"step": 44},
        "data": values(rows),
        "layer": [
            {"mark": {"type": "rule", "color": GREY, "strokeDash": [4, 4]}, "encoding": {"x": {**x, "datum": 0}}},
            {
                "mark": {"type": "rule", "color": BLUE, "strokeWidth": 3},
                "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}},
            },
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 110,
                    "color": VERMILLION,
                    "stroke": INK,
                    "opacity": 1,
                },
                "encoding": {"y": y, "x": {**x, "field": "difference"}},
            },
            {"mark": text, "encoding": {"y": y, "x": right, "text": {"field": "found", "type": "nominal"}}},
        ],
    }


def _power(study: Study) -> Spec:
    rows = [
        {"enrolled": enrolled, "versus": versus, "power": found.power}
        for _, enrolled, versus, found in by_accrual(study)
    ]
    names = list(dict.fromkeys(row["versus"] for row in rows))
    legend = {"orient": "top", "columns": 1, "labelLimit": _WIDTH, "symbolType": "stroke", "symbolSize": 500}
    which = {"field": "versus", "type": "nominal", "sort": names, "title": None, "legend": legend}
    dashes = [_DASHES[place % len(_DASHES)] for place in range(len(names))]
    colours = [OKABE_ITO[place % len(OKABE_ITO)] for place in range(len(names))]
    share = {"field": "power", "type": "quantitative", "title": "Fisher's test finds it", "axis": _SHARE}
    return {
        "width": _WIDTH,
        "height": 200,
        "data": values(rows),
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 40}},
        "encoding": {
            "x": _ENROLLED,
            "y": {**share, "scale": {"domain": [0, 1]}},
            "color": {**which, "scale": {"domain": names, "range": colours}},
            "strokeDash": {**which, "scale": {"domain": names, "range": dashes}},
        },
    }


def _precision(study: Study, arm: str, rate: float) -> tuple[Spec, str]:
    found = [one for _, one in precision_by_accrual(study, rate)]
    rows = [{"enrolled": one.n, "low": one.mean_interval.low, "high": one.mean_interval.high} for one in found]
    title = f"{arm}: true response rate (dashed) and mean limits of its 95% interval"
    y = {"type": "quantitative", "title": "Response rate", "axis": _SHARE, "scale": {"domain": [0, 1]}}
    limits = ({**y, "field": "low"}, {"field": "high"})
    band = {"type": "area", "color": BLUE, "opacity": 0.2}
    lines = {"mark": {"type": "line", "color": BLUE, "strokeWidth": 2, "point": {"size": 40, "color": BLUE}}}
    layer = [
        {"mark": band, "encoding": {"x": _ENROLLED, "y": limits[0], "y2": limits[1]}},
        *({**lines, "encoding": {"x": _ENROLLED, "y": {**y, "field": end}}} for end in ("low", "high")),
        {"mark": {"type": "rule", "color": VERMILLION, "strokeDash": [6, 4]}, "encoding": {"y": {**y, "datum": rate}}},
    ]
    first, last = found[0], found[-1]
    said = (
        f"Mean limits of the 95% interval of the response rate of {arm} by accrual, true rate {rate:.0%}: from "
        f"{first.mean_interval.low:.0%} to {first.mean_interval.high:.0%} with {first.n} subjects, and from "
        f"{last.mean_interval.low:.0%} to {last.mean_interval.high:.0%} with {last.n}."
    )
    return styled(_WIDTH, 240, title=title, data=values(rows), layer=layer), said


def _said(study: Study) -> str:
    parts = [
        f"{group}, {versus}: {found.rates[0] - found.rates[1]:+.0%}, observed from {found.observed.low:+.0%} to "
        f"{found.observed.high:+.0%}, found by Fisher's test in {found.power:.1%}"
        for group, versus, found in comparisons(study)
    ]
    return f"True differences of response rates with the middle 95% of what trials observe. {'; '.join(parts)}."
