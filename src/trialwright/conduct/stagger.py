"""Sentinel and stagger: from when a subject may be infused for the first time, after the others of its place.

A place is a dose level, a cohort or an arm. Decisions, next steps, the subject's page and the rehearsal all ask here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from trialwright.conduct.state import State, Subject
from trialwright.protocol.escalation import Stagger
from trialwright.protocol.study import Study

ArmOf = Callable[[Subject], str | None]
"""The arm of a subject, as far as who asks may know it."""

_AFTER = {"every subject": "the last one", "first subject": "that of the first subject, the sentinel"}


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds back the first infusion of a subject.

    Attributes:
        until: From when the infusion may be given.
        where: The place in words, such as `at level 3`.
        path: The part of the protocol that says so.
        stagger: The rule.
    """

    until: datetime
    where: str
    path: str
    stagger: Stagger

    @property
    def after(self) -> str:
        """Whose infusion it follows, in words."""
        return _AFTER[self.stagger.after]


def holds(study: Study, state: State, subject: Subject, arm_of: ArmOf) -> tuple[Hold, ...]:
    """Every stagger that counts for a subject's first infusion, the one that ends last first.

    Args:
        study: The protocol.
        state: The trial.
        subject: Who is to be infused; nothing holds back whoever was infused before.
        arm_of: The arm of a subject. In a masked trial no arm has a stagger, for it would tell the arm.
    """
    if subject.course.infusions:
        return ()
    return tuple(sorted(_holds(study, state, subject, arm_of), key=lambda hold: hold.until, reverse=True))


def stagger_ends(study: Study, state: State, subject: Subject, arm_of: ArmOf) -> datetime | None:
    """From when a subject may be infused for the first time; None where no stagger holds it back."""
    found = holds(study, state, subject, arm_of)
    return found[0].until if found else None


def _holds(study: Study, state: State, subject: Subject, arm_of: ArmOf) -> Iterator[Hold]:
    for where, path, staggers, is_there in _places(study, subject, arm_of):
        there = (one for one in state.subjects.values() if one.infusion and is_there(one)) if staggers else ()
        begun = [one.infusion.at for one in there if one.infusion]
        for stagger in staggers if begun else ():
            last = (min if stagger.after == "first subject" else max)(begun)
            yield Hold(last + timedelta(days=stagger.interval), where, path, stagger)


def _places(
    study: Study, subject: Subject, arm_of: ArmOf
) -> Iterator[tuple[str, str, tuple[Stagger, ...], Callable[[Subject], bool]]]:
    """The places of a subject: in words, in the protocol, with their staggers, and who else is there."""
    if study.dose_escalation is not None and subject.level is not None:
        staggers = study.staggers(subject.level)
        yield f"at level {subject.level}", "dose escalation > stagger", staggers, lambda one: one.level == subject.level
    for cohort in study.cohorts:
        if cohort.name == subject.group:
            yield f"in {cohort.name}", "cohorts > stagger", cohort.stagger, lambda one: one.group == subject.group
    arm = arm_of(subject) if any(one.stagger for one in study.arms) else None
    for known in study.arms:
        if known.name == arm:
            yield f"in the arm {arm}", "arms > stagger", known.stagger, lambda one: arm_of(one) == arm
