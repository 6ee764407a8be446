"""Every command can be given in the web app by the role that may give it, and all pages open for all five trials."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.blinded import BlindedMemory, secret
from tests.conduct.test_five_trials import FIVE, Course, InLog
from tests.conduct.test_trail import ELSEWHERE, EXAMPLES
from tests.conductor import MemoryTrial
from tests.rehearse.test_flat_doses import FLAT
from tests.web.conftest import PASSWORD
from trialwright.conduct import commands as cmd
from trialwright.conduct.next_steps import Step
from trialwright.conduct.roles import MAY
from trialwright.protocol.study import ROLES
from trialwright.store import open_log
from trialwright.trial import Trial
from trialwright.web.addresses import BY_ITSELF, about_subject, address_of
from trialwright.web.entry_forms import COMMANDS
from trialwright.web.filters import spaced

PAGES = ("/", "/subjects/", "/subjects/S001/", "/subjects/S002/", "/pharmacy/", "/decisions/", "/blinding/", "/audit/")
ALIKE = ("/sites/", "/protocol/")
"""Pages that are much the same for every role: looked at for one."""
HIDDEN = re.compile(r'type="hidden" name="(saw|content|sequence|number|listings)" value="([^"]*)"')
IN_THE_ADDRESS = ("event", "lot", "person", "visit", "item")


@pytest.fixture
def serve(tmp_path: Path, django: Path) -> Iterator[Any]:
    """Serves a trial that was conducted elsewhere: gives a client for a person."""
    from django.contrib.auth.models import User
    from django.core.cache import cache
    from django.test import Client, override_settings

    from trialwright.web import second_factor
    from trialwright.web.device import device
    from trialwright.web.trials import close_trials

    now: list[datetime] = []

    def client(person: str, at: datetime) -> Client:
        now[:] = [at]
        user, made = User.objects.get_or_create(username=person)
        if made:
            user.set_password(PASSWORD)
            user.save()
            second_factor.begin(user)
            second_factor.enrol(user, second_factor.shown(user))
        signed_in = Client()
        signed_in.force_login(user)
        session = signed_in.session
        session.update({"device": device("127.0.0.1", ""), "has signed": True})
        session.save()
        return signed_in

    with override_settings(WORKSPACE=tmp_path, CLOCK=lambda: now[0]):
        yield client
    close_trials()
    cache.clear()


def write(trial: Any, folder: Path) -> Path:
    """The log of a trial that was conducted in memory."""
    path = folder / "trial.db"
    masked = isinstance(trial, BlindedMemory)
    if masked:
        (folder / "sealed.json").touch(mode=0o600)
        (folder / "sealed.json").write_text(secret().model_dump_json())
    log = Trial(open_log(path, create=True), lambda: trial.now, secret() if masked else None)
    log._append((*trial.log, *(trial.hidden if masked else ())))
    log.close()
    return path


def typed(asked: dict[str, Any]) -> dict[str, Any]:
    """What a person types into a form for the fields of a command."""
    found: dict[str, Any] = {"password": PASSWORD, "step": "record", "serious": "no"}
    for name, value in asked.items():
        if name in {"values", "answers"}:
            prefix = name.removesuffix("s")
            found |= {f"{prefix}_{key}": word(one) for key, one in value.items()}
        elif name == "now":
            found[f"value_{asked['item']}"] = word(value["value"])
        elif name in {"items", "criteria"}:
            found[name] = list(value)
        elif name not in {"by", "saw", "content", "sequence", "number"}:
            found[name] = word(value)
    return found


def word(value: Any) -> str:
    """A value as it is typed."""
    match value:
        case bool():
            return "yes" if value else "no"
        case tuple() | list():
            return " ".join(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
    return str(value)


@pytest.mark.parametrize("name", sorted(set(MAY) - BY_ITSELF))
def test_every_command_can_be_given_on_a_page(name: str, serve: Any, tmp_path: Path) -> None:
    """The form of a command opens for who may give it, and what is typed there is recorded as the command does."""
    if name in EXAMPLES:
        trial: Any = MemoryTrial().open()
        asked = EXAMPLES[name](trial)
    else:
        trial, asked = ELSEWHERE[name]()
    path, by, command = write(trial, tmp_path), str(asked.get("by", "inv")), getattr(cmd, name)
    before = trial.state.sequence
    expected = [event.kind for event in trial.must(command, **asked)]
    client = serve(by, trial.now)
    about = str(asked["subject"]) if about_subject(command) else None
    fields = tuple((field, asked[field]) for field in IN_THE_ADDRESS if field in asked)
    address = address_of(Step(command=name, fields=fields), about)

    page = client.get(address)
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(page.content.decode())}
    answer = client.post(address, {**typed(asked), **hidden})

    assert page.status_code == 200
    assert '<form method="post" class="command"' in page.content.decode()
    assert answer.status_code == 302, problems(answer)
    with Trial.open(
        path, clock=lambda: trial.now, secret=None if trial.study.masking == "none" else kept(tmp_path)
    ) as log:
        assert [event.kind for event in log.events()[before:]] == expected


def kept(folder: Path) -> Any:
    """The sealed file of a trial that has one."""
    return secret() if (folder / "sealed.json").exists() else None


def problems(answer: Any) -> list[str]:
    """What a page says is wrong."""
    return re.findall(r'class="(?:reason|wrong-text)"[^>]*>(.*?)</p>', answer.content.decode())


def test_what_no_form_gives_is_given_by_itself() -> None:
    """Only the command that begins a trial and the one that goes with a copy have no form; every other one has."""
    assert {"AdoptProtocol", "RecordExport"} == BY_ITSELF
    assert {kind.__name__ for kind in COMMANDS.values()} == set(MAY)


def conducted(name: str, folder: Path) -> Course:
    """One of the five with a subject who was treated once, followed, and left, and one who is enrolled."""
    course = Course(name, InLog, folder)
    course.open()
    arms = course.study.arms
    subject = course.enrolled()
    arm = course.brought_to_an_arm(subject, arms[0].name if arms else None)
    course.treated(subject, arm)
    course.visited(subject)
    course.followed(subject)
    course.enrolled()
    if course.trial.kept is not None:
        (folder / "sealed.json").touch(mode=0o600)
        (folder / "sealed.json").write_text(course.trial.kept.model_dump_json())
    return course


@pytest.mark.parametrize("name", FIVE)
def test_every_page_of_the_five_trials_opens(name: str, serve: Any, tmp_path: Path) -> None:
    """For each of the five trials every page opens for every role, and every form for the roles that may give it."""
    course = conducted(name, tmp_path)
    now = course.now
    course.trial.trial.close()
    forms = {address(kind): MAY[kind.__name__] for kind in COMMANDS.values() if kind.__name__ not in BY_ITSELF}

    found = {}
    for role in ROLES:
        client = serve(role, now)
        mine = [url for url, roles in forms.items() if role == min(roles)]
        found |= {(role, url): client.get(url).status_code for url in (*PAGES, *mine)}
    found |= {(role, url): client.get(url).status_code for url in ALIKE}

    assert {found[role, url] for role in ROLES for url in PAGES} == {200} == {found[role, url] for url in ALIKE}
    assert {key: status for key, status in found.items() if status not in {200, 404}} == {}
    missing = {url for (_, url), status in found.items() if status == 404 and "/lots/" not in url}
    assert missing <= (set() if course.study.dose_escalation else {"/dose-levels/open/", "/decision/"})


def test_a_flat_dose_is_shown_and_prepared_without_a_weight(serve: Any, tmp_path: Path) -> None:
    """The dose board gives flat levels in cells, and the form of a flat dose asks for no weight."""
    trial = MemoryTrial(FLAT).open()
    subject = trial.enrolled()
    write(trial, tmp_path)
    client = serve("pharm", trial.now)

    board, form = (client.get(url).content.decode() for url in ("/", f"/subjects/{subject}/preparation/"))

    assert "3 × 10⁷ cells</p>" in board
    assert 'name="containers"' in form
    assert "weigh" not in form


def address(kind: type[cmd.Command]) -> str:
    """Where a command is given about the first subject, event and lot."""
    fields = (("event", 1), ("lot", "L1"), ("person", "coordinator"))
    full = address_of(Step(command=kind.__name__, fields=fields), "S001" if about_subject(kind) else None)
    return full.partition("?")[0]


def test_data_between_visits_are_recorded_on_a_page(serve: Any, tmp_path: Path) -> None:
    """The form offers the unscheduled visit with its day, and every other day as it is at the site, not in UTC."""
    trial = MemoryTrial().open()
    trial.must(cmd.SetTimeZone, by="sponsor", site="01", zone="Asia/Shanghai")
    trial.infused()
    trial.wait(days=5)
    held = {"by": "nurse", "subject": "S001", "on": trial.now.date(), "reason": "CRP repeated"}
    trial.must(cmd.HoldUnscheduledVisit, **held)
    trial.wait(days=2, hours=9)
    write(trial, tmp_path)
    client = serve("nurse", trial.now)
    address = "/subjects/S001/entry/record-data/"

    between = client.get(address, {"visit": "UNSCHEDULED 2.01"}).content.decode()
    day_7 = client.get(address, {"visit": "D7"}).content.decode()
    saved = client.post(
        address, {"visit": "UNSCHEDULED 2.01", "on": held["on"].isoformat(), "value_crp": "3", "step": "record"}
    )

    assert f'value="{held["on"]}"' in between
    assert (trial.now.hour, f'value="{trial.now.date() + timedelta(days=1)}"' in day_7) == (18, True)
    assert saved.status_code == 302, problems(saved)
    page = client.get("/subjects/S001/").content.decode()
    assert "UNSCHEDULED 2.01" in page
    assert "<td>unscheduled</td>" in page


def test_an_entry_is_named_in_words() -> None:
    """The name of an entry or a field reads as words, with abbreviations as the field writes them."""
    names = ("SubjectEnrolled.v1", "DltAdjudicated.v2", "CloseDltWindow", "weight_kg")

    assert [*map(spaced, names)] == ["Subject enrolled", "DLT adjudicated", "Close DLT window", "Weight kg"]
