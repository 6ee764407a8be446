"""The audit trail: every command leaves its entry, and each change can be found, exported, redacted and reviewed."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blinded import BlindedMemory
from tests.conduct.life import BY_CHOICE, ONE_ARM, RESERVING, LifeTrial
from tests.conduct.test_enrolment import TWO_BY_TWO
from tests.conduct.test_rescue import infused
from tests.conduct.test_versions import SECOND, AmendedTrial
from tests.conductor import ANSWERS, ELIGIBLE, TEXT, MemoryTrial
from trialwright.conduct import Refusal, State, decode, encode, evolve
from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.roles import MAY
from trialwright.conduct.signatures import content
from trialwright.conduct.trail import TrailFilter, TrailRow, redacted, trail_rows
from trialwright.conduct.views import trail
from trialwright.exchange.trail_export import trail_csv, trail_json
from trialwright.trial import Done, Trial, verify

WHY = {"reason": "transcription error", "text": "Read as 5 mg/L first"}
Asked = dict[str, object]

OTHER = "Social circumstances - Other, specify"


def at_d7(trial: MemoryTrial, **more: object) -> Asked:
    """The fields of a command about day 7 of the first subject, who is infused and seen there if need be."""
    if "S001" not in trial.state.subjects:
        trial.infused()
        trial.wait(days=7)
    return {"subject": "S001", "visit": "D7", **more}


def recorded(trial: MemoryTrial, **more: object) -> Asked:
    """The same, where a CRP of 3 was recorded."""
    asked = at_d7(trial, **more)
    on = trial.now.date()
    trial.must(cmd.RecordData, by="nurse", subject="S001", visit="D7", on=on, values={"crp": 3})
    return asked


def queried(trial: MemoryTrial, **more: object) -> Asked:
    """A query of the monitor is open."""
    trial.must(cmd.OpenQuery, by="mon", **recorded(trial), item="crp", text="Why?")
    return {"subject": "S001", "query": 1, **more}


def lost(trial: MemoryTrial) -> Asked:
    """Somebody was lost, and is found again."""
    subject = trial.infused()
    gone = {"disposition": "lost to follow-up", "occurred_on": trial.now.date(), "reason": "No contact"}
    trial.must(cmd.RecordDisposition, subject=subject, **gone)
    return {"subject": subject, "was": "lost to follow-up", "reason": "Came back"}


def locked(trial: MemoryTrial, **more: object) -> Asked:
    """The study is locked."""
    trial.ended()
    trial.must(cmd.LockData, by="sponsor")
    return more


def toxic(trial: MemoryTrial, **more: object) -> Asked:
    """A subject has a possible DLT."""
    subject = trial.infused()
    told = {"term": "Hypoxia", "onset_on": trial.now.date(), "grade": 3, "related": True, "serious": False}
    trial.must(cmd.ReportAdverseEvent, subject=subject, **told)
    return {"subject": subject, "event": 1, **more}


def proposed(trial: MemoryTrial, **more: object) -> Asked:
    """A decision is proposed."""
    trial.cohort("NNN")
    (one,) = trial.must(cmd.ProposeDoseDecision, decision="escalate")
    return {"number": one.number, "content": one.content, **more}


def signed(trial: MemoryTrial) -> Asked:
    """What the first subject's data are signed with."""
    recorded(trial)
    bound = content(trial.state.subjects["S001"], None)
    return {"subject": "S001", "meaning": "approved", "name": "Dr Vogel"} | {
        "content": bound.sha256,
        "sequence": bound.sequence,
    }


def decided_up(trial: MemoryTrial) -> Asked:
    """Level 1 was escalated from."""
    trial.cohort("NNN")
    trial.decided("escalate")
    return {"by": "sponsor", "level": 2}


def screened(trial: MemoryTrial, **more: object) -> Asked:
    """Somebody is in screening."""
    (one,) = trial.must(cmd.ScreenSubject, consented_on=trial.now.date())
    return {"subject": one.subject, **more}


def followed(trial: MemoryTrial) -> Asked:
    """A subject was followed for 28 days."""
    subject = trial.infused()
    trial.wait(days=28)
    return {"subject": subject}


def crp(value: int) -> dict[str, int]:
    """A value that is said."""
    return {"value": value}


