"""Whether Trialwright's numbers are R's, on random inputs: both are asked the same in one run.

`python -m tools.beside_r` asks R's own functions and its packages BOIN, dfcrm, survival and nlme, as far as they are
installed, and says for each item how many answers are the same, refused by both, or different; status 1 where one is
different. `--seed` and `--inputs` choose other inputs and more of them.

Infinity in R is a missing number in Trialwright. Two kinds of input are not drawn: titration, in which BOIN's releases
differ, and tables with an empty row or column, whose odds ratio R prints as 0 and Trialwright as missing.
"""

import argparse
import json
import math
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from rich.console import Console
from rich.table import Table

from trialwright.analysis.compute import answer, answer_design, read_json
from trialwright.errors import InputError

TARGETS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.33, 0.4)
SKELETONS = ((0.05, 0.1, 0.2, 0.3, 0.5), (0.01, 0.05, 0.12, 0.25, 0.33, 0.5), (0.2, 0.3, 0.4))
PRELUDE = """
tell <- function(...) cat(sprintf('%.12g', c(...)), '\\n')
ask <- function(package, expression) {
  if (!requireNamespace(package, quietly = TRUE)) return(cat('absent\\n'))
  tryCatch(suppressWarnings(tell(eval.parent(substitute(expression)))), error = function(e) cat('refused\\n'))
}
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One input for both.

    Attributes:
        item: Name of the item or the kind.
        inputs: What Trialwright is given.
        package: Package of R.
        call: R's expression for the numbers.
        numbers: The same numbers from Trialwright's result.
        tolerance: Of a number, relative above one.
    """

    item: str
    inputs: dict[str, Any]
    package: str
    call: str
    numbers: Callable[[dict[str, Any]], list[Any]]
    tolerance: float = 1e-6


def boundaries(random: Random) -> Question:
    """BOIN's boundaries of escalation, de-escalation and elimination."""
    target, cutoff = random.choice(TARGETS), random.choice((0.8, 0.9, 0.95, 0.97))
    low, high = round(random.uniform(0.4, 0.85) * target, 3), round(random.uniform(1.15, 1.7) * target, 3)
    call = f"BOIN::get.boundary({target}, 10, 3, p.saf={low}, p.tox={high}, cutoff.eli={cutoff})"
    return Question(
        item="boin_boundary",
        inputs={"target": target, "p_saf": low, "p_tox": high, "cutoff_eli": cutoff},
        package="BOIN",
        call=f"{{ g <- {call}; c(g$lambda_e, g$lambda_d, t(g$full_boundary_tab[2:4, ])) }}",
        numbers=lambda found: [
            *(found["lambda_e"], found["lambda_d"], *found["escalate_if_le"]),
            *(*found["deescalate_if_ge"], *found["eliminate_if_ge"]),
        ],
    )


def selection(random: Random) -> Question:
    """The dose that BOIN selects in the end."""
    target, n = random.choice(TARGETS), [random.choice((0, 1, 2, 3, 3, 6, 9, 12)) for _ in range(random.randint(1, 7))]
    n[0] = n[0] or 3
    y = [sum(random.random() < 0.1 * (level + 1) for _ in range(many)) for level, many in enumerate(n)]
    safe, bound = random.random() < 0.5, random.random() < 0.5
    return Question(
        item="boin_select_mtd",
        inputs={"target": target, "npts": n, "ntox": y, "extrasafe": safe, "boundMTD": bound},
        package="BOIN",
        call=f"BOIN::select.mtd({target}, {_r(n)}, {_r(y)}, extrasafe={_r(safe)}, boundMTD={_r(bound)})$MTD",
        numbers=lambda found: [found["MTD"]],
    )


