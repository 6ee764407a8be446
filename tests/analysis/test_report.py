"""The report at every stage: whole, valid, accessible, and safe to open."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.analysis.conftest import pending, with_mtd
from trialwright.analysis import decision_table, report
from trialwright.conduct.commands import OpenSite
from trialwright.errors import InputError

VOID = {"meta", "br", "img", "input", "link"}
ADDRESS = re.compile(r"""(?:src|href)=|url\(|@import|https?://(?!www\.w3\.org/)""")


class Outline(HTMLParser):
    """Reads a page: headings, ids, and whether every element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open, self.headings, self.ids, self.text = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Pass an empty element of a drawing."""

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        self.text.append(data)


def test_every_stage(staged):
    """At every stage the report is one closed page with headings in order, unique ids, no script and no address."""
    page = report(staged.view(), staged.provenance())
    outline = Outline(page)

    assert outline.open == []
    assert outline.headings[0] == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert "<script" not in page
    assert not ADDRESS.search(page)
    assert staged.view().status in " ".join(outline.text)


def test_the_data_cut(course):
    """The report says the data cut, its hash, the software and the protocol that it was made from."""
    with_mtd(course)
    provenance = course.provenance()
    page = report(course.view(), provenance)

    assert f"entry {provenance.sequence} of the log" in page
    assert all(text in page for text in (provenance.head, provenance.protocol_sha256, provenance.software))


def test_two_data_cuts(course):
    """A view and a provenance of different data cuts make no report."""
    provenance = course.provenance()
    course.do(OpenSite, site="03", name="Third")

    with pytest.raises(InputError, match="entry 11 and the provenance of entry 10"):
        report(course.view(), provenance)


def test_signatures(course):
    """Every signature stands with person, role, moment, meaning and the hash of what was signed."""
    with_mtd(course)
    page = report(course.view(), course.provenance())
    text = " ".join(Outline(page).text)

    for decision in course.trial.state.decisions:
        assert page.count(decision.content) == 2
        assert decision.why in text
        assert all(f"{at:%Y-%m-%d %H:%M}" in text for _, _, at in decision.signatures)
    assert text.count("approved") == 6


def test_a_cautious_decision(course):
    """A decision that departs from the rule stands with its reason, and with whom it waits for."""
    course.open(1)
    course.cohort("NNN")
    course.propose("stop", reason="a signal in another trial")
    course.sign("inv01")
    page = report(course.view(), course.provenance())

    assert "a signal in another trial" in page
    assert "proposed, awaits the sponsor" in page


def test_markup_is_text(course):
    """Markup in what a person entered is shown as text."""
    course.open(1)
    subject = course.cohort("P")[0]
    term = "Skin and subcutaneous tissue disorders - Other, specify: <script>alert(1)</script>"
    course.adverse_event(subject, term, 2)
    page = report(course.view(), course.provenance())

    assert "<script" not in page
    assert term in Outline(page).text


def test_a_site_reads_its_own(course):
    """An investigator's report holds no subject number of another site, and says what it leaves out."""
    pending(course)
    page = report(course.view("inv02"), course.provenance())

    assert "S001" not in page
    assert "1 of 2 enrolled subjects belong to other sites" in page


def test_a_stranger_reads_nothing(course):
    """Somebody without a role is shown a trial not yet begun, of which no report of the real one can be made."""
    with_mtd(course)
    view = course.view("stranger")
    page = report(view, replace(course.provenance(), sequence=view.sequence))

    assert not re.search(r"S00\d|DLT in|Infusion related|MTD is level", page)
    with pytest.raises(InputError, match="take both at once"):
        report(view, course.provenance())


def test_the_same_report(course):
    """The same data cut gives the same bytes."""
    pending(course)
    provenance = course.provenance()

    assert report(course.view(), provenance) == report(course.view(), provenance)


def test_where_the_trial_stands(course):
    """The decision table marks the cell of the current level."""
    with_mtd(course)
    table = decision_table(course.view())

    assert table.current == (2, 3)
    assert table.rows[2][3] == "stop"
    assert table.html().count("(now)") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("stage", [pending, with_mtd])
def test_accessible(course, page, stage, scheme):
    """The report has no detectable WCAG 2.2 A or AA violation, by day and by night."""
    stage(course)
    page.emulate_media(color_scheme=scheme)
    page.set_content(report(course.view(), course.provenance()))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": rules})

    assert found.response["violations"] == []


def test_it_fits_the_page(course, page):
    """Nothing in the report is wider than an A4 page with its margins, or than a phone."""
    with_mtd(course)
    page.set_content(report(course.view(), course.provenance()))
    width = "document.documentElement.scrollWidth"
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate(width) <= 360
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 900})
    assert page.evaluate(width) <= 688
