"""The API's first version (until 2024): one study nested in its modules, or its fields as parallel lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.older import OlderRecord, Read, date_type, masking, plain, several, term
from trialwright.registry.reading import Finding
from trialwright.registry.results_v1 import put_results_v1

_STATUS, _DESIGN, _CRITERIA = "statusModule", "designModule", "eligibilityModule"
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
    "HasExpandedAccess": (f"{_STATUS}.expandedAccessInfo.hasExpandedAccess", words.yes_no),
    "LeadSponsorName": ("sponsorCollaboratorsModule.leadSponsor.name", plain),
    "LeadSponsorClass": ("sponsorCollaboratorsModule.leadSponsor.class", term(words.AGENCY_CLASSES)),
    "ResponsiblePartyType": (f"{_PARTY}.type", words.keyed),
    "ResponsiblePartyInvestigatorFullName": (f"{_PARTY}.investigatorFullName", plain),
    "ResponsiblePartyInvestigatorTitle": (f"{_PARTY}.investigatorTitle", plain),
    "ResponsiblePartyInvestigatorAffiliation": (f"{_PARTY}.investigatorAffiliation", plain),
    "OversightHasDMC": ("oversightModule.oversightHasDmc", words.yes_no),
    "IsFDARegulatedDrug": ("oversightModule.isFdaRegulatedDrug", words.yes_no),
    "IsFDARegulatedDevice": ("oversightModule.isFdaRegulatedDevice", words.yes_no),
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
    "EnrollmentCount": (f"{_DESIGN}.enrollmentInfo.count", words.count),
    "EnrollmentType": (f"{_DESIGN}.enrollmentInfo.type", date_type),
    "EligibilityCriteria": (f"{_CRITERIA}.eligibilityCriteria", plain),
    "HealthyVolunteers": (f"{_CRITERIA}.healthyVolunteers", words.healthy_volunteers),
    "Gender": (f"{_CRITERIA}.sex", term(words.SEXES)),
    "MinimumAge": (f"{_CRITERIA}.minimumAge", plain),
    "MaximumAge": (f"{_CRITERIA}.maximumAge", plain),
    "StudyPopulation": (f"{_CRITERIA}.studyPopulation", plain),
    "SamplingMethod": (f"{_CRITERIA}.samplingMethod", words.keyed),
} | {
    f"{name}{part}": (f"{_STATUS}.{name[0].lower()}{name[1:]}Struct.{key}", read)
    for name in ("StartDate", "PrimaryCompletionDate", "CompletionDate", "StudyFirstPostDate", "LastUpdatePostDate")
    for part, key, read in (("", "date", words.iso_date), ("Type", "type", date_type))
}  # fmt: skip
_LISTS: Mapping[str, tuple[str, Read]] = {
    "NCTIdAlias": ("identificationModule.nctIdAliases", plain),
    "Condition": ("conditionsModule.conditions", plain),
    "Keyword": ("conditionsModule.keywords", plain),
    "Phase": (f"{_DESIGN}.phases", term(words.PHASES)),
    "DesignWhoMasked": (f"{_DESIGN}.designInfo.maskingInfo.whoMasked", term(words.WHO_MASKED)),
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
            older.add(_GROUPS[name][0], [_entry(name, value)])
        elif name in _LISTS:
            older.add(_LISTS[name][0], several([str(value)], _LISTS[name][1]))
        elif name in _FIELDS:
            older.put(_FIELDS[name][0], str(value), _FIELDS[name][1])
        else:
            older.keep(name, str(value))
    put_results_v1(older, study.get("ResultsSection"))
    return older.finish()


def _named(value: object, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each named value of a study: the entries of its groups whole, everything else down to its texts."""
    if isinstance(value, Mapping) and name not in _GROUPS:
        for key, below in value.items():
            yield from _named(below, key)
    elif isinstance(value, list):
        for entry in value:
            yield from _named(entry, name)
    else:
        yield name, value


def _entry(group: str, value: object) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    fields = _GROUPS[group][1]
    below = [pair for key, part in value.items() for pair in _named(part, key)] if isinstance(value, Mapping) else []
    for name, text in below:
        if name not in fields:
            continue
        key, read = fields[name]
        found = read(str(text))
        if key in _PLURAL_KEYS:
            entry.setdefault(key, []).append(found)
        elif found is not None:
            entry[key] = found
    return entry


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
