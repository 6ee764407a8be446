"""What holds for every reading: nothing lost, no fault but RecordError, the five registered pages and real records."""

import gzip
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.registry.pages import FULL_PAGE_A, RECORD, SHORT_PAGE_A
from tests.registry.print_a import page_a
from tests.registry.print_b import page_b
from trialwright.errors import RecordError
from trialwright.registry import describe, read_record, to_json
from trialwright.registry.fields import FIELDS
from trialwright.registry.reading import rooted
from trialwright.registry.vocabulary import unescape

REGISTERED = {
    "NCT01547091": {"C01", "X10"},
    "NCT03828344": {"C11", "X09"},
    "NCT04971980": {"X01", "X02", "C09", "C19", "X12"},
    "NCT05794425": {"X04", "X05", "X15", "X09", "X02"},
    "NCT05962762": {"E01", "X13", "X12", "X02"},
}
PAGES = [page_b(), page_b(labels=False), page_a(RECORD), SHORT_PAGE_A, FULL_PAGE_A]
KEYS = st.sampled_from(["label", "type", "name", "number", "list", "text", "date", "allocation", "interventionModel"])
CODED = (
    "statusModule",
    "designModule",
    "hasResults",
    "eligibilityModule.minimumAge",
    "eligibilityModule.maximumAge",
    "eligibilityModule.sex",
    "eligibilityModule.healthyVolunteers",
    "trialwright.isFdaRegulated",
)
LABEL_WORDS = set(
    re.findall(
        r"\w+",
        "nct id number study type source identifier org_study_id group intervention reference pmid view on pubmed "
        "sponsor role lead collaborator site status responsibility contact phone email other primary secondary "
        "not yet recruiting active completed terminated phase early n a eligibility",
    )
)
FURNITURE = {"heading", "furniture", "label"}


def words_of(value):
    """Every word of a value, its keys left out."""
    if isinstance(value, dict):
        return {word for each in value.values() for word in words_of(each)}
    if isinstance(value, list):
        return {word for each in value for word in words_of(each)}
    return set(re.findall(r"\w+", str(value).casefold()))


def unplaced_words(reading):
    """Words of the page's lines of text that are not in the record; codes and dates are read by vocabulary."""
    known = words_of(reading.record)
    text = [line for _, line, where in reading.places if where not in FURNITURE and not where.startswith(CODED)]
    return {word for line in text for word in words_of(unescape(line))} - known


def placed_lines(reading):
    """The numbers of the lines that went somewhere."""
    return sorted(number for number, _, _ in reading.places)


@pytest.mark.parametrize("number", REGISTERED)
def test_every_line_of_the_five_pages_has_a_place(shared, number):
    """Each non-blank line of the five registered pages is a heading, a label, furniture, or in a named field."""
    page = (shared / "records" / f"{number}.txt").read_text()
    reading = read_record(page, number)
    wanted = [at for at, line in enumerate(page.split("\n"), start=1) if line.strip()]

    assert sorted(set(placed_lines(reading))) == wanted
    assert "otherSections" not in reading.record["trialwright"]


@pytest.mark.parametrize("number", REGISTERED)
def test_every_word_of_the_five_pages_is_in_the_record(shared, number):
    """Each word of the five pages is in a field, or belongs to a label, a code or a date that the field carries."""
    page = (shared / "records" / f"{number}.txt").read_text()
    left = unplaced_words(read_record(page, number))

    assert {word for word in left if not word.isdigit()} <= LABEL_WORDS


@pytest.mark.parametrize(("number", "rules"), REGISTERED.items())
def test_the_known_defects_of_the_five_pages_are_found(shared, number, rules):
    """The defects of the registered pages that the record alone can show are found."""
    reading = read_record((shared / "records" / f"{number}.txt").read_text(), number)

    assert rules <= {finding.rule for finding in reading.findings}
    assert reading.nct_id == number


def test_every_api_record_is_read_and_passed_through(shared):
    """Each real API record is read, described and written, and its record is unchanged but for our own key."""
    with gzip.open(shared / "registry" / "ctgov_v2" / "records.jsonl.gz", "rt") as lines:
        for line in lines:
            reading = read_record(line)
            ours = reading.record.pop("trialwright")
            assert reading.record == json.loads(line)
            assert ours["eligibilityItems"]
            assert reading.nct_id in describe(reading)


