"""An adverse event as it stands in the record, and how it was judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from trialwright.conduct.commands.safety import Related

FATAL_GRADE = 5
"""Death related to an adverse event (CTCAE 5.0, 'Grades')."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """Whether an adverse event is a DLT, who judged so, when and why.

    Attributes:
        defined: Whether the protocol's definition counts it; None where the entry does not say.
    """

    dlt: bool
    by: str
    at: datetime
    reason: str
    defined: bool | None = None

    @property
    def differs(self) -> bool:
        """Whether the judgement is known to differ from the protocol's definition."""
        return self.defined is not None and self.dlt != self.defined


@dataclass(frozen=True, slots=True, kw_only=True)
class AdverseEvent:
    """An adverse event as it stands.

    Attributes:
        related: Whether it is related to the product; `unknown` counts as possible.
        assessed: Whether an investigator has said so; a no by anybody else keeps an event from being a DLT only then.
    """

    number: int
    term: str
    onset_on: date
    grade: int
    related: Related
    serious: bool
    assessed: bool = True
    criteria: tuple[str, ...] = ()
    outcome: str | None = None
    ended_on: date | None = None
    adjudication: Adjudication | None = None

    @property
    def dlt(self) -> bool | None:
        """Whether it is a DLT; None until it is adjudicated."""
        return self.adjudication.dlt if self.adjudication else None

    @property
    def maybe_related(self) -> bool:
        """Whether it counts as related: it is, nobody knows yet, or nobody but the reporter has said no."""
        return self.related is not False or not self.assessed

    @property
    def related_in_words(self) -> str:
        """What is known of a relation to the product, and whether that is the reporter's word only."""
        if self.related == "unknown":
            return "unknown"
        if self.related:
            return "yes"
        return "no" if self.assessed else "no, not assessed by an investigator"

    @property
    def fatal(self) -> bool:
        """Whether it led to death, which is what CTCAE grades as 5."""
        return self.grade == FATAL_GRADE
