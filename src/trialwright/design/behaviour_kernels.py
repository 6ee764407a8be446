"""What behaviours make of the answers to many states at once, compiled."""

from __future__ import annotations

import numpy as np

from trialwright.design import behaviour_rule
from trialwright.design.behaviour_rule import Limits
from trialwright.design.kernel import kernel
from trialwright.design.states import Ints

next_step = kernel(behaviour_rule.next_step)


@kernel
def next_steps(limits: Limits, n: Ints, dose: Ints, size: Ints, selected: Ints, chosen: Ints) -> Ints:
    """The arguments and the answers of `next_step`, a row a state: rule, level, subjects, what is selected."""
    found = np.zeros((4, len(dose)), dtype=np.int64)
    for row in range(len(dose)):
        found[0, row], found[1, row], found[2, row], found[3, row] = next_step(
            limits, n[row], dose[row], size[row], selected[row], chosen[row]
        )
    return found
