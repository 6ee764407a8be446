"""Design items of the rules without a model: 3+3 and rolling six.

Source: as trialwright.design.three_plus_three and trialwright.design.rolling_six; the table of rolling six is Frankel
et al. 2020, JAMA Netw Open 3(5):e204787, Table 2, where only six subjects are allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from trialwright.analysis.design_items.kind import Chance, Levels, Truth, kind
from trialwright.analysis.design_items.row_slices import chosen_rows
from trialwright.design import (
    Arrivals,
    Automaton,
    Calendar,
    RollingSix,
    Staggering,
    ThreePlusThree,
    compiled,
    experimentation,
    operating_characteristics,
    simulate_calendar,
)
from trialwright.design import three_plus_three as rules
from trialwright.design.calendar import Scope
from trialwright.errors import InputError

Variant = Literal["A_no_deescalation", "B_deescalate_top_not_expanded", "C_deescalate_six_at_mtd_incl_top"]
VARIANTS: dict[str, rules.Variant] = {
    "A_no_deescalation": "no de-escalation",
    "B_deescalate_top_not_expanded": "de-escalation",
    "C_deescalate_six_at_mtd_incl_top": "six at the MTD",
}
SCOPES: dict[str, Scope] = {"none": "none", "every_dose": "every dose", "top_dose_only": "top dose only"}

ROLLING_SIX_ROWS = (
    ("0-5", "0", "0"),
    ("6", "0", "0"),
    ("1-5", "1", "0"),
    ("6", "1", "0"),
    ("2-5", "2", "0"),
    ("6", "2", "0"),
    ("3", "3", "0"),
    ("4-5", "3", "0"),
    ("6", "3", "0"),
    ("4", "4", "0"),
    ("5", "4", "0"),
    ("6", "4", "0"),
    ("5", "5", "0"),
    ("6", "5", "0"),
    ("1-5", "1-5", "1"),
    ("6", "1-3", "1"),
    ("6", "4", "1"),
    ("6", "5", "1"),
    ("6", "6", "1"),
    ("2-6", "2-6", "2"),
    ("any", "any", "3"),
)
"""How the published table groups subjects at the level, evaluable ones and DLTs."""

_NEARLY_FULL = 5
"""Evaluable subjects without a DLT from whom on the table says that the level may be the MTD."""


@kind("3p3_exact")
def exact_3_plus_3(
    *, variant: Variant, p_true: Truth, start_dose: Literal[1] = 1, design: Literal["3+3"] = "3+3"
) -> dict[str, Any]:
    """Compute the exact operating characteristics of 3+3, which begins at the lowest dose."""
    del start_dose, design
    rule = ThreePlusThree(levels=len(p_true), variant=VARIANTS[variant])
    found = operating_characteristics(rule, p_true)
    return {
        "prob_select": found.selection,
        "prob_none": found.selection_none,
        "mean_n": found.mean_patients,
        "mean_dlt": found.mean_dlts,
        "total_n": found.mean_size,
        "total_dlt": sum(found.mean_dlts),
        "n_min": min(found.sizes),
        "n_max": max(found.sizes),
        "terminal_states": len(compiled(rule).ways),
    }


@kind("3p3_path_count")
def count_paths(
    *, n_doses: Levels, branching: Literal["each cohort of 3 has outcomes 0..3"] = "each cohort of 3 has outcomes 0..3"
) -> dict[str, int]:
    """Count the paths of 3+3 in each variant; a cohort branches by its number of DLTs."""
    del branching
    names = (*list(VARIANTS)[:2], "C_six_at_mtd")
    variants = VARIANTS.values()
    return {
        name: _paths(compiled(ThreePlusThree(levels=n_doses, variant=variant)))
        for name, variant in zip(names, variants, strict=True)
    }


@kind("3p3_wheeler_published")
def selection_3_plus_3(*, variant: Variant, p_true: Truth) -> dict[str, Any]:
    """Compute the chance that 3+3 selects no dose, and each dose."""
    found = operating_characteristics(ThreePlusThree(levels=len(p_true), variant=VARIANTS[variant]), p_true)
    return {"prob_none_then_doses": (found.selection_none, *found.selection)}


@kind("3p3_escalation_probability")
def escalation_3_plus_3(*, p_dlt: Chance) -> dict[str, float]:
    """Compute the chance that 3+3 tolerates one dose, and the subjects expected there."""
    found = operating_characteristics(ThreePlusThree(levels=1), [p_dlt])
    return {"prob_escalate": found.selection[0], "expected_n_at_dose": found.mean_patients[0]}


@kind("3p3_degenerate")
def degenerate_3_plus_3(*, p_true: Truth) -> dict[str, Any]:
    """Compute selection, subjects and DLTs of 3+3 without de-escalation, and subjects with six at the MTD."""
    plain = operating_characteristics(ThreePlusThree(levels=len(p_true)), p_true)
    six = operating_characteristics(ThreePlusThree(levels=len(p_true), variant="six at the MTD"), p_true)
    return {
        "rule_A_select": plain.selection,
        "rule_A_mean_n": plain.mean_patients,
        "rule_A_mean_dlt": plain.mean_dlts,
        "rule_C_mean_n": six.mean_patients,
    }


@kind("3p3_bcrm_threep3")
def de_escalating_3_plus_3(*, variant: Variant, p_true: Truth) -> dict[str, Any]:
    """Compute the exact operating characteristics of 3+3 as R's bcrm reports them."""
    rule = ThreePlusThree(levels=len(p_true), variant=VARIANTS[variant])
    found = operating_characteristics(rule, p_true)
    return {
        "prob_none_then_doses": (found.selection_none, *found.selection),
        "mean_n": found.mean_patients,
        "mean_dlt": found.mean_dlts,
        "experimentation": experimentation(rule, p_true),
        "mean_total_n": found.mean_size,
        "min_n": min(found.sizes),
        "max_n": max(found.sizes),
        "n_paths": _paths(compiled(rule)),
    }


