"""Given a trial, when somebody asks for what is done, gone or not there, then it is refused, and nothing changes."""

import pytest

from tests.conductor import MemoryTrial
from trialwright.conduct import commands as cmd

Asked = dict[str, object]
WEIGHT: Asked = {"by": "pharm", "subject": "S001", "reason": "Digits swapped"}
AGAIN: list[tuple[type[cmd.Command], Asked, str]] = [
    (cmd.AdoptProtocol, {"by": "sponsor", "text": "again"}, "protocol.adopted"),
    (cmd.OpenSite, {"by": "sponsor", "site": "01", "name": "Again"}, "site.open"),
    (cmd.SetTimeZone, {"by": "sponsor", "site": "01", "zone": "Mars/Olympus"}, "site.zone"),
    (cmd.GrantRole, {"by": "sponsor", "person": "new", "role": "investigator"}, "role.site"),
    (cmd.RevokeRole, {"by": "sponsor", "person": "nobody", "reason": "Left"}, "role.none"),
    (cmd.RevokeRole, {"by": "sponsor", "person": "sponsor", "reason": "Left"}, "role.last_sponsor"),
    (cmd.GradeAdverseEvent, {"subject": "S001", "event": 1, "grade": 3, "reason": "Same"}, "grade.same"),
    (cmd.GradeAdverseEvent, {"subject": "S001", "event": 9, "grade": 3, "reason": "None"}, "event.unknown"),
    (cmd.AdjudicateDlt, {"subject": "S001", "event": 1, "dlt": True, "reason": "Same"}, "dlt.same"),
    (cmd.CloseDltWindow, {"subject": "S003"}, "window.not_open"),
    (cmd.ReleaseLot, {"by": "pharm", "lot": "LOT-S001", "reason": "Again"}, "lot.released"),
    (cmd.CorrectWeight, {**WEIGHT, "preparation": 1, "weight_kg": 70}, "weight.same"),
    (cmd.CorrectWeight, {**WEIGHT, "preparation": 7, "weight_kg": 71}, "preparation.unknown"),
    (cmd.OpenQuery, {"by": "mon", "subject": "S001", "visit": "D7", "item": "shoe", "text": "?"}, "query.item"),
    (cmd.AnswerQuery, {"subject": "S001", "query": 9, "text": "?"}, "query.unknown"),
    (cmd.AnswerQuery, {"subject": "S001", "query": 1, "text": "?"}, "query.not_open"),
    (cmd.CloseQuery, {"by": "mon", "subject": "S001", "query": 1, "text": "?"}, "query.closed"),
    (cmd.VerifySource, {"by": "mon", "subject": "S001", "visit": "D7", "items": ("crp",)}, "source.none"),
    (cmd.UnlockData, {"by": "sponsor", "subject": "S001", "reason": "?"}, "lock.none"),
    (cmd.LockData, {"by": "sponsor", "subject": "S002"}, "lock.same"),
    (cmd.LockData, {"by": "sponsor", "visit": "D7"}, "lock.visit"),
    (cmd.SignDoseDecision, {"number": 9, "content": "0" * 64}, "decision.none"),
    (cmd.PrintEnvelopes, {"by": "pharm"}, "envelopes.open"),
    (cmd.RequestUnblinding, {"by": "sponsor", "reason": "Curious"}, "unblinding.open"),
    (cmd.ReleaseSlot, {"subject": "S003", "reason": "?"}, "reservation.not_held"),
    (cmd.DeclareNotEvaluable, {"subject": "S003", "reason": "?"}, "subject.no_slot"),
    (cmd.OpenCohort, {"by": "sponsor", "cohort": "cohort 1"}, "cohort.unknown"),
    (cmd.MissVisit, {"subject": "S001", "visit": "D99", "reason": "other", "text": "?"}, "visit.unknown"),
]  # fmt: skip


@pytest.fixture(scope="module")
def there() -> MemoryTrial:
    """A subject with a DLT, a closed query and one infusion; one enrolled and locked; one in screening."""
    trial = MemoryTrial().open()
    trial.toxicity(trial.infused())
    locked = trial.enrolled()
    trial.screened()
    trial.must(cmd.OpenQuery, by="mon", subject="S001", text="Why?")
    trial.must(cmd.AnswerQuery, by="nurse", subject="S001", query=1, text="So")
    trial.must(cmd.CloseQuery, by="mon", subject="S001", query=1)
    trial.must(cmd.LockData, by="sponsor", subject=locked)
    return trial


@pytest.mark.parametrize(("command", "asked", "code"), AGAIN, ids=[code for _, _, code in AGAIN])
def test_what_is_done_or_not_there_is_refused(
    there: MemoryTrial, command: type[cmd.Command], asked: Asked, code: str
) -> None:
    """Asking for what is done already, or about what is not there, is refused by its own rule and changes nothing."""
    before = there.state

    refusal = there.refused(command, **asked)

    assert (refusal.code, there.state) == (code, before)
    assert refusal.reason
