"""The visit that an infusion belongs to."""

from tests.conduct.guards.treatment import between_its_windows, second_cord_blood
from trialwright.conduct import commands as cmd
from trialwright.conduct.visits import plan


def visits(ward) -> dict[str, str]:
    """How the later visits of S001 stand."""
    subject = ward.state.subjects["S001"]
    return {one.visit.visit: one.status for one in plan(ward.study, ward.state, subject, ward.now)}


def test_an_infusion_out_of_window_leaves_its_reason_with_the_visit() -> None:
    """An infusion a day late begins with its reason, and its visit stands as held out of window by that reason."""
    ward = between_its_windows()

    held, _ = ward.must(cmd.StartInfusion, subject="S001", out_of_window="The thawing bath had failed")

    assert (held.visit, held.days_out, held.reason) == ("infusion_2", 1, "The thawing bath had failed")
    assert visits(ward)["Infusion 2"] == "held out of window"


def test_an_infusion_belongs_to_the_visit_of_its_day() -> None:
    """On the day of the third visit an infusion is that visit's, also where nobody took the second down as missed."""
    ward = second_cord_blood(14)
    ward.infused("L2")

    assert [visits(ward)[name] for name in ("Infusion 2", "Infusion 3", "Infusion 4")] == ["overdue", "held", "to come"]
    ward.wait(days=8)
    ward.infused(ward.received("L3", "Cord blood", containers=2))
    ward.wait(days=7)
    ward.received("L4", "Cord blood", containers=2)
    assert ward.refused(cmd.PrepareInfusion, **ward.asked("L4")).code == "infusion.not_planned"


def test_a_visit_that_its_infusion_held_was_not_missed_and_is_counted() -> None:
    """What an infusion held is not taken down as missed, and who is seen after it is seen after that visit."""
    ward = second_cord_blood(7)
    ward.infused("L2")

    assert ward.refused(cmd.MissVisit, subject="S001", visit="Infusion 2", reason="not reached").code == "visit.known"
    (seen,) = ward.must(cmd.HoldUnscheduledVisit, subject="S001", on=ward.now.date(), reason="Fever")
    place = [visit.name for visit in ward.study.schedule].index("infusion_2") + 1
    assert seen.visit == f"unscheduled_{place}.01"


def test_the_visit_of_an_infusion_out_of_window_takes_data_of_that_day() -> None:
    """What is collected on the day of an infusion that came late is data of its visit, and asks no second reason."""
    ward = between_its_windows()
    ward.must(cmd.StartInfusion, subject="S001", out_of_window="The thawing bath had failed")
    collected = ward.study.visit("infusion_2").collect[0]

    assert ward.must(
        cmd.RecordData, subject="S001", visit="Infusion 2", on=ward.now.date(), missing={collected: "not done"}
    )
