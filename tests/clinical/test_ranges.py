"""Every input of every item by its name: what range it has, and that nonsense and a gap are told by its name."""

import inspect
import re
from decimal import Decimal
from typing import Any

import pytest

import trialwright.clinical  # noqa: F401  # fills the catalogue
from trialwright.clinical.item import ITEMS, Missing, compute
from trialwright.errors import InputError

ITEM_NAMES = sorted(name for name, function in ITEMS.items() if function.__module__.startswith("trialwright.clinical"))
FINE = Decimal("0.001")


def whole(low: int, high: int) -> tuple[int, int, int]:
    """A whole number, both ends within."""
    return low, high, 1


def exact(low: int, high: int) -> tuple[int, int, Decimal]:
    """A decimal, both ends within."""
    return low, high, FINE


def above_0(high: int) -> tuple[Decimal, int, Decimal]:
    """A decimal above 0, the upper end within."""
    return FINE, high, FINE


RANGES = {
    **dict.fromkeys(["tender_joint_count_28", "swollen_joint_count_28"], whole(0, 28)),
    "large_joints_involved": whole(0, 10),
    "small_joints_involved": whole(0, 30),
    "other_joints_involved": whole(0, 6),
    "ice_score": whole(0, 10),
    "rbc_units_prior_8_weeks": whole(0, 200),
    "rbc_units_followup_8_weeks": whole(0, 200),
    "rbc_units_16_weeks_pre": whole(0, 200),
    "rbc_units_16_weeks_post": whole(0, 200),
    "max_rbc_units_in_any_8_weeks": whole(0, 200),
    "transfusion_episodes": whole(0, 200),
    "rbc_units_last_6_months": whole(0, 200),
    "rbc_units_6_months_before_treatment": whole(0, 200),
    **dict.fromkeys(["sacroiliitis_grade_left", "sacroiliitis_grade_right"], whole(0, 4)),
    "decimals": whole(0, 20),
    **dict.fromkeys(["patient_global_0_10", "physician_global_0_10", "patient_global_health_nrs_0_10"], exact(0, 10)),
    "patient_global_health_vas_mm": exact(0, 100),
    "crp_mg_per_l": exact(0, 2000),
    "crp_mg_per_dl": exact(0, 200),
    "esr_mm_per_h": exact(0, 300),
    **dict.fromkeys(["rf_iu_per_ml", "acpa_u_per_ml"], exact(0, 10**6)),
    **dict.fromkeys(["rf_uln", "acpa_uln"], above_0(10**6)),
    "crp_uln": above_0(2000),
    "esr_uln": above_0(300),
    "symptom_weeks": exact(0, 6000),
    "calcium_mg_per_dl": exact(0, 40),
    "albumin_g_per_dl": exact(0, 10),
    "calcium_mmol_per_l": exact(0, 10),
    "albumin_g_per_l": exact(0, 100),
    **dict.fromkeys(["hb_g_per_l", "hb_lower_limit_normal_g_per_l"], exact(0, 300)),
    "anc_x10_9_per_l": exact(0, 1000),
    "platelets_x10_9_per_l": exact(0, 10_000),
    "reticulocytes_x10_9_per_l": exact(0, 2000),
    **dict.fromkeys(["marrow_cellularity_pct", "residual_haematopoietic_cells_pct"], exact(0, 100)),
    "back_pain_months": exact(0, 1500),
    "age_at_onset_years": exact(0, 130),
    **dict.fromkeys(["ptga", "pain", "basfi", "inflammation"], exact(0, 10)),
    **dict.fromkeys(["asdas", "asdas_baseline", "asdas_followup"], exact(0, 10)),
    **dict.fromkeys(["back_pain_basdai_q2", "morning_stiffness_duration_basdai_q6", "patient_global"], exact(0, 10)),
    "peripheral_pain_swelling_basdai_q3": exact(0, 10),
    **dict.fromkeys(["q1_fatigue", "q2_spinal_pain", "q3_peripheral_pain_swelling", "q4_tenderness"], exact(0, 10)),
    **dict.fromkeys(["q5_morning_stiffness_severity", "q6_morning_stiffness_duration"], exact(0, 10)),
    **{f"q{number}": exact(0, 10) for number in range(1, 11)},
    "lateral_lumbar_flexion_mean_cm": exact(0, 50),
    "tragus_to_wall_mean_cm": exact(0, 80),
    "modified_schober_cm": exact(0, 20),
    "intermalleolar_cm": exact(0, 250),
    "cervical_rotation_mean_deg": exact(0, 150),
    "cdai": exact(0, 76),
    "sdai": exact(0, 276),
    **dict.fromkeys(["das28", "das28_baseline", "das28_followup"], exact(0, 15)),
    "max_temperature_c": exact(20, 45),
    "fio2_pct_required": exact(0, 100),
    "prophylactic_medication_h": exact(0, 8760),
    **dict.fromkeys(["duration_weeks", "observation_weeks"], exact(0, 1000)),
    **dict.fromkeys(["hb_baseline_g_per_dl", "hb_followup_g_per_dl", "hb_g_per_dl"], exact(0, 30)),
    "baseline_lowest_mean_hb_g_per_dl": exact(0, 30),
    **dict.fromkeys(["platelets_baseline_x10_9_per_l", "platelets_followup_x10_9_per_l"], exact(0, 10_000)),
    **dict.fromkeys(["anc_baseline_x10_9_per_l", "anc_followup_x10_9_per_l"], exact(0, 10_000)),
    **dict.fromkeys(["bm_blasts_baseline_pct", "bm_blasts_pct", "peripheral_blasts_pct"], exact(0, 100)),
    "ldh_x_uln": exact(0, 100),
    "value": exact(0, 10**12),
    "total_cell_concentration_per_ml": exact(1, 10**12),
    "viability_pct": exact(1, 100),
    "dose_cells_per_kg": above_0(10**12),
    "weight_kg": above_0(700),
    "height_cm": exact(20, 280),
    "age_years": exact(18, 130),
    "creatinine_mg_per_dl": above_0(100),
    "creatinine_umol_per_l": above_0(8840),
    "qt_ms": above_0(2000),
    "rr_ms": above_0(10_000),
}
ELSEWHERE = {
    ("ideal_body_weight_devine", "height_cm"): exact(120, 280),
    ("mds_response_iwg_2023", "anc_x10_9_per_l"): exact(0, 10_000),
}
CORE_SET = {"tjc68": 68, "sjc66": 66, "pain": 100, "ptga": 100, "phga": 100, "haq": 3, "apr": 2000}
SIX_DOMAINS = {"ptga": 10, "pain": 10, "basfi": 10, "inflammation": 10, "crp": 2000, "lateral_spinal_flexion": 50}
COUNTS = {
    "hb_g_per_l": 300,
    "anc_x10_9_per_l": 1000,
    "platelets_x10_9_per_l": 10_000,
    "reticulocytes_x10_9_per_l": 2000,
}
QUESTIONS = {
    **dict.fromkeys(["dressing", "arising", "walking", "reach"], 2),
    **dict.fromkeys(["eating", "hygiene", "grip", "activities"], 3),
}
WITHIN = {
    "acr_response": {
        f"{visit}.{part}": exact(0, CORE_SET[part]) for visit in ("baseline", "followup") for part in CORE_SET
    },
    "asas20": {f"followup.{part}": exact(0, 10) for part in list(SIX_DOMAINS)[:4]},
    "asas40": {f"baseline.{part}": exact(0, 10) for part in list(SIX_DOMAINS)[:4]},
    "asas_5_of_6": {f"followup.{part}": exact(0, most) for part, most in SIX_DOMAINS.items()},
    "aplastic_anaemia_response_bsh": {
        **{f"{visit}.{count}": exact(0, most) for visit in ("baseline", "followup") for count, most in COUNTS.items()},
        "followup.hb_lower_limit_normal_g_per_l": exact(0, 300),
    },
    "haq_di": {f"items.{name}[{index}]": whole(0, 3) for name, asked in QUESTIONS.items() for index in range(asked)},
    "mds_hi_e_iwg_2018": {
        "post_hb_g_per_dl[0][0]": exact(0, 1000),
        "post_hb_g_per_dl[1][1]": exact(0, 30),
        "post_transfusion_weeks[0]": exact(0, 1000),
        "post_transfusion_weeks[1]": exact(0, 1000),
    },
    "prednisone_equivalent": {f"daily_doses[{index}].mg_per_day": exact(0, 10_000) for index in (0, 1)},
}


