"""What the designs for late-onset DLTs share: the question from a history, and a level that was opened before news."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from itertools import takewhile
from typing import ClassVar

from trialwright.design.design import Design, open_windows, seen_at
from trialwright.design.follow_up import FollowUp, follow_ups, read_history, write_history
from trialwright.design.history import History
from trialwright.design.outcomes import Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation, not_filled


class LateOnset(Design):
    """A design that counts subjects in an open DLT window by the time for which they have been followed.

    Attributes:
        window: Length of the DLT window, in days as the times followed.
    """

    weighs_follow_up: ClassVar[bool] = True
    letters: ClassVar[str] = "N no DLT, T with DLT, P pending, after the level; @ the time followed"

    window: float
    subjects: int

    def recommend(self, outcomes: Outcomes | Sequence[FollowUp]) -> Recommendation:
        """Say what the next subjects receive, or that accrual waits or ends.

        Args:
            outcomes: A path, with open windows counted both ways; or every subject in the order treated, with how long
                each was followed.

        Raises:
            PathError: A subject stands at a level that the design does not have.
            InputError: A follow-up that cannot be.
        """
        if isinstance(outcomes, Outcomes) or not outcomes:
            return super().recommend(outcomes if isinstance(outcomes, Outcomes) else Outcomes())
        self._check(outcomes)
        current = outcomes[-1].dose
        run = sum(1 for _ in takewhile(lambda subject: subject.dose == current, reversed(outcomes)))
        return self.weigh(outcomes, max(0, min(-run % self.cohort, self.subjects - len(outcomes))))

    def next_dose(self, history: History) -> Recommendation:
        """Say what the next subjects receive, with the time for which each was followed.

        A level that was opened and where nobody is treated yet is held to what is known now: it stays open unless the
        rule now says a lower one, waits, or ends.
        """
        subjects, level = follow_ups(history, self.window), history.opened
        if not subjects:
            return super().recommend(history.outcomes)
        if level is None:
            return self.recommend(subjects)
        self._check(subjects)
        answer = self.weigh(subjects, 0)
        fill = self._fill_cohort(seen_at(level, self._tallies(subjects)[level - 1]), level, answer.subjects)
        return not_filled(fill, answer, level)

    def parse(self, path: str) -> History:
        """Read a history written as `1NN 2P@14 2T@9`: see `parse_follow_ups`."""
        return read_history(path, timed=self._timed)

    def write(self, history: History) -> str:
        """Write a history as `1NN 2P@14 2T@9`."""
        return write_history(history, self.window)

    @property
    def capacity(self) -> int:
        """The most subjects who can count at once in a trial in calendar time."""
        return self.subjects

    @abstractmethod
    def weigh(self, subjects: Sequence[FollowUp], missing: int) -> Recommendation:
        """Answer when so many subjects of the last cohort are not treated yet."""

    @abstractmethod
    def _check(self, subjects: Sequence[FollowUp]) -> None:
        """Refuse follow-ups that cannot be."""

    @property
    def _timed(self) -> bool:
        """Whether the time of a DLT counts."""
        return False

    def _await(self, told: str, pending: int, current: int) -> Recommendation:
        """All are treated, and some windows are open."""
        why = f"{told}; the MTD waits for {open_windows(pending)}."
        return self._answer(Decision.STAY, "follow-up", why, dose=current, waits_for=pending, complete=False)

    def _tallies(self, subjects: Sequence[FollowUp]) -> tuple[Tally, ...]:
        counts = [[0, 0, 0] for _ in range(self.levels)]
        for subject in subjects:
            pending = not subject.dlt and subject.followed < self.window
            for place, counted in enumerate((not pending, subject.dlt, pending)):
                counts[subject.dose - 1][place] += counted
        return tuple(Tally(*row) for row in counts)
