"""Doses of cells: the volume that is drawn, what it delivers, and flat doses at their limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.cell_dose import cell_dose_volume, flat_cell_dose
from trialwright.clinical.item import Missing
from trialwright.errors import InputError


def test_the_volume_is_rounded_half_up_and_says_what_it_delivers() -> None:
    """12.25 mL is drawn as 12.3 mL, which delivers a little more for each kg."""
    dose = cell_dose_volume(
        dose_cells_per_kg=Decimal("1e6"),
        weight_kg=Decimal(49),
        total_cell_concentration_per_ml=Decimal("5e6"),
        viability_pct=Decimal(80),
    )

    assert dose.total_viable_cells == 49_000_000
    assert dose.viable_concentration_per_ml == 4_000_000
    assert (str(dose.volume_ml_exact), str(dose.volume_ml_rounded)) == ("12.25", "12.3")
    assert dose.delivered_cells_per_kg == Decimal("12.3") * 4_000_000 / 49
    little = cell_dose_volume(
        dose_cells_per_kg=1, weight_kg=Decimal("1.25"), total_cell_concentration_per_ml=1, viability_pct=100
    )
    assert str(little.volume_ml_rounded) == "1.3"


FLAT = {"viable_cells_per_infusion": [0], "lowest_viable_cells": 0, "highest_viable_cells": 0}
TOO_MANY = 10**12 + 1


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"viable_cells_per_infusion": [1, -1]}, r"viable_cells_per_infusion\[1\]"),
        ({"viable_cells_per_infusion": [Decimal("-0.5")]}, r"viable_cells_per_infusion\[0\]"),
        ({"viable_cells_per_infusion": [TOO_MANY]}, r"viable_cells_per_infusion\[0\]"),
        ({"lowest_viable_cells": Decimal("-0.5")}, "lowest_viable_cells"),
        ({"highest_viable_cells": Decimal("-0.5")}, "highest_viable_cells"),
        ({"lowest_viable_cells": TOO_MANY}, "lowest_viable_cells"),
        ({"highest_viable_cells": TOO_MANY}, "highest_viable_cells"),
    ],
)
def test_a_flat_dose_is_from_0_to_a_million_million(change: dict, name: str) -> None:
    """Each dose of the list, and both ends of the range, are from 0 to 1e12 cells, named where they are not."""
    most = dict.fromkeys(["lowest_viable_cells", "highest_viable_cells"], 10**12)

    assert flat_cell_dose(**FLAT).in_range is True
    assert flat_cell_dose(viable_cells_per_infusion=[10**12], **most).cumulative_cells == 10**12
    with pytest.raises(InputError, match=f"^{name} must be from 0 to 1000000000000, got"):
        flat_cell_dose(**{**FLAT, **change})


def test_a_dose_that_is_not_given_is_missing_by_its_place() -> None:
    """A gap in the list of infusions is named."""
    found = flat_cell_dose(**{**FLAT, "viable_cells_per_infusion": [1, None]})

    assert found == Missing("viable_cells_per_infusion[1] is not given")


def test_no_infusion_is_in_no_range() -> None:
    """Without an infusion there is nothing to judge: neither within the range nor outside."""
    found = flat_cell_dose(viable_cells_per_infusion=[], lowest_viable_cells=1, highest_viable_cells=2)

    assert found == Missing("no infusion is given")
