"""Virtual subjects: who they are, how they react. Everything is drawn from a generator that the caller seeds.

Each subject has a stream of its own, so subject 7 is the same person under every truth and every course of the trial:
a subject has a DLT at a level when its tolerance, uniform on 0 to 1, lies below the level's true DLT rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np

from trialwright.errors import InputError
from trialwright.protocol.criteria import Comparison, Judged, items, leaves
from trialwright.protocol.facts import Facts
from trialwright.protocol.screen import screen
from trialwright.protocol.study import Exclusion, Item, Study

MILD = ("Fever", "Headache", "Fatigue", "Nausea", "Chills", "Arthralgia", "Dizziness", "Infusion site reaction")
"""CTCAE 5.0 terms, all of which have grades 1 and 2."""

SEVERE = ("Infusion related reaction", "Alanine aminotransferase increased", "Thromboembolic event", "Hypoxia")
"""CTCAE 5.0 terms, all of which have grades 3 and 4."""

_MOST_DRAWS = 20_000
_MEAN_MILD_EVENTS = 1.3
_UNRELATED_SEVERE = 0.04
_GRADE_2_SHARE = 0.25
_GRADE_4_SHARE = 0.2
_RELATED_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualEvent:
    """An adverse event to come, so many days after the infusion."""

    after: timedelta
    term: str
    grade: int
    related: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualSubject:
    """A made-up subject.

    Attributes:
        values: Collected items at screening.
        answers: Criteria that a person answers.
        tolerance: Uniform on 0 to 1; a DLT happens where it lies below the true rate.
        rng: The subject's own generator, for what happens later.
    """

    values: Mapping[str, bool | Decimal]
    answers: Mapping[str, bool]
    tolerance: float
    rng: np.random.Generator

    def product(self) -> tuple[Decimal, Decimal]:
        """A lot of the product: cells in each mL, and their viability in %."""
        return drawn_product(self.rng)

    def weight(self) -> Decimal:
        """Body weight on the day of the infusion, kg."""
        at_screening = self.values.get("weight", Decimal(70))
        return Decimal(at_screening) + Decimal(int(self.rng.integers(-10, 11))) / 10

    def reaction(self, true_rate: float, window_days: int) -> tuple[VirtualEvent, ...]:
        """The adverse events that follow an infusion at a level with this true DLT rate."""
        rng = self.rng
        events = [_mild(rng, window_days) for _ in range(int(rng.poisson(_MEAN_MILD_EVENTS)))]
        if rng.random() < _UNRELATED_SEVERE:
            events.append(_severe(rng, window_days, related=False))
        if self.tolerance < true_rate:
            events.append(_severe(rng, window_days, related=True))
        return tuple(sorted(events, key=lambda event: event.after))


def drawn_product(rng: np.random.Generator) -> tuple[Decimal, Decimal]:
    """Draw a lot of the product: cells in each mL, and their viability in %."""
    cells = Decimal(int(rng.integers(40, 61))) * 100_000
    return cells, Decimal(int(rng.integers(850, 981))) / 10


def check_rehearsable(study: Study) -> None:
    """See that virtual subjects can have everything that the criteria read.

    Raises:
        InputError: The criteria read words, events or drugs, which are not drawn yet.
    """
    read = frozenset[str]().union(*(items(criterion.condition) for criterion in study.criteria))
    unfit = [item.name for item in study.items if item.name in read and item.type not in {"number", "yes or no"}]
    if unfit:
        raise InputError(
            f"this version draws numbers and yes or no of virtual subjects, and the criteria of {study.id} read words, "
            f"events or drugs ({', '.join(unfit)}); nothing was written. Conduct and `trialwright screen` take them"
        )


def virtual_subject(study: Study, seed: int, number: int) -> VirtualSubject:
    """Draw the `number`-th subject of a rehearsal.

    Args:
        study: The protocol whose items and criteria the subject fits.
        seed: The rehearsal's seed.
        number: Place in the order of screening, from 1.

    Raises:
        InputError: No subject that the criteria allow could be found.
    """
    rng = np.random.default_rng([seed, number])
    tolerance = float(rng.random())
    wanted = "not eligible" if rng.random() < study.planning.screen_failure else "eligible"
    answers = {
        criterion.id: not isinstance(criterion, Exclusion)
        for criterion in study.criteria
        if any(isinstance(leaf, Judged) for leaf in leaves(criterion.condition))
    }
    for _ in range(_MOST_DRAWS):
        values = {item.name: _value(study, item, rng) for item in study.items}
        if screen(study, Facts.of(values, answers)).verdict == wanted:
            return VirtualSubject(values=values, answers=answers, tolerance=tolerance, rng=rng)
    raise InputError(
        f"no virtual subject came out {wanted} in {_MOST_DRAWS} draws; widen the 'typical' ranges of the items, or "
        "check that the criteria can be met"
    )


def _value(study: Study, item: Item, rng: np.random.Generator) -> bool | Decimal:
    if item.type == "yes or no":
        return bool(rng.random() < _share_of_yes(study, item))
    low, high = item.typical or item.range or (Decimal(0), Decimal(100))
    drawn = rng.normal(float(low + high) / 2, float(high - low) / 4)
    bounded = min(max(drawn, float(item.range[0])), float(item.range[1])) if item.range else drawn
    return Decimal(str(round(bounded, 1)))


def _share_of_yes(study: Study, item: Item) -> float:
    """Mostly what the criteria ask for: people who come to screening know roughly what the trial is about."""
    for criterion in study.criteria:
        condition = criterion.condition
        if isinstance(condition, Comparison) and condition.item == item.name:
            asked = bool(condition.value) != isinstance(criterion, Exclusion)
            return 0.95 if asked else 0.05
    return 0.5


def _mild(rng: np.random.Generator, window_days: int) -> VirtualEvent:
    grade = 2 if rng.random() < _GRADE_2_SHARE else 1
    related = bool(rng.random() < _RELATED_SHARE)
    return VirtualEvent(after=_days(rng, window_days), term=str(rng.choice(MILD)), grade=grade, related=related)


def _severe(rng: np.random.Generator, window_days: int, *, related: bool) -> VirtualEvent:
    grade = 4 if rng.random() < _GRADE_4_SHARE else 3
    return VirtualEvent(after=_days(rng, window_days), term=str(rng.choice(SEVERE)), grade=grade, related=related)


def _days(rng: np.random.Generator, window_days: int) -> timedelta:
    """Most reactions come early: exponential with a mean of a quarter of the window, within the window."""
    return timedelta(hours=float(min(rng.exponential(window_days / 4), window_days - 1)) * 24)