def inputs_of(item: str) -> list[str]:
    """The names of an item's inputs."""
    return list(inspect.signature(ITEMS[item]).parameters)


def ranges() -> list[tuple[str, str, tuple]]:
    """Item, name of a number in its inputs, and its range."""
    given = [(item, name) for item in ITEM_NAMES for name in inputs_of(item)]
    of_inputs = [(item, name, ELSEWHERE.get((item, name), RANGES[name])) for item, name in given if name in RANGES]
    return of_inputs + [(item, path, limits) for item, paths in WITHIN.items() for path, limits in paths.items()]


def refused(item: str, path: str, value: Any) -> bool:
    """Whether an item refuses a number by its name, all else missing."""
    name, *steps = re.findall(r"\w+", path)
    for step in reversed(steps):
        value = _in_a_list(value, int(step)) if step.isdigit() else {step: value}
    try:
        compute(item, {**dict.fromkeys(inputs_of(item)), name: value})
    except InputError as fault:
        return re.search(rf"(^|; ){re.escape(path)} must be", str(fault)) is not None
    return False


def _in_a_list(value: Any, place: int) -> list[Any]:
    return [value if place == index else 0 for index in range(max(2, place + 1))]


@pytest.mark.parametrize(("item", "path", "limits"), ranges())
def test_a_number_has_its_range(item: str, path: str, limits: tuple) -> None:
    """A number is taken at both ends of its range and refused by its name just beyond them."""
    low, high, step = limits

    assert not refused(item, path, low)
    assert not refused(item, path, high)
    assert refused(item, path, low - step)
    assert refused(item, path, high + step)
    assert refused(item, path, low + Decimal("0.5")) is (step == 1)


