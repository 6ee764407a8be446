"""Two trials that differ in their allocation only: nobody who is blinded can tell one from the other, anywhere."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from tests.blinded import CELLS, VEHICLE, BlindedCourse, Twin, twins
from tests.web.conftest import PEOPLE, STAFF, signed_in
from tests.web.places import OPEN_TO_ALL, POST_ONLY, looked_at
from trialwright import trial as joint
from trialwright.__main__ import main
from trialwright.conduct import commands as cmd
from trialwright.conduct.views import trail
from trialwright.record import take_bundle
from trialwright.store import open_log
from trialwright.trial import Trial

SUBJECTS = ("S001", "S002", "S003", "S004")
BLINDED = tuple(person for person, (role, _) in PEOPLE.items() if role != "pharmacist")
BROKEN = "S002"
POSTS = (
    ("/subjects/S001/randomisation/", {}),
    ("/subjects/S001/randomisation/error/", {"reason": ""}),
    ("/subjects/S004/randomisation/", {}),
    ("/subjects/S003/code-break/", {"reason": ""}),
    ("/subjects/S999/code-break/", {"reason": "who is that"}),
    ("/blinding/request/", {"reason": "too early"}),
    ("/blinding/approve/", {}),
    ("/people/new/", {"person": "pharmacist", "role": "coordinator", "site": "01"}),
)


@dataclass(frozen=True)
class One:
    """One of the two: its folder, its sealed file, its time."""

    path: Path
    sealed: Twin
    now: datetime


def conduct(folder: Path, sealed: Twin) -> One:
    """Randomise three, infuse two, report an event, break a code, err, and try what is refused."""
    course = BlindedCourse(folder / "trial.db", sealed, staff=STAFF)
    course.open({person: held for person, held in PEOPLE.items() if person != "sponsor"})
    course.infused(by="investigator")
    course.infused(by="elsewhere")
    course.must(
        cmd.ReportAdverseEvent,
        by="investigator",
        subject="S001",
        term="Hypoxia",
        onset_on=course.now.date(),
        grade=3,
        related=True,
        serious=False,
    )
    course.must(cmd.BreakCode, by="elsewhere", subject=BROKEN, reason="anaphylaxis")
    course.randomised(by="investigator")
    course.must(cmd.DeclareRandomisedInError, by="investigator", subject="S003", reason="wrong person")
    course.must(cmd.ScreenSubject, by="investigator", consented_on=course.now.date())
    course.must(cmd.PrintEnvelopes, by="pharmacist")
    course.trial.do(cmd.RandomiseSubject, by="investigator", subject="S001")
    course.trial.do(cmd.BreakCode, by="sponsor", subject="S001", reason="curious")
    course.trial.close()
    keep = folder / "sealed.json"
    keep.touch(mode=0o600)
    keep.write_text(sealed.model_dump_json())
    return One(folder, sealed, course.now)


@pytest.fixture(scope="module")
def both(tmp_path_factory) -> tuple[One, One]:
    """The two trials."""
    first, second = (conduct(tmp_path_factory.mktemp(name), sealed) for name, sealed in zip("ab", twins(), strict=True))
    return first, second


@contextmanager
def opened(one: One) -> Iterator[Trial]:
    """One of the trials, at its own time."""
    with Trial.open(one.path / "trial.db", clock=lambda: one.now, secret=one.sealed) as trial:
        yield trial


@contextmanager
def served(one: One) -> Iterator[None]:
    """One of the trials in the web app."""
    from django.core.cache import cache
    from django.test import override_settings

    from trialwright.web.trials import close_trials

    with pytest.MonkeyPatch.context() as patch, override_settings(WORKSPACE=one.path, CLOCK=lambda: one.now):
        patch.setattr("trialwright.web.trials.read_secret", lambda *_: one.sealed)
        yield
        close_trials()
        cache.clear()


def get(client, method: str, address: str, fields: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer, without what is drawn anew for every form and session."""
    answer = getattr(client, method)(address, fields)
    token = rb'name="csrfmiddlewaretoken" value="[^"]*"'
    return answer.status_code, dict(answer.headers), re.sub(token, b"", answer.content)


