"""Refusals about the infusion itself: who may be treated, when, and how it ends."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.conduct.guards.preparation import READ, lot_released, matched_by_one, not_enrolled, prepared, two_prepared
from tests.conduct.life import LifeTrial, changed
from tests.conduct.ward import CELLS, Ward, entered
from tests.conductor import TEXT
from trialwright.conduct import commands as cmd
from trialwright.conduct.data_state import DataPoint
from trialwright.conduct.events import SubjectEnrolledV2
from trialwright.protocol.treatment_plan import AroundTreatment

ONE = {"subject": "S001"}
CHOSEN = {**ONE, "product": "UC-MSC", "amount": "6e7"}
HALT = {"subject": "S001", "reason": "Chills"}


def matched() -> Ward:
    """The infusion of S001 is prepared and matched by two."""
    ward = prepared()
    ward.matched()
    return ward


def weight_corrected() -> Ward:
    """The infusion of S001 was prepared for 70 kg and matched, and the weight was corrected to 77."""
    ward = matched()
    asked = {"by": "pharm", "subject": "S001", "preparation": 1, "weight_kg": 77, "reason": "Digits swapped"}
    ward.must(cmd.CorrectWeight, **asked)
    return ward


def running() -> Ward:
    """The infusion of S001 runs; 15.2 mL were prepared."""
    ward = matched()
    ward.must(cmd.StartInfusion, subject="S001")
    return ward


def interrupted() -> Ward:
    """The infusion of S001 is halted."""
    ward = running()
    ward.must(cmd.InterruptInfusion, **HALT, given_ml="3")
    return ward


def interrupted_too_long() -> Ward:
    """The infusion of S001 is halted for 24 hours, when its preparation may no longer be given."""
    ward = interrupted()
    ward.wait(hours=24)
    return ward


def quarantined() -> Ward:
    """The infusion of S001 is halted, and its lot came into quarantine."""
    ward = interrupted()
    ward.must(cmd.QuarantineLot, by="pharm", lot="L1", reason="Growth in the sterility test")
    return ward


def destroyed() -> Ward:
    """The infusion of S001 is halted, and its lot was destroyed."""
    ward = interrupted()
    ward.must(cmd.DisposeLot, by="pharm", lot="L1", how="destroyed", reason="Growth in the sterility test")
    return ward


def withdrawn_with_its_lot() -> Ward:
    """The infusion of S001 was prepared and matched, and its lot came into quarantine."""
    ward = matched()
    ward.must(cmd.QuarantineLot, by="pharm", lot="L1", reason="Growth in the sterility test")
    return ward


def masked_withdrawn_with_its_lot() -> Ward:
    """The infusion of S001 of NCT03828344 was prepared, and its lot came into quarantine."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    ward.must(cmd.PrepareInfusion, **ward.asked(ward.received("L1", "vehicle")))
    ward.must(cmd.QuarantineLot, by="pharm", lot="L1", reason="Growth in the sterility test")
    return ward


def dose_of_another_prescription() -> Ward:
    """An older log has prescribed S001 another dose of UC-MSC than the one that was prepared and matched."""
    ward = two_prepared()
    ward.matched()
    course = ward.state.subjects["S001"].course
    ward.state = ward.changed("S001", course=replace(course, prescribed={"UC-MSC": Decimal("8e7")}))
    return ward


def cells_alone() -> Ward:
    """S001 of NCT01547091 receives cells alone, where csDMARDs are forbidden."""
    return Ward("NCT01547091", arms=("UC-MSC alone",))


def weighed_since() -> Ward:
    """The infusion of S001 was prepared by 70 kg, and then its visit found 78."""
    ward = prepared()
    found = {"visit": "Infusion", "on": ward.now.date(), "values": {"weight": "78"}}
    ward.must(cmd.RecordData, by="nurse", **ONE, **found)
    return ward


def washing_out() -> Ward:
    """Adalimumab, which S001 of NCT03828344 took until today, is forbidden within 28 days before a treatment."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    ruled = (
        one.model_copy(update={"within": AroundTreatment(before=28)}) if one.use == "forbidden" else one
        for one in ward.study.medicines
    )
    ward.study = ward.study.model_copy(update={"medicines": tuple(ruled)})
    ward.received("L1", "vehicle")
    today = ward.now.date()
    ward.must(cmd.PrescribeMedicine, **ONE, drug="adalimumab", counts_as="biologic DMARDs", ended_on=today)
    return ward


def drug_given() -> Ward:
    """S001 of NCT01547091 receives a csDMARD alone, and was prescribed methotrexate."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))
    ward.must(cmd.PrescribeMedicine, **ONE, drug="methotrexate", counts_as="csDMARD")
    return ward


