"""Fit the weights by which names that run together are parted.

`python -m tools.fit_names FILE...` reads API records (`.jsonl.gz`, a record a line) and writes the weights to
`registry/data/name_weights.json`. Each gap between two words of a line of conditions or keywords is one case of a
logistic regression with a quadratic penalty. Seven tenths of the records, told by a hash of their number, are fitted
first and the others tried; the weights written are those of all. It takes some seconds.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from tools.fitted import Weights, logistic, records, told, write
from trialwright.registry.layout_b_names import texts_of
from trialwright.registry.reading import value_at
from trialwright.registry.run_together import Context, context, gap_marks, likeliest_cuts, name_marks

KINDS = ("conditions", "keywords")
RAREST, PENALTY = 6, 0.3


def lines_of_names(record: dict[str, Any]) -> Iterator[tuple[str, list[str], Context]]:
    """The record's conditions and its keywords, each with what the rest of the record says."""
    names = {
        kind: [" ".join(name.split()) for name in value_at(record, f"conditionsModule.{kind}") or []] for kind in KINDS
    }
    for kind, other in zip(KINDS, reversed(KINDS), strict=True):
        if names[kind]:
            yield kind, names[kind], context(texts_of(record), " ".join(names[other]), conditions=kind == "conditions")


def gaps(names: Sequence[str], page: Context) -> Iterator[tuple[list[str], bool]]:
    """The marks of each gap between two words, and whether a name ends there."""
    words = " ".join(names).split()
    ends = list(accumulate(len(name.split()) for name in names))
    for start, end in pairwise([0, *ends]):
        for at in range(start + 1, min(end + 1, len(words))):
            yield [*gap_marks(words, at, page), *name_marks(words, start, at)], at == end


def main() -> None:
    """Try the weights on the records that were not fitted, then write those of all."""
    lines = [(tenth < 7, *line) for tenth, record in records(sys.argv[1:]) for line in lines_of_names(record)]
    weighed = told(
        logistic([gap for kept, _, names, page in lines if kept for gap in gaps(names, page)], RAREST, PENALTY)
    )
    for kind in KINDS:
        tried = [
            (names, parted(names, page, weighed)) for kept, each, names, page in lines if each == kind and not kept
        ]
        whole = sum(names == found for names, found in tried)
        right = sum((Counter(names) & Counter(found)).total() for names, found in tried)
        single = sum(len(names) == 1 for names, _ in tried)
        printed = sum(len(names) for names, _ in tried)
        print(f"{kind}: {whole} of {len(tried)} lines right ({single} hold one name), {right} of {printed} names")
    write("name", told(logistic([gap for _, _, names, page in lines for gap in gaps(names, page)], RAREST, PENALTY)))


def parted(names: Sequence[str], page: Context, weighed: Weights) -> list[str]:
    """The names as some weights part their line."""
    words = " ".join(names).split()
    return [
        " ".join(words[start:end]) for start, end in pairwise([0, *likeliest_cuts(words, page, weighed), len(words)])
    ]


if __name__ == "__main__":
    main()
