"""TITE-BOIN against its published decision tables.

Source: Yuan et al. 2018, Clin Cancer Res 24:4921, Table 1 (target 0.2) and Table S1 (target 0.3); Chen et al. 2025,
Clin Cancer Res 31:2573, Table 1 (target 0.3), and Chen et al. 2026, doi 10.1007/s43441-026-00994-0, Table A1 (target
0.25): both suspend when fewer than 51 % are complete, and escalate from a quarter of the window on. The figures are
transcribed in tite_boin_tables.csv as they stand in the repository gosukehommaEX/simFastBOIN,
tests/testthat/fixtures.
"""

import csv
from pathlib import Path

import pytest

from trialwright.design import TITEBOIN

ROWS = list(csv.DictReader((Path(__file__).parent / "tite_boin_tables.csv").read_text().splitlines()))
TABLES = sorted({row["table"] for row in ROWS})
PRINTED_TO = 0.005


def states(row: dict[str, str]) -> list[tuple[int, int, int]]:
    """Every state that a printed row stands for."""
    n, dlts_to = int(row["subjects"]), row["dlts_to"]
    return [
        (n, dlts, pending)
        for dlts in range(int(row["dlts_from"]), (int(dlts_to) if dlts_to else n) + 1)
        for pending in range(int(row["pending_from"]), min(int(row["pending_to"] or n), n - dlts) + 1)
    ]


def design_of(row: dict[str, str]) -> TITEBOIN:
    """The design whose table it is."""
    if row["table"].startswith("Chen"):
        return TITEBOIN(levels=5, target=float(row["target"]), window=1, most_pending=0.49, least_followed=0.25)
    return TITEBOIN(levels=5, target=float(row["target"]), window=1)


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_of_the_published_tables(table):
    """Each state decides as printed, and its follow-up limit is the printed one to two decimals."""
    cells = [(row, state) for row in ROWS if row["table"] == table for state in states(row)]

    for row, state in cells:
        found = design_of(row).row(*state)
        assert found.decision == row["decision"], (row, found)
        for limit, printed in [
            (found.escalate_from, row["escalate_from"]),
            (found.deescalate_to, row["deescalate_to"]),
        ]:
            assert (limit is None) == (not printed), (row, found)
            assert not printed or limit == pytest.approx(float(printed), abs=PRINTED_TO)


def test_the_tables_are_transcribed_whole():
    """The tables of Yuan cover every state of 3 to 15 subjects, once each."""
    for table in TABLES:
        found = [state for row in ROWS if row["table"] == table for state in states(row)]
        sizes = {n for n, _, _ in found}
        all_states = {(n, y, c) for n in sizes for y in range(n + 1) for c in range(n - y + 1)}
        assert len(found) == len(set(found))
        assert set(found) == all_states, table