def recorded_reason(trial: MemoryTrial) -> Asked:
    """A correction whose words hold a name."""
    trial.must(cmd.CorrectData, by="nurse", **recorded(trial, item="crp", saw=crp(3), now=crp(5)), **NAMED)
    return {"subject": "S001", "entry": trial.state.sequence, "field": "text", "reason": "A name was typed"}


def lot(trial: MemoryTrial, number: str) -> Asked:
    """A lot of the cells comes."""
    cells = {"product": "hUC-MSC injection", "concentration_per_ml": "5e6", "viability_pct": "92"}
    kept = {"containers": (f"{number}-1",), "volume_ml": 100, "expires_at": trial.now + timedelta(days=3)}
    return {"by": "pharm", "lot": number, **kept, **cells}


def received(trial: MemoryTrial, **more: object) -> Asked:
    """A lot has come."""
    trial.must(cmd.ReceiveLot, **lot(trial, "L1"))
    return {"by": "pharm", "lot": "L1", **more}


def preparable(trial: MemoryTrial) -> Asked:
    """A lot is released, and somebody is enrolled."""
    trial.must(cmd.ReleaseLot, **received(trial), reason="Certificate in order")
    weight = {"weight_kg": 70, "weighed_on": trial.now.date()}
    return {"by": "pharm", "subject": trial.enrolled(), "lot": "L1", "containers": ("L1-1",), **weight}


def prepared(trial: MemoryTrial) -> str:
    """The label of an infusion that is prepared and not matched."""
    (one, *_) = trial.must(cmd.PrepareInfusion, **preparable(trial))
    return str(one.coi)


def ready(trial: MemoryTrial) -> str:
    """Somebody's infusion is prepared and matched."""
    return trial.ready(trial.enrolled())


def begun(trial: MemoryTrial) -> str:
    """Somebody's infusion runs."""
    subject = ready(trial)
    trial.must(cmd.StartInfusion, subject=subject)
    return subject


def halted(trial: MemoryTrial) -> str:
    """Somebody's infusion is halted."""
    subject = begun(trial)
    trial.must(cmd.InterruptInfusion, subject=subject, given_ml=5, reason="Chills")
    return subject


def medicated(trial: MemoryTrial) -> str:
    """Somebody takes a medicine."""
    subject = trial.enrolled()
    trial.must(cmd.PrescribeMedicine, subject=subject, drug="ibuprofen")
    return subject


NAMED = {"reason": "transcription error", "text": "Mrs Example said so"}


def reviewed(trial: MemoryTrial) -> Asked:
    """The last entry about the first subject."""
    through = trial.state.subjects["S001"].record[-1][0]
    return {"by": "mon", "subject": "S001", "through": through, "finding": "In order"}