@pytest.mark.parametrize("page", PAGES)
def test_every_line_of_a_page_has_a_place(page):
    """Each non-blank line of an invented page goes somewhere."""
    wanted = [at for at, line in enumerate(page.split("\n"), start=1) if line.strip()]

    assert sorted(set(placed_lines(read_record(page)))) == wanted


@pytest.mark.parametrize("page", PAGES)
def test_every_word_of_a_page_is_in_the_record(page):
    """Each word of an invented page is in a field, or belongs to a label, a code or a date that the field carries."""
    left = unplaced_words(read_record(page))

    assert {word for word in left if not word.isdigit()} <= LABEL_WORDS


@given(st.sampled_from(PAGES), st.integers(0, 6000))
def test_a_page_cut_anywhere_is_read_or_refused(page, size):
    """A page that ends in any place gives a reading with every line placed, or a RecordError."""
    check_any_text(page[:size])


@settings(max_examples=60)
@given(st.sampled_from(PAGES), st.randoms(use_true_random=False))
def test_a_shuffled_page_is_read_or_refused(page, shuffler):
    """A page whose lines stand in any order gives a reading with every line placed, or a RecordError."""
    lines = page.split("\n")
    shuffler.shuffle(lines)
    check_any_text("\n".join(lines))


@given(st.text())
def test_any_text_is_read_or_refused(text):
    """Any text gives a reading or a RecordError."""
    check_any_text(text)


@given(st.text(), st.sampled_from(["Clinical Trials Logo\n", "T\nNCT ID: NCT09999901\nBasic Information\n"]))
def test_any_text_under_a_known_heading_is_read(text, head):
    """Whatever stands under a known heading is read and described."""
    check_any_text(head + text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
PATHS = st.sampled_from(
    [
        *FIELDS,
        "designModule.designInfo",
        "statusModule",
        "statusModule.startDateStruct",
        "statusModule.studyFirstSubmitDate",
        "trialwright.relatedTrials",
        "trialwright.otherSections",
    ]
)


@given(st.dictionaries(PATHS, VALUES, max_size=6))
def test_any_json_is_read_or_refused(values):
    """A study whose fields have any type gives a reading or a RecordError."""
    record = {"protocolSection": {}}
    for path, value in values.items():
        target = record
        *parents, last = rooted(path)
        for key in parents:
            target = target[key] if isinstance(target.get(key), dict) else target.setdefault(key, {})
            if not isinstance(target, dict):
                target = {}
        target[last] = value
    check_any_text(json.dumps(record))


def check_any_text(text):
    """A text is refused with RecordError, or read with every line placed."""
    try:
        reading = read_record(text)
    except RecordError:
        return
    json.dumps(to_json(reading))
    assert describe(reading)
    if reading.places:
        wanted = [at for at, line in enumerate(re.split(r"\r\n|\r|\n", text), 1) if line.replace("\ufeff", "").strip()]
        assert sorted(set(placed_lines(reading))) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no text"),
        ("just some words", "no.* heading|none of"),
        ("{", "cannot be read as JSON"),
        ('{"a": 1}', "protocolSection"),
        ('{"studies": []}', "0 studies"),
        ("[" * 10, "none of"),
        ("x" * 2_000_001, "more than one record"),
    ],
)
def test_what_is_no_record_is_refused_with_a_reason(text, said):
    """A text that is no record is refused: where, what, and what to give instead."""
    with pytest.raises(RecordError, match=said) as refused:
        read_record(text, "page.txt")

    assert str(refused.value).startswith("page.txt: ")


def test_a_reading_as_plain_data():
    """The written form has its schema, the record, the state of each field and whole findings."""
    written = json.loads(json.dumps(to_json(read_record(page_b(labels=False), "page.txt"))))

    assert written["schema"] == "trialwright.read/1"
    assert written["source"] == "page.txt"
    assert set(written["findings"][0]) == {"rule", "severity", "place", "what", "why", "mend"}
    assert set(written["fieldStates"].values()) == {"carried", "absent"}


def test_findings_stand_with_errors_first():
    """What stops comes before what warns, and that before what informs."""
    order = ["error", "warning", "note"]
    severities = [order.index(finding.severity) for finding in read_record(SHORT_PAGE_A).findings]

    assert severities == sorted(severities)
    assert set(severities) == {0, 1, 2}
