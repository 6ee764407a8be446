"""Refusals about leaving the trial, and about its pauses."""

from tests.conduct.guards.treatment import interrupted, matched
from tests.conduct.life import RANDOMISED, LifeTrial, changed
from tests.conduct.ward import Ward
from trialwright.conduct import commands as cmd

ONE = {"subject": "S001", "reason": "As told"}
WITHDRAWN = {**ONE, "disposition": "withdrawal by subject", "occurred_on": "2026-01-09"}
DIED = {**ONE, "disposition": "death", "occurred_on": "2026-01-09"}
COMPLETED = {**ONE, "disposition": "completed", "occurred_on": "2026-01-09"}
EARLY = {"disposition": "death", "occurred_on": "2026-01-05"}
HYPOXIA = {"subject": "S001", "term": "Hypoxia", "onset_on": "2026-01-06", "grade": 5, "related": True}


def infused() -> LifeTrial:
    """S001 consented on 5 January and was infused on the 6th; S002 is in screening; it is 9 January."""
    trial = LifeTrial().open()
    trial.enrolled()
    trial.screened()
    trial.wait(days=1)
    trial.infuse("S001")
    trial.wait(days=3)
    return trial


def left() -> LifeTrial:
    """S001 withdrew on 9 January."""
    trial = infused()
    trial.must(cmd.RecordDisposition, **WITHDRAWN)
    trial.must(cmd.RecordDisposition, **{**WITHDRAWN, "subject": "S002"})
    return trial


def dead() -> LifeTrial:
    """S001 died on 9 January."""
    trial = infused()
    trial.must(cmd.RecordDisposition, **DIED)
    return trial


def day_after_death() -> LifeTrial:
    """S001 died yesterday."""
    trial = dead()
    trial.wait(days=1)
    return trial


def fatal_event() -> LifeTrial:
    """S001 has an adverse event of grade 5."""
    trial = infused()
    trial.must(cmd.ReportAdverseEvent, **HYPOXIA)
    return trial


def fatal_event_ended() -> LifeTrial:
    """The fatal event of S001 ended on 8 January, and the death is not taken down as the disposition."""
    trial = fatal_event()
    trial.must(cmd.FollowUpAdverseEvent, subject="S001", event=1, outcome="fatal", ended_on="2026-01-08")
    return trial


def halted_and_dead() -> Ward:
    """S001 has an adverse event of grade 5 while its infusion is halted, and the death is not taken down."""
    ward = interrupted()
    ward.must(cmd.ReportAdverseEvent, **{**HYPOXIA, "onset_on": ward.now.date()})
    return ward


def waiting_and_dead() -> Ward:
    """S001 has an adverse event of grade 5 when its infusion is prepared and matched; lot L2 is released."""
    ward = matched()
    ward.must(cmd.ReportAdverseEvent, **{**HYPOXIA, "onset_on": ward.now.date(), "related": False})
    return ward


def with_rules() -> LifeTrial:
    """NCT03828344 has two stopping rules; S001 is eligible."""
    trial = LifeTrial(RANDOMISED).open()
    trial.known()
    return trial


def paused() -> LifeTrial:
    """The investigator invoked the second stopping rule, and the committee has a role."""
    trial = with_rules()
    trial.must(cmd.GrantRole, by="sponsor", person="board", role="committee")
    trial.must(cmd.InvokeStoppingRule, rule=second(trial), reason="Two infections in a week")
    return trial


def signed_by_one() -> LifeTrial:
    """The investigator has signed that the trial goes on."""
    trial = paused()
    trial.must(cmd.SignResumption, pause=1, reason="Reviewed")
    return trial


def stopped() -> LifeTrial:
    """The review of the first cohort ended the trial."""
    text = changed(
        RANDOMISED, ("    review after: 28 days\n", ""), ("name: cohort 1\n    size: 8", "name: cohort 1\n    size: 1")
    )
    trial = LifeTrial(text).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.joined()
    trial.must(cmd.ReviewCohort, cohort="cohort 1", conclusion="stop", reason="Two deaths")
    trial.known()
    return trial


def second(trial: LifeTrial) -> str:
    """The id of the second stopping rule."""
    return trial.study.stopping_rules[1].id


def followed() -> LifeTrial:
    """The DLT window of S001 is closed, and no visit after it is taken down."""
    trial = LifeTrial().open()
    trial.cohort("N")
    return trial


def to_correct(**more: object) -> dict[str, object]:
    """The correction of what stands there of S001."""
    return {"subject": "S001", "was": "withdrawal by subject", "reason": "Another subject was meant", **more}


