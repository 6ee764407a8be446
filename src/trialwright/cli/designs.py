"""The verbs for a design beside next and compare: simulate, table, paths, examine."""

# ruff: noqa: ARG001 - a command reads its options by name, from the context

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trialwright import __version__
from trialwright.cli.calendar_time import (
    Arriving,
    Efficacy,
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
    calendar_of,
    check_options,
    joint_rates,
    obd_characteristics,
    show_calendar,
    show_obd,
)
from trialwright.cli.console import AsJson, Truth, app, digest, print_json, say, study_of, write
from trialwright.cli.question import (
    CohortSize,
    Decisions,
    DesignName,
    Levels,
    MaybeProtocol,
    Question,
    Subjects,
    Target,
    flags,
    question_of,
)
from trialwright.cli.work import Scheduler, Seed, Trials, Work
from trialwright.design import (
    BOIN12,
    TITEBOIN,
    BackfillBOIN,
    DecisionTable,
    Design,
    DesirabilityTable,
    LateDecisionTable,
    OperatingCharacteristics,
    Paths,
    Rule,
    operating_characteristics,
)
from trialwright.design.decision_table import NoDecisionTable
from trialwright.design.follow_up import DecidesEarly
from trialwright.design.states import Floats
from trialwright.errors import InputError

if TYPE_CHECKING:
    from trialwright.analysis import Figure


def _drawable(figure: Path | None) -> Path | None:
    """A file that a figure can be written to.

    Raises:
        InputError: Its name ends otherwise.
    """
    if figure is not None and figure.suffix.lower() not in {".svg", ".png"}:
        raise InputError(f"--figure {figure}: a figure is .svg or .png; end the name so")
    return figure


FigureFile = Annotated[
    Path | None,
    typer.Option("--figure", metavar="FILE", callback=_drawable, help="Draw the result: .svg or .png."),
]


