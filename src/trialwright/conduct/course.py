"""The course of one subject's treatment: what was prescribed, prepared, matched and given. The same for every arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import singledispatch
from typing import Literal

from trialwright.conduct.events import medicine as medicine_events
from trialwright.conduct.events import treatment as events
from trialwright.conduct.frozen import replace
from trialwright.conduct.stock import Dispensed


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A prepared infusion, until it begins or is thrown away.

    Attributes:
        course: Which of the treatments of the arm it belongs to, from 1.
        infusion: Which infusion of that treatment it is, from 1.
        coi: Chain-of-identity id on its label.
        matched_by: Who held both identifiers against the record.
        dispensed: What it holds; None in a masked trial, where that is sealed.
    """

    number: int
    course: int
    infusion: int
    at: datetime
    coi: str
    weight_kg: Decimal | None
    weighed_on: date | None
    planned_ml: Decimal
    volume_ml: Decimal
    usable_until: datetime
    matched_by: tuple[str, ...] = ()
    waiting: bool = True
    dispensed: Dispensed | None = None


@dataclass(frozen=True, kw_only=True)
class Infusion:
    """An infusion that was begun: what was planned, prepared and given.

    Attributes:
        at: When it began.
        given_ml: Volume given, mL; None until it was halted or ended.
        level: Dose level of a dose escalation.
        product: Name of the product; None in a masked trial, as are the numbers of cells.
        course: Which of the treatments of the arm it belongs to, from 1.
        number: Which infusion of that treatment it is, from 1.
    """

    at: datetime
    planned_ml: Decimal
    given_ml: Decimal | None
    level: int | None = None
    dose_cells_per_kg: Decimal | None = None
    weight_kg: Decimal | None = None
    planned_cells: Decimal | None = None
    prepared_cells: Decimal | None = None
    prepared_ml: Decimal | None = None
    product: str | None = None
    course: int = 1
    number: int = 1
    preparation: int | None = None
    status: Literal["running", "interrupted", "completed", "aborted"] = "completed"
    reason: str | None = None

    @property
    def running(self) -> bool:
        """Whether it has begun and not ended."""
        return self.status in {"running", "interrupted"}

    @property
    def given_cells(self) -> Decimal | None:
        """Viable cells given: those prepared, by the share of the volume that ran in."""
        if self.prepared_cells is None or self.given_ml is None or not self.prepared_ml:
            return None
        return self.prepared_cells * self.given_ml / self.prepared_ml


@dataclass(frozen=True, kw_only=True)
class MedicineTaken:
    """A medicine beside the product, as last prescribed.

    Attributes:
        use: What the protocol said of it; `other` where it says nothing, `undetermined` where that hangs on a treatment
            that had not been given yet.
        within: Whether the dose lies within the protocol's range; None where there is none.
        counts_as: The medicine of the protocol that it is one of.
        periods: First and last day of each time that it was taken, as far as they were asked for; the last day is None
            while it is taken.
    """

    drug: str
    use: Literal["given", "allowed", "forbidden", "undetermined", "other"]
    since: datetime
    dose: Decimal | None
    unit: str | None
    within: bool | None
    reason: str | None
    stopped_at: datetime | None = None
    counts_as: str | None = None
    periods: tuple[tuple[date, date | None], ...] = ()

    @property
    def days(self) -> str:
        """When it was taken, in words."""
        return ", ".join(f"{first} to {last or 'now'}" for first, last in self.periods)

    @property
    def began_on(self) -> date | None:
        """The day from which it is, or was last, taken."""
        return self.periods[-1][0] if self.periods else None

    @property
    def ended_on(self) -> date | None:
        """The day on which it was last taken; None while it is taken."""
        return self.periods[-1][1] if self.periods else None


