"""What remains to be done in the trial, the most urgent first, and who may do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from trialwright.conduct.next_steps import infusion_steps
from trialwright.conduct.views import SubjectView, View

STEPS = {
    "AssessEligibility": ("eligibility", "Assess eligibility"),
    "EnrolSubject": ("enrol", "Enrol"),
    "RandomiseSubject": ("randomise", "Randomise"),
    "PrepareInfusion": ("prepare", "Prepare the infusion"),
    "DiscardPreparation": ("discard", "Discard the preparation"),
    "MatchIdentity": ("match", "Match the identity"),
    "StartInfusion": ("start-infusion", "Begin the infusion"),
    "CompleteInfusion": ("complete-infusion", "Complete the infusion"),
    "AbortInfusion": ("abort-infusion", "Abort the infusion"),
    "ReportAdverseEvent": ("report", "Report an adverse event"),
    "CloseDltWindow": ("close-window", "Close the DLT window"),
    "DeclareNotEvaluable": ("not-evaluable", "Declare not evaluable"),
}
"""Commands about a subject: the name of their page, and their words on a button."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something to do; `url` is empty where the reader's role may not do it."""

    what: str
    detail: str
    url: str


def tasks(view: View) -> Iterator[Task]:
    """All tasks, from possible DLTs to screening."""
    yield from _possible_dlts(view)
    yield from _windows(view)
    yield from _decisions(view)
    yield from _subjects(view)


def level_due(view: View) -> int | None:
    """The dose level that may open now; None while one is open or none is due."""
    if view.stopped or any(level.status == "open" for level in view.levels):
        return None
    taken = [decision for decision in view.decisions if decision.taken]
    return taken[-1].dose if taken else 1


def window_over(view: View, subject: SubjectView) -> bool:
    """Whether a DLT window has run out and waits to be closed."""
    ends, counts = subject.window_ends, subject.not_evaluable is None and not subject.window_closed
    return ends is not None and counts and view.at >= ends


def stopping_rule_met(view: View) -> bool:
    """Whether the rule closes the level and the decision is not signed yet: nobody else is treated there."""
    return view.next_dose is not None and view.next_dose.closes_level and not view.stopped


def takes_subjects(view: View) -> bool:
    """Whether a slot is free at the open dose level."""
    return not stopping_rule_met(view) and any(level.status == "open" and level.free > 0 for level in view.levels)


def may_sign(view: View) -> bool:
    """Whether the standing decision waits for a signature of the reader's role."""
    decision = view.open_decision
    if decision is None or view.role not in view.study.design.decision.by:
        return False
    return all(role != view.role for role, _, _ in decision.signatures)


def _possible_dlts(view: View) -> Iterator[Task]:
    for subject in view.subjects:
        for event in subject.adverse_events:
            if event.number in subject.candidates:
                places = {"subject_id": subject.id, "number": event.number}
                yield Task(
                    what=f"Adjudicate a possible DLT of {subject.id}",
                    detail=f"{event.term}, grade {event.grade}, onset {event.onset_on}",
                    url=reverse("adjudicate", kwargs=places) if "AdjudicateDlt" in view.may else "",
                )


def _windows(view: View) -> Iterator[Task]:
    for subject in view.subjects:
        if window_over(view, subject) and not subject.candidates:
            ended = f"Ended {subject.window_ends:%Y-%m-%d %H:%M} UTC"
            yield _step(view, subject, "CloseDltWindow", f"Close the DLT window of {subject.id}", ended)


def _decisions(view: View) -> Iterator[Task]:
    decision, due = view.open_decision, level_due(view)
    if decision is not None:
        signed = {role for role, _, _ in decision.signatures}
        waiting = [role for role in view.study.design.decision.by if role not in signed]
        yield Task(
            what=f"Sign dose decision {decision.number}: {decision.decision}",
            detail=f"Waits for the {' and the '.join(waiting)}",
            url=reverse("sign") if may_sign(view) else "",
        )
    elif view.can_propose and view.next_dose is not None:
        url = reverse("propose") if "ProposeDoseDecision" in view.may else ""
        yield Task(what="Propose a dose decision", detail=view.next_dose.why, url=url)
    if due is not None:
        url = reverse("open-level") if "OpenDoseLevel" in view.may else ""
        yield Task(what=f"Open dose level {due}", detail=str(view.study.dose(due)), url=url)


def _subjects(view: View) -> Iterator[Task]:
    if view.stopped or stopping_rule_met(view):
        return
    taking = {level.level for level in view.levels if level.status == "open"}
    for subject in view.subjects:
        if subject.to_randomise:
            yield _step(view, subject, "RandomiseSubject", f"Randomise {subject.id}", "Enrolled")
        elif subject.course.running or _awaits_infusion(subject, taking):
            step = infusion_steps(subject.course)[0]
            where = f"Dose level {subject.level}" if subject.level else "Enrolled"
            yield _step(view, subject, step, f"{STEPS[step][1]} of {subject.id}", where)
        elif subject.enrolled_at is None and subject.verdict == "eligible" and takes_subjects(view):
            yield _step(view, subject, "EnrolSubject", f"Enrol {subject.id}", "Eligible")
        elif subject.enrolled_at is None and subject.verdict in {"not assessed", "undetermined"}:
            what = f"Assess eligibility of {subject.id}"
            yield _step(view, subject, "AssessEligibility", what, subject.verdict.capitalize())


def _awaits_infusion(subject: SubjectView, taking: set[int]) -> bool:
    """Whether an infusion of a subject is planned, and may be given: where there are levels, at the open one."""
    return subject.infusions_left and (subject.level is None or subject.level in taking)


def _step(view: View, subject: SubjectView, command: str, what: str, detail: str) -> Task:
    address = reverse(STEPS[command][0], kwargs={"subject_id": subject.id}) if command in view.may else ""
    return Task(what=what, detail=detail, url=address)
