"""The ACR core set and the disability index at their limits."""

from decimal import Decimal

import pytest

from trialwright.clinical.acr_response import CORE_SET_MOST, HAQ_QUESTIONS, AcrResponse, acr_response, haq_di
from trialwright.clinical.item import Missing
from trialwright.errors import InputError

BEFORE = {"tjc68": 10, "sjc66": 10, "pain": 10, "ptga": 10, "phga": 10, "haq": 1, "apr": 10}
JOINTS_BETTER = {**BEFORE, "tjc68": 3, "sjc66": 3}


@pytest.mark.parametrize(
    ("percent", "reached"), [("19.9", 0), ("20", 1), ("49.9", 1), ("50", 2), ("69.9", 2), ("70", 3), ("100", 3)]
)
@pytest.mark.parametrize("limiting", ["tjc68", "sjc66", "others"])
def test_each_degree_begins_at_its_percentage(percent: str, reached: int, limiting: str) -> None:
    """The joint counts and the third best of the others decide the degree, and its percentage belongs to it."""
    left = (100 - Decimal(percent)) / 10
    now = {"tjc68": 0, "sjc66": 0, "pain": 0, "ptga": 0, "phga": 10, "haq": 1, "apr": 0}
    now["apr" if limiting == "others" else limiting] = left

    assert acr_response(baseline=BEFORE, followup=now) == AcrResponse(
        ACR20=reached >= 1, ACR50=reached >= 2, ACR70=reached >= 3
    )


@pytest.mark.parametrize("name", ["pain", "ptga", "phga", "haq", "apr"])
def test_each_of_the_five_counts(name: str) -> None:
    """Any component can be the third that is better; two are not enough."""
    better = [part for part in ("pain", "ptga", "phga", "haq", "apr") if part != name][:2]
    two = {**JOINTS_BETTER, **dict.fromkeys(better, 0)}

    assert not acr_response(baseline=BEFORE, followup=two).ACR20
    assert acr_response(baseline=BEFORE, followup={**two, name: 0}).ACR70


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"tjc68": None, "pain": 0, "ptga": 0, "phga": 0}, None),
        ({"sjc66": 9, "tjc68": None}, False),
        ({"pain": 0, "ptga": 0, "phga": None}, None),
        ({"pain": 0, "phga": None, "haq": None, "apr": None}, None),
        ({"pain": None, "haq": None}, False),
        ({"pain": 0, "ptga": 0, "haq": 0, "apr": None}, True),
    ],
)
def test_what_is_missing_leaves_open_only_what_it_decides(now: dict, expected: bool | None) -> None:
    """What was observed decides where it can; what stays open is none, or no response where that is the rule."""
    followup = {**JOINTS_BETTER, **now}
    observed = acr_response(baseline=BEFORE, followup=followup, missing_rule="observed_or_null")
    imputed = acr_response(baseline=BEFORE, followup=followup)

    assert observed.ACR20 is expected
    assert imputed.ACR20 is (expected is True)


@pytest.mark.parametrize("name", CORE_SET_MOST)
def test_a_component_that_was_0_cannot_improve(name: str) -> None:
    """A component with baseline 0 counts as not better, and a missing baseline leaves it open."""
    three = {**JOINTS_BETTER, "pain": 0, "ptga": 0, "apr": 0}
    needed = name in {"tjc68", "sjc66", "pain", "ptga", "apr"}

    zero = acr_response(baseline={**BEFORE, name: 0}, followup={**three, name: 0}, missing_rule="observed_or_null")
    gone = acr_response(baseline={**BEFORE, name: None}, followup=three, missing_rule="observed_or_null")

    assert zero.ACR20 is (not needed)
    assert gone.ACR20 is (None if needed else True)


