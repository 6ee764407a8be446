"""Refusals about arms, and about who sees them."""

from dataclasses import replace

from tests.blinded import BlindedMemory, secret
from tests.conduct.life import BY_CHOICE, RANDOMISED, LifeTrial, lets_in
from tests.conduct.ward import CELLS, Ward
from trialwright.conduct import NOTHING_SEALED
from trialwright.conduct import commands as cmd
from trialwright.conduct.sealed import Sealed
from trialwright.protocol.subject import parse_subject

ONE = {"subject": "S001"}
OTHERS = {**ONE, "by": "other"}
ALONE, DRUG, BOTH = "UC-MSC alone", "csDMARD alone", "UC-MSC and csDMARD"
WHY = {"reason": "Read from the line below"}


def blinded_enrolled() -> BlindedMemory:
    """S001 of a masked trial is enrolled."""
    trial = BlindedMemory().open()
    trial.enrolled()
    return trial


def blinded_screened() -> BlindedMemory:
    """S001 of a masked trial is eligible, and S002 was not assessed."""
    trial = BlindedMemory().open()
    trial.screened()
    trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    return trial


def stratum_unknown() -> BlindedMemory:
    """S001 is enrolled, and the value that its list goes by is not known."""
    trial = blinded_enrolled()
    allocation = trial.study.allocation.model_copy(update={"strata": ("crp",)})
    trial.study = trial.study.model_copy(update={"allocation": allocation})
    subject = trial.state.subjects["S001"]
    said = {name: value for name, value in subject.entered["values"].items() if name != "crp"}
    other = replace(subject, entered={**subject.entered, "values": said})
    trial.state = replace(trial.state, subjects={"S001": other})
    return trial


def randomisation_brought_forward() -> Ward:
    """S001 had a biologic 26 days ago; its randomisation, planned for after four weeks without one, is asked for."""
    ward = Ward("NCT03828344", group="cohort 1")
    entered = parse_subject(lets_in(RANDOMISED, ward.now.date(), ward.now.date()))
    entered["days"]["randomisation"] = "2026-01-09"
    entered["values"]["other_bdmard"] = [{"on": "2025-12-10"}]
    ward.state = ward.changed("S001", verdict="eligible", entered=entered)
    ward.sealed = Sealed(secret().model_copy(update={"study": ward.study.id}))
    return ward


def blinded_randomised() -> BlindedMemory:
    """S001 of a masked trial is randomised."""
    trial = BlindedMemory().open()
    trial.randomised()
    return trial


def without_the_list() -> BlindedMemory:
    """S001 is randomised and S002 is enrolled, and the sealed file is not here."""
    trial = blinded_randomised()
    trial.enrolled()
    trial.sealed = NOTHING_SEALED
    return trial


def infused_and_randomised() -> BlindedMemory:
    """S001 is randomised and infused."""
    trial = blinded_randomised()
    trial.infuse("S001", **({} if trial.arm("S001") == "cells" else {"product": "vehicle", "weight_kg": 70}))
    return trial


def infused_without_an_arm() -> BlindedMemory:
    """S001 is infused, and the record has no arm of it."""
    trial = infused_and_randomised()
    subject = replace(trial.state.subjects["S001"], randomised=False)
    trial.state = replace(trial.state, subjects={"S001": subject})
    return trial


def randomised_in_error() -> BlindedMemory:
    """S001 was randomised in error, which was said."""
    trial = blinded_randomised()
    trial.must(cmd.DeclareRandomisedInError, subject="S001", reason="Wrong person")
    return trial


def escalation_paused_by_dlts() -> BlindedMemory:
    """Two DLTs meet the stopping rule; S003 is enrolled."""
    trial = BlindedMemory().open()
    for _ in range(2):
        subject = trial.randomised()
        trial.infuse(subject, **({} if trial.arm(subject) == "cells" else {"product": "vehicle", "weight_kg": 70}))
    trial.enrolled()
    for subject in ("S001", "S002"):
        trial.toxicity(subject)
    return trial


def code_broken() -> BlindedMemory:
    """The investigator has seen the arm of S001."""
    trial = blinded_randomised()
    trial.must(cmd.BreakCode, subject="S001", reason="Anaphylaxis")
    return trial


