"""BOIN12: escalation by the trade-off of toxicity and efficacy, to find the optimal biological dose (OBD).

Source: Lin, Zhou, Yan, Li and Yuan 2020, JCO Precis Oncol 4:1393, and its data supplement, sections 5 and 6: utilities,
the benchmark half-way from the utility at both limits to the best, the quasi-beta-binomial posterior, the choice among
neighbours, the exploration of the next level from 9 subjects on, and the OBD. Their Table 3 and their trial example are
tests in tests/published/test_boin12.py. Ties go to the higher level among three neighbours and to the lower of two, and
the early stop looks at the level treated last, as the authors' software has them (recorded in the tests of the R
package escalation and in its issue 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from html import escape
from typing import ClassVar

import numpy as np
import polars as pl
from scipy.special import betainc
from scipy.stats import rankdata

from trialwright.design import isotonic
from trialwright.design.blocks import Map, run_blocks
from trialwright.design.boin import BOIN
from trialwright.design.boin12_rule import (
    CHOICE_OF_THREE,
    CHOICE_OF_TWO,
    CONVERGED,
    DOWN,
    EXPLORE,
    FULL,
    NONE_LEFT,
    BOIN12Numbers,
    BOIN12Rule,
    every_state,
    next_level,
)
from trialwright.design.characteristics import OperatingCharacteristics, html_table
from trialwright.design.desirability import DesirabilityRow, DesirabilityTable
from trialwright.design.history import History
from trialwright.design.joint_outcomes import JointOutcomes, completions, read_joint, still_open, write_joint
from trialwright.design.recommendation import Decision, Recommendation, not_filled
from trialwright.design.rule import Rule
from trialwright.design.states import Bools, Floats, Ints
from trialwright.errors import InputError

_NEITHER, _TOXICITY, _EFFICACY, _BOTH = range(4)
_ROUNDING = 12
"""Digits to which posterior probabilities are compared: two states of the same utility tie."""

_RULES = ("de-escalate", "two", "three", "explore", "inadmissible", "size", "converged")


@dataclass(frozen=True, slots=True, kw_only=True)
class OBDRecommendation(Recommendation):
    """A recommendation of a design that looks for the optimal biological dose.

    Attributes:
        obd: The optimal biological dose as a level, when the trial ends with one.
    """

    obd: int | None = None

    @property
    def selected(self) -> int | None:
        """The dose level with which the trial ends."""
        return self.obd


@dataclass(frozen=True, slots=True, kw_only=True)
class OBDCharacteristics:
    """What to expect of the design under one truth.

    Attributes:
        characteristics: Selection of the OBD, subjects and toxicities; the truth is the toxicity rate.
        mean_responses: Expected number of subjects with efficacy at each level.
        true_utility: Utility of each level under the truth, from 0 to 100.
    """

    characteristics: OperatingCharacteristics
    mean_responses: tuple[float, ...]
    true_utility: tuple[float, ...]

    def to_frame(self) -> pl.DataFrame:
        """A row for each level: level, truth, selection, patients, dlts, responses, utility."""
        more = {"responses": self.mean_responses, "utility": self.true_utility}
        return self.characteristics.to_frame().with_columns(*(pl.Series(name, row) for name, row in more.items()))

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame())}<p>{escape(str(self))}</p>"

    def __str__(self) -> str:
        return str(self.characteristics)


@dataclass(frozen=True, kw_only=True)
class BOIN12(Rule):
    """Phase I/II dose finding by utility. Efficacy alone is worth 100, toxicity alone 0.

    Attributes:
        levels: Number of dose levels.
        toxicity_limit: Highest toxicity rate that is acceptable.
        efficacy_limit: Lowest efficacy rate that is acceptable.
        utility_neither: What neither toxicity nor efficacy is worth, from 0 to 100.
        utility_both: What toxicity with efficacy is worth, from 0 to 100.
        cohort: Subjects who are treated together before the rule is asked.
        subjects: The most subjects that the trial treats.
        start: Level of the first cohort.
        enough: Subjects at a level from which a toxicity rate between the boundaries no longer allows escalation.
        explore_at: Subjects at a level from which the next level is tried, if it never was and toxicity allows it;
            None for never.
        stop_at_n: Subjects at the level treated last from which the trial ends, wherever the rule would go on; None for
            never.
        toxicity_cutoff: A level is too toxic, with all above it, when its toxicity rate exceeds the limit with this
            posterior probability or more.
        efficacy_cutoff: A level is futile when its efficacy rate is below the limit with this posterior probability or
            more.

    Example:
        >>> design = BOIN12(levels=5, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60)
        >>> design.recommend(JointOutcomes.parse("1NNN 2NNB 3NEE")).dose
        3
    """

    name: ClassVar[str] = "BOIN12"
    responds: ClassVar[bool] = True
    seeks: ClassVar[str] = "OBD"
    letters: ClassVar[str] = (
        "N neither, T toxicity, E efficacy, B both, P pending, after the level; ? what is still open of one"
    )

    levels: int
    toxicity_limit: float
    efficacy_limit: float
    utility_neither: float
    utility_both: float
    cohort: int = 3
    subjects: int = 36
    start: int = 1
    enough: int = 6
    explore_at: int | None = 9
    stop_at_n: int | None = None
    toxicity_cutoff: float = 0.95
    efficacy_cutoff: float = 0.9

    def __post_init__(self) -> None:
        faults = [text for text, wrong in self._checks() if wrong]
        if faults:
            raise InputError(f"{self.name}: " + "; ".join(faults))

    @cached_property
    def boundaries(self) -> tuple[float, float]:
        """The observed toxicity rates up to which escalation, and from which de-escalation is due: those of BOIN."""
        return BOIN(levels=self.levels, target=self.toxicity_limit).boundaries

    @property
    def benchmark(self) -> float:
        """The utility that a level should exceed: half-way from the utility at both limits to the best.

        Example:
            >>> limits = {"toxicity_limit": 0.35, "efficacy_limit": 0.25}
            >>> round(BOIN12(levels=5, utility_neither=40, utility_both=60, **limits).benchmark, 3)
            70.5
        """
        t, e = self.toxicity_limit, self.efficacy_limit
        undesirable = 100 * (1 - t) * e + self.utility_neither * (1 - t) * (1 - e) + self.utility_both * t * e
        return (undesirable + 100) / 2

    def desirability(self, counts: Ints) -> Floats:
        """Posterior probability that the utility exceeds the benchmark.

        Args:
            counts: Subjects with neither, toxicity alone, efficacy alone and both; shape (..., 4).
        """
        n, worth = counts.sum(axis=-1), self._worth(counts) / 100
        return np.round(1 - betainc(1 + worth, 1 + n - worth, self.benchmark / 100), _ROUNDING)

    def admissible(self, counts: Ints) -> Bools:
        """Which levels are neither too toxic, nor above one that is, nor futile; shape (..., levels).

        Args:
            counts: As for `desirability`, shape (..., levels, 4).
        """
        toxic, futile = self._verdicts(counts)
        return np.asarray(~np.logical_or.accumulate(toxic, axis=-1) & ~futile)

    def desirability_table(self, sizes: Sequence[int]) -> DesirabilityTable:
        """Rank the states of a level with these numbers of subjects.

        Example:
            >>> design = BOIN12(levels=5, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60)
            >>> table = design.desirability_table([0, 3, 6, 9])
            >>> table.row(0, 0, 0).score, table.row(3, 1, 3).score, table.row(3, 3, 1).score
            (60.0, 80.0, None)
        """
        plain = self.utility_neither + self.utility_both == 100
        states = [state for n in sizes for state in _joint_states(n, plain=plain)]
        counts = np.array([[n - t - e + b, t - b, e - b, b] for n, t, e, b in states])
        toxic, futile = self._verdicts(counts)
        fit = ~toxic & ~futile
        scores = np.full(len(states), np.nan)
        scores[fit] = rankdata(self.desirability(counts[fit]))
        return DesirabilityTable(
            tuple(
                DesirabilityRow(n, t, e, None if plain else b, bool(ok), float(score) if ok else None)
                for (n, t, e, b), ok, score in zip(states, fit, scores, strict=True)
            )
        )

    def step(self, counts: Ints, dose: Ints) -> tuple[Ints, Ints]:
        """Say for many trials which level follows after a whole cohort (0 where the trial ends), and by which rule.

        Args:
            counts: Subjects with neither, toxicity alone, efficacy alone and both; shape (trials, levels, 4).
            dose: Level treated last, shape (trials,).
        """
        from trialwright.design.boin12_kernels import next_levels  # noqa: PLC0415 - numba takes a second to import

        ahead, rule = next_levels(self.numbers, *self._seen(counts), dose - 1)
        return np.where(rule >= NONE_LEFT, 0, ahead + 1), rule

    def next_cohorts(self, counts: Ints, dose: Ints) -> tuple[Ints, Ints, Ints]:
        """The level (0 where the trial ends) and the size of each trial's next cohort, and the OBD of those that end.

        Args:
            counts: As for `step`.
            dose: Level treated last.
        """
        ahead, rule = self.step(counts, dose)
        chosen = np.where((ahead > 0) | (rule == NONE_LEFT), 0, self.select(counts))
        return ahead, np.minimum(self.cohort, self.subjects - counts.sum(axis=(1, 2))), chosen

    @property
    def first_size(self) -> int:
        """Subjects of the first cohort."""
        return self.cohort

    def _seen(self, counts: Ints) -> tuple[Ints, Ints, Bools, Floats]:
        """Subjects, toxicities, which levels are admissible and how desirable they are; shape (..., levels) each."""
        dlts = counts[..., _TOXICITY] + counts[..., _BOTH]
        return counts.sum(axis=-1), dlts, self.admissible(counts), self.desirability(counts)

    @property
    def numbers(self) -> BOIN12Numbers:
        """The rule's numbers."""
        return BOIN12Numbers(
            *self.boundaries,
            enough=self.enough,
            explore_at=self.explore_at or 0,
            stop_at_n=self.stop_at_n or 0,
            subjects=self.subjects,
            start=self.start,
            cohort=self.cohort,
        )

    def timed_rule(self) -> BOIN12Rule:
        """The rule as a trial in calendar time takes it: a cohort is followed until both outcomes of each are known."""
        from trialwright.design import boin12_kernels  # noqa: F401, PLC0415 - it answers for the rule in the loop

        cells = np.indices((self.subjects + 1,) * 2)
        none = np.zeros_like(cells[0])
        neither = np.maximum(cells[0] - cells[1], 0)
        toxic, _ = self._verdicts(np.stack([neither, cells[1], none, none], axis=-1))
        _, futile = self._verdicts(np.stack([neither, none, cells[1], none], axis=-1))
        states = every_state(self.subjects)
        scores = self.desirability(states), self._mean_utility(states)
        return BOIN12Rule(toxic, futile, *scores, self.toxicity_limit, self.levels, self.subjects, self.numbers)

    @property
    def capacity(self) -> int:
        """The most subjects who can count at once in a trial in calendar time."""
        return self.subjects

    def optimal(self, truth: Floats) -> tuple[int, ...]:
        """The levels of the highest true utility among those whose true rates keep both limits; none where none does.

        Args:
            truth: As for `simulate`.

        Example:
            >>> from trialwright.design import joint_truth
            >>> design = BOIN12(levels=3, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60)
            >>> design.optimal(joint_truth([0.1, 0.2, 0.5], [0.3, 0.6, 0.8], odds_ratio=1))
            (2,)
        """
        joint = self.checked_truth(truth)
        toxicity, efficacy = (np.round(joint[:, part] + joint[:, _BOTH], _ROUNDING) for part in (_TOXICITY, _EFFICACY))
        kept = (toxicity <= self.toxicity_limit) & (efficacy >= self.efficacy_limit)
        utility = np.where(kept, np.round(self._worth(joint), _ROUNDING), -1.0)
        return tuple((np.flatnonzero(kept & (utility == utility.max())) + 1).tolist())

    def select(self, counts: Ints) -> Ints:
        """The OBD that the data of each trial select; 0 for none.

        It is the admissible treated level of the highest mean utility, not above the level whose isotonic toxicity rate
        is closest to the limit; of two equal ones the lower.

        Args:
            counts: As for `step`.
        """
        n, dlts = counts.sum(axis=-1), counts[..., _TOXICITY] + counts[..., _BOTH]
        toxic, _ = self._verdicts(counts)
        safe = ~np.logical_or.accumulate(toxic, axis=-1)
        mtd = isotonic.closest(isotonic.rates(n, dlts, safe), self.toxicity_limit)
        candidates = self.admissible(counts) & (n > 0) & (np.arange(1, self.levels + 1) <= mtd[:, None])
        utility = np.where(candidates, self._mean_utility(counts), -1.0)
        return np.where(candidates.any(axis=1), utility.argmax(axis=1) + 1, 0)

    def recommend(self, outcomes: JointOutcomes) -> Recommendation:
        """Say what the next subjects receive, or that the trial ends, and with which OBD.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """
        counts = outcomes.counts(self.levels)
        current = outcomes.cohorts[-1].dose if outcomes.cohorts else self.start
        total, last = int(counts.sum()), len(outcomes.cohorts[-1].outcomes) if outcomes.cohorts else 0
        told = seen_at_level(current, counts[current - 1])
        missing = min(-last % self.cohort if last else self.cohort, self.subjects - total)
        if missing <= 0:
            return self._after_cohort(counts, current)
        fill = self._fill_cohort(told, current, missing)
        if last or len(outcomes.cohorts) < 2:
            return fill
        return not_filled(fill, self._after_cohort(counts, outcomes.cohorts[-2].dose), current)

    def _after_cohort(self, counts: Ints, current: int) -> Recommendation:
        """What follows after whole cohorts, the last of them at a level."""
        told, total = seen_at_level(current, counts[current - 1]), int(counts.sum())
        ahead, rule = next_level(self.numbers, *self._seen(counts), current - 1)
        if rule >= NONE_LEFT:
            return self._end(rule, told, int(self.select(counts[None])[0]) or None)
        dose = ahead + 1
        size = min(self.cohort, self.subjects - total)
        decision = Decision.ESCALATE if dose > current else Decision.DE_ESCALATE if dose < current else Decision.STAY
        words = f"{told}: {self._reason(rule, counts)}; treat {size} subjects at level {dose}."
        return self._answer(decision, _RULES[rule], words, dose=dose, subjects=size)

    def next_dose(self, history: History) -> Recommendation:
        """Say what the next subjects receive, or that the trial waits or ends.

        What is open of a subject, toxicity or efficacy, counts both ways, as open DLT windows do in the other designs.

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """
        pending = sum(still_open(subject) for _, subject in history.subjects())
        answers = [self.recommend(way) for way in completions(history)]
        if not pending:
            return answers[0]
        current = history.cohorts[-1].dose
        told = (
            f"{len(list(history.subjects()))} subjects treated, {pending} of them not yet known, level {current} last"
        )
        if not all(answers[0].same_course(answer) for answer in answers):
            why = f"{told}: stay at this level, what is open of toxicity and efficacy can change the decision."
            return self._answer(Decision.STAY, "wait", why, dose=current, waits_for=pending, complete=False)
        first = answers[0]
        ahead = f"treat {first.subjects} more at level {first.dose}" if first.dose else "the trial stops"
        return replace(first, why=f"{told}: {ahead}, whatever is still to be known of them.")

    def parse(self, path: str) -> History:
        """Read a history written as `1NNE 2ETB`; what is open has a letter too: see `joint_outcomes.read_joint`."""
        return read_joint(path)

    def write(self, history: History) -> str:
        """Write a history as `1NNE 2ETB`."""
        return write_joint(history)

    @property
    def planned(self) -> tuple[int, int]:
        """The trial's size."""
        return self.subjects, self.subjects

    def simulate(
        self,
        truth: Floats,
        *,
        trials: int = 10_000,
        seed: int,
        run: Map = map,
        progress: Callable[[int], None] | None = None,
    ) -> OBDCharacteristics:
        """Simulate the design.

        Args:
            truth: Probabilities of neither, toxicity alone, efficacy alone and both; shape (levels, 4). `joint_truth`
                makes them from rates and an odds ratio.
            trials: Number of trials; fewer trials are the first of more.
            seed: The seed; results depend on it alone, not on how the work is split.
            run: How pieces of the work are run: `map`, or that of a pool or a cluster.
            progress: Told the number of trials done, now and then.

        Raises:
            InputError: A truth of another shape, or rows that are no probabilities; no trial, or a negative seed.

        Example:
            >>> from trialwright.design import joint_truth
            >>> design = BOIN12(levels=2, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60)
            >>> found = design.simulate(joint_truth([0.1, 0.2], [0.3, 0.6], odds_ratio=1), seed=1, trials=200)
            >>> found.characteristics.selection[1] > 0.8
            True
        """
        joint = self.checked_truth(truth)
        block = partial(self._trials, joint)
        parts = run_blocks(block, trials=trials, seed=seed, run=run, progress=progress)
        counts, selected = (np.concatenate(part) for part in zip(*parts, strict=True))
        return self._average(joint, counts, selected)

    def explain(self) -> str:
        """The rule in the words of a protocol."""
        up, down = self.boundaries
        sentences = [
            f"Dose finding follows the {self.name} design over {self.levels} dose levels.",
            f"Efficacy without toxicity is worth 100, neither {self.utility_neither:g}, both {self.utility_both:g},",
            "and toxicity without efficacy 0.",
            f"Cohorts of {self.cohort} are treated, beginning at level {self.start}, {self.subjects} subjects at most.",
            "A level is not admissible, with all above it, when the posterior probability that its toxicity rate",
            f"exceeds {self.toxicity_limit:g} is {self.toxicity_cutoff:g} or more, and not admissible when the",
            f"posterior probability that its efficacy rate is below {self.efficacy_limit:g} is",
            f"{self.efficacy_cutoff:g} or more.",
            f"When {down:.3f} or more of the subjects at a level had toxicity, the next lower admissible one follows;",
            f"when more than {up:.3f} had and {self.enough} or more are treated, the more desirable of this level and",
            "the next lower one; otherwise the most desirable of this level and its neighbours.",
            f"Desirability is the posterior probability that the utility exceeds {self.benchmark:g}.",
        ]
        if self.explore_at is not None:
            sentences += [
                f"From {self.explore_at} subjects at a level on, the next level is tried if it never was,",
                "unless toxicity de-escalates.",
            ]
        if self.stop_at_n is not None:
            sentences.append(f"The trial ends early when the level treated last has {self.stop_at_n} or more.")
        sentences += [
            "The trial stops when no level is admissible.",
            "At the end the optimal biological dose is the admissible level with the highest mean utility among those",
            "not above the maximum tolerated dose, which is the level whose isotonic toxicity rate is closest to the",
            "limit.",
        ]
        return " ".join(sentences)

    def _mean_utility(self, counts: Ints) -> Floats:
        """The posterior mean of the utility, from 0 to 1, to which levels are compared at the end."""
        return np.asarray(np.round((1 + self._worth(counts) / 100) / (2 + counts.sum(axis=-1)), _ROUNDING))

    def _worth(self, counts: Ints | Floats) -> Floats:
        weights = np.zeros(4)
        weights[_NEITHER], weights[_EFFICACY], weights[_BOTH] = self.utility_neither, 100, self.utility_both
        return np.asarray(counts @ weights)

    def _verdicts(self, counts: Ints) -> tuple[Bools, Bools]:
        n = counts.sum(axis=-1)
        dlts = counts[..., _TOXICITY] + counts[..., _BOTH]
        responses = counts[..., _EFFICACY] + counts[..., _BOTH]
        toxic = 1 - betainc(1 + dlts, 1 + n - dlts, self.toxicity_limit) >= self.toxicity_cutoff
        futile = betainc(1 + responses, 1 + n - responses, self.efficacy_limit) >= self.efficacy_cutoff
        return np.asarray(toxic & (n > 0)), np.asarray(futile & (n > 0))

    def _reason(self, rule: int, counts: Ints) -> str:
        scores = self.desirability(counts)
        told = ", ".join(f"{score:.2f}" for score in scores)
        return {
            DOWN: "the toxicity rate reached the de-escalation boundary",
            CHOICE_OF_TWO: f"the more desirable of this level and the one below (desirability by level: {told})",
            CHOICE_OF_THREE: f"the most desirable of this level and its neighbours (desirability by level: {told})",
            EXPLORE: f"{self.explore_at} or more are treated here and the next level was never tried",
        }[rule]

    def _end(self, rule: int, told: str, obd: int | None) -> OBDRecommendation:
        because = {
            NONE_LEFT: "no level is admissible: the trial stops",
            FULL: f"all {self.subjects} subjects are treated",
            CONVERGED: f"this level has {self.stop_at_n} subjects or more",
        }[rule]
        obd = None if rule == NONE_LEFT else obd
        chosen = f"the optimal biological dose is level {obd}" if obd else "no level is selected"
        return OBDRecommendation(
            decision=Decision.STOP, rule=f"{self.name}.{_RULES[rule]}", why=f"{told}: {because}; {chosen}.", obd=obd
        )

    def _trials(self, truth: Floats, trials: int, stream: np.random.Generator) -> tuple[Ints, Ints]:
        """A block of trials to their ends: the counts, shape (trials, levels, 4), and the OBD or 0."""
        limits = np.cumsum(truth, axis=1)[:, :3]
        counts = np.zeros((trials, self.levels, 4), dtype=np.int64)
        draws = stream.random((trials, self.subjects))
        dose, size = np.full(trials, self.start), np.full(trials, self.first_size)
        selected, treated = np.zeros((2, trials), dtype=np.int64)
        while len(going := np.flatnonzero(dose)):
            for nth in range(size[going].max()):
                more = going[size[going] > nth]
                if treated[more].max() == draws.shape[1]:
                    draws = np.concatenate([draws, stream.random((trials, self.cohort))], axis=1)
                level = dose[more] - 1
                outcome = (draws[more, treated[more], None] >= limits[level]).sum(axis=1)
                counts[more, level, outcome] += 1
                treated[more] += 1
            dose[going], size[going], selected[going] = self.next_cohorts(counts[going], dose[going])
        return counts, selected

    def _average(self, truth: Floats, counts: Ints, selected: Ints) -> OBDCharacteristics:
        n = counts.sum(axis=-1)
        sizes, times = np.unique(n.sum(axis=1), return_counts=True)
        chosen = np.bincount(selected, minlength=self.levels + 1) / len(counts)
        dlts, responses = (counts[..., part] + counts[..., _BOTH] for part in (_TOXICITY, _EFFICACY))
        return OBDCharacteristics(
            characteristics=OperatingCharacteristics(
                truth=tuple((truth[:, _TOXICITY] + truth[:, _BOTH]).tolist()),
                selection=tuple(chosen[1:].tolist()),
                selection_none=float(chosen[0]),
                top_tolerated=0.0,
                mean_patients=tuple(n.mean(axis=0).tolist()),
                mean_dlts=tuple(dlts.mean(axis=0).tolist()),
                sizes={int(size): float(count / len(counts)) for size, count in zip(sizes, times, strict=True)},
                optimal=self.optimal(truth),
                method="simulated",
                trials=len(counts),
            ),
            mean_responses=tuple(responses.mean(axis=0).tolist()),
            true_utility=tuple(self._worth(truth).tolist()),
        )

    def checked_truth(self, truth: Floats) -> Floats:
        """Probabilities of neither, toxicity alone, efficacy alone and both, shape (levels, 4), once they are sound.

        Raises:
            InputError: Another shape, or rows that are no probabilities.
        """
        joint = np.asarray(truth, dtype=np.float64)
        faults = []
        if joint.shape != (self.levels, 4):
            faults.append(f"a truth of shape {joint.shape}; it must be ({self.levels}, 4)")
        elif (joint < 0).any() or not np.allclose(joint.sum(axis=1), 1):
            faults.append("a level whose four probabilities are negative or do not add up to 1")
        if faults:
            raise InputError("simulation: " + "; ".join(faults))
        return joint

    def _checks(self) -> tuple[tuple[str, bool], ...]:
        rates = {
            "a toxicity limit": self.toxicity_limit,
            "an efficacy limit": self.efficacy_limit,
            "a toxicity cutoff": self.toxicity_cutoff,
            "an efficacy cutoff": self.efficacy_cutoff,
        }
        worths = {"neither": self.utility_neither, "both": self.utility_both}
        return (
            (f"{self.levels} levels; at least 1 is needed", self.levels < 1),
            *((f"{name} of {rate}; it must lie between 0 and 1", not 0 < rate < 1) for name, rate in rates.items()),
            *(
                (f"a utility of {u} for {name}; it must lie from 0 to 100", not 0 <= u <= 100)
                for name, u in worths.items()
            ),
            (f"a cohort of {self.cohort}; at least 1 is needed", self.cohort < 1),
            (f"{self.subjects} subjects; at least one cohort is needed", self.subjects < self.cohort),
            (f"a start at level {self.start} of {self.levels}", not 1 <= self.start <= self.levels),
            (f"{self.enough} subjects as enough; at least 1", self.enough < 1),
            (
                f"exploration at {self.explore_at} subjects; at least 1",
                self.explore_at is not None and self.explore_at < 1,
            ),
            (
                f"an early stop at {self.stop_at_n} subjects; at least 1",
                self.stop_at_n is not None and self.stop_at_n < 1,
            ),
        )


def _joint_states(n: int, *, plain: bool) -> Iterator[tuple[int, int, int, int]]:
    """Subjects, toxicities, responses and both; only one split into both where the split is indifferent."""
    for dlts in range(n + 1):
        for responses in range(n + 1):
            fewest = max(0, dlts + responses - n)
            for both in range(fewest, (fewest if plain else min(dlts, responses)) + 1):
                yield n, dlts, responses, both


def seen_at_level(level: int, counts: Ints) -> str:
    """How a level stands, in the words of a dose decision's minutes."""
    neither, toxicity, efficacy, both = counts.tolist()
    n = neither + toxicity + efficacy + both
    if not n:
        return f"No subject treated at level {level} yet"
    subjects = "1 subject" if n == 1 else f"{n} subjects"
    return f"{subjects} at level {level}, {toxicity + both} with toxicity and {efficacy + both} with efficacy"
