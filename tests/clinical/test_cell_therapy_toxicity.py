"""The grades of cytokine release, of neurotoxicity and of reactions to an infusion, row by row of their tables."""

from decimal import Decimal

import pytest

from trialwright.clinical.cell_therapy_toxicity import (
    crs_grade_astct,
    crs_grade_ctcae_v5,
    icans_grade_astct,
    infusion_related_reaction_grade,
)

FEVER = {
    "max_temperature_c": 38,
    "fever_masked_by_tocilizumab_or_steroids": False,
    "hypotension": "none",
    "oxygen": "none",
}


@pytest.mark.parametrize(
    ("hypotension", "grade"),
    [
        ("none", 1),
        ("no_vasopressor", 2),
        ("one_vasopressor", 3),
        ("one_vasopressor_with_vasopressin", 3),
        ("one_vasopressor_with_or_without_vasopressin", 3),
        ("multiple_vasopressors", 4),
    ],
)
def test_cytokine_release_by_hypotension(hypotension: str, grade: int) -> None:
    """With fever, the grade follows what hypotension needs (Lee et al. 2019, table 2)."""
    assert crs_grade_astct(**{**FEVER, "hypotension": hypotension}) == grade


@pytest.mark.parametrize(
    ("oxygen", "grade"),
    [
        ("none", 1),
        ("low_flow_nasal_cannula", 2),
        ("blow_by", 2),
        ("high_flow_nasal_cannula", 3),
        ("facemask", 3),
        ("face_mask", 3),
        ("nonrebreather_mask", 3),
        ("non_rebreather_mask", 3),
        ("venturi_mask", 3),
        ("cpap", 4),
        ("bipap", 4),
        ("positive_pressure", 4),
        ("intubation", 4),
        ("mechanical_ventilation", 4),
    ],
)
def test_cytokine_release_by_oxygen(oxygen: str, grade: int) -> None:
    """With fever, the grade follows what hypoxia needs (Lee et al. 2019, table 2)."""
    assert crs_grade_astct(**{**FEVER, "oxygen": oxygen}) == grade


@pytest.mark.parametrize(
    ("temperature", "masked", "grade"), [("38", False, 2), ("37.9", False, 0), ("37.9", True, 2), ("38", True, 2)]
)
def test_cytokine_release_begins_with_fever(temperature: str, masked: bool, grade: int) -> None:
    """Below 38 °C there is no cytokine release syndrome, unless treatment took the fever away."""
    found = crs_grade_astct(
        max_temperature_c=Decimal(temperature),
        fever_masked_by_tocilizumab_or_steroids=masked,
        hypotension="no_vasopressor",
        oxygen="none",
    )

    assert found == grade


QUIET = {"fever": False, "hypotension": "none", "fio2_pct_required": None, "life_threatening": False}


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({}, 0),
        ({"fever": True}, 1),
        ({"hypotension": "fluids"}, 2),
        ({"hypotension": "one_pressor"}, 3),
        ({"hypotension": "multiple_pressors"}, 4),
        ({"fio2_pct_required": 0}, 0),
        ({"fio2_pct_required": Decimal("0.5")}, 2),
        ({"fio2_pct_required": Decimal("39.9")}, 2),
        ({"fio2_pct_required": 40}, 3),
        ({"life_threatening": True}, 4),
        ({"fever": True, "hypotension": "fluids", "fio2_pct_required": 50}, 3),
    ],
)
def test_cytokine_release_by_ctcae(change: dict, grade: int) -> None:
    """The worst of fever, hypotension, hypoxia and threat to life is the grade (CTCAE 5.0)."""
    assert crs_grade_ctcae_v5(**{**QUIET, **change}) == grade


WELL = {
    "ice_score": 10,
    "consciousness": "normal",
    "seizure": "none",
    "deep_focal_motor_weakness": False,
    "cerebral_oedema": "none",
}


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        *(({"ice_score": score}, grade) for score, grade in enumerate([3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 0])),
        ({"consciousness": "awakens_spontaneously"}, 1),
        ({"consciousness": "awakens_to_voice"}, 2),
        ({"consciousness": "awakens_to_touch"}, 3),
        ({"consciousness": "unarousable"}, 4),
        ({"ice_score": 0, "consciousness": "awakens_to_touch"}, 3),
        ({"ice_score": 0, "consciousness": "unarousable"}, 4),
        ({"seizure": "resolves_rapidly"}, 3),
        ({"seizure": "prolonged_or_repetitive"}, 4),
        ({"deep_focal_motor_weakness": True}, 4),
        ({"cerebral_oedema": "focal"}, 3),
        ({"cerebral_oedema": "diffuse"}, 4),
    ],
)
def test_neurotoxicity_by_its_worst_domain(change: dict, grade: int) -> None:
    """Each domain alone gives its grade (Lee et al. 2019, table 6)."""
    assert icans_grade_astct(**{**WELL, **change}) == grade


MILD = {
    "interruption_or_therapy_indicated": False,
    "prophylactic_medication_h": 0,
    "prolonged_not_rapidly_responsive": False,
    "recurrence_after_initial_improvement": False,
    "hospitalization_indicated": False,
    "life_threatening": False,
    "death": False,
}


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({}, 1),
        ({"interruption_or_therapy_indicated": True}, 2),
        ({"prophylactic_medication_h": Decimal("0.1")}, 2),
        ({"prophylactic_medication_h": 24}, 2),
        ({"prophylactic_medication_h": Decimal("24.1")}, 3),
        ({"prolonged_not_rapidly_responsive": True}, 3),
        ({"recurrence_after_initial_improvement": True}, 3),
        ({"hospitalization_indicated": True}, 3),
        ({"life_threatening": True}, 4),
        ({"death": True}, 5),
        ({"death": True, "life_threatening": True, "hospitalization_indicated": True}, 5),
        ({"life_threatening": True, "hospitalization_indicated": True, "prophylactic_medication_h": 30}, 4),
    ],
)
def test_a_reaction_to_an_infusion_by_the_worst_of_it(change: dict, grade: int) -> None:
    """What the reaction needs and what it led to give its grade (CTCAE 5.0)."""
    assert infusion_related_reaction_grade(**{**MILD, **change}) == grade
