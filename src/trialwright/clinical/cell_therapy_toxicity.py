"""Toxicities of cell therapy: cytokine release syndrome, ICANS, infusion related reaction."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

_FEVER_C = Decimal(38)

_ASTCT_HYPOTENSION: Mapping[str, int] = {
    "none": 1,
    "no_vasopressor": 2,
    "one_vasopressor": 3,
    "one_vasopressor_with_vasopressin": 3,
    "one_vasopressor_with_or_without_vasopressin": 3,
    "multiple_vasopressors": 4,
}
_ASTCT_OXYGEN: Mapping[str, int] = {
    "none": 1,
    "low_flow_nasal_cannula": 2,
    "blow_by": 2,
    "high_flow_nasal_cannula": 3,
    "facemask": 3,
    "face_mask": 3,
    "nonrebreather_mask": 3,
    "non_rebreather_mask": 3,
    "venturi_mask": 3,
    "cpap": 4,
    "bipap": 4,
    "positive_pressure": 4,
    "intubation": 4,
    "mechanical_ventilation": 4,
}
_CTCAE_HYPOTENSION: Mapping[str, int] = {"none": 0, "fluids": 2, "one_pressor": 3, "multiple_pressors": 4}
_CONSCIOUSNESS: Mapping[str, int] = {
    "normal": 0,
    "awakens_spontaneously": 1,
    "awakens_to_voice": 2,
    "awakens_to_touch": 3,
    "unarousable": 4,
}
_SEIZURE: Mapping[str, int] = {"none": 0, "resolves_rapidly": 3, "prolonged_or_repetitive": 4}
_OEDEMA: Mapping[str, int] = {"none": 0, "focal": 3, "diffuse": 4}
_ICE_STEPS = ((10, 0), (7, 1), (3, 2), (0, 3))  # 0 in one who cannot be woken is 4 by consciousness
_MOST_PROPHYLAXIS_H = 24


@item("crs_grade_astct")
def crs_grade_astct(
    *,
    max_temperature_c: Number | None,
    fever_masked_by_tocilizumab_or_steroids: bool | None,
    hypotension: str | None,
    oxygen: str | None,
) -> int | Missing:
    """Grade cytokine release syndrome by the ASTCT consensus: the worse of hypotension and hypoxia, with fever.

    Without a temperature of 38 °C or more there is no syndrome, unless tocilizumab or steroids have taken the fever
    away. Death is grade 5 and is reported as such.

    Args:
        max_temperature_c: Highest temperature, °C, not due to another cause.
        fever_masked_by_tocilizumab_or_steroids: Whether fever was there and has been treated away.
        hypotension: What it needs: none, no_vasopressor, one_vasopressor (with or without vasopressin) or
            multiple_vasopressors (vasopressin not counted).
        oxygen: What it needs: none, low_flow_nasal_cannula (at most 6 L/min) or blow_by; high_flow_nasal_cannula (above
            6 L/min) or a mask; cpap, bipap or mechanical_ventilation.

    Returns:
        0 to 4; missing where an input is.

    Raises:
        InputError: An input is of the wrong kind; every one is named.

    Example:
        >>> crs_grade_astct(max_temperature_c=Decimal("38.5"), fever_masked_by_tocilizumab_or_steroids=False,
        ...     hypotension="no_vasopressor", oxygen="none")
        2

    Source: Lee et al. 2019, Biol Blood Marrow Transplant 25:625, doi:10.1016/j.bbmt.2018.12.758. Checked in
    tests/published/test_ctcae.py.
    """
    read = Inputs()
    temperature = read.needed_number("max_temperature_c", max_temperature_c, 20, 45)
    masked = read.needed_flag("fever_masked_by_tocilizumab_or_steroids", fever_masked_by_tocilizumab_or_steroids)
    pressure = read.needed_choice("hypotension", hypotension, _ASTCT_HYPOTENSION)
    breathing = read.needed_choice("oxygen", oxygen, _ASTCT_OXYGEN)
    if gone := read.missing():
        return gone
    if temperature < _FEVER_C and not masked:
        return 0
    return max(_ASTCT_HYPOTENSION[pressure], _ASTCT_OXYGEN[breathing])


@item("crs_grade_ctcae_v5")
def crs_grade_ctcae_v5(
    *,
    fever: bool | None,
    hypotension: str | None,
    fio2_pct_required: Number | None,
    life_threatening: bool | None,
) -> int | Missing:
    """Grade cytokine release syndrome by CTCAE 5.0, which asks for fever in grade 1 only.

    Args:
        fever: Whether there is fever.
        hypotension: What it needs: none, fluids, one_pressor or multiple_pressors (taken as life-threatening).
        fio2_pct_required: Oxygen that the hypoxia needs, % of inspired gas, 21 to 100; None without hypoxia.
        life_threatening: Whether consequences are life-threatening and intervention is urgent.

    Returns:
        0 to 4; missing where an input is.

    Raises:
        InputError: An input is of the wrong kind or out of range; every one is named.

    Example:
        >>> crs_grade_ctcae_v5(fever=True, hypotension="none", fio2_pct_required=Decimal("40"), life_threatening=False)
        3

    Source: National Cancer Institute 2017, CTCAE 5.0, Immune system disorders. Checked in
    tests/published/test_ctcae.py.
    """
    read = Inputs()
    hot = read.needed_flag("fever", fever)
    pressure = read.needed_choice("hypotension", hypotension, _CTCAE_HYPOTENSION)
    oxygen = read.number("fio2_pct_required", fio2_pct_required, 0, 100)
    critical = read.needed_flag("life_threatening", life_threatening)
    if gone := read.missing():
        return gone
    hypoxia = 0 if not oxygen else 2 if oxygen < 40 else 3
    return max(int(hot), _CTCAE_HYPOTENSION[pressure], hypoxia, 4 if critical else 0)


@item("icans_grade_astct")
def icans_grade_astct(
    *,
    ice_score: Number | None,
    consciousness: str | None,
    seizure: str | None,
    deep_focal_motor_weakness: bool | None,
    cerebral_oedema: str | None,
) -> int | Missing:
    """Grade immune effector cell-associated neurotoxicity (ICANS) of an adult by the ASTCT consensus: the worst domain.

    An ICE score of 0 in a patient who can be woken but cannot take the test is grade 3; in one who cannot be woken it
    is grade 4. Death is grade 5 and is reported as such.

    Args:
        ice_score: Immune effector cell encephalopathy score, 0 to 10.
        consciousness: normal, awakens_spontaneously, awakens_to_voice, awakens_to_touch or unarousable.
        seizure: none, resolves_rapidly, or prolonged_or_repetitive (longer than 5 min, or without recovery between).
        deep_focal_motor_weakness: Whether there is, such as hemiparesis.
        cerebral_oedema: On imaging: none, focal or diffuse (or its signs).

    Returns:
        0 to 4; missing where an input is.

    Raises:
        InputError: An input is of the wrong kind or out of range; every one is named.

    Example:
        >>> icans_grade_astct(ice_score=6, consciousness="awakens_spontaneously", seizure="none",
        ...     deep_focal_motor_weakness=False, cerebral_oedema="none")
        2

    Source: Lee et al. 2019, Biol Blood Marrow Transplant 25:625, doi:10.1016/j.bbmt.2018.12.758, table 6. Checked in
    tests/clinical/test_ctcae.py.
    """
    read = Inputs()
    score = read.needed_whole("ice_score", ice_score, 0, 10)
    waking = read.needed_choice("consciousness", consciousness, _CONSCIOUSNESS)
    convulsion = read.needed_choice("seizure", seizure, _SEIZURE)
    weak = read.needed_flag("deep_focal_motor_weakness", deep_focal_motor_weakness)
    swelling = read.needed_choice("cerebral_oedema", cerebral_oedema, _OEDEMA)
    if gone := read.missing():
        return gone
    by_score = next(grade for least, grade in _ICE_STEPS if score >= least)
    return max(by_score, _CONSCIOUSNESS[waking], _SEIZURE[convulsion], 4 if weak else 0, _OEDEMA[swelling])


@item("infusion_related_reaction_grade")
def infusion_related_reaction_grade(
    *,
    interruption_or_therapy_indicated: bool | None,
    prophylactic_medication_h: Number | None,
    prolonged_not_rapidly_responsive: bool | None,
    recurrence_after_initial_improvement: bool | None,
    hospitalization_indicated: bool | None,
    life_threatening: bool | None,
    death: bool | None,
) -> int | Missing:
    """Grade a reaction to an infusion by CTCAE 5.0; that there is a reaction makes it grade 1 at least.

    Args:
        interruption_or_therapy_indicated: Whether the infusion must pause or treatment is needed, with prompt response.
        prophylactic_medication_h: Hours of prophylactic medication that are needed; above 24 h counts as prolonged.
        prolonged_not_rapidly_responsive: Whether it does not respond rapidly to treatment or interruption.
        recurrence_after_initial_improvement: Whether symptoms come back.
        hospitalization_indicated: Whether clinical sequelae need it.
        life_threatening: Whether consequences are life-threatening and intervention is urgent.
        death: Whether it led to death.

    Returns:
        1 to 5; missing where an input is.

    Raises:
        InputError: An input is of the wrong kind or out of range; every one is named.

    Example:
        >>> infusion_related_reaction_grade(interruption_or_therapy_indicated=True, prophylactic_medication_h=0,
        ...     prolonged_not_rapidly_responsive=False, recurrence_after_initial_improvement=False,
        ...     hospitalization_indicated=False, life_threatening=False, death=False)
        2

    Source: National Cancer Institute 2017, CTCAE 5.0, Injury, poisoning and procedural complications. Checked in
    tests/published/test_ctcae.py.
    """
    read = Inputs()
    treated = read.needed_flag("interruption_or_therapy_indicated", interruption_or_therapy_indicated)
    hours = read.needed_number("prophylactic_medication_h", prophylactic_medication_h, 0, 8760)
    prolonged = read.needed_flag("prolonged_not_rapidly_responsive", prolonged_not_rapidly_responsive)
    recurring = read.needed_flag("recurrence_after_initial_improvement", recurrence_after_initial_improvement)
    admitted = read.needed_flag("hospitalization_indicated", hospitalization_indicated)
    critical = read.needed_flag("life_threatening", life_threatening)
    died = read.needed_flag("death", death)
    if gone := read.missing():
        return gone
    if died:
        return 5
    if critical:
        return 4
    if prolonged or recurring or admitted or hours > _MOST_PROPHYLAXIS_H:
        return 3
    return 2 if treated or hours > 0 else 1
