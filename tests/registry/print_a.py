"""Any record of the API as layout A prints it: every text on one line, and no mark between the columns of a table.

The full page is imitated as the one registered page of that form has it: labels without a value stay, the section of
the design stands empty, sites, collaborators and rows of outcomes are words with single spaces between them, and the
criteria are one line in which signs outside Windows' code page 1252 are gone.
"""

import re
from datetime import date
from typing import Any

from trialwright.registry.reading import items_at, value_at
from trialwright.registry.vocabulary import unescape

_LOST_SIGNS = str.maketrans("≤≥", "==")
_OUTCOMES = {"primaryOutcomes": "Primary", "secondaryOutcomes": "Secondary", "otherOutcomes": "Other"}


def page_a(record: dict[str, Any], *, bullet: str = "-") -> str:
    """The record as a full page of layout A; `bullet` is the mark that stands before a criterion without a number."""
    parts = [_administration(record), _information(record), _summary(record), _recruitment(record, bullet)]
    parts += [["Study Design", "", ""], _interventions(record), _locations(record), _sponsors(record)]
    parts += [_countries(record), _outcomes(record), sharing(record)]
    head = ["Clinical Trials Logo", "", f"Clinical Trial Details — Status: {_status(record)}", ""]
    return "\n".join([*head, *(line for part in parts if part for line in [*part, ""])]).rstrip("\n")


def one_line(text: str) -> str:
    """A text of the registry as the page prints it: no escapes, and one space for any white space."""
    return " ".join(unescape(text).split())


def criteria_line(text: str, bullet: str = "-") -> str:
    """Criteria as the page prints them: on one line, in the characters of code page 1252."""
    marked = re.sub(r"(?m)^(\s*)\* ", rf"\1{bullet} ", text)
    return one_line(marked).translate(_LOST_SIGNS).encode("cp1252", "replace").decode("cp1252")


def printed_date(iso: str) -> str:
    """A date of the API as the page prints it, with its precision."""
    year, month, *day = (int(part) for part in iso.split("-"))
    whole = date(year, month, day[0] if day else 1)
    return f"{whole:%B} {whole.day}, {year}" if day else f"{whole:%B} {year}"


def printed_sites(record: dict[str, Any]) -> list[dict[str, str]]:
    """The sites with the columns that the page has, in its order: by country, then by name."""
    names = ("country", "facility", "city", "state")
    sites = [
        {name: one_line(site[name]) for name in names if name in site}
        for site in items_at(record, "contactsLocationsModule.locations")
    ]
    return sorted(sites, key=lambda site: (site.get("country", ""), site.get("facility", "").casefold()))


def study_type(record: dict[str, Any]) -> str:
    """The type of study as the registry prints it, with its registry of patients."""
    words = str(value_at(record, "designModule.studyType")).replace("_", " ").title()
    return f"{words} [Patient Registry]" if value_at(record, "designModule.patientRegistry") else words


def sharing(record: dict[str, Any]) -> list[str]:
    """The statement on sharing data, in the registry's words."""
    module = value_at(record, "ipdSharingStatementModule") or {}
    documents = {"STUDY_PROTOCOL": "Study Protocol", "SAP": "Statistical Analysis Plan (SAP)",
                 "ICF": "Informed Consent Form (ICF)", "CSR": "Clinical Study Report (CSR)",
                 "ANALYTIC_CODE": "Analytic Code"}  # fmt: skip
    rows = [
        ("Plan to Share IPD", str(module.get("ipdSharing", "")).capitalize()),
        ("Plan Description", one_line(module.get("description", ""))),
        ("Supporting Materials", ", ".join(documents[each] for each in module.get("infoTypes", []))),
        ("Time Frame", one_line(module.get("timeFrame", ""))),
        ("Access Criteria", one_line(module.get("accessCriteria", ""))),
        ("URL", module.get("url", "")),
    ]
    return ["IPD Sharing Statement", "", *(f"{label}: {text}" for label, text in rows if text)] if module else []


def _row(label: str, value: object) -> str:
    return f"{label} {value}".rstrip()


def _dated(record: dict[str, Any], label: str, module: str) -> list[str]:
    struct = value_at(record, f"statusModule.{module}") or {}
    if "date" not in struct:
        return []
    prefix = "" if struct.get("type") == "ACTUAL" else "Est. "
    name = f"{prefix}{label.lower() if prefix else label}"
    return [_row(name, printed_date(struct["date"]))]


