"""The web app in Chromium: accessible on every page for every role, by keyboard alone, on a small screen."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.conftest import PASSWORD, PEOPLE, code_of
from tests.web.places import pages

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def sign_in(page: Page, address: str, person: str) -> None:
    """Sign in through the page."""
    page.goto(f"{address}/sign-in/")
    page.fill("#id_username", person)
    page.fill("#id_password", PASSWORD)
    page.fill("#id_code", code_of(person))
    page.click("main button")
    page.wait_for_url(f"{address}/")


def violations(page: Page) -> list[str]:
    """What axe finds wrong on a page."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{page.url}: {rule['id']}: {node['html'][:120]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("person", [*PEOPLE, "nobody"])
def test_every_page_is_accessible(workspace, address, page, person):
    """No page has a detectable violation of WCAG 2.2 A or AA for any role, and none breaks its own security policy.

    The pages that say no (403, 404) are alike but for their words: one of each is looked at for each role.
    """
    sign_in(page, address, person)
    found, said_no = [], set()
    for url in pages().values():
        status = page.goto(address + url).status
        if status not in said_no:
            found += violations(page)
        said_no |= {status} - {200}

    assert found == []
    assert page.csp_errors == []


@pytest.mark.parametrize("workspace", ["decidable", "proposed"], indirect=True)
@pytest.mark.parametrize("person", ["investigator", "sponsor"])
def test_a_dose_decision_is_accessible(workspace, address, page, person):
    """What a dose decision shows to whoever proposes or signs it has no detectable violation."""
    sign_in(page, address, person)
    found = []
    for url in ("/", "/decisions/", "/decision/", "/decision/sign/"):
        page.goto(address + url)
        found += violations(page)

    assert found == []
    assert page.csp_errors == []


@pytest.mark.parametrize("workspace", ["blinded"], indirect=True)
@pytest.mark.parametrize("person", ["investigator", "pharmacist", "elsewhere", "sponsor"])
def test_a_blinded_trial_is_accessible(workspace, address, page, person):
    """What a masked trial shows, with and without an arm, and its code-break, has no detectable violation."""
    sign_in(page, address, person)
    found = []
    for url in (
        "/",
        "/subjects/S001/",
        "/subjects/S002/",
        "/subjects/S003/",
        "/subjects/S001/code-break/",
        "/blinding/",
    ):
        page.goto(address + url)
        found += violations(page)

    assert found == []
    assert page.csp_errors == []


