"""The verb `rehearse`, and what `demo` shares with it: the true rates of the protocol, and the beginning of the log."""

from __future__ import annotations

import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from trialwright.cli.console import (
    AsJson,
    ProtocolFile,
    app,
    print_json,
    rates_of,
    say,
    study_of,
    text_of,
    write_private,
)
from trialwright.conduct import State, View
from trialwright.errors import InputError
from trialwright.protocol.file import load_study
from trialwright.protocol.study import Study
from trialwright.rehearse import SPONSOR, Rehearsal, VirtualClock, check_truth
from trialwright.rehearse.story.sealing import throw_away
from trialwright.trial import SEALED_FILE, Done, Trial

Subjects = Annotated[
    int | None,
    typer.Option(min=1, help="Enrol at most so many; left out: as the protocol plans, or dose escalation takes."),
]
TrueRates = Annotated[
    str | None,
    typer.Option(
        help="True DLT rate of each dose level, or response rate of each arm, such as 0.05,0.12,0.30; else the "
        "protocol's planning rates."
    ),
]
Speed = Annotated[
    float | None, typer.Option(min=0.001, help="Days of the trial in a second; left out: as fast as it goes.")
]


@app.command()
def rehearse(
    file: ProtocolFile,
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the log, DIR/trial.db.")],
    subjects: Subjects = None,
    truth: TrueRates = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of everything that is drawn.")] = 1,
    speed: Speed = None,
    follow: Annotated[bool, typer.Option(help="Print each event once it is on disk.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rehearse the whole trial on virtual subjects, through the same decisions that conduct it, into a real log.

    A randomised trial is sealed by the seed, with the secret in DIR/sealed.json: never use it for real subjects.

    Example: `trialwright rehearse protocols/NCT05962762.yaml --truth 0.05,0.12,0.30 --seed 7 --out rehearsal`
    """
    study = study_of(file)
    planned = planned_rates(study)
    rates = rates_of(truth, planned) if truth or study.dose_escalation else planned
    check_truth(study, rates)
    location = out / "trial.db"
    if location.exists():
        raise InputError(f"{location} already holds a trial, which is kept; choose another folder with --out")
    clock = VirtualClock(pace=(lambda step: time.sleep(step / timedelta(days=speed))) if speed else None)
    wanted = subjects or (None if study.dose_escalation else study.enrolment.planned)
    with begin(text_of(file), location, seed, clock) as trial, _progress(trial, wanted, follow=follow) as step:
        Rehearsal(trial.study, rates, seed, step, clock, subjects).run()
        seen = trial.view(SPONSOR)
        if as_json:
            print_json(_rehearsed(seen, location, seed, rates))
            return
        for decision in seen.decisions:
            typer.echo(f"{decision.at:%Y-%m-%d}  {decision.decision:<9} {decision.why}")
        typer.echo(f"{_told(trial.state)}\n{seen.status}\n{seen.sequence} events in {location}")
        say(f"next: trialwright verify {location}; trialwright report {location} --out report.html")


def _rehearsed(seen: View, location: Path, seed: int, rates: tuple[float, ...]) -> dict[str, Any]:
    return {
        "schema": "trialwright.rehearse/1",
        "log": str(location),
        "seed": seed,
        "truth": list(rates),
        "subjects": len(seen.subjects),
        "events": seen.sequence,
        "outcomes": seen.outcomes,
        "mtd": seen.mtd,
        "status": seen.status,
    }


def _told(state: State) -> str:
    """What became of the subjects, in a line."""
    people = state.subjects.values()
    ends = Counter(one.disposition.term for one in people if one.disposition)
    enrolled = sum(one.enrolled for one in people)
    said = "; ".join(f"{term} {number}" for term, number in sorted(ends.items()))
    return f"{len(people)} screened, {enrolled} enrolled{f'; {said}' if said else ''}"


def planned_rates(study: Study) -> tuple[float, ...]:
    """The true DLT rate of each dose level, or response rate of each arm, as the protocol plans; else none."""
    if study.dose_escalation is not None:
        return study.planning.true_dlt_rates
    rates = study.planning.true_response_rates
    return tuple(rates[arm.name] for arm in study.arms) if all(arm.name in rates for arm in study.arms) else ()


def begin(text: str, location: Path, seed: int, clock: VirtualClock) -> Trial:
    """Begin the log of a rehearsal; where subjects are randomised, its secret is made of the seed and lies beside it.

    Args:
        text: The protocol.
        location: The log, a file that is not there yet.
        seed: The rehearsal's seed.
        clock: The clock that the trial reads.

    Raises:
        InputError: There is a sealed file in the folder already.
    """
    study, secret = load_study(text), None
    location.parent.mkdir(parents=True, exist_ok=True)
    if study.allocation is not None and study.allocation.method == "randomised":
        secret, text, _ = throw_away(study, text, {"seed": seed})
        write_private(location.parent / SEALED_FILE, secret.model_dump_json(indent=2) + "\n")
    return Trial.begin(location, text, by=SPONSOR, clock=clock, secret=secret, training=True)


class _Followed:
    """A trial whose every command is shown as soon as it is on disk."""

    def __init__(self, trial: Trial, progress: Progress | None, wanted: int | None, *, follow: bool) -> None:
        self.trial = trial
        self.view = trial.view
        self._progress = progress
        self._follow = follow
        self._task = progress.add_task("rehearsing", total=wanted) if progress else None

    def __enter__(self) -> Self:
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        if self._progress:
            self._progress.stop()

    @property
    def state(self) -> State:
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
            ended = sum(one.enrolled and one.disposition is not None for one in state.subjects.values())
            told = f"{state.last_at:%Y-%m-%d}, {len(state.subjects)} screened, {ended} at their end"
            self._progress.update(self._task, description=told, completed=ended)
        return result


def _progress(trial: Trial, wanted: int | None, *, follow: bool) -> _Followed:
    console = Console(stderr=True)
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    shown = Progress(*columns, console=console, transient=True)
    return _Followed(trial, shown if console.is_terminal and not follow else None, wanted, follow=follow)