def _status(record: dict[str, Any]) -> str:
    words = {"ACTIVE_NOT_RECRUITING": "Active, not recruiting", "UNKNOWN": "Unknown status"}
    status = str(value_at(record, "statusModule.overallStatus"))
    reason = value_at(record, "statusModule.whyStopped")
    return words.get(status, status.replace("_", " ").capitalize()) + (f" ({one_line(reason)})" if reason else "")


def _phase(record: dict[str, Any]) -> str:
    found = [str(each) for each in value_at(record, "designModule.phases") or []]
    words = [re.sub(r"(?<=E)(?=\d)", " ", each).replace("_", " ").title() for each in found]
    return "/".join("N/A" if each == "Na" else each for each in words)


def _administration(record: dict[str, Any]) -> list[str]:
    secondary = [each["id"] for each in items_at(record, "identificationModule.secondaryIdInfos")]
    start = value_at(record, "statusModule.startDateStruct.date")
    return [
        "Administrative data",
        "",
        _row("NCT number", value_at(record, "identificationModule.nctId")),
        _row("Other study ID #", one_line(value_at(record, "identificationModule.orgStudyIdInfo.id") or "")),
        _row("Secondary ID", one_line(secondary[0]) if secondary else ""),
        _row("Status", _status(record)),
        _row("Phase", _phase(record)),
        "First received",
        "Last updated",
        *([_row("Start date", printed_date(start))] if start else []),
        *_dated(record, "Completion date", "completionDateStruct"),
    ]


def _information(record: dict[str, Any]) -> list[str]:
    return [
        "Study information",
        "",
        _row("Verified date", printed_date(value_at(record, "statusModule.statusVerifiedDate") or "2026-11")),
        _row("Source", one_line(value_at(record, "identificationModule.organization.fullName") or "")),
        "Is FDA regulated No",
        "Health authority",
        _row("Study type", study_type(record)),
    ]


def _summary(record: dict[str, Any]) -> list[str]:
    return ["Clinical Trial Summary", "", one_line(value_at(record, "descriptionModule.briefSummary") or ""), "", ""]


def _recruitment(record: dict[str, Any], bullet: str) -> list[str]:
    module = value_at(record, "eligibilityModule") or {}
    low, high = module.get("minimumAge", "N/A"), module.get("maximumAge")
    count = value_at(record, "designModule.enrollmentInfo.count")
    return [
        "Recruitment information / eligibility",
        "",
        _row("Status", _status(record)),
        _row("Enrollment", "" if count is None else count),
        *_dated(record, "Completion date", "completionDateStruct"),
        *_dated(record, "Primary completion date", "primaryCompletionDateStruct"),
        _row("Accepts healthy volunteers", "Yes" if module.get("healthyVolunteers") else "No"),
        _row("Gender", str(module.get("sex", "ALL")).capitalize()),
        _row("Age group", f"{low} to {high}" if high else f"{low} and older"),
        _row("Eligibility", criteria_line(module.get("eligibilityCriteria", ""), bullet)),
    ]


def _interventions(record: dict[str, Any]) -> list[str]:
    found = items_at(record, "armsInterventionsModule.interventions")
    lines = [
        line
        for each in found
        for line in (
            f"{each['type'].replace('_', ' ').capitalize()}:",
            one_line(each["name"]),
            one_line(each.get("description", "")),
        )
        if line
    ]
    return ["Intervention", "", *lines] if found else []


def _locations(record: dict[str, Any]) -> list[str]:
    rows = [" ".join(site.values()) for site in printed_sites(record)]
    return ["Locations", "", "Country Name City State", *rows] if rows else []


def _sponsors(record: dict[str, Any]) -> list[str]:
    lead = value_at(record, "sponsorCollaboratorsModule.leadSponsor.name") or ""
    others = sorted(
        (one_line(each["name"]) for each in items_at(record, "sponsorCollaboratorsModule.collaborators")),
        key=str.casefold,
    )
    heading = f"Sponsors ({1 + len(others)})"
    return [heading, "", "Lead Sponsor Collaborator", f"{one_line(lead)} {', '.join(others)}".rstrip()]


def _countries(record: dict[str, Any]) -> list[str]:
    names = dict.fromkeys(site["country"] for site in printed_sites(record) if "country" in site)
    return ["Country where clinical trial is conducted", "", "".join(f"{name}, " for name in names)] if names else []


def _outcomes(record: dict[str, Any]) -> list[str]:
    rows = [
        " ".join([kind, *(one_line(each[key]) for key in ("measure", "description", "timeFrame") if each.get(key))])
        for path, kind in _OUTCOMES.items()
        for each in items_at(record, f"outcomesModule.{path}")
    ]
    return ["Outcome", "", "Type Measure Description Time frame Safety issue", *rows] if rows else []
