"""The visit that an infusion belongs to: one that the schedule does not have is refused, one out of window is told why.

The reason stands with the visit, which is then held out of its window like any other.
"""

from __future__ import annotations

from datetime import date

from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import State, Subject
from trialwright.conduct.visits import days_out_of_window, held, held_on, window
from trialwright.protocol.explain_words import counted
from trialwright.protocol.study import Study, Visit


def not_planned(case: Case, subject: Subject, course: int, product: str) -> Refusal | None:
    """The refusal of an infusion for which no visit of the schedule is left."""
    if visit_left(case.study, case.state, subject, course, product, case.today):
        return None
    last = _giving(case.study, product)[-1].visit
    return Refusal(
        code="infusion.not_planned",
        reason=f"No visit is left at which {subject.id} is to receive {product}; {last} was the last one.",
        rule=case.rule(f"schedule > {last} > gives"),
        mend="Nothing is given. Where a visit was taken down as missed and is held today, take it down as held first.",
    )


def visit_left(study: Study, state: State, subject: Subject, course: int, product: str, on: date) -> bool:
    """Whether a visit is left at which a subject is to receive a product, or the schedule does not say when it is."""
    return not _giving(study, product) or _visit_of(study, state, subject, course, product, on) is not None


def in_its_window(case: Case, subject: Subject, course: int, product: str, why: str | None) -> Decided:
    """What an infusion that begins today leaves of its visit: nothing in the window, the reason beyond it."""
    found = out_of_window(case.study, case.state, subject, course, product, case.today)
    if found is None:
        if why is None:
            return ()
        what = f"The infusion of {subject.id} is in its window, or its visit is held today already."
        return invalid("infusion.in_window", what, "Leave out why it is out of window.")
    visit, out = found
    if why is None:
        side = "after" if out > 0 else "before"
        return Refusal(
            code="infusion.out_of_window",
            reason=f"An infusion of {subject.id} on {case.today} is {counted(abs(out), 'day')} {side} the window of "
            f"{visit.visit}.",
            rule=case.rule(f"schedule > {visit.visit} > window"),
            mend="Say why it is out of window; the visit then stands as held out of its window.",
        )
    return held(case, subject, visit, case.today, why)


def out_of_window(
    study: Study, state: State, subject: Subject, course: int, product: str, on: date
) -> tuple[Visit, int] | None:
    """The visit of the next infusion, and by how many days one on that day lies outside its window; None within it.

    A visit that was taken down as held on that day has had its reason.
    """
    visit = _visit_of(study, state, subject, course, product, on)
    if visit is None or held_on(subject, visit) == on:
        return None
    out = days_out_of_window(study, state, subject, visit, on)
    return (visit, out) if out else None


def _visit_of(study: Study, state: State, subject: Subject, course: int, product: str, on: date) -> Visit | None:
    """The visit of the next infusion, were it given on a day: one after those of the infusions before it."""
    left = _giving(study, product)
    for infusion in subject.course.of(course):
        visit = _of_day(study, state, subject, left, subject.day_of(infusion.at))
        left = left[left.index(visit) + 1 :] if visit else ()
    return _of_day(study, state, subject, left, on)


def _of_day(study: Study, state: State, subject: Subject, visits: tuple[Visit, ...], on: date) -> Visit | None:
    """The visit that is held on a day or whose window has it, else the first that was not missed."""
    for visit in visits:
        days = window(study, state, subject, visit)
        if held_on(subject, visit) == on or (days and days[0] <= on <= days[1]):
            return visit
    return next((one for one in visits if one.name not in subject.visits or held_on(subject, one)), None)


def _giving(study: Study, product: str) -> tuple[Visit, ...]:
    return tuple(sorted((visit for visit in study.schedule if product in visit.gives), key=lambda visit: visit.day))
