"""What was taken down as medicine, as observations of the items that criteria read, and where the two contradict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from trialwright.conduct import events as ev
from trialwright.protocol.facts import Facts, Observation
from trialwright.protocol.study import Item, Study
from trialwright.protocol.subject import parse_subject
from trialwright.protocol.subject_text import spoken, write_subject

if TYPE_CHECKING:
    from trialwright.conduct.course import MedicineTaken
    from trialwright.conduct.state import Subject

History = tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """One time that a medicine was taken: its days, and the dose as last prescribed, in the unit of the item."""

    drug: str
    first: date
    last: date | None
    dose: Decimal | None
    prescribed_on: date

    def holds(self, day: date) -> bool:
        """Whether it began before a day and was still taken on it."""
        return self.first < day and (self.last is None or self.last >= day)

    def meets(self, one: Observation, asked_on: date | None) -> bool:
        """Whether it is the exposure that an observation of a drug tells of, which went on when it was asked."""
        begun = one.since or one.on or asked_on
        over = begun is not None and self.last is not None and self.last < begun
        return one.value is not False and not over and (one.on is None or self.first <= one.on)

    def __str__(self) -> str:
        dose = f" {self.dose:f}" if self.dose is not None else ""
        return f"{self.drug}{dose} from {self.first}" + (f" to {self.last}" if self.last else ", still taken")


def with_medicine(study: Study, subject: Subject, facts: Facts) -> Facts:
    """What is known, with what was taken down as medicine; an item on which the two contradict is not known."""
    found = dict(facts.observations)
    for item, taken in _told(study, subject):
        history, asked_on = found.pop(item.name, None), _asked_on(subject, item)
        if not any(_contradicts(item, history, one, asked_on) for one in taken):
            found[item.name] = _joined(item, history or (), taken, asked_on)
    return replace(facts, observations=found)


def contradictions(study: Study, subject: Subject, facts: Facts) -> Iterator[tuple[Item, str]]:
    """The items of which the entries of medicine contradict what was asked, each with both in words.

    Args:
        study: The protocol.
        subject: Whose.
        facts: What was asked, without what was taken down as medicine.
    """
    for item, taken in _told(study, subject):
        history, asked_on = facts.observations.get(item.name), _asked_on(subject, item)
        for one in taken:
            if _contradicts(item, history, one, asked_on):
                said = spoken(write_subject(facts, study)["values"][item.name])
                yield item, f"asked by {asked_on}, {said}; taken down as medicine, {one}"


def told_since(study: Study, subject: Subject, entry: int) -> frozenset[str]:
    """The items of which medicine tells that was taken down, ended or voided after an entry."""
    changes = ev.Prescription | ev.MedicineStopped | ev.MedicineStoppedV2 | ev.MedicineVoided
    drugs = {event.drug for number, event in subject.record if number > entry and isinstance(event, changes)}
    return frozenset(name for drug in drugs for name in told_by(study, subject, drug))


def told_by(study: Study, subject: Subject, drug: str) -> frozenset[str]:
    """The items of which a medicine of a subject tells, by what it was ever said to count as."""
    prescribed = (event for _, event in subject.record if isinstance(event, ev.Prescription))
    counts_as = {one.counts_as for one in prescribed if one.drug.casefold() == drug.casefold()}
    return frozenset(item.name for name in counts_as for item in study.items_told_by(drug, name))


def periods(subject: Subject, taken: MedicineTaken) -> tuple[tuple[date, date | None], ...]:
    """When it was taken; an entry of which the days were not asked began and ended on its own."""
    ended = subject.day_of(taken.stopped_at) if taken.stopped_at else None
    return taken.periods or ((subject.day_of(taken.since), ended),)


def _told(study: Study, subject: Subject) -> Iterator[tuple[Item, tuple[_Taken, ...]]]:
    """The items of which medicine tells, each with every time that it was taken."""
    told: dict[str, list[_Taken]] = {}
    for medicine in subject.course.medicines.values():
        for item in study.items_told_by(medicine.drug, medicine.counts_as):
            told.setdefault(item.name, []).extend(_times(subject, medicine, item))
    yield from ((item, tuple(told[item.name])) for item in study.items if item.name in told)


def _times(subject: Subject, medicine: MedicineTaken, item: Item) -> Iterator[_Taken]:
    dose = medicine.dose if medicine.unit == item.unit else None
    for first, last in periods(subject, medicine):
        prescribed_on = subject.day_of(medicine.since)
        yield _Taken(drug=medicine.drug, first=first, last=last, dose=dose, prescribed_on=prescribed_on)


def _asked_on(subject: Subject, item: Item) -> date | None:
    """The last day on which an item was asked; None where it never was."""
    points = (points.get(item.name) for points in subject.data.values())
    days = [point.on for point in points if point and point.value is not None]
    assessed = (event for _, event in subject.record if isinstance(event, ev.EligibilityAssessedV2))
    days += [
        subject.day_of(event.at)
        for event in assessed
        if parse_subject(event.entered)["values"].get(item.name) is not None
    ]
    return max(days, default=None)


def _contradicts(item: Item, history: History | None, taken: _Taken, asked_on: date | None) -> bool:
    """Whether what was asked of an item denies a time that a medicine was taken, or gives another dose or end of it."""
    if history is None or asked_on is None or taken.first >= asked_on:
        return False
    if item.type == "event":
        return not any(one.value is not False for one in history)
    same = [one for one in history if taken.meets(one, asked_on)]
    if not same:
        return taken.holds(asked_on)
    last = same[-1]
    over = taken.last is not None and taken.last < asked_on
    ended = last.on != taken.last if last.on else over
    known = isinstance(last.value, Decimal) and taken.dose is not None and taken.prescribed_on <= asked_on
    return ended or (known and taken.dose != last.value)


def _joined(item: Item, history: History, taken: tuple[_Taken, ...], asked_on: date | None) -> History:
    """What was asked and what was taken down, an exposure that both tell of once."""
    found = [one for one in history if one.value is not False]
    for one in taken:
        same = [known for known in found if item.type == "drug" and one.meets(known, asked_on)]
        if not same:
            dose = one.dose if item.type == "drug" and one.dose is not None else True
            found.append(Observation(value=dose, unit=item.unit, since=one.first, on=one.last))
        elif same[-1].on is None:
            found.remove(same[-1])
            found += _gone_on(same[-1], one)
    return tuple(found)


def _gone_on(known: Observation, taken: _Taken) -> Iterator[Observation]:
    """An exposure that went on when it was asked, with its end, and with the dose that it was changed to since."""
    if taken.dose is not None and taken.dose != known.value:
        yield replace(known, on=taken.prescribed_on)
        known = replace(known, value=taken.dose, stable_since=taken.prescribed_on)
    yield replace(known, on=taken.last)
