"""How long a forbidden medicine that a subject took holds a treatment back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from trialwright.conduct.case import Case
from trialwright.conduct.known_medicine import periods
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.protocol.study import Study
from trialwright.protocol.treatment_plan import AroundTreatment


@dataclass(frozen=True, slots=True, kw_only=True)
class Washout:
    """A medicine that must not be taken so near before a treatment.

    Attributes:
        drug: Its name.
        within: How near.
        last: The day on which it was last taken; None while it is taken.
        free_from: The day from which a treatment is possible; None while it is taken.
    """

    drug: str
    within: AroundTreatment
    last: date | None

    @property
    def free_from(self) -> date | None:
        """The day after as many days as the protocol says without the medicine."""
        return self.last + timedelta(days=self.within.before + 1) if self.last else None

    def holds_back(self, day: date) -> bool:
        """Whether a treatment on a day waits for its end."""
        return self.free_from is None or day < self.free_from


def washouts(study: Study, subject: Subject, arm: str | None) -> tuple[Washout, ...]:
    """What of a subject's medicines holds a treatment back, over or not, the longest first."""
    return tuple(sorted(_washouts(study, subject, arm), key=lambda one: one.free_from or date.max, reverse=True))


def in_washout(case: Case, subject: Subject, day: date) -> Refusal | None:
    """The refusal of a treatment on a day too near after a forbidden medicine, if so."""
    arm = None if case.masked else case.arm_of(subject)
    found = next((one for one in washouts(case.study, subject, arm) if one.holds_back(day)), None)
    if found is None:
        return None
    was = f"was last taken on {found.last}" if found.last else "is taken still"
    return Refusal(
        code="medicine.washout",
        reason=f"{found.drug} of {subject.id}, which is forbidden within {found.within}, {was}.",
        rule=case.rule("medicines > within"),
        mend=f"A treatment is possible from {found.free_from}."
        if found.free_from
        else f"Stop it; a treatment is possible once {found.within.before} days without it have passed.",
    )


def _washouts(study: Study, subject: Subject, arm: str | None) -> Iterator[Washout]:
    for taken in subject.course.medicines.values():
        rule = study.medicine_rule(taken.counts_as or study.medicine_named(taken.drug), arm)
        if rule is None or rule.within is None or not rule.within.before or rule.treatment == "goes on":
            continue
        if rule.until != "rescue" or subject.rescue is None:
            ends = [last for _, last in periods(subject, taken)]
            last = None if None in ends else max(one for one in ends if one)
            yield Washout(drug=taken.drug, within=rule.within, last=last)
