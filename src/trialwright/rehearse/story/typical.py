"""What `typical` stands for in a story: the values of a virtual subject whom the protocol's criteria let in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from trialwright.errors import InputError
from trialwright.protocol.facts import Facts
from trialwright.protocol.screen import screen
from trialwright.protocol.study import Study
from trialwright.rehearse.virtual import VirtualSubject, virtual_subject

_MOST_TRIES = 200

TYPICAL: Mapping[str, Callable[[VirtualSubject], Any]] = {
    "values": lambda person: dict(person.values),
    "answers": lambda person: dict(person.answers),
    "weight_kg": lambda person: person.weight(),
    "concentration_per_ml": lambda person: person.product()[0],
    "viability_pct": lambda person: person.product()[1],
}
"""The fields that have a typical value."""


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
