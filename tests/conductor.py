"""A trial in memory for the tests: the real `decide` and `evolve`, no database, a clock that the test moves."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from trialwright.conduct import NOTHING_SEALED, Event, Refusal, State, View, Viewer, decide, replay, view
from trialwright.conduct import commands as cmd
from trialwright.conduct.local_time import local_day
from trialwright.conduct.locks import outstanding_visits
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study

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


RESPONSE = """    - name: BASDAI response
      of: response
      response: basdai <= 3
      visit: D28
      within: 30 days
      missing: non-responder
      assumed: chosen by the statistician
"""


def with_rule(rule: str) -> str:
    """The protocol of NCT05962762 with another dose rule, an endpoint of response, and no stagger."""
    begin, end = TEXT.index("    design: 3+3"), TEXT.index("  dlt window:")
    head = TEXT[:begin].rstrip().removesuffix("rule:").rstrip()
    assumed = rule.removesuffix("}") + ", assumed: chosen by the statistician}"
    text = f"{head}\n  rule: {assumed}\n{TEXT[end:]}".replace("  secondary:\n", f"  secondary:\n{RESPONSE}")
    text = text[: text.index("  stagger:")] + text[text.index("  open dose levels:") :]
    if "response endpoint" in rule:
        text = text.replace(
            "  screened per", "  true response rates: {low: 0.2, medium: 0.4, high: 0.5}\n  screened per"
        )
    return text


STAFF = {"inv": ("nurse", "pharm"), "other": ("nurse2", "pharm2")}
"""Who reads identifiers beside an investigator, and who prepares, at the same site."""


def prepare(must, subject: str, at: datetime, *, readers, pharmacist: str, number: int = 1, **product: object) -> None:
    """Receive and release a lot, prepare an infusion of it, and match it by two people; `must` gives the commands.

    Args:
        number: Which of the subject's preparations it is.
        **product: What differs from `PRODUCT`; another product than the cells comes with its own label.
    """
    lot = f"LOT-{subject}" if number == 1 else f"LOT-{subject}-{number}"
    by_weight = {**({} if "product" in product else PRODUCT), "product": "hUC-MSC injection", **product}
    on_label = ("product", "concentration_per_ml", "viability_pct")
    label = {name: by_weight.pop(name) for name in on_label if name in by_weight}
    containers = (f"{lot}-1",)
    received = {"containers": containers, "volume_ml": 500, **label}
    must(cmd.ReceiveLot, by=pharmacist, lot=lot, expires_at=at + timedelta(days=3), **received)
    must(cmd.ReleaseLot, by=pharmacist, lot=lot, reason="Certificate in order")
    asked = {"lot": lot, "containers": containers, "weighed_on": at.date(), **by_weight}
    must(cmd.PrepareInfusion, by=pharmacist, subject=subject, **asked)
    for reader in readers:
        coi = f"{subject}-{number}"
        must(cmd.MatchIdentity, by=reader, subject=subject, scanned_subject=subject, scanned_coi=coi)


def leave(must, study: Study, state: State, subject: str, at: datetime) -> None:
    """Let somebody who is enrolled leave today, and take down that the visits due were missed."""
    one = state.subjects[subject]
    by, visits = ("inv" if one.site == "01" else "other"), outstanding_visits(study, state, one, at)
    gone = {"disposition": "physician decision", "occurred_on": at.date(), "reason": "Moves away"}
    must(cmd.RecordDisposition, by=by, subject=subject, **gone)
    for visit in visits:
        must(cmd.MissVisit, by=by, subject=subject, visit=visit, reason="subject did not come")


def end(must, study: Study, state: State, at: datetime) -> None:
    """Let everybody who is enrolled leave, and stop the trial, so that its data can be locked."""
    for one in state.subjects.values():
        if one.enrolled and one.disposition is None:
            leave(must, study, state, one.id, at)
    must(cmd.StopTrial, by="sponsor", reason="The sponsor ends it")


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
        for site, staff in (("01", STAFF["inv"]), ("02", STAFF["other"])):
            for person, role in zip(staff, ("coordinator", "pharmacist"), strict=True):
                self.must(cmd.GrantRole, by="sponsor", person=person, role=role, site=site)
        self.must(cmd.GrantRole, by="sponsor", person="mon", role="monitor")
        if self.study.dose_escalation is not None:
            self.must(cmd.OpenDoseLevel, by="sponsor", level=1)
        return self

    def screened(self, *, by: str = "inv", **values: object) -> str:
        """Screen somebody who is eligible unless `values` say otherwise; gives the subject's number."""
        today = local_day(self.state, "01" if by == "inv" else "02", self.now)
        (screened,) = self.must(cmd.ScreenSubject, by=by, consented_on=today)
        found = {name: value for name, value in {**ELIGIBLE, **values}.items() if value is not None}
        self.must(cmd.AssessEligibility, by=by, subject=screened.subject, values=found, answers=ANSWERS)
        return str(screened.subject)

    def enrolled(self, *, by: str = "inv") -> str:
        """Screen and enrol somebody."""
        subject = self.screened(by=by)
        self.must(cmd.EnrolSubject, by=by, subject=subject)
        return subject

    def ready(self, subject: str, *, by: str = "inv", **product: object) -> str:
        """Prepare and match the infusion of somebody who is enrolled."""
        nurse, pharmacist = STAFF[by]
        number = len(self.state.subjects[subject].course.preparations) + 1
        told = {"readers": (by, nurse), "pharmacist": pharmacist, "number": number, **product}
        prepare(self.must, subject, self.now, **told)
        return subject

    def infuse(
        self, subject: str, *, by: str = "inv", given_ml: object = None, reason: str | None = None, **product: object
    ) -> str:
        """Prepare, match, begin and complete the next infusion of somebody who is enrolled."""
        self.ready(subject, by=by, **product)
        self.must(cmd.StartInfusion, by=by, subject=subject)
        self.must(cmd.CompleteInfusion, by=by, subject=subject, given_ml=given_ml, reason=reason)
        return subject

    def infused(self, *, by: str = "inv", **product: object) -> str:
        """Screen, enrol and infuse somebody."""
        return self.infuse(self.enrolled(by=by), by=by, **product)

    def toxicity(self, subject: str, *, dlt: bool = True) -> None:
        """Report and adjudicate a possible DLT that began today."""
        (event,) = self.must(
            cmd.ReportAdverseEvent,
            subject=subject,
            term="Hypoxia",
            onset_on=self.now.date(),
            grade=3,
            related=True,
            serious=False,
        )
        self.must(cmd.AdjudicateDlt, subject=subject, event=event.event, dlt=dlt, reason="judged")

    def decided(self, decision: str, reason: str | None = None) -> tuple[Event, ...]:
        """Propose a decision and sign it by both."""
        (proposed,) = self.must(cmd.ProposeDoseDecision, decision=decision, reason=reason)
        self.must(cmd.SignDoseDecision, number=proposed.number, content=proposed.content)
        return self.must(cmd.SignDoseDecision, by="sponsor", number=proposed.number, content=proposed.content)

    def left(self, subject: str) -> str:
        """Let somebody who is enrolled leave today, and take down that the visits due were missed."""
        leave(self.must, self.study, self.state, subject, self.now)
        return subject

    def ended(self) -> None:
        """Let everybody who is enrolled leave, and stop the trial, so that its data can be locked."""
        end(self.must, self.study, self.state, self.now)

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
