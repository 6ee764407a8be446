"""Indices, response and classification of spondyloarthritis at their limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.asas_response import (
    DOMAINS,
    SIX_DOMAINS,
    asas20,
    asas40,
    asas_5_of_6,
    asas_partial_remission,
)
from trialwright.clinical.asdas import AsdasChange, asdas_change, asdas_crp, asdas_esr, asdas_state
from trialwright.clinical.basdai_basfi_basmi import basdai, basfi, basmi_2step, basmi_10step, basmi_linear
from trialwright.clinical.item import Missing
from trialwright.clinical.spondyloarthritis_classification import (
    SPA_FEATURES,
    AxialSpa,
    axial_spa_classification,
    modified_new_york,
)
from trialwright.errors import InputError

BASDAI = {
    "q1_fatigue": 0,
    "q2_spinal_pain": 0,
    "q3_peripheral_pain_swelling": 0,
    "q4_tenderness": 0,
    "q5_morning_stiffness_severity": 0,
    "q6_morning_stiffness_duration": 0,
}
BASFI = {f"q{number}": 0 for number in range(1, 11)}
STIFF = {
    "lateral_lumbar_flexion_mean_cm": 0,
    "tragus_to_wall_mean_cm": 80,
    "modified_schober_cm": 0,
    "intermalleolar_cm": 0,
    "cervical_rotation_mean_deg": 0,
}
MOST_MOBILE = {
    "lateral_lumbar_flexion_mean_cm": 50,
    "tragus_to_wall_mean_cm": 0,
    "modified_schober_cm": 20,
    "intermalleolar_cm": 250,
    "cervical_rotation_mean_deg": 150,
}
ASDAS = {
    "back_pain_basdai_q2": 0,
    "morning_stiffness_duration_basdai_q6": 0,
    "patient_global": 0,
    "peripheral_pain_swelling_basdai_q3": 0,
}


@pytest.mark.parametrize("name", BASDAI)
def test_stiffness_weighs_half_in_the_activity_index(name: str) -> None:
    """Each of the first four answers weighs a fifth, each of the last two a tenth."""
    weight = Decimal(1 if name.startswith(("q5", "q6")) else 2)

    assert basdai(**{**BASDAI, name: 10}) == weight
    assert basdai(**{**BASDAI, name: None}) == Missing(f"{name} is not given")
    with pytest.raises(InputError, match=name):
        basdai(**{**BASDAI, name: Decimal("10.1")})


@pytest.mark.parametrize("name", BASFI)
def test_each_answer_weighs_a_tenth_in_the_functional_index(name: str) -> None:
    """The functional index is a mean of ten."""
    assert basfi(**{**BASFI, name: 10}) == 1
    assert basfi(**{**BASFI, name: None}) == Missing(f"{name} is not given")
    with pytest.raises(InputError, match=rf"^{name} must"):
        basfi(**{**BASFI, name: -1})


@pytest.mark.parametrize("name", STIFF)
@pytest.mark.parametrize("index", [basmi_linear, basmi_2step, basmi_10step])
def test_mobility_is_within_0_and_10_and_needs_all_five(index, name: str) -> None:
    """The stiffest measures score 10, the most mobile 0, and none may be missing or impossible."""
    assert getattr(index(**STIFF), "basmi", index(**STIFF)) == 10
    assert getattr(index(**MOST_MOBILE), "basmi", index(**MOST_MOBILE)) == 0
    assert index(**{**STIFF, name: None}) == Missing(f"{name} is not given")
    most = max(STIFF[name], MOST_MOBILE[name])
    for value in (most + 1, -1):
        with pytest.raises(InputError, match=name):
            index(**{**STIFF, name: value})


@pytest.mark.parametrize(
    ("name", "at_0", "at_5", "at_10"),
    [
        ("lateral_lumbar_flexion_mean_cm", "21.1", "10.6", "0.1"),
        ("tragus_to_wall_mean_cm", "8", "23", "38"),
        ("modified_schober_cm", "7.4", "3.9", "0.4"),
        ("intermalleolar_cm", "124.5", "74.5", "24.5"),
        ("cervical_rotation_mean_deg", "89.3", "46.8", "4.3"),
    ],
)
def test_the_linear_definition_runs_from_its_first_to_its_last_limit(
    name: str, at_0: str, at_5: str, at_10: str
) -> None:
    """Each measure scores 0 at one limit, 10 at the other, 5 halfway, and a fifth of that counts."""
    assert [basmi_linear(**{**MOST_MOBILE, name: Decimal(at)}) for at in (at_0, at_5, at_10)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("name", "mild", "severe"),
    [
        ("lateral_lumbar_flexion_mean_cm", 10, 5),
        ("modified_schober_cm", 4, 2),
        ("intermalleolar_cm", 100, 70),
        ("cervical_rotation_mean_deg", 70, 20),
    ],
)
def test_two_steps_give_their_limits_to_the_middle(name: str, mild: int, severe: int) -> None:
    """Both limits of a measure belong to the score of 1."""
    little = Decimal("0.01")
    measures = (mild + little, mild, severe, severe - little)
    assert [basmi_2step(**{**MOST_MOBILE, name: at}) for at in measures] == [0, 1, 1, 2]

    tragus = [Decimal("14.99"), 15, 30, Decimal("30.01")]
    assert [basmi_2step(**{**MOST_MOBILE, "tragus_to_wall_mean_cm": at}) for at in tragus] == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("place", "name", "limits"),
    [
        (0, "lateral_lumbar_flexion_mean_cm", "20 18 15.9 13.8 11.7 9.6 7.5 5.4 3.3 1.2"),
        (2, "modified_schober_cm", "7 6.4 5.7 5 4.3 3.6 2.9 2.2 1.5 0.8"),
        (3, "intermalleolar_cm", "120 110 100 90 80 70 60 50 40 30"),
        (4, "cervical_rotation_mean_deg", "85 76.6 68.1 59.6 51.1 42.6 34.1 25.6 17.1 8.6"),
    ],
)
def test_ten_steps_give_each_limit_to_the_lower_score(place: int, name: str, limits: str) -> None:
    """At a limit the lower score holds, just below it the next."""
    for score, limit in enumerate(limits.split()):
        at = basmi_10step(**{**MOST_MOBILE, name: Decimal(limit)})
        below = basmi_10step(**{**MOST_MOBILE, name: Decimal(limit) - Decimal("0.01")})
        assert (at.component_scores[place], below.component_scores[place]) == (score, score + 1)
        assert below.basmi == Decimal(score + 1) / 5


def test_ten_steps_of_tragus_to_wall() -> None:
    """Tragus to wall scores 0 to 10 cm, 1 above, and one more from 13 cm on by every 3 cm."""
    limits = (13, 16, 19, 22, 25, 28, 31, 34, 37)
    steps = {"10": 0, "10.01": 1, "80": 10}
    for score, limit in enumerate(limits, start=1):
        steps |= {f"{limit - 1}.99": score, str(limit): score + 1}

    for at, score in steps.items():
        found = basmi_10step(**{**MOST_MOBILE, "tragus_to_wall_mean_cm": Decimal(at)})
        assert found.component_scores[1] == score, at


@pytest.mark.parametrize(
    ("name", "by_crp", "by_esr"),
    [
        ("back_pain_basdai_q2", "1.21", "0.79"),
        ("morning_stiffness_duration_basdai_q6", "0.58", "0.69"),
        ("patient_global", "1.10", "1.13"),
        ("peripheral_pain_swelling_basdai_q3", "0.73", "0.86"),
    ],
)
def test_each_question_has_its_coefficient(name: str, by_crp: str, by_esr: str) -> None:
    """The coefficients have three decimals, and differ between the two forms."""
    least = asdas_crp(**ASDAS, crp_mg_per_l=2)

    assert round(asdas_crp(**{**ASDAS, name: 10}, crp_mg_per_l=2) - least, 20) == Decimal(by_crp)
    assert asdas_esr(**{**ASDAS, name: 10}, esr_mm_per_h=0) == Decimal(by_esr)
    assert asdas_crp(**{**ASDAS, name: None}, crp_mg_per_l=2) == Missing(f"{name} is not given")
    assert asdas_esr(**{**ASDAS, name: None}, esr_mm_per_h=2) == Missing(f"{name} is not given")
    for score, reactant in ((asdas_crp, "crp_mg_per_l"), (asdas_esr, "esr_mm_per_h")):
        with pytest.raises(InputError, match=name):
            score(**{**ASDAS, name: 11}, **{reactant: 2})


def test_a_protein_below_2_counts_as_2_and_a_sedimentation_rate_as_it_is() -> None:
    """The score by protein has a least value, that by sedimentation rate none."""
    assert asdas_crp(**ASDAS, crp_mg_per_l=0) == asdas_crp(**ASDAS, crp_mg_per_dl=Decimal("0.2"))
    assert asdas_crp(**ASDAS, crp_mg_per_l=Decimal("2.1")) > asdas_crp(**ASDAS, crp_mg_per_l=2)
    assert asdas_esr(**ASDAS, esr_mm_per_h=100) == Decimal("2.93")
    for given in ({"crp_mg_per_l": 2001}, {"crp_mg_per_dl": 201}, {"crp_mg_per_l": 1, "crp_mg_per_dl": 1}):
        with pytest.raises(InputError, match="crp_mg_per"):
            asdas_crp(**ASDAS, **given)
    with pytest.raises(InputError, match="esr_mm_per_h"):
        asdas_esr(**ASDAS, esr_mm_per_h=301)


@pytest.mark.parametrize(
    ("score", "state"),
    [
        ("0", "inactive"),
        ("1.29999", "inactive"),
        ("1.3", "low"),
        ("2.09999", "low"),
        ("2.1", "high"),
        ("3.5", "high"),
        ("3.50001", "very_high"),
        ("10", "very_high"),
    ],
)
def test_states_meet_at_their_limits(score: str, state: str) -> None:
    """The first two limits belong to the state above them, the third to the state below."""
    assert asdas_state(asdas=Decimal(score)) == state


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("3.3", "2.2", (True, False, False)),
        ("3.3", "2.20001", (False, False, False)),
        ("4.1", "2.1", (True, True, False)),
        ("4.1", "2.10001", (True, False, False)),
        ("2", "2.9", (False, False, True)),
        ("2", "2.89999", (False, False, False)),
    ],
)
def test_changes_count_from_their_limits(before: str, now: str, expected: tuple[bool, ...]) -> None:
    """1.1 and 2.0 lower, and 0.9 higher, count as they are."""
    found = asdas_change(asdas_baseline=Decimal(before), asdas_followup=Decimal(now))

    assert found == AsdasChange(
        clinically_important_improvement=expected[0],
        major_improvement=expected[1],
        clinically_important_worsening=expected[2],
    )


def test_scores_that_cannot_be_or_are_missing() -> None:
    """A score above 10 is refused, a missing one leaves state and change missing."""
    with pytest.raises(InputError, match="asdas"):
        asdas_state(asdas=Decimal("10.1"))
    with pytest.raises(InputError, match=r"asdas_baseline.*asdas_followup"):
        asdas_change(asdas_baseline=11, asdas_followup=-1)
    assert asdas_state(asdas=None) == Missing("asdas is not given")
    assert asdas_change(asdas_baseline=None, asdas_followup=1) == Missing("asdas_baseline is not given")


FIVE = dict.fromkeys(DOMAINS, 5)


def better(**now: object) -> dict:
    """Three domains at 0, the fourth and any other as said."""
    return {**dict.fromkeys(DOMAINS, 0), **now}


@pytest.mark.parametrize("fourth", DOMAINS)
@pytest.mark.parametrize(
    ("before", "now", "by_20", "by_40"),
    [
        (5, 5, True, True),
        (5, "5.00001", True, False),
        (5, "5.99999", True, False),
        (5, 6, False, False),
        (6, "7.19999", True, False),
        (6, "7.2", False, False),
        (0, "0.99999", True, False),
        (0, 1, False, False),
        (None, 1, None, None),
        (5, None, None, None),
    ],
)
def test_the_fourth_domain_may_not_be_worse(fourth: str, before, now, by_20: bool | None, by_40: bool | None) -> None:
    """By 20 % the fourth domain may lose less than 20 % or a unit, by 40 % nothing; unknown, it decides."""
    visits = {
        "baseline": {**FIVE, fourth: before},
        "followup": better(**{fourth: None if now is None else Decimal(now)}),
    }

    for criterion, expected in ((asas20, by_20), (asas40, by_40)):
        found = criterion(**visits)
        assert found == (Missing("a domain that decides is not given") if expected is None else expected)


@pytest.mark.parametrize("third", DOMAINS)
@pytest.mark.parametrize(
    ("before", "now", "by_20", "by_40"),
    [
        (5, 4, True, False),
        (5, "4.00001", False, False),
        (6, "4.80001", False, False),
        (6, "4.8", True, False),
        (4, "3.00001", False, False),
        (4, 3, True, False),
        (5, 3, True, True),
        (5, "3.00001", True, False),
        (6, "3.60001", True, False),
        (6, "3.6", True, True),
        (4, "2.00001", True, False),
        (4, 2, True, True),
    ],
)
def test_the_third_domain_must_be_better_by_percentage_and_units(
    third: str, before: int, now, by_20: bool, by_40: bool
) -> None:
    """Percentage and units are both needed, and both limits count."""
    fourth = next(name for name in DOMAINS if name != third)
    baseline = {**FIVE, third: before}
    followup = better(**{third: Decimal(now), fourth: 5})

    assert asas20(baseline=baseline, followup=followup) is by_20
    assert asas40(baseline=baseline, followup=followup) is by_40


def test_two_domains_that_are_not_better_deny_a_response() -> None:
    """What cannot become a response any more is none, whatever is missing."""
    assert asas20(baseline=FIVE, followup={"ptga": 5, "pain": 5, "basfi": 0}) is False
    assert asas40(baseline=FIVE, followup={"ptga": 5, "pain": 5, "basfi": 0}) is False


SIX = {**FIVE, "crp": 5, "lateral_spinal_flexion": 5}


@pytest.mark.parametrize("fifth", SIX_DOMAINS)
def test_any_five_of_six_are_enough(fifth: str) -> None:
    """Better by 20 % counts, by less not; spinal mobility is better when it is more."""
    sixth = "crp" if fifth == "lateral_spinal_flexion" else "lateral_spinal_flexion"
    up = fifth == "lateral_spinal_flexion"
    at, short = (6, Decimal("5.99999")) if up else (4, Decimal("4.00001"))
    now = {**dict.fromkeys(DOMAINS, 0), "crp": 0, "lateral_spinal_flexion": 10, sixth: 5}

    assert asas_5_of_6(baseline=SIX, followup={**now, fifth: at}) is True
    assert asas_5_of_6(baseline=SIX, followup={**now, fifth: short}) is False
    assert asas_5_of_6(baseline={**SIX, fifth: 0}, followup={**now, fifth: 0}) is False
    assert isinstance(asas_5_of_6(baseline=SIX, followup={**now, fifth: None}), Missing)
    if not up:
        assert asas_5_of_6(baseline={**SIX, fifth: 2}, followup={**now, fifth: Decimal("1.6")}) is True
    assert asas_5_of_6(baseline=SIX, followup={**now, fifth: at, sixth: None}) is True


@pytest.mark.parametrize("name", DOMAINS)
def test_partial_remission_ends_above_2(name: str) -> None:
    """A domain of 2 is within, above it is not, and a missing one decides only where the others are within."""
    two = dict.fromkeys(DOMAINS, 2)

    assert asas_partial_remission(**two) is True
    assert asas_partial_remission(**{**two, name: Decimal("2.00001")}) is False
    assert isinstance(asas_partial_remission(**{**two, name: None}), Missing)
    assert asas_partial_remission(**{**dict.fromkeys(DOMAINS, 3), name: None}) is False
    with pytest.raises(InputError, match=name):
        asas_partial_remission(**{**two, name: 11})


@pytest.mark.parametrize("criterion", [asas20, asas40, asas_5_of_6])
def test_visits_are_needed_and_their_figures_named(criterion) -> None:
    """A visit that is not given leaves the response missing; a figure that cannot be is named with its visit."""
    given = {"baseline": SIX if criterion is asas_5_of_6 else FIVE, "followup": FIVE}
    assert criterion(**{**given, "followup": None}) == Missing("followup is not given")
    for name, most in (SIX_DOMAINS if criterion is asas_5_of_6 else DOMAINS).items():
        assert criterion(**{**given, "followup": {name: most}}) is not None
        with pytest.raises(InputError, match=rf"followup.{name} must be"):
            criterion(**{**given, "followup": {name: most + 1}})
    with pytest.raises(InputError, match="'fatigue' is no part of baseline"):
        criterion(**{**given, "baseline": {"fatigue": 1}})
    other = {"units": 5} if criterion is asas_5_of_6 else {"scale": "0-100"}
    with pytest.raises(InputError, match=next(iter(other))):
        criterion(**given, **other)


NO_SIGN = {
    "low_back_pain_stiffness_ge_3mo_improves_exercise_not_rest": False,
    "lumbar_motion_limited_sagittal_and_frontal": False,
    "chest_expansion_limited_for_age_sex": False,
}


def new_york(left: int | None, right: int | None, **signs: bool | None) -> object:
    """Classify by grades and clinical signs."""
    return modified_new_york(sacroiliitis_grade_left=left, sacroiliitis_grade_right=right, **{**NO_SIGN, **signs})


@pytest.mark.parametrize("sign", NO_SIGN)
@pytest.mark.parametrize(
    ("left", "right", "alone", "with_a_sign"),
    [
        (0, 0, "not_met", "not_met"),
        (1, 2, "not_met", "not_met"),
        (2, 1, "not_met", "not_met"),
        (2, 2, "probable", "definite"),
        (0, 3, "probable", "definite"),
        (4, 0, "probable", "definite"),
        (3, None, "probable", "definite"),
        (2, None, None, None),
        (1, None, None, None),
        (None, None, None, None),
    ],
)
def test_the_radiological_criterion(sign: str, left, right, alone: str | None, with_a_sign: str | None) -> None:
    """Grade 2 on both sides or 3 on one is radiological; with one clinical criterion the disease is definite."""
    missing = Missing("a grade or a clinical criterion that decides is not given")

    assert new_york(left, right) == (alone or missing)
    assert new_york(left, right, **{sign: True}) == (with_a_sign or missing)


def test_three_clinical_criteria_are_probable() -> None:
    """All three clinical criteria without the radiological one are probable, two are nothing."""
    three = dict.fromkeys(NO_SIGN, True)

    assert new_york(0, 0, **three) == "probable"
    for sign in NO_SIGN:
        assert new_york(0, 0, **{**three, sign: False}) == "not_met"
        assert isinstance(new_york(0, 0, **{**three, sign: None}), Missing)
        assert new_york(2, 2, **{**three, sign: None}) == "definite"
        with pytest.raises(InputError, match=sign):
            new_york(0, 0, **{sign: 1})
    with pytest.raises(InputError, match=r"grade_left.*grade_right"):
        new_york(5, -1)


BACK_PAIN = {
    "back_pain_months": 3,
    "age_at_onset_years": Decimal("44.9"),
    "sacroiliitis_on_imaging": False,
    "hla_b27_positive": False,
    "spa_features": [],
}


@pytest.mark.parametrize(
    ("change", "arm"),
    [
        ({}, None),
        ({"sacroiliitis_on_imaging": True}, None),
        ({"sacroiliitis_on_imaging": True, "spa_features": ["ibp"]}, "imaging"),
        ({"sacroiliitis_on_imaging": True, "hla_b27_positive": True}, "imaging"),
        ({"hla_b27_positive": True, "spa_features": ["ibp", "ibp"]}, None),
        ({"hla_b27_positive": True, "spa_features": ["ibp", "uveitis"]}, "clinical"),
        ({"hla_b27_positive": True, "spa_features": ["ibp", "uveitis"], "sacroiliitis_on_imaging": True}, "both"),
        ({"hla_b27_positive": True, "spa_features": ["ibp", "uveitis"], "sacroiliitis_on_imaging": None}, "clinical"),
        ({"spa_features": list(SPA_FEATURES)}, None),
    ],
)
def test_each_arm_classifies_back_pain_that_began_early(change: dict, arm: str | None) -> None:
    """An arm classifies, but only back pain for 3 months that began before 45."""
    given = {**BACK_PAIN, **change}

    assert axial_spa_classification(**given) == AxialSpa(classified=arm is not None, arm=arm)
    for denied in ({"back_pain_months": Decimal("2.9")}, {"age_at_onset_years": 45}):
        assert axial_spa_classification(**{**given, **denied}) == AxialSpa(classified=False, arm=None)


@pytest.mark.parametrize(
    "feature",
    [
        *("ibp", "arthritis", "enthesitis_heel", "uveitis", "dactylitis"),
        *("psoriasis", "ibd", "nsaid_response", "family_history", "elevated_crp"),
    ],
)
def test_each_feature_counts(feature: str) -> None:
    """Each of the ten features supports sacroiliitis on imaging (Rudwaleit et al. 2009)."""
    found = axial_spa_classification(**{**BACK_PAIN, "sacroiliitis_on_imaging": True, "spa_features": [feature]})

    assert found == AxialSpa(classified=True, arm="imaging")


def test_grade_4_may_be_what_is_missing() -> None:
    """Of an unknown grade every grade to 4 is possible, and no more than what they all give is said."""
    assert new_york(2, None, chest_expansion_limited_for_age_sex=True) == Missing(
        "a grade or a clinical criterion that decides is not given"
    )


def test_what_decides_must_be_given() -> None:
    """What is unknown leaves the classification missing where it decides; what cannot be is named."""
    imaging = {**BACK_PAIN, "sacroiliitis_on_imaging": True, "spa_features": ["ibp"]}
    for unknown in ("back_pain_months", "age_at_onset_years", "sacroiliitis_on_imaging"):
        assert axial_spa_classification(**{**imaging, unknown: None}) == Missing("an input that decides is not given")
        assert axial_spa_classification(**{**BACK_PAIN, unknown: None}).classified is False
    assert axial_spa_classification(**{**imaging, "spa_features": None}) == Missing("spa_features is not given")
    for name, value in (
        ("back_pain_months", 1501),
        ("age_at_onset_years", 131),
        ("sacroiliitis_on_imaging", "yes"),
        ("hla_b27_positive", 1),
        ("spa_features", ["hla_b27"]),
    ):
        with pytest.raises(InputError, match=name):
            axial_spa_classification(**{**imaging, name: value})
