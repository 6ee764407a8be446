"""Each of the five trials from its beginning to the end of one subject in every arm, in memory and in a log."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.blinded import secret
from tests.conduct.eligible import collected, eligible
from tests.conductor import PROTOCOLS, prepare
from trialwright.conduct import NOTHING_SEALED, Refusal, Sealed, Secret, State, View, Viewer, decide, replay, view
from trialwright.conduct import commands as cmd
from trialwright.conduct.dosing import earliest, infusions
from trialwright.conduct.roles import SITE_ROLES
from trialwright.errors import InputError
from trialwright.protocol.file import load_study
from trialwright.protocol.study import ROLES, Study
from trialwright.protocol.treatment_plan import Treatment
from trialwright.trial import Trial, verify

FIVE = ("NCT01547091", "NCT03828344", "NCT04971980", "NCT05794425", "NCT05962762")
LABEL = {"concentration_per_ml": "5e6", "viability_pct": "92"}


def sealed_text(name: str) -> tuple[str, Secret | None]:
    """A protocol's text, with its commitment where it is randomised, and the sealed file."""
    text = (PROTOCOLS / f"{name}.yaml").read_text()
    if "method: randomised" not in text:
        return text, None
    kept = secret(key=7).model_copy(update={"study": name})
    line = "  strata: [cohort]\n"
    assert text.count(line) == 1
    return text.replace(line, f"{line}  commitment: {kept.commitment}\n"), kept


class InMemory:
    """A trial in memory, with both streams."""

    def __init__(self, text: str, kept: Secret | None, clock: Callable[[], datetime], _folder: Path) -> None:
        self.study, self.state, self.sealed, self.clock = load_study(text), State(), Sealed(kept), clock
        self.do(cmd.AdoptProtocol, by="sponsor", text=text)

    def do(self, command: type[cmd.Command], *, by: str, **fields: object) -> object:
        """Give a command now."""
        decided = decide(self.study, self.state, self.sealed, command(at=self.clock(), by=by, **fields))
        if not isinstance(decided, Refusal):
            self.state = replay([one for one in decided if one.stream == "open"], self.state)
            self.sealed = self.sealed.after([one for one in decided if one.stream == "sealed"])
        return decided

    def view(self, person: str) -> View:
        """What a person sees; the blinded see the same without the sealed side."""
        seen = view(self.study, self.state, self.sealed, Viewer(id=person, at=self.clock()))
        if self.study.masking != "none" and person != "pharmacist":
            assert seen == view(self.study, self.state, NOTHING_SEALED, Viewer(id=person, at=self.clock()))
        return seen

    def end(self) -> None:
        """Nothing is left behind."""


class InLog:
    """A trial in its log."""

    def __init__(self, text: str, kept: Secret | None, clock: Callable[[], datetime], folder: Path) -> None:
        self.path, self.kept = folder / "trial.db", kept
        self.trial = Trial.begin(self.path, text, by="sponsor", clock=clock, secret=kept)
        self.do, self.study = self.trial.do, self.trial.study

    @property
    def state(self) -> State:
        """Where the trial stands."""
        return self.trial.state

    def view(self, person: str) -> View:
        """What a person sees; the audit trail and the report can be read too."""
        assert self.trial.trail(person)
        return self.trial.view(person)

    def end(self) -> None:
        """The log verifies, and the trial opens again as it was."""
        before, report = self.state, self.trial.report()
        assert ("Dose rule of the protocol" in report) == (self.study.dose_escalation is not None)
        self.trial.close()
        verify(self.path, self.kept)
        with Trial.open(self.path, clock=self.trial._clock, secret=self.kept) as again:
            assert again.state == before
            assert again.report() == report


