"""The classic site's XML (`clinical_study`, until 2024), and the JSON into which ctrdata turns it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from trialwright.errors import RecordError
from trialwright.registry import vocabulary as words
from trialwright.registry.classic_entry import Entries, Fields, entry_of, keep_unread
from trialwright.registry.classic_results import put_classic_results
from trialwright.registry.classic_tree import (
    Tree,
    nodes_at,
    texts_at,
    tree_of,
)
from trialwright.registry.older import OlderRecord, Read, date_type, masking, plain, several, term, unwrapped
from trialwright.registry.reading import Finding

_STATUS, _DESIGN, _CRITERIA, _SHARING = "statusModule", "designModule", "eligibilityModule", "ipdSharingStatementModule"
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
    "oversight_info.is_unapproved_device": ("oversightModule.isUnapprovedDevice", words.yes_no),
    "oversight_info.is_ppsd": ("oversightModule.isPpsd", words.yes_no),
    "oversight_info.is_us_export": ("oversightModule.isUsExport", words.yes_no),
    "brief_summary.textblock": ("descriptionModule.briefSummary", _unwrapped),
    "detailed_description.textblock": ("descriptionModule.detailedDescription", _unwrapped),
    "overall_status": (f"{_STATUS}.overallStatus", term(words.STATUSES)),
    "last_known_status": (f"{_STATUS}.lastKnownStatus", term(words.STATUSES)),
    "why_stopped": (f"{_STATUS}.whyStopped", plain),
    "verification_date": (f"{_STATUS}.statusVerifiedDate", words.iso_date),
    "study_first_submitted": (f"{_STATUS}.studyFirstSubmitDate", words.iso_date),
    "study_first_submitted_qc": (f"{_STATUS}.studyFirstSubmitQcDate", words.iso_date),
    "last_update_submitted": (f"{_STATUS}.lastUpdateSubmitDate", words.iso_date),
    "results_first_submitted": (f"{_STATUS}.resultsFirstSubmitDate", words.iso_date),
    "results_first_submitted_qc": (f"{_STATUS}.resultsFirstSubmitQcDate", words.iso_date),
    "disposition_first_submitted": (f"{_STATUS}.dispFirstSubmitDate", words.iso_date),
    "disposition_first_submitted_qc": (f"{_STATUS}.dispFirstSubmitQcDate", words.iso_date),
    "has_expanded_access": (f"{_STATUS}.expandedAccessInfo.hasExpandedAccess", words.yes_no),
    "phase": (f"{_DESIGN}.phases", words.phases),
    "study_type": (f"{_DESIGN}.studyType", lambda text: words.code(text.partition("[")[0], words.STUDY_TYPES)),
    "target_duration": (f"{_DESIGN}.targetDuration", plain),
    "biospec_retention": (f"{_DESIGN}.bioSpec.retention", term(words.SPECIMENS)),
    "biospec_descr.textblock": (f"{_DESIGN}.bioSpec.description", _unwrapped),
    "expanded_access_info.expanded_access_type_individual": (f"{_DESIGN}.expandedAccessTypes.individual", words.yes_no),
    "expanded_access_info.expanded_access_type_intermediate": (
        f"{_DESIGN}.expandedAccessTypes.intermediate",
        words.yes_no,
    ),
    "expanded_access_info.expanded_access_type_treatment": (f"{_DESIGN}.expandedAccessTypes.treatment", words.yes_no),
    "enrollment": (f"{_DESIGN}.enrollmentInfo.count", words.count),
    "enrollment.@type": (f"{_DESIGN}.enrollmentInfo.type", date_type),
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
    "eligibility.gender_based": (f"{_CRITERIA}.genderBased", words.yes_no),
    "eligibility.gender_description": (f"{_CRITERIA}.genderDescription", plain),
    "eligibility.minimum_age": (f"{_CRITERIA}.minimumAge", plain),
    "eligibility.maximum_age": (f"{_CRITERIA}.maximumAge", plain),
    "eligibility.healthy_volunteers": (f"{_CRITERIA}.healthyVolunteers", words.healthy_volunteers),
    "patient_data.sharing_ipd": (f"{_SHARING}.ipdSharing", term(words.SHARING)),
    "patient_data.ipd_description": (f"{_SHARING}.description", plain),
    "patient_data.ipd_time_frame": (f"{_SHARING}.timeFrame", plain),
    "patient_data.ipd_access_criteria": (f"{_SHARING}.accessCriteria", plain),
    "patient_data.ipd_url": (f"{_SHARING}.url", plain),
} | {
    f"{tag}{attribute}": (f"{_STATUS}.{struct}Struct.{key}", read)
    for tag, struct in {
        "start_date": "startDate",
        "primary_completion_date": "primaryCompletionDate",
        "completion_date": "completionDate",
        "study_first_posted": "studyFirstPostDate",
        "results_first_posted": "resultsFirstPostDate",
        "disposition_first_posted": "dispFirstPostDate",
        "last_update_posted": "lastUpdatePostDate",
    }.items()
    for attribute, key, read in (("", "date", words.iso_date), (".@type", "type", date_type))
}  # fmt: skip
_LISTS: Mapping[str, tuple[str, Read]] = {
    "id_info.nct_alias": ("identificationModule.nctIdAliases", plain),
    "condition": ("conditionsModule.conditions", plain),
    "keyword": ("conditionsModule.keywords", plain),
    "patient_data.ipd_info_type": (f"{_SHARING}.infoTypes", term(words.SHARED_DOCUMENTS)),
    "removed_countries.country": ("derivedSection.miscInfoModule.removedCountries", plain),
}
_line: Read = lambda text: " ".join(text.split())  # noqa: E731
_SPONSOR: Fields = {
    "agency": ("name", _line),
    "agency_class": ("class", term(words.AGENCY_CLASSES | {"U_S_FED": "FED"})),
}
_OUTCOME: Fields = {
    "measure": ("measure", _line),
    "description": ("description", _line),
    "time_frame": ("timeFrame", _line),
}
_PERSON: Fields = {
    "last_name": ("name", _line),
    "role": ("role", words.keyed),
    "phone": "phone",
    "phone_ext": "phoneExt",
    "email": "email",
}
_GROUPS: Mapping[str, Entries] = {
    "id_info.secondary_id": Entries("identificationModule.secondaryIdInfos", {"": ("id", _line)}),
    "sponsors.collaborator": Entries("sponsorCollaboratorsModule.collaborators", _SPONSOR),
    "arm_group": Entries(
        "armsInterventionsModule.armGroups",
        {
            "arm_group_label": ("label", _line),
            "arm_group_type": ("type", term(words.ARM_TYPES)),
            "description": ("description", _line),
        },
    ),
    "intervention": Entries(
        "armsInterventionsModule.interventions",
        {
            "intervention_type": ("type", term(words.INTERVENTION_TYPES)),
            "intervention_name": ("name", _line),
            "description": ("description", _line),
            "arm_group_label": ("armGroupLabels[]", _line),
            "other_name": ("otherNames[]", _line),
        },
    ),
    "primary_outcome": Entries("outcomesModule.primaryOutcomes", _OUTCOME),
    "secondary_outcome": Entries("outcomesModule.secondaryOutcomes", _OUTCOME),
    "other_outcome": Entries("outcomesModule.otherOutcomes", _OUTCOME),
    "overall_official": Entries(
        "contactsLocationsModule.overallOfficials", {**_PERSON, "affiliation": ("affiliation", _line)}
    ),
    "overall_contact": Entries("contactsLocationsModule.centralContacts", _PERSON),
    "overall_contact_backup": Entries("contactsLocationsModule.centralContacts", _PERSON),
    "location": Entries(
        "contactsLocationsModule.locations",
        {
            "facility.name": ("facility", _line),
            "status": ("status", term(words.STATUSES)),
            "facility.address.city": ("city", _line),
            "facility.address.state": ("state", _line),
            "facility.address.zip": ("zip", _line),
            "facility.address.country": ("country", _line),
            "contact": Entries("contacts", _PERSON),
            "contact_backup": Entries("contacts", _PERSON),
            "investigator": Entries("contacts", _PERSON),
        },
    ),
    "reference": Entries("referencesModule.references", {"PMID": "pmid", "citation": ("citation", _line)}),
    "results_reference": Entries("referencesModule.references", {"PMID": "pmid", "citation": ("citation", _line)}),
    "link": Entries("referencesModule.seeAlsoLinks", {"description": ("label", _line), "url": "url"}),
    "study_docs.study_doc": Entries(
        "referencesModule.availIpds",
        {"doc_id": "id", "doc_type": "type", "doc_url": "url", "doc_comment": ("comment", _line)},
    ),
    "provided_document_section.provided_document": Entries(
        "documentSection.largeDocumentModule.largeDocs",
        {
            "document_has_protocol": ("hasProtocol", words.yes_no),
            "document_has_sap": ("hasSap", words.yes_no),
            "document_has_icf": ("hasIcf", words.yes_no),
            "document_type": ("label", _line),
            "document_date": ("date", words.iso_date),
        },
    ),
    "condition_browse.mesh_term": Entries("derivedSection.conditionBrowseModule.meshes", {"": ("term", _line)}),
    "intervention_browse.mesh_term": Entries("derivedSection.interventionBrowseModule.meshes", {"": ("term", _line)}),
}
_FURNITURE = dict.fromkeys(
    ("required_header", "location_countries", "number_of_arms", "number_of_groups", "rank", "comment",
     "record_last_import", "ctrname", "_id", "clinical_results"),
    Entries("", {}),
)  # fmt: skip


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
    for path, (field, read) in _LISTS.items():
        older.add(field, several(texts_at(tree, path), read))
    for path, group in _GROUPS.items():
        type_of = {"type": "RESULT"} if path == "results_reference" else {}
        older.add(group.key, [entry_of(older, node, group.fields, path) | type_of for node in nodes_at(tree, path)])
    _add_masked(older, tree)
    for text in texts_at(tree, "study_type"):
        if "patient registry" in text.casefold():
            older.put(f"{_DESIGN}.patientRegistry", "Yes", words.yes_no)
    put_classic_results(older, tree)
    keep_unread(older, tree, {**_FIELDS, **_LISTS, **_GROUPS, **_FURNITURE}, "")
    return older.finish()


def _add_masked(older: OlderRecord, tree: Tree) -> None:
    for text in texts_at(tree, "study_design_info.masking"):
        roles = words.several(text.partition("(")[2].rstrip(") "), words.WHO_MASKED)
        older.add(f"{_DESIGN}.designInfo.maskingInfo.whoMasked", roles or [])
