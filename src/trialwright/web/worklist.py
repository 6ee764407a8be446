"""What remains to be done in the trial, the most urgent first, and who may do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from trialwright.conduct.next_steps import Step
from trialwright.conduct.roles import MAY
from trialwright.conduct.views import SubjectView, View
from trialwright.web.addresses import address_of, label_of

_URGENT = (
    "CompleteInfusion", "ResumeInfusion", "AdjudicateDlt", "SignResumption", "CloseDltWindow", "SignDoseDecision",
    "ProposeDoseDecision", "OpenDoseLevel", "ReviewCohort", "OpenCohort",
)  # fmt: skip
"""What comes first on the list; everything else follows in the order of the steps."""

_WITH_OBJECT = frozenset({"EnrolSubject", "RandomiseSubject"})
"""Commands whose words take the subject at once: `Enrol S001`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do, whose it is; `url` is empty where it is not the reader's."""

    what: str
    detail: str
    url: str
    roles: str


def tasks(view: View) -> tuple[list[Task], list[Task]]:
    """What is due: for the reader, and for others."""
    found: list[tuple[Step, SubjectView | None]] = [(step, None) for step in view.steps if step.due]
    found += [(step, subject) for subject in view.subjects for step in subject.steps if step.due]
    found.sort(key=lambda one: _URGENT.index(one[0].command) if one[0].command in _URGENT else len(_URGENT))
    mine = [_task(step, subject, mine=True) for step, subject in found if _is_mine(step, subject, view)]
    others = [_task(step, subject, mine=False) for step, subject in found if not _is_mine(step, subject, view)]
    return mine, others


def level_due(view: View) -> int | None:
    """The dose level that may open now; None while one is open or none is due."""
    found = (dict(step.fields)["level"] for step in view.steps if step.command == "OpenDoseLevel")
    return next((int(level) for level in found), None)


def window_over(view: View, subject: SubjectView) -> bool:
    """Whether a DLT window has run out and waits to be closed."""
    ends, counts = subject.window_ends, subject.not_evaluable is None and not subject.window_closed
    return ends is not None and counts and view.at >= ends


def stopping_rule_met(view: View) -> bool:
    """Whether the rule closes the level and the decision is not signed yet: nobody else is treated there."""
    level = next((one.level for one in view.levels if one.status == "open"), None)
    return level is not None and view.next_dose is not None and view.next_dose.closes(level)


def takes(view: View, command: str) -> bool:
    """Whether a step of the trial as a whole makes sense now and is the reader's."""
    return any(step.command == command and step.is_for(view.role) for step in view.steps)


def steps_of(subject: SubjectView, view: View) -> Iterator[tuple[str, str, Step]]:
    """The steps about a subject that the reader may take: address, words on the button, the step."""
    for step in subject.steps:
        if _is_mine(step, subject, view):
            yield address_of(step, subject.id), label_of(step.command), step


def steps_of_others(subject: SubjectView, view: View) -> list[Task]:
    """The steps about a subject that are due and that somebody else takes."""
    return [
        Task(what=label_of(step.command), detail=step.about, url="", roles=_roles(step))
        for step in subject.steps
        if step.due and not _is_mine(step, subject, view)
    ]


def _is_mine(step: Step, subject: SubjectView | None, view: View) -> bool:
    """Whether the reader may take a step: the second match of identities is another person's."""
    if step.command == "MatchIdentity" and subject and view.viewer:
        return step.is_for(view.role) and not all(view.viewer.id in one.matched_by for one in subject.course.waiting)
    return step.is_for(view.role)


def _roles(step: Step) -> str:
    return " or ".join(sorted(step.roles or MAY[step.command]))


def _task(step: Step, subject: SubjectView | None, *, mine: bool) -> Task:
    what = label_of(step.command)
    if subject is not None:
        what += f" {subject.id}" if step.command in _WITH_OBJECT else f" of {subject.id}"
    elif step.command == "OpenDoseLevel":
        what += f" {dict(step.fields)['level']}"
    url = address_of(step, subject.id if subject else None) if mine else ""
    return Task(what=what, detail=step.about, url=url, roles=_roles(step))
