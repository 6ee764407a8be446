"""Design items of BOIN and the other interval designs: boundaries, decision tables, selection, characteristics.

Source: as trialwright.design.interval and the designs that it serves; names and shapes as R's BOIN, Keyboard,
escalation and PhIdesign print them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from trialwright.analysis.design_items.kind import (
    Level,
    Levels,
    Rate,
    RateOrMultiple,
    Subjects,
    Truth,
    kind,
    rate_of,
    same_length,
    trial_size,
)
from trialwright.design import (
    BOIN,
    MTPI,
    MTPI2,
    TPI,
    DecisionTable,
    I3Plus3,
    Keyboard,
    Outcomes,
    RStream,
    compiled,
    operating_characteristics,
    replicate_boin,
)
from trialwright.design.interval import exact, overdose_probability
from trialwright.errors import InputError

Cutoff = Annotated[float, Field(gt=0, le=1)]
Counts = Annotated[list[Annotated[int, Field(ge=0, le=1000)]], Field(min_length=1, max_length=15)]
Trials = Annotated[int, Field(ge=1, le=1_000_000)]
MOST_COUNTED = 1_000_000_000
"""Beyond, a count is a slip."""
MOST_DRAWN = 10_000_000
"""Subjects of all repeated trials: some seconds, for R's stream is followed number by number."""
OFFSET = 0.05
"""How much lower the cutoff is with extra safety, in R's BOIN."""
NONE_SELECTED = 99
"""How R's BOIN writes that no dose is selected."""
CODES = "E escalate, S/R stay, D de-escalate, DU de-escalate and exclude"
"""What the letters of the decision tables mean."""


@kind("boin_boundary")
def boin_boundaries(
    *,
    target: Rate,
    p_saf: RateOrMultiple = "0.6*target",
    p_tox: RateOrMultiple = "1.4*target",
    cutoff_eli: Cutoff = 0.95,
    n_max: Subjects = 30,
) -> dict[str, Any]:
    """Compute the boundaries of BOIN for 1 to n_max subjects at a dose."""
    design = _boin(1, target, p_saf, p_tox, cutoff=cutoff_eli)
    return {**_lambdas(design), **_limits(design.table(n_max))}


@kind("boin_boundary_extrasafe")
def boin_stopping_boundary(
    *,
    target: Rate,
    offset: Rate = OFFSET,
    p_saf: RateOrMultiple = "0.6*target",
    p_tox: RateOrMultiple = "1.4*target",
    cutoff_eli: Cutoff = 0.95,
    n_max: Subjects = 30,
) -> dict[str, Any]:
    """Compute from how many DLTs at the lowest dose BOIN stops a trial with extra safety."""
    design = _boin(1, target, p_saf, p_tox, cutoff=cutoff_eli, extra_safe=offset)
    sizes = range(1, n_max + 1)
    return {**_lambdas(design), "stop_n": list(sizes), "stop_if_ge": [design.stop_if_at_least(n) for n in sizes]}


@kind("boin_select_mtd")
def boin_selection(
    *,
    target: Rate,
    npts: Counts,
    ntox: Counts,
    cutoff_eli: Cutoff = 0.95,
    extrasafe: bool = False,
    offset: Rate = OFFSET,
    boundMTD: bool = False,  # noqa: N803 - the name in R
    p_tox: RateOrMultiple = "1.4*target",
) -> dict[str, Any]:
    """Select the MTD as BOIN does, with the estimates as R prints them; 99 is none."""
    same_length(npts=npts, ntox=ntox)
    safety = {"extra_safe": offset if extrasafe else 0.0, "bound_mtd": boundMTD}
    found = _boin(len(npts), target, "0.6*target", p_tox, cutoff=cutoff_eli, **safety).select_mtd(npts, ntox)
    limits = zip(map(_printed, found.lower), map(_printed, found.upper), strict=True)
    return {
        "MTD": found.mtd or NONE_SELECTED,
        "phat": [_printed(rate) for rate in found.rate],
        "ci": [f"({low},{high})" for low, high in limits],
        "p_overdose": [_printed(chance) for chance in found.overdose],
    }


