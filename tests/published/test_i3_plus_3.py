"""i3+3 against published numbers.

Source: the rule of Liu, Wang and Ji 2020, J Biopharm Stat 30:294, equivalence interval 0.25 to 0.35, as PhIdesign
answers it under R 4.2.2 (../shared/vectors); elimination apart.
"""

from pathlib import Path

from tests.vectors import design_vectors, disagreements
from trialwright.design import I3Plus3
from trialwright.design.interval import exact

DECISIONS = {
    1: "E R",
    2: "E R D",
    3: "E R D D",
    4: "E R D D D",
    5: "E E R D D D",
    6: "E E R D D D D",
    7: "E E R D D D D D",
    8: "E E R D D D D D D",
    9: "E E E R D D D D D D",
    10: "E E E R D D D D D D D",
    11: "E E E R D D D D D D D D",
    12: "E E E R R D D D D D D D D",
}
"""Target 0.30: the action on 0, 1, 2 ... DLTs, by subjects."""


def test_table() -> None:
    """The decision table for a target of 0.30 is the published one."""
    design = I3Plus3(levels=5, target=0.3, cutoff=1)

    assert disagreements(design.table(12), {n: row.split() for n, row in DECISIONS.items()}) == []


def test_table_vectors(shared: Path) -> None:
    """Decision tables equal those of PhIdesign."""
    for vector in design_vectors(shared, "i3p3_decision_table"):
        target, low, high = (exact(vector["inputs"][name]) for name in ("target", "ei_low", "ei_high"))
        margins = {"margin_below": float(target - low), "margin_above": float(high - target)}
        design = I3Plus3(levels=5, target=float(target), **margins, cutoff=1)
        expected = vector["expected"]["decisions_by_n_then_y"]
        assert disagreements(design.table(max(map(int, expected))), expected) == [], vector["id"]
