"""NCT01547091, three open arms by choice, and NCT05794425, one arm whose record lost its signs: record and subjects."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from trialwright.protocol.check_record import stated_numbers
from trialwright.protocol.criteria import Truth, items, numbers_in
from trialwright.protocol.facts import Facts, Observation, Value
from trialwright.protocol.file import load_study
from trialwright.protocol.screen import CriterionFinding, screen
from trialwright.protocol.study import Exclusion, Study
from trialwright.registry import Reading, locate, read_record

FOLDER = Path(__file__).parents[2] / "protocols"
ARMS = load_study((FOLDER / "NCT01547091.yaml").read_text())
ONE_ARM = load_study((FOLDER / "NCT05794425.yaml").read_text())
BOTH = pytest.mark.parametrize("study", [ARMS, ONE_ARM], ids=lambda study: study.id)

TODAY = date(2027, 1, 20)
PASSED = {"met", "not applicable"}
OWN_NUMBERS = {("NCT01547091", "I01"): {6, 71}, ("NCT01547091", "E04"): {15}}
"""Limits of criteria that the records do not state; each criterion says why it is assumed."""

Observations = dict[str, tuple[Observation, ...]]


def measured(value: str, uln: str | None = None) -> tuple[Observation, ...]:
    """One number, with its upper limit of normal."""
    return (Observation(value=Decimal(value), uln=Decimal(uln) if uln else None, on=TODAY),)


def said(value: Value, visit: str | None = None, on: date = TODAY) -> tuple[Observation, ...]:
    """One value without a limit of normal."""
    return (Observation(value=value, on=on, visit=visit),)


WITH_MARROW_FAILURE: Observations = {
    "disease": said("aplastic_anaemia"),
    "malignancy": (),
    "nyha": said("I"),
    **{name: measured("20", "40") for name in ("bilirubin", "alt", "ast", "alp", "creatinine", "pt", "aptt", "inr")},
    **{name: measured(value) for name, value in (("lvef", "60"), ("ecog", "1"), ("sbp", "120"), ("dbp", "80"))},
    **{
        item.name: said(value=False)
        for item in ONE_ARM.items
        if item.type == "yes or no" and item.name in frozenset().union(*(items(c.condition) for c in ONE_ARM.criteria))
    },
}
"""Somebody who meets every criterion of NCT05794425."""

WITH_ARTHRITIS: Observations = {
    "acr_eular_2010": measured("7"),
    "age": measured("45"),
    "childbearing_potential": said(value=True),
    "contraception": said(value=True),
    "pregnancy_test": said("negative"),
    "egfr": measured("90"),
    **{name: said(value=False) for name in ("breastfeeding", "other_inflammatory_disease", "dialysis")},
}
"""Somebody who meets every criterion of NCT01547091."""


def findings(study: Study, observations: Mapping[str, tuple[Observation, ...]]) -> dict[str, CriterionFinding]:
    """How the criteria of a study stand for a subject whom every person's answer lets in."""
    return {finding.id: finding for finding in screen(study, known(study, observations)).findings}


def known(study: Study, observations: Mapping[str, tuple[Observation, ...]]) -> Facts:
    """Observations with the days that windows hang on, and every person's answer in favour of the subject."""
    answers = {criterion.id: not isinstance(criterion, Exclusion) for criterion in study.criteria}
    anchors = {"screening": TODAY, "first_treatment": TODAY + timedelta(days=2)}
    return Facts(observations=observations, anchors=anchors, answers=answers)


@BOTH
def test_somebody_is_eligible(study: Study) -> None:
    """A subject can meet all criteria at once."""
    subject = WITH_ARTHRITIS if study is ARMS else WITH_MARROW_FAILURE

    assert {finding.status for finding in findings(study, subject).values()} <= PASSED


@BOTH
def test_every_limit_stands_in_the_record(study: Study, shared: Path) -> None:
    """The numbers of every criterion stand where it points to, even where its signs are assumed."""
    reading = _record(study, shared)

    for criterion in study.criteria:
        stated = stated_numbers(" ".join(locate(reading, pointer) for pointer in criterion.at))
        missing = set(numbers_in(criterion.condition)) - stated - {Decimal(0)}
        assert missing == OWN_NUMBERS.get((study.id, criterion.id), set()), criterion.id


