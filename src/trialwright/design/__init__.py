"""How a dose is chosen: rules, exact operating characteristics. No subject's name is in it."""

from trialwright.design.automaton import Automaton, compile_design, compiled
from trialwright.design.boin import BOIN
from trialwright.design.characteristics import OperatingCharacteristics, OperatingCharacteristicsGrid
from trialwright.design.crm import CRM
from trialwright.design.crm_fit import CRMFit
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import Design
from trialwright.design.exact import operating_characteristics, operating_characteristics_grid
from trialwright.design.follow_up import FollowUp
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.skeleton import indifference_skeleton
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.tite_crm import TITECRM
from trialwright.design.working_model import Empiric, Logistic, TwoParameterLogistic

__all__ = [
    "BOIN",
    "CRM",
    "TITECRM",
    "Automaton",
    "CRMFit",
    "Cohort",
    "Decision",
    "DecisionTable",
    "Design",
    "Empiric",
    "FollowUp",
    "Logistic",
    "OperatingCharacteristics",
    "OperatingCharacteristicsGrid",
    "Outcome",
    "Outcomes",
    "Recommendation",
    "Tally",
    "ThreePlusThree",
    "TwoParameterLogistic",
    "compile_design",
    "compiled",
    "indifference_skeleton",
    "operating_characteristics",
    "operating_characteristics_grid",
]
