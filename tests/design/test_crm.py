"""CRM and TITE-CRM: fits against independent quadrature, the rules one by one, open windows, and bad parameters."""

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from trialwright.design import (
    CRM,
    TITECRM,
    Arrivals,
    Calendar,
    CalendarCharacteristics,
    Decision,
    Empiric,
    FollowUp,
    Logistic,
    Outcomes,
    TwoParameterLogistic,
    indifference_skeleton,
    operating_characteristics,
    simulate_calendar,
)
from trialwright.design.states import States
from trialwright.errors import InputError, PathError

SKELETON = (0.05, 0.12, 0.25, 0.40, 0.55)
TARGET = 0.25
MODELS = {"empiric": Empiric(skeleton=SKELETON), "logistic": Logistic(skeleton=SKELETON)}
TWO = TwoParameterLogistic(doses=(10, 25, 50), reference=50, mean=(0, 0), sd=(1, 0.7), covariance=0.2)

subjects = st.lists(st.tuples(st.integers(1, 5), st.booleans(), st.floats(0, 1)), min_size=1, max_size=20)


def simulated(
    design: TITECRM, truth: tuple[float, ...], apart: float, pattern: str = "Poisson", **asked: float | None
) -> CalendarCharacteristics:
    """The design in calendar time."""
    shares = {name: asked.pop(name) for name in ("screen_failure", "late_onset") if name in asked}
    arrivals = Arrivals(pattern=pattern, days_apart=apart)
    calendar = Calendar(window=design.window, arrivals=arrivals, without_slot="kept", **shares)
    return simulate_calendar(design, truth, calendar, **asked)


def rate(model: str, level: int, beta: float) -> float:
    """The DLT rate of a level as the literature writes it."""
    guess = SKELETON[level - 1]
    if model == "empiric":
        return guess ** np.exp(beta)
    return float(expit(3 + np.exp(beta) * (logit(guess) - 3)))


def likelihood(model: str, seen: list[tuple[int, bool, float]], beta: float) -> float:
    """The weighted likelihood of Cheung and Chappell, subject after subject."""
    rates = [(rate(model, level, beta), dlt, share) for level, dlt, share in seen]
    return float(np.prod([p if dlt else 1 - share * p for p, dlt, share in rates]))


def posterior_mean(model: str, seen: list[tuple[int, bool, float]]) -> float:
    """The posterior mean of beta by adaptive quadrature."""

    def density(beta: float) -> float:
        return np.exp(-(beta**2) / 2 / 1.34) * likelihood(model, seen, beta)

    peak = max(density(beta) for beta in np.linspace(-6, 6, 241))
    above, below = (
        quad(lambda beta, power=power: beta**power * density(beta) / peak, -12, 12, points=[-4, -2, 0, 2], limit=400)[0]
        for power in (1, 0)
    )
    return above / below


@settings(max_examples=25)
@given(st.sampled_from(sorted(MODELS)), subjects)
def test_posterior_means(model: str, seen: list[tuple[int, bool, float]]) -> None:
    """The estimate is the posterior mean of beta under the weighted likelihood, and the rates are those at it."""
    design = TITECRM(model=MODELS[model], target=TARGET, window=1)

    found = design.fit([FollowUp(level, share, dlt) for level, dlt, share in seen])

    assert found.estimate[0] == pytest.approx(posterior_mean(model, seen), abs=1e-6)
    assert found.ptox == pytest.approx([rate(model, level, found.estimate[0]) for level in range(1, 6)], abs=1e-9)
    assert all(low <= p <= high for low, p, high in zip(found.lower, found.ptox, found.upper, strict=True))


