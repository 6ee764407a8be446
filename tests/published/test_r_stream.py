"""R's random numbers against R.

Source: R 4.2.2, `set.seed(6); runif(8)`, printed with 15 digits.
"""

from pathlib import Path

import pytest

from tests.vectors import design_vectors
from trialwright.design import RStream

SEED_6 = [
    "0.606268297648057",
    "0.937641972908750",
    "0.264352067606524",
    "0.380093919346109",
    "0.807483389042318",
    "0.978075725259259",
    "0.957933716475964",
    "0.762731856433675",
]


def test_seed_6() -> None:
    """After seed 6 the numbers print as those of R."""
    assert [f"{number:.15f}" for number in RStream(6).runif(8)] == SEED_6


def test_vectors(shared: Path) -> None:
    """The numbers of a seed print, with the 15 digits that R gave, as those of R."""
    for vector in design_vectors(shared, "r_mt19937_runif"):
        expected = vector["expected"]["runif"]
        found = RStream(vector["inputs"]["seed"]).runif(len(expected))
        assert [f"{number:.15g}" for number in found] == [f"{number:.15g}" for number in expected], vector["id"]


@pytest.mark.parametrize("parts", [(1000,), (1, 999), (624, 376), (0, 1000)])
def test_numbers_follow_each_other(parts: tuple[int, ...]) -> None:
    """The stream is the same in whatever portions it is drawn, and stays strictly between 0 and 1."""
    stream = RStream(2024)
    found = [number for part in parts for number in stream.runif(part)]

    assert found == RStream(2024).runif(1000).tolist()
    assert all(0 < number < 1 for number in found)
