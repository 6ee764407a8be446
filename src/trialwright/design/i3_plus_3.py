"""i3+3, which compares the observed DLT rate, and the rate with one DLT less, with the proper dosing interval.

Source: Liu, Wang and Ji 2020, J Biopharm Stat 30:294. Published decisions are tests in
tests/published/test_i3_plus_3.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from trialwright.design.decision_table import Action
from trialwright.design.proper_dosing import ProperDosing


@dataclass(frozen=True, kw_only=True)
class I3Plus3(ProperDosing):
    """Escalate below the proper dosing interval, stay within it; above it, stay if one DLT less would be below it.

    Example:
        >>> design = I3Plus3(levels=5, target=0.3)
        >>> [design.table(6).action(6, y) for y in range(7)]
        ['E', 'E', 'S', 'D', 'DU', 'DU', 'DU']
    """

    name: ClassVar[str] = "i3+3"

    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say, elimination apart."""
        low, high = self.proper
        if Fraction(y, n) < low:
            return "E"
        return "S" if Fraction(y, n) <= high or Fraction(y - 1, n) < low else "D"

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        low, high = (float(end) for end in self.proper)
        return (
            f"{super().explain()} With an observed DLT rate at the current level below {low:g} the next dose is one "
            f"level up; from {low:g} to {high:g} it is the same; above {high:g} it is one level down, but the same if "
            f"the rate with one DLT less would be below {low:g}."
        )
