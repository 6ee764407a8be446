"""Figures: what their data, their sentence and their drawing promise."""

import html
import re
from xml.etree import ElementTree as ET

import pytest

from tests.analysis.conftest import PROTOCOL, pending, with_mtd
from trialwright.analysis import dlt_rate_figure, dose_escalation_figure, operating_characteristics_figure
from trialwright.analysis.calendar_time import calendar_figure
from trialwright.analysis.figure import _svg, svg
from trialwright.design import BOIN, Arrivals, Calendar, operating_characteristics, simulate_calendar
from trialwright.protocol.file import load_study

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: str) -> list[str]:
    """Every text in a drawing."""
    return ["".join(text.itertext()) for text in ET.fromstring(drawing).iter(f"{SVG}text")]  # noqa: S314


@pytest.mark.parametrize("draw", [dose_escalation_figure, dlt_rate_figure])
def test_every_stage_is_drawn(staged, draw):
    """At every stage of a trial the figure is drawn with each dose, and one sentence says the same."""
    figure = draw(staged.view())
    drawn = " ".join(texts(figure.svg()))

    assert all(dose.name in drawn for dose in staged.trial.study.doses)
    assert figure.alt.endswith(".")
    assert figure.alt in html.unescape(figure.html())


def test_the_same_bytes(course):
    """The same trial is drawn with the same bytes, without an id, a script, a style or an address."""
    with_mtd(course)
    spec = dose_escalation_figure(course.view()).spec
    first = svg(spec)
    _svg.cache_clear()

    assert svg(spec) == first
    assert not re.search(r"<script|<style| id=| style=|href=", first)


def test_the_course_of_the_trial(course):
    """The plot shows every subject by number, the cohorts in order, and the decisions between them."""
    with_mtd(course)
    figure = dose_escalation_figure(course.view())
    drawn = texts(figure.svg())

    assert [f"S{number:03}" for number in range(1, 11)] == [text for text in drawn if re.fullmatch(r"S\d{3}", text)]
    assert [text for text in drawn if text.startswith("cohort")] == ["cohort 1", "cohort 2", "cohort 3"]
    assert [text for text in drawn if text in {"expand", "escalate", "stop"}] == ["expand", "escalate", "stop"]
    assert "level 1 (low, 1 x 10^6 cells/kg): 5 no DLT, 1 DLT, 1 not evaluable" in figure.alt
    assert "escalate after subject 7" in figure.alt


def test_an_unsigned_decision(course):
    """A decision that waits for signatures is drawn as unsigned."""
    course.open(1)
    course.cohort("NTN")
    course.propose("expand")

    assert "expand, unsigned" in texts(dose_escalation_figure(course.view()).svg())


def test_other_sites_have_no_number(course):
    """A subject of another site is drawn with its outcome and without its number."""
    pending(course)
    figure = dose_escalation_figure(course.view("inv02"))

    assert [row[1] for row in figure.table.rows] == ["other", "S002"]
    assert "S001" not in figure.html()


def test_what_a_protocol_says_is_text(course):
    """Markup in a protocol's words is drawn as text."""
    view = course.view()
    doses = (view.study.doses[0].model_copy(update={"name": "<script>alert(1)</script>"}), *view.study.doses[1:])
    object.__setattr__(view, "study", view.study.model_copy(update={"doses": doses}))

    assert "<script>" not in dose_escalation_figure(view).html()
    assert "<script>" not in dlt_rate_figure(view).html()


def test_operating_characteristics():
    """The simulation's figure says the chance of each level and of none, and that nothing was drawn at random."""
    study = load_study(PROTOCOL.read_text())
    oc = operating_characteristics(study.rule, study.planning.true_dlt_rates)
    figure = operating_characteristics_figure(oc, [str(dose) for dose in study.doses])

    assert f"none {oc.selection_none:.1%}" in figure.alt
    assert "Exact" in figure.table.notes[0]
    assert f"{oc.selection[0]:.1%}" in texts(figure.svg())
    assert [row[2] for row in figure.table.rows] == [*oc.selection, oc.selection_none]


def test_a_picture_for_slides(course):
    """A figure can also be had as a PNG picture."""
    assert dlt_rate_figure(course.view()).png().startswith(b"\x89PNG")


def test_a_histogram_has_room_for_its_outermost_bars():
    """The axis of subjects goes beyond the fewest and the most of any trial, so that no bar is cut."""
    calendar = Calendar(window=28, arrivals=Arrivals(pattern="on demand"), without_slot="kept")
    found = simulate_calendar(BOIN(levels=2, target=0.3, subjects=6), [0.1, 0.3], calendar, trials=50, seed=1)
    bars = calendar_figure(found).spec["vconcat"][1]
    low, high = bars["encoding"]["x"]["scale"]["domain"]

    assert all(low < row["low"] and row["high"] < high for row in bars["data"]["values"])
