"""The life of an adverse event: followed up, assessed anew, dose-limiting or not."""

from datetime import timedelta

import pytest

from tests.conduct.life import LifeTrial
from trialwright.conduct import commands as cmd


def with_event(grade: int = 3, **more: object) -> tuple[LifeTrial, dict[str, object]]:
    """A trial with one event that began today; and what names the event."""
    trial = LifeTrial().open()
    subject = trial.infused()
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": grade, "related": True, "serious": False, **more}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    trial.wait(days=4)
    return trial, {"subject": subject, "event": 1}


def event_of(trial: LifeTrial, named: dict[str, object]) -> object:
    """The event as it stands."""
    return trial.state.subjects[named["subject"]].adverse_event(1)


def test_follow_up_keeps_outcome_and_end() -> None:
    """An event is followed up until it has ended, with the day of its end."""
    trial, named = with_event()

    trial.must(cmd.FollowUpAdverseEvent, **named, outcome="recovering/resolving")
    trial.must(cmd.FollowUpAdverseEvent, **named, outcome="recovered/resolved", ended_on=trial.now.date())

    event = event_of(trial, named)
    assert (event.outcome, event.ended_on) == ("recovered/resolved", trial.now.date())
    again = {"outcome": "recovered/resolved", "ended_on": trial.now.date()}
    assert trial.refused(cmd.FollowUpAdverseEvent, **named, **again).code == "outcome.same"


WRONG = {
    "no end date": ({"outcome": "recovered/resolved"}, 0, "outcome.end"),
    "an end that is open": ({"outcome": "unknown"}, 1, "outcome.end"),
    "an end in the future": ({"outcome": "recovered/resolved"}, 2, "outcome.date"),
    "an end before the onset": ({"outcome": "recovered/resolved"}, -9, "outcome.date"),
    "fatal of grade 3": ({"outcome": "fatal"}, 1, "outcome.grade"),
}


@pytest.mark.parametrize("name", WRONG)
def test_follow_up_that_cannot_be_so_is_refused(name: str) -> None:
    """An outcome that contradicts its date or the grade is refused."""
    asked, days, code = WRONG[name]
    trial, named = with_event()
    if days:
        trial.wait(days=days - 1)
        asked = {**asked, "ended_on": trial.now.date()}
        trial.wait(days=1 - days - (days == 2))

    assert trial.refused(cmd.FollowUpAdverseEvent, **named, **asked).code == code


def test_a_death_by_an_event_has_grade_5_and_is_serious_by_death() -> None:
    """The outcome fatal, the criterion death and grade 5 go together or not at all."""
    trial, named = with_event()
    asked = {"criteria": ["death"], "reason": "Died in hospital"}
    assert trial.refused(cmd.AssessSeriousness, **named, **asked).code == "seriousness.death"

    trial.must(cmd.GradeAdverseEvent, **named, grade=5, reason="Died")

    assert trial.refused(cmd.FollowUpAdverseEvent, **named, outcome="unknown").code == "outcome.grade"
    trial.must(cmd.FollowUpAdverseEvent, **named, outcome="fatal", ended_on=trial.now.date())
    trial.must(cmd.AssessSeriousness, **named, **asked)
    assert event_of(trial, named).criteria == ("death",)


def test_a_fatal_event_is_serious_whoever_forgot_to_say_so() -> None:
    """An event of grade 5 is serious and fatal from its report or its grading on; the day of death is asked for."""
    trial = LifeTrial().open()
    subject = trial.infused()
    told = {"subject": subject, "onset_on": trial.now.date(), "related": False}

    (reported, *_) = trial.must(cmd.ReportAdverseEvent, term="Sepsis", grade=5, **told)
    trial.must(cmd.ReportAdverseEvent, term="Hypoxia", grade=4, serious=False, **told)
    trial.must(cmd.GradeAdverseEvent, subject=subject, event=2, grade=5, reason="Died")

    assert reported.serious
    events = trial.state.subjects[subject].adverse_events
    assert [(event.serious, event.outcome, event.ended_on) for event in events] == [(True, "fatal", None)] * 2
    due = {one.about for one in trial.view("inv").subject(subject).steps if one.command == "FollowUpAdverseEvent"}
    assert due == {"Sepsis, grade 5", "Hypoxia, grade 5"}


def test_seriousness_is_by_its_criteria() -> None:
    """An event is serious by the criteria that it meets, and not serious by none."""
    trial, named = with_event()

    trial.must(cmd.AssessSeriousness, **named, criteria=["hospitalisation"], reason="Admitted overnight")
    assert event_of(trial, named).serious
    again = {"criteria": ["hospitalisation"], "reason": "Again"}
    assert trial.refused(cmd.AssessSeriousness, **named, **again).code == "seriousness.same"
    trial.must(cmd.AssessSeriousness, **named, criteria=[], reason="Admission was planned before")

    assert not event_of(trial, named).serious


def test_relatedness_that_changes_reopens_the_adjudication() -> None:
    """A relatedness that changes takes the adjudication back, and decides whether the event can be a DLT."""
    trial, named = with_event(related=False)
    subject = trial.state.subjects[named["subject"]]
    assert subject.dlt_candidates(trial.study) == ()
    trial.must(cmd.AdjudicateDlt, **named, dlt=False, reason="Not related")

    trial.must(cmd.AssessRelatedness, **named, related=True, reason="The sponsor's review")

    subject = trial.state.subjects[named["subject"]]
    assert [event.dlt for event in subject.dlt_candidates(trial.study)] == [None]
    assert trial.refused(cmd.AssessRelatedness, **named, related=True, reason="Again").code == "related.same"


