"""How fast a dose escalation is simulated in calendar time, as multiples of two stated limits.

The limits: 300,000 trials a second on one core, and 0.5 trials a second, which is what the one rolling-six simulator
for R does (RollingSix, sim_trial, measured on one core: 1.95 s a trial). Compilation is not counted; each time is the
CPU time of this thread, the quickest of five.
"""

from time import thread_time

from rich.console import Console
from rich.table import Table

from trialwright.design import Arrivals, Calendar, RollingSix, Staggering, ThreePlusThree, simulate_calendar
from trialwright.design.design import Design

TRUTH = (0.05, 0.12, 0.25, 0.40, 0.55)
TRIALS = 200_000
LIMIT, PEER = 300_000, 0.5

CALENDARS = {
    policy: Calendar(
        window=28,
        arrivals=Arrivals(pattern="Poisson", days_apart=10),
        without_slot=policy,
        staggering=Staggering(scope="top dose only", days=7),
    )
    for policy in ("kept", "lost")
}


def rate(design: Design, calendar: Calendar) -> float:
    """Trials a second, from the call to the summed-up result."""
    simulate_calendar(design, TRUTH, calendar, trials=2, seed=1)
    return max(_one_rate(design, calendar) for _ in range(5))


def _one_rate(design: Design, calendar: Calendar) -> float:
    start = thread_time()
    simulate_calendar(design, TRUTH, calendar, trials=TRIALS, seed=1)
    return TRIALS / (thread_time() - start)


def main() -> None:
    """Measure both designs under both policies."""
    table = Table(
        "what",
        "measured here",
        f"times the limit of {LIMIT:,}/s",
        f"times the R simulator's {PEER}/s",
        title=f"{TRIALS:,} trials of five levels; 28-day window, 7-day stagger at the top, Poisson arrivals",
    )
    for design in (ThreePlusThree(levels=5), RollingSix(levels=5)):
        for policy, calendar in CALENDARS.items():
            found = rate(design, calendar)
            table.add_row(
                f"{design.name}, candidates {policy}", f"{found:,.0f}/s", f"{found / LIMIT:.2f}", f"{found / PEER:,.0f}"
            )
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