@kind("boin_exact_oc", ncohort="n_cohort", cohortsize="cohort_size", startdose="start_dose")
def boin_exact_characteristics(
    *,
    target: Rate,
    p_true: Truth,
    n_cohort: Subjects,
    cohort_size: Subjects = 3,
    n_earlystop: Subjects | None = None,
    p_saf: RateOrMultiple = "0.6*target",
    p_tox: RateOrMultiple = "1.4*target",
    cutoff_eli: Cutoff = 0.95,
    start_dose: Level = 1,
    titration: bool = False,
    extrasafe: bool = False,
    offset: Rate = OFFSET,
    boundMTD: bool = False,  # noqa: N803 - the name in R
) -> dict[str, Any]:
    """Compute the exact operating characteristics of BOIN, in per cent and subjects; single subjects do not titrate."""
    sizes = {
        "cohort": cohort_size,
        "subjects": trial_size(n_cohort=n_cohort, cohort_size=cohort_size),
        "stop_at_n": n_earlystop,
        "start": start_dose,
    }
    options = {
        "titration": titration and cohort_size > 1,
        "extra_safe": offset if extrasafe else 0.0,
        "bound_mtd": boundMTD,
    }
    design = _boin(len(p_true), target, p_saf, p_tox, cutoff=cutoff_eli, **sizes, **options)
    found, automaton = operating_characteristics(design, p_true), compiled(design)
    return {
        "sel_pct": [100 * chance for chance in found.selection],
        "none_pct": 100 * found.selection_none,
        "mean_n": found.mean_patients,
        "mean_dlt": found.mean_dlts,
        "total_n": found.mean_size,
        "total_dlt": sum(found.mean_dlts),
        "nonterminal_states": len(automaton.dose),
        "terminal_states": len(automaton.ways),
    }


@kind("boin_get_oc_seeded", n_cohort="ncohort", cohort_size="cohortsize", start_dose="startdose")
def boin_replicated(
    *,
    target: Rate,
    p_true: Truth,
    ncohort: Subjects,
    cohortsize: Subjects = 3,
    n_earlystop: Subjects = 100,
    startdose: Level = 1,
    titration: bool = False,
    p_saf: RateOrMultiple = "0.6*target",
    p_tox: RateOrMultiple = "1.4*target",
    cutoff_eli: Cutoff = 0.95,
    extrasafe: bool = False,
    offset: Rate = OFFSET,
    boundMTD: bool = False,  # noqa: N803 - the name in R
    ntrial: Trials = 1000,
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 6,
) -> dict[str, Any]:
    """Repeat R's simulation of BOIN on R's own stream of random numbers; single subjects do not titrate."""
    sizes = {
        "cohort": cohortsize,
        "subjects": trial_size(ncohort=ncohort, cohortsize=cohortsize),
        "stop_at_n": n_earlystop,
        "start": startdose,
    }
    _drawn_within(ntrial * sizes["subjects"])
    options = {
        "titration": titration and cohortsize > 1,
        "extra_safe": offset if extrasafe else 0.0,
        "bound_mtd": boundMTD,
    }
    design = _boin(len(p_true), target, p_saf, p_tox, cutoff=cutoff_eli, **sizes, **options)
    found = replicate_boin(design, p_true, RStream(seed), trials=ntrial)
    return {
        "selpercent": [100 * share for share in found.selection],
        "npatients": found.mean_patients,
        "ntox": found.mean_dlts,
        "totaln": found.mean_size,
        "totaltox": sum(found.mean_dlts),
        "percentstop": 100 * found.selection_none,
    }


@kind("boin_trial_example")
def boin_next_dose(*, target: Rate, n_doses: Levels, outcomes: str) -> dict[str, int | None]:
    """Say which dose BOIN gives next on a path such as `1NNN 2NTN`; none where the trial ends."""
    return {"next_dose": BOIN(levels=n_doses, target=target).recommend(Outcomes.parse(outcomes)).dose}


@kind("keyboard_boundary")
def keyboard_boundaries(
    *,
    target: Rate,
    marginL: Rate = 0.05,  # noqa: N803 - the name in R
    marginR: Rate = 0.05,  # noqa: N803 - the name in R
    cutoff_eli: Cutoff = 0.95,
    n_max: Subjects = 30,
) -> dict[str, Any]:
    """Compute the boundaries of Keyboard for 1 to n_max subjects at a dose."""
    design = Keyboard(levels=1, target=target, margin_below=marginL, margin_above=marginR, cutoff=cutoff_eli)
    return _limits(design.table(n_max))


@kind("phidesign_keyboard_rules")
def keyboard_rules(*, target: Rate, halfkey: Rate = 0.05, n_max: Subjects = 12) -> dict[str, Any]:
    """List what Keyboard says of every number of subjects and DLTs, elimination apart."""
    design = Keyboard(levels=1, target=target, margin_below=halfkey, margin_above=halfkey, cutoff=1)
    return {"rows": [[n, y, _stay_as_r(design.action(n, y))] for n in range(1, n_max + 1) for y in range(n + 1)]}


@kind("mtpi_decision_table")
def mtpi_table(
    *,
    target: Rate,
    epsilon1: Rate = 0.05,
    epsilon2: Rate = 0.05,
    exclusion_certainty: Cutoff = 0.95,
    n_max: Subjects = 12,
) -> dict[str, Any]:
    """List the decisions of mTPI for 1 to n_max subjects at a dose, by DLTs."""
    return _decisions(
        MTPI(levels=1, target=target, margin_below=epsilon1, margin_above=epsilon2, cutoff=exclusion_certainty), n_max
    )


