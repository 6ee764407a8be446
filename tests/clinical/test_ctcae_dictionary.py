"""The terms of CTCAE: how they are found, which grades they have, and which count as haematological."""

import pytest

from trialwright.clinical.ctcae_dictionary import Term, check_grade, dictionary, find_term, is_haematological
from trialwright.clinical.item import Missing
from trialwright.errors import InputError


def test_a_term_has_its_class_its_grades_and_its_reason() -> None:
    """A term is read whole from the table."""
    assert dictionary()["Febrile neutropenia"] == Term(
        name="Febrile neutropenia",
        system_organ_class="Blood and lymphatic system disorders",
        grades=(3, 4, 5),
        haematological="class",
    )
    assert dictionary() is dictionary()


@pytest.mark.parametrize("name", ["Anemia", "anemia", " ANEMIA "])
def test_a_term_is_found_however_it_is_written(name: str) -> None:
    """Capitals and spaces around a name do not matter."""
    assert find_term(name).name == "Anemia"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Anaemia", "CTCAE 5.0 has no term 'Anaemia'; near it: Anemia, Anosmia, Anorgasmia"),
        ("q" * 99, f"CTCAE 5.0 has no term '{'q' * 80}'"),
        (7, "term must be text, the name of a term of CTCAE 5.0"),
        (None, "term must be text, the name of a term of CTCAE 5.0"),
    ],
)
def test_what_is_no_term_is_told(name: object, told: str) -> None:
    """What is no term is refused, with the three that are near, and cut short."""
    with pytest.raises(InputError) as refused:
        find_term(name)

    assert str(refused.value) == told


def test_a_version_is_pinned() -> None:
    """Another version is refused by its name."""
    with pytest.raises(InputError) as refused:
        find_term("Anemia", "4.03")

    assert str(refused.value) == "there is no CTCAE '4.03' here, only 5.0; versions grade differently"


@pytest.mark.parametrize(
    ("grade", "told"),
    [
        (0, "Lymph node pain has no grade 0 in CTCAE 5.0; it has 1, 2, 3"),
        (4, "Lymph node pain has no grade 4 in CTCAE 5.0; it has 1, 2, 3"),
        (None, "Lymph node pain has no grade None in CTCAE 5.0; it has 1, 2, 3"),
        (-1, "grade must be from 0 to 5, got -1"),
        (6, "grade must be from 0 to 5, got 6"),
        (2.5, "grade must be a whole number, got 2.5"),
    ],
)
def test_a_grade_that_a_term_does_not_have_is_told(grade: object, told: str) -> None:
    """A grade is a whole number of 0 to 5 that the term has; the message names those that it has."""
    assert [check_grade("Lymph node pain", each) for each in (1, 2, 3)] == [1, 2, 3]
    assert check_grade("Anemia", 5) == 5
    with pytest.raises(InputError) as refused:
        check_grade("Lymph node pain", grade)

    assert str(refused.value) == told


CLASS = ["Anemia", "Febrile neutropenia", "Hemolytic uremic syndrome"]
COUNTS = [
    "CD4 lymphocytes decreased",
    "Hemoglobin increased",
    "Lymphocyte count decreased",
    "Lymphocyte count increased",
    "Neutrophil count decreased",
    "Platelet count decreased",
    "White blood cell decreased",
]
COAGULATION = [
    "Activated partial thromboplastin time prolonged",
    "Fibrinogen decreased",
    "Haptoglobin decreased",
    "INR increased",
]


@pytest.mark.parametrize(
    ("terms", "with_counts", "with_coagulation"),
    [(CLASS + COUNTS, True, True), (COAGULATION, False, True), (["Headache", "CPK increased"], False, False)],
)
def test_which_terms_are_haematological(terms: list[str], with_counts: bool, with_coagulation: bool) -> None:
    """The class and seven counts are haematological by one policy, four coagulation tests besides by the other."""
    for term in terms:
        assert is_haematological(ctcae_term=term) is with_counts
        assert is_haematological(ctcae_term=term, haematological_policy="soc_plus_cell_counts") is with_counts
        wider = is_haematological(ctcae_term=term, haematological_policy="soc_plus_cell_counts_and_coagulation")
        assert wider is with_coagulation


def test_counts_and_coagulation_are_these_and_no_others() -> None:
    """Outside the class no other term is haematological by either policy."""
    reasons = {name: term.haematological for name, term in dictionary().items() if term.haematological}

    assert sorted(name for name, reason in reasons.items() if reason == "count") == COUNTS
    assert sorted(name for name, reason in reasons.items() if reason == "coagulation") == COAGULATION
    assert {dictionary()[name].system_organ_class for name, reason in reasons.items() if reason == "class"} == {
        "Blood and lymphatic system disorders"
    }


def test_term_and_policy_are_told_together() -> None:
    """A term and a policy that are none are both named, and a term that is not given is missing."""
    with pytest.raises(InputError, match=r"^haematological_policy must be one of .*; ctcae_term: .* no term 'Rash'"):
        is_haematological(ctcae_term="Rash", haematological_policy="any")
    assert is_haematological(ctcae_term=None) == Missing("ctcae_term is not given")
