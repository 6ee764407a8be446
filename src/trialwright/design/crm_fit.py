"""Fit a working model of the CRM: to the data of one trial, with limits, or to the tallies of many trials at once.

A posterior mean is a sum over the nodes of a fixed quadrature, so that many tallies are one matrix product. The limits
of a one-parameter model are those of R's dfcrm: the rates at the estimate minus and plus normal quantiles of its
posterior standard deviation; after maximum likelihood the variance is that of a posterior with a vague prior.

Source: Cheung 2011, Dose Finding by the Continual Reassessment Method, chapter 3; Cheung and Chappell 2000, Biometrics
56:1177, for the weights of subjects who are followed in part.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from scipy.integrate import quad
from scipy.special import ndtri

from trialwright.design.characteristics import html_table
from trialwright.design.states import Floats, Ints
from trialwright.design.working_model import Nodes, OneParameter, TwoParameterLogistic, WorkingModel
from trialwright.errors import InputError

Estimation = Literal["bayes", "mle"]

CONFIDENCE = 0.9
"""Of the limits of the DLT rates; the default of dfcrm."""

_VAGUE_SD = 500.0
"""Prior standard deviation of the variance after maximum likelihood, as in dfcrm."""

_BOUND = 10.0
"""Largest size of a maximum likelihood estimate that is looked for, as in dfcrm."""

_TOLERANCE = float(np.finfo(float).eps) ** 0.25
"""Absolute and relative tolerance of R's `integrate`."""


class Evidence(NamedTuple):
    """What was seen in a trial; an entry is a level, or a subject.

    Attributes:
        level: Level of each entry, 0-based, shape (entries,).
        dlts: Subjects with a DLT, the same shape, or (trials, entries) for many trials.
        spared: Subjects without, shape as `dlts`.
        weight: Share of the DLT window for which those without were followed, shape (entries,).
    """

    level: Ints
    dlts: Ints
    spared: Ints
    weight: Floats

    @classmethod
    def tallied(cls, n: Ints, y: Ints) -> Evidence:
        """Subjects and subjects with a DLT at each level, all followed for the whole window."""
        levels = n.shape[-1]
        return cls(np.arange(levels), y, n - y, np.ones(levels))


@dataclass(frozen=True, slots=True, kw_only=True)
class CRMFit:
    """What the data of one trial say of the DLT rates.

    Attributes:
        target: Target DLT rate.
        parameters: Names of the model's parameters.
        estimate: Estimate of each.
        variance: Posterior variance of each.
        subjects: Subjects at each level; a subject followed in part counts as that part.
        dlts: Subjects with a DLT at each level.
        ptox: Estimated DLT rate of each level.
        lower: Lower limits of the rates, with 90 % probability between both.
        upper: Upper limits.
        mtd: The level whose rate is closest to the target; the lower one of two.
    """

    target: float
    parameters: tuple[str, ...]
    estimate: tuple[float, ...]
    variance: tuple[float, ...]
    subjects: tuple[float, ...]
    dlts: tuple[int, ...]
    ptox: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    mtd: int

    def to_frame(self) -> pl.DataFrame:
        """A row for each level: level, subjects, dlts, ptox, lower, upper."""
        columns = ("subjects", "dlts", "ptox", "lower", "upper")
        levels = list(range(1, len(self.ptox) + 1))
        return pl.DataFrame({"level": levels, **{name: list(getattr(self, name)) for name in columns}})

    @property
    def estimates(self) -> str:
        """The estimates in words."""
        return ", ".join(f"{name} = {value:.3f}" for name, value in zip(self.parameters, self.estimate, strict=True))

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame())}<p>{escape(str(self))}</p>"

    def __str__(self) -> str:
        at = self.mtd - 1
        return (
            f"Level {self.mtd} has the estimated DLT rate closest to the target of {self.target:g}: "
            f"{self.ptox[at]:.3f}, {CONFIDENCE:.0%} limits {self.lower[at]:.3f} to {self.upper[at]:.3f} "
            f"({self.estimates})."
        )


