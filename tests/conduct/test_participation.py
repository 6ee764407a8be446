"""Consent by version, how subjects leave, and what follows from it; screening stays as it was recorded."""

from datetime import date, timedelta

import pytest

from tests.conduct.life import BY_CHOICE, ONE_ARM, RANDOMISED, RESERVING, LifeTrial, changed
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.history import followed
from trialwright.conduct.late_entries import is_late
from trialwright.conduct.screening_log import screening_log


def leave(trial: LifeTrial, subject: str, disposition: str, **more: object) -> dict[str, object]:
    """A disposition that happened today."""
    today = {"occurred_on": trial.now.date(), "reason": "As told by the site"}
    return {"subject": subject, "disposition": disposition, **today, **more}


def test_consent_names_the_version_in_force() -> None:
    """Screening takes down the version that was consented to, and no other than the one in force."""
    trial = LifeTrial().open()
    subject = trial.known()

    assert trial.state.subjects[subject].version == "1.0"
    later = (trial.now + timedelta(days=1)).date()
    assert trial.refused(cmd.ScreenSubject, consented_on=later).code == "consent.future"
    refusal = trial.refused(cmd.ScreenSubject, consented_on=trial.now.date(), version="0.9")
    assert (refusal.code, "version" in refusal.rule) == ("consent.version", True)


def test_a_subject_without_a_version_is_on_that_of_its_entry() -> None:
    """A screening that was written before versions were named is on the version that its entry carries."""
    trial = LifeTrial().open()
    told = {"at": trial.now, "by": "inv", "role": "investigator", "site": "01", "protocol": "1.0"}

    trial.happens(ev.SubjectScreened(**told, subject="S001", consented_on=trial.now.date()))

    assert trial.state.subjects["S001"].version == "1.0"


@pytest.mark.parametrize("term", ["screen failure", "withdrawal by subject", "lost to follow-up", "death"])
def test_leaving_in_screening_frees_the_reserved_slot(term: str) -> None:
    """Whoever leaves in screening gives a reserved slot back and is not enrolled any more."""
    trial = LifeTrial(RESERVING).open()
    subject = trial.known()
    trial.must(cmd.ReserveSlot, subject=subject)

    trial.must(cmd.RecordDisposition, **leave(trial, subject, term))

    assert trial.state.free_slots(trial.study, trial.state.open_level) == 3
    assert trial.refused(cmd.EnrolSubject, subject=subject).code == "subject.left"


def test_de_04_who_leaves_in_the_window_without_a_dlt_is_replaced() -> None:
    """A subject who is lost before the window ends does not count for the rule, and another one is enrolled."""
    trial = LifeTrial().open()
    lost, *_ = [trial.infused() for _ in range(3)]
    trial.wait(days=10)

    trial.must(cmd.RecordDisposition, **leave(trial, lost, "lost to follow-up"))

    assert trial.state.subjects[lost].not_evaluable
    assert str(trial.state.outcomes(trial.study)) == "1PP"
    trial.enrolled()


def test_de_04_who_leaves_with_a_dlt_counts() -> None:
    """A subject with a dose-limiting toxicity is evaluable, however early it leaves."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.toxicity(subject)

    trial.must(cmd.RecordDisposition, **leave(trial, subject, "withdrawal by subject"))

    assert str(trial.state.outcomes(trial.study)) == "1T"


def test_de_04_a_death_in_the_window_waits_for_judgement() -> None:
    """A death in the window neither frees the slot nor closes the window: it is reported, graded and adjudicated."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.wait(days=3)

    trial.must(cmd.RecordDisposition, **leave(trial, subject, "death"))
    trial.wait(days=30)

    assert str(trial.state.outcomes(trial.study)) == "1P"
    assert trial.refused(cmd.CloseDltWindow, subject=subject).code == "window.left"
    died = trial.state.subjects[subject].disposition.occurred_on
    told = {"term": "Hypoxia", "onset_on": died, "grade": 5, "related": True, "serious": True}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    trial.must(cmd.AdjudicateDlt, subject=subject, event=1, dlt=True, reason="Related death")
    assert str(trial.state.outcomes(trial.study)) == "1T"


