"""Calendar time in plain Python: the rule is asked as at the bedside; random numbers come in the kernels' order.

There are two ways to go: from event to event, where cohorts are awaited, and from candidate to candidate, where the
rule is asked whenever somebody is there. Every infusion is kept, which the kernels do not.
"""

from dataclasses import dataclass, field
from functools import cache
from itertools import groupby, takewhile
from math import inf, log1p

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

from trialwright.design import (
    BOIN12,
    BackfillBOIN,
    Calendar,
    Cohort,
    FollowUp,
    History,
    JointCohort,
    JointOutcome,
    JointOutcomes,
    Outcome,
    Outcomes,
    RollingSix,
    TreatedCohort,
    TreatedSubject,
    joint_truth,
)
from trialwright.design.calendar import _powers
from trialwright.design.follow_up import DecidesEarly


@dataclass
class Subject:
    """Somebody who was infused; `end` is None for whoever leaves and is replaced."""

    level: int
    entry: float
    until: float
    end: Outcome | None
    response: float = inf
    beside: bool = False
    known: float = 0.0

    def __post_init__(self) -> None:
        self.known = self.until


@dataclass
class Trial:
    """A trial under way, or over: `decided` is when, and `selected` what."""

    design: object
    calendar: Calendar
    truth: list[float]
    response: list[float]
    rng: Generator
    subjects: list[Subject] = field(default_factory=list)
    screened: int = 0
    lost: int = 0
    waiting: int = 0
    path: tuple[Cohort, ...] = ()
    begun: int = 0
    put_off: bool = False
    decided: float = inf
    selected: int = 0

    def __post_init__(self) -> None:
        self.arrival = 0.0
        self.arrival = self.gap() if self.calendar.arrivals.days_apart else inf

    @property
    def kept(self) -> float:
        """How many may wait."""
        return {"kept": inf, "one kept": 1, "lost": 0}[self.calendar.without_slot]

    @property
    def last(self) -> float:
        """When the last window ends, those for responses too where the rule awaits them."""
        return max((one.known for one in self.subjects), default=0.0)

    @property
    def row(self) -> tuple[float, ...]:
        """What the kernels keep of a trial."""
        left = sum(self.left(one) for one in self.subjects)
        dlts = sum(one.end is Outcome.DLT for one in self.subjects)
        counts = (self.screened, len(self.subjects), dlts, left, self.lost)
        return (self.selected, min(self.decided, self.last), self.last, *counts)

    def left(self, one: Subject) -> bool:
        """Whether somebody was not evaluable."""
        return one.end is not Outcome.DLT and one.until < one.entry + self.calendar.window

    def gap(self) -> float:
        """The days to the next candidate, all of them Poisson here."""
        return self.calendar.arrivals.days_apart * self.rng.standard_exponential()

    def counted(self, now: float) -> list[Subject]:
        """Who has not left and been replaced."""
        return [one for one in self.subjects if one.end or one.until > now]

    def free(self, level: int) -> float:
        """From when the stagger lets the next be infused."""
        stagger, levels = self.calendar.staggering, len(self.truth)
        here = [one.entry for one in self.subjects if one.level == level]
        if stagger.scope == "none" or not here or (stagger.scope == "top dose only" and level < levels):
            return -inf
        return (max(here) if stagger.between == "each and next" else min(here)) + stagger.days

    def event(self, rate: float) -> float | None:
        """The share of the window after which an event comes; None where it does not."""
        chance = self.rng.random()
        if chance >= rate:
            return None
        power = float(_powers(np.array([rate]), self.calendar.late_onset)[0])
        return (log1p(-chance) / log1p(-rate)) ** power if power else chance / rate

    def screen(self) -> bool:
        """Whether a candidate is eligible."""
        self.screened += 1
        return not self.calendar.screen_failure or self.rng.random() >= self.calendar.screen_failure

    def infuse(self, level: int, now: float, *, beside: bool = False) -> Subject:
        """Treat somebody."""
        share = self.event(self.truth[level - 1])
        end = Outcome.NO_DLT if share is None else Outcome.DLT
        if self.calendar.not_evaluable and self.rng.random() < self.calendar.not_evaluable:
            share, end = self.rng.random(), None if self.calendar.replaced else Outcome.NO_DLT
        days = self.calendar.window * (1.0 if share is None else share)
        self.subjects.append(Subject(level, now, now + days, end, beside=beside))
        return self.subjects[-1]

    def next_candidate(self, now: float) -> float:
        """When a candidate is there for an open slot."""
        if self.arrival == inf:
            return now
        if self.waiting:
            self.waiting -= 1
            return now
        came, self.arrival = self.arrival, self.arrival + self.gap()
        return came

    def without_slot(self, news: float) -> float:
        """When a candidate is there again after one found no slot."""
        if self.kept == 0 and self.arrival < inf:
            self.lost += 1
            return self.next_candidate(0.0)
        self.waiting += 1
        while self.arrival <= news:
            stays = self.waiting < self.kept
            self.waiting, self.lost = self.waiting + stays, self.lost + (not stays)
            self.arrival += self.gap()
        self.waiting -= 1
        return news

    def respond(self, one: Subject) -> None:
        """Draw whether and when a response comes, given the DLT; whoever leaves before shows none."""
        chance, rate = self.rng.random(), self.response[one.level - 1]
        late, likely, awaited = self.calendar.response_window or self.calendar.window, rate, False
        if isinstance(self.design, BOIN12):
            joint, dlt = (
                joint_truth(self.truth, self.response, odds_ratio=2.0)[one.level - 1],
                int(one.end is Outcome.DLT),
            )
            likely, awaited = joint[2 + dlt] / (joint[dlt] + joint[2 + dlt]), True
        if chance < likely:
            power = float(_powers(np.array([rate]), self.calendar.late_onset)[0])
            share = chance / likely
            seen = one.entry + late * ((log1p(-share * rate) / log1p(-rate)) ** power if power else share)
            one.response = seen if not self.left(one) or (seen <= one.until and not awaited) else inf
        if awaited and not self.left(one):
            one.known = max(one.until, min(one.response, one.entry + late))


