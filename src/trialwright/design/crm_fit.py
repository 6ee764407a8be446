"""Fit a working model of the CRM: to the data of one trial, with limits, or to the tallies of many trials at once.

A posterior mean is a sum over the nodes of a fixed quadrature, so that many tallies are one matrix product. The limits
of a one-parameter model are those of R's dfcrm: the rates at the estimate minus and plus normal quantiles of its
posterior standard deviation; after maximum likelihood the variance is that of a posterior with a vague prior.

Source: Cheung 2011, Dose Finding by the Continual Reassessment Method, chapter 3; Cheung and Chappell 2000, Biometrics
56:1177, for the weights of subjects who are followed in part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from scipy.special import ndtri

from trialwright.design.characteristics import html_table
from trialwright.design.states import Floats, Ints
from trialwright.design.working_model import Nodes, OneParameter, WorkingModel
from trialwright.errors import InputError

Estimation = Literal["bayes", "mle"]

CONFIDENCE = 0.9
"""Of the limits of the DLT rates; the default of dfcrm."""

_VAGUE_SD = 500.0
"""Prior standard deviation of the variance after maximum likelihood, as in dfcrm."""

_BOUND = 10.0
"""Largest size of a maximum likelihood estimate that is looked for, as in dfcrm."""


class Evidence(NamedTuple):
    """What was seen, for many trials at once; an entry is a level, or a subject.

    Attributes:
        level: 0-based level of each entry, shape (entries,) or (trials, entries).
        dlts: Subjects with a DLT, shape (trials, entries).
        spared: Subjects without, the same shape.
        weight: Share of the DLT window for which they were followed, the same shape; None where it is whole for all.
    """

    level: Ints
    dlts: Ints
    spared: Ints
    weight: Floats | None = None


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
        self._model = model
        rates = [] if model.plugs_in else [np.exp(self.log_rates)]
        self._moments = np.concatenate([np.ones((len(self.points), 1)), self.points, *rates], axis=1)

    def log_density(self, evidence: Evidence) -> Floats:
        """Log posterior, up to a constant, with the weight of the quadrature; shape (trials, nodes).

        The levels are the same in all trials.
        """
        dlts = evidence.dlts @ self.log_rates[:, evidence.level].T
        if evidence.weight is None:
            return np.asarray(dlts + evidence.spared @ self.log_spared[:, evidence.level].T + self.log_weights)
        with np.errstate(divide="ignore"):
            spared = np.log1p(-evidence.weight[:, None] * np.exp(self.log_rates[:, evidence.level]))
        spared = np.where(evidence.weight[:, None] == 1, self.log_spared[:, evidence.level], spared)
        return np.asarray(dlts + (evidence.spared[:, None] * spared).sum(axis=2) + self.log_weights)

    def rates(self, density: Floats) -> Floats:
        """Estimated DLT rates, shape (trials, levels), from densities of shape (trials, nodes)."""
        moments = density @ self._moments
        width = self.points.shape[1]
        if self._model.plugs_in:
            return self._model.rates(moments[:, 1 : 1 + width] / moments[:, :1])
        return np.asarray(moments[:, 1 + width :] / moments[:, :1])


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
        >>> seen = Evidence(np.array([0, 1]), np.array([[0, 1]]), np.array([[0, 3]]))
        >>> maximum_likelihood(model, seen).round(6).tolist()
        [0.0]
    """
    low, high = np.full(len(evidence.dlts), -_BOUND), np.full(len(evidence.dlts), _BOUND)
    for _ in range(50):
        middle = (low + high) / 2
        falling = _score(model, middle, evidence) < 0
        low, high = np.where(falling, low, middle), np.where(falling, middle, high)
    return (low + high) / 2


def fit(model: WorkingModel, target: float, estimation: Estimation, evidence: Evidence) -> CRMFit:
    """Fit one trial.

    Raises:
        InputError: There is no maximum likelihood estimate, since all or none had a DLT.
    """
    subjects, dlts = _by_level(model.levels, evidence)
    if estimation == "mle" and isinstance(model, OneParameter):
        if not 0 < evidence.dlts.sum() < evidence.dlts.sum() + evidence.spared.sum():
            raise InputError(
                f"no maximum likelihood estimate with {dlts.sum()} DLTs in {subjects.sum():g} subjects; there must be "
                "one with and one without a DLT"
            )
        estimate = maximum_likelihood(model, evidence)
        model = replace(model, prior_sd=_VAGUE_SD)
    else:
        estimate = None
    total = int((evidence.dlts + evidence.spared).sum())
    posterior = Posterior(model, model.nodes(total))
    density = density_of(posterior.log_density(evidence))[0]
    share = density[0] / density[0].sum()
    mean = share @ posterior.points
    rates = posterior.rates(density)[0]
    if estimate is not None:
        mean, rates = estimate, model.rates(estimate[:, None])[0]
    variance = share @ posterior.points**2 - mean**2
    lower, upper = _limits(model, posterior, share, mean, variance)
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


def _score(model: OneParameter, beta: Floats, evidence: Evidence) -> Floats:
    """Derivative of the log likelihood by beta, shape (trials,)."""
    log_rate, log_spared = (table[:, evidence.level] for table in model.log_rates(beta[:, None]))
    slope = model.slopes(beta)[:, evidence.level]
    rate, spared = np.exp(log_rate), np.exp(log_spared)
    if evidence.weight is not None:
        rate = rate * spared * evidence.weight / (1 - evidence.weight * rate)
    return np.asarray((slope * (evidence.dlts * spared - evidence.spared * rate)).sum(axis=1))


def _by_level(levels: int, evidence: Evidence) -> tuple[Floats, Ints]:
    """Subjects, in part where they were followed in part, and DLTs at each level of one trial."""
    followed = evidence.spared[0] * (1 if evidence.weight is None else evidence.weight[0])
    at = evidence.level[:, None] == np.arange(levels)
    dlts = (evidence.dlts[0][:, None] * at).sum(axis=0)
    return (followed[:, None] * at).sum(axis=0) + dlts, dlts


def _limits(
    model: WorkingModel, posterior: Posterior, share: Floats, mean: Floats, variance: Floats
) -> tuple[Floats, Floats]:
    tail = (1 - CONFIDENCE) / 2
    if model.plugs_in:
        reach = -ndtri(tail) * np.sqrt(variance)
        lower, upper = model.rates(np.array([mean + reach, mean - reach]))
        return lower, upper
    rates = np.exp(posterior.log_rates)
    order = rates.argsort(axis=0)
    below = share[order].cumsum(axis=0)
    ranked = np.take_along_axis(rates, order, axis=0)
    columns = range(model.levels)
    lower, upper = (
        np.array([np.interp(chance, below[:, level], ranked[:, level]) for level in columns])
        for chance in (tail, 1 - tail)
    )
    return lower, upper
