"""Disease activity on 28 joints at its limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.das28 import (
    das28_activity_category,
    das28_crp_3v,
    das28_crp_4v,
    das28_esr_3v,
    das28_esr_4v,
    eular_response,
)
from trialwright.clinical.item import Missing
from trialwright.errors import InputError

JOINTS = {"tender_joint_count_28": 4, "swollen_joint_count_28": 9}
BEYOND = [
    ("tender_joint_count_28", 29),
    ("tender_joint_count_28", Decimal("3.5")),
    ("swollen_joint_count_28", 29),
    ("swollen_joint_count_28", -1),
    ("esr_mm_per_h", Decimal("300.1")),
    ("esr_mm_per_h", -1),
    ("patient_global_health_vas_mm", Decimal("100.1")),
    ("patient_global_health_vas_mm", True),
    ("patient_global_health_vas_mm", "forty"),
]


def test_joint_counts_have_their_weights() -> None:
    """The root of the tender count weighs twice that of the swollen count."""
    assert das28_esr_4v(**JOINTS, esr_mm_per_h=1, patient_global_health_vas_mm=0) == Decimal("1.96")
    assert das28_esr_3v(**JOINTS, esr_mm_per_h=1) == Decimal("2.2768")
    assert das28_crp_4v(**JOINTS, crp_mg_per_l=0, patient_global_health_vas_mm=0) == Decimal("2.92")
    assert das28_crp_3v(**JOINTS, crp_mg_per_l=0) == Decimal("3.306")


@pytest.mark.parametrize("esr", [0, Decimal("0.5"), 1])
def test_a_sedimentation_rate_below_1_counts_as_1(esr: Decimal | int) -> None:
    """No sedimentation rate makes the score lower than one of 1 mm/h does."""
    assert das28_esr_4v(**JOINTS, esr_mm_per_h=esr, patient_global_health_vas_mm=100) == Decimal("3.36")


def test_a_rating_of_0_to_10_is_ten_times_as_many_millimetres() -> None:
    """Global health on a scale of 0 to 10 gives the same score as in mm."""
    as_vas = das28_esr_4v(**JOINTS, esr_mm_per_h=20, patient_global_health_vas_mm=45)

    assert das28_esr_4v(**JOINTS, esr_mm_per_h=20, patient_global_health_nrs_0_10=Decimal("4.5")) == as_vas


def test_a_quantity_in_two_units_is_refused() -> None:
    """A C-reactive protein in both units is refused, even if the two agree."""
    with pytest.raises(InputError, match="crp_mg_per_dl is given besides crp_mg_per_l"):
        das28_crp_3v(**JOINTS, crp_mg_per_l=10, crp_mg_per_dl=1)


@pytest.mark.parametrize(("name", "value"), BEYOND)
def test_what_is_out_of_range_is_named(name: str, value: object) -> None:
    """An input beyond its range is refused by its name."""
    inputs = {**JOINTS, "esr_mm_per_h": 300, "patient_global_health_vas_mm": 100}
    assert isinstance(das28_esr_4v(**inputs), Decimal)

    with pytest.raises(InputError, match=f"^{name} must be"):
        das28_esr_4v(**{**inputs, name: value})


def test_every_fault_and_no_gap_is_told_first() -> None:
    """All faults are refused at once, before anything is called missing."""
    with pytest.raises(InputError, match=r"tender_joint_count_28 .*; crp_mg_per_l ") as refused:
        das28_crp_4v(tender_joint_count_28=-1, swollen_joint_count_28=None, crp_mg_per_l=Decimal("2000.1"))

    assert "not given" not in str(refused.value)


def test_what_is_missing_is_named() -> None:
    """A score without its inputs is missing, and the reason names each of them."""
    found = das28_crp_4v(tender_joint_count_28=None, swollen_joint_count_28=1)

    assert found == Missing(
        "tender_joint_count_28 is not given; crp_mg_per_l is not given; patient_global_health_vas_mm is not given"
    )
    assert isinstance(das28_crp_3v(tender_joint_count_28=1, swollen_joint_count_28=1), Missing)
    assert isinstance(das28_esr_3v(tender_joint_count_28=1, swollen_joint_count_28=1, esr_mm_per_h=None), Missing)
    assert isinstance(das28_activity_category(das28=None), Missing)
    assert isinstance(eular_response(das28_baseline=3, das28_followup=None), Missing)


@pytest.mark.parametrize(
    ("score", "category"),
    [
        ("0", "remission"),
        ("2.59999", "remission"),
        ("2.6", "low"),
        ("3.2", "low"),
        ("3.20001", "moderate"),
        ("5.1", "moderate"),
        ("5.10001", "high"),
        ("15", "high"),
    ],
)
def test_categories_meet_at_their_limits(score: str, category: str) -> None:
    """The unrounded score decides the category, and each limit belongs to one of them."""
    assert das28_activity_category(das28=Decimal(score)) == category


@pytest.mark.parametrize("score", ["-0.1", "15.1"])
def test_an_impossible_score_is_refused(score: str) -> None:
    """A score that no patient can have is refused."""
    with pytest.raises(InputError, match="das28"):
        das28_activity_category(das28=Decimal(score))
    with pytest.raises(InputError, match=r"das28_baseline.*das28_followup"):
        eular_response(das28_baseline=Decimal(score), das28_followup=Decimal(score))


@pytest.mark.parametrize(
    ("before", "now", "response"),
    [
        ("4.40001", "3.2", "good"),
        ("4.4", "3.2", "moderate"),
        ("5", "3.20001", "moderate"),
        ("6.40001", "5.2", "moderate"),
        ("6.4", "5.2", "none"),
        ("5.70001", "5.1", "moderate"),
        ("5.7", "5.1", "none"),
        ("5.8", "5.10001", "none"),
        ("3.1", "2.5", "none"),
    ],
)
def test_responses_meet_at_their_limits(before: str, now: str, response: str) -> None:
    """The change and the score reached decide the response, compared as decimals."""
    assert eular_response(das28_baseline=Decimal(before), das28_followup=Decimal(now)) == response


def test_the_form_of_three_variables_adds_joints_and_protein() -> None:
    """Joints and protein both raise the score, in either unit of the protein."""
    quiet = {"tender_joint_count_28": 0, "swollen_joint_count_28": 0}
    sore = {"tender_joint_count_28": 4, "swollen_joint_count_28": 4}

    assert das28_crp_3v(**sore, crp_mg_per_l=0) == Decimal("2.998")
    assert das28_crp_3v(**quiet, crp_mg_per_l=7) > das28_crp_3v(**quiet, crp_mg_per_l=0) == Decimal("1.15")
    assert das28_crp_3v(**sore, crp_mg_per_l=7) - das28_crp_3v(**quiet, crp_mg_per_l=7) == Decimal("1.848")
    assert das28_crp_3v(**sore, crp_mg_per_dl=Decimal("0.7")) == das28_crp_3v(**sore, crp_mg_per_l=7)
