"""Every numeric threshold of CTCAE 5.0 at its limit (NCI, 27 November 2017), and what raises a grade."""

from decimal import Decimal
from typing import Any

import pytest

from trialwright.clinical.ctcae import grade
from trialwright.clinical.ctcae_thresholds import THRESHOLDS
from trialwright.clinical.item import Missing

COUNTS = [
    ("White blood cell decreased", {"lln": "4"}, "4:0 3.99:1 3:1 2.99:2 2:2 1.99:3 1:3 0.99:4"),
    ("Neutrophil count decreased", {"lln": "2"}, "2:0 1.99:1 1.5:1 1.49:2 1:2 0.99:3 0.5:3 0.49:4"),
    ("Lymphocyte count decreased", {"lln": "1"}, "1:0 0.99:1 0.8:1 0.79:2 0.5:2 0.49:3 0.2:3 0.19:4"),
    ("CD4 lymphocytes decreased", {"lln": "0.6"}, "0.6:0 0.59:1 0.5:1 0.49:2 0.2:2 0.19:3 0.05:3 0.049:4"),
    ("Platelet count decreased", {"lln": "150"}, "150:0 149:1 75:1 74.99:2 50:2 49.99:3 25:3 24.99:4"),
    ("Lymphocyte count increased", {}, "4:0 4.01:2 20:2 20.01:3"),
    ("Leukocytosis", {}, "100:0 100.1:3"),
]
CALM = {"symptomatic": False}
ILL = {"symptomatic": True}
VALUES = [
    ("Anemia", {"unit": "g/L", "lln": "120"}, "120:0 119.9:1 100:1 99.9:2 80:2 79.9:3"),
    ("Anemia", {"unit": "g/dL", "lln": "12"}, "12:0 11.99:1 10:1 9.99:2 8:2 7.99:3"),
    ("Anemia", {"unit": "mmol/L", "lln": "7.4"}, "7.4:0 7.39:1 6.2:1 6.19:2 4.9:2 4.89:3"),
    ("Eosinophilia", {"uln": "0.5", "baseline": "0.6"}, "0.6:0 0.61:1"),
    ("Eosinophilia", {"uln": "0.5", "baseline": "0.4"}, "0.5:0 0.51:1"),
    ("Hemoglobin increased", {"unit": "g/dL", "baseline": "15"}, "15:0 15.1:1 17:1 17.1:2 19:2 19.1:3"),
    ("Hemoglobin increased", {"unit": "g/L", "baseline": "150"}, "150:0 150.1:1 170:1 170.1:2 190:2 190.1:3"),
    ("INR increased", {"on_anticoagulation": False}, "1.2:0 1.21:1 1.5:1 1.51:2 2.5:2 2.51:3"),
    ("INR increased", {"on_anticoagulation": True, "baseline": "2"}, "2:0 2.01:1 3:1 3.01:2 5:2 5.01:3"),
    ("Activated partial thromboplastin time prolonged", {"uln": "40"}, "40:0 40.1:1 60:1 60.1:2 100:2 100.1:3"),
    (
        "Fibrinogen decreased",
        {"unit": "g/L", "lln": "3", "baseline": "3"},
        "3:0 2.99:1 2.25:1 2.24:2 1.5:2 1.49:3 0.75:3 0.74:4",
    ),
    ("Fibrinogen decreased", {"unit": "g/L", "lln": "1.5", "baseline": "3"}, "0.5:3 0.49:4"),
    ("Fibrinogen decreased", {"unit": "mg/dL", "lln": "150", "baseline": "300"}, "50:3 49.9:4"),
    (
        "Fibrinogen decreased",
        {"unit": "g/L", "lln": "20", "baseline": "10"},
        "10:0 9.99:1 7.51:1 7.5:2 5.01:2 5:3 2.51:3 2.5:4",
    ),
    ("Haptoglobin decreased", {"lln": "0.5"}, "0.5:0 0.49:1"),
    *(
        row
        for term in ("Alanine aminotransferase increased", "Aspartate aminotransferase increased")
        for row in (
            (term, {"uln": "40", "baseline": "40"}, "40:0 40.1:1 120:1 120.1:2 200:2 200.1:3 800:3 800.1:4"),
            (term, {"uln": "40", "baseline": "50"}, "74.9:0 75:1 150:1 150.1:2 250:2 250.1:3 1000:3 1000.1:4"),
        )
    ),
    *(
        row
        for term in ("Alkaline phosphatase increased", "GGT increased")
        for row in (
            (term, {"uln": "100", "baseline": "100"}, "100:0 100.1:1 250:1 250.1:2 500:2 500.1:3 2000:3 2000.1:4"),
            (term, {"uln": "100", "baseline": "120"}, "239.9:0 240:1 300:1 300.1:2 600:2 600.1:3 2400:3 2400.1:4"),
        )
    ),
    ("Blood bilirubin increased", {"uln": "20", "baseline": "20"}, "20:0 20.1:1 30:1 30.1:2 60:2 60.1:3 200:3 200.1:4"),
    ("Blood bilirubin increased", {"uln": "20", "baseline": "40"}, "40:0 40.1:1 60:1 60.1:2 120:2 120.1:3 400:3 401:4"),
    (
        "Creatinine increased",
        {"uln": "100", "baseline": "200"},
        "100:0 100.1:1 150:1 150.1:2 300:2 300.1:3 600:3 601:4",
    ),
    ("Creatinine increased", {"uln": "100", "baseline": "50"}, "75:0 75.1:2 150:2 150.1:3"),
    ("Blood lactate dehydrogenase increased", {"uln": "250"}, "250:0 250.1:1"),
    ("Blood bicarbonate decreased", {"lln": "22"}, "22:0 21.9:1"),
    ("Blood bicarbonate decreased", {"lln": "22", "intervention_initiated": True}, "21.9:0"),
    ("CPK increased", {"uln": "200"}, "200:0 200.1:1 500:1 500.1:2 1000:2 1000.1:3 2000:3 2000.1:4"),
    *(
        row
        for term in ("Lipase increased", "Serum amylase increased")
        for row in (
            (term, {"uln": "60", **CALM}, "60:0 60.1:1 90:1 90.1:2 300:2 300.1:3"),
            (term, {"uln": "60", **ILL}, "60:0 60.1:1 90:1 90.1:2 120:2 120.1:3 300:3 300.1:4"),
        )
    ),
    ("Hypoalbuminemia", {"unit": "g/L", "lln": "35"}, "35:0 34.9:1 30:1 29.9:2 20:2 19.9:3"),
    ("Hypoalbuminemia", {"unit": "g/dL", "lln": "3.5"}, "3.5:0 3.49:1 3:1 2.99:2 2:2 1.99:3"),
    ("Hyperuricemia", {"uln": "6.8", "physiologic_consequences": False}, "6.8:0 6.81:1"),
    ("Hyperuricemia", {"uln": "6.8", "physiologic_consequences": True}, "6.8:0 6.81:3"),
    ("Hypertriglyceridemia", {"unit": "mmol/L"}, "1.709:0 1.71:1 3.42:1 3.421:2 5.7:2 5.701:3 11.4:3 11.401:4"),
    ("Hypertriglyceridemia", {"unit": "mg/dL"}, "149.9:0 150:1 300:1 300.1:2 500:2 500.1:3 1000:3 1000.1:4"),
    (
        "Cholesterol high",
        {"unit": "mmol/L", "uln": "5.2"},
        "5.2:0 5.21:1 7.75:1 7.751:2 10.34:2 10.341:3 12.92:3 12.921:4",
    ),
    ("Cholesterol high", {"unit": "mg/dL", "uln": "200"}, "200:0 200.1:1 300:1 300.1:2 400:2 400.1:3 500:3 500.1:4"),
    ("Acidosis", {"lln": "7.35"}, "7.35:0 7.349:1 7.3:1 7.29:3"),
    ("Alkalosis", {"uln": "7.45"}, "7.45:0 7.451:1 7.5:1 7.51:3"),
    ("Hypernatremia", {"uln": "145"}, "145:0 145.1:1 150:1 150.1:2 155:2 155.1:3 160:3 160.1:4"),
    ("Hyponatremia", {"lln": "135", **CALM}, "135:0 134.9:1 130:1 129.9:2 125:2 124.9:3 120:3 119.9:4"),
    ("Hyponatremia", {"lln": "135", **ILL}, "135:0 134.9:1 130:1 129.9:3 125:3 120:3 119.9:4"),
    ("Hyperkalemia", {"uln": "5"}, "5:0 5.01:1 5.5:1 5.51:2 6:2 6.01:3 7:3 7.01:4"),
    ("Hypokalemia", {"lln": "3.5", **CALM}, "3.5:0 3.49:1 3:1 2.99:3 2.5:3 2.49:4"),
    ("Hypokalemia", {"lln": "3.5", **ILL}, "3.5:0 3.49:2 3:2 2.99:3"),
    ("Hypokalemia", {"lln": "3.5", "intervention_indicated": True, **CALM}, "3.5:0 3.49:2 3:2 2.99:3"),
    (
        "Hypercalcemia",
        {"unit": "mmol/L", "uln": "2.6"},
        "2.6:0 2.61:1 2.9:1 2.91:2 3.1:2 3.11:3 3.4:3 3.41:4",
    ),
    (
        "Hypercalcemia",
        {"unit": "mg/dL", "uln": "10.5"},
        "10.5:0 10.6:1 11.5:1 11.51:2 12.5:2 12.51:3 13.5:3 13.51:4",
    ),
    (
        "Hypercalcemia",
        {"unit": "mmol/L", "uln": "1.3", "ionized": True},
        "1.3:0 1.31:1 1.5:1 1.51:2 1.6:2 1.61:3 1.8:3 1.81:4",
    ),
    (
        "Hypocalcemia",
        {"unit": "mmol/L", "lln": "2.2"},
        "2.2:0 2.19:1 2:1 1.99:2 1.75:2 1.749:3 1.5:3 1.49:4",
    ),
    ("Hypocalcemia", {"unit": "mg/dL", "lln": "8.5"}, "8.5:0 8.49:1 8:1 7.99:2 7:2 6.99:3 6:3 5.99:4"),
    (
        "Hypocalcemia",
        {"unit": "mmol/L", "lln": "1.1", "ionized": True},
        "1.1:0 1.09:1 1:1 0.99:2 0.9:2 0.89:3 0.8:3 0.79:4",
    ),
    ("Hypermagnesemia", {"unit": "mmol/L", "uln": "1"}, "1:0 1.01:1 1.23:1 1.231:3 3.3:3 3.301:4"),
    ("Hypermagnesemia", {"unit": "mg/dL", "uln": "2.4"}, "2.4:0 2.41:1 3:1 3.01:3 8:3 8.01:4"),
    ("Hypomagnesemia", {"unit": "mmol/L", "lln": "0.7"}, "0.7:0 0.69:1 0.5:1 0.49:2 0.4:2 0.39:3 0.3:3 0.29:4"),
    ("Hypomagnesemia", {"unit": "mg/dL", "lln": "1.8"}, "1.8:0 1.79:1 1.2:1 1.19:2 0.9:2 0.89:3 0.7:3 0.69:4"),
    ("Hypoglycemia", {"unit": "mmol/L", "lln": "3.9"}, "3.9:0 3.89:1 3:1 2.99:2 2.2:2 2.19:3 1.7:3 1.69:4"),
    ("Hypoglycemia", {"unit": "mg/dL", "lln": "70"}, "70:0 69.9:1 55:1 54.9:2 40:2 39.9:3 30:3 29.9:4"),
    ("Hyperglycemia", {"uln": "6", "baseline": "7"}, "7:0 7.1:1"),
    ("Hyperglycemia", {"uln": "6", "baseline": "5"}, "6:0 6.1:1"),
    ("Hyperphosphatemia", {"uln": "1.5"}, "1.5:0 1.51:1"),
    ("Hypophosphatemia", {"lln": "0.8"}, "0.8:0 0.79:1"),
    (
        "Electrocardiogram QT corrected interval prolonged",
        {"unit": "ms", "baseline": "480"},
        "449.9:0 450:1 480:1 480.1:2 500:2 500.1:3",
    ),
    ("Electrocardiogram QT corrected interval prolonged", {"unit": "ms", "baseline": "400"}, "460:1 460.1:3"),
    ("Ejection fraction decreased", {"unit": "%", "baseline": "50"}, "50.1:0 50:2 40:2 39.9:3"),
    ("Ejection fraction decreased", {"unit": "%", "baseline": "70"}, "60.1:0 60:2 50.1:2 50:3"),
    ("Ejection fraction decreased", {"unit": "%", "baseline": "35"}, "20:3 19.9:4"),
    ("Fever", {"duration_h_above_40": "24"}, "37.9:0 38:1 39:1 39.1:2 40:2 40.1:3"),
    ("Fever", {"duration_h_above_40": "24.1"}, "40:2 40.1:4"),
    ("Hypothermia", {"unit": "C"}, "35.1:0 35:2 32.1:2 32:3 28.1:3 28:4"),
    ("Chronic kidney disease", {"lln": "90"}, "90:0 89.9:1 60:1 59.9:2 30:2 29.9:3 15:3 14.9:4"),
    ("Proteinuria", {"unit": "g/24h", "uln": "0.15"}, "0.149:0 0.15:1 0.99:1 1:2 3.49:2 3.5:3"),
    ("Weight loss", {"baseline": "100"}, "95.1:0 95:1 90.1:1 90:2 80.1:2 80:3"),
    ("Weight gain", {"baseline": "100"}, "104.9:0 105:1 109.9:1 110:2 119.9:2 120:3"),
    ("Obesity", {"unit": "kg/m2"}, "24.9:0 25:2 29.9:2 29.91:3 39.9:3 40:4"),
]
SIGNS = [
    ("Febrile neutropenia", {"temperature_c": "38.31"}, "anc", "1:0 0.99:3"),
    ("Febrile neutropenia", {"anc": "0.99"}, "temperature_c", "38.3:0 38.31:3"),
    ("Febrile neutropenia", {"anc": "0.99", "sustained_over_1h": True}, "temperature_c", "37.9:0 38:3"),
    ("Febrile neutropenia", {"temperature_c": "38", "sustained_over_1h": True}, "anc", "1:0 0.99:3"),
    ("Hypertension", {"diastolic": "70"}, "systolic", "119.9:0 120:1 139:1 139.1:2 159.9:2 160:3"),
    ("Hypertension", {"systolic": "110"}, "diastolic", "79.9:0 80:1 89:1 89.1:2 99.9:2 100:3"),
]
ADMITTED, CRITICAL = {"hospitalization_indicated": 3}, {"life_threatening": 4}
RAISED = [
    ("Anemia", {"unit": "g/L", "value": "130", "lln": "120"}, {"transfusion_indicated": 3, **CRITICAL}),
    ("Leukocytosis", {"unit": "10^9/L", "value": "5"}, {"leucostasis": 4}),
    ("Eosinophilia", {"value": "0.1", "uln": "0.5", "baseline": "0.1"}, {"steroids_initiated": 3}),
    ("Febrile neutropenia", {"anc": "2", "temperature_c": "37"}, CRITICAL),
    ("INR increased", {"value": "1", "on_anticoagulation": False}, {"dose_adjustment_indicated": 2, "bleeding": 3}),
    ("Activated partial thromboplastin time prolonged", {"value": "30", "uln": "40"}, {"bleeding": 3}),
    ("Hypoalbuminemia", {"unit": "g/L", "value": "40", "lln": "35"}, CRITICAL),
    ("Hyperuricemia", {"value": "5", "uln": "6"}, CRITICAL),
    ("Hypertriglyceridemia", {"unit": "mmol/L", "value": "1"}, CRITICAL),
    ("Acidosis", {"value": "7.4", "lln": "7.35"}, CRITICAL),
    ("Alkalosis", {"value": "7.4", "uln": "7.45"}, CRITICAL),
    ("Hypernatremia", {"value": "140", "uln": "145"}, {"intervention_initiated": 2, **ADMITTED, **CRITICAL}),
    ("Hyponatremia", {"value": "140", "lln": "135"}, CRITICAL),
    ("Hyperkalemia", {"value": "4", "uln": "5"}, {"intervention_initiated": 2, **ADMITTED, **CRITICAL}),
    ("Hypokalemia", {"value": "4", "lln": "3.5"}, {**ADMITTED, **CRITICAL}),
    ("Hypercalcemia", {"unit": "mmol/L", "value": "2", "uln": "2.6"}, {"symptomatic": 2, **ADMITTED, **CRITICAL}),
    ("Hypocalcemia", {"unit": "mmol/L", "value": "2.4", "lln": "2.2"}, {"symptomatic": 2, **ADMITTED, **CRITICAL}),
    ("Hypermagnesemia", {"unit": "mmol/L", "value": "1", "uln": "1"}, CRITICAL),
    ("Hypomagnesemia", {"unit": "mmol/L", "value": "1", "lln": "0.7"}, CRITICAL),
    ("Hypoglycemia", {"unit": "mmol/L", "value": "5", "lln": "3.9"}, {"seizures": 4, **CRITICAL}),
    (
        "Hyperglycemia",
        {"value": "5", "uln": "6", "baseline": "5"},
        {
            **dict.fromkeys(["oral_agent_initiated", "management_changed", "diabetes_workup"], 2),
            "insulin_initiated": 3,
            **ADMITTED,
            **CRITICAL,
        },
    ),
    (
        "Hyperphosphatemia",
        {"value": "1", "uln": "1.5"},
        {"noninvasive_intervention_indicated": 2, **ADMITTED, **CRITICAL},
    ),
    ("Hypophosphatemia", {"value": "1", "lln": "0.8"}, {"oral_replacement_indicated": 2, **ADMITTED, **CRITICAL}),
    (
        "Electrocardiogram QT corrected interval prolonged",
        {"value": "400", "baseline": "400"},
        {"torsade_de_pointes": 4, "serious_arrhythmia": 4},
    ),
    ("Hypothermia", {"value": "36"}, CRITICAL),
    ("Hypertension", {"systolic": "110", "diastolic": "70"}, CRITICAL),
    ("Chronic kidney disease", {"value": "95", "lln": "90"}, {"dialysis_or_transplant_indicated": 4}),
]


