"""Any record of the API as layout B prints it, with its labels and blank lines or in the compact form without them.

Imitated from the registered pages: conditions, keywords, masked roles, other names of interventions and countries
stand on one line with spaces between them, a site has no postal code, the criteria keep the registry's own lines, dates
are whole days. The sentences that introduce the sections are not ours: a caller who has real pages hands them in.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from typing import Any

from tests.registry.pages import RECORD
from tests.registry.print_a import sharing, study_type
from trialwright.registry.layout_b_arms import intervention_name
from trialwright.registry.reading import items_at, value_at

_MASKED = {
    "PARTICIPANT": "Participants",
    "CARE_PROVIDER": "Caregivers",
    "INVESTIGATOR": "Investigators",
    "OUTCOMES_ASSESSOR": "Outcome Assessors",
}


def page_b(
    record: dict[str, Any] = RECORD,
    *,
    labels: bool = True,
    indented: bool = True,
    introductions: Mapping[str, str] | None = None,
) -> str:
    """The record in layout B; without labels in its compact form, without indents where the copy collapsed them."""
    head = [
        value_at(record, "identificationModule.briefTitle"),
        f"NCT ID: {value_at(record, 'identificationModule.nctId')}",
        f"Last Updated: {value_at(record, 'statusModule.lastUpdatePostDateStruct.date') or '2026-11-02'}",
    ]
    body = [
        line
        for heading, lines in sections_b(record, labels=labels).items()
        for line in (heading, *([introductions[heading]] if heading in (introductions or {}) else []), *lines)
    ]
    page = "\n\n".join([*head, *body])
    page = page if indented else re.sub(r"(?m)^[ \t]+", "", page)
    return page if labels else re.sub(r"\n\s*\n", "\n", page)


def sections_b(record: dict[str, Any] = RECORD, *, labels: bool = True) -> dict[str, list[str]]:
    """Each heading of layout B that the record fills, with the blocks below it."""
    found = {
        "Basic Information": _overview(record, labels),
        "Brief Summary": _paragraphs(value_at(record, "descriptionModule.briefSummary")),
        "Detailed Description": _paragraphs(value_at(record, "descriptionModule.detailedDescription")),
        "Conditions": _one_line(value_at(record, "conditionsModule.conditions") or []),
        "Keywords": _one_line(value_at(record, "conditionsModule.keywords") or []),
        "Study Design": _design(record, labels),
        "Study Groups": _groups(record, labels),
        "Interventions": _interventions(record, labels),
        "Other Intervention Names": _other_names(record),
        "Eligibility Criteria": _eligibility(record, labels),
        "Sponsors": _sponsors(record, labels),
        "Responsible Party": _responsible(record),
        "Principal Investigators": _officials(record),
        "Locations": _locations(record, labels),
        "Countries": _one_line(dict.fromkeys(each["country"] for each in _sites(record) if "country" in each)),
        "References": _references(record),
        "IPD Sharing Statement": sharing(record)[2:],
        "Other Identifiers": _identifiers(record),
    }
    return {heading: blocks for heading, blocks in found.items() if blocks}


def whole_day(iso: str) -> str:
    """A date as the page prints it: a month becomes its last day."""
    year, month, *day = iso.split("-")
    return iso if day else f"{iso}-{monthrange(int(year), int(month))[1]}"


def escaped(text: str) -> str:
    """The text with the escapes of the registry's Markdown, where it does not have them yet."""
    return re.sub(r"(?<!\\)([\^<>])", r"\\\1", text)


def _one_line(names: Iterable[str]) -> list[str]:
    line = " ".join(escaped(name) for name in names)
    return [line] if line else []


def _paragraphs(text: str | None) -> list[str]:
    return [part for part in re.split(r"\n\s*\n", escaped(text or "").strip()) if part]


def _labelled(pairs: list[tuple[str, str | None]], labels: bool) -> list[str]:
    return [line for label, value in pairs if value for line in ((label, value) if labels else (value,))]


def _overview(record: dict[str, Any], labels: bool) -> list[str]:
    start = value_at(record, "statusModule.startDateStruct.date")
    end = value_at(record, "statusModule.completionDateStruct.date")
    count = value_at(record, "designModule.enrollmentInfo.count")
    reason = value_at(record, "statusModule.whyStopped")
    status = value_at(record, "statusModule.overallStatus") + (f" ({escaped(reason)})" if reason else "")
    return _labelled(
        [
            ("Recruitment Status", status),
            ("Clinical Phase", "/".join(value_at(record, "designModule.phases") or [])),
            ("Total Enrollment", None if count is None else f"{count} participants"),
            ("Study Classification", study_type(record).upper().replace(" ", "_", 1)),
            ("Study Start Date", start and whole_day(start)),
            ("Study Completion Date", end and whole_day(end)),
        ],
        labels,
    )


