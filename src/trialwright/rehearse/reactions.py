"""What happens to a virtual subject beside its disease: adverse events, and leaving before the end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import numpy as np

from trialwright.protocol.escalation import DltDefinition, DoseEscalation
from trialwright.protocol.study import Study
from trialwright.rehearse.virtual import REACTIONS, VirtualSubject

MILD = ("Fever", "Headache", "Fatigue", "Nausea", "Chills", "Arthralgia", "Dizziness", "Injection site reaction")
"""CTCAE 5.0 terms, all of which have grades 1 and 2."""

SEVERE = ("Infusion related reaction", "Alanine aminotransferase increased", "Thromboembolic event", "Hypoxia")
"""CTCAE 5.0 terms, all of which have grades 3 and 4."""

FATAL = "Sepsis"
"""A CTCAE 5.0 term that has grade 5."""

Leaving = Literal["lost to follow-up", "withdrawal by subject", "death"]
_WAYS: dict[Leaving, float] = {"lost to follow-up": 0.5, "withdrawal by subject": 0.35, "death": 0.15}

_MEAN_MILD_EVENTS = 1.3
_MONTH_DAYS = 28
_MILD_EVENTS_PER_MONTH = 0.25
_SEVERE_SHARE = 0.04
_GRADE_2_SHARE = 0.25
_GRADE_4_SHARE = 0.2
_RELATED_SHARE, _RELATED_LATE_SHARE = 0.5, 0.1
_GOES_ON_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualEvent:
    """An adverse event to come, so long after the first treatment.

    Attributes:
        lasts: How long; None where it goes on.
    """

    after: timedelta
    term: str
    grade: int
    related: bool
    lasts: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualLeave:
    """How and when somebody leaves, so long after the first treatment."""

    after: timedelta
    how: Leaving


def reactions(person: VirtualSubject, study: Study, true_rate: float, days: int) -> tuple[VirtualEvent, ...]:
    """The adverse events after treatment: most in the first month, some later; a DLT by the subject's tolerance.

    Args:
        person: The subject.
        study: The protocol, whose definition of a DLT says what no other event may be.
        true_rate: The true DLT rate at the subject's level; 0 where no dose is escalated.
        days: How long the subject is followed, days.
    """
    rng = person.stream(REACTIONS)
    escalation = study.dose_escalation
    early = escalation.dlt_window.days if escalation else min(days, _MONTH_DAYS)
    later = max(0, days - early)
    events = [_mild(rng, _soon(rng, early)) for _ in range(int(rng.poisson(_MEAN_MILD_EVENTS)))]
    number = int(rng.poisson(_MILD_EVENTS_PER_MONTH * later / _MONTH_DAYS))
    late = [timedelta(hours=float(rng.uniform(early, days)) * 24) for _ in range(number)]
    events += [_mild(rng, after, _RELATED_LATE_SHARE) for after in late]
    if rng.random() < _SEVERE_SHARE:
        related = escalation is None and bool(rng.random() < _RELATED_SHARE)
        events.append(_severe(rng, early, related=related))
    events = [_harmless(event, escalation.dlt) if escalation else event for event in events]
    if person.tolerance < true_rate:
        events.append(_dose_limiting(_severe(rng, early, related=True), escalation))
    return tuple(sorted(events, key=lambda event: event.after))


def leaves_early(person: VirtualSubject, study: Study, days: int) -> VirtualLeave | None:
    """How and when the subject leaves before the end, as often as the protocol plans with drop-out."""
    rng = np.random.default_rng([person.seed, person.number, REACTIONS, 1])
    if rng.random() >= study.planning.drop_out:
        return None
    how = str(rng.choice(list(_WAYS), p=list(_WAYS.values())))
    after = timedelta(days=int(rng.integers(max(1, days // 20), max(2, days))))
    return VirtualLeave(after=after, how=next(one for one in _WAYS if one == how))


def _harmless(event: VirtualEvent, dlt: DltDefinition) -> VirtualEvent:
    """An event that is no DLT, by being unrelated, or else of grade 1."""
    if not dlt.counts(term=event.term, grade=event.grade, related=event.related):
        return event
    unrelated = dlt.counts(term=event.term, grade=event.grade, related=False)
    term, grade = (MILD[0], 1) if unrelated else (event.term, event.grade)
    return replace(event, term=term, grade=grade, related=False)


def _dose_limiting(event: VirtualEvent, escalation: DoseEscalation | None) -> VirtualEvent:
    """A severe event in the grade that the protocol asks of a DLT."""
    if escalation is None or escalation.dlt.counts(term=event.term, grade=event.grade, related=True):
        return event
    return replace(event, grade=4)


def _mild(rng: np.random.Generator, after: timedelta, related_share: float = _RELATED_SHARE) -> VirtualEvent:
    grade = 2 if rng.random() < _GRADE_2_SHARE else 1
    related = bool(rng.random() < related_share)
    return VirtualEvent(after=after, term=str(rng.choice(MILD)), grade=grade, related=related, lasts=_lasts(rng, 3))


def _severe(rng: np.random.Generator, window_days: int, *, related: bool) -> VirtualEvent:
    grade = 4 if rng.random() < _GRADE_4_SHARE else 3
    after = _soon(rng, window_days)
    return VirtualEvent(after=after, term=str(rng.choice(SEVERE)), grade=grade, related=related, lasts=_lasts(rng, 9))


def _lasts(rng: np.random.Generator, mean_days: int) -> timedelta | None:
    days = timedelta(days=1 + int(rng.exponential(mean_days)))
    return None if rng.random() < _GOES_ON_SHARE else days


def _soon(rng: np.random.Generator, window_days: int) -> timedelta:
    """Most reactions come early: exponential with a mean of a quarter of the window, within the window."""
    return timedelta(hours=float(min(rng.exponential(window_days / 4), window_days - 1)) * 24)
