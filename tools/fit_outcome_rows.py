"""Fit the weights by which rows of outcomes are parted, and print them for `registry/outcome_words.py`.

`python tools/fit_outcome_rows.py FILE...` reads API records (`.jsonl.gz`, a record a line). The places of a row where a
part can begin share a softmax; the likelihood of the true places is maximal, with a quadratic penalty of one half. A
record counts by the root of its rows. Seven tenths of the records, told by a hash of their number, are fitted first
and the others tried; the weights printed are those of all. It takes some five minutes a part.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np

from trialwright.registry.outcome_rows import (
    description_marks,
    description_places,
    shared_words,
    time_frame_marks,
    time_frame_places,
)
from trialwright.registry.reading import items_at, value_at
from trialwright.registry.vocabulary import unescape

LISTS = ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")
PARTS = ("measure", "description", "timeFrame")
STEPS, RATE, PENALTY = 1200, 0.05, 0.5


def records(paths: list[str]) -> Iterator[tuple[str, list[list[list[str]]]]]:
    """Each record's number with its rows, a row as the words of its three parts."""
    for path in paths:
        with gzip.open(Path(path), "rt") as lines:
            for line in lines:
                record = json.loads(line)
                found = [each for name in LISTS for each in items_at(record, f"outcomesModule.{name}")]
                rows = [[unescape(each.get(part, "")).split() for part in PARTS] for each in found]
                yield str(value_at(record, "identificationModule.nctId")), [row for row in rows if row[2]]


def examples(paths: list[str], kept: int) -> Iterator[tuple[list[list[str]], int, bool, float]]:
    """The marks of each place of a row, which place is true, whether the row is for fitting, and its weight."""
    places, marks = (time_frame_places, time_frame_marks) if kept == 3 else (description_places, description_marks)
    for number, rows in records(paths):
        texts = [[word for part in row[:kept] for word in part] for row in rows]
        page = shared_words(texts)
        fitted = crc32(number.encode()) % 10 < 7
        for row, words in zip(rows, texts, strict=True):
            true, at = sum(len(part) for part in row[: kept - 1]), places(words)
            if true in at:
                yield [marks(words, each, page) for each in at], at.index(true), fitted, len(rows) ** -0.5


def fit(paths: list[str], kept: int) -> dict[str, float]:
    """The weights of the marks; how many of the rows left out they part rightly is printed."""
    found = list(examples(paths, kept))
    names = sorted({mark for places, *_ in found for place in places for mark in place})
    column = {name: at for at, name in enumerate(names)}
    sizes = [len(places) for places, *_ in found]
    starts = np.cumsum([0, *sizes[:-1]])
    held = np.zeros((sum(sizes), len(names)))
    for at, place in enumerate(place for places, *_ in found for place in places):
        held[at, [column[mark] for mark in place]] = 1
    true = starts + np.array([at for _, at, *_ in found])
    fitted = np.array([each for *_, each, _ in found])
    weight = np.array([each for *_, each in found])
    tried = ascend(held, starts, true, weight * fitted)
    scores = np.split(held @ tried, starts[1:])
    right = np.array([int(np.argmax(each)) for each in scores]) + starts == true
    print(f"# fitted {right[fitted].mean():.3f}, left out {right[~fitted].mean():.3f}, {len(found)} rows")
    return dict(zip(names, ascend(held, starts, true, weight).round(1).tolist(), strict=True))


def ascend(held: np.ndarray, starts: np.ndarray, true: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The weights at the maximum, by Adam."""
    row = np.repeat(np.arange(len(starts)), np.diff([*starts, len(held)]))
    found, mean, square = (np.zeros(held.shape[1]) for _ in range(3))
    for step in range(1, STEPS + 1):
        score = held @ found
        share = np.exp(score - np.maximum.reduceat(score, starts)[row])
        share /= np.add.reduceat(share, starts)[row]
        slope = weight @ held[true] - (weight[row] * share) @ held - PENALTY * found
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        found += RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return found


if __name__ == "__main__":
    for kept, name in ((3, "TIME_FRAME_WEIGHTS"), (2, "DESCRIPTION_WEIGHTS")):
        print(name, json.dumps(fit(sys.argv[1:], kept), indent=1))
