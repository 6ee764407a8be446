"""How a trial grades its adverse events."""

from __future__ import annotations

from typing import Literal, NamedTuple

from trialwright.protocol.element import Element

Scale = Literal["CTCAE 5.0"]
"""A scale with the version of its dictionary, which the trial keeps."""


class AdverseEvents(Element):
    """How adverse events are graded."""

    scale: Scale


class Grading(NamedTuple):
    """The scale that a protocol names, and the keys under which it does.

    Example:
        >>> Grading("CTCAE 5.0", "adverse events > scale").version
        '5.0'
    """

    scale: Scale
    path: str

    @property
    def version(self) -> str:
        """The version of CTCAE."""
        return self.scale.removeprefix("CTCAE ")
