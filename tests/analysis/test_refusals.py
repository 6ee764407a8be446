"""What the statistical items refuse, and what they miss: every input by its name, all at once."""

from decimal import Decimal

import pytest

from trialwright.analysis.compute import answer
from trialwright.errors import InputError

MODEL = "y ~ {} (reference visit 1, reference arm a), unstructured covariance, REML"
FULL = MODEL.format("arm*visit")
MIXED = "mmrm_unstructured_reml"
TESTS = ("responders_treatment", "n_treatment", "responders_control", "n_control")
DATES = ("progression_date", "death_date", "last_adequate_assessment_date", "last_known_alive_date", "new_therapy_date")
ENDPOINT = ("endpoint", "day_convention", "new_therapy_rule", "start_date", "data_cutoff")
SIMON = ("p0", "p1", "alpha", "beta")
UNREADABLE = 'model must read like "y ~ arm*visit (reference visit 1, ...), unstructured covariance, REML"'
NO_PAIR = "model: '{}' must be a variable, or two of them joined by * or :"
NO_NAMES = "{} must give values by name, got {}"
NOT_BEFORE = "{} must not be before start_date 2024-01-02, got 2024-01-01"
NO_DATE = "{} must be a date such as 2026-01-31, got 'x'"
NO_TRUTH = "subjects[0].{} must be true or false, got 2"
PARTS = ("observed_response", "discontinued_before_visit", "rescue_before_visit")


def row(**changed):
    """A row of repeated measures."""
    return {"id": 1, "visit": 1, "y": 1, "arm": "a", **changed}


