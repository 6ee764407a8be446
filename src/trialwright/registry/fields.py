"""The fields of a record that a reader reports on: carried, lost or absent, never simply empty."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from trialwright.registry.reading import FieldState, value_at

FIELDS: Mapping[str, tuple[str, str]] = {
    "identificationModule.nctId": ("registration number", ""),
    "identificationModule.briefTitle": ("title", "title"),
    "identificationModule.officialTitle": ("official title", "title"),
    "identificationModule.orgStudyIdInfo": ("sponsor's study number", "identifiers"),
    "statusModule.overallStatus": ("status", "basic information"),
    "statusModule.statusVerifiedDate": ("verified", ""),
    "statusModule.startDateStruct.date": ("start", "basic information"),
    "statusModule.primaryCompletionDateStruct.date": ("primary completion", ""),
    "statusModule.completionDateStruct.date": ("completion", "basic information"),
    "statusModule.lastUpdatePostDateStruct.date": ("last update", ""),
    "sponsorCollaboratorsModule.leadSponsor": ("lead sponsor", "sponsors"),
    "sponsorCollaboratorsModule.collaborators": ("collaborators", ""),
    "sponsorCollaboratorsModule.responsibleParty": ("responsible party", "responsible party"),
    "descriptionModule.briefSummary": ("brief summary", "brief summary"),
    "descriptionModule.detailedDescription": ("detailed description", "detailed description"),
    "conditionsModule.conditions": ("conditions", "conditions"),
    "conditionsModule.keywords": ("keywords", "keywords"),
    "designModule.studyType": ("study type", "basic information"),
    "designModule.phases": ("phases", "basic information"),
    "designModule.enrollmentInfo.count": ("enrolment", "basic information"),
    "designModule.designInfo.allocation": ("allocation", "study design"),
    "designModule.designInfo.interventionModel": ("intervention model", "study design"),
    "designModule.designInfo.primaryPurpose": ("primary purpose", "study design"),
    "designModule.designInfo.maskingInfo.masking": ("masking", "study design"),
    "designModule.designInfo.maskingInfo.whoMasked": ("who is masked", ""),
    "armsInterventionsModule.armGroups": ("arms", "arms"),
    "armsInterventionsModule.interventions": ("interventions", "interventions"),
    "outcomesModule.primaryOutcomes": ("primary outcomes", "outcomes"),
    "outcomesModule.secondaryOutcomes": ("secondary outcomes", "outcomes"),
    "outcomesModule.otherOutcomes": ("other outcomes", "outcomes"),
    "eligibilityModule.eligibilityCriteria": ("eligibility criteria", "eligibility"),
    "eligibilityModule.minimumAge": ("minimum age", ""),
    "eligibilityModule.maximumAge": ("maximum age", ""),
    "eligibilityModule.sex": ("sex", ""),
    "eligibilityModule.healthyVolunteers": ("healthy volunteers", ""),
    "contactsLocationsModule.overallOfficials": ("investigators", "investigators"),
    "contactsLocationsModule.locations": ("locations", "locations"),
    "referencesModule.references": ("references", "references"),
}
"""Each field's path, with its name for a reader and the section whose empty body means that it was lost."""

OCCASIONAL: Mapping[str, str] = {
    "identificationModule.acronym": "acronym",
    "statusModule.whyStopped": "why it stopped",
    "statusModule.lastKnownStatus": "last known status",
    "statusModule.expandedAccessInfo.nctId": "expanded access in",
    "statusModule.expandedAccessInfo.statusForNctId": "status of expanded access",
    "statusModule.delayedPosting": "posting of results delayed",
    "statusModule.dispFirstSubmitDate": "delay of results first submitted",
    "statusModule.resultsFirstPostDateStruct.date": "results first posted",
    "oversightModule.oversightHasDmc": "data monitoring committee",
    "designModule.designInfo.observationalModel": "observational model",
    "designModule.designInfo.timePerspective": "time perspective",
    "designModule.patientRegistry": "patient registry",
    "designModule.targetDuration": "follow-up of each participant",
    "designModule.bioSpec.retention": "specimens kept",
    "designModule.bioSpec.description": "specimens",
    "designModule.expandedAccessTypes.individual": "expanded access for single patients",
    "designModule.expandedAccessTypes.intermediate": "expanded access for intermediate-size populations",
    "designModule.expandedAccessTypes.treatment": "expanded access by a treatment protocol",
    "eligibilityModule.studyPopulation": "study population",
    "eligibilityModule.samplingMethod": "sampling method",
    "eligibilityModule.genderDescription": "sex of the participants",
    "ipdSharingStatementModule.ipdSharing": "participants' data shared",
    "ipdSharingStatementModule.description": "plan",
    "ipdSharingStatementModule.infoTypes": "documents shared",
    "ipdSharingStatementModule.timeFrame": "when",
    "ipdSharingStatementModule.accessCriteria": "for whom",
    "ipdSharingStatementModule.url": "where",
    "documentSection.largeDocumentModule.largeDocs": "documents",
}
"""Fields that only some records have, with their names for a reader; they are shown where they are carried."""

CARRYING_SECTIONS = frozenset(section for _, section in FIELDS.values() if section)


def field_states(
    record: Mapping[str, Any],
    empty_sections: Collection[str] = (),
    labels_without_value: Collection[str] = (),
    said_to_be_none: Collection[str] = (),
) -> dict[str, FieldState]:
    """Say of every field whether it is carried, lost, said to be none, or absent.

    Args:
        record: The record as read.
        empty_sections: Names of sections whose heading stands over no text.
        labels_without_value: Paths whose label stands without a value.
        said_to_be_none: Paths of which the source says that there is no limit.

    Returns:
        The state of each path of `FIELDS`, in order.

    Example:
        >>> states = field_states({}, {"conditions"}, set())
        >>> states["conditionsModule.conditions"], states["designModule.phases"]
        ('lost', 'absent')
    """
    states: dict[str, FieldState] = {}
    for path, (_, section) in FIELDS.items():
        if value_at(record, path) not in (None, "", [], {}):
            states[path] = "carried"
        elif path in said_to_be_none:
            states[path] = "none"
        elif section in empty_sections or path in labels_without_value:
            states[path] = "lost"
        else:
            states[path] = "absent"
    return states
