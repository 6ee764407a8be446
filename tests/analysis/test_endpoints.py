"""DLT rates and adverse events of a trial that was driven through its commands."""

import json

from tests.analysis.conftest import pending, with_mtd
from tests.conduct.ward import CELLS, Ward
from trialwright.analysis import Interval, Missing, adverse_events, dlt_rates
from trialwright.analysis.listings import adverse_event_listing
from trialwright.conduct import Viewer, view
from trialwright.conduct.commands import GradeAdverseEvent, PrescribeMedicine, ReportAdverseEvent


def test_dlt_rates(course):
    """A rate counts evaluable subjects only; pending and not evaluable subjects stand beside it."""
    with_mtd(course)
    table = dlt_rates(course.view())
    low, medium, high = (dict(zip(table.header, row, strict=True)) for row in table.rows)

    assert (low["Enrolled"], low["Not evaluable"], low["Evaluable"], low["With DLT"]) == (7, 1, 6, 1)
    assert low["DLT rate"] == 1 / 6
    assert isinstance(low["95% interval"], Interval)
    assert (medium["Evaluable"], medium["With DLT"]) == (3, 2)
    assert high["DLT rate"] == high["95% interval"] == Missing("level not opened")


def test_rates_add_up_at_every_stage(staged):
    """Whoever is enrolled is pending, not evaluable or evaluable, at every stage of a trial."""
    table = dlt_rates(staged.view())
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]

    assert all(r["Enrolled"] == r["Pending"] + r["Not evaluable"] + r["Evaluable"] for r in rows)


def test_pending_rates_warn(course):
    """While a window is open the table says which way the rate may move."""
    pending(course)

    assert any("too high" in note for note in dlt_rates(course.view()).notes)


def test_worst_grade(course):
    """A subject counts once for a term however spelt, by its worst grade; each event counts at its own."""
    with_mtd(course)
    rows = {row[:2]: row[2:] for row in adverse_events(course.view()).rows}

    assert rows["Fever", "any"] == (1, 0, 0, 1, 2)
    assert rows["Fever", "1"] == (0, 0, 0, 0, 1)
    assert rows["Fever", "2"] == (1, 0, 0, 1, 1)
    assert rows["Infusion related reaction", "3"] == (1, 2, 0, 3, 3)
    assert rows["Any adverse event", "any"] == (2, 2, 0, 4, 5)


def test_events_before_the_infusion(course):
    """An event before the infusion is in no count, and the table says how many were left out."""
    with_mtd(course)
    table = adverse_events(course.view())

    assert "Headache" not in {row[0] for row in table.rows}
    assert any(note.startswith("1 event before a first study treatment") for note in table.notes)


def test_a_new_grade_moves_the_subject(course):
    """A subject moves to the row of the new grade when an event is graded again."""
    course.open(1)
    subject = course.cohort("P")[0]
    course.adverse_event(subject, "Nausea", 1)
    course.do(GradeAdverseEvent, by="inv01", subject=subject, event=1, grade=3, reason="laboratory came in")

    assert ("Nausea", "3", 1, 0, 0, 1, 1) in adverse_events(course.view()).rows


def test_no_adverse_event(course):
    """Without an adverse event the table says so in words."""
    table = adverse_events(course.view())

    assert table.rows == ()
    assert "No adverse event was reported" in table.html()


def test_another_site(course):
    """An investigator's table of adverse events names the one site that it is of."""
    with_mtd(course)
    table = adverse_events(course.view("inv02"))

    assert table.title.endswith("site 02")
    assert table.rows == ()


def test_plain_data(course):
    """A table leaves as plain data: unrounded values, their formats apart, and what is missing with its reason."""
    with_mtd(course)
    data = json.loads(json.dumps(dlt_rates(course.view()).to_dict()))

    assert data["rows"][0][6] == 1 / 6
    assert data["formats"][6] == "percent"
    assert data["rows"][2][6] == {"missing": "level not opened"}


def test_the_safety_population_is_everybody_treated():
    """Whoever takes the drug of an arm without infusion is in the table, by arm, from the first prescription on."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone", "csDMARD alone", "csDMARD alone"))
    ward.infused(ward.received("L1", "UC-MSC", **CELLS))
    today = {"onset_on": ward.now.date(), "grade": 1, "related": True, "serious": False}
    ward.must(ReportAdverseEvent, subject="S002", term="Rash maculo-papular", **today | {"related": False})
    ward.wait(days=1)
    ward.must(PrescribeMedicine, subject="S002", drug="methotrexate", counts_as="csDMARD")
    ward.must(ReportAdverseEvent, subject="S002", term="Nausea", **today | {"onset_on": ward.now.date()})
    seen = view(ward.study, ward.state, ward.sealed, Viewer(id="sponsor", at=ward.now))
    table = adverse_events(seen)
    listed = {row[3]: row[6] for row in adverse_event_listing(seen).rows}

    assert [name.replace("\u00a0", " ") for name in table.header[2:]] == [
        "UC-MSC alone (N = 1)",
        "csDMARD alone (N = 1)",
        "UC-MSC and csDMARD (N = 0)",
        "All subjects (N = 2)",
        "Events",
    ]
    assert {row[:2]: row[2:] for row in table.rows}["Nausea", "any"] == (0, 1, 0, 1, 1)
    assert "Rash maculo-papular" not in {row[0] for row in table.rows}
    assert listed == {"Rash maculo-papular": -1, "Nausea": 0}
