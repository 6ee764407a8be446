"""3+3 against published and exact numbers.

Sources: Storer 1989, Biometrics 45:925 (design A); the escalation probability of one level, 0/3 or 1/3 then 0/3, from
Reiner, Paoletti & O'Quigley 1999, Comput Stat Data Anal 30:303; exact values computed elsewhere in ../shared/vectors.
"""

import json
from fractions import Fraction
from pathlib import Path

import pytest

from trialwright.design import (
    Decision,
    Outcomes,
    Tally,
    ThreePlusThree,
    compiled,
    experimentation,
    operating_characteristics,
)

VARIANTS = {
    "A_no_deescalation": "no de-escalation",
    "B_deescalate_top_not_expanded": "de-escalation",
    "C_deescalate_six_at_mtd_incl_top": "six at the MTD",
}
"""The variants as the vectors name them."""

TABLE = {
    (3, 0): Decision.ESCALATE,
    (3, 1): Decision.EXPAND,
    (3, 2): Decision.STOP,
    (3, 3): Decision.STOP,
    (6, 1): Decision.ESCALATE,
    (6, 2): Decision.STOP,
    (6, 3): Decision.STOP,
    (6, 4): Decision.STOP,
}
"""The 3+3 table, by evaluable subjects and DLTs at a level; top level: consult for escalate."""


def escalation_probability(p: Fraction) -> Fraction:
    """The chance that a level is passed: none of three, or one of three and none of three more."""
    q = 1 - p
    return q**3 + 3 * p * q**2 * q**3


def closed_form(truth: list[Fraction]) -> tuple[list[Fraction], Fraction]:
    """Selection of each dose, and of none, when the dose below the first failing level is selected."""
    passed, selection = Fraction(1), []
    stops = []
    for p in truth:
        stops.append(passed * (1 - escalation_probability(p)))
        passed *= escalation_probability(p)
    selection = [*stops[1:], passed]
    return selection, stops[0]


def mean_patients(truth: list[Fraction]) -> list[Fraction]:
    """Three subjects at each level that is reached, and three more after one DLT."""
    reached, means = Fraction(1), []
    for p in truth:
        means.append(reached * (3 + 3 * 3 * p * (1 - p) ** 2))
        reached *= escalation_probability(p)
    return means


def design_vectors(shared: Path) -> list[dict]:
    """All vectors of the design room."""
    return [json.loads(line) for line in (shared / "vectors/designs.jsonl").read_text().splitlines()]


TRUTHS = [
    ["0.05", "0.12", "0.30"],
    ["0.1", "0.25", "0.4"],
    ["0.02", "0.05", "0.1"],
    ["0", "0", "0"],
    ["1", "1", "1"],
    ["0.5"],
    ["0.05", "0.12", "0.25", "0.4", "0.55", "0.6", "0.7", "0.8", "0.85", "0.9"],
]


@pytest.mark.parametrize("truth", TRUTHS, ids="-".join)
def test_operating_characteristics_equal_the_closed_form(truth: list[str]) -> None:
    """Selection, patients and DLTs equal the closed form of the design to twelve digits."""
    exact = [Fraction(p) for p in truth]

    found = operating_characteristics(ThreePlusThree(levels=len(truth)), [float(p) for p in exact])

    selection, none = closed_form(exact)
    patients = mean_patients(exact)
    dlts = [n * p for n, p in zip(patients, exact, strict=True)]
    for got, expected in (
        (found.selection, selection),
        ((found.selection_none,), [none]),
        (found.mean_patients, patients),
        (found.mean_dlts, dlts),
        ((found.top_tolerated,), [selection[-1]]),
    ):
        assert got == pytest.approx([float(value) for value in expected], abs=1e-12)
    assert sum(found.sizes.values()) == pytest.approx(1, abs=1e-12)


def test_decision_table_at_every_level() -> None:
    """At every level and for every complete cohort, the decision is the one of the published 3+3 table."""
    design = ThreePlusThree(levels=3)
    for level in (1, 2, 3):
        below = tuple(Tally(3, 0) for _ in range(level - 1))
        above = tuple(Tally() for _ in range(3 - level))
        for (evaluable, dlts), decision in TABLE.items():
            answer = design.course((*below, Tally(evaluable, dlts), *above), level)
            expected = Decision.CONSULT if decision is Decision.ESCALATE and level == 3 else decision
            assert answer.decision is expected
            assert answer.mtd == ((level - 1 or None) if decision is Decision.STOP else None)


