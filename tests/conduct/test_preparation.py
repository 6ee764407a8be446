"""What a preparation says, number by number: in the open entry, and in the one that a masked trial seals."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.conduct.ward import CELLS, STUDIES, Ward
from trialwright.conduct import commands as cmd
from trialwright.conduct.dosing import (
    amount,
    by_weight,
    cells_in,
    deviates,
    earliest,
    infusions,
    planned,
    usable_until,
)
from trialwright.conduct.stock import Lot
from trialwright.protocol.facts import Period
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.treatment_plan import Preparation, Treatment

NOW = Ward("NCT04971980").now
LOT = Lot(
    id="L1",
    product="cells",
    site="01",
    containers=("L1-1", "L1-2"),
    volume_ml=Decimal(100),
    expires_at=NOW + timedelta(days=3),
    concentration_per_ml=Decimal("5e6"),
    viability_pct=Decimal(92),
)
BAG = replace(LOT, product="cord blood", volume_ml=Decimal(80), concentration_per_ml=None, viability_pct=None)


def said(event: object, *names: str) -> tuple[object, ...]:
    """What an event says of these."""
    return tuple(getattr(event, name) for name in names)


def test_de_10_the_entry_of_a_preparation_says_what_was_planned_and_drawn() -> None:
    """An open preparation has its number, its identity, weight, planned and drawn volume, and until when it holds."""
    ward = Ward("NCT05962762")
    ward.received("L1", "hUC-MSC injection", **CELLS)

    ready, held = ward.must(cmd.PrepareInfusion, **ward.asked("L1", prepared_ml="15.0"))

    assert said(ready, "preparation", "course", "infusion", "coi") == (1, 1, 1, "S001-1")
    assert said(ready, "weight_kg", "weighed_on") == (Decimal(70), date(2026, 1, 5))
    assert said(ready, "planned_ml", "volume_ml") == (Decimal("15.2"), Decimal("15.0"))
    assert ready.usable_until == NOW + timedelta(hours=24)
    assert said(held, "subject", "preparation", "product", "lot") == ("S001", 1, "hUC-MSC injection", "L1")
    assert said(held, "containers", "dose", "dose_unit") == (("L1-1",), Decimal("1e6"), "cells/kg")
    assert said(held, "planned_cells", "prepared_cells") == (Decimal("7e7"), Decimal("6.9e7"))
    assert said(held, "planned_ml", "prepared_ml", "reason") == (Decimal("15.2"), Decimal("15.0"), None)
    assert held.formula.endswith("rounded to 15.2 mL")


def test_bl_13_the_entry_of_a_masked_preparation_says_the_common_volume() -> None:
    """The open entry has the final volume of every arm; the sealed one what was drawn, and what it was made up to."""
    ward = Ward("NCT03828344", arms=("BX-U001",), group="cohort 1")
    ward.received("L1", "BX-U001", **CELLS)

    ready, held = ward.must(cmd.PrepareInfusion, **ward.asked("L1"))

    assert said(ready, "planned_ml", "volume_ml") == (Decimal(100), Decimal(100))
    assert ready.usable_until == NOW + timedelta(hours=24)
    assert said(held, "planned_ml", "prepared_ml") == (Decimal("11.4"), Decimal("11.4"))
    assert held.formula.endswith("rounded to 11.4 mL; made up to 100 mL")


def test_bl_13_a_masked_lot_may_expire_with_its_preparation() -> None:
    """A lot that expires at the moment until which a preparation may be used lasts long enough."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    ward.received("L1", "vehicle", expires_at=NOW + timedelta(hours=24))

    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))


