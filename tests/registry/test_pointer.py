"""A pointer of a protocol file leads to the same words in a page and in the API record."""

import json
from copy import deepcopy

import pytest
from typer.testing import CliRunner

from tests.registry.pages import FULL_PAGE_A, RECORD
from tests.registry.print_b import page_b
from trialwright import cli
from trialwright.errors import RecordError
from trialwright.registry import locate, pointers, read_record

PAGE = read_record(page_b(), "page.txt")


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ("title", "Placental Cells in Invented Arthritis"),
        ("detailed description, sentence 1", "Subjects receive 2x10^6 cells/kg once."),
        ("Detailed Description, sentences 2-3", "Each is watched for 28 days.\nThen cohort 2 opens."),
        ("inclusion criteria, item 2", "CRP > 10 mg/L at screening"),
        ("exclusion criteria, items 2-3", "ALT ≥ 2 x ULN at screening\nInfection within 14 days before screening"),
        ("keywords, passage 1", "cells"),
        ("arms, item 2", "Sham\nPLACEBO_COMPARATOR\nOne infusion without cells."),
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
        ("brief summary, item 1", "it has none; 'trialwright read RECORD --pointers' lists"),
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


def test_each_outcome_is_an_item_of_its_rank():
    """An outcome is pointed to by its rank and its place there, with measure and time frame together."""
    record = deepcopy(RECORD)
    record["protocolSection"]["outcomesModule"] = {
        "primaryOutcomes": [
            {"measure": "Response", "timeFrame": "1 year"},
            {"measure": "Death", "timeFrame": "2 years"},
        ]
    }

    assert locate(read_record(json.dumps(record)), "primary outcomes, item 2") == "Death\n2 years"


@pytest.mark.parametrize("reading", [PAGE, read_record(json.dumps(RECORD)), read_record(FULL_PAGE_A)])
def test_every_listed_pointer_leads_to_the_text_beside_it(reading):
    """Whatever `pointers` lists can be written after `at:` and leads to that text, and nobody's contact is among it."""
    listed = list(pointers(reading))

    assert listed
    assert [locate(reading, pointer) for pointer, _ in listed] == [text for _, text in listed]
    assert "000-0000" not in str(listed)
    assert "Ada Nobody" not in str(listed)


def test_the_command_line_lists_pointers(tmp_path):
    """`read --pointers` prints each pointer with its text below it, or as JSON."""
    (tmp_path / "page.txt").write_text(page_b())

    shown = CliRunner().invoke(cli.app, ["read", str(tmp_path / "page.txt"), "--pointers"]).stdout

    assert "inclusion criteria, item 2\n    CRP > 10 mg/L at screening\n" in shown

    as_json = CliRunner().invoke(cli.app, ["read", str(tmp_path / "page.txt"), "--pointers", "--json"]).stdout
    found = json.loads(as_json)
    assert found["schema"] == "trialwright.pointers/1"
    assert {"at": "inclusion criteria, item 2", "text": "CRP > 10 mg/L at screening"} in found["pointers"]
