"""Pauses: by a DLT after the data cut, by a stopping rule that is met or invoked; and the signed resumption."""

import pytest

from tests.conduct.life import RANDOMISED, LifeTrial, changed
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.locks import CHANGES_DATA
from trialwright.conduct.oversight import HELD_BY_A_PAUSE
from trialwright.conduct.participation import ENDED_BY_LEAVING
from trialwright.conduct.roles import MAY


@pytest.mark.parametrize("held", [HELD_BY_A_PAUSE, ENDED_BY_LEAVING, CHANGES_DATA])
def test_what_a_pause_leaving_or_a_lock_holds_back_are_commands(held: frozenset[str]) -> None:
    """Every name that a pause, leaving or a lock holds back is a command, and what begins an infusion is among them."""
    assert held <= set(MAY)
    assert {"PrescribeDose", "PrepareInfusion", "OverrideStagger", "StartInfusion"} <= held


def escalated() -> tuple[LifeTrial, list[str]]:
    """Three without a DLT at the first level, and the second one open with somebody enrolled."""
    trial = LifeTrial().open()
    first = trial.cohort("NNN")
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    return trial, first


def late_dlt(trial: LifeTrial, subject: str) -> tuple[ev.Event, ...]:
    """An event in the window that is known now only, and judged dose-limiting."""
    onset = trial.state.subjects[subject].infusion.at.date()
    (reported, *_) = trial.must(
        cmd.ReportAdverseEvent, subject=subject, term="Hypoxia", onset_on=onset, grade=3, related=True, serious=False
    )
    return trial.must(cmd.AdjudicateDlt, subject=subject, event=reported.event, dlt=True, reason="Related")


def test_de_07_a_dlt_after_the_cut_pauses_the_open_level() -> None:
    """A DLT in a subject whom a decision counted without one pauses the trial by itself, until both sign."""
    trial, first = escalated()
    waiting = trial.ready(trial.enrolled())

    events = late_dlt(trial, first[0])

    assert [event.kind for event in events] == ["DltAdjudicated.v2", "TrialPaused.v1"]
    assert (events[1].rule, events[1].action) == ("dose escalation > decision", "pause")
    assert events[1].reason.endswith(f"has one by entry {trial.state.sequence - 1}.")
    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "trial.paused"
    another = {"by": "pharm", "subject": waiting, "lot": f"LOT-{waiting}", "containers": (f"LOT-{waiting}-1",)}
    assert trial.refused(cmd.PrepareInfusion, **another).code == "trial.paused"
    assert trial.refused(cmd.StartInfusion, subject=waiting).code == "trial.paused"
    trial.must(cmd.SignResumption, pause=1, reason="Reviewed; 1 of 3 at the level below")
    assert trial.refused(cmd.SignResumption, pause=1, reason="Again").code == "resumption.signed"
    assert trial.refused(cmd.StartInfusion, subject=waiting).code == "trial.paused"
    trial.must(cmd.SignResumption, by="sponsor", pause=1, reason="Agreed")
    assert trial.refused(cmd.StartInfusion, subject=waiting).code == "decision.due"


def test_de_07_a_dlt_before_the_next_level_opens_keeps_it_closed() -> None:
    """A level that was decided on data which a new DLT contradicts does not open before the pause is lifted."""
    trial = LifeTrial().open()
    first = trial.cohort("NNN")
    trial.decided("escalate")

    late_dlt(trial, first[0])

    assert trial.refused(cmd.OpenDoseLevel, by="sponsor", level=2).code == "trial.paused"


def test_de_07_a_dlt_supersedes_the_decision_that_waits() -> None:
    """A decision that waits for signatures is superseded by a new possible DLT, also when that turns out to be none."""
    trial = LifeTrial().open()
    subjects = trial.cohort("NNN")
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    onset = trial.state.subjects[subjects[0]].infusion.at.date()
    told = {"term": "Hypoxia", "onset_on": onset, "grade": 3, "related": True, "serious": False}

    (_, superseded) = trial.must(cmd.ReportAdverseEvent, subject=subjects[0], **told)

    assert superseded.kind == "DoseDecisionSuperseded.v1"
    assert trial.view().open_decision is None
    trial.must(cmd.AdjudicateDlt, subject=subjects[0], event=1, dlt=False, reason="By the infection")
    asked = {"number": proposed.number, "content": proposed.content}
    assert trial.refused(cmd.SignDoseDecision, **asked).code == "decision.superseded"
    trial.decided("escalate")


