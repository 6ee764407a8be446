"""What has happened in a trial up to a data cut, as every dose rule is told it, whatever the rule then looks at.

Conduct makes a history from the log, and each rule reads one from its own text form: a recommendation at the bedside
and one on the command line are the same question.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally


@dataclass(frozen=True, slots=True)
class TreatedSubject:
    """One treated subject at the data cut.

    Attributes:
        outcome: What is known of the DLT window.
        followed: Time followed, up to the DLT where there was one, in the unit of the design's window; None where it is
            not known.
        response: Whether there was a response or efficacy; None while that is open.
    """

    outcome: Outcome
    followed: float | None = None
    response: bool | None = None


@dataclass(frozen=True, slots=True)
class TreatedCohort:
    """Subjects treated one after the other at one dose level (1-based); nobody yet, where the level was just opened."""

    dose: int
    subjects: tuple[TreatedSubject, ...] = ()
    backfilled: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Cohorts in the order treated. Subjects who are not evaluable are left out: they are replaced.

    Attributes:
        eliminated: The lowest level that an earlier dose decision eliminated; it stays so. None where no level was.

    Example:
        >>> history = History((TreatedCohort(1, (TreatedSubject(Outcome.DLT), TreatedSubject(Outcome.PENDING))),))
        >>> history.tallies(2)
        (Tally(evaluable=1, dlts=1, pending=1), Tally(evaluable=0, dlts=0, pending=0))
    """

    cohorts: tuple[TreatedCohort, ...] = ()
    eliminated: int | None = None

    @property
    def opened(self) -> int | None:
        """The level that was opened last, where nobody is treated there since."""
        return self.cohorts[-1].dose if self.cohorts and not self.cohorts[-1].subjects else None

    @property
    def treated(self) -> Self:
        """The same without a level where nobody is treated yet."""
        return replace(self, cohorts=self.cohorts[:-1]) if self.opened else self

    def subjects(self) -> Iterator[tuple[int, TreatedSubject]]:
        """Every subject with the dose level, in the order treated."""
        return ((cohort.dose, subject) for cohort in self.cohorts for subject in cohort.subjects)

    @property
    def outcomes(self) -> Outcomes:
        """The outcomes of the DLT windows alone."""
        cohorts = (Cohort(one.dose, tuple(subject.outcome for subject in one.subjects)) for one in self.cohorts)
        return Outcomes(tuple(cohorts))

    @classmethod
    def of(cls, outcomes: Outcomes) -> Self:
        """The history of which nothing is known but outcomes."""
        return cls(tuple(TreatedCohort(dose, tuple(map(TreatedSubject, found))) for dose, found in outcomes.cohorts))

    def tallies(self, levels: int) -> tuple[Tally, ...]:
        """Count each of the dose levels 1 to `levels`.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """
        return self.outcomes.tallies(levels)
