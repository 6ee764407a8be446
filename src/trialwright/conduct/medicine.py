"""Deciding medicine beside the product: its dose by weight within the protocol's range, and what is forbidden."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from trialwright.conduct import commands as cmd
from trialwright.conduct import events as ev
from trialwright.conduct.case import Case, Decided, invalid
from trialwright.conduct.course import Course
from trialwright.conduct.eligibility import outdated, unfit_for_treatment
from trialwright.conduct.entered import day_fault
from trialwright.conduct.evolve import evolve
from trialwright.conduct.frozen import replace
from trialwright.conduct.known import known
from trialwright.conduct.known_medicine import told_by
from trialwright.conduct.oversight import on_hold
from trialwright.conduct.queries import asked_by_criteria, asked_of_medicine, asked_of_rescue, raised
from trialwright.conduct.refusal import Refusal
from trialwright.conduct.state import Subject
from trialwright.conduct.treatment import in_error, weight_is_old
from trialwright.conduct.visits import treated_at, treated_on
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.study import Study
from trialwright.protocol.treatment_plan import Medicine

Use = Literal["given", "allowed", "forbidden", "undetermined", "other"]
Periods = tuple[tuple[date, date | None], ...]

_BY_WEIGHT = "/kg"
_STEP = Decimal("0.001")

_Entry: TypeAlias = ev.MedicinePrescribedV2 | ev.MedicineStoppedV2 | ev.MedicineVoided

OF_NO_CLASS = "none"
"""What a medicine counts as that is none of those that the protocol names."""


def prescribe_medicine(case: Case, command: cmd.PrescribeMedicine) -> Decided:
    """Take down a medicine; its dose is held against the protocol's range, and what is forbidden is marked."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    counts_as = None if command.counts_as == OF_NO_CLASS else command.counts_as
    name = counts_as or case.study.medicine_named(command.drug)
    arm = None if case.masked else case.arm_of(subject)
    rule = case.study.medicine_rule(name, arm)
    of_an_arm = _of_an_arm(case, arm, name)
    if refusal := _class_fault(case, command, subject, name, arm):
        return refusal
    if rule and rule.until == "rescue" and subject.rescue:
        rule = None
    amount = rule.amount if rule else None
    fault = _days_fault(case, command, subject, of_an_arm=of_an_arm) or (amount and _dose_fault(case, command, amount))
    if refusal := fault or _unfit(case, subject, of_an_arm=of_an_arm):
        return refusal
    value, period = _value(command, amount), (command.began_on or case.today, command.ended_on)
    within = amount.low <= value <= amount.high if amount and value is not None else None
    use: Use = _use(case.study, subject, rule, (period,)) if rule else "given" if of_an_arm else "other"
    if refusal := _not_allowed(case, command, rule, value, within, use):
        return refusal
    prescribed = case.stamp(
        ev.MedicinePrescribedV2,
        subject=subject.id,
        drug=command.drug,
        counts_as=counts_as or (name if name != command.drug and (rule or of_an_arm) else None),
        use=use,
        began_on=period[0],
        ended_on=period[1],
        dose=command.dose,
        unit=_unit_of_dose(case.study, command, amount),
        weight_kg=command.weight_kg,
        weighed_on=command.weighed_on,
        within=within,
        formula=_formula(command, amount, value) if amount and value is not None else None,
        reason=command.reason,
    )
    return prescribed, *_follows(case, subject, prescribed)


