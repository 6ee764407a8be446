"""Myelodysplastic syndromes: haematological improvement (IWG 2006, 2018), transfusion burden, response (IWG 2023)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.clinical.three_valued import all_of, any_of

Burden = Literal["NTD", "LTB", "HTB", "unclassified"]
Improvement = Literal["response", "major", "minor", "no_response"]
Response2023 = Literal[
    "CR", "CRbi", "CRuni", "CRh", "CR equivalent", "PR", "no_objective_marrow_response", "not_evaluable_for_CR_PR"
]

LINEAGES = ("erythroid", "platelet", "neutrophil")
BURDENS = ("NTD", "LTB", "HTB", "unclassified")
_MOST_HB_G_PER_DL = 30
_MOST_COUNT = 10_000
_MOST_UNITS = 200
_MOST_WEEKS = 1000
_WEEKS_OF_IMPROVEMENT = 8
_WEEKS_OF_MINOR = 16


@item("mds_hi_iwg_2006")
def haematological_improvement_2006(
    *,
    lineage: Literal["erythroid", "platelet", "neutrophil"] | None,
    duration_weeks: Number | None,
    hb_baseline_g_per_dl: Number | None = None,
    hb_followup_g_per_dl: Number | None = None,
    rbc_units_prior_8_weeks: Number | None = None,
    rbc_units_followup_8_weeks: Number | None = None,
    platelets_baseline_x10_9_per_l: Number | None = None,
    platelets_followup_x10_9_per_l: Number | None = None,
    anc_baseline_x10_9_per_l: Number | None = None,
    anc_followup_x10_9_per_l: Number | None = None,
) -> bool | Missing:
    """Say whether a cell line improved by the criteria of 2006, for at least 8 weeks.

    Erythroid, from haemoglobin below 11 g/dL: at least 1.5 g/dL more, or at least 4 red-cell units fewer in 8 weeks.
    Platelets, from below 100: at least 30 more, or from below 20 to above 20 and at least doubled. Neutrophils, from
    below 1.0: at least doubled and more than 0.5 more. Platelets of exactly 20, of which the table is silent, need 30
    more: a choice. Platelets or neutrophils above their limit before treatment cannot be assessed. Units that are not
    given are no transfusions.

    Args:
        lineage: `erythroid`, `platelet` or `neutrophil`; only its figures are used.
        duration_weeks: How long the improvement has lasted, weeks.
        hb_baseline_g_per_dl: Haemoglobin before treatment, g/dL.
        hb_followup_g_per_dl: Haemoglobin now, g/dL.
        rbc_units_prior_8_weeks: Red-cell units in the 8 weeks before treatment, those given for 9 g/dL or less.
        rbc_units_followup_8_weeks: The same in the last 8 weeks.
        platelets_baseline_x10_9_per_l: Platelets before treatment, 10⁹/L.
        platelets_followup_x10_9_per_l: Platelets now, 10⁹/L.
        anc_baseline_x10_9_per_l: Neutrophils before treatment, 10⁹/L.
        anc_followup_x10_9_per_l: Neutrophils now, 10⁹/L.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> haematological_improvement_2006(lineage="platelet", duration_weeks=8, platelets_baseline_x10_9_per_l=40,
        ...     platelets_followup_x10_9_per_l=70)
        True

    Source: Cheson et al. 2006, Blood 108:419. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    line = read.needed_choice("lineage", lineage, LINEAGES)
    weeks = read.needed_number("duration_weeks", duration_weeks, 0, _MOST_WEEKS)
    hb = _before_and_now(read, "hb", "g_per_dl", hb_baseline_g_per_dl, hb_followup_g_per_dl)
    prior = read.whole("rbc_units_prior_8_weeks", rbc_units_prior_8_weeks, 0, _MOST_UNITS)
    recent = read.whole("rbc_units_followup_8_weeks", rbc_units_followup_8_weeks, 0, _MOST_UNITS)
    platelets = _before_and_now(
        read, "platelets", "x10_9_per_l", platelets_baseline_x10_9_per_l, platelets_followup_x10_9_per_l
    )
    anc = _before_and_now(read, "anc", "x10_9_per_l", anc_baseline_x10_9_per_l, anc_followup_x10_9_per_l)
    if missing := read.missing():
        return missing
    if line == "erythroid":
        improved = _erythroid(*hb, prior, recent)
    elif line == "platelet":
        improved = _more_platelets(*platelets)
    else:
        improved = _more_neutrophils(*anc)
    return improved if isinstance(improved, Missing) else improved and weeks >= _WEEKS_OF_IMPROVEMENT


