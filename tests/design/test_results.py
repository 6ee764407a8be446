"""What the designs answer with: frozen values that show themselves as a frame, as HTML and as a sentence."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from trialwright.design import (
    BOIN,
    BOIN12,
    TITEBOIN,
    Arrivals,
    BackfillBOIN,
    Calendar,
    JointOutcomes,
    Outcomes,
    joint_truth,
    operating_characteristics,
    operating_characteristics_grid,
    paths,
    recommend_backfill,
    simulate,
    simulate_calendar,
)
from trialwright.design.catalogue import crm

BOTH = BOIN12(levels=2, toxicity_limit=0.35, efficacy_limit=0.25, utility_neither=40, utility_both=60, subjects=6)
PLAIN = BOIN(levels=2, target=0.3, subjects=6)
CALENDAR = Calendar(window=28, arrivals=Arrivals(pattern="on demand"), without_slot="kept")
TRUTH = (0.2, 0.4)
RESULTS: dict[str, Callable[[], Any]] = {
    "recommendation": lambda: PLAIN.recommend(Outcomes.parse("1NNN")),
    "recommendation of an OBD": lambda: BOTH.recommend(JointOutcomes.parse("1NNN 2NNN")),
    "backfill": lambda: recommend_backfill(BackfillBOIN(levels=2, target=0.3, window=28), "1NN+N 2NPP"),
    "exact": lambda: operating_characteristics(PLAIN, TRUTH),
    "grid": lambda: operating_characteristics_grid(PLAIN, [TRUTH]),
    "simulated": lambda: simulate(PLAIN, TRUTH, trials=10, seed=1),
    "OBD": lambda: BOTH.simulate(joint_truth(TRUTH, TRUTH, odds_ratio=1), trials=10, seed=1),
    "calendar": lambda: simulate_calendar(PLAIN, TRUTH, CALENDAR, trials=10, seed=1),
    "paths": lambda: paths(PLAIN, cohorts=1),
    "paths of an OBD": lambda: paths(BOTH, cohorts=1),
    "decisions": PLAIN.decision_table,
    "late decisions": lambda: TITEBOIN(levels=2, target=0.3, subjects=6, window=28).late_table,
    "desirability": lambda: BOTH.desirability_table([0, 3]),
    "fit": lambda: crm(levels=2, target=0.3).fit(Outcomes.parse("1NNT")),
}


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_is_frozen_and_shows_itself(name: str) -> None:
    """A result cannot be changed, is a frame with rows, an HTML table and words, not the text of its fields."""
    result = RESULTS[name]()

    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        setattr(result, next(iter(type(result).__dataclass_fields__)), None)
    assert result.to_frame().height > 0
    assert "<table>" in result._repr_html_()
    assert str(result)
    assert type(result).__name__ not in str(result)
