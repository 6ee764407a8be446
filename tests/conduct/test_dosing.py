"""Dose, preparation, identity and infusion: what the five trials give, and what none of them does."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.conduct.guards.treatment import inactive_since_enrolment
from tests.conduct.ward import CELLS, STUDIES, Ward
from tests.conductor import MemoryTrial
from trialwright.conduct import Refusal, decide, decode, encode, evolve, refused
from trialwright.conduct import commands as cmd
from trialwright.conduct.dosing import planned
from trialwright.conduct.events import SEALED_TWINS
from trialwright.conduct.stock import Lot
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.treatment_plan import Preparation

CURED = {"expires_at": Ward("NCT04971980").now + timedelta(days=400)}


def escalation(**more: object) -> tuple[Ward, str]:
    """NCT05962762 with two subjects at level 1 and a released lot."""
    ward = Ward("NCT05962762", arms=(None, None), **more)
    return ward, ward.received("L1", "hUC-MSC injection", **CELLS)


def blinded(arm: str, group: str = "cohort 1") -> Ward:
    """NCT03828344 with a subject in an arm, and a released lot L1 of what the arm gives."""
    ward = Ward("NCT03828344", arms=(arm,), group=group)
    ward.received("L1", arm, **(CELLS if arm == "BX-U001" else {}))
    return ward


DOSES = [
    ("NCT04971980", {"level": 2}, "BC-U001", "7.00E+7", "15.2"),
    ("NCT05962762", {"level": 3}, "hUC-MSC injection", "3.500E+8", "76.1"),
    ("NCT03828344", {"arms": ("BX-U001",), "group": "cohort 1"}, "BX-U001", "52500000", "11.4"),
    ("NCT03828344", {"arms": ("BX-U001",), "group": "cohort 2"}, "BX-U001", "105000000", "22.8"),
    ("NCT01547091", {"arms": ("UC-MSC alone",)}, "UC-MSC", "40000000", "8.7"),
]


@pytest.mark.parametrize(("study", "place", "product", "cells", "ml"), DOSES)
def test_de_09_the_dose_follows_from_the_protocol_the_weight_and_the_lot(study, place, product, cells, ml) -> None:
    """Level, cohort, arm or a flat dose give the cells of 70 kg, and the lot's viable concentration their volume."""
    ward = Ward(study, **place)
    ward.received("L1", product, **CELLS)

    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))

    (held,) = (ward.sealed.stock if ward.study.masking != "none" else ward.state.stock).dispensed.values()
    assert held.planned_cells == Decimal(cells)
    assert held.planned_ml == held.prepared_ml == Decimal(ml)


def test_de_09_the_dose_is_printed_with_every_input_and_the_formula() -> None:
    """What was dispensed says dose, weight, concentration, viability, the exact volume and what it was rounded to."""
    ward, lot = escalation()

    ward.must(cmd.PrepareInfusion, **ward.asked(lot))

    formula = ward.state.stock.dispensed["S001", 1].formula
    assert formula == (
        "1 x 10^6 cells/kg x 70 kg = 7 x 10^7 viable cells; / (5 x 10^6 cells/mL x 92 % viable) = "
        "15.217 mL, rounded to 15.2 mL"
    )


def test_de_09_a_weight_above_the_cap_no_longer_adds_cells() -> None:
    """With a cap of 100 kg, 120 kg are dosed as 100, and the formula says so."""
    lot = Lot(
        id="L1", product="cells", site="01", containers=("L1-1",), volume_ml=Decimal(100),
        expires_at=Ward("NCT04971980").now, concentration_per_ml=Decimal("5e6"), viability_pct=Decimal(100),
    )  # fmt: skip
    rules = Preparation(weight_cap=Decimal(100))

    plan = planned(AmountOf.parse("1e6 cells/kg"), None, Decimal(120), lot, 1, rules)

    assert plan.cells == Decimal("1e8")
    assert "x 100 kg (of 120 kg, capped)" in plan.formula


@pytest.mark.parametrize(
    ("weight", "code"),
    [
        ({"weighed_on": "2026-01-04"}, "weight.old"),
        ({"weighed_on": "2026-01-06"}, "weight.future"),
        ({"weight_kg": None}, "weight.missing"),
        ({"weighed_on": None}, "weight.missing"),
        ({"weight_kg": "24.9"}, "weight.range"),
        ({"weight_kg": "250.1"}, "weight.range"),
        ({"weight_kg": "7000"}, "weight.range"),
    ],
)
def test_de_09_a_weight_that_is_not_of_the_day_or_cannot_be_is_refused(weight, code) -> None:
    """Nothing is prepared by a weight of another day, without a weight, or by one outside the protocol's range."""
    ward, lot = escalation()

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot, **weight)).code == code


