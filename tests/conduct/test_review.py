"""Queries, source verification, locks, signatures, redaction and review: what follows data and changes none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.conduct.life import RANDOMISED, LifeTrial
from tests.conductor import TEXT, MemoryTrial
from trialwright.conduct import Event, encode
from trialwright.conduct import commands as cmd
from trialwright.conduct.roles import MAY
from trialwright.conduct.signatures import content, holds, to_sign_again
from trialwright.protocol.file import load_study

WHY = {"reason": "transcription error", "text": "Two digits were swapped"}
ASK = {"subject": "S001", "visit": "D7", "item": "crp", "text": "Is this the value of the print-out?"}


@pytest.fixture
def trial() -> MemoryTrial:
    """A trial whose first subject has a CRP of 3 at day 7."""
    return at_day_7()


def at_day_7(text: str = TEXT) -> MemoryTrial:
    """A trial whose first subject has a CRP of 3 at day 7."""
    trial = MemoryTrial()
    trial.study = load_study(text)
    trial.open()
    trial.infused()
    trial.wait(days=7)
    record(trial, "S001", 3)
    return trial


def follow(trial: MemoryTrial) -> None:
    """Follow the first subject to the end of the DLT window."""
    trial.wait(days=28)
    trial.must(cmd.CloseDltWindow, subject="S001")


def record(trial: MemoryTrial, subject: str, crp: int) -> None:
    """Take down a CRP at day 7."""
    on = trial.now.date()
    trial.must(cmd.RecordData, by="nurse", subject=subject, visit="D7", on=on, values={"crp": crp})


def correct(trial: MemoryTrial, saw: int, now: int) -> tuple[Event, ...]:
    """Correct the CRP of the first subject at day 7."""
    asked = {"subject": "S001", "visit": "D7", "item": "crp", "saw": {"value": saw}, "now": {"value": now}}
    return trial.must(cmd.CorrectData, by="nurse", **asked, **WHY)


def sign(trial: MemoryTrial, visit: str | None = None, by: str = "inv", **more: object) -> dict[str, object]:
    """The fields of a signature over what stands there now."""
    bound = content(trial.state.subjects["S001"], trial.study.visit(visit).name if visit else None)
    said = {"meaning": "responsibility", "name": "Dr Irene Vogel", "content": bound.sha256, "sequence": bound.sequence}
    return {"by": by, "subject": "S001", "visit": visit, **said, **more}


def test_dc_07_a_query_is_opened_answered_and_closed(trial: MemoryTrial) -> None:
    """A query goes from open to answered by the site to closed by the role that asked, and changes no data."""
    before = trial.state.subjects["S001"].data
    trial.must(cmd.OpenQuery, by="mon", **ASK)
    assert trial.refused(cmd.AnswerQuery, by="mon", subject="S001", query=1, text="Yes").code == "role.may_not"
    trial.must(cmd.AnswerQuery, by="nurse", subject="S001", query=1, text="It is 3.2")
    assert trial.refused(cmd.CloseQuery, by="inv", subject="S001", query=1).code == "query.role"
    trial.must(cmd.CloseQuery, by="mon", subject="S001", query=1)

    assert trial.state.subjects["S001"].data == before
    assert trial.state.subjects["S001"].queries[0].status == "closed"


def test_dc_07_open_queries_age(trial: MemoryTrial) -> None:
    """Queries that are not closed are listed with for how long they have been waiting."""
    trial.must(cmd.OpenQuery, by="mon", **ASK)
    trial.wait(days=12)

    (waiting,) = trial.view("inv").subject("S001").data.waiting

    assert waiting.age == timedelta(days=12)
    assert any("waits for an answer" in task for task in trial.view("inv").subject("S001").data.tasks)


def test_source_verification_is_lost_with_a_change(trial: MemoryTrial) -> None:
    """A data point that the monitor held against the source is unverified again once it changes."""
    trial.must(cmd.VerifySource, by="mon", subject="S001", visit="D7", items=("crp",))
    assert trial.state.subjects["S001"].data["d7"]["crp"].verified == ("mon", trial.now)

    correct(trial, 3, 4)

    assert trial.state.subjects["S001"].data["d7"]["crp"].verified is None


@pytest.mark.parametrize("scope", [{}, {"subject": "S001"}, {"subject": "S001", "visit": "D7"}])
def test_dc_06_a_lock_refuses_data_and_unlocking_breaks_signatures(
    trial: MemoryTrial, scope: dict[str, object]
) -> None:
    """Locked data change no more, of the study, a subject or a visit; unlocking has a reason and ends signatures."""
    trial.must(cmd.SignContent, **sign(trial, "D7"))
    follow(trial)
    trial.ended()
    trial.must(cmd.LockData, by="sponsor", **scope)
    assert trial.state.locked == (not scope)
    asked = {"subject": "S001", "visit": "D7", "item": "crp", "saw": {"value": 3}, "now": {"value": 4}, **WHY}
    refusal = trial.refused(cmd.CorrectData, by="nurse", **asked)
    assert refusal.code == "data.locked"
    with pytest.raises(ValidationError, match="reason"):
        cmd.UnlockData(at=trial.now, by="sponsor", **scope)

    trial.must(cmd.UnlockData, by="sponsor", **scope, reason="A late laboratory result")

    assert trial.state.subjects["S001"].signatures[0].superseded_by == trial.state.sequence
    assert trial.must(cmd.CorrectData, by="nurse", **asked)


def test_dc_06_a_lock_says_nothing_to_another_site(trial: MemoryTrial) -> None:
    """A person of another site does not learn that a subject there is locked, nor that there is one."""
    follow(trial)
    trial.left("S001")
    trial.must(cmd.LockData, by="sponsor", subject="S001")
    asked = {"subject": "S001", "visit": "D7", "on": trial.now.date(), "values": {"crp": 3}}

    assert trial.refused(cmd.RecordData, by="other", **asked).code == "subject.unknown"


def test_dc_06_a_lock_waits_for_open_queries(trial: MemoryTrial) -> None:
    """Data with an open query are not locked; an unanswered query is closed with why."""
    follow(trial)
    trial.must(cmd.OpenQuery, by="mon", **ASK)
    trial.ended()
    assert trial.refused(cmd.LockData, by="sponsor").code == "lock.queries"
    assert trial.refused(cmd.CloseQuery, by="mon", subject="S001", query=1).code == "query.unanswered"
    trial.must(cmd.CloseQuery, by="mon", subject="S001", query=1, text="Asked by mistake")

    assert trial.must(cmd.LockData, by="sponsor")


def test_dc_06_the_lock_of_the_study_refuses_screening_too(trial: MemoryTrial) -> None:
    """Nobody new comes into a study whose data are locked."""
    follow(trial)
    trial.ended()
    trial.must(cmd.LockData, by="sponsor")

    assert trial.refused(cmd.ScreenSubject, consented_on=trial.now.date()).code == "data.locked"


def test_es_03_a_signature_shows_name_time_and_meaning(trial: MemoryTrial) -> None:
    """A signature prints the signer's name, the moment in UTC and the meaning."""
    trial.must(cmd.SignContent, **sign(trial))

    shown = str(trial.state.subjects["S001"].signatures[0])

    assert shown == "Dr Irene Vogel (inv), 2026-01-12 09:00:00 UTC, responsibility"


