"""A pointer of a protocol file leads to the same words in a page and in the API record."""

import json

import pytest

from tests.registry.pages import RECORD
from tests.registry.print_b import page_b
from trialwright.errors import RecordError
from trialwright.registry import locate, read_record

PAGE = read_record(page_b(), "page.txt")


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ("title", "Placental Cells in Invented Arthritis"),
        ("detailed description, sentence 1", "Subjects receive 2x10^6 cells/kg once."),
        ("Detailed Description, sentences 2-3", "Each is watched for 28 days.\nThen cohort 2 opens."),
        ("inclusion criteria, item 2", "CRP > 10 mg/L at screening"),
        ("exclusion criteria, items 2-3", "ALT ≥ 2 x ULN at screening\nInfection within 14 days before screening"),
        ("conditions, passage 2", "Joint Pain"),
    ],
)
def test_a_pointer_finds_its_words(pointer, text):
    """The words are those of the record, with escapes resolved, whatever source it was read from."""
    assert locate(PAGE, pointer) == text
    assert locate(read_record(json.dumps(RECORD)), pointer) == text


@pytest.mark.parametrize(
    ("pointer", "said"),
    [
        ("nowhere, sentence 1", "names no section"),
        ("brief summary, sentence 9", "sentence 9.*it has 1, 2"),
        ("brief summary, sentences 2-1", "lacks"),
        ("brief summary, line 2", "no pointer"),
        ("", "no pointer"),
    ],
)
def test_a_pointer_that_leads_nowhere_is_refused(pointer, said):
    """A wrong pointer says what the record has instead."""
    with pytest.raises(RecordError, match=said):
        locate(PAGE, pointer)


def test_an_item_is_known_by_its_printed_number():
    """Where a page lost item 1, item 2 is still item 2."""
    reading = read_record("T\nNCT ID: NCT09999901\nEligibility Criteria\nInclusion Criteria\n2. Adults\n3. Consent")

    assert locate(reading, "inclusion criteria, item 2") == "Adults"
    with pytest.raises(RecordError, match="item 1"):
        locate(reading, "inclusion criteria, item 1")