def test_de_09_a_weight_that_grew_old_after_the_preparation_stops_the_infusion() -> None:
    """What was prepared by yesterday's weight is not infused today."""
    ward, lot = escalation()
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    ward.matched()
    ward.wait(hours=20)

    assert ward.refused(cmd.StartInfusion, subject="S001").code == "weight.old"


def test_de_09_a_dose_within_a_range_is_chosen_by_the_investigator() -> None:
    """NCT05794425 gives 5 to 8 x 10^7 cells: what is chosen in that range is given, nothing without a choice."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    lot = ward.received("L1", "UC-MSC", **CELLS)
    chosen = {"subject": "S001", "product": "UC-MSC"}

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot)).code == "dose.not_prescribed"
    for outside in ("4.9e7", "8.1e7"):
        assert ward.refused(cmd.PrescribeDose, **chosen, amount=outside).code == "dose.range"
    ward.must(cmd.PrescribeDose, **chosen, amount="6e7")
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))

    assert ward.state.stock.dispensed["S001", 1].planned_cells == Decimal("6e7")


def test_de_09_a_dose_that_is_one_number_is_not_chosen() -> None:
    """Where the protocol names one dose, the investigator chooses none."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))

    refusal = ward.refused(cmd.PrescribeDose, subject="S001", product="UC-MSC", amount="4e7")

    assert refusal.code == "dose.not_chosen"


def test_de_10_planned_prepared_and_given_are_three_values() -> None:
    """Cells planned, cells prepared and cells given are kept apart, each from its own volume."""
    ward, lot = escalation()
    ward.must(cmd.PrepareInfusion, **ward.asked(lot, prepared_ml="15.0"))
    ward.matched()
    ward.must(cmd.StartInfusion, subject="S001")
    ward.must(cmd.CompleteInfusion, subject="S001", given_ml="14.5")

    (given,) = ward.course().infusions
    assert (given.planned_ml, given.prepared_ml, given.given_ml) == (Decimal("15.2"), Decimal("15.0"), Decimal("14.5"))
    assert given.planned_cells == Decimal("7e7")
    assert given.prepared_cells == Decimal("6.9e7")
    assert given.given_cells == Decimal("6.67e7")


def test_de_10_a_deviation_beyond_the_protocols_percentage_asks_a_reason() -> None:
    """More than 5 % between planned and prepared, or prepared and given, is taken with its reason only."""
    ward, lot = escalation()
    asked = ward.asked(lot, prepared_ml="14.4")

    assert ward.refused(cmd.PrepareInfusion, **asked).code == "volume.reason"
    ward.must(cmd.PrepareInfusion, **asked, reason="Clot removed")
    ward.matched()
    ward.must(cmd.StartInfusion, subject="S001")
    assert ward.refused(cmd.CompleteInfusion, subject="S001", given_ml="13.6").code == "volume.reason"
    ward.must(cmd.CompleteInfusion, subject="S001", given_ml="13.6", reason="Line blocked, 0.8 mL lost")


def test_de_10_exactly_the_protocols_percentage_asks_no_reason() -> None:
    """A difference of exactly 5 % passes, and the next tenth of a mL does not."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    lot = ward.received("L1", "UC-MSC", concentration_per_ml="4e6", viability_pct="100")

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot, prepared_ml="9.49")).code == "volume.reason"
    ward.must(cmd.PrepareInfusion, **ward.asked(lot, prepared_ml="9.5"))


@pytest.mark.parametrize("concentration", ["4e8", "1e12"])
def test_de_10_a_volume_that_cannot_be_drawn_within_the_percentage_is_refused(concentration) -> None:
    """Where rounding to 0.1 mL would change the dose by more than 5 %, or leave nothing, another lot is needed."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    lot = ward.received("L1", "UC-MSC", concentration_per_ml=concentration, viability_pct="92")

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot)).code == "preparation.volume"


def test_an_infusion_that_was_halted_over_midnight_goes_on() -> None:
    """Once begun, an infusion is not held back by the day of its weight."""
    ward, lot = escalation()
    ward.wait(hours=14)
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    ward.matched()
    ward.must(cmd.StartInfusion, subject="S001")
    ward.must(cmd.InterruptInfusion, subject="S001", given_ml="3", reason="Chills")
    ward.wait(hours=2)

    ward.must(cmd.ResumeInfusion, subject="S001")


def test_de_11_two_people_match_two_identifiers_before_an_infusion() -> None:
    """Nothing is infused before two different people each read wristband and preparation."""
    ward, lot = escalation()
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    read = {"subject": "S001", "scanned_subject": "S001", "scanned_coi": "S001-1"}

    assert ward.refused(cmd.StartInfusion, subject="S001").code == "identity.unmatched"
    ward.must(cmd.MatchIdentity, by="inv", **read)
    assert ward.refused(cmd.MatchIdentity, by="inv", **read).code == "identity.same_person"
    assert ward.refused(cmd.StartInfusion, subject="S001").code == "identity.unmatched"
    ward.must(cmd.MatchIdentity, by="nurse", **read)
    ward.must(cmd.StartInfusion, subject="S001")