@BOTH
def test_every_item_of_the_record_has_its_criterion(study: Study, shared: Path) -> None:
    """Each criterion of the record is one of the protocol, in its order."""
    listed = _record(study, shared).record["trialwright"]["eligibilityItems"]

    for rank in ("inclusion", "exclusion"):
        count = sum(item["list"] == rank for item in listed)
        pointers = [criterion.at for criterion in getattr(study.criteria, rank)]
        assert pointers == [(f"{rank} criteria, item {number}",) for number in range(1, count + 1)]


@BOTH
def test_what_an_endpoint_reads_is_collected(study: Study) -> None:
    """Each item of an endpoint is collected after treatment starts and within the endpoint's time."""
    for endpoint in (*study.endpoints.primary, *study.endpoints.secondary):
        wanted = {endpoint.item} if endpoint.item else items(endpoint.response) if endpoint.response else frozenset()
        visits = [visit for visit in study.schedule if visit.day > 0 and visit.last_day <= endpoint.within]
        lasting = {"disease"}
        assert wanted - lasting <= {name for visit in visits for name in visit.collect}, endpoint.name


def test_three_arms_of_two_treatments() -> None:
    """Both cell arms give 4e7 cells four times three months apart, both drug arms a csDMARD throughout."""
    cells = [(arm.name, one) for arm in ARMS.arms for one in arm.treatments if one.product == "UC-MSC"]
    drugs = [(arm.name, one) for arm in ARMS.arms for one in arm.treatments if one.product == "csDMARD"]

    assert [name for name, _ in cells] == ["UC-MSC alone", "UC-MSC and csDMARD"]
    assert [name for name, _ in drugs] == ["csDMARD alone", "UC-MSC and csDMARD"]
    assert {(one.dose, one.times, str(one.every)) for _, one in cells} == {("flat", 4, "3 months")}
    assert ARMS.dose(1).amount.low == ARMS.dose(1).amount.high == 40_000_000
    assert {one.times for _, one in drugs} == {None}
    assert ARMS.allocation
    assert ARMS.allocation.method == "by choice"
    assert set(ARMS.planning.true_response_rates) == {arm.name for arm in ARMS.arms}


def test_infusions_are_three_months_apart() -> None:
    """Four visits give cells, three months of the calendar apart, each with a pregnancy test at it or just before."""
    visits = sorted(ARMS.schedule, key=lambda visit: visit.day)
    infusions = [visit for visit in visits if "UC-MSC" in visit.gives]

    assert len(infusions) == 4
    assert all(91 <= late.day - early.day <= 92 for early, late in pairwise(infusions))
    for infusion in infusions:
        close = [visit for visit in visits if 0 <= infusion.day - visit.day < 3]
        assert any("pregnancy_test" in visit.collect for visit in close)


PREGNANCY = [
    ({}, "I03", "met"),
    ({"pregnancy_test": said("positive")}, "I03", "met"),
    ({"pregnancy_test": said("positive")}, "E05", "not met"),
    ({"pregnancy_test": said("negative", on=TODAY - timedelta(days=3))}, "I03", "unknown"),
    ({"childbearing_potential": said(value=False), "pregnancy_test": ()}, "I03", "not applicable"),
    ({"childbearing_potential": said(value=False), "pregnancy_test": ()}, "E05", "met"),
    ({"contraception": said(value=False)}, "I03", "not met"),
    ({"age": measured("70.9")}, "I01", "met"),
    ({"age": measured("71")}, "I01", "not met"),
    ({"egfr": measured("14.9")}, "E04", "not met"),
    ({"egfr": measured("15")}, "E04", "met"),
]


@pytest.mark.parametrize(("change", "criterion", "status"), PREGNANCY)
def test_arthritis_criteria(change: Observations, criterion: str, status: str) -> None:
    """A pregnancy test counts within 72 hours before treatment, its result excludes, and limits decide exactly."""
    assert findings(ARMS, {**WITH_ARTHRITIS, **change})[criterion].status == status


def test_one_arm_is_what_the_record_registers(shared: Path) -> None:
    """As many sites as the record lists, weekly infusions of 5 to 8e7 cells, cyclosporine A at 3 to 5 mg/kg/day."""
    listed = _record(ONE_ARM, shared).record["protocolSection"]["contactsLocationsModule"]["locations"]
    infusions = [visit.day for visit in ONE_ARM.schedule if "UC-MSC" in visit.gives]
    (cells,) = [one for one in ONE_ARM.arms[0].treatments if one.product == "UC-MSC"]

    assert ONE_ARM.sites.planned == len(listed) == 8
    assert ONE_ARM.enrolment.planned == 100
    assert str(cells.every) == "1 week"
    assert infusions == [7 * week for week in range(cells.times or 0)]
    assert (ONE_ARM.dose(1).amount.low, ONE_ARM.dose(1).amount.high) == (50_000_000, 80_000_000)
    assert [str(medicine.amount) for medicine in ONE_ARM.medicines] == ["3 to 5 mg/kg/day"]


