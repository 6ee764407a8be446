"""Refusals about adverse events, DLTs, the window, rescue and signatures."""

from datetime import date, timedelta

from tests.conduct.life import RANDOMISED, RESERVING, LifeTrial, changed
from trialwright.conduct import commands as cmd
from trialwright.conduct.signatures import content

EVENT = {"subject": "S001", "event": 1}
OTHERS = {**EVENT, "by": "other"}
RECOVERED = {**EVENT, "outcome": "recovered/resolved"}
SEQUELAE = "recovered/resolved with sequelae"
FATAL = {**EVENT, "outcome": "fatal"}
UNKNOWN = {**EVENT, "outcome": "unknown"}
ADMITTED = {**EVENT, "criteria": ["hospitalisation"], "reason": "Stayed overnight"}
HYPOXIA = {
    "subject": "S001",
    "term": "Hypoxia",
    "onset_on": date(2026, 1, 5),
    "grade": 3,
    "related": True,
    "serious": False,
}
DIED = {"serious": True, "criteria": ["death"]}
TWO = ["hospitalisation", "disability"]
FATAL_BY_TWO = {"grade": 5, "serious": True, "criteria": TWO}
NODE = {**HYPOXIA, "term": "lymph node pain", "grade": 4}
JUDGED = {"reason": "Source read again"}


def event_of_grade_3() -> LifeTrial:
    """S001, infused on 5 January, has a related hypoxia of grade 3 since then; it is 9 January."""
    trial = LifeTrial().open()
    trial.infused()
    trial.must(cmd.ReportAdverseEvent, **HYPOXIA)
    trial.wait(days=4)
    return trial


def event_of_grade_5() -> LifeTrial:
    """S001 died of the event, which says so and is serious by it."""
    trial = event_of_grade_3()
    trial.must(cmd.GradeAdverseEvent, **EVENT, grade=5, **JUDGED)
    return trial


def event_recovering() -> LifeTrial:
    """The event is followed up as recovering."""
    trial = event_of_grade_3()
    trial.must(cmd.FollowUpAdverseEvent, **EVENT, outcome="recovering/resolving")
    return trial


def event_serious() -> LifeTrial:
    """The event is serious by hospitalisation."""
    trial = event_of_grade_3()
    trial.must(cmd.AssessSeriousness, **ADMITTED)
    return trial


def event_adjudicated() -> LifeTrial:
    """The event is judged not dose-limiting."""
    trial = event_of_grade_3()
    trial.must(cmd.AdjudicateDlt, **EVENT, dlt=False, **JUDGED)
    return trial


def event_dose_limiting() -> LifeTrial:
    """The event is judged dose-limiting, on the day on which the window ends."""
    trial = event_of_grade_3()
    trial.must(cmd.AdjudicateDlt, **EVENT, dlt=True, **JUDGED)
    trial.wait(days=24)
    return trial


def event_not_adjudicated() -> LifeTrial:
    """The window ends today, and the event was not judged."""
    trial = event_of_grade_3()
    trial.must(cmd.ReportAdverseEvent, **{**HYPOXIA, "term": "Fever", "grade": 4})
    trial.wait(days=24)
    return trial


def event_after_the_window() -> LifeTrial:
    """An event began on the day after the last of the window."""
    trial = LifeTrial().open()
    trial.infused()
    trial.wait(days=29)
    trial.must(cmd.ReportAdverseEvent, **{**HYPOXIA, "onset_on": trial.now.date()})
    return trial


def window_open() -> LifeTrial:
    """S001 was infused a second less than 28 days ago; S002 is enrolled."""
    trial = LifeTrial().open()
    trial.infused()
    trial.enrolled()
    trial.now += timedelta(days=28, seconds=-1)
    return trial


def window_closed() -> LifeTrial:
    """The window of S001 is closed."""
    trial = LifeTrial().open()
    trial.infused()
    trial.wait(days=28)
    trial.must(cmd.CloseDltWindow, subject="S001")
    return trial


