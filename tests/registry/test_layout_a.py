"""Layout A, short and full, read from pages of our own invention."""

import re

import pytest

from tests.registry.pages import FULL_PAGE_A, SHORT_PAGE_A
from trialwright.registry import read_record
from trialwright.registry.reading import value_at


def field(reading, path):
    """A field of the record that was read."""
    return value_at(reading.record, path)


def test_the_short_page():
    """The facts of the short page stand under no heading and are read all the same."""
    reading = read_record(SHORT_PAGE_A)

    assert reading.layout == "page A"
    assert reading.nct_id == "NCT09999901"
    assert field(reading, "statusModule.overallStatus") == "NOT_YET_RECRUITING"
    assert field(reading, "designModule.phases") == ["PHASE1", "PHASE2"]
    assert field(reading, "statusModule.startDateStruct.date") == "2027-03-15"
    assert field(reading, "statusModule.completionDateStruct.date") == "2029-08"
    assert field(reading, "contactsLocationsModule.centralContacts") == [
        {"name": "Ada Nobody", "phone": "000-0000", "email": "ada@example.org"}
    ]
    assert reading.field_states["designModule.designInfo.allocation"] == "lost"
    assert reading.field_states["eligibilityModule.eligibilityCriteria"] == "absent"
    assert {"E01", "K06", "X02"} <= {finding.rule for finding in reading.findings}


def test_other_trials_are_told_apart():
    """A row of other trials gives its status, number, title and phase; a phase inside a title stays there."""
    trials = read_record(SHORT_PAGE_A).record["trialwright"]["relatedTrials"]

    assert trials == [
        {
            "nctId": "NCT09999902",
            "title": "An Older Trial of Nothing",
            "overallStatus": "COMPLETED",
            "phases": ["PHASE3"],
        },
        {
            "nctId": "NCT09999903",
            "title": "A Survey of Phase 2 Trials",
            "overallStatus": "ACTIVE_NOT_RECRUITING",
        },
        {"nctId": "NCT09999904", "title": "One More", "overallStatus": "UNKNOWN", "phases": ["NA"]},
    ]


def test_text_pasted_to_the_last_row_is_kept():
    """What was pasted to the last row's phase is kept and does not spoil the phase."""
    page = SHORT_PAGE_A.removesuffix("\nUnknown status NCT09999904 - One More N/A")
    page = page.replace("A Survey of Phase 2 Trials", "A Survey Phase 4Next page")
    reading = read_record(page)

    assert reading.record["trialwright"]["relatedTrials"][-1]["phases"] == ["PHASE4"]
    assert reading.record["trialwright"]["otherSections"][-1]["text"] == "Next page"


def test_the_full_page():
    """The tables of the full page go to the API's fields."""
    reading = read_record(FULL_PAGE_A)

    assert field(reading, "statusModule.completionDateStruct") == {"date": "2029-08", "type": "ESTIMATED"}
    assert field(reading, "statusModule.primaryCompletionDateStruct.date") == "2028-04"
    assert field(reading, "statusModule.statusVerifiedDate") == "2026-11"
    assert field(reading, "designModule.enrollmentInfo.count") == 40
    assert field(reading, "designModule.designInfo") == {
        "allocation": "RANDOMIZED",
        "interventionModel": "PARALLEL",
        "maskingInfo": {"masking": "DOUBLE", "whoMasked": ["PARTICIPANT", "INVESTIGATOR"]},
        "primaryPurpose": "TREATMENT",
    }
    eligibility = field(reading, "eligibilityModule")
    assert (eligibility["minimumAge"], eligibility["maximumAge"], eligibility["sex"]) == (
        "18 Years", "65 Years", "FEMALE",
    )  # fmt: skip
    assert field(reading, "conditionsModule.conditions") == ["Arthritis", "Invented Arthritis"]
    assert field(reading, "armsInterventionsModule.interventions") == [
        {"type": "DRUG", "name": "Inventine", "description": "3 mg per day."},
        {"type": "BIOLOGICAL", "name": "Placental cells", "description": "One infusion."},
    ]


def test_sponsors_are_told_by_the_source_and_their_count():
    """Names that hold a comma stay whole, and the page's own count agrees."""
    reading = read_record(FULL_PAGE_A)

    assert field(reading, "sponsorCollaboratorsModule.leadSponsor") == {"name": "Imaginary Cells Co., Ltd."}
    assert field(reading, "sponsorCollaboratorsModule.collaborators") == [
        {"name": "Nowhere Hospital"},
        {"name": "Other Cells Co., Ltd."},
    ]
    assert not [each for each in reading.findings if "sponsors" in each.what]


