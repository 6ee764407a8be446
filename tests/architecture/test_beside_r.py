"""The tool that asks R the same: what it asks here, and how it tells answers apart."""

from math import inf, nan
from random import Random

import pytest

from tools.beside_r import QUESTIONS, Question, here, verdict

QUESTION = Question(item="logrank", inputs={}, package="survival", call="", numbers=lambda found: [found["p"]])


@pytest.mark.parametrize("draw", QUESTIONS)
def test_question(draw: object) -> None:
    """Each kind of question is one that Trialwright answers in numbers, or refuses."""
    random = Random(3)  # noqa: S311 - inputs, no secrets

    answers = [here(draw(random)) for _ in range(3)]

    assert all(answer == "refused" or len(answer) >= 1 for answer in answers)
    assert any(isinstance(answer, list) for answer in answers)


@pytest.mark.parametrize(
    ("theirs", "ours", "said"),
    [
        ([1.0, 2.0], [1.0, 2.0000001], "same"),
        ([1.0, 2.0], [1.0, 2.1], "different"),
        ([1.0], [1.0, 2.0], "different"),
        ([1e9], [1e9 + 1], "same"),
        ([inf, nan], [nan, nan], "same"),
        ([1.0], [nan], "different"),
        ([nan], [1.0], "different"),
        ("refused", "refused", "both refuse"),
        ("refused", [1.0], "only R refuses"),
        ([1.0], "refused", "only R answers"),
        ("absent", [1.0], "package absent"),
    ],
)
def test_verdict(theirs: list[float] | str, ours: list[float] | str, said: str) -> None:
    """Numbers are the same within their tolerance, infinity of R is a missing number, and a refusal is no answer."""
    assert verdict(QUESTION, theirs, ours) == said