def not_evaluable() -> LifeTrial:
    """S001 was declared not evaluable."""
    trial = LifeTrial().open()
    trial.infused()
    trial.must(cmd.DeclareNotEvaluable, subject="S001", reason="Moved away on day 5")
    trial.wait(days=28)
    return trial


def left_in_the_window() -> LifeTrial:
    """S001 died on the day before the window ended, and no adverse event says of what."""
    trial = LifeTrial().open()
    trial.infused()
    trial.wait(days=28)
    died = {"disposition": "death", "occurred_on": trial.now.date() - timedelta(days=1), "reason": "As told"}
    trial.must(cmd.RecordDisposition, subject="S001", **died)
    return trial


def too_little_given() -> LifeTrial:
    """S001 received less than the protocol's share of the dose."""
    trial = LifeTrial(changed(RESERVING, ("    days: 28 days\n", "    days: 28 days\n    dose at least: 80\n"))).open()
    trial.infuse(trial.enrolled(), given_ml="12.1", reason="Line blocked")
    trial.wait(days=28)
    return trial


def nothing_given() -> LifeTrial:
    """The infusion of S001 was aborted before a drop ran in, and the protocol asks for no share of the dose."""
    trial = LifeTrial().open()
    trial.ready(trial.enrolled())
    trial.must(cmd.StartInfusion, subject="S001")
    trial.must(cmd.AbortInfusion, subject="S001", given_ml="0", reason="No vein was found")
    trial.wait(days=28)
    return trial


def before_week_14() -> LifeTrial:
    """S001 of NCT03828344 is enrolled and was not infused."""
    trial = LifeTrial(RANDOMISED).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.joined()
    return trial


def week_14() -> LifeTrial:
    """S001 of NCT03828344 was infused 98 days ago, and its joints were not counted."""
    trial = before_week_14()
    trial.treated("S001")
    trial.wait(days=98)
    return trial


def before_the_window_of_week_14() -> LifeTrial:
    """The window of week 14 opens tomorrow."""
    trial = before_week_14()
    trial.treated("S001")
    trial.wait(days=94)
    return trial


def after_the_window_of_week_14() -> LifeTrial:
    """The window of week 14 ended yesterday."""
    trial = before_week_14()
    trial.treated("S001")
    trial.wait(days=102)
    return trial


def rescued() -> LifeTrial:
    """S001 began rescue today."""
    trial = week_14()
    trial.must(cmd.StartRescue, **RESCUE_TODAY, reason="Six swollen joints")
    return trial


def joints_better() -> LifeTrial:
    """Both joint counts of S001 fell from 10 to 8 at week 12."""
    trial = before_week_14()
    trial.treated("S001")
    about = {"by": "nurse", "subject": "S001"}
    first = {"visit": "Baseline", "on": trial.now.date(), "reason": "Counted on the day of the infusion"}
    trial.must(cmd.RecordData, **about, **first, values={"tjc28": 10, "sjc28": 10})
    trial.wait(days=84)
    later = {"visit": "Week 12", "on": trial.now.date(), "values": {"tjc28": 8, "sjc28": 8}}
    trial.must(cmd.RecordData, **about, **later, confirmed=dict.fromkeys(("tjc28", "sjc28"), "Counted twice"))
    trial.wait(days=14)
    return trial


def signed() -> LifeTrial:
    """The investigator has signed for what stands there of S001, screened and eligible."""
    trial = LifeTrial().open()
    trial.screened()
    trial.must(cmd.SignContent, **what_stands_there(trial))
    return trial


def what_stands_there(trial: LifeTrial) -> dict[str, object]:
    """A signature over what stands there of S001."""
    bound = content(trial.state.subjects["S001"], None)
    return {**SIGNATURE, "content": bound.sha256, "sequence": bound.sequence}


