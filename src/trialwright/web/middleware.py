"""What holds for every request: sign in first, store nothing in caches, tell faults in words."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse

from trialwright.errors import TrialwrightError
from trialwright.web.drafts import keep_draft
from trialwright.web.views.faults import told


class SignedIn(LoginRequiredMiddleware):
    """Whoever is not signed in is sent to sign in, from every address; what they had typed waits for them."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        """Keep what was typed, and ask for the sign-in."""
        if request.method == "POST":
            keep_draft(request)
        return super().handle_no_permission(request, view_func)


class Faults:
    """An error of Trialwright becomes a page with its words and its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as the views do."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, fault: Exception) -> HttpResponse | None:
        """Tell a fault that Trialwright raised on purpose; any other is Django's."""
        return told(request, fault) if isinstance(fault, TrialwrightError) else None


def no_store(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Keep pages out of every cache: they hold what subjects have told us."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer
