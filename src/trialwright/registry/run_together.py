"""Names that a page prints on one line with nothing between them, told apart by wording: a proposal.

At each gap between two words some marks hold, and more once it is known where the name before the gap begins. Their
weights are those of a logistic regression, fitted by `tools/fit_names.py` to the conditions and keywords of 1,426
public records of ClinicalTrials.gov. Fitted to 70 % of these records, they part 88 % of the lines of conditions (71 %
hold one name) and 63 % of those of keywords of the others without a slip.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, log1p

from trialwright.registry.weights import weights

_JOIN = {"of", "and", "with", "in", "the", "to", "vs", "for", "or", "by", "from", "on", "after", "due", "&", "a", "an"}
_JOIN |= {"at", "non", "-", "/", "without", "versus"}
_BEGIN = {"acute", "adult", "advanced", "allogeneic", "autologous", "bone", "chronic", "end", "graft", "human", "knee"}
_BEGIN |= {"mesenchymal", "multiple", "primary", "refractory", "secondary", "severe", "stem", "systemic"}
_BEGIN |= {"type", "umbilical"}
_END = re.compile(
    r".*(?:itis|osis|omas?|emia|path(?:y|ies)|trophy|plegia)|(?:syndrome|disease|disorder|failure|defect|"
    r"cancer|infarction|stroke|fracture|cell|tear|lesion|infection|virus|ulcer|fistula)s?|injur(?:y|ies)|therapy|"
    r"transplantation|palsy|loss|pain|diabetes|covid-19|insufficiency|deficiency"
)
_NUMERAL = re.compile(r"[ivx\d]+[ab]?|[a-d]")
_WORD = re.compile(r"[^\W_]+(?:['’+-][^\W_]+)*\+?")
_FOLLOWED = (0, 1, 4)
_ENDING = 4
_FOLLOWED_AT_ONCE = 8
_MOST_WORDS = 1000
_SURE = 50.0


@dataclass(frozen=True, slots=True)
class Context:
    """What the rest of a page says: pairs of words in its text, its words, and the words of the other line of names."""

    pairs: Counter[tuple[str, str]]
    words: frozenset[str]
    other: tuple[str, ...] = ()
    conditions: bool = False


def context(texts: Sequence[str], other: str = "", *, conditions: bool = False) -> Context:
    """The pairs and words of a page's texts, and the words of its other line of names."""
    runs = [[word.casefold() for word in _WORD.findall(run)] for text in texts for run in re.split(r"[.,;:()\n]", text)]
    pairs = Counter(pair for run in runs for pair in pairwise(run))
    words = frozenset(word for run in runs for word in run)
    return Context(pairs, words, tuple(_plain(word) for word in other.split()), conditions)


def part_names(line: str, page: Context) -> list[str]:
    """The names of a line in their likeliest parting; a very long line stays one.

    Args:
        line: The line of names.
        page: What the rest of the page says.

    Example:
        >>> part_names("rheumatoid arthritis stem cell", context(["stem cell for rheumatoid arthritis"]))
        ['rheumatoid arthritis', 'stem cell']
    """
    words = line.split()
    cuts = likeliest_cuts(words, page, weights("name")) if len(words) <= _MOST_WORDS else []
    return [" ".join(words[start:end]) for start, end in pairwise([0, *cuts, len(words)])]


def likeliest_cuts(words: Sequence[str], page: Context, weighed: Mapping[str, float]) -> list[int]:
    """Where the names of a line end, so that all its gaps together are likeliest; few partings are followed at once."""
    followed: list[tuple[float, list[int]]] = [(0.0, [0])]
    for at in range(1, len(words)):
        gap = sum(weighed.get(mark, 0.0) for mark in gap_marks(words, at, page))
        kept, parted = [], []
        for likely, starts in followed:
            score = gap + sum(weighed.get(mark, 0.0) for mark in name_marks(words, starts[-1], at))
            kept.append((likely - log1p(exp(min(score, _SURE))), starts))
            parted.append((likely - log1p(exp(min(-score, _SURE))), [*starts, at]))
        best = max(parted, key=lambda each: each[0])
        followed = sorted([*kept, best], key=lambda each: each[0], reverse=True)[:_FOLLOWED_AT_ONCE]
    return max(followed, key=lambda each: each[0])[1][1:]


def gap_marks(words: Sequence[str], at: int, page: Context) -> list[str]:
    """The marks that hold at the gap before a word of a line of names, wherever the name before it begins."""
    before, after = words[at - 1], words[at]
    pair = (_plain(before), _plain(after))
    times = page.pairs[pair]
    apart = pair not in set(pairwise(page.other)) and {*pair} <= set(page.other)
    head = " ".join(words[:at])
    held = {
        "joined elsewhere": bool(page.other) and pair in set(pairwise(page.other)),
        "apart elsewhere": apart,
        "known word": not times and pair[0] in page.words,
        "joining word": not _JOIN.isdisjoint(pair),
        "ends": _END.fullmatch(pair[0]) is not None,
        "next ends": _END.fullmatch(pair[1]) is not None,
        "begins": pair[1] in _BEGIN,
        "before begins": pair[0] in _BEGIN,
        "comma": before.endswith(","),
        "bracket closes": before.endswith(")"),
        "bracket opens": after.startswith("("),
        "within a bracket": head.count("(") > head.count(")"),
        "next again": pair[1] in {_plain(word) for word in words[:at]} - _JOIN,
        "first again": pair[1] == _plain(words[0]),
        "before again": pair[0] in {_plain(word) for word in words[at + 1 :]} - _JOIN,
        "of conditions": page.conditions,
        "numeral": _NUMERAL.fullmatch(pair[1]) is not None,
    }
    return [
        "gap",
        f"case {_case(before)}{_case(after)}",
        "pair " + ("never", "once", "few", "often")[sum(times > limit for limit in _FOLLOWED)],
        f"last word {pair[0]}",
        f"last word -{pair[0][-_ENDING:]}",
        f"first word {pair[1]}",
        f"first word -{pair[1][-_ENDING:]}",
        f"{min(at, 4)} words before",
        "last gap" if at == len(words) - 1 else "other gap",
        *(mark for mark, holds in held.items() if holds),
    ]


def name_marks(words: Sequence[str], start: int, at: int) -> list[str]:
    """The marks that hold at a gap for a name that begins at a place and would end there."""
    length = f"{min(at - start, 5)} words so far"
    first, last, following = _plain(words[start]), _plain(words[at - 1]), _plain(words[at])
    held = {
        f"only word {last}": at - start == 1,
        "next begins alike": following == first,
        "last word again": any(_plain(word) == last for word in words[at:]),
    }
    return [
        length,
        f"{length}, case {_case(words[at - 1])}{_case(words[at])}",
        f"begins {first}",
        *(mark for mark, holds in held.items() if holds),
    ]


def is_one_disease(name: str) -> bool:
    """Whether the last word of a name, and no other, is one with which names of diseases end.

    >>> [is_one_disease(name) for name in ("Plaque Psoriasis", "Knee", "Arthritis Psoriasis")]
    [True, False, False]
    """
    words = [_plain(word) for word in reversed(name.split())]
    return [at for at, word in enumerate(words) if _END.fullmatch(word) or word.endswith("iasis")] == [0]


def _case(word: str) -> str:
    bare = word.strip(".,;:()[]")
    if len(bare) > 1 and bare.isupper():
        return "A"
    return "U" if bare[:1].isupper() else "d" if bare[:1].isdigit() else "l"


@lru_cache(maxsize=10_000)
def _plain(word: str) -> str:
    return word.strip(".,;:()[]\"'*").casefold()
