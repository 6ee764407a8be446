"""CRM against published numbers.

Sources: Cheung 2011, Dose Finding by the Continual Reassessment Method, Table 3.2; runs of R's dfcrm 0.2-2.1 (crm,
getprior, crmsim); exact operating characteristics computed elsewhere by a program of its own; the two-parameter example
of Neuenschwander, Branson and Gsponer 2008, Stat Med 27:2420, as run with bcrm. dfcrm integrates to a relative 1.2e-4,
so its estimates bind to 1e-3.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from trialwright.design import (
    CRM,
    CRMFit,
    Empiric,
    Logistic,
    Outcomes,
    TwoParameterLogistic,
    compiled,
    indifference_skeleton,
    operating_characteristics,
)
from trialwright.design.catalogue import design_from_text

SKELETON = indifference_skeleton(target=0.25, halfwidth=0.05, mtd=3, levels=5)
TRUTH = (0.05, 0.12, 0.25, 0.40, 0.55)

PRIORS = [
    ("empiric", 0.05, 0.25, 3, (0.0839734913056243, 0.156741021142636, 0.25, 0.354500427615112, 0.460343111085307)),
    ("logistic", 0.05, 0.25, 3, (0.0888735648568058, 0.158048922029291, 0.25, 0.355496069423178, 0.461772216694445)),
    ("empiric", 0.06, 0.25, 2, (0.140049689664559, 0.25, 0.376196269333747, 0.501849228390035)),
    ("logistic", 0.06, 0.25, 2, (0.141905730066137, 0.25, 0.377531160586524, 0.502778573086054)),
    ("empiric", 0.08, 0.20, 2, (0.0685155302331822, 0.2, 0.380497473689217, 0.559823639465006, 0.705886342354949)),
    ("logistic", 0.08, 0.20, 2, (0.0723157492702823, 0.2, 0.385667506159842, 0.56510339238883, 0.697761099704682)),
]


@dataclass(frozen=True)
class Run:
    """One run of dfcrm's crm with the empiric model, and what it printed."""

    skeleton: tuple[float, ...]
    target: float
    path: str
    estimation: str
    prior_variance: float
    estimate: float
    variance: float
    ptox: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    mtd: int


SIX = (0.05, 0.1, 0.2, 0.35, 0.5, 0.7)
TEN = "3N 4N 4T 3N 3N 4T 3T 2N 2N 2N"
RUNS = [
    Run(
        SIX, 0.2, TEN, "bayes", 1.34, -0.2121715, 0.1575955,
        (0.0886529, 0.1553009, 0.2720539, 0.4277898, 0.5708462, 0.7493958),
        (0.0095115, 0.0279279, 0.0820026, 0.1956588, 0.3405736, 0.5744977),
        (0.2833229, 0.3793253, 0.5078575, 0.6427736, 0.7469128, 0.8605738), 2,
    ),
    Run(
        SIX, 0.2, TEN, "mle", 1.34, -0.1909885, 0.2090203,
        (0.0841714, 0.1492306, 0.2645766, 0.4200833, 0.5640355, 0.7447817),
        (0.0052481, 0.0176825, 0.0595781, 0.1588545, 0.2967962, 0.535231),
        (0.3113875, 0.4078874, 0.5342928, 0.6644049, 0.7634154, 0.8703059), 2,
    ),
    Run(
        SKELETON, 0.25, "1NNN", "bayes", 1.34, 0.5860316, 0.7880631,
        (0.0116641, 0.0357988, 0.0828309, 0.1551428, 0.2480906),
        (0.0, 0.0000006, 0.0000219, 0.0003271, 0.0024702),
        (0.3557424, 0.4615491, 0.5608043, 0.6487737, 0.72349), 5,
    ),
    Run(
        SKELETON, 0.25, "1NNN 2TTN 1NNT", "bayes", 1.34, -0.6554729, 0.1628597,
        (0.2763239, 0.3820689, 0.4868695, 0.5836636, 0.6684565),
        (0.0822529, 0.1543323, 0.2471204, 0.3514414, 0.4573683),
        (0.5156915, 0.6093228, 0.6903205, 0.7578768, 0.812702), 1,
    ),
    Run(
        SKELETON, 0.25, "1TTT", "bayes", 0.75, -1.4778199, 0.3177784,
        (0.5682765, 0.6552294, 0.7288688, 0.7893181, 0.8377941),
        (0.2396887, 0.3435047, 0.4496193, 0.5499252, 0.6393355),
        (0.7996361, 0.8459734, 0.8823841, 0.910643, 0.9323727), 1,
    ),
]  # fmt: skip

