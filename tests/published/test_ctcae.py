"""CTCAE 5.0 and the toxicities of cell therapy against the published vectors and the NCI's own table."""

import csv

import pytest

from tests.vectors import unmet
from trialwright.clinical.cell_therapy_toxicity import icans_grade_astct
from trialwright.clinical.ctcae_dictionary import dictionary

COUNTS = {
    "ctcae_v5_grade": 184,
    "ctcae_is_haematological": 10,
    "crs_grade_astct": 8,
    "crs_grade_ctcae_v5": 6,
    "infusion_related_reaction_grade": 5,
}


@pytest.mark.parametrize("item", COUNTS)
def test_every_vector_is_met(shared, item):
    """Every published grade is given, and where a grade cannot be told it is missing."""
    count, wrong = unmet(shared, item)

    assert wrong == []
    assert count == COUNTS[item]


def test_terms_and_grades_are_those_of_the_nci(shared):
    """The 837 terms, their classes and the grades that exist are those of the NCI's table."""
    with (shared / "ctcae/ctcae_v5.0.csv").open(encoding="utf-8", newline="") as table:
        printed = {
            row["term"]: (row["soc"], tuple(grade for grade in range(1, 6) if row[f"grade_{grade}"].strip()))
            for row in csv.DictReader(table)
        }

    assert {name: (term.system_organ_class, term.grades) for name, term in dictionary().items()} == printed


@pytest.mark.parametrize(
    ("given", "grade"),
    [
        ({}, 0),
        ({"ice_score": 9}, 1),
        ({"ice_score": 7}, 1),
        ({"ice_score": 6}, 2),
        ({"ice_score": 3}, 2),
        ({"ice_score": 2}, 3),
        ({"ice_score": 0, "consciousness": "awakens_to_touch"}, 3),
        ({"ice_score": 0, "consciousness": "awakens_to_voice"}, 3),
        ({"ice_score": 0, "consciousness": "unarousable"}, 4),
        ({"consciousness": "awakens_spontaneously"}, 1),
        ({"consciousness": "awakens_to_voice"}, 2),
        ({"seizure": "resolves_rapidly"}, 3),
        ({"seizure": "prolonged_or_repetitive"}, 4),
        ({"deep_focal_motor_weakness": True}, 4),
        ({"cerebral_oedema": "focal"}, 3),
        ({"cerebral_oedema": "diffuse"}, 4),
    ],
)
def test_icans(given, grade):
    """Each row of the ASTCT's table for adults gives its grade (Lee et al. 2019, table 6)."""
    well = {
        "ice_score": 10,
        "consciousness": "normal",
        "seizure": "none",
        "deep_focal_motor_weakness": False,
        "cerebral_oedema": "none",
    }

    assert icans_grade_astct(**(well | given)) == grade
