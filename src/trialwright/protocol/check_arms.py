"""Checks of arms and cohorts: what they give, how much of it, how often, and at which visit."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.protocol.element import Path
from trialwright.protocol.escalation import Stagger
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import STAGGER_OVERRIDERS, Study
from trialwright.protocol.treatment_plan import Arm, Cohort, Preparation, Treatment


@check("treatment.product")
def treatments_give_known_products(study: Study) -> Iterator[Fault]:
    """Arms and visits give products that are defined."""
    known = {product.name for product in study.products}
    given = [((*path, "product"), treatment.product) for path, treatment in treatments(study)]
    for place, visit in enumerate(study.schedule):
        given += [(("schedule", place, "gives"), name) for name in visit.gives]
    for path, name in given:
        if name not in known:
            mend = "define it under products, or correct the name"
            yield Fault(path, f"there is no product '{name}'", "nobody could prepare it", mend)


@check("treatment.dose")
def treatments_give_known_doses(study: Study) -> Iterator[Fault]:
    """A treatment's dose is defined; 'by level' needs a dose escalation and 'by cohort' cohorts with a dose."""
    known = {dose.name for dose in study.doses}
    known |= {"by level"} if study.dose_escalation else set()
    known |= {"by cohort"} if study.cohorts and all(cohort.dose for cohort in study.cohorts) else set()
    named = [((*path, "dose"), treatment.dose) for path, treatment in treatments(study)]
    for path, name in named:
        if name is not None and name not in known:
            what = f"there is no dose '{name}' here"
            mend = f"write one of {', '.join(sorted(known))}, or define it under doses"
            yield Fault(path, what, "nobody could tell how much to give", mend)


@check("stagger.place")
def a_stagger_stands_where_it_can_be_kept(study: Study) -> Iterator[Fault]:
    """A stagger stands at the levels of a dose escalation, else with cohorts, or with infused arms of an open trial."""
    for place, cohort in enumerate(study.cohorts):
        if cohort.stagger and study.dose_escalation:
            yield _misplaced(("cohorts", place, "stagger"), f"'{cohort.name}'", "write it at the dose levels")
    for place, arm in enumerate(study.arms):
        path, infused = ("arms", place, "stagger"), any(one.times is not None for one in arm.treatments)
        if not arm.stagger:
            continue
        if study.dose_escalation:
            yield _misplaced(path, f"'{arm.name}'", "write it at the dose levels")
        elif study.masking != "none":
            what, why = f"the stagger of '{arm.name}' in a masked trial", "who is held back would be known to be in it"
            yield Fault(path, what, why, "write it with the cohort")
        elif not infused:
            yield Fault(path, f"'{arm.name}' infuses nothing", "the interval would guard nothing", "remove the stagger")


@check("stagger.override")
def those_who_override_a_stagger_can(study: Study) -> Iterator[Fault]:
    """The roles that a stagger names under `override by` can override one: investigator and sponsor."""
    every: list[tuple[Path, Stagger]] = []
    if study.dose_escalation:
        every += [(("dose escalation", "stagger", n), one) for n, one in enumerate(study.dose_escalation.stagger)]
    groups: dict[str, tuple[Arm | Cohort, ...]] = {"cohorts": study.cohorts, "arms": study.arms}
    for key, places in groups.items():
        for place, there in enumerate(places):
            every += [((key, place, "stagger", number), one) for number, one in enumerate(there.stagger)]
    for path, stagger in every:
        for role in (one for one in stagger.override_by if one not in STAGGER_OVERRIDERS):
            mend = f"name one of {', '.join(sorted(STAGGER_OVERRIDERS))}, or nobody"
            yield Fault((*path, "override by"), f"the {role} overrides no stagger", "it would never be shortened", mend)


def _misplaced(path: Path, name: str, mend: str) -> Fault:
    return Fault(path, f"the stagger of {name} in a dose escalation", "simulation would not keep it", mend)


@check("treatment.repeat")
def repeated_treatments_have_an_interval(study: Study) -> Iterator[Fault]:
    """A treatment that is given several times says from one time to the next, and one that is given once does not."""
    for path, treatment in treatments(study):
        if treatment.times is not None and treatment.times > 1 and treatment.every is None:
            what = f"'{treatment.product}' is given {treatment.times} times, and nothing says how far apart"
            yield Fault((*path, "times"), what, "the next time could not be planned", "add 'every:', such as 4 weeks")
        if treatment.times == 1 and treatment.every is not None:
            what = f"'{treatment.product}' is given once, every {treatment.every}"
            yield Fault((*path, "every"), what, "once has no interval", "add 'times:', or remove 'every'")


@check("treatment.visit")
def visits_give_what_arms_give(study: Study) -> Iterator[Fault]:
    """What an arm gives a number of times is given at as many visits at least, and what goes on at one."""
    known = {product.name for product in study.products}
    for path, treatment in treatments(study):
        if treatment.product not in known:
            continue
        visits = sum(treatment.product in visit.gives for visit in study.schedule)
        needed = treatment.times or 1
        if visits == 0:
            what = f"no visit gives '{treatment.product}'"
            yield Fault(path, what, "it would never be given", "name the product under 'gives' of a visit")
        elif visits < needed <= len(study.schedule):
            yield Fault(
                path,
                f"'{treatment.product}' is given {needed} times, and {visits} visits give it",
                "some of the times have no visit",
                "name the product under 'gives' of the other visits, or correct 'times'",
                "warning",
            )


