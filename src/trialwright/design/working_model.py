"""The working models of the CRM: how the DLT rate is taken to rise with the dose level, and the parameters' prior.

Source: O'Quigley, Pepe and Fisher 1990, Biometrics 46:33 (one parameter); Cheung 2011, Dose Finding by the Continual
Reassessment Method (empiric and logistic with a normal prior of variance 1.34); Neuenschwander, Branson and Gsponer
2008, Stat Med 27:2420 (two parameters).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, inf, log, sqrt
from typing import ClassVar, NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline

from trialwright.design.states import Bools, Floats, Ints
from trialwright.errors import InputError

PRIOR_SD = sqrt(1.34)
"""Standard deviation of the normal prior. Source: O'Quigley and Shen 1996, Biometrics 52:673; the default of dfcrm."""

_NEGLIGIBLE = 28.0
"""Quadrature leaves out what is below exp(-28), 7e-13, of the peak of a density."""

_FARTHEST = 12.0
"""Where quadrature can reach at most: so many prior standard deviations, and for beta so much more."""

_STEP = 0.5
"""Step of quadrature, as a share of the smallest posterior standard deviation that the number of subjects allows."""

_MOST_NODES = 2_000_000
"""Nodes beyond which a fit takes gigabytes of memory: ten times those of a published prior with 300 subjects."""

_MOST_LOG_ODDS, _MOST_LOG_SLOPE, _MOST_SD = 100, 10, 10
"""Priors farther out know every rate as 0 or 1 to more digits than a float has, or know nothing."""

_LEAST_PRIOR_SD, _MOST_PRIOR_SD = 0.001, 1000
"""A narrower prior lets no data speak, a wider one says nothing."""

_RATES = np.linspace(0.001, 0.999, 999)
"""True rates over which the information of a subject is largest."""

_FAR_LOGIT = 100.0
"""Limits of DLT rates are looked for between its negative and it."""

_NO_CHANCE = -1e300
"""Stands for the logarithm of zero, so that no subjects times no chance is one and not undefined."""


class Nodes(NamedTuple):
    """Points of a quadrature.

    Attributes:
        points: Parameters, shape (nodes, parameters).
        log_weights: Logarithms of quadrature weight times prior density, up to a constant; shape (nodes,).
    """

    points: Floats
    log_weights: Floats


