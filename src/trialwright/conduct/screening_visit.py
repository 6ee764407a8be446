"""The screening visit as it binds the first treatment: how long it counts, and what holding it again asks for."""

from __future__ import annotations

from datetime import date, timedelta

from trialwright.conduct.case import Case
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import State, Subject
from trialwright.conduct.visits import anchor_day, screening_binds
from trialwright.protocol.study import Study

_MEND = (
    "Hold the {visit} visit again, with the day that stands there and the reason; record what it finds, "
    "and assess eligibility anew."
)


def counts_until(study: Study, state: State, subject: Subject) -> date | None:
    """The last day on which what the screening visit hangs on may come; None where nothing binds it, or it came.

    A visit of which the day is not known was not held before consent, and counts as if it was held then.
    """
    visit = screening_binds(study, subject)
    if visit is None:
        return None
    held = anchor_day(study, state, subject, visit.name) or subject.consented_on
    return held - timedelta(days=visit.first_day)


def screening_too_old(case: Case, subject: Subject, day: date) -> Refusal | None:
    """The refusal of what would bring the first treatment, or what else the visit hangs on, to a day too late."""
    visit, last = screening_binds(case.study, subject), counts_until(case.study, case.state, subject)
    if visit is None or last is None or day <= last:
        return None
    held, counts = anchor_day(case.study, case.state, subject, visit.name), f"{-visit.first_day} days"
    rule = case.rule(f"schedule > {visit.visit} > day")
    if held is None:
        return Refusal(
            code="screening.unknown",
            reason=f"On which day {visit.visit} of {subject.id} was held is not known; it counts for {counts}, and "
            f"consent on {subject.consented_on} lies {(day - subject.consented_on).days} days before {day}.",
            rule=rule,
            mend=f"Take down on which day {visit.visit} was held; if that is too long ago, hold it again.",
        )
    return Refusal(
        code="screening.old",
        reason=f"{visit.visit} of {subject.id} was held on {held}, {(day - held).days} days before {day}; "
        f"it counts for {counts}, until {last}.",
        rule=rule,
        mend=_MEND.format(visit=visit.visit),
    )


def screened_again(study: Study, subject: Subject) -> bool:
    """Whether the screening visit was held again after enrolment, and what it binds has not come yet."""
    visit, enrolled = screening_binds(study, subject), subject.moments.get("enrolment")
    if visit is None or enrolled is None:
        return False
    held = subject.visits.get(visit.name)
    return held is not None and held.on is not None and held.on > subject.day_of(enrolled)
