"""Late entries: what was taken down more than a day after the day on which it happened."""

from __future__ import annotations

from datetime import date

from trialwright.conduct.events import Event

_CLINICAL_DAYS = ("occurred_on", "consented_on", "onset_on", "ended_on", "started_on", "approved_on")
"""The fields of events that say on which day something happened, beside `at`, which says when it was taken down."""


def is_late(event: Event) -> bool:
    """Whether an event was taken down later than on the day after the one that it tells of."""
    told = (getattr(event, name, None) for name in _CLINICAL_DAYS)
    return any(isinstance(day, date) and (event.at.date() - day).days > 1 for day in told)
