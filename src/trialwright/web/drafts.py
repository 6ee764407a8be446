"""What somebody had typed when their session ended: kept until they have signed in again."""

from __future__ import annotations

from django.http import HttpRequest, QueryDict

_KEY = "draft"
_MOST_CHARACTERS = 20_000
_NEVER_KEPT = ("password", "code", "old_password", "new_password1", "new_password2", "csrfmiddlewaretoken")


def keep_draft(request: HttpRequest) -> None:
    """Keep a form that arrived without a session; no password, and only for the person who typed it."""
    typed = request.POST.copy()
    for name in _NEVER_KEPT:
        typed.pop(name, None)
    text = typed.urlencode()
    if typed.get("typed_by") and len(text) <= _MOST_CHARACTERS:
        request.session[_KEY] = {"path": request.path, "text": text}


def take_draft(request: HttpRequest) -> QueryDict | None:
    """The kept form of this page, once."""
    draft = request.session.get(_KEY)
    if draft is None or draft["path"] != request.path:
        return None
    del request.session[_KEY]
    typed = QueryDict(draft["text"])
    return typed if typed.get("typed_by") == request.user.get_username() else None
