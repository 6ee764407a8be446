"""Kidney function from serum creatinine: clearance by Cockcroft and Gault, filtration rate by MDRD and CKD-EPI."""

from __future__ import annotations

from decimal import Decimal

from trialwright.clinical.body import MOST_WEIGHT_KG, SEXES, Sex
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

UMOL_PER_L_IN_1_MG_PER_DL = Decimal("88.4")
MOST_MG_PER_DL = 100
MOST_UMOL_PER_L = 8840
YOUNGEST = 18
OLDEST = 130


@item("cockcroft_gault_mg_dl")
def cockcroft_gault_mg_dl(
    *, age_years: Number | None, weight_kg: Number | None, creatinine_mg_per_dl: Number | None, sex: Sex | None
) -> Decimal | Missing:
    """Estimate creatinine clearance by Cockcroft and Gault, mL/min: (140 - age) kg / (72 creatinine), 0.85 in women.

    The weight is the actual one: a choice. The result is not related to body surface.

    Args:
        age_years: Age of an adult, years, 18 to 130.
        weight_kg: Actual weight, kg, above 0 and at most 700.
        creatinine_mg_per_dl: Serum creatinine, mg/dL, above 0 and at most 100.
        sex: `M` or `F`.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> str(cockcroft_gault_mg_dl(age_years=65, weight_kg=Decimal("43.2"), creatinine_mg_per_dl=1, sex="M"))
        '45.0'

    Source: Cockcroft & Gault 1976, Nephron 16:31. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    age, male = _adult(read, age_years, sex)
    weight = read.needed_above_0("weight_kg", weight_kg, MOST_WEIGHT_KG)
    creatinine = read.needed_above_0("creatinine_mg_per_dl", creatinine_mg_per_dl, MOST_MG_PER_DL)
    if missing := read.missing():
        return missing
    return (140 - age) * weight * _if_female(male, "0.85") / (72 * creatinine)


@item("cockcroft_gault_umol")
def cockcroft_gault_umol(
    *, age_years: Number | None, weight_kg: Number | None, creatinine_umol_per_l: Number | None, sex: Sex | None
) -> Decimal | Missing:
    """Estimate creatinine clearance by Cockcroft and Gault, mL/min, from creatinine in µmol/L: 88.4 µmol/L is 1 mg/dL.

    The exact conversion is kept: a choice. Rounded constants can cross a limit of eligibility, see
    `cockcroft_gault_umol_rounded_constants`.

    Args:
        age_years: Age of an adult, years, 18 to 130.
        weight_kg: Actual weight, kg, above 0 and at most 700.
        creatinine_umol_per_l: Serum creatinine, µmol/L, above 0 and at most 8840.
        sex: `M` or `F`.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> str(cockcroft_gault_umol(age_years=65, weight_kg=60, creatinine_umol_per_l=85, sex="F"))
        '55.250'

    Source: Cockcroft & Gault 1976, Nephron 16:31. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    age, male = _adult(read, age_years, sex)
    weight = read.needed_above_0("weight_kg", weight_kg, MOST_WEIGHT_KG)
    creatinine = read.needed_above_0("creatinine_umol_per_l", creatinine_umol_per_l, MOST_UMOL_PER_L)
    if missing := read.missing():
        return missing
    return (140 - age) * weight * UMOL_PER_L_IN_1_MG_PER_DL * _if_female(male, "0.85") / (72 * creatinine)


@item("cockcroft_gault_umol_rounded_constants")
def cockcroft_gault_umol_rounded_constants(
    *, age_years: Number | None, weight_kg: Number | None, creatinine_umol_per_l: Number | None, sex: Sex | None
) -> Decimal | Missing:
    """Estimate creatinine clearance with the constants that are often printed, mL/min: 1.23 in men, 1.04 in women.

    Up to 0.35 % off the exact form; only for a protocol that prints these constants.

    Args:
        age_years: Age of an adult, years, 18 to 130.
        weight_kg: Actual weight, kg, above 0 and at most 700.
        creatinine_umol_per_l: Serum creatinine, µmol/L, above 0 and at most 8840.
        sex: `M` or `F`.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> str(cockcroft_gault_umol_rounded_constants(age_years=60, weight_kg=54, creatinine_umol_per_l=100, sex="F"))
        '44.928'

    Source: Cockcroft & Gault 1976, Nephron 16:31, as pharmaverse/admiral rounds it in R/compute_kidney.R. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    age, male = _adult(read, age_years, sex)
    weight = read.needed_above_0("weight_kg", weight_kg, MOST_WEIGHT_KG)
    creatinine = read.needed_above_0("creatinine_umol_per_l", creatinine_umol_per_l, MOST_UMOL_PER_L)
    if missing := read.missing():
        return missing
    return (140 - age) * weight * Decimal("1.23" if male else "1.04") / creatinine


@item("mdrd_4v")
def mdrd_4v(
    *,
    creatinine_mg_per_dl: Number | None,
    age_years: Number | None,
    sex: Sex | None,
    black: bool | None,
    coefficient: Number | None = 175,
) -> Decimal | Missing:
    """Estimate the glomerular filtration rate by the four variables of MDRD, mL/min/1.73 m².

    k creatinine^-1.154 age^-0.203, 0.742 in women, 1.212 in Black persons. The coefficient k is 175 for creatinine
    traceable to isotope dilution mass spectrometry, which is what laboratories report today: a choice.

    Args:
        creatinine_mg_per_dl: Serum creatinine, mg/dL, above 0 and at most 100.
        age_years: Age of an adult, years, 18 to 130.
        sex: `M` or `F`.
        black: Whether the race term of the formula is applied.
        coefficient: 175, or 186 for creatinine that is not traceable.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> round(mdrd_4v(creatinine_mg_per_dl=Decimal("1.09"), age_years=55, sex="M", black=False), 1)
        Decimal('70.2')

    Source: Levey et al. 2006, Ann Intern Med 145:247 (175); Levey et al. 1999, Ann Intern Med 130:461 (186). Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    age, male = _adult(read, age_years, sex)
    creatinine = read.needed_above_0("creatinine_mg_per_dl", creatinine_mg_per_dl, MOST_MG_PER_DL)
    race = read.needed_flag("black", black)
    factor = read.needed_whole("coefficient", coefficient, 175, 186)
    if factor not in {175, 186}:
        read.fault(f"coefficient must be 175 or 186, got {factor}")
    if missing := read.missing():
        return missing
    rate = factor * creatinine ** Decimal("-1.154") * age ** Decimal("-0.203")
    return rate * _if_female(male, "0.742") * Decimal("1.212" if race else 1)


