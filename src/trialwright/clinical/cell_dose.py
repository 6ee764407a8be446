"""Doses of cells: the volume that gives so many viable cells for each kilogram, and flat doses within their range."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import overload

from trialwright.clinical.body import MOST_WEIGHT_KG
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

_STEP_ML = Decimal("0.1")
_WHOLE_PCT = 100
_MOST_CELLS = 10**12


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CellVolume:
    """The volume of a suspension that holds a number of viable cells.

    Attributes:
        viable_concentration_per_ml: Viable cells in each mL of the suspension.
        ml_exact: Volume that holds them, mL, unrounded.
        ml_rounded: The same to 0.1 mL, half up: what is drawn.
    """

    viable_concentration_per_ml: Decimal
    ml_exact: Decimal
    ml_rounded: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatCellDose:
    """Infusions of a dose that does not depend on weight.

    Attributes:
        in_range: Whether every infusion held at least the lowest and at most the highest dose.
        cumulative_cells: Viable cells of all infusions together.
    """

    in_range: bool
    cumulative_cells: Decimal


@overload
def cell_dose_volume(
    *, dose_cells_per_kg: Decimal, weight_kg: Decimal, total_cell_concentration_per_ml: Decimal, viability_pct: Decimal
) -> CellDose: ...


@overload
def cell_dose_volume(
    *,
    dose_cells_per_kg: Number | None,
    weight_kg: Number | None,
    total_cell_concentration_per_ml: Number | None,
    viability_pct: Number | None,
) -> CellDose | Missing: ...


@item("cell_dose_volume")
def cell_dose_volume(
    *,
    dose_cells_per_kg: Number | None,
    weight_kg: Number | None,
    total_cell_concentration_per_ml: Number | None,
    viability_pct: Number | None,
) -> CellDose | Missing:
    """Compute the volume for a dose in viable cells per kg of body weight.

    A dose is read as viable cells, so the concentration counts only the viable share. The volume is rounded half up to
    0.1 mL, the step of a 20 mL syringe. Both are choices, and so is the weight: that of the day of the infusion.

    Args:
        dose_cells_per_kg: Prescribed dose, viable cells/kg, above 0 and at most 1e12.
        weight_kg: Body weight, kg, above 0 and at most 700.
        total_cell_concentration_per_ml: Cells in each mL, dead ones included, 1 to 1e12.
        viability_pct: Share of viable cells, %, 1 to 100.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> dose = cell_dose_volume(dose_cells_per_kg=Decimal("1e6"), weight_kg=Decimal("49"),
        ...     total_cell_concentration_per_ml=Decimal("4e6"), viability_pct=Decimal("100"))
        >>> str(dose.volume_ml_exact), str(dose.volume_ml_rounded)
        ('12.25', '12.3')

    Source: arithmetic, by which doses of mesenchymal stromal cells are prepared; rounded as IEEE 754-2008 rounds ties
    away. Checked in tests/published/test_clinical_vectors.py.
    """
    read = Inputs()
    dose = read.needed_above_0("dose_cells_per_kg", dose_cells_per_kg, _MOST_CELLS)
    weight = read.needed_above_0("weight_kg", weight_kg, MOST_WEIGHT_KG)
    concentration = read.needed_number(
        "total_cell_concentration_per_ml", total_cell_concentration_per_ml, 1, _MOST_CELLS
    )
    viability = read.needed_number("viability_pct", viability_pct, 1, _WHOLE_PCT)
    if missing := read.missing():
        return missing
    cells = dose * weight
    volume = volume_of_cells(cells, concentration, viability)
    return CellDose(
        total_viable_cells=cells,
        viable_concentration_per_ml=volume.viable_concentration_per_ml,
        volume_ml_exact=volume.ml_exact,
        volume_ml_rounded=volume.ml_rounded,
        delivered_cells_per_kg=volume.ml_rounded * volume.viable_concentration_per_ml / weight,
    )


def volume_of_cells(
    viable_cells: Decimal, total_cell_concentration_per_ml: Decimal, viability_pct: Decimal
) -> CellVolume:
    """Compute the volume of a suspension that holds a number of viable cells; only the volume is rounded.

    Args:
        viable_cells: Viable cells that are to be given, above 0.
        total_cell_concentration_per_ml: Cells in each mL, dead ones included, above 0.
        viability_pct: Share of viable cells, %, above 0 and at most 100.

    Example:
        >>> str(volume_of_cells(Decimal("4e7"), Decimal("5e6"), Decimal(92)).ml_rounded)
        '8.7'

    Source: as for `cell_dose_volume`.
    """
    viable = total_cell_concentration_per_ml * viability_pct / _WHOLE_PCT
    exact = viable_cells / viable
    rounded = exact.quantize(_STEP_ML, rounding=ROUND_HALF_UP)
    return CellVolume(viable_concentration_per_ml=viable, ml_exact=exact, ml_rounded=rounded)


def flat_cell_dose(
    *,
    viable_cells_per_infusion: list[Number] | None,
    lowest_viable_cells: Number | None,
    highest_viable_cells: Number | None,
) -> FlatCellDose | Missing:
    """Add up infusions of a dose that does not depend on weight, and say whether each is within its range.

    Both ends of the range are within; beyond them there is no tolerance, so any deviation shows: a choice, for the
    records name none.

    Args:
        viable_cells_per_infusion: Viable cells of each infusion, 0 to 1e12.
        lowest_viable_cells: The lowest dose that the protocol allows, viable cells, 0 to 1e12.
        highest_viable_cells: The highest, viable cells, 0 to 1e12; the same as the lowest for a single dose.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> flat_cell_dose(viable_cells_per_infusion=[50_000_000, 80_000_000], lowest_viable_cells=50_000_000,
        ...     highest_viable_cells=80_000_000)
        FlatCellDose(in_range=True, cumulative_cells=Decimal('130000000'))

    Source: arithmetic. Checked in tests/clinical/test_laboratory_and_body.py.
    """
    read = Inputs()
    infused = [
        read.needed_number(f"viable_cells_per_infusion[{index}]", cells, 0, _MOST_CELLS)
        for index, cells in enumerate(read.listed("viable_cells_per_infusion", viable_cells_per_infusion))
    ]
    lowest = read.needed_number("lowest_viable_cells", lowest_viable_cells, 0, _MOST_CELLS)
    highest = read.needed_number("highest_viable_cells", highest_viable_cells, 0, _MOST_CELLS)
    if missing := read.missing():
        return missing
    if not infused:
        return Missing("no infusion is given")
    return FlatCellDose(
        in_range=all(lowest <= cells <= highest for cells in infused), cumulative_cells=sum(infused, Decimal(0))
    )
