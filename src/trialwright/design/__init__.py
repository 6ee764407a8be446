"""How a dose is chosen: rules, exact operating characteristics. No subject's name is in it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trialwright.design.automaton import Automaton, compile_design, compiled
from trialwright.design.backfill import BackfillAnswer, BackfillBOIN, LevelStatus, recommend_backfill
from trialwright.design.behaving import Behaving
from trialwright.design.behaviours import at_least_at_mtd, no_skipping, stop_at_dose, stop_at_total
from trialwright.design.boin import BOIN
from trialwright.design.boin12 import BOIN12, OBDCharacteristics, OBDRecommendation
from trialwright.design.calendar import Arrivals, Calendar, Staggering, simulate_calendar
from trialwright.design.calendar_characteristics import CalendarCharacteristics
from trialwright.design.characteristics import OperatingCharacteristics, OperatingCharacteristicsGrid
from trialwright.design.crm import CRM
from trialwright.design.crm_fit import CRMFit
from trialwright.design.custom_table import CustomTable
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import Design
from trialwright.design.desirability import DesirabilityTable
from trialwright.design.exact import experimentation, operating_characteristics, operating_characteristics_grid
from trialwright.design.follow_up import FollowUp, parse_follow_ups
from trialwright.design.history import History, TreatedCohort, TreatedSubject
from trialwright.design.i3_plus_3 import I3Plus3
from trialwright.design.joint_outcomes import JointCohort, JointOutcome, JointOutcomes, joint_truth
from trialwright.design.keyboard import Keyboard
from trialwright.design.mtd_selection import MTDSelection
from trialwright.design.mtpi import MTPI
from trialwright.design.mtpi2 import MTPI2
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.paths import Node, Paths, examine, paths
from trialwright.design.r_stream import RStream
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.replicate import replicate_boin
from trialwright.design.rolling_six import RollingSix
from trialwright.design.rule import Rule
from trialwright.design.skeleton import indifference_skeleton
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.tite_boin import TITEBOIN, LateDecisionTable
from trialwright.design.tite_crm import TITECRM
from trialwright.design.tpi import TPI
from trialwright.design.working_model import Empiric, Logistic, TwoParameterLogistic

if TYPE_CHECKING:
    from trialwright.design.simulation import simulate

_COMPILED = {"simulate": "simulation"}
"""Names whose modules compile loops: they are imported when asked for, since that takes a fifth of a second."""

__all__ = [
    "BOIN",
    "BOIN12",
    "CRM",
    "MTPI",
    "MTPI2",
    "TITEBOIN",
    "TITECRM",
    "TPI",
    "Arrivals",
    "Automaton",
    "BackfillAnswer",
    "BackfillBOIN",
    "Behaving",
    "CRMFit",
    "Calendar",
    "CalendarCharacteristics",
    "Cohort",
    "CustomTable",
    "Decision",
    "DecisionTable",
    "Design",
    "DesirabilityTable",
    "Empiric",
    "FollowUp",
    "History",
    "I3Plus3",
    "JointCohort",
    "JointOutcome",
    "JointOutcomes",
    "Keyboard",
    "LateDecisionTable",
    "LevelStatus",
    "Logistic",
    "MTDSelection",
    "Node",
    "OBDCharacteristics",
    "OBDRecommendation",
    "OperatingCharacteristics",
    "OperatingCharacteristicsGrid",
    "Outcome",
    "Outcomes",
    "Paths",
    "RStream",
    "Recommendation",
    "RollingSix",
    "Rule",
    "Staggering",
    "Tally",
    "ThreePlusThree",
    "TreatedCohort",
    "TreatedSubject",
    "TwoParameterLogistic",
    "at_least_at_mtd",
    "compile_design",
    "compiled",
    "examine",
    "experimentation",
    "indifference_skeleton",
    "joint_truth",
    "no_skipping",
    "operating_characteristics",
    "operating_characteristics_grid",
    "parse_follow_ups",
    "paths",
    "recommend_backfill",
    "replicate_boin",
    "simulate",
    "simulate_calendar",
    "stop_at_dose",
    "stop_at_total",
]


def __getattr__(name: str) -> Any:
    if name in _COMPILED:
        return getattr(import_module(f"trialwright.design.{_COMPILED[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
