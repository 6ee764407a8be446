"""Starting the web app on a workspace: its accounts, and its server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from trialwright.access import COMMAND_LINE, Change
from trialwright.doctor import check_start
from trialwright.errors import InputError, StoreError
from trialwright.web.anchoring import keep_anchoring
from trialwright.web.settings import django_settings

HTTPS = "TRIALWRIGHT_HTTPS"
HOSTS = "TRIALWRIGHT_HOSTS"
SEALED = "TRIALWRIGHT_SEALED"
LOG = "TRIALWRIGHT_LOG"
ANCHORS = "TRIALWRIGHT_ANCHORS"
PROXY = "TRIALWRIGHT_PROXY"


def configure(workspace: Path) -> None:
    """Set Django up for a workspace; once in a process.

    The environment says what the machine's owner decides: `TRIALWRIGHT_HOSTS`, names under which the server is
    reached, with commas; `TRIALWRIGHT_HTTPS=1`, that a proxy before it speaks HTTPS, from the
    address `TRIALWRIGHT_PROXY` or else this machine; `TRIALWRIGHT_SEALED`, the
    sealed file of a randomised trial where it does not lie in the folder; `TRIALWRIGHT_LOG`, where the trial's log is,
    such as `postgresql://...`, if it is not `trial.db` in the folder.

    Raises:
        StoreError: There is no such folder, or this process already serves another.
    """
    workspace = workspace.resolve()
    if settings.configured:
        if workspace == settings.WORKSPACE:
            return
        raise StoreError(f"{workspace}: this process already serves {settings.WORKSPACE}; start another")
    if not workspace.is_dir():
        raise StoreError(f"{workspace}: there is no such folder; make it, or correct the path")
    hosts = [name.strip() for name in os.environ.get(HOSTS, "").split(",") if name.strip()]
    https, sealed = os.environ.get(HTTPS) == "1", os.environ.get(SEALED)
    settings.configure(
        LOG=os.environ.get(LOG),
        **django_settings(workspace, hosts=hosts, https=https, sealed=Path(sealed).resolve() if sealed else None),
    )
    django.setup()


def prepare(workspace: Path) -> None:
    """Make or renew `web.db`: accounts, sessions, counts of failed sign-ins. The trial's log is not touched."""
    configure(workspace)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    (workspace / "web.db").chmod(0o600)


def create_account(workspace: Path, person: str, password: str, name: str = "") -> None:
    """Let a person sign in; the role comes from the trial's log, which keeps that the account was made.

    Args:
        workspace: The folder of the trial, prepared.
        person: The id by which the log knows the person; nobody else ever has it.
        password: At least 8 characters, and not a common word.
        name: The name printed with the person's signatures; without it the id is.

    Raises:
        InputError: The id is or was somebody's, or the password is too weak.
        StoreError: The folder holds no trial.
    """
    configure(workspace)
    from trialwright.web import accounts  # noqa: PLC0415 - models load only after set-up

    accounts.create(person, password, name, by=COMMAND_LINE)


def create_training_account(workspace: Path, person: str, password: str, name: str) -> None:
    """Let a made-up person sign in, with a device whose codes stand on the page.

    Raises:
        InputError: The log is not for training, the id is somebody's, or the password is too weak.
    """
    configure(workspace)
    from trialwright.web import accounts  # noqa: PLC0415 - models load only after set-up

    accounts.enrol_for_training(accounts.create(person, password, name, by=COMMAND_LINE))


def change_account(
    workspace: Path, person: str, change: Change, *, password: str = "", name: str = "", reason: str = ""
) -> None:
    """Change the account of a person, who keeps the id; the log keeps what was changed.

    Args:
        workspace: The folder of the trial, prepared.
        person: Whose account.
        change: What of it.
        password: The new password.
        name: The new printed name.
        reason: Why a device is forgotten or an account closed.

    Raises:
        InputError: There is no such account, what the change needs is empty, or the password is too weak.
    """
    configure(workspace)
    from django.contrib.auth.models import User  # noqa: PLC0415 - models load only after set-up

    from trialwright.web import accounts  # noqa: PLC0415

    user = User.objects.filter(username=person).first()
    if user is None:
        raise InputError(f"{person} has no account; correct the id, or leave --change out to make one")
    needs = {"name": ("--name", name), "device": ("--reason", reason), "closed": ("--reason", reason)}
    option, given = needs.get(change, ("a password", password))
    if not given.strip():
        raise InputError(f"--change {change} needs {option}")
    match change:
        case "name":
            accounts.rename(user, name, by=COMMAND_LINE)
        case "password":
            accounts.renew_password(user, password, by=COMMAND_LINE)
        case "device":
            accounts.forget_device(user, by=COMMAND_LINE, reason=reason)
        case "closed":
            accounts.close(user, by=COMMAND_LINE, reason=reason)


def serve(workspace: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the trial of a workspace until the process ends.

    Where `TRIALWRIGHT_ANCHORS` names a file, the log is held against its anchors first, and anchored now and every day.

    Raises:
        StoreError: The folder holds no trial, or the clock is off.
        VerificationError: The log does not verify, its guards are not what they were made as, or it is not what was
            anchored.
    """
    from waitress import serve as listen  # noqa: PLC0415 - only a server needs it

    prepare(workspace)
    from trialwright.analysis import dose_escalation_figure  # noqa: PLC0415 - loads the drawing engine
    from trialwright.web.trials import the_log, the_secret, the_trial  # noqa: PLC0415 - reads the settings

    if anchors := os.environ.get(ANCHORS):
        keep_anchoring(the_log(), Path(anchors).resolve(), the_secret())
    with the_trial() as trial:
        check_start(trial)
        if trial.study.dose_escalation is not None:
            dose_escalation_figure(trial.view("")).svg()  # the first takes seconds: not on somebody's first page
    listen(get_wsgi_application(), host=host, port=port, threads=4, ident=None, **behind_proxy())


def behind_proxy() -> dict[str, Any]:
    """What the server believes of a proxy: from whom a request comes and by which scheme, from its address alone."""
    proxy = os.environ.get(PROXY) or ("127.0.0.1" if os.environ.get(HTTPS) == "1" else None)
    if proxy is None:
        return {}
    headers = {"x-forwarded-for", "x-forwarded-proto"}
    return {"trusted_proxy": proxy, "trusted_proxy_count": 1, "trusted_proxy_headers": headers}
