"""A reading as text for a terminal, always in the same order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill, indent
from typing import Any

from trialwright.registry.describe_results import describe_results
from trialwright.registry.fields import FIELDS, OCCASIONAL
from trialwright.registry.pointer import pointers
from trialwright.registry.reading import EXTENSION, Reading, items_at, text_at, value_at
from trialwright.registry.related import relations
from trialwright.registry.versions import Comparison, updated
from trialwright.registry.vocabulary import unescape

_WIDTH = 100
_PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Identification", ("identificationModule",)),
    ("Status", ("statusModule",)),
    ("Sponsor", ("sponsorCollaboratorsModule",)),
    ("Description", ("descriptionModule",)),
    ("Conditions", ("conditionsModule",)),
    ("Design", ("designModule",)),
    ("Arms and interventions", ("armsInterventionsModule",)),
    ("Outcomes", ("outcomesModule",)),
    ("Eligibility", ("eligibilityModule",)),
    ("Contacts and locations", ("contactsLocationsModule",)),
    ("References", ("referencesModule",)),
    ("Oversight, sharing, documents", ("oversightModule", "ipdSharingStatementModule", "documentSection")),
)
_SAID = {
    "lost": "(lost: its heading or label stands there without it)",
    "none": "(none: this source says that there is no limit)",
    "absent": "(absent: this source does not have it)",
}


def describe(reading: Reading) -> str:
    r"""The normalised record as text, in the registry's order, then the findings.

    A field that is lost or absent is said to be so; contacts are counted, not shown.

    Args:
        reading: The record as read.

    Returns:
        Lines of at most 100 columns, apart from words that are longer.

    Example:
        >>> from trialwright.registry.read import read_record
        >>> page = "A trial\nNCT ID: NCT00000001\nBasic Information\nRECRUITING\nConditions\nGout"
        >>> print(describe(read_record(page)).splitlines()[0])
        NCT00000001  A trial
    """
    title = text_at(reading.record, "identificationModule.briefTitle") or "(no title)"
    lines = [f"{reading.nct_id or '(no number)'}  {title}", f"read from {reading.source} ({reading.layout})"]
    for heading, modules in _PARTS:
        lines += ["", heading]
        for path, (label, _) in FIELDS.items():
            if path.startswith(modules):
                lines.extend(_field(reading, path, label))
        for path, label in OCCASIONAL.items():
            if path.startswith(modules) and value_at(reading.record, path) not in (None, "", [], {}):
                lines.extend(_value(reading, path, label))
        if heading == "Contacts and locations":
            lines.extend(_contacts(reading))
    lines += ["", "Posted results", *describe_results(reading)]
    lines += ["", "Related trials", *_related(reading)]
    lines += ["", "Text kept as it stands", *_others(reading)]
    lines += ["", f"Findings ({len(reading.findings)})", *_findings(reading)]
    return "\n".join(lines)


def describe_pointers(reading: Reading) -> str:
    """Every pointer into the record on a line of its own, with the text that it names below it."""
    return "\n".join(f"{pointer}\n{_wrapped(text, '    ')}" for pointer, text in pointers(reading))


def describe_comparison(comparison: Comparison) -> str:
    """What moved between two versions of a record, and the dates that slipped, as text."""
    versions = f"{_version(comparison.earlier)} to {_version(comparison.later)}"
    lines = [
        "",
        _wrapped(f"What moved from {versions} ({len(comparison.changes)})", ""),
        *(_wrapped(str(change), "  ") for change in comparison.changes),
        *(_wrapped(f"{each.rule} {each.severity}, {each.place}: {each.what}", "  ") for each in comparison.findings),
    ]
    return "\n".join(lines)


def _version(reading: Reading) -> str:
    return f"{reading.source} (updated {updated(reading) or 'on an unknown day'})"


def _field(reading: Reading, path: str, label: str) -> Iterator[str]:
    state = reading.field_states.get(path, "absent")
    if state != "carried":
        yield f"  {label}: {_SAID[state]}"
        return
    if path == "eligibilityModule.eligibilityCriteria":
        yield f"  {label}:"
        yield from _criteria(reading)
        return
    yield from _value(reading, path, label)


def _value(reading: Reading, path: str, label: str) -> Iterator[str]:
    value = value_at(reading.record, path)
    entries = items_at(reading.record, path)
    if entries:
        yield f"  {label} ({len(entries)}):"
        for entry in entries:
            yield _wrapped(_entry(entry), "    - ")
    else:
        yield _wrapped(f"{label}: {_plain(value)}{_as_of(reading, path)}", "  ")


def _as_of(reading: Reading, path: str) -> str:
    if path != "statusModule.overallStatus":
        return ""
    day = updated(reading) or text_at(reading.record, "statusModule.statusVerifiedDate")
    return f", as of {day or 'no day that this source gives'}"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_plain(entry) for entry in value)
    if isinstance(value, dict):
        return _entry(value)
    return unescape(str(value))


def _entry(entry: dict[str, Any]) -> str:
    hidden = {
        "contacts",
        "geoPoint",
        "armGroupLabels",
        "typeAbbrev",
        "hasProtocol",
        "hasSap",
        "hasIcf",
        "uploadDate",
        "size",
    }
    return "; ".join(_plain(value) for key, value in entry.items() if key not in hidden and value not in (None, "", []))


def _wrapped(text: str, lead: str) -> str:
    paragraphs = text.split("\n")
    room = _WIDTH - len(lead)
    body = "\n".join(fill(each, room, break_long_words=False, break_on_hyphens=False) for each in paragraphs if each)
    return lead + indent(body, " " * len(lead)).lstrip()


def _criteria(reading: Reading) -> Iterator[str]:
    heading = ""
    for item in items_at(reading.record, f"{EXTENSION}.eligibilityItems"):
        if item["list"] != heading:
            heading = item["list"]
            yield f"    {heading}"
        mark = f"{item['number']}." if item["number"] else "-"
        yield _wrapped(str(item["text"]), f"      {mark:<3} ")


def _contacts(reading: Reading) -> Iterator[str]:
    central = len(items_at(reading.record, "contactsLocationsModule.centralContacts"))
    sites = len(items_at(reading.record, f"{EXTENSION}.facilityContacts"))
    yield f"  contacts: {central} central, {sites} of sites (in the record, not shown here)"


def _related(reading: Reading) -> Sequence[str]:
    trials = {str(trial.get("nctId")): trial for trial in items_at(reading.record, f"{EXTENSION}.relatedTrials")}
    if not trials:
        return ["  (none listed by this source)"]
    return [_wrapped(f"{_entry(trials[each.nct_id])}: {each.reason}", "  - ") for each in relations(reading)]


def _others(reading: Reading) -> Sequence[str]:
    sections = items_at(reading.record, f"{EXTENSION}.otherSections")
    if not sections:
        return ["  (none: every line went to a field)"]
    return [_wrapped(f"{section.get('heading', '')}: {section.get('text', '')}", "  ") for section in sections]


def _findings(reading: Reading) -> Iterator[str]:
    for finding in reading.findings:
        yield _wrapped(f"{finding.rule} {finding.severity}, {finding.place}: {finding.what}", "  ")
        yield _wrapped(f"why: {finding.why}", "      ")
        yield _wrapped(f"mend: {finding.mend}", "      ")
    if not reading.findings:
        yield "  (none)"
