"""Operating characteristics: what a design does under a truth, computed exactly or by simulation."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import fsum, sqrt
from typing import Any, Literal

import numpy as np
import polars as pl

from trialwright.design.states import Floats, Ints

Method = Literal["exact", "simulated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingCharacteristics:
    """What to expect of a design under one truth.

    Attributes:
        truth: True DLT probability at each level.
        selection: Probability that each level is the dose selected: the MTD, or the top dose where it is tolerated.
        selection_none: Probability that no level is selected (too toxic at level 1).
        top_tolerated: Probability that escalation ends with the top dose tolerated and no MTD; part of `selection[-1]`.
            None in calendar time, which does not tell the two apart.
        mean_patients: Expected number of subjects treated at each level.
        mean_dlts: Expected number of subjects with a DLT at each level.
        sizes: Probability of each total number of subjects.
        target: Target DLT rate of the design, where it has one.
        optimal: Levels that a design which looks for the optimal biological dose should select under this truth; none
            where no level is acceptable, and None for every other design.
        method: `exact`, or `simulated` with a Monte Carlo error.
        trials: Number of simulated trials; None where the numbers are exact.
    """

    truth: tuple[float, ...]
    selection: tuple[float, ...]
    selection_none: float
    top_tolerated: float | None
    mean_patients: tuple[float, ...]
    mean_dlts: tuple[float, ...]
    sizes: dict[int, float]
    target: float | None = None
    optimal: tuple[int, ...] | None = None
    method: Method = "exact"
    trials: int | None = None

    @property
    def mean_size(self) -> float:
        """Expected number of subjects."""
        return fsum(self.mean_patients)

    @property
    def correct(self) -> float | None:
        """Probability that a level whose true rate is closest to the target is selected; None without a target."""
        if self.target is None:
            return None
        distance = [abs(p - self.target) for p in self.truth]
        pairs = zip(self.selection, distance, strict=True)
        return fsum(chance for chance, far in pairs if far - min(distance) < 1e-12)

    @property
    def selection_optimal(self) -> float | None:
        """Probability that an optimal level is selected, or none where none is; None where nothing says which is."""
        if self.optimal is None:
            return None
        return fsum(self.selection[level - 1] for level in self.optimal) if self.optimal else self.selection_none

    @property
    def selection_overdose(self) -> float | None:
        """Probability that a level whose true rate is above the target is selected; None without a target."""
        if self.target is None:
            return None
        return fsum(s for s, p in zip(self.selection, self.truth, strict=True) if p > self.target)

    @property
    def patients_overdose(self) -> float | None:
        """Expected share of subjects treated above the target; None without a target."""
        if self.target is None:
            return None
        above = fsum(n for n, p in zip(self.mean_patients, self.truth, strict=True) if p > self.target)
        return above / self.mean_size

    def standard_error(self, probability: float) -> float | None:
        """Monte Carlo standard error of a probability; None where the numbers are exact."""
        return None if self.trials is None else sqrt(probability * (1 - probability) / self.trials)

    def to_frame(self) -> pl.DataFrame:
        """A row for each level: level, truth, selection, patients, dlts."""
        return pl.DataFrame(
            {
                "level": list(range(1, len(self.truth) + 1)),
                "truth": list(self.truth),
                "selection": list(self.selection),
                "patients": list(self.mean_patients),
                "dlts": list(self.mean_dlts),
            }
        )

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame())}<p>{escape(str(self))}</p>"

    def __str__(self) -> str:
        likely = max(range(len(self.selection)), key=self.selection.__getitem__)
        error = self.standard_error(self.selection[likely])
        give_or_take = "" if error is None else f", Monte Carlo standard error {error:.2%}"
        none = (
            f"No level is selected in {self.selection_none:.1%} of trials; of the levels, "
            if (self.selection_none > self.selection[likely])
            else ""
        )
        level = f"{none}{'level' if none else 'Level'} {likely + 1}"
        return (
            f"{level} is selected most often ({self.selection[likely]:.1%}{give_or_take}); "
            f"{self.mean_size:.1f} subjects and {fsum(self.mean_dlts):.2f} DLTs are expected."
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OperatingCharacteristicsGrid:
    """What to expect of a design under many truths, a row each; fields as `OperatingCharacteristics`.

    Attributes:
        size_values: Totals of subjects that can occur, ascending.
        size_chances: Probability of each, shape (truths, totals).
    """

    truth: Floats
    selection: Floats
    selection_none: Floats
    top_tolerated: Floats
    mean_patients: Floats
    mean_dlts: Floats
    size_values: Ints
    size_chances: Floats
    target: float | None = None
    method: Method = "exact"
    trials: int | None = None

    def __len__(self) -> int:
        return len(self.truth)

    def __getitem__(self, row: int) -> OperatingCharacteristics:
        chances = self.size_chances[row]
        return OperatingCharacteristics(
            truth=tuple(self.truth[row].tolist()),
            selection=tuple(self.selection[row].tolist()),
            selection_none=float(self.selection_none[row]),
            top_tolerated=float(self.top_tolerated[row]),
            mean_patients=tuple(self.mean_patients[row].tolist()),
            mean_dlts=tuple(self.mean_dlts[row].tolist()),
            sizes={int(n): float(p) for n, p in zip(self.size_values, chances, strict=True) if p},
            target=self.target,
            method=self.method,
            trials=self.trials,
        )

    def to_frame(self) -> pl.DataFrame:
        """A row for each truth and level: scenario (1-based), level, truth, selection, patients, dlts."""
        frames = [
            self[row].to_frame().insert_column(0, pl.Series("scenario", [row + 1] * self.truth.shape[1]))
            for row in range(len(self))
        ]
        return pl.concat(frames)

    def _repr_html_(self) -> str:
        return html_table(self.to_frame())

    def __str__(self) -> str:
        return f"{len(self)} truths of {self.truth.shape[1]} levels, {self.method}."


def html_table(frame: pl.DataFrame) -> str:
    """A frame as an HTML table, numbers with four digits."""
    head = "".join(f"<th>{escape(name)}</th>" for name in frame.columns)
    rows = ("".join(f"<td>{_cell(value)}</td>" for value in row) for row in frame.iter_rows())
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _cell(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else escape(str(value))