def _before_and_now(
    read: Inputs, count: str, unit: str, before: Number | None, now: Number | None
) -> tuple[Decimal | None, Decimal | None]:
    most = _MOST_HB_G_PER_DL if count == "hb" else _MOST_COUNT
    return (
        read.number(f"{count}_baseline_{unit}", before, 0, most),
        read.number(f"{count}_followup_{unit}", now, 0, most),
    )


def _erythroid(
    before: Decimal | None, now: Decimal | None, prior_units: int | None, recent_units: int | None
) -> bool | Missing:
    """Whether haemoglobin or the need for red cells improved."""
    risen = None if before is None or now is None else now - before >= Decimal("1.5")
    fewer = False if prior_units is None and recent_units is None else None
    if prior_units is not None and recent_units is not None:
        fewer = prior_units - recent_units >= 4
    state = all_of([None if before is None else before < 11, any_of([risen, fewer])])
    return Missing("a haemoglobin or a count of units that decides is not given") if state is None else state


def _more_platelets(before: Decimal | None, now: Decimal | None) -> bool | Missing:
    """Whether platelets improved."""
    if before is not None and before >= 100:
        return Missing("platelets of 100 or more before treatment cannot be assessed")
    if before is None or now is None:
        return Missing("platelets before treatment and now are needed")
    return now > 20 and now >= 2 * before if before < 20 else now - before >= 30


def _more_neutrophils(before: Decimal | None, now: Decimal | None) -> bool | Missing:
    """Whether neutrophils improved."""
    if before is not None and before >= 1:
        return Missing("neutrophils of 1.0 or more before treatment cannot be assessed")
    if before is None or now is None:
        return Missing("neutrophils before treatment and now are needed")
    return now >= 2 * before and now - before > Decimal("0.5")