def test_de_04_a_window_that_was_closed_too_early_does_not_count() -> None:
    """Who turns out to have left within a window that was closed is not evaluable; a decision on it is not signed."""
    trial = LifeTrial().open()
    subjects = [trial.infused() for _ in range(3)]
    trial.wait(days=28)
    for subject in subjects:
        trial.must(cmd.CloseDltWindow, subject=subject)
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    infused_on = trial.state.subjects[subjects[0]].infusion.at.date()

    lost = {"disposition": "lost to follow-up", "occurred_on": infused_on + timedelta(days=1), "reason": "Not seen"}
    trial.must(cmd.RecordDisposition, subject=subjects[0], **lost)

    assert str(trial.state.outcomes(trial.study)) == "1NN"
    signed = trial.refused(cmd.SignDoseDecision, number=proposed.number, content=proposed.content)
    assert signed.code == "decision.superseded"
    assert trial.state.free_slots(trial.study, trial.state.open_level) == 1


def test_de_04_a_death_that_is_learnt_of_late_holds_the_trial() -> None:
    """A death within a window that was closed waits for its report and judgement, and nobody is treated before that."""
    trial = LifeTrial().open()
    subjects = [trial.infused() for _ in range(3)]
    died = trial.now.date() + timedelta(days=5)
    trial.wait(days=28)
    for subject in subjects:
        trial.must(cmd.CloseDltWindow, subject=subject)

    trial.must(cmd.RecordDisposition, subject=subjects[0], disposition="death", occurred_on=died, reason="Found dead")

    assert sorted(str(trial.state.outcomes(trial.study))) == sorted("1NNP")
    assert trial.refused(cmd.ProposeDoseDecision, decision="escalate").code == "decision.adjudication"
    assert trial.state.free_slots(trial.study, trial.state.open_level) == 0
    due = {step.command for step in trial.view("inv").subject(subjects[0]).steps if step.due}
    assert ("ReportAdverseEvent" in due, "DeclareNotEvaluable" in due) == (True, False)
    told = {"term": "Hypoxia", "onset_on": died, "grade": 5, "related": True, "serious": True}
    trial.must(cmd.ReportAdverseEvent, subject=subjects[0], **told)
    trial.must(cmd.AdjudicateDlt, subject=subjects[0], event=1, dlt=True, reason="Related death")
    assert sorted(str(trial.state.outcomes(trial.study))) == sorted("1NNT")


def test_de_04_who_had_too_little_of_the_dose_is_not_evaluable() -> None:
    """A subject who received less than the protocol's share of the dose has no window to close, unless it had a DLT."""
    text = changed(RESERVING, ("    days: 28 days\n", "    days: 28 days\n    dose at least: 80\n"))
    trial = LifeTrial(text).open()
    given = {}
    for volume in ("12.15", "12.16"):  # of 15.2 mL planned: 79.9 and 80 %
        subject = trial.enrolled()
        trial.infuse(subject, given_ml=volume, reason="Line blocked")
        given[volume] = subject
    trial.wait(days=28)

    refusal = trial.refused(cmd.CloseDltWindow, subject=given["12.15"])

    assert (refusal.code, "dose at least" in refusal.rule) == ("window.dose", True)
    trial.must(cmd.CloseDltWindow, subject=given["12.16"])
    trial.must(cmd.DeclareNotEvaluable, subject=given["12.15"], reason="79.9 % of the dose")
    assert str(trial.state.outcomes(trial.study)) == "1N"