REFUSALS = [
    (infused, cmd.RecordDisposition, {**WITHDRAWN, "by": "other"}, "subject.unknown"),
    (infused, cmd.RecordDisposition, {**WITHDRAWN, "occurred_on": "2026-01-10"}, "disposition.future"),
    (infused, cmd.RecordDisposition, {**WITHDRAWN, "occurred_on": "2026-01-04"}, "disposition.before_consent"),
    (infused, cmd.RecordDisposition, {**WITHDRAWN, "occurred_on": "2026-01-05"}, "disposition.before_infusion"),
    (left, cmd.RecordDisposition, {**WITHDRAWN, "disposition": "lost to follow-up"}, "disposition.recorded"),
    (dead, cmd.RecordDisposition, DIED, "disposition.recorded"),
    (left, cmd.RecordDisposition, {**DIED, "occurred_on": "2026-01-08"}, "disposition.order"),
    (fatal_event, cmd.RecordDisposition, WITHDRAWN, "disposition.fatal"),
    (infused, cmd.RecordDisposition, {**WITHDRAWN, "disposition": "screen failure"}, "disposition.enrolled"),
    (infused, cmd.RecordDisposition, {**COMPLETED, "subject": "S002"}, "disposition.not_enrolled"),
    (infused, cmd.RecordDisposition, COMPLETED, "disposition.window"),
    (followed, cmd.RecordDisposition, lambda trial: {**COMPLETED, "occurred_on": trial.now.date()}, "disposition.open"),
    (infused, cmd.CorrectDisposition, to_correct(), "disposition.none"),
    (left, cmd.CorrectDisposition, to_correct(was="death"), "disposition.conflict"),
    (left, cmd.CorrectDisposition, to_correct(occurred_on="2026-01-08"), "disposition.day"),
    (left, cmd.CorrectDisposition, to_correct(disposition="withdrawal by subject"), "disposition.same"),
    (left, cmd.CorrectDisposition, to_correct(disposition="screen failure"), "disposition.enrolled"),
    (
        left,
        cmd.CorrectDisposition,
        to_correct(disposition="death", occurred_on="2026-01-05"),
        "disposition.before_infusion",
    ),
    (stopped, cmd.StopTrial, {"by": "sponsor", "reason": "?"}, "trial.stopped_already"),
    (stopped, cmd.ReviewCohort, {"cohort": "cohort 1", "conclusion": "continue", "reason": "?"}, "trial.stopped"),
    (left, cmd.EnrolSubject, {"subject": "S002"}, "subject.left"),
    (left, cmd.PrescribeMedicine, {"subject": "S001", "drug": "Ibuprofen"}, "subject.left"),
    (dead, cmd.PrescribeMedicine, {"subject": "S001", "drug": "Ibuprofen"}, "subject.left"),
    (fatal_event, cmd.PrescribeMedicine, {"subject": "S001", "drug": "Ibuprofen"}, "subject.left"),
    (halted_and_dead, cmd.ResumeInfusion, {"subject": "S001"}, "subject.left"),
    (waiting_and_dead, cmd.StartInfusion, {"subject": "S001"}, "subject.left"),
    (waiting_and_dead, cmd.PrepareInfusion, lambda ward: ward.asked("L2"), "subject.left"),
    (day_after_death, cmd.ReportAdverseEvent, {**HYPOXIA, "onset_on": "2026-01-10"}, "onset.after_death"),
    (fatal_event_ended, cmd.ReportAdverseEvent, {**HYPOXIA, "onset_on": "2026-01-09"}, "onset.after_death"),
    (with_rules, cmd.InvokeStoppingRule, {"rule": "S99", "reason": "?"}, "rule.unknown"),
    (infused, cmd.InvokeStoppingRule, {"rule": "S99", "reason": "?"}, "rule.unknown"),
    (paused, cmd.InvokeStoppingRule, lambda trial: {"rule": second(trial), "reason": "?"}, "pause.standing"),
    (paused, cmd.EnrolSubject, {"subject": "S001"}, "trial.paused"),
    (stopped, cmd.EnrolSubject, {"subject": "S002"}, "trial.stopped"),
    (paused, cmd.SignResumption, {"pause": 2, "reason": "?"}, "pause.none"),
    (stopped, cmd.SignResumption, {"pause": 1, "reason": "?"}, "trial.stopped"),
    (paused, cmd.SignResumption, {"by": "board", "pause": 1, "reason": "?"}, "role.signature"),
    (signed_by_one, cmd.SignResumption, {"pause": 1, "reason": "?"}, "resumption.signed"),
]
