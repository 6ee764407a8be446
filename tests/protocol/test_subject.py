"""Reading a subject: every fault with its place, exact numbers, unknown kept apart from no."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conductor import TEXT
from trialwright.errors import InputError
from trialwright.protocol.facts import Facts
from trialwright.protocol.file import load_study
from trialwright.protocol.screen import screen
from trialwright.protocol.screen_report import describe_screening, screening_data, verdict_columns, verdict_row
from trialwright.protocol.subject import answerable, parse_subject, read_subject
from trialwright.protocol.subject_row import read_columns, row_data

ITEMS = """items:
  - {name: alt, label: ALT, type: number, unit: U/L, range: 0 to 5000, assumed: a test}
  - {name: nyha, label: NYHA class, type: word, choices: [I, II, III, IV], assumed: a test}
  - {name: stroke, label: Stroke, type: event, assumed: a test}
  - {name: methotrexate, label: Methotrexate, type: drug, unit: mg, assumed: a test}
"""
STUDY = load_study(TEXT.replace("items:\n", ITEMS, 1).replace("exclude: malignancy is yes", "exclude: stroke ever"))


def facts(**parts: Any) -> Facts:
    """The facts of a subject, through the text of its JSON."""
    return read_subject(parse_subject(json.dumps(parts)), STUDY)


def faults(**parts: Any) -> list[str]:
    """The faults of a subject."""
    with pytest.raises(InputError) as refused:
        facts(**parts)
    return str(refused.value).splitlines()


def test_numbers_are_exact() -> None:
    """A number is the decimal that stands in the file."""
    read = read_subject(parse_subject('{"values": {"crp": 0.1, "alt": {"value": 80, "uln": 40.0}}}'), STUDY)

    assert read.observations["crp"][0].value == Decimal("0.1")
    assert read.observations["alt"][0].uln == Decimal(40)


def test_a_bare_number_is_in_the_unit_of_the_protocol() -> None:
    """A number without a unit is in the unit that the protocol gives the item, and is shown with it."""
    assert facts(values={"alt": 80}).observations["alt"][0].unit == "U/L"


def test_null_is_unknown_and_an_empty_history_is_not() -> None:
    """What is null or left out is unknown; an empty list says that an event never happened."""
    read = facts(values={"alt": None, "stroke": []}, answers={"I04": None}, days={"screening": None})

    assert dict(read.observations) == {"stroke": ()}
    assert not read.answers
    assert not read.anchors


@pytest.mark.parametrize(
    ("said", "value", "on"),
    [
        (["2025-01-02"], True, date(2025, 1, 2)),
        ([{"on": "2025-01-02"}], True, date(2025, 1, 2)),
        ("2025-01-02", True, date(2025, 1, 2)),
        (True, True, None),
        ("no", False, None),
    ],
)
def test_events_are_days_or_yes_and_no(said: Any, value: bool, on: date | None) -> None:
    """An event is written as its day, or as yes or no where no day is known."""
    (one,) = facts(values={"stroke": said}).observations["stroke"]

    assert (one.value, one.on) == (value, on)


def test_a_drug_has_dose_frequency_and_days() -> None:
    """An exposure keeps its dose, unit, frequency, first day and the day since which it is stable."""
    said = {"dose": 15, "unit": "mg", "frequency": "weekly", "since": "2026-01-01", "stable since": "2026-09-01"}
    (one,) = facts(values={"methotrexate": said}).observations["methotrexate"]

    assert (one.value, one.unit, one.frequency) == (Decimal(15), "mg", "weekly")
    assert (one.since, one.stable_since, one.on) == (date(2026, 1, 1), date(2026, 9, 1), None)


def test_observations_stand_in_order_of_time() -> None:
    """Dated values are put in order of time, and a visit may be named as the protocol writes it."""
    read = facts(values={"crp": [{"value": 9, "on": "2026-12-02", "visit": "d7"}, {"value": 3, "on": "2026-11-30"}]})

    assert [one.value for one in read.observations["crp"]] == [3, 9]
    assert read.observations["crp"][1].visit == "d7"


@pytest.mark.parametrize(
    ("parts", "place", "what"),
    [
        ({"value": {}}, "the subject", "there is no key 'value'"),
        ({"id": 7}, "id", "7 is not a text"),
        ({"days": {"screning": "2026-12-01"}}, "days > screning", "no such day"),
        ({"days": {"screening": "2026-02-30"}}, "days > screening", "not a day of the calendar"),
        ({"days": {"screening": "1026-02-03"}}, "days > screening", "is not from 1900-01-01"),
        ({"days": ["2026-02-03"]}, "days", "is not an object"),
        ({"values": {"altt": 1}}, "values > altt", "no such item"),
        ({"values": {"alt": 5001}}, "values > alt", "is not from 0 to 5000 U/L"),
        ({"values": {"alt": "80"}}, "values > alt", "is not a number"),
        ({"values": {"alt": True}}, "values > alt", "is not a number"),
        ({"values": {"alt": {"uln": 40}}}, "values > alt", "'value' is missing"),
        ({"values": {"alt": {"value": 1, "uln": 0}}}, "values > alt > uln", "above 0"),
        ({"values": {"alt": {"value": 1, "unit": "mmol/L"}}}, "values > alt > unit", "give it in U/L"),
        ({"values": {"alt": {"value": 1, "dose": 1}}}, "values > alt", "there is no key 'dose'"),
        ({"values": {"alt": {"value": 1, "visit": "Week 99"}}}, "values > alt > visit", "is no visit"),
        ({"values": {"alt": [1, "x"]}}, "values > alt > 2", "is not a number"),
        ({"values": {"alt": 1e300}}, "values > alt", "more than 15 digits"),
        ({"values": {"nyha": "V"}}, "values > nyha", "none of I, II, III, IV"),
        ({"values": {"nyha": "\ud800"}}, "values > nyha", "not a text that can be printed"),
        ({"values": {"pregnant": 0}}, "values > pregnant", "neither yes nor no"),
        ({"values": {"stroke": {"value": "no", "on": "2026-01-01"}}}, "values > stroke", "it did not happen"),
        ({"values": {"methotrexate": 0}}, "values > methotrexate", "not a dose"),
        (
            {"values": {"methotrexate": {"dose": 1, "since": "2026-02-01", "on": "2026-01-01"}}},
            "values > methotrexate",
            "lies after",
        ),
        (
            {"values": {"methotrexate": {"frequency": "wekly"}}},
            "values > methotrexate > frequency",
            "none of as needed",
        ),
        ({"answers": {"I99": True}}, "answers > I99", "no such criterion"),
        ({"answers": {"I01": True}}, "answers > I01", "takes no answer"),
        ({"answers": {"I04": "perhaps"}}, "answers > I04", "neither yes nor no"),
    ],
)
def test_a_fault_has_its_place(parts: dict, place: str, what: str) -> None:
    """What cannot be used is refused with its place and what is wrong with it."""
    assert any(fault.startswith(f"{place}: ") and what in fault for fault in faults(**parts))


def test_all_faults_come_at_once() -> None:
    """A subject is refused with every fault that it has."""
    assert len(faults(days={"x": "y"}, values={"alt": -1, "nyha": 3}, answers={"Z": 1})) == 6


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "expecting value"),
        ('{"values": {"alt": NaN}}', "NaN is not a number of JSON"),
        ('{"days": {}, "days": {}}', "'days' stands twice"),
        ("[" * 100_000, "nested too deep"),
        (" " * 1_000_001, "less than a million"),
        ('{"a": 1e999999999999999999999}', "a number that is none"),
    ],
)
def test_what_is_not_json_is_refused(text: str, what: str) -> None:
    """Text that is no JSON, or says a thing twice, is refused with the reason."""
    with pytest.raises(InputError, match=what):
        parse_subject(text)


NAMES = st.sampled_from([*(item.name for item in STUDY.items), "screening", "I04", "value", "dose", "on", "x"])
SCALARS = (
    st.sampled_from([None, True, "yes", "no", "2026-12-01", "mg", Decimal("1e40"), 40, 2.5]) | st.text() | st.floats()
)
JSON = st.recursive(
    SCALARS | st.integers() | st.decimals(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
SUBJECTS = JSON | st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "days": st.dictionaries(NAMES, JSON),
        "values": st.dictionaries(NAMES, JSON),
        "answers": JSON,
    },
)


@given(SUBJECTS)
def test_anything_is_facts_or_a_refusal(data: Any) -> None:
    """Whatever JSON holds becomes facts that can be screened and written out, or a refusal with reasons."""
    try:
        read = read_subject(data, STUDY)
    except InputError:
        return
    found = screen(STUDY, read)
    assert describe_screening(STUDY, None, found).encode()
    assert json.dumps(screening_data(STUDY, None, found))
    assert set(verdict_row(STUDY, None, found)) == set(verdict_columns(STUDY))


@given(st.text(max_size=200))
def test_any_text_is_json_or_a_refusal(text: str) -> None:
    """Any text is JSON or refused."""
    with suppress(InputError):
        parse_subject(text)


def test_a_row_says_what_json_says() -> None:
    """A row of a table reads to the same facts as the JSON that says the same."""
    row = {
        "id": "S1",
        "day:screening": "2026-12-01",
        "alt": "80",
        "alt:uln": "40.0",
        "crp@screening": "3",
        "crp@d7": " 9 ",
        "stroke:on": "2025-01-02",
        "methotrexate": "15",
        "methotrexate:stable since": "2026-09-01",
        "nyha": "",
        "answer:I04": "yes",
    }
    said = {
        "id": "S1",
        "days": {"screening": "2026-12-01"},
        "values": {
            "alt": {"value": 80, "uln": 40},
            "crp": [{"value": 3, "visit": "Screening"}, {"value": 9, "visit": "D7"}],
            "stroke": ["2025-01-02"],
            "methotrexate": {"dose": 15, "stable since": "2026-09-01"},
        },
        "answers": {"I04": True},
    }

    assert read_subject(row_data(row, read_columns(row, STUDY), STUDY), STUDY) == facts(**said)


def test_a_unit_or_a_limit_alone_says_nothing() -> None:
    """A laboratory's limit or a unit in a row is no value: the item stays unknown."""
    row = {"id": "S1", "alt": "", "alt:uln": "40", "alt:unit": "U/L", "methotrexate:unit": "mg"}

    assert not read_subject(row_data(row, read_columns(row, STUDY), STUDY), STUDY).observations


def test_columns_that_mean_nothing_are_refused_at_once() -> None:
    """Every column that the protocol does not know is named, and so is an id that is missing."""
    with pytest.raises(InputError) as refused:
        read_columns(["altt", "alt:route", "alt@Week 99", "day:x", "answer:I01", "alt", "alt"], STUDY)

    assert len(str(refused.value).splitlines()) == 7


def test_only_criteria_that_a_person_answers_take_answers() -> None:
    """A criterion takes an answer when a part of it is judged or attested."""
    assert answerable(STUDY) == {"I04", "E04"}


def test_a_dose_in_a_day_is_the_days_total() -> None:
    """A dose of an item counted by the day is refused at any other frequency, which would hide the day's total."""
    item = "items:\n  - {name: prednisone, label: Prednisone, type: drug, unit: mg/d, assumed: a test}\n"
    study = load_study(TEXT.replace("items:\n", item, 1))

    with pytest.raises(InputError, match="dose in a day"):
        read_subject({"values": {"prednisone": {"dose": 15, "frequency": "twice daily"}}}, study)
    assert read_subject({"values": {"prednisone": {"dose": 15, "frequency": "daily"}}}, study)
