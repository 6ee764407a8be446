"""The statistics against R's numbers in the published vectors, and against worked examples of the papers."""

from math import inf

import pytest

from tests.vectors import all_vectors, unmet
from trialwright.analysis.intervals import wilson
from trialwright.analysis.simon import simon_two_stage
from trialwright.analysis.survival import kaplan_meier, logrank
from trialwright.analysis.two_by_two import exact_unconditional, fisher_exact

COUNTS = {
    "binomial_ci": 9,
    "fisher_exact": 6,
    "exact_unconditional": 6,
    "kaplan_meier": 7,
    "logrank": 4,
    "simon_two_stage": 5,
    "objective_response_rate": 6,
    "non_responder_imputation": 6,
    "time_to_event_pfs_os": 9,
}
FISHER_OF_R = [
    ([[12, 5], [9, 11]], (0.18452531944, 0.97219103455, 0.10852927213, 2.8462241224, 0.62593252678, 14.604822728)),
    ([[0, 279], [82, 2]], (4.1333429346e-80, 4.1333429346e-80, 1, 0, 0, 0.00072312094538)),
    (
        [[974, 1289], [1257, 1624]],
        (0.69155752583, 0.34616275828, 0.67450463671, 0.97623819255, 0.87218211963, 1.0926700646),
    ),
    (
        [[2, 10], [15, 3]],
        (0.00053672411914, 0.00046518094336, 0.99998451902, 0.046936608828, 0.0033257640339, 0.36318227147),
    ),
    ([[1, 7], [4, 2]], (0.090909090909, 0.062937062937, 0.997002997, 0.091065483406, 0.0012834341885, 1.5580544873)),
    ([[3, 2], [3, 4]], (1, 0.87878787879, 0.5, 1.8857756235, 0.12048268072, 37.906748842)),
    ([[2, 1], [0, 3]], (0.4, 1, 0.2, inf, 0.20312883953, inf)),
    ([[1, 2], [2, 0]], (0.4, 0.3, 1, 0, 0, 8.2251512177)),
    ([[1, 1], [1, 1]], (1, 0.83333333333, 0.83333333333, 1, 0.0064129908999, 155.93348184)),
    ([[16, 6], [88, 134]], (0.0032893156525, 0.99938279573, 0.0028463565397, 4.0372732612, 1.4321929843, 13.098618955)),
    ([[184, 1], [1, 224]], (2.8084266784e-117, 1, 2.8084266784e-117, 16083.837409, 2100.5128205, 4.5035996274e15)),
    ([[0, 262], [138, 0]], (2.8295394694e-111, 2.8295394694e-111, 1, 0, 0, 0.00023803710937)),
]
MERCAPTOPURINE = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"


@pytest.mark.parametrize("item", COUNTS)
def test_every_vector_is_met(shared, item):
    """Every published number of R is met within its tolerance."""
    count, wrong = unmet(shared, item)

    assert wrong == []
    assert count == COUNTS[item]


def test_the_mixed_model_of_r(shared):
    """The restricted likelihood, effects and errors are R's wherever the vector holds its data."""
    from trialwright.analysis.compute import answer

    mine = [vector for vector in all_vectors(shared) if vector["item"] == "mmrm_unstructured_reml"]
    held = [vector for vector in mine if "data" in vector["inputs"]]

    assert len(held) == 3
    for vector in held:
        found = answer("mmrm_unstructured_reml", vector["inputs"])["result"]
        expected = vector["expected"]
        assert found["minus2_reml_loglik"] == pytest.approx(float(expected["minus2_reml_loglik"]), abs=1e-3)
        for part in ("coefficients", "standard_errors"):
            wanted = {name: float(value) for name, value in expected[part].items()}
            assert found[part] == pytest.approx(wanted, abs=1e-3), vector["id"]


@pytest.mark.parametrize(
    ("events", "n", "low", "high"), [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)]
)
def test_newcombe(events, n, low, high):
    """Wilson's limits are those of Newcombe 1998, Stat Med 17:857, table I, to every printed decimal."""
    interval = wilson(events, n)

    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_the_lady_tasting_tea():
    """Fisher's lady has a chance of 17 in 70 (Fisher 1935, The Design of Experiments), and R's limits."""
    found = fisher_exact(table=[[3, 1], [1, 3]])

    assert found["p_greater"] == pytest.approx(17 / 70)
    assert found["conditional_or_ci95"] == pytest.approx((0.2117329, 621.9337505), rel=1e-6)


@pytest.mark.parametrize(("table", "numbers"), FISHER_OF_R)
def test_fisher_of_r(table, numbers):
    """Every p, the conditional odds ratio and its limits are those of R 4.2.2's fisher.test, digit for digit."""
    found = fisher_exact(table=table)
    told = [found[name] for name in ("p_two_sided", "p_less", "p_greater", "conditional_mle_odds_ratio")]
    told += found["conditional_or_ci95"]

    assert [inf if number is None else number for number in told] == pytest.approx(numbers, rel=1e-10)


def test_mehta_and_senchaudhuri():
    """Seven of 15 against 12 of 15 has a one-sided Barnard p of 0.0341 (Mehta & Senchaudhuri 2003)."""
    found = exact_unconditional(responders_treatment=12, n_treatment=15, responders_control=7, n_control=15)

    assert round(found["barnard_greater"], 4) == 0.0341


def gehan(text):
    """Times and events from text in which + marks censoring."""
    return [int(word.rstrip("+")) for word in text.split()], [int(not word.endswith("+")) for word in text.split()]


def test_remission_in_leukaemia():
    """The estimate under 6-mercaptopurine is that of Gehan 1965, and the log-rank chi-square is 16.79."""
    times, events = gehan(MERCAPTOPURINE)
    others, happened = gehan(PLACEBO)
    found = kaplan_meier(times=times, events=events, evaluate_at=[6, 10, 22, 23])
    compared = logrank(
        times=times + others, events=events + happened, group=["6-MP"] * len(times) + ["placebo"] * len(others)
    )

    assert [round(chance, 3) for chance in found["log"]["survival"]] == [0.857, 0.753, 0.538, 0.448]
    assert found["log"]["median"] == 23
    assert round(compared["chi_square"], 2) == 16.79


@pytest.mark.parametrize(
    ("p0", "p1", "optimal", "minimax"),
    [
        (0.05, 0.25, (0, 9, 2, 17, 12.0, 0.63), (0, 12, 2, 16, 13.8, 0.54)),
        (0.1, 0.3, (1, 10, 5, 29, 15.0, 0.74), (1, 15, 5, 25, 19.5, 0.55)),
        (0.2, 0.4, (3, 13, 12, 43, 20.6, 0.75), (4, 18, 10, 33, 22.3, 0.72)),
    ],
)
def test_simon_1989(p0, p1, optimal, minimax):
    """The designs for alpha 0.05 and beta 0.20 are those of Simon 1989, tables 1 and 2."""
    found = simon_two_stage(p0=p0, p1=p1, alpha=0.05, beta=0.2)

    for kind, expected in (("optimal", optimal), ("minimax", minimax)):
        design = found[kind]
        assert (design.r1, design.n1, design.r, design.n) == expected[:4]
        assert (round(design.en_p0, 1), round(design.pet_p0, 2)) == expected[4:]
