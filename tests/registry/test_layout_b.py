"""Layout B, labelled and compact, read back from pages written from an invented record."""

from copy import deepcopy

import pytest

from tests.registry.pages import RECORD
from tests.registry.print_b import page_b, sections_b
from trialwright.registry import layout_b, read_record
from trialwright.registry.page import digest
from trialwright.registry.reading import value_at

TITLE = "Placental Cells\nNCT ID: NCT09999901\nLast Updated: 2026-11-02\n"


def rules(reading):
    """The rules of the findings."""
    return [finding.rule for finding in reading.findings]


def protocol_of(reading):
    """The record's protocol section, with the organisation that layout B does not print."""
    record = deepcopy(reading.record["protocolSection"])
    record["identificationModule"]["organization"] = {"fullName": "Imaginary Cells Co., Ltd."}
    return record


def test_a_labelled_page_gives_back_the_record():
    """Every field that layout B prints is read into its place in the API's structure."""
    reading = read_record(page_b())

    assert reading.layout == "page B"
    assert protocol_of(reading) == RECORD["protocolSection"]


def test_a_compact_page_gives_back_all_but_the_types():
    """Without labels and blank lines, values are told by vocabulary and order; types are absent, not guessed."""
    reading = read_record(page_b(labels=False))
    arms = reading.record["protocolSection"]["armsInterventionsModule"]

    assert [arm["label"] for arm in arms["armGroups"]] == ["Cells", "Sham"]
    assert arms["armGroups"][0]["interventionNames"] == ["Placental cells", "Saline rinse"]
    assert all("type" not in each for each in arms["armGroups"] + arms["interventions"])
    for module in ("statusModule", "designModule", "sponsorCollaboratorsModule", "contactsLocationsModule"):
        assert reading.record["protocolSection"][module] == RECORD["protocolSection"][module]
    assert value_at(reading.record, "eligibilityModule") == RECORD["protocolSection"]["eligibilityModule"]
    assert "X08" in rules(reading)


@pytest.mark.parametrize("mark", ["\r\n", "\r"])
def test_line_ends_do_not_matter(mark):
    """A page with the line ends of another system reads the same."""
    assert read_record(page_b().replace("\n", mark)).record == read_record(page_b()).record


def test_the_order_of_sections_does_not_matter():
    """A page whose sections stand in another order gives the same fields."""
    turned = TITLE + "\n".join(line for heading, lines in reversed(sections_b().items()) for line in (heading, *lines))
    upright = TITLE + "\n".join(line for heading, lines in sections_b().items() for line in (heading, *lines))

    assert read_record(turned).record == read_record(upright).record


def test_a_heading_over_no_text_is_lost_and_a_missing_one_absent():
    """A field whose heading stands over nothing is lost; one without a heading is absent."""
    lines = sections_b()
    lines["Brief Summary"] = []
    del lines["Keywords"]
    reading = read_record(TITLE + "\n".join(line for heading, body in lines.items() for line in (heading, *body)))

    assert reading.field_states["descriptionModule.briefSummary"] == "lost"
    assert reading.field_states["conditionsModule.keywords"] == "absent"
    assert reading.field_states["conditionsModule.conditions"] == "carried"
    assert "X02" in rules(reading)
    assert reading.sections["brief summary"] == ()


def test_an_unknown_section_is_kept():
    """A heading that the reader does not know keeps its text, its introduction too, and is reported."""
    page = page_b().replace(
        "Sponsors\n", "Weather Notes\n\nReview the weather at each site during the trial.\n\nMostly rain.\n\nSponsors\n"
    )
    reading = read_record(page)

    [kept] = reading.record["trialwright"]["otherSections"]
    assert kept["heading"] == "Weather Notes"
    assert kept["text"].endswith("Mostly rain.")
    assert "K01" in rules(reading)


