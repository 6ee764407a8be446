"""A page: what every one of them shows around its content, and the check that its reader has a role."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from trialwright.access import ArmsShown
from trialwright.conduct import commands as cmd
from trialwright.conduct.exposure import masked
from trialwright.conduct.roles import MAY
from trialwright.conduct.views import View
from trialwright.protocol.study import ROLES, Role
from trialwright.web.alarms import alarms
from trialwright.web.trials import is_training, note, the_trial

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
_ACCESS = ("access", "Access")
_SHOWN = "arms shown"

ADMINISTRATORS: frozenset[Role] = frozenset({"sponsor"})
"""Roles that see who came in and who tried to, and let lost devices be forgotten."""

Answer = Callable[..., HttpResponse]


def trial_view(request: HttpRequest) -> View:
    """The trial as whoever is signed in may see it now."""
    with the_trial() as trial:
        return trial.view(request.user.get_username())


def open_to(who: frozenset[str] | str) -> Callable[[Answer], Answer]:
    """Say whose an address is: roles, `signed in`, or `everybody`. An address that does not say it is nobody's."""

    def marked(answer: Any) -> Answer:
        answer.who = who
        return answer

    return marked


def gives(command: type[cmd.Command]) -> Callable[[Answer], Answer]:
    """Say by which command a page is given: it is open to the roles that may give it."""
    return open_to(MAY[command.__name__])


def with_view(answer: Answer) -> Answer:
    """Hand the view of the trial to a page; somebody without a role sees a sentence that says so."""

    @wraps(answer)
    def checked(request: HttpRequest, **places: Any) -> HttpResponse:
        view = trial_view(request)
        if view.viewer is None:
            return render(request, "no_role.html", {"rehearsal": is_training()}, status=403)
        _note_arms(request, view)
        return answer(request, view, **places)

    return open_to(getattr(answer, "who", frozenset(ROLES)))(checked)


def with_subject(answer: Answer) -> Answer:
    """Hand view and subject to a page; a subject whom the reader may not know of is not found."""

    @wraps(answer)
    def checked(request: HttpRequest, view: View, *, subject_id: str, **places: Any) -> HttpResponse:
        subject = view.subject(subject_id)
        return not_found(request, view) if subject is None else answer(request, view, subject, **places)

    return with_view(checked)


def render_page(request: HttpRequest, template: str, view: View, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page with its header, navigation and banner."""
    administers, escalates = view.role in ADMINISTRATORS, view.study.dose_escalation is not None
    navigation = [one for one in NAVIGATION if escalates or one != _DECISIONS]
    navigation += [_BLINDING] if masked(view.study) else []
    navigation += [_ACCESS] if administers else []
    frame = {"view": view, "study": view.study, "rehearsal": is_training(), "navigation": navigation}
    if administers:
        with the_trial() as trial:
            frame["alarms"] = alarms(trial.accesses(), request.user.get_username())
    return render(request, template, {**frame, **context}, status=status)


def not_found(request: HttpRequest, view: View) -> HttpResponse:
    """The one page for what is not there and for what the reader may not know of."""
    return render_page(request, "not_found.html", view, status=404)


def _note_arms(request: HttpRequest, view: View) -> None:
    """Record whose arms the pages show, once in a session for each subject."""
    if not masked(view.study):
        return
    shown = {subject.id for subject in view.subjects if subject.arm is not None}
    noted = set(request.session.get(_SHOWN, ()))
    if shown - noted:
        note(ArmsShown, person=request.user.get_username(), subjects=tuple(sorted(shown - noted)))
        request.session[_SHOWN] = sorted(shown | noted)
