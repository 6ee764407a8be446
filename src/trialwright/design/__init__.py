"""How a dose is chosen: rules, exact operating characteristics. No subject's name is in it."""

from trialwright.design.automaton import Automaton, compile_design, compiled
from trialwright.design.boin import BOIN
from trialwright.design.characteristics import OperatingCharacteristics, OperatingCharacteristicsGrid
from trialwright.design.custom_table import CustomTable
from trialwright.design.decision_table import DecisionTable
from trialwright.design.design import Design
from trialwright.design.exact import operating_characteristics, operating_characteristics_grid
from trialwright.design.i3_plus_3 import I3Plus3
from trialwright.design.keyboard import Keyboard
from trialwright.design.mtd_selection import MTDSelection
from trialwright.design.mtpi import MTPI
from trialwright.design.mtpi2 import MTPI2
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.r_stream import RStream
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.replicate import replicate_boin
from trialwright.design.three_plus_three import ThreePlusThree
from trialwright.design.tpi import TPI

__all__ = [
    "BOIN",
    "MTPI",
    "MTPI2",
    "TPI",
    "Automaton",
    "Cohort",
    "CustomTable",
    "Decision",
    "DecisionTable",
    "Design",
    "I3Plus3",
    "Keyboard",
    "MTDSelection",
    "OperatingCharacteristics",
    "OperatingCharacteristicsGrid",
    "Outcome",
    "Outcomes",
    "RStream",
    "Recommendation",
    "Tally",
    "ThreePlusThree",
    "compile_design",
    "compiled",
    "operating_characteristics",
    "operating_characteristics_grid",
    "replicate_boin",
]
