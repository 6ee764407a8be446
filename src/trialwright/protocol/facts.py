"""What is known of a subject when criteria are evaluated: observations, anchor dates, a person's answers.

An item that is missing here is unknown. An item with an empty history (`stroke: []`) is known never to have happened.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple, Self, cast

Value = Decimal | bool | str
PeriodUnit = Literal["hours", "days", "weeks", "months", "years"]
_LONGEST_DAYS = 150 * 366
_PERIOD = re.compile(r"([0-9]{1,4})\s+(hour|day|week|month|year)s?")


class Period(NamedTuple):
    """A calendar period: months and years follow the calendar, with the end of a short month in place of a missing day.

    Example:
        >>> Period(6, "months").after(date(2026, 8, 31))
        datetime.date(2027, 2, 28)
    """

    number: int
    unit: PeriodUnit

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `3 months`.

        Raises:
            ValueError: Not a whole number and a unit of time, or longer than 150 years.
        """
        found = _PERIOD.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise ValueError(f"{text!r} is not a period; write it like '28 days', '4 weeks' or '3 months'")
        period = cls(int(found[1]), cast("PeriodUnit", found[2] + "s"))
        if period.days > _LONGEST_DAYS:
            raise ValueError(f"{text!r} is longer than 150 years; correct the number or its unit")
        return period

    @property
    def days(self) -> int:
        """About how many days: a month counts 30.4375, a year 365.25; for planning, never for a window."""
        lengths = {"hours": 1 / 24, "days": 1, "weeks": 7, "months": 30.4375, "years": 365.25}
        return round(self.number * lengths[self.unit])

    def after(self, day: date) -> date:
        """The day this period after another; hours count as whole days begun, and nothing ends after the year 9999."""
        if self.unit in {"months", "years"}:
            months = day.year * 12 + day.month - 1 + self.number * (12 if self.unit == "years" else 1)
            year, month = divmod(months, 12)
            if year > MAXYEAR:
                return date.max
            return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
        days = {"hours": -(-self.number // 24), "days": self.number, "weeks": self.number * 7}[self.unit]
        return day + min(timedelta(days=days), date.max - day)

    def __str__(self) -> str:
        return f"{self.number} {self.unit[:-1] if self.number == 1 else self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One value of an item, or one occurrence of an event, or one exposure to a drug.

    Attributes:
        value: The number, word, or yes and no; of an event that it happened; of a drug its dose at each administration.
        unit: Unit of a number; None where the source gave none.
        uln: Upper limit of normal of the laboratory that measured it, in the same unit.
        lln: Lower limit of normal, likewise.
        on: The day of the measurement or of the event; of a drug the last day taken, None while it goes on.
        visit: The visit at which it was collected.
        since: First day of an exposure.
        stable_since: First day of the present dose and route.
        frequency: How often a drug is taken, such as `daily` or `weekly`.
    """

    value: Value = True
    unit: str | None = None
    uln: Decimal | None = None
    lln: Decimal | None = None
    on: date | None = None
    visit: str | None = None
    since: date | None = None
    stable_since: date | None = None
    frequency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything known of one subject.

    Attributes:
        observations: Each item's observations in order of time; an empty history is known to be empty.
        anchors: Days that windows hang on: `consent`, `screening`, `baseline`, `randomisation`, `infusion` and so on.
        answers: What a person answered, by criterion.
    """

    observations: Mapping[str, tuple[Observation, ...]] = field(default_factory=dict)
    anchors: Mapping[str, date] = field(default_factory=dict)
    answers: Mapping[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Value], answers: Mapping[str, bool] | None = None) -> Self:
        """Facts from one value an item, without dates or limits of normal."""
        observations = {name: (Observation(value=value),) for name, value in values.items()}
        return cls(observations=observations, answers=answers or {})


def visit_name(visit: str) -> str:
    """A visit's name as criteria write it.

    Example:
        >>> visit_name("Week 12")
        'week_12'
    """
    return "_".join(visit.lower().replace("-", " ").split())


_UNSCHEDULED = re.compile(r"unscheduled_\d+\.\d{2,}")


def unscheduled_label(after: int, number: int) -> str:
    """What a visit between those of the schedule is called: `UNSCHEDULED` and its number, as SDTM has VISITNUM.

    Args:
        after: The place in the schedule of the last visit that was held by then; 0 where none was.
        number: Which of the unscheduled visits after it; from 1.

    Example:
        >>> unscheduled_label(3, 1), visit_name(unscheduled_label(3, 1))
        ('UNSCHEDULED 3.01', 'unscheduled_3.01')
    """
    return f"UNSCHEDULED {after}.{number:02d}"


def is_unscheduled(name: str) -> bool:
    """Whether a visit's name is that of one between those of the schedule."""
    return _UNSCHEDULED.fullmatch(visit_name(name)) is not None
