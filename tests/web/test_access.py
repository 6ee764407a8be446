"""Who may come in, and what each may see."""

import re
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

import pytest

from tests.web.conftest import PASSWORD, PEOPLE, code_of
from tests.web.places import FILES, NOT_HTML, OPEN_TO_ALL, OWN, addresses, pages
from trialwright.conduct.commands import LockData
from trialwright.trial import Done, Trial

POLICY = {
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


def test_every_address_asks_to_sign_in(workspace):
    """Whoever is not signed in reaches the sign-in page from every address, by GET and by POST."""
    from django.test import Client

    for name, url in addresses().items():
        for method in ("get", "post") if name not in OPEN_TO_ALL else ():
            response = getattr(Client(), method)(url)
            assert response.status_code == 302, (method, url)
            assert response.headers["Location"].startswith("/sign-in/"), (method, url)


def test_without_a_role_nothing_of_the_trial_is_seen(workspace):
    """A person without a role sees one sentence that says so, whatever the address."""
    client = workspace.sign_in("nobody")
    for name, url in addresses().items():
        if name in OPEN_TO_ALL | OWN | {"sign-out"}:
            continue
        response = client.get(url)
        assert response.status_code == 403, url
        assert b"You have no role in this trial" in response.content
        assert b"NCT05962762" not in response.content
        assert b"S001" not in response.content


def test_another_site_looks_like_nothing(workspace):
    """A subject of another site and a subject who does not exist get the same page."""
    client = workspace.sign_in("investigator")
    for name, url in addresses().items():
        if "S001" in url:
            hidden, missing = (client.get(url.replace("S001", number)) for number in ("S002", "S999"))
            assert hidden.status_code == missing.status_code == 404, name
            assert text_of(hidden) == text_of(missing), name


def text_of(response) -> str:
    """A page without its form token."""
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", response.content.decode())


def test_a_site_is_named_nowhere_to_another(workspace):
    """No page shows a site role the number of another site's subject."""
    client = workspace.sign_in("investigator")
    for url in (*pages().values(), "/plot.svg"):
        assert b"S002" not in client.get(url).content, url


def test_each_role_reads_its_own_trail(workspace):
    """The sponsor reads every event; a site reads its own subjects' and refusals only."""
    everything = workspace.sign_in("sponsor").get("/audit/").content
    assert b"S002" in everything
    assert f"{len(workspace.events())} of {len(workspace.events())}".encode() in everything
    assert b"S001" not in workspace.sign_in("elsewhere").get("/audit/?subject=S001").content


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_au_09_the_trail_is_handed_out_as_a_file(workspace, kind):
    """The trail that the reader may see, filtered, comes as CSV or JSON; a moment that is none is refused."""
    client = workspace.sign_in("monitor")
    answer = client.get(f"/audit/?type=EligibilityAssessed.v2&subject=S003&item=basdai&format={kind}")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="trail.{kind}"'
    assert "S003" in answer.content.decode()
    assert "S001" not in answer.content.decode()
    assert client.get(f"/audit/?since=yesterday&format={kind}").status_code == 422


def test_au_09_the_trail_is_handed_out_as_pdf(workspace):
    """The trail comes as PDF too, and the page offers it."""
    client = workspace.sign_in("monitor")
    answer = client.get("/audit/?subject=S003&format=pdf")

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert workspace.events()[-1].form == "pdf"
    assert b"format=pdf" in client.get("/audit/").content


def test_cp_05_a_trail_that_is_handed_out_is_an_entry_first(workspace):
    """A file of the trail is in the log with its filter, its rows and the hash of exactly these bytes."""
    answer = workspace.sign_in("monitor").get("/audit/?type=EligibilityAssessed.v2&subject=S003&format=json")
    entry = workspace.events()[-1]

    assert (entry.kind, entry.by, entry.form) == ("DataExported.v1", "monitor", "json")
    assert entry.sha256 == sha256(answer.content).hexdigest()
    assert entry.wanted == {"what": "EligibilityAssessed.v2", "subject": "S003"}
    assert entry.rows == len(answer.json()["rows"]) > 0


def test_cp_02_an_investigator_takes_the_copy_of_their_site_at_any_time(workspace):
    """The audit trail leads an investigator to the copy of their own site, also while data are locked."""
    client = workspace.sign_in("investigator")
    assert 'href="/audit/site-copy.zip"' in client.get("/audit/").content.decode()
    with Trial.open(workspace.path / "trial.db", clock=lambda: workspace.now) as trial:
        assert isinstance(trial.do(LockData, by="sponsor", subject="S001", visit="D7"), Done)
    answer = client.get("/audit/site-copy.zip")
    with ZipFile(BytesIO(answer.content)) as archive:
        page = archive.read("copy.html").decode()

    assert "S001" in page
    assert "S002" not in page
    assert workspace.events()[-1].what == "site copy"
    assert workspace.sign_in("monitor").get("/audit/site-copy.zip").status_code == 403


def test_the_trail_filters(workspace):
    """The audit trail shows the events of one type and one subject when asked."""
    shown = workspace.sign_in("monitor").get("/audit/?type=EligibilityAssessed.v2&subject=S003").content.decode()

    assert shown.count("<tr>") == 2


@pytest.mark.parametrize("person", [*PEOPLE, "nobody"])
def test_the_policy_is_strict_on_every_page(workspace, person):
    """Every answer carries the strict content security policy and may not be kept by a cache."""
    client = workspace.sign_in(person)
    for url in addresses().values():
        response = client.get(url)
        policy = {part.strip() for part in response.headers["Content-Security-Policy"].split(";")}
        assert policy == POLICY, url
        assert "no-store" in response.headers["Cache-Control"] or "no-cache" in response.headers["Cache-Control"], url


def test_nothing_comes_from_another_host(workspace):
    """No page names another host, holds a script or an inline style."""
    client = workspace.sign_in("investigator")
    for name, url in addresses().items():
        if name in FILES:
            continue
        content = client.get(url).content.decode()
        if name in NOT_HTML:
            content = content.replace("http://www.w3.org/", "")
        assert not re.search(r"https?://|//[a-z]+\.|<script|<style|\sstyle=|\son[a-z]+=", content), url


def test_signing_in_takes_the_password(workspace):
    """Name and password together lead to the page that was asked for; a wrong one stays and says so."""
    from django.test import Client

    client = Client()
    wrong = client.post("/sign-in/", {"username": "investigator", "password": "no"})
    typed = {"username": "investigator", "password": PASSWORD, "code": code_of("investigator")}
    right = client.post("/sign-in/", {**typed, "next": "/subjects/"})

    assert wrong.status_code == 422
    assert b"do not belong together" in wrong.content
    assert right.headers["Location"] == "/subjects/"


def test_five_wrong_passwords_make_a_name_wait(workspace):
    """After five wrong passwords even the right one does not open the door."""
    from django.test import Client

    client = Client()
    for _ in range(5):
        client.post("/sign-in/", {"username": "monitor", "password": "no"})
    locked = client.post("/sign-in/", {"username": "monitor", "password": PASSWORD})

    assert locked.status_code == 422
    assert b"waits 15 minutes" in locked.content


def test_a_form_of_another_site_is_not_accepted(workspace):
    """A POST without this server's token records nothing."""
    client = workspace.sign_in("investigator", enforce_csrf_checks=True)
    before = len(workspace.events())
    response = client.post("/subjects/new/", {"consented_on": "2026-01-05"})

    assert response.status_code == 403
    assert len(workspace.events()) == before


def test_ac_06_a_session_ends_after_fifteen_idle_minutes(workspace):
    """The session's cookie lives for fifteen minutes from the last request, out of reach of scripts."""
    client = workspace.sign_in("investigator")
    client.get("/")
    cookie = client.cookies["sessionid"]

    assert cookie["max-age"] == 900
    assert cookie["httponly"]


def test_ac_06_what_was_typed_outlives_the_session(workspace):
    """Who types into a form whose session has ended finds it filled after signing in; somebody else does not."""
    from django.test import Client

    typed = {"typed_by": "investigator", "term": "Hypoxia", "grade": "3", "onset_on": "2026-01-06"}
    url = "/subjects/S001/adverse-events/new/"
    for person, found in (("investigator", True), ("coordinator", False)):
        client = Client()
        client.post(url, typed)
        client.post("/sign-in/", {"username": person, "password": PASSWORD, "code": code_of(person), "next": url})
        assert (b'value="Hypoxia"' in client.get(url).content) is found


def test_what_was_typed_waits_while_somebody_else_is_signed_in(workspace):
    """A form sent after somebody else signed in is given back to who typed it, never to the other, nor if planted."""
    from django.test import Client

    url = "/subjects/S001/adverse-events/new/"
    typed = {"typed_by": "investigator", "term": "Hypoxia", "password": PASSWORD, "csrfmiddlewaretoken": "of before"}
    for origin, found in (("http://testserver", True), ("http://elsewhere.example", False)):
        client = Client(enforce_csrf_checks=True)

        def enter(person: str, client: Client = client) -> None:
            token = client.get("/sign-in/").cookies["csrftoken"].value
            known = {"username": person, "password": PASSWORD, "code": code_of(person)}
            assert client.post("/sign-in/", {**known, "csrfmiddlewaretoken": token}).status_code == 302

        enter("coordinator")
        refused = client.post(url, typed, headers={"Origin": origin})
        assert refused.status_code == 403
        assert (b"What was typed is kept" in refused.content) is found
        assert b'value="Hypoxia"' not in client.get(url).content, "not to who is signed in"
        client.post("/sign-out/", {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})
        workspace.now += timedelta(minutes=1)
        enter("investigator")
        assert (b'value="Hypoxia"' in client.get(url).content) is found
        workspace.now += timedelta(minutes=1)


def test_a_rehearsal_says_so_on_every_page(workspace):
    """A made-up trial carries its banner on every page, and a real one on none."""
    client = workspace.sign_in("investigator")
    assert b"REHEARSAL" not in client.get("/").content
    (workspace.path / "REHEARSAL").touch()
    for url in pages().values():
        assert b"REHEARSAL" in client.get(url).content, url
