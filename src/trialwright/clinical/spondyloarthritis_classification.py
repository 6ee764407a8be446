"""Classification of ankylosing spondylitis (modified New York) and of axial spondyloarthritis (ASAS)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Literal

from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.clinical.three_valued import all_of, any_of

NewYork = Literal["definite", "probable", "not_met"]
Arm = Literal["imaging", "clinical", "both"]

SPA_FEATURES = (
    "ibp",
    "arthritis",
    "enthesitis_heel",
    "uveitis",
    "dactylitis",
    "psoriasis",
    "ibd",
    "nsaid_response",
    "family_history",
    "elevated_crp",
)
_GRADES = range(5)
_EITHER = (False, True)


@item("modified_new_york")
def modified_new_york(
    *,
    sacroiliitis_grade_left: int | None,
    sacroiliitis_grade_right: int | None,
    low_back_pain_stiffness_ge_3mo_improves_exercise_not_rest: bool | None,
    lumbar_motion_limited_sagittal_and_frontal: bool | None,
    chest_expansion_limited_for_age_sex: bool | None,
) -> NewYork | Missing:
    """Classify ankylosing spondylitis by the modified New York criteria.

    Radiological criterion: sacroiliitis of grade 2 or more on both sides, or 3 or 4 on one. Definite: that and a
    clinical criterion. Probable: that alone, or all three clinical criteria without it. What is missing makes the
    class missing only where it decides.

    Args:
        sacroiliitis_grade_left: Radiographic grade, 0 to 4.
        sacroiliitis_grade_right: Radiographic grade, 0 to 4.
        low_back_pain_stiffness_ge_3mo_improves_exercise_not_rest: Low back pain and stiffness for 3 months or more that
            improve with exercise and not with rest.
        lumbar_motion_limited_sagittal_and_frontal: Limited motion of the lumbar spine in both planes.
        chest_expansion_limited_for_age_sex: Limited chest expansion for age and sex.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> modified_new_york(sacroiliitis_grade_left=3, sacroiliitis_grade_right=0,
        ...     low_back_pain_stiffness_ge_3mo_improves_exercise_not_rest=False,
        ...     lumbar_motion_limited_sagittal_and_frontal=True, chest_expansion_limited_for_age_sex=None)
        'definite'

    Source: van der Linden et al. 1984, Arthritis Rheum 27:361. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    grades = [
        read.whole("sacroiliitis_grade_left", sacroiliitis_grade_left, 0, 4),
        read.whole("sacroiliitis_grade_right", sacroiliitis_grade_right, 0, 4),
    ]
    signs = {
        "low_back_pain_stiffness_ge_3mo_improves_exercise_not_rest": (
            low_back_pain_stiffness_ge_3mo_improves_exercise_not_rest
        ),
        "lumbar_motion_limited_sagittal_and_frontal": lumbar_motion_limited_sagittal_and_frontal,
        "chest_expansion_limited_for_age_sex": chest_expansion_limited_for_age_sex,
    }
    clinical = [read.flag(name, sign) for name, sign in signs.items()]
    read.refuse()
    possible = {
        _new_york(sides, sum(met))
        for sides in product(*(_GRADES if grade is None else (grade,) for grade in grades))
        for met in product(*(_EITHER if sign is None else (sign,) for sign in clinical))
    }
    return (
        possible.pop() if len(possible) == 1 else Missing("a grade or a clinical criterion that decides is not given")
    )


def _new_york(grades: tuple[int, ...], clinical: int) -> NewYork:
    radiological = min(grades) >= 2 or max(grades) >= 3
    if radiological and clinical:
        return "definite"
    return "probable" if radiological or clinical == 3 else "not_met"


@dataclass(frozen=True, slots=True, kw_only=True)
class AxialSpa:
    """Whether axial spondyloarthritis is classified, and by which arm of the criteria.

    Attributes:
        classified: Whether an arm is met.
        arm: The arm that what is known meets; None if none is.
    """

    classified: bool
    arm: Arm | None


@item("asas_axspa_classification")
def axial_spa_classification(
    *,
    back_pain_months: Number | None,
    age_at_onset_years: Number | None,
    sacroiliitis_on_imaging: bool | None,
    hla_b27_positive: bool | None,
    spa_features: list[str] | None,
) -> AxialSpa | Missing:
    """Classify axial spondyloarthritis by the ASAS criteria, in back pain for 3 months or more that began before 45.

    Imaging arm: sacroiliitis and at least one feature, of which HLA-B27 is one. Clinical arm: HLA-B27 and at least two
    other features. An arm that is met classifies, whatever is missing for the other.

    Args:
        back_pain_months: Duration of back pain, months.
        age_at_onset_years: Age at its onset, years.
        sacroiliitis_on_imaging: Active on magnetic resonance, or definite on radiographs by the modified New York
            criteria.
        hla_b27_positive: Whether HLA-B27 is present; it is not listed among the features.
        spa_features: Those present of `ibp` (inflammatory back pain), `arthritis`, `enthesitis_heel`, `uveitis`,
            `dactylitis`, `psoriasis`, `ibd` (inflammatory bowel disease), `nsaid_response`, `family_history` and
            `elevated_crp`.

    Raises:
        InputError: Naming every input that is out of its range, and every word that is no feature.

    Example:
        >>> axial_spa_classification(back_pain_months=12, age_at_onset_years=28, sacroiliitis_on_imaging=False,
        ...     hla_b27_positive=True, spa_features=["ibp", "nsaid_response"])
        AxialSpa(classified=True, arm='clinical')

    Source: Rudwaleit et al. 2009, Ann Rheum Dis 68:777. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    months = read.number("back_pain_months", back_pain_months, 0, 1500)
    onset = read.number("age_at_onset_years", age_at_onset_years, 0, 130)
    imaging_positive = read.flag("sacroiliitis_on_imaging", sacroiliitis_on_imaging)
    b27 = read.flag("hla_b27_positive", hla_b27_positive)
    features = len(read.words("spa_features", spa_features, SPA_FEATURES))
    if missing := read.missing():
        return missing
    entry = [None if months is None else months >= 3, None if onset is None else onset < 45]
    imaging = all_of([*entry, imaging_positive, any_of([b27, features >= 1])])
    clinical = all_of([*entry, b27, features >= 2])
    classified = any_of([imaging, clinical])
    if classified is None:
        return Missing("an input that decides is not given")
    arms: dict[tuple[bool, bool], Arm] = {
        (True, True): "both",
        (True, False): "imaging",
        (False, True): "clinical",
    }
    return AxialSpa(classified=classified, arm=arms.get((imaging is True, clinical is True)))