def locked() -> BlindedMemory:
    """The data of the masked trial are locked."""
    trial = blinded_randomised()
    trial.ended()
    trial.must(cmd.LockData, by="sponsor")
    return trial


def unlocked_since() -> BlindedMemory:
    """The unblinding was asked for, and the data were unlocked and locked again."""
    trial = unblinding_asked()
    trial.must(cmd.UnlockData, by="sponsor", reason="A value was wrong")
    trial.must(cmd.LockData, by="sponsor")
    return trial


def unblinding_asked() -> BlindedMemory:
    """The sponsor has asked for the unblinding."""
    trial = locked()
    trial.must(cmd.GrantRole, by="sponsor", person="sponsor2", role="sponsor")
    trial.must(cmd.RequestUnblinding, by="sponsor", reason="Planned analysis")
    return trial


def unblinded() -> BlindedMemory:
    """The trial is unblinded."""
    trial = unblinding_asked()
    trial.must(cmd.ApproveUnblinding, by="inv")
    return trial


def not_masked() -> LifeTrial:
    """S001 of an open dose escalation is enrolled."""
    trial = LifeTrial().open()
    trial.enrolled()
    return trial


def by_choice() -> LifeTrial:
    """S001 of an open trial of three arms is enrolled, and S002 in screening."""
    trial = LifeTrial(BY_CHOICE).open()
    trial.joined()
    trial.known()
    return trial


def arm_chosen() -> Ward:
    """S001 is in the arm of cells alone."""
    ward = Ward("NCT01547091")
    ward.must(cmd.ChooseArm, subject="S001", arm=ALONE)
    return ward


def arm_prepared() -> Ward:
    """An infusion of the arm waits."""
    ward = arm_chosen()
    ward.must(cmd.PrepareInfusion, **ward.asked(ward.received("L1", "UC-MSC", **CELLS)))
    return ward


def arm_infused() -> Ward:
    """The arm's first infusion was given."""
    ward = arm_chosen()
    ward.infused(ward.received("L1", "UC-MSC", **CELLS))
    return ward


def arm_medicated() -> Ward:
    """S001 is in the arm of the drug, and takes two drugs of it."""
    ward = Ward("NCT01547091")
    ward.must(cmd.ChooseArm, subject="S001", arm=DRUG)
    for drug in ("Methotrexate", "Leflunomide"):
        ward.must(cmd.PrescribeMedicine, subject="S001", drug=drug, counts_as="csDMARD")
    return ward


def takes_the_drug() -> Ward:
    """S001 of NCT01547091 has no arm yet and takes a csDMARD."""
    ward = Ward("NCT01547091")
    ward.must(cmd.PrescribeMedicine, subject="S001", drug="Methotrexate")
    return ward


def treated_by_cells_alone() -> Ward:
    """S001 of NCT01547091 is in the arm of cells alone."""
    return Ward("NCT01547091", arms=(ALONE,))


