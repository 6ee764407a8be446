"""What somebody at the bedside reads: whose the next step is, which lot and dose, and faults in a form's own words."""

import re
from decimal import Decimal
from html import unescape

import pytest

from tests.conductor import PROTOCOLS, STUDY
from trialwright.protocol.file import load_study
from trialwright.web.form_fields import IdsField, ListedField
from trialwright.web.item_fields import shown

NO_JSON = re.compile(r"""\{["']|\[["']""")
LOT = {"lot": "L9", "product": "hUC-MSC injection", "volume_ml": "25", "expires_at": "2026-02-05 18:00"}


def words(response) -> str:
    """The words of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_a_drug_that_is_not_taken_comes_back_as_zero():
    """The dose of a drug that was said not to be taken is shown as the 0 that says so, and saves again."""
    drug = next(one for one in load_study((PROTOCOLS / "NCT03828344.yaml").read_text()).items if one.type == "drug")
    assert shown(drug, [{"dose": False}]) == {f"value_{drug.name}": 0}
    assert shown(drug, []) == {f"value_{drug.name}": 0}
    assert shown(drug, [{"dose": Decimal(15)}]) == {f"value_{drug.name}": "15"}


def test_names_keep_their_spaces_and_ids_need_none():
    """Attendees are told apart by commas; ids of containers by commas, spaces, or both."""
    assert ListedField().clean("Dr Ada Byron, Dr Mary Somerville,") == ("Dr Ada Byron", "Dr Mary Somerville")
    assert IdsField().clean("C1, C2  C3") == ("C1", "C2", "C3")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("viability_pct", "0.92", "Viability must be at least 1 %."),
        ("viability_pct", "920", "Viability must be at most 100 %."),
        ("lot", "L/9", "Lot number: use letters, digits and . _ @ - only"),
        ("containers", "C/1", "Containers: use letters, digits and . _ @ - only"),
    ],
)
def test_a_fault_names_the_field_and_its_limit(workspace, field, typed, said):
    """What is beyond a limit, or no id, is said with the field's label and unit, whoever found it."""
    answer = workspace.sign_in("pharmacist").post("/pharmacy/lots/new/", {**LOT, "containers": "C1", field: typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert "pattern" not in words(answer)


def test_the_trail_is_in_words(workspace):
    """The audit trail names items and criteria as the protocol does, and says whether what excludes is there."""
    exclusion = next(one for one in STUDY.criteria if one.id == "E01")
    page = words(workspace.sign_in("monitor").get("/audit/?subject=S003"))
    assert not NO_JSON.search(page)
    assert "BASDAI" in page
    assert f"E01: {exclusion.say} absent" in page


def test_a_subject_names_who_takes_the_next_step(workspace):
    """Who may do nothing about a subject reads on its page what is due and whose it is."""
    page = words(workspace.sign_in("coordinator").get("/subjects/S005/"))
    assert "Nothing is due from you. 1 for others Assess eligibility investigator" in page


def test_the_second_match_is_somebody_elses(workspace):
    """Whoever matched the identities is not asked to match them again; the next page names who may."""
    pharmacist = workspace.sign_in("pharmacist")
    asked = {"lot": "L1", "containers": "L1-1", "weight_kg": "70", "weighed_on": "2026-01-08", "step": "record"}
    assert pharmacist.post("/subjects/S004/preparation/", asked).status_code == 302
    read = {"scanned_subject": "S004", "scanned_coi": "S004-1"}
    page = words(pharmacist.post("/subjects/S004/identity/", read, follow=True))
    assert "Nothing is due from you. 1 for others Match the identity coordinator or investigator or pharmacist" in page
    assert "S004-1" in words(workspace.sign_in("coordinator").get("/subjects/S004/infusion/"))


def test_to_choose_nothing_says_what_is_locked(workspace):
    """The form that locks says that without a subject the whole study is locked."""
    page = words(workspace.sign_in("sponsor").get("/entry/lock-data/"))
    assert "The whole study S001" in page
    assert "Every visit Screening" in page


def test_each_page_names_its_lot(workspace):
    """A lot is released and quarantined on a page that names it, and release is offered only where it can be."""
    client = workspace.sign_in("pharmacist")
    assert "Release the lot L2, hUC-MSC injection" in words(client.get("/pharmacy/lots/L2/release/"))
    page = client.get("/pharmacy/").content.decode()
    assert "/pharmacy/lots/L2/release/" in page
    assert "/pharmacy/lots/L1/release/" not in page


def test_a_query_names_its_visit_and_item_wherever_it_is_asked(workspace):
    """On the subject's page, on the list of tasks and in the form of its answer stand visit and item in words."""
    monitor, nurse = workspace.sign_in("monitor"), workspace.sign_in("coordinator")
    asked = {"visit": "D7", "item": "crp", "text": "Which day?"}
    assert monitor.post("/subjects/S001/entry/open-query/", asked).status_code == 302

    assert "1 D7 C-reactive protein open" in words(monitor.get("/subjects/S001/"))
    assert "query 1, D7, C-reactive protein: Which day?" in words(nurse.get("/"))
    assert "1, D7, C-reactive protein: Which day? (open)" in words(nurse.get("/subjects/S001/entry/answer-query/"))


def test_a_lock_is_offered_for_visits_between_the_scheduled_ones(workspace):
    """A visit that the schedule does not have is offered with whose it is."""
    held = {"on": workspace.now.date().isoformat(), "reason": "Came unwell"}
    nurse = workspace.sign_in("coordinator")
    assert nurse.post("/subjects/S001/entry/hold-unscheduled-visit/", held).status_code == 302

    page = words(workspace.sign_in("sponsor").get("/entry/lock-data/"))
    assert re.search(r"UNSCHEDULED \d\.01 of S001", page)


def test_a_grant_says_whether_there_is_an_account(workspace):
    """Who gets a role and has no account is named as such, and the sponsor is offered who has one and no role."""
    sponsor = workspace.sign_in("sponsor")
    role = {"role": "coordinator", "site": "01"}
    told = words(sponsor.post("/people/new/", {**role, "person": "stranger"}, follow=True))

    assert "stranger has no account yet" in told
    assert "<option>nobody</option>" in sponsor.get("/people/new/").content.decode()
    assert "no account" not in words(sponsor.post("/people/new/", {**role, "person": "nobody"}, follow=True))


def test_the_page_of_the_protocol_has_conditions_in_words_alone(workspace):
    """What a criterion asks stands in words with labels, and nothing in the language of the protocol file."""
    answer = workspace.sign_in("coordinator").get("/protocol/")
    assert "BASDAI of at least 4" in words(answer)
    assert b"<code>" not in answer.content