EXAMPLES: dict[str, Callable[[MemoryTrial], Asked]] = {
    "OpenSite": lambda _: {"by": "sponsor", "site": "03", "name": "Third"},
    "RecordExport": lambda _: {"what": "trail", "form": "csv", "rows": 3, "sha256": "0" * 64},
    "GrantRole": lambda _: {"by": "sponsor", "person": "eve", "role": "monitor"},
    "RevokeRole": lambda _: {"by": "sponsor", "person": "mon", "reason": "Left"},
    "OpenDoseLevel": decided_up,
    "ScreenSubject": lambda trial: {"consented_on": trial.now.date()},
    "AssessEligibility": lambda trial: screened(trial, values=ELIGIBLE, answers=ANSWERS),
    "EnrolSubject": lambda trial: {"subject": trial.screened()},
    "ReceiveLot": lambda trial: lot(trial, "L1"),
    "ReleaseLot": lambda trial: received(trial, reason="Certificate in order"),
    "QuarantineLot": lambda trial: received(trial, reason="Temperature alarm"),
    "AssignLot": lambda trial: received(trial, for_subject=trial.enrolled()),
    "DisposeLot": lambda trial: received(trial, how="destroyed", reason="Bag broken"),
    "ReportManufacturingFailure": lambda trial: {"subject": trial.enrolled(), "reason": "Contaminated"},
    "PrepareInfusion": preparable,
    "DiscardPreparation": lambda trial: {"by": "pharm", "subject": ready(trial), "reason": "Bag broken"},
    "CorrectWeight": lambda trial: {
        "by": "pharm",
        "subject": ready(trial),
        "preparation": 1,
        "weight_kg": 75,
        "reason": "Read from another chart",
    },
    "MatchIdentity": lambda trial: {"subject": "S001", "scanned_subject": "S001", "scanned_coi": prepared(trial)},
    "StartInfusion": lambda trial: {"subject": ready(trial)},
    "InterruptInfusion": lambda trial: {"subject": begun(trial), "given_ml": 5, "reason": "Chills"},
    "ResumeInfusion": lambda trial: {"subject": halted(trial)},
    "CompleteInfusion": lambda trial: {"subject": begun(trial)},
    "CorrectGivenVolume": lambda trial: {
        "subject": halted(trial),
        "preparation": 1,
        "given_ml": 4,
        "reason": "Read from the wrong side of the scale",
    },
    "PlanDay": lambda trial: {
        "subject": trial.enrolled(),
        "anchor": "infusion",
        "on": trial.now.date() + timedelta(days=2),
        "reason": "A cold",
    },
    "AbortInfusion": lambda trial: {"subject": begun(trial), "given_ml": 5, "reason": "Chills"},
    "PrescribeMedicine": lambda trial: {"subject": trial.enrolled(), "drug": "ibuprofen"},
    "StopMedicine": lambda trial: {"subject": medicated(trial), "drug": "ibuprofen", "reason": "No pain"},
    "VoidMedicine": lambda trial: {"subject": medicated(trial), "drug": "ibuprofen", "reason": "Another's"},
    "RecordDisposition": lambda trial: {
        "subject": trial.infused(),
        "disposition": "lost to follow-up",
        "occurred_on": trial.now.date(),
        "reason": "No contact",
    },
    "StopTrial": lambda _: {"by": "sponsor", "reason": "No more product"},
    "CorrectDisposition": lost,
    "FollowUpAdverseEvent": lambda trial: toxic(trial, outcome="recovered/resolved", ended_on=trial.now.date()),
    "AssessSeriousness": lambda trial: toxic(trial, criteria=("hospitalisation",), reason="A night in hospital"),
    "AssessRelatedness": lambda trial: toxic(trial, related=False, reason="By the infection"),
    "ReportAdverseEvent": lambda trial: {
        "subject": trial.infused(),
        "term": "Headache",
        "onset_on": trial.now.date(),
        "grade": 1,
        "related": False,
        "serious": False,
    },
    "CorrectAdverseEvent": lambda trial: toxic(trial, term="Hypotension", reason="Read from the line below"),
    "VoidAdverseEvent": lambda trial: toxic(trial, reason="Another subject was meant"),
    "GradeAdverseEvent": lambda trial: toxic(trial, grade=4, reason="Worse"),
    "AdjudicateDlt": lambda trial: toxic(trial, dlt=True, reason="Judged"),
    "CloseDltWindow": followed,
    "DeclareNotEvaluable": lambda trial: {"subject": trial.infused(), "reason": "Moved"},
    "ProposeDoseDecision": lambda trial: {"decision": "escalate"} if trial.cohort("NNN") else {},
    "SignDoseDecision": proposed,
    "SetTimeZone": lambda _: {"by": "sponsor", "site": "01", "zone": "Asia/Tokyo"},
    "HoldVisit": lambda trial: at_d7(trial) | {"on": trial.now.date()},
    "HoldUnscheduledVisit": lambda trial: {
        "subject": trial.infused(),
        "on": trial.now.date(),
        "reason": "A test repeated",
    },
    "MissVisit": lambda trial: at_d7(trial, reason="subject unwell"),
    "RecordData": lambda trial: at_d7(trial, values={"crp": 3}) | {"on": trial.now.date()},
    "CorrectData": lambda trial: recorded(trial, item="crp", saw=crp(3), now=crp(5), **WHY),
    "OpenQuery": lambda trial: recorded(trial, by="mon", item="crp", text="Why?"),
    "AnswerQuery": lambda trial: queried(trial, by="nurse", text="So it is"),
    "CloseQuery": lambda trial: queried(trial, by="mon", text="Not needed"),
    "VerifySource": lambda trial: recorded(trial, by="mon", items=("crp",)),
    "LockData": lambda trial: trial.ended() or {"by": "sponsor"},
    "UnlockData": lambda trial: locked(trial, by="sponsor", reason="Late result"),
    "SignContent": signed,
    "RedactText": recorded_reason,
    "ReviewTrail": lambda trial: recorded(trial, by="mon") and reviewed(trial),
}
Elsewhere = Callable[[], tuple[Any, Asked]]


