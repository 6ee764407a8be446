"""What a dose rule answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape

import polars as pl

from trialwright.design.characteristics import html_table


class Decision(StrEnum):
    """What happens next, in the words of the dose decision's minutes."""

    ESCALATE = "escalate"
    EXPAND = "expand"
    STAY = "stay"
    DE_ESCALATE = "de-escalate"
    STOP = "stop"
    CONSULT = "consult"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The rule's answer, and its sentence for the minutes.

    Attributes:
        decision: What happens next.
        rule: The id of the rule that fired.
        why: One sentence that says which rule fired and on what numbers.
        dose: The dose level (1-based) that the next subjects receive; None when nobody is treated next.
        mtd: The maximum tolerated dose as a level; None when there is none, or not yet.
        subjects: How many subjects to treat at `dose` before the rule is asked again.
        waits_for: How many open DLT windows could still change the answer; 0 when it is settled.
        complete: Whether the cohort is complete, so that the answer is a dose decision.
    """

    decision: Decision
    rule: str
    why: str
    dose: int | None = None
    mtd: int | None = None
    subjects: int = 0
    waits_for: int = 0
    complete: bool = True

    @property
    def selected(self) -> int | None:
        """The dose level with which escalation ends: the MTD, or whatever dose the rule looks for."""
        return self.mtd

    @property
    def final(self) -> bool:
        """Whether dose escalation ends here."""
        return self.decision in {Decision.STOP, Decision.CONSULT}

    @property
    def settled(self) -> bool:
        """Whether a dose decision can be taken now: no open window can change it, and there is something to decide."""
        return self.waits_for == 0 and self.complete

    @property
    def without_path(self) -> bool:
        """Whether escalation ends because the protocol names no path from here."""
        return self.rule.endswith("no-path")

    def closes(self, level: int) -> bool:
        """Whether nobody else may be treated at a level, however many slots it has: the rule ends, or goes lower."""
        if self.dose is not None:
            return self.dose < level
        return self.decision is Decision.STOP or self.without_path

    def same_course(self, other: Recommendation) -> bool:
        """Whether both send the trial the same way."""
        return (self.decision, self.dose, self.selected) == (other.decision, other.dose, other.selected)

    def to_frame(self) -> pl.DataFrame:
        """One row: decision, dose, subjects, selected, waits_for, rule, why."""
        names = ("decision", "dose", "subjects", "selected", "waits_for", "rule", "why")
        row = {name: [getattr(self, name)] for name in names} | {"decision": [self.decision.value]}
        return pl.DataFrame(row, schema_overrides={"dose": pl.Int64, "selected": pl.Int64})

    def _repr_html_(self) -> str:
        return f"{html_table(self.to_frame().drop('why'))}<p>{escape(self.why)}</p>"

    def __str__(self) -> str:
        return self.why


def not_filled(fill: Recommendation, again: Recommendation, level: int) -> Recommendation:
    """The answer in place of `fill`, which goes on at a level that the rule would not open by what is known now.

    Args:
        fill: What the rule says at the level.
        again: What it says of all data at the level from which it came.
        level: The level that was opened.
    """
    if again.final or not again.dose or not again.subjects:
        return again
    if again.dose >= level:
        return fill
    why = f"{again.why} Level {level} was opened before this was known, and nobody else is treated there now."
    return replace(again, decision=Decision.DE_ESCALATE, complete=True, why=why)
