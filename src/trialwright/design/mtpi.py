"""mTPI, the modified toxicity probability interval design.

Source: Ji, Liu, Li and Bekele 2010, Clin Trials 7:653. Published decisions are tests in tests/published/test_mtpi.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from trialwright.design.decision_table import Action
from trialwright.design.proper_dosing import ProperDosing, strongest, towards


@dataclass(frozen=True, kw_only=True)
class MTPI(ProperDosing):
    """Move by which of three intervals (under-, proper, overdosing) has the largest unit probability mass.

    Of equal masses the higher interval decides. A single subject eliminates no level, as in Ji et al.'s table.

    Example:
        >>> design = MTPI(levels=5, target=0.3)
        >>> [design.table(6).action(6, y) for y in range(7)]
        ['E', 'E', 'S', 'S', 'DU', 'DU', 'DU']
    """

    name: ClassVar[str] = "mTPI"

    eliminate_from: int = 2

    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say, elimination apart."""
        return towards(strongest(n, y, (Fraction(0), *self.proper, Fraction(1))), 1)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        low, high = (float(end) for end in self.proper)
        return (
            f"{super().explain()} The next dose is one level up, the same, or one level down as the posterior (uniform "
            f"prior) has its largest unit probability mass below {low:g}, from {low:g} to {high:g}, or above {high:g}; "
            "of equal masses the higher interval decides."
        )
