"""Rules on what a copied page did to a record, and on its status, masking and text."""

from copy import deepcopy
from datetime import date
from json import dumps

import pytest

from tests.registry.pages import FULL_PAGE_A, RECORD, SHORT_PAGE_A
from tests.registry.print_b import page_b
from trialwright.registry import describe, lint, read_record
from trialwright.registry.lint_page import NEVER_CARRIED
from trialwright.registry.reading import rooted, value_at

PAGE_B = read_record(page_b())
PAGE_A = read_record(FULL_PAGE_A)
SHORT_A = read_record(SHORT_PAGE_A)
STUDY = read_record(dumps(RECORD))


def what(reading, rule):
    """What a rule says of a reading."""
    return [finding.what for finding in reading.findings if finding.rule == rule]


def changed(**fields):
    """The invented record with some fields changed; `__` stands for a dot."""
    record = deepcopy(RECORD)
    for path, value in fields.items():
        target = record
        *parents, last = rooted(path.replace("__", "."))
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = value
    return read_record(dumps(record))


@pytest.mark.parametrize("reading", [PAGE_A, SHORT_A, PAGE_B])
def test_what_a_layout_never_has_is_said_once(reading):
    """X03: a page says what its layout never prints, and no page of that layout carries it."""
    assert what(reading, "X03")[0].startswith("this layout never has: ")
    assert not [path for path in NEVER_CARRIED[reading.layout] if value_at(reading.record, path)]


def test_what_this_page_lacks_is_told_apart():
    """X03: what the short page lacks although its layout can have it is another finding; a whole page has none."""
    assert what(SHORT_A, "X03")[1] == (
        "this page does not have: enrolment, interventions, primary outcomes, eligibility criteria"
    )
    assert len(what(PAGE_B, "X03")) == 1
    assert what(STUDY, "X03") == []


def test_backslashes_are_noted():
    """X07: a page that writes signs with a backslash says which; the registry's JSON writes none."""
    assert what(PAGE_B, "X07") == [r"signs written with a backslash: \>, \^"]
    assert what(read_record(page_b().replace("\\", "")), "X07") == []


def test_entries_that_run_together_are_noted():
    """X09: criteria in one line, collaborators between commas and rows of related trials are each a finding."""
    assert any("criteria stand in one line" in each for each in what(PAGE_A, "X09"))
    assert any("parted by commas" in each for each in what(PAGE_A, "X09"))
    assert what(STUDY, "X09") == []


def test_a_missing_mark_between_criteria_is_named():
    """X09: where one criterion ends without a mark, the number of the next is said."""
    page = FULL_PAGE_A.replace("; 2. ", " 2. ", 1)

    assert page != FULL_PAGE_A
    assert any("before item 2 there is no mark" in each for each in what(read_record(page), "X09"))


def test_masked_roles_in_one_line_are_noted():
    """X09: roles that stand side by side without a comma are told by wording, and the page says so."""
    line = "Participants Outcome Assessors"
    assert line in page_b()
    assert any("roles" in each for each in what(PAGE_B, "X09"))
    assert not any("roles" in each for each in what(read_record(page_b().replace(line, "Participants")), "X09"))


def test_dates_in_words_keep_their_precision():
    """X11: a date in words is shown with the ISO date that was read, to the month where it has no day."""
    page = (
        "Clinical Trial Summary\nA trial.\nNCT number NCT00000001\nStart date August 30, 2023\nCompletion date May 2026"
    )

    assert what(read_record(page), "X11") == ["'August 30, 2023' is 2023-08-30; 'May 2026' is 2026-05, to the month"]
    assert what(PAGE_B, "X11") == []


def test_the_last_day_of_a_month_may_be_a_month():
    """X10: a date of this layout that ends a month is doubted as a day; another day, or another source, is not."""
    page = page_b().replace("2029-08-20", "2029-08-31")

    assert what(read_record(page), "X10") == ["completion 2029-08-31 is the last day of a month"]
    assert what(PAGE_B, "X10") == []
    assert what(changed(statusModule__completionDateStruct={"date": "2029-08-31"}), "X10") == []


def test_the_pages_own_words_are_counted():
    """X16: lines of the page that say nothing of the trial are counted; the registry's JSON has none."""
    assert what(PAGE_A, "X16")
    assert what(STUDY, "X16") == []


