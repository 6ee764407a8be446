"""Joint counts, and the 2010 classification at its limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.item import Missing
from trialwright.clinical.ra_classification import JOINTS, JointCounts, joint_counts, ra_classification
from trialwright.errors import InputError

EARLY = {
    "large_joints_involved": 1,
    "small_joints_involved": 0,
    "other_joints_involved": 0,
    "at_least_one_swollen_joint": True,
    "not_better_explained": True,
    "rf_iu_per_ml": 14,
    "rf_uln": 14,
    "acpa_u_per_ml": 20,
    "acpa_uln": 20,
    "crp_mg_per_l": 5,
    "crp_uln": 5,
    "esr_mm_per_h": 20,
    "esr_uln": 20,
    "symptom_weeks": Decimal("5.9"),
}


def test_the_joints_are_68_and_a_basal_thumb_joint_counts_nowhere() -> None:
    """All joints together give the full counts, without hips for swelling and without the first carpometacarpal."""
    assert joint_counts(tender=list(JOINTS), swollen=list(JOINTS)) == JointCounts(
        tjc28=28, sjc28=28, tjc68=68, sjc66=66, large_2010=10, small_2010=30
    )
    assert joint_counts(tender=["left:cmc1"], swollen=["right:cmc1"]).tjc68 == 0


@pytest.mark.parametrize(
    ("joint", "counts"),
    [
        ("knee", (1, 1, 1, 0)),
        ("shoulder", (1, 1, 1, 0)),
        ("elbow", (1, 1, 1, 0)),
        ("wrist", (1, 1, 0, 1)),
        ("mcp1", (1, 1, 0, 1)),
        ("mcp5", (1, 1, 0, 1)),
        ("thumb_ip", (1, 1, 0, 1)),
        ("pip2", (1, 1, 0, 1)),
        ("pip5", (1, 1, 0, 1)),
        ("dip2", (0, 1, 0, 0)),
        ("dip5", (0, 1, 0, 0)),
        ("mtp1", (0, 1, 0, 0)),
        ("mtp2", (0, 1, 0, 1)),
        ("mtp5", (0, 1, 0, 1)),
        ("ankle", (0, 1, 1, 0)),
        ("tarsus", (0, 1, 0, 0)),
        ("great_toe_ip", (0, 1, 0, 0)),
        ("toe_pip2", (0, 1, 0, 0)),
        ("toe_pip5", (0, 1, 0, 0)),
        ("temporomandibular", (0, 1, 0, 0)),
        ("sternoclavicular", (0, 1, 0, 0)),
        ("acromioclavicular", (0, 1, 0, 0)),
    ],
)
def test_each_joint_belongs_to_its_counts(joint: str, counts: tuple[int, ...]) -> None:
    """A joint counts once in each set that it belongs to, tender or swollen."""
    tender = joint_counts(tender=[f"left:{joint}", f"left:{joint}"], swollen=[])
    swollen = joint_counts(tender=[], swollen=[f"right:{joint}"])

    assert (tender.tjc28, tender.tjc68, tender.large_2010, tender.small_2010) == counts
    assert (swollen.sjc28, swollen.sjc66, swollen.large_2010, swollen.small_2010) == counts
    assert (tender.sjc28, tender.sjc66, swollen.tjc28, swollen.tjc68) == (0, 0, 0, 0)


def test_a_word_that_is_no_joint_is_named() -> None:
    """A joint without its side, or unknown, is refused by its place."""
    with pytest.raises(InputError, match=r"tender\[1\] must be one of.*swollen must be a list"):
        joint_counts(tender=["left:knee", "knee"], swollen="left:knee")
    assert joint_counts(tender=None, swollen=[]) == Missing("tender is not given")


@pytest.mark.parametrize(
    ("large", "small", "other", "points"),
    [
        (0, 0, 0, 0),
        (1, 0, 6, 0),
        (2, 0, 0, 1),
        (10, 0, 6, 1),
        (0, 1, 0, 2),
        (7, 3, 0, 2),
        (0, 4, 0, 3),
        (0, 10, 0, 3),
        (0, 11, 0, 5),
        (10, 1, 0, 5),
        (4, 1, 6, 5),
        (3, 1, 6, 2),
        (None, 1, 0, None),
        (0, None, 0, None),
        (0, 1, None, None),
    ],
)
def test_joints_score_by_size_and_number(large: int, small: int, other: int, points: int | None) -> None:
    """More than ten joints with a small one score 5, small ones alone 2 or 3, large ones 0 or 1."""
    joints = {"large_joints_involved": large, "small_joints_involved": small, "other_joints_involved": other}

    found = ra_classification(**{**EARLY, **joints})

    assert (found.A, found.total) == (points, points or 0)


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 0),
        ({"rf_iu_per_ml": Decimal("14.01")}, 2),
        ({"rf_iu_per_ml": 42}, 2),
        ({"rf_iu_per_ml": Decimal("42.01")}, 3),
        ({"acpa_u_per_ml": Decimal("20.01")}, 2),
        ({"acpa_u_per_ml": 60}, 2),
        ({"acpa_u_per_ml": Decimal("60.01"), "rf_iu_per_ml": 15}, 3),
        ({"acpa_u_per_ml": None, "rf_uln": None}, None),
        ({"acpa_u_per_ml": None, "rf_iu_per_ml": None, "rf_qualitative": "positive"}, 2),
        ({"acpa_uln": None, "rf_iu_per_ml": None, "rf_qualitative": "negative"}, 0),
        ({"acpa_u_per_ml": None, "acpa_qualitative": "positive"}, 2),
        ({"rf_qualitative": "positive"}, 0),
    ],
)
def test_serology_scores_by_its_upper_limit(change: dict, points: int | None) -> None:
    """Above the limit is low positive, above three times it high; the higher of the two antibodies counts once."""
    found = ra_classification(**{**EARLY, **change})

    assert (found.B, found.total) == (points, points or 0)


@pytest.mark.parametrize(
    ("change", "reactants", "duration"),
    [
        ({}, 0, 0),
        ({"crp_mg_per_l": Decimal("5.1")}, 1, 0),
        ({"esr_mm_per_h": 21}, 1, 0),
        ({"esr_mm_per_h": 21, "crp_mg_per_l": 6}, 1, 0),
        ({"esr_mm_per_h": 21, "crp_mg_per_l": None}, 1, 0),
        ({"esr_uln": None, "crp_mg_per_l": None}, None, 0),
        ({"symptom_weeks": 6}, 0, 1),
        ({"symptom_weeks": None}, 0, None),
    ],
)
def test_reactants_and_duration_score_one_each(change: dict, reactants: int | None, duration: int | None) -> None:
    """One abnormal reactant scores 1, and so do six weeks of symptoms."""
    found = ra_classification(**{**EARLY, **change})

    assert (found.C, found.D, found.total) == (reactants, duration, (reactants or 0) + (duration or 0))


@pytest.mark.parametrize(
    ("points", "swollen", "unexplained", "definite", "eligible"),
    [
        ({"symptom_weeks": 6}, True, True, True, True),
        ({}, True, True, False, True),
        ({"symptom_weeks": 6}, False, None, False, False),
        ({"symptom_weeks": 6}, True, False, False, False),
        ({"symptom_weeks": 6}, None, True, None, None),
        ({}, None, True, False, None),
    ],
)
def test_six_points_are_definite_where_the_entry_is_met(
    points: dict, swollen: bool | None, unexplained: bool | None, definite: bool | None, eligible: bool | None
) -> None:
    """Six points and the entry criteria together are definite; either alone is not."""
    entry = {"at_least_one_swollen_joint": swollen, "not_better_explained": unexplained}

    found = ra_classification(**{**EARLY, "small_joints_involved": 11, **points, **entry})

    assert (found.definite_ra, found.eligible_population) == (definite, eligible)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("large_joints_involved", 11),
        ("small_joints_involved", 31),
        ("other_joints_involved", 7),
        ("rf_iu_per_ml", 1_000_001),
        ("rf_uln", 0),
        ("rf_qualitative", "weak"),
        ("acpa_u_per_ml", -1),
        ("acpa_uln", 0),
        ("acpa_qualitative", 1),
        ("crp_mg_per_l", 2001),
        ("crp_uln", 0),
        ("esr_mm_per_h", 301),
        ("esr_uln", 301),
        ("symptom_weeks", 6001),
        ("at_least_one_swollen_joint", 1),
        ("not_better_explained", "yes"),
    ],
)
def test_what_is_out_of_range_is_named(name: str, value: object) -> None:
    """An input that cannot be is refused by its name."""
    with pytest.raises(InputError, match=f"^{name} must be"):
        ra_classification(**{**EARLY, name: value})
