"""Serum calcium corrected for albumin."""

from __future__ import annotations

from decimal import Decimal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item


@item("albumin_corrected_calcium")
def albumin_corrected_calcium(
    *,
    calcium_mg_per_dl: Number | None = None,
    albumin_g_per_dl: Number | None = None,
    calcium_mmol_per_l: Number | None = None,
    albumin_g_per_l: Number | None = None,
) -> Decimal | Missing:
    """Correct calcium for albumin, in the unit in which calcium is given.

    Calcium + 0.8 (4 - albumin) in mg/dL and g/dL, or calcium + 0.02 (40 - albumin) in mmol/L and g/L.

    Args:
        calcium_mg_per_dl: Total calcium, mg/dL, 0 to 40; then albumin is given in g/dL.
        albumin_g_per_dl: Albumin, g/dL, 0 to 10.
        calcium_mmol_per_l: Total calcium, mmol/L, 0 to 10; then albumin is given in g/L.
        albumin_g_per_l: Albumin, g/L, 0 to 100.

    Raises:
        InputError: Naming every input that is out of its range, or that the two systems of units are mixed.

    Example:
        >>> str(albumin_corrected_calcium(calcium_mmol_per_l=Decimal("2.05"), albumin_g_per_l=28))
        '2.29'

    Source: Payne et al. 1973, BMJ 4:643. Checked in tests/published/test_clinical_formulas.py.
    """
    conventional = (calcium_mg_per_dl, albumin_g_per_dl)
    molar = (calcium_mmol_per_l, albumin_g_per_l)
    read = Inputs()
    if conventional != (None, None) and molar != (None, None):
        read.fault("give calcium_mg_per_dl with albumin_g_per_dl, or calcium_mmol_per_l with albumin_g_per_l, not both")
    if molar == (None, None):
        calcium = read.needed_number("calcium_mg_per_dl", calcium_mg_per_dl, 0, 40)
        albumin = read.needed_number("albumin_g_per_dl", albumin_g_per_dl, 0, 10)
        return read.missing() or calcium + Decimal("0.8") * (4 - albumin)
    calcium = read.needed_number("calcium_mmol_per_l", calcium_mmol_per_l, 0, 10)
    albumin = read.needed_number("albumin_g_per_l", albumin_g_per_l, 0, 100)
    return read.missing() or calcium + Decimal("0.02") * (40 - albumin)
