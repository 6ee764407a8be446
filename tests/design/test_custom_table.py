"""A user's own decision table."""

import pytest

from trialwright.design import BOIN, CustomTable, DecisionTable, Keyboard, Outcomes, operating_characteristics
from trialwright.errors import InputError

TRUTH = [0.1, 0.25, 0.4]


def as_csv(table: DecisionTable) -> str:
    """A table as a user would write it."""
    rows = [f"{n},{y},{action}" for n, row in enumerate(table.rows, start=1) for y, action in enumerate(row)]
    return "\n".join(["n,dlts,action", *rows]) + "\n"


@pytest.mark.parametrize("design", [BOIN(levels=3, target=0.3), Keyboard(levels=3, target=0.3)], ids=str)
def test_a_table_written_out_is_the_design(design: BOIN | Keyboard) -> None:
    """A design's table, written as CSV and read as a user's own, has the operating characteristics of the design."""
    mine = CustomTable(levels=3, target=0.3, decisions=DecisionTable.from_csv(as_csv(design.table(30))))

    assert operating_characteristics(mine, TRUTH) == operating_characteristics(design, TRUTH)


def test_a_table_that_is_too_short() -> None:
    """A table that does not cover the subjects of the trial is refused with both numbers."""
    table = DecisionTable.of(6, lambda n, y: "E" if y == 0 else "D")
    with pytest.raises(InputError, match="covers 6 subjects at a level of 30"):
        CustomTable(levels=3, target=0.3, decisions=table)
    design = CustomTable(levels=3, target=0.3, subjects=6, decisions=table)
    with pytest.raises(InputError, match="covers 6 subjects at a level, not 9"):
        design.recommend(Outcomes.parse("1NNN 1NNN 1NNN"))


def test_a_table_that_is_bolder_with_more_dlts() -> None:
    """A table that answers more DLTs more boldly is refused with the numbers of each place."""
    table = DecisionTable.of(3, lambda n, y: "E" if y in {0, 2} else "D")
    with pytest.raises(InputError, match=r"2 DLTs among 2 .*\(E\) than 1 \(D\); 2 DLTs among 3"):
        CustomTable(levels=3, target=0.3, subjects=3, decisions=table)


def test_prose_names_the_limits() -> None:
    """The prose of a table carries its limits for each complete cohort."""
    table = BOIN(levels=3, target=0.3).table(6)

    prose = CustomTable(levels=3, target=0.3, subjects=6, decisions=table).explain()

    assert "of 3 subjects escalate with at most 0, de-escalate with at least 2, eliminate with at least 3" in prose
    assert "of 6 subjects escalate with at most 1, de-escalate with at least 3, eliminate with at least 4" in prose


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no row at all"),
        ("n,dlts,action\n1,0,E\n", "no row for 1 DLTs among 1 subjects"),
        ("n,dlts,action\n1,0,X\n1,1,D\n", "line 2 is not"),
        ("n,dlts,action\n1,2,D\n", "line 2 has 2 DLTs among 1"),
        ("n,dlts,action\n1,0,E\n1,0,S\n1,1,D\n", "line 3 says again"),
        ("n,dlts\n1,0\n", "no column action"),
    ],
)
def test_a_table_that_cannot_be_read(text: str, words: str) -> None:
    """What is wrong with a table is said with its line."""
    with pytest.raises(InputError, match=words):
        DecisionTable.from_csv(text)


def test_a_table_as_a_spreadsheet_saves_it() -> None:
    """A byte order mark, spaces in the header, small letters and the letters of other programs are read."""
    table = DecisionTable.from_csv("\ufeffn, dlts, action\r\n1,0, e\r\n1,1,de\r\n")

    assert table.rows == (("E", "DU"),)