ARMS = [row(id=2, visit=2), *(row(id=n, arm=chr(97 + n)) for n in range(30))]
REFUSED = [
    ("objective_response_rate", {"responses": "CR"}, ["responses must be a list, got 'CR'"]),
    (
        "objective_response_rate",
        {"responses": ["CR", "PR", "SD", "PD", "NR", "NE", "ne"]},
        ["responses[6] must be one of CR, PR, SD, PD, NR, NE, got 'ne'"],
    ),
    ("non_responder_imputation", {"subjects": 3}, ["subjects must be a list, got 3"]),
    (
        "non_responder_imputation",
        {"subjects": [dict.fromkeys(PARTS, 2), {"x": 1}, 4]},
        [
            *map(NO_TRUTH.format, PARTS),
            f"'x' is no part of subjects[1]; its parts are {', '.join(PARTS)}",
            NO_NAMES.format("subjects[2]", 4),
        ],
    ),
    ("binomial_ci", {"responders": 3, "n": 2}, ["responders must be at most n, got 3 of 2"]),
    (
        "binomial_ci",
        {"responders": -1, "n": 10**7 + 1, "confidence": Decimal("0.009")},
        [
            "n must be from 0 to 10000000, got 10000001",
            "responders must be from 0 to 10000000, got -1",
            "confidence must be from 0.01 to 0.999999, got 0.009",
        ],
    ),
    (
        "binomial_ci",
        {"responders": 10**7 + 1, "n": Decimal("1.5"), "confidence": Decimal("0.9999991")},
        [
            "n must be a whole number, got 1.5",
            "responders must be from 0 to 10000000, got 10000001",
            "confidence must be from 0.01 to 0.999999, got 0.9999991",
        ],
    ),
    ("fisher_exact", {"table": [[1, 2], 4]}, ["table[1] must be a list, got 4"]),
    ("fisher_exact", {"table": 4}, ["table must be a list, got 4"]),
    ("fisher_exact", {"table": [[1, 2, 3], [4]]}, ["table must be two rows of two counts"]),
    (
        "fisher_exact",
        {"table": [[10_000, -1], [Decimal("0.5"), 10_001]]},
        [
            "table[0][1] must be from 0 to 10000, got -1",
            "table[1][0] must be a whole number, got 0.5",
            "table[1][1] must be from 0 to 10000, got 10001",
        ],
    ),
    (
        "exact_unconditional",
        dict(zip((*TESTS, "statistic"), (151, -1, -1, 151, 4), strict=True)),
        [
            "statistic must be text, got 4",
            "n_treatment must be from 0 to 150, got -1",
            "n_control must be from 0 to 150, got 151",
            "responders_treatment must be from 0 to 150, got 151",
            "responders_control must be from 0 to 150, got -1",
        ],
    ),
    (
        "exact_unconditional",
        dict(zip(TESTS, (4, 3, 3, 2), strict=True)),
        [
            "responders_treatment must be at most its group's 3, got 4",
            "responders_control must be at most its group's 2, got 3",
        ],
    ),
    ("kaplan_meier", {"times": [1, 2], "events": [1]}, ["times and events must be equally many, got 2 and 1"]),
    (
        "kaplan_meier",
        {"times": [0, -1, 10**9, 10**9 + 1], "events": [2, -1], "evaluate_at": [-1], "confidence": 1, "dataset": 3},
        [
            "dataset must be text, got 3",
            "times[1] must be from 0 to 1000000000, got -1",
            "times[3] must be from 0 to 1000000000, got 1000000001",
            "events[0] must be from 0 to 1, got 2",
            "events[1] must be from 0 to 1, got -1",
            "evaluate_at[0] must be from 0 to 1000000000, got -1",
            "confidence must be from 0.01 to 0.999999, got 1",
        ],
    ),
    (
        "kaplan_meier",
        {"times": [0] * 100_001, "events": 1, "evaluate_at": 2},
        [
            "times must have at most 100,000 entries, got 100,001",
            "events must be a list, got 1",
            "evaluate_at must be a list, got 2",
        ],
    ),
    (
        "kaplan_meier",
        {"times": [0] * 100_000, "events": [1]},
        ["times and events must be equally many, got 100000 and 1"],
    ),
    (
        "logrank",
        {"times": [1, 2], "events": [1, 1], "group": [[], 10**9 + 1], "strata": 7, "dataset": 3},
        [
            "dataset must be text, got 3",
            "group[0] must be a number, got []",
            "group[1] must be from -1000000000 to 1000000000, got 1000000001",
            "strata must be a list, got 7",
        ],
    ),
    (
        "logrank",
        {"times": [1, 2], "events": [1, 1], "group": ["a", "b"], "strata": ["a", "b", "c"]},
        ["times and strata must be equally many, got 2 and 3"],
    ),
    (
        "logrank",
        {"times": [1, 2], "events": [1, 1], "group": ["a"]},
        ["times and group must be equally many, got 2 and 1"],
    ),
    (
        "logrank",
        {"times": [1] * 101, "events": [1] * 101, "group": list(range(101))},
        ["group must have at most 100 groups, got 101"],
    ),
    (
        "simon_two_stage",
        {"p0": 0, "p1": 2, "alpha": Decimal("0.0009"), "beta": Decimal("0.51"), "rule": 1},
        [
            "rule must be text, got 1",
            "p0 must be above 0, got 0",
            "p1 must be from 0 to 1, got 2",
            "alpha must be from 0.001 to 0.5, got 0.0009",
            "beta must be from 0.001 to 0.5, got 0.51",
        ],
    ),
    *(
        (
            "simon_two_stage",
            dict(zip(SIMON, map(Decimal, (low, high, "0.1", "0.1")), strict=True)),
            [f"p0 must be below p1 and p1 below 1, got {low} and {high}"],
        )
        for low, high in (("0.3", "0.3"), ("0.3", "1"))
    ),
    (
        "time_to_event_pfs_os",
        {"endpoint": "DFS", "day_convention": "d", "new_therapy_rule": "r"}
        | dict.fromkeys(("start_date", "data_cutoff", *DATES), "x"),
        [
            "endpoint must be one of PFS, OS, got 'DFS'",
            "day_convention must be one of inclusive, difference, got 'd'",
            "new_therapy_rule must be one of censor, ignore, got 'r'",
            *map(NO_DATE.format, ("start_date", "data_cutoff", *DATES)),
        ],
    ),
    (
        "time_to_event_pfs_os",
        {"endpoint": "PFS", "start_date": "2024-01-02"} | dict.fromkeys(("data_cutoff", *DATES), "2024-01-01"),
        list(map(NOT_BEFORE.format, ("data_cutoff", *DATES))),
    ),
    (MIXED, {"model": None, "dataset": 3}, ["dataset must be text, got 3"]),
    (MIXED, {"model": 7, "data": 7}, ["model must be text, got 7", "data must be a list, got 7"]),
    (
        MIXED,
        {"model": FULL, "data": [row(y="x"), "z" * 41, row(id=[], visit={}, arm=10**9 + 1, y=10**9 + 1)]},
        [
            "data[0].y must be a number, got 'x'",
            NO_NAMES.format("data[1]", f"'{'z' * 40}'"),
            "data[2].id must be a number, got []",
            "data[2].visit must be a number, got {}",
            "data[2].arm must be from -1000000000 to 1000000000, got 1000000001",
            "data[2].y must be from -1000000000 to 1000000000, got 1000000001",
        ],
    ),
    (
        MIXED,
        {"model": FULL, "data": [row(), row(visit=Decimal("1.0"))]},
        ["data: a subject has two rows for one visit"],
    ),
    (MIXED, {"model": FULL, "data": [row(visit=n) for n in range(11)]}, ["data must have at most 10 visits, got 11"]),
    (MIXED, {"model": FULL, "data": [row()] * 5_000}, ["data: a subject has two rows for one visit"]),
    (MIXED, {"model": FULL, "data": [row(y="x")] * 5_001}, ["data must have at most 5,000 rows, got 5,001"]),
    (
        MIXED,
        {"model": MODEL.format("kg + arm*visit"), "data": [{**each, "kg": 1} for each in ARMS]},
        ["model must have at most 60 effects, got 61; a factor of fewer levels has fewer"],
    ),
    *(
        (MIXED, {"model": MODEL.format(term), "data": [row()]}, [NO_PAIR.format(term)])
        for term in ("arm*visit*id", "arm:arm", "2arm", "arm*2")
    ),
    (MIXED, {"model": MODEL.format("x*y*" + "z" * 40), "data": [row()]}, [NO_PAIR.format("x*y*" + "z" * 36)]),
    (
        MIXED,
        {"model": MODEL.format("kg + visit"), "data": [row(kg=1), row(id=2, kg="heavy")]},
        ["model must name a reference kg that is in the data, got ''"],
    ),
    *((MIXED, {"model": FULL.replace(word, ""), "data": [row()]}, [UNREADABLE]) for word in ("REML", "unstructured")),
    (
        MIXED,
        {"model": MODEL.format("kg + arm"), "data": [row(y="x")]},
        ["model: kg is no variable of the data", "data[0].y must be a number, got 'x'"],
    ),
    (
        MIXED,
        {"model": MODEL.format("arm:visit"), "data": [row()]},
        [
            f"model: {name} stands in a pair and not alone; join the pair by * or add {name}"
            for name in ("arm", "visit")
        ],
    ),
    (
        MIXED,
        {"model": FULL.replace("arm a", "arm c"), "data": [row()]},
        ["model must name a reference arm that is in the data, got 'c'"],
    ),
    (
        MIXED,
        {"model": FULL.replace(", reference arm a", ""), "data": [row()]},
        ["model must name a reference arm that is in the data, got ''"],
    ),
    (
        "mmrm_treatment_differences",
        {"model": MODEL.format("arm"), "data": [row()], "confidence": 2},
        ["confidence must be from 0.01 to 0.999999, got 2", "model: arm and visit must stand in the formula"],
    ),
]