@pytest.mark.parametrize("model", sorted(MODELS))
@pytest.mark.parametrize("path", ["1NNN 2NTN", "1N 2N 3T 2N 3N 4T", "1TTN 1NNN 5T"])
def test_maximum_likelihood(model: str, path: str) -> None:
    """The maximum likelihood estimate has the largest likelihood."""
    outcomes = Outcomes.parse(path)
    seen = [(dose, letter == "T", 1.0) for dose, letters in outcomes.cohorts for letter in letters]

    found = CRM(model=MODELS[model], target=TARGET, estimation="mle").fit(outcomes)

    best = minimize_scalar(lambda beta: -np.log(likelihood(model, seen, beta)), bounds=(-5, 5), options={"xatol": 1e-9})
    assert found.estimate[0] == pytest.approx(best.x, abs=1e-6)


def test_no_maximum_likelihood_estimate_without_both_outcomes() -> None:
    """Without a subject with and one without a DLT a fit is refused, and the rule goes level by level."""
    design = CRM(model=MODELS["empiric"], target=TARGET, estimation="mle", start=2)

    with pytest.raises(InputError, match="0 DLTs in 3 subjects"):
        design.fit(Outcomes.parse("2NNN"))
    assert (design.recommend(Outcomes.parse("2NNN")).dose, design.recommend(Outcomes.parse("2TTT")).dose) == (3, 1)
    assert "no maximum likelihood estimate yet" in design.recommend(Outcomes.parse("2NNN")).why


def test_two_parameters_against_a_sample_of_the_prior() -> None:
    """Means and limits of the two-parameter model are those of a weighted sample of its prior."""
    outcomes = Outcomes.parse("1NNN 2NNT 3TN")
    sample = np.random.default_rng(1).multivariate_normal((0, 0), [[1, 0.2], [0.2, 0.49]], 400_000)
    p = 1 / (1 + np.exp(-sample[:, :1] - np.exp(sample[:, 1:]) * np.log(np.array([10, 25, 50]) / 50)))
    weight = (1 - p[:, 0]) ** 3 * (1 - p[:, 1]) ** 2 * p[:, 1] * p[:, 2] * (1 - p[:, 2])

    found = CRM(model=TWO, target=TARGET).fit(outcomes)

    for level in range(3):
        order = p[:, level].argsort()
        below = weight[order].cumsum() / weight.sum()
        low, high = (p[order[below.searchsorted(chance)], level] for chance in (0.05, 0.95))
        assert found.ptox[level] == pytest.approx(np.average(p[:, level], weights=weight), abs=0.003)
        assert (found.lower[level], found.upper[level]) == pytest.approx((low, high), abs=0.005)


def brute_force(cohort: int, total: int, truth: tuple[float, ...]) -> np.ndarray:
    """Selection by walking every path of dfcrm's rules, with quadrature of its own."""
    selection = np.zeros(len(truth))

    def choose(seen: list[tuple[int, bool, float]]) -> int:
        estimate = posterior_mean("empiric", seen)
        return int(np.argmin([abs(rate("empiric", level, estimate) - TARGET) for level in range(1, 6)])) + 1

    def walk(seen: list[tuple[int, bool, float]], level: int, chance: float) -> None:
        for dlts in range(cohort + 1):
            after = seen + [(level, place < dlts, 1.0) for place in range(cohort)]
            p = truth[level - 1]
            here = chance * comb(cohort, dlts) * p**dlts * (1 - p) ** (cohort - dlts)
            best = choose(after)
            if len(after) == total:
                selection[best - 1] += here
            else:
                walk(after, min(best, level if dlts / cohort >= TARGET else level + 1), here)

    walk([], 1, 1.0)
    return selection


def test_exact_selection_is_that_of_every_path() -> None:
    """Merged states give the same selection as walking every path."""
    truth = (0.1, 0.2, 0.35, 0.5, 0.6)

    found = operating_characteristics(CRM(model=MODELS["empiric"], target=TARGET, cohort=2, subjects=8), truth)

    assert found.selection == pytest.approx(brute_force(2, 8, truth), abs=1e-9)


