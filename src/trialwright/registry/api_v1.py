"""The API's first version (until 2024): one study nested in its modules, or its fields as parallel lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.api_v1_sections import put_sections
from trialwright.registry.older import OlderRecord, Read, date_type, masking, plain, several, term
from trialwright.registry.reading import Finding

_STATUS, _DESIGN, _CRITERIA, _SHARING = "statusModule", "designModule", "eligibilityModule", "ipdSharingStatementModule"
_PARTY = "sponsorCollaboratorsModule.responsibleParty"
_FIELDS: Mapping[str, tuple[str, Read]] = {
    "NCTId": ("identificationModule.nctId", plain),
    "OrgStudyId": ("identificationModule.orgStudyIdInfo.id", plain),
    "OrgFullName": ("identificationModule.organization.fullName", plain),
    "OrgClass": ("identificationModule.organization.class", term(words.AGENCY_CLASSES)),
    "BriefTitle": ("identificationModule.briefTitle", plain),
    "OfficialTitle": ("identificationModule.officialTitle", plain),
    "Acronym": ("identificationModule.acronym", plain),
    "StatusVerifiedDate": (f"{_STATUS}.statusVerifiedDate", words.iso_date),
    "OverallStatus": (f"{_STATUS}.overallStatus", term(words.STATUSES)),
    "WhyStopped": (f"{_STATUS}.whyStopped", plain),
    "StudyFirstSubmitDate": (f"{_STATUS}.studyFirstSubmitDate", words.iso_date),
    "StudyFirstSubmitQCDate": (f"{_STATUS}.studyFirstSubmitQcDate", words.iso_date),
    "LastUpdateSubmitDate": (f"{_STATUS}.lastUpdateSubmitDate", words.iso_date),
    "ResultsFirstSubmitDate": (f"{_STATUS}.resultsFirstSubmitDate", words.iso_date),
    "ResultsFirstSubmitQCDate": (f"{_STATUS}.resultsFirstSubmitQcDate", words.iso_date),
    "DispFirstSubmitDate": (f"{_STATUS}.dispFirstSubmitDate", words.iso_date),
    "DispFirstSubmitQCDate": (f"{_STATUS}.dispFirstSubmitQcDate", words.iso_date),
    "LastKnownStatus": (f"{_STATUS}.lastKnownStatus", term(words.STATUSES)),
    "DelayedPosting": (f"{_STATUS}.delayedPosting", words.yes_no),
    "ResultsWaived": (f"{_STATUS}.resultsWaived", words.yes_no),
    "ExpandedAccessNCTId": (f"{_STATUS}.expandedAccessInfo.nctId", plain),
    "ExpandedAccessStatusForNCTId": (f"{_STATUS}.expandedAccessInfo.statusForNctId", term(words.STATUSES)),
    "HasExpandedAccess": (f"{_STATUS}.expandedAccessInfo.hasExpandedAccess", words.yes_no),
    "LeadSponsorName": ("sponsorCollaboratorsModule.leadSponsor.name", plain),
    "LeadSponsorClass": ("sponsorCollaboratorsModule.leadSponsor.class", term(words.AGENCY_CLASSES)),
    "ResponsiblePartyType": (f"{_PARTY}.type", words.keyed),
    "ResponsiblePartyInvestigatorFullName": (f"{_PARTY}.investigatorFullName", plain),
    "ResponsiblePartyInvestigatorTitle": (f"{_PARTY}.investigatorTitle", plain),
    "ResponsiblePartyInvestigatorAffiliation": (f"{_PARTY}.investigatorAffiliation", plain),
    "ResponsiblePartyOldNameTitle": (f"{_PARTY}.oldNameTitle", plain),
    "ResponsiblePartyOldOrganization": (f"{_PARTY}.oldOrganization", plain),
    "OversightHasDMC": ("oversightModule.oversightHasDmc", words.yes_no),
    "IsFDARegulatedDrug": ("oversightModule.isFdaRegulatedDrug", words.yes_no),
    "IsFDARegulatedDevice": ("oversightModule.isFdaRegulatedDevice", words.yes_no),
    "IsUnapprovedDevice": ("oversightModule.isUnapprovedDevice", words.yes_no),
    "IsPPSD": ("oversightModule.isPpsd", words.yes_no),
    "IsUSExport": ("oversightModule.isUsExport", words.yes_no),
    "FDAAA801Violation": ("oversightModule.fdaaa801Violation", words.yes_no),
    "BriefSummary": ("descriptionModule.briefSummary", plain),
    "DetailedDescription": ("descriptionModule.detailedDescription", plain),
    "StudyType": (f"{_DESIGN}.studyType", term(words.STUDY_TYPES)),
    "DesignAllocation": (f"{_DESIGN}.designInfo.allocation", term(words.ALLOCATIONS)),
    "DesignInterventionModel": (f"{_DESIGN}.designInfo.interventionModel", term(words.MODELS)),
    "DesignInterventionModelDescription": (f"{_DESIGN}.designInfo.interventionModelDescription", plain),
    "DesignPrimaryPurpose": (f"{_DESIGN}.designInfo.primaryPurpose", term(words.PURPOSES)),
    "DesignMasking": (f"{_DESIGN}.designInfo.maskingInfo.masking", masking),
    "DesignMaskingDescription": (f"{_DESIGN}.designInfo.maskingInfo.maskingDescription", plain),
    "DesignObservationalModel": (f"{_DESIGN}.designInfo.observationalModel", term(words.OBSERVATIONAL_MODELS)),
    "DesignTimePerspective": (f"{_DESIGN}.designInfo.timePerspective", term(words.TIME_PERSPECTIVES)),
    "NPtrsToThisExpAccNCTId": (f"{_DESIGN}.nPtrsToThisExpAccNctId", words.count),
    "ExpAccTypeIndividual": (f"{_DESIGN}.expandedAccessTypes.individual", words.yes_no),
    "ExpAccTypeIntermediate": (f"{_DESIGN}.expandedAccessTypes.intermediate", words.yes_no),
    "ExpAccTypeTreatment": (f"{_DESIGN}.expandedAccessTypes.treatment", words.yes_no),
    "PatientRegistry": (f"{_DESIGN}.patientRegistry", words.yes_no),
    "TargetDuration": (f"{_DESIGN}.targetDuration", plain),
    "BioSpecRetention": (f"{_DESIGN}.bioSpec.retention", term(words.SPECIMENS)),
    "BioSpecDescription": (f"{_DESIGN}.bioSpec.description", plain),
    "EnrollmentCount": (f"{_DESIGN}.enrollmentInfo.count", words.count),
    "EnrollmentType": (f"{_DESIGN}.enrollmentInfo.type", date_type),
    "EligibilityCriteria": (f"{_CRITERIA}.eligibilityCriteria", plain),
    "HealthyVolunteers": (f"{_CRITERIA}.healthyVolunteers", words.healthy_volunteers),
    "Gender": (f"{_CRITERIA}.sex", term(words.SEXES)),
    "GenderBased": (f"{_CRITERIA}.genderBased", words.yes_no),
    "GenderDescription": (f"{_CRITERIA}.genderDescription", plain),
    "MinimumAge": (f"{_CRITERIA}.minimumAge", plain),
    "MaximumAge": (f"{_CRITERIA}.maximumAge", plain),
    "StudyPopulation": (f"{_CRITERIA}.studyPopulation", plain),
    "SamplingMethod": (f"{_CRITERIA}.samplingMethod", words.keyed),
    "IPDSharing": (f"{_SHARING}.ipdSharing", term(words.SHARING)),
    "IPDSharingDescription": (f"{_SHARING}.description", plain),
    "IPDSharingTimeFrame": (f"{_SHARING}.timeFrame", plain),
    "IPDSharingAccessCriteria": (f"{_SHARING}.accessCriteria", plain),
    "IPDSharingURL": (f"{_SHARING}.url", plain),
} | {
    f"{name}{part}": (f"{_STATUS}.{name[0].lower()}{name[1:]}Struct.{key}", read)
    for name in (
        "StartDate", "PrimaryCompletionDate", "CompletionDate", "StudyFirstPostDate", "ResultsFirstPostDate",
        "DispFirstPostDate", "LastUpdatePostDate",
    )
    for part, key, read in (("", "date", words.iso_date), ("Type", "type", date_type))
}  # fmt: skip
_LISTS: Mapping[str, tuple[str, Read]] = {
    "NCTIdAlias": ("identificationModule.nctIdAliases", plain),
    "Condition": ("conditionsModule.conditions", plain),
    "Keyword": ("conditionsModule.keywords", plain),
    "Phase": (f"{_DESIGN}.phases", term(words.PHASES)),
    "DesignWhoMasked": (f"{_DESIGN}.designInfo.maskingInfo.whoMasked", term(words.WHO_MASKED)),
    "IPDSharingInfoType": (f"{_SHARING}.infoTypes", term(words.SHARED_DOCUMENTS)),
    "StdAge": (f"{_CRITERIA}.stdAges", words.keyed),
}
_OUTCOME: Mapping[str, tuple[str, Read]] = {
    "Measure": ("measure", plain),
    "Description": ("description", plain),
    "TimeFrame": ("timeFrame", plain),
}
_Parts = Mapping[str, tuple[str, Read]]


def _outcomes(kind: str) -> tuple[str, _Parts]:
    parts = {f"{kind}Outcome{name}": field for name, field in _OUTCOME.items()}
    return f"outcomesModule.{kind.lower()}Outcomes", parts


_GROUPS: Mapping[str, tuple[str, _Parts]] = {
    "SecondaryIdInfo": (
        "identificationModule.secondaryIdInfos",
        {
            "SecondaryId": ("id", plain),
            "SecondaryIdType": ("type", words.keyed),
            "SecondaryIdDomain": ("domain", plain),
            "SecondaryIdLink": ("link", plain),
        },
    ),
    "Collaborator": (
        "sponsorCollaboratorsModule.collaborators",
        {"CollaboratorName": ("name", plain), "CollaboratorClass": ("class", term(words.AGENCY_CLASSES))},
    ),
    "ArmGroup": (
        "armsInterventionsModule.armGroups",
        {
            "ArmGroupLabel": ("label", plain),
            "ArmGroupType": ("type", term(words.ARM_TYPES)),
            "ArmGroupDescription": ("description", plain),
            "ArmGroupInterventionName": ("interventionNames", plain),
        },
    ),
    "Intervention": (
        "armsInterventionsModule.interventions",
        {
            "InterventionType": ("type", term(words.INTERVENTION_TYPES)),
            "InterventionName": ("name", plain),
            "InterventionDescription": ("description", plain),
            "InterventionArmGroupLabel": ("armGroupLabels", plain),
            "InterventionOtherName": ("otherNames", plain),
        },
    ),
    "OverallOfficial": (
        "contactsLocationsModule.overallOfficials",
        {
            "OverallOfficialName": ("name", plain),
            "OverallOfficialRole": ("role", words.keyed),
            "OverallOfficialAffiliation": ("affiliation", plain),
        },
    ),
    "CentralContact": (
        "contactsLocationsModule.centralContacts",
        {
            "CentralContactName": ("name", plain),
            "CentralContactRole": ("role", words.keyed),
            "CentralContactPhone": ("phone", plain),
            "CentralContactPhoneExt": ("phoneExt", plain),
            "CentralContactEMail": ("email", plain),
        },
    ),
    "Location": (
        "contactsLocationsModule.locations",
        {
            "LocationFacility": ("facility", plain),
            "LocationStatus": ("status", term(words.STATUSES)),
            "LocationCity": ("city", plain),
            "LocationState": ("state", plain),
            "LocationZip": ("zip", plain),
            "LocationCountry": ("country", plain),
        },
    ),
    "AvailIPD": (
        "referencesModule.availIpds",
        {
            "AvailIPDId": ("id", plain),
            "AvailIPDType": ("type", plain),
            "AvailIPDURL": ("url", plain),
            "AvailIPDComment": ("comment", plain),
        },
    ),
    "Reference": (
        "referencesModule.references",
        {
            "ReferencePMID": ("pmid", plain),
            "ReferenceType": ("type", words.keyed),
            "ReferenceCitation": ("citation", plain),
        },
    ),
    "SeeAlsoLink": (
        "referencesModule.seeAlsoLinks",
        {"SeeAlsoLinkLabel": ("label", plain), "SeeAlsoLinkURL": ("url", plain)},
    ),
    **{f"{kind}Outcome": _outcomes(kind) for kind in ("Primary", "Secondary", "Other")},
}  # fmt: skip
_PLURAL_KEYS = frozenset({"interventionNames", "armGroupLabels", "otherNames"})
_WITHIN: Mapping[str, tuple[str, str, Mapping[str, tuple[str, Read]]]] = {
    "Location": (
        "LocationContact",
        "contacts",
        {
            "LocationContactName": ("name", plain),
            "LocationContactRole": ("role", words.keyed),
            "LocationContactPhone": ("phone", plain),
            "LocationContactPhoneExt": ("phoneExt", plain),
            "LocationContactEMail": ("email", plain),
        },
    ),
    "Reference": (
        "Retraction",
        "retractions",
        {"RetractionPMID": ("pmid", plain), "RetractionSource": ("source", plain)},
    ),
}
"""The one list that an entry of a list may hold: its name in either version, and its fields."""
_GROUP_OF = {field: group for group, (_, fields) in _GROUPS.items() for field in fields}


def read_v1(study: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Carry a study of the API v1 over into the structure of the API v2, its results with it.

    Args:
        study: The object under `Study`, which has a `ProtocolSection`.

    Example:
        >>> record, _ = read_v1({"ProtocolSection": {"IdentificationModule": {"NCTId": "NCT00000001"}}})
        >>> record["protocolSection"]
        {'identificationModule': {'nctId': 'NCT00000001'}}
    """
    older = OlderRecord("API v1")
    for name, value in _named(study.get("ProtocolSection")):
        if name in _GROUPS:
            older.add(_GROUPS[name][0], [_entry(older, name, value)])
        elif name in _LISTS:
            older.add_term(_LISTS[name][0], str(value), _LISTS[name][1])
        elif name in _FIELDS:
            older.put(_FIELDS[name][0], str(value), _FIELDS[name][1])
        else:
            older.keep(name, str(value))
    put_sections(older, study)
    return older.finish()


