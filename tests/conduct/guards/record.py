"""Refusals about visits, data, source, words and lots."""

from tests.conduct.life import RANDOMISED, LifeTrial
from tests.conduct.ward import CELLS, Ward
from trialwright.conduct import commands as cmd

D7 = {"by": "nurse", "subject": "S001", "visit": "D7"}
BETWEEN = {"by": "nurse", "subject": "S001", "reason": "Fever"}
EXTRA = {"by": "nurse", "subject": "S001", "visit": "UNSCHEDULED 2.01"}
SOURCE = {"by": "mon", "subject": "S001", "visit": "D7", "items": ("crp",)}
ASK = {"by": "mon", "subject": "S001", "visit": "D7", "item": "shoe", "text": "?"}
CRP = {
    **D7,
    "item": "crp",
    "saw": {"value": 3},
    "now": {"value": 4},
    "reason": "transcription error",
    "text": "Swapped",
}
LOT = {"lot": "L1", "product": "UC-MSC", "containers": ("L1-1",), "volume_ml": 100, **CELLS}
LABEL = {"by": "pharm", "expires_at": "2026-01-06T09:00:00Z", **LOT}


def day_7() -> LifeTrial:
    """S001 was infused seven days ago, on 5 January."""
    trial = LifeTrial().open()
    trial.infused()
    trial.wait(days=7)
    return trial


def day_7_recorded() -> LifeTrial:
    """A CRP was recorded at day 7, and verified."""
    trial = day_7()
    trial.must(cmd.RecordData, **D7, on=trial.now.date(), values={"crp": 3})
    trial.must(cmd.VerifySource, **SOURCE)
    return trial


def in_berlin() -> LifeTrial:
    """The site counts in the days of Berlin."""
    trial = LifeTrial().open()
    trial.must(cmd.SetTimeZone, by="sponsor", site="01", zone="Europe/Berlin")
    return trial


def words_redacted() -> LifeTrial:
    """The words of a missed visit are redacted."""
    trial = day_7()
    trial.must(cmd.MissVisit, **D7, reason="other", text="Called Mrs Mayer")
    trial.must(cmd.RedactText, **redacted(trial))
    return trial


def redacted(trial: LifeTrial) -> dict[str, object]:
    """The redaction of the words of the missed visit."""
    entry = next(number for number, event in enumerate(trial.log, start=1) if event.kind == "VisitMissed.v1")
    return {"subject": "S001", "entry": entry, "field": "text", "reason": "A name"}


def lot_received() -> Ward:
    """Lot L1 is in the pharmacy."""
    ward = Ward("NCT01547091", arms=("UC-MSC alone",))
    ward.received("L1", "UC-MSC", **CELLS)
    return ward


def just_infused() -> LifeTrial:
    """S001 was infused, and its DLT window is open."""
    trial = LifeTrial().open()
    trial.infused()
    return trial


def preparation_waits() -> LifeTrial:
    """The preparation for S001 waits."""
    trial = LifeTrial().open()
    trial.ready(trial.enrolled())
    return trial


def followed_and_locked() -> LifeTrial:
    """S001 was followed to the end of the DLT window, and is locked."""
    trial = LifeTrial().open()
    trial.cohort("N")
    trial.left("S001")
    trial.must(cmd.LockData, by="sponsor", subject="S001")
    return trial


MILD = {"subject": "S001", "term": "Nausea", "onset_on": "2026-01-05", "grade": 1, "related": True, "serious": False}
LEFT = {"subject": "S001", "disposition": "lost to follow-up", "occurred_on": "2026-02-01", "reason": "Moved"}


def enrolled() -> LifeTrial:
    """S001 is enrolled and waits for the infusion."""
    trial = LifeTrial().open()
    trial.enrolled()
    return trial


def treated_and_here() -> LifeTrial:
    """The DLT window of S001 is closed, and the subject is in follow-up."""
    trial = LifeTrial().open()
    trial.cohort("N")
    return trial


