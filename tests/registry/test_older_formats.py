"""The registry's older formats: the same invented trial, and every real record, into the one structure."""

import gzip
import json
from collections import Counter

import pytest

from trialwright.errors import RecordError
from trialwright.registry import read_record
from trialwright.registry.reading import items_at, value_at

V1 = {
    "Study": {
        "ProtocolSection": {
            "IdentificationModule": {"NCTId": "NCT09999901", "BriefTitle": "Placental Cells"},
            "StatusModule": {
                "OverallStatus": "Active, not recruiting",
                "StartDateStruct": {"StartDate": "March 15, 2027", "StartDateType": "Anticipated"},
            },
            "DesignModule": {
                "PhaseList": {"Phase": ["Phase 1", "Phase 2"]},
                "DesignInfo": {"DesignMaskingInfo": {"DesignMasking": "None (Open Label)"}},
                "EnrollmentInfo": {"EnrollmentCount": "24"},
                "Oddity": "kept",
            },
            "ArmsInterventionsModule": {
                "ArmGroupList": {
                    "ArmGroup": [
                        {
                            "ArmGroupLabel": "Cells",
                            "ArmGroupType": "Experimental",
                            "ArmGroupInterventionList": {"ArmGroupInterventionName": ["Biological: Cells"]},
                        }
                    ]
                }
            },
            "EligibilityModule": {
                "EligibilityCriteria": "Inclusion Criteria:\n\n1. Adults",
                "HealthyVolunteers": "No",
                "MaximumAge": "N/A",
            },
        },
        "ResultsSection": {"ParticipantFlowModule": {"FlowGroupList": {"FlowGroup": [{"FlowGroupId": "FG1"}]}}},
    }
}
FLAT = {
    "NCTId": ["NCT09999901"],
    "BriefTitle": ["Placental Cells"],
    "Acronym": [],
    "Phase": ["Phase 1", "Phase 2"],
    "EnrollmentCount": ["24"],
    "ArmGroupLabel": ["Cells", "Sham"],
    "ArmGroupType": ["Experimental", "Placebo Comparator"],
    "ArmGroupDescription": ["Of one of them"],
    "VersionHolder": ["October 10, 2022"],
}
XML = """<?xml version="1.0"?>
<clinical_study>
  <id_info><nct_id>NCT09999901</nct_id><secondary_id>S-1</secondary_id></id_info>
  <brief_title>Placental Cells</brief_title>
  <brief_summary><textblock>
      One dose is
      tried.

      Then another.
  </textblock></brief_summary>
  <overall_status>Recruiting</overall_status>
  <start_date type="Anticipated">March 2027</start_date>
  <phase>Phase 1/Phase 2</phase>
  <study_type>Interventional</study_type>
  <study_design_info><masking>Double (Participant, Investigator)</masking></study_design_info>
  <primary_outcome><measure>Response</measure><time_frame>12 weeks</time_frame></primary_outcome>
  <arm_group><arm_group_label>Cells</arm_group_label><arm_group_type>Experimental</arm_group_type></arm_group>
  <intervention><intervention_type>Biological</intervention_type><intervention_name>Cells</intervention_name>
    <arm_group_label>Cells</arm_group_label></intervention>
  <eligibility>
    <criteria><textblock>
        Inclusion Criteria:

          1. Adults who
             consent

               -  in writing

          2. Arthritis
    </textblock></criteria>
    <gender>All</gender><minimum_age>18 Years</minimum_age><maximum_age>N/A</maximum_age>
  </eligibility>
  <location><facility><name>Clinic</name><address><city>Utopia</city><country>Atlantis</country></address></facility>
  </location>
  <patient_data><sharing_ipd>No</sharing_ipd></patient_data>
  <oddity><deep>kept</deep></oddity>
</clinical_study>"""


def field(reading, path):
    """A field of a reading."""
    return value_at(reading.record, path)


def test_a_study_of_the_api_v1():
    """A nested study of the API v1 gets the structure, codes and dates of the API v2, and keeps what has no place."""
    reading = read_record(json.dumps(V1))

    assert reading.layout == "API v1"
    assert field(reading, "statusModule.overallStatus") == "ACTIVE_NOT_RECRUITING"
    assert field(reading, "statusModule.startDateStruct") == {"date": "2027-03-15", "type": "ESTIMATED"}
    assert field(reading, "designModule.phases") == ["PHASE1", "PHASE2"]
    assert field(reading, "designModule.designInfo.maskingInfo.masking") == "NONE"
    assert field(reading, "designModule.enrollmentInfo.count") == 24
    assert field(reading, "eligibilityModule.maximumAge") is None
    assert items_at(reading.record, "armsInterventionsModule.armGroups") == [
        {"label": "Cells", "type": "EXPERIMENTAL", "interventionNames": ["Biological: Cells"]}
    ]
    assert field(reading, "trialwright.eligibilityItems") == [{"list": "inclusion", "number": "1", "text": "Adults"}]
    assert {"heading": "Oddity", "text": "kept"} in field(reading, "trialwright.otherSections")
    assert reading.record["resultsSection"] == {"participantFlowModule": {"groups": [{"id": "FG1"}]}}


def test_a_response_of_the_api_v1_with_one_study():
    """An answer of the API v1 that holds one study is that study; one that holds two is refused."""
    answer = {"FullStudiesResponse": {"FullStudies": [V1]}}
    assert read_record(json.dumps(answer)).record == read_record(json.dumps(V1)).record

    answer["FullStudiesResponse"]["FullStudies"].append(V1)
    with pytest.raises(RecordError, match="holds 2 studies"):
        read_record(json.dumps(answer))