def test_de_09_a_chosen_dose_is_the_one_that_is_dispensed() -> None:
    """What the investigator chose within the range is taken down as the dose; a second preparation is numbered on."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.received("M", "UC-MSC", containers=2, **CELLS)
    ward.must(cmd.PrescribeDose, subject="S001", product="UC-MSC", amount="6e7")
    ward.must(cmd.PrepareInfusion, **ward.asked("M"))
    ward.must(cmd.DiscardPreparation, by="pharm", subject="S001", reason="Bag leaks")

    ready, held = ward.must(cmd.PrepareInfusion, **ward.asked("M", containers=("M-2",)))

    assert said(ready, "preparation", "infusion", "coi", "course") == (2, 1, "S001-2", 2)
    assert said(held, "dose", "dose_unit", "planned_cells") == (Decimal("6e7"), "cells", Decimal("6e7"))


def test_a_weight_corrected_says_what_it_was() -> None:
    """The correction has the old and the new weight, and the sealed recomputation the cells of the new one."""
    ward = Ward("NCT03828344", arms=("BX-U001",), group="cohort 1")
    ward.received("L1", "BX-U001", **CELLS)
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    asked = {"by": "pharm", "subject": "S001", "preparation": 1, "weight_kg": 77, "reason": "Digits swapped"}

    corrected, recomputed = ward.must(cmd.CorrectWeight, **asked)

    assert said(corrected, "was", "weight_kg", "reason") == (Decimal(70), Decimal(77), "Digits swapped")
    assert said(recomputed, "preparation", "planned_cells") == (1, Decimal(57750000))
    assert "x 77 kg" in recomputed.formula


@pytest.mark.parametrize("weight", [25, 250])
def test_the_ends_of_the_range_of_weights_are_taken(weight: int) -> None:
    """A weight at either end of its range is one that can be."""
    ward = Ward("NCT05962762")
    ward.received("L1", "hUC-MSC injection", containers=2, **CELLS)

    ward.must(cmd.PrepareInfusion, **ward.asked("L1", weight_kg=weight))


def test_a_dose_at_either_end_of_its_range_is_taken() -> None:
    """The ends of a range of doses belong to it."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    for dose in ("5e7", "8e7"):
        ward.must(cmd.PrescribeDose, subject="S001", product="UC-MSC", amount=dose)


def test_without_a_dose_whole_containers_are_given() -> None:
    """A product without a dose is given by the container, or made up to the final volume, and the formula says so."""
    whole = planned(None, None, None, BAG, 2, Preparation())
    made_up = planned(None, None, None, BAG, 2, Preparation(final_volume=Decimal(100)))

    assert (whole.cells, whole.suspension_ml, whole.formula) == (None, Decimal(160), "2 x 80 mL, whole containers")
    assert (made_up.cells, made_up.suspension_ml, made_up.formula) == (None, Decimal(100), "100 mL")


@pytest.mark.parametrize("lacking", ["concentration_per_ml", "viability_pct"])
def test_without_concentration_or_viability_no_cells_are_counted(lacking: str) -> None:
    """A lot of which one of the two is not known is given by the container, and holds no known number of cells."""
    lot = replace(LOT, **{lacking: None})

    assert planned(AmountOf.parse("4e7 cells"), None, None, lot, 1, Preparation()).cells is None
    assert cells_in(Decimal(10), lot) is None


@pytest.mark.parametrize(
    ("dose", "weight", "cap", "formula"),
    [
        ("4e7 cells", 70, None, "4 x 10^7 cells; / ("),
        ("1e6 cells/kg", 70, None, "1 x 10^6 cells/kg x 70 kg = 7 x 10^7 viable cells; / ("),
        ("1e6 cells/kg", 70, 100, "1 x 10^6 cells/kg x 70 kg = 7 x 10^7 viable cells; / ("),
        ("1e6 cells/kg", 100, 100, "1 x 10^6 cells/kg x 100 kg = 1 x 10^8 viable cells; / ("),
        ("1e6 cells/kg", 101, 100, "1 x 10^6 cells/kg x 100 kg (of 101 kg, capped) = 1 x 10^8 viable cells; / ("),
        ("5e7 to 8e7 cells", 70, None, "5 x 10^7 cells; / ("),
    ],
)
def test_de_09_the_formula_has_every_input(dose: str, weight: int, cap: int | None, formula: str) -> None:
    """The formula has the dose, the weight that counts where it is by weight, and whether a cap was in force."""
    rules = Preparation(weight_cap=cap)

    assert planned(AmountOf.parse(dose), None, Decimal(weight), LOT, 1, rules).formula.startswith(formula)


