"""A statistician's day: compare designs, choose one, write it into the protocol, and run it in conduct unchanged."""

from datetime import datetime
from typing import Any

import pytest

from tests.conductor import with_rule
from trialwright.conduct import NOTHING_SEALED, Event, Refusal, State, decide, replay
from trialwright.conduct import commands as cmd
from trialwright.conduct.commands import Command
from trialwright.design import Design, Outcomes, operating_characteristics
from trialwright.design.catalogue import design_from_text
from trialwright.protocol.check import check_text
from trialwright.protocol.explain import explain
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock

TRUTH = (0.1, 0.3, 0.5)
RULES = {
    "BOIN": "{design: BOIN, target: 0.3, subjects: 18}",
    "BOIN, a stop at 9": "{design: BOIN, target: 0.3, subjects: 18, stop at dose: 9}",
    "BOIN with titration": "{design: BOIN, target: 0.3, subjects: 18, titration: true}",
    "CRM": "{design: CRM, target: 0.3, subjects: 18, prior mtd: 2}",
    "Keyboard": "{design: Keyboard, target: 0.3, subjects: 18}",
    "mTPI-2": "{design: mTPI-2, target: 0.3, subjects: 18}",
    "i3+3": "{design: i3+3, target: 0.3, subjects: 18}",
    "3+3, de-escalation": "{design: 3+3, variant: de-escalation, cohort: 3, expand to: 6, stop at: 2, "
    "past the top dose: consult}",
    "3+3, six at the MTD": "{design: 3+3, variant: six at the MTD, cohort: 3, expand to: 6, stop at: 2, "
    "past the top dose: MTD}",
    "rolling six": "{design: rolling six}",
    "TITE-BOIN": "{design: TITE-BOIN, target: 0.3, subjects: 18}",
    "TITE-CRM": "{design: TITE-CRM, target: 0.3, subjects: 18, prior mtd: 2, cohort: 3}",
    "BF-BOIN": "{design: BF-BOIN, target: 0.3, subjects: 18, cap: 6, response endpoint: BASDAI response}",
    "BOIN12": "{design: BOIN12, toxicity limit: 0.35, efficacy limit: 0.25, utility neither: 40, utility both: 60, "
    "subjects: 18, response endpoint: BASDAI response}",
}
"""Dose rules as a protocol writes them."""

OF_THE_FILE = {"response endpoint", "design"}
"""Keys of a rule that are no settings of its design."""


class Ledger:
    """Conducts a study in memory and keeps every answer of the rule that was acted upon."""

    def __init__(self, study: Study, text: str, clock: VirtualClock) -> None:
        self.study, self.state, self.clock = study, State(), clock
        self.log: list[Event] = []
        self.do(cmd.AdoptProtocol, by=SPONSOR, text=text)

    def do(self, command: type[Command], *, by: str, **fields: Any) -> object:
        """Give a command."""
        at: datetime = self.clock()
        decided = decide(self.study, self.state, NOTHING_SEALED, command(at=at, by=by, **fields))
        if not isinstance(decided, Refusal):
            self.log += decided
            self.state = replay(decided, self.state)
        return decided


@pytest.mark.parametrize("name", RULES)
def test_the_chosen_design_is_conducted_unchanged(name: str) -> None:
    """In rehearsed trials, every decision and the dose selected are what the design says of the recorded outcomes."""
    text = with_rule(RULES[name])
    study = load_study(text)
    for seed in range(1, 2 if study.rule.weighs_follow_up or study.rule.responds else 5):
        trial = Ledger(study, text, VirtualClock())

        state = Rehearsal(study, TRUTH, seed, trial, trial.clock).run()

        assert state.stopped
        for decision in state.decisions:
            said = study.rule.next_dose(study.rule.parse(decision.outcomes))
            assert (decision.decision, decision.dose, decision.mtd) == (said.decision.value, said.dose, said.selected)
        assert state.decisions[-1].mtd == state.mtd
        if not (study.rule.weighs_follow_up or study.rule.responds):
            assert study.rule.departures(Outcomes.parse(state.outcomes(study))) == ()


@pytest.mark.parametrize("name", RULES)
def test_the_design_in_the_file_is_the_design_compared(name: str) -> None:
    """The rule that a protocol holds is the design that was compared by name, and does the same."""
    study = load_study(with_rule(RULES[name]))
    settings = [part.partition(": ") for part in RULES[name].strip("{}").split(", ")]
    own = [(key.replace(" ", "_"), value.replace(" ", "-")) for key, _, value in settings if key not in OF_THE_FILE]
    words = [f"{key}={value}" for key, value in own] + (["window=28"] if hasattr(study.rule, "window") else [])
    design = next(value for key, _, value in settings if key == "design").replace(" ", "-")

    named = design_from_text(" ".join([design, "levels=3", *words]))

    assert study.rule == named
    if isinstance(named, Design):
        assert operating_characteristics(study.rule, TRUTH) == operating_characteristics(named, TRUTH)


@pytest.mark.parametrize("name", RULES)
def test_the_protocol_text_holds_the_rule(name: str) -> None:
    """The protocol's prose holds the sentences of the design, and the file has no fault."""
    text = with_rule(RULES[name])
    study, findings = check_text(text)

    assert study is not None
    assert [str(finding) for finding in findings if finding.severity == "error"] == []
    assert study.rule.explain() in explain(study)
