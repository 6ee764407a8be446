"""The catalogue of clinical items: each function by the name that `trialwright compute` and the vectors use."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
        raise InputError(f"there is no item {name!r}; `trialwright compute --list` names them")
    parameters = inspect.signature(function).parameters
    known = {key: each for key, each in parameters.items() if each.kind is not inspect.Parameter.VAR_KEYWORD}
    names_its_own = len(known) < len(parameters)  # the function refuses what it does not know
    unknown = [f"{key} is no input of {name}" for key in inputs if key not in known and not names_its_own]
    absent = [
        f"{key} is not given"
        for key, parameter in known.items()
        if key not in inputs and parameter.default is inspect.Parameter.empty
    ]
    if unknown or absent:
        raise InputError("; ".join([*unknown, *absent]))
    return function(**inputs)
