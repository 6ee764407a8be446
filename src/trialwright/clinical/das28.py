"""Disease activity on 28 joints: the four DAS28 scores, their categories and the EULAR response."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

Activity = Literal["remission", "low", "moderate", "high"]
EularResponse = Literal["good", "moderate", "none"]

MOST_ESR_MM_PER_H = 300
MOST_CRP_MG_PER_L = 2000
MOST_CRP_MG_PER_DL = 200
MOST_DAS28 = 15


@item("das28_esr_4v")
def das28_esr_4v(
    *,
    tender_joint_count_28: Number | None,
    swollen_joint_count_28: Number | None,
    esr_mm_per_h: Number | None,
    patient_global_health_vas_mm: Number | None = None,
    patient_global_health_nrs_0_10: Number | None = None,
) -> Decimal | Missing:
    """Compute the DAS28 from erythrocyte sedimentation rate and the patient's global health.

    0.56 √TJC + 0.28 √SJC + 0.70 ln(ESR) + 0.014 GH. An ESR below 1 mm/h counts as 1, so that its logarithm is defined:
    a choice. Without global health the score is missing; the form of three variables is another scale.

    Args:
        tender_joint_count_28: Tender joints of 28, a count.
        swollen_joint_count_28: Swollen joints of 28, a count.
        esr_mm_per_h: Erythrocyte sedimentation rate, mm/h, 0 to 300.
        patient_global_health_vas_mm: Global health by the patient, 0 (best) to 100 mm.
        patient_global_health_nrs_0_10: The same on a scale of 0 to 10, instead; ten times it is the figure in mm.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> score = das28_esr_4v(tender_joint_count_28=4, swollen_joint_count_28=5, esr_mm_per_h=7,
        ...     patient_global_health_vas_mm=50)
        >>> round(score, 2)
        Decimal('3.81')

    Source: Prevoo et al. 1995, Arthritis Rheum 38:44. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    joints = _joints(read, tender_joint_count_28, swollen_joint_count_28)
    esr = read.needed_number("esr_mm_per_h", esr_mm_per_h, 0, MOST_ESR_MM_PER_H)
    health = _global_health_mm(read, patient_global_health_vas_mm, patient_global_health_nrs_0_10)
    if missing := read.missing():
        return missing
    return joints + _log_of_esr(esr) + Decimal("0.014") * health


@item("das28_esr_3v")
def das28_esr_3v(
    *, tender_joint_count_28: Number | None, swollen_joint_count_28: Number | None, esr_mm_per_h: Number | None
) -> Decimal | Missing:
    """Compute the DAS28 from erythrocyte sedimentation rate, without global health.

    [0.56 √TJC + 0.28 √SJC + 0.70 ln(ESR)] 1.08 + 0.16. An ESR below 1 mm/h counts as 1: a choice.

    Args:
        tender_joint_count_28: Tender joints of 28, a count.
        swollen_joint_count_28: Swollen joints of 28, a count.
        esr_mm_per_h: Erythrocyte sedimentation rate, mm/h, 0 to 300.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> round(das28_esr_3v(tender_joint_count_28=4, swollen_joint_count_28=5, esr_mm_per_h=7), 2)
        Decimal('3.52')

    Source: Prevoo et al. 1995, Arthritis Rheum 38:44; three variables as in Wells et al. 2009, Ann Rheum Dis 68:954.
    Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    joints = _joints(read, tender_joint_count_28, swollen_joint_count_28)
    esr = read.needed_number("esr_mm_per_h", esr_mm_per_h, 0, MOST_ESR_MM_PER_H)
    if missing := read.missing():
        return missing
    return (joints + _log_of_esr(esr)) * Decimal("1.08") + Decimal("0.16")


@item("das28_crp_4v")
def das28_crp_4v(
    *,
    tender_joint_count_28: Number | None,
    swollen_joint_count_28: Number | None,
    crp_mg_per_l: Number | None = None,
    crp_mg_per_dl: Number | None = None,
    patient_global_health_vas_mm: Number | None = None,
    patient_global_health_nrs_0_10: Number | None = None,
) -> Decimal | Missing:
    """Compute the DAS28 from C-reactive protein and the patient's global health.

    0.56 √TJC + 0.28 √SJC + 0.36 ln(CRP + 1) + 0.014 GH + 0.96, with CRP in mg/L; so at least 0.96.

    Args:
        tender_joint_count_28: Tender joints of 28, a count.
        swollen_joint_count_28: Swollen joints of 28, a count.
        crp_mg_per_l: C-reactive protein, mg/L, 0 to 2000.
        crp_mg_per_dl: The same in mg/dL, instead; ten times it is the figure in mg/L.
        patient_global_health_vas_mm: Global health by the patient, 0 (best) to 100 mm.
        patient_global_health_nrs_0_10: The same on a scale of 0 to 10, instead; ten times it is the figure in mm.

    Raises:
        InputError: Naming every input that is out of its range, or given in two units.

    Example:
        >>> score = das28_crp_4v(tender_joint_count_28=4, swollen_joint_count_28=5, crp_mg_per_l=7,
        ...     patient_global_health_vas_mm=50)
        >>> round(score, 2)
        Decimal('4.15')

    Source: Wells et al. 2009, Ann Rheum Dis 68:954. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    joints = _joints(read, tender_joint_count_28, swollen_joint_count_28)
    crp = _crp_mg_per_l(read, crp_mg_per_l, crp_mg_per_dl)
    health = _global_health_mm(read, patient_global_health_vas_mm, patient_global_health_nrs_0_10)
    if missing := read.missing():
        return missing
    return joints + _log_of_crp(crp) + Decimal("0.014") * health + Decimal("0.96")


