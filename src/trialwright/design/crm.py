"""CRM, the continual reassessment method.

Source: O'Quigley, Pepe and Fisher 1990, Biometrics 46:33; Cheung 2011, Dose Finding by the Continual Reassessment
Method. No skipping: Goodman, Zahurak and Piantadosi 1995, Stat Med 14:1149; no escalation after a toxic cohort
(coherence): Cheung 2005, Biometrics 61:863, as R's dfcrm has it. Two stages of maximum likelihood: O'Quigley and Shen
1996, Biometrics 52:673.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np

from trialwright.design.crm_fit import (
    CRMFit,
    Estimation,
    Evidence,
    Posterior,
    closest_level,
    density_of,
    fit,
    maximum_likelihood,
)
from trialwright.design.design import Design, lacking, seen_at
from trialwright.design.outcomes import Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Bools, Floats, Ints, States, Steps, distinct
from trialwright.design.working_model import OneParameter, WorkingModel
from trialwright.errors import InputError

MODEL, NO_SKIPPING, COHERENT, TOXIC, FULL = range(5)
"""The rules, as `Steps.rule` has them."""

_CHUNK = 250_000
"""Multiplications in one product of matrices: it stays within a processor's cache, and OpenBLAS, which starts threads
from 2**18 on, does not wait for another processor."""


@dataclass(frozen=True, kw_only=True)
class CRM(Design):
    """Treat the next cohort at the level whose DLT rate, by a model fitted to all data, is closest to the target.

    Attributes:
        model: The working model with its prior: `Empiric`, `Logistic` or `TwoParameterLogistic`.
        target: Target DLT rate.
        cohort: Subjects who are treated together before the model is fitted again.
        subjects: The most subjects that the trial treats.
        start: Level of the first cohort.
        estimation: `bayes`, or `mle`: then escalation goes level by level until the first DLT.
        skipping: Whether escalation may skip levels.
        coherent: Whether escalation is barred just after a cohort whose DLT rate is at or above the target.
        cutoff: The trial stops without an MTD when the DLT rate of level 1 exceeds the target with more than this
            posterior probability; None for never.

    Example:
        >>> from trialwright.design import Empiric, Outcomes
        >>> design = CRM(model=Empiric(skeleton=(0.05, 0.1, 0.2, 0.35, 0.5, 0.7)), target=0.2, start=3)
        >>> print(design.recommend(Outcomes.parse("3NNT")))
        1 DLT in 3 evaluable subjects at level 3: the model (beta = -0.377) puts the DLT rate of level 2 at 0.206, \
closest to the target of 0.2; treat 3 subjects at level 2.
    """

    name: ClassVar[str] = "CRM"

    model: WorkingModel
    target: float
    levels: int = field(init=False)
    cohort: int = 3
    subjects: int = 30
    start: int = 1
    estimation: Estimation = "bayes"
    skipping: bool = False
    coherent: bool = True
    cutoff: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "levels", self.model.levels)
        faults = [*self.model.faults(), *(text for text, wrong in self._checks() if wrong)]
        if faults:
            raise InputError(f"{self.name}: " + "; ".join(faults))

    def fit(self, outcomes: Outcomes) -> CRMFit:
        """Fit the model to all evaluable subjects.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
            InputError: There is no maximum likelihood estimate, since all or none had a DLT.

        Example:
            >>> from trialwright.design import Empiric
            >>> design = CRM(model=Empiric(skeleton=(0.05, 0.1, 0.2, 0.35, 0.5, 0.7)), target=0.2)
            >>> print(design.fit(Outcomes.parse("3N 4N 4T 3N 3N 4T 3T 2N 2N 2N")))
            Level 2 has the estimated DLT rate closest to the target of 0.2: 0.155, 90% limits 0.028 to 0.379 \
