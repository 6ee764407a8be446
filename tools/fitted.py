"""What the scripts share that fit weights to records: records read once, marks as a table, weights written."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit

from trialwright.registry.reading import value_at

DATA = Path(__file__).parents[1] / "src/trialwright/registry/data"

Weights = dict[str, float]


def records(paths: Sequence[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each record of the files once, with the tenth it falls in by a hash of its number."""
    seen = set()
    for path in paths:
        with gzip.open(Path(path), "rt") as lines:
            for record in map(json.loads, lines):
                number = str(value_at(record, "identificationModule.nctId"))
                if number not in seen:
                    seen.add(number)
                    yield crc32(number.encode()) % 10, record


def table(rows: Sequence[Sequence[str]], column: Mapping[str, int]) -> csr_array:
    """A row of ones and zeros for each list of marks, a column a mark."""
    places = [[column[mark] for mark in marks if mark in column] for marks in rows]
    ends = np.cumsum([0, *(len(place) for place in places)])
    filled = np.concatenate([np.array(place, dtype=int) for place in places])
    return csr_array((np.ones(ends[-1]), filled, ends), shape=(len(places), len(column)))


def logistic(cases: Sequence[tuple[list[str], bool]], rarest: int, penalty: float) -> Weights:
    """The weight of each mark that is not rare, by logistic regression with a quadratic penalty."""
    counted = Counter(mark for marks, _ in cases for mark in marks)
    column = {mark: at for at, mark in enumerate(sorted(mark for mark in counted if counted[mark] >= rarest))}
    held = table([marks for marks, _ in cases], column)
    ends = np.array([end for _, end in cases], dtype=float)

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        score = held @ found
        unlikely = float((np.logaddexp(0, score) - ends * score).sum())
        return unlikely + penalty * float(found @ found), (expit(score) - ends) @ held + 2 * penalty * found

    found = minimize(loss, np.zeros(len(column)), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return dict(zip(column, found.tolist(), strict=True))


def told(found: Mapping[str, float], least: float = 0.2) -> Weights:
    """The weights that say something, rounded."""
    return {mark: round(weight, 1) for mark, weight in found.items() if abs(weight) >= least}


def write(name: str, found: Weights) -> None:
    """Write weights where the package reads them."""
    (DATA / f"{name}_weights.json").write_text(json.dumps(found, indent=0, ensure_ascii=False) + "\n")