@pytest.mark.parametrize(
    ("person", "label"), [("S002", "S001-1"), ("S001", "S002-1"), ("S001", "S001-2"), ("S001", "L1-1")]
)
def test_de_11_a_mismatch_is_refused_recorded_and_never_saved_as_matched(person, label) -> None:
    """Another wristband or another preparation is a recorded refusal, and nobody has matched anything."""
    ward, lot = escalation()
    other = ward.received("L2", "hUC-MSC injection", **CELLS)
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    ward.must(cmd.PrepareInfusion, **ward.asked(other, "S002"))

    refusal = ward.refused(cmd.MatchIdentity, subject="S001", scanned_subject=person, scanned_coi=label)

    assert refusal.code == "identity.mismatch"
    assert refusal.recorded
    assert not any(one.matched_by for name in ("S001", "S002") for one in ward.course(name).preparations)


def quarantined(ward: Ward) -> dict[str, object]:
    """The lot is in quarantine."""
    ward.must(cmd.QuarantineLot, by="pharm", lot="L1", reason="Temperature alarm")
    return ward.asked("L1")


def not_released(ward: Ward) -> dict[str, object]:
    """A lot was received only."""
    return ward.asked(ward.received("L2", "UC-MSC", released=False, **CELLS))


def expired(ward: Ward) -> dict[str, object]:
    """The lot has expired."""
    ward.wait(days=3)
    return ward.asked("L1")


def of_another_subject(ward: Ward) -> dict[str, object]:
    """The lot is made for somebody else."""
    return ward.asked(ward.received("L2", "UC-MSC", for_subject="S002", **CELLS))


def assigned_elsewhere(ward: Ward) -> dict[str, object]:
    """The lot was assigned to somebody else."""
    ward.must(cmd.AssignLot, by="pharm", lot="L1", for_subject="S002")
    return ward.asked("L1")


def of_another_arm(ward: Ward) -> dict[str, object]:
    """The lot holds the drug of another arm."""
    return ward.asked(ward.received("L2", "csDMARD"))


def of_another_site(ward: Ward) -> dict[str, object]:
    """The lot lies in the pharmacy of another site."""
    label = {"product": "UC-MSC", "containers": ("L2-1",), "volume_ml": 100, "expires_at": ward.now + timedelta(days=3)}
    ward.must(cmd.ReceiveLot, by="pharm2", lot="L2", **label, **CELLS)
    ward.must(cmd.ReleaseLot, by="pharm2", lot="L2", reason="Certificate in order")
    return ward.asked("L2")


def used_container(ward: Ward) -> dict[str, object]:
    """The container was given to somebody else."""
    ward.infused("L1", "S002")
    return ward.asked("L1")


def same_container_twice(ward: Ward) -> dict[str, object]:
    """A container is named twice."""
    return ward.asked("L1", containers=("L1-1", "L1-1"))


def destroyed(ward: Ward) -> dict[str, object]:
    """The lot was destroyed."""
    ward.must(cmd.DisposeLot, by="pharm", lot="L1", how="destroyed", reason="Bag broken")
    return ward.asked("L1")


def too_little(ward: Ward) -> dict[str, object]:
    """The container holds less than the dose needs."""
    return ward.asked(ward.received("L2", "UC-MSC", concentration_per_ml="1e5", viability_pct="90"))


def without_a_concentration(ward: Ward) -> dict[str, object]:
    """The concentration of the lot is not known."""
    return ward.asked(ward.received("L2", "UC-MSC"))


LOTS = [
    (quarantined, "lot.quarantined", "products"),
    (not_released, "lot.not_released", "products"),
    (expired, "lot.expired", "products"),
    (of_another_subject, "lot.other_subject", "products"),
    (assigned_elsewhere, "lot.other_subject", "products"),
    (of_another_arm, "lot.other_arm", "arms > treatments"),
    (of_another_site, "lot.unknown", "site that received it"),
    (used_container, "lot.container", "chain of identity"),
    (same_container_twice, "lot.container", "chain of identity"),
    (destroyed, "lot.not_released", "products"),
    (too_little, "lot.volume", "doses"),
    (without_a_concentration, "lot.concentration", "doses"),
]


