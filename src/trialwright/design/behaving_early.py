"""Behaviours around the designs that decide with windows open, or on more than DLTs; each stays of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import numpy as np

from trialwright.design.backfill import BackfillBOIN
from trialwright.design.behaving import Behaving, BehavingDesign, Standing, within_reach
from trialwright.design.boin12 import BOIN12, OBDRecommendation, seen_at_level
from trialwright.design.boin12_rule import NONE_LEFT
from trialwright.design.design import Design, seen_at
from trialwright.design.follow_up import FollowUp
from trialwright.design.history import History, TreatedCohort, TreatedSubject
from trialwright.design.joint_outcomes import JointOutcomes
from trialwright.design.outcomes import Outcome, Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.rolling_six import MOST, TOO_MANY, RollingSix
from trialwright.design.states import Ints
from trialwright.design.tite_boin import TITEBOIN
from trialwright.design.tite_crm import TITECRM


class _Asked(Behaving):
    """What is asked whenever a candidate is there: its escalation has a maximum of subjects, and may go beyond it."""

    design: Any
    subjects: int

    def timed_rule(self) -> Any:
        """The design's own rule as a trial in calendar time takes it; the behaviours come from `limits`."""
        return self.design.timed_rule()

    @property
    def capacity(self) -> int:
        """The most subjects who can count at once in a trial in calendar time."""
        return int(self.design.capacity) + self.levels * ((self.at_mtd or 0) + self.cohort)

    def _extended(self, own: Recommendation, at: Standing) -> Recommendation:
        """The design's answer; more of the cohort where it is over, and a cohort at the MTD was begun."""
        if self.at_mtd and at.begun and not own.subjects and (own.selected or not own.final):
            return self._fill_cohort(at.told, at.current, self.cohort - at.begun)
        return own

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        parts = f"{self.at_mtd} subjects at the {self.design.seeks} in cohorts of {self.cohort}"
        cut = f"{parts}; the {self.subjects} subjects of the design must be whole cohorts"
        return (*super()._checks(), (cut, bool(self.at_mtd) and self.subjects % self.cohort > 0))


class _DecidesEarly(_Asked, BehavingDesign):
    """A design that decides by DLTs while windows are open."""

    def next_dose(self, history: History) -> Recommendation:
        """Say what the next subjects receive, with the windows that are open; or that escalation waits or ends."""
        mine = [cohort for cohort in history.cohorts if not cohort.backfilled]
        current = mine[-1].dose if mine else self.start
        opened = bool(mine) and not mine[-1].subjects
        run = sum(len(one.subjects) for one in takewhile(lambda cohort: cohort.dose == current, reversed(mine)))
        tallies = history.tallies(self.levels)
        told, begun = seen_at(current, tallies[current - 1]), 0 if opened else run % self.cohort
        at = self.standing(tallies, current, begun, told, opened=opened)
        return self._behaved(self._extended(self.design.next_dose(history), at), at)


class _FollowsUp(_DecidesEarly):
    """A design that counts subjects in an open window by the time followed."""

    window: float

    def recommend(self, outcomes: Outcomes | Sequence[FollowUp]) -> Recommendation:
        """Say what the next subjects receive: see `LateOnset.recommend`."""
        if isinstance(outcomes, Outcomes) or not outcomes:
            return Design.recommend(self, outcomes if isinstance(outcomes, Outcomes) else Outcomes())
        return self.next_dose(History(tuple(self._cohort_of(one) for one in outcomes)))

    def _cohort_of(self, one: FollowUp) -> TreatedCohort:
        known = Outcome.PENDING if one.followed < self.window else Outcome.NO_DLT
        return TreatedCohort(one.dose, (TreatedSubject(Outcome.DLT if one.dlt else known, one.followed),))


class BehavingTITECRM(_FollowsUp, TITECRM):
    """TITE-CRM with behaviours."""


class BehavingTITEBOIN(_FollowsUp, TITEBOIN):
    """TITE-BOIN with behaviours."""


class BehavingBackfillBOIN(_DecidesEarly, BackfillBOIN):
    """BF-BOIN with behaviours; a total counts backfilled subjects too, who leave the current cohort its room."""

    def backfill_levels(self, history: History) -> tuple[int, ...]:
        """The levels that take subjects meanwhile, ascending; none once escalation is over or the total is reached."""
        answer = self.next_dose(history)
        over = answer.final or answer.rule.endswith("at dose") or self._left(history) <= answer.subjects
        return () if over else self.design.backfill_levels(history)

    def takes_backfilled(self, history: History, level: int) -> bool:
        """Whether somebody who was enrolled below the current level may still be treated there."""
        return self._left(history) > 0 and bool(self.design.takes_backfilled(history, level))


class BehavingRollingSix(BehavingDesign, RollingSix):
    """The rolling six with behaviours; its level holds six whatever is wanted at the MTD."""

    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows, with the windows that are open; an end waits where they can make its MTD too toxic."""
        answer = super().course(tallies, current, last=last, seen=seen)
        at = tallies[(self._own_selection(answer) or 1) - 1]
        if not (self.at_mtd and answer.selected and at.dlts + at.pending >= TOO_MANY):
            return answer
        level = answer.selected
        return self._hold(level, at, seen_at(level, (seen or tallies)[level - 1]))

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        wanted = f"{self.at_mtd} subjects at the MTD; a level holds {MOST}"
        return (*super()._checks(), (wanted, (self.at_mtd or 0) > MOST))


class BehavingBOIN12(_Asked, BOIN12):
    """BOIN12 with behaviours, of which the OBD is what the MTD is to other designs."""

    design: BOIN12

    def recommend(self, outcomes: JointOutcomes) -> Recommendation:
        """Say what the next subjects receive, or that the trial ends, and with which OBD.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """
        counts, own = outcomes.counts(self.levels), self.design.recommend(outcomes)
        current, last = outcomes.cohorts[-1] if outcomes.cohorts else (self.start, ())
        at = Standing(
            n=tuple(counts.sum(axis=1).tolist()),
            pending=0,
            current=current,
            begun=len(last) % self.cohort,
            told=seen_at_level(current, counts[current - 1]),
            chosen=lambda: int(self.select(counts[None])[0]),
            opened=bool(outcomes.cohorts) and not last,
        )
        return self._behaved(self._extended(own, at), at)

    def select(self, counts: Ints) -> Ints:
        """The OBD that the data of each trial select; 0 for none."""
        return within_reach(self.design.select(counts), counts.sum(axis=-1), skipping=self.skipping)

    def next_cohorts(self, counts: Ints, dose: Ints) -> tuple[Ints, Ints, Ints]:
        """The level (0 where the trial ends) and the size of each trial's next cohort, and the OBD of one that ends."""
        from trialwright.design.behaviour_kernels import next_steps  # noqa: PLC0415 - numba takes a second to import

        ahead, rule = self.design.step(counts, dose)
        size, chosen = np.full(len(dose), self.cohort), self.select(counts)
        size = np.minimum(size, np.maximum(self.subjects - counts.sum(axis=(1, 2)), 0))
        selected = np.where((ahead > 0) | (rule == NONE_LEFT), 0, chosen)
        n = counts.sum(axis=-1)
        _, ahead, size, selected = next_steps(self.limits, n, ahead, size, selected, chosen)
        return ahead, size, selected

    @property
    def first_size(self) -> int:
        """Subjects of the first cohort."""
        return min(self.cohort, self.limits.total)

    def _ended(self, rule: str, why: str, selected: int | None) -> Recommendation:
        return OBDRecommendation(decision=Decision.STOP, rule=f"{self.name}.{rule}", why=why, obd=selected)
