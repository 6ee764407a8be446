"""Layout A's tables and lists; a copied page has lost the marks between their columns, a fresher one has tabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.outcome_rows import part_outcomes
from trialwright.registry.page import Draft, Field, Line, Section, coded, joined, put_converted
from trialwright.registry.places import part_sites
from trialwright.registry.reading import EXTENSION, items_at, value_at


def _masking(text: str) -> dict[str, Any] | None:
    match = re.fullmatch(r"([^()]+?)\s*(?:\((.*)\))?", text.strip(" ,"))
    masking = words.code(match[1], words.MASKINGS) if match else None
    if not match or not masking:
        return None
    masked = words.several(match[2] or "", words.WHO_MASKED)
    return {"masking": masking} | ({"whoMasked": masked} if masked else {})


_DESIGN = {
    "Allocation": coded("designModule.designInfo.allocation", words.ALLOCATIONS),
    "Intervention Model": coded("designModule.designInfo.interventionModel", words.MODELS),
    "Interventional Model": coded("designModule.designInfo.interventionModel", words.MODELS),
    "Observational Model": coded("designModule.designInfo.observationalModel", words.OBSERVATIONAL_MODELS),
    "Time Perspective": coded("designModule.designInfo.timePerspective", words.TIME_PERSPECTIVES),
    "Primary Purpose": coded("designModule.designInfo.primaryPurpose", words.PURPOSES),
    "Masking": Field("designModule.designInfo.maskingInfo", _masking),
}
_DESIGN_KEY = re.compile(rf"(?:^|[,;]\s*|\s)({'|'.join(_DESIGN)})(?::|\s)\s*")
_INTERVENTION_TYPE = re.compile(r"([A-Z][A-Za-z ]{3,22}):\s*(.*)$")
_OUTCOME_TYPE = re.compile(r"(Primary|Secondary|Other|Post-Hoc)\s+(.+)$", re.IGNORECASE)
_OUTCOME = ("measure", "description", "timeFrame")
_COLUMNS_OF_OUTCOME = 3
_RELATED = re.compile(r"(?P<status>\D*?)\s*(?P<id>NCT\d{8})\s*-\s*(?P<title>.+)$")
_PHASE_LAST = re.compile(r"\s((?:Early )?Phase [0-4](?:/Phase [1-4])?|N/A)$")
_PHASE_GLUED = re.compile(r"\s((?:Early )?Phase [1-4](?:/Phase [1-4])?)(?=[^\s\d/,.;:)\]])")
_TABLE_HEADS = frozenset(
    {
        "country name city state",
        "lead sponsor collaborator",
        "type measure description time frame safety issue",
        "status clinical trial phase",
    }
)


def rows_of(section: Section, draft: Draft) -> list[Line]:
    """The lines of a table without its head."""
    heads = {line for line in section.lines if " ".join(line.text.split()).casefold() in _TABLE_HEADS}
    draft.place("furniture", heads)
    return [line for line in section.lines if line not in heads]


def columns_of(line: Line) -> list[str]:
    """The columns of a line, as far as tabs part them."""
    return [words.unescape(column.strip()) for column in line.text.split("\t")]


def run_together(draft: Draft, section: Section, what: str) -> None:
    """Say what of a section was told apart without marks between its columns."""
    draft.find(
        "X09",
        "warning",
        section.place,
        what,
        "the page lost the marks between its columns",
        "take the columns from the registry",
    )


def read_design(section: Section, draft: Draft) -> None:
    """Read allocation, model, masking and purpose from `Key: value` pairs on one line or on several."""
    for line in section.lines:
        keys = list(_DESIGN_KEY.finditer(line.text))
        ends = [*(key.start() for key in keys[1:]), len(line.text)][: len(keys)]
        for key, end in zip(keys, ends, strict=True):
            value = line.text[key.end() : end].strip(" ,;")
            put_converted(draft, _DESIGN[key[1]], line, value)


def read_interventions(section: Section, draft: Draft) -> None:
    """Read the interventions: a type with a colon, a name, and the lines that describe it."""
    current: dict[str, Any] | None = None
    description: list[Line] = []
    alone = bool(section.lines) and section.lines[0].text.endswith(":")
    for line in section.lines:
        match = _INTERVENTION_TYPE.match(line.text)
        kind = words.code(match[1], words.INTERVENTION_TYPES) if match and not (alone and match[2]) else None
        if match and kind and (current is None or "name" in current):
            _describe(current, description)
            current, description = {"type": kind}, []
            draft.add("armsInterventionsModule.interventions", current, line)
            if match[2]:
                current["name"] = words.unescape(match[2])
        elif current is not None:
            draft.place("armsInterventionsModule.interventions", [line])
            if "name" in current:
                description.append(line)
            else:
                current["name"] = words.unescape(line.text)
    _describe(current, description)


def _describe(intervention: dict[str, Any] | None, description: Sequence[Line]) -> None:
    if intervention is not None and description:
        intervention["description"] = joined(description)


def read_countries(section: Section, draft: Draft) -> None:
    """Read the countries, separated by commas."""
    for line in section.lines:
        for country in words.country_names(words.unescape(line.text)):
            draft.add(f"{EXTENSION}.countries", country, line)


def read_locations(section: Section, draft: Draft) -> None:
    """Read the sites; without column marks the country is told by the page's own list, the rest by wording."""
    countries = sorted(value_at(draft.record, f"{EXTENSION}.countries") or (), key=len, reverse=True)
    rows = rows_of(section, draft)
    together = [line for line in rows if len(columns_of(line)) <= 2]
    split = [_country_first(words.unescape(line.text), countries) for line in together]
    parted = dict(zip(together, zip(split, part_sites(split, _organisations(draft)), strict=True), strict=True))
    for line in rows:
        if line in parted:
            (country, _), (site, _) = parted[line]
            location = ({"country": country} if country else {}) | site
        else:
            names = ("country", "facility", "city", "state")
            location = {name: column for name, column in zip(names, columns_of(line), strict=False) if column}
        draft.add("contactsLocationsModule.locations", location, line)
    if together:
        by_form = [line for line, (_, (_, shown)) in parted.items() if not shown]
        what = "facility, city and state run together; they are parted by wording, a proposal"
        run_together(draft, section, what + _lines(", told by the form of the last words alone in", by_form))


