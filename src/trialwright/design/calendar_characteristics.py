"""What to expect of a design in calendar time: means with their Monte Carlo error, and quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from trialwright.design.boin12 import BOIN12
from trialwright.design.characteristics import OperatingCharacteristics, html_table
from trialwright.design.design import Design
from trialwright.design.follow_up import DecidesEarly
from trialwright.design.states import Floats, Ints

if TYPE_CHECKING:
    from trialwright.design.calendar import Calendar

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

_DAYS = ("duration", "last_window", "waited")
_TOTALS = ("screened", "treated", "dlts", "not_evaluable", "turned_away")
_SHOWN = ("duration", "last_window", "waited", "screened", "treated", "not_evaluable", "turned_away", "dlts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a trial, over the simulated trials.

    Attributes:
        mean: Its mean.
        sd: Its standard deviation.
        standard_error: Monte Carlo standard error of the mean.
        quantiles: Its 5, 25, 50, 75 and 95 % quantiles.
    """

    mean: float
    sd: float
    standard_error: float
    quantiles: tuple[float, ...]

    @classmethod
    def of(cls, values: Floats | Ints) -> Measure:
        """Sum up one value a trial."""
        sd = float(np.std(values, ddof=1))
        return cls(
            mean=float(np.mean(values)),
            sd=sd,
            standard_error=sd / sqrt(len(values)),
            quantiles=tuple(np.quantile(values, QUANTILES).tolist()),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CalendarCharacteristics:
    """What a design does in calendar time under one truth; days count from the opening of the first level.

    Attributes:
        design: The dose rule.
        calendar: The assumptions.
        truth: True DLT probability at each level.
        seed: Seed of the streams.
        selection: Probability that each level is the dose selected.
        selection_none: Probability that no level is selected.
        patients: Subjects treated at each level.
        dlts_by_level: Subjects with a DLT at each level.
        duration: Days to the last dose decision.
        last_window: Days until the last window is closed, those that were open at the last decision included.
        screened: Candidates who were screened.
        treated: Subjects who were infused.
        dlts: Subjects with a DLT.
        not_evaluable: Treated subjects who left their window; each was replaced where the calendar says so.
        turned_away: Candidates who came while no slot was open and were lost.
        waited: Days for which escalation had to wait for windows, where a design decides early; else None.
        responses_by_level: Subjects with a response at each level, where a design looks at responses; else None.
        backfilled: Subjects at each level who were backfilled, where a design does that; else None.
        trials: The trials, a row each, in order.
    """

    design: Design | BOIN12
    calendar: Calendar
    truth: tuple[float, ...]
    seed: int
    selection: tuple[float, ...]
    selection_none: float
    patients: tuple[Measure, ...]
    dlts_by_level: tuple[Measure, ...]
    duration: Measure
    last_window: Measure
    screened: Measure
    treated: Measure
    dlts: Measure
    not_evaluable: Measure
    turned_away: Measure
    waited: Measure | None
    responses_by_level: tuple[Measure, ...] | None
    backfilled: tuple[Measure, ...] | None
    trials: pl.DataFrame

    @classmethod
    def of(
        cls, design: Design | BOIN12, calendar: Calendar, truth: tuple[float, ...], seed: int, columns: Sequence[Any]
    ) -> CalendarCharacteristics:
        """Sum up the columns of the kernels' record."""
        selected, days, totals, n, y, responses, backfilled = columns
        values = dict(zip((*_DAYS, *_TOTALS), (*days.T, *totals.T), strict=True))
        if not isinstance(design, DecidesEarly):
            del values["waited"]
        measures: dict[str, Any] = {"waited": None, **{name: Measure.of(column) for name, column in values.items()}}
        fills = isinstance(design, DecidesEarly) and design.responds
        shares = np.bincount(selected, minlength=design.levels + 1) / len(selected)
        return cls(
            design=design,
            calendar=calendar,
            truth=truth,
            seed=seed,
            selection=tuple(shares[1:].tolist()),
            selection_none=float(shares[0]),
            patients=tuple(map(Measure.of, n.T)),
            dlts_by_level=tuple(map(Measure.of, y.T)),
            responses_by_level=tuple(map(Measure.of, responses.T)) if fills or isinstance(design, BOIN12) else None,
            backfilled=tuple(map(Measure.of, backfilled.T)) if fills else None,
            **measures,
            trials=pl.DataFrame({"trial": np.arange(1, len(selected) + 1), "selected": selected, **values}),
        )

    def standard_error(self, probability: float) -> float:
        """Monte Carlo standard error of a probability."""
        return sqrt(probability * (1 - probability) / len(self.trials))

    def characteristics(self, *, target: float | None, optimal: tuple[int, ...] | None) -> OperatingCharacteristics:
        """What is selected, whom it treats and whom it harms, in the form of designs without a calendar.

        Args:
            target: As `OperatingCharacteristics` has it.
            optimal: Likewise.
        """
        counts = self.trials["treated"].value_counts(normalize=True).sort("treated")
        return OperatingCharacteristics(
            truth=self.truth,
            selection=self.selection,
            selection_none=self.selection_none,
            top_tolerated=None,
            mean_patients=tuple(one.mean for one in self.patients),
            mean_dlts=tuple(one.mean for one in self.dlts_by_level),
            sizes=dict(counts.iter_rows()),
            target=target,
            optimal=optimal,
            method="simulated",
            trials=len(self.trials),
        )

    def to_frame(self) -> pl.DataFrame:
        """A row for each measure: measure, mean, standard_error, sd, q05, q25, q50, q75, q95."""
        found = {name: getattr(self, name) for name in _SHOWN}
        names, measures = zip(*((name, one) for name, one in found.items() if one), strict=True)
        quantiles = {
            f"q{100 * q:02.0f}": [one.quantiles[place] for one in measures] for place, q in enumerate(QUANTILES)
        }
        return pl.DataFrame(
            {
                "measure": list(names),
                "mean": [one.mean for one in measures],
                "standard_error": [one.standard_error for one in measures],
                "sd": [one.sd for one in measures],
                **quantiles,
            }
        )

    def levels_frame(self) -> pl.DataFrame:
        """A row for each level: level, truth, selection, patients, dlts, each with its standard error."""
        return pl.DataFrame(
            {
                "level": list(range(1, len(self.truth) + 1)),
                "truth": [float(p) for p in self.truth],
                "selection": list(self.selection),
                "selection_se": [self.standard_error(p) for p in self.selection],
                "patients": [one.mean for one in self.patients],
                "patients_se": [one.standard_error for one in self.patients],
                "dlts": [one.mean for one in self.dlts_by_level],
                "dlts_se": [one.standard_error for one in self.dlts_by_level],
            }
        )

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame())}{html_table(self.levels_frame())}<p>{escape(str(self))}</p>"

    def __str__(self) -> str:
        likely = max(range(len(self.selection)), key=self.selection.__getitem__)
        chance, days = self.selection[likely], self.duration
        return (
            f"{self.design.name} takes {days.mean:.0f} days on average (standard error {days.standard_error:.1f}; "
            f"90 % of trials {days.quantiles[0]:.0f} to {days.quantiles[-1]:.0f}), treats {self.treated.mean:.1f} of "
            f"{self.screened.mean:.1f} screened and has {self.dlts.mean:.2f} DLTs; level {likely + 1} is selected most "
            f"often ({chance:.1%}, standard error {self.standard_error(chance):.2%}). {len(self.trials):,} trials, "
            f"seed {self.seed}."
        )
