"""The disease activity indices and Boolean remission at their limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.item import Missing
from trialwright.clinical.sdai_cdai import (
    BooleanRemission,
    boolean_remission,
    cdai,
    cdai_category,
    sdai,
    sdai_category,
)
from trialwright.errors import InputError

FOUR = {
    "tender_joint_count_28": 28,
    "swollen_joint_count_28": 28,
    "patient_global_0_10": 10,
    "physician_global_0_10": 10,
}
CALM = {"tender_joint_count_28": 1, "swollen_joint_count_28": 1, "patient_global_0_10": 1}


@pytest.mark.parametrize("name", FOUR)
def test_more_than_the_most_is_refused_and_less_counts(name: str) -> None:
    """The indices reach their greatest value, and no part may exceed its own."""
    assert cdai(**FOUR) == 76
    assert sdai(**FOUR, crp_mg_per_dl=200) == 276
    assert cdai(**{**FOUR, name: 0}) == 76 - FOUR[name]
    assert sdai(**{**FOUR, name: None}, crp_mg_per_l=1) == Missing(f"{name} is not given")
    for index in (cdai, sdai):
        with pytest.raises(InputError, match=name):
            index(**{**FOUR, name: FOUR[name] + 1})


def test_protein_in_either_unit_counts_in_mg_per_dl() -> None:
    """A C-reactive protein of 10 mg/L counts 1."""
    assert sdai(**FOUR, crp_mg_per_l=10) == 77
    with pytest.raises(InputError, match="crp_mg_per_dl"):
        sdai(**FOUR, crp_mg_per_dl=201)


@pytest.mark.parametrize(
    ("index", "value", "category"),
    [
        (sdai_category, "3.3", "remission"),
        (sdai_category, "3.30001", "low"),
        (sdai_category, "11", "low"),
        (sdai_category, "11.00001", "moderate"),
        (sdai_category, "26", "moderate"),
        (sdai_category, "26.00001", "high"),
        (sdai_category, "276", "high"),
        (cdai_category, "2.8", "remission"),
        (cdai_category, "2.80001", "low"),
        (cdai_category, "10", "low"),
        (cdai_category, "10.00001", "moderate"),
        (cdai_category, "22", "moderate"),
        (cdai_category, "22.00001", "high"),
        (cdai_category, "76", "high"),
    ],
)
def test_categories_meet_at_their_limits(index, value: str, category: str) -> None:
    """Each limit belongs to the milder category."""
    name = index.__name__.partition("_")[0]

    assert index(**{name: Decimal(value)}) == category
    assert index(**{name: None}) == Missing(f"{name} is not given")


def test_an_impossible_index_is_refused() -> None:
    """An index that no patient can have is refused."""
    with pytest.raises(InputError, match="sdai"):
        sdai_category(sdai=Decimal("276.1"))
    with pytest.raises(InputError, match="cdai"):
        cdai_category(cdai=Decimal("76.1"))


@pytest.mark.parametrize(
    ("change", "old", "new"),
    [
        ({}, True, True),
        ({"patient_global_0_10": Decimal("1.1")}, False, True),
        ({"patient_global_0_10": 2}, False, True),
        ({"patient_global_0_10": Decimal("2.1")}, False, False),
        ({"tender_joint_count_28": 2}, False, False),
        ({"swollen_joint_count_28": 2}, False, False),
        ({"crp_mg_per_dl": Decimal("1.1")}, False, False),
        ({"tender_joint_count_28": None}, None, None),
        ({"swollen_joint_count_28": None}, None, None),
        ({"crp_mg_per_dl": None}, None, None),
        ({"patient_global_0_10": None}, None, None),
        ({"patient_global_0_10": None, "swollen_joint_count_28": 2}, False, False),
        ({"patient_global_0_10": 2, "crp_mg_per_dl": None}, False, None),
    ],
)
def test_remission_needs_all_four(change: dict, old: bool | None, new: bool | None) -> None:
    """One figure above its limit denies remission; what is missing leaves it open only where it decides."""
    found = boolean_remission(**{**CALM, "crp_mg_per_dl": 1, **change})

    assert found == BooleanRemission(boolean_1_0=old, boolean_2_0=new)


def test_impossible_figures_deny_no_remission() -> None:
    """Figures out of range are refused, each by its name."""
    with pytest.raises(InputError, match=r"tender_joint_count_28.*swollen_joint_count_28.*patient_global_0_10.*crp"):
        boolean_remission(
            tender_joint_count_28=29, swollen_joint_count_28=29, patient_global_0_10=11, crp_mg_per_l=2001
        )
