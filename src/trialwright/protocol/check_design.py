"""Checks of the doses and the dose escalation, and of what planning assumes of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from trialwright.errors import InputError
from trialwright.protocol.check_arms import treatments
from trialwright.protocol.criteria import items
from trialwright.protocol.fault import Fault, check
from trialwright.protocol.study import Study


@check("dose.order")
def doses_rise(study: Study) -> Iterator[Fault]:
    """Dose levels are in one unit, and rise in the order of the file."""
    if study.dose_escalation is None:
        return
    for place, (lower, higher) in enumerate(pairwise(study.doses), start=1):
        if lower.amount.unit != higher.amount.unit:
            yield Fault(
                ("doses", place),
                f"dose '{higher.name}' is in {higher.amount.unit}, and dose '{lower.name}' in {lower.amount.unit}",
                "which of them is higher would depend on the subject",
                "write all levels in one unit",
            )
        elif higher.amount.low <= lower.amount.high:
            yield Fault(
                ("doses", place),
                f"dose '{higher.name}' is not above dose '{lower.name}'",
                "escalation would go down",
                "order the doses from the lowest to the highest",
            )


@check("dose.conducted")
def levels_can_be_conducted(study: Study) -> Iterator[Fault]:
    """Every dose level is one number of cells or of cells/kg, without which the trial is not rehearsed or conducted."""
    for place, dose in enumerate(study.doses if study.dose_escalation else ()):
        if not dose.can_be_escalated:
            yield Fault(
                ("doses", place, "amount"),
                f"dose level '{dose.name}' is {dose.amount}, and not one number of cells or of cells/kg",
                "this version explains, screens and simulates such an escalation, and does not rehearse or conduct it",
                "keep it where that is enough; conduct the trial in another system",
                "warning",
            )


@check("dose.weight")
def weight_is_taken_before_the_infusion(study: Study) -> Iterator[Fault]:
    """A dose by body weight or surface needs the weight, and the height, up to the day of the infusion."""
    collected = {item for visit in study.schedule if visit.day <= 0 for item in visit.collect}
    for dose in study.doses:
        missing = [item for item in dose.amount.by_body if item not in collected]
        if missing:
            yield Fault(
                ("schedule",),
                f"no visit up to day 0 collects '{missing[0]}', and dose '{dose.name}' is in {dose.amount.unit}",
                "no dose could be computed",
                f"collect '{missing[0]}' at the infusion visit or before",
            )
            return


@check("design.numbers")
def escalation_numbers_fit(study: Study) -> Iterator[Fault]:
    """The cohort, its expansion and the stopping number fit together."""
    if study.dose_escalation is None:
        return
    try:
        _ = study.rule
    except InputError as fault:
        mend = "correct the numbers that are named"
        yield Fault(("dose escalation", "rule"), str(fault), "the rule could not reach a decision", mend)


@check("design.response")
def the_rule_can_read_responses(study: Study) -> Iterator[Fault]:
    """A rule that looks at responses names an endpoint that says of every treated subject whether there was one."""
    name = study.dose_escalation.rule.looks_at if study.dose_escalation else None
    if name is None:
        return
    path, found = ("dose escalation", "rule", "response endpoint"), study.response_endpoint
    if found is None:
        what, mend = f"there is no endpoint '{name}'", "define it under endpoints, or correct the name"
        yield Fault(path, what, "the rule could not tell who has responded", mend)
        return
    if found.of != "response" or found.response is None:
        what, mend = f"'{name}' is of {found.of}", "name an endpoint of response, with its condition"
        yield Fault(path, what, "the rule needs yes or no of each subject", mend)
    elif not items(found.response):
        what, mend = f"the response of '{name}' reads no item", "write it as a condition on a collected item"
        yield Fault(path, what, "no data could ever say that there was a response", mend)
    if found.missing != "non-responder":
        what, mend = f"a missing value of '{name}' is {found.missing}", "write 'missing: non-responder' there"
        yield Fault(path, what, "a subject who leaves would hold up every later decision", mend)


@check("design.stagger")
def stagger_names_a_dose_and_fits(study: Study) -> Iterator[Fault]:
    """A stagger belongs to a dose and is not longer than the DLT window."""
    design = study.dose_escalation
    for place, stagger in enumerate(design.stagger if design else ()):
        path = ("dose escalation", "stagger", place)
        if stagger.dose not in {dose.name for dose in study.doses}:
            why, mend = "the interval would guard nothing", "write the name of one of the doses"
            yield Fault(path, f"there is no dose '{stagger.dose}'", why, mend)
        if design and stagger.interval > design.dlt_window.days:
            yield Fault(
                path,
                f"the interval of {stagger.interval} days is longer than the DLT window",
                "the window already separates the infusions; one of the two numbers is wrong",
                "shorten the interval or lengthen the window",
            )


@check("design.window")
def dlt_window_ends_at_a_visit(study: Study) -> Iterator[Fault]:
    """A visit falls on the last day of the DLT window."""
    if study.dose_escalation is None:
        return
    days = study.dose_escalation.dlt_window.days
    if not any(visit.day <= days <= visit.last_day for visit in study.schedule if visit.day > 0):
        yield Fault(
            ("dose escalation", "dlt window"),
            f"no visit's window holds day {days}, when the DLT window ends",
            "nobody would see the subject when the window is closed",
            f"add a visit at day {days}",
        )


@check("planning.rates")
def planning_rates_fit_the_doses(study: Study) -> Iterator[Fault]:
    """There is one true DLT rate for each dose, and they do not fall."""
    rates = study.planning.true_dlt_rates
    path = ("planning", "true dlt rates")
    expected = len(study.doses) if study.dose_escalation else 0
    if len(rates) != expected:
        what = f"{len(rates)} true DLT rates; {expected} are needed, one for each level of a dose escalation"
        yield Fault(path, what, "the trial cannot be simulated", "write one rate for each dose")
    elif any(higher < lower for lower, higher in pairwise(rates)):
        yield Fault(
            path,
            "a higher dose has a lower rate",
            "a dose-escalation design assumes that toxicity does not fall with the dose",
            "check the order of the rates",
            "warning",
        )


@check("design.enrolment")
def the_rule_can_reach_the_planned_enrolment(study: Study) -> Iterator[Fault]:
    """The planned enrolment is what the dose rule can reach: a cohort at each level up to an expansion at each."""
    if study.dose_escalation is None:
        return
    try:
        least, most = study.rule.planned
    except InputError:
        return
    if not least <= study.enrolment.planned <= most:
        wanted = f"{least} to {most}" if least < most else str(most)
        yield Fault(
            ("enrolment", "planned"),
            f"{study.enrolment.planned} subjects are planned; the dose rule treats {wanted}",
            "the rule would run out of subjects before it decides, or could never treat so many",
            f"plan {wanted} subjects, or correct the rule",
        )


@check("design.repeat")
def treatment_is_not_repeated_in_an_open_window(study: Study) -> Iterator[Fault]:
    """The DLT window is no longer than the time from one treatment to the next."""
    if study.dose_escalation is None:
        return
    window = study.dose_escalation.dlt_window.days
    for path, treatment in treatments(study):
        if treatment.every is not None and treatment.times != 1 and treatment.every.days < window:
            yield Fault(
                (*path, "every"),
                f"the DLT window has {window} days, and '{treatment.product}' is given again after {treatment.every}",
                "a subject is treated again before the first treatment is judged",
                "lengthen the interval, or shorten the window; it always begins with the first treatment",
                "warning",
            )


@check("design.decision")
def dose_decisions_are_signed_by_those_who_answer_for_them(study: Study) -> Iterator[Fault]:
    """A dose decision is signed by the investigator or the sponsor, and by nobody twice."""
    if study.dose_escalation is None:
        return
    by, path = study.dose_escalation.decision.by, ("dose escalation", "decision", "by")
    if len(set(by)) < len(by):
        what, mend = f"{', '.join(by)}: a role stands there twice", "name each role once"
        yield Fault(path, what, "one signature would be counted for two", mend)
    if not {"investigator", "sponsor"} & set(by):
        why, mend = "they answer for the subjects' safety (ICH E6)", "add investigator or sponsor"
        yield Fault(path, f"{', '.join(by)}: neither the investigator nor the sponsor signs", why, mend)


@check("design.haematological")
def haematological_terms_are_named(study: Study) -> Iterator[Fault]:
    """A grade of its own for haematological events says which terms are haematological."""
    dlt = study.dose_escalation.dlt if study.dose_escalation else None
    if dlt and (dlt.haematological_grade_at_least is None) != (dlt.haematological is None):
        yield Fault(
            ("dose escalation", "dlt"),
            "'haematological grade at least' and 'haematological' do not stand together",
            "CTCAE does not say which terms are haematological, and the grade counts for those only",
            "write both, or neither; 'haematological' is soc_plus_cell_counts or soc_plus_cell_counts_and_coagulation",
        )


@check("event.scale")
def adverse_events_have_one_scale(study: Study) -> Iterator[Fault]:
    """The scale of adverse events, with its version, is named once."""
    named_twice = study.adverse_events and study.dose_escalation and study.dose_escalation.dlt.scale
    if study.grading is None:
        yield Fault(
            (),
            "no scale is named by which adverse events are graded",
            "conduct could not refuse a grade that an event does not have, and a version is kept for a whole trial",
            "add 'adverse events: {scale: CTCAE 5.0}' with its source",
        )
    elif named_twice:
        yield Fault(
            ("dose escalation", "dlt", "scale"),
            "the scale is named under 'adverse events' already",
            "an amendment could change one of the two",
            "leave it out here",
        )


@check("design.grades")
def haematological_events_have_a_grade_of_their_own(study: Study) -> Iterator[Fault]:
    """The grade of haematological events, where it differs, is above the grade of all others."""
    if study.dose_escalation is None:
        return
    dlt = study.dose_escalation.dlt
    if dlt.haematological_grade_at_least is not None and dlt.haematological_grade_at_least <= dlt.grade_at_least:
        yield Fault(
            ("dose escalation", "dlt", "haematological grade at least"),
            f"haematological events count from grade {dlt.haematological_grade_at_least}, others from "
            f"{dlt.grade_at_least}",
            "it is usual that haematological events count from a higher grade; the two may be mixed up",
            "correct a grade, or leave the haematological one out where it is the same",
            "warning",
        )
