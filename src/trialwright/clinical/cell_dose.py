"""The volume of a cell suspension that gives a subject so many viable cells for each kilogram."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from trialwright.clinical.item import item
from trialwright.errors import InputError

_STEP_ML = Decimal("0.1")
_WHOLE_PCT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDose:
    """A weight-based dose and the volume that holds it.

    Attributes:
        total_viable_cells: Viable cells that the subject shall receive.
        viable_concentration_per_ml: Viable cells in each mL of the suspension.
        volume_ml_exact: Volume that holds them, mL, unrounded.
        volume_ml_rounded: The same to 0.1 mL, half up: what is drawn.
        delivered_cells_per_kg: Viable cells for each kg in the rounded volume.
    """

    total_viable_cells: Decimal
    viable_concentration_per_ml: Decimal
    volume_ml_exact: Decimal
    volume_ml_rounded: Decimal
    delivered_cells_per_kg: Decimal


@item("cell_dose_volume")
def cell_dose_volume(
    *,
    dose_cells_per_kg: Decimal,
    weight_kg: Decimal,
    total_cell_concentration_per_ml: Decimal,
    viability_pct: Decimal,
) -> CellDose:
    """Compute the volume for a dose in viable cells per kg of body weight.

    A dose is read as viable cells, so the concentration counts only the viable share. The volume is rounded half up to
    0.1 mL, the step of a 20 mL syringe. Both are choices; the records do not say.

    Args:
        dose_cells_per_kg: Prescribed dose, viable cells/kg, above 0.
        weight_kg: Body weight, kg, above 0.
        total_cell_concentration_per_ml: Cells in each mL, dead ones included, above 0.
        viability_pct: Share of viable cells, %, above 0 and at most 100.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> dose = cell_dose_volume(dose_cells_per_kg=Decimal("1e6"), weight_kg=Decimal("49"),
        ...     total_cell_concentration_per_ml=Decimal("4e6"), viability_pct=Decimal("100"))
        >>> str(dose.volume_ml_exact), str(dose.volume_ml_rounded)
        ('12.25', '12.3')

    Source: arithmetic on the doses of NCT05962762, NCT04971980 and NCT03828344; checked in
    tests/published/test_clinical_vectors.py.
    """
    given = {
        "dose_cells_per_kg": dose_cells_per_kg,
        "weight_kg": weight_kg,
        "total_cell_concentration_per_ml": total_cell_concentration_per_ml,
        "viability_pct": viability_pct,
    }
    faults = [f"{name} must be a number above 0, got {v}" for name, v in given.items() if not v.is_finite() or v <= 0]
    if viability_pct.is_finite() and viability_pct > _WHOLE_PCT:
        faults.append(f"viability_pct must be at most 100, got {viability_pct}")
    if faults:
        raise InputError("; ".join(faults))
    cells = dose_cells_per_kg * weight_kg
    viable = total_cell_concentration_per_ml * viability_pct / _WHOLE_PCT
    exact = cells / viable
    rounded = exact.quantize(_STEP_ML, rounding=ROUND_HALF_UP)
    return CellDose(
        total_viable_cells=cells,
        viable_concentration_per_ml=viable,
        volume_ml_exact=exact,
        volume_ml_rounded=rounded,
        delivered_cells_per_kg=rounded * viable / weight_kg,
    )