def test_introductions_are_furniture_and_decide_what_is_a_heading(monkeypatch):
    """Where headings have introductions, a paragraph that reads like a heading stays text."""
    invented = "Look at what this invented study is about."
    monkeypatch.setattr(layout_b, "_INTRODUCTIONS", frozenset({digest(invented)}))
    page = f"{TITLE}Brief Summary\n{invented}\nConditions\nare mild.\nKeywords\n{invented}\ncells"
    reading = read_record(page)

    assert reading.record["protocolSection"]["descriptionModule"]["briefSummary"] == "Conditions\nare mild."
    assert (5, invented, "furniture") in reading.places
    assert value_at(reading.record, "conditionsModule.keywords") == ["cells"]


def test_text_pasted_to_an_introduction_is_kept(monkeypatch):
    """What was pasted to the end of an introduction is text of the section."""
    invented = "Look at what this invented study is about."
    monkeypatch.setattr(layout_b, "_INTRODUCTIONS", frozenset({digest(invented)}))
    reading = read_record(f"{TITLE}Brief Summary\n{invented}One dose.")

    assert reading.sections["brief summary"] == ("One dose.",)


def test_a_page_that_is_cut_short_is_reported():
    """A page that ends before the sections that every page has says from where on it lacks them."""
    page = page_b()
    reading = read_record(page[: page.index("Eligibility Criteria")])

    [cut] = [finding for finding in reading.findings if finding.rule == "K05"]
    assert "'eligibility'" in cut.what
    assert cut.severity == "error"


def test_one_date_without_a_label_is_not_guessed():
    """A single date on a compact page could be the start or the completion: it goes to neither and is kept."""
    reading = read_record(TITLE + "Basic Information\nCOMPLETED\n2021-01-05")

    assert value_at(reading.record, "statusModule.startDateStruct") is None
    assert reading.record["trialwright"]["otherSections"][0]["text"] == "2021-01-05"


def test_a_word_outside_the_vocabulary_is_kept_and_reported():
    """A status that the registry does not have is no status."""
    reading = read_record(TITLE + "Basic Information\nRecruitment Status\nSOON\nClinical Phase\nPHASE1")

    assert value_at(reading.record, "statusModule.overallStatus") is None
    assert reading.record["trialwright"]["otherSections"][0]["text"] == "SOON"
    assert {"K01", "K02"} <= set(rules(reading))


def test_people_references_and_other_trials():
    """Officials, contacts, references, identifiers and other trials go to their own places."""
    page = f"""{TITLE}Principal Investigators
Ada Nobody
Role: PRINCIPAL_INVESTIGATOR
Nowhere Hospital
Central Contacts
Bob Noone
Role: CONTACT
000-00000
bob@example.org
Facility Contacts
Cy Nil
Role: primary
References
Nil C. On nothing. J Void. 2001.
Reference Type BACKGROUND
PMID: 123 (View on PubMed)
Nil C. More on nothing. J Void. 2002.
Reference Type RESULT
Other Identifiers
INV-01
Identifier Type: -
Identifier Source: org_study_id
ABC
Identifier Type: OTHER
Identifier Source: secondary_id
More Related Trials
Another Trial
NCT09999902
COMPLETED
PHASE2"""
    reading = read_record(page)
    record = reading.record["protocolSection"]

    assert record["contactsLocationsModule"]["overallOfficials"][0]["affiliation"] == "Nowhere Hospital"
    assert record["contactsLocationsModule"]["centralContacts"] == [
        {"name": "Bob Noone", "role": "CONTACT", "phone": "000-00000", "email": "bob@example.org"}
    ]
    assert reading.record["trialwright"]["facilityContacts"] == [{"name": "Cy Nil", "role": "PRIMARY"}]
    assert [each.get("pmid") for each in record["referencesModule"]["references"]] == ["123", None]
    assert record["identificationModule"]["orgStudyIdInfo"] == {"id": "INV-01"}
    assert record["identificationModule"]["secondaryIdInfos"] == [{"id": "ABC", "type": "OTHER"}]
    assert reading.record["trialwright"]["relatedTrials"] == [
        {"nctId": "NCT09999902", "title": "Another Trial", "overallStatus": "COMPLETED", "phases": ["PHASE2"]}
    ]