def nothing_at_day_7() -> LifeTrial:
    """Nothing was taken down at day 7."""
    trial = LifeTrial().open()
    trial.infused()
    return trial


SIGNATURE = {"subject": "S001", "meaning": "responsibility", "name": "Dr Vogel", "content": "0" * 64, "sequence": 1}
RESCUE = {"subject": "S001", "treatment": "Adalimumab", "started_on": "2026-01-05"}
RESCUE_TODAY = {**RESCUE, "started_on": "2026-04-13"}


CORRECTED = {"subject": "S001", "event": 2, "onset_on": "2026-01-07", "reason": "Told anew"}


def untreated() -> LifeTrial:
    """S001 is enrolled, and nothing was given."""
    trial = LifeTrial().open()
    trial.enrolled()
    return trial


def treated_later() -> LifeTrial:
    """S001 had an unrelated event on 5 January and was infused on the 8th."""
    trial = untreated()
    trial.must(cmd.ReportAdverseEvent, **{**HYPOXIA, "related": False})
    trial.wait(days=3)
    trial.infuse("S001")
    return trial


def related_since_treatment() -> LifeTrial:
    """An event that began on the day of the infusion is called related."""
    trial = treated_later()
    trial.must(cmd.ReportAdverseEvent, **{**HYPOXIA, "onset_on": "2026-01-08"})
    return trial


def withdrew() -> LifeTrial:
    """S001 withdrew consent on 7 January; it is 9 January."""
    trial = event_of_grade_3()
    gone = {"disposition": "withdrawal by subject", "occurred_on": "2026-01-07", "reason": "As told"}
    trial.must(cmd.RecordDisposition, subject="S001", **gone)
    return trial


PUT_OFF = {"subject": "S001", "anchor": "infusion", "on": date(2026, 1, 9), "reason": "A cold"}


def put_off() -> LifeTrial:
    """The infusion of S001, who is enrolled, was put off until 9 January; it is 5 January."""
    trial = untreated()
    trial.must(cmd.PlanDay, **PUT_OFF)
    return trial


