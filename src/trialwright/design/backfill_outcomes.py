"""The text form of a backfilling design: cohorts of the escalation, backfilled subjects, and who responded.

It adds two signs to that of outcomes: `b` before the level of subjects who were backfilled, and `+` after the letter of
a subject with a response. `1NN+N 2NPP b1N` is a cohort at level 1 whose second subject responded, the current cohort at
level 2 with two windows open, and one subject backfilled at level 1. `x3` says that a dose decision eliminated level 3.
"""

from __future__ import annotations

import re

from trialwright.design.history import History, TreatedCohort, TreatedSubject
from trialwright.design.outcomes import Outcome
from trialwright.errors import PathError

_WORD = re.compile(r"([BX]?)([1-9][0-9]*)((?:[NTP]\+?)*)")
_SUBJECT = re.compile(r"([NTP])(\+?)")


def read_backfill(path: str, levels: int) -> History:
    """Read a history; a level alone is one that was opened and where nobody is treated yet.

    Args:
        path: Words apart by spaces, in the order treated.
        levels: Number of dose levels.

    Raises:
        PathError: Every word that cannot be read, whose level the design does not have, or that backfills a level
            before it was opened.

    Example:
        >>> [cohort.backfilled for cohort in read_backfill("1NN+N 2NPP b1N", 3).cohorts]
        [False, False, True]
    """
    cohorts: list[TreatedCohort] = []
    eliminated, faults = None, []
    for place, word in enumerate(path.upper().split(), start=1):
        read = _WORD.fullmatch(word)
        if read is None or (read[1] == "B" and not read[3]) or (read[1] == "X" and read[3]):
            faults.append(
                f"word {place}, {word!r}, is not a dose level followed by N, T or P, each with + if it responded"
            )
        elif int(read[2]) > levels:
            faults.append(f"word {place}, {word!r}, is at dose level {read[2]}; the design has {levels} levels")
        elif read[1] == "B" and int(read[2]) > max((one.dose for one in cohorts if not one.backfilled), default=0):
            faults.append(f"word {place}, {word!r}, backfills a level that was not opened before")
        elif read[1] == "X":
            eliminated = int(read[2])
        else:
            subjects = (
                TreatedSubject(Outcome(letter), response=bool(sign)) for letter, sign in _SUBJECT.findall(read[3])
            )
            cohorts.append(TreatedCohort(int(read[2]), tuple(subjects), backfilled=bool(read[1])))
    if faults:
        raise PathError(f"the path {path!r}: " + "; ".join(faults) + "; write it like 1NN+N 2NPP b1N")
    return History(tuple(cohorts), eliminated)


def write_backfill(history: History) -> str:
    """Write a history in these words.

    Example:
        >>> write_backfill(read_backfill("1NN+N 2NPP b1N x3", 3))
        '1NN+N 2NPP b1N x3'
    """
    words = [
        f"{'b' if cohort.backfilled else ''}{cohort.dose}{''.join(map(_written, cohort.subjects))}"
        for cohort in history.cohorts
    ]
    return " ".join(words + ([f"x{history.eliminated}"] if history.eliminated else []))


def _written(subject: TreatedSubject) -> str:
    return f"{subject.outcome.value}{'+' if subject.response else ''}"