@item("mds_transfusion_burden_iwg_2018")
def transfusion_burden_2018(
    *,
    rbc_units_16_weeks_pre: int | None,
    max_rbc_units_in_any_8_weeks: int | None,
    transfusion_episodes: int | None,
) -> Burden | Missing:
    """Class the need for red cells in the 16 weeks before treatment.

    Not dependent (NTD): none. Low burden (LTB): 3 to 7 units in at least 2 episodes, at most 3 in 8 weeks. High burden
    (HTB): at least 8 units, and at least 4 in 8 weeks. The printed table leaves the rest, such as 1 or 2 units, without
    a class, and so does this: a choice; a protocol may close the gaps.

    Args:
        rbc_units_16_weeks_pre: Red-cell units in 16 weeks.
        max_rbc_units_in_any_8_weeks: The most of them within 8 weeks.
        transfusion_episodes: On how many occasions they were given.

    Raises:
        InputError: Naming every input that is out of its range, or more than the units together.

    Example:
        >>> transfusion_burden_2018(rbc_units_16_weeks_pre=5, max_rbc_units_in_any_8_weeks=3, transfusion_episodes=4)
        'LTB'

    Source: Platzbecker et al. 2019, Blood 133:1020, table 2. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    units = read.needed_whole("rbc_units_16_weeks_pre", rbc_units_16_weeks_pre, 0, _MOST_UNITS)
    most = read.needed_whole("max_rbc_units_in_any_8_weeks", max_rbc_units_in_any_8_weeks, 0, _MOST_UNITS)
    episodes = read.needed_whole("transfusion_episodes", transfusion_episodes, 0, _MOST_UNITS)
    if missing := read.missing():
        return missing
    for name, part in (("max_rbc_units_in_any_8_weeks", most), ("transfusion_episodes", episodes)):
        if part > units:
            read.fault(f"{name} is {part}, more than rbc_units_16_weeks_pre, {units}")
    read.refuse()
    if units == 0:
        return "NTD"
    if 3 <= units <= 7 and most <= 3 and episodes >= 2:
        return "LTB"
    return "HTB" if units >= 8 and most >= 4 else "unclassified"


@item("mds_hi_e_iwg_2018")
def erythroid_improvement_2018(
    *,
    burden: Burden | None,
    baseline_lowest_mean_hb_g_per_dl: Number | None = None,
    post_hb_g_per_dl: list[list[Number | None]] | None = None,
    observation_weeks: Number | None = None,
    post_transfusion_weeks: list[Number] | None = None,
    rbc_units_16_weeks_pre: int | None = None,
    rbc_units_16_weeks_post: int | None = None,
) -> Improvement | Missing:
    """Say whether the erythroid line improved by the criteria of 2018, for the burden of transfusions before.

    Not dependent: two or more successive haemoglobins, over at least 8 weeks, at least 1.5 g/dL above baseline. Low
    burden: no transfusion for at least 8 weeks. High burden: the same is a major response; else at least half the units
    fewer over at least 16 weeks is a minor one. Weeks without transfusion are counted between transfusions, and to the
    ends of the observation: a choice.

    Args:
        burden: `NTD`, `LTB`, `HTB`, or `unclassified`, for which the criteria name no response.
        baseline_lowest_mean_hb_g_per_dl: The lowest mean of two haemoglobins before treatment, g/dL.
        post_hb_g_per_dl: Pairs of week and haemoglobin, g/dL, in the order of their weeks.
        observation_weeks: How long the subject was observed, weeks.
        post_transfusion_weeks: Weeks in which red cells were given, counted from the start of treatment.
        rbc_units_16_weeks_pre: Red-cell units in the 16 weeks before treatment.
        rbc_units_16_weeks_post: Red-cell units in 16 weeks on treatment.

    Raises:
        InputError: Naming every input that is out of its range, and weeks that do not increase or lie after the end.

    Example:
        >>> erythroid_improvement_2018(burden="NTD", baseline_lowest_mean_hb_g_per_dl=Decimal("8.4"),
        ...     post_hb_g_per_dl=[[4, Decimal("9.2")], [8, Decimal("9.9")], [16, 10]])
        'response'

    Source: Platzbecker et al. 2019, Blood 133:1020, table 2. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    known = read.needed_choice("burden", burden, BURDENS)
    baseline = read.number("baseline_lowest_mean_hb_g_per_dl", baseline_lowest_mean_hb_g_per_dl, 0, _MOST_HB_G_PER_DL)
    course = _haemoglobins(read, post_hb_g_per_dl)
    observed = read.number("observation_weeks", observation_weeks, 0, _MOST_WEEKS)
    given = _transfusions(read, post_transfusion_weeks, observed)
    before = read.whole("rbc_units_16_weeks_pre", rbc_units_16_weeks_pre, 0, _MOST_UNITS)
    after = read.whole("rbc_units_16_weeks_post", rbc_units_16_weeks_post, 0, _MOST_UNITS)
    if missing := read.missing():
        return missing
    if known == "unclassified":
        return Missing("the criteria of 2018 name no response for a burden without a class")
    if known == "NTD":
        if baseline is None or course is None:
            return Missing("baseline_lowest_mean_hb_g_per_dl and post_hb_g_per_dl are needed")
        return "response" if _lasting_rise(baseline, course) else "no_response"
    if observed is None or given is None:
        return Missing("observation_weeks and post_transfusion_weeks are needed")
    if _longest_without(given, observed) >= _WEEKS_OF_IMPROVEMENT:
        return "response" if known == "LTB" else "major"
    if known == "LTB" or observed < _WEEKS_OF_MINOR:
        return "no_response"
    if before is None or after is None:
        return Missing("rbc_units_16_weeks_pre and rbc_units_16_weeks_post are needed")
    return "minor" if 2 * after <= before else "no_response"


def _haemoglobins(read: Inputs, value: Any) -> list[tuple[Decimal, Decimal]] | None:
    """Read weeks and haemoglobins, each later than the one before."""
    if value is None:
        return None
    course = []
    for index, pair in enumerate(read.listed("post_hb_g_per_dl", value)):
        name = f"post_hb_g_per_dl[{index}]"
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            read.fault(f"{name} must be a week and a haemoglobin")
            continue
        week = read.needed_number(f"{name}[0]", pair[0], 0, _MOST_WEEKS)
        course.append((week, read.needed_number(f"{name}[1]", pair[1], 0, _MOST_HB_G_PER_DL)))
    _refuse_disorder(read, "post_hb_g_per_dl", [week for week, _ in course])
    return course


def _lasting_rise(baseline: Decimal, course: Sequence[tuple[Decimal, Decimal]]) -> bool:
    """Whether successive haemoglobins stayed 1.5 g/dL above baseline for 8 weeks."""
    since: Decimal | None = None
    for week, hb in course:
        if hb - baseline < Decimal("1.5"):
            since = None
            continue
        since = week if since is None else since
        if week - since >= _WEEKS_OF_IMPROVEMENT:
            return True
    return False


def _transfusions(read: Inputs, value: Any, observed: Decimal | None) -> list[Decimal] | None:
    """Read the weeks of transfusions, each later than the one before and none after the observation."""
    if value is None:
        return None
    weeks = [
        read.needed_number(f"post_transfusion_weeks[{index}]", week, 0, _MOST_WEEKS)
        for index, week in enumerate(read.listed("post_transfusion_weeks", value))
    ]
    _refuse_disorder(read, "post_transfusion_weeks", weeks)
    if observed is not None and any(week > observed for week in weeks if not week.is_nan()):
        read.fault(f"post_transfusion_weeks has a week after observation_weeks, {observed}")
    return weeks


