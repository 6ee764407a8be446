"""What is taken down as medicine reaches the criteria; where it contradicts what was asked, the site is asked."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.conduct.eligible import eligible
from tests.conduct.test_eligibility import STUDIES, screening
from tests.conduct.ward import Ward
from tests.conductor import MemoryTrial
from trialwright.conduct import commands as cmd
from trialwright.conduct.eligibility import eligible_on
from trialwright.conduct.events import SubjectEnrolledV2
from trialwright.conduct.known import known
from trialwright.protocol.criteria_text import parse_condition
from trialwright.protocol.facts import Facts, Observation

BEFORE_CONSENT = {"began_on": date(2025, 6, 1), "ended_on": date(2026, 1, 2)}
ADALIMUMAB = {"subject": "S001", "drug": "adalimumab", "counts_as": "biologic DMARDs"}
METHOTREXATE = {"subject": "S001", "drug": "Methotrexate", "counts_as": "csDMARDs"}
USUAL = eligible(STUDIES["NCT03828344"], date(2026, 1, 5), date(2026, 1, 12))
LONG = {"since": "2025-01-01", "stable since": "2025-01-01", "frequency": "weekly"}


def assessed(**values: Any) -> MemoryTrial:
    """S001 of NCT03828344 was assessed on 12 January, with these values and else eligible ones; None is unasked."""
    trial = screening("NCT03828344")
    kept = {name: value for name, value in {**USUAL["values"], **values}.items() if value is not None}
    days = {name: date.fromisoformat(day) for name, day in USUAL["days"].items()}
    trial.must(cmd.AssessEligibility, subject="S001", **{**USUAL, "days": days, "values": kept})
    return trial


def again(trial: MemoryTrial, **values: Any) -> tuple[str | None, str]:
    """The verdict, and what criterion E13 comes to, when S001 is assessed again."""
    reason = {"values": values, "reason": "Asked again"} if values else {}
    trial.must(cmd.AssessEligibility, subject="S001", **reason)
    subject = trial.state.subjects["S001"]
    return subject.verdict, subject.findings["E13"]


def test_a_forbidden_medicine_reaches_the_criterion_of_its_class() -> None:
    """A biologic that is taken down as medicine excludes by the criterion that names its class, though nobody asked."""
    trial = assessed(other_bdmard=None)
    open_one = trial.state.subjects["S001"].findings["E13"]
    trial.must(cmd.PrescribeMedicine, **ADALIMUMAB, **BEFORE_CONSENT)

    assert open_one.startswith("unknown")
    assert trial.state.subjects["S001"].verdict is None
    assert again(trial) == ("not eligible", "not met")


def test_a_medicine_of_its_own_item_is_not_another_of_its_class() -> None:
    """Rituximab tells of the item rituximab and not of the other biologics, and counts as one of them."""
    trial = assessed(rituximab=None, other_bdmard=None)
    trial.must(cmd.PrescribeMedicine, subject="S001", drug="rituximab", **BEFORE_CONSENT)
    facts = known(trial.study, trial.state.subjects["S001"])

    assert facts.observations["rituximab"] == (Observation(since=date(2025, 6, 1), on=date(2026, 1, 2)),)
    assert "other_bdmard" not in facts.observations
    assert trial.state.subjects["S001"].course.medicines["rituximab"].counts_as == "biologic DMARDs"


def test_a_medicine_that_contradicts_what_was_asked_raises_a_query_and_leaves_the_item_unknown() -> None:
    """Asked, it never was, and taken down, it was: a query asks which, and it is unknown until one is mended."""
    trial = assessed()
    trial.must(cmd.PrescribeMedicine, **ADALIMUMAB, **BEFORE_CONSENT)
    (query,) = trial.state.subjects["S001"].queries
    disputed = again(trial)
    mended = again(trial, other_bdmard={"on": "2026-01-02"})

    assert query.item == "other_bdmard"
    assert query.text == (
        "Biologic DMARD other than rituximab: asked by 2026-01-12, never; taken down as medicine, adalimumab "
        "from 2025-06-01 to 2026-01-02. Which is right?"
    )
    assert (disputed[0], disputed[1]) == ("undetermined", "unknown: needs other_bdmard")
    assert mended == ("not eligible", "not met")


def test_a_medicine_entered_in_error_counts_for_nothing() -> None:
    """A voided medicine is on no list, and the criteria are what they were before it."""
    trial = assessed()
    trial.must(cmd.PrescribeMedicine, **ADALIMUMAB, **BEFORE_CONSENT)
    trial.must(cmd.VoidMedicine, subject="S001", drug="Adalimumab", reason="Another subject was meant")

    assert not trial.state.subjects["S001"].course.medicines
    assert again(trial) == ("eligible", "met")


def test_what_began_after_it_was_asked_is_no_contradiction() -> None:
    """A medicine that began after the answer that there was none is newer, and the criterion goes by it."""
    trial = assessed()
    trial.wait(days=2)
    trial.must(cmd.PrescribeMedicine, **ADALIMUMAB, reason="Begun by the family doctor")
    trial.wait(days=1)

    assert not trial.state.subjects["S001"].queries
    assert again(trial) == ("not eligible", "not met")


def test_a_medicine_found_after_enrolment_holds_the_first_treatment_back() -> None:
    """Who is found after enrolment to have had a biologic within four weeks before randomisation is not infused."""
    ward = Ward("NCT03828344", arms=("vehicle",), group="cohort 1")
    told = {"at": ward.now, "by": "inv", "role": "investigator", "site": "01", "protocol": "1.0"}
    enrolled = SubjectEnrolledV2(**told, subject="S001", level=None, group="cohort 1")
    moments = {"randomisation": ward.now}
    ward.state = ward.changed("S001", record=((0, enrolled),), findings={"E13": "met"}, moments=moments)
    ward.received("L1", "vehicle")
    days = {"began_on": ward.now.date() - timedelta(days=30), "ended_on": ward.now.date() - timedelta(days=10)}
    ward.must(cmd.PrescribeMedicine, **ADALIMUMAB, **days)
    refusal = ward.refused(cmd.PrepareInfusion, **ward.asked("L1"))

    assert (refusal.code, "E13" in refusal.reason) == ("treatment.criteria", True)


TOLD = [
    # asked on 12 January, what is taken down on the 14th, what is known then, and whether it contradicts
    ({"dose": 15, **LONG}, {"dose": "15"}, [("15", None)], False),
    ({"dose": 15, **LONG}, {"dose": "20"}, [("15", date(2026, 1, 14)), ("20", None)], False),
    ({"dose": 15, **LONG}, {"ended_on": date(2026, 1, 13)}, [("15", date(2026, 1, 13))], False),
    ({"dose": 15, **LONG}, {"ended_on": date(2026, 1, 10)}, None, True),
    ({"dose": 15, **LONG, "on": "2026-01-10"}, {}, None, True),
    (False, {}, None, True),
    (False, {"ended_on": date(2025, 12, 1)}, [("True", date(2025, 12, 1))], False),
    (None, {"dose": "20"}, [("20", None)], False),
]


@pytest.mark.parametrize(("asked", "entry", "history", "contradicts"), TOLD)
def test_a_drug_that_is_taken_down_tells_of_its_item(
    asked: Any, entry: dict[str, Any], history: list[tuple[str, date | None]] | None, contradicts: bool
) -> None:
    """A drug's own item has its end, its new dose and its start from the entry of medicine, or a query and no value."""
    trial = assessed(methotrexate=asked)
    trial.wait(days=2)
    trial.must(cmd.PrescribeMedicine, **METHOTREXATE, **{"began_on": date(2025, 1, 1), **entry})
    subject = trial.state.subjects["S001"]
    found = known(trial.study, subject).observations.get("methotrexate")

    assert found == history or [(str(one.value), one.on) for one in found] == history
    assert [query.item for query in subject.queries] == (["methotrexate"] if contradicts else [])


