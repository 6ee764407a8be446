"""The mixed model for repeated measures: unstructured covariance between visits, restricted maximum likelihood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any, NamedTuple

import numpy as np

from trialwright.analysis.mmrm_fit import Fit, Floats, Pattern, fit_reml
from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item

_MODEL = re.compile(r"\s*y\s*~\s*(?P<terms>[\w\s+*:]+)[(,].*", re.DOTALL)
_REFERENCE = re.compile(r'reference (\w+) (?:"([^"]+)"|([^\s,)]+))')
_MOST_VISITS = 10
_MOST_ROWS = 5_000  # five hundred subjects at ten visits, which take half a minute where many of them are lost
_MOST_EFFECTS = 60
_MOST_VALUE = 10**9
_NEEDED = ("id", "visit", "arm")

Value = str | float
Values = Mapping[str, Value]


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


class Formula(NamedTuple):
    """The terms of a model, variables and pairs of them joined by a colon, and the reference level of each factor."""

    terms: tuple[str, ...]
    references: Mapping[str, str]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables, in the order in which they come."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.split(":")))


class Row(NamedTuple):
    """One observed value with the subject and the variables of the model."""

    subject: str
    y: float
    values: Values


class Fitted(NamedTuple):
    """A fitted model with what its effects mean.

    Attributes:
        names: The effects by R's names.
        levels: The levels of each factor, the reference first; nothing for a number.
        visits: The visits in their order.
    """

    formula: Formula
    rows: Sequence[Row]
    names: Sequence[str]
    levels: Mapping[str, Sequence[str]]
    visits: Sequence[str]
    fit: Fit


@item("mmrm_unstructured_reml")
def mmrm_unstructured_reml(*, model: str | None, data: Any = None, dataset: str | None = None) -> MixedModel | Missing:
    """Fit fixed effects to repeated measures with a covariance of its own between every two visits.

    Adjusted means and treatment differences with their degrees of freedom: `mmrm_treatment_differences`. Other
    structures of the covariance (compound symmetry, autoregressive, by arm), random effects and maximum likelihood are
    not offered.

    Args:
        model: Formula and references, such as "y ~ base + arm*visit (visit as factor, reference visit 1, reference arm
            placebo), unstructured covariance, REML". A variable whose values are all numbers is a number, except for
            arm and visit; any other is a factor and needs its reference. At most 60 effects.
        data: Rows of `id`, `visit`, `y`, `arm` and the other variables of the model, at most 5,000 rows and 10 visits;
            a row without `y` was not observed. As labels 1 and 1.0 are the same.
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
    if data is None:
        read.refuse()
        return Missing("data is not given; a data set that is only named is not here")
    fitted = fitted_model(read, model, data)
    if isinstance(fitted, Missing):
        return fitted
    errors = np.sqrt(np.diag(fitted.fit.of_effects))
    return MixedModel(
        minus2_reml_loglik=fitted.fit.minus2_reml_loglik,
        coefficients=dict(zip(fitted.names, map(float, fitted.fit.effects), strict=True)),
        standard_errors=dict(zip(fitted.names, map(float, errors), strict=True)),
    )


def fitted_model(read: Inputs, model: Any, data: Any, *, needed: Sequence[str] = ()) -> Fitted | Missing:
    """Read a model and its data, and fit it.

    Args:
        read: Collects what cannot be read.
        model: The formula with its references.
        data: The rows.
        needed: Variables that must stand in the formula.

    Raises:
        InputError: Naming what of the model or of the data cannot be read.
    """
    formula = _formula(read, model)
    if formula.terms and not set(needed) <= set(formula.variables):
        read.fault(f"model: {' and '.join(needed)} must stand in the formula")
    rows = _rows(read, data, formula)
    if missing := read.missing():
        return missing
    if not rows:
        return Missing("no observed value")
    levels = _levels(read, rows, formula)
    effects = _effects(formula, levels)
    if effects > _MOST_EFFECTS:
        read.fault(
            f"model must have at most {_MOST_EFFECTS} effects, got {effects:,}; a factor of fewer levels has fewer"
        )
    read.refuse()
    columns = design(formula, levels, [row.values for row in rows])
    matrix = np.column_stack(list(columns.values()))
    if np.linalg.matrix_rank(matrix) < len(columns):
        return Missing("the data do not determine every effect of the model")
    visits = sorted({str(row.values["visit"]) for row in rows}, key=_as_number)
    fit = fit_reml(_patterns(rows, matrix, visits), len(visits))
    return fit if isinstance(fit, Missing) else Fitted(formula, rows, list(columns), levels, visits, fit)


def design(formula: Formula, levels: Mapping[str, Sequence[str]], values: Sequence[Values]) -> dict[str, Floats]:
    """Give the columns of the fixed effects for some values of the variables, by R's names."""
    columns: dict[str, dict[str, Floats]] = {}
    for name in formula.variables:
        if name not in levels:
            columns[name] = {name: np.array([each[name] for each in values], dtype=np.float64)}
            continue
        shown = "visitf" if name == "visit" else name
        columns[name] = {
            f"{shown}{level}": np.array([float(each[name] == level) for each in values]) for level in levels[name][1:]
        }
    effects = {"(Intercept)": np.ones(len(values))}
    for term in formula.terms:
        first, *others = (columns[name] for name in term.split(":"))
        for other in others:
            first = {f"{a}:{b}": first[a] * other[b] for b in other for a in first}
        effects |= first
    return effects


