"""After five wrong passwords a name must wait for fifteen minutes."""

from __future__ import annotations

from hashlib import sha256

from django.core.cache import cache

MOST_FAILURES = 5
WAIT_MINUTES = 15
LOCKED = f"After {MOST_FAILURES} wrong passwords this name waits {WAIT_MINUTES} minutes. Try again later."


def locked(name: str) -> bool:
    """Whether this name must wait."""
    return cache.get(_key(name), 0) >= MOST_FAILURES


def note_failure(name: str) -> None:
    """Count a wrong password; the count is forgotten after the wait."""
    cache.set(_key(name), cache.get(_key(name), 0) + 1, WAIT_MINUTES * 60)


def forget_failures(name: str) -> None:
    """Begin to count anew."""
    cache.delete(_key(name))


def _key(name: str) -> str:
    return sha256(name.lower().encode()).hexdigest()
