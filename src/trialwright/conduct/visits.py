"""Visits: when each is due at the site, what it still has to collect, and deciding that it was held or missed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Literal

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.course import prescription_of
from trialwright.conduct.data_state import VisitState
from trialwright.conduct.entered import day_fault
from trialwright.conduct.local_time import local_day, zone
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import State, Subject
from trialwright.protocol.explain_words import counted
from trialwright.protocol.facts import is_unscheduled, unscheduled_label, visit_name
from trialwright.protocol.study import Study, Visit
from trialwright.protocol.wording import visit_label

Status = Literal[
    "held", "held out of window", "missed", "to come", "due", "overdue", "no day yet", "no longer due", "unscheduled"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """A visit of the protocol for one subject, or one that was held between those, in days of the subject's site.

    Attributes:
        first: First day of its window; None while the day that it hangs on is not known, and between scheduled visits.
        target: The day that the protocol aims at.
        last: Last day of its window.
        days_out: Days that it was held outside its window: negative before it, positive after it.
        outstanding: Items to collect that have neither a value nor a reason why it is missing.
    """

    visit: Visit
    status: Status
    first: date | None
    target: date | None
    last: date | None
    held_on: date | None
    days_out: int
    outstanding: tuple[str, ...]


def plan(study: Study, state: State, subject: Subject, at: datetime) -> tuple[PlannedVisit, ...]:
    """Every visit of the protocol for a subject as it stands at a moment, in its order; then those between them."""
    today = local_day(state, subject.site, at)
    entered = frozenset(item.name for item in study.items if item.computed is None)
    scheduled = (_planned(study, state, subject, visit, today, entered) for visit in study.schedule)
    return (*scheduled, *_between(study, subject))


def anchor_day(study: Study, state: State, subject: Subject, anchor: str) -> date | None:
    """The day that visits hang on: what happened first, then the visit of day 0, then the day that was planned.

    Where the visit of day 0 gives something, the first infusion is that day; in an arm that is not infused, it is the
    first day on which what the arm gives was prescribed.

    Args:
        study: The protocol.
        state: The trial.
        subject: Whose day.
        anchor: `consent`, `infusion`, another day, or a visit by its name.
    """
    planned = subject.entered["days"].get(anchor)
    return day_that_was(study, state, subject, anchor) or (date.fromisoformat(planned) if planned else None)


def counts_from(study: Study, state: State, subject: Subject, visit: Visit) -> date | None:
    """The day that a visit counts from: a day that was only planned lets visits up to it be held, and none after it."""
    known = day_that_was if visit.day > 0 else anchor_day
    return known(study, state, subject, visit.anchor)


def day_that_was(study: Study, state: State, subject: Subject, anchor: str) -> date | None:
    """The day that visits hang on, once it was."""
    if anchor == "consent":
        return subject.consented_on
    at_day_0 = [visit for visit in study.schedule if visit.anchor == anchor and visit.day == 0]
    gives = any(visit.gives for visit in at_day_0)
    for name in (anchor, "infusion", *_prescriptions(study, subject)) if gives else (anchor,):
        if name in subject.moments:
            return local_day(state, subject.site, subject.moments[name])
    for name in (anchor, *(visit.name for visit in at_day_0)):
        held = subject.visits.get(name)
        if held and held.on:
            return held.on
    return None


def treated_at(study: Study, subject: Subject) -> datetime | None:
    """When a subject first received study treatment: an infusion, or a prescription of what its arm gives."""
    arm = next((arm for arm in study.arms if arm.name == subject.arm), None)
    names = ("infusion", *(prescription_of(one.product) for one in (arm.treatments if arm else ())))
    return _first(subject, names)


def begun_at(study: Study, subject: Subject) -> datetime | None:
    """When the treatment that visits count from began: an infusion, or a prescription in an arm that is not infused."""
    names = ("infusion", *_prescriptions(study, subject))
    return _first(subject, names)


def _first(subject: Subject, names: Iterable[str]) -> datetime | None:
    """The first of some moments of a subject; None where none of them was."""
    return min((subject.moments[name] for name in names if name in subject.moments), default=None)


def treated_on(study: Study, subject: Subject) -> date | None:
    """The day of that where the subject is."""
    at = treated_at(study, subject)
    return subject.day_of(at) if at else None


def screening_binds(study: Study, subject: Subject) -> Visit | None:
    """The visit named Screening, while the first treatment or what else it counts back from has not come."""
    visit = study.visit("screening")
    if visit is None or visit.day >= 0:
        return None
    if visit.anchor in study.treatment_days:
        return visit if begun_at(study, subject) is None else None
    return None if {visit.anchor} & {*subject.moments, *subject.visits} else visit


def _prescriptions(study: Study, subject: Subject) -> tuple[str, ...]:
    """The first prescriptions of what the arm of a subject gives, where it is not infused, by when they were."""
    arm = next((arm for arm in study.arms if arm.name == subject.arm), None)
    if arm is None or any(one.times is not None for one in arm.treatments):
        return ()
    known = {prescription_of(one.product) for one in arm.treatments} & subject.moments.keys()
    return tuple(sorted(known, key=subject.moments.__getitem__))


def window(study: Study, state: State, subject: Subject, visit: Visit) -> tuple[date, date] | None:
    """First and last day of a visit's window; None while its anchor is not known, and of a visit without one."""
    return None if is_unscheduled(visit.name) else _window(counts_from(study, state, subject, visit), visit)