def stop_medicine(case: Case, command: cmd.StopMedicine) -> Decided:
    """End a medicine that is taken."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    taken = subject.course.medicines.get(command.drug.casefold())
    if taken is None or taken.stopped_at is not None:
        return invalid("medicine.not_taken", f"{subject.id} does not take {command.drug}.", "Check the name.")
    ended_on = command.ended_on or case.today
    if fault := _day_fault(case, subject, f"{command.drug} of {subject.id}", ended_on, taken.began_on):
        return fault
    told = {"subject": subject.id, "drug": command.drug, "ended_on": ended_on, "reason": command.reason}
    stopped = case.stamp(ev.MedicineStoppedV2, **told)
    return stopped, *_follows(case, subject, stopped)


def void_medicine(case: Case, command: cmd.VoidMedicine) -> Decided:
    """Take back a medicine that was taken down in error; what an arm gives was prescribed, and is ended instead."""
    subject = case.subject(command.subject)
    if isinstance(subject, Refusal):
        return subject
    taken = subject.course.medicines.get(command.drug.casefold())
    if taken is None:
        what = f"No {command.drug} of {subject.id} was taken down."
        return invalid("medicine.not_taken", what, "Check the name.")
    if _of_an_arm(case, None if case.masked else case.arm_of(subject), taken.counts_as or taken.drug):
        what = f"{command.drug} of {subject.id} is what an arm gives, and its prescription stands."
        return invalid("medicine.of_arm", what, "End it, with the reason.", case.rule("arms > treatments"))
    voided = case.stamp(ev.MedicineVoided, subject=subject.id, drug=taken.drug, reason=command.reason)
    return voided, *_follows(case, subject, voided)


def _follows(case: Case, subject: Subject, entry: _Entry) -> tuple[ev.Event, ...]:
    """What follows from an entry of medicine: questions, and a verdict that no longer stands."""
    after = evolve(case.state, entry).subjects[subject.id]
    changed = told_by(case.study, after, entry.drug)
    of_criteria = asked_by_criteria(case.study, known(case.study, after), changed)
    asks = (*of_criteria, *asked_of_medicine(case.study, after), *asked_of_rescue(case.study, subject, after))
    return (*raised(case, subject, asks), *outdated(case, subject, changed))


def forbidden_in(study: Study, subject: Subject, arm: str) -> tuple[str, ...]:
    """What a subject takes that must not be given in an arm."""
    taken = (one for one in subject.course.medicines.values() if one.stopped_at is None)
    rules = ((one.drug, study.medicine_rule(one.counts_as or study.medicine_named(one.drug), arm)) for one in taken)
    return tuple(drug for drug, rule in rules if rule and rule.use == "forbidden" and rule.arms)


def with_use(study: Study, subject: Subject) -> Course:
    """A subject's course with what the protocol says of each medicine by the treatments that are known now."""
    found = {}
    for key, taken in subject.course.medicines.items():
        rule = study.medicine_rule(taken.counts_as or study.medicine_named(taken.drug), subject.arm)
        hangs = rule is not None and rule.use == "forbidden" and taken.periods and taken.use != "other"
        found[key] = replace(taken, use=_use(study, subject, rule, taken.periods)) if rule and hangs else taken
    return replace(subject.course, medicines=found)


def _use(study: Study, subject: Subject, rule: Medicine, periods: Periods) -> Use:
    """What a rule says of a medicine; undetermined while it hangs on a treatment and none was given.

    Without a time around a treatment a medicine is forbidden from consent on: before it, nobody was in the trial.
    """
    if rule.use != "forbidden":
        return rule.use
    if rule.within is None:
        return "forbidden" if any(last is None or last >= subject.consented_on for _, last in periods) else "allowed"
    first = treated_on(study, subject)
    treated = {*([first] if first else []), *(subject.day_of(one.at) for one in subject.course.infusions)}
    if not treated:
        return "undetermined"
    near = any(rule.within.holds(*period, day) for period in periods for day in treated)
    return "forbidden" if near else "allowed"


def _class_fault(
    case: Case, command: cmd.PrescribeMedicine, subject: Subject, name: str, arm: str | None
) -> Refusal | None:
    """The refusal of a class that the protocol does not name, or of none said where it forbids one to the subject.

    A drug that is an item of the protocol is known by that: nobody is asked of which class it is.
    """
    said, names = command.counts_as, {one.casefold(): one for one in _names(case)}
    if name.casefold() in names:
        return None
    if said is not None and said != OF_NO_CLASS:
        mend = f"Choose one of: {', '.join(names.values())}."
        return invalid("medicine.unknown", f"The protocol names no {said}.", mend)
    forbidden = [
        one.drug
        for one in case.study.medicines
        if one.use == "forbidden" and (not one.arms or arm in one.arms) and not (one.until and subject.rescue)
    ]
    collected = {word.casefold() for item in case.study.items for word in (item.name, item.label)}
    if said == OF_NO_CLASS or not forbidden or name.casefold() in collected:
        return None
    which = ", ".join(forbidden)
    return Refusal(
        code="medicine.class",
        reason=f"Whether {command.drug} is one of {which}, which the protocol forbids to {subject.id}, is not said.",
        rule=case.rule("medicines"),
        mend=f"Say what it counts as: {which}, another that the protocol names, or {OF_NO_CLASS!r}.",
    )


def _days_fault(case: Case, command: cmd.PrescribeMedicine, subject: Subject, *, of_an_arm: bool) -> Refusal | None:
    """The refusal of days on which a medicine cannot have been taken."""
    what = f"{command.drug} of {subject.id}"
    if of_an_arm and command.began_on not in {None, case.today}:
        mend = "Leave the day out; what was taken before the trial is not what the arm gives."
        return invalid("medicine.day", f"{what} is what an arm gives, and begins with its prescription.", mend)
    began = command.began_on or case.today
    return _day_fault(case, subject, what, began, None) or (
        _day_fault(case, subject, what, command.ended_on, began) if command.ended_on else None
    )