def site(one: One, person: str) -> dict[str, tuple[int, dict[str, str], bytes]]:
    """Every answer that a person gets from the web app."""
    client = signed_in(person)
    pages = [url for name, url in looked_at().items() if name not in POST_ONLY | OPEN_TO_ALL]
    gets = {url.replace("S001", subject) for url in pages for subject in SUBJECTS}
    gets |= {f"/audit/?format={form}" for form in ("csv", "json", "pdf")}
    with served(one):
        found = {url: get(client, "get", url, {}) for url in sorted(gets)}
        return found | {f"POST {url}": get(client, "post", url, fields) for url, fields in POSTS}


def copy_of(one: One, folder: Path) -> One:
    """A copy of a trial to which a test may write."""
    folder.mkdir()
    for name in ("trial.db", "sealed.json"):
        (folder / name).write_bytes((one.path / name).read_bytes())
    return One(folder, one.sealed, one.now)


def test_the_two_differ(both):
    """The comparison compares something: the pharmacist sees other arms in the one than in the other."""
    seen = []
    for one in both:
        with opened(one) as trial:
            seen.append([subject.arm for subject in trial.view("pharmacist").subjects])
    assert seen[0] != seen[1]
    assert {CELLS, VEHICLE} <= {*seen[0], *seen[1]}


@pytest.mark.parametrize("person", BLINDED)
def test_bl_06_views_and_trails_are_the_same(both, person):
    """What a blinded person's view and audit trail hold is the same, but for the one arm that a code-break showed."""
    found = []
    for one in both:
        with opened(one) as trial:
            view = trial.view(person)
            shown = [subject.arm for subject in view.subjects]
            assert (set(shown) == {None}) == (person != "elsewhere")
            subjects = tuple(subject for subject in view.subjects if person != "elsewhere" or subject.id != BROKEN)
            events = trail(trial.state, trial.events(), trial.state.people[person])
            found.append((view.exposures, subjects, view.levels, view.people, events, view.may))
    assert found[0] == found[1]
    assert repr(found[0]) == repr(found[1])


def test_bl_06_reports_are_the_same(both):
    """The report is the same page, byte for byte."""
    pages = []
    for one in both:
        with opened(one) as trial:
            pages.append(trial.report())
    assert pages[0] == pages[1]
    assert "S001" in pages[0]


def test_bl_06_the_stored_streams_tell_nothing(both):
    """The open streams are the same bytes; the sealed ones have the same number of entries of the same lengths."""
    shown, hidden = [], []
    for one in both:
        with open_log(one.path / "trial.db") as log:
            shown.append([entry.body for entry in log.read("open")])
            hidden.append([len(entry.body) for entry in log.read("sealed")])
    assert shown[0] == shown[1]
    assert hidden[0] == hidden[1]
    assert len(hidden[0]) == 3 + 2 * 3, "three allocations; two lots, received, released and dispensed"


def test_bl_06_bundles_differ_in_what_is_encrypted_alone(both, tmp_path):
    """A blinded person's bundle is the same but for the sealed entries, which are encrypted, and their hashes."""
    made = []
    for one, name in zip(both, "ab", strict=True):
        with opened(copy_of(one, tmp_path / name)) as trial:
            made.append(take_bundle(trial, by="monitor"))
    hashes = [re.findall(rb"[0-9a-f]{64}", files["events/sealed.sha256"])[-1] for files in made]
    index = [files["index.html"].replace(head, b"") for files, head in zip(made, hashes, strict=True)]
    different = {path for path in made[0] if made[0][path] != made[1][path]}

    assert made[0].keys() == made[1].keys()
    assert different == {"events/sealed.base64", "events/sealed.sha256", "index.html", "manifest.json"}
    assert index[0] == index[1]


