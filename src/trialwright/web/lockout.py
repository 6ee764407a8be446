"""After five failures a name must wait for fifteen minutes; every failure is in the log."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.http import HttpRequest

from trialwright.access import LockedOut, SignatureFailed, SignInFailed
from trialwright.web.device import address
from trialwright.web.trials import note

MOST_FAILURES = 5
WAIT_MINUTES = 15
LOCKED = f"After {MOST_FAILURES} failures this name waits {WAIT_MINUTES} minutes. Try again later."


def locked(name: str) -> bool:
    """Whether this name must wait."""
    return _count(_key(name)) >= MOST_FAILURES


def sign_in_failed(request: HttpRequest, name: str) -> None:
    """Count and record that somebody did not come in.

    A name that no account has is not recorded: it may be a password. Of those, an address fills the log with no more
    than it could with one name.
    """
    known = User.objects.filter(username__iexact=name).first()
    if known is None:
        failures = _counted(_key(name))
        if _counted(_key(f"address {address(request)}")) <= MOST_FAILURES:
            note(SignInFailed, person=None, address=address(request))
            _alarm(request, None, failures)
        return
    failures = _counted(_key(name))
    note(SignInFailed, person=known.get_username(), address=address(request))
    _alarm(request, known.get_username(), failures)


def signature_failed(request: HttpRequest, command: str) -> None:
    """Count and record that somebody who is signed in did not show to be who they are."""
    name = request.user.get_username()
    failures = _counted(_key(name))
    note(SignatureFailed, person=name, address=address(request), command=command)
    _alarm(request, name, failures)


def forget_failures(name: str) -> None:
    """Begin to count anew."""
    cache.delete(_key(name))


def _alarm(request: HttpRequest, person: str | None, failures: int) -> None:
    if failures == MOST_FAILURES:
        until = settings.CLOCK() + timedelta(minutes=WAIT_MINUTES)
        note(LockedOut, person=person, address=address(request), until=until)


def _count(key: str) -> int:
    return int(cache.get(key, 0))


def _counted(key: str) -> int:
    """Count one more; the count is forgotten after the wait."""
    count = _count(key) + 1
    cache.set(key, count, WAIT_MINUTES * 60)
    return count


def _key(name: str) -> str:
    return sha256(name.lower().encode()).hexdigest()
