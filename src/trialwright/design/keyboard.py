"""Keyboard, which looks for the strongest of keys as wide as the target key.

Source: Yan, Mandrekar and Yuan 2017, Clin Cancer Res 23:3994. Published boundaries are tests in
tests/published/test_keyboard.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trialwright.design.decision_table import Action
from trialwright.design.proper_dosing import ProperDosing, keys, strongest, towards


@dataclass(frozen=True, kw_only=True)
class Keyboard(ProperDosing):
    """Move towards the target key from the key where the DLT rate of the current level most likely lies.

    Keys that are cut off at 0 and at 1 are weighed by their width. Of equally strong keys the higher one decides. As
    in the published boundaries, a level can be eliminated from its first subject on; Yan et al. conduct trials with
    `eliminate_from=3`, which cohorts of three make the same.

    Example:
        >>> design = Keyboard(levels=5, target=0.3)
        >>> table = design.table(30)
        >>> table.escalate_if_at_most(6), table.deescalate_if_at_least(6), table.eliminate_if_at_least(6)
        (1, 3, 4)
    """

    name: ClassVar[str] = "Keyboard"

    eliminate_from: int = 1

    def action(self, n: int, y: int) -> Action:
        """What `y` DLTs among `n` subjects at the current level say, elimination apart."""
        edges, target = keys(*self.proper)
        return towards(strongest(n, y, edges), target)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        low, high = self.proper
        return (
            f"{super().explain()} Keys of width {float(high - low):g} are laid from the proper dosing interval, the "
            "target key, to both sides. The next dose is one level up, the same, or one level down as the strongest "
            "key, where the posterior (uniform prior) is largest for its width, lies below, at, or above the target "
            "key; of equally strong keys the higher one decides."
        )