@check("treatment.missing")
def every_product_is_given(study: Study) -> Iterator[Fault]:
    """Every product is given by an arm or at a visit."""
    given = {name for visit in study.schedule for name in visit.gives}
    given |= {treatment.product for _, treatment in treatments(study)}
    for place, product in enumerate(study.products):
        if product.name not in given:
            what = f"neither an arm nor a visit gives '{product.name}'"
            yield Fault(("products", place), what, "nobody would receive it", "name it under 'gives', or remove it")


@check("cohort.dose")
def cohorts_have_known_doses(study: Study) -> Iterator[Fault]:
    """A cohort's dose is defined."""
    known = {dose.name for dose in study.doses}
    for place, cohort in enumerate(study.cohorts):
        if cohort.dose is not None and cohort.dose not in known:
            what, mend = f"there is no dose '{cohort.dose}'", f"write one of {', '.join(sorted(known))}"
            yield Fault(("cohorts", place, "dose"), what, "nobody could tell how much to give", mend)


@check("cohort.size")
def cohorts_make_up_the_enrolment(study: Study) -> Iterator[Fault]:
    """The sizes of the cohorts sum to the planned enrolment."""
    total = sum(cohort.size for cohort in study.cohorts)
    if study.cohorts and total != study.enrolment.planned:
        yield Fault(
            ("enrolment", "planned"),
            f"{study.enrolment.planned} subjects are planned; the cohorts have {total} places",
            "the trial would end with places left, or with subjects that have none",
            "correct a size or the planned number",
        )


@check("preparation.masked")
def masked_preparations_tell_nothing(study: Study) -> Iterator[Fault]:
    """What a masked trial infuses has one final volume and one time of use, and its arms give alike."""
    infused = any(treatment.times for _, treatment in treatments(study))
    if study.masking == "none" or not (infused or study.preparation):
        return
    rules = study.preparation or Preparation()
    path: Path = ("preparation",) if study.preparation else ("masking",)
    for key, value in (("final volume", rules.final_volume), ("use within", rules.use_within)):
        if value is None:
            what = f"masking is {study.masking}, and the preparation has no '{key}'"
            yield Fault(path, what, "how an infusion looks would tell the arm", f"add '{key}:' to 'preparation:'")
    plans = {tuple((one.times, one.every) for one in arm.treatments if one.times) for arm in study.arms}
    if len(plans) > 1:
        what = f"masking is {study.masking}, and the arms are not given the same number of infusions as far apart"
        mend = "give every arm the same 'times' and 'every', with vehicle where it has no product"
        yield Fault(path, what, "the number of infusions would tell the arm", mend)


@check("treatment.masked")
def masked_medicine_has_a_day_that_tells_nothing(study: Study) -> Iterator[Fault]:
    """Where a masked trial gives what is not infused, a visit of day 0 gives it to every arm alike."""
    named = frozenset(one.product for _, one in treatments(study) if one.times is None)
    if study.masking == "none" or not named:
        return
    first = {product for visit in study.schedule if visit.day == 0 for product in visit.gives}
    for path, treatment in treatments(study):
        if treatment.times is None and treatment.product not in first:
            yield Fault(
                path,
                f"masking is {study.masking}, '{treatment.product}' is not infused, and no visit of day 0 gives it",
                "its prescription would tell the arm, so that no other day says when it began",
                "name it, and what the other arms receive in its place, under 'gives' of a visit of day 0",
                "warning",
            )


@check("medicine.amount")
def given_medicines_have_an_amount(study: Study) -> Iterator[Fault]:
    """Medicine that the protocol gives has an amount."""
    for place, medicine in enumerate(study.medicines):
        if medicine.use == "given" and medicine.amount is None:
            what, why = f"'{medicine.drug}' is given, and nothing says how much", "nobody could prescribe it"
            mend = "add 'amount:', such as 3 to 5 mg/kg/day; or write 'use: allowed' where the physician decides"
            yield Fault(("medicines", place), what, why, mend)


@check("medicine.arms")
def rules_of_an_arm_name_it_and_tell_it_to_nobody(study: Study) -> Iterator[Fault]:
    """A rule on medicine names arms that there are, and in a masked trial none."""
    known = [arm.name for arm in study.arms]
    for place, medicine in enumerate(study.medicines):
        path = ("medicines", place, "arms")
        if unknown := [name for name in medicine.arms if name not in known]:
            what, mend = f"there is no arm '{unknown[0]}'", f"write one of: {', '.join(known) or 'none is defined'}"
            yield Fault(path, what, "the rule would hold for nobody", mend)
        elif medicine.arms and study.masking != "none":
            what = f"masking is {study.masking}, and the rule on '{medicine.drug}' holds in some arms only"
            yield Fault(path, what, "what is refused would tell the arm", "let the rule hold in every arm")


@check("medicine.until")
def rules_that_end_with_rescue_have_one(study: Study) -> Iterator[Fault]:
    """A rule on medicine that ends with rescue stands in a protocol with rescue."""
    for place, medicine in enumerate(study.medicines):
        if medicine.until == "rescue" and study.rescue is None:
            what, why = f"the rule on '{medicine.drug}' ends with rescue, and there is none", "it would never end"
            yield Fault(("medicines", place, "until"), what, why, "add 'rescue:', or leave 'until' out")


def treatments(study: Study) -> Iterator[tuple[Path, Treatment]]:
    """Every treatment of every arm with its path."""
    for place, arm in enumerate(study.arms):
        for number, treatment in enumerate(arm.treatments):
            yield ("arms", place, "treatments", number), treatment


def last_treatment_day(study: Study) -> int:
    """The day of the last treatment that is given a number of times; 0 where each is given once, or goes on."""
    repeated = [one for _, one in treatments(study) if one.times and one.times > 1 and one.every]
    return max((one.every.days * (one.times - 1) for one in repeated if one.every and one.times), default=0)
