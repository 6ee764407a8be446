"""Given a trial, when somebody asks for this, then it is refused by that rule, and nothing changes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.conductor import ANSWERS, ELIGIBLE, MemoryTrial
from trialwright.conduct import commands as cmd

Given = Callable[[MemoryTrial], dict[str, object]]


def at_top_dose(trial: MemoryTrial) -> None:
    """Escalate to the high dose."""
    for level in (1, 2):
        trial.cohort("NNN")
        trial.decided("escalate")
        trial.must(cmd.OpenDoseLevel, by="sponsor", level=level + 1)


def second_level(trial: MemoryTrial) -> dict[str, object]:
    """A level is open."""
    return {"command": cmd.OpenDoseLevel, "by": "sponsor", "level": 2}


def undecided_level(trial: MemoryTrial) -> dict[str, object]:
    """A cohort was decided upwards by one level."""
    trial.cohort("NNN")
    trial.decided("escalate")
    return {"command": cmd.OpenDoseLevel, "by": "sponsor", "level": 3}


def fourth_subject(trial: MemoryTrial) -> dict[str, object]:
    """Three of three slots are taken, two sites together."""
    trial.enrolled()
    trial.enrolled(by="other")
    trial.enrolled()
    return {"command": cmd.EnrolSubject, "subject": trial.screened()}


def seventh_subject(trial: MemoryTrial) -> dict[str, object]:
    """A cohort was expanded to six and is full."""
    trial.cohort("NTN")
    trial.decided("expand")
    for _ in range(3):
        trial.enrolled()
    return {"command": cmd.EnrolSubject, "subject": trial.screened()}


def top_dose_within_7_days(trial: MemoryTrial) -> dict[str, object]:
    """Somebody was infused at the top dose a second less than seven days ago."""
    at_top_dose(trial)
    trial.infused()
    second = trial.enrolled()
    trial.wait(days=6, hours=23)
    trial.ready(second)
    trial.now += timedelta(hours=1, seconds=-1)
    return {"command": cmd.StartInfusion, "subject": second}


def dose_for_ineligible(trial: MemoryTrial) -> dict[str, object]:
    """A screened subject has a BASDAI below the threshold."""
    return {"command": cmd.StartInfusion, "subject": trial.screened(basdai="3.9")}


def slot_for_ineligible(trial: MemoryTrial) -> dict[str, object]:
    """A screened subject has a BASDAI below the threshold."""
    return {"command": cmd.EnrolSubject, "subject": trial.screened(basdai="3.9")}


def slot_for_undetermined(trial: MemoryTrial) -> dict[str, object]:
    """A screened subject's BASDAI is not known."""
    return {"command": cmd.EnrolSubject, "subject": trial.screened(basdai=None)}


def early_decision(trial: MemoryTrial) -> dict[str, object]:
    """Two windows are closed and one is open."""
    subjects = [trial.infused() for _ in range(2)]
    trial.wait(days=1)
    trial.infused()
    trial.wait(days=27)
    for subject in subjects:
        trial.must(cmd.CloseDltWindow, subject=subject)
    return {"command": cmd.ProposeDoseDecision, "decision": "escalate"}


def bold_decision(trial: MemoryTrial) -> dict[str, object]:
    """One of three had a DLT."""
    trial.cohort("NTN")
    return {"command": cmd.ProposeDoseDecision, "decision": "escalate", "reason": "impatience"}


def infusion_after_stopping_rule(trial: MemoryTrial) -> dict[str, object]:
    """Two subjects had a DLT while a third waits for the infusion."""
    waiting = trial.ready(trial.enrolled())
    for _ in range(2):
        trial.toxicity(trial.infused())
    return {"command": cmd.StartInfusion, "subject": waiting}


def resumption_after_stopping_rule(trial: MemoryTrial) -> dict[str, object]:
    """Two subjects had a DLT while the infusion of a third is halted."""
    halted = trial.ready(trial.enrolled())
    trial.must(cmd.StartInfusion, subject=halted)
    trial.must(cmd.InterruptInfusion, subject=halted, given_ml="3", reason="Chills")
    for _ in range(2):
        trial.toxicity(trial.infused())
    assert "ResumeInfusion" not in {step.command for step in trial.view("inv").subject(halted).steps}
    return {"command": cmd.ResumeInfusion, "subject": halted}


