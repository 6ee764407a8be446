"""TITE-CRM, the CRM that counts subjects whose DLT window is open by the share for which they have been followed.

Source: Cheung and Chappell 2000, Biometrics 56:1177 (weighted likelihood; linear and adaptive weights), as R's dfcrm
has them; its titesim for the simulation: uniform times to DLT, a decision at every arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from trialwright.design.crm import CRM
from trialwright.design.crm_fit import CRMFit, Evidence, closest_level, density_of, fit
from trialwright.design.design import seen_at
from trialwright.design.follow_up import FollowUp
from trialwright.design.late_onset import LateOnset
from trialwright.design.outcomes import Outcomes
from trialwright.design.recommendation import Recommendation
from trialwright.design.states import Bools, Floats
from trialwright.errors import InputError, PathError

Weights = Literal["linear", "adaptive"]

_MOST_SIMULATED = 250
"""Subjects beyond which a likelihood, as a product, could be smaller than the smallest number."""


@dataclass(frozen=True, kw_only=True)
class TITECRM(LateOnset, CRM):
    """CRM for late-onset DLTs: nobody waits for a window to close.

    Given a path of outcomes it answers as the CRM does, with open windows counted both ways; given follow-ups it
    answers by the weighted likelihood.

    Attributes:
        window: Length of the DLT window, in days as the times followed.
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

    def timed_rule(self) -> TITECRMRule:
        """The rule as a trial in calendar time takes it; a cohort's level is decided when its first subject comes.

        Raises:
            InputError: The design is not simulated: estimation by mle, or too many subjects.
        """
        from trialwright.design import tite_crm_kernels  # noqa: F401, PLC0415 - it answers for the rule in the loop

        checks = (
            (f"{self.subjects} subjects; at most {_MOST_SIMULATED} are simulated", self.subjects > _MOST_SIMULATED),
            ("estimation by mle; only bayes is simulated", self.estimation == "mle"),
        )
        faults = [text for text, wrong in checks if wrong]
        if faults:
            raise InputError("simulation: " + "; ".join(faults))
        posterior, toxic = self._posterior, self._posterior if self.cutoff is None else self._toxic
        return TITECRMRule(
            rates=_by_node(posterior.log_rates.T),
            weights=_by_node(posterior.log_weights),
            toxic_rates=_by_node(toxic.log_rates.T),
            toxic_weights=_by_node(toxic.log_weights),
            averaged=posterior.points.T.copy() if self.model.plugs_in else _by_node(posterior.log_rates.T),
            limits=self._limits(posterior.points) if self.model.plugs_in else np.zeros(0),
            target=self.target,
            cutoff=1.0 if self.cutoff is None else self.cutoff,
            window=float(self.window),
            adaptive=self.weights == "adaptive",
            coherent=self.coherent,
            skipping=self.skipping,
            start=self.start,
            cohort=self.cohort,
            subjects=self.subjects,
        )

    def _limits(self, points: Floats) -> Floats:
        """The parameter above which each level but the first is closer to the target than the one below; by bisection.

        Rates fall as the parameter rises.
        """
        low, high = (np.full(self.levels - 1, end) for end in (points.min(), points.max()))
        for _ in range(80):
            middle = (low + high) / 2
            rates = self.model.rates(middle[:, None])
            both = np.diagonal(rates) + np.diagonal(rates, 1)
            low, high = np.where(both > 2 * self.target, middle, low), np.where(both > 2 * self.target, high, middle)
        return high

    def _rules(self) -> list[str]:
        how = {
            "linear": "the share of the window for which it was followed",
            "adaptive": "the share of the window for which it was followed, stretched to the times of the DLTs seen",
        }[self.weights]
        late = (
            f"Nobody waits for a DLT window of {self.window:g} days to close: in the likelihood, the DLT rate of a "
            f"subject without a DLT is weighted by {how}. The MTD is selected when all windows are closed."
        )
        return [*super()._rules(), late]

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
        weight = follow_up_weights(followed, dlts, float(self.window), self.weights == "adaptive")
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


class TITECRMRule(NamedTuple):
    """The rule as a compiled loop takes it.

    Attributes:
        rates: DLT rates at the nodes of the posterior, shape (levels, nodes).
        weights: Prior density times quadrature weight, shape (nodes,).
        toxic_rates: The same over the parameters by which level 1 is too toxic.
        toxic_weights: The same.
        averaged: The parameter at the nodes, shape (1, nodes), or the rates.
        limits: The parameters from which each level but the first is closest to the target; empty for rates.
        cutoff: Of the probability that level 1 is too toxic; 1 for none.
    """

    rates: Floats
    weights: Floats
    toxic_rates: Floats
    toxic_weights: Floats
    averaged: Floats
    limits: Floats
    target: float
    cutoff: float
    window: float
    adaptive: bool
    coherent: bool
    skipping: bool
    start: int
    cohort: int
    subjects: int


def _by_node(logarithms: Floats) -> Floats:
    return np.ascontiguousarray(np.exp(logarithms))


def follow_up_weights(followed: Floats, dlts: Bools, window: float, adaptive: bool) -> Floats:
    """The weight of each subject in the likelihood: 1 after a DLT or a whole window.

    The adaptive weight rises by 1 / (DLTs + 1) from one time of a DLT to the next, and from the last to the window.

    Args:
        followed: Time followed, up to the DLT where there was one, shape (subjects,).
        dlts: Who had a DLT, the same shape.
        window: Length of the DLT window.
        adaptive: Whether weights are adaptive rather than linear.

    Example:
        >>> follow_up_weights(np.array([6.0, 4.0, 9.0]), np.array([False, True, False]), 10, True).round(4).tolist()
        [0.6667, 1.0, 0.9167]
    """
    weights, total = np.ones(len(followed)), dlts.sum()
    for who in range(len(followed)):
        if dlts[who] or followed[who] >= window:
            continue
        before, after, passed = 0.0, window, 0
        for other in range(len(followed) if adaptive else 0):
            time = min(followed[other], window)
            if dlts[other] and time <= followed[who]:
                before, passed = max(before, time), passed + 1
            elif dlts[other]:
                after = min(after, time)
        weights[who] = (passed + (followed[who] - before) / (after - before)) / (total + 1)
        if not adaptive:
            weights[who] = followed[who] / window
    return weights
