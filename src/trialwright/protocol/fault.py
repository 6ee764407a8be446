"""What a check is: a function from a study to faults, known under its rule id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trialwright.protocol.element import Path
from trialwright.protocol.finding import Severity
from trialwright.protocol.study import Study


@dataclass(frozen=True, slots=True)
class Fault:
    """What a check found, before it has a line."""

    path: Path
    what: str
    why: str
    mend: str
    severity: Severity = "error"


Check = Callable[[Study], Iterator[Fault]]
CHECKS: dict[str, Check] = {}


def check(rule: str) -> Callable[[Check], Check]:
    """Register a check under its rule id."""

    def register(function: Check) -> Check:
        CHECKS[rule] = function
        return function

    return register
