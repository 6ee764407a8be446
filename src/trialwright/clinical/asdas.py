"""The ankylosing spondylitis disease activity score, its states and its change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from trialwright.clinical.das28 import MOST_CRP_MG_PER_DL, MOST_CRP_MG_PER_L, MOST_ESR_MM_PER_H
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

AsdasState = Literal["inactive", "low", "high", "very_high"]

_LEAST_CRP_MG_PER_L = Decimal(2)
_MOST_ASDAS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AsdasChange:
    """How the score changed from baseline.

    Attributes:
        clinically_important_improvement: Lower by at least 1.1.
        major_improvement: Lower by at least 2.0.
        clinically_important_worsening: Higher by at least 0.9.
    """

    clinically_important_improvement: bool
    major_improvement: bool
    clinically_important_worsening: bool


@item("asdas_crp")
def asdas_crp(
    *,
    back_pain_basdai_q2: Number | None,
    morning_stiffness_duration_basdai_q6: Number | None,
    patient_global: Number | None,
    peripheral_pain_swelling_basdai_q3: Number | None,
    crp_mg_per_l: Number | None = None,
    crp_mg_per_dl: Number | None = None,
) -> Decimal | Missing:
    """Compute the ASDAS from C-reactive protein.

    0.121 back pain + 0.058 duration of stiffness + 0.110 global + 0.073 peripheral + 0.579 ln(CRP + 1), CRP in mg/L. A
    CRP below 2 mg/L counts as 2, so the score is at least 0.636. The published coefficients have three decimals; with
    two the score is up to 0.04 off.

    Args:
        back_pain_basdai_q2: Back pain, 0 to 10.
        morning_stiffness_duration_basdai_q6: Duration of morning stiffness, 0 to 10.
        patient_global: Disease activity by the patient, 0 to 10.
        peripheral_pain_swelling_basdai_q3: Peripheral pain or swelling, 0 to 10.
        crp_mg_per_l: C-reactive protein, mg/L, 0 to 2000; 0 where it is below the limit of detection.
        crp_mg_per_dl: The same in mg/dL, instead; ten times it is the figure in mg/L.

    Raises:
        InputError: Naming every input that is out of its range, or given in two units.

    Example:
        >>> score = asdas_crp(back_pain_basdai_q2=6, morning_stiffness_duration_basdai_q6=5, patient_global=6,
        ...     peripheral_pain_swelling_basdai_q3=3, crp_mg_per_l=12)
        >>> round(score, 2)
        Decimal('3.38')

    Source: Lukas et al. 2009, Ann Rheum Dis 68:18, table 5; least CRP: Machado et al. 2015, Arthritis Rheumatol 67:408.
    Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    back, stiffness, overall, peripheral = _questions(
        read,
        back_pain_basdai_q2,
        morning_stiffness_duration_basdai_q6,
        patient_global,
        peripheral_pain_swelling_basdai_q3,
    )
    crp = read.needed_one_of(
        ("crp_mg_per_l", crp_mg_per_l, MOST_CRP_MG_PER_L, 1), ("crp_mg_per_dl", crp_mg_per_dl, MOST_CRP_MG_PER_DL, 10)
    )
    if missing := read.missing():
        return missing
    clinical = Decimal("0.121") * back + Decimal("0.058") * stiffness
    clinical += Decimal("0.110") * overall + Decimal("0.073") * peripheral
    return clinical + Decimal("0.579") * (max(crp, _LEAST_CRP_MG_PER_L) + 1).ln()


