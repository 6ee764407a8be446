"""The record of a dose decision: what it was made on, who took part, and that it opens the level."""

import json
from collections.abc import Callable
from hashlib import sha256

import pytest

from tests.conduct.guards.escalation import escalated, expanded, not_endorsed, to_judge, windows_open
from tests.conduct.life import ONE_ARM, LifeTrial, changed
from tests.conductor import TEXT, with_rule
from trialwright.analysis import adverse_event_listing
from trialwright.conduct import commands as cmd
from trialwright.conduct import replay
from trialwright.conduct.escalation import can_propose, choices, listings, listings_hash
from trialwright.conduct.events.base import EventBase
from trialwright.conduct.signatures import content


def test_de_06_a_decision_records_what_it_was_made_on() -> None:
    """A decision keeps its data cut, who took part, what was recommended and decided, the reason and who signed."""
    trial = LifeTrial().open()
    trial.cohort("NNN")
    cut = trial.state.sequence
    asked = {"decision": "expand", "reason": "Fever in every subject", "attendees": ["inv", "sponsor", "statistician"]}

    (proposed,) = trial.must(cmd.ProposeDoseDecision, **asked)
    trial.must(cmd.SignDoseDecision, number=1, content=proposed.content)
    trial.must(cmd.SignDoseDecision, by="sponsor", number=1, content=proposed.content)

    decision = trial.state.decisions[0]
    assert (decision.cut, decision.attendees) == (cut, ("inv", "sponsor", "statistician"))
    assert (decision.recommended, decision.decision) == ("escalate", "expand")
    assert decision.reason == "Fever in every subject"
    assert [role for role, _, _ in decision.signatures] == ["investigator", "sponsor"]


def test_de_06_the_listings_are_those_of_the_cut() -> None:
    """Whoever replays the log to the cut of a decision finds the listings that its hash was made of."""
    trial = LifeTrial().open()
    subjects = trial.cohort("NNN")
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    told = {"term": "Fever", "onset_on": trial.now.date(), "grade": 1, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subjects[0], **told)

    assert listings_hash(trial.study, replay(trial.log[: proposed.cut])) == proposed.listings
    assert listings_hash(trial.study, trial.state) != proposed.listings


def test_de_06_a_level_opens_by_a_signed_decision_only() -> None:
    """The next level stays closed while a proposal lacks a signature, and opens with the last one."""
    trial = LifeTrial().open()
    trial.cohort("NNN")
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    asked = {"number": 1, "content": proposed.content}
    trial.must(cmd.SignDoseDecision, **asked)
    assert trial.refused(cmd.OpenDoseLevel, by="sponsor", level=2).code == "level.second_open"

    trial.must(cmd.SignDoseDecision, by="sponsor", **asked)

    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)


def test_an_expansion_is_not_decided_twice_on_the_same_outcomes() -> None:
    """Once three more subjects are decided on, nothing can be proposed before somebody of the new cohort is treated."""
    trial = LifeTrial().open()
    trial.cohort("NTN")
    trial.decided("expand")

    assert not can_propose(trial.study, trial.state)
    assert trial.refused(cmd.ProposeDoseDecision, decision="expand").code == "decision.taken"


def proposal(decision: str, outcomes: str = "NNN", reason: str | None = None) -> object:
    """The entry of a decision on a first cohort of these outcomes."""
    trial = LifeTrial().open()
    trial.cohort(outcomes)
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision=decision, reason=reason)
    return proposed


@pytest.mark.parametrize(
    ("outcomes", "decision", "reason", "recommended", "dose"),
    [
        ("NNN", "escalate", None, "escalate", 2),
        ("NNN", "expand", "Fever", "escalate", 1),
        ("NNN", "stop", "No more product", "escalate", None),
        ("NTN", "expand", None, "expand", 1),
        ("NTT", "stop", None, "stop", None),
    ],
)
def test_de_06_a_proposal_has_what_was_recommended_and_where_it_leads(
    outcomes: str, decision: str, reason: str | None, recommended: str, dose: int | None
) -> None:
    """A proposal says outcomes, level, what the rule recommends and why, what is decided and the dose that follows."""
    proposed = proposal(decision, outcomes, reason)

    assert (proposed.number, proposed.level, proposed.outcomes) == (1, 1, f"1{outcomes}")
    assert (proposed.recommended, proposed.decision, proposed.dose) == (recommended, decision, dose)
    assert (proposed.reason, proposed.mtd, proposed.attendees) == (reason, None, ())
    assert "at level 1" in proposed.why