class WorkingModel(ABC):
    """A dose-toxicity curve with one or two parameters. A member is a frozen dataclass.

    Attributes:
        parameters: Names of the parameters.
        plugs_in: Whether DLT rates are those at the posterior mean of the parameter, rather than posterior means.
    """

    parameters: ClassVar[tuple[str, ...]]
    plugs_in: ClassVar[bool]

    @property
    @abstractmethod
    def levels(self) -> int:
        """Number of dose levels."""

    @abstractmethod
    def faults(self) -> Iterator[str]:
        """All that is wrong with the numbers."""

    @abstractmethod
    def nodes(self, subjects: int) -> Nodes:
        """Quadrature over all parameters, fine enough for the data of `subjects`."""

    @abstractmethod
    def toxic_nodes(self, subjects: int, target: float) -> Nodes:
        """Quadrature over the parameters by which level 1 has a DLT rate above the target."""

    @abstractmethod
    def log_rates(self, points: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the DLT rates and of their complements, each of shape (nodes, levels)."""

    @abstractmethod
    def says(self) -> str:
        """The model in the words of a protocol."""

    def rates(self, points: Floats) -> Floats:
        """DLT rates, shape (nodes, levels)."""
        return np.exp(self.log_rates(points)[0])


@dataclass(frozen=True, kw_only=True)
class OneParameter(WorkingModel):
    """What the models with a skeleton share: beta has a normal prior around 0, where the rates are the skeleton's."""

    parameters: ClassVar[tuple[str, ...]] = ("beta",)
    plugs_in: ClassVar[bool] = True

    skeleton: tuple[float, ...]
    prior_sd: float = PRIOR_SD

    def __post_init__(self) -> None:
        object.__setattr__(self, "skeleton", tuple(map(float, self.skeleton)))

    @property
    def levels(self) -> int:
        """Number of dose levels."""
        return len(self.skeleton)

    def faults(self) -> Iterator[str]:
        """All that is wrong with the numbers."""
        if not self.skeleton:
            yield "a skeleton without levels"
        outside = [f"{rate:g}" for rate in self.skeleton if not 0 < rate < 1]
        if outside:
            yield f"skeleton rates outside 0 to 1: {', '.join(outside)}"
        falling = [f"{low:g}, {high:g}" for low, high in pairwise(self.skeleton) if not low < high]
        if falling:
            yield f"skeleton rates that do not ascend: {'; '.join(falling)}"
        if not _LEAST_PRIOR_SD <= self.prior_sd <= _MOST_PRIOR_SD:
            limits = f"it must be positive, from {_LEAST_PRIOR_SD:g} to {_MOST_PRIOR_SD:g}"
            yield f"a prior standard deviation of {self.prior_sd:g}; {limits}"

    def nodes(self, subjects: int) -> Nodes:
        """Quadrature over all parameters, fine enough for the data of `subjects`."""
        beta = _even(*self._range(subjects), self._step(subjects))
        return Nodes(beta[:, None], -0.5 * (beta / self.prior_sd) ** 2 + log(beta[1] - beta[0]))

    def toxic_nodes(self, subjects: int, target: float) -> Nodes:
        """Quadrature over the parameters by which level 1 has a DLT rate above the target."""
        low, high = self._range(subjects)
        limit = min(max(self._where_level_1_has(target), low), high)
        beta, weights = _between(low, limit, self._step(subjects))
        with np.errstate(divide="ignore"):
            return Nodes(beta[:, None], -0.5 * (beta / self.prior_sd) ** 2 + np.log(weights))

    def _range(self, subjects: int) -> tuple[float, float]:
        """The beta that matter: for the prior, and where all have a DLT at level 1 or nobody has one at the top."""
        far = _FARTHEST * (self.prior_sd + 1)
        beta = np.linspace(-far, far, 2001)
        matters = _matters(-0.5 * (beta / self.prior_sd) ** 2, self.log_rates(beta[:, None]), subjects)
        return _ends(beta, np.flatnonzero(matters))

    def _step(self, subjects: int) -> float:
        return _step(subjects, float(self._information().max()), self.prior_sd)

    @abstractmethod
    def _information(self) -> Floats:
        """Fisher information on beta from one subject, where the rate at the subject's level is each of `_RATES`."""

    @abstractmethod
    def slopes(self, beta: Floats) -> Floats:
        """Derivatives of the log odds of a DLT by beta, shape (values, levels)."""

    @abstractmethod
    def _where_level_1_has(self, rate: float) -> float:
        """The beta at which level 1 has this DLT rate; above it the rate is lower."""


@dataclass(frozen=True, kw_only=True)
class Empiric(OneParameter):
    """The power model: the DLT rate is the skeleton's to the power exp(beta).

    Attributes:
        skeleton: DLT rates guessed before the trial, ascending.
        prior_sd: Standard deviation of the normal prior of beta, whose mean is 0.

    Example:
        >>> Empiric(skeleton=(0.1, 0.25, 0.4)).rates(np.zeros((1, 1))).round(6).tolist()
        [[0.1, 0.25, 0.4]]
    """

    def log_rates(self, points: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the DLT rates and of their complements, each of shape (nodes, levels)."""
        with np.errstate(over="ignore", divide="ignore"):
            log_rate = np.maximum(np.exp(points) * np.log(self.skeleton), _NO_CHANCE)
            return log_rate, np.maximum(np.log(-np.expm1(log_rate)), _NO_CHANCE)

    def slopes(self, beta: Floats) -> Floats:
        """Derivatives of the log odds of a DLT by beta, shape (values, levels)."""
        log_rate = np.exp(beta)[:, None] * np.log(self.skeleton)
        return np.asarray(log_rate / -np.expm1(log_rate))

    def says(self) -> str:
        """The model in the words of a protocol."""
        return (
            f"the empiric model, in which the DLT rate of a level is its rate in the skeleton ({_list(self.skeleton)}) "
            f"to the power exp(beta), with a normal prior of mean 0 and variance {self.prior_sd**2:.3g} for beta"
        )

    def _information(self) -> Floats:
        return np.asarray(_RATES * np.log(_RATES) ** 2 / (1 - _RATES))

    def _where_level_1_has(self, rate: float) -> float:
        return log(log(rate) / log(self.skeleton[0]))


@dataclass(frozen=True, kw_only=True)
class Logistic(OneParameter):
    """The one-parameter logistic model: logit of the DLT rate = intercept + exp(beta) * dose label.

    The labels are such that the rates are the skeleton's where beta is 0.

    Attributes:
        skeleton: DLT rates guessed before the trial, ascending.
        intercept: Fixed intercept; it must be above the logit of every rate, so that rates fall as beta rises.
        prior_sd: Standard deviation of the normal prior of beta, whose mean is 0.

    Example:
        >>> Logistic(skeleton=(0.1, 0.25, 0.4)).rates(np.zeros((1, 1))).round(6).tolist()
        [[0.1, 0.25, 0.4]]
    """

    intercept: float = 3.0

    def faults(self) -> Iterator[str]:
        """All that is wrong with the numbers."""
        yield from super().faults()
        highest = max((_logit(rate) for rate in self.skeleton if 0 < rate < 1), default=-inf)
        if not highest < self.intercept < inf:
            yield f"an intercept of {self.intercept:g}; it must be above the highest skeleton logit, {highest:.3g}"

    def log_rates(self, points: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the DLT rates and of their complements, each of shape (nodes, levels)."""
        with np.errstate(over="ignore"):
            logit = np.maximum(self.intercept + np.exp(points) * self._labels, _NO_CHANCE)
        return -np.logaddexp(0, -logit), -np.logaddexp(0, logit)

    def slopes(self, beta: Floats) -> Floats:
        """Derivatives of the log odds of a DLT by beta, shape (values, levels)."""
        return np.exp(beta)[:, None] * self._labels

    def says(self) -> str:
        """The model in the words of a protocol."""
        return (
            f"the logistic model with the fixed intercept {self.intercept:g}, logit of the DLT rate = intercept + "
            f"exp(beta) * dose label, whose labels give the skeleton ({_list(self.skeleton)}) at beta = 0, with a "
            f"normal prior of mean 0 and variance {self.prior_sd**2:.3g} for beta"
        )

    @property
    def _labels(self) -> Floats:
        return np.array([_logit(rate) for rate in self.skeleton]) - self.intercept

    def _information(self) -> Floats:
        return _logistic_information(self.intercept)

    def _where_level_1_has(self, rate: float) -> float:
        ratio = (_logit(rate) - self.intercept) / float(self._labels[0])
        return log(ratio) if ratio > 0 else -inf


@dataclass(frozen=True, kw_only=True)
class TwoParameterLogistic(WorkingModel):
    """Logit of the DLT rate = log alpha + beta * log(dose / reference), with a bivariate normal prior.

    DLT rates are posterior means, not the rates at the posterior mean.

    Attributes:
        doses: The dose at each level, ascending, in any unit.
        reference: The dose whose odds of a DLT are alpha, in the same unit.
        mean: Prior means of log alpha and of log beta.
        sd: Their prior standard deviations.
        covariance: Their prior covariance.

    Example:
        >>> model = TwoParameterLogistic(doses=(1, 10, 100), reference=100, mean=(0, 0), sd=(1, 1))
        >>> model.rates(np.array([[0.0, 0.0]])).round(4).tolist()
        [[0.0099, 0.0909, 0.5]]
    """

    parameters: ClassVar[tuple[str, ...]] = ("log alpha", "log beta")
    plugs_in: ClassVar[bool] = False

    doses: tuple[float, ...]
    reference: float
    mean: tuple[float, float]
    sd: tuple[float, float]
    covariance: float = 0.0

    def __post_init__(self) -> None:
        for name in ("doses", "mean", "sd"):
            object.__setattr__(self, name, tuple(map(float, getattr(self, name))))

    @property
    def levels(self) -> int:
        """Number of dose levels."""
        return len(self.doses)

    def faults(self) -> Iterator[str]:
        """All that is wrong with the numbers."""
        if not self.doses:
            yield "no doses"
        if any(not 0 < dose < inf for dose in (*self.doses, self.reference)):
            yield "doses and the reference dose must be positive"
        falling = [f"{low:g}, {high:g}" for low, high in pairwise(self.doses) if not low < high]
        if falling:
            yield f"doses that do not ascend: {'; '.join(falling)}"
        if not (abs(self.mean[0]) <= _MOST_LOG_ODDS and abs(self.mean[1]) <= _MOST_LOG_SLOPE):
            most = f"the first must lie within {_MOST_LOG_ODDS} of 0 and the second within {_MOST_LOG_SLOPE}"
            yield f"prior means of {self.mean[0]:g} and {self.mean[1]:g}; {most}"
        if any(not 0 < sd <= _MOST_SD for sd in self.sd):
            told = f"both must be positive and at most {_MOST_SD}"
            yield f"prior standard deviations of {self.sd[0]:g} and {self.sd[1]:g}; {told}"
        elif not abs(self.covariance) < self.sd[0] * self.sd[1]:
            yield f"a prior covariance of {self.covariance}; its size must be below the product of the deviations"

    def nodes(self, subjects: int) -> Nodes:
        """Quadrature over all parameters, fine enough for the data of `subjects`."""
        first, second = self._axes(subjects)
        z2, z1 = (axis.ravel() for axis in np.meshgrid(second, first, indexing="ij"))
        area = log((first[1] - first[0]) * (second[1] - second[0]))
        return Nodes(self._points(z1, z2), -0.5 * (z1**2 + z2**2) + area)

    def toxic_nodes(self, subjects: int, target: float) -> Nodes:
        """Quadrature over the parameters by which level 1 has a DLT rate above the target."""
        first, second = self._axes(subjects)
        mean, log_beta = self._points(np.zeros(len(second)), second).T
        least = _logit(target) - np.exp(log_beta) * self._distances[0]
        low = np.clip((least - mean) / self._spread, first[0], first[-1])[:, None]
        unit, weights = _between(0, 1, 1 / len(first))
        z1, z2 = (low + (first[-1] - low) * unit).ravel(), np.repeat(second, len(unit))
        with np.errstate(divide="ignore"):
            area = np.log((first[-1] - low) * weights).ravel() + log(second[1] - second[0])
        return Nodes(self._points(z1, z2), -0.5 * (z1**2 + z2**2) + area)

    def quantiles(self, subjects: int, share: Floats, chance: float) -> Floats:
        """The DLT rate below which each level is with this posterior probability, shape (levels,).

        Args:
            subjects: As in `nodes`.
            share: Posterior probability of each of these nodes.
            chance: The probability.
        """
        first, second = self._axes(subjects)
        mean, log_beta = self._points(np.zeros(len(second)), second).T
        steps = np.linspace(first[0], first[-1], 20 * len(first))
        below = CubicSpline(first, share.reshape(len(second), len(first)), axis=1).antiderivative()(steps)
        rise = self._distances[:, None] * np.exp(log_beta)
        low, high = np.full(self.levels, -_FAR_LOGIT), np.full(self.levels, _FAR_LOGIT)
        for _ in range(50):
            logit = (low + high) / 2
            z1 = (logit[:, None] - rise - mean) / self._spread
            at = np.clip((z1 - steps[0]) / (steps[1] - steps[0]), 0, len(steps) - 1.001)
            left, rows = at.astype(np.intp), np.arange(len(second))
            reached = below[rows, left] + (at - left) * (below[rows, left + 1] - below[rows, left])
            more = reached.sum(axis=1) < chance * below[:, -1].sum()
            low, high = np.where(more, logit, low), np.where(more, high, logit)
        return np.asarray(1 / (1 + np.exp(-low)))

    def log_rates(self, points: Floats) -> tuple[Floats, Floats]:
        """Logarithms of the DLT rates and of their complements, each of shape (nodes, levels)."""
        logit = points[:, :1] + np.exp(points[:, 1:]) * self._distances
        return -np.logaddexp(0, -logit), -np.logaddexp(0, logit)

    def says(self) -> str:
        """The model in the words of a protocol."""
        doses = ", ".join(f"{dose:.10g}" for dose in self.doses)
        return (
            f"the two-parameter logistic model, logit of the DLT rate = log alpha + beta * log(dose / "
            f"{self.reference:.10g}), for the doses {doses}, with a bivariate normal prior for log alpha and "
            f"log beta of means {_list(self.mean)}, standard deviations {_list(self.sd)} and covariance "
            f"{self.covariance:g}"
        )

    @property
    def _distances(self) -> Floats:
        """The logarithm of each dose in reference doses, shape (levels,)."""
        return np.asarray(np.log(self.doses) - np.log(self.reference))

    @property
    def _spread(self) -> float:
        """Prior standard deviation of log alpha where log beta is known."""
        return sqrt(self.sd[0] ** 2 - (self.covariance / self.sd[1]) ** 2)

    def _axes(self, subjects: int) -> tuple[Floats, Floats]:
        """Independent standard normal parameters: what moves log alpha alone, and what moves log beta."""
        flat = float((_RATES * (1 - _RATES)).max()) * self._spread**2
        steep = float(_logistic_information(self.mean[0] + 2 * self.sd[0]).max()) * self.sd[1] ** 2
        z = np.linspace(-_FARTHEST, _FARTHEST, 81)
        z2, z1 = (axis.ravel() for axis in np.meshgrid(z, z, indexing="ij"))
        matters = np.flatnonzero(_matters(-0.5 * (z1**2 + z2**2), self.log_rates(self._points(z1, z2)), subjects))
        alone, with_slope = _ends(z, matters % len(z)), _ends(z, matters // len(z))
        steps = _step(subjects, flat), _step(subjects, steep)
        if (alone[1] - alone[0]) * (with_slope[1] - with_slope[0]) > _MOST_NODES * steps[0] * steps[1]:
            raise InputError(
                f"a prior of means {_list(self.mean)} and standard deviations {_list(self.sd)} needs more than "
                f"{_MOST_NODES:,} nodes of quadrature with {subjects} subjects; narrow it"
            )
        return _even(*alone, steps[0]), _even(*with_slope, steps[1])

    def _points(self, first: Floats, second: Floats) -> Floats:
        """Parameters from independent standard normal ones; the second alone moves log beta."""
        log_alpha = self.mean[0] + self.covariance / self.sd[1] * second + self._spread * first
        return np.stack([log_alpha, self.mean[1] + self.sd[1] * second], axis=1)


def _logistic_information(intercept: float) -> Floats:
    """Fisher information of one subject on the logarithm of the slope, at each of `_RATES`."""
    return np.asarray(_RATES * (1 - _RATES) * (np.log(_RATES / (1 - _RATES)) - intercept) ** 2)


def _step(subjects: int, information: float, prior_sd: float = 1.0) -> float:
    return float(_STEP / sqrt(subjects * information + prior_sd**-2))


def _matters(log_prior: Floats, log_rates: tuple[Floats, Floats], subjects: int) -> Bools:
    """Where the prior, or a posterior at either extreme of the data, is not negligible."""
    rates, spared = log_rates
    densities = np.stack([log_prior, log_prior + subjects * rates[:, 0], log_prior + subjects * spared[:, -1]])
    return np.asarray((densities > densities.max(axis=1, keepdims=True) - _NEGLIGIBLE).any(axis=0))


def _ends(values: Floats, places: Ints) -> tuple[float, float]:
    """The values just outside of those at these places."""
    return float(values[max(places.min() - 1, 0)]), float(values[min(places.max() + 1, len(values) - 1)])


def _even(low: float, high: float, step: float) -> Floats:
    return np.linspace(low, high, ceil((high - low) / step) + 1)


def _between(low: float, high: float, step: float) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre, as dense as the other quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(max(8, ceil((high - low) / step)))
    half = (high - low) / 2
    return low + half * (nodes + 1), weights * half


def _logit(rate: float) -> float:
    return log(rate / (1 - rate))


def _list(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:.4g}" for number in numbers)
