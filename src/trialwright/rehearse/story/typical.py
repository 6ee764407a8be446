"""What `typical` stands for in a story: values of a virtual subject whom the criteria let in, and of a lot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from trialwright.conduct.dosing import infusions
from trialwright.conduct.versions import simulation_hash
from trialwright.conduct.views import SubjectView
from trialwright.protocol.file import load_study
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.study import Study
from trialwright.rehearse.measures import Reading
from trialwright.rehearse.virtual import PEOPLE, VirtualSubject, drawn, drawn_product, on_one_day

_HEAVY_KG = 120
"""For whom a typical lot is large enough."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """For what a typical value is wanted.

    Attributes:
        seed: The story's seed.
        step: The number of the step; a lot bears it, so that no other lot has its number.
        person: Draws the typical subject of the step.
        weighed: The weight that the record has of the subject of the step on the day that the step weighs it, kg.
        due: The product with which the subject of the step is infused next, as far as who gives it sees the arm.
        product: The product of the step's lot.
        text: The protocol that the step would adopt.
    """

    study: Study
    seed: int
    step: int
    person: Callable[[], VirtualSubject]
    weighed: Callable[[], Decimal | None]
    due: Callable[[], str]
    product: str = ""
    text: str = ""

    @property
    def weight(self) -> Decimal:
        """The weight on record of that day, kg, or one near the last where nobody weighed the subject on it."""
        recorded = self.weighed()
        return self.person().weight(np.random.default_rng([self.seed, self.step])) if recorded is None else recorded

    @property
    def cells(self) -> tuple[Decimal, Decimal] | tuple[None, None]:
        """Cells in each mL of the lot of the step, and their viability in %; none of a product that holds no cells."""
        given = [one for arm in self.study.arms for one in arm.treatments if one.product == self.product]
        if given and all(one.dose is None for one in given):
            return None, None
        largest = max((_cells(dose.amount) for dose in self.study.doses), default=Decimal(0))
        return drawn_product(self.study, np.random.default_rng([self.seed, self.step]), largest)


def _cells(amount: AmountOf) -> Decimal:
    """Cells of a dose at its highest, for a heavy person where it is by body weight."""
    return amount.high * (_HEAVY_KG if "/kg" in amount.unit else 1)


TYPICAL: Mapping[str, Callable[[Wanted], Any]] = {
    "days": lambda wanted: dict(wanted.person().days),
    "values": lambda wanted: wanted.person().values,
    "answers": lambda wanted: wanted.person().answers,
    "weight_kg": lambda wanted: wanted.weight,
    "lot": lambda wanted: f"LOT-{wanted.step}",
    "containers": lambda wanted: (f"LOT-{wanted.step}-1",),
    "product": lambda wanted: wanted.due(),
    "concentration_per_ml": lambda wanted: wanted.cells[0],
    "viability_pct": lambda wanted: wanted.cells[1],
    "simulation": lambda wanted: simulation_hash(load_study(wanted.text)),
}
"""The fields that have a typical value."""


def product_due(study: Study, subject: SubjectView | None) -> str:
    """The product with which a subject is infused next: of what its arm gives, the one that was given least often.

    Of a subject who is not there, or whose arm is not seen, it is the first product of the protocol.
    """
    planned = infusions(study, subject.arm if subject else None)
    if subject is None or not planned:
        return study.products[0].name
    given = [len(subject.course.of(number)) for number in range(1, len(planned) + 1)]
    return planned[given.index(min(given))].product


def typical_subject(reading: Reading, seed: int, number: int, today: date) -> VirtualSubject:
    """The `number`-th virtual subject of a seed whom the criteria let in, screened and to be treated on one day.

    Raises:
        InputError: The criteria let nobody in.
    """
    rng = np.random.default_rng([seed, number, PEOPLE])
    visits, days = on_one_day(reading.study, today)
    tolerance, response = float(rng.random()), float(rng.random())
    draft = drawn(reading, rng, visits, days, "eligible")
    return VirtualSubject(number=number, draft=draft, visits=visits, tolerance=tolerance, response=response, seed=seed)
