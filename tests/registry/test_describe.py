"""The text for a terminal shows every part in its order and hides no gap."""

from tests.registry.pages import SHORT_PAGE_A
from tests.registry.print_b import page_b
from trialwright.registry import describe, read_record

PARTS = [
    "Identification", "Status", "Sponsor", "Description", "Conditions", "Design", "Arms and interventions", "Outcomes",
    "Eligibility", "Contacts and locations", "References", "Related trials", "Text kept as it stands",
]  # fmt: skip


def test_the_parts_stand_in_the_order_of_the_registry():
    """Both layouts are described in one fixed order, the findings last."""
    for page in (page_b(), SHORT_PAGE_A):
        lines = describe(read_record(page)).splitlines()
        assert [line for line in lines if line in PARTS] == PARTS
        assert [line for line in lines if line.startswith("Findings (")]


def test_a_gap_is_said():
    """A lost and an absent field are told apart in words."""
    text = describe(read_record(SHORT_PAGE_A))

    assert "allocation: (lost:" in text
    assert "eligibility criteria: (absent:" in text


def test_criteria_keep_their_numbers_and_contacts_are_only_counted():
    """Criteria stand with their printed numbers; nobody's name or telephone number is shown among the contacts."""
    assert "2.  CRP > 10 mg/L" in describe(read_record(page_b()))
    text = describe(read_record(SHORT_PAGE_A))
    assert "contacts: 1 central" in text
    assert "Ada Nobody" not in text
    assert "000-0000" not in text


def test_lines_fit_a_terminal():
    """No line is wider than 100 columns."""
    assert max(len(line) for line in describe(read_record(page_b())).splitlines()) <= 100
