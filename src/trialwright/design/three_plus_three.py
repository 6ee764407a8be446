"""The 3+3 dose-escalation design, in the variants that protocols write; none of them is called 3+3 alone.

Source: Storer 1989, Biometrics 45:925, design A (no de-escalation; a cohort of three, three more after one DLT);
de-escalation and six subjects at the MTD as in Korn et al. 1994, Stat Med 13:1799; to consult past the top dose as
NCT05962762 does; no expansion as NCT04971980 is registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np

from trialwright.design.design import Design, seen_at, unfinished
from trialwright.design.history import History
from trialwright.design.outcomes import Outcomes, Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.design.states import Ints, States, Steps, distinct, first_true
from trialwright.errors import InputError

Verdict = Literal["fill the cohort", "expand", "tolerated", "too toxic", "no path"]

Variant = Literal["no de-escalation", "de-escalation", "six at the MTD"]
"""What the MTD owes. No de-escalation: the level below the one that stopped is the MTD as it stands. De-escalation:
that level is first filled to its expansion, and the next one down if it fails. Six at the MTD: so is the top level."""

NO_PATH = "3+3.no-path"
"""The rule that fires where the protocol names no path."""

NOBODY = Tally()
"""The last cohort, where a level was opened once more and nobody is treated there since."""

SomeDlts = Literal["expand", "escalate", "stop", "consult"]
"""What DLTs below the stopping number do in the first cohort of a level."""

PastTheTopDose = Literal["consult", "MTD"]
"""What a tolerated top level is: a reason to consult, with the MTD not reached, or the MTD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreePlusThree(Design):
    """3+3: no DLT in the first cohort goes up, one to `stop_at` - 1 expands it, `stop_at` are too many.

    Attributes:
        levels: Number of dose levels.
        cohort: Subjects in the first cohort at a level.
        expand_to: Subjects at a level after its expansion; as many as the cohort where there is none.
        stop_at: DLTs at one level that are too many: the MTD is below.
        variant: What the MTD owes before it is one.
        some_dlts: What 1 to `stop_at` - 1 DLTs do in the first cohort. `expand` is the 3+3 of the literature; the
            others have no expansion, and `consult` says that the protocol names no path.
        past_the_top_dose: What a tolerated top level is.
        start: Level of the first cohort. Above 1 the levels below are for de-escalation: one where nobody was treated
            is given a cohort first, and is filled after it.

    Raises:
        InputError: The numbers make no 3+3; all that is wrong with them.

    Example:
        >>> design = ThreePlusThree(levels=3)
        >>> from trialwright.design import Outcomes
        >>> print(design.recommend(Outcomes.parse("1NNN 2NTN")))
        1 DLT in 3 evaluable subjects at level 2: treat 3 more at this level.
        >>> print(ThreePlusThree(levels=3, variant="de-escalation").recommend(Outcomes.parse("1NNN 2TTN")))
        2 DLTs in 3 evaluable subjects at level 2: too toxic; treat 3 more at level 1 to complete 6.
    """

    name: ClassVar[str] = "3+3"
    hold: ClassVar[Decision] = Decision.EXPAND

    levels: int
    cohort: int = 3
    expand_to: int = 6
    stop_at: int = 2
    variant: Variant = "no de-escalation"
    some_dlts: SomeDlts = "expand"
    past_the_top_dose: PastTheTopDose = "consult"
    start: int = 1

    def __post_init__(self) -> None:
        faults = [text for text, wrong in self._checks() if wrong]
        if faults:
            raise InputError("3+3: " + "; ".join(faults))

    def course(
        self,
        tallies: tuple[Tally, ...],
        current: int,
        *,
        last: Tally | None = None,
        seen: tuple[Tally, ...] | None = None,
    ) -> Recommendation:
        """Say what follows when every window is closed.

        A level that was opened once more, where nobody is treated since, is to be filled and not expanded again.

        Source: as the module; checked over all paths in tests/published/test_three_plus_three.py.
        """
        seen = seen or tallies
        verdicts = [self.verdict(tally.evaluable, tally.dlts) for tally in tallies]
        toxic = verdicts.index("too toxic") + 1 if "too toxic" in verdicts else None
        in_reach = tallies[: toxic - 1] if toxic else tallies
        owing = unfinished(in_reach, [verdict == "tolerated" for verdict in verdicts], current)
        if owing is None:
            return self._below(toxic, tallies, current, seen) if toxic else self._top(tallies, current, last, seen)
        tally, told = tallies[owing - 1], seen_at(owing, seen[owing - 1])
        if verdicts[owing - 1] == "no path":
            why = f"{told}: the protocol names no path from here; investigator and sponsor consult."
            return Recommendation(decision=Decision.CONSULT, rule=NO_PATH, why=why)
        if owing > current:
            return self._up(owing, tally, seen_at(current, seen[current - 1]))
        if owing < current:
            more = self._owed(tally) - tally.evaluable
            why = f"{told}: not tolerated so far; treat {more} more at level {owing} to complete {self._owed(tally)}."
            return self._down(owing, why, more)
        if verdicts[owing - 1] == "expand" and last != NOBODY:
            return self._expand(tally, owing, told)
        return self._fill(tally, owing, told)

    @property
    def planned(self) -> tuple[int, int]:
        """A cohort at every level from the start, up to an expansion of each level."""
        return self.cohort * (self.levels - self.start + 1), self.expand_to * self.levels

    @property
    def most_at_level(self) -> int:
        """The size of an expanded cohort."""
        return self.expand_to

    def room(self, history: History, level: int) -> int:
        """How many more subjects may be treated at a level: up to its expansion."""
        sizes = history.outcomes.sizes_at(level)
        return max(0, self.expand_to - sum(sizes) + self._beyond(sizes))

    def counted(self, outcomes: Outcomes) -> Outcomes:
        """Outcomes in whole cohorts: of subjects beyond one, as many without a DLT are left out, and every DLT stays.

        The table has no row for four subjects in a cohort of three. One DLT among them is read as one in three, which
        is never less cautious than the three would be without the fourth.

        Example:
            >>> from trialwright.design import Outcomes
            >>> str(ThreePlusThree(levels=3).counted(Outcomes.parse("1NNNT 2NNN")))
            '1NNT 2NNN'
        """
        beyond = dict(enumerate(map(self._beyond, map(outcomes.sizes_at, range(1, self.levels + 1))), start=1))
        return outcomes.without_free(beyond) if any(beyond.values()) else outcomes

    def verdict(self, evaluable: int, dlts: int) -> Verdict:
        """Read the decision table at one level: `dlts` among `evaluable` subjects.

        Example:
            >>> ThreePlusThree(levels=3).verdict(6, 1)
            'tolerated'
        """
        if dlts >= self.stop_at:
            return "too toxic"
        if evaluable == self.cohort and dlts:
            some: dict[SomeDlts, Verdict] = {"escalate": "tolerated", "stop": "too toxic", "consult": "no path"}
            return some.get(self.some_dlts, "expand")
        return "tolerated" if evaluable == self.cohort or evaluable >= self.expand_to else "fill the cohort"

    def step(self, states: States) -> Steps:
        """Answer many states at once; an ending without a path selects no level.

        States that agree in what `course` looks at are asked once: the current level, the lowest that is too toxic, how
        many were treated below that one, and the lowest that is not tolerated yet.
        """
        toxic, owing = self._looked_for(states)
        none = np.zeros((len(toxic), 1), dtype=states.n.dtype)
        n, y = (np.concatenate([counts, none], axis=1) for counts in (states.n, states.y))
        levels = (np.maximum(toxic - 1, 0)[:, None], owing[:, None])
        below, n_owing, y_owing = (
            np.take_along_axis(counts, level, axis=1)[:, 0]
            for counts, level in ((n, levels[0]), (n, levels[1]), (y, levels[1]))
        )
        looked_at = [states.dose, states.here(states.n), states.here(states.y), toxic, below, owing, n_owing, y_owing]
        first, which = distinct(looked_at)
        steps = super(ThreePlusThree, self).step(States(*(column.take(first, axis=0) for column in states)))
        steps = Steps(**{name: column[which] for name, column in steps._asdict().items()})
        return steps._replace(topped=steps.topped & (steps.selected == self.levels))

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        sentences = (
            f"Dose escalation follows a 3+3 design over {self.levels} dose levels, from {begins(self.start)} upwards.",
            f"{self.cohort} subjects are treated at a level.",
            "With no DLT among them the next level may open;",
            self._some_dlts_in_words(),
            self._too_many_in_words(),
            "A subject whose window is still open counts both ways:",
            "a decision waits for it unless it can no longer change the decision.",
            "A subject who was replaced counts once a DLT within the window is known;",
            "among more subjects than a cohort holds, all DLTs count, and as many subjects as it holds.",
            self._top_in_words(),
        )
        return " ".join(sentences)

    def _beyond(self, sizes: tuple[int, ...]) -> int:
        """How many of the subjects at a level, by the sizes of its cohorts, are more than its first cohort holds.

        Those beyond its expansion count: the table says of seven what it says of six.
        """
        whole = 0
        for size in sizes:
            reached = whole + size
            overfull = whole < self.cohort < reached and not self.cohort < self.expand_to <= reached
            whole = self.cohort if overfull else reached
        return sum(sizes) - whole

    def _looked_for(self, states: States) -> tuple[Ints, Ints]:
        """The lowest level too toxic, and the lowest unfinished one below it; 0-based, past the top for none."""
        first, which = distinct([states.n.ravel(), states.y.ravel()])
        pairs = zip(states.n.ravel()[first].tolist(), states.y.ravel()[first].tolist(), strict=True)
        found = np.array([self.verdict(n, y) for n, y in pairs])[which].reshape(states.n.shape)
        toxic = first_true(found == "too toxic")
        level = np.arange(self.levels)
        counts = (states.n > 0) | (level >= states.dose[:, None] - 1)
        return toxic, first_true((found != "tolerated") & counts & (level < toxic[:, None]))

    def _below(self, toxic: int, tallies: tuple[Tally, ...], current: int, seen: tuple[Tally, ...]) -> Recommendation:
        """What follows once level `toxic` is too toxic: the level below is the MTD, or owes more subjects first."""
        below = toxic - 1
        told = seen_at(toxic, seen[toxic - 1])
        if below == 0:
            return Recommendation(
                decision=Decision.STOP,
                rule="3+3.stop",
                why=f"{told}: escalation stops and there is no level below, so no MTD.",
            )
        missing = self.expand_to - tallies[below - 1].evaluable
        if self.variant == "no de-escalation" or missing <= 0:
            if current == below and self.variant != "no de-escalation":
                told = f"{seen_at(below, seen[below - 1])}, and level {toxic} is too toxic"
            return Recommendation(
                decision=Decision.STOP,
                rule="3+3.stop",
                why=f"{told}: escalation stops and the MTD is level {below}.",
                mtd=below,
            )
        if tallies[below - 1].evaluable < self.cohort and current != below:
            missing = self.cohort - tallies[below - 1].evaluable
            why = f"{told}: too toxic; treat {missing} at level {below}."
            return Recommendation(
                decision=Decision.DE_ESCALATE, rule="3+3.de-escalate", why=why, dose=below, subjects=missing
            )
        if current == below:
            return self._fill(tallies[below - 1], below, seen_at(below, seen[below - 1]))
        why = f"{told}: too toxic; treat {missing} more at level {below} to complete {self.expand_to}."
        if current < below:
            return Recommendation(
                decision=Decision.ESCALATE, rule="3+3.escalate", why=why, dose=below, subjects=missing
            )
        return self._down(below, why, missing)

    def _top(
        self, tallies: tuple[Tally, ...], current: int, last: Tally | None, seen: tuple[Tally, ...]
    ) -> Recommendation:
        tally, told = tallies[-1], seen_at(self.levels, seen[-1])
        if self.variant == "six at the MTD" and tally.evaluable < self.expand_to:
            if current < self.levels:
                return self._up(self.levels, tally, seen_at(current, seen[current - 1]))
            more = self._fill if last == NOBODY else self._expand
            return more(tally, current, told)
        if self.past_the_top_dose == "MTD":
            why = f"{told}: the top dose is tolerated and is the MTD."
            return Recommendation(decision=Decision.STOP, rule="3+3.top", why=why, mtd=self.levels)
        why = f"{told}: the top dose is tolerated, the MTD is not reached; investigator and sponsor consult."
        return Recommendation(decision=Decision.CONSULT, rule="3+3.consult", why=why)

    def _expand(self, tally: Tally, level: int, told: str) -> Recommendation:
        more = self.expand_to - tally.evaluable
        why = f"{told}: treat {more} more at this level."
        return Recommendation(decision=Decision.EXPAND, rule="3+3.expand", why=why, dose=level, subjects=more)

    def _fill(self, tally: Tally, level: int, told: str) -> Recommendation:
        size = self._owed(tally)
        more = size - tally.evaluable
        why = f"{told}: treat {more} more at this level to complete {size}."
        return Recommendation(
            decision=Decision.STAY, rule="3+3.fill", why=why, dose=level, subjects=more, complete=False
        )

    def _up(self, level: int, tally: Tally, told: str) -> Recommendation:
        """Move up to a level, where whoever was treated there before counts."""
        why, more = f"{told}: escalate to level {level}.", self._owed(tally) - tally.evaluable
        return Recommendation(decision=Decision.ESCALATE, rule="3+3.escalate", why=why, dose=level, subjects=more)

    def _down(self, level: int, why: str, more: int) -> Recommendation:
        return Recommendation(decision=Decision.DE_ESCALATE, rule="3+3.de-escalate", why=why, dose=level, subjects=more)

    def _owed(self, tally: Tally) -> int:
        """How many subjects a level shall have next: a cohort, or its expansion."""
        return self.cohort if tally.evaluable < self.cohort else self.expand_to

    def _selected(self, answer: Recommendation) -> int:
        return 0 if answer.rule == NO_PATH else super(ThreePlusThree, self)._selected(answer)

    def _some_dlts_in_words(self) -> str:
        some = "1 DLT" if self.stop_at == 2 else f"1 to {self.stop_at - 1} DLTs"
        if self.some_dlts == "expand":
            return (
                f"with {some}, {self.expand_to - self.cohort} more subjects are treated at the same level, "
                f"and the next level may open if fewer than {self.stop_at} of {self.expand_to} had a DLT."
            )
        says = {
            "escalate": "the next level may open all the same.",
            "stop": "the level is too toxic.",
            "consult": "the protocol names no path, and the investigator and the sponsor consult.",
        }
        return f"a level is not expanded: with {some}, {says[self.some_dlts]}"

    def _too_many_in_words(self) -> str:
        if self.variant == "no de-escalation":
            return (
                f"{self.stop_at} or more DLTs at a level stop escalation; "
                "the level below is then the maximum tolerated dose, and there is none if this happens at level 1."
            )
        first = "" if self.start == 1 else f"; where nobody was treated there, {self.cohort} are first"
        return (
            f"{self.stop_at} or more DLTs at a level are too many; the level below is then filled to {self.expand_to} "
            f"subjects and is the maximum tolerated dose if fewer than {self.stop_at} of them had a DLT, else the next "
            f"level down is treated likewise{first}; there is none if level 1 fails."
        )

    def _top_in_words(self) -> str:
        tolerated = "If the top level is tolerated"
        if self.variant == "six at the MTD":
            tolerated += f" by {self.expand_to} subjects"
        if self.past_the_top_dose == "MTD":
            return f"{tolerated}, it is the maximum tolerated dose."
        return (
            f"{tolerated}, escalation ends without a maximum tolerated dose and the investigator and the sponsor "
            "consult."
        )

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        expands = self.some_dlts == "expand"
        grown = f"a cohort of {self.cohort} that is expanded to {self.expand_to}"
        bare = not expands and (self.expand_to != self.cohort or self.variant != "no de-escalation")
        words = ((self.variant, Variant), (self.some_dlts, SomeDlts), (self.past_the_top_dose, PastTheTopDose))
        return (
            (f"{self.levels} levels; at least 1 is needed", self.levels < 1),
            *start_checks(self.start, self.levels, self.variant),
            (f"a cohort of {self.cohort}; at least 1 is needed", self.cohort < 1),
            (f"{grown}; an expansion needs more", expands and self.expand_to <= self.cohort),
            (f"{grown}, and '{self.some_dlts}' instead of an expansion; leave out expansion and de-escalation", bare),
            (
                f"a stop at {self.stop_at} DLTs; it must lie from 1 to the cohort of {self.cohort}",
                not 1 <= self.stop_at <= self.cohort,
            ),
            *((f"'{word}' is none of: {', '.join(get_args(of))}", word not in get_args(of)) for word, of in words),
        )


def start_checks(start: int, levels: int, variant: Variant) -> tuple[tuple[str, bool], ...]:
    """What is wrong with a first level, and whether it is: without de-escalation nobody goes below it."""
    return (
        (f"a start at level {start} of {levels}", not 1 <= start <= max(levels, 1)),
        (
            f"a start at level {start} without de-escalation, by which a level without a subject could be the MTD",
            start > 1 and variant == "no de-escalation",
        ),
    )


def begins(start: int) -> str:
    """The first level in words.

    Example:
        >>> begins(1), begins(2)
        ('the lowest', 'level 2')
    """
    return "the lowest" if start == 1 else f"level {start}"