def randomised_in_error() -> Ward:
    """S001 of NCT03828344 was randomised in error, and a lot of vehicle is released."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    ward.must(cmd.DeclareRandomisedInError, **ONE, reason="CRP of another subject")
    ward.received("L1", "vehicle")
    return ward


def left_while_it_runs() -> Ward:
    """The infusion of S001 runs, and S001 withdrew."""
    ward = running()
    left = {**ONE, "disposition": "withdrawal by subject", "occurred_on": ward.now.date(), "reason": "Had enough"}
    ward.must(cmd.RecordDisposition, **left)
    return ward


def inactive_since_enrolment(sequence: int = 3) -> Ward:
    """The BASDAI of S001, who was enrolled by entry 2 with an active disease, was corrected to 3 by that entry."""
    ward = lot_released()
    told = {"at": ward.now, "by": "inv", "role": "investigator", "site": "01", "protocol": "1.0"}
    enrolled = SubjectEnrolledV2(**told, subject="S001", level=1, group=None)
    said = {"value": ({"value": Decimal(3)},), "missing": None, "by": "nurse", "at": ward.now, "sequence": sequence}
    point = DataPoint(item="basdai", on=ward.now.date(), **said)
    data = {"Screening": {"basdai": point}}
    ward.state = ward.changed("S001", record=((2, enrolled),), findings={"I03": "met"}, data=data)
    return ward


def masked_interrupted() -> Ward:
    """The infusion of S001 of NCT03828344, who receives the vehicle, is halted."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    ward.must(cmd.PrepareInfusion, **ward.asked(ward.received("L1", "vehicle")))
    ward.matched()
    ward.must(cmd.StartInfusion, **ONE)
    ward.must(cmd.InterruptInfusion, **HALT, given_ml="3")
    return ward


def masked_paused() -> Ward:
    """The infusion of S001 of NCT03828344 is halted, and the trial is paused."""
    ward = masked_interrupted()
    ward.must(cmd.InvokeStoppingRule, by="sponsor", rule="S02", reason="Seen")
    return ward


def masked_quarantined() -> Ward:
    """The infusion of S001 of NCT03828344 is halted, and its lot came into quarantine."""
    ward = masked_interrupted()
    ward.must(cmd.QuarantineLot, by="pharm", lot="L1", reason="Growth in the sterility test")
    return ward


def of_yesterday() -> Ward:
    """The infusion of S001 was prepared and matched at 9:00 of yesterday, and may be given for an hour."""
    ward = matched()
    ward.wait(hours=23)
    return ward


def too_late() -> Ward:
    """The infusion of S001 was prepared and matched 24 hours ago."""
    ward = matched()
    ward.wait(hours=24)
    return ward


def lot_expired() -> Ward:
    """The lot of the preparation of S001 expires in this second."""
    ward = Ward("NCT05962762")
    ward.received("L1", "hUC-MSC injection", **CELLS, expires_at=ward.now + timedelta(hours=2))
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    ward.matched()
    ward.wait(hours=2)
    return ward


def infused() -> Ward:
    """S001 was infused at the top level; S002 waits, and lot L2 is released."""
    ward = Ward("NCT05962762", arms=(None, None), level=3)
    ward.infused(ward.received("L1", "hUC-MSC injection", **CELLS))
    ward.received("L2", "hUC-MSC injection", **CELLS)
    return ward


def no_arm() -> Ward:
    """S001 of NCT01547091 has no arm yet."""
    return Ward("NCT01547091")


def of_childbearing_age(test: str, days: int) -> Ward:
    """S001 of NCT01547091 has a pregnancy test, so many days old, and a lot of cells is released."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    ward.wait(days=days)
    known = entered({"childbearing_potential": True, "contraception": True, "breastfeeding": False})
    known["values"]["pregnancy_test"] = [{"value": test, "on": "2026-01-05"}]
    ward.state = ward.changed("S001", entered=known)
    ward.received("L1", "UC-MSC", **CELLS)
    return ward


def old_test() -> Ward:
    """The test of S001 was negative three days ago, and 72 hours are over."""
    return of_childbearing_age("negative", 3)


def positive_test() -> Ward:
    """The test of S001 is positive today."""
    return of_childbearing_age("positive", 0)


def positive_since_the_preparation() -> Ward:
    """The infusion of S001 was prepared on a negative test, and the test of today is positive."""
    ward = of_childbearing_age("negative", 1)
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    ward.matched()
    there = {"subject": "S001", "visit": "Baseline", "on": ward.now.date()}
    ward.must(cmd.RecordData, by="nurse", **there, values={"pregnancy_test": "positive"})
    return ward


def drug_on_an_old_test() -> Ward:
    """S001 is in the arm of the drug, and its test is three days old."""
    ward = old_test()
    ward.state = ward.changed("S001", arm="csDMARD alone")
    return ward


def drug_in_a_pause() -> Ward:
    """S001 is in the arm of the drug and was given nothing yet, and the trial was stopped."""
    ward = drug_on_an_old_test()
    ward.must(cmd.StopTrial, by="sponsor", reason="No more product")
    return ward


def drug_in_error() -> Ward:
    """S001 of NCT01547091 takes the drug of its arm, and was given it in error."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))
    ward.state = ward.changed("S001", randomised_in_error="Another subject's chart")
    return ward


