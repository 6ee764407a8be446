"""The simplified and the clinical disease activity index, their categories, and remission by the Boolean criteria."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from trialwright.clinical.das28 import MOST_CRP_MG_PER_DL, MOST_CRP_MG_PER_L, Activity
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.clinical.three_valued import all_of

MOST_CDAI = 28 + 28 + 10 + 10
MOST_SDAI = MOST_CDAI + MOST_CRP_MG_PER_DL
_MG_PER_DL = Decimal("0.1")  # mg/dL in a mg/L


@dataclass(frozen=True, slots=True, kw_only=True)
class BooleanRemission:
    """Remission by the Boolean criteria; None where what is missing decides.

    Attributes:
        boolean_1_0: At most 1 in each of the four, the patient's global assessment included.
        boolean_2_0: The same with a patient's global assessment of at most 2.
    """

    boolean_1_0: bool | None
    boolean_2_0: bool | None


@item("sdai")
def sdai(
    *,
    tender_joint_count_28: Number | None,
    swollen_joint_count_28: Number | None,
    patient_global_0_10: Number | None,
    physician_global_0_10: Number | None,
    crp_mg_per_dl: Number | None = None,
    crp_mg_per_l: Number | None = None,
) -> Decimal | Missing:
    """Compute the simplified disease activity index: the sum of the five, with CRP in mg/dL.

    Args:
        tender_joint_count_28: Tender joints of 28, a count.
        swollen_joint_count_28: Swollen joints of 28, a count.
        patient_global_0_10: Disease activity by the patient, 0 (none) to 10 cm.
        physician_global_0_10: Disease activity by the physician, 0 (none) to 10 cm.
        crp_mg_per_dl: C-reactive protein, mg/dL, 0 to 200.
        crp_mg_per_l: The same in mg/L, instead; a tenth of it is the figure in mg/dL.

    Raises:
        InputError: Naming every input that is out of its range, or given in two units.

    Example:
        >>> str(sdai(tender_joint_count_28=4, swollen_joint_count_28=5, patient_global_0_10=5,
        ...     physician_global_0_10=6, crp_mg_per_l=7))
        '20.7'

    Source: Smolen et al. 2003, Rheumatology 42:244. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    clinical = _clinical_sum(
        read, tender_joint_count_28, swollen_joint_count_28, patient_global_0_10, physician_global_0_10
    )
    crp = _crp_mg_per_dl(read, crp_mg_per_dl, crp_mg_per_l)
    if missing := read.missing():
        return missing
    return clinical + crp


@item("cdai")
def cdai(
    *,
    tender_joint_count_28: Number | None,
    swollen_joint_count_28: Number | None,
    patient_global_0_10: Number | None,
    physician_global_0_10: Number | None,
) -> Decimal | Missing:
    """Compute the clinical disease activity index, 0 to 76: the sum of the four, without a laboratory value.

    Args:
        tender_joint_count_28: Tender joints of 28, a count.
        swollen_joint_count_28: Swollen joints of 28, a count.
        patient_global_0_10: Disease activity by the patient, 0 (none) to 10 cm.
        physician_global_0_10: Disease activity by the physician, 0 (none) to 10 cm.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> str(cdai(tender_joint_count_28=4, swollen_joint_count_28=5, patient_global_0_10=5,
        ...     physician_global_0_10=6))
        '20'

    Source: Aletaha et al. 2005, Arthritis Res Ther 7:R796. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    clinical = _clinical_sum(
        read, tender_joint_count_28, swollen_joint_count_28, patient_global_0_10, physician_global_0_10
    )
    return read.missing() or clinical


@item("sdai_category")
def sdai_category(*, sdai: Number | None) -> Activity | Missing:
    """Say how active the disease is by the SDAI: remission to 3.3, low to 11, moderate to 26, high above.

    Args:
        sdai: The index, 0 to 276, unrounded.

    Raises:
        InputError: The index is out of its range.

    Example:
        >>> sdai_category(sdai=Decimal("3.3")), sdai_category(sdai=Decimal("3.31"))
        ('remission', 'low')

    Source: Aletaha et al. 2005, Arthritis Rheum 52:2625; remission as in Felson et al. 2011. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    index = read.needed_number("sdai", sdai, 0, MOST_SDAI)
    return read.missing() or _category(index, "3.3", "11", "26")


