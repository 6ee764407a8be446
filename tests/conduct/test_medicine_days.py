"""Medicine that is forbidden near to a treatment, by the days on which it was taken and those of the treatments."""

from datetime import date, timedelta

import pytest

from tests.conduct.life import RANDOMISED
from tests.conduct.ward import Ward
from trialwright.conduct import Viewer, view
from trialwright.conduct import commands as cmd
from trialwright.conduct.medicine import with_use
from trialwright.conduct.next_steps import Step, subject_steps
from trialwright.errors import InputError
from trialwright.protocol.explain import explain
from trialwright.protocol.file import load_study
from trialwright.protocol.treatment_plan import AroundTreatment, Medicine

BIOLOGIC = {"subject": "S001", "drug": "adalimumab", "counts_as": "biologic DMARDs"}


def washing_out(treatment: str = "goes on") -> Ward:
    """Biologic DMARDs are forbidden 28 days before and 90 after a treatment, which waits or goes on for S001."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    ruled = tuple(
        one.model_copy(update={"within": AroundTreatment(before=28, after=90), "until": None, "treatment": treatment})
        if one.use == "forbidden"
        else one
        for one in ward.study.medicines
    )
    ward.study = ward.study.model_copy(update={"medicines": ruled})
    return ward


def steps(ward: Ward, arm: str = "vehicle") -> tuple[Step, ...]:
    """What is to be done next about S001, for everybody."""
    subject = ward.state.subjects["S001"]
    return subject_steps(ward.study, ward.state, subject, lambda _: arm, ward.now, taking=True)


WASHOUT = [
    # first and last day before the treatment, and whether that is within 28 days before it
    (40, 29, "allowed"),
    (40, 28, "forbidden"),
    (3, 3, "forbidden"),
    (200, None, "forbidden"),
]


@pytest.mark.parametrize(("began", "ended", "use"), WASHOUT)
def test_a_medicine_before_the_treatment_is_marked_once_its_day_is_known(
    began: int, ended: int | None, use: str
) -> None:
    """What was taken down before the treatment is undetermined, and forbidden or not by the day of the treatment."""
    ward = washing_out()
    today = ward.now.date()
    days = {"began_on": today - timedelta(days=began), "ended_on": ended and today - timedelta(days=ended)}
    (taken,) = ward.must(cmd.PrescribeMedicine, **BIOLOGIC, **days)
    before = with_use(ward.study, ward.state.subjects["S001"]).medicines["adalimumab"].use
    ward.infused(ward.received("L1", "vehicle"))

    assert (taken.use, before) == ("undetermined", "undetermined")
    assert with_use(ward.study, ward.state.subjects["S001"]).medicines["adalimumab"].use == use
    seen = view(ward.study, ward.state, ward.sealed, Viewer(id="inv", at=ward.now)).subject("S001")
    assert seen.course.medicines["adalimumab"].use == use


def test_a_treatment_waits_until_the_washout_is_over() -> None:
    """Within 28 days after the medicine nothing is prepared or begun; the refusal and the steps say from when it is."""
    ward = washing_out("waits")
    ward.received("L1", "vehicle", containers=2, expires_at=ward.now + timedelta(days=60))
    ward.must(cmd.PrescribeMedicine, **BIOLOGIC, began_on=ward.now.date() - timedelta(days=100))
    taken = ward.refused(cmd.PrepareInfusion, **ward.asked("L1"))
    due = {one.command: one.due for one in steps(ward)}
    ward.must(cmd.StopMedicine, subject="S001", drug="adalimumab", ended_on="2025-12-31", reason="Ended at home")
    ward.wait(days=22)
    waits = ward.refused(cmd.PrepareInfusion, **ward.asked("L1"))
    told = {one.command: (one.due, one.about) for one in steps(ward)}
    ward.wait(days=1)
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    ward.matched()
    early = ward.refused(cmd.StartInfusion, subject="S001")
    ward.must(cmd.DiscardPreparation, by="pharm", subject="S001", reason="For tomorrow")
    ward.wait(days=1)

    assert {one.code for one in (taken, waits, early)} == {"medicine.washout"}
    assert taken.mend == "Stop it; a treatment is possible once 28 days without it have passed."
    assert early.reason == (
        "adalimumab of S001, which is forbidden within 28 days before and 90 days after a treatment, was last taken on "
        "2025-12-31."
    )
    assert early.mend == "A treatment is possible from 2026-01-29."
    assert ("PrepareInfusion" not in due, due["StopMedicine"]) == (True, True)
    assert told["PrepareInfusion"] == (False, "not before 2026-01-29 00:00 UTC")
    ward.infused("L1", containers=("L1-2",))


def test_what_an_arm_gives_waits_for_the_washout_too() -> None:
    """In an arm that is not infused the first prescription is the treatment: refused in the washout, and not listed."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))
    washed = Medicine(drug="adalimumab", use="forbidden", within={"before": "28 days"}, say="None", assumed="example")
    ward.study = ward.study.model_copy(update={"medicines": (*ward.study.medicines, washed)})
    before = {one.command for one in steps(ward, "csDMARD alone")}
    ward.must(cmd.PrescribeMedicine, subject="S001", drug="adalimumab", ended_on=ward.now.date())

    assert "PrescribeMedicine" in before
    assert "PrescribeMedicine" not in {one.command for one in steps(ward, "csDMARD alone")}
    assert ward.refused(cmd.PrescribeMedicine, subject="S001", drug="csDMARD").code == "medicine.washout"


