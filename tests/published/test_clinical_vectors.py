"""The published vectors that this version answers."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conductor import STUDY
from trialwright.clinical.cell_dose import cell_dose_volume
from trialwright.design import Decision, Tally
from trialwright.errors import InputError


def vectors(shared: Path, item: str) -> list[dict]:
    """The vectors of one item; numbers as exact decimals."""
    lines = (shared / "vectors/clinical.jsonl").read_text().splitlines()
    found = [json.loads(line, parse_float=Decimal) for line in lines]
    return [vector for vector in found if vector["item"] == item]


def test_cell_dose_volume(shared: Path) -> None:
    """Cells, concentration, volume and delivered dose equal every published vector."""
    mine = vectors(shared, "cell_dose_volume")
    for vector in mine:
        inputs = {name: Decimal(value) for name, value in vector["inputs"].items()}
        found = cell_dose_volume(**inputs)
        for name, expected in vector["expected"].items():
            assert float(getattr(found, name)) == pytest.approx(float(expected), rel=1e-6), vector["id"]
    assert mine


WORDS = {
    Decision.ESCALATE: "escalate",
    Decision.EXPAND: "expand_to_6",
    Decision.STAY: "continue_enrolment",
    Decision.STOP: "stop_escalation",
    Decision.CONSULT: "highest_dose_tolerated_consult_sponsor",
}


def test_escalation_of_nct05962762(shared: Path) -> None:
    """The protocol's rule decides every published case of NCT05962762, and names the same MTD."""
    mine = vectors(shared, "escalation_3plus3_NCT05962762")
    for vector in mine:
        level, evaluable, dlts = (vector["inputs"][key] for key in ("dose_level", "n_evaluable", "n_dlt"))
        tallies = [Tally(3, 0)] * (level - 1) + [Tally(evaluable, dlts)] + [Tally()] * (3 - level)
        found = STUDY.rule.course(tuple(tallies), level)
        expected = vector["expected"]["mtd_cells_per_kg"]
        assert WORDS[found.decision] == vector["expected"]["decision"], vector["id"]
        assert (STUDY.dose(found.mtd).cells_per_kg if found.mtd else None) == expected, vector["id"]
    assert mine


def test_half_a_step_is_rounded_up() -> None:
    """A volume of exactly 12.25 mL is drawn as 12.3 mL."""
    found = cell_dose_volume(
        dose_cells_per_kg=Decimal("1e6"),
        weight_kg=Decimal(49),
        total_cell_concentration_per_ml=Decimal("4e6"),
        viability_pct=Decimal(100),
    )

    assert found.volume_ml_exact == Decimal("12.25")
    assert found.volume_ml_rounded == Decimal("12.3")


def test_every_impossible_input_is_named() -> None:
    """Inputs out of range are refused together, each by its name."""
    with pytest.raises(InputError) as refused:
        cell_dose_volume(
            dose_cells_per_kg=Decimal(0),
            weight_kg=Decimal("NaN"),
            total_cell_concentration_per_ml=Decimal(-1),
            viability_pct=Decimal("100.1"),
        )

    for name in ("dose_cells_per_kg", "weight_kg", "total_cell_concentration_per_ml", "viability_pct"):
        assert name in str(refused.value)
