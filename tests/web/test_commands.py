"""Commands given through forms: recorded, refused, or returned with what was typed."""

import csv
import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest

from tests.web.conftest import PASSWORD
from trialwright.clinical.ctcae_dictionary import dictionary
from trialwright.conduct import commands as cmd
from trialwright.conduct.events import CommandRefused, DoseDecisionSigned, InfusionCompleted, InfusionPrepared
from trialwright.exchange.ctcae_wording import add_wording
from trialwright.trial import Trial

EVENT = {"term": "Hypoxia", "onset_on": "2026-01-06", "grade": "3", "related": "yes", "serious": "no"}
PRODUCT = {"lot": "L1", "containers": "L1-1", "weight_kg": "70", "weighed_on": "2026-01-08"}


def shown_for_signature(page) -> dict[str, str]:
    """Number and content of the decision on the page."""
    return dict(re.findall(r'type="hidden" name="(number|content)" value="([^"]*)"', page.content.decode()))


def test_a_command_names_its_log_entry(workspace):
    """What was recorded is said on the next page with its number in the log, and a reload records nothing more."""
    client = workspace.sign_in("coordinator")
    response = client.post("/subjects/S001/adverse-events/new/", EVENT, follow=True)
    entries = len(workspace.events())
    client.get(response.request["PATH_INFO"])

    assert response.redirect_chain == [("/subjects/S001/", 302)]
    assert f"Hypoxia, grade 3, of S001 is recorded. Log entry {entries}." in response.content.decode()
    assert len(workspace.events()) == entries


def test_wrong_input_comes_back_with_what_was_typed(workspace):
    """A form with faults returns as 422, with every message linked to its field and nothing typed lost."""
    client = workspace.sign_in("coordinator")
    typed = {"term": "Hypo & xia", "onset_on": "5 January", "grade": "", "related": "yes"}
    response = client.post("/subjects/S001/adverse-events/new/", typed)
    page = response.content.decode()

    assert response.status_code == 422
    assert 'value="Hypo &amp; xia"' in page
    assert 'value="5 January"' in page
    assert '<a href="#id_onset_on">' in page
    assert '<a href="#id_grade_0">' in page
    assert page.index("There is a problem") < page.index("id_onset_on_error")


def shown_grades(page) -> list[str]:
    """The labels of the grades that a page offers."""
    return re.findall(r'for="id_grade_\d">([^<]*)</label>', page.content.decode())


@pytest.fixture
def no_wording(monkeypatch, tmp_path):
    """A data folder to which nobody has added the NCI's wording."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


@pytest.fixture
def wording(no_wording):
    """The NCI's wording was added; here a table of the right shape with words of its own."""
    rows = [["term", *(f"grade_{grade}" for grade in range(1, 6))]]
    for name, term in dictionary().items():
        rows.append([name, *(f"{name}, words for {grade}" if grade in term.grades else "" for grade in range(1, 6))])
    table = StringIO()
    csv.writer(table).writerows(rows)
    add_wording(table.getvalue())


def test_the_grades_of_a_term_are_shown_where_one_is_chosen(workspace, wording):
    """Asked for the grades of a term, the form shows those that it has in the NCI's words, and records nothing."""
    client = workspace.sign_in("coordinator")
    before = len(workspace.events())
    page = client.post("/subjects/S001/adverse-events/new/", {**EVENT, "term": "lymph node pain", "step": "ask"})

    assert page.status_code == 200
    assert shown_grades(page) == [f"{grade} – Lymph node pain, words for {grade}" for grade in (1, 2, 3)]
    assert 'value="2026-01-06"' in page.content.decode()
    assert re.search(r'name="grade" value="3"[^>]*checked', page.content.decode())
    assert len(workspace.events()) == before


def test_without_the_wording_grades_have_short_words(workspace, no_wording):
    """Where nobody has added the NCI's wording, the grades of a term have short words; other words have all five."""
    client = workspace.sign_in("coordinator")
    url = "/subjects/S001/adverse-events/new/"
    asked = {**EVENT, "step": "ask"}

    assert shown_grades(client.post(url, {**asked, "term": "Lymph node pain"}))[0] == "1 – mild"
    assert shown_grades(client.post(url, {**asked, "term": "Leukocytosis"}))[0].startswith("3 – value &gt; 100")
    assert len(shown_grades(client.post(url, {**asked, "term": "Swollen knee"}))) == 5
    assert len(shown_grades(client.get(url))) == 5


def test_a_new_grade_is_chosen_among_those_of_the_event(workspace, wording):
    """Who changes the grade of an event sees the grades of its term in the NCI's words."""
    page = workspace.sign_in("investigator").get("/subjects/S001/adverse-events/1/grade/")

    assert shown_grades(page) == [f"{grade} – Fever, words for {grade}" for grade in range(1, 6)]