TABLE_3_2 = [
    # level treated, DLT, published estimate, next level
    (3, 0, 0.60, 5), (5, 0, 0.93, 5), (5, 1, 0.04, 3), (3, 0, 0.18, 4), (4, 0, 0.28, 4), (4, 0, 0.34, 5),
    (5, 0, 0.41, 5), (5, 0, 0.47, 5), (5, 1, 0.31, 5), (5, 0, 0.35, 5), (5, 1, 0.25, 4), (4, 1, 0.15, 4),
    (4, 0, 0.18, 4), (4, 0, 0.21, 4), (4, 0, 0.24, 4), (4, 0, 0.26, 4), (4, 0, 0.28, 4), (4, 1, 0.21, 4),
    (4, 0, 0.22, 4), (4, 0, 0.24, 4),
]  # fmt: skip

EXACT = [
    # cohort, states, selection in %, mean subjects, mean DLTs
    (
        3, 6025,
        (0.35267922, 17.44150562, 57.98573935, 22.95432186, 1.26575395),
        (4.04836023, 7.56768313, 11.73107086, 5.71330701, 0.93957877),
        (0.20241801, 0.90812198, 2.93276771, 2.28532281, 0.51676832),
    ),
    (
        1, 600878,
        (0.48798334, 20.15157169, 59.97315533, 18.65853779, 0.72875186),
        (2.45731547, 7.29790413, 12.56518992, 6.00014712, 1.67944336),
        (0.12286577, 0.8757485, 3.14129748, 2.40005885, 0.92369385),
    ),
]  # fmt: skip

SIMULATED = [
    # dfcrm's crmsim: cohort, trials, selection, mean subjects, mean DLTs
    (3, 1000, (0.003, 0.162, 0.589, 0.236, 0.01), (3.903, 7.638, 11.76, 5.802, 0.897)),
    (1, 5000, (0.005, 0.2022, 0.5898, 0.1954, 0.0076), (2.4552, 7.3502, 12.4742, 6.0592, 1.6612)),
]


def vectors(shared: Path, kind: str) -> list[dict]:
    """The vectors of one kind."""
    lines = (shared / "vectors/designs.jsonl").read_text().splitlines()
    return [vector for vector in map(json.loads, lines) if vector["kind"] == kind]


def path_of(level: list[int], tox: list[int]) -> Outcomes:
    """A path of single subjects."""
    return Outcomes.parse(" ".join(f"{dose}{'NT'[dlt]}" for dose, dlt in zip(level, tox, strict=True)))


def assert_as_dfcrm(found: CRMFit, expected: dict) -> None:
    """A fit is dfcrm's, to its precision; the MTD is the same."""
    assert found.estimate[0] == pytest.approx(expected["estimate"], abs=1e-3)
    assert found.variance[0] == pytest.approx(expected["post_var"], rel=1e-3)
    assert found.ptox == pytest.approx(expected["ptox"], abs=1e-3)
    assert found.lower == pytest.approx(expected["ptoxL"], abs=1e-3)
    assert found.upper == pytest.approx(expected["ptoxU"], abs=1e-3)
    assert found.mtd == expected["mtd"]


@pytest.mark.parametrize(("model", "halfwidth", "target", "mtd", "expected"), PRIORS)
def test_skeletons(model: str, halfwidth: float, target: float, mtd: int, expected: tuple[float, ...]) -> None:
    """Skeletons are those of dfcrm's getprior."""
    found = indifference_skeleton(target=target, halfwidth=halfwidth, mtd=mtd, levels=len(expected), model=model)

    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("run", RUNS)
def test_dfcrm_runs(run: Run) -> None:
    """Estimate, variance, rates, limits and MTD are those of dfcrm's crm."""
    model = Empiric(skeleton=run.skeleton, prior_sd=run.prior_variance**0.5)

    found = CRM(model=model, target=run.target, estimation=run.estimation).fit(Outcomes.parse(run.path))

    names = {"estimate": "estimate", "post_var": "variance", "ptox": "ptox", "ptoxL": "lower", "ptoxU": "upper"}
    assert_as_dfcrm(found, {"mtd": run.mtd} | {theirs: getattr(run, ours) for theirs, ours in names.items()})


@pytest.mark.parametrize(
    ("path", "intercept", "estimate", "variance"),
    [
        (TEN, 3.0, -0.0908443032, 22.6413232597),
        ("4T 3N", 3.0, -0.23412739, 246498.64),
        ("1N 1N 2N 3T 3N 2N 4T 4T", 3.0, -0.23354601, 2093.81629237),
        ("3N 2N 4T 2N 1N 3N 4T 2N 2N 3N 4T 3T 1N 2N 2N 3N 4T 3N 2N 2N", 2.5, -0.068138095, 0.025735799),
    ],
)
def test_variance_after_maximum_likelihood(path: str, intercept: float, estimate: float, variance: float) -> None:
    """Under the logistic model the variance is what dfcrm's code prints in R 4.2.2, where the rule fails too."""
    found = CRM(model=Logistic(skeleton=SIX, intercept=intercept), target=0.2, estimation="mle").fit(
        Outcomes.parse(path)
    )

    assert found.estimate[0] == pytest.approx(estimate, abs=1e-4)
    assert found.variance[0] == pytest.approx(variance, rel=1e-4)