def said(one: One, monkeypatch, capsys, *words: str) -> str:
    """What a command prints about one of the trials, without the name of its folder and the head of what is sealed."""
    monkeypatch.setattr(
        sys, "argv", ["trialwright", *(word.replace("LOG", str(one.path / "trial.db")) for word in words)]
    )
    monkeypatch.setattr("trialwright.cli.trials.read_secret", lambda *_: one.sealed)
    with pytest.raises(SystemExit):
        main()
    heard = capsys.readouterr()
    text = (heard.out + heard.err).replace(str(one.path), "")
    return re.sub(
        r"('sealed' verifies, 9 entries, head )\w+|(\"sealed\": {\s+\"entries\": 9,\s+\"head\": )\"\w+\"", "", text
    )


@pytest.mark.parametrize(
    "words",
    [("verify", "LOG"), ("verify", "LOG", "--json"), ("unblinded", "LOG"), ("unblinded", "LOG", "--json")],
    ids=" ".join,
)
def test_bl_06_the_command_line_says_the_same(both, monkeypatch, capsys, words):
    """What the command line prints without an unblinded person's name is the same."""
    first, second = (said(one, monkeypatch, capsys, *words) for one in both)

    assert first == second


@pytest.mark.parametrize("person", BLINDED)
def test_bl_06_every_page_is_the_same(django, both, tmp_path, person):
    """Every page, form, refusal and header that a blinded person gets is the same, but for a code that they broke."""
    first, second = (site(copy_of(one, tmp_path / name), person) for one, name in zip(both, "ab", strict=True))

    assert first.keys() == second.keys()
    different = {url for url in first if first[url] != second[url]}
    assert different == ({f"/subjects/{BROKEN}/"} if person == "elsewhere" else set())


@pytest.mark.parametrize("person", BLINDED)
def test_bl_07_answers_have_the_same_size_and_ask_nothing_sealed(django, both, tmp_path, monkeypatch, person):
    """No page of a blinded person reads an arm, so that its size and its work do not depend on one."""
    asked = []
    real = joint.Sealed.arm
    monkeypatch.setattr(joint.Sealed, "arm", lambda self, subject: asked.append(subject) or real(self, subject))
    first, second = (site(copy_of(one, tmp_path / name), person) for one, name in zip(both, "ab", strict=True))

    assert set(asked) <= ({BROKEN} if person == "elsewhere" else set())
    for url in first:
        if url != f"/subjects/{BROKEN}/":
            assert len(first[url][2]) == len(second[url][2])


def test_the_pharmacist_sees_the_arm_on_the_page(django, both):
    """The comparison would find an arm: the pharmacist's page of a subject differs between the two."""
    first, second = (site(one, "pharmacist") for one in both)

    assert first["/subjects/S001/"] != second["/subjects/S001/"]


def test_bl_09_the_arm_is_three_clicks_away(django, both, tmp_path):
    """From the subject's page an investigator reaches the arm by one link, a reason and one button."""
    one = copy_of(both[0], tmp_path / "a")
    client = signed_in("investigator")
    with served(one), opened(one) as trial:
        arm = next(subject.arm for subject in trial.view("pharmacist").subjects if subject.id == "S001")
        before = client.get("/subjects/S001/").content.decode()
        after = client.post("/subjects/S001/code-break/", {"reason": "anaphylaxis"}, follow=True).content.decode()

        assert 'href="/subjects/S001/code-break/"' in before
        assert f"<strong>{arm}</strong>" not in before
        assert f"Arm: <strong>{arm}</strong>" in after
        assert "investigator (investigator) sees the arm since" in after
        assert "Emergency code-break" not in after


def test_bl_12_the_page_lists_who_has_seen_an_arm(django, both):
    """The page on blinding lists the pharmacists and the code-break, and shows no arm."""
    page = site(both[0], "sponsor")["/blinding/"][2].decode()

    assert page.count("<tr>") == 4
    assert "emergency code-break: anaphylaxis" in page
    assert f">{CELLS}<" not in page
