"""Fit the weights by which criteria on one line without marks are parted.

`python -m tools.fit_criteria FILE...` reads API records (`.jsonl.gz`, a record a line) and writes the weights to
`registry/data/criteria_weights.json`. The lists whose criteria have no marks of their own are put on one line each, and
each gap between two words is one case of a logistic regression. Seven tenths of the records, told by a hash of their
number, are fitted first and the others tried; the weights written are those of all. It takes a minute.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from tools.fitted import logistic, records, told, write
from trialwright.registry.criteria_runs import gaps, part_criteria
from trialwright.registry.eligibility import split_criteria
from trialwright.registry.list_marks import items_of
from trialwright.registry.reading import value_at
from trialwright.registry.vocabulary import unescape

RAREST, PENALTY = 30, 0.3


def unmarked_lists(record: dict[str, Any]) -> Iterator[list[str]]:
    """The record's lists of criteria that cannot be told apart once they stand on one line."""
    lists: dict[str, list[str]] = {}
    numbered = set()
    for each in split_criteria(unescape(value_at(record, "eligibilityModule.eligibilityCriteria") or "")):
        lists.setdefault(each.list, []).append(" ".join(each.text.split()))
        numbered |= {each.list} if each.number else set()
    for name, texts in lists.items():
        if name not in numbered and len(items_of([" ".join(texts)])) == 1:
            yield texts


def cases(texts: Sequence[str]) -> list[tuple[list[str], bool]]:
    """The marks of each gap of a list on one line, and whether a criterion ends there."""
    ends = set(accumulate(len(text.split()) for text in texts))
    return [(marks, at in ends) for at, marks in enumerate(gaps(" ".join(texts).split()), start=1)]


def main() -> None:
    """Try the weights on the records that were not fitted, then write those of all."""
    lists = [(tenth < 7, texts) for tenth, record in records(sys.argv[1:]) for texts in unmarked_lists(record)]
    weighed = told(logistic([case for kept, texts in lists if kept for case in cases(texts)], RAREST, PENALTY))
    tried = [(texts, part_criteria(" ".join(texts), weighed)) for kept, texts in lists if not kept]
    right = sum((Counter(texts) & Counter(found)).total() for texts, found in tried)
    print(f"{right} of {sum(len(texts) for texts, _ in tried)} criteria in {len(tried)} lists without marks")
    write("criteria", told(logistic([case for _, texts in lists for case in cases(texts)], RAREST, PENALTY)))


if __name__ == "__main__":
    main()
