"""Deciding arms: randomisation from the sealed list, and choice in an open trial."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.blinding import no_list
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.dosing import kept_from_treatment
from trialwright.conduct.eligibility import not_eligible_for
from trialwright.conduct.known import known
from trialwright.conduct.medicine import forbidden_in
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.protocol.facts import Facts
from trialwright.protocol.quantity import plain
from trialwright.protocol.study import Study


def randomise_subject(case: Case, command: cmd.RandomiseSubject) -> Decided:
    """Draw the next arm of the subject's stratum: an open event that says nothing of it, and a sealed one that does."""
    subject = case.subject(command.subject)
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
        return no_list(case, "Open the trial with the sealed file that `seal` made.")
    facts = known(case.study, subject)
    factors = {name: _factor(subject, facts, name) for name in allocation.strata}
    obstacles = [*_obstacles(case, subject), *_unknown(case, subject, factors)]
    if obstacles:
        return _joined(obstacles)
    said = {name: value for name, value in factors.items() if value is not None}
    stratum = "; ".join(f"{name} {value}" for name, value in said.items())
    length = _length_of_list(case.study, subject)
    arm, position = case.urn.next_arm(tuple(allocation.ratio.items()), stratum, said, length)
    blank = " " * (max(map(_bytes_of, allocation.ratio)) - _bytes_of(arm))
    drawn = {"arm": arm, "stratum": stratum, "position": position, "factors": said, "length": length, "blank": blank}
    return (
        case.stamp(ev.SubjectRandomised, subject=subject.id),
        case.stamp(ev.SubjectAllocated, subject=subject.id, **drawn),
    )


def declare_randomised_in_error(case: Case, command: cmd.DeclareRandomisedInError) -> Decided:
    """Take down that a subject should not have been randomised; nothing of the allocation changes."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if not subject.randomised:
        return invalid("allocation.none", f"{subject.id} was not randomised.", "Check the subject's number.")
    if subject.randomised_in_error is not None and (
        command.treated_because is None or not kept_from_treatment(subject)
    ):
        return invalid("allocation.error", f"This was said of {subject.id} already.", "Nothing to do.")
    said = {"reason": command.reason, "treated_because": command.treated_because}
    return (case.stamp(ev.RandomisedInErrorV2, subject=subject.id, **said),)


def choose_arm(case: Case, command: cmd.ChooseArm) -> Decided:
    """Take down the arm of a subject of an open trial, or correct it with a reason before anything of it is given."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if refusal := _not_enrolled(case, subject):
        return refusal
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
    if subject.arm is not None:
        return _corrected(case, command, subject, subject.arm)
    return _takes_what_is_forbidden(case, subject, command.arm) or (
        case.stamp(ev.ArmChosen, subject=subject.id, arm=command.arm, reason=command.reason),
    )


def _takes_what_is_forbidden(case: Case, subject: Subject, arm: str) -> Refusal | None:
    taken = forbidden_in(case.study, subject, arm)
    if not taken:
        return None
    return Refusal(
        code="allocation.medicine",
        reason=f"{subject.id} takes {', '.join(taken)}, which must not be given in the arm {arm}.",
        rule=case.rule("medicines > arms"),
        mend="Stop it first, or choose another arm.",
    )


def _corrected(case: Case, command: cmd.ChooseArm, subject: Subject, was: str) -> Decided:
    if command.arm == was:
        return invalid("allocation.same", f"{subject.id} is in the arm {was} already.", "Nothing to do.")
    given = sorted(one.drug for one in subject.course.medicines.values() if one.use == "given")
    if subject.infusion is not None or given:
        what = ", ".join(given) or "the first infusion"
        return Refusal(
            code="allocation.treated",
            reason=f"{subject.id} is in the arm {was}, and {what} was given.",
            rule=case.rule("allocation"),
            mend="The subject stays in that arm. Take down what else is given as medicine, or how the subject leaves.",
        )
    if waiting := subject.course.waiting:
        return Refusal(
            code="allocation.prepared",
            reason=f"Preparation {waiting[-1].coi} of the arm {was} waits.",
            rule=case.rule("allocation"),
            mend="Discard it with the reason, then correct the arm.",
        )
    if command.reason is None:
        return invalid("allocation.reason", f"{subject.id} is in the arm {was}.", "Say why that was wrong.")
    if refusal := _takes_what_is_forbidden(case, subject, command.arm):
        return refusal
    changed = {"was": was, "arm": command.arm, "reason": command.reason}
    return (case.stamp(ev.ArmCorrected, subject=subject.id, **changed),)