def plain_trials(design, calendar, truth, response, trials: int, seed: int) -> list[Trial]:
    """The first trials of a simulation."""
    rng = Generator(Philox(SeedSequence((seed, 0))))
    made = []
    for _ in range(trials):
        made.append(Trial(design, calendar, truth, response, rng))
        (by_candidate if isinstance(design, BOIN12 | DecidesEarly) else by_event)(made[-1])
    return made


def by_event(trial: Trial) -> None:
    """Run a trial that awaits results, as `_next` of the kernels says what comes next."""
    now = 0.0
    while True:
        level, room, answer = asked(trial, now)
        if answer.final:
            trial.decided = now
            consults = answer.rule.endswith("consult")
            trial.selected = trial.design.levels if consults else answer.mtd or 0
            return
        if not room and trial.waiting > trial.kept:
            trial.lost, trial.waiting = trial.lost + trial.waiting - trial.kept, trial.kept
        result = min((one.until for one in trial.subjects if one.until > now), default=inf)
        slot = max(now, trial.free(level)) if room else inf
        infusion = slot if trial.waiting or trial.arrival == inf else inf
        if result <= infusion and result <= trial.arrival:
            now = result
        elif infusion <= trial.arrival:
            now, trial.waiting = infusion, trial.waiting - (trial.arrival < inf)
            if trial.screen():
                trial.infuse(level, now)
        else:
            now = trial.arrival
            trial.arrival += trial.gap()
            stays = slot <= now or trial.waiting < trial.kept
            trial.waiting, trial.lost = trial.waiting + stays, trial.lost + (not stays)


def asked(trial: Trial, now: float):
    """The level, whether there is room, and the rule's answer."""
    if isinstance(trial.design, RollingSix):
        here = trial.counted(now)
        seen = (Cohort(one.level, (one.end if one.until <= now else Outcome.PENDING,)) for one in here)
        answer = trial.design.recommend(Outcomes(tuple(seen)))
        return answer.dose, answer.subjects > 0, answer
    answer = trial.design.recommend(Outcomes(trial.path))
    while not answer.final:
        here = [one for one in trial.counted(now) if one in trial.subjects[trial.begun :]]
        ends = tuple(one.end for one in here if one.until <= now)
        way = ends if len(ends) == answer.subjects else cut_short(trial.design, trial.path, answer, ends)
        if way is None:
            return answer.dose, len(here) < answer.subjects, answer
        trial.path, trial.begun = (*trial.path, Cohort(answer.dose, way)), len(trial.subjects)
        answer = trial.design.recommend(Outcomes(trial.path))
    return answer.dose, False, answer


def cut_short(design, path, answer, known):
    """A whole cohort, if the results known decide and all that may follow is the same whatever the others bring."""
    if not known or not design.recommend(Outcomes((*path, Cohort(answer.dose, known)))).complete:
        return None
    rest = answer.subjects - len(known)
    ways = [(*known, *[Outcome.DLT] * late, *[Outcome.NO_DLT] * (rest - late)) for late in range(rest + 1)]
    follows = [what_follows(design, (*path, Cohort(answer.dose, way))) for way in ways]
    return ways[0] if all(follows[0] == one for one in follows) else None


@cache
def what_follows(design, cohorts):
    """Everything that can follow."""
    answer = design.recommend(Outcomes(cohorts))
    if answer.final:
        return answer.mtd, answer.rule.endswith("consult")
    ways = [
        tuple([Outcome.DLT] * dlts + [Outcome.NO_DLT] * (answer.subjects - dlts)) for dlts in range(answer.subjects + 1)
    ]
    after = tuple(what_follows(design, (*cohorts, Cohort(answer.dose, way))) for way in ways)
    return answer.dose, answer.subjects, after


