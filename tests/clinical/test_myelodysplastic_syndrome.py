"""Improvement of myelodysplastic syndromes where one figure decides, and what is refused."""

from decimal import Decimal

import pytest

from trialwright.clinical.item import Missing
from trialwright.clinical.myelodysplastic_syndrome import (
    erythroid_improvement_2018,
    haematological_improvement_2006,
    transfusion_burden_2018,
)
from trialwright.errors import InputError


@pytest.mark.parametrize(
    ("before", "now", "prior", "recent", "improved"),
    [
        (9, "10.5", None, None, True),
        (9, "10.49", None, None, False),
        (9, 9, 8, 4, True),
        (9, 9, 8, 5, False),
        (9, 9, 4, 0, True),
        (9, 9, None, 4, None),
        (9, 9, 8, None, None),
        (9, "10.5", None, 4, True),
        (9, None, 8, 4, True),
        (9, None, 8, 5, None),
        (9, None, None, None, None),
        (11, 9, 8, 4, False),
        (None, 12, 8, 4, None),
        (None, None, None, None, None),
    ],
)
def test_the_erythroid_line_by_haemoglobin_or_units(before, now, prior, recent, improved: bool | None) -> None:
    """A rise of 1.5 g/dL or 4 units fewer, from below 11 g/dL; unknown units are none only where both are."""
    found = haematological_improvement_2006(
        lineage="erythroid",
        duration_weeks=8,
        hb_baseline_g_per_dl=before,
        hb_followup_g_per_dl=None if now is None else Decimal(now),
        rbc_units_prior_8_weeks=prior,
        rbc_units_followup_8_weeks=recent,
    )

    missing = Missing("a haemoglobin or a count of units that decides is not given")
    assert found == (missing if improved is None else improved)


@pytest.mark.parametrize(
    ("lineage", "before", "now", "improved"),
    [
        ("platelet", 5, "20.1", True),
        ("platelet", 5, "20", False),
        ("neutrophil", "0.6", "1.2", True),
        ("neutrophil", "0.6", "1.19", False),
        ("neutrophil", "0.9", "1.5", False),
        ("neutrophil", "0.1", "0.6", False),
        ("neutrophil", "0.1", "0.61", True),
    ],
)
def test_platelets_and_neutrophils_double_and_rise(lineage: str, before, now: str, improved: bool) -> None:
    """Few platelets must double to more than 20; neutrophils must double and rise by more than 0.5."""
    name = {"platelet": "platelets", "neutrophil": "anc"}[lineage]
    counts = {
        f"{name}_baseline_x10_9_per_l": Decimal(before),
        f"{name}_followup_x10_9_per_l": Decimal(now),
    }

    assert haematological_improvement_2006(lineage=lineage, duration_weeks=8, **counts) is improved
    assert haematological_improvement_2006(lineage=lineage, duration_weeks=Decimal("7.9"), **counts) is False


@pytest.mark.parametrize(
    ("most", "episodes", "named"),
    [
        (5, 1, "max_rbc_units_in_any_8_weeks is 5, more than rbc_units_16_weeks_pre, 4"),
        (1, 5, "transfusion_episodes is 5, more than rbc_units_16_weeks_pre, 4"),
    ],
)
def test_no_part_of_the_units_is_more_than_all(most: int, episodes: int, named: str) -> None:
    """Units in 8 weeks, and occasions, are at most the units of 16 weeks."""
    with pytest.raises(InputError, match=f"^{named}$"):
        transfusion_burden_2018(
            rbc_units_16_weeks_pre=4, max_rbc_units_in_any_8_weeks=most, transfusion_episodes=episodes
        )


