"""Variants of 3+3 at the bedside: a level is opened again, an ending without a path, the MTD at the top."""

from pathlib import Path

import pytest

from tests.conductor import TEXT, MemoryTrial
from trialwright.conduct import commands as cmd
from trialwright.conduct.events import CommandRefused
from trialwright.protocol.file import load_study
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock
from trialwright.trial import Trial

RULE = "    past the top dose: consult\n"
DOWN = TEXT.replace(RULE, f"{RULE}    variant: de-escalation\n")
SIX = TEXT.replace(RULE, "    past the top dose: MTD\n    variant: six at the MTD\n")
BARE = TEXT.replace("expand to: 6", "expand to: 3").replace(RULE, f"{RULE}    some dlts: consult\n")


def at_level_two(text: str) -> MemoryTrial:
    """A trial with three subjects without a DLT at level 1, and level 2 open."""
    trial = MemoryTrial(text).open()
    trial.cohort("NNN")
    trial.decided("escalate")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=2)
    return trial


def test_the_level_below_is_opened_again_and_filled() -> None:
    """After two DLTs at level 2 the signed decision closes it, level 1 takes three more, and is then the MTD."""
    trial = at_level_two(DOWN)
    late = trial.ready(trial.enrolled())
    for _ in "TT":
        trial.toxicity(trial.infused())

    assert trial.refused(cmd.StartInfusion, subject=late).code == "decision.due"
    trial.decided("de-escalate")
    assert trial.refused(cmd.OpenDoseLevel, by="sponsor", level=2).code == "level.not_decided"
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)
    assert trial.state.open_level.slots == 6
    assert trial.refused(cmd.StartInfusion, subject=late).code == "level.closed"
    trial.must(cmd.DeclareNotEvaluable, subject=late, reason="the level was closed")
    trial.cohort("NNT")
    trial.decided("stop")

    assert (trial.state.stopped, trial.state.mtd) == (True, 1)


def test_a_level_down_is_open_to_whoever_gives_a_reason() -> None:
    """De-escalation that the rule does not recommend needs a reason, and no pause."""
    trial = at_level_two(TEXT)
    trial.infused()

    assert trial.refused(cmd.ProposeDoseDecision, decision="de-escalate").code == "decision.reason"
    trial.decided("de-escalate", reason="caution")
    trial.must(cmd.OpenDoseLevel, by="sponsor", level=1)
    assert trial.view().free == 3


def test_an_ending_without_a_path_is_no_tolerated_top_dose() -> None:
    """Where the protocol names no path after 1 DLT in 3, people consult, and no dose counts as tolerated."""
    trial = MemoryTrial(BARE).open()
    trial.cohort("NTN")
    trial.decided("consult")

    assert (trial.state.stopped, trial.state.mtd, trial.state.top_tolerated) == (True, None, False)


@pytest.mark.parametrize("text", [DOWN, SIX])
@pytest.mark.parametrize("seed", range(1, 7))
def test_a_rehearsal_of_a_variant_is_a_whole_lawful_trial(tmp_path: Path, text: str, seed: int) -> None:
    """A rehearsal with de-escalation ends, follows the rule at each decision, and meets no refusal."""
    clock = VirtualClock()
    with Trial.begin(tmp_path / "log", text, by=SPONSOR, clock=clock) as trial:
        state = Rehearsal(load_study(text), (0.2, 0.5, 0.6), seed, trial, clock).run()
        refused = [event for event in trial.events() if isinstance(event, CommandRefused)]

    assert state.stopped
    assert refused == []
    assert all(decision.decision == decision.recommended for decision in state.decisions)
