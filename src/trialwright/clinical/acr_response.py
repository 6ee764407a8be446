"""The ACR core set: response of rheumatoid arthritis by 20, 50 and 70 %, and the disability index of the HAQ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from trialwright.clinical.das28 import MOST_CRP_MG_PER_L
from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item
from trialwright.clinical.three_valued import all_of, at_least

CORE_SET_MOST = {
    "tjc68": 68,
    "sjc66": 66,
    "pain": 100,
    "ptga": 100,
    "phga": 100,
    "haq": 3,
    "apr": MOST_CRP_MG_PER_L,
}
MISSING_RULES = ("non_responder", "observed_or_null")

HAQ_QUESTIONS = {
    "dressing": 2,
    "arising": 2,
    "eating": 3,
    "walking": 2,
    "hygiene": 3,
    "reach": 2,
    "grip": 3,
    "activities": 3,
}
HAQ_DEVICES = {
    "dressing_device": "dressing",
    "built_up_chair": "arising",
    "built_up_utensil": "eating",
    "cane": "walking",
    "walker": "walking",
    "crutches": "walking",
    "wheelchair": "walking",
    "raised_toilet_seat": "hygiene",
    "bathtub_seat": "hygiene",
    "bathtub_bar": "hygiene",
    "long_handled_bathroom_appliance": "hygiene",
    "long_handled_reach_appliance": "reach",
    "jar_opener": "grip",
}
_FEWEST_CATEGORIES = 6
_RAISED_BY_HELP = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrResponse:
    """Whether each degree of response is reached; None where what is missing decides and is not imputed.

    Attributes:
        ACR20: Better by at least 20 %.
        ACR50: Better by at least 50 %.
        ACR70: Better by at least 70 %.
    """

    ACR20: bool | None
    ACR50: bool | None
    ACR70: bool | None


@item("acr_response")
def acr_response(
    *,
    baseline: Mapping[str, Any] | None,
    followup: Mapping[str, Any] | None,
    missing_rule: Literal["non_responder", "observed_or_null"] = "non_responder",
    units: str | None = None,
) -> AcrResponse | Missing:
    """Judge the response by the ACR core set: both joint counts and three of the five others better by 20, 50 or 70 %.

    The change is (baseline - followup) / baseline, compared exactly, at least the percentage. A component with baseline
    0 cannot count: a choice. What is missing is judged in three values first: met by what was observed, impossible, or
    open. By `non_responder` what is open is no response; by `observed_or_null` it is None. The joint set is 68 and 66;
    28 and 28 may be given in their place: a choice of the protocol.

    Args:
        baseline: Before treatment: `tjc68` and `sjc66` joint counts; `pain`, `ptga` and `phga` 0 to 100 mm; `haq` 0 to
            3; `apr` acute-phase reactant, CRP in mg/L or ESR in mm/h. Counts prorated for joints that cannot be
            assessed may have decimals.
        followup: The same now, the reactant by the same test.
        missing_rule: `non_responder` or `observed_or_null`.
        units: A remark on the units, for people; it changes nothing.

    Raises:
        InputError: Naming every component that is out of its range.

    Example:
        >>> before = {"tjc68": 20, "sjc66": 15, "pain": 60, "ptga": 62, "phga": 58, "haq": Decimal("1.5"), "apr": 30}
        >>> now = {"tjc68": 10, "sjc66": 8, "pain": 30, "ptga": 31, "phga": 29, "haq": 1, "apr": 12}
        >>> acr_response(baseline=before, followup=now)
        AcrResponse(ACR20=True, ACR50=False, ACR70=False)

    Source: Felson et al. 1995, Arthritis Rheum 38:727. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    rule = read.needed_choice("missing_rule", missing_rule, MISSING_RULES)
    read.remark("units", units)
    before = _core_set(read, "baseline", baseline)
    now = _core_set(read, "followup", followup)
    if missing := read.missing():
        return missing

    def reached(percent: int) -> bool | None:
        better = {name: _better_by(percent, before[name], now[name]) for name in CORE_SET_MOST}
        counts = [better.pop("tjc68"), better.pop("sjc66")]
        state = all_of([*counts, at_least(3, better.values())])
        return False if state is None and rule == "non_responder" else state

    return AcrResponse(ACR20=reached(20), ACR50=reached(50), ACR70=reached(70))


