"""What the protocol says of a measure, for drawing it: decimals, limits of normal, which way is better, formulas.

Nothing here is clinical advice: where the protocol is silent a rehearsal assumes something, and this is where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import trialwright.clinical  # noqa: F401 - fills the catalogue of items
from trialwright.clinical.item import Missing, compute
from trialwright.errors import InputError
from trialwright.protocol.criteria import (
    Among,
    AtLeast,
    Comparison,
    Condition,
    Deferred,
    Fell,
    Happened,
    If,
    Lasting,
    Not,
    Several,
    items,
)
from trialwright.protocol.facts import Value
from trialwright.protocol.study import Exclusion, Item, Study

Leaf = Comparison | Among | Happened | Lasting | Fell
Formula = tuple[str, Mapping[str, str]]

FORMULAS: Mapping[str, Formula] = {
    "das28_esr": (
        "das28_esr_4v",
        {
            "tender_joint_count_28": "tjc28",
            "swollen_joint_count_28": "sjc28",
            "esr_mm_per_h": "esr",
            "patient_global_health_vas_mm": "patient_global",
        },
    ),
    "das28_crp": (
        "das28_crp_4v",
        {
            "tender_joint_count_28": "tjc28",
            "swollen_joint_count_28": "sjc28",
            "crp_mg_per_l": "crp",
            "patient_global_health_vas_mm": "patient_global",
        },
    ),
    "creatinine_clearance": (
        "cockcroft_gault_umol",
        {"age_years": "age", "weight_kg": "weight", "creatinine_umol_per_l": "creatinine", "sex": "sex"},
    ),
}
"""Items that follow from others by a formula of `trialwright compute`, where a protocol has all of them by these names
and enters the result by hand; an item that the protocol computes itself needs no line here."""

FALLING = ("tjc", "sjc", "joint", "esr", "crp", "pain", "global", "haq", "das28", "basdai", "basfi", "asdas", "cdai")
"""Beginnings of the names of measures that fall as rheumatic disease gets better (OMERACT core set, Boers 1994)."""

_BETTER: Mapping[str, Literal[-1, 1]] = {">=": 1, ">": 1, "<=": -1, "<": -1}


@dataclass(frozen=True, slots=True)
class Limits:
    """A laboratory's limits of normal; None where no criterion asks for them."""

    uln: Decimal | None = None
    lln: Decimal | None = None

    @property
    def entered(self) -> dict[str, Decimal]:
        """As a subject's JSON writes them."""
        return {name: value for name, value in (("uln", self.uln), ("lln", self.lln)) if value is not None}


