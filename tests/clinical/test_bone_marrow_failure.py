"""Severity and response of bone-marrow failure at their limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.aplastic_anaemia import (
    aplastic_anaemia_response_bsh,
    aplastic_anaemia_response_nih,
    camitta_severity,
    prca_response,
)
from trialwright.clinical.item import Missing
from trialwright.clinical.myelodysplastic_syndrome import (
    erythroid_improvement_2018,
    haematological_improvement_2006,
    response_2023,
    transfusion_burden_2018,
)
from trialwright.clinical.pnh_response import pnh_response
from trialwright.errors import InputError

SEVERE = {
    "marrow_cellularity_pct": Decimal("24.9"),
    "residual_haematopoietic_cells_pct": 100,
    "anc_x10_9_per_l": Decimal("0.49"),
    "platelets_x10_9_per_l": Decimal("19.9"),
    "reticulocytes_x10_9_per_l": 100,
}


@pytest.mark.parametrize(
    ("change", "severity"),
    [
        ({}, "SAA"),
        ({"marrow_cellularity_pct": 25}, "NSAA"),
        ({"marrow_cellularity_pct": 50, "residual_haematopoietic_cells_pct": Decimal("29.9")}, "SAA"),
        ({"marrow_cellularity_pct": 50, "residual_haematopoietic_cells_pct": 30}, "NSAA"),
        ({"marrow_cellularity_pct": Decimal("50.1"), "residual_haematopoietic_cells_pct": 1}, "NSAA"),
        ({"anc_x10_9_per_l": Decimal("0.5")}, "NSAA"),
        ({"platelets_x10_9_per_l": 20}, "NSAA"),
        ({"platelets_x10_9_per_l": 20, "reticulocytes_x10_9_per_l": Decimal("19.9")}, "SAA"),
        ({"platelets_x10_9_per_l": 20, "reticulocytes_x10_9_per_l": 20}, "NSAA"),
        ({"platelets_x10_9_per_l": 20, "reticulocytes_x10_9_per_l": 59, "reticulocyte_threshold": 60}, "SAA"),
        ({"platelets_x10_9_per_l": 20, "reticulocytes_x10_9_per_l": 60, "reticulocyte_threshold": 60}, "NSAA"),
        ({"anc_x10_9_per_l": Decimal("0.19")}, "vSAA"),
        ({"anc_x10_9_per_l": Decimal("0.2")}, "SAA"),
        ({"anc_x10_9_per_l": None}, None),
        ({"anc_x10_9_per_l": None, "reticulocytes_x10_9_per_l": 1}, None),
        ({"marrow_cellularity_pct": None}, None),
        ({"marrow_cellularity_pct": None, "platelets_x10_9_per_l": 20}, "NSAA"),
    ],
)
def test_severity_by_marrow_and_two_of_three_counts(change: dict, severity: str | None) -> None:
    """Each limit belongs to the milder grade; what is missing leaves the grade open only where it decides."""
    expected = severity or Missing("a marrow finding or a count that decides is not given")

    assert camitta_severity(**{**SEVERE, **change}) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("marrow_cellularity_pct", 101),
        ("residual_haematopoietic_cells_pct", 101),
        ("anc_x10_9_per_l", 1001),
        ("platelets_x10_9_per_l", 10_001),
        ("reticulocytes_x10_9_per_l", 2001),
        ("reticulocyte_threshold", 30),
    ],
)
def test_marrow_findings_that_cannot_be_are_named(name: str, value: int) -> None:
    """A finding out of range, or a threshold that no rule has, is refused."""
    with pytest.raises(InputError, match=f"^{name} must be"):
        camitta_severity(**{**SEVERE, name: value})


def test_a_rule_that_is_not_chosen_leaves_the_result_missing() -> None:
    """Without the threshold of reticulocytes, or the cell line, there is no result."""
    assert camitta_severity(**SEVERE, reticulocyte_threshold=None) == Missing("reticulocyte_threshold is not given")
    assert haematological_improvement_2006(lineage=None, duration_weeks=8) == Missing("lineage is not given")


BEFORE = {
    "hb_g_per_l": 70,
    "anc_x10_9_per_l": 1,
    "platelets_x10_9_per_l": 40,
    "reticulocytes_x10_9_per_l": 30,
    "transfusion_dependent": False,
}
NORMAL = {
    "hb_g_per_l": 130,
    "anc_x10_9_per_l": Decimal("1.51"),
    "platelets_x10_9_per_l": Decimal("150.1"),
    "reticulocytes_x10_9_per_l": 80,
    "transfusion_dependent": False,
    "hb_lower_limit_normal_g_per_l": 130,
}


def bsh(before: dict, now: dict, severity: str | None = "NSAA", confirmed: object = True) -> object:
    """Judge by the British rules."""
    return aplastic_anaemia_response_bsh(
        baseline_severity=severity, baseline=before, followup=now, confirmed_4_weeks=confirmed
    )


@pytest.mark.parametrize(
    ("change", "response"),
    [
        ({}, "CR"),
        ({"hb_g_per_l": Decimal("129.9")}, "PR"),
        ({"anc_x10_9_per_l": Decimal("1.5")}, "PR"),
        ({"platelets_x10_9_per_l": 150}, "PR"),
        ({"transfusion_dependent": True}, "NR"),
        ({"anc_x10_9_per_l": Decimal("0.5"), "platelets_x10_9_per_l": 19}, "PR"),
        ({"anc_x10_9_per_l": Decimal("0.49"), "platelets_x10_9_per_l": 19}, "NR"),
        ({"anc_x10_9_per_l": Decimal("0.49"), "reticulocytes_x10_9_per_l": 20}, "PR"),
        ({"anc_x10_9_per_l": Decimal("0.49"), "reticulocytes_x10_9_per_l": 19}, "NR"),
        ({"hb_g_per_l": None}, None),
        ({"transfusion_dependent": None}, None),
    ],
)
@pytest.mark.parametrize("severity", ["SAA", "vSAA"])
def test_severe_disease_responds_without_transfusion(severity: str, change: dict, response: str | None) -> None:
    """Complete is normal, partial is no longer severe, both without transfusion."""
    expected = response or Missing("a count or a transfusion that decides is not given")

    assert bsh(BEFORE, {**NORMAL, **change}, severity) == expected


@pytest.mark.parametrize(
    ("before", "now", "response"),
    [
        ({}, {}, "NR"),
        ({}, {"hb_g_per_l": 139, "hb_lower_limit_normal_g_per_l": 140}, "NR"),
        ({}, {"hb_g_per_l": 140, "hb_lower_limit_normal_g_per_l": 150}, "PR"),
        ({}, {"hb_g_per_l": 110, "hb_lower_limit_normal_g_per_l": 110}, "PR"),
        ({"hb_g_per_l": 110}, {"hb_g_per_l": 111, "hb_lower_limit_normal_g_per_l": 110}, "NR"),
        ({}, {"anc_x10_9_per_l": Decimal("1.5")}, "NR"),
        ({}, {"anc_x10_9_per_l": Decimal("1.51")}, "PR"),
        ({}, {"platelets_x10_9_per_l": Decimal("79.9")}, "NR"),
        ({}, {"platelets_x10_9_per_l": 80}, "PR"),
        ({"platelets_x10_9_per_l": 100}, {"platelets_x10_9_per_l": Decimal("150.1")}, "PR"),
        ({"platelets_x10_9_per_l": 100}, {"platelets_x10_9_per_l": 150}, "NR"),
        ({"hb_g_per_l": Decimal("59.9")}, {"hb_g_per_l": Decimal("89.9")}, "NR"),
        ({"hb_g_per_l": Decimal("59.9")}, {"hb_g_per_l": 90}, "PR"),
        ({"hb_g_per_l": 60}, {"hb_g_per_l": 91}, "NR"),
        ({"anc_x10_9_per_l": Decimal("0.49")}, {"anc_x10_9_per_l": Decimal("0.5")}, "NR"),
        ({"anc_x10_9_per_l": Decimal("0.49")}, {"anc_x10_9_per_l": Decimal("0.51")}, "PR"),
        ({"anc_x10_9_per_l": Decimal("0.5")}, {"anc_x10_9_per_l": Decimal("0.51")}, "NR"),
        ({"platelets_x10_9_per_l": 19}, {"platelets_x10_9_per_l": 20}, "NR"),
        ({"platelets_x10_9_per_l": 19}, {"platelets_x10_9_per_l": Decimal("20.1")}, "PR"),
        ({"platelets_x10_9_per_l": 20}, {"platelets_x10_9_per_l": Decimal("20.1")}, "NR"),
        ({"platelets_x10_9_per_l": 0}, {"platelets_x10_9_per_l": 0}, "NR"),
        ({"transfusion_dependent": True}, {}, "PR"),
        ({"transfusion_dependent": True}, {"transfusion_dependent": True}, "NR"),
        ({}, {"platelets_x10_9_per_l": None}, None),
    ],
)
def test_disease_that_was_not_severe_responds_by_one_line(before: dict, now: dict, response: str | None) -> None:
    """One line doubled or become normal, or out of its danger, or transfusions that ended, are a partial response."""
    visit = {**BEFORE, "hb_lower_limit_normal_g_per_l": 130}
    expected = response or Missing("a count or a transfusion that decides is not given")

    assert bsh({**BEFORE, **before}, {**visit, **before, "transfusion_dependent": False, **now}) == expected


def test_a_response_must_be_confirmed() -> None:
    """What two counts do not confirm is no response; whether they do must be known."""
    assert bsh(BEFORE, NORMAL, confirmed=False) == "NR"
    assert isinstance(bsh(BEFORE, NORMAL, confirmed=None), Missing)
    assert bsh(BEFORE, {**BEFORE, "hb_lower_limit_normal_g_per_l": 130}, confirmed=None) == "NR"
    assert bsh(BEFORE, NORMAL, severity=None) == Missing("baseline_severity is not given")
    with pytest.raises(InputError, match=r"baseline_severity.*baseline.hb_g_per_l.*followup.anc.*confirmed_4_weeks"):
        bsh({"hb_g_per_l": 301}, {"anc_x10_9_per_l": -1}, severity="mild", confirmed="yes")


NIH = {
    "hb_g_per_l": 100,
    "anc_x10_9_per_l": 1,
    "platelets_x10_9_per_l": 100,
    "reticulocytes_x10_9_per_l": 60,
    "transfusion_dependent": False,
}


@pytest.mark.parametrize(
    ("change", "response", "strictly"),
    [
        ({}, "CR", "PR"),
        ({"hb_g_per_l": 101, "anc_x10_9_per_l": 2, "platelets_x10_9_per_l": 101}, "CR", "CR"),
        ({"hb_g_per_l": Decimal("99.9")}, "PR", "PR"),
        ({"anc_x10_9_per_l": Decimal("0.99")}, "PR", "PR"),
        ({"platelets_x10_9_per_l": 99}, "PR", "PR"),
        ({"platelets_x10_9_per_l": 19}, "PR", "PR"),
        ({"platelets_x10_9_per_l": 19, "reticulocytes_x10_9_per_l": 59}, "NR", "NR"),
        ({"platelets_x10_9_per_l": 20, "reticulocytes_x10_9_per_l": 59}, "PR", "PR"),
        ({"transfusion_dependent": True}, "NR", "NR"),
        ({"reticulocytes_x10_9_per_l": None}, "CR", "PR"),
    ],
)
def test_the_american_rule_at_and_above_its_limits(change: dict, response: str, strictly: str) -> None:
    """A complete response is at the limits, or strictly above them where the protocol says so."""
    assert aplastic_anaemia_response_nih(**{**NIH, **change}) == response
    assert aplastic_anaemia_response_nih(**{**NIH, **change}, strictly_above=True) == strictly


def test_the_american_rule_without_what_decides() -> None:
    """A count that decides and is missing leaves the response missing."""
    assert isinstance(aplastic_anaemia_response_nih(**{**NIH, "hb_g_per_l": None}), Missing)
    assert aplastic_anaemia_response_nih(**NIH, strictly_above=None) == Missing("strictly_above is not given")
    with pytest.raises(InputError, match=r"^platelets_x10_9_per_l must"):
        aplastic_anaemia_response_nih(**{**NIH, "platelets_x10_9_per_l": "many"})


@pytest.mark.parametrize(
    ("hb", "limit", "transfused", "response"),
    [
        (130, 130, False, "CR"),
        (Decimal("129.9"), 130, False, "PR"),
        (140, 130, True, "NR"),
        (None, None, True, "NR"),
        (None, 130, False, None),
        (140, 130, None, None),
    ],
)
def test_red_cell_aplasia_by_haemoglobin_without_transfusion(hb, limit, transfused, response: str | None) -> None:
    """Haemoglobin at its lower limit is normal, and a transfusion is no response."""
    found = prca_response(
        hb_g_per_l=hb,
        hb_lower_limit_normal_g_per_l=limit,
        red_cell_transfusion_last_8_weeks=transfused,
        transfusion_dependent_at_baseline=None,
    )

    assert found == (response or Missing("a count or a transfusion that decides is not given"))


PNH = {
    "sex": "F",
    "hb_g_per_l": 120,
    "rbc_units_last_6_months": 0,
    "ldh_x_uln": Decimal("1.5"),
    "reticulocytes_x10_9_per_l": 150,
    "breakthrough_haemolysis": "none",
    "rbc_units_6_months_before_treatment": None,
}


@pytest.mark.parametrize(
    ("change", "quiet", "breakthrough"),
    [
        ({}, "complete", "major"),
        ({"sex": "M"}, "good", "partial"),
        ({"sex": "M", "hb_g_per_l": 130}, "complete", "major"),
        ({"sex": "M", "hb_g_per_l": Decimal("129.9")}, "good", "partial"),
        ({"hb_g_per_l": Decimal("119.9")}, "good", "partial"),
        ({"ldh_x_uln": Decimal("1.51")}, "major", "good"),
        ({"reticulocytes_x10_9_per_l": 151}, "major", "good"),
        ({"hb_g_per_l": 100}, "good", "partial"),
        ({"hb_g_per_l": Decimal("99.9")}, "partial", "minor"),
        ({"rbc_units_last_6_months": 1}, "partial", "minor"),
        ({"hb_g_per_l": 80, "rbc_units_last_6_months": 2}, "partial", "minor"),
        ({"hb_g_per_l": Decimal("79.9"), "rbc_units_last_6_months": 2}, "minor", "none"),
        ({"hb_g_per_l": 90, "rbc_units_last_6_months": 3}, "minor", "none"),
        ({"rbc_units_last_6_months": 6}, "minor", "none"),
        ({"rbc_units_last_6_months": 7}, "none", "none"),
        ({"rbc_units_last_6_months": 7, "rbc_units_6_months_before_treatment": 14}, "minor", "none"),
        ({"rbc_units_last_6_months": 7, "rbc_units_6_months_before_treatment": 13}, "none", "none"),
    ],
)
def test_degrees_of_response_and_breakthrough(change: dict, quiet: str, breakthrough: str) -> None:
    """Each limit belongs to the better degree, and clinical breakthrough haemolysis costs one."""
    assert pnh_response(**{**PNH, **change}) == quiet
    assert pnh_response(**{**PNH, **change, "breakthrough_haemolysis": "clinical"}) == breakthrough


def test_subclinical_breakthrough_is_no_complete_response() -> None:
    """Subclinical breakthrough haemolysis makes a complete response major, and lowers no other."""
    assert pnh_response(**{**PNH, "breakthrough_haemolysis": "subclinical"}) == "major"
    assert pnh_response(**{**PNH, "hb_g_per_l": 110, "breakthrough_haemolysis": "subclinical"}) == "good"


@pytest.mark.parametrize("name", [name for name in PNH if name != "rbc_units_6_months_before_treatment"])
def test_every_finding_is_needed(name: str) -> None:
    """Without one finding the response is missing; one that cannot be is named."""
    assert pnh_response(**{**PNH, name: None}) == Missing(f"{name} is not given")
    with pytest.raises(InputError, match=f"^{name} must"):
        pnh_response(**{**PNH, name: 100_000})


@pytest.mark.parametrize(
    ("given", "improved"),
    [
        ({"lineage": "erythroid", "hb_baseline_g_per_dl": Decimal("10.9"), "hb_followup_g_per_dl": Decimal("12.4")}, 1),
        ({"lineage": "erythroid", "hb_baseline_g_per_dl": Decimal("10.9"), "hb_followup_g_per_dl": 12}, 0),
        ({"lineage": "erythroid", "hb_baseline_g_per_dl": 11, "hb_followup_g_per_dl": 13}, 0),
        ({"lineage": "erythroid", "hb_baseline_g_per_dl": 9, "rbc_units_prior_8_weeks": 4}, None),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 99, "platelets_followup_x10_9_per_l": 129}, 1),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 100, "platelets_followup_x10_9_per_l": 200}, None),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 20, "platelets_followup_x10_9_per_l": 49}, 0),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 20, "platelets_followup_x10_9_per_l": 50}, 1),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 19, "platelets_followup_x10_9_per_l": 38}, 1),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 19, "platelets_followup_x10_9_per_l": 37}, 0),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 5, "platelets_followup_x10_9_per_l": 20}, 0),
        ({"lineage": "platelet", "platelets_baseline_x10_9_per_l": 5}, None),
        ({"lineage": "neutrophil", "anc_baseline_x10_9_per_l": Decimal("0.6"), "anc_followup_x10_9_per_l": 1}, 0),
        ({"lineage": "neutrophil", "anc_baseline_x10_9_per_l": Decimal("0.5"), "anc_followup_x10_9_per_l": 1}, 0),
        ({"lineage": "neutrophil", "anc_baseline_x10_9_per_l": Decimal("0.4"), "anc_followup_x10_9_per_l": 1}, 1),
        ({"lineage": "neutrophil", "anc_baseline_x10_9_per_l": 1, "anc_followup_x10_9_per_l": 3}, None),
        ({"lineage": "neutrophil", "anc_followup_x10_9_per_l": 3}, None),
    ],
)
def test_improvement_of_2006_lasts_8_weeks(given: dict, improved: int | None) -> None:
    """Each line has its limits, and an improvement of less than 8 weeks is none."""
    found = haematological_improvement_2006(**given, duration_weeks=8)
    short = haematological_improvement_2006(**given, duration_weeks=Decimal("7.9"))

    assert isinstance(found, Missing) if improved is None else found is bool(improved)
    assert isinstance(short, Missing) if improved is None else short is False


@pytest.mark.parametrize(
    ("units", "most", "episodes", "burden"),
    [
        (0, 0, 0, "NTD"),
        (2, 2, 2, "unclassified"),
        (3, 3, 2, "LTB"),
        (3, 3, 1, "unclassified"),
        (7, 3, 2, "LTB"),
        (7, 4, 2, "unclassified"),
        (8, 3, 2, "unclassified"),
        (8, 4, 2, "HTB"),
        (None, 4, 2, None),
    ],
)
def test_burden_of_transfusions(units, most: int, episodes: int, burden: str | None) -> None:
    """The printed classes have gaps, which stay unclassified."""
    found = transfusion_burden_2018(
        rbc_units_16_weeks_pre=units, max_rbc_units_in_any_8_weeks=most, transfusion_episodes=episodes
    )

    assert found == (burden or Missing("rbc_units_16_weeks_pre is not given"))


def test_parts_of_a_burden_are_no_more_than_the_whole() -> None:
    """More units in 8 weeks than in 16, or more episodes than units, are refused."""
    with pytest.raises(InputError, match=r"max_rbc_units_in_any_8_weeks is 3.*transfusion_episodes is 4"):
        transfusion_burden_2018(rbc_units_16_weeks_pre=2, max_rbc_units_in_any_8_weeks=3, transfusion_episodes=4)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"burden": "NTD", "post_hb_g_per_dl": [[4, Decimal("9.5")], [12, Decimal("9.5")]]}, "response"),
        ({"burden": "NTD", "post_hb_g_per_dl": [[4, Decimal("9.5")], [11, Decimal("9.5")]]}, "no_response"),
        ({"burden": "NTD", "post_hb_g_per_dl": [[4, 10], [8, Decimal("9.4")], [12, 10]]}, "no_response"),
        ({"burden": "NTD"}, None),
        ({"burden": "LTB", "observation_weeks": 16, "post_transfusion_weeks": [8]}, "response"),
        ({"burden": "LTB", "observation_weeks": 15, "post_transfusion_weeks": [7, 8]}, "no_response"),
        ({"burden": "LTB", "observation_weeks": 8, "post_transfusion_weeks": []}, "response"),
        ({"burden": "LTB", "observation_weeks": 8}, None),
        ({"burden": "HTB", "observation_weeks": 16, "post_transfusion_weeks": [8]}, "major"),
        ({"burden": "HTB", "observation_weeks": 15, "post_transfusion_weeks": [7, 14]}, "no_response"),
        ({"burden": "HTB", "observation_weeks": 16, "post_transfusion_weeks": [7, 14]}, None),
        ({"burden": "unclassified"}, None),
        ({"burden": None}, None),
    ],
)
def test_erythroid_improvement_of_2018(given: dict, expected: str | None) -> None:
    """A lasting rise, or 8 weeks without transfusion, are a response for their burden."""
    found = erythroid_improvement_2018(**given, baseline_lowest_mean_hb_g_per_dl=8)

    assert isinstance(found, Missing) if expected is None else found == expected


@pytest.mark.parametrize(("after", "expected"), [(5, "minor"), (6, "no_response")])
def test_half_the_units_fewer_is_a_minor_response(after: int, expected: str) -> None:
    """With a high burden, half the units fewer over 16 weeks is a minor response."""
    found = erythroid_improvement_2018(
        burden="HTB",
        observation_weeks=16,
        post_transfusion_weeks=[4, 8, 12],
        rbc_units_16_weeks_pre=10,
        rbc_units_16_weeks_post=after,
    )

    assert found == expected


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"post_hb_g_per_dl": [[8, 10], [8, 10]]}, "post_hb_g_per_dl must be in the order"),
        ({"post_hb_g_per_dl": [[8]]}, r"post_hb_g_per_dl\[0\] must be a week and a haemoglobin"),
        ({"post_hb_g_per_dl": [[8, 31]]}, r"post_hb_g_per_dl\[0\]\[1\] must be"),
        ({"post_transfusion_weeks": [3, 2]}, "post_transfusion_weeks must be in the order"),
        ({"post_transfusion_weeks": [9]}, "post_transfusion_weeks has a week after observation_weeks, 8"),
    ],
)
def test_a_course_out_of_order_is_refused(given: dict, named: str) -> None:
    """Weeks come in their order, each once, and none after the end of the observation."""
    with pytest.raises(InputError, match=named):
        erythroid_improvement_2018(burden="LTB", observation_weeks=8, **given)


MARROW = {
    "bm_blasts_baseline_pct": 10,
    "bm_blasts_pct": Decimal("4.9"),
    "hb_g_per_dl": 10,
    "platelets_x10_9_per_l": 100,
    "anc_x10_9_per_l": 1,
    "peripheral_blasts_pct": 0,
}
NONE = "no_objective_marrow_response"


@pytest.mark.parametrize(
    ("change", "response"),
    [
        ({}, "CR"),
        ({"hb_g_per_dl": Decimal("9.9")}, "CRbi"),
        ({"platelets_x10_9_per_l": 99}, "CRbi"),
        ({"anc_x10_9_per_l": Decimal("0.99")}, "CRbi"),
        ({"hb_g_per_dl": 9, "platelets_x10_9_per_l": 99}, "CRuni"),
        ({"hb_g_per_dl": 9, "platelets_x10_9_per_l": 50, "anc_x10_9_per_l": Decimal("0.5")}, "CRh"),
        ({"hb_g_per_dl": 9, "platelets_x10_9_per_l": 49, "anc_x10_9_per_l": Decimal("0.5")}, NONE),
        ({"hb_g_per_dl": 9, "platelets_x10_9_per_l": 50, "anc_x10_9_per_l": Decimal("0.49")}, NONE),
        ({"bm_blasts_pct": 5}, "PR"),
        ({"bm_blasts_pct": Decimal("5.1")}, NONE),
        ({"bm_blasts_pct": 5, "hb_g_per_dl": 9}, NONE),
        ({"bm_blasts_pct": 5, "peripheral_blasts_pct": 1}, NONE),
        ({"peripheral_blasts_pct": Decimal("0.1")}, NONE),
        ({"bm_blasts_baseline_pct": 5}, "CR"),
        ({"bm_blasts_baseline_pct": Decimal("4.9")}, "not_evaluable_for_CR_PR"),
    ],
)
def test_response_of_2023_by_blasts_and_counts(change: dict, response: str) -> None:
    """The counts that recovered name the complete response, and each limit belongs to the better one."""
    assert response_2023(**{**MARROW, **change}) == response


@pytest.mark.parametrize(
    ("change", "equivalent"),
    [
        ({}, True),
        ({"cytogenetics_cleared": False}, False),
        ({"cytogenetics_cleared": None}, False),
        ({"baseline_cytogenetic_abnormality": None}, False),
        ({"bm_blasts_pct": 5}, False),
        ({"peripheral_blasts_pct": 1}, False),
        ({"hb_g_per_dl": 9}, False),
    ],
)
def test_a_cleared_abnormality_is_an_equivalent(change: dict, equivalent: bool) -> None:
    """From few blasts, only full counts with a cleared abnormality are judged."""
    few = {
        **MARROW,
        "bm_blasts_baseline_pct": 3,
        "baseline_cytogenetic_abnormality": True,
        "cytogenetics_cleared": True,
    }

    found = response_2023(**{**few, **change})

    assert found == ("CR equivalent" if equivalent else "not_evaluable_for_CR_PR")


@pytest.mark.parametrize("name", MARROW)
def test_every_finding_of_the_marrow_is_needed(name: str) -> None:
    """Without one finding the response is missing; one that cannot be is named."""
    assert response_2023(**{**MARROW, name: None}) == Missing(f"{name} is not given")
    with pytest.raises(InputError, match=f"^{name} must"):
        response_2023(**{**MARROW, name: 100_000})