def test_de_06_the_hash_of_a_proposal_is_that_of_its_content() -> None:
    """Anybody can compute what a signature binds, from the entry, as sorted JSON without spaces."""
    proposed = proposal("expand", reason="Fever")
    bound = proposed.model_dump(mode="json", exclude={*EventBase.model_fields, "type", "content"})
    text = json.dumps(bound, sort_keys=True, separators=(",", ":"))

    assert set(bound) >= {"cut", "listings", "attendees", "outcomes", "why", "dose", "mtd", "reason"}
    assert proposed.content == sha256(text.encode()).hexdigest()


def test_de_06_the_listings_are_of_everybody_enrolled() -> None:
    """The listings have each enrolled subject with infusion, outcome and events, and nobody in screening."""
    trial = LifeTrial().open()
    trial.toxicity(trial.infused())
    trial.enrolled()
    trial.must(cmd.DeclareNotEvaluable, subject=trial.infused(), reason="Moved away")
    trial.screened()
    event = [1, "Hypoxia", "2026-01-05", 3, True, False, True]
    at = "2026-01-05 09:00:00+00:00"
    expected = (
        {"subject": "S001", "level": 1, "infused": at, "outcome": "T", "adverse events": [event]},
        {"subject": "S002", "level": 1, "infused": None, "outcome": "P", "adverse events": []},
        {"subject": "S003", "level": 1, "infused": at, "outcome": "not evaluable", "adverse events": []},
    )

    assert listings(trial.study, trial.state) == expected
    text = json.dumps({"listings": expected}, sort_keys=True, separators=(",", ":"))
    assert listings_hash(trial.study, trial.state) == sha256(text.encode()).hexdigest()


def late_onset(levels: int) -> LifeTrial:
    """TITE-BOIN with three subjects without a DLT at each of so many levels, the last one open and to be decided."""
    trial = LifeTrial(with_rule("{design: TITE-BOIN, target: 0.3, subjects: 18}")).open()
    for level in range(1, levels + 1):
        if level > 1:
            trial.decided("escalate")
            trial.must(cmd.OpenDoseLevel, by="sponsor", level=level)
        trial.cohort("NNN")
    return trial


def test_the_choices_are_the_recommended_and_the_more_cautious() -> None:
    """From the boldest: what the rule recommends, to stay or expand, to move down where it can, and to stop."""
    first, one_dlt, full = (LifeTrial().open() for _ in range(3))
    first.cohort("NNN")
    one_dlt.cohort("NTN")
    full.cohort("NTN")
    full.decided("expand")
    full.cohort("NNN")
    closed = LifeTrial().open()
    closed.cohort("NNN")
    closed.decided("escalate")

    assert choices(first.study, first.state) == ("escalate", "expand", "stop")
    assert choices(one_dlt.study, one_dlt.state) == ("expand", "stop")
    assert choices(full.study, full.state) == ("escalate", "stop")
    assert choices(closed.study, closed.state) == ("stop",)
    for levels, possible in ((1, ("escalate", "stay", "stop")), (2, ("escalate", "stay", "de-escalate", "stop"))):
        trial = late_onset(levels)
        assert choices(trial.study, trial.state, trial.now) == possible


def test_moving_down_early_leads_to_the_level_below() -> None:
    """Whoever moves down although the rule would not has the level below due, with a cohort more than it holds."""
    trial = late_onset(2)

    trial.decided("de-escalate", reason="A grade 2 fever in every subject")

    assert trial.state.decisions[-1].dose == 1
    assert trial.state.open_level is None
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)
    assert trial.state.open_level.slots == 6


def test_staying_adds_a_cohort_to_the_level() -> None:
    """Whoever stays treats one cohort more at the level, which stays open."""
    trial = late_onset(1)

    trial.decided("stay", reason="A grade 2 fever in every subject")

    assert (trial.state.open_level.level, trial.state.open_level.slots) == (1, 6)
    assert trial.state.cohorts == (1, 1)
    assert trial.state.decisions[-1].dose == 1


@pytest.mark.parametrize("rule", ["{design: rolling six}", "{design: TITE-BOIN, target: 0.3, subjects: 18}"])
def test_a_level_opens_with_the_slots_of_its_rule(rule: str) -> None:
    """A rolling six opens all six places of a level at once, and any other rule one cohort."""
    trial = LifeTrial(with_rule(rule)).open()

    assert trial.state.open_level.slots == (6 if "rolling" in rule else 3)


