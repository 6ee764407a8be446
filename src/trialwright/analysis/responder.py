"""Responder endpoints: the objective response rate, and non-responder imputation."""

from __future__ import annotations

from typing import Any

from trialwright.analysis.intervals import clopper_pearson
from trialwright.analysis.table import Interval
from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item

RESPONSES = frozenset({"CR", "PR"})
CATEGORIES = ("CR", "PR", "SD", "PD", "NR", "NE")
_PARTS = ("observed_response", "discontinued_before_visit", "rescue_before_visit")


@item("objective_response_rate")
def objective_response_rate(*, responses: Any) -> dict[str, int | float] | Missing:
    """Compute the objective response rate: complete and partial responders among all of the analysis set.

    A response that is not known counts as none, and its subject stays in the denominator: a choice.

    Args:
        responses: Best response of each subject: CR, PR, SD, PD, NR or NE; None where it is not known.

    Returns:
        Responders, subjects, rate, and its exact 95 % limits; missing without a subject.

    Raises:
        InputError: Naming every response that is none.

    Example:
        >>> found = objective_response_rate(responses=["CR", "PR", "NR", None])
        >>> found["responders"], found["n"], found["orr"]
        (2, 4, 0.5)

    Source: Clopper & Pearson 1934, Biometrika 26:404. Checked in tests/published/test_statistics.py.
    """
    read = Inputs()
    best = [
        read.choice(f"responses[{i}]", each, CATEGORIES) for i, each in enumerate(read.listed("responses", responses))
    ]
    if missing := read.missing():
        return missing
    responders = sum(each in RESPONSES for each in best)
    limits = clopper_pearson(responders, len(best))
    if not isinstance(limits, Interval):
        return limits
    return {
        "responders": responders,
        "n": len(best),
        "orr": responders / len(best),
        "ci95_low": limits.low,
        "ci95_high": limits.high,
    }


@item("non_responder_imputation")
def non_responder_imputation(*, subjects: Any) -> dict[str, list[bool] | float | Missing] | Missing:
    """Impute non-response at a visit: whoever was not observed, has discontinued or was rescued before it.

    The visit's own window, and what a rescue is, the protocol says; multiple imputation is not offered.

    Args:
        subjects: For each subject `observed_response` (None where it was not observed), `discontinued_before_visit` and
            `rescue_before_visit`.

    Returns:
        The response of each subject, its rate among all, and the rate among those who were observed and neither
        discontinued nor rescued, which is missing where there are none.

    Raises:
        InputError: Naming every value that is neither true nor false.

    Example:
        >>> seen = {"observed_response": True, "discontinued_before_visit": False, "rescue_before_visit": False}
        >>> found = non_responder_imputation(subjects=[seen, {**seen, "rescue_before_visit": True}])
        >>> found["imputed"], found["rate"]
        ([True, False], 0.5)

    Source: ICH E9(R1) 2019, section 3.2, the composite strategy: what ends or adds to treatment is no response; the
    denominator stays all subjects. Checked in tests/published/test_statistics.py.
    """
    read = Inputs()
    imputed: list[bool] = []
    observed: list[bool] = []
    for index, subject in enumerate(read.listed("subjects", subjects)):
        name = f"subjects[{index}]"
        given = read.group(name, subject, _PARTS)
        response = read.flag(f"{name}.observed_response", given.get("observed_response"))
        left, rescued = (read.needed_flag(f"{name}.{part}", given.get(part)) for part in _PARTS[1:])
        imputed.append(bool(response) and not left and not rescued)
        if response is not None and not left and not rescued:
            observed.append(response)
    if missing := read.missing():
        return missing
    if not imputed:
        return Missing("no subject")
    return {
        "imputed": imputed,
        "rate": sum(imputed) / len(imputed),
        "observed_case_rate": sum(observed) / len(observed) if observed else Missing("nobody was observed"),
    }