def _design(record: dict[str, Any], labels: bool) -> list[str]:
    design = value_at(record, "designModule.designInfo") or {}
    masking = design.get("maskingInfo", {})
    pairs = [
        ("Allocation Method", design.get("allocation")),
        ("Intervention Model", design.get("interventionModel")),
        ("Observational Model", design.get("observationalModel")),
        ("Time Perspective", design.get("timePerspective")),
        ("Primary Study Purpose", design.get("primaryPurpose")),
        ("Blinding Strategy", masking.get("masking")),
    ]
    masked = " ".join(_MASKED[each] for each in masking.get("whoMasked", []))
    return [*_labelled(pairs, labels), *([masked] if masked else [])]


def _groups(record: dict[str, Any], labels: bool) -> list[str]:
    lines: list[str] = []
    by_name = {intervention_name(each): each for each in items_at(record, "armsInterventionsModule.interventions")}
    for arm in items_at(record, "armsInterventionsModule.armGroups"):
        lines += [escaped(arm["label"]), *_paragraphs(arm.get("description"))]
        lines += [f"Group Type {arm['type']}"] if labels and "type" in arm else []
        for name in arm.get("interventionNames", []):
            each = by_name.get(name)
            if each is None:
                continue
            lines += [escaped(each["name"]), *([f"Intervention Type {each['type']}"] if labels else [])]
            lines += _paragraphs(each.get("description"))
    return lines


def _interventions(record: dict[str, Any], labels: bool) -> list[str]:
    lines: list[str] = []
    for each in items_at(record, "armsInterventionsModule.interventions"):
        lines += [escaped(each["name"]), *_paragraphs(each.get("description"))]
        lines += [f"Intervention Type {each['type']}"] if labels else []
    return lines


def _other_names(record: dict[str, Any]) -> list[str]:
    interventions = items_at(record, "armsInterventionsModule.interventions")
    names = [name for each in interventions for name in each.get("otherNames", [])]
    return _one_line(names)


def _eligibility(record: dict[str, Any], labels: bool) -> list[str]:
    module = value_at(record, "eligibilityModule") or {}
    volunteers = {True: "Yes", False: "No"}.get(module.get("healthyVolunteers"))
    limits = _labelled(
        [
            ("Minimum Eligible Age", module.get("minimumAge")),
            ("Maximum Eligible Age", module.get("maximumAge")),
            ("Eligible Sex", module.get("sex")),
            ("Accepts Healthy Volunteers", volunteers),
        ],
        labels,
    )
    criteria = re.sub(
        r"(?m)^((?:Inclusion|Exclusion) Criteria):\s*$", r"\1", escaped(module.get("eligibilityCriteria", ""))
    )
    return [f"{criteria}\n{limits[0]}", *limits[1:]] if limits else [criteria]


def _sponsors(record: dict[str, Any], labels: bool) -> list[str]:
    lead = value_at(record, "sponsorCollaboratorsModule.leadSponsor")
    parties = [(lead, "lead")] if lead else []
    parties += [(each, "collaborator") for each in items_at(record, "sponsorCollaboratorsModule.collaborators")]
    return [
        line
        for party, role in parties
        for line in (party["name"], party.get("class", "OTHER"), *([f"Sponsor Role {role}"] if labels else []))
    ]


def _responsible(record: dict[str, Any]) -> list[str]:
    party = value_at(record, "sponsorCollaboratorsModule.responsibleParty") or {}
    keys = ("investigatorFullName", "investigatorTitle", "investigatorAffiliation")
    people = [escaped(party[key]) for key in keys if key in party]
    return [*people, f"Responsibility Role {party['type']}"] if "type" in party else []


def _officials(record: dict[str, Any]) -> list[str]:
    return [
        line
        for each in items_at(record, "contactsLocationsModule.overallOfficials")
        for line in (each["name"], f"Role: {each['role']}", *([each["affiliation"]] if "affiliation" in each else []))
    ]


def _sites(record: dict[str, Any]) -> list[dict[str, Any]]:
    return items_at(record, "contactsLocationsModule.locations")


def _locations(record: dict[str, Any], labels: bool) -> list[str]:
    return [
        line
        for site in _sites(record)
        for line in (
            escaped(site.get("facility", "")),
            ", ".join(site[key] for key in ("city", "state", "country") if key in site),
            f"Site Status {site['status']}" if labels and "status" in site else "",
        )
        if line
    ]


def _references(record: dict[str, Any]) -> list[str]:
    return [
        line
        for each in items_at(record, "referencesModule.references")
        for line in (
            escaped(each["citation"]),
            f"Reference Type {each.get('type', 'BACKGROUND')}"
            + (f"\nPMID: {each['pmid']} (View on PubMed)" if "pmid" in each else ""),
        )
    ]


def _identifiers(record: dict[str, Any]) -> list[str]:
    own = value_at(record, "identificationModule.orgStudyIdInfo") or {}
    others = items_at(record, "identificationModule.secondaryIdInfos")
    found = [(own, "org_study_id")] if own.get("id") else []
    found += [(each, "secondary_id") for each in others]
    return [
        line
        for each, source in found
        for line in (each["id"], f"Identifier Type: {each.get('type', '-')}", f"Identifier Source: {source}")
    ]