def _named(value: object, name: str = "", whole: str | None = None) -> Iterator[tuple[str, Any]]:
    """Each named value of a study: the entries of its groups whole, everything else down to its texts."""
    if isinstance(value, Mapping) and name not in _GROUPS and name != whole:
        for key, below in value.items():
            yield from _named(below, key, whole)
    elif isinstance(value, list):
        for entry in value:
            yield from _named(entry, name, whole)
    else:
        yield name, value


def _entry(older: OlderRecord, group: str, value: object) -> dict[str, Any]:
    """One entry of a list, with the list that it may hold; what no field takes is kept."""
    entry: dict[str, Any] = {}
    within, key, parts = _WITHIN.get(group, ("", "", {}))
    for name, text in _named_below(value, within):
        if name == within:
            entry.setdefault(key, []).append(_filled(older, parts, _named_below(text)))
        else:
            _fill(older, entry, _GROUPS[group][1], (name, str(text)))
    return entry


def _named_below(value: object, whole: str = "") -> list[tuple[str, Any]]:
    return (
        [pair for key, part in value.items() for pair in _named(part, key, whole)] if isinstance(value, Mapping) else []
    )


def _filled(older: OlderRecord, fields: _Parts, named: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    for name, text in named:
        _fill(older, entry, fields, (name, str(text)))
    return entry


def _fill(older: OlderRecord, entry: dict[str, Any], fields: _Parts, named: tuple[str, str]) -> None:
    name, text = named
    if name not in fields:
        older.keep(name, text)
        return
    key, read = fields[name]
    value = read(text)
    if value is None and plain(text) is not None:
        older.refuse(name, text)
    elif key in _PLURAL_KEYS:
        entry.setdefault(key, []).append(value)
    elif value is not None:
        entry[key] = value


def is_study_fields(found: object) -> bool:
    """Whether an object is one study in the form of lists by field (`study_fields` of the API v1).

    >>> is_study_fields({"NCTId": ["NCT00000001"], "Acronym": []})
    True
    """
    return isinstance(found, Mapping) and isinstance(found.get("NCTId"), list) and bool(found["NCTId"])


def read_study_fields(fields: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """Carry the lists of one study over; the parts of an entry are told by position, and only where lengths agree.

    Example:
        >>> lists = {"NCTId": ["NCT00000001"], "ArmGroupLabel": ["A", "B"], "ArmGroupDescription": ["One"]}
        >>> record, findings = read_study_fields(lists)
        >>> record["protocolSection"]["armsInterventionsModule"], findings[0].rule
        ({'armGroups': [{'label': 'A'}, {'label': 'B'}]}, 'X09')
    """
    older = OlderRecord("API v1, fields as lists")
    texts = {name: [str(each) for each in value] for name, value in fields.items() if isinstance(value, list) and value}
    for name, values in texts.items():
        if name in _FIELDS:
            older.put(_FIELDS[name][0], "\n".join(values), _FIELDS[name][1])
        elif name in _LISTS:
            older.add(_LISTS[name][0], several(values, _LISTS[name][1]))
        elif name not in _GROUP_OF:
            older.keep(name, "\n".join(values))
    for group, (path, parts) in _GROUPS.items():
        _add_entries(older, path, {name: texts[name] for name in parts if name in texts}, group)
    return older.finish()


def _add_entries(older: OlderRecord, path: str, columns: Mapping[str, list[str]], group: str) -> None:
    if not columns:
        return
    size = len(next(iter(columns.values())))
    entries: list[dict[str, Any]] = [{} for _ in range(size)]
    unequal = []
    for name, values in columns.items():
        key, read = _GROUPS[group][1][name]
        if len(values) != size or key in _PLURAL_KEYS:
            unequal.append(name)
            older.keep(name, "\n".join(values))
            continue
        for entry, text in zip(entries, values, strict=True):
            if (found := read(text)) is not None:
                entry[key] = found
    older.add(path, entries)
    if unequal:
        older.say(
            "X09",
            "warning",
            path,
            f"{', '.join(unequal)}: which entry a text belongs to is not said; kept as they stand",
        )