def enrolment_after_the_end(trial: MemoryTrial) -> dict[str, object]:
    """Escalation was stopped by signature."""
    for _ in range(2):
        trial.toxicity(trial.infused())
    trial.decided("stop")
    return {"command": cmd.EnrolSubject, "subject": trial.screened()}


def second_infusion(trial: MemoryTrial) -> dict[str, object]:
    """A subject was infused."""
    subject = trial.infused()
    return {"command": cmd.PrepareInfusion, **prepared_again(trial, subject)}


def prepared_again(trial: MemoryTrial, subject: str) -> dict[str, object]:
    """What the preparation of another infusion asks for, from a released lot."""
    lot = {"lot": "LOT-2", "product": "hUC-MSC injection", "containers": ("LOT-2-1",), "volume_ml": 500}
    cells = {"concentration_per_ml": "5e6", "viability_pct": 92, "expires_at": trial.now + timedelta(days=3)}
    trial.must(cmd.ReceiveLot, by="pharm", **lot, **cells)
    trial.must(cmd.ReleaseLot, by="pharm", lot="LOT-2", reason="Certificate in order")
    weight = {"weight_kg": 70, "weighed_on": trial.now.date()}
    return {"by": "pharm", "subject": subject, "lot": "LOT-2", "containers": ("LOT-2-1",), **weight}


def early_window(trial: MemoryTrial) -> dict[str, object]:
    """A subject was infused a second less than 28 days ago."""
    subject = trial.infused()
    trial.now += timedelta(days=28, seconds=-1)
    return {"command": cmd.CloseDltWindow, "subject": subject}


def unadjudicated_event(trial: MemoryTrial) -> dict[str, object]:
    """A related event of grade 3 in the window waits for adjudication at its end."""
    subject = trial.infused()
    onset = trial.now.date()
    trial.must(
        cmd.ReportAdverseEvent, subject=subject, term="Hypoxia", onset_on=onset, grade=3, related=True, serious=False
    )
    trial.wait(days=28)
    return {"command": cmd.CloseDltWindow, "subject": subject}


def dlt_after_the_window(trial: MemoryTrial) -> dict[str, object]:
    """An event began on the day after the window's last."""
    subject = trial.infused()
    trial.wait(days=29)
    onset = trial.now.date()
    trial.must(
        cmd.ReportAdverseEvent, subject=subject, term="Hypoxia", onset_on=onset, grade=3, related=True, serious=False
    )
    return {"command": cmd.AdjudicateDlt, "subject": subject, "event": 1, "dlt": True, "reason": "late"}


def hiding_a_dlt(trial: MemoryTrial) -> dict[str, object]:
    """A subject had a DLT."""
    subject = trial.infused()
    trial.toxicity(subject)
    return {"command": cmd.DeclareNotEvaluable, "subject": subject, "reason": "inconvenient"}


def stale_signature(trial: MemoryTrial) -> dict[str, object]:
    """A DLT was adjudicated after the decision's data cut."""
    subjects = trial.cohort("NNN")
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    early = (trial.now - timedelta(days=20)).date()
    trial.must(
        cmd.ReportAdverseEvent,
        subject=subjects[0],
        term="Hypoxia",
        onset_on=early,
        grade=3,
        related=True,
        serious=False,
    )
    return {"command": cmd.SignDoseDecision, "number": proposed.number, "content": proposed.content}


def grade_that_the_term_has_not(trial: MemoryTrial) -> dict[str, object]:
    """Lymph node pain has grades 1 to 3."""
    told = {"term": "lymph node pain", "onset_on": trial.now.date(), "grade": 4, "related": True, "serious": False}
    return {"command": cmd.ReportAdverseEvent, "subject": trial.infused(), **told}


