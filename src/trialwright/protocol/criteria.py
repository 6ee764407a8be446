"""The language of eligibility criteria: conditions over collected items, in three-valued logic.

    basdai >= 4 and crp > 5
    age >= 18 and age <= 65
    not (pregnant is yes or breastfeeding is yes)
    judged by investigator
    attested by subject

An item that was not collected is unknown: neither true nor false (Kleene 1952, Introduction to Metamathematics, §64).
What is settled stays settled when more data arrive.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

Value = Decimal | bool | str
_DEEPEST = 40
_TOKEN = re.compile(r"\s*(>=|<=|!=|=|>|<|\(|\)|[A-Za-z_][A-Za-z0-9_]*|-?[0-9]+(?:\.[0-9]+)?|\S)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}


class Truth(StrEnum):
    """Kleene's three values, and the fourth that only a person can turn into one of them."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    JUDGEMENT = "needs judgement"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value of a condition, and the items that would settle it."""

    truth: Truth
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`item op value`: a number compared exactly, or a word or yes/no with `is`."""

    item: str
    op: str
    value: Value

    def evaluate(self, values: Mapping[str, Value], judgement: bool | None) -> Evaluation:  # noqa: ARG002 - one signature for all nodes
        """Compare; unknown when the item was not collected."""
        found = values.get(self.item)
        if found is None:
            return Evaluation(Truth.UNKNOWN, (self.item,))
        return Evaluation(Truth.TRUE if _COMPARE[self.op](found, self.value) else Truth.FALSE)

    def items(self) -> frozenset[str]:
        """The items that the condition reads."""
        return frozenset({self.item})

    def __str__(self) -> str:
        if isinstance(self.value, Decimal):
            return f"{self.item} {self.op} {self.value}"
        word = self.value if isinstance(self.value, str) else "yes" if self.value else "no"
        return f"{self.item} is {word}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What only a person can answer: the investigator's judgement or the subject's attestation."""

    by: str

    def evaluate(self, values: Mapping[str, Value], judgement: bool | None) -> Evaluation:  # noqa: ARG002 - one signature for all nodes
        """Take the person's answer; without one the condition needs judgement."""
        if judgement is None:
            return Evaluation(Truth.JUDGEMENT)
        return Evaluation(Truth.TRUE if judgement else Truth.FALSE)

    def items(self) -> frozenset[str]:
        """No item: a person answers."""
        return frozenset()

    def __str__(self) -> str:
        return f"judged by {self.by}" if self.by == "investigator" else f"attested by {self.by}"


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: Condition

    def evaluate(self, values: Mapping[str, Value], judgement: bool | None) -> Evaluation:
        """Turn true and false round; unknown stays unknown."""
        inner = self.part.evaluate(values, judgement)
        turned = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(inner.truth, inner.truth)
        return Evaluation(turned, inner.missing)

    def items(self) -> frozenset[str]:
        """The items that the condition reads."""
        return self.part.items()

    def __str__(self) -> str:
        return f"not ({self.part})"


@dataclass(frozen=True, slots=True)
class Several:
    """`and` or `or` over its parts: one part that decides settles it, whatever is unknown elsewhere."""

    word: str
    parts: tuple[Condition, ...] = field(default=())

    def evaluate(self, values: Mapping[str, Value], judgement: bool | None) -> Evaluation:
        """Kleene's strong and / or."""
        decides = Truth.FALSE if self.word == "and" else Truth.TRUE
        found = [part.evaluate(values, judgement) for part in self.parts]
        truths = {one.truth for one in found}
        if decides in truths:
            return Evaluation(decides)
        missing = tuple(dict.fromkeys(item for one in found for item in one.missing))
        for open_truth in (Truth.UNKNOWN, Truth.JUDGEMENT):
            if open_truth in truths:
                return Evaluation(open_truth, missing)
        return Evaluation(Truth.TRUE if decides is Truth.FALSE else Truth.FALSE)

    def items(self) -> frozenset[str]:
        """The items that the condition reads."""
        return frozenset().union(*(part.items() for part in self.parts))

    def __str__(self) -> str:
        words = (f"({part})" if isinstance(part, Several) else str(part) for part in self.parts)
        return f" {self.word} ".join(words)


Condition = Comparison | Judged | Not | Several


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        ValueError: What was expected where, with the place in the text.

    Example:
        >>> condition = parse_condition("basdai >= 4 and crp > 5")
        >>> condition.evaluate({"basdai": Decimal("3.9")}, None).truth.value
        'false'
        >>> condition.evaluate({"basdai": Decimal("4.0")}, None).missing
        ('crp',)
    """
    parser = _Parser(text)
    condition = parser.either()
    parser.expect_end()
    return condition


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [(found[1], found.start(1) + 1) for found in _TOKEN.finditer(text)]
        self.next = 0
        self.depth = 0

    def either(self) -> Condition:
        return self._several("or", self._both)

    def expect_end(self) -> None:
        if self.next < len(self.tokens):
            raise self._fault("nothing more, or 'and' or 'or'")

    def _both(self) -> Condition:
        return self._several("and", self._one)

    def _several(self, word: str, part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Several(word, tuple(parts))

    def _one(self) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"the condition is nested deeper than {_DEEPEST}; split it into several criteria")
        try:
            return self._nested()
        finally:
            self.depth -= 1

    def _nested(self) -> Condition:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            inner = self.either()
            if not self._take(")"):
                raise self._fault("')'")
            return inner
        for first, who in (("judged", "investigator"), ("attested", "subject")):
            if self._take(first):
                if not (self._take("by") and self._take(who)):
                    raise self._fault(f"'{first} by {who}'")
                return Judged(who)
        return self._comparison()

    def _comparison(self) -> Condition:
        item = self._word("the name of an item")
        if self._take("is"):
            word = self._word("yes, no or a word")
            return Comparison(item, "=", {"yes": True, "no": False}.get(word, word))
        op = next((op for op in _COMPARE if self._take(op)), None)
        if op is None:
            raise self._fault("one of >= <= > < = != or 'is'")
        token = self._peek()
        try:
            number = Decimal(token)
        except InvalidOperation:
            raise self._fault("a number") from None
        self.next += 1
        return Comparison(item, op, number)

    def _word(self, expected: str) -> str:
        token = self._peek()
        if not token.isidentifier() or token in {"and", "or", "not", "is"}:
            raise self._fault(expected)
        self.next += 1
        return token

    def _peek(self) -> str:
        return self.tokens[self.next][0] if self.next < len(self.tokens) else ""

    def _take(self, token: str) -> bool:
        found = self._peek() == token
        self.next += found
        return found

    def _fault(self, expected: str) -> ValueError:
        if self.next < len(self.tokens):
            token, place = self.tokens[self.next]
            return ValueError(f"expected {expected} at character {place} of {self.text!r}, found {token!r}")
        return ValueError(f"expected {expected} at the end of {self.text!r}")
