"""Deciding the preparation of an infusion: the dose, the lot, the volumes, the match of identities."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.course import Preparation
from trialwright.conduct.dosing import (
    Planned,
    amount,
    cells_in,
    deviates,
    infusions,
    needs_weight,
    planned,
    usable_until,
)
from trialwright.conduct.eligibility import unfit_for_treatment
from trialwright.conduct.product import discarded, lot_refusal
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.screening_visit import screening_too_old
from trialwright.conduct.state import Subject
from trialwright.conduct.stock import Lot
from trialwright.conduct.treatment import (
    due,
    for_another_weight,
    may_be_treated,
    not_usable,
    waiting,
    weight_is_old,
    withdrawn,
)
from trialwright.conduct.weights import weight_asked
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.treatment_plan import Treatment


def prescribe_dose(case: Case, command: cmd.PrescribeDose) -> Decided:
    """Take down the dose that was chosen, within the protocol's range."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if refusal := may_be_treated(case, subject):
        return refusal
    if refusal := screening_too_old(case, subject, case.today):
        return refusal
    treatments = () if case.masked else _infusions(case, subject)
    treatment = next((one for one in treatments if one.product == command.product), None)
    dose = amount(case.study, subject, treatment) if treatment else None
    if treatment is None or dose is None or dose.low == dose.high:
        return Refusal(
            code="dose.not_chosen",
            reason=f"The protocol leaves no dose of {command.product} for {subject.id} to choose.",
            rule=case.rule("doses"),
            mend="Prepare the infusion: its dose is computed.",
        )
    if not dose.low <= command.amount <= dose.high:
        return Refusal(
            code="dose.range",
            reason=f"{command.amount:f} {dose.unit} is outside the dose of {dose}.",
            rule=case.rule("doses"),
            mend=f"Choose a dose from {dose.low:f} to {dose.high:f} {dose.unit}.",
        )
    if refusal := _already_waiting(case, subject, treatments.index(treatment) + 1):
        return refusal
    return (
        case.stamp(
            ev.DosePrescribed, subject=subject.id, product=command.product, amount=command.amount, unit=dose.unit
        ),
    )