def _core_set(read: Inputs, name: str, value: Mapping[str, Any] | None) -> dict[str, Decimal | None]:
    given = read.group(name, value, CORE_SET_MOST)
    return {part: read.number(f"{name}.{part}", given.get(part), 0, most) for part, most in CORE_SET_MOST.items()}


def _better_by(percent: int, before: Decimal | None, now: Decimal | None) -> bool | None:
    """Whether a component fell by at least the percentage; None where a figure is missing."""
    if before == 0:
        return False
    return None if before is None or now is None else (before - now) * 100 >= percent * before


@item("haq_di")
def haq_di(
    *,
    items: Mapping[str, Any] | None,
    aids_or_devices: list[str] | None,
    help_from_person: list[str] | None,
    method: Literal["standard", "alternative"] = "standard",
) -> Decimal | Missing:
    """Compute the disability index of the health assessment questionnaire, 0 (none) to 3.

    A category is as bad as its worst answered question. By the standard method an aid, a device or help for a category
    lifts 0 or 1 to 2, and never lowers 3; by the alternative method they count nothing. The index is the mean of the
    answered categories, and missing with fewer than 6 of 8.

    Args:
        items: For each category its answers, 0 (without difficulty) to 3 (unable), in the order of the questionnaire;
            None for a question that was not answered. Dressing, arising, walking and reach have two questions;
            eating, hygiene, grip and activities three.
        aids_or_devices: The categories for which the patient uses an aid or a device, or the devices of `HAQ_DEVICES`,
            such as `cane`, which counts for walking. No device counts for activities.
        help_from_person: The categories for which the patient needs help.
        method: `standard` or `alternative`.

    Raises:
        InputError: Naming every category and answer that the questionnaire does not have.

    Example:
        >>> answers = {name: [0] * questions for name, questions in HAQ_QUESTIONS.items()}
        >>> str(haq_di(items=answers, aids_or_devices=["walking"], help_from_person=[]))
        '0.25'

    Source: Fries et al. 1980, Arthritis Rheum 23:137; Bruce & Fries 2003; instructions of ARAMIS 2009. The wording of
    the questions is licensed and not part of this project. Checked in tests/published/test_clinical_formulas.py.
    """
    read = Inputs()
    given = read.group("items", items, HAQ_QUESTIONS)
    answers = {name: _answers(read, name, given.get(name)) for name in HAQ_QUESTIONS}
    aids = read.words("aids_or_devices", aids_or_devices, (*HAQ_QUESTIONS, *HAQ_DEVICES))
    helped = frozenset(HAQ_DEVICES.get(aid, aid) for aid in aids)
    helped |= read.words("help_from_person", help_from_person, HAQ_QUESTIONS)
    by = read.needed_choice("method", method, ("standard", "alternative"))
    if missing := read.missing():
        return missing
    worst = {name: max(found) for name, found in answers.items() if found}
    if len(worst) < _FEWEST_CATEGORIES:
        return Missing(f"{len(worst)} categories are answered; the index needs {_FEWEST_CATEGORIES} of 8")
    if by == "standard":
        worst |= {name: max(worst[name], _RAISED_BY_HELP) for name in helped & worst.keys()}
    return Decimal(sum(worst.values())) / len(worst)


def _answers(read: Inputs, category: str, value: Any) -> list[int]:
    """Read the answered questions of one category."""
    if value is None:
        return []
    listed = read.listed(f"items.{category}", value)
    if listed and len(listed) != HAQ_QUESTIONS[category]:
        read.fault(f"items.{category} must have {HAQ_QUESTIONS[category]} answers, got {len(listed)}")
    found = [read.whole(f"items.{category}[{index}]", answer, 0, 3) for index, answer in enumerate(listed)]
    return [answer for answer in found if answer is not None]