SAID = {
    "nothing": ({}, 3, "seriousness.missing"),
    "no, and in hospital": ({"serious": False, "criteria": ["hospitalisation"]}, 3, "seriousness.contradiction"),
    "no, and fatal": ({"serious": False}, 5, "seriousness.contradiction"),
    "death at grade 3": ({"criteria": ["death"]}, 3, "seriousness.death"),
    "grade 5 without death": ({"criteria": ["hospitalisation"]}, 5, "seriousness.death"),
}


@pytest.mark.parametrize("name", SAID)
def test_an_unknown_or_contradicted_seriousness_is_refused(name: str) -> None:
    """A report that does not say whether the event is serious, or says two things of it, is not taken down."""
    said, grade, code = SAID[name]
    trial = LifeTrial().open()
    told = {"subject": trial.infused(), "term": "Sepsis", "onset_on": trial.now.date(), "related": False}

    refusal = trial.refused(cmd.ReportAdverseEvent, **told, grade=grade, **said)

    assert refusal.code == code
    assert "ICH E2A" in refusal.rule


def test_criteria_of_a_report_say_that_it_is_serious() -> None:
    """Criteria given with a report make the event serious by them, with nothing left to assess."""
    trial, named = with_event(serious=None, criteria=["life threatening", "hospitalisation"])

    event = event_of(trial, named)

    assert (event.serious, event.criteria) == (True, ("life threatening", "hospitalisation"))
    steps = [step.command for one in trial.view("inv").subjects if one.id == named["subject"] for step in one.steps]
    assert "AssessSeriousness" not in steps


def late_at_29_days() -> tuple[LifeTrial, str]:
    """Somebody whose event was typed with an onset on the day after the DLT window; the window is open still."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.wait(days=29)
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 3, "related": True, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    return trial, subject


def test_an_onset_is_corrected_and_what_hangs_on_it_follows() -> None:
    """An onset that is corrected into the window makes the event a possible DLT; one out of it takes the DLT away."""
    trial, subject = late_at_29_days()
    event, day = {"subject": subject, "event": 1}, trial.now.date()
    assert trial.refused(cmd.AdjudicateDlt, **event, dlt=True, reason="?").code == "dlt.outside_window"

    trial.must(cmd.CorrectAdverseEvent, **event, onset_on=day - timedelta(days=1), reason="Typed wrongly")
    trial.must(cmd.AdjudicateDlt, **event, dlt=True, reason="By definition")
    assert str(trial.state.outcomes(trial.study)) == "1T"
    trial.must(cmd.CorrectAdverseEvent, **event, onset_on=day, reason="It was the 29th after all")

    assert trial.state.subjects[subject].dlt_at is None
    assert str(trial.state.outcomes(trial.study)) == "1P"


def test_an_event_entered_in_error_counts_for_nothing_and_stays_in_the_record() -> None:
    """A voided event is no DLT any more, its entries stay, and the next event has a number of its own."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.toxicity(subject)
    assert str(trial.state.outcomes(trial.study)) == "1T"

    trial.must(cmd.VoidAdverseEvent, subject=subject, event=1, reason="Another subject was meant")
    trial.toxicity(subject, dlt=False)

    one = trial.state.subjects[subject]
    assert ([event.number for event in one.adverse_events], one.voided_events[0].number) == ([2], 1)
    assert str(trial.state.outcomes(trial.study)) == "1P"
    assert [event.kind for _, event in one.record if event.kind.startswith("AdverseEvent")] == [
        "AdverseEventReported.v2",
        "AdverseEventVoided.v1",
        "AdverseEventReported.v2",
    ]


def test_the_same_event_twice_is_taken_down_and_asked_about() -> None:
    """A second event with the term and the onset of a first raises a query, and one with another term does not."""
    trial = LifeTrial().open()
    subject = trial.infused()
    told = {"onset_on": trial.now.date(), "grade": 1, "related": True, "serious": False}

    assert len(trial.must(cmd.ReportAdverseEvent, subject=subject, term="Nausea", **told)) == 1
    _, query = trial.must(cmd.ReportAdverseEvent, subject=subject, term="nausea", **told)
    assert len(trial.must(cmd.ReportAdverseEvent, subject=subject, term="Fever", **told)) == 1

    assert "adverse event 1" in query.text


def test_a_grade_of_5_leaves_no_recovery() -> None:
    """An event that had recovered and comes to grade 5 is fatal, and one back from 5 has no known outcome."""
    trial = LifeTrial().open()
    subject = trial.infused()
    told = {"onset_on": trial.now.date(), "grade": 3, "related": False, "serious": True}
    trial.must(cmd.ReportAdverseEvent, subject=subject, term="Sepsis", **told)
    event = {"subject": subject, "event": 1}
    trial.must(cmd.FollowUpAdverseEvent, **event, outcome="recovered/resolved", ended_on=trial.now.date())

    trial.must(cmd.GradeAdverseEvent, **event, grade=5, reason="Died")
    assert trial.state.subjects[subject].adverse_events[0].outcome == "fatal"
    trial.must(cmd.GradeAdverseEvent, **event, grade=4, reason="Lives")

    assert trial.state.subjects[subject].adverse_events[0].outcome == "unknown"
