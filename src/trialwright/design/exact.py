"""Exact operating characteristics: what a design does, on average, when the true DLT rates are known.

A rule that looks only at the current level and at the counts of each level walks a finite set of states. The chance of
every state follows from binomial probabilities, so nothing is simulated and there is no Monte Carlo error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, fsum

from trialwright.design.outcomes import Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.errors import InputError

State = tuple[tuple[Tally, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """What to expect of a design under one truth.

    Attributes:
        truth: True DLT probability at each level.
        selection: Probability that each level is the dose selected: the MTD, or the top dose where it is tolerated.
        selection_none: Probability that no level is selected (too toxic at level 1).
        top_tolerated: Probability that escalation ends with the top dose tolerated and no MTD; part of `selection[-1]`.
        mean_patients: Expected number of subjects treated at each level.
        mean_dlts: Expected number of subjects with a DLT at each level.
        sizes: Probability of each total number of subjects.
    """

    truth: tuple[float, ...]
    selection: tuple[float, ...]
    selection_none: float
    top_tolerated: float
    mean_patients: tuple[float, ...]
    mean_dlts: tuple[float, ...]
    sizes: dict[int, float]

    def __str__(self) -> str:
        likely = max(range(len(self.selection)), key=self.selection.__getitem__)
        return (
            f"Level {likely + 1} is selected most often ({self.selection[likely]:.1%}); "
            f"{fsum(self.mean_patients):.1f} subjects and {fsum(self.mean_dlts):.2f} DLTs are expected."
        )


def operating_characteristics(design: ThreePlusThree, truth: Sequence[float]) -> OperatingCharacteristics:
    """Compute, exactly, what `design` does when level i has the DLT probability `truth[i]`.

    Subjects of a cohort are treated together: a cohort is not cut short by its own DLTs.

    Args:
        design: The dose rule.
        truth: One probability for each level, each from 0 to 1.

    Raises:
        InputError: Not one probability a level, or one outside 0 to 1.

    Example:
        >>> oc = operating_characteristics(ThreePlusThree(levels=3), [0.1, 0.25, 0.4])
        >>> [round(p, 6) for p in oc.selection], round(oc.selection_none, 6)
        ([0.362592, 0.375427, 0.168128], 0.093853)

    Source: finite Markov chain of the rule's states; checked in tests/published/test_three_plus_three.py against the
    closed form and against published exact values.
    """
    _check_truth(design, truth)
    ends: dict[tuple[tuple[Tally, ...], Decision, int | None], float] = defaultdict(float)
    for state, chance, end in _endings(design, truth):
        ends[state[0], end.decision, end.mtd] += chance
    levels = range(design.levels)
    consulted = fsum(p for (_, decision, _), p in ends.items() if decision is Decision.CONSULT)
    mtd = [fsum(p for (_, _, level), p in ends.items() if level == i + 1) for i in levels]
    sizes: dict[int, list[float]] = defaultdict(list)
    for (tallies, _, _), p in ends.items():
        sizes[sum(tally.evaluable for tally in tallies)].append(p)
    return OperatingCharacteristics(
        truth=tuple(truth),
        selection=(*mtd[:-1], mtd[-1] + consulted),
        selection_none=fsum(p for (_, d, level), p in ends.items() if d is Decision.STOP and level is None),
        top_tolerated=consulted,
        mean_patients=tuple(fsum(p * tallies[i].evaluable for (tallies, _, _), p in ends.items()) for i in levels),
        mean_dlts=tuple(fsum(p * tallies[i].dlts for (tallies, _, _), p in ends.items()) for i in levels),
        sizes={size: fsum(chances) for size, chances in sorted(sizes.items())},
    )


def _check_truth(design: ThreePlusThree, truth: Sequence[float]) -> None:
    if len(truth) != design.levels:
        raise InputError(f"{len(truth)} true DLT rates for {design.levels} dose levels; give one for each level")
    wrong = [str(p) for p in truth if not 0 <= p <= 1]
    if wrong:
        raise InputError(f"true DLT rates must be from 0 to 1; not so: {', '.join(wrong)}")


def _endings(design: ThreePlusThree, truth: Sequence[float]) -> Iterator[tuple[State, float, Recommendation]]:
    """Walk the states in order of size, so that each is left only when its whole chance has arrived."""
    start: State = ((Tally(),) * design.levels, 1)
    front: dict[State, float] = {start: 1.0}
    while front:
        following: dict[State, float] = defaultdict(float)
        for state, chance in front.items():
            answer = design.course(*state)
            if answer.final or answer.dose is None:
                yield state, chance, answer
                continue
            for next_state, p in _treat(state, answer.dose, answer.subjects, truth[answer.dose - 1]):
                following[next_state] += chance * p
        front = following


def _treat(state: State, dose: int, subjects: int, rate: float) -> Iterator[tuple[State, float]]:
    tallies, _ = state
    before = tallies[dose - 1]
    for dlts in range(subjects + 1):
        after = Tally(before.evaluable + subjects, before.dlts + dlts)
        chance = comb(subjects, dlts) * rate**dlts * (1 - rate) ** (subjects - dlts)
        yield ((*tallies[: dose - 1], after, *tallies[dose:]), dose), chance
