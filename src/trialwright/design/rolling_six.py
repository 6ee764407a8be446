"""The rolling six design: up to six subjects enter a level while the windows of earlier ones are open.

Source: Skolnik et al. 2008, J Clin Oncol 26:190; the decision table as in Frankel et al. 2020, JAMA Netw Open
3(5):e204787, Table 2. What follows a level that is too toxic, and what the top level owes, are not in the table: they
are the variants of 3+3, named likewise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from trialwright.design.design import Design, seen_at, unfinished
from trialwright.design.history import History
from trialwright.design.outcomes import Cohort, Outcome, Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.three_plus_three import PastTheTopDose, Variant, begins, start_checks
from trialwright.errors import InputError

LEAST, MOST, TOO_MANY = 3, 6, 2
"""Subjects from whom on a level may be tolerated, subjects that it holds, and DLTs that are too many."""

Verdict = Literal["same", "tolerated", "hold", "too toxic"]


@dataclass(frozen=True, kw_only=True)
class RollingSix(Design):
    """Rolling six: each next subject is placed by how many are at the level, with a DLT, and with an open window.

    Attributes:
        levels: Number of dose levels.
        variant: What the MTD owes before it is one: nothing more, or six subjects; the top level too, or not.
        past_the_top_dose: What a tolerated top level is.
        start: Level of the first subject. Above 1 the levels below are for de-escalation.

    Raises:
        InputError: The parameters make no design; all that is wrong with them.

    Example:
        >>> from trialwright.design import Outcomes
        >>> print(RollingSix(levels=3).recommend(Outcomes.parse("1NNP")))
        No DLT in 2 evaluable subjects and 1 pending at level 1: treat the next subject at this level.
    """

    name: ClassVar[str] = "rolling six"
    rolling: ClassVar[bool] = True

    levels: int
    variant: Variant = "de-escalation"
    past_the_top_dose: PastTheTopDose = "consult"
    start: int = 1
    cohort: int = field(default=1, init=False)

    def __post_init__(self) -> None:
        words = ((self.variant, Variant), (self.past_the_top_dose, PastTheTopDose))
        faults = [f"'{word}' is none of: {', '.join(get_args(of))}" for word, of in words if word not in get_args(of)]
        if self.levels < 1:
            faults.insert(0, f"{self.levels} levels; at least 1 is needed")
        faults += [text for text, wrong in start_checks(self.start, self.levels, self.variant) if wrong]
        if faults:
            raise InputError(f"{self.name}: " + "; ".join(faults))

    def verdict(self, treated: int, dlts: int, pending: int, *, six: bool = False) -> Verdict:
        """Read the decision table at one level.

        Args:
            treated: Subjects at the level, those with an open window included.
            dlts: Those with a DLT.
            pending: Those with an open window.
            six: Whether the level owes six subjects before it is tolerated.

        Example:
            >>> design = RollingSix(levels=3)
            >>> design.verdict(3, 0, 0), design.verdict(4, 0, 1), design.verdict(6, 0, 1), design.verdict(6, 1, 2)
            ('tolerated', 'same', 'tolerated', 'hold')

        Source: Frankel et al. 2020, Table 2, column Rolling 6.
        """
        if dlts >= TOO_MANY:
            return "too toxic"
        if treated >= MOST:
            return "tolerated" if dlts + pending < TOO_MANY else "hold"
        settled = treated >= LEAST and dlts == 0 and pending == 0
        return "tolerated" if settled and not six else "same"

    @property
    def planned(self) -> tuple[int, int]:
        """From the fewest subjects that tolerate a level, at each level from the start, to a full level at all."""
        return LEAST * (self.levels - self.start + 1), MOST * self.levels

    @property
    def most_at_level(self) -> int:
        """The subjects that a level holds."""
        return MOST

    def room(self, history: History, level: int) -> int:
        """How many more subjects may be treated at a level."""
        return MOST - history.tallies(self.levels)[level - 1].treated

    def owes_six(self, level: int, *, below_toxic: bool) -> bool:
        """Whether a level (1-based) must have six subjects before it is tolerated."""
        if below_toxic:
            return self.variant != "no de-escalation"
        return level == self.levels and self.variant == "six at the MTD"

    def recommend(self, outcomes: Outcomes) -> Recommendation:
        """Say what the next subject receives, now, with the windows that are open; or that escalation ends.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """
        return self.course(outcomes.tallies(self.levels), outcomes.current if outcomes.cohorts else self.start)

    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,  # noqa: ARG002 - the counts of the levels decide, not the last cohort
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows, with the windows that are open."""
        seen = seen or tallies
        toxic = next((level for level, tally in enumerate(tallies, start=1) if tally.dlts >= TOO_MANY), None)
        if toxic == 1:
            return self._end(f"{seen_at(1, seen[0])}: escalation stops and there is no level below, so no MTD.")
        in_reach = tallies[: toxic - 1] if toxic else tallies
        tolerated = [self.verdict(*_counts(tally)) == "tolerated" for tally in in_reach]
        owing = unfinished(in_reach, tolerated, current)
        if owing is not None and owing > current:
            return self._up(owing, f"{seen_at(current, seen[current - 1])}: escalate to level {owing}.")
        level = owing or (toxic - 1 if toxic else self.levels)
        tally, told = tallies[level - 1], seen_at(level, seen[level - 1])
        six = owing is None and self.owes_six(level, below_toxic=toxic is not None)
        verdict = self.verdict(*_counts(tally), six=six)
        if level + 1 == toxic:
            told = f"{seen_at(toxic, seen[toxic - 1])}, and {told[0].lower()}{told[1:]}"
        match verdict:
            case "hold":
                return self._hold(level, tally, told)
            case "same":
                return self._treat(level, current, told)
            case _ if toxic:
                return self._end(f"{told}: escalation stops and the MTD is level {level}.", mtd=level)
            case _:
                return self._top(told)

    def departures(self, outcomes: Outcomes) -> tuple[str, ...]:
        """Where a path was not the one that the rule would have taken; empty when it was.

        A path does not say which windows were open when a subject came, so a dose is a departure only if it is one
        both with the known outcomes of the level and with all of them open.
        """
        found = []
        before: tuple[Cohort, ...] = ()
        for place, (dose, results) in enumerate(outcomes.cohorts, start=1):
            for result in results:
                answer = self.recommend(Outcomes(before))
                open_ = self.recommend(_reopened(before))
                if dose not in {one.dose for one in (answer, open_) if one.subjects}:
                    path = str(Outcomes(before)) or "no subject"
                    found.append(f"cohort {place} is at level {dose}; on {path} the rule says: {answer.why}")
                before = (*before, Cohort(dose, (result,)))
        return tuple(found)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        six = {
            "no de-escalation": "the level below is then the maximum tolerated dose,",
            "de-escalation": f"the level below is then filled to {MOST} and is the maximum tolerated dose if fewer "
            f"than {TOO_MANY} of them had a DLT, else the next level down is treated likewise;",
        }
        six["six at the MTD"] = six["de-escalation"]
        owed = f" by {MOST} subjects" if self.variant == "six at the MTD" else ""
        ends = {
            "consult": "escalation ends without a maximum tolerated dose and the investigator and the sponsor consult.",
            "MTD": "it is the maximum tolerated dose.",
        }
        sentences = (
            f"Dose escalation follows the rolling six design over {self.levels} dose levels,",
            f"from {begins(self.start)} upwards.",
            f"Up to {MOST} subjects enter a level one after the other, also while earlier windows are open.",
            f"The next level opens once {LEAST} or more subjects at a level are all evaluable without a DLT,",
            f"or {MOST} are treated of whom fewer than {TOO_MANY} have a DLT or an open window.",
            f"With {MOST} treated and more open, enrolment is held. {TOO_MANY} DLTs at a level are too many;",
            six[self.variant],
            "and there is none if level 1 fails.",
            f"If the top level is tolerated{owed}, {ends[self.past_the_top_dose]}",
        )
        return " ".join(sentences)

    def _treat(self, level: int, current: int, told: str) -> Recommendation:
        if level > current:
            return self._up(level, f"{told}: treat the next subject at level {level}.")
        if level < current:
            why = f"{told}: treat the next subject at level {level}."
            return Recommendation(
                decision=Decision.DE_ESCALATE, rule="rolling six.de-escalate", why=why, dose=level, subjects=1
            )
        why = f"{told}: treat the next subject at this level."
        return Recommendation(
            decision=Decision.STAY, rule="rolling six.same", why=why, dose=level, subjects=1, complete=False
        )

    def _up(self, level: int, why: str) -> Recommendation:
        return Recommendation(decision=Decision.ESCALATE, rule="rolling six.escalate", why=why, dose=level, subjects=1)

    def _hold(self, level: int, tally: Tally, told: str) -> Recommendation:
        why = f"{told}: enrolment is held, the level is full and its open windows can change the decision."
        return Recommendation(
            decision=Decision.STAY,
            rule="rolling six.hold",
            why=why,
            dose=level,
            waits_for=tally.pending,
            complete=False,
        )

    def _top(self, told: str) -> Recommendation:
        if self.past_the_top_dose == "MTD":
            return self._end(f"{told}: the top dose is tolerated and is the MTD.", mtd=self.levels)
        why = f"{told}: the top dose is tolerated, the MTD is not reached; investigator and sponsor consult."
        return Recommendation(decision=Decision.CONSULT, rule="rolling six.consult", why=why)

    def _end(self, why: str, mtd: int | None = None) -> Recommendation:
        return Recommendation(decision=Decision.STOP, rule="rolling six.stop", why=why, mtd=mtd)


def _counts(tally: Tally) -> tuple[int, int, int]:
    """The columns of the decision table: subjects at the level, those with a DLT, those with an open window."""
    return tally.treated, tally.dlts, tally.pending


def _reopened(cohorts: tuple[Cohort, ...]) -> Outcomes:
    """The same path with every window open at the level treated last."""
    last = cohorts[-1].dose if cohorts else 0
    return Outcomes(tuple(Cohort(dose, (Outcome.PENDING,) if dose == last else found) for dose, found in cohorts))
