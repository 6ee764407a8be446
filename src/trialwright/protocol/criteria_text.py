"""Reading a criterion from text: the compact form that authors write.

    basdai >= 4 at screening and baseline            alt > 2 x ULN within 28 days before randomisation
    any crp > 10 mg/L within 3 months before screening
    stroke within 1 year before screening            malignancy ever except (skin_cancer ever)
    methotrexate for 3 months before screening       prednisone stable for 28 days before randomisation
    methotrexate taken at screening                  methotrexate frequency is weekly
    tjc28 fell at least 20 % from baseline to week_12
    nyha in (III, IV)                                pregnant is yes
    at least 2 of (a > 1, b > 1, c is yes)           if sex is female then contraception is yes
    judged by investigator    attested by subject    deferred until infection is no    unreadable

`not`, then `except`, then `and`, then `or`; `if` reaches to the end; parentheses group. `deferred until` stands first.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from trialwright.protocol.criteria import (
    ALWAYS,
    PICKS,
    Among,
    AtLeast,
    Comparison,
    Condition,
    Deferred,
    Fell,
    Happened,
    If,
    Judged,
    Lasting,
    Not,
    Several,
    Unreadable,
    When,
)
from trialwright.protocol.facts import Period, Value

_DEEPEST = 40
_LONGEST = 4000
_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD = re.compile(r"[A-Za-z0-9_+-]+")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?(?![A-Za-z0-9_.])")
_UNIT = re.compile(r"[%A-Za-z0-9*/^.\[\]{}_]+")
_OPERATOR = re.compile(r">=|<=|!=|=|>|<")
_PERIOD = re.compile(r"[0-9]{1,4}\s+(?:hour|day|week|month|year)s?\b")
_ANY = re.compile(r"\S+")
_AFTER_VISIT = re.compile(r"\s*(?:$|[),]|(?:and|or|except|then)\b)")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,4}(?![0-9.])")
KEYWORDS = frozenset(
    {
        *("and", "or", "not", "except", "if", "then", "at", "within", "is", "in", "ever", "for", "stable", "x"),
        *("any", "all", "first", "last", "judged", "attested", "by", "deferred", "until", "unreadable"),
        *("before", "after", "taken", "frequency", "fell", "from", "to"),
    }
)
_SIGNS = {"×": "x", "≥": ">=", "≤": "<=", "≠": "!="}
"""Signs of records and word processors, and what the language writes for them."""

_YES_NO: dict[str, Value] = {"yes": True, "no": False}
_BY = {"judged": ("investigator", "pharmacist", "sponsor"), "attested": ("subject",)}


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        ValueError: What was expected where, with the place in the text.

    Example:
        >>> from trialwright.protocol.facts import Facts
        >>> condition = parse_condition("basdai >= 4 and crp > 5 mg/L")
        >>> condition.evaluate(Facts.of({"basdai": Decimal("3.9")})).truth.value
        'false'
        >>> condition.evaluate(Facts.of({"basdai": Decimal("4.0")})).missing
        ('crp',)
    """
    if len(text) > _LONGEST:
        raise ValueError(f"the condition has {len(text)} characters; split it into several criteria")
    parser = _Parser(text)
    condition = parser.deferred() or parser.whole()
    parser.expect_end()
    return condition


