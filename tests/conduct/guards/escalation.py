"""Refusals about dose levels and dose decisions."""

from tests.conduct.life import ONE_ARM, LifeTrial
from tests.conductor import TEXT, with_rule
from trialwright.conduct import commands as cmd


def level_open() -> LifeTrial:
    """The first level is open."""
    return LifeTrial().open()


def no_escalation() -> LifeTrial:
    """The trial escalates no dose."""
    return LifeTrial(ONE_ARM).open()


def no_dlt() -> LifeTrial:
    """Three subjects had no DLT."""
    trial = LifeTrial().open()
    trial.cohort("NNN")
    return trial


def escalated() -> LifeTrial:
    """It was decided to escalate, and the second level is not open yet; S004 is eligible."""
    trial = no_dlt()
    trial.decided("escalate")
    trial.screened()
    return trial


def at_the_second() -> LifeTrial:
    """The second level is open; S004 is enrolled there, and nobody was treated there."""
    trial = escalated()
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    trial.must(cmd.EnrolSubject, subject="S004")
    return trial


def stopped() -> LifeTrial:
    """Two DLTs ended the escalation."""
    trial = LifeTrial().open()
    for _ in range(2):
        trial.toxicity(trial.infused())
    trial.decided("stop")
    return trial


def windows_open() -> LifeTrial:
    """Three subjects were infused today."""
    trial = LifeTrial().open()
    for _ in range(3):
        trial.infused()
    return trial


def level_never_open() -> LifeTrial:
    """The site is open, and no level."""
    trial = LifeTrial()
    trial.must(cmd.AdoptProtocol, by="sponsor", text=TEXT)
    trial.must(cmd.OpenSite, by="sponsor", site="01", name="First")
    trial.must(cmd.GrantRole, by="sponsor", person="inv", role="investigator", site="01")
    return trial


def to_judge() -> LifeTrial:
    """Every window is closed, and an event of S001 that may be a DLT was reported since."""
    trial = no_dlt()
    onset = trial.state.subjects["S001"].infusion.at.date()
    told = {"term": "Hypoxia", "onset_on": onset, "grade": 3, "related": True, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject="S001", **told)
    return trial


def one_dlt() -> LifeTrial:
    """One of three had a DLT."""
    trial = LifeTrial().open()
    trial.cohort("NTN")
    return trial


def expanded() -> LifeTrial:
    """It was decided to expand to six."""
    trial = one_dlt()
    trial.decided("expand")
    return trial


def weighing_follow_up() -> LifeTrial:
    """TITE-CRM: a subject was infused today, and has an event that was not judged."""
    rule = "{design: TITE-CRM, target: 0.3, subjects: 18, prior mtd: 2, weights: adaptive}"
    trial = LifeTrial(with_rule(rule)).open()
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 3, "related": True, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=trial.infused(), **told)
    return trial


def not_endorsed() -> LifeTrial:
    """The protocol wants the investigator's endorsement before a dose decision; nobody has signed."""
    wanted = "\nendorsements:\n  - {before: dose decision, by: investigator, assumed: usual}\n"
    trial = LifeTrial(f"{TEXT}{wanted}").open()
    trial.cohort("NNN")
    return trial


def proposed() -> LifeTrial:
    """A decision waits for signatures, and the committee has a role."""
    trial = no_dlt()
    trial.must(cmd.ProposeDoseDecision, decision="escalate")
    trial.must(cmd.GrantRole, by="sponsor", person="board", role="committee")
    return trial


def signed_by_one() -> LifeTrial:
    """The investigator has signed the decision."""
    trial = proposed()
    trial.must(cmd.SignDoseDecision, **content(trial))
    return trial


def superseded() -> LifeTrial:
    """An event that may be a DLT came after the data cut of the decision."""
    trial = proposed()
    told = {
        "term": "Hypoxia",
        "onset_on": trial.state.subjects["S001"].infusion.at.date(),
        "grade": 3,
        "related": True,
        "serious": False,
    }
    trial.must(cmd.ReportAdverseEvent, subject="S001", **told)
    return trial


def content(trial: LifeTrial) -> dict[str, object]:
    """What somebody signs who has read the last decision."""
    decision = trial.state.decisions[-1]
    return {"number": decision.number, "content": decision.content}


def filled() -> LifeTrial:
    """The level holds six, one of them with a DLT, and may be left."""
    trial = expanded()
    trial.cohort("NNN")
    return trial


def filled_below() -> LifeTrial:
    """The second level is open above one that holds six."""
    trial = filled()
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    trial.cohort("NNN")
    return trial


def escalated_late() -> LifeTrial:
    """It was decided to escalate; a late DLT came, and both signed that the trial goes on."""
    trial = escalated()
    trial.toxicity("S001")
    for person in ("inv", "sponsor"):
        trial.must(cmd.SignResumption, by=person, pause=1, reason="Reviewed")
    return trial


