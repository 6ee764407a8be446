"""A masked trial in the web app: randomised, broken, unblinded through pages, with the sealed file or without it."""

import re

import pytest

from tests.blinded import CELLS, VEHICLE, secret
from trialwright.trial import Trial

pytestmark = pytest.mark.parametrize("workspace", ["blinded"], indirect=True)
ARM = re.compile(rf"Arm: <strong>({CELLS}|{VEHICLE})</strong>")


def page(client, url: str) -> str:
    """A page's text."""
    return client.get(url).content.decode()


def test_a_subject_is_randomised_on_its_page(workspace):
    """An enrolled subject is randomised on its page; the pharmacist then reads the arm, the investigator does not."""
    client = workspace.sign_in("investigator")
    assert 'href="/subjects/S003/randomisation/"' in page(client, "/subjects/S003/")
    answer = client.post("/subjects/S003/randomisation/", follow=True).content.decode()

    assert "S003 is randomised. Log entry" in answer
    assert "Randomised; the arm is blinded." in answer
    assert not ARM.search(answer)
    assert ARM.search(page(workspace.sign_in("pharmacist"), "/subjects/S003/"))


def test_an_infusion_waits_for_the_randomisation_on_the_list_of_tasks(workspace):
    """The list of what is to do says randomise before it says prepare."""
    tasks = page(workspace.sign_in("investigator"), "/")

    assert "Randomise S003" in tasks
    assert "Prepare the infusion of S003" not in tasks
    assert "Prepare the infusion of S001" in tasks


def test_bl_14_an_error_is_recorded_on_the_page(workspace):
    """A randomisation in error is recorded with its reason, and shown; the arm stays hidden."""
    client = workspace.sign_in("investigator")
    answer = client.post(
        "/subjects/S001/randomisation/error/", {"reason": "wrong person"}, follow=True
    ).content.decode()

    assert "Randomised in error: wrong person" in answer
    assert not ARM.search(answer)


def test_bl_09_a_code_is_not_broken_without_a_reason(workspace):
    """Without a reason the form comes back and nothing is shown or recorded."""
    client, before = workspace.sign_in("investigator"), len(workspace.events())
    answer = client.post("/subjects/S001/code-break/", {"reason": ""})

    assert answer.status_code == 422
    assert not ARM.search(answer.content.decode())
    assert len(workspace.events()) == before


def test_without_the_sealed_file_pages_open_and_say_so(workspace):
    """A server without the sealed file shows its pages, says why there is no arm, and breaks no code."""
    (workspace.path / "sealed.json").unlink()
    told = page(workspace.sign_in("pharmacist"), "/subjects/S001/")
    client = workspace.sign_in("investigator")

    assert "the sealed file is not on this server" in told
    assert client.get("/").status_code == 200
    answer = client.post("/subjects/S001/code-break/", {"reason": "shock"})
    assert answer.status_code == 409
    assert "paper envelope" in answer.content.decode()


def test_the_sealed_file_may_lie_elsewhere(workspace, tmp_path_factory):
    """The server takes the sealed file from the place that its settings name."""
    from django.test import override_settings

    elsewhere = tmp_path_factory.mktemp("keys") / "kept.json"
    (workspace.path / "sealed.json").rename(elsewhere)
    with override_settings(SEALED=elsewhere):
        assert ARM.search(page(workspace.sign_in("pharmacist"), "/subjects/S001/"))


def test_a_sealed_file_that_others_may_read_is_not_used(workspace):
    """A sealed file with loose permissions stops the server with the mend, and shows nothing of it."""
    (workspace.path / "sealed.json").chmod(0o644)
    answer = workspace.sign_in("pharmacist").get("/subjects/S001/")

    assert answer.status_code == 422
    assert "chmod 600" in answer.content.decode()
    assert secret().seed not in answer.content.decode()


def test_bl_11_unblinding_before_the_lock_is_refused_on_the_page(workspace):
    """The page on blinding offers no unblinding before the lock, and a form that is sent all the same is refused."""
    client = workspace.sign_in("sponsor")

    assert "can be unblinded once its data are locked" in page(client, "/blinding/")
    assert client.post("/blinding/request/", {"reason": "analysis"}).status_code == 409


def test_ac_05_an_exposed_person_gets_no_blinded_role_on_the_page(workspace):
    """Granting a blinded role to a former pharmacist is refused by the rule, on the form."""
    client = workspace.sign_in("sponsor")
    client.post("/people/pharmacist/revoke/", {"reason": "new task"})
    answer = client.post("/people/new/", {"person": "pharmacist", "role": "coordinator", "site": "01"})

    assert answer.status_code == 409
    assert "has seen an arm" in answer.content.decode()
    with Trial.open(workspace.path / "trial.db") as trial:
        assert "pharmacist" not in trial.state.people
