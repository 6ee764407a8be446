"""What every dose-finding design is: a frozen value that recommends, explains itself, and compiles."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from trialwright.design.decision_table import DecisionTable, NoDecisionTable
from trialwright.design.history import History
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation, not_filled
from trialwright.design.rule import Rule
from trialwright.design.states import States, Steps


class Design(Rule):
    """A dose-finding design. A member is a frozen dataclass in a file of its own, with its parameters and its sentence.

    A member answers one question, `course`: what follows when every DLT window is closed. Members whose answer is
    arithmetic on counts answer `step` for many states at once and derive `course` from it; the others get `step` from
    `course`. Everything else (the answer with open windows, the compiled automaton, exact operating characteristics,
    simulation, path trees) follows from these.

    Attributes:
        levels: Number of dose levels.
        cohort: Subjects who are treated together before the rule is asked.
    """

    @property
    def listed(self) -> int:
        """States up to which the design is listed for a question about its largest trial; that takes a second."""
        return 500_000

    @abstractmethod
    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows when every window is closed.

        Args:
            tallies: One for each level, none pending.
            current: The level treated last.
            last: The cohort treated last, as far as it is known apart; None before anybody was treated.
            seen: The tallies that the sentence speaks of, where some windows are still open.
        """

    def next_dose(self, history: History) -> Recommendation:
        """Say what the next subjects receive, or that escalation waits or ends."""
        return self.recommend(history.outcomes)

    def parse(self, path: str) -> History:
        """Read a history written as `1NNN 2NTP`: see `Outcomes.parse`."""
        return History.of(Outcomes.parse(path))

    def write(self, history: History) -> str:
        """Write a history as `1NNN 2NTP`."""
        return str(history.outcomes)

    def recommend(self, outcomes: Outcomes) -> Recommendation:
        """Say what the next subjects receive, or that escalation ends.

        Open DLT windows count both ways: the rule answers when every way they may end leads the same course, and
        otherwise says stay and for how many it waits.

        Args:
            outcomes: Cohorts in the order treated.

        Raises:
            PathError: A cohort stands at a level that the design does not have.

        Source: tests/contract/test_designs.py, over all paths to depth three and random ones beyond.
        """
        tallies = outcomes.tallies(self.levels)
        ways = map(self.counted, _completions(outcomes))
        courses = [self._course(way, way.tallies(self.levels), seen=tallies) for way in ways]
        if all(courses[0].same_course(course) for course in courses):
            return courses[0]
        return self._wait(outcomes.current if outcomes.cohorts else self.start, tallies)

    def _course(
        self, closed: Outcomes, tallies: tuple[Tally, ...], seen: tuple[Tally, ...] | None = None
    ) -> Recommendation:
        """What follows when every window is closed.

        A cohort that is not whole is left where what is known of the cohorts before it would not lead to it any more.

        Args:
            closed: Cohorts, the last of them at the level that is asked for.
            tallies: All that is known, later cohorts among it.
            seen: As for `course`.
        """
        current = closed.current if closed.cohorts else self.start
        answer = self.course(tallies, current, last=_last(closed), seen=seen)
        if answer.complete or len(closed.cohorts) < 2:
            return answer
        before = Outcomes(closed.cohorts[:-1])
        if self._leads_to(current, before):
            return answer
        return not_filled(answer, self._course(before, tallies, seen), current)

    def _leads_to(self, level: int, closed: Outcomes) -> bool:
        """Whether these cohorts lead to a level or higher; one that is not whole is judged as it is."""
        tallies = closed.tallies(self.levels)
        answer = self._course(closed, tallies)
        if answer.complete:
            return not answer.final and (answer.dose or 0) >= level
        return int(self.step(States.one(tallies, closed.current, _last(closed) or Tally())).dose[0]) >= level

    def counted(self, outcomes: Outcomes) -> Outcomes:
        """Outcomes as the rule reads them where a cohort holds more subjects than it was planned with: all of them.

        So it is when a subject who was replaced turns out to have had a DLT.
        """
        return outcomes

    def departures(self, outcomes: Outcomes) -> tuple[str, ...]:
        """Where a path was not the one that the rule would have taken; empty when it was."""
        found = []
        before: tuple[Cohort, ...] = ()
        for place, (dose, results) in enumerate(outcomes.cohorts, start=1):
            rest = results
            while rest:
                answer = self.recommend(Outcomes(before))
                if answer.dose != dose:
                    path = str(Outcomes(before)) or "no subject"
                    found.append(f"cohort {place} is at level {dose}; on {path} the rule says: {answer.why}")
                share = answer.subjects if answer.dose == dose and answer.subjects else len(rest)
                before = (*before, Cohort(dose, rest[:share]))
                rest = rest[share:]
        return tuple(found)

    def step(self, states: States) -> Steps:
        """Answer many states at once, each just after a whole cohort."""
        answers = [self._answer_row(states, row) for row in range(len(states.dose))]
        return Steps(
            dose=np.array([0 if a.final else a.dose or 0 for a in answers], dtype=np.int64),
            subjects=np.array([0 if a.final else a.subjects for a in answers], dtype=np.int64),
            selected=np.array([self._selected(a) if a.final else 0 for a in answers], dtype=np.int64),
            topped=np.array([a.decision is Decision.CONSULT for a in answers], dtype=np.bool_),
            rule=np.zeros(len(answers), dtype=np.int64),
        )

    def decision_table(self) -> DecisionTable:
        """The rule by subjects and DLTs at the current level.

        Raises:
            NoDecisionTable: The rule looks at more than the current level.
        """
        raise NoDecisionTable(
            f"{self.name} looks at more than the current level; `trialwright paths` lists what it does"
        )

    def first(self) -> tuple[int, int]:
        """The level and the size of the first cohort."""
        return self.start, self.cohort

    def _answer_row(self, states: States, row: int) -> Recommendation:
        pairs = zip(states.n[row].tolist(), states.y[row].tolist(), strict=True)
        last = Tally(int(states.last_n[row]), int(states.last_y[row]))
        return self.course(tuple(Tally(n, y) for n, y in pairs), int(states.dose[row]), last=last)

    def _selected(self, answer: Recommendation) -> int:
        return self.levels if answer.decision is Decision.CONSULT else answer.mtd or 0

    def _wait(self, level: int, tallies: tuple[Tally, ...]) -> Recommendation:
        pending = sum(tally.pending for tally in tallies)
        told = seen_at(level, tallies[level - 1])
        why = f"{told}: stay at this level, {open_windows(pending)} can change the decision."
        return self._answer(Decision.STAY, "wait", why, dose=level, waits_for=pending, complete=False)


