"""The protocol's prose: complete, in order, whole sentences, the same as a page, and safe whatever its author wrote."""

import re
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from playwright.sync_api import Page

from tests.conductor import PROTOCOLS, STUDY, TEXT
from trialwright.__main__ import main
from trialwright.design import operating_characteristics
from trialwright.errors import ProtocolError
from trialwright.protocol.criteria_text import parse_condition
from trialwright.protocol.explain import explain, explain_html
from trialwright.protocol.file import load_study
from trialwright.protocol.prose import Paragraph, Points, Table, markdown
from trialwright.protocol.study import Study
from trialwright.protocol.wording import words

ALL = {file.stem: load_study(file.read_text()) for file in sorted(PROTOCOLS.glob("*.yaml"))}
EVERY = pytest.mark.parametrize("study", ALL.values(), ids=ALL)
CHAPTERS = (
    *("1 Protocol summary", "2 Introduction", "3 Trial objectives and endpoints", "4 Trial design"),
    *("5 Trial population", "6 Trial intervention and concomitant therapy"),
    *("7 Discontinuation of intervention and withdrawal from the trial", "8 Trial assessments and procedures"),
    *("9 Adverse events and safety", "10 Statistical considerations"),
    *("11 Trial oversight and other general considerations", "12 Appendix: assumption ledger"),
)
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


class Reader(HTMLParser):
    """Reads a page: its elements in order, its words, and whether every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.main: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the element that was opened last."""
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep words that are shown."""
        if "style" not in self.stack:
            self.words.append(data)
        if "main" in self.stack:
            self.main.append(data)

    @property
    def text(self) -> str:
        """All words of the page, with single spaces."""
        return " ".join("".join(self.words).split())


def with_text(text: str) -> Study:
    """NCT05962762 with an author's text in its title, a product, an item, a criterion and a reason."""
    study = STUDY
    product = study.products[0].model_copy(update={"kind": text, "route": text})
    item = study.items[0].model_copy(update={"label": text, "assumed": text})
    first = study.criteria.inclusion[0].model_copy(update={"say": text})
    criteria = study.criteria.model_copy(update={"inclusion": (first, *study.criteria.inclusion[1:])})
    return study.model_copy(
        update={"title": text, "products": (product,), "items": (item, *study.items[1:]), "criteria": criteria}
    )


@EVERY
def test_chapters_stand_in_the_order_of_m11(study: Study) -> None:
    """The chapters are those of ICH M11, in its order."""
    assert tuple(re.findall(r"^## (.*)$", explain(study), re.MULTILINE)) == CHAPTERS


@EVERY
def test_everything_in_the_protocol_is_told(study: Study) -> None:
    """Every criterion, visit, item, dose, arm, cohort, medicine, endpoint, population and stopping rule is told."""
    told = Reader(explain_html(study)).text.replace(" × 10", " x 10^")
    endpoints = (*study.endpoints.primary, *study.endpoints.secondary)

    for name in (
        *(f"{criterion.id}" for criterion in study.criteria),
        *(criterion.say for criterion in study.criteria),
        *(str(condition) for criterion in study.criteria for condition in criterion.conditions.values()),
        *(visit.visit for visit in study.schedule),
        *(item.label for item in study.items),
        *(str(dose.amount) for dose in study.doses),
        *(part.name for parts in (study.arms, study.cohorts, study.populations, endpoints) for part in parts),
        *(medicine.say for medicine in study.medicines),
        *(str(medicine.amount) for medicine in study.medicines if medicine.amount),
        *(rule.say for rule in study.stopping_rules),
        *([study.rescue.then] if study.rescue else []),
        *(assumed for _, part in study.walk() if (assumed := getattr(part, "assumed", None))),
    ):
        said = " ".join(name.split())
        assert said in told or said[0].upper() + said[1:] in told


@EVERY
def test_no_raw_key_is_left(study: Study) -> None:
    """Outside what is set as code, nothing is called by a name with underscores, and nothing is None."""
    prose = re.sub(r"`[^`]*`", "", explain(study))

    assert re.findall(r"\w+_\w+", prose) == []
    assert "None" not in prose


@EVERY
def test_paragraphs_are_whole_sentences(study: Study) -> None:
    """A paragraph ends as a sentence does."""
    lines = [line for line in explain(study).splitlines() if line and not line.startswith(("#", "|", "- "))]

    assert [line for line in lines if not line.endswith((".", ":"))] == []


