"""Signing in with two factors, signing with every component, and what the log keeps of both."""

import re
from base64 import b32decode
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from tests.web.conftest import PASSWORD, PEOPLE, code_of
from trialwright.access import (
    LockedOut,
    LockoutsReviewed,
    SessionEnded,
    SignatureFailed,
    SignedIn,
    SignedOut,
    SignInFailed,
)
from trialwright.conduct.events import DoseDecisionSigned
from trialwright.conduct.roles import TWO_FACTORS
from trialwright.trial import Trial, verify

RFC_SECRET = b"12345678901234567890"
RFC_6238_SHA1 = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
"""RFC 6238, appendix B: seconds since 1970, and the eight digits of its SHA-1 rows."""


def accesses(workspace) -> list[object]:
    """What the log holds about access."""
    with Trial.open(workspace.path / "trial.db") as trial:
        return list(trial.accesses())


def signed_in(person: str, **headers: str):
    """A client whose person came in by the sign-in page."""
    from django.test import Client

    client = Client(**headers)
    typed = {"username": person, "password": PASSWORD, "code": code_of(person)}
    assert client.post("/sign-in/", typed).status_code == 302
    return client


def components(person: str) -> dict[str, str]:
    """Everything that a person's signature consists of."""
    return {"signer": person, "password": PASSWORD, "code": code_of(person)}


def fields(answer) -> dict[str, str]:
    """The fields of the form on a page, with what is in them."""
    inputs = re.findall(r'<input type="\w+" name="(\w+)"(?: value="([^"]*)")?', answer.content.decode())
    return {name: value for name, value in inputs if name != "csrfmiddlewaretoken"}


def shown(client) -> dict[str, str]:
    """The number and content of the decision that is shown for a signature."""
    asked = fields(client.get("/decision/sign/"))
    return {name: asked[name] for name in ("number", "content")}


@pytest.mark.parametrize("seconds", RFC_6238_SHA1)
def test_ac_07_codes_are_those_of_the_standard(django, seconds):
    """Codes are the published ones of RFC 6238."""
    from trialwright.web.second_factor import code_at

    assert code_at(RFC_SECRET, seconds, digits=8) == RFC_6238_SHA1[seconds]
    assert code_at(RFC_SECRET, seconds) == RFC_6238_SHA1[seconds][-6:]


def test_ac_07_the_roles_that_need_a_second_factor():
    """Whoever sees arms, gives roles or signs has a second factor; a coordinator and an inspector need none."""
    assert {"sponsor", "investigator", "pharmacist", "monitor", "committee"} == TWO_FACTORS


def test_ac_07_a_password_alone_lets_nobody_in(workspace):
    """Without a code, with a wrong one and with one that was taken, nobody comes in; with a fresh one they do."""
    from django.test import Client

    code = code_of("monitor")
    typed = {"username": "monitor", "password": PASSWORD}
    tries = [Client().post("/sign-in/", {**typed, "code": one}).status_code for one in ("", "000000", code, code)]

    assert tries == [422, 422, 302, 422]


@pytest.mark.parametrize("person", [*PEOPLE, "nobody"])
def test_ac_07_who_has_no_device_enrols_one_first(workspace, person, monkeypatch):
    """Until a device is enrolled, a role that needs one sees nothing but its enrolment; others see the trial."""
    from trialwright.web import second_factor

    monkeypatch.setattr(second_factor, "enrolled", lambda user: False)
    answer = workspace.sign_in(person).get("/subjects/")
    needs = PEOPLE.get(person, ("",))[0] in TWO_FACTORS

    assert (answer.headers.get("Location") == "/account/second-factor/") is needs


def test_ac_07_a_device_is_enrolled_by_its_first_code(workspace):
    """The page shows the secret and its otpauth address; a wrong code enrols nothing, the right one does, once."""
    from django.contrib.auth.models import User

    from trialwright.web import second_factor

    client, user = workspace.sign_in("nobody"), User.objects.get(username="nobody")
    page = client.get("/account/second-factor/")
    uri = unescape(re.search(r'href="(otpauth:[^"]*)"', page.content.decode())[1])
    secret = re.search(r"secret=([A-Z2-7]+)", uri)[1]
    right = second_factor.code_at(b32decode(secret), int(workspace.now.timestamp()))
    wrong = client.post("/account/second-factor/", {"code": "12345x"})
    assert (wrong.status_code, second_factor.enrolled(user)) == (422, False)
    done = client.post("/account/second-factor/", {"code": right})
    try:
        assert uri.startswith("otpauth://totp/Trialwright")
        assert f">{secret}</code>".encode() in page.content
        assert done.status_code == 302
        assert second_factor.enrolled(user)
        assert secret.encode() not in client.get("/account/second-factor/").content
        assert accesses(workspace)[-1].kind == "SecondFactorEnrolled.v1"
    finally:
        second_factor.forget(user)