@pytest.mark.parametrize(("given", "code", "rule"), LOTS, ids=[given.__name__ for given, _, _ in LOTS])
def test_de_12_a_lot_that_may_not_be_given_is_refused(given, code, rule) -> None:
    """A lot that is expired, held, used, destroyed, or another's subject, arm or site is refused by its rule."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone", "UC-MSC alone"))
    ward.received("L1", "UC-MSC", **CELLS)

    refusal = ward.refused(cmd.PrepareInfusion, **given(ward))

    assert refusal.code == code
    assert rule in refusal.rule
    assert refusal.mend


def test_de_12_a_product_that_no_arm_gives_is_refused() -> None:
    """A dose escalation of one product gives no lot of an item that its visits do not give."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))
    lot = ward.received("L1", "UC-MSC", **CELLS)

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot)).code == "lot.other_arm"


def test_de_12_a_lot_that_expires_between_preparation_and_infusion_is_not_infused() -> None:
    """The preparation of a lot that has expired in the meantime is refused, and another can be made."""
    ward, _ = escalation()
    lot = ward.received("L2", "hUC-MSC injection", **{**CELLS, "expires_at": ward.now + timedelta(hours=2)})
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    ward.matched()
    ward.wait(hours=2)

    assert ward.refused(cmd.StartInfusion, subject="S001").code == "lot.expired"
    ward.must(cmd.DiscardPreparation, by="pharm", subject="S001", reason="Expired")
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))


def test_de_12_a_preparation_is_used_within_its_own_time() -> None:
    """24 hours after the preparation it is refused although its lot lasts longer."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    ward.received("L1", "UC-MSC", **CELLS)
    ward.must(cmd.PrepareInfusion, **ward.asked("L1", weight_kg=None, weighed_on=None))
    ward.matched()
    ward.wait(hours=24)

    assert ward.refused(cmd.StartInfusion, subject="S001").code == "preparation.expired"


def test_de_12_a_quarantine_withdraws_what_was_prepared() -> None:
    """A lot that goes into quarantine takes its waiting preparations with it."""
    ward, lot = escalation()
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    ward.matched()
    ward.must(cmd.QuarantineLot, by="pharm", lot=lot, reason="Sterility test positive")

    assert ward.refused(cmd.StartInfusion, subject="S001").code == "lot.quarantined"


def test_a_second_preparation_waits_for_the_first() -> None:
    """While a preparation of a treatment waits, no other of it is made."""
    ward, lot = escalation()
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(ward.received("L2", "hUC-MSC injection", **CELLS))).code == (
        "preparation.waiting"
    )


@pytest.mark.parametrize(("now", "refused"), [("73.7", True), ("73.6", False), ("66.7", False), ("66.6", True)])
def test_a_preparation_for_another_weight_is_not_begun(now: str, refused: bool) -> None:
    """A weight corrected before the infusion by more than 5 % asks for another preparation; within it, for none."""
    ward, _ = escalation(level=1)
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    ward.matched()
    told = {"by": "pharm", "subject": "S001", "preparation": 1, "reason": "Read wrongly"}
    ward.must(cmd.CorrectWeight, **told, weight_kg="90")
    ward.must(cmd.CorrectWeight, **told, weight_kg=now)

    decided = ward.do(cmd.StartInfusion, subject="S001")

    assert isinstance(decided, Refusal) is refused
    if isinstance(decided, Refusal):
        assert decided.code == "weight.corrected"
        assert decided.rule.endswith("preparation > deviation")


def infused_twice(ward: Ward) -> str:
    """Infuse S001 and prepare S002 an hour later."""
    ward.infused("L1")
    ward.wait(hours=1)
    lot = ward.received("L2", "hUC-MSC injection", **CELLS)
    return str(lot)


def test_de_03_the_stagger_holds_back_and_a_named_role_overrides_it_with_a_reason() -> None:
    """At the top dose the next infusion waits 7 days, unless the sponsor lets one subject be infused earlier."""
    ward, _ = escalation(level=3)
    lot = infused_twice(ward)
    early = {"subject": "S002", "reason": "The cells cannot be made again"}

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot, "S002")).code == "stagger"
    assert ward.refused(cmd.OverrideStagger, **early).code == "stagger.override"
    ward.must(cmd.OverrideStagger, by="sponsor", **early)
    ward.infused(lot, "S002")

    assert ward.open_log[-1].kind == "InfusionCompleted.v1"
    assert any(event.kind == "StaggerOverridden.v1" and event.reason for event in ward.open_log)


def test_de_03_nobody_overrides_what_does_not_hold() -> None:
    """Where no stagger holds a subject back there is nothing to override."""
    ward, _ = escalation(level=1)

    assert ward.refused(cmd.OverrideStagger, by="sponsor", subject="S001", reason="Why not").code == "stagger.none"


def test_de_03_a_sentinel_holds_back_all_others_at_its_level() -> None:
    """After the level's first subject only, the interval is kept; the third need not wait for the second."""
    ward = Ward("NCT05962762", arms=(None, None, None), level=3)
    design = ward.study.dose_escalation
    (stagger,) = design.stagger
    sentinel = design.model_copy(update={"stagger": (stagger.model_copy(update={"after": "first subject"}),)})
    ward.study = ward.study.model_copy(update={"dose_escalation": sentinel})
    ward.received("L1", "hUC-MSC injection", containers=1, **CELLS)
    lot = infused_twice(ward)

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot, "S002")).code == "stagger"
    ward.wait(days=7)
    for subject in ("S002", "S003"):
        ward.infused(ward.received(f"L-{subject}", "hUC-MSC injection", **CELLS), subject)