@EVERY
def test_the_page_is_whole_and_says_the_same(study: Study) -> None:
    """The HTML page closes what it opens, fetches nothing, and its words are those of the Markdown."""
    page = explain_html(study)
    read = Reader(page)
    said = "".join(Reader(MARKDOWN.render(explain(study))).words).replace(" x 10^", " × 10")

    assert read.stack == []
    assert not [tag for tag, _ in read.elements if tag in {"script", "link", "img", "iframe"}]
    assert not re.findall(r"https?://|url\(|@import", page)
    assert "".join("".join(read.main).split()) == "".join(said[said.index(CHAPTERS[0]) :].split())


@EVERY
def test_the_page_is_accessible(study: Study) -> None:
    """Headings go down one level at a time, ids are unique, links lead somewhere, tables have captions and scopes."""
    read = Reader(explain_html(study))
    levels = [int(tag[1]) for tag, _ in read.elements if re.fullmatch(r"h[1-6]", tag)]
    ids = [found for _, attributes in read.elements if (found := attributes.get("id"))]
    links = [attributes["href"] for tag, attributes in read.elements if tag == "a"]
    tags = [tag for tag, _ in read.elements]

    assert ("html", {"lang": "en"}) in read.elements
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert len(set(ids)) == len(ids)
    assert {link[1:] for link in links if link} <= set(ids)
    assert tags.count("caption") == tags.count("table")
    assert all(attributes.get("scope") for tag, attributes in read.elements if tag == "th")


@EVERY
def test_the_page_in_a_browser(study: Study, page: Page, tmp_path: Path) -> None:
    """The page has no fault that axe finds, and does not scroll sideways, wide or narrow."""
    from axe_playwright_python.sync_playwright import Axe

    file = tmp_path / "protocol.html"
    file.write_text(explain_html(study))

    page.goto(file.as_uri())
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


def test_every_table_has_its_number() -> None:
    """Tables are numbered through."""
    text = explain(STUDY)
    numbers = [int(number) for number in re.findall(r"^Table (\d+)\. ", text, re.MULTILINE)]

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(re.findall(r"^\| --- \|", text, re.MULTILINE)) == len(numbers)


def test_the_dose_rule_is_told_with_exact_figures() -> None:
    """The statistics give the exact operating characteristics of the rule at the planning rates."""
    result = operating_characteristics(STUDY.rule, STUDY.planning.true_dlt_rates)
    text = explain(STUDY)

    for selected, dose in zip(result.selection, STUDY.doses, strict=True):
        assert re.search(rf"\| \d: {re.escape(str(dose))} \| \d+% \| {selected:.1%} \|", text)
    assert f"| No dose is selected |  | {result.selection_none:.1%} |" in text
    assert "| 30% | 49.4% |" in text


def test_the_definition_of_a_dlt() -> None:
    """A DLT is defined with its window, relation and grade, and with the grade of haematological events."""
    text = TEXT.replace("    grade at least: 3\n", "    grade at least: 3\n    haematological grade at least: 4\n")

    assert "is related to the product and is of grade 3 or more." in explain(STUDY)
    assert (
        "within 28 days after the infusion that is related to the product and is either not haematological and of "
        "grade 3 or more, or haematological and of grade 4 or more."
    ) in explain(load_study(text))


def test_what_the_file_does_not_hold_is_left_to_the_sponsor() -> None:
    """What a committee asks and the protocol file does not hold stands there as a note, and is not made up."""
    text = explain(STUDY)

    assert text.count("> To be completed by the sponsor:") >= 5
    assert "the analysis population of Adverse events by grade and BASDAI at day 28" in text


def test_a_dose_that_is_named_by_its_amount_is_told_once() -> None:
    """A dose whose name is its amount stands without its amount beside it."""
    text = TEXT.replace("name: low, amount: 1.0e6 cells/kg", "name: 5 ug, amount: 5 ug")
    assert text != TEXT

    assert "5 ug, 5 ug" not in explain(load_study(text))
    assert "5 ug (5 ug)" not in explain(load_study(text))


def test_numbers_that_do_not_fit_are_a_clear_fault() -> None:
    """A dose rule whose numbers contradict each other is a fault of the protocol, with its place."""
    with pytest.raises(ProtocolError, match="dose escalation > rule: 3\\+3: a cohort of 3"):
        explain(load_study(TEXT.replace("expand to: 6", "expand to: 3")))