def test_ac_07_a_lost_device_is_forgotten_by_a_second_person(workspace):
    """An administrator forgets another's device, with a reason, and never their own; the owner enrols another."""
    from django.contrib.auth.models import User

    from trialwright.web.models import SecondFactor

    kept = SecondFactor.objects.get(user__username="monitor")
    sponsor = workspace.sign_in("sponsor")
    own = sponsor.post("/access/sponsor/second-factor/", {"reason": "lost"})
    bare = sponsor.post("/access/monitor/second-factor/", {"reason": ""})
    done = sponsor.post("/access/monitor/second-factor/", {"reason": "telephone lost"})
    try:
        assert (own.status_code, bare.status_code, done.status_code) == (422, 422, 302)
        assert b"another person forgets your device" in own.content
        entry = accesses(workspace)[-1]
        assert (entry.kind, entry.person, entry.by) == ("SecondFactorForgotten.v1", "monitor", "sponsor")
        assert workspace.sign_in("monitor").get("/").headers["Location"] == "/account/second-factor/"
        assert not SecondFactor.objects.filter(user=User.objects.get(username="monitor")).exists()
    finally:
        kept.save(force_insert=True)


def test_ac_07_a_secret_is_not_stored_in_the_clear(workspace):
    """Whoever reads the table of devices alone learns no secret."""
    from trialwright.web.models import SecondFactor

    first, second = (bytes(one.sealed) for one in SecondFactor.objects.all()[:2])

    assert len(first) == len(second) > 4000
    assert first[:64] != second[:64]


def test_au_08_coming_in_and_leaving_are_entries(workspace):
    """A failure, a sign-in and a sign-out are each in the log, which verifies; a name that nobody has is not kept."""
    from django.test import Client

    Client().post("/sign-in/", {"username": "monitor", "password": "no"})
    Client().post("/sign-in/", {"username": "my secret password", "password": "no"})
    signed_in("monitor").post("/sign-out/")
    entries = accesses(workspace)

    assert [type(one) for one in entries] == [SignInFailed, SignInFailed, SignedIn, SignedOut]
    assert [one.person for one in entries] == ["monitor", None, "monitor", "monitor"]
    assert entries[2].second_factor
    assert verify(workspace.path / "trial.db")["access"].sequence == 4


def test_au_08_names_that_nobody_has_do_not_fill_the_log(workspace):
    """However many unknown names one address tries, the log keeps the first five."""
    from django.test import Client

    for number in range(12):
        assert Client().post("/sign-in/", {"username": f"guess{number}", "password": "no"}).status_code == 422

    assert [type(one) for one in accesses(workspace)] == [SignInFailed] * 5


@pytest.mark.parametrize("workspace", ["blinded"], indirect=True)
def test_au_08_a_look_at_an_arm_is_an_entry(workspace):
    """Pages that show arms say so in the log once in a session, and a blinded person's pages never."""
    pharmacist = workspace.sign_in("pharmacist")
    for url in ("/subjects/S001/", "/subjects/", "/subjects/S001/"):
        pharmacist.get(url)
    workspace.sign_in("investigator").get("/subjects/S001/")

    assert [(one.kind, one.person, one.subjects) for one in accesses(workspace)] == [
        ("ArmsShown.v1", "pharmacist", ("S001",))
    ]


def test_au_08_a_lockout_is_an_entry_and_an_alarm(workspace):
    """The fifth failure locks the name out; the administrator is told on every page until they say they have looked."""
    from django.test import Client

    for _ in range(7):
        Client().post("/sign-in/", {"username": "monitor", "password": "no"})
    entries = accesses(workspace)
    sponsor = workspace.sign_in("sponsor")
    alarmed = [b"Locked out:" in sponsor.get(url).content for url in ("/", "/subjects/", "/access/")]
    others = workspace.sign_in("investigator").get("/").content
    sponsor.post("/access/reviewed/")

    assert [type(one) for one in entries] == [SignInFailed] * 5 + [LockedOut]
    assert (entries[-1].person, entries[-1].until - entries[-1].at) == ("monitor", timedelta(minutes=15))
    assert alarmed == [True] * 3
    assert b"Locked out:" not in others
    assert b"Locked out:" not in sponsor.get("/").content
    assert isinstance(accesses(workspace)[-1], LockoutsReviewed)


def test_ac_06_a_locked_name_does_not_come_in(workspace):
    """After five failures even everything right does not open the door, and nothing more is counted."""
    from django.test import Client

    for _ in range(5):
        Client().post("/sign-in/", {"username": "monitor", "password": "no"})
    right = Client().post("/sign-in/", {"username": "monitor", "password": PASSWORD, "code": code_of("monitor")})

    assert right.status_code == 422
    assert b"waits 15 minutes" in right.content


def test_ac_06_a_session_that_is_idle_is_over(workspace):
    """A session is over fifteen minutes after its last request, on the server, whatever the browser keeps."""
    from django.contrib.sessions.models import Session

    client = signed_in("coordinator")
    assert client.get("/").status_code == 200
    stored = Session.objects.get(session_key=client.cookies["sessionid"].value)
    left = stored.expire_date - datetime.now(UTC)
    Session.objects.filter(pk=stored.pk).update(expire_date=datetime.now(UTC) - timedelta(seconds=1))

    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert client.get("/").headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
