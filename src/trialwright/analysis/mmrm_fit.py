"""The fit of the mixed model for repeated measures by restricted maximum likelihood, and the freedom of a contrast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, isqrt, log, pi, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from trialwright.clinical.item import Missing

Floats = NDArray[np.float64]

_FLAT = 1e-3
_FARTHEST = -log(np.finfo(np.float64).eps)  # a logarithm of a deviation; the search may look, but not find, beyond
_STEP = 1e-4  # of a parameter, for the curvature of the likelihood
_LEAST_BEND = 1e-6  # of the least curvature to the greatest; below, it is the noise of the step


class Pattern(NamedTuple):
    """Subjects seen at the same visits: indices of the visits, design (subject, visit, effect) and response."""

    visits: NDArray[np.int_]
    design: Floats
    response: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """The maximum of the restricted likelihood.

    Attributes:
        minus2_reml_loglik: -2 log restricted likelihood, with its constant.
        effects: The fixed effects.
        of_effects: Their covariance, without small-sample adjustment.
        scale: The unit of the search: the standard deviation about ordinary least squares.
        parameters: What the likelihood was searched over: the lower triangle of the Cholesky root of the covariance
            between visits, its diagonal in logarithms, in that unit.
        uncertainty: The covariance of the parameters.
        patterns: The data in that unit.
    """

    minus2_reml_loglik: float
    effects: Floats
    of_effects: Floats
    scale: float
    parameters: Floats
    uncertainty: Floats
    patterns: Sequence[Pattern]


def fit_reml(patterns: Sequence[Pattern], visits: int) -> Fit | Missing:
    """Find the covariance between visits, and with it the effects, at the maximum of the restricted likelihood.

    Args:
        patterns: The subjects by the visits at which they were seen.
        visits: How many visits there are in all.

    Returns:
        The fit; missing, with the reason, where the data do not determine every variance and covariance.

    Source: Patterson & Thompson 1971, Biometrika 58:545, for the restricted likelihood; Pinheiro & Bates 1996, Stat
    Comput 6:289, for the search over the Cholesky root with its diagonal in logarithms. Checked in
    tests/published/test_mmrm.py.
    """
    start = np.zeros(comb(visits + 1, 2))
    complete = sum(len(pattern.response) for pattern in patterns if len(pattern.visits) == visits)
    freedom, scale = _about_least_squares(patterns)
    if freedom < len(start) or complete < 2 or not scale:
        return Missing("too few subjects, or no variation, for a covariance between all visits")

    def target(parameters: Floats) -> tuple[float, Floats]:
        return _deviance_and_slope(patterns, parameters)

    patterns = [each._replace(response=each.response / scale) for each in patterns]
    try:
        best = minimize(target, start, jac=True)
    except np.linalg.LinAlgError:
        return Missing("the restricted likelihood has no maximum")
    if np.abs(best.jac).max() > _FLAT:
        return Missing("the restricted likelihood has no maximum")
    uncertainty = _uncertainty(patterns, best.x)
    if uncertainty is None:
        return Missing("the data do not determine every variance and covariance between visits")
    value, _, found, of_effects = _deviance(patterns, _covariance(best.x))
    return Fit(
        minus2_reml_loglik=value + freedom * log(2 * pi * scale**2),
        effects=found * scale,
        of_effects=of_effects * scale**2,
        scale=scale,
        parameters=best.x,
        uncertainty=uncertainty,
        patterns=patterns,
    )


def satterthwaite(fit: Fit, contrasts: Sequence[Floats]) -> list[float]:
    """Approximate the degrees of freedom of contrasts of the effects.

    Twice the squared variance of the contrast, divided by the variance of that variance, which follows from the
    curvature of the restricted likelihood at its maximum.

    Args:
        fit: The fitted model.
        contrasts: Weights of the effects, one vector for each contrast.

    Returns:
        The degrees of freedom of each contrast, a number above 0.

    Source: Satterthwaite 1946, Biometrics Bull 2:110; Giesbrecht & Burns 1985, Biometrics 41:477. Checked in
    tests/published/test_mmrm.py.
    """
    freedom = []
    for contrast in contrasts:
        variance = float(contrast @ fit.of_effects @ contrast) / fit.scale**2
        slope = _slope_of_variance(fit, contrast)
        freedom.append(2 * variance**2 / float(slope @ fit.uncertainty @ slope))
    return freedom


def _uncertainty(patterns: Sequence[Pattern], at: Floats) -> Floats | None:
    """The covariance of the parameters, from the curvature at the maximum; None where there is no curvature."""
    curvature = np.empty((len(at), len(at)))
    for index, step in enumerate(_STEP * np.eye(len(at))):
        _, above = _deviance_and_slope(patterns, at + step)
        _, below = _deviance_and_slope(patterns, at - step)
        curvature[index] = (above - below) / (2 * _STEP)
    symmetric = np.asarray((curvature + curvature.T) / 2, dtype=np.float64)
    bends = np.linalg.eigvalsh(symmetric)
    if bends[0] <= _LEAST_BEND * bends[-1]:
        return None
    return np.asarray(np.linalg.inv(symmetric / 2), dtype=np.float64)


def _slope_of_variance(fit: Fit, contrast: Floats) -> Floats:
    """The slope of a contrast's variance by the parameters."""
    covariance = _covariance(fit.parameters)
    weights = fit.of_effects @ contrast / fit.scale**2
    slope = np.zeros_like(covariance)
    for each in fit.patterns:
        inverse = np.linalg.inv(covariance[np.ix_(each.visits, each.visits)])
        pulled = (each.design @ weights) @ inverse
        slope[np.ix_(each.visits, each.visits)] += pulled.T @ pulled
    return _by_parameters(slope, fit.parameters)


