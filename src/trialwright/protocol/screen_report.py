"""What screening found, in words and as plain data: verdict, criteria with their numbers, what to obtain next."""

from __future__ import annotations

from typing import Any

from trialwright.protocol.screen import CriterionFinding, Screening
from trialwright.protocol.study import Exclusion, Study

Faults = tuple[str, ...]
_EXCLUDES = {"met": "does not exclude", "not met": "excludes"}
"""How the status of an exclusion criterion is said to a reader."""


def describe_screening(study: Study, subject: str | None, screening: Screening) -> str:
    """The verdict, each criterion with its numbers, and what to obtain next.

    Args:
        study: The protocol.
        subject: The subject's id, where it has one.
        screening: What `screen` found.
    """
    failed = [finding.id for finding in screening.findings if finding.status == "not met"]
    because = f" because of {', '.join(failed)}" if failed else ""
    lines = [f"{subject or 'the subject'}: {screening.verdict}{because}", ""]
    exclusions = _exclusions(study)
    for finding in screening.findings:
        status = _EXCLUDES.get(finding.status, finding.status) if finding.id in exclusions else finding.status
        lines.append(f"{finding.id:<5} {status:<16} {finding.say}")
        lines += [f"{'':23}{words}" for words in _details(finding)]
    wanted = to_obtain(study, screening)
    if wanted:
        settled = screening.verdict == "not eligible"
        lines += ["", "still open, though the verdict no longer waits for it:" if settled else "to obtain next:"]
        lines += [f"  {one}" for one in wanted]
    return "\n".join(lines)


def screening_data(study: Study, subject: str | None, screening: Screening) -> dict[str, Any]:
    """The same as plain data, for JSON."""
    exclusions = _exclusions(study)
    return {
        "subject": subject,
        "verdict": screening.verdict,
        "criteria": [
            {
                "id": finding.id,
                "kind": "exclusion" if finding.id in exclusions else "inclusion",
                "say": finding.say,
                "status": finding.status,
                "failed": list(finding.failed),
                "evidence": list(finding.evidence),
                "missing": list(finding.missing),
                "queries": list(finding.queries),
            }
            for finding in screening.findings
        ],
        "to_obtain": list(to_obtain(study, screening)),
    }


def to_obtain(study: Study, screening: Screening) -> tuple[str, ...]:
    """What would settle the open criteria: items with label and unit, days, limits of normal, and people's answers."""
    wanted: dict[str, None] = {}
    for finding in screening.findings:
        for missing in finding.missing:
            if finding.status == "unknown":
                wanted[_labelled(study, missing)] = None
            else:
                wanted[f"answer to {finding.id}: {missing}" if finding.status == "needs judgement" else missing] = None
    return tuple(wanted)


def _exclusions(study: Study) -> frozenset[str]:
    return frozenset(criterion.id for criterion in study.criteria if isinstance(criterion, Exclusion))


def verdict_columns(study: Study) -> list[str]:
    """The columns of a table of verdicts."""
    return ["id", "verdict", *(criterion.id for criterion in study.criteria), "to obtain", "fault"]


def verdict_row(study: Study, subject: str | None, screening: Screening | Faults) -> dict[str, str]:
    """One subject as a row of such a table; of a row that cannot be read it says why, and gives no verdict."""
    empty = dict.fromkeys(verdict_columns(study), "") | {"id": subject or ""}
    if not isinstance(screening, Screening):
        return empty | {"fault": "; ".join(screening)}
    statuses = {finding.id: str(finding.status) for finding in screening.findings}
    return empty | statuses | {"verdict": screening.verdict, "to obtain": "; ".join(to_obtain(study, screening))}


def _details(finding: CriterionFinding) -> list[str]:
    failed = [f"fails: {', '.join(finding.failed)}"] if finding.failed else []
    needs = [str(finding)] if finding.missing else []
    return [*failed, *finding.evidence, *needs, *(f"query: {query}" for query in finding.queries)]


def _labelled(study: Study, missing: str) -> str:
    item = study.item(missing)
    if item is None:
        return missing
    return f"{missing} ({item.label}{f', {item.unit}' if item.unit else ''})"
