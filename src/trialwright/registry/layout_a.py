"""Layout A: a page with tables of labels and values, lists without column marks, and text run together on one line.

It comes as a short page (summary, description, a few facts, other trials) and as a full one (administrative data,
eligibility, interventions, sites, sponsors, outcomes); both are read by the same headings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trialwright.registry import layout_a_tables as tables
from trialwright.registry import vocabulary as words
from trialwright.registry.layout_a_sponsors import read_sponsors
from trialwright.registry.page import (
    Draft,
    Field,
    Line,
    PageLayout,
    Section,
    coded,
    joined,
    put_converted,
    put_criteria,
    put_text,
    title_like,
)
from trialwright.registry.page_sharing import read_sharing
from trialwright.registry.reading import EXTENSION, value_at

_BANNER = re.compile(r"Clinical Trials Logo$", re.IGNORECASE)
_DETAILS = re.compile(r"Clinical Trial Details\s*[—–-]+\s*Status:\s*(.+)$", re.IGNORECASE)
_COUNTED = re.compile(r"\s*\(\d+\)$")
_FIRST_FACT = re.compile(r"NCT number\b")
_CONTACTS = "contactsLocationsModule.centralContacts"
_AGES = re.compile(
    r"(?:up to\s+(?P<only>{age})|(?P<low>{age})\s+(?:and older|to\s+(?P<high>{age})))".format(age=r"(?:N/?A|\d+ \w+)"),
    re.IGNORECASE,
)


def _text_of(text: str) -> str | None:
    return words.unescape(text) or None


_FACTS = {
    "NCT number": Field("identificationModule.nctId", lambda text: text if re.fullmatch(r"NCT\d{8}", text) else None),
    "Other study ID #": Field("identificationModule.orgStudyIdInfo.id", _text_of),
    "Secondary ID": Field("identificationModule.secondaryIdInfos", lambda text: [{"id": words.unescape(text)}]),
    "Status": Field("statusModule.overallStatus", words.status),
    "Phase": Field("designModule.phases", words.phases),
    "First received": Field("statusModule.studyFirstSubmitDate", words.iso_date),
    "Last updated": Field("statusModule.lastUpdatePostDateStruct.date", words.iso_date),
    "Start date": Field("statusModule.startDateStruct.date", words.iso_date),
    "Est. start date": Field("statusModule.startDateStruct.date", words.iso_date),
    "Completion date": Field("statusModule.completionDateStruct.date", words.iso_date),
    "Est. completion date": Field("statusModule.completionDateStruct.date", words.iso_date),
    "Primary completion date": Field("statusModule.primaryCompletionDateStruct.date", words.iso_date),
    "Est. primary completion date": Field("statusModule.primaryCompletionDateStruct.date", words.iso_date),
    "Verified date": Field("statusModule.statusVerifiedDate", words.iso_date),
    "Source": Field("identificationModule.organization.fullName", _text_of),
    "Contact": Field("name", _text_of),
    "Phone": Field("phone", _text_of),
    "Email": Field("email", _text_of),
    "Is FDA regulated": Field(f"{EXTENSION}.isFdaRegulated", words.yes_no),
    "Health authority": Field(f"{EXTENSION}.healthAuthority", _text_of),
    "Study type": coded("designModule.studyType", words.STUDY_TYPES),
    "Enrollment": Field("designModule.enrollmentInfo.count", words.count),
    "Accepts healthy volunteers": Field("eligibilityModule.healthyVolunteers", words.yes_no),
    "Gender": coded("eligibilityModule.sex", words.SEXES),
    "Age group": Field("ages", _text_of),
    "Eligibility": Field("eligibilityModule.eligibilityCriteria", _text_of),
}
_BY_LENGTH = sorted(_FACTS, key=len, reverse=True)
_ENDING_CRITERIA = frozenset({"Enrollment", "Accepts healthy volunteers", "Gender", "Age group"})
"""The labels that can follow the criteria, where their value does; `Gender dysphoria` is a criterion."""


def _facts(section: Section, draft: Draft) -> None:
    """Read a table of labels and values; a line that begins with no label belongs to the value above it.

    So does one with the label above it again, where that has no value yet: `Phase` and below it `Phase 1`.
    """
    current: tuple[str, Line, list[Line]] | None = None
    for line in section.lines:
        label = _label(line.text, within_criteria=current is not None and current[0] == "Eligibility")
        if label and not (current and label == current[0] and not current[2]):
            _put_fact(draft, current)
            rest = line.text[len(label) :].strip(" \t:")
            current = (label, line, [Line(line.number, rest)] if rest else [])
        elif current:
            current[2].append(line)
    _put_fact(draft, current)


def _label(text: str, *, within_criteria: bool) -> str | None:
    for label in _BY_LENGTH:
        if text.casefold().startswith(label.casefold()) and not text[len(label) : len(label) + 1].isalnum():
            ends = not within_criteria or (label in _ENDING_CRITERIA and _has_value(label, text))
            return label if ends else None
    return None


def _has_value(label: str, text: str) -> bool:
    value = text[len(label) :].strip(" \t:")
    return _AGES.fullmatch(value) is not None if label == "Age group" else _FACTS[label].convert(value) is not None


def _put_fact(draft: Draft, fact: tuple[str, Line, list[Line]] | None) -> None:
    if fact is None:
        return
    label, line, value = fact
    field = _FACTS[label]
    if not value:
        draft.place("label", [line])
        draft.lose("eligibilityModule.minimumAge" if field.path == "ages" else field.path, line)
        return
    text = joined(value)
    continued = [part for part in value if part.number != line.number]
    if label in {"Contact", "Phone", "Email"}:
        _put_contact(draft, field.path, text, line)
        draft.place(_CONTACTS, continued)
    elif field.path == "ages":
        _put_ages(draft, text, [line, *continued])
    elif label == "Eligibility":
        put_criteria(draft, text, [line, *continued], lines_lost=not continued)
    elif put_converted(draft, field, line, text):
        draft.place(field.path, continued)
        if label.startswith("Est. "):
            draft.put(field.path.replace(".date", ".type"), "ESTIMATED")


def _put_contact(draft: Draft, key: str, text: str, line: Line) -> None:
    contacts: list[dict[str, Any]] = value_at(draft.record, _CONTACTS) or []
    if words.keyed(text) in {"N_A", "NA"}:
        draft.place(f"{_CONTACTS} (none)", [line])
    elif contacts and key not in contacts[-1]:
        contacts[-1][key] = text
        draft.place(_CONTACTS, [line])
    else:
        draft.add(_CONTACTS, {key: text}, line)


def _put_ages(draft: Draft, text: str, lines: Sequence[Line]) -> None:
    match = _AGES.fullmatch(text)
    if match is None:
        return
    draft.place("eligibilityModule.minimumAge", lines)
    minimum, maximum = words.age(match["low"] or ""), words.age(match["high"] or match["only"] or "")
    for path, limit in (("eligibilityModule.minimumAge", minimum), ("eligibilityModule.maximumAge", maximum)):
        if limit:
            draft.put(path, limit)
        else:
            draft.said_to_be_none.add(path)
    if not minimum and not maximum:
        draft.find(
            "X15",
            "warning",
            f"line {lines[0].number}",
            f"the age group is '{text}': no lower and no upper limit",
            "read as printed, children are included",
            "compare with the criteria and the registry",
        )


def _summary(section: Section, draft: Draft) -> None:
    put_text(draft, "descriptionModule.briefSummary", section)


def _description(section: Section, draft: Draft) -> None:
    put_text(draft, "descriptionModule.detailedDescription", section)


def _conditions(section: Section, draft: Draft) -> None:
    for line in section.lines:
        draft.add("conditionsModule.conditions", words.unescape(line.text), line)
    if section.lines:
        draft.find(
            "K04",
            "note",
            section.place,
            "the page lists conditions and index terms together",
            "nothing on it tells them apart; all are kept as conditions",
            "take them from the registry",
        )


Reader = Callable[[Section, Draft], None]

HEADINGS: Mapping[str, tuple[str, Reader]] = {
    "Administrative data": ("administrative data", _facts),
    "Study information": ("study information", _facts),
    "Clinical Trial Summary": ("brief summary", _summary),
    "Clinical Trial Description": ("detailed description", _description),
    "Description": ("detailed description", _description),
    "Recruitment information / eligibility": ("eligibility", _facts),
    "Study Design": ("study design", tables.read_design),
    "Related Conditions & MeSH terms": ("conditions", _conditions),
    "Intervention": ("interventions", tables.read_interventions),
    "Country where clinical trial is conducted": ("countries", tables.read_countries),
    "Sponsors": ("sponsors", read_sponsors),
    "Locations": ("locations", tables.read_locations),
    "Outcome": ("outcomes", tables.read_outcomes),
    "References & Publications": ("references", tables.read_references),
    "IPD Sharing Statement": ("data sharing", read_sharing),
    "See also": ("related trials", tables.read_related),
}
"""Each heading of the layout with the section's name and its reader, in reading order, since the sponsors are told by
the source and the sites by the countries and the sponsors."""

_BY_HEADING = {heading.casefold(): entry for heading, entry in HEADINGS.items()} | {
    "interventions": ("interventions", tables.read_interventions),
    "outcomes": ("outcomes", tables.read_outcomes),
    "references": ("references", tables.read_references),
    "individual participant data (ipd) sharing statement": ("data sharing", read_sharing),
}
_ORDER = list(dict.fromkeys(name for name, _ in HEADINGS.values()))


def _heading_key(text: str) -> str:
    return _COUNTED.sub("", text.rstrip(":")).casefold()


def score(lines: Sequence[Line]) -> int:
    """How many lines of a page are this layout's own."""
    own = {"administrative data", "study information", "clinical trial summary", "clinical trial description",
           "recruitment information / eligibility", "related conditions & mesh terms"}  # fmt: skip
    return sum(
        2 * bool(_BANNER.match(line.text) or _DETAILS.match(line.text)) + (_heading_key(line.text) in own)
        for line in lines
    )