def test_cheung_table_3_2() -> None:
    """The estimates and the next levels of Cheung's worked trial come out, subject after subject."""
    model = Logistic(skeleton=(0.05, 0.12, 0.25, 0.40, 0.55))
    design = CRM(model=model, target=0.25, cohort=1, start=3, skipping=True, coherent=False)
    level, tox, estimates, nexts = (list(column) for column in zip(*TABLE_3_2, strict=True))

    paths = [path_of(level[:subjects], tox[:subjects]) for subjects in range(1, 21)]

    assert [design.fit(path).estimate[0] for path in paths] == pytest.approx(estimates, abs=0.005)
    assert [design.recommend(path).dose for path in paths] == nexts


@pytest.mark.parametrize(("cohort", "states", "selection", "subjects", "dlts"), EXACT)
def test_exact_operating_characteristics(
    cohort: int, states: int, selection: tuple[float, ...], subjects: tuple[float, ...], dlts: tuple[float, ...]
) -> None:
    """Exact selection, subjects and DLTs are those of another exact program, and so is the number of states."""
    design = CRM(model=Empiric(skeleton=SKELETON), target=0.25, cohort=cohort)

    found = operating_characteristics(design, TRUTH)

    assert len(compiled(design).dose) == states
    assert [100 * chance for chance in found.selection] == pytest.approx(selection, abs=1e-7)
    assert found.mean_patients == pytest.approx(subjects, abs=1e-7)
    assert found.mean_dlts == pytest.approx(dlts, abs=1e-7)
    assert found.selection_none == 0


@pytest.mark.parametrize(("cohort", "trials", "selection", "subjects"), SIMULATED)
def test_dfcrm_simulations(cohort: int, trials: int, selection: tuple[float, ...], subjects: tuple[float, ...]) -> None:
    """What dfcrm's crmsim simulates lies around the exact values, within four Monte Carlo standard errors."""
    found = operating_characteristics(CRM(model=Empiric(skeleton=SKELETON), target=0.25, cohort=cohort), TRUTH)

    for chance, share in zip(found.selection, selection, strict=True):
        assert abs(share - chance) < 4 * (chance * (1 - chance) / trials) ** 0.5
    for mean, expected in zip(subjects, found.mean_patients, strict=True):
        assert abs(mean - expected) < 4 * (expected * (30 - expected) / trials) ** 0.5


def test_two_parameter_logistic() -> None:
    """The example of Neuenschwander et al., by flags too, gives the means that bcrm sampled, and the MTD at 25 mg."""
    doses = (1, 2.5, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250)
    model = TwoParameterLogistic(doses=doses, reference=250, mean=(2.15, 0.52), sd=(0.84, 0.80), covariance=0.134)
    sampled = (
        0.01276366, 0.0317025, 0.064544, 0.1310326, 0.19505604, 0.25486603, 0.30990977, 0.36015142, 0.44716663,
        0.51852928, 0.64632144, 0.72710146, 0.81804596, 0.86567496, 0.89421686,
    )  # fmt: skip

    found = CRM(model=model, target=0.3).fit(Outcomes.parse("1NNN 2NNNN 3NNNN 4NNNN 7TT"))
    numbers = f"doses={','.join(map(str, doses))} reference_dose=250 prior_means=2.15,0.52 prior_sds=0.84,0.80"
    by_name = f"crm model=two-parameter-logistic {numbers} prior_covariance=0.134 levels=15 target=0.3"

    assert design_from_text(by_name) == CRM(model=model, target=0.3)
    assert found.ptox == pytest.approx(sampled, abs=0.01)
    assert found.mtd == 7


def test_vectors(shared: Path) -> None:
    """Every vector of fits and of exact operating characteristics comes out."""
    for vector in vectors(shared, "dfcrm_crm"):
        given = vector["inputs"]
        models = {"empiric": Empiric, "logistic": Logistic}
        model = models[given["model"]](skeleton=tuple(given["prior"]), prior_sd=given["prior_var"] ** 0.5)
        design = CRM(model=model, target=given["target"], estimation=given["method"])
        assert_as_dfcrm(design.fit(path_of(given["level"], given["tox"])), vector["expected"])
    for vector in vectors(shared, "crm_exact_oc"):
        given = vector["inputs"]
        model = Empiric(skeleton=tuple(given["skeleton"]), prior_sd=given["prior_var"] ** 0.5)
        sizes = {"cohort": given["cohort_size"], "subjects": given["n"], "start": given["start_dose"]}
        found = operating_characteristics(CRM(model=model, target=given["target"], **sizes), given["p_true"])
        assert [100 * chance for chance in found.selection] == pytest.approx(vector["expected"]["sel_pct"], abs=1e-4)