def left_with_visits_open() -> LifeTrial:
    """S001 left after the DLT window, and nobody took its visits down."""
    trial = treated_and_here()
    trial.must(cmd.RecordDisposition, **{**LEFT, "occurred_on": trial.now.date()})
    return trial


def everybody_left() -> LifeTrial:
    """S001 left, with every visit held or missed, and dose escalation goes on."""
    trial = treated_and_here()
    trial.left("S001")
    return trial


def with_a_pause() -> LifeTrial:
    """NCT03828344 is paused, with a cohort open and nobody in it."""
    trial = LifeTrial(RANDOMISED).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    trial.must(cmd.InvokeStoppingRule, by="sponsor", rule="S02", reason="Seen")
    return trial


def query_closed() -> LifeTrial:
    """A query about S001 is closed; S002 is enrolled and locked."""
    trial = LifeTrial().open()
    trial.infused()
    locked = trial.enrolled()
    trial.must(cmd.OpenQuery, by="mon", subject="S001", text="Why?")
    trial.must(cmd.AnswerQuery, by="nurse", subject="S001", query=1, text="So")
    trial.must(cmd.CloseQuery, by="mon", subject="S001", query=1)
    trial.left(locked)
    trial.must(cmd.LockData, by="sponsor", subject=locked)
    return trial


def seen_between_visits() -> LifeTrial:
    """S001 was seen on the seventh day, between the visits of the schedule, and a CRP was taken."""
    trial = day_7()
    trial.must(cmd.HoldUnscheduledVisit, by="nurse", subject="S001", on=trial.now.date(), reason="Fever")
    trial.must(cmd.RecordData, **EXTRA, on=trial.now.date(), values={"crp": 3})
    return trial


def locked_between_visits() -> LifeTrial:
    """That visit is locked."""
    trial = seen_between_visits()
    trial.must(cmd.LockData, by="sponsor", subject="S001", visit="UNSCHEDULED 2.01")
    return trial