def sections(lines: Sequence[Line], draft: Draft) -> tuple[Section, ...]:
    """Cut a page into its sections; the facts of the short page begin with its number and have no heading."""
    found: list[Section] = []
    name, heading, number = None, "(before the first heading)", 1
    body: list[Line] = []
    spaced = 10 * sum(line.after_blank for line in lines) > 7 * len(lines)
    for position, line in enumerate(lines):
        entry = _BY_HEADING.get(_heading_key(line.text))
        unknown = not entry and not spaced and body and name and _unknown_heading(lines, position, name)
        facts = not entry and name not in {"administrative data", "eligibility"} and _FIRST_FACT.match(line.text)
        if not (entry or unknown or facts):
            body.append(line)
            continue
        found.append(Section(name, heading, number, tuple(body)))
        name = entry[0] if entry else "administrative data" if facts else None
        heading, number, body = line.text if not facts else "NCT number", line.number, [line] if facts else []
        if not facts:
            draft.place("heading", [line])
    found.append(Section(name, heading, number, tuple(body)))
    _preamble(found[0], draft)
    return tuple(found[1:])


def _unknown_heading(lines: Sequence[Line], position: int, within: str) -> bool:
    line = lines[position]
    alone = line.after_blank and position + 1 < len(lines) and lines[position + 1].after_blank
    listed = within in {"conditions", "countries", "interventions"}
    return alone and not listed and title_like(line.text) and not _label(line.text, within_criteria=False)