@pytest.mark.parametrize("visit", ["baseline", "followup"])
def test_a_component_out_of_range_is_named_with_its_visit(visit: str) -> None:
    """Each component has its greatest value, and one that the core set lacks is refused."""
    given = {"baseline": BEFORE, "followup": BEFORE}
    acr_response(**{**given, visit: CORE_SET_MOST})

    for name, most in CORE_SET_MOST.items():
        with pytest.raises(InputError, match=rf"^{visit}.{name} must be"):
            acr_response(**{**given, visit: {**BEFORE, name: most + 1}})
    with pytest.raises(InputError, match=f"'crp' is no part of {visit}"):
        acr_response(**{**given, visit: {"crp": 1}})
    assert acr_response(**{**given, visit: None}) == Missing(f"{visit} is not given")


def test_the_rule_is_one_of_two_and_units_are_words() -> None:
    """An unknown rule for what is missing is refused, and so are units that are no text."""
    with pytest.raises(InputError, match=r"missing_rule must be one of.*units must be text"):
        acr_response(baseline=BEFORE, followup=BEFORE, missing_rule="carried_forward", units=1)


EASY = {name: [0] * questions for name, questions in HAQ_QUESTIONS.items()}


@pytest.mark.parametrize("category", HAQ_QUESTIONS)
def test_a_category_is_as_bad_as_its_worst_answer(category: str) -> None:
    """One answer makes its category, an aid or help lifts it to 2, and 3 stays 3."""
    for worst in (1, 2, 3):
        answers = {**EASY, category: [0] * (HAQ_QUESTIONS[category] - 1) + [worst]}
        for helped in ({"aids_or_devices": [category]}, {"help_from_person": [category]}):
            given = {"aids_or_devices": [], "help_from_person": [], **helped}
            assert haq_di(items=answers, **given) == Decimal(max(worst, 2)) / 8
            assert haq_di(items=answers, **given, method="alternative") == Decimal(worst) / 8


def test_help_with_an_unanswered_category_counts_nothing() -> None:
    """Help counts only where the category was answered, and six answered categories suffice."""
    six = {name: EASY[name] for name in list(EASY)[2:]}
    five = {name: EASY[name] for name in list(EASY)[3:]}

    assert haq_di(items=six, aids_or_devices=["dressing"], help_from_person=["arising"]) == 0
    assert haq_di(items=five, aids_or_devices=[], help_from_person=[]) == Missing(
        "5 categories are answered; the index needs 6 of 8"
    )
    assert haq_di(items={**five, "eating": [None] * 3}, aids_or_devices=[], help_from_person=[]).reason.startswith("5 ")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"items": {**EASY, "running": [0]}}, "'running' is no part of items"),
        ({"items": {**EASY, "reach": [0]}}, "items.reach must have 2 answers, got 1"),
        ({"items": {**EASY, "reach": [0, 4]}}, r"items.reach\[1\] must be from 0 to 3"),
        ({"items": {**EASY, "reach": 1}}, "items.reach must be a list"),
        ({"items": [0] * 20}, "items must give values by name"),
        ({"aids_or_devices": ["driving"]}, r"aids_or_devices\[0\] must be one of"),
        ({"help_from_person": "reach"}, "help_from_person must be a list"),
        ({"method": "mean"}, "method must be one of"),
    ],
)
def test_an_answer_that_the_questionnaire_does_not_have_is_named(change: dict, named: str) -> None:
    """What the questionnaire does not have is refused by its place."""
    with pytest.raises(InputError, match=named):
        haq_di(**{"items": EASY, "aids_or_devices": [], "help_from_person": [], **change})


def test_each_category_has_its_questions() -> None:
    """Dressing, arising, walking and reach have two questions; eating, hygiene, grip and activities three."""
    two, three = ("dressing", "arising", "walking", "reach"), ("eating", "hygiene", "grip", "activities")

    assert {**dict.fromkeys(two, 2), **dict.fromkeys(three, 3)} == HAQ_QUESTIONS


def test_lists_of_help_are_needed() -> None:
    """Without the lists of aids and help the index is missing: an empty list says that there is none."""
    assert haq_di(items=None, aids_or_devices=None, help_from_person=None) == Missing(
        "items is not given; aids_or_devices is not given; help_from_person is not given"
    )