def test_when_a_decision_can_be_proposed() -> None:
    """A decision can be proposed once the outcomes settle it, once; neither without an open level nor after the end."""
    trial = LifeTrial().open()

    def possible() -> bool:
        return can_propose(trial.study, trial.state, trial.now)

    assert not possible()
    trial.cohort("NNN")
    assert possible()
    trial.decided("escalate")
    assert not possible()
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    assert not possible()
    trial.cohort("NTT")
    assert possible()
    trial.decided("stop")
    assert not possible()
    one_arm = LifeTrial(ONE_ARM).open()
    assert not can_propose(one_arm.study, one_arm.state)


def test_a_decision_for_more_at_a_level_stands_until_all_of_them_are_treated() -> None:
    """Whoever decided on more at a level is not asked again before they are treated, so that no slot is given twice."""
    rule = "{design: BOIN, target: 0.25, subjects: 6, at least at mtd: 4}"
    trial = LifeTrial(with_rule(rule)).open()
    trial.cohort("NNN")
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    trial.cohort("NTT")
    trial.decided("de-escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)

    assert trial.refused(cmd.ProposeDoseDecision, decision="stay").code == "decision.taken"
    trial.cohort("NNN")
    assert can_propose(trial.study, trial.state, trial.now)


def test_an_event_that_may_be_a_dlt_holds_a_decision_that_weighs_follow_up() -> None:
    """A rule that counts open windows waits for the adjudication of those it counts; any other rule waits anyway."""
    trial = LifeTrial(
        with_rule("{design: TITE-CRM, target: 0.3, subjects: 18, prior mtd: 2, weights: adaptive}")
    ).open()
    subject = trial.infused()
    assert can_propose(trial.study, trial.state, trial.now)
    told = {
        "subject": subject,
        "term": "Hypoxia",
        "onset_on": trial.now.date(),
        "grade": 3,
        "related": True,
        "serious": False,
    }
    trial.must(cmd.ReportAdverseEvent, **told)
    assert not can_propose(trial.study, trial.state, trial.now)

    trial.must(cmd.AdjudicateDlt, subject=subject, event=1, dlt=False, reason="By the infection")

    assert can_propose(trial.study, trial.state, trial.now)


def tolerated_to_the_top() -> LifeTrial:
    """Three subjects at each of the three levels, and nobody with a DLT."""
    trial = LifeTrial().open()
    for level in (1, 2, 3):
        trial.cohort("NNN")
        if level < 3:
            trial.decided("escalate")
            trial.must(cmd.OpenDoseLevel, by="sponsor", level=level + 1)
    return trial


def test_the_end_says_mtd_and_whether_the_top_dose_was_tolerated() -> None:
    """The end of escalation has the MTD of the rule; consulting at a tolerated top dose says so and names none."""
    top = tolerated_to_the_top()
    *_, closed, end = top.decided("consult")
    assert (closed.level, end.mtd, end.top_tolerated) == (3, None, True)

    down = LifeTrial().open()
    down.cohort("NNN")
    down.decided("escalate")
    down.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    down.cohort("NTT")
    *_, closed, end = down.decided("stop")
    assert (closed.level, end.mtd, end.top_tolerated) == (2, 1, False)

    early = LifeTrial().open()
    early.cohort("NNN")
    *_, end = early.decided("stop", reason="No more product")
    assert (end.mtd, end.top_tolerated) == (None, False)


def test_consulting_at_the_top_is_the_boldest_choice() -> None:
    """At a tolerated top dose people consult, or expand, or go down, or stop."""
    trial = tolerated_to_the_top()

    assert choices(trial.study, trial.state) == ("consult", "expand", "de-escalate", "stop")


def test_an_end_without_a_path_is_no_tolerated_dose() -> None:
    """Where the protocol has no path after 1 DLT in 3, consulting ends the escalation without a tolerated top dose."""
    rest = ("    past the top dose: consult\n", "    past the top dose: consult\n    some dlts: consult\n")
    trial = LifeTrial(changed(TEXT, ("expand to: 6", "expand to: 3"), rest)).open()
    trial.cohort("NTN")

    *_, end = trial.decided("consult")

    assert (end.mtd, end.top_tolerated) == (None, False)


def test_an_open_event_does_not_hold_a_decision_that_it_cannot_change() -> None:
    """Two DLTs stop a 3+3 although a third subject has an event that was not judged."""
    trial = LifeTrial().open()
    subjects = [trial.infused() for _ in range(3)]
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 3, "related": True, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subjects[2], **told)
    for subject in subjects[:2]:
        trial.toxicity(subject)

    trial.decided("stop")

    assert trial.state.stopped


