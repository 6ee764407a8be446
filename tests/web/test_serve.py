"""Starting the web app on a workspace."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import trialwright
from tests.store.conftest import Place
from tests.store.test_crash import begin
from trialwright.errors import InputError, StoreError, VerificationError
from trialwright.record import read_anchors
from trialwright.web import serve


def test_the_workspace_keeps_its_secrets(django):
    """The secret key and the accounts are readable by their owner alone, and the key outlives a restart."""
    from trialwright.web.settings import django_settings

    key = (django / "secret.key").read_text()

    assert (django / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (django / "web.db").stat().st_mode & 0o777 == 0o600
    assert django_settings(django)["SECRET_KEY"] == key


def test_preparing_again_changes_nothing(django):
    """A workspace can be prepared at every start."""
    serve.prepare(django)


def test_a_process_serves_one_workspace(django, tmp_path):
    """A second workspace needs a second process."""
    with pytest.raises(StoreError, match="already serves"):
        serve.configure(tmp_path)


@pytest.mark.parametrize(("person", "password"), [("investigator", "a long and quiet river"), ("fresh", "password")])
def test_an_account_is_new_and_its_password_strong(django, person, password):
    """No account is made twice, and none with a common password."""
    with pytest.raises(InputError):
        serve.create_account(django, person, password)


def test_no_trial_no_server(tmp_path):
    """A workspace without a trial is not served, and the message says where it was looked for."""
    code = f"from pathlib import Path; from trialwright.web.serve import serve; serve(Path({str(tmp_path)!r}), port=0)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert "StoreError" in ended.stderr
    assert "trial.db" in ended.stderr


def test_au_07_the_server_anchors_at_its_start(workspace, monkeypatch, tmp_path_factory):
    """With a file of anchors named the server anchors before it listens, and serves no log that lost its end."""
    anchors, listening = tmp_path_factory.mktemp("elsewhere") / "anchors.jsonl", []
    monkeypatch.setenv("TRIALWRIGHT_ANCHORS", str(anchors))
    monkeypatch.setattr("waitress.serve", lambda *_, **where: listening.append(where["port"]))
    monkeypatch.setattr(serve, "prepare", lambda _: None)  # the accounts of this process are another workspace's
    end = len(workspace.events())

    serve.serve(workspace.path, port=1)
    assert [one.streams["open"].entries for one in read_anchors(anchors)] == [end]
    with Place("sqlite", str(workspace.path / "trial.db")).disarmed() as execute:
        execute(f"DELETE FROM entry WHERE seq = {end}")  # noqa: S608 - the attack
    with pytest.raises(VerificationError, match=f"entry {end} is missing"):
        serve.serve(workspace.path, port=2)
    assert listening == [1]


def test_au_07_the_server_anchors_every_day_and_says_what_fails(capsys):
    """Each day has its anchor until the server ends; one that fails is said and does not end the days."""
    from trialwright.web.anchoring import DAY_SECONDS, repeat

    waited, done = [], []

    def work() -> None:
        done.append(len(waited))
        if len(done) == 2:
            raise VerificationError("entry 4 is missing")

    repeat(work, lambda seconds: waited.append(seconds) or len(waited) > 3)

    assert done == [1, 2, 3]
    assert set(waited) == {DAY_SECONDS}
    assert "the daily anchor failed: entry 4 is missing" in capsys.readouterr().err


def test_the_log_may_be_on_a_server(workspace, postgres_dsn):
    """A workspace whose settings name a log on PostgreSQL serves that trial, and not one in its folder."""
    from django.test import override_settings

    begin(postgres_dsn)
    with override_settings(LOG=postgres_dsn):
        shown = workspace.sign_in("investigator").get("/audit/").content.decode()

    assert "4 of 4 entries" in shown


@pytest.mark.parametrize("workspace", ["running", "arms"], indirect=True)
def test_every_trial_is_served(workspace, monkeypatch):
    """A trial is served whether it escalates a dose or not."""
    listening = []
    monkeypatch.setattr(serve, "prepare", lambda _: None)
    monkeypatch.setattr("waitress.serve", lambda *_, **where: listening.append(where["port"]))

    serve.serve(workspace.path, port=1)

    assert listening == [1]


def test_au_05_no_log_without_its_guards_is_served(workspace, monkeypatch):
    """A log whose guards against change were taken away is not served: the start says which is missing."""
    monkeypatch.setattr(serve, "prepare", lambda _: None)
    monkeypatch.setattr("waitress.serve", lambda *_, **__: pytest.fail("it listens"))
    with Place("sqlite", str(workspace.path / "trial.db")).connect() as execute:
        execute("DROP TRIGGER entry_no_update")

    with pytest.raises(VerificationError, match=r"entry_no_update.* is missing"):
        serve.serve(workspace.path, port=1)


def test_au_05_what_writes_the_trail_reads_no_setting():
    """No room between a command and its entry reads a setting, a flag or the environment that could turn it off."""
    source = Path(trialwright.__file__).parent
    writers = [*source.glob("conduct/**/*.py"), *(source / name for name in ("trial.py", "store.py", "vault.py"))]
    asking = [file.name for file in writers if re.search(r"environ|getenv|settings|argv", file.read_text())]

    assert len(writers) > 50
    assert asking == []


@pytest.mark.parametrize(
    ("peer", "seen"), [("127.0.0.1", ("192.0.2.7", "https")), ("192.0.2.9", ("192.0.2.9", "http"))]
)
def test_a_proxy_is_believed_from_its_own_address(monkeypatch, peer, seen):
    """Behind a proxy the address and scheme are those that the proxy says; nobody else is believed."""
    from waitress.proxy_headers import proxy_headers_middleware

    monkeypatch.setenv(serve.HTTPS, "1")
    found = {}
    app = proxy_headers_middleware(
        lambda environ, _: found.update(environ) or [b""], **serve.behind_proxy(), clear_untrusted=True
    )
    said = {"HTTP_X_FORWARDED_FOR": "192.0.2.7", "HTTP_X_FORWARDED_PROTO": "https", "wsgi.url_scheme": "http"}
    app({"REMOTE_ADDR": peer, "REMOTE_HOST": peer, **said}, lambda *_: None)

    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"]) == seen
    assert "HTTP_X_FORWARDED_PROTO" in found or peer != "127.0.0.1"