def test_a_grade_that_the_term_has_not_is_refused(workspace, no_wording):
    """A grade that a term does not have is refused by the protocol's scale, and the form offers those it has."""
    typed = {**EVENT, "term": "Lymph node pain", "grade": "4"}
    response = workspace.sign_in("coordinator").post("/subjects/S001/adverse-events/new/", typed)
    page = response.content.decode()

    assert response.status_code == 422
    assert "Lymph node pain has no grade 4 in CTCAE 5.0; it has 1, 2, 3." in page
    assert "adverse events &gt; scale" in page
    assert len(shown_grades(response)) == 3


def test_the_protocol_refuses_with_its_rule(workspace):
    """A window that is still open is not closed: 409, with the reason, the protocol's rule and what would change it."""
    response = workspace.sign_in("investigator").post("/subjects/S004/dlt-window/", {})
    early = workspace.sign_in("elsewhere").post("/subjects/S002/dlt-window/", {})
    page = early.content.decode()

    assert response.status_code == 422
    assert early.status_code == 409
    assert "The DLT window of S002 ends on" in page
    assert "protocol NCT05962762 version 1.0, dose escalation &gt; dlt window" in page
    assert "Close it then" in page
    assert isinstance(workspace.events()[-1], CommandRefused)


def test_a_role_that_may_not_is_refused_and_recorded(workspace):
    """A command that is not for the role is refused with 403 and goes into the log; its form is not shown either."""
    client = workspace.sign_in("monitor")
    shown = client.get("/subjects/new/")
    given = client.post("/subjects/new/", {"consented_on": "2026-01-05"})

    assert shown.status_code == given.status_code == 403
    assert b'<form method="post" class' not in shown.content
    assert b"may not give the command ScreenSubject" in given.content
    assert workspace.events()[-1].code == "role.may_not"


def test_the_planned_volume_stands_before_the_confirmation(workspace):
    """The volume is computed and shown before anything is recorded, and then recorded as shown."""
    client = workspace.sign_in("pharmacist")
    before = len(workspace.events())
    shown = client.post("/subjects/S004/preparation/", {**PRODUCT, "step": "compute"})

    assert b"15.2 mL" in shown.content
    assert "7 × 10⁷ viable cells" in shown.content.decode()
    assert len(workspace.events()) == before
    done = client.post("/subjects/S004/preparation/", {**PRODUCT, "step": "record"})
    assert done.status_code == 302
    *_, prepared, held = workspace.events()
    assert isinstance(prepared, InfusionPrepared)
    assert (str(prepared.volume_ml), str(held.prepared_ml)) == ("15.2", "15.2")


def test_an_infusion_is_given_step_by_step(workspace):
    """Prepared by one, matched by two, begun and completed: each step has its page, and the next one its button."""
    pharmacist, investigator, coordinator = map(workspace.sign_in, ("pharmacist", "investigator", "coordinator"))
    read = {"scanned_subject": "S004", "scanned_coi": "S004-1"}
    early = investigator.post("/subjects/S004/infusion/", {})
    pharmacist.post("/subjects/S004/preparation/", {**PRODUCT, "step": "record"})
    wrong = investigator.post("/subjects/S004/identity/", {**read, "scanned_subject": "S001"})

    assert early.status_code == wrong.status_code == 409
    assert b"the wristband reads S001" in wrong.content
    for client in (investigator, coordinator):
        assert client.post("/subjects/S004/identity/", read).status_code == 302
    assert b"Begin the infusion" in investigator.get("/subjects/S004/").content
    assert investigator.post("/subjects/S004/infusion/", {}).status_code == 302
    less = coordinator.post("/subjects/S004/infusion/end/", {"given_ml": "12"})
    assert b"12 mL were given and 15.2 mL were prepared" in less.content
    assert coordinator.post("/subjects/S004/infusion/end/", {"given_ml": "12", "reason": "Line"}).status_code == 302
    assert isinstance(workspace.events()[-1], InfusionCompleted)


def test_lots_are_received_and_released(workspace):
    """The pharmacist receives a lot, releases it and puts it into quarantine; others read of it and do nothing."""
    client = workspace.sign_in("pharmacist")
    label = {"lot": "L3", "product": "hUC-MSC injection", "containers": "L3-1 L3-2", "volume_ml": "50"}
    cells = {"expires_at": "2026-02-01 18:00", "concentration_per_ml": "5e6", "viability_pct": "92"}

    assert client.post("/pharmacy/lots/new/", {**label, **cells}).status_code == 302
    assert client.post("/pharmacy/lots/L3/release/", {"reason": "Certificate"}).status_code == 302
    assert b"L3-1, L3-2" in client.get("/pharmacy/").content
    assert client.post("/pharmacy/lots/L3/quarantine/", {"reason": "Alarm"}).status_code == 302
    assert client.get("/pharmacy/lots/L9/release/").status_code == 404
    assert b"quarantined" in workspace.sign_in("investigator").get("/pharmacy/").content
    assert workspace.sign_in("investigator").get("/pharmacy/lots/L1/release/").status_code == 403


