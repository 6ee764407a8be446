"""Data of visits: taken down once, corrected with the reason, missing with why, never over somebody else's."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.conductor import PROTOCOLS, MemoryTrial
from trialwright.clinical.das28 import das28_crp_3v
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.known import known
from trialwright.conduct.trail import trail_rows
from trialwright.protocol.file import load_study

WHY = {"reason": "transcription error", "text": "Two digits were swapped"}


@pytest.fixture
def trial() -> MemoryTrial:
    """A trial whose first subject was infused seven days ago."""
    trial = MemoryTrial().open()
    trial.infused()
    trial.wait(days=7)
    return trial


def record(trial: MemoryTrial, **fields: object) -> dict[str, object]:
    """The fields of a record at day 7."""
    return {"by": "nurse", "subject": "S001", "visit": "D7", "on": trial.now.date(), **fields}


def correct(**fields: object) -> dict[str, object]:
    """The fields of a correction of the CRP at day 7."""
    return {"by": "nurse", "subject": "S001", "visit": "D7", "item": "crp", **WHY, **fields}


def point(trial: MemoryTrial) -> object:
    """The CRP of the first subject at day 7."""
    return trial.state.subjects["S001"].data["d7"]["crp"]


def test_what_was_recorded_stands_with_its_digits(trial: MemoryTrial) -> None:
    """A number is kept with the digits it was entered with, its unit, its day and who took it down."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": {"value": "3.50", "uln": "5"}}))

    assert point(trial).value == ({"value": Decimal("3.50"), "unit": "mg/L", "uln": Decimal(5)},)
    assert str(point(trial).value[0]["value"]) == "3.50"
    assert (point(trial).by, point(trial).on) == ("nurse", trial.now.date())


def test_dc_01_initial_entry_needs_no_reason_and_a_change_does(trial: MemoryTrial) -> None:
    """A first entry takes no reason; a change without a reason of the list and words is no command at all."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": 3}))
    asked = {**correct(saw={"value": 3}, now={"value": 4}), "at": trial.now}

    for left_out in ("reason", "text"):
        with pytest.raises(ValidationError, match=left_out):
            cmd.CorrectData(**{name: value for name, value in asked.items() if name != left_out})
    with pytest.raises(ValidationError, match="reason"):
        cmd.CorrectData(**{**asked, "reason": "because"})


def test_dc_01_an_eligibility_value_changes_with_a_reason_only() -> None:
    """A value of screening that was entered before changes with its reason only, and the event says what it was."""
    trial = MemoryTrial().open()
    subject = trial.screened()
    asked = {"subject": subject, "values": {"basdai": "5.0"}}

    assert trial.refused(cmd.AssessEligibility, **asked).code == "values.reason"
    (assessed,) = trial.must(cmd.AssessEligibility, **asked, reason="Read from the wrong visit")

    assert assessed.changed == {"basdai": '[{"unit":"score","value":4.0}]'}


def test_dc_03_a_correction_that_saw_something_else_is_a_conflict(trial: MemoryTrial) -> None:
    """Of two editors the second is shown both values, and nothing is overwritten."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": 3}))
    trial.must(cmd.CorrectData, **correct(saw={"value": 3}, now={"value": 4}))

    refusal = trial.refused(cmd.CorrectData, **correct(by="inv", saw={"value": 3}, now={"value": 5}))

    assert refusal.code == "data.conflict"
    assert "you saw 3 mg/L, and there stands 4 mg/L" in refusal.reason
    assert "nurse" in refusal.reason
    assert point(trial).value[0]["value"] == 4