def test_the_steps_and_the_enrolment_go_by_the_medicine_too() -> None:
    """Between the assessment and a medicine that excludes, the criteria as of today no longer let the subject in."""
    trial = assessed(other_bdmard=None)
    trial.must(cmd.PrescribeMedicine, **ADALIMUMAB, **BEFORE_CONSENT)
    subject = trial.state.subjects["S001"]

    assert eligible_on(trial.study, trial.state, subject, trial.now.date(), "enrolment").verdict == "not eligible"


EXPOSED = [
    # first and last day taken, the anchor being 20 January, and whether that is within 14 days before and after it
    (date(2026, 1, 1), date(2026, 1, 6), False, False),
    (date(2026, 1, 1), date(2026, 1, 7), True, False),
    (date(2026, 1, 1), None, True, True),
    (date(2026, 1, 21), None, False, True),
    (date(2026, 2, 3), None, False, False),
]


@pytest.mark.parametrize(("since", "on", "before", "after"), EXPOSED)
def test_every_day_of_an_exposure_counts(since: date, on: date | None, before: bool, after: bool) -> None:
    """An exposure lies in a window if any of its days does."""
    facts = Facts(observations={"drug": (Observation(since=since, on=on),)}, anchors={"screening": date(2026, 1, 20)})
    found = [
        parse_condition(f"drug within 14 days {side} screening").evaluate(facts).truth for side in ("before", "after")
    ]

    assert found == ["true" if one else "false" for one in (before, after)]