def test_another_volume_needs_its_reason(workspace):
    """A volume other than the planned one is not recorded without a reason, and the numbers stay in the form."""
    client = workspace.sign_in("pharmacist")
    response = client.post("/subjects/S004/preparation/", {**PRODUCT, "prepared_ml": "12", "step": "record"})

    assert response.status_code == 422
    assert b"12 mL were prepared and 15.2 mL were planned" in response.content
    assert b'value="L1-1"' in response.content


@pytest.mark.parametrize(("field", "value"), [("weight_kg", "7000"), ("weight_kg", "NaN"), ("weighed_on", "today")])
def test_an_impossible_weight_computes_nothing(workspace, field, value):
    """A weight or day that cannot be gives a message at its field and no volume."""
    client = workspace.sign_in("pharmacist")
    response = client.post("/subjects/S004/preparation/", {**PRODUCT, field: value, "step": "compute"})

    assert response.status_code == 422
    assert f'href="#id_{field}"'.encode() in response.content
    assert b"Planned volume" not in response.content


def test_a_refusal_is_foreseen_before_the_cells_are_drawn(workspace):
    """Whoever may not be infused is told so when the volume is asked for, before anything is given or recorded."""
    client = workspace.sign_in("pharmacist")
    before = len(workspace.events())
    response = client.post("/subjects/S003/preparation/", {**PRODUCT, "step": "compute"})

    assert response.status_code == 409
    assert b"S003 is not enrolled" in response.content
    assert len(workspace.events()) == before


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
def test_a_signature_needs_the_password_again(workspace):
    """A dose decision is signed with the password of whoever is signed in, and with nothing less."""
    client = workspace.sign_in("investigator")
    page = client.get("/decision/sign/")
    signed = shown_for_signature(page)
    bare = client.post("/decision/sign/", signed)
    wrong = client.post("/decision/sign/", {**signed, "password": "no"})
    entries = len(workspace.events())
    right = client.post("/decision/sign/", {**signed, "password": PASSWORD})

    assert signed["content"].encode() in page.content
    assert b"Ada Byron (investigator)" in page.content
    assert bare.status_code == wrong.status_code == 422
    assert b"Nothing was signed" in wrong.content
    assert right.status_code == 302
    assert isinstance(workspace.events()[entries], DoseDecisionSigned)


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
def test_what_is_signed_is_what_was_shown(workspace):
    """A signature on other content than what stands is refused."""
    client = workspace.sign_in("sponsor")
    response = client.post("/decision/sign/", {"number": 1, "content": "0" * 64, "password": PASSWORD})

    assert response.status_code == 422
    assert b"What you signed is not what stands there" in response.content


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
def test_guessing_at_a_signature_signs_out(workspace):
    """Five wrong passwords at a signature end the session."""
    client = workspace.sign_in("sponsor")
    for _ in range(5):
        response = client.post("/decision/sign/", {"number": 1, "content": "0" * 64, "password": "no"})

    assert response.headers["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("workspace", ["decidable"], indirect=True)
def test_a_dose_decision_runs_through_the_browser(workspace):
    """A decision is proposed by one, signed by two, and opens the next level; every step from a form."""
    investigator, sponsor = workspace.sign_in("investigator"), workspace.sign_in("sponsor")
    investigator.post("/decision/", {"decision": "escalate"})
    for client in (investigator, sponsor):
        typed = {**shown_for_signature(client.get("/decision/sign/")), "password": PASSWORD}
        assert client.post("/decision/sign/", typed).status_code == 302
    assert b"Open dose level 2" in sponsor.get("/").content
    assert sponsor.post("/dose-levels/open/", {}).status_code == 302

    assert b"Level 2 (medium" in sponsor.get("/").content


def test_a_trial_runs_from_the_forms_alone(workspace):
    """Sites, people, screening, eligibility, enrolment, adverse events and follow-up all have their form."""
    sponsor, investigator = workspace.sign_in("sponsor"), workspace.sign_in("investigator")
    values = {"value_age": "40", "value_weight": "70", "value_basdai": "4.5", "value_crp": "3"}
    answers = {"value_modified_new_york": "yes", "answer_I04": "yes", "answer_E04": "no"}
    absent = dict.fromkeys(("value_pregnant", "value_active_infection", "value_malignancy"), "no")
    steps = [
        (sponsor, "/sites/new/", {"site": "03", "name": "Third"}),
        (sponsor, "/people/new/", {"person": "new", "role": "coordinator", "site": "03"}),
        (sponsor, "/people/new/", {"person": "second", "role": "sponsor", "site": ""}),
        (sponsor, "/people/new/revoke/", {"reason": "left"}),
        (investigator, "/subjects/new/", {"consented_on": "2026-01-06"}),
        (investigator, "/subjects/S005/eligibility/", {**values, **answers, **absent}),
        (investigator, "/subjects/S005/enrolment/", {}),
        (investigator, "/subjects/S001/adverse-events/1/grade/", {"grade": "2", "reason": "Lower on review"}),
        (investigator, "/subjects/S001/adverse-events/1/dlt/", {"dlt": "no", "reason": "Grade 2"}),
        (investigator, "/subjects/S004/not-evaluable/", {"reason": "Moved away"}),
        (investigator, "/subjects/S005/enrolment/", {}),
    ]
    statuses = [client.post(url, fields).status_code for client, url, fields in steps]

    assert statuses == [302, 302, 302, 302, 302, 302, 409, 302, 302, 302, 302]


@pytest.mark.parametrize("workspace", ["stopping"], indirect=True)
def test_the_stopping_rule_is_told_before_it_refuses(workspace):
    """Once the stopping rule is met the trial's page says that nobody else is treated and offers no enrolment."""
    page = workspace.sign_in("investigator").get("/").content.decode()

    assert "The stopping rule is met: nobody else is treated." in page
    assert "free slot" not in page
    assert "Enrol S" not in page


def test_an_assessment_may_stay_open(workspace):
    """What is not known yet is left out, and the subject's page names what is missing."""
    client = workspace.sign_in("investigator")
    client.post("/subjects/S005/eligibility/", {"value_age": "40", "value_pregnant": ""})
    page = client.get("/subjects/S005/").content.decode()

    assert "undetermined" in page
    assert "unknown: needs BASDAI" in page


def test_a_form_says_which_of_several_observations_it_changes(workspace):
    """Where an item was measured several times the form changes the last one, and says that the others stay."""
    client = workspace.sign_in("investigator")
    measured = [{"value": value, "on": "2026-01-05"} for value in (5, 6)]
    with Trial.open(workspace.path / "trial.db", clock=lambda: workspace.now) as trial:
        trial.do(cmd.AssessEligibility, by="investigator", subject="S005", values={"crp": measured})

    page = client.get("/subjects/S005/eligibility/").content.decode()

    assert page.count("There are 2 observations; the last one is changed here, and the others stay.") == 1


def test_others_entries_are_seen_at_once(workspace):
    """What another process appends is on the next page."""
    client = workspace.sign_in("investigator")
    client.get("/")
    with Trial.open(workspace.path / "trial.db", clock=lambda: workspace.now) as trial:
        trial.do(cmd.ScreenSubject, by="investigator", consented_on=workspace.now.date())

    assert b"S006" in client.get("/subjects/").content


TERMS = ("Headache", "Nausea", "Vomiting", "Fatigue", "Chills", "Cough", "Dizziness", "Pruritus")


def test_threads_share_the_log(workspace):
    """Requests at the same moment are all recorded, once each and one after the other."""
    clients = [workspace.sign_in("coordinator") for _ in range(8)]
    before = len(workspace.events())

    def report(client, term):
        from django.db import connection

        status = client.post("/subjects/S001/adverse-events/new/", {**EVENT, "term": term}).status_code
        connection.close()
        return status

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(report, clients, TERMS)) == [302] * 8
    assert [event.event for event in workspace.events()[before:]] == list(range(2, 10))


KINDS = {"running": ("/decision/", "/dlt-window/"), "arms": ("/entry/choose-arm/",), "blinded": ("/blinding/request/",)}


@pytest.mark.parametrize(
    ("workspace", "known"),
    [("running", {"running"}), ("arms", {"arms"}), ("blinded", {"running", "blinded"})],
    indirect=["workspace"],
)
def test_no_entry_that_the_trial_does_not_know(workspace, known):
    """The lists of all entries hold what the protocol knows alone: dose decisions, the choice of arms, blinding."""
    client = workspace.sign_in("investigator")
    offered = client.get("/").content.decode() + client.get("/subjects/S001/").content.decode()

    for kind, addresses in KINDS.items():
        assert [f'{address}"' in offered for address in addresses] == [kind in known] * len(addresses)