def new_grade_that_the_term_has_not(trial: MemoryTrial) -> dict[str, object]:
    """A pain in a lymph node was reported with grade 2."""
    subject = trial.infused()
    told = {"term": "Lymph node pain", "onset_on": trial.now.date(), "grade": 2, "related": True, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    return {"command": cmd.GradeAdverseEvent, "subject": subject, "event": 1, "grade": 5, "reason": "Worse"}


def another_sites_subject(trial: MemoryTrial) -> dict[str, object]:
    """A subject belongs to another site."""
    return {"command": cmd.EnrolSubject, "by": "other", "subject": trial.screened()}


def sponsor_enrols(trial: MemoryTrial) -> dict[str, object]:
    """A subject is eligible."""
    return {"command": cmd.EnrolSubject, "by": "sponsor", "subject": trial.screened()}


def stranger_reports(trial: MemoryTrial) -> dict[str, object]:
    """Somebody without a role asks."""
    return {"command": cmd.OpenSite, "by": "stranger", "site": "03", "name": "Nowhere"}


def own_role(trial: MemoryTrial) -> dict[str, object]:
    """The sponsor asks for a second role."""
    return {"command": cmd.GrantRole, "by": "sponsor", "person": "sponsor", "role": "monitor"}


def at_day_7(trial: MemoryTrial, crp: int = 3) -> dict[str, object]:
    """A CRP was recorded at day 7."""
    trial.infused()
    trial.wait(days=7)
    seen = {"subject": "S001", "visit": "D7"}
    trial.must(cmd.RecordData, by="nurse", **seen, on=trial.now.date(), values={"crp": crp})
    return seen


def correction(trial: MemoryTrial, saw: int, now: int) -> dict[str, object]:
    """A correction of the CRP at day 7."""
    why = {"reason": "transcription error", "text": "Swapped"}
    item = {"item": "crp", "saw": {"value": saw}, "now": {"value": now}}
    return {"command": cmd.CorrectData, **at_day_7(trial), **item, **why}


def overwriting_unseen(trial: MemoryTrial) -> dict[str, object]:
    """Somebody saw another value than the one that stands there."""
    return correction(trial, 4, 5)


def correcting_locked_data(trial: MemoryTrial) -> dict[str, object]:
    """The visit is locked."""
    asked = correction(trial, 3, 5)
    trial.must(cmd.LockData, by="sponsor", subject="S001", visit="D7")
    return asked


def data_of_another_visit(trial: MemoryTrial) -> dict[str, object]:
    """Day 7 does not collect the BASDAI."""
    return {"command": cmd.RecordData, **at_day_7(trial), "on": trial.now.date(), "values": {"basdai": 4}}


def impossible_data(trial: MemoryTrial) -> dict[str, object]:
    """A CRP of 600 mg/L is beyond the range."""
    trial.infused()
    trial.wait(days=7)
    asked = {"subject": "S001", "visit": "D7", "on": trial.now.date()}
    return {"command": cmd.RecordData, **asked, "values": {"crp": 600}, "confirmed": {"crp": "sure"}}


def visit_out_of_window(trial: MemoryTrial) -> dict[str, object]:
    """It is the day after the window of day 7."""
    trial.infused()
    trial.wait(days=9)
    return {"command": cmd.HoldVisit, "subject": "S001", "visit": "D7", "on": trial.now.date()}


def visit_before_consent(trial: MemoryTrial) -> dict[str, object]:
    """The day lies before consent."""
    on = trial.now.date() - timedelta(days=1)
    return {"command": cmd.HoldVisit, "subject": trial.screened(), "visit": "Screening", "on": on}


def sponsor_corrects(trial: MemoryTrial) -> dict[str, object]:
    """The sponsor would rather have another value."""
    return {**correction(trial, 3, 5), "by": "sponsor"}


def coordinator_signs(trial: MemoryTrial) -> dict[str, object]:
    """A coordinator has no right to sign."""
    said = {"meaning": "responsibility", "name": "Nurse", "content": "0" * 64, "sequence": 1}
    return {"command": cmd.SignContent, "by": "nurse", "subject": trial.screened(), **said}


def stale_content(trial: MemoryTrial) -> dict[str, object]:
    """What was signed is not what stands there."""
    said = {"meaning": "responsibility", "name": "Dr Vogel", "content": "0" * 64, "sequence": 1}
    return {"command": cmd.SignContent, "subject": trial.screened(), **said}


def locking_with_a_query(trial: MemoryTrial) -> dict[str, object]:
    """A query is open."""
    trial.must(cmd.OpenQuery, by="mon", subject=trial.screened(), text="Why?")
    return {"command": cmd.LockData, "by": "sponsor"}


def closing_anothers_query(trial: MemoryTrial) -> dict[str, object]:
    """The monitor opened a query."""
    trial.must(cmd.OpenQuery, by="mon", subject=trial.screened(), text="Why?")
    return {"command": cmd.CloseQuery, "subject": "S001", "query": 1, "text": "No"}


def reviewing_own_entries(trial: MemoryTrial) -> dict[str, object]:
    """The monitor wrote the last entry."""
    trial.must(cmd.OpenQuery, by="mon", subject=trial.screened(), text="Why?")
    asked = {"subject": "S001", "through": trial.state.sequence, "finding": "Fine"}
    return {"command": cmd.ReviewTrail, "by": "mon", **asked}


REFUSALS: list[tuple[Given, str, str]] = [
    (second_level, "level.second_open", "open dose levels"),
    (undecided_level, "level.not_decided", "dose escalation > decision"),
    (fourth_subject, "cohort.full", "cohort"),
    (seventh_subject, "cohort.full", "cohort"),
    (top_dose_within_7_days, "stagger", "dose escalation > stagger"),
    (dose_for_ineligible, "subject.not_enrolled", "criteria"),
    (slot_for_ineligible, "subject.ineligible", "criteria > I03"),
    (slot_for_undetermined, "subject.ineligible", "criteria > I03"),
    (early_decision, "decision.early", "dlt window"),
    (bold_decision, "decision.bold", "dose escalation > rule"),
    (infusion_after_stopping_rule, "escalation.stopping_rule", "stop at"),
    (resumption_after_stopping_rule, "escalation.stopping_rule", "stop at"),
    (enrolment_after_the_end, "escalation.ended", "dose escalation > rule"),
    (second_infusion, "subject.infused", "products > route"),
    (early_window, "window.open", "dlt window"),
    (unadjudicated_event, "dlt.waiting", "dose escalation > dlt"),
    (dlt_after_the_window, "dlt.outside_window", "dlt window"),
    (hiding_a_dlt, "dlt.counts", "dose escalation > dlt"),
    (stale_signature, "decision.superseded", "dose escalation > decision"),
    (grade_that_the_term_has_not, "grade.not_on_scale", "adverse events > scale"),
    (new_grade_that_the_term_has_not, "grade.not_on_scale", "adverse events > scale"),
    (another_sites_subject, "subject.unknown", "roles"),
    (sponsor_enrols, "role.may_not", "roles"),
    (stranger_reports, "role.may_not", "roles"),
    (own_role, "role.self", "roles"),
    (overwriting_unseen, "data.conflict", "form of the input"),
    (correcting_locked_data, "data.locked", "locks"),
    (data_of_another_visit, "data.item", "schedule > D7"),
    (impossible_data, "values.range", "form of the input"),
    (visit_out_of_window, "visit.out_of_window", "schedule > D7 > window"),
    (visit_before_consent, "visit.day", "form of the input"),
    (sponsor_corrects, "role.may_not", "roles"),
    (coordinator_signs, "role.may_not", "roles"),
    (stale_content, "signature.content", "form of the input"),
    (locking_with_a_query, "lock.queries", "locks"),
    (closing_anothers_query, "query.role", "roles"),
    (reviewing_own_entries, "review.author", "trail review"),
]


@pytest.mark.parametrize(("given", "code", "rule"), REFUSALS, ids=[given.__name__ for given, _, _ in REFUSALS])
def test_refuses_by_its_rule(given: Given, code: str, rule: str) -> None:
    """What the protocol or the roles forbid is refused, the rule is named, and the trial stays as it was."""
    trial = MemoryTrial().open()
    asked = given(trial)
    before = trial.state

    refusal = trial.refused(**asked)

    assert refusal.code == code
    assert rule in refusal.rule
    assert refusal.mend
    assert trial.state == before


def test_top_dose_after_seven_days() -> None:
    """The second infusion at the top dose is given seven times 24 hours after the first."""
    trial = MemoryTrial().open()
    asked = top_dose_within_7_days(trial)
    trial.now += timedelta(seconds=1)

    trial.must(asked.pop("command"), **asked)

    assert trial.state.subjects[asked["subject"]].infusion.level == 3


def test_decision_before_the_window_when_nothing_can_change() -> None:
    """Two DLTs stop escalation at once, however many windows are open."""
    trial = MemoryTrial().open()
    subjects = [trial.infused() for _ in range(3)]
    for subject in subjects[:2]:
        trial.toxicity(subject)

    trial.decided("stop")

    assert trial.state.stopped
    assert trial.state.mtd is None


def test_a_cautious_decision_needs_a_reason() -> None:
    """A decision more cautious than the recommendation is taken with its reason, and not without."""
    trial = MemoryTrial().open()
    trial.cohort("NNN")

    assert trial.refused(cmd.ProposeDoseDecision, decision="expand").code == "decision.reason"
    trial.decided("expand", reason="A grade 2 fever in every subject")

    assert trial.state.open_level.slots == 6


def test_stop_below_the_second_level_names_the_mtd() -> None:
    """Two DLTs at level 2 stop escalation with level 1 as the MTD."""
    trial = MemoryTrial().open()
    trial.cohort("NNN")
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    trial.cohort("NTT")
    trial.decided("stop")

    assert trial.state.mtd == 1
    assert "MTD is level 1" in trial.view().status


def test_a_subject_who_is_not_evaluable_is_replaced() -> None:
    """Who cannot be followed gives the slot back and does not count for the rule."""
    trial = MemoryTrial().open()
    lost, *_ = [trial.infused() for _ in range(3)]

    trial.must(cmd.DeclareNotEvaluable, subject=lost, reason="Moved away on day 5")

    assert trial.state.free_slots(trial.study, trial.state.open_level) == 1
    trial.infused()
    assert str(trial.state.outcomes(trial.study)) == "1PPP"


def test_regrading_reopens_the_adjudication() -> None:
    """A grade that changes takes the adjudication back, and the subject's outcome is open again."""
    trial = MemoryTrial().open()
    (subject, *_) = trial.cohort("TNN")

    trial.must(cmd.GradeAdverseEvent, subject=subject, event=1, grade=4, reason="Source document read again")

    assert str(trial.state.outcomes(trial.study)) == "1PNN"


def test_an_event_in_other_words_has_every_grade() -> None:
    """What the scale has no term for is taken down as other of its class, in its reporter's words, with any grade."""
    trial = MemoryTrial().open()
    told = {
        "term": "Musculoskeletal and connective tissue disorder - other, specify: Swollen knee after a fall",
        "onset_on": trial.now.date(),
        "grade": 4,
        "related": False,
        "serious": False,
    }

    (reported,) = trial.must(cmd.ReportAdverseEvent, subject=trial.infused(), **told)

    assert reported.grade == 4


def test_signature_binds_the_content() -> None:
    """A signature over other content than what stands there is refused."""
    trial = MemoryTrial().open()
    trial.cohort("NNN")
    trial.must(cmd.ProposeDoseDecision, decision="escalate")

    assert trial.refused(cmd.SignDoseDecision, number=1, content="0" * 64).code == "decision.content"


def test_eligibility_collects_every_fault() -> None:
    """Impossible values are refused together, each with its range."""
    trial = MemoryTrial().open()
    (screened,) = trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    wrong = {**ELIGIBLE, "age": 140, "basdai": "11", "pregnant": 3, "shoe_size": 44}

    refusal = trial.refused(cmd.AssessEligibility, subject=screened.subject, values=wrong, answers=ANSWERS)

    assert all(name in refusal.reason for name in ("age", "basdai", "pregnant", "shoe_size"))


def test_missing_item_is_unknown_and_named() -> None:
    """A criterion whose item was not collected is unknown and names the item that would settle it."""
    trial = MemoryTrial().open()
    subject = trial.screened(basdai=None)

    assert trial.state.subjects[subject].verdict == "undetermined"
    assert trial.state.subjects[subject].findings["I03"] == "unknown: needs basdai"


def test_failed_criterion_settles_ineligibility_whatever_is_missing() -> None:
    """One failed criterion makes a subject ineligible although other items are missing."""
    trial = MemoryTrial().open()

    subject = trial.screened(age=17, basdai=None)

    assert trial.state.subjects[subject].verdict == "not eligible"
