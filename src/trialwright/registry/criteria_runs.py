"""Criteria that a page prints on one line without marks or line ends, told apart by wording: a proposal.

At each gap between two words some marks hold; a criterion ends where their weights sum to more than nothing. The
weights are those of a logistic regression, fitted by `tools/fit_criteria.py` to the lists without marks in 1,071 public
records of ClinicalTrials.gov. Fitted to 70 % of these records, they find 76 % of such criteria of the others exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from trialwright.registry.outcome_words import JOINS, case, held, plain
from trialwright.registry.weights import weights

_CLOSING = re.compile(r"[.;,:!?)\]]+$")
_ABBREVIATION = re.compile(r"(?:e\.g|i\.e|vs|etc|no|approx|[a-z])\.", re.IGNORECASE)
_SHORTEST_CLOSED = 4


def part_criteria(line: str, weighed: Mapping[str, float] | None = None) -> list[str]:
    """The criteria of a line that has no marks, in their likeliest parting by some weights, or by the package's.

    >>> part_criteria("Age from 18 years Signed informed consent Diagnosis of rheumatoid arthritis")
    ['Age from 18 years', 'Signed informed consent', 'Diagnosis of rheumatoid arthritis']
    """
    words = line.split()
    weighed = weights("criteria") if weighed is None else weighed
    found = gaps(words)
    ends = [at for at, marks in enumerate(found, start=1) if sum(weighed.get(mark, 0.0) for mark in marks) > 0]
    return [" ".join(words[start:end]) for start, end in pairwise([0, *ends, len(words)])]


def gaps(words: Sequence[str]) -> list[list[str]]:
    """The marks that hold at each gap between two words of a line."""
    style = _style(words)
    low = [plain(word) for word in words]
    seen, depth, found = {low[0]} if low else set(), 0, []
    for at in range(1, len(words)):
        depth += words[at - 1].count("(") - words[at - 1].count(")")
        kind, following = case(words[at]), case(words[at + 1]) if at + 1 < len(words) else "-"
        end = _end(words[at - 1])
        marks = {
            "within a bracket": depth > 0,
            "bracket opens": words[at].startswith("("),
            "after a joining word": low[at - 1] in JOINS,
            "joining word": low[at] in JOINS,
            "capital again": kind in {"U", "A"} and low[at] in seen,
            "begins like the first": low[at] == low[0],
        }
        seen.add(low[at])
        found.append(
            [
                "gap",
                *(f"end {end}{more}" for more in ("", f" {kind}", f" {style}", f" {kind} {style}")),
                f"case {case(words[at - 1])}{kind}",
                f"case {case(words[at - 1])}{kind}{following}",
                f"first {low[at]}",
                f"last {low[at - 1]}",
                *held(marks),
            ]
        )
    return found


def _end(word: str) -> str:
    """The sign that closes a word; an abbreviation's full stop closes nothing."""
    closing = _CLOSING.search(word)
    return "abbreviation" if _ABBREVIATION.fullmatch(word) else closing[0][-1] if closing else "open"


def _style(words: Sequence[str]) -> str:
    """How the criteria of a line end: with full stops, with semicolons, or openly."""
    stops = sum(word.endswith(".") and len(word) >= _SHORTEST_CLOSED for word in words)
    if stops > 1 or (stops and words[-1].endswith(".")):
        return "stops"
    return "semicolons" if sum(word.endswith(";") for word in words) > 1 else "open"