MISSING = [
    ("objective_response_rate", {"responses": None}, "responses is not given"),
    ("objective_response_rate", {"responses": []}, "no evaluable subject"),
    ("non_responder_imputation", {"subjects": None}, "subjects is not given"),
    ("non_responder_imputation", {"subjects": []}, "no subject"),
    (
        "non_responder_imputation",
        {"subjects": [{}]},
        "subjects[0].discontinued_before_visit is not given; subjects[0].rescue_before_visit is not given",
    ),
    (
        "binomial_ci",
        {"responders": None, "n": None, "confidence": None},
        "n is not given; responders is not given; confidence is not given",
    ),
    ("binomial_ci", {"responders": 1, "n": None}, "n is not given"),
    ("binomial_ci", {"responders": 0, "n": 0}, "no subject in the analysis set"),
    ("fisher_exact", {"table": None}, "table is not given"),
    ("fisher_exact", {"table": [[1, None], [2, 3]]}, "table[0][1] is not given"),
    ("fisher_exact", {"table": [[0, 0], [0, 0]]}, "the table is empty"),
    (
        "exact_unconditional",
        dict.fromkeys(TESTS),
        "; ".join(f"{name} is not given" for name in (*TESTS[1::2], *TESTS[::2])),
    ),
    ("exact_unconditional", dict(zip(TESTS, (1, None, 1, 1), strict=True)), "n_treatment is not given"),
    ("exact_unconditional", dict(zip(TESTS, (0, 0, 0, 2), strict=True)), "a group without subjects"),
    ("exact_unconditional", dict(zip(TESTS, (0, 2, 0, 0), strict=True)), "a group without subjects"),
    (
        "kaplan_meier",
        dict.fromkeys(("times", "events", "evaluate_at", "confidence")),
        "times is not given; events is not given; evaluate_at is not given; confidence is not given",
    ),
    (
        "kaplan_meier",
        {"times": [1, None, 3], "events": [None, 1], "evaluate_at": [None]},
        "times[1] is not given; events[0] is not given; evaluate_at[0] is not given",
    ),
    ("kaplan_meier", {"times": [], "events": []}, "no subject"),
    (
        "logrank",
        {"times": [1, 2], "events": [1, 1], "group": ["a", None], "strata": [None]},
        "group[1] is not given; strata[0] is not given",
    ),
    ("logrank", {"times": [1], "events": [1], "group": None}, "group is not given"),
    ("logrank", {"times": [1, 2], "events": [0, 0], "group": [1, 2]}, "no event"),
    ("logrank", {"times": [1, 2], "events": [1, 1], "group": [1, Decimal("1.0")]}, "fewer than two groups"),
    (
        "logrank",
        {"times": [1, 2], "events": [1, 1], "group": [1, 2], "strata": [1, 2]},
        "the groups are never at risk together when an event happens",
    ),
    ("simon_two_stage", dict.fromkeys(SIMON), "; ".join(f"{name} is not given" for name in SIMON)),
    *(
        (
            "simon_two_stage",
            dict(zip(SIMON, map(Decimal, rates), strict=True)),
            "no two-stage design with at most 100 subjects keeps alpha and beta",
        )
        for rates in (("0.3", "0.32", "0.1", "0.1"), ("0.2", "0.33", "0.1", "0.05"))  # the second has one of 101
    ),
    (
        "time_to_event_pfs_os",
        dict.fromkeys(ENDPOINT),
        "; ".join(f"{name} is not given" for name in ENDPOINT),
    ),
    (
        "time_to_event_pfs_os",
        {"endpoint": "OS", "start_date": "2024-01-02", "data_cutoff": "2024-02-01"},
        "neither death_date nor last_known_alive_date is given",
    ),
    (MIXED, {"model": FULL}, "data is not given; a data set that is only named is not here"),
    (MIXED, {"model": None, "data": []}, "model is not given"),
    (MIXED, {"model": FULL, "data": [row(y=None)]}, "no observed value"),
    (MIXED, {"model": MODEL.format("visit"), "data": [row(arm=None)]}, "data[0].arm is not given"),
    (MIXED, {"model": MODEL.format("visit + kg"), "data": [row(kg=1), row()]}, "data[1].kg is not given"),
    (MIXED, {"model": FULL, "data": [row(id=None)] * 2}, "data[0].id is not given; data[1].id is not given"),
    (
        MIXED,
        {"model": FULL, "data": [row(id=None, visit=None, arm=None)]},
        "data[0].id is not given; data[0].visit is not given; data[0].arm is not given",
    ),
    (
        MIXED,
        {"model": FULL, "data": [row(), row(id=2, arm="b"), row(id=3, visit=2)]},
        "the data do not determine every effect of the model",
    ),
    (MIXED, {"model": FULL, "data": ARMS}, "the data do not determine every effect of the model"),
    (
        MIXED,
        {"model": FULL, "data": [row(visit=n) for n in range(10)]},
        "too few subjects, or no variation, for a covariance between all visits",
    ),
    (
        MIXED,
        {"model": FULL, "data": [row(id=n, visit=v, arm="ab"[n % 2], y=v) for n in range(9) for v in (1, 2)]},
        "too few subjects, or no variation, for a covariance between all visits",
    ),
]


@pytest.mark.parametrize(("item", "inputs", "faults"), REFUSED)
def test_every_fault_is_named_at_once(item, inputs, faults):
    """An item refuses with all that is wrong with its inputs, each by its name, with its limits and what was given."""
    with pytest.raises(InputError) as refused:
        answer(item, inputs)

    assert str(refused.value) == "; ".join(faults)


@pytest.mark.parametrize(("item", "inputs", "reason"), MISSING)
def test_what_is_missing_is_told(item, inputs, reason):
    """Without an input, or where there is nothing to compute from, the result is missing, and why."""
    assert answer(item, inputs) == {"result": None, "missing": reason}
