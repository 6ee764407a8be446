"""The dose-escalation plot: who was treated at which dose level, in which order, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from trialwright.analysis.figure import BLUE, GREY, INK, ORANGE, VERMILLION, Figure, Spec, styled, values
from trialwright.analysis.table import Column, Table
from trialwright.clinical.item import Missing
from trialwright.conduct import View
from trialwright.conduct.views import Mark, Tile

_HALF = "M0,-1A1,1,0,0,0,0,1ZM0,-1A1,1,0,0,1,0,1A1,1,0,0,0,0,-1Z"
_CROSS = "M-0.85,-0.85L0.85,0.85M-0.85,0.85L0.85,-0.85"
_MARKS: dict[Mark, tuple[str, str, str]] = {
    "no DLT": ("circle", "white", BLUE),
    "DLT": ("circle", VERMILLION, INK),
    "pending": (_HALF, ORANGE, INK),
    "not evaluable": (_CROSS, "white", GREY),
}
"""Shape, fill and outline of each mark: the shape or the fill tells them apart without colour."""

_MARK_AREA = 220
"""Square pixels: circles of some 15 px."""

_HEADROOM = 0.95
"""Dose levels of empty space above the top one, for cohort numbers and decisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """A subject on the plot."""

    order: int
    level: int
    cohort: int
    tile: Tile

    @property
    def label(self) -> str:
        """The subject's number, where the viewer may know it; other sites' subjects have none."""
        return self.tile.subject or "other"


def treated(view: View) -> tuple[Treated, ...]:
    """The infused subjects in order of treatment, with their cohort."""
    found = [
        Treated(order=tile.order, level=level.level, cohort=tile.cohort, tile=tile)
        for level in view.levels
        for tile in level.tiles
        if tile.order is not None
    ]
    return tuple(sorted(found, key=lambda subject: subject.order))


def dose_escalation_figure(view: View) -> Figure:
    """Plot subjects in order of treatment against dose level, with cohorts and dose decisions.

    An open circle is a subject without a DLT, a filled circle one with a DLT, a half-filled circle one whose window is
    open, a cross one who is not evaluable. Bands are cohorts; a word between two bands is a signed dose decision.

    Args:
        view: What the reader may see; subjects of other sites are drawn without their number.
    """
    subjects = treated(view)
    return Figure(
        title="Dose escalation: subjects in order of treatment",
        spec=_spec(view, subjects),
        alt=_alt(view, subjects),
        table=_table(view, subjects),
    )


def _spec(view: View, subjects: Sequence[Treated]) -> Spec:
    last = max(len(subjects), view.study.rule.cohort)
    levels = len(view.study.doses)
    x_axis = {"title": "Subject, in order of treatment", "values": [*range(1, last + 1)], "format": "d", "grid": False}
    y_axis = {"title": None, "values": [*range(1, levels + 1)], "labels": False, "ticks": False}
    x = {"type": "quantitative", "scale": {"domain": [0.4, last + 0.6], "nice": False}, "axis": x_axis}
    y = {"type": "quantitative", "scale": {"domain": [0.5, levels + _HEADROOM], "zero": False}, "axis": y_axis}
    layers = [*_bands(subjects, levels, x, y), *_decisions(view, levels, x, y), _doses(view, x, y)]
    if subjects:
        layers += [_path(subjects, x, y), _marks(subjects, x, y), _labels(subjects, x, y)]
    return styled(min(56 * last, 640), 62 * levels + 58, layer=layers)


def _field(channel: Spec, field: str) -> Spec:
    return {**channel, "field": field}


def _bands(subjects: Sequence[Treated], levels: int, x: Spec, y: Spec) -> Iterator[Spec]:
    if not subjects:
        return
    runs = [list(run) for _, run in groupby(subjects, key=lambda subject: (subject.level, subject.cohort))]
    rows = [
        {
            "from": run[0].order - 0.46,
            "to": run[-1].order + 0.46,
            "low": 0.5,
            "high": levels + _HEADROOM,
            "middle": (run[0].order + run[-1].order) / 2,
            "name": f"cohort {place}",
        }
        for place, run in enumerate(runs, start=1)
    ]
    yield {
        "data": values(rows),
        "mark": {"type": "rect", "color": INK, "opacity": 0.06},
        "encoding": {"x": _field(x, "from"), "x2": {"field": "to"}, "y": _field(y, "low"), "y2": {"field": "high"}},
    }
    yield {
        "data": values(rows),
        "mark": {"type": "text", "baseline": "top", "dy": 4, "color": GREY},
        "encoding": {"x": _field(x, "middle"), "y": _field(y, "high"), "text": {"field": "name"}},
    }


def _words(view: View) -> dict[int, str]:
    """What was decided after how many infusions; a decision that waits for signatures says so."""
    infused = [tile.infused_at for level in view.levels for tile in level.tiles if tile.infused_at]
    words: dict[int, list[str]] = {}
    for decision in view.decisions:
        after = sum(moment <= decision.at for moment in infused)
        if decision.taken:
            words.setdefault(after, []).append(decision.decision)
        elif decision == view.open_decision:
            words.setdefault(after, []).append(f"{decision.decision}, unsigned")
    return {after: "; ".join(said) for after, said in words.items()}


