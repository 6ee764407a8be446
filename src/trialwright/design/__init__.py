"""How a dose is chosen: rules, exact operating characteristics. No subject's name is in it."""

from trialwright.design.automaton import Automaton, compile_design, compiled
from trialwright.design.backfill import BackfillBOIN, LevelStatus
from trialwright.design.behaviours import Behaving, at_least_at_mtd, no_skipping, stop_at_dose, stop_at_total
from trialwright.design.boin import BOIN
from trialwright.design.boin12 import BOIN12, OBDCharacteristics, OBDRecommendation
from trialwright.design.characteristics import OperatingCharacteristics, OperatingCharacteristicsGrid
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import Design
from trialwright.design.desirability import DesirabilityTable
from trialwright.design.exact import operating_characteristics, operating_characteristics_grid
from trialwright.design.follow_up import FollowUp
from trialwright.design.joint_outcomes import JointCohort, JointOutcome, JointOutcomes, joint_truth
from trialwright.design.late_onset import Accrual, TimedCharacteristics
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.tite_boin import TITEBOIN, LateDecisionTable

__all__ = [
    "BOIN",
    "BOIN12",
    "TITEBOIN",
    "Accrual",
    "Automaton",
    "BackfillBOIN",
    "Behaving",
    "Cohort",
    "Decision",
    "DecisionTable",
    "Design",
    "DesirabilityTable",
    "FollowUp",
    "JointCohort",
    "JointOutcome",
    "JointOutcomes",
    "LateDecisionTable",
    "LevelStatus",
    "OBDCharacteristics",
    "OBDRecommendation",
    "OperatingCharacteristics",
    "OperatingCharacteristicsGrid",
    "Outcome",
    "Outcomes",
    "Recommendation",
    "Tally",
    "ThreePlusThree",
    "TimedCharacteristics",
    "at_least_at_mtd",
    "compile_design",
    "compiled",
    "joint_truth",
    "no_skipping",
    "operating_characteristics",
    "operating_characteristics_grid",
    "stop_at_dose",
    "stop_at_total",
]