@dataclass(frozen=True, kw_only=True)
class Course:
    """What a subject was prescribed and given, in order.

    Attributes:
        prescribed: The dose that was chosen within the protocol's range, by product.
        early: Why the subject may be infused before the stagger ends.
        product_failure: Why no product could be made for the subject.
        replaced: Whether the subject gave the slot to another for that.
    """

    prescribed: Mapping[str, Decimal] = field(default_factory=dict)
    preparations: tuple[Preparation, ...] = ()
    infusions: tuple[Infusion, ...] = ()
    medicines: Mapping[str, MedicineTaken] = field(default_factory=dict)
    early: str | None = None
    product_failure: str | None = None
    replaced: bool = False

    @property
    def waiting(self) -> tuple[Preparation, ...]:
        """Preparations that were neither begun nor thrown away."""
        return tuple(one for one in self.preparations if one.waiting)

    @property
    def running(self) -> Infusion | None:
        """The infusion that has begun and not ended."""
        return next((one for one in self.infusions if one.running), None)

    @property
    def nothing_given(self) -> bool:
        """Whether infusions were begun, and not a drop of any ran in."""
        return bool(self.infusions) and all(one.given_ml == 0 for one in self.infusions)

    def of(self, course: int) -> tuple[Infusion, ...]:
        """The infusions of one of the arm's treatments."""
        return tuple(one for one in self.infusions if one.course == course)

    def after(self, event: events.CourseEvent, level: int | None) -> Course:
        """The course after an event.

        Args:
            event: What happened to the subject.
            level: Dose level of the subject.
        """
        return _after(event, self, level)

    def dispensed(self, dispensed: Dispensed) -> Course:
        """The course once it is known what a preparation holds."""
        return _with_preparation(self, dispensed.preparation, dispensed=dispensed)


def prescription_of(drug: str) -> str:
    """The name of the moment at which a medicine, or one that counts as it, was first prescribed."""
    return f"prescription of {drug.casefold()}"


@singledispatch
def _after(_event: events.CourseEvent, course: Course, _level: int | None) -> Course:
    return course


@_after.register
def _(event: events.InfusionAdministered, course: Course, _level: int | None) -> Course:
    return replace(course, infusions=(*course.infusions, _administered(event)))


@_after.register
def _(event: events.DosePrescribed, course: Course, _level: int | None) -> Course:
    return replace(course, prescribed={**course.prescribed, event.product: event.amount})


@_after.register
def _(event: events.InfusionPrepared, course: Course, _level: int | None) -> Course:
    return replace(course, preparations=(*course.preparations, _prepared(event)))


@_after.register
def _(event: events.PreparationDiscarded, course: Course, _level: int | None) -> Course:
    return _with_preparation(course, event.preparation, waiting=False)


@_after.register
def _(event: events.IdentityMatched, course: Course, _level: int | None) -> Course:
    matched = course.preparations[event.preparation - 1].matched_by
    return _with_preparation(course, event.preparation, matched_by=(*matched, event.by))


@_after.register
def _(event: events.StaggerOverridden, course: Course, _level: int | None) -> Course:
    return replace(course, early=event.reason)


@_after.register
def _(event: events.InfusionStarted, course: Course, level: int | None) -> Course:
    begun = _started(course.preparations[event.preparation - 1], event.at, level)
    used = _with_preparation(course, event.preparation, waiting=False)
    return replace(used, infusions=(*course.infusions, begun), early=None)


@_after.register
def _(event: events.InfusionInterrupted, course: Course, _level: int | None) -> Course:
    return _with_last(course, status="interrupted", given_ml=event.given_ml, reason=event.reason)


@_after.register
def _(_event: events.InfusionResumed, course: Course, _level: int | None) -> Course:
    return _with_last(course, status="running")


@_after.register
def _(event: events.InfusionCompleted, course: Course, _level: int | None) -> Course:
    return _with_last(course, status="completed", given_ml=event.given_ml, reason=event.reason)


@_after.register
def _(event: events.InfusionAborted, course: Course, _level: int | None) -> Course:
    return _with_last(course, status="aborted", given_ml=event.given_ml, reason=event.reason)


@_after.register
def _(event: events.GivenVolumeCorrected, course: Course, _level: int | None) -> Course:
    infusions = (
        replace(one, given_ml=event.given_ml) if one.preparation == event.preparation else one
        for one in course.infusions
    )
    return replace(course, infusions=tuple(infusions))


@_after.register
def _(event: events.WeightCorrected, course: Course, _level: int | None) -> Course:
    return _with_weight(course, event)


@_after.register
def _(event: events.ManufacturingFailed, course: Course, _level: int | None) -> Course:
    return replace(course, product_failure=event.reason, replaced=event.replaced)


@_after.register
def _(event: medicine_events.MedicinePrescribed, course: Course, _level: int | None) -> Course:
    return replace(course, medicines={**course.medicines, event.drug.casefold(): _medicine(event)})


