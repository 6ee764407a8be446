"""Whatever an item is given, it answers, says what is missing, or refuses by the name of the input.

As many inputs as one wants: `python -m pytest tests/clinical/test_any_input.py --hypothesis-profile=long`.
"""

import inspect
import math
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import settings

import trialwright.clinical  # noqa: F401  # fills the catalogue
from trialwright.clinical.acr_response import CORE_SET_MOST, HAQ_QUESTIONS
from trialwright.clinical.asas_response import DOMAINS, SIX_DOMAINS
from trialwright.clinical.corticosteroids import MG_EQUAL_TO_5_MG_PREDNISONE
from trialwright.clinical.ctcae import NUMBERS, questions
from trialwright.clinical.ctcae_thresholds import THRESHOLDS
from trialwright.clinical.item import ITEMS, Missing, compute
from trialwright.clinical.ra_classification import JOINTS
from trialwright.clinical.spondyloarthritis_classification import SPA_FEATURES
from trialwright.errors import InputError

NAMES = sorted(name for name, function in ITEMS.items() if function.__module__.startswith("trialwright.clinical"))
TERMS = sorted(THRESHOLDS["5.0"])
OF_A_FINDING = sorted({*NUMBERS, "unit", "is_baseline_record", "ionized", "death"}.union(*map(questions, TERMS)))

WORDS = [
    *("M", "F", "standard", "alternative", "non_responder", "observed_or_null", "0-10", "positive", "negative"),
    *("SAA", "vSAA", "NSAA", "NTD", "LTB", "HTB", "unclassified", "erythroid", "platelet", "neutrophil", "none"),
    *("subclinical", "clinical", "creatinine", "haemoglobin", "platelets", "glucose", "mg/dL", "umol/L", "mmol/L"),
    *("g/L", "/mm3", "10*9/L", "U/L", "12.25", "-2.5", "1e-99", "oral", "iv", "soc_plus_cell_counts"),
    *("normal", "awakens_to_voice", "focal", "resolves_rapidly", "no_vasopressor", "fluids", "cpap"),
]
BLOOD_COUNTS = [
    *("hb_g_per_l", "anc_x10_9_per_l", "platelets_x10_9_per_l", "reticulocytes_x10_9_per_l"),
    *("transfusion_dependent", "hb_lower_limit_normal_g_per_l"),
]
GROUPS = [list(CORE_SET_MOST), list(DOMAINS), list(SIX_DOMAINS), BLOOD_COUNTS[:5], BLOOD_COUNTS]
LISTED = [list(JOINTS), list(SPA_FEATURES), list(HAQ_QUESTIONS)]
EDGES = [Decimal("1e-20"), Decimal("1e-21"), Decimal("-0"), Decimal("99.99999999999999999999"), 0, 20, 60, 175, 186]
ODD = [
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), Decimal("1e999999"), Decimal("1e-999999")),
    *(Decimal("0." + "3" * 200), 10**5000, -(10**400), math.nan, math.inf, 5e-324, 1j, b"bytes", object, "", -1),
    *("x" * 10_000, {1, 2}, {3: 4}, [[]], (), {None: 1}),
]


def simple(random: Random) -> Any:
    """Draw a number, a word, a truth, or nothing."""
    draws = (
        lambda: None,
        lambda: random.random() < 0.5,
        lambda: random.choice(WORDS),
        lambda: random.choice(TERMS),
        lambda: random.choice(EDGES),
        lambda: random.randint(0, 12),
        lambda: random.randint(0, 200),
        lambda: Decimal(random.randint(0, 200)) / 10,
        lambda: Decimal(random.randint(-5, 10**6)) / 1000,
        lambda: random.uniform(0, 200),
    )
    return random.choice(draws)()


def anything(random: Random) -> Any:
    """Draw a value that an item may be given by a person, a program or a fault."""
    draws = (
        lambda: random.choice(ODD),
        lambda: random.sample(random.choice(LISTED), 3),
        lambda: [anything(random) for _ in range(random.randint(0, 3))],
        lambda: [[week, simple(random)] for week in range(0, random.randint(0, 25), 4)],
        lambda: [dose(random) for _ in range(random.randint(0, 3))],
        lambda: {part: simple(random) for part in random.choice(GROUPS)},
        lambda: {part: random.randint(0, 10) for part in random.choice(GROUPS) if random.random() < 0.9},
        lambda: {**{part: random.randint(0, 200) for part in BLOOD_COUNTS}, "transfusion_dependent": False},
        lambda: {**{part: random.randint(0, 10) for part in BLOOD_COUNTS[:4]}, "transfusion_dependent": True},
        lambda: {part: [random.randint(0, 3) for _ in range(asked)] for part, asked in HAQ_QUESTIONS.items()},
    )
    return simple(random) if random.random() < 0.6 else random.choice(draws)()


def dose(random: Random) -> dict[str, Any]:
    """Draw a daily dose of a corticosteroid."""
    drug = random.choice(list(MG_EQUAL_TO_5_MG_PREDNISONE))
    return {"drug": drug, "mg_per_day": simple(random), "route": random.choice(["oral", "iv", "im"])}


def inputs_of(name: str) -> list[str]:
    """The names of an item's inputs."""
    return ["term", *OF_A_FINDING] if name == "ctcae_v5_grade" else list(inspect.signature(ITEMS[name]).parameters)


@cache
def accepted(name: str, key: str) -> list[Any]:
    """Values that the item does not refuse by the name of this input while every other one is missing."""
    random = Random(key)  # noqa: S311 - the same values on every machine
    drawn = [*WORDS, *EDGES, *(anything(random) for _ in range(400))]
    others = {"term": "Anemia"} if name == "ctcae_v5_grade" else dict.fromkeys(inputs_of(name))
    found = []
    for value in drawn:
        try:
            compute(name, {**others, key: value})
        except InputError as refused:
            if key in str(refused):
                continue
        found.append(value)
    return [value for value in found if value is not None] or drawn


def numbers_in(found: Any) -> list[Decimal]:
    """Every number in a result."""
    if is_dataclass(found):
        return numbers_in(list(asdict(found).values()))
    if isinstance(found, list | tuple):
        return [number for part in found for number in numbers_in(part)]
    assert found is None or isinstance(found, str | bool | int | Decimal)
    return [Decimal(found)] if isinstance(found, int | Decimal) else []


def check(name: str, seed: int) -> None:
    """Give an item the inputs of a seed."""
    random = Random(seed)  # noqa: S311
    odd = random.choice((0, 0.1, 1))
    missing = random.choice((0, 0.1, 0.5))
    inputs = {
        key: None
        if random.random() < missing
        else anything(random)
        if random.random() < odd
        else random.choice(accepted(name, key))
        for key in inputs_of(name)
    }

    try:
        found = compute(name, inputs)
    except InputError as refused:
        assert any(key in str(refused) for key in inputs)  # noqa: PT017
    else:
        if isinstance(found, Missing):
            assert found.reason
        else:
            assert all(number.is_finite() for number in numbers_in(found))


@pytest.mark.parametrize("name", NAMES)
def test_any_input_is_answered_or_refused_by_name(name: str) -> None:
    """Any inputs give a result of finite numbers, a missing result with its reason, or an error that names an input."""
    for seed in range(settings.default.max_examples):
        check(name, seed)
