"""The numeric thresholds of CTCAE 5.0 as data: for each term the condition of each grade, highest first.

Where the printed bands leave a gap for decimals (eGFR 59 to 60, QTc 480 to 481, sodium 129 to 130), a value in it gets
the higher grade. A threshold within normal limits counts: neutrophils of 1.4 with an LLN of 1.3 are grade 2. Phosphate
and glucose above normal are graded by management, as version 5.0 has it.

Source: National Cancer Institute, CTCAE 5.0, 27 November 2017; the words are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

Grades = Mapping[int, str]

_CRITICAL = "life_threatening"
_ADMITTED = "hospitalization_indicated"


def _count(*steps: str) -> Grades:
    """A blood count below each of three steps, in 10^9/L and in the 1000 times larger number per mm3."""
    second, third, fourth = ("value < " + _per_volume(step) for step in steps)
    return {4: fourth, 3: third, 2: second, 1: "value < lln"}


def _per_volume(number: str) -> str:
    return f"{{{number} 10^9/L, {Decimal(number) * 1000:f} /mm3}}"


def _times_uln(*steps: str) -> Grades:
    grades = {grade: f"value > {step} uln" for grade, step in enumerate(steps, start=2)} | {1: "value > uln"}
    return dict(sorted(grades.items(), reverse=True))


def _by_baseline(second: str, third: str, fourth: str, first: str) -> Grades:
    """Multiples of ULN, or of a baseline that was above ULN; `first` is the lowest multiple of such a baseline."""

    def step(multiple: str) -> str:
        normal = f"value > {multiple} uln & not baseline_high"
        return f"{normal} | value > uln & value > {multiple} baseline & baseline_high"

    lowest = f"value > uln & not baseline_high | value > uln & value {first} baseline & baseline_high"
    return {4: step(fourth), 3: step(third), 2: step(second), 1: lowest}


_TRANSAMINASE = _by_baseline("3.0", "5.0", "20.0", ">= 1.5")
_BILIARY = _by_baseline("2.5", "5.0", "20.0", ">= 2.0")
_PANCREATIC: Grades = {
    4: "value > 5.0 uln & symptomatic?",
    3: "value > 5.0 uln | value > 2.0 uln & symptomatic?",
    2: "value > 1.5 uln",
    1: "value > uln",
}


def _fibrinogen() -> Grades:
    def step(share: str, loss: str) -> str:
        return f"value < {share} lln & not baseline_low | value < lln & drop_pct {loss} & baseline_low"

    fourth = f"{step('0.25', '>= 75')} | value < {{0.5 g/L, 50 mg/dL}}"
    return {4: fourth, 3: step("0.5", ">= 50"), 2: step("0.75", ">= 25"), 1: step("1.0", "> 0")}


def _calcium(direction: str, limit: str, *steps: tuple[str, str, str]) -> Grades:
    """Corrected calcium in mmol/L and mg/dL, or ionised calcium in mmol/L."""
    grades = {
        grade: f"value {direction} {{{molar} mmol/L, {mass} mg/dL}} & not ionized"
        f" | value {direction} {{{ionised} mmol/L}} & ionized"
        for grade, (molar, mass, ionised) in enumerate(steps, start=2)
    }
    more = {4: _CRITICAL, 3: _ADMITTED, 2: "symptomatic"}
    return {grade: f"{grades[grade]} | {more[grade]}" for grade in (4, 3, 2)} | {1: f"value {direction} {limit}"}


def _change(quantity: str) -> Grades:
    return {3: f"{quantity} >= 20", 2: f"{quantity} >= 10", 1: f"{quantity} >= 5"}


BLOOD: Mapping[str, Grades] = {
    "Anemia": {
        4: _CRITICAL,
        3: "value < {80 g/L, 8.0 g/dL, 4.9 mmol/L} | transfusion_indicated",
        2: "value < {100 g/L, 10.0 g/dL, 6.2 mmol/L}",
        1: "value < lln",
    },
    "White blood cell decreased": _count("3.0", "2.0", "1.0"),
    "Neutrophil count decreased": _count("1.5", "1.0", "0.5"),
    "Lymphocyte count decreased": _count("0.8", "0.5", "0.2"),
    "CD4 lymphocytes decreased": _count("0.5", "0.2", "0.05"),
    "Platelet count decreased": _count("75.0", "50.0", "25.0"),
    "Lymphocyte count increased": {3: f"value > {_per_volume('20')}", 2: f"value > {_per_volume('4')}"},
    "Leukocytosis": {4: "leucostasis", 3: f"value > {_per_volume('100')}"},
    "Eosinophilia": {3: "steroids_initiated", 1: "value > uln & value > baseline"},
    "Hemoglobin increased": {
        3: "rise > {4 g/dL, 40 g/L}",
        2: "rise > {2 g/dL, 20 g/L}",
        1: "rise > {0 g/dL, 0 g/L}",
    },
    "Febrile neutropenia": {
        4: _CRITICAL,
        3: "anc < 1.0 & temperature_c > 38.3 | anc < 1.0 & temperature_c >= 38.0 & sustained_over_1h",
    },
    "INR increased": {
        3: "value > 2.5 & not on_anticoagulation? | value > 2.5 baseline & on_anticoagulation? | bleeding",
        2: "value > 1.5 & not on_anticoagulation? | value > 1.5 baseline & on_anticoagulation?"
        " | dose_adjustment_indicated",
        1: "value > 1.2 & not on_anticoagulation? | value > 1 baseline & on_anticoagulation?",
    },
    "Activated partial thromboplastin time prolonged": {
        3: "value > 2.5 uln | bleeding",
        2: "value > 1.5 uln",
        1: "value > uln",
    },
    "Fibrinogen decreased": _fibrinogen(),
    "Haptoglobin decreased": {1: "value < lln"},
}

CHEMISTRY: Mapping[str, Grades] = {
    "Alanine aminotransferase increased": _TRANSAMINASE,
    "Aspartate aminotransferase increased": _TRANSAMINASE,
    "Alkaline phosphatase increased": _BILIARY,
    "GGT increased": _BILIARY,
    "Blood bilirubin increased": _by_baseline("1.5", "3.0", "10.0", "> 1.0"),
    "Creatinine increased": {
        4: "value > 6.0 uln",
        3: "value > 3.0 uln | value > 3.0 baseline",
        2: "value > 1.5 uln | value > 1.5 baseline",
        1: "value > uln",
    },
    "Blood lactate dehydrogenase increased": {1: "value > uln"},
    "Blood bicarbonate decreased": {1: "value < lln & not intervention_initiated"},
    "CPK increased": _times_uln("2.5", "5", "10"),
    "Lipase increased": _PANCREATIC,
    "Serum amylase increased": _PANCREATIC,
    "Hypoalbuminemia": {
        4: _CRITICAL,
        3: "value < {20 g/L, 2 g/dL}",
        2: "value < {30 g/L, 3 g/dL}",
        1: "value < lln",
    },
    "Hyperuricemia": {4: _CRITICAL, 3: "value > uln & physiologic_consequences?", 1: "value > uln"},
    "Hypertriglyceridemia": {
        4: f"value > {{11.4 mmol/L, 1000 mg/dL}} | {_CRITICAL}",
        3: "value > {5.7 mmol/L, 500 mg/dL}",
        2: "value > {3.42 mmol/L, 300 mg/dL}",
        1: "value >= {1.71 mmol/L, 150 mg/dL}",
    },
    "Cholesterol high": {
        4: "value > {12.92 mmol/L, 500 mg/dL}",
        3: "value > {10.34 mmol/L, 400 mg/dL}",
        2: "value > {7.75 mmol/L, 300 mg/dL}",
        1: "value > uln",
    },
    "Acidosis": {4: _CRITICAL, 3: "value < 7.3", 1: "value < lln"},
    "Alkalosis": {4: _CRITICAL, 3: "value > 7.5", 1: "value > uln"},
}

ELECTROLYTES: Mapping[str, Grades] = {
    "Hypernatremia": {
        4: f"value > {{160 mmol/L}} | {_CRITICAL}",
        3: f"value > {{155 mmol/L}} | {_ADMITTED}",
        2: "value > {150 mmol/L} | intervention_initiated",
        1: "value > uln",
    },
    "Hyponatremia": {
        4: f"value < {{120 mmol/L}} | {_CRITICAL}",
        3: "value < {125 mmol/L} | value < {130 mmol/L} & symptomatic?",
        2: "value < {130 mmol/L}",
        1: "value < lln",
    },
    "Hyperkalemia": {
        4: f"value > {{7.0 mmol/L}} | {_CRITICAL}",
        3: f"value > {{6.0 mmol/L}} | {_ADMITTED}",
        2: "value > {5.5 mmol/L} | intervention_initiated",
        1: "value > uln",
    },
    "Hypokalemia": {
        4: f"value < {{2.5 mmol/L}} | {_CRITICAL}",
        3: f"value < {{3.0 mmol/L}} | {_ADMITTED}",
        2: "value < lln & symptomatic? | value < lln & intervention_indicated",
        1: "value < lln",
    },
    "Hypercalcemia": _calcium(">", "uln", ("2.9", "11.5", "1.5"), ("3.1", "12.5", "1.6"), ("3.4", "13.5", "1.8")),
    "Hypocalcemia": _calcium("<", "lln", ("2.0", "8.0", "1.0"), ("1.75", "7.0", "0.9"), ("1.5", "6.0", "0.8")),
    "Hypermagnesemia": {
        4: f"value > {{3.30 mmol/L, 8.0 mg/dL}} | {_CRITICAL}",
        3: "value > {1.23 mmol/L, 3.0 mg/dL}",
        1: "value > uln",
    },
    "Hypomagnesemia": {
        4: f"value < {{0.3 mmol/L, 0.7 mg/dL}} | {_CRITICAL}",
        3: "value < {0.4 mmol/L, 0.9 mg/dL}",
        2: "value < {0.5 mmol/L, 1.2 mg/dL}",
        1: "value < lln",
    },
    "Hypoglycemia": {
        4: f"value < {{1.7 mmol/L, 30 mg/dL}} | {_CRITICAL} | seizures",
        3: "value < {2.2 mmol/L, 40 mg/dL}",
        2: "value < {3.0 mmol/L, 55 mg/dL}",
        1: "value < lln",
    },
    "Hyperglycemia": {
        4: _CRITICAL,
        3: f"insulin_initiated | {_ADMITTED}",
        2: "oral_agent_initiated | management_changed | diabetes_workup",
        1: "value > uln & value > baseline",
    },
    "Hyperphosphatemia": {
        4: _CRITICAL,
        3: _ADMITTED,
        2: "noninvasive_intervention_indicated",
        1: "value > uln",
    },
    "Hypophosphatemia": {4: _CRITICAL, 3: _ADMITTED, 2: "oral_replacement_indicated", 1: "value < lln"},
}

SIGNS: Mapping[str, Grades] = {
    "Electrocardiogram QT corrected interval prolonged": {
        4: "torsade_de_pointes | serious_arrhythmia",
        3: "value > {500 ms} | rise > {60 ms}",
        2: "value > {480 ms}",
        1: "value >= {450 ms}",
    },
    "Ejection fraction decreased": {
        4: "value < {20 %}",
        3: "value < {40 %} | drop >= {20 %}",
        2: "value <= {50 %} | drop >= {10 %}",
    },
    "Fever": {
        4: "value > {40.0 C} & duration_h_above_40 > 24",
        3: "value > {40.0 C}",
        2: "value > {39.0 C}",
        1: "value >= {38.0 C}",
    },
    "Hypothermia": {4: f"value <= {{28 C}} | {_CRITICAL}", 3: "value <= {32 C}", 2: "value <= {35 C}"},
    "Hypertension": {
        4: _CRITICAL,
        3: "systolic >= 160 | diastolic >= 100",
        2: "systolic > 139 | diastolic > 89",
        1: "systolic >= 120 | diastolic >= 80",
    },
    "Chronic kidney disease": {
        4: "value < {15 mL/min/1.73m2} | dialysis_or_transplant_indicated",
        3: "value < {30 mL/min/1.73m2}",
        2: "value < {60 mL/min/1.73m2}",
        1: "value < lln",
    },
    "Proteinuria": {3: "value >= {3.5 g/24h}", 2: "value >= {1.0 g/24h}", 1: "value >= uln"},
    "Weight loss": _change("drop_pct"),
    "Weight gain": _change("gain_pct"),
    "Obesity": {4: "value >= {40 kg/m2}", 3: "value > {29.9 kg/m2}", 2: "value >= {25 kg/m2}"},
}

THRESHOLDS: Mapping[str, Mapping[str, Grades]] = {"5.0": {**BLOOD, **CHEMISTRY, **ELECTROLYTES, **SIGNS}}
