"""The grading of a finding by CTCAE: the grade, the rule that fired in words, and what was not said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from trialwright.clinical.ctcae_condition import Comparison, Condition, Facts, Question, read_condition
from trialwright.clinical.ctcae_dictionary import Term, find_term
from trialwright.clinical.ctcae_thresholds import THRESHOLDS
from trialwright.clinical.inputs import Inputs
from trialwright.clinical.item import Missing, item
from trialwright.errors import InputError

Given = Decimal | int | bool | str | None

NUMBERS = frozenset(
    {"value", "lln", "uln", "baseline", "systolic", "diastolic", "temperature_c", "anc", "duration_h_above_40"}
)
_LARGEST = 10**9
_ALWAYS = frozenset({"is_baseline_record", "ionized", "death"})
_DERIVED_FLAGS = frozenset({"baseline_high", "baseline_low"})
_ITEMS = {
    "Cytokine release syndrome": "crs_grade_ctcae_v5",
    "Infusion related reaction": "infusion_related_reaction_grade",
}
_SPELLINGS = {
    "10*9/L": "10^9/L",
    "10^3/uL": "10^9/L",
    "10*3/uL": "10^9/L",
    "/uL": "/mm3",
    "/µL": "/mm3",
    "Cel": "C",
    "°C": "C",
    "msec": "ms",
    "mL/min/{1.73_m2}": "mL/min/1.73m2",
    "g/24 h": "g/24h",
    "g/d": "g/24h",
    "kg/m^2": "kg/m2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grading:
    """A grade with its reason.

    Attributes:
        grade: 0 to 5; 0 where no grade's condition holds.
        rule: The condition that held, in words.
        unanswered: Clinical questions that were not answered and could raise the grade.
    """

    term: str
    grade: int
    rule: str
    unanswered: tuple[str, ...]

    def __str__(self) -> str:
        asked = f" (not said: {', '.join(self.unanswered)})" if self.unanswered else ""
        return f"{self.term} grade {self.grade}: {self.rule}{asked}"


def conditions(name: object, version: str = "5.0") -> Mapping[int, Condition]:
    """Give the condition of each grade of a term that is graded by value, highest first; nothing for other terms.

    Raises:
        InputError: The term or the version is unknown.

    Example:
        >>> {grade: condition.text() for grade, condition in conditions("CPK increased").items()}
        {4: 'value > 10 × ULN', 3: 'value > 5 × ULN', 2: 'value > 2.5 × ULN', 1: 'value > ULN'}

    Source: CTCAE 5.0.
    """
    term = find_term(name, version)
    return {grade: read_condition(text) for grade, text in THRESHOLDS[version].get(term.name, {}).items()}


def questions(name: object, version: str = "5.0") -> tuple[str, ...]:
    """Name the clinical questions on which the grade of a term depends beside its numbers.

    Example:
        >>> questions("Hypokalemia")
        ('hospitalization_indicated', 'intervention_indicated', 'life_threatening', 'symptomatic')

    Source: CTCAE 5.0.
    """
    parts = [part for condition in conditions(name, version).values() for part in condition.parts]
    return tuple(sorted({part.name for part in parts if isinstance(part, Question)} - _DERIVED_FLAGS))


def grade(name: object, given: Mapping[str, Given], version: str = "5.0") -> Grading | Missing:
    """Grade a finding by its numbers, its limits of normal, its baseline and the answers to clinical questions.

    The highest grade whose condition holds is the grade. Where a number or an answer is not known on which a higher
    grade depends, the grade is missing. A value is graded in the unit in which it was reported, since the printed bands
    of two units differ. A baseline record is graded against the limits of normal alone.

    Args:
        name: A term that is graded by value.
        given: `value`, `unit`, `lln`, `uln`, `baseline`, `is_baseline_record` and whatever `questions` names; the
            limits and the baseline in the unit of the value.
        version: Version of CTCAE.

    Returns:
        The grade with the rule that fired, or missing with what would decide it.

    Raises:
        InputError: The term is unknown or not graded by value, or an input is unknown, impossible or in another unit.

    Example:
        >>> print(grade("Anemia", {"value": Decimal("79"), "unit": "g/L", "lln": Decimal("120")}))
        Anemia grade 3: value < 80 g/L (not said: life_threatening)
        >>> print(grade("Neutrophil count decreased", {"value": Decimal("1.7"), "unit": "10^9/L"}))
        missing: grade 0 or 1 of Neutrophil count decreased cannot be told without lln

    Source: CTCAE 5.0; the conventions are in docs/clinical.md. Checked in tests/published/test_ctcae.py.
    """
    term = find_term(name, version)
    rules = conditions(name, version)
    if not rules:
        mend = f"`{_ITEMS[term.name]}` asks its questions" if term.name in _ITEMS else "give the grade itself"
        raise InputError(f"{term.name} is graded by its clinical course, not by a value; {mend}")
    facts = _facts(term, rules, given)
    if facts.flags.get("death"):
        if 5 not in term.grades:
            raise InputError(f"death: {term.name} has no grade 5 in CTCAE {version}; report the cause of death")
        return Grading(term=term.name, grade=5, rule="death", unanswered=())
    possible: list[int] = []
    unknown: set[str] = set()
    for level, condition in rules.items():
        verdict, words = condition.decide(facts)
        if verdict.holds:
            if unknown:
                return _undecided(term, [*possible, level], unknown)
            return Grading(term=term.name, grade=level, rule=words, unanswered=_unanswered(rules, facts, level))
        if verdict.holds is None:
            possible.append(level)
            unknown |= verdict.unknown
    if unknown:
        return _undecided(term, [*possible, 0], unknown)
    lowest = min(rules)
    rule = f"not grade {lowest}, which needs: {rules[lowest].text()}"
    return Grading(term=term.name, grade=0, rule=rule, unanswered=_unanswered(rules, facts, 0))


@item("ctcae_v5_grade")
def ctcae_v5_grade(*, term: str, **given: Given) -> int | Missing:
    """Grade a finding by CTCAE 5.0 and give the number alone.

    Args:
        term: A term that is graded by value.
        given: What `grade` takes.

    Returns:
        0 to 5, or missing with what would decide it.

    Raises:
        InputError: As `grade`.

    Example:
        >>> ctcae_v5_grade(term="CPK increased", value=Decimal("501"), uln=Decimal("200"))
        2

    Source: National Cancer Institute 2017, CTCAE 5.0. Checked in tests/published/test_ctcae.py.
    """
    found = grade(term, given)
    return found if isinstance(found, Missing) else found.grade


@cache
def _every_flag() -> frozenset[str]:
    return _ALWAYS.union(*(questions(name) for name in THRESHOLDS["5.0"]))


def _facts(term: Term, rules: Mapping[int, Condition], given: Mapping[str, Given]) -> Facts:
    inputs = Inputs()
    flags = _every_flag()
    for key in given:
        if key != "unit" and key not in NUMBERS and key not in flags:
            inputs.fault(f"{key} is no input of ctcae_v5_grade; {term.name} asks: {', '.join(_asked(rules))}")
    numbers = {name: inputs.number(name, given.get(name), 0, _LARGEST) for name in NUMBERS}
    answers = {name: inputs.flag(name, given.get(name)) for name in flags}
    lln, uln = numbers["lln"], numbers["uln"]
    if lln is not None and uln is not None and lln >= uln:
        inputs.fault(f"lln must be below uln, got {lln} and {uln}")
    unit = _unit(inputs, term, rules, given.get("unit"))
    inputs.refuse()
    return Facts(numbers, answers, unit)


def _unit(inputs: Inputs, term: Term, rules: Mapping[int, Condition], given: Any) -> str | None:
    """Read the unit; where the bands are printed in one alone it is that one, where in several it is not known."""
    parts = [part for condition in rules.values() for part in condition.parts if isinstance(part, Comparison)]
    printed = list(dict.fromkeys(unit for part in parts for unit in part.by_unit))
    inputs.remark("unit", given)
    if not printed or not isinstance(given, str | None):
        return None
    if given is None:
        return printed[0] if len(printed) == 1 else None
    unit = _SPELLINGS.get(given, given)
    if unit not in printed:
        inputs.fault(f"unit must be one of {', '.join(printed)} for {term.name}, got {given[:40]!r}; convert the value")
    return unit


def _asked(rules: Mapping[int, Condition]) -> list[str]:
    names = {name for condition in rules.values() for part in condition.parts for name in part.names}
    return sorted((names | {"unit"}) - _DERIVED_FLAGS)


def _unanswered(rules: Mapping[int, Condition], facts: Facts, reached: int) -> tuple[str, ...]:
    higher = [part for level, condition in rules.items() if level > reached for part in condition.parts]
    named = {part.name for part in higher if isinstance(part, Question) and part.wanted} - _DERIVED_FLAGS - _ALWAYS
    return tuple(sorted(name for name in named if facts.flags.get(name) is None))


def _undecided(term: Term, possible: list[int], unknown: set[str]) -> Missing:
    grades = " or ".join(str(level) for level in sorted(possible))
    needed = " and ".join(sorted(unknown))
    return Missing(f"grade {grades} of {term.name} cannot be told without {needed}")
