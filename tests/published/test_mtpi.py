"""mTPI against published numbers.

Source: the rule of Ji, Liu, Li and Bekele 2010, Clin Trials 7:653, with
margins of 0.05 and elimination at 0.95, as escalation 0.2.3 answers it under R 4.2.2 (../shared/vectors).
"""

from pathlib import Path

from tests.vectors import disagreements, unmet_tables
from trialwright.design import MTPI

DECISIONS = {
    1: "E D",
    2: "E S DU",
    3: "E S D DU",
    4: "E S S DU DU",
    5: "E S S D DU DU",
    6: "E E S S DU DU DU",
    7: "E E S S D DU DU DU",
    8: "E E S S D DU DU DU DU",
    9: "E E S S S DU DU DU DU DU",
    10: "E E S S S D DU DU DU DU DU",
    11: "E E E S S S DU DU DU DU DU DU",
    12: "E E E S S S D DU DU DU DU DU DU",
}
"""Target 0.30: the action on 0, 1, 2 ... DLTs, by subjects."""


def test_table() -> None:
    """The decision table for a target of 0.30 is the published one."""
    assert disagreements(MTPI(levels=5, target=0.3).table(12), {n: row.split() for n, row in DECISIONS.items()}) == []


def test_table_vectors(shared: Path) -> None:
    """Decision tables equal those of escalation 0.2.3."""
    assert unmet_tables(shared, "mtpi_decision_table", MTPI) == []