@item("ckd_epi_2009")
def ckd_epi_2009(
    *, creatinine_mg_per_dl: Number | None, age_years: Number | None, sex: Sex | None, black: bool | None
) -> Decimal | Missing:
    """Estimate the glomerular filtration rate by CKD-EPI 2009, mL/min/1.73 m².

    141 min(creatinine/κ, 1)^α max(creatinine/κ, 1)^-1.209 0.993^age, 1.018 in women, 1.159 in Black persons; κ 0.7 and
    α -0.329 in women, 0.9 and -0.411 in men.

    Args:
        creatinine_mg_per_dl: Serum creatinine, mg/dL, above 0 and at most 100.
        age_years: Age of an adult, years, 18 to 130.
        sex: `M` or `F`.
        black: Whether the race term of the formula is applied.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> round(ckd_epi_2009(creatinine_mg_per_dl=Decimal("0.9"), age_years=45, sex="M", black=False), 1)
        Decimal('102.8')

    Source: Levey et al. 2009, Ann Intern Med 150:604. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    age, male = _adult(read, age_years, sex)
    creatinine = read.needed_above_0("creatinine_mg_per_dl", creatinine_mg_per_dl, MOST_MG_PER_DL)
    race = read.needed_flag("black", black)
    if missing := read.missing():
        return missing
    ratio = creatinine / Decimal("0.9" if male else "0.7")
    rate = 141 * _ckd_epi(ratio, Decimal("-0.411" if male else "-0.329"), Decimal("-1.209"))
    return rate * Decimal("0.993") ** age * _if_female(male, "1.018") * Decimal("1.159" if race else 1)


@item("ckd_epi_2021")
def ckd_epi_2021(
    *, creatinine_mg_per_dl: Number | None, age_years: Number | None, sex: Sex | None
) -> Decimal | Missing:
    """Estimate the glomerular filtration rate by CKD-EPI 2021, without race, mL/min/1.73 m².

    142 min(creatinine/κ, 1)^α max(creatinine/κ, 1)^-1.200 0.9938^age, 1.012 in women; κ 0.7 and α -0.241 in women, 0.9
    and -0.302 in men.

    Args:
        creatinine_mg_per_dl: Serum creatinine, mg/dL, above 0 and at most 100.
        age_years: Age of an adult, years, 18 to 130.
        sex: `M` or `F`.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> round(ckd_epi_2021(creatinine_mg_per_dl=Decimal("1.09"), age_years=55, sex="M"), 1)
        Decimal('80.2')

    Source: Inker et al. 2021, N Engl J Med 385:1737. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    age, male = _adult(read, age_years, sex)
    creatinine = read.needed_above_0("creatinine_mg_per_dl", creatinine_mg_per_dl, MOST_MG_PER_DL)
    if missing := read.missing():
        return missing
    ratio = creatinine / Decimal("0.9" if male else "0.7")
    rate = 142 * _ckd_epi(ratio, Decimal("-0.302" if male else "-0.241"), Decimal("-1.200"))
    return rate * Decimal("0.9938") ** age * _if_female(male, "1.012")


def _adult(read: Inputs, age_years: Number | None, sex: Sex | None) -> tuple[Decimal, bool]:
    """Read age, and whether the person is male."""
    age = read.needed_number("age_years", age_years, YOUNGEST, OLDEST)
    return age, read.needed_choice("sex", sex, SEXES) == "M"


def _if_female(male: bool, factor: str) -> Decimal:
    return Decimal(1 if male else factor)


def _ckd_epi(ratio: Decimal, below: Decimal, above: Decimal) -> Decimal:
    """Raise the ratio of creatinine to κ to the exponent of its side."""
    return min(ratio, Decimal(1)) ** below * max(ratio, Decimal(1)) ** above
