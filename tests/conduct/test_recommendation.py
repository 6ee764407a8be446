"""The decision at the bedside is the one that was simulated."""

from itertools import product

import pytest

from tests.conductor import PROTOCOLS, TEXT, MemoryTrial
from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd
from trialwright.design import Decision, Outcomes

OTHER = (PROTOCOLS / "NCT04971980.yaml").read_text()
COHORTS = ["".join(letters) for letters in product("NT", repeat=3)]
Treated = tuple[tuple[int, str], ...]


def escalation(text: str) -> str:
    """The dose escalation of a protocol."""
    return text[text.index("\ndose escalation:") : text.index("\npreparation:")]


def conduct_all(trial: MemoryTrial, treated: Treated) -> list[Treated]:
    """Conduct every way the trial can go on from here; gives the complete paths."""
    state, now = trial.state, trial.now
    paths = []
    for cohort in COHORTS:
        trial.state, trial.now = state, now
        after = conduct_cohort(trial, treated, cohort)
        paths += [after] if trial.state.stopped else conduct_all(trial, after)
    return paths


def conduct_cohort(trial: MemoryTrial, treated: Treated, cohort: str) -> Treated:
    """Treat, follow and decide one cohort; after every event, conduct and design must agree."""
    level = trial.state.open_level.level
    subjects = []
    for letter in cohort:
        if not trial.state.recommendation(trial.study).final:
            subjects.append((trial.infused(), letter))
            treated = (*treated, (level, "P"))
            agree(trial, treated)
            trial.wait(days=trial.study.stagger_days(level))
            if letter == "T":
                trial.toxicity(subjects[-1][0])
                treated = (*treated[:-1], (level, "T"))
                agree(trial, treated)
    trial.wait(days=28)
    for place, (subject, letter) in enumerate(subjects, start=len(treated) - len(subjects)):
        trial.must(cmd.CloseDltWindow, subject=subject)
        treated = (*treated[:place], (level, letter), *treated[place + 1 :])
        agree(trial, treated)
    sign_what_the_rule_says(trial)
    return treated


def agree(trial: MemoryTrial, treated: Treated) -> None:
    """Conduct recommends what the design says of the same path, and takes a proposal exactly when it is settled."""
    path = " ".join(f"{level}{letter}" for level, letter in treated)
    expected = trial.study.rule.recommend(Outcomes.parse(path))
    found = trial.state.recommendation(trial.study)
    assert found.same_course(expected), path
    assert found.settled == expected.settled, path
    before = trial.state
    for decision in ("escalate", "expand", "stop", "consult"):
        proposed = trial.do(cmd.ProposeDoseDecision, decision=decision)
        trial.state = before
        allowed = expected.settled and decision == expected.decision
        assert isinstance(proposed, Refusal) != allowed, (path, decision)


def sign_what_the_rule_says(trial: MemoryTrial) -> None:
    """Take the recommended decision and see it carried out."""
    recommended = trial.state.recommendation(trial.study)
    trial.decided(recommended.decision.value)
    if recommended.final:
        assert trial.state.stopped
        assert trial.state.mtd == recommended.mtd
        assert trial.state.top_tolerated == (recommended.decision is Decision.CONSULT)
    elif recommended.decision is Decision.EXPAND:
        assert trial.state.open_level.slots == trial.study.rule.expand_to
    else:
        trial.must(cmd.OpenDoseLevel, by="sponsor", level=recommended.dose)


@pytest.mark.parametrize("text", [TEXT, TEXT.replace(escalation(TEXT), escalation(OTHER))], ids=["AS", "RA"])
def test_de_05_conduct_decides_as_the_design_on_every_outcome_path(text: str) -> None:
    """Conduct takes the decision that the design recommends, whichever of the 589 ways either escalation goes."""
    paths = conduct_all(MemoryTrial(text).open(), ())

    assert len(paths) == 589
