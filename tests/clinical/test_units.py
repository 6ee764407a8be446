"""Units that look alike and measure different things, or are not said; terms that are graded by management."""

from decimal import Decimal

import pytest

from trialwright.clinical.ctcae import grade
from trialwright.clinical.item import ITEMS
from trialwright.clinical.units import convert
from trialwright.errors import InputError


def test_a_clearance_is_not_graded_as_a_rate_per_body_surface() -> None:
    """The bands of CTCAE are per 1.73 m²; a clearance in mL/min is refused and never taken for one."""
    known = {"value": Decimal(50), "lln": Decimal(90)}

    assert grade("Chronic kidney disease", {**known, "unit": "mL/min/{1.73_m2}"}).grade == 2
    with pytest.raises(InputError, match=r"unit must be one of mL/min/1\.73m2 for Chronic kidney"):
        grade("Chronic kidney disease", {**known, "unit": "mL/min"})


def test_a_value_without_its_unit_has_no_grade() -> None:
    """Where two units have bands of their own, a value without its unit has no grade; what decides without it does."""
    known = {"value": Decimal(8), "lln": Decimal(12)}

    assert str(grade("Anemia", known)) == "missing: grade 1 or 2 or 3 of Anemia cannot be told without unit"
    assert grade("Anemia", {**known, "transfusion_indicated": True}).grade == 3
    assert grade("Fever", {"value": Decimal("38.5")}).grade == 1


@pytest.mark.parametrize("term", ["Cytokine release syndrome", "Infusion related reaction"])
def test_a_term_graded_by_management_names_the_item_that_asks(term: str) -> None:
    """A term without thresholds whose questions are an item names it."""
    with pytest.raises(InputError, match="asks its questions") as refused:
        grade(term, {})

    assert str(refused.value).split("`")[1] in ITEMS


@pytest.mark.parametrize("unit", ["mL/min", "mL/min/{1.73_m2}", "mg/dL{total}", "mg/{dL}"])
def test_an_annotation_is_never_dropped(unit: str) -> None:
    """A code with an annotation of UCUM, or for a rate, is no unit of a concentration and is refused."""
    with pytest.raises(InputError, match="from_unit must be the UCUM code of a concentration"):
        convert(analyte="creatinine", value=1, from_unit=unit, to_unit="mg/dL")
