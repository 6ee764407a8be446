"""What a backfilling design is told in words: cohorts of the escalation, backfilled subjects, and who responded.

The text form adds two signs to that of outcomes: `b` before the level of subjects who were backfilled, and `+` after
the letter of a subject with a response. `1NN+N 2NPP b1N` is a cohort at level 1 whose second subject responded, the
current cohort at level 2 with two windows open, and one subject backfilled at level 1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from trialwright.design.backfill import BackfillBOIN, LevelStatus
from trialwright.design.design import seen_at
from trialwright.design.outcomes import Tally
from trialwright.design.recommendation import Decision, Recommendation
from trialwright.errors import PathError

_WORD = re.compile(r"(B?)([1-9][0-9]*)((?:[NTP]\+?)+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillAnswer:
    """What follows for the escalation, and which levels are open for backfill meanwhile, ascending."""

    recommendation: Recommendation
    open_levels: tuple[int, ...]


def recommend_backfill(design: BackfillBOIN, path: str) -> BackfillAnswer:
    """Say what the next subjects receive, and where those who come meanwhile are backfilled.

    Raises:
        PathError: A word that cannot be read or a level that the design does not have; all of them.
        InputError: More subjects than the design can have.

    Example:
        >>> design = BackfillBOIN(levels=3, target=0.25, window=28)
        >>> found = recommend_backfill(design, "1NN+N 2NPP")
        >>> found.open_levels, found.recommendation.waits_for
        ((1,), 2)
    """
    words = _read(design, path)
    levels, current, size, pending = [LevelStatus()] * design.levels, design.start, 0, 0
    for backfilled, dose, letters in words:
        if not backfilled:
            size, pending = (size if dose == current else 0) + _count(letters, "NTP"), _count(letters, "P")
            current = dose
        levels = _add(design, levels, dose, letters, backfilled=backfilled)
    told = seen_at(current, Tally(*levels[current - 1][:3]))
    escalated = sum(level.evaluable + level.pending - level.backfilled for level in levels)
    missing = min(-size % design.cohort if words else design.cohort, design.subjects - escalated)
    answer = design.decide(levels, current)
    if not answer.final and missing:
        why = f"{told}: treat {missing} more at this level to complete the cohort."
        answer = _stay(design, "fill", why, current, subjects=missing)
    elif pending and not answer.final:
        windows = "1 open DLT window" if pending == 1 else f"{pending} open DLT windows"
        answer = replace(
            _stay(design, "wait", f"{told}: the next cohort waits for {windows} of this one.", current),
            waits_for=pending,
        )
    return BackfillAnswer(recommendation=answer, open_levels=design.open_for_backfill(levels, current))


def _read(design: BackfillBOIN, path: str) -> list[tuple[bool, int, str]]:
    found, faults = [], []
    for place, word in enumerate(path.upper().split(), start=1):
        read = _WORD.fullmatch(word)
        if read is None:
            faults.append(
                f"word {place}, {word!r}, is not a dose level followed by N, T or P, each with + if it responded"
            )
        elif int(read[2]) > design.levels:
            faults.append(f"word {place}, {word!r}, is at dose level {read[2]}; the design has {design.levels} levels")
        else:
            found.append((bool(read[1]), int(read[2]), read[3]))
    if faults:
        raise PathError(f"the path {path!r}: " + "; ".join(faults) + "; write it like 1NN+N 2NPP b1N")
    return found


def _add(
    design: BackfillBOIN, levels: list[LevelStatus], dose: int, letters: str, *, backfilled: bool
) -> list[LevelStatus]:
    """Count a word; a level that is eliminated then stays so, with those above."""
    subjects = _count(letters, "NTP")
    before = levels[dose - 1]
    here = LevelStatus(
        evaluable=before.evaluable + _count(letters, "NT"),
        dlts=before.dlts + _count(letters, "T"),
        pending=before.pending + _count(letters, "P"),
        backfilled=before.backfilled + backfilled * subjects,
        responses=before.responses + _count(letters, "+"),
        eliminated=before.eliminated,
    )
    after = [*levels[: dose - 1], here, *levels[dose:]]
    if here.evaluable and design.table(here.evaluable).action(here.evaluable, here.dlts) == "DU":
        return [*after[: dose - 1], *(level._replace(eliminated=True) for level in after[dose - 1 :])]
    return after


def _count(letters: str, wanted: str) -> int:
    return sum(letter in wanted for letter in letters)


def _stay(design: BackfillBOIN, rule: str, why: str, dose: int, subjects: int = 0) -> Recommendation:
    return Recommendation(
        decision=Decision.STAY, rule=f"{design.name}.{rule}", why=why, dose=dose, subjects=subjects, complete=False
    )