def of_cohorts(*, full: bool = False) -> LifeTrial:
    """NCT03828344 in cohorts of two, the first of them open, or full."""
    trial = LifeTrial(TWO_BY_TWO).open()
    trial.must(cmd.OpenCohort, by="sponsor", cohort="cohort 1")
    for _ in range(2 if full else 0):
        trial.joined()
    return trial


def amended() -> AmendedTrial:
    """NCT05962762 in two versions."""
    trial = AmendedTrial().open()
    trial.amended()
    return trial


def reconsenting() -> tuple[AmendedTrial, Asked]:
    """A subject of the first version, at a site where the second is approved."""
    trial = amended()
    subject = trial.known()
    trial.approved("01")
    return trial, {"subject": subject, "consented_on": trial.now.date(), "version": "2.0"}


def reserved() -> tuple[LifeTrial, Asked]:
    """A slot is reserved."""
    trial = LifeTrial(RESERVING).open()
    subject = trial.known()
    trial.must(cmd.ReserveSlot, subject=subject)
    return trial, {"subject": subject, "reason": "Asked for time"}


def rescued() -> tuple[LifeTrial, Asked]:
    """The week of rescue has come, and the data leave it open."""
    trial, named = infused()
    trial.wait(days=98)
    return trial, {**named, "started_on": trial.now.date(), "reason": "Six swollen joints"}


def resuming() -> tuple[LifeTrial, Asked]:
    """A pause stands."""
    trial = of_cohorts()
    trial.must(cmd.InvokeStoppingRule, rule=trial.study.stopping_rules[-1].id, reason="Seen")
    return trial, {"pause": 1, "reason": "Reviewed"}


def confirming() -> tuple[LifeTrial, Asked]:
    """An unblinded role was asked for somebody who was blinded."""
    trial = of_cohorts()
    trial.must(cmd.RevokeRole, by="sponsor", person="nurse", reason="Moves to the pharmacy")
    asked = {"person": "nurse", "role": "pharmacist", "site": "01", "reason": "The pharmacist is ill"}
    trial.must(cmd.GrantRole, by="sponsor", **asked)
    return trial, {"by": "inv", "person": "nurse"}


def unblinding(*, asked: bool) -> tuple[BlindedMemory, Asked]:
    """A masked study is locked, and its unblinding asked for."""
    trial = BlindedMemory().open()
    trial.ended()
    trial.must(cmd.LockData, by="sponsor")
    if asked:
        trial.must(cmd.RequestUnblinding, by="sponsor", reason="Planned analysis")
    return trial, {"by": "inv"} | ({} if asked else {"reason": "Planned analysis"})


def drawn(**more: object) -> tuple[BlindedMemory, Asked]:
    """Somebody is randomised in a masked trial."""
    trial = BlindedMemory().open()
    return trial, {"subject": trial.randomised(), **more}


def enrolled_blind() -> tuple[BlindedMemory, Asked]:
    """Somebody is enrolled in a masked trial."""
    trial = BlindedMemory().open()
    return trial, {"subject": trial.enrolled()}


def choosing() -> tuple[LifeTrial, Asked]:
    """Somebody is enrolled in a trial whose arm is chosen."""
    trial = LifeTrial(BY_CHOICE).open()
    return trial, {"subject": trial.joined(), "arm": "UC-MSC alone"}


def prescribing() -> tuple[LifeTrial, Asked]:
    """Somebody is enrolled in a trial whose dose is a range."""
    trial = LifeTrial(ONE_ARM).open()
    return trial, {"subject": trial.joined(), "product": "UC-MSC", "amount": "6e7"}


def held_back() -> tuple[MemoryTrial, Asked]:
    """The stagger of the highest dose holds the second subject back."""
    trial = MemoryTrial().open()
    for level in (2, 3):
        trial.cohort("NNN")
        trial.decided("escalate")
        trial.must(cmd.OpenDoseLevel, by="sponsor", level=level)
    trial.infused()
    return trial, {"by": "sponsor", "subject": trial.enrolled(), "reason": "Cells expire"}


