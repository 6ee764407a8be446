"""Criteria are told apart in every form in which records print them, and keep their numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.registry.eligibility import split_criteria


def found(text):
    """Each criterion as (list, number, text), the lists by their first letters."""
    return [(item.list[:2], item.number, item.text) for item in split_criteria(text)]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Inclusion Criteria:\n\n1. Adults\n2. Consent", [("in", "1", "Adults"), ("in", "2", "Consent")]),
        ("Exclusion Criteria\n2. Pregnancy\n4. Sepsis", [("ex", "2", "Pregnancy"), ("ex", "4", "Sepsis")]),
        ("Key Inclusion Criteria:\n* Adults\n* Consent", [("in", None, "Adults"), ("in", None, "Consent")]),
        ("Inclusion Criteria: 1. Adults; 2. Dose 1.5 mg; 3. Consent",
         [("in", "1", "Adults;"), ("in", "2", "Dose 1.5 mg;"), ("in", "3", "Consent")]),
        ("Inclusion Criteria: 1. Adults. Exclusion Criteria: 1. Sepsis",
         [("in", "1", "Adults."), ("ex", "1", "Sepsis")]),
        ("Inclusion Criteria: 1. Adults 3. Consent", [("in", "1", "Adults"), ("in", "3", "Consent")]),
        ("Inclusion Criteria: - Adults - Consent", [("in", None, "Adults"), ("in", None, "Consent")]),
        ("1. Blood:\n   1. ANC > 1\n   2. PLT > 50\n2. Consent",
         [("un", "1", "Blood:\n1. ANC > 1\n2. PLT > 50"), ("un", "2", "Consent")]),
        ("Inclusion Criteria:\n1) Adults\n2) Consent", [("in", "1", "Adults"), ("in", "2", "Consent")]),
        ("Adults only\nNo sepsis", [("un", None, "Adults only"), ("un", None, "No sepsis")]),
        ("1. Who meet the inclusion criteria of 2010", [("un", "1", "Who meet the inclusion criteria of 2010")]),
        ("", []),
    ],
)  # fmt: skip
def test_lists_of_criteria(text, items):
    """Numbers, bullets, run-together lists, nested lists and plain lines are told apart without renumbering."""
    assert found(text) == items


@given(st.lists(st.sampled_from(["1.", "2)", "*", "- ", "\n", "\nInclusion Criteria:", "a", "b c", "  "]), max_size=30))
def test_no_word_of_a_criterion_is_lost(parts):
    """Whatever stands below a heading is in some criterion, but for marks and headings."""
    text = " ".join(parts)
    words = [word for word in text.split() if word.isalpha() and word.islower()]
    kept = [word for item in split_criteria(text) for word in item.text.split() if word.isalpha() and word.islower()]

    assert kept == words


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Cohort A inclusion criteria:\n1. Adults", [("inclusion", "1", "Adults")]),
        ("Exclusion Criteria for Cohort 2:\n- Sepsis", [("exclusion", None, "Sepsis")]),
        (
            "Subjects who meet all of the following inclusion criteria:\nAdults",
            [
                ("unlabelled", None, "Subjects who meet all of the following inclusion criteria:"),
                ("unlabelled", None, "Adults"),
            ],
        ),
        (
            "Inclusion Criteria: - Age 18 - 75 - ASA I - III",
            [("inclusion", None, "Age 18 - 75"), ("inclusion", None, "ASA I - III")],
        ),
        (
            "Inclusion Criteria: One of: - Gout - Pain Exclusion Criteria - Sepsis",
            [
                ("inclusion", None, "One of:"),
                ("inclusion", None, "Gout"),
                ("inclusion", None, "Pain"),
                ("exclusion", None, "Sepsis"),
            ],
        ),
        (
            "Exclusion Criteria: 1. Score (of ≥ 2) twice 2. Gout",
            [("exclusion", "1", "Score (of ≥ 2) twice"), ("exclusion", "2", "Gout")],
        ),
    ],
)
def test_headings_ranges_and_brackets(text, items):
    """A qualified heading opens its list, a range is no bullet, and a number in brackets or after a sign is no mark."""
    assert [(each.list, each.number, each.text) for each in split_criteria(text)] == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Inclusion Criteria: 1. Blood: 1. ANC 2. PLT 2. Consent 3. Age",
         [("in", "1", "Blood: 1. ANC 2. PLT"), ("in", "2", "Consent"), ("in", "3", "Age")]),
        ("Inclusion Criteria\n1. Blood:\n1. ANC\n2. PLT\n2. Consent\n3. Age",
         [("in", "1", "Blood:\n1. ANC\n2. PLT"), ("in", "2", "Consent"), ("in", "3", "Age")]),
        ("Inclusion Criteria: 1. ECOG 0 or 2. 2. Consent", [("in", "1", "ECOG 0 or 2."), ("in", "2", "Consent")]),
        ("Exclusion Criteria: 1. Heart disease such as (1) angina; (2) infarction; 2. Gout",
         [("ex", "1", "Heart disease such as (1) angina; (2) infarction;"), ("ex", "2", "Gout")]),
        ("Inclusion Criteria: * Age 18 - 75 * Gout - or pain * Consent",
         [("in", None, "Age 18 - 75"), ("in", None, "Gout - or pain"), ("in", None, "Consent")]),
        ("Inclusion Criteria: - Gout: 1. Acute 2. Chronic - Consent",
         [("in", None, "Gout: 1. Acute 2. Chronic"), ("in", None, "Consent")]),
        ("Inclusion Criteria: - Consent Patient Exclusion Criteria: - Sepsis",
         [("in", None, "Consent"), ("ex", None, "Sepsis")]),
        ("Inclusion Criteria: - Consent Exclusion: - Sepsis", [("in", None, "Consent"), ("ex", None, "Sepsis")]),
        ("Non-inclusion criteria:\n1. Sepsis", [("ex", "1", "Sepsis")]),
        ("Exclusion Criteria: 1. Gout;2.Sepsis;3.Pain",
         [("ex", "1", "Gout;"), ("ex", "2", "Sepsis;"), ("ex", "3", "Pain")]),
        ("Exclusion Criteria: * 1) Gout * 2) Sepsis", [("ex", "1", "Gout"), ("ex", "2", "Sepsis")]),
        ("Exclusion Criteria\n1. Gout\n2. Sepsis. 3. Pain",
         [("ex", "1", "Gout"), ("ex", "2", "Sepsis."), ("ex", "3", "Pain")]),
        ("Exclusion Criteria: all of these apply: Medical 1. Gout 2. Sepsis 3. Pain",
         [("ex", None, "all of these apply: Medical"), ("ex", "1", "Gout"), ("ex", "2", "Sepsis"),
          ("ex", "3", "Pain")]),
        ("Inclusion Criteria: - Consent - Volunteer Exclusion Criteria: - Sepsis",
         [("in", None, "Consent"), ("in", None, "Volunteer"), ("ex", None, "Sepsis")]),
        ("Inclusion Criteria: - Consent - A finger as in section 4 Exclusion Criteria: - Sepsis",
         [("in", None, "Consent"), ("in", None, "A finger as in section 4"), ("ex", None, "Sepsis")]),
        ("Inclusion Criteria: 1.18 to 75 years; 2.Consent", [("in", "1", "18 to 75 years;"), ("in", "2", "Consent")]),
        ("Inclusion Criteria: 1.18 mg or more", [("in", None, "1.18 mg or more")]),
        ("Inclusion Criteria: Gout. - Consent. - Pain.",
         [("in", None, "Gout."), ("in", None, "Consent."), ("in", None, "Pain.")]),
    ],
)  # fmt: skip
def test_lists_that_lost_their_lines_or_indents(text, items):
    """The order of the numbers tells a list from one within its items, and no number of the text from a mark."""
    assert found(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("Inclusion Criteria:\n1、Age\n2、Consent", [("in", "1", "Age"), ("in", "2", "Consent")]),
        ("Inclusion Criteria：（1）Age（2）Consent", [("in", "1", "Age"), ("in", "2", "Consent")]),
        ("Inclusion Criteria: （1）Age; （2）Consent", [("in", "1", "Age;"), ("in", "2", "Consent")]),
        ("Inclusion Criteria? 1?Age; 2?Consent Exclusion Criteria? ? Gout ? Sepsis",
         [("in", "1", "Age;"), ("in", "2", "Consent"), ("ex", None, "Gout"), ("ex", None, "Sepsis")]),
        ("Exclusion Criteria: NYHA class ? or ? disease", [("ex", None, "NYHA class ? or ? disease")]),
        ("Inclusion Criteria: a) Age; b) Consent", [("in", None, "a) Age;"), ("in", None, "b) Consent")]),
        ("Inclusion Criteria: I. Age II. Consent III. Gout",
         [("in", None, "I. Age"), ("in", None, "II. Consent"), ("in", None, "III. Gout")]),
        ("- Adults Exclusion Criteria: - Gout", [("un", None, "Adults"), ("ex", None, "Gout")]),
        ("1. Adults with pain Exclusion Criteria: 1. Gout", [("un", "1", "Adults with pain"), ("ex", "1", "Gout")]),
        ("Inclusion Criteria:\n1. Age\n2. Consent\nFor donors:\n1. Health\n2. Kinship",
         [("in", "1", "Age"), ("in", "2", "Consent"), ("in", None, "For donors:"), ("in", "1", "Health"),
          ("in", "2", "Kinship")]),
    ],
)  # fmt: skip
def test_other_marks_of_lists(text, items):
    """Chinese typography, signs lost on the way through a code page, letters and a second list keep items apart."""
    assert found(text) == items
