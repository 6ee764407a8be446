"""The tree of an eligibility criterion, and its evaluation in three-valued logic.

An item that was not collected is unknown: neither true nor false (Kleene 1952, Introduction to Metamathematics, §64).
What is settled stays settled when more data arrive. `trialwright.protocol.criteria_text` reads the tree from text.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, get_args

from trialwright.protocol.facts import Facts, Observation, Period, Value, visit_name

Pick = Literal["any", "all", "first", "last"]
PICKS: tuple[Pick, ...] = get_args(Pick)
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
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
    """The value of a condition.

    Attributes:
        truth: The value.
        missing: What would settle it, where it is unknown.
        evidence: The comparisons that were made, in words with their numbers.
        applies: False where an `if` was not met, so that the condition asks nothing of this subject.
    """

    truth: Truth
    missing: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    applies: bool = True


@dataclass(frozen=True, slots=True)
class When:
    """Which observations count: those of some visits, or those in a window on an anchor.

    Attributes:
        visits: Every one of these visits must have its value.
        period: Length of the window; None where there is none.
        side: Whether the window lies before or after the anchor. It holds the anchor's own day and ends, open, the
            period away: 14 days before the 20th hold the 7th to the 20th.
        anchor: The day that the window hangs on.
    """

    visits: tuple[str, ...] = ()
    period: Period | None = None
    side: Literal["before", "after"] = "before"
    anchor: str | None = None

    def __str__(self) -> str:
        if self.visits:
            return f" at {' and '.join(self.visits)}"
        return f" within {self.period} {self.side} {self.anchor}" if self.period else ""

    def holds(self, day: date, anchor: date) -> bool:
        """Whether a day lies in the window."""
        if self.period is None:
            return True
        if self.side == "before":
            return day <= anchor < self.period.after(day)
        return anchor <= day < self.period.after(anchor)


ALWAYS = When()


@dataclass(frozen=True, slots=True)
class Comparison:
    """`pick item op value unit x limit when`: a number compared exactly, or a word, or yes and no.

    Attributes:
        times: `ULN` or `LLN` where the value is a multiple of the laboratory's limit.
        pick: Which of several observations counts; the last one unless it is said.
        frequency: Whether it is how often a drug is taken that is compared.
    """

    item: str
    op: str
    value: Value
    unit: str | None = None
    times: Literal["ULN", "LLN"] | None = None
    when: When = ALWAYS
    pick: Pick = "last"
    frequency: bool = False

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:  # noqa: ARG002 - one signature for all
        """Compare; unknown where the item, its day, its limit of normal or its visit is missing."""
        if self.when.visits:
            return both([self._at_visit(facts, visit) for visit in self.when.visits], decides=Truth.FALSE)
        found = select(facts, self.item, self.when)
        return found if isinstance(found, Evaluation) else self._picked(found)

    def parts(self) -> Iterator[Condition]:
        """No part."""
        yield from ()

    def __str__(self) -> str:
        pick = "" if self.pick == "last" else f"{self.pick} "
        if isinstance(self.value, Decimal):
            unit = f" {self.unit}" if self.unit else ""
            times = f" x {self.times}" if self.times else ""
            return f"{pick}{self.item} {self.op} {self.value}{unit}{times}{self.when}"
        word = self.value if isinstance(self.value, str) else "yes" if self.value else "no"
        item = f"{self.item} frequency" if self.frequency else self.item
        return f"{pick}{item} {'is' if self.op == '=' else 'is not'} {word}{self.when}"

    def _at_visit(self, facts: Facts, visit: str) -> Evaluation:
        there = _at(facts, self.item, visit)
        return self._one(there, f" at {visit}") if there else Evaluation(Truth.UNKNOWN, (f"{self.item} at {visit}",))

    def _picked(self, found: tuple[Observation, ...]) -> Evaluation:
        if self.pick in {"any", "all"}:
            decides = Truth.TRUE if self.pick == "any" else Truth.FALSE
            return both([self._one(one) for one in found], decides=decides)
        return self._one(found[0 if self.pick == "first" else -1])

    def _one(self, one: Observation, where: str = "") -> Evaluation:
        if self.frequency:
            return self._often(one)
        limit = self.value
        often = f", {one.frequency}" if one.frequency else ""
        words = f"{self.item}{where} {_text(one.value)}{f' {one.unit}' if one.unit else ''}{often}"
        if isinstance(self.value, Decimal):
            if isinstance(one.value, bool | str):
                return Evaluation(Truth.UNKNOWN, (f"{self.item} as a number",))
            if self.unit and one.unit and self.unit != one.unit:
                return Evaluation(Truth.UNKNOWN, (f"{self.item} in {self.unit}",))
            if self.times:
                normal = one.uln if self.times == "ULN" else one.lln
                if normal is None:
                    return Evaluation(Truth.UNKNOWN, (f"{self.times} of {self.item}",))
                limit = self.value * normal
                words += f" against {self.value} x {self.times} = {_text(limit)}"
        truth = Truth.TRUE if COMPARE[self.op](one.value, limit) else Truth.FALSE
        return Evaluation(truth, evidence=(words,))

    def _often(self, one: Observation) -> Evaluation:
        if one.frequency is None:
            return Evaluation(Truth.UNKNOWN, (f"frequency of {self.item}",))
        truth = Truth.TRUE if COMPARE[self.op](one.frequency, self.value) else Truth.FALSE
        return Evaluation(truth, evidence=(f"{self.item} {one.frequency}",))


@dataclass(frozen=True, slots=True)
class Among:
    """`item in (a, b)`: the value is one of these words."""

    item: str
    words: tuple[str, ...]
    when: When = ALWAYS

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:
        """True when the value is one of the words."""
        leaves = tuple(Comparison(self.item, "=", word, when=self.when) for word in self.words)
        return Several("or", leaves).evaluate(facts, answer)

    def parts(self) -> Iterator[Condition]:
        """No part."""
        yield from ()

    def __str__(self) -> str:
        return f"{self.item} in ({', '.join(self.words)}){self.when}"


@dataclass(frozen=True, slots=True)
class Happened:
    """`event within 3 months before screening`, `event ever`: an event or an exposure, by its day."""

    item: str
    when: When = ALWAYS

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:  # noqa: ARG002 - one signature for all
        """True when it happened in the window, false when its history is known and it did not."""
        history = facts.observations.get(self.item)
        if history is None:
            return Evaluation(Truth.UNKNOWN, (self.item,))
        happened = [one for one in history if one.value is not False]
        if not happened:
            return Evaluation(Truth.FALSE, evidence=(f"no {self.item}",))
        if self.when.anchor is None:
            return Evaluation(Truth.TRUE, evidence=(f"{self.item} in the history",))
        anchor = facts.anchors.get(self.when.anchor)
        if anchor is None:
            return Evaluation(Truth.UNKNOWN, (f"day of {self.when.anchor}",))
        days = [_nearest(one, anchor) for one in happened]
        inside = [day for day in days if day and self.when.holds(day, anchor)]
        if inside:
            return Evaluation(Truth.TRUE, evidence=(f"{self.item} on {max(inside)}, {self.when.anchor} {anchor}",))
        if None in days:
            return Evaluation(Truth.UNKNOWN, (f"day of {self.item}",))
        last = max(day for day in days if day)
        return Evaluation(Truth.FALSE, evidence=(f"{self.item} last on {last}, {self.when.anchor} {anchor}",))

    def parts(self) -> Iterator[Condition]:
        """No part."""
        yield from ()

    def __str__(self) -> str:
        return f"{self.item}{self.when}" if self.when.anchor else f"{self.item} ever"


@dataclass(frozen=True, slots=True)
class Lasting:
    """`drug taken at screening`, `drug for 3 months before screening`, `drug stable for 6 weeks before screening`.

    Attributes:
        stable: Whether dose and route must have been the same, or only the drug taken.
        period: How long before the anchor, whose own day counts; None where only that day is asked for.
    """

    item: str
    stable: bool
    period: Period | None
    anchor: str

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:  # noqa: ARG002 - one signature for all
        """True when the present exposure, or its present dose, began at least the period before the anchor."""
        history = facts.observations.get(self.item)
        if history is None:
            return Evaluation(Truth.UNKNOWN, (self.item,))
        anchor = facts.anchors.get(self.anchor)
        if anchor is None:
            return Evaluation(Truth.UNKNOWN, (f"day of {self.anchor}",))
        there = (one for one in history if one.value is not False and (one.on is None or one.on >= anchor))
        going_on = [one for one in there if one.since is None or one.since <= anchor]
        if not going_on:
            return Evaluation(Truth.FALSE, evidence=(f"no {self.item} on {anchor}",))
        if self.period is None:
            return Evaluation(Truth.TRUE, evidence=(f"{self.item} taken on {anchor}",))
        then = [one for one in going_on if one.stable_since is None or one.stable_since <= anchor]
        going_on = then if self.stable and then else going_on
        begun = going_on[-1].stable_since if self.stable else going_on[-1].since
        if begun is None:
            since = "stable" if self.stable else "taken"
            return Evaluation(Truth.UNKNOWN, (f"day since which {self.item} is {since}",))
        truth = Truth.TRUE if self.period.after(begun) <= anchor else Truth.FALSE
        words = "unchanged" if self.stable else "taken"
        return Evaluation(truth, evidence=(f"{self.item} {words} since {begun}, {self.anchor} {anchor}",))

    def parts(self) -> Iterator[Condition]:
        """No part."""
        yield from ()

    def __str__(self) -> str:
        if self.period is None:
            return f"{self.item} taken at {self.anchor}"
        return f"{self.item} {'stable ' if self.stable else ''}for {self.period} before {self.anchor}"


@dataclass(frozen=True, slots=True)
class Fell:
    """`item fell at least 20 % from baseline to week_12`, in percent of the first value; exact.

    A fall from 0 has no percentage and is false: such a component cannot count towards a response.
    """

    item: str
    least: Decimal
    start: str
    end: str

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:  # noqa: ARG002 - one signature for all
        """True when the value fell by so much, unknown where one of the two values is missing."""
        found = {visit: _at(facts, self.item, visit) for visit in (self.start, self.end)}
        numbers = [one.value for one in found.values() if one and isinstance(one.value, Decimal)]
        if len(numbers) < len(found):
            lost = (visit for visit, one in found.items() if one is None or not isinstance(one.value, Decimal))
            return Evaluation(Truth.UNKNOWN, tuple(f"{self.item} at {visit}" for visit in lost))
        before, after = numbers
        enough = before > 0 and (before - after) * 100 >= self.least * before
        words = f"{self.item} {_text(before)} at {self.start}, {_text(after)} at {self.end}"
        return Evaluation(Truth.TRUE if enough else Truth.FALSE, evidence=(words,))

    def parts(self) -> Iterator[Condition]:
        """No part."""
        yield from ()

    def __str__(self) -> str:
        return f"{self.item} fell at least {self.least} % from {self.start} to {self.end}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What only a person can answer: the investigator's judgement or the subject's attestation."""

    by: str

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:  # noqa: ARG002 - one signature for all
        """Take the person's answer; without one the condition needs judgement."""
        if answer is None:
            return Evaluation(Truth.JUDGEMENT)
        return Evaluation(Truth.TRUE if answer else Truth.FALSE, evidence=(f"{self}: {'yes' if answer else 'no'}",))

    def parts(self) -> Iterator[Condition]:
        """No part."""
        yield from ()

    def __str__(self) -> str:
        return f"attested by {self.by}" if self.by == "subject" else f"judged by {self.by}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A criterion whose text is damaged in its source: unknown, whatever the data."""

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:  # noqa: ARG002 - one signature for all
        """Unknown."""
        return Evaluation(Truth.UNKNOWN, ("the sponsor's own wording of this criterion",))

    def parts(self) -> Iterator[Condition]:
        """No part."""
        yield from ()

    def __str__(self) -> str:
        return "unreadable"


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is false."""

    part: Condition

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:
        """Turn true and false round; unknown stays unknown."""
        inner = self.part.evaluate(facts, answer)
        turned = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(inner.truth, inner.truth)
        return Evaluation(turned, inner.missing, inner.evidence, inner.applies)

    def parts(self) -> Iterator[Condition]:
        """The part that it turns round."""
        yield self.part

    def __str__(self) -> str:
        return f"not ({self.part})"


@dataclass(frozen=True, slots=True)
class Several:
    """`and` or `or` over its parts: one part that decides settles it, whatever is unknown elsewhere."""

    word: Literal["and", "or"]
    of: tuple[Condition, ...]

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:
        """Kleene's strong and / or."""
        decides = Truth.FALSE if self.word == "and" else Truth.TRUE
        return both([part.evaluate(facts, answer) for part in self.of], decides=decides)

    def parts(self) -> Iterator[Condition]:
        """The parts that it joins."""
        yield from self.of

    def __str__(self) -> str:
        return f" {self.word} ".join(f"({part})" if isinstance(part, Several | If) else str(part) for part in self.of)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`at least 2 of (a, b, c)`: a count of true parts."""

    number: int
    of: tuple[Condition, ...]

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:
        """True once enough parts are true, false once too few can be."""
        found = [part.evaluate(facts, answer) for part in self.of]
        evidence = tuple(word for one in found for word in one.evidence)
        true = sum(one.truth is Truth.TRUE for one in found)
        open_ones = [one for one in found if one.truth in {Truth.UNKNOWN, Truth.JUDGEMENT}]
        if true >= self.number:
            return Evaluation(Truth.TRUE, evidence=evidence)
        if true + len(open_ones) < self.number:
            return Evaluation(Truth.FALSE, evidence=evidence)
        judgement = all(one.truth is Truth.JUDGEMENT for one in open_ones)
        missing = tuple(dict.fromkeys(item for one in open_ones for item in one.missing))
        return Evaluation(Truth.JUDGEMENT if judgement else Truth.UNKNOWN, missing, evidence)

    def parts(self) -> Iterator[Condition]:
        """The parts that it counts."""
        yield from self.of

    def __str__(self) -> str:
        return f"at least {self.number} of ({', '.join(map(str, self.of))})"


@dataclass(frozen=True, slots=True)
class If:
    """`if premise then part`: asks nothing of a subject for whom the premise is false."""

    premise: Condition
    then: Condition

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:
        """The part where the premise is true; true, and not applicable, where it is false."""
        premise = self.premise.evaluate(facts, answer)
        if premise.truth is Truth.FALSE:
            return Evaluation(Truth.TRUE, evidence=premise.evidence, applies=False)
        part = self.then.evaluate(facts, answer)
        if premise.truth is Truth.TRUE or part.truth is Truth.TRUE:
            return Evaluation(part.truth, part.missing, (*premise.evidence, *part.evidence))
        truth = Truth.JUDGEMENT if premise.truth is Truth.JUDGEMENT else Truth.UNKNOWN
        return Evaluation(truth, premise.missing, (*premise.evidence, *part.evidence))

    def parts(self) -> Iterator[Condition]:
        """The premise and the part."""
        yield self.premise
        yield self.then

    def __str__(self) -> str:
        return f"if {_group(self.premise)} then {_group(self.then)}"


@dataclass(frozen=True, slots=True)
class Deferred:
    """`deferred until part`, a whole criterion: a subject for whom it is false is not refused but waits."""

    part: Condition

    def evaluate(self, facts: Facts, answer: bool | None = None) -> Evaluation:
        """The part."""
        return self.part.evaluate(facts, answer)

    def parts(self) -> Iterator[Condition]:
        """What it waits for."""
        yield self.part

    def __str__(self) -> str:
        return f"deferred until {self.part}"


Condition = (
    Comparison | Among | Happened | Lasting | Fell | Judged | Unreadable | Not | Several | AtLeast | If | Deferred
)


def leaves(condition: Condition) -> Iterator[Condition]:
    """The parts of a condition that have no parts."""
    inner = list(condition.parts())
    if not inner:
        yield condition
    for part in inner:
        yield from leaves(part)


def items(condition: Condition) -> frozenset[str]:
    """The items that a condition reads."""
    reading = Comparison | Among | Happened | Lasting | Fell
    return frozenset(leaf.item for leaf in leaves(condition) if isinstance(leaf, reading))


def numbers_in(condition: Condition) -> Iterator[Decimal]:
    """Every number that a condition states: limits, counts and periods."""
    match condition:
        case Comparison(value=Decimal() as value):
            yield value
        case Lasting(period=Period(number=number)):
            yield Decimal(number)
        case Fell(least=least):
            yield least
        case AtLeast(number=number):
            yield Decimal(number)
    if isinstance(condition, Comparison | Among | Happened) and condition.when.period:
        yield Decimal(condition.when.period.number)
    for part in condition.parts():
        yield from numbers_in(part)


def both(found: list[Evaluation], *, decides: Truth) -> Evaluation:
    """Join evaluations: `decides` wins, then unknown, then judgement; otherwise the other truth."""
    evidence = tuple(dict.fromkeys(word for one in found for word in one.evidence))
    if any(one.truth is decides for one in found):
        return Evaluation(decides, evidence=evidence)
    missing = tuple(dict.fromkeys(item for one in found for item in one.missing))
    for open_truth in (Truth.UNKNOWN, Truth.JUDGEMENT):
        if any(one.truth is open_truth for one in found):
            return Evaluation(open_truth, missing, evidence)
    applies = any(one.applies for one in found)
    return Evaluation(Truth.TRUE if decides is Truth.FALSE else Truth.FALSE, (), evidence, applies)


def select(facts: Facts, item: str, when: When) -> tuple[Observation, ...] | Evaluation:
    """The observations of an item that count, in order of time; unknown where none is known to."""
    history = facts.observations.get(item, ())
    if not history:
        return Evaluation(Truth.UNKNOWN, (item,))
    if when.anchor is None:
        return history
    anchor = facts.anchors.get(when.anchor)
    if anchor is None:
        return Evaluation(Truth.UNKNOWN, (f"day of {when.anchor}",))
    days = [(_nearest(one, anchor), one) for one in history]
    inside = sorted(((day, one) for day, one in days if day and when.holds(day, anchor)), key=lambda pair: pair[0])
    if not inside:
        undated = any(day is None for day, _ in days)
        return Evaluation(Truth.UNKNOWN, (f"day of {item}" if undated else f"{item}{when}",))
    return tuple(one for _, one in inside)


def _nearest(one: Observation, anchor: date) -> date | None:
    """The day of an event; of an exposure since a known day, the one of its days that lies nearest to the anchor."""
    if one.since is None:
        return one.on
    return max(one.since, min(anchor, one.on or anchor))


def _at(facts: Facts, item: str, visit: str) -> Observation | None:
    history = facts.observations.get(item, ())
    return next((one for one in reversed(history) if one.visit and visit_name(one.visit) == visit_name(visit)), None)


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _group(part: Condition) -> str:
    return f"({part})" if isinstance(part, Several | If) else str(part)