def _window(anchor: date | None, visit: Visit) -> tuple[date, date] | None:
    if anchor is None:
        return None
    return anchor + timedelta(days=visit.first_day), anchor + timedelta(days=visit.last_day)


def days_out_of_window(study: Study, state: State, subject: Subject, visit: Visit, on: date) -> int:
    """By how many days a day lies before (negative) or after a visit's window; a visit that sets day 0 has none yet."""
    sets_the_day = visit.day == 0 and day_that_was(study, state, subject, visit.anchor) is None
    return 0 if sets_the_day else _days_out(window(study, state, subject, visit), on)


def set_time_zone(case: Case, command: cmd.SetTimeZone) -> Decided:
    """Say where a site is; the days of what was recorded before stay."""
    if command.site not in case.state.sites:
        return invalid("site.unknown", f"Site {command.site} is not open.", "Open the site first.")
    try:
        zone(command.zone)
    except ValueError as fault:
        return invalid("site.zone", f"{fault}.", "Correct the name.")
    was = case.state.zones.get(command.site)
    if was == command.zone:
        return invalid("site.zone_same", f"Site {command.site} already counts in {was}.", "Nothing to do.")
    return (case.stamp(ev.TimeZoneSetV2, at_site=command.site, zone=command.zone, was=was),)


def hold_visit(case: Case, command: cmd.HoldVisit) -> Decided:
    """Take down that a visit was held, or correct the day on which it was."""
    found = subject_and_visit(case, command.subject, command.visit)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    before = subject.visits.get(visit.name)
    if before and command.saw != before.on:
        there = "that it was missed" if before.on is None else f"that it was held on {before.on}"
        saw = f"the day {command.saw}" if command.saw else "no day"
        return invalid(
            "visit.conflict",
            f"{visit.visit} of {subject.id}: the log says {there}, and you saw {saw}.",
            "Look at both and enter it again, naming the day that stands there, if it is to change.",
        )
    if before and before.on == command.on:
        return invalid("visit.same", f"{visit.visit} of {subject.id} was held on {before.on}.", "Nothing to do.")
    if before and command.reason is None:
        return invalid("visit.reason", f"The record of {visit.visit} of {subject.id} changes.", "Give the reason.")
    return held(case, subject, visit, command.on, command.reason)


def held(case: Case, subject: Subject, visit: Visit, on: date, reason: str | None) -> Decided:
    """The events by which a visit was held; no day that cannot be, and none out of the window without the reason.

    After a screening visit that is held again before the treatment, eligibility is to be assessed anew; its window is
    counted once the treatment has come.
    """
    if fault := visit_day_fault(case, subject, visit, on):
        return fault
    if refusal := _before_treatment(case, subject, visit):
        return refusal
    known = anchor_day(case.study, case.state, subject, visit.name)
    again = visit == screening_binds(case.study, subject) and known is not None and on > known
    if again and reason is None:
        return invalid(
            "visit.reason", f"{visit.visit} of {subject.id} was held on {known}.", "Say why it is held again."
        )
    days_out = 0 if again else days_out_of_window(case.study, case.state, subject, visit, on)
    if days_out and reason is None:
        side = "after" if days_out > 0 else "before"
        return invalid(
            "visit.out_of_window",
            f"{visit.visit} of {subject.id} on {on} is {counted(abs(days_out), 'day')} {side} its window.",
            "Correct the day, or give the reason; the visit then stands as held out of its window.",
            case.rule(f"schedule > {visit.visit} > window"),
        )
    before = subject.visits.get(visit.name)
    was = before.on if before else None
    told = {"visit": visit.name, "on": on, "was": was, "days_out": days_out, "reason": reason}
    taken = case.stamp(ev.VisitHeld, subject=subject.id, **told)
    if not again or subject.verdict is None:
        return (taken,)
    return (taken, case.stamp(ev.EligibilityOutdated, subject=subject.id, items=()))


