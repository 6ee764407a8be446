"""Chapters 1 to 3 of the protocol's prose: summary with schema and schedule, introduction, objectives and endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.protocol.criteria import Condition, Several
from trialwright.protocol.explain_words import (
    MASKING,
    anchor_text,
    arm_text,
    counted,
    day_text,
    dose_rule,
    dose_text,
    listed,
    ratio_text,
    sentence,
    visits_in_order,
)
from trialwright.protocol.prose import Block, Heading, Note, Paragraph, Points, Table
from trialwright.protocol.schedule import Endpoint
from trialwright.protocol.study import Study
from trialwright.protocol.wording import label, words

MISSING = {
    "not counted": "A subject without the value is not counted.",
    "non-responder": "A subject without the value counts as a non-responder.",
    "censored": "A subject without the event is censored at the last day of observation.",
}


def summary(study: Study) -> Iterator[Block]:
    """Chapter 1: synopsis, trial schema, schedule of activities."""
    yield Heading(2, "1 Protocol summary")
    yield Heading(3, "1.1 Synopsis")
    yield Table.of("Synopsis.", ("Item", "Description"), list(_synopsis(study)))
    yield Heading(3, "1.2 Trial schema")
    yield from _schema(study)
    yield Heading(3, "1.3 Schedule of activities")
    yield from _schedule(study)


def introduction(study: Study) -> Iterator[Block]:
    """Chapter 2: what is studied; the reasons for it are the sponsor's to write."""
    yield Heading(2, "2 Introduction")
    products = listed(f"{product.name} ({product.kind})" for product in study.products)
    yield Paragraph(f"This {study.kind} studies {products} in subjects with this condition: {study.condition}.")
    yield Note(
        "To be completed by the sponsor: the rationale of the trial, what is known of the product from earlier work, "
        "and the assessment of benefit and risk. The protocol file does not hold them."
    )


def objectives(study: Study) -> Iterator[Block]:
    """Chapter 3: objectives and endpoints, with their population and what a missing value counts as."""
    yield Heading(2, "3 Trial objectives and endpoints")
    ranked = [(rank, e) for rank, group in _ranks(study) for e in group]
    header = ("Rank", "Objective", "Endpoint", "Measured by", "Time", "Population", "Missing values")
    rows = [
        (
            rank,
            _objective(endpoint, study),
            endpoint.name,
            sentence(_measure(endpoint, study)),
            _time(endpoint, study),
            endpoint.population or ("evaluable subjects" if endpoint.of == "dlt" else "not named"),
            _missing(endpoint),
        )
        for rank, endpoint in ranked
    ]
    yield Table.of("Objectives and endpoints.", header, rows)
    for _, endpoint in ranked:
        if endpoint.response:
            yield from _response(endpoint.name, endpoint.response, study)
    unnamed = [endpoint.name for _, endpoint in ranked if endpoint.population is None and endpoint.of != "dlt"]
    if unnamed:
        yield Note(f"To be completed by the sponsor: the analysis population of {listed(unnamed)}.")


def _response(name: str, response: Condition, study: Study) -> Iterator[Block]:
    if isinstance(response, Several):
        how = "all of these hold" if response.word == "and" else "any of these holds"
        yield Paragraph(f"{name}: a subject responds in whom {how}.")
        yield Points(tuple(sentence(words(part, study)) for part in response.of))
    else:
        yield Paragraph(f"{name}: a subject responds in whom this holds: {sentence(words(response, study))}")


