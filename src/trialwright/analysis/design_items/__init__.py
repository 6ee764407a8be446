"""The design items: what `trialwright compute` answers about dose-finding designs, one function a kind of vector."""

from trialwright.analysis.design_items import (
    interval_based,
    late_and_joint,
    model_based,
    proportions,
    rule_based,
)
from trialwright.analysis.design_items.kind import KINDS, SIMULATED, answer_kind

MODULES = (interval_based, late_and_joint, model_based, proportions, rule_based)

__all__ = ["KINDS", "MODULES", "SIMULATED", "answer_kind"]
