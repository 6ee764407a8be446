"""The two protocols in rheumatoid arthritis: their records criterion by criterion, and the published vectors."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conductor import PROTOCOLS
from trialwright.protocol.check import check_text
from trialwright.protocol.criteria import Happened, Truth, items, leaves
from trialwright.protocol.facts import Facts, Observation, Period, Value
from trialwright.protocol.file import load_study
from trialwright.protocol.schedule import Item
from trialwright.protocol.screen import Screening, screen
from trialwright.protocol.study import Study
from trialwright.protocol.wording import words
from trialwright.registry import locate, read_record

OPEN, BLINDED = "NCT04971980", "NCT03828344"
DAY = date(2027, 1, 20)
ANCHORS = dict.fromkeys(("consent", "screening", "baseline", "enrolment", "randomisation", "infusion"), DAY)


@cache
def study(trial: str) -> Study:
    """The protocol of a trial."""
    return load_study((PROTOCOLS / f"{trial}.yaml").read_text())


def vectors(shared: Path, item: str) -> list[dict[str, Any]]:
    """The published vectors of one item, with exact numbers; never none."""
    lines = (shared / "vectors/clinical.jsonl").read_text().splitlines()
    found = [one for one in (json.loads(line, parse_float=Decimal) for line in lines) if one["item"] == item]
    assert found
    return found


def at_visits(value: Value, *visits: str, uln: object = None) -> tuple[Observation, ...]:
    """One value of an item at each of some visits."""
    exact = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
    limit = None if uln is None else Decimal(str(uln))
    return tuple(Observation(value=exact, visit=visit, uln=limit, on=DAY) for visit in visits)


@pytest.mark.parametrize("trial", [OPEN, BLINDED])
def test_the_record_bears_the_protocol_out(trial: str, shared: Path) -> None:
    """Every pointer leads into the registered record, every number that is not assumed stands there."""
    reading = read_record((shared / f"records/{trial}.txt").read_text())

    _, findings = check_text((PROTOCOLS / f"{trial}.yaml").read_text(), lambda pointer: locate(reading, pointer))

    assert [finding for finding in findings if finding.severity == "error"] == []


@pytest.mark.parametrize(("trial", "inclusions", "exclusions"), [(OPEN, 7, 16), (BLINDED, 12, 18)])
def test_no_criterion_is_lost(trial: str, inclusions: int, exclusions: int) -> None:
    """Each criterion carries the number that the registry gives it, and points at that item unless the page lost it."""
    criteria = study(trial).criteria
    lost = {"I01", "E01"} if trial == OPEN else set()

    assert [one.id for one in criteria.inclusion] == [f"I{n:02}" for n in range(1, inclusions + 1)]
    assert [one.id for one in criteria.exclusion] == [f"E{n:02}" for n in range(1, exclusions + 1)]
    for criterion in criteria:
        section = "inclusion" if criterion.id.startswith("I") else "exclusion"
        if criterion.id in lost:
            assert criterion.assumed
        else:
            assert criterion.at == (f"{section} criteria, item {int(criterion.id[1:])}",)


def test_the_dose_rule_of_the_open_trial() -> None:
    """Three doses rise in cohorts of 3; one DLT among 3 adds 3 subjects and two end the escalation."""
    open_trial = study(OPEN)

    assert [dose.cells_per_kg for dose in open_trial.doses] == [500_000, 1_000_000, 1_500_000]
    verdicts = [open_trial.rule.verdict(*case) for case in ((3, 0), (3, 1), (3, 2), (6, 1), (6, 2))]
    assert verdicts == ["tolerated", "expand", "too toxic", "tolerated", "too toxic"]
    dlt = open_trial.design.dlt
    assert (dlt.grade_at_least, dlt.haematological_grade_at_least, dlt.related) == (3, 4, True)
    assert open_trial.design.dlt_window.days == 28


def test_the_cohorts_of_the_blinded_trial() -> None:
    """Two cohorts of 8 follow each other at 0.75 and 1.5 million cells/kg, three to one against the vehicle."""
    blinded = study(BLINDED)
    doses = {dose.name: dose.cells_per_kg for dose in blinded.doses}

    assert [(cohort.size, doses[str(cohort.dose)]) for cohort in blinded.cohorts] == [(8, 750_000), (8, 1_500_000)]
    assert blinded.allocation is not None
    assert blinded.allocation.ratio == {"BX-U001": 3, "vehicle": 1}
    assert blinded.masking == "quadruple"
    assert max(visit.day for visit in blinded.schedule) == 52 * 7


YES = {
    *("standard_csdmards", "rf_positive", "birth_control", "csdmard_failure", "tnfi_failure"),
}
WORDS = {"sex": "female", "nyha": "none"}
ULN = {"alt": 40, "ast": 40, "crp": 5}


def eligible_subject(trial: str) -> Facts:
    """Somebody who meets every criterion."""
    observations = {item.name: _usual(item) for item in study(trial).items}
    since = {"since": date(2026, 1, 1), "stable_since": date(2026, 6, 1), "frequency": "weekly"}
    if trial == BLINDED:
        observations["methotrexate"] = (Observation(value=Decimal(15), unit="mg", **since),)
    asked = [one for one in study(trial).criteria if "by " in str(one.condition)]
    return Facts(observations=observations, anchors=ANCHORS, answers={one.id: one.id.startswith("I") for one in asked})


def _usual(item: Item) -> tuple[Observation, ...]:
    if item.type in {"event", "drug"}:
        return ()
    if item.type == "number":
        assert item.typical
        value: Value = sum(item.typical) / 2
    else:
        value = WORDS.get(item.name, item.name in YES)
    return at_visits(value, "Screening", "Baseline", uln=ULN.get(item.name))


def changed(facts: Facts, **changes: object) -> Facts:
    """The same person with other values; a date is the day of an event, an answer is keyed by its criterion."""
    observations, answers = dict(facts.observations), dict(facts.answers)
    for name, value in changes.items():
        if name in answers:
            answers[name] = bool(value)
        elif isinstance(value, date):
            observations[name] = (Observation(on=value),)
        elif isinstance(value, tuple):
            observations[name] = value
        else:
            assert isinstance(value, Decimal | bool | str | int)
            observations[name] = at_visits(value, "Screening", "Baseline", uln=ULN.get(name))
    return replace(facts, observations=observations, answers=answers)


SAME = {
    "I02": {"acr_eular_2010": 5},
    "E03": {"other_inflammatory_disease": True},
    "E07": {"E07": True},
    "E01": {"hiv": True},
    "E02": {"serious_infection": DAY - timedelta(30)},
}
FAILS = {
    OPEN: {
        **SAME,
        "I01": {"age": 66},
        "I03": {"das28_esr": Decimal("3.2")},
        "I04": {"rf_positive": False},
        **{f"I{n:02}": {f"I{n:02}": False} for n in (5, 6, 7)},
        "E04": {"ast": 80},
        "E05": {"creatinine_clearance": Decimal("44.9")},
        "E06": {"lung_disease": True},
        "E08": {"stroke": date(2026, 1, 21)},
        "E09": {"nyha": "IV"},
        "E10": {"surgery_or_trauma": DAY, "E10": True},
        "E11": {"birth_control": False},
        "E12": {"prednisone_equivalent": Decimal("10.5")},
        "E13": {"albumin_allergy": True, "E13": True},
        "E14": {"in_other_trial": True},
        "E15": {"malignancy": True},
        "E16": {"E16": True},
    },
    BLINDED: {
        **SAME,
        "I01": {"age": 17},
        "I03": {"symptom_duration": 6},
        "I04": {"tnfi_failure": False},
        "I05": {"methotrexate": ()},
        "I06": {"sjc28": 3},
        "I07": {"tjc28": (*at_visits(4, "Screening"), *at_visits(3, "Baseline"))},
        "I08": {"crp": 5},
        "I09": {"extra_articular_disease": True},
        **{f"I{n}": {f"I{n}": False} for n in (10, 11, 12)},
        "E04": {"alt": 81},
        "E05": {"egfr_mdrd": Decimal("44.9")},
        "E06": {"copd": True},
        "E08": {"tia": date(1999, 1, 1)},
        "E09": {"stroke": date(1999, 1, 1)},
        "E10": {"nyha": "III"},
        "E11": {"surgery_or_trauma": DAY - timedelta(13)},
        "E12": {"pregnant": True},
        "E13": {"rituximab": date(2026, 7, 21)},
        "E14": {"corticosteroid_iv_im": DAY - timedelta(27)},
        "E15": {"blood_product_allergy": True},
        "E16": {"blood_product": DAY - timedelta(49)},
        "E17": {"other_interventional_trial": DAY - timedelta(60)},
        "E18": {"malignancy": True},
    },
}


@pytest.mark.parametrize(("trial", "criterion"), [(trial, one.id) for trial in FAILS for one in study(trial).criteria])
def test_each_criterion_refuses_for_itself(trial: str, criterion: str) -> None:
    """Somebody whom one criterion alone refuses is not eligible, by that criterion and no other."""
    facts = changed(eligible_subject(trial), **FAILS[trial][criterion])

    found = screen(study(trial), facts)

    assert found.verdict == "not eligible"
    assert [one.id for one in found.findings if one.status == "not met"] == [criterion]
    assert {one.status for one in found.findings} <= {"met", "not met"}


@pytest.mark.parametrize("trial", [OPEN, BLINDED])
def test_whoever_meets_every_criterion_is_eligible(trial: str) -> None:
    """Somebody who meets every criterion is eligible, and nobody is before a person has answered."""
    facts = eligible_subject(trial)

    assert screen(study(trial), facts).verdict == "eligible"
    assert screen(study(trial), replace(facts, answers={})).verdict == "undetermined"


EXCEPTIONS = [
    (OPEN, {"lung_disease": True, "only_mild_asthma": True}),
    (OPEN, {"malignancy": True, "only_excepted_malignancy": True}),
    (OPEN, {"birth_control": False, "sterile_or_postmenopausal": True}),
    (OPEN, {"sex": "male", "birth_control": False}),
    (OPEN, {"surgery_or_trauma": DAY, "E10": False}),
    (OPEN, {"heparin_allergy": True, "E13": False}),
    (OPEN, {"stroke": date(2026, 1, 20)}),
    (OPEN, {"rf_positive": False, "anti_ccp_positive": True}),
    (BLINDED, {"age": 70}),
    (BLINDED, {"prednisone_equivalent": 10}),
    (BLINDED, {"other_bdmard": DAY - timedelta(28)}),
]


@pytest.mark.parametrize(("trial", "changes"), EXCEPTIONS)
def test_exceptions_let_in(trial: str, changes: Mapping[str, object]) -> None:
    """What a criterion excepts, or what lies just outside its window or limit, does not refuse."""
    assert screen(study(trial), changed(eligible_subject(trial), **changes)).verdict == "eligible"


def test_transaminases(shared: Path) -> None:
    """Transaminases at twice the limit of normal are refused by the one trial and not by the other."""
    for vector in vectors(shared, "eligibility_transaminases_RA"):
        inputs = vector["inputs"]
        facts = Facts(
            observations={
                name: at_visits(inputs[name], "Screening", uln=inputs[f"{name}_uln"]) for name in ("alt", "ast")
            }
        )
        for trial in (OPEN, BLINDED):
            finding = next(one for one in screen(study(trial), facts).findings if one.id == "E04")
            assert (finding.status == "not met") is vector["expected"][f"excluded_{trial}"], vector["id"]
            assert finding.status in {"met", "not met"}


NAMES = {"das28": "das28_esr", "egfr": "egfr_mdrd", "ccr": "creatinine_clearance", "crcl": "creatinine_clearance"}


def test_simple_thresholds(shared: Path) -> None:
    """A value at a threshold, at both visits where two are asked for, is refused or let in as published."""
    for vector in vectors(shared, "eligibility_simple_thresholds"):
        inputs = dict(vector["inputs"])
        trial = inputs.pop("trial")
        if trial not in FAILS:
            continue
        given = {NAMES.get(name, name): name for name in inputs if not name.endswith("_uln")}
        facts = Facts(
            observations={
                item: at_visits(inputs[name], "Screening", "Baseline", uln=inputs.get(f"{name}_uln"))
                for item, name in given.items()
            },
            anchors=ANCHORS,
        )
        found = screen(study(trial), facts)
        assert all(study(trial).item(item) for item in given), vector["id"]
        assert (found.verdict != "not eligible") is vector["expected"]["eligible"], vector["id"]
        assert not any(missing.startswith(item) for missing in found.to_obtain for item in given), vector["id"]


def washed_out(event: str, last: date, reference: date) -> bool:
    """Whether no criterion that reads the event refuses for it."""
    blinded = study(BLINDED)
    facts = Facts(observations={event: (Observation(on=last),)}, anchors=dict.fromkeys(ANCHORS, reference))
    reading = {one.id for one in blinded.criteria if event in items(one.condition)}
    return all(one.status != "not met" for one in screen(blinded, facts).findings if one.id in reading)


def test_washout(shared: Path) -> None:
    """A washout ends on the day published, by the calendar, and what is exempt needs none."""
    for vector in vectors(shared, "washout_NCT03828344"):
        event, last = vector["inputs"]["event"], date.fromisoformat(vector["inputs"]["last_date"])
        reference = date.fromisoformat(vector["inputs"]["reference_date"])
        days = (last + timedelta(days) for days in range(400))
        earliest = None if washed_out(event, last, last) else next(day for day in days if washed_out(event, last, day))

        assert washed_out(event, last, reference) is vector["expected"]["washed_out"], vector["id"]
        assert str(earliest or "") == (vector["expected"]["earliest_eligible_date"] or ""), vector["id"]


@pytest.mark.parametrize("trial", [OPEN, BLINDED])
def test_windows_hang_on_days_that_exist(trial: str) -> None:
    """No window of the trial without allocation hangs on a randomisation."""
    anchors = {
        leaf.when.anchor
        for one in study(trial).criteria
        for leaf in leaves(one.condition)
        if isinstance(leaf, Happened)
    }

    assert ("randomisation" in anchors) is (study(trial).allocation is not None)
    assert anchors <= {"screening", "enrolment", "randomisation", None}


CSDMARDS = ("methotrexate", "sulfasalazine", "hydroxychloroquine", "leflunomide")
TIMES_A_DAY = {"daily": Decimal(1), "twice daily": Decimal(2)}


def on_csdmards(drugs: list[dict[str, Any]]) -> Facts:
    """Somebody on these drugs at screening and on no other csDMARD."""
    screening = date(2027, 1, 15)
    observations: dict[str, tuple[Observation, ...]] = dict.fromkeys(CSDMARDS, ())
    for drug in drugs:
        item = study(BLINDED).item(drug["drug"])
        dose = Decimal(drug["mg"]) * (TIMES_A_DAY[drug["frequency"]] if item and item.unit == "mg/d" else 1)
        observations[drug["drug"]] = (
            Observation(
                value=dose,
                unit=item.unit if item else None,
                since=months_before(screening, Decimal(drug["months_on_treatment"])),
                stable_since=screening - timedelta(days=int(drug["weeks_stable_before_screening"] * 7)),
                frequency=drug["frequency"],
            ),
        )
    return Facts(observations=observations, anchors={"screening": screening})


def months_before(day: date, months: Decimal) -> date:
    """The day so many months before another; a tenth of a month is three days."""
    whole = int(months)
    year, month = divmod(day.year * 12 + day.month - 1 - whole, 12)
    begun = date(year, month + 1, day.day) - timedelta(days=int((months - whole) * 30))
    assert Period(whole, "months").after(begun) <= day
    return begun


def csdmard_rule(drugs: list[dict[str, Any]]) -> tuple[bool, list[str]]:
    """Whether inclusion 5 is met, and every issue by its name."""
    found: Screening = screen(study(BLINDED), on_csdmards(drugs))
    finding = next(one for one in found.findings if one.id == "I05")
    assert finding.status in {"met", "not met"}
    return finding.status == "met", sorted((*finding.failed, *finding.queries))


def test_csdmard_rule(shared: Path) -> None:
    """The csDMARDs of before are accepted or refused as published, each issue under its own name."""
    for vector in vectors(shared, "csdmard_rule_NCT03828344"):
        expected = vector["expected"]
        assert csdmard_rule(vector["inputs"]["drugs"]) == (expected["meets"], sorted(expected["issues"])), vector["id"]


def test_every_issue_of_a_csdmard_is_named() -> None:
    """All issues are reported at once: dose, time, stability, a daily dose, and the combination."""
    methotrexate = {"drug": "methotrexate", "mg": 30, "frequency": "daily", "route": "oral"}
    sulfasalazine = {"drug": "sulfasalazine", "mg": 2000, "frequency": "twice daily", "route": "oral"}
    late = {"months_on_treatment": Decimal("2.5"), "weeks_stable_before_screening": Decimal("5.9")}
    long = {"months_on_treatment": 6, "weeks_stable_before_screening": 8}
    leflunomide = {"drug": "leflunomide", "mg": 20, "frequency": "daily", "route": "oral"}

    meets, issues = csdmard_rule([methotrexate | late, leflunomide | long, sulfasalazine | long])

    assert not meets
    assert issues == [
        "methotrexate_daily_query",
        "methotrexate_not_stable_6_weeks",
        "methotrexate_over_max",
        "methotrexate_plus_leflunomide",
        "methotrexate_under_3_months",
        "sulfasalazine_over_max",
    ]


def test_unasked_csdmards_are_unknown() -> None:
    """Nobody meets inclusion 5 while a csDMARD is not asked for, and the report says which."""
    facts = on_csdmards([])
    without = {name: history for name, history in facts.observations.items() if name != "leflunomide"}

    found = screen(study(BLINDED), replace(facts, observations=without)).findings

    inclusion = next(one for one in found if one.id == "I05")
    assert (inclusion.status, inclusion.missing) == ("unknown", ("leflunomide",))


def test_drugs_in_words() -> None:
    """A drug at a day, its limit and its length, and a fall between visits read as plain words."""
    blinded = study(BLINDED)
    conditions = next(one for one in blinded.criteria if one.id == "I05").conditions
    assert blinded.rescue is not None

    said = {name: words(condition, blinded).casefold() for name, condition in conditions.items()}

    assert said["methotrexate_over_max"] == "if methotrexate taken at screening, then methotrexate of at most 25 mg"
    assert "leflunomide taken for at least 3 months before screening" in said["leflunomide_under_3_months"]
    assert (
        "tender joint count of 28 fallen by at least 20% from baseline to week 12"
        in words(blinded.rescue.when, blinded).casefold()
    )


def test_early_rescue(shared: Path) -> None:
    """Either joint count that fails to improve by 20 % at week 12 opens rescue at week 14, as the protocol reads it."""
    rescue = study(BLINDED).rescue
    assert rescue is not None
    assert rescue.visit == "Week 14"
    for vector in vectors(shared, "early_rescue_NCT03828344"):
        inputs = vector["inputs"]
        facts = Facts(
            observations={
                f"{name}28": (
                    *at_visits(inputs[f"{name}_baseline"], "Baseline"),
                    *at_visits(inputs[f"{name}_week12"], "Week 12"),
                )
                for name in ("tjc", "sjc")
            }
        )
        expected = Truth.TRUE if vector["expected"]["rescue_if_either_fails"] else Truth.FALSE
        assert rescue.when.evaluate(facts).truth is expected, vector["id"]
    assert rescue.when.evaluate(Facts()).truth is Truth.UNKNOWN


COMPONENTS = {
    "tjc68": "tjc28",
    "sjc66": "sjc28",
    "ptga": "patient_global",
    "phga": "physician_global",
    "haq": "haq_di",
    "apr": "crp",
}


def test_acr20(shared: Path) -> None:
    """ACR20 as the endpoint's condition is met, not met or undecided as published; undecided is no response."""
    endpoint = next(one for one in study(BLINDED).endpoints.secondary if one.of == "response")
    assert endpoint.response is not None
    for vector in vectors(shared, "acr_response"):
        visits = {"Baseline": vector["inputs"]["baseline"], "Week 12": vector["inputs"]["followup"]}
        observations: dict[str, tuple[Observation, ...]] = {}
        for visit, values in visits.items():
            for name, value in values.items():
                if value is not None:
                    item = COMPONENTS.get(name, name)
                    observations[item] = (*observations.get(item, ()), *at_visits(value, visit))
        truth = endpoint.response.evaluate(Facts(observations=observations)).truth
        if vector["expected"]["ACR20"] is None:
            assert truth is Truth.UNKNOWN, vector["id"]
        else:
            assert (truth is Truth.TRUE) is vector["expected"]["ACR20"], vector["id"]