def leaves_with_sign(condition: Condition, *, wanted: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """The leaves of a condition that is wanted true or false, each with what is wanted of it."""
    match condition:
        case Comparison() | Among() | Happened() | Lasting() | Fell():
            yield condition, wanted
        case Not(part=part):
            yield from leaves_with_sign(part, wanted=not wanted)
        case If(then=then):
            yield from leaves_with_sign(then, wanted=wanted)
        case Several(of=parts) | AtLeast(of=parts):
            for part in parts:
                yield from leaves_with_sign(part, wanted=wanted)
        case Deferred(part=part):
            yield from leaves_with_sign(part, wanted=True)


def bounds(item: Item) -> tuple[Decimal, Decimal]:
    """Where most values of a number or a dose lie: what is typical, else what can be, else 1 to 100."""
    return item.typical or item.range or (Decimal(1), Decimal(100))


def rounded(item: Item, value: float | Decimal) -> Decimal:
    """A number with the decimals that the protocol writes in `typical`, or else in `range`, inside what can be.

    Example:
        >>> from tests.conductor import STUDY
        >>> rounded(STUDY.item("age"), 43.27), rounded(STUDY.item("weight"), 1000)
        (Decimal('43'), Decimal('250'))
    """
    low, high = item.range or (None, None)
    number = Decimal(str(float(value))).quantize(step(item))
    bounded = number if low is None or number >= low else low
    return bounded if high is None or bounded <= high else high


def step(item: Item) -> Decimal:
    """The least step of a number, by the decimals of what is typical."""
    return Decimal(1).scaleb(min(0, *(_exponent(one) for one in bounds(item))))


class Reading:
    """What a protocol says of its measures, read once.

    Attributes:
        study: The protocol.
        asked: Every leaf of the criteria, with what is wanted of it in somebody who takes part.
        computes: Whether some item is computed from others.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.computes = any(item.computed for item in study.items)
        self.asked: tuple[tuple[Leaf, bool], ...] = tuple(
            leaf
            for criterion in study.criteria
            for leaf in leaves_with_sign(criterion.condition, wanted=not isinstance(criterion, Exclusion))
        )
        self._limits = {item.name: self._limits_of(item) for item in study.items}

    def limits(self, item: Item) -> Limits:
        """The limits of normal of the rehearsal's laboratory: what is typical lies where the criteria want it."""
        return self._limits[item.name]

    def formula(self, item: Item) -> Formula | None:
        """The formula that an item follows from, where the protocol enters it and has everything that it needs."""
        formula = None if item.computed else FORMULAS.get(item.name)
        return formula if formula and all(self.study.item(one) for one in formula[1].values()) else None

    def derived(self, item: Item, values: Mapping[str, Value | None]) -> Decimal | None:
        """The value of an item that a formula gives from others; None where it is drawn, or one of them is missing."""
        formula = self.formula(item)
        if formula is None:
            return None
        name, inputs = formula
        try:
            found = compute(name, {key: values.get(one) for key, one in inputs.items()})
        except InputError:
            return None
        return None if isinstance(found, Missing) else rounded(item, found)

    def better(self, item: Item) -> int:
        """Which way an item goes as the disease gets better: by the responses of the protocol, else as its kind does.

        Returns:
            -1 where it falls, 1 where it rises, 0 where it does not follow the disease.
        """
        signs = [sign for leaf, wanted in self._responses if (sign := _sign(leaf, item.name, wanted=wanted))]
        if signs:
            return 1 if sum(signs) > 0 else -1
        return -1 if item.type == "number" and item.name.startswith(FALLING) else 0

    @cached_property
    def premises(self) -> Mapping[str, tuple[Condition, ...]]:
        """Items of yes and no, or of a word, that criteria read only under a premise, each with its premises.

        `sex is female and (pregnant is yes or ...)` in an exclusion, and `if childbearing_potential is yes then ...`.
        """
        under: dict[str, list[Condition]] = {}
        free: set[str] = set()
        for criterion in self.study.criteria:
            excludes = isinstance(criterion, Exclusion)
            for condition in criterion.conditions.values():
                for item, premise in _premises(condition, None, excludes=excludes):
                    if premise is None:
                        free.add(item)
                    else:
                        under.setdefault(item, []).append(premise)
        kinds = {item.name: item.type for item in self.study.items}
        words = {item for item in under.keys() - free if kinds.get(item) in {"yes or no", "word"}}
        return {item: tuple(under[item]) for item in sorted(words)}

    @cached_property
    def _responses(self) -> tuple[tuple[Leaf, bool], ...]:
        """The leaves of every response, but those that look back on the baseline."""
        endpoints = (*self.study.endpoints.primary, *self.study.endpoints.secondary)
        leaves = (leaf for one in endpoints if one.response for leaf in leaves_with_sign(one.response))
        return tuple((leaf, wanted) for leaf, wanted in leaves if not _looks_back(self.study, leaf))

    def _limits_of(self, item: Item) -> Limits:
        low, high = bounds(item)
        found: dict[str, Decimal] = {}
        for leaf, wanted in self.asked:
            if not isinstance(leaf, Comparison) or leaf.item != item.name or leaf.times is None:
                continue
            above = (leaf.op in {">", ">="}) == wanted
            factor = leaf.value if above and isinstance(leaf.value, Decimal) and leaf.value else Decimal(1)
            found[leaf.times] = max((low if above else high) / factor, step(item))
        return Limits(*(_rounded_limit(found.get(name)) for name in ("ULN", "LLN")))


def _looks_back(study: Study, leaf: Leaf) -> bool:
    visits = leaf.when.visits if isinstance(leaf, Comparison) else ()
    return any(visit.day < 0 for name in visits if (visit := study.visit(name)))


def _sign(leaf: Any, item: str, *, wanted: bool) -> int:
    if isinstance(leaf, Fell) and leaf.item == item:
        return -1 if wanted else 1
    if not isinstance(leaf, Comparison) or leaf.item != item or not isinstance(leaf.value, Decimal):
        return 0
    sign = _BETTER.get(leaf.op, -1 if leaf.value == 0 else 0)
    return sign if wanted else -sign


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _rounded_limit(limit: Decimal | None) -> Decimal | None:
    return None if limit is None else Decimal(str(round(float(limit), 2)))


def _premises(
    condition: Condition, premise: Condition | None, *, excludes: bool
) -> Iterator[tuple[str, Condition | None]]:
    match condition:
        case If(premise=first, then=then):
            yield from _premises(first, premise, excludes=excludes)
            yield from _premises(then, first, excludes=excludes)
        case Several(word="and", of=(Comparison() | Happened() as first, *rest)) if excludes:
            yield from _premises(first, premise, excludes=excludes)
            for part in rest:
                yield from _premises(part, first, excludes=excludes)
        case Several(of=parts) | AtLeast(of=parts):
            for part in parts:
                yield from _premises(part, premise, excludes=excludes)
        case Not(part=part) | Deferred(part=part):
            yield from _premises(part, premise, excludes=excludes)
        case _:
            yield from ((item, premise) for item in items(condition))