@app.command()
def simulate(
    context: typer.Context,
    file: MaybeProtocol = None,
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    decisions: Decisions = None,
    truth: Truth = None,
    efficacy: Efficacy = None,
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
    """Give a design's operating characteristics: exact, or simulated with their Monte Carlo errors.

    With --calendar it is simulated in calendar time: duration, screened, treated, replaced. For a protocol with arms
    and no dose escalation: exact power and precision of its response rates, also by accrual.

    Example: `trialwright simulate protocols/NCT05962762.yaml --truth 0.05,0.12,0.30`

    Example: `trialwright simulate --design boin --levels 3 --target 0.3 --truth 0.1,0.3,0.5 --trials 10000`

    Example: `trialwright simulate protocols/NCT05962762.yaml --calendar --without-slot kept --figure time.png`
    """
    if file is not None and design is None and study_of(file).dose_escalation is None:
        shown = _arms(file, _given(context) - {"file", "figure", "as_json"}, as_json=as_json)
    else:
        settings = flags(levels=levels, target=target, cohort=cohort, subjects=subjects, decisions=decisions)
        options = TimeOptions(**{name: context.params[name] for name in TimeOptions._fields})
        rates, work = Rates(truth, efficacy, odds_ratio), Work(trials=trials, seed=seed, scheduler=scheduler)
        shown = _simulated(question_of(file, design, settings), options, rates, work, as_json=as_json)
    draw(figure, shown)


def draw(file: Path | None, figure: Figure) -> None:
    """Write a figure as its name ends, where a file is named."""
    if file:
        write(file, figure.png() if file.suffix.lower() == ".png" else figure.svg().encode())


def _simulated(question: Question, options: TimeOptions, rates: Rates, work: Work, *, as_json: bool) -> Figure:
    check_options(question, options, rates)
    if options.calendar:
        return show_calendar(question, calendar_of(question, options), rates, work, as_json=as_json)
    if isinstance(question.design, BOIN12):
        return show_obd(question, question.design, rates, work, as_json=as_json)
    return _show(question, rates, work, as_json=as_json)


def _show(question: Question, rates: Rates, work: Work, *, as_json: bool) -> Figure:
    from trialwright.analysis import operating_characteristics_figure
    from trialwright.analysis.characteristics import characteristics_data, characteristics_text

    result = characteristics_of(question, rates, work)
    if as_json:
        protocol = question.protocol[0] if question.protocol else None
        print_json(characteristics_data(result, question.dose_rule, question.doses, protocol))
    else:
        typer.echo(characteristics_text(result, question.doses))
    say_closed([question], "; `simulate --calendar` leaves windows open")
    how = "exact" if work.trials is None else f"{work.trials:,} trials, seed {work.seed}"
    say(f"{how}; trialwright {__version__}, {question.source}")
    return operating_characteristics_figure(result, question.doses)


def say_closed(questions: list[Question], way_round: str) -> None:
    """Say that a design which decides with windows open is asked here with every window closed."""
    early = dict.fromkeys(question.design.name for question in questions if isinstance(question.design, DecidesEarly))
    for name in early:
        backfill = ", and nobody is backfilled" if name == BackfillBOIN.name else ""
        say(f"note: every window is closed before {name} decides here{backfill}{way_round}")


@app.command()
def table(
    file: MaybeProtocol = None,
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    decisions: Decisions = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write the table alone, a row for each state.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a design's rule as a protocol says it, and its decision table by subjects and DLTs at a level.

    TITE-BOIN's table has pending subjects too, and BOIN12's ranks subjects, toxicities and responses. A rule that looks
    at more than one level, such as the 3+3 or the CRM, has the text alone; `examine` and `paths` list what it does.
    What --csv writes of a rule by DLTs is what --decisions reads.

    Example: `trialwright table --design boin --levels 5 --target 0.3 --subjects 12`
    """
    settings = flags(levels=levels, target=target, cohort=cohort, subjects=subjects, decisions=decisions)
    rule = question_of(file, design, settings).design
    try:
        found = _table_of(rule)
    except NoDecisionTable as none:
        found = None
        say(f"note: {none}; the text says the whole rule")
    if as_csv:
        typer.echo(_csv_of(found, rule), nl=False)
    elif as_json:
        print_json({"schema": "trialwright.table/1", "explain": rule.explain(), "actions": _rows_of(found)})
    else:
        typer.echo(rule.explain() if found is None else f"{rule.explain()}\n\n{found}")


AnyTable = DecisionTable | LateDecisionTable | DesirabilityTable


def _table_of(rule: Rule) -> AnyTable:
    match rule:
        case BOIN12():
            return rule.desirability_table(range(0, rule.subjects + 1, rule.cohort))
        case TITEBOIN():
            return rule.late_table
        case Design():
            return rule.decision_table()
    raise InputError(f"{rule.name} has no decision table")


def _rows_of(found: AnyTable | None) -> list[Any] | None:
    if isinstance(found, DecisionTable):
        return [list(row) for row in found.rows]
    return None if found is None else found.to_frame().to_dicts()


def _csv_of(found: AnyTable | None, rule: Rule) -> str:
    if found is None:
        raise InputError(f"{rule.name} has no table by one level to write; leave --csv out")
    return found.to_csv() if isinstance(found, DecisionTable) else found.to_frame().write_csv()


After = Annotated[str, typer.Option(metavar="PATH", help="What has happened, such as '1NNN 2NTN'.")]


@app.command("paths")
def path_tree(
    file: MaybeProtocol = None,
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    decisions: Decisions = None,
    after: After = "",
    cohorts: Annotated[int, typer.Option(min=1, help="How many cohorts to look ahead.")] = 1,
    truth: Truth = None,
    efficacy: Efficacy = None,
    odds_ratio: OddsRatio = 1.0,
    as_json: AsJson = False,
) -> None:
    """List what the design would do after every way that the next cohorts can go, and with which chance.

    Example: `trialwright paths protocols/NCT05962762.yaml --after "1NNN 2NTN" --truth 0.05,0.12,0.30`

    Example: `trialwright paths --design boin --levels 5 --target 0.3 --cohorts 2`
    """
    from trialwright.design import paths

    settings = flags(levels=levels, target=target, cohort=cohort, subjects=subjects, decisions=decisions)
    question, rates = question_of(file, design, settings), Rates(truth, efficacy, odds_ratio)
    _show_paths(question, paths(question.any_rule, after=after, cohorts=cohorts), after, rates, as_json=as_json)


@app.command("examine")
def examine_design(
    file: MaybeProtocol = None,
    *,
    design: DesignName = None,
    levels: Levels = None,
    target: Target = None,
    cohort: CohortSize = None,
    subjects: Subjects = None,
    decisions: Decisions = None,
    after: After = "",
    truth: Truth = None,
    efficacy: Efficacy = None,
    odds_ratio: OddsRatio = 1.0,
    as_json: AsJson = False,
) -> None:
    """List what the design would do after every number of DLTs in each next cohort, on the way without any.

    Example: `trialwright examine protocols/NCT05962762.yaml`
    """
    from trialwright.design import examine

    settings = flags(levels=levels, target=target, cohort=cohort, subjects=subjects, decisions=decisions)
    question, rates = question_of(file, design, settings), Rates(truth, efficacy, odds_ratio)
    _show_paths(question, examine(question.any_rule, after=after), after, rates, as_json=as_json)


def _show_paths(question: Question, tree: Paths, after: str, rates: Rates, *, as_json: bool) -> None:
    found = _truth_of(question, rates)
    chances = None if found is None else tree.probabilities(found)
    if as_json:
        rows = tree.to_frame().to_dicts()
        shown = [row | {"probability": None if chances is None else chances[place]} for place, row in enumerate(rows)]
        print_json({"schema": "trialwright.paths/1", "after": after, "nodes": shown})
    else:
        for place, line in enumerate(str(tree).splitlines()):
            typer.echo(line if chances is None else f"{chances[place]:>7.2%}  {line}")
    if isinstance(question.design, BOIN12):
        say("N neither, T toxicity, E efficacy, B both; subjects of a cohort in any order")
    say_closed([question], "; `next` answers with windows open")


def _truth_of(question: Question, rates: Rates) -> tuple[float, ...] | Floats | None:
    """The truth by which a tree is weighted; None where nothing says it.

    Raises:
        InputError: Efficacy rates and the design does not look at them, or rates that cannot be.
    """
    if not isinstance(question.design, BOIN12):
        if rates.efficacy is not None:
            raise InputError(f"{question.design.name} does not look at efficacy here; leave --efficacy out")
        return question.truth(rates.truth) if rates.truth or question.rates else None
    if not (rates.truth or rates.efficacy or (question.rates and question.response_rates)):
        return None
    return joint_rates(question, rates)


def _given(context: typer.Context) -> set[str]:
    """The parameters that were written on the command line."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    return {name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"}


def _arms(file: Path, beside: set[str], *, as_json: bool) -> Figure:
    from trialwright.analysis.arm_characteristics import arm_characteristics
    from trialwright.analysis.arm_figure import arm_figure

    study = study_of(file)
    if beside:
        words = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(beside))
        raise InputError(
            f"{study.id} has no dose escalation; its response rates are its planning rates; leave {words} out"
        )
    tables = arm_characteristics(study)
    if as_json:
        found = [found.to_dict() for found in tables]
        print_json({"schema": "trialwright.arms/1", "protocol": study.id, "method": "exact", "tables": found})
    else:
        typer.echo("\n\n".join(f"{found.title}\n{found.text()}" for found in tables))
    say(f"exact; trialwright {__version__}, protocol {study.id} sha256 {digest(file)}")
    return arm_figure(study)


def characteristics_of(question: Question, rates: Rates, work: Work) -> OperatingCharacteristics:
    """The operating characteristics, exact where they can be and no trials are asked for."""
    target = question.target
    if isinstance(question.design, BOIN12):
        return replace(obd_characteristics(question, question.design, rates, work).characteristics, target=target)
    truth = question.truth(rates.truth)
    if work.trials is None:
        return operating_characteristics(question.dose_rule, truth, target=target)
    from trialwright.design import simulate as simulated

    with work.under_way(work.trials) as how:
        return simulated(question.dose_rule, truth, target=target, **how)