def screened_long_ago(held: str | None = "2026-01-05") -> Ward:
    """Screening of S001 of NCT04971980 was held 29 days ago and counts for 28; lot L1 is released."""
    ward = Ward("NCT04971980")
    if held:
        ward.state = ward.changed("S001", entered={**entered({}), "days": {"screening": held}})
    ward.wait(days=29)
    ward.received("L1", "BC-U001", **CELLS)
    return ward


def screened_nobody_says_when() -> Ward:
    """S001 of NCT04971980 consented 29 days ago, and the record has no day of its screening."""
    return screened_long_ago(held=None)


def screening_old_since_the_preparation() -> Ward:
    """The infusion of S001 was prepared 28 days after consent, late in the evening, and now it is the 29th day."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    ward.wait(days=28, hours=14)
    ward.received("L1", "UC-MSC", **CELLS)
    ward.must(cmd.PrepareInfusion, **ward.asked("L1"))
    ward.matched()
    ward.wait(hours=1)
    return ward


def drug_after_an_old_screening() -> Ward:
    """S001 is in the arm of the drug, and consented to the trial 29 days ago."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))
    ward.wait(days=29)
    return ward


def dose_after_an_old_screening() -> Ward:
    """S001 of NCT05794425 consented 22 days ago, and its screening counts for 21."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.wait(days=22)
    return ward


def screened_again_and_not_assessed() -> Ward:
    """The screening visit of S001 was held again, and nobody assessed eligibility on it."""
    ward = screened_long_ago()
    ward.state = ward.changed("S001", moments={"enrolment": ward.now - timedelta(days=29)}, verdict="eligible")
    again = {"subject": "S001", "visit": "Screening", "on": ward.now.date(), "reason": "Repeat screening"}
    ward.must(cmd.HoldVisit, by="nurse", **again)
    return ward


def pregnant_at_month_3() -> Ward:
    """S001 was infused three months ago, and the test of today is positive."""
    ward = of_childbearing_age("negative", 0)
    ward.infused("L1")
    ward.wait(days=91)
    there = {"subject": "S001", "visit": "Month 3", "on": ward.now.date()}
    ward.must(cmd.RecordData, by="nurse", **there, values={"pregnancy_test": "positive"})
    ward.received("L2", "UC-MSC", **CELLS)
    return ward


def weekly() -> Ward:
    """S001 of NCT05794425 received the first cord blood today."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.infused(ward.received("L1", "Cord blood", containers=2))
    return ward


def repeated() -> LifeTrial:
    """An escalation with weekly infusions: three had the first, the second of S001 is prepared, and S001 has a DLT."""
    arms = (
        "arms:\n  - {name: Cells, type: experimental, treatments: [{product: hUC-MSC injection, dose: by level, "
        "times: 3, every: 7 days, assumed: a test}], at: brief summary}\n\ndose escalation:\n"
    )
    again = "schedule:\n  - {visit: Again, day: 7, window: 2 days, gives: [hUC-MSC injection], assumed: a test}\n"
    trial = LifeTrial(changed(TEXT, ("dose escalation:\n", arms), ("schedule:\n", again))).open()
    for _ in range(3):
        trial.infused()
    trial.wait(days=7)
    for subject in ("S001", "S003"):
        trial.ready(subject)
    trial.toxicity("S001")
    return trial


def repeated_and_stopped() -> LifeTrial:
    """The same with a DLT in S002, so that the stopping rule is met; the second infusion of S003 is prepared."""
    trial = repeated()
    trial.toxicity("S002")
    return trial


