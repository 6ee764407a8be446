"""Where the description begins in a row of outcomes that lost the marks between its columns.

At each place of a row some marks hold: what the words around it are, what they say again, what other rows have too. The
weights of its marks say how well a description begins there. Each further look at a page also knows what the one before
proposed for the other rows, since the rows of a page are mostly made alike.

The weights are those of a softmax over the places of a row, fitted by `tools/fit_outcome_rows.py` to the 9,321 rows
with a time frame in 1,426 public records of ClinicalTrials.gov. Fitted to 70 % of these records, they find 92 % of the
descriptions of the others where the time frame is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise, product
from math import exp

from trialwright.registry import outcome_words as lists
from trialwright.registry.outcome_words import bucket, case, held, of_time, plain
from trialwright.registry.weights import weights

Gram = tuple[str, ...]
Trait = tuple[str, str]

_LONGEST = 60
_MOST_LOOKS = 3
_ENDING = 3
_GRAMS = (3, 2)
_SHORTEST_TOLD = 3
_UNDESCRIBED: Trait = ("no description", "")
_OF_DESCRIPTIONS = frozenset(("first word", "first case", "description"))
_TELLING_IF_NONE = frozenset(("first case", "no description"))
_OPEN_MARKS = (",", ":", "/", "-", "–", "(", ";")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a page up to their time frames, as words, and which runs of words they share."""

    words: Sequence[Sequence[str]]
    plain: Sequence[Sequence[str]]
    holding: Counter[Gram] = field(default_factory=Counter)
    before: dict[Gram, set[str]] = field(default_factory=dict)
    after: dict[Gram, set[str]] = field(default_factory=dict)


def rows_of(words: Sequence[Sequence[str]]) -> Rows:
    """The rows of a page, given as words, with the runs that they share."""
    found = Rows(words, [[plain(word) for word in row] for row in words])
    for row in found.plain:
        grams: set[Gram] = set()
        for at, size in product(range(len(row)), _GRAMS):
            gram = tuple(row[at : at + size])
            grams.add(gram)
            found.before.setdefault(gram, set()).add(row[at - 1] if at else "")
            found.after.setdefault(gram, set()).add(row[at + size] if at + size < len(row) else "")
        found.holding.update(grams)
    return found


def part_rows(rows: Rows) -> list[tuple[int, float]]:
    """For each row the likeliest place of its description and that place's share among all; its end stands for none.

    The page is looked at again with what the last look proposed, until two looks agree or some have been taken.
    """
    first = [[place_marks(rows, row, at) for at in places(words)] for row, words in enumerate(rows.words)]
    found = [likeliest(words, marks) for words, marks in zip(rows.words, first, strict=True)]
    for _ in range(_MOST_LOOKS):
        starts = [at for at, _ in found]
        marked = second_look(rows, first, starts)
        found = [likeliest(words, marks) for words, marks in zip(rows.words, marked, strict=True)]
        if [at for at, _ in found] == starts:
            break
    return found


def second_look(rows: Rows, first: Sequence[Sequence[list[str]]], starts: Sequence[int]) -> list[list[list[str]]]:
    """The marks of each place of each row, once a first look has proposed where descriptions begin."""
    proposed = Counter(chain.from_iterable(_traits(rows, row, at) for row, at in enumerate(starts)))
    return [
        [
            [*marks, *_marks_of_others(rows, row, at, starts[row], proposed)]
            for at, marks in zip(places(rows.words[row]), found, strict=True)
        ]
        for row, found in enumerate(first)
    ]


def likeliest(words: Sequence[str], marks: Sequence[Sequence[str]]) -> tuple[int, float]:
    """The place whose marks weigh most, and its share among all places."""
    weighed = weights("description")
    scores = [sum(weighed.get(mark, 0.0) for mark in each) for each in marks]
    best = max(range(len(scores)), key=lambda at: scores[at])
    return places(words)[best], 1.0 / sum(exp(score - scores[best]) for score in scores)


def places(words: Sequence[str]) -> list[int]:
    """Where a description can begin; the number of words stands for none."""
    return [*range(1, min(len(words), _LONGEST)), len(words)]


def _marks_of_others(rows: Rows, row: int, at: int, own: int, proposed: Counter[Trait]) -> list[str]:
    """The share of the other rows, in tenths, with a trait that this row has if its description begins at a place."""
    others, mine = len(rows.words) - 1, set(_traits(rows, row, own))
    described = others - proposed[_UNDESCRIBED] + (_UNDESCRIBED in mine)
    marks = []
    for trait in _traits(rows, row, at) if others else ():
        count, of = proposed[trait] - (trait in mine), described if trait[0] in _OF_DESCRIPTIONS else others
        if of and (count or trait[0] in _TELLING_IF_NONE):
            marks.append(f"{trait[0]} of others {bucket(round(10 * count / of), (0, 2, 5, 8, 9))}")
    return marks


def _traits(rows: Rows, row: int, at: int) -> list[Trait]:
    words, low = rows.words[row], rows.plain[row]
    shared = [("last word", low[at - 1]), ("measure", " ".join(words[:at]))]
    if at == len(words):
        return [_UNDESCRIBED, *shared]
    return [("first word", low[at]), ("first case", case(words[at])), ("description", " ".join(words[at:])), *shared]