def exact(given: dict[str, Any]) -> dict[str, Any]:
    """Read the numbers of a row."""
    return {
        name: Decimal(value) if isinstance(value, str) and name != "unit" else value for name, value in given.items()
    }


def found(term: str, given: dict[str, Any]) -> int | Missing:
    """The grade of a finding."""
    graded = grade(term, exact(given))
    return graded if isinstance(graded, Missing) else graded.grade


@pytest.mark.parametrize(("term", "given", "steps"), VALUES)
def test_each_threshold_divides_two_grades(term: str, given: dict[str, Any], steps: str) -> None:
    """At a printed limit the value has its grade, just beyond it the next."""
    for value, expected in (step.split(":") for step in steps.split()):
        assert found(term, {**given, "value": value}) == int(expected), value


@pytest.mark.parametrize(("unit", "factor"), [("10^9/L", 1), ("/mm3", 1000)])
@pytest.mark.parametrize(("term", "given", "steps"), COUNTS)
def test_counts_have_the_same_limits_in_both_units(
    term: str, given: dict[str, Any], steps: str, unit: str, factor: int
) -> None:
    """A blood count has its limits in 10^9/L, and a thousand times the number per mm3."""
    scaled = {name: Decimal(value) * factor for name, value in given.items()}
    for value, expected in (step.split(":") for step in steps.split()):
        assert found(term, {**scaled, "unit": unit, "value": Decimal(value) * factor}) == int(expected), value


