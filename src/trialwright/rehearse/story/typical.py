"""What `typical` stands for in a story: values of a virtual subject whom the criteria let in, and of a lot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np

from trialwright.conduct.dosing import infusions
from trialwright.conduct.views import SubjectView
from trialwright.errors import InputError
from trialwright.protocol.facts import Facts
from trialwright.protocol.screen import screen
from trialwright.protocol.study import Study
from trialwright.rehearse.virtual import VirtualSubject, drawn_product, virtual_subject

_MOST_TRIES = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """For what a typical value is wanted.

    Attributes:
        seed: The story's seed.
        step: The number of the step; a lot bears it, so that no other lot has its number.
        person: Draws the typical subject of the step.
        due: The product with which the subject of the step is infused next, as far as who gives it sees the arm.
        product: The product of the step's lot.
    """

    study: Study
    seed: int
    step: int
    person: Callable[[], VirtualSubject]
    due: Callable[[], str]
    product: str = ""

    @property
    def cells(self) -> tuple[Decimal, Decimal] | tuple[None, None]:
        """Cells in each mL of the lot of the step, and their viability in %; none of a product that holds no cells."""
        given = [one for arm in self.study.arms for one in arm.treatments if one.product == self.product]
        if given and all(one.dose is None for one in given):
            return None, None
        return drawn_product(np.random.default_rng([self.seed, self.step]))


TYPICAL: Mapping[str, Callable[[Wanted], Any]] = {
    "values": lambda wanted: dict(wanted.person().values),
    "answers": lambda wanted: dict(wanted.person().answers),
    "weight_kg": lambda wanted: wanted.person().weight(),
    "lot": lambda wanted: f"LOT-{wanted.step}",
    "containers": lambda wanted: (f"LOT-{wanted.step}-1",),
    "product": lambda wanted: wanted.due(),
    "concentration_per_ml": lambda wanted: wanted.cells[0],
    "viability_pct": lambda wanted: wanted.cells[1],
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


def typical_subject(study: Study, seed: int, number: int) -> VirtualSubject:
    """The `number`-th virtual subject of a seed whom the criteria let in.

    Raises:
        InputError: The criteria let nobody in.
    """
    everybody = (virtual_subject(study, seed, place) for place in range(1, _MOST_TRIES * number))
    eligible = (one for one in everybody if screen(study, Facts.of(one.values, one.answers)).verdict == "eligible")
    found = next(islice(eligible, number - 1, None), None)
    if found is None:
        raise InputError(f"no typical subject of {study.id} is eligible; write the values out, or check the criteria")
    return found
