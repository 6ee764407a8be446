"""TITE-CRM against published numbers.

Sources: runs of R's dfcrm 0.2-2.1: titecrm, the example of its help page among them, and titesim.
"""

import pytest

from trialwright.design import (
    TITECRM,
    Arrivals,
    Calendar,
    Empiric,
    FollowUp,
    indifference_skeleton,
    simulate_calendar,
)

SKELETON = indifference_skeleton(target=0.25, halfwidth=0.05, mtd=3, levels=5)

FIRST = (
    [3, 3, 3, 4, 4, 3, 2, 2, 2, 3], [178, 181, 168, 181, 24, 181, 179, 102, 42, 3], [0, 0, 1, 0, 1, 0, 0, 0, 0, 0],
)  # fmt: skip
SECOND = ([1, 1, 1, 2, 2, 2, 2, 2], [28, 28, 28, 28, 21, 14, 7, 3], [0, 0, 0, 0, 1, 0, 0, 0])
RUNS = [
    # skeleton, target, window, subjects, estimate, variance, rates, lower limits, upper limits, MTD, weights
    (
        (0.05, 0.1, 0.2, 0.35, 0.5, 0.7), 0.2, 180, FIRST, -0.1327866, 0.1954901,
        (0.0725689, 0.1331521, 0.2443124, 0.3988065, 0.5450075, 0.731745),
        (0.0043897, 0.0154143, 0.0541269, 0.1492163, 0.2847807, 0.5239692),
        (0.2815004, 0.3774484, 0.5060998, 0.6413216, 0.7457984, 0.8599128), 3,
        (0.9888889, 1, 1, 1, 1, 1, 0.9944444, 0.5666667, 0.2333333, 0.0166667),
    ),
    (
        SKELETON, 0.25, 28, SECOND, -0.1807504, 0.2518873,
        (0.1264859, 0.2129435, 0.3144086, 0.4208143, 0.5233512),
        (0.0089103, 0.0292667, 0.0712426, 0.1386017, 0.228025),
        (0.4042873, 0.507898, 0.6024211, 0.6844628, 0.7530609), 2,
        (1, 1, 1, 1, 1, 0.5, 0.25, 0.1071429),
    ),
]  # fmt: skip


@pytest.mark.parametrize("run", RUNS)
def test_dfcrm_runs(run: tuple) -> None:
    """Weights, estimate, variance, rates, limits and MTD are those of dfcrm's titecrm."""
    skeleton, target, window, seen, estimate, variance, ptox, lower, upper, mtd, weights = run
    design = TITECRM(model=Empiric(skeleton=skeleton), target=target, window=window)
    subjects = [FollowUp(dose, followed, bool(dlt)) for dose, followed, dlt in zip(*seen, strict=True)]

    found = design.fit(subjects)

    assert design.share(subjects) == pytest.approx(weights, abs=1e-7)
    assert (*found.estimate, *found.variance) == pytest.approx((estimate, variance), abs=1e-3)
    assert found.ptox == pytest.approx(ptox, abs=1e-3)
    assert (found.lower, found.upper) == (pytest.approx(lower, abs=1e-3), pytest.approx(upper, abs=1e-3))
    assert found.mtd == mtd


def test_dfcrm_simulation() -> None:
    """Selection, subjects and DLTs are those of dfcrm's titesim, within four Monte Carlo standard errors of both."""
    theirs, ours = 1000, 4000
    design = TITECRM(model=Empiric(skeleton=SKELETON), target=0.25, window=1)

    calendar = Calendar(window=1, arrivals=Arrivals(pattern="Poisson", days_apart=0.25), without_slot="kept")
    found = simulate_calendar(design, (0.05, 0.12, 0.25, 0.40, 0.55), calendar, trials=ours, seed=20260105)

    for chance, share in zip(found.selection, (0.006, 0.197, 0.592, 0.198, 0.007), strict=True):
        assert abs(chance - share) < 4 * (share * (1 - share) * (1 / theirs + 1 / ours)) ** 0.5
    for mean, expected in zip([one.mean for one in found.patients], (3.042, 6.963, 11.299, 6.034, 2.662), strict=True):
        assert abs(mean - expected) < 4 * (expected * (30 - expected) * (1 / theirs + 1 / ours)) ** 0.5
    assert found.dlts.mean == pytest.approx(0.158 + 0.838 + 2.79 + 2.383 + 1.481, abs=0.3)
