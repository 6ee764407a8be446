"""Kidney function, units, doses, body measures and rounding at their limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.body import bmi, bsa_du_bois, bsa_mosteller, ideal_body_weight_devine
from trialwright.clinical.calcium import albumin_corrected_calcium
from trialwright.clinical.cell_dose import cell_dose_volume, flat_cell_dose
from trialwright.clinical.corticosteroids import MG_EQUAL_TO_5_MG_PREDNISONE, prednisone_equivalent
from trialwright.clinical.electrocardiogram import corrected_qt
from trialwright.clinical.item import Missing
from trialwright.clinical.renal import (
    ckd_epi_2009,
    ckd_epi_2021,
    cockcroft_gault_mg_dl,
    cockcroft_gault_umol,
    cockcroft_gault_umol_rounded_constants,
    mdrd_4v,
)
from trialwright.clinical.rounding import round_half_up
from trialwright.clinical.units import convert
from trialwright.errors import InputError

IN_MG = {"age_years": 60, "weight_kg": 70, "creatinine_mg_per_dl": 1, "sex": "F"}
IN_UMOL = {"age_years": 60, "weight_kg": 70, "creatinine_umol_per_l": 88, "sex": "F"}
FOR_RATE = {"age_years": 60, "creatinine_mg_per_dl": 1, "sex": "F"}
FORMULAS = [
    (cockcroft_gault_mg_dl, IN_MG),
    (cockcroft_gault_umol, IN_UMOL),
    (cockcroft_gault_umol_rounded_constants, IN_UMOL),
    (mdrd_4v, {**FOR_RATE, "black": False}),
    (mdrd_4v, {**FOR_RATE, "black": False, "coefficient": 186}),
    (ckd_epi_2009, {**FOR_RATE, "black": True}),
    (ckd_epi_2021, FOR_RATE),
    (bmi, {"height_cm": 170, "weight_kg": 70}),
    (bsa_mosteller, {"height_cm": 170, "weight_kg": 70}),
    (bsa_du_bois, {"height_cm": 170, "weight_kg": 70}),
    (ideal_body_weight_devine, {"height_cm": 170, "sex": "F"}),
    (corrected_qt, {"qt_ms": 400, "rr_ms": 900}),
    (convert, {"analyte": "glucose", "value": 1, "from_unit": "mg/dL", "to_unit": "mmol/L"}),
    (round_half_up, {"value_as_decimal_string": "1.5", "decimals": 0}),
    (
        cell_dose_volume,
        {"dose_cells_per_kg": 10, "weight_kg": 70, "total_cell_concentration_per_ml": 10, "viability_pct": 90},
    ),
    (
        flat_cell_dose,
        {"viable_cells_per_infusion": [5], "lowest_viable_cells": 5, "highest_viable_cells": 5},
    ),
]
LIMITS = {
    "age_years": ("17.9", "130.1"),
    "weight_kg": ("0", "700.1"),
    "creatinine_mg_per_dl": ("0", "100.1"),
    "creatinine_umol_per_l": ("0", "8840.1"),
    "coefficient": ("180", "187"),
    "height_cm": ("19.9", "280.1"),
    "qt_ms": ("0", "2000.1"),
    "rr_ms": ("0", "10000.1"),
    "value": ("-1", "1000000000001"),
    "decimals": ("-1", "21"),
    "dose_cells_per_kg": ("0", "1000000000001"),
    "total_cell_concentration_per_ml": ("0.9", "1000000000001"),
    "viability_pct": ("0.9", "100.1"),
    "lowest_viable_cells": ("-1", "1000000000001"),
    "highest_viable_cells": ("-1", "1000000000001"),
}


@pytest.mark.parametrize(("formula", "given"), FORMULAS)
def test_every_input_is_needed_and_has_its_range(formula, given: dict) -> None:
    """Without one input the result is missing by its name; one out of range is refused by its name."""
    assert not isinstance(formula(**given), Missing)
    for name in given:
        assert formula(**{**given, name: None}) == Missing(f"{name} is not given")
        for beyond in LIMITS.get(name, ("?",)):
            value = Decimal(beyond) if name in LIMITS else beyond
            with pytest.raises(InputError, match=f"^{name} must"):
                formula(**{**given, name: value})


def test_ideal_weight_is_for_adults() -> None:
    """The line for ideal weight is continued down to 120 cm and no further."""
    assert ideal_body_weight_devine(height_cm=120, sex="M") > 0
    with pytest.raises(InputError, match="height_cm must be from 120"):
        ideal_body_weight_devine(height_cm=Decimal("119.9"), sex="M")


@pytest.mark.parametrize(("sex", "kappa"), [("F", "0.7"), ("M", "0.9")])
def test_filtration_rates_meet_at_kappa(sex: str, kappa: str) -> None:
    """At κ neither power applies, so the rate is the constant times the power of age."""
    female = {2009: Decimal("1.018"), 2021: Decimal("1.012")}
    at = {"creatinine_mg_per_dl": Decimal(kappa), "age_years": 50, "sex": sex}

    by_2009, by_2021 = ckd_epi_2009(**at, black=False), ckd_epi_2021(**at)

    assert by_2009 == 141 * Decimal("0.993") ** 50 * (female[2009] if sex == "F" else 1)
    assert by_2021 == 142 * Decimal("0.9938") ** 50 * (female[2021] if sex == "F" else 1)


@pytest.mark.parametrize(
    ("analyte", "value", "source", "target", "expected"),
    [
        ("bilirubin", 1, "mg/dL", "umol/L", "17.1"),
        ("urate", 1, "mg/dL", "umol/L", "59.48"),
        ("uric_acid", 1, "mg/dL", "umol/L", "59.48"),
        ("calcium", 1, "mg/dL", "mmol/L", "0.2495"),
        ("magnesium", 1, "mg/dL", "mmol/L", "0.4114"),
        ("phosphate", 1, "mg/dL", "mmol/L", "0.3229"),
        ("cholesterol", 1, "mg/dL", "mmol/L", "0.02586"),
        ("triglycerides", 1, "mg/dL", "mmol/L", "0.01129"),
        ("glucose", 1, "mmol/L", "mg/dL", "18"),
        ("haemoglobin", 1, "g/dL", "mmol/L", "0.6206"),
        ("platelets", 1, "/uL", "10*9/L", "0.001"),
        ("neutrophils", 1, "10*3/uL", "10^9/L", "1"),
        ("erythrocytes", 1, "10*12/L", "10*6/mm3", "1"),
        ("alt", 1, "ukat/L", "U/L", "60"),
        ("ast", 60, "[IU]/L", "nkat/mL", "1"),
        ("crp", 1, "ng/mL", "ug/L", "1"),
        ("albumin", 1, "g/dL", "pg/nL", "10000"),
    ],
)
def test_units_convert_exactly(analyte: str, value: int, source: str, target: str, expected: str) -> None:
    """A value converts by powers of ten, and between mass and amount by the factor of its analyte."""
    given = {"analyte": analyte, "from_unit": source, "to_unit": target}

    assert convert(**given, value=value) == Decimal(expected)


@pytest.mark.parametrize(
    ("analyte", "source", "target", "named"),
    [
        ("crp", "mg/L", "mmol/L", "to_unit must be a unit in which crp is measured, such as mg/dL, got mmol/L"),
        ("platelets", "mg/L", "10*9/L", "from_unit must be a unit in which platelets is measured"),
        ("glucose", "U/L", "mg/dL", "such as mmol/L or mg/dL, got U/L"),
        ("glucose", "mg", "mg/dL", "from_unit must be the UCUM code of a concentration"),
        ("sodium chloride", "mg/dL", "mg/dL", "analyte must be one of"),
    ],
)
def test_what_cannot_be_converted_is_refused(analyte: str, source: str, target: str, named: str) -> None:
    """A unit that the analyte is not measured in, or that is none, is refused by its input."""
    with pytest.raises(InputError) as refused:
        convert(analyte=analyte, value=1, from_unit=source, to_unit=target)

    assert named in str(refused.value)


@pytest.mark.parametrize(("drug", "mg"), MG_EQUAL_TO_5_MG_PREDNISONE.items())
def test_ten_mg_of_prednisone_is_no_high_dose_and_more_is(drug: str, mg: Decimal) -> None:
    """Exactly 10 mg a day in any drug is allowed, by mouth only."""
    allowed = {"drug": drug, "mg_per_day": 2 * mg, "route": "oral"}
    more = {**allowed, "mg_per_day": 2 * mg + Decimal("0.00001")}

    assert prednisone_equivalent(daily_doses=[allowed]).exceeds_10_mg_per_day is False
    assert prednisone_equivalent(daily_doses=[more]).excluded_high_dose is True
    for route in ("iv", "im"):
        found = prednisone_equivalent(daily_doses=[{**allowed, "mg_per_day": 1, "route": route}])
        assert (found.prednisone_equivalent_mg_per_day, found.exceeds_10_mg_per_day) == (0, False)
        assert found.excluded_high_dose is True


def test_thirds_of_a_dose_add_up_exactly() -> None:
    """Three doses of a third of 10 mg are 10 mg, not less and not more."""
    third = {"drug": "dexamethasone", "mg_per_day": Decimal("0.5"), "route": "oral"}

    found = prednisone_equivalent(daily_doses=[third] * 3)

    assert (found.prednisone_equivalent_mg_per_day, found.exceeds_10_mg_per_day) == (10, False)
    with pytest.raises(InputError, match=r"daily_doses\[0\].drug.*daily_doses\[0\].mg_per_day.*'dose' is no part"):
        prednisone_equivalent(daily_doses=[{"drug": "aspirin", "mg_per_day": 10_001}, {"dose": 1}])
    assert prednisone_equivalent(daily_doses=None) == Missing("daily_doses is not given")


def test_calcium_is_corrected_in_one_system_of_units() -> None:
    """Calcium and albumin come in one system of units, within their ranges."""
    assert albumin_corrected_calcium(calcium_mg_per_dl=40, albumin_g_per_dl=10) == Decimal("35.2")
    assert albumin_corrected_calcium(calcium_mmol_per_l=10, albumin_g_per_l=100) == Decimal("8.8")
    assert albumin_corrected_calcium(calcium_mg_per_dl=9) == Missing("albumin_g_per_dl is not given")
    assert albumin_corrected_calcium(albumin_g_per_l=40) == Missing("calcium_mmol_per_l is not given")
    with pytest.raises(InputError, match="not both"):
        albumin_corrected_calcium(calcium_mg_per_dl=9, albumin_g_per_l=40)
    for name, beyond in (
        ("calcium_mg_per_dl", 41),
        ("albumin_g_per_dl", 11),
        ("calcium_mmol_per_l", 11),
        ("albumin_g_per_l", 101),
    ):
        with pytest.raises(InputError, match=name):
            albumin_corrected_calcium(**{name: beyond})


@pytest.mark.parametrize(
    ("infused", "lowest", "highest", "in_range", "together"),
    [
        ([40_000_000] * 4, 40_000_000, 40_000_000, True, 160_000_000),
        ([40_000_000, 39_000_000], 40_000_000, 40_000_000, False, 79_000_000),
        ([50_000_000, 80_000_000], 50_000_000, 80_000_000, True, 130_000_000),
        ([49_000_000], 50_000_000, 80_000_000, False, 49_000_000),
        ([80_000_001], 50_000_000, 80_000_000, False, 80_000_001),
    ],
)
def test_a_flat_dose_is_within_its_range_or_not(
    infused: list, lowest: int, highest: int, in_range: bool, together: int
) -> None:
    """Both ends of the range are within, and every deviation shows."""
    found = flat_cell_dose(viable_cells_per_infusion=infused, lowest_viable_cells=lowest, highest_viable_cells=highest)

    assert (found.in_range, found.cumulative_cells) == (in_range, together)


@pytest.mark.parametrize("text", ["", "twelve", "NaN", "Infinity", "1e31", "1" * 61, 12.25])
def test_what_is_no_number_is_not_rounded(text: object) -> None:
    """Only a number as text, of a size that means something, is rounded."""
    with pytest.raises(InputError, match="value_as_decimal_string must be a decimal number"):
        round_half_up(value_as_decimal_string=text, decimals=1)


def test_zero_is_rounded_to_zero() -> None:
    """Zero stays zero."""
    assert round_half_up(value_as_decimal_string="0.00", decimals=1) == 0
