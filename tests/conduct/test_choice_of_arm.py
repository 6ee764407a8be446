"""The arm of an open trial is chosen, and corrected until something of it was given."""

import pytest

from tests.conduct.ward import Ward
from trialwright.conduct import commands as cmd
from trialwright.conduct.trail import trail_rows

ALONE, DRUG, BOTH = "UC-MSC alone", "csDMARD alone", "UC-MSC and csDMARD"
WHY = "Read from the line below"


@pytest.fixture
def ward() -> Ward:
    """S001 of an open trial of three arms was put in the arm of the drug."""
    ward = Ward("NCT01547091")
    ward.must(cmd.ChooseArm, subject="S001", arm=DRUG)
    return ward


def test_a_wrong_choice_is_corrected_with_its_reason(ward: Ward) -> None:
    """A choice that was entered wrongly is corrected, and the trail says what it was, what it is and why."""
    ward.must(cmd.ChooseArm, subject="S001", arm=BOTH, reason=WHY)

    assert ward.state.subjects["S001"].arm == BOTH
    (row,) = [row for row in trail_rows(enumerate(ward.open_log, start=1)) if row.item == "arm"]
    assert (row.was, row.now, row.why) == (DRUG, BOTH, WHY)


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"arm": BOTH}, "allocation.reason"), ({"arm": DRUG, "reason": WHY}, "allocation.same")],
)
def test_a_correction_says_what_was_wrong(ward: Ward, asked: dict[str, str], code: str) -> None:
    """Without a reason nothing is corrected, and an arm is not corrected into itself."""
    assert ward.refused(cmd.ChooseArm, subject="S001", **asked).code == code


def test_an_arm_of_which_something_was_given_stays(ward: Ward) -> None:
    """After the first infusion the arm is the one that was given."""
    ward.must(cmd.ChooseArm, subject="S001", arm=ALONE, reason=WHY)
    ward.infused(ward.received("A", "UC-MSC", concentration_per_ml="5e6", viability_pct=92))

    assert ward.refused(cmd.ChooseArm, subject="S001", arm=BOTH, reason=WHY).code == "allocation.treated"


def test_cells_prepared_for_the_wrong_arm_are_discarded_first(ward: Ward) -> None:
    """While an infusion of the arm waits, the arm is not corrected, so that nobody is given it by mistake."""
    ward.must(cmd.ChooseArm, subject="S001", arm=ALONE, reason=WHY)
    lot = ward.received("A", "UC-MSC", concentration_per_ml="5e6", viability_pct=92)
    ward.must(cmd.PrepareInfusion, **ward.asked(lot))
    assert ward.refused(cmd.ChooseArm, subject="S001", arm=DRUG, reason=WHY).code == "allocation.prepared"

    ward.must(cmd.DiscardPreparation, by="pharm", subject="S001", reason="Prepared for the wrong arm")

    ward.must(cmd.ChooseArm, subject="S001", arm=DRUG, reason=WHY)
