"""Toxicity and efficacy of each subject: the input of designs that look for the optimal biological dose.

The text form is the field's own, as in Brock et al. 2017, BMC Med Res Methodol 17:112: `1NNE 2ETB` is three subjects at
level 1 of whom the third had efficacy alone, then three at level 2: efficacy alone, toxicity alone, and both.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations_with_replacement, product
from math import sqrt
from typing import NamedTuple

import numpy as np

from trialwright.design.history import History, TreatedCohort, TreatedSubject
from trialwright.design.outcomes import Outcome
from trialwright.design.states import Floats, Ints
from trialwright.errors import InputError, PathError

_COHORT = re.compile(r"([1-9][0-9]*)([NTEB]+)")
_OPEN_COHORT = re.compile(r"([1-9][0-9]*)((?:[NTE]\??|[BP])*)")
_SUBJECT = re.compile(r"[NTE]\??|[BP]")


class JointOutcome(StrEnum):
    """What became of one subject; the order is that of the columns of counts and of joint probabilities."""

    NEITHER = "N"
    TOXICITY = "T"
    EFFICACY = "E"
    BOTH = "B"


_SUBJECTS = {
    "N": TreatedSubject(Outcome.NO_DLT, response=False),
    "T": TreatedSubject(Outcome.DLT, response=False),
    "E": TreatedSubject(Outcome.NO_DLT, response=True),
    "B": TreatedSubject(Outcome.DLT, response=True),
    "N?": TreatedSubject(Outcome.NO_DLT),
    "T?": TreatedSubject(Outcome.DLT),
    "E?": TreatedSubject(Outcome.PENDING, response=True),
    "P": TreatedSubject(Outcome.PENDING),
}
"""What each sign says of a subject."""

_ENDS = {
    **{outcome.value: (outcome,) for outcome in JointOutcome},
    "N?": (JointOutcome.NEITHER, JointOutcome.EFFICACY),
    "T?": (JointOutcome.TOXICITY, JointOutcome.BOTH),
    "E?": (JointOutcome.EFFICACY, JointOutcome.BOTH),
    "P": tuple(JointOutcome),
}
"""What may become of a subject."""


class JointCohort(NamedTuple):
    """Subjects treated one after the other at one dose level (1-based)."""

    dose: int
    outcomes: tuple[JointOutcome, ...]


@dataclass(frozen=True, slots=True)
class JointOutcomes:
    """Cohorts in the order treated. Both outcomes of every subject are known.

    Example:
        >>> str(JointOutcomes.parse("1nnn 2NNB"))
        '1NNN 2NNB'
        >>> JointOutcomes.parse("1NNN 2NNB").counts(2).tolist()
        [[3, 0, 0, 0], [2, 0, 0, 1]]
    """

    cohorts: tuple[JointCohort, ...] = ()

    @classmethod
    def parse(cls, path: str) -> JointOutcomes:
        """Read `1NNE 2ETB`: a dose level, then a letter for each subject; cohorts apart by spaces.

        Raises:
            PathError: Every cohort that is not a level followed by N, T, E or B, with its place in the path.
        """
        words = path.upper().split()
        found = [_COHORT.fullmatch(word) for word in words]
        wrong = [
            f"cohort {at} ({word!r})" for at, (word, read) in enumerate(zip(words, found, strict=True), 1) if not read
        ]
        if wrong:
            raise PathError(
                f"{', '.join(wrong)} of the path: not a dose level followed by N (neither), T (toxicity), E (efficacy) "
                "or B (both), one letter a subject; write it like 1NNE 2ETB"
            )
        return cls(tuple(JointCohort(int(read[1]), tuple(map(JointOutcome, read[2]))) for read in found if read))

    def counts(self, levels: int) -> Ints:
        """Subjects with neither, toxicity alone, efficacy alone and both at each level, shape (levels, 4).

        Raises:
            PathError: A cohort stands at a level that the design does not have.
        """
        counts = np.zeros((levels, 4), dtype=np.int64)
        for place, (dose, outcomes) in enumerate(self.cohorts, start=1):
            if dose > levels:
                raise PathError(f"cohort {place} of the path is at dose level {dose}; the design has {levels} levels")
            for outcome in outcomes:
                counts[dose - 1, list(JointOutcome).index(outcome)] += 1
        return counts

    def __str__(self) -> str:
        return " ".join(f"{dose}{''.join(outcomes)}" for dose, outcomes in self.cohorts)


def read_joint(path: str) -> History:
    """Read cohorts of which some subjects may still be open.

    Beside the letters of `JointOutcomes.parse`, `N?` and `T?` are subjects without and with toxicity whose efficacy is
    open, `E?` one with efficacy whose DLT window is open, and `P` one in an open window without efficacy so far. A
    level alone at the end was opened, and nobody is treated there yet.

    Raises:
        PathError: Every cohort that cannot be read, with its place in the path.

    Example:
        >>> write_joint(read_joint("1NNE 2EN?P 2"))
        '1NNE 2EN?P 2'
    """
    words = path.upper().split()
    found = [_OPEN_COHORT.fullmatch(word) for word in words]
    wrong = [
        f"cohort {at} ({word!r})"
        for at, (word, read) in enumerate(zip(words, found, strict=True), 1)
        if not read or not (read[2] or at == len(words))
    ]
    if wrong:
        raise PathError(
            f"{', '.join(wrong)} of the path: not a dose level followed by N (neither), T (toxicity), E (efficacy) "
            "or B (both), one letter a subject, N?, T?, E? or P where something is open; write it like 1NNE 2ETB"
        )
    return History(
        tuple(
            TreatedCohort(int(read[1]), tuple(_SUBJECTS[one] for one in _SUBJECT.findall(read[2])))
            for read in found
            if read
        )
    )


def write_joint(history: History) -> str:
    """Write a history in these letters."""
    return " ".join(f"{one.dose}{''.join(map(_written, one.subjects))}" for one in history.cohorts)


def still_open(subject: TreatedSubject) -> bool:
    """Whether toxicity or efficacy of a subject is not known yet."""
    return subject.outcome is Outcome.PENDING or subject.response is None


def completions(history: History) -> Iterator[JointOutcomes]:
    """Every way in which what is open may end; subjects of a cohort are alike, so only their numbers count."""
    ways = [list(_cohort_ways(cohort)) for cohort in history.cohorts]
    return (JointOutcomes(way) for way in product(*ways))


def _cohort_ways(cohort: TreatedCohort) -> Iterator[JointCohort]:
    kinds = Counter(_written(subject) for subject in cohort.subjects)
    each = [combinations_with_replacement(_ENDS[kind], number) for kind, number in kinds.items()]
    for way in product(*each):
        yield JointCohort(cohort.dose, tuple(outcome for part in way for outcome in part))


def _written(subject: TreatedSubject) -> str:
    alike = (subject.outcome, subject.response)
    return next((sign for sign, known in _SUBJECTS.items() if (known.outcome, known.response) == alike), "P")


def joint_truth(toxicity: Sequence[float], efficacy: Sequence[float], *, odds_ratio: float) -> Floats:
    """Probabilities of neither, toxicity alone, efficacy alone and both at each level, shape (levels, 4).

    Args:
        toxicity: True toxicity rate at each level.
        efficacy: True efficacy rate at each level.
        odds_ratio: The association of both in a subject; 1 where they are independent, above 1 where they concur.

    Raises:
        InputError: All that is wrong: not as many rates of both, no probability, an odds ratio that is not positive.

    Source: Plackett 1965, J Am Stat Assoc 60:516, the joint probability with given margins and odds ratio.

    Example:
        >>> joint_truth([0.5], [0.5], odds_ratio=1).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
        >>> joint_truth([0.5], [0.5], odds_ratio=4).round(4).tolist()
        [[0.3333, 0.1667, 0.1667, 0.3333]]
    """
    faults = [f"a true rate of {p}; it must be from 0 to 1" for p in (*toxicity, *efficacy) if not 0 <= p <= 1]
    if len(toxicity) != len(efficacy):
        faults.append(f"{len(toxicity)} toxicity rates and {len(efficacy)} efficacy rates; give both for each level")
    if not odds_ratio > 0:
        faults.append(f"an odds ratio of {odds_ratio}; it must be positive")
    if faults:
        raise InputError("truth: " + "; ".join(faults))
    both = [_both(t, e, odds_ratio) for t, e in zip(toxicity, efficacy, strict=True)]
    rows = [(1 - t - e + b, t - b, e - b, b) for t, e, b in zip(toxicity, efficacy, both, strict=True)]
    return np.asarray(np.clip(rows, 0, 1), dtype=np.float64).reshape(len(rows), 4)


def given_toxicity(toxicity: Sequence[float], efficacy: Sequence[float], *, odds_ratio: float) -> Floats:
    """The chance of efficacy without and with toxicity at each level, shape (levels, 2); 0 where that never occurs.

    Raises:
        InputError: As for `joint_truth`.

    Example:
        >>> given_toxicity([0.5], [0.5], odds_ratio=4).round(4).tolist()
        [[0.3333, 0.6667]]
    """
    joint = joint_truth(toxicity, efficacy, odds_ratio=odds_ratio)
    if odds_ratio == 1:
        return np.repeat(np.asarray(efficacy, dtype=np.float64)[:, None], 2, axis=1)
    either = joint[:, :2] + joint[:, 2:]
    return np.divide(joint[:, 2:], either, out=np.zeros_like(either), where=either > 0)


def _both(toxicity: float, efficacy: float, odds_ratio: float) -> float:
    if odds_ratio == 1:
        return toxicity * efficacy
    part = 1 + (toxicity + efficacy) * (odds_ratio - 1)
    root = sqrt(part**2 - 4 * odds_ratio * (odds_ratio - 1) * toxicity * efficacy)
    return (part - root) / (2 * (odds_ratio - 1))