def test_text_pasted_to_the_last_line_is_kept():
    """What was pasted to the end of the page is kept apart from the value it stuck to."""
    reading = read_record(page_b() + "Next page begins")

    assert value_at(reading.record, "identificationModule.orgStudyIdInfo.id") == "INV-01"
    assert "Next page begins" in str(reading.record["trialwright"]["otherSections"])


def test_sites_are_told_without_a_list_of_countries():
    """A site is read from its two lines even where the page's countries are lost or name others."""
    for countries in ("Countries\n", "Countries\nErewhon\n"):
        sites = "Locations\nA Clinic, East Wing\nUtopia, North, 12345, Atlantis\nSite Status RECRUITING\n"
        assert value_at(read_record(TITLE + sites + countries).record, "contactsLocationsModule.locations") == [
            {
                "facility": "A Clinic, East Wing",
                "city": "Utopia",
                "zip": "12345",
                "state": "North",
                "country": "Atlantis",
                "status": "RECRUITING",
            }
        ]


def test_arms_without_types_are_paired():
    """Groups of a study that gives no types and no interventions are a label and a description in turn."""
    page = f"{TITLE}Study Groups\n\nCases\n\nAdults with gout.\n\nControls\n\nAdults without gout.\n"

    assert value_at(read_record(page).record, "armsInterventionsModule.armGroups") == [
        {"label": "Cases", "description": "Adults with gout."},
        {"label": "Controls", "description": "Adults without gout."},
    ]


def test_indents_of_a_list_within_a_criterion_are_kept():
    """A numbered list that is indented below a criterion belongs to it, and the text keeps its indents."""
    page = f"{TITLE}Eligibility Criteria\nInclusion Criteria\n1. Blood:\n   1. ANC\n   2. PLT\n2. Consent\n"
    reading = read_record(page)

    assert [item["number"] for item in reading.record["trialwright"]["eligibilityItems"]] == ["1", "2"]
    assert "\n   1. ANC" in value_at(reading.record, "eligibilityModule.eligibilityCriteria")


def page_of(**sections):
    """A page with the invented record's sections, some of them written anew."""
    lines = sections_b() | {heading.replace("_", " "): body for heading, body in sections.items()}
    return TITLE + "\n".join(line for heading, body in lines.items() for line in (heading, *body))


def test_names_on_one_line_are_told_apart_and_said_to_be():
    """Conditions and keywords that a page runs together are parted by wording, a proposal that a finding names."""
    page = page_of(
        Conditions=["Invented Arthritis Joint Pain"],
        Keywords=["invented arthritis placental cell therapy autoimmune"],
        Brief_Summary=["Placental cell therapy in invented arthritis."],
    )
    reading = read_record(page)
    said = [finding.place for finding in reading.findings if finding.rule == "X09"]

    assert value_at(reading.record, "conditionsModule") == {
        "conditions": ["Invented Arthritis", "Joint Pain"],
        "keywords": ["invented arthritis", "placental cell therapy", "autoimmune"],
    }
    assert {"conditions", "keywords"} <= set(said)
    assert reading.sections["conditions"] == ("Invented Arthritis Joint Pain",)


def test_countries_on_one_line_are_told_apart_by_the_sites():
    """A line of countries is parted by those that end the lines of sites; what is left of it is a country too."""
    sites = [
        "Clinic One",
        "Utopia, North, Atlantis",
        "Clinic Two",
        "Seoul, Korea, Republic of",
        "Clinic, Three",
        "Ur, Oz",
    ]
    reading = read_record(page_of(Locations=sites, Countries=["Atlantis Elsewhere Korea, Republic of Oz"]))
    places = [tuple(site.values()) for site in value_at(reading.record, "contactsLocationsModule.locations")]

    assert reading.record["trialwright"]["countries"] == ["Atlantis", "Elsewhere", "Korea, Republic of", "Oz"]
    assert places == [
        ("Clinic One", "Utopia", "North", "Atlantis"),
        ("Clinic Two", "Seoul", "Korea, Republic of"),
        ("Clinic, Three", "Ur", "Oz"),
    ]