class Posterior:
    """The posterior of a working model over fixed nodes, for the data of many trials at once."""

    def __init__(self, model: WorkingModel, nodes: Nodes) -> None:
        self.points, self.log_weights = nodes
        self.log_rates, self.log_spared = model.log_rates(self.points)
        self.tables = np.concatenate([self.log_rates.T, self.log_spared.T, self.log_weights[None]])
        self._model = model
        averaged = self.points if model.plugs_in else np.exp(self.log_rates)
        self._averaged = np.concatenate([averaged, np.ones((len(averaged), 1))], axis=1)

    def of_tallies(self, n: Ints, y: Ints) -> Floats:
        """Log posterior of subjects and DLTs at each level, up to a constant, times the weight of the quadrature.

        Args:
            n: Subjects, shape (trials, levels).
            y: Subjects with a DLT, the same shape.

        Returns:
            Shape (trials, nodes).
        """
        return np.asarray(np.concatenate([y, n - y, np.ones((len(n), 1))], axis=1) @ self.tables)

    def of_one(self, evidence: Evidence) -> Floats:
        """Log posterior of one trial, up to a constant, times the weight of the quadrature; shape (1, nodes)."""
        rates, spared = self.log_rates[:, evidence.level], self.log_spared[:, evidence.level]
        with np.errstate(divide="ignore"):
            spared = np.logaddexp(spared, np.log(1 - evidence.weight) + rates)
        return np.asarray(rates @ evidence.dlts + spared @ evidence.spared + self.log_weights)[None]

    def means(self, density: Floats) -> Floats:
        """Posterior means of the parameter, or of the DLT rates where the model has two, a row for each trial."""
        sums = density @ self._averaged
        return np.asarray(sums[:, :-1] / sums[:, -1:])

    def rates(self, means: Floats) -> Floats:
        """Estimated DLT rates, shape (trials, levels), from such means."""
        return self._model.rates(means) if self._model.plugs_in else means


def density_of(log_density: Floats) -> tuple[Floats, Floats]:
    """Densities whose largest value is one, and the logarithm that was taken away, shape (trials, 1).

    The memory of `log_density` is used again.
    """
    peak = log_density.max(axis=1, keepdims=True)
    log_density -= peak
    return np.exp(log_density, out=log_density), peak


def closest_level(rates: Floats, target: float) -> Ints:
    """The level (1-based) whose rate is closest to the target, the lower of two; where all are below, the top one.

    Example:
        >>> closest_level(np.array([[0.1, 0.2, 0.4], [0.0, 0.0, 0.0]]), 0.3).tolist()
        [2, 3]
    """
    best = np.abs(rates - target).argmin(axis=1) + 1
    best = np.where((rates >= target).all(axis=1), 1, best)
    return np.where((rates <= target).all(axis=1), rates.shape[1], best)


def maximum_likelihood(model: OneParameter, evidence: Evidence) -> Floats:
    """The maximum likelihood estimate of beta, shape (trials,): the root of the score, by bisection.

    Where nobody had a DLT it is the upper bound, where all had one the lower: the likelihood has no maximum.

    Example:
        >>> from trialwright.design.working_model import Empiric
        >>> model = Empiric(skeleton=(0.1, 0.25))
        >>> maximum_likelihood(model, Evidence.tallied(np.array([[0, 4]]), np.array([[0, 1]]))).round(6).tolist()
        [0.0]
    """
    trials = np.atleast_2d(evidence.dlts).shape[0]
    low, high = np.full(trials, -_BOUND), np.full(trials, _BOUND)
    for _ in range(50):
        middle = (low + high) / 2
        falling = _score(model, middle, evidence) < 0
        low, high = np.where(falling, low, middle), np.where(falling, middle, high)
    return np.asarray((low + high) / 2)


