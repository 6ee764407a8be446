"""How fast the CRM is: exact operating characteristics and TITE-CRM, as ratios to 10,000 trials simulated fit by fit.

Two references. What R's dfcrm was measured to take on one of two shared cores (R 4.2.2, dfcrm 0.2-2.1, empiric model, 5
levels, 30 subjects): 14.5 ms a trial in cohorts of 3, 48 ms in single subjects, 43 ms for TITE-CRM. And what the same
number of fits takes here by the same adaptive quadrature (QUADPACK, as in R's integrate), one after the other; this one
is measured in the same run, so its ratio does not depend on the machine.
"""

from collections.abc import Callable
from time import process_time

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.integrate import quad

from trialwright.design import (
    CRM,
    TITECRM,
    Arrivals,
    Calendar,
    Empiric,
    compile_design,
    indifference_skeleton,
    operating_characteristics,
    simulate_calendar,
)

TRIALS, SUBJECTS = 10_000, 30
TRUTH = (0.05, 0.12, 0.25, 0.40, 0.55)
MODEL = Empiric(skeleton=indifference_skeleton(target=0.25, halfwidth=0.05, mtd=3, levels=5))
DFCRM_SECONDS = {3: 145.0, 1: 480.0, "tite": 430.0}


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of a piece of work, the fewest of three times."""
    took = []
    for _ in range(3):
        start = process_time()
        work()
        took.append(process_time() - start)
    return min(took)


def one_fit() -> float:
    """A posterior mean of beta for 15 subjects, as a ratio of two integrals."""
    n, y = np.array([3, 3, 6, 3, 0]), np.array([0, 0, 2, 2, 0])
    skeleton = np.array(MODEL.skeleton)

    def density(beta: float) -> float:
        p = skeleton ** np.exp(beta)
        return float(np.exp(-(beta**2) / 2 / 1.34) * np.prod(p**y * (1 - p) ** (n - y)))

    options = {"epsabs": 1.22e-4, "epsrel": 1.22e-4}
    return quad(lambda beta: beta * density(beta), -10, 10, **options)[0] / quad(density, -10, 10, **options)[0]


def main() -> None:
    """Measure, and print a row for each job."""
    fit = seconds(lambda: [one_fit() for _ in range(100)]) / 100
    table = Table(
        "what",
        "processor time",
        "dfcrm's time, as a multiple",
        "fit by fit here, as a multiple",
        title=f"CRM, {SUBJECTS} subjects, 5 levels; references simulate {TRIALS:,} trials",
    )

    def add(name: str, took: float, theirs: float, fits: int) -> None:
        table.add_row(name, f"{took:.3f} s", f"{theirs / took:,.0f} x", f"{TRIALS * fits * fit / took:,.0f} x")

    for cohort in (3, 1):
        design = CRM(model=MODEL, target=0.25, cohort=cohort)
        took = seconds(lambda design=design: compile_design(design))
        add(f"cohorts of {cohort}, compiled exactly", took, DFCRM_SECONDS[cohort], SUBJECTS // cohort)
        operating_characteristics(design, TRUTH)  # compiled and kept
        took = seconds(lambda design=design: operating_characteristics(design, TRUTH))
        add(f"cohorts of {cohort}, each further truth", took, DFCRM_SECONDS[cohort], SUBJECTS // cohort)
    tite = TITECRM(model=MODEL, target=0.25, window=1)
    calendar = Calendar(window=1, arrivals=Arrivals(pattern="Poisson", days_apart=0.25), without_slot="kept")
    took = seconds(lambda: simulate_calendar(tite, TRUTH, calendar, trials=TRIALS, seed=1))
    add(f"TITE-CRM, {TRIALS:,} trials simulated", took, DFCRM_SECONDS["tite"], SUBJECTS)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
