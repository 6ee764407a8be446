"""Fit the weights by which rows of outcomes are parted.

`python -m tools.fit_outcome_rows FILE...` reads API records (`.jsonl.gz`, a record a line) and writes the weights of
time frames and of descriptions to `registry/data/`. The places of a row where a part can begin share a softmax; the
likelihood of the true places is maximal, with a quadratic penalty. A record counts by the root of its rows. Seven
tenths of the records, told by a hash of their number, are fitted first and the others tried; the weights kept are
those of all. What the other rows of a page propose is told by weights fitted to other records, as it will be on a new
page. It takes two minutes.
"""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from tools.fitted import Weights, records, table, told, write
from trialwright.registry import outcome_descriptions as descriptions
from trialwright.registry.outcome_rows import shared_ends, time_frame_marks, time_frame_places
from trialwright.registry.reading import items_at
from trialwright.registry.vocabulary import unescape

LISTS = ("primaryOutcomes", "secondaryOutcomes", "otherOutcomes")
PARTS = ("measure", "description", "timeFrame")

Row = list[list[str]]
"""The words of a row's three parts."""


@dataclass(frozen=True)
class Page:
    """A record's rows: for each the marks of its places and which place is true, and the tenth the record falls in."""

    marks: list[list[list[str]]]
    true: list[int]
    tenth: int


def rows_of(paths: Sequence[str]) -> Iterator[tuple[int, list[Row]]]:
    """For each record the tenth it falls in and its rows with a time frame."""
    for tenth, record in records(paths):
        found = [each for name in LISTS for each in items_at(record, f"outcomesModule.{name}")]
        rows = [[unescape(each.get(part, "")).split() for part in PARTS] for each in found]
        yield tenth, [row for row in rows if row[2]]


def fit(pages: Sequence[Page], kept: Callable[[int], bool], *, rarest: int, penalty: float) -> Weights:
    """The weights that make the true places of the pages of some tenths likeliest; a rare mark has none."""
    cases = [
        (marks, true, len(page.true) ** -0.5)
        for page in pages
        if kept(page.tenth)
        for marks, true in zip(page.marks, page.true, strict=True)
        if true >= 0
    ]
    counted = Counter(mark for marks, *_ in cases for place in marks for mark in place)
    column = {mark: at for at, mark in enumerate(sorted(mark for mark in counted if counted[mark] >= rarest))}
    held = table([place for marks, *_ in cases for place in marks], column)
    sizes = [len(marks) for marks, *_ in cases]
    starts = np.cumsum([0, *sizes[:-1]])
    row, true = np.repeat(np.arange(len(cases)), sizes), starts + np.array([at for _, at, _ in cases])
    weight = np.array([each for *_, each in cases])
    said = weight @ held[true]

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        score = held @ found
        top = np.maximum.reduceat(score, starts)
        share = np.exp(score - top[row])
        total = np.add.reduceat(share, starts)
        likely = float(weight @ (score[true] - top - np.log(total)))
        slope = said - (share / total[row] * weight[row]) @ held
        return penalty * float(found @ found) - likely, 2 * penalty * found - slope

    found = minimize(loss, np.zeros(len(column)), jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    return dict(zip(column, found.tolist(), strict=True))


def best(weights: Weights, marks: Sequence[Sequence[str]]) -> int:
    """The place whose marks weigh most."""
    return int(np.argmax([sum(weights.get(mark, 0.0) for mark in place) for place in marks]))


def right(weights: Weights, pages: Sequence[Page], kept: Callable[[int], bool]) -> str:
    """How many rows of the pages of some tenths are parted rightly."""
    found = [
        best(weights, marks) == true
        for page in pages
        if kept(page.tenth)
        for marks, true in zip(page.marks, page.true, strict=True)
    ]
    return f"{sum(found)} of {len(found)} ({np.mean(found):.1%})"


def time_frames(paths: Sequence[str]) -> None:
    """Fit, try and write the weights of time frames."""
    pages = []
    for tenth, rows in rows_of(paths):
        texts = [[word for part in row for word in part] for row in rows]
        shared = shared_ends(texts)
        places = [time_frame_places(words) for words in texts]
        marks = [
            [time_frame_marks(words, at, shared) for at in each] for words, each in zip(texts, places, strict=True)
        ]
        starts = [len(row[0]) + len(row[1]) for row in rows]
        pages.append(Page(marks, _indexes(places, starts), tenth))
    for kept, name in ((_fitted, "left out"), (_all, "fitted")):
        weights = told(fit(pages, kept, rarest=5, penalty=0.5), least=0.1)
        print(f"time frames, {name}:", right(weights, pages, _tried if kept is _fitted else _all))
    write("time_frame", weights)


def described(paths: Sequence[str]) -> None:
    """Fit, try and write the weights of descriptions."""
    read = [
        (tenth, rows, descriptions.rows_of([row[0] + row[1] for row in rows])) for tenth, rows in rows_of(paths) if rows
    ]
    pages = []
    for tenth, rows, shown in read:
        places = [descriptions.places(words) for words in shown.words]
        marks = [[descriptions.place_marks(shown, row, at) for at in each] for row, each in enumerate(places)]
        pages.append(Page(marks, _indexes(places, [len(row[0]) for row in rows]), tenth))
    shown_rows = [shown for _, _, shown in read]
    for kept, name in ((_fitted, "left out"), (_all, "fitted")):
        halves = [_fit_descriptions([page for page in pages if page.tenth % 2 == odd], kept) for odd in (0, 1)]
        proposed = [halves[1 - page.tenth % 2] for page in pages]
        full = _fit_descriptions(_second_look(pages, shown_rows, proposed), kept)
        weights = told(full, least=0.1)
        seen = _second_look(pages, shown_rows, [weights] * len(pages))
        print(f"descriptions, {name}:", right(weights, seen, _tried if kept is _fitted else _all))
    write("description", weights)


def _fit_descriptions(pages: Sequence[Page], kept: Callable[[int], bool]) -> Weights:
    return fit(pages, kept, rarest=10, penalty=0.6)


def _second_look(pages: Sequence[Page], rows: Sequence[descriptions.Rows], weights: Sequence[Weights]) -> list[Page]:
    """The pages with the marks that hold once some weights have proposed where descriptions begin."""
    found = []
    for page, shown, each in zip(pages, rows, weights, strict=True):
        places = [descriptions.places(words) for words in shown.words]
        starts = [at[best(each, marks)] for at, marks in zip(places, page.marks, strict=True)]
        found.append(Page(descriptions.second_look(shown, page.marks, starts), page.true, page.tenth))
    return found


def _indexes(places: Sequence[list[int]], true: Sequence[int]) -> list[int]:
    return [each.index(at) if at in each else -1 for each, at in zip(places, true, strict=True)]


def _fitted(tenth: int) -> bool:
    return tenth < 7


def _tried(tenth: int) -> bool:
    return tenth >= 7


def _all(_tenth: int) -> bool:
    return True


if __name__ == "__main__":
    time_frames(sys.argv[1:])
    described(sys.argv[1:])
