"""What a study of the API v1 has beside its protocol (results, documents, derived terms), under the API v2's names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.older import OlderRecord, Read, plain, term, whole_number

_LISTS = {
    "FlowGroup": "groups",
    "FlowPeriod": "periods",
    "FlowMilestone": "milestones",
    "FlowAchievement": "achievements",
    "FlowDropWithdraw": "dropWithdraws",
    "FlowReason": "reasons",
    "BaselineGroup": "groups",
    "BaselineDenom": "denoms",
    "BaselineDenomCount": "counts",
    "BaselineMeasure": "measures",
    "BaselineMeasureDenom": "denoms",
    "BaselineMeasureDenomCount": "counts",
    "BaselineClass": "classes",
    "BaselineClassDenom": "denoms",
    "BaselineClassDenomCount": "counts",
    "BaselineCategory": "categories",
    "BaselineMeasurement": "measurements",
    "OutcomeMeasure": "outcomeMeasures",
    "OutcomeGroup": "groups",
    "OutcomeDenom": "denoms",
    "OutcomeDenomCount": "counts",
    "OutcomeClass": "classes",
    "OutcomeClassDenom": "denoms",
    "OutcomeClassDenomCount": "counts",
    "OutcomeCategory": "categories",
    "OutcomeMeasurement": "measurements",
    "OutcomeAnalysis": "analyses",
    "OutcomeAnalysisGroupId": "groupIds",
    "EventGroup": "eventGroups",
    "SeriousEvent": "seriousEvents",
    "SeriousEventStats": "stats",
    "OtherEvent": "otherEvents",
    "OtherEventStats": "stats",
    "LargeDoc": "largeDocs",
    "ConditionMesh": "meshes",
    "ConditionAncestor": "ancestors",
    "ConditionBrowseLeaf": "browseLeaves",
    "ConditionBrowseBranch": "browseBranches",
    "InterventionMesh": "meshes",
    "InterventionAncestor": "ancestors",
    "InterventionBrowseLeaf": "browseLeaves",
    "InterventionBrowseBranch": "browseBranches",
    "RemovedCountry": "removedCountries",
    "SubmissionInfo": "submissionInfos",
    "UnpostedEvent": "unpostedEvents",
    "ViolationEvent": "violationEvents",
}
"""The lists of the older version, each an object `<name>List` with the one key `<name>`, and their names now."""

_PREFIXES = {
    "ParticipantFlowModule": "Flow",
    "BaselineCharacteristicsModule": "Baseline",
    "AdverseEventsModule": "Events",
    "CertainAgreement": "Agreement",
    "LargeDocumentModule": "LargeDoc",
    "SubmissionInfo": "Submission",
    "FirstMCPInfo": "FirstMCP",
}
_RENAMED = {"EMail": "email", "NoSAP": "noSap", "HasSAP": "hasSap", "HasICF": "hasIcf"}
"""What the names of an object's fields begin with, where that is not the object's own name."""

_READS: Mapping[str, Read] = {
    "BaselineMeasureParamType": term(words.MEASURE_PARAMETERS),
    "BaselineMeasureDispersionType": term(words.MEASURE_DISPERSIONS),
    "BaselineMeasureCalculatePct": words.yes_no,
    "OutcomeMeasureType": term(words.OUTCOME_TYPES),
    "OutcomeMeasureReportingStatus": term(words.REPORTING_STATUSES),
    "OutcomeMeasureParamType": term(words.MEASURE_PARAMETERS),
    "OutcomeMeasureCalculatePct": words.yes_no,
    "OutcomeMeasureAnticipatedPostingDate": words.iso_date,
    "OutcomeAnalysisDispersionType": term(words.ANALYSIS_DISPERSIONS),
    "OutcomeAnalysisCINumSides": term(words.SIDES),
    "OutcomeAnalysisTestedNonInferiority": words.yes_no,
    "OutcomeAnalysisNonInferiorityType": term(words.NON_INFERIORITY_TYPES),
    "LargeDocNoSAP": words.yes_no,
    "LargeDocHasProtocol": words.yes_no,
    "LargeDocHasSAP": words.yes_no,
    "LargeDocHasICF": words.yes_no,
    "LargeDocDate": words.iso_date,
    "ConditionBrowseLeafRelevance": term(words.RELEVANCES),
    "InterventionBrowseLeafRelevance": term(words.RELEVANCES),
    "VersionHolder": words.iso_date,
    "UnpostedEventType": words.keyed,
    "UnpostedEventDate": words.iso_date,
    "UnpostedEventDateUnknown": words.yes_no,
    "ViolationEventType": words.keyed,
    "AgreementPISponsorEmployee": words.yes_no,
    "AgreementRestrictionType": term(words.RESTRICTIONS),
    "AgreementRestrictiveAgreement": words.yes_no,
} | {
    f"{kind}Event{part}": read
    for kind in ("Serious", "Other")
    for part, read in {
        "AssessmentType": term(words.ASSESSMENTS),
        "StatsNumEvents": whole_number,
        "StatsNumAffected": whole_number,
        "StatsNumAtRisk": whole_number,
    }.items()
} | {
    f"ViolationEvent{what}Date": words.iso_date for what in ("Creation", "Issued", "Release", "Posted")
} | {
    f"EventGroup{kind}Num{part}": whole_number
    for kind in ("Deaths", "Serious", "Other")
    for part in ("Affected", "AtRisk")
}  # fmt: skip
_FIRST_WORD = re.compile(r"[A-Z]+?(?=[A-Z][a-z]|[^A-Z]|$)")


def put_sections(older: OlderRecord, study: Mapping[str, Any]) -> None:
    """Carry the sections of a study other than its protocol over; a text that no field can have is kept, and said.

    Source: the data model of the API v2, which names each field's older name beside it.

    Example:
        >>> older = OlderRecord("API v1")
        >>> flow = {"FlowGroupList": {"FlowGroup": [{"FlowGroupId": "FG1"}]}}
        >>> put_sections(older, {"ResultsSection": {"ParticipantFlowModule": flow}})
        >>> older.record["resultsSection"]
        {'participantFlowModule': {'groups': [{'id': 'FG1'}]}}
    """
    for name, section in study.items():
        found = {} if name == "ProtocolSection" else _entry(older, name, section)
        if found:
            older.record[_lowered(name)] = found
    if "resultsSection" in older.record:
        older.record["hasResults"] = True


def _entry(older: OlderRecord, own: str, node: object) -> dict[str, Any]:
    """The fields of one object: lists with their plural, objects, and texts without the prefix of the object's name."""
    entry: dict[str, Any] = {}
    for name, below in node.items() if isinstance(node, Mapping) else ():
        listed = name.removesuffix("List")
        if listed in _LISTS and isinstance(below, Mapping):
            entry[_LISTS[listed]] = [_listed(older, listed, each) for each in _several(below.get(listed))]
        elif isinstance(below, Mapping):
            entry[_lowered(name)] = _entry(older, name, below)
        elif below is not None and (value := _value(older, name, str(below))) is not None:
            entry[_lowered(name.removeprefix(_PREFIXES.get(own, own)))] = value
    return entry


def _several(found: object) -> list[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]


def _listed(older: OlderRecord, name: str, each: object) -> Any:
    return _entry(older, name, each) if isinstance(each, Mapping) else str(each)


def _value(older: OlderRecord, name: str, text: str) -> Any:
    read = _READS.get(name)
    if read is None:
        return text
    value = read(text)
    if value is None and plain(text) is not None:
        older.refuse(f"results, {name}", text)
    return value


def _lowered(name: str) -> str:
    """A field's name with a small first letter, or a small first abbreviation.

    >>> [_lowered(name) for name in ("NumSubjects", "PValue", "CIPctValue", "Id", "EMail")]
    ['numSubjects', 'pValue', 'ciPctValue', 'id', 'email']
    """
    return _RENAMED.get(name) or re.sub(
        r"[A-Z]+?(?=[A-Z][a-z]|[^A-Z]|$)", lambda match: match[0].lower(), name, count=1
    )
