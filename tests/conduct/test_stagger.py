"""A sentinel and a least interval between first infusions, in cohorts and in arms: one function decides for all."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from tests.conduct.ward import CELLS, Ward
from tests.conductor import PROTOCOLS
from trialwright.cli.rehearsing import begin, planned_rates
from trialwright.conduct import Refusal, Viewer, view
from trialwright.conduct import commands as cmd
from trialwright.protocol.escalation import Stagger
from trialwright.protocol.explain import explain
from trialwright.rehearse import Rehearsal, VirtualClock

EVERY = Stagger(interval=2, assumed="example")
SENTINEL = Stagger(interval=7, after="first subject", override_by=("sponsor",), assumed="example")
CELL_ARM, BOTH = "UC-MSC alone", "UC-MSC and csDMARD"


def in_the_arm(*staggers: Stagger) -> Ward:
    """NCT01547091 with a stagger in its arm of cells, three subjects there and one in the arm of both."""
    ward = Ward("NCT01547091", arms=(CELL_ARM, CELL_ARM, CELL_ARM, BOTH))
    arms = tuple(
        arm.model_copy(update={"stagger": staggers}) if arm.name == CELL_ARM else arm for arm in ward.study.arms
    )
    ward.study = ward.study.model_copy(update={"arms": arms})
    return ward


def in_the_cohort(*staggers: Stagger) -> Ward:
    """NCT03828344, which is masked, with a stagger in its first cohort and two subjects there."""
    first = Ward("NCT03828344").study.cohorts[0]
    ward = Ward("NCT03828344", arms=("BX-U001", "vehicle"), group=first.name)
    cohorts = tuple(
        one.model_copy(update={"stagger": staggers}) if one.name == first.name else one for one in ward.study.cohorts
    )
    ward.study = ward.study.model_copy(update={"cohorts": cohorts})
    return ward


def lot(ward: Ward, subject: str) -> str:
    """A lot of cells for a subject, that lasts."""
    expires = ward.now + timedelta(days=30)
    return ward.received(f"L-{subject}", ward.study.products[0].name, expires_at=expires, **CELLS)


def held(ward: Ward, subject: str) -> Refusal:
    """The refusal of a preparation that could not be used before the stagger ends."""
    return ward.refused(cmd.PrepareInfusion, **ward.asked(lot(ward, subject), subject))


def test_de_03_an_arm_has_a_sentinel_and_an_interval() -> None:
    """The sentinel holds back its arm and no other; then each first infusion holds back the next, and no later one."""
    ward = in_the_arm(SENTINEL, EVERY)
    ward.infused(lot(ward, "S001"), "S001")
    begun = ward.now

    found = held(ward, "S002")
    seen = view(ward.study, ward.state, ward.sealed, Viewer(id="inv", at=ward.now)).subject("S002")
    ward.infused(lot(ward, "S004"), "S004")
    ward.now = begun + timedelta(days=7)
    ward.infused("L-S002", "S002")

    assert found.code == "stagger"
    assert found.rule.endswith("arms > stagger")
    assert found.mend == "The next first infusion in the arm UC-MSC alone may be given from 2026-01-12 09:00 UTC."
    assert seen is not None
    assert seen.not_before == begun + timedelta(days=7)
    assert held(ward, "S003").mend.endswith("from 2026-01-14 09:00 UTC.")
    assert "OverrideStagger" in [step.command for step in seen.steps]


def test_de_03_whoever_overrides_is_named_by_every_stagger_that_holds() -> None:
    """The sponsor overrides the sentinel where it alone holds, and not beside an interval that names nobody."""
    asked = {"by": "sponsor", "subject": "S002", "reason": "The cells cannot be made again"}
    strict, mild = in_the_arm(SENTINEL, EVERY), in_the_arm(SENTINEL)
    for ward in (strict, mild):
        ward.infused(lot(ward, "S001"), "S001")

    refused = strict.refused(cmd.OverrideStagger, **asked)
    mild.must(cmd.OverrideStagger, **asked)
    mild.infused(lot(mild, "S002"), "S002")

    assert refused.code == "stagger.override"
    assert refused.rule.endswith("arms > stagger > override by")
    assert refused.mend == "Nobody may: wait until it ends."


def test_de_03_a_cohort_of_a_masked_trial_is_staggered() -> None:
    """In a masked trial the interval holds in the cohort, whatever the arms, and the refusal tells none."""
    ward = in_the_cohort(SENTINEL)
    ward.infused(lot(ward, "S001"), "S001")
    ward.wait(days=6, hours=16)
    vehicle = ward.received("L-S002", "vehicle", expires_at=ward.now + timedelta(days=30))

    ward.must(cmd.PrepareInfusion, **ward.asked(vehicle, "S002"))
    ward.matched("S002")
    found = ward.refused(cmd.StartInfusion, subject="S002")
    ward.wait(hours=8)
    ward.must(cmd.StartInfusion, subject="S002")

    assert found.code == "stagger"
    assert found.rule.endswith("cohorts > stagger")
    assert found.mend == "The next first infusion in cohort 1 may be given from 2026-01-12 09:00 UTC."


def test_a_rehearsal_keeps_the_stagger_of_a_cohort(tmp_path: Path) -> None:
    """An open randomised trial is rehearsed with its infusions, and lets the interval of a cohort pass between two."""
    text = (PROTOCOLS / "NCT03828344.yaml").read_text().replace("masking: quadruple", "masking: none")
    at = text.index("    size: 8\n")
    staggered = f"{text[:at]}    stagger: [{{interval: 21 days, assumed: example}}]\n{text[at:]}"
    clock = VirtualClock()
    with begin(staggered, tmp_path / "trial.db", 3, clock) as trial:
        state = Rehearsal(trial.study, planned_rates(trial.study), 3, trial, clock, 3).run()
        study = trial.study

    begun = sorted(one.infusion.at for one in state.subjects.values() if one.infusion)
    assert len(begun) >= 3
    assert min(later - earlier for earlier, later in pairwise(begun)) >= timedelta(days=21)
    assert "at least 21 days of 24 hours pass between one first infusion and the next" in explain(study)
