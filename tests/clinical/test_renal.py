"""The formulas of kidney function: each coefficient where it alone makes the difference."""

from decimal import Decimal

import pytest

from trialwright.clinical.renal import (
    ckd_epi_2009,
    ckd_epi_2021,
    cockcroft_gault_mg_dl,
    cockcroft_gault_umol,
    cockcroft_gault_umol_rounded_constants,
    mdrd_4v,
)
from trialwright.errors import InputError

PERSON = {"age_years": 68, "weight_kg": 60}
RATE = {"creatinine_mg_per_dl": Decimal("1.5"), "age_years": 50}


def same(found: Decimal, expected: str) -> bool:
    """Whether a rate is the published one to its twelve digits."""
    return abs(found - Decimal(expected)) < Decimal("1e-12")


def test_clearance_by_cockcroft_and_gault() -> None:
    """A man of 68 years and 60 kg with 2 mg/dL has 30 mL/min, a woman 0.85 of it, and 88.4 µmol/L are 1 mg/dL."""
    assert cockcroft_gault_mg_dl(**PERSON, creatinine_mg_per_dl=2, sex="M") == 30
    assert cockcroft_gault_mg_dl(**PERSON, creatinine_mg_per_dl=2, sex="F") == Decimal("25.5")
    assert cockcroft_gault_umol(**PERSON, creatinine_umol_per_l=Decimal("176.8"), sex="M") == 30
    assert cockcroft_gault_umol(**PERSON, creatinine_umol_per_l=Decimal("176.8"), sex="F") == Decimal("25.5")


def test_clearance_with_rounded_constants() -> None:
    """The printed constants are 1.23 for men and 1.04 for women."""
    at = {**PERSON, "creatinine_umol_per_l": 72}

    assert cockcroft_gault_umol_rounded_constants(**at, sex="M") == Decimal("73.8")
    assert cockcroft_gault_umol_rounded_constants(**at, sex="F") == Decimal("62.4")


def test_filtration_by_mdrd() -> None:
    """The rate falls by the powers 1.154 of creatinine and 0.203 of age; sex, race and coefficient are factors."""
    rate = mdrd_4v(creatinine_mg_per_dl=1, age_years=100, sex="M", black=False)
    tenfold = mdrd_4v(creatinine_mg_per_dl=10, age_years=100, sex="M", black=False)
    woman = mdrd_4v(creatinine_mg_per_dl=1, age_years=100, sex="F", black=False)
    black = mdrd_4v(creatinine_mg_per_dl=1, age_years=100, sex="M", black=True)
    older_assay = mdrd_4v(creatinine_mg_per_dl=1, age_years=100, sex="M", black=False, coefficient=186)

    assert same((tenfold / rate).log10(), "-1.154")
    assert same((rate / 175).log10() / 2, "-0.203")
    assert same(woman / rate, "0.742")
    assert same(black / rate, "1.212")
    assert same(older_assay / 186, str(rate / 175))


@pytest.mark.parametrize(
    ("coefficient", "known"),
    [(174, "from 175 to 186"), (176, "175 or 186"), (180, "175 or 186"), (185, "175 or 186"), (187, "from 175 to 186")],
)
def test_no_other_coefficient_is_known(coefficient: int, known: str) -> None:
    """A coefficient that neither paper has is refused, and told."""
    with pytest.raises(InputError, match=f"^coefficient must be {known}, got {coefficient}$"):
        mdrd_4v(**RATE, sex="M", black=False, coefficient=coefficient)


@pytest.mark.parametrize(
    ("formula", "sex", "kappa", "below", "above"),
    [
        (ckd_epi_2009, "F", "0.7", "-0.329", "-1.209"),
        (ckd_epi_2009, "M", "0.9", "-0.411", "-1.209"),
        (ckd_epi_2021, "F", "0.7", "-0.241", "-1.200"),
        (ckd_epi_2021, "M", "0.9", "-0.302", "-1.200"),
    ],
)
def test_filtration_bends_at_kappa(formula, sex: str, kappa: str, below: str, above: str) -> None:
    """A tenth of κ and ten times κ of creatinine change the rate by the power of their side."""
    more = {"black": False} if formula is ckd_epi_2009 else {}
    low, at, high = (
        formula(creatinine_mg_per_dl=Decimal(kappa) * factor, age_years=50, sex=sex, **more)
        for factor in (Decimal("0.1"), 1, 10)
    )

    assert same((at / low).log10(), below)
    assert same((high / at).log10(), above)


def test_the_race_term_of_2009() -> None:
    """By the formula of 2009 the race term is 1.159."""
    black, other = (ckd_epi_2009(**RATE, sex="M", black=race) for race in (True, False))

    assert same(black / other, "1.159")
