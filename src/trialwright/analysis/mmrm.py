"""The mixed model for repeated measures: unstructured covariance between visits, restricted maximum likelihood."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from math import log, pi
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item

Floats = NDArray[np.float64]

_PARTS = ("id", "visit", "y", "arm", "base")
_VARIABLES = {"arm": "arm", "visit": "visitf", "base": "base"}
_MODEL = re.compile(r"\s*y\s*~\s*(?P<terms>[\w\s+*:]+?)\s*[(,].*", re.DOTALL)
_REFERENCE = re.compile(r"reference (visit|arm) ([^\s,)]+)")
_MOST_VISITS = 10
_MOST_VALUE = 10**9
_FLAT = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class MixedModel:
    """A fitted model.

    Attributes:
        minus2_reml_loglik: -2 log restricted likelihood, with its constant.
        coefficients: Fixed effects by R's names, such as `armMale:visitf2`.
        standard_errors: Their standard errors, without small-sample adjustment.
    """

    minus2_reml_loglik: float
    coefficients: dict[str, float]
    standard_errors: dict[str, float]


class _Row(NamedTuple):
    subject: str
    visit: str
    y: float
    arm: str
    base: float | None


class _Pattern(NamedTuple):
    """Subjects seen at the same visits: indices of the visits, design (subject, visit, effect) and response."""

    visits: NDArray[np.int_]
    design: Floats
    response: Floats


@item("mmrm_unstructured_reml")
def mmrm_unstructured_reml(*, model: str | None, data: Any = None, dataset: str | None = None) -> MixedModel | Missing:
    """Fit fixed effects to repeated measures with a covariance of its own between every two visits.

    Degrees of freedom (Satterthwaite, Kenward-Roger) and least-squares means are left out: this version gives estimates
    and standard errors only.

    Args:
        model: Formula and references, such as "y ~ arm*visit (visit as factor, reference visit 1, reference arm
            placebo), unstructured covariance, REML"; `base`, the baseline value, may stand in the formula too.
        data: Rows of `id`, `visit`, `y`, `arm` and perhaps `base`; a row without `y` was not observed.
        dataset: A remark for the reader; data that is only named is not here.

    Returns:
        -2 log restricted likelihood, coefficients, standard errors; missing where the data do not determine the model.

    Raises:
        InputError: Naming what of the model or of the data cannot be read.

    Example:
        >>> rows = [{"id": n, "visit": v, "y": y, "arm": "ab"[n % 2]}
        ...     for n, ys in enumerate([(1, 2), (2, 4), (2, 2), (4, 5), (3, 5), (1, 4)]) for v, y in enumerate(ys)]
        >>> text = "y ~ arm*visit (visit as factor, reference visit 0, reference arm a), unstructured covariance, REML"
        >>> round(mmrm_unstructured_reml(model=text, data=rows).coefficients["armb:visitf1"], 4)
        1.0

    Source: Mallinckrodt et al. 2008, Drug Inf J 42:303; equal to R's nlme::gls. Checked in
    tests/published/test_statistics.py.
    """
    read = Inputs()
    read.remark("dataset", dataset)
    formula, references = _model(read, model)
    rows = _rows(read, data, needs_base="base" in formula)
    if missing := read.missing():
        return missing
    if not rows:
        return Missing("no observed value")
    names, design = _design(read, rows, formula, references)
    read.refuse()
    visits = sorted({row.visit for row in rows}, key=_as_number)
    if np.linalg.matrix_rank(design) < len(names):
        return Missing("the data do not determine every effect of the model")
    return _fit(names, _patterns(rows, design, visits), len(visits))


def _model(read: Inputs, model: Any) -> tuple[tuple[str, ...], dict[str, str]]:
    """The terms of the formula, each a variable or an interaction such as `arm:visit`, and the reference levels."""
    read.remark("model", model)
    if model is None:
        read.gaps.append("model")
    if not isinstance(model, str):
        return (), {}
    found = _MODEL.fullmatch(model)
    words = [part.strip() for part in found["terms"].split("+")] if found else []
    terms: list[str] = []
    for word in words:
        names = [name.strip() for name in re.split(r"[*:]", word)]
        if not set(names) <= set(_VARIABLES) or len(names) > 2 or len(set(names)) < len(names):
            read.fault(f"model: {word[:40]!r} must be arm, visit, base, or two of them joined by * or :")
            return (), {}
        terms += [*(names if "*" in word or len(names) == 1 else []), *([":".join(names)] if len(names) == 2 else [])]
    if not terms or "unstructured" not in model or "REML" not in model:
        read.fault('model must read like "y ~ arm*visit (reference visit 1, ...), unstructured covariance, REML"')
    return tuple(sorted(dict.fromkeys(terms), key=lambda term: ":" in term)), dict(_REFERENCE.findall(model))


def _rows(read: Inputs, data: Any, *, needs_base: bool) -> list[_Row]:
    rows = []
    for index, each in enumerate(read.listed("data", data)):
        name = f"data[{index}]"
        given = read.group(name, each, _PARTS)
        labels = {part: _label(read, f"{name}.{part}", given.get(part)) for part in ("id", "visit", "arm")}
        y = read.number(f"{name}.y", given.get("y"), -_MOST_VALUE, _MOST_VALUE)
        base = read.number(f"{name}.base", given.get("base"), -_MOST_VALUE, _MOST_VALUE)
        if needs_base and given.get("base") is None:
            read.gaps.append(f"{name}.base")
        if y is not None:
            rows.append(
                _Row(labels["id"], labels["visit"], float(y), labels["arm"], None if base is None else float(base))
            )
    if len({(row.subject, row.visit) for row in rows}) < len(rows) and not read.faults and not read.gaps:
        read.fault("data: a subject has two rows for one visit")
    if len({row.visit for row in rows}) > _MOST_VISITS:
        read.fault(f"data: at most {_MOST_VISITS} visits")
    return rows


def _label(read: Inputs, name: str, value: Any) -> str:
    if value is None:
        read.gaps.append(name)
    elif not isinstance(value, str):
        read.number(name, value, -_MOST_VALUE, _MOST_VALUE)
    return str(value)


def _as_number(label: str) -> tuple[float, str]:
    """Visits in their order: numbers by size, then names."""
    return (float(label), "") if re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", label) else (float("inf"), label)


def _design(
    read: Inputs, rows: list[_Row], terms: tuple[str, ...], references: Mapping[str, str]
) -> tuple[list[str], Floats]:
    """The names and columns of the fixed effects."""
    columns: dict[str, dict[str, Floats]] = {}
    for variable in {name for term in terms for name in term.split(":")}:
        if variable == "base":
            columns["base"] = {"base": np.array([row.base for row in rows], dtype=np.float64)}
            continue
        levels = sorted({str(getattr(row, variable)) for row in rows}, key=_as_number)
        reference = references.get(variable)
        if reference not in levels:
            read.fault(f"model must name a reference {variable} that is in the data, got {reference!r}")
            continue
        columns[variable] = {
            f"{_VARIABLES[variable]}{level}": np.array([float(getattr(row, variable) == level) for row in rows])
            for level in levels
            if level != reference
        }
    effects = {"(Intercept)": np.ones(len(rows))}
    for term in terms:
        first, *second = (columns.get(name, {}) for name in term.split(":"))
        if not second:
            effects |= first
        else:
            effects |= {f"{a}:{b}": first[a] * second[0][b] for b in second[0] for a in first}
    return list(effects), np.column_stack(list(effects.values()))


def _patterns(rows: list[_Row], design: Floats, visits: list[str]) -> list[_Pattern]:
    by_subject: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        by_subject.setdefault(row.subject, []).append(index)
    ordered = [sorted(own, key=lambda index: visits.index(rows[index].visit)) for own in by_subject.values()]
    seen = [(tuple(visits.index(rows[index].visit) for index in own), own) for own in ordered]
    found = []
    for at, group in groupby(sorted(seen), key=lambda pair: pair[0]):
        picked = np.array([own for _, own in group])
        response = np.array([row.y for row in rows])[picked]
        found.append(_Pattern(np.array(at), design[picked], response))
    return found


def _fit(names: list[str], patterns: list[_Pattern], visits: int) -> MixedModel | Missing:
    lower = np.tril_indices(visits)
    diagonal = lower[0] == lower[1]
    observations = sum(pattern.response.size for pattern in patterns)
    spread = _residual_variance(patterns, observations - len(names))
    complete = sum(len(pattern.response) for pattern in patterns if len(pattern.visits) == visits)
    if spread <= 0 or observations - len(names) < len(lower[0]) or (complete < 2 and visits > 1):
        return Missing("too few subjects, or no variation, for a covariance between all visits")

    def target(parameters: Floats) -> tuple[float, Floats]:
        root = np.zeros((visits, visits))
        root[lower] = np.where(diagonal, np.exp(np.clip(parameters, -30, 30)), parameters)
        value, slope, *_ = _deviance(patterns, root @ root.T)
        by_root = 2 * slope @ root
        return value, np.where(diagonal, by_root[lower] * root[lower], by_root[lower])

    start = np.where(diagonal, log(spread) / 2, 0.0)
    try:
        best = minimize(target, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000})
    except np.linalg.LinAlgError:
        return Missing("the restricted likelihood has no maximum")
    if np.abs(best.jac).max() > _FLAT or np.abs(best.x[diagonal]).max() > 29:
        return Missing("the restricted likelihood has no maximum")
    root = np.zeros((visits, visits))
    root[lower] = np.where(diagonal, np.exp(best.x), best.x)
    value, _, beta, covariance = _deviance(patterns, root @ root.T)
    errors = np.sqrt(np.diag(covariance))
    return MixedModel(
        minus2_reml_loglik=value + (observations - len(names)) * log(2 * pi),
        coefficients=dict(zip(names, map(float, beta), strict=True)),
        standard_errors=dict(zip(names, map(float, errors), strict=True)),
    )


def _deviance(patterns: list[_Pattern], covariance: Floats) -> tuple[float, Floats, Floats, Floats]:
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


def _residual_variance(patterns: list[_Pattern], freedom: int) -> float:
    """The variance about ordinary least squares, where the search begins; 0 where there is none to speak of."""
    design = np.concatenate([each.design.reshape(-1, each.design.shape[2]) for each in patterns])
    response = np.concatenate([each.response.ravel() for each in patterns])
    residual = response - design @ np.linalg.lstsq(design, response)[0]
    scale = float(np.abs(response).max()) or 1.0
    spread = float(residual @ residual) / freedom if freedom > 0 else 0.0
    return spread if spread > (1e-9 * scale) ** 2 else 0.0
