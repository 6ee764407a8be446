"""A volume given that was typed wrongly, and what follows from the right one."""

from decimal import Decimal

from tests.conduct.guards.treatment import HALT, VOLUME, interrupted
from tests.conduct.life import RESERVING, LifeTrial, changed
from trialwright.conduct import commands as cmd

LEAST = changed(RESERVING, ("    days: 28 days\n", "    days: 28 days\n    dose at least: 80\n"))
"""NCT05962762, where less than 80 % of the dose is too little to be evaluable."""


def test_a_volume_typed_too_high_at_a_halt_is_corrected_downwards() -> None:
    """The right volume stands from its correction on, both are in the trail, and the infusion may end with it."""
    ward = interrupted()

    (corrected,) = ward.must(cmd.CorrectGivenVolume, **VOLUME)
    ward.must(cmd.AbortInfusion, **HALT, given_ml="2.5")

    assert (corrected.was, corrected.given_ml) == (3, 2)
    infusion = ward.course().infusions[0]
    assert infusion.given_ml == Decimal("2.5")
    ward.must(cmd.CorrectGivenVolume, **{**VOLUME, "given_ml": "0"})
    assert ward.course().nothing_given
    assert ward.course().infusions[0].given_cells == 0


def test_who_was_counted_and_received_too_little_is_left_out() -> None:
    """A volume that makes a counted subject not evaluable pauses the trial, and the subject gives the slot back."""
    trial = LifeTrial(LEAST).open()
    subject = trial.infused()
    trial.wait(days=28)
    trial.must(cmd.CloseDltWindow, subject=subject)
    wrong = {"subject": subject, "preparation": 1, "reason": "The scale was read wrongly"}
    assert len(trial.must(cmd.CorrectGivenVolume, **wrong, given_ml="14")) == 1

    _, pause = trial.must(cmd.CorrectGivenVolume, **wrong, given_ml="5")

    assert pause.reason.startswith("A subject counted without a dose-limiting toxicity received too little of the dose")
    assert "DeclareNotEvaluable" in trial.view("inv").subject(subject).next_steps
    assert "CloseDltWindow" not in trial.view("inv").subject(subject).next_steps
    trial.must(cmd.DeclareNotEvaluable, subject=subject, reason="A third of the dose")
    assert trial.state.subjects[subject].outcome(trial.study) is None