class _Parser:
    """Recursive descent over the text of one condition."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.depth = 0

    def deferred(self) -> Condition | None:
        if not self._take("deferred"):
            return None
        self._need("until")
        return Deferred(self.whole())

    def whole(self) -> Condition:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise ValueError(f"the condition is nested deeper than {_DEEPEST}; split it into several criteria")
        try:
            return self._whole()
        finally:
            self.depth -= 1

    def expect_end(self) -> None:
        if self._rest():
            raise self._fault("nothing more, or 'and' or 'or'")

    def _whole(self) -> Condition:
        if self._take("if"):
            premise = self.whole()
            self._need("then")
            return If(premise, self.whole())
        return self._joined("or", lambda: self._joined("and", self._except))

    def _joined(self, word: Literal["and", "or"], part: Callable[[], Condition]) -> Condition:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Several(word, tuple(parts))

    def _except(self) -> Condition:
        part = self._one()
        while self._take("except"):
            part = Several("and", (part, Not(self._one())))
        return part

    def _one(self) -> Condition:
        negations = 0
        while self._take("not"):
            negations += 1
        part = self._bare()
        return Not(part) if negations % 2 else part

    def _bare(self) -> Condition:
        if self._symbol("("):
            inner = self.whole()
            self._close()
            return inner
        if self._take("unreadable"):
            return Unreadable()
        for word, people in _BY.items():
            if self._take(word):
                self._need("by")
                who = next((person for person in people if self._take(person)), None)
                if who is None:
                    raise self._fault(" or ".join(people))
                return Judged(who)
        if self._take("at"):
            return self._count()
        return self._leaf()

    def _count(self) -> Condition:
        self._need("least")
        number = int(self._match(_WHOLE_NUMBER, "a whole number"))
        self._need("of")
        if not self._symbol("("):
            raise self._fault("'('")
        parts = [self.whole()]
        while self._symbol(","):
            parts.append(self.whole())
        self._close()
        if not 1 <= number <= len(parts):
            raise ValueError(f"'at least {number} of' {len(parts)} conditions can never be decided; correct the number")
        return AtLeast(number, tuple(parts))

    def _leaf(self) -> Condition:
        pick = next((word for word in PICKS if self._take(word)), None)
        item = self._name("the name of an item")
        if pick is None and (timed := self._timed(item)):
            return timed
        if self._take("frequency"):
            self._need("is")
            op, word = self._said()
            return Comparison(item, op, word, when=self._when(), pick=pick or "last", frequency=True)
        if self._take("is"):
            op, word = self._said()
            return Comparison(item, op, _YES_NO.get(word, word), when=self._when(), pick=pick or "last")
        if self._take("in"):
            return self._among(item)
        op = self._match(
            _OPERATOR, "one of >= <= > < = !=, 'is', 'in', 'ever', 'within', 'for', 'stable for', 'taken', 'fell'"
        )
        value = Decimal(self._match(_NUMBER, "a number"))
        unit, times = self._unit()
        return Comparison(item, op, value, unit, times, self._when(), pick or "last")

    def _said(self) -> tuple[str, str]:
        op = "!=" if self._take("not") else "="
        return op, self._match(_WORD, "yes, no or a word")

    def _timed(self, item: str) -> Condition | None:
        if self._take("ever"):
            return Happened(item)
        if self._take("within"):
            return Happened(item, self._window())
        if self._take("taken"):
            self._need("at")
            return Lasting(item, stable=False, period=None, anchor=self._name("the name of a day, such as screening"))
        if self._take("fell"):
            return self._fall(item)
        stable = self._take("stable")
        if stable or self._peek("for"):
            self._need("for")
            period = self._period()
            self._need("before")
            return Lasting(item, stable, period, self._name("the name of a day, such as screening"))
        return None

    def _fall(self, item: str) -> Condition:
        self._need("at")
        self._need("least")
        least = Decimal(self._match(_NUMBER, "a number"))
        if not self._symbol("%"):
            raise self._fault("'%'")
        self._need("from")
        start = self._name("the name of a visit")
        self._need("to")
        return Fell(item, least, start, self._name("the name of a visit"))

    def _among(self, item: str) -> Condition:
        if not self._symbol("("):
            raise self._fault("'('")
        words = [self._match(_WORD, "a word")]
        while self._symbol(","):
            words.append(self._match(_WORD, "a word"))
        self._close()
        return Among(item, tuple(words), self._when())

    def _unit(self) -> tuple[str | None, Literal["ULN", "LLN"] | None]:
        if self._take("x"):
            for limit in ("ULN", "LLN"):
                if self._take(limit):
                    return None, limit
            raise self._fault("ULN or LLN")
        found = _UNIT.match(self.text, self._skip())
        if found is None or found[0] in KEYWORDS:
            return None, None
        self.place = found.end()
        return found[0], None

    def _when(self) -> When:
        if self._take("at"):
            visits = [self._name("the name of a visit")]
            while self._visit_follows():
                self._need("and")
                visits.append(self._name("the name of a visit"))
            return When(visits=tuple(visits))
        return self._window() if self._take("within") else ALWAYS

    def _visit_follows(self) -> bool:
        found = re.compile(r"and\s+([A-Za-z_][A-Za-z0-9_]*)").match(self.text, self._skip())
        return bool(found and found[1] not in KEYWORDS and _AFTER_VISIT.match(self.text, found.end()))

    def _window(self) -> When:
        period = self._period()
        for side in ("before", "after"):
            if self._take(side):
                anchor = self._name("the name of a day, such as screening")
                return When(period=period, side=side, anchor=anchor)
        raise self._fault("'before' or 'after'")

    def _period(self) -> Period:
        return Period.parse(self._match(_PERIOD, "a period such as 28 days, 6 weeks or 3 months"))

    def _name(self, expected: str) -> str:
        found = _NAME.match(self.text, self._skip())
        if found is None or found[0] in KEYWORDS:
            raise self._fault(expected)
        self.place = found.end()
        return found[0]

    def _match(self, pattern: re.Pattern[str], expected: str) -> str:
        found = pattern.match(self.text, self._skip())
        if found is None:
            raise self._fault(expected)
        self.place = found.end()
        return found[0]

    def _peek(self, word: str) -> bool:
        found = _NAME.match(self.text, self._skip())
        return found is not None and found[0] == word

    def _take(self, word: str) -> bool:
        taken = self._peek(word)
        if taken:
            self.place = self._skip() + len(word)
        return taken

    def _need(self, word: str) -> None:
        if not self._take(word):
            raise self._fault(f"'{word}'")

    def _symbol(self, symbol: str) -> bool:
        place = self._skip()
        taken = self.text.startswith(symbol, place)
        if taken:
            self.place = place + len(symbol)
        return taken

    def _close(self) -> None:
        if not self._symbol(")"):
            raise self._fault("')'")

    def _skip(self) -> int:
        found = _SPACE.match(self.text, self.place)
        return found.end() if found else self.place

    def _rest(self) -> str:
        return self.text[self._skip() :]

    def _fault(self, expected: str) -> ValueError:
        found = _ANY.match(self.text, self._skip())
        if found:
            token = found[0][:30]
            sign = f"; write '{_SIGNS[token[0]]}' for '{token[0]}'" if token[0] in _SIGNS else ""
            place = f"at character {found.start() + 1} of {self.text!r}"
            return ValueError(f"expected {expected} {place}, found {token!r}{sign}")
        return ValueError(f"expected {expected} at the end of {self.text!r}")
