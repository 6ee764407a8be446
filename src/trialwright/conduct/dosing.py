"""How much a subject receives: which treatments, at which dose, in which volume, with every input in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from trialwright.clinical.cell_dose import volume_of_cells
from trialwright.conduct.course import Preparation as Prepared
from trialwright.conduct.events import RandomisedInErrorV2, WeightCorrected
from trialwright.conduct.exposure import masked
from trialwright.conduct.state import Subject
from trialwright.conduct.stock import Lot
from trialwright.protocol.quantity import AmountOf, plain
from trialwright.protocol.study import Study
from trialwright.protocol.treatment_plan import Preparation, Treatment

_WHOLE_PCT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A planned dose.

    Attributes:
        cells: Viable cells that the subject shall receive; None for a product without a dose.
        suspension_ml: Volume of the lot that holds them, mL.
        formula: Every input, how they were put together, and what came out.
    """

    cells: Decimal | None
    suspension_ml: Decimal
    formula: str


def infusions(study: Study, arm: str | None) -> tuple[Treatment, ...]:
    """What an arm gives by a number of infusions; a treatment that goes on without a number is medicine, not infused.

    Args:
        study: The protocol; one that escalates doses without arms gives each product once, at the dose of the level.
        arm: Name of the arm.
    """
    if not study.arms:
        names = dict.fromkeys(name for visit in study.schedule for name in visit.gives)
        given = tuple(names) or tuple(product.name for product in study.products)
        return tuple(Treatment(product=name, dose="by level") for name in given)
    treatments = (one for known in study.arms if known.name == arm for one in known.treatments)
    return tuple(one for one in treatments if one.times is not None)


def left_to_give(study: Study, subject: Subject, arm: str | None) -> tuple[tuple[int, Treatment], ...]:
    """The treatments of which infusions are planned still, with their numbers."""
    planned = infusions(study, study.arms[0].name if masked(study) else arm)
    numbered = ((number, one) for number, one in enumerate(planned, start=1))
    return tuple((number, one) for number, one in numbered if len(subject.course.of(number)) < (one.times or 0))


def infusions_left(study: Study, subject: Subject, arm: str | None) -> bool:
    """Whether another infusion is planned; in a masked trial by any arm's plan, for all are given alike."""
    waits = subject.enrolled and subject.disposition is None and not subject.course.replaced
    return waits and subject.not_evaluable is None and bool(left_to_give(study, subject, arm))


def amount(study: Study, subject: Subject, treatment: Treatment) -> AmountOf | None:
    """The dose of a treatment for a subject, by level, by cohort or by its name; None for a product without a dose."""
    if treatment.dose == "by level":
        return study.dose(subject.level).amount if subject.level else None
    name = treatment.dose
    if name == "by cohort":
        name = next((cohort.dose for cohort in study.cohorts if cohort.name == subject.group), None)
    return next((dose.amount for dose in study.doses if dose.name == name), None)


def by_weight(study: Study, treatments: Iterable[Treatment]) -> bool:
    """Whether a dose among these treatments is by body weight."""
    units = {dose.name: dose.amount.unit for dose in study.doses}
    for treatment in treatments:
        every = treatment.dose in {"by level", "by cohort"}
        if any("/kg" in unit for name, unit in units.items() if every or name == treatment.dose):
            return True
    return False


def needs_weight(study: Study, treatments: Iterable[Treatment]) -> bool:
    """Whether one of these doses is by body weight; in a masked trial any of any arm, so that all are asked alike."""
    every = (one for arm in study.arms for one in arm.treatments)
    return by_weight(study, every if masked(study) else treatments)


