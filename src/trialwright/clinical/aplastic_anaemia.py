"""Aplastic anaemia: severity by Camitta, response by the British and by the American rules; pure red-cell aplasia."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.clinical.three_valued import all_of, any_of, at_least, negate

Severity = Literal["SAA", "vSAA", "NSAA"]
Response = Literal["CR", "PR", "NR"]

SEVERITIES = ("SAA", "vSAA", "NSAA")
MANUAL_RETICULOCYTES = Decimal(20)
AUTOMATED_RETICULOCYTES = Decimal(60)
MOST_HB_G_PER_L = 300
MOST_ANC = 1000
MOST_PLATELETS = 10_000
MOST_RETICULOCYTES = 2000

_COUNTS = {
    "hb_g_per_l": MOST_HB_G_PER_L,
    "anc_x10_9_per_l": MOST_ANC,
    "platelets_x10_9_per_l": MOST_PLATELETS,
    "reticulocytes_x10_9_per_l": MOST_RETICULOCYTES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BloodCounts:
    """Counts of one visit; None where one is missing.

    Attributes:
        hb: Haemoglobin, g/L.
        anc: Neutrophils, 10⁹/L.
        platelets: Platelets, 10⁹/L.
        reticulocytes: Reticulocytes, 10⁹/L.
        transfusion_dependent: Whether transfusions are needed.
    """

    hb: Decimal | None
    anc: Decimal | None
    platelets: Decimal | None
    reticulocytes: Decimal | None
    transfusion_dependent: bool | None


def two_of_three_severe(
    anc: Decimal | None, platelets: Decimal | None, reticulocytes: Decimal | None, *, reticulocytes_below: Decimal
) -> bool | None:
    """Whether two of the three counts of Camitta are severe; None where a missing count decides.

    Args:
        anc: Neutrophils, 10⁹/L: severe below 0.5.
        platelets: Platelets, 10⁹/L: severe below 20.
        reticulocytes: Reticulocytes, 10⁹/L: severe below `reticulocytes_below`.
        reticulocytes_below: 20 for manual, 60 for automated counts, 10⁹/L.

    Example:
        >>> two_of_three_severe(Decimal("0.3"), None, Decimal(10), reticulocytes_below=Decimal(20))
        True

    Source: Camitta et al. 1976, Blood 48:63.
    """
    severe = (_below(anc, "0.5"), _below(platelets, "20"), _below(reticulocytes, reticulocytes_below))
    return at_least(2, severe)


@item("camitta_severity")
def camitta_severity(
    *,
    marrow_cellularity_pct: Number | None,
    residual_haematopoietic_cells_pct: Number | None,
    anc_x10_9_per_l: Number | None,
    platelets_x10_9_per_l: Number | None,
    reticulocytes_x10_9_per_l: Number | None,
    reticulocyte_threshold: Number | None = 20,
) -> Severity | Missing:
    """Grade aplastic anaemia as severe (SAA), very severe (vSAA) or not severe (NSAA).

    Severe: marrow below 25 % cellular, or 25 to 50 % with less than 30 % residual haematopoietic cells, and two of
    neutrophils below 0.5, platelets below 20 and reticulocytes below the threshold. Very severe: that and neutrophils
    below 0.2. The disease itself is taken as given. What is missing makes the grade missing only where it decides.

    Args:
        marrow_cellularity_pct: Cellularity of the marrow, %.
        residual_haematopoietic_cells_pct: Haematopoietic cells among those left, %.
        anc_x10_9_per_l: Neutrophils, 10⁹/L.
        platelets_x10_9_per_l: Platelets, 10⁹/L.
        reticulocytes_x10_9_per_l: Reticulocytes, 10⁹/L.
        reticulocyte_threshold: 20 for manual or 60 for automated counts, 10⁹/L: a choice of the protocol.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> camitta_severity(marrow_cellularity_pct=10, residual_haematopoietic_cells_pct=None,
        ...     anc_x10_9_per_l=Decimal("0.3"), platelets_x10_9_per_l=12, reticulocytes_x10_9_per_l=15)
        'SAA'

    Source: Camitta et al. 1976, Blood 48:63, and 1988; vSAA: Bacigalupo et al. 1988, Br J Haematol 70:177; 60 for
    automated counts: Kulasekararaj et al. 2024, Br J Haematol 204:784. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    cellular = read.number("marrow_cellularity_pct", marrow_cellularity_pct, 0, 100)
    residual = read.number("residual_haematopoietic_cells_pct", residual_haematopoietic_cells_pct, 0, 100)
    anc = read.number("anc_x10_9_per_l", anc_x10_9_per_l, 0, MOST_ANC)
    platelets = read.number("platelets_x10_9_per_l", platelets_x10_9_per_l, 0, MOST_PLATELETS)
    reticulocytes = read.number("reticulocytes_x10_9_per_l", reticulocytes_x10_9_per_l, 0, MOST_RETICULOCYTES)
    threshold = read.needed_number("reticulocyte_threshold", reticulocyte_threshold, 0, MOST_RETICULOCYTES)
    if not threshold.is_nan() and threshold not in {MANUAL_RETICULOCYTES, AUTOMATED_RETICULOCYTES}:
        read.fault(f"reticulocyte_threshold must be 20 or 60, got {threshold}")
    if missing := read.missing():
        return missing
    at_most_half = None if cellular is None else cellular <= 50
    empty = any_of([_below(cellular, "25"), all_of([at_most_half, _below(residual, "30")])])
    severe = all_of([empty, two_of_three_severe(anc, platelets, reticulocytes, reticulocytes_below=threshold)])
    very_severe = all_of([severe, _below(anc, "0.2")])
    if severe is False:
        return "NSAA"
    if severe is None or very_severe is None:
        return Missing("a marrow finding or a count that decides is not given")
    return "vSAA" if very_severe else "SAA"


