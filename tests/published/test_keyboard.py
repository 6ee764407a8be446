"""Keyboard against published numbers.

Sources: boundaries for a target of 0.30 and margins of 0.05, Yan, Mandrekar and Yuan 2017, Clin Cancer Res 23:3994,
as Keyboard 0.1.3 prints them; decisions without elimination of PhIdesign in ../shared/vectors.
"""

from pathlib import Path

from tests.vectors import design_vectors
from trialwright.design import Keyboard

TABLE = {
    3: (0, 2, 3),
    6: (1, 3, 4),
    9: (2, 4, 5),
    12: (2, 5, 7),
    15: (3, 6, 8),
    18: (4, 7, 9),
    21: (5, 8, 10),
    24: (5, 9, 11),
    27: (6, 10, 12),
    30: (7, 11, 14),
}
"""Target 0.30: escalate at most, de-escalate at least, eliminate at least, by subjects."""


def test_table() -> None:
    """The decision table for a target of 0.30 and margins of 0.05 is the published one."""
    table = Keyboard(levels=5, target=0.3).table(30)
    for n, expected in TABLE.items():
        found = (table.escalate_if_at_most(n), table.deescalate_if_at_least(n), table.eliminate_if_at_least(n))
        assert found == expected, n


def test_boundary_vectors(shared: Path) -> None:
    """Boundaries for every number of subjects equal those of Keyboard 0.1.3."""
    for vector in design_vectors(shared, "keyboard_boundary"):
        inputs, expected = vector["inputs"], vector["expected"]
        table = Keyboard(
            levels=5,
            target=inputs["target"],
            margin_below=inputs["marginL"],
            margin_above=inputs["marginR"],
            cutoff=inputs["cutoff_eli"],
        ).table(inputs["n_max"])
        for name, limit in (
            ("escalate_if_le", table.escalate_if_at_most),
            ("deescalate_if_ge", table.deescalate_if_at_least),
            ("eliminate_if_ge", table.eliminate_if_at_least),
        ):
            assert [limit(n) for n in expected["n"]] == expected[name], (vector["id"], name)


def test_rules_of_another_program(shared: Path) -> None:
    """Decisions without elimination equal those of PhIdesign."""
    for vector in design_vectors(shared, "phidesign_keyboard_rules"):
        half = vector["inputs"]["halfkey"]
        design = Keyboard(levels=5, target=vector["inputs"]["target"], margin_below=half, margin_above=half, cutoff=1)
        rows = vector["expected"]["rows"]
        assert [[n, y, design.action(n, y).replace("S", "R")] for n, y, _ in rows] == rows, vector["id"]
