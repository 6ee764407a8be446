"""Units of measurement by their UCUM codes, and conversions with the factor of the analyte."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

Dimension = Literal["mass", "amount", "number", "activity"]

_PREFIXES = {"": 0, "d": -1, "m": -3, "u": -6, "n": -9, "p": -12}
_MOST_VALUE = 10**12
_MASS: frozenset[Dimension] = frozenset({"mass"})
_MASS_AMOUNT: frozenset[Dimension] = frozenset({"mass", "amount"})
_NUMBER: frozenset[Dimension] = frozenset({"number"})
_ACTIVITY: frozenset[Dimension] = frozenset({"activity"})


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of concentration.

    Attributes:
        dimension: What is in the litre: mass (g), amount of substance (mol), number of particles, activity (U).
        per_litre: How much of it one unit is.
    """

    dimension: Dimension
    per_litre: Fraction


@dataclass(frozen=True, slots=True)
class Analyte:
    """What is measured.

    Attributes:
        dimensions: In which units it is reported.
        mmol_per_g: Its factor from mass to amount of substance, as rounded in clinical use.
    """

    dimensions: frozenset[Dimension]
    mmol_per_g: Fraction | None = None


def _molar(mmol_per_l_in_1_mg_per_dl: str) -> Analyte:
    return Analyte(_MASS_AMOUNT, Fraction(mmol_per_l_in_1_mg_per_dl) * 100)


ANALYTES = {
    "albumin": Analyte(_MASS),
    "bilirubin": _molar("0.0171"),
    "calcium": _molar("0.2495"),
    "cholesterol": _molar("0.02586"),
    "creatinine": _molar("0.0884"),
    "crp": Analyte(_MASS),
    "glucose": _molar("1/18"),
    "haemoglobin": _molar("0.0006206"),
    "magnesium": _molar("0.4114"),
    "phosphate": _molar("0.3229"),
    "triglycerides": _molar("0.01129"),
    "urate": _molar("0.05948"),
    "eosinophils": Analyte(_NUMBER),
    "erythrocytes": Analyte(_NUMBER),
    "leukocytes": Analyte(_NUMBER),
    "lymphocytes": Analyte(_NUMBER),
    "neutrophils": Analyte(_NUMBER),
    "platelets": Analyte(_NUMBER),
    "reticulocytes": Analyte(_NUMBER),
    "alp": Analyte(_ACTIVITY),
    "alt": Analyte(_ACTIVITY),
    "amylase": Analyte(_ACTIVITY),
    "ast": Analyte(_ACTIVITY),
    "ggt": Analyte(_ACTIVITY),
    "ldh": Analyte(_ACTIVITY),
    "lipase": Analyte(_ACTIVITY),
}
SAME_ANALYTE = {
    "anc": "neutrophils",
    "hemoglobin": "haemoglobin",
    "hgb": "haemoglobin",
    "phosphorus": "phosphate",
    "uric_acid": "urate",
    "wbc": "leukocytes",
}


def _units() -> dict[str, Unit]:
    """Compose the codes: what is counted, in which volume."""
    volumes = {f"{prefix}L": Fraction(10) ** power for prefix, power in _PREFIXES.items()}
    volumes |= {"mm3": Fraction(1, 10**6)}
    contents: dict[str, tuple[Dimension, Fraction]] = {"": ("number", Fraction(1))}
    contents |= {f"{prefix}g": ("mass", Fraction(10) ** power) for prefix, power in _PREFIXES.items()}
    contents |= {f"{prefix}mol": ("amount", Fraction(10) ** power) for prefix, power in _PREFIXES.items()}
    contents |= {
        f"{prefix}kat": ("activity", Fraction(10) ** power * 60 * 10**6) for prefix, power in _PREFIXES.items()
    }
    contents |= {f"10{mark}{power}": ("number", Fraction(10) ** power) for mark in "*^" for power in (3, 6, 9, 12)}
    contents |= {code: ("activity", factor * Fraction(1)) for code, factor in (("U", 1), ("[IU]", 1), ("[iU]", 1))}
    return {
        f"{content}/{volume}": Unit(dimension, factor / litres)
        for content, (dimension, factor) in contents.items()
        for volume, litres in volumes.items()
    }


UNITS = _units()


@item("unit_conversion")
def convert(
    *, analyte: str | None, value: Number | None, from_unit: str | None, to_unit: str | None
) -> Decimal | Missing:
    """Convert a laboratory value to another unit.

    Units of one dimension differ by a power of ten (enzymes: 1 µkat is 60 U). Between mass and amount of substance the
    factor of the analyte is used, as rounded in clinical use, so that a printed limit in one unit is the printed limit
    in the other: creatinine 88.4, bilirubin 17.1 and urate 59.48 µmol/L in a mg/dL; calcium 0.2495, magnesium 0.4114,
    phosphate 0.3229, cholesterol 0.02586 and triglycerides 0.01129 mmol/L in a mg/dL; 18 mg/dL of glucose and 1/0.6206
    g/dL of haemoglobin (monomer) in a mmol/L.

    Args:
        analyte: What is measured, such as `creatinine`.
        value: The value in `from_unit`, 0 to 1e12.
        from_unit: A UCUM code, such as `mg/dL`, `umol/L`, `10*9/L`, `/mm3` or `U/L`.
        to_unit: Likewise.

    Raises:
        InputError: Naming every input that is unknown, or saying why the analyte has no value in such a unit.

    Example:
        >>> str(convert(analyte="creatinine", value=Decimal("1.2"), from_unit="mg/dL", to_unit="umol/L"))
        '106.08'

    Source: Unified Code for Units of Measure 2.1 (2017) for codes; factors from the molar masses of IUPAC as rounded in
    the AMA Manual of Style, 11th edition (2020). Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    name = read.needed_choice("analyte", analyte, (*ANALYTES, *SAME_ANALYTE))
    amount = read.needed_number("value", value, 0, _MOST_VALUE)
    units = [_unit(read, part, code) for part, code in (("from_unit", from_unit), ("to_unit", to_unit))]
    found = ANALYTES.get(SAME_ANALYTE.get(name, name))
    for unit, code in zip(units, (from_unit, to_unit), strict=True):
        if found and unit and unit.dimension not in found.dimensions:
            read.fault(f"{name} is not measured in {code}: {_known(found)}")
    if missing := read.missing():
        return missing
    source, target = units
    if source is None or target is None or found is None:
        return Missing("no unit is given")
    quantity = Fraction(amount) * source.per_litre
    if found.mmol_per_g and source.dimension != target.dimension:
        mol_per_g = found.mmol_per_g / 1000
        quantity = quantity * mol_per_g if source.dimension == "mass" else quantity / mol_per_g
    result = quantity / target.per_litre
    return Decimal(result.numerator) / Decimal(result.denominator)


def _unit(read: Inputs, name: str, code: str | None) -> Unit | None:
    """Read a unit by its code."""
    if code is None:
        read.gaps.append(name)
    elif isinstance(code, str) and code in UNITS:
        return UNITS[code]
    else:
        read.fault(f"{name} must be the UCUM code of a concentration, such as mg/dL, umol/L, 10*9/L, /mm3 or U/L")
    return None


def _known(analyte: Analyte) -> str:
    """Say in which units an analyte is measured."""
    words = {"mass": "g/L", "amount": "mol/L", "number": "10*9/L", "activity": "U/L"}
    return (
        "it is measured in "
        + " or ".join(words[dimension] for dimension in sorted(analyte.dimensions))
        + " and the like"
    )
