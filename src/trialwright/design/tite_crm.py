"""TITE-CRM, the CRM that counts subjects whose DLT window is open by the share for which they have been followed.

Source: Cheung and Chappell 2000, Biometrics 56:1177 (weighted likelihood; linear and adaptive weights), as R's dfcrm
has them; its titesim for the simulation: uniform times to DLT, a decision at every arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from trialwright.design.crm import CRM
from trialwright.design.crm_fit import CRMFit, Evidence, Posterior, closest_level, density_of, fit
from trialwright.design.design import seen_at
from trialwright.design.follow_up import FollowUp, World
from trialwright.design.late_onset import LateOnset
from trialwright.design.outcomes import Outcomes
from trialwright.design.recommendation import Recommendation
from trialwright.design.states import Bools, Floats, Ints
from trialwright.errors import InputError, PathError

if TYPE_CHECKING:
    from trialwright.design.calendar_kernels import Record

Weights = Literal["linear", "adaptive"]

_AT_ONCE = 250
"""Trials that are fitted together, so that what is held at once stays small."""

_MOST_SIMULATED = 250
"""Subjects beyond which a likelihood, as a product, could be smaller than the smallest number."""


@dataclass(frozen=True, kw_only=True)
class TITECRM(LateOnset, CRM):
    """CRM for late-onset DLTs: nobody waits for a window to close.

    Given a path of outcomes it answers as the CRM does, with open windows counted both ways; given follow-ups it
    answers by the weighted likelihood.

    Attributes:
        window: Length of the DLT window, in the unit of the follow-up times.
        weights: A subject without a DLT counts by the share of the window followed (`linear`), or by that share
            stretched to the times of the DLTs seen so far (`adaptive`).

    Example:
        >>> from trialwright.design import Empiric
        >>> model = Empiric(skeleton=(0.05, 0.1, 0.2, 0.35, 0.5, 0.7))
        >>> design = TITECRM(model=model, target=0.2, start=3, window=180)
        >>> print(design.recommend([FollowUp(3, 180, False), FollowUp(4, 24, True), FollowUp(3, 42, False)]))
        No DLT in 1 evaluable subject and 1 pending at level 3: the model (beta = -0.404) puts the DLT rate of level 2 \