RULES = [
    ({}, "", Decision.STAY, 1, "treat 3 more"),
    ({}, "1NN", Decision.STAY, 1, "treat 1 more"),
    ({}, "1NNN", Decision.ESCALATE, 2, "no level is skipped; treat 3 subjects at level 2"),
    ({"skipping": True}, "1NNN", Decision.ESCALATE, 4, "closest to the target of 0.25; treat"),
    ({"subjects": 4}, "1NNN", Decision.ESCALATE, 2, "treat 1 subject at"),
    ({}, "1NNN 2NNN 3NNN 3NNT", Decision.STAY, 3, "no escalation just after a DLT rate at or above"),
    ({"coherent": False}, "1NNN 2NNN 3NNN 3NNT", Decision.ESCALATE, 4, "at level 4"),
    ({}, "1NNN 2NNN 3TTT", Decision.DE_ESCALATE, 2, "treat 3 subjects at level 2"),
    ({}, "1TTT", Decision.STAY, 1, "at level 1"),
    ({"cutoff": 0.9}, "1TTT", Decision.STOP, None, "the trial stops and no level is selected"),
    ({"cutoff": 0.9}, "1NNT", Decision.STAY, 1, "treat"),
    ({"subjects": 6}, "1NNN 2NTN", Decision.STOP, None, "all 6 subjects are treated"),
]


@pytest.mark.parametrize(("options", "path", "decision", "dose", "words"), RULES)
def test_rules(options: dict, path: str, decision: Decision, dose: int | None, words: str) -> None:
    """Each rule gives its decision, level and words."""
    answer = CRM(model=MODELS["empiric"], target=TARGET, **options).recommend(Outcomes.parse(path))

    assert (answer.decision, answer.dose) == (decision, dose)
    assert words in answer.why
    assert answer.why.endswith(".")


def test_the_last_fit_selects_the_mtd() -> None:
    """When all subjects are treated the MTD is the level of the fit, whatever the restrictions on escalation."""
    design = CRM(model=MODELS["empiric"], target=TARGET, subjects=6)
    outcomes = Outcomes.parse("1NNN 2NNN")

    assert design.recommend(outcomes).mtd == design.fit(outcomes).mtd == 5


@pytest.mark.parametrize("model", [*MODELS.values(), TWO], ids=["empiric", "logistic", "two"])
@pytest.mark.parametrize("options", [{}, {"cutoff": 0.8}, {"skipping": True, "coherent": False}])
def test_a_step_is_what_is_recommended(model: Empiric, options: dict) -> None:
    """For many states at once the rule gives what it gives for each alone."""
    design = CRM(model=model, target=TARGET, cohort=2, subjects=10, **options)
    rows = list(product([0, 1, 2], [0, 2], [0, 1]))
    y = np.array([[first, second, 0, 0, 0][: design.levels] for first, second, _ in rows])
    n = np.array([[4, 2, 0, 0, 0][: design.levels]] * len(rows))
    states = States(n, y, np.full(len(rows), 2), np.full(len(rows), 2), y[:, 1])

    steps = design.step(states)

    for row in range(len(rows)):
        one = design.step(States(*(column[row : row + 1] for column in states)))
        assert [column[row] for column in steps] == [column[0] for column in one]


def test_toxic_probability() -> None:
    """The trial stops exactly when the posterior probability that level 1 exceeds the target is above the cutoff."""
    for model in sorted(MODELS):
        for path in ("1NTT", "1TTT", "1NNT 1NTT"):
            seen = [(d, letter == "T", 1.0) for d, letters in Outcomes.parse(path).cohorts for letter in letters]

            def density(beta: float, seen: list = seen, model: str = model) -> float:
                return np.exp(-(beta**2) / 2 / 1.34) * likelihood(model, seen, beta)

            inside = minimize_scalar(lambda beta, model=model: abs(rate(model, 1, beta) - TARGET), bounds=(-6, 6))
            whole, above = (quad(density, -12, end, points=[-3, -1], limit=400)[0] for end in (12, inside.x))
            chance = above / whole
            stops = [
                CRM(model=MODELS[model], target=TARGET, cutoff=chance + by).recommend(Outcomes.parse(path)).final
                for by in (-1e-5, 1e-5)
            ]
            assert stops == [True, False]


