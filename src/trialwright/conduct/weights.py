"""Body weights held against each other before a dose: what is asked where one does not fit those known before."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from trialwright.conduct import events as ev
from trialwright.conduct.case import Case
from trialwright.conduct.known import known
from trialwright.conduct.queries import Ask, raised
from trialwright.conduct.state import Subject

_CHANGE_PCT = 10
"""From which change a weight is asked about, %: an assumption of the project, for no protocol here gives a number."""


def weight_asked(case: Case, subject: Subject, prepared: ev.InfusionPrepared) -> tuple[ev.Event, ...]:
    """The query about the weight of a preparation that differs from one of its day, or much from the last one.

    The dose goes by the weight of the preparation. Nothing of the question depends on the arm.
    """
    weight_kg, weighed_on = prepared.weight_kg, prepared.weighed_on
    if weight_kg is None or weighed_on is None:
        return ()
    before = _known(case, subject)
    same_day = [kg for on, kg in before if on == weighed_on and kg != weight_kg]
    last = next((kg for on, kg in reversed(before) if on < weighed_on), None)
    if same_day:
        found = f"{same_day[-1]:f} kg were taken down for the same day"
    elif last is not None and abs(weight_kg - last) * 100 > _CHANGE_PCT * last:
        found = f"the last weight known before is {last:f} kg, which is more than {_CHANGE_PCT} % away"
    else:
        return ()
    giving = [visit for visit in case.study.schedule if visit.gives] or case.study.schedule
    ask = Ask(
        visit=giving[min(prepared.infusion, len(giving)) - 1].name,
        item="weight",
        text=f"The infusion is prepared by {weight_kg:f} kg of {weighed_on}, and {found}. Which is right?",
        rule=case.rule("items > weight"),
    )
    return raised(case, subject, (ask,))


def _known(case: Case, subject: Subject) -> list[tuple[date, Decimal]]:
    """The weights with the days that are known of them, kg, in the order of their days."""
    measured = known(case.study, subject).observations.get("weight", ())
    found = [(one.on, one.value) for one in measured if one.on is not None and isinstance(one.value, Decimal)]
    by_scales = ((one.weighed_on, one.weight_kg) for one in subject.course.preparations)
    found += [(on, kg) for on, kg in by_scales if on is not None and kg is not None]
    return sorted(found, key=lambda one: one[0])