at 0.215, closest to the target of 0.2; treat 1 subject at level 2.
    """

    name: ClassVar[str] = "TITE-CRM"
    responds: ClassVar[bool] = False

    window: float
    weights: Weights = "linear"
    cohort: int = 1
    coherent: bool = False

    def fit(self, outcomes: Outcomes | Sequence[FollowUp]) -> CRMFit:
        """Fit the model to a path (evaluable subjects only) or to every subject as far as followed.

        Raises:
            PathError: A subject stands at a level that the design does not have.
            InputError: A follow-up that cannot be; or no maximum likelihood estimate, since all or none had a DLT.
        """
        if isinstance(outcomes, Outcomes):
            return super().fit(outcomes)
        return fit(self.model, self.target, self.estimation, self._evidence(outcomes))

    def share(self, outcomes: Sequence[FollowUp]) -> tuple[float, ...]:
        """The weight of each subject: 1 after a DLT or a whole window.

        Example:
            >>> from trialwright.design import Empiric
            >>> design = TITECRM(model=Empiric(skeleton=(0.1, 0.3)), target=0.2, window=28)
            >>> design.share([FollowUp(1, 28, False), FollowUp(1, 14, False), FollowUp(2, 7, True)])
            (1.0, 0.5, 1.0)
        """
        return tuple(self._evidence(outcomes).weight.tolist())

    def run_trials(self, stream: np.random.Generator, world: World, record: Record) -> None:
        """Simulate as many trials in calendar time as the record has room for; `simulate_calendar` asks for it.

        Nobody waits: a cohort's level is decided when its first subject comes.

        Raises:
            InputError: The design is not simulated: estimation by mle, or too many subjects.
        """
        from trialwright.design import late_onset_kernels as kernels  # noqa: PLC0415 - numba takes a second to import

        checks = (
            (f"{self.subjects} subjects; at most {_MOST_SIMULATED} are simulated", self.subjects > _MOST_SIMULATED),
            ("estimation by mle; only bayes is simulated", self.estimation == "mle"),
        )
        faults = [text for text, wrong in checks if wrong]
        if faults:
            raise InputError("simulation: " + "; ".join(faults))
        arrival, luck = np.zeros((2, len(record.selected), self.subjects))
        screened = kernels.subjects_who_never_wait(stream, world.setting, arrival, luck)
        for low in range(0, len(record.selected), _AT_ONCE):
            rows = slice(low, low + _AT_ONCE)
            part = kernels.rows_of(record, rows)
            self._run(world, arrival[rows], luck[rows], screened[rows], part)

    def _rules(self) -> list[str]:
        how = {
            "linear": "the share of the window for which it was followed",
            "adaptive": "the share of the window for which it was followed, stretched to the times of the DLTs seen",
        }[self.weights]
        late = (
            f"Nobody waits for a DLT window of {self.window:g} to close: in the likelihood, the DLT rate of a subject "
            f"without a DLT is weighted by {how}. The MTD is selected when all windows are closed."
        )
        return [*super()._rules(), late]

    def _run(self, world: World, arrival: Floats, luck: Floats, screened: Ints, record: Record) -> None:
        """Run a few trials at once and fill their record.

        Args:
            world: The truth.
            arrival: When each subject comes, shape (trials, subjects).
            luck: What is drawn for the DLT of each, the same shape.
            screened: How many candidates were screened by then, the same shape.
            record: Where the results go.
        """
        level = np.zeros(arrival.shape, dtype=np.int64)
        shows = np.full(arrival.shape, np.inf)
        current = np.full(len(arrival), self.start)
        stopped = np.zeros(len(arrival), dtype=np.bool_)
        treated = np.zeros(arrival.shape, dtype=np.bool_)
        ends = np.full(len(arrival), np.inf)
        for place in range(self.subjects):
            if place and place % self.cohort == 0:
                elapsed = arrival[:, place, None] - arrival[:, :place]
                seen = shows[:, :place] <= elapsed
                followed = np.where(seen, shows[:, :place], elapsed)
                weight = follow_up_weights(followed, seen, self.window, self.weights)
                best, toxic = self._judge_under_way(level[:, :place], seen, weight)
                ends = np.where(toxic & ~stopped, arrival[:, place], ends)
                stopped |= toxic
                recent = seen[:, -self.cohort :]
                current = self._restrict(best, current, np.full(len(arrival), self.cohort), recent.sum(axis=1))[0]
            level[:, place] = current - 1
            treated[:, place] = ~stopped
            shows[:, place] = self._onset(world.dlts, luck[:, place], current - 1)
        dlt = np.isfinite(shows) & treated
        at = (level[:, :, None] == np.arange(self.levels)) & treated[:, :, None]
        record.n[:], record.y[:] = at.sum(axis=1), (at & dlt[:, :, None]).sum(axis=1)
        best, toxic = self._judge(record.n, record.y)
        record.selected[:] = np.where(stopped | toxic, 0, best)
        closes = np.where(treated, arrival + np.where(dlt, shows, self.window), 0.0).max(axis=1)
        record.days[:, 0], record.days[:, 1] = np.minimum(ends, closes), closes
        record.totals[:, 0] = np.where(treated, screened, 0).max(axis=1)

    def _onset(self, dlts: Floats, luck: Floats, level: Ints) -> Floats:
        """When the DLT of each subject shows, after the arrival; never where there is none."""
        rate, power = dlts[1, level], dlts[2, level]
        with np.errstate(divide="ignore", invalid="ignore"):
            late = (np.log1p(-luck) / np.log1p(-rate)) ** power
            share = np.where(power > 0, np.where(rate < 1, late, 0.0), luck / rate)
        return np.where(luck < rate, share * self.window, np.inf)

    def _judge_under_way(self, level: Ints, seen: Bools, weight: Floats) -> tuple[Ints, Bools]:
        """The level closest to the target, and whether level 1 is too toxic, for trials that are under way."""
        density = _density(self._posterior, level, seen, weight)
        best = closest_level(self._posterior.rates(self._posterior.means(density)), self.target)
        if self.cutoff is None:
            return best, np.zeros(len(level), dtype=np.bool_)
        above = _density(self._toxic, level, seen, weight).sum(axis=1)
        return best, above > self.cutoff * density.sum(axis=1)

    def _judge_one(self, evidence: Evidence) -> tuple[int, bool]:
        if self.estimation == "mle":
            dlts = int(evidence.dlts.sum())
            if dlts in {0, len(evidence.dlts)}:
                return (1 if dlts else self.levels), False
            return fit(self.model, self.target, "mle", evidence).mtd, False
        density, peak = density_of(self._posterior.of_one(evidence))
        best = closest_level(self._posterior.rates(self._posterior.means(density)), self.target)
        if self.cutoff is None:
            return int(best[0]), False
        above = np.exp(self._toxic.of_one(evidence) - peak).sum()
        return int(best[0]), bool(above > self.cutoff * density.sum())

    def weigh(self, subjects: Sequence[FollowUp], missing: int) -> Recommendation:
        """Answer when so many subjects of the last cohort are not treated yet."""
        evidence = self._evidence(subjects)
        current, pending = subjects[-1].dose, sum(tally.pending for tally in self._tallies(subjects))
        told = seen_at(current, self._tallies(subjects)[current - 1])
        if missing:
            return self._fill_cohort(told, current, missing)
        best, toxic = self._judge_one(evidence)
        if toxic:
            return self._stop_toxic(told)
        found = self._found(evidence)
        if len(subjects) >= self.subjects:
            over = f"{told}: all {self.subjects} subjects are treated"
            return self._await(over, pending, current) if pending else self._stop_full(told, found, best)
        recent = subjects[-self.cohort :]
        last = (np.array([len(recent)]), np.array([sum(subject.dlt for subject in recent)]))
        ahead, rule = self._restrict(np.array([best]), np.array([current]), *last)
        size = min(self.cohort, self.subjects - len(subjects))
        return self._go(f"{told}: {found}", int(rule[0]), current, int(ahead[0]), size)

    def _evidence(self, outcomes: Sequence[FollowUp]) -> Evidence:
        self._check(outcomes)
        level = np.array([subject.dose - 1 for subject in outcomes], dtype=np.int64)
        dlts = np.array([subject.dlt for subject in outcomes], dtype=np.bool_)
        followed = np.array([subject.followed for subject in outcomes], dtype=np.float64)
        weight = follow_up_weights(followed[None], dlts[None], self.window, self.weights)[0]
        return Evidence(level, dlts.astype(np.int64), (~dlts).astype(np.int64), weight)

    @property
    def _timed(self) -> bool:
        return self.weights == "adaptive"

    def _check(self, outcomes: Sequence[FollowUp]) -> None:
        faults = []
        for place, (dose, followed, dlt) in enumerate(
            ((subject.dose, subject.followed, subject.dlt) for subject in outcomes), start=1
        ):
            if not 1 <= dose <= self.levels:
                raise PathError(f"subject {place} is at dose level {dose}; the design has {self.levels} levels")
            if not followed >= 0:
                faults.append(f"subject {place} was followed for {followed}; it must be 0 or more")
            if dlt and followed > self.window:
                faults.append(f"subject {place} had a DLT at {followed:g}, after the window of {self.window:g}")
        if faults:
            raise InputError(f"{self.name}: " + "; ".join(faults))

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        return (
            *super()._checks(),
            (f"a window of {self.window}; it must be longer than 0", not self.window > 0),
            (f"weights {self.weights!r}; linear or adaptive", self.weights not in {"linear", "adaptive"}),
        )


def follow_up_weights(followed: Floats, dlts: Bools, window: float, weights: Weights) -> Floats:
    """The weight of each subject in the likelihood, shape (trials, subjects): 1 after a DLT or a whole window.

    The adaptive weight rises by 1 / (DLTs + 1) from one time of a DLT to the next, and from the last to the window.

    Args:
        followed: Time followed, up to the DLT where there was one, shape (trials, subjects).
        dlts: Who had a DLT, the same shape.
        window: Length of the DLT window.
        weights: Linear or adaptive.

    Example:
        >>> follow_up_weights(np.array([[6.0, 4.0, 9.0]]), np.array([[False, True, False]]), 10, "adaptive").round(4)
        array([[0.6667, 1.    , 0.9167]])
    """
    share = np.minimum(followed / window, 1.0)
    if weights == "adaptive":
        times = np.where(dlts, np.minimum(followed, window), np.inf)[:, None, :]
        passed = times <= followed[:, :, None]
        before = np.where(passed, times, 0.0).max(axis=2)
        after = np.where(passed, np.inf, times).min(axis=2)
        after = np.where(np.isfinite(after), after, window)
        with np.errstate(divide="ignore", invalid="ignore"):
            between = (followed - before) / (after - before)
        share = np.where(share < 1, (passed.sum(axis=2) + between) / (dlts.sum(axis=1, keepdims=True) + 1), 1.0)
    return np.where(dlts, 1.0, share)


def _density(posterior: Posterior, level: Ints, seen: Bools, weight: Floats) -> Floats:
    """Posterior densities, up to a constant that both quadratures share, shape (trials, nodes)."""
    rates = np.exp(posterior.log_rates).T
    density = np.repeat(np.exp(posterior.log_weights)[None], len(level), axis=0)
    spared = (~seen).astype(np.float64)
    slope = seen - spared * weight
    for subject in range(level.shape[1]):
        density *= spared[:, subject, None] + slope[:, subject, None] * rates[level[:, subject]]
    return density