def test_fields_as_lists():
    """Of parallel lists, those of equal length are told by position; the others are kept and said."""
    reading = read_record(json.dumps(FLAT))

    assert field(reading, "designModule.phases") == ["PHASE1", "PHASE2"]
    assert items_at(reading.record, "armsInterventionsModule.armGroups") == [
        {"label": "Cells", "type": "EXPERIMENTAL"},
        {"label": "Sham", "type": "PLACEBO_COMPARATOR"},
    ]
    assert {"heading": "ArmGroupDescription", "text": "Of one of them"} in field(reading, "trialwright.otherSections")
    assert "X09" in [finding.rule for finding in reading.findings]


def test_classic_xml():
    """The classic XML gives the same structure; its fixed line breaks go, its paragraphs and nested items stay."""
    reading = read_record(XML)

    assert reading.layout == "classic XML"
    assert field(reading, "descriptionModule.briefSummary") == "One dose is tried.\n\nThen another."
    assert field(reading, "statusModule.startDateStruct") == {"date": "2027-03", "type": "ESTIMATED"}
    assert field(reading, "designModule.designInfo.maskingInfo.whoMasked") == ["PARTICIPANT", "INVESTIGATOR"]
    assert field(reading, "identificationModule.secondaryIdInfos") == [{"id": "S-1"}]
    assert field(reading, "contactsLocationsModule.locations") == [
        {"facility": "Clinic", "city": "Utopia", "country": "Atlantis"}
    ]
    assert items_at(reading.record, "armsInterventionsModule.interventions") == [
        {"type": "BIOLOGICAL", "name": "Cells", "armGroupLabels": ["Cells"]}
    ]
    items = items_at(reading.record, "trialwright.eligibilityItems")
    assert [(each["number"], each["text"].split()[0]) for each in items] == [("1", "Adults"), ("2", "Arthritis")]
    assert field(reading, "ipdSharingStatementModule.ipdSharing") == "NO"
    assert field(reading, "trialwright.otherSections") == [{"heading": "oddity.deep", "text": "kept"}]


def test_classic_json():
    """The classic record in ctrdata's JSON reads like the XML; an empty object is nothing."""
    study = {
        "id_info": {"nct_id": "NCT09999901", "secondary_id": {}},
        "brief_title": "Placental Cells",
        "condition": "Gout",
        "intervention": {"intervention_type": "Drug", "intervention_name": "Inventine", "other_name": ["I", "J"]},
        "detailed_description": {},
    }
    reading = read_record(json.dumps(study))

    assert field(reading, "conditionsModule.conditions") == ["Gout"]
    assert items_at(reading.record, "armsInterventionsModule.interventions") == [
        {"type": "DRUG", "name": "Inventine", "otherNames": ["I", "J"]}
    ]
    assert field(reading, "identificationModule.secondaryIdInfos") is None


def test_a_value_outside_the_vocabulary_is_kept_and_reported():
    """A status that the registry never had is not a status."""
    reading = read_record(XML.replace("Recruiting", "Soon"))

    assert field(reading, "statusModule.overallStatus") is None
    assert {"heading": "overallStatus", "text": "Soon"} in field(reading, "trialwright.otherSections")
    assert "K02" in [finding.rule for finding in reading.findings]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<clinical_study><a></clinical_study>", "cannot be read as XML"),
        ('<?xml version="1.0"?><rss/>', "is a 'rss'"),
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><clinical_study/>', "declares a document type"),
        ('{"isrctn": "1"}', "ISRCTN register"),
        ('{"x4_clinical_trial_type": "1"}', "EU Clinical Trials Register"),
        ('{"ctNumber": "1"}', "CTIS"),
        ('{"queries": []}', "not a record"),
        ('{"studies": []}', "0 studies"),
        ('{"other": []}', "no object 'protocolSection'"),
    ],
)
def test_another_format_is_named(text, says):
    """What is not a record of this registry is refused with the name of what it is, where that can be told."""
    with pytest.raises(RecordError, match=says):
        read_record(text)


def _texts(folder):
    """Every text of the folders that holds one record."""
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(".jsonl.gz"):
            with gzip.open(path, "rt") as lines:
                yield from ((path, line) for line in lines)
        elif path.suffix == ".gz":
            answer = json.loads(gzip.decompress(path.read_bytes()))
            yield from ((path, json.dumps(study)) for study in answer["FullStudiesResponse"]["FullStudies"])
        elif path.suffix in {".json", ".xml"}:
            yield path, path.read_text()


def test_every_record_of_the_registry_imports(shared):
    """Each of some 1,600 records of ClinicalTrials.gov, in four formats, imports with its number and its criteria."""
    read: Counter[str] = Counter()
    refused = []
    for path, text in _texts(shared / "registry"):
        try:
            reading = read_record(text, path.name)
        except RecordError as fault:
            refused.append(str(fault))
        else:
            read[reading.layout] += 1
            assert reading.nct_id
            assert reading.field_states["identificationModule.briefTitle"] == "carried"
            assert all(each["text"] for each in items_at(reading.record, "trialwright.eligibilityItems"))

    assert read["API v2"] >= 1431
    assert read["API v1"] >= 105
    assert read["classic XML"] >= 67
    assert all("which is not read" in each or "is a 'rss'" in each for each in refused)
