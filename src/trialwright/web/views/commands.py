"""The forms by which a person gives a command: entered, checked, recorded or refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from trialwright.conduct import Kind, Refusal
from trialwright.conduct.events import QueryRaisedV2
from trialwright.conduct.roles import MAY
from trialwright.conduct.views import SubjectView, View
from trialwright.errors import InputError, PermissionRefused, RefusedError
from trialwright.trial import Done
from trialwright.web import forms, lockout
from trialwright.web.command_form import CommandForm
from trialwright.web.drafts import take_draft
from trialwright.web.eligibility import EligibilityForm
from trialwright.web.page import Answer, gives, not_found, render_page, with_subject, with_view
from trialwright.web.trials import the_trial
from trialwright.web.worklist import level_due

STATUS = {
    Kind.PROTOCOL: RefusedError.http_status,
    Kind.PERMISSION: PermissionRefused.http_status,
    Kind.INPUT: InputError.http_status,
}


def give(request: HttpRequest, form: CommandForm) -> Done | Refusal:
    """Give the command of a form that was found in order."""
    with the_trial() as trial:
        return form.give(trial, request.user.get_username())


def answer_command(
    request: HttpRequest,
    view: View,
    form_class: type[CommandForm],
    *,
    fixed: dict[str, Any],
    then: str | None = None,
    template: str = "command.html",
    initial: Mapping[str, Any] | None = None,
    fresh: Mapping[str, Any] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form, or do what it asks.

    Args:
        fixed: Fields of the command that the address says.
        initial: What the fields show at first.
        fresh: What they show whenever the form is shown anew, whatever was typed.
        then: Where to go when it is done; None for the page of the subject.
        template: The page, when it is more than the form.
        **context: What the page shows beside the form.
    """
    asks = request.POST.get("step") == "ask" and bool(form_class.asks_first)
    if form_class.command.__name__ not in view.may and (asks or request.method != "POST"):
        return forbidden(request, view, form_class)
    about = {"view": view, "subject": context.get("subject"), "fixed": fixed, "request": request}
    if asks or request.method != "POST":
        first = {**(initial or {}), **(request.POST.dict() if asks else {}), **(fresh or {})}
        form = with_draft(request, form_class(initial=first, **about))
        return shown(request, view, form, template, 200, None, context)
    form = form_class(request.POST, **about)
    if not form.is_valid():
        if "password" in form.fields and lockout.locked(request.user.get_username()):
            logout(request)
            return HttpResponseRedirect(reverse("sign-in"))
        return shown(request, view, form, template, InputError.http_status, None, context)
    try:
        outcome = give(request, form)
    except InputError as fault:
        form.add_error(None, str(fault))
        return shown(request, view, form, template, fault.http_status, None, context)
    if isinstance(outcome, Refusal):
        return shown(request, view, form, template, STATUS[outcome.kind], outcome, context)
    return recorded(request, form, outcome, then)


def recorded(request: HttpRequest, form: CommandForm, done: Done, then: str | None) -> HttpResponse:
    """Say what was recorded under which number, on the page that comes next."""
    messages.success(request, f"{form.done()} Log entry {done.sequence}.")
    for event in done.events:
        if isinstance(event, QueryRaisedV2):
            messages.warning(request, f"Query {event.query} was opened: {event.text} Answer it, or correct the value.")
    if then is None:
        subject_id = getattr(done.events[0], "subject", "")
        then = reverse("subject", kwargs={"subject_id": subject_id})
    return HttpResponseRedirect(then)


def forbidden(request: HttpRequest, view: View, form_class: type[CommandForm]) -> HttpResponse:
    """Say whose task a form is."""
    roles = sorted(MAY[form_class.command.__name__])
    return render_page(request, "forbidden.html", view, status=403, title=form_class.title, roles=roles)


def with_draft(request: HttpRequest, form: CommandForm) -> CommandForm:
    """Fill a form with what its reader had typed when the session ended."""
    draft = take_draft(request)
    if draft is not None:
        form.initial.update({name: draft[name] for name in form.fields if name in draft})
        messages.info(request, "Your session had ended. What you had typed is here again; nothing was recorded yet.")
    return form


def shown(
    request: HttpRequest,
    view: View,
    form: CommandForm,
    template: str,
    status: int,
    refusal: Refusal | None,
    context: dict[str, Any],
) -> HttpResponse:
    """Show a form with what was typed, and the refusal that it met."""
    return render_page(request, template, view, status=status, form=form, refusal=refusal, **context)


def for_subject(form_class: type[CommandForm]) -> Answer:
    """The page of a command about one subject."""

    @with_subject
    @gives(form_class.command)
    def answer(request: HttpRequest, view: View, subject: SubjectView) -> HttpResponse:
        first = request.GET.dict()
        return answer_command(request, view, form_class, fixed={"subject": subject.id}, subject=subject, initial=first)

    return answer


def for_adverse_event(form_class: type[CommandForm]) -> Answer:
    """The page of a command about one adverse event."""

    @with_subject
    @gives(form_class.command)
    def answer(request: HttpRequest, view: View, subject: SubjectView, *, number: int) -> HttpResponse:
        event = next((event for event in subject.adverse_events if event.number == number), None)
        if event is None:
            return not_found(request, view)
        fixed = {"subject": subject.id, "event": number}
        return answer_command(request, view, form_class, fixed=fixed, subject=subject, event=event)

    return answer


def for_trial(form_class: type[CommandForm], then: str | None) -> Answer:
    """The page of a command about the whole trial; `then` names the page that follows."""

    @with_view
    @gives(form_class.command)
    def answer(request: HttpRequest, view: View) -> HttpResponse:
        first = request.GET.dict()
        return answer_command(request, view, form_class, fixed={}, then=then and reverse(then), initial=first)

    return answer


@with_view
@gives(forms.OpenLevelForm.command)
def open_level(request: HttpRequest, view: View) -> HttpResponse:
    """Open the dose level that is due; where none is, the one after the highest is refused in words."""
    if view.study.dose_escalation is None:
        return not_found(request, view)
    opened = [level.level for level in view.levels if level.status != "not opened"]
    level = level_due(view) or min(max(opened, default=0) + 1, len(view.levels))
    return answer_command(
        request, view, forms.OpenLevelForm, fixed={"level": level}, then=reverse("trial"), dose=view.study.dose(level)
    )


@with_view
@gives(forms.RevokeForm.command)
def revoke(request: HttpRequest, view: View, *, person: str) -> HttpResponse:
    """Take a person's role away."""
    held = next((other for other in view.people if other.id == person), None)
    if held is None:
        return not_found(request, view)
    return answer_command(request, view, forms.RevokeForm, fixed={"person": person}, then=reverse("sites"), person=held)


eligibility, report = for_subject(EligibilityForm), for_subject(forms.ReportForm)