(beta = -0.212).
        """
        return fit(self.model, self.target, self.estimation, _evidence(outcomes.tallies(self.levels)))

    def first(self) -> tuple[int, int]:
        """The level and the size of the first cohort."""
        return self.start, min(self.cohort, self.subjects)

    @property
    def planned(self) -> tuple[int, int]:
        """The trial's size."""
        return self.subjects, self.subjects

    @property
    def listed(self) -> int:
        """No state where each fit sums over thousands of nodes, as with two parameters."""
        return super().listed if self.model.plugs_in else 0

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD that the data of each trial select; 0 for none.

        Args:
            n: Evaluable subjects, shape (trials, levels).
            y: Subjects with a DLT, the same shape.
        """
        best, toxic = self._judge(np.asarray(n), np.asarray(y))
        return np.asarray(np.where(toxic, 0, best))

    def step(self, states: States) -> Steps:
        """Answer many states at once, each just after a whole cohort; equal tallies are fitted once."""
        first, which = distinct([states.n, states.y])
        found = self._judge(states.n[first], states.y[first])
        best, toxic = found[0][which], found[1][which]
        total = states.total
        ahead, rule = self._restrict(best, states.dose, states.last_n, states.last_y)
        rule = np.where(toxic, TOXIC, np.where(total >= self.subjects, FULL, rule))
        ends = rule >= TOXIC
        return Steps(
            dose=np.where(ends, 0, ahead),
            subjects=np.where(ends, 0, np.minimum(self.cohort, self.subjects - total)),
            selected=np.where(rule == FULL, best, 0),
            topped=np.zeros(len(best), dtype=np.bool_),
            rule=rule,
        )

    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows when every window is closed."""
        told = seen_at(current, (seen or tallies)[current - 1])
        missing = self._missing(tallies, last)
        if missing:
            return self._fill_cohort(told, current, missing)
        steps = self.step(States.one(tallies, current, last or Tally()))
        rule = int(steps.rule[0])
        if rule == TOXIC:
            return self._stop_toxic(told)
        found = self._found(_evidence(tallies))
        if rule == FULL:
            return self._stop_full(told, found, int(steps.selected[0]))
        return self._go(f"{told}: {found}", rule, current, int(steps.dose[0]), int(steps.subjects[0]))

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        return " ".join([f"Dose escalation follows the {self.name} over {self.levels} dose levels.", *self._rules()])

    def _rules(self) -> list[str]:
        how = "the maximum likelihood estimate" if self.estimation == "mle" else "the posterior mean"
        what = f"are those at {how} of beta" if self.model.plugs_in else "are posterior means"
        sentences = [
            f"The target DLT rate is {self.target:g}. The working model is {self.model.says()}.",
            f"Cohorts of {self.cohort} are treated, beginning at level {self.start}, {self.subjects} subjects at most.",
            f"After each cohort the model is fitted to all subjects; the DLT rates of the levels {what}.",
            "The next cohort receives the level whose rate is closest to the target, the lower one of two.",
        ]
        if self.estimation == "mle":
            sentences.append(
                "Until both a subject with and one without a DLT are known, the dose moves level by level."
            )
        if not self.skipping:
            sentences.append("Escalation never skips a level.")
        if self.coherent:
            sentences.append("The dose is not escalated just after a cohort whose DLT rate is at or above the target.")
        if self.cutoff is not None:
            sentences.append(
                "The trial stops without an MTD when the posterior probability that the DLT rate of level 1 exceeds "
                f"the target is above {self.cutoff:g}."
            )
        return [*sentences, "At the end the MTD is the level whose rate is closest to the target."]

    def _judge(self, n: Ints, y: Ints) -> tuple[Ints, Bools]:
        """The level closest to the target, and whether level 1 is too toxic, for many tallies."""
        if self.estimation == "mle" and isinstance(self.model, OneParameter):
            rates = self.model.rates(maximum_likelihood(self.model, Evidence.tallied(n, y))[:, None])
            none, every = ~y.any(axis=1), (y == n).all(axis=1)
            best = np.select([none, every], [self.levels, 1], closest_level(rates, self.target))
            return best, np.zeros(len(n), dtype=np.bool_)
        size = max(1, _CHUNK // self._posterior.tables.size)
        parts = [self._estimate(n[low : low + size], y[low : low + size]) for low in range(0, len(n), size)]
        means, toxic = (np.concatenate(column) for column in zip(*parts, strict=True))
        return closest_level(self._posterior.rates(means), self.target), toxic

    def _estimate(self, n: Ints, y: Ints) -> tuple[Floats, Bools]:
        """Posterior means, and whether level 1 is too toxic."""
        density, peak = density_of(self._posterior.of_tallies(n, y))
        if self.cutoff is None:
            return self._posterior.means(density), np.zeros(len(n), dtype=np.bool_)
        above = np.exp(self._toxic.of_tallies(n, y) - peak).sum(axis=1)
        return self._posterior.means(density), above > self.cutoff * density.sum(axis=1)

    def _restrict(self, best: Ints, dose: Ints, last_n: Ints, last_y: Ints) -> tuple[Ints, Ints]:
        """The level of the next cohort, and the rule that made it."""
        rule = np.full(len(best), MODEL)
        ahead = best
        if not self.skipping:
            rule = np.where(ahead > dose + 1, NO_SKIPPING, rule)
            ahead = np.minimum(ahead, dose + 1)
        if self.coherent:
            barred = (ahead > dose) & (last_y / np.maximum(last_n, 1) >= self.target)
            rule = np.where(barred, COHERENT, rule)
            ahead = np.where(barred, dose, ahead)
        return ahead, rule

    def _found(self, evidence: Evidence) -> str:
        """What the fit says, in words."""
        dlts, total = int(evidence.dlts.sum()), int((evidence.dlts + evidence.spared).sum())
        if self.estimation == "mle" and dlts in {0, total}:
            return f"{'every' if dlts else 'no'} subject had a DLT, so there is no maximum likelihood estimate yet"
        found = fit(self.model, self.target, self.estimation, evidence)
        return (
            f"the model ({found.estimates}) puts the DLT rate of level {found.mtd} at {found.ptox[found.mtd - 1]:.3f}, "
            f"closest to the target of {self.target:g}"
        )

    def _stop_toxic(self, told: str) -> Recommendation:
        why = (
            f"{told}: the DLT rate of level 1 exceeds the target of {self.target:g} with more than {self.cutoff} "
            "probability; the trial stops and no level is selected."
        )
        return self._answer(Decision.STOP, "toxic", why)

    def _stop_full(self, told: str, found: str, mtd: int) -> Recommendation:
        why = f"{told}: all {self.subjects} subjects are treated; {found}; the MTD is level {mtd}."
        return self._answer(Decision.STOP, "size", why, mtd=mtd)

    def _go(self, told: str, rule: int, current: int, dose: int, subjects: int) -> Recommendation:
        limit = {
            NO_SKIPPING: "; no level is skipped",
            COHERENT: "; no escalation just after a DLT rate at or above the target",
        }.get(rule, "")
        words = f"treat {subjects} {'subject' if subjects == 1 else 'subjects'} at level {dose}."
        decision = Decision.ESCALATE if dose > current else Decision.DE_ESCALATE if dose < current else Decision.STAY
        return self._answer(decision, decision.value, f"{told}{limit}; {words}", dose=dose, subjects=subjects)

    def _missing(self, tallies: tuple[Tally, ...], last: Tally | None) -> int:
        """How many subjects the last cohort still lacks."""
        total = sum(tally.treated for tally in tallies)
        if last is None or total == 0:
            return self.first()[1]
        return lacking(last, total, planned=self.cohort, subjects=self.subjects)

    @cached_property
    def _posterior(self) -> Posterior:
        return Posterior(self.model, self.model.nodes(self.subjects))

    @cached_property
    def _toxic(self) -> Posterior:
        return Posterior(self.model, self.model.toxic_nodes(self.subjects, self.target))

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        mle = self.estimation == "mle"
        return (
            (f"a target of {self.target}; it must lie between 0 and 1", not 0 < self.target < 1),
            (f"a cohort of {self.cohort}; at least 1 is needed", self.cohort < 1),
            (f"{self.subjects} subjects; at least one cohort is needed", self.subjects < self.cohort),
            (f"a start at level {self.start} of {self.levels}", not 1 <= self.start <= self.levels),
            (f"estimation by {self.estimation!r}; bayes or mle", self.estimation not in {"bayes", "mle"}),
            ("maximum likelihood is for models with one parameter", mle and not isinstance(self.model, OneParameter)),
            (
                "maximum likelihood has no estimate before the first DLT, so no level may be skipped",
                mle and self.skipping,
            ),
            ("a cutoff is a posterior probability; it needs estimation by bayes", mle and self.cutoff is not None),
            (f"a cutoff of {self.cutoff}; it must lie between 0 and 1", not 0 < (self.cutoff or 0.5) < 1),
        )


def _evidence(tallies: tuple[Tally, ...]) -> Evidence:
    n, y = np.array([[tally.evaluable, tally.dlts] for tally in tallies]).T
    return Evidence.tallied(n, y)
