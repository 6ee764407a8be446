"""A page: what every one of them shows around its content, and the check that its reader has a role."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trialwright.conduct.exposure import masked
from trialwright.conduct.views import View
from trialwright.web.trials import the_trial

_DECISIONS = ("decisions", "Dose decisions")
NAVIGATION = (
    ("trial", "Trial"),
    ("subjects", "Subjects"),
    ("pharmacy", "Pharmacy"),
    _DECISIONS,
    ("sites", "Sites and people"),
    ("protocol", "Protocol"),
    ("audit", "Audit trail"),
)
_BLINDING = ("blinding", "Blinding")


def trial_view(request: HttpRequest) -> View:
    """The trial as whoever is signed in may see it now."""
    with the_trial() as trial:
        return trial.view(request.user.get_username())


def with_view(answer: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand the view of the trial to a page; somebody without a role sees a sentence that says so."""

    @wraps(answer)
    def checked(request: HttpRequest, **places: Any) -> HttpResponse:
        view = trial_view(request)
        if view.viewer is None:
            return render(request, "no_role.html", {"rehearsal": is_rehearsal()}, status=403)
        return answer(request, view, **places)

    return checked


def with_subject(answer: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hand view and subject to a page; a subject whom the reader may not know of is not found."""

    @wraps(answer)
    def checked(request: HttpRequest, view: View, *, subject_id: str, **places: Any) -> HttpResponse:
        subject = view.subject(subject_id)
        return not_found(request, view) if subject is None else answer(request, view, subject, **places)

    return with_view(checked)


def render_page(request: HttpRequest, template: str, view: View, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page with its header, navigation and banner."""
    escalates = view.study.dose_escalation is not None
    navigation = [one for one in NAVIGATION if escalates or one != _DECISIONS]
    navigation += [_BLINDING] if masked(view.study) else []
    frame = {"view": view, "study": view.study, "rehearsal": is_rehearsal(), "navigation": navigation}
    return render(request, template, {**frame, **context}, status=status)


def not_found(request: HttpRequest, view: View) -> HttpResponse:
    """The one page for what is not there and for what the reader may not know of."""
    return render_page(request, "not_found.html", view, status=404)


def is_rehearsal() -> bool:
    """Whether the trial of the workspace is made up."""
    return (settings.WORKSPACE / "REHEARSAL").exists()
