"""Refusals about doses, the preparation of an infusion and the match of identities."""

from datetime import timedelta

from tests.conduct.ward import CELLS, Ward
from trialwright.conduct import commands as cmd

CORRECTION = {"by": "pharm", "subject": "S001", "reason": "Digits swapped"}
READ = {"subject": "S001", "scanned_subject": "S001", "scanned_coi": "S001-1"}
CHOSEN = {"subject": "S001", "product": "UC-MSC"}
TAKEN = {"by": "pharm", "subject": "S001", "lot": "L1", "containers": ("L1-1",), "weight_kg": 70}
CORRECTED = {**CORRECTION, "preparation": 1, "weight_kg": 71}
TOO_THIN = {**TAKEN, "weighed_on": "2026-01-05", "subject": "S002", "lot": "L2", "containers": ("L2-1", "L2-2")}
ASKED = {**TAKEN, "weighed_on": "2026-01-05"}


def lot_released() -> Ward:
    """S001 and S002 of NCT05962762 wait at the first level, and lot L1 is released."""
    ward = Ward("NCT05962762", arms=(None, None))
    ward.received("L1", "hUC-MSC injection", **CELLS)
    return ward


def prepared() -> Ward:
    """An infusion of S001 is prepared from L1, and lot L2 is released."""
    ward = lot_released()
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    ward.received("L2", "hUC-MSC injection", **CELLS)
    return ward


def two_prepared() -> Ward:
    """Cord blood and cells are prepared for S001 of NCT05794425."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.must(cmd.PrescribeDose, subject="S001", product="UC-MSC", amount="5e7")
    for lot, product, label in (("C", "Cord blood", {}), ("M", "UC-MSC", CELLS)):
        ward.must(cmd.PrepareInfusion, **ward.asked(ward.received(lot, product, **label)))
    return ward


def matched_by_one() -> Ward:
    """The investigator has matched the infusion."""
    ward = prepared()
    ward.must(cmd.MatchIdentity, **READ)
    return ward


def corrected() -> Ward:
    """The infusion of S001 was prepared for 70 kg, and the weight was corrected to 77 before anybody matched it."""
    ward = prepared()
    ward.must(cmd.CorrectWeight, **{**CORRECTED, "weight_kg": 77})
    return ward


def not_enrolled() -> Ward:
    """S001 is not enrolled any more, as if it never was; lot L1 is released."""
    ward = lot_released()
    ward.state = ward.changed("S001", enrolled=False)
    return ward


def range_to_choose() -> Ward:
    """NCT05794425 gives from 5 to 8 x 10^7 cells; nobody has chosen."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.received("L1", "UC-MSC", **CELLS)
    return ward


