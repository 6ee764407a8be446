"""Whatever an item of statistics, designs or protocols is given, it answers, says what is missing, or refuses by name.

Inputs lie about the published ones: changed a little, changed much, left out, or replaced by what is none. As many as
one wants: `python -m pytest tests/analysis/test_any_input.py --hypothesis-profile=long`.
"""

import inspect
import json
import math
import re
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import settings

from tests.conductor import PROTOCOLS
from trialwright.analysis.compute import answer, answer_design, read_json
from trialwright.analysis.design_items import KINDS
from trialwright.analysis.protocol_items import ProtocolItems
from trialwright.analysis.selftest import packaged_vectors, read_vectors
from trialwright.clinical.item import ITEMS
from trialwright.design import automaton
from trialwright.errors import InputError
from trialwright.protocol.file import load_study

SOURCE = ProtocolItems(
    table=read_json((PROTOCOLS / "items.json").read_text()),
    study=cache(lambda name: load_study((PROTOCOLS / f"{name}.yaml").read_text())),
)
STATISTICS = [name for name, function in ITEMS.items() if not function.__module__.startswith("trialwright.clinical")]
NAMES = [*STATISTICS, *SOURCE.table, *(f"design {name}" for name in KINDS)]
PUBLISHED = defaultdict(list)
for one in read_vectors(packaged_vectors())[1]:
    PUBLISHED[f"design {one.name}" if one.is_design else one.name].append(dict(one.inputs))
PUBLISHED["mmrm_treatment_differences"] = [
    {**{key: given[key] for key in ("model", "data")}, "confidence": Decimal("0.9")}
    for given in PUBLISHED["mmrm_unstructured_reml"]
    if "data" in given
]
PUBLISHED |= read_json(
    """{
  "dlt_NCT04971980": [{"ctcae_term": "Neutrophil count decreased", "grade": 3, "related_to_product": true,
    "onset_day": 10, "dlt_window_days": 28, "haematological_policy": "soc_plus_cell_counts"},
    {"ctcae_term": "Nausea", "grade": 4, "related_to_product": false, "onset_day": 28, "dlt_window_days": 28,
    "haematological_policy": "soc_plus_cell_counts_and_coagulation"}],
  "escalation_3plus3_NCT05962762": [{"dose_level": 1, "n_evaluable": 3, "n_dlt": 0}],
  "escalation_NCT04971980": [{"dose_level": 1, "n_evaluable": 6, "n_dlt": 2}],
  "eligibility_labs_NCT05794425": [{"bilirubin": 12, "bilirubin_uln": 20.5, "alt": 30, "alt_uln": 40, "alp": 90,
    "alp_uln": 120, "creatinine": 80, "creatinine_uln": 104}],
  "eligibility_transaminases_RA": [{"alt": 80, "alt_uln": 40, "ast": 30, "ast_uln": 40}],
  "eligibility_simple_thresholds": [{"trial": "NCT05794425", "lvef_pct": 50}, {"trial": "NCT04971980", "das28": 3.3},
    {"trial": "NCT03828344", "age": 60}, {"trial": "NCT05962762", "egfr": 60}, {"trial": "NCT01547091", "age": 18}],
  "csdmard_rule_NCT03828344": [{"drugs": [{"drug": "methotrexate", "mg": 15, "frequency": "weekly", "route": "oral",
    "months_on_treatment": 6, "weeks_stable_before_screening": 8}]},
    {"drugs": [{"drug": "sulfasalazine", "mg": 1000, "frequency": "twice daily", "months_on_treatment": 3,
    "weeks_stable_before_screening": 4}, {"drug": "leflunomide", "mg": 20, "frequency": "daily",
    "months_on_treatment": 12, "weeks_stable_before_screening": 4}]},
    {"drugs": [{"drug": "hydroxychloroquine", "mg": 400, "frequency": "daily", "months_on_treatment": 4.5,
    "weeks_stable_before_screening": 0}]}],
  "washout_NCT03828344": [{"event": "rituximab", "last_date": "2026-06-15", "reference_date": "2026-12-15"},
    {"event": "other_bdmard", "last_date": "2026-08-31", "reference_date": "2027-02-28"},
    {"event": "albumin", "last_date": "2026-06-15", "reference_date": "2026-06-20"}],
  "flat_cell_dose": [{"trial": "NCT01547091", "viable_cells_per_infusion": [40000000, 39000000]}],
  "early_rescue_NCT03828344": [{"tjc_baseline": 10, "tjc_week12": 5, "sjc_baseline": 8, "sjc_week12": 4}]
}"""
)
FEW_STATES = 20_000
COSTLY = {  # a short run gives fewer of these inputs, for one takes long: a search, a likelihood, a quadrature
    **dict.fromkeys([name for name in NAMES if name.startswith("design")], 10),
    **dict.fromkeys(["mmrm_unstructured_reml", "mmrm_treatment_differences"], 20),
    **dict.fromkeys(["simon_two_stage", "design simon_two_stage"], 10),
}
ODD = [
    *(Decimal("1e999999"), Decimal("-1e400"), Decimal("1e-999999"), Decimal("0." + "3" * 200), Decimal("-0")),
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), math.nan, math.inf, 5e-324, 10**4000, 1j, b"bytes"),
    *(None, True, False, "", "NaN", "inf", "-Infinity", "x" * 10_000, "2026-02-30", "9999-12-31", "0001-01-01"),
    *([], {}, [[]], [None], [{}], {"": None}, [Decimal("1e30")] * 3, {"drug": [1]}, "1N 2T", "1::0", "N2(1,1)"),
    *((), {1, 2}, {3: 4}, {None: 1}, object),
]
NUMBERS = [
    0,
    1,
    -1,
    2,
    10,
    15,
    16,
    300,
    301,
    10**4,
    10**7,
    10**9,
    10**9 + 1,
    10**15,
    10**400,
    "0.5",
    "1e-9",
    "0.999999",
]


