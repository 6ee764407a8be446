"""The verbs for a trial and its log: rehearse, verify, report, roles."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from trialwright.cli.console import (
    AsJson,
    LogLocation,
    ProtocolFile,
    SealedFile,
    Truth,
    app,
    print_json,
    rates_of,
    say,
    study_of,
    text_of,
    write,
)
from trialwright.conduct import View
from trialwright.conduct.roles import matrix
from trialwright.doctor import examine, sound
from trialwright.errors import InputError
from trialwright.record import check_anchors, read_anchors
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock, check_rehearsable
from trialwright.trial import Done, Trial, read_secret
from trialwright.trial import verify as verify_log


@app.command()
def rehearse(
    file: ProtocolFile,
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the log, DIR/trial.db.")],
    truth: Truth = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn.")] = 1,
    speed: Annotated[
        float | None, typer.Option(min=0.001, help="Days of the trial in a second; left out: as fast as it goes.")
    ] = None,
    follow: Annotated[bool, typer.Option(help="Print each event once it is on disk.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rehearse the whole trial on virtual subjects, through the same decisions that conduct it, into a real log.

    Example: `trialwright rehearse protocols/NCT05962762.yaml --truth 0.05,0.12,0.30 --seed 7 --out rehearsal`
    """
    study = study_of(file)
    check_rehearsable(study)
    rates = study.planning.true_dlt_rates if truth is None else rates_of(truth, ())
    location = out / "trial.db"
    if location.exists():
        raise InputError(f"{location} already holds a trial, which is kept; choose another folder with --out")
    out.mkdir(parents=True, exist_ok=True)
    clock = VirtualClock(pace=(lambda step: time.sleep(step / timedelta(days=speed))) if speed else None)
    with (
        Trial.begin(location, text_of(file), by=SPONSOR, clock=clock, training=True) as trial,
        _progress(trial, follow=follow) as step,
    ):
        Rehearsal(study, rates, seed, step, clock).run()
        seen = trial.view(SPONSOR)
        if as_json:
            print_json(_rehearsed(seen, location, seed, rates))
            return
        for decision in seen.decisions:
            typer.echo(f"{decision.at:%Y-%m-%d}  {decision.decision:<9} {decision.why}")
        typer.echo(f"{seen.status}\n{seen.sequence} events in {location}")
        say(f"next: trialwright verify {location}; trialwright report {location} --out report.html")


def _rehearsed(seen: View, location: Path, seed: int, rates: tuple[float, ...]) -> dict[str, Any]:
    return {
        "schema": "trialwright.rehearse/1",
        "log": str(location),
        "seed": seed,
        "truth": list(rates),
        "events": seen.sequence,
        "outcomes": seen.outcomes,
        "mtd": seen.mtd,
        "status": seen.status,
    }


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


class _Followed:
    """A trial whose every command is shown as soon as it is on disk."""

    def __init__(self, trial: Trial, progress: Progress | None, *, follow: bool) -> None:
        self.trial = trial
        self._progress = progress
        self._follow = follow
        self._task = progress.add_task("rehearsing") if progress else None

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._progress:
            self._progress.stop()

    @property
    def state(self) -> Any:
        return self.trial.state

    def do(self, command: Any, *, by: str, **fields: Any) -> object:
        result = self.trial.do(command, by=by, **fields)
        if self._follow and isinstance(result, Done):
            first = result.sequence - len(result.events) + 1
            for sequence, event in enumerate(result.events, start=first):
                typer.echo(f"{sequence} {event.at:%Y-%m-%dT%H:%M:%SZ} {event.kind} {event.by}")
            sys.stdout.flush()
        if self._progress and self._task is not None:
            state = self.trial.state
            self._progress.update(self._task, description=f"{state.last_at:%Y-%m-%d}, {len(state.subjects)} subjects")
        return result


def _progress(trial: Trial, *, follow: bool) -> _Followed:
    console = Console(stderr=True)
    shown = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True)
    return _Followed(trial, shown if console.is_terminal and not follow else None, follow=follow)
