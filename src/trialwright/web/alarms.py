"""What an administrator is told on every page until they say that they have looked: names that were locked out."""

from __future__ import annotations

from trialwright.access import AccessEntry, LockedOut, LockoutsReviewed


def alarms(entries: tuple[AccessEntry, ...], person: str) -> tuple[LockedOut, ...]:
    """Lockouts since a person last said that they have looked."""
    reviewed = [place for place, entry in enumerate(entries, start=1) if _reviewed_by(entry, person)]
    after = max(reviewed, default=0)
    return tuple(entry for entry in entries[after:] if isinstance(entry, LockedOut))


def _reviewed_by(entry: AccessEntry, person: str) -> bool:
    return isinstance(entry, LockoutsReviewed) and entry.person == person
