"""Adjusted means and treatment differences of the mixed model for repeated measures, with their degrees of freedom."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from trialwright.analysis.intervals import LEVELS
from trialwright.analysis.mmrm import Fitted, Values, design, fitted_model
from trialwright.analysis.mmrm_fit import Floats, satterthwaite
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedMean:
    """The mean of an arm at a visit, adjusted for the other variables of the model.

    Attributes:
        estimate: In the unit of the response.
        standard_error: Without small-sample adjustment.
        degrees_of_freedom: By Satterthwaite.
        low: Lower confidence limit.
        high: Upper confidence limit.
    """

    estimate: float
    standard_error: float
    degrees_of_freedom: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The difference of an arm from the reference arm at a visit.

    Attributes:
        estimate: The arm less the reference arm, in the unit of the response.
        standard_error: Without small-sample adjustment.
        degrees_of_freedom: By Satterthwaite.
        t: The estimate in standard errors.
        p: Two-sided.
        low: Lower confidence limit.
        high: Upper confidence limit.
    """

    estimate: float
    standard_error: float
    degrees_of_freedom: float
    t: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Adjusted means and differences by visit, and in each by arm."""

    adjusted_means: dict[str, dict[str, AdjustedMean]]
    differences: dict[str, dict[str, Difference]]


@item("mmrm_treatment_differences")
def mmrm_treatment_differences(
    *, model: str | None, data: Any = None, confidence: Number | None = Decimal("0.95")
) -> Differences | Missing:
    """Give the adjusted mean of each arm at each visit, and its difference from the reference arm.

    The model is that of `mmrm_unstructured_reml`. Means are adjusted to the mean of each number over the observed rows,
    and to equal weights of the levels of each other factor, as SAS and emmeans do: a choice. Degrees of freedom are
    Satterthwaite's; Kenward and Roger's adjustment of the standard errors is not made.

    Args:
        model: As in `mmrm_unstructured_reml`; `arm` and `visit` stand in the formula.
        data: As there.
        confidence: Confidence level, 0.01 to 0.999999.

    Returns:
        By visit and arm the adjusted means and differences; missing where the data do not determine the model.

    Raises:
        InputError: Naming what of the model or of the data cannot be read.

    Example:
        >>> rows = [{"id": n, "visit": v, "y": y, "arm": "ab"[n % 2]}
        ...     for n, ys in enumerate([(1, 2), (2, 4), (2, 2), (4, 5), (3, 5), (1, 4)]) for v, y in enumerate(ys)]
        >>> text = "y ~ arm*visit (visit as factor, reference visit 0, reference arm a), unstructured covariance, REML"
        >>> last = mmrm_treatment_differences(model=text, data=rows).differences["1"]["b"]
        >>> round(last.estimate, 2), round(last.degrees_of_freedom, 2)
        (1.33, 4.0)

    Source: Mallinckrodt et al. 2008, Drug Inf J 42:303; Giesbrecht & Burns 1985, Biometrics 41:477, for the degrees of
    freedom; Searle, Speed & Milliken 1980, Am Stat 34:216, for the means. Checked in tests/published/test_mmrm.py.
    """
    read = Inputs()
    level = read.needed_number("confidence", confidence, *LEVELS)
    fitted = fitted_model(read, model, data, needed=("arm", "visit"))
    if isinstance(fitted, Missing):
        return fitted
    cells = {(visit, arm): _weights(fitted, visit, arm) for visit, arm in product(fitted.visits, fitted.levels["arm"])}
    reference = fitted.levels["arm"][0]
    apart = {
        (visit, arm): weights - cells[visit, reference] for (visit, arm), weights in cells.items() if arm != reference
    }
    freedom = satterthwaite(fitted.fit, [*cells.values(), *apart.values()])
    means: dict[str, dict[str, AdjustedMean]] = {}
    differences: dict[str, dict[str, Difference]] = {}
    for ((visit, arm), weights), df in zip(cells.items(), freedom[: len(cells)], strict=True):
        means.setdefault(visit, {})[arm] = _estimated(fitted, weights, df, float(level))
    for ((visit, arm), weights), df in zip(apart.items(), freedom[len(cells) :], strict=True):
        found = _estimated(fitted, weights, df, float(level))
        t = found.estimate / found.standard_error
        p = 2 * float(stdtr(df, -abs(t)))
        differences.setdefault(visit, {})[arm] = Difference(**asdict(found), t=t, p=p)
    return Differences(adjusted_means=means, differences=differences)


def _weights(fitted: Fitted, visit: str, arm: str) -> Floats:
    """The weights of the effects in an adjusted mean: the mean of the design over the levels of the other factors."""
    levels = {**fitted.levels, "arm": [arm], "visit": [visit]}
    numbers = [name for name in fitted.formula.variables if name not in fitted.levels]
    middle = {name: float(np.mean([float(row.values[name]) for row in fitted.rows])) for name in numbers}
    grid: list[Values] = [{**dict(zip(levels, picked, strict=True)), **middle} for picked in product(*levels.values())]
    columns = design(fitted.formula, fitted.levels, grid)
    return np.array([columns[name].mean() for name in fitted.names])


def _estimated(fitted: Fitted, weights: Floats, df: float, level: float) -> AdjustedMean:
    """A contrast with its standard error, degrees of freedom and limits."""
    estimate = float(weights @ fitted.fit.effects)
    error = float(np.sqrt(weights @ fitted.fit.of_effects @ weights))
    half = float(stdtrit(df, (1 + level) / 2)) * error
    return AdjustedMean(
        estimate=estimate,
        standard_error=error,
        degrees_of_freedom=df,
        low=estimate - half,
        high=estimate + half,
    )