@_after.register
def _(event: medicine_events.MedicinePrescribedV2, course: Course, _level: int | None) -> Course:
    stopped = event.at if event.ended_on else None
    taken = replace(_medicine(event), counts_as=event.counts_as, periods=_periods(course, event), stopped_at=stopped)
    return replace(course, medicines={**course.medicines, event.drug.casefold(): taken})


@_after.register
def _(event: medicine_events.MedicineStopped, course: Course, _level: int | None) -> Course:
    return _with_medicine(course, event.drug, stopped_at=event.at)


@_after.register
def _(event: medicine_events.MedicineStoppedV2, course: Course, _level: int | None) -> Course:
    before = course.medicines[event.drug.casefold()].periods
    periods = (*before[:-1], (before[-1][0], event.ended_on)) if before else ()
    return _with_medicine(course, event.drug, stopped_at=event.at, periods=periods)


@_after.register
def _(event: medicine_events.MedicineVoided, course: Course, _level: int | None) -> Course:
    left = {name: taken for name, taken in course.medicines.items() if name != event.drug.casefold()}
    return replace(course, medicines=left)


def _administered(event: events.InfusionAdministered) -> Infusion:
    return Infusion(
        at=event.at,
        level=event.level,
        dose_cells_per_kg=event.dose_cells_per_kg,
        weight_kg=event.weight_kg,
        planned_cells=event.planned_cells,
        planned_ml=event.planned_ml,
        given_ml=event.given_ml,
        reason=event.reason,
    )


def _prepared(event: events.InfusionPrepared) -> Preparation:
    return Preparation(
        number=event.preparation,
        course=event.course,
        infusion=event.infusion,
        at=event.at,
        coi=event.coi,
        weight_kg=event.weight_kg,
        weighed_on=event.weighed_on,
        planned_ml=event.planned_ml,
        volume_ml=event.volume_ml,
        usable_until=event.usable_until,
    )


def _started(preparation: Preparation, at: datetime, level: int | None) -> Infusion:
    held = preparation.dispensed
    return Infusion(
        at=at,
        level=level,
        dose_cells_per_kg=held.dose if held and held.dose_unit == "cells/kg" else None,
        weight_kg=preparation.weight_kg,
        planned_cells=held.planned_cells if held else None,
        prepared_cells=held.prepared_cells if held else None,
        planned_ml=preparation.planned_ml,
        prepared_ml=preparation.volume_ml,
        given_ml=None,
        product=held.product if held else None,
        course=preparation.course,
        number=preparation.infusion,
        preparation=preparation.number,
        status="running",
    )


def _periods(course: Course, event: medicine_events.MedicinePrescribedV2) -> tuple[tuple[date, date | None], ...]:
    """When it was taken, with what an entry adds: another time, or more of the one that has not ended."""
    known = course.medicines.get(event.drug.casefold())
    before = known.periods if known else ()
    if before and before[-1][1] is None:
        return (*before[:-1], (min(before[-1][0], event.began_on), event.ended_on))
    return (*before, (event.began_on, event.ended_on))


def _with_medicine(course: Course, drug: str, **changes: object) -> Course:
    key = drug.casefold()
    return replace(course, medicines={**course.medicines, key: replace(course.medicines[key], **changes)})


def _medicine(event: medicine_events.MedicinePrescribed | medicine_events.MedicinePrescribedV2) -> MedicineTaken:
    return MedicineTaken(
        drug=event.drug,
        use=event.use,
        since=event.at,
        dose=event.dose,
        unit=event.unit,
        within=event.within,
        reason=event.reason,
    )


def _with_preparation(course: Course, number: int, **changes: object) -> Course:
    changed = tuple(replace(one, **changes) if one.number == number else one for one in course.preparations)
    return replace(course, preparations=changed)


def _with_last(course: Course, **changes: object) -> Course:
    *before, last = course.infusions
    return replace(course, infusions=(*before, replace(last, **changes)))


def _with_weight(course: Course, event: events.WeightCorrected) -> Course:
    corrected = _with_preparation(course, event.preparation, weight_kg=event.weight_kg)
    infusions = tuple(
        replace(one, weight_kg=event.weight_kg) if one.preparation == event.preparation else one
        for one in course.infusions
    )
    return replace(corrected, infusions=infusions)