def test_a_repetition_within_a_sentence_is_found():
    """X14: a sentence that the end of the one before says already is a repetition."""
    text = "The cells are frozen and there are no further issues in thawing them. {}"
    repeated = changed(
        descriptionModule__detailedDescription=text.format("There are no further issues in thawing them.")
    )
    sound = changed(descriptionModule__detailedDescription=text.format("There are further issues."))

    assert what(repeated, "X14") == ["sentence 2 repeats 1"]
    assert what(sound, "X14") == []


def test_slips_of_the_pen_are_proposed():
    """X14: a known slip is shown with the word that is meant, and a sound word is left alone."""
    slip = changed(descriptionModule__detailedDescription="The maxium dose.")

    assert what(slip, "X14") == ["probable slips: 'maxium' for maximum"]
    assert what(changed(descriptionModule__detailedDescription="The maximum dose."), "X14") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("Pain over spinal prominences.", "'spinal prominences'"), ("Acute arrest of hemopoiesis.", "'acute arrest of")],
)
def test_mistranslated_terms_are_shown(text, said):
    """X12: a term that the field does not have is shown with what may be meant."""
    assert what(changed(descriptionModule__detailedDescription=text), "X12")[0].startswith(said)


@pytest.mark.parametrize(
    ("criterion", "proposed"),
    [
        ("Inclusion Criteria\n1. Bilirubin = 1.5×ULN", "'≤ 1.5'"),
        ("Inclusion Criteria\n1. LVEF =50%", "'≥50'"),
        ("Exclusion Criteria\n1. Systolic pressure = 160 mmHg", "'≥ 160'"),
        ("Inclusion Criteria\n1. Score = 3", ""),
    ],
)
def test_a_lost_sign_has_a_proposal_where_the_limit_tells_it(criterion, proposed):
    """X04: a sign is proposed where such limits have one direction, and none is where they have not."""
    [finding] = [
        each for each in changed(eligibilityModule__eligibilityCriteria=criterion).findings if each.rule == "X04"
    ]

    assert (f"; {proposed} is what" in finding.mend) if proposed else ("a proposal" not in finding.mend)


def test_a_status_has_its_day():
    """A status is described with the day it is of, and one of no day is C26."""
    undated = changed(statusModule__lastUpdatePostDateStruct={})

    assert "status: NOT_YET_RECRUITING, as of 2026-11-02" in describe(STUDY)
    assert "as of no day that this source gives" in describe(undated)
    assert what(undated, "C26") == ["NOT_YET_RECRUITING, and this source does not say as of which day"]


def test_a_site_that_recruits_contradicts_a_status():
    """C26: a trial of unknown status whose site recruits is stale; one whose site does not is left alone."""
    site = {"facility": "Nowhere Hospital", "status": "RECRUITING"}
    place = {"statusModule__overallStatus": "UNKNOWN", "contactsLocationsModule__locations": [site]}

    assert what(changed(**place), "C26") == ["UNKNOWN as of 2026-11-02, and a site is RECRUITING"]
    assert what(changed(**(place | {"contactsLocationsModule__locations": [site | {"status": "X"}]})), "C26") == []


@pytest.mark.parametrize(
    ("masking", "text", "contradicts"),
    [
        ("NONE", "A double-blind trial.", True),
        ("NONE", "An open-label trial.", False),
        ("QUADRUPLE", "A double-blind trial.", False),
        ("DOUBLE", "An open-label trial.", True),
        ("SINGLE", "An open-label trial with a masked assessor.", False),
        ("DOUBLE", "Double-blind, then open-label.", False),
    ],
)
def test_masking_that_agrees_is_left_alone(masking, text, contradicts):
    """C32: a text that agrees with the masking gives nothing, and one that does not gives a note, never a warning."""
    design = {"allocation": "RANDOMIZED", "interventionModel": "PARALLEL", "maskingInfo": {"masking": masking}}
    reading = changed(designModule__designInfo=design, descriptionModule__briefSummary=text)

    assert [each.severity for each in reading.findings if each.rule == "C32"] == ["note"] * contradicts


def test_stale_by_a_day_that_is_given():
    """C26 is judged by the day that a caller names."""
    assert "C26" in {finding.rule for finding in lint(STUDY, date(2030, 1, 1))}
