"""The verbs for a design: next, simulate, compare, table, paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from trialwright import __version__
from trialwright.cli.console import AsJson, Truth, app, digest, print_json, say, study_of, write
from trialwright.cli.question import (
    CohortSize,
    DesignName,
    Levels,
    MaybeProtocol,
    Question,
    Subjects,
    Target,
    Truths,
    flags,
    question_of,
    questions_of,
)
from trialwright.design import OperatingCharacteristics, Outcomes, operating_characteristics
from trialwright.design.blocks import Map
from trialwright.errors import InputError

FigureFile = Annotated[Path | None, typer.Option("--figure", metavar="FILE", help="Draw the result: .svg or .png.")]
Trials = Annotated[int | None, typer.Option(min=1, help="Simulate so many trials; without it the numbers are exact.")]
Seed = Annotated[int, typer.Option(min=0, help="The seed of a simulation; the same seed gives the same numbers.")]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Simulate on the workers of this Dask scheduler.")
]


@app.command("next")
def next_dose(
    words: Annotated[
        list[str],
        typer.Argument(metavar="[PROTOCOL] PATH", help="Outcomes such as '1NNN 2NTN' (N, T = DLT, P pending)."),
    ],
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    as_json: AsJson = False,
) -> None:
    """Say which dose comes next, and why, in one sentence.

    Example: `trialwright next protocols/NCT05962762.yaml "1NNN 2NTN"`

    Example: `trialwright next --design boin --levels 5 --target 0.3 "1NNN 2NTN"`
    """
    file, path = _file_and_path(words, design)
    question = question_of(file, design, flags(levels=levels, target=target, cohort=cohort, subjects=subjects))
    outcomes = Outcomes.parse(path)
    answer = question.design.recommend(outcomes)
    departures = question.design.departures(outcomes)
    if as_json:
        print_json(
            {
                "schema": "trialwright.next/1",
                "path": str(outcomes),
                "dose": answer.dose,
                "decision": answer.decision.value,
                "mtd": answer.mtd,
                "why": answer.why,
                "rule": answer.rule,
                "subjects": answer.subjects,
                "waits_for": answer.waits_for,
                "departures": list(departures),
            }
        )
        return
    named = f"Dose {answer.dose} ({question.doses[answer.dose - 1]})" if answer.dose else "No further dose"
    typer.echo(f"{named}, {answer.decision.value}: {answer.why}")
    for departure in departures:
        typer.echo(f"note: the path departs from the rule: {departure}")


@app.command()
def simulate(
    file: MaybeProtocol = None,
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    truth: Truth = None,
    trials: Trials = None,
    seed: Seed = 1,
    scheduler: Scheduler = None,
    figure: FigureFile = None,
    as_json: AsJson = False,
) -> None:
    """Give a design's operating characteristics: exact, or simulated with their Monte Carlo errors.

    For a protocol with arms and no dose escalation: exact power and precision of its response rates, also by accrual.

    Example: `trialwright simulate protocols/NCT05962762.yaml --truth 0.05,0.12,0.30`

    Example: `trialwright simulate --design boin --levels 3 --target 0.3 --truth 0.1,0.3,0.5 --trials 10000`
    """
    if file is not None and design is None and study_of(file).dose_escalation is None:
        _arms(file, as_json=as_json)
        return
    from trialwright.analysis import operating_characteristics_figure
    from trialwright.analysis.characteristics import characteristics_data, characteristics_text

    question = question_of(file, design, flags(levels=levels, target=target, cohort=cohort, subjects=subjects))
    result = _characteristics(question, question.truth(truth), trials, seed, scheduler)
    if figure:
        drawn = operating_characteristics_figure(result, question.doses)
        write(figure, drawn.png() if figure.suffix == ".png" else drawn.svg().encode())
    if as_json:
        protocol = question.protocol[0] if question.protocol else None
        print_json(characteristics_data(result, question.design, question.doses, protocol))
    else:
        typer.echo(characteristics_text(result, question.doses))
    how = "exact" if trials is None else f"{trials:,} trials, seed {seed}"
    say(f"{how}; trialwright {__version__}, {question.source}")


@app.command()
def compare(
    designs: Annotated[
        list[str], typer.Argument(metavar="DESIGN...", help="Protocol files, or designs such as 'boin safe=0.1'.")
    ],
    *,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    truths: Truths = None,
    trials: Trials = None,
    seed: Seed = 1,
    scheduler: Scheduler = None,
    figure: FigureFile = None,
    as_json: AsJson = False,
) -> None:
    """Set designs side by side under one truth or several.

    Example: `trialwright compare 3+3 boin --levels 3 --target 0.3 --truth 0.1,0.3,0.5 --truth 0.3,0.5,0.6`
    """
    from trialwright.analysis.characteristics import comparison, comparison_data
    from trialwright.analysis.comparison_figure import comparison_figure

    questions = questions_of(designs, flags(levels=levels, target=target, cohort=cohort, subjects=subjects))
    scenarios: list[str | None] = [*truths] if truths else [None]
    results = [
        [_characteristics(question, question.truth(truth), trials, seed, scheduler, target) for truth in scenarios]
        for question in questions
    ]
    labels = [question.label for question in questions]
    if figure:
        drawn = comparison_figure(labels, results)
        write(figure, drawn.png() if figure.suffix == ".png" else drawn.svg().encode())
    if as_json:
        print_json(comparison_data(labels, [question.design for question in questions], results))
    else:
        typer.echo(comparison(labels, results).text())


@app.command()
def table(
    file: MaybeProtocol = None,
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    as_json: AsJson = False,
) -> None:
    """Print a design's rule as a protocol says it, and its decision table by subjects and DLTs at a level.

    Example: `trialwright table --design boin --levels 5 --target 0.3 --subjects 12`
    """
    question = question_of(file, design, flags(levels=levels, target=target, cohort=cohort, subjects=subjects))
    decisions = question.design.decision_table()
    if as_json:
        rows = [list(row) for row in decisions.rows]
        print_json({"schema": "trialwright.table/1", "explain": question.design.explain(), "actions": rows})
    else:
        typer.echo(f"{question.design.explain()}\n\n{decisions}")


@app.command("paths")
def path_tree(
    file: MaybeProtocol = None,
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    after: Annotated[str, typer.Option(metavar="PATH", help="What has happened, such as '1NNN 2NTN'.")] = "",
    cohorts: Annotated[int, typer.Option(min=1, help="How many cohorts to look ahead.")] = 1,
    truth: Truth = None,
    as_json: AsJson = False,
) -> None:
    """List what the design would do after every way that the next cohorts can go, and with which chance.

    Example: `trialwright paths protocols/NCT05962762.yaml --after "1NNN 2NTN" --truth 0.05,0.12,0.30`

    Example: `trialwright paths --design boin --levels 5 --target 0.3 --cohorts 2`
    """
    from trialwright.design import paths

    question = question_of(file, design, flags(levels=levels, target=target, cohort=cohort, subjects=subjects))
    tree = paths(question.design, after=after, cohorts=cohorts)
    chances = tree.probabilities(question.truth(truth)) if truth or question.rates else None
    if as_json:
        rows = tree.to_frame().to_dicts()
        shown = [row | {"probability": None if chances is None else chances[place]} for place, row in enumerate(rows)]
        print_json({"schema": "trialwright.paths/1", "after": after, "nodes": shown})
        return
    for place, line in enumerate(str(tree).splitlines()):
        typer.echo(line if chances is None else f"{chances[place]:>7.2%}  {line}")


def _arms(file: Path, *, as_json: bool) -> None:
    from trialwright.analysis.arm_characteristics import arm_characteristics

    study = study_of(file)
    tables = arm_characteristics(study)
    if as_json:
        found = [found.to_dict() for found in tables]
        print_json({"schema": "trialwright.arms/1", "protocol": study.id, "method": "exact", "tables": found})
    else:
        typer.echo("\n\n".join(f"{found.title}\n{found.text()}" for found in tables))
    say(f"exact; trialwright {__version__}, protocol {study.id} sha256 {digest(file)}")


def _file_and_path(words: list[str], design: str | None) -> tuple[Path | None, str]:
    if len(words) == (1 if design else 2):
        return (None, words[0]) if design else (Path(words[0]), words[1])
    raise InputError("write the protocol file and the path, or --design and the path; put the path in quotes")


def _characteristics(
    question: Question,
    truth: tuple[float, ...],
    trials: int | None,
    seed: int,
    scheduler: str | None,
    target: float | None = None,
) -> OperatingCharacteristics:
    if trials is None:
        return operating_characteristics(question.design, truth, target=target)
    from trialwright.design import simulate as simulated

    with _workers(scheduler) as run, _progress(trials) as progress:
        return simulated(question.design, truth, trials=trials, seed=seed, target=target, run=run, progress=progress)


@contextmanager
def _workers(scheduler: str | None) -> Iterator[Map]:
    """Every core of this machine, or the workers of a cluster."""
    if scheduler is None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield pool.map
    else:
        from trialwright.cluster import on_cluster

        with on_cluster(scheduler) as run:
            yield run


@contextmanager
def _progress(trials: int) -> Iterator[Callable[[int], None]]:
    """A bar on the terminal while trials are simulated; nothing where the output is no terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not os.isatty(2)) as bar:
        task = bar.add_task("simulating", total=trials)
        yield lambda done: bar.update(task, completed=done)
