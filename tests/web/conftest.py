"""The web app on workspaces of its own: accounts once for each process, a trial for each test, a live server."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from tests.blinded import BlindedCourse, secret
from tests.conductor import ANSWERS, ELIGIBLE, PROTOCOLS, TEXT, prepare
from trialwright.conduct import Refusal
from trialwright.conduct import commands as cmd
from trialwright.conduct.roles import TWO_FACTORS
from trialwright.trial import Done, Trial
from trialwright.web import serve

PASSWORD = "a long and quiet river"  # noqa: S105 - of made-up people
STAFF = {"investigator": ("coordinator", "pharmacist"), "elsewhere": ("nurse02", "pharmacy02")}
PEOPLE = {
    "sponsor": ("sponsor", None),
    "investigator": ("investigator", "01"),
    "coordinator": ("coordinator", "01"),
    "pharmacist": ("pharmacist", "01"),
    "monitor": ("monitor", None),
    "elsewhere": ("investigator", "02"),
    "nurse02": ("coordinator", "02"),
    "pharmacy02": ("pharmacist", "02"),
}


class Course:
    """A trial in its log, conducted with a clock that the test moves."""

    def __init__(self, workspace: Path, text: str = TEXT) -> None:
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self.path = workspace / "trial.db"
        self.trial = Trial.begin(self.path, text, by="sponsor", clock=lambda: self.now)

    def must(self, command: type[cmd.Command], *, by: str = "investigator", **fields: object) -> Done:
        """Give a command that the protocol allows."""
        done = self.trial.do(command, by=by, **fields)
        assert not isinstance(done, Refusal), str(done)
        return done

    def open(self) -> "Course":
        """Open two sites, grant the roles, open the first level where doses have levels."""
        for site in ("01", "02"):
            self.must(cmd.OpenSite, by="sponsor", site=site, name=f"Hospital {site}")
        for person, (role, site) in PEOPLE.items():
            if person != "sponsor":
                self.must(cmd.GrantRole, by="sponsor", person=person, role=role, site=site)
        if self.trial.study.dose_escalation is not None:
            self.must(cmd.OpenDoseLevel, by="sponsor", level=1)
        return self

    def screened(self, *, by: str = "investigator") -> str:
        """Screen somebody eligible."""
        subject = self.must(cmd.ScreenSubject, by=by, consented_on=self.now.date()).events[0].subject
        self.must(cmd.AssessEligibility, by=by, subject=subject, values=ELIGIBLE, answers=ANSWERS)
        return subject

    def infused(self, *, by: str = "investigator") -> str:
        """Screen, enrol and infuse somebody."""
        subject = self.screened(by=by)
        self.must(cmd.EnrolSubject, by=by, subject=subject)
        nurse, pharmacist = STAFF[by]
        prepare(self.must, subject, self.now, readers=(by, nurse), pharmacist=pharmacist)
        self.must(cmd.StartInfusion, by=by, subject=subject)
        self.must(cmd.CompleteInfusion, by=by, subject=subject)
        return subject

    def report(self, subject: str, *, grade: int = 3, by: str = "investigator") -> None:
        """Report a related event that begins today."""
        fields = {"term": "Fever", "onset_on": self.now.date(), "grade": grade, "related": True, "serious": False}
        self.must(cmd.ReportAdverseEvent, by=by, subject=subject, **fields)


def running(workspace: Path) -> datetime:
    """S001 has a possible DLT, S002 is at the other site, S003 waits for enrolment, S004 for infusion, S005 is new.

    Lot L1 is released and lot L2 was received.
    """
    course = Course(workspace).open()
    course.report(course.infused())
    course.infused(by="elsewhere")
    course.screened()
    course.must(cmd.EnrolSubject, subject=course.screened())
    course.must(cmd.ScreenSubject, by="coordinator", consented_on=course.now.date())
    for lot in ("L1", "L2"):
        label = {"product": "hUC-MSC injection", "containers": (f"{lot}-1",), "volume_ml": 100}
        cells = {"concentration_per_ml": "5e6", "viability_pct": "92", "expires_at": course.now + timedelta(days=30)}
        course.must(cmd.ReceiveLot, by="pharmacist", lot=lot, **label, **cells)
    course.must(cmd.ReleaseLot, by="pharmacist", lot="L1", reason="Certificate in order")
    course.trial.close()
    return course.now + timedelta(days=3)


def decidable(workspace: Path) -> datetime:
    """The first cohort is complete without a DLT; a decision can be proposed."""
    course = Course(workspace).open()
    subjects = [(by, course.infused(by=by)) for by in ("investigator", "elsewhere", "investigator")]
    course.now += timedelta(days=28)
    for by, subject in subjects:
        course.must(cmd.CloseDltWindow, by=by, subject=subject)
    course.trial.close()
    return course.now + timedelta(hours=1)


def proposed(workspace: Path) -> datetime:
    """The decision to escalate waits for both signatures."""
    now = decidable(workspace)
    with Trial.open(workspace / "trial.db", clock=lambda: now) as trial:
        trial.do(cmd.ProposeDoseDecision, by="investigator", decision="escalate")
    return now


def stopping(workspace: Path) -> datetime:
    """Two of two subjects had a DLT; a third waits for enrolment."""
    course = Course(workspace).open()
    for subject in (course.infused(), course.infused()):
        course.report(subject)
        course.must(cmd.AdjudicateDlt, subject=subject, event=1, dlt=True, reason="Grade 3, related")
    course.screened()
    course.trial.close()
    return course.now + timedelta(hours=1)


def blinded(workspace: Path) -> datetime:
    """A masked trial: S001 and S002 are randomised at two sites, S003 waits for it; the code of S002 was broken."""
    course = BlindedCourse(workspace / "trial.db", secret(), staff=STAFF)
    course.open({person: held for person, held in PEOPLE.items() if person != "sponsor"})
    course.randomised(by="investigator")
    course.randomised(by="elsewhere")
    course.enrolled(by="investigator")
    course.must(cmd.BreakCode, by="elsewhere", subject="S002", reason="anaphylaxis")
    course.trial.close()
    (workspace / "sealed.json").touch(mode=0o600)
    (workspace / "sealed.json").write_text(secret().model_dump_json())
    return course.now


def arms(workspace: Path) -> datetime:
    """A trial whose arms are chosen and whose doses have no levels; S001 is in screening."""
    course = Course(workspace, (PROTOCOLS / "NCT01547091.yaml").read_text()).open()
    course.must(cmd.ScreenSubject, consented_on=course.now.date())
    course.trial.close()
    return course.now


COURSES = {one.__name__: one for one in (running, stopping, decidable, proposed, blinded, arms)}


@pytest.fixture(scope="session")
def django(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Django, configured for this process on a workspace that holds only accounts."""
    workspace = tmp_path_factory.mktemp("accounts").resolve()
    serve.configure(workspace)
    from django.conf import settings
    from django.contrib.auth.models import User

    from trialwright.web import second_factor
    from trialwright.web.trials import close_trials

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    serve.prepare(workspace)
    Trial.begin(workspace / "trial.db", TEXT, by="sponsor").close()
    for person in (*PEOPLE, "nobody"):
        serve.create_account(workspace, person, PASSWORD, name="Ada Byron" if person == "investigator" else "")
        if PEOPLE.get(person, ("",))[0] in TWO_FACTORS:
            user = User.objects.get(username=person)
            second_factor.begin(user)
            second_factor.enrol(user, second_factor.shown(user))
    close_trials()
    return workspace


