"""Deciding arms: randomisation from the sealed list, and choice in an open trial."""

from __future__ import annotations

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject


def randomise_subject(case: Case, command: cmd.RandomiseSubject) -> Decided:
    """Draw the next arm of the subject's stratum: an open event that says nothing of it, and a sealed one that does."""
    subject = _enrolled(case, command.subject)
    if isinstance(subject, Refusal):
        return subject
    allocation = case.study.allocation
    if allocation is None or allocation.method != "randomised":
        return Refusal(
            code="allocation.not_randomised",
            reason=f"Subjects of {case.study.id} are not randomised.",
            rule=case.rule("allocation > method"),
            mend="Choose the arm, where the protocol has several.",
        )
    if not case.urn.can_allocate:
        return Refusal(
            code="allocation.no_list",
            reason="The sealed list is not here.",
            rule=case.rule("allocation > commitment"),
            mend="Open the trial with the sealed file that `seal` made.",
            recorded=False,
        )
    factors = {name: _factor(subject, name) for name in allocation.strata}
    unknown = [name for name, value in factors.items() if value is None]
    if unknown:
        return Refusal(
            code="allocation.stratum",
            reason=f"{subject.id} has no known value of: {', '.join(unknown)}.",
            rule=case.rule("allocation > strata"),
            mend="Record it first; the list is drawn by stratum.",
        )
    known = {name: str(value) for name, value in factors.items()}
    stratum = "; ".join(f"{name} {value}" for name, value in known.items())
    arm, position = case.urn.next_arm(tuple(allocation.ratio.items()), stratum, known)
    return (
        case.stamp(ev.SubjectRandomised, subject=subject.id),
        case.stamp(ev.SubjectAllocated, subject=subject.id, arm=arm, stratum=stratum, position=position, factors=known),
    )


def choose_arm(case: Case, command: cmd.ChooseArm) -> Decided:
    """Take down the arm of a subject of an open trial, once."""
    subject = _enrolled(case, command.subject)
    if isinstance(subject, Refusal):
        return subject
    allocation = case.study.allocation
    if allocation is None or allocation.method != "by choice":
        return Refusal(
            code="allocation.no_choice",
            reason=f"The arm of a subject of {case.study.id} is not chosen.",
            rule=case.rule("allocation > method"),
            mend="Randomise the subject, or enrol only: the protocol says how a subject comes to an arm.",
        )
    names = [arm.name for arm in case.study.arms]
    if command.arm not in names:
        return invalid("allocation.arm", f"There is no arm '{command.arm}'.", f"Choose one of: {', '.join(names)}.")
    return (case.stamp(ev.ArmChosen, subject=subject.id, arm=command.arm, reason=command.reason),)


def _enrolled(case: Case, subject_id: str) -> Subject | Refusal:
    subject = case.subject(subject_id)
    if isinstance(subject, Refusal):
        return subject
    if not subject.enrolled:
        return Refusal(
            code="subject.not_enrolled",
            reason=f"{subject.id} is not enrolled.",
            rule=case.rule("criteria"),
            mend="Only an enrolled subject comes to an arm.",
        )
    if subject.randomised or subject.arm is not None:
        return Refusal(
            code="allocation.done",
            reason=f"{subject.id} already has an arm, which is never drawn again.",
            rule=case.rule("allocation"),
            mend="A subject keeps the position in the list, also when it was randomised in error.",
        )
    return subject


def _factor(subject: Subject, name: str) -> str | None:
    """A stratification factor of a subject: the cohort, the site, or a value that screening found."""
    if name == "cohort":
        return subject.group
    if name == "site":
        return subject.site
    value = subject.values.get(name)
    return None if value is None else str(value)
