"""Calendar time on the command line: its options, the assumptions they make with a protocol's planning, the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, cast

import typer

from trialwright import __version__
from trialwright.cli.console import print_json, rates_of, say
from trialwright.cli.question import Question
from trialwright.cli.work import Work
from trialwright.design import (
    BOIN12,
    Arrivals,
    Calendar,
    CalendarCharacteristics,
    OBDCharacteristics,
    Rule,
    Staggering,
    joint_truth,
    simulate_calendar,
)
from trialwright.design.calendar import WithoutSlot
from trialwright.design.states import Floats
from trialwright.errors import InputError
from trialwright.protocol.study import Study

if TYPE_CHECKING:
    from trialwright.analysis import Figure

_MONTH = 365.25 / 12
_TRIALS = 10_000
"""Simulated trials where nothing says how many."""

Efficacy = Annotated[
    str | None, typer.Option(help="True response or efficacy rate of each level, for BF-BOIN and BOIN12.")
]
Efficacies = Annotated[
    list[str] | None,
    typer.Option("--efficacy", help="True efficacy rate of each level, for BOIN12; once for each --truth."),
]
OddsRatio = Annotated[
    float, typer.Option(help="How toxicity and efficacy go together in a subject (BOIN12); 1 for independent.")
]
InCalendarTime = Annotated[bool, typer.Option("--calendar", help="Simulate in calendar time: duration, screened, ...")]
Without = Annotated[
    Literal["kept", "one-kept", "lost"] | None,
    typer.Option(help="What becomes of candidates who come while no slot is open; it decides the answer."),
]
Window = Annotated[float | None, typer.Option(metavar="DAYS", help="DLT window; a protocol says its own.")]
Arriving = Annotated[
    Literal["Poisson", "uniform", "fixed", "on demand"], typer.Option(help="How candidates come.", case_sensitive=False)
]
PerMonth = Annotated[
    float | None, typer.Option(min=0.001, help="Candidates a month; else the protocol's planning figure.")
]
Failure = Annotated[float | None, typer.Option(help="Share who fail screening; else the protocol's planning figure.")]
NotEvaluable = Annotated[
    float | None, typer.Option(help="Share of the treated who leave their window; else the protocol's drop-out.")
]
Replaced = Annotated[
    bool, typer.Option("--replaced/--not-replaced", help="Whether they are replaced; else they count as without DLT.")
]
ResponseWindow = Annotated[
    float | None,
    typer.Option(
        metavar="DAYS", help="Days until a response is known (BF-BOIN, BOIN12); else the protocol's, or the DLT window."
    ),
]
LateOnset = Annotated[
    float | None, typer.Option(help="Share of DLTs in the second half of the window; else uniform times.")
]
Stagger = Annotated[float | None, typer.Option(metavar="DAYS", help="Least days between infusions at a level.")]
StaggerBetween = Annotated[
    Literal["each and next", "first and others"],
    typer.Option(help="Whether --stagger is from each to the next, or from a sentinel, the first at a level."),
]
StaggerAt = Annotated[Literal["every dose", "top dose only"], typer.Option(help="Where --stagger holds.")]


class TimeOptions(NamedTuple):
    """What was said of calendar time; None where nothing was."""

    calendar: bool
    without_slot: str | None
    window: float | None
    arrivals: str
    screened_per_month: float | None
    screen_failure: float | None
    not_evaluable: float | None
    late_onset: float | None
    response_window: float | None
    stagger: float | None
    stagger_at: str
    stagger_between: str
    replaced: bool

    @property
    def given(self) -> dict[str, Any]:
        """What was said beside what has a default."""
        defaults = {"calendar", "arrivals", "stagger_at", "stagger_between", "replaced"}
        return {name: value for name, value in self._asdict().items() if name not in defaults and value is not None}


class Rates(NamedTuple):
    """The true rates as they were written."""

    truth: str | None
    efficacy: str | None
    odds_ratio: float


def check_options(question: Question, options: TimeOptions, rates: Rates) -> None:
    """Refuse options that do not go with the design or with one another.

    Raises:
        InputError: All that is wrong, with the mend.
    """
    faults = misfits(question, options, rates)
    if faults:
        raise InputError("\n".join(faults))


def looks_at_efficacy(design: Rule, options: TimeOptions) -> bool:
    """Whether a simulation of the design needs efficacy rates."""
    return isinstance(design, BOIN12) or (options.calendar and design.responds)


def misfits(question: Question, options: TimeOptions, rates: Rates) -> list[str]:
    """What of the options does not go with the design or with one another."""
    design, calendar, efficacy, faults = question.design, options.calendar, rates.efficacy, []
    named = [f"--{key.replace('_', '-')}" for key in options.given]
    if named and not calendar:
        faults.append(f"{', '.join(named)}: only with --calendar")
    wants = looks_at_efficacy(design, options)
    if wants and efficacy is None and not question.response_rates:
        faults.append(f"{design.name} looks at efficacy; give --efficacy, a rate for each level, such as 0.2,0.4,0.5")
    if efficacy is not None and not wants:
        faults.append(f"{design.name} does not look at efficacy{'' if calendar else ' here'}; leave --efficacy out")
    if options.response_window is not None and not design.responds:
        faults.append(f"{design.name} does not look at responses; leave --response-window out")
    if calendar:
        faults += _missing(question, options)
    return faults


def calendar_of(question: Question, options: TimeOptions) -> Calendar:
    """The assumptions, from the options and the protocol."""
    planned = _planned(question.study)
    said = {**planned, **options.given}
    apart = 0.0 if options.arrivals == "on demand" else _MONTH / said["screened_per_month"]
    staggering = planned.get("staggering") or Staggering()
    if said.get("stagger"):
        scope, between = cast("Any", (options.stagger_at, options.stagger_between))
        staggering = Staggering(scope=scope, days=said["stagger"], between=between)
    return Calendar(
        window=said.get("window") or float(getattr(question.design, "window", 0)),
        arrivals=Arrivals(pattern=cast("Any", options.arrivals), days_apart=apart),
        without_slot=cast("WithoutSlot", said["without_slot"].replace("-", " ")),
        staggering=staggering,
        late_onset=said.get("late_onset"),
        screen_failure=said.get("screen_failure", 0.0),
        not_evaluable=said.get("not_evaluable", 0.0),
        replaced=options.replaced,
        response_window=said.get("response_window") if question.design.responds else None,
    )


def show_calendar(question: Question, calendar: Calendar, rates: Rates, work: Work, *, as_json: bool) -> Figure:
    """Simulate in calendar time and print what is found."""
    from trialwright.analysis.calendar_time import calendar_data, calendar_figure, calendar_text

    found = calendar_characteristics(question, calendar, rates, work)
    if as_json:
        print_json(calendar_data(found, question.doses, question.protocol[0] if question.protocol else None))
    else:
        typer.echo(calendar_text(found, question.doses))
    joint = isinstance(question.design, BOIN12)
    together = f"odds ratio {rates.odds_ratio:g} of toxicity and efficacy; " if joint else ""
    say(f"{together}{len(found.trials):,} trials, seed {work.seed}; trialwright {__version__}, {question.source}")
    return calendar_figure(found)


def calendar_characteristics(
    question: Question, calendar: Calendar, rates: Rates, work: Work
) -> CalendarCharacteristics:
    """Simulate in calendar time."""
    design = question.any_rule
    response = rates_of(rates.efficacy, question.response_rates, "--efficacy") if design.responds else None
    ratio = rates.odds_ratio if isinstance(design, BOIN12) else None
    truth = question.truth(rates.truth)
    with work.under_way(work.trials or _TRIALS) as how:
        return simulate_calendar(design, truth, calendar, response=response, odds_ratio=ratio, **how)


def joint_rates(question: Question, rates: Rates) -> Floats:
    """The true joint rates of toxicity and efficacy, those that were written or the protocol's planning rates."""
    efficacy = rates_of(rates.efficacy, question.response_rates, "--efficacy")
    return joint_truth(question.truth(rates.truth), efficacy, odds_ratio=rates.odds_ratio)