THRESHOLDS = [
    ({"bilirubin": measured("1.8", "1.2")}, "I02", "met"),
    ({"bilirubin": measured("1.8", "1.2")}, "E05", "met"),
    ({"bilirubin": measured("1.80001", "1.2")}, "I02", "not met"),
    ({"creatinine": measured("156", "104")}, "E05", "met"),
    ({"creatinine": measured("156.1", "104")}, "E05", "not met"),
    ({"ast": measured("101", "40")}, "I02", "not met"),
    ({"ast": measured("120", "40")}, "E05", "met"),
    ({"ast": measured("120.1", "40")}, "E05", "not met"),
    ({"alt": measured("100", "40")}, "I02", "met"),
    ({"alp": measured("360", "120")}, "I02", "met"),
    ({"alp": measured("360", "120")}, "E05", "not met"),
    ({"alp": measured("180", "120")}, "E05", "met"),
    ({"alp": measured("90")}, "E05", "unknown"),
    ({"anticoagulated": said(value=True), "pt": measured("30", "14")}, "I03", "not applicable"),
    ({"inr": measured("1.66", "1.1")}, "I03", "not met"),
    ({"lvef": measured("50")}, "I04", "met"),
    ({"lvef": measured("49.99")}, "I04", "not met"),
    ({"hbsag_positive": said(value=True), "hbv_dna_detected": ()}, "I05", "unknown"),
    ({"hbcab_positive": said(value=True), "hbv_dna_detected": said(value=True)}, "I05", "unknown"),
    ({"hbcab_positive": said(value=True), "hbv_dna_detected": said(value=False)}, "I05", "met"),
    ({"malignancy": said(value=True, on=date(2022, 1, 21))}, "E01", "not met"),
    ({"malignancy": said(value=True, on=date(2022, 1, 20))}, "E01", "met"),
    ({"malignancy": said(value=True), "malignancy_exempt": said(value=True)}, "E01", "met"),
    ({"nyha": said("II")}, "E02", "met"),
    ({"nyha": said("III")}, "E02", "not met"),
    ({"sbp": measured("170")}, "E02", "met"),
    ({"dbp": measured("110"), "hypertension_uncontrolled": said(value=True)}, "E02", "not met"),
    ({"infection": said(value=True)}, "E04", "deferred"),
    ({"disease": said("other")}, "I01", "not met"),
]


@pytest.mark.parametrize(("change", "criterion", "status"), THRESHOLDS)
def test_marrow_failure_criteria(change: Observations, criterion: str, status: str) -> None:
    """Each limit holds exactly at its number, on the side that the protocol settles for a lost sign."""
    assert findings(ONE_ARM, {**WITH_MARROW_FAILURE, **change})[criterion].status == status


@pytest.mark.parametrize(("copies", "status"), [("999", "met"), ("1000", "not met")])
def test_hepatitis_b_rule(copies: str, status: str) -> None:
    """After a positive test the virus must lie under its limit."""
    change = {"hbsag_positive": said(value=True), "hbv_dna_detected": said(value=True), "hbv_dna": measured(copies)}

    assert findings(ONE_ARM, {**WITH_MARROW_FAILURE, **change})["I05"].status == status


def test_an_infection_delays_and_does_not_refuse() -> None:
    """A subject with an infection waits for its end."""
    screening = screen(ONE_ARM, known(ONE_ARM, {**WITH_MARROW_FAILURE, "infection": said(value=True)}))

    assert screening.verdict == "undetermined"
    assert screening.to_obtain == ("infection is no",)


def test_a_contradiction_of_the_record_asks() -> None:
    """Alkaline phosphatase between its two limits is excluded, and the contradiction is put to the site."""
    found = findings(ONE_ARM, {**WITH_MARROW_FAILURE, "alp": measured("240", "120")})

    assert found["E05"].failed == ("alkaline phosphatase",)
    assert found["I02"].status == "met"
    assert found["I02"].queries == ("alkaline phosphatase meets this limit and is excluded by E05",)
    assert "exclusion wins" in " ".join(criterion.assumed or "" for criterion in ONE_ARM.criteria)


def _course(**numbers: tuple[int, int]) -> Observations:
    """Numbers at baseline and later."""
    return {
        name: (
            Observation(value=Decimal(before), visit="baseline"),
            Observation(value=Decimal(after), visit="month_6"),
        )
        for name, (before, after) in numbers.items()
    }


