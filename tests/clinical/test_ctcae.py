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


@pytest.mark.parametrize(
    ("term", "spelt", "printed", "value", "expected"),
    [
        ("Platelet count decreased", "10*9/L", "10^9/L", 60, 2),
        ("Platelet count decreased", "10^3/uL", "10^9/L", 60, 2),
        ("Platelet count decreased", "10*3/uL", "10^9/L", 60, 2),
        ("Platelet count decreased", "/uL", "/mm3", 60_000, 2),
        ("Platelet count decreased", "/µL", "/mm3", 60_000, 2),
        ("Fever", "Cel", "C", Decimal("38.5"), 1),
        ("Fever", "°C", "C", Decimal("38.5"), 1),
        ("Electrocardiogram QT corrected interval prolonged", "msec", "ms", 490, 2),
        ("Chronic kidney disease", "mL/min/{1.73_m2}", "mL/min/1.73m2", 50, 2),
        ("Proteinuria", "g/24 h", "g/24h", 2, 2),
        ("Proteinuria", "g/d", "g/24h", 2, 2),
        ("Obesity", "kg/m^2", "kg/m2", 26, 2),
    ],
)
def test_a_unit_may_be_spelt_in_other_ways(term, spelt, printed, value, expected):
    """A unit in another spelling is the printed one, and the rule is told in the printed one."""
    given_of_term = {"baseline": Decimal(480)} if term.startswith("Electro") else {"duration_h_above_40": Decimal(0)}
    found = grade(term, {"value": value, "unit": spelt, **given_of_term})

    assert found.grade == expected
    assert printed in found.rule


@pytest.mark.parametrize(
    ("term", "given", "told"),
    [
        ("Headache", {}, "Headache is graded by its clinical course, not by a value; give the grade itself"),
        (
            "CPK increased",
            {"death": True},
            "death: CPK increased has no grade 5 in CTCAE 5.0; report the cause of death",
        ),
        (
            "Anemia",
            {"colour": 1, "unit": "g/L"},
            (
                "colour is no input of ctcae_v5_grade; Anemia asks: life_threatening, lln, transfusion_indicated, unit,"
                " value"
            ),
        ),
        (
            "GGT increased",
            {"colour": 1},
            "colour is no input of ctcae_v5_grade; GGT increased asks: baseline, uln, unit, value",
        ),
        ("Anemia", {"unit": "g/L", "lln": 5, "uln": 5}, "lln must be below uln, got 5 and 5"),
        (
            "Anemia",
            {"value": 8, "unit": "k" * 41},
            f"unit must be one of g/L, g/dL, mmol/L for Anemia, got '{'k' * 40}'; convert the value",
        ),
        ("Anemia", {"value": 8, "unit": 5}, "unit must be text, got 5"),
        ("CPK increased", {"value": 10**9 + 1}, "value must be from 0 to 1000000000, got 1000000001"),
        (
            "CPK increased",
            {"uln": -1, "death": 3},
            "uln must be from 0 to 1000000000, got -1; death must be true or false, got 3",
        ),
    ],
)
def test_a_refusal_says_what_is_asked(term, given, told):
    """A refusal names the input, what the term asks, and what was given."""
    with pytest.raises(InputError) as refused:
        grade(term, given)

    assert str(refused.value) == told


def test_every_number_at_fault_is_named():
    """Each number of a finding is read, and refused by its name where it is none."""
    for name in NUMBERS:
        with pytest.raises(InputError, match=f"^{name} must be a number, got '\\?'$"):
            grade("CPK increased", {name: "?"})
    assert grade("CPK increased", {"value": 10**9, "uln": 0}).grade == 4


