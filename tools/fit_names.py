"""Fit the weights by which names that run together are parted, and print them for `registry/run_together.py`.

`python tools/fit_names.py FILE...` reads API records (`.jsonl.gz`, a record a line). Each gap between two words of a
line of conditions or keywords is one case of a logistic regression with a quadratic penalty of one half, solved by
Newton's method. Seven tenths of the records, told by a hash of their number, are fitted first and the others tried;
the weights printed are those of all. It takes some seconds.
"""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from trialwright.registry import run_together
from trialwright.registry.layout_b_names import texts_of
from trialwright.registry.reading import value_at
from trialwright.registry.run_together import context, gap_marks, part_names

KINDS = ("conditions", "keywords")
RAREST, STEPS = 10, 30


def records(paths: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each record of the files once."""
    seen = set()
    for path in paths:
        with gzip.open(Path(path), "rt") as lines:
            for record in map(json.loads, lines):
                number = value_at(record, "identificationModule.nctId")
                if number not in seen:
                    seen.add(number)
                    yield record


def lines_of_names(record: dict[str, Any]) -> Iterator[tuple[str, list[str], run_together.Context]]:
    """The record's conditions and its keywords, each with what the rest of the record says."""
    names = {
        kind: [" ".join(name.split()) for name in value_at(record, f"conditionsModule.{kind}") or []] for kind in KINDS
    }
    for kind, other in zip(KINDS, reversed(KINDS), strict=True):
        if names[kind]:
            yield kind, names[kind], context(texts_of(record), " ".join(names[other]), conditions=kind == "conditions")


def gaps(names: Sequence[str], page: run_together.Context) -> Iterator[tuple[list[str], bool]]:
    """The marks of each gap between two words, and whether a name ends there."""
    words = " ".join(names).split()
    ends = set(accumulate(len(name.split()) for name in names))
    return ((gap_marks(words, at, page), at in ends) for at in range(1, len(words)))


def fit(cases: Sequence[tuple[list[str], bool]]) -> dict[str, float]:
    """The weight of each mark that is not rare."""
    counted = Counter(mark for marks, _ in cases for mark in marks)
    index = {mark: at for at, mark in enumerate(sorted(mark for mark in counted if counted[mark] >= RAREST))}
    held = np.zeros((len(cases), len(index)))
    for row, (marks, _) in enumerate(cases):
        held[row, [index[mark] for mark in marks if mark in index]] = 1.0
    ends = np.array([end for _, end in cases], dtype=float)
    found = np.zeros(len(index))
    for _ in range(STEPS):
        share = 1 / (1 + np.exp(-held @ found))
        curve = (held * (share * (1 - share))[:, None]).T @ held + np.eye(len(found))
        found -= np.linalg.solve(curve, held.T @ (share - ends) + found)
    return {mark: round(float(found[at]), 2) for mark, at in index.items()}


def main() -> None:
    """Try the weights on the records that were not fitted, then print those of all."""
    lines = [
        (crc32(str(value_at(record, "identificationModule.nctId")).encode()) % 10 < 7, *line)
        for record in records(sys.argv[1:])
        for line in lines_of_names(record)
    ]
    run_together.WEIGHTS = fit([gap for kept, _, names, page in lines if kept for gap in gaps(names, page)])
    for kind in KINDS:
        tried = [
            (names, part_names(" ".join(names), page)) for kept, each, names, page in lines if each == kind and not kept
        ]
        whole = sum(names == parted for names, parted in tried)
        found = sum((Counter(names) & Counter(parted)).total() for names, parted in tried)
        single = sum(len(names) == 1 for names, _ in tried)
        printed = sum(len(names) for names, _ in tried)
        print(f"{kind}: {whole} of {len(tried)} lines right ({single} hold one name), {found} of {printed} names")
    print(json.dumps(fit([gap for _, _, names, page in lines for gap in gaps(names, page)]), indent=1))


if __name__ == "__main__":
    main()