def _synopsis(study: Study) -> Iterator[tuple[str, str]]:
    yield "Title", study.title
    yield "Protocol", f"{study.id}, version {study.version}"
    yield "Registered record", study.record or "none is named"
    yield "Condition", study.condition
    yield "Phase", study.phase
    for product in study.products:
        yield "Product", f"{product.name}: {product.kind}; route: {product.route}"
    yield "Design", sentence(design_phrase(study))
    yield "Masking", sentence(MASKING[study.masking])
    yield "Doses", "; ".join(map(str, study.doses))
    for arm in study.arms:
        yield "Arm", f"{arm.name} ({arm.type}): {arm_text(arm, study)}"
    for cohort in study.cohorts:
        yield "Cohort", _cohort(cohort.name, cohort.size, dose_text(cohort.dose, study))
    yield "Subjects", _subjects(study)
    yield "Sites", counted(study.sites.planned, "site")
    if study.dose_escalation:
        yield "DLT window", f"{study.design.dlt_window.days} days after the infusion"
    for endpoint in study.endpoints.primary:
        measure = "response, as defined in chapter 3" if endpoint.of == "response" else _measure(endpoint, study)
        yield "Primary endpoint", f"{endpoint.name}: {measure}, {_time(endpoint, study)}"
    last = max(study.schedule, key=lambda visit: visit.day)
    yield "Last visit of a subject", f"{last.visit}, {day_text(last)} counted from {anchor_text(last)}"


def design_phrase(study: Study) -> str:
    """The design in one phrase."""
    phrases = []
    if study.dose_escalation:
        phrases.append(f"{study.design.rule.design} dose escalation over {counted(len(study.doses), 'dose level')}")
    if study.cohorts:
        phrases.append(f"{counted(len(study.cohorts), 'cohort')} enrolled one after the other")
    method = study.allocation.method if study.allocation else None
    how = {"randomised": "randomised", "by choice": "not randomised, the arm is chosen", "single arm": "single arm"}
    if method:
        ratio = ratio_text(study)
        phrases.append(how[method] + (f" {ratio}" if ratio else ""))
    if len(study.arms) > 1:
        phrases.append(f"{len(study.arms)} arms")
    return ", ".join(phrases) or "one group of subjects who are treated alike"


def _subjects(study: Study) -> str:
    planned = f"{study.enrolment.planned} planned"
    if study.dose_escalation is None:
        return planned
    rule = dose_rule(study)
    return (
        f"{planned}; the dose rule needs {rule.cohort} to {rule.planned[1]} evaluable, {rule.cohort} to "
        f"{rule.most_at_level} at each level that opens"
    )


def _cohort(name: str, size: int, dose: str) -> str:
    return f"{name}: {counted(size, 'subject')}" + (f", {dose}" if dose else "")


def _schema(study: Study) -> Iterator[Block]:
    yield Table.of("Steps of a subject through the trial.", ("Step", "What happens", "When"), list(_steps(study)))
    if study.dose_escalation:
        rule = dose_rule(study)
        rows = [
            (
                str(level),
                dose.name,
                str(dose.amount),
                f"{rule.cohort} to {rule.most_at_level}",
                _stagger(study.stagger_days(level)),
            )
            for level, dose in enumerate(study.doses, start=1)
        ]
        header = ("Level", "Dose", "Amount", "Evaluable subjects", "Least interval between infusions")
        yield Table.of("Dose levels, opened one after the other from level 1.", header, rows)
    if study.cohorts:
        cohorts = [
            (str(place), c.name, str(c.size), dose_text(c.dose, study) or "as the arm says")
            for place, c in enumerate(study.cohorts, 1)
        ]
        yield Table.of("Cohorts, in the order of enrolment.", ("Order", "Cohort", "Subjects", "Dose"), cohorts)
    if study.arms:
        arms = [(arm.name, arm.type, arm_text(arm, study)) for arm in study.arms]
        yield Table.of("Arms.", ("Arm", "Type", "Treatment"), arms)


def _stagger(days: int) -> str:
    return f"{days} days of 24 hours" if days else "none"