def test_dc_03_a_second_first_entry_is_a_conflict(trial: MemoryTrial) -> None:
    """Whoever takes down what is there already is shown what stands there, by whom, and what they give."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": 3}))

    refusal = trial.refused(cmd.RecordData, **record(trial, by="inv", values={"crp": 30}))

    assert refusal.code == "data.conflict"
    assert "there stands 3 mg/L (by nurse" in refusal.reason
    assert "you give 30 mg/L" in refusal.reason


def test_dc_05_missing_has_a_reason_and_zero_is_a_value(trial: MemoryTrial) -> None:
    """Zero, missing and never taken down are three things."""
    other = trial.infused()
    trial.must(cmd.RecordData, **record(trial, values={"crp": 0}, confirmed={"crp": "Below detection, given as 0"}))
    trial.wait(days=7)
    trial.must(cmd.RecordData, **record(trial, subject=other, missing={"crp": "not done"}))

    zero, missing = (trial.state.subjects[subject].data["d7"]["crp"] for subject in ("S001", other))
    assert (zero.value[0]["value"], zero.missing) == (0, None)
    assert (missing.value, missing.missing) == (None, "not done")
    assert "crp" not in trial.state.subjects[other].data.get("d28", {})
    with pytest.raises(ValidationError, match="missing"):
        cmd.RecordData(at=trial.now, **record(trial, missing={"crp": "forgot"}))


@pytest.mark.parametrize(
    ("first", "saw", "now", "change"),
    [
        ({"values": {"crp": 3}}, {"value": 3}, {"value": 4}, "value to value"),
        ({"values": {"crp": 3}}, {"value": 3}, {"missing": "sample lost"}, "value to missing"),
        ({"missing": {"crp": "not done"}}, {"missing": "not done"}, {"value": 4}, "missing to value"),
        ({"missing": {"crp": "not done"}}, {"missing": "not done"}, {"missing": "illegible"}, "missing to missing"),
    ],
)
def test_au_03_changes_from_and_to_nothing_are_told_apart(
    trial: MemoryTrial, first: dict[str, object], saw: dict[str, object], now: dict[str, object], change: str
) -> None:
    """A correction says whether a value or its absence changed into a value or an absence, with both in the trail."""
    trial.must(cmd.RecordData, **record(trial, **first))

    (corrected,) = trial.must(cmd.CorrectData, **correct(saw=saw, now=now))

    assert corrected.change == change
    (row,) = trail_rows([(1, corrected)])
    assert row.was
    assert row.now
    assert row.was != row.now


def test_au_03_a_change_to_the_same_is_none(trial: MemoryTrial) -> None:
    """Nothing is appended for a correction to what stands there already, however its digits are written."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": "3.0"}))

    assert trial.refused(cmd.CorrectData, **correct(saw={"value": 3}, now={"value": "3.00"})).code == "data.same"


def test_a_day_can_be_corrected(trial: MemoryTrial) -> None:
    """The day of a data point changes with its reason, and the event holds both days."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": 3}))
    earlier = trial.now.date() - timedelta(days=1)

    (corrected,) = trial.must(cmd.CorrectData, **correct(saw={"value": 3}, now={"value": 3}, on=earlier))

    assert (corrected.was_on, corrected.on) == (trial.now.date(), earlier)
    assert point(trial).on == earlier


def test_an_unusual_value_is_saved_with_why_or_with_a_query(trial: MemoryTrial) -> None:
    """An unusual value is saved: with why it is right, or with a query of the protocol; one that cannot be is not."""
    other = trial.infused()
    why = {"crp": "Pneumonia, measured twice"}

    *_, asked = trial.must(cmd.RecordData, **record(trial, values={"crp": 300}))
    trial.wait(days=7)
    *_, recorded = trial.must(cmd.RecordData, **record(trial, subject=other, values={"crp": 300}, confirmed=why))

    assert point(trial).value[0]["value"] == 300
    assert asked.text == "C-reactive protein: 300 mg/L is unusual; most lie from 0 to 100 mg/L. Is it right?"
    assert asked.rule.endswith("items > typical later")
    assert recorded.confirmed == why
    assert [len(trial.state.subjects[name].queries) for name in ("S001", other)] == [1, 0]
    again = correct(saw={"value": 300}, now={"value": 501}, confirmed="Measured twice")
    assert trial.refused(cmd.CorrectData, **again).code == "values.range"


def test_what_the_protocol_asks_is_closed_by_who_watches(trial: MemoryTrial) -> None:
    """The site answers a query of the protocol; monitor or sponsor close it, and nobody of the site does."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": 300}))
    query = {"subject": "S001", "query": 1}
    trial.must(cmd.AnswerQuery, by="nurse", **query, text="Pneumonia")

    assert trial.refused(cmd.CloseQuery, by="inv", **query).code == "query.role"
    trial.must(cmd.CloseQuery, by="mon", **query)
    *_, corrected = trial.must(cmd.CorrectData, **correct(saw={"value": 300}, now={"value": 200}))

    assert (corrected.kind, corrected.query) == ("QueryRaised.v2", 2)


