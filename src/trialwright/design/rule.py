"""What conduct asks of every dose rule: what comes next after a history, and how a history is written and read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from trialwright.design.history import History
from trialwright.design.recommendation import Decision, Recommendation


class Rule(ABC):
    """A dose rule, whatever it looks at: DLTs, the time followed, responses, or DLTs with efficacy.

    Attributes:
        levels: Number of dose levels.
        cohort: Subjects who are treated together before the rule is asked.
        start: Level of the first cohort.
    """

    name: ClassVar[str]
    hold: ClassVar[Decision] = Decision.STAY
    """How the rule calls it when more subjects are treated at the same level."""

    rolling: ClassVar[bool] = False
    """Whether the rule places each next subject, with windows open, rather than cohorts."""

    weighs_follow_up: ClassVar[bool] = False
    """Whether the rule counts subjects in an open DLT window by the time for which they have been followed."""

    seeks: ClassVar[str] = "MTD"
    """The dose that the rule looks for: the maximum tolerated dose, or the optimal biological dose (OBD)."""

    letters: ClassVar[str] = "N no DLT, T with DLT, P pending, after the level"
    """How to read what the rule writes of a history."""

    responds: ClassVar[bool] = False
    """Whether the rule looks at responses."""

    cap: int = 0
    """Subjects at a lower level from which it takes nobody more meanwhile; 0 for a rule that backfills none."""

    levels: int
    cohort: int
    start: int = 1

    @abstractmethod
    def next_dose(self, history: History) -> Recommendation:
        """Say what the next subjects receive, or that escalation waits or ends.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """

    @abstractmethod
    def parse(self, path: str) -> History:
        """Read a history in the text form of this rule.

        Raises:
            PathError: What cannot be read, with its place in the path.
        """

    @abstractmethod
    def write(self, history: History) -> str:
        """Write a history in the text form of this rule; `parse` reads it."""

    @abstractmethod
    def explain(self) -> str:
        """The rule in the words of a protocol."""

    @property
    @abstractmethod
    def planned(self) -> tuple[int, int]:
        """The fewest and the most evaluable subjects that a trial of this design should be planned with."""

    @property
    def most_at_level(self) -> int:
        """The most evaluable subjects at one level."""
        return self.planned[1]

    def room(self, history: History, level: int) -> int:  # noqa: ARG002 - some rules limit a level
        """How many more subjects may be treated at a level when the decision is to stay there."""
        return min(self.cohort, self.planned[1] - sum(1 for _ in history.subjects()))

    def backfill_levels(self, history: History) -> tuple[int, ...]:  # noqa: ARG002 - one rule backfills
        """The levels below the current one that take subjects meanwhile, ascending; none unless the rule backfills."""
        return ()

    def takes_backfilled(self, history: History, level: int) -> bool:  # noqa: ARG002 - one rule backfills
        """Whether somebody who was enrolled below the current level may still be treated there."""
        return False

    def eliminated(self, history: History) -> int | None:  # noqa: ARG002 - only backfill can dilute what eliminated one
        """The lowest level that a history eliminates for good, where later subjects could dilute that."""
        return None

    def _fill_cohort(self, told: str, level: int, missing: int) -> Recommendation:
        """The answer while the last cohort still lacks subjects."""
        why = f"{told}: treat {missing} more at this level to complete the cohort."
        return self._answer(Decision.STAY, "fill", why, dose=level, subjects=missing, complete=False)

    def _answer(
        self,
        decision: Decision,
        rule: str,
        why: str,
        *,
        dose: int | None = None,
        subjects: int = 0,
        mtd: int | None = None,
        waits_for: int = 0,
        complete: bool = True,
    ) -> Recommendation:
        return Recommendation(
            decision=decision,
            dose=dose,
            mtd=mtd,
            subjects=subjects,
            waits_for=waits_for,
            rule=f"{self.name}.{rule}",
            why=why,
            complete=complete,
        )
