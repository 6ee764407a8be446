"""Body mass index, body surface area and ideal body weight."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

Sex = Literal["M", "F"]
SEXES = ("M", "F")
MOST_WEIGHT_KG = 700
_SMALLEST_CM = 20
_TALLEST_CM = 280
_SMALLEST_ADULT_CM = 120
_CM_PER_INCH = Decimal("2.54")


@item("bmi")
def bmi(*, height_cm: Number | None, weight_kg: Number | None) -> Decimal | Missing:
    """Compute the body mass index, kg/m².

    Args:
        height_cm: Height, cm, 20 to 280.
        weight_kg: Weight, kg, above 0 and at most 700.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> str(bmi(height_cm=170, weight_kg=Decimal("72.25")))
        '25.00'

    Source: Quetelet 1832; Keys et al. 1972, J Chronic Dis 25:329. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    height, weight = _height_and_weight(read, height_cm, weight_kg)
    return read.missing() or weight * 10_000 / (height * height)


@item("bsa_mosteller")
def bsa_mosteller(*, height_cm: Number | None, weight_kg: Number | None) -> Decimal | Missing:
    """Compute the body surface area by Mosteller, m²: √(cm kg / 3600).

    Args:
        height_cm: Height, cm, 20 to 280.
        weight_kg: Weight, kg, above 0 and at most 700.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> round(bsa_mosteller(height_cm=170, weight_kg=75), 3)
        Decimal('1.882')

    Source: Mosteller 1987, N Engl J Med 317:1098. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    height, weight = _height_and_weight(read, height_cm, weight_kg)
    return read.missing() or (height * weight / 3600).sqrt()


@item("bsa_du_bois")
def bsa_du_bois(*, height_cm: Number | None, weight_kg: Number | None) -> Decimal | Missing:
    """Compute the body surface area by Du Bois, m²: 0.007184 cm^0.725 kg^0.425.

    Args:
        height_cm: Height, cm, 20 to 280.
        weight_kg: Weight, kg, above 0 and at most 700.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> round(bsa_du_bois(height_cm=170, weight_kg=75), 3)
        Decimal('1.864')

    Source: Du Bois & Du Bois 1916, Arch Intern Med 17:863. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    height, weight = _height_and_weight(read, height_cm, weight_kg)
    return read.missing() or Decimal("0.007184") * height ** Decimal("0.725") * weight ** Decimal("0.425")


@item("ideal_body_weight_devine")
def ideal_body_weight_devine(*, height_cm: Number | None, sex: Sex | None) -> Decimal | Missing:
    """Compute the ideal body weight by Devine, kg: 50 (men) or 45.5 (women) and 2.3 for each inch over 60.

    Below 60 inches the line is continued: a choice.

    Args:
        height_cm: Height of an adult, cm, 120 to 280.
        sex: `M` or `F`.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> str(ideal_body_weight_devine(height_cm=Decimal("177.8"), sex="M"))
        '73.0'

    Source: Devine 1974, Drug Intell Clin Pharm 8:650. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    height = read.needed_number("height_cm", height_cm, _SMALLEST_ADULT_CM, _TALLEST_CM)
    male = read.needed_choice("sex", sex, SEXES) == "M"
    if missing := read.missing():
        return missing
    return Decimal("50" if male else "45.5") + Decimal("2.3") * (height / _CM_PER_INCH - 60)


def _height_and_weight(read: Inputs, height_cm: Number | None, weight_kg: Number | None) -> tuple[Decimal, Decimal]:
    height = read.needed_number("height_cm", height_cm, _SMALLEST_CM, _TALLEST_CM)
    return height, read.needed_above_0("weight_kg", weight_kg, MOST_WEIGHT_KG)
