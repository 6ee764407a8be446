"""Names in several spellings, and a source's list of related trials: proposals, with a record that has none."""

from copy import deepcopy
from json import dumps

import pytest

from tests.registry.pages import RECORD
from trialwright.registry import describe, read_record
from trialwright.registry.reading import EXTENSION, rooted
from trialwright.registry.related import relations


def changed(**fields):
    """The invented record with some fields changed; `__` stands for a dot."""
    record = deepcopy(RECORD)
    for path, value in fields.items():
        target = record
        *parents, last = rooted(path.replace("__", "."))
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = value
    return read_record(dumps(record))


def what(reading, rule="C29"):
    """What a rule says of a reading."""
    return [finding.what for finding in reading.findings if finding.rule == rule]


def sites(*names):
    """The invented record with other sites."""
    return changed(contactsLocationsModule__locations=[{"facility": name} for name in names])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Imaginary Cell Company Limited", "Imaginary Cells, Inc."),
        ("Atlantis Arcadia No.1 People's Hospital", "Arcadia first people's Hospital"),
        ("Arcadia Hospital", "Arcadia Hospital (East campus)"),
        ("University Hospital, Arcadia", "Arcadia University Hospital"),
    ],
)
def test_spellings_of_one_organisation_are_proposed(one, other):
    """Two names that differ in legal form, number word, brackets or order are proposed as one, and both are kept."""
    reading = sites(one, other)

    assert any(one in each and other in each for each in what(reading))
    assert [site["facility"] for site in reading.record["protocolSection"]["contactsLocationsModule"]["locations"]] == [
        one,
        other,
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Arcadia People's Hospital", "Ithaca People's Hospital"),
        ("Arcadia First Hospital", "Arcadia Second Hospital"),
        ("Arcadia University", "Affiliated Hospital of Arcadia University"),
        ("Arcadia Central Hospital", "Arcadia Municipal Hospital"),
    ],
)
def test_different_organisations_are_no_spellings(one, other):
    """Names that differ in place, number or kind are two organisations."""
    assert what(sites(one, other)) == []


def test_product_codes_are_proposed():
    """Codes that differ in a hyphen or one letter are proposed as one; another number is another product."""
    text = "Of {} and {}."

    assert what(changed(descriptionModule__briefSummary=text.format("AB-C001", "ABC001"))) == [
        "perhaps one and the same: AB-C001 | ABC001"
    ]
    assert what(changed(descriptionModule__briefSummary=text.format("AB-C001", "AX-C001")))
    assert what(changed(descriptionModule__briefSummary=text.format("AB-C001", "AB-C002"))) == []


def test_places_of_nearly_one_name_are_shown():
    """A place of the text that one letter parts from a site's is shown; the same place is not."""
    site = [{"facility": "Nowhere Hospital", "state": "Arcaadia"}]
    text = {"descriptionModule__briefSummary": "Paid by the Province of Arcadia."}

    assert what(changed(contactsLocationsModule__locations=site, **text)) == [
        "Arcadia in the text, Arcaadia among the sites"
    ]
    assert what(changed(contactsLocationsModule__locations=[{"state": "Arcadia"}], **text)) == []


def official(name, role="STUDY_DIRECTOR"):
    """A person of the record."""
    return {"name": name, "role": role, "affiliation": "Nowhere Hospital"}


def test_a_person_in_two_spellings_is_counted_and_not_named():
    """One name in two orders or with other degrees is a finding that names nobody; two names are none."""
    [said] = what(
        changed(contactsLocationsModule__overallOfficials=[official("Ada Nobody, MD"), official("Nobody Ada")])
    )

    assert said.startswith("1 pairs of names")
    assert "Ada" not in said
    assert what(changed(contactsLocationsModule__overallOfficials=[official("Ada Nobody"), official("Al No")])) == []


def test_several_principal_investigators_are_noted():
    """Two principal investigators of one trial are noted; one is not."""
    heads = [official("Ada Nobody", "PRINCIPAL_INVESTIGATOR"), official("Al No", "PRINCIPAL_INVESTIGATOR")]

    assert what(changed(contactsLocationsModule__overallOfficials=heads)) == [
        "2 principal investigators, of Nowhere Hospital"
    ]
    assert what(changed(contactsLocationsModule__overallOfficials=heads[:1])) == []


def test_the_acronym_of_the_disease_is_none_of_the_trial():
    """An acronym that is the condition's is noted; another is not."""
    assert what(changed(identificationModule__acronym="IA")) == ["the acronym 'IA' is that of Invented Arthritis"]
    assert what(changed(identificationModule__acronym="ARCADIA")) == []


LISTED = [
    {"nctId": "NCT09999903", "title": "Tea for Sleep"},
    {"nctId": "NCT09999904", "title": "Tablets in Invented Arthritis"},
    {"nctId": "NCT09999905", "title": "Placental Cells for Sleep"},
    {"nctId": "NCT09999906", "title": "Placental Cells in Invented Arthritis, Once More"},
]


def listed(*trials):
    """The invented record with a list of related trials."""
    record = deepcopy(RECORD) | {EXTENSION: {"relatedTrials": list(trials)}}
    return read_record(dumps(record))


def test_related_trials_are_ranked_with_their_reason():
    """Those with the same product come first, each with what its title shares, and the description says it."""
    found = relations(listed(*LISTED))

    assert [relation.nct_id[-1] for relation in found] == ["6", "5", "4", "3"]
    assert found[0].reason == "the same product (placental) and the same condition (invented arthritis)"
    assert found[-1].reason == "nothing in common by its title"
    assert "the same condition (invented arthritis)" in " ".join(describe(listed(*LISTED)).split())


def test_a_list_by_condition_alone_is_noted():
    """C33: trials of the same disease alone, or of nothing in common, are noted by number; the others are not."""
    assert what(listed(*LISTED), "C33") == [
        "of 4 listed trials 1 by condition alone (NCT09999904) and 1 by nothing that their titles say (NCT09999903)"
    ]
    assert what(listed(*LISTED[2:]), "C33") == []


def test_a_product_under_another_code_is_the_same_product():
    """A listed trial of a code that differs in one letter is related by product, as a proposal."""
    record = deepcopy(RECORD) | {EXTENSION: {"relatedTrials": [{"nctId": "NCT09999907", "title": "AX-C001 for Sleep"}]}}
    record["protocolSection"]["descriptionModule"]["briefSummary"] = "Of AB-C001."

    assert relations(read_record(dumps(record)))[0].reason == "the same product (AB-C001, perhaps AX-C001)"
