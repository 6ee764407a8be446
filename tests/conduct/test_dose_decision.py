"""The record of a dose decision: what it was made on, who took part, and that it opens the level."""

from tests.conduct.life import LifeTrial
from trialwright.conduct import commands as cmd
from trialwright.conduct import replay
from trialwright.conduct.escalation import can_propose, listings_hash


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
