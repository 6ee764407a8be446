"""The Bath indices of ankylosing spondylitis: disease activity, function and spinal mobility."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item

_MOST = {
    "lateral_lumbar_flexion_mean_cm": 50,
    "tragus_to_wall_mean_cm": 80,
    "modified_schober_cm": 20,
    "intermalleolar_cm": 250,
    "cervical_rotation_mean_deg": 150,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basmi10Step:
    """The mobility index by ten steps.

    Attributes:
        component_scores: 0 to 10 each: lateral flexion, tragus to wall, Schober, intermalleolar, cervical rotation.
        basmi: Their mean.
    """

    component_scores: tuple[int, ...]
    basmi: Decimal


@item("basdai")
def basdai(
    *,
    q1_fatigue: Number | None,
    q2_spinal_pain: Number | None,
    q3_peripheral_pain_swelling: Number | None,
    q4_tenderness: Number | None,
    q5_morning_stiffness_severity: Number | None,
    q6_morning_stiffness_duration: Number | None,
) -> Decimal | Missing:
    """Compute the Bath disease activity index, 0 (none) to 10: the fifth of Q1 + Q2 + Q3 + Q4 + (Q5 + Q6) / 2.

    It is no mean of six. One missing answer makes the index missing: a choice.

    Args:
        q1_fatigue: Fatigue, 0 to 10.
        q2_spinal_pain: Pain in neck, back or hip, 0 to 10.
        q3_peripheral_pain_swelling: Pain or swelling of other joints, 0 to 10.
        q4_tenderness: Discomfort from tender areas, 0 to 10.
        q5_morning_stiffness_severity: Morning stiffness, 0 to 10.
        q6_morning_stiffness_duration: Its duration, 0 (none) over 5 (one hour) to 10 (two hours or more).

    Raises:
        InputError: Naming every answer that is out of its range.

    Example:
        >>> str(basdai(q1_fatigue=6, q2_spinal_pain=7, q3_peripheral_pain_swelling=2, q4_tenderness=4,
        ...     q5_morning_stiffness_severity=8, q6_morning_stiffness_duration=3))
        '4.9'

    Source: Garrett et al. 1994, J Rheumatol 21:2286. The wording of the questions is licensed and not part of this
    project. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    singles = _answers(
        read,
        q1_fatigue=q1_fatigue,
        q2_spinal_pain=q2_spinal_pain,
        q3_peripheral_pain_swelling=q3_peripheral_pain_swelling,
        q4_tenderness=q4_tenderness,
    )
    stiffness = _answers(
        read,
        q5_morning_stiffness_severity=q5_morning_stiffness_severity,
        q6_morning_stiffness_duration=q6_morning_stiffness_duration,
    )
    return read.missing() or (2 * sum(singles) + sum(stiffness)) / Decimal(10)


