"""USDM: who takes part and what is measured: population, criteria, objectives with endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from html import escape

from trialwright.exchange import usdm_codes as ct
from trialwright.exchange.usdm_writer import Json, Writer, chained, ids
from trialwright.protocol.criteria import Comparison, Condition, Several
from trialwright.protocol.study import Criterion, Endpoint, Exclusion, Study

_SEXES = {"female": ct.FEMALE, "male": ct.MALE}


def criteria(writer: Writer, study: Study) -> tuple[list[Json], list[Json]]:
    """The criteria, and the items that hold their text; the condition as this program decides it describes the item."""
    items: list[Json] = []
    made: list[Json] = []
    for criterion in study.criteria:
        category = ct.EXCLUSION if isinstance(criterion, Exclusion) else ct.INCLUSION
        items.append(
            writer.named(
                "EligibilityCriterionItem",
                criterion.id,
                description=str(criterion.condition),
                text=paragraph(criterion.say),
                dictionaryId=None,
            )
        )
        made.append(
            writer.named(
                "EligibilityCriterion",
                criterion.id,
                category=writer.code(f"{criterion.id} category", category),
                identifier=criterion.id,
                criterionItemId=items[-1]["id"],
            )
        )
    return chained(made), items


def population(writer: Writer, study: Study, made: list[Json], indications: list[Json]) -> Json:
    """The study population, with its cohorts; ages and sex as the criteria limit them."""
    cohorts = [
        writer.named(
            "StudyCohort",
            cohort.name,
            includesHealthySubjects=False,
            plannedEnrollmentNumber=writer.quantity(f"{cohort.name} size", cohort.size),
            plannedCompletionNumber=None,
            plannedSex=[],
            criterionIds=[],
            plannedAge=None,
            characteristics=[],
            indicationIds=ids(indications),
        )
        for cohort in study.cohorts
    ]
    planned = None if cohorts else writer.quantity("planned enrolment", study.enrolment.planned)
    return writer.named(
        "StudyDesignPopulation",
        "study population",
        study.condition,
        includesHealthySubjects=False,
        plannedEnrollmentNumber=planned,
        plannedCompletionNumber=None,
        plannedSex=[writer.code(f"planned sex {term.decode}", term) for term in _sexes(study)],
        criterionIds=ids(made),
        plannedAge=_ages(writer, study),
        cohorts=cohorts,
    )


def analysis_populations(writer: Writer, study: Study, whole: Json) -> list[Json]:
    """The populations of the analysis."""
    return [
        writer.named("AnalysisPopulation", one.name, text=paragraph(one.say), subsetOfIds=[whole["id"]])
        for one in study.populations
    ]


def objectives(writer: Writer, study: Study) -> list[Json]:
    """One objective for each rank that has endpoints."""
    ranked = {"primary": study.endpoints.primary, "secondary": study.endpoints.secondary}
    return [
        writer.named(
            "Objective",
            f"{rank} objective",
            text=paragraph(f"To estimate: {'; '.join(endpoint.name for endpoint in endpoints)}"),
            dictionaryId=None,
            level=writer.code(f"{rank} objective level", ct.OBJECTIVES[rank]),
            endpoints=[_endpoint(writer, endpoint, rank) for endpoint in endpoints],
        )
        for rank, endpoints in ranked.items()
        if endpoints
    ]


def paragraph(text: str) -> str:
    """A text as the HTML that USDM expects.

    Example:
        >>> paragraph("age < 66")
        '<p>age &lt; 66</p>'
    """
    return f"<p>{escape(text, quote=False)}</p>"


def _endpoint(writer: Writer, endpoint: Endpoint, rank: str) -> Json:
    safety = endpoint.of in {"dlt", "adverse events"}
    parts = [
        endpoint.name,
        f"at {endpoint.visit}" if endpoint.visit else "",
        f"within {endpoint.within} days",
        f"in the population '{endpoint.population}'" if endpoint.population else "",
        f"missing: {endpoint.missing}",
    ]
    return writer.named(
        "Endpoint",
        endpoint.name,
        description=str(endpoint.response) if endpoint.response else None,
        text=paragraph(", ".join(part for part in parts if part)),
        dictionaryId=None,
        purpose="Safety" if safety else "Efficacy",
        level=writer.code(f"{endpoint.name} level", ct.ENDPOINTS[rank]),
    )


def _sexes(study: Study) -> list[ct.Term]:
    """Both sexes, unless an inclusion criterion as a whole asks for one of them."""
    asked = [leaf for leaf in _needed(study) if leaf.item == "sex" and leaf.op == "="]
    return [_SEXES[str(leaf.value)] for leaf in asked if leaf.value in _SEXES][:1] or [ct.FEMALE, ct.MALE]


def _ages(writer: Writer, study: Study) -> Json | None:
    """The ages in completed years that the inclusion criteria leave; None where they or the item set no range."""
    item = study.item("age")
    if item is None or item.range is None:
        return None
    low, high = item.range
    for leaf in _needed(study):
        if leaf.item != "age" or not isinstance(leaf.value, Decimal):
            continue
        if leaf.op in {">=", ">"}:
            low = max(low, leaf.value + (leaf.op == ">"))
        if leaf.op in {"<=", "<"}:
            high = min(high, leaf.value - (leaf.op == "<"))
    return writer.range("planned age", low, high, ct.YEARS) if low < high else None


def _needed(study: Study) -> Iterator[Comparison]:
    """The comparisons that must hold for everybody who is included."""
    for criterion in study.criteria.inclusion:
        yield from _joined(criterion)


def _joined(criterion: Criterion) -> Iterator[Comparison]:
    waiting: list[Condition] = [criterion.condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Comparison):
            yield part
        elif isinstance(part, Several) and part.word == "and":
            waiting += part.of