def _root(parameters: Floats) -> Floats:
    visits = isqrt(2 * len(parameters))
    lower = np.tril_indices(visits)
    root = np.zeros((visits, visits))
    root[lower] = np.where(lower[0] == lower[1], np.exp(np.clip(parameters, -_FARTHEST, _FARTHEST)), parameters)
    return root


def _covariance(parameters: Floats) -> Floats:
    root = _root(parameters)
    return root @ root.T


def _by_parameters(slope: Floats, parameters: Floats) -> Floats:
    """A slope by the covariance as a slope by the parameters."""
    root = _root(parameters)
    lower = np.tril_indices(len(root))
    by_root: Floats = (2 * slope @ root)[lower]
    return np.where(lower[0] == lower[1], by_root * root[lower], by_root)


def _deviance_and_slope(patterns: Sequence[Pattern], parameters: Floats) -> tuple[float, Floats]:
    value, slope, *_ = _deviance(patterns, _covariance(parameters))
    return value, _by_parameters(slope, parameters)


def _deviance(patterns: Sequence[Pattern], covariance: Floats) -> tuple[float, Floats, Floats, Floats]:
    """-2 log restricted likelihood less its constant, its slope by the covariance, the effects and their covariance."""
    inverses = [np.linalg.inv(covariance[np.ix_(each.visits, each.visits)]) for each in patterns]
    weighted = [inverse @ each.design for inverse, each in zip(inverses, patterns, strict=True)]
    parts = list(zip(patterns, inverses, weighted, strict=True))
    information = sum((np.einsum("mti,mtj->ij", each.design, heavy) for each, _, heavy in parts), np.zeros(()))
    score = sum((np.einsum("mti,mt->i", heavy, each.response) for each, _, heavy in parts), np.zeros(()))
    of_effects = np.linalg.inv(information)
    effects = of_effects @ score
    value = float(np.linalg.slogdet(information)[1])
    slope = np.zeros_like(covariance)
    for each, inverse, heavy in parts:
        left = (each.response - each.design @ effects) @ inverse
        count = len(each.response)
        value += float(
            -count * np.linalg.slogdet(inverse)[1] + np.einsum("mt,ts,ms->", left, np.linalg.inv(inverse), left)
        )
        used = np.einsum("mti,ij,msj->ts", heavy, of_effects, heavy)
        slope[np.ix_(each.visits, each.visits)] += count * inverse - used - left.T @ left
    return value, slope, effects, of_effects


def _about_least_squares(patterns: Sequence[Pattern]) -> tuple[int, float]:
    """The freedom and the standard deviation about ordinary least squares; 0 where there is none to speak of."""
    design = np.concatenate([subject for each in patterns for subject in each.design])
    response = np.concatenate([subject for each in patterns for subject in each.response])
    residual = response - design @ np.linalg.lstsq(design, response)[0]
    observations, effects = design.shape
    freedom = observations - effects
    scale = sqrt(float(residual @ residual) / max(freedom, 1))
    return freedom, scale if scale > 1e-9 * float(np.abs(response).max()) else 0.0