@item("basfi")
def basfi(
    *,
    q1: Number | None,
    q2: Number | None,
    q3: Number | None,
    q4: Number | None,
    q5: Number | None,
    q6: Number | None,
    q7: Number | None,
    q8: Number | None,
    q9: Number | None,
    q10: Number | None,
) -> Decimal | Missing:
    """Compute the Bath functional index, 0 (easy) to 10 (impossible): the mean of ten answers.

    One missing answer makes the index missing: a choice.

    Args:
        q1: The first answer, 0 to 10.
        q2: The second, and so on.
        q3: 0 to 10.
        q4: 0 to 10.
        q5: 0 to 10.
        q6: 0 to 10.
        q7: 0 to 10.
        q8: 0 to 10.
        q9: 0 to 10.
        q10: 0 to 10.

    Raises:
        InputError: Naming every answer that is out of its range.

    Example:
        >>> str(basfi(q1=1, q2=10, q3=2, q4=10, q5=0, q6=4, q7=5, q8=7, q9=6, q10=1))
        '4.6'

    Source: Calin et al. 1994, J Rheumatol 21:2281. The wording of the questions is licensed and not part of this
    project. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    answers = _answers(read, q1=q1, q2=q2, q3=q3, q4=q4, q5=q5, q6=q6, q7=q7, q8=q8, q9=q9, q10=q10)
    return read.missing() or sum(answers) / Decimal(10)


@item("basmi_linear")
def basmi_linear(
    *,
    lateral_lumbar_flexion_mean_cm: Number | None,
    tragus_to_wall_mean_cm: Number | None,
    modified_schober_cm: Number | None,
    intermalleolar_cm: Number | None,
    cervical_rotation_mean_deg: Number | None,
) -> Decimal | Missing:
    """Compute the Bath mobility index by the linear definition, 0 (mobile) to 10: the mean of five scores.

    (21.1 - flexion) / 2.1, (tragus to wall - 8) / 3, (7.4 - Schober) / 0.7, (124.5 - intermalleolar) / 10 and (89.3 -
    rotation) / 8.5, each kept within 0 and 10.

    Args:
        lateral_lumbar_flexion_mean_cm: Lateral flexion, mean of right and left, cm, 0 to 50.
        tragus_to_wall_mean_cm: Tragus to wall, mean of right and left, cm, 0 to 80.
        modified_schober_cm: Lengthening of the lumbar spine in flexion, cm, 0 to 20.
        intermalleolar_cm: Distance between the ankles, cm, 0 to 250.
        cervical_rotation_mean_deg: Rotation of the neck, mean of right and left, degrees, 0 to 150.

    Raises:
        InputError: Naming every measure that is out of its range.

    Example:
        >>> score = basmi_linear(lateral_lumbar_flexion_mean_cm=10, tragus_to_wall_mean_cm=15, modified_schober_cm=4,
        ...     intermalleolar_cm=100, cervical_rotation_mean_deg=70)
        >>> round(score, 2)
        Decimal('3.44')

    Source: van der Heijde et al. 2008, Ann Rheum Dis 67:489, table 3. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    flexion, tragus, schober, ankles, rotation = _measures(
        read,
        lateral_lumbar_flexion_mean_cm,
        tragus_to_wall_mean_cm,
        modified_schober_cm,
        intermalleolar_cm,
        cervical_rotation_mean_deg,
    )
    if missing := read.missing():
        return missing
    scores = (
        (Decimal("21.1") - flexion) / Decimal("2.1"),
        (tragus - 8) / 3,
        (Decimal("7.4") - schober) / Decimal("0.7"),
        (Decimal("124.5") - ankles) / 10,
        (Decimal("89.3") - rotation) / Decimal("8.5"),
    )
    return sum(min(max(score, Decimal(0)), Decimal(10)) for score in scores) / Decimal(5)