def test_usual_values_are_those_of_the_visit(trial: MemoryTrial) -> None:
    """A BASDAI of 1 is unusual at screening and not after treatment; where the file is silent nothing is asked."""
    subject = trial.screened()
    early = {"subject": subject, "visit": "Screening", "on": trial.now.date()}
    *_, asked, _ = trial.must(cmd.RecordData, **early, values={"basdai": 1})
    trial.must(cmd.RecordData, **record(trial, values={"crp": 1}))
    trial.wait(days=21)
    late = {"subject": "S001", "visit": "D28", "on": trial.now.date()}

    *_, recorded = trial.must(cmd.RecordData, **late, values={"basdai": 1})

    assert asked.rule.endswith("items > typical")
    assert recorded.kind == "DataRecorded.v1"


def test_every_fault_of_an_entry_is_named_at_once(trial: MemoryTrial) -> None:
    """What a visit does not collect, what has no value and what is said twice are refused together."""
    asked = record(trial, values={"crp": None, "age": 40}, missing={"crp": "not done"})

    refusal = trial.refused(cmd.RecordData, **asked)

    assert "D7 does not collect age" in refusal.reason
    assert "crp has a value and is said to be missing" in refusal.reason


@pytest.mark.parametrize("visit", ["Day 7", "week_99"])
def test_an_unknown_visit_is_refused_with_those_there_are(trial: MemoryTrial, visit: str) -> None:
    """A visit that the protocol lacks is refused, and the mend lists the protocol's visits."""
    assert "D28" in trial.refused(cmd.RecordData, **record(trial, visit=visit, values={"crp": 3})).mend


def test_ti_06_a_day_to_come_before_consent_or_before_birth_is_refused() -> None:
    """A clinical day in the future, before consent at a visit, or before birth in the history is refused."""
    trial = MemoryTrial().open()
    subject = trial.screened(age=40)
    tomorrow, yesterday = (trial.now.date() + timedelta(days=days) for days in (1, -1))
    asked = {"by": "nurse", "subject": subject, "visit": "Screening", "values": {"crp": 3}}

    assert "lies in the future" in trial.refused(cmd.RecordData, **asked, on=tomorrow).reason
    assert "before consent" in trial.refused(cmd.RecordData, **asked, on=yesterday).reason
    history = {"crp": {"value": 3, "on": date(1970, 1, 1)}}
    assert "before birth" in trial.refused(cmd.AssessEligibility, subject=subject, values=history, reason="x").reason
    future = {"crp": {"value": 3, "on": tomorrow}}
    assert "in the future" in trial.refused(cmd.AssessEligibility, subject=subject, values=future, reason="x").reason


def test_ti_06_the_day_is_the_site_s_own() -> None:
    """At 16:00 UTC it is tomorrow in Tokyo, and tomorrow's date is no future there."""
    trial = MemoryTrial().open()
    trial.wait(hours=7)
    tomorrow = trial.now.date() + timedelta(days=1)
    (screened,) = trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    asked = {"subject": screened.subject, "visit": "Screening", "on": tomorrow}

    assert trial.refused(cmd.HoldVisit, **asked).code == "visit.day"
    trial.must(cmd.SetTimeZone, by="sponsor", site="01", zone="Asia/Tokyo")

    assert trial.must(cmd.HoldVisit, **asked)


def test_recorded_data_outdate_the_verdict_before_enrolment() -> None:
    """A verdict no longer stands once an item that a criterion reads is recorded or corrected before enrolment."""
    trial = MemoryTrial().open()
    subject = trial.screened()

    *_, outdated = trial.must(
        cmd.RecordData, subject=subject, visit="Screening", on=trial.now.date(), values={"basdai": "4.5"}
    )

    assert isinstance(outdated, ev.EligibilityOutdated)
    assert trial.refused(cmd.EnrolSubject, subject=subject).code == "subject.ineligible"
    trial.must(cmd.AssessEligibility, subject=subject)
    assert trial.must(cmd.EnrolSubject, subject=subject)


