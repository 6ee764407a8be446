"""What is to be done next: what is due is on the list of who may do it, and nothing that a pause or a lock holds."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conduct.life import RANDOMISED, LifeTrial
from tests.conduct.test_rescue import infused
from tests.conduct.test_trail import ELSEWHERE, EXAMPLES
from tests.conductor import MemoryTrial
from trialwright.conduct import commands as cmd
from trialwright.conduct.locks import CHANGES_DATA
from trialwright.conduct.next_steps import Step
from trialwright.conduct.oversight import HELD_BY_A_PAUSE
from trialwright.conduct.participation import ENDED_BY_LEAVING
from trialwright.conduct.views import SubjectView

AT_WILL = {
    "AmendProtocol": "the sponsor's decision",
    "RevokeRole": "somebody leaves",
    "RecordDisposition": "a subject leaves; due at the end and for a screen failure, which is tested below",
    "CorrectDisposition": "an error is found, or somebody who was lost",
    "StopTrial": "the sponsor's or the committee's decision",
    "DeclareRandomisedInError": "an error is found",
    "BreakCode": "an emergency",
    "PrintEnvelopes": "before the trial, and whenever the site wants paper",
    "ReceiveLot": "a delivery",
    "QuarantineLot": "a complaint, a temperature alarm",
    "AssignLot": "the pharmacist's decision",
    "DisposeLot": "a broken container; due when it expires, which is tested below",
    "GrantRole": "somebody joins; due at a site without investigator, which is tested below",
    "OpenSite": "a site joins; due while there is none, which is tested below",
    "CorrectWeight": "an error is found",
    "CorrectGivenVolume": "an error is found",
    "PlanDay": "a treatment is put off",
    "CorrectAdverseEvent": "an error is found",
    "VoidAdverseEvent": "an error is found",
    "VoidMedicine": "an error is found",
    "GradeAdverseEvent": "an event worsens",
    "AssessRelatedness": "the judgement changes",
    "AssessSeriousness": "the judgement changes; due for a serious event without criteria, which is tested below",
    "CorrectData": "an error is found",
    "OpenQuery": "a question",
    "LockData": "the sponsor's decision",
    "UnlockData": "the sponsor's decision",
    "SignContent": "due where the protocol wants endorsements",
    "RecordExport": "goes with each copy that is handed out",
    "RedactText": "a name was typed",
    "HoldUnscheduledVisit": "whoever is seen between visits",
    "PrescribeMedicine": "a prescription; due where the arm gives it, which is tested below",
}
"""Commands that the record does not make due, each with what does."""


def listed(trial: Any, subject: str | None, by: str) -> set[str]:
    """The commands on the lists of a person: of a subject, and of the trial."""
    view = trial.view(by)
    found = {step.command for step in view.steps if step.is_for(view.role)}
    return found | set(view.subject(subject).next_steps if subject in trial.state.subjects else ())


@pytest.mark.parametrize("name", sorted({*EXAMPLES, *ELSEWHERE} - set(AT_WILL)))
def test_every_command_that_is_due_is_listed(name: str) -> None:
    """Where a command would be done, it is on the list of next steps of who gives it, unless it is given at will."""
    if name in EXAMPLES:
        trial = MemoryTrial().open()
        asked = EXAMPLES[name](trial)
    else:
        trial, asked = ELSEWHERE[name]()

    assert name in listed(trial, asked.get("subject"), str(asked.get("by", "inv")))


def steps(trial: LifeTrial, subject: str, command: str, by: str = "inv") -> list[Step]:
    """The steps of a subject by one command, as a person sees them."""
    seen: SubjectView = trial.view(by).subject(subject)
    return [step for step in seen.steps if step.command == command]


def test_what_leaves_something_to_judge_is_open_and_not_due() -> None:
    """Rescue whose condition the data leave open is listed as open, with what is missing; before its visit not."""
    trial, named = infused()
    subject = str(named["subject"])
    trial.wait(days=94)
    assert steps(trial, subject, "StartRescue") == []
    trial.wait(days=1)

    (rescue,) = steps(trial, subject, "StartRescue")

    assert (rescue.due, "not known: " in rescue.about) == (False, True)


def test_what_belongs_to_an_event_or_a_lot_is_due_by_it() -> None:
    """A screen failure, an expired lot, a serious event without criteria and a site without people are due as such."""
    trial = LifeTrial().open()
    failed = trial.known(verdict="not eligible")
    (left,) = steps(trial, failed, "RecordDisposition")
    subject = trial.infused()
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 2, "related": False, "serious": True}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    (serious,) = steps(trial, subject, "AssessSeriousness")
    asked = {"lot": "X", "product": "hUC-MSC injection", "containers": ("X-1",), "volume_ml": 9}
    trial.must(cmd.ReceiveLot, by="pharm", expires_at=trial.now.replace(year=2027), **asked)
    trial.must(cmd.OpenSite, by="sponsor", site="03", name="Third")
    trial.now = trial.now.replace(year=2028)
    of_the_trial = {(step.command, step.about) for step in trial.view("sponsor").steps}

    assert left.fields == (("disposition", "screen failure"),)
    assert serious.fields == (("event", 1),)
    assert ("DisposeLot", "X, expired") in of_the_trial
    assert ("GrantRole", "an investigator of site 03") in of_the_trial


def test_nobody_is_to_be_enrolled_by_a_verdict_that_no_longer_holds() -> None:
    """Once screening lies too far back, the visit is listed to be held again, and neither enrolment nor infusion is."""
    trial = MemoryTrial().open()
    screened, enrolled = trial.screened(), trial.enrolled()
    fresh = [set(trial.view(by).subject(one).next_steps) for by, one in (("inv", screened), ("pharm", enrolled))]
    trial.wait(days=29)
    old = [set(trial.view(by).subject(one).next_steps) for by, one in (("inv", screened), ("pharm", enrolled))]

    assert ("EnrolSubject" in fresh[0], "PrepareInfusion" in fresh[1]) == (True, True)
    assert ("EnrolSubject" in old[0], "PrepareInfusion" in old[1]) == (False, False)
    assert trial.refused(cmd.EnrolSubject, subject=screened).code == "screening.unknown"
    (again,) = steps(trial, enrolled, "HoldVisit")
    assert again.about.startswith("Screening again")


def test_an_arm_is_chosen_and_its_medicine_prescribed() -> None:
    """In the trial by choice the arm comes first, then what the arm gives; an infusion only where one is planned."""
    trial, asked = ELSEWHERE["ChooseArm"]()
    subject = asked["subject"]
    assert "ChooseArm" in trial.view("inv").subject(subject).next_steps
    assert "PrepareInfusion" not in trial.view("pharm").subject(subject).next_steps
    trial.must(cmd.ChooseArm, subject=subject, arm="csDMARD alone")

    assert [step.fields for step in steps(trial, subject, "PrescribeMedicine")] == [(("drug", "csDMARD"),)]
    assert "PrepareInfusion" not in trial.view("pharm").subject(subject).next_steps
    trial.must(cmd.PrescribeMedicine, subject=subject, drug="methotrexate", counts_as="csDMARD")
    assert steps(trial, subject, "PrescribeMedicine") == []


def test_an_early_infusion_is_listed_with_the_moment_it_waits_for() -> None:
    """Who is held back by the stagger may be prepared for: that is open, not due, and says from when it is given."""
    trial, asked = ELSEWHERE["OverrideStagger"]()
    seen = trial.view("pharm").subject(asked["subject"])

    (prepare,) = steps(trial, asked["subject"], "PrepareInfusion", by="pharm")

    assert prepare.due is False
    assert prepare.about == f"not before {seen.not_before:%Y-%m-%d %H:%M} UTC"
    trial.now = seen.not_before
    assert steps(trial, asked["subject"], "PrepareInfusion", by="pharm")[0].due


def test_de_03_a_preparation_that_lasts_may_wait_for_the_end_of_the_stagger() -> None:
    """A preparation before the stagger ends is taken down where it lasts beyond, and begins then."""
    trial, asked = ELSEWHERE["OverrideStagger"]()
    subject = asked["subject"]
    ends = trial.view("pharm").subject(subject).not_before
    trial.now = ends - timedelta(hours=1)
    trial.ready(subject)
    (begin,) = steps(trial, subject, "StartInfusion")

    assert (begin.due, begin.about) == (False, f"not before {ends:%Y-%m-%d %H:%M} UTC")
    assert trial.refused(cmd.StartInfusion, subject=subject).code == "stagger"
    trial.now = ends
    trial.must(cmd.StartInfusion, subject=subject)


def test_nothing_that_is_held_is_listed() -> None:
    """While a pause stands nothing that it holds is listed, and once data are locked only what tells of safety."""
    trial = LifeTrial(RANDOMISED).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject = trial.joined()
    trial.must(cmd.InvokeStoppingRule, by="sponsor", rule="S02", reason="Seen")
    seen = trial.view("inv")

    assert not {step.command for step in (*seen.steps, *seen.subject(subject).steps)} & HELD_BY_A_PAUSE
    assert [step.fields for step in seen.steps if step.command == "SignResumption"] == [(("pause", 1),)]
    trial.left(subject)
    trial.must(cmd.LockData, by="sponsor", subject=subject)
    locked = {step.command for step in trial.view("inv").subject(subject).steps} & CHANGES_DATA
    assert locked == {"ReportAdverseEvent"}
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 4, "related": False, "serious": True}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    locked = {step.command for step in trial.view("inv").subject(subject).steps} & CHANGES_DATA
    assert locked == {"ReportAdverseEvent", "AssessSeriousness", "FollowUpAdverseEvent"}


def test_after_a_fatal_event_the_death_is_due_and_no_treatment() -> None:
    """A subject with an adverse event of grade 5 is offered nothing but the end: the death is to be taken down."""
    trial = LifeTrial().open()
    subject = trial.enrolled()
    told = {"term": "Sepsis", "onset_on": trial.now.date(), "grade": 5, "related": False}

    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)

    (death,) = steps(trial, subject, "RecordDisposition")
    assert (death.due, death.about, death.fields) == (True, "death", (("disposition", "death"),))
    assert not {step.command for step in trial.view("inv").subject(subject).steps} & ENDED_BY_LEAVING
