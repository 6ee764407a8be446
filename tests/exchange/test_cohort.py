"""Tables of subjects: any text is a table of verdicts or a refusal, and nothing a spreadsheet would run leaves."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.conductor import STUDY
from trialwright.errors import InputError
from trialwright.exchange.cohort import neutralised, screen_cohort, verdicts_csv, verdicts_json

CELLS = st.sampled_from(["", "S1", "yes", "4", "2026-12-01", "=1+1", "x"]) | st.text(max_size=4)
HEADERS = st.lists(st.sampled_from(["id", "age", "crp:on", "crp@d7", "answer:I04", "pregnant", "x"]), max_size=5)


@given(HEADERS, st.lists(st.lists(CELLS, max_size=5), max_size=4), st.text(max_size=20))
def test_any_text_is_a_table_or_a_refusal(header: list[str], rows: list[list[str]], more: str) -> None:
    """Any text becomes verdicts and faults that can be written out, or is refused with the reason."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cohort.csv"
        file.write_text("\n".join([*(",".join(row) for row in [header, *rows]), more]), errors="replace")
        try:
            screened = list(screen_cohort(file, STUDY))
        except InputError:
            return
    assert len(verdicts_json(STUDY, screened)["subjects"]) + sum(bool(row.faults) for row in screened) == len(screened)
    assert verdicts_csv(STUDY, screened).startswith("id,verdict,")


@given(st.text(max_size=10))
def test_no_cell_begins_as_a_formula(text: str) -> None:
    """What goes to a spreadsheet never begins with a sign that would make it run."""
    assert not neutralised(text).startswith(("=", "+", "-", "@", "\t", "\r"))
