"""Simulation in calendar time: how long a dose escalation takes, whom it screens and treats, and what it selects.

Arrivals, DLT windows, staggering, screening failures and subjects who are not evaluable are assumptions that the caller
states; none has a hidden value that changes the answer. One dose level is open at a time.

Source: the events are those of a protocol's conduct; late onset as in Liu, Yin and Yuan 2013, Ann Appl Stat 7:2138, a
Weibull time to DLT of which a stated share comes in the second half of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.random import Generator

from trialwright.design.automaton import Automaton, compiled
from trialwright.design.behaving import limits_of
from trialwright.design.blocks import Map, run_blocks
from trialwright.design.boin12 import BOIN12
from trialwright.design.calendar_characteristics import CalendarCharacteristics
from trialwright.design.design import Design
from trialwright.design.exact import checked_truths
from trialwright.design.follow_up import DecidesEarly
from trialwright.design.joint_outcomes import given_toxicity
from trialwright.design.outcomes import Tally
from trialwright.design.rolling_six import MOST, TOO_MANY, RollingSix
from trialwright.design.states import Bools, Floats, Ints
from trialwright.errors import InputError

if TYPE_CHECKING:
    from trialwright.design.calendar_kernels import Record

Pattern = Literal["on demand", "fixed", "Poisson", "uniform"]
Scope = Literal["none", "every dose", "top dose only"]
Between = Literal["first and others", "each and next"]
WithoutSlot = Literal["kept", "one kept", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """How candidates come.

    Attributes:
        pattern: `on demand` has somebody there whenever a slot opens; else the days from one candidate to the next are
            fixed, exponential (Poisson), or uniform from 0 to twice their mean. The first comes after one such gap.
        days_apart: Mean days from one candidate to the next; 0 on demand.
    """

    pattern: Pattern
    days_apart: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staggering:
    """The least days between infusions at a level.

    Attributes:
        scope: Which levels stagger.
        days: How many days, of 24 hours.
        between: Whether the first subject at a level precedes all others, or each subject the next.
    """

    scope: Scope = "none"
    days: float = 0.0
    between: Between = "first and others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """What is assumed of a trial's conduct.

    Attributes:
        window: Days of the DLT window.
        arrivals: How candidates come.
        without_slot: What becomes of candidates who come while no slot is open: all are `kept` until one opens, `one
            kept` lets a single one wait and loses the others, `lost` loses all.
        staggering: The least days between infusions at a level.
        late_onset: Share of DLTs in the second half of the window, by a Weibull time to DLT; None for a uniform time.
            Responses come as late in theirs.
        response_window: Days until a response is known, for a design that looks at responses; None for those of the
            DLT window.
        screen_failure: Share of candidates who fail screening.
        not_evaluable: Share of treated subjects who leave the window without a DLT, at a uniform time.
        replaced: Whether another subject takes their place; where not, they count as subjects without a DLT.

    Raises:
        InputError: Assumptions that cannot be; all that is wrong with them.

    Example:
        >>> calendar = Calendar(
        ...     window=28, arrivals=Arrivals(pattern="Poisson", days_apart=10), without_slot="kept",
        ...     staggering=Staggering(scope="top dose only", days=7, between="each and next"),
        ... )
    """

    window: float
    arrivals: Arrivals
    without_slot: WithoutSlot
    staggering: Staggering = field(default_factory=Staggering)
    late_onset: float | None = None
    response_window: float | None = None
    screen_failure: float = 0.0
    not_evaluable: float = 0.0
    replaced: bool = True

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise InputError("calendar: " + "; ".join(faults))


def simulate_calendar(  # noqa: PLR0913 - the truth has three parts
    design: Design | BOIN12,
    truth: Sequence[float],
    calendar: Calendar,
    *,
    response: Sequence[float] | None = None,
    odds_ratio: float | None = None,
    trials: int = 10_000,
    seed: int,
    run: Map = map,
    progress: Callable[[int], None] | None = None,
) -> CalendarCharacteristics:
    """Simulate a design in calendar time when level i has the DLT probability `truth[i]`.

    The rolling six decides for each next subject with the windows that are open; TITE-CRM, TITE-BOIN and BF-BOIN as
    their `timed_rule` says; BOIN12 when both outcomes of a cohort are known. Every other design decides when all
    windows of a cohort are closed; a cohort is cut short where the rule itself answers before it is full and the rest
    cannot change what follows (3+3 after two DLTs).

    Args:
        design: The dose rule.
        truth: One probability for each level, each from 0 to 1.
        calendar: The assumptions.
        response: The chance of a response at each level, for a design that looks at responses (BF-BOIN, BOIN12).
        odds_ratio: How DLT and response go together in a subject, for BOIN12; 1 where they are independent.
        trials: Number of trials; fewer trials are the first of more.
        seed: The seed; results depend on it alone, not on how the work is split.
        run: How pieces of the work are run: `map`, or that of a pool or a cluster.
        progress: Told the number of trials done, now and then.

    Raises:
        InputError: A truth that cannot be, fewer than 2 trials, a negative seed, a design with too many states to
            compile, or assumptions that the design is not simulated with; all that is wrong with these.

    Example:
        >>> from trialwright.design import ThreePlusThree
        >>> calendar = Calendar(window=28, arrivals=Arrivals(pattern="on demand"), without_slot="kept")
        >>> result = simulate_calendar(ThreePlusThree(levels=3), [0, 0, 0], calendar, trials=10, seed=1)
        >>> result.duration.mean, result.treated.mean
        (84.0, 9.0)
    """
    (rates,) = checked_truths(design.levels, [truth])
    (responses,) = checked_truths(design.levels, [response or (0.0,) * design.levels], "true response rates")
    faults = [] if trials >= 2 else [f"{trials} trials; a standard error needs at least 2"]
    faults += _misfits(design, calendar, response, odds_ratio)
    if faults:
        raise InputError(f"{design.name} in calendar time: " + "; ".join(faults))
    block = TimedTrials(design, calendar, tuple(rates.tolist()), tuple(responses.tolist()), odds_ratio or 1.0)
    parts = list(run_blocks(block, trials=trials, seed=seed, run=run, progress=progress))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return CalendarCharacteristics.of(design, calendar, tuple(truth), seed, columns)


@dataclass(frozen=True)
class TimedTrials:
    """The trials of one block, in calendar time."""

    design: Design | BOIN12
    calendar: Calendar
    rates: tuple[float, ...]
    responses: tuple[float, ...]
    odds_ratio: float

    def __call__(self, trials: int, stream: Generator) -> Record:
        """Run `trials` trials."""
        from trialwright.design import calendar_kernels as kernels  # noqa: PLC0415 - numba takes a second to import

        design, record = self.design, kernels.new_record(trials, self.design.levels)
        setting = _setting(self.calendar, design.levels)
        if isinstance(design, BOIN12 | DecidesEarly):
            self._run_by_candidate(design, stream, setting, record)
        elif isinstance(design, RollingSix):
            days = self._days(self.rates, MOST * design.levels)
            kernels.run_rolling(stream, _rolling_rule(design), limits_of(design), setting, days, record)
        else:
            rule = _cohort_rule(design)
            kernels.run_cohorts(stream, rule, setting, self._days(self.rates, rule.cut.shape[1]), record)
        return record

    def _run_by_candidate(self, design: BOIN12 | DecidesEarly, stream: Generator, setting: Any, record: Record) -> None:
        from trialwright.design import late_onset_kernels as kernels  # noqa: PLC0415 - numba takes a second to import

        responses = self._days(self.responses) if design.responds else np.zeros((0, 0))
        given = given_toxicity(self.rates, self.responses, odds_ratio=self.odds_ratio)
        truth = kernels.Truth(self._days(self.rates), responses, given, isinstance(design, BOIN12))
        rule, limits = design.timed_rule(), limits_of(design)
        counted = kernels.run(stream, rule, limits, setting, truth, record, design.capacity)
        n, y = counted.sum(axis=-1), counted[..., 1] + counted[..., 3]
        record.selected[:] *= design.select(counted) if isinstance(design, BOIN12) else design.select(n, y)

    def _days(self, rates: tuple[float, ...], windows: int = 0) -> Floats:
        from trialwright.design.calendar_kernels import new_days  # noqa: PLC0415 - numba takes a second to import

        true = np.array(rates)
        return new_days(true, _powers(true, self.calendar.late_onset), windows)


def _misfits(
    design: Design | BOIN12, calendar: Calendar, response: Sequence[float] | None, odds_ratio: float | None
) -> Iterator[str]:
    """What of the assumptions does not go with the design."""
    responds = isinstance(design, BOIN12) or (isinstance(design, DecidesEarly) and design.responds)
    if responds and response is None:
        yield "it looks at responses; give a true response rate for each level"
    if not responds and response is not None:
        yield "it does not look at responses; leave the response rates out"
    if not responds and calendar.response_window is not None:
        yield "it does not look at responses; leave the response window out"
    if isinstance(design, BOIN12) and odds_ratio is None:
        yield "give the odds ratio of DLT and response in a subject, 1 where they are independent"
    elif odds_ratio is not None and not (isinstance(design, BOIN12) and odds_ratio > 0):
        yield f"an odds ratio of {odds_ratio:g}; BOIN12 alone looks at one, and it must be positive"
    if isinstance(design, DecidesEarly) and design.window != calendar.window:
        yield f"a window of {calendar.window:g} days, and the design's own is {design.window:g}; give the same"


def _setting(calendar: Calendar, levels: int) -> Any:
    from trialwright.design.calendar_kernels import Setting  # noqa: PLC0415 - numba takes a second to import

    staggering = calendar.staggering
    first = {"none": levels, "every dose": 0, "top dose only": levels - 1}[staggering.scope]
    return Setting(
        levels=levels,
        window=float(calendar.window),
        response_window=float(calendar.response_window or calendar.window),
        arrivals=get_args(Pattern).index(calendar.arrivals.pattern),
        apart=float(calendar.arrivals.days_apart),
        kept={"kept": 2**62, "one kept": 1, "lost": 0}[calendar.without_slot],
        screen_failure=float(calendar.screen_failure),
        not_evaluable=float(calendar.not_evaluable),
        replaced=calendar.replaced,
        stagger=float(staggering.days),
        stagger_each=staggering.between == "each and next",
        stagger_from=first,
    )


def _powers(rates: Floats, late: float | None) -> Floats:
    """One over the Weibull shape that puts the share `late` of a level's DLTs into the second half of the window.

    Source: S(w) = 1 - p and S(w/2) = 1 - (1 - late) p for S(t) = exp(-(t/scale)^shape).
    """
    if late is None:
        return np.zeros(len(rates))
    p = np.clip(rates, 1e-9, 1 - 1e-9)
    shape = np.log2(np.log1p(-p) / np.log1p(-(1 - late) * p))
    return np.asarray(1 / shape)


@lru_cache(maxsize=16)
def _cohort_rule(design: Design) -> Any:
    from trialwright.design.calendar_kernels import CohortRule  # noqa: PLC0415 - numba takes a second to import

    automaton = compiled(design)
    return CohortRule(
        dose=automaton.dose.astype(np.int64),
        size=automaton.size.astype(np.int64),
        child=automaton.child.astype(np.int64),
        selected=automaton.selected.astype(np.int64),
        cut=_cut(design, automaton),
    )


def _cut(design: Design, automaton: Automaton) -> Bools:
    """Whether a cohort's first results already decide: the rule answers on them, and all that may follow is the same.

    Returns:
        Shape (nodes, largest size + 1, largest size + 1), by DLTs and by closed windows without one.
    """
    futures = _futures(automaton)
    most = futures.shape[1]
    cut = np.zeros((len(futures), most, most), dtype=np.bool_)
    for dlts in range(most):
        for others in range(most - dlts):
            last = automaton.size - others
            inside = (dlts + others < automaton.size) & (dlts + others > 0)
            for node in np.flatnonzero(inside).tolist():
                following = futures[node, dlts : last[node] + 1]
                if (following == following[0]).all():
                    cut[node, dlts, others] = _answers(design, automaton, node, dlts, others)
    return cut


def _futures(automaton: Automaton) -> Ints:
    """A number for what follows each number of DLTs: two that go on alike to every ending have the same."""
    known: dict[tuple[int, ...], int] = {}
    ends = [
        known.setdefault((-1, *end), len(known))
        for end in zip(automaton.selected.tolist(), automaton.topped.tolist(), strict=True)
    ]
    nodes = [0] * len(automaton.dose)
    following = np.zeros_like(automaton.child)
    for node in range(len(nodes) - 1, -1, -1):
        size = int(automaton.size[node])
        after = [nodes[child] if child >= 0 else ends[~child] for child in automaton.child[node, : size + 1].tolist()]
        following[node, : size + 1] = after
        nodes[node] = known.setdefault((int(automaton.dose[node]), size, *after), len(known))
    return following


def _answers(design: Design, automaton: Automaton, node: int, dlts: int, others: int) -> bool:
    """Whether the rule decides on a cohort of which so many results are known and nobody else is treated."""
    dose = int(automaton.dose[node])
    pairs = zip(automaton.n[node].tolist(), automaton.y[node].tolist(), strict=True)
    tallies = [Tally(n, y) for n, y in pairs]
    n, y, _ = tallies[dose - 1]
    tallies[dose - 1] = Tally(n + dlts + others, y + dlts)
    return design.course(tuple(tallies), dose, last=Tally(dlts + others, dlts)).complete


def _rolling_rule(design: RollingSix) -> Any:
    from trialwright.design.calendar_kernels import RollingRule  # noqa: PLC0415 - numba takes a second to import

    words = ("same", "tolerated", "hold", "too toxic")
    verdict = np.zeros((2, MOST + 1, TOO_MANY + 1, MOST + 1), dtype=np.int64)
    for six, treated, dlts, pending in np.ndindex(verdict.shape):
        verdict[six, treated, dlts, pending] = words.index(design.verdict(treated, dlts, pending, six=bool(six)))
    return RollingRule(
        verdict=verdict,
        top_owes=design.owes_six(design.levels, below_toxic=False),
        below_owes=design.owes_six(1, below_toxic=True),
        start=design.start,
    )


def _faults(calendar: Calendar) -> Iterator[str]:
    arrivals, staggering = calendar.arrivals, calendar.staggering
    for what, word, kind in (
        ("arrivals", arrivals.pattern, Pattern),
        ("staggering", staggering.scope, Scope),
        ("staggering between", staggering.between, Between),
        ("without a slot", calendar.without_slot, WithoutSlot),
    ):
        if word not in get_args(kind):
            yield f"{what} '{word}' is none of: {', '.join(get_args(kind))}"
    if not (calendar.window > 0 and isfinite(calendar.window)):
        yield f"a DLT window of {calendar.window:g} days; it must be longer than 0"
    if calendar.response_window is not None and not (
        calendar.response_window > 0 and isfinite(calendar.response_window)
    ):
        yield f"a response window of {calendar.response_window:g} days; it must be longer than 0"
    if not (arrivals.days_apart >= 0 and isfinite(arrivals.days_apart)):
        yield f"arrivals {arrivals.days_apart:g} days apart; the days must be 0 or more"
    elif (arrivals.pattern == "on demand") != (arrivals.days_apart == 0):
        yield f"arrivals '{arrivals.pattern}' {arrivals.days_apart:g} days apart; 0 days are on demand, and only they"
    if not (staggering.days >= 0 and isfinite(staggering.days)):
        yield f"a stagger of {staggering.days:g} days; it must be 0 or more"
    elif (staggering.scope == "none") != (staggering.days == 0):
        yield f"a stagger of {staggering.days:g} days with the scope '{staggering.scope}'; give both, or neither"
    for what, share in (("screening failures", calendar.screen_failure), ("not evaluable", calendar.not_evaluable)):
        if not 0 <= share < 1:
            yield f"a share of {share:g} {what}; it must be from 0 to below 1"
    if calendar.late_onset is not None and not 0 < calendar.late_onset < 1:
        yield f"a share of {calendar.late_onset:g} late DLTs; it must lie between 0 and 1"
