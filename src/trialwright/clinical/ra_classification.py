"""Joints by name and their counts, and the 2010 ACR/EULAR classification of rheumatoid arthritis."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from trialwright.clinical.das28 import MOST_CRP_MG_PER_L, MOST_ESR_MM_PER_H
from trialwright.clinical.inputs import Inputs, Number
from trialwright.clinical.item import Missing, item
from trialwright.clinical.three_valued import all_of

_MCP = tuple(f"mcp{finger}" for finger in range(1, 6))
_PIP = ("thumb_ip", *(f"pip{finger}" for finger in range(2, 6)))
_DIP = tuple(f"dip{finger}" for finger in range(2, 6))
_MTP_2_TO_5 = tuple(f"mtp{toe}" for toe in range(2, 6))
_TOES = ("great_toe_ip", *(f"toe_pip{toe}" for toe in range(2, 6)))

OF_28 = frozenset({"shoulder", "elbow", "wrist", "knee", *_MCP, *_PIP})
OF_68 = OF_28 | {
    "temporomandibular",
    "sternoclavicular",
    "acromioclavicular",
    "hip",
    "ankle",
    "tarsus",
    "mtp1",
    *_DIP,
    *_MTP_2_TO_5,
    *_TOES,
}
OF_66 = OF_68 - {"hip"}
LARGE_2010 = frozenset({"shoulder", "elbow", "hip", "knee", "ankle"})
SMALL_2010 = frozenset({"wrist", *_MCP, *_PIP, *_MTP_2_TO_5})
JOINTS = tuple(f"{side}:{joint}" for side in ("left", "right") for joint in sorted(OF_68 | {"cmc1"}))

_MOST_TITRE = 10**6
_DEFINITE_FROM = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class JointCounts:
    """Joint counts of one examination.

    Attributes:
        tjc28: Tender of 28.
        sjc28: Swollen of 28.
        tjc68: Tender of 68.
        sjc66: Swollen of 66.
        large_2010: Large joints involved, tender or swollen, as the 2010 criteria count them.
        small_2010: Small joints involved, likewise.
    """

    tjc28: int
    sjc28: int
    tjc68: int
    sjc66: int
    large_2010: int
    small_2010: int


@item("joint_counts")
def joint_counts(*, tender: list[str] | None, swollen: list[str] | None) -> JointCounts | Missing:
    """Count joints from their names.

    28: shoulders, elbows, wrists, MCP 1-5, thumb IP and PIP 2-5, knees. 68 adds temporomandibular, sternoclavicular,
    acromioclavicular, DIP 2-5, hip, ankle, tarsus, MTP 1-5, great-toe IP and toe PIP 2-5; swelling is counted on 66,
    without hips. Involved by the 2010 criteria, tender or swollen: large are shoulder, elbow, hip, knee and ankle;
    small are MCP, PIP, thumb IP, MTP 2-5 and wrist. A first carpometacarpal joint (cmc1) counts nowhere.

    Args:
        tender: Tender joints, such as `left:knee`.
        swollen: Swollen joints.

    Raises:
        InputError: Naming every word that is no joint.

    Example:
        >>> counts = joint_counts(tender=["left:knee", "right:hip", "left:mtp1"], swollen=["left:knee"])
        >>> counts.tjc28, counts.tjc68, counts.large_2010
        (1, 3, 2)

    Source: Fuchs et al. 1989, Arthritis Rheum 32:531 (28); Felson et al. 1993, Arthritis Rheum 36:729 (66/68); Aletaha
    et al. 2010, Ann Rheum Dis 69:1580. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    sore = read.words("tender", tender, JOINTS)
    full = read.words("swollen", swollen, JOINTS)
    if missing := read.missing():
        return missing
    return JointCounts(
        tjc28=_count(sore, OF_28),
        sjc28=_count(full, OF_28),
        tjc68=_count(sore, OF_68),
        sjc66=_count(full, OF_66),
        large_2010=_count(sore | full, LARGE_2010),
        small_2010=_count(sore | full, SMALL_2010),
    )


def _count(joints: frozenset[str], among: frozenset[str]) -> int:
    return sum(joint.partition(":")[2] in among for joint in joints)


@dataclass(frozen=True, slots=True)
class RaClassification:
    """The 2010 score; a part that was not tested is None and counts 0, so the total is then a lower bound.

    Attributes:
        A: Joints involved, 0 to 5.
        B: Serology, 0 to 3.
        C: Acute-phase reactants, 0 or 1.
        D: Duration of symptoms, 0 or 1.
        total: The sum of what is known, 0 to 10.
        definite_ra: Whether what is known classifies the disease as definite; None if that hangs on the entry alone.
        eligible_population: Whether a joint is swollen and no other disease explains it better.
    """

    A: int | None
    B: int | None
    C: int | None
    D: int | None
    total: int
    definite_ra: bool | None
    eligible_population: bool | None