def prepare_infusion(case: Case, command: cmd.PrepareInfusion) -> Decided:
    """Compute dose and volume, and take the containers; refused unless everything of it may be given."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    if refusal := may_be_treated(case, subject) or _rules_missing(case):
        return refusal
    lot = lot_refusal(case, command.lot, subject, command.containers)
    if isinstance(lot, Refusal):
        return lot
    treatments = _infusions(case, subject)
    place = next((place for place, one in enumerate(treatments) if one.product == lot.product), None)
    if place is None:
        return _other_product(case, subject, lot)
    course, treatment = place + 1, treatments[place]
    until = usable_until(command.at, case.preparation, lot, masked=case.masked)
    if refusal := (
        due(case, subject, course, treatment, until)
        or unfit_for_treatment(case, subject, case.today, subject.day_of(until))
        or _already_waiting(case, subject, course)
        or _weight_fault(case, command, subject, treatment)
        or _lot_too_short(case, lot, until)
    ):
        return refusal
    dose = _dose(case, subject, treatment, lot)
    if isinstance(dose, Refusal):
        return dose
    chosen = subject.course.prescribed.get(lot.product)
    plan = planned(dose, chosen, command.weight_kg, lot, len(command.containers), case.preparation)
    return _volume_fault(case, command, lot, plan) or _prepared(case, command, subject, lot, course, plan, dose)


def _prepared(
    case: Case,
    command: cmd.PrepareInfusion,
    subject: Subject,
    lot: Lot,
    course: int,
    plan: Planned,
    dose: AmountOf | None,
) -> Decided:
    number = len(subject.course.preparations) + 1
    drawn = command.prepared_ml if command.prepared_ml is not None else plan.suspension_ml
    final = case.preparation.final_volume
    ready = case.stamp(
        ev.InfusionPrepared,
        subject=subject.id,
        preparation=number,
        course=course,
        infusion=len(subject.course.of(course)) + 1,
        coi=f"{subject.id}-{number}",
        weight_kg=command.weight_kg,
        weighed_on=command.weighed_on,
        planned_ml=final or plan.suspension_ml,
        volume_ml=final or drawn,
        usable_until=usable_until(command.at, case.preparation, lot, masked=case.masked),
    )
    return ready, _held(case, command, ready, lot, plan, dose), *weight_asked(case, subject, ready)


def _held(
    case: Case,
    command: cmd.PrepareInfusion,
    ready: ev.InfusionPrepared,
    lot: Lot,
    plan: Planned,
    dose: AmountOf | None,
) -> ev.StockEvent:
    drawn = command.prepared_ml if command.prepared_ml is not None else plan.suspension_ml
    final = case.preparation.final_volume
    chosen = case.state.subjects[ready.subject].course.prescribed.get(lot.product)
    return case.kept(
        ev.ProductDispensed,
        subject=ready.subject,
        preparation=ready.preparation,
        product=lot.product,
        lot=lot.id,
        containers=command.containers,
        dose=(chosen if chosen is not None else dose.low) if dose else None,
        dose_unit=dose.unit if dose else None,
        concentration_per_ml=lot.concentration_per_ml,
        viability_pct=lot.viability_pct,
        planned_cells=plan.cells,
        prepared_cells=cells_in(drawn, lot),
        planned_ml=plan.suspension_ml,
        prepared_ml=drawn,
        formula=plan.formula + (f"; made up to {final:f} mL" if final else ""),
        reason=command.reason,
    )


def discard_preparation(case: Case, command: cmd.DiscardPreparation) -> Decided:
    """Throw a preparation away; its containers stay used up."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    found = waiting(case, subject, command.preparation)
    if isinstance(found, Refusal):
        return found
    return discarded(case, subject.id, found.number, command.reason)


def match_identity(case: Case, command: cmd.MatchIdentity) -> Decided:
    """Take down that a person found both identifiers right; whatever differs is refused and stays unmatched."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    ready = {one.coi: one for one in subject.course.waiting}
    found = ready.get(command.scanned_coi)
    right = command.scanned_subject == subject.id
    if right and found is None and (refusal := withdrawn(case, subject, command.scanned_coi)):
        return refusal
    if not right or found is None:
        wrong = (
            f"the wristband reads {command.scanned_subject}"
            if not right
            else f"the preparation reads {command.scanned_coi}"
        )
        return Refusal(
            code="identity.mismatch",
            reason=f"This is not the infusion of {subject.id}: {wrong}, and {_expected(subject)}.",
            rule="two identifiers, read by two people, before an infusion (ISBT 128 ST-028)",
            mend="Do not infuse. Find the right subject and the right preparation, and read both again.",
        )
    if refusal := not_usable(case, subject, found) or for_another_weight(case, subject, found):
        return refusal
    if command.by in found.matched_by:
        return Refusal(
            code="identity.same_person",
            reason=f"{command.by} has already matched {found.coi}.",
            rule="two identifiers, read by two people, before an infusion (ISBT 128 ST-028)",
            mend="A second person reads both identifiers.",
        )
    return (case.stamp(ev.IdentityMatched, subject=subject.id, preparation=found.number, coi=found.coi),)


def correct_weight(case: Case, command: cmd.CorrectWeight) -> Decided:
    """Correct the weight of a preparation, keep what was prepared, and compute what should have been."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    found = next((one for one in subject.course.preparations if one.number == command.preparation), None)
    if found is None or found.weight_kg is None:
        mend = "Check the number of the preparation."
        return invalid("preparation.unknown", f"{subject.id} has no preparation {command.preparation} by weight.", mend)
    if refusal := _outside(case, command.weight_kg):
        return refusal
    if command.weight_kg == found.weight_kg:
        return invalid("weight.same", f"The weight already is {found.weight_kg:f} kg.", "Nothing to correct.")
    plan = _recomputed(case, subject, found, command.weight_kg)
    return (
        case.stamp(
            ev.WeightCorrected,
            subject=subject.id,
            preparation=found.number,
            was=found.weight_kg,
            weight_kg=command.weight_kg,
            reason=command.reason,
        ),
        case.kept(
            ev.DoseRecomputed,
            subject=subject.id,
            preparation=found.number,
            planned_cells=plan.cells,
            formula=plan.formula,
        ),
    )


