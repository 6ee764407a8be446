"""Visits between those of the schedule: a test repeated, a subject who came unwell, one in place of a missed visit."""

from datetime import timedelta

from tests.conduct.life import ONE_ARM, LifeTrial
from tests.conductor import PROTOCOLS, MemoryTrial
from trialwright.clinical.das28 import das28_crp_3v
from trialwright.conduct import commands as cmd
from trialwright.conduct.evolve import replay
from trialwright.conduct.known import known
from trialwright.conduct.visits import plan
from trialwright.protocol.computed import ComputedValue
from trialwright.protocol.schedule import Endpoint


def between(trial: MemoryTrial, why: str = "CRP repeated") -> str:
    """Take down a visit between those of the schedule today; gives its name."""
    told = {"by": "nurse", "subject": "S001", "on": trial.now.date(), "reason": why}
    (held,) = trial.must(cmd.HoldUnscheduledVisit, **told)
    return str(held.visit)


def treated() -> MemoryTrial:
    """S001 was screened, infused on the visit of that day, and a week has gone."""
    trial = MemoryTrial().open()
    trial.infused()
    trial.must(cmd.HoldVisit, by="nurse", subject="S001", visit="Infusion", on=trial.now.date())
    trial.wait(days=5)
    return trial


def test_a_visit_between_others_is_numbered_after_the_last_that_was_held() -> None:
    """It has the number of the last scheduled visit held by its day, whenever it is entered, and two digits."""
    trial = treated()
    assert between(trial) == "unscheduled_2.01"
    trial.wait(days=1)
    assert between(trial, "Fever") == "unscheduled_2.02"
    trial.wait(days=1)
    trial.must(cmd.HoldVisit, by="nurse", subject="S001", visit="D7", on=trial.now.date())
    late = {"by": "nurse", "subject": "S001", "reason": "Found in the notes"}
    (entered_late,) = trial.must(cmd.HoldUnscheduledVisit, **late, on=trial.now.date() - timedelta(days=3))
    trial.wait(days=1)

    assert entered_late.visit == "unscheduled_2.03"
    assert between(trial) == "unscheduled_3.01"


def test_data_between_visits_live_as_data_of_visits_do() -> None:
    """They are queried, corrected, verified and locked, and the day of their visit is corrected by who saw it."""
    trial = treated()
    visit, today = between(trial), trial.now.date()
    at = {"subject": "S001", "visit": visit}
    trial.must(cmd.RecordData, by="nurse", **at, on=today, values={"crp": 3})
    trial.must(cmd.OpenQuery, by="mon", **at, item="crp", text="Why?")
    trial.must(cmd.AnswerQuery, by="nurse", subject="S001", query=1, text="A typing error")
    change = {
        "item": "crp",
        "saw": {"value": 3},
        "now": {"value": 4},
        "reason": "transcription error",
        "text": "Typed",
    }
    trial.must(cmd.CorrectData, by="nurse", **at, **change)
    trial.must(cmd.VerifySource, by="mon", **at, items=("crp",))
    assert trial.refused(cmd.LockData, by="sponsor", **at).code == "lock.queries"
    trial.must(cmd.CloseQuery, by="mon", subject="S001", query=1)
    moved = {**at, "on": today - timedelta(days=1), "saw": today, "reason": "Misread"}
    (held,) = trial.must(cmd.HoldVisit, by="nurse", **moved)
    trial.must(cmd.LockData, by="sponsor", **at)
    assert trial.refused(cmd.HoldVisit, by="nurse", **{**moved, "saw": held.on, "on": today}).code == "data.locked"

    seen = trial.view("inv").subject("S001").data
    assert (seen.plan[-1].visit.visit, seen.plan[-1].status) == ("UNSCHEDULED 2.01", "unscheduled")
    assert (held.days_out, seen.plan[-1].held_on, seen.plan[-1].first) == (0, moved["on"], None)
    assert seen.points[visit]["crp"].verified is not None
    assert replay(trial.log) == trial.state


def test_a_visit_in_place_of_a_missed_one_leaves_it_missed() -> None:
    """What was missed stays missed, and what was collected on another day stands under its own visit."""
    trial = treated()
    trial.wait(days=10)
    trial.must(cmd.MissVisit, by="nurse", subject="S001", visit="D7", reason="subject unwell")
    visit = between(trial, "In place of D7")
    trial.must(cmd.RecordData, by="nurse", subject="S001", visit=visit, on=trial.now.date(), values={"crp": 4})

    status = {
        one.visit.visit: one.status for one in plan(trial.study, trial.state, trial.state.subjects["S001"], trial.now)
    }
    assert (status["D7"], status["UNSCHEDULED 2.01"]) == ("missed", "unscheduled")