def _lines(what: str, lines: Sequence[Line]) -> str:
    return f"{what} line{'s' * (len(lines) > 1)} {', '.join(str(line.number) for line in lines)}" if lines else ""


def _organisations(draft: Draft) -> set[str]:
    """The names of the page's sponsors, which are often its sites too."""
    module = "sponsorCollaboratorsModule"
    parties = [
        value_at(draft.record, f"{module}.leadSponsor") or {},
        *items_at(draft.record, f"{module}.collaborators"),
    ]
    source = value_at(draft.record, "identificationModule.organization.fullName")
    return {str(name) for name in (source, *(party.get("name") for party in parties)) if name}


def _country_first(text: str, countries: Sequence[str]) -> tuple[str, str]:
    country = next((name for name in countries if text.startswith(f"{name} ")), "")
    return country, text[len(country) :].strip()


def read_outcomes(section: Section, draft: Draft) -> None:
    """Read the outcomes; without column marks they are told apart by wording, and that is said."""
    lists = {"primary": "primaryOutcomes", "secondary": "secondaryOutcomes"}
    typed = [(line, match) for line in rows_of(section, draft) if (match := _OUTCOME_TYPE.match(line.text))]
    together = [(line, match) for line, match in typed if len(columns_of(line)) <= _COLUMNS_OF_OUTCOME]
    texts = _without_safety_issue([words.unescape(match[2]) for _, match in together])
    parted = dict(zip((line for line, _ in together), part_outcomes(texts), strict=True))
    for line, match in typed:
        columns = zip(_OUTCOME, columns_of(line)[1:], strict=False)
        outcome = parted[line].parts if line in parted else {name: column for name, column in columns if column}
        draft.add(f"outcomesModule.{lists.get(match[1].lower(), 'otherOutcomes')}", outcome, line)
    if together:
        doubtful = [line for line, row in parted.items() if not row.sure]
        what = "measure, description and time frame run together; they are parted by wording, a proposal"
        run_together(draft, section, what + _lines(", doubtful in", doubtful))


def _without_safety_issue(rows: Sequence[str]) -> list[str]:
    """The rows without the last column of older pages, `Yes` or `No` in every row: the registry has no such field now.

    >>> _without_safety_issue(["Survival 2 years No", "Events 2 years Yes"])
    ['Survival 2 years', 'Events 2 years']
    """
    ends = [re.sub(r"\s+(?:Yes|No)$", "", row) for row in rows]
    return ends if all(end != row for end, row in zip(ends, rows, strict=True)) else list(rows)


def read_references(section: Section, draft: Draft) -> None:
    """Read the references, one a line."""
    for line in section.lines:
        draft.add("referencesModule.references", {"citation": words.unescape(line.text)}, line)


def read_related(section: Section, draft: Draft) -> None:
    """Read the page's list of other trials: status, number, title and phase on one line."""
    rows = rows_of(section, draft)
    for line in rows:
        match = _RELATED.match(line.text)
        if not match:
            continue
        title, glued = match["title"], ""
        if line is rows[-1] and not _PHASE_LAST.search(title) and (cut := _PHASE_GLUED.search(title)):
            title, glued = title[: cut.end()], title[cut.end() :]
        trial: dict[str, Any] = {"nctId": match["id"]}
        phase = _PHASE_LAST.search(title)
        trial["title"] = words.unescape(title[: phase.start()] if phase else title).strip()
        if status := words.code(match["status"], words.STATUSES):
            trial["overallStatus"] = status
        elif match["status"]:
            trial["title"] = f"{match['status']} {trial['title']}"
        if phase:
            trial["phases"] = words.phases(phase[1])
        draft.add(f"{EXTENSION}.relatedTrials", trial, line)
        if glued:
            draft.keep(section.heading, [Line(line.number, glued)])