def _recomputed(case: Case, subject: Subject, found: Preparation, weight_kg: Decimal) -> Planned:
    held = case.stock.dispensed[subject.id, found.number]
    lot = case.stock.lots[held.lot]
    dose = AmountOf(held.dose, held.dose, held.dose_unit) if held.dose and held.dose_unit else None
    return planned(dose, None, weight_kg, lot, len(held.containers), case.preparation)


def _infusions(case: Case, subject: Subject) -> tuple[Treatment, ...]:
    return infusions(case.study, case.arm_of(subject))


def _rules_missing(case: Case) -> Refusal | None:
    rules = case.study.preparation
    if not case.masked or (rules and rules.final_volume and rules.use_within):
        return None
    return Refusal(
        code="preparation.masked",
        reason="The protocol is masked and has no final volume and time of use for every arm alike.",
        rule=case.rule("preparation > final volume"),
        mend="Amend the protocol: how an infusion looks must not tell its arm.",
        recorded=False,
    )


def _other_product(case: Case, subject: Subject, lot: Lot) -> Refusal:
    elsewhere = any(one.product == lot.product for arm in case.study.arms for one in arm.treatments)
    return Refusal(
        code="lot.other_arm" if elsewhere else "lot.product",
        reason=f"Lot {lot.id} is {lot.product}, which {subject.id} is not infused with.",
        rule=case.rule("arms > treatments" if case.study.arms else "products"),
        mend="Take a lot of the subject's own product.",
    )


def _already_waiting(case: Case, subject: Subject, course: int) -> Refusal | None:
    ready = next((one for one in subject.course.waiting if one.course == course), None)
    if ready is None:
        return None
    return invalid(
        "preparation.waiting",
        f"Preparation {ready.coi} of {subject.id} waits.",
        "Infuse it, or discard it with a reason, before another is prescribed or prepared.",
        case.rule("preparation"),
    )


def _weight_fault(case: Case, command: cmd.PrepareInfusion, subject: Subject, treatment: Treatment) -> Refusal | None:
    asked, weight_kg, weighed_on = needs_weight(case.study, (treatment,)), command.weight_kg, command.weighed_on
    if asked and (weight_kg is None or weighed_on is None):
        return invalid(
            "weight.missing",
            f"The dose of {subject.id} is by body weight, and the weight or its day is missing.",
            "Enter the weight and the day on which it was measured.",
            case.rule("doses"),
        )
    if weighed_on is not None and weighed_on > case.today:
        return invalid("weight.future", f"A weight of {weighed_on} lies in the future.", "Correct the day.")
    refusal = _outside(case, weight_kg) if weight_kg is not None else None
    return refusal or (weight_is_old(case, weighed_on) if asked and weighed_on is not None else None)


def _outside(case: Case, weight_kg: Decimal) -> Refusal | None:
    item = case.study.item("weight")
    if item is None or item.range is None or item.range[0] <= weight_kg <= item.range[1]:
        return None
    return invalid(
        "weight.range",
        f"A weight of {weight_kg} kg is outside {item.range[0]} to {item.range[1]} kg.",
        "Weigh the subject again and correct the number.",
        case.rule("items > weight"),
    )


