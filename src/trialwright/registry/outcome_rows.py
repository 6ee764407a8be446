"""Measure, description and time frame told apart in rows that lost the marks between their columns: a proposal.

The weights for time frames are those of a softmax over the places of a row where one can begin, fitted by
`tools/fit_outcome_rows.py` to the 9,321 rows with a time frame in 1,426 public records of ClinicalTrials.gov. Fitted to
70 % of these records, they find 96 % of the time frames of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from trialwright.registry import outcome_words as lists
from trialwright.registry.outcome_descriptions import part_rows, rows_of
from trialwright.registry.outcome_words import bucket, held, of_time, plain
from trialwright.registry.weights import weights

_LONGEST = 60
_SURE = 0.8
"""The share of the likeliest place above which a row is not doubtful: of such rows of trials not used to fit, 95 % are
wholly right, and of the others 57 %."""
_NUMBER_WITH_MARKS = re.compile(
    r"[~≥≤<>(\[]*\d[\d.,:;/±+–-]*(?:st|nd|rd|th|d|w|m|y|h|hrs?|mins?|days?|weeks?|wks?|months?|mos?|years?|yrs?)?"
)
_OPEN_MARKS = (",", ":", "/", "-", "–", "(", ";")

Before = Mapping[str, set[str]]
"""For each end that rows of a page have, the words before it."""


@dataclass(frozen=True, slots=True)
class PartedRow:
    """A row's parts by name; it is sure where one place of the description clearly outweighs all others."""

    parts: dict[str, str]
    sure: bool


def part_outcomes(rows: Sequence[str]) -> list[PartedRow]:
    """The parts of each row of outcomes, told by wording and by what the page's rows have in common.

    At each place of a row some marks hold; the weights of its marks say how well a part begins there. The time frame is
    found first, then the description in what is left.

    Args:
        rows: Each row's text without its type.

    Example:
        >>> part_outcomes(["Response To assess response Up to two years", "Survival Up to two years"])[0].parts
        {'measure': 'Response', 'description': 'To assess response', 'timeFrame': 'Up to two years'}
        >>> part_outcomes(["Response of joints"])[0].parts
        {'measure': 'Response of joints'}
    """
    split = [row.split() for row in rows]
    before = shared_ends(split)
    heads = [words[: _time_frame(words, before)] for words in split]
    found = part_rows(rows_of(heads))
    return [
        PartedRow(_named(head[:at], head[at:], words[len(head) :]), share > _SURE)
        for words, head, (at, share) in zip(split, heads, found, strict=True)
    ]


def _named(*parts: Sequence[str]) -> dict[str, str]:
    named = zip(("measure", "description", "timeFrame"), parts, strict=True)
    return {name: " ".join(part) for name, part in named if part}


def _time_frame(words: Sequence[str], before: Before) -> int:
    """The likeliest place of the time frame; the number of words stands for none."""
    weighed = weights("time_frame")
    return max(
        time_frame_places(words),
        key=lambda at: sum(weighed.get(mark, 0.0) for mark in time_frame_marks(words, at, before)),
    )


def shared_ends(rows: Sequence[Sequence[str]]) -> Before:
    """For each end of the rows of a page, given as words, the words before it."""
    before: dict[str, set[str]] = {}
    for words in rows:
        for at in range(max(1, len(words) - _LONGEST), len(words)):
            before.setdefault(" ".join(words[at:]), set()).add(words[at - 1])
    return before


def time_frame_places(words: Sequence[str]) -> list[int]:
    """Where a time frame can begin: before a word of time or a number; the number of words stands for none."""
    last = max((at for at, word in enumerate(words) if of_time(word) or word[:1].isdigit()), default=0)
    return [*range(max(1, len(words) - _LONGEST), last + 1), len(words)]


@lru_cache(maxsize=10_000)
def _can_stand(word: str) -> bool:
    """Whether a word can be one of a time frame."""
    bare = plain(word)
    if not bare or bare in lists.FILLERS or bare.startswith(("pre-", "post-")) or of_time(word):
        return True
    parts = re.split(r"[-/,、~]", bare)
    known = (part in lists.FILLERS or part in lists.UNITS or part.isdigit() for part in parts)
    return bool(_NUMBER_WITH_MARKS.fullmatch(bare)) or all(known)


def _stops(word: str) -> bool:
    return word.endswith(".") and len(word) > 3


def time_frame_marks(words: Sequence[str], at: int, before: Before) -> list[str]:
    """The marks that hold where a time frame could begin."""
    if at == len(words):
        return ["none"]
    run = words[at:]
    foreign, events = _foreign(run)
    befores = len(before.get(" ".join(run), ()))
    return [
        f"foreign {bucket(foreign, (0, 1, 3, 7))}",
        f"event words {bucket(events, (0, 2))}",
        f"{bucket(len(run), (1, 2, 5, 10, 20, 35)).replace('0-', '')} words",
        f"word {plain(words[at])}",
        f"after {plain(words[at - 1])}",
        *_first_word_of_time(words, at),
        *_before_time(words[at - 1]),
        *held(
            {
                "has time": any(of_time(word) for word in run),
                "shared end": befores > 1,
                "shared by three": befores > 2,
                "sentence within": any(_stops(word) for word in run[:-1]),
                "bracket closes": _closes("".join(run)),
            }
        ),
    ]


def _foreign(run: Sequence[str]) -> tuple[int, int]:
    """How many words cannot stand in a time frame, and how many of these can name the event after which it counts."""
    foreign = events = left = 0
    for word in run:
        left = 7 if plain(word) in lists.BEFORE_AN_EVENT else left
        if not _can_stand(word):
            foreign, events = (foreign, events + 1) if left > 0 else (foreign + 1, events)
        left -= 1
    return foreign, events


def _first_word_of_time(words: Sequence[str], at: int) -> list[str]:
    word, before = words[at], words[at - 1]
    following = words[at + 1] if at + 1 < len(words) else ""
    first = word.lstrip("[~(")[:1]
    small = "small, can begin" if plain(word) in lists.BEGIN_A_TIME else "small"
    is_unit, is_number = plain(word) in lists.UNITS, first.isdigit()
    return [
        "capital" if first.isupper() else "digit" if is_number else small,
        *held(
            {
                "capital, foreign": first.isupper() and not _can_stand(word),
                "digit after digit": before[:1].isdigit() and is_number,
                "unit after its number": before[:1].isdigit() and is_unit and not following[:1].isdigit(),
                "number after its unit": is_number and plain(before) in lists.UNITS and not before.endswith("s"),
                "number with its unit": is_number
                and (plain(following) in lists.UNITS or re.search("[a-z]$", word) is not None),
                "bracket": word[:1] in {"(", "["},
                "closed word": word.endswith(".") and at < len(words) - 1,
            }
        ),
    ]


def _before_time(before: str) -> list[str]:
    closed = before.endswith((".", ".)", "!", "?")) and len(before) > 2
    return held(
        {
            "after a full stop": closed,
            "after a bracket": not closed and before.endswith((")", "]", "%")),
            "after an open mark": before.endswith((*_OPEN_MARKS, "&")),
            "after a joining word": plain(before) in lists.JOINS,
            "after a word that can stand": _can_stand(before),
            "after a word of time": of_time(before),
        }
    )


def _closes(text: str) -> bool:
    """Whether a bracket closes that did not open."""
    depth = 0
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            return True
    return False
