"""Haematological response of paroxysmal nocturnal haemoglobinuria."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from trialwright.clinical.aplastic_anaemia import MOST_HB_G_PER_L, MOST_RETICULOCYTES
from trialwright.clinical.body import SEXES, Sex
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

PnhResponse = Literal["complete", "major", "good", "partial", "minor", "none"]

DEGREES: tuple[PnhResponse, ...] = ("complete", "major", "good", "partial", "minor", "none")
_MOST_UNITS = 200
_NORMAL_HB_G_PER_L = {"M": 130, "F": 120}


@item("pnh_response")
def pnh_response(
    *,
    sex: Sex | None,
    hb_g_per_l: Number | None,
    rbc_units_last_6_months: int | None,
    ldh_x_uln: Number | None,
    reticulocytes_x10_9_per_l: Number | None,
    breakthrough_haemolysis: Literal["none", "subclinical", "clinical"] | None,
    rbc_units_6_months_before_treatment: int | None,
) -> PnhResponse | Missing:
    """Judge the haematological response in six degrees.

    Complete: no red cells given, haemoglobin at least 130 (men) or 120 g/L (women), lactate dehydrogenase at most 1.5
    times the upper limit, reticulocytes at most 150, no breakthrough haemolysis. Major: the same with one of the last
    three not met. Good: no red cells, haemoglobin at least 100. Partial: at most 2 units in 6 months and at least 80.
    Minor: at most 2 units and below 80, or 3 to 6 units, or at least half fewer than before treatment. None: else. With
    clinical breakthrough haemolysis the degree that the laboratory gives is one lower. Where the printed table is
    silent (red cells given with haemoglobin of 100 or more) the units decide: choices.

    Args:
        sex: `M` or `F`.
        hb_g_per_l: Haemoglobin, g/L.
        rbc_units_last_6_months: Red-cell units in the last 6 months.
        ldh_x_uln: Lactate dehydrogenase, multiples of the upper limit of normal.
        reticulocytes_x10_9_per_l: Reticulocytes, 10⁹/L.
        breakthrough_haemolysis: `none`, `subclinical` or `clinical`.
        rbc_units_6_months_before_treatment: Red-cell units in the 6 months before treatment; None where unknown, and
            then no reduction is credited.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> pnh_response(sex="M", hb_g_per_l=125, rbc_units_last_6_months=0, ldh_x_uln=Decimal("1.2"),
        ...     reticulocytes_x10_9_per_l=120, breakthrough_haemolysis="none",
        ...     rbc_units_6_months_before_treatment=None)
        'good'

    Source: Risitano et al. 2021, Br J Haematol 196:288, table I. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    known_sex = read.needed_choice("sex", sex, SEXES)
    hb = read.needed_number("hb_g_per_l", hb_g_per_l, 0, MOST_HB_G_PER_L)
    units = read.needed_whole("rbc_units_last_6_months", rbc_units_last_6_months, 0, _MOST_UNITS)
    ldh = read.needed_number("ldh_x_uln", ldh_x_uln, 0, 100)
    reticulocytes = read.needed_number("reticulocytes_x10_9_per_l", reticulocytes_x10_9_per_l, 0, MOST_RETICULOCYTES)
    breakthrough = read.needed_choice(
        "breakthrough_haemolysis", breakthrough_haemolysis, ("none", "subclinical", "clinical")
    )
    before = read.whole("rbc_units_6_months_before_treatment", rbc_units_6_months_before_treatment, 0, _MOST_UNITS)
    if missing := read.missing():
        return missing
    if units == 0 and hb >= _NORMAL_HB_G_PER_L[known_sex]:
        quiet = ldh <= Decimal("1.5") and reticulocytes <= 150 and breakthrough != "subclinical"
        degree = DEGREES[0 if quiet else 1]
    else:
        degree = _degree_below_normal(hb, units, before)
    return DEGREES[min(DEGREES.index(degree) + (breakthrough == "clinical"), len(DEGREES) - 1)]


def _degree_below_normal(hb: Decimal, units: int, units_before: int | None) -> PnhResponse:
    """Judge a response with low haemoglobin or with transfusions."""
    if units == 0 and hb >= 100:
        return "good"
    if units <= 2 and hb >= 80:
        return "partial"
    halved = units_before is not None and 2 * units <= units_before
    return "minor" if units <= 6 or halved else "none"
