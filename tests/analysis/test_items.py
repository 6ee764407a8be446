"""The statistical items by name: what each promises of any data, and what of a model cannot be read."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.analysis.compute import answer
from trialwright.errors import InputError

COUNTS = st.integers(0, 20).map(Decimal)
RATES = st.decimals(0, 1, places=2)
DAYS = st.none() | st.dates().map(str)
DATES = [
    "start_date",
    "data_cutoff",
    "progression_date",
    "death_date",
    "last_adequate_assessment_date",
    "last_known_alive_date",
    "new_therapy_date",
]
SUBJECT = st.fixed_dictionaries(
    {
        "observed_response": st.none() | st.booleans(),
        "discontinued_before_visit": st.booleans(),
        "rescue_before_visit": st.booleans(),
    }
)
OUTCOMES = st.integers(0, 12).flatmap(
    lambda n: st.fixed_dictionaries(
        {
            "times": st.lists(COUNTS, min_size=n, max_size=n),
            "events": st.lists(st.sampled_from([0, 1]), min_size=n, max_size=n),
            "group": st.lists(st.sampled_from(["a", "b", "c"]), min_size=n, max_size=n),
        }
    )
)
ROW = st.fixed_dictionaries(
    {
        "id": st.integers(1, 9).map(Decimal),
        "visit": st.sampled_from([Decimal(1), Decimal(2)]),
        "y": st.none() | st.decimals(-9, 9, places=1),
        "arm": st.sampled_from("ab"),
    }
)
MODEL = "y ~ arm*visit (visit as factor, reference visit 1, reference arm a), unstructured covariance, REML"


def told(item, inputs):
    """The result of an item, or None where its inputs are refused; a result must be JSON without NaN."""
    try:
        found = answer(item, inputs)
    except InputError as refused:
        return len(str(refused)) and None
    json.dumps(found, allow_nan=False)
    assert found["result"] is not None or found["missing"]
    return found["result"]


@given(responders=COUNTS, n=COUNTS, confidence=RATES)
def test_intervals_hold_their_rate(responders, n, confidence):
    """Every interval lies within 0 to 1, and all but Jeffreys' hold the observed rate."""
    found = told("binomial_ci", {"responders": responders, "n": n, "confidence": confidence})
    for kind, (low, high) in (found or {}).items():
        assert 0 <= low <= high <= 1
        assert kind == "jeffreys" or low - 1e-12 <= responders / n <= high + 1e-12


@given(table=st.lists(st.lists(COUNTS, min_size=2, max_size=2), min_size=2, max_size=2))
def test_fisher(table):
    """The p values lie within 0 to 1, and one of the one-sided ones is at least a half."""
    found = told("fisher_exact", {"table": table})
    if found:
        assert all(0 <= found[name] <= 1 for name in ("p_two_sided", "p_less", "p_greater"))
        assert max(found["p_less"], found["p_greater"]) >= 0.5


@settings(max_examples=25)
@given(x1=COUNTS, n1=COUNTS, x2=COUNTS, n2=COUNTS)
def test_exact_unconditional(x1, n1, x2, n2):
    """Boschloo's test is never less powerful than Fisher's: its p is not the larger."""
    names = ("responders_treatment", "n_treatment", "responders_control", "n_control")
    found = told("exact_unconditional", dict(zip(names, (x1, n1, x2, n2), strict=True)))
    if found:
        conditional = told("fisher_exact", {"table": [[x1, n1 - x1], [x2, n2 - x2]]})
        assert found["boschloo_greater"] <= conditional["p_greater"] + 1e-9
        assert 0 <= found["barnard_greater"] <= 1
        assert 0 <= found["barnard_two_sided"] <= 1