def by_candidate(trial: Trial) -> None:
    """Run a trial whose rule is asked whenever a candidate is there."""
    design, eliminated = trial.design, None
    now, toxic = trial.next_candidate(0.0), False
    while True:
        here = trial.counted(now)
        leaves = min((one.until for one in here if one.end is None), default=inf)
        news = min((when for one in here for when in moments(design, one) if now < when < inf), default=inf)
        level, beside = None, False
        if full(design, here):
            if leaves == inf:
                break
            news = leaves
        else:
            level, beside, final, waits, eliminated = early_answer(trial, here, now, eliminated)
            if trial.put_off:
                news = min(one.known for one in here if one.known > now)
            if final:
                toxic = not waits
                trial.decided = now if toxic else inf
                break
        if level is not None and trial.free(level) <= now:
            if trial.screen():
                one = trial.infuse(level, now, beside=beside)
                if design.responds:
                    trial.respond(one)
            ahead = trial.next_candidate(now)
        else:
            ahead = trial.without_slot(news if level is None else min(news, trial.free(level)))
        now = ahead
    counts = np.zeros((1, design.levels, 4), dtype=int)
    for one in trial.counted(inf):
        counts[0, one.level - 1, (one.end is Outcome.DLT) + 2 * (one.response < inf)] += 1
    data = (counts,) if isinstance(design, BOIN12) else (counts.sum(axis=-1), counts[..., 1] + counts[..., 3])
    trial.selected = 0 if toxic else int(design.select(*data)[0])


def full(design, here: list[Subject]) -> bool:
    """Whether all are treated: the total, or the escalation's own subjects where no behaviour goes beyond them."""
    mine = sum(not one.beside for one in here)
    total, at_mtd = getattr(design, "total", None), getattr(design, "at_mtd", None)
    return (total is not None and len(here) >= total) or (mine >= design.subjects and not at_mtd)


def is_put_off(design, answer) -> bool:
    """Whether an end waits for every window because of a behaviour."""
    own = bool(getattr(design, "at_mtd", None)) and answer.rule.endswith("follow-up")
    return own or (not answer.final and not answer.subjects and answer.rule.endswith(("total", "at dose")))


def moments(design, one: Subject) -> tuple[float, ...]:
    """When somebody may bring news."""
    least = getattr(design, "least_followed", 0) * getattr(design, "window", 0)
    return one.until, one.response, one.known, *([one.entry + least] if one.entry + least < one.until else [])


def early_answer(trial: Trial, here: list[Subject], now: float, eliminated: int | None):
    """The level, whether beside the escalation, whether it is over, whether the MTD still waits, what is eliminated."""
    design, trial.put_off = trial.design, False
    mine = [one for one in here if not one.beside]
    run = len(list(takewhile(lambda one: one.level == mine[-1].level, reversed(mine)))) if mine else 0
    if run % design.cohort or not mine:
        return mine[-1].level if mine else design.start, False, False, False, eliminated
    if isinstance(design, BOIN12):
        if any(one.known > now for one in mine):
            return None, False, False, False, None
        ends = [(one.level, JointOutcome("NTEB"[(one.end is Outcome.DLT) + 2 * (one.response < inf)])) for one in mine]
        runs = groupby(ends, key=lambda pair: pair[0])
        path = [JointCohort(level, tuple(end for _, end in run)) for level, run in runs]
        answer = design.recommend(JointOutcomes(tuple(path)))
        return answer.dose, False, answer.final, answer.selected is not None, None
    if isinstance(design, BackfillBOIN):
        cohorts = tuple(
            TreatedCohort(
                one.level,
                (TreatedSubject(one.end if one.until <= now else Outcome.PENDING, response=one.response <= now),),
                backfilled=one.beside,
            )
            for one in here
        )
        history = History(cohorts, eliminated)
        if any(one.until > now for one in mine):
            open_, trial.put_off = design.backfill_levels(history), len(mine) >= design.subjects
            return (open_[-1] if open_ else None), True, False, False, eliminated
        answer = design.next_dose(history)
        trial.put_off = is_put_off(design, answer)
        if not trial.put_off and answer.rule.endswith("follow-up"):
            return None, False, True, True, None
        if answer.final:
            return None, False, True, answer.mtd is not None, None
        return (answer.dose if answer.subjects else None), False, False, False, design.eliminated(history)
    window = design.window
    known = [
        FollowUp(one.level, one.until - one.entry if one.end is Outcome.DLT else window, one.end is Outcome.DLT)
        if one.until <= now
        else FollowUp(one.level, now - one.entry, False)
        for one in here
    ]
    answer = design.recommend(known)
    trial.put_off = is_put_off(design, answer)
    over = not trial.put_off and (answer.rule.endswith("follow-up") or answer.mtd is not None)
    return (answer.dose if answer.subjects else None), False, answer.final or over, over, eliminated