WORDS = [
    ("basdai >= 4 at screening and d28", "BASDAI of at least 4 at Screening and at D28"),
    ("age >= 18 and age < 66", "Age at consent of at least 18 years and below 66 years"),
    ("crp > 1 x ULN", "C-reactive protein above the upper limit of normal"),
    ("crp <= 1.5 x ULN", "C-reactive protein of at most 1.5 times the upper limit of normal"),
    ("any crp > 10 mg/L within 3 months before screening",
     "any value of C-reactive protein above 10 mg/L within 3 months before Screening"),
    ("hba1c >= 7 %", "hba1c of at least 7%"),
    ("platelets < 20 10*9/L", "platelets below 20 × 10⁹/L"),
    ("pregnant is yes", "Pregnant or breastfeeding"),
    ("pregnant is no", "Pregnant or breastfeeding: no"),
    ("not pregnant is yes", "Pregnant or breastfeeding: no"),
    ("sex is female", "sex: female"),
    ("sex is not female", "sex: other than female"),
    ("nyha in (III, IV)", "nyha: III or IV"),
    ("stroke ever", "stroke at any time"),
    ("not stroke ever", "no stroke at any time"),
    ("stroke within 1 year before screening", "stroke within 1 year before Screening"),
    ("tumour ever except (skin_cancer ever)", "tumour at any time, unless skin cancer at any time"),
    ("methotrexate taken at screening", "methotrexate taken at Screening"),
    ("methotrexate for 3 months before screening", "methotrexate taken for at least 3 months before Screening"),
    ("methotrexate stable for 6 weeks before randomisation",
     "methotrexate at an unchanged dose and route for at least 6 weeks before randomisation"),
    ("methotrexate frequency is daily", "methotrexate taken daily"),
    ("tjc fell at least 20 % from screening to d28", "tjc fallen by at least 20% from Screening to D28"),
    ("at least 2 of (a > 1, b > 1, c is yes)", "at least 2 of: a above 1; b above 1; c"),
    ("not (a > 1 or b > 1)", "none of: a above 1; b above 1"),
    ("not (a > 1 and b > 1)", "not both of: a above 1; b above 1"),
    ("not a > 1", "a of at most 1"),
    ("if sex is female then contraception is yes", "if sex: female, then contraception"),
    ("a > 1 and (b > 1 or c > 1)", "a above 1; and (b above 1 or c above 1)"),
    ("a > 1 or b > 1 or c > 1", "a above 1, b above 1 or c above 1"),
    ("judged by investigator", "confirmed by the judgement of the investigator"),
    ("attested by subject", "attested by the subject"),
    ("deferred until active_infection is no", "enrolment waits until: Active infection needing treatment: no"),
    ("unreadable", "not readable in the registered record, so undecided until the sponsor restates it"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "said"), WORDS)
def test_conditions_in_words(condition: str, said: str) -> None:
    """A condition reads in plain words, with labels, units and visits in place of names."""
    assert words(parse_condition(condition), STUDY) == said


HOSTILE = st.text(alphabet="ab |*_`<>&[]()#!\\-+~.1:\n\"'\u2028{}$^=@", min_size=1, max_size=40).filter(str.strip)


@given(HOSTILE)
@settings(max_examples=60)
def test_whatever_an_author_writes_stays_text(text: str) -> None:
    """An author's text is shown as it is written, as Markdown and as a page: no markup, no lost cell."""
    shown = " ".join(text.split())
    blocks = (Paragraph(text), Points((text, "b")), Table.of("T", ("a", "b"), ((text, text),)))

    read = Reader(MARKDOWN.render(markdown(blocks)))

    assert read.text.split(" b ")[0] != ""
    assert [tag for tag, _ in read.elements] == [
        *("p", "ul", "li", "li", "p", "table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td")
    ]
    assert "".join(read.words).replace("\n", " ").count(shown) >= 4


@given(HOSTILE)
@settings(max_examples=25)
def test_a_page_is_whole_whatever_an_author_writes(text: str) -> None:
    """A page stays whole, and its author's text is text, whatever stands in the file."""
    study = with_text(text)
    read, plain = Reader(explain_html(study)), Reader(explain_html(STUDY))

    assert read.stack == []
    assert [tag for tag, _ in read.elements if tag != "sup"] == [tag for tag, _ in plain.elements if tag != "sup"]


def test_explain_writes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`explain --html FILE --out FILE` writes the page and the Markdown."""
    page, text = tmp_path / "protocol.html", tmp_path / "protocol.md"
    protocol = str(PROTOCOLS / "NCT05962762.yaml")
    monkeypatch.setattr(sys, "argv", ["trialwright", "explain", protocol, "--html", str(page), "--out", str(text)])

    with pytest.raises(SystemExit) as left:
        main()

    assert not left.value.code
    assert page.read_text() == explain_html(STUDY)
    assert text.read_text() == explain(STUDY)
