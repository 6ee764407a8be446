"""Deciding who comes into the trial: screening, and enrolment into a slot."""

from __future__ import annotations

from collections.abc import Mapping

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal


def screen_subject(case: Case, command: cmd.ScreenSubject) -> Decided:
    """Give a consented person the next number."""
    if command.consented_on > command.at.date():
        return invalid("consent.future", f"Consent on {command.consented_on} lies in the future.", "Correct the date.")
    number = f"S{len(case.state.subjects) + 1:03d}"
    return (case.stamp(ev.SubjectScreened, subject=number, consented_on=command.consented_on),)


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
            rule=case.rule("dose escalation > rule > cohort"),
            mend="Wait for the dose decision on this cohort.",
        )
    recommended = case.state.recommendation(case.study)
    if case.study.rule.rolling and not recommended.subjects:
        return Refusal(
            code="cohort.held",
            reason=f"Enrolment is held: {recommended.why}",
            rule=case.rule("dose escalation > rule"),
            mend="Wait until a DLT window closes.",
        )
    return (case.stamp(ev.SubjectEnrolled, subject=subject.id, level=level.level),)


def _why_not(verdict_now: str | None, findings: Mapping[str, str]) -> str:
    if verdict_now is None:
        return "eligibility was not assessed"
    open_items = [f"{key} {how}" for key, how in findings.items() if how != "met"]
    return f"{verdict_now} ({'; '.join(open_items)})"
