"""The protocol's prose, from the same objects that run it: synopsis, dose rule, population, schedule, assumptions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialwright.protocol.check import elements
from trialwright.protocol.element import Element
from trialwright.protocol.study import Endpoint, Study, Visit


def explain(study: Study) -> str:
    """Write a protocol as Markdown.

    The order is that of ICH M11 (2025): synopsis, objectives and endpoints, design, population, intervention,
    assessments; then the assumption ledger, which M11 does not have.

    Returns:
        Markdown with pipe tables, ending in a newline.
    """
    parts = [
        f"# {study.title}",
        f"Protocol {study.id}, version {study.version}."
        + (f" Registered record: {study.record}." if study.record else " No registered record is named."),
        *_synopsis(study),
        *_endpoints(study),
        *_design(study),
        *_population(study),
        *_schedule(study),
        *_safety(study),
        *_ledger(study),
    ]
    return "\n\n".join(parts) + "\n"


def decision_table(study: Study) -> tuple[list[str], list[list[str]]]:
    """The dose rule at one level as a table: DLTs down, evaluable subjects across.

    Returns:
        The header (`DLTs`, then 1 to the expanded size) and one row for each number of DLTs; a cell that cannot be is
        empty.
    """
    rule = study.rule
    sizes = range(1, rule.expand_to + 1)
    words = {"tolerated": "escalate", "too toxic": "stop", "expand": "expand", "fill the cohort": "stay"}
    rows = [
        [str(dlts), *(words[rule.verdict(size, dlts)] if dlts <= size else "" for size in sizes)]
        for dlts in range(rule.expand_to + 1)
    ]
    return ["DLTs", *map(str, sizes)], rows


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A pipe table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _synopsis(study: Study) -> Iterator[str]:
    yield "## 1 Synopsis"
    masking = {"none": "open label"}[study.masking]
    rows = [
        ["Condition", study.condition],
        ["Phase", study.phase],
        *(["Product", f"{p.name} ({p.kind}), {p.route}"] for p in study.products),
        [
            "Design",
            f"{study.design.rule.design} dose escalation over {len(study.doses)} dose levels, {masking}",
        ],
        ["Dose levels", "; ".join(f"{level}: {dose}" for level, dose in enumerate(study.doses, start=1))],
        ["Subjects", _subjects(study)],
        ["DLT window", f"{study.design.dlt_window.days} days after the infusion"],
        ["Primary endpoint", "; ".join(endpoint.name for endpoint in study.endpoints.primary)],
    ]
    yield markdown_table(["Item", "Description"], rows)


def _subjects(study: Study) -> str:
    numbers = study.design.rule
    low, high = numbers.cohort, numbers.expand_to * len(study.doses)
    return f"{low} to {high} evaluable; {numbers.cohort} to {numbers.expand_to} at each level that opens"


def _endpoints(study: Study) -> Iterator[str]:
    yield "## 2 Objectives and endpoints"
    rows = [[rank, e.name, _measure(study, e), f"{e.within} days"] for rank, e in _ranked(study)]
    yield markdown_table(["Rank", "Endpoint", "Measured by", "Within"], rows)


def _ranked(study: Study) -> Iterator[tuple[str, Endpoint]]:
    yield from (("Primary", endpoint) for endpoint in study.endpoints.primary)
    yield from (("Secondary", endpoint) for endpoint in study.endpoints.secondary)


def _measure(study: Study, endpoint: Endpoint) -> str:
    item = study.item(endpoint.item) if endpoint.item else None
    return item.label if item else {"dlt": "dose-limiting toxicities"}.get(endpoint.of, endpoint.of)


def _design(study: Study) -> Iterator[str]:
    rule = study.rule
    yield "## 3 Trial design"
    yield rule.explain()
    yield "Decision at a dose level, by evaluable subjects (across) and DLTs (down):"
    yield markdown_table(*decision_table(study))
    if rule.levels > 1:
        yield f"At level {rule.levels}, the top dose, 'escalate' reads 'consult'. At level 1, 'stop' leaves no MTD."
    signers = " and the ".join(study.design.decision.by)
    yield (
        f"Each decision is proposed on the data at hand and signed by the {signers}; the next level opens only "
        f"after it. No more than {study.design.open_dose_levels.at_once} dose level is open at a time."
    )
    for stagger in study.design.stagger:
        yield (
            f"At the {stagger.dose} dose at least {stagger.interval} days (of 24 hours) pass between one infusion and "
            "the next."
        )


def _population(study: Study) -> Iterator[str]:
    yield "## 4 Population"
    yield "A subject takes part who meets every inclusion criterion and no exclusion criterion."
    inclusion = [[c.id, c.say, f"`{c.condition}`"] for c in study.criteria.inclusion]
    exclusion = [[c.id, c.say, f"`{c.condition}`"] for c in study.criteria.exclusion]
    yield markdown_table(["Inclusion", "In words", "As computed"], inclusion)
    yield markdown_table(["Exclusion", "In words", "As computed"], exclusion)


def _schedule(study: Study) -> Iterator[str]:
    yield "## 5 Schedule of activities"
    visits = sorted(study.schedule, key=lambda visit: visit.day)
    header = ["Item", *(_heading(visit) for visit in visits)]
    rows = [
        [item.label, *("X" if item.name in visit.collect else "" for visit in visits)]
        for item in study.items
        if any(item.name in visit.collect for visit in visits)
    ]
    yield markdown_table(header, rows)
    yield "Adverse events are recorded from consent onwards."


def _heading(visit: Visit) -> str:
    if visit.day < 0:
        return f"{visit.visit} (day {visit.day} to {min(visit.day + visit.window, -1)})"
    return f"{visit.visit} (day {visit.day})" + (f" ± {visit.window}" if visit.window else "")


def _safety(study: Study) -> Iterator[str]:
    dlt = study.design.dlt
    yield "## 6 Safety"
    related = "related to the product and " if dlt.related else ""
    yield (
        f"Adverse events are graded by {dlt.scale}. A dose-limiting toxicity is an adverse event with onset within "
        f"{study.design.dlt_window.days} days after the infusion that is {related}of grade {dlt.grade_at_least} "
        "or more, as adjudicated by the investigator."
    )
    for level, dose in enumerate(study.doses, start=1):
        yield f"Level {level}, {dose.name}: {dose.amount}, counted as viable cells."


def _ledger(study: Study) -> Iterator[str]:
    yield "## 7 Assumption ledger"
    assumed = [(path, e) for path, e in elements(study) if e.assumed]
    total = sum(1 for _ in elements(study))
    yield f"{len(assumed)} of {total} elements rest, in whole or in part, on what the record does not say."
    yield markdown_table(
        ["Element", "In the record at", "Assumed"],
        [
            [element_label(path, e), ", ".join(e.at) or "not stated", " ".join((e.assumed or "").split())]
            for path, e in assumed
        ],
    )


def element_label(path: Sequence[str | int], element: Element) -> str:
    """An element for a reader: its keys, and its id or name."""
    name = next((str(getattr(element, key)) for key in ("id", "visit", "name", "dose") if hasattr(element, key)), "")
    words = " > ".join(str(key) for key in path if isinstance(key, str))
    return f"{words}: {name}" if name else words