def test_es_04_a_signature_binds_one_record_only(trial: MemoryTrial) -> None:
    """A signature holds for the record it was given over, and for no other one with the same data."""
    trial.infused()
    trial.wait(days=7)
    record(trial, "S002", 3)
    trial.must(cmd.SignContent, **sign(trial, "D7"))
    (signature,) = trial.state.subjects["S001"].signatures

    assert holds(signature, trial.state.subjects["S001"])
    assert not holds(signature, trial.state.subjects["S002"])
    other = {**sign(trial, "D7", by="inv"), "subject": "S002"}
    assert trial.refused(cmd.SignContent, **other).code == "signature.content"


def test_es_04_what_was_not_seen_is_not_signed(trial: MemoryTrial) -> None:
    """A signature over what stood there before a change is refused."""
    seen = sign(trial)
    correct(trial, 3, 4)

    assert trial.refused(cmd.SignContent, **seen).code == "signature.content"


@pytest.mark.parametrize("visit", [None, "D7"])
def test_es_05_a_later_change_supersedes_and_makes_a_task(trial: MemoryTrial, visit: str | None) -> None:
    """A change of what a signature binds supersedes it by that change's number, and asks for it again."""
    trial.must(cmd.SignContent, **sign(trial, visit))
    correct(trial, 3, 4)
    changed = trial.state.sequence

    subject = trial.view("inv").subject("S001")
    assert subject.data.signatures[0].superseded_by == changed
    assert any(f"superseded by change #{changed}: sign again" in task for task in subject.data.tasks)
    trial.must(cmd.SignContent, **sign(trial, visit))
    assert to_sign_again(trial.state.subjects["S001"]) == ()