@pytest.mark.parametrize(
    ("term", "given", "told"),
    [
        (
            "CPK increased",
            {"value": 300, "uln": 200},
            "CPK increased grade 1: value > ULN",
        ),
        (
            "CPK increased",
            {"value": 200, "uln": 200},
            "CPK increased grade 0: not grade 1, which needs: value > ULN",
        ),
        (
            "Hyperkalemia",
            {"value": Decimal("5.2"), "uln": 5, "hospitalization_indicated": False},
            "Hyperkalemia grade 1: value > ULN (not said: intervention_initiated, life_threatening)",
        ),
        (
            "Hyperkalemia",
            {"value": Decimal("6.5"), "uln": 5},
            "Hyperkalemia grade 3: value > 6.0 mmol/L (not said: life_threatening)",
        ),
        (
            "Hypercalcemia",
            {"value": 2, "unit": "mmol/L", "uln": 3},
            (
                "Hypercalcemia grade 0: not grade 1, which needs: value > ULN"
                " (not said: hospitalization_indicated, life_threatening, symptomatic)"
            ),
        ),
        ("Anemia", {"death": True, "unit": "g/L"}, "Anemia grade 5: death"),
        ("GGT increased", {"value": 1, "uln": 2, "baseline": 1}, "GGT increased grade 0: not grade 1, which needs:"),
    ],
)
def test_a_grade_is_told_with_its_reason_and_what_was_not_said(term, given, told):
    """The grade, the rule, and the questions whose answer could raise it are told."""
    assert str(grade(term, given)).startswith(told)
    if not told.endswith(":"):
        assert str(grade(term, given)) == told


@pytest.mark.parametrize(
    ("term", "given", "reason"),
    [
        ("CPK increased", {"value": 300}, "grade 0 or 1 or 2 or 3 or 4 of CPK increased cannot be told without uln"),
        ("CPK increased", {}, "grade 0 or 1 or 2 or 3 or 4 of CPK increased cannot be told without uln and value"),
        (
            "Lipase increased",
            {"value": 130, "uln": 60},
            "grade 2 or 3 of Lipase increased cannot be told without symptomatic",
        ),
        (
            "INR increased",
            {"value": 2},
            "grade 0 or 1 or 2 or 3 of INR increased cannot be told without baseline and on_anticoagulation",
        ),
        (
            "INR increased",
            {"value": Decimal("1.3"), "baseline": Decimal("0.8")},
            "grade 0 or 1 or 2 of INR increased cannot be told without on_anticoagulation",
        ),
    ],
)
def test_what_would_decide_is_told(term, given, reason):
    """A grade that cannot be told says between which grades, and what would decide."""
    assert grade(term, given) == Missing(reason)


def test_the_questions_of_a_term_are_named_once():
    """A term's questions are named in their order, without what follows from numbers; other terms have none."""
    assert questions("Hypokalemia") == (
        "hospitalization_indicated",
        "intervention_indicated",
        "life_threatening",
        "symptomatic",
    )
    assert questions("GGT increased") == ()
    assert questions("Headache") == ()
    assert conditions("Headache") == {}


def test_the_grade_alone_is_given_by_the_item():
    """The item gives the number, or the reason why there is none."""
    assert compute("ctcae_v5_grade", {"term": "CPK increased", "value": 300, "uln": 200}) == 1
    assert isinstance(compute("ctcae_v5_grade", {"term": "CPK increased", "value": 300}), Missing)


def test_a_baseline_record_is_graded_by_the_limits_of_normal():
    """The record that is the baseline itself is graded by ULN, however high it is."""
    given = {"value": 130, "uln": 40, "baseline": 130}

    assert grade("Alanine aminotransferase increased", given).grade == 0
    assert grade("Alanine aminotransferase increased", {**given, "is_baseline_record": True}).grade == 2
    assert grade("Fibrinogen decreased", {"value": 1, "unit": "g/L", "lln": 2, "baseline": 3}).unanswered == ()


def test_death_denied_is_no_death():
    """A finding that did not lead to death is graded by its value."""
    assert grade("Anemia", {"death": False, "unit": "g/L", "value": 130, "lln": 120}).grade == 0
