"""Design items of the CRM and TITE-CRM: skeletons, fits, exact characteristics, a worked trial.

Source: as trialwright.design.crm, crm_fit, skeleton and tite_crm; names and defaults as R's dfcrm.
"""

from __future__ import annotations

import re
from math import sqrt
from typing import Annotated, Any, Literal

from pydantic import Field

from trialwright.analysis.design_items.kind import Doses, Flags, Level, Levels, Rate, Subjects, Truth, kind, same_length
from trialwright.design import (
    CRM,
    TITECRM,
    CRMFit,
    Empiric,
    FollowUp,
    Logistic,
    Outcomes,
    TwoParameterLogistic,
    compiled,
    indifference_skeleton,
    operating_characteristics,
)
from trialwright.errors import InputError

Model = Literal["empiric", "logistic"]
Skeleton = Annotated[list[Rate], Field(min_length=1, max_length=15)]
Variance = Annotated[float, Field(ge=1e-6, le=1000)]
Deviation = Annotated[float, Field(ge=1e-3, le=30)]
LogOdds = Annotated[float, Field(ge=-100, le=100)]  # beyond, a rate is 0 or 1 to more digits than a float has
PRIOR_VARIANCE = 1.34
"""Of the normal prior of beta, in R's dfcrm."""
INTERCEPT = 3.0
"""Of the logistic model, in R's dfcrm."""

_NUMBER = r"\s*(-?[0-9]*\.?[0-9]+)\s*"
_TWO_NORMAL = re.compile(rf".*N2\({_NUMBER},{_NUMBER};\s*sd{_NUMBER},{_NUMBER};\s*cov{_NUMBER}\)\s*")


@kind("dfcrm_getprior")
def skeleton_empiric(*, halfwidth: Rate, target: Rate, nu: Level, nlevel: Levels) -> dict[str, Any]:
    """Compute the skeleton of the empiric model from an indifference interval."""
    return {"skeleton": indifference_skeleton(target=target, halfwidth=halfwidth, mtd=nu, levels=nlevel)}


@kind("dfcrm_getprior_logistic")
def skeleton_logistic(
    *, halfwidth: Rate, target: Rate, nu: Level, nlevel: Levels, intcpt: LogOdds = INTERCEPT
) -> dict[str, Any]:
    """Compute the skeleton of the logistic model from an indifference interval."""
    rates = indifference_skeleton(
        target=target, halfwidth=halfwidth, mtd=nu, levels=nlevel, model="logistic", intercept=intcpt
    )
    return {"skeleton": rates}


@kind("dfcrm_crm")
def crm_fit(
    *,
    prior: Skeleton,
    target: Rate,
    tox: Flags,
    level: Doses,
    model: Model = "empiric",
    method: Literal["bayes", "mle"] = "bayes",
    prior_var: Variance | None = None,
    scale: Deviation | None = None,
    intcpt: LogOdds = INTERCEPT,
) -> dict[str, Any]:
    """Fit the CRM to subjects, as R's crm does, with 90% limits."""
    same_length(tox=tox, level=level)
    design = CRM(model=_model(model, prior, _prior_sd(prior_var, scale), intcpt), target=target, estimation=method)
    return _as_dfcrm(design.fit(_path(level, tox)))


@kind("dfcrm_titecrm")
def tite_crm_fit(
    *,
    prior: Skeleton,
    target: Rate,
    tox: Flags,
    level: Doses,
    followup: Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=1, max_length=300)],
    obswin: Annotated[float, Field(gt=0)],
    model: Model = "empiric",
    method: Literal["bayes", "mle"] = "bayes",
    scheme: Literal["linear", "adaptive"] = "linear",
    prior_var: Variance | None = None,
    scale: Deviation | None = None,
    intcpt: LogOdds = INTERCEPT,
    note: str = "",
) -> dict[str, Any]:
    """Fit the TITE-CRM to subjects who are followed in part, as R's titecrm does, with 90% limits."""
    del note
    same_length(tox=tox, level=level, followup=followup)
    working = _model(model, prior, _prior_sd(prior_var, scale), intcpt)
    design = TITECRM(model=working, target=target, window=obswin, weights=scheme, estimation=method)
    subjects = [FollowUp(dose, time, bool(dlt)) for dose, time, dlt in zip(level, followup, tox, strict=True)]
    return {**_as_dfcrm(design.fit(subjects)), "weights": design.share(subjects)}