@item("das28_crp_3v")
def das28_crp_3v(
    *,
    tender_joint_count_28: Number | None,
    swollen_joint_count_28: Number | None,
    crp_mg_per_l: Number | None = None,
    crp_mg_per_dl: Number | None = None,
) -> Decimal | Missing:
    """Compute the DAS28 from C-reactive protein, without global health.

    [0.56 √TJC + 0.28 √SJC + 0.36 ln(CRP + 1)] 1.10 + 1.15, with CRP in mg/L; so at least 1.15.

    Args:
        tender_joint_count_28: Tender joints of 28, a count.
        swollen_joint_count_28: Swollen joints of 28, a count.
        crp_mg_per_l: C-reactive protein, mg/L, 0 to 2000.
        crp_mg_per_dl: The same in mg/dL, instead; ten times it is the figure in mg/L.

    Raises:
        InputError: Naming every input that is out of its range, or given in two units.

    Example:
        >>> das28_crp_3v(tender_joint_count_28=0, swollen_joint_count_28=0, crp_mg_per_l=0) == Decimal("1.15")
        True

    Source: Wells et al. 2009, Ann Rheum Dis 68:954. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    joints = _joints(read, tender_joint_count_28, swollen_joint_count_28)
    crp = _crp_mg_per_l(read, crp_mg_per_l, crp_mg_per_dl)
    if missing := read.missing():
        return missing
    return (joints + _log_of_crp(crp)) * Decimal("1.10") + Decimal("1.15")


@item("das28_activity_category")
def das28_activity_category(*, das28: Number | None) -> Activity | Missing:
    """Say how active the disease is: remission below 2.6, low to 3.2, moderate to 5.1, high above.

    The unrounded score decides: a choice. The limits were set for the forms with ESR; those with CRP run lower.

    Args:
        das28: The score, 0 to 15, unrounded.

    Raises:
        InputError: The score is out of its range.

    Example:
        >>> das28_activity_category(das28=Decimal("2.6")), das28_activity_category(das28=Decimal("3.2"))
        ('low', 'low')

    Source: van Gestel et al. 1996, Arthritis Rheum 39:34, and 1998, 41:1845; Aletaha et al. 2005. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    score = read.needed_number("das28", das28, 0, MOST_DAS28)
    if missing := read.missing():
        return missing
    if score < Decimal("2.6"):
        return "remission"
    if score <= Decimal("3.2"):
        return "low"
    return "moderate" if score <= Decimal("5.1") else "high"


@item("eular_response")
def eular_response(*, das28_baseline: Number | None, das28_followup: Number | None) -> EularResponse | Missing:
    """Judge the change of the DAS28 from baseline: good, moderate or none.

    Good: better by more than 1.2 and now at most 3.2. Moderate: better by more than 1.2 and now above 3.2, or by more
    than 0.6 and now at most 5.1. None: else. Both scores unrounded, of the same form.

    Args:
        das28_baseline: The score before treatment, 0 to 15.
        das28_followup: The score now, 0 to 15.

    Raises:
        InputError: Naming every score that is out of its range.

    Example:
        >>> eular_response(das28_baseline=Decimal("4.4"), das28_followup=Decimal("3.2"))
        'moderate'

    Source: van Gestel et al. 1996, Arthritis Rheum 39:34, and 1998, 41:1845. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    before = read.needed_number("das28_baseline", das28_baseline, 0, MOST_DAS28)
    now = read.needed_number("das28_followup", das28_followup, 0, MOST_DAS28)
    if missing := read.missing():
        return missing
    better = before - now
    if better > Decimal("1.2"):
        return "good" if now <= Decimal("3.2") else "moderate"
    return "moderate" if better > Decimal("0.6") and now <= Decimal("5.1") else "none"


def _joints(read: Inputs, tender: Number | None, swollen: Number | None) -> Decimal:
    """Weigh the joint counts, which are reported with the other inputs."""
    tjc = Decimal(read.needed_whole("tender_joint_count_28", tender, 0, 28))
    sjc = Decimal(read.needed_whole("swollen_joint_count_28", swollen, 0, 28))
    return Decimal("0.56") * tjc.sqrt() + Decimal("0.28") * sjc.sqrt()


def _global_health_mm(read: Inputs, vas_mm: Number | None, nrs_0_10: Number | None) -> Decimal:
    return read.needed_one_of(
        ("patient_global_health_vas_mm", vas_mm, 100, 1), ("patient_global_health_nrs_0_10", nrs_0_10, 10, 10)
    )


def _crp_mg_per_l(read: Inputs, mg_per_l: Number | None, mg_per_dl: Number | None) -> Decimal:
    return read.needed_one_of(
        ("crp_mg_per_l", mg_per_l, MOST_CRP_MG_PER_L, 1), ("crp_mg_per_dl", mg_per_dl, MOST_CRP_MG_PER_DL, 10)
    )


def _log_of_esr(esr_mm_per_h: Decimal) -> Decimal:
    return Decimal("0.70") * max(esr_mm_per_h, Decimal(1)).ln()


def _log_of_crp(crp_mg_per_l: Decimal) -> Decimal:
    return Decimal("0.36") * (crp_mg_per_l + 1).ln()
