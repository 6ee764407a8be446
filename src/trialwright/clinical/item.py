"""The catalogue of clinical items: each function by the name that `trialwright compute` and the vectors use."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from trialwright.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])
ITEMS: dict[str, Callable[..., Any]] = {}


@dataclass(frozen=True, slots=True)
class Missing:
    """A result that cannot be had, and why: never a number, never false.

    Example:
        >>> print(Missing("no C-reactive protein"))
        missing: no C-reactive protein
    """

    reason: str

    def __str__(self) -> str:
        return f"missing: {self.reason}"


def item(name: str) -> Callable[[F], F]:
    """Register a function under its item's name; its keyword arguments are the names of the item's inputs."""

    def register(function: F) -> F:
        known = ITEMS.get(name, function)
        if (known.__module__, known.__qualname__) != (function.__module__, function.__qualname__):
            raise ValueError(f"two functions answer the item {name!r}")
        ITEMS[name] = function
        return function

    return register


def compute(name: str, inputs: Mapping[str, Any]) -> Any:
    """Answer an item from inputs by name.

    Args:
        name: The item's name.
        inputs: Its inputs; decimal numbers as `Decimal`, None for what is missing.

    Returns:
        The item's result, or `Missing` with its reason.

    Raises:
        InputError: There is no such item, or an input is unknown, absent or out of its range; every one is named.
    """
    function = ITEMS.get(name)
    if function is None:
        raise InputError(no_such_item(name, ITEMS))
    parameters = inspect.signature(function).parameters
    known = {key: each for key, each in parameters.items() if each.kind is not inspect.Parameter.VAR_KEYWORD}
    names_its_own = len(known) < len(parameters)  # the function refuses what it does not know
    unknown = [key for key in inputs if key not in known and not names_its_own]
    needed = [key for key, each in known.items() if each.default is inspect.Parameter.empty]
    absent = [key for key in needed if key not in inputs]
    if not unknown and not absent:
        return function(**inputs)
    faults = [f"{', '.join(unknown)}: no input of {name}, which asks {', '.join(known)}"] if unknown else []
    faults += [f"{key} is not given" for key in absent]
    given = {key: value for key, value in inputs.items() if key not in unknown}
    try:
        function(**dict.fromkeys(absent), **given)
    except InputError as fault:
        faults.append(str(fault))
    raise InputError("; ".join(faults))


def no_such_item(name: str, known: Iterable[str]) -> str:
    """Say that there is no item of a name, and which are near it.

    Example:
        >>> no_such_item("bim", ["bmi", "qtc"])
        "there is no item 'bim'; near it: bmi; `trialwright compute --list` names all, with --protocols DIR"
    """
    near = get_close_matches(name, known, n=3)
    nearest = f" near it: {', '.join(near)};" if near else ""
    return f"there is no item {name[:80]!r};{nearest} `trialwright compute --list` names all, with --protocols DIR"
