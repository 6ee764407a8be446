"""Layout B: a page with `NCT ID:` under its title and an introductory sentence under each heading.

Its compact form has neither the labels nor the blank lines; there a value is known by the vocabulary it belongs to and
by its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from trialwright.registry import layout_b_arms as arms
from trialwright.registry import layout_b_links as links
from trialwright.registry import layout_b_names as names
from trialwright.registry import layout_b_parties as parties
from trialwright.registry import vocabulary as words
from trialwright.registry.page import (
    Convert,
    Draft,
    Field,
    Line,
    PageLayout,
    Section,
    coded,
    digest,
    invites,
    joined,
    put_converted,
    put_criteria,
    put_text,
    title_like,
)
from trialwright.registry.page_sharing import read_sharing
from trialwright.registry.reading import value_at

_NCT_ID = re.compile(r"NCT ID:\s*(NCT\d{8})$")
_UPDATED = re.compile(r"Last Updated:\s*(.*)$")
_NO_RESULTS_YET = frozenset({digest("Results pending"), "d58b301861cf5b46"})

_RESULTS = re.compile(r"(?:Study )?Results? (?:are |have been )?(?:available|posted|published)\b", re.IGNORECASE)

_OVERVIEW = {
    "recruitment status": Field("statusModule.overallStatus", words.status),
    "clinical phase": Field("designModule.phases", words.phases),
    "total enrollment": Field("designModule.enrollmentInfo.count", words.count),
    "study classification": coded("designModule.studyType", words.STUDY_TYPES),
    "study start date": Field("statusModule.startDateStruct.date", words.iso_date),
    "study completion date": Field("statusModule.completionDateStruct.date", words.iso_date),
}
_INTERVENTIONAL = {
    "allocation method": coded("designModule.designInfo.allocation", words.ALLOCATIONS),
    "intervention model": coded("designModule.designInfo.interventionModel", words.MODELS),
    "primary study purpose": coded("designModule.designInfo.primaryPurpose", words.PURPOSES),
    "blinding strategy": coded("designModule.designInfo.maskingInfo.masking", words.MASKINGS),
}
_OBSERVATIONAL = {
    "observational model": coded("designModule.designInfo.observationalModel", words.OBSERVATIONAL_MODELS),
    "time perspective": coded("designModule.designInfo.timePerspective", words.TIME_PERSPECTIVES),
}
_WHO_MASKED = "designModule.designInfo.maskingInfo.whoMasked"
_ELIGIBLE = {
    "minimum eligible age": Field("eligibilityModule.minimumAge", words.age),
    "maximum eligible age": Field("eligibilityModule.maximumAge", words.age),
    "eligible sex": coded("eligibilityModule.sex", words.SEXES),
    "accepts healthy volunteers": Field("eligibilityModule.healthyVolunteers", words.yes_no),
}


def _results(section: Section, draft: Draft) -> None:
    for line in section.lines:
        pending, available = digest(line.text) in _NO_RESULTS_YET, _RESULTS.match(line.text) is not None
        if pending or available:
            draft.put("hasResults", available, line)


def _overview(section: Section, draft: Draft) -> None:
    _fields(section, draft, _OVERVIEW)


def _design(section: Section, draft: Draft) -> None:
    if value_at(draft.record, "designModule.studyType") == "OBSERVATIONAL":
        _fields(section, draft, _OBSERVATIONAL | _INTERVENTIONAL)
    else:
        _fields(section, draft, _INTERVENTIONAL | _OBSERVATIONAL)
    rest = [line for line in section.lines if not draft.is_placed(line)]
    masked = {line: found for line in rest if (found := words.several(line.text, words.WHO_MASKED))}
    if masked:
        draft.put(_WHO_MASKED, [role for roles in masked.values() for role in roles], *masked)


def _fields(section: Section, draft: Draft, fields: Mapping[str, Field]) -> None:
    """Read labelled fields; where the page prints no labels, by vocabulary and order."""
    labelled = False
    for line, following in zip(section.lines, [*section.lines[1:], None], strict=False):
        field = fields.get(line.text.rstrip(":").casefold())
        if field is None:
            continue
        labelled = True
        draft.place("label", [line])
        if following is None or following.text.casefold() in fields:
            draft.lose(field.path, line)
        elif field.path.endswith("Age") and words.keyed(following.text) in {"N_A", "NA"}:
            draft.place(f"{field.path} (no limit)", [following])
            draft.said_to_be_none.add(field.path)
        else:
            put_converted(draft, field, following, following.text)
    if section.lines and not labelled:
        _unlabelled(section, draft, list(fields.values()), section.lines)


def _unlabelled(section: Section, draft: Draft, fields: Sequence[Field], lines: Sequence[Line]) -> None:
    twins: tuple[Convert, ...] = (words.iso_date, words.age)
    counts = {twin: sum(1 for line in lines if twin(line.text) is not None) for twin in twins}
    for line in lines:
        fitting = [field for field in fields if field.convert(line.text) is not None]
        field = next((field for field in fitting if value_at(draft.record, field.path) is None), None)
        if field and (counts.get(field.convert, 2) == 2 or field.convert is words.age):
            put_converted(draft, field, line, line.text)
    if counts[words.age] == 1:
        draft.find(
            "X08",
            "warning",
            section.place,
            "one age without its label was read as the lower limit",
            "this form of the page prints no labels; a proposal, since most records with one limit have the lower",
            "compare with the criteria and the registry",
        )
    draft.find(
        "X08",
        "note",
        section.place,
        "the labels are missing; values were told by vocabulary and order",
        "this form of the page prints no labels",
        "compare with the registry where it matters",
    )


def _summary(section: Section, draft: Draft) -> None:
    put_text(draft, "descriptionModule.briefSummary", section)


def _description(section: Section, draft: Draft) -> None:
    put_text(draft, "descriptionModule.detailedDescription", section)


def _eligibility(section: Section, draft: Draft) -> None:
    lines = list(section.lines)
    labels = [index for index, line in enumerate(lines) if line.text.rstrip(":").casefold() in _ELIGIBLE]
    if labels:
        tail, lines = lines[labels[0] :], lines[: labels[0]]
        _fields(Section(section.name, section.heading, section.number, tuple(tail)), draft, _ELIGIBLE)
        lines += [line for line in tail if not draft.is_placed(line) and not _reads_as_limit(line)]
    else:
        tail = []
        while lines and _reads_as_limit(lines[-1]):
            tail.insert(0, lines.pop())
        if tail:
            _unlabelled(section, draft, list(_ELIGIBLE.values()), tail)
    if any(not _is_list_heading(line) for line in lines):
        put_criteria(draft, joined(lines, indented=True), lines)


def _reads_as_limit(line: Line) -> bool:
    return any(field.convert(line.text) is not None for field in _ELIGIBLE.values())


def _is_list_heading(line: Line) -> bool:
    return line.text.rstrip(":").casefold() in {"inclusion criteria", "exclusion criteria"}


Reader = Callable[[Section, Draft], None]

HEADINGS: Mapping[str, tuple[str, str, Reader]] = {
    "Study Results": ("study results", "", _results),
    "Basic Information": ("basic information", "afbca6926c84bfb9", _overview),
    "Brief Summary": ("brief summary", "6a4ab74fc2f394c4", _summary),
    "Related Clinical Trials": ("related trials", "5ab30a24798909d0", links.read_titles_with_ids),
    "Detailed Description": ("detailed description", "9552a307080b5c98", _description),
    "Conditions": ("conditions", "4865b1c9b5cff18a", names.read_conditions),
    "Keywords": ("keywords", "a6a80621ac175cf3", names.read_keywords),
    "Study Design": ("study design", "1a50e44e2a2d5357", _design),
    "Interventions": ("interventions", "af5ba1fc95dc1d14", arms.read_interventions),
    "Study Groups": ("arms", "673d990ca4ee62d1", arms.read_groups),
    "Other Intervention Names": ("other intervention names", "44d6b51a60dd8adb", names.read_other_names),
    "Eligibility Criteria": ("eligibility", "039bac3c4b6cb51e", _eligibility),
    "Sponsors": ("sponsors", "4a3a9bef99ad7e01", parties.read_sponsors),
    "Responsible Party": ("responsible party", "a5ebc9fcfc431759", parties.read_responsible_party),
    "Principal Investigators": ("investigators", "5c3ddf299b96772a", parties.read_investigators),
    "Countries": ("countries", "babab838efd25b1f", parties.read_countries),
    "Locations": ("locations", "64d6fec67c5fde60", parties.read_locations),
    "Central Contacts": ("contacts", "1a724b577ea3aa24", parties.read_contacts),
    "Facility Contacts": ("facility contacts", "a20e7707f9e734d9", parties.read_facility_contacts),
    "References": ("references", "6814aea5d51d751f", links.read_references),
    "IPD Sharing Statement": ("data sharing", "", read_sharing),
    "Individual Participant Data (IPD) Sharing Statement": ("data sharing", "", read_sharing),
    "Other Identifiers": ("identifiers", "e361ba89926a1479", links.read_identifiers),
    "More Related Trials": ("more related trials", "004a6e0a8ce39060", links.read_titles_with_ids),
}
"""Each heading of the layout: the section's name, the digest of its introduction, its reader; in reading order, since
some sections help to read others."""

_BY_HEADING = {heading.casefold(): entry for heading, entry in HEADINGS.items()}
_OWN_HEADINGS = _BY_HEADING.keys() - {"study design", "interventions", "locations", "sponsors", "references"}
_WITHOUT_INTRODUCTION = frozenset(
    {"study results", "ipd sharing statement", "individual participant data (ipd) sharing statement"}
)
_INTRODUCTIONS = frozenset(introduction for _, introduction, _ in HEADINGS.values() if introduction)


def score(lines: Sequence[Line]) -> int:
    """How many lines of a page are this layout's own."""
    return sum(
        2 * bool(_NCT_ID.match(line.text))
        + bool(_UPDATED.match(line.text))
        + (digest(line.text) in _INTRODUCTIONS)
        + (line.text.casefold() in _OWN_HEADINGS)
        for line in lines
    )


