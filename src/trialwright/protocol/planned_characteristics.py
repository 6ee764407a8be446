"""What a protocol's dose rule does under the rates that its planning assumes: one answer for text and amendments."""

from __future__ import annotations

from trialwright.design import (
    BOIN12,
    Design,
    OperatingCharacteristics,
    joint_truth,
    operating_characteristics,
    simulate,
)
from trialwright.errors import InputError
from trialwright.protocol.study import Study

_TRIALS, _SEED = 10_000, 1
"""Of a rule that is not computed exactly: enough for a standard error of half a percent, and always the same trials."""


def planned_characteristics(study: Study) -> OperatingCharacteristics:
    """The operating characteristics of the dose rule at the planned rates.

    They are exact where DLTs decide, with every DLT window closed, and simulated where the rule has too many courses to
    count; a rule that looks at efficacy is simulated, toxicity and efficacy of a subject being independent.

    Raises:
        InputError: The rates do not fit the levels.
        ProtocolError: The trial escalates no dose.
    """
    rule, rates = study.rule, study.planning.true_dlt_rates
    if isinstance(rule, Design):
        try:
            return operating_characteristics(rule, rates)
        except InputError:
            return simulate(rule, rates, trials=_TRIALS, seed=_SEED)
    if not isinstance(rule, BOIN12):
        raise InputError(f"{rule.name} has no operating characteristics")
    joint = joint_truth(rates, study.response_rates, odds_ratio=1)
    return rule.simulate(joint, trials=_TRIALS, seed=_SEED).characteristics