@item("aplastic_anaemia_response_bsh")
def aplastic_anaemia_response_bsh(
    *,
    baseline_severity: Severity | None,
    baseline: Mapping[str, Any] | None,
    followup: Mapping[str, Any] | None,
    confirmed_4_weeks: bool | None,
) -> Response | Missing:
    """Judge the response of aplastic anaemia by the British rules: complete, partial or none.

    Which set of rules judges a response, these or the American ones, is a choice of the protocol.

    Complete: no transfusions, haemoglobin normal for age and sex, neutrophils above 1.5 and platelets above 150.
    Partial, if it was severe: no transfusions and no longer severe. Partial, if it was not: no transfusions any more;
    or haemoglobin, neutrophils or platelets doubled or become normal; or haemoglobin more than 30 g/L higher from below
    60, neutrophils above 0.5 from below, or platelets above 20 from below. A response that two counts 4 weeks apart do
    not confirm is none: a choice. Reticulocytes are severe below 20: a choice. What is missing makes the response
    missing only where it decides.

    Args:
        baseline_severity: `SAA`, `vSAA` or `NSAA` before treatment.
        baseline: Before treatment: `hb_g_per_l`; `anc_x10_9_per_l`, `platelets_x10_9_per_l` and
            `reticulocytes_x10_9_per_l`, 10⁹/L; `transfusion_dependent`.
        followup: The same now, and `hb_lower_limit_normal_g_per_l`, the lower limit of normal for age and sex.
        confirmed_4_weeks: Whether two counts at least 4 weeks apart, without growth factors, agree.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> before = {"hb_g_per_l": 62, "anc_x10_9_per_l": Decimal("0.3"), "platelets_x10_9_per_l": 10,
        ...     "reticulocytes_x10_9_per_l": 12, "transfusion_dependent": True}
        >>> now = {"hb_g_per_l": 95, "anc_x10_9_per_l": Decimal("0.8"), "platelets_x10_9_per_l": 35,
        ...     "reticulocytes_x10_9_per_l": 40, "transfusion_dependent": False, "hb_lower_limit_normal_g_per_l": 130}
        >>> aplastic_anaemia_response_bsh(baseline_severity="SAA", baseline=before, followup=now,
        ...     confirmed_4_weeks=True)
        'PR'

    Source: Camitta 2000, Acta Haematol 103:16; Marsh et al. 2009 and Killick et al. 2016 (BSH). The wording is
    UNVERIFIED, from memory. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    severity = read.needed_choice("baseline_severity", baseline_severity, SEVERITIES)
    given = read.group("followup", followup, (*_COUNTS, "transfusion_dependent", "hb_lower_limit_normal_g_per_l"))
    before = _counts(read, "baseline", read.group("baseline", baseline, (*_COUNTS, "transfusion_dependent")))
    now = _counts(read, "followup", given)
    limit = read.number(
        "followup.hb_lower_limit_normal_g_per_l", given.get("hb_lower_limit_normal_g_per_l"), 0, MOST_HB_G_PER_L
    )
    confirmed = read.flag("confirmed_4_weeks", confirmed_4_weeks)
    if missing := read.missing():
        return missing
    free = negate(now.transfusion_dependent)
    complete = all_of([free, *_normal(now, limit)])
    if severity == "NSAA":
        partial = _improved_if_not_severe(before, now, limit)
    else:
        partial = all_of([free, negate(_severe(now, MANUAL_RETICULOCYTES))])
    return _response(complete, all_of([any_of([complete, partial]), confirmed]))


@item("aplastic_anaemia_response_nih")
def aplastic_anaemia_response_nih(
    *,
    hb_g_per_l: Number | None,
    anc_x10_9_per_l: Number | None,
    platelets_x10_9_per_l: Number | None,
    reticulocytes_x10_9_per_l: Number | None,
    transfusion_dependent: bool | None,
    strictly_above: bool | None = False,
) -> Response | Missing:
    """Judge the response of aplastic anaemia by the American rules: complete, partial or none.

    Which set of rules judges a response, these or the British ones, is a choice of the protocol.

    Complete: no transfusions, haemoglobin at least 100 g/L, neutrophils at least 1.0 and platelets at least 100.
    Partial: no transfusions and no longer severe, with reticulocytes severe below 60. What is missing makes the
    response missing only where it decides.

    Args:
        hb_g_per_l: Haemoglobin, g/L.
        anc_x10_9_per_l: Neutrophils, 10⁹/L.
        platelets_x10_9_per_l: Platelets, 10⁹/L.
        reticulocytes_x10_9_per_l: Reticulocytes, 10⁹/L.
        transfusion_dependent: Whether transfusions are needed.
        strictly_above: Whether a complete response asks for counts above the three limits, as the trial of 2022 prints,
            and not at them: a choice of the protocol.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> aplastic_anaemia_response_nih(hb_g_per_l=105, anc_x10_9_per_l=Decimal("1.2"), platelets_x10_9_per_l=110,
        ...     reticulocytes_x10_9_per_l=80, transfusion_dependent=False)
        'CR'

    Source: Townsley et al. 2017, N Engl J Med 376:1540; Peffault de Latour et al. 2022, N Engl J Med 386:11. The
    wording is UNVERIFIED, from memory. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    given = {
        "hb_g_per_l": hb_g_per_l,
        "anc_x10_9_per_l": anc_x10_9_per_l,
        "platelets_x10_9_per_l": platelets_x10_9_per_l,
        "reticulocytes_x10_9_per_l": reticulocytes_x10_9_per_l,
        "transfusion_dependent": transfusion_dependent,
    }
    now = _counts(read, "", given)
    strict = read.needed_flag("strictly_above", strictly_above)
    if missing := read.missing():
        return missing
    free = negate(now.transfusion_dependent)
    limits = ((now.hb, Decimal(100)), (now.anc, Decimal(1)), (now.platelets, Decimal(100)))
    reached = [_above(count, limit) if strict else _at_least(count, limit) for count, limit in limits]
    complete = all_of([free, *reached])
    partial = all_of([free, negate(_severe(now, AUTOMATED_RETICULOCYTES))])
    return _response(complete, partial)