def _preamble(section: Section, draft: Draft) -> None:
    for line in section.lines:
        if _BANNER.match(line.text):
            draft.place("furniture", [line])
        elif match := _DETAILS.match(line.text):
            put_converted(draft, _FACTS["Status"], line, match[1].strip())
    rest = [line for line in section.lines if not draft.is_placed(line)]
    if rest:
        draft.keep(section.heading, rest)


def read_section(section: Section, draft: Draft) -> None:
    """Read one section into the record."""
    reader = _facts if section.heading == "NCT number" else _BY_HEADING[_heading_key(section.heading)][1]
    reader(section, draft)


def in_reading_order(found: Sequence[Section]) -> list[Section]:
    """The known sections in the order in which they must be read."""
    return sorted((section for section in found if section.name), key=lambda section: _ORDER.index(section.name or ""))


def complete(draft: Draft) -> None:
    """Take the source for the lead sponsor where the page has no table of sponsors, and say so."""
    source = value_at(draft.record, "identificationModule.organization.fullName")
    if source and not value_at(draft.record, "sponsorCollaboratorsModule.leadSponsor"):
        draft.put("sponsorCollaboratorsModule.leadSponsor", {"name": source})
        draft.find(
            "K06",
            "note",
            "administrative data",
            "the lead sponsor was taken from 'Source'",
            "this page has no table of sponsors; the source is the organisation that keeps the record",
            "compare with the registry",
        )


LAYOUT = PageLayout(
    name="page A",
    score=score,
    is_heading=lambda line: _heading_key(line.text) in _BY_HEADING,
    sections=sections,
    in_reading_order=in_reading_order,
    read_section=read_section,
    complete=complete,
    always_printed=("administrative data",),
)
"""The layout as `read_record` uses it; `always_printed` are the sections that every whole page has, in its order."""
