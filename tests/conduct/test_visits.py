"""Visits: due, overdue, held, held out of window and missed, in the days of the site."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conduct.ward import CELLS, Ward, entered
from tests.conductor import MemoryTrial
from trialwright.conduct import State, Viewer, view
from trialwright.conduct import commands as cmd
from trialwright.conduct.local_time import local_day, local_time
from trialwright.conduct.sealed import Allocated, Sealed
from trialwright.conduct.visits import plan, window


def status(trial: MemoryTrial, subject: str = "S001") -> dict[str, str]:
    """The status of each visit now."""
    planned = plan(trial.study, trial.state, trial.state.subjects[subject], trial.now)
    return {one.visit.visit: one.status for one in planned}


def test_a_visit_becomes_due_and_overdue() -> None:
    """A visit has no day until its anchor is known, then it is to come, due in its window and overdue after it."""
    trial = MemoryTrial().open()
    trial.enrolled()
    assert status(trial)["D7"] == "no day yet"
    trial.infuse("S001")

    seen = []
    for _ in range(10):
        seen.append(status(trial)["D7"])
        trial.wait(days=1)

    assert seen == ["to come"] * 6 + ["due"] * 3 + ["overdue"]


def test_nobody_is_awaited_after_leaving() -> None:
    """A visit whose window had not begun when the subject left is no longer due; one that had begun stays overdue."""
    trial = MemoryTrial().open()
    subject = trial.infused()
    trial.wait(days=8)
    left = {"disposition": "withdrawal by subject", "occurred_on": trial.now.date(), "reason": "Moved away"}
    trial.must(cmd.RecordDisposition, subject=subject, **left)
    trial.wait(days=40)

    assert (status(trial)["D7"], status(trial)["D28"]) == ("overdue", "no longer due")


def test_a_visit_out_of_its_window_needs_a_reason_and_stands_so() -> None:
    """A visit outside its window is refused without a reason and stands as held out of window with one."""
    trial = MemoryTrial().open()
    trial.infused()
    trial.wait(days=9)
    asked = {"by": "nurse", "subject": "S001", "visit": "D7", "on": trial.now.date(), "values": {"crp": 3}}

    refusal = trial.refused(cmd.RecordData, **asked)
    assert refusal.code == "visit.out_of_window"
    assert "schedule > D7 > window" in refusal.rule
    held, _ = trial.must(cmd.RecordData, **asked, reason="Public holiday")

    assert held.days_out == 1
    assert status(trial)["D7"] == "held out of window"


def test_a_missed_visit_has_a_reason_and_asks_for_no_data() -> None:
    """A visit is missed with a reason once its window has begun; nothing is outstanding there, and it takes no data."""
    trial = MemoryTrial().open()
    trial.enrolled()
    missed = {"by": "nurse", "subject": "S001", "visit": "D7", "reason": "subject did not come"}
    assert "its infusion has not been" in trial.refused(cmd.MissVisit, **missed).reason
    trial.infuse("S001")
    assert trial.refused(cmd.MissVisit, **missed).code == "visit.to_come"
    trial.wait(days=8)
    trial.must(cmd.MissVisit, **missed)

    (d7,) = (
        one for one in plan(trial.study, trial.state, trial.state.subjects["S001"], trial.now) if one.visit.name == "d7"
    )
    assert (d7.status, d7.outstanding) == ("missed", ())
    on = trial.now.date()
    asked = {"subject": "S001", "visit": "D7", "on": on, "values": {"crp": 3}}
    assert trial.refused(cmd.RecordData, **asked).code == "visit.missed"
    trial.must(cmd.HoldVisit, subject="S001", visit="D7", on=on, reason="Came after all")
    assert trial.must(cmd.RecordData, **asked)


def test_a_visit_lacks_what_was_not_taken_down() -> None:
    """What a held visit still has to collect is every item without a value and without a reason."""
    trial = MemoryTrial().open()
    trial.infused()
    trial.wait(days=28)
    on = trial.now.date()
    trial.must(
        cmd.RecordData,
        by="nurse",
        subject="S001",
        visit="D28",
        on=on,
        values={"basdai": "4.1"},
        missing={"crp": "sample lost"},
    )

    data = trial.view("inv").subject("S001").data

    assert next(one for one in data.plan if one.visit.visit == "D28").outstanding == ("weight",)
    assert "D28 lacks weight" in data.tasks


def test_the_day_of_a_visit_is_corrected_by_who_saw_it() -> None:
    """A visit's day changes with a reason, by somebody who names the day that stands there."""
    trial = MemoryTrial().open()
    trial.infused()
    trial.wait(days=8)
    today = trial.now.date()
    asked = {"by": "nurse", "subject": "S001", "visit": "D7"}
    trial.must(cmd.HoldVisit, **asked, on=today)
    earlier = {**asked, "on": today - timedelta(days=1), "reason": "Misread"}

    assert trial.refused(cmd.HoldVisit, **earlier).code == "visit.conflict"
    (held,) = trial.must(cmd.HoldVisit, **earlier, saw=today)

    assert (held.was, held.on) == (today, earlier["on"])


