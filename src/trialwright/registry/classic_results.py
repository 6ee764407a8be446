"""Posted results of the classic XML (`clinical_results`), under the names that the API v2 gives them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trialwright.registry import vocabulary as words
from trialwright.registry.classic_tree import Tree, attribute_of, leaves_of, nodes_at, text_of
from trialwright.registry.older import OlderRecord, Read, term, whole_number


@dataclass(frozen=True, slots=True)
class _Entries:
    """Elements that become the entries of a list: its name in the API v2, and the fields of each entry."""

    key: str
    fields: _Fields


_Fields = Mapping[str, str | tuple[str, Read] | _Entries]


def _posting_date(text: str) -> str | None:
    """A month as older records print it, `01/2020`, or a date as elsewhere."""
    match = re.fullmatch(r"(\d{2})/(\d{4})", text.strip())
    return words.iso_date(f"{match[2]}-{match[1]}" if match else text)


def _is_employee(text: str) -> bool | None:
    """Whether the registry's sentence says that the investigators are the sponsor's employees."""
    match = re.search(r"\b(ARE|are)( NOT| not)? employed\b", text)
    return not match[2] if match else None


_NO_AGREEMENT = re.compile(r"There is NOT an agreement\b", re.IGNORECASE)
_SUBJECTS: _Fields = {"@group_id": "groupId", "": "comment", "@count": "numSubjects"}
_GROUPS = _Entries("groups", {"@group_id": "id", "title": "title", "description": "description"})
_DENOMS = _Entries(
    "denoms",
    {"units": "units", "count_list.count": _Entries("counts", {"@group_id": "groupId", "@value": "value"})},
)
_MEASUREMENTS = _Entries(
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
_CLASSES = _Entries(
    "classes",
    {
        "title": "title",
        "analyzed_list.analyzed": _DENOMS,
        "category_list.category": _Entries(
            "categories", {"title": "title", "measurement_list.measurement": _MEASUREMENTS}
        ),
    },
)
_FLOW: _Fields = {
    "pre_assignment_details": "preAssignmentDetails",
    "recruitment_details": "recruitmentDetails",
    "group_list.group": _GROUPS,
    "period_list.period": _Entries(
        "periods",
        {
            "title": "title",
            "milestone_list.milestone": _Entries(
                "milestones",
                {"title": "type", "participants_list.participants": _Entries("achievements", _SUBJECTS)},
            ),
            "drop_withdraw_reason_list.drop_withdraw_reason": _Entries(
                "dropWithdraws",
                {"title": "type", "participants_list.participants": _Entries("reasons", _SUBJECTS)},
            ),
        },
    ),
}
_BASELINE: _Fields = {
    "population": "populationDescription",
    "group_list.group": _GROUPS,
    "analyzed_list.analyzed": _DENOMS,
    "measure_list.measure": _Entries(
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
_ANALYSIS: _Fields = {
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
_OUTCOMES: _Fields = {
    "outcome": _Entries(
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
            "analysis_list.analysis": _Entries("analyses", _ANALYSIS),
        },
    )
}
_EVENT: _Fields = {
    "sub_title": "term",
    "sub_title.@vocab": "sourceVocabulary",
    "assessment": ("assessmentType", term(words.ASSESSMENTS)),
    "description": "notes",
    "counts": _Entries(
        "stats",
        {
            "@group_id": "groupId",
            "@events": ("numEvents", whole_number),
            "@subjects_affected": ("numAffected", whole_number),
            "@subjects_at_risk": ("numAtRisk", whole_number),
        },
    ),
}
_EVENT_LIST: _Fields = {
    "frequency_threshold": "frequencyThreshold",
    "default_vocab": "sourceVocabulary",
    "default_assessment": ("assessmentType", term(words.ASSESSMENTS)),
    "category_list.category": _Entries(
        "categories", {"title": "organSystem", "event_list.event": _Entries("events", _EVENT)}
    ),
}
_EVENTS: _Fields = {
    "time_frame": "timeFrame",
    "desc": "description",
    "group_list.group": _Entries("eventGroups", _GROUPS.fields),
    "serious_events": _Entries("seriousEvents", _EVENT_LIST),
    "other_events": _Entries("otherEvents", _EVENT_LIST),
}
_RESULTS: _Fields = {
    "participant_flow": _Entries("participantFlowModule", _FLOW),
    "baseline": _Entries("baselineCharacteristicsModule", _BASELINE),
    "outcome_list": _Entries("outcomeMeasuresModule", _OUTCOMES),
    "reported_events": _Entries("adverseEventsModule", _EVENTS),
    "limitations_and_caveats": "limitationsAndCaveats",
    "certain_agreements": _Entries(
        "certainAgreement",
        {"pi_employee": ("piSponsorEmployee", _is_employee), "restrictive_agreement": "otherDetails"},
    ),
    "point_of_contact": _Entries(
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
_SAID_BY_ITS_PLACE = "scope"


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
        found = _entry(older, results, _RESULTS, "results")
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


def _entry(older: OlderRecord, node: object, fields: _Fields, where: str) -> dict[str, Any]:
    """The fields of one element; a text that no field takes, or that its field cannot have, is kept."""
    entry: dict[str, Any] = {}
    for path, field in fields.items():
        if isinstance(field, _Entries):
            nodes = nodes_at(node, path)
            below = [found for each in nodes if (found := _entry(older, each, field.fields, f"{where}.{path}"))]
            if below:
                entry[field.key] = below
            continue
        key, read = (field, str.strip) if isinstance(field, str) else field
        for text in _texts(node, path):
            _put(older, entry, key, read(text), f"{where}.{path}", text)
    for path, text in leaves_of(node):
        if not _is_read(path, fields):
            older.keep(f"{where}.{path}".rstrip("."), text.strip())
    return entry


def _put(older: OlderRecord, entry: dict[str, Any], key: str, value: object, path: str, text: str) -> None:
    if value is None:
        older.refuse(path.replace(".", " "), text)
    elif key.endswith("[]"):
        entry.setdefault(key.removesuffix("[]"), []).append(value)
    elif entry.setdefault(key, value) != value:
        older.keep(path, text.strip())


def _texts(node: object, path: str) -> list[str]:
    steps, _, name = path.partition("@")
    found = nodes_at(node, steps.rstrip("."))
    texts = [attribute_of(each, name) if name else text_of(each) for each in found]
    return [text for text in texts if text.strip()]


def _is_read(leaf: str, fields: _Fields) -> bool:
    """Whether some field takes the text at a path; ctrdata's JSON writes attributes like elements."""
    plain = leaf.replace("@", "")
    return plain.rpartition(".")[2] == _SAID_BY_ITS_PLACE or any(
        plain == path.replace("@", "") or (isinstance(field, _Entries) and plain.startswith(f"{path}."))
        for path, field in fields.items()
    )