def test_repeated_infusions_keep_their_count_and_interval() -> None:
    """NCT01547091 gives four infusions three calendar months apart, and refuses the early one with its date."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    ward.received("L1", "UC-MSC", containers=5, **CELLS, **CURED)
    for number in range(1, 5):
        ward.infused("L1", containers=(f"L1-{number}",))
        if number < 4:
            ward.wait(days=80)
            early = ward.refused(cmd.PrepareInfusion, **ward.asked("L1", containers=("L1-5",)))
            assert early.code == "infusion.too_early"
            assert (
                str(ward.study.arms[0].treatments[0].every.after(ward.course().infusions[-1].at.date())) in early.mend
            )
            ward.wait(days=13)
    ward.wait(days=120)

    last = ward.refused(cmd.PrepareInfusion, **ward.asked("L1", containers=("L1-5",), weight_kg=70))
    assert last.code == "subject.infused"
    assert "all 4 infusions" in last.reason
    assert [one.number for one in ward.course().infusions] == [1, 2, 3, 4]


def test_two_products_are_infused_on_the_same_day_and_each_weekly() -> None:
    """NCT05794425 gives cord blood and cells side by side, each again after a week and not after six days."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.received("C", "Cord blood", containers=2, **CURED)
    ward.received("M", "UC-MSC", containers=2, **CELLS, **CURED)
    ward.must(cmd.PrescribeDose, subject="S001", product="UC-MSC", amount="5e7")
    for lot in ("C", "M"):
        ward.infused(lot)
    ward.wait(days=5)
    for lot in ("C", "M"):
        assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot, containers=(f"{lot}-2",))).code == (
            "infusion.too_early"
        )
    ward.wait(days=2)
    for lot in ("C", "M"):
        ward.infused(lot, containers=(f"{lot}-2",))

    assert [(one.product, one.number) for one in ward.course().infusions] == [
        ("Cord blood", 1), ("UC-MSC", 1), ("Cord blood", 2), ("UC-MSC", 2),
    ]  # fmt: skip
    assert ward.course().infusions[0].planned_cells is None


def test_two_preparations_are_told_apart() -> None:
    """When two preparations wait, the infusion says which it is."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.must(cmd.PrescribeDose, subject="S001", product="UC-MSC", amount="5e7")
    for lot, product, label in (("C", "Cord blood", {}), ("M", "UC-MSC", CELLS)):
        ward.must(cmd.PrepareInfusion, **ward.asked(ward.received(lot, product, **label)))
    ward.matched()

    assert ward.refused(cmd.StartInfusion, subject="S001").code == "preparation.none"
    ward.must(cmd.StartInfusion, subject="S001", preparation=2)
    assert ward.refused(cmd.StartInfusion, subject="S001", preparation=1).code == "infusion.running"


def test_an_infusion_is_interrupted_resumed_and_aborted() -> None:
    """A halted infusion goes on or ends with the volume given and the reason, and is not given again."""
    ward, lot = escalation()
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    ward.matched()
    ward.must(cmd.StartInfusion, by="nurse", subject="S001")
    halt = {"subject": "S001", "reason": "Chills"}

    assert ward.refused(cmd.InterruptInfusion, given_ml="15.3", **halt).code == "volume.more"
    ward.must(cmd.InterruptInfusion, given_ml="3", **halt)
    assert ward.refused(cmd.CompleteInfusion, subject="S001").code == "infusion.status"
    ward.must(cmd.ResumeInfusion, subject="S001")
    ward.must(cmd.InterruptInfusion, given_ml="5", **halt)
    ward.must(cmd.AbortInfusion, given_ml="5.0", **halt)

    (given,) = ward.course().infusions
    assert (given.status, given.given_ml, given.reason) == ("aborted", Decimal("5.0"), "Chills")
    again = ward.received("L2", "hUC-MSC injection", **CELLS)
    assert ward.refused(cmd.PrepareInfusion, **ward.asked(again)).code == "subject.infused"


def test_a_drug_arm_has_no_infusion() -> None:
    """The csDMARD arm of NCT01547091 is given medicine that goes on, and nothing is infused."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(ward.received("L1", "csDMARD"))).code.startswith("lot.")
    ward.must(cmd.PrescribeMedicine, subject="S001", drug="methotrexate")