@given(outcomes=OUTCOMES, at=st.lists(COUNTS, max_size=3))
def test_survival(outcomes, at):
    """Survival and its limits are ordered and within 0 to 1, at any time; groups compare to a p from 0 to 1."""
    found = told("kaplan_meier", {name: outcomes[name] for name in ("times", "events")} | {"evaluate_at": at})
    for estimate in (found or {}).values():
        for low, chance, high in zip(estimate["lower95"], estimate["survival"], estimate["upper95"], strict=True):
            assert low is None or 0 <= low <= chance + 1e-12 <= high + 2e-12 <= 1 + 2e-12
    compared = told("logrank", outcomes)
    assert compared is None or 0 <= compared["p"] <= 1


@settings(max_examples=15)
@given(p0=RATES, p1=RATES, alpha=st.decimals("0.01", "0.3", places=2), beta=st.decimals("0.05", "0.3", places=2))
def test_simon(p0, p1, alpha, beta):
    """The optimal design expects no more subjects than the minimax one, which has no more in all."""
    found = told("simon_two_stage", {"p0": p0, "p1": p1, "alpha": alpha, "beta": beta})
    if found:
        assert found["optimal"]["en_p0"] <= found["minimax"]["en_p0"] + 1e-9
        assert found["minimax"]["n"] <= found["optimal"]["n"]


@given(subjects=st.lists(SUBJECT, max_size=9))
def test_imputing_non_response_never_raises_the_rate(subjects):
    """The imputed rate is never above the observed one."""
    found = told("non_responder_imputation", {"subjects": subjects})
    if found and found["observed_case_rate"] is not None:
        assert found["rate"] <= found["observed_case_rate"]


@given(endpoint=st.sampled_from(["PFS", "OS"]), dates=st.fixed_dictionaries(dict.fromkeys(DATES, DAYS)))
def test_time_never_ends_after_the_cut_off(endpoint, dates):
    """A time is at least the first day and never ends after the data cut-off."""
    found = told("time_to_event_pfs_os", {"endpoint": endpoint, **dates})
    if found:
        span = date.fromisoformat(dates["data_cutoff"]) - date.fromisoformat(dates["start_date"])
        assert 1 <= found["days"] <= span.days + 1


@settings(max_examples=40)
@given(data=st.lists(ROW, max_size=24, unique_by=lambda row: (row["id"], row["visit"])))
def test_mixed_model(data):
    """Any data give a fitted model with positive errors, or a reason why there is none."""
    found = told("mmrm_unstructured_reml", {"model": MODEL, "data": data})
    if found:
        assert all(error > 0 for error in found["standard_errors"].values())


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("y = arm", "model must read like"),
        ("y ~ age (reference visit 1), unstructured covariance, REML", "age is no variable of the data"),
        ("y ~ visit:arm (reference visit 1, reference arm a), unstructured covariance, REML", "arm stands in a pair"),
        ("y ~ arm*visit (reference visit 7, reference arm a), unstructured covariance, REML", "reference visit"),
    ],
)
def test_a_model_that_cannot_be_read_is_named(model, named):
    """A formula or a reference that cannot be used is refused by name."""
    data = [{"id": n, "visit": v, "y": n * v, "arm": "ab"[n % 2]} for n in range(8) for v in (1, 2)]
    with pytest.raises(InputError, match=named):
        answer("mmrm_unstructured_reml", {"model": model, "data": data})


def test_a_baseline_enters_the_model():
    """A baseline covariate and its interaction with the visit are effects by R's names."""
    values = [3, 5, 2, 4, 6, 1, 7, 3, 8, 2]
    data = [
        {"id": n, "visit": v, "y": (value * (v + 1) + n * n * v) % 7, "arm": "ab"[n % 2], "base": value}
        for n, value in enumerate(values)
        for v in (1, 2)
    ]
    model = "y ~ base*visit + arm*visit (reference visit 1, reference arm a), unstructured covariance, REML"
    found = answer("mmrm_unstructured_reml", {"model": model, "data": data})["result"]

    assert list(found["coefficients"]) == ["(Intercept)", "base", "visitf2", "armb", "base:visitf2", "visitf2:armb"]
