"""BOIN's own simulation, number for number.

Source: BOIN 2.7.2, `get.oc(target, c(0.05, 0.12, 0.25, 0.40, 0.55), ncohort = 10, cohortsize = 3, ntrial = 10000,
seed = 6)` under R 4.2.2; with titration in ../shared/vectors.
"""

from pathlib import Path

import pytest

from tests.vectors import design_vectors
from trialwright.design import BOIN, OperatingCharacteristics, RStream, operating_characteristics, replicate_boin
from trialwright.errors import InputError

TRUTH = [0.05, 0.12, 0.25, 0.40, 0.55]
PRINTED = {
    0.25: {
        "selpercent": [0.84, 26.75, 55.71, 15.30, 1.38],
        "npatients": [5.4207, 10.0053, 9.9285, 3.9246, 0.7155],
        "totaltox": 5.9044,
        "percentstop": 0.02,
    },
    0.30: {
        "selpercent": [0.48, 11.49, 51.56, 32.32, 4.13],
        "npatients": [3.8445, 7.0824, 11.0292, 6.5214, 1.5171],
        "totaltox": 7.2362,
        "percentstop": 0.02,
    },
}


def as_printed(found: OperatingCharacteristics) -> dict[str, list[float] | float]:
    """Operating characteristics under the names that R prints."""
    return {
        "selpercent": [100 * share for share in found.selection],
        "npatients": list(found.mean_patients),
        "ntox": list(found.mean_dlts),
        "totaln": found.mean_size,
        "totaltox": sum(found.mean_dlts),
        "percentstop": 100 * found.selection_none,
    }


@pytest.mark.parametrize(("target", "expected"), PRINTED.items())
def test_seed_6(target: float, expected: dict) -> None:
    """With R's seed 6 every percentage and mean of 10,000 trials is the one that R prints."""
    found = as_printed(replicate_boin(BOIN(levels=5, target=target), TRUTH, RStream(6), trials=10_000))
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=1e-9), name


def test_vectors(shared: Path) -> None:
    """Every percentage and mean, with titration and an early stop too, is the one that R prints."""
    for vector in design_vectors(shared, "boin_get_oc_seeded"):
        inputs = vector["inputs"]
        design = BOIN(
            levels=len(inputs["p.true"]),
            target=inputs["target"],
            cohort=inputs["cohortsize"],
            subjects=inputs["ncohort"] * inputs["cohortsize"],
            stop_at_n=inputs.get("n.earlystop", 100),
            titration=inputs.get("titration", False),
        )
        found = as_printed(replicate_boin(design, inputs["p.true"], RStream(inputs["seed"]), trials=inputs["ntrial"]))
        for name, value in vector["expected"].items():
            assert found[name] == pytest.approx(value, abs=1e-9), (vector["id"], name)


@pytest.mark.parametrize(
    "options",
    [{}, {"titration": True}, {"stop_at_n": 9}, {"extra_safe": 0.1}, {"bound_mtd": True}, {"start": 2}],
    ids=str,
)
def test_simulation_agrees_with_the_exact_numbers(options: dict) -> None:
    """Over 20,000 trials the simulation stays within four standard errors of the exact operating characteristics."""
    design = BOIN(levels=4, target=0.3, subjects=24, **options)
    exact = operating_characteristics(design, [0.1, 0.25, 0.4, 0.55])

    found = replicate_boin(design, [0.1, 0.25, 0.4, 0.55], RStream(1), trials=20_000)

    shares = zip((*found.selection, found.selection_none), (*exact.selection, exact.selection_none), strict=True)
    assert all(abs(share - true) < 4 * (true * (1 - true) / 20_000) ** 0.5 for share, true in shares)
    assert found.mean_size == pytest.approx(exact.mean_size, abs=0.1)


def test_what_cannot_be_replicated() -> None:
    """All that keeps a design from being replicated is said at once."""
    with pytest.raises(InputError, match=r"0 trials.*28 subjects are no whole number of cohorts of 3"):
        replicate_boin(BOIN(levels=5, target=0.3, subjects=28), TRUTH, RStream(6), trials=0)
    with pytest.raises(InputError, match="too few to titrate"):
        replicate_boin(BOIN(levels=5, target=0.3, subjects=6, titration=True), TRUTH, RStream(6))