@kind("crm_exact_oc", prior="skeleton", PI="p_true", mcohort="cohort_size", x0="start_dose")
def crm_exact_characteristics(
    *,
    skeleton: Skeleton,
    target: Rate,
    p_true: Truth,
    n: Subjects,
    cohort_size: Subjects = 1,
    start_dose: Level = 1,
    model: Model = "empiric",
    method: Literal["bayes", "mle"] = "bayes",
    prior_var: Variance | None = None,
    scale: Deviation | None = None,
    intcpt: LogOdds = INTERCEPT,
    restrict: bool | str = True,
) -> dict[str, Any]:
    """Compute the exact operating characteristics of the CRM, in per cent and subjects."""
    held = restrict if isinstance(restrict, bool) else _restricted(restrict)
    design = CRM(
        model=_model(model, skeleton, _prior_sd(prior_var, scale), intcpt),
        target=target,
        estimation=method,
        cohort=cohort_size,
        subjects=n,
        start=start_dose,
        skipping=not held,
        coherent=held,
    )
    found = operating_characteristics(design, p_true)
    return {
        "sel_pct": [100 * chance for chance in found.selection],
        "mean_n": found.mean_patients,
        "mean_dlt": found.mean_dlts,
        "total_dlt": sum(found.mean_dlts),
        "nonterminal_states": len(compiled(design).dose),
    }


@kind("cheung_table_3_2")
def crm_course(
    *,
    skeleton: Skeleton,
    target: Rate,
    level: Doses,
    tox: Flags,
    start_dose: Level = 1,
    model: Model = "logistic",
    intcpt: LogOdds = INTERCEPT,
    prior_sd: Variance | str = "sqrt(1.34)",
    true_p: Truth | None = None,
) -> dict[str, Any]:
    """Follow a trial of single subjects: the estimate and the next dose after each, no dose being held back."""
    del true_p
    same_length(level=level, tox=tox)
    design = CRM(
        model=_model(model, skeleton, _deviation(prior_sd), intcpt),
        target=target,
        cohort=1,
        subjects=len(level) + 1,
        start=start_dose,
        skipping=True,
        coherent=False,
    )
    paths = [_path(level[:seen], tox[:seen]) for seen in range(1, len(level) + 1)]
    estimates = [design.fit(path).estimate[0] for path in paths]
    return {
        "beta_hat_published_2dp": [round(estimate, 2) for estimate in estimates],
        "beta_hat_dfcrm": estimates,
        "next_dose": [design.recommend(path).dose for path in paths],
    }


@kind("nbg_logistic2")
def two_parameter_fit(
    *,
    doses: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1, max_length=30)],
    d_star: Annotated[float, Field(gt=0)],
    target: Rate,
    prior: str,
    outcomes: str,
) -> dict[str, Any]:
    """Fit the two-parameter logistic model: posterior means of the DLT rates by quadrature, and the MTD."""
    read = _TWO_NORMAL.fullmatch(prior)
    if not read:
        raise InputError("prior must be like N2(2.15,.52; sd .84,.80; cov .134): means, deviations, covariance")
    alpha, beta, sd_alpha, sd_beta, covariance = map(float, read.groups())
    model = TwoParameterLogistic(
        doses=tuple(doses), reference=d_star, mean=(alpha, beta), sd=(sd_alpha, sd_beta), covariance=covariance
    )
    found = CRM(model=model, target=target).fit(Outcomes.parse(outcomes))
    return {"mean_prob_tox_bcrm_mcmc": found.ptox, "mtd": found.mtd}


def _model(name: Model, skeleton: list[float], prior_sd: float, intercept: float) -> Empiric | Logistic:
    if name == "empiric":
        return Empiric(skeleton=tuple(skeleton), prior_sd=prior_sd)
    return Logistic(skeleton=tuple(skeleton), prior_sd=prior_sd, intercept=intercept)


def _path(level: list[int], tox: list[int]) -> Outcomes:
    return Outcomes.parse(" ".join(f"{dose}{'NT'[dlt]}" for dose, dlt in zip(level, tox, strict=True)))


def _restricted(written: str) -> bool:
    """Whether escalation is held back, as a call of dfcrm says it.

    Example:
        >>> _restricted("dfcrm restrict=FALSE")
        False
    """
    asked = re.search(r"restrict=(TRUE|FALSE)", written)
    if not asked:
        raise InputError("restrict must be true or false, or say restrict=TRUE or restrict=FALSE as dfcrm does")
    return asked[1] == "TRUE"


def _prior_sd(variance: float | None, scale: float | None) -> float:
    """The prior standard deviation of beta: dfcrm calls it scale, and its default is sqrt(1.34)."""
    if scale is None:
        return sqrt(PRIOR_VARIANCE if variance is None else variance)
    if variance is not None:
        raise InputError("prior_var and scale both say the prior of beta; write one")
    return scale


def _deviation(written: float | str) -> float:
    """A standard deviation, or the square root of a variance such as `sqrt(1.34)`."""
    if not isinstance(written, str):
        return written
    read = re.fullmatch(r"\s*sqrt\(\s*([0-9]*\.?[0-9]+)\s*\)\s*", written)
    if not read:
        raise InputError(f"prior_sd must be a number or like sqrt(1.34), got {written[:60]!r}")
    return sqrt(float(read[1]))


def _as_dfcrm(found: CRMFit) -> dict[str, Any]:
    return {
        "estimate": found.estimate[0],
        "post_var": found.variance[0],
        "ptox": found.ptox,
        "ptoxL": found.lower,
        "ptoxU": found.upper,
        "mtd": found.mtd,
    }
