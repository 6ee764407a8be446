"""How far each subject has been followed: the input of the designs that do not wait for every DLT window to close.

The text form is that of outcomes with times: `1NN 2P@14 2T` is two subjects at level 1 whose window is closed without a
DLT, one at level 2 who has been followed for 14 without one, and one at level 2 with a DLT. `T@9` says when it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from trialwright.design.history import History, TreatedCohort, TreatedSubject
from trialwright.design.outcomes import Outcome
from trialwright.design.states import Ints
from trialwright.errors import PathError

_COHORT = re.compile(r"([1-9][0-9]*)((?:[NTP](?:@[0-9]+(?:\.[0-9]+)?)?)*)")
_SUBJECT = re.compile(r"([NTP])(?:@([0-9.]+))?")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One subject of a design with late-onset DLTs.

    Attributes:
        dose: Dose level, 1-based.
        followed: Time since the first dose, up to the DLT where there was one, in days as the design's window.
        dlt: Whether a DLT was seen.

    Example:
        >>> FollowUp(dose=2, followed=14.0, dlt=False)
        FollowUp(dose=2, followed=14.0, dlt=False)
    """

    dose: int
    followed: float
    dlt: bool


def parse_follow_ups(path: str, window: float, *, timed: bool = False) -> tuple[FollowUp, ...]:
    """Read `1NN 2P@14 2T`: a level, then a letter for each subject, with the time followed after an @.

    Args:
        path: Subjects in the order treated.
        window: Length of the DLT window, which N without a time has completed.
        timed: Whether a DLT needs its time, as adaptive weights do.

    Raises:
        PathError: Every word that cannot be read, and every subject whose time is missing, with its place.

    Example:
        >>> parse_follow_ups("1N 2P@14", 28)
        (FollowUp(dose=1, followed=28, dlt=False), FollowUp(dose=2, followed=14.0, dlt=False))
    """
    return follow_ups(read_history(path, timed=timed), window)


def read_history(path: str, *, timed: bool = False) -> History:
    """Read the same words as a history, one cohort a word; the last may be a level alone, opened and not treated.

    Raises:
        PathError: As for `parse_follow_ups`.
    """
    found, faults, words = [], [], path.upper().split()
    for place, word in enumerate(words, start=1):
        cohort = _COHORT.fullmatch(word)
        if cohort is None or not (cohort[2] or place == len(words)):
            faults.append(
                f"word {place}, {word!r}, is not a dose level followed by N (no DLT), T (DLT) or P (pending), "
                "each with @ and a time where it is known"
            )
            continue
        subjects = _SUBJECT.findall(cohort[2])
        faults += [
            f"word {place}, {word!r}, has {letter} without a time; write {letter}@ and the time"
            for letter, time in subjects
            if not time and (letter == "P" or (letter == "T" and timed))
        ]
        known = (TreatedSubject(Outcome(letter), float(time) if time else None) for letter, time in subjects)
        found.append(TreatedCohort(int(cohort[1]), tuple(known)))
    if faults:
        raise PathError(f"the path {path!r}: " + "; ".join(faults) + "; write it like 1NN 2P@14 2T@9")
    return History(tuple(found))


def write_history(history: History, window: float) -> str:
    """Write a history in these words; a subject of whom no time is known has completed the window.

    Example:
        >>> write_history(read_history("1NN 2P@14 2T@9"), 28)
        '1NN 2P@14 2T@9'
    """
    return " ".join(
        f"{cohort.dose}{''.join(_written(subject, window) for subject in cohort.subjects)}"
        for cohort in history.cohorts
    )


def follow_ups(history: History, window: float) -> tuple[FollowUp, ...]:
    """Every subject of a history, with the time followed; the window where it is not known."""
    return tuple(
        FollowUp(dose, window if one.followed is None else one.followed, one.outcome is Outcome.DLT)
        for dose, one in history.subjects()
    )


def _written(subject: TreatedSubject, window: float) -> str:
    complete = subject.outcome is Outcome.NO_DLT and subject.followed == window
    if subject.followed is None or complete:
        return subject.outcome.value
    return f"{subject.outcome.value}@{subject.followed:g}"


@runtime_checkable
class DecidesEarly(Protocol):
    """A design that decides while DLT windows are open, and so is asked whenever a candidate is there.

    Attributes:
        window: Length of its DLT window.
        responds: Whether it looks at responses.
    """

    window: float
    responds: ClassVar[bool]

    def timed_rule(self) -> Any:
        """The rule as the loop of `late_onset_kernels` takes it."""

    @property
    def capacity(self) -> int:
        """The most subjects who can count at once."""

    def select(self, n: Ints, y: Ints) -> Ints:
        """The MTD of each trial from subjects who count and DLTs, shape (trials, levels); 0 for none."""