def test_de_13_a_manufacturing_failure_is_an_outcome_of_the_slot_with_its_own_rule() -> None:
    """Where the protocol replaces, the slot is free and the subject is out; where it waits, the next lot is given."""
    replaced, lot = escalation()
    free = replaced.state.free_slots(replaced.study, replaced.state.open_level)
    replaced.must(cmd.ReportManufacturingFailure, by="pharm", subject="S001", reason="Contaminated culture")
    waits = Ward("NCT01547091", arms=("UC-MSC alone",))
    waits.must(cmd.ReportManufacturingFailure, by="pharm", subject="S001", reason="Contaminated culture")

    assert replaced.state.free_slots(replaced.study, replaced.state.open_level) == free + 1
    assert replaced.state.subjects["S001"].outcome(replaced.study) is None
    assert replaced.state.subjects["S001"].verdict is None
    assert replaced.refused(cmd.PrepareInfusion, **replaced.asked(lot)).code == "subject.out"
    waits.infused(waits.received("L1", "UC-MSC", **CELLS))


def test_de_13_nobody_fails_after_the_infusion() -> None:
    """A subject who was infused has a product, and a protocol without a rule records no failure."""
    ward, lot = escalation()
    ward.infused(lot)
    failed = {"by": "pharm", "subject": "S001", "reason": "Late"}

    assert ward.refused(cmd.ReportManufacturingFailure, **failed).code == "product.no_slot"
    ward.study = ward.study.model_copy(update={"preparation": None})
    assert ward.refused(cmd.ReportManufacturingFailure, **failed).code == "product.no_rule"


def whole_path(ward: Ward) -> None:
    """Prepare, discard, prepare again, correct the weight, match, infuse: everything that the pharmacist touches."""
    ward.received("L2", "BX-U001", **CELLS)
    arm = ward.sealed.arm("S001")
    ward.received("L3", arm, **(CELLS if arm == "BX-U001" else {}))
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    ward.must(cmd.DiscardPreparation, by="pharm", subject="S001", reason="Bag leaks")
    ward.must(cmd.PrepareInfusion, **ward.asked("L3"))
    ward.matched()
    ward.must(cmd.StartInfusion, subject="S001")
    ward.must(cmd.CompleteInfusion, subject="S001", given_ml="99")
    correction = {"subject": "S001", "preparation": 2, "weight_kg": 77, "reason": "Typed wrongly"}
    ward.must(cmd.CorrectWeight, by="pharm", **correction)


def test_bl_13_the_open_side_of_a_masked_infusion_is_the_same_for_every_arm() -> None:
    """Cells and vehicle leave byte-identical open events, and as many sealed ones of the same kinds."""
    cells, vehicle = blinded("BX-U001"), blinded("vehicle")
    for ward in (cells, vehicle):
        whole_path(ward)

    assert [encode(event) for event in cells.open_log] == [encode(event) for event in vehicle.open_log]
    assert [event.kind for event in cells.sealed_log] == [event.kind for event in vehicle.sealed_log]
    assert cells.state == vehicle.state


def test_bl_13_lot_product_cells_and_viability_are_in_sealed_events_only() -> None:
    """No open event of a masked trial names a lot, a product, a container, cells, viability or an expiry."""
    ward = blinded("BX-U001")
    whole_path(ward)
    text = b"".join(encode(event) for event in ward.open_log)

    for told in (b"L1", b"L3", b"BX-U001", b"vehicle", b"viab", b"concentration", b"cells", b"expires"):
        assert told not in text
    assert not ward.state.stock.lots
    assert {type(event) for event in ward.sealed_log} <= set(SEALED_TWINS.values())


@pytest.mark.parametrize("arm", ["BX-U001", "vehicle"])
def test_bl_13_what_the_dispensary_refuses_in_a_masked_trial_stays_sealed(arm) -> None:
    """A lot of the other arm is refused, and the refusal that would tell the arm goes to the sealed stream."""
    ward = blinded(arm)
    other = "vehicle" if arm == "BX-U001" else "BX-U001"
    lot = ward.received("L2", other, **(CELLS if other == "BX-U001" else {}))
    command = cmd.PrepareInfusion(at=ward.now, **ward.asked(lot))

    refusal = decide(ward.study, ward.state, ward.sealed, command)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "lot.other_arm"
    assert refused(ward.study, ward.state, command, refusal).stream == "sealed"


def test_bl_13_a_masked_lot_lasts_as_long_as_its_preparation() -> None:
    """A lot that would expire before the common time of use is refused, so that no expiry tells the arm."""
    ward = blinded("vehicle")
    lot = ward.received("L2", "vehicle", expires_at=ward.now + timedelta(hours=23))

    assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot)).code == "lot.expires_early"