def test_de_07_an_expected_dlt_does_not_pause() -> None:
    """A DLT in a cohort that no decision has counted yet is what the rule waits for, and pauses nothing."""
    trial, _ = escalated()

    trial.toxicity(trial.infused())

    assert trial.state.standing_pauses == ()


def test_de_07_a_dlt_in_a_replaced_subject_pauses() -> None:
    """A DLT that becomes known in a subject who was replaced is taken down, and pauses the trial."""
    trial = LifeTrial().open()
    subject = trial.infused()
    trial.must(cmd.DeclareNotEvaluable, subject=subject, reason="Moved away on day 5")

    events = late_dlt(trial, subject)

    assert events[-1].kind == "TrialPaused.v1"


def test_de_07_a_dlt_that_was_counted_is_adjudicated_again_without_a_pause() -> None:
    """A DLT that a decision has counted already may be graded and judged again without a pause."""
    trial = LifeTrial().open()
    (subject, *_) = trial.cohort("TNN")
    trial.decided("expand")
    trial.must(cmd.GradeAdverseEvent, subject=subject, event=1, grade=4, reason="Source read again")

    trial.must(cmd.AdjudicateDlt, subject=subject, event=1, dlt=True, reason="As before")

    assert trial.state.standing_pauses == ()


def paused_by_rule() -> LifeTrial:
    """NCT03828344, paused by its second stopping rule."""
    trial = LifeTrial(RANDOMISED).open()
    trial.must(cmd.GrantRole, by="sponsor", person="board", role="committee")
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.must(cmd.InvokeStoppingRule, by="board", rule="S02", reason="Grade 4 hypoxia in one subject")
    return trial


def test_de_08_a_stopping_rule_holds_enrolment_until_both_sign() -> None:
    """A rule that a person invokes by its id holds enrolment and treatment until investigator and sponsor sign."""
    trial = paused_by_rule()
    subject = trial.known()

    refusal = trial.refused(cmd.EnrolSubject, subject=subject)

    assert (refusal.code, "stopping rules > S02" in refusal.rule) == ("trial.paused", True)
    assert "Grade 4 hypoxia" in refusal.reason
    trial.must(cmd.SignResumption, by="sponsor", pause=1, reason="Not related")
    trial.must(cmd.SignResumption, pause=1, reason="Not related", attendees=["board", "inv"])
    trial.must(cmd.EnrolSubject, subject=subject)


def test_de_08_a_person_joins_the_pause_that_the_record_made_once() -> None:
    """Who invokes a rule that the record has met joins its pause, once; after a signature it is a pause of its own."""
    trial, subject = running()
    reported(trial, subject, related=True, grade=4)

    events = trial.must(cmd.InvokeStoppingRule, by="inv", rule="S02", reason="Anaphylaxis")

    assert [event.kind for event in events] == ["StoppingRuleInvoked.v1"]
    assert [pause.invoked_by for pause in trial.state.standing_pauses] == ["inv"]
    again = {"by": "sponsor", "rule": "S02", "reason": "Anaphylaxis"}
    assert trial.refused(cmd.InvokeStoppingRule, **again).code == "pause.standing"
    trial.must(cmd.SignResumption, pause=1, reason="Premedication")
    trial.must(cmd.InvokeStoppingRule, **again)
    assert len(trial.state.standing_pauses) == 2


@pytest.mark.parametrize(
    ("command", "fields", "code"),
    [
        (cmd.InvokeStoppingRule, {"by": "sponsor", "rule": "S09", "reason": "?"}, "rule.unknown"),
        (cmd.InvokeStoppingRule, {"by": "sponsor", "rule": "S02", "reason": "Again"}, "pause.standing"),
        (cmd.InvokeStoppingRule, {"by": "mon", "rule": "S01", "reason": "?"}, "role.may_not"),
        (cmd.SignResumption, {"by": "board", "pause": 1, "reason": "Fine"}, "role.signature"),
        (cmd.SignResumption, {"by": "sponsor", "pause": 2, "reason": "Fine"}, "pause.none"),
    ],
)
def test_de_08_pauses_are_made_and_lifted_by_rule(command: type[cmd.Command], fields: dict, code: str) -> None:
    """A pause has a rule of the protocol, stands once, and is lifted by those whose signature it needs."""
    assert paused_by_rule().refused(command, **fields).code == code