ELSEWHERE: dict[str, Elsewhere] = {
    "AmendProtocol": lambda: (AmendedTrial().open(), {"by": "sponsor", "text": SECOND, "reason": "Advice"}),
    "ApproveAmendment": lambda: with_day(amended(), "approved_on", by="sponsor", site="01", version="2.0"),
    "RecordReconsent": reconsenting,
    "ConfirmRole": confirming,
    "OpenCohort": lambda: (LifeTrial(TWO_BY_TWO).open(), {"by": "sponsor", "cohort": "cohort 1"}),
    "ReviewCohort": lambda: (of_cohorts(full=True), {"cohort": "cohort 1", "conclusion": "continue", "reason": "Seen"}),
    "ReserveSlot": lambda: with_subject(LifeTrial(RESERVING).open()),
    "ReleaseSlot": reserved,
    "StartRescue": rescued,
    "InvokeStoppingRule": lambda: with_rule(of_cohorts()),
    "SignResumption": resuming,
    "RandomiseSubject": enrolled_blind,
    "DeclareRandomisedInError": lambda: drawn(reason="Wrong person"),
    "BreakCode": lambda: drawn(reason="Anaphylaxis"),
    "PrintEnvelopes": lambda: (drawn()[0], {"by": "pharm"}),
    "RequestUnblinding": lambda: unblinding(asked=False),
    "ApproveUnblinding": lambda: unblinding(asked=True),
    "ChooseArm": choosing,
    "PrescribeDose": prescribing,
    "OverrideStagger": held_back,
}
"""Commands that NCT05962762 does not need, each in a trial that does."""


def with_day(trial: AmendedTrial, name: str, **more: object) -> tuple[AmendedTrial, Asked]:
    """The trial, and today under a name."""
    return trial, {name: trial.now.date(), **more}


def with_subject(trial: LifeTrial) -> tuple[LifeTrial, Asked]:
    """The trial, and somebody in screening."""
    return trial, {"subject": trial.known()}


def with_rule(trial: LifeTrial) -> tuple[LifeTrial, Asked]:
    """The trial, and its last stopping rule."""
    return trial, {"rule": trial.study.stopping_rules[-1].id, "reason": "Seen"}


def test_au_01_every_command_has_an_example() -> None:
    """Every command of the role matrix is in one of the two tables, but the founding one, which has its own test."""
    assert set(EXAMPLES) | set(ELSEWHERE) == set(MAY) - {"AdoptProtocol"}


@pytest.mark.parametrize("name", [*EXAMPLES, *ELSEWHERE])
def test_au_01_every_command_that_succeeds_appends_an_event(name: str) -> None:
    """Each command appends an event that says who, in which role, when, where, under what, and folds into the state."""
    if name in EXAMPLES:
        trial = MemoryTrial().open()
        asked = EXAMPLES[name](trial)
    else:
        trial, asked = ELSEWHERE[name]()
    before = trial.state.sequence

    events = trial.must(getattr(cmd, name), **asked)

    assert events
    assert trial.state.sequence == before + len(events)
    for event in events:
        person = trial.state.people.get(event.by)
        assert event.at == trial.now
        assert event.by == asked.get("by", "inv")
        assert person is None or (event.role, event.site) == (person.role, person.site)
        assert event.protocol == trial.study.version
        assert event.software
        assert decode(encode(event)) == event


def test_au_01_adoption_appends_events() -> None:
    """The founding command appends the protocol and the first person's role."""
    trial = MemoryTrial()

    assert [event.kind for event in trial.must(cmd.AdoptProtocol, by="sponsor", text=TEXT)] == [
        "ProtocolAdopted.v1",
        "RoleGranted.v1",
    ]


@pytest.fixture
def trial() -> MemoryTrial:
    """A trial in which a CRP was recorded and corrected."""
    trial = MemoryTrial().open()
    asked = recorded(trial, item="crp", saw=crp(3), now=crp(5))
    trial.wait(hours=1)
    trial.must(cmd.CorrectData, by="nurse", **asked, **WHY)
    return trial


