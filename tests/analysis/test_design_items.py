"""The design items: inputs that cannot be, and answers beyond the published ones."""

from decimal import Decimal

import pytest

from trialwright.analysis.compute import answer_design
from trialwright.analysis.design_items import answer_kind
from trialwright.design import ThreePlusThree, paths
from trialwright.errors import InputError

TWO = {"doses": [1, 9], "d_star": 5e-324, "target": 0.3, "outcomes": "1N"}
SIX = {"prior": [0.05, 0.1, 0.2], "target": 0.2}


@pytest.mark.parametrize(
    ("kind", "inputs", "named"),
    [
        ("boin_boundary", {"target": 1.5, "colour": "red"}, r"colour: no input of boin_boundary.*target must be less"),
        ("boin_boundary", {"target": True}, "target must be a valid number, got True"),
        ("boin_boundary", {"target": 0.3, "p_saf": "most"}, r"p_saf must be a rate or a multiple such as 0.6\*target"),
        ("boin_boundary", {"target": 0.3, "n.max": 5, "n_max": 5}, "given twice"),
        ("boin_select_mtd", {"target": 0.3, "npts": [3, 3], "ntox": [1]}, "npts has 2, ntox has 1"),
        ("boin_exact_oc", {"target": 0.3, "n_cohort": 4}, "p_true is not given"),
        ("3p3_exact", {"variant": "D", "p_true": [0.1, 2]}, r"variant must be 'A.*p_true\[1\] must be less"),
        ("3p3_exact", {"variant": "A_no_deescalation", "p_true": [0.1], "start_dose": 2}, "start_dose must be 1"),
        ("deterministic_duration", {"n_doses": 1, "p_true": [0.5], "dlt_window_days": 28}, "no duration is certain"),
        ("deterministic_duration", {"n_doses": 1, "p_true": [0], "dlt_window_days": 28, "rule": "?"}, "variant A, B"),
        (
            "dfcrm_getprior_logistic",
            {"halfwidth": 0.05, "target": 0.25, "nu": 3, "nlevel": 5, "intcpt": float("inf")},
            "intcpt must be a finite number, got inf",
        ),
        (
            "boin_exact_oc",
            {"target": 0.3, "p_true": [0.1], "n_cohort": 101},
            "n_cohort times cohort_size must be at most",
        ),
        (
            "keyboard_boundary",
            {"target": 0.2, "marginL": 0.3},
            "target, marginL do not go together: Keyboard: a proper",
        ),
        ("dfcrm_crm", {**SIX, "tox": [0, 0], "level": [1, 2], "method": "mle"}, "no maximum likelihood estimate"),
        ("dfcrm_crm", {**SIX, "tox": [0, 2], "level": [1, 2]}, r"tox\[1\] must be less than or equal to 1, got 2"),
        (
            "dfcrm_crm",
            {**SIX, "tox": [0], "level": [1], "prior_var": 5e-324},
            "prior_var must be greater",
        ),
        ("cheung_table_3_2", {"skeleton": [0.1], "target": 0.2, "level": [1], "tox": [0], "prior_sd": "x"}, "sqrt"),
        (
            "crm_exact_oc",
            {"skeleton": [0.1], "target": 0.2, "n": 3, "p_true": [0.1], "restrict": "no"},
            "restrict=TRUE",
        ),
        ("nbg_logistic2", {**TWO, "prior": "flat"}, "N2"),
        ("nbg_logistic2", {**TWO, "prior": "N2(-999,0; sd 1,99; cov 0)"}, "within 100 of 0.*and at most 10"),
        ("nbg_logistic2", {**TWO, "prior": "N2(99,9; sd 9,9; cov 0)"}, "more than 2,000,000 nodes of quadrature"),
        ("boin_boundary", {"target": 0.3, "p_saf": 5e-324}, "must lie 1e-06 apart and from 0"),
        ("tite_boin_table", {"target": 0.2, "rows": "some"}, "is no slice of a table"),
        ("tite_boin_table", {"target": 0.2, "rows": "0::0"}, "a step of 0"),
        ("tite_boin_table", {"target": 0.2, "rows": "0::2 of Table 9"}, "the tables of TITE-BOIN are"),
        ("tite_boin_table", {"target": 0.2, "n_max": 2}, "at least one cohort of 3"),
        (
            "boin12_rds_table",
            {"sample_sizes": [3], "phi_t": 0.3, "phi_e": 0.2, "u": [100, 40, 70, 0]},
            "depends on how many had both",
        ),
        ("beta_binomial_overdose", {"y": 4, "n": 3, "target": 0.3}, "y must be at most n"),
        ("beta_binomial_overdose", {"y": 10**400, "n": 3, "target": 0.3}, "y must be less than or equal to 1000000000"),
        ("keyboard_boundary", {"target": 0.3, "marginL": 1e-9, "marginR": 1e-9}, "of width 2e-09, less than 0.001"),
        (
            "boin_get_oc_seeded",
            {"target": 0.3, "p_true": [0.1], "ncohort": 10, "ntrial": 400_000},
            "ntrial trials must treat at most 10,000,000 subjects in all, got 12,000,000",
        ),
        ("binom_ci", {"x": 4, "n": 3}, "x must be at most n"),
        ("3p3_exact", {"variant": "A_no_deescalation", "p_true": []}, "p_true must have at least 1 item, not 0"),
        (
            "dfcrm_crm",
            {"prior": [0.1], "target": 0.2, "tox": [0], "level": [1], "scale": 1, "prior_var": 1},
            "write one",
        ),
        ("crm_dfcrm_sim", {"call": "crmsim()"}, "the numbers of a simulation"),
    ],
)
def test_what_cannot_be_answered_is_named(kind, inputs, named):
    """An unknown, absent or impossible input of a design item is refused by its name, every fault at once."""
    with pytest.raises(InputError, match=f"(?s){named}"):
        answer_kind(kind, inputs)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1e999999"])