def _formula(read: Inputs, model: Any) -> Formula:
    """Read the terms of a formula and the reference levels; in a pair the variable that comes first stands first."""
    read.remark("model", model)
    if model is None:
        read.gaps.append("model")
    if not isinstance(model, str):
        return Formula((), {})
    found = _MODEL.fullmatch(model)
    words = [part.strip() for part in found["terms"].split("+")] if found else []
    if not words or "unstructured" not in model or "REML" not in model:
        read.fault('model must read like "y ~ arm*visit (reference visit 1, ...), unstructured covariance, REML"')
        return Formula((), {})
    order = list(dict.fromkeys(name.strip() for word in words for name in re.split(r"[*:]", word)))
    alone: list[str] = []
    terms: list[str] = []
    for word in words:
        names = sorted((name.strip() for name in re.split(r"[*:]", word)), key=order.index)
        if len(names) > 2 or len(set(names)) < len(names) or not all(re.fullmatch(r"[A-Za-z]\w*", n) for n in names):
            read.fault(f"model: {word[:40]!r} must be a variable, or two of them joined by * or :")
            return Formula((), {})
        alone += [] if ":" in word else names
        terms.append(":".join(names))
    for name in sorted({name for term in terms for name in term.split(":")} - set(alone)):
        read.fault(f"model: {name} stands in a pair and not alone; join the pair by * or add {name}")
    references = {name: quoted or plain for name, quoted, plain in _REFERENCE.findall(model)}
    return Formula(tuple(dict.fromkeys([*sorted(alone, key=order.index), *terms])), references)


def _rows(read: Inputs, data: Any, formula: Formula) -> list[Row]:
    rows: list[Row] = []
    needed = dict.fromkeys((*_NEEDED, *formula.variables))
    listed = read.listed("data", data)
    if len(listed) > _MOST_ROWS:
        read.fault(f"data must have at most {_MOST_ROWS:,} rows, got {len(listed):,}")
        return rows
    for variable in formula.variables:
        if listed and not any(isinstance(each, Mapping) and variable in each for each in listed):
            read.fault(f"model: {variable} is no variable of the data")
    for index, each in enumerate(listed):
        name = f"data[{index}]"
        if not isinstance(each, Mapping):
            read.fault(f"{name} must give values by name, got {str(each)[:40]!r}")
            continue
        values = {part: _value(read, f"{name}.{part}", part, each.get(part)) for part in needed}
        y = read.number(f"{name}.y", each.get("y"), -_MOST_VALUE, _MOST_VALUE)
        if y is not None:
            rows.append(Row(str(values.pop("id")), float(y), values))
    if read.faults or read.gaps:
        return rows
    if len({(row.subject, row.values["visit"]) for row in rows}) < len(rows):
        read.fault("data: a subject has two rows for one visit")
    if (visits := len({row.values["visit"] for row in rows})) > _MOST_VISITS:
        read.fault(f"data must have at most {_MOST_VISITS} visits, got {visits}")
    return rows


def _value(read: Inputs, name: str, part: str, value: Any) -> Value:
    """Read a variable: text, or a number; ids, arms and visits are text always."""
    if isinstance(value, str):
        return value
    number = read.needed_number(name, value, -_MOST_VALUE, _MOST_VALUE)
    return f"{number.normalize():f}" if part in _NEEDED else float(number)


def _levels(read: Inputs, rows: list[Row], formula: Formula) -> dict[str, list[str]]:
    """Find the levels of each factor, the reference first; a variable of numbers has none."""
    found: dict[str, list[str]] = {}
    for name in formula.variables:
        values = {row.values[name] for row in rows}
        if all(isinstance(value, float) for value in values):
            continue
        levels = sorted(map(str, values), key=_as_number)
        reference = formula.references.get(name, "")
        if reference in levels:
            found[name] = [reference, *(level for level in levels if level != reference)]
        else:
            read.fault(f"model must name a reference {name} that is in the data, got {reference!r}")
    return found


def _effects(formula: Formula, levels: Mapping[str, Sequence[str]]) -> int:
    columns = {name: len(levels[name]) - 1 if name in levels else 1 for name in formula.variables}
    return 1 + sum(prod(columns[name] for name in term.split(":")) for term in formula.terms)


def _as_number(label: str) -> tuple[float, str]:
    """Levels in their order: numbers by size, then names."""
    return float(label) if re.fullmatch(r"-?\d+(\.\d+)?", label) else float("inf"), label


def _patterns(rows: list[Row], matrix: Floats, visits: list[str]) -> list[Pattern]:
    by_subject: dict[str, list[int]] = {}
    for index, row in enumerate(rows):
        by_subject.setdefault(row.subject, []).append(index)
    place = {index: visits.index(str(row.values["visit"])) for index, row in enumerate(rows)}
    ordered = [sorted(own, key=place.__getitem__) for own in by_subject.values()]
    response = np.array([row.y for row in rows])
    found = []
    seen = sorted((tuple(place[index] for index in own), own) for own in ordered)
    for at, group in groupby(seen, key=lambda pair: pair[0]):
        picked = np.array([own for _, own in group])
        found.append(Pattern(np.array(at), matrix[picked], response[picked]))
    return found
