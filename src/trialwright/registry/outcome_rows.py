"""Measure, description and time frame told apart in rows that lost the marks between their columns: a proposal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import exp

from trialwright.registry import outcome_words as lists

_LONGEST = 60
_NUMBER_WITH_MARKS = re.compile(
    r"[~≥≤<>(\[]*\d[\d.,:;/±+–-]*(?:st|nd|rd|th|d|w|m|y|h|hrs?|mins?|days?|weeks?|wks?|months?|mos?|years?|yrs?)?"
)
_NUMBERED = re.compile(r"(?:day|week|month|year|visit|cycle|t|v|d|w|m|y|h|j|c|hour|hr)s?-?\d.*|\d+(?:st|nd|rd|th)")
_OPEN_MARKS = (",", ":", "/", "-", "–", "(", ";")


@dataclass(frozen=True, slots=True)
class Page:
    """What the rows of a page have in common: for each start the words after it, for each end the words before it."""

    after: Mapping[str, set[str]] = field(default_factory=dict)
    before: Mapping[str, set[str]] = field(default_factory=dict)


def part_outcomes(rows: Sequence[str]) -> list[dict[str, str]]:
    """The parts of each row of outcomes, told by wording and by what the page's rows have in common.

    At each place of a row some marks hold (`after a full stop`, `opens a sentence`); the weights of its marks say how
    well a part begins there. The description is only parted where one place is likelier than all others together.

    Args:
        rows: Each row's text without its type.

    Returns:
        For each row its `measure`, and its `description` and `timeFrame` where the wording shows them.

    Example:
        >>> part_outcomes(["Response To assess response Up to two years", "Survival Up to two years"])[0]
        {'measure': 'Response', 'description': 'To assess response', 'timeFrame': 'Up to two years'}
        >>> part_outcomes(["Response of joints"])
        [{'measure': 'Response of joints'}]
    """
    split = [row.split() for row in rows]
    page = shared_words(split)
    frames = [_likeliest(words, time_frame_places(words), time_frame_marks, page)[0] for words in split]
    heads = [words[:frame] for words, frame in zip(split, frames, strict=True)]
    page = shared_words(heads)
    return [_parts(words, head, page) for words, head in zip(split, heads, strict=True)]


def _parts(words: Sequence[str], head: Sequence[str], page: Page) -> dict[str, str]:
    start, share = _likeliest(head, description_places(head), description_marks, page)
    start = start if share > 0.5 else len(head)
    named = {"measure": head[:start], "description": head[start:], "timeFrame": words[len(head) :]}
    return {name: " ".join(part) for name, part in named.items() if part}


Marks = Callable[[Sequence[str], int, Page], list[str]]


def _likeliest(words: Sequence[str], places: Sequence[int], marks: Marks, page: Page) -> tuple[int, float]:
    """The place with the greatest weight, and its share among all places."""
    weights = lists.TIME_FRAME_WEIGHTS if marks is time_frame_marks else lists.DESCRIPTION_WEIGHTS
    scores = {at: sum(weights.get(mark, 0.0) for mark in marks(words, at, page)) for at in places}
    best = max(scores, key=lambda at: scores[at])
    return best, 1.0 / sum(exp(score - scores[best]) for score in scores.values())


def shared_words(rows: Sequence[Sequence[str]]) -> Page:
    """What the rows of a page, given as words, have in common."""
    after: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for words in rows:
        for at in range(1, len(words)):
            if at <= _LONGEST:
                after.setdefault(" ".join(words[:at]), set()).add(words[at])
            if len(words) - at <= 4 * _LONGEST:
                before.setdefault(" ".join(words[at:]), set()).add(words[at - 1])
    return Page(after, before)


def time_frame_places(words: Sequence[str]) -> list[int]:
    """Where a time frame can begin: before a word of time or a number; the number of words stands for none."""
    last = max((at for at, word in enumerate(words) if _of_time(word) or word[:1].isdigit()), default=0)
    return [*range(max(1, len(words) - _LONGEST), last + 1), len(words)]


def description_places(words: Sequence[str]) -> list[int]:
    """Where a description can begin; the number of words stands for none."""
    return [*range(1, min(len(words), _LONGEST)), len(words)]


@lru_cache(maxsize=10_000)
def _plain(word: str) -> str:
    return word.strip(".,;:()[]\"'*").casefold()


@lru_cache(maxsize=10_000)
def _of_time(word: str) -> bool:
    plain = _plain(word)
    parts = re.split(r"[-/,、~\d]+", plain)
    return bool(_NUMBERED.fullmatch(plain)) or any(
        part in lists.UNITS or part in lists.MOMENTS for part in (plain, *parts)
    )


@lru_cache(maxsize=10_000)
def _can_stand(word: str) -> bool:
    """Whether a word can be one of a time frame."""
    plain = _plain(word)
    if not plain or plain in lists.FILLERS or plain.startswith(("pre-", "post-")) or _of_time(word):
        return True
    parts = re.split(r"[-/,、~]", plain)
    known = (part in lists.FILLERS or part in lists.UNITS or part.isdigit() for part in parts)
    return bool(_NUMBER_WITH_MARKS.fullmatch(plain)) or all(known)


def _bucket(value: int, limits: Sequence[int]) -> str:
    """The range of a count, such as `3-5`, between the upper limits; above the last one `31+`."""
    low = 0
    for high in limits:
        if value <= high:
            return str(high) if low == high else f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def _held(marks: Mapping[str, bool]) -> list[str]:
    return [mark for mark, holds in marks.items() if holds]


def _stops(word: str) -> bool:
    return word.endswith(".") and len(word) > 3


def time_frame_marks(words: Sequence[str], at: int, page: Page) -> list[str]:
    """The marks that hold where a time frame could begin."""
    if at == len(words):
        return ["none"]
    run = words[at:]
    foreign, events = _foreign(run)
    befores = len(page.before.get(" ".join(run), ()))
    return [
        f"foreign {_bucket(foreign, (0, 1, 3, 7))}",
        f"event words {_bucket(events, (0, 2))}",
        f"{_bucket(len(run), (1, 2, 5, 10, 20, 35)).replace('0-', '')} words",
        *_first_word_of_time(words, at),
        *_before_time(words[at - 1]),
        *_held(
            {
                "has time": any(_of_time(word) for word in run),
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
        left = 7 if _plain(word) in lists.BEFORE_AN_EVENT else left
        if not _can_stand(word):
            foreign, events = (foreign, events + 1) if left > 0 else (foreign + 1, events)
        left -= 1
    return foreign, events


def _first_word_of_time(words: Sequence[str], at: int) -> list[str]:
    word, before = words[at], words[at - 1]
    following = words[at + 1] if at + 1 < len(words) else ""
    first = word.lstrip("[~(")[:1]
    small = "small, can begin" if _plain(word) in lists.BEGIN_A_TIME else "small"
    is_unit, is_number = _plain(word) in lists.UNITS, first.isdigit()
    return [
        "capital" if first.isupper() else "digit" if is_number else small,
        *_held(
            {
                "capital, foreign": first.isupper() and not _can_stand(word),
                "digit after digit": before[:1].isdigit() and is_number,
                "unit after its number": before[:1].isdigit() and is_unit and not following[:1].isdigit(),
                "number after its unit": is_number and _plain(before) in lists.UNITS and not before.endswith("s"),
                "number with its unit": is_number
                and (_plain(following) in lists.UNITS or re.search("[a-z]$", word) is not None),
                "bracket": word[:1] in {"(", "["},
                "closed word": word.endswith(".") and at < len(words) - 1,
            }
        ),
    ]


def _before_time(before: str) -> list[str]:
    closed = before.endswith((".", ".)", "!", "?")) and len(before) > 2
    return _held(
        {
            "after a full stop": closed,
            "after a bracket": not closed and before.endswith((")", "]", "%")),
            "after an open mark": before.endswith((*_OPEN_MARKS, "&")),
            "after a joining word": _plain(before) in lists.JOINS,
            "after a word that can stand": _can_stand(before),
            "after a word of time": _of_time(before),
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


def description_marks(words: Sequence[str], at: int, page: Page) -> list[str]:
    """The marks that hold where a description could begin."""
    if at == len(words):
        within = any(_stops(word) for word in words[:-1])
        size = _bucket(len(words), (5, 12, 25)).replace("0-", "1-")
        marks = {"none, closed": words[-1].endswith("."), "none, sentence within": within}
        return ["none", f"none, {size} words", *_held(marks)]
    head = " ".join(words[:at])
    return [
        f"at {_bucket(at, (1, 2, 5, 10, 18, 30)).replace('0-', '')}",
        *_first_word(words[at]),
        *_around(words, at),
        *_again(words, at),
        *_held(
            {
                "sentence before": any(_stops(word) for word in words[: at - 1]),
                "within a bracket": head.count("(") != head.count(")") or head.count("[") != head.count("]"),
                "shared end": len(page.before.get(" ".join(words[at:]), ())) > 1 and len(words) - at > 2,
                "shared start": len(page.after.get(head, ())) > 1 and at > 1,
                "too short": len(words) - at < 3,
            }
        ),
    ]


def _first_word(word: str) -> list[str]:
    return _held(
        {
            "opens a sentence": word in lists.OPEN_A_SENTENCE,
            "opens a definition": word in lists.OPEN_A_DEFINITION,
            "opens a sentence, small": word in lists.OPEN_SMALL,
            "small": word[:1].islower(),
            "digit": word[:1].isdigit(),
            "bracket": word[:1] in {"(", "[", '"'},
            "bullet": word[:1] in {"*", "•"},
            "dash": word[:1] in {"-", "–", "=", ">"},
            "abbreviation": len(word) > 1 and word.isupper(),
            "joining word": word[:1].islower() and _plain(word) in lists.JOINS,
        }
    )


def _around(words: Sequence[str], at: int) -> list[str]:
    word, before = words[at], words[at - 1]
    following = words[at + 1] if at + 1 < len(words) else ""
    long = [each[:1].isupper() for each in words[:at] if len(each) > 3]
    capitals = before[:1].isupper() and word[:1].isupper()
    counted = before[:1].isdigit() and at > 1 and _of_time(words[at - 2])
    return _held(
        {
            "small word after": following[:1].islower(),
            "after a bracket": before.endswith((")", "]", "%")),
            "after a full stop": before.endswith(".") and len(before) > 2,
            "after a small word": before[:1].islower(),
            "after a noun of measures": _plain(before) in lists.END_A_MEASURE,
            "after a joining word": _plain(before) in lists.JOINS,
            "after an open mark": before.endswith(_OPEN_MARKS),
            "after words of time": _of_time(before) or counted,
            "after a title": len(long) > 1 and 5 * sum(long) >= 4 * len(long),
            "within capitals": capitals and following[:1].isupper(),
            "before a bracket": capitals and following[:1] in {"(", "["},
        }
    )


def _again(words: Sequence[str], at: int) -> list[str]:
    """Signs that the description says once more what the measure said."""
    early = [_plain(word) for word in words[:at]]
    word, following = _plain(words[at]), _plain(words[at + 1]) if at + 1 < len(words) else ""
    if (word, following) in set(pairwise(early)):
        repeated = ["two words again"]
    elif len(word) > 3 and word in early:
        repeated = ["word again"]
    else:
        repeated = ["next word again"] if len(following) > 3 and following in early else []
    bracketed = f"({words[at].strip('.,;:')})" in words[:at]
    return repeated + _held({"first word again": word == early[0] and at > 1, "abbreviation again": bracketed})
