"""How far each subject has been followed: the input of the designs that do not wait for every DLT window to close.

The text form is that of outcomes with times: `1NN 2P@14 2T` is two subjects at level 1 whose window is closed without a
DLT, one at level 2 who has been followed for 14 without one, and one at level 2 with a DLT. `T@9` says when it came.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

import numpy as np

from trialwright.design.states import Floats
from trialwright.errors import PathError

if TYPE_CHECKING:
    from trialwright.design.calendar_kernels import Record, Setting


_COHORT = re.compile(r"([1-9][0-9]*)((?:[NTP](?:@[0-9]+(?:\.[0-9]+)?)?)+)")
_SUBJECT = re.compile(r"([NTP])(?:@([0-9.]+))?")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One subject of a design with late-onset DLTs.

    Attributes:
        dose: Dose level, 1-based.
        followed: Time since the first dose, up to the DLT where there was one, in the unit of the design's window.
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
    found, faults = [], []
    for place, word in enumerate(path.upper().split(), start=1):
        cohort = _COHORT.fullmatch(word)
        if cohort is None:
            faults.append(
                f"word {place}, {word!r}, is not a dose level followed by N (no DLT), T (DLT) or P (pending), "
                "each with @ and a time where it is known"
            )
            continue
        for letter, time in _SUBJECT.findall(cohort[2]):
            if not time and (letter == "P" or (letter == "T" and timed)):
                faults.append(f"word {place}, {word!r}, has {letter} without a time; write {letter}@ and the time")
            found.append(FollowUp(int(cohort[1]), float(time) if time else window, letter == "T"))
    if faults:
        raise PathError(f"the path {path!r}: " + "; ".join(faults) + "; write it like 1NN 2P@14 2T@9")
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The truth and the calendar as trials take them.

    Attributes:
        setting: The calendar.
        dlts: True DLT rates and the times to a DLT, in the rows that `calendar_kernels.new_days` says.
        responses: The same for responses; rates of 0 where a design does not look at them.
    """

    setting: Setting
    dlts: Floats
    responses: Floats


@runtime_checkable
class DecidesEarly(Protocol):
    """A design that decides while DLT windows are open, and so runs its own trials.

    Attributes:
        window: Length of its DLT window.
        responds: Whether it looks at responses.
    """

    window: float
    responds: ClassVar[bool]

    def run_trials(self, stream: np.random.Generator, world: World, record: Record) -> None:
        """Simulate as many trials as the record has room for, and fill it."""
