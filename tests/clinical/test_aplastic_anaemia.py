"""Responses of aplastic anaemia: what one line decides, what is missing, and what is refused."""

from decimal import Decimal

import pytest

from trialwright.clinical.aplastic_anaemia import aplastic_anaemia_response_bsh, camitta_severity
from trialwright.clinical.item import Missing
from trialwright.errors import InputError

OPEN = Missing("a count or a transfusion that decides is not given")
BEFORE = {
    "hb_g_per_l": 70,
    "anc_x10_9_per_l": Decimal("0.6"),
    "platelets_x10_9_per_l": 40,
    "reticulocytes_x10_9_per_l": 30,
    "transfusion_dependent": False,
}
NORMAL = {
    "hb_g_per_l": 135,
    "anc_x10_9_per_l": 2,
    "platelets_x10_9_per_l": 200,
    "reticulocytes_x10_9_per_l": 80,
    "transfusion_dependent": False,
}


def of_the_mild(before: dict, now: dict, limit: int | None = 130) -> object:
    """The response of a disease that was not severe."""
    return aplastic_anaemia_response_bsh(
        baseline_severity="NSAA",
        baseline=before,
        followup={**now, "hb_lower_limit_normal_g_per_l": limit},
        confirmed_4_weeks=True,
    )


def test_normal_counts_are_complete_even_where_nothing_improved() -> None:
    """Counts that were normal and are normal are a complete response."""
    assert of_the_mild(NORMAL, NORMAL) == "CR"


@pytest.mark.parametrize(
    ("count", "before", "doubled"),
    [("hb_g_per_l", 61, 122), ("anc_x10_9_per_l", Decimal("0.6"), Decimal("1.2")), ("platelets_x10_9_per_l", 40, 80)],
)
def test_each_doubled_line_is_a_partial_response(count: str, before: Decimal, doubled: Decimal) -> None:
    """Haemoglobin, neutrophils or platelets doubled are enough, each alone; a little less is not."""
    was = {**BEFORE, count: before}

    assert of_the_mild(was, {**was, count: doubled}) == "PR"
    assert of_the_mild(was, {**was, count: doubled - Decimal("0.01")}) == "NR"


@pytest.mark.parametrize("visit", ["before", "now"])
def test_a_missing_haemoglobin_leaves_the_response_open(visit: str) -> None:
    """Without haemoglobin at one visit nobody knows whether it rose."""
    visits = {"before": BEFORE, "now": BEFORE}
    visits[visit] = {**BEFORE, "hb_g_per_l": None}

    assert of_the_mild(**visits) == OPEN


@pytest.mark.parametrize(
    ("baseline", "followup", "named"),
    [
        ({"transfusion_dependent": 1}, {}, r"^baseline\.transfusion_dependent must be true or false, got 1$"),
        ({}, {"transfusion_dependent": 1}, r"^followup\.transfusion_dependent must be true or false, got 1$"),
    ],
)
def test_a_visit_names_its_faults(baseline: dict, followup: dict, named: str) -> None:
    """A fault is told with its visit."""
    with pytest.raises(InputError, match=named):
        of_the_mild(baseline, followup)


@pytest.mark.parametrize(
    ("threshold", "told"),
    [
        (30, "20 or 60, got 30"),
        (Decimal("0.5"), "20 or 60, got 0.5"),
        (0, "20 or 60, got 0"),
        (Decimal("-0.5"), "from 0 to 2000, got -0.5"),
        (2001, "from 0 to 2000, got 2001"),
    ],
)
def test_the_threshold_of_reticulocytes_is_one_of_two(threshold: Decimal, told: str) -> None:
    """A threshold that no rule has is told."""
    with pytest.raises(InputError, match=f"^reticulocyte_threshold must be {told}$"):
        camitta_severity(
            marrow_cellularity_pct=10,
            residual_haematopoietic_cells_pct=None,
            anc_x10_9_per_l=None,
            platelets_x10_9_per_l=None,
            reticulocytes_x10_9_per_l=None,
            reticulocyte_threshold=threshold,
        )