def escalated_to_judge() -> LifeTrial:
    """It was decided to escalate, and then an event of S001 that may be a DLT was reported."""
    trial = to_judge()
    trial.must(cmd.AdjudicateDlt, subject="S001", event=1, dlt=False, reason="By the infection")
    trial.decided("escalate")
    trial.must(cmd.GradeAdverseEvent, subject="S001", event=1, grade=4, reason="The letter of the hospital")
    return trial


def signed_in_another_role() -> LifeTrial:
    """The investigator has signed the decision, and is the sponsor's now."""
    trial = signed_by_one()
    trial.must(cmd.RevokeRole, by="sponsor", person="inv", reason="Changes sides")
    trial.must(cmd.GrantRole, by="sponsor", person="inv", role="sponsor")
    return trial


def by(person: str):
    """The same, signed by somebody."""
    return lambda trial: {"by": person, **content(trial)}


REFUSALS = [
    (no_escalation, cmd.OpenDoseLevel, {"by": "sponsor", "level": 1}, "escalation.none"),
    (level_open, cmd.OpenDoseLevel, {"by": "sponsor", "level": 2}, "level.second_open"),
    (escalated, cmd.OpenDoseLevel, {"by": "sponsor", "level": 3}, "level.not_decided"),
    (stopped, cmd.OpenDoseLevel, {"by": "sponsor", "level": 1}, "escalation.ended"),
    (escalated, cmd.EnrolSubject, {"subject": "S004"}, "level.none_open"),
    (no_escalation, cmd.ProposeDoseDecision, {"decision": "stop"}, "escalation.none"),
    (stopped, cmd.ProposeDoseDecision, {"decision": "stop"}, "escalation.ended"),
    (level_never_open, cmd.ProposeDoseDecision, {"decision": "stop", "reason": "?"}, "level.none_open"),
    (escalated, cmd.ProposeDoseDecision, {"decision": "escalate"}, "level.none_open"),
    (escalated, cmd.ProposeDoseDecision, {"decision": "stop"}, "decision.reason"),
    (windows_open, cmd.ProposeDoseDecision, {"decision": "stop"}, "decision.reason"),
    (windows_open, cmd.ProposeDoseDecision, {"decision": "de-escalate", "reason": "?"}, "decision.early"),
    (to_judge, cmd.ProposeDoseDecision, {"decision": "escalate"}, "decision.adjudication"),
    (windows_open, cmd.ProposeDoseDecision, {"decision": "escalate"}, "decision.early"),
    (expanded, cmd.ProposeDoseDecision, {"decision": "expand"}, "decision.taken"),
    (signed_by_one, cmd.ProposeDoseDecision, {"decision": "escalate"}, "decision.waiting"),
    (weighing_follow_up, cmd.ProposeDoseDecision, {"decision": "escalate"}, "decision.adjudication"),
    (one_dlt, cmd.ProposeDoseDecision, {"decision": "escalate", "reason": "?"}, "decision.bold"),
    (no_dlt, cmd.ProposeDoseDecision, {"decision": "stay", "reason": "?"}, "decision.impossible"),
    (no_dlt, cmd.ProposeDoseDecision, {"decision": "de-escalate", "reason": "?"}, "decision.impossible"),
    (no_dlt, cmd.ProposeDoseDecision, {"decision": "consult", "reason": "?"}, "decision.impossible"),
    (filled, cmd.ProposeDoseDecision, {"decision": "expand", "reason": "?"}, "decision.impossible"),
    (filled_below, cmd.ProposeDoseDecision, {"decision": "de-escalate", "reason": "?"}, "decision.impossible"),
    (escalated_late, cmd.OpenDoseLevel, {"by": "sponsor", "level": 2}, "decision.due"),
    (escalated_to_judge, cmd.OpenDoseLevel, {"by": "sponsor", "level": 2}, "dlt.waiting"),
    (signed_in_another_role, cmd.SignDoseDecision, content, "decision.signed"),
    (no_dlt, cmd.ProposeDoseDecision, {"decision": "expand"}, "decision.reason"),
    (not_endorsed, cmd.ProposeDoseDecision, {"decision": "escalate"}, "decision.endorsement"),
    (no_dlt, cmd.SignDoseDecision, {"number": 1, "content": "0" * 64}, "decision.none"),
    (proposed, cmd.SignDoseDecision, {"number": 2, "content": "0" * 64}, "decision.none"),
    (escalated, cmd.SignDoseDecision, content, "decision.none"),
    (proposed, cmd.SignDoseDecision, {"number": 1, "content": "0" * 64}, "decision.content"),
    (superseded, cmd.SignDoseDecision, content, "decision.superseded"),
    (proposed, cmd.SignDoseDecision, by("board"), "role.signature"),
    (signed_by_one, cmd.SignDoseDecision, content, "decision.signed"),
]  # fmt: skip
