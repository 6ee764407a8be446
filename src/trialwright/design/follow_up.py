"""How far each subject has been followed: the input of the designs that do not wait for every DLT window to close."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One subject of a design with late-onset DLTs.

    Attributes:
        dose: Dose level, 1-based.
        followed: Time since the first dose, up to the DLT where there was one, in the unit of the design's window.
        dlt: Whether a DLT was seen.

    Example:
        >>> FollowUp(dose=2, followed=14.0, dlt=False)
        FollowUp(dose=2, followed=14.0, dlt=False)
    """

    dose: int
    followed: float
    dlt: bool