@kind("rolling6_table")
def rolling_six_table(*, columns: str = "", rows: str | None = None) -> list[dict[str, str]]:
    """List the decisions of rolling six for the next subject; rows such as `1::2` choose among those of the table."""
    del columns
    return [
        {"n_on_level": treated, "n_evaluable": evaluable, "n_dlt": dlts, "decision": _rolling(treated, evaluable, dlts)}
        for treated, evaluable, dlts in chosen_rows(ROLLING_SIX_ROWS, rows)
    ]


@kind("deterministic_duration")
def deterministic_duration(
    *,
    n_doses: Levels,
    p_true: Truth,
    dlt_window_days: Annotated[float, Field(gt=0)],
    sentinel_stagger_days: Annotated[float, Field(ge=0)] = 0,
    stagger_scope: Literal["none", "every_dose", "top_dose_only"] = "none",
    design: Literal["3+3"] = "3+3",
    accrual: Literal["on demand (zero inter-arrival)"] = "on demand (zero inter-arrival)",
    rule: str = "(variant A)",
) -> dict[str, float]:
    """Compute the subjects and days of a 3+3 without a DLT, whose subjects come when they are asked for."""
    del design, accrual
    if len(p_true) != n_doses or any(p_true):
        raise InputError(
            f"p_true must be 0 for each of {n_doses} doses: a DLT may come early, so no duration is certain"
        )
    scope: Scope = "none" if sentinel_stagger_days == 0 else SCOPES[stagger_scope]
    calendar = Calendar(
        window=dlt_window_days,
        arrivals=Arrivals(pattern="on demand"),
        without_slot="kept",
        staggering=Staggering(scope=scope, days=sentinel_stagger_days if scope != "none" else 0),
    )
    found = simulate_calendar(
        ThreePlusThree(levels=n_doses, variant=_variant_in(rule)), p_true, calendar, trials=2, seed=0
    )
    return {"n": round(found.treated.mean), "days_to_last_window": found.duration.mean}


def _paths(automaton: Automaton) -> int:
    """How many ways of DLTs by cohort lead from the start to an ending; a node comes after all that lead to it."""
    ways, ended = [1] + [0] * (len(automaton.size) - 1), 0
    for node, (size, children) in enumerate(zip(automaton.size.tolist(), automaton.child.tolist(), strict=True)):
        for child in children[: size + 1]:
            if child < 0:
                ended += ways[node]
            else:
                ways[child] += ways[node]
    return ended


def _rolling(treated: str, evaluable: str, dlts: str) -> str:
    """The decision of all states of a row; they agree."""
    design = RollingSix(levels=2)
    states = [
        (n, known, seen) for n in _span(treated) for known in _span(evaluable) for seen in _span(dlts) if n >= known
    ]
    (verdict,) = {design.verdict(n, seen, n - known) for n, known, seen in states if known >= seen}
    if verdict == "tolerated" and dlts == "0" and int(evaluable) >= _NEARLY_FULL:
        return "escalate_or_mtd"
    return {"tolerated": "escalate", "too toxic": "deescalate"}.get(verdict, verdict)


def _span(text: str) -> Iterator[int]:
    """The numbers of a cell such as `3`, `1-5` or `any`."""
    low, _, high = ("0-6" if text == "any" else text).partition("-")
    yield from range(int(low), int(high or low) + 1)


def _variant_in(rule: str) -> rules.Variant:
    named = re.search(r"variant ([ABC])\b", rule)
    if not named:
        raise InputError("rule must name variant A, B or C of 3+3, such as (variant A)")
    return next(variant for name, variant in VARIANTS.items() if name.startswith(named[1]))
