"""A DLT that becomes known in a subject who was replaced, in every design: never a bolder dose than without it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.test_designs import WAITING, add
from trialwright.design import Cohort, Design, Outcome, Outcomes, Recommendation, ThreePlusThree

LEFT_OUT = {
    "3+3, behaving": "cut short by its total it selects nothing, which is neither bold nor cautious",
    "CRM, likelihood": "slow, and the Bayesian one is here",
}
DESIGNS = {name: design for name, design in WAITING.items() if name not in LEFT_OUT}


def reached(answer: Recommendation, design: Design, current: int) -> int:
    """The level with which a rule goes on, or that it selects; the current one where the protocol names no path."""
    if answer.rule == "3+3.no-path":
        return current
    return design._selected(answer) if answer.final else answer.dose or 0


def with_late_dlt(outcomes: Outcomes, place: int) -> Outcomes:
    """The same with one more subject, who had a DLT, in a cohort."""
    dose, found = outcomes.cohorts[place]
    late = Cohort(dose, (*found, Outcome.DLT))
    return Outcomes((*outcomes.cohorts[:place], late, *outcomes.cohorts[place + 1 :]))


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
@settings(max_examples=10)
@given(data=st.data())
def test_a_late_dlt_never_makes_the_rule_bolder(design: Design, data: st.DataObject) -> None:
    """One more subject with a DLT, in any cohort, never leads to a higher dose or MTD than without that subject."""
    outcomes = Outcomes()
    for dlts in data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=6)):
        answer = design.recommend(outcomes)
        if answer.final:
            break
        outcomes = add(outcomes, answer, min(dlts, answer.subjects))
    before = design.recommend(outcomes)
    place = data.draw(st.integers(0, len(outcomes.cohorts) - 1))

    after = design.recommend(with_late_dlt(outcomes, place))

    assert reached(after, design, outcomes.current) <= reached(before, design, outcomes.current)


TABLE = [
    # path, what the rule says: four of a cohort of three are read as three, with every DLT
    ("1NNNT", "expand", 3),
    ("1NNTT", "stop", 0),
    ("1NNNT 1NNN", "escalate", 3),
    ("1NNT 1NNNT", "stop", 0),
    ("1NNNT 2NNN", "de-escalate", 3),
    ("1NNNTT 2NNN", "stop", 0),
    ("1NNNT 1NN", "stay", 1),
    ("1NNPT", "stay", 0),
]


@pytest.mark.parametrize(("path", "decision", "subjects"), TABLE)
def test_more_subjects_than_a_cohort_holds_are_read_as_whole_cohorts(path: str, decision: str, subjects: int) -> None:
    """3+3 answers four of a cohort of three by the row of three with as many DLTs."""
    answer = ThreePlusThree(levels=3).recommend(Outcomes.parse(path))

    assert (answer.decision.value, answer.subjects) == (decision, subjects)


def test_without_an_expansion_a_late_dlt_is_not_tolerated_by_numbers() -> None:
    """Where the protocol names no path for one DLT in three, it names none for one in four."""
    design = ThreePlusThree(levels=3, expand_to=3, some_dlts="consult")

    assert design.recommend(Outcomes.parse("1NNNT")).rule == "3+3.no-path"