def rows(trial: MemoryTrial, person: str = "sponsor", **wanted: object) -> tuple[TrailRow, ...]:
    """The rows that a person reads."""
    seen = trail(trial.state, trial.log, trial.state.people[person])
    return trail_rows(seen, TrailFilter(**wanted))


def test_au_02_a_change_shows_old_and_new_value(trial: MemoryTrial) -> None:
    """The row of a correction says who, in which role, where, when, under what, from what, to what and why."""
    (row,) = rows(trial, what="DataCorrected")

    assert (row.by, row.role, row.site, row.at) == ("nurse", "coordinator", "01", trial.now)
    assert (row.protocol, row.subject, row.visit, row.item) == (trial.study.version, "S001", "d7", "crp")
    assert row.was == '[{"unit":"mg/L","value":3}]'
    assert row.now == '[{"unit":"mg/L","value":5}]'
    assert row.why == "transcription error: Read as 5 mg/L first"
    assert row.software


@pytest.mark.parametrize(
    "wanted",
    [
        {"who": "nurse"},
        {"what": "DataRecorded.v1"},
        {"since": datetime(2026, 1, 12, 9, 30, tzinfo=UTC)},
        {"until": datetime(2026, 1, 5, 9, 0, tzinfo=UTC)},
        {"why": "READ AS"},
        {"subject": "S001"},
        {"visit": "d7"},
        {"item": "crp"},
        {"item": "crp", "visit": "d7", "subject": "S001", "what": "DataCorrected"},
    ],
)
def test_au_09_the_trail_is_filtered_by_who_what_when_why_and_field(trial: MemoryTrial, wanted: Asked) -> None:
    """Each filter keeps some rows and not all, and exactly those that it takes."""
    everything, kept = rows(trial), rows(trial, **wanted)

    assert 0 < len(kept) < len(everything)
    assert kept == tuple(row for row in everything if TrailFilter(**wanted).takes(row))


def test_au_09_the_trail_is_exported_exactly_and_for_spreadsheets(trial: MemoryTrial) -> None:
    """JSON holds every row exactly and says so; CSV holds the same rows."""
    found = rows(trial)
    told, table = json.loads(trail_json(found)), list(csv.DictReader(io.StringIO(trail_csv(found))))

    assert told["exact"] is True
    assert len(told["rows"]) == len(table) == len(found)
    assert told["rows"][-1]["was"] == table[-1]["was"] == '[{"unit":"mg/L","value":3}]'


@given(st.text(max_size=20), st.sampled_from(["=", "+", "-", "@", "\t", "\r", ""]))
def test_cp_04_no_cell_of_the_csv_is_a_formula(words: str, first: str) -> None:
    """A cell that a spreadsheet would take for a formula is neutralised in CSV and exact in JSON."""
    told = {"at": datetime(2026, 1, 5, tzinfo=UTC), "protocol": "1", "software": "1", "role": None, "site": None}
    row = TrailRow(sequence=1, by="x", kind="QueryOpened.v1", why=first + words, **told)

    (cells,) = csv.DictReader(io.StringIO(trail_csv([row]), newline=""))

    assert json.loads(trail_json([row]))["rows"][0]["why"] == first + words
    formula = ("=", "+", "-", "@", "\t", "\r")
    assert not cells["why"].startswith(formula) or re.fullmatch(r"-[0-9]+(\.[0-9]+)?", cells["why"])


def test_au_11_an_investigator_reads_the_whole_trail_of_their_site(trial: MemoryTrial) -> None:
    """An investigator reads every entry about their own site's subjects, and none about another's."""
    trial.infused(by="other")
    own = {sequence for sequence, _ in trial.state.subjects["S001"].record}

    seen = {row.sequence for row in rows(trial, "inv") if row.subject}
    assert seen == own
    assert {row.subject for row in rows(trial, "other")} == {None, "S002"}


