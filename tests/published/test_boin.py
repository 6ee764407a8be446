"""BOIN against published numbers.

Sources: boundaries, Liu and Yuan 2015, Appl Statist 64:507, and Yan et al. 2020, J Stat Softw 94(13), with the
latter's MTD example (section 3.3); values of BOIN 2.7.2 under R 4.2.2 and exact enumerations elsewhere in
../shared/vectors.
"""

from pathlib import Path

import pytest

from tests.vectors import design_vectors
from trialwright.design import BOIN, Outcomes, compiled, operating_characteristics
from trialwright.design.interval import overdose_probability

BOUNDARIES = {
    0.10: (0.078449, 0.119032),
    0.15: (0.118, 0.179),
    0.20: (0.157242, 0.238462),
    0.25: (0.197, 0.298),
    0.30: (0.236491, 0.358519),
    0.35: (0.276, 0.419),
    0.40: (0.316, 0.480),
}
"""Escalation and de-escalation boundary of the observed DLT rate, by target (Liu and Yuan 2015)."""

TABLE = {
    3: (0, 2, 3),
    6: (1, 3, 4),
    9: (2, 4, 5),
    12: (2, 5, 7),
    15: (3, 6, 8),
    18: (4, 7, 9),
    21: (4, 8, 10),
    24: (5, 9, 11),
    27: (6, 10, 12),
    30: (7, 11, 14),
}
"""Target 0.30: escalate at most, de-escalate at least, eliminate at least, by subjects (Yan et al. 2020)."""


@pytest.mark.parametrize(("target", "expected"), BOUNDARIES.items())
def test_boundaries(target: float, expected: tuple[float, float]) -> None:
    """The boundaries of the observed DLT rate are the published ones."""
    digits = 1e-3 if target in {0.15, 0.25, 0.35, 0.40} else 1e-6

    assert BOIN(levels=5, target=target).boundaries == pytest.approx(expected, abs=0.5 * digits + 1e-12)


def test_table() -> None:
    """The decision table for a target of 0.30 is the published one."""
    table = BOIN(levels=5, target=0.3).table(30)
    for n, expected in TABLE.items():
        found = (table.escalate_if_at_most(n), table.deescalate_if_at_least(n), table.eliminate_if_at_least(n))
        assert found == expected, n


def test_selection_example() -> None:
    """The published example of a completed trial selects level 3, with the published estimates and intervals."""
    found = BOIN(levels=5, target=0.3).select_mtd([3, 3, 15, 9, 0], [0, 0, 4, 4, 0])

    assert found.mtd == 3
    assert [round(rate, 2) for rate in found.rate[:4]] == [0.02, 0.02, 0.27, 0.45]
    assert [round(limit, 2) for limit in found.lower[:4]] == [0.00, 0.00, 0.09, 0.16]
    assert [round(limit, 2) for limit in found.upper[:4]] == [0.20, 0.20, 0.51, 0.75]
    assert [round(chance, 2) for chance in found.overdose[:4]] == [0.01, 0.01, 0.36, 0.81]
    assert (found.rate[4], found.lower[4], found.upper[4], found.overdose[4]) == (None,) * 4


@pytest.mark.parametrize(
    ("path", "dose"),
    [
        ("1NNN", 2),
        ("1NNN 2NNN 3NTT", 2),
        ("1NNN 2NNN 3NTT 2NTN 3NNN", 3),
        ("1NNN 2NNN 3NTT 2NTN 3NNN 3NNN 4TTT", 3),
    ],
)
def test_published_trial(path: str, dose: int) -> None:
    """Along a published trial the next dose is the published one (Han et al. 2019, page 25)."""
    assert BOIN(levels=5, target=0.3).recommend(Outcomes.parse(path)).dose == dose


def vector_design(inputs: dict, **more: float) -> BOIN:
    """The design of a vector about boundaries; its safe and toxic rates are numbers or written as multiples."""
    rates = {
        name: None if isinstance(inputs[given], str) else inputs[given]
        for name, given in (("safe", "p_saf"), ("toxic", "p_tox"))
    }
    return BOIN(levels=5, target=inputs["target"], cutoff=inputs["cutoff_eli"], **rates, **more)


