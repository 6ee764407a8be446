"""Rules on what a copied page did to a record: what it never has, how it writes, what it ran together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.fields import FIELDS
from trialwright.registry.reading import EXTENSION, Finding, Layout, Reading, items_at, text_at

Rule = Callable[[Reading], Iterator[Finding]]

NEVER_CARRIED: Mapping[Layout, tuple[str, ...]] = {
    "page A": (
        "identificationModule.briefTitle",
        "identificationModule.officialTitle",
        "designModule.enrollmentInfo.type",
        "armsInterventionsModule.armGroups",
    ),
    "page B": (
        "identificationModule.officialTitle",
        "statusModule.studyFirstSubmitDate",
        "statusModule.primaryCompletionDateStruct.date",
        "designModule.enrollmentInfo.type",
        "outcomesModule.primaryOutcomes",
        "outcomesModule.secondaryOutcomes",
    ),
}
"""What every registered trial states and no page of the layout prints; that such a page lacks it says nothing."""

_OWED = (
    "identificationModule.nctId",
    "identificationModule.briefTitle",
    "statusModule.startDateStruct.date",
    "statusModule.completionDateStruct.date",
    "designModule.enrollmentInfo.count",
    "armsInterventionsModule.interventions",
    "outcomesModule.primaryOutcomes",
    "eligibilityModule.eligibilityCriteria",
)
_NAMES = {
    "designModule.enrollmentInfo.type": "whether the enrolment is planned or actual",
    "statusModule.studyFirstSubmitDate": "first submitted",
}
_ESCAPED = re.compile(r"\\[<>^*_~\[\]()#+.!|=-]")
_ENGLISH_DATE = re.compile(r"\b[A-Z][a-z]{2,8}\.? (?:\d{1,2}, )?\d{4}$")
_DATED_SECTIONS = ("administrative data", "study information", "eligibility", "basic information")
_ROLES = re.compile(
    r"\b(?:participants?|caregivers?|care providers?|investigators?|outcomes? assessors?)\b", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?<![\d.])\d{1,2}\. (?=\D)")


def _find(rule: str, severity: Any, place: str, what: str, why: str, mend: str) -> Finding:
    return Finding(rule=rule, severity=severity, place=place, what=what, why=why, mend=mend)


def _passages(reading: Reading, section: str) -> Sequence[str]:
    return reading.sections.get(section, ())


def absent_from_source(reading: Reading) -> Iterator[Finding]:
    """X03: what every registration has and this source does not, apart by whether its layout could have had it."""
    if reading.layout not in NEVER_CARRIED:
        return
    never = NEVER_CARRIED[reading.layout]
    here = [path for path in _OWED if path not in never and reading.field_states.get(path) == "absent"]
    why = "every registered trial states it: that this source does not have it is not 'none'"
    for paths, what in ((never, "this layout never has"), (here, "this page does not have")):
        names = ", ".join(_NAMES.get(path) or FIELDS[path][0] for path in paths)
        if names:
            yield _find("X03", "warning", "the page", f"{what}: {names}", why, "take it from the registry")


def escapes(reading: Reading) -> Iterator[Finding]:
    """X07: backslashes that Markdown put before signs, which are read as the signs."""
    found = [sign for texts in reading.sections.values() for text in texts for sign in _ESCAPED.findall(text)]
    if found and reading.layout in NEVER_CARRIED:
        yield _find(
            "X07",
            "note",
            "the page",
            f"signs written with a backslash: {', '.join(sorted(set(found)))}",
            "they are read as the signs alone; the record keeps its text as it stands",
            "nothing to do",
        )


def date_format(reading: Reading) -> Iterator[Finding]:
    """X11: dates in words, which are carried as ISO dates at the precision that they have."""
    found: list[str] = []
    if reading.layout not in NEVER_CARRIED:
        return
    for section in _DATED_SECTIONS:
        for text in _passages(reading, section):
            match = _ENGLISH_DATE.search(text)
            iso = words.iso_date(match[0]) if match else None
            if match and iso:
                found.append(f"'{match[0]}' is {iso}" + ("" if len(iso) > len("2026-04") else ", to the month"))
    if found:
        yield _find(
            "X11",
            "note",
            "dates",
            "; ".join(dict.fromkeys(found)),
            "this page writes dates in words; a month without a day is no day",
            "do not count days from a month",
        )


def run_together(reading: Reading) -> Iterator[Finding]:
    """X09: entries that a page prints without anything between them, or with what may be part of a name."""
    for place, what in _joined(reading) if reading.layout in NEVER_CARRIED else ():
        why = "where one ends and the next begins is told by wording alone, a proposal"
        yield _find("X09", "warning", place, what, why, "compare with the registry")


def _joined(reading: Reading) -> Iterator[tuple[str, str]]:
    if any(len(_ROLES.findall(text)) > 1 and "," not in text for text in _passages(reading, "study design")):
        yield "study design", "the roles that are masked stand in one line without anything between them"
    if reading.layout != "page A":
        return
    if items_at(reading.record, f"{EXTENSION}.relatedTrials"):
        yield "related trials", "status, number, title and phase stand in one line without anything between them"
    if len(items_at(reading.record, "sponsorCollaboratorsModule.collaborators")) > 1:
        yield "sponsors", "the collaborators are parted by commas, which names may hold"
    criteria = text_at(reading.record, "eligibilityModule.eligibilityCriteria")
    numbers = [match for line in criteria.splitlines() for match in _NUMBERED.finditer(line)]
    if len(numbers) > len(criteria.splitlines()) + 1:
        yield "eligibility", _one_line(criteria, [match.start() for match in numbers])


def _one_line(criteria: str, starts: Sequence[int]) -> str:
    unparted = [
        criteria[at:].partition(".")[0]
        for at in starts
        if criteria[:at].rstrip() and criteria[:at].rstrip()[-1] not in ".;:,"
    ]
    lacking = f"; before item {', '.join(unparted)} there is no mark" if unparted else ""
    return f"{len(starts)} criteria stand in one line{lacking}"


def own_words(reading: Reading) -> Iterator[Finding]:
    """X16: the page's own words, which say nothing of the trial."""
    lines = [line for _, line, went in reading.places if went == "furniture"]
    if lines:
        pending = any(line == "Results pending" for _, line, _ in reading.places)
        said = "; 'Results pending' is said of results, not of outcomes" if pending else ""
        yield _find(
            "X16",
            "note",
            "the page",
            f"{len(lines)} lines are the page's own explanations and headings of columns{said}",
            "they are the same on every page of this layout, and are left out of the record",
            "nothing to do",
        )


RULES: tuple[Rule, ...] = (absent_from_source, escapes, date_format, run_together, own_words)