def test_open_windows_count_both_ways() -> None:
    """An open window holds the decision back where it can change it, and only there."""
    design = CRM(model=MODELS["empiric"], target=TARGET)

    assert design.recommend(Outcomes.parse("1NNP")).waits_for == 1
    assert design.recommend(Outcomes.parse("1NNN 2TTP")).dose == 1
    assert design.recommend(Outcomes.parse("1NNN 2TTP")).settled


def test_two_parameters_compile() -> None:
    """The two-parameter model has exact operating characteristics too."""
    found = operating_characteristics(CRM(model=TWO, target=TARGET, subjects=12, cutoff=0.9), (0.1, 0.25, 0.5))

    assert sum(found.selection) + found.selection_none == pytest.approx(1, abs=1e-12)
    assert found.selection[1] > found.selection[2] > 0


def test_maximum_likelihood_compiles() -> None:
    """Maximum likelihood goes level by level until the first DLT, so a trial without DLTs climbs to the top."""
    design = CRM(model=MODELS["empiric"], target=TARGET, estimation="mle", subjects=15)

    found = operating_characteristics(design, (0, 0, 0, 0, 0))

    assert found.mean_patients == pytest.approx((3, 3, 3, 3, 3))
    assert found.selection[4] == 1


FAULTS = [
    (
        lambda: CRM(model=Empiric(skeleton=(0.3, 0.2, 1.0), prior_sd=0), target=1.5, cohort=0, start=4),
        ["outside 0 to 1: 1", "ascend: 0.3, 0.2", "deviation of 0", "target of 1.5", "cohort of 0", "4 of 3"],
    ),
    (lambda: CRM(model=Logistic(skeleton=(0.1, 0.98)), target=0.2, subjects=2), ["an intercept of 3", "2 subjects"]),
    (
        lambda: CRM(model=TwoParameterLogistic(doses=(5, 1), reference=0, mean=(0, 0), sd=(1, 0)), target=0.2),
        ["must be positive", "do not ascend: 5, 1", "deviations of 1 and 0"],
    ),
    (
        lambda: CRM(model=TWO, target=0.2, estimation="mle", skipping=True, cutoff=0.9),
        ["one parameter", "no level may be skipped", "needs estimation by bayes"],
    ),
    (
        lambda: TITECRM(model=MODELS["empiric"], target=0.2, window=0, weights="square", cutoff=1.0),
        ["window of 0", "'square'", "cutoff of 1.0"],
    ),
    (
        lambda: indifference_skeleton(target=0.05, halfwidth=0.06, mtd=9, levels=5),
        ["level 9 of 5", "interval from -0.01"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words"), FAULTS)
def test_bad_parameters_are_told_all_at_once(make, words: list[str]) -> None:
    """Parameters that cannot be are refused, and the message names every fault."""
    with pytest.raises(InputError) as refused:
        make()

    assert [word for word in words if word not in str(refused.value)] == []


def test_numbers_may_come_as_any_sequence() -> None:
    """A skeleton or doses given as lists or arrays make the same model as a tuple."""
    given = TwoParameterLogistic(doses=[10, 25, 50], reference=50, mean=[0, 0], sd=[1, 0.7], covariance=0.2)

    assert Empiric(skeleton=np.array(SKELETON)) == Empiric(skeleton=list(SKELETON)) == MODELS["empiric"]
    assert hash(given) == hash(TWO)


def test_the_protocol_says_the_options() -> None:
    """What a design explains names its model, its restrictions and its stopping rule, as they are set."""
    plain = CRM(model=MODELS["logistic"], target=TARGET).explain()
    free = CRM(model=TWO, target=TARGET, skipping=True, coherent=False, cutoff=0.95).explain()

    assert all(words in plain for words in ("intercept 3", "0.05, 0.12", "never skips", "not escalated just after"))
    assert all(words in free for words in ("two-parameter", "above 0.95", "posterior means"))
    assert not any(words in free for words in ("never skips", "not escalated just after"))
    assert "stretched" in TITECRM(model=MODELS["empiric"], target=TARGET, window=28, weights="adaptive").explain()


def test_a_fit_is_a_table_and_a_sentence() -> None:
    """A fit is shown as a row for each level and as a sentence with its limits."""
    found = CRM(model=MODELS["empiric"], target=TARGET).fit(Outcomes.parse("1NNN 2NTP"))

    assert found.to_frame()["subjects"].to_list() == [3, 2, 0, 0, 0]
    assert found.to_frame()["dlts"].to_list() == [0, 1, 0, 0, 0]
    assert str(found).startswith(f"Level {found.mtd} has the estimated DLT rate closest to the target of 0.25: ")


class TestTITE:
    """TITE-CRM."""

    design = TITECRM(model=MODELS["empiric"], target=TARGET, window=28, subjects=6)

    def test_whole_windows_are_the_crm(self) -> None:
        """When every window is closed the fit is the CRM's."""
        followed = [FollowUp(1, 28, False), FollowUp(2, 40, False), FollowUp(2, 3, True)]

        assert self.design.fit(followed).ptox == self.design.fit(Outcomes.parse("1N 2N 2T")).ptox

    def test_adaptive_weights(self) -> None:
        """An adaptive weight rises by equal parts between the times of the DLTs; after the window it is 1."""
        design = TITECRM(model=MODELS["empiric"], target=TARGET, window=30, weights="adaptive")
        seen = [(6, False), (12, False), (24, False), (30, False), (12, True), (18, True), (30, True), (35, False)]

        found = design.share([FollowUp(1, followed, dlt) for followed, dlt in seen])

        assert found == pytest.approx((6 / 12 / 4, 1 / 4, (2 + 6 / 12) / 4, 1, 1, 1, 1, 1))

    def test_without_a_dlt_adaptive_weights_are_linear(self) -> None:
        """Before the first DLT both weights are the share of the window."""
        design = TITECRM(model=MODELS["empiric"], target=TARGET, window=30, weights="adaptive")

        assert design.share([FollowUp(1, 6, False), FollowUp(1, 30, False)]) == (0.2, 1.0)

    def test_course(self) -> None:
        """The next subject need not wait; the MTD waits until all windows are closed."""
        first = self.design.recommend([])
        going = self.design.recommend([FollowUp(1, 20, False)])
        waiting = self.design.recommend([FollowUp(1, 28, False)] * 5 + [FollowUp(2, 27, False)])
        over = self.design.recommend([FollowUp(1, 28, False)] * 5 + [FollowUp(2, 28, False)])

        assert (first.dose, first.subjects, going.dose, going.subjects) == (1, 1, 2, 1)
        assert (waiting.final, waiting.waits_for, waiting.subjects) == (False, 1, 0)
        assert (over.final, over.mtd) == (True, 5)

    def test_cohorts_and_coherence(self) -> None:
        """With cohorts the level is kept until one is full; coherence bars escalation after a toxic one."""
        free = TITECRM(model=MODELS["empiric"], target=TARGET, window=28, cohort=2)
        coherent = TITECRM(model=MODELS["empiric"], target=TARGET, window=28, cohort=2, coherent=True)
        path = [FollowUp(1, 28, False)] * 8 + [FollowUp(2, 28, False)] * 5 + [FollowUp(2, 28, True)]

        assert free.recommend(path[:1]).subjects == 1
        assert (free.recommend(path).dose, coherent.recommend(path).dose) == (3, 2)

    def test_stops_for_toxicity(self) -> None:
        """A toxic level 1 stops the trial where a cutoff is set."""
        design = TITECRM(model=MODELS["empiric"], target=TARGET, window=28, cutoff=0.9)

        assert design.recommend([FollowUp(1, 5, True)] * 3).decision is Decision.STOP

    def test_bad_follow_ups(self) -> None:
        """Follow-ups that cannot be are refused, all at once; a level that the design lacks is named."""
        with pytest.raises(InputError, match=r"subject 1 was followed for -1.*subject 2 had a DLT at 29"):
            self.design.fit([FollowUp(1, -1, False), FollowUp(1, 29, True)])
        with pytest.raises(PathError, match="subject 1 is at dose level 6; the design has 5 levels"):
            self.design.fit([FollowUp(6, 1, False)])

    def test_slow_arrivals_are_the_crm(self) -> None:
        """When every window closes before the next arrival, simulation agrees with the CRM's exact characteristics."""
        options = {"model": MODELS["empiric"], "target": TARGET, "cohort": 1, "subjects": 12, "cutoff": 0.9}
        truth, trials = (0.1, 0.25, 0.4, 0.5, 0.6), 2000
        exact = operating_characteristics(CRM(**options, coherent=False), truth)

        found = simulated(TITECRM(**options, window=1), truth, 2, "fixed", trials=trials, seed=3)

        pairs = zip((*found.selection, found.selection_none), (*exact.selection, exact.selection_none), strict=True)
        assert all(abs(share - p) <= 4 * (p * (1 - p) / trials) ** 0.5 for share, p in pairs)
        assert [one.mean for one in found.patients] == pytest.approx(exact.mean_patients, abs=0.3)

    def test_simulation_repeats(self) -> None:
        """The same seed gives the same trials, with adaptive weights and cohorts too."""
        design = TITECRM(model=MODELS["empiric"], target=TARGET, window=1, cohort=3, weights="adaptive", subjects=12)

        once, again, other = (simulated(design, (0.1,) * 5, 1 / 6, trials=300, seed=seed).trials for seed in (1, 1, 2))

        assert once.equals(again)
        assert not once.equals(other)

    def test_screening_failures(self) -> None:
        """Where half of the candidates fail screening twice as many are screened, and the trial takes as long."""
        truth = (0.1, 0.25, 0.4, 0.5, 0.6)
        found = simulated(self.design, truth, 14, trials=2000, seed=4)
        half = simulated(self.design, truth, 7, trials=2000, seed=4, screen_failure=0.5)

        assert half.screened.mean == pytest.approx(2 * half.treated.mean, rel=0.02)
        assert half.last_window.mean == pytest.approx(found.last_window.mean, rel=0.04)

    def test_late_dlts_are_seen_late(self) -> None:
        """The later DLTs come the more subjects have one, since nobody waits for them."""
        truth = (0.1, 0.25, 0.4, 0.5, 0.6)
        early, late = (simulated(self.design, truth, 5, trials=2000, seed=4, late_onset=share) for share in (0.1, 0.9))

        assert late.dlts.mean > early.dlts.mean + 4 * late.dlts.standard_error

    def test_bad_simulations(self) -> None:
        """A simulation that cannot be is refused with every reason."""
        design = TITECRM(model=MODELS["empiric"], target=TARGET, window=1, estimation="mle", subjects=251)
        with pytest.raises(InputError, match=r"251 subjects.*only bayes"):
            simulated(design, (0.1,) * 5, 1, trials=2, seed=1)

    def test_maximum_likelihood(self) -> None:
        """By maximum likelihood the dose moves level by level until both outcomes are known, then by the fit."""
        design = TITECRM(model=MODELS["empiric"], target=TARGET, window=28, estimation="mle")
        seen = [FollowUp(1, 20, False), FollowUp(2, 14, True)]

        assert design.recommend(seen[:1]).dose == 2
        assert design.recommend(seen[1:]).dose == 1
        assert design.recommend(seen).dose == design.fit(seen).mtd == 1