def obd_characteristics(question: Question, design: BOIN12, rates: Rates, work: Work) -> OBDCharacteristics:
    """Simulate a design that looks at efficacy."""
    joint = joint_rates(question, rates)
    with work.under_way(work.trials or _TRIALS) as how:
        return design.simulate(joint, **how)


def show_obd(question: Question, design: BOIN12, rates: Rates, work: Work, *, as_json: bool) -> Figure:
    """Simulate a design that looks at efficacy and print what is found."""
    from trialwright.analysis import operating_characteristics_figure
    from trialwright.analysis.characteristics import characteristics_text, obd_data

    found = obd_characteristics(question, design, rates, work)
    if as_json:
        print_json(obd_data(found, design, question.doses))
    else:
        typer.echo(characteristics_text(found.characteristics, question.doses))
        responses, worth = (
            ", ".join(f"{value:.2f}" for value in values) for values in (found.mean_responses, found.true_utility)
        )
        typer.echo(f"Selected is the optimal biological dose. By level: responses {responses}; true utility {worth}.")
    together = f"odds ratio {rates.odds_ratio:g} of toxicity and efficacy; {found.characteristics.trials:,} trials"
    say(f"{together}, seed {work.seed}; trialwright {__version__}, {question.source}")
    return operating_characteristics_figure(found.characteristics, question.doses)


def _missing(question: Question, options: TimeOptions) -> list[str]:
    """What calendar time needs and nothing says, and what the protocol says itself."""
    faults, study = [], question.study
    if options.without_slot is None:
        faults.append("--without-slot is missing; it decides the answer: kept (all wait for a slot), one-kept, or lost")
    if study is not None:
        own = [f"--{key.replace('_', '-')}" for key in ("window", "stagger", "response_window") if key in options.given]
        if own:
            faults.append(f"{' and '.join(own)}: the protocol says its own; leave out")
        if _staggering(study) is None:
            faults.append(f"{study.id} staggers some levels but not the top alone; that is not simulated")
        return faults
    if options.window is None and not hasattr(question.design, "window"):
        faults.append("--window is missing; give the days of the DLT window")
    if options.screened_per_month is None and options.arrivals != "on demand":
        faults.append("--screened-per-month is missing; give it, or --arrivals 'on demand'")
    return faults


def _planned(study: Study | None) -> dict[str, Any]:
    if study is None or study.dose_escalation is None:
        return {}
    planning = study.planning
    return {
        "window": float(study.dose_escalation.dlt_window.days),
        "staggering": _staggering(study),
        "screened_per_month": planning.screened_per_month,
        "screen_failure": float(planning.screen_failure),
        "not_evaluable": float(planning.drop_out),
        "response_window": float(endpoint.within) if (endpoint := study.response_endpoint) else None,
    }


def _staggering(study: Study) -> Staggering | None:
    """The protocol's stagger; None where it is neither at every level alike nor at the top alone."""
    plan = study.dose_escalation
    days = {stagger.dose: float(stagger.interval) for stagger in plan.stagger} if plan else {}
    names = [dose.name for dose in study.doses]
    if not days:
        return Staggering()
    (first, *others) = set(days.values())
    if others or set(days) not in ({*names}, {names[-1]}):
        return None
    scope = "every dose" if set(days) == {*names} else "top dose only"
    return Staggering(scope=cast("Any", scope), days=first, between="each and next")