class Course:
    """Conducts one of the five, whatever it asks, by its protocol alone."""

    def __init__(self, name: str, place: type[InMemory | InLog], folder: Path) -> None:
        self.now = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
        text, kept = sealed_text(name)
        self.trial = place(text, kept, lambda: self.now, folder)
        self.study: Study = self.trial.study

    def must(self, command: type[cmd.Command], *, by: str = "investigator", **fields: object) -> None:
        """Give a command that the protocol allows, a minute after the one before."""
        self.now += timedelta(minutes=1)
        done = self.trial.do(command, by=by, **fields)
        assert not isinstance(done, Refusal), f"{command.__name__}: {done}"

    def refused(self, command: type[cmd.Command], *, by: str = "investigator", **fields: object) -> str:
        """The code by which a command is refused."""
        done = self.trial.do(command, by=by, **fields)
        assert isinstance(done, Refusal), f"{command.__name__} was done"
        return done.code

    def seen(self) -> None:
        """Everybody looks at the trial."""
        for person in ROLES:
            seen = self.trial.view(person)
            assert seen.status
            assert len(seen.subjects) == len(self.trial.state.subjects)

    @property
    def today(self) -> date:
        """The day."""
        return self.now.date()

    def open(self) -> None:
        """Open a site, grant every role, open the first level or cohort."""
        self.must(cmd.OpenSite, by="sponsor", site="01", name="First")
        for role in ROLES:
            if role != "sponsor":
                site = "01" if role in SITE_ROLES else None
                self.must(cmd.GrantRole, by="sponsor", person=role, role=role, site=site)
        if self.study.dose_escalation is not None:
            self.must(cmd.OpenDoseLevel, by="sponsor", level=1)
        if self.study.cohorts:
            self.must(cmd.OpenCohort, by="sponsor", cohort=self.study.cohorts[0].name)

    def enrolled(self) -> str:
        """Screen somebody whom the criteria let in, and enrol."""
        subject = f"S{len(self.trial.state.subjects) + 1:03d}"
        consented = self.today
        self.must(cmd.ScreenSubject, by="coordinator", consented_on=consented)
        self.now += timedelta(days=1)
        self.must(cmd.AssessEligibility, subject=subject, **eligible(self.study, consented, self.today))
        assert self.trial.view("investigator").subject(subject).verdict == "eligible"
        self.must(cmd.EnrolSubject, subject=subject)
        again = {"values": {self.study.items[0].name: 30}, "reason": "Again"}
        assert self.refused(cmd.AssessEligibility, subject=subject, **again) == "subject.enrolled"
        return subject

    def brought_to_an_arm(self, subject: str, arm: str | None) -> str | None:
        """Randomise, or choose the arm; gives the arm, which the pharmacist sees."""
        allocation = self.study.allocation
        if allocation is not None and allocation.method == "randomised":
            self.must(cmd.RandomiseSubject, subject=subject)
            assert self.trial.view("investigator").subject(subject).arm is None
            assert self.refused(cmd.RandomiseSubject, subject=subject) == "allocation.done"
        elif allocation is not None and allocation.method == "by choice":
            self.must(cmd.ChooseArm, subject=subject, arm=arm)
        return self.trial.view("pharmacist").subject(subject).arm

    def infuse(self, subject: str, treatment: Treatment) -> None:
        """Prepare, match, begin and complete the next infusion of a treatment."""
        number = len(self.trial.state.subjects[subject].course.preparations) + 1
        amount = {dose.name: dose.amount for dose in self.study.doses}.get(treatment.dose or "")
        if amount is not None and amount.low != amount.high:
            fields = {"subject": subject, "product": treatment.product}
            self.must(cmd.PrescribeDose, **fields, amount=amount.low)
        label = {"product": treatment.product, "weight_kg": 70, **(LABEL if treatment.dose else {})}
        people = {"readers": ("investigator", "coordinator"), "pharmacist": "pharmacist"}
        prepare(self.must, subject, self.now, number=number, **people, **label)
        self.must(cmd.StartInfusion, subject=subject)
        self.now += timedelta(hours=1)
        self.must(cmd.CompleteInfusion, by="coordinator", subject=subject)

    def refusal_of_another(self, subject: str, treatment: Treatment) -> str:
        """The code by which one infusion more is refused."""
        lot = f"MORE-{subject}-{treatment.product.replace(' ', '-')}-{self.now:%m%d%H%M%S}"
        label = {"product": treatment.product, "containers": (f"{lot}-1",), "volume_ml": 500}
        expires = self.now + timedelta(days=3)
        cells = LABEL if treatment.dose else {}
        self.must(cmd.ReceiveLot, by="pharmacist", lot=lot, expires_at=expires, **label, **cells)
        self.must(cmd.ReleaseLot, by="pharmacist", lot=lot, reason="Certificate in order")
        asked = {"subject": subject, "lot": lot, "containers": (f"{lot}-1",), "weight_kg": 70, "weighed_on": self.today}
        return self.refused(cmd.PrepareInfusion, by="pharmacist", **asked)

    def treated(self, subject: str, arm: str | None) -> None:
        """Give every planned infusion with its interval, and the medicine beside; not one too early or too many."""
        planned = infusions(self.study, arm)
        for time in range(max((one.times or 0 for one in planned), default=0)):
            for one in planned:
                if time < (one.times or 0):
                    self.infuse(subject, one)
                    more = time + 1 < (one.times or 0)
                    assert (self.trial.view("coordinator").subject(subject).infusions_left) == (
                        more or one != planned[-1]
                    )
                    code = "infusion.too_early" if more else "subject.infused"
                    assert self.refusal_of_another(subject, one) == code
            course = self.trial.state.subjects[subject].course
            nexts = [earliest(one, course.infusions[-1].at.date()) for one in planned if time + 1 < (one.times or 0)]
            if nexts:
                self.now = datetime.combine(max(nexts), self.now.time(), tzinfo=UTC)
        done = self.trial.state.subjects[subject].course.infusions
        assert len(done) == sum(one.times or 0 for one in planned)
        assert {one.status for one in done} <= {"completed"}
        for drug, fields in self.medicines(arm):
            self.must(cmd.PrescribeMedicine, subject=subject, drug=drug, **fields)

    def medicines(self, arm: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        """The medicines that go on, and those that the protocol gives everybody."""
        for one in self.study.medicines:
            if one.use == "given":
                yield one.drug, {"dose": 280, "weight_kg": 70, "weighed_on": self.today}
        known = {known.name: known.treatments for known in self.study.arms}
        yield from ((one.product, {}) for one in known.get(arm or "", ()) if one.times is None)

    def visited(self, subject: str) -> None:
        """Record the first visit after the treatment that has a day."""
        anchor = next(visit for visit in self.study.schedule if visit.day == 0)
        first = next(visit for visit in self.study.schedule if visit.collect and visit.day > 0 and not visit.gives)
        if anchor.anchor == "first_treatment":
            began = self.trial.state.subjects[subject].infusion
            on = began.at.date() if began else self.today
            self.must(cmd.HoldVisit, by="coordinator", subject=subject, visit=anchor.visit, on=on)
        planned = {one.visit.visit: one for one in self.trial.view("coordinator").subject(subject).data.plan}
        target = planned[first.visit].target
        assert target is not None
        self.now = max(self.now, datetime.combine(target, self.now.time(), tzinfo=UTC))
        values = collected(self.study, first.visit, self.today)
        asked = {"subject": subject, "visit": first.visit, "on": target, "values": values}
        self.must(cmd.RecordData, by="coordinator", **asked)
        held = {one.visit.visit: one for one in self.trial.view("monitor").subject(subject).data.plan}[first.visit]
        assert (held.status, held.outstanding) == ("held", ())

    def followed(self, subject: str) -> None:
        """An adverse event, the end of the DLT window, a withdrawal; nothing more is given after it."""
        event = {"term": "Headache", "onset_on": self.today, "grade": 1, "related": False, "serious": False}
        self.must(cmd.ReportAdverseEvent, by="coordinator", subject=subject, **event)
        if self.study.dose_escalation is not None:
            self.now += timedelta(days=28)
            self.must(cmd.CloseDltWindow, subject=subject)
        gone = {"disposition": "withdrawal by subject", "occurred_on": self.today, "reason": "Moves away"}
        self.must(cmd.RecordDisposition, by="coordinator", subject=subject, **gone)
        assert self.refused(cmd.StartInfusion, subject=subject) == "subject.left"


def conducted(course: Course) -> None:
    """Conduct a trial whole: a subject of every arm, or two."""
    course.open()
    course.seen()
    by_choice = course.study.allocation is not None and course.study.allocation.method == "by choice"
    for arm in [one.name for one in course.study.arms] if by_choice else [None, None]:
        subject = course.enrolled()
        course.seen()
        given = course.brought_to_an_arm(subject, arm)
        course.treated(subject, given)
        course.seen()
        course.visited(subject)
        course.followed(subject)
        course.seen()
    course.trial.end()


@pytest.mark.parametrize("place", [InMemory, InLog])
@pytest.mark.parametrize("name", FIVE)
def test_every_trial_is_conducted_whole(name: str, place: type[InMemory | InLog], tmp_path: Path) -> None:
    """A subject of every arm is screened, enrolled, treated to the last infusion, followed and gone; everybody sees."""
    conducted(Course(name, place, tmp_path))


@pytest.mark.parametrize("name", FIVE)
def test_a_trial_begins_whatever_its_doses(name: str, tmp_path: Path) -> None:
    """None of the five is refused at its beginning, and the sponsor sees where it stands."""
    text, kept = sealed_text(name)
    with Trial.begin(tmp_path / "trial.db", text, by="sponsor", secret=kept) as trial:
        assert trial.view("sponsor").status


def test_doses_of_an_escalation_are_numbers_of_cells(tmp_path: Path) -> None:
    """A dose escalation over a range is refused before anything is written, and the refusal says which dose."""
    text = (
        (PROTOCOLS / "NCT05962762.yaml")
        .read_text()
        .replace("amount: 3.0e6 cells/kg", "amount: 3.0e6 to 4.0e6 cells/kg")
    )
    with pytest.raises(InputError, match=r"has medium, 3 x 10.6 to 4 x 10.6 cells/kg;"):
        Trial.begin(tmp_path / "trial.db", text, by="sponsor")
    assert not (tmp_path / "trial.db").exists()
