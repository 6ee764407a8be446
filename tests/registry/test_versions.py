"""Two versions of one record: dates that slipped, and what else moved."""

import json
from copy import deepcopy

import pytest

from tests.registry.pages import RECORD
from tests.registry.print_b import escaped, page_b
from trialwright.errors import RecordError
from trialwright.registry import compare, describe_comparison, read_record, to_json


def version(source="later.json", **changed):
    """The invented record with some fields of its modules changed; `__` parts the keys, None removes one."""
    record = deepcopy(RECORD)
    for path, value in changed.items():
        *parents, last = path.split("__")
        target = record["protocolSection"]
        for key in parents:
            target = target[key]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return read_record(json.dumps(record), source)


LATER = version()
EARLIER = version(
    "earlier.json",
    statusModule__startDateStruct={"date": "2025-11"},
    statusModule__lastUpdatePostDateStruct={"date": "2024-05-01"},
    designModule__enrollmentInfo={"count": 12},
    conditionsModule__keywords=None,
)


def test_a_date_that_slipped_is_found():
    """A start that is later in the later version is C27, with both versions' days and the months between."""
    [finding] = compare(LATER, EARLIER).findings

    assert (finding.rule, finding.severity) == ("C27", "note")
    assert finding.what == "start 2025-11 as of 2024-05-01, 2027-03-15 as of 2026-11-02: 16 months later"
    assert all((finding.place, finding.why, finding.mend))


def test_the_same_month_has_not_slipped():
    """A month in one version and a day of it in the other are no move."""
    same = version(statusModule__startDateStruct={"date": "2027-03"})

    assert compare(LATER, same).findings == ()
    assert compare(LATER, same).changes == ()


def test_what_else_moved_is_listed():
    """Every field that differs is listed once, with what only one of the versions has."""
    assert [str(change) for change in compare(LATER, EARLIER).changes] == [
        "start: 2025-11 -> 2027-03-15",
        "keywords: only the later version has it: cells",
        "enrolment: 12 -> 24",
    ]


def test_the_dates_of_update_tell_which_version_is_earlier():
    """Which version is given first makes no difference where both say when they were updated."""
    assert compare(EARLIER, LATER) == compare(LATER, EARLIER)


def test_a_lost_criterion_is_supplied_by_the_other_version():
    """A criterion that a page lost is shown from the other copy of the record."""
    page = read_record(page_b().replace(f"2. {escaped('CRP > 10 mg/L at screening')}\n", ""), "page.txt")

    assert "inclusion criteria, item 2: only the earlier version has it: CRP > 10 mg/L at screening" in {
        str(change) for change in compare(page, LATER).changes
    }


def test_a_long_text_is_shown_from_where_it_differs():
    """Of two long texts the words from the first difference on are shown."""
    text = "word " * 60
    one, other = (version(descriptionModule__briefSummary=f"{text}{last}.") for last in ("five", "six"))

    assert str(compare(one, other).changes[0]) == "brief summary: word word word six. -> word word word five."


def test_another_trial_is_no_version():
    """Records of two trials are not compared; the refusal names both."""
    other = version(identificationModule__nctId="NCT09999902")

    with pytest.raises(RecordError, match=r"NCT09999902.*NCT09999901"):
        compare(LATER, other)


def test_the_comparison_is_told_as_text_and_as_data():
    """The text has every change and finding on lines that fit a terminal; the data has the same."""
    comparison = compare(LATER, EARLIER)
    text = describe_comparison(comparison)
    data = to_json(LATER, comparison)["versions"]

    assert "enrolment: 12 -> 24" in text
    assert "C27 note, status" in text
    assert max(map(len, text.splitlines())) <= 100
    assert [change["name"] for change in data["changes"]] == ["start", "keywords", "enrolment"]
    assert data["earlier"] == {"source": "earlier.json", "updated": "2024-05-01"}
    assert [finding["rule"] for finding in data["findings"]] == ["C27"]


@pytest.mark.parametrize(
    ("number", "slipped"), [("NCT03828344", {"start", "completion"}), ("NCT04971980", {"completion"})]
)
def test_pages_against_the_copies_of_2022(shared, number, slipped):
    """The dates of two of the five trials slipped since the registry's copy of October 2022."""
    page = read_record((shared / "records" / f"{number}.txt").read_text(), "page")
    copy = read_record((shared / "registry" / "msc" / f"raw_{number}.json").read_text(), "copy")

    assert {finding.what.split()[0] for finding in compare(page, copy).findings} == slipped
