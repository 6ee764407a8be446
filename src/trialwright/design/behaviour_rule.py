"""What behaviours make of a design's own answer: the function of the bedside and, compiled, of every simulation.

Source: as `behaviours`, whose order this is.
"""

from __future__ import annotations

from typing import NamedTuple

from trialwright.design.states import Ints

OWN, NO_SKIPPING, TOTAL, AT_DOSE, AT_MTD = range(5)
NEVER = 2**62
"""More subjects than a trial has."""


class Limits(NamedTuple):
    """Behaviours as numbers.

    Attributes:
        active: Whether there is any.
        total: Subjects in all at which the trial ends.
        at_dose: Subjects at a level from which the trial ends if the rule would treat more there.
        skipping: Whether levels may be skipped.
        at_mtd: Subjects that the selected level must have before the trial ends; 0 for no such demand.
        cohort: Subjects of a whole cohort.
        start: Level of the first.
    """

    active: bool
    total: int
    at_dose: int
    skipping: bool
    at_mtd: int
    cohort: int
    start: int


FREE = Limits(active=False, total=NEVER, at_dose=NEVER, skipping=True, at_mtd=0, cohort=1, start=1)
"""No behaviour."""


def next_step(
    limits: Limits,
    n: Ints | tuple[int, ...],
    dose: int,
    size: int,
    selected: int,
    chosen: int,
) -> tuple[int, int, int, int]:
    """By which rule the trial goes on, at which level (0 where it ends), with how many, and what it selects (or 0).

    Args:
        limits: The behaviours.
        n: Subjects treated at each level, with a closed window or an open one.
        dose: The level that the design says, 1-based as all levels here; 0 where it ends the trial.
        size: How many it says.
        selected: The level that the design selects where it ends the trial; 0 for none.
        chosen: The level that the data select where behaviours end it; 0 for none.
    """
    total, highest = 0, 0
    for level in range(len(n)):
        total += n[level]
        if n[level] > 0:
            highest = level + 1
    reach = len(n) if limits.skipping else min(highest + 1, len(n))
    rule = NO_SKIPPING if dose > reach or selected > reach else OWN
    dose, selected = min(dose, reach), min(selected, reach)
    full = total >= limits.total
    if dose > 0 and (full or n[dose - 1] >= limits.at_dose):
        rule = TOTAL if full else AT_DOSE
        dose, selected = 0, min(chosen, reach)
    if dose == 0 and selected > 0 and not full and n[selected - 1] < limits.at_mtd:
        rule, dose = AT_MTD, selected
        size = limits.cohort
    if dose == 0:
        return rule, 0, 0, selected
    return rule, dose, min(size, limits.total - total), 0
