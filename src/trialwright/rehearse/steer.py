"""Making a condition hold, or not hold, for a draft: the leaf that is in the way gets another value, the rest stays.

A search, not a proof: one call does what brings its condition nearer, and may undo what another condition wants. The
caller goes through all conditions again until every one is as wanted.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from trialwright.protocol.criteria import (
    COMPARE,
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
    Truth,
)
from trialwright.protocol.facts import Period, Value
from trialwright.protocol.study import Item
from trialwright.protocol.subject import frequencies_of
from trialwright.rehearse.draft import Draft, Intake
from trialwright.rehearse.measures import bounds, rounded, step

DAILY = "daily"
_REDRAWS = 40
_FIRST_DRUG = 0.94
"""How often the first of several drugs is the one that is taken: methotrexate in 982 of 1,042 people with rheumatoid
arthritis on csDMARDs who received placebo (Cohen et al. 2021, Ann Rheum Dis 80:304, table 1)."""
_LONG_AGO_DAYS = (400, 2500)
"""When something happened that lies before every window: between these many days before the anchor."""


class Steering:
    """Changes a draft so that conditions come to what is wanted of them.

    Attributes:
        visits: The visits whose values may change.
    """

    def __init__(self, draft: Draft, rng: np.random.Generator, visits: tuple[str, ...]) -> None:
        self.draft = draft
        self.rng = rng
        self.visits = visits
        self.criterion = ""

    def steer(self, condition: Condition, *, wanted: bool, criterion: str = "") -> None:
        """Bring a condition nearer to what is wanted; nothing where it is so already.

        Args:
            condition: The condition.
            wanted: Whether it shall hold.
            criterion: The criterion that it belongs to, whose answer counts where a person judges.
        """
        self.criterion = criterion or self.criterion
        answer = self.draft.answers.get(self.criterion)
        if self.draft.truth(condition, answer) is (Truth.TRUE if wanted else Truth.FALSE):
            return
        match condition:
            case Not(part=part):
                self.steer(part, wanted=not wanted)
            case Deferred(part=part):
                self.steer(part, wanted=wanted)
            case Several(word=word, of=parts):
                self._several(parts, needed=len(parts) if (word == "and") == wanted else 1, wanted=wanted)
            case AtLeast(number=number, of=parts):
                self._several(parts, needed=number if wanted else len(parts) - number + 1, wanted=wanted)
            case If(premise=premise, then=then):
                self._if(premise, then, wanted=wanted)
            case Judged():
                self.draft.answers[self.criterion] = wanted
            case Comparison() | Among() | Happened() | Lasting() | Fell():
                self._leaf(condition, wanted=wanted)

    def redraw(self, item: Item, *, mild: bool = False) -> None:
        """Give a measured item new usual values at the visits that it has; milder than usual ones where that is asked.

        A mild value of a measure that falls as the disease gets better lies between what can be and what is typical.
        """
        values = self.draft.measured.setdefault(item.name, dict.fromkeys(self.visits, Decimal(0)))
        low, high = map(float, bounds(item))
        if mild and item.range and self.draft.reading.better(item) < 0:
            low, high = float(item.range[0]), low
        for visit in values:
            if visit in self.visits:
                values[visit] = rounded(item, self.rng.uniform(low, high))

    def _several(self, parts: tuple[Condition, ...], *, needed: int, wanted: bool) -> None:
        """Steer as many parts as are needed, those first that are so already; at random among the others."""
        target = Truth.TRUE if wanted else Truth.FALSE
        answer = self.draft.answers.get(self.criterion)
        open_ones = [part for part in parts if self.draft.truth(part, answer) is not target]
        missing = needed - (len(parts) - len(open_ones))
        if missing <= 0:
            return
        for part in self._usual_first(open_ones, wanted=wanted)[:missing]:
            self.steer(part, wanted=wanted)

    def _usual_first(self, parts: list[Condition], *, wanted: bool) -> list[Condition]:
        """Parts at random; of drugs the first named mostly leads, and none is stopped where another part can change."""
        drawn = [parts[place] for place in self.rng.permutation(len(parts))]
        if not wanted:
            return sorted(drawn, key=_is_taken)
        if all(map(_is_taken, parts)) and self.rng.random() < _FIRST_DRUG:
            return sorted(drawn, key=lambda part: part is not parts[0])
        return drawn

    def _if(self, premise: Condition, then: Condition, *, wanted: bool) -> None:
        if not wanted:
            self.steer(premise, wanted=True)
        self.steer(then, wanted=wanted)

    def _leaf(self, leaf: Any, *, wanted: bool) -> None:
        item = self.draft.study.item(leaf.item)
        if item is None:
            return
        match leaf:
            case Comparison(frequency=True):
                self._frequency(item, leaf, wanted=wanted)
            case Comparison() if isinstance(leaf.value, Decimal):
                self._number(item, leaf, wanted=wanted)
            case Comparison(op=op, value=value):
                self._set(item, value, wanted=wanted == (op == "="), visits=leaf.when.visits)
            case Among(words=words):
                self._set(item, str(self.rng.choice(words)), wanted=wanted, visits=leaf.when.visits, words=words)
            case Happened():
                self._event(item, leaf, wanted=wanted)
            case Lasting():
                self._drug(item, leaf, wanted=wanted)
            case Fell():
                self._fell(item, leaf, wanted=wanted)

    def _set(
        self, item: Item, value: Value, *, wanted: bool, visits: tuple[str, ...], words: tuple[str, ...] = ()
    ) -> None:
        """Give a word or yes or no its value, or another one than it."""
        if not wanted and item.type == "yes or no":
            value = not value
        elif not wanted:
            others = [word for word in item.choices if word not in (words or (value,))]
            value = str(self.rng.choice(others)) if others else value
        for visit in self._places(item, visits):
            self.draft.measured[item.name][visit] = value

    def _number(self, item: Item, leaf: Comparison, *, wanted: bool) -> None:
        if item.type == "drug":
            self._dose(item, leaf, wanted=wanted)
        elif item.computed or self.draft.reading.formula(item):
            self._through_inputs(item, leaf, wanted=wanted)
        else:
            for visit in self._places(item, leaf.when.visits):
                self.draft.measured[item.name][visit] = self._beyond(item, leaf, wanted=wanted)

    def _beyond(self, item: Item, leaf: Comparison, *, wanted: bool) -> Decimal:
        """A number on the wanted side of a limit: among what is typical where there is some, else not far from it."""
        limit = leaf.value if isinstance(leaf.value, Decimal) else Decimal(0)
        limits = self.draft.reading.limits(item)
        normal = limits.uln if leaf.times == "ULN" else limits.lln if leaf.times == "LLN" else Decimal(1)
        limit *= normal or Decimal(1)
        low, high = bounds(item)
        upwards = _rises(leaf.op, wanted=wanted)
        near = (high - low) / 2 or step(item) * 10
        least, most = (limit, limit + near) if upwards else (limit - near, limit)
        least, most = (max(low, least), max(high, most)) if upwards else (min(low, least), min(high, most))
        if _is_equal(leaf.op, wanted=wanted):
            return rounded(item, limit)
        for _ in range(_REDRAWS):
            found = rounded(item, self.rng.uniform(float(least), float(most)))
            if COMPARE[leaf.op](found, limit) == wanted:
                return found
        return rounded(item, limit + step(item) * (1 if upwards else -1))

    def _through_inputs(self, item: Item, leaf: Comparison, *, wanted: bool) -> None:
        """Draw the inputs of a computed number anew until it lies on the wanted side."""
        formula = self.draft.reading.formula(item)
        names = item.computed.inputs.values() if item.computed else formula[1].values() if formula else ()
        inputs = [one for name in names if (one := self.draft.study.item(name)) and one.type == "number"]
        target = Truth.TRUE if wanted else Truth.FALSE
        for attempt in range(_REDRAWS):
            for one in inputs:
                self.redraw(one, mild=attempt % 2 == 1)
            self.draft.derive()
            if self.draft.truth(leaf) is target:
                return

    def _dose(self, item: Item, leaf: Comparison, *, wanted: bool) -> None:
        taken = self._intake(item, self._anchor(leaf.when.anchor))
        dose = self._beyond(item, leaf, wanted=wanted)
        self.draft.taken[item.name] = _changed(taken, dose=max(dose, step(item)))

    def _frequency(self, item: Item, leaf: Comparison, *, wanted: bool) -> None:
        taken = self._intake(item, self._anchor(leaf.when.anchor))
        said = str(leaf.value)
        if wanted != (leaf.op == "="):
            others = sorted({DAILY, "weekly", *frequencies_of(item, self.draft.study)} - {said})
            said = str(self.rng.choice(others))
        self.draft.taken[item.name] = _changed(taken, frequency=said)

    def _event(self, item: Item, leaf: Happened, *, wanted: bool) -> None:
        if not wanted:
            self.draft.happened[item.name] = ()
            return
        anchor = self._anchor(leaf.when.anchor)
        longest = leaf.when.period.days if leaf.when.period else _LONG_AGO_DAYS[1]
        days_before = int(self.rng.integers(1, max(2, longest)))
        after = leaf.when.side == "after"
        self.draft.happened[item.name] = (
            min(anchor + timedelta(days_before), max(self._seen)) if after else anchor - timedelta(days_before),
        )

    def _drug(self, item: Item, leaf: Lasting, *, wanted: bool) -> None:
        anchor = self._anchor(leaf.anchor)
        if leaf.period is None:
            self.draft.taken[item.name] = self._intake(item, anchor) if wanted else None
            return
        taken = self._intake(item, anchor)
        begun = self._before(leaf.period, anchor) if wanted else self._within(leaf.period, anchor)
        if leaf.stable:
            self.draft.taken[item.name] = _changed(taken, since=min(taken.since, begun), stable_since=begun)
        else:
            stable = max(taken.stable_since, begun)
            self.draft.taken[item.name] = _changed(taken, since=begun, stable_since=stable)

    def _fell(self, item: Item, leaf: Fell, *, wanted: bool) -> None:
        """Set the later value so that it fell by enough, or not by so much."""
        values = self.draft.measured.get(item.name, {})
        before = values.get(leaf.start)
        if not isinstance(before, Decimal) or leaf.end not in self.visits:
            return
        share = float(leaf.least) / 100
        kept = self.rng.uniform(0.2, 1 - share) if wanted else self.rng.uniform(1 - share + 0.02, 1.15)
        after = rounded(item, float(before) * kept)
        enough = before > 0 and (before - after) * 100 >= leaf.least * before
        values[leaf.end] = after if enough == wanted else rounded(item, after - step(item) if wanted else before)

    def _places(self, item: Item, visits: tuple[str, ...]) -> tuple[str, ...]:
        """Where a value is set: at the visits that the condition reads, else wherever there is one."""
        there = self.draft.measured.setdefault(item.name, {})
        asked = tuple(visit for visit in visits if visit in self.visits)
        return asked or tuple(visit for visit in self.visits if visit in there) or self.visits[:1]

    def _intake(self, item: Item, anchor: date) -> Intake:
        """The drug as it is taken, or as it is begun so that every usual period is kept."""
        taken = self.draft.taken.get(item.name)
        if taken is not None:
            return taken
        low, high = map(float, bounds(item))
        since = anchor - timedelta(int(self.rng.integers(*_LONG_AGO_DAYS)))
        dose = max(rounded(item, self.rng.uniform(low, high)), step(item))
        daily = item.unit is not None and item.unit.endswith(("/d", "/day"))
        known = sorted(frequencies_of(item, self.draft.study))
        often = DAILY if daily or not known else str(self.rng.choice(known))
        return Intake(dose=dose, frequency=often, since=since, stable_since=since)

    def _before(self, period: Period, anchor: date) -> date:
        return anchor - timedelta(period.days + 3 + int(self.rng.integers(1, 600)))

    def _within(self, period: Period, anchor: date) -> date:
        return anchor - timedelta(int(self.rng.integers(1, max(2, period.days - 3))))

    def _anchor(self, name: str | None) -> date:
        return self.draft.days.get(name or "", min(self._seen))

    @property
    def _seen(self) -> list[date]:
        return [self.draft.days[visit] for visit in self.visits]


def _is_taken(part: Condition) -> bool:
    """Whether a condition asks no more of a drug than that it is taken."""
    return isinstance(part, Lasting) and part.period is None


def _rises(op: str, *, wanted: bool) -> bool:
    return (op in {">", ">="}) == wanted if op not in {"=", "!="} else True


def _is_equal(op: str, *, wanted: bool) -> bool:
    return op in {"=", "!="} and (op == "=") == wanted


def _changed(taken: Intake, **changes: Any) -> Intake:
    fields = {name: changes.get(name, getattr(taken, name)) for name in ("dose", "frequency", "since", "stable_since")}
    return Intake(**fields)
