"""When something happens in a story: `day 8 10:30`, `after 3 days`, `next day`, and days such as `yesterday`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

MORNING = time(9, 0)
"""The clock of a day for which a story gives none."""

MOMENTS = (
    "day 8, day 8 10:30, after 3 days, after 2 hours 30 minutes, after 7 days at 10:30, next day 08:00, 10:30, now"
)
DAYS = "today, yesterday, 3 days ago, in 2 days, day 8, 2026-01-12"

_NEAR = {"today": 0, "now": 0, "yesterday": -1, "tomorrow": 1}
_CLOCK = r"(?:(?:at |, ?| )?(?P<hour>\d{1,2}):(?P<minute>\d{2}))?"
_LENGTH = re.compile(r"(\d+)\s*(minute|hour|day|week)s?")
_AFTER = re.compile(
    rf"(?:after|in) (?P<lengths>(?:\d+ (?:minute|hour|day|week)s?(?:,? and |,? )?)+?){_CLOCK}", re.IGNORECASE
)
_AGO = re.compile(r"(?P<lengths>(?:\d+ (?:minute|hour|day|week)s?(?:,? and |,? )?)+?) ago", re.IGNORECASE)
_DAY = re.compile(rf"day (?P<day>-?\d+){_CLOCK}", re.IGNORECASE)
_ISO = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}}){_CLOCK}")
_NEXT = re.compile(rf"next day{_CLOCK}", re.IGNORECASE)
_TIME = re.compile(r"(?:at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})")


def moment_of(text: str | None, begins: date, last: datetime) -> datetime:
    """The moment that words mean.

    Args:
        text: The words; None or `now` for the moment of the step above.
        begins: Day 1 of the story.
        last: The moment of the step above. A day without a clock is that day at 09:00, or this moment where it is
            later on that day.

    Raises:
        ValueError: The words are no moment.

    Example:
        >>> begin = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        >>> str(moment_of("day 3 10:30", begin.date(), begin)), str(moment_of("after 2 weeks", begin.date(), begin))
        ('2026-01-07 10:30:00+00:00', '2026-01-19 09:00:00+00:00')
    """
    try:
        return _moment("now" if text is None else " ".join(text.split()), begins, last)
    except OverflowError:
        raise ValueError(f"{text!r} lies beyond the calendar; write one like: {MOMENTS}") from None


def day_of(text: str, begins: date, now: datetime) -> date:
    """The day that words mean.

    Args:
        text: The words.
        begins: Day 1 of the story.
        now: The moment of the step.

    Raises:
        ValueError: The words are no day.

    Example:
        >>> str(day_of("3 days ago", date(2026, 1, 5), datetime(2026, 1, 12, 9, 0, tzinfo=UTC)))
        '2026-01-09'
    """
    try:
        return _day(" ".join(text.lower().split()), begins, now)
    except OverflowError:
        raise ValueError(f"{text!r} lies beyond the calendar; write one like: {DAYS}") from None


def days_ahead(text: str) -> int | None:
    """How many days after today the day is that words mean; None where they do not count from today.

    Example:
        >>> days_ahead("2 weeks ago"), days_ahead("tomorrow"), days_ahead("day 8")
        (-14, 1, None)
    """
    words = " ".join(text.lower().split())
    if words in _NEAR:
        return _NEAR[words]
    if found := re.fullmatch(r"(\d+) (day|week)s? ago", words):
        return -_length(f"{found[1]} {found[2]}").days
    if found := re.fullmatch(r"in (\d+) (day|week)s?", words):
        return _length(f"{found[1]} {found[2]}").days
    return None


def shown(moment: datetime, begins: date) -> str:
    """A moment as a story writes it: `day 8 10:30`."""
    return f"day {(moment.date() - begins).days + 1} {moment:%H:%M}"


def _moment(words: str, begins: date, last: datetime) -> datetime:
    if words.lower() in {"now", "at once", "same time"}:
        return last
    if found := _AFTER.fullmatch(words):
        there = last + _length(found["lengths"])
        return _at(there.date(), found, there) if found["hour"] else there
    if found := _AGO.fullmatch(words):
        return last - _length(found["lengths"])
    if found := _NEXT.fullmatch(words):
        return _at(last.date() + timedelta(days=1), found, last)
    if found := _TIME.fullmatch(words):
        return _at(last.date(), found, last)
    if found := _DAY.fullmatch(words):
        return _at(_study_day(int(found["day"]), begins), found, last)
    if found := _ISO.fullmatch(words):
        return _at(date.fromisoformat(found["date"]), found, last)
    raise ValueError(f"{words!r} is no moment; write one like: {MOMENTS}")


def _day(words: str, begins: date, now: datetime) -> date:
    if (ahead := days_ahead(words)) is not None:
        return now.date() + timedelta(days=ahead)
    if found := re.fullmatch(r"day (-?\d+)", words):
        return _study_day(int(found[1]), begins)
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise ValueError(f"{words!r} is no day; write one like: {DAYS}") from None


def _study_day(number: int, begins: date) -> date:
    return begins + timedelta(days=number - 1)


def _length(words: str) -> timedelta:
    return sum((timedelta(**{f"{unit.lower()}s": int(many)}) for many, unit in _LENGTH.findall(words)), timedelta())


def _at(day: date, found: re.Match[str], last: datetime) -> datetime:
    if found["hour"]:
        clock = time(int(found["hour"]), int(found["minute"]))
    else:
        clock = max(MORNING, last.time()) if day == last.date() else MORNING
    return datetime.combine(day, clock, UTC)