def sections(lines: Sequence[Line], draft: Draft) -> tuple[Section, ...]:
    """Cut a page into its sections; the lines before the first heading are the title, the number and the date.

    A known heading counts where its introduction follows; where a page prints no introductions, it counts alone.
    """
    whole = _unglue(lines)
    known = [index for index, line in enumerate(whole) if line.text.casefold() in _BY_HEADING]
    introduced = [index for index in known if _introduction(whole, index)]
    starts = introduced if 2 * len(introduced) >= len({whole[index].text for index in known}) else known
    starts = sorted({*starts, *(index for index in known if _cut_after(whole, index)), *_unknown(whole)})
    ends = [*starts[1:], len(whole)][: len(starts)]
    _preamble(whole[: starts[0]] if starts else whole, draft)
    found: list[Section] = []
    for start, end in zip(starts, ends, strict=True):
        heading = whole[start]
        name = _BY_HEADING[heading.text.casefold()][0] if heading.text.casefold() in _BY_HEADING else None
        furniture = [line for line in whole[start + 1 : end] if name and digest(line.text) in _INTRODUCTIONS]
        draft.place("heading", [heading])
        draft.place("furniture", furniture)
        body = [line for line in whole[start + 1 : end] if not draft.is_placed(line)]
        found.append(Section(name, heading.text, heading.number, tuple(body)))
    return tuple(found)