def test_de_04_who_received_nothing_is_replaced() -> None:
    """A subject of whose infusion no drop ran in is followed for no day, and is due to be declared not evaluable."""
    trial = LifeTrial().open()
    subject = trial.ready(trial.enrolled())
    trial.must(cmd.StartInfusion, subject=subject)
    trial.must(cmd.AbortInfusion, subject=subject, given_ml="0", reason="No vein was found")
    trial.wait(days=30)

    due = {step.command for step in trial.view("inv").subject(subject).steps if step.due}

    assert ("CloseDltWindow" in due, "DeclareNotEvaluable" in due) == (False, True)
    assert followed(trial.study, trial.state.subjects[subject], trial.now) == 0
    trial.must(cmd.DeclareNotEvaluable, subject=subject, reason="Nothing was given")
    assert trial.state.free_slots(trial.study, trial.state.open_level) == 3
    assert str(trial.state.outcomes(trial.study)) == "1"


def test_de_04_who_left_with_a_dlt_or_on_the_last_day_was_followed() -> None:
    """The window is closed of a subject who left with a DLT, however early, and of one who left on its last day."""
    trial = LifeTrial().open()
    toxic, late = trial.infused(), trial.infused()
    trial.toxicity(toxic)
    trial.must(cmd.RecordDisposition, **leave(trial, toxic, "withdrawal by subject"))
    trial.wait(days=28)
    trial.must(cmd.RecordDisposition, **leave(trial, late, "withdrawal by subject"))

    for subject in (toxic, late):
        trial.must(cmd.CloseDltWindow, subject=subject)

    assert str(trial.state.outcomes(trial.study)) == "1TN"


def test_a_treated_subject_completes_after_its_window() -> None:
    """Completion is taken down once the DLT window is closed, and of enrolled subjects only."""
    trial = LifeTrial().open()
    subject, screened = trial.infused(), trial.known()
    refusal = trial.refused(cmd.RecordDisposition, **leave(trial, screened, "completed"))
    assert refusal.code == "disposition.not_enrolled"
    assert trial.refused(cmd.RecordDisposition, **leave(trial, subject, "completed")).code == "disposition.window"
    trial.wait(days=28)
    trial.must(cmd.CloseDltWindow, subject=subject)

    despite = {"despite": "The visits were held elsewhere"}
    (done,) = trial.must(cmd.RecordDisposition, **leave(trial, subject, "completed"), **despite)
    assert (done.kind, done.despite) == ("DispositionRecorded.v2", "The visits were held elsewhere")

    assert trial.state.subjects[subject].disposition.term == "completed"
    assert str(trial.state.outcomes(trial.study)) == "1N"