GOLDEN = [
    # site's zone, moment of the infusion in UTC, day at the site, target of D7
    ("Asia/Tokyo", "2026-03-01T20:00", date(2026, 3, 2), date(2026, 3, 9)),
    ("America/New_York", "2026-03-02T03:30", date(2026, 3, 1), date(2026, 3, 8)),  # D7 is the day the clocks go forward
    ("Europe/Berlin", "2026-10-18T22:30", date(2026, 10, 19), date(2026, 10, 26)),  # D6 is the day they go back
    ("Europe/Berlin", "2026-10-25T23:30", date(2026, 10, 26), date(2026, 11, 2)),  # winter time since that night
    (None, "2026-10-25T23:30", date(2026, 10, 25), date(2026, 11, 1)),
]


@pytest.mark.parametrize(("name", "infused", "day", "target"), GOLDEN)
def test_ti_07_windows_are_counted_in_the_days_of_the_site(
    name: str | None, infused: str, day: date, target: date
) -> None:
    """Day 0 is the day of the infusion at the site, and day 7 seven dates later, whatever the clocks do."""
    trial = MemoryTrial()
    trial.now = datetime.fromisoformat(infused).replace(tzinfo=UTC)
    trial.open()
    if name:
        trial.must(cmd.SetTimeZone, by="sponsor", site="01", zone=name)
    trial.infused(weighed_on=day)

    planned = {one.visit.name: one for one in plan(trial.study, trial.state, trial.state.subjects["S001"], trial.now)}

    assert planned["infusion"].target == day
    assert planned["d7"].target == target
    assert (planned["d7"].first, planned["d7"].last) == (target - timedelta(days=1), target + timedelta(days=1))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 - zones are drawn
def test_ti_02_a_moment_is_utc_and_comes_back_exactly(moment: datetime) -> None:
    """A moment in any zone is held in UTC, and printing and reading it back changes nothing."""
    command = cmd.OpenSite(at=moment, by="sponsor", site="01", name="First")

    assert command.at.utcoffset() == timedelta(0)
    assert cmd.OpenSite.model_validate_json(command.model_dump_json()) == command
    shown = local_time(State(zones={"01": "Asia/Tokyo"}), "01", command.at)
    assert datetime.fromisoformat(shown.isoformat()) == command.at
    assert local_day(State(), "01", command.at) == command.at.date()


def test_ti_07_a_zone_that_is_set_later_leaves_the_days_of_what_was() -> None:
    """An infusion of the late evening keeps its day and its windows when the site's zone is said on the day after."""
    trial = MemoryTrial().open()
    trial.now = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    trial.infused()
    trial.wait(hours=1)
    before = trial.state.subjects["S001"]
    windows = plan(trial.study, trial.state, before, trial.now)
    trial.must(cmd.SetTimeZone, by="sponsor", site="01", zone="Asia/Shanghai")
    after = trial.state.subjects["S001"]

    assert plan(trial.study, trial.state, after, trial.now) == windows
    assert after.day_of(before.infusion.at) == date(2026, 1, 5)
    assert after.day_of(datetime(2026, 1, 6, 16, 30, tzinfo=UTC)) == date(2026, 1, 7)