def test_a_contact_needs_no_name():
    """A telephone number or an address above a role belongs to the contact before it, and is nobody's name."""
    lines = ["Ann Nobody", "Role: CONTACT", "000-000000 ext. 4", "ann@example.org", "Role: CONTACT", "000-000001"]
    reading = read_record(page_of(Central_Contacts=lines))

    assert value_at(reading.record, "contactsLocationsModule.centralContacts") == [
        {"name": "Ann Nobody", "role": "CONTACT", "phone": "000-000000 ext. 4", "email": "ann@example.org"},
        {"role": "CONTACT", "phone": "000-000001"},
    ]


@pytest.mark.parametrize(
    ("lines", "party"),
    [
        (["Ann Nobody", "Imaginary Cells Co., Ltd."], {"investigatorAffiliation": "Imaginary Cells Co., Ltd."}),
        (["Ann Nobody", "Professor"], {"investigatorTitle": "Professor"}),
    ],
)
def test_the_sponsor_below_an_investigator_is_the_affiliation(lines, party):
    """Who answers for the record has a title, unless the one line below the name is the lead sponsor."""
    reading = read_record(page_of(Responsible_Party=[*lines, "Responsibility Role SPONSOR_INVESTIGATOR"]))

    assert value_at(reading.record, "sponsorCollaboratorsModule.responsibleParty") == {
        "type": "SPONSOR_INVESTIGATOR",
        "investigatorFullName": "Ann Nobody",
        **party,
    }


def test_results_that_are_there():
    """A page that says that results are available is read so, and one that says nothing of them is not."""
    assert read_record(page_of(Study_Results=["Results available"])).record["hasResults"] is True
    assert "hasResults" not in read_record(page_b()).record


def test_an_age_without_a_limit_is_none_and_not_absent():
    """A limit that the page says is none is told from one that it does not print."""
    reading = read_record(page_of(Eligibility_Criteria=["Inclusion Criteria", "* Age", "Maximum Eligible Age", "N/A"]))

    assert reading.field_states["eligibilityModule.maximumAge"] == "none"
    assert reading.field_states["eligibilityModule.minimumAge"] == "absent"


def test_a_compact_page_may_lack_its_top():
    """A page without title, number and date is read all the same, and what it lacks is said."""
    page = page_b(labels=False)
    reading = read_record(page[page.index("Basic Information") :])
    said = next(finding.what for finding in reading.findings if "this page does not have" in finding.what)

    assert reading.nct_id is None
    assert value_at(reading.record, "statusModule.overallStatus") == "NOT_YET_RECRUITING"
    assert "registration number" in said
    assert "title" in said


def test_arms_without_interventions_in_the_compact_form():
    """Labels and descriptions in turn before the first known intervention are several arms, not one."""
    record = deepcopy(RECORD)
    arms = record["protocolSection"]["armsInterventionsModule"]["armGroups"]
    arms.insert(0, {"label": "Watched", "type": "NO_INTERVENTION", "description": "No treatment"})
    reading = read_record(page_b(record, labels=False))
    found = value_at(reading.record, "armsInterventionsModule.armGroups")

    assert [arm["label"] for arm in found] == ["Watched", "Cells", "Sham"]
    assert "interventionNames" not in found[0]


def test_an_arm_named_like_its_intervention_in_the_compact_form():
    """An arm with the name and the words of its intervention is an arm, and what stands below it the intervention."""
    record = deepcopy(RECORD)
    module = record["protocolSection"]["armsInterventionsModule"]
    module["interventions"] = [{"type": "DRUG", "name": name, "description": f"{name} daily"} for name in ("Aa", "Bb")]
    module["armGroups"] = [
        {"label": name, "description": f"{name} daily", "interventionNames": [f"Drug: {name}"]} for name in ("Aa", "Bb")
    ]
    found = value_at(read_record(page_b(record, labels=False)).record, "armsInterventionsModule.armGroups")

    assert [(arm["label"], arm["interventionNames"]) for arm in found] == [("Aa", ["Aa"]), ("Bb", ["Bb"])]


