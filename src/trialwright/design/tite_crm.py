"""TITE-CRM, the CRM that counts subjects whose DLT window is open by the share for which they have been followed.

Source: Cheung and Chappell 2000, Biometrics 56:1177 (weighted likelihood; linear and adaptive weights), as R's dfcrm
has them; its titesim for the simulation: uniform times to DLT, a decision at every arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import ClassVar, Literal

import numpy as np

from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.crm import CRM
from trialwright.design.crm_fit import CRMFit, Evidence, Posterior, closest_level, density_of, fit
from trialwright.design.design import seen_at
from trialwright.design.exact import checked_truths
from trialwright.design.follow_up import FollowUp
from trialwright.design.outcomes import Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Bools, Floats, Ints
from trialwright.errors import InputError, PathError

Weights = Literal["linear", "adaptive"]
Spacing = Literal["exponential", "fixed"]

CHUNK = 250
"""Trials that share one random stream: results do not depend on how chunks are shared out."""

_MOST_SIMULATED = 250
"""Subjects beyond which a likelihood, as a product, could be smaller than the smallest number."""


@dataclass(frozen=True, kw_only=True)
class TITECRM(CRM):
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

    def recommend(self, outcomes: Outcomes | Sequence[FollowUp]) -> Recommendation:
        """Say what the next subjects receive, or that the trial ends.

        Args:
            outcomes: A path; or every subject in the order treated, with how long each was followed.

        Raises:
            PathError: A subject stands at a level that the design does not have.
            InputError: A follow-up that cannot be.
        """
        if isinstance(outcomes, Outcomes) or not outcomes:
            return super().recommend(outcomes if isinstance(outcomes, Outcomes) else Outcomes())
        evidence = self._evidence(outcomes)
        current = outcomes[-1].dose
        tallies = self._tallies(outcomes)
        told = seen_at(current, tallies[current - 1])
        run = sum(1 for _ in takewhile(lambda subject: subject.dose == current, reversed(outcomes)))
        missing = min(-run % self.cohort, self.subjects - len(outcomes))
        if missing > 0:
            return self._fill(told, current, missing)
        best, toxic = self._judge_one(evidence)
        found = self._found(evidence)
        if toxic:
            return self._stop_toxic(told)
        if len(outcomes) >= self.subjects:
            return self._over(told, tallies, found, best, current)
        recent = outcomes[-self.cohort :]
        last = (np.array([len(recent)]), np.array([sum(subject.dlt for subject in recent)]))
        ahead, rule = self._restrict(np.array([best]), np.array([current]), *last)
        size = min(self.cohort, self.subjects - len(outcomes))
        return self._go(f"{told}: {found}", int(rule[0]), current, int(ahead[0]), size)

    def share(self, outcomes: Sequence[FollowUp]) -> tuple[float, ...]:
        """The weight of each subject: 1 after a DLT or a whole window.

        Example:
            >>> from trialwright.design import Empiric
            >>> design = TITECRM(model=Empiric(skeleton=(0.1, 0.3)), target=0.2, window=28)
            >>> design.share([FollowUp(1, 28, False), FollowUp(1, 14, False), FollowUp(2, 7, True)])
            (1.0, 0.5, 1.0)
        """
        return tuple(self._evidence(outcomes).weight.tolist())

    def simulate(
        self,
        truth: Sequence[float],
        *,
        rate: float,
        trials: int,
        rng: np.random.Generator,
        spacing: Spacing = "exponential",
    ) -> OperatingCharacteristics:
        """Simulate trials in which nobody waits: a cohort's level is decided when its first subject arrives.

        DLTs fall uniformly into the window. Fewer trials are the first of more from the same state of `rng`.

        Args:
            truth: True DLT rate within the window, one for each level.
            rate: Subjects that arrive in one unit of time, on average.
            trials: Number of trials.
            rng: Where all randomness comes from; streams are spawned from it.
            spacing: The time between two arrivals: `exponential` (a Poisson process) or `fixed`.

        Raises:
            InputError: All that is wrong with the numbers.

        Example:
            >>> from trialwright.design import Empiric
            >>> design = TITECRM(model=Empiric(skeleton=(0.1, 0.25, 0.4)), target=0.25, window=1, subjects=12)
            >>> oc = design.simulate([0.1, 0.25, 0.4], rate=4, trials=100, rng=np.random.default_rng(1))
            >>> oc.trials, oc.mean_size
            (100, 12.0)
        """
        p = checked_truths(self.levels, [truth])[0]
        checks = (
            (f"a rate of {rate}; subjects must arrive", not rate > 0),
            (f"spacing {spacing!r}; exponential or fixed", spacing not in {"exponential", "fixed"}),
            (f"{trials} trials; at least 1 is needed", trials < 1),
            (f"{self.subjects} subjects; at most {_MOST_SIMULATED} are simulated", self.subjects > _MOST_SIMULATED),
            ("estimation by mle; only bayes is simulated", self.estimation == "mle"),
        )
        faults = [text for text, wrong in checks if wrong]
        if faults:
            raise InputError("simulation: " + "; ".join(faults))
        parts = []
        for number, stream in enumerate(rng.spawn(-(-trials // CHUNK))):
            draws = stream.random((min(CHUNK, trials - number * CHUNK), self.subjects, 3))
            gaps = -np.log1p(-draws[:, :, 0]) / rate if spacing == "exponential" else np.full(draws.shape[:2], 1 / rate)
            parts.append(self._run(p, gaps.cumsum(axis=1), draws[:, :, 1], draws[:, :, 2] * self.window))
        n, y, selected = (np.concatenate(column) for column in zip(*parts, strict=True))
        return _averages(p, self.target, n, y, selected)

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

    def _run(self, truth: Floats, arrival: Floats, luck: Floats, onset: Floats) -> tuple[Ints, Ints, Ints]:
        """Subjects and DLTs at each level, and the level selected, of each trial of a chunk.

        Args:
            arrival: When each subject comes, shape (trials, subjects).
            luck: A subject has a DLT where this is below the true rate, the same shape.
            onset: When it shows, after the arrival, the same shape.
        """
        trials, subjects = arrival.shape
        level = np.zeros(arrival.shape, dtype=np.int64)
        shows = np.full(arrival.shape, np.inf)
        current = np.full(trials, self.start)
        stopped = np.zeros(trials, dtype=np.bool_)
        treated = np.zeros(arrival.shape, dtype=np.bool_)
        for place in range(subjects):
            if place and place % self.cohort == 0:
                elapsed = arrival[:, place, None] - arrival[:, :place]
                seen = shows[:, :place] <= elapsed
                followed = np.where(seen, shows[:, :place], elapsed)
                weight = follow_up_weights(followed, seen, self.window, self.weights)
                best, toxic = self._judge_under_way(level[:, :place], seen, weight)
                stopped |= toxic
                recent = seen[:, -self.cohort :]
                current = self._restrict(best, current, np.full(trials, self.cohort), recent.sum(axis=1))[0]
            level[:, place] = current - 1
            treated[:, place] = ~stopped
            shows[:, place] = np.where(luck[:, place] < truth[current - 1], onset[:, place], np.inf)
        at = (level[:, :, None] == np.arange(self.levels)) & treated[:, :, None]
        n, y = at.sum(axis=1), (at & np.isfinite(shows)[:, :, None]).sum(axis=1)
        best, toxic = self._judge(n, y)
        return n, y, np.where(stopped | toxic, 0, best)

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

    def _over(self, told: str, tallies: tuple[Tally, ...], found: str, best: int, current: int) -> Recommendation:
        pending = sum(tally.pending for tally in tallies)
        if not pending:
            return self._stop_full(told, found, best)
        windows = "1 open DLT window" if pending == 1 else f"{pending} open DLT windows"
        why = f"{told}: all {self.subjects} subjects are treated; the MTD waits for {windows}."
        answer = self._answer(Decision.STAY, "follow-up", why, dose=current, complete=False)
        return replace(answer, waits_for=pending)

    def _evidence(self, outcomes: Sequence[FollowUp]) -> Evidence:
        self._check(outcomes)
        level = np.array([subject.dose - 1 for subject in outcomes], dtype=np.int64)
        dlts = np.array([subject.dlt for subject in outcomes], dtype=np.bool_)
        followed = np.array([subject.followed for subject in outcomes], dtype=np.float64)
        weight = follow_up_weights(followed[None], dlts[None], self.window, self.weights)[0]
        return Evidence(level, dlts.astype(np.int64), (~dlts).astype(np.int64), weight)

    def _tallies(self, outcomes: Sequence[FollowUp]) -> tuple[Tally, ...]:
        counts = np.zeros((self.levels, 3), dtype=np.int64)
        for subject in outcomes:
            pending = not subject.dlt and subject.followed < self.window
            counts[subject.dose - 1] += (not pending, subject.dlt, pending)
        return tuple(Tally(*row) for row in counts.tolist())

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


def _averages(truth: Floats, target: float, n: Ints, y: Ints, selected: Ints) -> OperatingCharacteristics:
    trials, levels = n.shape
    chosen = np.bincount(selected, minlength=levels + 1) / trials
    sizes, counts = np.unique(n.sum(axis=1), return_counts=True)
    return OperatingCharacteristics(
        truth=tuple(truth.tolist()),
        selection=tuple(chosen[1:].tolist()),
        selection_none=float(chosen[0]),
        top_tolerated=0.0,
        mean_patients=tuple(n.mean(axis=0).tolist()),
        mean_dlts=tuple(y.mean(axis=0).tolist()),
        sizes={int(size): float(count / trials) for size, count in zip(sizes, counts, strict=True)},
        target=target,
        method="simulated",
        trials=trials,
    )