def hold_unscheduled_visit(case: Case, command: cmd.HoldUnscheduledVisit) -> Decided:
    """Take down a visit between those of the schedule; a second one on a day is the same one."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    visit = _next_unscheduled(case, subject, command.on)
    if fault := visit_day_fault(case, subject, visit, command.on):
        return fault
    if there := [name for name, known in subject.visits.items() if is_unscheduled(name) and known.on == command.on]:
        what = f"{visit_label(there[0], case.study)} of {subject.id} was held on {command.on}."
        return invalid("visit.same", what, "Record what was collected under that visit.")
    told = {"subject": subject.id, "visit": visit.name, "on": command.on, "reason": command.reason}
    return (case.stamp(ev.UnscheduledVisitHeld, **told),)


def _next_unscheduled(case: Case, subject: Subject, on: date) -> Visit:
    """The visit that one on a day becomes: after those of the schedule that were held by then, with a free number."""
    known = (known_of(case.study, case.state, subject, visit) for visit in case.study.schedule)
    after = max((place for place, one in enumerate(known, start=1) if one and one.on and one.on <= on), default=0)
    labels = (unscheduled_label(after, number) for number in count(1))
    return _unscheduled(case.study, subject, next(one for one in labels if visit_name(one) not in subject.visits), on)


def _unscheduled(study: Study, subject: Subject, label: str, on: date) -> Visit:
    """A visit between those of the schedule, before or after the first treatment: every item may be collected there."""
    began = treated_on(study, subject)
    return Visit(visit=label, day=int(began is not None and on > began), collect=study.collected)


def _before_treatment(case: Case, subject: Subject, visit: Visit) -> Refusal | None:
    """The refusal of a visit that counts from the first treatment, of a subject who has had none."""
    if visit.anchor not in case.study.treatment_days or counts_from(case.study, case.state, subject, visit):
        return None
    if visit.day <= 0:
        return None
    return invalid(
        "visit.untreated",
        f"{visit.visit} counts from the first treatment, and {subject.id} has had none.",
        "Record what was collected at a visit before the treatment, or take the treatment down first.",
        case.rule(f"schedule > {visit.visit}"),
    )


def miss_visit(case: Case, command: cmd.MissVisit) -> Decided:
    """Take down that a visit was missed; not one that was held, nor one that can still be held."""
    found = subject_and_visit(case, command.subject, command.visit)
    if isinstance(found, Refusal):
        return found
    subject, visit = found
    before = known_of(case.study, case.state, subject, visit)
    if before:
        there = "missed" if before.missed else f"held on {before.on}"
        return invalid("visit.known", f"{visit.visit} of {subject.id} was {there}.", "Correct it with its day.")
    days = window(case.study, case.state, subject, visit)
    if days is None or case.today < days[0]:
        begins = f"begins on {days[0]}" if days else f"is not known yet: its {visit.anchor} has not been"
        return invalid(
            "visit.to_come",
            f"The window of {visit.visit} of {subject.id} {begins}.",
            "A visit is missed once its window has begun.",
            case.rule(f"schedule > {visit.visit} > window"),
        )
    if command.reason == "other" and command.text is None:
        return invalid("visit.reason", "The reason 'other' says nothing by itself.", "Say it in words.")
    return (case.stamp(ev.VisitMissed, subject=subject.id, visit=visit.name, reason=command.reason, text=command.text),)


def subject_and_visit(case: Case, subject_id: str, name: str) -> tuple[Subject, Visit] | Refusal:
    """The subject and the visit of that name, or why there are none."""
    subject = case.subject(subject_id)
    if isinstance(subject, Refusal):
        return subject
    visit = visit_of(case.study, subject, name)
    return (subject, visit) if visit else _unknown_visit(case, name)


def _unknown_visit(case: Case, name: str) -> Refusal:
    if is_unscheduled(name):
        return invalid("visit.unknown", f"{name} was not held.", "Take down first that the visit was held.")
    known = ", ".join(visit.visit for visit in case.study.schedule)
    return invalid("visit.unknown", f"The protocol has no visit {name}.", f"It has {known}.", case.rule("schedule"))


def visit_of(study: Study, subject: Subject, name: str) -> Visit | None:
    """The visit of that name: one of the protocol, or one that was held between its visits."""
    held = subject.visits.get(visit_name(name)) if is_unscheduled(name) else None
    return _unscheduled(study, subject, visit_label(name, study), held.on) if held and held.on else study.visit(name)


ENDS_CONSENT = frozenset({"death", "withdrawal by subject"})
"""What ends collection: nobody is asked after death, or without consent."""


def visit_day_fault(case: Case, subject: Subject, visit: Visit, on: date) -> Refusal | None:
    """The refusal of a day on which nothing can have been collected: to come, before consent, after its end."""
    what, gone = f"{visit.visit} of {subject.id}", subject.disposition
    fault = day_fault(case, subject, what, on)
    if fault is None and on < subject.consented_on:
        fault = f"{what}: {on} lies before consent on {subject.consented_on}"
    if fault is None and gone is not None and gone.term in ENDS_CONSENT and on > gone.occurred_on:
        fault = f"{what}: {on} lies after the {gone.term} on {gone.occurred_on}"
    return invalid("visit.day", f"{fault}.", "Correct the day; nothing was saved.") if fault else None


def plan_day(case: Case, command: cmd.PlanDay) -> Decided:
    """Plan a day anew that has not come, with the reason; the windows of the visits that count from it follow."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    name, known = command.anchor, plannable(case.study)
    if name not in known:
        return invalid(
            "day.unknown", f"No visit counts from a day named {name}.", f"Visits count from {', '.join(known)}."
        )
    was = day_that_was(case.study, case.state, subject, name)
    if was is not None:
        return Refusal(
            code="day.was",
            reason=f"The {name} of {subject.id} was on {was}, and is not planned any more.",
            rule=case.rule("schedule"),
            mend="Correct the visit of that day, where it was not.",
        )
    if command.on < case.today:
        return invalid(
            "day.past",
            f"The {name} of {subject.id} cannot be planned for {command.on}, which is past.",
            "Plan it for today or later.",
        )
    planned = anchor_day(case.study, case.state, subject, name)
    if planned == command.on:
        return invalid("day.same", f"The {name} of {subject.id} is planned for that day already.", "Nothing to do.")
    told = {"anchor": name, "was": planned, "on": command.on, "reason": command.reason}
    return (case.stamp(ev.DayPlanned, subject=subject.id, **told),)