def simulated(random: Random) -> Question:
    """Operating characteristics of BOIN, trial by trial on R's stream."""
    truth = sorted(round(random.uniform(0.01, 0.7), 3) for _ in range(random.randint(2, 6)))
    target, cohort = random.choice(TARGETS), random.choice((1, 2, 3, 3, 4))
    inputs = {
        "target": target,
        "p.true": truth,
        "ncohort": random.randint(6, 12),
        "cohortsize": cohort,
        "n_earlystop": random.choice((9, 12, 100)),
        "startdose": random.choice((1, 1, 2)),
        "extrasafe": random.random() < 0.5,
        "boundMTD": random.random() < 0.5,
        "ntrial": 200,
        "seed": random.randint(1, 99_999),
    }
    given = ", ".join(f"{'n.earlystop' if name == 'n_earlystop' else name}={_r(it)}" for name, it in inputs.items())
    names = ("selpercent", "npatients", "ntox", "totaln", "totaltox", "percentstop")
    return Question(
        item="boin_get_oc_seeded",
        inputs=inputs,
        package="BOIN",
        call=f"unlist(BOIN::get.oc({given})[c({', '.join(map(repr, names))})])",
        numbers=lambda found: _flat(found[name] for name in names),
    )


def fit(random: Random) -> Question:
    """The CRM's estimate, variance, rates and dose."""
    return _crm(random, "dfcrm_crm", {})


def late_fit(random: Random) -> Question:
    """The TITE-CRM's, with weights by follow-up."""
    return _crm(random, "dfcrm_titecrm", {"obswin": random.choice((28, 84))})


def _crm(random: Random, item: str, window: dict[str, Any]) -> Question:
    skeleton = random.choice(SKELETONS)
    level = [random.randint(1, len(skeleton)) for _ in range(random.randint(2, 24))]
    inputs = {
        "prior": list(skeleton),
        "target": random.choice(TARGETS),
        "level": level,
        **window,
        "tox": [int(random.random() < skeleton[dose - 1]) for dose in level],
        "model": random.choice(("empiric", "logistic")),
        "method": random.choice(("bayes", "bayes", "mle")),
    }
    if window:
        inputs["followup"] = [round(random.uniform(1, window["obswin"]), 1) for _ in level]
        inputs["scheme"] = random.choice(("linear", "adaptive"))
    given = ", ".join(f"{name}={_r(it)}" for name, it in inputs.items())
    return Question(
        item=item,
        inputs=inputs,
        package="dfcrm",
        call=f"{{ g <- dfcrm::{item.removeprefix('dfcrm_')}({given}); c(g$estimate, g$post.var, g$ptox, g$mtd) }}",
        numbers=lambda found: _flat(found[name] for name in ("estimate", "post_var", "ptox", "mtd")),
        tolerance=5e-4,
    )


def survival(random: Random) -> Question:
    """Kaplan-Meier estimates with three kinds of limits, and medians with theirs."""
    times, events = _times(random)
    at = sorted(set(random.choices(times, k=3)))
    fitted = f"survival::survfit(survival::Surv({_r(times)}, {_r(events)}) ~ 1, conf.type=kind)"
    numbers = "s$surv, s$std.err, s$lower, s$upper, s$n.risk, summary(f)$table[c('median', '0.95LCL', '0.95UCL')]"
    parts = ("survival", "greenwood_se", "lower95", "upper95", "n_at_risk", "median", "median_lower95")
    return Question(
        item="kaplan_meier",
        inputs={"times": times, "events": events, "evaluate_at": at, "confidence": 0.95},
        package="survival",
        call=f"unlist(lapply(c('plain', 'log', 'log-log'), function(kind) {{ f <- {fitted}; "
        f"s <- summary(f, times={_r(at)}); c({numbers}) }}))",
        numbers=lambda found: _flat(
            found[kind][part] for kind in ("plain", "log", "loglog") for part in (*parts, "median_upper95")
        ),
    )


def log_rank(random: Random) -> Question:
    """The log-rank test of two or three groups."""
    times, events = _times(random)
    group = [random.choice("abc"[: random.choice((2, 3))]) for _ in times]
    fitted = f"survival::survdiff(survival::Surv({_r(times)}, {_r(events)}) ~ {_r(group)})"
    return Question(
        item="logrank",
        inputs={"times": times, "events": events, "group": group},
        package="survival",
        call=f"{{ s <- {fitted}; d <- sum(s$exp > 0) - 1; c(s$chisq, d, pchisq(s$chisq, d, lower.tail=FALSE)) }}",
        numbers=lambda found: [found[name] for name in ("chi_square", "df", "p")],
    )