def test_a_medicine_after_the_treatment_is_forbidden_for_the_time_that_the_protocol_says() -> None:
    """Within 90 days after the treatment it needs the reason, from the 91st it needs none; both stay as they are."""
    ward = washing_out()
    ward.infused(ward.received("L1", "vehicle"))
    ward.wait(days=90)
    refusal = ward.refused(cmd.PrescribeMedicine, **BIOLOGIC)
    ward.must(cmd.PrescribeMedicine, **BIOLOGIC, reason="Begun by the family doctor")
    ward.wait(days=1)
    ward.must(cmd.StopMedicine, subject="S001", drug="adalimumab", reason="Too early")
    (later,) = ward.must(cmd.PrescribeMedicine, **{**BIOLOGIC, "drug": "etanercept"})

    marks = {name: one.use for name, one in with_use(ward.study, ward.state.subjects["S001"]).medicines.items()}
    assert (refusal.code, later.use) == ("medicine.forbidden", "allowed")
    assert "28 days before and 90 days after a treatment" in refusal.reason
    assert marks == {"adalimumab": "forbidden", "etanercept": "allowed"}


def test_every_time_that_a_medicine_was_taken_is_held_against_the_treatment() -> None:
    """A forbidden medicine that was taken in the washout stays marked, though it is taken again when it may be."""
    ward = washing_out()
    (began, ended) = (ward.now.date() - timedelta(days=days) for days in (20, 10))
    ward.must(cmd.PrescribeMedicine, **BIOLOGIC, began_on=began, ended_on=ended)
    ward.infused(ward.received("L1", "vehicle"))
    ward.wait(days=200)
    (again,) = ward.must(cmd.PrescribeMedicine, **BIOLOGIC)

    taken = with_use(ward.study, ward.state.subjects["S001"]).medicines["adalimumab"]
    assert (again.use, taken.use, taken.began_on) == ("allowed", "forbidden", ward.now.date())


MEDICINE_DAYS = [
    ({"began_on": date(2026, 1, 6)}, "medicine.day"),
    ({"began_on": date(2026, 1, 4), "ended_on": date(2026, 1, 3)}, "medicine.day"),
    ({"ended_on": date(2026, 1, 6)}, "medicine.day"),
    ({"ended_on": date(2026, 1, 4)}, "medicine.day"),
]


@pytest.mark.parametrize(("days", "code"), MEDICINE_DAYS)
def test_the_days_of_a_medicine_are_days_that_were(days: dict[str, date], code: str) -> None:
    """A medicine neither begins nor ends in the future, and does not end before it began."""
    ward = washing_out()

    assert ward.refused(cmd.PrescribeMedicine, **BIOLOGIC, **days).code == code
    ward.must(cmd.PrescribeMedicine, **BIOLOGIC)
    stop = {"subject": "S001", "drug": "adalimumab", "reason": "Ended"}
    assert ward.refused(cmd.StopMedicine, **stop, ended_on=date(2026, 1, 4)).code == code
    assert ward.refused(cmd.StopMedicine, **stop, ended_on=date(2026, 1, 6)).code == code


def test_what_an_arm_gives_begins_with_its_prescription() -> None:
    """The drug of an arm is no medicine of before: another day than that of its prescription is refused."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))
    asked = {"subject": "S001", "drug": "csDMARD", "began_on": ward.now.date() - timedelta(days=1)}

    assert ward.refused(cmd.PrescribeMedicine, **asked).code == "medicine.day"


def test_the_file_says_how_near_to_a_treatment_a_medicine_is_forbidden() -> None:
    """`within` is read from the file and told in its prose; with another use, or with no side, it is a fault."""
    within = "    use: forbidden\n    within: {before: 28 days, after: 90 days}\n"
    text = RANDOMISED.replace("    use: forbidden\n", within)

    goes_on = text.replace(within, f"{within}    treatment: goes on\n")

    assert "forbidden within 28 days before and 90 days after a treatment; the treatment waits" in explain(
        load_study(text)
    )
    assert "90 days after a treatment; the treatment goes on" in explain(load_study(goes_on))
    with pytest.raises(InputError, match="`treatment: goes on` is for a medicine"):
        load_study(goes_on.replace("{before: 28 days, after: 90 days}", "{after: 90 days}"))
    with pytest.raises(InputError, match="`within` says when a medicine is forbidden, and the use is allowed"):
        load_study(text.replace("    use: forbidden\n", "    use: allowed\n"))
    with pytest.raises(InputError, match="say how long"):
        load_study(text.replace("{before: 28 days, after: 90 days}", "{}"))


def test_what_ended_before_consent_was_not_taken_in_the_trial() -> None:
    """Forbidden throughout is forbidden from consent on: what ended before needs no reason, what went on does."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    consent = ward.state.subjects["S001"].consented_on
    days = {"began_on": consent - timedelta(days=60), "ended_on": consent - timedelta(days=1)}
    (before,) = ward.must(cmd.PrescribeMedicine, **BIOLOGIC, **days)
    later = ward.refused(cmd.PrescribeMedicine, **{**BIOLOGIC, "drug": "etanercept"}, **{**days, "ended_on": consent})

    assert (before.use, later.code) == ("allowed", "medicine.forbidden")