@pytest.mark.parametrize("item", [item for item in ITEM_NAMES if item != "ctcae_v5_grade"])
def test_nonsense_is_refused_for_every_input_by_its_name(item: str) -> None:
    """What can be neither a number nor a word, a truth, a list or a group is refused for each input, all at once."""
    with pytest.raises(InputError) as fault:
        compute(item, dict.fromkeys(inputs_of(item), 1j))

    for name in inputs_of(item):
        assert re.search(
            rf"(^|; |besides |give |with |or ){name}(,|:| (must be|must give|is given|with) )", f"{fault.value} "
        )


NEEDED = {
    "acr_response": "missing_rule baseline followup",
    "albumin_corrected_calcium": "calcium_mg_per_dl albumin_g_per_dl",
    "aplastic_anaemia_response_bsh": "baseline_severity followup baseline",
    "aplastic_anaemia_response_nih": "strictly_above",
    "asas20": "scale baseline followup",
    "asas40": "scale baseline followup",
    "asas_5_of_6": "baseline followup",
    "asas_axspa_classification": "spa_features",
    "asdas_crp": "back_pain_basdai_q2 morning_stiffness_duration_basdai_q6 patient_global"
    " peripheral_pain_swelling_basdai_q3 crp_mg_per_l",
    "camitta_severity": "reticulocyte_threshold",
    "crs_grade_ctcae_v5": "fever hypotension life_threatening",
    "ctcae_is_haematological": "haematological_policy ctcae_term",
    "das28_crp_3v": "tender_joint_count_28 swollen_joint_count_28 crp_mg_per_l",
    "das28_crp_4v": "tender_joint_count_28 swollen_joint_count_28 crp_mg_per_l patient_global_health_vas_mm",
    "das28_esr_4v": "tender_joint_count_28 swollen_joint_count_28 esr_mm_per_h patient_global_health_vas_mm",
    "mds_hi_e_iwg_2018": "burden",
    "mds_hi_iwg_2006": "lineage duration_weeks",
    "mds_response_iwg_2023": "bm_blasts_baseline_pct bm_blasts_pct hb_g_per_dl platelets_x10_9_per_l anc_x10_9_per_l"
    " peripheral_blasts_pct",
    "pnh_response": "sex hb_g_per_l rbc_units_last_6_months ldh_x_uln reticulocytes_x10_9_per_l"
    " breakthrough_haemolysis",
    "sdai": "tender_joint_count_28 swollen_joint_count_28 patient_global_0_10 physician_global_0_10 crp_mg_per_dl",
}
DECIDES = {
    "asas_partial_remission": "a domain that decides is not given",
    "modified_new_york": "a grade or a clinical criterion that decides is not given",
    "prca_response": "a count or a transfusion that decides is not given",
}
NEVER_MISSING = {"acr_eular_2010_ra_classification", "acr_eular_boolean_remission", "ctcae_v5_grade"}


@pytest.mark.parametrize("item", [item for item in ITEM_NAMES if item not in NEVER_MISSING])
def test_what_an_item_cannot_do_without_is_named(item: str) -> None:
    """With nothing given the result is missing, and every input that is needed is named."""
    found = compute(item, dict.fromkeys(inputs_of(item)))

    assert isinstance(found, Missing)
    needed = NEEDED[item].split() if item in NEEDED else inputs_of(item)
    told = [DECIDES[item]] if item in DECIDES else [f"{name} is not given" for name in needed]
    assert sorted(found.reason.split("; ")) == sorted(told)