@item("asdas_esr")
def asdas_esr(
    *,
    back_pain_basdai_q2: Number | None,
    morning_stiffness_duration_basdai_q6: Number | None,
    patient_global: Number | None,
    peripheral_pain_swelling_basdai_q3: Number | None,
    esr_mm_per_h: Number | None,
) -> Decimal | Missing:
    """Compute the ASDAS from erythrocyte sedimentation rate, which has no least value.

    0.079 back pain + 0.069 duration of stiffness + 0.113 global + 0.086 peripheral + 0.293 √ESR.

    Args:
        back_pain_basdai_q2: Back pain, 0 to 10.
        morning_stiffness_duration_basdai_q6: Duration of morning stiffness, 0 to 10.
        patient_global: Disease activity by the patient, 0 to 10.
        peripheral_pain_swelling_basdai_q3: Peripheral pain or swelling, 0 to 10.
        esr_mm_per_h: Erythrocyte sedimentation rate, mm/h, 0 to 300.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> score = asdas_esr(back_pain_basdai_q2=6, morning_stiffness_duration_basdai_q6=5, patient_global=6,
        ...     peripheral_pain_swelling_basdai_q3=3, esr_mm_per_h=25)
        >>> str(score)
        '3.220'

    Source: Lukas et al. 2009, Ann Rheum Dis 68:18, table 5. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    back, stiffness, overall, peripheral = _questions(
        read,
        back_pain_basdai_q2,
        morning_stiffness_duration_basdai_q6,
        patient_global,
        peripheral_pain_swelling_basdai_q3,
    )
    esr = read.needed_number("esr_mm_per_h", esr_mm_per_h, 0, MOST_ESR_MM_PER_H)
    if missing := read.missing():
        return missing
    clinical = Decimal("0.079") * back + Decimal("0.069") * stiffness
    clinical += Decimal("0.113") * overall + Decimal("0.086") * peripheral
    return clinical + Decimal("0.293") * esr.sqrt()


@item("asdas_state")
def asdas_state(*, asdas: Number | None) -> AsdasState | Missing:
    """Say how active the disease is: inactive below 1.3, low below 2.1, high to 3.5, very high above.

    The unrounded score decides: a choice. What is called low was called moderate before 2018.

    Args:
        asdas: The score, 0 to 10, unrounded.

    Raises:
        InputError: The score is out of its range.

    Example:
        >>> asdas_state(asdas=Decimal("2.1")), asdas_state(asdas=Decimal("3.5"))
        ('high', 'high')

    Source: Machado et al. 2011, Ann Rheum Dis 70:47; names of 2018, Ann Rheum Dis 77:1539. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    score = read.needed_number("asdas", asdas, 0, _MOST_ASDAS)
    if missing := read.missing():
        return missing
    if score < Decimal("1.3"):
        return "inactive"
    if score < Decimal("2.1"):
        return "low"
    return "high" if score <= Decimal("3.5") else "very_high"


@item("asdas_change")
def asdas_change(*, asdas_baseline: Number | None, asdas_followup: Number | None) -> AsdasChange | Missing:
    """Judge the change of the ASDAS from baseline.

    At least 1.1 lower is an important, at least 2.0 a major improvement; at least 0.9 higher is an important worsening.
    The rule that the lowest possible score is a major improvement too is not applied: a choice.

    Args:
        asdas_baseline: The score before treatment, 0 to 10.
        asdas_followup: The score now, 0 to 10.

    Raises:
        InputError: Naming every score that is out of its range.

    Example:
        >>> asdas_change(asdas_baseline=Decimal("3.3"), asdas_followup=Decimal("2.2")).clinically_important_improvement
        True

    Source: Machado et al. 2011, Ann Rheum Dis 70:47; worsening: Molto et al. 2018, Ann Rheum Dis 77:124. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    before = read.needed_number("asdas_baseline", asdas_baseline, 0, _MOST_ASDAS)
    now = read.needed_number("asdas_followup", asdas_followup, 0, _MOST_ASDAS)
    if missing := read.missing():
        return missing
    return AsdasChange(
        clinically_important_improvement=before - now >= Decimal("1.1"),
        major_improvement=before - now >= Decimal("2.0"),
        clinically_important_worsening=now - before >= Decimal("0.9"),
    )


def _questions(
    read: Inputs,
    back_pain: Number | None,
    stiffness: Number | None,
    overall: Number | None,
    peripheral: Number | None,
) -> tuple[Decimal, ...]:
    named = {
        "back_pain_basdai_q2": back_pain,
        "morning_stiffness_duration_basdai_q6": stiffness,
        "patient_global": overall,
        "peripheral_pain_swelling_basdai_q3": peripheral,
    }
    return tuple(read.needed_number(name, value, 0, 10) for name, value in named.items())
