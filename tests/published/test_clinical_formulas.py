"""The published vectors of the formulas, instruments and response criteria of the clinical room."""

import json
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import trialwright.clinical  # noqa: F401  # fills the catalogue
from trialwright.clinical.item import Missing, compute

ITEMS = (
    "das28_esr_4v",
    "das28_esr_3v",
    "das28_crp_4v",
    "das28_crp_3v",
    "das28_activity_category",
    "eular_response",
    "sdai",
    "cdai",
    "sdai_category",
    "cdai_category",
    "acr_response",
    "haq_di",
    "acr_eular_boolean_remission",
    "acr_eular_2010_ra_classification",
    "joint_counts",
    "basdai",
    "basfi",
    "basmi_linear",
    "basmi_2step",
    "basmi_10step",
    "asdas_crp",
    "asdas_esr",
    "asdas_state",
    "asdas_change",
    "asas20",
    "asas40",
    "asas_5_of_6",
    "asas_partial_remission",
    "modified_new_york",
    "asas_axspa_classification",
    "camitta_severity",
    "aplastic_anaemia_response_bsh",
    "aplastic_anaemia_response_nih",
    "prca_response",
    "mds_hi_iwg_2006",
    "mds_transfusion_burden_iwg_2018",
    "mds_hi_e_iwg_2018",
    "mds_response_iwg_2023",
    "pnh_response",
    "cockcroft_gault_mg_dl",
    "cockcroft_gault_umol",
    "cockcroft_gault_umol_rounded_constants",
    "mdrd_4v",
    "ckd_epi_2009",
    "ckd_epi_2021",
    "unit_conversion",
    "albumin_corrected_calcium",
    "prednisone_equivalent",
    "bmi",
    "bsa_mosteller",
    "bsa_du_bois",
    "ideal_body_weight_devine",
    "cell_dose_volume",
    "qtc",
    "round_half_up",
)


@cache
def vectors(folder: Path) -> tuple[dict[str, Any], ...]:
    """All published vectors; numbers as exact decimals."""
    lines = (folder / "vectors/clinical.jsonl").read_text().splitlines()
    return tuple(json.loads(line, parse_float=Decimal) for line in lines)


def plain(found: Any) -> Any:
    """Turn a result into what its vector expects: mappings, lists, numbers, null for what is missing."""
    if isinstance(found, Missing):
        return None
    if is_dataclass(found):
        return plain(asdict(found))
    if isinstance(found, dict):
        return {name: plain(part) for name, part in found.items()}
    return [plain(part) for part in found] if isinstance(found, list | tuple) else found


def agree(found: Any, expected: Any, tolerance: dict[str, Decimal] | None) -> bool:
    """Whether a result equals its vector: numbers within the tolerance, all else exactly."""
    if isinstance(expected, dict):
        same = isinstance(found, dict) and found.keys() == expected.keys()
        return same and all(agree(found[name], expected[name], tolerance) for name in expected)
    if isinstance(expected, list):
        pairs = zip(found, expected, strict=True)
        return isinstance(found, list) and all(agree(one, other, tolerance) for one, other in pairs)
    if tolerance is None or isinstance(expected, bool | str | None):
        return found == expected and isinstance(found, bool) == isinstance(expected, bool)
    margin = max(tolerance.get("abs", 0), tolerance.get("rel", 0) * abs(Decimal(expected)))
    return isinstance(found, Decimal | int) and abs(found - Decimal(expected)) <= margin


@pytest.mark.parametrize("name", ITEMS)
def test_every_published_vector_is_met(shared: Path, name: str) -> None:
    """The result of an item equals every published vector within its tolerance."""
    mine = [vector for vector in vectors(shared) if vector["item"] == name]

    wrong = []
    for vector in mine:
        found = plain(compute(name, vector["inputs"]))
        if not agree(found, vector["expected"], vector["tolerance"]):
            wrong.append((vector["id"], found, vector["expected"]))

    assert mine
    assert wrong == []