def planned(
    dose: AmountOf | None,
    chosen: Decimal | None,
    weight_kg: Decimal | None,
    lot: Lot,
    containers: int,
    rules: Preparation,
) -> Planned:
    """Compute the dose and the volume that holds it; only the volume is rounded, half up to 0.1 mL.

    Args:
        dose: The protocol's dose in `cells/kg` or `cells`; None for a product of which whole containers are given.
        chosen: The dose that was chosen within a range.
        weight_kg: Body weight, kg, for a dose by weight.
        lot: The lot that it is prepared from.
        containers: How many containers are used up.
        rules: The protocol's rules of preparation.
    """
    if dose is None or lot.concentration_per_ml is None or lot.viability_pct is None:
        whole = f"{containers} x {lot.volume_ml:f} mL, whole containers"
        volume = rules.final_volume or lot.volume_ml * containers
        return Planned(cells=None, suspension_ml=volume, formula=f"{volume:f} mL" if rules.final_volume else whole)
    value = chosen if chosen is not None else dose.low
    cells, said = value, f"{plain(value)} {dose.unit}"
    if dose.unit == "cells/kg" and weight_kg is not None:
        counted = min(weight_kg, rules.weight_cap) if rules.weight_cap else weight_kg
        cells, said = value * counted, f"{said} x {counted:f} kg"
        if counted != weight_kg:
            said += f" (of {weight_kg:f} kg, capped)"
        said += f" = {plain(value * counted)} viable cells"
    volume_of = volume_of_cells(cells, lot.concentration_per_ml, lot.viability_pct)
    said += (
        f"; / ({plain(lot.concentration_per_ml)} cells/mL x {lot.viability_pct:f} % viable) = "
        f"{volume_of.ml_exact.quantize(Decimal('0.001')):f} mL, rounded to {volume_of.ml_rounded:f} mL"
    )
    return Planned(cells=cells, suspension_ml=volume_of.ml_rounded, formula=said)


def cells_in(volume_ml: Decimal, lot: Lot) -> Decimal | None:
    """Viable cells in a volume of a lot; None for a product without cells."""
    if lot.concentration_per_ml is None or lot.viability_pct is None:
        return None
    return volume_ml * lot.concentration_per_ml * lot.viability_pct / _WHOLE_PCT


def deviates(volume_ml: Decimal, from_ml: Decimal, rules: Preparation) -> bool:
    """Whether two volumes differ by more than the protocol lets pass without a reason."""
    return abs(volume_ml - from_ml) * _WHOLE_PCT > rules.deviation * from_ml


def too_little(study: Study, subject: Subject) -> bool:
    """Whether a subject received too little to be evaluable without a DLT: nothing, or less than `dose at least`."""
    first, least = subject.infusion, study.design.dlt_window.dose_at_least
    if first is None or first.given_ml is None or subject.course.nothing_given:
        return subject.course.nothing_given
    return least is not None and first.given_ml * _WHOLE_PCT < least * first.planned_ml


def made_for(study: Study, subject: Subject, found: Prepared, arm: str | None) -> Decimal | None:
    """The weight that a preparation was made for, where it was corrected by more than volumes may differ; else None.

    In a masked trial it is asked alike for every arm.
    """
    events = (event for _, event in subject.record if isinstance(event, WeightCorrected))
    was = next((event.was for event in events if event.preparation == found.number), None)
    if was is None or found.weight_kg is None:
        return None
    return was if another_dose(study, arm, was, found.weight_kg) else None


def another_dose(study: Study, arm: str | None, was: Decimal, now: Decimal) -> bool:
    """Whether another weight, kg, changes the dose by more than volumes may differ; in a masked trial of any arm."""
    rules = study.preparation or Preparation()
    counted, instead = (min(one, rules.weight_cap or one) for one in (was, now))
    return needs_weight(study, infusions(study, arm)) and deviates(counted, instead, rules)


def kept_from_treatment(subject: Subject) -> bool:
    """Whether a subject was randomised in error, and nobody said why it is treated all the same."""
    said = (event for _, event in subject.record if isinstance(event, RandomisedInErrorV2))
    return subject.randomised_in_error is not None and not any(event.treated_because for event in said)


def earliest(treatment: Treatment, last: date | None) -> date | None:
    """The day from which the next infusion of a treatment may be given; None where nothing holds it back."""
    return treatment.every.after(last) if treatment.every and last else None


def usable_until(at: datetime, rules: Preparation, lot: Lot, *, masked: bool) -> datetime:
    """Until when a preparation may be given: its own time, and in an open trial not past the expiry of its lot.

    In a masked trial the lot must last as long as the preparation may, so that the time is the same for every arm.
    """
    if rules.use_within is None:
        return lot.expires_at
    within = rules.use_within
    hours = within.unit == "hours"
    until = at + (timedelta(hours=within.number) if hours else within.after(at.date()) - at.date())
    return until if masked else min(until, lot.expires_at)
