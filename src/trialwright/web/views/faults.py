"""Pages for what went wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trialwright.conduct.views import View
from trialwright.errors import TrialwrightError
from trialwright.web.drafts import keep_draft
from trialwright.web.page import not_found, with_view


@with_view
def no_such_page(request: HttpRequest, view: View) -> HttpResponse:
    """Whatever no other address answers."""
    return not_found(request, view)


def told(request: HttpRequest, fault: TrialwrightError) -> HttpResponse:
    """An error that Trialwright raised on purpose, in its own words."""
    return render(
        request, "fault.html", {"title": "This could not be done", "message": str(fault)}, status=fault.http_status
    )


def nobodys(request: HttpRequest) -> HttpResponse:
    """An address that does not say whose it is: a fault of this program, and shown to nobody."""
    message = "This page does not say which roles may see it, so nobody may. Tell whoever runs the server."
    return render(request, "fault.html", {"title": "Nobody's page", "message": message}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from a page of this server, from one too old, or from somebody who is not signed in."""
    ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    message = (
        "Somebody has signed in here since the form was opened. Nothing was recorded. What was typed is kept: "
        "whoever typed it signs in in this browser within a quarter of an hour and finds it in the form."
        if ours and keep_draft(request)
        else "The form was too old, or cookies are blocked. Nothing was recorded. Load the page again and send it anew."
    )
    return render(request, "fault.html", {"title": "The form was not accepted", "message": message}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Anything that nobody foresaw."""
    message = "Something went wrong on the server. What was confirmed as recorded is safe in the log."
    return render(request, "fault.html", {"title": "Fault of the server", "message": message}, status=500)