IMPOSSIBLE = {
    "in the future": ("withdrawal by subject", 1, "disposition.future"),
    "before consent": ("withdrawal by subject", -9, "disposition.before_consent"),
    "before the infusion": ("death", -2, "disposition.before_infusion"),
    "a failure of the enrolled": ("screen failure", 0, "disposition.enrolled"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_disposition_is_refused(name: str) -> None:
    """A disposition that cannot be so is refused, and says what cannot be."""
    term, days, code = IMPOSSIBLE[name]
    trial = LifeTrial().open()
    subject = trial.enrolled()
    trial.wait(days=5)
    trial.infuse(subject)
    day = (trial.now + timedelta(days=days)).date()

    assert trial.refused(cmd.RecordDisposition, **leave(trial, subject, term, occurred_on=day)).code == code


def test_a_death_is_taken_down_after_a_loss_and_nothing_after_a_death() -> None:
    """A subject who was lost may turn out to have died; a day before the last contact is refused."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.wait(days=5)
    trial.must(cmd.RecordDisposition, **leave(trial, subject, "lost to follow-up"))
    assert trial.refused(cmd.RecordDisposition, **leave(trial, subject, "completed")).code == "disposition.recorded"
    before = {"occurred_on": (trial.now - timedelta(days=2)).date()}
    assert trial.refused(cmd.RecordDisposition, **leave(trial, subject, "death", **before)).code == "disposition.order"

    trial.wait(days=40)
    trial.must(cmd.RecordDisposition, **leave(trial, subject, "death"))

    assert trial.refused(cmd.RecordDisposition, **leave(trial, subject, "death")).code == "disposition.recorded"


def test_ti_03_when_it_happened_and_when_it_was_taken_down_are_two_dates() -> None:
    """A disposition keeps the day on which it happened apart from the moment at which it was taken down."""
    trial = LifeTrial().open()
    subject = trial.infused()
    happened = trial.now.date()
    trial.wait(days=9)

    (recorded,) = trial.must(cmd.RecordDisposition, **leave(trial, subject, "death", occurred_on=happened))

    gone = trial.state.subjects[subject].disposition
    assert (recorded.occurred_on, recorded.at) == (happened, trial.now)
    assert (gone.occurred_on, gone.at) == (happened, trial.now)
    assert trial.view().subject(subject).disposition == gone


@pytest.mark.parametrize(("days", "expected"), [(0, False), (1, False), (2, True)])
def test_ti_03_an_entry_more_than_a_day_late_is_known_as_late(days: int, expected: bool) -> None:
    """What is taken down later than on the day after it happened is a late entry."""
    trial = LifeTrial().open()
    happened = trial.now.date()
    trial.wait(days=days)

    (screened,) = trial.must(cmd.ScreenSubject, consented_on=happened)

    assert is_late(screened) is expected


def test_the_screening_log_says_how_screening_ended_and_why() -> None:
    """The log has everybody who consented at the viewer's site, how screening ended, when, and why."""
    trial = LifeTrial().open()
    enrolled, failed = trial.enrolled(), trial.screened(basdai="3.9")
    refused, waiting, other = trial.known(), trial.known(verdict="undetermined"), trial.known(by="other")
    trial.must(cmd.RecordDisposition, **leave(trial, refused, "withdrawal by subject"))

    lines = {line.subject: line for line in screening_log(trial.view("inv"))}

    assert {number: line.result for number, line in lines.items()} == {
        enrolled: "enrolled",
        failed: "not eligible",
        refused: "left",
        waiting: "in screening",
    }
    assert lines[failed].reasons == ("I03 not met",)
    assert lines[refused].reasons == ("withdrawal by subject: As told by the site",)
    assert lines[waiting].ended_at is None
    assert other in {line.subject for line in screening_log(trial.view("sponsor"))}


@pytest.mark.parametrize(("key", "free"), [("", 1), ("    replaced: untreated", 2)])
def test_the_untreated_are_replaced_where_the_protocol_says_so(key: str, free: int) -> None:
    """Who leaves before the first infusion keeps the place in the trial, unless the protocol replaces the untreated."""
    planned = 'enrolment: {planned: 200, at: "basic information, sentence 6"}'
    more = ", replaced: untreated" if key else ""
    text = changed(BY_CHOICE, (planned, planned.replace("200", "3").replace("}", more + "}")))
    trial = LifeTrial(text).open()
    subject, _ = trial.joined(), trial.joined()

    trial.must(cmd.RecordDisposition, **leave(trial, subject, "withdrawal by subject"))

    assert trial.state.free(trial.study, trial.state.place(trial.study)) == free


def test_who_was_prescribed_what_the_arm_gives_is_not_untreated() -> None:
    """In an arm that is not infused the prescription is the treatment: who leaves after it is not replaced."""
    planned = 'enrolment: {planned: 200, at: "basic information, sentence 6"}'
    untreated = 'enrolment: {planned: 3, replaced: untreated, at: "basic information, sentence 6"}'
    trial = LifeTrial(changed(BY_CHOICE, (planned, untreated))).open()
    subject = trial.joined()
    trial.must(cmd.ChooseArm, subject=subject, arm="csDMARD alone")
    trial.must(cmd.PrescribeMedicine, subject=subject, drug="methotrexate", counts_as="csDMARD")

    trial.must(cmd.RecordDisposition, **leave(trial, subject, "withdrawal by subject"))

    assert trial.state.free(trial.study, trial.state.place(trial.study)) == 2


def test_whoever_died_of_an_event_does_not_complete_the_trial() -> None:
    """With an event of grade 5 only the death is taken down, or what was before the day on which the event ended."""
    trial = LifeTrial(BY_CHOICE).open()
    subject, today = trial.joined(), trial.now.date()
    fatal = {"subject": subject, "term": "Cardiac arrest", "onset_on": today, "grade": 5, "related": False}
    trial.must(cmd.ReportAdverseEvent, by="inv", **fatal)
    asked = leave(trial, subject, "withdrawal by subject")

    assert trial.refused(cmd.RecordDisposition, **asked).code == "disposition.fatal"

    trial.must(cmd.FollowUpAdverseEvent, by="inv", subject=subject, event=1, outcome="fatal", ended_on=today)
    trial.must(cmd.RecordDisposition, **asked)


def test_who_was_lost_and_found_goes_on() -> None:
    """A subject who was lost before the infusion and is found again holds its slot again, and is infused."""
    trial = LifeTrial().open()
    subject = trial.enrolled()
    trial.must(cmd.RecordDisposition, **leave(trial, subject, "lost to follow-up"))
    assert trial.refused(cmd.StartInfusion, subject=subject).code == "subject.left"

    corrected, again = trial.must(cmd.CorrectDisposition, subject=subject, was="lost to follow-up", reason="Came back")

    assert (corrected.was, corrected.disposition, again.kind) == ("lost to follow-up", None, "SubjectEvaluable.v1")
    trial.infuse(subject)
    assert str(trial.state.outcomes(trial.study)) == "1P"


def test_who_was_found_after_the_slot_was_taken_stays_out() -> None:
    """A subject whose slot somebody else took meanwhile has not left any more, and receives nothing."""
    trial = LifeTrial().open()
    subject = trial.enrolled()
    trial.must(cmd.RecordDisposition, **leave(trial, subject, "lost to follow-up"))
    for _ in range(3):
        trial.enrolled()

    (corrected,) = trial.must(cmd.CorrectDisposition, subject=subject, was="lost to follow-up", reason="Came back")

    assert corrected.disposition is None
    assert trial.refused(cmd.StartInfusion, subject=subject).code == "subject.out"


def test_a_day_of_death_is_corrected_with_the_reason() -> None:
    """The day of a death is corrected, and the death of another subject is taken back; both stay in the record."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.wait(days=3)
    trial.must(cmd.RecordDisposition, **leave(trial, subject, "death"))
    asked = {"subject": subject, "was": "death", "reason": "The certificate has another day"}

    trial.must(cmd.CorrectDisposition, **asked, disposition="death", occurred_on=trial.now.date() - timedelta(days=1))
    assert trial.state.subjects[subject].died_on == trial.now.date() - timedelta(days=1)
    trial.must(cmd.CorrectDisposition, **asked)

    assert trial.state.subjects[subject].disposition is None
    assert [event.kind for _, event in trial.state.subjects[subject].record if "Disposition" in event.kind] == [
        "DispositionRecorded.v2",
        "DispositionCorrected.v1",
        "DispositionCorrected.v1",
    ]


def test_a_death_before_the_onset_of_an_event_is_refused() -> None:
    """Nobody dies before the onset of an adverse event: the day of death is refused, as is such an onset after it."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.wait(days=9)
    told = {"term": "Sepsis", "onset_on": trial.now.date(), "grade": 5, "related": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    early = {"occurred_on": trial.now.date() - timedelta(days=2)}

    assert trial.refused(cmd.RecordDisposition, **leave(trial, subject, "death", **early)).code == "onset.after_death"


def test_data_of_a_day_after_the_withdrawal_are_asked_about() -> None:
    """A withdrawal dated before data that stand is taken down, and a query asks which day is right."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.wait(days=7)
    asked = {"subject": subject, "visit": "D7", "on": trial.now.date(), "values": {"crp": 3}}
    trial.must(cmd.RecordData, **asked)
    early = {"occurred_on": trial.now.date() - timedelta(days=2)}

    *_, query = trial.must(cmd.RecordDisposition, **leave(trial, subject, "withdrawal by subject", **early))

    assert (query.kind, query.visit, query.item) == ("QueryRaised.v2", "d7", "crp")


def test_a_review_stops_a_cohort_that_is_not_full() -> None:
    """To stop waits for nothing, and one signature does it; nobody signs after it that the trial continues."""
    trial = LifeTrial(RANDOMISED).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.joined()
    review = {"cohort": "cohort 1", "reason": "Two deaths elsewhere"}
    assert trial.refused(cmd.ReviewCohort, **review, conclusion="continue").code == "cohort.not_full"

    trial.must(cmd.ReviewCohort, **review, conclusion="stop")

    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "trial.stopped"
    assert trial.refused(cmd.ReviewCohort, **review, by="sponsor", conclusion="continue").code == "trial.stopped"


def test_the_sponsor_stops_a_trial_at_any_time() -> None:
    """A trial is stopped while nothing else would let it, and nobody is enrolled after that."""
    trial = LifeTrial(ONE_ARM).open()
    trial.must(cmd.StopTrial, by="sponsor", reason="No more cells")

    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "trial.stopped"


def test_a_study_is_locked_once_everybody_has_left_and_nobody_more_comes() -> None:
    """With each visit held or missed, each subject gone and the trial stopped, the study is locked."""
    trial = LifeTrial().open()
    trial.cohort("NN")
    assert trial.refused(cmd.LockData, by="sponsor").code == "lock.disposition"

    trial.ended()

    assert trial.must(cmd.LockData, by="sponsor")


def in_5794425() -> tuple[LifeTrial, str]:
    """A trial that collects deaths at its visits, and somebody infused ten days ago."""
    trial = LifeTrial(ONE_ARM).open()
    subject = trial.joined()
    trial.treated(subject)
    trial.wait(days=28)
    return trial, subject


def test_a_death_that_a_visit_finds_is_a_death() -> None:
    """After a death as data nothing is given, the death is due, and what was measured after it is asked about."""
    trial, subject = in_5794425()
    died = trial.now.date() - timedelta(days=4)
    values = {"death": {"on": died.isoformat()}, "haemoglobin": 80}
    visit = {"subject": subject, "visit": "Month 1", "on": trial.now.date(), "reason": "As seen"}

    *_, left, measured = trial.must(cmd.RecordData, **visit, values=values)

    assert [(one.kind, one.item) for one in (left, measured)] == [
        ("QueryRaised.v2", None),
        ("QueryRaised.v2", "haemoglobin"),
    ]
    assert trial.refused(cmd.PrescribeMedicine, subject=subject, drug="ibuprofen").code == "subject.left"
    assert ("disposition", "death") in {
        pair for step in trial.view("inv").subject(subject).steps for pair in step.fields
    }


def test_a_death_on_another_day_than_a_visit_found_is_asked_about() -> None:
    """A disposition that does not fit the item death is taken down, and a query asks which of the two is right."""
    trial, subject = in_5794425()
    visit = {"subject": subject, "visit": "Month 1", "on": trial.now.date(), "reason": "As seen"}
    trial.must(cmd.RecordData, **visit, values={"death": []})

    *_, query = trial.must(cmd.RecordDisposition, **leave(trial, subject, "death"))

    assert (query.kind, query.item) == ("QueryRaised.v2", "death")


def test_nobody_who_died_before_consent_consents() -> None:
    """A death, or an event that a death is, is refused on a day before consent."""
    trial, subject = in_5794425()
    visit = {"subject": subject, "visit": "Month 1", "on": trial.now.date(), "reason": "As seen"}

    for item in ("death", "progression_or_death"):
        refusal = trial.refused(cmd.RecordData, **visit, values={item: {"on": "2025-05-01"}})
        assert (refusal.code, "before consent" in refusal.reason) == ("values.day", True)


def test_nobody_consents_to_a_version_before_it_is_adopted() -> None:
    """A consent before the day on which the first version was adopted is refused."""
    trial = LifeTrial().open()

    assert trial.refused(cmd.ScreenSubject, consented_on=date(2026, 1, 4)).code == "consent.version"