def test_criteria_read_what_visits_recorded(trial: MemoryTrial) -> None:
    """What was recorded at a visit is known to conditions, with its visit and day."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": 3}))

    observation = known(trial.study, trial.state.subjects["S001"]).observations["crp"][-1]

    assert (observation.value, observation.visit, observation.on) == (Decimal(3), "d7", trial.now.date())


def test_dc_02_the_sponsor_and_the_monitor_cannot_change_data(trial: MemoryTrial) -> None:
    """Data are taken down and corrected by the site; others may ask only."""
    trial.must(cmd.RecordData, **record(trial, values={"crp": 3}))
    for person in ("sponsor", "mon"):
        assert trial.refused(cmd.RecordData, **record(trial, by=person, values={"crp": 3})).code == "role.may_not"
        asked = correct(by=person, saw={"value": 3}, now={"value": 4})
        assert trial.refused(cmd.CorrectData, **asked).code == "role.may_not"


@given(st.lists(st.one_of(st.decimals("2", "40", places=2), st.sampled_from(["not done", "unknown"])), min_size=2))
def test_corrections_never_lose_what_was(values: list[object]) -> None:
    """Through any chain of corrections each event's new value is the next one's old, and the last one stands."""
    trial = MemoryTrial().open()
    trial.infused()
    trial.wait(days=7)
    said = [{"missing": one} if isinstance(one, str) else {"value": one} for one in values]
    first, rest = said[0], said[1:]
    entry = {"values": {"crp": first["value"]}} if "value" in first else {"missing": {"crp": first["missing"]}}
    trial.must(cmd.RecordData, **record(trial, **entry))
    before = first
    for now in rest:
        if before == now:
            assert trial.refused(cmd.CorrectData, **correct(saw=before, now=now)).code == "data.same"
        else:
            trial.must(cmd.CorrectData, **correct(saw=before, now=now))
        before = now

    corrections = [event for event in trial.log if isinstance(event, ev.DataCorrected)]
    for one, following in pairwise(corrections):
        assert (one.now, one.now_missing) == (following.was, following.was_missing)
    assert point(trial).missing == before.get("missing")
    assert point(trial).value == (({"value": before["value"], "unit": "mg/L"},) if "value" in before else None)


COMPUTED = PROTOCOLS.parent / "tests/protocol/cases/item.computed.ok.yaml"


def test_dc_04_a_computed_value_is_never_typed_and_shows_its_inputs() -> None:
    """A computed item is refused when typed, is computed at each visit from that visit's inputs, and shows them."""
    trial = MemoryTrial()
    trial.study = load_study(COMPUTED.read_text())
    trial.must(cmd.AdoptProtocol, by="sponsor", text=COMPUTED.read_text())
    trial.must(cmd.OpenSite, by="sponsor", site="01", name="First")
    trial.must(cmd.GrantRole, by="sponsor", person="inv", role="investigator", site="01")
    trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    asked = {"subject": "S001", "visit": "Screening", "on": trial.now.date()}
    assert trial.refused(cmd.RecordData, **asked, values={"das28": 5}).code == "values.computed"
    assert trial.refused(cmd.AssessEligibility, subject="S001", values={"das28": 5}).code == "values.computed"

    trial.must(cmd.RecordData, **asked, values={"tjc28": 4, "sjc28": 5})
    (value,) = trial.view("inv").subject("S001").data.computed
    assert value.value is None
    assert "crp_mg_per_l" in value.missing
    trial.must(cmd.RecordData, **asked, values={"crp": 7})
    (value,) = trial.view("inv").subject("S001").data.computed

    published = das28_crp_3v(tender_joint_count_28=4, swollen_joint_count_28=5, crp_mg_per_l=7)
    assert (value.visit, value.value) == ("screening", published)
    assert {name: one.value for name, one in value.inputs.items()} == {
        "tender_joint_count_28": 4,
        "swollen_joint_count_28": 5,
        "crp_mg_per_l": 7,
    }
    (assessed,) = trial.must(cmd.AssessEligibility, subject="S001", days={"screening": trial.now.date()})
    assert assessed.findings["I02"] == "met"