def test_es_05_what_is_not_bound_supersedes_nothing(trial: MemoryTrial) -> None:
    """Queries, verification, another visit and another subject leave a visit's signature standing."""
    trial.must(cmd.SignContent, **sign(trial, "D7"))
    trial.must(cmd.OpenQuery, by="mon", **ASK)
    trial.must(cmd.VerifySource, by="mon", subject="S001", visit="D7", items=("crp",))
    told = {"term": "Headache", "onset_on": trial.now.date(), "grade": 1, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject="S001", **told)
    trial.infused()

    assert trial.state.subjects["S001"].signatures[0].superseded_by is None


def test_es_07_the_right_to_sign_is_not_the_right_to_edit(trial: MemoryTrial) -> None:
    """The coordinator edits and cannot sign, the monitor signs and cannot edit, and nobody signs for another."""
    assert trial.refused(cmd.SignContent, **sign(trial, by="nurse")).code == "role.may_not"
    assert MAY["SignContent"] - MAY["CorrectData"]
    assert MAY["CorrectData"] - MAY["SignContent"]
    (signed,) = trial.must(cmd.SignContent, **sign(trial, by="mon", meaning="reviewed"))
    assert signed.by == "mon"
    assert "for_person" not in cmd.SignContent.model_fields


def test_es_09_the_meaning_is_one_of_a_list(trial: MemoryTrial) -> None:
    """A meaning outside the list is no signature."""
    with pytest.raises(ValidationError, match="meaning"):
        cmd.SignContent(at=trial.now, **sign(trial, meaning="looks fine"))


def test_es_10_the_investigator_endorses_before_the_lock() -> None:
    """Where the protocol wants an endorsement before the lock, the lock waits until it stands for every subject."""
    wanted = "endorsements:\n  - {before: lock, by: investigator, assumed: usual}\n"
    trial = at_day_7(TEXT + "\n" + wanted)
    assert trial.refused(cmd.LockData, by="sponsor", subject="S001").code == "lock.endorsement"
    trial.must(cmd.SignContent, **sign(trial))
    correct(trial, 3, 4)
    follow(trial)
    trial.ended()
    assert trial.refused(cmd.LockData, by="sponsor").code == "lock.endorsement"
    trial.must(cmd.SignContent, **sign(trial))

    assert trial.must(cmd.LockData, by="sponsor")


def test_es_10_the_investigator_endorses_before_a_dose_decision() -> None:
    """Where the protocol wants an endorsement before a dose decision, none is proposed on a subject without one."""
    wanted = "endorsements:\n  - {before: dose decision, by: investigator, assumed: usual}\n"
    trial = MemoryTrial()
    trial.study = load_study(TEXT + "\n" + wanted)
    trial.open()
    trial.cohort("NNN")

    refusal = trial.refused(cmd.ProposeDoseDecision, decision="escalate")

    assert refusal.code == "decision.endorsement"
    assert "S001" in refusal.reason


