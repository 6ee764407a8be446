"""Clopper-Pearson against published numbers and R.

Newcombe 1998, Statistics in Medicine 17:857, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E,
table I, method 5 (exact), to the four decimals printed there.
"""

import json
from pathlib import Path

import pytest

from trialwright.analysis.intervals import clopper_pearson


@pytest.mark.parametrize(
    ("events", "n", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_newcombe(events, n, low, high):
    """The exact intervals of Newcombe 1998, table I, are met to every printed decimal."""
    interval = clopper_pearson(events, n)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


@pytest.mark.parametrize(("n", "high"), [(3, 0.7076), (6, 0.4593)])
def test_no_dlt_in_a_cohort(n, high):
    """No DLT in 3 leaves rates up to 70.8% open, none in 6 up to 45.9% (R 4.2.2, binom.test)."""
    interval = clopper_pearson(0, n)

    assert interval.low == 0
    assert round(interval.high, 4) == high


def vectors(folder: Path, name: str, key: str, kind: str) -> list[dict]:
    """The vectors of one kind."""
    rows = map(json.loads, (folder / "vectors" / name).read_text().splitlines())
    return [row for row in rows if row[key] == kind]


def test_r_binom(shared):
    """R's binom package gives the same exact intervals."""
    rows = vectors(shared, "designs.jsonl", "kind", "binom_ci")

    assert len(rows) >= 4
    for row in rows:
        given = row["inputs"]
        interval = clopper_pearson(given["x"], given["n"], given["conf"])
        assert list(interval) == pytest.approx(row["expected"]["exact"], abs=row["tolerance"]), row["id"]


def test_r_binom_test(shared):
    """R's binom.test gives the same exact intervals."""
    rows = vectors(shared, "clinical.jsonl", "item", "binomial_ci")

    assert len(rows) >= 9
    for row in rows:
        given = row["inputs"]
        interval = clopper_pearson(given["responders"], given["n"], given["confidence"])
        assert list(interval) == pytest.approx(row["expected"]["clopper_pearson"], abs=row["tolerance"]["abs"]), row[
            "id"
        ]