def of_kind(shared: Path, kind: str) -> list[dict]:
    """The vectors of a kind; there is at least one."""
    found = [vector for vector in design_vectors(shared) if vector["kind"] == kind]
    assert found
    return found


def test_exact_vectors(shared: Path) -> None:
    """Exact operating characteristics of every variant equal those computed by other programs."""
    for vector in of_kind(shared, "3p3_exact"):
        truth, expected = vector["inputs"]["p_true"], vector["expected"]
        design = ThreePlusThree(levels=len(truth), variant=VARIANTS[vector["inputs"]["variant"]])
        found = operating_characteristics(design, truth)
        for got, key in (
            (found.selection, "prob_select"),
            (found.selection_none, "prob_none"),
            (found.mean_patients, "mean_n"),
            (found.mean_dlts, "mean_dlt"),
            (found.mean_size, "total_n"),
            (sum(found.mean_dlts), "total_dlt"),
        ):
            assert got == pytest.approx(expected[key], abs=vector["tolerance"]), (vector["id"], key)
        assert (min(found.sizes), max(found.sizes)) == (expected["n_min"], expected["n_max"])
        assert len(compiled(design).ways) == expected["terminal_states"]


def test_the_variant_with_de_escalation_equals_bcrm(shared: Path) -> None:
    """Selection, numbers and experimentation with de-escalation equal bcrm's enumeration of all paths."""
    for vector in of_kind(shared, "3p3_bcrm_threep3"):
        truth, expected = vector["inputs"]["p_true"], vector["expected"]
        design = ThreePlusThree(levels=len(truth), variant=VARIANTS[vector["inputs"]["variant"]])
        found = operating_characteristics(design, truth)
        for got, key in (
            ((found.selection_none, *found.selection), "prob_none_then_doses"),
            (found.mean_patients, "mean_n"),
            (found.mean_dlts, "mean_dlt"),
            (experimentation(design, truth), "experimentation"),
            (found.mean_size, "mean_total_n"),
        ):
            assert got == pytest.approx(expected[key], abs=vector["tolerance"]), (vector["id"], key)
        assert (min(found.sizes), max(found.sizes)) == (expected["min_n"], expected["max_n"])


def test_published_selection_with_de_escalation(shared: Path) -> None:
    """Selection with de-escalation rounds to the percentages that Wheeler and colleagues published."""
    for vector in of_kind(shared, "3p3_wheeler_published"):
        truth = vector["inputs"]["p_true"]
        design = ThreePlusThree(levels=len(truth), variant=VARIANTS[vector["inputs"]["variant"]])
        found = operating_characteristics(design, truth)
        expected = vector["expected"]["prob_none_then_doses"]
        assert (found.selection_none, *found.selection) == pytest.approx(expected, abs=vector["tolerance"])


def test_degenerate_and_escalation_probability_vectors(shared: Path) -> None:
    """A level is passed with the published probability, and certain doses are selected with certainty."""
    for vector in of_kind(shared, "3p3_escalation_probability"):
        p = vector["inputs"]["p_dlt"]
        found = operating_characteristics(ThreePlusThree(levels=1), [p])
        expected = vector["expected"]
        assert found.selection[0] == pytest.approx(expected["prob_escalate"], abs=vector["tolerance"])
        assert found.mean_patients[0] == pytest.approx(expected["expected_n_at_dose"], abs=vector["tolerance"])
    for vector in of_kind(shared, "3p3_degenerate"):
        truth, expected = vector["inputs"]["p_true"], vector["expected"]
        plain = operating_characteristics(ThreePlusThree(levels=len(truth)), truth)
        six = operating_characteristics(ThreePlusThree(levels=len(truth), variant="six at the MTD"), truth)
        assert list(plain.selection) == expected["rule_A_select"]
        assert list(plain.mean_patients) == expected["rule_A_mean_n"]
        assert list(plain.mean_dlts) == expected["rule_A_mean_dlt"]
        assert list(six.mean_patients) == expected["rule_C_mean_n"]


def test_one_path_of_the_rule_in_its_own_notation() -> None:
    """On 1NNN 2NTN the rule treats three more at level 2."""
    answer = ThreePlusThree(levels=3).recommend(Outcomes.parse("1NNN 2NTN"))

    assert (answer.dose, answer.decision, answer.subjects) == (2, Decision.EXPAND, 3)
