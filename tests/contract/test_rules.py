"""What conduct may ask of every dose rule, whatever the rule looks at."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.test_designs import MEMBERS
from trialwright.design import (
    BOIN12,
    BackfillBOIN,
    Decision,
    History,
    Outcome,
    Rule,
    TreatedCohort,
    TreatedSubject,
    at_least_at_mtd,
    no_skipping,
    stop_at_dose,
    stop_at_total,
)
from trialwright.design.catalogue import make_design
from trialwright.design.follow_up import follow_ups
from trialwright.design.late_onset import LateOnset

LIMITS = {"toxicity_limit": 0.35, "efficacy_limit": 0.25, "utility_neither": 40, "utility_both": 60}
FAMILIES = (
    "3+3", "rolling six", "BOIN, titration", "CRM", "TITE-CRM", "TITE-BOIN", "BF-BOIN", "3+3, behaving",
    "rolling six, behaving",
)  # fmt: skip
RULES: dict[str, Rule] = {
    **{name: MEMBERS[name] for name in FAMILIES},
    "TITE-CRM, adaptive": make_design("TITE-CRM", {"levels": 3, "target": 0.3, "window": 28, "weights": "adaptive"}),
    "BOIN12": BOIN12(levels=3, subjects=18, **LIMITS),
    "TITE-CRM, behaving": no_skipping(stop_at_dose(MEMBERS["TITE-CRM"], 4)),
    "TITE-BOIN, behaving": at_least_at_mtd(stop_at_dose(MEMBERS["TITE-BOIN"], 5), 6),
    "BF-BOIN, behaving": at_least_at_mtd(stop_at_total(MEMBERS["BF-BOIN"], 7), 6),
    "BOIN12, behaving": at_least_at_mtd(stop_at_total(BOIN12(levels=3, subjects=18, **LIMITS), 7), 9),
}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
LATE = {name: rule for name, rule in RULES.items() if rule.weighs_follow_up}
every_late_rule = pytest.mark.parametrize("rule", LATE.values(), ids=LATE.keys())
ALONE = {name: rule for name, rule in RULES.items() if not rule.responds}
every_rule_of_dlts = pytest.mark.parametrize("rule", ALONE.values(), ids=ALONE.keys())

OPENING = {**RULES, **{name: MEMBERS[name] for name in ("3+3, no path", "BOIN", "i3+3", "BOIN, behaving")}}


@st.composite
def treated(draw: st.DrawFn, rule: Rule) -> TreatedSubject:
    """A subject as conduct tells this rule of it."""
    outcome = draw(st.sampled_from(Outcome))
    followed = None
    if rule.weighs_follow_up:
        followed = None if outcome is Outcome.NO_DLT else float(draw(st.integers(0, 27)))
    response = draw(st.sampled_from([None, True, False])) if rule.responds else None
    if isinstance(rule, BackfillBOIN):
        response = bool(response)
    if outcome is Outcome.PENDING and not response:
        response = False if isinstance(rule, BackfillBOIN) else None
    return TreatedSubject(outcome, followed, response)


@st.composite
def histories(draw: st.DrawFn, rule: Rule) -> History:
    """Cohorts of at most three, with few open, and perhaps a level that was just opened."""
    cohorts = [
        TreatedCohort(level, tuple(draw(treated(rule)) for _ in range(size)))
        for level, size in draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=3))
    ]
    if rule.cap and cohorts and draw(st.booleans()):
        cohorts.append(TreatedCohort(1, (draw(treated(rule)),), backfilled=True))
    if draw(st.booleans()) or not cohorts:
        cohorts.append(TreatedCohort(draw(st.integers(1, 3))))
    return History(tuple(cohorts))


@every_rule
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_history_is_read_as_it_is_written(rule: Rule, data: st.DataObject) -> None:
    """What a rule writes of a history it reads again, and answers the same; the answer is a whole sentence."""
    history = data.draw(histories(rule))

    answer = rule.next_dose(history)

    assert rule.parse(rule.write(history)) == history
    assert answer.why.endswith(".")
    assert answer.final or 1 <= answer.dose <= rule.levels
    assert answer.settled or answer.decision is Decision.STAY
    assert all(1 <= level < 3 for level in rule.backfill_levels(history))


@every_rule_of_dlts
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_history_is_answered_as_the_design_answers(rule: Rule, data: st.DataObject) -> None:
    """Where somebody is treated at the level opened last, the answer is that of the design on its own input."""
    history = data.draw(histories(rule)).treated
    if not history.cohorts:
        return

    own = follow_ups(history, 28) if isinstance(rule, LateOnset) else history.outcomes

    assert rule.next_dose(history) == rule.recommend(own)


@every_late_rule
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_late_onset_rule_takes_nobody_above_the_level_that_was_opened(rule: Rule, data: st.DataObject) -> None:
    """A level that was just opened is kept, left downwards or held; nobody goes past it before it is treated."""
    history = data.draw(histories(rule))
    if history.opened is None:
        return

    answer = rule.next_dose(history)

    assert answer.final or not answer.subjects or answer.dose <= history.opened


@pytest.mark.parametrize("rule", OPENING.values(), ids=OPENING.keys())
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_level_stays_open_only_while_the_rule_would_open_it(rule: Rule, data: st.DataObject) -> None:
    """Where nobody is treated at the level that was opened, nobody is while the rule now goes lower or selects none."""
    history = data.draw(histories(rule)).treated
    now = rule.next_dose(history)
    lowest = now.dose or (history.cohorts[-1].dose + 1 if history.cohorts else 1)
    if not history.cohorts or not now.complete or now.selected or lowest > rule.levels:
        return
    level = data.draw(st.integers(lowest, rule.levels))

    answer = rule.next_dose(replace(history, cohorts=(*history.cohorts, TreatedCohort(level))))

    assert answer.final or (not now.final and (answer.dose <= now.dose or not answer.subjects))
