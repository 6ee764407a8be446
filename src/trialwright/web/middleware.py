"""What holds for every request: sign in first, store nothing in caches, tell faults in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from trialwright.access import SessionEnded
from trialwright.errors import TrialwrightError
from trialwright.web import device
from trialwright.web.drafts import keep_draft
from trialwright.web.trials import note
from trialwright.web.views.accounts import SIGNED_IN, needs_second_factor
from trialwright.web.views.faults import nobodys, told


class SignedIn(LoginRequiredMiddleware):
    """Whoever is not signed in is sent to sign in, from every address; what they had typed waits for them."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponse], view_args: Any, view_kwargs: Any
    ) -> HttpResponse | None:
        """Let through whoever is signed in, on the device of the session, with the factors that the role needs."""
        turned_away = super().process_view(request, view_func, view_args, view_kwargs)
        if turned_away or not request.user.is_authenticated:
            return turned_away
        who = getattr(view_func, "who", None)
        if who is None:
            return nobodys(request)
        try:
            if device.moved(request):
                return self._ended(request, view_func)
            if who != SIGNED_IN and needs_second_factor(request.user):
                return HttpResponseRedirect(reverse("second-factor"))
        except TrialwrightError as fault:
            return told(request, fault)
        return None

    def _ended(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        """End a session that goes on from elsewhere, and ask for everything again."""
        person = request.user.get_username()
        note(SessionEnded, person=person, address=device.address(request), why="another address or browser")
        logout(request)
        return self.handle_no_permission(request, view_func)

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
