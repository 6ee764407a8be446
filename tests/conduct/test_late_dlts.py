"""What follows from a DLT that becomes known late, or that may be one: who is treated, and what can be decided."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conduct.life import LifeTrial
from tests.conduct.test_de_escalation import DOWN, SIX
from tests.conductor import TEXT, with_rule
from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd

ROLLING = with_rule("{design: rolling six}")


def report(trial: LifeTrial, subject: str, *, by: str = "inv", **said: object) -> int:
    """Report an event of grade 4 that began on the day of the infusion; gives its number."""
    onset = trial.state.subjects[subject].infusion.at.date()
    told = {"term": "Hypoxia", "onset_on": onset, "grade": 4, "related": True, "serious": True, **said}
    (event, *_) = trial.must(cmd.ReportAdverseEvent, by=by, subject=subject, **told)
    return event.event


def judged(trial: LifeTrial, subject: str, *, dlt: bool = True, **said: object) -> None:
    """Report such an event and adjudicate it."""
    event = report(trial, subject, **said)
    trial.must(cmd.AdjudicateDlt, subject=subject, event=event, dlt=dlt, reason="judged")


def resumed(trial: LifeTrial) -> None:
    """Both sign every pause away."""
    for pause in trial.state.standing_pauses:
        for person in ("inv", "sponsor"):
            trial.must(cmd.SignResumption, by=person, pause=pause.number, reason="Reviewed")


def at_level(level: int, text: str = TEXT) -> LifeTrial:
    """A trial in which levels were passed without a DLT, and this one is open."""
    trial = LifeTrial(text).open()
    for below in range(1, level):
        trial.cohort("NNN")
        trial.decided("escalate")
        trial.must(cmd.OpenDoseLevel, by="sponsor", level=below + 1)
    return trial


@pytest.mark.parametrize("text", [TEXT, DOWN])
def test_while_a_lower_level_is_not_tolerated_no_slot_of_the_open_one_is_given(text: str) -> None:
    """After a late DLT below, and the resumption, nobody is enrolled or infused, until it was decided to go down."""
    trial = at_level(2, text)
    trial.infused()
    waits, screened = trial.ready(trial.enrolled()), trial.screened()
    judged(trial, "S001")
    resumed(trial)

    for refused in (
        trial.refused(cmd.EnrolSubject, subject=screened),
        trial.refused(cmd.StartInfusion, subject=waits),
    ):
        assert refused.code == "decision.due"
        assert refused.reason.startswith("Nobody else is treated at level 2 now: 1 DLT in 3")
    assert "nobody else is treated at level 2" in trial.view().status
    assert trial.view().next_dose.decision == "de-escalate"
    trial.decided("de-escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)
    assert trial.view().free == 3


def test_a_level_that_was_decided_does_not_open_against_the_rule() -> None:
    """A late DLT between the decision and the opening keeps the level closed, and more at the level below are due."""
    trial = LifeTrial().open()
    trial.cohort("NNN")
    trial.decided("escalate")
    judged(trial, "S001")
    resumed(trial)

    assert trial.refused(cmd.OpenDoseLevel, by="sponsor", level=2).code == "decision.due"
    trial.decided("expand")

    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)
    assert trial.view().free == 3


def test_a_level_that_reopens_has_the_slots_that_the_rule_names() -> None:
    """Whoever was treated there before the step down is counted: two of three leave one slot."""
    trial = at_level(2)
    first = [trial.infused() for _ in range(2)]
    judged(trial, "S001")
    trial.decided("de-escalate", reason="1 of 3 at level 1")
    resumed(trial)
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)
    trial.cohort("NNN")
    for subject in first:
        trial.must(cmd.CloseDltWindow, subject=subject)
    trial.decided("escalate")

    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)

    assert trial.view().free == 1
    trial.cohort("N")
    assert trial.view().next_dose.dose == 3


@pytest.mark.parametrize(("late", "then"), [(("S001",), "de-escalate"), (("S001", "S002"), "stop")])
def test_an_mtd_that_late_dlts_contradict_no_longer_holds(late: tuple[str, ...], then: str) -> None:
    """The trial pauses, no MTD stands, the status says so, and a new decision is proposed and signed."""
    trial = at_level(2)
    for _ in range(2):
        judged(trial, trial.infused())
    trial.decided("stop")
    assert trial.view().mtd == 1

    for subject in late:
        judged(trial, subject)

    seen = trial.view()
    assert (seen.mtd, seen.stopped, seen.can_propose) == (None, False, True)
    assert seen.status.endswith("Decision 2, which ended dose escalation, no longer holds.")
    assert seen.decisions[-1].superseded
    resumed(trial)
    assert trial.view().status.startswith("Decision 2, which ended dose escalation, no longer holds.")
    trial.decided(then)
    assert (trial.view().stopped, trial.view().mtd) == (then == "stop", None)


def test_a_tolerated_top_dose_that_a_late_dlt_contradicts_no_longer_holds() -> None:
    """After the consultation a DLT at the top dose asks for three more there, which can be decided."""
    trial = at_level(3)
    top = trial.cohort("NNN")
    trial.decided("consult")
    judged(trial, top[0])

    assert (trial.view().top_tolerated, trial.view().next_dose.decision) == (False, "expand")
    resumed(trial)
    trial.decided("expand")

    assert trial.view().free == 3


def test_what_confirms_the_end_reopens_nothing() -> None:
    """A third DLT at the level that was too toxic leaves the MTD as it is."""
    trial = at_level(2)
    for _ in range(3):
        trial.infused()
    for subject in ("S004", "S005"):
        judged(trial, subject)
    trial.decided("stop")

    judged(trial, "S006")

    assert (trial.view().stopped, trial.view().mtd) == (True, 1)


def test_two_events_that_nobody_has_judged_hold_the_third_infusion() -> None:
    """What may be a DLT counts as one for who is treated next, until it is judged."""
    trial = LifeTrial().open()
    first, second = trial.infused(), trial.infused()
    third, fourth = trial.ready(trial.enrolled()), trial.screened()
    report(trial, first)
    assert trial.view().free == 0
    report(trial, second)

    refused = trial.refused(cmd.StartInfusion, subject=third)

    assert refused.code == "dlt.waiting"
    assert "2 DLTs in 2" in refused.reason
    assert f"possibly dose-limiting: Hypoxia (grade 4) of {first}, Hypoxia (grade 4) of {second}." in refused.reason
    assert "until an event that may be dose-limiting is adjudicated" in trial.view().status
    assert "StartInfusion" not in trial.view("inv").subject(third).next_steps
    assert trial.refused(cmd.EnrolSubject, subject=fourth).code == "dlt.waiting"
    trial.must(cmd.AdjudicateDlt, subject=second, event=1, dlt=False, reason="By the infection")
    trial.must(cmd.StartInfusion, subject=third)


def test_an_event_of_a_counted_subject_holds_the_next_level() -> None:
    """An unjudged event below keeps a level from opening, and an open one from taking anybody, without a pause."""
    trial = LifeTrial().open()
    trial.cohort("NNN")
    trial.decided("escalate")
    report(trial, "S001")
    assert trial.refused(cmd.OpenDoseLevel, by="sponsor", level=2).code == "dlt.waiting"
    assert trial.state.pauses == ()

    trial.must(cmd.AdjudicateDlt, subject="S001", event=1, dlt=False, reason="By the infection")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    report(trial, "S002")

    assert trial.refused(cmd.EnrolSubject, subject=trial.screened()).code == "dlt.waiting"


def test_a_decision_that_comes_too_early_names_the_event_that_is_not_judged() -> None:
    """Beside open windows the refusal names event and subject; to another site no more than that there is one."""
    trial = LifeTrial().open()
    first, _ = trial.infused(), trial.infused()
    report(trial, first)
    near = trial.refused(cmd.ProposeDoseDecision, decision="escalate")
    far = trial.refused(cmd.ProposeDoseDecision, by="other", decision="escalate")

    assert (near.code, far.code) == ("decision.early", "decision.early")
    assert near.reason.endswith(f"Not adjudicated: Hypoxia (grade 4) of {first}.")
    assert far.reason.endswith("Not adjudicated: an event at another site.")


@pytest.mark.parametrize(
    ("by", "related", "candidate"),
    [("nurse", False, 1), ("nurse", "unknown", 1), ("inv", "unknown", 1), ("nurse", True, 1), ("inv", False, 0)],
)
def test_only_an_investigator_says_that_an_event_is_unrelated(by: str, related: object, candidate: int) -> None:
    """What nobody, or no investigator, has called unrelated may be a DLT until an investigator has assessed it."""
    trial = LifeTrial().open()
    subject = trial.infused()
    report(trial, subject, by=by, related=related)

    assert len(trial.view().subject(subject).candidates) == candidate
    if related is not True and candidate:
        assert "AssessRelatedness" in trial.view("inv").subject(subject).next_steps
        trial.must(cmd.AssessRelatedness, subject=subject, event=1, related=False, reason="By the infection")
        assert trial.view().subject(subject).candidates == frozenset()
        asked = {"subject": subject, "event": 1, "related": False, "reason": "Again"}
        assert trial.refused(cmd.AssessRelatedness, **asked).code == "related.same"


def test_two_signatures_are_of_two_people() -> None:
    """Whoever signed a decision as sponsor does not sign it again as investigator."""
    trial = LifeTrial().open()
    trial.cohort("NNN")
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    asked = {"by": "two", "number": 1, "content": proposed.content}
    trial.must(cmd.GrantRole, by="sponsor", person="two", role="sponsor")
    trial.must(cmd.SignDoseDecision, **asked)
    trial.must(cmd.RevokeRole, by="sponsor", person="two", reason="Changes sides")
    trial.must(cmd.GrantRole, by="sponsor", person="two", role="investigator", site="01")

    refused = trial.refused(cmd.SignDoseDecision, **asked)

    assert (refused.code, refused.reason) == ("decision.signed", "two, as sponsor, has already signed.")


WAYS = [
    ("stay", "in this design to expand is the way to treat more at a level"),
    ("de-escalate", "there is no level below level 1 where anybody was treated"),
    ("consult", "to consult is the end at a tolerated top dose"),
]


@pytest.mark.parametrize(("decision", "why"), WAYS)
def test_a_decision_that_is_not_bolder_is_refused_for_what_it_is(decision: str, why: str) -> None:
    """What cannot be done at a level is said so, and not called bold."""
    trial = LifeTrial().open()
    trial.cohort("NNN")

    refused = trial.refused(cmd.ProposeDoseDecision, decision=decision, reason="careful")

    assert refused.code == "decision.impossible"
    assert why in refused.reason


STEP = st.one_of(
    st.tuples(st.just("treat"), st.integers(1, 3)),
    st.just(("round", 0)),
    st.tuples(st.sampled_from(("dlt", "dlt", "candidate", "not evaluable")), st.integers(0, 11)),
    st.tuples(st.just("decide"), st.sampled_from((0, 0, 0, 1))),
)


def play(trial: LifeTrial, what: str, number: int) -> None:
    """One thing that may happen; what is refused has not happened."""
    treated = [one for one in trial.state.subjects.values() if one.infusion]
    subject = treated[number % len(treated)].id if treated else None
    if what == "treat":
        for screened in [trial.known() for _ in range(number)]:
            if not isinstance(trial.do(cmd.EnrolSubject, subject=screened), Refusal):
                trial.treated(screened)
    elif what == "round":
        play(trial, "treat", 3)
        settle(trial)
        play(trial, "decide", 0)
    elif what in {"dlt", "candidate"} and subject and not trial.state.subjects[subject].adverse_events:
        report(trial, subject)
        if what == "dlt":
            trial.do(cmd.AdjudicateDlt, subject=subject, event=1, dlt=True, reason="judged")
    elif what == "not evaluable" and subject:
        trial.do(cmd.DeclareNotEvaluable, subject=subject, reason="Moved away")
    elif what == "decide":
        resumed(trial)
        choices = trial.view().decisions_open[number:] or trial.view().decisions_open
        if choices and (choices[0] != "stop" or trial.view().can_propose):
            trial.decided(choices[0], reason="as it stands")
        due = next((s for s in trial.view().steps if s.command == "OpenDoseLevel"), None)
        if due is not None:
            trial.do(cmd.OpenDoseLevel, by="sponsor", level=dict(due.fields)["level"])


def settle(trial: LifeTrial) -> None:
    """Judge every event, close every window, and lift every pause."""
    for one in tuple(trial.state.subjects.values()):
        if one.unjudged(trial.study):
            trial.must(cmd.AdjudicateDlt, subject=one.id, event=1, dlt=False, reason="By the infection")
    trial.wait(days=29)
    for one in tuple(trial.state.subjects.values()):
        trial.do(cmd.CloseDltWindow, subject=one.id)
    resumed(trial)


@pytest.mark.parametrize("text", [TEXT, DOWN, SIX, ROLLING], ids=["plain", "down", "six", "rolling"])
@settings(max_examples=4, deadline=None)
@example(steps=[("round", 0), ("treat", 2), ("dlt", 0), ("decide", 0), ("round", 0), ("round", 0)])
@example(steps=[("round", 0), ("round", 0), ("round", 0), ("candidate", 0)])
@given(steps=st.lists(STEP, min_size=4, max_size=8))
def test_a_trial_never_stands_still_without_a_reason(text: str, steps: list[tuple[str, int]]) -> None:
    """After any course, with nothing awaited, escalation has ended, a decision or a level is due, or a slot is free."""
    trial = LifeTrial(text).open()
    for what, number in steps:
        play(trial, what, number)

    settle(trial)
    state, seen = trial.state, trial.view()
    if state.stopped or state.open_decision or seen.can_propose:
        return
    opens = next((step for step in seen.steps if step.command == "OpenDoseLevel"), None)
    if opens is not None:
        trial.must(cmd.OpenDoseLevel, by="sponsor", level=dict(opens.fields)["level"])
    else:
        trial.must(cmd.EnrolSubject, subject=trial.known())


def test_a_stop_without_an_mtd_that_a_judgement_contradicts_no_longer_holds() -> None:
    """Where one of the DLTs that stopped the escalation is judged anew as none, the decision is open again."""
    trial = LifeTrial().open()
    for _ in range(2):
        judged(trial, trial.infused())
    trial.decided("stop")
    assert trial.view().stopped

    trial.must(cmd.AdjudicateDlt, subject="S002", event=1, dlt=False, reason="It was another subject's chart")

    seen = trial.view()
    assert (seen.stopped, seen.decisions[-1].superseded, len(trial.state.standing_pauses)) == (False, True, 1)
