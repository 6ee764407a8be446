"""The weight of C-reactive protein in the disease activity score of ankylosing spondylitis."""

from decimal import Decimal

from trialwright.clinical.asdas import asdas_crp

WELL = {
    "back_pain_basdai_q2": 0,
    "morning_stiffness_duration_basdai_q6": 0,
    "patient_global": 0,
    "peripheral_pain_swelling_basdai_q3": 0,
}


def test_protein_counts_by_its_logarithm_in_either_unit() -> None:
    """9 mg/L, which are 0.9 mg/dL, count 0.579 times the logarithm of 10 (Lukas et al. 2009, table 5)."""
    found = asdas_crp(**WELL, crp_mg_per_l=9)

    assert round(found / Decimal(10).ln(), 12) == Decimal("0.579")
    assert asdas_crp(**WELL, crp_mg_per_dl=Decimal("0.9")) == found