@item("acr_eular_2010_ra_classification")
def ra_classification(
    *,
    large_joints_involved: Number | None,
    small_joints_involved: Number | None,
    other_joints_involved: Number | None,
    at_least_one_swollen_joint: bool | None,
    not_better_explained: bool | None,
    rf_iu_per_ml: Number | None = None,
    rf_uln: Number | None = None,
    rf_qualitative: str | None = None,
    acpa_u_per_ml: Number | None = None,
    acpa_uln: Number | None = None,
    acpa_qualitative: str | None = None,
    crp_mg_per_l: Number | None = None,
    crp_uln: Number | None = None,
    esr_mm_per_h: Number | None = None,
    esr_uln: Number | None = None,
    symptom_weeks: Number | None = None,
) -> RaClassification:
    """Classify early arthritis by the 2010 criteria: 6 of 10 points or more is definite rheumatoid arthritis.

    A, joints: 1 large 0; 2 to 10 large 1; 1 to 3 small 2; 4 to 10 small 3; more than 10 with a small one 5. B, the
    higher of rheumatoid factor and anti-citrullinated antibody: to the upper limit of normal 0; to three times it 2;
    above 3. C: an abnormal CRP or ESR 1. D: 6 weeks or more 1. A part that was not tested counts 0 and is reported as
    None; a test known only as positive counts as low positive: choices.

    Args:
        large_joints_involved: Shoulders, elbows, hips, knees and ankles, tender or swollen, 0 to 10.
        small_joints_involved: MCP, PIP, thumb IP, MTP 2-5 and wrists, 0 to 30.
        other_joints_involved: Temporomandibular, acromioclavicular and sternoclavicular, 0 to 6; they count only
            towards more than 10.
        at_least_one_swollen_joint: Whether a joint is definitely swollen.
        not_better_explained: Whether no other disease explains it better.
        rf_iu_per_ml: Rheumatoid factor, IU/mL, 0 to 1e6.
        rf_uln: Its upper limit of normal, IU/mL, above 0.
        rf_qualitative: `positive` or `negative`, where no figure is known.
        acpa_u_per_ml: Anti-citrullinated protein antibody, U/mL, 0 to 1e6.
        acpa_uln: Its upper limit of normal, U/mL, above 0.
        acpa_qualitative: `positive` or `negative`, where no figure is known.
        crp_mg_per_l: C-reactive protein, mg/L, 0 to 2000.
        crp_uln: Its upper limit of normal, mg/L, above 0.
        esr_mm_per_h: Erythrocyte sedimentation rate, mm/h, 0 to 300.
        esr_uln: Its upper limit of normal, mm/h, above 0.
        symptom_weeks: Duration of synovitis by the patient's report, weeks, 0 to 6000.

    Raises:
        InputError: Naming every input that is out of its range.

    Example:
        >>> found = ra_classification(large_joints_involved=0, small_joints_involved=4, other_joints_involved=0,
        ...     at_least_one_swollen_joint=True, not_better_explained=True, rf_iu_per_ml=42, rf_uln=14,
        ...     crp_mg_per_l=2, crp_uln=5, symptom_weeks=6)
        >>> found.A, found.B, found.C, found.D, found.definite_ra
        (3, 2, 0, 1, True)

    Source: Aletaha et al. 2010, Ann Rheum Dis 69:1580, table 3 and its footnotes. Checked in
    tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    joints = _joint_points(read, large_joints_involved, small_joints_involved, other_joints_involved)
    rf = _serology_points(read, "rf_iu_per_ml", rf_iu_per_ml, rf_uln, rf_qualitative)
    acpa = _serology_points(read, "acpa_u_per_ml", acpa_u_per_ml, acpa_uln, acpa_qualitative)
    crp = _reactant_points(read, "crp_mg_per_l", crp_mg_per_l, crp_uln, MOST_CRP_MG_PER_L)
    esr = _reactant_points(read, "esr_mm_per_h", esr_mm_per_h, esr_uln, MOST_ESR_MM_PER_H)
    weeks = read.number("symptom_weeks", symptom_weeks, 0, 6000)
    swollen = read.flag("at_least_one_swollen_joint", at_least_one_swollen_joint)
    entry = all_of([swollen, read.flag("not_better_explained", not_better_explained)])
    read.refuse()
    duration = None if weeks is None else int(weeks >= 6)
    parts = (joints, _highest(rf, acpa), _highest(crp, esr), duration)
    total = sum(part or 0 for part in parts)
    definite = all_of([total >= _DEFINITE_FROM, entry])
    return RaClassification(*parts, total, definite_ra=definite, eligible_population=entry)


def _joint_points(
    read: Inputs, large_given: Number | None, small_given: Number | None, other_given: Number | None
) -> int | None:
    """Score the joints involved; None where a count is missing."""
    large = read.whole("large_joints_involved", large_given, 0, 10)
    small = read.whole("small_joints_involved", small_given, 0, 30)
    other = read.whole("other_joints_involved", other_given, 0, 6)
    if large is None or small is None or other is None:
        return None
    if small and large + small + other > 10:
        return 5
    if small:
        return 3 if small >= 4 else 2
    return 1 if large >= 2 else 0


def _serology_points(
    read: Inputs, name: str, titre: Number | None, upper_limit: Number | None, in_words: str | None
) -> int | None:
    """Score one antibody; None where neither a figure with its limit nor a word is known."""
    level = read.number(name, titre, 0, _MOST_TITRE)
    limit = _upper_limit(read, name, upper_limit, _MOST_TITRE)
    word = read.choice(f"{name.partition('_')[0]}_qualitative", in_words, ("positive", "negative"))
    if level is not None and limit is not None:
        return 0 if level <= limit else 2 if level <= 3 * limit else 3
    return None if word is None else 2 if word == "positive" else 0


def _reactant_points(
    read: Inputs, name: str, value: Number | None, upper_limit: Number | None, most: int
) -> int | None:
    """Score one acute-phase reactant; None where the figure or its limit is missing."""
    level = read.number(name, value, 0, most)
    limit = _upper_limit(read, name, upper_limit, most)
    return None if level is None or limit is None else int(level > limit)


def _upper_limit(read: Inputs, of: str, value: Number | None, most: int) -> Decimal | None:
    return read.above_0(f"{of.partition('_')[0]}_uln", value, most)


def _highest(*points: int | None) -> int | None:
    return max((point for point in points if point is not None), default=None)
