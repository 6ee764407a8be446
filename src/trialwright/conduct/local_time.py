"""Days where a site is: windows and clinical dates are counted in its own calendar, not in UTC."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trialwright.conduct.state import State, zone_at


def zone(name: str) -> tzinfo:
    """A time zone by its name in the IANA database, such as `Asia/Tokyo`.

    Raises:
        ValueError: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone of the IANA database; write it like 'Europe/Berlin'") from None


def local_day(state: State, site: str, at: datetime) -> date:
    """The day of a moment at a site; in UTC where the site's time zone was not set by then.

    Example:
        >>> from datetime import UTC
        >>> from trialwright.conduct.state import State
        >>> late = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
        >>> local_day(State(), "01", late), local_day(State(zones={"01": "Asia/Tokyo"}), "01", late)
        (datetime.date(2026, 1, 5), datetime.date(2026, 1, 6))
    """
    return local_time(state, site, at).date()


def local_time(state: State, site: str, at: datetime) -> datetime:
    """A moment as the clock of a site shows it, with its offset."""
    return at.astimezone(zone_at(at, state.zones.get(site), state.earlier_zones.get(site, ())))