def _decisions(view: View, levels: int, x: Spec, y: Spec) -> Iterator[Spec]:
    rows = [
        {"at": after + 0.5, "word": word, "low": 0.5, "line": levels + 0.42, "text": levels + 0.5}
        for after, word in _words(view).items()
    ]
    if not rows:
        return
    yield {
        "data": values(rows),
        "mark": {"type": "rule", "color": INK, "strokeDash": [2, 3]},
        "encoding": {"x": _field(x, "at"), "y": _field(y, "low"), "y2": {"field": "line"}},
    }
    yield {
        "data": values(rows),
        "mark": {"type": "text", "fontWeight": "bold", "baseline": "middle"},
        "encoding": {"x": _field(x, "at"), "y": _field(y, "text"), "text": {"field": "word"}},
    }


def _doses(view: View, x: Spec, y: Spec) -> Spec:
    """Dose levels with their unit, as text beside the axis: names from the protocol never enter an expression."""
    rows = [
        {"x": 0.4, "level": level, "dose": f"Level {level} {dose.name}\n{dose.amount}"}
        for level, dose in enumerate(view.study.doses, start=1)
    ]
    return {
        "data": values(rows),
        "mark": {
            "type": "text",
            "align": "right",
            "baseline": "middle",
            "dx": -9,
            "dy": -7,
            "fontSize": 12,
            "lineBreak": "\n",
        },
        "encoding": {"x": _field(x, "x"), "y": _field(y, "level"), "text": {"field": "dose"}},
    }


def _path(subjects: Sequence[Treated], x: Spec, y: Spec) -> Spec:
    return {
        "data": values([{"order": subject.order, "level": subject.level} for subject in subjects]),
        "mark": {"type": "line", "interpolate": "step", "color": GREY, "strokeWidth": 1.5},
        "encoding": {"x": _field(x, "order"), "y": _field(y, "level")},
    }


def _marks(subjects: Sequence[Treated], x: Spec, y: Spec) -> Spec:
    shapes, fills, strokes = zip(*_MARKS.values(), strict=True)
    legend = {"title": None, "orient": "bottom", "symbolSize": _MARK_AREA, "symbolStrokeWidth": 2}

    def scale(scale_range: Sequence[str]) -> Spec:
        return {"field": "mark", "type": "nominal", "scale": {"domain": [*_MARKS], "range": [*scale_range]}}

    return {
        "data": values([{"order": s.order, "level": s.level, "mark": s.tile.mark} for s in subjects]),
        "mark": {"type": "point", "size": _MARK_AREA, "strokeWidth": 2, "opacity": 1},
        "encoding": {
            "x": _field(x, "order"),
            "y": _field(y, "level"),
            "shape": {**scale(shapes), "legend": legend},
            "fill": {**scale(fills), "legend": legend},
            "stroke": {**scale(strokes), "legend": legend},
        },
    }


def _labels(subjects: Sequence[Treated], x: Spec, y: Spec) -> Spec:
    return {
        "data": values([{"order": s.order, "level": s.level, "label": s.label} for s in subjects]),
        "mark": {"type": "text", "baseline": "top", "dy": 11},
        "encoding": {"x": _field(x, "order"), "y": _field(y, "level"), "text": {"field": "label"}},
    }


def _alt(view: View, subjects: Sequence[Treated]) -> str:
    if not subjects:
        return f"Dose-escalation plot: nobody has been treated yet at any of {len(view.levels)} dose levels."
    parts = []
    for level in view.levels:
        there = [subject for subject in subjects if subject.level == level.level]
        if there:
            counts = [f"{n} {mark}" for mark in _MARKS if (n := sum(s.tile.mark == mark for s in there))]
            parts.append(f"level {level.level} ({view.study.dose(level.level)}): {', '.join(counts)}")
    decided = [f"{word} after subject {after}" for after, word in _words(view).items() if after]
    decisions = f"; decisions: {', '.join(decided)}" if decided else ""
    people = "1 subject" if len(subjects) == 1 else f"{len(subjects)} subjects"
    return f"Dose-escalation plot of {people} in order of treatment; {'; '.join(parts)}{decisions}."


def _table(view: View, subjects: Sequence[Treated]) -> Table:
    words = _words(view)
    rows = tuple(
        (
            s.order,
            s.label,
            f"{s.level} {view.study.dose(s.level)}",
            s.tile.mark,
            s.tile.infused_at or Missing("not infused"),
            words.get(s.order, "none"),
        )
        for s in subjects
    )
    columns = (
        Column(name="Order", format="count"),
        Column(name="Subject"),
        Column(name="Dose level"),
        Column(name="Outcome"),
        Column(name="Infused at (UTC)", format="instant"),
        Column(name="Decision after"),
    )
    return Table(title="Subjects in order of treatment", columns=columns, rows=rows, empty="Nobody was treated yet.")