REFUSALS = [
    (event_of_grade_3, cmd.CorrectAdverseEvent, {**EVENT, "term": "Hypoxia", **JUDGED}, "event.same"),
    (event_of_grade_3, cmd.CorrectAdverseEvent, {**EVENT, "onset_on": "2026-01-10", **JUDGED}, "onset.future"),
    (event_of_grade_3, cmd.CorrectAdverseEvent, {**EVENT, "onset_on": "2026-01-04", **JUDGED}, "onset.before_consent"),
    (event_of_grade_5, cmd.CorrectAdverseEvent, {**EVENT, "term": "lymph node pain", **JUDGED}, "grade.not_on_scale"),
    (event_of_grade_3, cmd.VoidAdverseEvent, {"subject": "S001", "event": 2, **JUDGED}, "event.unknown"),
    (withdrew, cmd.ReportAdverseEvent, {**HYPOXIA, "onset_on": "2026-01-08"}, "onset.after_withdrawal"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, "by": "other"}, "subject.unknown"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, "onset_on": "2026-01-10"}, "onset.future"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, "onset_on": "2026-01-04"}, "onset.before_consent"),
    (event_of_grade_3, cmd.ReportAdverseEvent, NODE, "grade.not_on_scale"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, "term": "Investigations - Other, specify"}, "term.other"),
    (treated_later, cmd.ReportAdverseEvent, {**HYPOXIA, "onset_on": "2026-01-07"}, "related.before_treatment"),
    (treated_later, cmd.AssessRelatedness, {**EVENT, **JUDGED, "related": True}, "related.before_treatment"),
    (related_since_treatment, cmd.CorrectAdverseEvent, CORRECTED, "related.before_treatment"),
    (untreated, cmd.ReportAdverseEvent, HYPOXIA, "related.before_treatment"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, "serious": None}, "seriousness.missing"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, "grade": 5}, "seriousness.contradiction"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, "criteria": TWO}, "seriousness.contradiction"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, **DIED}, "seriousness.death"),
    (event_of_grade_3, cmd.ReportAdverseEvent, {**HYPOXIA, **FATAL_BY_TWO}, "seriousness.death"),
    (event_of_grade_3, cmd.GradeAdverseEvent, {**OTHERS, **JUDGED, "grade": 4}, "subject.unknown"),
    (event_of_grade_3, cmd.GradeAdverseEvent, {**EVENT, **JUDGED, "event": 2, "grade": 4}, "event.unknown"),
    (event_of_grade_3, cmd.GradeAdverseEvent, {**EVENT, **JUDGED, "grade": 3}, "grade.same"),
    (event_of_grade_3, cmd.GradeAdverseEvent, {**EVENT, **JUDGED, "grade": 1}, "grade.not_on_scale"),
    (event_of_grade_3, cmd.FollowUpAdverseEvent, {**OTHERS, "outcome": "unknown"}, "subject.unknown"),
    (event_of_grade_3, cmd.FollowUpAdverseEvent, RECOVERED, "outcome.end"),
    (event_of_grade_3, cmd.FollowUpAdverseEvent, {**EVENT, "outcome": SEQUELAE}, "outcome.end"),
    (event_of_grade_5, cmd.FollowUpAdverseEvent, FATAL, "outcome.end"),
    (event_of_grade_3, cmd.FollowUpAdverseEvent, {**UNKNOWN, "ended_on": "2026-01-06"}, "outcome.end"),
    (event_of_grade_3, cmd.FollowUpAdverseEvent, {**RECOVERED, "ended_on": "2026-01-04"}, "outcome.date"),
    (event_of_grade_3, cmd.FollowUpAdverseEvent, {**RECOVERED, "ended_on": "2026-01-10"}, "outcome.date"),
    (event_of_grade_3, cmd.FollowUpAdverseEvent, {**FATAL, "ended_on": "2026-01-06"}, "outcome.grade"),
    (event_of_grade_5, cmd.FollowUpAdverseEvent, UNKNOWN, "outcome.grade"),
    (event_recovering, cmd.FollowUpAdverseEvent, {**EVENT, "outcome": "recovering/resolving"}, "outcome.same"),
    (event_of_grade_3, cmd.AssessSeriousness, {**OTHERS, **JUDGED, "criteria": []}, "subject.unknown"),
    (event_of_grade_3, cmd.AssessSeriousness, {**EVENT, **JUDGED, "criteria": ["death"]}, "seriousness.death"),
    (event_of_grade_5, cmd.AssessSeriousness, {**EVENT, **JUDGED, "criteria": []}, "seriousness.death"),
    (event_of_grade_3, cmd.AssessSeriousness, {**EVENT, **JUDGED, "criteria": []}, "seriousness.same"),
    (event_serious, cmd.AssessSeriousness, {**ADMITTED, "criteria": ["hospitalisation"] * 2}, "seriousness.same"),
    (event_of_grade_3, cmd.AssessRelatedness, {**OTHERS, **JUDGED, "related": False}, "subject.unknown"),
    (event_of_grade_3, cmd.AssessRelatedness, {**EVENT, **JUDGED, "related": True}, "related.same"),
    (event_of_grade_3, cmd.AdjudicateDlt, {**OTHERS, **JUDGED, "dlt": True}, "subject.unknown"),
    (event_after_the_window, cmd.AdjudicateDlt, {**EVENT, **JUDGED, "dlt": True}, "dlt.outside_window"),
    (event_adjudicated, cmd.AdjudicateDlt, {**EVENT, **JUDGED, "dlt": False}, "dlt.same"),
    (window_open, cmd.CloseDltWindow, {"by": "other", "subject": "S001"}, "subject.unknown"),
    (window_open, cmd.CloseDltWindow, {"subject": "S001"}, "window.open"),
    (window_open, cmd.CloseDltWindow, {"subject": "S002"}, "window.not_open"),
    (window_closed, cmd.CloseDltWindow, {"subject": "S001"}, "window.not_open"),
    (not_evaluable, cmd.CloseDltWindow, {"subject": "S001"}, "window.not_open"),
    (left_in_the_window, cmd.CloseDltWindow, {"subject": "S001"}, "window.left"),
    (too_little_given, cmd.CloseDltWindow, {"subject": "S001"}, "window.dose"),
    (nothing_given, cmd.CloseDltWindow, {"subject": "S001"}, "window.dose"),
    (event_not_adjudicated, cmd.CloseDltWindow, {"subject": "S001"}, "dlt.waiting"),
    (window_open, cmd.DeclareNotEvaluable, {"by": "other", "subject": "S001", "reason": "?"}, "subject.unknown"),
    (window_closed, cmd.DeclareNotEvaluable, {"subject": "S001", "reason": "?"}, "subject.no_slot"),
    (not_evaluable, cmd.DeclareNotEvaluable, {"subject": "S001", "reason": "?"}, "subject.no_slot"),
    (signed, cmd.DeclareNotEvaluable, {"subject": "S001", "reason": "?"}, "subject.no_slot"),
    (event_not_adjudicated, cmd.DeclareNotEvaluable, {"subject": "S001", "reason": "?"}, "dlt.counts"),
    (left_in_the_window, cmd.DeclareNotEvaluable, {"subject": "S001", "reason": "?"}, "dlt.counts"),
    (event_dose_limiting, cmd.DeclareNotEvaluable, {"subject": "S001", "reason": "?"}, "dlt.counts"),
    (put_off, cmd.PlanDay, PUT_OFF, "day.same"),
    (put_off, cmd.PlanDay, {**PUT_OFF, "on": "2026-01-04"}, "day.past"),
    (put_off, cmd.PlanDay, {**PUT_OFF, "anchor": "consent"}, "day.unknown"),
    (put_off, cmd.PlanDay, {**PUT_OFF, "by": "other"}, "subject.unknown"),
    (event_of_grade_3, cmd.PlanDay, {**PUT_OFF, "on": "2026-01-12"}, "day.was"),
    (window_open, cmd.StartRescue, RESCUE, "rescue.none"),
    (before_week_14, cmd.StartRescue, {**RESCUE, "by": "other"}, "subject.unknown"),
    (before_week_14, cmd.StartRescue, RESCUE, "rescue.early"),
    (before_the_window_of_week_14, cmd.StartRescue, {**RESCUE, "started_on": "2026-04-09"}, "rescue.early"),
    (week_14, cmd.StartRescue, {**RESCUE_TODAY, "started_on": "2026-04-14"}, "rescue.future"),
    (week_14, cmd.StartRescue, RESCUE_TODAY, "rescue.unknown"),
    (after_the_window_of_week_14, cmd.StartRescue, {**RESCUE, "started_on": "2026-04-17"}, "rescue.late"),
    (rescued, cmd.StartRescue, {**RESCUE_TODAY, "reason": "Again"}, "rescue.started"),
    (joints_better, cmd.StartRescue, {**RESCUE_TODAY, "reason": "Active disease"}, "rescue.not_met"),
    (signed, cmd.SignContent, {**SIGNATURE, "by": "other"}, "subject.unknown"),
    (signed, cmd.SignContent, {**SIGNATURE, "by": "other", "visit": "D7"}, "subject.unknown"),
    (signed, cmd.SignContent, {**SIGNATURE, "visit": "D99"}, "visit.unknown"),
    (signed, cmd.SignContent, SIGNATURE, "signature.content"),
    (signed, cmd.SignContent, what_stands_there, "signature.same"),
    (nothing_at_day_7, cmd.SignContent, {**SIGNATURE, "visit": "D7"}, "signature.empty"),
]  # fmt: skip
