"""Deciding who comes into the trial: screening, eligibility, enrolment into a slot."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal
from trialwright.protocol.criteria import Truth
from trialwright.protocol.study import Exclusion, Inclusion, Study

MET, NOT_MET = "met", "not met"


def screen_subject(case: Case, command: cmd.ScreenSubject) -> Decided:
    """Give a consented person the next number."""
    if command.consented_on > command.at.date():
        return invalid("consent.future", f"Consent on {command.consented_on} lies in the future.", "Correct the date.")
    number = f"S{len(case.state.subjects) + 1:03d}"
    return (case.stamp(ev.SubjectScreened, subject=number, consented_on=command.consented_on),)


def assess_eligibility(case: Case, command: cmd.AssessEligibility) -> Decided:
    """Compute every criterion from the values and the answers of a person."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if subject.level is not None:
        return invalid(
            "subject.enrolled", f"{subject.id} is already enrolled.", "Eligibility is assessed before enrolment."
        )
    faults = list(_faults(case.study, command))
    if faults:
        return invalid("values.range", " ".join(faults), "Correct the values; nothing was saved.")
    findings = criteria_findings(case.study, {**subject.values, **command.values}, command.answers)
    return (
        case.stamp(
            ev.EligibilityAssessed,
            subject=subject.id,
            values=command.values,
            answers=command.answers,
            findings=findings,
            verdict=verdict(findings),
        ),
    )


def enrol_subject(case: Case, command: cmd.EnrolSubject) -> Decided:
    """Claim a slot at the open level for an eligible subject."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if subject.level is not None:
        return invalid("subject.enrolled", f"{subject.id} is already enrolled.", "Choose another subject.")
    if subject.verdict != "eligible":
        return Refusal(
            code="subject.ineligible",
            reason=f"{subject.id} is not known to be eligible: {_why_not(subject.verdict, subject.findings)}.",
            rule=case.rule("criteria"),
            mend="Complete the assessment; a subject who fails a criterion does not take part.",
        )
    level = case.open_level()
    if isinstance(level, Refusal):
        return level
    if case.state.free_slots(case.study, level) <= 0:
        return Refusal(
            code="cohort.full",
            reason=f"All {level.slots} slots at level {level.level} are taken.",
            rule=case.rule("design > dose escalation > cohort"),
            mend="Wait for the dose decision on this cohort.",
        )
    return (case.stamp(ev.SubjectEnrolled, subject=subject.id, level=level.level),)


def criteria_findings(study: Study, values: dict[str, bool | Decimal], answers: dict[str, bool]) -> dict[str, str]:
    """How each criterion stands: `met`, `not met`, or what is missing.

    For an exclusion criterion `met` means that the subject is not excluded.
    """
    return {criterion.id: _finding(criterion, values, answers.get(criterion.id)) for criterion in study.criteria}


def verdict(findings: dict[str, str]) -> str:
    """Not eligible when any criterion fails, eligible when all are met, otherwise undetermined."""
    if NOT_MET in findings.values():
        return "not eligible"
    return "eligible" if set(findings.values()) <= {MET} else "undetermined"


def _finding(criterion: Inclusion | Exclusion, values: dict[str, bool | Decimal], answer: bool | None) -> str:
    excludes = isinstance(criterion, Exclusion)
    condition = criterion.exclude if isinstance(criterion, Exclusion) else criterion.need
    evaluation = condition.evaluate(values, answer)
    match evaluation.truth:
        case Truth.UNKNOWN:
            return f"unknown: needs {', '.join(evaluation.missing)}"
        case Truth.JUDGEMENT:
            return f"needs an answer: {condition}"
        case truth:
            return NOT_MET if (truth is Truth.TRUE) == excludes else MET


def _faults(study: Study, command: cmd.AssessEligibility) -> Iterator[str]:
    ids = {criterion.id for criterion in study.criteria}
    for name in sorted(set(command.answers) - ids):
        yield f"There is no criterion {name}."
    for name, value in command.values.items():
        item = study.item(name)
        if item is None:
            yield f"There is no item {name}."
        elif isinstance(value, bool) != (item.type == "yes or no"):
            yield f"{item.label} must be a {item.type} value, got {value}."
        elif item.range and isinstance(value, Decimal) and not item.range[0] <= value <= item.range[1]:
            yield f"{item.label} must be from {item.range[0]} to {item.range[1]} {item.unit or ''}, got {value}."


def _why_not(verdict_now: str | None, findings: object) -> str:
    if verdict_now is None:
        return "eligibility was not assessed"
    open_items = [f"{key} {how}" for key, how in dict(findings).items() if how != MET]  # type: ignore[call-overload]
    return f"{verdict_now} ({'; '.join(open_items)})"