def test_boundary_vectors(shared: Path) -> None:
    """Boundaries and decision tables equal those of BOIN 2.7.2."""
    for vector in design_vectors(shared, "boin_boundary"):
        design, expected = vector_design(vector["inputs"]), vector["expected"]
        limits = (expected["lambda_e"], expected["lambda_d"])
        assert design.boundaries == pytest.approx(limits, abs=vector["tolerance"]), vector["id"]
        table = design.table(max(expected["n"]))
        for name, limit in (
            ("escalate_if_le", table.escalate_if_at_most),
            ("deescalate_if_ge", table.deescalate_if_at_least),
            ("eliminate_if_ge", table.eliminate_if_at_least),
        ):
            assert [limit(n) for n in expected["n"]] == expected[name], (vector["id"], name)


def test_extra_safety_vectors(shared: Path) -> None:
    """The boundary that stops for extra safety equals that of BOIN 2.7.2."""
    for vector in design_vectors(shared, "boin_boundary_extrasafe"):
        design = vector_design(vector["inputs"], extra_safe=vector["inputs"]["offset"])
        expected = vector["expected"]
        assert [design.stop_if_at_least(n) for n in expected["stop_n"]] == expected["stop_if_ge"], vector["id"]


def test_selection_vectors(shared: Path) -> None:
    """MTD, estimates, intervals and overdose probabilities print as those of BOIN 2.7.2."""

    def printed(value: float | None) -> str:
        return "----" if value is None else f"{value:.2f}"

    for vector in design_vectors(shared, "boin_select_mtd"):
        inputs, expected = vector["inputs"], vector["expected"]
        design = BOIN(levels=len(inputs["npts"]), target=inputs["target"], bound_mtd=inputs["boundMTD"])
        found = design.select_mtd(inputs["npts"], inputs["ntox"])
        limits = zip(map(printed, found.lower), map(printed, found.upper), strict=True)
        assert (found.mtd or 99) == expected["MTD"], vector["id"]
        assert list(map(printed, found.rate)) == expected["phat"], vector["id"]
        assert [f"({low},{high})" for low, high in limits] == expected["ci"], vector["id"]
        assert list(map(printed, found.overdose)) == expected["p_overdose"], vector["id"]


def test_overdose_vectors(shared: Path) -> None:
    """Posterior overdose probabilities equal those of R."""
    for vector in design_vectors(shared, "beta_binomial_overdose"):
        n, y, target, prior = (vector["inputs"][name] for name in ("n", "y", "target", "prior"))
        expected = vector["expected"]["prob_gt_target"]
        assert float(overdose_probability(n, y, target, tuple(prior))) == pytest.approx(expected, abs=1e-12)


def test_trial_vectors(shared: Path) -> None:
    """Along published trials the next dose is the published one."""
    for vector in design_vectors(shared, "boin_trial_example"):
        design = BOIN(levels=vector["inputs"]["n_doses"], target=vector["inputs"]["target"])
        answer = design.recommend(Outcomes.parse(vector["inputs"]["outcomes"]))
        assert answer.dose == vector["expected"]["next_dose"], vector["id"]


def test_exact_vectors(shared: Path) -> None:
    """Exact operating characteristics, and the number of states, equal an independent enumeration."""
    for vector in design_vectors(shared, "boin_exact_oc"):
        inputs, expected = vector["inputs"], vector["expected"]
        design = BOIN(
            levels=len(inputs["p_true"]),
            target=inputs["target"],
            cohort=inputs["cohort_size"],
            subjects=inputs["n_cohort"] * inputs["cohort_size"],
            stop_at_n=inputs["n_earlystop"],
            cutoff=inputs["cutoff_eli"],
            start=inputs["start_dose"],
            titration=inputs["titration"],
            extra_safe=0.05 if inputs["extrasafe"] else 0.0,
            bound_mtd=inputs["boundMTD"],
        )
        found, automaton, margin = operating_characteristics(design, inputs["p_true"]), compiled(design), 1e-6
        assert [100 * p for p in found.selection] == pytest.approx(expected["sel_pct"], abs=margin), vector["id"]
        assert 100 * found.selection_none == pytest.approx(expected["none_pct"], abs=margin)
        assert found.mean_patients == pytest.approx(expected["mean_n"], abs=margin)
        assert found.mean_dlts == pytest.approx(expected["mean_dlt"], abs=margin)
        assert len(automaton.dose) == expected["nonterminal_states"]
        assert len(automaton.ways) == expected["terminal_states"]
