"""The whole program: the verbs of the command line, and the two that need the web app, `serve` and `demo`."""

from __future__ import annotations

import secrets
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from trialwright.access import Change
from trialwright.cli import app
from trialwright.cli.rehearsing import begin, planned_rates
from trialwright.conduct import State
from trialwright.conduct import commands as cmd
from trialwright.conduct.escalation import can_propose
from trialwright.errors import InputError, TrialwrightError
from trialwright.protocol.study import Study
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock, staff
from trialwright.trial import Trial, now, read_secret

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]

_DEMO_SEED = 7
_DEMO_SUBJECTS = 6
_MOST_TRIAL_RUNS = 5


@app.command()
def serve(
    workspace: Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder, with trial.db in it.")],
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Serve a trial's web app.

    Example: `trialwright serve rehearsal`
    """
    from trialwright.web.serve import serve as start

    typer.echo(f"http://{host}:{port}/ (stop with Ctrl-C)", err=True)
    start(workspace, host, port)


@app.command()
def account(
    workspace: Annotated[Path, typer.Argument(metavar="DIR", help="The trial's folder.")],
    person: Annotated[str, typer.Argument(help="The id by which the trial's log knows the person.")],
    *,
    name: Annotated[str, typer.Option(help="The name printed with the person's signatures.")] = "",
    change: Annotated[
        Change | None, typer.Option(help="What changes of an account that is there; left out: make one.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why a device is forgotten, or an account closed.")] = "",
) -> None:
    """Let a person sign in; the password is read from the terminal or from standard input.

    With --change: print another name, replace a forgotten password, forget a lost device (its owner enrols another), or
    close the account. The id stays the person's for ever, and the log keeps what was done.

    Example: `trialwright account rehearsal investigator --name "Dr Ada Byron"`
    """
    from trialwright.web.serve import change_account, create_account, prepare

    password = _password() if change in {None, "password"} else ""
    prepare(workspace)
    if change is None:
        create_account(workspace, person, password, name)
        typer.echo(f"{person} can sign in; the role comes from the trial's log", err=True)
        return
    change_account(workspace, person, change, password=password, name=name, reason=reason)
    typer.echo(f"{person}: {change} changed, and the log keeps it", err=True)


def _cast(location: Path) -> list[str]:
    """Who can sign in to a demo: whoever works at its first site or at none, and those who only look on."""
    with Trial.open(location, secret=read_secret(location)) as trial:
        there = [SPONSOR, *(one.person for one in staff(trial.study) if one.site in {None, "01"})]
        for role in ("committee", "inspector"):
            if role not in there:
                trial.do(cmd.GrantRole, by=SPONSOR, person=role, role=role)
                there.append(role)
    return there


@app.command()
def demo(
    *,
    workspace: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where the demo lives.")] = Path(".demo"),
    protocol: Annotated[Path, typer.Option(metavar="PROTOCOL", help="The protocol to rehearse.")] = Path(
        "protocols/NCT05962762.yaml"
    ),
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the web app at the end.")] = True,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Rehearse a trial half-way, so that there is something to decide, and open it in the web app.

    An existing demo is kept as you left it; delete its folder to begin again.

    Example: `trialwright demo --no-serve`
    """
    from trialwright.web.serve import create_training_account, prepare

    location = workspace / "trial.db"
    sign_in = workspace / "sign-in.txt"
    if not location.exists():
        workspace.mkdir(parents=True, exist_ok=True)
        _rehearse_until_now(protocol, location)
        (workspace / "REHEARSAL").write_text("made-up subjects; no real person is in this trial\n")
    if not sign_in.exists():
        prepare(workspace)
        passwords = {person: secrets.token_urlsafe(9) for person in _cast(location)}
        for person, password in passwords.items():
            create_training_account(workspace, person, password, person.capitalize())
        sign_in.touch(mode=0o600)
        sign_in.write_text("".join(f"{person:<14}{password}\n" for person, password in passwords.items()))
    with Trial.open(location, secret=read_secret(location)) as trial:
        typer.echo(f"{trial.study.title}\n{trial.view(SPONSOR).status}\n")
    typer.echo(f"http://{host}:{port}/\n\nsign in as     with the password\n{sign_in.read_text()}")
    typer.echo("and with the code that stands on the sign-in page, because this is training")
    if serving:
        serve(workspace, host=host, port=port)


def main() -> None:
    """Run a verb; every fault that we know leaves with its own exit code and without a traceback."""
    try:
        app(prog_name="trialwright")
    except TrialwrightError as fault:
        typer.echo(f"trialwright: {fault}", err=True)
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _password() -> str:
    terminal = sys.stdin.isatty()
    return str(typer.prompt("Password", hide_input=True)) if terminal else sys.stdin.readline().rstrip("\n")


def _rehearse_until_now(protocol: Path, location: Path) -> None:
    """Rehearse so that the half-way point lies within the last day: first to learn how long it takes to it.

    It begins at this time of some day before, because people come in working hours.
    """
    if not protocol.is_file():
        raise InputError(f"{protocol}: there is no such protocol; run in the project's folder, or give --protocol")
    text = protocol.read_text(encoding="utf-8")
    today = start = now().replace(microsecond=0)
    for _ in range(_MOST_TRIAL_RUNS):
        with tempfile.TemporaryDirectory() as trial_run:
            late = _rehearse(text, Path(trial_run) / "trial.db", start) - today
        if late <= timedelta(0):
            break
        start -= timedelta(days=late // timedelta(days=1) + 1)
    _rehearse(text, location, start)


def _rehearse(text: str, location: Path, start: datetime) -> datetime:
    clock = VirtualClock(start)
    with begin(text, location, _DEMO_SEED, clock) as trial:
        study = trial.study
        Rehearsal(study, planned_rates(study), _DEMO_SEED, trial, clock).run(lambda state: _half_way(study, state))
        last = trial.state.last_at
    return (last or start) + timedelta(seconds=1)


def _half_way(study: Study, state: State) -> bool:
    """Whether enough has happened to look at: a dose decision can be taken, or some subjects were treated and seen."""
    if study.dose_escalation is not None:
        return len(state.subjects) >= _DEMO_SUBJECTS and can_propose(study, state)
    later = {visit.name for visit in study.schedule if visit.day > 0}
    return sum(bool(later & one.visits.keys()) for one in state.subjects.values()) >= _DEMO_SUBJECTS


if __name__ == "__main__":
    main()
