"""Body weights held against each other before a dose: what is asked where one does not fit those known before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from trialwright.conduct import events as ev
from trialwright.conduct.case import Case
from trialwright.conduct.course import Preparation
from trialwright.conduct.dosing import another_dose
from trialwright.conduct.known import known
from trialwright.conduct.queries import Ask, raised
from trialwright.conduct.state import Subject
from trialwright.protocol.study import Study

_CHANGE_PCT = 10
"""From which change a weight is asked about, %: an assumption of the project, for no protocol here gives a number."""


def weight_asked(case: Case, subject: Subject, prepared: ev.InfusionPrepared) -> tuple[ev.Event, ...]:
    """The query about the weight of a preparation that differs from one of its day, or much from the last one.

    The dose goes by the weight of the preparation. Nothing of the question depends on the arm.
    """
    weight_kg, weighed_on = prepared.weight_kg, prepared.weighed_on
    if weight_kg is None or weighed_on is None:
        return ()
    before = weighed(case.study, subject)
    same_day = [kg for on, kg in before if on == weighed_on and kg != weight_kg]
    last = next((kg for on, kg in reversed(before) if on < weighed_on), None)
    if same_day:
        found = f"{same_day[-1]:f} kg were taken down for the same day"
    elif last is not None and _changed(last, weight_kg):
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


def asked_of_weights(study: Study, subject: Subject) -> Iterator[Ask]:
    """What is asked where a weight was recorded after a preparation, and does not fit the one that it was made by."""
    for prepared in subject.course.preparations:
        yield from (ask for _, ask in _weighed_since(study, subject, prepared))


def unanswered(study: Study, subject: Subject, prepared: Preparation, arm: str | None) -> Ask | None:
    """What nobody has answered of a weight that gives another dose than the one that a preparation holds.

    The answer is the reason why it is given all the same. In a masked trial it is asked alike for every arm.
    """
    answered = {query.text for query in subject.queries if query.status != "open"}
    asks = _weighed_since(study, subject, prepared)
    return next(
        (
            ask
            for kg, ask in asks
            if ask.text not in answered and another_dose(study, arm, prepared.weight_kg or kg, kg)
        ),
        None,
    )


def _weighed_since(study: Study, subject: Subject, prepared: Preparation) -> Iterator[tuple[Decimal, Ask]]:
    """Weights, kg, that were recorded after a preparation and do not fit its own, each with what is asked.

    They are those of the day of its weight, and while it waits those of later days; of one that was discarded none.
    """
    begun = any(one.preparation == prepared.number for one in subject.course.infusions)
    events = ((number, event) for number, event in subject.record if isinstance(event, ev.InfusionPrepared))
    made = next((number for number, event in events if event.preparation == prepared.number), None)
    weight_kg, weighed_on = prepared.weight_kg, prepared.weighed_on
    if made is None or weight_kg is None or weighed_on is None or not (prepared.waiting or begun):
        return
    for visit, points in subject.data.items():
        point = points.get("weight")
        if point is None or not point.value or point.sequence <= made:
            continue
        kg, later = point.value[-1]["value"], prepared.waiting and point.on > weighed_on
        if kg != weight_kg if point.on == weighed_on else later and _changed(weight_kg, kg):
            text = (
                f"{kg:f} kg of {point.on}; preparation {prepared.coi} was made by {weight_kg:f} kg of {weighed_on}. "
                "Which is right?"
            )
            rule = f"protocol {study.id} version {study.version}, items > weight"
            yield kg, Ask(visit=visit, item="weight", text=text, rule=rule)


def _changed(before_kg: Decimal, kg: Decimal) -> bool:
    return abs(kg - before_kg) * 100 > _CHANGE_PCT * before_kg


def weighed(study: Study, subject: Subject) -> list[tuple[date, Decimal]]:
    """The weights with the days that are known of them, kg, in the order of their days."""
    measured = known(study, subject).observations.get("weight", ())
    found = [(one.on, one.value) for one in measured if one.on is not None and isinstance(one.value, Decimal)]
    by_scales = ((one.weighed_on, one.weight_kg) for one in subject.course.preparations)
    found += [(on, kg) for on, kg in by_scales if on is not None and kg is not None]
    return sorted(found, key=lambda one: one[0])
