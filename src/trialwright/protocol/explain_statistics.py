"""Chapters 9 and 10 of the protocol's prose: safety, and statistics with exact operating characteristics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import fsum, sqrt

from trialwright.design import Design, OperatingCharacteristics, Rule, ThreePlusThree, operating_characteristics
from trialwright.protocol.escalation import DltDefinition
from trialwright.protocol.explain_words import counted, dose_rule, listed, sentence
from trialwright.protocol.planned_characteristics import planned_characteristics
from trialwright.protocol.prose import Block, Heading, Note, Paragraph, Table
from trialwright.protocol.study import Study

_TRUE_RATES = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50)


def safety(study: Study) -> Iterator[Block]:
    """Chapter 9: adverse events and the definition of a dose-limiting toxicity."""
    yield Heading(2, "9 Adverse events and safety")
    graded = f", and graded by {study.grading.scale}" if study.grading else ""
    recorded = "Adverse events are recorded from consent onwards, with onset, seriousness and relation to the product"
    yield Paragraph(f"{recorded}{graded}.")
    if study.grading is None:
        yield Note("To be completed by the sponsor: the scale by which adverse events are graded.")
    if study.dose_escalation:
        yield from _dlt(study)
    yield Note(
        "To be completed by the sponsor: how and within what time serious adverse events and pregnancies are reported."
    )


def statistics(study: Study) -> Iterator[Block]:
    """Chapter 10: populations, planned numbers, operating characteristics."""
    yield Heading(2, "10 Statistical considerations")
    yield Heading(3, "10.1 Analysis populations")
    yield from _populations(study)
    yield Heading(3, "10.2 Number of subjects")
    yield from _numbers(study)
    if study.dose_escalation:
        yield Heading(3, "10.3 Operating characteristics of the dose escalation")
        yield from _characteristics(study)


def _coagulation(dlt: DltDefinition) -> bool:
    return dlt.haematological == "soc_plus_cell_counts_and_coagulation"


def _dlt(study: Study) -> Iterator[Block]:
    dlt, days = study.design.dlt, study.design.dlt_window.days
    related = "is related to the product" if dlt.related else "occurs, related to the product or not"
    grade = f"of grade {dlt.grade_at_least} or more"
    if dlt.haematological_grade_at_least is not None:
        haematological = f"haematological and of grade {dlt.haematological_grade_at_least} or more"
        grade = f"either not haematological and {grade}, or {haematological}"
        yield Paragraph(
            "Haematological terms are those of the system organ class of blood and lymphatic disorders and the counts "
            "of blood cells among the investigations"
            + (", and four tests of coagulation and haemolysis besides." if _coagulation(dlt) else ".")
        )
    yield Paragraph(
        f"A dose-limiting toxicity (DLT) is an adverse event with onset within {days} days after the infusion that "
        f"{related} and is {grade}. The investigator adjudicates each event that meets this definition; until then it "
        "is open, and the decisions of section 4.2 take both outcomes into account."
    )


def _populations(study: Study) -> Iterator[Block]:
    rows = [(population.name, sentence(population.say)) for population in study.populations]
    dlts = [e for e in (*study.endpoints.primary, *study.endpoints.secondary) if e.of == "dlt"]
    if study.dose_escalation and any(endpoint.population is None for endpoint in dlts):
        days = study.design.dlt_window.days
        said = f"Subjects who were infused and had a DLT, or were observed for {days} days without one."
        rows.append(("evaluable subjects", said))
    if rows:
        yield Table.of("Analysis populations.", ("Population", "Subjects"), rows)
    else:
        yield Note("To be completed by the sponsor: the protocol file names no analysis population.")


def _numbers(study: Study) -> Iterator[Block]:
    planned, planning = study.enrolment.planned, study.planning
    eligible = planning.screened_per_month * (1 - planning.screen_failure)
    duration = f", so that enrolment takes about {planned / eligible:.1f} months if it never pauses" if eligible else ""
    yield Paragraph(
        f"{counted(planned, 'subject')} {'is' if planned == 1 else 'are'} planned. The plan reckons with "
        f"{planning.screened_per_month:g} people screened in a month over all sites, of whom "
        f"{planning.screen_failure:.0%} are not eligible{duration}."
    )
    yield Paragraph(
        f"With {counted(planned, 'subject')}, an adverse event that befalls at least {1 - 0.05 ** (1 / planned):.1%} "
        "of such subjects is seen at least once with a probability of 95%."
    )
    if study.response_rates:
        yield from _responses_by_dose(study)
    elif planning.true_response_rates:
        yield from _responses(study)


def _responses_by_dose(study: Study) -> Iterator[Block]:
    rows = [(dose.name, f"{rate:.0%}") for dose, rate in zip(study.doses, study.response_rates, strict=True)]
    yield Table.of("Response rates that the plan assumes.", ("Dose", "Assumed response rate"), rows)


def _responses(study: Study) -> Iterator[Block]:
    ratio = dict(study.allocation.ratio) if study.allocation else {}
    total = sum(ratio.values())
    rows = []
    for arm, rate in study.planning.true_response_rates.items():
        size = study.enrolment.planned * ratio[arm] / total if arm in ratio else None
        if len(study.planning.true_response_rates) == 1 and size is None:
            size = float(study.enrolment.planned)
        numbers = (f"{size:g}", f"{size * rate:.1f}", f"{sqrt(rate * (1 - rate) / size):.1%}") if size else ("", "", "")
        rows.append((arm, f"{rate:.0%}", *numbers))
    header = ("Arm", "Assumed response rate", "Subjects", "Expected responders", "Standard error of the rate")
    yield Table.of("Response rates that the plan assumes, and how precisely they would be estimated.", header, rows)
    missing = [row[0] for row in rows if not row[2]]
    if missing:
        yield Note(f"To be completed by the sponsor: how many subjects are planned for {listed(missing)}.")


def _characteristics(study: Study) -> Iterator[Block]:
    rule, rates, exact = dose_rule(study), study.planning.true_dlt_rates, True
    if len(rates) != rule.levels or not (study.response_rates or isinstance(rule, Design)):
        missing = "DLT rates" if len(rates) != rule.levels else "response rates"
        yield Note(f"To be completed by the sponsor: {rule.levels} assumed {missing}, one for each dose level.")
    else:
        result = planned_characteristics(study)
        exact = result.method == "exact"
        yield from _at_the_planned_rates(study, result)
    if isinstance(rule, ThreePlusThree):
        yield from _tolerated(rule)
    yield Paragraph(_how(rule, exact=exact))


def _how(rule: Rule, *, exact: bool) -> str:
    """How the figures were found."""
    if not isinstance(rule, Design):
        return (
            "These figures are simulated: the standard error of a share is at most half a percent, and toxicity and "
            "efficacy of a subject are taken as independent."
        )
    found = (
        "These figures are exact: every course that the rule can take is counted, and nothing is simulated."
        if exact
        else "These figures are simulated, since the rule has too many courses to count: the standard error of a share "
        "is at most half a percent."
    )
    if rule.cap:
        return f"{found} They take every DLT window as closed before a decision, and leave backfilled subjects out."
    if rule.weighs_follow_up:
        return f"{found} They take every DLT window as closed before a decision."
    return found


def _at_the_planned_rates(study: Study, result: OperatingCharacteristics) -> Iterator[Block]:
    rates = study.planning.true_dlt_rates
    columns = zip(study.doses, rates, result.selection, result.mean_patients, result.mean_dlts, strict=True)
    rows = [
        (f"{level}: {dose}", f"{rate:.0%}", f"{selected:.1%}", f"{patients:.2f}", f"{dlts:.2f}")
        for level, (dose, rate, selected, patients, dlts) in enumerate(columns, start=1)
    ]
    total = (f"{fsum(result.mean_patients):.2f}", f"{fsum(result.mean_dlts):.2f}")
    rows.append(("No dose is selected", "", f"{result.selection_none:.1%}", "", ""))
    rows.append(("All", "", "", *total))
    header = ("Dose level", "Assumed DLT rate", "Selected", "Expected subjects", "Expected DLTs")
    yield Table.of("What the dose escalation does at the DLT rates that the plan assumes.", header, rows)
    yield Paragraph(
        f"{result} In {result.top_tolerated:.1%} of trials the top dose is tolerated and no maximum tolerated dose "
        "is reached; these count as selecting the top dose."
        if result.top_tolerated
        else str(result)
    )
    more = fsum(chance for size, chance in result.sizes.items() if size > study.enrolment.planned)
    yield Paragraph(
        f"The chance that the dose rule needs more evaluable subjects than the {study.enrolment.planned} planned "
        f"is {more:.1%}."
    )


def _tolerated(rule: ThreePlusThree) -> Iterator[Block]:
    one = replace(rule, levels=1)
    tolerated = [[f"{rate:.0%}", f"{operating_characteristics(one, [rate]).selection[0]:.1%}"] for rate in _TRUE_RATES]
    columns_of_one = ("True DLT rate of a level", "Chance that the level is found tolerated")
    yield Table.of("Chance that the dose rule finds a level tolerated.", columns_of_one, tolerated)