COUNTS = {"neutrophils": (1, 2), "platelets": (30, 90), "reticulocytes": (30, 60)}
RESPONSES = [
    ("aplastic_anaemia", _course(rbc_units=(4, 0), platelet_units=(2, 0), **COUNTS), Truth.TRUE),
    ("aplastic_anaemia", _course(rbc_units=(4, 0), platelet_units=(2, 1), **COUNTS), Truth.FALSE),
    ("aplastic_anaemia", _course(rbc_units=(0, 0), platelet_units=(0, 0), **COUNTS), Truth.FALSE),
    ("aplastic_anaemia", _course(rbc_units=(4, 0), platelet_units=(2, 0)), Truth.UNKNOWN),
    ("pure_red_cell_aplasia", _course(rbc_units=(4, 0)), Truth.TRUE),
    ("pure_red_cell_aplasia", _course(rbc_units=(4, 1)), Truth.FALSE),
    ("pnh", _course(rbc_units=(0, 0), haemoglobin=(80, 100)), Truth.TRUE),
    ("pnh", _course(rbc_units=(0, 0), haemoglobin=(110, 110)), Truth.FALSE),
    ("mds", {"mds_improved": said(value=True)}, Truth.TRUE),
    ("mds", {}, Truth.UNKNOWN),
]


@pytest.mark.parametrize(("disease", "course", "truth"), RESPONSES)
def test_each_disease_has_its_response(disease: str, course: Observations, truth: Truth) -> None:
    """A response is free of transfusion, or improvement, by the rule of the disease, and better than at baseline."""
    response = ONE_ARM.endpoints.primary[0].response
    assert response

    line_improved = {"line_improved": said(value=False)}
    assert response.evaluate(Facts(observations={"disease": said(disease), **line_improved, **course})).truth is truth


NAMES = {"lvef_pct": "lvef", "uncontrolled": "hypertension_uncontrolled", "on_anticoagulant": "anticoagulated"}
"""Items of the published vectors whose name here is another."""


def test_laboratory_vectors(shared: Path) -> None:
    """Every published laboratory case of NCT05794425 is answered as published."""
    lines = _vectors(shared, "eligibility_labs_NCT05794425")

    for line in lines:
        screening = screen(ONE_ARM, known(ONE_ARM, _observations(line["inputs"])))
        status = {finding.id: finding.status for finding in screening.findings}
        assert {
            "inclusion_all_met": all(status[one.id] in PASSED for one in ONE_ARM.criteria.inclusion),
            "exclusion_any_met": any(status[one.id] == "not met" for one in ONE_ARM.criteria.exclusion),
            "eligible_by_labs": screening.verdict == "eligible",
        } == line["expected"], line["id"]
    assert lines


def test_threshold_vectors(shared: Path) -> None:
    """Every published threshold case of NCT05794425 is answered as published."""
    lines = [
        line for line in _vectors(shared, "eligibility_simple_thresholds") if line["inputs"]["trial"] == ONE_ARM.record
    ]

    for line in lines:
        inputs = {key: value for key, value in line["inputs"].items() if key != "trial"}
        verdict = screen(ONE_ARM, known(ONE_ARM, _observations(inputs))).verdict
        assert {"eligible": verdict == "eligible"} == line["expected"], line["id"]
    assert lines


def _observations(inputs: Mapping[str, Any]) -> Observations:
    """A vector's inputs over somebody who meets every criterion: `alt` with `alt_uln`, or `pt_x_uln` as their ratio."""
    observations = dict(WITH_MARROW_FAILURE)
    for key, value in inputs.items():
        if key.endswith("_x_uln"):
            name, limit = key.removesuffix("_x_uln"), Decimal(1)
        elif key.endswith("_uln"):
            continue
        else:
            name, limit = NAMES.get(key, key), inputs.get(f"{key}_uln")
        assert ONE_ARM.item(name), f"no item of the protocol answers to the input {key}"
        observations[name] = () if value is None else (Observation(value=value, uln=limit, on=TODAY),)
    return observations


def _vectors(shared: Path, item: str) -> list[dict[str, Any]]:
    lines = (shared / "vectors" / "clinical.jsonl").read_text().splitlines()
    found = [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines if f'"{item}"' in line]
    return [line for line in found if line["item"] == item]


def _record(study: Study, shared: Path) -> Reading:
    return read_record((shared / "records" / f"{study.record}.txt").read_text())