def test_de_08_an_event_that_becomes_fatal_pauses_the_trial_anew() -> None:
    """Who lifted the pause reviewed a living subject: the same event pauses again with the grade of a death, once."""
    trial = LifeTrial(RANDOMISED).open()
    subject = trial.known()
    trial.treated(subject)
    told = {"term": "Sepsis", "onset_on": trial.now.date(), "grade": 4, "related": True, "serious": True}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    first = [pause.rule for pause in trial.state.standing_pauses]
    for person in ("inv", "sponsor"):
        for pause in trial.state.standing_pauses:
            trial.must(cmd.SignResumption, by=person, pause=pause.number, reason="One sepsis, recovering")
    assert trial.state.standing_pauses == ()

    trial.must(cmd.GradeAdverseEvent, subject=subject, event=1, grade=5, reason="Died")
    trial.must(cmd.FollowUpAdverseEvent, subject=subject, event=1, outcome="fatal", ended_on=trial.now.date())

    assert [pause.rule for pause in trial.state.standing_pauses] == first != []


def test_de_08_a_trial_that_was_stopped_does_not_go_on() -> None:
    """A rule that stops the trial stops it for good; nobody signs it away."""
    last = "grade at least: 4}\n    then: "
    text = changed(RANDOMISED, (f"{last}pause", f"{last}stop"))
    trial = LifeTrial(text).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.must(cmd.InvokeStoppingRule, by="sponsor", rule="S02", reason="A related death")

    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "trial.stopped"
    assert trial.refused(cmd.SignResumption, pause=1, reason="Fine").code == "trial.stopped"


def running() -> tuple[LifeTrial, str]:
    """NCT03828344 with its first cohort open and somebody in screening."""
    trial = LifeTrial(RANDOMISED).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    return trial, trial.known()


def reported(trial: LifeTrial, subject: str, **more: object) -> tuple[ev.Event, ...]:
    """An adverse event of a treated subject that begins today, mild, not related and not serious unless told."""
    if trial.state.subjects[subject].infusion is None:
        trial.treated(subject)
    fields = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 2, "related": False, "serious": False, **more}
    return trial.must(cmd.ReportAdverseEvent, by="nurse", subject=subject, **fields)


@pytest.mark.parametrize(
    ("told", "pauses"),
    [
        ({"related": True, "serious": True, "grade": 2}, True),
        ({"related": True, "serious": False, "grade": 4}, True),
        ({"related": True, "serious": False, "grade": 3}, False),
        ({"related": False, "serious": True, "grade": 4}, False),
    ],
)
def test_de_08_a_stopping_rule_is_met_by_the_event_that_is_recorded(told: dict[str, object], pauses: bool) -> None:
    """S02 of NCT03828344 pauses the trial with the report that meets it, by its id, in words that name no subject."""
    trial, subject = running()

    events = reported(trial, subject, **told)

    assert [event.kind for event in events[1:]] == ["TrialPaused.v1"] * pauses
    for pause in events[1:]:
        assert (pause.rule, pause.action, pause.by) == ("stopping rules > S02", "pause", "nurse")
        assert f"it is reviewed. Hypoxia, grade {told['grade']}" in pause.reason
        assert f"entry {trial.state.subjects[subject].record[-1][0]}." in pause.reason
        assert subject not in pause.reason
        assert trial.refused(cmd.EnrolSubject, subject=subject).code == "trial.paused"


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (cmd.GradeAdverseEvent, {"grade": 4}),
        (cmd.AssessSeriousness, {"criteria": ("hospitalisation",)}),
    ],
)
def test_de_08_a_later_judgement_meets_a_stopping_rule(command: type[cmd.Command], fields: dict[str, object]) -> None:
    """A grade or seriousness that is judged later pauses the trial when the event meets the rule by it, and once."""
    trial, subject = running()
    reported(trial, subject, related=True)

    events = trial.must(command, subject=subject, event=1, reason="Source", **fields)

    assert [event.kind for event in events[1:]] == ["TrialPaused.v1"]
    again = trial.must(cmd.GradeAdverseEvent, subject=subject, event=1, grade=3, reason="Typed wrongly")
    assert len(again) == 1


def test_de_08_an_event_after_the_first_signature_asks_for_all_signatures_anew() -> None:
    """Whoever signed that the trial goes on did not know of the next event: it makes a pause of its own."""
    trial, subject = running()
    reported(trial, subject, related=True, serious=True)
    again = reported(trial, subject, term="Dyspnea", related=True, serious=True)
    assert len(again) == 1, "nobody has signed: the pause holds both"
    trial.must(cmd.SignResumption, pause=1, reason="Reviewed")
    reported(trial, subject, related=True, grade=4)
    trial.must(cmd.SignResumption, by="sponsor", pause=1, reason="Reviewed")

    assert [pause.number for pause in trial.state.standing_pauses] == [2]
    assert trial.refused(cmd.EnrolSubject, subject=subject).code == "trial.paused"
