"""How fast designs are: exact operating characteristics and simulation, as ratios to references.

The references that are stated: the fastest peer (simFastBOIN 2.x, its C++ engine) simulates 10,000 trials of BOIN (5
levels, 10 cohorts of 3) in 0.021 s, some 0.48 million trials a second on one core; the aim is a million. The one that
is measured in the same run, so that its ratio does not depend on the machine: the same trials one after the other in
plain Python (`replicate_boin`). Where R has the packages BOIN and dfcrm, they run beside.
"""

import shutil
import subprocess
from collections.abc import Callable
from time import process_time

import numpy as np
from rich.console import Console
from rich.table import Table

from trialwright.design import (
    BOIN,
    Design,
    RStream,
    ThreePlusThree,
    compile_design,
    compiled,
    operating_characteristics,
    operating_characteristics_grid,
    replicate_boin,
    simulate,
)

TRUTH = (0.05, 0.12, 0.25, 0.40, 0.55)
PEER_TRIALS, PEER_SECONDS = 10_000, 0.021
AIM = 1_000_000
SCENARIOS, SIMULATED, ONE_BY_ONE = 1_000, 1_000_000, 2_000
R_CALLS = {
    "BOIN": "BOIN::get.oc(target=0.3, p.true=c(.05,.12,.25,.4,.55), ncohort=10, cohortsize=3, ntrial=1000)",
    "dfcrm": "dfcrm::crmsim(PI=c(.05,.12,.25,.4,.55), prior=dfcrm::getprior(.05,.25,3,5), target=.25, n=30, x0=1, "
    "nsim=100, mcohort=3, count=FALSE)",
}
R_TRIALS = {"BOIN": 1000, "dfcrm": 100}


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of a piece of work, the fewest of five times."""
    took = []
    for _ in range(5):
        start = process_time()
        work()
        took.append(process_time() - start)
    return min(took)


def evaluate_anew(design: Design) -> None:
    """Compile a design that nobody compiled before, and evaluate one truth."""
    compiled.cache_clear()
    operating_characteristics(design, TRUTH)


def in_r(package: str) -> float | None:
    """Processor seconds that a package of R takes for one trial; None where R or the package is missing."""
    program = shutil.which("Rscript")
    if not program:
        return None
    call = f"if (!requireNamespace('{package}', quietly=TRUE)) quit(status=3); sink(nullfile()); "
    call += f"took <- system.time(x <- {R_CALLS[package]}); sink(); cat(took[['user.self']])"
    told = subprocess.run([program, "-e", call], capture_output=True, text=True, check=False)
    return float(told.stdout) / R_TRIALS[package] if told.returncode == 0 else None


def main() -> None:
    """Measure, and print a row for each job."""
    table = Table(
        "what",
        "processor time",
        "against what is stated",
        "against plain Python, here",
        title=f"Designs of 5 levels; the peer simulates {PEER_TRIALS:,} trials in {PEER_SECONDS} s",
    )
    boin = BOIN(levels=5, target=0.3)
    plain = seconds(lambda: replicate_boin(boin, TRUTH, RStream(6), trials=ONE_BY_ONE)) / ONE_BY_ONE
    scenarios = np.sort(np.random.default_rng(1).uniform(0, 0.7, (SCENARIOS, 5)), axis=1).tolist()

    def exact(name: str, took: float) -> None:
        peer, here = PEER_SECONDS / took, PEER_TRIALS * plain / took
        table.add_row(name, f"{took * 1000:,.1f} ms", f"{peer:.2f} x the peer's speed", f"{here:.3g} x")

    took = seconds(lambda: evaluate_anew(boin))
    exact("BOIN, 10 cohorts of 3: exact, compiled anew", took)
    exact("the same, a further truth", seconds(lambda: operating_characteristics(boin, TRUTH)))
    many = seconds(lambda: operating_characteristics_grid(boin, scenarios))
    table.add_row(f"the same, {SCENARIOS:,} further truths", f"{many:.2f} s", f"{many:.2f} of 1 s", "")
    exact("3+3, six at the MTD: exact, compiled anew", seconds(lambda: evaluate_anew(_three_plus_three())))
    alone = seconds(lambda: compile_design(BOIN(levels=5, target=0.3, cohort=1)))
    table.add_row("BOIN, 30 single subjects: compiled", f"{alone:.2f} s", "", f"{PEER_TRIALS * plain / alone:.2g} x")
    for name, design in (("BOIN", boin), ("3+3", _three_plus_three())):
        each = _simulated(design)
        speed = f"{1 / each / AIM:.2f} x the aim" + (
            f", {PEER_SECONDS / PEER_TRIALS / each:.1f} x the peer" if design is boin else ""
        )
        table.add_row(f"{name}: simulated", f"{1 / each / 1e6:.2f} million trials/s", speed, f"{plain / each:,.0f} x")
    for package in R_CALLS:
        each = in_r(package)
        told = "not installed" if each is None else f"{each * 1e6:,.0f} us a trial"
        table.add_row(f"R's {package}, simulated", told, "", "" if each is None else f"{plain / each:.2f} x")
    Console(width=130).print(table)


def _three_plus_three() -> ThreePlusThree:
    return ThreePlusThree(levels=5, variant="six at the MTD")


def _simulated(design: Design) -> float:
    """Seconds that one trial takes, once the design and the loop are compiled."""
    simulate(design, TRUTH, trials=1_000, seed=1)
    return seconds(lambda: simulate(design, TRUTH, trials=SIMULATED, seed=1)) / SIMULATED


if __name__ == "__main__":
    main()
