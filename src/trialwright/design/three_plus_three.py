"""The 3+3 dose-escalation design, in the variant without de-escalation that protocols of early cell therapy write.

Source: Storer 1989, Biometrics 45:925, design A (no de-escalation; a cohort of three, three more after one DLT);
what follows a top dose that is tolerated is left to the people who decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

from trialwright.design.outcomes import Cohort, Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation

Verdict = Literal["fill the cohort", "expand", "tolerated", "too toxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreePlusThree:
    """3+3: no DLT in the first cohort goes up, one to `stop_at` - 1 expands it, `stop_at` stops.

    Once `stop_at` DLTs are seen at a level, escalation stops and the level below is the MTD (level 1: no MTD). After a
    top dose that is tolerated the sponsor is consulted; the MTD is then not reached.

    Attributes:
        levels: Number of dose levels.
        cohort: Subjects in the first cohort at a level.
        expand_to: Subjects at a level after its expansion.
        stop_at: DLTs at one level that stop escalation.

    Example:
        >>> design = ThreePlusThree(levels=3)
        >>> print(design.recommend(Outcomes.parse("1NNN 2NTN")))
        1 DLT in 3 evaluable subjects at level 2: treat 3 more at this level.
    """

    levels: int
    cohort: int = 3
    expand_to: int = 6
    stop_at: int = 2

    def __post_init__(self) -> None:
        if not (self.levels >= 1 and 1 <= self.cohort < self.expand_to and 1 <= self.stop_at <= self.cohort):
            raise ValueError(
                "3+3 needs at least 1 level, a cohort below its expansion, and a stopping number within the cohort; "
                f"got levels={self.levels}, cohort={self.cohort}, expand_to={self.expand_to}, stop_at={self.stop_at}"
            )

    def recommend(self, outcomes: Outcomes) -> Recommendation:
        """Say what the next subjects receive, or that escalation ends.

        Open DLT windows count both ways: the rule answers when every way they may end leads the same course, and
        otherwise says stay and for how many it waits.

        Args:
            outcomes: Cohorts in the order treated.

        Raises:
            PathError: A cohort stands at a level that the design does not have.

        Source: as the module; checked over all paths in tests/published/test_three_plus_three.py.
        """
        tallies = outcomes.tallies(self.levels)
        current = outcomes.current
        courses = [self.course(way, current, seen=tallies) for way in _completions(tallies)]
        if all(courses[0].same_course(course) for course in courses):
            return courses[0]
        return self._wait(current, tallies)

    def course(
        self, tallies: tuple[Tally, ...], current: int, *, seen: tuple[Tally, ...] | None = None
    ) -> Recommendation:
        """Say what follows when every window is closed.

        Args:
            tallies: One for each level, none pending.
            current: The level treated last.
            seen: The tallies that the sentence speaks of, where some windows are still open.
        """
        seen = seen or tallies
        for level, tally in enumerate(tallies, start=1):
            if tally.dlts >= self.stop_at:
                return self._stop(level, seen[level - 1])
        tally = tallies[current - 1]
        match self.verdict(tally.evaluable, tally.dlts):
            case "tolerated" if current == self.levels:
                return self._consult(seen[current - 1])
            case "tolerated":
                return self._escalate(current, seen[current - 1])
            case "expand":
                return self._expand(current, seen[current - 1])
            case _:
                return self._fill(current, tally, seen[current - 1])

    def departures(self, outcomes: Outcomes) -> tuple[str, ...]:
        """Where a path was not the one that the rule would have taken; empty when it was.

        Example:
            >>> ThreePlusThree(levels=2).departures(Outcomes.parse("1NTT 2N"))[0][:45]
            'cohort 2 is at level 2; on 1NTT the rule says'
        """
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

    def verdict(self, evaluable: int, dlts: int) -> Verdict:
        """Read the decision table at one level: `dlts` among `evaluable` subjects.

        Example:
            >>> ThreePlusThree(levels=3).verdict(6, 1)
            'tolerated'
        """
        if dlts >= self.stop_at:
            return "too toxic"
        if evaluable == self.cohort:
            return "tolerated" if dlts == 0 else "expand"
        return "tolerated" if evaluable >= self.expand_to else "fill the cohort"

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        more = self.expand_to - self.cohort
        some = "1 DLT" if self.stop_at == 2 else f"1 to {self.stop_at - 1} DLTs"
        sentences = (
            f"Dose escalation follows a 3+3 design over {self.levels} dose levels, from the lowest upwards.",
            f"{self.cohort} subjects are treated at a level.",
            "With no DLT among them the next level may open;",
            f"with {some}, {more} more subjects are treated at the same level,",
            f"and the next level may open if fewer than {self.stop_at} of {self.expand_to} had a DLT.",
            f"{self.stop_at} or more DLTs at a level stop escalation;",
            "the level below is then the maximum tolerated dose, and there is none if this happens at level 1.",
            "A subject whose window is still open counts both ways:",
            "a decision waits for it unless it can no longer change the decision.",
            "If the top level is tolerated, escalation ends without a maximum tolerated dose",
            "and the investigator and the sponsor consult.",
        )
        return " ".join(sentences)

    def _stop(self, level: int, tally: Tally) -> Recommendation:
        mtd = level - 1 or None
        ending = f"the MTD is level {mtd}" if mtd else "there is no level below, so no MTD"
        return _answer(Decision.STOP, None, mtd, "3+3.stop", f"{_seen(level, tally)}: escalation stops and {ending}.")

    def _consult(self, tally: Tally) -> Recommendation:
        return _answer(
            Decision.CONSULT,
            None,
            None,
            "3+3.consult",
            f"{_seen(self.levels, tally)}: the top dose is tolerated, the MTD is not reached; investigator and sponsor "
            "consult.",
        )

    def _escalate(self, level: int, tally: Tally) -> Recommendation:
        why = f"{_seen(level, tally)}: escalate to level {level + 1}."
        return _answer(Decision.ESCALATE, level + 1, None, "3+3.escalate", why, self.cohort)

    def _expand(self, level: int, tally: Tally) -> Recommendation:
        more = self.expand_to - tally.evaluable
        why = f"{_seen(level, tally)}: treat {more} more at this level."
        return _answer(Decision.EXPAND, level, None, "3+3.expand", why, more)

    def _fill(self, level: int, tally: Tally, seen: Tally) -> Recommendation:
        size = self.cohort if tally.evaluable < self.cohort else self.expand_to
        more = size - tally.evaluable
        why = f"{_seen(level, seen)}: treat {more} more at this level to complete {size}."
        return _answer(Decision.STAY, level, None, "3+3.fill", why, more)

    def _wait(self, level: int, tallies: tuple[Tally, ...]) -> Recommendation:
        pending = sum(tally.pending for tally in tallies)
        windows = "1 open DLT window" if pending == 1 else f"{pending} open DLT windows"
        why = f"{_seen(level, tallies[level - 1])}: stay at this level, {windows} can change the decision."
        return Recommendation(
            decision=Decision.STAY, dose=level, mtd=None, subjects=0, waits_for=pending, rule="3+3.wait", why=why
        )


def _completions(tallies: tuple[Tally, ...]) -> list[tuple[Tally, ...]]:
    ways = [[Tally(tally.treated, tally.dlts + late) for late in range(tally.pending + 1)] for tally in tallies]
    return list(product(*ways))


def _seen(level: int, tally: Tally) -> str:
    if tally.treated == 0:
        return f"No subject treated at level {level} yet"
    if tally.evaluable == 0:
        return f"No subject evaluable yet and {tally.pending} pending at level {level}"
    dlts = {0: "No DLT", 1: "1 DLT"}.get(tally.dlts, f"{tally.dlts} DLTs")
    subjects = "1 evaluable subject" if tally.evaluable == 1 else f"{tally.evaluable} evaluable subjects"
    waiting = f" and {tally.pending} pending" if tally.pending else ""
    return f"{dlts} in {subjects}{waiting} at level {level}"


def _answer(
    decision: Decision, dose: int | None, mtd: int | None, rule: str, why: str, subjects: int = 0
) -> Recommendation:
    return Recommendation(decision=decision, dose=dose, mtd=mtd, subjects=subjects, waits_for=0, rule=rule, why=why)
