"""Design items of single proportions: intervals and Simon's two stages, in the names of R's binom and clinfun."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from trialwright.analysis.design_items.kind import Rate, kind
from trialwright.analysis.intervals import clopper_pearson, wilson
from trialwright.analysis.simon import TwoStageDesign, simon_two_stage
from trialwright.clinical.item import Missing
from trialwright.errors import InputError


@kind("binom_ci")
def binomial_intervals(
    *, x: Annotated[int, Field(ge=0)], n: Annotated[int, Field(ge=1, le=10**7)], conf: Rate = 0.95
) -> dict[str, Any]:
    """Compute the exact and the Wilson interval of a proportion."""
    if x > n:
        raise InputError(f"x must be at most n, got {x} of {n}")
    return {"exact": clopper_pearson(x, n, conf), "wilson": wilson(x, n, conf)}


@kind("simon_two_stage")
def two_stages(*, p0: Rate, p1: Rate, alpha: Rate, beta: Rate) -> dict[str, Any] | Missing:
    """Find the optimal and the minimax two-stage design of at most 100 subjects."""
    found = simon_two_stage(p0=p0, p1=p1, alpha=alpha, beta=beta)
    return found if isinstance(found, Missing) else {name: _as_clinfun(design) for name, design in found.items()}


def _as_clinfun(design: TwoStageDesign) -> dict[str, float]:
    whole = {"r1": design.r1, "n1": design.n1, "r": design.r, "n": design.n}
    return {**whole, "EN(p0)": design.en_p0, "PET(p0)": design.pet_p0}