def plannable(study: Study) -> tuple[str, ...]:
    """The days that visits count from and that can be planned; consent is not planned."""
    return tuple(dict.fromkeys(visit.anchor for visit in study.schedule if visit.anchor != "consent"))


def _planned(
    study: Study, state: State, subject: Subject, visit: Visit, today: date, entered: Collection[str]
) -> PlannedVisit:
    anchor = counts_from(study, state, subject, visit)
    days, name = _window(anchor, visit), visit.name
    known, points = known_of(study, state, subject, visit), subject.data.get(name, {})
    on, missed = (known.on, known.missed) if known else (None, False)
    days_out = _days_out(days, on) if on else 0
    return PlannedVisit(
        visit=visit,
        status=_status(subject, known, days, days_out, today),
        first=days[0] if days else None,
        target=anchor + timedelta(days=visit.day) if anchor else None,
        last=days[1] if days else None,
        held_on=on,
        days_out=days_out,
        outstanding=tuple(one for one in visit.collect if one in entered and one not in points and not missed),
    )


def _between(study: Study, subject: Subject) -> Iterator[PlannedVisit]:
    """The visits that were held between those of the schedule; none of them waits for anything."""
    for name, known in subject.visits.items():
        if known.on and (visit := visit_of(study, subject, name)) and is_unscheduled(name):
            yield PlannedVisit(
                visit=visit,
                status="unscheduled",
                first=None,
                target=None,
                last=None,
                held_on=known.on,
                days_out=0,
                outstanding=(),
            )


def known_of(study: Study, state: State, subject: Subject, visit: Visit) -> VisitState | None:
    """A visit as it was taken down, held or missed; else as held on the day of an infusion that it gives."""
    known, days = subject.visits.get(visit.name), window(study, state, subject, visit)
    if known or days is None or not visit.gives:
        return known
    begun = (subject.day_of(infusion.at) for infusion in subject.course.infusions)
    on = next((day for day in begun if days[0] <= day <= days[1]), None)
    return VisitState(visit=visit.name, on=on) if on else None


def _status(
    subject: Subject, known: VisitState | None, days: tuple[date, date] | None, days_out: int, today: date
) -> Status:
    """How a visit stands; whoever left before its window began is not awaited for it."""
    if known:
        return "missed" if known.missed else "held out of window" if days_out else "held"
    left = subject.disposition
    if left and (days is None or left.occurred_on < days[0]):
        return "no longer due"
    if days is None:
        return "no day yet"
    first, last = days
    return "to come" if today < first else "due" if today <= last else "overdue"


def held_on(subject: Subject, visit: Visit) -> date | None:
    """The day on which a visit was taken down as held."""
    known = subject.visits.get(visit.name)
    return known.on if known else None


def _days_out(days: tuple[date, date] | None, on: date) -> int:
    if days is None:
        return 0
    first, last = days
    return min((on - first).days, 0) + max((on - last).days, 0)
