"""Deciding who may come into the trial: screening and eligibility."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.participation import consent_fault
from trialwright.conduct.refusal import Refusal
from trialwright.protocol.facts import Facts
from trialwright.protocol.screen import screen
from trialwright.protocol.study import Study


def screen_subject(case: Case, command: cmd.ScreenSubject) -> Decided:
    """Give a consented person the next number."""
    site = case.person.site if case.person and case.person.site else ""
    version = command.version or case.state.version_at(site, command.consented_on)
    if refusal := consent_fault(case, site, command.consented_on, version):
        return refusal
    number = f"S{len(case.state.subjects) + 1:03d}"
    screened = {"subject": number, "consented_on": command.consented_on, "version": version}
    return (case.stamp(ev.SubjectScreenedV2, **screened),)


def assess_eligibility(case: Case, command: cmd.AssessEligibility) -> Decided:
    """Compute every criterion from the values and the answers of a person."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if subject.enrolled:
        return invalid(
            "subject.enrolled", f"{subject.id} is already enrolled.", "Eligibility is assessed before enrolment."
        )
    faults = list(_faults(case.study, command))
    if faults:
        return invalid("values.range", " ".join(faults), "Correct the values; nothing was saved.")
    screening = screen(case.study, Facts.of({**subject.values, **command.values}, command.answers))
    return (
        case.stamp(
            ev.EligibilityAssessed,
            subject=subject.id,
            values=command.values,
            answers=command.answers,
            findings={finding.id: str(finding) for finding in screening.findings},
            verdict=screening.verdict,
        ),
    )


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
