"""The 3+3 dose-escalation design, in the variant without de-escalation that protocols of early cell therapy write.

Source: Storer 1989, Biometrics 45:925, design A (no de-escalation; a cohort of three, three more after one DLT);
what follows a top dose that is tolerated is left to the people who decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from trialwright.design.design import Design, seen_at
from trialwright.design.outcomes import Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.errors import InputError

Verdict = Literal["fill the cohort", "expand", "tolerated", "too toxic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreePlusThree(Design):
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
        >>> from trialwright.design import Outcomes
        >>> print(design.recommend(Outcomes.parse("1NNN 2NTN")))
        1 DLT in 3 evaluable subjects at level 2: treat 3 more at this level.
    """

    name: ClassVar[str] = "3+3"
    hold: ClassVar[Decision] = Decision.EXPAND

    levels: int
    cohort: int = 3
    expand_to: int = 6
    stop_at: int = 2

    def __post_init__(self) -> None:
        if not (self.levels >= 1 and 1 <= self.cohort < self.expand_to and 1 <= self.stop_at <= self.cohort):
            raise InputError(
                "3+3 needs at least 1 level, a cohort below its expansion, and a stopping number within the cohort; "
                f"got levels={self.levels}, cohort={self.cohort}, expand_to={self.expand_to}, stop_at={self.stop_at}"
            )

    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,  # noqa: ARG002 - the counts of the level decide, not the last cohort
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows when every window is closed.

        Source: as the module; checked over all paths in tests/published/test_three_plus_three.py.
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

    @property
    def planned(self) -> tuple[int, int]:
        """A cohort at every level, up to an expansion of each."""
        return self.cohort * self.levels, self.expand_to * self.levels

    @property
    def most_at_level(self) -> int:
        """The size of an expanded cohort."""
        return self.expand_to

    def room(self, tallies: Sequence[Tally], level: int) -> int:
        """How many more subjects may be treated at a level: up to its expansion."""
        return self.expand_to - tallies[level - 1].treated

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
        return _answer(Decision.STOP, None, mtd, "3+3.stop", f"{seen_at(level, tally)}: escalation stops and {ending}.")

    def _consult(self, tally: Tally) -> Recommendation:
        return _answer(
            Decision.CONSULT,
            None,
            None,
            "3+3.consult",
            f"{seen_at(self.levels, tally)}: the top dose is tolerated, the MTD is not reached; investigator and "
            "sponsor consult.",
        )

    def _escalate(self, level: int, tally: Tally) -> Recommendation:
        why = f"{seen_at(level, tally)}: escalate to level {level + 1}."
        return _answer(Decision.ESCALATE, level + 1, None, "3+3.escalate", why, self.cohort)

    def _expand(self, level: int, tally: Tally) -> Recommendation:
        more = self.expand_to - tally.evaluable
        why = f"{seen_at(level, tally)}: treat {more} more at this level."
        return _answer(Decision.EXPAND, level, None, "3+3.expand", why, more)

    def _fill(self, level: int, tally: Tally, seen: Tally) -> Recommendation:
        size = self.cohort if tally.evaluable < self.cohort else self.expand_to
        more = size - tally.evaluable
        why = f"{seen_at(level, seen)}: treat {more} more at this level to complete {size}."
        return _answer(Decision.STAY, level, None, "3+3.fill", why, more, complete=False)


def _answer(
    decision: Decision,
    dose: int | None,
    mtd: int | None,
    rule: str,
    why: str,
    subjects: int = 0,
    *,
    complete: bool = True,
) -> Recommendation:
    return Recommendation(
        decision=decision,
        dose=dose,
        mtd=mtd,
        subjects=subjects,
        waits_for=0,
        rule=rule,
        why=why,
        complete=complete,
    )