def one_dose() -> Ward:
    """NCT01547091 gives one dose to S001, and nothing to choose."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    ward.received("L1", "UC-MSC", concentration_per_ml="4e6", viability_pct="100")
    ward.received("L2", "csDMARD")
    ward.received("L3", "UC-MSC")
    ward.received("L4", "UC-MSC", concentration_per_ml="4e8", viability_pct="92")
    ward.received("L5", "UC-MSC", concentration_per_ml="1e5", viability_pct="90")
    return ward


def another_product() -> Ward:
    """A released lot of a dose escalation holds a product that its visits do not give."""
    ward = lot_released()
    (first, *_), study = ward.study.products, ward.study
    saline = first.model_copy(update={"name": "saline"})
    ward.study = study.model_copy(update={"products": (*study.products, saline)})
    gives = tuple(dict.fromkeys(name for visit in study.schedule for name in visit.gives))
    assert "saline" not in gives
    ward.received("L2", "saline")
    return ward


def product_of_no_arm() -> Ward:
    """A released lot of NCT01547091 holds a product that no arm gives."""
    ward = one_dose()
    (first, *_), study = ward.study.products, ward.study
    saline = first.model_copy(update={"name": "saline"})
    ward.study = study.model_copy(update={"products": (*study.products, saline)})
    ward.received("L9", "saline")
    return ward


def no_level() -> Ward:
    """S001 is at no dose level."""
    ward = lot_released()
    ward.state = ward.changed("S001", level=None, backfilled=False)
    return ward


def no_cohort() -> Ward:
    """S001 of NCT03828344 was randomised to the cells, and is in no cohort that has a dose."""
    ward = Ward("NCT03828344", arms=("BX-U001",), group=None)
    ward.received("L1", "BX-U001", **CELLS)
    return ward


def masked() -> Ward:
    """S001 of NCT03828344 was randomised to the vehicle; a lot that lasts too short is released, and one too thin."""
    ward = Ward("NCT03828344", arms=("vehicle", "BX-U001"), group="cohort 1")
    ward.received("L1", "vehicle", expires_at=ward.now + timedelta(hours=23, minutes=59))
    ward.received("L2", "BX-U001", containers=2, concentration_per_ml="5e5", viability_pct="92")
    return ward


def masked_without_rules() -> Ward:
    """The protocol of a masked trial does not say how an infusion is prepared."""
    ward = masked()
    ward.study = ward.study.model_copy(update={"preparation": None})
    return ward


def masked_without_a_volume() -> Ward:
    """The protocol of a masked trial names no final volume."""
    ward = masked()
    rules = ward.study.preparation.model_copy(update={"final_volume": None})
    ward.study = ward.study.model_copy(update={"preparation": rules})
    return ward


def masked_without_a_time() -> Ward:
    """The protocol of a masked trial names no time of use."""
    ward = masked()
    rules = ward.study.preparation.model_copy(update={"use_within": None})
    ward.study = ward.study.model_copy(update={"preparation": rules})
    return ward


REFUSALS = [
    (range_to_choose, cmd.PrescribeDose, {**CHOSEN, "subject": "S999", "amount": "6e7"}, "subject.unknown"),
    (not_enrolled, cmd.PrescribeDose, {**CHOSEN, "amount": "6e7"}, "subject.not_enrolled"),
    (range_to_choose, cmd.PrescribeDose, {**CHOSEN, "amount": "4.9e7"}, "dose.range"),
    (range_to_choose, cmd.PrescribeDose, {**CHOSEN, "amount": "8.1e7"}, "dose.range"),
    (range_to_choose, cmd.PrescribeDose, {**CHOSEN, "product": "Cord blood", "amount": "6e7"}, "dose.not_chosen"),
    (one_dose, cmd.PrescribeDose, {**CHOSEN, "amount": "4e7"}, "dose.not_chosen"),
    (masked, cmd.PrescribeDose, {**CHOSEN, "product": "BX-U001", "amount": "4e7"}, "dose.not_chosen"),
    (lot_released, cmd.PrepareInfusion, {**ASKED, "subject": "S999"}, "subject.unknown"),
    (not_enrolled, cmd.PrepareInfusion, ASKED, "subject.not_enrolled"),
    (masked_without_rules, cmd.PrepareInfusion, ASKED, "preparation.masked"),
    (masked_without_a_volume, cmd.PrepareInfusion, ASKED, "preparation.masked"),
    (masked_without_a_time, cmd.PrepareInfusion, ASKED, "preparation.masked"),
    (lot_released, cmd.PrepareInfusion, {**ASKED, "lot": "L9"}, "lot.unknown"),
    (one_dose, cmd.PrepareInfusion, {**ASKED, "lot": "L2", "containers": ("L2-1",)}, "lot.other_arm"),
    (another_product, cmd.PrepareInfusion, {**ASKED, "lot": "L2", "containers": ("L2-1",)}, "lot.product"),
    (product_of_no_arm, cmd.PrepareInfusion, {**ASKED, "lot": "L9", "containers": ("L9-1",)}, "lot.product"),
    (prepared, cmd.PrepareInfusion, {**ASKED, "lot": "L2", "containers": ("L2-1",)}, "preparation.waiting"),
    (lot_released, cmd.PrepareInfusion, TAKEN, "weight.missing"),
    (lot_released, cmd.PrepareInfusion, {**ASKED, "weight_kg": None}, "weight.missing"),
    (one_dose, cmd.PrepareInfusion, {**TAKEN, "weighed_on": "2026-01-06"}, "weight.future"),
    (range_to_choose, cmd.PrepareInfusion, {**TAKEN, "weight_kg": 700}, "weight.range"),
    (masked, cmd.PrepareInfusion, {**ASKED, "weight_kg": None}, "weight.missing"),
    (lot_released, cmd.PrepareInfusion, {**ASKED, "weighed_on": "2026-01-06"}, "weight.future"),
    (lot_released, cmd.PrepareInfusion, {**ASKED, "weighed_on": "2026-01-04"}, "weight.old"),
    (lot_released, cmd.PrepareInfusion, {**ASKED, "weight_kg": "24.9"}, "weight.range"),
    (lot_released, cmd.PrepareInfusion, {**ASKED, "weight_kg": "250.1"}, "weight.range"),
    (masked, cmd.PrepareInfusion, ASKED, "lot.expires_early"),
    (no_level, cmd.PrepareInfusion, ASKED, "level.closed"),
    (no_cohort, cmd.PrepareInfusion, ASKED, "dose.unknown"),
    (one_dose, cmd.PrepareInfusion, {**ASKED, "lot": "L3", "containers": ("L3-1",)}, "lot.concentration"),
    (range_to_choose, cmd.PrepareInfusion, ASKED, "dose.not_prescribed"),
    (one_dose, cmd.PrepareInfusion, {**ASKED, "lot": "L4", "containers": ("L4-1",)}, "preparation.volume"),
    (one_dose, cmd.PrepareInfusion, {**ASKED, "lot": "L5", "containers": ("L5-1",)}, "lot.volume"),
    (masked, cmd.PrepareInfusion, TOO_THIN, "preparation.volume"),
    (one_dose, cmd.PrepareInfusion, {**ASKED, "prepared_ml": "9.49"}, "volume.reason"),
    (one_dose, cmd.PrepareInfusion, {**ASKED, "prepared_ml": "10.51"}, "volume.reason"),
    (one_dose, cmd.PrepareInfusion, {**ASKED, "prepared_ml": "11.01", "reason": "The bag"}, "volume.overdose"),
    (two_prepared, cmd.PrescribeDose, {**CHOSEN, "amount": "8e7"}, "preparation.waiting"),
    (prepared, cmd.DiscardPreparation, {**CORRECTION, "subject": "S999"}, "subject.unknown"),
    (lot_released, cmd.DiscardPreparation, CORRECTION, "preparation.none"),
    (prepared, cmd.DiscardPreparation, {**CORRECTION, "preparation": 2}, "preparation.none"),
    (two_prepared, cmd.DiscardPreparation, CORRECTION, "preparation.none"),
    (prepared, cmd.MatchIdentity, {**READ, "subject": "S999"}, "subject.unknown"),
    (lot_released, cmd.MatchIdentity, READ, "identity.mismatch"),
    (prepared, cmd.MatchIdentity, {**READ, "scanned_subject": "S002"}, "identity.mismatch"),
    (prepared, cmd.MatchIdentity, {**READ, "scanned_coi": "S001-2"}, "identity.mismatch"),
    (two_prepared, cmd.MatchIdentity, {**READ, "scanned_coi": "S001-3"}, "identity.mismatch"),
    (matched_by_one, cmd.MatchIdentity, READ, "identity.same_person"),
    (corrected, cmd.MatchIdentity, READ, "weight.corrected"),
    (prepared, cmd.CorrectWeight, {**CORRECTED, "subject": "S999"}, "subject.unknown"),
    (prepared, cmd.CorrectWeight, {**CORRECTED, "preparation": 2}, "preparation.unknown"),
    (prepared, cmd.CorrectWeight, {**CORRECTED, "weight_kg": 251}, "weight.range"),
    (prepared, cmd.CorrectWeight, {**CORRECTED, "weight_kg": "70.0"}, "weight.same"),
]  # fmt: skip
