"""The condition of a grade, as written in `ctcae_thresholds`: read once, decided with unknown kept, and told in words.

A condition is alternatives joined by ` | `, each of parts joined by ` & `. A part compares a quantity with a threshold
(`value > 3 uln`, `value < {80 g/L, 8.0 g/dL, 4.9 mmol/L}`), or asks a clinical question (`symptomatic?`), perhaps
denied (`not symptomatic?`). A question with its mark must be answered wherever the grade depends on it; one without is
something that is only ever said when it is so, such as `life_threatening`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from operator import ge, gt, le, lt

LIMITS = {"lln": "LLN", "uln": "ULN", "baseline": "baseline"}
_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge}
_DERIVED = {
    "rise": ("value", "baseline"),
    "drop": ("value", "baseline"),
    "gain_pct": ("value", "baseline"),
    "drop_pct": ("value", "baseline"),
}
_PART = re.compile(
    r"(?P<quantity>\w+) (?P<operator>[<>]=?) (?:\{(?P<units>[^}]+)\}|(?P<factor>[\d.]+)? ?(?P<limit>lln|uln|baseline)?)"
)
_WORDS = {
    "rise": "rise from baseline",
    "drop": "drop from baseline",
    "gain_pct": "gain in % of baseline",
    "drop_pct": "loss in % of baseline",
    "baseline_high": "baseline above ULN",
    "baseline_low": "baseline below LLN",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one finding: its numbers, its unit, and the answers to clinical questions; None is unknown."""

    numbers: Mapping[str, Decimal | None]
    flags: Mapping[str, bool | None]
    unit: str | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds; None where what `unknown` names would decide it."""

    holds: bool | None
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A quantity against a number, a multiple of a limit, or a number in each of several units."""

    quantity: str
    operator: str
    factor: Decimal
    limit: str | None
    by_unit: Mapping[str, Decimal]

    @property
    def names(self) -> frozenset[str]:
        """The numbers that it needs."""
        needed = _DERIVED.get(self.quantity, (self.quantity,))
        return frozenset([*needed, self.limit] if self.limit else needed)

    def decide(self, facts: Facts) -> Verdict:
        """Compare exactly, without a division."""
        known = {name: number for name, number in facts.numbers.items() if number is not None}
        unknown = {name for name in self.names if name not in known}
        right = self.by_unit.get(str(facts.unit)) if self.by_unit else self.factor
        if right is None:
            unknown.add("unit")
        if self.quantity.endswith("_pct") and known.get("baseline") == 0:
            unknown.add("baseline above 0")
        if unknown or right is None:
            return Verdict(None, frozenset(unknown))
        if self.limit:
            right *= known[self.limit]
        if self.quantity.endswith("_pct"):
            right *= known["baseline"]
        return Verdict(_COMPARE[self.operator](self._left(known), right))

    def _left(self, known: Mapping[str, Decimal]) -> Decimal:
        match self.quantity:
            case "rise":
                return known["value"] - known["baseline"]
            case "drop":
                return known["baseline"] - known["value"]
            case "gain_pct":
                return (known["value"] - known["baseline"]) * 100
            case "drop_pct":
                return (known["baseline"] - known["value"]) * 100
        return known[self.quantity]

    def text(self, unit: str | None = None) -> str:
        """Tell it in words, in one unit where there are several."""
        if self.by_unit:
            shown = [unit] if unit and unit in self.by_unit else list(self.by_unit)
            right = " or ".join(f"{self.by_unit[name]} {name}" for name in shown)
        elif self.limit:
            right = LIMITS[self.limit] if self.factor == 1 else f"{self.factor} × {LIMITS[self.limit]}"
        else:
            right = str(self.factor)
        return f"{_WORDS.get(self.quantity, self.quantity.replace('_', ' '))} {self.operator} {right}"


@dataclass(frozen=True, slots=True)
class Question:
    """A clinical question; `asked` where its answer must be known, else only said when it is so."""

    name: str
    asked: bool
    wanted: bool

    @property
    def names(self) -> frozenset[str]:
        """The answer that it needs."""
        return frozenset({self.name})

    def decide(self, facts: Facts) -> Verdict:
        """Take the answer, or derive it where numbers hold it."""
        match self.name:
            case "baseline_high" | "baseline_low":
                limit = "uln" if self.name == "baseline_high" else "lln"
                verdict = self._abnormal(facts, limit)
            case _:
                answer = facts.flags.get(self.name)
                if answer is None and self.asked:
                    return Verdict(None, frozenset({self.name}))
                verdict = Verdict(bool(answer))
        return verdict if verdict.holds is None else Verdict(verdict.holds is self.wanted)

    def _abnormal(self, facts: Facts, limit: str) -> Verdict:
        if facts.flags.get("is_baseline_record"):
            return Verdict(holds=False)
        comparison = Comparison("baseline", ">" if limit == "uln" else "<", Decimal(1), limit, {})
        return comparison.decide(facts)

    def text(self, unit: str | None = None) -> str:  # noqa: ARG002 - as `Comparison.text`
        """Tell it in words."""
        words = _WORDS.get(self.name, self.name.replace("_", " "))
        return words if self.wanted else f"not {words}"


@dataclass(frozen=True, slots=True)
class Condition:
    """Alternatives, each of parts that must hold together."""

    alternatives: tuple[tuple[Comparison | Question, ...], ...]

    @property
    def parts(self) -> tuple[Comparison | Question, ...]:
        """Every part of every alternative."""
        return tuple(part for alternative in self.alternatives for part in alternative)

    def decide(self, facts: Facts) -> tuple[Verdict, str]:
        """Decide by three-valued logic; the text is of the alternative that holds."""
        unknown: set[str] = set()
        for alternative in self.alternatives:
            verdicts = [part.decide(facts) for part in alternative]
            if all(verdict.holds for verdict in verdicts):
                return Verdict(holds=True), " and ".join(part.text(facts.unit) for part in alternative)
            if not any(verdict.holds is False for verdict in verdicts):
                unknown.update(*(verdict.unknown for verdict in verdicts))
        return (Verdict(None, frozenset(unknown)) if unknown else Verdict(holds=False)), ""

    def text(self) -> str:
        """Tell every alternative in words."""
        return "; or ".join(" and ".join(part.text() for part in parts) for parts in self.alternatives)


@cache
def read_condition(text: str) -> Condition:
    """Read a condition.

    Example:
        >>> read_condition("value > 5 uln | value > 2 uln & symptomatic?").text()
        'value > 5 × ULN; or value > 2 × ULN and symptomatic'
    """
    return Condition(tuple(tuple(map(_part, parts.split(" & "))) for parts in text.split(" | ")))


def _part(text: str) -> Comparison | Question:
    compared = _PART.fullmatch(text)
    if compared is None:
        name = text.removeprefix("not ")
        return Question(name.removesuffix("?"), asked=name.endswith("?"), wanted=not text.startswith("not "))
    pairs = [pair.split(" ") for pair in (compared["units"] or "").split(", ") if pair]
    return Comparison(
        compared["quantity"],
        compared["operator"],
        Decimal(compared["factor"] or 1),
        compared["limit"],
        {unit: Decimal(number) for number, unit in pairs},
    )
