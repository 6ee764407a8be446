"""The catalogue: which items there are, and how one is answered by its name."""

import pytest

import trialwright.clinical  # noqa: F401  # fills the catalogue
from trialwright.clinical.item import ITEMS, Missing, compute, item, no_such_item
from trialwright.errors import InputError

NAMES = {
    "acr_eular_2010_ra_classification",
    "acr_eular_boolean_remission",
    "acr_response",
    "albumin_corrected_calcium",
    "aplastic_anaemia_response_bsh",
    "aplastic_anaemia_response_nih",
    "asas20",
    "asas40",
    "asas_5_of_6",
    "asas_axspa_classification",
    "asas_partial_remission",
    "asdas_change",
    "asdas_crp",
    "asdas_esr",
    "asdas_state",
    "basdai",
    "basfi",
    "basmi_10step",
    "basmi_2step",
    "basmi_linear",
    "bmi",
    "bsa_du_bois",
    "bsa_mosteller",
    "camitta_severity",
    "cdai",
    "cdai_category",
    "cell_dose_volume",
    "ckd_epi_2009",
    "ckd_epi_2021",
    "cockcroft_gault_mg_dl",
    "cockcroft_gault_umol",
    "cockcroft_gault_umol_rounded_constants",
    "crs_grade_astct",
    "crs_grade_ctcae_v5",
    "ctcae_is_haematological",
    "ctcae_v5_grade",
    "das28_activity_category",
    "das28_crp_3v",
    "das28_crp_4v",
    "das28_esr_3v",
    "das28_esr_4v",
    "eular_response",
    "haq_di",
    "icans_grade_astct",
    "ideal_body_weight_devine",
    "infusion_related_reaction_grade",
    "joint_counts",
    "mdrd_4v",
    "mds_hi_e_iwg_2018",
    "mds_hi_iwg_2006",
    "mds_response_iwg_2023",
    "mds_transfusion_burden_iwg_2018",
    "modified_new_york",
    "pnh_response",
    "prca_response",
    "prednisone_equivalent",
    "qtc",
    "round_half_up",
    "sdai",
    "sdai_category",
    "unit_conversion",
}


def test_the_catalogue_is_complete() -> None:
    """Every item of the room is answered by the name that the vectors and the command line use."""
    mine = {name for name, function in ITEMS.items() if function.__module__.startswith("trialwright.clinical.")}

    assert mine == NAMES


def test_an_item_is_answered_by_its_function() -> None:
    """The name leads to the function, and the function gets the inputs by their names."""
    assert compute("cdai_category", {"cdai": 10}) == "low"
    assert compute("cdai_category", {"cdai": None}) == Missing("cdai is not given")
    assert str(compute("cdai_category", {"cdai": None})) == "missing: cdai is not given"


def test_what_is_asked_wrongly_is_refused_together() -> None:
    """An unknown item, an unknown input and an absent one are refused by name; what has a default may be absent."""
    with pytest.raises(InputError, match=r"there is no item 'cdia'; near it: cdai"):
        compute("cdia", {})
    with pytest.raises(
        InputError,
        match=r"^weight: no input of bmi, which asks height_cm, weight_kg; height_cm is not given; weight_kg is not ",
    ):
        compute("bmi", {"weight": 70})
    with pytest.raises(InputError, match=r"^height: no input of bmi, which asks height_cm, weight_kg$"):
        compute("bmi", {"height": 2, "height_cm": 170, "weight_kg": 70})
    with pytest.raises(InputError, match=r"^term is not given"):
        compute("ctcae_v5_grade", {"value": 1})
    assert compute("albumin_corrected_calcium", {"calcium_mg_per_dl": 9, "albumin_g_per_dl": 4}) == 9


def test_what_is_given_is_judged_also_where_something_is_absent() -> None:
    """An input out of its range is named beside the absent ones and the unknown ones, each with its limits."""
    with pytest.raises(InputError) as refused:
        compute("bmi", {"weight_kg": "heavy", "sex": "f", "age": 3})

    assert str(refused.value) == (
        "sex, age: no input of bmi, which asks height_cm, weight_kg; height_cm is not given; "
        "weight_kg must be a number, got 'heavy'"
    )


def test_an_unknown_name_is_shown_short_with_the_three_nearest() -> None:
    """Of a long name the first 80 characters are shown, of the near ones three, and where none is near nothing."""
    listed = "`trialwright compute --list` names all, with --protocols DIR"
    alike = ["basdai", "basdai2", "basdai3", "basdai4"]

    assert no_such_item("basda", alike) == f"there is no item 'basda'; near it: basdai, basdai4, basdai3; {listed}"
    assert no_such_item("x" * 81, alike) == f"there is no item '{'x' * 80}'; {listed}"


def test_an_item_that_names_its_own_inputs_refuses_them_itself() -> None:
    """The grading by CTCAE takes what its term asks and says what it asks."""
    with pytest.raises(InputError, match="colour is no input of ctcae_v5_grade; Anemia asks"):
        compute("ctcae_v5_grade", {"term": "Anemia", "colour": "red"})


def test_two_functions_cannot_answer_one_item() -> None:
    """A second function under a name is refused; the same one may be registered again."""
    registered = ITEMS["bmi"]

    with pytest.raises(ValueError, match="two functions answer the item 'bmi'"):
        item("bmi")(lambda: None)
    assert item("bmi")(registered) is registered
    assert ITEMS["bmi"] is registered
