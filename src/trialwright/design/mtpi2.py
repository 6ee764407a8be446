"""mTPI-2, which cuts under- and overdosing into intervals as wide as the proper one.

Source: Guo, Wang, Yang, Lynn and Ji 2017, Contemp Clin Trials 58:23. Published decisions are tests in
tests/published/test_mtpi2.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialwright.design.decision_table import Action
from trialwright.design.proper_dosing import ProperDosing, keys, strongest, towards


@dataclass(frozen=True, kw_only=True)
class MTPI2(ProperDosing):
    """Move towards the proper dosing interval from the interval of its width with the largest unit probability mass.

    What is left at 0 and at 1 is a narrower interval. Of equal masses the higher interval decides. A single subject
    eliminates no level.

    Example:
        >>> design = MTPI2(levels=5, target=0.3)
        >>> [design.table(6).action(6, y) for y in range(7)]
        ['E', 'E', 'S', 'D', 'DU', 'DU', 'DU']
    """

    name: ClassVar[str] = "mTPI-2"

    eliminate_from: int = 2

    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say, elimination apart."""
        edges, proper = keys(*self.proper)
        return towards(strongest(n, y, edges), proper)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        low, high = self.proper
        return (
            f"{super().explain()} The range from 0 to 1 is cut into intervals of width {float(high - low):g}, from the "
            "proper dosing interval to both sides. The next dose is one level up, the same, or one level down as the "
            "interval with the largest unit probability mass of the posterior (uniform prior) lies below, at, or above "
            "the proper dosing interval; of equal masses the higher interval decides."
        )
