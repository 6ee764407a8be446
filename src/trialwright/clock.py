"""How far this machine's clock is off, where something on the machine can tell: chrony, or the kernel's own discipline.

Nothing is asked over the network, and what cannot be measured is said to be so: unknown is neither right nor wrong.
"""

from __future__ import annotations

import ctypes
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

MOST_SECONDS = Decimal(2)
"""The offset that a server may have: the moments of two sites are then in order to within a few seconds."""

Outcome = Literal["right", "off", "not measurable"]

_UNSYNCHRONISED = 0x0040  # STA_UNSYNC of <sys/timex.h>
_PATIENCE_SECONDS = 5
_OFFSET_FIELD, _LEAP_FIELD = 4, -1  # of `chronyc -c tracking`


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCheck:
    """What a check of the clock came to.

    Attributes:
        offset_seconds: By how much it is off; None where nothing measures it.
        by: What measured it, or why nothing does.
    """

    outcome: Outcome
    offset_seconds: Decimal | None
    by: str

    def __str__(self) -> str:
        if self.offset_seconds is None:
            return self.by
        return f"off by {abs(self.offset_seconds):f} s, by {self.by}; {MOST_SECONDS} s may be"


Measure = Callable[[], Decimal | None]


def check_clock(measures: Sequence[tuple[str, Measure]] | None = None) -> ClockCheck:
    """Check the clock by the first of these that can tell.

    Example:
        >>> print(check_clock([("chrony", lambda: None), ("the kernel", lambda: Decimal("2.5"))]))
        off by 2.5 s, by the kernel; 2 s may be
        >>> check_clock([("chrony", lambda: None)]).outcome
        'not measurable'
    """
    asked = measures if measures is not None else (("chrony", by_chrony), ("the kernel's bound", by_kernel))
    for name, measure in asked:
        offset = measure()
        if offset is not None:
            outcome: Outcome = "right" if abs(offset) <= MOST_SECONDS else "off"
            return ClockCheck(outcome=outcome, offset_seconds=offset, by=name)
    tried = " and ".join(name for name, _ in asked)
    return ClockCheck(outcome="not measurable", offset_seconds=None, by=f"{tried} cannot tell how far the clock is off")


def by_chrony() -> Decimal | None:
    """The offset that chrony sees, s; None where it does not run or is not synchronised."""
    try:
        said = subprocess.run(
            ["chronyc", "-c", "tracking"],  # noqa: S607 - wherever the system keeps it
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return chrony_offset(said.stdout) if said.returncode == 0 else None


def chrony_offset(said: str) -> Decimal | None:
    """The offset of the system's time in what `chronyc -c tracking` prints, s.

    Example:
        >>> chrony_offset("D8EF2300,216.239.35.0,2,1764000000.1,-0.000012,0.0,0.1,1,0,0,0.02,0.01,64.4,Normal")
        Decimal('-0.000012')
    """
    fields = said.strip().split(",")
    if len(fields) <= _OFFSET_FIELD or fields[_LEAP_FIELD] == "Not synchronised":
        return None
    try:
        return Decimal(fields[_OFFSET_FIELD])
    except InvalidOperation:
        return None


class _Timex(ctypes.Structure):
    """`struct timex` of <sys/timex.h>, as far as the status, with room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 32),
    )


def by_kernel() -> Decimal | None:
    """The bound that Linux puts on the clock's error, s; None where nothing disciplines it, and on other systems.

    It is the largest error, and grows from one comparison to the next: a bound beyond what may be says nothing.
    """
    timex = _Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except (AttributeError, OSError):
        return None
    if state < 0 or timex.status & _UNSYNCHRONISED:
        return None
    bound = Decimal(timex.maxerror) / 1_000_000
    return bound if bound <= MOST_SECONDS else None
