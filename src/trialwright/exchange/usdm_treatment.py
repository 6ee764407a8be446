"""USDM: study interventions with their administrations, and the products that are administered."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from trialwright.exchange import usdm_codes as ct
from trialwright.exchange.usdm_writer import Json, Writer
from trialwright.protocol.quantity import AmountOf
from trialwright.protocol.study import Dose, Study
from trialwright.protocol.treatment_plan import Arm, Medicine, Product, Treatment

_PLACES = ("by level", "by cohort")


@dataclass(slots=True)
class Interventions:
    """What is given, with the ids under which arms and schedule refer to it.

    Attributes:
        of_arm: Ids of the interventions of an arm, by the arm's name.
        of_product: Ids of the interventions that give a product, by the product's name.
    """

    interventions: list[Json] = field(default_factory=list)
    products: list[Json] = field(default_factory=list)
    of_arm: dict[str, list[str]] = field(default_factory=dict)
    of_product: dict[str, list[str]] = field(default_factory=dict)


def arms_of(study: Study) -> tuple[Arm, ...]:
    """The arms; in a dose escalation without arms one for each dose, otherwise one for everybody."""
    if study.arms:
        return study.arms
    names = [product.name for product in study.products]
    if study.dose_escalation is None:
        everything = tuple(Treatment(product=name) for name in names)
        return (Arm(name="All subjects", type="experimental", treatments=everything),)
    return tuple(
        Arm(
            name=f"Dose {level}: {dose.name}",
            type="experimental",
            treatments=tuple(Treatment(product=name, dose=dose.name) for name in names),
        )
        for level, dose in enumerate(study.doses, start=1)
    )


def interventions(writer: Writer, study: Study) -> Interventions:
    """Every intervention of the arms, once for each dose, and the medicine that everybody is given."""
    made = Interventions()
    known: dict[tuple[str, str | None], Json] = {}
    for product in study.products:
        made.products.append(_product(writer, product.name, product.kind, ct.IMP))
    for arm in arms_of(study):
        made.of_arm[arm.name] = []
        for treatment in arm.treatments:
            for dose in _doses(study, treatment):
                key = (treatment.product, dose.name if dose else None)
                if key not in known:
                    known[key] = _intervention(writer, study, treatment, dose, made.products)
                    made.of_product.setdefault(treatment.product, []).append(known[key]["id"])
                made.of_arm[arm.name].append(known[key]["id"])
    made.interventions += known.values()
    for medicine in study.medicines:
        if medicine.use == "given":
            _add_medicine(writer, medicine, made)
    return made


def _doses(study: Study, treatment: Treatment) -> list[Dose | None]:
    named: dict[str, Dose] = {dose.name: dose for dose in study.doses}
    if treatment.dose == "by cohort":
        wanted = dict.fromkeys(cohort.dose for cohort in study.cohorts if cohort.dose)
        return [named.get(name) for name in wanted] or [None]
    if treatment.dose in _PLACES:
        return list(study.doses)
    return [named.get(treatment.dose)] if treatment.dose else [None]


def _intervention(writer: Writer, study: Study, treatment: Treatment, dose: Dose | None, products: list[Json]) -> Json:
    product = next((one for one in study.products if one.name == treatment.product), None)
    name = f"{treatment.product}, {dose.name}" if dose else treatment.product
    role = _role(study, treatment.product)
    placebo = role is ct.COMPARATORS["placebo comparator"]
    kind = product.kind if product else treatment.product
    biologic = not placebo and any(word in kind.lower() for word in ("cell", "blood"))
    at = next((one["id"] for one in products if one["name"] == treatment.product), None)
    route = _route(product)
    frequency = _frequency(treatment)
    return writer.named(
        "StudyIntervention",
        name,
        description=kind,
        role=writer.code(f"{name} role", role),
        type=writer.code(f"{name} type", ct.BIOLOGIC if biologic else ct.DRUG),
        minimumResponseDuration=None,
        codes=[],
        administrations=_administrations(
            writer, name, dose.amount if dose else None, at, route, frequency, _often(treatment)
        ),
    )


def _add_medicine(writer: Writer, medicine: Medicine, made: Interventions) -> None:
    product = _product(writer, medicine.drug, medicine.say, ct.AUXILIARY)
    daily = medicine.amount is not None and medicine.amount.unit.endswith("/day")
    frequency = ct.DAILY if daily else ct.UNKNOWN_FREQUENCY
    intervention = writer.named(
        "StudyIntervention",
        medicine.drug,
        description=medicine.say,
        role=writer.code(f"{medicine.drug} role", ct.BACKGROUND),
        type=writer.code(f"{medicine.drug} type", ct.DRUG),
        minimumResponseDuration=None,
        codes=[],
        administrations=_administrations(
            writer, medicine.drug, medicine.amount, product["id"], ct.UNKNOWN_ROUTE, frequency, medicine.say
        ),
    )
    made.products.append(product)
    made.interventions.append(intervention)
    for given in made.of_arm.values():
        given.append(intervention["id"])


def _administrations(
    writer: Writer,
    name: str,
    amount: AmountOf | None,
    product: str | None,
    route: ct.Term,
    frequency: ct.Term,
    often: str,
) -> list[Json]:
    """One administration; of a range of doses two, its least and its greatest: a dose in USDM is one number."""
    if amount is None:
        return [_administration(writer, name, often, None, None, None, None)]
    if amount.low == amount.high:
        numbers = {name: amount.low}
    else:
        numbers = {f"{name}, least dose": amount.low, f"{name}, greatest dose": amount.high}
    return [
        _administration(
            writer,
            each,
            f"{often}; {amount}",
            _dose(writer, each, number, amount.unit),
            writer.alias(f"{each} route", route),
            writer.alias(f"{each} frequency", frequency),
            product,
        )
        for each, number in numbers.items()
    ]


def _administration(
    writer: Writer,
    name: str,
    description: str,
    dose: Json | None,
    route: Json | None,
    frequency: Json | None,
    product: str | None,
) -> Json:
    duration = writer.plain(
        "Duration",
        f"{name} administration",
        text=description,
        quantity=None,
        durationWillVary=True,
        reasonDurationWillVary="The protocol file sets no duration of an administration",
    )
    return writer.named(
        "Administration",
        name,
        description=description,
        duration=duration,
        dose=dose,
        route=route,
        frequency=frequency,
        administrableProductId=product,
        medicalDeviceId=None,
    )


def _dose(writer: Writer, name: str, number: Decimal, unit: str) -> Json:
    """The dose in a unit of CDISC's terminology, which counts cells by weight in millions."""
    value = number / 1_000_000 if unit == "cells/kg" else number
    return writer.quantity(f"{name} dose", value, ct.DOSE_UNITS[unit])


