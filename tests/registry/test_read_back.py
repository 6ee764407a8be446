"""Pages printed from records give back what they print: all of an invented record, and most of every real one."""

from copy import deepcopy

import pytest

from tests.registry.pages import RECORD
from tests.registry.read_back import FORMS, introductions, records_in, shares, table

FLOORS = {
    "A, dashes": {
        "facts": 1.0,
        "dates": 1.0,
        "summary": 1.0,
        "countries": 1.0,
        "lead sponsor": 0.99,
        "criteria": 0.98,
        "criteria with bullets in them": 0.49,
        "interventions": 0.99,
        "collaborators": 0.96,
        "locations": 0.94,
        "outcomes: measure": 0.97,
        "outcomes: description": 0.94,
        "outcomes: timeFrame": 0.97,
        "outcomes: whole rows": 0.95,
    },
    "A, stars": {"criteria": 0.98},
    "B": {
        "facts": 1.0,
        "dates": 1.0,
        "design": 1.0,
        "summary": 1.0,
        "description": 1.0,
        "conditions": 0.92,
        "conditions, run together": 1.0,
        "keywords": 0.83,
        "keywords, run together": 0.96,
        "criteria": 1.0,
        "criteria with bullets in them": 1.0,
        "arms": 0.99,
        "arms: interventions": 0.99,
        "interventions": 1.0,
        "locations": 0.99,
        "countries": 1.0,
        "lead sponsor": 1.0,
        "sponsors": 1.0,
        "references": 1.0,
        "identifiers": 1.0,
    },
    "B, no indents": {"criteria": 0.99, "criteria with bullets in them": 0.5},
    "B, compact": {"arms": 0.98, "arms: interventions": 0.98, "interventions": 0.97, "locations": 0.99},
}
"""For each form of page, the least share of each kind of part that comes back from real records exactly.

The weights that part outcomes, conditions and keywords are fitted to these records among others; the scripts that fit
them print what they part of records that they have not seen.
"""


def invented():
    """The invented record with what a real one has besides: lists in criteria, two countries, outcomes, a date."""
    record = deepcopy(RECORD)
    protocol = record["protocolSection"]
    protocol["statusModule"]["statusVerifiedDate"] = "2026-11"
    protocol["sponsorCollaboratorsModule"]["collaborators"] = [
        {"name": "Institute of Nothing, Imaginary Cells Co., Ltd.", "class": "OTHER"},
        {"name": "Nowhere Hospital", "class": "OTHER"},
    ]
    protocol["eligibilityModule"]["eligibilityCriteria"] = (
        "Inclusion Criteria:\n\n1. Age from 18 years\n2. One of the following:\n\n   1. DAS28 \\> 3.2\n"
        "   2. CRP of 1.5 mg/dL or more\n   3. ESR above 28 mm/h\n3. Consent\n\n"
        "Exclusion Criteria:\n\n* Pregnancy\n* ALT ≥ 2 x ULN\n* NYHA class III - IV\n* Infection within 14 days"
    )
    protocol["contactsLocationsModule"]["locations"] = [
        {"facility": "Second Hospital of Jinan", "city": "Jinan", "state": "Shandong", "country": "China"},
        {"facility": "Nowhere Medical Center", "city": "Salt Lake City", "state": "Utah", "country": "United States"},
        {"facility": "Research Site 104", "city": "Austin", "state": "Texas", "country": "United States"},
    ]
    protocol["outcomesModule"] = {
        "primaryOutcomes": [
            {
                "measure": "Adverse events (AE)",
                "description": "The number of participants with an event.",
                "timeFrame": "Up to 52 weeks",
            },
        ],
        "secondaryOutcomes": [
            {"measure": "ACR20 response", "timeFrame": "Week 12 and Week 24"},
            {
                "measure": "Change in DAS28 score",
                "description": "Measured with CRP at each visit.",
                "timeFrame": "Baseline, 12 and 24 weeks",
            },
        ],
    }
    return record


@pytest.mark.parametrize("form", FORMS)
def test_an_invented_record_comes_back_whole(form):
    """Every part that a page in any form prints of the invented record comes back as it was."""
    measured = shares([invented()], form)

    assert {kind for kind, (found, printed) in measured.items() if found < printed} == set(), table(measured)


@pytest.mark.slow
@pytest.mark.parametrize("form", FLOORS)
def test_real_records_come_back(shared, form):
    """Of every kind of part, at least the stated share comes back exactly from pages printed from real records."""
    records = records_in(shared / "registry" / "ctgov_v2" / "records.jsonl.gz")
    if "outcomes: whole rows" not in FLOORS[form]:
        for record in records:
            record["protocolSection"].pop("outcomesModule", None)
    measured = shares(records, form, introductions(shared / "records"))
    found = {kind: measured[kind][0] / measured[kind][1] for kind in FLOORS[form]}

    assert {kind: share for kind, share in found.items() if share < FLOORS[form][kind]} == {}, table(measured)
