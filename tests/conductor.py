"""A trial in memory for the tests: the real `decide` and `evolve`, no database, a clock that the test moves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from trialwright.conduct import NOTHING_SEALED, Event, Refusal, State, View, Viewer, decide, replay, view
from trialwright.conduct import commands as cmd
from trialwright.protocol.file import load_study

PROTOCOLS = Path(__file__).parents[1] / "protocols"
TEXT = (PROTOCOLS / "NCT05962762.yaml").read_text()
STUDY = load_study(TEXT)
ELIGIBLE = {
    "age": 40,
    "weight": 70,
    "basdai": "4.0",
    "crp": 3,
    "modified_new_york": True,
    "pregnant": False,
    "active_infection": False,
    "malignancy": False,
}
ANSWERS = {"I04": True, "E04": False}
PRODUCT = {"weight_kg": "70", "concentration_per_ml": "5e6", "viability_pct": "92"}


class MemoryTrial:
    """Conducts NCT05962762, or another protocol, in memory; `do` returns the events or the refusal."""

    def __init__(self, text: str = TEXT) -> None:
        self.text = text
        self.study = STUDY if text == TEXT else load_study(text)
        self.state = State()
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self.log: list[Event] = []

    def do(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> tuple[Event, ...] | Refusal:
        """Give a command now."""
        decided = decide(self.study, self.state, NOTHING_SEALED, command(at=self.now, by=by, **fields))
        if not isinstance(decided, Refusal):
            self.log += decided
            self.state = replay(decided, self.state)
        return decided

    def must(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> tuple[Event, ...]:
        """Give a command that the protocol allows."""
        decided = self.do(command, by=by, **fields)
        assert not isinstance(decided, Refusal), str(decided)
        return decided

    def refused(self, command: type[cmd.Command], *, by: str = "inv", **fields: object) -> Refusal:
        """Give a command that is refused."""
        decided = self.do(command, by=by, **fields)
        assert isinstance(decided, Refusal), decided
        return decided

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def view(self, person: str = "sponsor") -> View:
        """What a person sees now."""
        return view(self.study, self.state, NOTHING_SEALED, Viewer(id=person, at=self.now))

    def open(self) -> "MemoryTrial":
        """Adopt the protocol, open two sites, and the first level where there are levels."""
        self.must(cmd.AdoptProtocol, by="sponsor", text=self.text)
        for site, person in (("01", "inv"), ("02", "other")):
            self.must(cmd.OpenSite, by="sponsor", site=site, name=f"Site {site}")
            self.must(cmd.GrantRole, by="sponsor", person=person, role="investigator", site=site)
        self.must(cmd.GrantRole, by="sponsor", person="nurse", role="coordinator", site="01")
        self.must(cmd.GrantRole, by="sponsor", person="mon", role="monitor")
        if self.study.dose_escalation is not None:
            self.must(cmd.OpenDoseLevel, by="sponsor", level=1)
        return self

    def screened(self, *, by: str = "inv", **values: object) -> str:
        """Screen somebody who is eligible unless `values` say otherwise; gives the subject's number."""
        (screened,) = self.must(cmd.ScreenSubject, by=by, consented_on=self.now.date())
        found = {name: value for name, value in {**ELIGIBLE, **values}.items() if value is not None}
        self.must(cmd.AssessEligibility, by=by, subject=screened.subject, values=found, answers=ANSWERS)
        return str(screened.subject)

    def enrolled(self, *, by: str = "inv") -> str:
        """Screen and enrol somebody."""
        subject = self.screened(by=by)
        self.must(cmd.EnrolSubject, by=by, subject=subject)
        return subject

    def infused(self, *, by: str = "inv") -> str:
        """Screen, enrol and infuse somebody."""
        subject = self.enrolled(by=by)
        self.must(cmd.AdministerInfusion, by=by, subject=subject, **PRODUCT)
        return subject

    def toxicity(self, subject: str, *, dlt: bool = True) -> None:
        """Report and adjudicate a possible DLT that began today."""
        (event,) = self.must(
            cmd.ReportAdverseEvent, subject=subject, term="Hypoxia", onset_on=self.now.date(), grade=3, related=True
        )
        self.must(cmd.AdjudicateDlt, subject=subject, event=event.event, dlt=dlt, reason="judged")

    def decided(self, decision: str, reason: str | None = None) -> tuple[Event, ...]:
        """Propose a decision and sign it by both."""
        (proposed,) = self.must(cmd.ProposeDoseDecision, decision=decision, reason=reason)
        self.must(cmd.SignDoseDecision, number=proposed.number, content=proposed.content)
        return self.must(cmd.SignDoseDecision, by="sponsor", number=proposed.number, content=proposed.content)

    def cohort(self, outcomes: str) -> list[str]:
        """Treat subjects at the open level to these outcomes, N or T each, windows closed."""
        subjects = []
        for letter in outcomes:
            subject = self.infused()
            subjects.append(subject)
            if letter == "T":
                self.toxicity(subject)
            self.wait(days=self.study.stagger_days(self.state.open_level.level))
        self.wait(days=28)
        for subject in subjects:
            self.must(cmd.CloseDltWindow, subject=subject)
        return subjects