def test_pages_with_messages_are_accessible(workspace, address, page):
    """Errors, refusals, the confirmation of a volume and the sign-in page have no detectable violation either."""
    page.goto(f"{address}/sign-in/")
    page.click("main button")
    found = violations(page)
    sign_in(page, address, "investigator")
    for url in ("/subjects/S001/adverse-events/new/", "/subjects/S001/dlt-window/", "/people/coordinator/revoke/"):
        page.goto(address + url)
        if page.locator("main form button.btn-primary").count():
            page.click("main form button.btn-primary")
        found += violations(page)
    page.goto(f"{address}/subjects/S004/adverse-events/new/")
    page.fill("#id_term", "Infusion related reaction")
    page.click("text=Show the grades of this event")
    expect(page.locator("#id_grade_helptext")).to_contain_text("Infusion related reaction")
    found += violations(page)
    page.context.clear_cookies()
    sign_in(page, address, "pharmacist")
    page.goto(f"{address}/subjects/S004/preparation/")
    page.check("#id_lot_0")
    for field, value in (("containers", "L1-1"), ("weight_kg", "70")):
        page.fill(f"#id_{field}", value)
    page.click("text=Compute the planned volume")
    expect(page.locator(".volume")).to_contain_text("15.2 mL")
    found += violations(page)

    assert found == []
    assert page.csp_errors == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so."""
    script = "e => (e.labels && e.labels[0] ? e.labels[0].innerText : e.innerText || '').trim()"
    for _ in range(80):
        page.keyboard.press("Tab")
        if re.match(name, page.evaluate(f"({script})(document.activeElement)")):
            return
    pytest.fail(f"Tab never reached {name!r} on {page.url}")


def type_into(page: Page, name: str, text: str) -> None:
    """Reach a field by Tab and type."""
    tab_to(page, name)
    page.keyboard.type(text)


def test_a_task_by_keyboard_alone(workspace, address, page):
    """An investigator signs in, reports an adverse event and adjudicates it without a pointer."""
    page.goto(f"{address}/subjects/S001/adverse-events/new/")
    type_into(page, "Name", "investigator")
    type_into(page, "Password", PASSWORD)
    type_into(page, "Code", code_of("investigator"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/subjects/S001/adverse-events/new/")
    type_into(page, "Adverse event", "Hypoxia")
    type_into(page, "Date of onset", "2026-01-06")
    tab_to(page, "1 – mild")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    for question in ("Related", "Serious"):
        tab_to(page, "Yes")
        expect(page.locator("fieldset", has_text=question).locator("input").first).to_be_focused()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Hypoxia, grade 3, of S001 is recorded")
    for _ in range(2):
        tab_to(page, "Adjudicate")
    page.keyboard.press("Enter")
    page.wait_for_url("**/adverse-events/2/dlt/")
    tab_to(page, "Yes")
    page.keyboard.press("ArrowRight")
    type_into(page, "Reason", "A line that came loose")
    tab_to(page, "Record the adjudication")
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("not a DLT")
    assert page.csp_errors == []


def test_data_of_a_visit_by_keyboard_alone(workspace, address, page):
    """A coordinator reaches a form of data from the subject's page, records a value by keys, and corrects it."""
    sign_in(page, address, "coordinator")
    page.goto(f"{address}/subjects/S001/")
    page.click("text=All entries about S001")
    tab_to(page, "Record the data of a visit")
    page.keyboard.press("Enter")
    page.goto(f"{address}/subjects/S001/entry/record-data/?visit=D7")
    found = violations(page)
    type_into(page, "Reason", "Came early")
    page.fill("#id_on", "2026-01-07")
    page.fill("#id_value_crp", "3")
    tab_to(page, "Record the data")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Record the data of a visit: recorded for S001.")
    for entry in ("correct-data/?visit=D7", "follow-up-adverse-event/?event=1", "record-disposition/", "miss-visit/"):
        page.goto(f"{address}/subjects/S001/entry/{entry}")
        found += violations(page)

    assert found == []
    assert page.csp_errors == []


def test_the_focus_is_seen(workspace, address, page):
    """The first Tab shows the way past the navigation, and whatever has the focus is outlined."""
    sign_in(page, address, "investigator")
    page.goto(f"{address}/subjects/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineWidth") == "3px"


@pytest.mark.parametrize("width", [320, 683])
def test_no_page_scrolls_sideways(workspace, address, page, width):
    """At 320 px, and at 1366 px enlarged twofold, every page fits its width; wide tables scroll by themselves."""
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, address, "investigator")
    wide = []
    for url in pages().values():
        page.goto(address + url)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(url)

    assert wide == []


def test_targets_are_large_enough(workspace, address, page):
    """Every button, link in a list or table, and radio button with its label offers at least 24 by 24 px."""
    sign_in(page, address, "investigator")
    small = []
    script = """() => [...document.querySelectorAll('main button, nav a, td a, th a, .tiles a, .tasks a, .form-check')]
        .filter(e => { const b = e.getBoundingClientRect(); return b.width && (b.width < 24 || b.height < 24) })
        .map(e => e.innerText)"""
    for url in pages().values():
        page.goto(address + url)
        small += [(url, text) for text in page.evaluate(script)]

    assert small == []


def test_the_plot_has_words_and_numbers(workspace, address, page):
    """The plot is drawn, says in its text what it shows, and has its numbers in a table."""
    sign_in(page, address, "investigator")
    image = page.locator(".plot img")

    assert image.evaluate("i => i.naturalWidth") > 100
    assert len(image.get_attribute("alt")) > 30
    assert page.locator(".plot table tbody tr").count() == 2
