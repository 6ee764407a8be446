"""Who was treated at which dose level, and what came of it: the one input of every dose rule.

The text form is the field's own: `1NNN 2NTN` is three subjects at level 1 without a dose-limiting toxicity (DLT), then
three at level 2 of whom the second had one. `P` marks a subject whose DLT window is still open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from trialwright.errors import PathError

_COHORT = re.compile(r"([1-9][0-9]*)([NTP]*)")


class Outcome(StrEnum):
    """What is known of one subject's DLT window."""

    NO_DLT = "N"
    DLT = "T"
    PENDING = "P"


class Tally(NamedTuple):
    """How a dose level stands: evaluable subjects, those with a DLT, and those whose window is still open."""

    evaluable: int = 0
    dlts: int = 0
    pending: int = 0

    @property
    def treated(self) -> int:
        """Every subject who counts towards the cohort."""
        return self.evaluable + self.pending


class Cohort(NamedTuple):
    """Subjects treated one after the other at one dose level (1-based)."""

    dose: int
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Cohorts in the order treated.

    Subjects who are not evaluable are left out: they are replaced and do not count for the rule.

    Example:
        >>> str(Outcomes.parse("1nnn 2NTP"))
        '1NNN 2NTP'
        >>> Outcomes.parse("1NNN 2NTP").tallies(3)[1]
        Tally(evaluable=2, dlts=1, pending=1)
    """

    cohorts: tuple[Cohort, ...] = ()

    @classmethod
    def parse(cls, path: str) -> Outcomes:
        """Read `1NNN 2NTN`: a dose level, then a letter for each subject; cohorts apart by spaces.

        A level alone at the end, as in `1NNN 2`, is one that was opened and where nobody is treated yet.

        Raises:
            PathError: A cohort that is not a level followed by N, T or P, with its place in the path.
        """
        cohorts = []
        words = path.upper().split()
        for place, word in enumerate(words, start=1):
            found = _COHORT.fullmatch(word)
            if found is None or not (found[2] or place == len(words)):
                raise PathError(
                    f"cohort {place} of the path, {word!r}, is not a dose level followed by N (no DLT), T (DLT) or "
                    "P (pending), one letter a subject; write it like 1NNN 2NTN"
                )
            cohorts.append(Cohort(int(found[1]), tuple(Outcome(letter) for letter in found[2])))
        return cls(tuple(cohorts))

    @property
    def current(self) -> int:
        """The level treated last; level 1 before anybody was treated."""
        return self.cohorts[-1].dose if self.cohorts else 1

    def sizes_at(self, level: int) -> tuple[int, ...]:
        """How many subjects each cohort at a level holds, in the order treated."""
        return tuple(len(cohort.outcomes) for cohort in self.cohorts if cohort.dose == level)

    def without_free(self, beyond: Mapping[int, int]) -> Outcomes:
        """The same without so many subjects who had no DLT, by level, the last treated first.

        Example:
            >>> str(Outcomes.parse("1NNNT 2NNN").without_free({1: 1}))
            '1NNT 2NNN'
        """
        left, cohorts = dict(beyond), []
        for dose, outcomes in reversed(self.cohorts):
            kept = []
            for outcome in reversed(outcomes):
                dropped = outcome is Outcome.NO_DLT and left.get(dose, 0) > 0
                left[dose] = left.get(dose, 0) - dropped
                kept += [] if dropped else [outcome]
            cohorts.append(Cohort(dose, tuple(reversed(kept))))
        return Outcomes(tuple(reversed(cohorts)))

    def tallies(self, levels: int) -> tuple[Tally, ...]:
        """Count each of the dose levels 1 to `levels`.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """
        counts = [[0, 0, 0] for _ in range(levels)]
        for place, (dose, outcomes) in enumerate(self.cohorts, start=1):
            if dose > levels:
                raise PathError(f"cohort {place} of the path is at dose level {dose}; the design has {levels} levels")
            for outcome in outcomes:
                count = counts[dose - 1]
                count[0] += outcome is not Outcome.PENDING
                count[1] += outcome is Outcome.DLT
                count[2] += outcome is Outcome.PENDING
        return tuple(Tally(*count) for count in counts)

    def __str__(self) -> str:
        return " ".join(f"{dose}{''.join(outcomes)}" for dose, outcomes in self.cohorts)