def fit(model: WorkingModel, target: float, estimation: Estimation, evidence: Evidence) -> CRMFit:
    """Fit one trial.

    Raises:
        InputError: There is no maximum likelihood estimate, since all or none had a DLT.
    """
    subjects, dlts = _by_level(model.levels, evidence)
    total = int(evidence.dlts.sum() + evidence.spared.sum())
    estimate = None
    if estimation == "mle" and isinstance(model, OneParameter):
        if dlts.sum() in {0, total}:
            raise InputError(
                f"no maximum likelihood estimate with {dlts.sum()} DLTs in {total} subjects: there must be a subject "
                "with and one without a DLT"
            )
        estimate = maximum_likelihood(model, evidence)
        model = replace(model, prior_sd=_VAGUE_SD)
    posterior = Posterior(model, model.nodes(total))
    density = density_of(posterior.of_one(evidence))[0]
    share = density[0] / density[0].sum()
    mean, rates = share @ posterior.points, posterior.rates(posterior.means(density))[0]
    variance = share @ posterior.points**2 - mean**2
    if estimate is not None:
        mean, rates = estimate, model.rates(estimate[:, None])[0]
        found = _second_moment(model, evidence) - mean**2
        variance = np.where(found > 0, found, variance)
    tail = (1 - CONFIDENCE) / 2
    if isinstance(model, TwoParameterLogistic):
        lower, upper = (model.quantiles(total, share, chance) for chance in (tail, 1 - tail))
    else:
        reach = -ndtri(tail) * np.sqrt(variance)
        lower, upper = model.rates(np.array([mean + reach, mean - reach]))
    return CRMFit(
        target=target,
        parameters=model.parameters,
        estimate=tuple(mean.tolist()),
        variance=tuple(variance.tolist()),
        subjects=tuple(subjects.tolist()),
        dlts=tuple(dlts.tolist()),
        ptox=tuple(rates.tolist()),
        lower=tuple(lower.tolist()),
        upper=tuple(upper.tolist()),
        mtd=int(closest_level(rates[None], target)[0]),
    )


def _second_moment(model: WorkingModel, evidence: Evidence) -> float:
    """Posterior mean of beta squared, as `integrate` of R finds it for dfcrm.

    Both call QUADPACK, on a density that is not normalised: where it is small, or falls to the prior's alone, R's
    tolerance ends the search early, and the variance that dfcrm prints is that of this rule and not of the density.
    NaN where the rule finds no mass.
    """

    def density(beta: float) -> float:
        alone = Posterior(model, Nodes(np.array([[beta]]), np.array([-0.5 * (beta / _VAGUE_SD) ** 2])))
        return float(np.exp(alone.of_one(evidence)[0, 0]))

    def integral(function: Callable[[float], float]) -> float:
        found = quad(function, -np.inf, np.inf, epsabs=_TOLERANCE, epsrel=_TOLERANCE, limit=100, full_output=True)
        return float(found[0])

    mass = integral(density)
    return integral(lambda beta: beta**2 * density(beta)) / mass if mass > 0 else np.nan


def _score(model: OneParameter, beta: Floats, evidence: Evidence) -> Floats:
    """Derivative of the log likelihood by beta, shape (trials,)."""
    rate, spared = (np.exp(table[:, evidence.level]) for table in model.log_rates(beta[:, None]))
    slope = model.slopes(beta)[:, evidence.level]
    lost = rate * spared * evidence.weight / (spared + (1 - evidence.weight) * rate)
    return np.asarray((slope * (evidence.dlts * spared - evidence.spared * lost)).sum(axis=1))


def _by_level(levels: int, evidence: Evidence) -> tuple[Floats, Ints]:
    """Subjects, in part where they were followed in part, and DLTs at each level of one trial."""
    at = evidence.level[:, None] == np.arange(levels)
    dlts = (evidence.dlts[:, None] * at).sum(axis=0)
    return ((evidence.spared * evidence.weight)[:, None] * at).sum(axis=0) + dlts, dlts