def test_es_01_the_first_signature_asks_for_everything(workspace):
    """The first signature of a session takes id, password and code, not one less; the next takes the password."""
    client = signed_in("investigator")
    first = fields(client.get("/decision/sign/"))
    decision, everything = shown(client), components("investigator")
    for left_out in everything:
        less = {name: value for name, value in everything.items() if name != left_out}
        assert client.post("/decision/sign/", {**decision, **less}).status_code == 422, left_out
    before = len(workspace.events())
    done = client.post("/decision/sign/", {**decision, **components("investigator")})
    later = fields(client.get("/decision/sign/"))

    assert list(first)[-3:] == ["signer", "password", "code"]
    assert done.status_code == 302
    assert isinstance(workspace.events()[before], DoseDecisionSigned)
    assert list(later)[-1] == "password"
    assert "signer" not in later


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
@pytest.mark.parametrize("changed", [{"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_USER_AGENT": "another"}])
def test_es_02_another_address_or_browser_asks_for_everything(workspace, changed):
    """A session that goes on from elsewhere ends, with an entry; after signing in the signature asks for everything."""
    client = signed_in("sponsor")
    client.post("/decision/sign/", {**shown(client), **components("sponsor")})
    assert "code" not in fields(client.get("/decision/sign/"))
    moved = client.get("/", **changed)
    back = client.get("/")
    again = signed_in("sponsor")

    assert moved.headers["Location"].startswith("/sign-in/")
    assert back.status_code == 302
    assert any(isinstance(one, SessionEnded) and one.person == "sponsor" for one in accesses(workspace))
    assert {"signer", "password", "code"} <= set(fields(again.get("/decision/sign/")))


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
def test_es_02_after_a_sign_out_everything_is_asked_for(workspace):
    """Signing out and in again in the same browser asks for every component of a signature anew."""
    client = signed_in("sponsor")
    client.post("/decision/sign/", {**shown(client), **components("sponsor")})
    client.post("/sign-out/")
    client.post("/sign-in/", {"username": "sponsor", "password": PASSWORD, "code": code_of("sponsor")})

    assert {"signer", "password", "code"} <= set(fields(client.get("/decision/sign/")))


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
@pytest.mark.parametrize("wrong", [{"signer": "sponsor"}, {"password": "no"}, {"code": "000000"}])
def test_es_06_a_wrong_component_signs_nothing(workspace, wrong):
    """Another's id, a wrong password or a wrong code signs nothing, is an entry, and counts towards the lockout."""
    client = signed_in("investigator")
    before = len(workspace.events())
    typed = {**shown(client), **components("investigator"), **wrong}
    answers = [client.post("/decision/sign/", typed) for _ in range(5)]
    entries = [one for one in accesses(workspace) if not isinstance(one, SignedIn)]

    assert b"Nothing was signed" in answers[0].content
    assert [one.status_code for one in answers] == [422] * 4 + [302]
    assert len(workspace.events()) == before
    assert [type(one) for one in entries] == [SignatureFailed] * 5 + [LockedOut]
    assert {one.command for one in entries[:5]} == {"SignDoseDecision"}
    assert client.get("/").status_code == 302


def test_a_password_is_changed_by_its_owner(workspace):
    """Whoever knows the password replaces it by a strong one; the log keeps that, and other sessions end."""
    from django.contrib.auth.models import User

    user = User.objects.get(username="coordinator")
    here, elsewhere = signed_in("coordinator"), signed_in("coordinator")
    new = "another long and quiet river"
    wrong = here.post("/account/password/", {"old_password": "no", "new_password1": new, "new_password2": new})
    weak = here.post("/account/password/", {"old_password": PASSWORD, "new_password1": "a", "new_password2": "a"})
    done = here.post("/account/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    try:
        assert (wrong.status_code, weak.status_code, done.status_code) == (422, 422, 302)
        assert here.get("/").status_code == 200
        assert elsewhere.get("/").status_code == 302
        assert accesses(workspace)[-1].kind == "PasswordChanged.v1"
    finally:
        user.set_password(PASSWORD)
        user.save()


def test_va_06_a_code_that_is_shown_is_taken(workspace):
    """The code on a page of training is taken although half a minute goes by, and the next one after it at once."""
    from django.contrib.auth.models import User

    from trialwright.web import second_factor
    from trialwright.web.models import SecondFactor

    user = User.objects.get(username="monitor")
    SecondFactor.objects.filter(user=user).update(last_step=0)
    first = second_factor.shown(user)
    workspace.now += timedelta(seconds=30)

    assert second_factor.takes(user, first)
    assert second_factor.takes(user, second_factor.shown(user))
    assert second_factor.takes(user, second_factor.shown(user))
