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
        mmol_per_g: Its factor from mass to amount of substance, as rounded in clinical use; 0 where it has none.
    """

    dimensions: frozenset[Dimension]
    mmol_per_g: Fraction = Fraction(0)


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
_UNKNOWN = Analyte(frozenset())
SAME_ANALYTE = {
    "anc": "neutrophils",
    "cd4": "lymphocytes",
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
    contents |= {code: ("activity", Fraction(1)) for code in ("U", "[IU]", "[iU]")}
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

    Source: Unified Code for Units of Measure 2.1 (2017) for the codes; the factors are rounded, as in clinical use,
    from the molar masses (IUPAC 2021): creatinine 113.12, bilirubin 584.66, glucose 180.156, uric acid 168.11,
    haemoglobin monomer 16 114.5 g/mol. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    name = read.needed_choice("analyte", analyte, (*ANALYTES, *SAME_ANALYTE))
    amount = read.needed_number("value", value, 0, _MOST_VALUE)
    codes = [_code(read, "from_unit", from_unit), _code(read, "to_unit", to_unit)]
    found = ANALYTES.get(SAME_ANALYTE.get(name, name), _UNKNOWN)
    for part, code in zip(("from_unit", "to_unit"), codes, strict=True):
        if found is not _UNKNOWN and code and UNITS[code].dimension not in found.dimensions:
            read.fault(f"{part} must be a unit in which {name} is measured, such as {_examples(found)}, got {code}")
    if missing := read.missing():
        return missing
    source, target = (UNITS[code] for code in codes)
    quantity = Fraction(amount) * source.per_litre
    if source.dimension != target.dimension:
        mol_per_g = found.mmol_per_g / 1000
        quantity = quantity * mol_per_g if source.dimension == "mass" else quantity / mol_per_g
    result = quantity / target.per_litre
    return Decimal(result.numerator) / Decimal(result.denominator)


def _code(read: Inputs, name: str, code: str | None) -> str:
    """Read the code of a unit."""
    if code is None:
        read.gaps.append(name)
    elif isinstance(code, str) and code in UNITS:
        return code
    else:
        read.fault(f"{name} must be the UCUM code of a concentration, such as mg/dL, umol/L, 10*9/L, /mm3 or U/L")
    return ""


def _examples(analyte: Analyte) -> str:
    """Name a unit of each dimension in which an analyte is measured."""
    words = {"mass": "mg/dL", "amount": "mmol/L", "number": "10*9/L", "activity": "U/L"}
    return " or ".join(words[dimension] for dimension in sorted(analyte.dimensions))
