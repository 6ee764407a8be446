"""A made-up course of NCT05962762, driven through the trial's one joint with a clock that stands still."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conductor import ELIGIBLE, prepare
from trialwright import __version__
from trialwright.analysis import Provenance
from trialwright.conduct import View
from trialwright.conduct.commands import (
    AdjudicateDlt,
    AssessEligibility,
    CloseDltWindow,
    CompleteInfusion,
    DeclareNotEvaluable,
    EnrolSubject,
    GrantRole,
    OpenDoseLevel,
    OpenSite,
    ProposeDoseDecision,
    ReportAdverseEvent,
    ScreenSubject,
    SignDoseDecision,
    StartInfusion,
)
from trialwright.trial import Trial, raise_refusal

PROTOCOL = Path(__file__).parents[2] / "protocols" / "NCT05962762.yaml"


class Course:
    """A trial and its clock; subjects are given by outcome, in the letters of `Outcomes`."""

    def __init__(self, folder: Path) -> None:
        self.now = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
        self.trial = Trial.begin(folder / "trial.db", PROTOCOL.read_text(), by="sponsor", clock=lambda: self.now)
        self.count = 0
        for site, name in (("01", "Riverside"), ("02", "Hillcrest")):
            self.do(OpenSite, site=site, name=name)
            for person, role in (("inv", "investigator"), ("nurse", "coordinator"), ("pharm", "pharmacist")):
                self.do(GrantRole, person=f"{person}{site}", role=role, site=site)

    def do(self, command, by: str = "sponsor", **fields: object) -> None:
        """Give a command that must not be refused."""
        raise_refusal(self.trial.do(command, by=by, **fields))

    def open(self, level: int) -> None:
        """Open a dose level."""
        self.do(OpenDoseLevel, level=level)

    def screen(self, by: str = "inv01", **findings: object) -> str:
        """Screen a person, with the findings of an eligible one unless told otherwise."""
        self.count += 1
        subject = f"S{self.count:03}"
        self.do(ScreenSubject, by=by, consented_on=self.now.date())
        values = ELIGIBLE | {"weight": 58 + 3 * self.count} | findings
        self.do(AssessEligibility, by=by, subject=subject, values=values, answers={"I04": True, "E04": False})
        return subject

    def infuse(self, by: str = "inv01", **fields: object) -> str:
        """Screen, enrol and infuse a subject."""
        subject = self.screen(by)
        self.wait(1)
        self.do(EnrolSubject, by=by, subject=subject)
        weight = str(58 + 3 * self.count)
        site = by.removeprefix("inv")
        readers, pharmacist = (by, f"nurse{site}"), f"pharm{site}"
        prepare(self.do, subject, self.now, readers=readers, pharmacist=pharmacist, weight_kg=weight)
        self.do(StartInfusion, by=by, subject=subject)
        self.do(CompleteInfusion, by=by, subject=subject, **fields)
        return subject

    def adverse_event(self, subject: str, term: str, grade: int, *, by: str = "inv01", **fields: object) -> None:
        """Report an adverse event with onset today, unless told otherwise."""
        told = {"related": True, "serious": False, "onset_on": self.now.date()} | fields
        self.do(ReportAdverseEvent, by=by, subject=subject, term=term, grade=grade, **told)

    def wait(self, days: int) -> None:
        """Let days pass."""
        self.now += timedelta(days=days)

    def cohort(self, outcomes: str, by: str = "inv01", apart: int = 1) -> list[str]:
        """Treat subjects `apart` days after each other; P leaves the window open, X is not evaluable."""
        subjects = []
        for letter in outcomes:
            subject = self.infuse(by)
            subjects.append(subject)
            if letter == "T":
                self.adverse_event(subject, "Infusion related reaction", 3, by=by, serious=True)
                self.do(AdjudicateDlt, by=by, subject=subject, event=1, dlt=True, reason="grade 3, related")
            self.wait(apart)
        if set(outcomes) & set("NTX"):
            self.wait(28)
        for subject, letter in zip(subjects, outcomes, strict=True):
            if letter == "X":
                self.do(DeclareNotEvaluable, by=by, subject=subject, reason="moved away on day 9")
            elif letter != "P":
                self.do(CloseDltWindow, by=by, subject=subject)
        return subjects

    def propose(self, decision: str, reason: str | None = None) -> None:
        """Put a dose decision up for signature."""
        self.do(ProposeDoseDecision, by="inv01", decision=decision, reason=reason)

    def sign(self, *people: str) -> None:
        """Sign the standing proposal."""
        decision = self.trial.state.decisions[-1]
        for person in people:
            self.wait(1)
            self.do(SignDoseDecision, by=person, number=decision.number, content=decision.content)

    def decide(self, decision: str, reason: str | None = None) -> None:
        """Propose a dose decision and sign it."""
        self.propose(decision, reason)
        self.sign("inv01", "sponsor")

    def view(self, person: str = "sponsor") -> View:
        """What a person sees now."""
        return self.trial.view(person)

    def provenance(self) -> Provenance:
        """The data cut of now."""
        return Provenance(
            sequence=self.trial.state.sequence,
            at=self.now,
            head=sha256(str(self.trial.state.sequence).encode()).hexdigest(),
            software=__version__,
            protocol_sha256=sha256(PROTOCOL.read_bytes()).hexdigest(),
        )


def nobody(course: Course) -> None:
    """Nothing has been opened."""


def pending(course: Course) -> None:
    """The first cohort is under way: one done, one with an open window, one screened and not eligible."""
    course.open(1)
    course.cohort("N")
    subject = course.cohort("P", by="inv02")[0]
    course.adverse_event(subject, "Fever", 3, by="inv02")
    course.screen(basdai="2.1")


def with_mtd(course: Course) -> None:
    """Level 1 is expanded, level 2 has two DLTs: the MTD is level 1."""
    course.open(1)
    first = course.cohort("NTN")
    course.adverse_event(first[0], "Fever", 1, onset_on=date(2026, 1, 7))
    course.adverse_event(first[0], "fever ", 2, onset_on=date(2026, 1, 10))
    course.adverse_event(first[2], "Headache", 1, related=False, onset_on=date(2026, 1, 9))
    course.decide("expand")
    course.cohort("NXN")
    course.cohort("N", by="inv02")
    course.decide("escalate")
    course.open(2)
    course.cohort("NTT")
    course.decide("stop")


def without_mtd(course: Course) -> None:
    """Two DLTs at level 1: no MTD."""
    course.open(1)
    course.cohort("NTT")
    course.decide("stop")


def top_tolerated(course: Course) -> None:
    """Every level is tolerated."""
    for level, decision in ((1, "escalate"), (2, "escalate"), (3, "consult")):
        course.open(level)
        course.cohort("NNN", apart=7)
        course.decide(decision)


STAGES: dict[str, Callable[[Course], None]] = {
    stage.__name__: stage for stage in (nobody, pending, with_mtd, without_mtd, top_tolerated)
}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A trial that has just begun."""
    return Course(tmp_path)


@pytest.fixture(params=STAGES)
def staged(request: pytest.FixtureRequest, course: Course) -> Course:
    """A trial at each stage in turn."""
    STAGES[request.param](course)
    return course
