"""A weight that is recorded after a preparation is held against it before anything is given."""

import pytest

from tests.conduct.guards.preparation import READ, prepared
from tests.conduct.ward import STUDIES, Ward
from trialwright.conduct import commands as cmd
from trialwright.conduct.next_steps import subject_steps

GIVEN = next(one.visit for one in STUDIES["NCT05962762"].schedule if one.gives)


def weighed(kg: str) -> Ward:
    """The infusion of S001 was prepared by 70 kg, and then its visit found so many."""
    ward = prepared()
    ward.must(cmd.RecordData, by="nurse", subject="S001", visit=GIVEN, on=ward.now.date(), values={"weight": kg})
    return ward


@pytest.mark.parametrize(("kg", "queries", "held"), [("70", 0, False), ("71", 1, False), ("78", 1, True)])
def test_a_weight_recorded_after_the_preparation_is_held_against_it(kg: str, queries: int, held: bool) -> None:
    """Another weight of the day is asked about; beyond the protocol's deviation the preparation is held back."""
    ward = weighed(kg)
    decided = ward.refused(cmd.MatchIdentity, **READ).code if held else None
    subject = ward.state.subjects["S001"]
    due = subject_steps(ward.study, ward.state, subject, lambda _: None, ward.now, taking=True)

    assert len(subject.queries) == queries
    assert decided == ("weight.differs" if held else None)
    assert ("MatchIdentity" not in {one.command for one in due}) is held
    if not held:
        ward.matched()
        ward.must(cmd.StartInfusion, subject="S001")


def test_a_preparation_by_another_weight_goes_on_with_the_reason_or_once_the_weight_is_corrected() -> None:
    """The answer to the query is the reason; a weight that is corrected to that of the preparation needs none."""
    answered, corrected = weighed("78"), weighed("78")
    answered.must(cmd.AnswerQuery, subject="S001", query=1, text="78 with the coat on; 70 is right")
    said = {
        "saw": {"value": "78"},
        "now": {"value": "70"},
        "reason": "transcription error",
        "text": "Of another subject",
    }
    corrected.must(cmd.CorrectData, by="nurse", subject="S001", visit=GIVEN, item="weight", **said)

    for ward in (answered, corrected):
        ward.matched()
        ward.must(cmd.StartInfusion, subject="S001")


def test_a_weight_of_a_later_day_is_held_against_no_infusion_that_was_given() -> None:
    """Who lost weight since the infusion raises no question about what was given then."""
    ward = weighed("70")
    ward.matched()
    ward.must(cmd.StartInfusion, subject="S001")
    ward.must(cmd.CompleteInfusion, subject="S001")
    ward.wait(days=7)
    seen = {"by": "nurse", "subject": "S001", "on": ward.now.date()}
    (held,) = ward.must(cmd.HoldUnscheduledVisit, **seen, reason="Lost weight")
    ward.must(cmd.RecordData, **seen, visit=held.visit, values={"weight": "58"})

    assert not [one for one in ward.state.subjects["S001"].queries if "preparation" in one.text]