def test_an_event_of_the_replaced_that_may_be_a_dlt_holds_the_decision() -> None:
    """An event that may be a DLT of a subject who was replaced holds the decision until it is judged not to be one."""
    trial = LifeTrial(
        with_rule("{design: TITE-CRM, target: 0.3, subjects: 18, prior mtd: 2, weights: adaptive}")
    ).open()
    replaced = trial.infused()
    trial.must(cmd.DeclareNotEvaluable, subject=replaced, reason="Moved away")
    trial.infused()
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 3, "related": True, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=replaced, **told)
    held = can_propose(trial.study, trial.state, trial.now)
    trial.must(cmd.AdjudicateDlt, subject=replaced, event=1, dlt=False, reason="Known before")

    assert (held, can_propose(trial.study, trial.state, trial.now)) == (False, True)


def test_es_10_nobody_endorses_those_in_screening_for_a_dose_decision() -> None:
    """A dose decision waits for the endorsement of those who count, and not of somebody in screening."""
    wanted = "\nendorsements:\n  - {before: dose decision, by: investigator, assumed: usual}\n"
    trial = LifeTrial(f"{TEXT}{wanted}").open()
    for subject in trial.cohort("NNN"):
        bound = content(trial.state.subjects[subject], None)
        said = {"meaning": "responsibility", "name": "Dr Vogel", "content": bound.sha256, "sequence": bound.sequence}
        trial.must(cmd.SignContent, subject=subject, **said)
    trial.screened()

    assert trial.must(cmd.ProposeDoseDecision, decision="escalate")


def in_a_pause() -> LifeTrial:
    """Level 2 is open with one infused, and a late DLT at level 1 pauses the trial."""
    trial = escalated()
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    trial.infused()
    trial.toxicity("S001")
    assert trial.state.standing_pauses
    return trial


@pytest.mark.parametrize("given", [windows_open, in_a_pause, escalated, to_judge, not_endorsed, expanded])
def test_to_stop_waits_for_nothing(given: Callable[[], LifeTrial]) -> None:
    """To stop can be proposed at any time after the first level opened, with a reason, and names no MTD."""
    trial = given()
    assert "stop" in trial.view().decisions_open

    trial.decided("stop", reason="The sponsor gives the product up")

    assert (trial.state.stopped, trial.state.mtd) == (True, None)
    assert trial.state.open_level is None
    assert trial.view().decisions_open == ()


def test_in_a_pause_a_level_down_waits_for_nothing() -> None:
    """In a pause those who sign may go down a level while windows are open; it opens once the trial goes on."""
    trial = in_a_pause()
    assert trial.view().decisions_open == ("de-escalate", "stop")

    trial.decided("de-escalate", reason="A late DLT at level 1")

    assert trial.refused(cmd.OpenDoseLevel, by="sponsor", level=1).code == "trial.paused"
    for person in ("inv", "sponsor"):
        trial.must(cmd.SignResumption, by=person, pause=1, reason="Reviewed")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)
    assert (trial.state.open_level.level, trial.view().free) == (1, 3)
    trial.infused()
    assert str(trial.state.outcomes(trial.study)) == "1TNN 2P 1P"
    assert trial.view().next_dose.decision == "stay"


@pytest.mark.parametrize(
    ("term", "grade", "related", "dlt", "differs"),
    [
        ("Nausea", 1, False, True, True),
        ("Hypoxia", 3, True, False, True),
        ("Hypoxia", 3, True, True, False),
        ("Nausea", 1, False, False, False),
    ],
)
def test_a_judgement_that_differs_from_the_definition_is_marked(
    term: str, grade: int, related: bool, dlt: bool, differs: bool
) -> None:
    """A judgement that is not what the protocol's definition makes says so in its entry and in the listing."""
    trial = LifeTrial().open()
    told = {"term": term, "grade": grade, "related": related, "serious": False, "onset_on": trial.now.date()}
    trial.must(cmd.ReportAdverseEvent, subject=trial.infused(), **told)

    (judged, *_) = trial.must(cmd.AdjudicateDlt, subject="S001", event=1, dlt=dlt, reason="Seen at the bedside")

    assert (judged.dlt != judged.defined) == differs
    (row,) = adverse_event_listing(trial.view()).rows
    assert ("differs from the protocol's definition" in str(row[-1])) == differs
