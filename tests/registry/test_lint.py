"""Each rule finds its defect, and leaves a sound record alone."""

import gzip
import json
from collections import Counter
from copy import deepcopy
from datetime import date

import pytest

from tests.registry.pages import FULL_PAGE_A, RECORD
from trialwright.registry import lint, read_record
from trialwright.registry.reading import rooted


def reading_with(**fields):
    """The invented record, read with some of its fields changed; `__` stands for a dot."""
    record = deepcopy(RECORD)
    for path, value in fields.items():
        target = record
        *parents, last = rooted(path.replace("__", "."))
        for key in parents:
            target = target.setdefault(key, {})
        target[last] = value
    return read_record(json.dumps(record))


def criteria(text):
    """The invented record with another eligibility text."""
    return reading_with(eligibilityModule__eligibilityCriteria=text)


def design(allocation, model, arms):
    """The invented record with another design."""
    return reading_with(
        designModule__designInfo={"allocation": allocation, "interventionModel": model},
        armsInterventionsModule__armGroups=[{"label": str(number)} for number in range(arms)],
    )


def described(text):
    """The invented record with another description."""
    return reading_with(descriptionModule__detailedDescription=text)


DEFECTS = [
    ("E01", criteria("")),
    ("X01", criteria("Inclusion Criteria\n2. Adults\n3. Consent\nExclusion Criteria\n1. Sepsis")),
    ("X01", criteria("Exclusion Criteria\n1. Sepsis\n3. Pregnancy\n4. Gout")),
    ("X04", criteria("Inclusion Criteria\n1. Bilirubin: = 1.5×ULN\n2. LVEF =50%")),
    ("X05", criteria("Exclusion Criteria\n1. Failure (grade ??? by any scale)\n2. Pressure > 160")),
    ("X06", described("One infusion of 2x106 cells/kg.")),
    ("X12", described("Treated with DMARDs (e.g. salbutamol).")),
    ("X13", described("It ends with the following The dose is stopped.")),
    ("X14", described("Each dose is given over one whole hour. Wait. Each dose is given over one whole hour.")),
    ("X14", described("Cells settle in the liver [6].")),
    ("C01", design("NON_RANDOMIZED", "SINGLE_GROUP", 3)),
    ("C01", design("NA", "PARALLEL", 2)),
    ("C01", design("RANDOMIZED", "PARALLEL", 1)),
    ("C09", reading_with(
        designModule__designInfo={"allocation": "NA", "interventionModel": "SINGLE_GROUP"},
        eligibilityModule__eligibilityCriteria="Exclusion Criteria\n1. Steroids within 28 days prior to randomization",
    )),
    ("C11", criteria("Inclusion Criteria\n1. Methotrexate (up to 25 mg daily)")),
    ("C19", criteria("Inclusion Criteria\n1. DAS28 > 3.2")),
    ("C26", reading_with(statusModule__startDateStruct={"date": "2020-01"})),
    ("C28", reading_with(statusModule__studyFirstSubmitDate="2028-01-01")),
    ("D01", reading_with(statusModule__completionDateStruct={"date": "2027-01"})),
]  # fmt: skip

SOUND = [
    reading_with(),
    criteria("Inclusion Criteria\n1. Adults\n2. Consent\nExclusion Criteria\n3. Sepsis\n4. Gout"),
    criteria("Exclusion Criteria\n1. Sepsis 2) Pregnancy\n3. Gout"),
    criteria("Inclusion Criteria\n1. ECOG 0-1 (0 = active)\n2. Bilirubin ≤ 1.5 x ULN at screening"),
    criteria("Inclusion Criteria\n1. Why? Because\n2. Methotrexate up to 25 mg weekly\n3. DAS28-CRP > 3.2"),
    described("One infusion of 2x10^6 cells/kg in 106 patients, as given in the following table."),
    design("NA", "SINGLE_GROUP", 1),
    design("RANDOMIZED", "CROSSOVER", 2),
]


@pytest.mark.parametrize(("rule", "reading"), DEFECTS)
def test_a_defect_is_found(rule, reading):
    """The rule finds the defect that it is named for, and says what, why and what to do."""
    [*_, finding] = [each for each in reading.findings if each.rule == rule]

    assert all((finding.place, finding.what, finding.why, finding.mend))


@pytest.mark.parametrize("reading", SOUND)
def test_a_sound_record_has_no_findings(reading):
    """A record without the defect is left alone."""
    assert reading.findings == ()


def test_each_damaged_criterion_is_named():
    """Lost signs are reported criterion by criterion."""
    reading = read_record(FULL_PAGE_A)
    places = [finding.place for finding in reading.findings if finding.rule in {"X04", "X05"}]

    assert places == ["inclusion criteria, item 1", "exclusion criteria, item 2", "exclusion criteria, item 1"]


def test_a_status_is_judged_by_the_day_that_is_given():
    """Whether a status is stale depends on a day that the caller names; no clock is read."""
    reading = reading_with()

    assert "C26" not in {finding.rule for finding in lint(reading)}
    assert "C26" in {finding.rule for finding in lint(reading, date(2030, 1, 1))}


def test_errors_are_rare_in_real_records(shared):
    """In real records of the registry, unlike in copied pages, fewer than one in ten has an error."""
    with gzip.open(shared / "registry" / "ctgov_v2" / "records.jsonl.gz", "rt") as lines:
        readings = [read_record(line) for line in lines]
    rules = Counter(finding.rule for reading in readings for finding in reading.findings)
    faulty = [reading for reading in readings if any(finding.severity == "error" for finding in reading.findings)]

    assert 10 * len(faulty) < len(readings)
    assert not {"X04", "X05", "E01", "D01"} & set(rules)