@pytest.mark.parametrize(("term", "given", "name", "steps"), SIGNS)
def test_signs_have_their_limits(term: str, given: dict[str, Any], name: str, steps: str) -> None:
    """A sign that is read beside others divides the grades at its printed limit."""
    for value, expected in (step.split(":") for step in steps.split()):
        assert found(term, {**given, name: value}) == int(expected), value


@pytest.mark.parametrize(("term", "given", "raised"), RAISED)
def test_what_was_done_raises_a_grade(term: str, given: dict[str, Any], raised: dict[str, int]) -> None:
    """A normal value has no grade; treatment, hospital or a threat to life gives it the printed one."""
    assert found(term, given) == 0
    for flag, expected in raised.items():
        assert found(term, {**given, flag: True}) == expected
        assert found(term, {**given, flag: False}) == 0


@pytest.mark.parametrize(
    ("term", "at_the_limit", "beyond"),
    [
        *(
            (term, {"uln": "40", "value": "40"}, {"uln": "40", "value": "40.1"})
            for term in (
                "Alanine aminotransferase increased",
                "Alkaline phosphatase increased",
                "Blood bilirubin increased",
            )
        ),
        (
            "Fibrinogen decreased",
            {"unit": "g/L", "lln": "2", "value": "2"},
            {"unit": "g/L", "lln": "2", "value": "1.9"},
        ),
    ],
)
def test_a_normal_value_needs_no_baseline(term: str, at_the_limit: dict[str, str], beyond: dict[str, str]) -> None:
    """What is within normal limits has no grade, whatever the baseline was; beyond them the baseline decides."""
    assert found(term, at_the_limit) == 0
    assert isinstance(found(term, beyond), Missing)


