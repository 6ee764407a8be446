"""Trials in calendar time with late-onset outcomes: when subjects arrive, when a DLT shows, and what is reported.

Source: Weibull times to an event with a given share in the second half of the window, as in the simulations of Yuan et
al. 2018, Clin Cancer Res 24:4921, and Lin and Yuan 2020, Biostatistics 21:807.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from trialwright.design.characteristics import OperatingCharacteristics
from trialwright.design.exact import checked_truths
from trialwright.design.states import Floats, Ints
from trialwright.errors import InputError

Spacing = Literal["exponential", "uniform", "fixed"]
_SPACINGS: tuple[Spacing, ...] = ("exponential", "uniform", "fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """When subjects arrive, and what a subject does who finds no place.

    Attributes:
        rate: Subjects that arrive in one unit of time, on average.
        spacing: The time between two arrivals: `exponential` (a Poisson process), `uniform` from 0 to twice its mean,
            or `fixed`.
        turned_away: Whether a subject who finds no place is lost to the trial; otherwise the subject waits, and nobody
            else is screened meanwhile.

    Example:
        >>> Accrual(rate=3, spacing="uniform").spacing
        'uniform'
    """

    rate: float
    spacing: Spacing = "exponential"
    turned_away: bool = False

    def __post_init__(self) -> None:
        faults = []
        if not self.rate > 0:
            faults.append(f"a rate of {self.rate}; subjects must arrive")
        if self.spacing not in _SPACINGS:
            faults.append(f"spacing {self.spacing!r}; it is one of {', '.join(_SPACINGS)}")
        if faults:
            raise InputError("accrual: " + "; ".join(faults))

    @property
    def code(self) -> int:
        """The spacing as a compiled loop takes it."""
        return _SPACINGS.index(self.spacing)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedCharacteristics:
    """What to expect of a design under one truth when it runs in calendar time; times in the unit of its window.

    Attributes:
        characteristics: Selection, subjects and DLTs; backfilled subjects are among them.
        mean_duration: Expected time from the first arrival until the last window is closed.
        sd_duration: Standard deviation of that time.
        suspended: Probability that dose escalation had to wait at least once.
        mean_time_suspended: Expected time for which it waited.
        mean_turned_away: Expected number of subjects who found no place and left.
        mean_backfilled: Expected number of backfilled subjects at each level; zeros where a design does not backfill.
    """

    characteristics: OperatingCharacteristics
    mean_duration: float
    sd_duration: float
    suspended: float
    mean_time_suspended: float
    mean_turned_away: float
    mean_backfilled: tuple[float, ...]

    def __str__(self) -> str:
        error = self.sd_duration / sqrt(self.characteristics.trials or 1)
        return (
            f"{self.characteristics} The trial lasts {self.mean_duration:.1f} on average (Monte Carlo standard error "
            f"{error:.2f}); escalation waits in {self.suspended:.1%} of the trials."
        )


@dataclass(slots=True, kw_only=True)
class Trials:
    """Simulated trials, a row each, as a compiled loop fills them in.

    Attributes:
        n: Subjects at each level, shape (trials, levels).
        y: Those of them with a DLT, the same shape.
        backfilled: Those of them who were backfilled, the same shape.
        times: Duration, time suspended, number of suspensions, subjects turned away, and whether toxicity ended the
            trial; shape (trials, 5).
    """

    n: Ints
    y: Ints
    backfilled: Ints
    times: Floats

    @classmethod
    def empty(cls, trials: int, levels: int) -> Trials:
        """Room for trials that are still to be simulated."""
        n, y, backfilled = (np.zeros((trials, levels), dtype=np.int64) for _ in range(3))
        return cls(n=n, y=y, backfilled=backfilled, times=np.zeros((trials, 5)))

    @classmethod
    def joined(cls, parts: Sequence[Trials]) -> Trials:
        """Chunks of trials as one."""
        n, y, backfilled, times = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("n", "y", "backfilled", "times")
        )
        return cls(n=n, y=y, backfilled=backfilled, times=times)

    def characteristics(self, truth: Sequence[float], selected: Ints, target: float) -> TimedCharacteristics:
        """Average over the trials."""
        trials, levels = self.n.shape
        duration, waited, suspensions, lost, toxic = self.times.T
        sizes, counts = np.unique(self.n.sum(axis=1), return_counts=True)
        chosen = np.bincount(np.where(toxic > 0, 0, selected), minlength=levels + 1) / trials
        return TimedCharacteristics(
            characteristics=OperatingCharacteristics(
                truth=tuple(truth),
                selection=tuple(chosen[1:].tolist()),
                selection_none=float(chosen[0]),
                top_tolerated=0.0,
                mean_patients=tuple(self.n.mean(axis=0).tolist()),
                mean_dlts=tuple(self.y.mean(axis=0).tolist()),
                sizes={int(n): float(count / trials) for n, count in zip(sizes, counts, strict=True)},
                target=target,
                method="simulated",
                trials=trials,
            ),
            mean_duration=float(duration.mean()),
            sd_duration=float(duration.std(ddof=1)) if trials > 1 else 0.0,
            suspended=float((suspensions > 0).mean()),
            mean_time_suspended=float(waited.mean()),
            mean_turned_away=float(lost.mean()),
            mean_backfilled=tuple(self.backfilled.mean(axis=0).tolist()),
        )


def checked_rates(levels: int, rates: Sequence[float], late: float, trials: int) -> tuple[Floats, Floats]:
    """True rates within the window and the Weibull shapes that put the share `late` of events into its second half.

    Raises:
        InputError: A rate that is no probability or is 1, a share outside 0 to 1, or no trial.

    Example:
        >>> p, shape = checked_rates(2, [0.1, 0.3], 0.5, 1)
        >>> [round(float(s), 4) for s in shape]
        [1.0385, 1.134]
    """
    p = checked_truths(levels, [rates])[0]
    faults = []
    if (p >= 1).any():
        faults.append("a true rate of 1; an event that is certain has no late-onset time")
    if not 0 < late < 1:
        faults.append(f"a share of {late} in the second half of the window; it must lie between 0 and 1")
    if trials < 1:
        faults.append(f"{trials} trials; at least 1 is needed")
    if faults:
        raise InputError("simulation: " + "; ".join(faults))
    with np.errstate(divide="ignore", invalid="ignore"):
        shape = np.log2(np.log1p(-p) / np.log1p(-(1 - late) * p))
    return p, np.where(p > 0, shape, 1.0)
