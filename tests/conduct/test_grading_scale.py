"""The scale that adverse events are graded by."""

import pytest

from tests.conduct.life import LifeTrial
from tests.conductor import STUDY, TEXT
from trialwright.clinical.ctcae_dictionary import find_term
from trialwright.conduct import commands as cmd
from trialwright.errors import ProtocolError
from trialwright.protocol.file import load_study


def test_de_14_scale_and_version_are_the_protocols() -> None:
    """The protocol names the scale with its version, and one that this program has no dictionary of is refused."""
    assert STUDY.design.dlt.scale == "CTCAE 5.0"
    assert TEXT.count("scale: CTCAE 5.0") == 1
    with pytest.raises(ProtocolError):
        load_study(TEXT.replace("scale: CTCAE 5.0", "scale: CTCAE 4.03"))


@pytest.mark.parametrize("term", ["Fever", "Lymph node pain", "Hypoxia", "Alopecia"])
def test_de_14_a_grade_outside_the_range_of_its_term_is_refused(term: str) -> None:
    """Of the grades 1 to 5 those are taken that the term has in the protocol's version, when reported and changed."""
    has = find_term(term, STUDY.design.dlt.version).grades
    trial = LifeTrial().open()
    subject = trial.infused()
    told = {"subject": subject, "term": term, "onset_on": trial.now.date(), "related": False}
    for grade in has:
        trial.must(cmd.ReportAdverseEvent, **told, grade=grade)
    for grade in {1, 2, 3, 4, 5} - set(has):
        refusal = trial.refused(cmd.ReportAdverseEvent, **told, grade=grade)
        again = trial.refused(cmd.GradeAdverseEvent, subject=subject, event=1, grade=grade, reason="seen again")
        assert {refusal.code, again.code} == {"grade.not_on_scale"}
        assert "dose escalation > dlt > scale" in refusal.rule

    assert len(trial.state.subjects[subject].adverse_events) == len(has)