@item("cdai_category")
def cdai_category(*, cdai: Number | None) -> Activity | Missing:
    """Say how active the disease is by the CDAI: remission to 2.8, low to 10, moderate to 22, high above.

    Args:
        cdai: The index, 0 to 76, unrounded.

    Raises:
        InputError: The index is out of its range.

    Example:
        >>> cdai_category(cdai=Decimal("2.8")), cdai_category(cdai=Decimal("22.1"))
        ('remission', 'high')

    Source: Aletaha et al. 2005, Arthritis Res Ther 7:R796; remission as in Felson et al. 2011. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    index = read.needed_number("cdai", cdai, 0, MOST_CDAI)
    return read.missing() or _category(index, "2.8", "10", "22")


@item("acr_eular_boolean_remission")
def boolean_remission(
    *,
    tender_joint_count_28: Number | None,
    swollen_joint_count_28: Number | None,
    patient_global_0_10: Number | None,
    crp_mg_per_dl: Number | None = None,
    crp_mg_per_l: Number | None = None,
) -> BooleanRemission:
    """Say whether rheumatoid arthritis is in remission by the ACR/EULAR Boolean criteria, old and revised.

    1.0: at most 1 tender joint, 1 swollen joint, 1 mg/dL of CRP and a patient's global assessment of 1. 2.0: the same
    with a global assessment of at most 2. One figure above its limit denies remission, whatever is missing.

    Args:
        tender_joint_count_28: Tender joints of 28, a count.
        swollen_joint_count_28: Swollen joints of 28, a count.
        patient_global_0_10: Disease activity by the patient, 0 (none) to 10 cm.
        crp_mg_per_dl: C-reactive protein, mg/dL, 0 to 200.
        crp_mg_per_l: The same in mg/L, instead; a tenth of it is the figure in mg/dL.

    Raises:
        InputError: Naming every input that is out of its range, or given in two units.

    Example:
        >>> boolean_remission(tender_joint_count_28=1, swollen_joint_count_28=0, patient_global_0_10=2,
        ...     crp_mg_per_l=3)
        BooleanRemission(boolean_1_0=False, boolean_2_0=True)

    Source: Felson et al. 2011, Ann Rheum Dis 70:404 (1.0); Studenic et al. 2023, Ann Rheum Dis 82:74 (2.0). Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    tjc = read.whole("tender_joint_count_28", tender_joint_count_28, 0, 28)
    sjc = read.whole("swollen_joint_count_28", swollen_joint_count_28, 0, 28)
    ptga = read.number("patient_global_0_10", patient_global_0_10, 0, 10)
    crp = _crp_mg_per_dl(read, crp_mg_per_dl, crp_mg_per_l)
    read.refuse()
    others = [None if found is None else found <= 1 for found in (tjc, sjc, None if crp.is_nan() else crp)]
    return BooleanRemission(
        boolean_1_0=all_of([*others, None if ptga is None else ptga <= 1]),
        boolean_2_0=all_of([*others, None if ptga is None else ptga <= 2]),
    )


def _clinical_sum(
    read: Inputs, tender: Number | None, swollen: Number | None, patient: Number | None, physician: Number | None
) -> Decimal:
    return (
        read.needed_whole("tender_joint_count_28", tender, 0, 28)
        + read.needed_whole("swollen_joint_count_28", swollen, 0, 28)
        + read.needed_number("patient_global_0_10", patient, 0, 10)
        + read.needed_number("physician_global_0_10", physician, 0, 10)
    )


def _crp_mg_per_dl(read: Inputs, mg_per_dl: Number | None, mg_per_l: Number | None) -> Decimal:
    return read.needed_one_of(
        ("crp_mg_per_dl", mg_per_dl, MOST_CRP_MG_PER_DL, 1), ("crp_mg_per_l", mg_per_l, MOST_CRP_MG_PER_L, _MG_PER_DL)
    )


def _category(index: Decimal, remission: str, low: str, moderate: str) -> Activity:
    """Place an index between the upper limits of its categories."""
    if index <= Decimal(remission):
        return "remission"
    if index <= Decimal(low):
        return "low"
    return "moderate" if index <= Decimal(moderate) else "high"
