"""The loops that numpy cannot say are compiled; a function that is compiled here is called like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on its first call, and keep the code for the next process where there is a place to.

    It releases the interpreter's lock while it runs.
    """
    return _compiled(function)


def part(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function into those that call it: a call costs more than what a small part does."""
    return _compiled(function, inline="always")


def _compiled(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    try:
        made = njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:
        made = njit(nogil=True, **options)(function)
    return cast("Callable[P, R]", made)
