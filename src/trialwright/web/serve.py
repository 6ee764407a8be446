"""Starting the web app on a workspace: its accounts, and its server."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

from trialwright.errors import InputError, StoreError
from trialwright.web.anchoring import keep_anchoring
from trialwright.web.settings import django_settings

HTTPS = "TRIALWRIGHT_HTTPS"
HOSTS = "TRIALWRIGHT_HOSTS"
SEALED = "TRIALWRIGHT_SEALED"
LOG = "TRIALWRIGHT_LOG"
ANCHORS = "TRIALWRIGHT_ANCHORS"


def configure(workspace: Path) -> None:
    """Set Django up for a workspace; once in a process.

    The environment says what the machine's owner decides: `TRIALWRIGHT_HOSTS`, names under which the server is
    reached, with commas; `TRIALWRIGHT_HTTPS=1`, that a proxy before it speaks HTTPS; `TRIALWRIGHT_SEALED`, the
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
    """Let a person sign in; the role comes from the trial's log.

    Args:
        workspace: The folder of the trial, prepared.
        person: The id by which the log knows the person.
        password: At least 8 characters, and not a common word.
        name: The name printed with the person's signatures; without it the id is.

    Raises:
        InputError: The account exists, or the password is too weak.
    """
    configure(workspace)
    from django.contrib.auth.models import User  # noqa: PLC0415 - models load only after set-up
    from django.contrib.auth.password_validation import validate_password  # noqa: PLC0415
    from django.core.exceptions import ValidationError  # noqa: PLC0415

    if User.objects.filter(username__iexact=person).exists():
        raise InputError(f"{person} already has an account; choose another id")
    user = User(username=person, first_name=name)
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise InputError(f"The password of {person} will not do: {' '.join(fault.messages)}") from fault
    user.set_password(password)
    user.save()


def serve(workspace: Path, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve the trial of a workspace until the process ends.

    Where `TRIALWRIGHT_ANCHORS` names a file, the log is held against its anchors first, and anchored now and every day.

    Raises:
        StoreError: The folder holds no trial.
        VerificationError: The log does not verify, is not what was anchored, or its guards are not whole.
    """
    from waitress import serve as listen  # noqa: PLC0415 - only a server needs it

    prepare(workspace)
    from trialwright.analysis import dose_escalation_figure  # noqa: PLC0415 - loads the drawing engine
    from trialwright.web.trials import the_log, the_secret, the_trial  # noqa: PLC0415 - reads the settings

    if anchors := os.environ.get(ANCHORS):
        keep_anchoring(the_log(), Path(anchors).resolve(), the_secret())
    with the_trial() as trial:
        trial.check_guards()
        dose_escalation_figure(trial.view("")).svg()  # the first drawing takes seconds: not on somebody's first page
    listen(get_wsgi_application(), host=host, port=port, threads=4, ident=None)
