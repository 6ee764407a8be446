"""How a dose is chosen: rules, exact operating characteristics. No subject's name is in it."""

from trialwright.design.exact import OperatingCharacteristics, operating_characteristics
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.three_plus_three import ThreePlusThree

__all__ = [
    "Cohort",
    "Decision",
    "OperatingCharacteristics",
    "Outcome",
    "Outcomes",
    "Recommendation",
    "Tally",
    "ThreePlusThree",
    "operating_characteristics",
]