def _obstacles(case: Case, subject: Subject) -> Iterator[Refusal]:
    """All that stands against randomising a subject now, whatever the strata."""
    if refusal := _has_an_arm(case, subject):
        yield refusal
    if refusal := not_eligible_for(case, subject, "randomisation"):
        yield refusal
    if refusal := _not_enrolled(case, subject):
        yield refusal
    elif case.study.dose_escalation and isinstance(held := case.level_of(subject), Refusal):
        yield held
    if refusal := case.out(subject):
        yield refusal
    if subject.infusion is not None:
        yield Refusal(
            code="subject.infused",
            reason=f"{subject.id} was treated on {subject.infusion.at:%Y-%m-%d %H:%M} UTC.",
            rule=case.rule("allocation"),
            mend="Randomisation comes before treatment; inform the sponsor.",
        )


def _unknown(case: Case, subject: Subject, factors: Mapping[str, str | None]) -> Iterator[Refusal]:
    unknown = [name for name, value in factors.items() if value is None]
    if unknown:
        yield Refusal(
            code="allocation.stratum",
            reason=f"{subject.id} has no known value of: {', '.join(unknown)}.",
            rule=case.rule("allocation > strata"),
            mend="Record it first; the list is drawn by stratum.",
        )


def _joined(refusals: Sequence[Refusal]) -> Refusal:
    """One refusal that says all that stands in the way, under the code and rule of the first."""
    reasons, mends = (
        " ".join(dict.fromkeys(words)) for words in zip(*((r.reason, r.mend) for r in refusals), strict=True)
    )
    return replace(refusals[0], reason=reasons, mend=mends)


def _not_enrolled(case: Case, subject: Subject) -> Refusal | None:
    if subject.enrolled:
        return None
    return Refusal(
        code="subject.not_enrolled",
        reason=f"{subject.id} is not enrolled.",
        rule=case.rule("criteria"),
        mend="Only an enrolled subject comes to an arm.",
    )


def _has_an_arm(case: Case, subject: Subject) -> Refusal | None:
    if not subject.randomised and subject.arm is None:
        return None
    return Refusal(
        code="allocation.done",
        reason=f"{subject.id} already has an arm, which is never drawn again.",
        rule=case.rule("allocation"),
        mend="A subject keeps the position in the list, also when it was randomised in error.",
    )


def _factor(subject: Subject, facts: Facts, name: str) -> str | None:
    """A stratification factor of a subject: the cohort, the site, or the newest value that is known of an item."""
    if name == "cohort":
        return subject.group if subject.cohort is None else f"{subject.cohort + 1}"
    if name == "site":
        return subject.site
    history = facts.observations.get(name)
    if history is None:
        return None
    value = history[-1].value if history else False
    if isinstance(value, bool):
        return "yes" if value else "no"
    return plain(value) if isinstance(value, Decimal) else value


def _length_of_list(study: Study, subject: Subject) -> int | None:
    """How many places the list of the subject's stratum has, where the protocol says so."""
    strata = study.allocation.strata if study.allocation else ()
    if strata == ("cohort",):
        return next((cohort.size for cohort in study.cohorts if cohort.name == subject.group), None)
    return None if strata else study.enrolment.planned


def _bytes_of(arm: str) -> int:
    """Bytes of an arm's name in the log."""
    return len(json.dumps(arm, ensure_ascii=False).encode())
