"""Kinds of record that the five registered pages do not show, printed in both layouts: each section is found."""

import json
from copy import deepcopy
from typing import Any

import pytest

from tests.registry.pages import RECORD
from tests.registry.print_a import page_a
from tests.registry.print_b import page_b, sections_b
from trialwright.registry import describe, read_record
from trialwright.registry.reading import rooted, value_at
from trialwright.registry.vocabulary import INTERVENTION_TYPES

STATUS, DESIGN, ARMS, SHARING = "statusModule", "designModule", "armsInterventionsModule", "ipdSharingStatementModule"
UNLIKE_TRIALS = {f"{DESIGN}.{each}": None for each in ("phases", "designInfo", "enrollmentInfo")} | {
    f"{STATUS}.{each}": None for each in ("startDateStruct", "completionDateStruct")
}
OBSERVED = {
    f"{DESIGN}.studyType": "OBSERVATIONAL",
    f"{DESIGN}.phases": None,
    f"{ARMS}.armGroups": [{"label": "Cohort 1", "description": "Who came."}],
    f"{ARMS}.interventions": None,
}


def observational(model: str, time: str, **more: Any) -> dict[str, Any]:
    """A study that observes, of a model and a time perspective."""
    design = {f"{DESIGN}.designInfo": {"observationalModel": model, "timePerspective": time}}
    return OBSERVED | design | {f"{DESIGN}.{key}": value for key, value in more.items()}


def used(kind: str) -> dict[str, Any]:
    """A trial without a phase of one thing of a kind."""
    arm = {"label": "Arm", "type": "EXPERIMENTAL", "description": "Once."}
    thing = {"type": kind, "name": "Thing", "description": "A thing."}
    names = {"interventionNames": [f"{kind.replace('_', ' ').title()}: Thing"]}
    return {
        f"{ARMS}.armGroups": [arm | names],
        f"{ARMS}.interventions": [thing | {"armGroupLabels": ["Arm"]}],
        f"{DESIGN}.phases": ["NA"],
    }


VARIANTS: dict[str, dict[str, Any]] = {
    **{
        f"expanded access, {status}": UNLIKE_TRIALS
        | {f"{DESIGN}.studyType": "EXPANDED_ACCESS", f"{STATUS}.overallStatus": status, ARMS: {"interventions": [
            {"type": "DRUG", "name": "Inventine", "description": "As needed."}]}}
        for status in ("AVAILABLE", "TEMPORARILY_NOT_AVAILABLE", "NO_LONGER_AVAILABLE", "APPROVED_FOR_MARKETING")
    },
    **{
        status: {f"{STATUS}.overallStatus": status, f"{STATUS}.whyStopped": "Too few came (2 in a year): no funds"}
        for status in ("WITHDRAWN", "TERMINATED", "SUSPENDED")
    },
    "unknown status": {f"{STATUS}.overallStatus": "UNKNOWN"},
    "by invitation": {f"{STATUS}.overallStatus": "ENROLLING_BY_INVITATION"},
    "cohort": observational("COHORT", "PROSPECTIVE"),
    "case-control": observational("CASE_CONTROL", "RETROSPECTIVE"),
    "ecologic": observational("ECOLOGIC_OR_COMMUNITY", "CROSS_SECTIONAL"),
    "patient registry": observational("OTHER", "OTHER", patientRegistry=True),
    **{kind: used(kind) for kind in sorted(INTERVENTION_TYPES)},
    "source is not the sponsor": {
        "identificationModule.organization": {"fullName": "Nowhere University"},
        "sponsorCollaboratorsModule.collaborators": None,
    },
    "sponsor-investigator": {
        "sponsorCollaboratorsModule.responsibleParty": {
            "type": "SPONSOR_INVESTIGATOR",
            "investigatorFullName": "Ada Nobody",
            "investigatorTitle": "Professor",
            "investigatorAffiliation": "Nowhere University",
        }
    },
    "no locations": {"contactsLocationsModule.locations": None},
    "sites without a facility": {
        "contactsLocationsModule.locations": [
            {"city": "Turin", "country": "Italy"},
            {"city": "Boston", "state": "Massachusetts", "country": "United States"},
            {"city": "Long Beach", "state": "California", "country": "United States"},
        ]
    },
    "nobody enrolled": {f"{DESIGN}.enrollmentInfo": {"count": 0}, f"{STATUS}.overallStatus": "WITHDRAWN"},
    "early phase 1": {f"{DESIGN}.phases": ["EARLY_PHASE1"]},
    "phase 2/3": {f"{DESIGN}.phases": ["PHASE2", "PHASE3"]},
    "phase 4": {f"{DESIGN}.phases": ["PHASE4"]},
    "children": {"eligibilityModule.minimumAge": "28 Days", "eligibilityModule.maximumAge": "6 Months"},
    "data shared": {
        SHARING: {
            "ipdSharing": "YES",
            "description": "All of it, without names.",
            "infoTypes": ["STUDY_PROTOCOL", "SAP", "ICF", "CSR", "ANALYTIC_CODE"],
            "timeFrame": "From 2030 on",
            "accessCriteria": "Anyone who asks",
            "url": "https://data.example.org/x",
        }
    },
    "data perhaps shared": {SHARING: {"ipdSharing": "UNDECIDED"}},
}  # fmt: skip
"""Each kind of record as what differs from the invented one."""

