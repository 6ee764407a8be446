"""What every refusal says: its code, what is wrong, by which rule, and what mends it."""

import pytest

from tests.conduct.guards import Row, refuse, rows, told
from tools.record_refusals import PAGE

ROWS = dict(rows())
AGREED = dict(line.split(": ", 1) for line in PAGE.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("name", ROWS)
def test_a_refusal_says_what_was_agreed(name: str) -> None:
    """What is asked for is refused under its code, in the words of refusals.txt, and the trial stays as it was."""
    row: Row = ROWS[name]

    refusal = refuse(row)

    assert refusal.code == row[3]
    assert told(refusal) == AGREED[name], "if the new words are right: python tools/record_refusals.py"


def test_the_list_of_refusals_is_whole() -> None:
    """refusals.txt holds the rows of the tables, and no other."""
    assert list(AGREED) == list(ROWS)