def test_es_10_an_endorsement_that_falls_after_the_proposal_is_asked_for_before_a_signature() -> None:
    """Data that change between the proposal and its signatures take the endorsement with them."""
    wanted = "endorsements:\n  - {before: dose decision, by: investigator, assumed: usual}\n"
    trial = MemoryTrial()
    trial.study = load_study(TEXT + "\n" + wanted)
    trial.open()
    for subject in trial.cohort("NNN"):
        bound = content(trial.state.subjects[subject], None)
        read = {"subject": subject, "content": bound.sha256, "sequence": bound.sequence}
        trial.must(cmd.SignContent, **{**sign(trial), **read})
    (proposed,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")

    fever = {"term": "Fever", "onset_on": trial.now.date(), "grade": 1, "related": False, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject="S001", **fever)

    refusal = trial.refused(cmd.SignDoseDecision, number=proposed.number, content=proposed.content)
    assert refusal.code == "decision.endorsement"


def test_es_10_a_signature_of_a_visit_is_no_endorsement_of_the_subject() -> None:
    """Who signed one visit has not endorsed the subject, and whose signature was superseded has to endorse again."""
    wanted = "endorsements:\n  - {before: lock, by: investigator, assumed: usual}\n"
    trial = at_day_7(TEXT + "\n" + wanted)
    trial.must(cmd.SignContent, **sign(trial, "D7"))

    assert trial.refused(cmd.LockData, by="sponsor", subject="S001").code == "lock.endorsement"


def test_a_signature_is_of_a_person_a_meaning_and_a_place(trial: MemoryTrial) -> None:
    """The same content is signed once with one meaning by one person; another meaning, person or visit is another."""
    trial.must(cmd.SignContent, **sign(trial))
    for other in (sign(trial, meaning="reviewed"), sign(trial, by="sponsor"), sign(trial, "D7")):
        trial.must(cmd.SignContent, **other)
        assert trial.refused(cmd.SignContent, **other).code == "signature.same"

    (first, *_) = trial.state.subjects["S001"].signatures
    assert (first.by, first.role, first.name, first.visit) == ("inv", "investigator", "Dr Irene Vogel", None)


@pytest.mark.parametrize("visit", [None, "D7"])
def test_a_signature_holds_for_what_stood_there(trial: MemoryTrial, visit: str | None) -> None:
    """A signature is one over the record as it was signed, also after more came, and is a task from then on."""
    trial.must(cmd.SignContent, **sign(trial, visit))
    (signature,) = trial.state.subjects["S001"].signatures
    assert holds(signature, trial.state.subjects["S001"])
    assert to_sign_again(trial.state.subjects["S001"]) == ()

    correct(trial, 3, 4)

    subject = trial.state.subjects["S001"]
    assert holds(signature, subject)
    assert not holds(replace(signature, content="0" * 64), subject)
    assert [(one.role, one.meaning, one.visit) for one in to_sign_again(subject)] == [
        ("investigator", "responsibility", "d7" if visit else None)
    ]
    trial.must(cmd.SignContent, **sign(trial, visit))
    assert to_sign_again(trial.state.subjects["S001"]) == ()


@given(st.lists(st.integers(2, 40), min_size=1, max_size=6), st.booleans())
def test_a_signature_stands_exactly_until_the_record_changes(values: list[int], sign_visit: bool) -> None:
    """Over any corrections a signature stands if and only if its content is that of the record."""
    trial = at_day_7()
    before, visit = 3, "D7" if sign_visit else None
    for value in values:
        if value != before:
            correct(trial, before, value)
            before = value
        if value % 2:
            asked = sign(trial, visit)
            done = trial.do(cmd.SignContent, **asked)
            assert done
        subject = trial.state.subjects["S001"]
        now = content(subject, "d7" if visit else None).sha256
        for signature in subject.signatures:
            assert holds(signature, subject)
            assert (signature.superseded_by is None) == (signature.content == now)


def test_what_is_signed_are_the_bytes_of_the_log(trial: MemoryTrial) -> None:
    """The content of a signature over a subject is each entry's number and canonical bytes, and nothing else."""
    bound = content(trial.state.subjects["S001"], None)

    for line in bound.text.splitlines():
        sequence, _, body = line.partition(" ")
        assert body.encode() == encode(trial.log[int(sequence) - 1])


def test_dc_06_nothing_is_locked_while_an_infusion_runs() -> None:
    """Neither the study nor a subject is locked while its infusion runs, so that the bedside can write down its end."""
    trial = MemoryTrial().open()
    subject = trial.ready(trial.enrolled())
    trial.must(cmd.StartInfusion, subject=subject)

    for fields in ({}, {"subject": subject}):
        assert trial.refused(cmd.LockData, by="sponsor", **fields).code == "lock.infusion"
    trial.must(cmd.CompleteInfusion, subject=subject)
    follow(trial)
    trial.left(subject)
    trial.must(cmd.LockData, by="sponsor", subject=subject)
    late = {"subject": subject, "visit": "D7", "on": trial.now.date(), "values": {"crp": 3}}
    assert trial.refused(cmd.RecordData, **late).code == "data.locked"


@pytest.mark.parametrize("scope", [{}, {"subject": "S001"}])
def test_de_08_safety_is_taken_down_whatever_is_locked(trial: MemoryTrial, scope: dict[str, object]) -> None:
    """A serious event in locked data is taken down; what is not serious is refused, and the lock stays."""
    follow(trial)
    trial.ended()
    trial.must(cmd.LockData, by="sponsor", **scope)
    told = {"subject": "S001", "onset_on": trial.now.date(), "related": True}
    mild = {"term": "Nausea", "grade": 1, "serious": False}
    assert trial.refused(cmd.ReportAdverseEvent, **told, **mild).code == "data.locked"

    reported, outcome = trial.must(cmd.ReportAdverseEvent, **told, term="Anaphylaxis", grade=5)

    assert (reported.serious, outcome.outcome) == (True, "fatal")
    trial.must(cmd.FollowUpAdverseEvent, subject="S001", event=1, outcome="fatal", ended_on=trial.now.date())
    death = {"disposition": "death", "occurred_on": trial.now.date(), "reason": "Anaphylaxis"}
    trial.must(cmd.RecordDisposition, subject="S001", **death)
    trial.must(cmd.AssessSeriousness, subject="S001", event=1, criteria=("death",), reason="Report of the hospital")
    seen = trial.view().subject("S001").data
    assert seen.locked
    assert len(seen.after_lock) == 5
    trial.must(cmd.UnlockData, by="sponsor", **scope, reason="The death is cleaned")
    assert not trial.view().subject("S001").data.after_lock


def test_de_08_what_an_assessment_enters_is_locked_with_the_screening() -> None:
    """With Screening locked an assessment enters no value and no answer, and what is known is still evaluated anew."""
    trial = LifeTrial().open()
    subject = trial.screened()
    told = {"subject": subject, "reason": "Read again"}
    trial.must(cmd.LockData, by="sponsor", subject=subject, visit="Screening")

    assert trial.refused(cmd.AssessEligibility, **told, values={"basdai": "4.5"}).code == "data.locked"
    assert trial.must(cmd.AssessEligibility, **told)


def test_de_08_a_death_pauses_the_trial_although_its_subject_is_locked() -> None:
    """A related death in a subject whose data are locked pauses the trial by the protocol's rule."""
    trial = LifeTrial(RANDOMISED).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    subject = trial.joined()
    trial.treated(subject)
    trial.left(subject)
    trial.must(cmd.LockData, by="sponsor", subject=subject)
    told = {"term": "Anaphylaxis", "onset_on": trial.now.date(), "grade": 5, "related": True}

    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)

    assert trial.refused(cmd.EnrolSubject, subject=trial.known()).code == "trial.paused"


def test_de_08_a_late_dlt_is_judged_although_its_subject_is_locked(trial: MemoryTrial) -> None:
    """An event by the protocol's definition of a DLT is reported and adjudicated in a locked subject."""
    onset = trial.now.date()
    follow(trial)
    trial.left("S001")
    trial.must(cmd.LockData, by="sponsor", subject="S001")
    told = {"term": "Hypoxia", "grade": 3, "related": True, "serious": False, "onset_on": onset}

    trial.must(cmd.ReportAdverseEvent, subject="S001", **told)
    trial.must(cmd.AdjudicateDlt, subject="S001", event=1, dlt=True, reason="A letter of another hospital")

    assert str(trial.state.outcomes(trial.study)) == "1T"