def code_of(person: str) -> str:
    """A code that the person's device shows and that was not taken yet; empty where there is no device."""
    from django.contrib.auth.models import User

    from trialwright.web import second_factor
    from trialwright.web.models import SecondFactor

    user = User.objects.get(username=person)
    SecondFactor.objects.filter(user=user).update(last_step=0)
    return second_factor.shown(user) or ""


@pytest.fixture(scope="session")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, datetime]]:
    """Each course of a trial, conducted once for this process."""
    made: dict[str, tuple[Path, datetime]] = {}

    def course(name: str) -> tuple[Path, datetime]:
        if name not in made:
            workspace = tmp_path_factory.mktemp(name)
            made[name] = workspace, COURSES[name](workspace)
        return made[name]

    return course


def signed_in(person: str, **options: object):
    """A client in which a person is signed in, without the sign-in page, and has signed something before."""
    from django.contrib.auth.models import User
    from django.test import Client

    from trialwright.web.device import device

    client = Client(**options)
    client.force_login(User.objects.get(username=person))
    session = client.session
    session.update({"device": device("127.0.0.1", ""), "has signed": True})
    session.save()
    return client


class Workspace:
    """The workspace that the web app serves in one test."""

    def __init__(self, path: Path, now: datetime) -> None:
        self.path = path
        self.now = now

    def sign_in(self, person: str, **options: object):
        """A client in which a person is signed in and has signed something before."""
        return signed_in(person, **options)

    def events(self) -> list[object]:
        """What the log holds."""
        with Trial.open(self.path / "trial.db") as trial:
            return list(trial.events())


@pytest.fixture
def workspace(request, tmp_path, django, courses) -> Iterator[Workspace]:
    """A copy of a trial in mid-course, `running` unless a test asks for another by indirect parameter."""
    from django.core.cache import cache
    from django.test import override_settings

    from trialwright.web.trials import close_trials

    made, now = courses(getattr(request, "param", "running"))
    for name in ("trial.db", "sealed.json"):
        if (made / name).exists():
            shutil.copy(made / name, tmp_path / name)
    served = Workspace(tmp_path, now)
    with override_settings(WORKSPACE=tmp_path, CLOCK=lambda: served.now):
        yield served
    close_trials()
    cache.clear()


@pytest.fixture
def address(workspace) -> Iterator[str]:
    """The address of a live server on the workspace."""
    from django.core.wsgi import get_wsgi_application
    from waitress.server import create_server

    server = create_server(get_wsgi_application(), host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(timeout=10)