def test_a_decimal_that_is_no_number_is_named(value):
    """A decimal that is no finite number of Python is refused by the name of its input."""
    with pytest.raises(InputError, match="target must be a finite number"):
        answer_design("boin_boundary", {"target": Decimal(value)})


def test_far_below_the_mtd_a_skeleton_is_zero():
    """A level so far below the MTD that its odds are smaller than a float has the rate 0."""
    inputs = {"halfwidth": 0.08, "target": 0.1, "nu": 3, "nlevel": 5, "intcpt": -1.5}

    assert answer_kind("dfcrm_getprior_logistic", inputs)["skeleton"][0] == 0


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_paths_are_counted_as_the_tree_has_them(levels):
    """The number of paths of 3+3 is that of the endings of the path tree."""
    found = answer_kind("3p3_path_count", {"n_doses": levels})

    for name, variant in zip(found, ("no de-escalation", "de-escalation", "six at the MTD"), strict=True):
        tree = paths(ThreePlusThree(levels=levels, variant=variant))
        assert found[name] == len(tree.leaves), name


def test_names_of_r():
    """An input may be written as R writes it, with dots."""
    inputs = {"target": 0.3, "n_max": 6}
    dotted = {"target": 0.3, "n.max": 6}

    assert answer_kind("boin_boundary", inputs) == answer_kind("boin_boundary", dotted)


@pytest.mark.parametrize(
    ("kind", "ours", "theirs"),
    [
        (
            "boin_exact_oc",
            {"target": 0.3, "p_true": [0.1, 0.3], "n_cohort": 3, "cohort_size": 2, "start_dose": 2, "n_earlystop": 4},
            {"target": 0.3, "p.true": [0.1, 0.3], "ncohort": 3, "cohortsize": 2, "startdose": 2, "n.earlystop": 4},
        ),
        (
            "crm_exact_oc",
            {"skeleton": [0.1, 0.3], "p_true": [0.1, 0.3], "target": 0.3, "n": 6, "cohort_size": 3, "prior_var": 4.0},
            {"prior": [0.1, 0.3], "PI": [0.1, 0.3], "target": 0.3, "n": 6, "mcohort": 3, "x0": 1, "scale": 2.0}
            | {"method": "bayes", "restrict": True},
        ),
    ],
)
def test_an_exact_item_reads_the_arguments_of_the_simulation_in_r(kind, ours, theirs):
    """Operating characteristics are asked in our words, or by the argument names of get.oc and crmsim."""
    assert answer_kind(kind, ours) == answer_kind(kind, theirs)


@pytest.mark.parametrize("kind", ["tite_boin_table", "rolling6_table"])
def test_halves_of_a_table_are_the_whole(kind):
    """The even and the odd rows of a table are its rows."""
    inputs = {"target": 0.3} if kind == "tite_boin_table" else {}
    whole = answer_kind(kind, inputs)
    even, odd = (answer_kind(kind, {**inputs, "rows": f"{first}::2"}) for first in (0, 1))

    assert len(even) + len(odd) == len(whole)
    assert [whole[0], whole[1]] == [even[0], odd[0]]


def test_rolling_six_names_every_state_once():
    """The rows of rolling six cover every state of a level once, but for six evaluable subjects without a DLT."""

    def span(text):
        low, _, high = ("0-6" if text == "any" else text).partition("-")
        return range(int(low), int(high or low) + 1)

    rows = answer_kind("rolling6_table", {})
    states = [
        (treated, evaluable, dlts)
        for row in rows
        for treated in span(row["n_on_level"])
        for evaluable in span(row["n_evaluable"])
        for dlts in span(row["n_dlt"])
        if dlts <= evaluable <= treated
    ]
    possible = {(n, known, dlts) for n in range(7) for known in range(n + 1) for dlts in range(min(known, 3) + 1)}

    assert len(states) == len(set(states))
    assert possible - set(states) == {(6, 6, 0)}


@pytest.mark.parametrize(
    ("more", "n", "days"),
    [
        ({}, 6, 56),
        ({"rule": "(variant C)"}, 9, 84),
        ({"rule": "(variant C)", "sentinel_stagger_days": 7, "stagger_scope": "every_dose"}, 9, 98),
        ({"sentinel_stagger_days": 7, "stagger_scope": "top_dose_only"}, 6, 63),
        ({"sentinel_stagger_days": 7}, 6, 56),
    ],
)
def test_certain_durations(more, n, days):
    """Each cohort takes a window, and the first at a staggered dose its stagger too."""
    inputs = {"n_doses": 2, "p_true": [0, 0], "dlt_window_days": 28} | more

    assert answer_kind("deterministic_duration", inputs) == {"n": n, "days_to_last_window": days}
