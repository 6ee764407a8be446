"""The words by which rows of outcomes are parted, and how they are written; `outcome_rows` uses them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

_NUMBERED = re.compile(r"(?:day|week|month|year|visit|cycle|t|v|d|w|m|y|h|j|c|hour|hr)s?-?\d.*|\d+(?:st|nd|rd|th)")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNITS = _words(
    """
    cycle cycles d day days decade h hour hours hr hrs min mins minute minutes mo month months mos second seconds
    session sessions trimester visit visits week weeks wk wks year years yr yrs
    """
)
"""Units of time, and what is counted like them."""

MOMENTS = _words(
    """
    admission annually base-line baseline completion daily delivery discharge end-of-treatment enrollment enrolment
    follow-up followup hospitalisation hospitalization immediate immediately intraoperative intraoperatively monthly
    once one-time perioperative perioperatively post-dose post-intervention post-op post-treatment postdose
    postoperative postoperatively postpartum posttreatment pre-dose pre-intervention pre-op pre-treatment predose
    preoperative preoperatively pretreatment randomisation randomization screening surgery weekly yearly
    """
)
"""Words that are a time of their own."""

FILLERS = _words(
    """
    & + - a about administration after age all an and any approx approximate approximately are around assessed
    assessment assessments at at, average base be before beginning between birth blood both by came cause change
    chemotherapy collected comes consent control corrected date day- death discontinuation disease documented done
    dose doses dosing drug duration during each early eight eighteen end entire entry estimated evaluated every
    examination exit expected final first five follow following for four frame from gestational group half half-year
    hospital icu if implantation in inclusion informed infusion initial initially initiation injection intake
    intervention interview is last later least line long long-term loss lost max maximum mean measured median
    minimum minus nine no observation occasions occurred occurs of on one only operation optional or over
    participant participants patient patients per performed period phase phone planned plus point points points:
    post pre primary prior procedure progression quarter radiotherapy recorded recurrence relapse safety sample
    samples secondary seven short-term signed signing since six start stay study study- subject subjects subsequent
    taken ten term that the then therapy thereafter third this three through throughout till time times to total
    transplant transplantation treatment trial twelve twenty-four two until until- untill up upto vaccination was were
    which whichever whole will with withdrawal within ± –
    """
)
"""Words that stand between words of time."""

JOINS = _words(
    """
    & + - / = a about after an and approximately at be before between by during for from in is least of on or over
    per post pre than the through to until up versus vs was with within ± –
    """
)
"""Words after which nothing begins."""

BEFORE_AN_EVENT = _words(
    """
    after before following from of post post- prior since until
    """
)
"""Words after which a time frame names an event."""

BEGIN_A_TIME = _words(
    """
    after approximately assessed at baseline before between by change day days during every first five follow four
    from immediately initially measured month months on once one over post pre pre-dose pre-intervention
    preoperative preoperatively prior screening second six the third three through throughout twelve two until untill
    up upto week weeks within year
    """
)
"""Small words with which a time frame can begin."""


@lru_cache(maxsize=10_000)
def plain(word: str) -> str:
    """A word in small letters without the marks around it."""
    return word.strip(".,;:()[]\"'*").casefold()


def case(word: str) -> str:
    """How a word is written: `A` all in capitals, `U` with one, `d` with a digit, `l` small, `-` without a letter.

    >>> [case(word) for word in ("ALT", "Age", "18", "of", "()")]
    ['A', 'U', 'd', 'l', '-']
    """
    bare = word.strip(".,;:()[]\"'*")
    if len(bare) > 1 and bare.isupper():
        return "A"
    return "U" if bare[:1].isupper() else "d" if bare[:1].isdigit() else "l" if bare else "-"


@lru_cache(maxsize=10_000)
def of_time(word: str) -> bool:
    """Whether a word is one of time."""
    bare = plain(word)
    parts = re.split(r"[-/,、~\d]+", bare)
    return bool(_NUMBERED.fullmatch(bare)) or any(part in UNITS or part in MOMENTS for part in (bare, *parts))


def bucket(value: int, limits: Sequence[int]) -> str:
    """The range of a count, such as `3-5`, between the upper limits; above the last one `31+`."""
    low = 0
    for high in limits:
        if value <= high:
            return str(high) if low == high else f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def held(marks: Mapping[str, bool]) -> list[str]:
    """The marks that hold."""
    return [mark for mark, holds in marks.items() if holds]
