"""What the grading by CTCAE promises: the rule that fired, what is missing, and what is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.clinical.ctcae import NUMBERS, conditions, grade, questions
from trialwright.clinical.ctcae_condition import read_condition
from trialwright.clinical.ctcae_dictionary import check_grade, dictionary, find_term
from trialwright.clinical.ctcae_thresholds import THRESHOLDS
from trialwright.clinical.ctcae_wording import describe_term, read_wording
from trialwright.clinical.item import Missing, compute
from trialwright.errors import InputError

TERMS = sorted(THRESHOLDS["5.0"])
FLAGS = sorted({flag for term in TERMS for flag in questions(term)} | {"is_baseline_record", "ionized", "death"})
AMOUNTS = st.decimals(0, 2000, places=2)


def test_thresholds_have_only_grades_that_exist():
    """Every threshold belongs to a term of the dictionary, and to a grade that the term has."""
    for name in TERMS:
        assert set(conditions(name)) <= set(find_term(name).grades), name


@pytest.mark.parametrize("name", TERMS)
def test_grades_are_told_highest_first(name):
    """The conditions of a term stand highest grade first, and each can be told in words."""
    rules = conditions(name)

    assert list(rules) == sorted(rules, reverse=True)
    assert all(condition.text() for condition in rules.values())


@given(
    term=st.sampled_from(TERMS),
    numbers=st.dictionaries(st.sampled_from(sorted(NUMBERS)), AMOUNTS),
    flags=st.dictionaries(st.sampled_from(FLAGS), st.booleans() | st.none()),
    unit=st.sampled_from([None, "g/L", "g/dL", "mmol/L", "mg/dL", "10^9/L", "/mm3", "%", "ms", "C", "yards"]),
)
def test_any_finding_has_a_grade_or_a_reason(term, numbers, flags, unit):
    """Any finding is graded with a grade of its term, or is missing with a reason, or is refused."""
    try:
        found = grade(term, {**numbers, **flags, "unit": unit})
    except InputError:
        return
    assert isinstance(found, Missing) or found.grade in (0, *find_term(term).grades)


@given(
    term=st.sampled_from(TERMS) | st.text(max_size=9) | st.none() | st.integers(),
    inputs=st.dictionaries(
        st.sampled_from([*sorted(NUMBERS), *FLAGS, "unit", "colour"]),
        st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5) | st.lists(st.integers()),
    ),
)
def test_any_input_is_answered_or_refused(term, inputs):
    """Whatever is given, there is an answer or a refusal, and never a fault of the program."""
    try:
        found = compute("ctcae_v5_grade", {"term": term, **inputs})
    except InputError:
        return
    assert found.reason if isinstance(found, Missing) else found in range(6)


@given(value=st.decimals(0, 20, places=2), lln=st.decimals(1, 3, places=1))
def test_fewer_neutrophils_are_never_a_lower_grade(value, lln):
    """A lower count never has a lower grade."""
    higher, lower = (
        grade("Neutrophil count decreased", {"value": each, "unit": "10^9/L", "lln": lln}).grade
        for each in (value, value / 2)
    )

    assert lower >= higher


def test_the_rule_that_fired_is_told():
    """A grade comes with its condition in the unit that was used, and with what was not said."""
    found = grade("Anemia", {"value": Decimal("4.8"), "unit": "mmol/L", "lln": Decimal("7.4")})

    assert str(found) == "Anemia grade 3: value < 4.9 mmol/L (not said: life_threatening)"


def test_a_question_that_decides_must_be_answered():
    """Lipase between two and five times ULN has no grade until symptoms are known; below it has one."""
    between = grade("Lipase increased", {"value": Decimal(130), "uln": Decimal(60)})

    assert between == Missing("grade 2 or 3 of Lipase increased cannot be told without symptomatic")
    assert grade("Lipase increased", {"value": Decimal(80), "uln": Decimal(60)}).grade == 1


def test_a_threshold_within_normal_limits_counts():
    """Neutrophils of 1.4 are grade 2 even where the lower limit of normal is 1.3."""
    found = grade("Neutrophil count decreased", {"value": Decimal("1.4"), "unit": "10^9/L", "lln": Decimal("1.3")})

    assert found.grade == 2


@pytest.mark.parametrize(
    ("term", "value", "more", "expected"),
    [
        ("Chronic kidney disease", "59.5", {"lln": Decimal(90)}, 2),
        ("Hyponatremia", "129.5", {"lln": Decimal(135), "symptomatic": False}, 2),
        ("Electrocardiogram QT corrected interval prolonged", "480.5", {"baseline": Decimal(470)}, 2),
        ("Obesity", "29.95", {}, 3),
    ],
)
def test_a_printed_gap_goes_to_the_higher_grade(term, value, more, expected):
    """A value between two printed bands has the higher grade."""
    assert grade(term, {"value": Decimal(value), **more}).grade == expected


def test_death_is_a_grade_only_where_it_exists():
    """Death is grade 5 of a term that has one, and refused of a term that has none."""
    assert grade("Anemia", {"death": True, "unit": "g/L"}).grade == 5
    with pytest.raises(InputError, match="has no grade 5"):
        grade("CPK increased", {"death": True})


@pytest.mark.parametrize(
    ("term", "given", "named"),
    [
        ("Headache", {}, "clinical course"),
        ("Anemia", {"value": Decimal(8)}, "unit is not given"),
        ("Anemia", {"value": Decimal(8), "unit": "mg/dL"}, "unit must be one of g/L, g/dL, mmol/L"),
        ("Anemia", {"value": "low", "unit": "g/L"}, "value must be a number"),
        ("Anemia", {"value": Decimal(80), "unit": "g/L", "lln": Decimal(5), "uln": Decimal(4)}, "lln must be below"),
        ("Anemia", {"colour": True, "unit": "g/L"}, "colour is no input"),
    ],
)
def test_what_cannot_be_graded_is_named(term, given, named):
    """A term without thresholds, a wrong unit, and an input that cannot be, are each refused by name."""
    with pytest.raises(InputError, match=named):
        grade(term, given)


def test_another_version_is_refused():
    """A version that is not here is refused, since versions grade differently."""
    with pytest.raises(InputError, match=r"no CTCAE '6.0'"):
        dictionary("6.0")


@pytest.mark.parametrize(("term", "level"), [("Lymph node pain", 4), ("Anemia", 0), ("Anemia", 6), ("Anemia", None)])
def test_a_grade_that_does_not_exist_is_refused(term, level):
    """A grade that a term does not have is refused."""
    with pytest.raises(InputError):
        check_grade(term, level)


def test_a_grade_that_exists_is_confirmed():
    """A grade that a term has is confirmed, however its capitals are written."""
    assert check_grade("ANEMIA", 4) == 4


def test_a_denied_question_is_told():
    """A denied question reads as a denial."""
    assert read_condition("not symptomatic?").text() == "not symptomatic"


def test_the_wording_of_the_nci_is_shown_once_loaded(shared):
    """The NCI's words replace ours once its table has been read."""
    wording = read_wording((shared / "ctcae/ctcae_v5.0.csv").read_text(encoding="utf-8"))
    ours, theirs = describe_term("Anemia"), describe_term("Anemia", wording)

    assert "value < 80 g/L" in ours
    assert "<80 g/L" in theirs
    assert len(ours.splitlines()) == len(theirs.splitlines()) == 6
    assert "grade 2: moderate" in describe_term("Headache")


@pytest.mark.parametrize(
    ("text", "named"),
    [("", "no column term"), ("term,grade_1\nAnemia,x\n", "no column grade_2"), ('a,"b', "not a table")],
)
def test_another_table_is_refused(text, named):
    """What is not the NCI's table is refused with what it lacks."""
    with pytest.raises(InputError, match=named):
        read_wording(text)


def test_a_table_that_was_changed_is_refused(shared):
    """A table with a term or a grade too few is refused, and the term named."""
    text = (shared / "ctcae/ctcae_v5.0.csv").read_text(encoding="utf-8")

    with pytest.raises(InputError, match="2 terms differ, such as Anaemia, Anemia"):
        read_wording(text.replace("disorders,Anemia,", "disorders,Anaemia,"))
