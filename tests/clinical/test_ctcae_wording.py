"""The wording of the grades: another's table is read only where it is the NCI's, and ours is told without it."""

import csv
from io import StringIO

import pytest

from trialwright.clinical.ctcae_dictionary import dictionary
from trialwright.clinical.ctcae_wording import describe_term, read_wording
from trialwright.errors import InputError


def table(header: list[str], changes: dict[str, str] | None = None) -> str:
    """A table with all terms, and words of no meaning for the grades that exist."""
    out = StringIO()
    rows = csv.writer(out)
    rows.writerow(["MedDRA Code", *header, "Definition"])
    for name, term in dictionary().items():
        cells = [f" {name}\n grade {grade} " if grade in term.grades else "-" for grade in range(1, 6)]
        rows.writerow(["10000000", (changes or {}).get(name, name), *cells, "x"])
    return out.getvalue()


HEADERS = [
    ["CTCAE Term", "Grade 1", "Grade 2", "Grade 3", "Grade 4", "Grade 5"],
    ["term", "grade_1", "grade_2", "grade_3", "grade_4", "grade_5"],
    [" CTCAE  TERM ", "Grade  1", "GRADE 2", "grade-3", "Grade 4", "Grade 5"],
]


@pytest.mark.parametrize("header", HEADERS)
def test_the_table_of_the_nci_is_read_however_its_columns_are_spelt(header: list[str]) -> None:
    """Columns are found by their names, other columns passed over, and spaces within the words made one."""
    wording = read_wording(table(header))

    assert len(wording) == 837
    assert wording["Febrile neutropenia"] == {
        grade: f"Febrile neutropenia grade {grade}" for grade in dictionary()["Febrile neutropenia"].grades
    }
    assert describe_term("Lymph node pain", wording) == (
        "Lymph node pain (Blood and lymphatic system disorders), CTCAE 5.0\n"
        "  grade 1: Lymph node pain grade 1\n"
        "  grade 2: Lymph node pain grade 2\n"
        "  grade 3: Lymph node pain grade 3"
    )


def test_our_own_words_are_short() -> None:
    """Without the NCI's table a grade is told by its condition, or by what grades mean."""
    assert describe_term("Headache") == (
        "Headache (Nervous system disorders), CTCAE 5.0\n"
        "  grade 1: mild\n"
        "  grade 2: moderate\n"
        "  grade 3: severe, or needs hospital"
    )
    assert describe_term("anemia").splitlines()[-2:] == ["  grade 4: life threatening", "  grade 5: death"]
    assert describe_term("Hematoma").splitlines()[-2] == "  grade 4: life-threatening"


def test_a_table_that_is_another_is_refused() -> None:
    """Terms that differ are counted and three of them named; so are terms whose grades differ."""
    swapped = {"Anemia": "Anaemia", "Headache": "Cephalgia", "Fever": "Pyrexia"}
    with pytest.raises(InputError) as refused:
        read_wording(table(HEADERS[1], swapped))
    assert str(refused.value) == ("the table is not CTCAE 5.0: 6 terms differ, such as Anaemia, Anemia, Cephalgia")

    with pytest.raises(InputError) as refused:
        read_wording(table(HEADERS[1]).replace('" Anemia\n grade 4 "', "").replace('" Fever\n grade 1 "', '" "'))
    assert str(refused.value) == "the table is not CTCAE 5.0: 2 terms differ, such as Anemia, Fever"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "",
            (
                "the table has no column term, grade_1, grade_2, grade_3, grade_4, grade_5;"
                " save the NCI's CTCAE table as CSV"
            ),
        ),
        (
            "CTCAE Term,Grade 1,Grade 2,Grade 4\nAnemia,a,b,c\n",
            "the table has no column grade_3, grade_5; save the NCI's CTCAE table as CSV",
        ),
    ],
)
def test_a_table_without_its_columns_is_refused(text: str, told: str) -> None:
    """Columns that are missing are named."""
    with pytest.raises(InputError) as refused:
        read_wording(text)

    assert str(refused.value) == told


def test_a_row_of_another_length_is_passed_over() -> None:
    """A row that is cut short counts as no term."""
    text = table(HEADERS[1]) + "Remark\n"
    assert len(read_wording(text)) == 837


def test_what_is_no_table_is_refused() -> None:
    """A quotation that does not end is no table."""
    with pytest.raises(InputError, match=r"^the file is not a table in CSV: unexpected end"):
        read_wording('term,"grade_1')