def second_cord_blood(days: int, *, missed: tuple[str, ...] = ()) -> Ward:
    """The second cord blood of S001, whose first was today, is prepared and matched so many days later."""
    ward = weekly()
    ward.wait(days=days)
    for visit in missed:
        told = {"reason": "subject did not come"}
        ward.must(cmd.MissVisit, by="nurse", subject="S001", visit=visit, **told)
    ward.received("L2", "Cord blood", containers=2)
    return ward


def between_its_windows() -> Ward:
    """The second cord blood is ready on day 9, the day after the window of its visit."""
    ward = second_cord_blood(9)
    ward.must(cmd.PrepareInfusion, **ward.asked("L2"))
    ward.matched()
    return ward


def in_its_window() -> Ward:
    """The second cord blood is ready on day 8, the last of the window of its visit."""
    ward = second_cord_blood(8)
    ward.must(cmd.PrepareInfusion, **ward.asked("L2"))
    ward.matched()
    return ward


def every_visit_missed() -> Ward:
    """Every later visit of S001 at which cord blood is given was missed."""
    return second_cord_blood(30, missed=("Infusion 2", "Infusion 3", "Infusion 4"))


def out() -> Ward:
    """S001 gave the slot back before the infusion."""
    ward = lot_released()
    ward.must(cmd.ReportManufacturingFailure, by="pharm", subject="S001", reason="Contaminated culture")
    return ward


def aborted() -> Ward:
    """The infusion of S001 was aborted."""
    ward = interrupted()
    ward.must(cmd.AbortInfusion, **HALT, given_ml="3")
    return ward


VOLUME = {**ONE, "preparation": 1, "given_ml": "2", "reason": "Read from the wrong side of the scale"}