def _stops(word: str) -> bool:
    return word.endswith(".") and len(word) > 3


def place_marks(rows: Rows, row: int, at: int) -> list[str]:
    """The marks that hold where a description could begin, as far as the place itself and runs in other rows tell."""
    words, low = rows.words[row], rows.plain[row]
    if at == len(words):
        within = any(_stops(word) for word in words[:-1])
        size = bucket(len(words), (3, 6, 10, 15, 20, 30))
        marks = {"none, closed": words[-1].endswith("."), "none, sentence within": within}
        told = [f"none, row begins {low[0]}", f"none, row begins {case(words[0])}", f"none, row ends {low[-1]}"]
        return ["none", f"none, {size} words", *told, *held(marks)]
    head = " ".join(words[:at])
    return [
        f"at {bucket(at, (1, 2, 5, 10, 18, 30))}",
        *_kinds(words[at]),
        *_around(words, low, at),
        *_again(words, low, at),
        *_shared(rows, row, at),
        *held(
            {
                "sentence before": any(_stops(word) for word in words[: at - 1]),
                "within a bracket": head.count("(") != head.count(")") or head.count("[") != head.count("]"),
                "too short": len(words) - at < _SHORTEST_TOLD,
            }
        ),
    ]


def _kinds(word: str) -> list[str]:
    return held(
        {
            "small": word[:1].islower(),
            "digit": word[:1].isdigit(),
            "bracket": word[:1] in {"(", "[", '"'},
            "bullet": word[:1] in {"*", "•"},
            "dash": word[:1] in {"-", "–", "=", ">"},
            "joining word": word[:1].islower() and plain(word) in lists.JOINS,
        }
    )


def _around(words: Sequence[str], low: Sequence[str], at: int) -> list[str]:
    word, before = words[at], words[at - 1]
    following = words[at + 1] if at + 1 < len(words) else ""
    long = [each[:1].isupper() for each in words[:at] if len(each) > 3]
    counted = before[:1].isdigit() and at > 1 and of_time(words[at - 2])
    return [
        f"word {low[at]}",
        f"after {low[at - 1]}",
        f"word -{low[at][-_ENDING:]}",
        f"after -{low[at - 1][-_ENDING:]}",
        f"word {low[at]}, after {case(before)}",
        f"after {low[at - 1]}, word {case(word)}",
        f"before {plain(following)}",
        f"case {case(before)}{case(word)}{case(following)}",
        f"row begins {case(words[0])}, description {case(word)}",
        *held(
            {
                "after a bracket": before.endswith((")", "]", "%")),
                "after a full stop": before.endswith(".") and len(before) > 2,
                "after a joining word": low[at - 1] in lists.JOINS,
                "after an open mark": before.endswith(_OPEN_MARKS),
                "after words of time": of_time(before) or counted,
                "after a title": len(long) > 1 and 5 * sum(long) >= 4 * len(long),
                "before a bracket": before[:1].isupper() and word[:1].isupper() and following[:1] in {"(", "["},
            }
        ),
    ]


def _again(words: Sequence[str], low: Sequence[str], at: int) -> list[str]:
    """Signs that the description says once more what the measure said."""
    early, told = low[:at], {word for word in low[:at] if len(word) > _SHORTEST_TOLD}
    following = low[at + 1] if at + 1 < len(low) else ""
    marks = [f"{4 * len(told.intersection(low[at : at + 12])) // len(told)} quarters again"] if told else []
    if (low[at], following) in set(pairwise(early)):
        marks.append("two words again")
    elif low[at] in told:
        marks.append("word again")
    elif following in told:
        marks.append("next word again")
    bare, first = words[at].strip("().,;:'s"), words[0].strip("().,;:")
    short = _abbreviates(bare, low[max(0, at - len(bare) - 1) : at])
    return marks + held(
        {
            "first word again": low[at] == early[0] and at > 1,
            "abbreviation again": f"({words[at].strip('.,;:')})" in words[:at],
            "abbreviation of the words before": short,
            "spells the first word out": at < 3 and _abbreviates(first, low[at : at + len(first)]),
            "measure again": low[at : 2 * at] == early,
        }
    )


def _abbreviates(word: str, plain_words: Sequence[str]) -> bool:
    initials = "".join(part[0] for each in plain_words for part in re.split("[-/]", each) if part)
    return len(word) > 1 and word.isupper() and word.casefold() in initials


def _shared(rows: Rows, row: int, at: int) -> list[str]:
    """Whether other rows have the words from the place on, or those up to it, and what they have beside them."""
    low = rows.plain[row]
    marks = []
    for name, beside, across in (("begins", rows.before, low[at - 1]), ("ends", rows.after, low[at])):
        grams = [tuple(low[at : at + size] if name == "begins" else low[max(0, at - size) : at]) for size in _GRAMS]
        gram = next(
            (gram for gram, size in zip(grams, _GRAMS, strict=True) if len(gram) == size and rows.holding[gram] > 1),
            None,
        )
        if gram:
            elsewhere = "beside others" if beside[gram] - {across} else "beside the same"
            marks.append(f"{name} {len(gram)} words of {bucket(rows.holding[gram] - 1, (0, 2))} rows, {elsewhere}")
    return marks
