"""The verbs for a trial and its log: verify, report, roles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trialwright.cli.console import (
    AsJson,
    LogLocation,
    SealedFile,
    app,
    print_json,
    say,
    write,
)
from trialwright.conduct.roles import matrix
from trialwright.trial import Trial, read_secret
from trialwright.trial import verify as verify_log


@app.command()
def verify(log: LogLocation, *, sealed: SealedFile = None, as_json: AsJson = False) -> None:
    """Verify a log: recompute every hash. Leaves with 6 and names the first bad entry.

    With the sealed file of a randomised trial every arm is drawn again from the list and compared.

    Example: `trialwright verify rehearsal/trial.db`
    """
    heads = verify_log(log, read_secret(log, sealed))
    if as_json:
        streams = {name: {"entries": head.sequence, "head": head.hash.hex()} for name, head in heads.items()}
        print_json({"schema": "trialwright.verify/1", "log": log, "ok": True, "streams": streams})
        return
    for name, head in heads.items():
        typer.echo(f"{log}: stream {name!r} verifies, {head.sequence} entries, head {head.hash.hex()}")


@app.command()
def report(
    log: LogLocation,
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the page goes.")] = Path("report.html"),
    sealed: SealedFile = None,
) -> None:
    """Write the trial's report: one HTML page that needs nothing else.

    Example: `trialwright report rehearsal/trial.db --out report.html`
    """
    with Trial.open(log, secret=read_secret(log, sealed)) as trial:
        page = trial.report()
    write(out, page.encode())
    say(f"wrote {out}")


@app.command()
def roles() -> None:
    """Print which role may give which command.

    Example: `trialwright roles`
    """
    typer.echo(matrix(), nl=False)