def _product(writer: Writer, name: str, kind: str, designation: ct.Term) -> Json:
    form = ct.UNKNOWN_FORM
    for word, term in (("solution", ct.INJECTABLE_SOLUTION), ("suspension", ct.INJECTABLE_SUSPENSION)):
        form = term if word in kind.lower().split() else form
    return writer.named(
        "AdministrableProduct",
        name,
        description=kind,
        pharmacologicClass=None,
        administrableDoseForm=writer.alias(f"{name} form", form),
        productDesignation=writer.code(f"{name} designation", designation),
        sourcing=None,
        properties=[],
        identifiers=[],
        ingredients=[],
    )


def _role(study: Study, product: str) -> ct.Term:
    types = {arm.type for arm in arms_of(study) for one in arm.treatments if one.product == product}
    compared = [ct.COMPARATORS[arm_type] for arm_type in sorted(types) if arm_type in ct.COMPARATORS]
    return compared[0] if compared and "experimental" not in types else ct.EXPERIMENTAL


def _route(product: Product | None) -> ct.Term:
    said = product.route.lower() if product else ""
    found = {term for word, term in ct.ROUTES.items() if re.search(rf"\b{word}\b", said)}
    return found.pop() if len(found) == 1 else ct.UNKNOWN_ROUTE


def _frequency(treatment: Treatment) -> ct.Term:
    if treatment.times == 1:
        return ct.ONCE
    return ct.EVERY.get(str(treatment.every), ct.UNKNOWN_FREQUENCY)


def _often(treatment: Treatment) -> str:
    times = {None: "goes on", 1: "once"}.get(treatment.times, f"{treatment.times} times")
    return f"{times}, every {treatment.every}" if treatment.every else times
