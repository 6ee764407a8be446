"""What somebody had typed when their session ended: kept in the browser's session until they have signed in again."""

from __future__ import annotations

from django.contrib.auth import logout
from django.http import HttpRequest, QueryDict

_KEY = "draft"
_MOST_CHARACTERS = 20_000
_NEVER_KEPT = ("password", "code", "old_password", "new_password1", "new_password2", "csrfmiddlewaretoken")


def keep_draft(request: HttpRequest) -> bool:
    """Keep a form that arrived without its session; no password, and only for the person who typed it.

    Returns:
        Whether it is kept; one that says nobody's name is not.
    """
    typed = request.POST.copy()
    for name in _NEVER_KEPT:
        typed.pop(name, None)
    text = typed.urlencode()
    if not typed.get("typed_by") or len(text) > _MOST_CHARACTERS:
        return False
    request.session[_KEY] = {"path": request.path, "text": text}
    return True


def take_draft(request: HttpRequest) -> QueryDict | None:
    """The kept form of this page, once, for whoever typed it; anybody else's stays where it is."""
    draft = request.session.get(_KEY)
    if draft is None or draft["path"] != request.path:
        return None
    typed = QueryDict(draft["text"])
    if typed.get("typed_by") != request.user.get_username():
        return None
    del request.session[_KEY]
    return typed


def sign_out(request: HttpRequest) -> None:
    """End the session; a form that is kept for somebody waits on for whoever signs in next in this browser."""
    draft = request.session.get(_KEY)
    logout(request)
    if draft is not None:
        request.session[_KEY] = draft