NOT_PRINTED = {
    "A": {f"{ARMS}.armGroups", f"{DESIGN}.designInfo", "sponsorCollaboratorsModule.responsibleParty"},
    "B": {"identificationModule.organization", "armGroupLabels"},
}


def varied(changes: dict[str, Any]) -> dict[str, Any]:
    """The invented record with some fields changed, and without those that are None."""
    record = deepcopy(RECORD)
    for path, value in changes.items():
        target = record
        *parents, last = rooted(path)
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = value
        if value is None:
            del target[last]
    return record


def printed(value: Any, layout: str) -> Any:
    """A value without what a layout does not print of it."""
    if isinstance(value, list):
        return [printed(each, layout) for each in value]
    if isinstance(value, dict):
        gone = {"armGroupLabels", "interventionNames"} if layout == "A" else {"armGroupLabels"}
        return {key: printed(each, layout) for key, each in value.items() if key not in gone}
    return value


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("layout", ["A", "B"])
def test_each_section_of_an_unusual_record_is_found(layout, variant):
    """What an unusual record has beside a usual one is read from its page in either layout, and nothing is unknown."""
    record = varied(VARIANTS[variant])
    reading = read_record(page_a(record) if layout == "A" else page_b(record))
    paths = [path for path in VARIANTS[variant] if path not in NOT_PRINTED[layout]]

    for path in paths:
        assert printed(value_at(reading.record, path), layout) == printed(value_at(record, path), layout), path
    assert {finding.rule for finding in reading.findings} & {"K01", "K02", "K03"} == set()
    assert describe(reading)


@pytest.mark.parametrize(
    ("line", "design"),
    [
        (
            "Observational Model: Case-Control, Time Perspective: Cross-Sectional",
            {"observationalModel": "CASE_CONTROL", "timePerspective": "CROSS_SECTIONAL"},
        ),
        (
            "Allocation: N/A, Intervention Model: Single Group Assignment, Masking: None (Open Label)",
            {
                "allocation": "NA",
                "interventionModel": "SINGLE_GROUP",
                "maskingInfo": {"masking": "NONE"},
            },
        ),
    ],
)
def test_a_design_on_one_line_of_layout_a(line, design):
    """Layout A's line of the design of a study that observes, and of one of a single group, is read to its fields."""
    page = page_a(varied({})).replace("Study Design\n\n\n", f"Study Design\n\n{line}\n\n")

    assert value_at(read_record(page).record, "designModule.designInfo") == design


def test_the_statement_on_sharing_needs_no_introduction_in_layout_b():
    """Layout B's headings have a sentence below them; the statement on sharing data is found without one as well."""
    record = varied(VARIANTS["data shared"])
    sentence = "Explore what this section of the page tells about the trial."
    page = page_b(record, introductions=dict.fromkeys(set(sections_b(record)) - {"IPD Sharing Statement"}, sentence))

    assert value_at(read_record(page).record, SHARING) == value_at(record, SHARING)


def test_what_only_some_records_have_is_shown_where_it_is_carried():
    """Why a trial stopped, its last known status, delayed results and shared data are shown; absent ones are not."""
    changes = {
        "statusModule.whyStopped": "No funds",
        "statusModule.lastKnownStatus": "RECRUITING",
        "statusModule.delayedPosting": True,
        "statusModule.expandedAccessInfo": {"hasExpandedAccess": True, "nctId": "NCT09999902"},
        "designModule.expandedAccessTypes": {"individual": True},
        "ipdSharingStatementModule": {"ipdSharing": "NO"},
    }
    text = describe(read_record(json.dumps(varied(changes))))

    assert "  why it stopped: No funds\n" in text
    assert "  last known status: RECRUITING\n" in text
    assert "  posting of results delayed: yes\n" in text
    assert "  expanded access in: NCT09999902\n" in text
    assert "  expanded access for single patients: yes\n" in text
    assert "  participants' data shared: NO\n" in text
    assert "specimens" not in text
