"""The verb compare: designs side by side under one truth or several, and in calendar time."""

# ruff: noqa: ARG001 - a command reads its options by name, from the context

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from trialwright import __version__
from trialwright.cli.calendar_time import (
    Arriving,
    Efficacies,
    Failure,
    InCalendarTime,
    LateOnset,
    NotEvaluable,
    OddsRatio,
    PerMonth,
    Rates,
    Replaced,
    ResponseWindow,
    Stagger,
    StaggerAt,
    StaggerBetween,
    TimeOptions,
    Window,
    Without,
    calendar_characteristics,
    calendar_of,
    joint_rates,
    looks_at_efficacy,
    misfits,
)
from trialwright.cli.console import AsJson, app, print_json, say
from trialwright.cli.designs import FigureFile, characteristics_of, draw, say_closed
from trialwright.cli.question import CohortSize, Levels, Question, Subjects, Target, Truths, flags, questions_of
from trialwright.cli.work import Scheduler, Seed, Trials, Work
from trialwright.design import BOIN12, CalendarCharacteristics, OperatingCharacteristics
from trialwright.errors import InputError


@app.command()
def compare(
    context: typer.Context,
    designs: Annotated[
        list[str], typer.Argument(metavar="DESIGN...", help="Protocol files, or designs such as 'boin safe=0.1'.")
    ],
    *,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    truths: Truths = None,
    efficacies: Efficacies = None,
    odds_ratio: OddsRatio = 1.0,
    trials: Trials = None,
    seed: Seed = 1,
    scheduler: Scheduler = None,
    calendar: InCalendarTime = False,
    without_slot: Without = None,
    window: Window = None,
    arrivals: Arriving = "Poisson",
    screened_per_month: PerMonth = None,
    screen_failure: Failure = None,
    not_evaluable: NotEvaluable = None,
    replaced: Replaced = True,
    late_onset: LateOnset = None,
    response_window: ResponseWindow = None,
    stagger: Stagger = None,
    stagger_at: StaggerAt = "every dose",
    stagger_between: StaggerBetween = "each and next",
    figure: FigureFile = None,
    as_json: AsJson = False,
) -> None:
    """Set designs side by side under one truth or several.

    BOIN12, which looks at efficacy, is always simulated; the others are exact unless --trials says otherwise. With
    --calendar all are simulated in calendar time, and how long they take stands beside what they select.

    Example: `trialwright compare 3+3 boin --levels 3 --target 0.3 --truth 0.1,0.3,0.5 --truth 0.3,0.5,0.6`

    Example: `trialwright compare protocols/NCT05962762.yaml rolling-six --levels 3 --calendar --without-slot kept`
    """
    settings = flags(levels=levels, target=target, cohort=cohort, subjects=subjects)
    options = TimeOptions(**{name: context.params[name] for name in TimeOptions._fields})
    questions = questions_of(designs, settings, share_rates=not truths, share_planning=calendar)
    questions = [replace(question, target=target) for question in questions]
    scenarios = _scenarios(questions, options, truths, efficacies, odds_ratio)
    _check(questions, options, scenarios[0])
    _show(questions, options, scenarios, Work(trials=trials, seed=seed, scheduler=scheduler), figure, as_json=as_json)


def _show(
    questions: list[Question],
    options: TimeOptions,
    scenarios: list[Rates],
    work: Work,
    figure: Path | None,
    *,
    as_json: bool,
) -> None:
    from trialwright.analysis.comparison import comparison, comparison_data
    from trialwright.analysis.comparison_figure import comparison_figure

    labels, timed = [question.label for question in questions], None
    if options.calendar:
        timed = [_timed(question, options, scenarios, work) for question in questions]
        results = [_untimed(*row, scenarios) for row in zip(questions, timed, strict=True)]
    else:
        results = [[characteristics_of(question, rates, work) for rates in scenarios] for question in questions]
    if figure:
        draw(figure, comparison_figure(labels, results, timed))
    if as_json:
        print_json(comparison_data(labels, [question.any_rule for question in questions], results, timed))
    else:
        typer.echo(comparison(labels, results, timed).text())
    seeded = any(oc.trials is not None for found in results for oc in found)
    sources = "; ".join(question.source for question in questions)
    say(f"{f'seed {work.seed}; ' if seeded else ''}trialwright {__version__}, {sources}")
    if not timed:
        say_closed(questions, "; --calendar leaves windows open")


def _timed(
    question: Question, options: TimeOptions, scenarios: list[Rates], work: Work
) -> list[CalendarCharacteristics]:
    calendar = calendar_of(question, options)
    return [calendar_characteristics(question, calendar, rates, work) for rates in scenarios]


def _untimed(
    question: Question, timed: list[CalendarCharacteristics], scenarios: list[Rates]
) -> list[OperatingCharacteristics]:
    """What was simulated in calendar time, as it is judged without one."""
    design = question.design
    target = question.target if question.target is not None else getattr(design, "target", None)
    best = [design.optimal(joint_rates(question, rates)) if isinstance(design, BOIN12) else None for rates in scenarios]
    return [found.characteristics(target=target, optimal=optimal) for found, optimal in zip(timed, best, strict=True)]


def _scenarios(
    questions: list[Question],
    options: TimeOptions,
    truths: list[str] | None,
    efficacies: list[str] | None,
    odds_ratio: float,
) -> list[Rates]:
    """The scenarios as they were written.

    Raises:
        InputError: Efficacy rates that no design looks at, or not one list of them for each truth.
    """
    written: list[str | None] = [*truths] if truths else [None]
    if not efficacies:
        return [Rates(truth, None, odds_ratio) for truth in written]
    if not any(looks_at_efficacy(question.design, options) for question in questions):
        raise InputError("none of these designs looks at efficacy here; leave --efficacy out")
    if len(efficacies) != len(written):
        raise InputError(
            f"{len(written)} of --truth and {len(efficacies)} of --efficacy; give --efficacy once for each --truth"
        )
    return [Rates(truth, efficacy, odds_ratio) for truth, efficacy in zip(written, efficacies, strict=True)]


def _check(questions: list[Question], options: TimeOptions, rates: Rates) -> None:
    """Refuse options that do not go with one of the designs, or that none of them looks at.

    Raises:
        InputError: All that is wrong, with the mend.
    """
    responds = any(question.design.responds for question in questions)
    faults = []
    for question in questions:
        looks = looks_at_efficacy(question.design, options)
        own = options._replace(response_window=None) if responds and not question.design.responds else options
        faults += misfits(question, own, rates if looks else rates._replace(efficacy=None))
    if faults:
        raise InputError("\n".join(dict.fromkeys(faults)))