def read_section(section: Section, draft: Draft) -> None:
    """Read one section into the record."""
    _BY_HEADING[section.heading.casefold()][2](section, draft)


def in_reading_order(found: Sequence[Section]) -> list[Section]:
    """The known sections in the order in which they must be read."""
    order = [heading.casefold() for heading in HEADINGS]
    known = [section for section in found if section.name]
    return sorted(known, key=lambda section: order.index(section.heading.casefold()))


def _introduction(lines: Sequence[Line], index: int) -> bool:
    return any(digest(line.text) in _INTRODUCTIONS or invites(line.text) for line in lines[index + 1 : index + 2]) or (
        lines[index].text.casefold() in _WITHOUT_INTRODUCTION
    )


def _cut_after(lines: Sequence[Line], index: int) -> bool:
    return index >= len(lines) - 2 and (index == len(lines) - 1 or not lines[-1].text.endswith("."))


def _unknown(lines: Sequence[Line]) -> set[int]:
    """Lines that must be headings which the reader does not know: a title over a sentence that introduces it."""
    return {
        index
        for index in range(3, len(lines) - 1)
        if title_like(lines[index].text)
        and invites(lines[index + 1].text)
        and digest(lines[index + 1].text) not in _INTRODUCTIONS
        and lines[index].text.casefold() not in _BY_HEADING
        and not any(arms.is_type_label(line) for line in lines[index + 2 : index + 4])
    }


def _unglue(lines: Sequence[Line]) -> list[Line]:
    """Part an introduction from text that was pasted to its end."""
    found: list[Line] = []
    for line in lines:
        ends = [match.end() for match in re.finditer(r"\.", line.text[:300])][:3]
        cut = next((end for end in ends if digest(line.text[:end]) in _INTRODUCTIONS), None)
        if cut and cut < len(line.text):
            found.append(Line(line.number, line.text[:cut], line.after_blank))
            found.append(Line(line.number, line.text[cut:].strip()))
        else:
            found.append(line)
    return found


def _preamble(lines: Sequence[Line], draft: Draft) -> None:
    title: list[Line] = []
    for line in lines:
        if match := _NCT_ID.match(line.text):
            draft.put("identificationModule.nctId", match[1], line)
        elif match := _UPDATED.match(line.text):
            put_converted(draft, Field("statusModule.lastUpdatePostDateStruct.date", words.iso_date), line, match[1])
        elif not title and value_at(draft.record, "identificationModule.nctId") is None:
            title.append(line)
    if title:
        draft.put("identificationModule.briefTitle", joined(title), *title)
    rest = [line for line in lines if not draft.is_placed(line)]
    if rest:
        draft.keep("(before the first heading)", rest)


def _complete(draft: Draft) -> None:
    arms.link_arms(draft)
    names.part_lines(draft)


LAYOUT = PageLayout(
    name="page B",
    score=score,
    is_heading=lambda line: line.text.casefold() in _BY_HEADING,
    sections=sections,
    in_reading_order=in_reading_order,
    read_section=read_section,
    complete=_complete,
    always_printed=(
        "basic information",
        "brief summary",
        "conditions",
        "study design",
        "eligibility",
        "sponsors",
        "identifiers",
    ),
)
"""The layout as `read_record` uses it; `always_printed` are the sections that every whole page has, in its order."""
