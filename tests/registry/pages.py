"""An invented trial as an API record, and invented pages of layout A, short and full."""

from typing import Any

RECORD: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT09999901",
            "briefTitle": "Placental Cells in Invented Arthritis",
            "orgStudyIdInfo": {"id": "INV-01"},
            "organization": {"fullName": "Imaginary Cells Co., Ltd."},
        },
        "statusModule": {
            "overallStatus": "NOT_YET_RECRUITING",
            "startDateStruct": {"date": "2027-03-15"},
            "completionDateStruct": {"date": "2029-08-20"},
            "lastUpdatePostDateStruct": {"date": "2026-11-02"},
        },
        "sponsorCollaboratorsModule": {
            "leadSponsor": {"name": "Imaginary Cells Co., Ltd.", "class": "INDUSTRY"},
            "collaborators": [{"name": "Nowhere Hospital", "class": "OTHER"}],
            "responsibleParty": {"type": "SPONSOR"},
        },
        "descriptionModule": {
            "briefSummary": "Two doses are tried. The lower one comes first.",
            "detailedDescription": (
                "Subjects receive 2x10^6 cells/kg once.\n\nEach is watched for 28 days. Then cohort 2 opens."
            ),
        },
        "conditionsModule": {"conditions": ["Invented Arthritis", "Joint Pain"], "keywords": ["cells"]},
        "designModule": {
            "studyType": "INTERVENTIONAL",
            "phases": ["PHASE1", "PHASE2"],
            "designInfo": {
                "allocation": "RANDOMIZED",
                "interventionModel": "PARALLEL",
                "primaryPurpose": "TREATMENT",
                "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "OUTCOMES_ASSESSOR"]},
            },
            "enrollmentInfo": {"count": 24},
        },
        "armsInterventionsModule": {
            "armGroups": [
                {
                    "label": "Cells",
                    "type": "EXPERIMENTAL",
                    "description": "One infusion of cells.",
                    "interventionNames": ["Biological: Placental cells", "Drug: Saline rinse"],
                },
                {
                    "label": "Sham",
                    "type": "PLACEBO_COMPARATOR",
                    "description": "One infusion without cells.",
                    "interventionNames": ["Drug: Saline rinse"],
                },
            ],
            "interventions": [
                {
                    "type": "BIOLOGICAL",
                    "name": "Placental cells",
                    "description": "2x10^6 cells/kg, once.",
                    "armGroupLabels": ["Cells"],
                },
                {
                    "type": "DRUG",
                    "name": "Saline rinse",
                    "description": "50 ml after the bag.",
                    "armGroupLabels": ["Cells", "Sham"],
                },
            ],
        },
        "eligibilityModule": {
            "eligibilityCriteria": (
                "Inclusion Criteria\n1. Age from 18 years\n2. CRP > 10 mg/L at screening\nExclusion Criteria\n"
                "1. Pregnancy\n2. ALT ≥ 2 x ULN at screening\n3. Infection within 14 days before screening"
            ),
            "minimumAge": "18 Years",
            "maximumAge": "75 Years",
            "sex": "ALL",
            "healthyVolunteers": False,
        },
        "contactsLocationsModule": {
            "locations": [
                {"facility": "Nowhere Hospital, East Wing", "city": "Utopia", "state": "North", "country": "Atlantis"},
                {"facility": "Second Clinic", "city": "Arcadia", "country": "Atlantis"},
            ],
        },
    }
}


SHORT_PAGE_A = """Clinical Trials Logo

Clinical Trial Summary

Two doses are tried. The lower one comes first.


Clinical Trial Description

Subjects receive 2x10^6 cells/kg once. Each is watched for 28 days. Then cohort 2 opens. ;


Study Design


Related Conditions & MeSH terms


NCT number NCT09999901
Study type Interventional
Source Imaginary Cells Co., Ltd.
Contact Ada Nobody
Phone 000-0000
Email ada@example.org
Status Not yet recruiting
Phase Phase 1/Phase 2
Start date March 15, 2027
Completion date August 2029

See also
  Status Clinical Trial Phase
Completed NCT09999902 - An Older Trial of Nothing Phase 3
Active, not recruiting NCT09999903 - A Survey of Phase 2 Trials
Unknown status NCT09999904 - One More N/A"""

FULL_PAGE_A = """Clinical Trials Logo

Clinical Trial Details — Status: Recruiting

Administrative data

NCT number NCT09999901
Other study ID # INV-01
Secondary ID
Status Recruiting
Phase Phase 2
First received
Last updated
Start date March 15, 2027
Est. completion date August 2029

Study information

Verified date November 2026
Source Imaginary Cells Co., Ltd.
Is FDA regulated No
Study type Interventional

Clinical Trial Summary

One dose is tried.

Recruitment information / eligibility

Status Recruiting
Enrollment 40
Est. primary completion date April 2028
Accepts healthy volunteers No
Gender Female
Age group 18 Years to 65 Years
Eligibility Inclusion Criteria: 1. Bilirubin = 1.5×ULN; 2. Phase 2 disease; \
Exclusion Criteria: 1. Heart failure (grade ??? by any scale); 2. Pressure =160 mmHg.

Study Design

Allocation: Randomized, Intervention Model: Parallel Assignment, \
Masking: Double (Participant, Investigator), Primary Purpose: Treatment

Related Conditions & MeSH terms

Arthritis
Invented Arthritis

Intervention

Drug:
Inventine
3 mg per day.
Biological:
Placental cells
One infusion.

Locations

Country Name City State
Atlantis Second Clinic Arcadia North

Sponsors (3)

Lead Sponsor Collaborator
Imaginary Cells Co., Ltd. Nowhere Hospital, Other Cells Co., Ltd.

Country where clinical trial is conducted

Atlantis,

Outcome

Type Measure Description Time frame Safety issue
Primary Response (RR) To see who responds Up to two years
Secondary Survival
See also
  Status Clinical Trial Phase
Recruiting NCT09999905 - Another Trial Early Phase 1"""