@pytest.mark.parametrize(("volume", "differs"), [("94.9", True), ("95", False), ("105", False), ("105.1", True)])
def test_de_10_a_deviation_is_counted_from_what_was_planned(volume: str, *, differs: bool) -> None:
    """Five per cent of the planned volume pass to either side, and a tenth of a mL more does not."""
    assert deviates(Decimal(volume), Decimal(100), Preparation(deviation=Decimal(5))) is differs


@pytest.mark.parametrize(
    ("within", "masked", "until"),
    [
        (None, False, timedelta(days=3)),
        (None, True, timedelta(days=3)),
        ("24 hours", False, timedelta(hours=24)),
        ("2 days", False, timedelta(days=2)),
        ("96 hours", False, timedelta(days=3)),
        ("96 hours", True, timedelta(days=4)),
    ],
)
def test_de_12_a_preparation_lasts_as_long_as_its_rule_and_its_lot(
    within: str, until: timedelta, *, masked: bool
) -> None:
    """A preparation lasts for its own time, and not past its lot; in a masked trial for its own time alone."""
    rules = Preparation(use_within=within)

    assert usable_until(NOW, rules, LOT, masked=masked) == NOW + until


def test_what_is_infused_is_what_the_arm_or_the_visits_give() -> None:
    """An arm gives what it counts, not the medicine that goes on; a dose escalation what its visits give, by level."""
    choice, escalation = STUDIES["NCT01547091"], STUDIES["NCT05962762"]
    no_visits = escalation.model_copy(update={"schedule": ()})

    assert [one.product for one in infusions(choice, "UC-MSC and csDMARD")] == ["UC-MSC"]
    assert infusions(choice, "csDMARD alone") == infusions(choice, None) == ()
    for study in (escalation, no_visits):
        assert [(one.product, one.dose) for one in infusions(study, None)] == [("hUC-MSC injection", "by level")]


def test_the_dose_is_that_of_the_level_the_cohort_or_the_name() -> None:
    """A dose is looked up by level, by cohort or by its name; where there is none of it, it is not known."""
    sequential, escalation = STUDIES["NCT03828344"], STUDIES["NCT05962762"]
    ward = Ward("NCT03828344", arms=("BX-U001",), group="cohort 2")
    there = ward.state.subjects["S001"]
    nowhere = Ward("NCT03828344", arms=("BX-U001",)).state.subjects["S001"]
    first = Ward("NCT05962762", level=2).state.subjects["S001"]
    by_cohort, by_level = Treatment(product="x", dose="by cohort"), Treatment(product="x", dose="by level")

    assert str(amount(sequential, there, by_cohort)) == str(sequential.doses[1].amount)
    assert amount(sequential, nowhere, by_cohort) is None
    assert amount(escalation, first, by_level) == escalation.dose(2).amount
    assert amount(escalation, nowhere, by_level) is None
    assert amount(sequential, there, Treatment(product="x", dose="lower")) == sequential.doses[0].amount
    assert amount(sequential, there, Treatment(product="x")) is None


@pytest.mark.parametrize(
    ("study", "dose", "asks"),
    [
        ("NCT05962762", "by level", True),
        ("NCT03828344", "by cohort", True),
        ("NCT03828344", "lower", True),
        ("NCT03828344", None, False),
        ("NCT01547091", "flat", False),
        ("NCT01547091", "by cohort", False),
    ],
)
def test_a_weight_is_asked_for_where_a_dose_is_by_weight(study: str, dose: str | None, *, asks: bool) -> None:
    """A weight is asked for when a dose that may be given is by kg, whichever treatment it is."""
    treatments = [Treatment(product="other"), Treatment(product="x", dose=dose)]

    assert by_weight(STUDIES[study], treatments) is asks


def test_the_next_infusion_waits_for_its_interval() -> None:
    """The interval counts in calendar months from the last infusion; without one, or before it, nothing waits."""
    quarterly = Treatment(product="x", times=4, every=Period(3, "months"))

    assert earliest(quarterly, NOW) == date(2026, 4, 5)
    assert earliest(quarterly, None) is None
    assert earliest(Treatment(product="x", times=4), NOW) is None