@item("basmi_2step")
def basmi_2step(
    *,
    lateral_lumbar_flexion_mean_cm: Number | None,
    tragus_to_wall_mean_cm: Number | None,
    modified_schober_cm: Number | None,
    intermalleolar_cm: Number | None,
    cervical_rotation_mean_deg: Number | None,
) -> int | Missing:
    """Compute the Bath mobility index by two steps, 0 (mobile) to 10: the sum of five scores of 0, 1 or 2.

    0, 1 or 2 for lateral flexion above 10, 5 to 10 or below 5 cm; tragus to wall below 15, 15 to 30 or above 30 cm;
    Schober above 4, 2 to 4 or below 2 cm; intermalleolar above 100, 70 to 100 or below 70 cm; rotation above 70, 20 to
    70 or below 20 degrees.

    Args:
        lateral_lumbar_flexion_mean_cm: Lateral flexion, mean of right and left, cm, 0 to 50.
        tragus_to_wall_mean_cm: Tragus to wall, mean of right and left, cm, 0 to 80.
        modified_schober_cm: Lengthening of the lumbar spine in flexion, cm, 0 to 20.
        intermalleolar_cm: Distance between the ankles, cm, 0 to 250.
        cervical_rotation_mean_deg: Rotation of the neck, mean of right and left, degrees, 0 to 150.

    Raises:
        InputError: Naming every measure that is out of its range.

    Example:
        >>> basmi_2step(lateral_lumbar_flexion_mean_cm=11, tragus_to_wall_mean_cm=16, modified_schober_cm=3,
        ...     intermalleolar_cm=101, cervical_rotation_mean_deg=30)
        3

    Source: Jenkinson et al. 1994, J Rheumatol 21:1694. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    flexion, tragus, schober, ankles, rotation = _measures(
        read,
        lateral_lumbar_flexion_mean_cm,
        tragus_to_wall_mean_cm,
        modified_schober_cm,
        intermalleolar_cm,
        cervical_rotation_mean_deg,
    )
    if missing := read.missing():
        return missing
    limits = ((flexion, 10, 5), (schober, 4, 2), (ankles, 100, 70), (rotation, 70, 20))
    mobile = sum((measure <= mild) + (measure < severe) for measure, mild, severe in limits)
    return mobile + (tragus >= 15) + (tragus > 30)


_LOWER_LIMITS = {
    "flexion": "20 18 15.9 13.8 11.7 9.6 7.5 5.4 3.3 1.2",
    "schober": "7 6.4 5.7 5.0 4.3 3.6 2.9 2.2 1.5 0.8",
    "ankles": "120 110 100 90 80 70 60 50 40 30",
    "rotation": "85 76.6 68.1 59.6 51.1 42.6 34.1 25.6 17.1 8.6",
}
_TRAGUS_FROM = (13, 16, 19, 22, 25, 28, 31, 34, 37)
_TRAGUS_ABOVE = 10


@item("basmi_10step")
def basmi_10step(
    *,
    lateral_lumbar_flexion_mean_cm: Number | None,
    tragus_to_wall_mean_cm: Number | None,
    modified_schober_cm: Number | None,
    intermalleolar_cm: Number | None,
    cervical_rotation_mean_deg: Number | None,
) -> Basmi10Step | Missing:
    """Compute the Bath mobility index by ten steps, 0 (mobile) to 10: the mean of five scores of 0 to 10.

    Each score is the number of limits that the measure falls short of (tragus to wall: exceeds). Where the printed
    table overlaps, at its first limits, the lower score is given: a choice.

    Args:
        lateral_lumbar_flexion_mean_cm: Lateral flexion, mean of right and left, cm, 0 to 50.
        tragus_to_wall_mean_cm: Tragus to wall, mean of right and left, cm, 0 to 80.
        modified_schober_cm: Lengthening of the lumbar spine in flexion, cm, 0 to 20.
        intermalleolar_cm: Distance between the ankles, cm, 0 to 250.
        cervical_rotation_mean_deg: Rotation of the neck, mean of right and left, degrees, 0 to 150.

    Raises:
        InputError: Naming every measure that is out of its range.

    Example:
        >>> found = basmi_10step(lateral_lumbar_flexion_mean_cm=16, tragus_to_wall_mean_cm=14,
        ...     modified_schober_cm=Decimal("3.7"), intermalleolar_cm=115, cervical_rotation_mean_deg=30)
        >>> found.component_scores, str(found.basmi)
        ((2, 2, 5, 1, 7), '3.4')

    Source: Jones et al. 1995, J Rheumatol 22:1609; its table is UNVERIFIED, written from memory, and agrees with the
    linear definition of 2008. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    flexion, tragus, schober, ankles, rotation = _measures(
        read,
        lateral_lumbar_flexion_mean_cm,
        tragus_to_wall_mean_cm,
        modified_schober_cm,
        intermalleolar_cm,
        cervical_rotation_mean_deg,
    )
    if missing := read.missing():
        return missing
    scores = (
        _short_of("flexion", flexion),
        int(tragus > _TRAGUS_ABOVE) + sum(tragus >= limit for limit in _TRAGUS_FROM),
        _short_of("schober", schober),
        _short_of("ankles", ankles),
        _short_of("rotation", rotation),
    )
    return Basmi10Step(component_scores=scores, basmi=sum(scores) / Decimal(5))


def _answers(read: Inputs, **given: Number | None) -> list[Decimal]:
    return [read.needed_number(name, answer, 0, 10) for name, answer in given.items()]


def _measures(read: Inputs, *given: Number | None) -> list[Decimal]:
    """Read the five measures, in the order of their names."""
    return [
        read.needed_number(name, measure, 0, most) for (name, most), measure in zip(_MOST.items(), given, strict=True)
    ]


def _short_of(measure: str, found: Decimal) -> int:
    return sum(found < Decimal(limit) for limit in _LOWER_LIMITS[measure].split())
