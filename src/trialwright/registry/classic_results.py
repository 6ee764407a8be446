"""Posted results of the classic XML (`clinical_results`), under the names that the API v2 gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.classic_entry import Entries, Fields, entry_of
from trialwright.registry.classic_tree import Tree, nodes_at
from trialwright.registry.older import OlderRecord, term, whole_number


def _posting_date(text: str) -> str | None:
    """A year, a month as older records print it, `01/2020`, or a date as elsewhere."""
    if re.fullmatch(r"\d{4}", text.strip()):
        return text.strip()
    match = re.fullmatch(r"(\d{2})/(\d{4})", text.strip())
    return words.iso_date(f"{match[2]}-{match[1]}" if match else text)


def _is_employee(text: str) -> bool | None:
    """Whether the registry's sentence says that the investigators are the sponsor's employees."""
    match = re.search(r"\b(ARE|are)( NOT| not)? employed\b", text)
    return not match[2] if match else None


_NO_AGREEMENT = re.compile(r"There is NOT an agreement\b", re.IGNORECASE)
_SUBJECTS: Fields = {"@group_id": "groupId", "": "comment", "@count": "numSubjects"}
_GROUPS = Entries("groups", {"@group_id": "id", "title": "title", "description": "description"})
_DENOMS = Entries(
    "denoms",
    {"units": "units", "count_list.count": Entries("counts", {"@group_id": "groupId", "@value": "value"})},
)
_MEASUREMENTS = Entries(
    "measurements",
    {
        "@group_id": "groupId",
        "@value": "value",
        "@spread": "spread",
        "@lower_limit": "lowerLimit",
        "@upper_limit": "upperLimit",
        "": "comment",
    },
)
_CLASSES = Entries(
    "classes",
    {
        "title": "title",
        "analyzed_list.analyzed": _DENOMS,
        "category_list.category": Entries(
            "categories", {"title": "title", "measurement_list.measurement": _MEASUREMENTS}
        ),
    },
)
_FLOW: Fields = {
    "pre_assignment_details": "preAssignmentDetails",
    "recruitment_details": "recruitmentDetails",
    "group_list.group": _GROUPS,
    "period_list.period": Entries(
        "periods",
        {
            "title": "title",
            "milestone_list.milestone": Entries(
                "milestones",
                {"title": "type", "participants_list.participants": Entries("achievements", _SUBJECTS)},
            ),
            "drop_withdraw_reason_list.drop_withdraw_reason": Entries(
                "dropWithdraws",
                {"title": "type", "participants_list.participants": Entries("reasons", _SUBJECTS)},
            ),
        },
    ),
}
_BASELINE: Fields = {
    "population": "populationDescription",
    "group_list.group": _GROUPS,
    "analyzed_list.analyzed": _DENOMS,
    "measure_list.measure": Entries(
        "measures",
        {
            "title": "title",
            "description": "description",
            "population": "populationDescription",
            "param": ("paramType", term(words.MEASURE_PARAMETERS)),
            "dispersion": ("dispersionType", term(words.MEASURE_DISPERSIONS)),
            "units": "unitOfMeasure",
            "units_analyzed": "denomUnitsSelected",
            "analyzed_list.analyzed": _DENOMS,
            "class_list.class": _CLASSES,
        },
    ),
}
_ANALYSIS: Fields = {
    "group_id_list.group_id": "groupIds[]",
    "groups_desc": "groupDescription",
    "non_inferiority_type": ("nonInferiorityType", term(words.NON_INFERIORITY_TYPES)),
    "non_inferiority_desc": "nonInferiorityComment",
    "p_value": "pValue",
    "p_value_desc": "pValueComment",
    "method": "statisticalMethod",
    "method_desc": "statisticalComment",
    "param_type": "paramType",
    "param_value": "paramValue",
    "dispersion_type": ("dispersionType", term(words.ANALYSIS_DISPERSIONS)),
    "dispersion_value": "dispersionValue",
    "ci_percent": "ciPctValue",
    "ci_n_sides": ("ciNumSides", term(words.SIDES)),
    "ci_lower_limit": "ciLowerLimit",
    "ci_upper_limit": "ciUpperLimit",
    "ci_lower_limit_na_comment": "ciLowerLimitComment",
    "ci_upper_limit_na_comment": "ciUpperLimitComment",
    "estimate_desc": "estimateComment",
    "other_analysis_desc": "otherAnalysisDescription",
}
_OUTCOMES: Fields = {
    "outcome": Entries(
        "outcomeMeasures",
        {
            "type": ("type", term(words.OUTCOME_TYPES)),
            "title": "title",
            "measure.title": "title",
            "description": "description",
            "measure.description": "description",
            "population": "populationDescription",
            "measure.population": "populationDescription",
            "posting_date": ("anticipatedPostingDate", _posting_date),
            "measure.param": ("paramType", term(words.MEASURE_PARAMETERS)),
            "measure.dispersion": "dispersionType",
            "measure.units": "unitOfMeasure",
            "time_frame": "timeFrame",
            "measure.units_analyzed": "denomUnitsSelected",
            "group_list.group": _GROUPS,
            "measure.analyzed_list.analyzed": _DENOMS,
            "measure.class_list.class": _CLASSES,
            "analysis_list.analysis": Entries("analyses", _ANALYSIS),
        },
    )
}
_EVENT: Fields = {
    "sub_title": "term",
    "sub_title.@vocab": "sourceVocabulary",
    "assessment": ("assessmentType", term(words.ASSESSMENTS)),
    "description": "notes",
    "counts": Entries(
        "stats",
        {
            "@group_id": "groupId",
            "@events": ("numEvents", whole_number),
            "@subjects_affected": ("numAffected", whole_number),
            "@subjects_at_risk": ("numAtRisk", whole_number),
        },
    ),
}
_EVENT_LIST: Fields = {
    "frequency_threshold": "frequencyThreshold",
    "default_vocab": "sourceVocabulary",
    "default_assessment": ("assessmentType", term(words.ASSESSMENTS)),
    "category_list.category": Entries(
        "categories", {"title": "organSystem", "event_list.event": Entries("events", _EVENT)}
    ),
}
_EVENTS: Fields = {
    "time_frame": "timeFrame",
    "desc": "description",
    "group_list.group": Entries("eventGroups", _GROUPS.fields),
    "serious_events": Entries("seriousEvents", _EVENT_LIST),
    "other_events": Entries("otherEvents", _EVENT_LIST),
}
_RESULTS: Fields = {
    "participant_flow": Entries("participantFlowModule", _FLOW),
    "baseline": Entries("baselineCharacteristicsModule", _BASELINE),
    "outcome_list": Entries("outcomeMeasuresModule", _OUTCOMES),
    "reported_events": Entries("adverseEventsModule", _EVENTS),
    "limitations_and_caveats": "limitationsAndCaveats",
    "certain_agreements": Entries(
        "certainAgreement",
        {"pi_employee": ("piSponsorEmployee", _is_employee), "restrictive_agreement": "otherDetails"},
    ),
    "point_of_contact": Entries(
        "pointOfContact",
        {
            "name_or_title": "title",
            "organization": "organization",
            "email": "email",
            "phone": "phone",
            "phone_ext": "phoneExt",
        },
    ),
}
_TOTALS = {
    "Total, all-cause mortality": "deaths",
    "Total, serious adverse events": "serious",
    "Total, other adverse events": "other",
}


def put_classic_results(older: OlderRecord, tree: Tree) -> None:
    """Carry `clinical_results` over into `resultsSection`; what that has no place for is kept as text.

    The groups keep the ids of the XML (`P1`, `B1`, `O1`, `E1`). An event without its own vocabulary or assessment has
    the one that its list states for all.

    Source: the elements of the classic `clinical_study` beside the data model of the API v2.

    Example:
        >>> older = OlderRecord("classic XML")
        >>> put_classic_results(older, {"clinical_results": {"baseline": {"population": "All who were randomized"}}})
        >>> older.record["resultsSection"]
        {'baselineCharacteristicsModule': {'populationDescription': 'All who were randomized'}}
    """
    for results in nodes_at(tree, "clinical_results")[:1]:
        found = entry_of(older, results, _RESULTS, "results")
        section = {name: module[0] for name, module in found.items() if name.endswith("Module")}
        if "adverseEventsModule" in section:
            _part_events(section["adverseEventsModule"])
        if more := _more_info(found):
            section["moreInfoModule"] = more
        older.record |= {"hasResults": True} | ({"resultsSection": section} if section else {})


def _more_info(found: Mapping[str, Any]) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if "limitationsAndCaveats" in found:
        more["limitationsAndCaveats"] = {"description": found["limitationsAndCaveats"]}
    for agreement in found.get("certainAgreement", []):
        more["certainAgreement"] = agreement | _agreed(agreement.pop("otherDetails", ""))
    for contact in found.get("pointOfContact", []):
        more["pointOfContact"] = contact
    return more


def _agreed(details: str) -> dict[str, Any]:
    if _NO_AGREEMENT.match(details):
        return {"restrictiveAgreement": False}
    return {"restrictiveAgreement": True, "otherDetails": details} if details else {}


def _part_events(module: dict[str, Any]) -> None:
    """Part the lists of events from their totals, which belong to the groups."""
    groups = {group.get("id"): group for group in module.get("eventGroups", [])}
    for key in ("seriousEvents", "otherEvents"):
        events = []
        for listed in module.pop(key, []):
            if "frequencyThreshold" in listed:
                module.setdefault("frequencyThreshold", listed.pop("frequencyThreshold"))
            stated = {name: listed[name] for name in ("sourceVocabulary", "assessmentType") if name in listed}
            for category in listed.get("categories", []):
                system = {"organSystem": category["organSystem"]} if "organSystem" in category else {}
                events += [
                    system | stated | event for event in category.get("events", []) if not _is_total(event, groups)
                ]
        if events:
            module[key] = events


def _is_total(event: Mapping[str, Any], groups: Mapping[Any, dict[str, Any]]) -> bool:
    kind = _TOTALS.get(event.get("term", ""))
    stats = event.get("stats", [])
    if kind is None or any(each.get("groupId") not in groups for each in stats):
        return False
    for each in stats:
        counts = {
            f"{kind}{name[0].upper()}{name[1:]}": each[name] for name in ("numAffected", "numAtRisk") if name in each
        }
        groups[each["groupId"]] |= counts
    return True
