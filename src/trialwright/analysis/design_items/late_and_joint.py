"""Design items of the designs with late outcomes or with efficacy: tables and worked trials of TITE-BOIN and BOIN12.

Source: as trialwright.design.tite_boin and trialwright.design.boin12. The grouping of rows is that of Yuan et al. 2018,
Clin Cancer Res 24:4921, Tables 1 and S1.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Annotated, Any, Literal

from pydantic import Field

from trialwright.analysis.design_items.kind import Levels, Rate, RateOrMultiple, Subjects, kind, rate_of
from trialwright.analysis.design_items.row_slices import chosen_rows, named_table
from trialwright.design import BOIN12, TITEBOIN, JointOutcomes
from trialwright.design.tite_boin import LateRow
from trialwright.errors import InputError

Utility = Annotated[float, Field(ge=0, le=100)]
QUOTED = {"Table 1": 9, "Table S1": 6}
"""Subjects at a level up to which the published tables of Yuan et al. are quoted elsewhere, and so answered."""
_LARGEST = 15


@kind("tite_boin_table")
def tite_boin_decisions(
    *,
    target: Rate,
    p_saf: RateOrMultiple = "0.6*target",
    p_tox: RateOrMultiple = "1.4*target",
    cohort_size: Subjects = 3,
    n_max: Subjects | None = None,
    method: Literal["single mean imputation"] = "single mean imputation",
    decision_codes: str = "",
    rows: str | None = None,
) -> list[dict[str, str]]:
    """List the decisions of TITE-BOIN as published: rows of like states; `1::2 of Table 1` chooses among its rows."""
    del method, decision_codes
    table = named_table(rows)
    if table is not None and table not in QUOTED:
        raise InputError(f"rows of {table}: the tables of TITE-BOIN are {' and '.join(QUOTED)}")
    largest = n_max or QUOTED.get(table or "", _LARGEST)
    if largest < cohort_size:
        raise InputError(f"n_max must be at least one cohort of {cohort_size}, got {largest}")
    design = TITEBOIN(
        levels=2,
        target=target,
        safe=rate_of("p_saf", p_saf, target),
        toxic=rate_of("p_tox", p_tox, target),
        cohort=cohort_size,
        subjects=largest,
        window=1,
    )
    sizes = range(cohort_size, largest + 1, cohort_size)
    return list(chosen_rows([row for n in sizes for row in _late_rows(design, n)], rows))


@kind("boin12_rds_table")
def desirability_scores(
    *,
    sample_sizes: Annotated[list[Annotated[int, Field(ge=0, le=60)]], Field(min_length=1)],
    phi_t: Rate,
    phi_e: Rate,
    u: Annotated[list[Utility], Field(min_length=4, max_length=4)],
    c_t: Rate = 0.95,
    c_e: Rate = 0.9,
    columns: str = "",
    rows: str | None = None,
) -> list[list[Any]]:
    """Rank the states of a dose by desirability: subjects, toxicities, responses, admissible, score."""
    del columns
    best, neither, both, worst = u
    if (best, worst) != (100, 0) or neither + both != 100:
        raise InputError(f"u must be 100, u2, 100 - u2, 0, or the score depends on how many had both; got {u}")
    design = BOIN12(
        levels=1,
        toxicity_limit=phi_t,
        efficacy_limit=phi_e,
        utility_neither=neither,
        utility_both=both,
        toxicity_cutoff=c_t,
        efficacy_cutoff=c_e,
    )
    words = {True: "Admissible", False: "Not Admissible"}
    table = design.desirability_table(sample_sizes)
    listed = [[row.n, row.dlts, row.responses, words[row.admissible], row.score] for row in table.rows]
    return list(chosen_rows(listed, rows))


@kind("boin12_trial_example")
def boin12_next_dose(
    *,
    phi_t: Rate,
    phi_e: Rate,
    u2: Utility,
    u3: Utility,
    n_doses: Levels,
    outcomes: str,
    n_star: Subjects = 6,
    codes: str = "",
) -> dict[str, int | None]:
    """Say which dose BOIN12 gives next on a path such as `1NNE 2ETB`; none where the trial ends."""
    del codes
    design = BOIN12(
        levels=n_doses,
        toxicity_limit=phi_t,
        efficacy_limit=phi_e,
        utility_neither=u2,
        utility_both=u3,
        enough=n_star,
    )
    return {"next_dose": design.recommend(JointOutcomes.parse(outcomes)).dose}


def _late_rows(design: TITEBOIN, n: int) -> Iterator[dict[str, str]]:
    """The rows for `n` subjects: by DLTs, where those that all de-escalate or all eliminate are one, and by pending."""
    by_dlts = {dlts: [design.row(n, dlts, pending) for pending in range(n - dlts + 1)] for dlts in range(n + 1)}

    def group(dlts: int) -> tuple[str, int]:
        decisions = {row.decision for row in by_dlts[dlts]}
        (only,) = decisions if len(decisions) == 1 else ("",)
        return (only, -1) if only in {"D", "DE"} else ("", dlts)

    for _, alike in groupby(by_dlts, key=group):
        low, *others = alike
        high = others[-1] if others else low
        ends = "NA" if high == n > low else str(high)
        for _, run in groupby(by_dlts[low], key=lambda row: (row.decision, row.escalate_from, row.deescalate_to)):
            yield _late_row(list(run), ends)


def _late_row(run: list[LateRow], dlts_to: str) -> dict[str, str]:
    first, last = run[0], run[-1]
    return {
        "n": str(first.n),
        "n_tox_min": str(first.dlts),
        "n_tox_max": dlts_to,
        "n_pending_min": str(first.pending),
        "n_pending_max": "NA" if first.decision == "SUS" else str(last.pending),
        "decision": first.decision,
        "stft_escalate": _hundredths(first.escalate_from),
        "stft_deescalate": _hundredths(first.deescalate_to),
    }


def _hundredths(value: float | None) -> str:
    return "NA" if value is None else f"{value:.2f}"