def _steps(study: Study) -> Iterator[tuple[str, str, str]]:
    visits = visits_in_order(study)
    for visit in visits:
        if visit.day < 0:
            yield (
                visit.visit,
                "The criteria of chapter 5 are assessed.",
                f"{day_text(visit)}, counted from {anchor_text(visit)}",
            )
    if study.allocation and study.allocation.method == "randomised":
        yield "Randomisation", sentence(f"The subject is allocated {ratio_text(study)}"), "before the first treatment"
    elif len(study.arms) > 1:
        yield "Allocation", "The subject comes to one of the arms without randomisation.", "before the first treatment"
    for visit in visits:
        if visit.gives:
            arm = "as the subject's arm says, " if len(study.arms) > 1 else ""
            given = f"Given: {arm}{listed(visit.gives, 'or' if arm else 'and')}."
            yield visit.visit, given, f"{day_text(visit)}, counted from {anchor_text(visit)}"
    if study.rescue:
        visit_name = study.rescue.visit
        yield visit_name, "Rescue is considered (chapter 6).", "at this visit"
    follow_up = [visit for visit in visits if visit.day >= 0 and not visit.gives]
    if follow_up:
        last = max(follow_up, key=lambda visit: visit.day)
        yield (
            "Follow-up",
            f"{counted(len(follow_up), 'visit')}: {listed(visit.visit for visit in follow_up)}.",
            f"until day {last.day}",
        )


def _schedule(study: Study) -> Iterator[Block]:
    visits = visits_in_order(study)
    header = ("Activity", *(visit.visit for visit in visits))
    rows = [("Time", *(day_text(visit) for visit in visits))]
    anchors = {visit.anchor for visit in visits}
    if len(anchors) > 1:
        rows.append(("Counted from", *(anchor_text(visit) for visit in visits)))
    for item in study.items:
        marks = tuple("X" if item.name in visit.collect else "" for visit in visits)
        if any(marks):
            rows.append((item.label, *marks))
    for product in study.products:
        given = tuple("given" if product.name in visit.gives else "" for visit in visits)
        if any(given):
            rows.append((f"Treatment: {product.name}", *given))
    yield Table.of("Schedule of activities; X marks what is collected.", header, rows)
    if len(anchors) == 1:
        yield Paragraph(
            f"Days are counted from {anchor_text(visits[0])}, which is day 0; ± gives the days allowed on both sides."
        )
    else:
        yield Paragraph("Days are counted from the day named in each column, which is day 0; ± gives the days allowed.")
    yield Paragraph("Adverse events are recorded from consent onwards, at every visit and between visits.")


def _ranks(study: Study) -> tuple[tuple[str, tuple[Endpoint, ...]], ...]:
    return ("Primary", study.endpoints.primary), ("Secondary", study.endpoints.secondary)


def _objective(endpoint: Endpoint, study: Study) -> str:
    match endpoint.of:
        case "dlt":
            return "To find the highest dose that is tolerated." if study.dose_escalation else "To assess tolerability."
        case "adverse events":
            return "To describe the safety of the treatment."
        case "item":
            return sentence(f"to describe {_item(endpoint, study)}")
        case "response":
            return "To estimate the share of subjects who respond."
        case "time to event":
            return sentence(f"to estimate the time to {_item(endpoint, study)}")


def _measure(endpoint: Endpoint, study: Study) -> str:
    match endpoint.of:
        case "dlt":
            return "share of evaluable subjects with a dose-limiting toxicity, as defined in chapter 9"
        case "adverse events":
            return "adverse events"
        case "item":
            return _item(endpoint, study)
        case "response":
            return "response, as defined below" if endpoint.response else "response, not yet defined"
        case "time to event":
            return f"days from {_start(endpoint, study)} to {_item(endpoint, study)}"


def _item(endpoint: Endpoint, study: Study) -> str:
    return label(endpoint.item, study) if endpoint.item else "an item not yet named"


def _missing(endpoint: Endpoint) -> str:
    match endpoint.of:
        case "dlt":
            return "A subject who is not evaluable is not counted."
        case "adverse events":
            return "Every recorded event is counted; nothing is filled in."
        case _:
            return MISSING[endpoint.missing]


def _time(endpoint: Endpoint, study: Study) -> str:
    visit = study.visit(endpoint.visit) if endpoint.visit else None
    where = f"at {visit.visit if visit else endpoint.visit}, " if endpoint.visit else ""
    return f"{where}within {endpoint.within} days of {_start(endpoint, study)}"


def _start(endpoint: Endpoint, study: Study) -> str:
    """The day that an endpoint's time is counted from: that of its visit, or of the last one."""
    visit = study.visit(endpoint.visit) if endpoint.visit else None
    return anchor_text(visit or max(study.schedule, key=lambda visit: visit.day))