def test_an_unknown_zone_is_refused() -> None:
    """A time zone is one of the IANA database."""
    trial = MemoryTrial().open()

    assert "Europe/Berlin" in trial.refused(cmd.SetTimeZone, by="sponsor", site="01", zone="Mars/Olympus").reason


def test_the_first_treatment_is_the_day_of_the_first_infusion() -> None:
    """Where visits hang on the day of the first treatment, an infusion is that day, whatever day was planned."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone", "csDMARD alone"))
    ward.infused(ward.received("L1", "UC-MSC", **CELLS))
    first = {one.visit.visit: one.target for one in plan(ward.study, ward.state, ward.state.subjects["S001"], ward.now)}
    other = {one.visit.visit: one.target for one in plan(ward.study, ward.state, ward.state.subjects["S002"], ward.now)}

    assert first["Treatment start"] == ward.now.date()
    assert first["Month 3"] == ward.now.date() + timedelta(days=91)
    assert set(other.values()) == {None}


def test_a_visit_of_day_0_is_not_held_out_of_the_window_that_it_sets() -> None:
    """The first day of a drug sets the day that other visits hang on, and may differ from the day that was planned."""
    ward = Ward("NCT01547091", arms=("csDMARD alone",))
    days = {**ward.state.subjects["S001"].entered, "days": {"first_treatment": "2026-02-01"}}
    ward.state = replace(ward.state, subjects={"S001": replace(ward.state.subjects["S001"], entered=days)})
    (held,) = ward.must(cmd.HoldVisit, by="nurse", subject="S001", visit="Treatment start", on=ward.now.date())

    assert held.days_out == 0
    (month,) = (
        one for one in plan(ward.study, ward.state, ward.state.subjects["S001"], ward.now) if one.visit.day == 91
    )
    assert month.target == ward.now.date() + timedelta(days=91)


def test_in_an_arm_that_is_not_infused_the_first_prescription_sets_the_day() -> None:
    """In the drug arm visits count from the first day of its drug, whatever else was given before or changes later."""
    ward = Ward("NCT01547091", arms=("csDMARD alone", "UC-MSC and csDMARD"))

    def month_3(subject: str) -> date | None:
        return next(
            one.target for one in plan(ward.study, ward.state, ward.state.subjects[subject], ward.now)
            if one.visit.day == 91
        )  # fmt: skip

    asked = {"subject": "S001", "drug": "methotrexate", "counts_as": "csDMARD"}
    ward.must(cmd.PrescribeMedicine, subject="S001", drug="ibuprofen")
    assert month_3("S001") is None
    ward.wait(days=2)
    began = ward.now.date()
    (given,) = ward.must(cmd.PrescribeMedicine, **asked)
    ward.must(cmd.PrescribeMedicine, **{**asked, "subject": "S002"})
    ward.wait(days=1)
    ward.must(cmd.PrescribeMedicine, **asked)
    ward.must(
        cmd.HoldVisit, by="nurse", subject="S001", visit="Treatment start", on=ward.now.date(), reason="Late entry"
    )

    assert given.use == "given"
    assert month_3("S001") == began + timedelta(days=91)
    assert month_3("S002") is None, "where cells are infused too, the first infusion is the day"


def test_ti_07_today_is_the_day_at_the_site() -> None:
    """In the evening of Los Angeles and the morning of Shanghai, consent, weight and DLT are of the day at the site."""
    west, east = MemoryTrial().open(), MemoryTrial().open()
    west.must(cmd.SetTimeZone, by="sponsor", site="01", zone="America/Los_Angeles")
    east.must(cmd.SetTimeZone, by="sponsor", site="01", zone="Asia/Shanghai")
    west.now, east.now = datetime(2026, 1, 7, 1, 0, tzinfo=UTC), datetime(2026, 1, 6, 23, 0, tzinfo=UTC)
    days = {"west": date(2026, 1, 6), "east": date(2026, 1, 7)}

    for trial, today in ((west, days["west"]), (east, days["east"])):
        subject = trial.infused(weighed_on=today)
        told = {"subject": subject, "term": "Hypoxia", "onset_on": today, "grade": 3, "related": True}
        trial.must(cmd.ReportAdverseEvent, **told, serious=True)
        trial.must(cmd.AdjudicateDlt, subject=subject, event=1, dlt=True, reason="On the day of the infusion")
        late = {**told, "onset_on": today + timedelta(days=1), "serious": True}

        assert trial.state.subjects[subject].consented_on == today
        assert trial.refused(cmd.ReportAdverseEvent, **late).code == "onset.future"
        assert trial.state.outcomes(trial.study) == "1T"


def drawn(*arms: str) -> Ward:
    """Subjects of the open trial NCT01547091 whose arms were drawn: the open stream does not tell them."""
    ward = Ward("NCT01547091", arms=arms)
    subjects = {name: replace(one, arm=None, randomised=True) for name, one in ward.state.subjects.items()}
    ward.state = replace(ward.state, subjects=subjects)
    ward.sealed = Sealed(allocated={f"S{place:03d}": Allocated(arm, "", {}) for place, arm in enumerate(arms, start=1)})
    return ward


def test_where_an_arm_was_drawn_openly_visits_count_from_its_first_prescription() -> None:
    """In an open trial everybody knows the drawn arm: pages and decisions count by it, and the open log has none."""
    ward = drawn("csDMARD alone", "UC-MSC and csDMARD")
    for subject in ("S001", "S002"):
        ward.must(cmd.PrescribeMedicine, subject=subject, drug="methotrexate", counts_as="csDMARD")
    began = ward.now.date()
    seen = view(ward.study, ward.state, ward.sealed, Viewer(id="nurse", at=ward.now))
    month_3 = {one.id: next(each.target for each in one.data.plan if each.visit.day == 91) for one in seen.subjects}
    ward.wait(days=200)
    late = ward.refused(cmd.HoldVisit, by="nurse", subject="S001", visit="Month 3", on=ward.now.date())

    assert month_3 == {"S001": began + timedelta(days=91), "S002": None}
    assert late.code == "visit.out_of_window"
    assert all(one.arm is None for one in ward.state.subjects.values())
    assert not any("alone" in str(event) for event in ward.open_log)


def test_data_are_not_locked_while_a_drawn_arm_still_has_infusions() -> None:
    """Where arms were drawn openly, a subject whose arm is to be infused again is in treatment, and another is not."""
    ward = drawn("UC-MSC alone", "csDMARD alone")
    ward.infused(ward.received("L1", "UC-MSC", **CELLS))
    ward.must(cmd.PrescribeMedicine, subject="S002", drug="methotrexate", counts_as="csDMARD")

    assert ward.refused(cmd.LockData, by="sponsor", subject="S001").code == "lock.treatment"
    assert ward.refused(cmd.LockData, by="sponsor", subject="S002").code == "lock.disposition"


def test_windows_follow_a_day_that_is_planned_anew() -> None:
    """An infusion that is put off takes the visits before it along, so that they are not taken for late."""
    ward = Ward("NCT05794425", arms=("Cells with cyclosporine A",))
    ward.state = ward.changed("S001", entered={**entered({}), "days": {"infusion": "2026-01-06"}})
    baseline, today = ward.study.visit("Baseline"), {"subject": "S001", "visit": "Baseline", "on": "2026-01-12"}
    ward.wait(days=7)
    assert ward.refused(cmd.HoldVisit, **today).code == "visit.out_of_window"

    (planned,) = ward.must(cmd.PlanDay, subject="S001", anchor="infusion", on="2026-01-14", reason="A cold")

    assert (str(planned.was), str(planned.on)) == ("2026-01-06", "2026-01-14")
    assert [str(day) for day in window(ward.study, ward.state, ward.state.subjects["S001"], baseline)] == [
        "2026-01-12",
        "2026-01-13",
    ]
    ward.must(cmd.HoldVisit, **today)
