"""Starting the web app on a workspace."""

import subprocess
import sys

import pytest

from tests.store.conftest import Place
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