def _longest_without(transfusions: Sequence[Decimal], observed: Decimal) -> Decimal:
    """Find the longest time without a transfusion, in weeks."""
    return max(later - sooner for sooner, later in pairwise((Decimal(0), *transfusions, observed)))


def _refuse_disorder(read: Inputs, name: str, weeks: Sequence[Decimal]) -> None:
    known = [week for week in weeks if not week.is_nan()]
    if any(later <= sooner for sooner, later in pairwise(known)):
        read.fault(f"{name} must be in the order of its weeks, each week once")


@item("mds_response_iwg_2023")
def response_2023(
    *,
    bm_blasts_baseline_pct: Number | None,
    bm_blasts_pct: Number | None,
    hb_g_per_dl: Number | None,
    platelets_x10_9_per_l: Number | None,
    anc_x10_9_per_l: Number | None,
    peripheral_blasts_pct: Number | None,
    baseline_cytogenetic_abnormality: bool | None = None,
    cytogenetics_cleared: bool | None = None,
) -> Response2023 | Missing:
    """Name the response of the marrow by the criteria of 2023.

    With fewer than 5 % blasts in the marrow and none in the blood, by how many of haemoglobin at least 10 g/dL,
    platelets at least 100 and neutrophils at least 1.0 are met: all, CR; two, CRbi; one, CRuni; none, but platelets at
    least 50 and neutrophils at least 0.5, CRh. With all three met, blasts at least halved but not below 5 %: PR. From
    fewer than 5 % blasts, neither can be judged; with all three met and a cytogenetic abnormality cleared it is a CR
    equivalent, and an abnormality or a clearance that is not given is none.

    Args:
        bm_blasts_baseline_pct: Blasts in the marrow before treatment, %.
        bm_blasts_pct: Blasts in the marrow now, %.
        hb_g_per_dl: Haemoglobin, g/dL.
        platelets_x10_9_per_l: Platelets, 10⁹/L.
        anc_x10_9_per_l: Neutrophils, 10⁹/L.
        peripheral_blasts_pct: Blasts in the blood, %.
        baseline_cytogenetic_abnormality: Whether there was one before treatment.
        cytogenetics_cleared: Whether it is gone.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> response_2023(bm_blasts_baseline_pct=9, bm_blasts_pct=2, hb_g_per_dl=Decimal("10.4"),
        ...     platelets_x10_9_per_l=120, anc_x10_9_per_l=Decimal("0.5"), peripheral_blasts_pct=0)
        'CRbi'

    Source: Zeidan et al. 2023, Blood 141:2047, tables 2 and 4. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    before = read.needed_number("bm_blasts_baseline_pct", bm_blasts_baseline_pct, 0, 100)
    blasts = read.needed_number("bm_blasts_pct", bm_blasts_pct, 0, 100)
    hb = read.needed_number("hb_g_per_dl", hb_g_per_dl, 0, _MOST_HB_G_PER_DL)
    platelets = read.needed_number("platelets_x10_9_per_l", platelets_x10_9_per_l, 0, _MOST_COUNT)
    anc = read.needed_number("anc_x10_9_per_l", anc_x10_9_per_l, 0, _MOST_COUNT)
    in_blood = read.needed_number("peripheral_blasts_pct", peripheral_blasts_pct, 0, 100)
    abnormal = read.flag("baseline_cytogenetic_abnormality", baseline_cytogenetic_abnormality)
    cleared = read.flag("cytogenetics_cleared", cytogenetics_cleared)
    if missing := read.missing():
        return missing
    recovered = (hb >= 10) + (platelets >= 100) + (anc >= 1)
    quiet = blasts < 5 and in_blood == 0
    if before < 5:
        equivalent = quiet and recovered == 3 and abnormal is True and cleared is True
        return "CR equivalent" if equivalent else "not_evaluable_for_CR_PR"
    if quiet:
        partly = platelets >= 50 and anc >= Decimal("0.5")
        return _complete(recovered, partly=partly)
    halved = in_blood == 0 and recovered == 3 and 2 * blasts <= before
    return "PR" if halved else "no_objective_marrow_response"


def _complete(recovered: int, *, partly: bool) -> Response2023:
    """Name a complete response by how many counts recovered; one of them comes before a partial recovery of two."""
    named: dict[int, Response2023] = {3: "CR", 2: "CRbi", 1: "CRuni"}
    return named.get(recovered, "CRh" if partly else "no_objective_marrow_response")
