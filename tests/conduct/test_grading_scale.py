"""The scale that adverse events are graded by."""

import pytest

from tests.conduct.life import BY_CHOICE, ONE_ARM, RANDOMISED, LifeTrial, changed
from tests.conductor import STUDY, TEXT
from trialwright.clinical.ctcae_dictionary import find_term
from trialwright.conduct import commands as cmd
from trialwright.errors import ProtocolError
from trialwright.protocol.check import check_text
from trialwright.protocol.file import load_study

NAMED = 'adverse events:\n  scale: CTCAE 5.0\n  at: "detailed description, sentence 30"\n'
UNDER_DLT = changed(TEXT, (NAMED, ""), ("  dlt:\n", "  dlt:\n    scale: CTCAE 5.0\n"))
"""NCT05962762 as files said it before there was a key for it."""


def test_de_14_scale_and_version_are_the_protocols() -> None:
    """The protocol names the scale with its version, and one that this program has no dictionary of is refused."""
    assert STUDY.grading is not None
    assert STUDY.grading.scale == "CTCAE 5.0"
    assert TEXT.count("scale: CTCAE 5.0") == 1
    with pytest.raises(ProtocolError):
        load_study(TEXT.replace("scale: CTCAE 5.0", "scale: CTCAE 4.03"))


@pytest.mark.parametrize("term", ["Fever", "Lymph node pain", "Hypoxia", "Alopecia"])
def test_de_14_a_grade_outside_the_range_of_its_term_is_refused(term: str) -> None:
    """Of the grades 1 to 5 those are taken that the term has in the protocol's version, when reported and changed."""
    has = find_term(term, "5.0").grades
    trial = LifeTrial().open()
    subject = trial.infused()
    told = {"subject": subject, "term": term, "onset_on": trial.now.date(), "related": False, "serious": True}
    for grade in has:
        trial.must(cmd.ReportAdverseEvent, **told, grade=grade)
    for grade in {1, 2, 3, 4, 5} - set(has):
        refusal = trial.refused(cmd.ReportAdverseEvent, **told, grade=grade)
        again = trial.refused(cmd.GradeAdverseEvent, subject=subject, event=1, grade=grade, reason="seen again")
        assert {refusal.code, again.code} == {"grade.not_on_scale"}
        assert "adverse events > scale" in refusal.rule

    assert len(trial.state.subjects[subject].adverse_events) == len(has)


@pytest.mark.parametrize("text", [RANDOMISED, BY_CHOICE, ONE_ARM, UNDER_DLT])
def test_de_14_every_trial_refuses_a_grade_that_its_scale_does_not_have(text: str) -> None:
    """A trial that escalates no dose refuses by its scale, and so does a file that names the scale under its DLTs."""
    trial = LifeTrial(text).open()
    told = {
        "subject": trial.known(),
        "term": "Alopecia",
        "onset_on": trial.now.date(),
        "related": False,
        "serious": False,
    }

    trial.must(cmd.ReportAdverseEvent, **told, grade=2)
    assert trial.refused(cmd.ReportAdverseEvent, **told, grade=3).code == "grade.not_on_scale"


def test_the_scale_is_named_in_one_place() -> None:
    """A file that names the scale under its DLTs is sound, and one that names it there as well is told so."""
    assert check_text(UNDER_DLT)[1] == []
    _, findings = check_text(changed(TEXT, ("  dlt:\n", "  dlt:\n    scale: CTCAE 5.0\n")))

    assert [(found.rule, found.where) for found in findings] == [("event.scale", "dose escalation > dlt > scale")]


def test_without_a_scale_every_grade_is_taken() -> None:
    """A protocol of an earlier version of this program that names no scale takes every grade of a term."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.study = trial.study.model_copy(update={"adverse_events": None})
    assert trial.study.grading is None
    told = {"subject": subject, "term": "Alopecia", "onset_on": trial.now.date(), "related": False}

    trial.must(cmd.ReportAdverseEvent, **told, grade=5)


def test_de_14_a_term_that_the_scale_does_not_have_is_asked_about() -> None:
    """A report waits for no dictionary: it is taken down with a query that names near terms; known ones ask nothing."""
    trial = LifeTrial().open()
    subject = trial.infused()
    told = {"subject": subject, "onset_on": trial.now.date(), "grade": 3, "related": False, "serious": False}

    trial.must(cmd.ReportAdverseEvent, **told, term="Hypoxemia")
    trial.must(cmd.CorrectAdverseEvent, subject=subject, event=1, term="Anaemia", reason="Read again")
    trial.must(cmd.CorrectAdverseEvent, subject=subject, event=1, term="Hypoxia", reason="The scale's term")

    asked = [query.text for query in trial.state.subjects[subject].queries]
    assert [text.partition(";")[0] for text in asked] == [
        "CTCAE 5.0 has no term 'Hypoxemia'",
        "CTCAE 5.0 has no term 'Anaemia'",
    ]
    assert "Hypoxia" in asked[0]
    assert "Anemia" in asked[1]