def _lot_too_short(case: Case, lot: Lot, until: datetime) -> Refusal | None:
    if not case.masked or lot.expires_at >= until:
        return None
    return Refusal(
        code="lot.expires_early",
        reason=f"Lot {lot.id} expires on {lot.expires_at:%Y-%m-%d %H:%M} UTC, before a preparation must be used.",
        rule=case.rule("preparation > use within"),
        mend="Take a lot that lasts as long as the preparation may be given.",
    )


def _dose(case: Case, subject: Subject, treatment: Treatment, lot: Lot) -> AmountOf | Refusal | None:
    """The dose with its unit, or None for a product of which whole containers are given."""
    if treatment.dose is None:
        return None
    dose = amount(case.study, subject, treatment)
    if dose is None:
        return Refusal(
            code="dose.unknown",
            reason=f"{subject.id} is in no level or cohort that has a dose.",
            rule=case.rule("arms > treatments > dose"),
            mend="Enrol the subject in a level or cohort first.",
        )
    if dose.unit not in {"cells/kg", "cells"} or lot.concentration_per_ml is None or lot.viability_pct is None:
        return invalid(
            "lot.concentration",
            f"The dose is {dose}, and lot {lot.id} was received without cell concentration and viability.",
            "Take a lot whose concentration and viability are known.",
            case.rule("doses"),
        )
    if dose.low != dose.high and lot.product not in subject.course.prescribed:
        return Refusal(
            code="dose.not_prescribed",
            reason=f"The dose of {lot.product} is {dose}, and the investigator has not chosen one for {subject.id}.",
            rule=case.rule("doses"),
            mend="The investigator prescribes a dose within the range.",
        )
    return dose


def _volume_fault(case: Case, command: cmd.PrepareInfusion, lot: Lot, plan: Planned) -> Refusal | None:
    drawn = command.prepared_ml if command.prepared_ml is not None else plan.suspension_ml
    held = lot.volume_ml * len(command.containers)
    final = case.preparation.final_volume
    if (drawn_cells := cells_in(plan.suspension_ml, lot)) is not None and plan.cells is not None:
        lost = case.preparation.deviation and deviates(drawn_cells, plan.cells, case.preparation)
        if lost or not plan.suspension_ml:
            return Refusal(
                code="preparation.volume",
                reason=f"The volume is too small to be drawn to 0.1 mL: {plan.formula}.",
                rule=case.rule("preparation > deviation"),
                mend="Take a lot of a lower concentration.",
            )
    if drawn > held:
        return invalid(
            "lot.volume",
            f"{drawn:f} mL are needed and the containers hold {held:f} mL.",
            "Take more containers of the lot.",
            case.rule("doses"),
        )
    if final is not None and drawn > final:
        return Refusal(
            code="preparation.volume",
            reason=f"{drawn:f} mL of suspension do not fit into the final volume of {final:f} mL.",
            rule=case.rule("preparation > final volume"),
            mend="Take a lot of a higher concentration.",
        )
    if refusal := _too_much(case, drawn, plan.suspension_ml):
        return refusal
    if deviates(drawn, plan.suspension_ml, case.preparation) and command.reason is None:
        return invalid(
            "volume.reason",
            f"{drawn:f} mL were prepared and {plan.suspension_ml:f} mL were planned, without a reason.",
            "Say why the volumes differ.",
            case.rule("preparation > deviation"),
        )
    return None


def _too_much(case: Case, drawn_ml: Decimal, planned_ml: Decimal) -> Refusal | None:
    most = case.preparation.ceiling
    if (drawn_ml - planned_ml) * 100 <= most * planned_ml:
        return None
    return Refusal(
        code="volume.overdose",
        reason=f"{drawn_ml:f} mL are more than {most:f} % above the {planned_ml:f} mL planned.",
        rule=case.rule("preparation > at most above"),
        mend=f"Draw the planned volume; no reason lets more than {most:f} % above it pass.",
    )


def _expected(subject: Subject) -> str:
    ready = [one.coi for one in subject.course.waiting]
    return f"{' or '.join(ready)} is prepared for {subject.id}" if ready else f"nothing is prepared for {subject.id}"
