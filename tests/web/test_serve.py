"""Starting the web app on a workspace."""

import subprocess
import sys

import pytest

from trialwright.errors import InputError, StoreError
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