def _day_fault(case: Case, subject: Subject, what: str, day: date, began: date | None) -> Refusal | None:
    fault = day_fault(case, subject, what, day)
    if fault is None and began is not None and day < began:
        fault = f"{what}: it ended on {day} and began on {began}"
    return invalid("medicine.day", f"{fault}.", "Correct the day; nothing was saved.") if fault else None


def _names(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(one.drug for one in case.study.medicines), *_given_by_arms(case))))


def _given_by_arms(case: Case) -> tuple[str, ...]:
    """What the arms give and nobody is infused with: treatments that go on without a number."""
    given = (one for arm in case.study.arms for one in arm.treatments if one.times is None)
    return tuple(dict.fromkeys(one.product for one in given))


def _of_an_arm(case: Case, name_of_arm: str | None, name: str) -> bool:
    """Whether the arm of a subject gives a medicine; where arms are masked, whether any does."""
    arms = (arm for arm in case.study.arms if case.masked or arm.name == name_of_arm)
    given = (one.product for arm in arms for one in arm.treatments if one.times is None)
    return name.casefold() in {product.casefold() for product in given}


def _unfit(case: Case, subject: Subject, *, of_an_arm: bool) -> Refusal | None:
    """Why what an arm gives may not be prescribed to a subject, or not be its first treatment today, if so."""
    if not of_an_arm:
        return None
    if treated_at(case.study, subject) is not None:
        return in_error(case, subject)
    return on_hold(case) or in_error(case, subject) or unfit_for_treatment(case, subject, case.today)


def _dose_fault(case: Case, command: cmd.PrescribeMedicine, amount: AmountOf) -> Refusal | None:
    by_weight = _BY_WEIGHT in amount.unit
    if command.dose is None:
        what = f"The protocol gives {amount} of {command.drug}, and no dose was entered."
        return invalid("medicine.dose", what, f"Enter the dose in {_unit(amount)}.", case.rule("medicines"))
    if not by_weight:
        return None
    if command.weight_kg is None or command.weighed_on is None:
        return invalid(
            "weight.missing",
            f"The dose of {command.drug} is by body weight, and the weight or its day is missing.",
            "Enter the weight and the day on which it was measured.",
            case.rule("medicines"),
        )
    item = case.study.item("weight")
    if item and item.range and not item.range[0] <= command.weight_kg <= item.range[1]:
        what = f"A weight of {command.weight_kg} kg is outside {item.range[0]} to {item.range[1]} kg."
        return invalid("weight.range", what, "Weigh the subject again.", case.rule("items > weight"))
    if command.weighed_on > case.today:
        return invalid("weight.future", f"A weight of {command.weighed_on} lies in the future.", "Correct the day.")
    return weight_is_old(case, command.weighed_on)


def _value(command: cmd.PrescribeMedicine, amount: AmountOf | None) -> Decimal | None:
    if command.dose is None or amount is None:
        return None
    return command.dose / command.weight_kg if _BY_WEIGHT in amount.unit and command.weight_kg else command.dose


def _not_allowed(
    case: Case,
    command: cmd.PrescribeMedicine,
    rule: Medicine | None,
    value: Decimal | None,
    within: bool | None,
    use: Use,
) -> Refusal | None:
    if rule is None:
        return None
    if use == "forbidden" and command.reason is None:
        near = f" within {rule.within}" if rule.within else ""
        return Refusal(
            code="medicine.forbidden",
            reason=f"{command.drug} is forbidden{near}: {rule.say}",
            rule=case.rule("medicines"),
            mend="Choose another; what was taken all the same is entered with the reason, and stays marked.",
        )
    if within is not False or value is None or (rule.outside == "with reason" and command.reason):
        return None
    asks = rule.outside == "with reason"
    return Refusal(
        code="medicine.range",
        reason=f"{_formula(command, rule.amount, value)} is outside {rule.amount}.",
        rule=case.rule("medicines"),
        mend="Say why, or change the dose." if asks else "Change the dose.",
    )


def _unit_of_dose(study: Study, command: cmd.PrescribeMedicine, amount: AmountOf | None) -> str | None:
    """The unit in which a dose is entered: the protocol's, else that of the drug's own item."""
    if amount is not None or command.dose is None:
        return _unit(amount) if amount else None
    own = (item.unit for item in study.items if item.type == "drug" and item.is_told_by(command.drug))
    return next(own, None)


def _unit(amount: AmountOf) -> str:
    return amount.unit.replace(_BY_WEIGHT, "")


def _formula(command: cmd.PrescribeMedicine, amount: AmountOf | None, value: Decimal) -> str:
    unit = amount.unit if amount else ""
    if amount is None or _BY_WEIGHT not in unit or command.weight_kg is None:
        return f"{command.dose:f} {unit}"
    return f"{command.dose:f} {_unit(amount)} / {command.weight_kg:f} kg = {value.quantize(_STEP):f} {unit}"