@item("prca_response")
def prca_response(
    *,
    hb_g_per_l: Number | None,
    hb_lower_limit_normal_g_per_l: Number | None,
    red_cell_transfusion_last_8_weeks: bool | None,
    transfusion_dependent_at_baseline: bool | None,
) -> Response | Missing:
    """Judge the response of pure red-cell aplasia: complete, partial or none.

    Complete: normal haemoglobin without transfusion; partial: anaemia without transfusion; none: transfused. There are
    no international criteria; this working rule is a choice, which a protocol must confirm. A transfusion in the last
    8 weeks is no response, whatever is missing.

    Args:
        hb_g_per_l: Haemoglobin, g/L.
        hb_lower_limit_normal_g_per_l: Its lower limit of normal for age and sex, g/L; at the limit it is normal.
        red_cell_transfusion_last_8_weeks: Whether red cells were given.
        transfusion_dependent_at_baseline: Whether transfusions were needed before treatment; the rule does not use it.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> prca_response(hb_g_per_l=118, hb_lower_limit_normal_g_per_l=130, red_cell_transfusion_last_8_weeks=False,
        ...     transfusion_dependent_at_baseline=True)
        'PR'

    Source: after Sawada et al. 2007, Haematologica 92:1021, and Hirokawa et al. 2015; thresholds UNVERIFIED. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    hb = read.number("hb_g_per_l", hb_g_per_l, 0, MOST_HB_G_PER_L)
    limit = read.number("hb_lower_limit_normal_g_per_l", hb_lower_limit_normal_g_per_l, 0, MOST_HB_G_PER_L)
    free = negate(read.flag("red_cell_transfusion_last_8_weeks", red_cell_transfusion_last_8_weeks))
    read.flag("transfusion_dependent_at_baseline", transfusion_dependent_at_baseline)
    read.refuse()
    return _response(all_of([free, _at_least(hb, limit)]), free)


def _counts(read: Inputs, visit: str, given: Mapping[str, Any]) -> BloodCounts:
    """Read the counts of one visit."""
    prefix = f"{visit}." if visit else ""
    hb, anc, platelets, reticulocytes = (
        read.number(f"{prefix}{name}", given.get(name), 0, most) for name, most in _COUNTS.items()
    )
    return BloodCounts(
        hb=hb,
        anc=anc,
        platelets=platelets,
        reticulocytes=reticulocytes,
        transfusion_dependent=read.flag(f"{prefix}transfusion_dependent", given.get("transfusion_dependent")),
    )


def _severe(counts: BloodCounts, reticulocytes_below: Decimal) -> bool | None:
    return two_of_three_severe(
        counts.anc, counts.platelets, counts.reticulocytes, reticulocytes_below=reticulocytes_below
    )


def _normal(counts: BloodCounts, hb_limit: Decimal | None) -> tuple[bool | None, ...]:
    """Whether haemoglobin, neutrophils and platelets are each normal."""
    return (
        _at_least(counts.hb, hb_limit),
        _above(counts.anc, Decimal("1.5")),
        _above(counts.platelets, Decimal(150)),
    )


def _improved_if_not_severe(before: BloodCounts, now: BloodCounts, hb_limit: Decimal | None) -> bool | None:
    """Whether aplastic anaemia that was not severe has partly responded."""
    lines = ((before.hb, now.hb), (before.anc, now.anc), (before.platelets, now.platelets))
    normalised = [
        all_of([negate(was), is_now])
        for was, is_now in zip(_normal(before, hb_limit), _normal(now, hb_limit), strict=True)
    ]
    risen = None if before.hb is None or now.hb is None else now.hb - before.hb > 30
    return any_of(
        [
            all_of([before.transfusion_dependent, negate(now.transfusion_dependent)]),
            *normalised,
            *(_doubled(was, is_now) for was, is_now in lines),
            all_of([_below(before.hb, "60"), risen]),
            all_of([_below(before.anc, "0.5"), _above(now.anc, Decimal("0.5"))]),
            all_of([_below(before.platelets, "20"), _above(now.platelets, Decimal(20))]),
        ]
    )


def _doubled(before: Decimal | None, now: Decimal | None) -> bool | None:
    """Whether a count is at least twice what it was; what was 0 cannot double."""
    if before == 0:
        return False
    return None if before is None or now is None else now >= 2 * before


def _response(complete: bool | None, at_least_partial: bool | None) -> Response | Missing:
    if at_least_partial is False:
        return "NR"
    if complete is None or at_least_partial is None:
        return Missing("a count or a transfusion that decides is not given")
    return "CR" if complete else "PR"


def _below(value: Decimal | None, limit: str | Decimal) -> bool | None:
    return None if value is None else value < Decimal(limit)


def _above(value: Decimal | None, limit: Decimal) -> bool | None:
    return None if value is None else value > limit


def _at_least(value: Decimal | None, limit: Decimal | None) -> bool | None:
    return None if value is None or limit is None else value >= limit
