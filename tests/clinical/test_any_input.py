"""Whatever an item is given, it answers, says what is missing, or refuses by the name of the input."""

import inspect
import math
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trialwright.clinical  # noqa: F401  # fills the catalogue
from trialwright.clinical.item import ITEMS, Missing, compute
from trialwright.clinical.ra_classification import JOINTS
from trialwright.errors import InputError

GRADED_ELSEWHERE = ("ctcae", "crs_grade", "infusion_related")
NAMES = sorted(name for name in ITEMS if not name.startswith(GRADED_ELSEWHERE))

WORDS = [
    *("M", "F", "standard", "alternative", "non_responder", "observed_or_null", "0-10", "positive", "negative"),
    *("SAA", "vSAA", "NSAA", "NTD", "LTB", "HTB", "unclassified", "erythroid", "platelet", "neutrophil", "none"),
    *("subclinical", "clinical", "creatinine", "haemoglobin", "platelets", "glucose", "mg/dL", "umol/L", "mmol/L"),
    *("g/L", "/mm3", "10*9/L", "U/L", "ibp", "uveitis", "walking", "grip", "prednisone", "dexamethasone", "oral"),
    *("iv", "12.25", "-2.5", "1e-99", "left:knee", "right:hip", "left:mcp1"),
]
PARTS = [
    *("tjc68", "sjc66", "pain", "ptga", "phga", "haq", "apr", "basfi", "inflammation", "crp", "lateral_spinal_flexion"),
    *("dressing", "arising", "eating", "walking", "hygiene", "reach", "grip", "activities", "hb_g_per_l"),
    *("anc_x10_9_per_l", "platelets_x10_9_per_l", "reticulocytes_x10_9_per_l", "transfusion_dependent"),
    *("hb_lower_limit_normal_g_per_l", "drug", "mg_per_day", "route"),
]
EDGES = [Decimal("1e-20"), Decimal("1e-21"), Decimal("-0"), Decimal("99.99999999999999999999"), 0, 20, 60, 175, 186]
ODD = [
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), Decimal("1e999999"), Decimal("1e-999999")),
    *(Decimal("0." + "3" * 200), 10**5000, -(10**400), math.nan, math.inf, 5e-324, 1j, b"bytes", object, "", -1),
    *("x" * 10_000, {1, 2}, {3: 4}, [[]], (), {None: 1}),
]


def anything(random: Random) -> Any:
    """Draw a value that an item may be given by a person, a program or a fault."""
    draws = (
        lambda: None,
        lambda: random.random() < 0.5,
        lambda: random.choice(WORDS),
        lambda: random.choice(EDGES),
        lambda: random.randint(0, 12),
        lambda: random.randint(0, 200),
        lambda: Decimal(random.randint(0, 200)) / 10,
        lambda: Decimal(random.randint(-5, 10**6)) / 1000,
        lambda: random.uniform(0, 200),
        lambda: random.choice(ODD),
        lambda: random.sample(JOINTS, 3),
        lambda: [anything(random) for _ in range(random.randint(0, 3))],
        lambda: [[week, anything(random)] for week in range(0, 17, 4)],
        lambda: {part: anything(random) for part in random.sample(PARTS, random.randint(0, 8))},
        lambda: {part: random.randint(0, 10) for part in PARTS[:7]},
        lambda: {part: random.randint(0, 10) for part in (*PARTS[2:4], *PARTS[7:9])},
    )
    return random.choice(draws)()


def numbers_in(found: Any) -> list[Decimal]:
    """Every number in a result."""
    if is_dataclass(found):
        return numbers_in(list(asdict(found).values()))
    if isinstance(found, list | tuple):
        return [number for part in found for number in numbers_in(part)]
    assert found is None or isinstance(found, str | bool | int | Decimal)
    return [Decimal(found)] if isinstance(found, int | Decimal) else []


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_any_input_is_answered_or_refused_by_name(name: str, seed: int) -> None:
    """Any inputs give a result of finite numbers, a missing result with its reason, or an error that names an input."""
    random = Random(seed)  # noqa: S311
    parameters = inspect.signature(ITEMS[name]).parameters
    inputs = {key: anything(random) for key in parameters}

    try:
        found = compute(name, inputs)
    except InputError as refused:
        assert any(key in str(refused) for key in parameters)  # noqa: PT017
    else:
        if isinstance(found, Missing):
            assert found.reason
        else:
            assert all(number.is_finite() for number in numbers_in(found))