def test_columns_that_run_together_are_reported_and_tabs_are_read():
    """A table without column marks gives a finding; with tabs its columns are exact."""
    together = read_record(FULL_PAGE_A)
    apart = read_record(
        FULL_PAGE_A.replace("Atlantis Second Clinic Arcadia North", "Atlantis\tSecond Clinic\tArcadia\tNorth").replace(
            "Primary Response (RR) To see who responds Up to two years", "Primary\tResponse\tWho responds\t2 years"
        )
    )

    assert field(together, "contactsLocationsModule.locations") == [
        {"country": "Atlantis", "facility": "Second Clinic Arcadia", "city": "North"}
    ]
    assert any("by the form of the last words alone in line " in each.what for each in together.findings)
    assert {each.place.partition(",")[0] for each in together.findings if each.rule == "X09"} == {
        "section 'Locations'",
        "section 'Outcome'",
        "sponsors",
        "eligibility",
        "related trials",
    }
    assert field(apart, "contactsLocationsModule.locations") == [
        {"country": "Atlantis", "facility": "Second Clinic", "city": "Arcadia", "state": "North"}
    ]
    assert field(apart, "outcomesModule.primaryOutcomes") == [
        {"measure": "Response", "description": "Who responds", "timeFrame": "2 years"}
    ]


def test_no_age_limit_is_not_zero():
    """An age group without limits leaves both fields out and says that children are included."""
    reading = read_record(FULL_PAGE_A.replace("18 Years to 65 Years", "N/A and older"))

    assert "minimumAge" not in field(reading, "eligibilityModule")
    assert "X15" in {finding.rule for finding in reading.findings}


def test_two_statuses_that_differ_are_both_kept():
    """Where the page contradicts itself the first value stands, the second is kept beside it, and both are named."""
    reading = read_record(FULL_PAGE_A.replace("eligibility\n\nStatus Recruiting", "eligibility\n\nStatus Suspended"))

    assert field(reading, "statusModule.overallStatus") == "RECRUITING"
    assert reading.record["trialwright"]["otherValues"] == [
        {"field": "statusModule.overallStatus", "value": "SUSPENDED"}
    ]
    assert "K03" in {finding.rule for finding in reading.findings}


def test_an_unknown_section_is_kept():
    """A heading that the reader does not know keeps its text."""
    page = FULL_PAGE_A.replace("Study Design\n", "Funding Notes\n\nPaid from thin air.\n\nStudy Design\n")
    reading = read_record(page)

    assert reading.record["trialwright"]["otherSections"] == [
        {"heading": "Funding Notes", "text": "Paid from thin air."}
    ]


def test_criteria_that_begin_with_a_label_stay_criteria():
    """A criterion on its own line that begins like a label of another table is no value of it."""
    page = FULL_PAGE_A.replace(
        "Eligibility Inclusion Criteria: 1.", "Eligibility Inclusion Criteria:\nStatus post surgery\n1."
    )
    reading = read_record(page)

    assert field(reading, "statusModule.overallStatus") == "RECRUITING"
    assert "Status post surgery" in field(reading, "eligibilityModule.eligibilityCriteria")


def test_a_list_within_a_criterion_that_lost_its_indents_is_reported():
    """On one line the bullets of a list within a criterion look like its own, and the reader is told."""
    start = FULL_PAGE_A.index("Eligibility Inclusion Criteria")
    end = FULL_PAGE_A.index("\n", start)
    page = FULL_PAGE_A[:start] + "Eligibility Inclusion Criteria: - One of: - Gout - Pain - Consent" + FULL_PAGE_A[end:]
    reading = read_record(page)

    assert [item["text"] for item in reading.record["trialwright"]["eligibilityItems"]] == [
        "One of:", "Gout", "Pain", "Consent",
    ]  # fmt: skip
    assert any(each.rule == "X09" and "announce a list" in each.what for each in reading.findings)


def test_collaborators_whose_names_hold_commas():
    """Where the page counts fewer names than commas, a part that breaks the order of the alphabet ends a name."""
    page = FULL_PAGE_A.replace("Nowhere Hospital, Other Cells Co., Ltd.", "Office of Cells, Atlantis Division, Vault")
    names = [each["name"] for each in field(read_record(page), "sponsorCollaboratorsModule.collaborators")]

    assert names == ["Office of Cells, Atlantis Division", "Vault"]