@kind("mtpi2_decision_table")
def mtpi2_table(
    *,
    target: Rate,
    epsilon1: Rate = 0.05,
    epsilon2: Rate = 0.05,
    exclusion_certainty: Cutoff = 0.95,
    n_max: Subjects = 12,
) -> dict[str, Any]:
    """List the decisions of mTPI-2 for 1 to n_max subjects at a dose, by DLTs."""
    return _decisions(
        MTPI2(levels=1, target=target, margin_below=epsilon1, margin_above=epsilon2, cutoff=exclusion_certainty), n_max
    )


@kind("i3p3_decision_table")
def i3_plus_3_table(*, target: Rate, ei_low: Rate, ei_high: Rate, n_max: Subjects = 12) -> dict[str, Any]:
    """List the decisions of i3+3 for 1 to n_max subjects at a dose, by DLTs, elimination apart."""
    below, above = float(exact(target) - exact(ei_low)), float(exact(ei_high) - exact(target))
    table = I3Plus3(levels=1, target=target, margin_below=below, margin_above=above, cutoff=1).table(n_max)
    rows = {str(n): [_stay_as_r(action) for action in row] for n, row in enumerate(table.rows, start=1)}
    return {"decisions_by_n_then_y": rows, "codes": CODES}


@kind("tpi_published_oc")
def tpi_characteristics(
    *,
    target: Rate,
    p_true: Truth,
    k1: float = 1.0,
    k2: float = 1.5,
    exclusion: Cutoff = 0.95,
    n_max: Subjects = 30,
    n_doses: Levels | None = None,
    cohort: Subjects = 3,
    design: Literal["TPI"] = "TPI",
) -> dict[str, Any]:
    """Compute the exact selection and subjects of TPI."""
    del design
    levels = len(p_true) if n_doses is None else n_doses
    rule = TPI(levels=levels, target=target, k1=k1, k2=k2, cutoff=exclusion, subjects=n_max, cohort=cohort)
    found = operating_characteristics(rule, p_true)
    return {"prob_none_then_doses": (found.selection_none, *found.selection), "mean_n": found.mean_patients}


@kind("beta_binomial_overdose")
def overdose(
    *,
    y: Annotated[int, Field(ge=0, le=MOST_COUNTED)],
    n: Annotated[int, Field(ge=0, le=MOST_COUNTED)],
    target: Rate,
    prior: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=2, max_length=2)] | None = None,
) -> dict[str, float]:
    """Compute the posterior probability that a DLT rate exceeds the target, from a beta prior; else a uniform one."""
    if y > n:
        raise InputError(f"y must be at most n, got {y} of {n}")
    return {"prob_gt_target": float(overdose_probability(n, y, target, *([(prior[0], prior[1])] if prior else [])))}


@kind("r_mt19937_runif")
def r_uniform(
    *, seed: Annotated[int, Field(ge=0, lt=2**31)], n: Subjects = 8, recipe: str = ""
) -> dict[str, list[float]]:
    """Draw the first uniform random numbers of R after set.seed, with the 15 digits that R prints."""
    del recipe
    return {"runif": [float(f"{number:.15g}") for number in RStream(seed).runif(n)]}


def _boin(levels: int, target: float, safe: RateOrMultiple, toxic: RateOrMultiple, **options: Any) -> BOIN:
    low, high = rate_of("p_saf", safe, target), rate_of("p_tox", toxic, target)
    return BOIN(levels=levels, target=target, safe=low, toxic=high, **options)


def _drawn_within(subjects: int) -> None:
    if subjects > MOST_DRAWN:
        raise InputError(f"ntrial trials must treat at most {MOST_DRAWN:,} subjects in all, got {subjects:,}")


def _lambdas(design: BOIN) -> dict[str, float]:
    escalate, deescalate = design.boundaries
    return {"lambda_e": escalate, "lambda_d": deescalate}


def _limits(table: DecisionTable) -> dict[str, list[int | None]]:
    sizes = range(1, table.largest + 1)
    return {
        "n": list(sizes),
        "escalate_if_le": [table.escalate_if_at_most(n) for n in sizes],
        "deescalate_if_ge": [table.deescalate_if_at_least(n) for n in sizes],
        "eliminate_if_ge": [table.eliminate_if_at_least(n) for n in sizes],
    }


def _decisions(design: MTPI | MTPI2, n_max: int) -> dict[str, Any]:
    rows = {str(n): list(row) for n, row in enumerate(design.table(n_max).rows, start=1)}
    return {"decisions_by_n_then_y": rows, "codes": CODES}


def _stay_as_r(action: str) -> str:
    return "R" if action == "S" else action


def _printed(value: float | None) -> str:
    return "----" if value is None else f"{value:.2f}"