def test_au_12_a_redaction_leaves_who_why_and_the_hash(tmp_path: Path) -> None:
    """Words that were redacted are shown nowhere, the entry says who and why and holds their hash; the chain holds."""
    clock = [datetime(2026, 1, 5, 9, tzinfo=UTC)]
    log = tmp_path / "trial.db"
    with Trial.begin(log, TEXT, by="sponsor", clock=lambda: clock[0]) as trial:
        do(trial, cmd.OpenSite, by="sponsor", site="01", name="First")
        do(trial, cmd.GrantRole, by="sponsor", person="inv", role="investigator", site="01")
        do(trial, cmd.ScreenSubject, by="inv", consented_on=clock[0].date())
        told = {"subject": "S001", "term": f"{OTHER}: Mrs Example fell", "onset_on": clock[0].date(), "grade": 1}
        entry = do(trial, cmd.ReportAdverseEvent, by="inv", related=False, serious=False, **told).sequence
        asked = {"subject": "S001", "entry": entry, "field": "term", "reason": "A name was typed"}
        redaction = do(trial, cmd.RedactText, by="inv", **asked).events[0]

        assert redaction.removed == sha256(f"{OTHER}: Mrs Example fell".encode()).hexdigest()
        assert trial.state.subjects["S001"].adverse_events[0].term == f"[redacted by entry {entry + 1}]"
        assert "Example" not in trail_json(trial.trail("inv"))
        assert "Example" not in repr(trial.view("inv"))
        assert isinstance(trial.do(cmd.RedactText, by="inv", **asked), Refusal)
    verify(log)
    with Trial.open(log) as again:
        assert again.state.subjects["S001"].adverse_events[0].term == f"[redacted by entry {entry + 1}]"


def test_au_12_a_value_is_corrected_and_not_redacted(trial: MemoryTrial) -> None:
    """Only words of people are redacted, of entries about the subject that is named."""
    corrected = trial.state.sequence
    asked = {"subject": "S001", "field": "now", "reason": "x"}

    assert trial.refused(cmd.RedactText, **asked, entry=corrected).code == "redaction.field"
    assert trial.refused(cmd.RedactText, **asked, entry=1).code == "redaction.entry"


def test_au_12_redaction_changes_words_only(trial: MemoryTrial) -> None:
    """A redacted log folds to the same state but for the words."""
    trial.must(cmd.RedactText, subject="S001", entry=trial.state.sequence, field="text", reason="A name")
    state = State()
    for event in redacted(trial.log):
        state = evolve(state, event)

    assert state.sequence == trial.state.sequence
    assert state.subjects["S001"].data == trial.state.subjects["S001"].data


def test_au_13_a_review_is_recorded_and_nobody_reviews_their_own(trial: MemoryTrial) -> None:
    """A review of the trail is an entry; nobody reviews entries that they wrote, and none is reviewed twice."""
    through = trial.state.subjects["S001"].record[-1][0]
    asked = {"by": "mon", "subject": "S001", "through": through, "finding": "In order"}
    (done,) = trial.must(cmd.ReviewTrail, **asked)
    assert (done.by, done.through) == ("mon", through)
    assert trial.refused(cmd.ReviewTrail, **asked).code == "review.entry"

    trial.must(cmd.OpenQuery, by="mon", subject="S001", text="Why?")
    through = trial.state.subjects["S001"].record[-1][0]
    again = {**asked, "through": through}
    assert trial.refused(cmd.ReviewTrail, **again).code == "review.author"
    assert trial.must(cmd.ReviewTrail, **{**again, "by": "sponsor"})


def test_ti_01_the_moment_is_the_server_s(tmp_path: Path) -> None:
    """A moment that somebody sends along is ignored: the log takes its own clock's."""
    now = datetime(2026, 1, 5, 9, tzinfo=UTC)
    with Trial.begin(tmp_path / "trial.db", TEXT, by="sponsor", clock=lambda: now) as trial:
        forged = now - timedelta(days=300)

        done = do(trial, cmd.OpenSite, by="sponsor", site="01", name="First", at=forged)

    assert done.events[0].at == now


def do(trial: Trial, command: type[cmd.Command], **fields: object) -> Done:
    """Give a command that is not refused."""
    done = trial.do(command, **fields)
    assert isinstance(done, Done), done
    return done


def test_a_review_covers_every_kind_of_entry(trial: MemoryTrial) -> None:
    """Queries, signatures and locks of a subject are entries about it, as data are."""
    trial.must(cmd.OpenQuery, by="mon", subject="S001", text="Why?")

    assert isinstance(trial.state.subjects["S001"].record[-1][1], ev.QueryOpened)
