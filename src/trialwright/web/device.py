"""From where a request comes, and whether that is where its session began."""

from __future__ import annotations

from hashlib import sha256

from django.http import HttpRequest

_KEY = "device"


def address(request: HttpRequest) -> str:
    """The address of whoever asks, as the server or the proxy that it trusts sees it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def bind(request: HttpRequest) -> None:
    """Let the session be of this device alone."""
    request.session[_KEY] = device(address(request), request.headers.get("User-Agent", ""))


def moved(request: HttpRequest) -> bool:
    """Whether a request comes from another address or browser than the session began with."""
    return request.session.get(_KEY) != device(address(request), request.headers.get("User-Agent", ""))


def device(where: str, agent: str) -> str:
    """What tells one device from another."""
    return sha256(f"{where}\n{agent}".encode()).hexdigest()