def moved(random: Random, value: Any) -> Any:
    """Change a part of a value, and keep its kind for the most part."""
    if random.random() < 0.05:
        return random.choice(ODD)
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        if not number.is_finite() or abs(number) > 10**20:
            return Decimal(random.choice(NUMBERS))
        scaled = (number * random.randrange(20_000) / 10_000).normalize()
        near = [number, number + 1, number - 1, -number, number * 10, number / 2, number + Decimal("0.01")]
        near += [*[scaled] * 4, scaled.to_integral_value(), Decimal(random.randrange(200))]
        return random.choice([*near, *near, Decimal(random.choice(NUMBERS))])
    if isinstance(value, str) and re.fullmatch(r"2\d\d\d-[01]\d-(0[1-9]|1\d|2[0-8])", value) and random.random() < 0.6:
        return str(date.fromisoformat(value) + timedelta(days=random.choice((-1, 1, random.randrange(-400, 400)))))
    if isinstance(value, str):
        words = value.split(" ")
        random.shuffle(words)
        return random.choice([value, " ".join(words), value[:-1], value + random.choice("0 9NTx-*"), value.upper()])
    if isinstance(value, list) and 0 < len(value) < 20 and random.random() < 0.4:
        return [moved(random, each) if random.random() < 0.7 else each for each in value]
    if isinstance(value, list) and value:
        place = random.randrange(len(value))
        changed = [*value[:place], moved(random, value[place]), *value[place + 1 :]]
        ways = [changed, changed, value[:place] + value[place + 1 :], [*value, value[place]], value[::-1], value[:1]]
        return random.choice([*ways, [value[place]] * len(value), value * random.choice([2, 5])])
    if isinstance(value, dict) and random.random() < 0.3:
        return {name: moved(random, each) if random.random() < 0.5 else each for name, each in value.items()}
    if isinstance(value, dict) and value:
        key = random.choice(list(value))
        return without(value, key) if random.random() < 0.2 else {**value, key: moved(random, value[key])}
    return random.choice(ODD)


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    """All parts but one."""
    return {name: part for name, part in value.items() if name != key}


def inputs_for(random: Random, name: str) -> dict[str, Any]:
    """Draw inputs about a published case; now and then a part comes from another case, or there is one too many."""
    inputs = dict(random.choice(PUBLISHED[name]))
    for _ in range(random.choice((1, 2, 2, 3, 5))):
        inputs = changed(random, name, inputs)
    return inputs


def changed(random: Random, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Change one input."""
    key = random.choice([*inputs, *random.choice(PUBLISHED[name])])
    draws = (
        lambda: {**inputs, key: moved(random, inputs.get(key))},
        lambda: {**inputs, key: random.choice(PUBLISHED[name]).get(key)},
        lambda: without(inputs, key),
        lambda: {**inputs, key: random.choice(ODD)},
        lambda: {**inputs, f"{key}s": inputs.get(key)},
    )
    return random.choices(draws, (16, 4, 1, 1, 1))[0]()


def names_of(name: str, inputs: dict[str, Any]) -> set[str]:
    """The names by which an item may refuse."""
    known = ITEMS.get(name) or KINDS.get(name.removeprefix("design "))
    return {*inputs, *(inspect.signature(known).parameters if known else ("trial", "drugs", "event"))}


def check(name: str, seed: int) -> None:
    """Give an item the inputs of a seed."""
    inputs = inputs_for(Random(seed), name)  # noqa: S311
    try:
        if name.startswith("design "):
            found = answer_design(name.removeprefix("design "), inputs)
        else:
            found = answer(name, inputs, SOURCE)
    except InputError as refused:
        told = str(refused)
        assert any(each in told or each.replace(".", "_") in told for each in names_of(name, inputs)), told
    else:
        json.dumps(found, allow_nan=False)
        assert found.get("missing") or found["result"] is not None


@pytest.mark.parametrize("name", NAMES)
def test_any_input_is_answered_or_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any inputs give a result of finite numbers, a missing result with its reason, or an error that names an input."""
    monkeypatch.setattr(automaton, "LARGEST", FEW_STATES)  # large designs are refused in the same words, but sooner
    monkeypatch.setattr(automaton, "MOST_STEPS", 4 * FEW_STATES)
    many, few = settings.default.max_examples, settings.get_profile("house").max_examples
    for seed in range(many if many > few else math.ceil(many / COSTLY.get(name, 1))):
        check(name, seed)