def test_what_is_usual_between_visits_is_what_is_usual_then() -> None:
    """Before the first treatment a value is held against what is usual before it, and afterwards nothing is asked."""
    before, after = MemoryTrial().open(), treated()
    before.screened()
    asked = []
    for trial in (before, after):
        told = {"by": "nurse", "subject": "S001", "visit": between(trial), "on": trial.now.date()}
        asked.append(len(trial.must(cmd.RecordData, **told, values={"basdai": 1})))

    assert before.study.item("basdai").typical_later is None
    assert asked == [3, 1], "the data, a query, and the verdict that no longer stands; then the data alone"


def test_a_criterion_on_the_latest_value_reads_the_one_between_visits() -> None:
    """A test repeated between screening and enrolment is the last value, and the verdict is asked for again."""
    trial = LifeTrial(ONE_ARM).open()
    subject = trial.known()
    item = next(one for one in trial.study.items if one.name in {"alt", "ecog"} and one.type == "number")
    trial.wait(days=3)
    visit = between(trial, f"{item.label} repeated")
    trial.must(cmd.RecordData, by="nurse", subject=subject, visit=visit, on=trial.now.date(), values={item.name: 2})

    state = trial.state.subjects[subject]
    assert known(trial.study, state).observations[item.name][-1].visit == visit
    assert state.verdict is None


def test_whoever_was_seen_between_visits_is_asked_for_what_was_found() -> None:
    """Until something is taken down of the visit, to record it is a step."""
    trial = treated()
    visit = between(trial)

    def asked() -> list[str]:
        return [step.about for step in trial.view("nurse").subject("S001").steps if step.command == "RecordData"]

    assert "UNSCHEDULED 2.01" in asked()
    trial.must(cmd.RecordData, by="nurse", subject="S001", visit=visit, on=trial.now.date(), values={"crp": 4})
    assert "UNSCHEDULED 2.01" not in asked()


def test_a_response_between_visits_counts_unless_the_endpoint_names_its_visit() -> None:
    """A response at any time is seen between visits too; one at D28 waits for D28."""
    trial = treated()
    at_any_time = Endpoint(name="Response", of="response", response="basdai < 3", within="60 days", assumed="a test")
    at_d28 = at_any_time.model_copy(update={"visit": "D28"})
    visit = between(trial)
    trial.must(cmd.RecordData, by="nurse", subject="S001", visit=visit, on=trial.now.date(), values={"basdai": 2})
    seen = trial.view("inv").subject("S001")

    assert seen.responded(at_any_time) is True
    assert seen.responded(at_d28) is None


def test_a_response_that_is_lost_again_was_one() -> None:
    """At any of several visits means the best response: a later worse value takes none back."""
    trial = treated()
    at_any_time = Endpoint(name="Response", of="response", response="basdai < 3", within="60 days", assumed="a test")
    for value in (2, 6):
        at = {"by": "nurse", "subject": "S001", "visit": between(trial), "on": trial.now.date()}
        trial.must(cmd.RecordData, **at, values={"basdai": value})
        trial.wait(days=1)

    assert trial.view("inv").subject("S001").responded(at_any_time) is True


def test_an_item_between_visits_is_computed_from_what_was_collected_there() -> None:
    """A DAS28 between visits is of the joints and the CRP of that visit, and lacks what was not collected again."""
    trial = MemoryTrial((PROTOCOLS.parent / "tests/protocol/cases/item.computed.ok.yaml").read_text()).open()
    trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    on = trial.now.date()
    whole = {"tjc28": 4, "sjc28": 5, "crp": 7}
    trial.must(cmd.RecordData, by="nurse", subject="S001", visit="Screening", on=on, values=whole)
    trial.wait(days=1)
    at = {"by": "nurse", "subject": "S001", "visit": between(trial), "on": trial.now.date()}

    def das28() -> ComputedValue:
        return next(one for one in trial.view("inv").subject("S001").data.computed if one.visit == at["visit"])

    trial.must(cmd.RecordData, **at, values={"tjc28": 2, "sjc28": 1})
    assert das28().value is None
    trial.must(cmd.RecordData, **at, values={"crp": 3})
    assert das28().value == das28_crp_3v(tender_joint_count_28=2, swollen_joint_count_28=1, crp_mg_per_l=3)
