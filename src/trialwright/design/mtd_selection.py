"""The report of a selected MTD: estimates, credible intervals and overdose probabilities of the levels treated.

Source: Yan et al. 2020, J Stat Softw 94(13), section 3.3: posterior means, 2.5 % and 97.5 % quantiles (weighted by the
posterior precision) and overdose probabilities (unweighted) from a beta(0.05, 0.05) prior, each made monotone in dose.
BOIN 2.7.2 prints the interval of another level where a level below was not treated; this does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from trialwright.design import isotonic
from trialwright.design.characteristics import html_table
from trialwright.design.states import Floats

_COVERAGE = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class MTDSelection:
    """Which level is the MTD, and on what numbers; a number is None at a level that nobody was treated at.

    Attributes:
        target: Target DLT rate.
        mtd: Level selected; None where none is.
        subjects: Evaluable subjects at each level.
        dlts: Those of them with a DLT.
        rate: Isotonic estimate of the DLT rate.
        lower: Lower limit of its 95 % credible interval.
        upper: Upper limit of its 95 % credible interval.
        overdose: Posterior probability that the DLT rate exceeds the target.
    """

    target: float
    mtd: int | None
    subjects: tuple[int, ...]
    dlts: tuple[int, ...]
    rate: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    overdose: tuple[float | None, ...]

    def to_frame(self) -> pl.DataFrame:
        """A row for each level: level, subjects, dlts, rate, lower, upper, overdose, mtd."""
        levels = list(range(1, len(self.subjects) + 1))
        numbers = {name: getattr(self, name) for name in ("rate", "lower", "upper", "overdose")}
        return pl.DataFrame(
            {
                "level": levels,
                "subjects": list(self.subjects),
                "dlts": list(self.dlts),
                **{name: pl.Series(values, dtype=pl.Float64) for name, values in numbers.items()},
                "mtd": [level == self.mtd for level in levels],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.to_frame())

    def __str__(self) -> str:
        if self.mtd is None:
            return f"No level is selected with a target of {self.target:g}."
        rate, low, high = (values[self.mtd - 1] for values in (self.rate, self.lower, self.upper))
        return (
            f"The MTD is level {self.mtd}: isotonic DLT rate {rate:.2f} (95% credible interval {low:.2f} to "
            f"{high:.2f}), closest to the target of {self.target:g}."
        )


def mtd_selection(n: Sequence[int], y: Sequence[int], *, target: float, mtd: int | None) -> MTDSelection:
    """Report a selection.

    Args:
        n: Evaluable subjects at each level.
        y: Those of them with a DLT.
        target: Target DLT rate.
        mtd: The level selected; None where none is.
    """
    subjects, dlts = np.array([n]), np.array([y])
    tails = ((1 - _COVERAGE) / 2, (1 + _COVERAGE) / 2)
    lower, upper = (isotonic.quantiles(subjects, dlts, tail) for tail in tails)
    return MTDSelection(
        target=target,
        mtd=mtd,
        subjects=tuple(n),
        dlts=tuple(y),
        rate=_known(isotonic.rates(subjects, dlts)),
        lower=_known(lower),
        upper=_known(upper),
        overdose=_known(isotonic.overdose(subjects, dlts, target)),
    )


def _known(row: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(value) else float(value) for value in row[0])
