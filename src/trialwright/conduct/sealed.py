"""What a blinded role must not learn: who received which arm.

An open-label trial has an empty `Sealed`. An arm has no text, no `repr` and no encoder; it leaves only through
`conduct.views`, which asks who is looking.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NoReturn


class Sealed:
    """The allocations of a study, closed to everything but `conduct.decide` and `conduct.views`.

    Example:
        >>> Sealed({"S001": "active"})
        <Sealed>
    """

    __slots__ = ("_arms",)

    def __init__(self, arms: Mapping[str, str] | None = None) -> None:
        self._arms = MappingProxyType(dict(arms or {}))

    def arm(self, subject: str) -> str | None:
        """The arm of a subject; None where nobody was allocated one."""
        return self._arms.get(subject)

    def __repr__(self) -> str:
        return "<Sealed>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("allocations are not pickled, copied or encoded")
