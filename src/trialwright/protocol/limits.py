"""What criteria ask of a value, by interval algebra: which values an item must have for a condition to hold.

A condition is constant between two thresholds, so the thresholds of a study, the points between them and the ends of
the item's range stand for all values. What is found is necessary, never sufficient: a value outside is surely refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from trialwright.protocol.criteria import (
    COMPARE,
    Among,
    AtLeast,
    Comparison,
    Condition,
    If,
    Not,
    Pick,
    Several,
    leaves,
)
from trialwright.protocol.facts import Value
from trialwright.protocol.schedule import Item
from trialwright.protocol.study import Study


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of a subject: an item, as a multiple of a limit of normal or not, at one time.

    Attributes:
        when: The visit or the window, as criteria write it.
        pick: Which of several values; `any` and `all` speak of several and are no measure.
    """

    item: str
    times: Literal["ULN", "LLN"] | None
    when: str = ""
    pick: Pick = "last"


Values = frozenset[Value]
Bounds = dict[Measure, Values]


class Limits:
    """The values that a study's conditions tell apart, and what each condition asks of them."""

    def __init__(self, study: Study, conditions: Iterable[Condition]) -> None:
        """Collect every threshold that the conditions state.

        Args:
            study: Its items give the words and the ranges.
            conditions: The conditions to be compared with each other.
        """
        self._items = {item.name: item for item in study.items}
        stated: dict[tuple[str, str | None], set[Decimal]] = {}
        for condition in conditions:
            for leaf in leaves(condition):
                if isinstance(leaf, Comparison) and isinstance(leaf.value, Decimal):
                    stated.setdefault((leaf.item, leaf.times), set()).add(leaf.value)
        self._points = {key: _points(self._items.get(key[0]), key[1], found) for key, found in stated.items()}

    def all_values(self, item: str, times: str | None) -> Values:
        """Every value that is told apart."""
        known = self._items.get(item)
        if known is None or known.type == "number":
            return self._points.get((item, times), frozenset())
        return frozenset({True, False} if known.type == "yes or no" else known.choices)

    def asked(self, condition: Condition, *, holds: bool = True) -> Bounds:
        """The values that each measure must have for a condition to hold, or not to hold."""
        match condition:
            case Comparison() | Among():
                return self._asked_by_leaf(condition, holds=holds)
            case Not(part=part):
                return self.asked(part, holds=not holds)
            case Several(word=word, of=parts):
                return joined([self.asked(part, holds=holds) for part in parts], every=(word == "and") is holds)
            case AtLeast(number=number, of=parts) if number in {1, len(parts)}:
                every = (number == len(parts)) if len(parts) > 1 else True
                return joined([self.asked(part, holds=holds) for part in parts], every=every is holds)
            case If(premise=premise, then=then):
                return joined([self.asked(premise, holds=not holds), self.asked(then, holds=holds)], every=not holds)
        return {}

    def _asked_by_leaf(self, leaf: Comparison | Among, *, holds: bool) -> Bounds:
        item = self._items.get(leaf.item)
        if item is None or item.type not in {"number", "yes or no", "word"} or (_pick(leaf) in {"any", "all"}):
            return {}
        if isinstance(leaf, Comparison) and leaf.unit not in {None, item.unit}:
            return {}
        if isinstance(leaf, Among) and item.type != "word":
            return {}
        times = leaf.times if isinstance(leaf, Comparison) else None
        values = frozenset(value for value in self.all_values(leaf.item, times) if _fits(leaf, value) is holds)
        visits = [f" at {visit}" for visit in leaf.when.visits] or [str(leaf.when)]
        if len(visits) > 1 and not holds:
            return {}
        return {Measure(leaf.item, times, when, _pick(leaf)): values for when in visits}


def joined(parts: list[Bounds], *, every: bool) -> Bounds:
    """What several conditions ask together: all of them, or one of them at least."""
    found = dict(parts[0])
    for part in parts[1:]:
        if every:
            found |= {measure: found.get(measure, values) & values for measure, values in part.items()}
        else:
            found = {measure: values | part[measure] for measure, values in found.items() if measure in part}
    return found


def void(refused: Values, accepted: Values, excluded: Values) -> bool:
    """Whether an exclusion makes one side of what an inclusion refuses void: it takes that side, and more next to it.

    Args:
        refused: Values that the inclusion refuses.
        accepted: Values that the inclusion accepts.
        excluded: Values that the exclusion takes.
    """
    numbers = [value for value in accepted if isinstance(value, Decimal)]
    if not numbers:
        return bool(refused) and refused <= excluded and bool(excluded & accepted)
    low, high = min(numbers), max(numbers)
    below = frozenset(value for value in refused if isinstance(value, Decimal) and value < low)
    above = frozenset(value for value in refused if isinstance(value, Decimal) and value > high)
    return any(side and side <= excluded and end in excluded for side, end in ((below, low), (above, high)))


def _pick(leaf: Comparison | Among) -> Pick:
    return leaf.pick if isinstance(leaf, Comparison) else "last"


def _fits(leaf: Comparison | Among, value: Value) -> bool:
    if isinstance(leaf, Among):
        return value in leaf.words
    if isinstance(value, Decimal) is not isinstance(leaf.value, Decimal):
        return leaf.op == "!="
    return COMPARE[leaf.op](value, leaf.value)


def _points(item: Item | None, times: str | None, stated: set[Decimal]) -> Values:
    low, high = item.range if item and item.range and times is None else (None, None)
    ends = stated | {end for end in (low, high) if end is not None}
    edges = sorted(ends)
    between = [(lower + upper) / 2 for lower, upper in pairwise(edges)]
    points = [edges[0] - 1, *edges, *between, edges[-1] + 1]
    return frozenset(point for point in points if (low is None or point >= low) and (high is None or point <= high))
