"""Rolling six against its published decision table, and on paths with open windows.

Source: Frankel et al. 2020, JAMA Netw Open 3(5):e204787, Table 2, column Rolling 6, for the row of the next patient;
Skolnik et al. 2008, J Clin Oncol 26:190.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.design import Outcome, Outcomes, RollingSix, ThreePlusThree, operating_characteristics
from trialwright.errors import InputError, PathError

WORDS = {"same": "same", "escalate": "tolerated", "escalate_or_mtd": "tolerated", "hold": "hold"}
"""The decisions as the table has them, and as verdicts."""

PATHS = [
    ("", 1, "stay", 1, "rolling six.same"),
    ("1PPPPP", 1, "stay", 1, "rolling six.same"),
    ("1PPPPPP", 1, "stay", 0, "rolling six.hold"),
    ("1NNN", 2, "escalate", 1, "rolling six.escalate"),
    ("1NNNP", 1, "stay", 1, "rolling six.same"),
    ("1NNNPP", 1, "stay", 1, "rolling six.same"),
    ("1NNNNP", 1, "stay", 1, "rolling six.same"),
    ("1NNNNN", 2, "escalate", 1, "rolling six.escalate"),
    ("1NNNNNP", 2, "escalate", 1, "rolling six.escalate"),
    ("1NNNNPP", 1, "stay", 0, "rolling six.hold"),
    ("1TNNNN", 1, "stay", 1, "rolling six.same"),
    ("1TNNNPP", 1, "stay", 0, "rolling six.hold"),
    ("1TNNNNP", 1, "stay", 0, "rolling six.hold"),
    ("1TNNNNN", 2, "escalate", 1, "rolling six.escalate"),
    ("1TTPP", None, "stop", 0, "rolling six.stop"),
    ("1NNN 2TTP", 1, "de-escalate", 1, "rolling six.de-escalate"),
    ("1NNN 2TTP 1PP", 1, "stay", 1, "rolling six.same"),
    ("1NNN 2TTP 1PPP", 1, "stay", 0, "rolling six.hold"),
    ("1NNN 2TTP 1NNP", None, "stop", 0, "rolling six.stop"),
    ("1NNNNNP 2TT", None, "stop", 0, "rolling six.stop"),
    ("1NNN 2NNN 3NNN", None, "consult", 0, "rolling six.consult"),
]
"""A path, then the dose, the decision, how many subjects, and the rule."""


def numbers(text: str, most: int) -> Iterator[int]:
    """The numbers of a cell such as `3`, `1-5` or `any`."""
    if text == "any":
        yield from range(most + 1)
        return
    low, _, high = text.partition("-")
    yield from range(int(low), int(high or low) + 1)


def test_every_row_of_the_published_table(shared: Path) -> None:
    """Every row of the published table, for all the numbers that it stands for, is the rule's verdict."""
    lines = (shared / "vectors/designs.jsonl").read_text().splitlines()
    tables = [v for v in map(json.loads, lines) if v["kind"] == "rolling6_table"]
    seen = 0
    for row in (row for table in tables for row in table["expected"]):
        for treated in numbers(row["n_on_level"], 6):
            for evaluable in (n for n in numbers(row["n_evaluable"], 6) if n <= treated):
                for dlts in (y for y in numbers(row["n_dlt"], 6) if y <= evaluable):
                    found = RollingSix(levels=3).verdict(treated, dlts, treated - evaluable)
                    assert found == WORDS.get(row["decision"], "too toxic"), (row, treated, evaluable, dlts)
                    seen += 1
    assert seen > 30


@pytest.mark.parametrize(("path", "dose", "decision", "subjects", "rule"), PATHS)
def test_the_next_subject(path: str, dose: int | None, decision: str, subjects: int, rule: str) -> None:
    """With windows open the rule places the next subject, holds enrolment, or ends escalation."""
    answer = RollingSix(levels=3).recommend(Outcomes.parse(path))

    assert (answer.dose, answer.decision.value, answer.subjects, answer.rule) == (dose, decision, subjects, rule)
    assert answer.why.endswith(".")


def test_variants() -> None:
    """Without de-escalation the level below is the MTD as it stands; six at the MTD fills the top level."""
    plain = RollingSix(levels=2, variant="no de-escalation").recommend(Outcomes.parse("1NNN 2TT"))
    six = RollingSix(levels=2, variant="six at the MTD", past_the_top_dose="MTD")

    assert plain.mtd == 1
    assert six.recommend(Outcomes.parse("1NNN 2NNN")).dose == 2
    assert six.recommend(Outcomes.parse("1NNN 2NNNNNP")).mtd == 2


@given(st.lists(st.text("NTP", min_size=3, max_size=6), min_size=1, max_size=3))
def test_a_settled_answer_stays_whatever_the_open_windows_bring(levels: list[str]) -> None:
    """A level that was tolerated with a window open is tolerated however it ends, and one too toxic stays so."""
    design = RollingSix(levels=3)
    last = levels[-1]
    for letter in (Outcome.NO_DLT, Outcome.DLT):
        before = design.verdict(len(last), last.count("T"), last.count("P"))
        ended = last.replace("P", letter)
        if before in {"tolerated", "too toxic"} and len(last) == 6:
            assert design.verdict(len(ended), ended.count("T"), 0) == before


@pytest.mark.parametrize("variant", ["no de-escalation", "de-escalation", "six at the MTD"])
def test_where_every_subject_is_awaited_it_selects_as_3_plus_3(variant: str) -> None:
    """Where each window closes before the next subject comes, the selection is exactly that of 3+3."""
    truth = [0.05, 0.12, 0.25, 0.40, 0.55]
    rolling = operating_characteristics(RollingSix(levels=5, variant=variant), truth)
    plain = operating_characteristics(ThreePlusThree(levels=5, variant=variant), truth)

    assert rolling.selection == pytest.approx(plain.selection, abs=1e-12)
    assert rolling.selection_none == pytest.approx(plain.selection_none, abs=1e-12)


def test_departures_allow_for_windows_that_were_open() -> None:
    """Six subjects at a level are no departure; a seventh is one, and so is a level that was skipped."""
    design = RollingSix(levels=3)

    assert design.departures(Outcomes.parse("1NNNNNN 2NNN")) == ()
    assert design.departures(Outcomes.parse("1NNN 2TT 1NNN")) == ()
    assert len(design.departures(Outcomes.parse("2N"))) == 1
    assert len(design.departures(Outcomes.parse("1NNN 2TTN 3N"))) == 1
    assert len(design.departures(Outcomes.parse("1NNNNNNN"))) == 1


def test_parameters_that_make_no_design() -> None:
    """All faults of the parameters are said at once, and a level that is not there is refused."""
    with pytest.raises(InputError, match=r"0 levels.*'D' is none of.*'up' is none of"):
        RollingSix(levels=0, variant="D", past_the_top_dose="up")
    with pytest.raises(PathError, match="3 levels"):
        RollingSix(levels=3).recommend(Outcomes.parse("4P"))


@pytest.mark.parametrize("variant", ["no de-escalation", "de-escalation", "six at the MTD"])
def test_explains_itself(variant: str) -> None:
    """The prose says how many subjects a level holds and what happens when it is full."""
    prose = RollingSix(levels=4, variant=variant, past_the_top_dose="MTD").explain()

    assert "Up to 6 subjects" in prose
    assert "enrolment is held" in prose
    assert ("filled to 6" in prose) == (variant != "no de-escalation")