def test_bl_13_a_masked_trial_without_a_final_volume_infuses_nobody() -> None:
    """Without one final volume for every arm the preparation is refused."""
    ward = blinded("vehicle")
    ward.study = ward.study.model_copy(update={"preparation": None})

    assert ward.refused(cmd.PrepareInfusion, **ward.asked("L1")).code == "preparation.masked"


def test_bl_13_a_subject_without_an_arm_is_prepared_nothing() -> None:
    """Before randomisation nothing is prepared, in a masked trial as in one where the arm is chosen."""
    for study, product in (("NCT03828344", "BX-U001"), ("NCT01547091", "UC-MSC")):
        ward = Ward(study, group="cohort 1")
        lot = ward.received("L1", product, **CELLS)
        assert ward.refused(cmd.PrepareInfusion, **ward.asked(lot)).code == "allocation.none"


def test_a_wrong_weight_is_corrected_after_dosing() -> None:
    """The correction keeps what was prepared and given, and computes what should have been planned."""
    ward, lot = escalation()
    ward.infused(lot)

    ward.must(cmd.CorrectWeight, by="pharm", subject="S001", preparation=1, weight_kg=77, reason="Typed wrongly")

    (given,) = ward.course().infusions
    held = ward.state.stock.dispensed["S001", 1]
    assert (given.weight_kg, given.planned_cells) == (Decimal(77), Decimal("7e7"))
    assert held.recomputed_cells == Decimal("7.7e7")
    assert "x 77 kg" in held.formula


CYCLOSPORINE = {"subject": "S001", "drug": "Cyclosporine A", "weight_kg": 70}


def test_cyclosporine_is_held_against_its_range_by_weight() -> None:
    """3 to 5 mg/kg/day at 70 kg are 210 to 350 mg/day; outside, the protocol asks for a reason and marks the dose."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    asked = {**CYCLOSPORINE, "weighed_on": ward.now.date()}

    for dose in ("210", "350"):
        ward.must(cmd.PrescribeMedicine, **asked, dose=dose)
    for dose in ("209.9", "350.1"):
        assert ward.refused(cmd.PrescribeMedicine, **asked, dose=dose).code == "medicine.range"
    (given,) = ward.must(cmd.PrescribeMedicine, **asked, dose="140", reason="Creatinine rose")

    assert given.within is False
    assert given.formula == "140 mg/day / 70 kg = 2.000 mg/kg/day"
    ward.must(cmd.StopMedicine, subject="S001", drug="cyclosporine a", reason="Creatinine still high")
    assert ward.course().medicines["cyclosporine a"].stopped_at == ward.now


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"dose": None}, "medicine.dose"),
        ({"weight_kg": None}, "weight.missing"),
        ({"weight_kg": 700}, "weight.range"),
        ({"weighed_on": "2026-01-04"}, "weight.old"),
        ({"weighed_on": "2026-01-06"}, "weight.future"),
        ({"drug": "Steroid", "counts_as": "steroids"}, "medicine.unknown"),
    ],
)
def test_medicine_by_weight_needs_its_inputs(fields, code) -> None:
    """A dose by weight without dose, weight or day, or by a weight that cannot be or is old, is refused."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    asked = {**CYCLOSPORINE, "dose": 280, "weighed_on": ward.now.date()}

    assert ward.refused(cmd.PrescribeMedicine, **{**asked, **fields}).code == code


def test_a_dose_out_of_range_is_refused_where_the_protocol_says_so() -> None:
    """Where the protocol names no way out, a reason does not help."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    (medicine,) = ward.study.medicines
    strict = (medicine.model_copy(update={"outside": "refused"}),)
    ward.study = ward.study.model_copy(update={"medicines": strict})
    asked = {**CYCLOSPORINE, "weighed_on": ward.now.date(), "dose": 420}

    assert ward.refused(cmd.PrescribeMedicine, **asked, reason="Relapse").code == "medicine.range"


def test_a_forbidden_medicine_is_marked() -> None:
    """A biologic before rescue is refused without a reason, and stays marked as forbidden with one."""
    ward = blinded("vehicle")
    asked = {"subject": "S001", "drug": "adalimumab", "counts_as": "biologic DMARDs"}

    assert ward.refused(cmd.PrescribeMedicine, **asked).code == "medicine.forbidden"
    (given,) = ward.must(cmd.PrescribeMedicine, **asked, reason="Begun by the family doctor")
    assert given.use == "forbidden"
    assert ward.course().medicines["adalimumab"].use == "forbidden"


def test_a_medicine_that_is_not_taken_is_not_stopped() -> None:
    """Only what is taken can be stopped, and only once."""
    ward = blinded("vehicle")

    assert (
        ward.refused(cmd.StopMedicine, subject="S001", drug="ibuprofen", reason="No pain").code == "medicine.not_taken"
    )


LABEL = {"product": "UC-MSC", "containers": ("L1-1",), "volume_ml": 100, **CELLS}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"product": "saline"}, "no product 'saline'"),
        ({"containers": ("X-1", "X-1")}, "container X-1 already"),
        ({"expires_at": Ward("NCT04971980").now}, "expired"),
        ({"viability_pct": None}, "given together"),
    ],
)
def test_a_lot_whose_label_cannot_be_is_not_received(wrong, said) -> None:
    """An unknown product, a container twice, an expired lot and half a cell count are refused at receipt."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    label = {**LABEL, "expires_at": ward.now + timedelta(days=1), **wrong}

    assert said in ward.refused(cmd.ReceiveLot, by="pharm", lot="L1", **label).reason