@pytest.mark.parametrize(
    ("term", "given", "question"),
    [
        ("Lipase increased", {"value": "130", "uln": "60"}, "symptomatic"),
        ("Lipase increased", {"value": "301", "uln": "60"}, "symptomatic"),
        ("INR increased", {"value": "3", "baseline": "1"}, "on_anticoagulation"),
        ("INR increased", {"value": "1.6", "baseline": "1.6"}, "on_anticoagulation"),
        ("INR increased", {"value": "2", "baseline": "1"}, "on_anticoagulation"),
        ("INR increased", {"value": "1.3", "baseline": "2"}, "on_anticoagulation"),
        ("INR increased", {"value": "1.1", "baseline": "1"}, "on_anticoagulation"),
        ("Hyperuricemia", {"value": "7", "uln": "6"}, "physiologic_consequences"),
        ("Hyponatremia", {"value": "127", "lln": "135"}, "symptomatic"),
        ("Hypokalemia", {"value": "3.2", "lln": "3.5"}, "symptomatic"),
    ],
)
def test_a_question_that_splits_a_grade_must_be_answered(term: str, given: dict[str, str], question: str) -> None:
    """Where the grade hangs on a question, it is missing until that is answered, and the question is named."""
    open_grade = found(term, given)

    assert isinstance(open_grade, Missing)
    assert open_grade.reason.endswith(f" of {term} cannot be told without {question}")
    assert {type(found(term, {**given, question: answer})) for answer in (True, False)} == {int}


def test_every_term_is_here() -> None:
    """Each term that is graded by value has its limits or what raises it in these tables."""
    assert {row[0] for row in (*COUNTS, *VALUES, *SIGNS, *RAISED)} == set(THRESHOLDS["5.0"])
