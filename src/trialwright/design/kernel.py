"""The loops that numpy cannot say are compiled; a function that is compiled here is called like any other."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function on its first call, and keep the code for the next process where there is a place to.

    It releases the interpreter's lock while it runs.
    """
    try:
        made = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        made = njit(nogil=True)(function)
    return cast("Callable[P, R]", made)