REFUSALS = [
    (seen_between_visits, cmd.HoldUnscheduledVisit, {**BETWEEN, "on": "2026-01-12"}, "visit.same"),
    (seen_between_visits, cmd.HoldUnscheduledVisit, {**BETWEEN, "on": "2026-01-13"}, "visit.day"),
    (seen_between_visits, cmd.HoldUnscheduledVisit, {**BETWEEN, "on": "2026-01-04"}, "visit.day"),
    (seen_between_visits, cmd.HoldUnscheduledVisit, {**BETWEEN, "on": "2026-01-10", "by": "mon"}, "role.may_not"),
    (seen_between_visits, cmd.MissVisit, {**EXTRA, "reason": "subject did not come"}, "visit.known"),
    (seen_between_visits, cmd.RecordData, {**EXTRA, "on": "2026-01-12", "values": {"crp": 4}}, "data.conflict"),
    (seen_between_visits, cmd.RecordData, {**EXTRA, "on": "2026-01-12", "values": {"shoe": 4}}, "data.item"),
    (seen_between_visits, cmd.CorrectData, {**CRP, **EXTRA, "saw": {"value": 9}}, "data.conflict"),
    (seen_between_visits, cmd.OpenQuery, {**ASK, "visit": "UNSCHEDULED 2.01"}, "query.item"),
    (seen_between_visits, cmd.OpenQuery, {**ASK, "visit": "UNSCHEDULED 0.02"}, "visit.unknown"),
    (locked_between_visits, cmd.CorrectData, {**CRP, **EXTRA}, "data.locked"),
    (followed_and_locked, cmd.HoldUnscheduledVisit, {**BETWEEN, "on": "2026-01-12"}, "data.locked"),
    (in_berlin, cmd.SetTimeZone, {"by": "sponsor", "site": "01", "zone": "Mars/Olympus"}, "site.zone"),
    (in_berlin, cmd.SetTimeZone, {"by": "sponsor", "site": "01", "zone": "Europe/Berlin"}, "site.zone_same"),
    (day_7, cmd.CorrectData, CRP, "data.none"),
    (day_7_recorded, cmd.CorrectData, {**CRP, "now": {"value": {"value": None}}}, "values.null"),
    (day_7_recorded, cmd.VerifySource, SOURCE, "source.verified"),
    (day_7_recorded, cmd.HoldVisit, {**D7, "on": "2026-01-12", "saw": "2026-01-12"}, "visit.same"),
    (day_7_recorded, cmd.HoldVisit, {**D7, "on": "2026-01-11", "saw": "2026-01-12"}, "visit.reason"),
    (day_7_recorded, cmd.MissVisit, {**D7, "reason": "subject did not come"}, "visit.known"),
    (words_redacted, cmd.MissVisit, {**D7, "reason": "subject did not come"}, "visit.known"),
    (day_7, cmd.MissVisit, {**D7, "reason": "other"}, "visit.reason"),
    (day_7, cmd.MissVisit, {**D7, "visit": "D99", "reason": "subject did not come"}, "visit.unknown"),
    (day_7, cmd.VerifySource, SOURCE, "source.none"),
    (query_closed, cmd.OpenQuery, ASK, "query.item"),
    (query_closed, cmd.AnswerQuery, {"subject": "S001", "query": 9, "text": "?"}, "query.unknown"),
    (query_closed, cmd.AnswerQuery, {"subject": "S001", "query": 1, "text": "?"}, "query.not_open"),
    (query_closed, cmd.CloseQuery, {"by": "mon", "subject": "S001", "query": 1, "text": "?"}, "query.closed"),
    (query_closed, cmd.UnlockData, {"by": "sponsor", "subject": "S001", "reason": "?"}, "lock.none"),
    (query_closed, cmd.LockData, {"by": "sponsor", "subject": "S002"}, "lock.same"),
    (query_closed, cmd.LockData, {"by": "sponsor", "visit": "D7"}, "lock.visit"),
    (just_infused, cmd.LockData, {"by": "sponsor"}, "lock.window"),
    (just_infused, cmd.LockData, {"by": "sponsor", "subject": "S001"}, "lock.window"),
    (preparation_waits, cmd.LockData, {"by": "sponsor", "subject": "S001"}, "lock.treatment"),
    (enrolled, cmd.LockData, {"by": "sponsor"}, "lock.treatment"),
    (enrolled, cmd.LockData, {"by": "sponsor", "subject": "S001"}, "lock.treatment"),
    (treated_and_here, cmd.LockData, {"by": "sponsor", "subject": "S001"}, "lock.disposition"),
    (left_with_visits_open, cmd.LockData, {"by": "sponsor", "subject": "S001"}, "lock.visits"),
    (everybody_left, cmd.LockData, {"by": "sponsor"}, "lock.enrolment"),
    (with_a_pause, cmd.LockData, {"by": "sponsor"}, "lock.enrolment"),
    (enrolled, cmd.RecordData, {**D7, "on": "2026-01-05", "values": {"crp": 3}}, "visit.untreated"),
    (followed_and_locked, cmd.ReportAdverseEvent, MILD, "data.locked"),
    (followed_and_locked, cmd.RecordDisposition, LEFT, "data.locked"),
    (words_redacted, cmd.RedactText, redacted, "redaction.done"),
    (lot_received, cmd.ReleaseLot, {"by": "pharm", "lot": "L1", "reason": "Again"}, "lot.released"),
    (lot_received, cmd.ReceiveLot, {**LABEL, "expires_at": "2026-01-05T09:00:00Z"}, "lot.receipt"),
    (lot_received, cmd.ReceiveLot, {**LABEL, "lot": "L2", "product": "saline", "viability_pct": None}, "lot.receipt"),
]  # fmt: skip