def lacking(last: Tally, total: int, *, planned: int, subjects: int) -> int:
    """How many subjects a cohort of `planned` still lacks, in a trial that treats `subjects` at most.

    Example:
        >>> lacking(Tally(2, 0), 8, planned=3, subjects=30), lacking(Tally(2, 0), 30, planned=3, subjects=30)
        (1, 0)
    """
    return max(0, min(planned, subjects - total + last.treated) - last.treated)


def unfinished(tallies: Sequence[Tally], tolerated: Sequence[bool], current: int) -> int | None:
    """The lowest level (1-based) that its own data do not tolerate; one below the current level only once treated.

    Nothing above it may be recommended, also where a late DLT makes it so after the level was left.

    Example:
        >>> unfinished([Tally(3, 1), Tally(3, 0), Tally()], [False, True, False], current=2)
        1
    """
    levels = enumerate(zip(tallies, tolerated, strict=False), start=1)
    return next((level for level, (tally, is_) in levels if not is_ and (tally.treated or level >= current)), None)


def open_windows(pending: int) -> str:
    """How many open DLT windows there are, in words.

    Example:
        >>> open_windows(1), open_windows(3)
        ('1 open DLT window', '3 open DLT windows')
    """
    return "1 open DLT window" if pending == 1 else f"{pending} open DLT windows"


def seen_at(level: int, tally: Tally) -> str:
    """How a level stands, in the words of a dose decision's minutes.

    Example:
        >>> seen_at(2, Tally(3, 1))
        '1 DLT in 3 evaluable subjects at level 2'
    """
    if tally.treated == 0:
        return f"No subject treated at level {level} yet"
    if tally.evaluable == 0:
        return f"No subject evaluable yet and {tally.pending} pending at level {level}"
    dlts = {0: "No DLT", 1: "1 DLT"}.get(tally.dlts, f"{tally.dlts} DLTs")
    subjects = "1 evaluable subject" if tally.evaluable == 1 else f"{tally.evaluable} evaluable subjects"
    waiting = f" and {tally.pending} pending" if tally.pending else ""
    return f"{dlts} in {subjects}{waiting} at level {level}"


def _completions(outcomes: Outcomes) -> Iterator[Outcomes]:
    """Every way in which the open windows may end; subjects of a cohort are alike, so only their number counts."""
    cohorts = outcomes.cohorts
    waiting = [sum(outcome is Outcome.PENDING for outcome in cohort.outcomes) for cohort in cohorts]
    for late in product(*(range(pending + 1) for pending in waiting)):
        yield Outcomes(tuple(_closed(cohort, dlts) for cohort, dlts in zip(cohorts, late, strict=True)))


def _closed(cohort: Cohort, late_dlts: int) -> Cohort:
    known = [outcome for outcome in cohort.outcomes if outcome is not Outcome.PENDING]
    waiting = len(cohort.outcomes) - len(known)
    late = [Outcome.DLT] * late_dlts + [Outcome.NO_DLT] * (waiting - late_dlts)
    return Cohort(cohort.dose, (*known, *late))


def _last(outcomes: Outcomes) -> Tally | None:
    if not outcomes.cohorts:
        return None
    results = outcomes.cohorts[-1].outcomes
    return Tally(len(results), sum(outcome is Outcome.DLT for outcome in results))