REFUSALS = [
    (matched, cmd.StartInfusion, {"subject": "S999"}, "subject.unknown"),
    (not_enrolled, cmd.StartInfusion, ONE, "subject.not_enrolled"),
    (no_arm, cmd.StartInfusion, ONE, "allocation.none"),
    (out, cmd.StartInfusion, ONE, "subject.out"),
    (lot_released, cmd.StartInfusion, ONE, "preparation.none"),
    (lot_expired, cmd.StartInfusion, ONE, "lot.expired"),
    (too_late, cmd.StartInfusion, ONE, "preparation.expired"),
    (of_yesterday, cmd.StartInfusion, ONE, "weight.old"),
    (weight_corrected, cmd.StartInfusion, ONE, "weight.corrected"),
    (prepared, cmd.StartInfusion, ONE, "identity.unmatched"),
    (matched_by_one, cmd.StartInfusion, ONE, "identity.unmatched"),
    (old_test, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "treatment.criteria"),
    (positive_test, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "treatment.criteria"),
    (positive_since_the_preparation, cmd.StartInfusion, ONE, "treatment.criteria"),
    (drug_on_an_old_test, cmd.PrescribeMedicine, {**ONE, "drug": "csDMARD"}, "treatment.criteria"),
    (drug_in_a_pause, cmd.PrescribeMedicine, {**ONE, "drug": "csDMARD"}, "trial.stopped"),
    (drug_in_error, cmd.PrescribeMedicine, {**ONE, "drug": "csDMARD"}, "subject.in_error"),
    (drug_on_an_old_test, cmd.PrescribeMedicine, {**ONE, "drug": "csDMARD", "began_on": "2026-01-02"}, "medicine.day"),
    (cells_alone, cmd.PrescribeMedicine, {**ONE, "drug": "Tofacitinib"}, "medicine.class"),
    (weighed_since, cmd.MatchIdentity, READ, "weight.differs"),
    (washing_out, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "medicine.washout"),
    (cells_alone, cmd.VoidMedicine, {**ONE, "drug": "Tofacitinib", "reason": "Error"}, "medicine.not_taken"),
    (drug_given, cmd.VoidMedicine, {**ONE, "drug": "methotrexate", "reason": "Error"}, "medicine.of_arm"),
    (infused, cmd.PrescribeMedicine, {**ONE, "drug": "Ibuprofen", "began_on": "2030-01-01"}, "medicine.day"),
    (infused, cmd.PrescribeMedicine, {**ONE, "drug": "Ibuprofen", "ended_on": "2026-01-01"}, "medicine.day"),
    (inactive_since_enrolment, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "treatment.criteria"),
    (randomised_in_error, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "subject.in_error"),
    (dose_of_another_prescription, cmd.StartInfusion, {**ONE, "preparation": 2}, "dose.prescribed"),
    (withdrawn_with_its_lot, cmd.StartInfusion, ONE, "lot.quarantined"),
    (masked_withdrawn_with_its_lot, cmd.MatchIdentity, READ, "lot.quarantined"),
    (too_late, cmd.MatchIdentity, READ, "preparation.expired"),
    (screened_long_ago, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "screening.old"),
    (screened_nobody_says_when, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "screening.unknown"),
    (screening_old_since_the_preparation, cmd.StartInfusion, ONE, "screening.unknown"),
    (drug_after_an_old_screening, cmd.PrescribeMedicine, {**ONE, "drug": "csDMARD"}, "screening.unknown"),
    (dose_after_an_old_screening, cmd.PrescribeDose, CHOSEN, "screening.unknown"),
    (screened_again_and_not_assessed, cmd.PrepareInfusion, lambda ward: ward.asked("L1"), "subject.ineligible"),
    (pregnant_at_month_3, cmd.PrepareInfusion, lambda ward: ward.asked("L2"), "treatment.criteria"),
    (infused, cmd.PrepareInfusion, lambda ward: ward.asked("L2"), "subject.infused"),
    (infused, cmd.PrepareInfusion, lambda ward: ward.asked("L2", "S002"), "stagger"),
    (infused, cmd.OverrideStagger, {"subject": "S002", "reason": "?"}, "stagger.override"),
    (lot_released, cmd.OverrideStagger, {**ONE, "reason": "?"}, "stagger.none"),
    (not_enrolled, cmd.OverrideStagger, {**ONE, "reason": "?"}, "subject.not_enrolled"),
    (repeated, cmd.StartInfusion, ONE, "dlt.treated"),
    (repeated_and_stopped, cmd.StartInfusion, {"subject": "S003"}, "escalation.stopping_rule"),
    (weekly, cmd.PrepareInfusion, lambda ward: ward.asked("L1", containers=("L1-2",)), "infusion.too_early"),
    (between_its_windows, cmd.StartInfusion, ONE, "infusion.out_of_window"),
    (in_its_window, cmd.StartInfusion, {**ONE, "out_of_window": "Late"}, "infusion.in_window"),
    (every_visit_missed, cmd.PrepareInfusion, lambda ward: ward.asked("L2"), "infusion.not_planned"),
    (running, cmd.PrepareInfusion, lambda ward: ward.asked("L2"), "infusion.running"),
    (running, cmd.InterruptInfusion, {**HALT, "subject": "S999", "given_ml": "3"}, "subject.unknown"),
    (prepared, cmd.InterruptInfusion, {**HALT, "given_ml": "3"}, "infusion.status"),
    (interrupted, cmd.InterruptInfusion, {**HALT, "given_ml": "3"}, "infusion.status"),
    (running, cmd.InterruptInfusion, {**HALT, "given_ml": "15.3"}, "volume.more"),
    (interrupted, cmd.AbortInfusion, {**HALT, "given_ml": "2.9"}, "volume.less"),
    (left_while_it_runs, cmd.CompleteInfusion, ONE, "subject.left"),
    (running, cmd.ResumeInfusion, ONE, "infusion.status"),
    (interrupted_too_long, cmd.ResumeInfusion, ONE, "preparation.expired"),
    (quarantined, cmd.ResumeInfusion, ONE, "lot.quarantined"),
    (destroyed, cmd.ResumeInfusion, ONE, "lot.not_released"),
    (masked_quarantined, cmd.ResumeInfusion, ONE, "lot.quarantined"),
    (masked_paused, cmd.ResumeInfusion, ONE, "trial.paused"),
    (interrupted, cmd.CompleteInfusion, ONE, "infusion.status"),
    (running, cmd.CompleteInfusion, {**ONE, "given_ml": "14.4"}, "volume.reason"),
    (running, cmd.CompleteInfusion, {**ONE, "given_ml": "15.3"}, "volume.more"),
    (aborted, cmd.AbortInfusion, {**HALT, "given_ml": "3"}, "infusion.status"),
    (running, cmd.CorrectGivenVolume, VOLUME, "volume.none"),
    (interrupted, cmd.CorrectGivenVolume, {**VOLUME, "preparation": 2}, "volume.none"),
    (interrupted, cmd.CorrectGivenVolume, {**VOLUME, "subject": "S999"}, "subject.unknown"),
    (interrupted, cmd.CorrectGivenVolume, {**VOLUME, "given_ml": "3.0"}, "volume.same"),
    (interrupted, cmd.CorrectGivenVolume, {**VOLUME, "given_ml": "15.3"}, "volume.more"),
    (prepared, cmd.AbortInfusion, {**HALT, "given_ml": "3"}, "infusion.status"),
]  # fmt: skip