@pytest.mark.parametrize(
    ("line", "lead", "others"),
    [
        ("Ada B. Nemo, MD Nowhere Hospital, Other Cells Co., Ltd.", "Ada B. Nemo, MD",
         ["Nowhere Hospital", "Other Cells Co., Ltd."]),
        ("Ada Nemo Imaginary Cells Co., Ltd., Nowhere Hospital", "Ada Nemo",
         ["Imaginary Cells Co., Ltd.", "Nowhere Hospital"]),
        ("Other Cells, Inc. Nowhere Hospital, School of Atlantis, Vault Institute", "Other Cells, Inc.",
         ["Nowhere Hospital, School of Atlantis", "Vault Institute"]),
        ("Office of Nothing Nowhere Hospital, Vault Institute", "Office of Nothing Nowhere Hospital, Vault Institute",
         []),
    ],
)  # fmt: skip
def test_a_lead_sponsor_that_is_not_the_source(line, lead, others):
    """A person, a legal form or the source behind it ends the lead sponsor, and a finding tells of it."""
    before = next(each for each in FULL_PAGE_A.splitlines() if each.startswith("Imaginary Cells Co., Ltd. Nowhere"))
    reading = read_record(FULL_PAGE_A.replace(before, line))
    collaborators = field(reading, "sponsorCollaboratorsModule.collaborators") or []

    assert field(reading, "sponsorCollaboratorsModule.leadSponsor") == {"name": lead}
    assert [each["name"] for each in collaborators] == others
    assert any(each.rule == "X09" and "lead sponsor" in each.what for each in reading.findings)


def test_a_page_that_names_no_contact_has_none():
    """`n/a` in the place of a contact is nobody's name."""
    reading = read_record(FULL_PAGE_A.replace("Is FDA regulated No", "Contact n/a\nIs FDA regulated No"))

    assert field(reading, "contactsLocationsModule.centralContacts") is None
    assert value_at(reading.record, "trialwright.otherSections") is None


def test_an_age_group_without_a_limit():
    """`N/A` and `and older` say that there is no limit, which is not the same as not saying."""
    reading = read_record(FULL_PAGE_A.replace("18 Years to 65 Years", "N/A to 17 Years"))

    assert field(reading, "eligibilityModule.maximumAge") == "17 Years"
    assert reading.field_states["eligibilityModule.minimumAge"] == "none"


def test_the_column_of_safety_issues_is_no_part_of_the_time_frame():
    """Older pages end each row of outcomes with `Yes` or `No`, which belongs to no time frame."""
    page = FULL_PAGE_A.replace("Up to two years", "Up to two years No").replace(
        "Secondary Survival", "Secondary Survival Yes"
    )

    assert read_record(page).record["protocolSection"]["outcomesModule"] == field(
        read_record(FULL_PAGE_A), "outcomesModule"
    )


def test_a_row_of_outcomes_that_can_be_parted_in_two_ways_is_doubtful():
    """A row whose measure may end at one place as well as at another is named as doubtful; one that says it is not."""
    page = FULL_PAGE_A.replace("Secondary Survival", "Secondary Survival general survival Week 4")
    [line] = [at for at, each in enumerate(page.splitlines(), start=1) if each.startswith("Secondary Survival")]
    [found] = [each.what for each in read_record(page).findings if each.place.startswith("section 'Outcome'")]

    assert found.endswith(f"a proposal, doubtful in line {line}")


def test_criteria_without_marks_on_one_line_are_told_apart_and_said_to_be():
    """Criteria that lost their lines and have no marks are parted by wording, a proposal; marked ones are not."""
    lists = (
        "Inclusion Criteria: Age from 18 years Signed informed consent Diagnosis of arthritis "
        "Exclusion Criteria: 1. Severe heart failure Known allergy 2. Pregnancy"
    )
    reading = read_record(re.sub(r"Eligibility Inclusion.+", f"Eligibility {lists}", FULL_PAGE_A))

    assert [
        (each["list"], each["number"], each["text"]) for each in field(reading, "trialwright.eligibilityItems")
    ] == [
        ("inclusion", None, "Age from 18 years"),
        ("inclusion", None, "Signed informed consent"),
        ("inclusion", None, "Diagnosis of arthritis"),
        ("exclusion", "1", "Severe heart failure Known allergy"),
        ("exclusion", "2", "Pregnancy"),
    ]
    assert field(reading, "eligibilityModule.eligibilityCriteria") == lists
    assert any(each.rule == "X09" and "criteria without marks" in each.what for each in reading.findings)


def test_values_below_their_labels_and_criteria_on_lines_of_their_own():
    """A value may stand below its label and begin like it; a criterion that begins like a label stays a criterion."""
    page = re.sub(r"(?m)^(Phase|Source|Gender|Age group) ", r"\1\n", FULL_PAGE_A)
    page = re.sub(r"Eligibility Inclusion.+", "Eligibility\nInclusion Criteria:\n* Adults\n* Pain\n"
                  "Gender dysphoria\nStatus epilepticus\nEnrollment elsewhere", page)  # fmt: skip
    reading = read_record(page.replace(" ", "\u00a0"))

    assert field(reading, "designModule.phases") == ["PHASE2"]
    assert field(reading, "identificationModule.organization.fullName") == "Imaginary Cells Co., Ltd."
    assert field(reading, "eligibilityModule.sex") == "FEMALE"
    assert [each["text"] for each in field(reading, "trialwright.eligibilityItems")] == [
        "Adults", "Pain\nGender dysphoria\nStatus epilepticus\nEnrollment elsewhere",
    ]  # fmt: skip
    assert "otherSections" not in reading.record["trialwright"]
