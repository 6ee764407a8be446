"""Compiled inner loops: numba, with what it compiled kept on disk between runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numbers and arrays for the machine; it releases the interpreter's lock while it runs."""
    return cast("Callable[P, R]", njit(cache=True, nogil=True)(function))