def _times(random: Random) -> tuple[list[int], list[int]]:
    subjects, longest, share = random.randint(4, 50), random.choice((8, 30, 200)), random.choice((0.3, 0.6, 0.9))
    return (
        [random.randint(1, longest) for _ in range(subjects)],
        [int(random.random() < share) for _ in range(subjects)],
    )


def exact_test(random: Random) -> Question:
    """Fisher's test, with the conditional odds ratio and its limits."""
    size = random.choice((3, 8, 20, 60))
    a, d = random.randint(1, size), random.randint(1, size)
    b, c = random.randint(0, size), random.randint(0, size)
    table = [[a, b], [c, d]] if random.random() < 0.5 else [[b, a], [d, c]]
    (a, b), (c, d) = table
    return Question(
        item="fisher_exact",
        inputs={"table": table},
        package="stats",
        call=f"{{ m <- matrix({_r([a, c, b, d])}, 2); f <- fisher.test(m); "
        "c(f$p.value, sapply(c('less', 'greater'), function(s) fisher.test(m, alternative=s)$p.value), "
        "f$estimate, f$conf.int) }",
        numbers=lambda found: [
            *(found["p_two_sided"], found["p_less"], found["p_greater"]),
            *(found["conditional_mle_odds_ratio"], *found["conditional_or_ci95"]),
        ],
        tolerance=2e-4,
    )


def limits(random: Random) -> Question:
    """Confidence limits of a rate."""
    subjects, confidence = random.randint(1, 80), random.choice((0.9, 0.95, 0.99))
    responders = random.randint(0, subjects)
    given = f"{responders}, {subjects}, conf.level={confidence}"
    return Question(
        item="binomial_ci",
        inputs={"responders": responders, "n": subjects, "confidence": confidence},
        package="stats",
        call=f"c(binom.test({given})$conf.int, unlist(lapply(c(FALSE, TRUE), function(correct) "
        f"prop.test({given}, correct=correct)$conf.int)))",
        numbers=lambda found: _flat(
            found[name] for name in ("clopper_pearson", "wilson", "wilson_continuity_corrected")
        ),
    )


def repeated_measures(random: Random) -> Question:
    """The mixed model for repeated measures: unstructured covariance, restricted likelihood."""
    visits, correlation = random.randint(2, 4), random.uniform(0, 0.8)
    rows = []
    for subject in range(random.choice((12, 20, 40))):
        own, arm = random.gauss(0, 1), ("placebo", "active")[subject % 2]
        for visit in range(1, visits + 1):
            noise = math.sqrt(correlation) * own + math.sqrt(1 - correlation) * random.gauss(0, 1 + 0.2 * visit)
            value = round(50 - 3 * visit + 4 * visit * (arm == "active") + 8 * noise, 1)
            if visit == 1 or random.random() > 0.12:
                rows.append({"id": f"S{subject:02}", "visit": visit, "y": value, "arm": arm})
    columns = ", ".join(f"{name}={_r([row[name] for row in rows])}" for name in rows[0])
    fitted = (
        "nlme::gls(y ~ arm * v, d, nlme::corSymm(form=~visit|id), weights=nlme::varIdent(form=~1|v), "
        "control=nlme::glsControl(maxIter=500, msMaxIter=500, tolerance=1e-9, msTol=1e-10))"
    )
    return Question(
        item="mmrm_unstructured_reml",
        inputs={
            "model": "y ~ arm*visit (visit as factor, reference visit 1, reference arm placebo), unstructured "
            "covariance, REML",
            "data": rows,
        },
        package="nlme",
        call=f"{{ d <- data.frame({columns}); d$v <- factor(d$visit); d$arm <- relevel(factor(d$arm), 'placebo'); "
        f"g <- {fitted}; c(-2 * logLik(g), coef(g), sqrt(diag(vcov(g)))) }}",
        numbers=lambda found: [
            found["minus2_reml_loglik"],
            *(*found["coefficients"].values(), *found["standard_errors"].values()),
        ],
        tolerance=1e-3,
    )


