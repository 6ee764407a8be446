"""Units and factors: each code, each analyte, and what cannot be converted."""

from decimal import Decimal
from fractions import Fraction

import pytest

from trialwright.clinical.ctcae import grade
from trialwright.clinical.item import ITEMS, Missing
from trialwright.clinical.units import ANALYTES, SAME_ANALYTE, UNITS, Analyte, Unit, convert
from trialwright.errors import InputError

POWERS = {"": 0, "d": -1, "m": -3, "u": -6, "n": -9, "p": -12}
MMOL_PER_L_IN_1_MG_PER_DL = {
    "bilirubin": "0.0171",
    "calcium": "0.2495",
    "cholesterol": "0.02586",
    "creatinine": "0.0884",
    "glucose": "1/18",
    "haemoglobin": "0.0006206",
    "magnesium": "0.4114",
    "phosphate": "0.3229",
    "triglycerides": "0.01129",
    "urate": "0.05948",
}
BY_MASS = {"albumin", "crp"}
COUNTED = {"eosinophils", "erythrocytes", "leukocytes", "lymphocytes", "neutrophils", "platelets", "reticulocytes"}
ENZYMES = {"alp", "alt", "amylase", "ast", "ggt", "ldh", "lipase"}


def test_every_code_is_a_content_in_a_volume() -> None:
    """Grams, moles, katals, particles and units in litres with their prefixes, or in a cubic millimetre."""
    contents = {
        **{f"{prefix}g": ("mass", Fraction(10) ** power) for prefix, power in POWERS.items()},
        **{f"{prefix}mol": ("amount", Fraction(10) ** power) for prefix, power in POWERS.items()},
        **{f"{prefix}kat": ("activity", Fraction(10) ** power * 60_000_000) for prefix, power in POWERS.items()},
        **{f"10{mark}{power}": ("number", Fraction(10) ** power) for mark in ("*", "^") for power in (3, 6, 9, 12)},
        **{code: ("activity", Fraction(1)) for code in ("U", "[IU]", "[iU]")},
        "": ("number", Fraction(1)),
    }
    volumes = {**{f"{prefix}L": Fraction(10) ** power for prefix, power in POWERS.items()}, "mm3": Fraction(1, 10**6)}

    assert {
        f"{content}/{volume}": Unit(kind, amount / litres)
        for content, (kind, amount) in contents.items()
        for volume, litres in volumes.items()
    } == UNITS


def test_every_analyte_has_its_dimensions_and_its_factor() -> None:
    """Proteins are measured by mass, cells by number, enzymes by activity, the others by mass and amount."""
    by_factor = {
        name: Analyte(frozenset({"mass", "amount"}), Fraction(factor) * 100)
        for name, factor in MMOL_PER_L_IN_1_MG_PER_DL.items()
    }
    alone = {"mass": BY_MASS, "number": COUNTED, "activity": ENZYMES}

    assert by_factor | {name: Analyte(frozenset({kind})) for kind, names in alone.items() for name in names} == ANALYTES


@pytest.mark.parametrize(
    ("other", "unit"),
    [
        ("anc", "10*9/L"),
        ("hemoglobin", "g/dL"),
        ("hgb", "mmol/L"),
        ("phosphorus", "mg/dL"),
        ("uric_acid", "umol/L"),
        ("wbc", "/uL"),
    ],
)
def test_another_name_is_the_same_analyte(other: str, unit: str) -> None:
    """The names that laboratories use besides lead to the same analyte."""
    same = {
        "anc": "neutrophils",
        "cd4": "lymphocytes",
        "hemoglobin": "haemoglobin",
        "hgb": "haemoglobin",
        "phosphorus": "phosphate",
        "uric_acid": "urate",
        "wbc": "leukocytes",
    }

    assert same == SAME_ANALYTE
    assert convert(analyte=other, value=3, from_unit=unit, to_unit=unit) == 3


def test_mass_and_amount_convert_both_ways() -> None:
    """From mass to amount the factor multiplies, from amount to mass it divides."""
    assert convert(analyte="creatinine", value=2, from_unit="mg/dL", to_unit="umol/L") == Decimal("176.8")
    assert convert(analyte="creatinine", value=Decimal("176.8"), from_unit="umol/L", to_unit="mg/dL") == 2
    assert convert(analyte="creatinine", value=2, from_unit="g/L", to_unit="mg/dL") == 200


@pytest.mark.parametrize(
    ("analyte", "source", "target", "told"),
    [
        ("crp", "mg/L", "mmol/L", "to_unit must be a unit in which crp is measured, such as mg/dL, got mmol/L"),
        ("wbc", "g/L", "/nL", "from_unit must be a unit in which wbc is measured, such as 10*9/L, got g/L"),
        ("alt", "/L", "U/L", "from_unit must be a unit in which alt is measured, such as U/L, got /L"),
        (
            "urate",
            "U/L",
            "g/L",
            "from_unit must be a unit in which urate is measured, such as mmol/L or mg/dL, got U/L",
        ),
        (
            "urate",
            "U/L",
            "/L",
            (
                "from_unit must be a unit in which urate is measured, such as mmol/L or mg/dL, got U/L; "
                "to_unit must be a unit in which urate is measured, such as mmol/L or mg/dL, got /L"
            ),
        ),
        (
            "urate",
            "mg",
            5,
            (
                "from_unit must be the UCUM code of a concentration, such as mg/dL, umol/L, 10*9/L, /mm3 or U/L; "
                "to_unit must be the UCUM code of a concentration, such as mg/dL, umol/L, 10*9/L, /mm3 or U/L"
            ),
        ),
    ],
)
def test_what_cannot_be_converted_is_told(analyte: str, source: object, target: object, told: str) -> None:
    """A unit that is none, or none of the analyte, is told with an example."""
    with pytest.raises(InputError) as refused:
        convert(analyte=analyte, value=1, from_unit=source, to_unit=target)

    assert str(refused.value) == told


def test_a_unit_is_needed() -> None:
    """Without a unit the result is missing; an unknown analyte is told alone, not for its units."""
    assert convert(analyte="crp", value=1, from_unit=None, to_unit="mg/L") == Missing("from_unit is not given")
    with pytest.raises(InputError, match=r"^analyte must be one of [^;]*$"):
        convert(analyte="kryptonite", value=1, from_unit="mg/L", to_unit="U/L")


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