UNITS = {"rbc_units_16_weeks_pre": 10, "rbc_units_16_weeks_post": 5}
OFTEN = {"observation_weeks": 16, "post_transfusion_weeks": [5, 10]}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"burden": "unclassified"}, Missing("the criteria of 2018 name no response for a burden without a class")),
        ({"burden": "HTB", **OFTEN, **UNITS}, "minor"),
        ({"burden": "HTB", **OFTEN, **UNITS, "rbc_units_16_weeks_post": 6}, "no_response"),
        ({"burden": "HTB", **OFTEN, **UNITS, "observation_weeks": Decimal("15.9")}, "no_response"),
        ({"burden": "LTB", **OFTEN, **UNITS}, "no_response"),
        ({"burden": "LTB", "observation_weeks": 10, "post_transfusion_weeks": [1]}, "response"),
        ({"burden": "HTB", "observation_weeks": 10, "post_transfusion_weeks": [8]}, "major"),
        ({"burden": "HTB", "observation_weeks": 10, "post_transfusion_weeks": [5, 10]}, "no_response"),
        ({"burden": "LTB", "observation_weeks": 8, "post_transfusion_weeks": []}, "response"),
        ({"burden": "LTB", "observation_weeks": Decimal("7.9"), "post_transfusion_weeks": []}, "no_response"),
        *(
            (
                {"burden": "HTB", **OFTEN, **UNITS, name: None},
                Missing("rbc_units_16_weeks_pre and rbc_units_16_weeks_post are needed"),
            )
            for name in UNITS
        ),
        *(
            (
                {"burden": "HTB", **OFTEN, **UNITS, name: None},
                Missing("observation_weeks and post_transfusion_weeks are needed"),
            )
            for name in OFTEN
        ),
    ],
)
def test_the_response_of_a_burden(given: dict, found: object) -> None:
    """The longest time without transfusion decides, then the units; what is needed for it is named."""
    assert erythroid_improvement_2018(**given) == found


@pytest.mark.parametrize(
    ("course", "found"),
    [
        ([[0, "9.5"], [8, "9.5"]], "response"),
        ([[0, "9.5"], ["7.9", "9.5"]], "no_response"),
        ([[0, "9.5"], [8, "9.49"]], "no_response"),
        ([[0, "9.4"], [8, 10]], "no_response"),
        ([[0, 10], [4, 9], [8, 10]], "no_response"),
        ([[0, 10], [4, 9], [8, 10], [16, 10]], "response"),
        ([], "no_response"),
    ],
)
def test_haemoglobin_must_stay_up_for_8_weeks(course: list, found: str) -> None:
    """Successive values 1.5 g/dL above baseline over 8 weeks are a response; one below begins the count anew."""
    exact = [[Decimal(week), Decimal(hb)] for week, hb in course]

    assert erythroid_improvement_2018(burden="NTD", baseline_lowest_mean_hb_g_per_dl=8, post_hb_g_per_dl=exact) == found


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"post_hb_g_per_dl": [[1, 9], 5]}, r"^post_hb_g_per_dl\[1\] must be a week and a haemoglobin$"),
        ({"post_hb_g_per_dl": [[1, 9, 9]]}, r"^post_hb_g_per_dl\[0\] must be a week and a haemoglobin$"),
        (
            {"post_hb_g_per_dl": [[2, 9], [2, 9]]},
            r"^post_hb_g_per_dl must be in the order of its weeks, each week once$",
        ),
        ({"post_hb_g_per_dl": [["?", 9], [2, 9]]}, r"^post_hb_g_per_dl\[0\]\[0\] must be a number, got '\?'$"),
        (
            {"post_transfusion_weeks": [3, 2]},
            r"^post_transfusion_weeks must be in the order of its weeks, each week once$",
        ),
        ({"post_transfusion_weeks": [3, 9]}, r"^post_transfusion_weeks has a week after observation_weeks, 8$"),
        ({"post_transfusion_weeks": ["?", 2, 3]}, r"^post_transfusion_weeks\[0\] must be a number, got '\?'$"),
        ({"post_transfusion_weeks": 3}, r"^post_transfusion_weeks must be a list, got 3$"),
        ({"post_hb_g_per_dl": 3}, r"^post_hb_g_per_dl must be a list, got 3$"),
    ],
)
def test_a_course_that_cannot_be_is_told(given: dict, named: str) -> None:
    """A course is in the order of its weeks, within the observation; each fault is told by its place."""
    with pytest.raises(InputError, match=named):
        erythroid_improvement_2018(burden="HTB", observation_weeks=8, **given)


def test_a_week_that_is_not_given_is_missing() -> None:
    """A gap in the list of weeks is named by its place."""
    found = erythroid_improvement_2018(burden="HTB", observation_weeks=8, post_transfusion_weeks=[None, 3])

    assert found == Missing("post_transfusion_weeks[0] is not given")
