"""The classic site's XML (`clinical_study`, until 2024), and the JSON into which ctrdata turns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from trialwright.errors import RecordError
from trialwright.registry import vocabulary as words
from trialwright.registry.classic_results import put_classic_results
from trialwright.registry.classic_tree import (
    ATTRIBUTES,
    TEXT,
    Tree,
    all_text_of,
    attribute_of,
    nodes_at,
    text_of,
    texts_at,
    tree_of,
)
from trialwright.registry.older import OlderRecord, Read, date_type, masking, plain, several, term, unwrapped
from trialwright.registry.reading import Finding

_STATUS, _DESIGN, _CRITERIA = "statusModule", "designModule", "eligibilityModule"
_PARTY = "sponsorCollaboratorsModule.responsibleParty"


def _unwrapped(text: str) -> str | None:
    return unwrapped(text) or None


_FIELDS: Mapping[str, tuple[str, Read]] = {
    "id_info.nct_id": ("identificationModule.nctId", plain),
    "id_info.org_study_id": ("identificationModule.orgStudyIdInfo.id", plain),
    "source": ("identificationModule.organization.fullName", plain),
    "brief_title": ("identificationModule.briefTitle", plain),
    "official_title": ("identificationModule.officialTitle", plain),
    "acronym": ("identificationModule.acronym", plain),
    "sponsors.lead_sponsor.agency": ("sponsorCollaboratorsModule.leadSponsor.name", plain),
    "sponsors.lead_sponsor.agency_class": (
        "sponsorCollaboratorsModule.leadSponsor.class",
        term(words.AGENCY_CLASSES | {"U_S_FED": "FED"}),
    ),
    "responsible_party.responsible_party_type": (f"{_PARTY}.type", words.keyed),
    "responsible_party.investigator_full_name": (f"{_PARTY}.investigatorFullName", plain),
    "responsible_party.investigator_title": (f"{_PARTY}.investigatorTitle", plain),
    "responsible_party.investigator_affiliation": (f"{_PARTY}.investigatorAffiliation", plain),
    "responsible_party.name_title": (f"{_PARTY}.oldNameTitle", plain),
    "responsible_party.organization": (f"{_PARTY}.oldOrganization", plain),
    "oversight_info.has_dmc": ("oversightModule.oversightHasDmc", words.yes_no),
    "oversight_info.is_fda_regulated_drug": ("oversightModule.isFdaRegulatedDrug", words.yes_no),
    "oversight_info.is_fda_regulated_device": ("oversightModule.isFdaRegulatedDevice", words.yes_no),
    "brief_summary.textblock": ("descriptionModule.briefSummary", _unwrapped),
    "detailed_description.textblock": ("descriptionModule.detailedDescription", _unwrapped),
    "overall_status": (f"{_STATUS}.overallStatus", term(words.STATUSES)),
    "why_stopped": (f"{_STATUS}.whyStopped", plain),
    "verification_date": (f"{_STATUS}.statusVerifiedDate", words.iso_date),
    "study_first_submitted": (f"{_STATUS}.studyFirstSubmitDate", words.iso_date),
    "study_first_submitted_qc": (f"{_STATUS}.studyFirstSubmitQcDate", words.iso_date),
    "last_update_submitted": (f"{_STATUS}.lastUpdateSubmitDate", words.iso_date),
    "has_expanded_access": (f"{_STATUS}.expandedAccessInfo.hasExpandedAccess", words.yes_no),
    "phase": (f"{_DESIGN}.phases", words.phases),
    "study_type": (f"{_DESIGN}.studyType", lambda text: words.code(text.partition("[")[0], words.STUDY_TYPES)),
    "enrollment": (f"{_DESIGN}.enrollmentInfo.count", words.count),
    "study_design_info.allocation": (f"{_DESIGN}.designInfo.allocation", term(words.ALLOCATIONS)),
    "study_design_info.intervention_model": (f"{_DESIGN}.designInfo.interventionModel", term(words.MODELS)),
    "study_design_info.primary_purpose": (f"{_DESIGN}.designInfo.primaryPurpose", term(words.PURPOSES)),
    "study_design_info.masking": (f"{_DESIGN}.designInfo.maskingInfo.masking", masking),
    "study_design_info.masking_description": (f"{_DESIGN}.designInfo.maskingInfo.maskingDescription", plain),
    "study_design_info.intervention_model_description": (
        f"{_DESIGN}.designInfo.interventionModelDescription",
        plain,
    ),
    "study_design_info.observational_model": (
        f"{_DESIGN}.designInfo.observationalModel",
        term(words.OBSERVATIONAL_MODELS),
    ),
    "study_design_info.time_perspective": (f"{_DESIGN}.designInfo.timePerspective", term(words.TIME_PERSPECTIVES)),
    "eligibility.criteria.textblock": (f"{_CRITERIA}.eligibilityCriteria", _unwrapped),
    "eligibility.study_pop.textblock": (f"{_CRITERIA}.studyPopulation", _unwrapped),
    "eligibility.sampling_method": (f"{_CRITERIA}.samplingMethod", words.keyed),
    "eligibility.gender": (f"{_CRITERIA}.sex", term(words.SEXES)),
    "eligibility.minimum_age": (f"{_CRITERIA}.minimumAge", plain),
    "eligibility.maximum_age": (f"{_CRITERIA}.maximumAge", plain),
    "eligibility.healthy_volunteers": (f"{_CRITERIA}.healthyVolunteers", words.healthy_volunteers),
}
_DATES = {
    "start_date": "startDateStruct",
    "primary_completion_date": "primaryCompletionDateStruct",
    "completion_date": "completionDateStruct",
    "study_first_posted": "studyFirstPostDateStruct",
    "last_update_posted": "lastUpdatePostDateStruct",
}
_LISTS = {
    "id_info.nct_alias": "identificationModule.nctIdAliases",
    "condition": "conditionsModule.conditions",
    "keyword": "conditionsModule.keywords",
}
_OUTCOME: Mapping[str, tuple[str, Read]] = {
    "measure": ("measure", plain),
    "description": ("description", plain),
    "time_frame": ("timeFrame", plain),
}
_GROUPS: Mapping[str, tuple[str, Mapping[str, tuple[str, Read]]]] = {
    "id_info.secondary_id": ("identificationModule.secondaryIdInfos", {"": ("id", plain)}),
    "sponsors.collaborator": (
        "sponsorCollaboratorsModule.collaborators",
        {
            "agency": ("name", plain),
            "agency_class": ("class", term(words.AGENCY_CLASSES | {"U_S_FED": "FED"})),
        },
    ),
    "arm_group": (
        "armsInterventionsModule.armGroups",
        {
            "arm_group_label": ("label", plain),
            "arm_group_type": ("type", term(words.ARM_TYPES)),
            "description": ("description", plain),
        },
    ),
    "intervention": (
        "armsInterventionsModule.interventions",
        {
            "intervention_type": ("type", term(words.INTERVENTION_TYPES)),
            "intervention_name": ("name", plain),
            "description": ("description", plain),
            "arm_group_label": ("armGroupLabels", plain),
            "other_name": ("otherNames", plain),
        },
    ),
    "primary_outcome": ("outcomesModule.primaryOutcomes", _OUTCOME),
    "secondary_outcome": ("outcomesModule.secondaryOutcomes", _OUTCOME),
    "other_outcome": ("outcomesModule.otherOutcomes", _OUTCOME),
    "overall_official": (
        "contactsLocationsModule.overallOfficials",
        {"last_name": ("name", plain), "role": ("role", words.keyed), "affiliation": ("affiliation", plain)},
    ),
    "overall_contact": (
        "contactsLocationsModule.centralContacts",
        {"last_name": ("name", plain), "phone": ("phone", plain), "email": ("email", plain)},
    ),
    "location": (
        "contactsLocationsModule.locations",
        {
            "facility.name": ("facility", plain),
            "status": ("status", term(words.STATUSES)),
            "facility.address.city": ("city", plain),
            "facility.address.state": ("state", plain),
            "facility.address.zip": ("zip", plain),
            "facility.address.country": ("country", plain),
        },
    ),
    "reference": ("referencesModule.references", {"PMID": ("pmid", plain), "citation": ("citation", plain)}),
}
_PLURAL_KEYS = frozenset({"armGroupLabels", "otherNames"})


def read_xml(text: str, source: str) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Carry a classic record over into the structure of the API v2, its results with it.

    Raises:
        RecordError: The text is no XML, declares a document type of its own, or is no `clinical_study`.

    Example:
        >>> text = "<clinical_study><id_info><nct_id>NCT00000001</nct_id></id_info></clinical_study>"
        >>> read_xml(text, "x.xml")[0]["protocolSection"]
        {'identificationModule': {'nctId': 'NCT00000001'}}
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise RecordError(f"{source}: this XML declares a document type, which no record does; give the record")
    try:
        root = ET.fromstring(text)  # noqa: S314
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise RecordError(
            f"{source}: this begins like XML and cannot be read as XML ({error}); save it again"
        ) from error
    if root.tag != "clinical_study":
        raise RecordError(f"{source}: this XML is a '{root.tag}', no 'clinical_study' of ClinicalTrials.gov; give one")
    return read_classic(tree_of(root))


def is_classic(found: object) -> bool:
    """Whether an object is a classic record as ctrdata keeps it in JSON.

    >>> is_classic({"id_info": {"nct_id": "NCT00000001"}})
    True
    """
    return isinstance(found, Mapping) and isinstance(found.get("id_info"), Mapping) and "nct_id" in found["id_info"]


def read_classic(tree: Tree) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Carry the tree of a classic record over into the structure of the API v2."""
    older = OlderRecord("classic XML")
    for path, (field, read) in _FIELDS.items():
        for text in texts_at(tree, path)[:1]:
            older.put(field, text, read)
    for tag, struct in _DATES.items():
        for node in nodes_at(tree, tag)[:1]:
            older.put(f"{_STATUS}.{struct}.date", text_of(node), words.iso_date)
            older.put(f"{_STATUS}.{struct}.type", attribute_of(node, "type"), date_type)
    for path, field in _LISTS.items():
        older.add(field, several(texts_at(tree, path), plain))
    for path, (field, parts) in _GROUPS.items():
        older.add(field, [_entry(node, parts) for node in nodes_at(tree, path)])
    _add_masked(older, tree)
    for tag in sorted(set(tree) - _KNOWN):
        for node in nodes_at(tree, tag):
            older.keep(tag, all_text_of(node))
    put_classic_results(older, tree)
    return older.finish()


_KNOWN = {path.partition(".")[0] for path in (*_FIELDS, *_DATES, *_LISTS, *_GROUPS)} | {
    TEXT, ATTRIBUTES, "required_header", "clinical_results", "condition_browse", "intervention_browse",
    "location_countries", "number_of_arms", "number_of_groups", "rank", "comment", "record_last_import", "ctrname",
    "_id", "last_update_submitted_qc",
}  # fmt: skip


def _add_masked(older: OlderRecord, tree: Tree) -> None:
    for text in texts_at(tree, "study_design_info.masking"):
        roles = words.several(text.partition("(")[2].rstrip(") "), words.WHO_MASKED)
        older.add(f"{_DESIGN}.designInfo.maskingInfo.whoMasked", roles or [])


def _entry(node: object, parts: Mapping[str, tuple[str, Read]]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for path, (key, read) in parts.items():
        texts = texts_at(node, path) if path else [text_of(node)]
        found = several([" ".join(text.split()) for text in texts if text.strip()], read)
        if found:
            entry[key] = found if key in _PLURAL_KEYS else found[0]
    return entry
