"""How a dose is chosen: rules, exact operating characteristics. No subject's name is in it."""

from trialwright.design.automaton import Automaton, compile_design, compiled
from trialwright.design.boin import BOIN
from trialwright.design.calendar import Arrivals, Calendar, Staggering, simulate_calendar
from trialwright.design.calendar_characteristics import CalendarCharacteristics
from trialwright.design.characteristics import OperatingCharacteristics, OperatingCharacteristicsGrid
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import Design
from trialwright.design.exact import experimentation, operating_characteristics, operating_characteristics_grid
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.paths import Node, Paths, examine, paths
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.rolling_six import RollingSix
from trialwright.design.three_plus_three import ThreePlusThree

__all__ = [
    "BOIN",
    "Arrivals",
    "Automaton",
    "Calendar",
    "CalendarCharacteristics",
    "Cohort",
    "Decision",
    "DecisionTable",
    "Design",
    "Node",
    "OperatingCharacteristics",
    "OperatingCharacteristicsGrid",
    "Outcome",
    "Outcomes",
    "Paths",
    "Recommendation",
    "RollingSix",
    "Staggering",
    "Tally",
    "ThreePlusThree",
    "compile_design",
    "compiled",
    "examine",
    "experimentation",
    "operating_characteristics",
    "operating_characteristics_grid",
    "paths",
    "simulate_calendar",
]