REFUSALS = [
    (takes_the_drug, cmd.ChooseArm, {"subject": "S001", "arm": ALONE}, "allocation.medicine"),
    (treated_by_cells_alone, cmd.PrescribeMedicine, {"subject": "S001", "drug": "sulfasalazine"}, "medicine.forbidden"),
    (blinded_enrolled, cmd.RandomiseSubject, OTHERS, "subject.unknown"),
    (not_masked, cmd.RandomiseSubject, ONE, "allocation.not_randomised"),
    (by_choice, cmd.RandomiseSubject, ONE, "allocation.not_randomised"),
    (without_the_list, cmd.RandomiseSubject, {"subject": "S002"}, "allocation.no_list"),
    (blinded_screened, cmd.RandomiseSubject, ONE, "subject.not_enrolled"),
    (blinded_screened, cmd.RandomiseSubject, {"subject": "S002"}, "subject.ineligible"),
    (stratum_unknown, cmd.RandomiseSubject, ONE, "allocation.stratum"),
    (randomisation_brought_forward, cmd.RandomiseSubject, ONE, "subject.ineligible"),
    (blinded_randomised, cmd.RandomiseSubject, ONE, "allocation.done"),
    (infused_and_randomised, cmd.RandomiseSubject, ONE, "allocation.done"),
    (infused_without_an_arm, cmd.RandomiseSubject, ONE, "subject.infused"),
    (escalation_paused_by_dlts, cmd.RandomiseSubject, {"subject": "S003"}, "escalation.stopping_rule"),
    (blinded_randomised, cmd.DeclareRandomisedInError, {**OTHERS, "reason": "?"}, "subject.unknown"),
    (blinded_enrolled, cmd.DeclareRandomisedInError, {**ONE, "reason": "?"}, "allocation.none"),
    (randomised_in_error, cmd.DeclareRandomisedInError, {**ONE, "reason": "?"}, "allocation.error"),
    (by_choice, cmd.ChooseArm, {**OTHERS, "arm": DRUG}, "subject.unknown"),
    (by_choice, cmd.ChooseArm, {"subject": "S002", "arm": DRUG}, "subject.not_enrolled"),
    (by_choice, cmd.ChooseArm, {**ONE, "arm": "gold"}, "allocation.arm"),
    (not_masked, cmd.ChooseArm, {**ONE, "arm": DRUG}, "allocation.no_choice"),
    (blinded_enrolled, cmd.ChooseArm, {**ONE, "arm": "cells"}, "allocation.no_choice"),
    (arm_chosen, cmd.ChooseArm, {**ONE, "arm": ALONE}, "allocation.same"),
    (arm_chosen, cmd.ChooseArm, {**ONE, "arm": BOTH}, "allocation.reason"),
    (arm_prepared, cmd.ChooseArm, {**ONE, "arm": BOTH, **WHY}, "allocation.prepared"),
    (arm_infused, cmd.ChooseArm, {**ONE, "arm": BOTH, **WHY}, "allocation.treated"),
    (arm_medicated, cmd.ChooseArm, {**ONE, "arm": BOTH, **WHY}, "allocation.treated"),
    (blinded_randomised, cmd.BreakCode, {**OTHERS, "reason": "?"}, "subject.unknown"),
    (blinded_enrolled, cmd.BreakCode, {**ONE, "reason": "?"}, "code.none"),
    (code_broken, cmd.BreakCode, {**ONE, "reason": "?"}, "code.shown"),
    (without_the_list, cmd.BreakCode, {**ONE, "reason": "?"}, "allocation.no_list"),
    (blinded_randomised, cmd.BreakCode, {**ONE, "reason": "?", "opened_at": "2026-01-05T09:00:01Z"}, "code.future"),
    (not_masked, cmd.RequestUnblinding, {"by": "sponsor", "reason": "?"}, "unblinding.open"),
    (blinded_randomised, cmd.RequestUnblinding, {"by": "sponsor", "reason": "?"}, "unblinding.unlocked"),
    (unblinding_asked, cmd.RequestUnblinding, {"reason": "?"}, "unblinding.requested"),
    (unblinded, cmd.RequestUnblinding, {"reason": "?"}, "unblinding.done"),
    (blinded_randomised, cmd.ApproveUnblinding, {"by": "sponsor"}, "unblinding.unlocked"),
    (locked, cmd.ApproveUnblinding, {"by": "sponsor"}, "unblinding.none"),
    (unlocked_since, cmd.ApproveUnblinding, {}, "unblinding.none"),
    (unblinding_asked, cmd.ApproveUnblinding, {"by": "sponsor"}, "unblinding.second"),
    (unblinding_asked, cmd.ApproveUnblinding, {"by": "sponsor2"}, "unblinding.second"),
    (not_masked, cmd.PrintEnvelopes, {"by": "pharm"}, "envelopes.open"),
    (without_the_list, cmd.PrintEnvelopes, {"by": "pharm"}, "allocation.no_list"),
    (blinded_enrolled, cmd.PrintEnvelopes, {"by": "pharm"}, "envelopes.none"),
    (blinded_randomised, cmd.PrintEnvelopes, {"by": "pharm2"}, "envelopes.none"),
]  # fmt: skip
