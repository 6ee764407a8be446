"""The fitted weights that the package carries, each kind in a file of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def weights(name: str) -> Mapping[str, float]:
    """The weight of each mark that has one, of those in `data/NAME_weights.json`.

    >>> weights("name")["comma"] < 0
    True
    """
    found: dict[str, float] = json.loads(files(__package__).joinpath("data", f"{name}_weights.json").read_text())
    return found
