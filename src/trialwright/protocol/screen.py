"""Screening a subject: each criterion with its status, its numbers, and what would settle it; and the verdict.

Never more is promised than is known: a subject is eligible only when every criterion is met, the ones that a person
answers included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trialwright.protocol.criteria import Condition, Deferred, Evaluation, Truth
from trialwright.protocol.facts import Facts
from trialwright.protocol.study import Criterion, Exclusion, Study

Status = Literal["met", "not met", "unknown", "needs judgement", "not applicable", "deferred"]
Verdict = Literal["eligible", "not eligible", "undetermined"]
_PASSES: frozenset[Status] = frozenset({"met", "not applicable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionFinding:
    """How one criterion stands for one subject.

    Attributes:
        status: `met` is good news for exclusion criteria too: the subject is not excluded.
        failed: Names of the conditions that failed, where the criterion has several.
        missing: What to obtain next, where the status is unknown.
        evidence: The comparisons made, in words with their numbers.
        queries: Questions to the site that the data raise, whatever the status.
    """

    id: str
    say: str
    status: Status
    failed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.status == "unknown":
            return f"unknown: needs {', '.join(self.missing)}"
        if self.status == "needs judgement":
            return f"needs an answer: {', '.join(self.missing)}"
        return f"deferred until {', '.join(self.missing)}" if self.status == "deferred" else self.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """A subject's screening: the verdict and every criterion in the order of the protocol."""

    verdict: Verdict
    findings: tuple[CriterionFinding, ...]

    @property
    def to_obtain(self) -> tuple[str, ...]:
        """What would settle the open criteria, each once."""
        return tuple(dict.fromkeys(item for finding in self.findings for item in finding.missing))


def screen(study: Study, facts: Facts) -> Screening:
    """Evaluate every criterion for one subject.

    Args:
        study: The protocol.
        facts: What is known of the subject.

    Returns:
        Not eligible when any criterion fails, eligible when all are met, otherwise undetermined.
    """
    findings = tuple(find(criterion, facts) for criterion in study.criteria)
    statuses = {finding.status for finding in findings}
    if "not met" in statuses:
        return Screening(verdict="not eligible", findings=findings)
    return Screening(verdict="eligible" if statuses <= _PASSES else "undetermined", findings=findings)


def find(criterion: Criterion, facts: Facts) -> CriterionFinding:
    """Evaluate one criterion for one subject."""
    answer = facts.answers.get(criterion.id)
    waits = isinstance(criterion.condition, Deferred)
    bad = Truth.TRUE if isinstance(criterion, Exclusion) and not waits else Truth.FALSE
    named = {name: part.evaluate(facts, answer) for name, part in criterion.conditions.items()}
    whole = criterion.condition.evaluate(facts, answer)
    status = _status(whole, bad, waits=waits)
    return CriterionFinding(
        id=criterion.id,
        say=criterion.say,
        status=status,
        failed=tuple(name for name, one in named.items() if name and one.truth is bad and status == "not met"),
        missing=_missing(status, whole, criterion.condition),
        evidence=whole.evidence,
        queries=tuple(name or str(query) for name, query in criterion.query.items() if _holds(query, facts)),
    )


def _status(whole: Evaluation, bad: Truth, *, waits: bool) -> Status:
    if whole.truth is Truth.UNKNOWN:
        return "unknown"
    if whole.truth is Truth.JUDGEMENT:
        return "needs judgement"
    if whole.truth is bad:
        return "deferred" if waits else "not met"
    return "met" if whole.applies else "not applicable"


def _missing(status: Status, whole: Evaluation, condition: Condition) -> tuple[str, ...]:
    match status:
        case "unknown":
            return whole.missing
        case "needs judgement":
            return (str(condition),)
        case "deferred":
            return (str(condition).removeprefix("deferred until "),)
    return ()


def _holds(query: Condition, facts: Facts) -> bool:
    return query.evaluate(facts).truth is Truth.TRUE
