"""Which subjects a new version of the protocol touches: their eligibility, their dose, their visits still to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from trialwright.conduct.known import known
from trialwright.conduct.state import State, Subject
from trialwright.protocol.diff import Change, diff
from trialwright.protocol.schedule import Visit
from trialwright.protocol.screen import screen
from trialwright.protocol.study import Study

_SOURCES = frozenset({"at", "assumed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """One thing in which a subject would stand otherwise under the new version.

    Attributes:
        subject: The subject's number.
        why: Whether eligibility, the dose, or a visit that is still to come.
        what: The verdict, the criterion, the dose level or the visit.
        before: How it stands under the version in force.
        after: How it would stand.
    """

    subject: str
    why: Literal["eligibility", "dose", "visit to come"]
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.why}: {self.what}: {self.before} -> {self.after}"


def touched(old: Study, new: Study, state: State) -> tuple[Touched, ...]:
    """Say which subjects an amendment touches.

    A subject who was screened is screened again, by both versions, on the values that the log holds. A visit is still
    to come when its window ends on or after the day of the log's last entry, or hangs on a day that is not known.

    Args:
        old: The version in force.
        new: The amended version.
        state: Where the trial stands.

    Returns:
        Every change by subject, in the order of their numbers; it decides nothing.
    """
    visits = _changed_visits(old, new)
    found: list[Touched] = []
    for _, subject in sorted(state.subjects.items()):
        if subject.verdict is not None:
            found += _eligibility(subject, old, new)
        found += _dose(subject, old, new)
        found += _visits(subject, visits, state)
    return tuple(found)


def _eligibility(subject: Subject, old: Study, new: Study) -> Iterator[Touched]:
    before, after = (screen(study, known(study, subject)) for study in (old, new))
    if before.verdict != after.verdict:
        yield Touched(subject=subject.id, why="eligibility", what="verdict", before=before.verdict, after=after.verdict)
    statuses = [{finding.id: str(finding) for finding in one.findings} for one in (before, after)]
    for criterion in dict.fromkeys((*statuses[0], *statuses[1])):
        was, is_now = (status.get(criterion, "not asked") for status in statuses)
        if was != is_now:
            what = f"criterion {criterion}"
            yield Touched(subject=subject.id, why="eligibility", what=what, before=was, after=is_now)


def _dose(subject: Subject, old: Study, new: Study) -> Iterator[Touched]:
    if subject.level is None:
        return
    before, after = (_dose_at(study, subject.level) for study in (old, new))
    if before != after:
        when = f"infused on {subject.infusion.at:%Y-%m-%d}" if subject.infusion else "not yet infused"
        what = f"dose level {subject.level}, {when}"
        yield Touched(subject=subject.id, why="dose", what=what, before=before, after=after)


def _dose_at(study: Study, level: int) -> str:
    return str(study.dose(level).amount) if level <= len(study.doses) else "no such level"


def _changed_visits(old: Study, new: Study) -> list[tuple[Change, Visit | None, Visit | None]]:
    changes = [c for c in diff(old, new) if c.path[0] == "schedule" and c.part not in _SOURCES]
    return [(change, old.visit(change.path[1]), new.visit(change.path[1])) for change in changes]


def _visits(
    subject: Subject, changed: list[tuple[Change, Visit | None, Visit | None]], state: State
) -> Iterator[Touched]:
    if subject.level is None and (subject.verdict == "not eligible" or state.stopped):
        return
    for change, before, after in changed:
        if any(_to_come(visit, subject, state) for visit in (before, after) if visit):
            what = f"{change.element}{f', {change.part}' if change.part else ''}"
            yield Touched(
                subject=subject.id,
                why="visit to come",
                what=what,
                before=change.before or "none",
                after=change.after or "none",
            )


def _to_come(visit: Visit, subject: Subject, state: State) -> bool:
    if subject.infusion is None:
        return visit.day >= 0 or subject.level is None
    if visit.anchor != "infusion" or state.last_at is None:
        return True
    last = subject.day_of(subject.infusion.at) + timedelta(days=visit.last_day)
    return last >= subject.day_of(state.last_at)
