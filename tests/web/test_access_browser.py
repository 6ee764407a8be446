"""Access in Chromium: codes, enrolment, alarms and signatures are accessible, and work by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.web.conftest import PASSWORD, code_of
from tests.web.test_browser import sign_in, tab_to, type_into, violations


def test_what_access_shows_is_accessible(workspace, address, page, monkeypatch):
    """The codes of training, an enrolment, an alarm and the accounts have no detectable violation."""
    from trialwright.access import LockedOut
    from trialwright.web.trials import note

    note(LockedOut, person="monitor", address="192.0.2.7", until=workspace.now)
    monkeypatch.setattr("trialwright.web.views.accounts.shows_codes", lambda: True)
    page.goto(f"{address}/sign-in/")
    expect(page.locator(".training")).to_contain_text("TRAINING.")
    found = violations(page)
    sign_in(page, address, "sponsor")
    expect(page.get_by_role("alert")).to_contain_text("monitor")
    for url in ("/", "/access/", "/access/monitor/close/"):
        page.goto(address + url)
        found += violations(page)
    page.context.clear_cookies()
    sign_in(page, address, "coordinator")
    page.goto(f"{address}/account/second-factor/")
    expect(page.locator("main form")).to_contain_text("Enrol the device")
    found += violations(page)

    assert found == []
    assert page.csp_errors == []


@pytest.mark.parametrize("workspace", ["proposed"], indirect=True)
def test_a_first_signature_by_keyboard_alone(workspace, address, page):
    """The first signature of a session takes id, password and code from the keyboard, and the decision is signed."""
    sign_in(page, address, "investigator")
    page.goto(f"{address}/decision/sign/")
    type_into(page, "Your user id", "investigator")
    type_into(page, "Your password", PASSWORD)
    type_into(page, "Code", code_of("investigator"))
    tab_to(page, "Sign: I approve")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("is signed by investigator")