def test_a_description_that_reads_like_an_introduction_is_none():
    """Below an arm's label, several sentences that begin like an introduction are its description."""
    page = page_b(labels=False).replace("One infusion of cells.", "Find the highest dose in this trial. Go up slowly.")
    found = value_at(read_record(page).record, "armsInterventionsModule.armGroups")

    assert [arm["label"] for arm in found] == ["Cells", "Sham"]


@pytest.mark.parametrize("between", ["\n", "\n\n", "\t", " | ", " • ", "\n* ", ", ", "; "])
def test_names_with_a_mark_between_them_are_told_apart_by_it(between):
    """Conditions and keywords that a page sets apart by lines, bullets, commas or other marks are parted there."""
    names = {"conditions": ["Rheumatoid Arthritis", "Psoriasis"], "keywords": ["cord blood", "cells", "safety"]}
    blocks = sections_b()
    lists = {kind.capitalize(): [f"{'* ' * ('*' in between)}{between.join(names[kind])}"] for kind in names}
    page = TITLE + "\n\n".join(line for heading, lines in (blocks | lists).items() for line in (heading, *lines))

    found = value_at(read_record(page).record, "conditionsModule")
    assert found == names


def test_a_comma_within_names_parts_none():
    """A comma stands in the names of some conditions, and no condition ends there."""
    blocks = sections_b() | {"Conditions": ["Osteoarthritis, Knee"], "Keywords": ["Leukemia, Myeloid"]}
    page = TITLE + "\n\n".join(line for heading, lines in blocks.items() for line in (heading, *lines))

    assert value_at(read_record(page).record, "conditionsModule") == {
        "conditions": ["Osteoarthritis, Knee"],
        "keywords": ["Leukemia, Myeloid"],
    }


def test_masked_roles_on_several_lines_and_references_without_types():
    """Roles that are masked may stand one a line; references need no type to be told by their PubMed numbers."""
    page = page_b().replace("Participants Outcome Assessors", "Participants\n\nOutcome Assessors")
    cited = "References\n\nNobody A. Cells. 2020.\nPMID: 123 (View on PubMed)\n\nNobody B. More. 2021."
    reading = read_record(f"{page}\n\n{cited}")

    assert value_at(reading.record, "designModule.designInfo.maskingInfo.whoMasked") == [
        "PARTICIPANT", "OUTCOMES_ASSESSOR",
    ]  # fmt: skip
    assert value_at(reading.record, "referencesModule.references") == [
        {"citation": "Nobody A. Cells. 2020.", "pmid": "123"},
        {"citation": "Nobody B. More. 2021."},
    ]
    assert "K01" not in rules(reading)


def test_interventions_without_descriptions_in_the_compact_form():
    """Names that the groups set apart are interventions of their own, not one's name and description."""
    record = deepcopy(RECORD)
    module = record["protocolSection"]["armsInterventionsModule"]
    module["interventions"] = [{"type": "DRUG", "name": name} for name in ("Aa", "Placebo", "Bb", "Cc")]
    module["armGroups"] = [
        {"label": "New", "description": "Aa, Bb and Cc.", "interventionNames": ["Drug: Aa", "Drug: Bb", "Drug: Cc"]},
        {"label": "Old", "description": "No Aa.", "interventionNames": ["Drug: Bb", "Drug: Cc", "Drug: Placebo"]},
    ]
    found = value_at(read_record(page_b(record, labels=False)).record, "armsInterventionsModule")

    assert [each["name"] for each in found["interventions"]] == ["Aa", "Placebo", "Bb", "Cc"]
    assert [arm["interventionNames"] for arm in found["armGroups"]] == [["Aa", "Bb", "Cc"], ["Bb", "Cc", "Placebo"]]
