"""The verbs for a trial and its log: verify, report, roles, doctor."""

from __future__ import annotations

from dataclasses import asdict
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
from trialwright.doctor import examine, sound
from trialwright.record import check_anchors, read_anchors
from trialwright.trial import Trial, read_secret
from trialwright.trial import verify as verify_log


@app.command()
def verify(
    log: LogLocation,
    *,
    anchors: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Hold the log against the anchors that `anchor` kept.")
    ] = None,
    sealed: SealedFile = None,
    as_json: AsJson = False,
) -> None:
    """Verify a log: recompute every hash. Leaves with 6 and names the first bad entry.

    With the sealed file of a randomised trial every arm is drawn again from the list and compared.

    Examples: `trialwright verify rehearsal/trial.db`; `trialwright verify rehearsal/trial.db --anchors anchors.jsonl`
    """
    kept = read_anchors(anchors) if anchors else ()
    heads = verify_log(log, read_secret(log, sealed))
    check_anchors(log, kept)
    if as_json:
        streams = {name: {"entries": head.sequence, "head": head.hash.hex()} for name, head in heads.items()}
        print_json({"schema": "trialwright.verify/1", "log": log, "ok": True, "streams": streams, "anchors": len(kept)})
        return
    for name, head in heads.items():
        typer.echo(f"{log}: stream {name!r} verifies, {head.sequence} entries, head {head.hash.hex()}")
    if anchors:
        typer.echo(f"{log}: is what its {len(kept)} anchors say, the last of {kept[-1].at:%Y-%m-%d %H:%M:%S} UTC")


@app.command()
def doctor(log: LogLocation, *, sealed: SealedFile = None, as_json: AsJson = False) -> None:
    """Look whether an installation is sound: versions, the log's guards and rights, the key, the clock.

    What was seen is taken down in the log. Leaves with 1 where something is wrong.

    Example: `trialwright doctor rehearsal/trial.db`
    """
    points = examine(log, sealed)
    if as_json:
        found = [asdict(point) for point in points]
        print_json({"schema": "trialwright.doctor/1", "log": log, "ok": sound(points), "points": found})
    else:
        width = max(len(point.name) for point in points)
        for point in points:
            typer.echo(f"{point.standing:<15}{point.name:<{width + 2}}{point.seen}")
    if not sound(points):
        raise typer.Exit(1)


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