QUESTIONS = {
    **dict.fromkeys((boundaries, selection, fit, late_fit, survival, log_rank, exact_test, limits), 1.0),
    simulated: 0.2,
    repeated_measures: 0.1,
}
"""Each kind of question, and the share of the inputs that it is asked with: some take R long."""


def in_r(questions: Sequence[Question]) -> list[list[float] | str]:
    """R's numbers for each question, or that it refused, or lacks the package."""
    script = PRELUDE + "\n".join(f"ask('{one.package}', {one.call})" for one in questions)
    told = subprocess.run(["Rscript", "-"], input=script, capture_output=True, text=True, check=True).stdout
    lines = told.replace("NA", "nan").splitlines()
    return [line.strip() if line[0] in "ar" else list(map(float, line.split())) for line in lines]


def here(question: Question) -> list[float] | str:
    """Trialwright's numbers, or that it refused."""
    ask = answer_design if question.package in {"BOIN", "dfcrm"} else answer
    try:
        found = ask(question.item, read_json(json.dumps(question.inputs)))["result"]
    except InputError:
        return "refused"
    return "refused" if found is None else [math.nan if it is None else float(it) for it in question.numbers(found)]


def verdict(question: Question, theirs: list[float] | str, ours: list[float] | str) -> str:
    """Whether both answers are the same."""
    if theirs == "absent":
        return "package absent"
    if isinstance(theirs, str) and isinstance(ours, str):
        return "both refuse"
    if isinstance(theirs, str) or isinstance(ours, str):
        return "only R refuses" if isinstance(theirs, str) else "only R answers"
    same = len(theirs) == len(ours) and all(map(_near(question.tolerance), theirs, ours))
    return "same" if same else "different"


def _near(tolerance: float) -> Callable[[float, float], bool]:
    def near(theirs: float, ours: float) -> bool:
        if not math.isfinite(theirs) or math.isnan(ours):
            return math.isnan(ours) and not math.isfinite(theirs)
        return abs(theirs - ours) <= tolerance * max(1.0, abs(theirs))

    return near


def _flat(parts: Iterator[Any]) -> list[Any]:
    return [it for part in parts for it in (part if isinstance(part, list | tuple) else [part])]


def _r(value: Any) -> str:
    """A value as R writes it."""
    if isinstance(value, list):
        return f"c({', '.join(map(_r, value))})"
    return str(value).upper() if isinstance(value, bool) else repr(value)


def main() -> int:
    """Ask both, and print a row for each item."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=100, help="for each item; fewer where R takes long")
    asked = parser.parse_args()
    if not shutil.which("Rscript"):
        sys.exit("R is not installed: this compares with it")
    random = Random(asked.seed)  # noqa: S311 - inputs, no secrets
    questions = [draw(random) for draw, share in QUESTIONS.items() for _ in range(math.ceil(share * asked.inputs))]
    found = Counter[tuple[str, str]]()
    for question, theirs in zip(questions, in_r(questions), strict=True):
        ours = here(question)
        said = verdict(question, theirs, ours)
        found[question.item, said] += 1
        if said == "different":
            print(f"{question.item}: R {theirs}, here {ours}, from {json.dumps(question.inputs)}")
    verdicts = ("same", "both refuse", "only R refuses", "only R answers", "different", "package absent")
    table = Table("item", *verdicts, title=f"Beside R, seed {asked.seed}")
    for item in dict.fromkeys(question.item for question in questions):
        table.add_row(item, *(str(found[item, said] or "") for said in verdicts))
    Console(width=130).print(table)
    return int(any(said == "different" for _, said in found))


if __name__ == "__main__":
    sys.exit(main())
