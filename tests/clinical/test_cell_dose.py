"""Flat doses of cells."""

from trialwright.clinical.cell_dose import flat_cell_dose
from trialwright.clinical.item import Missing


def test_no_infusion_is_in_no_range() -> None:
    """Without an infusion there is nothing to judge: neither within the range nor outside."""
    found = flat_cell_dose(viable_cells_per_infusion=[], lowest_viable_cells=1, highest_viable_cells=2)

    assert found == Missing("no infusion is given")