def test_a_lot_is_received_once() -> None:
    """A lot's number, and a container's, is in one pharmacy once."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    ward.received("L1", "UC-MSC", **CELLS)
    label = {**LABEL, "expires_at": ward.now + timedelta(days=1)}

    reason = ward.refused(cmd.ReceiveLot, by="pharm", lot="L1", **label).reason

    assert "lot L1 already" in reason
    assert "container L1-1 already" in reason


def test_an_old_infusion_is_still_read() -> None:
    """An infusion that was recorded in one step folds into the first infusion of its subject."""
    body = (
        b'{"at":"2026-01-05T09:00:00Z","by":"inv","concentration_per_ml":"5E+6","dose_cells_per_kg":"1000000",'
        b'"given_ml":"14.0","level":1,"planned_cells":"7.00E+7","planned_ml":"15.2","protocol":"1.0",'
        b'"reason":"Line blocked","role":"investigator","site":"01","software":"0.1.0","subject":"S001",'
        b'"type":"InfusionAdministered.v1","viability_pct":"92","weight_kg":"70"}'
    )
    trial = MemoryTrial().open()
    subject = trial.enrolled()

    state = evolve(trial.state, decode(body))

    infusion = state.subjects[subject].infusion
    assert (infusion.given_ml, infusion.level, infusion.status) == (Decimal("14.0"), 1, "completed")
    assert state.subjects[subject].window_ends(trial.study) == infusion.at + timedelta(days=28)


def test_every_trial_has_its_rules_of_preparation() -> None:
    """All five protocols say how an infusion is prepared."""
    assert all(study.preparation and study.preparation.manufacturing_failure for study in STUDIES.values())


def test_a_weight_that_the_dose_does_not_need_decides_nothing() -> None:
    """Where the dose is by no weight, an old one or one without its day stops neither preparation nor infusion."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone", "UC-MSC alone"))
    ward.received("L1", "UC-MSC", containers=2, concentration_per_ml="4e6", viability_pct="100")
    old = {"weighed_on": ward.now.date() - timedelta(days=30)}
    ward.must(cmd.PrepareInfusion, **ward.asked("L1", **old))
    ward.must(cmd.PrepareInfusion, **ward.asked("L1", "S002", containers=("L1-2",), weighed_on=None))
    for subject in ("S001", "S002"):
        ward.matched(subject)
    ward.wait(hours=18)

    for subject in ("S001", "S002"):
        ward.must(cmd.StartInfusion, subject=subject)


def weighed(ward: Ward, day: date, kg: int) -> None:
    """The body weight of S001 on a day was taken down at screening."""
    entered = ward.state.subjects["S001"].entered
    weight = [{"value": kg, "unit": "kg", "on": day.isoformat()}]
    ward.state = ward.changed("S001", entered={**entered, "values": {**entered["values"], "weight": weight}})


@pytest.mark.parametrize(
    ("days_ago", "kg", "asked"), [(0, 71, True), (0, 70, False), (7, 77, False), (7, 78, True), (7, 63, True)]
)
def test_a_weight_that_does_not_fit_is_asked_about(days_ago: int, kg: int, asked: bool) -> None:
    """A preparation by another weight than that of its day, or more than 10 % from the last one, opens one query."""
    ward = Ward("NCT05962762")
    ward.state = ward.changed("S001", consented_on=ward.now.date() - timedelta(days=14))
    weighed(ward, ward.now.date() - timedelta(days=days_ago), kg)
    ward.must(cmd.PrepareInfusion, **ward.asked(ward.received("L1", "hUC-MSC injection", **CELLS)))

    assert [query.item for query in ward.state.subjects["S001"].queries] == (["weight"] if asked else [])


def test_what_stood_at_enrolment_holds_back_no_treatment() -> None:
    """A value that was there when the subject was enrolled is not asked of again at the first treatment."""
    ward = inactive_since_enrolment(sequence=1)

    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
