"""Names that a page prints on one line with nothing between them, told apart by wording: a proposal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

WEIGHTS: Mapping[str, float] = {
    "apart elsewhere": 1.07,
    "before again": -0.12,
    "before begins": -1.47,
    "begins": 0.75,
    "bracket closes": 2.29,
    "bracket opens": -5.59,
    "case AA": 1.35,
    "case AU": 0.82,
    "case Al": -0.89,
    "case UA": 0.36,
    "case UU": -0.33,
    "case Ud": 0.17,
    "case Ul": -1.98,
    "case dU": 1.11,
    "case dl": -1.84,
    "case lA": 0.57,
    "case lU": 1.28,
    "case ld": -1.25,
    "case ll": -0.84,
    "comma": -5.11,
    "ends": 2.0,
    "first again": 1.93,
    "gap": -1.56,
    "joined elsewhere": -0.76,
    "joining word": -4.63,
    "known word": 0.87,
    "next again": -0.78,
    "next ends": -1.41,
    "numeral": -3.0,
    "of conditions": -1.07,
    "pair few": -1.21,
    "pair never": 1.9,
    "pair often": -1.66,
    "pair once": -0.6,
    "within a bracket": -1.98,
}
"""How much each mark of a gap between two words says that a name ends there: the weights of a logistic regression.

Fitted to the conditions and keywords of 1,426 public records of ClinicalTrials.gov by `tools/fit_names.py`. Fitted to
70 % of these records, they part 81 % of the lines of conditions (71 % hold one name) and 53 % of those of keywords of
the others without a slip.
"""

_JOIN = {"of", "and", "with", "in", "the", "to", "vs", "for", "or", "by", "from", "on", "after", "due", "&", "a", "an"}
_JOIN |= {"at", "non", "-", "/", "without", "versus"}
_BEGIN = {"acute", "adult", "advanced", "allogeneic", "autologous", "bone", "chronic", "end", "graft", "human", "knee"}
_BEGIN |= {"mesenchymal", "multiple", "primary", "refractory", "secondary", "severe", "stem", "systemic"}
_BEGIN |= {"type", "umbilical"}
_END = re.compile(
    r".*(?:itis|osis|omas?|emia|path(?:y|ies)|trophy|plegia)|(?:syndrome|disease|disorder|failure|defect|cancer|"
    r"infarction|stroke|fracture|cell|tear|lesion|infection|virus|ulcer|fistula)s?|injur(?:y|ies)|therapy|"
    r"transplantation|palsy|loss|pain|diabetes|covid-19|insufficiency|deficiency"
)
_NUMERAL = re.compile(r"[ivx\d]+[ab]?|[a-d]")
_WORD = re.compile(r"[^\W_]+(?:['’+-][^\W_]+)*\+?")
_FOLLOWED = (0, 1, 4)
_MOST_WORDS = 1000


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
    """The names of a line, parted at each gap where one likelier ends than not; a very long line stays one.

    Args:
        line: The line of names.
        page: What the rest of the page says.

    Example:
        >>> part_names("rheumatoid arthritis stem cell", context(["stem cell for rheumatoid arthritis"]))
        ['rheumatoid arthritis', 'stem cell']
    """
    words = line.split()
    if len(words) > _MOST_WORDS:
        return [line]
    names = [words[:1]]
    for at in range(1, len(words)):
        if sum(WEIGHTS.get(mark, 0.0) for mark in gap_marks(words, at, page)) > 0:
            names.append([])
        names[-1].append(words[at])
    return [" ".join(name) for name in names if name]


def gap_marks(words: Sequence[str], at: int, page: Context) -> list[str]:
    """The marks that hold at the gap before a word of a line of names."""
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
        *(mark for mark, holds in held.items() if holds),
    ]


def _case(word: str) -> str:
    bare = word.strip(".,;:()[]")
    if len(bare) > 1 and bare.isupper():
        return "A"
    return "U" if bare[:1].isupper() else "d" if bare[:1].isdigit() else "l"


def _plain(word: str) -> str:
    return word.strip(".,;:()[]\"'*").casefold()
